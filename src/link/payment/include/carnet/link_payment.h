/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections of a payment network: messages of ISO 8583 over TCP, in one of the
 * framings of carnet/iso8583_frame.h, with TLS or without.  Nothing here looks
 * into a message.
 *
 * A loop belongs to one thread and holds any number of ends: an end that listens
 * takes connections, an end that connects stays connected (it comes back by
 * itself, later and later).  One step of the loop reads all that is there on all
 * connections and hands every whole frame over in one batch, so that a batch can
 * share what is dear (a durable commit); answers that are sent meanwhile leave
 * together when the batch is done.
 *
 *     carnet_payment_server serves with a thread of its own (an authorisation system),
 *     carnet_payment_client asks and waits (a tool, a terminal).
 *
 * Views of a batch die when its function returns.  A peer is good from `up` to
 * the return of `down`.  Only carnet_payment_wake() may be called by other threads.
 */
#ifndef CARNET_LINK_PAYMENT_H
#define CARNET_LINK_PAYMENT_H
#include "carnet/iso8583_frame.h"
CARNET_BEGIN_DECLS

typedef struct carnet_payment_loop carnet_payment_loop;
typedef struct carnet_payment_end carnet_payment_end;
typedef struct carnet_payment_peer carnet_payment_peer;

#define CARNET_PAYMENT_NAME 64 /**< octets of a peer's name, the zero included */

/** One whole frame. */
typedef struct carnet_payment_frame {
    carnet_payment_peer *peer;
    carnet_span header;  /**< of the framing, between length and message (a TPDU); may be empty */
    carnet_span message; /**< signs of life are answered here and not handed over */
} carnet_payment_frame;

/** TLS of an end; names of PEM files.  TLS 1.2 with AEAD at least (RFC 9325). */
typedef struct carnet_payment_tls {
    const char *chain, *key; /**< our certificate; an end that listens needs them */
    const char *ca;          /**< whom the other side's certificate must come from; an end that connects needs it */
    const char *name;        /**< the server's name in its certificate; NULL: the address */
    bool clients;            /**< an end that listens: demand certificates from `ca` */
} carnet_payment_tls;

/** An end.  Zeros stand for the defaults in parentheses.  Texts, framing and TLS are copied or read at once. */
typedef struct carnet_payment_end_config {
    const char *address; /**< to listen at, or to connect to; an IP address or a name */
    uint16_t port;       /**< to listen at: 0 is any that is free */
    bool listens;
    const carnet_framing *framing;
    const carnet_payment_tls *tls; /**< NULL: none */
    size_t frame_max;              /**< octets of a message (8,192); longer ones end the connection */
    size_t unsent_max;             /**< octets that wait for a peer that does not read; more end it (1 MiB) */
    unsigned connections;          /**< at once, of an end that listens (256); more are refused */
    unsigned frame_ms;             /**< a frame that began, or a handshake, is over by then (10,000) */
    unsigned idle_ms;              /**< nothing heard so long ends the connection (0: it does not) */
    unsigned connect_ms;           /**< of one attempt (5,000) */
    unsigned retry_ms;             /**< before the second attempt (200); doubled, with some chance, to ... */
    unsigned retry_max_ms;         /**< ... at most (30,000) */
    void *self;                    /**< to `up` and `down` */
    /** Connected (and shaken hands).  May send. */
    void (*up)(void *self, carnet_payment_peer *peer);
    /** The connection is over: CARNET_E_LINK_CLOSED (orderly), _LOST, _TIMEOUT, _PROTOCOL (no frame of this framing, or one
     *  too long), _TOO_LONG (too much is unsent), _ABSENT, _IO, CARNET_E_PAYMENT_TLS.  May be called for a connecting end without `up` before, with no peer. */
    void (*down)(void *self, carnet_payment_peer *peer, const carnet_err *why);
} carnet_payment_end_config;

/** All frames that were there, in the order of each connection. */
typedef void carnet_payment_batch(void *self, const carnet_payment_frame *frames, size_t count);

/** Counters since the start; octets with framing. */
typedef struct carnet_payment_counters {
    uint64_t connections, refused; /**< taken or made; an end that listens was full */
    uint64_t frames_in, frames_out, octets_in, octets_out, batches;
} carnet_payment_counters;

/** `self` goes to `batch`; `random` may be NULL (then attempts to connect are spread by the clock). */
carnet_rc carnet_payment_loop_new(carnet_payment_batch *batch, void *self, const carnet_random *random,
                                  carnet_payment_loop **loop, carnet_err *err);
/** Ends every connection without telling anybody. */
void carnet_payment_loop_free(carnet_payment_loop **loop);
/** Add an end.  One that listens does from now on; one that connects begins with the next step, and fails here only for what
 *  will not get better (files of TLS, CARNET_E_USAGE). */
carnet_rc carnet_payment_add(carnet_payment_loop *loop, const carnet_payment_end_config *config,
                             carnet_payment_end **end, carnet_err *err);
/** The port an end listens at. */
uint16_t carnet_payment_port(const carnet_payment_end *end);
/** The peer of an end that connects; NULL: it is not connected. */
carnet_payment_peer *carnet_payment_connected(const carnet_payment_end *end);

/** Wait until something happens, or until `until_ms` of carnet_payment_now(), and do all that is to be done once. */
carnet_rc carnet_payment_step(carnet_payment_loop *loop, int64_t until_ms, carnet_err *err);
/** End the step that waits, or the next one at once.  For other threads and signal handlers. */
void carnet_payment_wake(carnet_payment_loop *loop);
/** Milliseconds of the clock that nobody sets, as it was when this step began (no system call). */
int64_t carnet_payment_now(const carnet_payment_loop *loop);
carnet_payment_counters carnet_payment_count(const carnet_payment_loop *loop);

/** Queue a message; it leaves at the end of the step.  `header` as it stands in the frame; empty: zeros.  CARNET_E_LINK_CLOSED: the
 *  peer is going; CARNET_E_LINK_TOO_LONG: the framing cannot say this length, or too much is unsent. */
carnet_rc carnet_payment_send(carnet_payment_peer *peer, carnet_span header, carnet_span message, carnet_err *err);
/** The same as an answer to a frame with this header: a TPDU's addresses are turned round. */
carnet_rc carnet_payment_answer(carnet_payment_peer *peer, carnet_span header, carnet_span message, carnet_err *err);
/** End the connection when what was queued has left. */
void carnet_payment_end_peer(carnet_payment_peer *peer);
/** "192.0.2.1:5000". */
const char *carnet_payment_peer_name(const carnet_payment_peer *peer);
/** Its certificate, DER; empty: it showed none. */
carnet_span carnet_payment_peer_certificate(const carnet_payment_peer *peer);
/** The end it belongs to, the end's `self`, and something of the caller's. */
carnet_payment_end *carnet_payment_peer_end(const carnet_payment_peer *peer);
void *carnet_payment_peer_self(const carnet_payment_peer *peer);
void carnet_payment_peer_set(carnet_payment_peer *peer, void *own);
void *carnet_payment_peer_own(const carnet_payment_peer *peer);
/** When something was last heard from it, by carnet_payment_now(). */
int64_t carnet_payment_peer_heard(const carnet_payment_peer *peer);

/* --- a server with a thread of its own --- */

typedef struct carnet_payment_server carnet_payment_server;

typedef struct carnet_payment_server_config {
    carnet_payment_end_config end; /**< it listens */
    void *self;                    /**< to all below, which run on the server's thread */
    carnet_payment_batch *batch;
    /** Called after each step, that is at least every `tick_ms` (1,000); NULL: nothing. */
    void (*tick)(void *self, int64_t now_ms);
    unsigned tick_ms;
} carnet_payment_server_config;

carnet_rc carnet_payment_server_start(const carnet_payment_server_config *config, carnet_payment_server **server,
                                      carnet_err *err);
uint16_t carnet_payment_server_port(const carnet_payment_server *server);
/** Read by any thread; may be a moment old. */
carnet_payment_counters carnet_payment_server_count(const carnet_payment_server *server);
/** Answers that were queued are sent first, for a second at most. */
void carnet_payment_server_stop(carnet_payment_server **server);

/* --- a client that waits --- */

typedef struct carnet_payment_client carnet_payment_client;

/** Connect; the end's up and down are not used.  CARNET_E_LINK_TIMEOUT: nobody was there by then. */
carnet_rc carnet_payment_client_open(const carnet_payment_end_config *config, int timeout_ms,
                                     carnet_payment_client **client, carnet_err *err);
carnet_rc carnet_payment_client_send(carnet_payment_client *client, carnet_span header, carnet_span message,
                                     carnet_err *err);
/** The next frame, appended: *header and *message are views into `room`.  CARNET_E_LINK_TIMEOUT may be tried again;
 *  CARNET_E_LINK_CLOSED and _LOST may be, too: the client connects anew. */
carnet_rc carnet_payment_client_receive(carnet_payment_client *client, int timeout_ms, carnet_buf *room,
                                        carnet_span *header, carnet_span *message, carnet_err *err);
void carnet_payment_client_close(carnet_payment_client **client);

CARNET_END_DECLS
#endif
