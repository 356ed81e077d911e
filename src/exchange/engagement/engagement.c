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

static void
read_version(carnet_cbor_reader *r, carnet_str version)
{
    if (r->rc == CARNET_OK && !carnet_str_starts(version, "1.")) {
        carnet_cbor_refuse(r, CARNET_E_ENGAGEMENT_VERSION, (const uint8_t *)version.ptr, CLAUSE, NULL);
    }
}

static void
read_security(carnet_cbor_reader *outer, carnet_span security, carnet_engagement *view)
{
    carnet_path path = { .up = outer->path, .name = carnet_str_of("Security") };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, security, &path), key;
    carnet_cbor_walk walk;

    carnet_cbor_array(&r, &walk);
    carnet_cbor_array_next(&r, &walk);
    view->cipher_suite = carnet_cbor_uint(&r);
    if (r.rc == CARNET_OK && view->cipher_suite != 1) {
        carnet_cbor_refuse(&r, CARNET_E_ENGAGEMENT_CIPHER_SUITE, security.ptr, CLAUSE, NULL);
    }
    carnet_cbor_array_next(&r, &walk);
    view->key_bytes = carnet_cbor_tag24(&r);
    if (r.rc == CARNET_OK && carnet_cbor_array_next(&r, &walk)) {
        carnet_cbor_refuse(&r, CARNET_E_ENGAGEMENT_STRUCTURE, NULL, CLAUSE, "Security has more than two entries");
    }
    if (r.rc == CARNET_OK) {
        key = carnet_cbor_open_within(&r, view->key_bytes.content, &path);
        carnet_cose_key_read(&key, &view->key);
        carnet_cbor_join(&r, &key);
        view->has_key = true;
        view->odd |=
            view->key.seen & (CARNET_COSE_KEY_PRIVATE | CARNET_COSE_KEY_OTHER) ? CARNET_ENGAGEMENT_KEY_PARAMETERS : 0;
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
    } else if (!reader) {
        carnet_cbor_refuse(r, CARNET_E_ENGAGEMENT_STRUCTURE, view->encoded.ptr, CLAUSE, "Security is missing");
    }
    if (got->methods.len != 0 && r->rc == CARNET_OK) {
        read_methods(r, view);
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
    view->server_retrieval = got.server_retrieval;
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

typedef struct origin_info {
    uint64_t category, type;
    carnet_span details;
} origin_info;

static const carnet_cbor_field origin_fields[] = {
    CARNET_MEMBER_OPTIONAL(origin_info, "cat", CARNET_FIELD_UINT, category),
    CARNET_MEMBER(origin_info, "type", CARNET_FIELD_UINT, type),
    CARNET_MEMBER_OPTIONAL(origin_info, "details", CARNET_FIELD_ANY, details),
};

typedef struct domain_details {
    carnet_str domain;
} domain_details;

static const carnet_cbor_field domain_fields[] = {
    CARNET_MEMBER(domain_details, "domain", CARNET_FIELD_TSTR, domain),
};

carnet_str
carnet_engagement_domain(const carnet_engagement *view)
{
    carnet_cbor_reader r = carnet_cbor_open(view->origin_infos), inner;
    carnet_cbor_walk walk;
    carnet_str domain = { 0 };

    r.allow = CARNET_CBOR_LENIENT;
    if (!view->has_origin_infos) {
        return domain;
    }
    carnet_cbor_array(&r, &walk);
    while (domain.ptr == NULL && carnet_cbor_array_next(&r, &walk)) {
        origin_info info = { 0 };
        domain_details details = { 0 };

        carnet_cbor_fields(&r, origin_fields, CARNET_COUNT(origin_fields), &info);
        if (r.rc == CARNET_OK && info.type == 1 && info.details.len != 0) {
            inner = carnet_cbor_open_within(&r, info.details, NULL);
            carnet_cbor_fields(&inner, domain_fields, CARNET_COUNT(domain_fields), &details);
            domain = inner.rc == CARNET_OK ? details.domain : (carnet_str){ 0 };
        }
    }
    return domain;
}
