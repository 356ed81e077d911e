/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Web Tokens (RFC 7519) as protocols use them: a JWS of a certain typ whose
 * payload is an object of claims.  What a protocol refuses it refuses with a
 * code of its own, which is handed in as `as`; what is not the token's fault
 * (no space, a backend that failed) keeps its code.
 */
#ifndef CARNET_JWT_H
#define CARNET_JWT_H
#include "carnet/jws.h"
#include "carnet/time.h"
CARNET_BEGIN_DECLS

#define CARNET_TIME_ABSENT INT64_MIN /**< a claim of time that is not there */

/** Open a JWS of this typ whose payload is a JSON object, as carnet_jws_open() does; nothing is verified. */
CARNET_API carnet_rc carnet_jwt_open(carnet_str text, const char *type, carnet_rc as, carnet_buf *storage,
                                     carnet_jws *jws, carnet_err *err);
/** A claim that is a text; empty if absent.  Refused: another type, or absent or empty though required. */
CARNET_API carnet_rc carnet_jwt_text(const carnet_jws *jws, const char *name, bool required, carnet_rc as,
                                     carnet_str *out, carnet_err *err);
/** A claim that is a NumericDate, fractions cut off; CARNET_TIME_ABSENT if absent. */
CARNET_API carnet_rc carnet_jwt_time(const carnet_jws *jws, const char *name, bool required, carnet_rc as,
                                     carnet_time *out, carnet_err *err);
/** Sign the claims, an object in JSON, that were appended to *out from `start` on, unless making them failed with `rc`; `more`
 *  members (text of JSON, may be empty) are added, and the token is left in their place.  On failure *out ends at `start`. */
CARNET_API carnet_rc carnet_jwt_sign(carnet_rc rc, const carnet_jws_header *header, size_t start, carnet_str more,
                                     carnet_key *key, carnet_crypto *crypto, carnet_buf *out, carnet_err *err);
/** What `rc` of a step further down is called here: `as`, with *err told so, unless it is no fault of what was read. */
CARNET_API carnet_rc carnet_jwt_blame(carnet_rc rc, carnet_rc as, carnet_err *err);

CARNET_END_DECLS
#endif
