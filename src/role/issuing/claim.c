/* SPDX-License-Identifier: Apache-2.0 */
/* One claim: from JSON to the CBOR its definition demands. */
#include "internal.h"

carnet_rc
carnet_claim_refuse(const carnet_claim_writer *w, carnet_rc rc, const char *reason)
{
    carnet_path ns = { .name = w->name.name_space };
    carnet_path id = { .up = &ns, .name = w->name.identifier };

    return carnet_fail_at(w->err, rc, NULL, reason, CARNET_NO_OFFSET, &id);
}

static void
note(const carnet_claim_writer *w, const char *what)
{
    if (w->options->note != NULL) {
        w->options->note(w->options->self, &w->name, what);
    }
}

/** Append a byte string whose content `fill` appends to the builder's own room. */
static carnet_rc
write_bytes(carnet_claim_writer *w, const carnet_json *value, carnet_cbor_builder *b, const char *kind)
{
    carnet_str text = carnet_json_string(value);
    carnet_cbor_open_bstr open = carnet_cbor_bstr_begin(b, text.len);
    carnet_buf rest =
        b->ptr != NULL && b->rc == CARNET_OK ? carnet_buf_of(b->ptr + b->len, b->cap - b->len) : carnet_buf_of(NULL, 0);
    carnet_rc rc;

    if (carnet_str_is(carnet_str_of(kind), "$bstr")) {
        rc = w->options->file != NULL ? w->options->file(w->options->self, text, &rest, w->err)
                                      : carnet_claim_refuse(w, CARNET_E_DOCTYPE_ELEMENT, "files are not read here");
    } else if (carnet_str_is(carnet_str_of(kind), "$hex")) {
        rc = carnet_hex_decode(text, &rest, w->err);
    } else {
        rc = carnet_base64_decode(text, &rest, w->err);
        if (rc != CARNET_OK) {
            rest.len = 0;
            rc = carnet_base64url_decode(text, &rest, w->err);
        }
    }
    if (rc == CARNET_OK && rest.overflow) {
        rc = carnet_claim_refuse(w, CARNET_E_NO_SPACE, "the bytes do not fit");
    }
    b->len += rc == CARNET_OK ? rest.len : 0;
    carnet_cbor_bstr_end(b, open);
    return rc;
}

/** {"$tag": n, "value": v}, {"$bstr": ...}, {"$hex": ...}, {"$base64": ...}; *special says whether it was one. */
static carnet_rc
write_special(carnet_claim_writer *w, const carnet_json *value, carnet_cbor_builder *b, bool *special)
{
    static const char *const kinds[] = { "$bstr", "$hex", "$base64" };
    const carnet_json *tag = carnet_json_get(value, "$tag");

    *special = true;
    if (carnet_json_type_of(tag) == CARNET_JSON_INTEGER && carnet_json_integer(tag) >= 0) {
        carnet_cbor_add_tag(b, (uint64_t)carnet_json_integer(tag));
        return carnet_claim_write(w, NULL, carnet_json_get(value, "value"), b);
    }
    for (size_t i = 0; i < CARNET_COUNT(kinds); i++) {
        if (carnet_json_type_of(carnet_json_get(value, kinds[i])) == CARNET_JSON_STRING) {
            return write_bytes(w, carnet_json_get(value, kinds[i]), b, kinds[i]);
        }
    }
    *special = false;
    return CARNET_OK;
}

/** A member of a privilege or a birth date that is a date is one, as text too. */
static const carnet_element_definition *
member_definition(const carnet_element_definition *outer, carnet_str name)
{
    static const carnet_element_definition date = { "", CARNET_ELEMENT_FULL_DATE, CARNET_OPTIONAL, 0, NULL };

    if (outer != NULL && ((outer->type == CARNET_ELEMENT_PRIVILEGES &&
                           (carnet_str_is(name, "issue_date") || carnet_str_is(name, "expiry_date"))) ||
                          (outer->type == CARNET_ELEMENT_BIRTH_DATE && carnet_str_is(name, "birth_date")))) {
        return &date;
    }
    return outer != NULL && outer->type == CARNET_ELEMENT_PRIVILEGES ? outer : NULL;
}

static carnet_rc
write_object(carnet_claim_writer *w, const carnet_element_definition *definition, const carnet_json *value,
             carnet_cbor_builder *b)
{
    carnet_json_member member = { 0 };
    bool special;
    carnet_rc rc = write_special(w, value, b, &special);

    if (special) {
        return rc;
    }
    carnet_cbor_add_map(b, carnet_json_count(value));
    while (rc == CARNET_OK && carnet_json_next(value, &member)) {
        carnet_cbor_add_tstr(b, member.name);
        rc = carnet_claim_write(w, member_definition(definition, member.name), member.value, b);
    }
    return rc;
}

static carnet_rc
write_array(carnet_claim_writer *w, const carnet_element_definition *definition, const carnet_json *value,
            carnet_cbor_builder *b)
{
    size_t count = carnet_json_count(value);
    carnet_rc rc = CARNET_OK;

    carnet_cbor_add_array(b, count);
    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        rc = carnet_claim_write(w, definition, carnet_json_at(value, i), b);
    }
    return rc;
}

static carnet_rc
write_date(carnet_claim_writer *w, const carnet_element_definition *definition, carnet_str text, carnet_cbor_builder *b)
{
    carnet_date date;
    carnet_time time;
    unsigned oddities = 0;

    if (definition->type != CARNET_ELEMENT_TDATE && carnet_date_parse(text, &date, NULL) == CARNET_OK) {
        note(w, "text converted to full-date");
        carnet_cbor_add_full_date(b, date);
        return CARNET_OK;
    }
    if (definition->type == CARNET_ELEMENT_TDATE || definition->type == CARNET_ELEMENT_DATE) {
        if (carnet_time_parse(text, &time, &oddities, NULL) == CARNET_OK) {
            note(w, oddities & CARNET_TIME_FRACTION ? "text converted to tdate, fraction of a second dropped"
                                                    : "text converted to tdate");
            carnet_cbor_add_tdate(b, time);
            return CARNET_OK;
        }
    }
    return carnet_claim_refuse(w, CARNET_E_DOCTYPE_ELEMENT, carnet_element_type_text(definition->type));
}

static bool
is_date(const carnet_element_definition *definition)
{
    return definition != NULL &&
           (definition->type == CARNET_ELEMENT_FULL_DATE || definition->type == CARNET_ELEMENT_TDATE ||
            definition->type == CARNET_ELEMENT_DATE || definition->type == CARNET_ELEMENT_BIRTH_DATE);
}

static bool
is_bytes(const carnet_element_definition *definition)
{
    return definition != NULL &&
           (definition->type == CARNET_ELEMENT_BYTES || definition->type == CARNET_ELEMENT_IMAGE ||
            definition->type == CARNET_ELEMENT_TEMPLATE);
}

static carnet_rc
write_string(carnet_claim_writer *w, const carnet_element_definition *definition, const carnet_json *value,
             carnet_cbor_builder *b)
{
    carnet_str text = carnet_json_string(value);

    if (is_date(definition)) {
        return write_date(w, definition, text, b);
    }
    if (is_bytes(definition)) {
        note(w, "base64 text converted to bytes");
        return write_bytes(w, value, b, "$base64");
    }
    carnet_cbor_add_tstr(b, text);
    return CARNET_OK;
}

carnet_rc
carnet_claim_write(carnet_claim_writer *w, const carnet_element_definition *definition, const carnet_json *value,
                   carnet_cbor_builder *b)
{
    switch (carnet_json_type_of(value)) {
    case CARNET_JSON_OBJECT:
        return write_object(w, definition, value, b);
    case CARNET_JSON_ARRAY:
        return write_array(w, definition, value, b);
    case CARNET_JSON_STRING:
        return write_string(w, definition, value, b);
    case CARNET_JSON_INTEGER:
        carnet_cbor_add_int(b, carnet_json_integer(value));
        return CARNET_OK;
    case CARNET_JSON_REAL:
        carnet_cbor_add_double(b, carnet_json_real(value));
        return CARNET_OK;
    case CARNET_JSON_BOOL:
        carnet_cbor_add_bool(b, carnet_json_bool(value));
        return CARNET_OK;
    case CARNET_JSON_NULL:
        return carnet_claim_refuse(w, CARNET_E_DOCTYPE_ELEMENT, "a claim must have a value");
    case CARNET_JSON_NONE:
        break;
    }
    return carnet_claim_refuse(w, CARNET_E_DOCTYPE_ELEMENT, "a tagged claim lacks its value");
}
