/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP messages, whole and in pieces, as they should be and as they should not. */
#include "carnet/http.h"
#include "support/support.h"

#include <string.h>

#define ROOM 32

#define POST   "POST /mdoc HTTP/1.1\r\n"
#define HOST   "Host: [fe80::1]:4711\r\n"
#define CBOR   "Content-Type: application/cbor\r\n"
#define LENGTH "Content-Length: 5\r\n"
#define OK     "HTTP/1.1 200 OK\r\n"
#define CHUNKS "Transfer-Encoding: chunked\r\n"

typedef struct reading {
    carnet_http_reader reader;
    uint8_t room[ROOM];
    carnet_buf body;
    size_t taken;
    carnet_err err;
    carnet_rc rc;
} reading;

/* Read in pieces of `step` octets, until it is done or fails. */
static void
read_in_pieces(reading *r, carnet_http_kind kind, carnet_span bytes, size_t step)
{
    memset(r, 0, sizeof(*r));
    r->body = carnet_buf_of(r->room, sizeof(r->room));
    carnet_http_begin(&r->reader, kind, &r->body);
    while (r->taken < bytes.len && r->rc == CARNET_OK && !r->reader.done) {
        size_t len = bytes.len - r->taken < step ? bytes.len - r->taken : step, taken;
        carnet_span piece = carnet_test_copy(carnet_span_of(bytes.ptr + r->taken, len));

        r->rc = carnet_http_read(&r->reader, piece, &taken, &r->err);
        assert_true(taken == len || r->reader.done || r->rc != CARNET_OK);
        r->taken += taken;
    }
}

static carnet_span
text(const char *message)
{
    return carnet_str_bytes(carnet_str_of(message));
}

/* --- what is taken --- */

static const struct {
    const char *what;
    carnet_http_kind kind;
    const char *message, *body;
    unsigned status;
    bool close, expects;
} good[] = {
    { "a request", CARNET_HTTP_REQUEST, POST HOST CBOR LENGTH "\r\nhello", "hello", 0, false, false },
    { "a request without content", CARNET_HTTP_REQUEST, POST HOST CBOR "Content-Length: 0\r\n\r\n", "", 0, false,
      false },
    { "names in any case", CARNET_HTTP_REQUEST,
      POST "HOST:[fe80::1]\r\ncontent-TYPE:\tApplication/CBOR\r\nCONTENT-length: 5 \t\r\n\r\nhello", "hello", 0, false,
      false },
    { "a parameter of the type", CARNET_HTTP_REQUEST,
      POST HOST "Content-Type: application/cbor; x=1\r\n" LENGTH "\r\nhello", "hello", 0, false, false },
    { "fields not known", CARNET_HTTP_REQUEST, POST HOST CBOR LENGTH "User-Agent: curl/7.88.1\r\nX-Empty:\r\n\r\nhello",
      "hello", 0, false, false },
    { "the last of its connection", CARNET_HTTP_REQUEST, POST HOST CBOR LENGTH "Connection: x, Close\r\n\r\nhello",
      "hello", 0, true, false },
    { "one that waits to be told", CARNET_HTTP_REQUEST, POST HOST CBOR LENGTH "Expect: 100-Continue\r\n\r\nhello",
      "hello", 0, false, true },
    { "an answer", CARNET_HTTP_RESPONSE, OK CBOR LENGTH "\r\nhello", "hello", 200, false, false },
    { "an answer without a reason", CARNET_HTTP_RESPONSE, "HTTP/1.1 200 \r\n" LENGTH "\r\nhello", "hello", 200, false,
      false },
    { "an answer without reason or space", CARNET_HTTP_RESPONSE, "HTTP/1.1 200\r\n" LENGTH "\r\nhello", "hello", 200,
      false, false },
    { "an answer of HTTP/1.0", CARNET_HTTP_RESPONSE, "HTTP/1.0 200 OK\r\n" LENGTH "\r\nhello", "hello", 200, true,
      false },
    { "one of HTTP/1.0 that stays", CARNET_HTTP_RESPONSE,
      "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" LENGTH "\r\nhello", "hello", 200, false, false },
    { "chunks", CARNET_HTTP_RESPONSE, OK CBOR CHUNKS "\r\n2\r\nhe\r\n03;x=y\r\nllo\r\n0\r\n\r\n", "hello", 200, false,
      false },
    { "chunks and a trailer", CARNET_HTTP_RESPONSE, OK CHUNKS "\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n",
      "0123456789", 200, false, false },
    { "no content", CARNET_HTTP_RESPONSE, "HTTP/1.1 204 No Content\r\n\r\n", "", 204, false, false },
    { "an interim answer first", CARNET_HTTP_RESPONSE,
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" OK CBOR LENGTH "\r\nhello", "hello",
      200, false, false },
    { "a failure in words", CARNET_HTTP_RESPONSE, "HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\n" LENGTH "\r\n<p>ui",
      "<p>ui", 500, false, false },
};

static void
takes_what_is_right_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++) {
        char more[512];
        carnet_buf all = carnet_buf_of(more, sizeof(more));

        carnet_buf_add_text(&all, good[i].message);
        carnet_buf_add_text(&all, "NEXT");
        for (size_t step = 1; step <= all.len; step += step < 8 ? 1 : 13) {
            reading r;

            read_in_pieces(&r, good[i].kind, carnet_buf_span(&all), step);
            if (r.rc != CARNET_OK || !r.reader.done || r.taken != all.len - 4) {
                fail_msg("%s, by %zu: %s, %zu of %zu: %s", good[i].what, step, carnet_rc_name(r.rc), r.taken,
                         all.len - 4, r.err.reason);
            }
            assert_str_is(carnet_buf_str(&r.body), good[i].body);
            assert_int_equal(r.reader.close, good[i].close);
            assert_int_equal(r.reader.expect_continue, good[i].expects);
            assert_int_equal(r.reader.status, good[i].status);
        }
    }
}

static void
nothing_less_than_all_is_done(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++) {
        carnet_span all = text(good[i].message);

        for (size_t len = 0; len < all.len; len++) {
            reading r;

            read_in_pieces(&r, good[i].kind, carnet_span_of(all.ptr, len), all.len);
            assert_int_equal(r.rc, CARNET_OK);
            assert_int_equal(r.taken, len);
            assert_false(r.reader.done);
            assert_carnet_rc(carnet_http_closed(&r.reader, &r.err),
                             len == 0 ? CARNET_E_LINK_CLOSED : CARNET_E_LINK_LOST);
            assert_carnet_rc(carnet_http_read(&r.reader, all, &r.taken, NULL), r.reader.rc);
            assert_int_equal(r.taken, 0);
        }
    }
}

static void
an_answer_may_end_with_its_connection(void **state)
{
    reading r;

    (void)state;
    read_in_pieces(&r, CARNET_HTTP_RESPONSE, text("HTTP/1.0 200 OK\r\n\r\nhello"), 3);
    assert_int_equal(r.rc, CARNET_OK);
    assert_false(r.reader.done);
    assert_carnet_ok(carnet_http_closed(&r.reader, &r.err), &r.err);
    assert_true(r.reader.done);
    assert_true(r.reader.close);
    assert_str_is(carnet_buf_str(&r.body), "hello");
}

/* --- what is refused --- */

static const struct {
    const char *what;
    const char *message;
    unsigned status; /* that says why */
    size_t offset;
} bad_requests[] = {
    { "no line", "\r\n", 400, 0 },
    { "no target", "POST HTTP/1.1\r\n", 400, 0 },
    { "two spaces", "POST  /mdoc HTTP/1.1\r\n", 400, 0 },
    { "a method that is no word", "PO@ST /mdoc HTTP/1.1\r\n", 400, 0 },
    { "something behind the version", "POST /mdoc HTTP/1.1 x\r\n", 505, 11 },
    { "an older version", "POST /mdoc HTTP/1.0\r\n", 505, 11 },
    { "a later version", "POST /mdoc HTTP/2.0\r\n", 505, 11 },
    { "another target", "POST /other HTTP/1.1\r\n", 404, 5 },
    { "a query", "POST /mdoc?x HTTP/1.1\r\n", 404, 5 },
    { "a whole URI", "POST http://[fe80::1]/mdoc HTTP/1.1\r\n", 404, 5 },
    { "another method", "GET /mdoc HTTP/1.1\r\n", 405, 0 },
    { "a method in small letters", "post /mdoc HTTP/1.1\r\n", 405, 0 },
    { "LF alone", "POST /mdoc HTTP/1.1\n", 400, 19 },
    { "CR alone", "POST /mdoc\rHTTP/1.1\r\n", 400, 11 },
    { "a field without a colon", POST "Host\r\n", 400, 21 },
    { "a space before the colon", POST "Host : x\r\n", 400, 21 },
    { "a folded line", POST HOST " more\r\n", 400, 43 },
    { "a control character", POST "X: a\x01z\r\n", 400, 21 },
    { "no host", POST CBOR LENGTH "\r\n", 400, 74 },
    { "two hosts", POST HOST HOST, 400, 43 },
    { "an empty host", POST "Host:\r\n", 400, 21 },
    { "no length", POST HOST CBOR "\r\n", 411, 77 },
    { "a length twice", POST HOST LENGTH LENGTH, 400, 62 },
    { "two lengths", POST HOST "Content-Length: 5, 5\r\n", 400, 43 },
    { "a signed length", POST HOST "Content-Length: +5\r\n", 400, 43 },
    { "an empty length", POST HOST "Content-Length:\r\n", 400, 43 },
    { "a hexadecimal length", POST HOST "Content-Length: a\r\n", 400, 43 },
    { "a length beyond numbers", POST HOST "Content-Length: 18446744073709551621\r\n", 400, 43 },
    { "more than there is room", POST HOST CBOR "Content-Length: 33\r\n\r\n", 413, 97 },
    { "no type", POST HOST LENGTH "\r\n", 415, 64 },
    { "another type", POST HOST "Content-Type: text/plain\r\n", 415, 43 },
    { "a type that begins alike", POST HOST "Content-Type: application/cborx\r\n", 415, 43 },
    { "two types", POST HOST CBOR CBOR, 415, 75 },
    { "chunks", POST HOST CHUNKS, 411, 43 },
    { "compression", POST HOST "Transfer-Encoding: gzip, chunked\r\n", 501, 43 },
    { "another expectation", POST HOST "Expect: cake\r\n", 417, 43 },
};

static void
refuses_a_request_and_says_why_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad_requests); i++) {
        for (size_t step = 1; step < 100; step += 49) {
            reading r;
            carnet_rc rc = bad_requests[i].status == 413 ? CARNET_E_LINK_TOO_LONG : CARNET_E_LINK_PROTOCOL;

            read_in_pieces(&r, CARNET_HTTP_REQUEST, text(bad_requests[i].message), step);
            if (r.rc != rc || r.reader.status != bad_requests[i].status || r.err.offset != bad_requests[i].offset) {
                fail_msg("%s: %s, %u, at %zu: %s", bad_requests[i].what, carnet_rc_name(r.rc), r.reader.status,
                         r.err.offset, r.err.reason);
            }
            assert_non_null(r.err.clause);
            assert_int_equal(r.body.len, 0);
            assert_false(r.reader.done);
            assert_carnet_rc(carnet_http_closed(&r.reader, NULL), rc);
        }
    }
}

static const struct {
    const char *what;
    const char *message;
    carnet_rc rc;
    size_t offset;
} bad_answers[] = {
    { "another protocol", "SSH-2.0-OpenSSH\r\n", CARNET_E_LINK_PROTOCOL, 0 },
    { "another version", "HTTP/2 200\r\n", CARNET_E_LINK_PROTOCOL, 0 },
    { "a status of two digits", "HTTP/1.1 20 OK\r\n", CARNET_E_LINK_PROTOCOL, 0 },
    { "a status of four digits", "HTTP/1.1 2000\r\n", CARNET_E_LINK_PROTOCOL, 0 },
    { "a status that is none", "HTTP/1.1 099 x\r\n", CARNET_E_LINK_PROTOCOL, 0 },
    { "a status beyond those there are", "HTTP/1.1 600 x\r\n", CARNET_E_LINK_PROTOCOL, 0 },
    { "other protocols", "HTTP/1.1 101 Switching\r\n\r\n", CARNET_E_LINK_PROTOCOL, 26 },
    { "another content", OK "Content-Type: text/html\r\n", CARNET_E_LINK_PROTOCOL, 17 },
    { "a length and chunks", OK LENGTH CHUNKS "\r\n", CARNET_E_LINK_PROTOCOL, 66 },
    { "chunks twice", OK CHUNKS CHUNKS, CARNET_E_LINK_PROTOCOL, 45 },
    { "chunks within something", OK "Transfer-Encoding: gzip, chunked\r\n", CARNET_E_LINK_PROTOCOL, 17 },
    { "chunks of HTTP/1.0", "HTTP/1.0 200 OK\r\n" CHUNKS, CARNET_E_LINK_PROTOCOL, 17 },
    { "a chunk without a length", OK CHUNKS "\r\n\r\n", CARNET_E_LINK_PROTOCOL, 47 },
    { "a chunk of a length that is none", OK CHUNKS "\r\n0x5\r\n", CARNET_E_LINK_PROTOCOL, 47 },
    { "a chunk longer than it says", OK CHUNKS "\r\n1\r\nhello\r\n", CARNET_E_LINK_PROTOCOL, 51 },
    { "a chunk longer than there is room", OK CHUNKS "\r\n21\r\n", CARNET_E_LINK_TOO_LONG, 47 },
    { "a chunk beyond numbers", OK CHUNKS "\r\nffffffffffffffff1\r\n", CARNET_E_LINK_PROTOCOL, 47 },
    { "chunks longer than there is room", OK CHUNKS "\r\n1f\r\n1234567890123456789012345678901\r\n2\r\n",
      CARNET_E_LINK_TOO_LONG, 84 },
    { "a trailer that is none", OK CHUNKS "\r\n0\r\nno trailer\r\n", CARNET_E_LINK_PROTOCOL, 50 },
    { "a length beyond the room", OK "Content-Length: 33\r\n\r\n", CARNET_E_LINK_TOO_LONG, 39 },
    { "content where there is none", "HTTP/1.1 204 No Content\r\n" LENGTH "\r\n", CARNET_E_LINK_PROTOCOL, 46 },
    { "no end", OK "\r\n123456789012345678901234567890123", CARNET_E_LINK_TOO_LONG, 51 },
};

static void
refuses_an_answer_and_says_why_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad_answers); i++) {
        for (size_t step = 1; step < 100; step += 98) {
            reading r;

            read_in_pieces(&r, CARNET_HTTP_RESPONSE, text(bad_answers[i].message), step);
            if (r.rc != bad_answers[i].rc || r.err.offset != bad_answers[i].offset) {
                fail_msg("%s, by %zu: %s at %zu: %s", bad_answers[i].what, step, carnet_rc_name(r.rc), r.err.offset,
                         r.err.reason);
            }
            assert_false(r.reader.done);
        }
    }
}

/* --- bounds --- */

static reading
flood(carnet_http_kind kind, const char *head, const char *line, size_t lines)
{
    reading r = { 0 };
    size_t taken;

    r.body = carnet_buf_of(NULL, 0);
    carnet_http_begin(&r.reader, kind, &r.body);
    r.rc = carnet_http_read(&r.reader, text(head), &taken, &r.err);
    for (size_t i = 0; i < lines && r.rc == CARNET_OK; i++) {
        r.rc = carnet_http_read(&r.reader, text(line), &taken, &r.err);
        r.taken += taken;
    }
    r.reader.body = NULL;
    return r;
}

static void
a_head_without_end_is_refused(void **state)
{
    reading r = flood(CARNET_HTTP_REQUEST, POST, "x", 100000);

    (void)state;
    assert_int_equal(r.rc, CARNET_E_LINK_TOO_LONG);
    assert_int_equal(r.reader.status, 431);
    assert_int_equal(r.taken, CARNET_HTTP_LINE_MAX);
    r = flood(CARNET_HTTP_REQUEST, POST, "X: y\r\n", 100000);
    assert_int_equal(r.rc, CARNET_E_LINK_TOO_LONG);
    assert_int_equal(r.reader.status, 431);
    assert_in_range(r.taken, CARNET_HTTP_HEAD_MAX - 100, CARNET_HTTP_HEAD_MAX);
    r = flood(CARNET_HTTP_RESPONSE, "", "HTTP/1.1 100 Continue\r\n\r\n", 100000);
    assert_int_equal(r.rc, CARNET_E_LINK_TOO_LONG);
    assert_in_range(r.taken, CARNET_HTTP_HEAD_MAX - 100, CARNET_HTTP_HEAD_MAX);
    r = flood(CARNET_HTTP_RESPONSE, OK CHUNKS "\r\n0\r\n", "X: y\r\n", 100000);
    assert_int_equal(r.rc, CARNET_E_LINK_TOO_LONG);
}

static void
survives_every_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++) {
        carnet_span all = text(good[i].message);
        uint8_t copy[512];

        for (size_t bit = 0; bit < 8 * all.len; bit++) {
            reading r;

            memcpy(copy, all.ptr, all.len);
            copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
            read_in_pieces(&r, good[i].kind, carnet_span_of(copy, all.len), 7);
            assert_true(r.body.len <= ROOM && !r.body.overflow);
            assert_true(r.rc == CARNET_OK || r.err.offset <= all.len);
        }
    }
}

/* --- what is built --- */

static void
builds_what_it_reads(void **state)
{
    uint8_t room[CARNET_HTTP_HEAD_LENGTH + 8];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    reading r;

    (void)state;
    carnet_http_build_request(&out, carnet_str_of("[fe80::1]:4711"), 5);
    carnet_buf_add_text(&out, "hello");
    assert_str_is(carnet_buf_str(&out), "POST /mdoc HTTP/1.1\r\nHost: [fe80::1]:4711\r\nContent-Type: application/cbor"
                                        "\r\nContent-Length: 5\r\n\r\nhello");
    read_in_pieces(&r, CARNET_HTTP_REQUEST, carnet_buf_span(&out), 1000);
    assert_true(r.reader.done);
    out.len = 0;
    carnet_http_build_response(&out, 200, 5, true);
    carnet_buf_add_text(&out, "hello");
    assert_str_is(carnet_buf_str(&out), "HTTP/1.1 200 OK\r\nContent-Type: application/cbor\r\nContent-Length: 5\r\n"
                                        "Connection: close\r\n\r\nhello");
    read_in_pieces(&r, CARNET_HTTP_RESPONSE, carnet_buf_span(&out), 1000);
    assert_true(r.reader.done && r.reader.close);
    out.len = 0;
    carnet_http_build_response(&out, 100, 0, false);
    assert_str_is(carnet_buf_str(&out), "HTTP/1.1 100 Continue\r\n\r\n");
    out.len = 0;
    carnet_http_build_response(&out, 405, 0, true);
    assert_str_is(carnet_buf_str(&out), "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n"
                                        "Allow: POST\r\n\r\n");
    for (unsigned status = 0; status < 1000; status++) {
        assert_true(carnet_http_status_text(status)[0] != '\0');
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_right_in_pieces_of_any_size),
        cmocka_unit_test(nothing_less_than_all_is_done),
        cmocka_unit_test(an_answer_may_end_with_its_connection),
        cmocka_unit_test(refuses_a_request_and_says_why_and_where),
        cmocka_unit_test(refuses_an_answer_and_says_why_and_where),
        cmocka_unit_test(a_head_without_end_is_refused),
        cmocka_unit_test(survives_every_bit),
        cmocka_unit_test(builds_what_it_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
