/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/enterprise/SubmitEvidence: what a terminal was shown is evidence of a session.  If it does not suffice it is
 * kept, and the device is asked for the rest of the same session. */
#include "internal.h"

#include <string.h>

typedef struct submitting {
    idp_call *call;
    const carnet_bops_submit_evidence *message;
    idp_record record; /* as it was judged by */
    idp_enrolled enrolled;
    carnet_evidence evidence;
    carnet_evidence_result judged;
    carnet_authentication_outcome outcome;
    idp_result result;
    carnet_buf kept;
    bool replayed;
} submitting;

/* The terminal is one whose reader key we know, and the one of the transaction. */
static carnet_rc
find_terminal(submitting *s, carnet_evidence_terminal *terminal, carnet_err *err)
{
    const idp_terminal *known = carnet_idp_terminal(s->call->p, s->message->terminal);

    if (known == NULL || !known->reads)
        return carnet_idp_refuse(s->call, CARNET_BOPS_ERROR_CREDENTIALS, "this terminal's reader is not known", err);
    *terminal = (carnet_evidence_terminal){ .id = s->record.start.transaction.terminal, .key = known->key };
    if (terminal->id.len == 0)
        terminal->id = s->message->terminal;
    return CARNET_OK;
}

static carnet_rc
judge(submitting *s, carnet_err *err)
{
    idp_call *call = s->call;
    const carnet_evidence_trust trust = carnet_idp_trust(call);
    const carnet_evidence_session session = carnet_idp_evidence_session(call, &s->record);
    carnet_evidence_terminal terminal;
    carnet_evidence_room room;
    int index = -1;
    carnet_rc rc = find_terminal(s, &terminal, err);

    if (rc == CARNET_OK)
        rc = carnet_idp_enrolled(call, &s->record, &s->enrolled, err);
    if (rc == CARNET_OK)
        rc = carnet_idp_evidence_room(call, &room, err);
    if (rc == CARNET_OK)
        rc = carnet_evidence_verify_on_site(&session, &s->enrolled.device, &trust, &terminal, s->message,
                                            call->worker->crypto, &room, &s->evidence, err);
    carnet_wipe(&s->enrolled.secrets, sizeof(s->enrolled.secrets));
    if (rc != CARNET_OK)
        return rc;
    s->outcome = CARNET_AUTHENTICATION_REFUSED;
    if (s->evidence.fatal)
        return CARNET_OK;
    if (!s->evidence.facts.mdoc_device_authentication)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_PARAMETER, "the presentation proves nothing", err);
    rc = carnet_idp_judge(call, &s->record, &s->evidence.facts, &s->judged, &index, err);
    s->outcome = index >= 0 ? CARNET_AUTHENTICATION_SATISFIED : CARNET_AUTHENTICATION_INSUFFICIENT;
    if (rc == CARNET_OK && index >= 0)
        rc = carnet_idp_result(call, &s->judged, &s->evidence.facts, NULL, &s->result, err);
    s->kept = carnet_service_scratch_buf(call->worker, 128);
    if (rc == CARNET_OK)
        rc = carnet_idp_seal_kept(call, &s->record, carnet_evidence_keep(&s->evidence), &s->kept, err);
    return rc;
}

static carnet_rc
change(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    submitting *s = edit->arg;
    idp_record *r = &edit->record;
    const carnet_store_once once = { .kind = CARNET_STORE_ONCE_PRESENTATION,
                                     .hash = carnet_span_of(s->evidence.digest, sizeof(s->evidence.digest)),
                                     .until = edit->call->now + CARNET_TIME_DAY };
    carnet_rc rc;

    if (!carnet_authentication_session_open(&r->state, edit->call->now))
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_STATE, "the session is over");
    if (!s->evidence.fatal) {
        rc = carnet_store_use_once(session, &once, 1, NULL, err);
        s->replayed = rc == CARNET_E_STORE_REPLAYED;
        if (rc != CARNET_OK)
            return rc;
    }
    edit->save_session = true;
    if (s->outcome == CARNET_AUTHENTICATION_INSUFFICIENT) { /* the device may have the rest */
        r->row.facts = carnet_buf_span(&s->kept);
        return CARNET_OK;
    }
    if (carnet_authentication_session_answer(&r->state, &edit->call->p->policy, s->outcome, true, edit->call->now,
                                             NULL) != CARNET_OK)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_STATE, "the session is over");
    if (s->outcome == CARNET_AUTHENTICATION_SATISFIED)
        carnet_idp_record_result(edit, &s->result);
    else
        r->row.reason = carnet_str_of("presentation");
    rc = carnet_idp_audit(edit->call, session, "authentication",
                          s->outcome == CARNET_AUTHENTICATION_SATISFIED ? NULL : "presentation", r->row.party,
                          r->row.id, err);
    return rc == CARNET_OK ? carnet_idp_tell_later(edit, session, err) : rc;
}

static carnet_rc
submit(submitting *s, carnet_err *err)
{
    idp_call *call = s->call;
    idp_edit *edit = carnet_service_scratch(call->worker, sizeof(*edit));
    carnet_bops_session_state state = { .session_id = s->message->session_id };
    carnet_rc rc;

    if (edit == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_idp_own(call, s->message->session_id, &s->record, err);
    if (rc == CARNET_OK && !carnet_authentication_session_open(&s->record.state, call->now))
        rc = carnet_idp_refuse(call, CARNET_BOPS_ERROR_STATE, "the session is over", err);
    if (rc == CARNET_OK)
        rc = carnet_idp_open(call, &s->record, err);
    if (rc == CARNET_OK)
        rc = judge(s, err);
    if (rc != CARNET_OK)
        return rc;
    *edit = (idp_edit){ .call = call, .change = change, .arg = s };
    call->room = carnet_service_scratch_buf(call->worker, IDP_ROOM);
    rc = carnet_idp_edit(edit, s->message->session_id, err);
    if (s->replayed)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_STATE, "the presentation was submitted before", err);
    if (rc != CARNET_OK)
        return rc;
    state.status = edit->record.state.status;
    return carnet_bops_session_state_write(&state, &call->response->body, err);
}

static carnet_rc
handle(idp_call *call, carnet_err *err)
{
    submitting *s = carnet_service_scratch(call->worker, sizeof(*s));
    carnet_bops_submit_evidence message;
    carnet_rc rc;

    if (s == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    s->call = call;
    s->message = &message;
    rc = carnet_bops_submit_evidence_read(carnet_idp_body(call), &message, err);
    if (rc == CARNET_OK)
        rc = submit(s, err);
    carnet_idp_close(&s->record);
    carnet_bops_submit_evidence_close(&message);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_FRIEND, "session.evidence", handle, err);
}

const carnet_service_route carnet_idp_submit_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_submit_evidence",
    .path = CARNET_BOPS_PATH_SUBMIT_EVIDENCE,
    .summary = "A presentation at a terminal, as evidence of a session",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_BOPS_MAX,
};
