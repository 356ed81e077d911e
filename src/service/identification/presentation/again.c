/* SPDX-License-Identifier: Apache-2.0 */
/* POST /identify/{flow}/present/again and .../cancel. */
#include "internal.h"

static carnet_rc
cancel(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    presentation_call call;
    carnet_rc rc = carnet_presentation_enter_form(self, request, response, &call, err);

    if (rc != CARNET_OK || !call.found)
        return rc;
    if (call.session.step != PRESENTATION_DONE && call.session.step != PRESENTATION_OFF) {
        call.session.step = PRESENTATION_OFF;
        call.session.why = CARNET_PRESENTATION_USER;
        call.session.state = (carnet_span){ 0 };
        rc = carnet_presentation_save(call.worker, &call.session, "presentation.cancelled", err);
    }
    return rc == CARNET_OK
               ? carnet_web_cancelled(call.p->web, call.request, call.response, call.session.return_uri, err)
               : rc;
}

static carnet_rc
again(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    presentation_call call;
    presentation_session *s = &call.session;
    carnet_rc rc = carnet_presentation_enter_form(self, request, response, &call, err);

    if (rc != CARNET_OK || !call.found)
        return rc;
    if (s->step == PRESENTATION_BROKEN && s->attempts >= PRESENTATION_ATTEMPTS) {
        s->step = PRESENTATION_OFF;
        rc = carnet_presentation_save(call.worker, s, "presentation.given_up", err);
    } else if (s->step == PRESENTATION_BROKEN || s->step == PRESENTATION_MET) {
        rc = carnet_presentation_ask(call.p, call.worker, call.flow, s, err);
        if (rc == CARNET_OK)
            rc = carnet_presentation_save(call.worker, s, NULL, err);
    }
    return rc == CARNET_OK ? carnet_web_redirect(call.p->web, response, carnet_presentation_path(&call, ""), err) : rc;
}

const carnet_service_route carnet_presentation_again = {
    .method = CARNET_SERVICE_POST,
    .name = "identify_present_again",
    .path = "/identify/{flow}/present/again",
    .summary = "The applicant tries once more.",
    .run = again,
    .accepts = "application/x-www-form-urlencoded",
    .answers = "text/html",
    .body_max = 4096,
    .rate = 60,
    .burst = 20,
};
const carnet_service_route carnet_presentation_cancel = {
    .method = CARNET_SERVICE_POST,
    .name = "identify_present_cancel",
    .path = "/identify/{flow}/present/cancel",
    .summary = "The applicant breaks off.",
    .run = cancel,
    .accepts = "application/x-www-form-urlencoded",
    .answers = "text/html",
    .body_max = 4096,
};
