/* SPDX-License-Identifier: Apache-2.0 */
/* GET /switch -- links, what waits for its issuer, what nobody asked for; POST /switch -- what an issuer refused is settled. */
#include "carnet/desk_page.h"
#include "carnet/web_form.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 100 };

typedef struct row {
    int64_t id;
    char link[40], kind[8], trace[16], terminal[20], reason[8];
    carnet_time created;
} row;

typedef struct listing {
    row queued[ROWS], held[ROWS];
    size_t queued_count, held_count;
} listing;

static bool
add(void *self, const carnet_store_forward *f)
{
    listing *l = self;
    const bool held = f->state == CARNET_STORE_FORWARD_HELD;
    row *r = held ? &l->held[l->held_count++] : &l->queued[l->queued_count++];

    *r = (row){ .id = f->id, .created = f->created };
    carnet_service_copy(r->link, sizeof(r->link), f->link);
    carnet_service_copy(r->kind, sizeof(r->kind), f->kind);
    carnet_service_copy(r->trace, sizeof(r->trace), f->trace);
    carnet_service_copy(r->terminal, sizeof(r->terminal), f->terminal);
    carnet_service_copy(r->reason, sizeof(r->reason), f->reason);
    return true;
}

static carnet_rc
read_rows(void *arg, carnet_store_session *session, carnet_err *err)
{
    listing *l = arg;
    carnet_rc rc;

    l->queued_count = l->held_count = 0;
    rc = carnet_store_forward_list(session, CARNET_STORE_FORWARD_QUEUED, 0, ROWS, add, l, err);
    return rc == CARNET_OK ? carnet_store_forward_list(session, CARNET_STORE_FORWARD_HELD, 0, ROWS, add, l, err) : rc;
}

/* --- the page --- */

static void
number(carnet_page *page, carnet_text label, uint64_t value)
{
    carnet_page_cell_begin(page, label, "number");
    carnet_html_int(&page->html, (int64_t)value);
    carnet_html_close(&page->html);
}

static void
row_head(carnet_page *page, carnet_text label, const char *text)
{
    carnet_html_open(&page->html, "th");
    carnet_html_set_text(&page->html, "scope", "row");
    carnet_html_set_text(&page->html, "data-label", carnet_page_text(page, label));
    carnet_html_value(&page->html, carnet_str_of(text));
    carnet_html_close(&page->html);
}

static void
add_state(carnet_page *page, switch_link *link)
{
    const int state = atomic_load(&link->count.state);
    uint8_t octets[16];
    carnet_buf digits = carnet_buf_of(octets, sizeof(octets));
    carnet_str with;

    carnet_page_cell_begin(page, CARNET_TEXT_SWITCH_STATE, NULL);
    if (!link->issuer) {
        carnet_buf_add_uint(&digits, state > 0 ? (unsigned)state : 0);
        with = carnet_buf_str(&digits);
        carnet_page_say(page, CARNET_TEXT_SWITCH_TERMINALS, &with, 1);
    } else if (state == CARNET_KEEPING_UP)
        carnet_page_badge(page, CARNET_TONE_GOOD, CARNET_TEXT_SWITCH_UP);
    else if (state == CARNET_KEEPING_DOWN)
        carnet_page_badge(page, CARNET_TONE_BAD, CARNET_TEXT_SWITCH_DOWN);
    else
        carnet_page_badge(page, CARNET_TONE_CAUTION, CARNET_TEXT_SWITCH_SIGNING_ON);
    carnet_html_close(&page->html);
}

static void
add_links(carnet_page *page, acquiring_switch *s)
{
    static const carnet_text columns[] = { CARNET_TEXT_SWITCH_LINK,     CARNET_TEXT_SWITCH_STATE,
                                           CARNET_TEXT_SWITCH_RECEIVED, CARNET_TEXT_SWITCH_SENT,
                                           CARNET_TEXT_SWITCH_REFUSED,  CARNET_TEXT_SWITCH_UNANSWERED,
                                           CARNET_TEXT_SWITCH_LATE,     CARNET_TEXT_SWITCH_UNMATCHED,
                                           CARNET_TEXT_SWITCH_WAITING };
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_SWITCH_LINKS);
    carnet_html_open_class(h, "table", "stack");
    carnet_page_head_row(page, columns, CARNET_COUNT(columns), 2);
    carnet_html_open(h, "tbody");
    for (size_t i = 0; i < s->link_count; i++) {
        switch_link *link = &s->links[i];
        switch_counters *c = &link->count;

        carnet_html_open(h, "tr");
        row_head(page, columns[0], link->config->name);
        add_state(page, link);
        number(page, columns[2], atomic_load(&c->in));
        number(page, columns[3], atomic_load(&c->out));
        number(page, columns[4], atomic_load(&c->refused) + atomic_load(&c->malformed) + atomic_load(&c->mac_wrong));
        number(page, columns[5], atomic_load(&c->unanswered));
        number(page, columns[6], atomic_load(&c->late));
        number(page, columns[7], atomic_load(&c->unmatched));
        number(page, columns[8], atomic_load(&c->depth));
        carnet_html_close(h);
    }
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_html_close(h);
}

static void
add_actions(carnet_page *page, const row *r, carnet_str token)
{
    uint8_t octets[24];
    carnet_buf id = carnet_buf_of(octets, sizeof(octets));

    carnet_buf_add_int(&id, r->id);
    carnet_html_open(&page->html, "td");
    carnet_page_form_begin(page, "/switch", (carnet_str){ 0 }, token, false);
    carnet_page_hidden(page, "id", carnet_buf_str(&id));
    carnet_page_button(page, NULL, "action", "send", CARNET_TEXT_SWITCH_SEND_AGAIN);
    carnet_page_button(page, NULL, "action", "settled", CARNET_TEXT_SWITCH_SETTLED);
    carnet_page_form_end(page);
    carnet_html_close(&page->html);
}

static void
add_rows(carnet_page *page, const row *rows, size_t count, bool held, carnet_str token)
{
    static const carnet_text columns[] = {
        CARNET_TEXT_SWITCH_TRACE, CARNET_TEXT_SWITCH_KIND,  CARNET_TEXT_SWITCH_TERMINAL,
        CARNET_TEXT_SWITCH_LINK,  CARNET_TEXT_SWITCH_SINCE, CARNET_TEXT_SWITCH_ANSWER,
        CARNET_TEXT_NONE
    };
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "table", "stack");
    carnet_page_head_row(page, columns, held ? 7 : 5, 7);
    carnet_html_open(h, "tbody");
    for (size_t i = 0; i < count; i++) {
        carnet_html_open(h, "tr");
        row_head(page, columns[0], rows[i].trace);
        carnet_page_cell(page, columns[1], NULL, rows[i].kind);
        carnet_page_cell(page, columns[2], NULL, rows[i].terminal);
        carnet_page_cell(page, columns[3], NULL, rows[i].link);
        carnet_html_open(h, "td");
        carnet_html_set_text(h, "data-label", carnet_page_text(page, columns[4]));
        carnet_page_time(page, rows[i].created);
        carnet_html_close(h);
        if (held) {
            carnet_page_cell(page, columns[5], NULL, rows[i].reason);
            add_actions(page, &rows[i], token);
        }
        carnet_html_close(h);
    }
    carnet_html_close(h);
    carnet_html_close(h);
}

typedef struct section {
    carnet_text title, hint, none;
} section;

static void
add_section(carnet_page *page, const section *what, const row *rows, size_t count, bool held, carnet_str token)
{
    carnet_html_open_class(&page->html, "section", "card");
    carnet_page_element(page, "h2", NULL, what->title);
    if (count == 0)
        carnet_page_element(page, "p", "quiet-text", what->none);
    else {
        if (what->hint != CARNET_TEXT_NONE)
            carnet_page_element(page, "p", NULL, what->hint);
        add_rows(page, rows, count, held, token);
    }
    carnet_html_close(&page->html);
}

/* The latest first. */
static size_t
strange_rows(acquiring_switch *s, row *rows)
{
    size_t count = 0;

    (void)pthread_mutex_lock(&s->clerk.lock);
    for (size_t i = s->strange_count; i > 0 && s->strange_count - i < SWITCH_STRANGE; i--) {
        const switch_strange *from = &s->strange[(i - 1) % SWITCH_STRANGE];

        rows[count] = (row){ .created = from->time };
        carnet_service_copy(rows[count].link, sizeof(rows[count].link), carnet_str_of(from->link));
        carnet_service_copy(rows[count].kind, sizeof(rows[count].kind), carnet_str_of(from->name.kind));
        carnet_service_copy(rows[count].trace, sizeof(rows[count].trace), carnet_str_of(from->name.trace));
        carnet_service_copy(rows[count].terminal, sizeof(rows[count].terminal), carnet_str_of(from->name.terminal));
        count++;
    }
    (void)pthread_mutex_unlock(&s->clerk.lock);
    return count;
}

static carnet_rc
show(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    static const section queued = { CARNET_TEXT_SWITCH_QUEUE, CARNET_TEXT_NONE, CARNET_TEXT_SWITCH_QUEUE_NONE },
                         held = { CARNET_TEXT_SWITCH_HELD, CARNET_TEXT_SWITCH_HELD_HINT, CARNET_TEXT_SWITCH_HELD_NONE },
                         strange = { CARNET_TEXT_SWITCH_STRANGE, CARNET_TEXT_SWITCH_STRANGE_HINT,
                                     CARNET_TEXT_SWITCH_STRANGE_NONE };
    carnet_page_head head = { .title = CARNET_TEXT_SWITCH, .current = "/switch", .wide = true };
    acquiring_switch *s = self;
    carnet_desk_visit *visit;
    carnet_service_worker *worker;
    carnet_page page;
    listing *l;
    row *rows;
    carnet_rc rc;

    rc = carnet_desk_visit_begin(s->desk, request, response, CARNET_DESK_SEES, &visit, &worker, err);
    if (rc != CARNET_OK || visit == NULL)
        return rc;
    l = carnet_service_scratch(worker, sizeof(*l));
    rows = carnet_service_scratch(worker, SWITCH_STRANGE * sizeof(*rows));
    if (l == NULL || rows == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_store_read(worker->store, read_rows, l, err)) != CARNET_OK ||
        (rc = carnet_desk_visit_page(visit, &head, &page, err)) != CARNET_OK)
        return rc;
    add_links(&page, s);
    add_section(&page, &queued, l->queued, l->queued_count, false, (carnet_str){ 0 });
    add_section(&page, &held, l->held, l->held_count, true, carnet_desk_visit_token(visit));
    add_section(&page, &strange, rows, strange_rows(s, rows), false, (carnet_str){ 0 });
    return carnet_page_end(&page, err);
}

/* --- settling --- */

typedef struct settling {
    const acquiring_switch *s;
    int64_t id;
    bool again;
} settling;

static carnet_rc
settle(void *arg, carnet_store_session *session, carnet_err *err)
{
    const settling *w = arg;
    carnet_rc rc;

    if (!w->again)
        return carnet_store_forward_delete(session, w->id, err);
    rc = carnet_store_forward_change(session, w->id, CARNET_STORE_FORWARD_QUEUED, (carnet_str){ 0 }, err);
    return rc == CARNET_OK ? carnet_store_forward_count(session, carnet_str_of(w->s->sender.name), err) : rc;
}

static carnet_rc
act(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *action = carnet_service_parameter_get(&request->form, "action");
    settling w = { .s = self, .id = carnet_page_number(carnet_service_parameter_get(&request->form, "id")) };
    acquiring_switch *s = self;
    carnet_desk_visit *visit;
    carnet_service_worker *worker;
    carnet_service_event event = { .kind = "switch.settled" };
    carnet_rc rc;

    rc = carnet_desk_visit_begin(s->desk, request, response, CARNET_DESK_ACTS, &visit, &worker, err);
    if (rc != CARNET_OK || visit == NULL)
        return rc;
    w.again = action != NULL && carnet_str_is(*action, "send");
    if (w.id != 0 && (w.again || (action != NULL && carnet_str_is(*action, "settled")))) {
        if ((rc = carnet_store_transact(worker->store, settle, &w, err)) != CARNET_OK)
            return rc;
        event.reason = w.again ? "sent_again" : "settled";
        carnet_service_event_log(worker, &event);
    }
    if (w.again) {
        atomic_store(&s->again, true);
        carnet_payment_wake(s->loop);
    }
    return carnet_desk_visit_redirect(visit, "/switch", err);
}

const carnet_service_route carnet_switch_page_route = {
    .method = CARNET_SERVICE_GET,
    .name = "switch",
    .path = "/switch",
    .summary = "The operator's page of the acquiring switch.",
    .run = show,
    .answers = "text/html",
    .answer_max = 512 * 1024,
};

const carnet_service_route carnet_switch_settle_route = {
    .method = CARNET_SERVICE_POST,
    .name = "switch_settle",
    .path = "/switch",
    .summary = "What an issuer refused is settled, or sent again.",
    .run = act,
    .accepts = "application/x-www-form-urlencoded",
    .answers = "text/html",
    .body_max = 4096,
    .answer_max = 64 * 1024,
};
