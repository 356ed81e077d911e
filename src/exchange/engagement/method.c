/* SPDX-License-Identifier: Apache-2.0 */
/* Retrieval methods (18013-5 9.1, 11.1.2, 11.2, 11.3; 18013-7 A.6.1). */
#include "internal.h"

bool
carnet_method_known(int64_t type)
{
    return type >= CARNET_METHOD_NFC && type <= CARNET_METHOD_REST;
}

typedef struct option_members {
    bool peripheral, central;
    uint64_t first, second;
    carnet_span peripheral_uuid, central_uuid, address, bands;
    carnet_str text;
    uint64_t psm;
    bool has_first, has_second, has_psm, has_text;
} option_members;

#define OPTION(key, kind, member)   CARNET_LABEL(option_members, key, kind, member)
#define OPTIONAL(key, kind, member) CARNET_LABEL_OPTIONAL(option_members, key, kind, member)
#define NOTED(key, kind, member)                                                                                       \
    {                                                                                                                  \
        NULL, key, kind, false, offsetof(option_members, member), offsetof(option_members, has_##member)               \
    }

static const carnet_cbor_field nfc_fields[] = {
    OPTION(0, CARNET_FIELD_UINT, first),
    OPTION(1, CARNET_FIELD_UINT, second),
};

static const carnet_cbor_field ble_fields[] = {
    OPTION(0, CARNET_FIELD_BOOL, peripheral),         OPTION(1, CARNET_FIELD_BOOL, central),
    OPTIONAL(10, CARNET_FIELD_BSTR, peripheral_uuid), OPTIONAL(11, CARNET_FIELD_BSTR, central_uuid),
    OPTIONAL(20, CARNET_FIELD_BSTR, address),         NOTED(21, CARNET_FIELD_UINT, psm),
};

static const carnet_cbor_field wifi_fields[] = {
    NOTED(0, CARNET_FIELD_TSTR, text),
    NOTED(1, CARNET_FIELD_UINT, first),
    NOTED(2, CARNET_FIELD_UINT, second),
    OPTION(3, CARNET_FIELD_BSTR, bands),
};

static const carnet_cbor_field rest_fields[] = {
    OPTION(0, CARNET_FIELD_TSTR, text),
};

static bool
ble_usable(const option_members *got, carnet_retrieval_method *method)
{
    method->ble.peripheral_server = got->peripheral;
    method->ble.central_client = got->central;
    method->ble.peripheral_server_uuid = got->peripheral_uuid;
    method->ble.central_client_uuid = got->central_uuid;
    method->ble.address = got->address;
    method->ble.has_psm = got->has_psm;
    method->ble.psm = got->psm;
    return (got->peripheral || got->central) && got->peripheral_uuid.len == (got->peripheral ? 16u : 0u) &&
           got->central_uuid.len == (got->central ? 16u : 0u) && (got->address.len == 0 || got->address.len == 7) &&
           got->psm <= UINT16_MAX && (got->peripheral || (got->address.len == 0 && !got->has_psm));
}

static bool
nfc_usable(const option_members *got, carnet_retrieval_method *method)
{
    method->nfc.max_command = got->first;
    method->nfc.max_response = got->second;
    return got->first >= 255 && got->first <= 65535 && got->second >= 256 && got->second <= 65536;
}

static bool
wifi_usable(const option_members *got, carnet_retrieval_method *method)
{
    method->wifi_aware.passphrase = got->text;
    method->wifi_aware.operating_class = got->first;
    method->wifi_aware.channel = got->second;
    method->wifi_aware.has_operating_class = got->has_first;
    method->wifi_aware.has_channel = got->has_second;
    method->wifi_aware.bands = got->bands;
    return true;
}

/** Read the options of a known type; true if they are as it demands. */
static bool
read_options(carnet_retrieval_method *method)
{
    static const struct {
        const carnet_cbor_field *fields;
        size_t count;
    } tables[] = {
        [CARNET_METHOD_NFC] = { nfc_fields, CARNET_COUNT(nfc_fields) },
        [CARNET_METHOD_BLE] = { ble_fields, CARNET_COUNT(ble_fields) },
        [CARNET_METHOD_WIFI_AWARE] = { wifi_fields, CARNET_COUNT(wifi_fields) },
        [CARNET_METHOD_REST] = { rest_fields, CARNET_COUNT(rest_fields) },
    };
    carnet_cbor_reader r = carnet_cbor_open(method->options);
    option_members got = { 0 };

    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, tables[method->type].fields, tables[method->type].count, &got);
    if (carnet_cbor_end(&r, NULL) != CARNET_OK) {
        return false;
    }
    switch (method->type) {
    case CARNET_METHOD_NFC:
        return nfc_usable(&got, method);
    case CARNET_METHOD_BLE:
        return ble_usable(&got, method);
    case CARNET_METHOD_WIFI_AWARE:
        return wifi_usable(&got, method);
    default:
        method->uri = got.text;
        return got.text.len != 0;
    }
}

/** Step into the array of methods: its first entry is next. */
static carnet_span
enter(carnet_span methods)
{
    carnet_cbor_reader r = carnet_cbor_open(methods);
    carnet_cbor_walk walk;

    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_array(&r, &walk);
    return r.rc == CARNET_OK ? carnet_span_of(r.at, (size_t)(r.end - r.at)) : (carnet_span){ 0 };
}

bool
carnet_engagement_next_method(const carnet_engagement *view, carnet_span *rest, carnet_retrieval_method *method)
{
    carnet_span here = rest->ptr != NULL && rest->ptr == view->methods.ptr ? enter(view->methods) : *rest;
    carnet_cbor_reader r = carnet_cbor_open(here);
    carnet_retrieval_method got = { 0 };
    carnet_cbor_walk walk;

    *method = got;
    r.allow = CARNET_CBOR_LENIENT;
    if (carnet_cbor_peek(&r) != CARNET_CBOR_ARRAY || carnet_cbor_count(here) < 3) {
        return false;
    }
    carnet_cbor_array(&r, &walk);
    carnet_cbor_array_next(&r, &walk);
    got.type = carnet_cbor_int(&r);
    carnet_cbor_array_next(&r, &walk);
    got.version = carnet_cbor_int(&r);
    carnet_cbor_array_next(&r, &walk);
    got.options = carnet_cbor_any(&r);
    while (carnet_cbor_array_next(&r, &walk)) {
        (void)carnet_cbor_any(&r);
    }
    if (r.rc != CARNET_OK) {
        return false;
    }
    *rest = carnet_span_of(r.at, (size_t)(r.end - r.at));
    *method = got;
    method->usable = carnet_method_known(got.type) && got.version == 1 && read_options(method);
    return true;
}
