/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A JWS whose signer publishes a set of keys (RFC 7517 5), as an OpenID provider
 * does for its ID tokens (OpenID Connect Core 10.1): opened and verified in one.
 *
 * Here, and only here, RS256, RS384, RS512, PS256, PS384 and PS512 (RFC 7518
 * 3.3, 3.5) are taken beside the algorithms of carnet/jws.h.  Proofs, DPoP,
 * attestations and all that goes through carnet_jws_open() know no RSA.
 */
#ifndef CARNET_JWS_SET_H
#define CARNET_JWS_SET_H
#include "carnet/crypto_rsa.h"
#include "carnet/jws.h"
CARNET_BEGIN_DECLS

/** Open a text as carnet_jws_open() does, and verify it by a key of the set.
 *
 *  The key is the only one with the header's `kid` (none: of all) that fits the header's `alg` in its type and its own `alg`,
 *  and whose `use` is "sig" and `key_ops` has "verify", each if it is there.  RSA: see carnet_rsa_key_check().  Keys of kinds
 *  not known are passed over.
 *
 *  Of a token signed by RSA the view's algorithm is CARNET_SIGNATURE_NONE, so that it cannot be taken for another's.  On failure
 *  *view is empty.  CARNET_E_JOSE_ALGORITHM: `alg` is missing, "none", a MAC or unknown.  CARNET_E_JOSE_KEY: the set has no such
 *  key, or several; perhaps it has been changed meanwhile.  CARNET_E_JOSE_SIGNATURE: it is not the key's. */
CARNET_API carnet_rc carnet_jws_open_by_set(carnet_str text, const carnet_json *set, carnet_crypto *crypto,
                                            carnet_buf *storage, carnet_jws *view, carnet_err *err);

CARNET_END_DECLS
#endif
