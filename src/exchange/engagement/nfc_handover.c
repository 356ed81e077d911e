/* SPDX-License-Identifier: Apache-2.0 */
/* Opening Handover Select and Handover Request (18013-5 9.2; Connection Handover 1.5, 5 and 6). */
#include "internal.h"

#define CLAUSE "18013-5 9.2"

/** An alternative carrier record. */
typedef struct alternative {
    carnet_carrier_power power;
    carnet_span reference, auxiliaries; /**< auxiliaries: length and reference, each */
} alternative;

/** Read an alternative carrier's payload; NULL, or what is wrong with it. */
static const char *
read_alternative(carnet_span payload, alternative *out)
{
    size_t len, at;

    *out = (alternative){ 0 };
    if (payload.len < 3 || (len = payload.ptr[1]) > payload.len - 3) {
        return "an alternative carrier is cut off";
    }
    out->power = (carnet_carrier_power)(payload.ptr[0] & 3);
    out->reference = carnet_span_of(payload.ptr + 2, len);
    at = 3 + len;
    for (unsigned n = payload.ptr[2 + len]; n > 0; n--) {
        if (at == payload.len || payload.ptr[at] > payload.len - at - 1) {
            return "an auxiliary data reference is cut off";
        }
        at += 1u + payload.ptr[at];
    }
    if (at != payload.len || len == 0) {
        return len == 0 ? "an alternative carrier refers to nothing" : "octets follow an alternative carrier";
    }
    out->auxiliaries = carnet_span_of(payload.ptr + 3 + len, payload.len - 3 - len);
    return NULL;
}

static bool
refers_to(carnet_span auxiliaries, carnet_span id)
{
    while (auxiliaries.len > 0) {
        size_t len = auxiliaries.ptr[0];

        if (carnet_span_equal(carnet_span_of(auxiliaries.ptr + 1, len), id)) {
            return true;
        }
        auxiliaries = carnet_span_of(auxiliaries.ptr + 1 + len, auxiliaries.len - 1 - len);
    }
    return false;
}

/** The first record with this identifier. */
static bool
find_by_id(carnet_span message, carnet_span id, carnet_ndef_record *record)
{
    carnet_ndef_reader r = carnet_ndef_open(message);

    while (carnet_ndef_next(&r, record)) {
        if (carnet_span_equal(record->id, id)) {
            return true;
        }
    }
    return false;
}

/** Note what is odd about one alternative carrier. */
static void
judge(const alternative *a, carnet_span engagement_id, carnet_nfc_handover *view, unsigned *kinds)
{
    carnet_nfc_carrier carrier = { .power = a->power };
    unsigned kind;

    if (!find_by_id(view->encoded, a->reference, &carrier.record)) {
        view->odd |= CARNET_HANDOVER_CARRIER_MISSING;
        return;
    }
    view->carrier_count++;
    carnet_nfc_carrier_read(&carrier, view->request);
    kind = 1u << carrier.method.type;
    if (carrier.method.type == 0) {
        view->odd |= CARNET_HANDOVER_CARRIER_UNKNOWN;
    } else if (!carrier.method.usable) {
        view->odd |= CARNET_HANDOVER_CARRIER_MALFORMED;
    } else if (*kinds & kind) {
        view->odd |= CARNET_HANDOVER_CARRIER_TWICE;
    }
    *kinds |= kind;
    if (!view->request && !refers_to(a->auxiliaries, engagement_id)) {
        view->odd |= CARNET_HANDOVER_NOT_REFERRED;
    }
}

static void
read_collision(carnet_ndef_reader *r, const carnet_ndef_record *record, carnet_nfc_handover *view)
{
    if (!view->request || record->payload.len != 2 || view->has_collision) {
        carnet_ndef_refuse(r, CARNET_E_HANDOVER_STRUCTURE, record->encoded.ptr, CLAUSE,
                           "a collision resolution record is out of place or not of two octets");
        return;
    }
    view->has_collision = true;
    view->collision = (uint16_t)(record->payload.ptr[0] << 8 | record->payload.ptr[1]);
}

/** The message within Hs or Hr. */
static void
read_carriers(carnet_ndef_reader *outer, carnet_span engagement_id, carnet_nfc_handover *view)
{
    carnet_ndef_reader r = carnet_ndef_open_within(outer, view->carriers);
    unsigned count = 0, kinds = 0;
    carnet_ndef_record record;
    alternative a;

    while (carnet_ndef_next(&r, &record)) {
        const char *reason;

        if (carnet_ndef_is(&record, CARNET_NDEF_WELL_KNOWN, "cr")) {
            read_collision(&r, &record, view);
        }
        if (!carnet_ndef_is(&record, CARNET_NDEF_WELL_KNOWN, "ac")) {
            continue;
        }
        reason = read_alternative(record.payload, &a);
        if (reason == NULL && ++count > CARNET_NFC_CARRIERS_MAX) {
            reason = "there are too many carriers";
        }
        if (reason != NULL) {
            carnet_ndef_refuse(&r, CARNET_E_HANDOVER_STRUCTURE, record.encoded.ptr, CLAUSE, reason);
        } else {
            judge(&a, engagement_id, view, &kinds);
        }
    }
    if (view->carriers.len != 0) {
        (void)!carnet_ndef_done(&r, NULL);
    }
    carnet_ndef_join(outer, &r);
}

/** The first record: Hs or Hr with its version. */
static void
read_first(carnet_ndef_reader *r, const carnet_ndef_record *record, carnet_nfc_handover *view)
{
    view->request = carnet_ndef_is(record, CARNET_NDEF_WELL_KNOWN, "Hr");
    if (!view->request && !carnet_ndef_is(record, CARNET_NDEF_WELL_KNOWN, "Hs")) {
        carnet_ndef_refuse(r, CARNET_E_HANDOVER_STRUCTURE, record->encoded.ptr, CLAUSE,
                           "the first record is neither Hs nor Hr");
        return;
    }
    if (record->payload.len == 0 || record->payload.ptr[0] >> 4 != 1) {
        carnet_ndef_refuse(r, CARNET_E_HANDOVER_VERSION, record->payload.ptr, "Connection Handover 1.5 5", NULL);
        return;
    }
    view->version = record->payload.ptr[0];
    view->odd |= view->version != 0x15 ? CARNET_HANDOVER_MINOR_VERSION : 0u;
    view->carriers = carnet_span_of(record->payload.ptr + 1, record->payload.len - 1);
}

static void
read_message(carnet_ndef_reader *r, carnet_nfc_handover *view)
{
    carnet_ndef_record record, engagement = { 0 };

    if (!carnet_ndef_next(r, &record)) {
        return;
    }
    read_first(r, &record, view);
    while (carnet_ndef_next(r, &record)) {
        if (engagement.payload.ptr == NULL &&
            carnet_ndef_is(&record, CARNET_NDEF_EXTERNAL,
                           view->request ? CARNET_NFC_TYPE_READER_ENGAGEMENT : CARNET_NFC_TYPE_DEVICE_ENGAGEMENT)) {
            engagement = record;
        }
    }
    if (r->rc != CARNET_OK || !r->ended) {
        return;
    }
    view->engagement = engagement.payload;
    if (!view->request && engagement.payload.len == 0) {
        carnet_ndef_refuse(r, CARNET_E_HANDOVER_ENGAGEMENT, view->encoded.ptr, CLAUSE, NULL);
        return;
    }
    read_carriers(r, engagement.id, view);
}

carnet_rc
carnet_nfc_handover_open(carnet_span message, carnet_nfc_handover *view, carnet_err *err)
{
    carnet_ndef_reader r = carnet_ndef_open(message);
    carnet_rc rc;

    *view = (carnet_nfc_handover){ .encoded = message };
    read_message(&r, view);
    rc = carnet_ndef_done(&r, err);
    if (rc != CARNET_OK) {
        *view = (carnet_nfc_handover){ 0 };
    }
    return rc;
}

bool
carnet_nfc_handover_next(const carnet_nfc_handover *view, carnet_span *rest, carnet_nfc_carrier *carrier)
{
    carnet_ndef_reader r = carnet_ndef_open(*rest);
    carnet_ndef_record record;
    alternative a;

    *carrier = (carnet_nfc_carrier){ 0 };
    r.count = rest->ptr == view->carriers.ptr ? 0 : 1; /* within the message: no record is the first */
    while (carnet_ndef_next(&r, &record)) {
        bool last = r.ended;

        if (!carnet_ndef_is(&record, CARNET_NDEF_WELL_KNOWN, "ac") || read_alternative(record.payload, &a) != NULL ||
            !find_by_id(view->encoded, a.reference, &carrier->record)) {
            continue;
        }
        *rest = last ? carnet_span_of(r.end, 0) : carnet_span_of(r.at, (size_t)(r.end - r.at));
        carrier->power = a.power;
        carrier->reference = a.reference;
        carnet_nfc_carrier_read(carrier, view->request);
        return true;
    }
    *carrier = (carnet_nfc_carrier){ 0 };
    *rest = carnet_span_of(r.end, 0);
    return false;
}
