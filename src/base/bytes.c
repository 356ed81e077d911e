/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/bytes.h"

#include <string.h>

void
carnet_wipe(void *ptr, size_t len)
{
    if (len == 0)
        return;
    memset(ptr, 0, len);
    /* The compiler must suppose that this reads the bytes, so it cannot leave the memset() out. */
    __asm__ __volatile__("" : : "r"(ptr) : "memory");
}

void
carnet_secret_done(carnet_secret *secret)
{
    if (secret != NULL)
        carnet_wipe(secret, sizeof(*secret));
}

bool
carnet_equal_secret(carnet_span a, carnet_span b)
{
    uint8_t different = 0;

    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        different |= a.ptr[i] ^ b.ptr[i];
        /* Hides the value, or the compiler might leave the loop at the first difference. */
        __asm__ __volatile__("" : "+r"(different));
    }
    return different == 0;
}

bool
carnet_add_size(size_t a, size_t b, size_t *sum)
{
    bool fits = a <= SIZE_MAX - b;

    *sum = fits ? a + b : 0;
    return fits;
}

/* Length of the UTF-8 sequence at `p`, of which `left` bytes exist; 0 if it is not well formed (RFC 3629, 4). */
static size_t
utf8_sequence(const uint8_t *p, size_t left)
{
    uint8_t low = 0x80, high = 0xbf; /* bounds of the second byte */
    size_t len;

    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (p[0] == 0xe0)
        low = 0xa0; /* below: overlong */
    else if (p[0] == 0xed)
        high = 0x9f; /* above: surrogates */
    else if (p[0] == 0xf0)
        low = 0x90; /* below: overlong */
    else if (p[0] == 0xf4)
        high = 0x8f; /* above: beyond U+10FFFF */
    if (left < len || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

bool
carnet_utf8_valid(carnet_span bytes)
{
    size_t at = 0;

    while (at < bytes.len) {
        uint64_t eight;
        size_t len;

        if (bytes.len - at >= sizeof(eight)) {
            memcpy(&eight, bytes.ptr + at, sizeof(eight));
            if ((eight & 0x8080808080808080u) == 0) {
                at += sizeof(eight);
                continue;
            }
        }
        len = utf8_sequence(bytes.ptr + at, bytes.len - at);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}
