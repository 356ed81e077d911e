/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_LINK_PAYMENT_INTERNAL_H
#define CARNET_LINK_PAYMENT_INTERNAL_H
#include "carnet/link_payment.h"

#include <stdatomic.h>
#include <sys/socket.h>

enum {
    PAYMENT_BATCH = 512,       /* frames handed over at once */
    PAYMENT_EVENTS = 128,      /* connections looked at in a step */
    PAYMENT_READ = 32768,      /* octets read at once, more than the longest frame that is usual */
    PAYMENT_CERTIFICATE = 8192 /* octets */
};

typedef struct payment_buffer {
    uint8_t *ptr;
    size_t at, len, cap; /* at: what was consumed */
} payment_buffer;

/* tls.c */
typedef struct payment_tls payment_tls;           /* of an end */
typedef struct payment_tls_peer payment_tls_peer; /* of a connection */

typedef enum payment_state {
    PAYMENT_CONNECTING,
    PAYMENT_SHAKING,
    PAYMENT_UP,
    PAYMENT_LEAVING,
    PAYMENT_GONE
} payment_state;

struct carnet_payment_peer {
    carnet_payment_loop *loop;
    carnet_payment_end *end;
    carnet_payment_peer *next, *dirty; /* of the loop; of those that have something to send, or go */
    payment_state state;
    int fd;
    uint32_t watched; /* events asked of epoll */
    bool readable, is_dirty, told_up, ended;
    payment_buffer in, out;
    int64_t heard, began; /* began: of a frame or handshake that is not whole; 0: none */
    void *own;
    payment_tls_peer *tls;
    carnet_err why; /* of what is over */
    char name[CARNET_PAYMENT_NAME];
};

struct carnet_payment_end {
    carnet_payment_loop *loop;
    carnet_payment_end *next;
    carnet_payment_end_config config;
    carnet_framing framing;
    char *address;
    payment_tls *tls;
    int fd; /* listens */
    uint16_t port;
    unsigned count;            /* connections */
    carnet_payment_peer *peer; /* connects */
    int64_t attempt;           /* when to try (again); 0: not to */
    uint32_t wait_ms;          /* before the next attempt */
};

struct carnet_payment_loop {
    carnet_payment_batch *batch;
    void *self;
    carnet_random random;
    int epoll, wake;
    int64_t now, check; /* check: nothing is over before that */
    carnet_payment_end *ends;
    carnet_payment_peer *peers, *dirty;
    carnet_payment_peer *ready[PAYMENT_EVENTS]; /* with octets that were not looked at */
    size_t ready_count;
    carnet_payment_frame frames[PAYMENT_BATCH];
    carnet_payment_counters counters;
};

/* loop.c */
int64_t carnet_payment_clock(void);
/* Something is over at `at`, unless it happens before. */
void carnet_payment_remind(carnet_payment_loop *loop, int64_t at);
/* Ask epoll for these events of a peer. */
carnet_rc carnet_payment_watch(carnet_payment_peer *peer, uint32_t events, carnet_err *err);

/* peer.c */
carnet_payment_peer *carnet_payment_peer_new(carnet_payment_end *end, int fd, const struct sockaddr *address,
                                             socklen_t len, payment_state state);
/* It is readable or writable. */
void carnet_payment_peer_event(carnet_payment_peer *peer, uint32_t events);
/* Hand over what is whole, of all that are ready. */
void carnet_payment_peers_read(carnet_payment_loop *loop);
/* Send what was queued; take leave of those that go. */
void carnet_payment_peers_flush(carnet_payment_loop *loop);
/* The connection is over: at the end of the step it is forgotten. */
void carnet_payment_peer_over(carnet_payment_peer *peer, carnet_rc rc, const char *reason);
/* Its time may be over. */
void carnet_payment_peer_check(carnet_payment_peer *peer);
void carnet_payment_peers_free(carnet_payment_loop *loop);
/* It is connected: shake hands, or be up. */
void carnet_payment_peer_connected(carnet_payment_peer *peer);
/* To be looked at when the step ends. */
void carnet_payment_peer_mark(carnet_payment_peer *peer);
bool carnet_payment_buffer_room(payment_buffer *buffer, size_t more);

/* end.c */
carnet_rc carnet_payment_end_listen(carnet_payment_end *end, carnet_err *err);
void carnet_payment_end_accept(carnet_payment_end *end);
void carnet_payment_end_try(carnet_payment_end *end);
/* An attempt failed, or a connection was lost. */
void carnet_payment_end_lost(carnet_payment_end *end, bool was_up);
void carnet_payment_end_done(carnet_payment_end *end);

/* tls.c: as read() and write(): octets, 0 for an orderly end, -1; `again` what epoll is to wait for (EPOLLIN, EPOLLOUT), 0: it broke. */
carnet_rc carnet_payment_tls_new(const carnet_payment_end_config *config, payment_tls **tls, carnet_err *err);
void carnet_payment_tls_free(payment_tls **tls);
carnet_rc carnet_payment_tls_begin(carnet_payment_peer *peer, carnet_err *err);
/* 1: shaken, 0: wait for *again, -1: refused, with the reason in *err. */
int carnet_payment_tls_shake(carnet_payment_peer *peer, uint32_t *again, carnet_err *err);
long carnet_payment_tls_read(payment_tls_peer *tls, uint8_t *out, size_t cap, uint32_t *again);
long carnet_payment_tls_write(payment_tls_peer *tls, const uint8_t *from, size_t len, uint32_t *again);
carnet_span carnet_payment_tls_certificate(const payment_tls_peer *tls);
void carnet_payment_tls_end(payment_tls_peer **tls, bool orderly);

#endif
