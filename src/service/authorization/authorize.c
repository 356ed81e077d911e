/* SPDX-License-Identifier: Apache-2.0 */
/* GET /authorize: the wallet's browser arrives, with what was pushed (RFC 9126 4) or with all of it (RFC 6749 4.1.1). */
#include "internal.h"

typedef struct arrival {
    authorization_call *call;
    uint8_t hash[CARNET_STORE_HASH];
    authorization_demand demand;
    carnet_store_authorization row;
    carnet_rc refusal;
} arrival;

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    arrival *a = arg;

    carnet_authorization_room_empty(a->call);
    return carnet_store_authorization_by_request_uri(session, carnet_span_of(a->hash, sizeof(a->hash)), &a->row,
                                                     &a->call->room, err);
}

/* Whether the person is asked first, or the identification begins. */
static carnet_rc
proceed(arrival *a, carnet_str request_uri, carnet_err *err)
{
    a->call->client_id = a->row.client_id;
    a->call->reference = a->row.id;
    return a->call->as->policy.consent ? carnet_authorization_ask_consent(a->call, &a->row, request_uri, err)
                                       : carnet_authorization_identify(a->call, &a->row, err);
}

static carnet_rc
arrive_pushed(arrival *a, const carnet_form *form, carnet_err *err)
{
    carnet_str uri = carnet_form_get(form, "request_uri");
    carnet_rc rc = carnet_service_hash(a->call->worker, uri, a->hash, err);

    if (rc == CARNET_OK)
        rc = carnet_authorization_read(a->call, find, a, err);
    if (rc != CARNET_OK && rc != CARNET_E_STORE_ABSENT)
        return rc;
    if (rc != CARNET_OK || !carnet_str_equal(a->row.client_id, carnet_form_get(form, "client_id")) ||
        a->row.state != CARNET_STORE_AUTHORIZATION_PUSHED)
        return carnet_authorization_page(a->call, 400, CARNET_TEXT_AUTHORIZE_REFUSED_TITLE,
                                         CARNET_TEXT_AUTHORIZE_UNKNOWN, "request_uri_unknown", err);
    if (a->row.expires <= a->call->now)
        return carnet_authorization_page(a->call, 400, CARNET_TEXT_AUTHORIZE_EXPIRED_TITLE,
                                         CARNET_TEXT_AUTHORIZE_EXPIRED, "request_uri_expired", err);
    return proceed(a, uri, err);
}

static carnet_rc
keep(void *arg, carnet_store_session *session, carnet_err *err)
{
    arrival *a = arg;

    return carnet_authorization_demand_keep(a->call, &a->demand, session, &a->refusal, err);
}

/* Only a wallet whose address we know is told by way of the browser; anyone else's is told on a page (RFC 9700 4.11.2). */
static carnet_rc
refuse(arrival *a, carnet_rc rc, const carnet_err *why, carnet_err *err)
{
    carnet_oauth_error error = carnet_oauth_error_of(rc);

    if (carnet_oauth_error_http(error) >= 500)
        return carnet_fail(err, rc, NULL, why->reason);
    if (!a->demand.trusted)
        return carnet_authorization_page(a->call, 400, CARNET_TEXT_AUTHORIZE_REFUSED_TITLE,
                                         CARNET_TEXT_AUTHORIZE_UNKNOWN, carnet_oauth_error_name(error), err);
    return carnet_authorization_send_back(a->call, a->demand.request.redirect_uri, a->demand.request.state,
                                          (carnet_str){ 0 }, error, why->reason, err);
}

static carnet_rc
store_plain(arrival *a, carnet_err *err)
{
    char token[CARNET_SERVICE_TOKEN + 1];
    carnet_rc rc = carnet_service_token_make(a->call->worker, token, a->hash, err);

    if (rc != CARNET_OK)
        return rc;
    a->demand.row.request_uri_hash = carnet_span_of(a->hash, sizeof(a->hash));
    rc = carnet_authorization_transact(a->call, keep, a, err);
    a->row = a->demand.row;
    if (rc != CARNET_OK || a->refusal != CARNET_OK)
        return rc;
    return proceed(a, carnet_str_of(token), err);
}

static carnet_rc
arrive_plain(arrival *a, const carnet_form *form, carnet_err *err)
{
    carnet_err why = { 0 };
    carnet_rc rc = carnet_authorization_demand_read(a->call, form, NULL, &a->demand, &why);

    if (rc == CARNET_OK && a->call->as->policy.pushed_required)
        rc = carnet_fail(&why, CARNET_E_OAUTH_PARAMETER, "RFC 9126 5", "the request must be pushed");
    if (rc != CARNET_OK)
        return refuse(a, rc, &why, err);
    rc = store_plain(a, err);
    if (rc != CARNET_OK || a->refusal == CARNET_OK)
        return rc;
    (void)carnet_fail(&why, a->refusal, NULL, "issuer_state is of no offer that is open");
    return refuse(a, a->refusal, &why, err);
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    authorization_call call;
    arrival *a;
    carnet_form *form;
    carnet_rc rc = carnet_authorization_call_begin(self, request, response, "authorization.begun", &call, err);

    /* Who only looks at a link, such as a messenger, uses nothing up. */
    if (rc != CARNET_OK || request->head) {
        response->content_type = "text/html";
        return rc;
    }
    a = carnet_service_scratch(call.worker, sizeof(*a));
    form = carnet_service_scratch(call.worker, sizeof(*form));
    if (a == NULL || form == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    a->call = &call;
    carnet_authorization_form(&request->query, form);
    rc = carnet_form_get(form, "request_uri").len > 0 ? arrive_pushed(a, form, err) : arrive_plain(a, form, err);
    carnet_authorization_demand_done(&a->demand);
    return carnet_authorization_page_end(&call, rc, err);
}

static const carnet_service_parameter_rule parameters[] = {
    { .name = "client_id", .description = "the wallet" },
    { .name = "request_uri", .description = "of the pushed request; the other parameters were pushed then" },
    { .name = "response_type", .description = "code" },
    { .name = "redirect_uri", .description = "where the browser is sent back to" },
    { .name = "scope", .description = "of credential configurations" },
    { .name = "authorization_details", .description = "credential configurations by identifier, in JSON (RFC 9396)" },
    { .name = "code_challenge", .description = "SHA-256 of the code_verifier, in base64url (RFC 7636)" },
    { .name = "code_challenge_method", .description = "S256" },
    { .name = "state", .description = "given back as it is" },
    { .name = "issuer_state", .description = "of the credential offer" },
};

const carnet_service_route carnet_authorization_authorize_route = {
    .method = CARNET_SERVICE_GET,
    .name = "authorize",
    .path = "/authorize",
    .summary = "Where a wallet sends its browser (RFC 6749 3.1, RFC 9126 4)",
    .run = run,
    .parameters = parameters,
    .parameter_count = CARNET_COUNT(parameters),
    .answers = "text/html",
    .rate = 1200,
    .burst = 300,
};
