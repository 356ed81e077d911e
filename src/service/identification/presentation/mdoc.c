/* SPDX-License-Identifier: Apache-2.0 */
/* POST /identify/{flow}/mdoc -- where the holder's app sends its messages (18013-7 A.6). */
#include "internal.h"

/* What was heard becomes the session's next step.  It is kept before the reply leaves. */
static carnet_rc
follow(presentation_call *call, const carnet_presentation_heard *heard, carnet_span next, carnet_err *err)
{
    presentation_session *s = &call->session;
    carnet_rc rc = CARNET_OK;

    if (heard->hearing == CARNET_PRESENTATION_MORE) {
        s->state = next;
        s->step = PRESENTATION_MET;
        return carnet_presentation_save(call->worker, s, NULL, err);
    }
    s->state = (carnet_span){ 0 };
    s->why = heard->why;
    s->step = PRESENTATION_BROKEN;
    if (heard->hearing == CARNET_PRESENTATION_ANSWERED) {
        rc = carnet_presentation_answer(call->worker, heard, s, err);
        s->step = rc == CARNET_OK ? PRESENTATION_DONE : PRESENTATION_BROKEN;
        if (rc == CARNET_E_PRESENTATION_VALUE) {
            s->why = CARNET_PRESENTATION_PART;
            s->claims = s->subject = (carnet_str){ 0 };
            rc = CARNET_OK;
        }
    }
    return rc == CARNET_OK ? carnet_presentation_save(call->worker, s, "presentation.answered", err) : rc;
}

static void
report(const presentation_call *call)
{
    const presentation_session *s = &call->session;
    carnet_service_event event = { .interface = "IS-3",
                                   .kind = s->step == PRESENTATION_MET ? "presentation.met" : "presentation.answered",
                                   .outcome = s->step == PRESENTATION_BROKEN ? "refused" : "done",
                                   .reason =
                                       s->step == PRESENTATION_BROKEN ? carnet_presentation_why_name(s->why) : NULL };

    carnet_service_event_log(call->worker, &event);
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_buf next, reply = { 0 };
    carnet_presentation_heard heard;
    carnet_presentation_question question;
    presentation_call call;
    carnet_rc rc = carnet_presentation_enter(self, request, response, &call, err);

    if (rc != CARNET_OK)
        return rc;
    if (!call.found)
        return carnet_fail(err, CARNET_E_SERVICE_PATH, NULL, NULL);
    if (call.session.step != PRESENTATION_SHOWN && call.session.step != PRESENTATION_MET)
        return carnet_fail(err, CARNET_E_PRESENTATION_SESSION, "18013-7 A.6", "nothing is asked any more");
    next = carnet_service_scratch_buf(call.worker, CARNET_PRESENTATION_STATE);
    reply = carnet_service_scratch_buf(call.worker, response->body.cap);
    rc = carnet_presentation_question_of(call.p, call.worker, call.flow, &question, err);
    if (rc == CARNET_OK)
        rc = call.p->way->hear(&question, call.worker, call.session.state, request->body, &next, &reply, &heard, err);
    if (rc == CARNET_OK)
        rc = follow(&call, &heard, carnet_buf_span(&next), err);
    if (rc != CARNET_OK)
        return rc;
    report(&call);
    carnet_buf_add(&response->body, carnet_buf_span(&reply));
    response->content_type = "application/cbor";
    return CARNET_OK;
}

const carnet_service_route carnet_presentation_mdoc = {
    .method = CARNET_SERVICE_POST,
    .name = "identify_mdoc",
    .path = "/identify/{flow}/mdoc",
    .summary = "Where the app that holds a document answers.",
    .run = run,
    .accepts = "application/cbor",
    .answers = "application/cbor",
    .body_max = CARNET_PRESENTATION_MESSAGE,
    .rate = 600,
    .burst = 60,
};
