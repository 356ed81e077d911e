/* SPDX-License-Identifier: Apache-2.0 */
/* Opening DeviceEngagement and ReaderEngagement (18013-5 9.1; 18013-7 A.1, A.2). */
#include "internal.h"

#define CLAUSE "18013-5 9.1"

typedef struct members {
    carnet_str version;
    carnet_span security, methods, server_retrieval, origin_infos, capabilities;
} members;

static const carnet_cbor_field fields[] = {
    CARNET_LABEL(members, 0, CARNET_FIELD_TSTR, version),
    CARNET_LABEL_OPTIONAL(members, 1, CARNET_FIELD_ARRAY, security),
    CARNET_LABEL_OPTIONAL(members, 2, CARNET_FIELD_ARRAY, methods),
    CARNET_LABEL_OPTIONAL(members, 3, CARNET_FIELD_ANY, server_retrieval),
    CARNET_LABEL_OPTIONAL(members, 5, CARNET_FIELD_ARRAY, origin_infos),
    CARNET_LABEL_OPTIONAL(members, 6, CARNET_FIELD_MAP, capabilities),
};

typedef struct capability_members {
    carnet_span curves;
    bool mac_keys, session, reader_auth_all, extended;
} capability_members;

static const carnet_cbor_field capability_fields[] = {
    CARNET_LABEL_OPTIONAL(capability_members, 0, CARNET_FIELD_BOOL, mac_keys),
    CARNET_LABEL_OPTIONAL(capability_members, 1, CARNET_FIELD_ARRAY, curves),
    CARNET_LABEL_OPTIONAL(capability_members, 2, CARNET_FIELD_BOOL, session),
    CARNET_LABEL_OPTIONAL(capability_members, 3, CARNET_FIELD_BOOL, reader_auth_all),
    CARNET_LABEL_OPTIONAL(capability_members, 4, CARNET_FIELD_BOOL, extended),
};

/** "1." and digits. */
static void
read_version(carnet_cbor_reader *r, carnet_str version)
{
    carnet_path path = { .up = r->path, .integer_key = true };
    bool good = carnet_str_starts(version, "1.") && version.len > 2;

    for (size_t i = 2; good && i < version.len; i++) {
        good = version.ptr[i] >= '0' && version.ptr[i] <= '9';
    }
    if (r->rc == CARNET_OK && !good) {
        const carnet_path *outer = r->path;

        r->path = &path;
        carnet_cbor_refuse(r, CARNET_E_ENGAGEMENT_VERSION, (const uint8_t *)version.ptr, CLAUSE, NULL);
        r->path = outer;
    }
}

/** EDeviceKey or EReaderKey, with which keys must be agreed on. */
static void
read_key(carnet_cbor_reader *outer, carnet_engagement *view)
{
    carnet_cbor_reader r = carnet_cbor_open_within(outer, view->key_bytes.content, outer->path);

    if (view->key_bytes.content.len != 0 && carnet_cbor_peek(&r) != CARNET_CBOR_MAP) {
        view->odd |= CARNET_ENGAGEMENT_KEY_FOREIGN;
        return;
    }
    carnet_cose_key_read(&r, &view->key);
    if (r.rc == CARNET_OK && r.at != r.end) {
        carnet_cbor_refuse(&r, CARNET_E_CBOR_TRAILING, NULL, CLAUSE, NULL);
    }
    if (r.rc == CARNET_OK && !carnet_curve_get(view->key.key.curve)->agrees) {
        carnet_cbor_refuse(&r, CARNET_E_COSE_KEY, view->key_bytes.content.ptr, CLAUSE,
                           "its curve is not one for key agreement");
    }
    if (view->key.seen & (CARNET_COSE_KEY_PRIVATE | CARNET_COSE_KEY_OTHER)) {
        view->odd |= CARNET_ENGAGEMENT_KEY_PARAMETERS;
    }
    view->has_key = true;
    carnet_cbor_join(outer, &r);
}

static void
read_security(carnet_cbor_reader *outer, carnet_span security, carnet_engagement *view)
{
    carnet_path path = { .up = outer->path, .name = carnet_str_of("Security") };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, security, &path);
    const uint8_t *at;
    carnet_cbor_walk walk;
    int64_t suite;

    if (carnet_cbor_count(security) != 2) {
        carnet_cbor_refuse(&r, CARNET_E_ENGAGEMENT_STRUCTURE, NULL, CLAUSE, "Security is not [cipher suite, key]");
    }
    carnet_cbor_array(&r, &walk);
    carnet_cbor_array_next(&r, &walk);
    at = r.at;
    suite = carnet_cbor_int(&r);
    if (r.rc == CARNET_OK && suite != 1) {
        carnet_cbor_refuse(&r, CARNET_E_ENGAGEMENT_CIPHER_SUITE, at, CLAUSE, NULL);
    }
    view->cipher_suite = (uint64_t)suite;
    carnet_cbor_array_next(&r, &walk);
    view->key_bytes = carnet_cbor_tag24(&r);
    if (r.rc == CARNET_OK) {
        read_key(&r, view);
    }
    carnet_cbor_join(outer, &r);
}

static void
read_curves(carnet_cbor_reader *outer, carnet_span curves)
{
    carnet_path path = { .up = outer->path, .index = 1, .integer_key = true };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, curves, &path);
    carnet_cbor_walk walk;

    carnet_cbor_array(&r, &walk);
    while (carnet_cbor_array_next(&r, &walk)) {
        (void)carnet_cbor_int(&r);
    }
    if (r.rc == CARNET_OK && walk.index == UINT64_MAX) {
        carnet_cbor_refuse(&r, CARNET_E_ENGAGEMENT_STRUCTURE, curves.ptr, "18013-7 A.5", "MacKeysCurves is empty");
    }
    carnet_cbor_join(outer, &r);
}

static void
read_capabilities(carnet_cbor_reader *outer, carnet_span map, carnet_engagement *view)
{
    carnet_path path = { .up = outer->path, .name = carnet_str_of("Capabilities") };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, map, &path);
    capability_members got = { 0 };

    carnet_cbor_fields(&r, capability_fields, CARNET_COUNT(capability_fields), &got);
    if (r.rc == CARNET_OK && got.curves.len != 0) {
        read_curves(&r, got.curves);
        view->odd |= got.mac_keys ? 0 : CARNET_ENGAGEMENT_MAC_KEYS_CURVES;
    }
    carnet_cbor_join(outer, &r);
    view->capabilities = (carnet_capabilities){
        .present = true,
        .mac_keys_support = got.mac_keys,
        .mac_keys_curves = got.curves,
        .handover_session_establishment = got.session,
        .reader_auth_all = got.reader_auth_all,
        .extended_request = got.extended,
    };
}

/** Look at the methods once, to find what is odd about them. */
static void
read_methods(carnet_cbor_reader *outer, carnet_engagement *view)
{
    carnet_retrieval_method method, other;
    carnet_span rest = view->methods;
    size_t count = carnet_cbor_count(view->methods);

    if (count == 0 || count > CARNET_ENGAGEMENT_METHODS_MAX) {
        carnet_cbor_refuse(outer, CARNET_E_ENGAGEMENT_STRUCTURE, view->methods.ptr, CLAUSE,
                           "the number of retrieval methods is not allowed");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        carnet_span before = view->methods;

        if (!carnet_engagement_next_method(view, &rest, &method)) {
            carnet_cbor_refuse(outer, CARNET_E_ENGAGEMENT_STRUCTURE, view->methods.ptr, CLAUSE,
                               "a retrieval method is not [type, version, options]");
            return;
        }
        if (!method.usable) {
            view->odd |=
                carnet_method_known(method.type) ? CARNET_ENGAGEMENT_METHOD_OPTIONS : CARNET_ENGAGEMENT_UNKNOWN_METHOD;
        }
        for (size_t j = 0; j < i && carnet_engagement_next_method(view, &before, &other); j++) {
            if (other.type == method.type && other.version == method.version) {
                view->odd |= CARNET_ENGAGEMENT_METHOD_TWICE;
            }
        }
    }
}

static void
read_members(carnet_cbor_reader *r, const members *got, bool reader, carnet_engagement *view)
{
    read_version(r, got->version);
    if (got->security.len != 0) {
        read_security(r, got->security, view);
    } else if (!reader && r->rc == CARNET_OK) {
        carnet_cbor_refuse(r, CARNET_E_ENGAGEMENT_STRUCTURE, view->encoded.ptr, CLAUSE, "Security is missing");
    }
    if (got->methods.len != 0 && r->rc == CARNET_OK) {
        read_methods(r, view);
    }
    if (got->origin_infos.len != 0) {
        carnet_str domain;

        carnet_origin_infos_read(r, got->origin_infos, &domain);
    }
    if (got->capabilities.len != 0) {
        read_capabilities(r, got->capabilities, view);
        view->odd |= got->origin_infos.len == 0 ? CARNET_ENGAGEMENT_CAPABILITIES_ALONE : 0;
    }
    if (carnet_str_is(got->version, "1.0") && (got->capabilities.len != 0 || got->origin_infos.len != 0)) {
        view->odd |= CARNET_ENGAGEMENT_VERSION_TOO_LOW;
    }
}

static carnet_rc
engagement_open(carnet_span cbor, bool reader, carnet_engagement *view, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of(reader ? "ReaderEngagement" : "DeviceEngagement") };
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    members got = { 0 };
    carnet_rc rc;

    *view = (carnet_engagement){ .encoded = cbor };
    r.path = &path;
    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), &got);
    view->version = got.version;
    view->methods = got.methods;
    if (got.server_retrieval.len != 0 && *got.server_retrieval.ptr >> 5 == 5) {
        view->server_retrieval = got.server_retrieval; /* reserved in the second edition: may be anything */
    }
    view->origin_infos = got.origin_infos;
    view->has_origin_infos = got.origin_infos.len != 0;
    if (r.rc == CARNET_OK) {
        read_members(&r, &got, reader, view);
    }
    view->cbor_seen = r.seen;
    rc = carnet_cbor_end(&r, err);
    if (rc != CARNET_OK) {
        *view = (carnet_engagement){ 0 };
    }
    return rc;
}

carnet_rc
carnet_device_engagement_open(carnet_span cbor, carnet_engagement *view, carnet_err *err)
{
    return engagement_open(cbor, false, view, err);
}

carnet_rc
carnet_reader_engagement_open(carnet_span cbor, carnet_engagement *view, carnet_err *err)
{
    return engagement_open(cbor, true, view, err);
}
