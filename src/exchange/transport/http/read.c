/* SPDX-License-Identifier: Apache-2.0 */
/* Octets into lines and bodies (RFC 9112 2, 6, 7). */
#include "internal.h"

#include <string.h>

/** What comes next. */
enum { START, FIELDS, BODY, BODY_TO_END, CHUNK, CHUNK_DATA, CHUNK_END, TRAILER, OVER };

void
carnet_http_begin(carnet_http_reader *reader, carnet_http_kind kind, carnet_buf *body)
{
    memset(reader, 0, offsetof(carnet_http_reader, line));
    reader->kind = kind;
    reader->body = body;
    reader->body_start = body->len;
}

/** An interim answer is over: the final one begins, and counts on within the same bounds. */
static void
begin_again(carnet_http_reader *r)
{
    size_t at = r->at, head_len = r->head_len, start = r->body_start;
    carnet_buf *body = r->body;

    carnet_http_begin(r, CARNET_HTTP_RESPONSE, body);
    r->at = at;
    r->head_len = head_len;
    r->body_start = start;
}

static void
finish(carnet_http_reader *r)
{
    r->step = OVER;
    r->done = true;
}

static carnet_rc
end_head(carnet_http_reader *r, carnet_err *err)
{
    carnet_rc rc;
    bool response = r->kind == CARNET_HTTP_RESPONSE;

    if (response && r->status < 200) {
        if (r->status == 101) {
            return carnet_http_refuse(r, 0, MDOC_CLAUSE, "the protocol is not to be switched", r->at, err);
        }
        begin_again(r);
        return CARNET_OK;
    }
    rc = carnet_http_head_over(r, r->at, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    r->head_done = true;
    if (response && (r->status == 204 || r->status == 304)) {
        if (r->length != 0 || r->chunked) {
            return carnet_http_refuse(r, 0, "RFC 9110 8.6", "no content, and yet some is announced", r->at, err);
        }
        finish(r);
    } else if (r->chunked) {
        r->step = CHUNK;
    } else if (response && !r->has_length) {
        r->step = BODY_TO_END;
        r->close = true;
    } else {
        r->step = BODY;
        r->left = r->length;
        if (r->left == 0) {
            finish(r);
        }
    }
    return CARNET_OK;
}

static carnet_rc
chunk_line(carnet_http_reader *r, carnet_str line, size_t offset, carnet_err *err)
{
    if (!carnet_http_chunk_length(line, &r->left)) {
        return carnet_http_refuse(r, 400, "RFC 9112 7.1", "this is no length of a chunk", offset, err);
    }
    if (r->left > r->body->cap - r->body->len) {
        return carnet_http_refuse(r, 413, MDOC_CLAUSE, "the message is longer than allowed", offset, err);
    }
    r->step = r->left == 0 ? TRAILER : CHUNK_DATA;
    return CARNET_OK;
}

/** A line, without its end, that began at `offset`. */
static carnet_rc
take_line(carnet_http_reader *r, carnet_str line, size_t offset, carnet_err *err)
{
    switch (r->step) {
    case START:
        r->step = FIELDS;
        return carnet_http_start_line(r, line, offset, err);
    case FIELDS:
        return line.len == 0 ? end_head(r, err) : carnet_http_field_line(r, line, offset, err);
    case CHUNK:
        return chunk_line(r, line, offset, err);
    case CHUNK_END:
        r->step = CHUNK;
        return line.len == 0
                   ? CARNET_OK
                   : carnet_http_refuse(r, 400, "RFC 9112 7.1", "the chunk is longer than it says", offset, err);
    default: /* TRAILER */
        if (line.len == 0) {
            finish(r);
            return CARNET_OK;
        }
        return carnet_http_is_field(line)
                   ? CARNET_OK
                   : carnet_http_refuse(r, 400, "RFC 9112 7.1.2", "this is no field line", offset, err);
    }
}

/** One octet of a line. */
static carnet_rc
line_octet(carnet_http_reader *r, uint8_t octet, carnet_err *err)
{
    bool after_cr = r->line_len > 0 && r->line[r->line_len - 1] == '\r';
    carnet_str line;

    if (++r->head_len > CARNET_HTTP_HEAD_MAX || (r->line_len == CARNET_HTTP_LINE_MAX && octet != '\n')) {
        return carnet_http_refuse(r, 431, "RFC 9110 5.4", "the head is longer than allowed", r->at, err);
    }
    if ((octet == '\n') != after_cr) {
        return carnet_http_refuse(r, 400, "RFC 9112 2.2", "a line does not end in CR LF", r->at, err);
    }
    if (octet != '\n') {
        r->line[r->line_len++] = (char)octet;
        r->at++;
        return CARNET_OK;
    }
    line = (carnet_str){ r->line, r->line_len - 1 };
    r->at++;
    r->line_len = 0;
    return take_line(r, line, r->at - line.len - 2, err);
}

/** As much of the body as is there. */
static size_t
body_octets(carnet_http_reader *r, carnet_span bytes, carnet_err *err)
{
    size_t room = r->body->overflow ? 0 : r->body->cap - r->body->len;
    size_t len = r->step == BODY_TO_END || bytes.len < r->left ? bytes.len : (size_t)r->left;

    if (len > 0 && room == 0) { /* a length that was said has been looked at before */
        (void)carnet_http_refuse(r, 413, MDOC_CLAUSE, "the message is longer than allowed", r->at, err);
        return 0;
    }
    len = len < room ? len : room;
    carnet_buf_add(r->body, carnet_span_of(bytes.ptr, len));
    r->at += len;
    if (r->step == BODY_TO_END) {
        return len;
    }
    r->left -= len;
    if (r->left == 0 && r->step == BODY) {
        finish(r);
    } else if (r->left == 0) {
        r->step = CHUNK_END;
    }
    return len;
}

carnet_rc
carnet_http_read(carnet_http_reader *reader, carnet_span bytes, size_t *taken, carnet_err *err)
{
    *taken = 0;
    if (reader->rc != CARNET_OK) {
        return carnet_fail(err, reader->rc, NULL, "the message was refused before");
    }
    while (*taken < bytes.len && !reader->done && reader->rc == CARNET_OK) {
        if (reader->step == BODY || reader->step == BODY_TO_END || reader->step == CHUNK_DATA) {
            *taken += body_octets(reader, carnet_span_of(bytes.ptr + *taken, bytes.len - *taken), err);
        } else if (line_octet(reader, bytes.ptr[*taken], err) == CARNET_OK) {
            ++*taken;
        }
    }
    return reader->rc;
}

carnet_rc
carnet_http_closed(carnet_http_reader *reader, carnet_err *err)
{
    if (reader->rc != CARNET_OK) {
        return carnet_fail(err, reader->rc, NULL, "the message was refused before");
    }
    if (reader->step == BODY_TO_END) {
        finish(reader);
    }
    if (reader->done) {
        return CARNET_OK;
    }
    reader->rc = reader->at == 0 ? CARNET_E_LINK_CLOSED : CARNET_E_LINK_LOST;
    return carnet_fail_at(err, reader->rc, NULL, reader->at == 0 ? NULL : "the message is not all there", reader->at,
                          NULL);
}
