/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json.h"
#include "fuzz.h"

#include <jansson.h>

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

/* Jansson reads the same, and refuses the same but for what is nested more deeply than said. */
static void
compare(carnet_str text, carnet_rc rc, const carnet_json *document)
{
    json_t *other =
        json_loadb(text.ptr != NULL ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

    if (rc == CARNET_OK)
        MUST(other != NULL && json_equal(other, (const json_t *)document));
    else if (rc != CARNET_E_JSON_LIMIT)
        MUST(other == NULL);
    json_decref(other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_json *document;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_json_parse((carnet_str){ (const char *)data, size }, &document, &err);

    MUST((rc == CARNET_OK) == (document != NULL));
    compare((carnet_str){ (const char *)data, size }, rc, document);
    if (rc == CARNET_OK)
        walk(document, 0);
    else
        MUST(err.rc == rc && (err.offset <= size || err.offset == CARNET_NO_OFFSET));
    carnet_json_free(&document);
    return 0;
}
