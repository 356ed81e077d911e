/* SPDX-License-Identifier: Apache-2.0 */
/* DeviceResponse, Document and DeviceSigned (18013-5 10.3). */
#include "carnet/device_response.h"
#include "internal.h"

static const carnet_cbor_field response_fields[] = {
    CARNET_MEMBER(carnet_device_response, "version", CARNET_FIELD_TSTR, version),
    { "documents", 0, CARNET_FIELD_ARRAY, false, offsetof(carnet_device_response, documents),
      offsetof(carnet_device_response, has_documents) },
    { "zkDocuments", 0, CARNET_FIELD_ARRAY, false, offsetof(carnet_device_response, zk_documents),
      offsetof(carnet_device_response, has_zk_documents) },
    { "encryptedDocuments", 0, CARNET_FIELD_ARRAY, false, offsetof(carnet_device_response, encrypted_documents),
      offsetof(carnet_device_response, has_encrypted_documents) },
    { "otherDocuments", 0, CARNET_FIELD_ARRAY, false, offsetof(carnet_device_response, other_documents),
      offsetof(carnet_device_response, has_other_documents) },
    { "documentErrors", 0, CARNET_FIELD_ARRAY, false, offsetof(carnet_device_response, document_errors),
      offsetof(carnet_device_response, has_document_errors) },
    CARNET_MEMBER(carnet_device_response, "status", CARNET_FIELD_UINT, status),
};

/* Members of a Document are looked at one by one, so that a bad one does not hide the others. */
static const carnet_cbor_field document_fields[] = {
    CARNET_MEMBER_OPTIONAL(struct carnet_document_members, "docType", CARNET_FIELD_ANY, doc_type),
    CARNET_MEMBER_OPTIONAL(struct carnet_document_members, "issuerSigned", CARNET_FIELD_ANY, issuer_signed),
    CARNET_MEMBER_OPTIONAL(struct carnet_document_members, "deviceSigned", CARNET_FIELD_ANY, device_signed),
    CARNET_MEMBER_OPTIONAL(struct carnet_document_members, "errors", CARNET_FIELD_ANY, errors),
};

struct device_signed_members {
    carnet_cbor_embedded name_spaces;
    carnet_span device_auth;
};
static const carnet_cbor_field device_signed_fields[] = {
    CARNET_MEMBER(struct device_signed_members, "nameSpaces", CARNET_FIELD_EMBEDDED, name_spaces),
    CARNET_MEMBER(struct device_signed_members, "deviceAuth", CARNET_FIELD_MAP, device_auth),
};

static const carnet_cbor_field device_auth_fields[] = {
    CARNET_MEMBER_OPTIONAL(carnet_device_signed, "deviceSignature", CARNET_FIELD_ANY, signature),
    CARNET_MEMBER_OPTIONAL(carnet_device_signed, "deviceMac", CARNET_FIELD_ANY, mac),
};

/* --- DeviceResponse --- */

/* { + docType => code }, of which the standard has one entry */
static void
check_document_error(carnet_cbor_reader *r, uint64_t limit)
{
    const uint8_t *start = r->at;
    carnet_cbor_walk walk;
    size_t count = 0;

    (void)limit;
    carnet_cbor_map(r, &walk);
    for (; carnet_cbor_map_next(r, &walk); count++) {
        (void)carnet_cbor_tstr(r);
        (void)carnet_cbor_int(r);
    }
    if (count == 0)
        carnet_cbor_refuse(r, CARNET_E_MDOC_EMPTY, start, RESPONSE_CLAUSE, "a document error without a docType");
}

/* The reader over what is inside, if the whole response is wrapped in #6.24 and that may pass. */
static carnet_cbor_reader
unwrap(carnet_cbor_reader *outer, carnet_device_response *view)
{
    carnet_cbor_embedded inner;

    if ((outer->allow & CARNET_CBOR_LENIENT) != CARNET_CBOR_LENIENT || carnet_cbor_peek(outer) != CARNET_CBOR_TAG)
        return *outer;
    inner = carnet_cbor_tag24(outer);
    (void)carnet_cbor_end(outer, NULL);
    if (outer->rc != CARNET_OK)
        return *outer;
    view->oddities |= CARNET_RESPONSE_TAG24;
    return carnet_cbor_open_within(outer, inner.content, NULL);
}

void
carnet_device_response_read(carnet_cbor_reader *outer, carnet_device_response *view)
{
    carnet_cbor_reader r;
    uint64_t count;
    uint32_t minor;

    *view = (carnet_device_response){ .allow = outer->allow, .origin = outer->origin };
    view->encoded = (carnet_span){ outer->at, (size_t)(outer->end - outer->at) };
    r = unwrap(outer, view);
    carnet_cbor_fields(&r, response_fields, CARNET_COUNT(response_fields), view);
    (void)carnet_cbor_end(&r, NULL);
    carnet_version_check(&r, view->version, RESPONSE_CLAUSE, &minor);
    if (minor > 0)
        view->oddities |= CARNET_RESPONSE_MINOR_VERSION;
    count = view->documents.len != 0 ? carnet_cbor_count(view->documents) : 0;
    if (r.rc == CARNET_OK && count > CARNET_DOCUMENTS_MAX)
        carnet_cbor_refuse(&r, CARNET_E_CBOR_LIMIT, view->documents.ptr, RESPONSE_CLAUSE, "too many documents");
    view->count = (size_t)count;
    if (view->has_document_errors && carnet_cbor_count(view->document_errors) == 0)
        view->oddities |= CARNET_RESPONSE_NO_ERRORS;
    else if (r.rc == CARNET_OK && view->has_document_errors)
        carnet_member_array_check(&r, view->document_errors, "documentErrors", RESPONSE_CLAUSE, check_document_error,
                                  0);
    if (r.seen & CARNET_CBOR_LENIENT)
        view->oddities |= CARNET_RESPONSE_ENCODING;
    *outer = r;
}

carnet_rc
carnet_device_response_open(carnet_span cbor, unsigned allow, carnet_device_response *view, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_rc rc;

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    carnet_device_response_read(&r, view);
    rc = carnet_cbor_failed(&r, err);
    if (rc != CARNET_OK)
        *view = (carnet_device_response){ 0 };
    return rc;
}

carnet_span
carnet_device_response_document(const carnet_device_response *view, size_t index)
{
    carnet_list_walk walk;
    carnet_span entry;

    carnet_list_begin(&walk, view->documents);
    while (carnet_list_next(&walk, &entry))
        if (index-- == 0)
            return entry;
    return (carnet_span){ 0 };
}

bool
carnet_document_error_at(const carnet_device_response *view, size_t n, carnet_document_error *error)
{
    carnet_list_walk walk;
    carnet_span entry;

    *error = (carnet_document_error){ 0 };
    carnet_list_begin(&walk, view->document_errors);
    while (carnet_list_next(&walk, &entry)) {
        carnet_cbor_reader r = carnet_cbor_open(entry);
        carnet_cbor_walk inner;
        r.allow = CARNET_CBOR_LENIENT;
        carnet_cbor_map(&r, &inner);
        while (carnet_cbor_map_next(&r, &inner)) {
            error->doc_type = carnet_cbor_tstr(&r);
            error->code = carnet_cbor_int(&r);
            if (n-- == 0)
                return true;
        }
    }
    *error = (carnet_document_error){ 0 };
    return false;
}

/* --- Document --- */

void
carnet_document_read(carnet_cbor_reader *r, struct carnet_document_members *members)
{
    *members = (struct carnet_document_members){ 0 };
    carnet_cbor_fields(r, document_fields, CARNET_COUNT(document_fields), members);
    (void)carnet_cbor_end(r, NULL);
}

void
carnet_element_errors_check(carnet_cbor_reader *outer, carnet_span map)
{
    carnet_path step = carnet_path_member(outer->path, "errors");
    carnet_cbor_reader r = carnet_cbor_open_within(outer, map, &step);
    carnet_cbor_walk spaces, elements;

    carnet_cbor_map(&r, &spaces);
    while (carnet_cbor_map_next(&r, &spaces)) {
        carnet_path inner = carnet_path_named(&step, carnet_cbor_tstr(&r));
        r.path = &inner;
        carnet_cbor_map(&r, &elements);
        while (carnet_cbor_map_next(&r, &elements)) {
            (void)carnet_cbor_tstr(&r);
            (void)carnet_cbor_int(&r);
        }
        r.path = &step;
    }
    carnet_cbor_join(outer, &r);
}

bool
carnet_element_error_next(carnet_element_walk *walk, carnet_element_error *error)
{
    carnet_element next;
    carnet_cbor_reader r;

    *error = (carnet_element_error){ 0 };
    if (!carnet_element_next(walk, &next))
        return false;
    r = carnet_cbor_open(next.value);
    r.allow = CARNET_CBOR_LENIENT;
    *error = (carnet_element_error){ next.name_space, next.identifier, carnet_cbor_int(&r) };
    return true;
}

/* A member that must be there. */
static carnet_cbor_reader
open_member(carnet_cbor_reader *outer, carnet_span part, carnet_path *step, const char *name)
{
    *step = carnet_path_member(outer->path, name);
    if (part.len == 0 && outer->rc == CARNET_OK) {
        const carnet_path *up = outer->path;
        outer->path = step;
        carnet_cbor_refuse(outer, CARNET_E_CBOR_KEY_MISSING, outer->end, RESPONSE_CLAUSE, NULL);
        outer->path = up;
    }
    return carnet_cbor_open_within(outer, part, step);
}

carnet_rc
carnet_document_open(carnet_span cbor, unsigned allow, carnet_document *document, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor), part;
    struct carnet_document_members members;
    carnet_device_signed device_signed;
    carnet_path step;
    carnet_rc rc;

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    carnet_document_read(&r, &members);
    part = open_member(&r, members.doc_type, &step, "docType");
    *document = (carnet_document){ cbor, carnet_cbor_tstr(&part), members.issuer_signed, members.device_signed,
                                   members.errors };
    carnet_cbor_join(&r, &part);
    part = open_member(&r, members.issuer_signed, &step, "issuerSigned");
    part = open_member(&r, members.device_signed, &step, "deviceSigned");
    if (r.rc == CARNET_OK) {
        carnet_device_signed_read(&part, &device_signed);
        carnet_cbor_join(&r, &part);
    }
    if (r.rc == CARNET_OK && members.errors.len != 0)
        carnet_element_errors_check(&r, members.errors);
    if ((rc = carnet_cbor_failed(&r, err)) != CARNET_OK)
        *document = (carnet_document){ 0 };
    return rc;
}

/* --- DeviceSigned --- */

/* Each element is looked for among the issuer's and in what the device may sign: of few only. */
static void
count_one(carnet_cbor_reader *r, size_t *count)
{
    if (++*count > CARNET_DEVICE_SIGNED_ELEMENTS_MAX)
        carnet_cbor_refuse(r, CARNET_E_CBOR_LIMIT, NULL, RESPONSE_CLAUSE, "too many device-signed elements");
}

static void
check_device_name_spaces(carnet_cbor_reader *outer, carnet_span content)
{
    carnet_path step = carnet_path_member(outer->path, "nameSpaces");
    carnet_cbor_reader r = carnet_cbor_open_within(outer, content, &step);
    carnet_cbor_walk spaces, elements;
    size_t count = 0;

    carnet_cbor_map(&r, &spaces);
    while (carnet_cbor_map_next(&r, &spaces)) {
        carnet_path inner = carnet_path_named(&step, carnet_cbor_tstr(&r));
        r.path = &inner;
        count_one(&r, &count);
        carnet_cbor_map(&r, &elements);
        while (carnet_cbor_map_next(&r, &elements)) {
            count_one(&r, &count);
            (void)carnet_cbor_tstr(&r);
            (void)carnet_cbor_any(&r);
        }
        r.path = &step;
    }
    (void)carnet_cbor_end(&r, NULL);
    carnet_cbor_join(outer, &r);
}

void
carnet_device_signed_read(carnet_cbor_reader *r, carnet_device_signed *device_signed)
{
    struct device_signed_members members = { 0 };
    carnet_path step = carnet_path_member(r->path, "deviceAuth");
    carnet_cbor_reader auth;

    *device_signed = (carnet_device_signed){ 0 };
    carnet_cbor_fields(r, device_signed_fields, CARNET_COUNT(device_signed_fields), &members);
    (void)carnet_cbor_end(r, NULL);
    if (r->rc != CARNET_OK)
        return;
    auth = carnet_cbor_open_within(r, members.device_auth, &step);
    carnet_cbor_fields(&auth, device_auth_fields, CARNET_COUNT(device_auth_fields), device_signed);
    if (auth.rc == CARNET_OK && (device_signed->signature.len == 0) == (device_signed->mac.len == 0))
        carnet_cbor_refuse(&auth, CARNET_E_MDOC_STRUCTURE, members.device_auth.ptr, RESPONSE_CLAUSE,
                           "deviceAuth is either a signature or a MAC");
    carnet_cbor_join(r, &auth);
    device_signed->name_spaces = members.name_spaces;
    check_device_name_spaces(r, members.name_spaces.content);
    if (r->rc != CARNET_OK)
        *device_signed = (carnet_device_signed){ 0 };
}

carnet_rc
carnet_device_signed_open(carnet_span cbor, unsigned allow, carnet_device_signed *device_signed, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    carnet_device_signed_read(&r, device_signed);
    return carnet_cbor_failed(&r, err);
}
