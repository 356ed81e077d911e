/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_OID4VC_INTERNAL_H
#define CARNET_OID4VC_INTERNAL_H
#include "carnet/token.h"

/* --- OAuth --- */

#define DETAILS_TEXT_MAX 6144 /* octets of authorization_details written */

/** authorization_details as read. */
typedef struct carnet_authorization_details {
    carnet_str configuration_ids[CARNET_AUTHORIZATION_DETAILS_MAX]; /**< each once */
    size_t count;
    carnet_str location;
    carnet_json *document; /**< owned by who asked; NULL: absent */
} carnet_authorization_details;

/** Read the parameter; absent (empty) is no failure. */
carnet_rc carnet_authorization_details_read(carnet_str json, carnet_authorization_details *details, carnet_err *err);
/** Add the parameter, unless there are no configurations. */
carnet_rc carnet_authorization_details_add(const carnet_str *ids, size_t count, carnet_str location,
                                           carnet_form_writer *writer, carnet_err *err);
/** End what was appended to *out from `start` on: with `rc`, or CARNET_E_NO_SPACE if it did not fit; then *out is as before. */
carnet_rc carnet_form_written(carnet_rc rc, size_t start, carnet_buf *out, carnet_err *err);

#endif
