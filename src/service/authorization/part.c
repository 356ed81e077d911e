/* SPDX-License-Identifier: Apache-2.0 */
/* The authorization server as a part of carnetd: the configuration becomes a policy. */
#include "carnet/service_trust.h"
#include "internal.h"

#include <stdlib.h>

struct carnet_authorization_owned {
    carnet_authorization_document documents[CARNET_AUTHORIZATION_DOCUMENTS];
    carnet_authorization_client *clients;
    carnet_service_trust *trust;
};

void
carnet_authorization_owned_free(carnet_authorization_owned **owned)
{
    if (*owned != NULL) {
        free((*owned)->clients);
        carnet_service_trust_free(&(*owned)->trust);
    }
    free(*owned);
    *owned = NULL;
}

static bool
wanted(const carnet_config *config)
{
    return config->services->authorization != NULL;
}

static carnet_rc
set_document(const carnet_config_credential *from, const carnet_service_parts *parts, carnet_authorization_document *to,
             carnet_err *err)
{
    *to = (carnet_authorization_document){ .configuration = carnet_str_of(from->id),
                                           .scope = carnet_str_of(from->scope),
                                           .doctype = carnet_str_of(from->doctype),
                                           .name = carnet_str_of(from->name),
                                           .attestation_required = from->wallet_attestation_required,
                                           .bearer_allowed = from->bearer_allowed,
                                           .refresh_s = (int64_t)from->refresh_days * 86400 };
    if (from->identification == NULL)
        return CARNET_OK;
    to->identification = carnet_service_part_find(parts, from->identification);
    return to->identification != NULL
               ? CARNET_OK
               : carnet_fail(err, CARNET_E_CONFIG_VALUE, NULL, "the identification of a document does not run here");
}

static carnet_rc
set_documents(const carnet_config_issuing *issuing, const carnet_service_parts *parts,
              carnet_authorization_owned *owned, carnet_authorization_policy *policy, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (issuing == NULL || issuing->configuration_count > CARNET_AUTHORIZATION_DOCUMENTS)
        return carnet_fail(err, CARNET_E_CONFIG_VALUE, NULL, "there are no documents to grant, or too many");
    for (size_t i = 0; i < issuing->configuration_count && rc == CARNET_OK; i++)
        rc = set_document(&issuing->configurations[i], parts, &owned->documents[i], err);
    policy->documents = owned->documents;
    policy->document_count = issuing->configuration_count;
    return rc;
}

static carnet_rc
set_clients(const carnet_config_authorization *from, carnet_authorization_owned *owned,
            carnet_authorization_policy *policy, carnet_err *err)
{
    if (from->client_count == 0)
        return CARNET_OK;
    owned->clients = calloc(from->client_count, sizeof(*owned->clients));
    if (owned->clients == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; i < from->client_count; i++) {
        const carnet_config_client *client = &from->clients[i];

        owned->clients[i] = (carnet_authorization_client){
            .client_id = carnet_str_of(client->client_id),
            .name = carnet_str_of(client->name),
            .redirect_uris = (const char *const *)client->redirect_uris.list,
            .redirect_uri_count = client->redirect_uris.count,
            .attestation_required = client->attestation_required,
        };
    }
    policy->clients = owned->clients;
    policy->client_count = from->client_count;
    return CARNET_OK;
}

static carnet_rc
set_trust(const carnet_config_authorization *from, carnet_authorization_owned *owned,
          carnet_authorization_policy *policy, carnet_err *err)
{
    carnet_rc rc = carnet_service_trust_new(&from->wallet_attesters, &owned->trust, err);

    policy->attesters = carnet_service_trust_get(owned->trust);
    return rc;
}

static carnet_authorization_policy
policy_of(const carnet_config_authorization *c)
{
    return (carnet_authorization_policy){ .struct_size = sizeof(carnet_authorization_policy),
                                          .open_clients = c->open_clients,
                                          .attestation_required = c->attestation_required,
                                          .challenge_required = c->challenge_required,
                                          .anonymous_pre_authorised = c->anonymous_pre_authorised,
                                          .pushed_required = c->pushed_required,
                                          .dpop_nonce_required = c->dpop_nonce_required,
                                          .consent = c->consent,
                                          .request_s = c->request_seconds,
                                          .identification_s = c->identification_seconds,
                                          .code_s = c->code_seconds,
                                          .access_s = c->access_seconds,
                                          .nonce_s = c->nonce_seconds,
                                          .proof_s = c->proof_seconds,
                                          .skew_s = c->skew_seconds };
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    const carnet_config *config = carnet_service_configuration(context);
    const carnet_config_authorization *from = config->services->authorization;
    carnet_authorization_owned *owned = calloc(1, sizeof(*owned));
    carnet_authorization_policy policy = policy_of(from);
    carnet_authorization *as = NULL;
    carnet_rc rc;

    *self = NULL;
    if (owned == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = set_documents(config->services->issuing, parts, owned, &policy, err);
    if (rc == CARNET_OK)
        rc = set_clients(from, owned, &policy, err);
    if (rc == CARNET_OK)
        rc = set_trust(from, owned, &policy, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_new(context, &policy, &as, err);
    if (rc != CARNET_OK) {
        carnet_authorization_owned_free(&owned);
        return rc;
    }
    as->owned = owned;
    *self = as;
    return CARNET_OK;
}

static void
done(void *self)
{
    carnet_authorization *as = self;

    carnet_authorization_free(&as);
}

const carnet_service_part_route carnet_authorization_routes[] = {
    { &carnet_authorization_metadata_route, CARNET_SERVES_PUBLIC },
    { &carnet_authorization_openid_route, CARNET_SERVES_PUBLIC },
    { &carnet_authorization_par_route, CARNET_SERVES_PUBLIC },
    { &carnet_authorization_authorize_route, CARNET_SERVES_PUBLIC },
    { &carnet_authorization_decide_route, CARNET_SERVES_PUBLIC },
    { &carnet_authorization_return_route, CARNET_SERVES_PUBLIC },
    { &carnet_authorization_token_route, CARNET_SERVES_PUBLIC },
    { &carnet_authorization_challenge_route, CARNET_SERVES_PUBLIC },
};
const size_t carnet_authorization_route_count =
    sizeof(carnet_authorization_routes) / sizeof(carnet_authorization_routes[0]);

const carnet_service_part carnet_authorization_part = {
    .name = "authorization",
    .wanted = wanted,
    .init = init,
    .done = done,
    .routes = carnet_authorization_routes,
    .route_count = sizeof(carnet_authorization_routes) / sizeof(carnet_authorization_routes[0]),
};
