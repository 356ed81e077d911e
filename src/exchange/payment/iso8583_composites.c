/* SPDX-License-Identifier: Apache-2.0 */
/* The structure of an element in a specification's file. */
#include "internal.h"

static const carnet_json_rule subfield_rules[] = {
    { "name", CARNET_JSON_STRING, true },
    { "length", CARNET_JSON_INTEGER, true },
    { "type", CARNET_JSON_STRING, false },
    { "optional", CARNET_JSON_BOOL, false },
};

static void
subfield(spec_reading *r, const carnet_json *value, const carnet_path *path, carnet_iso8583_subfield *out)
{
    uint64_t length = 0;

    if (r->rc == CARNET_OK)
        r->rc =
            carnet_json_check(value, subfield_rules, CARNET_COUNT(subfield_rules), CARNET_E_ISO8583_FILE, path, r->err);
    if (r->rc != CARNET_OK)
        return;
    *out = (carnet_iso8583_subfield){ .type = CARNET_ISO8583_ANS };
    out->name = carnet_spec_text(r, value, "name");
    carnet_spec_number(r, value, path, "length", 1, 9999, &length);
    out->length = (uint16_t)length;
    carnet_spec_word(r, value, path, "type", WORDS_TYPE, &out->type);
    carnet_spec_bool(r, value, "optional", &out->optional);
    if (out->type == CARNET_ISO8583_NONE || out->type == CARNET_ISO8583_B)
        carnet_spec_blame(r, path, "type", "a subfield is of characters");
}

static void
positional(spec_reading *r, const carnet_json *value, const carnet_path *path, carnet_iso8583_composite *out)
{
    const carnet_json *list = carnet_json_get(value, "subfields");
    const carnet_path step = { .up = path, .name = carnet_str_of("subfields") };
    const size_t count = carnet_json_count(list), left = CARNET_ISO8583_FILE_SUBFIELDS - r->file->subfield_count;

    if (count == 0) {
        carnet_spec_blame(r, path, "subfields", "there are none");
        return;
    }
    if (count > left) {
        r->rc = carnet_fail_at(r->err, CARNET_E_LIMIT, NULL, "there are too many subfields", CARNET_NO_OFFSET, &step);
        return;
    }
    out->subfields = r->file->subfields + r->file->subfield_count;
    out->count = count;
    for (size_t i = 0; i < count && r->rc == CARNET_OK; i++) {
        const carnet_path at = { .up = &step, .index = i };

        subfield(r, carnet_json_at(list, i), &at, &r->file->subfields[r->file->subfield_count++]);
    }
}

static void
data_set(spec_reading *r, const carnet_json *value, const carnet_path *path, carnet_iso8583_composite *out)
{
    out->form = carnet_data_set_ttlll;
    carnet_spec_octet(r, value, path, "lead", 64, &out->form.lead);
    carnet_spec_octet(r, value, path, "tag", 4, &out->form.tag);
    carnet_spec_octet(r, value, path, "length", 6, &out->form.length);
    carnet_spec_bool(r, value, "binary", &out->form.binary);
    carnet_spec_bool(r, value, "repeats", &out->form.repeats);
    if (out->form.tag == 0 || out->form.length == 0 || (out->form.binary && out->form.length > 3))
        carnet_spec_blame(r, path, NULL, "items have a tag of 1 to 4 and a length of 1 to 6 digits or 3 octets");
}

static void
nested(spec_reading *r, const carnet_json *value, const carnet_path *path, unsigned depth,
       carnet_iso8583_composite *out)
{
    const carnet_json *given = carnet_json_get(value, "specification");
    const carnet_path step = { .up = path, .name = carnet_str_of("specification") };
    carnet_iso8583_spec *spec = &r->file->nested[r->file->nested_count];

    if (r->file->nested_count >= CARNET_ISO8583_FILE_NESTED || depth >= 2) {
        r->rc = carnet_fail_at(r->err, CARNET_E_LIMIT, NULL, "too many specifications are within others",
                               CARNET_NO_OFFSET, path);
        return;
    }
    r->file->nested_count++;
    out->nested = spec;
    if (carnet_str_is(carnet_json_string(given), "postilion-127")) {
        r->rc = carnet_iso8583_spec_postilion_127(spec, r->err);
        return;
    }
    spec->flavour = carnet_iso8583_flavour_ascii();
    spec->flavour.secondary = CARNET_ISO8583_SECONDARY_NEVER;
    spec->flavour.no_mti = true;
    spec->version = CARNET_ISO8583_EMPTY;
    carnet_spec_fill(r, given, &step, depth + 1, spec);
}

const carnet_iso8583_composite *
carnet_spec_composite(spec_reading *r, const carnet_json *value, const carnet_path *path, unsigned depth)
{
    static const carnet_json_rule positional_rules[] = { { "kind", CARNET_JSON_STRING, true },
                                                         { "subfields", CARNET_JSON_ARRAY, true } };
    static const carnet_json_rule set_rules[] = {
        { "kind", CARNET_JSON_STRING, true },  { "lead", CARNET_JSON_INTEGER, false },
        { "tag", CARNET_JSON_INTEGER, false }, { "length", CARNET_JSON_INTEGER, false },
        { "binary", CARNET_JSON_BOOL, false }, { "repeats", CARNET_JSON_BOOL, false },
    };
    carnet_iso8583_composite *out = &r->file->composites[r->file->composite_count];
    uint8_t kind = CARNET_ISO8583_TLV;

    if (r->rc != CARNET_OK)
        return NULL;
    if (r->file->composite_count >= CARNET_ISO8583_FILE_COMPOSITES) {
        r->rc = carnet_fail_at(r->err, CARNET_E_LIMIT, NULL, "there are too many structures", CARNET_NO_OFFSET, path);
        return NULL;
    }
    if (carnet_json_get(value, "kind") == NULL)
        carnet_spec_blame(r, path, "kind", "this member is missing");
    carnet_spec_word(r, value, path, "kind", WORDS_KIND, &kind);
    if (r->rc == CARNET_OK && kind != CARNET_ISO8583_NESTED)
        r->rc = kind == CARNET_ISO8583_POSITIONAL
                    ? carnet_json_check(value, positional_rules, 2, CARNET_E_ISO8583_FILE, path, r->err)
                    : carnet_json_check(value, set_rules, kind == CARNET_ISO8583_TLV ? 1 : CARNET_COUNT(set_rules),
                                        CARNET_E_ISO8583_FILE, path, r->err);
    if (r->rc != CARNET_OK)
        return NULL;
    r->file->composite_count++;
    out->kind = (carnet_iso8583_composite_kind)kind;
    if (kind == CARNET_ISO8583_POSITIONAL)
        positional(r, value, path, out);
    else if (kind == CARNET_ISO8583_DATA_SET)
        data_set(r, value, path, out);
    else if (kind == CARNET_ISO8583_NESTED)
        nested(r, value, path, depth, out);
    return out;
}
