/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A link: whole messages between two parties, whatever carries them.  It knows
 * nothing of what it carries.  Kinds of link have a header each, carnet/link_*.h.
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
    const char *name; /**< such as "NFC"; static */
    carnet_rc (*send)(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err);
    carnet_rc (*receive)(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err);
    void (*end)(carnet_link *link, int timeout_ms); /**< NULL: the medium has no word for it */
    void (*close)(carnet_link *link);
} carnet_link_ops;

/** What went over the medium since the link was opened, framing included. */
typedef struct carnet_link_traffic {
    uint64_t messages_sent, messages_received; /**< whole messages of the session */
    uint64_t octets_sent, octets_received;     /**< of the medium: APDUs, characteristic values, HTTP */
    uint64_t units_sent, units_received;       /**< APDUs, characteristic values, packets, HTTP messages */
} carnet_link_traffic;

/** Told while a message travels; `all` is 0 where the medium does not say how long it will be. */
typedef void carnet_link_progress(void *context, bool sending, size_t done, size_t all);

struct carnet_link {
    const carnet_link_ops *ops;     /**< NULL: closed */
    void *state;                    /**< the kind's own */
    int fd;                         /**< the kind's own */
    carnet_link_progress *progress; /**< NULL, or for the caller to set */
    void *progress_context;
    carnet_link_traffic traffic;
};

/** Send a message.  CARNET_E_LINK_CLOSED: the peer has ended the connection; _LOST: it broke; _TIMEOUT: the deadline is over;
 *  _PROTOCOL: the peer does not keep to the medium's rules; _IO: the device failed.  Nothing can be sent after a failure. */
CARNET_API carnet_rc carnet_link_send(carnet_link *link, carnet_span message, int timeout_ms, carnet_err *err);
/** Append the next message to `message`.  Failures as with carnet_link_send(), and CARNET_E_LINK_TOO_LONG if it does not fit
 *  there.  After CARNET_E_LINK_TIMEOUT it may be called again, and goes on where it was. */
CARNET_API carnet_rc carnet_link_receive(carnet_link *link, carnet_buf *message, int timeout_ms, carnet_err *err);
/** Tell the peer in the medium's own way, where it has one, that the session is over (BLE: State 0x02).  Never fails; the
 *  link can only be closed then. */
CARNET_API void carnet_link_end(carnet_link *link, int timeout_ms);
/** Close; accepts a zeroed link. */
CARNET_API void carnet_link_close(carnet_link *link);

CARNET_END_DECLS
#endif
