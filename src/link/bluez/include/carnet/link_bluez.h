/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links over Bluetooth low energy (18013-5 11.1), by BlueZ: GATT over D-Bus,
 * L2CAP channels over sockets of the kernel, both run by carnet/ble.h.
 *
 *     carnet_bluez_new()    an adapter       -> what an engagement says of it
 *     carnet_bluez_open()   the parameters   -> a link, once the peer is there
 *     carnet_bluez_free()   on every path: nothing of it is left in BlueZ
 *
 * Where Carnet was built without BlueZ, carnet_bluez_new() fails with
 * CARNET_E_LINK_ABSENT and says so.  An adapter belongs to one thread at a time.
 *
 * /etc/bluetooth/main.conf of BlueZ 5.66 should say under [GATT] Channels = 1,
 * or messages between two BlueZ hosts get lost; ExchangeMTU = 513, or the longest
 * values of other peers do; and Cache = no, or the services of a peer's former
 * transaction are taken for those of this one.
 */
#ifndef CARNET_LINK_BLUEZ_H
#define CARNET_LINK_BLUEZ_H
#include "carnet/ble.h"
#include "carnet/link.h"
CARNET_BEGIN_DECLS

/** Octets of the longest message taken where carnet_bluez_peer does not say. */
#define CARNET_BLUEZ_MESSAGE_MAX 1048576

/** An adapter in use: a connection to the system's D-Bus and, where asked for, a socket that listens. */
typedef struct carnet_bluez carnet_bluez;

/** How far carnet_bluez_open() has come. */
typedef enum carnet_bluez_step {
    CARNET_BLUEZ_ADVERTISING, /**< the service is registered and advertised */
    CARNET_BLUEZ_SCANNING,    /**< the peer's service is sought */
    CARNET_BLUEZ_CONNECTED,   /**< the peer is there */
    CARNET_BLUEZ_READY,       /**< State 0x01 went over, or an L2CAP channel is open: messages can travel */
    CARNET_BLUEZ_LOSSY /**< a warning: BlueZ will lose long values of this peer; [GATT] ExchangeMTU = 513 is not set in
                                   its main.conf */
} carnet_bluez_step;

/** The peer that is awaited. */
typedef struct carnet_bluez_peer {
    const carnet_ble_parameters
        *modes; /**< one, or two where a server's mode and a client's were both offered: the peer chooses */
    size_t mode_count;
    size_t message_max;       /**< octets of the longest message taken; 0: CARNET_BLUEZ_MESSAGE_MAX */
    const volatile int *stop; /**< NULL, or: waiting for the peer ends with CARNET_E_LINK_CLOSED once it is not 0 */
    void (*tell)(void *context, carnet_bluez_step step); /**< NULL, or told of progress */
    void *tell_context;
} carnet_bluez_peer;

/** Take an adapter, such as "hci0"; NULL: the first that is switched on.  `l2cap`: where this side is server, take L2CAP
 *  channels too.  CARNET_E_LINK_ABSENT, with a sentence: no D-Bus, no BlueZ, no such adapter, it is switched off, or Carnet
 *  was built without BlueZ. */
CARNET_API carnet_rc carnet_bluez_new(carnet_bluez **bluez, const char *adapter, bool l2cap, carnet_err *err);
/** Where L2CAP channels are taken, for the engagement; 0: nowhere. */
CARNET_API uint16_t carnet_bluez_psm(const carnet_bluez *bluez);
/** The adapter's address, for the engagement: most significant octet first, as in carnet_ble_parameters. */
CARNET_API void carnet_bluez_address(const carnet_bluez *bluez, uint8_t address[6], bool *random);
/** Wait until the peer is there and messages can travel.  Of the parameters, a server's psm is filled in, and the limits of
 *  BlueZ where they are 0.  On success the link has taken *bluez, which is then NULL: closing the link removes
 *  advertisement, service, connection and what BlueZ remembers of the peer; it takes up to some seconds.  On failure these
 *  are removed at once, and *bluez may be used again.  CARNET_E_LINK_TIMEOUT: nobody came; CARNET_E_LINK_ABSENT: the adapter
 *  was switched off or taken away; others as with carnet_ble_feed(). */
CARNET_API carnet_rc carnet_bluez_open(carnet_bluez **bluez, const carnet_bluez_peer *peer, carnet_link *link,
                                       int timeout_ms, carnet_err *err);
/** Give the adapter back; accepts NULL in *bluez. */
CARNET_API void carnet_bluez_free(carnet_bluez **bluez);

CARNET_END_DECLS
#endif
