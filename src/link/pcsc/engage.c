/* SPDX-License-Identifier: Apache-2.0 */
/* NFC engagement with the card: static or negotiated handover, whichever it is for. */
#include "carnet/nfc_handover.h"
#include "carnet/type4_reader.h"
#include "internal.h"
#include "link_io.h"

#include <string.h>
#include <time.h>

/** Let the time pass that the card wants before the next command. */
static carnet_rc
let_pass(uint32_t wait_ms, int64_t deadline, carnet_err *err)
{
    struct timespec pause = { .tv_sec = wait_ms / 1000, .tv_nsec = (long)(wait_ms % 1000) * 1000000 };

    if (carnet_link_now_ms() + wait_ms > deadline) {
        return carnet_fail(err, CARNET_E_LINK_TIMEOUT, "18013-5 9.2", "the card wants more time than there is");
    }
    if (wait_ms > 0) {
        nanosleep(&pause, NULL);
    }
    return CARNET_OK;
}

static carnet_rc
run(carnet_pcsc *card, carnet_type4_reader *machine, int64_t deadline, carnet_err *err)
{
    carnet_type4_reader_parameters parameters = {
        .request = machine->request,
        .storage = card->handover_select,
        .capacity = sizeof card->handover_select,
        .command_max = card->limits.command,
        .response_max = card->limits.response,
    };
    carnet_err why = { .offset = CARNET_NO_OFFSET };
    uint32_t wait_ms = 0;
    carnet_type4_step step;

    card->command.len = 0;
    step = carnet_type4_reader_start(machine, &parameters, &card->command, &why);
    while (step == CARNET_TYPE4_SEND) {
        carnet_span response;
        carnet_rc rc = let_pass(wait_ms, deadline, err);

        if (rc == CARNET_OK) {
            carnet_pcsc_post(card);
            rc = carnet_pcsc_wait(card, deadline, &response, err);
        }
        if (rc != CARNET_OK) {
            return rc;
        }
        step = carnet_type4_reader_take(machine, response, &card->command, &wait_ms, &why);
    }
    if (step == CARNET_TYPE4_DONE) {
        return CARNET_OK;
    }
    if (err != NULL) {
        *err = why;
    }
    return why.rc;
}

/** What the Handover Select says of NFC. */
static carnet_nfc_limits
nfc_limits(const carnet_nfc_handover *select)
{
    carnet_span rest = select->carriers;
    carnet_nfc_carrier carrier;

    while (carnet_nfc_handover_next(select, &rest, &carrier)) {
        if (carrier.method.type == CARNET_METHOD_NFC && carrier.method.usable &&
            carrier.method.nfc.max_command <= UINT32_MAX && carrier.method.nfc.max_response <= UINT32_MAX) {
            return (carnet_nfc_limits){ (uint32_t)carrier.method.nfc.max_command,
                                        (uint32_t)carrier.method.nfc.max_response };
        }
    }
    return (carnet_nfc_limits){ 0 };
}

carnet_rc
carnet_pcsc_engage(carnet_pcsc *card, carnet_span handover_request, carnet_pcsc_engagement *engagement, int timeout_ms,
                   carnet_err *err)
{
    int64_t deadline = carnet_link_now_ms() + timeout_ms;
    carnet_type4_reader machine = { 0 };
    carnet_nfc_handover select;
    carnet_rc rc;

    *engagement = (carnet_pcsc_engagement){ 0 };
    if (handover_request.len > sizeof card->handover_request) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the handover request is too long");
    }
    if (handover_request.len > 0) {
        memcpy(card->handover_request, handover_request.ptr, handover_request.len);
    }
    machine.request = carnet_span_of(card->handover_request, handover_request.len);
    rc = run(card, &machine, deadline, err);
    if (rc == CARNET_OK) {
        rc = carnet_nfc_handover_open(machine.select, &select, err);
    }
    if (rc == CARNET_OK) {
        *engagement = (carnet_pcsc_engagement){ .handover_select = machine.select,
                                                .handover_request = machine.request,
                                                .device_engagement = select.engagement,
                                                .peer = nfc_limits(&select) };
    }
    return rc;
}
