/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and revocation lists of any form, good and bad, for tests: what
 * carnet_certificate_build() refuses to make.  Keys are fixed, P-256, numbered.
 */
#ifndef CARNET_TEST_FORGE_H
#define CARNET_TEST_FORGE_H
#include "carnet/certificate.h"
#include "support/support.h"

#define FORGE_KEYS 6
#define FORGE_NOW  INT64_C(1700000000) /* 2023-11-14T22:13:20Z, within what forge_*() make */

/** What an identifier extension holds. */
typedef enum forge_id { FORGE_RIGHT, FORGE_NONE, FORGE_WRONG } forge_id;

/** A certificate.  NULL texts are left out. */
typedef struct forge {
    const char *issuer, *issuer_country, *issuer_state;
    const char *subject, *country, *state;
    int issuer_key, key;
    carnet_time not_before, not_after;
    int version; /**< as encoded: 2 */
    size_t serial_len;
    int ca;          /**< -1: no basic constraints */
    int path_length; /**< -1: none */
    int key_usage;   /**< -1: none; otherwise bits */
    const char *purposes[2];
    forge_id authority, own;
    uint32_t critical; /**< extensions by bit */
    bool issuer_names, crl_points;
    const char *extra, *extra_value; /**< another extension: identifier and value in hexadecimal */
    bool extra_critical, usage_twice, other_algorithm_outside;
    carnet_span alternative; /**< a directory name among the subject's alternative names; empty: none */
    /** Changes the encoded TBSCertificate before it is signed; NULL: nothing. */
    void (*spoil)(uint8_t *tbs, size_t len, void *context);
    void *context;
} forge;

/** Make the keys; and release them. */
void forge_setup(carnet_crypto *crypto);
void forge_teardown(void);
carnet_key *forge_key(int number);

/** A root, an authority below it, and a document signer, each as its profile wants it. */
forge forge_root(void);
forge forge_authority(const char *subject, int key);
forge forge_signer(const char *issuer, int issuer_key);

/** Encode and sign; append to *out.  The view is into *out's storage. */
carnet_span forge_make(const forge *f, carnet_crypto *crypto, carnet_buf *out);
/** Sign what stands in `tbs` anew, as the issuer of `f` would. */
carnet_span forge_sign(const forge *f, carnet_span tbs, carnet_crypto *crypto, carnet_buf *out);
/** An encoded Name. */
carnet_span forge_name(const char *country, const char *state, const char *common_name, carnet_buf *out);

#endif
