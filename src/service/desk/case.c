/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

#define CASE_ROOM (512 * 1024)

static const char evidence_purpose[] = "enrolment.evidence", typed_purpose[] = "enrolment.attributes";

carnet_rc
carnet_desk_number(const carnet_random *random, char out[DESK_NUMBER + 1], carnet_err *err)
{
    /* 32 signs, none of which is heard or read as another. */
    static const char signs[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    uint8_t octets[DESK_NUMBER];
    carnet_rc rc = carnet_random_fill(random, octets, sizeof(octets), err);

    for (size_t i = 0; i < DESK_NUMBER; i++)
        out[i] = i == 3 ? '-' : signs[octets[i] & 31];
    out[DESK_NUMBER] = '\0';
    return rc;
}

bool
carnet_desk_case_closed(const desk_case *c)
{
    return c->row.state == CARNET_STORE_ENROLMENT_CONFIRMED || c->row.state == CARNET_STORE_ENROLMENT_REFUSED;
}

carnet_rc
carnet_desk_case_open(const carnet_desk *desk, carnet_service_worker *worker, carnet_time now, desk_case *c,
                      carnet_err *err)
{
    carnet_str list = c->row.configurations, word;
    carnet_rc rc;

    c->configuration_count = 0;
    while (c->configuration_count < DESK_CONFIGURATIONS && carnet_desk_next_word(&list, &word)) {
        const desk_configuration *found = carnet_desk_configuration(desk, word);

        if (found != NULL)
            c->configurations[c->configuration_count++] = found;
    }
    c->expired = !carnet_desk_case_closed(c) && c->row.expires <= now;
    rc = carnet_desk_draft_open(worker, evidence_purpose, c->row.number, c->row.evidence, &c->evidence, err);
    return rc != CARNET_OK
               ? rc
               : carnet_desk_draft_open(worker, typed_purpose, c->row.number, c->row.attributes, &c->typed, err);
}

typedef struct case_work {
    int64_t id;
    desk_case *c;
    carnet_buf room;
    bool found;
    carnet_store_event event;
    bool stale;
} case_work;

static carnet_rc
find_case(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_work *w = arg;
    carnet_rc rc;

    w->room.len = 0;
    rc = carnet_store_enrolment_by_id(session, w->id, &w->c->row, &w->room, err);
    w->found = rc == CARNET_OK;
    return rc == CARNET_E_STORE_ABSENT ? CARNET_OK : rc;
}

int64_t
carnet_desk_identifier(carnet_str text)
{
    int64_t id = 0;

    for (size_t i = 0; i < text.len; i++) {
        int digit = text.ptr[i] - '0';

        if (digit < 0 || digit > 9 || id > (INT64_MAX - digit) / 10)
            return 0;
        id = id * 10 + digit;
    }
    return id;
}

static int64_t
id_of(const carnet_service_request *request)
{
    const carnet_str *text = carnet_service_parameter_get(&request->in_path, "id");

    return text != NULL ? carnet_desk_identifier(*text) : 0;
}

carnet_rc
carnet_desk_case_get(desk_call *call, desk_case *c, carnet_err *err)
{
    case_work w = { .id = id_of(call->request), .c = c, .room = carnet_service_scratch_buf(call->worker, CASE_ROOM) };
    carnet_rc rc = CARNET_OK;

    *c = (desk_case){ 0 };
    if (w.id != 0 && (rc = carnet_store_read(call->worker->store, find_case, &w, err)) != CARNET_OK)
        return rc;
    if (w.found)
        return carnet_desk_case_open(call->desk, call->worker, call->now, c, err);
    call->answered = true;
    return carnet_desk_message(call, 404, CARNET_TONE_BAD, CARNET_TEXT_NOT_FOUND_TITLE, CARNET_TEXT_NOT_FOUND, err);
}

static carnet_rc
save(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_work *w = arg;
    /* Run again after another transaction was in the way, it must begin with the same version. */
    carnet_store_enrolment row = w->c->row;
    carnet_rc rc = row.id == 0 ? carnet_store_enrolment_insert(session, &row, err)
                               : carnet_store_enrolment_update(session, &row, err);

    w->stale = rc == CARNET_E_STORE_STATE;
    if (w->stale)
        return CARNET_OK;
    if (rc != CARNET_OK)
        return rc;
    w->id = row.id;
    w->event.reference = row.id;
    return carnet_store_event_insert(session, &w->event, err);
}

carnet_rc
carnet_desk_case_save(carnet_service_worker *worker, desk_case *c, const desk_event *event, bool *stale,
                      carnet_err *err)
{
    const char *request = worker->request != NULL ? worker->request->identifier : "";
    case_work w = { .c = c,
                    .event = { .at = carnet_service_now(worker),
                               .interface = carnet_str_of("IS-4"),
                               .kind = carnet_str_of(event->what),
                               .configuration =
                                   c->configuration_count > 0 ? c->configurations[0]->id : (carnet_str){ 0 },
                               .outcome = event->outcome,
                               .reason = event->reason,
                               .actor = event->actor,
                               .request = carnet_str_of(request) } };
    carnet_service_event logged = { .interface = "IS-4",
                                    .kind = event->what,
                                    .outcome = event->outcome == CARNET_STORE_OUTCOME_REFUSED ? "refused" : "done" };
    carnet_rc rc;

    *stale = false;
    c->row.changed = w.event.at;
    if ((rc = carnet_desk_draft_seal(worker, evidence_purpose, c->row.number, &c->evidence, &c->row.evidence, err)) !=
            CARNET_OK ||
        (rc = carnet_desk_draft_seal(worker, typed_purpose, c->row.number, &c->typed, &c->row.attributes, err)) !=
            CARNET_OK ||
        (rc = carnet_store_transact(worker->store, save, &w, err)) != CARNET_OK)
        return rc;
    *stale = w.stale;
    if (w.stale)
        return CARNET_OK;
    c->row.id = w.id;
    carnet_service_event_log(worker, &logged);
    return CARNET_OK;
}
