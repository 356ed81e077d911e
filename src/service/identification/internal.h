/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_IDENTIFICATION_INTERNAL_H
#define CARNET_SERVICE_IDENTIFICATION_INTERNAL_H
#include "carnet/fetch_request.h"
#include "carnet/json.h"
#include "carnet/oidc_identification.h"

#include <pthread.h>

#define OIDC_SECRET_MAX   512
#define OIDC_DOCUMENT_MAX 262144 /* octets of the provider's documents */
#define OIDC_NONCE        43     /* characters */
#define OIDC_LEEWAY       60     /* seconds between its clock and ours */

/* What the provider says of itself. */
typedef struct oidc_provider {
    carnet_str authorization_endpoint, token_endpoint, jwks; /* jwks: JSON */
    bool names_issuer;                                       /* it gives iss in its answers (RFC 9207) */
    bool secret_in_body; /* it takes the client's secret as a parameter only (Core 9, client_secret_post) */
} oidc_provider;

typedef struct oidc {
    carnet_identification plug; /* comes first: see carnet/identification.h */
    const carnet_config_oidc *config;
    char secret[OIDC_SECRET_MAX];
    bool loopback;
    pthread_mutex_t lock; /* of what follows */
    char *discovery, *jwks;
    carnet_time fetched, failed; /* when, by the clock of whoever asked; 0: never */
    carnet_time renewed;         /* when new keys were last asked for ahead of time */
} oidc;

/* What the provider says, fetched if that is longer ago than an hour.  Texts in the worker's scratch.  `stale` (or NULL): what
 * was told before and turned out not to do: then it is fetched ahead of time, but that once a minute only, whatever tokens
 * claim; CARNET_E_OIDC_PROVIDER else. */
carnet_rc carnet_oidc_provider(oidc *o, carnet_service_worker *worker, carnet_time now, const oidc_provider *stale,
                               oidc_provider *provider, carnet_err *err);
/* Ask; the answer's body is in the scratch. */
carnet_rc carnet_oidc_ask(const oidc *o, carnet_service_worker *worker, const carnet_fetch_request *request,
                          carnet_fetch_answer *answer, carnet_err *err);
/* Hold an ID token against all of Core 3.1.3.7; *subject in the scratch.  CARNET_E_OIDC_TOKEN, with the reason. */
carnet_rc carnet_oidc_token(oidc *o, carnet_service_worker *worker, const oidc_provider *provider, carnet_str token,
                            carnet_str nonce, carnet_time now, carnet_str *subject, carnet_err *err);

carnet_rc carnet_oidc_begin(void *self, const carnet_identification_request *request, carnet_buf *room,
                            carnet_identification_step *step, carnet_err *err);
carnet_rc carnet_oidc_resume(void *self, const carnet_identification_request *request, carnet_buf *room,
                             carnet_identification_step *step, carnet_err *err);

#endif
