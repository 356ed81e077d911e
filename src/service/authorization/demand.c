/* SPDX-License-Identifier: Apache-2.0 */
/* An authorization request held against the policy (OpenID4VCI 1.0 5.1, HAIP 1.0 4.3, RFC 9126 2.1). */
#include "carnet/oauth_url.h"
#include "internal.h"

#include <string.h>

#define STATE_MAX     1024
#define CLIENT_ID_MAX 512

static bool
may_come(const carnet_authorization *as, carnet_str client_id, const authorization_proofs *proofs)
{
    return (proofs != NULL && proofs->attested) || carnet_authorization_client_named(as, client_id) != NULL ||
           as->policy.open_clients;
}

/* Before this has been passed nobody is sent to the redirect_uri. */
static carnet_rc
check_client(const authorization_call *call, const authorization_proofs *proofs, authorization_demand *d,
             carnet_err *err)
{
    const carnet_authorization_client *client = carnet_authorization_client_named(call->as, d->request.client_id);
    carnet_rc rc;
    bool attested = proofs != NULL && proofs->attested;

    if (d->request.client_id.len > CLIENT_ID_MAX)
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 6749 2.2", "client_id is too long");
    if (!may_come(call->as, d->request.client_id, proofs))
        return carnet_fail(err, CARNET_E_OAUTH_CLIENT, "RFC 6749 3.2.1", "the client is not known and not attested");
    rc = carnet_authorization_redirect_check(d->request.redirect_uri, err);
    if (rc != CARNET_OK)
        return rc;
    /* A wallet that proved who it is may name its own (RFC 9126 2.4). */
    if (client != NULL && client->redirect_uri_count > 0 &&
        !carnet_authorization_redirect_listed(client, d->request.redirect_uri))
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 6749 3.1.2.4", "redirect_uri is not the client's");
    d->trusted = attested || (client != NULL && client->redirect_uri_count > 0);
    if (!attested && client != NULL && client->attestation_required)
        return carnet_fail(err, CARNET_E_OAUTH_CLIENT, "HAIP 4.4", "a client attestation is required");
    return CARNET_OK;
}

/* One document more in the list, unless it is there. */
static carnet_rc
add(carnet_buf *list, const carnet_authorization_document *document, authorization_demand *d, bool attested,
    carnet_err *err)
{
    if (document->identification == NULL)
        return carnet_fail(err, CARNET_E_OAUTH_CLIENT_UNAUTHORIZED, "OpenID4VCI 3.4",
                           "the document is issued by a pre-authorised code only");
    if (document->attestation_required && !attested)
        return carnet_fail(err, CARNET_E_OAUTH_CLIENT, "HAIP 4.4", "a client attestation is required");
    if (d->identification != NULL && d->identification != document->identification)
        return carnet_fail(err, CARNET_E_OAUTH_SCOPE, "OpenID4VCI 5.1",
                           "these documents want different identifications: ask for one after the other");
    if (carnet_scope_has(carnet_buf_str(list), document->configuration))
        return CARNET_OK;
    d->identification = document->identification;
    if (list->len > 0)
        carnet_buf_add_byte(list, ' ');
    carnet_buf_add_str(list, document->configuration);
    return list->overflow ? carnet_fail(err, CARNET_E_LIMIT, NULL, "too many documents are asked for") : CARNET_OK;
}

static carnet_rc
add_details(const authorization_call *call, bool attested, authorization_demand *d, carnet_buf *list, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (d->request.location.len > 0 && !carnet_oauth_url_same(d->request.location, call->as->issuer))
        return carnet_fail(err, CARNET_E_OAUTH_DETAILS, "OpenID4VCI 5.1.1", "locations names another issuer");
    for (size_t i = 0; i < d->request.configuration_id_count && rc == CARNET_OK; i++) {
        const carnet_authorization_document *document =
            carnet_authorization_document_named(call->as, d->request.configuration_ids[i]);

        rc = document == NULL ? carnet_fail(err, CARNET_E_OAUTH_DETAILS, "OpenID4VCI 5.1.1",
                                            "the credential configuration is not known")
                              : add(list, document, d, attested, err);
    }
    return rc;
}

/* Words that are not known are passed over (RFC 6749 3.3): what is granted is said in the token's answer. */
static carnet_rc
add_scope(const authorization_call *call, bool attested, authorization_demand *d, carnet_buf *list, carnet_buf *scope,
          carnet_err *err)
{
    const carnet_authorization_policy *policy = &call->as->policy;
    carnet_rc rc = CARNET_OK;
    carnet_str word;

    for (size_t at = 0; rc == CARNET_OK && carnet_scope_next(d->request.scope, &at, &word);) {
        bool known = false;

        for (size_t i = 0; i < policy->document_count && rc == CARNET_OK; i++)
            if (carnet_str_equal(policy->documents[i].scope, word)) {
                known = true;
                rc = add(list, &policy->documents[i], d, attested, err);
            }
        if (known && scope->len > 0)
            carnet_buf_add_byte(scope, ' ');
        if (known)
            carnet_buf_add_str(scope, word);
    }
    return rc;
}

static carnet_rc
choose_documents(const authorization_call *call, bool attested, authorization_demand *d, carnet_err *err)
{
    carnet_buf list = carnet_service_scratch_buf(call->worker, 2048),
               scope = carnet_service_scratch_buf(call->worker, d->request.scope.len);
    bool details = d->request.configuration_id_count > 0;
    carnet_rc rc =
        details ? add_details(call, attested, d, &list, err) : add_scope(call, attested, d, &list, &scope, err);

    if (rc != CARNET_OK)
        return rc;
    if (list.len == 0)
        return carnet_fail(err, CARNET_E_OAUTH_SCOPE, "RFC 6749 4.1.2.1", "the scope names no document of this issuer");
    d->row.configurations = carnet_buf_str(&list);
    d->row.scope = carnet_buf_str(&scope);
    d->row.details = details;
    return CARNET_OK;
}

/* RFC 9449 10: the key may be named, or shown, or both. */
static carnet_rc
pin_key(const authorization_proofs *proofs, authorization_demand *d, carnet_err *err)
{
    uint8_t room[32];
    carnet_buf named = carnet_buf_of(room, sizeof(room));
    carnet_str jkt = d->request.dpop_jkt;

    if (jkt.len > 0 && (carnet_base64url_decode(jkt, &named, NULL) != CARNET_OK || named.len != 32))
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 9449 10", "dpop_jkt is no thumbprint");
    if (proofs != NULL && proofs->dpop) {
        if (jkt.len > 0 && memcmp(room, proofs->jkt, 32) != 0)
            return carnet_fail(err, CARNET_E_DPOP_PROOF, "RFC 9449 10.1", "dpop_jkt is of another key than the proof");
        memcpy(d->jkt, proofs->jkt, 32);
    } else if (jkt.len > 0)
        memcpy(d->jkt, room, 32);
    else
        return CARNET_OK;
    d->row.jkt = carnet_span_of(d->jkt, 32);
    return CARNET_OK;
}

static carnet_rc
check_rest(const authorization_call *call, const carnet_form *form, authorization_demand *d, carnet_err *err)
{
    carnet_str mode = carnet_form_get(form, "response_mode");

    if (d->request.state.len > STATE_MAX)
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 6749 4.1.1", "state is too long");
    if (mode.len > 0 && !carnet_str_is(mode, "query"))
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 6749 4.1.2", "the response mode is not supported");
    if (d->request.resource.len > 0 && !carnet_oauth_url_same(d->request.resource, call->as->issuer))
        return carnet_fail(err, CARNET_E_OAUTH_TARGET, "RFC 8707 2", "the resource is another issuer's");
    return d->request.issuer_state.len == 0
               ? CARNET_OK
               : carnet_service_hash(call->worker, d->request.issuer_state, d->issuer_state, err);
}

static void
fill_row(const authorization_call *call, const authorization_proofs *proofs, authorization_demand *d)
{
    d->row.client_id = d->request.client_id;
    d->row.code_challenge = d->request.code_challenge;
    d->row.redirect_uri = d->request.redirect_uri;
    d->row.client_state = d->request.state;
    d->row.created = call->now;
    d->row.expires = call->now + call->as->policy.request_s;
    if (proofs != NULL && proofs->attested)
        d->row.client_key = carnet_span_of(proofs->client_key, 32);
}

carnet_rc
carnet_authorization_demand_read(authorization_call *call, const carnet_form *form, const authorization_proofs *proofs,
                                 authorization_demand *demand, carnet_err *err)
{
    bool attested = proofs != NULL && proofs->attested;
    carnet_rc rc;

    memset(demand, 0, sizeof(*demand));
    rc = carnet_authorization_request_read(form, &demand->request, err);
    /* What the message's reader refuses may still have to be told by way of the browser. */
    if (rc != CARNET_OK) {
        demand->request.client_id = carnet_form_get(form, "client_id");
        demand->request.redirect_uri = carnet_form_get(form, "redirect_uri");
        demand->request.state = carnet_form_get(form, "state");
        if (check_client(call, proofs, demand, NULL) != CARNET_OK)
            demand->trusted = false;
        return rc;
    }
    rc = check_client(call, proofs, demand, err);
    if (rc != CARNET_OK)
        demand->trusted = false;
    if (rc == CARNET_OK)
        rc = check_rest(call, form, demand, err);
    if (rc == CARNET_OK)
        rc = choose_documents(call, attested, demand, err);
    if (rc == CARNET_OK)
        rc = pin_key(proofs, demand, err);
    fill_row(call, proofs, demand);
    return rc;
}

void
carnet_authorization_demand_done(authorization_demand *demand)
{
    carnet_authorization_request_done(&demand->request);
}

/* Whether the offer is for all that is asked. */
static bool
covers(carnet_str offered, carnet_str asked)
{
    carnet_str word;

    for (size_t at = 0; carnet_scope_next(asked, &at, &word);)
        if (!carnet_scope_has(offered, word))
            return false;
    return true;
}

carnet_rc
carnet_authorization_demand_keep(authorization_call *call, authorization_demand *demand, carnet_store_session *session,
                                 carnet_rc *refusal, carnet_err *err)
{
    carnet_store_offer offer;
    carnet_rc rc;

    *refusal = CARNET_OK;
    demand->row.offer = 0;
    if (demand->request.issuer_state.len > 0) {
        carnet_authorization_spare_empty(call);
        rc = carnet_store_offer_by_issuer_state(session, carnet_span_of(demand->issuer_state, CARNET_STORE_HASH),
                                                &offer, &call->spare, err);
        if (rc != CARNET_OK && rc != CARNET_E_STORE_ABSENT)
            return rc;
        if (rc != CARNET_OK || offer.state != CARNET_STORE_OFFER_OPEN || offer.expires <= call->now ||
            !covers(offer.configurations, demand->row.configurations)) {
            *refusal = CARNET_E_OAUTH_PARAMETER;
            return CARNET_OK;
        }
        demand->row.offer = offer.id;
    }
    return carnet_store_authorization_insert(session, &demand->row, err);
}
