/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/jws.h"
#include "fuzz.h"

/* What opens points into its text and storage, has an algorithm of ours, and names what it refuses. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[CARNET_JWS_MAX];
    static carnet_crypto crypto;
    static bool ready;
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    const carnet_span input = { data, size };
    carnet_jws view;
    carnet_jwk key;
    carnet_err err = { 0 };
    carnet_rc rc;

    MUST(ready || carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    ready = true;
    rc = carnet_jws_open((carnet_str){ (const char *)data, size }, &storage, &view, &err);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && view.header == NULL && view.claims == NULL && view.x5c_count == 0);
        return 0;
    }
    MUST(size <= CARNET_JWS_MAX && storage.len <= size && !storage.overflow);
    MUST(fuzz_inside(carnet_str_bytes(view.signing_input), input) && view.signing_input.len < size);
    MUST(fuzz_inside(view.payload, carnet_buf_span(&storage)) &&
         fuzz_inside(view.signature, carnet_buf_span(&storage)));
    MUST(carnet_jws_algorithm_name(view.algorithm) != NULL);
    MUST(view.x5c_count <= CARNET_JWS_CHAIN_MAX);
    if (carnet_jwk_read(carnet_json_get(view.header, "jwk"), &crypto, &key, NULL) == CARNET_OK)
        (void)carnet_jws_verify(&view, &crypto, &key.key, &err);
    carnet_jws_close(&view);
    return 0;
}
