/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of signers' certificate chains that were found good, so that a reader
 * which meets the same document signer again need not judge the chain again.
 *
 * The caller holds the slots; the least recently used is replaced.  A chain is
 * remembered only if every check that protects passed, and recalled only while
 * that would still be so: the same bytes of x5chain, the same document type,
 * profile and sources, the same generation of anchors and revocation lists, and
 * a time at which every certificate of the path is valid and every revocation
 * list used is current.  A source without a generation is never remembered for.
 *
 * A memory belongs to one thread at a time.  It holds no secrets.
 */
#ifndef CARNET_CHAIN_MEMORY_H
#define CARNET_CHAIN_MEMORY_H
#include "carnet/certificate_path.h"
#include "carnet/cose_headers.h"
CARNET_BEGIN_DECLS

#define CARNET_REMEMBERED_CHECKS 32 /**< entries of the report kept with a chain; one with more is not remembered */
#define CARNET_REMEMBERED_NAME   48 /**< octets of the signer's state or province; one with more is not remembered */

/** The outcome of one check.  `detail` is static text or NULL. */
typedef struct carnet_remembered_check {
    uint8_t check, outcome;
    uint32_t rc;
    char detail[56];
} carnet_remembered_check;

/** What is known of a document signer after its chain was judged. */
typedef struct carnet_signer {
    carnet_public_key key;
    carnet_time not_before, not_after;              /**< of the signer's own certificate */
    char country[4], state[CARNET_REMEMBERED_NAME]; /**< C and ST of its subject, zero-terminated; "" if absent */
} carnet_signer;

/** One slot; opaque. */
typedef struct carnet_remembered_chain {
    uint8_t digest[32];
    const carnet_certificate_profile *profile;
    const void *anchors, *revocation;
    uint64_t anchors_generation, revocation_generation;
    uint64_t used; /**< 0: free */
    carnet_time from, until;
    carnet_signer signer;
    size_t count;
    carnet_remembered_check checks[CARNET_REMEMBERED_CHECKS];
} carnet_remembered_chain;

typedef struct carnet_chain_memory {
    carnet_remembered_chain *slots; /**< caller's storage */
    size_t cap;
    uint64_t clock;
    uint64_t recalled, judged; /**< how often a chain was recalled, and how often one had to be judged */
} carnet_chain_memory;

/** An empty memory over the caller's slots. */
CARNET_API void carnet_chain_memory_init(carnet_chain_memory *memory, carnet_remembered_chain *slots, size_t cap);
/** Forget everything. */
CARNET_API void carnet_chain_memory_forget(carnet_chain_memory *memory);

/** Judge the chain of `headers` as carnet_certificate_path_validate() does, or recall it; the report gets the same
 *  entries either way.  `memory` may be NULL.  On failure *signer is empty: no certificate could be opened. */
CARNET_API carnet_rc carnet_chain_judge(carnet_chain_memory *memory, const carnet_cose_headers *headers,
                                        const carnet_path_options *options, carnet_crypto *crypto,
                                        carnet_report *report, carnet_signer *signer);

CARNET_END_DECLS
#endif
