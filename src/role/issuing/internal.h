/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_ISSUING_INTERNAL_H
#define CARNET_ISSUING_INTERNAL_H
#include "carnet/claims.h"

/** One value being turned into CBOR. */
typedef struct carnet_claim_writer {
    const carnet_claims_options *options;
    carnet_buf *storage;
    carnet_element_name name;
    carnet_err *err;
} carnet_claim_writer;

/** Append the value as its definition (NULL: none) demands. */
carnet_rc carnet_claim_write(carnet_claim_writer *w, const carnet_element_definition *definition,
                             const carnet_json *value, carnet_cbor_builder *b);
/** Refuse with the element's name as path. */
carnet_rc carnet_claim_refuse(const carnet_claim_writer *w, carnet_rc rc, const char *reason);

#endif
