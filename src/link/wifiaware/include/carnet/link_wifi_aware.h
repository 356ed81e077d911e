/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links over Wi-Fi Aware (18013-5 11.3): HTTP over TCP over link-local IPv6.
 * The mdoc publishes and is the server, the reader subscribes and is the client.
 *
 * WHAT IS MISSING: no Linux this was written on can drive the radio.  Discovery
 * and the data path (NAN) are behind carnet_nan_ops, which whoever has a driver
 * for them implements.  carnet_nan_over_network() is a stand-in without any
 * NAN: it takes a network interface that is there already, such as one end of a
 * pair between two network namespaces; the reader must be told the mdoc's
 * address and port, and no passphrase or cipher suite protects that network.
 * What runs over it is what runs over a real data path.
 */
#ifndef CARNET_LINK_WIFI_AWARE_H
#define CARNET_LINK_WIFI_AWARE_H
#include "carnet/http.h"
#include "carnet/link.h"
#include "carnet/wifi_aware.h"
CARNET_BEGIN_DECLS

/** An end of a data path. */
typedef struct carnet_nan_path {
    uint32_t interface_index; /**< goes with every link-local address, as its scope */
    uint8_t address[16];      /**< link-local */
    uint16_t port;
} carnet_nan_path;

typedef struct carnet_nan carnet_nan;

/** What drives the radio.  Grows at the end only. */
typedef struct carnet_nan_ops {
    size_t size;
    const char *name;
    /** mdoc: this side's address where the server shall listen; port 0: any. */
    carnet_rc (*own)(carnet_nan *nan, carnet_nan_path *own, carnet_err *err);
    /** mdoc: publish the service, respond to a data path request, and say the server's port with it. */
    carnet_rc (*publish)(carnet_nan *nan, const carnet_wifi_aware_service *service, uint16_t port, int timeout_ms,
                         carnet_err *err);
    /** Reader: find the service, set up a data path, and say where the server is. */
    carnet_rc (*subscribe)(carnet_nan *nan, const carnet_wifi_aware_service *service, carnet_nan_path *peer,
                           int timeout_ms, carnet_err *err);
    /** End the data path and what was published. */
    void (*end)(carnet_nan *nan);
} carnet_nan_ops;

struct carnet_nan {
    const carnet_nan_ops *ops;
    void *state;                /**< the implementer's */
    carnet_nan_path configured; /**< of carnet_nan_over_network() */
};

/** The stand-in: an interface with a link-local address, by name.  mdoc: `peer` NULL, `port` 0 or the one to listen on.
 *  Reader: the mdoc's address ("fe80::1", without a zone) and port.  CARNET_E_LINK_ABSENT: no such interface, or it has no
 *  link-local address yet; CARNET_E_USAGE: the address is no link-local one. */
CARNET_API carnet_rc carnet_nan_over_network(carnet_nan *nan, const char *interface, const char *peer, uint16_t port,
                                             carnet_err *err);

#define CARNET_WIFI_AWARE_MESSAGE_MAX  ((size_t)16 << 20) /**< octets of one message */
#define CARNET_WIFI_AWARE_MESSAGE_MS   30000              /**< from a message's first octet to its last */
#define CARNET_WIFI_AWARE_RECONNECT_MS 2000 /**< how long an mdoc waits for a reader that hung up to connect again */

/** A link's state, in the caller's storage; must stay where it is while the link is open. */
typedef struct carnet_link_wifi_aware {
    carnet_nan *nan;
    carnet_nan_path own;  /**< the mdoc's, with the port it listens on */
    carnet_nan_path peer; /**< the other side's */
    int message_ms;       /**< CARNET_WIFI_AWARE_MESSAGE_MS; the caller may set another */
    int reconnect_ms;     /**< CARNET_WIFI_AWARE_RECONNECT_MS; the caller may set another */
    /* the link's own */
    int listener;     /**< the mdoc's; -1: none */
    carnet_rc over;   /**< a refusal, after which nothing more is taken */
    unsigned waiting; /**< requests without an answer */
    bool published, reading, continued, close_after, peer_known;
    int64_t began_ms; /**< when the message being read began; 0: it has not */
    int64_t gone_ms;  /**< when the reader hung up; 0: it has not */
    carnet_buf body;  /**< of the message being read, on the heap */
    carnet_http_reader reader;
    size_t held_from, held_to; /**< octets received and not yet read */
    uint8_t held[4096];
} carnet_link_wifi_aware;

/** mdoc: begin to listen; state->own says where.  carnet_link_wifi_aware_done() ends it if no link is made. */
CARNET_API carnet_rc carnet_link_wifi_aware_listen(carnet_link_wifi_aware *state, carnet_nan *nan, carnet_err *err);
/** mdoc: publish, and take the reader that comes; after CARNET_E_LINK_TIMEOUT it may be called again, and is published still.  Only link-local peers on the data path's interface are taken, and only
 *  this one's further connections afterwards.  Failures as of carnet_link_receive(). */
CARNET_API carnet_rc carnet_link_wifi_aware_accept(carnet_link *link, carnet_link_wifi_aware *state,
                                                   const carnet_wifi_aware_service *service, int timeout_ms,
                                                   carnet_err *err);
/** Reader: find the mdoc and connect. */
CARNET_API carnet_rc carnet_link_wifi_aware_connect(carnet_link *link, carnet_link_wifi_aware *state, carnet_nan *nan,
                                                    const carnet_wifi_aware_service *service, int timeout_ms,
                                                    carnet_err *err);
/** Stop listening and end the data path; closing the link does it too. */
CARNET_API void carnet_link_wifi_aware_done(carnet_link_wifi_aware *state);

CARNET_END_DECLS
#endif
