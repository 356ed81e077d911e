/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

/** Jansson recurses as deep as the text nests: look at the depth first. */
static carnet_rc
check_depth(carnet_str text, carnet_err *err)
{
    unsigned depth = 0;
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > CARNET_JSON_DEPTH) {
                return carnet_fail_at(err, CARNET_E_JSON_LIMIT, "RFC 8259 9", "it is nested too deeply", i, NULL);
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return CARNET_OK;
}

carnet_rc
carnet_json_parse(carnet_str text, carnet_json **document, carnet_err *err)
{
    json_error_t error;
    size_t offset;
    carnet_rc rc;

    *document = NULL;
    if (text.ptr == NULL) {
        text.ptr = "";
    }
    if (text.len > CARNET_JSON_MAX) {
        return carnet_fail(err, CARNET_E_JSON_LIMIT, "RFC 8259 9", "it is too long");
    }
    *document = (carnet_json *)carnet_json_read(text);
    if (*document != NULL) {
        return CARNET_OK;
    }
    rc = check_depth(text, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    *document = (carnet_json *)json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (*document != NULL) {
        return CARNET_OK;
    }
    offset = error.position >= 0 ? (size_t)error.position : 0;
    switch (json_error_code(&error)) {
    case json_error_duplicate_key:
        return carnet_fail_at(err, CARNET_E_JSON_KEY_TWICE, "RFC 8259 4", NULL, offset, NULL);
    case json_error_out_of_memory:
        return carnet_fail(err, CARNET_E_JSON_LIMIT, NULL, "no memory is left");
    case json_error_numeric_overflow:
        return carnet_fail_at(err, CARNET_E_JSON_LIMIT, "RFC 8259 6", "a number is too large", offset, NULL);
    default:
        return carnet_fail_at(err, CARNET_E_JSON_SYNTAX, "RFC 8259", NULL, offset, NULL);
    }
}

void
carnet_json_free(carnet_json **document)
{
    if (document != NULL && *document != NULL) {
        json_decref((json_t *)*document);
        *document = NULL;
    }
}

static const json_t *
inside(const carnet_json *value)
{
    return (const json_t *)value;
}

carnet_json_type
carnet_json_type_of(const carnet_json *value)
{
    if (value == NULL) {
        return CARNET_JSON_NONE;
    }
    switch (json_typeof(inside(value))) {
    case JSON_OBJECT:
        return CARNET_JSON_OBJECT;
    case JSON_ARRAY:
        return CARNET_JSON_ARRAY;
    case JSON_STRING:
        return CARNET_JSON_STRING;
    case JSON_INTEGER:
        return CARNET_JSON_INTEGER;
    case JSON_REAL:
        return CARNET_JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return CARNET_JSON_BOOL;
    case JSON_NULL:
        return CARNET_JSON_NULL;
    }
    return CARNET_JSON_NONE;
}

carnet_str
carnet_json_string(const carnet_json *value)
{
    return json_is_string(inside(value))
               ? (carnet_str){ json_string_value(inside(value)), json_string_length(inside(value)) }
               : (carnet_str){ 0 };
}

int64_t
carnet_json_integer(const carnet_json *value)
{
    return json_is_integer(inside(value)) ? (int64_t)json_integer_value(inside(value)) : 0;
}

double
carnet_json_real(const carnet_json *value)
{
    return json_number_value(inside(value));
}

bool
carnet_json_bool(const carnet_json *value)
{
    return json_is_true(inside(value));
}

size_t
carnet_json_count(const carnet_json *value)
{
    return json_is_array(inside(value)) ? json_array_size(inside(value)) : json_object_size(inside(value));
}

const carnet_json *
carnet_json_at(const carnet_json *array, size_t i)
{
    return (const carnet_json *)json_array_get(inside(array), i);
}

const carnet_json *
carnet_json_get(const carnet_json *object, const char *name)
{
    return (const carnet_json *)json_object_get(inside(object), name);
}

bool
carnet_json_next(const carnet_json *object, carnet_json_member *member)
{
    /* Jansson's iterators take the object as writable and do not write it. */
    union {
        const carnet_json *from;
        json_t *to;
    } it = { object };

    member->at = member->at == NULL ? json_object_iter(it.to) : json_object_iter_next(it.to, member->at);
    if (member->at == NULL) {
        *member = (carnet_json_member){ 0 };
        return false;
    }
    member->name = (carnet_str){ json_object_iter_key(member->at), json_object_iter_key_len(member->at) };
    member->value = (const carnet_json *)json_object_iter_value(member->at);
    return true;
}
