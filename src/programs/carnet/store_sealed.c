/* SPDX-License-Identifier: Apache-2.0 */
/* Files of JSON beside a store's documents, sealed with AES-256-GCM by a key that only who opens its secure area has: a version
 * octet, an IV, the rest. */
#include "holder_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, IV = 12, HEAD = 1 + IV };

carnet_json *
store_sealed_read(store *s, const store_sealed *what)
{
    const char *path = store_path(s, what->file);
    carnet_secret key = { 0 };
    carnet_json *json = NULL;
    carnet_span file;
    carnet_err err = { 0 };
    uint8_t *plain;
    size_t len;
    carnet_rc rc;

    if (!cli_try_read(path, &file)) {
        if (errno != ENOENT) {
            cli_die_text(path, strerror(errno));
        }
        return NULL;
    }
    if (file.len < HEAD + CARNET_GCM_TAG || file.ptr[0] != VERSION) {
        cli_die_text(path, what->otherwise);
    }
    len = file.len - HEAD - CARNET_GCM_TAG;
    plain = cli_alloc(len + 1);
    store_area_secret(s, what->purpose, &key);
    rc = carnet_aead_open(s->crypto, CARNET_AES_256_GCM, carnet_span_of(key.bytes, key.len),
                          carnet_span_of(file.ptr + 1, IV), carnet_span_of(file.ptr, 1),
                          carnet_span_of(file.ptr + HEAD, file.len - HEAD), plain, &err);
    carnet_secret_done(&key);
    rc = rc == CARNET_OK ? carnet_json_parse((carnet_str){ (const char *)plain, len }, &json, &err) : rc;
    carnet_wipe(plain, len);
    free(plain);
    if (rc != CARNET_OK) {
        cli_die(path, &err);
    }
    return json;
}

static carnet_rc
seal(store *s, const store_sealed *what, carnet_span text, carnet_buf *file, carnet_err *err)
{
    carnet_random random = carnet_crypto_random(s->crypto);
    carnet_secret key = { 0 };
    carnet_rc rc = carnet_random_fill(&random, file->ptr + 1, IV, err);

    file->ptr[0] = VERSION;
    if (rc == CARNET_OK) {
        rc = store_area_try_secret(s, what->purpose, &key, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_aead_seal(s->crypto, CARNET_AES_256_GCM, carnet_span_of(key.bytes, key.len),
                              carnet_span_of(file->ptr + 1, IV), carnet_span_of(file->ptr, 1), text, file->ptr + HEAD,
                              err);
    }
    carnet_secret_done(&key);
    return rc;
}

carnet_rc
store_sealed_write(store *s, const store_sealed *what, carnet_buf *text, carnet_err *err)
{
    carnet_buf file = cli_buf(HEAD + text->len + CARNET_GCM_TAG);
    carnet_rc rc = text->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL)
                                  : seal(s, what, carnet_buf_span(text), &file, err);

    if (rc == CARNET_OK) {
        cli_write(store_path(s, what->file), carnet_span_of(file.ptr, file.cap), 0600);
    }
    carnet_wipe(text->ptr, text->cap);
    free(text->ptr);
    free(file.ptr);
    *text = (carnet_buf){ 0 };
    return rc;
}
