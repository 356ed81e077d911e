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

static carnet_rc
make_tokens(authorization_exchange *x, carnet_err *err)
{
    carnet_rc rc = carnet_service_token_make(x->call->worker, x->access, x->access_hash, err);

    x->words = carnet_service_scratch_buf(x->call->worker, 4096);
    return rc != CARNET_OK ? rc : carnet_service_token_make(x->call->worker, x->refresh, x->refresh_hash, err);
}

static carnet_rc
exchange(authorization_exchange *x, carnet_err *err)
{
    carnet_store_work *work = x->request.grant == CARNET_GRANT_AUTHORIZATION_CODE ? carnet_authorization_exchange_code
                              : x->request.grant == CARNET_GRANT_PRE_AUTHORIZED_CODE
                                  ? carnet_authorization_exchange_pre_authorised
                                  : carnet_authorization_exchange_refresh;
    carnet_rc rc = carnet_authorization_transact(x->call, work, x, err);

    if (rc == CARNET_E_STORE_REPLAYED || rc == CARNET_E_STORE_STATE)
        return carnet_fail(err, CARNET_E_OAUTH_GRANT, "RFC 6749 5.2", "somebody else used it at the same moment");
    if (rc != CARNET_OK)
        return rc;
    x->call->reason = x->reason;
    return x->refusal == CARNET_OK ? CARNET_OK : carnet_fail(err, x->refusal, x->why.clause, x->why.reason);
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
serve(authorization_exchange *x, const carnet_form *form, carnet_err *err)
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
        rc = make_tokens(x, err);
    if (rc == CARNET_OK)
        rc = exchange(x, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_nonce_renew(call, err);
    if (rc == CARNET_OK)
        rc = carnet_service_set_header(call->response, "Cache-Control", carnet_str_of("no-store"), err);
    return rc == CARNET_OK ? answer(x, err) : rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    authorization_call call;
    authorization_exchange *x;
    carnet_form *form;
    carnet_rc rc = carnet_authorization_call_begin(self, request, response, "token", &call, err);

    if (rc != CARNET_OK)
        return rc;
    x = carnet_service_scratch(call.worker, sizeof(*x));
    form = carnet_service_scratch(call.worker, sizeof(*form));
    if (x == NULL || form == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    x->call = &call;
    carnet_authorization_form(&request->form, form);
    rc = carnet_authorization_call_end(&call, serve(x, form, err), err);
    carnet_token_request_done(&x->request);
    carnet_wipe(x->access, sizeof(x->access));
    carnet_wipe(x->refresh, sizeof(x->refresh));
    return rc;
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
