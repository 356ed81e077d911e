/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A link: whole messages between two parties, whatever carries them.  It knows
 * nothing of what it carries.
 *
 * A link blocks, up to the deadline it is given, and belongs to one thread.
 */
#ifndef CARNET_LINK_H
#define CARNET_LINK_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

typedef struct carnet_link carnet_link;

/** What a kind of link implements. */
typedef struct carnet_link_ops {
    carnet_rc (*send)(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err);
    carnet_rc (*receive)(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err);
    void (*close)(carnet_link *link);
} carnet_link_ops;

struct carnet_link {
    const carnet_link_ops *ops;
    int fd;
};

/** Send a message, or fail with CARNET_E_LINK_IO, _CLOSED, _TIMEOUT. */
CARNET_API carnet_rc carnet_link_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err);
/** Append the next message to `message`; CARNET_E_LINK_TOO_LONG if it does not fit there. */
CARNET_API carnet_rc carnet_link_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err);
/** Close; accepts a zeroed link. */
CARNET_API void carnet_link_close(carnet_link *link);

/** Wait for one peer on a socket at `path` in the file system (which must not exist). */
CARNET_API carnet_rc carnet_link_listen(const char *path, int *listener, carnet_err *err);
/** Take the peer that comes; the listener is closed and its path removed, whatever happens. */
CARNET_API carnet_rc carnet_link_accept(carnet_link *link, int *listener, const char *path, int timeout_ms,
                                        carnet_err *err);
/** Reach the peer that waits at `path`; tries again until the deadline when there is none yet. */
CARNET_API carnet_rc carnet_link_connect(carnet_link *link, const char *path, int timeout_ms, carnet_err *err);
/** A link over a connected stream socket, which it takes. */
CARNET_API carnet_link carnet_link_of_socket(int fd);

CARNET_END_DECLS
#endif
