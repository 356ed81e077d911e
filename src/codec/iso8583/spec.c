/* SPDX-License-Identifier: Apache-2.0 */
/* Specifications: filled from a table, checked, and compiled to steps. */
#include "internal.h"

static carnet_rc
refuse(carnet_err *err, unsigned element, const char *reason)
{
    return carnet_iso8583_fail(err, CARNET_E_ISO8583_SPEC, element, CARNET_NO_OFFSET, reason);
}

static bool
is_character(uint8_t encoding)
{
    return encoding <= CARNET_ISO8583_CP1047;
}

static bool
is_number(uint8_t encoding)
{
    return encoding <= CARNET_ISO8583_BCD;
}

static bool
is_binary(uint8_t encoding)
{
    return encoding == CARNET_ISO8583_RAW || carnet_iso8583_is_hex(encoding);
}

/* True if a type can be written so. */
static bool
writable(uint8_t type, uint8_t encoding)
{
    if (type == CARNET_ISO8583_B)
        return is_binary(encoding);
    if (type == CARNET_ISO8583_N || type == CARNET_ISO8583_Z || type == CARNET_ISO8583_XN)
        return is_number(encoding);
    return is_character(encoding);
}

static const char *
prefix_wrong(const carnet_iso8583_field *field)
{
    unsigned limit = field->prefix == CARNET_ISO8583_PREFIX_BINARY ? 3 : 6;

    if (field->prefix > CARNET_ISO8583_PREFIX_BER || field->unit > CARNET_ISO8583_NIBBLES)
        return "the kind of length prefix is not known";
    if (field->prefix == CARNET_ISO8583_FIXED)
        return NULL;
    if (field->prefix != CARNET_ISO8583_PREFIX_BER && (field->width == 0 || field->width > limit))
        return "the length prefix is too narrow or too wide";
    if (carnet_iso8583_prefix_size(field, carnet_iso8583_count(field, field->max)) == 0)
        return "the longest value does not fit the length prefix";
    return field->min > field->max ? "the shortest value is longer than the longest" : NULL;
}

static const char *
composite_wrong(const carnet_iso8583_field *field)
{
    const carnet_iso8583_composite *inside = field->composite;

    if (inside == NULL)
        return NULL;
    if (inside->kind > CARNET_ISO8583_TLV)
        return "the kind of structure is not known";
    if (inside->kind == CARNET_ISO8583_NESTED && (inside->nested == NULL || !inside->nested->ready))
        return "the specification of what is inside is not ready";
    if (field->encoding != CARNET_ISO8583_ASCII && field->encoding != CARNET_ISO8583_RAW &&
        field->max > CARNET_ISO8583_COMPOSITE)
        return "a structure in characters that are no ASCII is too long";
    return NULL;
}

static const char *
field_wrong(const carnet_iso8583_field *field)
{
    const char *wrong;

    if (field->type == CARNET_ISO8583_NONE)
        return NULL;
    if (field->type > CARNET_ISO8583_B || !writable(field->type, field->encoding))
        return "the type is not written in this encoding";
    if (field->max == 0)
        return "there is no longest value";
    if (field->fill != 0 && field->fill != 15)
        return "BCD is padded with 0 or 15";
    if ((wrong = prefix_wrong(field)) != NULL)
        return wrong;
    return composite_wrong(field);
}

static uint8_t
check_of(const carnet_iso8583_field *field)
{
    bool strict = field->flags & CARNET_ISO8583_STRICT;

    if (field->composite != NULL)
        return CHECK_OTHER;
    if (field->encoding == CARNET_ISO8583_RAW)
        return CHECK_NONE;
    if (field->encoding == CARNET_ISO8583_BCD && field->type == CARNET_ISO8583_N &&
        field->prefix == CARNET_ISO8583_FIXED && field->max % 2 == 0)
        return CHECK_PAIRS;
    if (field->encoding != CARNET_ISO8583_ASCII || field->type == CARNET_ISO8583_XN)
        return CHECK_OTHER;
    if (field->type == CARNET_ISO8583_N)
        return CHECK_DIGITS;
    return strict && field->type != CARNET_ISO8583_ANS ? CHECK_OTHER : CHECK_PRINTABLE;
}

static carnet_iso8583_step
compiled(const carnet_iso8583_field *field)
{
    bool plain = field->encoding == CARNET_ISO8583_ASCII || field->encoding == CARNET_ISO8583_RAW;
    bool quick = plain && field->prefix == CARNET_ISO8583_PREFIX_ASCII && field->min == 0 &&
                 field->unit != CARNET_ISO8583_NIBBLES;
    carnet_iso8583_step step = { .limit = field->max, .check = check_of(field), .read = READ_OTHER };

    if (field->type == CARNET_ISO8583_NONE)
        return (carnet_iso8583_step){ 0 };
    if (field->prefix == CARNET_ISO8583_FIXED) {
        step.read = READ_FIXED;
        step.size = (uint16_t)carnet_iso8583_wire_size(field, field->max);
    } else if (quick && (field->width == 2 || field->width == 3)) {
        step.read = field->width == 2 ? READ_LL : READ_LLL;
    }
    /* The quick writers take texts: what is checked as text and written as it is. */
    step.write = WRITE_OTHER;
    if (step.check == CHECK_DIGITS || step.check == CHECK_PRINTABLE)
        step.write = step.read == READ_FIXED ? WRITE_FIXED
                     : step.read == READ_LL  ? WRITE_LL
                     : step.read == READ_LLL ? WRITE_LLL
                                             : WRITE_OTHER;
    if (step.check == CHECK_NONE && step.read == READ_FIXED)
        step.write = WRITE_OCTETS;
    return step;
}

static const char *
flavour_wrong(const carnet_iso8583_flavour *f)
{
    if (!is_number(f->mti))
        return "the message type indicator is not written so";
    if (f->bitmap > CARNET_ISO8583_BITMAP_HEX_EBCDIC || f->secondary > CARNET_ISO8583_SECONDARY_NEVER ||
        f->tertiary > CARNET_ISO8583_TERTIARY_AT_65)
        return "the kind of bitmap is not known";
    if (f->tertiary != CARNET_ISO8583_TERTIARY_NEVER && f->secondary == CARNET_ISO8583_SECONDARY_NEVER)
        return "a tertiary bitmap needs a secondary one";
    if (f->header > CARNET_ISO8583_HEADER_MAX)
        return "the header is too long";
    return NULL;
}

carnet_rc
carnet_iso8583_spec_ready(carnet_iso8583_spec *spec, carnet_err *err)
{
    const char *wrong = flavour_wrong(&spec->flavour);

    spec->ready = false;
    if (wrong != NULL)
        return carnet_fail(err, CARNET_E_ISO8583_SPEC, NULL, wrong);
    for (unsigned i = 1; i < CARNET_ISO8583_ELEMENTS; i++) {
        if ((wrong = field_wrong(&spec->fields[i])) != NULL)
            return refuse(err, i, wrong);
        spec->steps[i] = compiled(&spec->fields[i]);
    }
    spec->ready = true;
    return CARNET_OK;
}

static uint8_t
encoding_of(const carnet_iso8583_flavour *flavour, carnet_iso8583_type type, bool variable)
{
    switch (type) {
    case CARNET_ISO8583_N:
    case CARNET_ISO8583_XN:
        return flavour->number;
    case CARNET_ISO8583_Z:
        return flavour->track;
    case CARNET_ISO8583_B:
        return variable ? flavour->variable_binary : flavour->binary;
    default:
        return flavour->text;
    }
}

carnet_iso8583_field
carnet_iso8583_field_of(const carnet_iso8583_flavour *flavour, carnet_iso8583_type type, uint8_t width, uint16_t max,
                        const char *name)
{
    bool number = type == CARNET_ISO8583_N || type == CARNET_ISO8583_Z, variable = width > 0;
    carnet_iso8583_field field = { .name = name, .max = max, .type = (uint8_t)type, .width = width };

    field.encoding = encoding_of(flavour, type, variable);
    field.prefix = variable ? flavour->prefix : CARNET_ISO8583_FIXED;
    field.unit = number ? flavour->number_unit : flavour->text_unit;
    field.fill = variable ? flavour->variable_fill : flavour->fixed_fill;
    if (variable ? flavour->variable_right : flavour->fixed_right)
        field.flags |= CARNET_ISO8583_BCD_RIGHT;
    if (flavour->strict)
        field.flags |= CARNET_ISO8583_STRICT;
    if (carnet_iso8583_is_ebcdic(flavour->text))
        field.flags |= CARNET_ISO8583_SIGN_EBCDIC;
    if (variable && flavour->prefix == CARNET_ISO8583_PREFIX_BINARY)
        field.width = width > 2 && flavour->prefix_octets != 1 ? 2 : 1;
    if (variable && flavour->prefix == CARNET_ISO8583_PREFIX_BINARY && flavour->prefix_octets == 1 && max > 255)
        field.max = 255;
    return field;
}

/* The type of a row in this flavour.  Currency codes are letters or digits, and some write digits.  The original data elements of 1993 are digits, but peers that write characters are
   seen to put others there. */
static carnet_iso8583_type
type_in(const carnet_iso8583_flavour *flavour, carnet_iso8583_version version, unsigned element, uint8_t type)
{
    bool currency = element >= 49 && element <= 51 && version != CARNET_ISO8583_2003;
    bool loose = version == CARNET_ISO8583_1993 && element == 56 && !flavour->strict;

    if (currency && flavour->currency_number)
        return CARNET_ISO8583_N;
    return loose && is_character(flavour->number) ? CARNET_ISO8583_ANS : (carnet_iso8583_type)type;
}

carnet_rc
carnet_iso8583_spec_init(carnet_iso8583_spec *spec, carnet_iso8583_version version,
                         const carnet_iso8583_flavour *flavour, carnet_err *err)
{
    static const carnet_iso8583_row *const tables[] = { carnet_iso8583_rows_1987, carnet_iso8583_rows_1993,
                                                        carnet_iso8583_rows_2003, NULL };

    memset(spec, 0, sizeof *spec);
    if (version > CARNET_ISO8583_EMPTY)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "no such version of ISO 8583");
    spec->version = version;
    spec->flavour = *flavour;
    if (version == CARNET_ISO8583_EMPTY)
        return carnet_iso8583_spec_ready(spec, err);
    for (unsigned i = 2; i < CARNET_ISO8583_BASE; i++) {
        const carnet_iso8583_row *row = &tables[version][i];

        spec->fields[i] =
            carnet_iso8583_field_of(flavour, type_in(flavour, version, i, row->type), row->width, row->max, row->name);
        spec->fields[i].flags |= row->flags;
        /* Who packs track 2 still writes track 3, which may have letters, in characters. */
        if (i == 36 && flavour->track == CARNET_ISO8583_BCD) {
            spec->fields[i].encoding = flavour->text;
            spec->fields[i].unit = flavour->text_unit;
        }
    }
    return carnet_iso8583_spec_ready(spec, err);
}

const char *
carnet_iso8583_version_text(carnet_iso8583_version version)
{
    static const char *const texts[] = { "1987", "1993", "2003", "" };

    return version < CARNET_COUNT(texts) ? texts[version] : "";
}

const char *
carnet_iso8583_type_text(carnet_iso8583_type type)
{
    static const char *const texts[] = { "", "n", "a", "an", "as", "ns", "ans", "z", "x+n", "b" };

    return type < CARNET_COUNT(texts) ? texts[type] : "";
}

const char *
carnet_iso8583_element_name(const carnet_iso8583_spec *spec, unsigned element)
{
    if (element == 0)
        return "Message type indicator";
    if (element >= CARNET_ISO8583_ELEMENTS || spec->fields[element].name == NULL)
        return element == 1 ? "Secondary bitmap" : "";
    return spec->fields[element].name;
}
