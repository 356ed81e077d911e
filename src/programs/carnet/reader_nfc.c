/* SPDX-License-Identifier: Apache-2.0 */
/* NFC engagement: static or negotiated handover, then the way it leads to (18013-5 9.2). */
#include "reader.h"

#include "carnet/ble.h"
#include "carnet/link_pcsc.h"
#include "carnet/nfc_handover.h"

#include <string.h>

/** What the reader can do, for negotiated handover. */
static carnet_rc
build_request(reading *r, carnet_buf *out, carnet_err *err)
{
    carnet_nfc_handover_parameters parameters = { .has_collision = true };
    carnet_retrieval_method methods[2] = { { .type = CARNET_METHOD_NFC, .version = 1, .usable = true },
                                           { .type = CARNET_METHOD_BLE, .version = 1, .usable = true } };
    carnet_random random = carnet_crypto_random(r->crypto);
    bool ble = r->a->ways.use[ONSITE_BLE] || r->a->ways.use[ONSITE_BLE_FAKE];
    uint8_t engagement[] = { 0xa1, 0x00, 0x63, '1', '.', '0' }; /* ReaderEngagement {0: "1.0"} (18013-5 9.2.1) */
    uint8_t uuid[CARNET_BLE_UUID];
    carnet_span message;
    carnet_rc rc = carnet_random_fill(&random, uuid, sizeof uuid, err);

    if (rc == CARNET_OK) {
        rc = carnet_random_fill(&random, (uint8_t *)&parameters.collision, sizeof parameters.collision, err);
    }
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 4122 4.4 */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
    methods[1].ble.peripheral_server = methods[1].ble.central_client = true;
    methods[1].ble.central_client_uuid = carnet_span_of(uuid, sizeof uuid);
    parameters.methods = methods;
    parameters.method_count = ble ? 2 : 1;
    parameters.engagement = carnet_span_of(engagement, sizeof engagement);
    if (rc == CARNET_OK) {
        rc = carnet_nfc_handover_request_build(&parameters, out->ptr, out->cap, &message, err);
        out->len = rc == CARNET_OK ? message.len : 0;
    }
    return rc;
}

/** By one carrier: the card goes on with the data, or is let go. */
static carnet_rc
go_on_by(reading *r, carnet_pcsc **card, onsite_way way, const carnet_retrieval_method *method,
         const carnet_pcsc_engagement *met, carnet_err *err)
{
    carnet_engagement engagement;
    carnet_rc rc;

    r->way = way;
    r->step = onsite_way_text(way);
    if (way == ONSITE_NFC) {
        return carnet_pcsc_link(card, met->peer, &r->link, err);
    }
    carnet_pcsc_free(card);
    rc = carnet_device_engagement_open(r->device_engagement, &engagement, err);
    return rc == CARNET_OK ? reader_reach_by(r, way, method, engagement.key_bytes.encoded, err) : rc;
}

static bool
suits(const reading *r, onsite_way way, const carnet_retrieval_method *method)
{
    return r->a->ways.use[way] && onsite_way_of(method) == (way == ONSITE_BLE_FAKE ? ONSITE_BLE : way);
}

/** The carrier the holder selected, or the best of those it offers. */
static carnet_rc
go_on(reading *r, carnet_pcsc **card, const carnet_pcsc_engagement *met, carnet_err *err)
{
    carnet_nfc_handover select, request;
    carnet_nfc_carrier carrier;
    bool negotiated = r->how.request.len > 0;
    carnet_rc rc = carnet_nfc_handover_open(r->how.select, &select, err);

    if (rc == CARNET_OK && negotiated) {
        rc = carnet_nfc_handover_open(r->how.request, &request, err);
        rc = rc == CARNET_OK ? carnet_nfc_handover_selected(&select, &request, &carrier, err) : rc;
    }
    if (rc != CARNET_OK) {
        return rc;
    }
    for (onsite_way way = 0; way < ONSITE_WAYS; way++) {
        carnet_span rest = select.carriers;

        if (negotiated && suits(r, way, &carrier.method)) {
            return go_on_by(r, card, way, &carrier.method, met, err);
        }
        while (!negotiated && carnet_nfc_handover_next(&select, &rest, &carrier)) {
            if (suits(r, way, &carrier.method)) {
                return go_on_by(r, card, way, &carrier.method, met, err);
            }
        }
    }
    return carnet_fail(err, CARNET_E_HANDOVER_CARRIER, "18013-5 9.2",
                       "the holder offers none of the ways this reader was told to use");
}

carnet_rc
reader_engage_nfc(reading *r, carnet_err *err)
{
    /* A device that still lies there was read already. */
    carnet_pcsc_options options = { .reader = r->a->ways.argument[ONSITE_NFC], .fresh = r->number > 1 };
    carnet_pcsc_engagement met = { 0 };
    carnet_buf request = cli_buf(512);
    carnet_pcsc *card = NULL;
    carnet_rc rc;

    r->step = "NFC";
    onsite_say("hold the device to the reader");
    rc = build_request(r, &request, err);
    if (rc == CARNET_OK) {
        rc = carnet_pcsc_open(&card, &options, reader_left(r), err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_pcsc_engage(card, carnet_buf_span(&request), &met, reader_left(r), err);
    }
    if (rc == CARNET_OK) {
        carnet_session_timeouts_engaged(&r->timeouts, onsite_now_ms());
        r->device_engagement = cli_keep(met.device_engagement);
        r->how = (carnet_session_transcript_parameters){ .handover = CARNET_HANDOVER_NFC,
                                                         .select = cli_keep(met.handover_select),
                                                         .request = cli_keep(met.handover_request) };
        if (r->how.request.len > 0) {
            onsite_cross(&r->a->ways, "NFC", "reader", "mdoc app", "HandoverRequest", r->how.request,
                         r->how.request.len);
        }
        onsite_cross(&r->a->ways, "NFC", "mdoc app", "reader", "HandoverSelect", r->how.select, r->how.select.len);
        rc = carnet_reader_engage(&r->reader, r->crypto, r->device_engagement, &r->how, &r->storage, err);
    }
    if (rc == CARNET_OK) {
        rc = go_on(r, &card, &met, err);
    }
    carnet_pcsc_free(&card);
    return rc;
}
