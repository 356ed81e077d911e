/* SPDX-License-Identifier: Apache-2.0 */
/* A DeviceResponse from documents held (18013-5 10.3). */
#include "carnet/present.h"
#include "carnet/device_authentication.h"
#include "internal.h"

/* Things that begin with their name space: issuer-signed items, device-signed elements, errors. */
struct named {
    const void *base;
    size_t stride, count;
    bool list; /* entries of a list; else of a map */
    void (*add)(carnet_cbor_builder *b, const void *entry);
};

static const void *
entry_at(const struct named *named, size_t i)
{
    return (const uint8_t *)named->base + i * named->stride;
}

static bool
same_space(const struct named *named, size_t i, size_t k)
{
    const carnet_str *a = entry_at(named, i), *b = entry_at(named, k);

    return (a->ptr == b->ptr && a->len == b->len) || carnet_str_equal(*a, *b);
}

/* The entry is the first of its name space. */
static bool
opens_space(const struct named *named, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (same_space(named, k, i))
            return false;
    return true;
}

static void
add_space(carnet_cbor_builder *b, const struct named *named, size_t first)
{
    const carnet_str *name = entry_at(named, first);
    size_t count = 0;

    for (size_t i = first; i < named->count; i++)
        count += same_space(named, first, i);
    carnet_cbor_add_tstr(b, *name);
    if (named->list)
        carnet_cbor_add_array(b, count);
    else
        carnet_cbor_add_map(b, count);
    for (size_t i = first; i < named->count; i++)
        if (same_space(named, first, i))
            named->add(b, entry_at(named, i));
}

static void
add_name_spaces(carnet_cbor_builder *b, const struct named *named)
{
    size_t spaces = 0;

    for (size_t i = 0; i < named->count; i++)
        spaces += opens_space(named, i);
    carnet_cbor_add_map(b, spaces);
    for (size_t i = 0; i < named->count; i++)
        if (opens_space(named, i))
            add_space(b, named, i);
}

static void
add_item(carnet_cbor_builder *b, const void *entry)
{
    const carnet_issuer_signed_item *item = entry;

    carnet_cbor_add_raw(b, item->encoded);
}

static void
add_element(carnet_cbor_builder *b, const void *entry)
{
    const carnet_element *element = entry;

    carnet_cbor_add_tstr(b, element->identifier);
    carnet_cbor_add_raw(b, element->value);
}

static void
add_error(carnet_cbor_builder *b, const void *entry)
{
    const carnet_element_error *error = entry;

    carnet_cbor_add_tstr(b, error->identifier);
    carnet_cbor_add_int(b, error->code);
}

static void
add_issuer_signed(carnet_cbor_builder *b, const carnet_presented_document *document)
{
    struct named items = { document->items, sizeof(*document->items), document->item_count, true, add_item };

    carnet_cbor_add_text(b, "issuerSigned");
    carnet_cbor_add_map(b, document->item_count != 0 ? 2 : 1);
    if (document->item_count != 0) {
        carnet_cbor_add_text(b, "nameSpaces");
        add_name_spaces(b, &items);
    }
    carnet_cbor_add_text(b, "issuerAuth");
    carnet_cbor_add_raw(b, document->issuer_auth);
}

/* Appends DeviceNameSpacesBytes and says where they stand. */
static carnet_span
add_device_name_spaces(carnet_cbor_builder *b, const carnet_presented_document *document)
{
    struct named elements = { document->device_elements, sizeof(*document->device_elements),
                              document->device_element_count, false, add_element };
    size_t start = b->len;
    carnet_cbor_open_bstr open;

    carnet_cbor_add_tag(b, 24);
    open = carnet_cbor_bstr_begin(b, 1 + 64 * elements.count);
    add_name_spaces(b, &elements);
    carnet_cbor_bstr_end(b, open);
    return b->rc == CARNET_OK && b->ptr != NULL ? (carnet_span){ b->ptr + start, b->len - start } : (carnet_span){ 0 };
}

/* A builder that only counts gets a proof of the right length, made with no key. */
static carnet_rc
mac_key_for(const carnet_cbor_builder *b, const carnet_presented_document *document, carnet_span session_transcript,
            carnet_crypto *crypto, carnet_secret *mac_key, carnet_err *err)
{
    if (b->ptr == NULL) {
        *mac_key = (carnet_secret){ .len = 32 };
        return CARNET_OK;
    }
    return carnet_emac_key(crypto, document->device_key, document->reader_key, session_transcript, mac_key, err);
}

static carnet_rc
add_device_auth(carnet_cbor_builder *b, const carnet_presented_document *document, carnet_span session_transcript,
                carnet_span device_name_spaces, carnet_crypto *crypto, carnet_err *err)
{
    carnet_device_authentication authentication;
    carnet_secret mac_key = { 0 };
    carnet_rc rc;

    carnet_device_authentication_set(&authentication, session_transcript, document->doc_type, device_name_spaces);
    carnet_cbor_add_map(b, 1);
    if (document->reader_key == NULL) {
        carnet_cbor_add_text(b, "deviceSignature");
        return carnet_device_authentication_sign(&authentication, document->device_key, crypto, b, err);
    }
    carnet_cbor_add_text(b, "deviceMac");
    rc = mac_key_for(b, document, session_transcript, crypto, &mac_key, err);
    if (rc == CARNET_OK)
        rc = carnet_device_authentication_mac(&authentication, &mac_key, crypto, b, err);
    carnet_secret_done(&mac_key);
    return rc;
}

/* A failure of the builder alone, such as a buffer too small, is told too. */
static carnet_rc
settle(carnet_cbor_builder *b, carnet_rc rc, carnet_err *err)
{
    if (rc == CARNET_OK && b->rc != CARNET_OK)
        return carnet_fail(err, b->rc, NULL, NULL);
    if (b->rc == CARNET_OK)
        b->rc = rc;
    return rc;
}

static carnet_rc
no_document(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_USAGE, NULL, "a buffer, a document and its device key are needed");
}

static carnet_rc
add_document(const carnet_presented_document *document, carnet_span session_transcript, carnet_crypto *crypto,
             carnet_cbor_builder *b, carnet_err *err)
{
    struct named errors = { document->errors, sizeof(*document->errors), document->error_count, false, add_error };
    carnet_span device_name_spaces;
    carnet_rc rc;

    if (document->device_key == NULL || document->issuer_auth.len == 0 || document->doc_type.len == 0)
        return settle(b, no_document(err), err);
    carnet_cbor_add_map(b, document->error_count != 0 ? 4 : 3);
    carnet_cbor_add_text(b, "docType");
    carnet_cbor_add_tstr(b, document->doc_type);
    add_issuer_signed(b, document);
    carnet_cbor_add_text(b, "deviceSigned");
    carnet_cbor_add_map(b, 2);
    carnet_cbor_add_text(b, "nameSpaces");
    device_name_spaces = add_device_name_spaces(b, document);
    carnet_cbor_add_text(b, "deviceAuth");
    if (b->rc != CARNET_OK)
        return settle(b, CARNET_OK, err);
    rc = add_device_auth(b, document, session_transcript, device_name_spaces, crypto, err);
    if (rc == CARNET_OK && document->error_count != 0) {
        carnet_cbor_add_text(b, "errors");
        add_name_spaces(b, &errors);
    }
    return settle(b, rc, err);
}

carnet_rc
carnet_present_document(const carnet_presented_document *document, carnet_span session_transcript,
                        carnet_crypto *crypto, carnet_cbor_builder *b, carnet_err *err)
{
    if (b->ptr == NULL)
        return settle(b, no_document(err), err);
    return add_document(document, session_transcript, crypto, b, err);
}

static void
add_document_errors(carnet_cbor_builder *b, const carnet_presentation *presentation)
{
    carnet_cbor_add_text(b, "documentErrors");
    carnet_cbor_add_array(b, presentation->document_error_count);
    for (size_t i = 0; i < presentation->document_error_count; i++) {
        carnet_cbor_add_map(b, 1);
        carnet_cbor_add_tstr(b, presentation->document_errors[i].doc_type);
        carnet_cbor_add_int(b, presentation->document_errors[i].code);
    }
}

static void
add_other_documents(carnet_cbor_builder *b, const carnet_presentation *presentation)
{
    carnet_cbor_add_text(b, "otherDocuments");
    carnet_cbor_add_array(b, presentation->other_count);
    for (size_t i = 0; i < presentation->other_count; i++) {
        carnet_cbor_add_map(b, 2);
        carnet_cbor_add_text(b, "docFormat");
        carnet_cbor_add_tstr(b, presentation->others[i].doc_format);
        carnet_cbor_add_text(b, "data");
        carnet_cbor_add_bstr(b, presentation->others[i].data);
    }
}

static carnet_rc
add_response(const carnet_presentation *presentation, carnet_crypto *crypto, carnet_cbor_builder *b, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (presentation->status != CARNET_STATUS_OK &&
        presentation->count + presentation->encrypted_count + presentation->other_count != 0)
        return settle(b, carnet_fail(err, CARNET_E_USAGE, RESPONSE_CLAUSE, "a status other than 0 brings no document"),
                      err);
    carnet_cbor_add_map(b, 2U + (presentation->count != 0) + (presentation->encrypted_count != 0) +
                               (presentation->other_count != 0) + (presentation->document_error_count != 0));
    carnet_cbor_add_text(b, "version");
    carnet_cbor_add_text(b, "1.0");
    if (presentation->count != 0) {
        carnet_cbor_add_text(b, "documents");
        carnet_cbor_add_array(b, presentation->count);
    }
    for (size_t i = 0; rc == CARNET_OK && i < presentation->count; i++)
        rc = add_document(&presentation->documents[i], presentation->session_transcript, crypto, b, err);
    if (presentation->encrypted_count != 0) {
        carnet_cbor_add_text(b, "encryptedDocuments");
        carnet_cbor_add_array(b, presentation->encrypted_count);
    }
    for (size_t i = 0; i < presentation->encrypted_count; i++)
        carnet_cbor_add_raw(b, presentation->encrypted[i]);
    if (presentation->other_count != 0)
        add_other_documents(b, presentation);
    if (presentation->document_error_count != 0)
        add_document_errors(b, presentation);
    carnet_cbor_add_text(b, "status");
    carnet_cbor_add_uint(b, presentation->status);
    return settle(b, rc, err);
}

carnet_rc
carnet_present(const carnet_presentation *presentation, carnet_crypto *crypto, carnet_cbor_builder *b, carnet_err *err)
{
    if (b->ptr == NULL && presentation->count != 0)
        return settle(b, no_document(err), err);
    return add_response(presentation, crypto, b, err);
}

carnet_rc
carnet_present_size(const carnet_presentation *presentation, carnet_crypto *crypto, size_t *size, carnet_err *err)
{
    carnet_cbor_builder b = carnet_cbor_measure();
    carnet_rc rc = add_response(presentation, crypto, &b, err);

    *size = rc == CARNET_OK ? b.len : 0;
    return rc;
}

carnet_rc
carnet_present_select(const carnet_issuer_signed *document, const carnet_element_name *names, size_t count,
                      carnet_issuer_signed_item *items, size_t *found, carnet_err *err)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;

    *found = 0;
    while (*found < count && carnet_issuer_signed_next(document, &cursor, &item))
        for (size_t i = 0; i < count; i++)
            if (carnet_str_equal(names[i].identifier, item.identifier) &&
                carnet_str_equal(names[i].name_space, item.name_space)) {
                items[(*found)++] = item;
                break;
            }
    if (*found == count)
        return CARNET_OK;
    return carnet_fail(err, CARNET_E_MDOC_DIGEST_ABSENT, RESPONSE_CLAUSE,
                       "the document does not hold every element that is to be disclosed");
}
