/* SPDX-License-Identifier: Apache-2.0 */
/* What a connection is made with: from a retrieval method and to one (18013-5 9.1, 11.1). */
#include "internal.h"

#include <string.h>

#define PSM_MAX 0xff /* of LE; assigned ones up to 0x7f, dynamic ones above */

/** Of the modes in common, the one to use; 0 if there is none. */
static unsigned
choose(const carnet_retrieval_method *method, unsigned modes, carnet_ble_mode preferred)
{
    unsigned offered = (method->ble.peripheral_server ? CARNET_BLE_PERIPHERAL_SERVER : 0u) |
                       (method->ble.central_client ? CARNET_BLE_CENTRAL_CLIENT : 0u);
    unsigned common = offered & modes;
    unsigned wanted =
        preferred == CARNET_BLE_PERIPHERAL_SERVER ? CARNET_BLE_PERIPHERAL_SERVER : CARNET_BLE_CENTRAL_CLIENT;

    return (common & wanted) != 0 ? wanted : common;
}

/** The mdoc's address, which only a client of it needs: 6 octets least significant first, then the type. */
static void
take_address(carnet_span address, carnet_ble_parameters *out)
{
    if (address.len != sizeof(out->address) + 1) {
        return;
    }
    for (size_t i = 0; i < sizeof(out->address); i++) {
        out->address[i] = address.ptr[sizeof(out->address) - 1 - i];
    }
    out->address_random = (address.ptr[sizeof(out->address)] & 1) != 0;
    out->has_address = true;
}

carnet_rc
carnet_ble_parameters_of(const carnet_retrieval_method *method, bool mdoc, unsigned modes, carnet_ble_mode preferred,
                         carnet_ble_parameters *parameters, carnet_err *err)
{
    carnet_ble_parameters got = { .mdoc = mdoc };
    carnet_span uuid;
    unsigned mode;

    *parameters = (carnet_ble_parameters){ 0 };
    if (method->type != CARNET_METHOD_BLE || !method->usable) {
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, CLAUSE_BLE, "the retrieval method is not a usable one of BLE");
    }
    mode = choose(method, modes, preferred);
    if (mode == 0) {
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, CLAUSE_BLE, "no BLE mode is offered that this device can do");
    }
    got.mode = (carnet_ble_mode)mode;
    got.server = (got.mode == CARNET_BLE_PERIPHERAL_SERVER) == mdoc;
    uuid =
        got.mode == CARNET_BLE_PERIPHERAL_SERVER ? method->ble.peripheral_server_uuid : method->ble.central_client_uuid;
    if (uuid.len != CARNET_BLE_UUID) {
        return carnet_fail(err, CARNET_E_LINK_PROTOCOL, CLAUSE_BLE, "the mode has no UUID");
    }
    memcpy(got.service, uuid.ptr, CARNET_BLE_UUID);
    if (got.mode == CARNET_BLE_PERIPHERAL_SERVER && !got.server) {
        take_address(method->ble.address, &got);
        got.psm = method->ble.has_psm && method->ble.psm <= PSM_MAX ? (uint16_t)method->ble.psm : 0;
    }
    *parameters = got;
    return CARNET_OK;
}

static void
build_address(carnet_cbor_builder *b, const uint8_t *address, bool random)
{
    uint8_t value[7];

    for (size_t i = 0; i < 6; i++) {
        value[i] = address[5 - i];
    }
    value[6] = random;
    carnet_cbor_add_uint(b, 20);
    carnet_cbor_add_bstr(b, carnet_span_of(value, sizeof(value)));
}

void
carnet_ble_method_build(carnet_cbor_builder *b, const uint8_t *peripheral_server_uuid,
                        const uint8_t *central_client_uuid, const uint8_t *address, bool address_random, uint16_t psm)
{
    bool peripheral = peripheral_server_uuid != NULL, central = central_client_uuid != NULL;

    if (!(peripheral || central) || (!peripheral && (address != NULL || psm != 0))) {
        b->rc = b->rc == CARNET_OK ? CARNET_E_USAGE : b->rc;
        return;
    }
    carnet_cbor_add_array(b, 3);
    carnet_cbor_add_uint(b, CARNET_METHOD_BLE);
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_map(b, 2u + peripheral + central + (address != NULL) + (psm != 0));
    carnet_cbor_add_uint(b, 0);
    carnet_cbor_add_bool(b, peripheral);
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_bool(b, central);
    if (peripheral) {
        carnet_cbor_add_uint(b, 10);
        carnet_cbor_add_bstr(b, carnet_span_of(peripheral_server_uuid, CARNET_BLE_UUID));
    }
    if (central) {
        carnet_cbor_add_uint(b, 11);
        carnet_cbor_add_bstr(b, carnet_span_of(central_client_uuid, CARNET_BLE_UUID));
    }
    if (address != NULL) {
        build_address(b, address, address_random);
    }
    if (psm != 0) {
        carnet_cbor_add_uint(b, 21);
        carnet_cbor_add_uint(b, psm);
    }
}

carnet_rc
carnet_ble_ident(carnet_crypto *crypto, carnet_span device_key_bytes, uint8_t ident[CARNET_BLE_IDENT_SIZE],
                 carnet_err *err)
{
    carnet_secret secret;
    carnet_rc rc = carnet_hkdf(crypto, CARNET_SHA256, device_key_bytes, (carnet_span){ 0 },
                               carnet_span_of("BLEIdent", 8), CARNET_BLE_IDENT_SIZE, &secret, err);

    memset(ident, 0, CARNET_BLE_IDENT_SIZE);
    if (rc == CARNET_OK) {
        memcpy(ident, secret.bytes, CARNET_BLE_IDENT_SIZE);
    }
    carnet_secret_done(&secret);
    return rc;
}

void
carnet_ble_psm_encode(uint16_t psm, uint8_t value[CARNET_BLE_PSM_SIZE])
{
    value[0] = value[1] = 0;
    value[2] = (uint8_t)(psm >> 8);
    value[3] = (uint8_t)psm;
}

uint16_t
carnet_ble_psm_decode(carnet_span value)
{
    if (value.len != CARNET_BLE_PSM_SIZE || value.ptr[1] != 0 || value.ptr[2] != 0) {
        return 0;
    }
    return value.ptr[0] == 0 ? value.ptr[3] : value.ptr[3] == 0 ? value.ptr[0] : 0;
}

size_t
carnet_ble_part_size(size_t att_mtu, uint8_t att_header, uint16_t part_max)
{
    size_t header = att_header != 0 ? att_header : CARNET_BLE_ATT_HEADER;
    size_t most = part_max != 0 && part_max < CARNET_BLE_PART_MAX ? part_max : CARNET_BLE_PART_MAX;
    size_t room = att_mtu > header + 2 ? att_mtu - header : 2; /* a part needs an octet besides its first */

    if (most < 2) {
        most = 2;
    }
    return room < most ? room : most;
}
