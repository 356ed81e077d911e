/* SPDX-License-Identifier: Apache-2.0 */
/* A specification's file: what its elements have other than the built-in table. */
#include "internal.h"

#include <string.h>

static const carnet_json_rule element_rules[] = {
    { "name", CARNET_JSON_STRING, false },    { "type", CARNET_JSON_STRING, false },
    { "max", CARNET_JSON_INTEGER, false },    { "min", CARNET_JSON_INTEGER, false },
    { "width", CARNET_JSON_INTEGER, false },  { "prefix", CARNET_JSON_STRING, false },
    { "unit", CARNET_JSON_STRING, false },    { "encoding", CARNET_JSON_STRING, false },
    { "pad", CARNET_JSON_STRING, false },     { "fill", CARNET_JSON_STRING, false },
    { "spaces", CARNET_JSON_STRING, false },  { "sign", CARNET_JSON_STRING, false },
    { "sensitive", CARNET_JSON_BOOL, false }, { "strict", CARNET_JSON_BOOL, false },
    { "inside", CARNET_JSON_OBJECT, false },
};

/* A flag of a field, set by a word of two or by a truth. */
static void
flag_word(spec_reading *r, const carnet_json *v, const carnet_path *path, const char *member, uint8_t flag,
          carnet_iso8583_field *field)
{
    uint8_t side = (field->flags & flag) != 0;

    carnet_spec_word(r, v, path, member, WORDS_SIDE, &side);
    field->flags = (uint8_t)(side != 0 ? field->flags | flag : field->flags & ~(unsigned)flag);
}

static void
flag_bool(spec_reading *r, const carnet_json *v, const char *member, uint8_t flag, carnet_iso8583_field *field)
{
    bool set = (field->flags & flag) != 0;

    carnet_spec_bool(r, v, member, &set);
    field->flags = (uint8_t)(set ? field->flags | flag : field->flags & ~(unsigned)flag);
}

/* Digits of the prefix that the flavour's field was made for. */
static uint8_t
width_of(const carnet_iso8583_field *field)
{
    return field->prefix == CARNET_ISO8583_FIXED ? 0 : field->width;
}

/* What the flavour has for an element of this type, length and prefix. */
static void
begin_field(spec_reading *r, const carnet_json *v, const carnet_path *path, const carnet_iso8583_flavour *flavour,
            carnet_iso8583_field *field)
{
    uint8_t type = field->type, width = width_of(field);
    uint64_t max = field->max;
    const char *name = carnet_spec_text(r, v, "name");
    carnet_iso8583_field begun;

    carnet_spec_word(r, v, path, "type", WORDS_TYPE, &type);
    carnet_spec_octet(r, v, path, "width", 6, &width);
    carnet_spec_number(r, v, path, "max", 1, CARNET_ISO8583_MAX_LIMIT, &max);
    if (type == CARNET_ISO8583_NONE && r->rc == CARNET_OK)
        carnet_spec_blame(r, path, "type", "an element that the version lacks needs a type and a length");
    begun = *field;
    if (type != field->type || carnet_json_get(v, "width") != NULL)
        begun = carnet_iso8583_field_of(flavour, (carnet_iso8583_type)type, width, (uint16_t)max, field->name);
    begun.flags |= field->flags & CARNET_ISO8583_SENSITIVE;
    begun.max = (uint16_t)max;
    begun.name = name != NULL ? name : field->name;
    *field = begun;
}

static void
element(spec_reading *r, const carnet_json *v, const carnet_path *path, unsigned depth,
        const carnet_iso8583_flavour *flavour, carnet_iso8583_field *field)
{
    const carnet_json *inside = carnet_json_get(v, "inside"), *sign = carnet_json_get(v, "sign");
    const carnet_path within = { .up = path, .name = carnet_str_of("inside") };
    uint8_t fill;
    uint64_t min;

    if (carnet_json_type_of(v) == CARNET_JSON_NULL) {
        *field = (carnet_iso8583_field){ 0 };
        return;
    }
    r->rc = carnet_json_check(v, element_rules, CARNET_COUNT(element_rules), CARNET_E_ISO8583_FILE, path, r->err);
    if (r->rc != CARNET_OK)
        return;
    begin_field(r, v, path, flavour, field);
    fill = field->fill / 15;
    min = field->min;
    carnet_spec_number(r, v, path, "min", 0, CARNET_ISO8583_MAX_LIMIT, &min);
    carnet_spec_word(r, v, path, "prefix", WORDS_PREFIX, &field->prefix);
    carnet_spec_octet(r, v, path, "width", 6, &field->width);
    carnet_spec_word(r, v, path, "unit", WORDS_UNIT, &field->unit);
    carnet_spec_word(r, v, path, "encoding", WORDS_ENCODING, &field->encoding);
    carnet_spec_word(r, v, path, "fill", WORDS_FILL, &fill);
    flag_word(r, v, path, "pad", CARNET_ISO8583_BCD_RIGHT, field);
    if (carnet_json_get(v, "spaces") != NULL) {
        flag_word(r, v, path, "spaces", CARNET_ISO8583_TEXT_RIGHT, field);
        field->flags ^= CARNET_ISO8583_TEXT_RIGHT; /* the word says where the spaces go: left is TEXT_RIGHT */
    }
    if (sign != NULL)
        field->flags = (uint8_t)(carnet_str_is(carnet_json_string(sign), "ebcdic")
                                     ? field->flags | CARNET_ISO8583_SIGN_EBCDIC
                                     : field->flags & ~(unsigned)CARNET_ISO8583_SIGN_EBCDIC);
    flag_bool(r, v, "sensitive", CARNET_ISO8583_SENSITIVE, field);
    flag_bool(r, v, "strict", CARNET_ISO8583_STRICT, field);
    field->min = (uint16_t)min;
    field->fill = fill * 15;
    if (inside != NULL)
        field->composite = carnet_spec_composite(r, inside, &within, depth);
}

/* The number that a member's name is; 0 if it is none of an element. */
static unsigned
element_number(carnet_str name)
{
    unsigned number = 0;

    if (name.len == 0 || name.len > 3 || name.ptr[0] == '0')
        return 0;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] < '0' || name.ptr[i] > '9')
            return 0;
        number = 10 * number + (unsigned)(name.ptr[i] - '0');
    }
    return number < CARNET_ISO8583_ELEMENTS ? number : 0;
}

static void
elements(spec_reading *r, const carnet_json *object, const carnet_path *up, unsigned depth, carnet_iso8583_spec *spec)
{
    const carnet_path path = { .up = up, .name = carnet_str_of("elements") };
    carnet_json_member member = { 0 };

    if (object != NULL && carnet_json_type_of(object) != CARNET_JSON_OBJECT)
        carnet_spec_blame(r, &path, NULL, "this must be an object");
    while (r->rc == CARNET_OK && object != NULL && carnet_json_next(object, &member)) {
        const carnet_path step = { .up = &path, .name = member.name };
        const unsigned number = element_number(member.name);

        if (number == 0)
            carnet_spec_blame(r, &step, NULL, "this is no number of a data element");
        else
            element(r, member.value, &step, depth, &spec->flavour, &spec->fields[number]);
    }
}

/* An object with members of a specification only; the outermost has a name and frames, too, and must have a version. */
static void
members_check(spec_reading *r, const carnet_json *object, const carnet_path *path, unsigned depth)
{
    static const char *const members[] = { "version", "flavour", "elements", "name", "framing" };
    carnet_json_member member = { 0 };

    if (carnet_json_type_of(object) != CARNET_JSON_OBJECT) {
        carnet_spec_blame(r, path, NULL, "this must be an object");
        return;
    }
    while (r->rc == CARNET_OK && carnet_json_next(object, &member)) {
        const carnet_path step = { .up = path, .name = member.name };
        size_t i = 0;

        while (i < CARNET_COUNT(members) && !carnet_str_is(member.name, members[i]))
            i++;
        if (i >= (depth > 0 ? 3 : CARNET_COUNT(members)))
            carnet_spec_blame(r, &step, NULL, "there is no such member");
        else if (i == 3 && carnet_json_type_of(member.value) != CARNET_JSON_STRING)
            carnet_spec_blame(r, &step, NULL, "this is of another JSON type");
    }
    if (depth == 0 && carnet_json_get(object, "version") == NULL)
        carnet_spec_blame(r, path, "version", "this member is missing");
}

void
carnet_spec_fill(spec_reading *r, const carnet_json *object, const carnet_path *path, unsigned depth,
                 carnet_iso8583_spec *spec)
{
    const carnet_path step = { .up = path, .name = carnet_str_of("flavour") };
    carnet_iso8583_flavour flavour = spec->flavour;
    const bool no_mti = flavour.no_mti;
    const uint8_t secondary = flavour.secondary;
    uint8_t version = (uint8_t)spec->version;

    members_check(r, object, path, depth);
    carnet_spec_word(r, object, path, "version", WORDS_VERSION, &version);
    carnet_spec_flavour(r, carnet_json_get(object, "flavour"), &step, &flavour);
    flavour.no_mti = no_mti;
    if (no_mti && carnet_json_get(carnet_json_get(object, "flavour"), "secondary") == NULL)
        flavour.secondary = secondary;
    if (r->rc == CARNET_OK)
        r->rc = carnet_iso8583_spec_init(spec, (carnet_iso8583_version)version, &flavour, r->err);
    elements(r, carnet_json_get(object, "elements"), path, depth, spec);
    if (r->rc == CARNET_OK)
        r->rc = carnet_iso8583_spec_ready(spec, r->err);
}

static carnet_rc
read_document(const carnet_json *document, carnet_iso8583_file *file, carnet_err *err)
{
    const carnet_path framing = { .name = carnet_str_of("framing") };
    spec_reading r = { .file = file, .err = err, .rc = CARNET_OK };
    const char *name;

    name = carnet_spec_text(&r, document, "name");
    file->name = name != NULL ? name : "";
    file->spec.flavour = carnet_iso8583_flavour_ascii();
    carnet_spec_fill(&r, document, NULL, 0, &file->spec);
    if (r.rc == CARNET_OK)
        carnet_spec_framing(&r, carnet_json_get(document, "framing"), &framing);
    return r.rc;
}

carnet_rc
carnet_iso8583_file_read(carnet_str text, carnet_iso8583_file *file, carnet_err *err)
{
    carnet_json *document;
    carnet_rc rc = carnet_json_parse(text, &document, err);

    memset(file, 0, sizeof *file);
    file->name = "";
    if (rc == CARNET_OK)
        rc = read_document(document, file, err);
    carnet_json_free(&document);
    if (rc != CARNET_OK) {
        memset(file, 0, sizeof *file);
        file->name = "";
    }
    return rc;
}
