/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links over a fake radio: the BLE machines of carnet/ble.h between processes
 * of one computer that has no Bluetooth.
 *
 * Everything from advertisement to State 0x02 is as on the air; the air alone
 * is fake: a directory in which a peripheral's stream socket, named by its
 * service UUID, is its advertisement, and what ATT or an L2CAP channel would
 * carry are records on that socket.  Nothing here is secret, authenticated or
 * meant for use between people.
 */
#ifndef CARNET_LINK_BLE_FAKE_H
#define CARNET_LINK_BLE_FAKE_H
#include "carnet/ble.h"
#include "carnet/link.h"
CARNET_BEGIN_DECLS

#define CARNET_BLE_FAKE_MESSAGE_MAX 1048576 /**< octets of a message taken, unless said otherwise */

/** This side and its radio. */
typedef struct carnet_ble_fake_peer {
    const carnet_ble_parameters *modes; /**< one, or two where an mdoc offered both: the reader chooses */
    size_t mode_count;
    size_t message_max; /**< octets of the longest message taken; 0: CARNET_BLE_FAKE_MESSAGE_MAX */
    uint16_t mtu;       /**< ATT_MTU this radio can do: the lesser of both counts; 0: CARNET_BLE_MTU_MAX */
    uint16_t sdu;       /**< longest SDU it takes from an L2CAP channel; 0: 4096 */
    uint32_t lose_at;   /**< break the connection, once, instead of this record to or from the peer, the first being
                                   1; 0: never */
    const volatile int *stop; /**< NULL, or: waiting for the peer ends with CARNET_E_LINK_CLOSED once it is not 0 */
} carnet_ble_fake_peer;

/** Wait until the peer is there and messages can travel.  `air` is made if it does not exist; both sides name the same.  A
 *  connection lost before State 0x01 is made again.  CARNET_E_LINK_TIMEOUT: nobody came; others as with carnet_ble_feed(). */
CARNET_API carnet_rc carnet_ble_fake_open(const char *air, const carnet_ble_fake_peer *peer, carnet_link *link,
                                          int timeout_ms, carnet_err *err);

CARNET_END_DECLS
#endif
