/* SPDX-License-Identifier: Apache-2.0 */
/* Building retrieval methods (18013-5 9.1, 11.1.2, 11.2, 11.3; 18013-7 A.6.1). */
#include "internal.h"

static void
build_method(carnet_cbor_builder *b, carnet_method_type type, uint64_t options)
{
    carnet_cbor_add_array(b, 3);
    carnet_cbor_add_uint(b, (uint64_t)type);
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_map(b, options);
}

static void
build_bytes(carnet_cbor_builder *b, uint64_t key, carnet_span bytes)
{
    if (bytes.len != 0) {
        carnet_cbor_add_uint(b, key);
        carnet_cbor_add_bstr(b, bytes);
    }
}

static void
build_number(carnet_cbor_builder *b, uint64_t key, bool present, uint64_t number)
{
    if (present) {
        carnet_cbor_add_uint(b, key);
        carnet_cbor_add_uint(b, number);
    }
}

static void
build_ble(carnet_cbor_builder *b, const carnet_retrieval_method *m)
{
    bool peripheral = m->ble.peripheral_server, central = m->ble.central_client;

    if ((!peripheral && !central) || m->ble.peripheral_server_uuid.len != (peripheral ? 16u : 0u) ||
        m->ble.central_client_uuid.len != (central ? 16u : 0u) ||
        (m->ble.address.len != 0 && m->ble.address.len != 7) ||
        (!peripheral && (m->ble.address.len != 0 || m->ble.has_psm)) || (m->ble.has_psm && m->ble.psm > UINT16_MAX)) {
        carnet_engagement_spoil(b);
    }
    build_method(b, CARNET_METHOD_BLE, 2u + peripheral + central + (m->ble.address.len != 0) + m->ble.has_psm);
    carnet_cbor_add_uint(b, 0);
    carnet_cbor_add_bool(b, peripheral);
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_bool(b, central);
    build_bytes(b, 10, m->ble.peripheral_server_uuid);
    build_bytes(b, 11, m->ble.central_client_uuid);
    build_bytes(b, 20, m->ble.address);
    build_number(b, 21, m->ble.has_psm, m->ble.psm);
}

static void
build_nfc(carnet_cbor_builder *b, uint64_t max_command, uint64_t max_response)
{
    if (max_command < 255 || max_command > 65535 || max_response < 256 || max_response > 65536) {
        carnet_engagement_spoil(b);
    }
    build_method(b, CARNET_METHOD_NFC, 2);
    carnet_cbor_add_uint(b, 0);
    carnet_cbor_add_uint(b, max_command);
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_uint(b, max_response);
}

static void
build_wifi(carnet_cbor_builder *b, const carnet_retrieval_method *m)
{
    bool passphrase = m->wifi_aware.passphrase.len != 0;

    if (m->wifi_aware.bands.ptr == NULL) {
        carnet_engagement_spoil(b);
    }
    build_method(b, CARNET_METHOD_WIFI_AWARE,
                 1u + passphrase + m->wifi_aware.has_operating_class + m->wifi_aware.has_channel);
    if (passphrase) {
        carnet_cbor_add_uint(b, 0);
        carnet_cbor_add_tstr(b, m->wifi_aware.passphrase);
    }
    build_number(b, 1, m->wifi_aware.has_operating_class, m->wifi_aware.operating_class);
    build_number(b, 2, m->wifi_aware.has_channel, m->wifi_aware.channel);
    carnet_cbor_add_uint(b, 3);
    carnet_cbor_add_bstr(b, m->wifi_aware.bands);
}

void
carnet_method_build_ble(carnet_cbor_builder *b, const uint8_t *peripheral_server_uuid,
                        const uint8_t *central_client_uuid)
{
    carnet_retrieval_method m = { .type = CARNET_METHOD_BLE };

    m.ble.peripheral_server = peripheral_server_uuid != NULL;
    m.ble.central_client = central_client_uuid != NULL;
    m.ble.peripheral_server_uuid = carnet_span_of(peripheral_server_uuid, m.ble.peripheral_server ? 16 : 0);
    m.ble.central_client_uuid = carnet_span_of(central_client_uuid, m.ble.central_client ? 16 : 0);
    build_ble(b, &m);
}

void
carnet_method_build_nfc(carnet_cbor_builder *b, uint32_t max_command, uint32_t max_response)
{
    build_nfc(b, max_command, max_response);
}

void
carnet_method_build_rest(carnet_cbor_builder *b, carnet_str uri)
{
    build_method(b, CARNET_METHOD_REST, 1);
    carnet_cbor_add_uint(b, 0);
    carnet_cbor_add_tstr(b, uri);
}

void
carnet_method_build(carnet_cbor_builder *b, const carnet_retrieval_method *method)
{
    switch (method->type) {
    case CARNET_METHOD_NFC:
        build_nfc(b, method->nfc.max_command, method->nfc.max_response);
        break;
    case CARNET_METHOD_BLE:
        build_ble(b, method);
        break;
    case CARNET_METHOD_WIFI_AWARE:
        build_wifi(b, method);
        break;
    case CARNET_METHOD_REST:
        if (method->uri.len == 0) {
            carnet_engagement_spoil(b);
        }
        carnet_method_build_rest(b, method->uri);
        break;
    default:
        carnet_engagement_spoil(b);
    }
}
