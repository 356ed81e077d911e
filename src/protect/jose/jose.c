/* SPDX-License-Identifier: Apache-2.0 */
/* What JWS and JWE share: compact parts and protected headers (RFC 7515 3, 4; RFC 7516 3, 4). */
#include "internal.h"

#include <string.h>

carnet_rc
carnet_jose_split(carnet_str text, size_t max, carnet_str *parts, size_t count, carnet_err *err)
{
    const char *dot;
    size_t part = 0;

    if (text.len == 0)
        return carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "RFC 7515 3.1", "there is nothing");
    if (text.len > max)
        return carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "RFC 7515 3.1", "it is longer than is taken here");
    for (dot = text.ptr; part < count && dot != NULL; part++) {
        const char *start = part == 0 ? text.ptr : dot + 1;
        const size_t rest = text.len - (size_t)(start - text.ptr);

        dot = memchr(start, '.', rest);
        parts[part] = (carnet_str){ start, dot != NULL ? (size_t)(dot - start) : rest };
    }
    if (part != count || dot != NULL)
        return carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "RFC 7515 3.1", "it does not have the parts it must have");
    return CARNET_OK;
}

carnet_rc
carnet_jose_decode(carnet_str text, carnet_buf *storage, carnet_span *bytes, carnet_err *err)
{
    const size_t before = storage->len;
    carnet_rc rc = carnet_base64url_decode(text, storage, err);

    *bytes = (carnet_span){ storage->ptr + before, storage->len - before };
    if (rc == CARNET_OK && storage->overflow)
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    return rc == CARNET_OK || rc == CARNET_E_NO_SPACE
               ? rc
               : carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "RFC 7515 2", "a part is not base64url");
}

static carnet_rc
check_header(const carnet_json *header, carnet_err *err)
{
    if (carnet_json_type_of(header) != CARNET_JSON_OBJECT)
        return carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "RFC 7515 4", "the header is no JSON object");
    if (carnet_json_get(header, "crit") != NULL || carnet_json_get(header, "b64") != NULL)
        return carnet_fail(err, CARNET_E_JOSE_CRITICAL, "RFC 7515 4.1.11", "the header demands an extension");
    if (carnet_json_get(header, "zip") != NULL)
        return carnet_fail(err, CARNET_E_JOSE_CRITICAL, "RFC 7516 4.1.3", "what is compressed is not taken");
    return CARNET_OK;
}

carnet_rc
carnet_jose_header(carnet_str encoded, carnet_buf *storage, carnet_json **header, carnet_err *err)
{
    const size_t before = storage->len;
    carnet_span bytes;
    carnet_rc rc = carnet_jose_decode(encoded, storage, &bytes, err);

    *header = NULL;
    if (rc == CARNET_OK)
        rc = carnet_json_parse((carnet_str){ (const char *)bytes.ptr, bytes.len }, header, err);
    storage->len = before; /* the document has copies: the room is for what is decoded out of it */
    if (rc == CARNET_OK)
        rc = check_header(*header, err);
    if (rc != CARNET_OK)
        carnet_json_free(header);
    return rc;
}

carnet_rc
carnet_jose_string(const carnet_json *object, const char *name, carnet_str *text, carnet_err *err)
{
    const carnet_json *value = carnet_json_get(object, name);

    *text = carnet_json_string(value);
    if (value != NULL && carnet_json_type_of(value) != CARNET_JSON_STRING)
        return carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "RFC 7515 4.1", "a member of the header is no string");
    return CARNET_OK;
}

carnet_rc
carnet_jose_octets(const carnet_json *object, const char *name, carnet_buf *storage, carnet_span *bytes,
                   carnet_err *err)
{
    carnet_str text;
    carnet_rc rc = carnet_jose_string(object, name, &text, err);

    *bytes = (carnet_span){ NULL, 0 };
    return rc == CARNET_OK && text.len != 0 ? carnet_jose_decode(text, storage, bytes, err) : rc;
}
