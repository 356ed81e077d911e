/* SPDX-License-Identifier: Apache-2.0 */
/* Building engagements (18013-5 9.1; 18013-7 A.1 to A.5). */
#include "internal.h"

void
carnet_engagement_spoil(carnet_cbor_builder *b)
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
build_curves(carnet_cbor_builder *b, const carnet_engagement_parameters *p)
{
    carnet_cbor_add_uint(b, 1);
    carnet_cbor_add_array(b, p->mac_keys_curve_count);
    for (size_t i = 0; i < p->mac_keys_curve_count; i++) {
        carnet_cbor_add_int(b, p->mac_keys_curves[i]);
    }
}

static void
build_flag(carnet_cbor_builder *b, uint64_t key)
{
    carnet_cbor_add_uint(b, key);
    carnet_cbor_add_bool(b, true);
}

static void
build_capabilities(carnet_cbor_builder *b, const carnet_engagement_parameters *p)
{
    carnet_cbor_add_uint(b, 6);
    carnet_cbor_add_map(b, 1u + p->mac_keys + (p->mac_keys_curve_count != 0) + p->handover_session_establishment +
                               p->reader_auth_all);
    if (p->mac_keys) {
        build_flag(b, 0);
    }
    if (p->mac_keys_curve_count != 0) {
        build_curves(b, p);
    }
    if (p->handover_session_establishment) {
        build_flag(b, 2);
    }
    if (p->reader_auth_all) {
        build_flag(b, 3);
    }
    carnet_cbor_add_uint(b, 4);
    carnet_cbor_add_bool(b, p->extended_request);
}

void
carnet_engagement_build(carnet_cbor_builder *b, const carnet_engagement_parameters *p)
{
    bool capabilities = p->reader_auth_all || p->extended_request || p->handover_session_establishment || p->mac_keys;
    bool origin_infos = p->origin_infos || p->domain != NULL || capabilities;

    if ((p->key == NULL && !p->reader) || p->method_count > CARNET_ENGAGEMENT_METHODS_MAX ||
        (p->key != NULL && carnet_cose_key_size(p->key) == 0) || (p->mac_keys_curve_count != 0 && !p->mac_keys)) {
        carnet_engagement_spoil(b);
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
