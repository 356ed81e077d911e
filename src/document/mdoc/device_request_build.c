/* SPDX-License-Identifier: Apache-2.0 */
/* Making a DeviceRequest (18013-5 10.2). */
#include "carnet/cose_key.h"
#include "carnet/reader_authentication.h"
#include "internal.h"

/* An earlier element has the same name space, so that it has been written already. */
static bool
name_space_written(const carnet_doc_request_draft *draft, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (carnet_str_equal(draft->elements[k].name_space, draft->elements[i].name_space))
            return true;
    return false;
}

static void
add_name_space(carnet_cbor_builder *b, const carnet_doc_request_draft *draft, size_t first)
{
    carnet_str name = draft->elements[first].name_space;
    size_t count = 0;

    for (size_t i = first; i < draft->count; i++)
        count += carnet_str_equal(draft->elements[i].name_space, name);
    carnet_cbor_add_tstr(b, name);
    carnet_cbor_add_map(b, count);
    for (size_t i = first; i < draft->count; i++) {
        if (!carnet_str_equal(draft->elements[i].name_space, name))
            continue;
        carnet_cbor_add_tstr(b, draft->elements[i].identifier);
        carnet_cbor_add_bool(b, draft->elements[i].retain);
    }
}

static void
add_items_request(carnet_cbor_builder *b, const carnet_doc_request_draft *draft)
{
    size_t spaces = 0;

    for (size_t i = 0; i < draft->count; i++)
        spaces += !name_space_written(draft, i);
    carnet_cbor_add_map(b, draft->request_info.len != 0 ? 3 : 2);
    carnet_cbor_add_text(b, "docType");
    carnet_cbor_add_tstr(b, draft->doc_type);
    carnet_cbor_add_text(b, "nameSpaces");
    carnet_cbor_add_map(b, spaces);
    for (size_t i = 0; i < draft->count; i++)
        if (!name_space_written(draft, i))
            add_name_space(b, draft, i);
    if (draft->request_info.len != 0) {
        carnet_cbor_add_text(b, "requestInfo");
        carnet_cbor_add_raw(b, draft->request_info);
    }
}

/* Appends ItemsRequestBytes; *encoded gets where they stand in the buffer. */
static void
add_items_request_bytes(carnet_cbor_builder *b, const carnet_doc_request_draft *draft, carnet_span *encoded)
{
    size_t start = b->len;
    carnet_cbor_open_bstr open;

    carnet_cbor_add_tag(b, 24);
    open = carnet_cbor_bstr_begin(b, 48 + draft->doc_type.len + draft->request_info.len + 24 * draft->count);
    add_items_request(b, draft);
    carnet_cbor_bstr_end(b, open);
    *encoded =
        b->ptr != NULL && b->rc == CARNET_OK ? (carnet_span){ b->ptr + start, b->len - start } : (carnet_span){ 0 };
}

static carnet_rc
add_doc_request(carnet_cbor_builder *b, const carnet_device_request_draft *draft, const carnet_doc_request_draft *doc,
                carnet_crypto *crypto, carnet_span *items_request, carnet_err *err)
{
    carnet_reader_authentication authentication;

    carnet_cbor_add_map(b, doc->signer != NULL ? 2 : 1);
    carnet_cbor_add_text(b, "itemsRequest");
    add_items_request_bytes(b, doc, items_request);
    if (doc->signer == NULL)
        return CARNET_OK;
    carnet_cbor_add_text(b, "readerAuth");
    carnet_reader_authentication_set(&authentication, draft->session_transcript, *items_request);
    return carnet_reader_authentication_sign(&authentication, doc->signer, crypto, b, err);
}

static carnet_rc
add_reader_auth_all(carnet_cbor_builder *b, const carnet_device_request_draft *draft, const carnet_span *items_requests,
                    carnet_span info, carnet_crypto *crypto, carnet_err *err)
{
    carnet_reader_authentication authentication;
    carnet_rc rc = CARNET_OK;

    if (draft->all_signer_count == 0)
        return CARNET_OK;
    carnet_cbor_add_text(b, "readerAuthAll");
    carnet_cbor_add_array(b, draft->all_signer_count);
    rc = carnet_reader_authentication_all_set(&authentication, draft->session_transcript, items_requests, draft->count,
                                              info, err);
    for (size_t i = 0; rc == CARNET_OK && i < draft->all_signer_count; i++)
        rc = carnet_reader_authentication_sign(&authentication, &draft->all_signers[i], crypto, b, err);
    return rc;
}

static void
add_mac_keys(carnet_cbor_builder *b, const carnet_device_request_draft *draft)
{
    if (draft->mac_key_count == 0)
        return;
    carnet_cbor_add_text(b, "macKeys");
    carnet_cbor_add_array(b, draft->mac_key_count);
    for (size_t i = 0; i < draft->mac_key_count; i++)
        carnet_cose_key_build(b, &draft->mac_keys[i]);
}

/* What the reader of the request would refuse is not made. */
static carnet_rc
check_draft(const carnet_device_request_draft *draft, const carnet_crypto *crypto, const carnet_cbor_builder *b,
            carnet_err *err)
{
    bool sign = draft->all_signer_count != 0;

    if (draft->count == 0)
        return carnet_fail(err, CARNET_E_MDOC_EMPTY, REQUEST_CLAUSE, "a request needs a document");
    if (draft->count > CARNET_DOC_REQUESTS_MAX)
        return carnet_fail(err, CARNET_E_LIMIT, REQUEST_CLAUSE, "too many docRequests");
    for (size_t i = 0; i < draft->count; i++) {
        if (draft->documents[i].doc_type.len == 0 || draft->documents[i].count == 0)
            return carnet_fail(err, CARNET_E_MDOC_EMPTY, REQUEST_CLAUSE, "a docRequest needs a docType and an element");
        sign = sign || draft->documents[i].signer != NULL;
    }
    if (sign && (crypto == NULL || draft->session_transcript.len == 0))
        return carnet_fail(err, CARNET_E_USAGE, "18013-5 12.5", "reader authentication needs a session transcript");
    if (sign && b->ptr == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a signed request is built into a buffer");
    return CARNET_OK;
}

carnet_rc
carnet_device_request_build(const carnet_device_request_draft *draft, carnet_crypto *crypto, carnet_cbor_builder *b,
                            carnet_err *err)
{
    carnet_span items_requests[CARNET_DOC_REQUESTS_MAX], info = { 0 };
    bool newer = draft->device_request_info.len != 0 || draft->all_signer_count != 0 || draft->mac_key_count != 0;
    size_t start;
    carnet_rc rc = check_draft(draft, crypto, b, err);

    carnet_cbor_add_map(b, 2U + (draft->device_request_info.len != 0) + (draft->all_signer_count != 0) +
                               (draft->mac_key_count != 0));
    carnet_cbor_add_text(b, "version");
    carnet_cbor_add_text(b, newer ? "1.1" : "1.0");
    carnet_cbor_add_text(b, "docRequests");
    carnet_cbor_add_array(b, draft->count);
    for (size_t i = 0; rc == CARNET_OK && i < draft->count; i++)
        rc = add_doc_request(b, draft, &draft->documents[i], crypto, &items_requests[i], err);
    if (rc == CARNET_OK && draft->device_request_info.len != 0) {
        carnet_cbor_add_text(b, "deviceRequestInfo");
        start = b->len;
        carnet_cbor_add_tag24(b, draft->device_request_info);
        if (b->ptr != NULL && b->rc == CARNET_OK)
            info = (carnet_span){ b->ptr + start, b->len - start };
    }
    if (rc == CARNET_OK)
        rc = add_reader_auth_all(b, draft, items_requests, info, crypto, err);
    add_mac_keys(b, draft);
    if (rc != CARNET_OK && b->rc == CARNET_OK)
        b->rc = rc;
    return rc == CARNET_OK && b->rc != CARNET_OK ? carnet_fail(err, b->rc, NULL, NULL) : rc;
}
