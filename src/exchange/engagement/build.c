/* SPDX-License-Identifier: Apache-2.0 */
/* Building engagements and retrieval methods (18013-5 9.1; 18013-7 A.1 to A.3). */
#include "internal.h"

static void
spoil(carnet_cbor_builder *b)
{
    if (b->rc == CARNET_OK) {
        b->rc = CARNET_E_USAGE;
    }
}

static void
build_security(carnet_cbor_builder *b, const carnet_public_key *key)
{
    size_t size = carnet_cose_key_size(key);

    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_array(b, 2);
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_tag(b, 24);
    carnet_cbor_add_bstr_head(b, size);
    carnet_cose_key_build(b, key);
}

static void
build_origin_infos(carnet_cbor_builder *b, const char *domain)
{
    carnet_cbor_add_uint(b, 5);
    carnet_cbor_add_array(b, domain != NULL ? 1 : 0);
    if (domain != NULL) {
        carnet_cbor_add_map(b, 3);
        carnet_cbor_add_text(b, "cat");
        carnet_cbor_add_uint(b, 1);
        carnet_cbor_add_text(b, "type");
        carnet_cbor_add_uint(b, 1);
        carnet_cbor_add_text(b, "details");
        carnet_cbor_add_map(b, 1);
        carnet_cbor_add_text(b, "domain");
        carnet_cbor_add_text(b, domain);
    }
}

static void
build_capabilities(carnet_cbor_builder *b, const carnet_engagement_parameters *p)
{
    carnet_cbor_add_uint(b, 6);
    carnet_cbor_add_map(b, (p->reader_auth_all ? 1u : 0u) + 1u);
    if (p->reader_auth_all) {
        carnet_cbor_add_uint(b, 3);
        carnet_cbor_add_bool(b, true);
    }
    carnet_cbor_add_uint(b, 4);
    carnet_cbor_add_bool(b, p->extended_request);
}

void
carnet_engagement_build(carnet_cbor_builder *b, const carnet_engagement_parameters *p)
{
    bool capabilities = p->reader_auth_all || p->extended_request;
    bool origin_infos = p->origin_infos || p->domain != NULL || capabilities;

    if ((p->key == NULL && !p->reader) || p->method_count > CARNET_ENGAGEMENT_METHODS_MAX ||
        (p->key != NULL && carnet_cose_key_size(p->key) == 0)) {
        spoil(b);
        return;
    }
    carnet_cbor_add_map(b, 1u + (p->key != NULL) + (p->method_count != 0) + origin_infos + capabilities);
    carnet_cbor_add_uint(b, 0);
    carnet_cbor_add_text(b, p->reader || origin_infos ? "1.1" : "1.0");
    if (p->key != NULL) {
        build_security(b, p->key);
    }
    if (p->method_count != 0) {
        carnet_cbor_add_uint(b, 2);
        carnet_cbor_add_array(b, p->method_count);
        for (size_t i = 0; i < p->method_count; i++) {
            carnet_cbor_add_raw(b, p->methods[i]);
        }
    }
    if (origin_infos) {
        build_origin_infos(b, p->domain);
    }
    if (capabilities) {
        build_capabilities(b, p);
    }
}

static void
build_method(carnet_cbor_builder *b, carnet_method_type type, uint64_t options)
{
    carnet_cbor_add_array(b, 3);
    carnet_cbor_add_uint(b, (uint64_t)type);
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_map(b, options);
}

void
carnet_method_build_ble(carnet_cbor_builder *b, const uint8_t *peripheral_server_uuid,
                        const uint8_t *central_client_uuid)
{
    bool peripheral = peripheral_server_uuid != NULL, central = central_client_uuid != NULL;

    if (!peripheral && !central) {
        spoil(b);
    }
    build_method(b, CARNET_METHOD_BLE, 2u + peripheral + central);
    carnet_cbor_add_uint(b, 0);
    carnet_cbor_add_bool(b, peripheral);
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_bool(b, central);
    if (peripheral) {
        carnet_cbor_add_uint(b, 10);
        carnet_cbor_add_bstr(b, carnet_span_of(peripheral_server_uuid, 16));
    }
    if (central) {
        carnet_cbor_add_uint(b, 11);
        carnet_cbor_add_bstr(b, carnet_span_of(central_client_uuid, 16));
    }
}

void
carnet_method_build_nfc(carnet_cbor_builder *b, uint32_t max_command, uint32_t max_response)
{
    if (max_command < 255 || max_command > 65535 || max_response < 256 || max_response > 65536) {
        spoil(b);
    }
    build_method(b, CARNET_METHOD_NFC, 2);
    carnet_cbor_add_uint(b, 0);
    carnet_cbor_add_uint(b, max_command);
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_uint(b, max_response);
}

void
carnet_method_build_rest(carnet_cbor_builder *b, carnet_str uri)
{
    build_method(b, CARNET_METHOD_REST, 1);
    carnet_cbor_add_uint(b, 0);
    carnet_cbor_add_tstr(b, uri);
}
