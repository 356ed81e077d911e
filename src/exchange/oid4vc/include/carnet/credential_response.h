/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential responses, immediate and deferred (OpenID4VCI 8.3, 9.2), of format
 * mso_mdoc (A.2.4).  Errors are those of carnet/oauth_error.h.
 *
 * What was opened owns its JSON until done, and its texts are views into that.
 * The order of credentials says nothing: each is matched by its device key.
 */
#ifndef CARNET_CREDENTIAL_RESPONSE_H
#define CARNET_CREDENTIAL_RESPONSE_H
#include "carnet/json.h"
CARNET_BEGIN_DECLS

#define CARNET_CREDENTIAL_RESPONSE_MAX CARNET_JSON_MAX

/* --- made --- */

/** Credentials to be sent. */
typedef struct carnet_credential_response_spec {
    const carnet_span *credentials; /**< encoded IssuerSigned each; IssuerSignedDehydrated if `dehydrated` */
    size_t credential_count;
    carnet_str notification_id;          /**< empty: none */
    bool single;                         /**< one credential by itself, as drafts before 15 have it */
    bool dehydrated;                     /**< only to a wallet that said it understands (iso_23220_3.dehydrated) */
    const carnet_span *name_spaced_data; /**< encoded NameSpacedData each, with `dehydrated` */
    size_t name_spaced_data_count;
} carnet_credential_response_spec;

/** Append the JSON of a response with status 200. */
CARNET_API carnet_rc carnet_credential_response_build(const carnet_credential_response_spec *spec, carnet_buf *out,
                                                      carnet_err *err);
/** Octets a response of `spec` takes at most. */
CARNET_API size_t carnet_credential_response_size(const carnet_credential_response_spec *spec);
/** Append the JSON of a response with status 202: to be asked for again after `interval` seconds. */
CARNET_API carnet_rc carnet_credential_response_build_deferred(carnet_str transaction_id, uint32_t interval,
                                                               carnet_buf *out, carnet_err *err);

/* --- opened --- */

typedef struct carnet_credential_response {
    carnet_json *document;      /**< owned */
    bool deferred;              /**< transaction_id and interval instead of credentials */
    carnet_str transaction_id;  /**< empty: none */
    uint32_t interval;          /**< seconds; 5 if the issuer does not say */
    carnet_str notification_id; /**< empty: none */
    size_t credential_count, name_spaced_data_count;
} carnet_credential_response;

/** Open a response's JSON (decrypted, if it came as JWE).  CARNET_E_OID4VCI_RESPONSE: neither credentials nor a transaction,
 *  or malformed ones. */
CARNET_API carnet_rc carnet_credential_response_open(carnet_str json, carnet_credential_response *response,
                                                     carnet_err *err);
CARNET_API void carnet_credential_response_done(carnet_credential_response *response);
/** The i-th credential: decoded into `storage` (base64url; base64 is understood).  *dehydrated: it is an
 *  IssuerSignedDehydrated.  Nothing is known of it yet but its bytes. */
CARNET_API carnet_rc carnet_credential_response_credential(const carnet_credential_response *response, size_t i,
                                                           carnet_buf *storage, carnet_span *cbor, bool *dehydrated,
                                                           carnet_err *err);
/** The i-th NameSpacedData, the same way. */
CARNET_API carnet_rc carnet_credential_response_name_spaced_data(const carnet_credential_response *response, size_t i,
                                                                 carnet_buf *storage, carnet_span *cbor,
                                                                 carnet_err *err);

CARNET_END_DECLS
#endif
