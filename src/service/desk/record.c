/* SPDX-License-Identifier: Apache-2.0 */
/* GET /overview/record -- the audit record: who, when, what was checked. */
#include "internal.h"

#include <string.h>

#define ROWS 50

typedef struct record_row {
    int64_t id;
    carnet_time at;
    carnet_store_outcome outcome;
    int64_t count;
    char kind[40], reason[128], actor[80], interface[8];
} record_row;

typedef struct record {
    carnet_store_event_filter filter;
    record_row rows[ROWS];
    size_t count;
} record;

static bool
add_row(void *self, const carnet_store_event *event)
{
    record *r = self;
    record_row *row = &r->rows[r->count++];

    row->id = event->id;
    row->at = event->at;
    row->outcome = event->outcome;
    row->count = event->count;
    carnet_service_copy(row->kind, sizeof(row->kind), event->kind);
    carnet_service_copy(row->reason, sizeof(row->reason), event->reason);
    carnet_service_copy(row->actor, sizeof(row->actor), event->actor);
    carnet_service_copy(row->interface, sizeof(row->interface), event->interface);
    return r->count < ROWS;
}

static carnet_rc
read_rows(void *arg, carnet_store_session *session, carnet_err *err)
{
    record *r = arg;

    r->count = 0;
    return carnet_store_event_list(session, &r->filter, add_row, r, err);
}

static void
add_outcome(carnet_page *page, carnet_store_outcome outcome)
{
    switch (outcome) {
    case CARNET_STORE_OUTCOME_DONE:
        carnet_page_badge(page, CARNET_TONE_GOOD, CARNET_TEXT_OUTCOME_DONE);
        break;
    case CARNET_STORE_OUTCOME_REFUSED:
        carnet_page_badge(page, CARNET_TONE_CAUTION, CARNET_TEXT_OUTCOME_REFUSED);
        break;
    case CARNET_STORE_OUTCOME_FAILED:
        carnet_page_badge(page, CARNET_TONE_BAD, CARNET_TEXT_OUTCOME_FAILED);
        break;
    }
}

static void
add_text(carnet_page *page, carnet_text label, const char *text)
{
    carnet_page_cell_begin(page, label, NULL);
    carnet_html_value(&page->html, carnet_str_of(text[0] != '\0' ? text : "\xe2\x80\x93"));
    carnet_html_close(&page->html);
}

static void
add_line(carnet_page *page, const record_row *row)
{
    carnet_html *h = &page->html;

    carnet_html_open(h, "tr");
    carnet_html_open(h, "th");
    carnet_html_set_text(h, "scope", "row");
    carnet_html_set_text(h, "data-label", carnet_page_text(page, CARNET_TEXT_RECORD_TIME));
    carnet_page_time(page, row->at);
    carnet_html_close(h);
    carnet_page_cell_begin(page, CARNET_TEXT_RECORD_WHAT, NULL);
    carnet_html_open(h, "span");
    carnet_html_say(h, row->kind);
    if (row->count > 1) {
        carnet_html_say(h, " \xc3\x97 ");
        carnet_html_int(h, row->count);
    }
    carnet_html_say(h, " ");
    carnet_html_element(h, "span", "quiet-text", carnet_str_of(row->interface));
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_page_cell_begin(page, CARNET_TEXT_RECORD_OUTCOME, NULL);
    add_outcome(page, row->outcome);
    carnet_html_close(h);
    add_text(page, CARNET_TEXT_RECORD_WHY, row->reason);
    add_text(page, CARNET_TEXT_RECORD_WHO, row->actor);
    carnet_html_close(h);
}

static const struct {
    const char *kind, *query;
    carnet_text text;
} filters[] = {
    { "", "", CARNET_TEXT_RECORD_ALL },
    { "enrolment.confirmed", "?kind=enrolment.confirmed", CARNET_TEXT_RECORD_ENROLMENTS },
    { "enrolment.refused", "?kind=enrolment.refused", CARNET_TEXT_FIGURE_DECLINED },
    { "login", "?kind=login", CARNET_TEXT_RECORD_LOGINS },
    { "credential", "?kind=credential", CARNET_TEXT_RECORD_CREDENTIALS },
};

static void
add_filters(carnet_page *page, carnet_str kind)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "nav", "periods");
    carnet_html_set_text(h, "aria-label", carnet_page_text(page, CARNET_TEXT_RECORD_FILTER));
    carnet_html_open(h, "ul");
    for (size_t i = 0; i < CARNET_COUNT(filters); i++) {
        carnet_html_open(h, "li");
        carnet_html_open(h, "a");
        carnet_page_href(page, "href", "/overview/record", carnet_str_of(filters[i].query));
        if (carnet_str_is(kind, filters[i].kind))
            carnet_html_set_text(h, "aria-current", "true");
        carnet_html_say(h, carnet_page_text(page, filters[i].text));
        carnet_html_close(h);
        carnet_html_close(h);
    }
    carnet_html_close(h);
    carnet_html_close(h);
}

/* "?before=N&kind=K" of the last row */
static void
add_older(carnet_page *page, const record *r)
{
    uint8_t room[160];
    carnet_buf query = carnet_buf_of(room, sizeof(room));

    if (r->count < ROWS)
        return;
    carnet_buf_add_text(&query, "?before=");
    carnet_buf_add_int(&query, r->rows[r->count - 1].id);
    if (r->filter.kind.len > 0) {
        carnet_buf_add_text(&query, "&kind=");
        carnet_buf_add_str(&query, r->filter.kind);
    }
    carnet_html_open_class(&page->html, "p", "actions");
    carnet_html_open_class(&page->html, "a", "button");
    carnet_page_href(page, "href", "/overview/record", carnet_buf_str(&query));
    carnet_html_say(&page->html, carnet_page_text(page, CARNET_TEXT_RECORD_OLDER));
    carnet_html_close(&page->html);
    carnet_html_close(&page->html);
}

static void
add_table(carnet_page *page, const record *r)
{
    static const carnet_text columns[] = { CARNET_TEXT_RECORD_TIME, CARNET_TEXT_RECORD_WHAT, CARNET_TEXT_RECORD_OUTCOME,
                                           CARNET_TEXT_RECORD_WHY, CARNET_TEXT_RECORD_WHO };
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "p", "quiet-text", r->count > 0 ? CARNET_TEXT_RECORD_HINT : CARNET_TEXT_RECORD_NONE);
    if (r->count > 0) {
        carnet_html_open_class(h, "table", "stack");
        carnet_page_head_row(page, columns, CARNET_COUNT(columns), CARNET_COUNT(columns));
        carnet_html_open(h, "tbody");
        for (size_t i = 0; i < r->count; i++)
            add_line(page, &r->rows[i]);
        carnet_html_close(h);
        carnet_html_close(h);
    }
    carnet_html_close(h);
}

static void
read_filter(const carnet_service_request *request, carnet_store_event_filter *filter)
{
    const carnet_str *kind = carnet_service_parameter_get(&request->query, "kind"),
                     *before = carnet_service_parameter_get(&request->query, "before");

    *filter = (carnet_store_event_filter){ .limit = ROWS };
    for (size_t i = 0; kind != NULL && i < CARNET_COUNT(filters); i++)
        if (carnet_str_is(*kind, filters[i].kind))
            filter->kind = carnet_str_of(filters[i].kind);
    filter->before = before != NULL ? carnet_desk_identifier(*before) : 0;
}

static carnet_rc
show(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_page_head head = { .title = CARNET_TEXT_RECORD, .current = "/overview/record", .wide = true };
    desk_call call;
    carnet_page page;
    record *r;
    carnet_rc rc = carnet_desk_enter(self, request, response, DESK_OVERVIEW, &call, err);

    if (rc != CARNET_OK || call.answered)
        return rc;
    if ((r = carnet_service_scratch(call.worker, sizeof(*r))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    read_filter(request, &r->filter);
    if ((rc = carnet_store_read(call.worker->store, read_rows, r, err)) != CARNET_OK ||
        (rc = carnet_desk_page(&call, &head, &page, err)) != CARNET_OK)
        return rc;
    add_filters(&page, r->filter.kind);
    add_table(&page, r);
    add_older(&page, r);
    return carnet_page_end(&page, err);
}

const carnet_service_route carnet_desk_record = {
    .method = CARNET_SERVICE_GET,
    .name = "overview_record",
    .path = "/overview/record",
    .summary = "The record: who did what, and when.",
    .run = show,
    .answers = "text/html",
    .answer_max = 256 * 1024,
};
