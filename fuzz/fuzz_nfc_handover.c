/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/nfc_handover.h"
#include "fuzz.h"

#include <string.h>

static const uint8_t uuid[16] = { 1, 2, 3 };

/* What is usable has what its kind demands. */
static void
check_carrier(const carnet_nfc_carrier *c, bool request, carnet_span message)
{
    const carnet_retrieval_method *m = &c->method;
    uint16_t psm;

    MUST(fuzz_inside(c->reference, message) && fuzz_inside(c->record.encoded, message));
    MUST(!carnet_nfc_carrier_psm(c, 3, 0x1234, &psm) || (psm != 0 && m->type == CARNET_METHOD_BLE));
    MUST(m->type == 0 || m->version == 1);
    MUST(m->type != 0 || !m->usable);
    if (m->type == CARNET_METHOD_BLE && m->usable) {
        MUST(m->ble.peripheral_server || m->ble.central_client);
        MUST(!request || m->ble.central_client_uuid.len == (m->ble.central_client ? 16u : 0u));
        MUST(request || m->ble.peripheral_server_uuid.len == (m->ble.peripheral_server ? 16u : 0u));
        MUST(m->ble.central_client_uuid.ptr == NULL || m->ble.central_client_uuid.ptr == c->uuid);
    }
    if (m->type == CARNET_METHOD_NFC && m->usable)
        MUST(m->nfc.max_command == 0 || (m->nfc.max_command >= 255 && m->nfc.max_response <= 65536));
    if (m->type == CARNET_METHOD_WIFI_AWARE && m->usable)
        MUST(m->wifi_aware.cipher_suites.len != 0 && fuzz_inside(m->wifi_aware.dh_key, message));
}

/* An mdoc that can do everything chooses one of what is offered, and its answer is understood. */
static void
check_choice(const carnet_nfc_handover *request)
{
    static uint8_t room[2048];
    carnet_retrieval_method own[3] = { { .type = CARNET_METHOD_BLE },
                                       { .type = CARNET_METHOD_NFC },
                                       { .type = CARNET_METHOD_WIFI_AWARE } };
    carnet_nfc_handover_parameters p = { .method_count = 1, .negotiated = true };
    carnet_nfc_carrier choice, selected;
    carnet_nfc_handover select;
    carnet_span message;

    own[0].ble.peripheral_server = own[0].ble.central_client = true;
    own[0].ble.peripheral_server_uuid = carnet_span_of(uuid, sizeof(uuid));
    own[1].nfc.max_command = 65535;
    own[1].nfc.max_response = 65536;
    own[2].wifi_aware.cipher_suites = carnet_span_of("\x01", 1);
    if (carnet_nfc_handover_choose(request, own, CARNET_COUNT(own), &choice, NULL) != CARNET_OK) {
        MUST(choice.method.type == 0);
        return;
    }
    p.methods = &choice.method;
    p.engagement = carnet_span_of("\xa0", 1);
    MUST(carnet_nfc_handover_select_build(&p, room, sizeof(room), &message, NULL) == CARNET_OK);
    MUST(carnet_nfc_handover_open(message, &select, NULL) == CARNET_OK && select.odd == 0);
    MUST(carnet_nfc_handover_selected(&select, request, &selected, NULL) == CARNET_OK);
    MUST(selected.method.type == choice.method.type);
    MUST(carnet_span_equal(selected.method.ble.central_client_uuid, choice.method.ble.central_client_uuid));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    carnet_span message = { data, size }, rest;
    carnet_nfc_handover view;
    carnet_nfc_carrier carrier;
    carnet_err err = { 0 };
    size_t count = 0;

    if (carnet_nfc_handover_open(message, &view, &err) != CARNET_OK) {
        MUST(err.offset <= size && err.clause != NULL && view.encoded.ptr == NULL);
        return 0;
    }
    MUST(view.version >> 4 == 1 && fuzz_inside(view.engagement, message) && fuzz_inside(view.carriers, message));
    MUST(view.request || view.engagement.len != 0);
    rest = view.carriers;
    while (carnet_nfc_handover_next(&view, &rest, &carrier)) {
        MUST(++count <= CARNET_NFC_CARRIERS_MAX);
        check_carrier(&carrier, view.request, message);
    }
    MUST(count == view.carrier_count);
    if (view.request)
        check_choice(&view);
    return 0;
}
