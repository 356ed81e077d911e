/* SPDX-License-Identifier: Apache-2.0 */
/* GET and POST /desk/new -- a case for a person who stands before the officer. */
#include "internal.h"

static void
field_name(size_t i, carnet_buf *out)
{
    carnet_buf_add_text(out, "c");
    carnet_buf_add_uint(out, i);
}

static carnet_rc
show(desk_call *call, carnet_text problem, carnet_err *err)
{
    carnet_page page;
    carnet_page_head head = { .title = CARNET_TEXT_NEW_TITLE,
                              .current = "/desk",
                              .status = problem != CARNET_TEXT_NONE ? 400 : 0 };
    carnet_rc rc = carnet_desk_page(call, &head, &page, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_html_open_class(&page.html, "div", "card");
    carnet_page_form_begin(&page, "/desk/new", (carnet_str){ 0 }, carnet_str_of(call->token), false);
    carnet_html_open(&page.html, "fieldset");
    carnet_page_element(&page, "legend", NULL, CARNET_TEXT_NEW_WHICH);
    if (problem != CARNET_TEXT_NONE)
        carnet_page_element(&page, "p", "error", problem);
    for (size_t i = 0; i < call->desk->configuration_count && i < DESK_CONFIGURATIONS; i++) {
        uint8_t room[16];
        carnet_buf name = carnet_buf_of(room, sizeof(room));

        field_name(i, &name);
        carnet_page_field_add(&page, &(carnet_page_field){ .type = "checkbox",
                                                           .name = carnet_buf_str(&name),
                                                           .label_value = call->desk->configurations[i].name,
                                                           .hint_value = call->desk->configurations[i].doc_type,
                                                           .checked = call->desk->configuration_count == 1 });
    }
    carnet_html_close(&page.html);
    carnet_page_button(&page, "primary", NULL, NULL, CARNET_TEXT_NEW_BEGIN);
    carnet_page_form_end(&page);
    carnet_html_close(&page.html);
    return carnet_page_end(&page, err);
}

static carnet_rc
new_case(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    desk_call call;
    carnet_rc rc = carnet_desk_enter(self, request, response, DESK_CASES, &call, err);

    return rc != CARNET_OK || call.answered ? rc : show(&call, CARNET_TEXT_NONE, err);
}

static void
read_choice(const desk_call *call, desk_case *c, carnet_buf *list)
{
    for (size_t i = 0; i < call->desk->configuration_count && i < DESK_CONFIGURATIONS; i++) {
        char room[16];
        carnet_buf name = carnet_buf_of(room, sizeof(room));

        field_name(i, &name);
        carnet_buf_add_byte(&name, 0);
        if (carnet_service_parameter_get(&call->request->form, room) == NULL)
            continue;
        if (list->len > 0)
            carnet_buf_add_text(list, " ");
        carnet_buf_add_str(list, call->desk->configurations[i].id);
        c->configurations[c->configuration_count++] = &call->desk->configurations[i];
    }
}

static carnet_rc
new_case_form(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    char number[DESK_NUMBER + 1];
    desk_event event = { CARNET_STORE_OUTCOME_DONE, "enrolment.opened", { 0 }, { 0 } };
    desk_case c = { 0 };
    desk_call call;
    carnet_buf list;
    bool stale;
    carnet_rc rc = carnet_desk_enter_form(self, request, response, DESK_CASES, &call, err);

    if (rc != CARNET_OK || call.answered)
        return rc;
    list = carnet_service_scratch_buf(call.worker, 4096);
    read_choice(&call, &c, &list);
    if (c.configuration_count == 0)
        return show(&call, CARNET_TEXT_NEW_NONE, err);
    if ((rc = carnet_desk_number(&call.worker->random, number, err)) != CARNET_OK ||
        (rc = carnet_desk_draft_init(call.worker, &c.evidence, err)) != CARNET_OK ||
        (rc = carnet_desk_draft_init(call.worker, &c.typed, err)) != CARNET_OK)
        return rc;
    c.row = (carnet_store_enrolment){ .number = carnet_str_of(number),
                                      .configurations = carnet_buf_str(&list),
                                      .state = CARNET_STORE_ENROLMENT_OPEN,
                                      .officer = call.officer.login,
                                      .created = call.now,
                                      .expires = call.now + call.desk->case_s };
    event.actor = call.officer.login;
    if ((rc = carnet_desk_case_save(call.worker, &c, &event, &stale, err)) != CARNET_OK)
        return rc;
    return carnet_desk_redirect(&call, "/desk/cases/", c.row.id, "", err);
}

const carnet_service_route carnet_desk_new = {
    .method = CARNET_SERVICE_GET,
    .name = "desk_new",
    .path = "/desk/new",
    .summary = "The form that begins a case.",
    .run = new_case,
    .answers = "text/html",
};
const carnet_service_route carnet_desk_new_form = {
    .method = CARNET_SERVICE_POST,
    .name = "desk_new_form",
    .path = "/desk/new",
    .summary = "Begin a case.",
    .run = new_case_form,
    .accepts = "application/x-www-form-urlencoded",
    .answers = "text/html",
    .body_max = 8192,
};
