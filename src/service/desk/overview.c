/* SPDX-License-Identifier: Apache-2.0 */
/* GET /overview -- what was issued and refused, why, and what is about to expire. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

#define REASONS 60
#define SERIES  3

/* Refusals of one kind for one reason. */
typedef struct reason_row {
    char kind[40], reason[64];
    int64_t events;
} reason_row;

typedef struct name_row {
    char name[80];
    int64_t issued, refused;
} name_row;

typedef struct overview {
    carnet_time from, until;
    size_t days;
    uint32_t issued[CARNET_PLOT_DAYS], refused[CARNET_PLOT_DAYS], failed[CARNET_PLOT_DAYS];
    int64_t sums[SERIES], offers, confirmed, declined;
    reason_row reasons[REASONS];
    size_t reason_count;
    name_row names[REASONS];
    size_t name_count;
    char kind[40]; /* whose reasons are being read */
} overview;

static uint32_t
bounded(int64_t n)
{
    return n < 0 ? 0 : n > 1000000000 ? 1000000000 : (uint32_t)n;
}

static bool
add_day(void *self, const carnet_store_event_count *count)
{
    overview *o = self;
    size_t day = (size_t)((count->from - o->from) / CARNET_TIME_DAY);

    if (count->from < o->from || day >= o->days)
        return true;
    if (count->outcome == CARNET_STORE_OUTCOME_DONE) {
        o->issued[day] += bounded(count->count);
        o->sums[0] += count->count;
    } else if (count->outcome == CARNET_STORE_OUTCOME_REFUSED) {
        o->refused[day] += bounded(count->events);
        o->sums[1] += count->events;
    } else {
        o->failed[day] += bounded(count->events);
        o->sums[2] += count->events;
    }
    return true;
}

static bool
add_reason(void *self, const carnet_store_event_count *count)
{
    overview *o = self;

    if (count->outcome == CARNET_STORE_OUTCOME_DONE || o->reason_count == REASONS)
        return true;
    carnet_service_copy(o->reasons[o->reason_count].kind, sizeof(o->reasons[0].kind), carnet_str_of(o->kind));
    carnet_service_copy(o->reasons[o->reason_count].reason, sizeof(o->reasons[0].reason), count->label);
    o->reasons[o->reason_count++].events = count->events;
    return true;
}

static bool
add_name(void *self, const carnet_store_event_count *count)
{
    overview *o = self;
    name_row *row = o->name_count > 0 ? &o->names[o->name_count - 1] : NULL;

    if (row == NULL || !carnet_str_equal(carnet_str_of(row->name), count->label)) {
        if (o->name_count == REASONS)
            return true;
        row = &o->names[o->name_count++];
        carnet_service_copy(row->name, sizeof(row->name), count->label);
    }
    if (count->outcome == CARNET_STORE_OUTCOME_DONE)
        row->issued += count->count;
    else
        row->refused += count->events;
    return true;
}

static bool
add_kind(void *self, const carnet_store_event_count *count)
{
    overview *o = self;

    if (carnet_str_is(count->label, "offer") && count->outcome == CARNET_STORE_OUTCOME_DONE)
        o->offers += count->events;
    else if (carnet_str_is(count->label, "enrolment.confirmed"))
        o->confirmed += count->events;
    else if (carnet_str_is(count->label, "enrolment.refused"))
        o->declined += count->events;
    return true;
}

typedef struct kind_list {
    char list[REASONS][40];
    size_t count;
} kind_list;

static bool
note_kind(void *self, const carnet_store_event_count *count)
{
    kind_list *k = self;

    if (count->outcome == CARNET_STORE_OUTCOME_DONE || k->count == REASONS ||
        (k->count > 0 && carnet_str_equal(carnet_str_of(k->list[k->count - 1]), count->label)))
        return true;
    carnet_service_copy(k->list[k->count++], sizeof(k->list[0]), count->label);
    return true;
}

static carnet_rc
count_all(void *arg, carnet_store_session *session, carnet_err *err)
{
    overview *o = arg;
    carnet_store_event_filter all = { .from = o->from, .until = o->until }, credentials = all, of_kind;
    kind_list kinds = { .count = 0 };
    carnet_time from = o->from, until = o->until;
    size_t days = o->days;
    carnet_rc rc;

    *o = (overview){ .from = from, .until = until, .days = days };
    credentials.kind = carnet_str_of("credential");
    if ((rc = carnet_store_event_counts(session, &credentials, CARNET_STORE_BY_OUTCOME, CARNET_TIME_DAY, add_day, o,
                                        err)) != CARNET_OK ||
        (rc = carnet_store_event_counts(session, &credentials, CARNET_STORE_BY_CONFIGURATION, 0, add_name, o, err)) !=
            CARNET_OK ||
        (rc = carnet_store_event_counts(session, &all, CARNET_STORE_BY_KIND, 0, add_kind, o, err)) != CARNET_OK ||
        (rc = carnet_store_event_counts(session, &all, CARNET_STORE_BY_KIND, 0, note_kind, &kinds, err)) != CARNET_OK)
        return rc;
    of_kind = all;
    for (size_t i = 0; rc == CARNET_OK && i < kinds.count; i++) {
        carnet_service_copy(o->kind, sizeof(o->kind), carnet_str_of(kinds.list[i]));
        of_kind.kind = carnet_str_of(kinds.list[i]);
        rc = carnet_store_event_counts(session, &of_kind, CARNET_STORE_BY_REASON, 0, add_reason, o, err);
    }
    return rc;
}

static void
add_figure(carnet_page *page, int64_t count, carnet_text label)
{
    carnet_html_open(&page->html, "li");
    carnet_html_open_class(&page->html, "span", "count");
    carnet_html_int(&page->html, count);
    carnet_html_close(&page->html);
    carnet_page_element(page, "span", "label", label);
    carnet_html_close(&page->html);
}

static void
add_figures(carnet_page *page, const overview *o)
{
    carnet_html_open_class(&page->html, "ul", "figures");
    add_figure(page, o->sums[0], CARNET_TEXT_FIGURE_ISSUED);
    add_figure(page, o->sums[1] + o->sums[2], CARNET_TEXT_FIGURE_REFUSED);
    add_figure(page, o->offers, CARNET_TEXT_FIGURE_OFFERS);
    add_figure(page, o->confirmed, CARNET_TEXT_FIGURE_CONFIRMED);
    add_figure(page, o->declined, CARNET_TEXT_FIGURE_DECLINED);
    carnet_html_close(&page->html);
}

static void
add_periods(carnet_page *page, size_t days)
{
    static const struct {
        size_t days;
        const char *query;
        carnet_text text;
    } periods[] = { { 7, "?days=7", CARNET_TEXT_PERIOD_7 },
                    { 30, "?days=30", CARNET_TEXT_PERIOD_30 },
                    { 90, "?days=90", CARNET_TEXT_PERIOD_90 },
                    { 365, "?days=365", CARNET_TEXT_PERIOD_365 } };
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "nav", "periods");
    carnet_html_set_text(h, "aria-label", carnet_page_text(page, CARNET_TEXT_PERIOD));
    carnet_html_open(h, "ul");
    for (size_t i = 0; i < CARNET_COUNT(periods); i++) {
        carnet_html_open(h, "li");
        carnet_html_open(h, "a");
        carnet_page_href(page, "href", "/overview", carnet_str_of(periods[i].query));
        if (periods[i].days == days)
            carnet_html_set_text(h, "aria-current", "true");
        carnet_html_say(h, carnet_page_text(page, periods[i].text));
        carnet_html_close(h);
        carnet_html_close(h);
    }
    carnet_html_close(h);
    carnet_html_close(h);
}

static void
add_plot(carnet_page *page, const overview *o)
{
    static const carnet_text names[SERIES] = { CARNET_TEXT_SERIES_ISSUED, CARNET_TEXT_SERIES_REFUSED,
                                               CARNET_TEXT_SERIES_FAILED };
    carnet_html *h = &page->html;
    carnet_plot plot = { .names = names,
                         .series = SERIES,
                         .first = carnet_date_of_time(o->from),
                         .days = o->days,
                         .counts = { o->issued, o->refused, o->failed },
                         .title = CARNET_TEXT_PLOT_TITLE };

    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_PLOT_TITLE);
    carnet_page_plot(page, &plot);
    if (o->sums[0] + o->sums[1] + o->sums[2] > 0) {
        carnet_html_open(h, "details");
        carnet_page_element(page, "summary", NULL, CARNET_TEXT_PLOT_TABLE);
        carnet_page_plot_table(page, &plot);
        carnet_html_close(h);
    }
    carnet_html_close(h);
}

static void
add_number(carnet_page *page, int64_t number)
{
    carnet_html_open_class(&page->html, "td", "number");
    carnet_html_int(&page->html, number);
    carnet_html_close(&page->html);
}

static void
add_names(carnet_page *page, const desk_call *call, const overview *o)
{
    static const carnet_text columns[] = { CARNET_TEXT_COLUMN_DOCUMENT, CARNET_TEXT_SERIES_ISSUED,
                                           CARNET_TEXT_SERIES_REFUSED };
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_BY_DOCUMENT);
    if (o->name_count == 0)
        carnet_page_element(page, "p", "quiet-text", CARNET_TEXT_NOTHING_YET);
    else {
        carnet_html_open(h, "table");
        carnet_page_head_row(page, columns, CARNET_COUNT(columns), 1);
        carnet_html_open(h, "tbody");
        for (size_t i = 0; i < o->name_count; i++) {
            const desk_configuration *c = carnet_desk_configuration(call->desk, carnet_str_of(o->names[i].name));

            carnet_html_open(h, "tr");
            carnet_html_open(h, "th");
            carnet_html_set_text(h, "scope", "row");
            carnet_html_value(h, c != NULL ? c->name : carnet_str_of(o->names[i].name));
            carnet_html_close(h);
            add_number(page, o->names[i].issued);
            add_number(page, o->names[i].refused);
            carnet_html_close(h);
        }
        carnet_html_close(h);
        carnet_html_close(h);
    }
    carnet_html_close(h);
}

static void
add_reasons(carnet_page *page, const overview *o)
{
    static const carnet_text columns[] = { CARNET_TEXT_COLUMN_WHAT, CARNET_TEXT_COLUMN_WHY, CARNET_TEXT_COLUMN_TIMES };
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_REFUSED_WHY);
    if (o->reason_count == 0)
        carnet_page_element(page, "p", "quiet-text", CARNET_TEXT_NOTHING_REFUSED);
    else {
        carnet_html_open_class(h, "table", "stack");
        carnet_page_head_row(page, columns, CARNET_COUNT(columns), 2);
        carnet_html_open(h, "tbody");
        for (size_t i = 0; i < o->reason_count; i++) {
            carnet_html_open(h, "tr");
            carnet_html_open(h, "th");
            carnet_html_set_text(h, "scope", "row");
            carnet_html_set_text(h, "data-label", carnet_page_text(page, columns[0]));
            carnet_html_say(h, o->reasons[i].kind);
            carnet_html_close(h);
            carnet_html_open(h, "td");
            carnet_html_set_text(h, "data-label", carnet_page_text(page, columns[1]));
            carnet_html_say(h, o->reasons[i].reason[0] != '\0' ? o->reasons[i].reason : "\xe2\x80\x93");
            carnet_html_close(h);
            carnet_html_open_class(h, "td", "number");
            carnet_html_set_text(h, "data-label", carnet_page_text(page, columns[2]));
            carnet_html_int(h, o->reasons[i].events);
            carnet_html_close(h);
            carnet_html_close(h);
        }
        carnet_html_close(h);
        carnet_html_close(h);
    }
    carnet_html_close(h);
}

static size_t
days_of(const carnet_service_request *request)
{
    static const size_t periods[] = { 7, 30, 90, 365 };
    const carnet_str *days = carnet_service_parameter_get(&request->query, "days");

    for (size_t i = 0; days != NULL && i < CARNET_COUNT(periods); i++) {
        char text[8];

        (void)snprintf(text, sizeof(text), "%zu", periods[i]);
        if (carnet_str_is(*days, text))
            return periods[i];
    }
    return 30;
}

static carnet_rc
show(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_page_head head = { .title = CARNET_TEXT_OVERVIEW, .current = "/overview", .wide = true };
    desk_call call;
    carnet_page page;
    overview *o;
    carnet_rc rc = carnet_desk_enter(self, request, response, DESK_OVERVIEW, &call, err);

    if (rc != CARNET_OK || call.answered)
        return rc;
    if ((o = carnet_service_scratch(call.worker, sizeof(*o))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    o->days = days_of(request);
    /* Whole days of UTC; today is the last one. */
    o->until = carnet_time_of_date(carnet_date_of_time(call.now)) + CARNET_TIME_DAY;
    o->from = o->until - (carnet_time)o->days * CARNET_TIME_DAY;
    if ((rc = carnet_store_read(call.worker->store, count_all, o, err)) != CARNET_OK ||
        (rc = carnet_desk_page(&call, &head, &page, err)) != CARNET_OK)
        return rc;
    add_periods(&page, o->days);
    add_figures(&page, o);
    add_plot(&page, o);
    carnet_html_open_class(&page.html, "div", "columns");
    add_names(&page, &call, o);
    add_reasons(&page, o);
    carnet_html_close(&page.html);
    carnet_desk_expiry(&page, &call);
    return carnet_page_end(&page, err);
}

const carnet_service_route carnet_desk_overview = {
    .method = CARNET_SERVICE_GET,
    .name = "overview",
    .path = "/overview",
    .summary = "The authority's overview: issued, refused, about to expire.",
    .run = show,
    .answers = "text/html",
    .answer_max = 512 * 1024,
};
