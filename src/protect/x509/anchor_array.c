/* SPDX-License-Identifier: Apache-2.0 */
/* Trusted certificates and revocation lists in the caller's arrays. */
#include "carnet/trust_anchor.h"

#include "internal.h"

/* The cursor goes over the array twice: first those that have the key identifier, then the others. */
static const carnet_certificate *
next_anchor(const void *self, const carnet_anchor_query *query, size_t *cursor)
{
    const carnet_anchor_array *array = self;

    while (*cursor < 2 * array->count) {
        size_t at = (*cursor)++;
        const carnet_certificate *candidate = &array->certificates[at % array->count];
        bool named = query->key_id.len > 0 && carnet_span_equal(candidate->subject_key_id, query->key_id);

        if (named == (at < array->count) && carnet_span_equal(candidate->subject, query->issuer))
            return candidate;
    }
    return NULL;
}

carnet_trust_anchors
carnet_trust_anchors_of(const carnet_anchor_array *array)
{
    return (carnet_trust_anchors){ .next = next_anchor, .self = array };
}

static carnet_span
next_list(const void *self, carnet_span issuer, size_t *cursor)
{
    const carnet_crl_array *array = self;
    carnet_crl crl;

    while (*cursor < array->count) {
        carnet_span list = array->lists[(*cursor)++];

        /* One that cannot be opened is handed on, for it may be the issuer's. */
        if (carnet_crl_open(list, &crl, NULL) != CARNET_OK || carnet_span_equal(crl.issuer, issuer))
            return list;
    }
    return (carnet_span){ 0 };
}

carnet_revocation_source
carnet_revocation_source_of(const carnet_crl_array *array)
{
    return (carnet_revocation_source){ .next = next_list, .self = array };
}
