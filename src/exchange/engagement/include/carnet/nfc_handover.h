/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NFC handover (18013-5 9.2; NFC Forum Connection Handover 1.5): Handover Select
 * and Handover Request messages, static and negotiated, and the carriers in
 * them, each turned into the carnet_retrieval_method that a DeviceEngagement
 * would have named it by.
 *
 * Views point into the message they were opened on; the message as exchanged,
 * without its length field, goes into the session transcript.  One view may be
 * read by several threads.
 */
#ifndef CARNET_NFC_HANDOVER_H
#define CARNET_NFC_HANDOVER_H
#include "carnet/engagement.h"
#include "carnet/ndef.h"
CARNET_BEGIN_DECLS

#define CARNET_NFC_CARRIERS_MAX 8 /**< carriers that one message may offer here */

/** What is odd in a handover message that was understood. */
enum {
    CARNET_HANDOVER_MINOR_VERSION = 1,      /**< another minor version than 5 */
    CARNET_HANDOVER_CARRIER_MISSING = 2,    /**< an alternative carrier without its configuration record: ignored */
    CARNET_HANDOVER_NOT_REFERRED = 4,       /**< a carrier of a Handover Select that does not point to the engagement */
    CARNET_HANDOVER_CARRIER_UNKNOWN = 8,    /**< a carrier of a kind that is not known: ignored */
    CARNET_HANDOVER_CARRIER_MALFORMED = 16, /**< a carrier whose configuration is not as its kind demands: unusable */
    CARNET_HANDOVER_CARRIER_TWICE = 32      /**< two carriers of one kind */
};

/** Carrier power state (Connection Handover 1.5, 6.1). */
typedef enum carnet_carrier_power {
    CARNET_CARRIER_INACTIVE = 0,
    CARNET_CARRIER_ACTIVE = 1,
    CARNET_CARRIER_ACTIVATING = 2,
    CARNET_CARRIER_POWER_UNKNOWN = 3
} carnet_carrier_power;

/** Handover Select or Handover Request. */
typedef struct carnet_nfc_handover {
    carnet_span encoded; /**< the message, as exchanged */
    bool request;        /**< Handover Request */
    uint8_t version;     /**< 0x15: 1.5 */
    bool has_collision;  /**< a collision resolution record is there (Handover Request) */
    uint16_t collision;
    carnet_span engagement; /**< DeviceEngagement of a Handover Select; ReaderEngagement of a Request, or empty */
    carnet_span carriers;   /**< the message of alternative carriers within Hs or Hr; empty: none */
    size_t carrier_count;   /**< alternative carriers whose configuration is there */
    unsigned odd;           /**< CARNET_HANDOVER_ bits */
} carnet_nfc_handover;

/** A carrier.  `method` points into `uuid`: use it where it is, and do not copy the struct. */
typedef struct carnet_nfc_carrier {
    carnet_carrier_power power;
    carnet_span reference;          /**< identifier of its configuration record */
    carnet_ndef_record record;      /**< its configuration record */
    carnet_retrieval_method method; /**< type 0: a kind not known; usable: as its kind demands */
    uint8_t uuid[16];               /**< BLE: the UUID in the order of RFC 4122, as engagements have it */
} carnet_nfc_carrier;

/** Open a message that begins with Hs or Hr.  Refused: another major version (CARNET_E_HANDOVER_VERSION), a Handover Select
 *  without a DeviceEngagement (CARNET_E_HANDOVER_ENGAGEMENT), a malformed alternative carrier or collision record, more than
 *  CARNET_NFC_CARRIERS_MAX carriers (CARNET_E_HANDOVER_STRUCTURE), and what carnet_ndef_next() refuses.  The engagement
 *  itself is opened by carnet_device_engagement_open(). */
CARNET_API carnet_rc carnet_nfc_handover_open(carnet_span message, carnet_nfc_handover *view, carnet_err *err);
/** Step through the carriers whose configuration is there; start with *rest = view->carriers.  False after the last.
 *
 *  In a carrier's method the modes of BLE are the mdoc's, whoever sent the message.  A Handover Request that offers the
 *  mdoc central client mode must have a UUID; in a Handover Select the UUID, if there is one, stands for every mode, and
 *  peripheral server mode must have it.  NFC lengths are 0 if they were not given.  Service data of a 16-bit UUID is
 *  skipped, as is any AD type that is not known. */
CARNET_API bool carnet_nfc_handover_next(const carnet_nfc_handover *view, carnet_span *rest,
                                         carnet_nfc_carrier *carrier);

/** Forms in which a PSM for L2CAP is found in BLE carriers although none is assigned: neither is ever written. */
enum {
    CARNET_PSM_SERVICE_DATA =
        1,                     /**< AD type 0x16, a 16-bit UUID agreed on elsewhere and CBOR {0: PSM} (18013-5 11.1) */
    CARNET_PSM_UNALLOCATED = 2 /**< AD type 0x77 and four octets, big-endian, as readers in the field do */
};
/** The PSM in a BLE carrier, for those who ask for one of these forms; false, and 0, if it is not there.  `service`: the
 *  16-bit UUID of the first form. */
CARNET_API bool carnet_nfc_carrier_psm(const carnet_nfc_carrier *carrier, unsigned forms, uint16_t service,
                                       uint16_t *psm);

/** For the mdoc: the carrier to put into a Handover Select, from what the reader offers and this mdoc supports, `supported`
 *  being in its order of preference.  Inactive carriers are passed over.  Of two BLE modes the mdoc central client is taken,
 *  unless the supported method prefers the other.  The choice's NFC and Wi-Fi Aware members are the supported method's; its
 *  UUID is the reader's in mdoc central client mode.  CARNET_E_HANDOVER_CARRIER: they have none in common. */
CARNET_API carnet_rc carnet_nfc_handover_choose(const carnet_nfc_handover *request,
                                                const carnet_retrieval_method *supported, size_t count,
                                                carnet_nfc_carrier *choice, carnet_err *err);
/** For the reader: the one carrier that the mdoc selected in answer to `request`, with the UUID that the request gave where
 *  the mdoc is central client.  CARNET_E_HANDOVER_CARRIER: there is not exactly one, it cannot be used, or it was not
 *  offered. */
CARNET_API carnet_rc carnet_nfc_handover_selected(const carnet_nfc_handover *select, const carnet_nfc_handover *request,
                                                  carnet_nfc_carrier *carrier, carnet_err *err);

/** A message to be built. */
typedef struct carnet_nfc_handover_parameters {
    const carnet_retrieval_method *methods; /**< NFC, BLE, Wi-Fi Aware; at most one of each */
    size_t method_count;
    carnet_span engagement; /**< DeviceEngagement, without tag 24; of a request: ReaderEngagement, or empty */
    bool engagement_first;  /**< its record stands before the carriers' records, not after */
    bool negotiated;        /**< of a select: it answers a request, so mdoc central client mode alone has no UUID */
    bool has_collision;     /**< of a request: write a collision resolution record */
    uint16_t collision;     /**< random */
} carnet_nfc_handover_parameters;

/** Build a Handover Select in `cap` octets at `out`.  Of a BLE method the one UUID is the peripheral server's if there is
 *  one.  CARNET_E_USAGE: no engagement, a method of another type or not as its type demands; CARNET_E_NO_SPACE. */
CARNET_API carnet_rc carnet_nfc_handover_select_build(const carnet_nfc_handover_parameters *parameters, void *out,
                                                      size_t cap, carnet_span *message, carnet_err *err);
/** Build a Handover Request.  The modes of BLE are the mdoc's; mdoc central client mode needs its UUID. */
CARNET_API carnet_rc carnet_nfc_handover_request_build(const carnet_nfc_handover_parameters *parameters, void *out,
                                                       size_t cap, carnet_span *message, carnet_err *err);

CARNET_END_DECLS
#endif
