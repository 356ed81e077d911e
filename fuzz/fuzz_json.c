/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json.h"
#include "fuzz.h"

#include <jansson.h>
#include <string.h>

/* Every value is of a type, members are found again by their names, and nothing is nested deeper than said. */
static void
walk(const carnet_json *value, unsigned depth)
{
    carnet_json_member member = { 0 };
    size_t count = 0;

    MUST(depth <= CARNET_JSON_DEPTH);
    switch (carnet_json_type_of(value)) {
    case CARNET_JSON_ARRAY:
        for (size_t i = 0; i < carnet_json_count(value); i++)
            walk(carnet_json_at(value, i), depth + 1);
        MUST(carnet_json_at(value, carnet_json_count(value)) == NULL);
        return;
    case CARNET_JSON_OBJECT:
        for (; carnet_json_next(value, &member); count++) {
            MUST(carnet_utf8_valid(carnet_str_bytes(member.name)));
            MUST(carnet_json_get(value, member.name.ptr) == member.value);
            walk(member.value, depth + 1);
        }
        MUST(count == carnet_json_count(value));
        return;
    case CARNET_JSON_STRING:
        MUST(carnet_utf8_valid(carnet_str_bytes(carnet_json_string(value))));
        return;
    case CARNET_JSON_NONE:
        MUST(false);
        return;
    default:
        MUST(carnet_json_count(value) == 0 && carnet_json_string(value).ptr == NULL);
    }
}

static bool
same_text(const json_t *other, carnet_str text)
{
    return json_string_length(other) == text.len && memcmp(json_string_value(other), text.ptr, text.len) == 0;
}

static void compare_values(const json_t *other, const carnet_json *value);

static void
compare_members(json_t *other, const carnet_json *value)
{
    carnet_json_member member = { 0 };
    void *at = json_object_iter(other);

    MUST(json_object_size(other) == carnet_json_count(value));
    for (; carnet_json_next(value, &member); at = json_object_iter_next(other, at)) {
        MUST(json_object_iter_key_len(at) == member.name.len);
        MUST(memcmp(json_object_iter_key(at), member.name.ptr, member.name.len) == 0);
        compare_values(json_object_iter_value(at), member.value);
    }
}

static void
compare_values(const json_t *other, const carnet_json *value)
{
    switch (carnet_json_type_of(value)) {
    case CARNET_JSON_NONE:
        MUST(false);
        return;
    case CARNET_JSON_NULL:
        MUST(json_is_null(other));
        return;
    case CARNET_JSON_BOOL:
        MUST(json_is_boolean(other) && json_is_true(other) == carnet_json_bool(value));
        return;
    case CARNET_JSON_INTEGER:
        MUST(json_is_integer(other) && json_integer_value(other) == carnet_json_integer(value));
        return;
    case CARNET_JSON_REAL:
        MUST(json_is_real(other) && !(json_real_value(other) < carnet_json_real(value)) &&
             !(json_real_value(other) > carnet_json_real(value)));
        return;
    case CARNET_JSON_STRING:
        MUST(json_is_string(other) && same_text(other, carnet_json_string(value)));
        return;
    case CARNET_JSON_ARRAY:
        MUST(json_is_array(other) && json_array_size(other) == carnet_json_count(value));
        for (size_t i = 0; i < carnet_json_count(value); i++)
            compare_values(json_array_get(other, i), carnet_json_at(value, i));
        return;
    case CARNET_JSON_OBJECT:
        MUST(json_is_object(other));
        compare_members((json_t *)(uintptr_t)other, value);
    }
}

/* Jansson reads the same, and refuses the same but for what is nested more deeply than said, which has an offset, and for zero
 * octets behind numbers. */
static void
compare(carnet_str text, carnet_rc rc, const carnet_err *err, const carnet_json *document)
{
    json_t *other =
        json_loadb(text.ptr != NULL ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

    if (rc == CARNET_OK) {
        MUST(other != NULL);
        compare_values(other, document);
    } else if (rc != CARNET_E_JSON_LIMIT || err->offset == CARNET_NO_OFFSET)
        MUST(other == NULL || text.len > CARNET_JSON_MAX || memchr(text.ptr, 0, text.len) != NULL);
    json_decref(other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_json *document;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_json_parse((carnet_str){ (const char *)data, size }, &document, &err);

    MUST((rc == CARNET_OK) == (document != NULL));
    compare((carnet_str){ (const char *)data, size }, rc, &err, document);
    if (rc == CARNET_OK)
        walk(document, 0);
    else
        MUST(err.rc == rc && (err.offset <= size || err.offset == CARNET_NO_OFFSET));
    carnet_json_free(&document);
    return 0;
}
