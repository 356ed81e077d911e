/* SPDX-License-Identifier: Apache-2.0 */
/* Building: values are collected in any order and written in that of their numbers. */
#include "internal.h"

typedef struct writer {
    const carnet_iso8583_builder *b;
    const carnet_iso8583_spec *spec;
    uint8_t *base, *at, *end;
    carnet_err *err;
} writer;

void
carnet_iso8583_builder_init(carnet_iso8583_builder *b, const carnet_iso8583_spec *spec, carnet_mti mti)
{
    b->spec = spec;
    b->header = (carnet_span){ 0 };
    b->mti = mti;
    b->elements[0] = b->elements[1] = b->elements[2] = 0;
    b->wrong = 0;
}

void
carnet_iso8583_set_header(carnet_iso8583_builder *b, carnet_span header)
{
    b->header = header;
}

static inline void
set(carnet_iso8583_builder *b, unsigned element, const void *ptr, size_t length, uint8_t form)
{
    if (element == 0 || element >= CARNET_ISO8583_ELEMENTS || length > UINT32_MAX) {
        b->wrong = 1;
        return;
    }
    b->elements[(element - 1) / 64] |= UINT64_C(1) << 63 >> (element - 1) % 64;
    b->value[element].of.ptr = ptr;
    b->value[element].length = (uint32_t)length;
    b->value[element].form = form;
}

void
carnet_iso8583_set_text(carnet_iso8583_builder *b, unsigned element, carnet_str text)
{
    set(b, element, text.ptr != NULL ? text.ptr : "", text.len, FORM_TEXT);
}

void
carnet_iso8583_set(carnet_iso8583_builder *b, unsigned element, const char *text)
{
    set(b, element, text, strlen(text), FORM_TEXT);
}

void
carnet_iso8583_set_binary(carnet_iso8583_builder *b, unsigned element, carnet_span octets)
{
    set(b, element, octets.ptr != NULL ? (const void *)octets.ptr : "", octets.len, FORM_OCTETS);
}

void
carnet_iso8583_set_number(carnet_iso8583_builder *b, unsigned element, uint64_t number)
{
    set(b, element, NULL, 0, FORM_NUMBER);
    if (b->wrong == 0)
        b->value[element].of.number = number;
}

void
carnet_iso8583_set_amount(carnet_iso8583_builder *b, unsigned element, int64_t amount)
{
    set(b, element, NULL, 0, amount < 0 ? FORM_NEGATIVE : FORM_NUMBER);
    if (b->wrong == 0)
        b->value[element].of.number = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
}

void
carnet_iso8583_set_from(carnet_iso8583_builder *b, unsigned element, const carnet_iso8583_message *message,
                        unsigned its_element)
{
    if (carnet_iso8583_has(message, its_element))
        set(b, element, message, its_element, FORM_MESSAGE);
    else
        carnet_iso8583_unset(b, element);
}

void
carnet_iso8583_set_all(carnet_iso8583_builder *b, const carnet_iso8583_message *message)
{
    for (unsigned i = 0; (i = carnet_iso8583_next(message, i)) != 0;)
        carnet_iso8583_set_from(b, i, message, i);
}

void
carnet_iso8583_unset(carnet_iso8583_builder *b, unsigned element)
{
    if (element > 0 && element < CARNET_ISO8583_ELEMENTS)
        b->elements[(element - 1) / 64] &= ~(UINT64_C(1) << 63 >> (element - 1) % 64);
}

/* A number's digits, after a sign where the field has one. */
static carnet_iso8583_value
digits_of(const carnet_iso8583_field *field, const carnet_iso8583_value *value, char text[24])
{
    uint64_t number = value->of.number;
    size_t at = 24;

    do {
        text[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    if (field->type == CARNET_ISO8583_XN)
        text[--at] = value->form == FORM_NEGATIVE ? 'D' : 'C';
    else if (value->form == FORM_NEGATIVE)
        text[--at] = '-';
    return (carnet_iso8583_value){ { text + at }, (uint32_t)(24 - at), FORM_TEXT };
}

/* Characters with padding: what the field demands, or SIZE_MAX if it cannot have them. */
static size_t
padded(const carnet_iso8583_field *field, size_t length)
{
    bool pads = field->type != CARNET_ISO8583_B && field->type != CARNET_ISO8583_Z;

    if (length > field->max || (field->prefix != CARNET_ISO8583_FIXED && length < field->min))
        return SIZE_MAX;
    if (field->prefix != CARNET_ISO8583_FIXED || length == field->max)
        return length;
    if (!pads || (field->type == CARNET_ISO8583_XN && length == 0))
        return SIZE_MAX;
    return field->max;
}

static __attribute__((noinline)) carnet_rc
write_slowly(writer *w, unsigned element, const carnet_iso8583_value *given)
{
    const carnet_iso8583_field *field = &w->spec->fields[element];
    carnet_iso8583_value value = *given;
    char text[24];
    size_t length, count, prefix, size, bad;

    if (field->type == CARNET_ISO8583_NONE)
        return carnet_iso8583_fail(w->err, CARNET_E_ISO8583_ELEMENT, element, CARNET_NO_OFFSET,
                                   "the specification has no such element");
    if (value.form == FORM_NUMBER || value.form == FORM_NEGATIVE)
        value = digits_of(field, given, text);
    if ((length = padded(field, carnet_iso8583_value_length(field, &value))) == SIZE_MAX)
        return carnet_iso8583_fail(w->err, CARNET_E_ISO8583_LENGTH, element, CARNET_NO_OFFSET,
                                   "the element may not be that long or short");
    count = carnet_iso8583_count(field, length);
    prefix = carnet_iso8583_prefix_size(field, count);
    size = carnet_iso8583_wire_size(field, length);
    if (prefix + size > (size_t)(w->end - w->at))
        return carnet_iso8583_fail(w->err, CARNET_E_NO_SPACE, element, (size_t)(w->at - w->base), NULL);
    if (prefix > 0)
        carnet_iso8583_prefix_write(field, count, w->at);
    w->at += prefix;
    if (!carnet_iso8583_encode(field, &value, length, w->at, &bad))
        return carnet_iso8583_fail(w->err, CARNET_E_ISO8583_CHARACTER, element, (size_t)(w->at - w->base) + bad,
                                   "this is no character of the element's type");
    if (field->composite != NULL && length > 0) {
        carnet_rc rc = carnet_iso8583_inside(field, element, w->base, w->at, length, 0, w->err);

        if (rc != CARNET_OK)
            return rc;
    }
    w->at += size;
    return CARNET_OK;
}

/* Not 0 if one of eight octets may not be there. */
static inline uint64_t
unwanted(uint64_t word, bool digits)
{
    return digits ? carnet_not_digits(word ^ CARNET_EACH(0x30)) : carnet_not_printable(word ^ CARNET_EACH(0x20));
}

/* Copy and look at what is copied on the way: reading it again from where it was just written would wait for the
   writing. */
static inline bool
copy_short(uint8_t *out, const uint8_t *in, size_t n, bool digits)
{
    uint32_t first, last;

    if (n >= 4) {
        memcpy(&first, in, 4);
        memcpy(&last, in + n - 4, 4);
        memcpy(out, &first, 4);
        memcpy(out + n - 4, &last, 4);
        return unwanted((uint64_t)first << 32 | last, digits) == 0;
    }
    if (n == 0)
        return true;
    out[0] = in[0];
    out[n / 2] = in[n / 2];
    out[n - 1] = in[n - 1];
    return unwanted((CARNET_EACH('0') << 24) | (uint64_t)in[0] << 16 | (uint64_t)in[n / 2] << 8 | in[n - 1], digits) ==
           0;
}

static inline bool
copy(uint8_t *out, const uint8_t *in, size_t n, bool digits)
{
    uint64_t bad = 0, word;

    if (n < 8)
        return copy_short(out, in, n, digits);
    for (size_t i = 0; i + 8 < n; i += 8) {
        word = carnet_load8(in + i);
        memcpy(out + i, &word, 8);
        bad |= unwanted(word, digits);
    }
    word = carnet_load8(in + n - 8);
    memcpy(out + n - 8, &word, 8);
    return (bad | unwanted(word, digits)) == 0;
}

/* Octets, or twice as many hexadecimal digits, of a fixed element: where they end.  NULL: not by this way. */
static __attribute__((noinline)) uint8_t *
write_octets(uint8_t *at, const uint8_t *end, size_t size, const carnet_iso8583_value *value)
{
    const uint8_t *in = value->of.ptr;
    unsigned bad = 0;

    if (size > (size_t)(end - at))
        return NULL;
    if (value->form == FORM_OCTETS && value->length == size) {
        memcpy(at, in, size);
        return at + size;
    }
    if (value->form != FORM_TEXT || value->length != 2 * size)
        return NULL;
    for (size_t i = 0; i < size; i++) {
        unsigned high = carnet_iso8583_nibble(in[2 * i]), low = carnet_iso8583_nibble(in[2 * i + 1]);

        bad |= high | low;
        at[i] = (uint8_t)(high << 4 | low);
    }
    return bad < 16 ? at + size : NULL;
}

/* A text that goes to the wire as it is, after two, three or no digits of its length: where it ends.  NULL: not by this
   way. */
static inline uint8_t *
write_quickly(uint8_t *at, const uint8_t *end, const carnet_iso8583_step *step, const carnet_iso8583_value *value)
{
    size_t length = value->length, prefix = step->write == WRITE_FIXED ? 0 : step->write;
    bool good;

    if (value->form != FORM_TEXT || length > step->limit || prefix + length > (size_t)(end - at) ||
        (prefix == 0 && length != step->limit))
        return NULL;
    if (prefix == WRITE_LLL)
        *at++ = (uint8_t)('0' + length / 100);
    if (prefix != 0) {
        *at++ = (uint8_t)('0' + length / 10 % 10);
        *at++ = (uint8_t)('0' + length % 10);
    }
    good = step->check == CHECK_DIGITS ? copy(at, value->of.ptr, length, true) : copy(at, value->of.ptr, length, false);
    return good ? at + length : NULL;
}

static carnet_rc
elements(writer *w, uint64_t bits, unsigned first)
{
    const carnet_iso8583_step *steps = w->spec->steps;
    const carnet_iso8583_value *values = w->b->value;
    uint8_t *at = w->at, *quick;
    carnet_rc rc;

    while (bits != 0) {
        unsigned bit = (unsigned)__builtin_clzll(bits), element = first + bit;
        const carnet_iso8583_step *step = &steps[element];

        bits &= ~(UINT64_C(1) << 63 >> bit);
        if (step->write == WRITE_OCTETS)
            quick = write_octets(at, w->end, step->size, &values[element]);
        else if (step->write != WRITE_OTHER && step->write != WRITE_NONE)
            quick = write_quickly(at, w->end, step, &values[element]);
        else
            quick = NULL;
        if (quick != NULL) {
            at = quick;
            continue;
        }
        w->at = at;
        if ((rc = write_slowly(w, element, &values[element])) != CARNET_OK)
            return rc;
        at = w->at;
    }
    w->at = at;
    return CARNET_OK;
}

static carnet_rc
front(writer *w)
{
    static const uint8_t zeros[] = { '0', 0xf0, 0xf0, 0xf0 };
    const carnet_iso8583_flavour *flavour = &w->spec->flavour;
    uint16_t mti = w->b->mti;

    if (w->b->header.len != 0 && w->b->header.len != flavour->header)
        return carnet_fail(w->err, CARNET_E_USAGE, NULL, "the header is not of the flavour's size");
    if ((size_t)(w->end - w->at) < flavour->header + 4u)
        return carnet_fail(w->err, CARNET_E_NO_SPACE, NULL, NULL);
    if (flavour->header > 0 && w->b->header.len == 0)
        memset(w->at, 0, flavour->header);
    else if (flavour->header > 0)
        memcpy(w->at, w->b->header.ptr, flavour->header);
    w->at += flavour->header;
    if (flavour->no_mti)
        return CARNET_OK;
    if (((mti + 0x6666u) ^ mti ^ 0x6666u) & 0x11110u)
        return carnet_iso8583_fail(w->err, CARNET_E_ISO8583_MTI, 0, 0, "four decimal digits are wanted");
    if (flavour->mti == CARNET_ISO8583_BCD) {
        *w->at++ = (uint8_t)(mti >> 8);
        *w->at++ = (uint8_t)mti;
        return CARNET_OK;
    }
    for (unsigned i = 0; i < 4; i++)
        *w->at++ = (uint8_t)(zeros[flavour->mti] + (mti >> (12 - 4 * i) & 15));
    return CARNET_OK;
}

static carnet_rc
bitmap(writer *w, uint64_t bits)
{
    if ((size_t)(w->end - w->at) < carnet_iso8583_bitmap_size(w->spec))
        return carnet_fail(w->err, CARNET_E_NO_SPACE, NULL, NULL);
    carnet_iso8583_bitmap_write(w->spec, bits, w->at);
    w->at += carnet_iso8583_bitmap_size(w->spec);
    return CARNET_OK;
}

#define FIRST_BIT (UINT64_C(1) << 63)

/* The bits that bitmaps have for themselves: those that the caller set are refused. */
static carnet_rc
bits_wanted(const writer *w, uint64_t bits[3])
{
    const carnet_iso8583_flavour *flavour = &w->spec->flavour;
    const char *reason = "this element's bit is that of a bitmap";
    unsigned wrong = 0;

    memcpy(bits, w->b->elements, sizeof w->b->elements);
    if (flavour->secondary == CARNET_ISO8583_SECONDARY_NEVER) {
        reason = "there is no secondary bitmap in this flavour";
        wrong = bits[1] != 0 ? 65 + (unsigned)__builtin_clzll(bits[1]) : bits[2] != 0 ? 129 : 0;
    } else if (bits[0] & FIRST_BIT) {
        wrong = 1;
    } else if (flavour->tertiary != CARNET_ISO8583_TERTIARY_NEVER && (bits[1] & FIRST_BIT)) {
        wrong = 65;
    } else if (flavour->tertiary == CARNET_ISO8583_TERTIARY_NEVER && bits[2] != 0) {
        reason = "there is no tertiary bitmap in this flavour";
        wrong = 129 + (unsigned)__builtin_clzll(bits[2]);
    }
    if (wrong != 0)
        return carnet_iso8583_fail(w->err, CARNET_E_ISO8583_ELEMENT, wrong, CARNET_NO_OFFSET, reason);
    if (bits[2] != 0)
        bits[1] |= FIRST_BIT;
    if (flavour->secondary == CARNET_ISO8583_SECONDARY_ALWAYS ||
        (flavour->secondary == CARNET_ISO8583_SECONDARY_NEEDED && bits[1] != 0))
        bits[0] |= FIRST_BIT;
    return CARNET_OK;
}

static carnet_rc
body(writer *w)
{
    const carnet_iso8583_flavour *flavour = &w->spec->flavour;
    bool at_65 = flavour->tertiary == CARNET_ISO8583_TERTIARY_AT_65;
    uint64_t bits[3];
    carnet_rc rc;

    if ((rc = bits_wanted(w, bits)) != CARNET_OK || (rc = bitmap(w, bits[0])) != CARNET_OK)
        return rc;
    if (flavour->secondary != CARNET_ISO8583_SECONDARY_NEVER &&
        ((bits[0] & FIRST_BIT) || flavour->secondary == CARNET_ISO8583_SECONDARY_FIXED) &&
        (rc = bitmap(w, bits[1])) != CARNET_OK)
        return rc;
    if (bits[2] != 0 && !at_65 && (rc = bitmap(w, bits[2])) != CARNET_OK)
        return rc;
    if ((rc = elements(w, w->b->elements[0], 1)) != CARNET_OK)
        return rc;
    if (bits[2] != 0 && at_65 && (rc = bitmap(w, bits[2])) != CARNET_OK)
        return rc;
    if ((rc = elements(w, w->b->elements[1], 65)) != CARNET_OK)
        return rc;
    return elements(w, bits[2], 129);
}

carnet_rc
carnet_iso8583_build(const carnet_iso8583_builder *b, carnet_buf *out, carnet_err *err)
{
    size_t max = b->spec->flavour.max > 0 ? b->spec->flavour.max : CARNET_ISO8583_MAX, room = out->cap - out->len;
    bool scant = room < max;
    writer w = { .b = b, .spec = b->spec, .err = err };
    carnet_rc rc;

    if (!b->spec->ready || b->wrong != 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL,
                           b->wrong != 0 ? "a data element of no such number" : "the specification is not ready");
    if (out->overflow || out->ptr == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    w.base = w.at = out->ptr + out->len;
    w.end = w.base + (scant ? room : max);
    if ((rc = front(&w)) == CARNET_OK && (rc = body(&w)) == CARNET_OK) {
        out->len = (size_t)(w.at - out->ptr);
        return CARNET_OK;
    }
    if (rc == CARNET_E_NO_SPACE && !scant)
        return carnet_fail(err, CARNET_E_ISO8583_SIZE, NULL, "the message is longer than the link allows");
    return rc;
}
