/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The path from an end entity's certificate to a trusted one: found, and
 * judged by RFC 5280, 6.1, with the rules of 18013-5 12.8.1 (1) and B.1.
 *
 * Every check that can be made is made, and is an entry of its own in the
 * report, whatever the others say.  Nothing here decides: see carnet/policy.h.
 */
#ifndef CARNET_CERTIFICATE_PATH_H
#define CARNET_CERTIFICATE_PATH_H
#include "carnet/certificate_profile.h"
#include "carnet/trust_anchor.h"
CARNET_BEGIN_DECLS

#define CARNET_CHAIN_MAX 8 /**< certificates received with a signature, the end entity's included */

typedef struct carnet_path_options {
    size_t struct_size;                               /**< sizeof(carnet_path_options) */
    const carnet_certificate_profile *profile;        /**< of the end entity */
    const carnet_certificate_profile *anchor_profile; /**< of the trusted certificate; NULL: not checked */
    const carnet_trust_anchors *anchors;
    const carnet_revocation_source *revocation; /**< NULL: revocation is not checked */
    carnet_str doc_type;                        /**< handed to `anchors`; may be empty */
} carnet_path_options;

/** A path and what was learned from it: about 5 KB, in the caller's storage.  Views point into the chain and into the
 *  anchor store. */
typedef struct carnet_certificate_path {
    carnet_certificate certificates[CARNET_CHAIN_MAX]; /**< [0] the end entity's */
    size_t count;                      /**< certificates opened and on the path, the trusted one not counted */
    const carnet_certificate *anchor;  /**< NULL: no path was found */
    carnet_str country, state;         /**< C and ST of the end entity's subject; empty if absent */
    carnet_time not_before, not_after; /**< the time in which all certificates of the path are valid */
    carnet_time next_update;           /**< earliest of the revocation lists used; INT64_MAX if there was none */
    bool root_in_chain;                /**< the chain held a self-issued certificate above the end entity's */
} carnet_certificate_path;

/** Find and judge the path of a chain, the end entity's certificate first, each next one the issuer of the one before,
 *  the trusted one left out or not.  Entries: CARNET_CHECK_PATH_*, CARNET_CHECK_REVOCATION*, CARNET_CHECK_SIGNER_*,
 *  CARNET_CHECK_ANCHOR_PROFILE, CARNET_CHECK_CHAIN_INCLUDES_ROOT; times are judged at report->now with its skew.
 *
 *  CARNET_OK says only that the end entity's certificate could be opened, so that path->certificates[0] may be used to
 *  go on judging; otherwise *path is empty and the report says why.  Trust is what the entries say. */
CARNET_API carnet_rc carnet_certificate_path_validate(const carnet_span *chain, size_t count,
                                                      const carnet_path_options *options, carnet_crypto *crypto,
                                                      carnet_report *report, carnet_certificate_path *path);

/** Until when a good verdict over this path, under this generation of the anchors, may be remembered: the earliest of
 *  not_after and next_update. */
CARNET_API carnet_time carnet_certificate_path_until(const carnet_certificate_path *path);

CARNET_END_DECLS
#endif
