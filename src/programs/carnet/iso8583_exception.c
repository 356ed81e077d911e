/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: single elements that are not written, or not laid out, as their version and flavour say. */
#include "iso8583.h"

#include <string.h>

static const char *const writings[ISO_AS_LAYOUT] = { "ascii", "bcd",          "bcd-right",  "hex",          "raw",
                                                     "text",  "ascii-length", "bcd-length", "binary-length" };
static const char *const types[] = { "", "n", "a", "an", "as", "ns", "ans", "z", "xn", "b" };

/** A length prefix of another kind, as wide as the longest value needs. */
static bool
measure_otherwise(carnet_iso8583_field *field, iso_writing writing)
{
    if (field->prefix == CARNET_ISO8583_FIXED) {
        return false;
    }
    field->prefix = writing == ISO_AS_BINARY_LENGTH ? CARNET_ISO8583_PREFIX_BINARY
                    : writing == ISO_AS_BCD_LENGTH  ? CARNET_ISO8583_PREFIX_BCD
                                                    : CARNET_ISO8583_PREFIX_ASCII;
    field->width = writing == ISO_AS_BINARY_LENGTH ? (field->max > 255 ? 2 : 1)
                   : field->max > 999              ? 4
                   : field->max > 99               ? 3
                                                   : 2;
    return true;
}

static bool
write_otherwise(carnet_iso8583_field *field, const carnet_iso8583_flavour *flavour, iso_writing writing)
{
    const bool octets = field->type == CARNET_ISO8583_B;

    field->flags &= (uint8_t)~CARNET_ISO8583_BCD_RIGHT;
    switch (writing) {
    case ISO_AS_ASCII:
        field->encoding = octets ? CARNET_ISO8583_HEX : CARNET_ISO8583_ASCII;
        return true;
    case ISO_AS_BCD:
    case ISO_AS_BCD_RIGHT:
        if (writing == ISO_AS_BCD_RIGHT) {
            field->flags |= CARNET_ISO8583_BCD_RIGHT;
        }
        if (field->type != CARNET_ISO8583_Z && field->type != CARNET_ISO8583_XN) {
            field->type = CARNET_ISO8583_N;
        }
        field->encoding = CARNET_ISO8583_BCD;
        return !octets;
    case ISO_AS_TEXT:
        field->type = CARNET_ISO8583_ANS;
        field->encoding = flavour->text;
        return !octets;
    default:
        field->type = CARNET_ISO8583_B;
        field->encoding = writing == ISO_AS_HEX ? CARNET_ISO8583_HEX : CARNET_ISO8583_RAW;
        return true;
    }
}

bool
iso_except(carnet_iso8583_spec *spec, const iso_exception *one)
{
    carnet_iso8583_field *field = &spec->fields[one->element];
    const uint8_t secret = field->flags & CARNET_ISO8583_SENSITIVE;

    if (one->writing == ISO_AS_LAYOUT) {
        *field =
            carnet_iso8583_field_of(&spec->flavour, (carnet_iso8583_type)one->type, one->width, one->max, field->name);
        field->flags |= secret;
        return true;
    }
    if (field->max == 0) {
        return false;
    }
    return one->writing >= ISO_AS_ASCII_LENGTH ? measure_otherwise(field, (iso_writing)one->writing)
                                               : write_otherwise(field, &spec->flavour, (iso_writing)one->writing);
}

/* --- by name --- */

/** "ans16", "n..11", "b...999": a type, a dot for each digit of the length prefix, the longest. */
static bool
take_layout(carnet_str text, iso_exception *one)
{
    size_t letters = 0, at;

    while (letters < text.len && text.ptr[letters] >= 'a' && text.ptr[letters] <= 'z') {
        letters++;
    }
    *one = (iso_exception){ .writing = ISO_AS_LAYOUT };
    for (size_t i = 1; i < CARNET_COUNT(types); i++) {
        if (carnet_str_is((carnet_str){ text.ptr, letters }, types[i])) {
            one->type = (uint8_t)i;
        }
    }
    for (at = letters; at < text.len && text.ptr[at] == '.'; at++) {
        one->width++;
    }
    if (one->type == 0 || one->width > 6 || at == text.len || text.len - at > 4) {
        return false;
    }
    for (; at < text.len; at++) {
        if (text.ptr[at] < '0' || text.ptr[at] > '9') {
            return false;
        }
        one->max = (uint16_t)(one->max * 10 + text.ptr[at] - '0');
    }
    return one->max > 0;
}

bool
iso_exception_take(carnet_str text, iso_exception *one)
{
    carnet_str number, writing;

    if (!iso_halves(text, &number, &writing)) {
        return false;
    }
    if (!take_layout(writing, one)) {
        for (one->writing = 0; one->writing < ISO_AS_LAYOUT; one->writing++) {
            if (carnet_str_is(writing, writings[one->writing])) {
                break;
            }
        }
        if (one->writing == ISO_AS_LAYOUT) {
            return false;
        }
    }
    one->element = (uint8_t)iso_element(number);
    return true;
}

void
iso_exception_write(const iso_exception *one, carnet_buf *out)
{
    carnet_buf_add_byte(out, '+');
    carnet_buf_add_uint(out, one->element);
    carnet_buf_add_byte(out, '=');
    if (one->writing != ISO_AS_LAYOUT) {
        carnet_buf_add_text(out, writings[one->writing]);
        return;
    }
    carnet_buf_add_text(out, types[one->type]);
    for (unsigned i = 0; i < one->width; i++) {
        carnet_buf_add_byte(out, '.');
    }
    carnet_buf_add_uint(out, one->max);
}

/* --- what is met --- */

/** Elements of fixed length that some networks lay out otherwise. */
static const struct {
    uint8_t element;
    const char *layout;
} layouts[] = {
    { 12, "n12" }, { 13, "n6" },      { 13, "n8" },       { 22, "n4" },       { 22, "an12" }, { 28, "n8" },
    { 39, "n3" },  { 41, "ans16" },   { 41, "ans15" },    { 43, "ans..99" },  { 53, "b8" },   { 53, "b..48" },
    { 53, "b48" }, { 54, "ans..99" }, { 90, "ans...42" }, { 95, "ans...42" },
};

static void
add(iso_exception *list, size_t *count, const iso_exception *one, unsigned element)
{
    if (*count < ISO_REPAIRS_MAX) {
        list[*count] = *one;
        list[(*count)++].element = (uint8_t)element;
    }
}

/** The same with a length prefix of another width. */
static void
add_widths(iso_exception *list, size_t *count, const carnet_iso8583_field *field, unsigned element)
{
    static const struct {
        uint8_t width;
        uint16_t max;
    } widths[] = { { 2, 99 }, { 3, 999 }, { 4, 9999 }, { 6, 8192 } };

    for (size_t i = 0; i < CARNET_COUNT(widths) && field->prefix != CARNET_ISO8583_FIXED; i++) {
        if (widths[i].width != field->width) {
            add(list, count,
                &(iso_exception){
                    .writing = ISO_AS_LAYOUT, .type = field->type, .width = widths[i].width, .max = widths[i].max },
                element);
        }
    }
}

size_t
iso_repairs(const carnet_iso8583_field *field, unsigned element, iso_exception list[ISO_REPAIRS_MAX])
{
    size_t count = 0;
    iso_exception one;

    static const uint8_t likely[] = { ISO_AS_ASCII,        ISO_AS_BCD,        ISO_AS_BCD_RIGHT,
                                      ISO_AS_TEXT,         ISO_AS_RAW,        ISO_AS_HEX,
                                      ISO_AS_ASCII_LENGTH, ISO_AS_BCD_LENGTH, ISO_AS_BINARY_LENGTH };

    for (size_t i = 0; i < CARNET_COUNT(likely); i++) {
        if (likely[i] < ISO_AS_ASCII_LENGTH || field->prefix != CARNET_ISO8583_FIXED) {
            add(list, &count, &(iso_exception){ .writing = likely[i] }, element);
        }
    }
    for (size_t i = 0; i < CARNET_COUNT(layouts); i++) {
        if (layouts[i].element == element && take_layout(carnet_str_of(layouts[i].layout), &one)) {
            add(list, &count, &one, element);
        }
    }
    add_widths(list, &count, field, element);
    return count;
}
