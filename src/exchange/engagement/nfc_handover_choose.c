/* SPDX-License-Identifier: Apache-2.0 */
/* Which carrier a negotiated handover ends on (18013-5 9.2.2, 11.1.2). */
#include "internal.h"

#include <string.h>

/** Keep the UUID in the carrier itself. */
static carnet_span
keep_uuid(carnet_nfc_carrier *carrier, carnet_span uuid)
{
    memcpy(carrier->uuid, uuid.ptr, sizeof carrier->uuid);
    return carnet_span_of(carrier->uuid, sizeof carrier->uuid);
}

/** One mode of BLE for both; false if there is none. */
static bool
choose_ble(const carnet_retrieval_method *offered, const carnet_retrieval_method *own, carnet_nfc_carrier *choice)
{
    bool central = offered->ble.central_client && own->ble.central_client;
    bool peripheral =
        offered->ble.peripheral_server && own->ble.peripheral_server && own->ble.peripheral_server_uuid.len == 16;

    if (central && peripheral) {
        central = !own->ble.peripheral_server_preferred;
    }
    choice->method.ble.central_client = central;
    choice->method.ble.peripheral_server = !central && peripheral;
    choice->method.ble.peripheral_server_uuid = (carnet_span){ 0 };
    choice->method.ble.central_client_uuid = (carnet_span){ 0 };
    choice->method.ble.peripheral_server_preferred = false;
    if (central) {
        choice->method.ble.central_client_uuid = keep_uuid(choice, offered->ble.central_client_uuid);
    } else if (peripheral) {
        choice->method.ble.peripheral_server_uuid = keep_uuid(choice, own->ble.peripheral_server_uuid);
    }
    return central || peripheral;
}

/** A cipher suite in common, or one side that names none. */
static bool
suites_meet(carnet_span a, carnet_span b)
{
    for (size_t i = 0; i < a.len; i++) {
        if (memchr(b.ptr, a.ptr[i], b.len) != NULL) {
            return true;
        }
    }
    return a.len == 0 || b.len == 0;
}

static bool
meet(const carnet_retrieval_method *offered, const carnet_retrieval_method *own, carnet_nfc_carrier *choice)
{
    choice->method = *own;
    choice->method.usable = true;
    switch (own->type) {
    case CARNET_METHOD_BLE:
        return choose_ble(offered, own, choice);
    case CARNET_METHOD_WIFI_AWARE:
        return suites_meet(offered->wifi_aware.cipher_suites, own->wifi_aware.cipher_suites);
    default:
        return own->type == CARNET_METHOD_NFC;
    }
}

/** The first usable, active carrier of this type. */
static bool
find_offer(const carnet_nfc_handover *request, int64_t type, carnet_nfc_carrier *carrier)
{
    carnet_span rest = request->carriers;

    while (carnet_nfc_handover_next(request, &rest, carrier)) {
        if (carrier->method.type == type && carrier->method.usable && carrier->power != CARNET_CARRIER_INACTIVE) {
            return true;
        }
    }
    return false;
}

carnet_rc
carnet_nfc_handover_choose(const carnet_nfc_handover *request, const carnet_retrieval_method *supported, size_t count,
                           carnet_nfc_carrier *choice, carnet_err *err)
{
    carnet_nfc_carrier offer;

    for (size_t i = 0; request->request && i < count; i++) {
        *choice = (carnet_nfc_carrier){ .power = CARNET_CARRIER_ACTIVE };
        if (find_offer(request, supported[i].type, &offer) && meet(&offer.method, &supported[i], choice)) {
            choice->reference = offer.reference;
            choice->record = offer.record;
            return CARNET_OK;
        }
    }
    *choice = (carnet_nfc_carrier){ 0 };
    return carnet_fail(err, CARNET_E_HANDOVER_CARRIER, "18013-5 9.2.2",
                       "the mdoc and the reader have no carrier in common");
}

/** Whether what was selected was offered; a central client's UUID is the request's. */
static bool
offered(const carnet_nfc_handover *request, carnet_nfc_carrier *carrier)
{
    carnet_nfc_carrier offer;

    if (!find_offer(request, carrier->method.type, &offer)) {
        return false;
    }
    if (carrier->method.type != CARNET_METHOD_BLE) {
        return true;
    }
    carrier->method.ble.central_client = carrier->method.ble.central_client && offer.method.ble.central_client;
    carrier->method.ble.peripheral_server = carrier->method.ble.peripheral_server && offer.method.ble.peripheral_server;
    carrier->method.ble.central_client_uuid = (carnet_span){ 0 };
    if (carrier->method.ble.central_client) {
        if (carrier->method.ble.peripheral_server) { /* the mdoc is to choose one: the rule of 11.1.2 chooses */
            carrier->method.ble.peripheral_server = false;
            carrier->method.ble.peripheral_server_uuid = (carnet_span){ 0 };
        }
        carrier->method.ble.central_client_uuid = keep_uuid(carrier, offer.method.ble.central_client_uuid);
    }
    return carrier->method.ble.central_client || carrier->method.ble.peripheral_server;
}

carnet_rc
carnet_nfc_handover_selected(const carnet_nfc_handover *select, const carnet_nfc_handover *request,
                             carnet_nfc_carrier *carrier, carnet_err *err)
{
    carnet_span rest = select->carriers;
    const char *reason = NULL;

    *carrier = (carnet_nfc_carrier){ 0 };
    if (select->carrier_count != 1 || !carnet_nfc_handover_next(select, &rest, carrier)) {
        reason = "a negotiated handover ends on one carrier";
    } else if (!carrier->method.usable) {
        reason = "the carrier selected cannot be used";
    } else if (!offered(request, carrier)) {
        reason = "the carrier selected was not offered";
    }
    if (reason == NULL) {
        return CARNET_OK;
    }
    *carrier = (carnet_nfc_carrier){ 0 };
    return carnet_fail(err, CARNET_E_HANDOVER_CARRIER, "18013-5 9.2.2", reason);
}
