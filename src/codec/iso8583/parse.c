/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing: one walk over the bits of the bitmaps, a step for each. */
#include "internal.h"

typedef struct parser {
    const carnet_iso8583_spec *spec;
    const uint8_t *base, *at, *end;
    carnet_iso8583_message *message;
    carnet_err *err;
    unsigned depth;
} parser;

/* "DE" and the number; the length. */
static size_t
name_of(unsigned element, char name[8])
{
    size_t len = element > 99 ? 5 : element > 9 ? 4 : 3;

    memcpy(name, "DE", 2);
    name[len] = '\0';
    for (size_t i = len; i-- > 2; element /= 10)
        name[i] = (char)('0' + element % 10);
    return len;
}

carnet_rc
carnet_iso8583_fail(carnet_err *err, carnet_rc rc, unsigned element, size_t offset, const char *reason)
{
    char name[8];
    carnet_path path = { .name = { name, name_of(element, name) } };

    return carnet_fail_at(err, rc, NULL, reason, offset, &path);
}

static carnet_rc
refuse(const parser *p, carnet_rc rc, unsigned element, const uint8_t *at, const char *reason)
{
    return carnet_iso8583_fail(p->err, rc, element, (size_t)(at - p->base), reason);
}

/* A value as its structure is written: octets, or characters of ASCII. */
static void
translate(const carnet_iso8583_field *field, const uint8_t *at, size_t length, uint8_t *text)
{
    for (size_t i = 0; i < length; i++) {
        if (field->type != CARNET_ISO8583_B) {
            text[i] = (uint8_t)carnet_iso8583_character(field, at, length, i);
        } else {
            uint8_t high = (uint8_t)carnet_iso8583_character(field, at, length, 2 * i);
            uint8_t low = (uint8_t)carnet_iso8583_character(field, at, length, 2 * i + 1);

            text[i] = (uint8_t)(carnet_iso8583_nibble(high) << 4 | carnet_iso8583_nibble(low));
        }
    }
}

carnet_rc
carnet_iso8583_inside(const carnet_iso8583_field *field, unsigned element, const uint8_t *base, const uint8_t *at,
                      size_t length, unsigned depth, carnet_err *err)
{
    bool plain = field->encoding == CARNET_ISO8583_ASCII || field->encoding == CARNET_ISO8583_RAW;
    uint8_t text[CARNET_ISO8583_COMPOSITE];
    carnet_err within = { 0 };
    char name[8];
    carnet_rc rc;

    if (!plain)
        translate(field, at, length, text);
    rc = carnet_iso8583_composite_within(field->composite, carnet_span_of(plain ? at : text, length), depth + 1,
                                         &within);
    if (rc == CARNET_OK || err == NULL)
        return rc;
    *err = within;
    if (within.offset != CARNET_NO_OFFSET)
        err->offset = (size_t)(at - base) + (plain ? within.offset : 0);
    name_of(element, name);
    carnet_err_within(err, name);
    return rc;
}

/* The checks that are not quick ones, and where a quick one failed. */
static carnet_rc
check_slowly(const parser *p, unsigned element, const uint8_t *at, size_t length)
{
    const carnet_iso8583_field *field = &p->spec->fields[element];
    size_t bad;

    if (!carnet_iso8583_valid(field, at, length, &bad))
        return refuse(p, CARNET_E_ISO8583_CHARACTER, element, at + bad, "this is no character of the element's type");
    return field->composite != NULL && length > 0
               ? carnet_iso8583_inside(field, element, p->base, at, length, p->depth, p->err)
               : CARNET_OK;
}

/* A length prefix of any kind at p->at, which is moved past it. */
static carnet_rc
measure(parser *p, unsigned element, size_t *length)
{
    const carnet_iso8583_field *field = &p->spec->fields[element];
    size_t count, takes = carnet_iso8583_prefix_read(field, p->at, p->end, &count);

    if (takes == 0 && (size_t)(p->end - p->at) < (field->prefix == CARNET_ISO8583_PREFIX_BER ? 3u : field->width))
        return refuse(p, CARNET_E_ISO8583_TRUNCATED, element, p->at, "the length prefix is not all there");
    if (takes == 0)
        return refuse(p, CARNET_E_ISO8583_LENGTH, element, p->at, "this is no length prefix of the element's kind");
    if (!carnet_iso8583_length(field, count, p->at + takes, p->end, length))
        return refuse(p, CARNET_E_ISO8583_LENGTH, element, p->at, "the length counts half an octet");
    if (*length > field->max || *length < field->min)
        return refuse(p, CARNET_E_ISO8583_LENGTH, element, p->at, "the element may not be that long or short");
    p->at += takes;
    return CARNET_OK;
}

/* One element by whatever way its field has. */
static carnet_rc
element_slowly(parser *p, unsigned element, size_t *length, size_t *size)
{
    const carnet_iso8583_step *step = &p->spec->steps[element];
    carnet_rc rc;

    if (step->read == READ_NONE)
        return refuse(p, CARNET_E_ISO8583_ELEMENT, element, p->at, "the specification has no such element");
    if (step->read != READ_FIXED) {
        if ((rc = measure(p, element, length)) != CARNET_OK)
            return rc;
        *size = carnet_iso8583_wire_size(&p->spec->fields[element], *length);
    }
    if (*size > (size_t)(p->end - p->at))
        return refuse(p, CARNET_E_ISO8583_TRUNCATED, element, p->at, "the element is not all there");
    return CARNET_OK;
}

/* Two or three digits at `at`; above any limit if they are none. */
static inline size_t
decimal(const uint8_t *at, size_t width)
{
    unsigned a = at[0] - (unsigned)'0', b = at[1] - (unsigned)'0', c;

    if (width == 2)
        return a > 9 || b > 9 ? SIZE_MAX : 10 * a + b;
    c = at[2] - (unsigned)'0';
    return a > 9 || b > 9 || c > 9 ? SIZE_MAX : 100 * a + 10 * b + c;
}

static inline bool
good(uint8_t check, const uint8_t *at, size_t size)
{
    switch (check) {
    case CHECK_NONE:
        return true;
    case CHECK_DIGITS:
        return carnet_all_digits(at, size);
    case CHECK_PRINTABLE:
        return carnet_all_printable(at, size);
    case CHECK_PAIRS:
        return carnet_all_pairs(at, size);
    default:
        return false;
    }
}

/* The elements of one bitmap, the highest bit being `first`. */
static carnet_rc
elements(parser *p, uint64_t bits, unsigned first)
{
    const carnet_iso8583_step *steps = p->spec->steps;
    carnet_iso8583_place *places = p->message->place;
    const uint8_t *at = p->at, *const base = p->base, *const end = p->end;
    carnet_rc rc;

    while (bits != 0) {
        unsigned bit = (unsigned)__builtin_clzll(bits), element = first + bit;
        const carnet_iso8583_step *step = &steps[element];
        size_t length = step->limit, size = step->size, left = (size_t)(end - at), width = 0;

        bits &= ~(UINT64_C(1) << 63 >> bit);
        if (step->read == READ_LL || step->read == READ_LLL) {
            width = step->read;
            length = left >= width ? decimal(at, width) : SIZE_MAX;
            size = length;
        }
        if (length > step->limit || size > left - width || step->read == READ_NONE || step->read == READ_OTHER) {
            p->at = at;
            if ((rc = element_slowly(p, element, &length, &size)) != CARNET_OK)
                return rc;
            at = p->at;
        } else {
            at += width;
        }
        places[element] = (carnet_iso8583_place){ (uint16_t)(at - base), (uint16_t)length };
        if (!good(step->check, at, size) && (rc = check_slowly(p, element, at, length)) != CARNET_OK)
            return rc;
        at += size;
    }
    p->at = at;
    return CARNET_OK;
}

static carnet_rc
message_type(parser *p)
{
    static const uint8_t zeros[] = { '0', 0xf0, 0xf0, 0xf0 };
    uint8_t encoding = p->spec->flavour.mti;
    size_t size = encoding == CARNET_ISO8583_BCD ? 2 : 4;
    unsigned mti = 0, bad = 0;

    p->at = p->base + p->spec->flavour.header;
    p->message->mti_offset = p->spec->flavour.header;
    if (p->spec->flavour.no_mti)
        return CARNET_OK;
    if ((size_t)(p->end - p->at) < size)
        return refuse(p, CARNET_E_ISO8583_TRUNCATED, 0, p->at, "the message type indicator is not all there");
    for (size_t i = 0; i < 4; i++) {
        unsigned digit = size == 2 ? p->at[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15u : (uint8_t)(p->at[i] - zeros[encoding]);

        bad |= digit > 9;
        mti = mti << 4 | (digit & 15);
    }
    if (bad != 0)
        return refuse(p, CARNET_E_ISO8583_MTI, 0, p->at, "this is no message type indicator of the flavour's kind");
    p->message->mti = (carnet_mti)mti;
    p->at += size;
    return CARNET_OK;
}

static carnet_rc
bitmap(parser *p, unsigned element, uint64_t *bits)
{
    size_t size = carnet_iso8583_bitmap_size(p->spec), bad;

    if ((size_t)(p->end - p->at) < size)
        return refuse(p, CARNET_E_ISO8583_TRUNCATED, element, p->at, "the bitmap is not all there");
    if (!carnet_iso8583_bitmap_read(p->spec, p->at, bits, &bad))
        return refuse(p, CARNET_E_ISO8583_BITMAP, element, p->at + bad, "this is no hexadecimal digit of a bitmap");
    p->at += size;
    return CARNET_OK;
}

#define FIRST_BIT (UINT64_C(1) << 63)

/* The bitmaps in front of the elements; their own bits are taken out of what they say. */
static carnet_rc
bitmaps(parser *p, uint64_t bits[3], bool *tertiary)
{
    const carnet_iso8583_flavour *flavour = &p->spec->flavour;
    carnet_rc rc = bitmap(p, 1, &bits[0]);

    if (rc != CARNET_OK)
        return rc;
    if (flavour->secondary == CARNET_ISO8583_SECONDARY_NEVER) {
        if ((bits[0] & FIRST_BIT) != 0 && p->spec->fields[1].type == CARNET_ISO8583_NONE)
            return refuse(p, CARNET_E_ISO8583_BITMAP, 1, p->at - carnet_iso8583_bitmap_size(p->spec),
                          "there is no secondary bitmap in this flavour");
        return CARNET_OK;
    }
    if ((bits[0] & FIRST_BIT) != 0 || flavour->secondary == CARNET_ISO8583_SECONDARY_FIXED)
        if ((rc = bitmap(p, 1, &bits[1])) != CARNET_OK)
            return rc;
    bits[0] &= ~FIRST_BIT;
    if (flavour->tertiary == CARNET_ISO8583_TERTIARY_NEVER || (bits[1] & FIRST_BIT) == 0)
        return CARNET_OK;
    bits[1] &= ~FIRST_BIT;
    *tertiary = flavour->tertiary == CARNET_ISO8583_TERTIARY_AT_65;
    return *tertiary ? CARNET_OK : bitmap(p, 65, &bits[2]);
}

static carnet_rc
parse(parser *p)
{
    uint64_t *bits = p->message->elements;
    bool tertiary = false;
    carnet_rc rc;

    if ((rc = message_type(p)) != CARNET_OK || (rc = bitmaps(p, bits, &tertiary)) != CARNET_OK ||
        (rc = elements(p, bits[0], 1)) != CARNET_OK)
        return rc;
    if (tertiary && (rc = bitmap(p, 65, &bits[2])) != CARNET_OK)
        return rc;
    if ((rc = elements(p, bits[1], 65)) != CARNET_OK || (rc = elements(p, bits[2], 129)) != CARNET_OK)
        return rc;
    return p->at == p->end ? CARNET_OK
                           : carnet_fail_at(p->err, CARNET_E_ISO8583_TRAILING, NULL, "the last element ends here",
                                            (size_t)(p->at - p->base), NULL);
}

static void
empty(carnet_iso8583_message *message)
{
    message->spec = NULL;
    message->octets = (carnet_span){ 0 };
    message->mti = 0;
    message->mti_offset = 0;
    message->elements[0] = message->elements[1] = message->elements[2] = 0;
}

carnet_rc
carnet_iso8583_parse_within(const carnet_iso8583_spec *spec, carnet_span octets, unsigned depth,
                            carnet_iso8583_message *message, carnet_err *err)
{
    parser p = { spec, octets.ptr, octets.ptr, octets.ptr + octets.len, message, err, depth };
    carnet_rc rc;

    empty(message);
    if (!spec->ready || depth >= CARNET_ISO8583_DEPTH)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the specification is not ready, or messages nest too deeply");
    if (octets.len > (spec->flavour.max > 0 ? spec->flavour.max : CARNET_ISO8583_MAX))
        return carnet_fail_at(err, CARNET_E_ISO8583_SIZE, NULL, "the message is longer than the link allows",
                              spec->flavour.max > 0 ? spec->flavour.max : CARNET_ISO8583_MAX, NULL);
    if (octets.len < spec->flavour.header)
        return carnet_fail_at(err, CARNET_E_ISO8583_TRUNCATED, NULL, "the header is not all there", octets.len, NULL);
    message->spec = spec;
    message->octets = octets;
    rc = parse(&p);
    if (rc != CARNET_OK)
        empty(message);
    return rc;
}

carnet_rc
carnet_iso8583_parse(const carnet_iso8583_spec *spec, carnet_span octets, carnet_iso8583_message *message,
                     carnet_err *err)
{
    return carnet_iso8583_parse_within(spec, octets, 0, message, err);
}
