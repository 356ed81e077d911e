/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A consent policy: rules that say of each element asked for whether it may
 * leave without asking, may not, or is for the holder to say.
 *
 * A policy is a table and a pure function over it; nothing is kept.  The first
 * rule that fits decides; where none does, the holder is asked.  Tables are
 * read only, and threads may share them.
 *
 * A rule that names a reader fits only a reader who proved to be it: by name a
 * trusted one, by certificate one whose signature is right.  And where an mDL
 * is presented in proximity, no policy makes its mandatory elements depend on
 * reader authentication (18013-5 12.5): where a rule would refuse them to this
 * reader only for who it is, the holder is asked.
 */
#ifndef CARNET_CONSENT_H
#define CARNET_CONSENT_H
#include "carnet/holder_choice.h"
#include "carnet/reader_identity.h"
CARNET_BEGIN_DECLS

typedef enum carnet_consent_verdict {
    CARNET_CONSENT_ASK,
    CARNET_CONSENT_ALLOW,
    CARNET_CONSENT_DENY
} carnet_consent_verdict;

typedef enum carnet_consent_retain {
    CARNET_RETAIN_ANY,
    CARNET_RETAIN_ONLY, /**< the rule is for elements the reader intends to keep */
    CARNET_RETAIN_NOT   /**< for those it does not */
} carnet_consent_retain;

/** One rule.  What is empty or 0 fits everything. */
typedef struct carnet_consent_rule {
    carnet_str doc_type, name_space;
    carnet_str element;             /**< identifier of what would leave; a last "*" stands for any rest */
    unsigned readers;               /**< bits 1 << carnet_reader_trust */
    carnet_span reader_certificate; /**< SHA-256 of the reader's certificate, 32 octets */
    carnet_str reader_name;         /**< carnet_reader_identity.name, of a trusted reader */
    carnet_consent_retain retain;
    carnet_consent_verdict verdict;
} carnet_consent_rule;

typedef struct carnet_consent_policy {
    const carnet_consent_rule *rules;
    size_t count;
    bool remote; /**< not in proximity: an mDL may demand reader authentication */
} carnet_consent_policy;

/** What a policy says of one element of a document type, asked for by this reader.  `policy` NULL: ask. */
CARNET_API carnet_consent_verdict carnet_consent_judge(const carnet_consent_policy *policy,
                                                       const carnet_reader_identity *reader, carnet_str doc_type,
                                                       carnet_str name_space, carnet_str identifier, bool retain);
/** Judge all that would leave: `verdict` and `consented` (allowed ones only) of each offer of the choice.  Says how many
 *  are still to be asked for and how many are denied; either may be NULL. */
CARNET_API void carnet_consent_apply(const carnet_consent_policy *policy, const carnet_reader_identities *readers,
                                     carnet_choice *choice, size_t *to_ask, size_t *denied);

CARNET_END_DECLS
#endif
