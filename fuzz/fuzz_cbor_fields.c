/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "carnet/cbor.h"

typedef struct record {
    carnet_span any, bytes, array, map;
    carnet_str text;
    carnet_cbor_embedded item;
    uint64_t number;
    int64_t integer;
    bool flag, has_flag;
} record;

static const carnet_cbor_field fields[] = {
    CARNET_MEMBER(record, "any", CARNET_FIELD_ANY, any),
    CARNET_MEMBER_OPTIONAL(record, "b", CARNET_FIELD_BSTR, bytes),
    CARNET_MEMBER_OPTIONAL(record, "array", CARNET_FIELD_ARRAY, array),
    CARNET_MEMBER_OPTIONAL(record, "map", CARNET_FIELD_MAP, map),
    CARNET_MEMBER_OPTIONAL(record, "identifier", CARNET_FIELD_TSTR, text),
    CARNET_MEMBER_OPTIONAL(record, "item", CARNET_FIELD_EMBEDDED, item),
    CARNET_LABEL_OPTIONAL(record, 1, CARNET_FIELD_UINT, number),
    CARNET_LABEL_OPTIONAL(record, -2, CARNET_FIELD_INT, integer),
    { "flag", 0, CARNET_FIELD_BOOL, false, offsetof(record, flag), offsetof(record, has_flag) },
};

static void
check_views(const record *got, carnet_span in)
{
    MUST(fuzz_inside(got->any, in) && fuzz_inside(got->bytes, in) && fuzz_inside(got->array, in));
    MUST(fuzz_inside(got->map, in) && fuzz_inside(got->item.encoded, in));
    MUST(fuzz_inside(got->item.content, got->item.encoded));
    MUST(fuzz_inside(carnet_str_bytes(got->text), in) && carnet_utf8_valid(carnet_str_bytes(got->text)));
    MUST(got->any.len > 0);
    MUST(got->has_flag || !got->flag);
}

/* The codes a table may refuse with what is valid as such. */
static bool
is_of_the_table(carnet_rc rc)
{
    return rc == CARNET_E_CBOR_TYPE || rc == CARNET_E_CBOR_VALUE || rc == CARNET_E_CBOR_TAG ||
           rc == CARNET_E_CBOR_KEY_MISSING || rc == CARNET_E_CBOR_INDEFINITE;
}

/* A table takes no map that is not valid, refuses a valid one for the table's reasons only, and yields views of it. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span in = { data, size };

    for (unsigned allow = 0; allow <= CARNET_CBOR_LENIENT; allow++) {
        carnet_cbor_reader r = carnet_cbor_open(in), whole = carnet_cbor_open(in);
        carnet_path path = { .name = carnet_str_of("outer") };
        carnet_err err = { 0 };
        record got = { 0 };
        carnet_rc rc;
        bool valid;

        r.allow = whole.allow = (uint8_t)allow;
        r.path = &path;
        carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), &got);
        (void)carnet_cbor_any(&whole);
        valid = carnet_cbor_failed(&whole, NULL) == CARNET_OK;
        rc = carnet_cbor_failed(&r, &err);
        MUST(r.path == &path);
        if (rc == CARNET_OK) {
            MUST(valid && r.at == whole.at && r.depth == 0);
            check_views(&got, in);
            MUST((r.seen & whole.seen) == (r.seen & ~(unsigned)CARNET_CBOR_UNKNOWN_KEY));
        } else {
            MUST(err.offset <= size && err.path[0] != '\0');
            MUST(!valid || is_of_the_table(rc));
        }
    }
    return 0;
}
