/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certification requests (PKCS #10, RFC 2986): a key asks to be certified, and
 * shows by its signature that whoever asks has it.  What else a request says
 * (its subject, its attributes) is a wish that an authority need not heed.
 *
 * Opening copies nothing but the public key's coordinates: keep the bytes for
 * as long as the view.
 */
#ifndef CARNET_CERTIFICATION_REQUEST_H
#define CARNET_CERTIFICATION_REQUEST_H
#include "carnet/certificate_builder.h"
CARNET_BEGIN_DECLS

/** An opened request: read the members, do not write them. */
typedef struct carnet_certification_request {
    carnet_span der;                                /**< all of it */
    carnet_span info;                               /**< what was signed */
    carnet_span subject;                            /**< Name as encoded; may be without attributes */
    carnet_span spki;                               /**< SubjectPublicKeyInfo as encoded */
    carnet_span attributes;                         /**< content, not looked into */
    carnet_span signature_oid;                      /**< algorithm's identifier */
    carnet_span signature;                          /**< as encoded */
    carnet_public_key public_key;                   /**< curve CARNET_CURVE_NONE if none of ours */
    carnet_signature_algorithm signature_algorithm; /**< CARNET_SIGNATURE_NONE if none of ours */
} carnet_certification_request;

/** Make one for a key, with a subject that may be empty, and append it. */
CARNET_API carnet_rc carnet_certification_request_build(const carnet_name_parts *subject, carnet_key *key,
                                                        carnet_crypto *crypto, carnet_buf *out, carnet_err *err);
/** Open.  On failure *request is empty and *err, if given, has the byte offset. */
CARNET_API carnet_rc carnet_certification_request_open(carnet_span der, carnet_certification_request *request,
                                                       carnet_err *err);
/** Verify that the key signed it.  CARNET_E_CRYPTO_SIGNATURE; CARNET_E_X509_ALGORITHM: algorithm or key are none of ours;
 *  CARNET_E_CRYPTO_KEY: the key is no point of its curve. */
CARNET_API carnet_rc carnet_certification_request_verify(const carnet_certification_request *request,
                                                         carnet_crypto *crypto, carnet_err *err);

CARNET_END_DECLS
#endif
