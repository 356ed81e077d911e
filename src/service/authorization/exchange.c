/* SPDX-License-Identifier: Apache-2.0 */
/* What the three grants of the token endpoint have in common, within their transaction. */
#include "internal.h"

#include <string.h>

carnet_rc
carnet_authorization_exchange_refuse(authorization_exchange *x, carnet_rc refusal, const char *reason,
                                     const char *sentence)
{
    x->refusal = carnet_fail(&x->why, refusal, "RFC 6749 5.2", sentence);
    x->reason = reason;
    return CARNET_OK;
}

carnet_rc
carnet_authorization_exchange_begin(authorization_exchange *x, carnet_store_session *session, carnet_err *err)
{
    carnet_rc refusal, rc;
    const char *reason = NULL;

    x->refusal = CARNET_OK;
    x->reason = NULL;
    x->grant = (carnet_store_grant){ 0 };
    carnet_authorization_room_empty(x->call);
    rc = carnet_authorization_prove_once(&x->proofs, session, &refusal, &reason, err);
    if (rc == CARNET_OK && refusal != CARNET_OK)
        return carnet_authorization_exchange_refuse(x, refusal, reason, "the proof or its challenge was used before");
    return rc;
}

/* Bearer tokens only where each document allows them. */
carnet_rc
carnet_authorization_exchange_check_client(authorization_exchange *x, carnet_str configurations)
{
    const carnet_authorization_document *document;
    size_t at = 0, n = 0;

    for (; (document = carnet_authorization_document_next(x->call->as, configurations, &at)) != NULL; n++) {
        if (document->attestation_required && !x->proofs.attested)
            return carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_CLIENT, "attestation_missing",
                                                        "a client attestation is required");
        if (!document->bearer_allowed && !x->proofs.dpop)
            return carnet_authorization_exchange_refuse(x, CARNET_E_DPOP_PROOF, "dpop_missing",
                                                        "a DPoP proof is required");
    }
    if (n == 0)
        return carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_GRANT, "document_gone",
                                                    "the document is no longer issued");
    return CARNET_OK;
}

carnet_rc
carnet_authorization_exchange_choose(authorization_exchange *x, carnet_str granted)
{
    const carnet_token_request *q = &x->request;
    carnet_buf *list = &x->words;

    x->grant.configurations = granted;
    if (q->configuration_id_count == 0)
        return CARNET_OK;
    list->len = 0;
    for (size_t i = 0; i < q->configuration_id_count; i++) {
        if (!carnet_scope_has(granted, q->configuration_ids[i]))
            return carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_DETAILS, "not_granted",
                                                        "this credential configuration was not offered or granted");
        if (carnet_scope_has(carnet_buf_str(list), q->configuration_ids[i]))
            continue;
        if (list->len > 0)
            carnet_buf_add_byte(list, ' ');
        carnet_buf_add_str(list, q->configuration_ids[i]);
    }
    x->grant.configurations = carnet_buf_str(list);
    x->grant.details = true;
    return CARNET_OK;
}

/* The narrowest of the documents' times; 0: no refresh token. */
static int64_t
refresh_time(const authorization_exchange *x)
{
    const carnet_authorization_document *document;
    int64_t least = 0;

    for (size_t at = 0;
         (document = carnet_authorization_document_next(x->call->as, x->grant.configurations, &at)) != NULL;)
        if (document->refresh_s > 0 && (least == 0 || document->refresh_s < least))
            least = document->refresh_s;
    return least;
}

carnet_rc
carnet_authorization_exchange_grant(authorization_exchange *x, carnet_store_session *session, carnet_err *err)
{
    authorization_call *call = x->call;
    carnet_store_grant *grant = &x->grant;
    int64_t refresh_s = refresh_time(x);
    carnet_rc rc;

    grant->access_hash = carnet_span_of(x->access_hash, CARNET_STORE_HASH);
    grant->access_expires = call->now + call->as->policy.access_s;
    if (refresh_s > 0) {
        grant->refresh_hash = carnet_span_of(x->refresh_hash, CARNET_STORE_HASH);
        grant->refresh_expires = call->now + refresh_s;
    }
    grant->rotated = grant->created = call->now;
    if (x->proofs.dpop)
        grant->jkt = carnet_span_of(x->proofs.jkt, 32);
    if (x->proofs.attested)
        grant->client_key = carnet_span_of(x->proofs.client_key, 32);
    grant->client_id = x->proofs.client_id;
    rc = carnet_store_grant_insert(session, grant, err);
    call->reference = grant->id;
    return rc;
}

carnet_rc
carnet_authorization_exchange_revoke(authorization_exchange *x, carnet_store_session *session, int64_t grant,
                                     const char *reason, const char *sentence, carnet_err *err)
{
    carnet_rc rc = grant == 0 ? CARNET_OK : carnet_store_grant_revoke(session, grant, reason, x->call->now, err);

    x->call->reference = grant;
    if (rc == CARNET_OK)
        rc = carnet_authorization_audit(x->call, session, CARNET_STORE_OUTCOME_REFUSED, reason, (carnet_str){ 0 }, err);
    return rc != CARNET_OK ? rc : carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_GRANT, reason, sentence);
}
