/* SPDX-License-Identifier: Apache-2.0 */
/* GET /offer/{id}, GET /offer/{id}/state */
#include "carnet/json_build.h"
#include "internal.h"

#include <string.h>

#define ROOM (64 * 1024)

typedef struct offer_call {
    const offer_page *self;
    carnet_service_worker *worker;
    const carnet_service_request *request;
    carnet_service_response *response;
    carnet_str reference;
    carnet_issuing_offer_view view;
    bool found;
    carnet_time now;
} offer_call;

static carnet_rc
begin(void *self, const carnet_service_request *request, carnet_service_response *response, offer_call *call,
      carnet_err *err)
{
    const carnet_str *id = carnet_service_parameter_get(&request->in_path, "id");
    carnet_buf room;
    carnet_rc rc;

    *call = (offer_call){ .self = self, .request = request, .response = response };
    if ((rc = carnet_service_begin(call->self->context, request, &call->worker, err)) != CARNET_OK)
        return rc;
    call->now = carnet_service_now(call->worker);
    if (id == NULL || id->len > 128)
        return CARNET_OK;
    call->reference = *id;
    room = carnet_service_scratch_buf(call->worker, ROOM);
    rc = carnet_issuing_offer_read(call->self->issuing, call->worker, *id, &room, &call->view, err);
    call->found = rc == CARNET_OK;
    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}

static const char *
state_of(const offer_call *call)
{
    const carnet_store_offer *record = &call->view.record;

    if (record->state == CARNET_STORE_OFFER_REDEEMED)
        return "taken";
    if (record->state == CARNET_STORE_OFFER_OPEN && record->expires > call->now && call->view.json.len > 0)
        return "open";
    return "over";
}

static carnet_str
name_of(const offer_call *call, carnet_str configuration)
{
    const carnet_config_issuing *issuing = carnet_service_configuration(call->self->context)->services->issuing;

    for (size_t i = 0; i < issuing->configuration_count; i++)
        if (carnet_str_is(configuration, issuing->configurations[i].id) && issuing->configurations[i].name != NULL)
            return carnet_str_of(issuing->configurations[i].name);
    return configuration;
}

static void
add_documents(carnet_page *page, const offer_call *call)
{
    carnet_str list = call->view.record.configurations;

    carnet_html_open(&page->html, "ul");
    while (list.len > 0) {
        const char *space = memchr(list.ptr, ' ', list.len);
        size_t n = space != NULL ? (size_t)(space - list.ptr) : list.len;

        if (n > 0) {
            carnet_html_open(&page->html, "li");
            carnet_html_value(&page->html, name_of(call, (carnet_str){ list.ptr, n }));
            carnet_html_close(&page->html);
        }
        n += space != NULL;
        list.ptr += n;
        list.len -= n;
    }
    carnet_html_close(&page->html);
}

static void
add_facts(carnet_page *page, const offer_call *call)
{
    carnet_html *h = &page->html;

    carnet_html_open_class(h, "section", "card");
    carnet_html_open_class(h, "dl", "facts");
    carnet_page_element(page, "dt", NULL, CARNET_TEXT_OFFER_WHAT);
    carnet_html_open(h, "dd");
    add_documents(page, call);
    carnet_html_close(h);
    carnet_page_element(page, "dt", NULL, CARNET_TEXT_OFFER_BY);
    carnet_html_open(h, "dd");
    carnet_html_value(h, call->self->web->authority);
    carnet_html_open(h, "br");
    carnet_html_close(h);
    carnet_html_element(h, "span", "quiet-text", carnet_service_base_url(call->self->context));
    carnet_html_close(h);
    carnet_page_element(page, "dt", NULL, CARNET_TEXT_OFFER_EXPIRES);
    carnet_html_open(h, "dd");
    carnet_page_time(page, call->view.record.expires);
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_page_element(page, "p", NULL,
                        call->view.record.tx_code.len > 0 ? CARNET_TEXT_OFFER_TX_CODE : CARNET_TEXT_OFFER_NO_TX_CODE);
    carnet_html_close(h);
}

static carnet_rc
add_ways(carnet_page *page, const offer_call *call, carnet_err *err)
{
    carnet_html *h = &page->html;
    carnet_rc rc;

    carnet_html_open_class(h, "div", "columns");
    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_OFFER_SAME_DEVICE);
    carnet_page_element(page, "p", NULL, CARNET_TEXT_OFFER_OPEN_HINT);
    carnet_html_link(h, "button primary wide-button", call->view.link_by_reference,
                     carnet_str_of(carnet_page_text(page, CARNET_TEXT_OFFER_OPEN)));
    carnet_html_open(h, "details");
    carnet_page_element(page, "summary", NULL, CARNET_TEXT_OFFER_LINK);
    carnet_html_element(h, "p", "link-text", call->view.link_by_reference);
    carnet_html_close(h);
    carnet_html_close(h);
    carnet_html_open_class(h, "section", "card");
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_OFFER_CROSS_DEVICE);
    if ((rc = carnet_page_qr(page, call->view.link_by_reference, CARNET_TEXT_OFFER_QR, err)) != CARNET_OK)
        return rc;
    carnet_page_element(page, "p", "center", CARNET_TEXT_OFFER_SCAN);
    carnet_html_close(h);
    carnet_html_close(h);
    return CARNET_OK;
}

static void
add_watch(carnet_page *page, const offer_call *call)
{
    carnet_html *h = &page->html;
    uint8_t room[256];
    carnet_buf path = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_str(&path, call->self->web->base_path);
    carnet_buf_add_text(&path, "/offer/");
    carnet_buf_add_str(&path, call->reference);
    carnet_buf_add_text(&path, "/state");
    carnet_html_open_class(h, "p", "quiet-text");
    carnet_html_set_text(h, "role", "status");
    carnet_html_set(h, "data-watch", carnet_buf_str(&path));
    carnet_html_set_text(h, "data-state", state_of(call));
    carnet_html_open_class(h, "span", "progress");
    carnet_html_set_text(h, "aria-hidden", "true");
    carnet_html_close(h);
    carnet_html_say(h, carnet_page_text(page, CARNET_TEXT_OFFER_WAITING));
    carnet_html_close(h);
}

static carnet_rc
show_open(const offer_call *call, carnet_err *err)
{
    carnet_page_head head = { .title = CARNET_TEXT_OFFER_TITLE, .script = "wait.js", .refresh_s = 30 };
    carnet_page page;
    carnet_rc rc = carnet_page_begin(&page, call->self->web, call->request, call->response, &head, err);

    if (rc != CARNET_OK)
        return rc;
    add_facts(&page, call);
    if ((rc = add_ways(&page, call, err)) != CARNET_OK)
        return rc;
    add_watch(&page, call);
    return carnet_page_end(&page, err);
}

static carnet_rc
show(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str none = { 0 };
    offer_call call;
    const char *state;
    carnet_rc rc = begin(self, request, response, &call, err);

    if (rc != CARNET_OK)
        return rc;
    if (!call.found)
        return carnet_page_message(call.self->web, request, response, 404, CARNET_TONE_BAD, CARNET_TEXT_NOT_FOUND_TITLE,
                                   CARNET_TEXT_NOT_FOUND, none, err);
    state = state_of(&call);
    if (strcmp(state, "open") == 0)
        return show_open(&call, err);
    if (strcmp(state, "taken") == 0)
        return carnet_page_message(call.self->web, request, response, 200, CARNET_TONE_GOOD,
                                   CARNET_TEXT_OFFER_TAKEN_TITLE, CARNET_TEXT_OFFER_TAKEN, none, err);
    return carnet_page_message(call.self->web, request, response, 410, CARNET_TONE_CAUTION,
                               CARNET_TEXT_OFFER_EXPIRED_TITLE, CARNET_TEXT_OFFER_EXPIRED, none, err);
}

static carnet_rc
tell_state(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    offer_call call;
    carnet_json_builder b = carnet_json_build(&response->body);
    carnet_rc rc = begin(self, request, response, &call, err);

    if (rc != CARNET_OK)
        return rc;
    if (!call.found)
        return carnet_fail(err, CARNET_E_SERVICE_PATH, NULL, NULL);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "state", state_of(&call));
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

const carnet_service_route carnet_offer_show = {
    .method = CARNET_SERVICE_GET,
    .name = "offer_page",
    .path = "/offer/{id}",
    .summary = "The page of an offer, for its holder.",
    .run = show,
    .answers = "text/html",
    .answer_max = 128 * 1024,
};
const carnet_service_route carnet_offer_state = {
    .method = CARNET_SERVICE_GET,
    .name = "offer_state",
    .path = "/offer/{id}/state",
    .summary = "Whether an offer was taken.",
    .run = tell_state,
    .quiet = true,
};
