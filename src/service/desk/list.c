/* SPDX-License-Identifier: Apache-2.0 */
/* GET /desk -- cases that wait, are worked on, or are to be confirmed; POST /desk/find -- one by its number. */
#include "carnet/json_build.h"
#include "internal.h"

#include <string.h>

#define ROWS 200

typedef struct list_row {
    int64_t id;
    char number[DESK_NUMBER + 1];
    char officer[65];
    char configurations[200];
    carnet_store_enrolment_state state;
    bool online; /* a browser waits for it */
    carnet_time created;
} list_row;

typedef struct list_work {
    carnet_time now;
    list_row *rows;
    size_t count;
} list_work;

static bool
add_row(void *self, const carnet_store_enrolment *e)
{
    list_work *w = self;
    list_row *row = &w->rows[w->count++];

    *row = (list_row){ .id = e->id, .state = e->state, .online = e->reference_hash.len > 0, .created = e->created };
    carnet_service_copy(row->number, sizeof(row->number), e->number);
    carnet_service_copy(row->officer, sizeof(row->officer), e->officer);
    carnet_service_copy(row->configurations, sizeof(row->configurations), e->configurations);
    return w->count < ROWS;
}

static carnet_rc
read_rows(void *arg, carnet_store_session *session, carnet_err *err)
{
    list_work *w = arg;
    carnet_store_enrolment_filter filter = { .now = w->now, .limit = ROWS };

    w->count = 0;
    return carnet_store_enrolment_list(session, &filter, add_row, w, err);
}

static carnet_rc
read_list(desk_call *call, list_work *w, carnet_err *err)
{
    *w = (list_work){ .now = call->now, .rows = carnet_service_scratch(call->worker, ROWS * sizeof(list_row)) };
    if (w->rows == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    return carnet_store_read(call->worker->store, read_rows, w, err);
}

static void
add_badge(carnet_page *page, const list_row *row)
{
    switch (row->state) {
    case CARNET_STORE_ENROLMENT_WAITING:
        carnet_page_badge(page, CARNET_TONE_CAUTION, CARNET_TEXT_CASE_WAITING);
        break;
    case CARNET_STORE_ENROLMENT_REVIEW:
        carnet_page_badge(page, CARNET_TONE_CAUTION, CARNET_TEXT_CASE_REVIEW);
        break;
    case CARNET_STORE_ENROLMENT_OPEN:
        carnet_page_badge(page, CARNET_TONE_PLAIN, CARNET_TEXT_CASE_OPEN);
        break;
    case CARNET_STORE_ENROLMENT_CONFIRMED:
        carnet_page_badge(page, CARNET_TONE_GOOD, CARNET_TEXT_CASE_CONFIRMED);
        break;
    case CARNET_STORE_ENROLMENT_REFUSED:
        carnet_page_badge(page, CARNET_TONE_BAD, CARNET_TEXT_CASE_REFUSED);
        break;
    }
}

/* The names of what is asked for, after one another. */
static void
add_names(carnet_page *page, const carnet_desk *desk, carnet_str list)
{
    carnet_str word;
    bool first = true;

    while (carnet_desk_next_word(&list, &word)) {
        const desk_configuration *c = carnet_desk_configuration(desk, word);

        if (!first)
            carnet_html_say(&page->html, ", ");
        carnet_html_value(&page->html, c != NULL ? c->name : word);
        first = false;
    }
}

static void
add_line(carnet_page *page, const desk_call *call, const list_row *row)
{
    carnet_html *h = &page->html;
    uint8_t room[24];
    carnet_buf id = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_int(&id, row->id);
    carnet_html_open(h, "tr");
    carnet_html_open(h, "th");
    carnet_html_set_text(h, "scope", "row");
    carnet_html_set_text(h, "data-label", carnet_page_text(page, CARNET_TEXT_CASE_NUMBER));
    carnet_html_open_class(h, "a", "code");
    carnet_page_href(page, "href", "/desk/cases/", carnet_buf_str(&id));
    carnet_html_say(h, row->number);
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_page_cell_begin(page, CARNET_TEXT_CASE_STATE, NULL);
    add_badge(page, row);
    carnet_html_close(h);
    carnet_page_cell_begin(page, CARNET_TEXT_CASE_DOCUMENTS, NULL);
    carnet_html_open(h, "span");
    add_names(page, call->desk, carnet_str_of(row->configurations));
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_page_cell_begin(page, CARNET_TEXT_CASE_CHANNEL, NULL);
    carnet_html_say(h, carnet_page_text(page, row->online ? CARNET_TEXT_CASE_ONLINE : CARNET_TEXT_CASE_AT_DESK));
    carnet_html_close(h);
    carnet_page_cell_begin(page, CARNET_TEXT_CASE_OFFICER, NULL);
    carnet_html_say(h, row->officer[0] != '\0' ? row->officer : "\xe2\x80\x93");
    carnet_html_close(h);
    carnet_page_cell_begin(page, CARNET_TEXT_CASE_SINCE, NULL);
    carnet_page_time(page, row->created);
    carnet_html_close(h);
    carnet_html_close(h);
}

static void
add_table(carnet_page *page, const desk_call *call, const list_work *w)
{
    static const carnet_text columns[] = { CARNET_TEXT_CASE_NUMBER,    CARNET_TEXT_CASE_STATE,
                                           CARNET_TEXT_CASE_DOCUMENTS, CARNET_TEXT_CASE_CHANNEL,
                                           CARNET_TEXT_CASE_OFFICER,   CARNET_TEXT_CASE_SINCE };
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_html_set_text(h, "aria-labelledby", "open-cases");
    carnet_html_open(h, "h2");
    carnet_html_set_text(h, "id", "open-cases");
    carnet_html_say(h, carnet_page_text(page, CARNET_TEXT_CASES_OPEN));
    carnet_html_close(h);
    if (w->count == 0) {
        carnet_page_element(page, "p", "quiet-text", CARNET_TEXT_CASES_NONE);
        carnet_html_close(h);
        return;
    }
    carnet_html_open_class(h, "table", "stack");
    carnet_page_head_row(page, columns, CARNET_COUNT(columns), CARNET_COUNT(columns));
    carnet_html_open(h, "tbody");
    for (size_t i = 0; i < w->count; i++)
        add_line(page, call, &w->rows[i]);
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_html_close(h);
}

static void
add_ways(carnet_page *page, desk_call *call, carnet_str number, carnet_text problem)
{
    carnet_html *h = &page->html;
    carnet_page_field field = { .type = "text",
                                .name = carnet_str_of("number"),
                                .label = CARNET_TEXT_CASE_NUMBER,
                                .hint = CARNET_TEXT_FIND_HINT,
                                .error = problem,
                                .value = number,
                                .max = 12,
                                .autocomplete = "off" };

    carnet_html_open_class(h, "div", "columns");
    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_FIND_TITLE);
    carnet_page_form_begin(page, "/desk/find", (carnet_str){ 0 }, carnet_str_of(call->token), false);
    carnet_page_field_add(page, &field);
    carnet_page_button(page, "primary", NULL, NULL, CARNET_TEXT_FIND);
    carnet_page_form_end(page);
    carnet_html_close(h);
    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_NEW_TITLE);
    carnet_page_element(page, "p", NULL, CARNET_TEXT_NEW_HINT);
    carnet_html_open_class(h, "a", "button");
    carnet_page_href(page, "href", "/desk/new", (carnet_str){ 0 });
    carnet_html_say(h, carnet_page_text(page, CARNET_TEXT_NEW));
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_html_close(h);
}

/* What the list looks like, in 64 bits: FNV-1a over its rows. */
static carnet_str
state_of(const list_work *w, uint8_t room[16])
{
    carnet_buf text = carnet_buf_of(room, 16);
    uint64_t hash = 0xcbf29ce484222325u;
    uint8_t octets[8];

    for (size_t i = 0; i < w->count; i++) {
        hash = (hash ^ (uint64_t)w->rows[i].id) * 0x100000001b3u;
        hash = (hash ^ (uint64_t)w->rows[i].state) * 0x100000001b3u;
    }
    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (uint8_t)(hash >> (8 * i));
    carnet_buf_add_hex(&text, carnet_span_of(octets, sizeof(octets)));
    return carnet_buf_str(&text);
}

static void
add_watch(carnet_page *page, const list_work *w)
{
    uint8_t room[16];

    carnet_html_open_class(&page->html, "div", NULL);
    carnet_page_href(page, "data-watch", "/desk/state", (carnet_str){ 0 });
    carnet_html_set(&page->html, "data-state", state_of(w, room));
    carnet_html_close(&page->html);
}

static carnet_rc
show(desk_call *call, carnet_str number, carnet_text problem, carnet_err *err)
{
    carnet_page page;
    carnet_page_head head = { .title = CARNET_TEXT_DESK_TITLE,
                              .current = "/desk",
                              .wide = true,
                              .script = "wait.js",
                              .status = problem != CARNET_TEXT_NONE ? 404 : 0 };
    list_work w;
    carnet_rc rc;

    if ((rc = read_list(call, &w, err)) != CARNET_OK || (rc = carnet_desk_page(call, &head, &page, err)) != CARNET_OK)
        return rc;
    add_ways(&page, call, number, problem);
    carnet_html_open(&page.html, "hr");
    carnet_html_close(&page.html);
    add_table(&page, call, &w);
    add_watch(&page, &w);
    return carnet_page_end(&page, err);
}

static carnet_rc
list(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    desk_call call;
    carnet_rc rc = carnet_desk_enter(self, request, response, DESK_CASES, &call, err);

    return rc != CARNET_OK || call.answered ? rc : show(&call, (carnet_str){ 0 }, CARNET_TEXT_NONE, err);
}

static carnet_rc
state(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(&response->body);
    uint8_t room[16];
    desk_call call;
    list_work w;
    carnet_rc rc = carnet_desk_enter(self, request, response, DESK_CASES, &call, err);

    if (rc != CARNET_OK || call.answered || (rc = read_list(&call, &w, err)) != CARNET_OK)
        return rc;
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "state", state_of(&w, room));
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

/* Letters of either case, with or without the hyphen. */
static bool
same_number(const char *number, carnet_str typed)
{
    size_t at = 0;

    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.ptr[i] >= 'a' && typed.ptr[i] <= 'z' ? (char)(typed.ptr[i] - 32) : typed.ptr[i];

        if (c == ' ' || c == '-')
            continue;
        at += number[at] == '-';
        if (number[at] == '\0' || number[at] != c)
            return false;
        at++;
    }
    return at > 0 && number[at] == '\0';
}

static carnet_rc
find(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *number = carnet_service_parameter_get(&request->form, "number");
    desk_call call;
    list_work w;
    carnet_rc rc = carnet_desk_enter_form(self, request, response, DESK_CASES, &call, err);

    if (rc != CARNET_OK || call.answered || (rc = read_list(&call, &w, err)) != CARNET_OK)
        return rc;
    for (size_t i = 0; number != NULL && i < w.count; i++)
        if (same_number(w.rows[i].number, *number))
            return carnet_desk_redirect(&call, "/desk/cases/", w.rows[i].id, "", err);
    return show(&call, number != NULL ? *number : (carnet_str){ 0 }, CARNET_TEXT_FIND_NONE, err);
}

const carnet_service_route carnet_desk_list = {
    .method = CARNET_SERVICE_GET,
    .name = "desk_cases",
    .path = "/desk",
    .summary = "The officers' desk: open cases.",
    .run = list,
    .answers = "text/html",
    .answer_max = 256 * 1024,
};
const carnet_service_route carnet_desk_list_state = {
    .method = CARNET_SERVICE_GET,
    .name = "desk_state",
    .path = "/desk/state",
    .summary = "Whether the list of open cases has changed.",
    .run = state,
    .quiet = true,
};
const carnet_service_route carnet_desk_find_form = {
    .method = CARNET_SERVICE_POST,
    .name = "desk_find",
    .path = "/desk/find",
    .summary = "Find a case by its number.",
    .run = find,
    .accepts = "application/x-www-form-urlencoded",
    .answers = "text/html",
    .body_max = 4096,
    .answer_max = 256 * 1024,
};
