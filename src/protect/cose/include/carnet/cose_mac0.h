/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COSE_Mac0 (RFC 9052, 6.2) with HMAC (RFC 9053, 3.1): DeviceMac.
 *
 * Views point into the bytes received and live as long as those.  What is
 * authenticated is hashed in parts, as received; the payload is never copied.
 */
#ifndef CARNET_COSE_MAC0_H
#define CARNET_COSE_MAC0_H
#include "carnet/cose_headers.h"
CARNET_BEGIN_DECLS

/** An opened COSE_Mac0: read the members, do not write them. */
typedef struct carnet_cose_mac0 {
    carnet_cose_headers headers;
    carnet_span encoded; /**< all of it as received, with its tag if it had one */
    carnet_span payload; /**< content of the payload's byte string */
    bool detached;       /**< nil stands in the payload's place */
    carnet_span tag;     /**< the authentication tag */
} carnet_cose_mac0;

/** Read a COSE_Mac0, untagged or with tag 17. */
CARNET_API void carnet_cose_mac0_read(carnet_cbor_reader *r, carnet_cose_mac0 *view);
/** Open an encoded one, allowing `allow` (CARNET_CBOR_ bits).  On failure *view is empty. */
CARNET_API carnet_rc carnet_cose_mac0_open(carnet_span cbor, unsigned allow, carnet_cose_mac0 *view, carnet_err *err);

/** Verify, in constant time.  `plain` false: HMAC 256/256 only, alg protected (18013-5 12.4); true: HMAC 256/64, 384 and
 *  512 too, alg in either bucket.  CARNET_E_COSE_MAC: the tag is wrong; CARNET_E_COSE_ALGORITHM; CARNET_E_COSE_PAYLOAD as
 *  for COSE_Sign1.  `content` may be NULL. */
CARNET_API carnet_rc carnet_cose_mac0_verify(const carnet_cose_mac0 *view, carnet_crypto *crypto,
                                             const carnet_secret *key, const carnet_cose_content *content, bool plain,
                                             carnet_err *err);

/** What to authenticate.  Zeroed: HMAC 256/256, an attached empty payload. */
typedef struct carnet_cose_mac0_params {
    carnet_cose_content content; /**< payload: attached too; NULL with count 0 is an empty one */
    bool detached;               /**< nil in the payload's place */
    bool tagged;                 /**< tag 17 before it */
    int algorithm;               /**< CARNET_HMAC_...; 0: CARNET_HMAC_256 */
} carnet_cose_mac0_params;

/** Authenticate and append a COSE_Mac0.  A failure sticks to the builder too. */
CARNET_API carnet_rc carnet_cose_mac0_build(carnet_cbor_builder *b, carnet_crypto *crypto, const carnet_secret *key,
                                            const carnet_cose_mac0_params *params, carnet_err *err);

CARNET_END_DECLS
#endif
