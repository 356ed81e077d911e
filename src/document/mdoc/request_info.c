/* SPDX-License-Identifier: Apache-2.0 */
/* DocRequestInfo (18013-5 10.2.5) and DeviceRequestInfo (10.2.6). */
#include "carnet/device_request.h"
#include "internal.h"

#define INFO_CLAUSE     "18013-5 10.2.5"
#define USE_CASE_CLAUSE "18013-5 10.2.6"

static const carnet_cbor_field info_fields[] = {
    CARNET_MEMBER_OPTIONAL(carnet_doc_request_info, "alternativeDataElements", CARNET_FIELD_ARRAY,
                           alternative_data_elements),
    CARNET_MEMBER_OPTIONAL(carnet_doc_request_info, "issuerIdentifiers", CARNET_FIELD_ARRAY, issuer_identifiers),
    CARNET_MEMBER_OPTIONAL(carnet_doc_request_info, "zkRequest", CARNET_FIELD_MAP, zk_request),
    CARNET_MEMBER_OPTIONAL(carnet_doc_request_info, "docResponseEncryption", CARNET_FIELD_EMBEDDED,
                           doc_response_encryption),
    { "uniqueDocSetRequired", 0, CARNET_FIELD_BOOL, false, offsetof(carnet_doc_request_info, unique_doc_set_required),
      offsetof(carnet_doc_request_info, has_unique_doc_set_required) },
    { "maximumResponseSize", 0, CARNET_FIELD_UINT, false, offsetof(carnet_doc_request_info, maximum_response_size),
      offsetof(carnet_doc_request_info, has_maximum_response_size) },
};

static const carnet_cbor_field zk_system_fields[] = {
    CARNET_MEMBER(carnet_zk_system, "zkSystemId", CARNET_FIELD_TSTR, id),
    CARNET_MEMBER(carnet_zk_system, "system", CARNET_FIELD_TSTR, system),
    CARNET_MEMBER(carnet_zk_system, "params", CARNET_FIELD_MAP, params),
};

static const carnet_cbor_field zk_request_fields[] = {
    CARNET_MEMBER(carnet_zk_request, "systemSpecs", CARNET_FIELD_ARRAY, system_specs),
    CARNET_MEMBER(carnet_zk_request, "zkRequired", CARNET_FIELD_BOOL, required),
};

static const carnet_cbor_field encryption_fields[] = {
    CARNET_MEMBER(carnet_doc_response_encryption, "recipientPublicKey", CARNET_FIELD_MAP, recipient_public_key),
    CARNET_MEMBER_OPTIONAL(carnet_doc_response_encryption, "nonce", CARNET_FIELD_BSTR, nonce),
    CARNET_MEMBER_OPTIONAL(carnet_doc_response_encryption, "recipientCertificate", CARNET_FIELD_ARRAY,
                           recipient_certificate),
};

static const carnet_cbor_field use_case_fields[] = {
    CARNET_MEMBER(carnet_use_case, "mandatory", CARNET_FIELD_BOOL, mandatory),
    CARNET_MEMBER(carnet_use_case, "documentSets", CARNET_FIELD_ARRAY, document_sets),
    CARNET_MEMBER_OPTIONAL(carnet_use_case, "purposeHints", CARNET_FIELD_MAP, purpose_hints),
};

struct alternative_members {
    carnet_span requested, sets;
};
static const carnet_cbor_field alternative_fields[] = {
    CARNET_MEMBER(struct alternative_members, "requestedElement", CARNET_FIELD_ARRAY, requested),
    CARNET_MEMBER(struct alternative_members, "alternativeElementSets", CARNET_FIELD_ARRAY, sets),
};

struct device_info_members {
    carnet_span use_cases;
};
static const carnet_cbor_field device_info_fields[] = {
    CARNET_MEMBER_OPTIONAL(struct device_info_members, "useCases", CARNET_FIELD_ARRAY, use_cases),
};

/* --- checking --- */

void
carnet_array_check(carnet_cbor_reader *r, const char *clause, carnet_entry_check *check, uint64_t limit)
{
    const uint8_t *start = r->at;
    carnet_path step = carnet_path_entry(r->path, 0);
    carnet_cbor_walk walk;

    carnet_cbor_array(r, &walk);
    r->path = &step;
    for (; carnet_cbor_array_next(r, &walk); step.index++)
        check(r, limit);
    r->path = step.up;
    if (step.index == 0)
        carnet_cbor_refuse(r, CARNET_E_MDOC_EMPTY, start, clause, "an array that needs an entry is empty");
}

void
carnet_member_array_check(carnet_cbor_reader *r, carnet_span array, const char *member, const char *clause,
                          carnet_entry_check *check, uint64_t limit)
{
    carnet_path step = carnet_path_member(r->path, member);
    carnet_cbor_reader list = carnet_cbor_open_within(r, array, &step);

    carnet_array_check(&list, clause, check, limit);
    carnet_cbor_join(r, &list);
}

/* A map without an entry, where one is needed. */
static bool
is_empty_map(carnet_span map)
{
    return carnet_cbor_count(map) == 0;
}

static void
read_reference(carnet_cbor_reader *r, carnet_element_name *name)
{
    const uint8_t *start = r->at;
    carnet_cbor_walk walk;
    size_t count = 0;

    carnet_cbor_array(r, &walk);
    for (; carnet_cbor_array_next(r, &walk); count++) {
        carnet_str text = carnet_cbor_tstr(r);
        if (count == 0)
            name->name_space = text;
        else if (count == 1)
            name->identifier = text;
    }
    if (count != 2)
        carnet_cbor_refuse(r, CARNET_E_MDOC_STRUCTURE, start, INFO_CLAUSE,
                           "an element reference is a name space and an identifier");
}

static void
check_reference(carnet_cbor_reader *r, uint64_t limit)
{
    carnet_element_name name = { 0 };

    (void)limit;
    read_reference(r, &name);
}

static void
check_element_set(carnet_cbor_reader *r, uint64_t limit)
{
    carnet_array_check(r, INFO_CLAUSE, check_reference, limit);
}

static void
check_alternative(carnet_cbor_reader *r, uint64_t limit)
{
    struct alternative_members got = { 0 };
    carnet_cbor_reader reference;

    carnet_cbor_fields(r, alternative_fields, CARNET_COUNT(alternative_fields), &got);
    if (r->rc != CARNET_OK)
        return;
    reference = carnet_cbor_open_within(r, got.requested, r->path);
    check_reference(&reference, limit);
    carnet_cbor_join(r, &reference);
    carnet_member_array_check(r, got.sets, "alternativeElementSets", INFO_CLAUSE, check_element_set, limit);
}

static void
check_bytes(carnet_cbor_reader *r, uint64_t limit)
{
    (void)limit;
    (void)carnet_cbor_bstr(r);
}

static void
check_zk_system(carnet_cbor_reader *r, uint64_t limit)
{
    carnet_zk_system got = { 0 };

    (void)limit;
    carnet_cbor_fields(r, zk_system_fields, CARNET_COUNT(zk_system_fields), &got);
}

static void
check_zk_request(carnet_cbor_reader *outer, carnet_span map)
{
    carnet_path step = carnet_path_member(outer->path, "zkRequest");
    carnet_cbor_reader r = carnet_cbor_open_within(outer, map, &step);
    carnet_zk_request got = { 0 };

    carnet_cbor_fields(&r, zk_request_fields, CARNET_COUNT(zk_request_fields), &got);
    if (r.rc == CARNET_OK)
        carnet_member_array_check(&r, got.system_specs, "systemSpecs", INFO_CLAUSE, check_zk_system, 0);
    carnet_cbor_join(outer, &r);
}

static void
check_encryption(carnet_cbor_reader *outer, carnet_span content)
{
    carnet_path step = carnet_path_member(outer->path, "docResponseEncryption");
    carnet_cbor_reader r = carnet_cbor_open_within(outer, content, &step);
    carnet_doc_response_encryption got = { 0 };

    carnet_cbor_fields(&r, encryption_fields, CARNET_COUNT(encryption_fields), &got);
    (void)carnet_cbor_end(&r, NULL);
    if (r.rc == CARNET_OK && got.recipient_certificate.len != 0)
        carnet_member_array_check(&r, got.recipient_certificate, "recipientCertificate", INFO_CLAUSE, check_bytes, 0);
    carnet_cbor_join(outer, &r);
}

void
carnet_request_info_check(carnet_cbor_reader *outer, carnet_span map)
{
    carnet_path step = carnet_path_member(outer->path, "requestInfo");
    carnet_cbor_reader r = carnet_cbor_open_within(outer, map, &step);
    carnet_doc_request_info got = { 0 };

    if (is_empty_map(map))
        carnet_cbor_refuse(&r, CARNET_E_MDOC_EMPTY, map.ptr, INFO_CLAUSE, "requestInfo is empty");
    carnet_cbor_fields(&r, info_fields, CARNET_COUNT(info_fields), &got);
    if (r.rc == CARNET_OK && got.alternative_data_elements.len != 0)
        carnet_member_array_check(&r, got.alternative_data_elements, "alternativeDataElements", INFO_CLAUSE,
                                  check_alternative, 0);
    if (r.rc == CARNET_OK && got.issuer_identifiers.len != 0)
        carnet_member_array_check(&r, got.issuer_identifiers, "issuerIdentifiers", INFO_CLAUSE, check_bytes, 0);
    if (r.rc == CARNET_OK && got.zk_request.len != 0)
        check_zk_request(&r, got.zk_request);
    if (r.rc == CARNET_OK && got.doc_response_encryption.encoded.len != 0)
        check_encryption(&r, got.doc_response_encryption.content);
    carnet_cbor_join(outer, &r);
}

static void
check_doc_index(carnet_cbor_reader *r, uint64_t limit)
{
    const uint8_t *start = r->at;

    if (carnet_cbor_uint(r) >= limit)
        carnet_cbor_refuse(r, CARNET_E_MDOC_STRUCTURE, start, USE_CASE_CLAUSE, "there is no such docRequest");
}

static void
check_document_set(carnet_cbor_reader *r, uint64_t limit)
{
    carnet_array_check(r, USE_CASE_CLAUSE, check_doc_index, limit);
}

static void
check_purpose_hints(carnet_cbor_reader *outer, carnet_span map)
{
    carnet_path step = carnet_path_member(outer->path, "purposeHints");
    carnet_cbor_reader r = carnet_cbor_open_within(outer, map, &step);
    carnet_cbor_walk walk;
    size_t count = 0;

    carnet_cbor_map(&r, &walk);
    for (; carnet_cbor_map_next(&r, &walk); count++) {
        (void)carnet_cbor_tstr(&r);
        (void)carnet_cbor_int(&r);
    }
    if (count == 0)
        carnet_cbor_refuse(&r, CARNET_E_MDOC_EMPTY, map.ptr, USE_CASE_CLAUSE, "purposeHints is empty");
    carnet_cbor_join(outer, &r);
}

static void
check_use_case(carnet_cbor_reader *r, uint64_t limit)
{
    carnet_use_case got = { 0 };

    carnet_cbor_fields(r, use_case_fields, CARNET_COUNT(use_case_fields), &got);
    if (r->rc != CARNET_OK)
        return;
    carnet_member_array_check(r, got.document_sets, "documentSets", USE_CASE_CLAUSE, check_document_set, limit);
    if (got.purpose_hints.len != 0)
        check_purpose_hints(r, got.purpose_hints);
}

void
carnet_device_request_info_check(carnet_cbor_reader *outer, carnet_span content, size_t doc_requests)
{
    carnet_path step = carnet_path_member(outer->path, "deviceRequestInfo");
    carnet_cbor_reader r = carnet_cbor_open_within(outer, content, &step);
    struct device_info_members got = { 0 };

    carnet_cbor_fields(&r, device_info_fields, CARNET_COUNT(device_info_fields), &got);
    (void)carnet_cbor_end(&r, NULL);
    if (r.rc == CARNET_OK && is_empty_map(content))
        carnet_cbor_refuse(&r, CARNET_E_MDOC_EMPTY, content.ptr, USE_CASE_CLAUSE, "deviceRequestInfo is empty");
    if (r.rc == CARNET_OK && got.use_cases.len != 0)
        carnet_member_array_check(&r, got.use_cases, "useCases", USE_CASE_CLAUSE, check_use_case, doc_requests);
    carnet_cbor_join(outer, &r);
}

/* --- stepping, over what has been checked --- */

static carnet_cbor_reader
reader_again(carnet_span part)
{
    carnet_cbor_reader r = carnet_cbor_open(part);

    r.allow = CARNET_CBOR_LENIENT;
    return r;
}

bool
carnet_doc_request_info_get(const carnet_doc_request *doc, carnet_doc_request_info *info)
{
    carnet_cbor_reader r = reader_again(doc->request_info);

    *info = (carnet_doc_request_info){ 0 };
    if (doc->request_info.len == 0)
        return false;
    carnet_cbor_fields(&r, info_fields, CARNET_COUNT(info_fields), info);
    return true;
}

bool
carnet_alternative_next(carnet_list_walk *walk, carnet_alternative *alternative)
{
    struct alternative_members got = { 0 };
    carnet_cbor_reader r;
    carnet_span entry;

    *alternative = (carnet_alternative){ 0 };
    if (!carnet_list_next(walk, &entry))
        return false;
    r = reader_again(entry);
    carnet_cbor_fields(&r, alternative_fields, CARNET_COUNT(alternative_fields), &got);
    r = reader_again(got.requested);
    read_reference(&r, &alternative->requested);
    alternative->sets = got.sets;
    return true;
}

bool
carnet_element_reference_next(carnet_list_walk *walk, carnet_element_name *name)
{
    carnet_cbor_reader r;
    carnet_span entry;

    *name = (carnet_element_name){ 0 };
    if (!carnet_list_next(walk, &entry))
        return false;
    r = reader_again(entry);
    read_reference(&r, name);
    return true;
}

bool
carnet_bytes_next(carnet_list_walk *walk, carnet_span *bytes)
{
    carnet_cbor_reader r;
    carnet_span entry;

    *bytes = (carnet_span){ 0 };
    if (!carnet_list_next(walk, &entry))
        return false;
    r = reader_again(entry);
    *bytes = carnet_cbor_bstr(&r);
    return true;
}

bool
carnet_zk_request_get(const carnet_doc_request_info *info, carnet_zk_request *zk)
{
    carnet_cbor_reader r = reader_again(info->zk_request);

    *zk = (carnet_zk_request){ 0 };
    if (info->zk_request.len == 0)
        return false;
    carnet_cbor_fields(&r, zk_request_fields, CARNET_COUNT(zk_request_fields), zk);
    return true;
}

bool
carnet_zk_system_next(carnet_list_walk *walk, carnet_zk_system *system)
{
    carnet_cbor_reader r;
    carnet_span entry;

    *system = (carnet_zk_system){ 0 };
    if (!carnet_list_next(walk, &entry))
        return false;
    r = reader_again(entry);
    carnet_cbor_fields(&r, zk_system_fields, CARNET_COUNT(zk_system_fields), system);
    return true;
}

bool
carnet_doc_response_encryption_get(const carnet_doc_request_info *info, carnet_doc_response_encryption *encryption)
{
    carnet_cbor_reader r = reader_again(info->doc_response_encryption.content);

    *encryption = (carnet_doc_response_encryption){ 0 };
    if (info->doc_response_encryption.encoded.len == 0)
        return false;
    carnet_cbor_fields(&r, encryption_fields, CARNET_COUNT(encryption_fields), encryption);
    return true;
}

bool
carnet_use_case_next(const carnet_device_request *view, size_t *index, carnet_use_case *use_case)
{
    carnet_cbor_reader r = reader_again(view->device_request_info.content);
    struct device_info_members got = { 0 };
    carnet_list_walk walk;
    carnet_span entry = { 0 };

    *use_case = (carnet_use_case){ 0 };
    if (view->device_request_info.encoded.len == 0)
        return false;
    carnet_cbor_fields(&r, device_info_fields, CARNET_COUNT(device_info_fields), &got);
    carnet_list_begin(&walk, got.use_cases);
    for (size_t i = 0; i <= *index; i++)
        if (!carnet_list_next(&walk, &entry))
            return false;
    ++*index;
    r = reader_again(entry);
    carnet_cbor_fields(&r, use_case_fields, CARNET_COUNT(use_case_fields), use_case);
    return true;
}

bool
carnet_document_set_next(carnet_list_walk *walk, size_t *doc_request)
{
    carnet_cbor_reader r;
    carnet_span entry;

    *doc_request = 0;
    if (!carnet_list_next(walk, &entry))
        return false;
    r = reader_again(entry);
    *doc_request = (size_t)carnet_cbor_uint(&r);
    return true;
}

bool
carnet_purpose_hint(const carnet_use_case *use_case, const char *controller, int64_t *purpose)
{
    carnet_cbor_reader r = reader_again(use_case->purpose_hints);
    carnet_cbor_walk walk;

    *purpose = 0;
    if (use_case->purpose_hints.len == 0)
        return false;
    carnet_cbor_map(&r, &walk);
    while (carnet_cbor_map_next(&r, &walk)) {
        bool found = carnet_str_is(carnet_cbor_tstr(&r), controller);
        int64_t value = carnet_cbor_int(&r);
        if (found) {
            *purpose = value;
            return true;
        }
    }
    return false;
}
