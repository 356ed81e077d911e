/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request's target and form say (RFC 3986; the URL Standard's
 * application/x-www-form-urlencoded): parameters of path and query.
 *
 * Text is decoded into the caller's buffer, and views point there: keep it.
 * No heap, no locale.  A parameter that comes twice is refused (RFC 6749, 3.1):
 * two readers that keep different ones would see two requests.
 */
#ifndef CARNET_HTTP_PARAMETERS_H
#define CARNET_HTTP_PARAMETERS_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_SERVICE_PARAMETERS 32 /**< in one query, form or path at most */

typedef struct carnet_service_parameter {
    carnet_str name, value;
} carnet_service_parameter;

typedef struct carnet_service_parameters {
    carnet_service_parameter list[CARNET_SERVICE_PARAMETERS];
    size_t count;
} carnet_service_parameters;

/** Append what percent-encoded text stands for; `form`: `+` is a space.  Refused: a percent sign without two hexadecimal digits,
 *  zeros, and what is not UTF-8. */
carnet_rc carnet_service_percent_decode(carnet_str text, bool form, carnet_buf *out, carnet_err *err);
/** Read a query or a form.  CARNET_E_SERVICE_PARAMETER_TWICE, CARNET_E_SERVICE_PARAMETER (malformed, or without a name),
 *  CARNET_E_LIMIT, CARNET_E_NO_SPACE: `room` needs as many octets as the text. */
carnet_rc carnet_service_parameters_read(carnet_str text, carnet_buf *room, carnet_service_parameters *out,
                                         carnet_err *err);
/** The parameter's value, or NULL when it is absent. */
const carnet_str *carnet_service_parameter_get(const carnet_service_parameters *parameters, const char *name);

/** Part a request's target into path and query (without the `?`); scheme and authority of the absolute form are dropped. */
carnet_rc carnet_service_target_split(carnet_str target, carnet_str *path, carnet_str *query, carnet_err *err);
/** Whether the path is of the pattern.  A `{name}` stands for one segment that is not empty. */
bool carnet_service_path_matches(const char *pattern, carnet_str path);
/** The decoded parameters of a path that matches.  `.`, `..` and slashes that hide in percent signs are refused. */
carnet_rc carnet_service_path_read(const char *pattern, carnet_str path, carnet_buf *room,
                                   carnet_service_parameters *out, carnet_err *err);

CARNET_END_DECLS
#endif
