/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/der.h"

bool
carnet_oid_valid(carnet_span oid)
{
    bool first = true;

    if (oid.len == 0 || oid.ptr[oid.len - 1] >= 0x80)
        return false;
    for (size_t i = 0; i < oid.len; i++) {
        if (first && oid.ptr[i] == 0x80)
            return false;
        first = oid.ptr[i] < 0x80;
    }
    return true;
}

/* The arc at *at, which is moved past it; false if it has more than 64 bits. */
static bool
next_arc(carnet_span oid, size_t *at, uint64_t *arc)
{
    bool fits = true;

    *arc = 0;
    while (*at < oid.len) {
        uint8_t octet = oid.ptr[(*at)++];

        fits = fits && *arc >> 57 == 0;
        *arc = *arc << 7 | (octet & 0x7f);
        if (octet < 0x80)
            break;
    }
    return fits;
}

static void
put_arc(carnet_buf *text, bool fits, uint64_t arc)
{
    if (fits)
        carnet_buf_add_uint(text, arc);
    else
        carnet_buf_add_text(text, "?");
}

size_t
carnet_oid_text(carnet_span oid, char *out, size_t cap)
{
    carnet_buf text = carnet_buf_of(out, cap > 0 ? cap - 1 : 0);
    size_t at = 0;
    uint64_t arc;

    while (at < oid.len && !text.overflow) {
        bool first = at == 0, fits = next_arc(oid, &at, &arc);

        if (first) { /* X.690 8.19.4: the first two arcs share a number */
            uint64_t top = !fits || arc >= 80 ? 2 : arc / 40;

            carnet_buf_add_uint(&text, top);
            arc -= top * 40;
        }
        carnet_buf_add_byte(&text, '.');
        put_arc(&text, fits, arc);
    }
    if (cap > 0)
        out[text.len] = '\0';
    return text.len;
}

static void
add_arc(carnet_buf *out, uint64_t arc)
{
    unsigned shift = 0;

    while (shift < 63 && arc >> shift >= 0x80)
        shift += 7;
    for (; shift > 0; shift -= 7)
        carnet_buf_add_byte(out, (uint8_t)(0x80 | (arc >> shift & 0x7f)));
    carnet_buf_add_byte(out, (uint8_t)(arc & 0x7f));
}

/* A decimal number without leading zeros at *at; false if there is none. */
static bool
read_arc(carnet_str text, size_t *at, uint64_t *arc)
{
    size_t begin = *at;

    *arc = 0;
    for (; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; (*at)++) {
        uint64_t digit = (uint64_t)(text.ptr[*at] - '0');

        if (*arc > (UINT64_MAX - 80 - digit) / 10)
            return false;
        *arc = *arc * 10 + digit;
    }
    return *at > begin && (text.ptr[begin] != '0' || *at == begin + 1);
}

carnet_rc
carnet_oid_parse(carnet_str text, carnet_buf *out, carnet_err *err)
{
    carnet_buf made = *out;
    size_t at = 0, arcs = 0;
    uint64_t arc = 0, top = 0;

    for (;; at++, arcs++) {
        if (!read_arc(text, &at, &arc) || (arcs == 0 && arc > 2) || (arcs == 1 && top < 2 && arc > 39))
            return carnet_fail_at(err, CARNET_E_DER_VALUE, NULL, "this is not an object identifier", at, NULL);
        if (arcs == 0)
            top = arc;
        else
            add_arc(&made, arcs == 1 ? top * 40 + arc : arc);
        if (at == text.len)
            break;
        if (text.ptr[at] != '.')
            return carnet_fail_at(err, CARNET_E_DER_VALUE, NULL, "this is not an object identifier", at, NULL);
    }
    if (arcs == 0)
        return carnet_fail_at(err, CARNET_E_DER_VALUE, NULL, "an object identifier has two arcs at least", at, NULL);
    *out = made;
    return made.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}
