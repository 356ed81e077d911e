/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 as a session over Wi-Fi Aware uses it (18013-5 11.3; RFC 9112): each
 * message of the reader is the body of a `POST /mdoc`, each of the mdoc that of
 * its 200 answer.  Bytes in, bytes out; no sockets, no clock.
 *
 * Framing is strict: lines end in CR LF, none is folded, a length is said once,
 * and a message whose end could be read in two ways is refused.  Requests have
 * Content-Length; answers may be chunked or end with the connection too, as
 * other stacks send them.
 *
 * A reader is the caller's storage and belongs to one thread.
 */
#ifndef CARNET_HTTP_H
#define CARNET_HTTP_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_HTTP_LINE_MAX    1024 /**< octets of one line of a head */
#define CARNET_HTTP_HEAD_MAX    8192 /**< octets of a head, interim answers, chunk heads and trailers, together */
#define CARNET_HTTP_HEAD_LENGTH 256  /**< the longest head that is built here */

typedef enum carnet_http_kind { CARNET_HTTP_REQUEST, CARNET_HTTP_RESPONSE } carnet_http_kind;

/** A message being read. */
typedef struct carnet_http_reader {
    carnet_http_kind kind;
    carnet_buf *body;     /**< where the body is appended */
    size_t body_start;    /**< its first octet there */
    bool head_done;       /**< the head was read */
    bool done;            /**< all was read */
    bool close;           /**< the peer ends the connection after this message */
    bool expect_continue; /**< a request whose body comes after an interim answer of 100 */
    bool has_length;      /**< the length of the body was said: `length` */
    uint64_t length;
    unsigned status; /**< a response's; of a request that was refused: what to answer */
    carnet_rc rc;    /**< the failure; it sticks */
    /* the reader's own */
    uint8_t step;
    bool has_host, has_type, has_encoding, chunked, minor_0;
    uint64_t left;
    size_t head_len, line_len, at;
    char line[CARNET_HTTP_LINE_MAX];
} carnet_http_reader;

/** Begin a message, whose body is appended to `body`. */
CARNET_API void carnet_http_begin(carnet_http_reader *reader, carnet_http_kind kind, carnet_buf *body);
/** Take bytes as they come, in pieces of any size.  *taken are those that belong to this message: fewer than given only when
 *  it is `done` or has failed.  CARNET_E_LINK_PROTOCOL: it is not as HTTP or 18013-5 11.3 has it (*err says what, and at
 *  which octet of the message); CARNET_E_LINK_TOO_LONG: the head is longer than CARNET_HTTP_HEAD_MAX, or the body than there
 *  is room.  A request refused: reader->status is the HTTP status that says why. */
CARNET_API carnet_rc carnet_http_read(carnet_http_reader *reader, carnet_span bytes, size_t *taken, carnet_err *err);
/** The peer has ended the connection: the end of an answer that goes on until then.  CARNET_E_LINK_CLOSED: between
 *  messages; CARNET_E_LINK_LOST: in the middle of one. */
CARNET_API carnet_rc carnet_http_closed(carnet_http_reader *reader, carnet_err *err);

/** Append the head of a request.  `host`: address and port as in a URI, such as "[fe80::1]:4711", without a zone. */
CARNET_API void carnet_http_build_request(carnet_buf *out, carnet_str host, size_t body_len);
/** Append the head of an answer with this status, whose body, if any, is CBOR.  `close`: the connection ends with it.
 *  100: an interim answer, which has no body. */
CARNET_API void carnet_http_build_response(carnet_buf *out, unsigned status, size_t body_len, bool close);
/** What a status means, in the words of RFC 9110; never NULL. */
CARNET_API const char *carnet_http_status_text(unsigned status);

CARNET_END_DECLS
#endif
