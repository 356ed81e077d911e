/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_BLE_FAKE_INTERNAL_H
#define CARNET_BLE_FAKE_INTERNAL_H
#include "carnet/link_ble_fake.h"
#include "link_io.h"

#include <sys/un.h>

#define RECORD_HEAD 4 /* kind, characteristic, length of the value in two octets */
#define RECORD_MAX  (RECORD_HEAD + UINT16_MAX)

/** What the air carries. */
typedef enum radio_record {
    RECORD_MTU_REQUEST = 1, /**< value: ATT_MTU, two octets, most significant first */
    RECORD_MTU,
    RECORD_DISCOVER,
    RECORD_SERVICES, /**< value: bits of the characteristics there, one octet */
    RECORD_READ,
    RECORD_VALUE, /**< of the characteristic read */
    RECORD_SUBSCRIBE,
    RECORD_SUBSCRIBED,
    RECORD_REFUSED, /**< whatever was asked */
    RECORD_WRITE,
    RECORD_NOTIFY,
    RECORD_OPEN_CHANNEL, /**< value: PSM and the longest SDU, two octets each */
    RECORD_CHANNEL,      /**< value: the longest SDU */
    RECORD_SDU,
    RECORD_TERMINATE /**< the end as it should be; without it the connection was lost */
} radio_record;

/** One side's radio: a socket that advertises, or one that is connected, or neither. */
typedef struct radio {
    struct sockaddr_un place; /**< of the advertisement */
    int listener, fd;
    bool seeking; /**< the peer's advertisement is sought */
    uint16_t mtu, sdu;
    uint32_t psm; /**< what is sought: a channel there; 0: a connection */
    uint32_t records, lose_at;
    size_t got; /**< octets of `in` */
    uint8_t in[RECORD_MAX];
} radio;

/** One side: a machine, its radio, its storage. */
typedef struct fake {
    carnet_ble ble;
    radio air;
    uint64_t sent, received; /**< messages */
    uint8_t storage[];
} fake;

/** Name the place of the service's advertisement, a reader's apart from an mdoc's: static handover gives both modes one UUID,
 *  and no radio hears itself.  The air is made. */
carnet_rc carnet_fake_place(radio *r, const char *air, const carnet_ble_parameters *parameters, carnet_err *err);
carnet_rc carnet_fake_advertise(radio *r, carnet_err *err);
/** Take the peer that has come; true if there was one. */
bool carnet_fake_accept(radio *r);
/** Try to reach the peer that advertises; true if there is one. */
bool carnet_fake_reach(radio *r);
/** The connection is no more, and nothing is advertised. */
void carnet_fake_silence(radio *r);
/** Send a record, its value in two pieces.  False: the connection is lost, or was broken as wished. */
bool carnet_fake_put(radio *r, radio_record kind, uint8_t characteristic, carnet_span head, carnet_span value,
                     int64_t deadline_ms);
/** Read what is there; false: the connection is lost. */
bool carnet_fake_fill(radio *r);
/** The next whole record of those read; false: none.  It stays until carnet_fake_drop().  *lost: it is where to break. */
bool carnet_fake_get(radio *r, radio_record *kind, uint8_t *characteristic, carnet_span *value, bool *lost);
void carnet_fake_drop(radio *r, carnet_span value);

/** Look for the peer's advertisement, once; where it is, connect as the machine wants it. */
void carnet_fake_seek(fake *f, int64_t deadline_ms);
/** Do what the machine wants, until it wants nothing. */
void carnet_fake_act(fake *f, int64_t deadline_ms);
/** Feed the machine with what has come. */
void carnet_fake_take(fake *f, int64_t deadline_ms);
void carnet_fake_feed(fake *f, carnet_ble_event_kind kind, uint32_t number);

#endif
