/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_CAPABILITY_INTERNAL_H
#define CARNET_CAPABILITY_INTERNAL_H
#include "carnet/attester.h"

/** Report a failure from further down as `as`, with its reason; what is not the token's fault stays what it is. */
carnet_rc carnet_attestation_blame(carnet_rc rc, carnet_rc as, carnet_err *err);
/** Open a JWT of this typ, whose payload is an object; failures are `as`. */
carnet_rc carnet_attestation_open(carnet_str text, const char *type, carnet_rc as, carnet_buf *storage, carnet_jws *jws,
                                  carnet_err *err);
/** A claim that is a text, empty if absent.  `as`, if it is of another type, or absent or empty though required. */
carnet_rc carnet_attestation_text(const carnet_jws *jws, const char *name, bool required, carnet_rc as, carnet_str *out,
                                  carnet_err *err);
/** A claim that is a NumericDate; CARNET_TIME_ABSENT if absent. */
carnet_rc carnet_attestation_time(const carnet_jws *jws, const char *name, bool required, carnet_rc as,
                                  carnet_time *out, carnet_err *err);
/** Sign the claims that were appended to *out from `start` on (unless that failed with `rc`), `more` added to them, and leave
 *  the token in their place. */
carnet_rc carnet_attestation_sign(carnet_rc rc, const carnet_jws_header *header, size_t start, carnet_str more,
                                  carnet_key *key, carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

#endif
