/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/tpm2_statement.h"
#include "fuzz.h"

/* Nothing that is made up is certified: the first four octets of an attestation must have been signed. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static carnet_crypto crypto;
    static bool ready;
    const carnet_span input = { data, size };
    carnet_tpm2_statement view;
    carnet_public_key key;
    carnet_err err = { 0 };
    carnet_rc rc;

    MUST(ready || carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    ready = true;
    rc = carnet_tpm2_statement_open(input, &crypto, &view, &err);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && view.encoded.ptr == NULL && view.count == 0);
        return 0;
    }
    MUST(fuzz_inside(view.certifications, input) && view.attestation_key.curve == CARNET_CURVE_P256);
    for (size_t i = 0; i <= view.count && i < 4; i++) {
        rc = carnet_tpm2_statement_check(&view, i, input, &crypto, &key, &err);
        MUST(rc != CARNET_OK && err.rc == rc && key.curve == CARNET_CURVE_NONE);
    }
    return 0;
}
