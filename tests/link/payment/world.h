/* SPDX-License-Identifier: Apache-2.0 */
/* A loop that listens on 127.0.0.1 and keeps account of what it is told, and plain sockets that speak to it. */
#ifndef CARNET_TEST_LINK_PAYMENT_WORLD_H
#define CARNET_TEST_LINK_PAYMENT_WORLD_H
#include "carnet/link_payment.h"
#include "support/support.h"

enum { WORLD_FRAMES = 4096, WORLD_PATIENCE_MS = 30000 };

typedef struct world {
    carnet_payment_loop *loop;
    carnet_payment_end *end;
    carnet_payment_peer *peer; /* the last that came */
    carnet_framing framing;
    unsigned ups, downs, batches;
    size_t frames, largest; /* frames so far, in the largest batch */
    bool answers;           /* every frame is sent back */
    carnet_err why;         /* of the last that went */
    size_t lengths[WORLD_FRAMES];
    uint8_t kept[WORLD_FRAMES]; /* the first octet of each message */
    char last[256];             /* the start of the last message, and a zero */
    size_t certificate;         /* octets of the last peer's */
} world;

/** Listens in a framing with what `change` has (zeros: the defaults); its address and functions are set here. */
void world_begin(world *w, const char *framing, const carnet_payment_end_config *change);
void world_end(world *w);
uint16_t world_port(const world *w);
/** Step until *counter is at least `count`; fails when that takes too long. */
void world_until(world *w, const unsigned *counter, unsigned count);
void world_until_frames(world *w, size_t count);
/** Step for some milliseconds. */
void world_for(world *w, int64_t ms);

/** A connected socket whose reads do not last for ever. */
int plain_connect(uint16_t port);
void plain_write(int fd, carnet_span octets);
/** Read exactly as many octets, while the world steps. */
void plain_expect(world *w, int fd, carnet_span octets);
/** The other side has ended the connection. */
void plain_expect_end(world *w, int fd);

#endif
