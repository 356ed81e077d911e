/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links over Bluetooth Low Energy (18013-5 11.1), by BlueZ: GATT over D-Bus,
 * L2CAP channels over sockets of the kernel.
 *
 *     carnet_bluez_new()    an adapter       -> what an engagement says of it
 *     carnet_bluez_open()   the engagement   -> a link, once the peer is there
 *     carnet_bluez_free()   on every path: nothing of it is left in BlueZ
 *
 * A party serves (advertises and waits) in one mode and seeks (scans and
 * connects) in the other: the mdoc serves as peripheral server, the reader serves
 * an mdoc that is central client.  Where Carnet was built without BlueZ,
 * carnet_bluez_new() fails with CARNET_E_LINK_ABSENT and says so.
 */
#ifndef CARNET_LINK_BLUEZ_H
#define CARNET_LINK_BLUEZ_H
#include "carnet/link.h"
CARNET_BEGIN_DECLS

/** An adapter in use: a connection to the system's D-Bus and, where asked for, a socket that listens. */
typedef struct carnet_bluez carnet_bluez;

/** How the adapter is used. */
typedef struct carnet_bluez_parameters {
    const char *adapter; /**< such as "hci0"; NULL: the first that is switched on */
    bool l2cap;          /**< where this party serves, take L2CAP channels too; carnet_bluez_psm() tells where */
} carnet_bluez_parameters;

/** How far carnet_bluez_open() has come. */
typedef enum carnet_bluez_step {
    CARNET_BLUEZ_ADVERTISING, /**< the service is registered and advertised */
    CARNET_BLUEZ_SCANNING,    /**< the peer's service is sought */
    CARNET_BLUEZ_FOUND,       /**< it was found; connecting */
    CARNET_BLUEZ_CONNECTED    /**< State 0x01 went over, or an L2CAP channel is there: data can be sent */
} carnet_bluez_step;

/** The peer that is awaited. */
typedef struct carnet_bluez_peer {
    bool reader;                        /**< this party is the reader, the peer an mdoc; otherwise the reverse */
    carnet_span peripheral_server_uuid; /**< 16 octets: mdoc peripheral server mode; empty: not used */
    carnet_span central_client_uuid;    /**< 16 octets: mdoc central client mode; empty: not used.  Both given: by
                                             whichever the peer comes */
    carnet_span device_key_bytes;       /**< EDeviceKeyBytes, tag 24 included, for Ident; empty: neither served nor
                                             compared */
    carnet_span address;      /**< the peer's, 6 octets least significant first and perhaps 1 of type (0: public),
                                             as an engagement has it; empty: not known */
    uint16_t psm;             /**< the peer's, from its engagement: an L2CAP channel goes there; 0: none known */
    bool gatt_only;           /**< do not ask the peer for a PSM by its characteristic */
    const volatile int *stop; /**< NULL, or: waiting ends with CARNET_E_LINK_CLOSED once it is not 0 */
    void (*tell)(void *context, carnet_bluez_step step); /**< NULL, or told of progress */
    void *tell_context;
} carnet_bluez_peer;

/** Take an adapter.  CARNET_E_LINK_ABSENT, with a sentence: no D-Bus, no BlueZ, no such adapter, it is switched off, or
 *  Carnet was built without BlueZ. */
CARNET_API carnet_rc carnet_bluez_new(carnet_bluez **bluez, const carnet_bluez_parameters *parameters, carnet_err *err);
/** Where L2CAP channels are taken, for the engagement (BleOptions 21); 0: nowhere. */
CARNET_API uint16_t carnet_bluez_psm(const carnet_bluez *bluez);
/** The adapter's address, 6 octets least significant first and 1 of type, for the engagement (BleOptions 20). */
CARNET_API carnet_span carnet_bluez_address(const carnet_bluez *bluez);
/** Wait until the peer is there and data can be sent.  A connection lost before that is awaited anew.  The spans of `peer`
 *  are only read during the call.  On success the link has taken *bluez, which is then NULL: closing the link removes
 *  advertisement, service, connection and what BlueZ remembers of the peer.  On failure these are removed at once and
 *  *bluez can be tried again.  CARNET_E_LINK_TIMEOUT: nobody came; CARNET_E_LINK_PROTOCOL: the peer's Ident is another's or
 *  its service lacks a characteristic. */
CARNET_API carnet_rc carnet_bluez_open(carnet_bluez **bluez, const carnet_bluez_peer *peer, carnet_link *link,
                                       int timeout_ms, carnet_err *err);
/** Give the adapter back; accepts NULL. */
CARNET_API void carnet_bluez_free(carnet_bluez **bluez);

CARNET_END_DECLS
#endif
