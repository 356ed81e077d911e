/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Views: a run of bytes (carnet_span), a run of text (carnet_str), and a
 * caller's buffer being filled (carnet_buf).
 *
 * A view owns nothing and needs no closing; it is good for as long as the
 * bytes it points into.  Two types, so that text is not passed for bytes.
 */
#ifndef CARNET_SPAN_H
#define CARNET_SPAN_H
#include "carnet/defs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
CARNET_BEGIN_DECLS

/** Borrowed bytes.  ptr may be NULL only when len is 0. */
typedef struct carnet_span {
    const uint8_t *ptr;
    size_t len;
} carnet_span;

/** Borrowed text in UTF-8, without a terminating zero. */
typedef struct carnet_str {
    const char *ptr;
    size_t len;
} carnet_str;

/** A caller's buffer being filled from the front.  The first write that does not fit sets
 *  `overflow`, writes nothing, and makes every later write a no-op. */
typedef struct carnet_buf {
    uint8_t *ptr;
    size_t len, cap;
    bool overflow;
} carnet_buf;

/** A view of `len` bytes at `ptr`. */
CARNET_API carnet_span carnet_span_of(const void *ptr, size_t len);
/** A text view of a zero-terminated string; empty for NULL. */
CARNET_API carnet_str carnet_str_of(const char *text);
/** The same bytes under the other type. */
CARNET_API carnet_span carnet_str_bytes(carnet_str text);

/** Equal length and bytes.  Not for secrets: see carnet_equal_secret(). */
CARNET_API bool carnet_span_equal(carnet_span a, carnet_span b);
CARNET_API bool carnet_str_equal(carnet_str a, carnet_str b);
/** Text view equal to a zero-terminated string. */
CARNET_API bool carnet_str_is(carnet_str a, const char *text);
CARNET_API bool carnet_str_starts(carnet_str a, const char *prefix);
/** Order by bytes, then by length: negative, 0 or positive. */
CARNET_API int carnet_span_compare(carnet_span a, carnet_span b);

/** An empty buffer over the caller's `cap` bytes. */
CARNET_API carnet_buf carnet_buf_of(void *ptr, size_t cap);
CARNET_API void carnet_buf_add(carnet_buf *buf, carnet_span bytes);
CARNET_API void carnet_buf_add_str(carnet_buf *buf, carnet_str text);
CARNET_API void carnet_buf_add_text(carnet_buf *buf, const char *text);
CARNET_API void carnet_buf_add_byte(carnet_buf *buf, uint8_t byte);
/** Append a decimal number. */
CARNET_API void carnet_buf_add_uint(carnet_buf *buf, uint64_t value);
CARNET_API void carnet_buf_add_int(carnet_buf *buf, int64_t value);
/** Append bytes as lower-case hexadecimal digits. */
CARNET_API void carnet_buf_add_hex(carnet_buf *buf, carnet_span bytes);
/** What has been written. */
CARNET_API carnet_span carnet_buf_span(const carnet_buf *buf);
CARNET_API carnet_str carnet_buf_str(const carnet_buf *buf);

CARNET_END_DECLS
#endif
