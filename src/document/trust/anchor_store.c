/* SPDX-License-Identifier: Apache-2.0 */
/* The anchor store, and its two faces as sources. */
#include "carnet/anchor_store.h"

#define EMPTY UINT64_C(0xcbf29ce484222325) /* generation of a store that holds nothing */

/** FNV-1a over what a change is about, going on from the generation before. */
static void
mix(carnet_anchor_store *store, carnet_span bytes)
{
    uint64_t h = store->generation;

    for (size_t i = 0; i < sizeof bytes.len; i++) {
        h = (h ^ (uint8_t)(bytes.len >> (8 * i))) * UINT64_C(0x100000001b3);
    }
    for (size_t i = 0; i < bytes.len; i++) {
        h = (h ^ bytes.ptr[i]) * UINT64_C(0x100000001b3);
    }
    store->generation = h;
}

void
carnet_anchor_store_init(carnet_anchor_store *store, carnet_anchor *anchors, size_t cap, carnet_span *lists,
                         size_t list_cap)
{
    *store = (carnet_anchor_store){
        .anchors = anchors, .cap = cap, .lists = lists, .list_cap = list_cap, .generation = EMPTY
    };
}

carnet_rc
carnet_anchor_store_add(carnet_anchor_store *store, carnet_span der, carnet_str doc_type, carnet_err *err)
{
    carnet_certificate certificate;
    carnet_rc rc = carnet_certificate_open(der, &certificate, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    for (size_t i = 0; i < store->count; i++) {
        const carnet_anchor *held = &store->anchors[i];

        if (carnet_span_equal(held->certificate.der, der) &&
            (held->doc_type.len == 0 || carnet_str_equal(held->doc_type, doc_type))) {
            return CARNET_OK;
        }
    }
    if (store->count == store->cap) {
        return carnet_fail(err, CARNET_E_TRUST_FULL, NULL, NULL);
    }
    store->anchors[store->count++] = (carnet_anchor){ certificate, doc_type };
    mix(store, der);
    mix(store, carnet_str_bytes(doc_type));
    return CARNET_OK;
}

carnet_rc
carnet_anchor_store_add_crl(carnet_anchor_store *store, carnet_span der, carnet_err *err)
{
    carnet_crl crl;
    carnet_rc rc = carnet_crl_open(der, &crl, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    if (store->list_count == store->list_cap) {
        return carnet_fail(err, CARNET_E_TRUST_FULL, NULL, "no room for another revocation list");
    }
    store->lists[store->list_count++] = der;
    mix(store, (carnet_span){ 0 }); /* no certificate: what follows is a list */
    mix(store, der);
    return CARNET_OK;
}

void
carnet_anchor_store_clear(carnet_anchor_store *store)
{
    store->count = store->list_count = 0;
    store->generation = EMPTY;
}

static bool
fits(const carnet_anchor *anchor, const carnet_anchor_query *query)
{
    return carnet_span_equal(anchor->certificate.subject, query->issuer) &&
           (anchor->doc_type.len == 0 || query->doc_type.len == 0 ||
            carnet_str_equal(anchor->doc_type, query->doc_type));
}

static bool
has_key_id(const carnet_anchor *anchor, carnet_span key_id)
{
    return key_id.len != 0 && carnet_span_equal(anchor->certificate.subject_key_id, key_id);
}

/** Two rounds over the anchors: those with the key identifier asked for, then the others. */
static const carnet_certificate *
next_anchor(const void *self, const carnet_anchor_query *query, size_t *cursor)
{
    const carnet_anchor_store *store = self;

    while (*cursor < 2 * store->count) {
        size_t at = (*cursor)++;
        const carnet_anchor *anchor = &store->anchors[at % store->count];

        if (fits(anchor, query) && has_key_id(anchor, query->key_id) == (at < store->count)) {
            return &anchor->certificate;
        }
    }
    return NULL;
}

static carnet_span
next_list(const void *self, carnet_span issuer, size_t *cursor)
{
    const carnet_anchor_store *store = self;
    carnet_crl crl;

    while (*cursor < store->list_count) {
        carnet_span der = store->lists[(*cursor)++];

        if (carnet_crl_open(der, &crl, NULL) == CARNET_OK && carnet_span_equal(crl.issuer, issuer)) {
            return der;
        }
    }
    return (carnet_span){ 0 };
}

static uint64_t
generation(const void *self)
{
    return ((const carnet_anchor_store *)self)->generation;
}

carnet_trust_anchors
carnet_anchor_store_anchors(const carnet_anchor_store *store)
{
    return (carnet_trust_anchors){ next_anchor, generation, store };
}

carnet_revocation_source
carnet_anchor_store_revocation(const carnet_anchor_store *store)
{
    return (carnet_revocation_source){ next_list, store, generation };
}
