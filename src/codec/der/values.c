/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/der.h"

static void
refuse_value(carnet_der_reader *r, carnet_span content, const char *clause, const char *reason)
{
    carnet_der_refuse(r, CARNET_E_DER_VALUE, content.ptr, clause, reason);
}

bool
carnet_der_bool(carnet_der_reader *r)
{
    carnet_span content = carnet_der_value(r, CARNET_DER_BOOLEAN);

    if (r->rc == CARNET_OK && (content.len != 1 || (content.ptr[0] != 0 && content.ptr[0] != 0xff)))
        refuse_value(r, content, "X.690 11.1", "a BOOLEAN is one octet, 00 or FF");
    return r->rc == CARNET_OK && content.ptr[0] != 0;
}

void
carnet_der_null(carnet_der_reader *r)
{
    carnet_span content = carnet_der_value(r, CARNET_DER_NULL);

    if (content.len != 0)
        refuse_value(r, content, "X.690 8.8.2", "a NULL is empty");
}

carnet_span
carnet_der_integer(carnet_der_reader *r)
{
    carnet_span content = carnet_der_value(r, CARNET_DER_INTEGER);
    const uint8_t *p = content.ptr;

    if (r->rc != CARNET_OK)
        return content;
    if (content.len == 0)
        refuse_value(r, content, "X.690 8.3.1", "an INTEGER has at least one octet");
    else if (content.len > 1 && ((p[0] == 0 && p[1] < 0x80) || (p[0] == 0xff && p[1] >= 0x80)))
        refuse_value(r, content, "X.690 8.3.2", "an INTEGER is longer than needed");
    return r->rc == CARNET_OK ? content : (carnet_span){ 0 };
}

uint64_t
carnet_der_uint(carnet_der_reader *r)
{
    carnet_span content = carnet_der_integer(r);
    uint64_t value = 0;

    if (r->rc != CARNET_OK)
        return 0;
    if (content.ptr[0] >= 0x80 || content.len > 9 || (content.len == 9 && content.ptr[0] != 0)) {
        refuse_value(r, content, NULL, "a number is negative or too large");
        return 0;
    }
    for (size_t i = 0; i < content.len; i++)
        value = value << 8 | content.ptr[i];
    return value;
}

carnet_span
carnet_der_oid(carnet_der_reader *r)
{
    carnet_span content = carnet_der_value(r, CARNET_DER_OID);

    if (r->rc == CARNET_OK && !carnet_oid_valid(content))
        refuse_value(r, content, "X.690 8.19", "an OBJECT IDENTIFIER is malformed");
    return r->rc == CARNET_OK ? content : (carnet_span){ 0 };
}

carnet_span
carnet_der_bit_string(carnet_der_reader *r)
{
    carnet_span content = carnet_der_value(r, CARNET_DER_BIT_STRING);

    if (r->rc != CARNET_OK)
        return content;
    if (content.len == 0 || content.ptr[0] != 0) {
        refuse_value(r, content, "X.690 8.6.2", "a BIT STRING is not of whole octets");
        return (carnet_span){ 0 };
    }
    return (carnet_span){ content.ptr + 1, content.len - 1 };
}

/* DER keeps no trailing zero bit of a list of named bits (X.690 11.2.2), so the last bit used is set. */
static bool
named_bits_minimal(carnet_span content)
{
    uint8_t spare = content.len > 0 ? content.ptr[0] : 8, last = content.len > 0 ? content.ptr[content.len - 1] : 0;

    if (content.len <= 1)
        return spare == 0;
    return spare < 8 && (last & ((1U << spare) - 1)) == 0 && (last >> spare & 1) == 1;
}

uint16_t
carnet_der_named_bits(carnet_der_reader *r)
{
    carnet_span content = carnet_der_value(r, CARNET_DER_BIT_STRING);
    uint16_t bits = 0;

    if (r->rc != CARNET_OK)
        return 0;
    if (content.len > 3 || !named_bits_minimal(content)) {
        refuse_value(r, content, "X.690 11.2", "a BIT STRING of named bits is not minimal");
        return 0;
    }
    for (unsigned i = 0; i + 8 < 8 * content.len; i++)
        if (content.ptr[1 + i / 8] & (0x80U >> i % 8))
            bits = (uint16_t)(bits | 1U << i);
    return bits;
}

/* Two digits, or -1. */
static int
two_digits(const uint8_t *p)
{
    return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' ? (p[0] - '0') * 10 + (p[1] - '0') : -1;
}

static bool
date_exists(carnet_date date)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);

    return date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= days[date.month - 1] + (date.month == 2 && leap);
}

/* The part both forms share, MMDDhhmmssZ. */
static bool
time_within_year(const uint8_t *p, int year, carnet_time *time)
{
    carnet_date date = { year, two_digits(p), two_digits(p + 2) };
    int hour = two_digits(p + 4), minute = two_digits(p + 6), second = two_digits(p + 8);

    if (!date_exists(date) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        p[10] != 'Z')
        return false;
    *time = carnet_time_of_date(date) + hour * 3600 + minute * 60 + second;
    return true;
}

carnet_time
carnet_der_time(carnet_der_reader *r)
{
    uint8_t tag = carnet_der_peek(r) == CARNET_DER_GENERALIZED_TIME ? CARNET_DER_GENERALIZED_TIME : CARNET_DER_UTC_TIME;
    bool general = tag == CARNET_DER_GENERALIZED_TIME;
    carnet_span content = carnet_der_value(r, tag);
    int high = 0, low = 0;
    carnet_time time = 0;

    if (r->rc != CARNET_OK)
        return 0;
    if (content.len == (general ? 15U : 13U)) {
        low = two_digits(content.ptr + (general ? 2 : 0));
        high = general ? two_digits(content.ptr) : low >= 50 ? 19 : 20;
        if (low >= 0 && high >= 0 && time_within_year(content.ptr + (general ? 4 : 2), high * 100 + low, &time))
            return time;
    }
    refuse_value(r, content, "X.690 11.7, 11.8", "a time is not of the form DER has, in UTC with seconds");
    return 0;
}
