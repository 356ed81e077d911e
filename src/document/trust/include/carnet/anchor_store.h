/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store of trusted certificates and revocation lists: what a verifier holds
 * before it meets a document (18013-5 12.8.1).
 *
 * The caller owns the slots and the bytes; both must outlive the store.  A store
 * that no longer changes may be read by several threads.  Its generation is made
 * from what it holds, so that nothing remembered under other contents is recalled,
 * not even after the store was made anew in the same place.
 */
#ifndef CARNET_ANCHOR_STORE_H
#define CARNET_ANCHOR_STORE_H
#include "carnet/crl.h"
#include "carnet/trust_anchor.h"
CARNET_BEGIN_DECLS

/** One trusted certificate.  `doc_type` empty: good for every document type. */
typedef struct carnet_anchor {
    carnet_certificate certificate;
    carnet_str doc_type;
} carnet_anchor;

typedef struct carnet_anchor_store {
    carnet_anchor *anchors; /**< caller's storage */
    size_t count, cap;
    carnet_span *lists; /**< caller's storage: encoded revocation lists */
    size_t list_count, list_cap;
    uint64_t generation;
} carnet_anchor_store;

CARNET_API void carnet_anchor_store_init(carnet_anchor_store *store, carnet_anchor *anchors, size_t cap,
                                         carnet_span *lists, size_t list_cap);
/** Trust a certificate (DER) for a document type, or for all if doc_type is empty.  The same certificate for the same
 *  document type again is no error and adds nothing.  CARNET_E_TRUST_FULL, CARNET_E_X509_*. */
CARNET_API carnet_rc carnet_anchor_store_add(carnet_anchor_store *store, carnet_span der, carnet_str doc_type,
                                             carnet_err *err);
/** Hold a revocation list (DER); its signature is checked when it is used. */
CARNET_API carnet_rc carnet_anchor_store_add_crl(carnet_anchor_store *store, carnet_span der, carnet_err *err);
/** Forget all certificates and lists. */
CARNET_API void carnet_anchor_store_clear(carnet_anchor_store *store);

/** The store as the sources path validation asks; they borrow the store. */
CARNET_API carnet_trust_anchors carnet_anchor_store_anchors(const carnet_anchor_store *store);
CARNET_API carnet_revocation_source carnet_anchor_store_revocation(const carnet_anchor_store *store);

CARNET_END_DECLS
#endif
