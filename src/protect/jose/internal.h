/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_JOSE_INTERNAL_H
#define CARNET_JOSE_INTERNAL_H
#include "carnet/crypto_rsa.h"
#include "carnet/jws.h"

/** Octets of the longest modulus and exponent. */
#define CARNET_JWK_RSA_ROOM (CARNET_RSA_BITS_MAX / 8 + CARNET_RSA_EXPONENT_MAX)

/** Cut compact text at its dots into exactly `count` parts of base64url characters. */
carnet_rc carnet_jose_split(carnet_str text, size_t max, carnet_str *parts, size_t count, carnet_err *err);
/** Decode base64url into the storage. */
carnet_rc carnet_jose_decode(carnet_str text, carnet_buf *storage, carnet_span *bytes, carnet_err *err);
/** Decode and parse a protected header: an object, without `crit`, `b64` or `zip`. */
carnet_rc carnet_jose_header(carnet_str encoded, carnet_buf *storage, carnet_json **header, carnet_err *err);
/** A member that is a string; CARNET_E_JOSE_STRUCTURE if it is there and is none. */
carnet_rc carnet_jose_string(const carnet_json *object, const char *name, carnet_str *text, carnet_err *err);
/** Decode the base64url text of a member, empty if absent. */
carnet_rc carnet_jose_octets(const carnet_json *object, const char *name, carnet_buf *storage, carnet_span *bytes,
                             carnet_err *err);

/** carnet_jws_open_long(); `others`: an algorithm that is none of ours is left for the caller to judge, the view's is
 *  CARNET_SIGNATURE_NONE then. */
carnet_rc carnet_jws_open_as(carnet_str text, size_t max, bool others, carnet_buf *storage, carnet_jws *view,
                             carnet_err *err);
/** Whether `use` and `key_ops` let a key be used so (RFC 7517 4.2, 4.3): "sig" is to verify.  NULL: whatever they say. */
bool carnet_jwk_serves(const carnet_json *json, const char *use);
/** Read a public key of RSA (RFC 7518 6.3.1) into the room, and check it: CARNET_E_JOSE_KEY. */
carnet_rc carnet_jwk_read_rsa(const carnet_json *json, uint8_t room[CARNET_JWK_RSA_ROOM], carnet_rsa_key *key,
                              carnet_err *err);

#endif
