/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IACA certificates an issuer publishes at the mdoc_iacas_uri of its
 * metadata: {"iacas":[{"certificate":"<base64 of DER>"}]}.
 *
 * A list got from the issuer itself is a help in finding certificates, never a
 * reason to trust them.  What was opened owns its JSON until done.
 */
#ifndef CARNET_MDOC_IACAS_H
#define CARNET_MDOC_IACAS_H
#include "carnet/json.h"
CARNET_BEGIN_DECLS

#define CARNET_MDOC_IACAS_MAX 256 /**< certificates */

typedef struct carnet_mdoc_iacas {
    carnet_json *document; /**< owned */
    size_t count;
} carnet_mdoc_iacas;

CARNET_API carnet_rc carnet_mdoc_iacas_build(const carnet_span *certificates, size_t count, carnet_buf *out,
                                             carnet_err *err);
/** CARNET_E_OID4VCI_METADATA: no such list. */
CARNET_API carnet_rc carnet_mdoc_iacas_open(carnet_str json, carnet_mdoc_iacas *iacas, carnet_err *err);
CARNET_API void carnet_mdoc_iacas_done(carnet_mdoc_iacas *iacas);
/** The i-th certificate's DER, decoded into `storage`; not opened. */
CARNET_API carnet_rc carnet_mdoc_iacas_certificate(const carnet_mdoc_iacas *iacas, size_t i, carnet_buf *storage,
                                                   carnet_span *der, carnet_err *err);

CARNET_END_DECLS
#endif
