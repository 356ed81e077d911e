/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links over stream sockets between processes of one machine: each message
 * behind its length in four octets, most significant first.
 */
#ifndef CARNET_LINK_SOCKET_H
#define CARNET_LINK_SOCKET_H
#include "carnet/link.h"
CARNET_BEGIN_DECLS

/** Wait for one peer on a socket at `path` in the file system (which must not exist). */
CARNET_API carnet_rc carnet_link_listen(const char *path, int *listener, carnet_err *err);
/** Take the peer that comes; the listener is closed and its path removed, whatever happens. */
CARNET_API carnet_rc carnet_link_accept(carnet_link *link, int *listener, const char *path, int timeout_ms,
                                        carnet_err *err);
/** Reach the peer that waits at `path`; tries again until the deadline when there is none yet. */
CARNET_API carnet_rc carnet_link_connect(carnet_link *link, const char *path, int timeout_ms, carnet_err *err);
/** A link over a connected stream socket, which it takes; a closed link if there is no memory.  A receive that ran into its
 *  deadline goes on when it is called again with the same buffer. */
CARNET_API carnet_link carnet_link_of_socket(int fd);

CARNET_END_DECLS
#endif
