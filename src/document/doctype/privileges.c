/* SPDX-License-Identifier: Apache-2.0 */
/* DrivingPrivileges (18013-5 13.4): an array of maps. */
#include "internal.h"

#define CLAUSE "18013-5 13.4"

typedef struct privilege {
    carnet_str category;
    carnet_span issue_date, expiry_date, codes;
} privilege;

static const carnet_cbor_field privilege_fields[] = {
    CARNET_MEMBER(privilege, "vehicle_category_code", CARNET_FIELD_TSTR, category),
    CARNET_MEMBER_OPTIONAL(privilege, "issue_date", CARNET_FIELD_ANY, issue_date),
    CARNET_MEMBER_OPTIONAL(privilege, "expiry_date", CARNET_FIELD_ANY, expiry_date),
    CARNET_MEMBER_OPTIONAL(privilege, "codes", CARNET_FIELD_ARRAY, codes),
};

typedef struct code {
    carnet_str code, sign, value;
} code;

static const carnet_cbor_field code_fields[] = {
    CARNET_MEMBER(code, "code", CARNET_FIELD_TSTR, code),
    CARNET_MEMBER_OPTIONAL(code, "sign", CARNET_FIELD_TSTR, sign),
    CARNET_MEMBER_OPTIONAL(code, "value", CARNET_FIELD_TSTR, value),
};

static void
check_codes(carnet_cbor_reader *r, carnet_span codes)
{
    carnet_cbor_reader inner = carnet_cbor_open_within(r, codes, r->path);
    carnet_cbor_walk walk;
    size_t count = 0;

    carnet_cbor_array(&inner, &walk);
    while (carnet_cbor_array_next(&inner, &walk)) {
        code got = { 0 };

        carnet_cbor_fields(&inner, code_fields, CARNET_COUNT(code_fields), &got);
        count++;
    }
    if (count == 0) {
        carnet_cbor_refuse(&inner, CARNET_E_DOCTYPE_ELEMENT, codes.ptr, CLAUSE, "codes is empty");
    }
    carnet_cbor_join(r, &inner);
}

static void
check_date(carnet_cbor_reader *r, carnet_span date)
{
    static const carnet_element_definition full_date = { "date", CARNET_ELEMENT_FULL_DATE, CARNET_OPTIONAL, 0, NULL };

    if (date.len != 0 && carnet_element_check(&full_date, date, NULL) != CARNET_OK) {
        carnet_cbor_refuse(r, CARNET_E_DOCTYPE_ELEMENT, date.ptr, CLAUSE, "a date of a privilege is no full-date");
    }
}

void
carnet_doctype_read_privileges(carnet_cbor_reader *r)
{
    const carnet_path *outer = r->path;
    carnet_path entry = { .up = outer };
    carnet_cbor_walk walk;

    carnet_cbor_array(r, &walk);
    while (carnet_cbor_array_next(r, &walk)) {
        privilege got = { 0 };

        entry.index = walk.index;
        r->path = &entry;
        carnet_cbor_fields(r, privilege_fields, CARNET_COUNT(privilege_fields), &got);
        check_date(r, got.issue_date);
        check_date(r, got.expiry_date);
        if (r->rc == CARNET_OK && got.codes.len != 0) {
            check_codes(r, got.codes);
        }
        r->path = outer;
    }
}
