/* SPDX-License-Identifier: Apache-2.0 */
/* Carrier configuration records, opened as retrieval methods (18013-5 9.2.2, 11.1.2, 11.2, 11.3). */
#include "internal.h"

#include <string.h>

enum { AD_UUIDS = 0x07, AD_SERVICE_DATA = 0x16, AD_LE_ADDRESS = 0x1b, AD_LE_ROLE = 0x1c, AD_UNALLOCATED_PSM = 0x77 };
enum { ROLE_PERIPHERAL, ROLE_CENTRAL, ROLE_PERIPHERAL_PREFERRED, ROLE_CENTRAL_PREFERRED };
enum { NAN_CIPHER_SUITES = 1, NAN_DH = 2, NAN_PASSPHRASE = 3, NAN_BANDS = 4 };
enum { NFC_VERSION = 1, NFC_COMMAND = 1, NFC_RESPONSE = 2 };

/** One entry of an AD structure, NAN or NFC list: length of what follows, type, data. */
typedef struct entry {
    uint8_t type;
    carnet_span data;
} entry;

/** Take the next entry; false at the end, with *bad set if it does not fit. */
static bool
next_entry(carnet_span *rest, entry *out, bool *bad)
{
    size_t len;

    if (rest->len == 0 || *bad) {
        return false;
    }
    len = rest->ptr[0];
    if (len == 0 || len > rest->len - 1) {
        /* zeros end AD structures early (Core Specification Supplement, part A) */
        *bad = len != 0;
        return false;
    }
    out->type = rest->ptr[1];
    out->data = carnet_span_of(rest->ptr + 2, len - 1);
    *rest = carnet_span_of(rest->ptr + 1 + len, rest->len - 1 - len);
    return true;
}

/** The modes that an LE role stands for; `request`: the role is the reader's. */
static bool
read_role(uint8_t role, bool request, carnet_retrieval_method *method)
{
    bool peripheral = role != ROLE_CENTRAL, central = role != ROLE_PERIPHERAL;
    bool prefers_peripheral = role == ROLE_PERIPHERAL || role == ROLE_PERIPHERAL_PREFERRED;

    method->ble.peripheral_server = request ? central : peripheral;
    method->ble.central_client = request ? peripheral : central;
    method->ble.peripheral_server_preferred = peripheral && central && prefers_peripheral != request;
    return role <= ROLE_CENTRAL_PREFERRED;
}

/** Give the one UUID of a carrier to the modes that it stands for; false if a mode lacks it. */
static bool
place_uuid(carnet_nfc_carrier *c, bool request, bool has_uuid)
{
    carnet_span uuid = has_uuid ? carnet_span_of(c->uuid, sizeof c->uuid) : (carnet_span){ 0 };

    if (c->method.ble.central_client) {
        c->method.ble.central_client_uuid = uuid;
    }
    if (request) { /* the mdoc, as peripheral server, makes its own */
        return has_uuid || !c->method.ble.central_client;
    }
    if (c->method.ble.peripheral_server) {
        c->method.ble.peripheral_server_uuid = uuid;
    }
    return has_uuid || !c->method.ble.peripheral_server;
}

static bool
open_ble(carnet_span payload, bool request, carnet_nfc_carrier *c)
{
    bool bad = false, has_role = false, has_uuid = false;
    entry e;

    while (next_entry(&payload, &e, &bad)) {
        if (e.type == AD_LE_ROLE) {
            bad = bad || has_role || e.data.len != 1 || !read_role(e.data.ptr[0], request, &c->method);
            has_role = true;
        } else if (e.type == AD_UUIDS && !has_uuid) {
            bad = bad || e.data.len == 0 || e.data.len % 16 != 0;
            for (size_t i = 0; !bad && i < 16; i++) {
                c->uuid[i] = e.data.ptr[15 - i];
            }
            has_uuid = true;
        } else if (e.type == AD_LE_ADDRESS) {
            bad = bad || (e.data.len != 7 && e.data.len != 6);
            c->method.ble.address = e.data;
        }
    }
    return has_role && !bad && place_uuid(c, request, has_uuid);
}

/** A big-endian number of one to four octets. */
static bool
number(carnet_span data, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < data.len; i++) {
        *out = *out << 8 | data.ptr[i];
    }
    return data.len >= 1 && data.len <= 4;
}

static bool
open_nfc(carnet_span payload, carnet_retrieval_method *method)
{
    bool bad = false;
    entry e;

    if (payload.len == 0 || payload.ptr[0] != NFC_VERSION) {
        return false;
    }
    payload = carnet_span_of(payload.ptr + 1, payload.len - 1);
    while (next_entry(&payload, &e, &bad)) {
        if (e.type == NFC_COMMAND) {
            bad = bad || !number(e.data, &method->nfc.max_command) || method->nfc.max_command < 255 ||
                  method->nfc.max_command > 65535;
        } else if (e.type == NFC_RESPONSE) {
            bad = bad || !number(e.data, &method->nfc.max_response) || method->nfc.max_response < 256 ||
                  method->nfc.max_response > 65536;
        }
    }
    return !bad && (method->nfc.max_command == 0) == (method->nfc.max_response == 0);
}

static bool
open_wifi(carnet_span payload, carnet_retrieval_method *method)
{
    bool bad = false;
    entry e;

    while (next_entry(&payload, &e, &bad)) {
        switch (e.type) {
        case NAN_CIPHER_SUITES:
            method->wifi_aware.cipher_suites = e.data;
            bad = bad || e.data.len == 0;
            break;
        case NAN_DH:
            bad = bad || e.data.len < 3;
            if (!bad) {
                method->wifi_aware.dh_group = (uint16_t)(e.data.ptr[0] << 8 | e.data.ptr[1]);
                method->wifi_aware.dh_key = carnet_span_of(e.data.ptr + 2, e.data.len - 2);
            }
            break;
        case NAN_PASSPHRASE:
            method->wifi_aware.passphrase = (carnet_str){ (const char *)e.data.ptr, e.data.len };
            bad = bad || !carnet_utf8_valid(e.data);
            break;
        case NAN_BANDS:
            method->wifi_aware.bands = e.data;
            break;
        default: /* channels and what may come */
            break;
        }
    }
    return !bad && method->wifi_aware.cipher_suites.len != 0;
}

int64_t
carnet_nfc_carrier_type(const carnet_ndef_record *record)
{
    if (carnet_ndef_is(record, CARNET_NDEF_MEDIA, CARNET_NFC_TYPE_BLE)) {
        return CARNET_METHOD_BLE;
    }
    if (carnet_ndef_is(record, CARNET_NDEF_EXTERNAL, CARNET_NFC_TYPE_NFC)) {
        return CARNET_METHOD_NFC;
    }
    return carnet_ndef_is(record, CARNET_NDEF_MEDIA, CARNET_NFC_TYPE_WIFI_AWARE) ? CARNET_METHOD_WIFI_AWARE : 0;
}

void
carnet_nfc_carrier_read(carnet_nfc_carrier *carrier, bool request)
{
    carnet_span payload = carrier->record.payload;
    carnet_retrieval_method *method = &carrier->method;

    *method = (carnet_retrieval_method){ .type = carnet_nfc_carrier_type(&carrier->record), .version = 1 };
    memset(carrier->uuid, 0, sizeof carrier->uuid);
    switch (method->type) {
    case CARNET_METHOD_BLE:
        method->usable = open_ble(payload, request, carrier);
        break;
    case CARNET_METHOD_NFC:
        method->usable = open_nfc(payload, method);
        break;
    case CARNET_METHOD_WIFI_AWARE:
        method->usable = open_wifi(payload, method);
        break;
    default:
        break;
    }
}

/** The PSM in MdocBleServiceData: {? 0: PSM}. */
static bool
read_service_data(carnet_span cbor, uint64_t *psm)
{
    typedef struct members {
        uint64_t psm;
        bool has_psm;
    } members;
    static const carnet_cbor_field fields[] = {
        { NULL, 0, CARNET_FIELD_UINT, false, offsetof(members, psm), offsetof(members, has_psm) },
    };
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    members got = { 0 };

    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), &got);
    *psm = got.psm;
    return carnet_cbor_end(&r, NULL) == CARNET_OK && got.has_psm;
}

bool
carnet_nfc_carrier_psm(const carnet_nfc_carrier *carrier, unsigned forms, uint16_t service, uint16_t *psm)
{
    carnet_span rest = carrier->record.payload;
    bool bad = false, found = false;
    uint64_t value = 0;
    entry e;

    *psm = 0;
    while (carrier->method.type == CARNET_METHOD_BLE && !found && next_entry(&rest, &e, &bad)) {
        if ((forms & CARNET_PSM_SERVICE_DATA) != 0 && e.type == AD_SERVICE_DATA && e.data.len > 2 &&
            (e.data.ptr[1] << 8 | e.data.ptr[0]) == service) {
            found = read_service_data(carnet_span_of(e.data.ptr + 2, e.data.len - 2), &value);
        } else if ((forms & CARNET_PSM_UNALLOCATED) != 0 && e.type == AD_UNALLOCATED_PSM && e.data.len == 4) {
            found = number(e.data, &value);
        }
    }
    found = found && value != 0 && value <= UINT16_MAX;
    *psm = found ? (uint16_t)value : 0;
    return found;
}
