/* SPDX-License-Identifier: Apache-2.0 */
/* MobileSecurityObject: key authorisations, status, and looking digests up. */
#include "internal.h"

#define CLAUSE "18013-5 12.3"

/* --- keyAuthorizations --- */

typedef struct authorisation_members {
    carnet_span name_spaces, elements;
} authorisation_members;

static const carnet_cbor_field authorisation_fields[] = {
    CARNET_MEMBER_OPTIONAL(authorisation_members, "nameSpaces", CARNET_FIELD_ARRAY, name_spaces),
    CARNET_MEMBER_OPTIONAL(authorisation_members, "dataElements", CARNET_FIELD_MAP, elements),
};

/* One name more; that there are few bounds what asking for each of many elements can take. */
static void
count_name(carnet_cbor_reader *r, size_t *count)
{
    if (++*count > CARNET_MSO_AUTHORISATIONS_MAX)
        carnet_cbor_refuse(r, CARNET_E_CBOR_LIMIT, NULL, CLAUSE, NULL);
}

/* An array of texts, where `r` stands; true if `name` (ptr NULL: none) is one of them. */
static bool
names_read(carnet_cbor_reader *r, carnet_str name, unsigned *odd, size_t *count)
{
    carnet_path step = { .up = r->path };
    const carnet_path *outer = r->path;
    carnet_cbor_walk walk;
    bool found = false;

    carnet_cbor_array(r, &walk);
    r->path = &step;
    while (carnet_cbor_array_next(r, &walk)) {
        step.index = walk.index;
        count_name(r, count);
        found |= carnet_str_equal(carnet_cbor_tstr(r), name) && name.ptr != NULL;
    }
    r->path = outer;
    if (walk.index == UINT64_MAX)
        *odd |= CARNET_MSO_AUTHORISATION_EMPTY;
    return found && r->rc == CARNET_OK;
}

static carnet_cbor_reader
part_of(const carnet_mso *mso, carnet_span part)
{
    carnet_cbor_reader r = carnet_cbor_open(part);

    r.allow = mso->allow;
    return r;
}

static bool
name_space_authorised(const carnet_mso *mso, carnet_str name_space)
{
    carnet_cbor_reader r = part_of(mso, mso->authorised_name_spaces);
    unsigned odd = 0;
    size_t count = 0;

    return mso->authorised_name_spaces.ptr != NULL && names_read(&r, name_space, &odd, &count);
}

static void
elements_read(carnet_cbor_reader *r, carnet_mso *mso, size_t *count)
{
    carnet_path step = { .up = r->path };
    const carnet_path *outer = r->path;
    carnet_cbor_walk walk;

    carnet_cbor_map(r, &walk);
    while (carnet_cbor_map_next(r, &walk)) {
        count_name(r, count);
        step.name = carnet_cbor_tstr(r);
        r->path = &step;
        (void)names_read(r, (carnet_str){ 0 }, &mso->odd, count);
        if (r->rc == CARNET_OK && name_space_authorised(mso, step.name))
            mso->odd |= CARNET_MSO_AUTHORISATION_TWICE;
        r->path = outer;
    }
    if (walk.index == UINT64_MAX)
        mso->odd |= CARNET_MSO_AUTHORISATION_EMPTY;
}

void
carnet_mso_authorisations_read(carnet_cbor_reader *outer, const carnet_path *info, carnet_mso *mso)
{
    carnet_path all = { .up = info, .name = carnet_str_of("keyAuthorizations") };
    carnet_path step = { .up = &all };
    carnet_cbor_reader r = carnet_cbor_open_within(outer, mso->key_authorizations, &all), part;
    authorisation_members got = { 0 };
    size_t count = 0;

    mso->allow = outer->allow;
    carnet_cbor_fields(&r, authorisation_fields, CARNET_COUNT(authorisation_fields), &got);
    carnet_cbor_join(outer, &r);
    if (got.name_spaces.ptr == NULL && got.elements.ptr == NULL)
        mso->odd |= CARNET_MSO_AUTHORISATION_EMPTY;
    if (outer->rc == CARNET_OK && got.name_spaces.ptr != NULL) {
        step.name = carnet_str_of("nameSpaces");
        part = carnet_cbor_open_within(outer, got.name_spaces, &step);
        (void)names_read(&part, (carnet_str){ 0 }, &mso->odd, &count);
        carnet_cbor_join(outer, &part);
        mso->authorised_name_spaces = got.name_spaces;
    }
    if (outer->rc == CARNET_OK && got.elements.ptr != NULL) {
        step.name = carnet_str_of("dataElements");
        part = carnet_cbor_open_within(outer, got.elements, &step);
        elements_read(&part, mso, &count);
        carnet_cbor_join(outer, &part);
        mso->authorised_elements = got.elements;
    }
}

bool
carnet_mso_authorises(const carnet_mso *mso, carnet_str name_space, carnet_str identifier)
{
    carnet_cbor_reader r = part_of(mso, mso->authorised_elements);
    carnet_cbor_walk walk;
    unsigned odd = 0;
    size_t count = 0;
    bool here, found = false;

    if (name_space_authorised(mso, name_space))
        return true;
    if (mso->authorised_elements.ptr == NULL || name_space.ptr == NULL || identifier.ptr == NULL)
        return false;
    carnet_cbor_map(&r, &walk);
    while (carnet_cbor_map_next(&r, &walk)) {
        here = carnet_str_equal(carnet_cbor_tstr(&r), name_space);
        found |= names_read(&r, identifier, &odd, &count) && here;
    }
    return found && r.rc == CARNET_OK;
}

/* --- status --- */

typedef struct status_members {
    carnet_span status_list, identifier_list;
} status_members;

static const carnet_cbor_field status_fields[] = {
    CARNET_MEMBER_OPTIONAL(status_members, "status_list", CARNET_FIELD_MAP, status_list),
    CARNET_MEMBER_OPTIONAL(status_members, "identifier_list", CARNET_FIELD_MAP, identifier_list),
};

static const carnet_cbor_field status_list_fields[] = {
    CARNET_MEMBER(carnet_mso_status, "idx", CARNET_FIELD_UINT, status_index),
    CARNET_MEMBER(carnet_mso_status, "uri", CARNET_FIELD_TSTR, status_uri),
    CARNET_MEMBER_OPTIONAL(carnet_mso_status, "certificate", CARNET_FIELD_BSTR, status_certificate),
};

/* "id" is read as it comes first: a byte string, or a text as some issuers write it. */
static const carnet_cbor_field identifier_list_fields[] = {
    CARNET_MEMBER(carnet_mso_status, "id", CARNET_FIELD_ANY, identifier),
    CARNET_MEMBER(carnet_mso_status, "uri", CARNET_FIELD_TSTR, identifier_uri),
    CARNET_MEMBER_OPTIONAL(carnet_mso_status, "certificate", CARNET_FIELD_BSTR, identifier_certificate),
};

static void
status_list_read(const carnet_cbor_reader *outer, carnet_span encoded, carnet_mso *mso)
{
    carnet_cbor_reader r = carnet_cbor_open_within(outer, encoded, NULL);
    carnet_mso_status got = mso->status;

    carnet_cbor_fields(&r, status_list_fields, CARNET_COUNT(status_list_fields), &got);
    got.has_status_list = r.rc == CARNET_OK;
    if (r.rc == CARNET_OK)
        mso->status = got;
    else
        mso->odd |= CARNET_MSO_STATUS_FORM;
}

static void
identifier_list_read(const carnet_cbor_reader *outer, carnet_span encoded, carnet_mso *mso)
{
    carnet_cbor_reader r = carnet_cbor_open_within(outer, encoded, NULL), id;
    carnet_mso_status got = mso->status;
    bool text;

    carnet_cbor_fields(&r, identifier_list_fields, CARNET_COUNT(identifier_list_fields), &got);
    id = carnet_cbor_open_within(&r, got.identifier, NULL);
    text = carnet_cbor_peek(&id) == CARNET_CBOR_TSTR;
    got.identifier = text ? carnet_str_bytes(carnet_cbor_tstr(&id)) : carnet_cbor_bstr(&id);
    got.has_identifier_list = r.rc == CARNET_OK && id.rc == CARNET_OK;
    if (got.has_identifier_list) {
        mso->status = got;
        mso->odd |= text ? CARNET_MSO_IDENTIFIER_TEXT : 0u;
    } else {
        mso->odd |= CARNET_MSO_STATUS_FORM;
    }
}

void
carnet_mso_status_read(const carnet_cbor_reader *outer, carnet_mso *mso)
{
    carnet_cbor_reader r = carnet_cbor_open_within(outer, mso->status_bytes, NULL);
    status_members got = { 0 };

    carnet_cbor_fields(&r, status_fields, CARNET_COUNT(status_fields), &got);
    if (r.rc != CARNET_OK)
        mso->odd |= CARNET_MSO_STATUS_FORM;
    else if (got.status_list.ptr == NULL && got.identifier_list.ptr == NULL)
        mso->odd |= CARNET_MSO_STATUS_UNKNOWN;
    if (r.rc == CARNET_OK && got.status_list.ptr != NULL)
        status_list_read(outer, got.status_list, mso);
    if (r.rc == CARNET_OK && got.identifier_list.ptr != NULL)
        identifier_list_read(outer, got.identifier_list, mso);
}

/* --- digests --- */

/* The head at `p` of an item that was checked when the MSO was opened. */
static inline const uint8_t *
head(const uint8_t *p, uint64_t *argument, bool *indefinite)
{
    unsigned info = *p++ & 31u, octets;

    *indefinite = info == 31;
    *argument = info;
    if (info < 24 || info == 31)
        return p;
    for (octets = 1u << (info - 24), *argument = 0; octets > 0; octets--)
        *argument = *argument << 8 | *p++;
    return p;
}

/* Step to the next pair of a map of `left` pairs, or of indefinite length. */
static inline bool
pair_next(const uint8_t **p, uint64_t *left, bool indefinite)
{
    if (indefinite) {
        if (**p != 0xff)
            return true;
        ++*p;
        return false;
    }
    return (*left)-- > 0;
}

/* Look through the digests of one name space, whose map starts at *p, and move past it if it is not there; with digest_id
 * NULL only move. */
static bool
digest_find(const uint8_t **p, const uint64_t *digest_id, carnet_span *digest)
{
    uint64_t left, id, len;
    bool indefinite, none;

    *p = head(*p, &left, &indefinite);
    while (pair_next(p, &left, indefinite)) {
        *p = head(*p, &id, &none);
        *p = head(*p, &len, &none);
        if (digest_id != NULL && id == *digest_id) {
            *digest = carnet_span_of(*p, (size_t)len);
            return true;
        }
        *p += len;
    }
    return false;
}

/* Straight through the bytes: a lookup takes less than it would take to build anything that looks faster. */
bool
carnet_mso_digest(const carnet_mso *mso, carnet_str name_space, uint64_t digest_id, carnet_span *digest)
{
    const uint8_t *p = mso->value_digests.ptr;
    uint64_t left, len;
    bool indefinite, none, here;

    *digest = (carnet_span){ 0 };
    if (p == NULL)
        return false;
    p = head(p, &left, &indefinite);
    while (pair_next(&p, &left, indefinite)) {
        p = head(p, &len, &none);
        here = len == name_space.len && (len == 0 || memcmp(p, name_space.ptr, name_space.len) == 0);
        p += len;
        if (digest_find(&p, here ? &digest_id : NULL, digest))
            return true;
        if (here)
            return false;
    }
    return false;
}

bool
carnet_mso_next(const carnet_mso *mso, carnet_mso_walk *walk, carnet_mso_entry *entry)
{
    carnet_cbor_reader *r = &walk->reader;

    *entry = (carnet_mso_entry){ 0 };
    if (!walk->begun) {
        *r = part_of(mso, mso->value_digests);
        walk->begun = true;
        if (mso->value_digests.ptr != NULL)
            carnet_cbor_map(r, &walk->outer);
    }
    while (!walk->inside || !carnet_cbor_map_next(r, &walk->inner)) {
        walk->inside = false;
        if (!carnet_cbor_map_next(r, &walk->outer))
            return false;
        walk->name_space = carnet_cbor_tstr(r);
        carnet_cbor_map(r, &walk->inner);
        walk->inside = true;
    }
    entry->name_space = walk->name_space;
    entry->digest_id = carnet_cbor_uint(r);
    entry->digest = carnet_cbor_bstr(r);
    return r->rc == CARNET_OK;
}
