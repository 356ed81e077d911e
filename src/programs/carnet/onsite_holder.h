/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's end of each way to a reader. */
#ifndef CARNET_CLI_ONSITE_HOLDER_H
#define CARNET_CLI_ONSITE_HOLDER_H
#include "carnet/link_bluez.h"
#include "carnet/link_vpcd.h"
#include "carnet/link_wifi_aware.h"
#include "onsite.h"

/** How a reader came. */
typedef struct onsite_meeting {
    onsite_way way;
    carnet_link link;
    bool by_nfc; /* engaged over NFC: `how` is its handover */
    carnet_session_transcript_parameters how;
} onsite_meeting;

/** What may be asked of NFC. */
typedef enum onsite_handover { ONSITE_STATIC, ONSITE_NEGOTIATED } onsite_handover;

/** What is offered. */
typedef struct onsite_holder {
    const onsite_options *options;
    carnet_crypto *crypto;
    onsite_handover handover;
    bool qr; /* the engagement is shown as a QR code too */
    uint8_t room[1024];
    size_t used;
    carnet_span methods[ONSITE_WAYS]; /* encoded retrieval methods, for the engagement */
    size_t method_count;
    carnet_span device_engagement, nfc_engagement; /* what QR and NFC show: the second has no methods (18013-5 9.1) */
    volatile int stop;                             /* set once somebody came, or a signal did */
    volatile int ble_ready;                        /* negotiated handover: the UUIDs are known */
    int64_t deadline_ms;

    int listener; /* of the socket; -1: none */
    carnet_bluez *bluez;
    bool ble_fake;
    carnet_ble_parameters modes[2];
    size_t mode_count;
    carnet_nan nan;
    carnet_link_wifi_aware *wifi; /* NULL: none */
    carnet_vpcd *card;            /* NULL: none */
    volatile int nfc_engaged;
    carnet_span select, request; /* the handover's messages, once engaged */
} onsite_holder;

/** Begin with what the command line says; the rest is zeroed. */
void onsite_holder_init(onsite_holder *h, const onsite_options *options, carnet_crypto *crypto);
/** Take the devices and make what the engagement says of them.  A way that is not to be had is said and left out; failing when
 *  none remains. */
carnet_rc onsite_holder_begin(onsite_holder *h, carnet_err *err);
/** Wait for a reader by all ways that were offered in the engagements; the first who comes is the one. */
carnet_rc onsite_holder_wait(onsite_holder *h, int timeout_ms, onsite_meeting *meeting, carnet_err *err);
/** Go to the reader whose engagement this is (mdoc://), by the first way that both have. */
carnet_rc onsite_holder_reach(onsite_holder *h, const carnet_engagement *reader, int timeout_ms,
                              onsite_meeting *meeting, carnet_err *err);
/** Give back what was taken, once the meeting's link is closed and its handover not needed any more. */
void onsite_holder_done(onsite_holder *h);

/* --- for the files of the ways --- */

/** Milliseconds that waiting may still last. */
int onsite_holder_left(const onsite_holder *h);
/** Whether waiting is over: somebody came, or a signal did. */
bool onsite_holder_stopped(const onsite_holder *h);
/** Add a method to the engagement. */
carnet_rc onsite_holder_offer(onsite_holder *h, const carnet_retrieval_method *method, carnet_err *err);
/** The two modes of a BLE method as this side goes by them. */
carnet_rc onsite_holder_ble_modes(onsite_holder *h, const carnet_retrieval_method *method, carnet_err *err);

carnet_rc onsite_nfc_begin(onsite_holder *h, carnet_err *err);
carnet_rc onsite_nfc_wait(onsite_holder *h, carnet_link *link, carnet_err *err);
carnet_rc onsite_wifi_begin(onsite_holder *h, carnet_err *err);
carnet_rc onsite_wifi_wait(onsite_holder *h, carnet_link *link, carnet_err *err);

#endif
