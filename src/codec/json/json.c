/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <jansson.h>
#include <string.h>

/* Jansson recurses as deep as the text nests: look at the depth first. */
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

static carnet_rc
no_memory(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_JSON_LIMIT, NULL, "no memory is left");
}

/* What Jansson finds in a text that was not taken. */
static carnet_rc
explain(carnet_str text, carnet_err *err)
{
    json_error_t error;
    json_t *other = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    size_t offset;

    if (other != NULL) { /* it steps over a zero octet behind a number; or it had more memory */
        const char *zero = memchr(text.ptr, '\0', text.len);

        json_decref(other);
        return zero == NULL
                   ? no_memory(err)
                   : carnet_fail_at(err, CARNET_E_JSON_SYNTAX, "RFC 8259", NULL, (size_t)(zero - text.ptr), NULL);
    }
    offset = error.position >= 0 ? (size_t)error.position : 0;
    switch (json_error_code(&error)) {
    case json_error_duplicate_key:
        return carnet_fail_at(err, CARNET_E_JSON_KEY_TWICE, "RFC 8259 4", NULL, offset, NULL);
    case json_error_out_of_memory:
        return no_memory(err);
    case json_error_numeric_overflow:
        return carnet_fail_at(err, CARNET_E_JSON_LIMIT, "RFC 8259 6", "a number is too large", offset, NULL);
    default:
        return carnet_fail_at(err, CARNET_E_JSON_SYNTAX, "RFC 8259", NULL, offset, NULL);
    }
}

carnet_rc
carnet_json_parse(carnet_str text, carnet_json **document, carnet_err *err)
{
    carnet_rc rc;

    *document = NULL;
    if (text.ptr == NULL) {
        text.ptr = "";
    }
    if (text.len > CARNET_JSON_MAX) {
        return carnet_fail(err, CARNET_E_JSON_LIMIT, "RFC 8259 9", "it is too long");
    }
    *document = carnet_json_read(text);
    if (*document != NULL) {
        return CARNET_OK;
    }
    rc = check_depth(text, err);
    return rc == CARNET_OK ? explain(text, err) : rc;
}

void
carnet_json_free(carnet_json **document)
{
    if (document != NULL && *document != NULL) {
        carnet_json_drop(*document);
        *document = NULL;
    }
}

carnet_json_type
carnet_json_type_of(const carnet_json *value)
{
    return value != NULL ? value->type : CARNET_JSON_NONE;
}

carnet_str
carnet_json_string(const carnet_json *value)
{
    return carnet_json_type_of(value) == CARNET_JSON_STRING ? (carnet_str){ value->is.text, value->count }
                                                            : (carnet_str){ 0 };
}

int64_t
carnet_json_integer(const carnet_json *value)
{
    return carnet_json_type_of(value) == CARNET_JSON_INTEGER ? value->is.integer : 0;
}

double
carnet_json_real(const carnet_json *value)
{
    if (carnet_json_type_of(value) == CARNET_JSON_REAL) {
        return value->is.real;
    }
    return (double)carnet_json_integer(value);
}

bool
carnet_json_bool(const carnet_json *value)
{
    return carnet_json_type_of(value) == CARNET_JSON_BOOL && value->is.yes;
}

static bool
has_children(const carnet_json *value)
{
    const carnet_json_type type = carnet_json_type_of(value);

    return type == CARNET_JSON_ARRAY || type == CARNET_JSON_OBJECT;
}

size_t
carnet_json_count(const carnet_json *value)
{
    return has_children(value) ? value->count : 0;
}

const carnet_json *
carnet_json_at(const carnet_json *array, size_t i)
{
    return carnet_json_type_of(array) == CARNET_JSON_ARRAY && i < array->count ? &array->is.children[i] : NULL;
}

static const carnet_json *
find_in_index(const carnet_json *object, carnet_str name)
{
    const carnet_json **index = carnet_json_index(object);
    size_t low = 0, high = object->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int compared = carnet_json_compare(index[middle]->name, name);

        if (compared == 0) {
            return index[middle];
        }
        if (compared < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const carnet_json *
carnet_json_get(const carnet_json *object, const char *name)
{
    if (carnet_json_type_of(object) != CARNET_JSON_OBJECT) {
        return NULL;
    }
    if (object->count > CARNET_JSON_FEW) {
        return find_in_index(object, carnet_str_of(name));
    }
    for (size_t i = 0; i < object->count; i++) {
        const char *is = object->is.children[i].name.ptr; /* without a zero in it */

        if (is[0] == name[0] && strcmp(is, name) == 0) {
            return &object->is.children[i];
        }
    }
    return NULL;
}

bool
carnet_json_next(const carnet_json *object, carnet_json_member *member)
{
    carnet_json *next = member->at == NULL ? NULL : (carnet_json *)member->at + 1;

    if (carnet_json_type_of(object) == CARNET_JSON_OBJECT && object->count != 0) {
        if (member->at == NULL) {
            next = object->is.children;
        }
        if (next < object->is.children + object->count) {
            *member = (carnet_json_member){ next, next->name, next };
            return true;
        }
    }
    *member = (carnet_json_member){ 0 };
    return false;
}
