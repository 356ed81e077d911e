/* SPDX-License-Identifier: Apache-2.0 */
/* POST /par: the authorization request, pushed (RFC 9126; HAIP 1.0 4.3). */
#include "internal.h"

#define REQUEST_URI "urn:ietf:params:oauth:request_uri:"

typedef struct push {
    authorization_call *call;
    authorization_proofs proofs;
    authorization_demand demand;
    carnet_rc refusal;
    bool offer; /* that is what was refused */
} push;

static carnet_rc
keep(void *arg, carnet_store_session *session, carnet_err *err)
{
    push *p = arg;
    carnet_rc rc = carnet_authorization_prove_once(&p->proofs, session, &p->refusal, &p->call->reason, err);

    p->offer = false;
    if (rc != CARNET_OK || p->refusal != CARNET_OK)
        return rc;
    rc = carnet_authorization_demand_keep(p->call, &p->demand, session, &p->refusal, err);
    p->offer = p->refusal != CARNET_OK;
    p->call->reference = p->demand.row.id;
    return rc;
}

static carnet_rc
store(push *p, carnet_err *err)
{
    carnet_rc rc = carnet_authorization_transact(p->call, keep, p, err);

    if (rc != CARNET_OK || p->refusal == CARNET_OK)
        return rc;
    if (p->offer)
        p->call->reason = "issuer_state_unknown";
    return carnet_fail(err, p->refusal, p->offer ? "OpenID4VCI 4.1.1" : "RFC 9449 11.1",
                       p->offer ? "issuer_state is of no offer that is open"
                                : "the proof or its challenge was used before");
}

static carnet_rc
push_it(push *p, const carnet_form *form, carnet_err *err)
{
    authorization_call *call = p->call;
    char token[CARNET_SERVICE_TOKEN + 1];
    uint8_t hash[CARNET_STORE_HASH], room[sizeof(REQUEST_URI) + CARNET_SERVICE_TOKEN];
    carnet_buf uri = carnet_buf_of(room, sizeof(room));
    carnet_pushed_authorization pushed = { .expires_in = call->as->policy.request_s };
    carnet_rc rc = carnet_authorization_demand_read(call, form, &p->proofs, &p->demand, err);

    if (rc == CARNET_OK)
        rc = carnet_service_token_make(call->worker, token, hash, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_buf_add_text(&uri, REQUEST_URI);
    carnet_buf_add_text(&uri, token);
    pushed.request_uri = carnet_buf_str(&uri);
    rc = carnet_service_hash(call->worker, pushed.request_uri, hash, err);
    p->demand.row.request_uri_hash = carnet_span_of(hash, sizeof(hash));
    if (rc == CARNET_OK)
        rc = store(p, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_nonce_renew(call, err);
    if (rc == CARNET_OK)
        rc = carnet_pushed_authorization_write(&pushed, &call->response->body, err);
    call->response->status = 201;
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    authorization_call call;
    push *p;
    carnet_form *form;
    carnet_rc rc = carnet_authorization_call_begin(self, request, response, "authorization.pushed", &call, err);

    if (rc != CARNET_OK)
        return rc;
    p = carnet_service_scratch(call.worker, sizeof(*p));
    form = carnet_service_scratch(call.worker, sizeof(*form));
    if (p == NULL || form == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    p->call = &call;
    carnet_authorization_form(&request->form, form);
    rc = carnet_authorization_prove(&call, "/par", carnet_form_get(form, "client_id"), &p->proofs, err);
    if (rc == CARNET_OK)
        rc = push_it(p, form, err);
    carnet_authorization_demand_done(&p->demand);
    return carnet_authorization_call_end(&call, rc, err);
}

static const carnet_service_parameter_rule parameters[] = {
    { .name = "client_id", .description = "the wallet", .in_form = true },
    { .name = "response_type", .description = "code", .in_form = true },
    { .name = "redirect_uri", .description = "where the browser is sent back to", .in_form = true },
    { .name = "scope", .description = "of credential configurations", .in_form = true },
    { .name = "authorization_details",
      .description = "credential configurations by identifier, in JSON (RFC 9396)",
      .in_form = true },
    { .name = "code_challenge",
      .description = "SHA-256 of the code_verifier, in base64url (RFC 7636)",
      .in_form = true },
    { .name = "code_challenge_method", .description = "S256", .in_form = true },
    { .name = "state", .description = "given back as it is", .in_form = true },
    { .name = "issuer_state", .description = "of the credential offer", .in_form = true },
    { .name = "dpop_jkt", .description = "thumbprint of the DPoP key (RFC 9449 10)", .in_form = true },
    { .name = "resource", .description = "the credential issuer (RFC 8707)", .in_form = true },
};

const carnet_service_route carnet_authorization_par_route = {
    .method = CARNET_SERVICE_POST,
    .name = "par",
    .path = "/par",
    .summary = "Push an authorization request (RFC 9126)",
    .run = run,
    .cross_origin = true,
    .parameters = parameters,
    .parameter_count = CARNET_COUNT(parameters),
    .accepts = AUTHORIZATION_FORM,
    .body_max = AUTHORIZATION_FORM_MAX,
    .answer_max = 1024,
    .rate = 6000,
    .burst = 600,
};
