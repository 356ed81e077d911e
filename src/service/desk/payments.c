/* SPDX-License-Identifier: Apache-2.0 */
/* GET /payments -- what was authorised and refused, why, and what was missing. */
#include "carnet/debit.h"
#include "carnet/store_cash.h"
#include "internal.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 100 };

typedef struct payment {
    int64_t id, kind, state, judged, amount, returned, currency, level;
    carnet_time at;
    char link[40], staged[24], vector[64], missing[200], risk[40];
} payment;

typedef struct payments {
    payment *rows;
    size_t count;
    int64_t before;
    bool refused;
} payments;

static bool
add_row(void *self, const carnet_store_cash_message *m)
{
    payments *p = self;
    payment *row = &p->rows[p->count++];

    *row = (payment){ .id = m->id,
                      .kind = m->kind,
                      .state = m->state,
                      .judged = m->judged,
                      .amount = m->amount,
                      .returned = m->returned,
                      .currency = m->currency,
                      .level = m->level,
                      .at = m->at };
    carnet_service_copy(row->link, sizeof(row->link), m->link);
    carnet_service_copy(row->staged, sizeof(row->staged), m->staged);
    carnet_service_copy(row->vector, sizeof(row->vector), m->vector);
    carnet_service_copy(row->missing, sizeof(row->missing), m->missing);
    carnet_service_copy(row->risk, sizeof(row->risk), m->risk);
    return p->count < ROWS;
}

static carnet_rc
read_rows(void *arg, carnet_store_session *session, carnet_err *err)
{
    payments *p = arg;

    p->count = 0;
    return carnet_store_cash_message_list(session, p->before, p->refused, ROWS, add_row, p, err);
}

static carnet_text
kind_of(int64_t kind)
{
    switch ((carnet_debit_kind)kind) {
    case CARNET_DEBIT_HOLD:
        return CARNET_TEXT_PAYMENT_HOLD;
    case CARNET_DEBIT_ADVICE:
        return CARNET_TEXT_PAYMENT_ADVICE;
    case CARNET_DEBIT_REVERSAL:
        return CARNET_TEXT_PAYMENT_REVERSAL;
    case CARNET_DEBIT_ORDER:
    case CARNET_DEBIT_NETWORK:
    case CARNET_DEBIT_NONE:
        break;
    }
    return CARNET_TEXT_PAYMENT_ORDER;
}

static carnet_text
state_of(const payment *row)
{
    if (row->judged != CARNET_JUDGED_APPROVED)
        return row->state == CARNET_DEBIT_FORESTALLED ? CARNET_TEXT_PAYMENT_FORESTALLED : CARNET_TEXT_PAYMENT_REFUSED;
    switch ((carnet_debit_state)row->state) {
    case CARNET_DEBIT_REVERSED:
        return CARNET_TEXT_PAYMENT_REVERSED;
    case CARNET_DEBIT_REDUCED:
        return CARNET_TEXT_PAYMENT_REDUCED;
    case CARNET_DEBIT_FORESTALLED:
        return CARNET_TEXT_PAYMENT_FORESTALLED;
    case CARNET_DEBIT_ANSWERED:
    case CARNET_DEBIT_BOOKED:
    case CARNET_DEBIT_RESERVED:
    case CARNET_DEBIT_CAPTURED:
        break;
    }
    return CARNET_TEXT_PAYMENT_AUTHORISED;
}

static carnet_page_tone
tone_of(carnet_text state)
{
    return state == CARNET_TEXT_PAYMENT_AUTHORISED ? CARNET_TONE_GOOD
           : state == CARNET_TEXT_PAYMENT_REFUSED  ? CARNET_TONE_BAD
                                                   : CARNET_TONE_CAUTION;
}

/* Whole numbers only: 20000 of 840 is "200.00 USD", of one without letters here "200.00 999". */
static void
say_amount(carnet_page *page, const payment *row)
{
    static const struct {
        int64_t number;
        const char *letters;
    } known[] = { { 756, "CHF" }, { 826, "GBP" }, { 840, "USD" }, { 978, "EUR" } };
    char text[48], currency[24];

    (void)snprintf(currency, sizeof(currency), "%03lld", (long long)row->currency);
    for (size_t i = 0; i < CARNET_COUNT(known); i++)
        if (known[i].number == row->currency)
            (void)snprintf(currency, sizeof(currency), "%s", known[i].letters);
    (void)snprintf(text, sizeof(text), "%lld.%02lld %s", (long long)(row->amount / 100), (long long)(row->amount % 100),
                   currency);
    carnet_page_cell(page, CARNET_TEXT_PAYMENT_AMOUNT, NULL, text);
}

static void
add_reason(carnet_page *page, const payment *row)
{
    const carnet_judged_codes codes = carnet_judged_codes_of((carnet_judged)row->judged);
    char text[300];

    (void)snprintf(text, sizeof(text), "%s / %s %s", codes.of_1987, codes.of_1993, codes.word);
    carnet_page_cell(page, CARNET_TEXT_PAYMENT_RESPONSE, NULL,
                     row->judged != CARNET_JUDGED_APPROVED ? text : codes.of_1987);
    carnet_page_cell_begin(page, CARNET_TEXT_PAYMENT_MISSING, NULL);
    for (const char *at = row->missing; *at != '\0'; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
        carnet_html_value(&page->html, (carnet_str){ at, strcspn(at, ",") });
        carnet_html_say(&page->html, " ");
    }
    carnet_html_say(&page->html, row->missing[0] != '\0' ? "" : "\xe2\x80\x93");
    carnet_html_close(&page->html);
}

static void
add_line(carnet_page *page, const payment *row)
{
    carnet_html *h = &page->html;
    const carnet_text state = state_of(row);
    char level[160];

    carnet_html_open(h, "tr");
    carnet_html_open(h, "th");
    carnet_html_set_text(h, "scope", "row");
    carnet_html_set_text(h, "data-label", carnet_page_text(page, CARNET_TEXT_PAYMENT_TIME));
    carnet_page_time(page, row->at);
    carnet_html_close(h);
    carnet_page_cell_begin(page, CARNET_TEXT_PAYMENT_KIND, NULL);
    carnet_html_say(h, carnet_page_text(page, kind_of(row->kind)));
    carnet_html_close(h);
    say_amount(page, row);
    carnet_page_cell_begin(page, CARNET_TEXT_PAYMENT_STATE, NULL);
    carnet_page_badge(page, tone_of(state), state);
    carnet_html_close(h);
    add_reason(page, row);
    (void)snprintf(level, sizeof(level), "%s%s%s", row->vector, row->risk[0] != '\0' ? " \xc2\xb7 " : "", row->risk);
    carnet_page_cell(page, CARNET_TEXT_PAYMENT_VECTOR, NULL, row->vector[0] != '\0' ? level : row->risk);
    carnet_page_cell(page, CARNET_TEXT_PAYMENT_STAGED, NULL, row->staged);
    carnet_page_cell(page, CARNET_TEXT_PAYMENT_LINK, NULL, row->link);
    carnet_html_close(h);
}

static void
add_table(carnet_page *page, const payments *p)
{
    static const carnet_text columns[] = { CARNET_TEXT_PAYMENT_TIME,     CARNET_TEXT_PAYMENT_KIND,
                                           CARNET_TEXT_PAYMENT_AMOUNT,   CARNET_TEXT_PAYMENT_STATE,
                                           CARNET_TEXT_PAYMENT_RESPONSE, CARNET_TEXT_PAYMENT_MISSING,
                                           CARNET_TEXT_PAYMENT_VECTOR,   CARNET_TEXT_PAYMENT_STAGED,
                                           CARNET_TEXT_PAYMENT_LINK };
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "table", "stack");
    carnet_page_head_row(page, columns, CARNET_COUNT(columns), CARNET_COUNT(columns));
    carnet_html_open(h, "tbody");
    for (size_t i = 0; i < p->count; i++)
        add_line(page, &p->rows[i]);
    carnet_html_close(h);
    carnet_html_close(h);
}

static void
add_link(carnet_page *page, const char *query, carnet_text text, bool current)
{
    carnet_html_open(&page->html, "li");
    carnet_html_open(&page->html, "a");
    carnet_page_href(page, "href", "/payments", carnet_str_of(query));
    if (current)
        carnet_html_set_text(&page->html, "aria-current", "true");
    carnet_html_say(&page->html, carnet_page_text(page, text));
    carnet_html_close(&page->html);
    carnet_html_close(&page->html);
}

static void
add_choices(carnet_page *page, const payments *p)
{
    char older[64];

    carnet_html_open_class(&page->html, "nav", "periods");
    carnet_html_set_text(&page->html, "aria-label", carnet_page_text(page, CARNET_TEXT_PAYMENT_SHOWN));
    carnet_html_open(&page->html, "ul");
    add_link(page, "", CARNET_TEXT_PAYMENT_ALL, !p->refused);
    add_link(page, "?refused=1", CARNET_TEXT_PAYMENT_ONLY_REFUSED, p->refused);
    if (p->count == ROWS) {
        (void)snprintf(older, sizeof(older), "?before=%lld%s", (long long)p->rows[ROWS - 1].id,
                       p->refused ? "&refused=1" : "");
        add_link(page, older, CARNET_TEXT_PAYMENT_OLDER, false);
    }
    carnet_html_close(&page->html);
    carnet_html_close(&page->html);
}

static carnet_rc
show(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *before = carnet_service_parameter_get(&request->query, "before"),
                     *refused = carnet_service_parameter_get(&request->query, "refused");
    carnet_page_head head = { .title = CARNET_TEXT_PAYMENTS, .current = "/payments", .wide = true };
    payments p = { .before = before != NULL ? carnet_desk_identifier(*before) : 0, .refused = refused != NULL };
    desk_call call;
    carnet_page page;
    carnet_rc rc = carnet_desk_enter(self, request, response, DESK_OVERVIEW, &call, err);

    if (rc != CARNET_OK || call.answered)
        return rc;
    if ((p.rows = carnet_service_scratch(call.worker, ROWS * sizeof(*p.rows))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_store_read(call.worker->store, read_rows, &p, err)) != CARNET_OK ||
        (rc = carnet_desk_page(&call, &head, &page, err)) != CARNET_OK)
        return rc;
    add_choices(&page, &p);
    if (p.count > 0)
        add_table(&page, &p);
    else
        carnet_page_element(&page, "p", NULL, CARNET_TEXT_PAYMENT_NONE);
    return carnet_page_end(&page, err);
}

static const carnet_service_route carnet_desk_payments = {
    .method = CARNET_SERVICE_GET,
    .name = "payments",
    .path = "/payments",
    .summary = "What the issuing authorisation system authorised and refused.",
    .run = show,
    .answers = "text/html",
    .answer_max = 512 * 1024,
};

static bool
wanted(const carnet_config *config)
{
    return config->services->desk != NULL && config->services->issuing_authorization != NULL;
}

static const carnet_service_part_route routes[] = { { &carnet_desk_payments, CARNET_SERVES_STAFF } };

const carnet_service_part carnet_payments_part = {
    .name = "payments",
    .wanted = wanted,
    .init = carnet_desk_init,
    .done = carnet_desk_done,
    .routes = routes,
    .route_count = CARNET_COUNT(routes),
};
