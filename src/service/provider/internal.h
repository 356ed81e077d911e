/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_PROVIDER_INTERNAL_H
#define CARNET_SERVICE_PROVIDER_INTERNAL_H
#include "carnet/app_request.h"
#include "carnet/provider.h"
#include "carnet/service_config_services.h"

enum {
    PROVIDER_CHALLENGE_S = 300, /* of a challenge, and how old a request may be */
    PROVIDER_SKEW_S = 60,
    PROVIDER_HOURS = 12, /* of an attestation, unless configured */
    PROVIDER_KEYS = 16   /* attestation keys of TPMs at most */
};

typedef struct provider {
    const carnet_service_context *context;
    const carnet_config_provider *config;
    int64_t lifetime;                      /* of attestations, in seconds */
    carnet_public_key tpms[PROVIDER_KEYS]; /* attestation keys of TPMs that are trusted */
    size_t tpm_count;
} provider;

extern const carnet_service_route carnet_provider_challenge_route, carnet_provider_wallet_attestation_route,
    carnet_provider_key_attestation_route, carnet_provider_relay_route;

/** Open an app's request, check that its challenge is ours, and use it up. */
carnet_rc carnet_provider_request(const provider *p, carnet_service_worker *worker, carnet_str text,
                                  carnet_app_purpose purpose, carnet_span body, carnet_app_request *view,
                                  carnet_err *err);
/** The key that attests, open for this thread; *key_id is its thumbprint (in the scratch) if it has no certificate. */
carnet_rc carnet_provider_key(const provider *p, carnet_service_worker *worker, const carnet_service_key **key,
                              carnet_str *key_id, carnet_err *err);
/** Answer with an attestation, as the member `name`. */
carnet_rc carnet_provider_answer(const provider *p, const char *name, carnet_str attestation,
                                 carnet_service_response *response, carnet_err *err);
/** Log and count what came of a request. */
void carnet_provider_event(carnet_service_worker *worker, const char *interface, const char *kind, carnet_rc rc,
                           uint64_t count);
/** Read attestation keys of TPMs from a file of PEM ("PUBLIC KEY"). */
carnet_rc carnet_provider_tpms(const char *file, carnet_crypto *crypto, provider *p, carnet_err *err);
/** Whether an issuing service at this URI is configured. */
bool carnet_provider_reaches(const provider *p, carnet_str uri);

#endif
