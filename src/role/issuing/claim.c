/* SPDX-License-Identifier: Apache-2.0 */
/* One claim: from JSON to the CBOR its definition demands. */
#include "internal.h"

#include <string.h>

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

/** Append the bytes that a text of this kind stands for. */
static carnet_rc
decode(const carnet_claim_writer *w, const char *kind, carnet_str text, carnet_buf *out, carnet_err *err)
{
    carnet_rc rc;

    if (carnet_str_is(carnet_str_of(kind), "$hex")) {
        return carnet_hex_decode(text, out, err);
    }
    if (carnet_str_is(carnet_str_of(kind), "$bstr")) {
        return w->options->file != NULL ? w->options->file(w->options->self, text, out, err)
                                        : carnet_fail(err, CARNET_E_DOCTYPE_ELEMENT, NULL, "files are not read here");
    }
    rc = carnet_base64_decode(text, out, err);
    if (rc == CARNET_E_BASE64 && memchr(text.ptr, '+', text.len) == NULL && memchr(text.ptr, '/', text.len) == NULL) {
        rc = carnet_base64url_decode(text, out, err);
    }
    return rc;
}

/** Append a byte string whose content is decoded into the builder's own room. */
static carnet_rc
write_bytes(carnet_claim_writer *w, carnet_str text, carnet_cbor_builder *b, const char *kind)
{
    carnet_cbor_open_bstr open = carnet_cbor_bstr_begin(b, text.len);
    carnet_buf rest =
        b->ptr != NULL && b->rc == CARNET_OK ? carnet_buf_of(b->ptr + b->len, b->cap - b->len) : carnet_buf_of(NULL, 0);
    carnet_err why = { 0 };
    carnet_rc rc = decode(w, kind, text, &rest, &why);

    if (rest.overflow || rc == CARNET_E_NO_SPACE) {
        return carnet_claim_refuse(w, CARNET_E_NO_SPACE, "the bytes do not fit");
    }
    if (rc != CARNET_OK) {
        return carnet_claim_refuse(w, rc, why.reason);
    }
    b->len += rest.len;
    carnet_cbor_bstr_end(b, open);
    return CARNET_OK;
}

/** A tagged item must be of the type its tag demands, where the tag is one of ours (RFC 8949 3.4, RFC 8943). */
static carnet_rc
write_tagged(carnet_claim_writer *w, const carnet_json *object, carnet_cbor_builder *b)
{
    static const carnet_element_definition full_date = { "", CARNET_ELEMENT_FULL_DATE, CARNET_OPTIONAL, 0, NULL };
    static const carnet_element_definition tdate = { "", CARNET_ELEMENT_TDATE, CARNET_OPTIONAL, 0, NULL };
    const carnet_json *tag = carnet_json_get(object, "$tag"), *value = carnet_json_get(object, "value");
    const carnet_element_definition *demanded;
    size_t begin = b->len;
    carnet_rc rc;

    if (carnet_json_type_of(tag) != CARNET_JSON_INTEGER || carnet_json_integer(tag) < 0 ||
        carnet_json_count(object) != 2 || value == NULL) {
        return carnet_claim_refuse(w, CARNET_E_DOCTYPE_ELEMENT, "a tagged claim is not {\"$tag\": n, \"value\": v}");
    }
    carnet_cbor_add_tag(b, (uint64_t)carnet_json_integer(tag));
    rc = carnet_claim_write(w, NULL, value, b);
    if (rc != CARNET_OK || b->rc != CARNET_OK) {
        return rc;
    }
    demanded = carnet_json_integer(tag) == 0 ? &tdate : carnet_json_integer(tag) == 1004 ? &full_date : NULL;
    if (demanded != NULL &&
        carnet_element_check(demanded, carnet_span_of(b->ptr + begin, b->len - begin), NULL) != CARNET_OK) {
        return carnet_claim_refuse(w, CARNET_E_DOCTYPE_ELEMENT, carnet_element_type_text(demanded->type));
    }
    if (carnet_json_integer(tag) == 24 && b->ptr[begin + 2] >> 5 != 2) {
        return carnet_claim_refuse(w, CARNET_E_DOCTYPE_ELEMENT, "tag 24 is for bytes");
    }
    return CARNET_OK;
}

/** {"$tag": n, "value": v}, {"$bstr": ...}, {"$hex": ...}, {"$base64": ...}; *special says whether it was one.  No other
 *  member begins with a dollar sign. */
static carnet_rc
write_special(carnet_claim_writer *w, const carnet_json *value, carnet_cbor_builder *b, bool *special)
{
    static const char *const kinds[] = { "$bstr", "$hex", "$base64" };
    carnet_json_member member = { 0 };

    *special = false;
    while (!*special && carnet_json_next(value, &member)) {
        *special = carnet_str_starts(member.name, "$");
    }
    if (!*special) {
        return CARNET_OK;
    }
    if (carnet_json_get(value, "$tag") != NULL) {
        return write_tagged(w, value, b);
    }
    for (size_t i = 0; i < CARNET_COUNT(kinds); i++) {
        const carnet_json *text = carnet_json_get(value, kinds[i]);

        if (carnet_json_type_of(text) == CARNET_JSON_STRING && carnet_json_count(value) == 1) {
            return write_bytes(w, carnet_json_string(text), b, kinds[i]);
        }
    }
    return carnet_claim_refuse(w, CARNET_E_DOCTYPE_ELEMENT,
                               "a member with a dollar sign is none of $tag, $bstr, $hex and $base64, or not alone");
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

/** Text to the date it stands for.  A day is not made a moment, nor a moment a day. */
static carnet_rc
write_date(carnet_claim_writer *w, const carnet_element_definition *definition, carnet_str text, carnet_cbor_builder *b)
{
    bool day = definition->type != CARNET_ELEMENT_TDATE;
    bool moment = definition->type == CARNET_ELEMENT_TDATE || definition->type == CARNET_ELEMENT_DATE;
    carnet_date date;
    carnet_time time;
    unsigned oddities = 0;

    if (day && carnet_date_parse(text, &date, NULL) == CARNET_OK) {
        note(w, "text converted to full-date");
        carnet_cbor_add_full_date(b, date);
        return CARNET_OK;
    }
    if (moment && carnet_time_parse(text, &time, &oddities, NULL) == CARNET_OK && !(oddities & CARNET_TIME_DATE_ONLY)) {
        note(w, oddities & CARNET_TIME_FRACTION ? "text converted to tdate, fraction of a second dropped"
                : oddities & CARNET_TIME_OFFSET ? "text converted to tdate in UTC"
                                                : "text converted to tdate");
        carnet_cbor_add_tdate(b, time);
        return CARNET_OK;
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
        return write_bytes(w, text, b, "$base64");
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
