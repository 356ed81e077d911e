/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of signers' certificate chains that were found good, so that a reader
 * which meets the same document signer again need not judge the chain again.
 *
 * The caller holds the slots; the least recently used is replaced.  A chain is
 * remembered only if every check that protects passed, and recalled only while
 * that would still be so: the same bytes of x5chain, the same document type,
 * profiles and sources, the same generation of anchors and revocation lists,
 * and a time at which every certificate of the path is valid and every
 * revocation list used is current.  Sources without a generation are never
 * remembered for.  Profiles are told apart by their address: do not change one.
 *
 * A memory belongs to one thread at a time.  It holds no secrets.
 */
#ifndef CARNET_CHAIN_MEMORY_H
#define CARNET_CHAIN_MEMORY_H
#include "carnet/certificate_path.h"
#include "carnet/cose_headers.h"
CARNET_BEGIN_DECLS

#define CARNET_REMEMBERED_CHECKS 32  /**< entries of the report kept with a chain; one with more is not remembered */
#define CARNET_REMEMBERED_TEXT   512 /**< octets of their texts and of the signer's names, likewise */

/** What is known of a signer after its chain was judged.  The texts point into the chain or into the memory: they are
 *  good until either changes. */
typedef struct carnet_signer {
    carnet_public_key key;
    carnet_time not_before, not_after; /**< of the signer's own certificate */
    carnet_str country, state;         /**< C and ST of its subject; empty if absent */
    bool recalled;                     /**< the chain was not judged anew */
} carnet_signer;

/** The outcome of one check; where its texts lie in the slot, 0: empty. */
typedef struct carnet_remembered_check {
    uint16_t check, path, detail;
    uint8_t outcome;
    carnet_rc rc;
    size_t offset;
} carnet_remembered_check;

/** One slot; opaque.  About 2 KB. */
typedef struct carnet_remembered_chain {
    uint8_t digest[32];
    const carnet_certificate_profile *profile, *anchor_profile;
    const void *anchors, *revocation;
    uint64_t anchors_generation, revocation_generation;
    uint64_t used; /**< 0: free */
    carnet_time from, until;
    carnet_signer signer;
    bool revocation_checked;
    uint16_t count, text_len;
    carnet_remembered_check checks[CARNET_REMEMBERED_CHECKS];
    char text[CARNET_REMEMBERED_TEXT];
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

/** Judge the x5chain of `headers` as carnet_certificate_path_validate() does, or recall it; the report gets the same
 *  entries either way.  `memory` may be NULL.  On failure *signer is empty: no certificate could be opened, and the report
 *  says why. */
CARNET_API carnet_rc carnet_chain_judge(carnet_chain_memory *memory, const carnet_cose_headers *headers,
                                        const carnet_path_options *options, carnet_crypto *crypto,
                                        carnet_report *report, carnet_signer *signer);

CARNET_END_DECLS
#endif
