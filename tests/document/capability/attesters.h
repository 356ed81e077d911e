/* SPDX-License-Identifier: Apache-2.0 */
/* Attesters for the tests: an authority, signers it vouches for, and some it should not have. */
#ifndef CARNET_TEST_ATTESTERS_H
#define CARNET_TEST_ATTESTERS_H
#include "carnet/attester.h"
#include "support/support.h"

#define NOW INT64_C(1795000000)

/** Signers: what is said of their certificates. */
typedef enum test_signer {
    SIGNER_GOOD,        /**< under the authority */
    SIGNER_BELOW,       /**< under an authority of the authority's */
    SIGNER_EXPIRED,     /**< its certificate is */
    SIGNER_SELF_SIGNED, /**< by itself */
    SIGNER_STRANGER,    /**< under another authority of the same name */
    SIGNER_NO_USAGE,    /**< its key may not sign */
    SIGNER_BY_LEAF,     /**< issued by SIGNER_GOOD, which is no authority */
    SIGNER_COUNT
} test_signer;

typedef struct test_attesters {
    carnet_crypto crypto;
    carnet_key keys[SIGNER_COUNT];
    carnet_key root_key;
    carnet_span chains[SIGNER_COUNT][3]; /**< without the trusted certificate */
    size_t chain_len[SIGNER_COUNT];
    carnet_span root; /**< the authority's, trusted */
    carnet_certificate root_opened;
    carnet_anchor_array array;
    carnet_trust_anchors anchors;
    carnet_attester_trust trust; /**< the authority only */
    uint8_t room[32768];
    carnet_buf certificates;
} test_attesters;

void test_attesters_begin(test_attesters *a);
void test_attesters_end(test_attesters *a);
/** A JWK's text, by the library. */
carnet_str test_jwk(const carnet_public_key *key, carnet_buf *out);
/** Sign claims as they are, with this typ and chain (none: NULL); kept until the program ends. */
carnet_str test_token(test_attesters *a, const char *type, carnet_str claims, carnet_key *key, const carnet_span *x5c,
                      size_t x5c_count, const char *key_id);

#endif
