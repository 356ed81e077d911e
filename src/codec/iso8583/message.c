/* SPDX-License-Identifier: Apache-2.0 */
/* What a parsed message has. */
#include "internal.h"

bool
carnet_iso8583_has(const carnet_iso8583_message *message, unsigned element)
{
    if (element == 0 || element >= CARNET_ISO8583_ELEMENTS)
        return false;
    return (message->elements[(element - 1) / 64] << (element - 1) % 64 >> 63) != 0;
}

unsigned
carnet_iso8583_next(const carnet_iso8583_message *message, unsigned element)
{
    for (unsigned word = element / 64, skip = element % 64; word < 3; word++, skip = 0) {
        uint64_t bits = message->elements[word] << skip >> skip;

        if (bits != 0)
            return 64 * word + (unsigned)__builtin_clzll(bits) + 1;
    }
    return 0;
}

/* A value: its field, octets and characters; NULL if it is absent. */
static const uint8_t *
value_of(const carnet_iso8583_message *message, unsigned element, const carnet_iso8583_field **field, size_t *length)
{
    if (!carnet_iso8583_has(message, element))
        return NULL;
    *field = &message->spec->fields[element];
    *length = message->place[element].length;
    return message->octets.ptr + message->place[element].offset;
}

carnet_span
carnet_iso8583_raw(const carnet_iso8583_message *message, unsigned element)
{
    const carnet_iso8583_field *field;
    size_t length;
    const uint8_t *wire = value_of(message, element, &field, &length);

    return wire == NULL ? (carnet_span){ 0 } : carnet_span_of(wire, carnet_iso8583_wire_size(field, length));
}

carnet_str
carnet_iso8583_text(const carnet_iso8583_message *message, unsigned element, carnet_buf *room)
{
    const carnet_iso8583_field *field;
    size_t length, start;
    const uint8_t *wire = value_of(message, element, &field, &length);

    if (wire == NULL)
        return (carnet_str){ 0 };
    if (field->encoding == CARNET_ISO8583_ASCII)
        return (carnet_str){ (const char *)wire, length };
    start = room->len;
    length = carnet_iso8583_text_length(field, length);
    if (room->overflow || length > room->cap - room->len) {
        room->overflow = true;
        return (carnet_str){ 0 };
    }
    for (size_t i = 0; i < length; i++)
        room->ptr[room->len++] = (uint8_t)carnet_iso8583_character(field, wire, message->place[element].length, i);
    return (carnet_str){ room->ptr != NULL ? (const char *)room->ptr + start : "", length };
}

carnet_span
carnet_iso8583_binary(const carnet_iso8583_message *message, unsigned element, carnet_buf *room)
{
    const carnet_iso8583_field *field;
    size_t length, start = room->len;
    const uint8_t *wire = value_of(message, element, &field, &length);

    if (wire == NULL || field->type != CARNET_ISO8583_B)
        return carnet_str_bytes(carnet_iso8583_text(message, element, room));
    if (field->encoding == CARNET_ISO8583_RAW)
        return carnet_span_of(wire, length);
    if (room->overflow || length > room->cap - room->len) {
        room->overflow = true;
        return (carnet_span){ 0 };
    }
    for (size_t i = 0; i < length; i++) {
        unsigned high = carnet_iso8583_nibble((uint8_t)carnet_iso8583_character(field, wire, length, 2 * i));
        unsigned low = carnet_iso8583_nibble((uint8_t)carnet_iso8583_character(field, wire, length, 2 * i + 1));

        room->ptr[room->len++] = (uint8_t)(high << 4 | low);
    }
    return carnet_span_of(room->ptr + start, length);
}

/* Digits from `from` on as a number; false if it does not fit. */
static bool
number_of(const carnet_iso8583_field *field, const uint8_t *wire, size_t length, size_t from, uint64_t *number)
{
    uint64_t value = 0;

    *number = 0;
    for (size_t i = from; i < length; i++) {
        uint64_t digit = (uint64_t)(carnet_iso8583_character(field, wire, length, i) - '0');

        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = 10 * value + digit;
    }
    *number = value;
    return true;
}

bool
carnet_iso8583_number(const carnet_iso8583_message *message, unsigned element, uint64_t *number)
{
    const carnet_iso8583_field *field;
    size_t length;
    const uint8_t *wire = value_of(message, element, &field, &length);

    *number = 0;
    return wire != NULL && field->type == CARNET_ISO8583_N && length > 0 && number_of(field, wire, length, 0, number);
}

bool
carnet_iso8583_amount(const carnet_iso8583_message *message, unsigned element, int64_t *amount)
{
    const carnet_iso8583_field *field;
    size_t length, sign;
    const uint8_t *wire = value_of(message, element, &field, &length);
    uint64_t number;

    *amount = 0;
    if (wire == NULL || length == 0 || (field->type != CARNET_ISO8583_N && field->type != CARNET_ISO8583_XN))
        return false;
    sign = field->type == CARNET_ISO8583_XN;
    if (!number_of(field, wire, length, sign, &number) || number > INT64_MAX)
        return false;
    *amount = (int64_t)number;
    if (sign && carnet_iso8583_character(field, wire, length, 0) == 'D')
        *amount = -*amount;
    return true;
}

bool
carnet_iso8583_is(const carnet_iso8583_message *message, unsigned element, const char *text)
{
    const carnet_iso8583_field *field;
    size_t length, i = 0;
    const uint8_t *wire = value_of(message, element, &field, &length);

    if (wire == NULL)
        return false;
    for (; i < carnet_iso8583_text_length(field, length); i++) {
        char c = carnet_iso8583_character(field, wire, length, i);

        if (*text != '\0' && c != *text)
            return false;
        if (*text == '\0' && (c != ' ' || field->prefix != CARNET_ISO8583_FIXED))
            return false;
        text += *text != '\0';
    }
    return *text == '\0';
}

bool
carnet_iso8583_same(const carnet_iso8583_message *a, const carnet_iso8583_message *b, unsigned element)
{
    const carnet_iso8583_field *fa, *fb;
    size_t la, lb;
    const uint8_t *wa = value_of(a, element, &fa, &la), *wb = value_of(b, element, &fb, &lb);

    if (wa == NULL || wb == NULL)
        return wa == wb;
    if (carnet_iso8583_text_length(fa, la) != carnet_iso8583_text_length(fb, lb))
        return false;
    for (size_t i = 0; i < carnet_iso8583_text_length(fa, la); i++)
        if (carnet_iso8583_character(fa, wa, la, i) != carnet_iso8583_character(fb, wb, lb, i))
            return false;
    return true;
}
