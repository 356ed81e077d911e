/* SPDX-License-Identifier: Apache-2.0 */
/* GET /authorize/return: the browser is back from the identification. */
#include "internal.h"

typedef struct homecoming {
    authorization_call *call;
    uint8_t flow_hash[CARNET_STORE_HASH], browser_hash[CARNET_STORE_HASH];
    carnet_store_authorization row;
} homecoming;

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    homecoming *h = arg;

    carnet_authorization_room_empty(h->call);
    return carnet_store_authorization_by_identification(session, carnet_span_of(h->flow_hash, CARNET_STORE_HASH),
                                                        &h->row, &h->call->room, err);
}

static carnet_rc
look(homecoming *h, carnet_str flow, carnet_err *err)
{
    authorization_call *call = h->call;
    carnet_str cookie = carnet_web_cookie_get(&call->as->web, call->request, CARNET_COOKIE_BROWSER);
    carnet_rc rc = carnet_service_hash(call->worker, flow, h->flow_hash, err);

    if (rc == CARNET_OK)
        rc = carnet_service_hash(call->worker, cookie, h->browser_hash, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_read(call, find, h, err);
    if (rc != CARNET_OK && rc != CARNET_E_STORE_ABSENT)
        return rc;
    if (rc != CARNET_OK || flow.len == 0 || h->row.state != CARNET_STORE_AUTHORIZATION_IDENTIFYING)
        return carnet_authorization_page(call, 400, CARNET_TEXT_AUTHORIZE_REFUSED_TITLE, CARNET_TEXT_AUTHORIZE_UNKNOWN,
                                         "flow_unknown", err);
    call->client_id = h->row.client_id;
    call->reference = h->row.id;
    /* Who has the link only, has not the browser: somebody else must not finish what this person began, nor the reverse. */
    if (cookie.len == 0 ||
        !carnet_equal_secret(h->row.browser_hash, carnet_span_of(h->browser_hash, CARNET_STORE_HASH)))
        return carnet_authorization_page(call, 403, CARNET_TEXT_AUTHORIZE_REFUSED_TITLE,
                                         CARNET_TEXT_AUTHORIZE_OTHER_BROWSER, "other_browser", err);
    if (h->row.expires <= call->now)
        return carnet_authorization_decline(call, &h->row, CARNET_IDENTIFICATION_TOO_LATE, err);
    return carnet_authorization_go_on(call, &h->row, flow, err);
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *flow = carnet_service_parameter_get(&request->query, "state");
    authorization_call call;
    homecoming *h;
    carnet_rc rc = carnet_authorization_call_begin(self, request, response, "identification", &call, err);

    /* Who only looks at a link, such as a messenger, uses nothing up. */
    if (rc != CARNET_OK || request->head) {
        response->content_type = "text/html";
        return rc;
    }
    h = carnet_service_scratch(call.worker, sizeof(*h));
    if (h == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    h->call = &call;
    return carnet_authorization_page_end(&call, look(h, flow != NULL ? *flow : (carnet_str){ 0 }, err), err);
}

static const carnet_service_parameter_rule parameters[] = {
    { .name = "state", .description = "the flow that is gone on with" },
};

const carnet_service_route carnet_authorization_return_route = {
    .method = CARNET_SERVICE_GET,
    .name = "authorize_return",
    .path = "/authorize/return",
    .summary = "Where the browser comes back to from the identification",
    .run = run,
    .parameters = parameters,
    .parameter_count = CARNET_COUNT(parameters),
    .answers = "text/html",
    .rate = 6000,
    .burst = 600,
};
