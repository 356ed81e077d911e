/* SPDX-License-Identifier: Apache-2.0 */
/* The officer as the plug of user identification: the applicant's browser waits while a case is worked on. */
#include "internal.h"

#include <string.h>

#define PLUG_ROOM (512 * 1024)

typedef struct plug_work {
    uint8_t hash[CARNET_STORE_HASH];
    carnet_store_enrolment row;
    carnet_buf room;
    bool found;
} plug_work;

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    plug_work *w = arg;
    carnet_rc rc;

    w->room.len = 0;
    rc = carnet_store_enrolment_by_reference(session, carnet_span_of(w->hash, sizeof(w->hash)), &w->row, &w->room, err);
    w->found = rc == CARNET_OK;
    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}

carnet_rc
carnet_desk_case_of_flow(const carnet_desk *desk, carnet_service_worker *worker, carnet_str flow, carnet_time now,
                         desk_case *c, bool *found, carnet_err *err)
{
    plug_work w = { .room = carnet_service_scratch_buf(worker, PLUG_ROOM) };
    carnet_rc rc;

    *c = (desk_case){ 0 };
    *found = false;
    if ((rc = carnet_service_hash(worker, flow, w.hash, err)) != CARNET_OK ||
        (rc = carnet_store_read(worker->store, find, &w, err)) != CARNET_OK || !w.found)
        return rc;
    c->row = w.row;
    if ((rc = carnet_desk_case_open(desk, worker, now, c, err)) == CARNET_OK)
        *found = true;
    return rc;
}

/* "/identify/FLOW" */
static carnet_rc
go_there(const carnet_identification_request *request, carnet_buf *room, carnet_identification_step *step,
         carnet_err *err)
{
    size_t at = room->len;

    carnet_buf_add_text(room, "/identify/");
    carnet_buf_add_str(room, request->flow);
    if (room->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    step->outcome = CARNET_IDENTIFICATION_PENDING;
    step->uri = (carnet_str){ (const char *)room->ptr + at, room->len - at };
    return CARNET_OK;
}

static carnet_rc
open_case(const carnet_desk *desk, carnet_service_worker *worker, const carnet_identification_request *request,
          carnet_err *err)
{
    uint8_t hash[CARNET_STORE_HASH];
    char number[DESK_NUMBER + 1];
    carnet_buf list = carnet_service_scratch_buf(worker, 4096);
    desk_event event = { CARNET_STORE_OUTCOME_DONE, "enrolment.asked", { 0 }, request->client };
    desk_case c = { 0 };
    bool stale;
    carnet_rc rc;

    for (size_t i = 0; i < request->document_count && c.configuration_count < DESK_CONFIGURATIONS; i++) {
        const desk_configuration *found = carnet_desk_configuration(desk, request->documents[i].configuration);

        if (found == NULL)
            return carnet_fail(err, CARNET_E_USAGE, NULL, "the officer knows no such credential configuration");
        c.configurations[c.configuration_count++] = found;
        carnet_buf_add_text(&list, list.len > 0 ? " " : "");
        carnet_buf_add_str(&list, found->id);
    }
    if ((rc = carnet_service_hash(worker, request->flow, hash, err)) != CARNET_OK ||
        (rc = carnet_desk_number(&worker->random, number, err)) != CARNET_OK ||
        (rc = carnet_desk_draft_init(worker, &c.evidence, err)) != CARNET_OK ||
        (rc = carnet_desk_draft_init(worker, &c.typed, err)) != CARNET_OK ||
        (rc = carnet_desk_draft_set(&c.evidence, carnet_str_of("return"), request->return_uri, err)) != CARNET_OK ||
        (rc = carnet_desk_draft_set(&c.evidence, carnet_str_of("subject"), request->subject_hint, err)) != CARNET_OK)
        return rc;
    c.row = (carnet_store_enrolment){ .reference_hash = carnet_span_of(hash, sizeof(hash)),
                                      .number = carnet_str_of(number),
                                      .configurations = carnet_buf_str(&list),
                                      .subject = request->subject_hint,
                                      .state = CARNET_STORE_ENROLMENT_WAITING,
                                      .created = request->now,
                                      .expires = request->now + desk->case_s };
    return carnet_desk_case_save(worker, &c, &event, &stale, err);
}

carnet_rc
carnet_desk_begin(void *self, const carnet_identification_request *request, carnet_buf *room,
                  carnet_identification_step *step, carnet_err *err)
{
    const carnet_desk *desk = self;
    desk_case c;
    bool found;
    carnet_rc rc;

    *step = (carnet_identification_step){ 0 };
    if (request->worker == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the officer's desk needs a worker");
    rc = carnet_desk_case_of_flow(desk, request->worker, request->flow, request->now, &c, &found, err);
    if (rc == CARNET_OK && !found)
        rc = open_case(desk, request->worker, request, err);
    return rc == CARNET_OK ? go_there(request, room, step, err) : rc;
}

static carnet_rc
identified(const carnet_desk *desk, const carnet_identification_request *request, desk_case *c, carnet_buf *room,
           carnet_identification_step *step, carnet_err *err)
{
    carnet_service_worker *worker = request->worker;
    carnet_str subject = carnet_desk_subject(worker, c);
    carnet_buf claims = carnet_service_scratch_buf(worker, CARNET_IDENTIFICATION_CLAIMS),
               evidence = carnet_service_scratch_buf(worker, 120);
    carnet_rc rc;

    (void)desk;
    (void)room;
    /* The offer was made for somebody, and it was somebody else who came. */
    if (request->subject_hint.len > 0 && !carnet_str_equal(request->subject_hint, subject)) {
        step->reason = CARNET_IDENTIFICATION_MISMATCH;
        return CARNET_OK;
    }
    if ((rc = carnet_desk_claims(worker, c, &claims, err)) != CARNET_OK)
        return rc;
    carnet_buf_add_text(&evidence, "officer ");
    carnet_buf_add_str(&evidence, c->row.confirmed_by);
    carnet_buf_add_text(&evidence, ": ");
    carnet_desk_case_checks(c, &evidence);
    step->outcome = CARNET_IDENTIFICATION_IDENTIFIED;
    step->subject = subject;
    step->claims = carnet_buf_str(&claims);
    step->evidence = evidence.overflow ? carnet_str_of("officer") : carnet_buf_str(&evidence);
    return CARNET_OK;
}

carnet_rc
carnet_desk_resume(void *self, const carnet_identification_request *request, carnet_buf *room,
                   carnet_identification_step *step, carnet_err *err)
{
    const carnet_desk *desk = self;
    desk_case c;
    bool found;
    carnet_rc rc;

    *step = (carnet_identification_step){ .reason = CARNET_IDENTIFICATION_TOO_LATE };
    if (request->worker == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the officer's desk needs a worker");
    rc = carnet_desk_case_of_flow(desk, request->worker, request->flow, request->now, &c, &found, err);
    if (rc != CARNET_OK || !found || c.expired)
        return rc;
    if (c.row.state == CARNET_STORE_ENROLMENT_CONFIRMED)
        return identified(desk, request, &c, room, step, err);
    if (c.row.state != CARNET_STORE_ENROLMENT_REFUSED)
        return go_there(request, room, step, err);
    step->reason = carnet_str_is(c.row.reason, "by_user")        ? CARNET_IDENTIFICATION_BY_USER
                   : carnet_str_is(c.row.reason, "not_entitled") ? CARNET_IDENTIFICATION_NOT_ENTITLED
                                                                 : CARNET_IDENTIFICATION_BY_OFFICER;
    return CARNET_OK;
}
