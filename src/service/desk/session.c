/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#define WHOLE_DAY    (12 * 3600) /* seconds after which an officer logs in again, however busy */
#define SEEN_EVERY   60          /* seconds between notes that a session is in use */
#define OFFICER_ROOM 4096

unsigned
carnet_desk_may(carnet_store_role role)
{
    switch (role) {
    case CARNET_STORE_ROLE_OFFICER:
        return DESK_CASES;
    case CARNET_STORE_ROLE_SUPERVISOR:
        return DESK_CASES | DESK_OVERVIEW;
    case CARNET_STORE_ROLE_AUDITOR:
        return DESK_OVERVIEW;
    case CARNET_STORE_ROLE_ADMINISTRATOR:
        return DESK_CASES | DESK_OVERVIEW | DESK_OFFICERS;
    }
    return 0;
}

typedef struct session_work {
    const uint8_t *hash;
    carnet_store_browser browser;
    carnet_store_officer officer;
    carnet_buf room;
    bool found;
} session_work;

static carnet_rc
find_session(void *arg, carnet_store_session *session, carnet_err *err)
{
    session_work *w = arg;
    carnet_rc rc;

    w->found = false;
    w->room.len = 0;
    rc = carnet_store_browser_by_hash(session, carnet_span_of(w->hash, CARNET_STORE_HASH), &w->browser, &w->room, err);
    if (rc == CARNET_OK && w->browser.officer != 0 && carnet_str_is(w->browser.kind, "officer"))
        rc = carnet_store_officer_by_id(session, w->browser.officer, &w->officer, &w->room, err);
    else if (rc == CARNET_OK)
        return CARNET_OK;
    w->found = rc == CARNET_OK;
    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}

static carnet_rc
note_seen(void *arg, carnet_store_session *session, carnet_err *err)
{
    session_work *w = arg;
    carnet_rc rc = carnet_store_browser_update(session, &w->browser, err);

    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}

static carnet_rc
look_up(desk_call *call, session_work *w, carnet_err *err)
{
    const carnet_desk *desk = call->desk;
    carnet_rc rc;

    call->cookie = carnet_web_cookie_get(desk->web, call->request, CARNET_COOKIE_DESK);
    if (call->cookie.len == 0)
        return CARNET_OK;
    if ((rc = carnet_service_hash(call->worker, call->cookie, call->session, err)) != CARNET_OK ||
        (rc = carnet_web_token(call->worker->crypto, call->cookie, call->token, err)) != CARNET_OK)
        return rc;
    w->hash = call->session;
    w->room = carnet_service_scratch_buf(call->worker, OFFICER_ROOM);
    if ((rc = carnet_store_read(call->worker->store, find_session, w, err)) != CARNET_OK)
        return rc;
    w->found = w->found && !w->officer.disabled && w->browser.expires > call->now &&
               w->browser.created + WHOLE_DAY > call->now;
    if (!w->found || w->browser.seen + SEEN_EVERY > call->now)
        return CARNET_OK;
    w->browser.seen = call->now;
    w->browser.expires = call->now + desk->session_s;
    return carnet_store_transact(call->worker->store, note_seen, w, err);
}

/* BASE/desk */
static bool
is_front(const carnet_desk *desk, carnet_str path)
{
    carnet_str base = desk->web->base_path;

    return path.len == base.len + 5 && carnet_str_is((carnet_str){ path.ptr + base.len, 5 }, "/desk");
}

carnet_rc
carnet_desk_enter(void *self, const carnet_service_request *request, carnet_service_response *response, unsigned may,
                  desk_call *call, carnet_err *err)
{
    session_work w = { 0 };
    bool front = request->in_path.count == 0 && request->query.count == 0 && is_front(self, request->path);
    carnet_rc rc;

    *call = (desk_call){ .desk = self, .request = request, .response = response };
    if ((rc = carnet_service_begin(call->desk->context, request, &call->worker, err)) != CARNET_OK)
        return rc;
    call->now = carnet_service_now(call->worker);
    if ((rc = look_up(call, &w, err)) != CARNET_OK)
        return rc;
    if (!w.found) {
        call->answered = true;
        return carnet_web_redirect(call->desk->web, response, carnet_str_of("/desk/login"), err);
    }
    call->officer = w.officer;
    if ((carnet_desk_may(w.officer.role) & may) != 0)
        return CARNET_OK;
    call->answered = true;
    /* An auditor who logs in lands where there is something for one. */
    if (front && carnet_desk_may(w.officer.role) == DESK_OVERVIEW)
        return carnet_web_redirect(call->desk->web, response, carnet_str_of("/overview"), err);
    return carnet_desk_message(call, 403, CARNET_TONE_BAD, CARNET_TEXT_NOT_ALLOWED_TITLE, CARNET_TEXT_NOT_ALLOWED, err);
}

carnet_rc
carnet_desk_check_token(desk_call *call, carnet_str token, carnet_err *err)
{
    carnet_rc rc = carnet_web_check(call->desk->web, call->request, call->worker->crypto, call->cookie, token, err);
    carnet_service_event event = { .interface = "IS-4", .kind = "desk.forged", .outcome = "refused" };

    if (rc != CARNET_E_WEB_FORGED)
        return rc;
    carnet_service_event_log(call->worker, &event);
    call->answered = true;
    return carnet_page_message(call->desk->web, call->request, call->response, 403, CARNET_TONE_BAD,
                               CARNET_TEXT_FORGED_TITLE, CARNET_TEXT_FORGED, (carnet_str){ 0 }, err);
}

carnet_rc
carnet_desk_enter_form(void *self, const carnet_service_request *request, carnet_service_response *response,
                       unsigned may, desk_call *call, carnet_err *err)
{
    const carnet_str *token = carnet_service_parameter_get(&request->form, "token");
    carnet_rc rc = carnet_desk_enter(self, request, response, may, call, err);

    if (rc != CARNET_OK || call->answered)
        return rc;
    return carnet_desk_check_token(call, token != NULL ? *token : (carnet_str){ 0 }, err);
}

carnet_rc
carnet_desk_redirect(desk_call *call, const char *path, int64_t id, const char *rest, carnet_err *err)
{
    uint8_t room[128];
    carnet_buf to = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_text(&to, path);
    if (id != 0)
        carnet_buf_add_int(&to, id);
    carnet_buf_add_text(&to, rest);
    return carnet_web_redirect(call->desk->web, call->response, carnet_buf_str(&to), err);
}

/* The bar: what there is in this deployment, and for this officer. */
static size_t
add_entries(const desk_call *call, carnet_page_entry *entries)
{
    const carnet_config_services *services = carnet_service_configuration(call->desk->context)->services;
    const unsigned may = carnet_desk_may(call->officer.role);
    size_t count = 0;

    if ((may & DESK_CASES) != 0)
        entries[count++] = (carnet_page_entry){ "/desk", CARNET_TEXT_DESK_CASES };
    if ((may & DESK_OVERVIEW) == 0)
        return count;
    if (services->overview != NULL) {
        entries[count++] = (carnet_page_entry){ "/overview", CARNET_TEXT_OVERVIEW };
        entries[count++] = (carnet_page_entry){ "/overview/record", CARNET_TEXT_RECORD };
    }
    if (services->issuing_authorization != NULL)
        entries[count++] = (carnet_page_entry){ "/payments", CARNET_TEXT_PAYMENTS };
    if (services->acquiring_switch != NULL)
        entries[count++] = (carnet_page_entry){ "/switch", CARNET_TEXT_SWITCH };
    if (services->mobile_app_server != NULL)
        entries[count++] = (carnet_page_entry){ "/staged", CARNET_TEXT_STAGED };
    if (services->identity_provider != NULL)
        entries[count++] = (carnet_page_entry){ "/identity", CARNET_TEXT_IDENTITY };
    return count;
}

carnet_rc
carnet_desk_page(desk_call *call, carnet_page_head *head, carnet_page *page, carnet_err *err)
{
    carnet_page_entry entries[8];
    carnet_rc rc;

    head->entry_count = add_entries(call, entries);
    head->entries = entries;
    head->user = call->officer.name;
    head->log_out = "/desk/logout";
    head->token = carnet_str_of(call->token);
    rc = carnet_page_begin(page, call->desk->web, call->request, call->response, head, err);
    head->entries = NULL; /* they were this function's */
    head->entry_count = 0;
    return rc;
}

carnet_rc
carnet_desk_message(desk_call *call, int status, carnet_page_tone tone, carnet_text title, carnet_text message,
                    carnet_err *err)
{
    carnet_page page;
    carnet_page_head head = { .title = title, .status = status, .current = "/desk" };
    carnet_rc rc = carnet_desk_page(call, &head, &page, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_page_notice_begin(&page, tone);
    carnet_page_element(&page, "p", NULL, message);
    carnet_page_notice_end(&page);
    carnet_html_open_class(&page.html, "p", "actions");
    carnet_html_open_class(&page.html, "a", "button");
    carnet_page_href(&page, "href", "/desk", (carnet_str){ 0 });
    carnet_html_say(&page.html, carnet_page_text(&page, CARNET_TEXT_BACK));
    carnet_html_close(&page.html);
    carnet_html_close(&page.html);
    return carnet_page_end(&page, err);
}
