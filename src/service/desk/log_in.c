/* SPDX-License-Identifier: Apache-2.0 */
/* GET and POST /desk/login, POST /desk/logout. */
#include "internal.h"

#define FAILURES    5    /* wrong passwords in a row before a pause */
#define PAUSE       60   /* seconds; doubled by each further one */
#define LONGEST     3600 /* the longest pause */
#define RECORD_ROOM 4096

/* The form, with a session that is no officer's yet: only for its token. */
static carnet_rc
show(desk_call *call, int status, carnet_text problem, carnet_str login, carnet_err *err)
{
    carnet_page page;
    carnet_page_head head = { .title = CARNET_TEXT_LOG_IN_TITLE, .status = status };
    carnet_page_field fields[] = { { .type = "text",
                                     .name = carnet_str_of("login"),
                                     .label = CARNET_TEXT_LOGIN,
                                     .value = login,
                                     .max = 64,
                                     .autocomplete = "username",
                                     .required = true,
                                     .autofocus = true },
                                   { .type = "password",
                                     .name = carnet_str_of("password"),
                                     .label = CARNET_TEXT_PASSWORD,
                                     .max = CARNET_DESK_PASSWORD_MAX,
                                     .autocomplete = "current-password",
                                     .required = true } };
    carnet_rc rc = carnet_page_begin(&page, call->desk->web, call->request, call->response, &head, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_html_open_class(&page.html, "div", "narrow");
    if (problem != CARNET_TEXT_NONE) {
        carnet_page_notice_begin(&page, CARNET_TONE_BAD);
        carnet_page_element(&page, "p", NULL, problem);
        carnet_page_notice_end(&page);
    }
    carnet_html_open_class(&page.html, "div", "card");
    carnet_page_form_begin(&page, "/desk/login", (carnet_str){ 0 }, carnet_str_of(call->token), false);
    for (size_t i = 0; i < CARNET_COUNT(fields); i++)
        carnet_page_field_add(&page, &fields[i]);
    carnet_page_button(&page, "primary wide-button", NULL, NULL, CARNET_TEXT_LOG_IN);
    carnet_page_form_end(&page);
    carnet_html_close(&page.html);
    carnet_html_close(&page.html);
    return carnet_page_end(&page, err);
}

static carnet_rc
begin(void *self, const carnet_service_request *request, carnet_service_response *response, desk_call *call,
      carnet_err *err)
{
    carnet_rc rc;

    *call = (desk_call){ .desk = self, .request = request, .response = response };
    if ((rc = carnet_service_begin(call->desk->context, request, &call->worker, err)) != CARNET_OK)
        return rc;
    call->now = carnet_service_now(call->worker);
    call->cookie = carnet_web_cookie_get(call->desk->web, request, CARNET_COOKIE_LOG_IN);
    return call->cookie.len == 0 ? CARNET_OK : carnet_web_token(call->worker->crypto, call->cookie, call->token, err);
}

static carnet_rc
log_in(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    char secret[CARNET_WEB_SECRET + 1];
    desk_call call;
    carnet_rc rc = begin(self, request, response, &call, err);

    if (rc == CARNET_OK && call.cookie.len == 0) {
        if ((rc = carnet_web_secret(&call.worker->random, secret, err)) == CARNET_OK &&
            (rc = carnet_web_cookie_set(call.desk->web, response, CARNET_COOKIE_LOG_IN, carnet_str_of(secret), 0,
                                        err)) == CARNET_OK)
            rc = carnet_web_token(call.worker->crypto, carnet_str_of(secret), call.token, err);
    }
    return rc != CARNET_OK ? rc : show(&call, 0, CARNET_TEXT_NONE, (carnet_str){ 0 }, err);
}

typedef struct log_in_work {
    carnet_str login;
    carnet_time now;
    carnet_store_officer officer;
    carnet_buf room;
    bool found, right;
    carnet_store_browser browser;
    carnet_span old_hash; /* of the cookie that came: it names no session after the log-in */
    carnet_str request;
} log_in_work;

static carnet_rc
find_officer(void *arg, carnet_store_session *session, carnet_err *err)
{
    log_in_work *w = arg;
    carnet_rc rc;

    w->room.len = 0;
    rc = carnet_store_officer_by_login(session, w->login, &w->officer, &w->room, err);
    w->found = rc == CARNET_OK;
    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}

static int64_t
pause_after(int64_t failures)
{
    int64_t pause = PAUSE;

    if (failures + 1 < FAILURES)
        return 0;
    for (int64_t i = FAILURES; i < failures + 1 && pause < LONGEST; i++)
        pause *= 2;
    return pause < LONGEST ? pause : LONGEST;
}

static carnet_rc
record(void *arg, carnet_store_session *session, carnet_err *err)
{
    log_in_work *w = arg;
    int64_t pause = w->found ? pause_after(w->officer.failures) : 0;
    carnet_store_event event = { .at = w->now,
                                 .interface = carnet_str_of("IS-4"),
                                 .kind = carnet_str_of("login"),
                                 .outcome = w->right ? CARNET_STORE_OUTCOME_DONE : CARNET_STORE_OUTCOME_REFUSED,
                                 .reason = carnet_str_of(w->right   ? ""
                                                         : w->found ? "password"
                                                                    : "unknown login"),
                                 .actor = w->found ? w->officer.login : (carnet_str){ 0 },
                                 .reference = w->found ? w->officer.id : 0,
                                 .request = w->request };
    carnet_rc rc = CARNET_OK;

    if (w->right) {
        if ((rc = carnet_store_officer_entered(session, w->officer.id, w->now, err)) == CARNET_OK &&
            (rc = carnet_store_browser_delete(session, w->old_hash, err)) == CARNET_E_STORE_ABSENT)
            rc = CARNET_OK;
        if (rc == CARNET_OK)
            rc = carnet_store_browser_insert(session, &w->browser, err);
    } else if (w->found)
        rc = carnet_store_officer_refused(session, w->officer.id, pause > 0 ? w->now + pause : 0, err);
    return rc != CARNET_OK ? rc : carnet_store_event_insert(session, &event, err);
}

/* A session of its own from here on: a cookie that somebody else set is worth nothing. */
static carnet_rc
enter(desk_call *call, log_in_work *w, carnet_err *err)
{
    char secret[CARNET_WEB_SECRET + 1];
    uint8_t hash[CARNET_STORE_HASH], old_hash[CARNET_STORE_HASH];
    carnet_str old = carnet_web_cookie_get(call->desk->web, call->request, CARNET_COOKIE_DESK);
    carnet_service_event event = { .interface = "IS-4", .kind = "desk.login" };
    carnet_rc rc;

    if ((rc = carnet_web_secret(&call->worker->random, secret, err)) != CARNET_OK ||
        (rc = carnet_service_hash(call->worker, carnet_str_of(secret), hash, err)) != CARNET_OK ||
        (rc = carnet_service_hash(call->worker, old, old_hash, err)) != CARNET_OK)
        return rc;
    w->old_hash = carnet_span_of(old_hash, sizeof(old_hash));
    w->browser = (carnet_store_browser){ .hash = carnet_span_of(hash, sizeof(hash)),
                                         .kind = carnet_str_of("officer"),
                                         .officer = w->officer.id,
                                         .created = call->now,
                                         .seen = call->now,
                                         .expires = call->now + call->desk->session_s };
    if ((rc = carnet_store_transact(call->worker->store, record, w, err)) != CARNET_OK)
        return rc;
    carnet_service_event_log(call->worker, &event);
    if ((rc = carnet_web_cookie_set(call->desk->web, call->response, CARNET_COOKIE_DESK, carnet_str_of(secret), 0,
                                    err)) != CARNET_OK)
        return rc;
    return carnet_desk_redirect(call, "/desk", 0, "", err);
}

static carnet_rc
refuse(desk_call *call, log_in_work *w, carnet_text why, carnet_err *err)
{
    carnet_service_event event = { .interface = "IS-4", .kind = "desk.login", .outcome = "refused" };
    carnet_rc rc = carnet_store_transact(call->worker->store, record, w, err);

    carnet_service_event_log(call->worker, &event);
    return rc != CARNET_OK ? rc : show(call, 403, why, w->login, err);
}

static carnet_rc
log_in_form(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *login = carnet_service_parameter_get(&request->form, "login"),
                     *password = carnet_service_parameter_get(&request->form, "password"),
                     *token = carnet_service_parameter_get(&request->form, "token");
    log_in_work w = { .request = carnet_str_of(request->identifier) };
    desk_call call;
    bool locked;
    carnet_rc rc = begin(self, request, response, &call, err);

    if (rc != CARNET_OK ||
        (rc = carnet_desk_check_token(&call, token != NULL ? *token : (carnet_str){ 0 }, err)) != CARNET_OK ||
        call.answered)
        return rc;
    if (login == NULL || password == NULL || login->len > 64 || login->len == 0)
        return show(&call, 400, CARNET_TEXT_LOG_IN_WRONG, (carnet_str){ 0 }, err);
    w.login = *login;
    w.now = call.now;
    w.room = carnet_service_scratch_buf(call.worker, RECORD_ROOM);
    if ((rc = carnet_store_read(call.worker->store, find_officer, &w, err)) != CARNET_OK)
        return rc;
    /* A locked one costs the same time and says the same as one that is not there. */
    locked = w.found && (w.officer.disabled || w.officer.locked > call.now);
    rc =
        carnet_desk_password_check(w.found && !locked ? w.officer.secret : (carnet_str){ 0 }, *password, &w.right, err);
    if (rc != CARNET_OK)
        return rc;
    if (locked)
        return show(&call, 403, CARNET_TEXT_LOG_IN_WRONG, *login, err);
    return w.right ? enter(&call, &w, err) : refuse(&call, &w, CARNET_TEXT_LOG_IN_WRONG, err);
}

static carnet_rc
forget(void *arg, carnet_store_session *session, carnet_err *err)
{
    const desk_call *call = arg;
    carnet_rc rc = carnet_store_browser_delete(session, carnet_span_of(call->session, sizeof(call->session)), err);

    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}

static carnet_rc
log_out(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    desk_call call;
    carnet_rc rc = carnet_desk_enter_form(self, request, response, DESK_CASES | DESK_OVERVIEW, &call, err);

    if (rc != CARNET_OK || call.answered)
        return rc;
    if ((rc = carnet_store_transact(call.worker->store, forget, &call, err)) != CARNET_OK ||
        (rc = carnet_web_cookie_set(call.desk->web, response, CARNET_COOKIE_DESK, (carnet_str){ 0 }, 0, err)) !=
            CARNET_OK)
        return rc;
    return carnet_desk_redirect(&call, "/desk/login", 0, "", err);
}

#define FORM "application/x-www-form-urlencoded"

const carnet_service_route carnet_desk_log_in = {
    .method = CARNET_SERVICE_GET,
    .name = "desk_log_in",
    .path = "/desk/login",
    .summary = "The officers' log-in page.",
    .run = log_in,
    .answers = "text/html",
};
const carnet_service_route carnet_desk_log_in_form = {
    .method = CARNET_SERVICE_POST,
    .name = "desk_log_in_form",
    .path = "/desk/login",
    .summary = "Log an officer in.",
    .run = log_in_form,
    .accepts = FORM,
    .answers = "text/html",
    .body_max = 4096,
    .rate = 60,
    .burst = 30,
};
const carnet_service_route carnet_desk_log_out = {
    .method = CARNET_SERVICE_POST,
    .name = "desk_log_out",
    .path = "/desk/logout",
    .summary = "End an officer's session.",
    .run = log_out,
    .accepts = FORM,
    .answers = "text/html",
    .body_max = 4096,
};
