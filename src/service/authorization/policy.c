/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/oauth_url.h"
#include "internal.h"

#include <stdlib.h>

static int64_t
or_else(int64_t value, int64_t other)
{
    return value != 0 ? value : other;
}

static bool
is_word(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] == '"' || text.ptr[i] == '\\' || text.ptr[i] == 0x7f)
            return false;
    return text.len > 0 && text.len <= 128;
}

static carnet_rc
check(const carnet_authorization_policy *p, carnet_err *err)
{
    if (p->struct_size != sizeof(*p) || p->document_count > CARNET_AUTHORIZATION_DOCUMENTS)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the policy is of another size, or has too many documents");
    for (size_t i = 0; i < p->document_count; i++) {
        const carnet_authorization_document *d = &p->documents[i];

        if (!is_word(d->configuration) || (d->scope.len > 0 && !is_word(d->scope)))
            return carnet_fail(err, CARNET_E_USAGE, "RFC 6749 3.3", "a configuration or scope is no word");
        if (d->identification != NULL && d->identification->size < sizeof(*d->identification))
            return carnet_fail(err, CARNET_E_USAGE, NULL, "an identification is of another size");
        if (p->attesters == NULL && (d->attestation_required || p->attestation_required))
            return carnet_fail(err, CARNET_E_USAGE, NULL, "attestations are required and nobody is trusted to attest");
    }
    for (size_t i = 0; i < p->client_count; i++)
        for (size_t j = 0; j < p->clients[i].redirect_uri_count; j++)
            if (carnet_authorization_redirect_check(carnet_str_of(p->clients[i].redirect_uris[j]), err) != CARNET_OK)
                return carnet_fail(err, CARNET_E_USAGE, "RFC 8252 7", "a client's redirect_uri cannot be one");
    return CARNET_OK;
}

static void
set_defaults(carnet_authorization *as)
{
    carnet_authorization_policy *p = &as->policy;

    p->request_s = or_else(p->request_s, 90);
    p->identification_s = or_else(p->identification_s, 3600);
    p->code_s = or_else(p->code_s, 60);
    p->access_s = or_else(p->access_s, 300);
    p->nonce_s = or_else(p->nonce_s, 300);
    p->proof_s = or_else(p->proof_s, 300);
    p->skew_s = or_else(p->skew_s, 60);
    for (size_t i = 0; i < p->document_count; i++)
        as->any_bearer = as->any_bearer || p->documents[i].bearer_allowed;
}

carnet_rc
carnet_authorization_new(const carnet_service_context *context, const carnet_authorization_policy *policy,
                         carnet_authorization **authorization, carnet_err *err)
{
    carnet_rc rc = check(policy, err);
    carnet_authorization *as;

    *authorization = NULL;
    if (rc != CARNET_OK)
        return rc;
    as = calloc(1, sizeof(*as));
    if (as == NULL || (as->knowledge = carnet_authorization_knowledge_new()) == NULL) {
        free(as);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "there is no memory");
    }
    as->context = context;
    as->policy = *policy;
    as->issuer = carnet_service_base_url(context);
    as->loopback = carnet_service_configuration(context)->allow_insecure_loopback;
    set_defaults(as);
    as->web = carnet_web_of(context);
    rc = carnet_oauth_issuer_check(as->issuer, as->loopback, err);
    if (rc != CARNET_OK) {
        carnet_authorization_knowledge_free(&as->knowledge);
        free(as);
        return rc;
    }
    *authorization = as;
    return CARNET_OK;
}

void
carnet_authorization_free(carnet_authorization **authorization)
{
    if (*authorization != NULL) {
        carnet_authorization_knowledge_free(&(*authorization)->knowledge);
        carnet_authorization_owned_free(&(*authorization)->owned);
    }
    free(*authorization);
    *authorization = NULL;
}

const carnet_authorization_document *
carnet_authorization_document_named(const carnet_authorization *as, carnet_str configuration)
{
    for (size_t i = 0; i < as->policy.document_count; i++)
        if (carnet_str_equal(as->policy.documents[i].configuration, configuration))
            return &as->policy.documents[i];
    return NULL;
}

const carnet_authorization_client *
carnet_authorization_client_named(const carnet_authorization *as, carnet_str client_id)
{
    for (size_t i = 0; i < as->policy.client_count; i++)
        if (carnet_str_equal(as->policy.clients[i].client_id, client_id))
            return &as->policy.clients[i];
    return NULL;
}

const carnet_authorization_document *
carnet_authorization_document_next(const carnet_authorization *as, carnet_str list, size_t *at)
{
    carnet_str word;

    return carnet_scope_next(list, at, &word) ? carnet_authorization_document_named(as, word) : NULL;
}

carnet_str
carnet_authorization_wallet_name(const carnet_authorization *as, carnet_str client_id)
{
    const carnet_authorization_client *client = carnet_authorization_client_named(as, client_id);

    return client != NULL && client->name.len > 0 ? client->name : client_id;
}
