/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device retrieval over Bluetooth low energy (18013-5 11.1): what a connection
 * is made with, and the machine that runs it, for either GATT role in either
 * mode, with the switch to an L2CAP channel.
 *
 * The machine has no radio, no clock and no memory of its own.  A link feeds it
 * what happened (carnet_ble_feed()) and does what it says (carnet_ble_next())
 * until it says CARNET_BLE_DO_NOTHING; whole messages are given to
 * carnet_ble_send() and come out of carnet_ble_receive().  Everything lies in
 * the caller's storage; a machine belongs to one thread at a time.
 *
 * Modes are named from the mdoc's side whoever speaks.  UUIDs are 16 octets in
 * the order of their text (RFC 9562), as in the engagement; on the air and in
 * NFC's out-of-band data their order is the reverse.
 */
#ifndef CARNET_BLE_H
#define CARNET_BLE_H
#include "carnet/crypto.h"
#include "carnet/engagement.h"
CARNET_BEGIN_DECLS

#define CARNET_BLE_UUID        16  /**< octets of a UUID */
#define CARNET_BLE_UUID_TEXT   37  /**< its text with the terminating zero */
#define CARNET_BLE_IDENT_SIZE  16  /**< octets of Ident */
#define CARNET_BLE_PSM_SIZE    4   /**< octets of the L2CAP characteristic's value */
#define CARNET_BLE_PART_MAX    512 /**< octets of the longest characteristic value, first octet included */
#define CARNET_BLE_MTU_DEFAULT 23  /**< ATT_MTU until it was exchanged */
#define CARNET_BLE_MTU_MAX     517 /**< a larger one makes no part longer */
#define CARNET_BLE_ATT_HEADER  3   /**< octets of ATT_MTU that are not for the value */

/* BlueZ 5.66 loses what is longer: see parameters.part_max and .att_header. */
#define CARNET_BLE_BLUEZ_PART_MAX      510 /**< writes towards a BlueZ server, and from a BlueZ client */
#define CARNET_BLE_BLUEZ_NOTIFY_HEADER 5   /**< notifications from a BlueZ server are cut to ATT_MTU - 5 */

/** The two modes, and as bits the modes a device can do. */
typedef enum carnet_ble_mode {
    CARNET_BLE_PERIPHERAL_SERVER = 1, /**< the mdoc advertises and is the GATT server */
    CARNET_BLE_CENTRAL_CLIENT = 2     /**< the reader does */
} carnet_ble_mode;

/** The characteristics of both services.  UUIDs 0000000X-A123-48CE-896B-4C76973373E6, X by mode:
 *  peripheral server 1, 2, 3, none, A; central client 5, 6, 7, 8, B. */
typedef enum carnet_ble_characteristic {
    CARNET_BLE_STATE,         /**< notify, write without response */
    CARNET_BLE_CLIENT2SERVER, /**< write without response */
    CARNET_BLE_SERVER2CLIENT, /**< notify */
    CARNET_BLE_IDENT,         /**< read; central client mode only */
    CARNET_BLE_L2CAP          /**< read; optional */
} carnet_ble_characteristic;
#define CARNET_BLE_CHARACTERISTICS 5

/** Values of State: one octet. */
enum { CARNET_BLE_STATE_START = 0x01, CARNET_BLE_STATE_END = 0x02 };

/** UUID of a characteristic; false, and zeros, if the mode has none such. */
CARNET_API bool carnet_ble_uuid(carnet_ble_mode mode, carnet_ble_characteristic characteristic,
                                uint8_t uuid[CARNET_BLE_UUID]);
/** Which characteristic of the mode a UUID is; false if none. */
CARNET_API bool carnet_ble_characteristic_of(carnet_ble_mode mode, const uint8_t uuid[CARNET_BLE_UUID],
                                             carnet_ble_characteristic *characteristic);
/** Lower-case text, as BlueZ writes it. */
CARNET_API void carnet_ble_uuid_text(const uint8_t uuid[CARNET_BLE_UUID], char text[CARNET_BLE_UUID_TEXT]);
/** From text of either case; false, and zeros, if it is no UUID of 128 bits. */
CARNET_API bool carnet_ble_uuid_parse(carnet_str text, uint8_t uuid[CARNET_BLE_UUID]);
/** The other order of octets; out may be in. */
CARNET_API void carnet_ble_uuid_reverse(const uint8_t in[CARNET_BLE_UUID], uint8_t out[CARNET_BLE_UUID]);

/** What a connection is made with.  carnet_ble_parameters_of() fills the first group; the rest is the caller's to set
 *  before carnet_ble_init(), zero being good. */
typedef struct carnet_ble_parameters {
    carnet_ble_mode mode;
    bool mdoc;   /**< this side is the mdoc */
    bool server; /**< this side advertises and is the GATT server; otherwise it scans and connects */
    uint8_t service[CARNET_BLE_UUID]; /**< to advertise, or to look for */
    bool has_address;                 /**< the server's address was in the engagement */
    uint8_t address[6];               /**< most significant octet first, as it is written */
    bool address_random;              /**< type of the address: random, not public */
    uint16_t psm; /**< client: L2CAP PSM from the engagement; server: the one listened on; 0: none */

    bool l2cap;                           /**< client: use L2CAP where it is offered, GATT if that fails */
    bool has_ident;                       /**< client, central client mode: compare Ident; server: offer it */
    uint8_t ident[CARNET_BLE_IDENT_SIZE]; /**< see carnet_ble_ident() */
    uint16_t part_max;                    /**< upper limit of a part sent; 0: CARNET_BLE_PART_MAX */
    uint8_t att_header;                   /**< octets of ATT_MTU no part sent may use; 0: CARNET_BLE_ATT_HEADER */
    uint8_t attempts; /**< connections tried until State 0x01; 0: 3 for a client, any number for a server */
} carnet_ble_parameters;

/** The parameters of one mode of a BLE retrieval method, for this side.  `modes`: bits of the modes this device can do; both
 *  being offered and possible, `preferred` wins (0: CARNET_BLE_CENTRAL_CLIENT, as 18013-5 11.1 recommends to readers).
 *  An mdoc that offered both calls it once for each mode.  CARNET_E_LINK_PROTOCOL: no mode in common, or not a usable method.
 *  A PSM that cannot be one of LE (1 to 255) is left out. */
CARNET_API carnet_rc carnet_ble_parameters_of(const carnet_retrieval_method *method, bool mdoc, unsigned modes,
                                              carnet_ble_mode preferred, carnet_ble_parameters *parameters,
                                              carnet_err *err);
/** Append a BLE method whose server may be told by address and L2CAP PSM (18013-5 9.1, keys 20 and 21): NULL UUIDs leave a
 *  mode out; `address` as in carnet_ble_parameters, NULL for none; psm 0 for none.  The builder fails with CARNET_E_USAGE
 *  without a mode, or with address or PSM but without peripheral server mode. */
CARNET_API void carnet_ble_method_build(carnet_cbor_builder *b, const uint8_t *peripheral_server_uuid,
                                        const uint8_t *central_client_uuid, const uint8_t *address, bool address_random,
                                        uint16_t psm);
/** Ident of a transaction: HKDF over EDeviceKeyBytes, tag 24 included, info "BLEIdent" (18013-5 11.1). */
CARNET_API carnet_rc carnet_ble_ident(carnet_crypto *crypto, carnet_span device_key_bytes,
                                      uint8_t ident[CARNET_BLE_IDENT_SIZE], carnet_err *err);
/** Value of the L2CAP characteristic: the PSM in four octets, most significant first. */
CARNET_API void carnet_ble_psm_encode(uint16_t psm, uint8_t value[CARNET_BLE_PSM_SIZE]);
/** The PSM of such a value, of either order of octets (1 to 255 fits one only); 0 if it has none. */
CARNET_API uint16_t carnet_ble_psm_decode(carnet_span value);
/** Longest part that may be sent: least of att_mtu - att_header, part_max and CARNET_BLE_PART_MAX (zeros as above). */
CARNET_API size_t carnet_ble_part_size(size_t att_mtu, uint8_t att_header, uint16_t part_max);

/** What happened.  Members not named with a kind are not looked at. */
typedef enum carnet_ble_event_kind {
    CARNET_BLE_ON_CONNECTED,    /**< a connection is there: client, as asked; server, the first peer */
    CARNET_BLE_ON_MTU,          /**< number: ATT_MTU.  At any time; 0: not known, stays as it is */
    CARNET_BLE_ON_SERVICES,     /**< client: number: bits 1 << characteristic found in the service */
    CARNET_BLE_ON_READ,         /**< client: characteristic, value */
    CARNET_BLE_ON_SUBSCRIBED,   /**< characteristic: client, as asked; server, the peer did */
    CARNET_BLE_ON_UNSUBSCRIBED, /**< server: characteristic */
    CARNET_BLE_ON_VALUE,        /**< characteristic, value: client, notified; server, written by the peer */
    CARNET_BLE_ON_CHANNEL,      /**< L2CAP channel open; number: octets of the longest SDU the peer takes */
    CARNET_BLE_ON_OCTETS,       /**< value: octets from the L2CAP channel, cut anywhere */
    CARNET_BLE_ON_FAILED, /**< the action last given could not be done, the connection being still there (or not yet) */
    CARNET_BLE_ON_DISCONNECTED, /**< number: HCI reason (0x13: the peer wished it), 0 if not known */
    CARNET_BLE_ON_TIMER         /**< the caller's deadline for what it is waiting for is over */
} carnet_ble_event_kind;
#define CARNET_BLE_BY_PEER 0x13u /**< reason of CARNET_BLE_ON_DISCONNECTED; also for an L2CAP channel closed in order */

typedef struct carnet_ble_event {
    carnet_ble_event_kind kind;
    carnet_ble_characteristic characteristic;
    uint32_t number;
    carnet_span value; /**< borrowed during the call only */
} carnet_ble_event;

/** What to do. */
typedef enum carnet_ble_action_kind {
    CARNET_BLE_DO_NOTHING,      /**< wait for an event */
    CARNET_BLE_DO_ADVERTISE,    /**< server: until connected; answered by ON_CONNECTED or ON_FAILED */
    CARNET_BLE_DO_CONNECT,      /**< client: scan and connect; answered by ON_CONNECTED or ON_FAILED */
    CARNET_BLE_DO_EXCHANGE_MTU, /**< client: CARNET_BLE_MTU_MAX or what the device can; answered by ON_MTU or ON_FAILED */
    CARNET_BLE_DO_DISCOVER,     /**< client: answered by ON_SERVICES or ON_FAILED */
    CARNET_BLE_DO_READ,         /**< client: characteristic; answered by ON_READ or ON_FAILED */
    CARNET_BLE_DO_SUBSCRIBE,    /**< client: characteristic; answered by ON_SUBSCRIBED or ON_FAILED */
    CARNET_BLE_DO_WRITE,        /**< client: characteristic, value; without response; not answered */
    CARNET_BLE_DO_NOTIFY,       /**< server: characteristic, value; not answered */
    CARNET_BLE_DO_OPEN_CHANNEL, /**< client: number: PSM; answered by ON_CHANNEL or ON_FAILED.  Before DO_CONNECT when the PSM
                                     was in the engagement: then it connects too */
    CARNET_BLE_DO_SEND,         /**< L2CAP: head, then value, as one SDU; not answered */
    CARNET_BLE_DO_DISCONNECT /**< after what was written has gone out; ON_DISCONNECTED need not follow */
} carnet_ble_action_kind;

typedef struct carnet_ble_action {
    carnet_ble_action_kind kind;
    carnet_ble_characteristic characteristic;
    uint32_t number;
    carnet_span head, value; /**< good until the next carnet_ble_next() */
} carnet_ble_action;

/** Where a machine is. */
typedef enum carnet_ble_phase {
    CARNET_BLE_SETUP, /**< until State 0x01, or the L2CAP channel: a lost connection is made again */
    CARNET_BLE_READY, /**< messages travel */
    CARNET_BLE_OVER   /**< `rc` and `reason` say why; messages that came before can still be taken */
} carnet_ble_phase;

/** What was odd with the peer, and yet understood. */
enum {
    CARNET_BLE_ODD_SHORT_PART = 1,     /**< a part, not the last, shorter than it could be */
    CARNET_BLE_ODD_LONG_PART = 2,      /**< a part longer than ATT_MTU - 3 as known here */
    CARNET_BLE_ODD_EMPTY_PART = 4,     /**< a part, not the last, with no octet of the message */
    CARNET_BLE_ODD_EARLY_START = 8,    /**< State 0x01 before both subscriptions */
    CARNET_BLE_ODD_START_AGAIN = 16,   /**< State 0x01 more than once, or notified by a server */
    CARNET_BLE_ODD_AFTER_END = 32,     /**< something came after the end: not looked at */
    CARNET_BLE_ODD_LITTLE_ENDIAN = 64, /**< PSM with the least significant octet first */
    CARNET_BLE_ODD_NO_IDENT = 128,     /**< no Ident to compare: not there or not readable */
    CARNET_BLE_ODD_NOT_ASKED = 256     /**< an answer to what was not asked: not looked at */
};

#define CARNET_BLE_WAITING 4 /**< whole messages that may wait to be taken */

/** Received messages, put together in the caller's storage. */
typedef struct carnet_ble_inbox {
    uint8_t *ptr;
    size_t cap, used;                  /**< used: whole messages one after the other, then the one under way */
    size_t length[CARNET_BLE_WAITING]; /**< of the whole ones */
    size_t whole;                      /**< how many */
    size_t current, expected;          /**< octets of the one under way; L2CAP: its length */
    uint8_t head[4], head_len;         /**< L2CAP: its length, as far as it has come */
    bool open;                         /**< one is under way */
    bool taken;                        /**< the first whole one was given out, and goes with the next call */
} carnet_ble_inbox;

/** A machine.  Read the first group, set nothing. */
typedef struct carnet_ble {
    carnet_ble_phase phase;
    bool connected;                        /**< there is a connection, as far as events told */
    bool channel;                          /**< messages travel over L2CAP */
    bool sending;                          /**< the message given to carnet_ble_send() has not all gone out */
    carnet_rc rc;                          /**< CARNET_OK until it is over */
    const char *reason;                    /**< a sentence on what ended it; static */
    unsigned odd;                          /**< CARNET_BLE_ODD_ bits */
    uint32_t mtu;                          /**< ATT_MTU, or the longest SDU */
    uint64_t octets_sent, octets_received; /**< values of State, Client2Server and Server2Client, or of the channel */
    uint64_t units_sent, units_received;   /**< how many values or SDUs */

    carnet_ble_parameters parameters;
    carnet_ble_inbox in;
    carnet_span out; /**< the message being sent */
    size_t out_done; /**< octets of it handed out */
    uint8_t part[CARNET_BLE_PART_MAX], psm_value[CARNET_BLE_PSM_SIZE], out_head[4];
    uint32_t found; /**< client: characteristics found */
    uint16_t psm;   /**< client: where the channel goes */
    uint8_t step, tries, subscribed;
    bool asked, started, out_last, end_wanted, hang_up, hung_up;
} carnet_ble;

/** Begin; `storage` of `capacity` octets takes received messages: the longest that may come, and some for those waiting.
 *  Machine and storage stay the caller's, who keeps both until carnet_ble_done(). */
CARNET_API void carnet_ble_init(carnet_ble *ble, const carnet_ble_parameters *parameters, void *storage,
                                size_t capacity);
/** Tell what happened.  What the machine makes of it is in `phase`; returns its `rc`: CARNET_OK until it is over, then
 *  CARNET_E_LINK_CLOSED (either side ended it), _LOST, _PROTOCOL (the peer does not keep to the rules, or Ident differs),
 *  _TIMEOUT, _TOO_LONG, and always the same. */
CARNET_API carnet_rc carnet_ble_feed(carnet_ble *ble, const carnet_ble_event *event, carnet_err *err);
/** The next thing to do.  Taking an action is doing it: ask again only when the medium has room for more. */
CARNET_API carnet_ble_action carnet_ble_next(carnet_ble *ble);
/** Give a message to send, borrowed until `sending` is false again or the machine is over.  Before CARNET_BLE_READY it
 *  waits.  CARNET_E_USAGE while another is being sent; the machine's `rc` once it is over. */
CARNET_API carnet_rc carnet_ble_send(carnet_ble *ble, carnet_span message, carnet_err *err);
/** Take a received message; false if none is whole.  Good until the next call for this machine. */
CARNET_API bool carnet_ble_receive(carnet_ble *ble, carnet_span *message);
/** End it: State 0x02 where there is one, and a client disconnects; a server waits for that, until
 *  CARNET_BLE_ON_TIMER.  Does nothing once it is over. */
CARNET_API void carnet_ble_end(carnet_ble *ble);
/** Value a server answers to the reading of Ident or L2CAP; empty: answer that it cannot be read. */
CARNET_API carnet_span carnet_ble_value(carnet_ble *ble, carnet_ble_characteristic characteristic);
/** How far the message being sent or received has come, in octets of it; *all is 0 where it is not known. */
CARNET_API void carnet_ble_progress(const carnet_ble *ble, bool sending, size_t *done, size_t *all);
/** What it waits for, for a person: such as "waiting for the peer's State 0x01"; static. */
CARNET_API const char *carnet_ble_waiting_for(const carnet_ble *ble);
/** Wipe machine and storage; accepts a zeroed machine. */
CARNET_API void carnet_ble_done(carnet_ble *ble);

CARNET_END_DECLS
#endif
