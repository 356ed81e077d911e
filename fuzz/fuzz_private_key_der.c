/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/crypto.h"
#include "fuzz.h"

/* What was read is written and read again as the same key; a refusal leaves no key. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static carnet_crypto crypto;
    const carnet_span der = { data, size };
    uint8_t bytes[400];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));
    carnet_err err = { 0 };
    carnet_key key, again;
    unsigned usage = CARNET_KEY_SIGN;
    carnet_rc rc;

    MUST(crypto.slot[0] != NULL || carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    rc = carnet_software_key_from_der(&crypto, der, usage, &key, &err);
    if (rc == CARNET_E_CRYPTO_POLICY) {
        usage = CARNET_KEY_AGREE;
        rc = carnet_software_key_from_der(&crypto, der, usage, &key, &err);
    }
    if (rc != CARNET_OK) {
        MUST(key.ops == NULL && rc == CARNET_E_CRYPTO_KEY && err.rc == rc);
        return 0;
    }
    MUST(key.usage == usage && carnet_public_key_check(&crypto, &key.public_key, NULL) == CARNET_OK);
    MUST(carnet_software_key_to_der(&key, &out, NULL) == CARNET_OK);
    MUST(carnet_software_key_from_der(&crypto, carnet_buf_span(&out), usage, &again, NULL) == CARNET_OK);
    MUST(carnet_public_key_equal(&key.public_key, &again.public_key));
    carnet_key_done(&key);
    carnet_key_done(&again);
    return 0;
}
