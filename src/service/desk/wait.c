/* SPDX-License-Identifier: Apache-2.0 */
/* GET /identify/{flow} -- where the applicant's browser waits; GET .../state; POST .../cancel. */
#include "carnet/json_build.h"
#include "internal.h"

/* Who waits has nothing but the flow, which is unpredictable. */
static carnet_rc
begin(void *self, const carnet_service_request *request, carnet_service_response *response, desk_call *call,
      desk_case *c, bool *found, carnet_err *err)
{
    const carnet_str *flow = carnet_service_parameter_get(&request->in_path, "flow");
    carnet_rc rc;

    *call = (desk_call){ .desk = self, .request = request, .response = response };
    *found = false;
    if ((rc = carnet_service_begin(call->desk->context, request, &call->worker, err)) != CARNET_OK)
        return rc;
    call->now = carnet_service_now(call->worker);
    call->cookie = carnet_web_cookie_get(call->desk->web, request, CARNET_COOKIE_BROWSER);
    if (flow == NULL || flow->len > 128)
        return CARNET_OK;
    return carnet_desk_case_of_flow(call->desk, call->worker, *flow, call->now, c, found, err);
}

static bool
over(const desk_case *c)
{
    return carnet_desk_case_closed(c) || c->expired;
}

static const char *
state_of(const desk_case *c)
{
    if (over(c))
        return "over";
    return c->row.state == CARNET_STORE_ENROLMENT_WAITING ? "waiting" : "open";
}

static void
add_watch(carnet_page *page, const desk_call *call, const desk_case *c)
{
    const carnet_str *flow = carnet_service_parameter_get(&call->request->in_path, "flow");
    uint8_t room[256];
    carnet_buf path = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_str(&path, call->desk->web->base_path);
    carnet_buf_add_text(&path, "/identify/");
    carnet_buf_add_str(&path, *flow);
    carnet_buf_add_text(&path, "/state");
    carnet_html_open(&page->html, "p");
    carnet_html_set_text(&page->html, "role", "status");
    carnet_html_set(&page->html, "data-watch", carnet_buf_str(&path));
    carnet_html_set_text(&page->html, "data-state", state_of(c));
    carnet_html_open_class(&page->html, "span", "progress");
    carnet_html_set_text(&page->html, "aria-hidden", "true");
    carnet_html_close(&page->html);
    carnet_html_say(&page->html,
                    carnet_page_text(page, c->row.state == CARNET_STORE_ENROLMENT_WAITING ? CARNET_TEXT_WAIT_WAITING
                                                                                          : CARNET_TEXT_WAIT_OPEN));
    carnet_html_close(&page->html);
}

static carnet_rc
add_cancel(carnet_page *page, desk_call *call, carnet_err *err)
{
    const carnet_str *flow = carnet_service_parameter_get(&call->request->in_path, "flow");
    uint8_t room[256];
    carnet_buf path = carnet_buf_of(room, sizeof(room));
    carnet_rc rc;

    if (call->cookie.len == 0)
        return CARNET_OK;
    if ((rc = carnet_web_token(call->worker->crypto, call->cookie, call->token, err)) != CARNET_OK)
        return rc;
    carnet_buf_add_str(&path, *flow);
    carnet_buf_add_text(&path, "/cancel");
    carnet_html_open_class(&page->html, "div", "actions");
    carnet_page_form_begin(page, "/identify/", carnet_buf_str(&path), carnet_str_of(call->token), false);
    carnet_page_button(page, NULL, NULL, NULL, CARNET_TEXT_WAIT_CANCEL);
    carnet_page_form_end(page);
    carnet_html_close(&page->html);
    return CARNET_OK;
}

static carnet_rc
show(desk_call *call, desk_case *c, carnet_err *err)
{
    carnet_page_head head = { .title = CARNET_TEXT_WAIT_TITLE, .script = "wait.js", .refresh_s = 20 };
    carnet_page page;
    carnet_rc rc = carnet_page_begin(&page, call->desk->web, call->request, call->response, &head, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_html_open_class(&page.html, "div", "columns");
    carnet_html_open_class(&page.html, "section", "card");
    carnet_page_element(&page, "h2", "center", CARNET_TEXT_WAIT_NUMBER);
    carnet_html_element(&page.html, "p", "called code", c->row.number);
    if ((rc = carnet_page_qr(&page, c->row.number, CARNET_TEXT_WAIT_QR, err)) != CARNET_OK)
        return rc;
    carnet_html_close(&page.html);
    carnet_html_open_class(&page.html, "section", "card");
    carnet_page_element(&page, "h2", NULL, CARNET_TEXT_WAIT_WHAT);
    carnet_html_open(&page.html, "ol");
    carnet_page_element(&page, "li", NULL, CARNET_TEXT_WAIT_STEP_1);
    carnet_page_element(&page, "li", NULL, CARNET_TEXT_WAIT_STEP_2);
    carnet_page_element(&page, "li", NULL, CARNET_TEXT_WAIT_STEP_3);
    carnet_html_close(&page.html);
    carnet_html_open_class(&page.html, "dl", "facts");
    carnet_page_element(&page, "dt", NULL, CARNET_TEXT_AUTHORIZE_WALLET);
    carnet_html_open(&page.html, "dd");
    for (size_t i = 0; i < c->configuration_count; i++) {
        carnet_html_say(&page.html, i > 0 ? ", " : "");
        carnet_html_value(&page.html, c->configurations[i]->name);
    }
    carnet_html_close(&page.html);
    carnet_html_close(&page.html);
    add_watch(&page, call, c);
    rc = add_cancel(&page, call, err);
    carnet_html_close(&page.html);
    carnet_html_close(&page.html);
    return rc == CARNET_OK ? carnet_page_end(&page, err) : rc;
}

static carnet_rc
not_found(desk_call *call, carnet_err *err)
{
    return carnet_page_message(call->desk->web, call->request, call->response, 404, CARNET_TONE_BAD,
                               CARNET_TEXT_NOT_FOUND_TITLE, CARNET_TEXT_NOT_FOUND, (carnet_str){ 0 }, err);
}

static carnet_rc
go_back(desk_call *call, const desk_case *c, carnet_err *err)
{
    carnet_str back = carnet_desk_draft_named(&c->evidence, "return");

    return back.len > 0 ? carnet_web_redirect(call->desk->web, call->response, back, err) : not_found(call, err);
}

static carnet_rc
wait(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    desk_call call;
    desk_case c;
    bool found;
    carnet_rc rc = begin(self, request, response, &call, &c, &found, err);

    if (rc != CARNET_OK)
        return rc;
    if (!found)
        return not_found(&call, err);
    return over(&c) ? go_back(&call, &c, err) : show(&call, &c, err);
}

static carnet_rc
state(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    desk_call call;
    desk_case c;
    bool found;
    carnet_json_builder b = carnet_json_build(&response->body);
    carnet_rc rc = begin(self, request, response, &call, &c, &found, err);

    if (rc != CARNET_OK)
        return rc;
    if (!found)
        return carnet_fail(err, CARNET_E_SERVICE_PATH, NULL, NULL);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "state", state_of(&c));
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

static carnet_rc
cancel(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *token = carnet_service_parameter_get(&request->form, "token");
    desk_event event = { CARNET_STORE_OUTCOME_REFUSED, "enrolment.refused", carnet_str_of("by_user"), { 0 } };
    desk_call call;
    desk_case c;
    bool found, stale;
    carnet_rc rc = begin(self, request, response, &call, &c, &found, err);

    if (rc != CARNET_OK)
        return rc;
    if (!found)
        return not_found(&call, err);
    rc = carnet_desk_check_token(&call, token != NULL ? *token : (carnet_str){ 0 }, err);
    if (rc != CARNET_OK || call.answered)
        return rc;
    if (!over(&c)) {
        c.row.state = CARNET_STORE_ENROLMENT_REFUSED;
        c.row.reason = event.reason;
        if ((rc = carnet_desk_case_save(call.worker, &c, &event, &stale, err)) != CARNET_OK)
            return rc;
    }
    return carnet_web_cancelled(call.desk->web, call.request, call.response,
                                carnet_desk_draft_named(&c.evidence, "return"), err);
}

const carnet_service_route carnet_desk_wait = {
    .method = CARNET_SERVICE_GET,
    .name = "identify",
    .path = "/identify/{flow}",
    .summary = "Where an applicant's browser waits for an enrolment officer.",
    .run = wait,
    .answers = "text/html",
};
const carnet_service_route carnet_desk_wait_state = {
    .method = CARNET_SERVICE_GET,
    .name = "identify_state",
    .path = "/identify/{flow}/state",
    .summary = "Whether it still has to wait.",
    .run = state,
    .quiet = true,
};
const carnet_service_route carnet_desk_wait_cancel = {
    .method = CARNET_SERVICE_POST,
    .name = "identify_cancel",
    .path = "/identify/{flow}/cancel",
    .summary = "The applicant breaks off.",
    .run = cancel,
    .accepts = "application/x-www-form-urlencoded",
    .answers = "text/html",
    .body_max = 4096,
};
