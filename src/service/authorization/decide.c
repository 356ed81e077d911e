/* SPDX-License-Identifier: Apache-2.0 */
/* POST /authorize/decide: the person agreed that a wallet may have the documents, or not. */
#include "carnet/web_form.h"
#include "internal.h"

typedef struct decision {
    authorization_call *call;
    uint8_t hash[CARNET_STORE_HASH];
    carnet_store_authorization row;
} decision;

/* What is asked, by whom, and two buttons.  Nothing has begun yet: a link that is only looked at uses nothing up. */
carnet_rc
carnet_authorization_ask_consent(authorization_call *call, const carnet_store_authorization *row,
                                 carnet_str request_uri, carnet_err *err)
{
    const carnet_authorization *as = call->as;
    const carnet_authorization_document *document;
    carnet_page_head head = { .title = CARNET_TEXT_CONSENT_TITLE,
                              .leads_to = carnet_authorization_origin(row->redirect_uri) };
    carnet_str wallet = carnet_authorization_wallet_name(as, row->client_id);
    carnet_page page;
    carnet_rc rc = carnet_authorization_browser(call, &head.token, NULL, err);

    if (rc == CARNET_OK)
        rc = carnet_page_begin(&page, &as->web, call->request, call->response, &head, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_html_open_class(&page.html, "section", "card");
    carnet_html_open(&page.html, "p");
    carnet_page_say(&page, CARNET_TEXT_CONSENT, &wallet, 1);
    carnet_html_close(&page.html);
    carnet_html_open(&page.html, "ul");
    for (size_t at = 0; (document = carnet_authorization_document_next(as, row->configurations, &at)) != NULL;)
        carnet_html_element(&page.html, "li", NULL, document->name.len > 0 ? document->name : document->configuration);
    carnet_html_close(&page.html);
    carnet_page_form_begin(&page, "/authorize/decide", (carnet_str){ 0 }, head.token, false);
    carnet_page_hidden(&page, "request", request_uri);
    carnet_html_open_class(&page.html, "div", "actions");
    carnet_page_button(&page, "primary", "decision", "yes", CARNET_TEXT_CONSENT_YES);
    carnet_page_button(&page, NULL, "decision", "no", CARNET_TEXT_CONSENT_NO);
    carnet_html_close(&page.html);
    carnet_page_form_end(&page);
    carnet_html_close(&page.html);
    call->reason = "asked";
    return carnet_page_end(&page, err);
}

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    decision *d = arg;

    carnet_authorization_room_empty(d->call);
    return carnet_store_authorization_by_request_uri(session, carnet_span_of(d->hash, sizeof(d->hash)), &d->row,
                                                     &d->call->room, err);
}

static carnet_rc
decide(decision *d, const carnet_form *form, carnet_err *err)
{
    authorization_call *call = d->call;
    carnet_str cookie = carnet_web_cookie_get(&call->as->web, call->request, CARNET_COOKIE_BROWSER);
    carnet_rc rc = carnet_web_check(&call->as->web, call->request, call->worker->crypto, cookie,
                                    carnet_form_get(form, "token"), err);

    if (rc != CARNET_OK)
        return carnet_authorization_page(call, 403, CARNET_TEXT_FORGED_TITLE, CARNET_TEXT_FORGED, "forged", err);
    rc = carnet_service_hash(call->worker, carnet_form_get(form, "request"), d->hash, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_read(call, find, d, err);
    if (rc != CARNET_OK && rc != CARNET_E_STORE_ABSENT)
        return rc;
    if (rc != CARNET_OK || d->row.state != CARNET_STORE_AUTHORIZATION_PUSHED)
        return carnet_authorization_page(call, 400, CARNET_TEXT_AUTHORIZE_REFUSED_TITLE, CARNET_TEXT_AUTHORIZE_UNKNOWN,
                                         "request_uri_unknown", err);
    /* A person reads: the request's own time was for the way here. */
    if (d->row.expires + AUTHORIZATION_READING <= call->now)
        return carnet_authorization_page(call, 400, CARNET_TEXT_AUTHORIZE_EXPIRED_TITLE, CARNET_TEXT_AUTHORIZE_EXPIRED,
                                         "request_uri_expired", err);
    call->client_id = d->row.client_id;
    call->reference = d->row.id;
    return carnet_str_is(carnet_form_get(form, "decision"), "yes")
               ? carnet_authorization_identify(call, &d->row, err)
               : carnet_authorization_decline(call, &d->row, CARNET_IDENTIFICATION_BY_USER, err);
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    authorization_call call;
    decision *d;
    carnet_form *form;
    carnet_rc rc = carnet_authorization_call_begin(self, request, response, "authorization.consent", &call, err);

    if (rc != CARNET_OK)
        return rc;
    d = carnet_service_scratch(call.worker, sizeof(*d));
    form = carnet_service_scratch(call.worker, sizeof(*form));
    if (d == NULL || form == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    d->call = &call;
    carnet_authorization_form(&request->form, form);
    return carnet_authorization_page_end(&call, decide(d, form, err), err);
}

static const carnet_service_parameter_rule parameters[] = {
    { .name = "request", .description = "the request that is decided", .in_form = true },
    { .name = "decision", .description = "yes or no", .in_form = true },
    { .name = "token", .description = "of the page's form", .in_form = true },
};

const carnet_service_route carnet_authorization_decide_route = {
    .method = CARNET_SERVICE_POST,
    .name = "authorize_decide",
    .path = "/authorize/decide",
    .summary = "The person's decision whether a wallet may have documents",
    .run = run,
    .parameters = parameters,
    .parameter_count = CARNET_COUNT(parameters),
    .accepts = AUTHORIZATION_FORM,
    .answers = "text/html",
    .body_max = 4096,
    .rate = 1200,
    .burst = 300,
};
