/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/app_request.h"
#include "carnet/json.h"
#include "fuzz.h"

static carnet_crypto crypto;
static carnet_key key;

/* A token by a key of ours around the fuzzer's claims, so that it comes past the signature. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t rooms[3][CARNET_JWS_MAX * 2];
    const carnet_jws_header header = { .type = CARNET_APP_REQUEST_TYPE, .jwk = &key.public_key };
    carnet_buf token = carnet_buf_of(rooms[0], sizeof(rooms[0])), storage = carnet_buf_of(rooms[1], sizeof(rooms[1]));
    carnet_public_key keys[4];
    carnet_app_request view;
    size_t count;

    if (key.ops == NULL)
        MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK &&
             carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, NULL) == CARNET_OK);
    if (size < 1 || size > 16384 ||
        carnet_jws_sign(&header, carnet_span_of(data + 1, size - 1), &key, &crypto, &token, NULL) != CARNET_OK)
        return 0;
    if (carnet_app_request_open(carnet_buf_str(&token), (carnet_app_purpose)(1 + data[0] % 3),
                                carnet_str_of("https://a.example"), (carnet_span){ 0 }, 1000, 60, &crypto, &storage,
                                &view, NULL) != CARNET_OK) {
        MUST(view.jws.header == NULL && view.statement.len == 0);
        return 0;
    }
    MUST(view.challenge.len != 0 && view.issued_at >= 940 && view.issued_at <= 1060);
    storage = carnet_buf_of(rooms[2], sizeof(rooms[2]));
    if (carnet_app_request_keys(&view, carnet_str_of("https://a.example"), &crypto, &storage, keys, CARNET_COUNT(keys),
                                &count, NULL) != CARNET_OK)
        MUST(count == 0);
    carnet_app_request_close(&view);
    return 0;
}
