/* SPDX-License-Identifier: Apache-2.0 */
/* GET /desk/cases/{id}, GET .../picture, POST .../decide, POST .../offer. */
#include "internal.h"

static carnet_rc
show(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *step = carnet_service_parameter_get(&request->query, "step");
    desk_call call;
    desk_case c;
    carnet_rc rc = carnet_desk_enter(self, request, response, DESK_CASES, &call, err);

    if (rc != CARNET_OK || call.answered || (rc = carnet_desk_case_get(&call, &c, err)) != CARNET_OK || call.answered)
        return rc;
    if (carnet_desk_case_closed(&c))
        return carnet_desk_show_closed(&call, &c, err);
    if (c.expired)
        return carnet_desk_message(&call, 410, CARNET_TONE_CAUTION, CARNET_TEXT_CASE_EXPIRED_TITLE,
                                   CARNET_TEXT_CASE_EXPIRED, err);
    if (c.row.state == CARNET_STORE_ENROLMENT_WAITING)
        return carnet_desk_show_waiting(&call, &c, err);
    if (c.row.state == CARNET_STORE_ENROLMENT_REVIEW ||
        (step != NULL && carnet_desk_checks_done(&c) && carnet_desk_case_wrong(call.worker, &c) == 0))
        return carnet_desk_show_review(&call, &c, err);
    return carnet_desk_show_edit(&call, &c, err);
}

/* The octets of a picture that was sent, as what they are. */
static carnet_rc
picture(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *name = carnet_service_parameter_get(&request->query, "of");
    desk_call call;
    desk_case c;
    carnet_rc rc = carnet_desk_enter(self, request, response, DESK_CASES, &call, err);

    if (rc != CARNET_OK || call.answered || (rc = carnet_desk_case_get(&call, &c, err)) != CARNET_OK || call.answered)
        return rc;
    if (name == NULL ||
        carnet_base64_decode(carnet_desk_draft_get(&c.typed, *name), &response->body, NULL) != CARNET_OK ||
        carnet_image_sniff(carnet_buf_span(&response->body)) == CARNET_IMAGE_NONE)
        return carnet_fail(err, CARNET_E_SERVICE_PATH, NULL, NULL);
    response->content_type =
        carnet_image_sniff(carnet_buf_span(&response->body)) == CARNET_IMAGE_JPEG ? "image/jpeg" : "image/jp2";
    return carnet_service_set_header(response, "Content-Security-Policy", carnet_str_of("default-src 'none'"), err);
}

/* What an action makes of a case; false: not now, or not by this officer. */
static bool
decide(const desk_call *call, desk_case *c, carnet_str action, carnet_str reason, desk_event *event)
{
    carnet_store_enrolment_state state = c->row.state;

    if (carnet_str_is(action, "refuse") && carnet_desk_refusal_text(reason) != CARNET_TEXT_NONE) {
        c->row.state = CARNET_STORE_ENROLMENT_REFUSED;
        c->row.reason = reason;
        *event = (desk_event){ CARNET_STORE_OUTCOME_REFUSED, "enrolment.refused", reason, call->officer.login };
        return true;
    }
    if (carnet_str_is(action, "take") && state == CARNET_STORE_ENROLMENT_WAITING) {
        c->row.state = CARNET_STORE_ENROLMENT_OPEN;
        c->row.officer = call->officer.login;
        event->what = "enrolment.taken";
        return true;
    }
    if (carnet_str_is(action, "return") && state == CARNET_STORE_ENROLMENT_REVIEW) {
        c->row.state = CARNET_STORE_ENROLMENT_OPEN;
        event->what = "enrolment.returned";
        return true;
    }
    if (!carnet_desk_checks_done(c) || carnet_desk_case_wrong(call->worker, c) > 0)
        return false;
    if (carnet_str_is(action, "send") && state == CARNET_STORE_ENROLMENT_OPEN) {
        c->row.state = CARNET_STORE_ENROLMENT_REVIEW;
        event->what = "enrolment.sent";
        return true;
    }
    if (carnet_str_is(action, "confirm") && carnet_desk_may_confirm(call, c)) {
        c->row.state = CARNET_STORE_ENROLMENT_CONFIRMED;
        c->row.confirmed_by = call->officer.login;
        event->what = "enrolment.confirmed";
        return true;
    }
    return false;
}

static carnet_str
field(const carnet_service_request *request, const char *name)
{
    const carnet_str *value = carnet_service_parameter_get(&request->form, name);

    return value != NULL ? *value : (carnet_str){ 0 };
}

/* What the officer sees after a decision. */
static carnet_rc
after(desk_call *call, desk_case *c, carnet_err *err)
{
    switch (c->row.state) {
    case CARNET_STORE_ENROLMENT_CONFIRMED:
        return c->row.reference_hash.len > 0 ? carnet_desk_redirect(call, "/desk/cases/", c->row.id, "", err)
                                             : carnet_desk_offer(call, c, err);
    case CARNET_STORE_ENROLMENT_OPEN:
        return carnet_desk_redirect(call, "/desk/cases/", c->row.id, "", err);
    default:
        return carnet_desk_redirect(call, "/desk", 0, "", err);
    }
}

static bool
same_version(const desk_case *c, carnet_str version)
{
    uint8_t room[24];
    carnet_buf text = carnet_buf_of(room, sizeof(room));

    carnet_buf_add_int(&text, c->row.version);
    return carnet_str_equal(carnet_buf_str(&text), version);
}

static carnet_rc
decide_form(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    uint8_t room[128];
    carnet_buf checks = carnet_buf_of(room, sizeof(room));
    desk_event event = { CARNET_STORE_OUTCOME_DONE, NULL, { 0 }, { 0 } };
    desk_call call;
    desk_case c;
    bool stale;
    carnet_rc rc = carnet_desk_enter_form(self, request, response, DESK_CASES, &call, err);

    if (rc != CARNET_OK || call.answered || (rc = carnet_desk_case_get(&call, &c, err)) != CARNET_OK || call.answered)
        return rc;
    if (carnet_desk_case_closed(&c) || c.expired)
        return carnet_desk_redirect(&call, "/desk/cases/", c.row.id, "", err);
    if (carnet_str_is(field(request, "action"), "refuse") && field(request, "reason").len == 0)
        return carnet_desk_message(&call, 400, CARNET_TONE_BAD, CARNET_TEXT_REFUSE_TITLE, CARNET_TEXT_REFUSE_WHY, err);
    carnet_desk_case_checks(&c, &checks);
    event.reason = carnet_buf_str(&checks);
    event.actor = call.officer.login;
    stale = !same_version(&c, field(request, "version"));
    if (!stale && !decide(&call, &c, field(request, "action"), field(request, "reason"), &event))
        return carnet_desk_redirect(&call, "/desk/cases/", c.row.id, "?check=1", err);
    if (!stale && (rc = carnet_desk_case_save(call.worker, &c, &event, &stale, err)) != CARNET_OK)
        return rc;
    if (stale)
        return carnet_desk_message(&call, 409, CARNET_TONE_CAUTION, CARNET_TEXT_STALE_TITLE, CARNET_TEXT_STALE, err);
    return after(&call, &c, err);
}

/* Another offer for a confirmed case: the code of the first one was shown once. */
static carnet_rc
offer_form(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    desk_call call;
    desk_case c;
    carnet_rc rc = carnet_desk_enter_form(self, request, response, DESK_CASES, &call, err);

    if (rc != CARNET_OK || call.answered || (rc = carnet_desk_case_get(&call, &c, err)) != CARNET_OK || call.answered)
        return rc;
    if (c.row.state != CARNET_STORE_ENROLMENT_CONFIRMED || c.row.reference_hash.len > 0 ||
        c.row.attributes.len + c.row.evidence.len == 0)
        return carnet_desk_redirect(&call, "/desk/cases/", c.row.id, "", err);
    return carnet_desk_offer(&call, &c, err);
}

#define FORM "application/x-www-form-urlencoded"

const carnet_service_route carnet_desk_case = {
    .method = CARNET_SERVICE_GET,
    .name = "desk_case",
    .path = "/desk/cases/{id}",
    .summary = "One case, as it stands.",
    .run = show,
    .answers = "text/html",
    .answer_max = 512 * 1024,
};
const carnet_service_route carnet_desk_picture = {
    .method = CARNET_SERVICE_GET,
    .name = "desk_picture",
    .path = "/desk/cases/{id}/picture",
    .summary = "A picture of a case.",
    .run = picture,
    .answers = "image/jpeg",
};
const carnet_service_route carnet_desk_decide_form = {
    .method = CARNET_SERVICE_POST,
    .name = "desk_decide",
    .path = "/desk/cases/{id}/decide",
    .summary = "Take, send on, confirm, return or refuse a case.",
    .run = decide_form,
    .accepts = FORM,
    .answers = "text/html",
    .body_max = 4096,
    .answer_max = 256 * 1024,
};
const carnet_service_route carnet_desk_offer_form = {
    .method = CARNET_SERVICE_POST,
    .name = "desk_offer",
    .path = "/desk/cases/{id}/offer",
    .summary = "Make another offer of a confirmed case.",
    .run = offer_form,
    .accepts = FORM,
    .answers = "text/html",
    .body_max = 4096,
    .answer_max = 256 * 1024,
};
