/* SPDX-License-Identifier: Apache-2.0 */
/* IssuerSignedDehydrated: opening, and making it of an IssuerSigned (23220-3 8.1.2). */
#include "internal.h"

#include "carnet/issuer_signed_dehydrated.h"

#define CLAUSE "23220-3 8.1.2"

typedef struct members {
    carnet_str data_identifier;
    carnet_span name_spaces[3], issuer_auth;
} members;

static const carnet_cbor_field dehydrated_fields[] = {
    CARNET_MEMBER_OPTIONAL(members, "dataIdentifier", CARNET_FIELD_TSTR, data_identifier),
    CARNET_MEMBER_OPTIONAL(members, "nameSpaces", CARNET_FIELD_MAP, name_spaces[0]),
    CARNET_MEMBER_OPTIONAL(members, "nameSpacesDehydrated", CARNET_FIELD_MAP, name_spaces[1]),
    CARNET_MEMBER_OPTIONAL(members, "digestIdMapping", CARNET_FIELD_MAP, name_spaces[2]),
    CARNET_MEMBER(members, "issuerAuth", CARNET_FIELD_ANY, issuer_auth),
};

bool
carnet_item_is_dehydrated(const carnet_issuer_signed_item *item)
{
    return item->value.len == 1 && item->value.ptr[0] == 0xf6;
}

static void
dehydrated_read(carnet_cbor_reader *r, carnet_issuer_signed_dehydrated *view)
{
    static const char *const names[] = { "nameSpaces", "nameSpacesDehydrated", "digestIdMapping" };
    static const unsigned bits[] = { CARNET_DEHYDRATED_NAME_SPACES, CARNET_DEHYDRATED_OTHER_NAME,
                                     CARNET_DEHYDRATED_PROVISIONED };
    const uint8_t *start = r->at;
    members got = { 0 };
    size_t which;

    carnet_cbor_fields(r, dehydrated_fields, CARNET_COUNT(dehydrated_fields), &got);
    which = carnet_one_name_of(r, got.name_spaces, CARNET_COUNT(names), CLAUSE);
    if (r->rc != CARNET_OK)
        return;
    view->encoded = carnet_span_of(start, (size_t)(r->at - start));
    view->data_identifier = got.data_identifier;
    view->inner.encoded = view->encoded;
    view->inner.issuer_auth = got.issuer_auth;
    view->inner.allow = r->allow;
    view->inner.origin = r->origin;
    if (which == CARNET_COUNT(names))
        return;
    view->names = bits[which];
    view->inner.name_spaces = got.name_spaces[which];
    carnet_issuer_name_spaces_read(r, names[which], &view->inner);
}

carnet_rc
carnet_issuer_signed_dehydrated_open(carnet_span cbor, unsigned allow, carnet_issuer_signed_dehydrated *view,
                                     carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_issuer_signed_dehydrated got = { 0 };
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_rc rc;

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    dehydrated_read(&r, &got);
    rc = carnet_cbor_end(&r, err);
    got.inner.seen = r.seen;
    *view = rc == CARNET_OK ? got : (carnet_issuer_signed_dehydrated){ 0 };
    while (rc == CARNET_OK && carnet_issuer_signed_next(&view->inner, &cursor, &item))
        view->dehydrated_count += carnet_item_is_dehydrated(&item);
    return rc;
}

carnet_rc
carnet_issuer_signed_dehydrated_list(carnet_span cbor, unsigned allow, size_t *count, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_path step = { 0 };
    carnet_cbor_walk walk;
    size_t met = 0;
    carnet_rc rc;

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    carnet_cbor_array(&r, &walk);
    r.path = &step;
    for (; carnet_cbor_array_next(&r, &walk); met++) {
        step.index = walk.index;
        if (r.at != r.end && carnet_cbor_peek(&r) != CARNET_CBOR_MAP)
            carnet_cbor_refuse(&r, CARNET_E_CBOR_TYPE, NULL, CLAUSE, "a map is required");
        (void)carnet_cbor_any(&r);
    }
    r.path = NULL;
    if (met == 0)
        carnet_cbor_refuse(&r, CARNET_E_MDOC_EMPTY, cbor.ptr, CLAUSE, NULL);
    rc = carnet_cbor_end(&r, err);
    *count = rc == CARNET_OK ? met : 0;
    return rc;
}

/* --- dehydrating --- */

/* Hydration must give these very bytes again: members in our order, value last, heads in preferred form. */
static bool
can_be_dehydrated(const carnet_issuer_signed_item *item)
{
    static const uint8_t front[] = { 0xa4, 0x68, 'd', 'i', 'g', 'e', 's', 't', 'I', 'D' };
    size_t heads = item->encoded.len - item->content.len;

    return !carnet_item_is_dehydrated(item) && heads == 2 + carnet_cbor_head_size(item->content.len) &&
           item->content.len > sizeof(front) && memcmp(item->content.ptr, front, sizeof(front)) == 0 &&
           item->random.ptr < (const uint8_t *)item->identifier.ptr &&
           (const uint8_t *)item->identifier.ptr < item->value.ptr &&
           item->value.ptr + item->value.len == item->content.ptr + item->content.len;
}

static void
item_dehydrate(const carnet_issuer_signed_item *item, carnet_cbor_builder *b)
{
    size_t kept = (size_t)(item->value.ptr - item->content.ptr);

    if (!can_be_dehydrated(item)) {
        carnet_cbor_add_raw(b, item->encoded);
        return;
    }
    carnet_cbor_add_tag(b, 24);
    carnet_cbor_add_bstr_head(b, kept + 1);
    carnet_cbor_add_raw(b, carnet_span_of(item->content.ptr, kept));
    carnet_cbor_add_null(b);
}

carnet_rc
carnet_each_item(const carnet_issuer_signed *view, carnet_cbor_builder *b, carnet_item_visit *visit, void *self)
{
    carnet_cbor_reader r = carnet_cbor_open(view->name_spaces), items;
    carnet_cbor_walk name_spaces, walk;
    carnet_span array;
    carnet_rc rc = CARNET_OK;

    r.allow = view->allow;
    r.origin = view->origin;
    carnet_cbor_add_map(b, carnet_cbor_count(view->name_spaces));
    carnet_cbor_map(&r, &name_spaces);
    while (rc == CARNET_OK && carnet_cbor_map_next(&r, &name_spaces)) {
        carnet_str name_space = carnet_cbor_tstr(&r);

        array = carnet_cbor_any(&r);
        carnet_cbor_add_tstr(b, name_space);
        carnet_cbor_add_array(b, carnet_cbor_count(array));
        items = carnet_cbor_open_within(&r, array, NULL);
        carnet_cbor_array(&items, &walk);
        while (rc == CARNET_OK && carnet_cbor_array_next(&items, &walk)) {
            carnet_issuer_signed_item item = { .name_space = name_space, .index = (size_t)walk.index };

            carnet_issuer_signed_item_read(&items, &item);
            rc = items.rc == CARNET_OK ? visit(self, &item, b) : items.rc;
        }
    }
    return rc == CARNET_OK ? r.rc : rc;
}

static carnet_rc
visit_dehydrate(void *self, const carnet_issuer_signed_item *item, carnet_cbor_builder *b)
{
    (void)self;
    item_dehydrate(item, b);
    return CARNET_OK;
}

carnet_rc
carnet_issuer_signed_dehydrate(const carnet_issuer_signed *whole, carnet_str data_identifier, carnet_cbor_builder *b,
                               carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    carnet_cbor_add_map(b, UINT64_C(1) + (data_identifier.len != 0) + (whole->name_spaces.ptr != NULL));
    if (data_identifier.len != 0) {
        carnet_cbor_add_text(b, "dataIdentifier");
        carnet_cbor_add_tstr(b, data_identifier);
    }
    if (whole->name_spaces.ptr != NULL) {
        carnet_cbor_add_text(b, "nameSpaces");
        rc = carnet_each_item(whole, b, visit_dehydrate, NULL);
    }
    carnet_cbor_add_text(b, "issuerAuth");
    carnet_cbor_add_raw(b, whole->issuer_auth);
    rc = rc == CARNET_OK ? b->rc : rc;
    return rc == CARNET_OK ? CARNET_OK : carnet_fail(err, rc, NULL, NULL);
}
