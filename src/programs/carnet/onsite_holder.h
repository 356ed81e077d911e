/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's end of each way to a reader. */
#ifndef CARNET_CLI_ONSITE_HOLDER_H
#define CARNET_CLI_ONSITE_HOLDER_H
#include "carnet/link_bluez.h"
#include "onsite.h"

/** How a reader came. */
typedef struct onsite_meeting {
    onsite_way way;
    carnet_link link;
    bool by_nfc; /* engaged over NFC: `how` is its handover */
    carnet_session_transcript_parameters how;
} onsite_meeting;

/** What is offered; zeroed before onsite_holder_begin(). */
typedef struct onsite_holder {
    const onsite_options *options;
    carnet_crypto *crypto;
    uint8_t room[512];
    carnet_span methods[ONSITE_WAYS]; /* encoded retrieval methods, for the engagement */
    size_t method_count;
    int listener; /* of the socket; -1: none */
    carnet_bluez *bluez;
    carnet_ble_parameters modes[2];
    size_t mode_count;
    volatile int stop; /* set once somebody came, or a signal did */
    int64_t deadline_ms;
} onsite_holder;

/** Take the devices and make what the engagement says of them (`reverse`: the reader's engagement says it, and nothing is
 *  taken yet).  A way that is not to be had is said and left out; failing when none remains. */
carnet_rc onsite_holder_begin(onsite_holder *h, const onsite_options *options, bool reverse, carnet_crypto *crypto,
                              carnet_err *err);
/** Wait for a reader by all ways that were offered in this engagement; the first who comes is the one. */
carnet_rc onsite_holder_wait(onsite_holder *h, carnet_span device_engagement, int timeout_ms, onsite_meeting *meeting,
                             carnet_err *err);
/** Go to the reader whose engagement this is (mdoc://), by the first way that both have. */
carnet_rc onsite_holder_reach(onsite_holder *h, const carnet_engagement *reader, int timeout_ms,
                              onsite_meeting *meeting, carnet_err *err);
/** Give back what was taken and is not part of the meeting's link. */
void onsite_holder_done(onsite_holder *h);

#endif
