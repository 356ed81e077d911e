/* SPDX-License-Identifier: Apache-2.0 */
/* POST /token: tokens for codes, and for older tokens (RFC 6749 3.2, OpenID4VCI 1.0 6). */
#include "carnet/oauth_url.h"
#include "internal.h"

/* The code or token that was shown is known by its hash from here on. */
static carnet_rc
hash_shown(authorization_exchange *x, carnet_err *err)
{
    const carnet_token_request *q = &x->request;
    carnet_str shown = q->grant == CARNET_GRANT_AUTHORIZATION_CODE    ? q->code
                       : q->grant == CARNET_GRANT_PRE_AUTHORIZED_CODE ? q->pre_authorized_code
                                                                      : q->refresh_token;
    carnet_rc rc = carnet_service_hash(x->call->worker, shown, x->shown_hash, err);

    if (rc == CARNET_OK && q->has_tx_code)
        rc = carnet_authorization_tx_code(x->call->worker, x->shown_hash, q->tx_code, x->tx_code, err);
    return rc;
}

/* What the verifier's challenge would be, for the transaction to compare (RFC 7636 4.6). */
static carnet_rc
hash_verifier(authorization_exchange *x, carnet_err *err)
{
    const carnet_span verifier = carnet_str_bytes(x->request.code_verifier);
    carnet_crypto *crypto = x->call->worker->crypto;
    carnet_buf text = carnet_buf_of(x->challenge, sizeof(x->challenge));
    uint8_t digest[32];
    carnet_rc rc;

    if (x->request.grant != CARNET_GRANT_AUTHORIZATION_CODE)
        return CARNET_OK;
    rc = carnet_digest(crypto, CARNET_SHA256, &verifier, 1, digest, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_base64url_encode(carnet_span_of(digest, sizeof(digest)), &text);
    x->verifier_good = carnet_pkce_check(x->request.code_verifier, carnet_buf_str(&text), crypto, &x->why) == CARNET_OK;
    return CARNET_OK;
}

static carnet_rc
make_tokens(authorization_exchange *x, carnet_err *err)
{
    carnet_rc rc = carnet_service_token_make(x->call->worker, x->access, x->access_hash, err);

    x->words = carnet_service_scratch_buf(x->call->worker, 4096);
    return rc != CARNET_OK ? rc : carnet_service_token_make(x->call->worker, x->refresh, x->refresh_hash, err);
}

static carnet_store_work *
work_of(const authorization_exchange *x)
{
    return x->request.grant == CARNET_GRANT_AUTHORIZATION_CODE    ? carnet_authorization_exchange_code
           : x->request.grant == CARNET_GRANT_PRE_AUTHORIZED_CODE ? carnet_authorization_exchange_pre_authorised
                                                                  : carnet_authorization_exchange_refresh;
}

static carnet_rc
answer(authorization_exchange *x, carnet_err *err)
{
    authorization_call *call = x->call;
    carnet_str list[CARNET_AUTHORIZATION_DETAILS_MAX];
    carnet_token_detail details[CARNET_AUTHORIZATION_DETAILS_MAX];
    carnet_token_response out = { .access_token = { x->access, CARNET_SERVICE_TOKEN },
                                  .dpop = x->grant.jkt.len > 0,
                                  .expires_in = call->as->policy.access_s,
                                  .scope = x->grant.scope,
                                  .details = details };
    size_t n = 0;

    if (x->grant.refresh_hash.len > 0)
        out.refresh_token = (carnet_str){ x->refresh, CARNET_SERVICE_TOKEN };
    for (size_t at = 0; x->grant.details && n < CARNET_AUTHORIZATION_DETAILS_MAX &&
                        carnet_scope_next(x->grant.configurations, &at, &list[n]);
         n++)
        details[n] =
            (carnet_token_detail){ .configuration_id = list[n], .identifiers = &list[n], .identifier_count = 1 };
    out.detail_count = n;
    return carnet_token_response_write(&out, &call->response->body, err);
}

static carnet_rc
prepare(authorization_exchange *x, const carnet_form *form, carnet_err *err)
{
    authorization_call *call = x->call;
    carnet_rc rc = carnet_token_request_read(form, &x->request, err);

    if (rc == CARNET_OK && x->request.resource.len > 0 && !carnet_oauth_url_same(x->request.resource, call->as->issuer))
        rc = carnet_fail(err, CARNET_E_OAUTH_TARGET, "RFC 8707 2.2", "the resource is another issuer's");
    if (rc == CARNET_OK)
        rc = carnet_authorization_prove(call, "/token", x->request.client_id, &x->proofs, err);
    if (rc == CARNET_OK)
        rc = hash_shown(x, err);
    if (rc == CARNET_OK)
        rc = hash_verifier(x, err);
    return rc == CARNET_OK ? make_tokens(x, err) : rc;
}

static carnet_rc
settle(authorization_exchange *x, carnet_rc rc, carnet_err *err)
{
    rc = carnet_authorization_transact_again(x->call, work_of(x), x, rc, err);
    if (rc == CARNET_E_STORE_REPLAYED || rc == CARNET_E_STORE_STATE)
        return carnet_fail(err, CARNET_E_OAUTH_GRANT, "RFC 6749 5.2", "somebody else used it at the same moment");
    if (rc != CARNET_OK)
        return rc;
    x->call->reason = x->reason;
    if (x->refusal != CARNET_OK)
        return carnet_fail(err, x->refusal, x->why.clause, x->why.reason);
    rc = carnet_authorization_nonce_renew(x->call, err);
    if (rc == CARNET_OK)
        rc = carnet_service_set_header(x->call->response, "Cache-Control", carnet_str_of("no-store"), err);
    return rc == CARNET_OK ? answer(x, err) : rc;
}

static void
proceed(void *self)
{
    const authorization_exchange *x = self;

    carnet_service_proceed(x->call->request);
}

/* Without a thread that waits, if the store can and there is a scratch to spare.  The transaction takes no room: it has it. */
static carnet_rc
commit(authorization_exchange *x, carnet_err *err)
{
    carnet_service_worker *worker = x->call->worker;
    carnet_rc rc;

    carnet_authorization_room_empty(x->call);
    if (!carnet_store_submits(worker->store) || !carnet_service_park(worker, &x->parked))
        return carnet_store_transact(worker->store, work_of(x), x, err);
    x->announced = false;
    rc = carnet_store_submit(worker->store, work_of(x), x, proceed, x, &x->job, err);
    x->call->response->later = x->job != NULL;
    x->call->response->kept = x;
    if (x->job == NULL)
        carnet_service_unpark(worker, &x->parked);
    return rc;
}

static carnet_rc
end(authorization_exchange *x, carnet_rc rc, carnet_err *err)
{
    if (x->announced)
        carnet_store_withdraw(x->call->worker->store);
    rc = carnet_authorization_call_end(x->call, rc, err);
    carnet_token_request_done(&x->request);
    carnet_wipe(x->access, sizeof(x->access));
    carnet_wipe(x->refresh, sizeof(x->refresh));
    return rc;
}

static carnet_rc
go_on(const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    authorization_exchange *x = response->kept;
    carnet_rc outcome = carnet_store_finish(&x->job, err); /* first: what it has borrowed is of the request */
    carnet_service_worker *worker;
    carnet_rc rc = carnet_service_begin(x->call->as->context, request, &worker, err);

    if (rc != CARNET_OK)
        return rc; /* cannot be: this thread has its worker */
    carnet_service_unpark(worker, &x->parked);
    return end(x, settle(x, outcome, err), err);
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    authorization_call call;
    authorization_exchange *x;
    carnet_form *form;
    carnet_rc rc;

    if (request->again)
        return go_on(request, response, err);
    rc = carnet_authorization_call_begin(self, request, response, "token", &call, err);
    if (rc != CARNET_OK)
        return rc;
    x = carnet_service_scratch(call.worker, sizeof(*x));
    form = carnet_service_scratch(call.worker, sizeof(*form));
    if (x == NULL || form == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    x->own_call = call;
    x->call = &x->own_call;
    carnet_store_announce(call.worker->store);
    x->announced = true;
    carnet_authorization_form(&request->form, form);
    rc = prepare(x, form, err);
    if (rc == CARNET_OK)
        rc = commit(x, err);
    else
        return end(x, rc, err);
    return response->later ? rc : end(x, settle(x, rc, err), err);
}

static const carnet_service_parameter_rule parameters[] = {
    { .name = "grant_type",
      .description = "authorization_code, urn:ietf:params:oauth:grant-type:pre-authorized_code or refresh_token",
      .in_form = true },
    { .name = "client_id", .description = "the wallet", .in_form = true },
    { .name = "code", .description = "of the authorization response", .in_form = true },
    { .name = "code_verifier", .description = "to the request's code_challenge", .in_form = true },
    { .name = "redirect_uri", .description = "the request's", .in_form = true },
    { .name = "pre-authorized_code", .description = "of the credential offer", .in_form = true },
    { .name = "tx_code", .description = "the transaction code, if the offer has one", .in_form = true },
    { .name = "refresh_token", .description = "of the last answer", .in_form = true },
    { .name = "authorization_details", .description = "some of what is granted, in JSON (RFC 9396)", .in_form = true },
};

const carnet_service_route carnet_authorization_token_route = {
    .method = CARNET_SERVICE_POST,
    .name = "token",
    .path = "/token",
    .summary = "Tokens for codes and refresh tokens (RFC 6749 3.2, OpenID4VCI 6)",
    .run = run,
    .cross_origin = true,
    .parameters = parameters,
    .parameter_count = CARNET_COUNT(parameters),
    .accepts = AUTHORIZATION_FORM,
    .body_max = AUTHORIZATION_FORM_MAX,
    .answer_max = 8192,
    .rate = 12000,
    .burst = 2000,
};
