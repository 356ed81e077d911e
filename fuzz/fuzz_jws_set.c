/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/jws_set.h"
#include "fuzz.h"

#include <string.h>

static carnet_crypto crypto;
static uint8_t room[CARNET_JWS_MAX], again[CARNET_JWS_MAX];

/* What verified has a signature, and does not verify with another; what RSA signed is taken by no other door. */
static void
hold(carnet_str token, const carnet_json *set, const carnet_jws *view)
{
    static char other[CARNET_JWS_MAX];
    carnet_buf storage = carnet_buf_of(again, sizeof(again));
    carnet_jws second;
    const size_t at = view->signing_input.len + 1;

    MUST(view->signature.len >= 64 && view->header != NULL && at < token.len);
    if (view->algorithm == CARNET_SIGNATURE_NONE) {
        MUST(view->signature.len >= CARNET_RSA_BITS_MIN / 8);
        MUST(carnet_jws_open(token, &storage, &second, NULL) == CARNET_E_JOSE_ALGORITHM);
    }
    memcpy(other, token.ptr, token.len);
    other[at] = other[at] == 'A' ? 'B' : 'A';
    storage.len = 0;
    MUST(carnet_jws_open_by_set((carnet_str){ other, token.len }, set, &crypto, &storage, &second, NULL) != CARNET_OK);
}

/* A token, a line end, and a set of keys. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    static bool ready;
    carnet_json *set = NULL;
    carnet_str token;
    carnet_jws view;
    carnet_err err = { 0 };
    carnet_rc rc;

    MUST(ready || carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    ready = true;
    if (end == NULL)
        return 0;
    token = (carnet_str){ (const char *)data, (size_t)(end - data) };
    if (carnet_json_parse((carnet_str){ (const char *)end + 1, size - token.len - 1 }, &set, NULL) != CARNET_OK)
        return 0;
    rc = carnet_jws_open_by_set(token, set, &crypto, &storage, &view, &err);
    MUST(!storage.overflow && storage.len <= size);
    if (rc == CARNET_OK)
        hold(token, set, &view);
    else
        MUST(err.rc == rc && view.header == NULL && view.claims == NULL && view.signing_input.len == 0);
    carnet_jws_close(&view);
    carnet_json_free(&set);
    return 0;
}
