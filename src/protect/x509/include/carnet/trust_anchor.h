/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where trusted certificates and revocation lists come from, as interfaces:
 * implemented by anchor stores above, asked by path validation.
 */
#ifndef CARNET_TRUST_ANCHOR_H
#define CARNET_TRUST_ANCHOR_H
#include "carnet/certificate.h"
CARNET_BEGIN_DECLS

/** What a trusted certificate is looked for with. */
typedef struct carnet_anchor_query {
    carnet_span issuer; /**< Name as encoded: the anchor's subject must be these bytes */
    carnet_span
        key_id; /**< the key identifier asked for; may be empty.  A hint: candidates that have it come first, those
                              that have another one are yielded too, for the path to say what is wrong */
    carnet_str doc_type; /**< document type the anchor must be good for; empty: any */
} carnet_anchor_query;

/** A source of trusted certificates.  Must outlive what it is handed to. */
typedef struct carnet_trust_anchors {
    /** The next candidate, NULL after the last.  *cursor is 0 at first and the implementer's from then on.  What is
     *  returned stays good as long as the store does not change. */
    const carnet_certificate *(*next)(const void *self, const carnet_anchor_query *query, size_t *cursor);
    /** A number that changes whenever the set of trusted certificates does: what was judged under one generation
     *  may be remembered under it.  NULL: nothing may be remembered. */
    uint64_t (*generation)(const void *self);
    const void *self;
} carnet_trust_anchors;

/** A source of certificate revocation lists.  Must outlive what it is handed to. */
typedef struct carnet_revocation_source {
    /** The next encoded list whose issuer has this Name; empty after the last.  *cursor as above.  Nothing is assumed
     *  of the list: it is opened, verified and dated by who asks. */
    carnet_span (*next)(const void *self, carnet_span issuer, size_t *cursor);
    const void *self;
    /** A number that changes whenever the set of lists does.  NULL: nothing judged with it may be remembered. */
    uint64_t (*generation)(const void *self);
} carnet_revocation_source;

/** Trusted certificates in an array of the caller's: `self` is this. */
typedef struct carnet_anchor_array {
    const carnet_certificate *certificates;
    size_t count;
} carnet_anchor_array;
/** A source over an array; it has no generation, for the caller may change the array. */
CARNET_API carnet_trust_anchors carnet_trust_anchors_of(const carnet_anchor_array *array);

/** Encoded lists in an array of the caller's: `self` is this. */
typedef struct carnet_crl_array {
    const carnet_span *lists;
    size_t count;
} carnet_crl_array;
CARNET_API carnet_revocation_source carnet_revocation_source_of(const carnet_crl_array *array);

CARNET_END_DECLS
#endif
