/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shortest decimal digits that read back as the same double: free-format
 * printing with whole numbers of any size (Burger and Dybvig, 1996), for there
 * is no stdio here.
 */
#include "internal.h"

#define LIMBS 40 /* 1280 bits: a double needs 2^1076, times 10 */

typedef struct whole {
    uint32_t limb[LIMBS]; /* least significant first */
} whole;

typedef struct scaled {
    whole value, unit, above, below; /* value / unit, and half the gaps to its neighbours */
    bool even;                       /* the ends of the gap read back as this value too */
} scaled;

static void
multiply(whole *a, uint32_t by)
{
    uint64_t carry = 0;

    for (size_t i = 0; i < LIMBS; i++) {
        carry += (uint64_t)a->limb[i] * by;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* value * 2^shift; value takes at most 55 bits. */
static whole
shifted(uint64_t value, unsigned shift)
{
    whole a = { 0 };
    size_t at = shift / 32;
    unsigned bits = shift % 32;

    a.limb[at] = (uint32_t)(value << bits);
    a.limb[at + 1] = (uint32_t)((value << bits) >> 32);
    if (bits != 0)
        a.limb[at + 2] = (uint32_t)(value >> 32 >> (32 - bits));
    return a;
}

static int
compare(const whole *a, const whole *b)
{
    for (size_t i = LIMBS; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* The order of a + b and c. */
static int
compare_sum(const whole *a, const whole *b, const whole *c)
{
    whole sum;
    uint64_t carry = 0;

    for (size_t i = 0; i < LIMBS; i++) {
        carry += (uint64_t)a->limb[i] + b->limb[i];
        sum.limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return compare(&sum, c);
}

static void
subtract(whole *a, const whole *b)
{
    uint64_t borrow = 0;

    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t d = (uint64_t)a->limb[i] - b->limb[i] - borrow;
        a->limb[i] = (uint32_t)d;
        borrow = d >> 63;
    }
}

static void
multiply_all(scaled *s, uint32_t by)
{
    multiply(&s->value, by);
    multiply(&s->above, by);
    multiply(&s->below, by);
}

/* The double m * 2^e as a fraction; the gap below a power of two is half the one above. */
static void
begin(scaled *s, uint64_t m, int e, bool power)
{
    unsigned up = e > 0 ? (unsigned)e : 0, down = e < 0 ? (unsigned)-e : 0, twice = power ? 2 : 1;

    s->even = (m & 1) == 0;
    s->value = shifted(m, up + twice);
    s->unit = shifted(1, down + twice);
    s->above = shifted(1, up + twice - 1);
    s->below = shifted(1, up);
}

static bool
reaches_unit(const scaled *s)
{
    int order = compare_sum(&s->value, &s->above, &s->unit);

    return s->even ? order >= 0 : order > 0;
}

/* Bring the value into [1/10, 1) of the unit; returns the power of ten taken out. */
static int
normalise(scaled *s, int e)
{
    int point = 0, guess = (int)((e + 52) * 30103L / 100000); /* log10(2), a little less than it is */

    for (; point < guess; point++)
        multiply(&s->unit, 10);
    for (; point > guess; point--)
        multiply_all(s, 10);
    for (; reaches_unit(s); point++)
        multiply(&s->unit, 10);
    for (;; point--) {
        multiply_all(s, 10);
        if (reaches_unit(s))
            return point; /* the first digit is not 0: and all is multiplied for it already */
    }
}

size_t
carnet_cbor_digits(uint64_t bits, char digits[20], int *point)
{
    uint64_t m = bits & (((uint64_t)1 << 52) - 1);
    int e = (int)(bits >> 52 & 0x7ff);
    bool low, high, power = m == 0 && e > 1;
    size_t count = 0;
    scaled s;

    if (e != 0)
        m |= (uint64_t)1 << 52;
    e = (e == 0 ? 1 : e) - 1075;
    begin(&s, m, e, power);
    *point = normalise(&s, e);
    for (;;) {
        char digit = '0';
        int order;

        for (; compare(&s.value, &s.unit) >= 0; digit++)
            subtract(&s.value, &s.unit);
        order = compare(&s.value, &s.below);
        low = s.even ? order <= 0 : order < 0;
        high = reaches_unit(&s);
        if (low && high)
            digit = (char)(digit + (compare_sum(&s.value, &s.value, &s.unit) >= 0));
        else if (high)
            digit++;
        digits[count++] = digit;
        if (low || high)
            return count;
        multiply_all(&s, 10);
    }
}
