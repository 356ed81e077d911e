/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/span.h"

#include <string.h>

carnet_span
carnet_span_of(const void *ptr, size_t len)
{
    return (carnet_span){ ptr, len };
}

carnet_str
carnet_str_of(const char *text)
{
    return (carnet_str){ text, text != NULL ? strlen(text) : 0 };
}

carnet_span
carnet_str_bytes(carnet_str text)
{
    return (carnet_span){ (const uint8_t *)text.ptr, text.len };
}

bool
carnet_span_equal(carnet_span a, carnet_span b)
{
    /* memcmp() may not be given NULL, which an empty view may hold. */
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
carnet_str_equal(carnet_str a, carnet_str b)
{
    return carnet_span_equal(carnet_str_bytes(a), carnet_str_bytes(b));
}

bool
carnet_str_is(carnet_str a, const char *text)
{
    return carnet_str_equal(a, carnet_str_of(text));
}

bool
carnet_str_starts(carnet_str a, const char *prefix)
{
    carnet_str p = carnet_str_of(prefix);

    return a.len >= p.len && carnet_str_equal((carnet_str){ a.ptr, p.len }, p);
}

int
carnet_span_compare(carnet_span a, carnet_span b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

carnet_buf
carnet_buf_of(void *ptr, size_t cap)
{
    return (carnet_buf){ ptr, 0, cap, false };
}

void
carnet_buf_add(carnet_buf *buf, carnet_span bytes)
{
    if (buf->overflow || bytes.len > buf->cap - buf->len) {
        buf->overflow = true;
        return;
    }
    if (bytes.len > 0)
        memcpy(buf->ptr + buf->len, bytes.ptr, bytes.len);
    buf->len += bytes.len;
}

void
carnet_buf_add_str(carnet_buf *buf, carnet_str text)
{
    carnet_buf_add(buf, carnet_str_bytes(text));
}

void
carnet_buf_add_text(carnet_buf *buf, const char *text)
{
    carnet_buf_add_str(buf, carnet_str_of(text));
}

void
carnet_buf_add_byte(carnet_buf *buf, uint8_t byte)
{
    if (buf->overflow || buf->len == buf->cap) {
        buf->overflow = true;
        return;
    }
    buf->ptr[buf->len++] = byte;
}

void
carnet_buf_add_uint(carnet_buf *buf, uint64_t value)
{
    uint8_t digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    carnet_buf_add(buf, (carnet_span){ digits + at, sizeof(digits) - at });
}

void
carnet_buf_add_int(carnet_buf *buf, int64_t value)
{
    size_t before = buf->len;

    if (value >= 0) {
        carnet_buf_add_uint(buf, (uint64_t)value);
        return;
    }
    carnet_buf_add_byte(buf, '-');
    carnet_buf_add_uint(buf, 0 - (uint64_t)value);
    if (buf->overflow) /* a sign without its number is not left behind */
        buf->len = before;
}

void
carnet_buf_add_hex(carnet_buf *buf, carnet_span bytes)
{
    static const char digits[] = "0123456789abcdef";

    if (buf->overflow || bytes.len > (buf->cap - buf->len) / 2) {
        buf->overflow = true;
        return;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        buf->ptr[buf->len++] = (uint8_t)digits[bytes.ptr[i] >> 4];
        buf->ptr[buf->len++] = (uint8_t)digits[bytes.ptr[i] & 15];
    }
}

carnet_span
carnet_buf_span(const carnet_buf *buf)
{
    return (carnet_span){ buf->ptr, buf->len };
}

carnet_str
carnet_buf_str(const carnet_buf *buf)
{
    return (carnet_str){ (const char *)buf->ptr, buf->len };
}
