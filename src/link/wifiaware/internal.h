/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets (tcp.c), messages (message.c), and the two kinds of link on them (server.c, client.c). */
#ifndef CARNET_LINK_WIFI_AWARE_INTERNAL_H
#define CARNET_LINK_WIFI_AWARE_INTERNAL_H
#include "carnet/link_wifi_aware.h"
#include "link_io.h"

#define CLAUSE "18013-5 11.3"

enum { PIPELINED_MAX = 4 /**< requests that may wait for an answer */ };

/* --- tcp.c --- */

/** Listen at *own, whose port is filled in; -1 and an error. */
carnet_rc carnet_wifi_aware_listen(carnet_nan_path *own, int *fd, carnet_err *err);
/** The next connection of a link-local peer on the interface of `own`; of *peer alone, if that is known. */
carnet_rc carnet_wifi_aware_accept(int listener, const carnet_nan_path *own, carnet_nan_path *peer, bool known,
                                   int64_t deadline, int *fd, carnet_err *err);
/** Connect; tries again while nobody listens there. */
carnet_rc carnet_wifi_aware_connect(const carnet_nan_path *peer, int64_t deadline, int *fd, carnet_err *err);
/** Send a head and a body. */
carnet_rc carnet_wifi_aware_write(const carnet_link *link, carnet_span head, carnet_span body, int64_t deadline,
                                  carnet_err *err);
/** Receive some octets; *len 0: the peer has ended the connection. */
carnet_rc carnet_wifi_aware_receive(int fd, uint8_t *room, size_t cap, size_t *len, int64_t deadline, carnet_err *err);

/* --- message.c --- */

/** Prepare a state for a link. */
void carnet_wifi_aware_init(carnet_link_wifi_aware *state, carnet_nan *nan);
/** Read a whole message into state->body, at most `max` octets of it.  After CARNET_E_LINK_TIMEOUT it goes on where it was. */
carnet_rc carnet_wifi_aware_read(carnet_link *link, carnet_http_kind kind, size_t max, int64_t deadline,
                                 carnet_err *err);
/** Hand what was read to the caller. */
carnet_rc carnet_wifi_aware_hand_over(carnet_link *link, carnet_buf *message, carnet_err *err);
/** Close the connection, forget what was received over it. */
void carnet_wifi_aware_hang_up(carnet_link *link);

extern const carnet_link_ops carnet_wifi_aware_server, carnet_wifi_aware_client;

#endif
