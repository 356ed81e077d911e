/* SPDX-License-Identifier: Apache-2.0 */
/* grant_type refresh_token: new tokens for old; one that comes twice was stolen from somebody (RFC 9700 4.14.2). */
#include "internal.h"

#define REFUSE(x, reason, sentence) carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_GRANT, reason, sentence)

/* RFC 9449 5, attestation-based client authentication: bound to the keys it was given to. */
static carnet_rc
check(authorization_exchange *x, const carnet_store_grant *grant)
{
    if (grant->revoked != 0)
        return REFUSE(x, "grant_revoked", "the grant was revoked");
    if (grant->refresh_expires <= x->call->now)
        return REFUSE(x, "refresh_expired", "the refresh token has expired");
    if (grant->client_id.len > 0 && !carnet_str_equal(grant->client_id, x->proofs.client_id) &&
        (x->proofs.client_id.len > 0 || grant->client_key.len > 0))
        return REFUSE(x, "other_client", "the refresh token was given to another client");
    if (grant->client_key.len > 0 && !x->proofs.attested)
        return carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_CLIENT, "attestation_missing",
                                                    "a client attestation is required");
    if (grant->client_key.len > 0 && !carnet_equal_secret(grant->client_key, carnet_span_of(x->proofs.client_key, 32)))
        return REFUSE(x, "other_instance", "the refresh token was given to another instance of the wallet");
    if (grant->jkt.len > 0 && !x->proofs.dpop)
        return carnet_authorization_exchange_refuse(x, CARNET_E_DPOP_PROOF, "dpop_missing", "a DPoP proof is required");
    if (grant->jkt.len > 0 && !carnet_equal_secret(grant->jkt, carnet_span_of(x->proofs.jkt, 32)))
        return REFUSE(x, "other_key", "the refresh token is bound to another DPoP key");
    return carnet_authorization_exchange_check_client(x, grant->configurations);
}

static carnet_rc
rotate(authorization_exchange *x, carnet_store_session *session, carnet_err *err)
{
    authorization_call *call = x->call;
    carnet_store_rotation rotation = { .id = x->grant.id,
                                       .old_refresh_hash = carnet_span_of(x->shown_hash, CARNET_STORE_HASH),
                                       .access_hash = carnet_span_of(x->access_hash, CARNET_STORE_HASH),
                                       .refresh_hash = carnet_span_of(x->refresh_hash, CARNET_STORE_HASH),
                                       .access_expires = call->now + call->as->policy.access_s,
                                       /* Renewing does not prolong what was granted. */
                                       .refresh_expires = x->grant.refresh_expires,
                                       .now = call->now };
    carnet_rc rc = carnet_store_grant_rotate(session, &rotation, err);

    return rc != CARNET_OK ? rc
                           : carnet_authorization_audit(call, session, CARNET_STORE_OUTCOME_DONE, "refreshed",
                                                        x->grant.configurations, err);
}

carnet_rc
carnet_authorization_exchange_refresh(void *exchange, carnet_store_session *session, carnet_err *err)
{
    authorization_exchange *x = exchange;
    bool spent = false;
    carnet_rc rc = carnet_authorization_exchange_begin(x, session, err);

    if (rc != CARNET_OK || x->refusal != CARNET_OK)
        return rc;
    rc = carnet_store_grant_by_refresh(session, carnet_span_of(x->shown_hash, CARNET_STORE_HASH), &x->grant, &spent,
                                       NULL, &x->call->room, err);
    if (rc == CARNET_E_STORE_ABSENT)
        return REFUSE(x, "refresh_unknown", "the refresh token is not valid");
    if (rc != CARNET_OK)
        return rc;
    x->call->reference = x->grant.id;
    if (spent)
        return carnet_authorization_exchange_revoke(x, session, x->grant.id, "refresh_replayed",
                                                    "the refresh token was used before: the grant is revoked", err);
    rc = check(x, &x->grant);
    return rc != CARNET_OK || x->refusal != CARNET_OK ? rc : rotate(x, session, err);
}
