/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/der.h"

#include <string.h>

carnet_der_builder
carnet_der_build(void *ptr, size_t cap)
{
    return (carnet_der_builder){ .ptr = ptr, .cap = cap, .rc = CARNET_OK };
}

carnet_rc
carnet_der_built(const carnet_der_builder *b, carnet_span *out, carnet_err *err)
{
    *out = b->rc == CARNET_OK ? (carnet_span){ b->ptr, b->len } : (carnet_span){ 0 };
    return b->rc == CARNET_OK ? CARNET_OK : carnet_fail(err, b->rc, NULL, NULL);
}

/* Room for `len` more bytes, or NULL and a failure. */
static uint8_t *
reserve(carnet_der_builder *b, size_t len)
{
    if (b->rc == CARNET_OK && len > b->cap - b->len)
        b->rc = CARNET_E_NO_SPACE;
    if (b->rc != CARNET_OK)
        return NULL;
    b->len += len;
    return b->ptr + b->len - len;
}

void
carnet_der_add_raw(carnet_der_builder *b, carnet_span encoded)
{
    uint8_t *at = reserve(b, encoded.len);

    if (at != NULL && encoded.len > 0)
        memcpy(at, encoded.ptr, encoded.len);
}

static void
add_byte(carnet_der_builder *b, uint8_t byte)
{
    carnet_der_add_raw(b, (carnet_span){ &byte, 1 });
}

/* Octets of a length beyond the first one. */
static size_t
length_octets(size_t len)
{
    return len < 0x80 ? 0 : len <= 0xff ? 1 : len <= 0xffff ? 2 : 3;
}

static void
put_length(uint8_t *at, size_t len)
{
    size_t octets = length_octets(len);

    if (octets == 0) {
        *at = (uint8_t)len;
        return;
    }
    *at = (uint8_t)(0x80 | octets);
    for (size_t i = octets; i > 0; i--, len >>= 8)
        at[i] = (uint8_t)len;
}

carnet_der_mark
carnet_der_begin(carnet_der_builder *b, uint8_t tag)
{
    uint8_t *at = reserve(b, 2);

    if (at != NULL)
        at[0] = tag;
    return (carnet_der_mark){ b->len };
}

void
carnet_der_end(carnet_der_builder *b, carnet_der_mark mark)
{
    size_t len = b->len - mark.start, octets = length_octets(len);

    if (b->rc == CARNET_OK && len > 0xffffff)
        b->rc = CARNET_E_OVERFLOW;
    if (reserve(b, octets) == NULL)
        return;
    memmove(b->ptr + mark.start + octets, b->ptr + mark.start, len);
    put_length(b->ptr + mark.start - 1, len);
}

void
carnet_der_add(carnet_der_builder *b, uint8_t tag, carnet_span content)
{
    carnet_der_mark mark = carnet_der_begin(b, tag);

    carnet_der_add_raw(b, content);
    carnet_der_end(b, mark);
}

void
carnet_der_add_bool(carnet_der_builder *b, bool value)
{
    uint8_t octet = value ? 0xff : 0x00;

    carnet_der_add(b, CARNET_DER_BOOLEAN, (carnet_span){ &octet, 1 });
}

void
carnet_der_add_null(carnet_der_builder *b)
{
    carnet_der_add(b, CARNET_DER_NULL, (carnet_span){ 0 });
}

void
carnet_der_add_uint(carnet_der_builder *b, uint64_t value)
{
    uint8_t octets[8];

    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (uint8_t)(value >> (8 * (sizeof(octets) - 1 - i)));
    carnet_der_add_unsigned(b, (carnet_span){ octets, sizeof(octets) });
}

void
carnet_der_add_unsigned(carnet_der_builder *b, carnet_span octets)
{
    carnet_der_mark mark = carnet_der_begin(b, CARNET_DER_INTEGER);

    while (octets.len > 0 && octets.ptr[0] == 0) {
        octets.ptr++;
        octets.len--;
    }
    if (octets.len == 0 || octets.ptr[0] >= 0x80)
        add_byte(b, 0);
    carnet_der_add_raw(b, octets);
    carnet_der_end(b, mark);
}

void
carnet_der_add_oid(carnet_der_builder *b, carnet_span oid)
{
    carnet_der_add(b, CARNET_DER_OID, oid);
}

void
carnet_der_add_octets(carnet_der_builder *b, carnet_span octets)
{
    carnet_der_add(b, CARNET_DER_OCTET_STRING, octets);
}

void
carnet_der_add_bit_string(carnet_der_builder *b, carnet_span octets)
{
    carnet_der_mark mark = carnet_der_begin(b, CARNET_DER_BIT_STRING);

    add_byte(b, 0);
    carnet_der_add_raw(b, octets);
    carnet_der_end(b, mark);
}

void
carnet_der_add_named_bits(carnet_der_builder *b, uint16_t bits)
{
    uint8_t content[3] = { 0 };
    size_t used = 0;

    for (size_t i = 0; i < 16; i++)
        if (bits >> i & 1) {
            content[1 + i / 8] |= (uint8_t)(0x80 >> i % 8);
            used = i + 1;
        }
    content[0] = (uint8_t)((8 - used % 8) % 8);
    carnet_der_add(b, CARNET_DER_BIT_STRING, (carnet_span){ content, 1 + (used + 7) / 8 });
}

void
carnet_der_add_str(carnet_der_builder *b, uint8_t tag, carnet_str text)
{
    carnet_der_add(b, tag, carnet_str_bytes(text));
}

/* Digits of "2026-11-21T00:00:00Z" are where DER has none of the marks between them. */
void
carnet_der_add_time(carnet_der_builder *b, carnet_time time)
{
    int year = carnet_date_of_time(time).year;
    bool utc = year >= 1950 && year <= 2049;
    char text[CARNET_TIME_TEXT_MAX];
    carnet_der_mark mark = carnet_der_begin(b, utc ? CARNET_DER_UTC_TIME : CARNET_DER_GENERALIZED_TIME);

    carnet_time_text(time, text);
    for (size_t i = utc ? 2 : 0; text[i] != '\0'; i++)
        if ((text[i] >= '0' && text[i] <= '9') || text[i] == 'Z')
            add_byte(b, (uint8_t)text[i]);
    carnet_der_end(b, mark);
}
