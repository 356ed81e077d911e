/* SPDX-License-Identifier: Apache-2.0 */
/* grant_type authorization_code (RFC 6749 4.1.3, RFC 7636 4.6, RFC 9449 10). */
#include "internal.h"

#include <string.h>

#define REFUSE(x, reason, sentence) carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_GRANT, reason, sentence)

/* One key where the other is known already: the same, or no. */
static bool
is_key(carnet_span known, bool shown, const uint8_t key[32])
{
    return known.len == 0 || (shown && carnet_equal_secret(known, carnet_span_of(key, 32)));
}

static carnet_rc
check(authorization_exchange *x, const carnet_store_authorization *row)
{
    const carnet_token_request *q = &x->request;

    if (row->state != CARNET_STORE_AUTHORIZATION_GRANTED)
        return REFUSE(x, "code_unknown", "the code is not valid");
    if (row->expires <= x->call->now)
        return REFUSE(x, "code_expired", "the code has expired");
    if (!carnet_str_equal(row->client_id, x->proofs.client_id))
        return REFUSE(x, "other_client", "the code was given to another client");
    if (row->client_key.len > 0 && !x->proofs.attested)
        return carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_CLIENT, "attestation_missing",
                                                    "a client attestation is required");
    if (!is_key(row->client_key, x->proofs.attested, x->proofs.client_key))
        return REFUSE(x, "other_instance", "the code was given to another instance of the wallet");
    if (!carnet_str_equal(row->redirect_uri, q->redirect_uri))
        return REFUSE(x, "other_redirect_uri", "redirect_uri is not the one of the authorization request");
    if (!x->verifier_good ||
        !carnet_equal_secret(carnet_span_of(x->challenge, sizeof(x->challenge)), carnet_str_bytes(row->code_challenge)))
        return REFUSE(x, "pkce", "code_verifier is not of the code_challenge");
    if (row->jkt.len > 0 && !x->proofs.dpop)
        return carnet_authorization_exchange_refuse(x, CARNET_E_DPOP_PROOF, "dpop_missing", "a DPoP proof is required");
    if (!is_key(row->jkt, x->proofs.dpop, x->proofs.jkt))
        return REFUSE(x, "other_key", "the code is bound to another DPoP key");
    return carnet_authorization_exchange_check_client(x, row->configurations);
}

/* The offer that the wallet followed is used up by it. */
static carnet_rc
redeem_offer(authorization_exchange *x, carnet_store_session *session, int64_t offer, carnet_err *err)
{
    carnet_rc rc;

    if (offer == 0)
        return CARNET_OK;
    rc = carnet_store_offer_redeem(session, offer, x->grant.id, x->call->now, err);
    return rc == CARNET_E_STORE_STATE
               ? carnet_fail(err, CARNET_E_OAUTH_GRANT, "RFC 6749 5.2", "the offer was taken, or is over")
               : rc;
}

static carnet_rc
redeem(authorization_exchange *x, carnet_store_session *session, const carnet_store_authorization *row, carnet_err *err)
{
    carnet_rc rc;

    x->grant.scope = row->scope;
    x->grant.details = row->details || x->grant.details;
    x->grant.subject = row->subject;
    x->grant.claims = row->claims;
    x->grant.offer = row->offer;
    x->grant.authorization = row->id;
    rc = carnet_authorization_exchange_grant(x, session, err);
    if (rc == CARNET_OK)
        rc = redeem_offer(x, session, row->offer, err);
    if (rc == CARNET_OK)
        rc = carnet_store_authorization_redeem(session, row->id, x->grant.id, err);
    return rc != CARNET_OK ? rc
                           : carnet_authorization_audit(x->call, session, CARNET_STORE_OUTCOME_DONE, NULL,
                                                        x->grant.configurations, err);
}

carnet_rc
carnet_authorization_exchange_code(void *exchange, carnet_store_session *session, carnet_err *err)
{
    authorization_exchange *x = exchange;
    carnet_store_authorization row;
    carnet_rc rc = carnet_authorization_exchange_begin(x, session, err);

    if (rc != CARNET_OK || x->refusal != CARNET_OK)
        return rc;
    rc = carnet_store_authorization_by_code(session, carnet_span_of(x->shown_hash, CARNET_STORE_HASH), &row,
                                            &x->call->room, err);
    if (rc == CARNET_E_STORE_ABSENT)
        return REFUSE(x, "code_unknown", "the code is not valid");
    if (rc != CARNET_OK)
        return rc;
    x->call->reference = row.id;
    if (row.state == CARNET_STORE_AUTHORIZATION_REDEEMED)
        return carnet_authorization_exchange_revoke(x, session, row.grant, "code_replayed",
                                                    "the code was used before: its tokens are revoked", err);
    rc = check(x, &row);
    if (rc == CARNET_OK && x->refusal == CARNET_OK)
        rc = carnet_authorization_exchange_choose(x, row.configurations);
    return rc != CARNET_OK || x->refusal != CARNET_OK ? rc : redeem(x, session, &row, err);
}
