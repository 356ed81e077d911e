/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP messages, read in two ways that must come to the same. */
#ifndef CARNET_FUZZ_HTTP_WORLD_H
#define CARNET_FUZZ_HTTP_WORLD_H
#include "carnet/http.h"
#include "fuzz.h"

#include <string.h>

enum { HTTP_ROOM = 2048 };

typedef struct http_reading {
    carnet_http_reader reader;
    uint8_t room[HTTP_ROOM];
    carnet_buf body;
    size_t taken;
    carnet_err err;
    carnet_rc rc;
} http_reading;

static inline void
http_read(http_reading *r, carnet_http_kind kind, carnet_span bytes, size_t room, size_t step)
{
    memset(r, 0, sizeof(*r));
    r->body = carnet_buf_of(r->room, room);
    carnet_http_begin(&r->reader, kind, &r->body);
    while (r->taken < bytes.len && r->rc == CARNET_OK && !r->reader.done) {
        size_t len = bytes.len - r->taken < step ? bytes.len - r->taken : step, taken;

        r->rc = carnet_http_read(&r->reader, carnet_span_of(bytes.ptr + r->taken, len), &taken, &r->err);
        MUST(taken <= len && (taken == len || r->reader.done || r->rc != CARNET_OK));
        r->taken += taken;
    }
}

/* The first octet says how much room there is, the second in which pieces it is read again. */
static inline void
http_try(carnet_http_kind kind, const uint8_t *data, size_t size, http_reading *whole)
{
    static http_reading pieces;
    carnet_span bytes = carnet_span_of(data + 2, size - 2);
    size_t room = (size_t)data[0] * 8;

    http_read(whole, kind, bytes, room, bytes.len);
    http_read(&pieces, kind, bytes, room, 1u + data[1]);
    MUST(whole->rc == pieces.rc && whole->taken == pieces.taken && whole->reader.done == pieces.reader.done);
    MUST(whole->rc == CARNET_OK || whole->err.offset == pieces.err.offset);
    MUST(whole->reader.status == pieces.reader.status && whole->reader.close == pieces.reader.close);
    MUST(carnet_span_equal(carnet_buf_span(&whole->body), carnet_buf_span(&pieces.body)));
    MUST(whole->rc == CARNET_OK || whole->rc == CARNET_E_LINK_PROTOCOL || whole->rc == CARNET_E_LINK_TOO_LONG);
    MUST(whole->rc == CARNET_OK || (whole->err.rc == whole->rc && whole->err.offset <= bytes.len));
    MUST(!whole->body.overflow && whole->body.len <= room && whole->taken <= bytes.len);
    MUST(!whole->reader.done || whole->rc == CARNET_OK);
    MUST(!whole->reader.done || !whole->reader.has_length || whole->reader.length == whole->body.len);
}

#endif
