/* SPDX-License-Identifier: Apache-2.0 */
/* GET /identity -- the operators' view: sessions with what came of them, vectors and refusals, the latest first; and what can be
 * done about them (operate.c). */
#include "carnet/desk_page.h"
#include "carnet/web_form.h"
#include "internal.h"

#include <string.h>

enum { ROWS = 50, ROOM = 8192 };

typedef struct row {
    int64_t id, device, account, level, state;
    int64_t device_state; /* 0: it is no more */
    carnet_time created;
    carnet_authentication_session session;
    char party[40], vot[64], reason[48], user[64], phone[48];
} row;

typedef struct listing {
    int64_t before;
    row rows[ROWS];
    size_t count;
    carnet_buf room;
} listing;

static bool
add(void *self, const carnet_store_identity_session *from)
{
    listing *l = self;
    row *r = &l->rows[l->count++];

    *r = (row){ .id = from->id,
                .device = from->device,
                .account = from->account,
                .level = from->level,
                .created = from->created,
                .session = { .status = (carnet_bops_status)from->state,
                             .expires = from->expires,
                             .active_until = from->active_until } };
    carnet_service_copy(r->party, sizeof(r->party), from->party);
    carnet_service_copy(r->vot, sizeof(r->vot), from->vot);
    carnet_service_copy(r->reason, sizeof(r->reason), from->reason);
    return l->count < ROWS;
}

static carnet_rc
read_rows(void *arg, carnet_store_session *session, carnet_err *err)
{
    listing *l = arg;
    carnet_store_identity_device device;
    carnet_store_identity_account account;
    carnet_rc rc;

    l->count = 0;
    rc = carnet_store_identity_session_list(session, l->before, ROWS, add, l, err);
    for (size_t i = 0; rc == CARNET_OK && i < l->count; i++) {
        l->room.len = 0;
        l->room.overflow = false;
        rc = carnet_store_identity_device_by_id(session, l->rows[i].device, &device, &l->room, err);
        l->rows[i].device_state = rc == CARNET_OK ? device.state : 0;
        if (rc == CARNET_OK)
            carnet_service_copy(l->rows[i].phone, sizeof(l->rows[i].phone), device.name);
        if (rc == CARNET_OK || rc == CARNET_E_STORE_ABSENT)
            rc = carnet_store_identity_account_by_id(session, l->rows[i].account, &account, &l->room, err);
        if (rc == CARNET_OK)
            carnet_service_copy(l->rows[i].user, sizeof(l->rows[i].user), account.user_id);
        rc = rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
    }
    return rc;
}

/* --- the page --- */

static const carnet_text columns[] = {
    CARNET_TEXT_IDENTITY_OPENED, CARNET_TEXT_IDENTITY_PARTY, CARNET_TEXT_IDENTITY_USER,
    CARNET_TEXT_IDENTITY_DEVICE, CARNET_TEXT_IDENTITY_STATE, CARNET_TEXT_IDENTITY_VECTOR,
    CARNET_TEXT_IDENTITY_REASON, CARNET_TEXT_IDENTITY_LEVEL, CARNET_TEXT_NONE
};

static void
state_cell(carnet_page *page, const row *r, carnet_time now)
{
    static const struct {
        carnet_page_tone tone;
        carnet_text text;
    } badges[] = {
        [CARNET_BOPS_OPPORTUNITY] = { CARNET_TONE_PLAIN, CARNET_TEXT_IDENTITY_WAITING },
        [CARNET_BOPS_REGISTERED] = { CARNET_TONE_PLAIN, CARNET_TEXT_IDENTITY_AT_IT },
        [CARNET_BOPS_AUTHENTICATED] = { CARNET_TONE_GOOD, CARNET_TEXT_IDENTITY_AUTHENTICATED },
        [CARNET_BOPS_CONSUMED] = { CARNET_TONE_GOOD, CARNET_TEXT_IDENTITY_USED },
        [CARNET_BOPS_FAILED] = { CARNET_TONE_BAD, CARNET_TEXT_IDENTITY_FAILED },
        [CARNET_BOPS_CANCELLED] = { CARNET_TONE_CAUTION, CARNET_TEXT_IDENTITY_CANCELLED },
        [CARNET_BOPS_EXPIRED] = { CARNET_TONE_CAUTION, CARNET_TEXT_IDENTITY_EXPIRED },
    };
    const carnet_bops_status status = carnet_authentication_session_status(&r->session, now);

    carnet_page_cell_begin(page, columns[4], NULL);
    if (status > CARNET_BOPS_STATUS_NONE && (size_t)status < CARNET_COUNT(badges))
        carnet_page_badge(page, badges[status].tone, badges[status].text);
    carnet_html_close(&page->html);
}

/* What can be done about it. */
static void
add_actions(carnet_page *page, const row *r, carnet_time now, carnet_str token)
{
    const carnet_bops_status status = carnet_authentication_session_status(&r->session, now);
    const bool goes_on =
        status == CARNET_BOPS_OPPORTUNITY || status == CARNET_BOPS_REGISTERED || status == CARNET_BOPS_AUTHENTICATED;
    uint8_t octets[24];
    carnet_buf id = carnet_buf_of(octets, sizeof(octets));

    carnet_html_open(&page->html, "td");
    if (goes_on || r->device_state == CARNET_STORE_DEVICE_ACTIVATED || r->device_state == CARNET_STORE_DEVICE_BLOCKED) {
        carnet_buf_add_int(&id, r->id);
        carnet_page_form_begin(page, "/identity", (carnet_str){ 0 }, token, false);
        carnet_page_hidden(page, "id", carnet_buf_str(&id));
        if (goes_on)
            carnet_page_button(page, NULL, "action", "end", CARNET_TEXT_IDENTITY_END);
        if (r->device_state == CARNET_STORE_DEVICE_ACTIVATED)
            carnet_page_button(page, NULL, "action", "block", CARNET_TEXT_IDENTITY_BLOCK);
        else if (r->device_state == CARNET_STORE_DEVICE_BLOCKED)
            carnet_page_button(page, NULL, "action", "unblock", CARNET_TEXT_IDENTITY_UNBLOCK);
        carnet_page_form_end(page);
    }
    carnet_html_close(&page->html);
}

static void
phone_cell(carnet_page *page, const row *r)
{
    carnet_page_cell_begin(page, columns[3], NULL);
    carnet_html_value(&page->html, carnet_str_of(r->phone[0] != '\0' ? r->phone : "\xe2\x80\x93"));
    if (r->device_state == CARNET_STORE_DEVICE_BLOCKED)
        carnet_page_badge(page, CARNET_TONE_BAD, CARNET_TEXT_IDENTITY_BLOCKED);
    carnet_html_close(&page->html);
}

static void
add_row(carnet_page *page, const row *r, carnet_time now, carnet_str token)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "tr");
    carnet_html_open(h, "th");
    carnet_html_set_text(h, "scope", "row");
    carnet_html_set_text(h, "data-label", carnet_page_text(page, columns[0]));
    carnet_page_time(page, r->created);
    carnet_html_close(h);
    carnet_page_cell(page, columns[1], NULL, r->party);
    carnet_page_cell(page, columns[2], NULL, r->user);
    phone_cell(page, r);
    state_cell(page, r, now);
    carnet_page_cell(page, columns[5], NULL, r->vot);
    carnet_page_cell(page, columns[6], NULL, r->reason);
    carnet_page_cell_begin(page, columns[7], "number");
    if (r->vot[0] != '\0')
        carnet_html_int(h, r->level);
    carnet_html_close(h);
    add_actions(page, r, now, token);
    carnet_html_close(h);
}

static int64_t
before_of(const carnet_service_request *request)
{
    const int64_t id = carnet_page_number(carnet_service_parameter_get(&request->query, "before"));

    return id != 0 ? id : INT64_MAX;
}

static carnet_rc
show(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_page_head head = { .title = CARNET_TEXT_IDENTITY, .current = "/identity", .wide = true };
    const idp *p = self;
    carnet_desk_visit *visit;
    carnet_service_worker *worker;
    carnet_page page;
    listing *l;
    carnet_rc rc;

    rc = carnet_desk_visit_begin(p->desk, request, response, CARNET_DESK_SEES, &visit, &worker, err);
    if (rc != CARNET_OK || visit == NULL)
        return rc;
    if ((l = carnet_service_scratch(worker, sizeof(*l))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    l->before = before_of(request);
    l->room = carnet_service_scratch_buf(worker, ROOM);
    if ((rc = carnet_store_read(worker->store, read_rows, l, err)) != CARNET_OK ||
        (rc = carnet_desk_visit_page(visit, &head, &page, err)) != CARNET_OK)
        return rc;
    carnet_html_open_class(&page.html, "section", "card");
    carnet_page_element(&page, "h2", NULL, CARNET_TEXT_IDENTITY_SESSIONS);
    if (l->count == 0)
        carnet_page_element(&page, "p", "quiet-text", CARNET_TEXT_IDENTITY_NONE);
    else {
        carnet_html_open_class(&page.html, "table", "stack");
        carnet_page_head_row(&page, columns, CARNET_COUNT(columns), 7);
        carnet_html_open(&page.html, "tbody");
        for (size_t i = 0; i < l->count; i++)
            add_row(&page, &l->rows[i], carnet_service_now(worker), carnet_desk_visit_token(visit));
        carnet_html_close(&page.html);
        carnet_html_close(&page.html);
        if (l->count == ROWS)
            carnet_page_older(&page, "/identity", l->rows[ROWS - 1].id, CARNET_TEXT_IDENTITY_OLDER);
    }
    carnet_html_close(&page.html);
    return carnet_page_end(&page, err);
}

static const carnet_service_parameter_rule parameters[] = {
    { .name = "before", .description = "sessions before this one" },
};

const carnet_service_route carnet_idp_page_route = {
    .method = CARNET_SERVICE_GET,
    .name = "identity",
    .path = "/identity",
    .summary = "The operators' view of the identity provider's sessions.",
    .run = show,
    .answers = "text/html",
    .parameters = parameters,
    .parameter_count = CARNET_COUNT(parameters),
    .answer_max = 512 * 1024,
};
