/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The holder's side of NFC as a virtual card: the real protocol of the card,
 * with a virtual antenna.  APDUs come over TCP from the vpcd driver of PC/SC
 * (vsmartcard), the application's AID leads them to the Type 4 Tag of the
 * engagement (18013-5 9.2) or to NFC data transfer (11.2).
 *
 * Calls block up to the time they are given.  A card belongs to one thread.
 */
#ifndef CARNET_LINK_VPCD_H
#define CARNET_LINK_VPCD_H
#include "carnet/link.h"
#include "carnet/nfc_transfer.h"
CARNET_BEGIN_DECLS

#define CARNET_VPCD_PORT 35963 /**< where the driver waits for its first slot's card, unless told otherwise */
/** The longest data fields that the driver's protocol can carry: its lengths have two octets. */
#define CARNET_VPCD_COMMAND_MAX  65526
#define CARNET_VPCD_RESPONSE_MAX 65533

/** A virtual card on its antenna. */
typedef struct carnet_vpcd carnet_vpcd;

typedef struct carnet_vpcd_options {
    const char *host;         /**< NULL: this machine */
    uint16_t port;            /**< 0: CARNET_VPCD_PORT */
    carnet_nfc_limits limits; /**< of the data transfer; zeros: the longest that the driver carries */
    size_t message_max;       /**< longest message taken; 0: 65,536 octets */
} carnet_vpcd_options;

/** What carnet_vpcd_serve() returns with. */
typedef enum carnet_vpcd_event {
    CARNET_VPCD_REQUESTED, /**< the reader's handover request is there: answer by carnet_vpcd_answer() */
    CARNET_VPCD_ENGAGED,   /**< the reader has all of the handover select message */
    CARNET_VPCD_SELECTED,  /**< the reader has selected NFC data transfer: go on with carnet_vpcd_link() */
    CARNET_VPCD_LEFT       /**< the reader switched the field off; the next may come */
} carnet_vpcd_event;

/** Lay the card on the antenna: connect to the driver.  It answers to nothing until served.  NULL options: all defaults.
 *  CARNET_E_LINK_ABSENT: nobody waits there; CARNET_E_USAGE: a limit is out of range. */
CARNET_API carnet_rc carnet_vpcd_open(carnet_vpcd **card, const carnet_vpcd_options *options, int timeout_ms,
                                      carnet_err *err);
/** Set up static handover: the whole Hs message, which is copied. */
CARNET_API carnet_rc carnet_vpcd_offer(carnet_vpcd *card, carnet_span handover_select, carnet_err *err);
/** Set up negotiated handover: `waiting_ms` is the time (at least 1) a reader lets pass before it asks for the answer, and
 *  again, `extensions` times (0 to 15) at most. */
CARNET_API carnet_rc carnet_vpcd_negotiate(carnet_vpcd *card, unsigned waiting_ms, unsigned extensions,
                                           carnet_err *err);
/** Serve the reader until something is worth telling.  While the holder decides on a handover request, keep serving with
 *  short times: the card asks the reader to wait on.  CARNET_E_LINK_TIMEOUT: nothing came, serve again.
 *  CARNET_E_LINK_LOST: the driver is gone; CARNET_E_LINK_PROTOCOL: the reader does not keep to the rules of handover. */
CARNET_API carnet_rc carnet_vpcd_serve(carnet_vpcd *card, carnet_vpcd_event *event, int timeout_ms, carnet_err *err);
/** The reader's handover request as received (after CARNET_VPCD_REQUESTED) and the handover select message as it was sent;
 *  empty if there is none.  Views into the card. */
CARNET_API carnet_span carnet_vpcd_handover_request(const carnet_vpcd *card);
CARNET_API carnet_span carnet_vpcd_handover_select(const carnet_vpcd *card);
/** Answer the handover request with a whole Hs message, which is copied. */
CARNET_API carnet_rc carnet_vpcd_answer(carnet_vpcd *card, carnet_span handover_select, carnet_err *err);
/** Make it a link over NFC data transfer, which takes the card; the link's descriptor can be polled for reading.
 *  CARNET_E_LINK_LOST comes from it when the field goes, or the reader starts anew. */
CARNET_API carnet_rc carnet_vpcd_link(carnet_vpcd **card, carnet_link *link, carnet_err *err);
/** The last command that was refused, and why; rc is CARNET_OK if none was.  The reader was told by a status word. */
CARNET_API const carnet_err *carnet_vpcd_refused(const carnet_vpcd *card);
/** Take the card off the antenna. */
CARNET_API void carnet_vpcd_free(carnet_vpcd **card);

CARNET_END_DECLS
#endif
