/* SPDX-License-Identifier: Apache-2.0 */
/* GET /identify/{flow}/present -- the page that shows what the holder's app is to answer. */
#include "carnet/web_form.h"
#include "carnet/web_svg.h"
#include "internal.h"

/* Who waits has nothing but the flow, which is unpredictable. */
carnet_rc
carnet_presentation_enter(void *self, const carnet_service_request *request, carnet_service_response *response,
                          presentation_call *call, carnet_err *err)
{
    const carnet_str *flow = carnet_service_parameter_get(&request->in_path, "flow");
    carnet_rc rc;

    *call = (presentation_call){ .p = self, .request = request, .response = response };
    if ((rc = carnet_service_begin(call->p->context, request, &call->worker, err)) != CARNET_OK)
        return rc;
    call->cookie = carnet_web_cookie_get(call->p->web, request, CARNET_COOKIE_BROWSER);
    if (flow == NULL || flow->len > 128)
        return CARNET_OK;
    call->flow = *flow;
    return carnet_presentation_load(call->worker, *flow, &call->session, &call->found, err);
}

carnet_rc
carnet_presentation_absent(presentation_call *call, carnet_err *err)
{
    return carnet_page_message(call->p->web, call->request, call->response, 404, CARNET_TONE_BAD,
                               CARNET_TEXT_NOT_FOUND_TITLE, CARNET_TEXT_NOT_FOUND, (carnet_str){ 0 }, err);
}

carnet_rc
carnet_presentation_enter_form(void *self, const carnet_service_request *request, carnet_service_response *response,
                               presentation_call *call, carnet_err *err)
{
    const carnet_str *token = carnet_service_parameter_get(&request->form, "token");
    carnet_service_event event = { .interface = "IS-3", .kind = "presentation.forged", .outcome = "refused" };
    carnet_rc rc = carnet_presentation_enter(self, request, response, call, err);

    if (rc != CARNET_OK)
        return rc;
    if (!call->found)
        return carnet_presentation_absent(call, err);
    rc = carnet_web_check(call->p->web, request, call->worker->crypto, call->cookie,
                          token != NULL ? *token : (carnet_str){ 0 }, err);
    if (rc != CARNET_E_WEB_FORGED)
        return rc;
    carnet_service_event_log(call->worker, &event);
    call->found = false;
    return carnet_page_message(call->p->web, request, response, 403, CARNET_TONE_BAD, CARNET_TEXT_FORGED_TITLE,
                               CARNET_TEXT_FORGED, (carnet_str){ 0 }, err);
}

carnet_str
carnet_presentation_path(const presentation_call *call, const char *rest)
{
    carnet_buf path = carnet_service_scratch_buf(call->worker, 256);

    carnet_buf_add_text(&path, "/identify/");
    carnet_buf_add_str(&path, call->flow);
    carnet_buf_add_text(&path, "/present");
    carnet_buf_add_text(&path, rest);
    return carnet_buf_str(&path);
}

static void
add_watch(carnet_page *page, const presentation_call *call)
{
    bool met = call->session.step == PRESENTATION_MET;
    carnet_buf path = carnet_service_scratch_buf(call->worker, 512);

    carnet_buf_add_str(&path, call->p->web->base_path);
    carnet_buf_add_str(&path, carnet_presentation_path(call, "/state"));
    carnet_html_open(&page->html, "p");
    carnet_html_set_text(&page->html, "role", "status");
    carnet_html_set(&page->html, "data-watch", carnet_buf_str(&path));
    carnet_html_set_text(&page->html, "data-state", met ? "met" : "shown");
    carnet_html_open_class(&page->html, "span", "progress");
    carnet_html_set_text(&page->html, "aria-hidden", "true");
    carnet_html_close(&page->html);
    carnet_html_say(&page->html, carnet_page_text(page, met ? CARNET_TEXT_PRESENT_ASKED : CARNET_TEXT_PRESENT_SHOWN));
    carnet_html_close(&page->html);
}

static void
add_form(carnet_page *page, const presentation_call *call, const char *rest, carnet_text text, const char *token)
{
    carnet_str path = carnet_presentation_path(call, rest);

    carnet_page_form_begin(page, "", path, carnet_str_of(token), false);
    carnet_page_button(page, NULL, NULL, NULL, text);
    carnet_page_form_end(page);
}

/* Once more, or not at all. */
static carnet_rc
add_actions(carnet_page *page, const presentation_call *call, carnet_err *err)
{
    char token[CARNET_WEB_SECRET + 1];
    carnet_rc rc;

    if (call->cookie.len == 0)
        return CARNET_OK;
    if ((rc = carnet_web_token(call->worker->crypto, call->cookie, token, err)) != CARNET_OK)
        return rc;
    carnet_html_open_class(&page->html, "div", "actions");
    if (call->session.step != PRESENTATION_SHOWN)
        add_form(page, call, "/again", CARNET_TEXT_PRESENT_AGAIN, token);
    add_form(page, call, "/cancel", CARNET_TEXT_WAIT_CANCEL, token);
    carnet_html_close(&page->html);
    return CARNET_OK;
}

/* "family name" */
static void
add_element(carnet_page *page, const presentation_call *call, carnet_str identifier)
{
    carnet_buf name = carnet_service_scratch_buf(call->worker, identifier.len);

    for (size_t i = 0; i < identifier.len; i++)
        carnet_buf_add_byte(&name, (uint8_t)(identifier.ptr[i] == '_' ? ' ' : identifier.ptr[i]));
    carnet_html_element(&page->html, "li", NULL, carnet_buf_str(&name));
}

static void
add_question(carnet_page *page, const presentation_call *call)
{
    carnet_page_element(page, "h2", NULL, CARNET_TEXT_PRESENT_WHAT);
    carnet_page_element(page, "p", NULL, CARNET_TEXT_PRESENT_ANY);
    for (size_t i = 0; i < call->p->count; i++) {
        const carnet_presentation_document *document = &call->p->documents[i];
        const carnet_doctype *table = carnet_doctype_find(document->doc_type);

        carnet_html_element(&page->html, "h3", NULL, table != NULL ? carnet_str_of(table->title) : document->doc_type);
        carnet_html_open(&page->html, "ul");
        for (size_t k = 0; k < document->count; k++)
            add_element(page, call, document->elements[k].asked.identifier);
        carnet_html_close(&page->html);
    }
}

static carnet_rc
add_code(carnet_page *page, const presentation_call *call, carnet_err *err)
{
    carnet_buf link = carnet_service_scratch_buf(call->worker, 4096);
    carnet_rc rc = call->p->way->link(call->session.state, &link, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_page_element(page, "h2", "center", CARNET_TEXT_PRESENT_SCAN);
    if ((rc = carnet_page_qr(page, carnet_buf_str(&link), CARNET_TEXT_PRESENT_QR, err)) != CARNET_OK)
        return rc;
    carnet_page_element(page, "h2", "center", CARNET_TEXT_PRESENT_HERE);
    carnet_html_open_class(&page->html, "p", "center");
    carnet_html_link(&page->html, "button primary", carnet_buf_str(&link),
                     carnet_str_of(carnet_page_text(page, CARNET_TEXT_PRESENT_LINK)));
    carnet_html_close(&page->html);
    return CARNET_OK;
}

static void
add_failure(carnet_page *page, const presentation_call *call)
{
    static const carnet_text texts[] = { CARNET_TEXT_PRESENT_FAILED_SESSION, CARNET_TEXT_PRESENT_FAILED_SESSION,
                                         CARNET_TEXT_PRESENT_FAILED_USER, CARNET_TEXT_PRESENT_FAILED_DOCUMENT,
                                         CARNET_TEXT_PRESENT_FAILED_PART };
    uint64_t why = call->session.why;

    carnet_page_notice_begin_with(page, CARNET_TONE_BAD, CARNET_TEXT_PRESENT_FAILED);
    carnet_page_element(page, "p", NULL, texts[why < CARNET_COUNT(texts) ? why : 0]);
    carnet_page_notice_end(page);
}

static carnet_rc
show(presentation_call *call, carnet_err *err)
{
    uint64_t step = call->session.step;
    carnet_page_head head = { .title = CARNET_TEXT_PRESENT_TITLE };
    carnet_page page;
    carnet_rc rc;

    if (step != PRESENTATION_BROKEN) {
        head.script = "wait.js";
        head.refresh_s = 20;
    }
    rc = carnet_page_begin(&page, call->p->web, call->request, call->response, &head, err);
    if (rc != CARNET_OK)
        return rc;
    if (step == PRESENTATION_BROKEN)
        add_failure(&page, call);
    carnet_html_open_class(&page.html, "div", "columns");
    if (step == PRESENTATION_SHOWN) {
        carnet_html_open_class(&page.html, "section", "card");
        rc = add_code(&page, call, err);
        carnet_html_close(&page.html);
    }
    carnet_html_open_class(&page.html, "section", "card");
    add_question(&page, call);
    carnet_page_element(&page, "p", NULL, CARNET_TEXT_PRESENT_WARN);
    if (step != PRESENTATION_BROKEN)
        add_watch(&page, call);
    if (rc == CARNET_OK)
        rc = add_actions(&page, call, err);
    carnet_html_close(&page.html);
    carnet_html_close(&page.html);
    return rc == CARNET_OK ? carnet_page_end(&page, err) : rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    presentation_call call;
    carnet_rc rc = carnet_presentation_enter(self, request, response, &call, err);

    if (rc != CARNET_OK)
        return rc;
    if (!call.found)
        return carnet_presentation_absent(&call, err);
    if (call.session.step == PRESENTATION_DONE || call.session.step == PRESENTATION_OFF)
        return carnet_web_redirect(call.p->web, response, call.session.return_uri, err);
    return show(&call, err);
}

const carnet_service_route carnet_presentation_wait = {
    .method = CARNET_SERVICE_GET,
    .name = "identify_present",
    .path = "/identify/{flow}/present",
    .summary = "Where an applicant is asked for a document already held.",
    .run = run,
    .answers = "text/html",
    .answer_max = 262144,
};
