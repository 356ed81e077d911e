/* SPDX-License-Identifier: Apache-2.0 */
/* The presentation as the plug of user identification. */
#include "internal.h"

#include <string.h>

carnet_rc
carnet_presentation_question_of(const carnet_presentation_service *p, carnet_service_worker *worker, carnet_str flow,
                                carnet_presentation_question *question, carnet_err *err)
{
    carnet_buf uri = carnet_service_scratch_buf(worker, 1024);
    carnet_str base = carnet_service_base_url(p->context), host = { base.ptr, base.len };
    const carnet_attester_trust *trust = carnet_service_trust_get(p->trust);
    size_t n = 0;

    carnet_buf_add_str(&uri, base);
    carnet_buf_add_text(&uri, "/identify/");
    carnet_buf_add_str(&uri, flow);
    carnet_buf_add_text(&uri, "/mdoc");
    if (uri.overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; i + 2 < base.len && host.len == base.len; i++)
        if (memcmp(base.ptr + i, "://", 3) == 0)
            host = (carnet_str){ base.ptr + i + 3, base.len - i - 3 };
    /* Of "[::1]:8080" the colons in brackets are the host's. */
    for (bool inside = false; n < host.len && host.ptr[n] != '/' && (inside || host.ptr[n] != ':'); n++)
        inside = host.ptr[n] == '[' || (inside && host.ptr[n] != ']');
    *question = (carnet_presentation_question){ .documents = p->documents,
                                                .count = p->count,
                                                .anchors = trust != NULL ? trust->anchors : NULL,
                                                .reader_key = p->reader_key,
                                                .uri = carnet_buf_str(&uri),
                                                .domain = { host.ptr, n },
                                                .now = carnet_service_now(worker) };
    return CARNET_OK;
}

carnet_rc
carnet_presentation_ask(const carnet_presentation_service *p, carnet_service_worker *worker, carnet_str flow,
                        presentation_session *s, carnet_err *err)
{
    carnet_buf state = carnet_service_scratch_buf(worker, CARNET_PRESENTATION_STATE);
    carnet_presentation_question question;
    carnet_rc rc = carnet_presentation_question_of(p, worker, flow, &question, err);

    if (rc == CARNET_OK)
        rc = p->way->ask(&question, worker, &state, err);
    if (rc != CARNET_OK)
        return rc;
    s->state = carnet_buf_span(&state);
    s->step = PRESENTATION_SHOWN;
    s->why = 0;
    s->attempts++;
    return CARNET_OK;
}

static carnet_rc
keep(carnet_buf *room, carnet_str text, carnet_str *out, carnet_err *err)
{
    size_t at = room->len;

    carnet_buf_add_str(room, text);
    if (room->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    *out = (carnet_str){ (const char *)room->ptr + at, text.len };
    return CARNET_OK;
}

/* "/identify/FLOW/present" */
static carnet_rc
go_there(const carnet_identification_request *request, carnet_buf *room, carnet_identification_step *step,
         carnet_err *err)
{
    size_t at = room->len;

    carnet_buf_add_text(room, "/identify/");
    carnet_buf_add_str(room, request->flow);
    carnet_buf_add_text(room, "/present");
    if (room->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    step->outcome = CARNET_IDENTIFICATION_PENDING;
    step->uri = (carnet_str){ (const char *)room->ptr + at, room->len - at };
    return CARNET_OK;
}

carnet_rc
carnet_presentation_begin(void *self, const carnet_identification_request *request, carnet_buf *room,
                          carnet_identification_step *step, carnet_err *err)
{
    const carnet_presentation_service *p = self;
    presentation_session s;
    bool found;
    carnet_rc rc;

    *step = (carnet_identification_step){ 0 };
    if (request->worker == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a presentation needs a worker");
    rc = carnet_presentation_load(request->worker, request->flow, &s, &found, err);
    if (rc == CARNET_OK && !found) {
        s.created = request->now;
        s.expires = request->now + p->seconds;
        s.return_uri = request->return_uri;
        s.sealed = (carnet_span){ 0 };
        rc = carnet_presentation_ask(p, request->worker, request->flow, &s, err);
        if (rc == CARNET_OK)
            rc = carnet_presentation_save(request->worker, &s, "presentation.asked", err);
    }
    return rc == CARNET_OK ? go_there(request, room, step, err) : rc;
}

static carnet_rc
identified(const carnet_identification_request *request, const presentation_session *s, carnet_buf *room,
           carnet_identification_step *step, carnet_err *err)
{
    carnet_rc rc;

    if (request->subject_hint.len > 0 && !carnet_str_equal(request->subject_hint, s->subject)) {
        step->reason = CARNET_IDENTIFICATION_MISMATCH;
        return CARNET_OK;
    }
    if ((rc = keep(room, s->subject, &step->subject, err)) != CARNET_OK ||
        (rc = keep(room, s->claims, &step->claims, err)) != CARNET_OK ||
        (rc = keep(room, s->evidence, &step->evidence, err)) != CARNET_OK)
        return rc;
    step->outcome = CARNET_IDENTIFICATION_IDENTIFIED;
    return CARNET_OK;
}

carnet_rc
carnet_presentation_resume(void *self, const carnet_identification_request *request, carnet_buf *room,
                           carnet_identification_step *step, carnet_err *err)
{
    presentation_session s;
    bool found;
    carnet_rc rc;

    (void)self;
    *step = (carnet_identification_step){ .reason = CARNET_IDENTIFICATION_TOO_LATE };
    if (request->worker == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a presentation needs a worker");
    rc = carnet_presentation_load(request->worker, request->flow, &s, &found, err);
    if (rc != CARNET_OK || !found)
        return rc;
    if (s.step == PRESENTATION_DONE)
        return identified(request, &s, room, step, err);
    if (s.step != PRESENTATION_OFF)
        return go_there(request, room, step, err);
    step->reason = s.why == CARNET_PRESENTATION_USER ? CARNET_IDENTIFICATION_BY_USER : CARNET_IDENTIFICATION_FAILED;
    return CARNET_OK;
}
