/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in canonical form (RFC 8785). */
#include "carnet/json_canonical.h"

#include <string.h>

#define INTEGER_MAX (INT64_C(1) << 53)

static void
add_text(carnet_str text, carnet_buf *out)
{
    static const char digits[] = "0123456789abcdef", shorts[] = "btn\0fr";

    carnet_buf_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = (uint8_t)text.ptr[i];

        if (c >= 0x20 && c != '"' && c != '\\') {
            carnet_buf_add_byte(out, c);
            continue;
        }
        carnet_buf_add_byte(out, '\\');
        if (c == '"' || c == '\\') {
            carnet_buf_add_byte(out, c);
        } else if (c >= 8 && c <= 13 && c != 11) {
            carnet_buf_add_byte(out, (uint8_t)shorts[c - 8]);
        } else {
            carnet_buf_add_text(out, "u00");
            carnet_buf_add_byte(out, (uint8_t)digits[c >> 4]);
            carnet_buf_add_byte(out, (uint8_t)digits[c & 15]);
        }
    }
    carnet_buf_add_byte(out, '"');
}

static bool
ascii(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((uint8_t)text.ptr[i] >= 0x80)
            return false;
    return true;
}

/* The member whose name comes next after `last` (NULL: the first of all); false after the last. */
static bool
next_member(const carnet_json *object, const carnet_str *last, carnet_json_member *found)
{
    carnet_json_member m = { 0 };
    bool any = false;

    while (carnet_json_next(object, &m)) {
        const carnet_span name = carnet_str_bytes(m.name);

        if (last != NULL && carnet_span_compare(name, carnet_str_bytes(*last)) <= 0)
            continue;
        if (!any || carnet_span_compare(name, carnet_str_bytes(found->name)) < 0)
            *found = m;
        any = true;
    }
    return any;
}

static carnet_rc add_value(const carnet_json *value, unsigned depth, carnet_buf *out);

static carnet_rc
add_object(const carnet_json *object, unsigned depth, carnet_buf *out)
{
    carnet_json_member m = { 0 };
    carnet_str last;
    carnet_rc rc = CARNET_OK;

    if (carnet_json_count(object) > CARNET_JSON_CANONICAL_MEMBERS)
        return CARNET_E_JSON_LIMIT;
    carnet_buf_add_byte(out, '{');
    for (bool more = next_member(object, NULL, &m), first = true; rc == CARNET_OK && more; first = false) {
        if (!ascii(m.name))
            return CARNET_E_JSON_TYPE;
        if (!first)
            carnet_buf_add_byte(out, ',');
        add_text(m.name, out);
        carnet_buf_add_byte(out, ':');
        rc = add_value(m.value, depth, out);
        last = m.name;
        more = next_member(object, &last, &m);
    }
    carnet_buf_add_byte(out, '}');
    return rc;
}

static carnet_rc
add_array(const carnet_json *array, unsigned depth, carnet_buf *out)
{
    const size_t count = carnet_json_count(array);
    carnet_rc rc = CARNET_OK;

    carnet_buf_add_byte(out, '[');
    for (size_t i = 0; rc == CARNET_OK && i < count && !out->overflow; i++) {
        if (i > 0)
            carnet_buf_add_byte(out, ',');
        rc = add_value(carnet_json_at(array, i), depth, out);
    }
    carnet_buf_add_byte(out, ']');
    return rc;
}

static carnet_rc
add_value(const carnet_json *value, unsigned depth, carnet_buf *out)
{
    const int64_t number = carnet_json_integer(value);

    if (depth > CARNET_JSON_DEPTH + 1) /* what is in the deepest array or object is one further down */
        return CARNET_E_JSON_LIMIT;
    switch (carnet_json_type_of(value)) {
    case CARNET_JSON_NULL:
        carnet_buf_add_text(out, "null");
        return CARNET_OK;
    case CARNET_JSON_BOOL:
        carnet_buf_add_text(out, carnet_json_bool(value) ? "true" : "false");
        return CARNET_OK;
    case CARNET_JSON_INTEGER:
        carnet_buf_add_int(out, number);
        return number <= INTEGER_MAX && number >= -INTEGER_MAX ? CARNET_OK : CARNET_E_JSON_TYPE;
    case CARNET_JSON_STRING:
        add_text(carnet_json_string(value), out);
        return CARNET_OK;
    case CARNET_JSON_ARRAY:
        return add_array(value, depth + 1, out);
    case CARNET_JSON_OBJECT:
        return add_object(value, depth + 1, out);
    case CARNET_JSON_NONE:
    case CARNET_JSON_REAL:
        break;
    }
    return CARNET_E_JSON_TYPE;
}

carnet_rc
carnet_json_canonical(const carnet_json *value, carnet_buf *out, carnet_err *err)
{
    const carnet_rc rc = add_value(value, 1, out);

    if (rc != CARNET_OK)
        return carnet_fail(err, rc, "RFC 8785", "the value has no canonical form here");
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}
