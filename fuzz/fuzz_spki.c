/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/crypto.h"
#include "fuzz.h"

/* What was read is a good key, and written again is the same octets (if the point was not compressed) and the same key;
 * a refusal leaves nothing. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static carnet_crypto crypto; /* kept: preparing a curve takes longer than reading a key */
    const carnet_span der = { data, size };
    carnet_public_key key, again;
    uint8_t bytes[200];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));
    carnet_err err = { 0 };
    carnet_rc rc;

    MUST(crypto.slot[0] != NULL || carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    rc = carnet_public_key_from_spki(&crypto, der, &key, &err);
    if (rc != CARNET_OK) {
        MUST(key.curve == CARNET_CURVE_NONE && err.rc == rc);
        MUST(rc == CARNET_E_CRYPTO_KEY || rc == CARNET_E_CRYPTO_UNSUPPORTED);
        return 0;
    }
    MUST(carnet_public_key_check(&crypto, &key, NULL) == CARNET_OK);
    MUST(carnet_public_key_to_spki(&key, &out, NULL) == CARNET_OK);
    MUST(carnet_span_equal(carnet_buf_span(&out), der) || out.len > size);
    MUST(carnet_public_key_from_spki(&crypto, carnet_buf_span(&out), &again, NULL) == CARNET_OK);
    MUST(carnet_public_key_equal(&key, &again));
    return 0;
}
