/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's side of NFC over PC/SC: wait for a card in one of several slots,
 * engage with it (18013-5 9.2), and either go on with NFC data transfer (11.2)
 * as a link, or let the card go and use another carrier.
 *
 * Calls block up to the time they are given.  What the card takes its time over
 * runs in a thread of its own, so that nothing here waits longer: a card still
 * busy when it is closed is let go as soon as PC/SC returns.  One thread at a time.
 */
#ifndef CARNET_LINK_PCSC_H
#define CARNET_LINK_PCSC_H
#include "carnet/link.h"
#include "carnet/nfc_transfer.h"
CARNET_BEGIN_DECLS

/** A card that has come, in the slot where it came. */
typedef struct carnet_pcsc carnet_pcsc;

typedef struct carnet_pcsc_options {
    const char *reader;       /**< the slot's name, or how one or more names begin; NULL: any slot */
    carnet_nfc_limits limits; /**< this side's; zeros: extended length */
    bool fresh; /**< pass over a card that lies there already until it is taken away: for a loop over many cards */
} carnet_pcsc_options;

/** What an engagement gave; views into the card's storage, good until it is freed or its link closed. */
typedef struct carnet_pcsc_engagement {
    carnet_span handover_select, handover_request; /**< as exchanged; the request is empty after static handover */
    carnet_span device_engagement;                 /**< from Hs, as received */
    carnet_nfc_limits peer;                        /**< of Hs's NFC carrier; zeros: it offers none */
} carnet_pcsc_engagement;

/** Append the names of all slots there are, each ended by a zero.  CARNET_E_LINK_ABSENT: no PC/SC service runs, or there is
 *  no slot. */
CARNET_API carnet_rc carnet_pcsc_list(carnet_buf *names, carnet_err *err);
/** Wait for a card, in whichever of the slots it comes first, and connect; slots that appear meanwhile count.  NULL options:
 *  all defaults.  CARNET_E_LINK_ABSENT: no PC/SC service runs; CARNET_E_LINK_TIMEOUT: no card came. */
CARNET_API carnet_rc carnet_pcsc_open(carnet_pcsc **card, const carnet_pcsc_options *options, int timeout_ms,
                                      carnet_err *err);
/** The slot's name. */
CARNET_API const char *carnet_pcsc_reader(const carnet_pcsc *card);
/** Engage: static handover, or negotiated with `handover_request` if the card is for that (the whole Hr message; empty:
 *  static handover only; copied).  CARNET_E_LINK_LOST: the card was removed; CARNET_E_LINK_TIMEOUT; and what
 *  carnet_type4_reader_take() and carnet_nfc_handover_open() fail with when the card is no mdoc.  After a failure the
 *  card can only be freed. */
CARNET_API carnet_rc carnet_pcsc_engage(carnet_pcsc *card, carnet_span handover_request,
                                        carnet_pcsc_engagement *engagement, int timeout_ms, carnet_err *err);
/** Go on with NFC data transfer; the link takes the card, and closing it lets the card go.  `peer`: the holder's limits;
 *  zeros: short length.  On failure the card stays the caller's. */
CARNET_API carnet_rc carnet_pcsc_link(carnet_pcsc **card, carnet_nfc_limits peer, carnet_link *link, carnet_err *err);
/** Let the card go. */
CARNET_API void carnet_pcsc_free(carnet_pcsc **card);

CARNET_END_DECLS
#endif
