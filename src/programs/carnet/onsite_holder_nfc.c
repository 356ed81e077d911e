/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's NFC: a card on the virtual antenna, which engages (static or negotiated handover) and may carry the
 * session too.  And Wi-Fi Aware, whose radio a network stands in for. */
#include "carnet/nfc_handover.h"
#include "onsite_holder.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { OPEN_MS = 3000, SLICE_MS = 200, WAITING_MS = 500, EXTENSIONS = 15, HANDOVER_MAX = 4096 };

/** "PORT", "HOST:PORT" or nothing. */
static carnet_vpcd_options
where(const char *argument)
{
    carnet_vpcd_options options = { .message_max = (size_t)1 << 20 };
    const char *host = argument != NULL ? cli_address(argument, "", &options.port) : "";

    options.host = host[0] != '\0' ? host : NULL;
    return options;
}

carnet_rc
onsite_nfc_begin(onsite_holder *h, carnet_err *err)
{
    carnet_retrieval_method method = { .type = CARNET_METHOD_NFC, .version = 1, .usable = true };
    carnet_vpcd_options options = where(h->options->argument[ONSITE_NFC]);
    carnet_rc rc = carnet_vpcd_open(&h->card, &options, OPEN_MS, err);

    method.nfc.max_command = CARNET_NFC_EXTENDED.command;
    method.nfc.max_response = CARNET_NFC_EXTENDED.response;
    return rc == CARNET_OK ? onsite_holder_offer(h, &method, err) : rc;
}

/** The engagement's methods, opened. */
static size_t
open_methods(const carnet_engagement *engagement, carnet_retrieval_method *methods, size_t cap)
{
    carnet_span rest = engagement->methods;
    size_t count = 0;

    while (count < cap && carnet_engagement_next_method(engagement, &rest, &methods[count])) {
        count += methods[count].usable;
    }
    return count;
}

static carnet_rc
offer_static(onsite_holder *h, const carnet_retrieval_method *methods, size_t count, carnet_err *err)
{
    uint8_t room[HANDOVER_MAX];
    carnet_nfc_handover_parameters parameters = { .methods = methods,
                                                  .method_count = count,
                                                  .engagement = h->nfc_engagement };
    carnet_span select;
    carnet_rc rc = carnet_nfc_handover_select_build(&parameters, room, sizeof room, &select, err);

    return rc == CARNET_OK ? carnet_vpcd_offer(h->card, select, err) : rc;
}

/** Answer a handover request with the one carrier both have; over BLE the other thread may then begin. */
static carnet_rc
answer_request(onsite_holder *h, const carnet_retrieval_method *methods, size_t count, carnet_err *err)
{
    uint8_t room[HANDOVER_MAX];
    carnet_nfc_handover request;
    carnet_nfc_carrier choice = { 0 };
    carnet_nfc_handover_parameters parameters = {
        .methods = &choice.method, .method_count = 1, .engagement = h->nfc_engagement, .negotiated = true
    };
    carnet_span select;
    carnet_rc rc = carnet_nfc_handover_open(carnet_vpcd_handover_request(h->card), &request, err);

    rc = rc == CARNET_OK ? carnet_nfc_handover_choose(&request, methods, count, &choice, err) : rc;
    if (rc == CARNET_OK && choice.method.type == CARNET_METHOD_BLE && h->ble_ready == 0) {
        rc = onsite_holder_ble_modes(h, &choice.method, err);
    }
    rc = rc == CARNET_OK ? carnet_nfc_handover_select_build(&parameters, room, sizeof room, &select, err) : rc;
    rc = rc == CARNET_OK ? carnet_vpcd_answer(h->card, select, err) : rc;
    h->ble_ready = h->ble_ready | (rc == CARNET_OK && choice.method.type == CARNET_METHOD_BLE);
    return rc;
}

static void
note_engagement(onsite_holder *h)
{
    free((void *)(uintptr_t)h->select.ptr);
    free((void *)(uintptr_t)h->request.ptr);
    h->select = cli_keep(carnet_vpcd_handover_select(h->card));
    h->request = cli_keep(carnet_vpcd_handover_request(h->card));
    h->nfc_engaged = 1;
}

/** What came of serving the card for a while. */
static carnet_rc
serve(onsite_holder *h, const carnet_retrieval_method *methods, size_t count, bool *selected, carnet_err *err)
{
    carnet_vpcd_event event;
    carnet_rc rc = carnet_vpcd_serve(h->card, &event, SLICE_MS, err);

    if (rc != CARNET_OK) {
        return rc == CARNET_E_LINK_TIMEOUT ? CARNET_OK : rc;
    }
    switch (event) {
    case CARNET_VPCD_REQUESTED:
        return answer_request(h, methods, count, err);
    case CARNET_VPCD_ENGAGED:
        note_engagement(h);
        return CARNET_OK;
    case CARNET_VPCD_SELECTED:
        *selected = true;
        return CARNET_OK;
    default:
        return CARNET_OK;
    }
}

carnet_rc
onsite_nfc_wait(onsite_holder *h, carnet_link *link, carnet_err *err)
{
    carnet_engagement engagement;
    carnet_retrieval_method methods[ONSITE_WAYS];
    size_t count;
    bool selected = false;
    carnet_rc rc = carnet_device_engagement_open(h->device_engagement, &engagement, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    count = open_methods(&engagement, methods, ONSITE_WAYS);
    rc = h->handover == ONSITE_NEGOTIATED ? carnet_vpcd_negotiate(h->card, WAITING_MS, EXTENSIONS, err)
                                          : offer_static(h, methods, count, err);
    while (rc == CARNET_OK && !selected && !onsite_holder_stopped(h) && onsite_holder_left(h) > 0) {
        rc = serve(h, methods, count, &selected, err);
    }
    if (rc != CARNET_OK || !selected) {
        return rc != CARNET_OK ? rc : carnet_fail(err, CARNET_E_LINK_TIMEOUT, NULL, NULL);
    }
    return carnet_vpcd_link(&h->card, link, err);
}

/* --- Wi-Fi Aware --- */

carnet_rc
onsite_wifi_begin(onsite_holder *h, carnet_err *err)
{
    static const uint8_t bands[] = { 0x14 }; /* 2.4 and 5 GHz */
    carnet_retrieval_method method = { .type = CARNET_METHOD_WIFI_AWARE, .version = 1, .usable = true };
    char *interface =
        (char *)(uintptr_t)cli_keep(carnet_str_bytes(carnet_str_of(h->options->argument[ONSITE_WIFI_AWARE]))).ptr;
    char *comma = strchr(interface, ','), address[INET6_ADDRSTRLEN];
    uint16_t port = comma != NULL ? (uint16_t)cli_number(comma + 1, 65535, "port") : 0;
    carnet_link_wifi_aware *state = cli_alloc(sizeof *state);
    carnet_rc rc;

    if (comma != NULL) {
        *comma = '\0';
    }
    rc = carnet_nan_over_network(&h->nan, interface, NULL, port, err);
    rc = rc == CARNET_OK ? carnet_link_wifi_aware_listen(state, &h->nan, err) : rc;
    if (rc != CARNET_OK) {
        return rc;
    }
    h->wifi = state;
    onsite_say("Wi-Fi Aware: no radio, but the network of %s: %s, port %u", interface,
               inet_ntop(AF_INET6, state->own.address, address, sizeof address), (unsigned)state->own.port);
    method.wifi_aware.bands = carnet_span_of(bands, sizeof bands);
    return onsite_holder_offer(h, &method, err);
}

carnet_rc
onsite_wifi_wait(onsite_holder *h, carnet_link *link, carnet_err *err)
{
    carnet_wifi_aware_service service;
    carnet_engagement engagement;
    carnet_rc rc = carnet_device_engagement_open(h->device_engagement, &engagement, err);

    rc = rc == CARNET_OK ? carnet_wifi_aware_service_of(h->crypto, engagement.key_bytes.encoded, (carnet_str){ 0 },
                                                        carnet_wifi_aware_suites(false, 0), &service, err)
                         : rc;
    if (rc != CARNET_OK) {
        return rc;
    }
    do {
        rc = carnet_link_wifi_aware_accept(link, h->wifi, &service, SLICE_MS, err);
    } while (rc == CARNET_E_LINK_TIMEOUT && !onsite_holder_stopped(h) && onsite_holder_left(h) > 0);
    return rc;
}
