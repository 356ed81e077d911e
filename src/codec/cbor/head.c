/* SPDX-License-Identifier: Apache-2.0 */
/* Heads in full (RFC 8949, 3), and floats as bits (RFC 8949, 4.1 and appendix D). */
#include "internal.h"

static bool
refuse(carnet_cbor_reader *r, carnet_rc rc, const uint8_t *p, const char *clause, const char *reason)
{
    carnet_cbor_refuse(r, rc, p, clause, reason);
    return false;
}

/* Note what is unusual, or refuse it. */
static bool
unusual(carnet_cbor_reader *r, uint8_t what, const uint8_t *p)
{
    if (!(r->allow & what)) {
        if (what == CARNET_CBOR_INDEFINITE)
            return refuse(r, CARNET_E_CBOR_INDEFINITE, p, "RFC 8949 3.2", NULL);
        return refuse(r, CARNET_E_CBOR_NOT_PREFERRED, p, "RFC 8949 4.1", NULL);
    }
    r->seen |= what;
    return true;
}

uint64_t
carnet_cbor_widen(uint64_t bits, unsigned exponent, unsigned mantissa)
{
    uint64_t sign = bits >> (exponent + mantissa) << 63;
    uint64_t e = bits >> mantissa & ((1U << exponent) - 1);
    uint64_t m = bits & (((uint64_t)1 << mantissa) - 1);
    unsigned bias = (1U << (exponent - 1)) - 1;

    if (e == (1U << exponent) - 1)
        return sign | (uint64_t)0x7ff << 52 | m << (52 - mantissa);
    if (e == 0) {
        if (m == 0)
            return sign;
        for (e = 1; !(m >> mantissa); e--) /* wraps below zero, and back when the bias is added */
            m <<= 1;
        m &= ((uint64_t)1 << mantissa) - 1;
    }
    return sign | (e + 1023 - bias) << 52 | m << (52 - mantissa);
}

bool
carnet_cbor_narrow(uint64_t wide, unsigned exponent, unsigned mantissa, uint64_t *bits)
{
    uint64_t sign = wide >> 63 << (exponent + mantissa);
    uint64_t m = wide & (((uint64_t)1 << 52) - 1);
    int bias = (1 << (exponent - 1)) - 1, e = (int)(wide >> 52 & 0x7ff);
    unsigned drop = 52 - mantissa;

    *bits = sign;
    if (e == 0)
        return m == 0; /* what is subnormal as a double is too small for anything narrower */
    if (e == 0x7ff) {
        *bits |= (uint64_t)((1U << exponent) - 1) << mantissa;
        return m == 0;
    }
    e -= 1023;
    if (e > bias || e < 1 - bias - (int)mantissa)
        return false;
    if (e >= 1 - bias)
        *bits |= (uint64_t)(e + bias) << mantissa;
    else {
        m |= (uint64_t)1 << 52;
        drop += (unsigned)(1 - bias - e);
    }
    *bits |= m >> drop;
    return (m & (((uint64_t)1 << drop) - 1)) == 0;
}

uint64_t
carnet_cbor_double_bits(uint64_t argument, uint8_t info)
{
    if (info == 25)
        return carnet_cbor_widen(argument, 5, 10);
    return info == 26 ? carnet_cbor_widen(argument, 8, 23) : argument;
}

bool
carnet_cbor_float_preferred(uint64_t argument, uint8_t info)
{
    uint64_t wide = carnet_cbor_double_bits(argument, info), narrow;

    if ((wide << 1) > (uint64_t)0x7ff << 53)
        return info == 25 && argument == 0x7e00;
    if (info == 25)
        return true;
    if (carnet_cbor_narrow(wide, 5, 10, &narrow))
        return false;
    return info == 26 || !carnet_cbor_narrow(wide, 8, 23, &narrow);
}

/* Major type 7 with more than one byte. */
static bool
simple_or_float(carnet_cbor_reader *r, const uint8_t *p, const carnet_cbor_head *h)
{
    if (h->info == 24)
        return h->argument >= 32 || refuse(r, CARNET_E_CBOR_MALFORMED, p, "RFC 8949 3.3", "a simple value below 32");
    return carnet_cbor_float_preferred(h->argument, h->info) || unusual(r, CARNET_CBOR_NOT_PREFERRED, p);
}

/* Heads with additional information 28 to 31. */
static bool
without_argument(carnet_cbor_reader *r, const uint8_t *p, carnet_cbor_head *h)
{
    h->argument = 0;
    h->next = p + 1;
    if (h->info != CBOR_INDEFINITE)
        return refuse(r, CARNET_E_CBOR_MALFORMED, p, "RFC 8949 3", "reserved additional information");
    if (h->major == CBOR_SIMPLE)
        return refuse(r, CARNET_E_CBOR_MALFORMED, p, "RFC 8949 3.2.1", "a break where none may stand");
    if (h->major < CBOR_BSTR || h->major == CBOR_TAG)
        return refuse(r, CARNET_E_CBOR_MALFORMED, p, "RFC 8949 3.2", "indefinite length of what has no length");
    return unusual(r, CARNET_CBOR_INDEFINITE, p);
}

bool
carnet_cbor_head_slow(carnet_cbor_reader *r, const uint8_t *p, carnet_cbor_head *h)
{
    size_t wide;

    if (p == r->end)
        return refuse(r, CARNET_E_CBOR_TRUNCATED, p, "RFC 8949 3", "an item is missing");
    h->major = *p >> 5;
    h->info = *p & 31;
    if (h->info > 27)
        return without_argument(r, p, h);
    wide = h->info < 24 ? 0 : (size_t)1 << (h->info - 24);
    if (carnet_cbor_left(p, r->end) <= wide)
        return refuse(r, CARNET_E_CBOR_TRUNCATED, p, "RFC 8949 3", "a head is cut");
    h->argument = wide == 0 ? h->info : 0;
    for (size_t i = 1; i <= wide; i++)
        h->argument = h->argument << 8 | p[i];
    h->next = p + 1 + wide;
    if (wide == 0)
        return true;
    if (h->major == CBOR_SIMPLE)
        return simple_or_float(r, p, h);
    return carnet_cbor_head_size(h->argument) == 1 + wide || unusual(r, CARNET_CBOR_NOT_PREFERRED, p);
}

size_t
carnet_cbor_head_size(uint64_t argument)
{
    if (argument < 24)
        return 1;
    if (argument <= UINT8_MAX)
        return 2;
    if (argument <= UINT16_MAX)
        return 3;
    return argument <= UINT32_MAX ? 5 : 9;
}
