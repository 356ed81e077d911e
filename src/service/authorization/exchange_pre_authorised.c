/* SPDX-License-Identifier: Apache-2.0 */
/* grant_type pre-authorized_code (OpenID4VCI 1.0 3.5, 6.1): the offer stands for the person's identification. */
#include "internal.h"

#define REFUSE(x, reason, sentence) carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_GRANT, reason, sentence)

static carnet_rc
wrong_code(authorization_exchange *x, carnet_store_session *session, const carnet_store_offer *offer, carnet_err *err)
{
    int64_t left = 0;
    carnet_rc rc = carnet_store_offer_wrong_code(session, offer->id, &left, err);
    const char *reason = left > 0 ? "tx_code_wrong" : "tx_code_locked";

    if (rc == CARNET_OK)
        rc = carnet_authorization_audit(x->call, session, CARNET_STORE_OUTCOME_REFUSED, reason, offer->configurations,
                                        err);
    if (rc != CARNET_OK)
        return rc;
    return left > 0 ? REFUSE(x, reason, "the transaction code is wrong")
                    : REFUSE(x, reason, "the transaction code was wrong too often: the offer is locked");
}

/* CARNET_OK, and no refusal: the transaction code is right, or there is none. */
static carnet_rc
check_tx_code(authorization_exchange *x, carnet_store_session *session, const carnet_store_offer *offer,
              carnet_err *err)
{
    if (offer->tx_code.len == 0)
        return !x->request.has_tx_code
                   ? CARNET_OK
                   : carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_PARAMETER, "tx_code_unexpected",
                                                          "this offer has no transaction code");
    if (!x->request.has_tx_code)
        return carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_PARAMETER_MISSING, "tx_code_missing",
                                                    "the transaction code is missing");
    if (!carnet_equal_secret(offer->tx_code, carnet_span_of(x->tx_code, CARNET_STORE_HASH)))
        return wrong_code(x, session, offer, err);
    return CARNET_OK;
}

/* Who may come without a name (OpenID4VCI 6.1, pre-authorized_grant_anonymous_access_supported). */
static carnet_rc
check_who(authorization_exchange *x)
{
    const carnet_authorization *as = x->call->as;
    const carnet_authorization_client *client = carnet_authorization_client_named(as, x->proofs.client_id);

    if (client != NULL && client->attestation_required && !x->proofs.attested)
        return carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_CLIENT, "attestation_missing",
                                                    "a client attestation is required");
    if (x->proofs.attested || client != NULL || as->policy.anonymous_pre_authorised ||
        (as->policy.open_clients && x->proofs.client_id.len > 0))
        return CARNET_OK;
    return carnet_authorization_exchange_refuse(x, CARNET_E_OAUTH_CLIENT, "client_unknown",
                                                "the client is not known and not attested");
}

static carnet_rc
redeem(authorization_exchange *x, carnet_store_session *session, const carnet_store_offer *offer, carnet_err *err)
{
    carnet_rc rc;

    x->grant.subject = offer->subject;
    x->grant.claims = offer->claims;
    x->grant.offer = offer->id;
    rc = carnet_authorization_exchange_grant(x, session, err);
    if (rc == CARNET_OK)
        rc = carnet_store_offer_redeem(session, offer->id, x->grant.id, x->call->now, err);
    return rc != CARNET_OK ? rc
                           : carnet_authorization_audit(x->call, session, CARNET_STORE_OUTCOME_DONE, NULL,
                                                        x->grant.configurations, err);
}

static carnet_rc
exchange(authorization_exchange *x, carnet_store_session *session, const carnet_store_offer *offer, carnet_err *err)
{
    carnet_rc rc;

    if (offer->state == CARNET_STORE_OFFER_LOCKED)
        return REFUSE(x, "tx_code_locked", "the transaction code was wrong too often: the offer is locked");
    if (offer->state == CARNET_STORE_OFFER_WITHDRAWN)
        return REFUSE(x, "offer_withdrawn", "the offer was withdrawn");
    if (offer->state == CARNET_STORE_OFFER_OPEN && offer->expires <= x->call->now)
        return REFUSE(x, "code_expired", "the pre-authorised code has expired");
    rc = check_who(x);
    if (rc == CARNET_OK && x->refusal == CARNET_OK)
        rc = carnet_authorization_exchange_check_client(x, offer->configurations);
    if (rc == CARNET_OK && x->refusal == CARNET_OK)
        rc = check_tx_code(x, session, offer, err);
    if (rc != CARNET_OK || x->refusal != CARNET_OK)
        return rc;
    /* Whoever knows the transaction code as well had it from the first, or is the first: RFC 6749 4.1.2. */
    if (offer->state == CARNET_STORE_OFFER_REDEEMED)
        return carnet_authorization_exchange_revoke(x, session, offer->grant, "code_replayed",
                                                    "the code was used before: its tokens are revoked", err);
    rc = carnet_authorization_exchange_choose(x, offer->configurations);
    return rc != CARNET_OK || x->refusal != CARNET_OK ? rc : redeem(x, session, offer, err);
}

carnet_rc
carnet_authorization_exchange_pre_authorised(void *arg, carnet_store_session *session, carnet_err *err)
{
    authorization_exchange *x = arg;
    carnet_store_offer offer;
    carnet_rc rc = carnet_authorization_exchange_begin(x, session, err);

    if (rc != CARNET_OK || x->refusal != CARNET_OK)
        return rc;
    rc = carnet_store_offer_by_code(session, carnet_span_of(x->shown_hash, CARNET_STORE_HASH), &offer, &x->call->room,
                                    err);
    if (rc == CARNET_E_STORE_ABSENT)
        return REFUSE(x, "code_unknown", "the pre-authorised code is not valid");
    if (rc != CARNET_OK)
        return rc;
    x->call->reference = offer.id;
    return exchange(x, session, &offer, err);
}
