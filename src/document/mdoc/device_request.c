/* SPDX-License-Identifier: Apache-2.0 */
/* DeviceRequest, DocRequest and ItemsRequest (18013-5 10.2.2 to 10.2.4). */
#include "carnet/device_request.h"
#include "internal.h"

static const carnet_cbor_field request_fields[] = {
    CARNET_MEMBER(carnet_device_request, "version", CARNET_FIELD_TSTR, version),
    CARNET_MEMBER(carnet_device_request, "docRequests", CARNET_FIELD_ARRAY, doc_requests),
    CARNET_MEMBER_OPTIONAL(carnet_device_request, "deviceRequestInfo", CARNET_FIELD_EMBEDDED, device_request_info),
    CARNET_MEMBER_OPTIONAL(carnet_device_request, "readerAuthAll", CARNET_FIELD_ARRAY, reader_auth_all),
    CARNET_MEMBER_OPTIONAL(carnet_device_request, "macKeys", CARNET_FIELD_ARRAY, mac_keys),
};

static const carnet_cbor_field doc_request_fields[] = {
    CARNET_MEMBER(carnet_doc_request, "itemsRequest", CARNET_FIELD_EMBEDDED, items_request),
    CARNET_MEMBER_OPTIONAL(carnet_doc_request, "readerAuth", CARNET_FIELD_ANY, reader_auth),
};

static const carnet_cbor_field items_request_fields[] = {
    CARNET_MEMBER(carnet_doc_request, "docType", CARNET_FIELD_TSTR, doc_type),
    CARNET_MEMBER(carnet_doc_request, "nameSpaces", CARNET_FIELD_MAP, name_spaces),
    CARNET_MEMBER_OPTIONAL(carnet_doc_request, "requestInfo", CARNET_FIELD_MAP, request_info),
};

/* age_over_NN (18013-5 13.4) */
static bool
is_age_over(carnet_str name)
{
    return name.len == 11 && carnet_str_starts(name, "age_over_") && name.ptr[9] >= '0' && name.ptr[9] <= '9' &&
           name.ptr[10] >= '0' && name.ptr[10] <= '9';
}

/* One name space: { + element => intentToRetain }.  Returns how many ages are asked for. */
static size_t
check_elements(carnet_cbor_reader *r)
{
    const uint8_t *start = r->at;
    carnet_cbor_walk walk;
    size_t count = 0, ages = 0;

    carnet_cbor_map(r, &walk);
    for (; carnet_cbor_map_next(r, &walk); count++) {
        carnet_str identifier = carnet_cbor_tstr(r);
        carnet_path step = carnet_path_named(r->path, identifier);
        r->path = &step;
        (void)carnet_cbor_bool(r);
        r->path = step.up;
        ages += is_age_over(identifier);
    }
    if (count == 0)
        carnet_cbor_refuse(r, CARNET_E_MDOC_EMPTY, start, REQUEST_CLAUSE, "a name space without an element");
    return ages;
}

static void
check_name_spaces(carnet_cbor_reader *items, carnet_doc_request *doc)
{
    carnet_path step = carnet_path_member(items->path, "nameSpaces");
    carnet_cbor_reader r = carnet_cbor_open_within(items, doc->name_spaces, &step);
    carnet_cbor_walk walk;
    size_t count = 0, ages = 0;

    carnet_cbor_map(&r, &walk);
    for (; carnet_cbor_map_next(&r, &walk); count++) {
        carnet_path inner = carnet_path_named(&step, carnet_cbor_tstr(&r));
        r.path = &inner;
        ages += check_elements(&r);
        r.path = &step;
    }
    if (count == 0)
        carnet_cbor_refuse(&r, CARNET_E_MDOC_EMPTY, doc->name_spaces.ptr, REQUEST_CLAUSE, "no name space");
    if (ages > 2)
        doc->oddities |= CARNET_REQUEST_AGE_OVER;
    carnet_cbor_join(items, &r);
}

/* A DocRequest, where the reader stands. */
static void
read_doc_request(carnet_cbor_reader *r, carnet_doc_request *doc)
{
    carnet_path step = carnet_path_member(r->path, "itemsRequest");
    carnet_cbor_reader items;

    carnet_cbor_fields(r, doc_request_fields, CARNET_COUNT(doc_request_fields), doc);
    if (r->rc != CARNET_OK)
        return;
    items = carnet_cbor_open_within(r, doc->items_request.content, &step);
    carnet_cbor_fields(&items, items_request_fields, CARNET_COUNT(items_request_fields), doc);
    (void)carnet_cbor_end(&items, NULL);
    if (items.rc == CARNET_OK && doc->doc_type.len == 0)
        carnet_cbor_refuse(&items, CARNET_E_MDOC_EMPTY, (const uint8_t *)doc->doc_type.ptr, REQUEST_CLAUSE,
                           "docType is empty");
    if (items.rc == CARNET_OK)
        check_name_spaces(&items, doc);
    if (items.rc == CARNET_OK && doc->request_info.len != 0)
        carnet_request_info_check(&items, doc->request_info);
    if (doc->reader_auth.len != 0 && *doc->reader_auth.ptr >> 5 == 6)
        doc->oddities |= CARNET_REQUEST_TAGGED;
    carnet_cbor_join(r, &items);
}

static void
check_doc_requests(carnet_cbor_reader *r, carnet_device_request *view)
{
    carnet_path member = carnet_path_member(NULL, "docRequests"), step = carnet_path_entry(&member, 0);
    carnet_cbor_reader list = carnet_cbor_open_within(r, view->doc_requests, &step);
    carnet_cbor_walk walk;

    carnet_cbor_array(&list, &walk);
    for (; carnet_cbor_array_next(&list, &walk); step.index++) {
        carnet_doc_request doc = { 0 };
        if (step.index == CARNET_DOC_REQUESTS_MAX)
            carnet_cbor_refuse(&list, CARNET_E_CBOR_LIMIT, NULL, REQUEST_CLAUSE, "too many docRequests");
        read_doc_request(&list, &doc);
        view->oddities |= doc.oddities;
    }
    list.path = &member;
    if (step.index == 0)
        carnet_cbor_refuse(&list, CARNET_E_MDOC_EMPTY, view->doc_requests.ptr, REQUEST_CLAUSE, "docRequests is empty");
    view->count = (size_t)step.index;
    carnet_cbor_join(r, &list);
}

static void
check_map_entry(carnet_cbor_reader *r, uint64_t limit)
{
    (void)limit;
    if (carnet_cbor_peek(r) != CARNET_CBOR_MAP)
        carnet_cbor_refuse(r, CARNET_E_CBOR_TYPE, NULL, NULL, "a map is required");
    (void)carnet_cbor_any(r);
}

static void
check_any_entry(carnet_cbor_reader *r, uint64_t limit)
{
    (void)limit;
    (void)carnet_cbor_any(r);
}

/* Members of version 1.1. */
static void
check_additions(carnet_cbor_reader *r, carnet_device_request *view, uint32_t minor)
{
    bool any = false;

    if (view->device_request_info.encoded.len != 0) {
        carnet_device_request_info_check(r, view->device_request_info.content, view->count);
        any = true;
    }
    if (view->reader_auth_all.len != 0) {
        carnet_member_array_check(r, view->reader_auth_all, "readerAuthAll", REQUEST_CLAUSE, check_any_entry, 0);
        any = true;
    }
    if (view->mac_keys.len != 0) {
        carnet_member_array_check(r, view->mac_keys, "macKeys", "18013-7 A.5", check_map_entry, 0);
        any = true;
    }
    if (any == (minor == 0))
        view->oddities |= CARNET_REQUEST_VERSION;
    if (minor > 1)
        view->oddities |= CARNET_REQUEST_MINOR_VERSION;
}

carnet_rc
carnet_device_request_open(carnet_span cbor, unsigned allow, carnet_device_request *view, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_device_request got = { .encoded = cbor };
    uint32_t minor;
    carnet_rc rc;

    *view = (carnet_device_request){ 0 };
    r.allow = got.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    carnet_cbor_fields(&r, request_fields, CARNET_COUNT(request_fields), &got);
    (void)carnet_cbor_end(&r, NULL);
    carnet_version_check(&r, got.version, REQUEST_CLAUSE, &minor);
    if (r.rc == CARNET_OK)
        check_doc_requests(&r, &got);
    if (r.rc == CARNET_OK)
        check_additions(&r, &got, minor);
    if (r.seen & CARNET_CBOR_LENIENT)
        got.oddities |= CARNET_REQUEST_ENCODING;
    rc = carnet_cbor_failed(&r, err);
    if (rc == CARNET_OK)
        *view = got;
    return rc;
}

bool
carnet_doc_request_at(const carnet_device_request *view, size_t index, carnet_doc_request *doc)
{
    carnet_list_walk walk;
    carnet_span entry;
    carnet_cbor_reader r;

    *doc = (carnet_doc_request){ 0 };
    carnet_list_begin(&walk, view->doc_requests);
    for (size_t i = 0; carnet_list_next(&walk, &entry); i++) {
        if (i != index)
            continue;
        r = carnet_cbor_open(entry);
        r.allow = view->allow;
        read_doc_request(&r, doc);
        doc->index = index;
        return true;
    }
    return false;
}

bool
carnet_requested_element_next(carnet_element_walk *walk, carnet_requested_element *element)
{
    carnet_element next;

    *element = (carnet_requested_element){ 0 };
    if (!carnet_element_next(walk, &next))
        return false;
    element->name_space = next.name_space;
    element->identifier = next.identifier;
    element->retain = next.value.len == 1 && next.value.ptr[0] == 0xf5;
    return true;
}
