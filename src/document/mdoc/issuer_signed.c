/* SPDX-License-Identifier: Apache-2.0 */
/* IssuerSigned: opened once and checked to the last item, then stepped through without failing. */
#include "internal.h"

#include "carnet/issuer_signed.h"

#define CLAUSE "18013-5 10.3"

/* IssuerSigned = { ? "nameSpaces" : { + NameSpace => [ + IssuerSignedItemBytes ] }, "issuerAuth" : COSE_Sign1 } */
static const carnet_cbor_field issuer_signed_fields[] = {
    CARNET_MEMBER_OPTIONAL(carnet_issuer_signed, "nameSpaces", CARNET_FIELD_MAP, name_spaces),
    CARNET_MEMBER(carnet_issuer_signed, "issuerAuth", CARNET_FIELD_ANY, issuer_auth),
};

/* IssuerSignedItem = { "digestID" : uint, "random" : bstr, "elementIdentifier" : tstr, "elementValue" : any } */
static const carnet_cbor_field item_fields[] = {
    CARNET_MEMBER(carnet_issuer_signed_item, "digestID", CARNET_FIELD_UINT, digest_id),
    CARNET_MEMBER(carnet_issuer_signed_item, "random", CARNET_FIELD_BSTR, random),
    CARNET_MEMBER(carnet_issuer_signed_item, "elementIdentifier", CARNET_FIELD_TSTR, identifier),
    CARNET_MEMBER(carnet_issuer_signed_item, "elementValue", CARNET_FIELD_ANY, value),
};

/* Step over these bytes if they stand here. */
static inline bool
step_over(carnet_cbor_reader *r, const char *bytes, size_t len)
{
    if ((size_t)(r->end - r->at) < len || memcmp(r->at, bytes, len) != 0)
        return false;
    r->at += len;
    return true;
}
#define STEP_OVER(r, literal) step_over(r, literal, sizeof(literal) - 1)

static bool
members_usual(carnet_cbor_reader *r, carnet_issuer_signed_item *item)
{
    if (!STEP_OVER(r, "\xa4\x68"
                      "digestID"))
        return false;
    item->digest_id = carnet_cbor_uint(r);
    if (!STEP_OVER(r, "\x66"
                      "random"))
        return false;
    item->random = carnet_cbor_bstr(r);
    if (!STEP_OVER(r, "\x71"
                      "elementIdentifier"))
        return false;
    item->identifier = carnet_cbor_tstr(r);
    if (!STEP_OVER(r, "\x6c"
                      "elementValue"))
        return false;
    r->depth++;
    item->value = carnet_cbor_any(r);
    r->depth--;
    return r->rc == CARNET_OK && r->at == r->end;
}

/* Items are nearly all written in one way, which needs no table and no reader of its own.  False, and the reader as it was:
 * read it by the table, which alone says what is wrong. */
static bool
read_usual(carnet_cbor_reader *r, carnet_span content, carnet_issuer_signed_item *item)
{
    const uint8_t *at = r->at, *end = r->end;
    uint8_t seen = r->seen;
    bool good;

    r->at = content.ptr;
    r->end = content.ptr + content.len;
    good = members_usual(r, item);
    r->at = at;
    r->end = end;
    r->seen |= CARNET_CBOR_UNSORTED;
    if (!good) {
        r->rc = CARNET_OK;
        r->failed_path[0] = '\0';
        r->seen = seen;
        item->digest_id = 0;
        item->random = item->value = (carnet_span){ 0 };
        item->identifier = (carnet_str){ 0 };
    }
    return good;
}

static void
read_by_table(carnet_cbor_reader *r, carnet_span content, carnet_issuer_signed_item *item)
{
    carnet_cbor_reader inside = carnet_cbor_open_within(r, content, r->path);

    carnet_cbor_fields(&inside, item_fields, CARNET_COUNT(item_fields), item);
    if (inside.rc == CARNET_OK && inside.at != inside.end)
        carnet_cbor_refuse(&inside, CARNET_E_CBOR_TRAILING, NULL, CLAUSE, NULL);
    carnet_cbor_join(r, &inside);
}

void
carnet_issuer_signed_item_read(carnet_cbor_reader *r, carnet_issuer_signed_item *item)
{
    carnet_cbor_embedded bytes = carnet_cbor_tag24(r);

    if (r->rc != CARNET_OK)
        return;
    if (!read_usual(r, bytes.content, item))
        read_by_table(r, bytes.content, item);
    item->encoded = bytes.encoded;
    item->content = bytes.content;
    item->offset = (size_t)(bytes.encoded.ptr - r->origin);
    if (item->random.len < CARNET_ITEM_RANDOM_MIN)
        item->odd |= CARNET_ISSUER_SIGNED_RANDOM_SHORT;
    if (item->digest_id >= CARNET_DIGEST_ID_LIMIT)
        item->odd |= CARNET_ISSUER_SIGNED_DIGEST_ID_LARGE;
}

/* All items of one name space. */
static void
items_read(carnet_cbor_reader *r, carnet_issuer_signed *view)
{
    carnet_path step = { .up = r->path };
    const carnet_path *outer = r->path;
    carnet_cbor_walk walk;

    carnet_cbor_array(r, &walk);
    r->path = &step;
    while (carnet_cbor_array_next(r, &walk)) {
        carnet_issuer_signed_item item = { 0 };

        step.index = walk.index;
        if (++view->item_count > CARNET_ISSUER_SIGNED_ITEMS_MAX)
            carnet_cbor_refuse(r, CARNET_E_CBOR_LIMIT, NULL, CLAUSE, NULL);
        carnet_issuer_signed_item_read(r, &item);
        view->odd |= item.odd;
    }
    r->path = outer;
    if (walk.index == UINT64_MAX)
        view->odd |= CARNET_ISSUER_SIGNED_EMPTY;
}

void
carnet_issuer_name_spaces_read(carnet_cbor_reader *outer, const char *member, carnet_issuer_signed *view)
{
    carnet_path members = carnet_path_member(outer->path, member);
    carnet_path step = { .up = &members };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, view->name_spaces, &members);
    carnet_cbor_walk walk;

    carnet_cbor_map(&r, &walk);
    while (carnet_cbor_map_next(&r, &walk)) {
        step.name = carnet_cbor_tstr(&r);
        r.path = &step;
        if (++view->name_space_count > CARNET_ISSUER_SIGNED_ITEMS_MAX)
            carnet_cbor_refuse(&r, CARNET_E_CBOR_LIMIT, NULL, CLAUSE, NULL);
        items_read(&r, view);
        r.path = &members;
    }
    if (view->name_space_count == 0)
        view->odd |= CARNET_ISSUER_SIGNED_EMPTY;
    carnet_cbor_join(outer, &r);
}

/* The two members; `whole`: and all items. */
static void
members_read(carnet_cbor_reader *r, bool whole, carnet_issuer_signed *view)
{
    const uint8_t *start = r->at;
    carnet_issuer_signed got = { .allow = r->allow, .origin = r->origin };

    carnet_cbor_fields(r, issuer_signed_fields, CARNET_COUNT(issuer_signed_fields), &got);
    if (r->rc == CARNET_OK) {
        got.encoded = carnet_span_of(start, (size_t)(r->at - start));
        if (got.issuer_auth.ptr[0] == 0xd2)
            got.odd |= CARNET_ISSUER_SIGNED_TAGGED;
        if (whole && got.name_spaces.ptr != NULL)
            carnet_issuer_name_spaces_read(r, "nameSpaces", &got);
    }
    got.seen = r->seen;
    *view = r->rc == CARNET_OK ? got : (carnet_issuer_signed){ 0 };
}

void
carnet_issuer_signed_read(carnet_cbor_reader *r, carnet_issuer_signed *view)
{
    members_read(r, true, view);
}

static carnet_rc
issuer_signed_open(carnet_span cbor, unsigned allow, bool whole, carnet_issuer_signed *view, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_rc rc;

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    members_read(&r, whole, view);
    rc = carnet_cbor_end(&r, err);
    if (rc != CARNET_OK)
        *view = (carnet_issuer_signed){ 0 };
    return rc;
}

carnet_rc
carnet_issuer_signed_open(carnet_span cbor, unsigned allow, carnet_issuer_signed *view, carnet_err *err)
{
    return issuer_signed_open(cbor, allow, true, view, err);
}

carnet_rc
carnet_issuer_signed_open_held(carnet_span cbor, unsigned allow, carnet_issuer_signed *view, carnet_err *err)
{
    return issuer_signed_open(cbor, allow, false, view, err);
}

static void
cursor_begin(const carnet_issuer_signed *view, carnet_issuer_signed_cursor *cursor)
{
    cursor->reader = carnet_cbor_open(view->name_spaces);
    cursor->reader.allow = view->allow;
    cursor->reader.origin = view->origin;
    cursor->begun = true;
    if (view->name_spaces.ptr != NULL)
        carnet_cbor_map(&cursor->reader, &cursor->name_spaces);
}

bool
carnet_issuer_signed_next(const carnet_issuer_signed *view, carnet_issuer_signed_cursor *cursor,
                          carnet_issuer_signed_item *item)
{
    carnet_cbor_reader *r = &cursor->reader;

    *item = (carnet_issuer_signed_item){ 0 };
    if (!cursor->begun)
        cursor_begin(view, cursor);
    while (!cursor->inside || !carnet_cbor_array_next(r, &cursor->items)) {
        cursor->inside = false;
        if (!carnet_cbor_map_next(r, &cursor->name_spaces))
            return false;
        cursor->name_space = carnet_cbor_tstr(r);
        carnet_cbor_array(r, &cursor->items);
        cursor->inside = true;
    }
    carnet_issuer_signed_item_read(r, item);
    if (r->rc != CARNET_OK) {
        *item = (carnet_issuer_signed_item){ 0 };
        return false;
    }
    item->name_space = cursor->name_space;
    item->index = (size_t)cursor->items.index;
    return true;
}

bool
carnet_issuer_signed_find(const carnet_issuer_signed *view, carnet_str name_space, carnet_str identifier,
                          carnet_issuer_signed_item *item)
{
    carnet_issuer_signed_cursor cursor = { 0 };

    while (carnet_issuer_signed_next(view, &cursor, item))
        if (carnet_str_equal(item->identifier, identifier) && carnet_str_equal(item->name_space, name_space))
            return true;
    return false;
}

carnet_rc
carnet_issuer_signed_item_fail(carnet_err *err, carnet_rc rc, const char *clause, const char *reason,
                               const carnet_issuer_signed_item *item)
{
    carnet_path members = { .name = carnet_str_of("nameSpaces") };
    carnet_path name_space = { .up = &members, .name = item->name_space };
    carnet_path place = { .up = &name_space, .index = item->index };

    return carnet_fail_at(err, rc, clause, reason, item->offset, &place);
}

/* --- no element twice --- */

/* An item before this one has its name. */
static bool
came_before(const carnet_issuer_signed *view, const carnet_issuer_signed_item *item)
{
    carnet_issuer_signed_item first;

    return carnet_issuer_signed_find(view, item->name_space, item->identifier, &first) &&
           first.encoded.ptr != item->encoded.ptr;
}

/* A set of hashes answers for nearly every item; where it cannot, the items before are looked through, so that the worst
 * an input can do is half a million steps (CARNET_ISSUER_SIGNED_ITEMS_MAX). */
carnet_rc
carnet_issuer_signed_unique(const carnet_issuer_signed *view, carnet_err *err)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_name_set seen = { 0 };

    while (carnet_issuer_signed_next(view, &cursor, &item))
        if (carnet_name_maybe_seen(&seen, item.identifier) && came_before(view, &item))
            return carnet_issuer_signed_item_fail(err, CARNET_E_MDOC_ELEMENT_TWICE, CLAUSE, NULL, &item);
    return CARNET_OK;
}

/* --- digests --- */

carnet_rc
carnet_issuer_signed_item_verify(const carnet_issuer_signed_item *item, const carnet_mso *mso, carnet_crypto *crypto,
                                 carnet_err *err)
{
    uint8_t digest[CARNET_HASH_MAX];
    carnet_span expected;
    carnet_rc rc;

    if (!carnet_mso_digest(mso, item->name_space, item->digest_id, &expected))
        return carnet_issuer_signed_item_fail(err, CARNET_E_MDOC_DIGEST_ABSENT, "18013-5 12.8.1 (3)", NULL, item);
    rc = carnet_digest(crypto, mso->hash, &item->encoded, 1, digest, err);
    if (rc != CARNET_OK)
        return rc;
    if (!carnet_span_equal(expected, carnet_span_of(digest, mso->hash_size)))
        return carnet_issuer_signed_item_fail(err, CARNET_E_MDOC_DIGEST_MISMATCH, "18013-5 12.8.1 (3)", NULL, item);
    return CARNET_OK;
}
