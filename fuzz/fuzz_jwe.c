/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/jwe.h"
#include "fuzz.h"

/* What opens points into its storage; it does not decrypt with a key it was not made for. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t scalar[32] = { [31] = 7 };
    static uint8_t room[1 << 20];
    static carnet_crypto crypto;
    static carnet_key key;
    static bool ready;
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_jwe view;
    carnet_span plain;
    carnet_err err = { 0 };
    carnet_rc rc;

    if (!ready) {
        MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
        MUST(carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256, (carnet_span){ scalar, 32 }, CARNET_KEY_AGREE,
                                             &key, NULL) == CARNET_OK);
        ready = true;
    }
    rc = carnet_jwe_open((carnet_str){ (const char *)data, size }, &crypto, &storage, &view, &err);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && view.header == NULL && view.sealed.ptr == NULL);
        return 0;
    }
    MUST(storage.len <= size && view.iv.len == 12 && view.sealed.len >= CARNET_GCM_TAG);
    MUST(fuzz_inside(view.sealed, carnet_buf_span(&storage)) && view.sealed.ptr == view.sealed_at);
    rc = carnet_jwe_decrypt(&view, &crypto, &key, &plain, &err);
    MUST(view.header == NULL && (rc == CARNET_OK) == (plain.ptr != NULL));
    return 0;
}
