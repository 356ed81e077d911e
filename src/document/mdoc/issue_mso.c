/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing: the MobileSecurityObject (18013-5 12.3).  Members are written in the order of their encoded keys. */
#include "internal.h"

/* One digest under its identifier.  With `digests` NULL only lengths are counted. */
static void
digest_build(const carnet_issue_plan *plan, const uint16_t *ids, const uint8_t *digests, size_t i,
             carnet_cbor_builder *b)
{
    uint8_t pair[3 + 2 + CARNET_HASH_MAX], *p;

    p = carnet_put_head(pair, 0x00, ids[i]);
    p = carnet_put_head(p, 0x40, plan->hash_size);
    if (digests != NULL)
        memcpy(p, digests + i * plan->hash_size, plan->hash_size);
    carnet_cbor_add_raw(b, carnet_span_of(pair, (size_t)(p - pair) + plan->hash_size));
}

static void
value_digests_build(const carnet_issue_plan *plan, const uint16_t *ids, const uint8_t *digests, carnet_cbor_builder *b)
{
    size_t n, i, end;

    carnet_cbor_add_text(b, "valueDigests");
    if (plan->name_space_count == 0) { /* one random digest stands for none */
        carnet_str name = plan->issue->empty_name_space;

        carnet_cbor_add_map(b, 1);
        carnet_cbor_add_tstr(b, name.len == 0 ? plan->issue->doc_type : name);
        carnet_cbor_add_map(b, 1);
        digest_build(plan, ids, digests, 0, b);
        return;
    }
    carnet_cbor_add_map(b, plan->name_space_count);
    for (n = 0; n < plan->name_space_count; n++) {
        carnet_cbor_add_tstr(b, plan->name_spaces[n].name);
        carnet_cbor_add_map(b, plan->name_spaces[n].count);
        end = (size_t)plan->name_spaces[n].first + plan->name_spaces[n].count;
        for (i = plan->name_spaces[n].first; i < end; i++)
            digest_build(plan, ids, digests, i, b);
    }
}

/* An element of the same name space stands before the i-th. */
static bool
name_space_before(const carnet_element_name *elements, size_t i)
{
    size_t j;

    for (j = 0; j < i; j++)
        if (carnet_str_equal(elements[j].name_space, elements[i].name_space))
            return true;
    return false;
}

static size_t
elements_of(const carnet_issue *issue, carnet_str name_space)
{
    size_t i, count = 0;

    for (i = 0; i < issue->authorised_element_count; i++)
        count += carnet_str_equal(issue->authorised_elements[i].name_space, name_space);
    return count;
}

static void
authorised_elements_build(const carnet_issue *issue, carnet_cbor_builder *b)
{
    const carnet_element_name *elements = issue->authorised_elements;
    size_t i, j, count = issue->authorised_element_count, name_spaces = 0;

    for (i = 0; i < count; i++)
        name_spaces += !name_space_before(elements, i);
    carnet_cbor_add_text(b, "dataElements");
    carnet_cbor_add_map(b, name_spaces);
    for (i = 0; i < count; i++) {
        if (name_space_before(elements, i))
            continue;
        carnet_cbor_add_tstr(b, elements[i].name_space);
        carnet_cbor_add_array(b, elements_of(issue, elements[i].name_space));
        for (j = i; j < count; j++)
            if (carnet_str_equal(elements[j].name_space, elements[i].name_space))
                carnet_cbor_add_tstr(b, elements[j].identifier);
    }
}

static void
authorisations_build(const carnet_issue *issue, carnet_cbor_builder *b)
{
    bool whole = issue->authorised_name_space_count != 0, single = issue->authorised_element_count != 0;
    size_t i;

    carnet_cbor_add_text(b, "keyAuthorizations");
    carnet_cbor_add_map(b, (uint64_t)whole + single);
    if (whole) {
        carnet_cbor_add_text(b, "nameSpaces");
        carnet_cbor_add_array(b, issue->authorised_name_space_count);
        for (i = 0; i < issue->authorised_name_space_count; i++)
            carnet_cbor_add_tstr(b, issue->authorised_name_spaces[i]);
    }
    if (single)
        authorised_elements_build(issue, b);
}

static void
device_key_info_build(const carnet_issue *issue, const carnet_public_key *device_key, carnet_cbor_builder *b)
{
    bool authorisations = issue->authorised_name_space_count + issue->authorised_element_count != 0;

    carnet_cbor_add_text(b, "deviceKeyInfo");
    carnet_cbor_add_map(b, UINT64_C(1) + (issue->key_info.len != 0) + authorisations);
    if (issue->key_info.len != 0) {
        carnet_cbor_add_text(b, "keyInfo");
        carnet_cbor_add_raw(b, issue->key_info);
    }
    carnet_cbor_add_text(b, "deviceKey");
    carnet_cose_key_build(b, device_key);
    if (authorisations)
        authorisations_build(issue, b);
}

static void
validity_build(const carnet_issue *issue, carnet_cbor_builder *b)
{
    carnet_cbor_add_text(b, "validityInfo");
    carnet_cbor_add_map(b, issue->has_expected_update ? 4 : 3);
    carnet_cbor_add_text(b, "signed");
    carnet_cbor_add_tdate(b, issue->signed_at);
    carnet_cbor_add_text(b, "validFrom");
    carnet_cbor_add_tdate(b, issue->valid_from);
    carnet_cbor_add_text(b, "validUntil");
    carnet_cbor_add_tdate(b, issue->valid_until);
    if (issue->has_expected_update) {
        carnet_cbor_add_text(b, "expectedUpdate");
        carnet_cbor_add_tdate(b, issue->expected_update);
    }
}

static void
list_end_build(carnet_str uri, carnet_span certificate, carnet_cbor_builder *b)
{
    carnet_cbor_add_text(b, "uri");
    carnet_cbor_add_tstr(b, uri);
    if (certificate.len != 0) {
        carnet_cbor_add_text(b, "certificate");
        carnet_cbor_add_bstr(b, certificate);
    }
}

/* 18013-5 12.3.6 */
static void
status_build(const carnet_mso_status *status, carnet_cbor_builder *b)
{
    carnet_cbor_add_text(b, "status");
    carnet_cbor_add_map(b, (uint64_t)status->has_status_list + status->has_identifier_list);
    if (status->has_status_list) {
        carnet_cbor_add_text(b, "status_list");
        carnet_cbor_add_map(b, UINT64_C(2) + (status->status_certificate.len != 0));
        carnet_cbor_add_text(b, "idx");
        carnet_cbor_add_uint(b, status->status_index);
        list_end_build(status->status_uri, status->status_certificate, b);
    }
    if (status->has_identifier_list) {
        carnet_cbor_add_text(b, "identifier_list");
        carnet_cbor_add_map(b, UINT64_C(2) + (status->identifier_certificate.len != 0));
        carnet_cbor_add_text(b, "id");
        carnet_cbor_add_bstr(b, status->identifier);
        list_end_build(status->identifier_uri, status->identifier_certificate, b);
    }
}

void
carnet_issue_mso_build(const carnet_issue_plan *plan, const carnet_public_key *device_key, const uint16_t *ids,
                       const uint8_t *digests, carnet_cbor_builder *b)
{
    const carnet_issue *issue = plan->issue;
    const carnet_mso_status *status = issue->status;
    bool with_status = status != NULL && (status->has_status_list || status->has_identifier_list);
    carnet_cbor_open_bstr bytes;

    carnet_cbor_add_tag(b, 24);
    bytes = carnet_cbor_bstr_begin(b, 512 + issue->count * plan->hash_size);
    carnet_cbor_add_map(b, with_status ? 7 : 6);
    if (with_status)
        status_build(status, b);
    carnet_cbor_add_text(b, "docType");
    carnet_cbor_add_tstr(b, issue->doc_type);
    carnet_cbor_add_text(b, "version");
    carnet_cbor_add_text(b, "1.0");
    validity_build(issue, b);
    value_digests_build(plan, ids, digests, b);
    device_key_info_build(issue, device_key, b);
    carnet_cbor_add_text(b, "digestAlgorithm");
    carnet_cbor_add_text(b, carnet_mso_hash_name(plan->hash));
    carnet_cbor_bstr_end(b, bytes);
}
