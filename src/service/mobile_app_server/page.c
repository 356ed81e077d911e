/* SPDX-License-Identifier: Apache-2.0 */
/* GET /staged -- the operators' view: transactions with where they stand, what was asked for and reached, and why not. */
#include "carnet/desk_page.h"
#include "internal.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 50, SHORT = 18 /* characters that stay in one line */ };

typedef struct row {
    int64_t id, amount, dispensed, level, reached, step_ups;
    carnet_staged_state state;
    carnet_time created;
    char reference[CARNET_STAGING_REFERENCE + 1], user[40], currency[4], terminal[20], risk[40], vtr[96], vot[64],
        reason[40];
} row;

typedef struct listing {
    int64_t before;
    size_t count;
    row rows[ROWS];
} listing;

static bool
add(void *self, const carnet_store_staged *from)
{
    listing *l = self;
    row *r = &l->rows[l->count++];

    *r = (row){ .id = from->id,
                .amount = from->amount,
                .dispensed = from->dispensed,
                .level = from->level,
                .reached = from->reached,
                .step_ups = from->step_ups,
                .state = (carnet_staged_state)from->state,
                .created = from->created };
    carnet_service_copy(r->reference, sizeof(r->reference), from->reference);
    carnet_service_copy(r->user, sizeof(r->user), from->user);
    carnet_service_copy(r->currency, sizeof(r->currency), from->currency);
    carnet_service_copy(r->terminal, sizeof(r->terminal), from->terminal);
    carnet_service_copy(r->risk, sizeof(r->risk), from->risk);
    carnet_service_copy(r->vtr, sizeof(r->vtr), from->vtr);
    carnet_service_copy(r->vot, sizeof(r->vot), from->vot);
    carnet_service_copy(r->reason, sizeof(r->reason), from->reason);
    return l->count < ROWS;
}

static carnet_rc
read_rows(void *arg, carnet_store_session *session, carnet_err *err)
{
    listing *l = arg;

    l->count = 0;
    return carnet_store_staged_list(session, l->before, ROWS, add, l, err);
}

/* --- the page --- */

static const carnet_text columns[] = { CARNET_TEXT_STAGED_AT,    CARNET_TEXT_STAGED_REFERENCE,
                                       CARNET_TEXT_STAGED_USER,  CARNET_TEXT_STAGED_AMOUNT,
                                       CARNET_TEXT_STAGED_STATE, CARNET_TEXT_STAGED_TERMINAL,
                                       CARNET_TEXT_STAGED_ASKED, CARNET_TEXT_STAGED_REACHED };

static void
cell(carnet_page *page, carnet_text label, const char *text)
{
    carnet_page_cell(page, label, strlen(text) <= SHORT ? "short" : NULL, text);
}

static void
amount_cell(carnet_page *page, const row *r)
{
    char text[96];
    carnet_buf out = carnet_buf_of(text, sizeof(text) - 1);

    carnet_mas_money((uint64_t)r->amount, carnet_str_of(r->currency), &out);
    if (r->state == CARNET_STAGED_DISPENSED && r->dispensed != r->amount) {
        carnet_buf_add_text(&out, ", of which ");
        carnet_mas_money((uint64_t)r->dispensed, carnet_str_of(r->currency), &out);
    }
    text[out.len] = '\0';
    cell(page, CARNET_TEXT_STAGED_AMOUNT, text);
}

static void
state_cell(carnet_page *page, const row *r)
{
    static const struct {
        carnet_page_tone tone;
        carnet_text text;
    } badges[] = {
        [CARNET_STAGED_STAGED] = { CARNET_TONE_PLAIN, CARNET_TEXT_STAGED_WAITING },
        [CARNET_STAGED_AUTHENTICATING] = { CARNET_TONE_PLAIN, CARNET_TEXT_STAGED_AUTHENTICATING },
        [CARNET_STAGED_STEPPING_UP] = { CARNET_TONE_CAUTION, CARNET_TEXT_STAGED_STEPPING_UP },
        [CARNET_STAGED_FULFILLED] = { CARNET_TONE_GOOD, CARNET_TEXT_STAGED_FULFILLED },
        [CARNET_STAGED_USED] = { CARNET_TONE_GOOD, CARNET_TEXT_STAGED_USED },
        [CARNET_STAGED_DISPENSED] = { CARNET_TONE_GOOD, CARNET_TEXT_STAGED_DISPENSED },
        [CARNET_STAGED_REVERSED] = { CARNET_TONE_CAUTION, CARNET_TEXT_STAGED_REVERSED },
        [CARNET_STAGED_CANCELLED] = { CARNET_TONE_CAUTION, CARNET_TEXT_STAGED_CANCELLED },
        [CARNET_STAGED_FAILED] = { CARNET_TONE_BAD, CARNET_TEXT_STAGED_FAILED },
        [CARNET_STAGED_EXPIRED] = { CARNET_TONE_CAUTION, CARNET_TEXT_STAGED_EXPIRED },
    };

    carnet_page_cell_begin(page, CARNET_TEXT_STAGED_STATE, NULL);
    if (r->state > CARNET_STAGED_NONE && (size_t)r->state < CARNET_COUNT(badges))
        carnet_page_badge(page, badges[r->state].tone, badges[r->state].text);
    if (r->reason[0] != '\0') {
        carnet_html_say(&page->html, " ");
        carnet_html_element(&page->html, "span", "short quiet-text", carnet_str_of(r->reason));
    }
    carnet_html_close(&page->html);
}

static void
add_row(carnet_page *page, const row *r)
{
    carnet_html *h = &page->html;
    char text[200];

    carnet_html_open(h, "tr");
    carnet_html_open(h, "th");
    carnet_html_set_text(h, "scope", "row");
    carnet_html_set_text(h, "data-label", carnet_page_text(page, columns[0]));
    carnet_page_time(page, r->created);
    carnet_html_close(h);
    cell(page, CARNET_TEXT_STAGED_REFERENCE, r->reference);
    cell(page, CARNET_TEXT_STAGED_USER, r->user);
    amount_cell(page, r);
    state_cell(page, r);
    cell(page, CARNET_TEXT_STAGED_TERMINAL, r->terminal);
    (void)snprintf(text, sizeof(text), "%s (%s, %lld)%s", r->vtr, r->risk, (long long)r->level,
                   r->step_ups > 0 ? " +" : "");
    cell(page, CARNET_TEXT_STAGED_ASKED, r->vtr[0] != '\0' ? text : "");
    (void)snprintf(text, sizeof(text), "%s (%lld)", r->vot, (long long)r->reached);
    cell(page, CARNET_TEXT_STAGED_REACHED, r->vot[0] != '\0' ? text : "");
    carnet_html_close(h);
}

static void
write_list(carnet_page *page, const listing *l)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_STAGED_LIST);
    if (l->count == 0) {
        carnet_page_element(page, "p", "quiet-text", CARNET_TEXT_STAGED_NONE_YET);
    } else {
        carnet_html_open_class(h, "table", "stack");
        carnet_page_head_row(page, columns, CARNET_COUNT(columns), CARNET_COUNT(columns));
        carnet_html_open(h, "tbody");
        for (size_t i = 0; i < l->count; i++)
            add_row(page, &l->rows[i]);
        carnet_html_close(h);
        carnet_html_close(h);
        if (l->count == ROWS)
            carnet_page_older(page, "/staged", l->rows[ROWS - 1].id, CARNET_TEXT_STAGED_OLDER);
    }
    carnet_html_close(h);
}

static carnet_rc
show(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_page_head head = { .title = CARNET_TEXT_STAGED, .current = "/staged", .wide = true };
    const mas *m = self;
    carnet_desk_visit *visit;
    carnet_service_worker *worker;
    carnet_page page;
    listing *l;
    carnet_rc rc;

    rc = carnet_desk_visit_begin(m->desk, request, response, CARNET_DESK_SEES, &visit, &worker, err);
    if (rc != CARNET_OK || visit == NULL)
        return rc;
    if ((l = carnet_service_scratch(worker, sizeof(*l))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    l->before = carnet_page_number(carnet_service_parameter_get(&request->query, "before"));
    if ((rc = carnet_store_read(worker->store, read_rows, l, err)) != CARNET_OK ||
        (rc = carnet_desk_visit_page(visit, &head, &page, err)) != CARNET_OK)
        return rc;
    write_list(&page, l);
    return carnet_page_end(&page, err);
}

static const carnet_service_parameter_rule parameters[] = {
    { .name = "before", .description = "transactions before this one" },
};

const carnet_service_route carnet_mas_page_route = {
    .method = CARNET_SERVICE_GET,
    .name = "staged",
    .path = "/staged",
    .summary = "The operators' view of staged transactions.",
    .run = show,
    .answers = "text/html",
    .parameters = parameters,
    .parameter_count = CARNET_COUNT(parameters),
    .answer_max = 512 * 1024,
};
