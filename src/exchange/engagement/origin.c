/* SPDX-License-Identifier: Apache-2.0 */
/* OriginInfos: where the document was asked for (18013-7 A.3). */
#include "internal.h"

#define CLAUSE      "18013-7 A.3"
#define TYPE_DOMAIN 1

typedef struct origin_info {
    uint64_t category, type;
    carnet_span details;
} origin_info;

static const carnet_cbor_field origin_fields[] = {
    CARNET_MEMBER(origin_info, "cat", CARNET_FIELD_UINT, category),
    CARNET_MEMBER(origin_info, "type", CARNET_FIELD_UINT, type),
    CARNET_MEMBER(origin_info, "details", CARNET_FIELD_ANY, details),
};

typedef struct domain_details {
    carnet_str domain;
} domain_details;

static const carnet_cbor_field domain_fields[] = {
    CARNET_MEMBER(domain_details, "domain", CARNET_FIELD_TSTR, domain),
};

static carnet_str
read_domain(carnet_cbor_reader *outer, carnet_span map)
{
    carnet_path path = { .up = outer->path, .name = carnet_str_of("details") };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, map, &path);
    domain_details details = { 0 };

    carnet_cbor_fields(&r, domain_fields, CARNET_COUNT(domain_fields), &details);
    carnet_cbor_join(outer, &r);
    return details.domain;
}

void
carnet_origin_infos_read(carnet_cbor_reader *outer, carnet_span array, carnet_str *domain)
{
    carnet_path list = { .up = outer->path, .name = carnet_str_of("OriginInfos") }, entry = { .up = &list };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, array, &entry);
    uint64_t types[CARNET_ORIGIN_INFOS_MAX] = { 0 };
    carnet_cbor_walk walk;

    *domain = (carnet_str){ 0 };
    carnet_cbor_array(&r, &walk);
    while (carnet_cbor_array_next(&r, &walk)) {
        const uint8_t *at = r.at;
        origin_info info = { 0 };

        entry.index = walk.index;
        carnet_cbor_fields(&r, origin_fields, CARNET_COUNT(origin_fields), &info);
        if (walk.index >= CARNET_ORIGIN_INFOS_MAX) {
            carnet_cbor_refuse(&r, CARNET_E_CBOR_LIMIT, at, CLAUSE, "there are too many OriginInfos");
        }
        for (size_t i = 0; r.rc == CARNET_OK && i < walk.index; i++) {
            if (types[i] == info.type) {
                carnet_cbor_refuse(&r, CARNET_E_ENGAGEMENT_STRUCTURE, at, CLAUSE,
                                   "a type of OriginInfo is there twice");
            }
        }
        if (r.rc == CARNET_OK) {
            types[walk.index] = info.type;
            *domain = info.type == TYPE_DOMAIN ? read_domain(&r, info.details) : *domain;
        }
    }
    carnet_cbor_join(outer, &r);
}

carnet_str
carnet_engagement_domain(const carnet_engagement *view)
{
    carnet_cbor_reader r = carnet_cbor_open(view->origin_infos);
    carnet_str domain = { 0 };

    r.allow = CARNET_CBOR_LENIENT;
    if (view->has_origin_infos) {
        carnet_origin_infos_read(&r, view->origin_infos, &domain);
    }
    return r.rc == CARNET_OK ? domain : (carnet_str){ 0 };
}
