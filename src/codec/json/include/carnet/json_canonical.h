/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON in its canonical form (RFC 8785, JCS): what is signed when JSON is, so
 * that white space and the order of members do not matter.
 *
 * Names of members are ASCII here and numbers are integers of at most 2^53: what
 * else there could be is refused, not approximated.
 */
#ifndef CARNET_JSON_CANONICAL_H
#define CARNET_JSON_CANONICAL_H
#include "carnet/json.h"
CARNET_BEGIN_DECLS

#define CARNET_JSON_CANONICAL_MEMBERS 256 /**< of one object at most */

/** Append the value's canonical form.  CARNET_E_JSON_TYPE: it has none here; CARNET_E_JSON_LIMIT; CARNET_E_NO_SPACE. */
CARNET_API carnet_rc carnet_json_canonical(const carnet_json *value, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
