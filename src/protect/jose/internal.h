/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_JOSE_INTERNAL_H
#define CARNET_JOSE_INTERNAL_H
#include "carnet/jwk.h"

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

#endif
