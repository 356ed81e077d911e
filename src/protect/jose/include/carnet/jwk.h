/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Web Keys (RFC 7517, RFC 7518 6.2, RFC 8037): public keys of the curves in
 * carnet/crypto.h, and their thumbprints (RFC 7638).
 *
 * What is read borrows from the JSON document it was read of.
 */
#ifndef CARNET_JWK_H
#define CARNET_JWK_H
#include "carnet/crypto.h"
#include "carnet/json_build.h"
CARNET_BEGIN_DECLS

typedef struct carnet_jwk {
    carnet_public_key key;             /**< checked: a point of its curve */
    carnet_str key_id, algorithm, use; /**< kid, alg, use; empty if absent */
    const carnet_json *x5c;            /**< array of base64 DER, or NULL */
} carnet_jwk;

/** Read a public key.  CARNET_E_JOSE_KEY: it is none, its curve is unknown, a coordinate is not at full width, or it has a
 *  private member (`d`, `k`): a private key sent where a public one belongs is refused (RFC 7800 3.2). */
CARNET_API carnet_rc carnet_jwk_read(const carnet_json *json, carnet_crypto *crypto, carnet_jwk *jwk, carnet_err *err);
/** Find in a JWK set ({"keys":[...]}) the only key with this kid (empty: any) whose `use` is `use` or absent (NULL: any); for
 *  "sig", `key_ops` must say "verify" if it is there.  Keys of kinds not known are passed over.  CARNET_E_JOSE_KEY: there is
 *  none, or more than one would do. */
CARNET_API carnet_rc carnet_jwk_set_find(const carnet_json *set, carnet_str key_id, const char *use,
                                         carnet_crypto *crypto, carnet_jwk *jwk, carnet_err *err);
/** "P-256", "BP-256", "Ed25519": the name a JWK has for the curve; NULL if it has none. */
CARNET_API const char *carnet_jwk_curve_name(carnet_curve curve);
/** Add a public key as an object; kid, alg and use as far as they are not empty. */
CARNET_API void carnet_jwk_add(carnet_json_builder *b, const char *name, const carnet_jwk *jwk);
/** SHA-256 thumbprint (RFC 7638). */
CARNET_API carnet_rc carnet_jwk_thumbprint(carnet_crypto *crypto, const carnet_public_key *key, uint8_t out[32],
                                           carnet_err *err);

CARNET_END_DECLS
#endif
