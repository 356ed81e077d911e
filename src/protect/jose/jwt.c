/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens with claims of text and time. */
#include "carnet/jwt.h"

#include <string.h>

#define SAFE_SECONDS 253402300800.0 /* the end of the year 9999: beyond it there are no times here */

carnet_rc
carnet_jwt_blame(carnet_rc rc, carnet_rc as, carnet_err *err)
{
    if (rc == CARNET_OK || carnet_rc_http(rc) >= 500)
        return rc;
    if (err != NULL)
        err->rc = as;
    return as;
}

carnet_rc
carnet_jwt_open(carnet_str text, const char *type, carnet_rc as, carnet_buf *storage, carnet_jws *jws, carnet_err *err)
{
    carnet_rc rc = carnet_jws_open(text, storage, jws, err);

    if (rc == CARNET_OK)
        rc = carnet_jws_expect_type(jws, type, err);
    if (rc == CARNET_OK && jws->claims == NULL)
        rc = carnet_fail(err, as, "RFC 7519 7.2", "the token's payload is no JSON object");
    if (rc != CARNET_OK)
        carnet_jws_close(jws);
    return carnet_jwt_blame(rc, as, err);
}

static carnet_rc
amiss(const char *name, const char *what, carnet_rc as, carnet_err *err)
{
    const carnet_path path = { .name = carnet_str_of(name) };

    return carnet_fail_at(err, as, "RFC 7519 4", what, CARNET_NO_OFFSET, &path);
}

carnet_rc
carnet_jwt_text(const carnet_jws *jws, const char *name, bool required, carnet_rc as, carnet_str *out, carnet_err *err)
{
    const carnet_json *claim = carnet_json_get(jws->claims, name);

    *out = carnet_json_string(claim);
    if (claim == NULL && !required)
        return CARNET_OK;
    if (claim == NULL)
        return amiss(name, "a required claim is missing", as, err);
    if (carnet_json_type_of(claim) != CARNET_JSON_STRING || (required && out->len == 0))
        return amiss(name, "the claim is no text, or empty", as, err);
    return CARNET_OK;
}

carnet_rc
carnet_jwt_time(const carnet_jws *jws, const char *name, bool required, carnet_rc as, carnet_time *out, carnet_err *err)
{
    const carnet_json *claim = carnet_json_get(jws->claims, name);
    const carnet_json_type type = carnet_json_type_of(claim);
    const double seconds = carnet_json_real(claim);

    *out = CARNET_TIME_ABSENT;
    if (claim == NULL && !required)
        return CARNET_OK;
    if (claim == NULL)
        return amiss(name, "a required claim is missing", as, err);
    if ((type != CARNET_JSON_INTEGER && type != CARNET_JSON_REAL) || !(seconds >= 0 && seconds < SAFE_SECONDS))
        return amiss(name, "the claim is no time", as, err);
    *out = (carnet_time)seconds;
    return CARNET_OK;
}

static void
add_more(carnet_str more, carnet_buf *out)
{
    if (more.len == 0 || out->overflow)
        return;
    out->ptr[out->len - 1] = ',';
    carnet_buf_add_str(out, more);
    carnet_buf_add_byte(out, '}');
}

carnet_rc
carnet_jwt_sign(carnet_rc rc, const carnet_jws_header *header, size_t start, carnet_str more, carnet_key *key,
                carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    carnet_buf room;
    size_t len;

    if (rc == CARNET_OK) {
        add_more(more, out);
        if (out->overflow)
            rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    if (rc == CARNET_OK) {
        /* The claims go to the end of the room, and the token comes where they were. */
        len = out->len - start;
        memmove(out->ptr + out->cap - len, out->ptr + start, len);
        room = (carnet_buf){ .ptr = out->ptr, .len = start, .cap = out->cap - len };
        rc = carnet_jws_sign(header, carnet_span_of(out->ptr + out->cap - len, len), key, crypto, &room, err);
    }
    out->len = rc == CARNET_OK ? room.len : start;
    return rc;
}
