/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/enterprise/AuthenticationResponse: the evidence is verified against session and device as they are; what
 * came of it, and every counter, is durable before it is told. */
#include "answer.h"

#include <string.h>

enum { TRIES = 4, SKIPPED = 16, PAD_ATTEMPTS = 10, BLOCKING = 2 };

/* Whether val2 is of this earlier counter. */
static bool
is_of(answering *a, const carnet_evidence_session *session, int64_t counter)
{
    uint8_t right[CARNET_BOPS_INTRUSION];
    carnet_buf out = carnet_buf_of(right, sizeof(right));
    const bool is = carnet_bops_intrusion_value(a->enrolled.device.intrusion_key, counter, session->session_id,
                                                session->challenge, a->call->worker->crypto, &out, NULL) == CARNET_OK &&
                    carnet_equal_secret(carnet_buf_span(&out), carnet_str_bytes(a->message->val2));

    carnet_wipe(right, sizeof(right));
    return is;
}

/* The counter that the device answered before: what we have heard of, or a later one that we handed out and whose answer was
 * lost on its way. */
static int64_t
counter_before(answering *a, const carnet_evidence_session *session)
{
    const int64_t heard = a->record.device.answered, last = session->counter - 1;
    const int64_t least = last - SKIPPED > heard ? last - SKIPPED : heard;

    for (int64_t counter = last; counter > least; counter--)
        if (is_of(a, session, counter))
            return counter;
    return heard;
}

/* Judge the message against session and device as they were read. */
static carnet_rc
judge(answering *a, carnet_err *err)
{
    idp_call *call = a->call;
    carnet_evidence_trust trust = carnet_idp_trust(call);
    carnet_evidence_session session = carnet_idp_evidence_session(call, &a->record);
    carnet_evidence_room room;
    int index = -1;
    carnet_rc rc = carnet_idp_enrolled(call, &a->record, &a->enrolled, err);

    if (rc == CARNET_OK)
        rc = carnet_idp_evidence_room(call, &room, err);
    if (rc != CARNET_OK)
        return rc;
    session.counter_before = counter_before(a, &session);
    rc = carnet_evidence_verify(&session, &a->enrolled.device, &trust, a->message, call->worker->crypto, &room,
                                &a->evidence, err);
    carnet_wipe(&a->enrolled.secrets, sizeof(a->enrolled.secrets));
    if (rc != CARNET_OK)
        return rc;
    a->outcome = CARNET_AUTHENTICATION_REFUSED;
    if (a->evidence.fatal)
        return CARNET_OK;
    if (a->message->result != CARNET_BOPS_RESULT_SUCCESS) {
        a->outcome = a->message->result == CARNET_BOPS_RESULT_CANCELLED ? CARNET_AUTHENTICATION_DECLINED
                                                                        : CARNET_AUTHENTICATION_MISSED;
        return CARNET_OK;
    }
    rc = carnet_idp_judge(call, &a->record, &a->evidence.facts, &a->judged, &index, err);
    a->outcome = index >= 0 ? CARNET_AUTHENTICATION_SATISFIED : CARNET_AUTHENTICATION_INSUFFICIENT;
    return rc == CARNET_OK ? carnet_idp_result(call, &a->judged, &a->evidence.facts, a->message, &a->result, err) : rc;
}

/* --- the durable step --- */

/* Nothing that was judged by has changed since. */
static bool
is_as_read(const answering *a, const idp_record *r)
{
    const idp_record *b = &a->record;

    return r->row.version == b->row.version && r->device.answered == b->device.answered &&
           r->device.mismatches == b->device.mismatches && r->device.failures == b->device.failures &&
           r->device.otp_next == b->device.otp_next && r->device.state == b->device.state &&
           r->account.failures == b->account.failures && r->account.state == b->account.state;
}

static bool
is_fatal(const answering *a, carnet_evidence_piece piece)
{
    return a->evidence.findings[piece].outcome == CARNET_EVIDENCE_FATAL;
}

/* A PIN that the server looked at. */
static void
count_pin(const answering *a, idp_edit *edit)
{
    carnet_store_identity_account *account = &edit->record.account;
    const carnet_evidence_outcome outcome = a->evidence.findings[CARNET_EVIDENCE_PIN].outcome;

    if (!carnet_str_is(a->message->pin_verified_by, "SERVER") || outcome == CARNET_EVIDENCE_ABSENT ||
        account->pin.len == 0 || account->locked > edit->call->now)
        return;
    if (outcome == CARNET_EVIDENCE_VERIFIED && account->failures == 0)
        return;
    account->failures = outcome == CARNET_EVIDENCE_VERIFIED ? 0 : account->failures + 1;
    account->locked = 0;
    if (account->failures != 0) {
        const int64_t lock = carnet_authentication_lock((unsigned)account->failures, IDP_PIN_TRIES);

        account->locked = lock != 0 ? edit->call->now + lock : 0;
    }
    edit->save_account = true;
}

/* What the device's own counters become. */
static carnet_rc
count_device(const answering *a, idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    carnet_store_identity_device *device = &edit->record.device;
    const unsigned tries =
        (device->flags & CARNET_STORE_DEVICE_PAD) != 0 ? PAD_ATTEMPTS : edit->call->p->policy.attempts;
    carnet_rc rc = CARNET_OK;

    edit->save_device = true;
    if (!is_fatal(a, CARNET_EVIDENCE_COUNTER))
        device->answered = edit->record.row.counter;
    if (is_fatal(a, CARNET_EVIDENCE_INTRUSION)) {
        device->mismatches++;
        if (device->mismatches >= BLOCKING) {
            device->state = CARNET_STORE_DEVICE_BLOCKED;
            rc = carnet_store_identity_session_cancel_device(session, device->id, carnet_str_of("device_blocked"),
                                                             edit->call->now, err);
            if (rc == CARNET_OK)
                rc = carnet_idp_audit(edit->call, session, "device.blocked", NULL, (carnet_str){ 0 }, device->id, err);
        }
    } else if (a->evidence.findings[CARNET_EVIDENCE_INTRUSION].outcome == CARNET_EVIDENCE_VERIFIED) {
        device->mismatches = 0;
    }
    if (a->evidence.fatal)
        return rc;
    device->otp_next = (int64_t)a->evidence.otp_next;
    if (a->outcome == CARNET_AUTHENTICATION_MISSED) {
        const int64_t lock = carnet_authentication_lock((unsigned)++device->failures, tries);

        device->locked = lock != 0 ? edit->call->now + lock : 0;
    } else if (a->outcome == CARNET_AUTHENTICATION_SATISFIED) {
        device->failures = 0;
        device->locked = 0;
    }
    if (rc == CARNET_OK && a->evidence.credential != CARNET_EVIDENCE_NONE)
        rc = carnet_store_identity_key_used(session, a->enrolled.key_ids[a->evidence.credential],
                                            (int64_t)a->evidence.sign_count, err);
    return rc;
}

static const char *
reason_of(const answering *a, const idp_record *r)
{
    switch (a->outcome) {
    case CARNET_AUTHENTICATION_INSUFFICIENT:
        return "insufficient_evidence";
    case CARNET_AUTHENTICATION_DECLINED:
        return "by_user";
    case CARNET_AUTHENTICATION_MISSED:
        return r->state.status == CARNET_BOPS_FAILED ? "no_retries" : "";
    case CARNET_AUTHENTICATION_REFUSED:
        for (unsigned i = 0; i < CARNET_EVIDENCE_PIECES; i++)
            if (is_fatal(a, (carnet_evidence_piece)i))
                return carnet_evidence_piece_name((carnet_evidence_piece)i);
        return "refused";
    default:
        return "";
    }
}

static carnet_rc
change(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    answering *a = edit->arg;
    idp_record *r = &edit->record;
    carnet_rc rc;

    a->stale = false;
    if (r->state.status == CARNET_BOPS_REGISTERED && r->row.version == a->record.row.version && !is_as_read(a, r)) {
        a->stale = true;
        return CARNET_OK;
    }
    if (carnet_authentication_session_answer(&r->state, &edit->call->p->policy, a->outcome, false, edit->call->now,
                                             NULL) != CARNET_OK)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_STATE, "the session is not one to be answered");
    if (!is_as_read(a, r)) {
        a->stale = true;
        return CARNET_OK;
    }
    edit->save_session = true;
    if ((rc = count_device(a, edit, session, err)) != CARNET_OK)
        return rc;
    count_pin(a, edit);
    if (a->outcome == CARNET_AUTHENTICATION_SATISFIED)
        carnet_idp_record_result(edit, &a->result);
    else
        r->row.reason = carnet_str_of(reason_of(a, r));
    if (is_fatal(a, CARNET_EVIDENCE_INTRUSION))
        (void)!carnet_idp_no(edit, CARNET_BOPS_ERROR_INTRUSION,
                             r->device.state == CARNET_STORE_DEVICE_BLOCKED ? "the device is blocked" : NULL);
    if (r->state.status == CARNET_BOPS_REGISTERED)
        return CARNET_OK;
    rc = carnet_idp_audit(edit->call, session, "authentication",
                          a->outcome == CARNET_AUTHENTICATION_SATISFIED ? NULL : reason_of(a, r), r->row.party,
                          r->row.id, err);
    return rc == CARNET_OK ? carnet_idp_tell_later(edit, session, err) : rc;
}

/* --- around it --- */

/* The session as it is: this device's, taken on, and its counter not behind. */
static carnet_rc
look(answering *a, int64_t device, carnet_err *err)
{
    idp_call *call = a->call;
    carnet_rc rc = carnet_idp_find(call, a->message->session_id, &a->record, err);

    if (rc != CARNET_OK)
        return rc;
    if (a->record.row.device != device)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_DEVICE, "the session is another device's", err);
    if (carnet_authentication_session_status(&a->record.state, call->now) != CARNET_BOPS_REGISTERED)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_STATE, "the session is not one to be answered", err);
    if (a->record.row.counter <= a->record.device.answered)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_STATE,
                                 "a later session was answered before: take this one on again", err);
    return carnet_idp_open(call, &a->record, err);
}

static carnet_rc
try_answer(answering *a, int64_t device, carnet_err *err)
{
    carnet_rc rc;

    carnet_idp_close(&a->record);
    if ((rc = look(a, device, err)) != CARNET_OK || (rc = judge(a, err)) != CARNET_OK)
        return rc;
    a->edit = (idp_edit){ .call = a->call, .change = change, .arg = a };
    /* What was read is judged by: the step reads into a room of its own. */
    a->call->room = carnet_service_scratch_buf(a->call->worker, IDP_ROOM);
    return carnet_idp_edit(&a->edit, a->message->session_id, err);
}

/* What did not count, for whoever looks into the log. */
static void
log_removed(const answering *a)
{
    for (unsigned i = 0; i < CARNET_EVIDENCE_PIECES; i++)
        if (a->evidence.findings[i].outcome == CARNET_EVIDENCE_REMOVED ||
            a->evidence.findings[i].outcome == CARNET_EVIDENCE_FATAL)
            carnet_idp_event(a->call, "evidence.removed", CARNET_E_EVIDENCE_USELESS,
                             carnet_evidence_piece_name((carnet_evidence_piece)i));
}

static carnet_rc
tell(answering *a, carnet_err *err)
{
    idp_call *call = a->call;
    idp_record *r = &a->edit.record;
    carnet_bops_session_status *status = carnet_service_scratch(call->worker, sizeof(*status));
    carnet_bops_answered answered = { .status = r->state.status, .session_id = a->message->session_id };
    carnet_rc rc = CARNET_OK;

    if (status == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (answered.status == CARNET_BOPS_AUTHENTICATED) {
        atomic_fetch_add(&call->p->authenticated, 1);
        answered.token_id = r->row.token_id;
        answered.requested = r->row.created * 1000;
        answered.granted = r->row.auth_time * 1000;
        answered.expires = carnet_idp_token_expires(call, r) * 1000;
        if (call->p->config->device_token && (rc = carnet_idp_describe(call, r, status, err)) == CARNET_OK)
            answered.token = status->token;
    } else if (answered.status == CARNET_BOPS_REGISTERED) {
        answered.retries = r->row.attempts_max - r->row.attempts;
    } else {
        atomic_fetch_add(&call->p->failed, 1);
    }
    if (rc == CARNET_OK)
        rc = carnet_bops_answered_write(&answered, &call->response->body, err);
    carnet_idp_close(r);
    return rc;
}

static carnet_rc
answer(answering *a, int64_t device, carnet_err *err)
{
    carnet_rc rc;

    for (unsigned i = 0;; i++) {
        rc = try_answer(a, device, err);
        if (rc != CARNET_OK || !a->stale)
            break;
        if (i == TRIES)
            return carnet_fail(err, CARNET_E_STORE_BUSY, NULL, NULL);
    }
    log_removed(a);
    return rc == CARNET_OK ? tell(a, err) : rc;
}

static carnet_rc
handle(idp_call *call, carnet_err *err)
{
    answering *a = carnet_service_scratch(call->worker, sizeof(*a));
    carnet_bops_authentication_response *message = carnet_service_scratch(call->worker, sizeof(*message));
    carnet_store_identity_device device;
    carnet_store_identity_account account;
    carnet_rc rc;

    if (a == NULL || message == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    a->call = call;
    a->message = message;
    rc = carnet_idp_device(call, false, &device, &account, err);
    if (rc == CARNET_OK)
        rc = carnet_bops_authentication_response_read(carnet_idp_body(call), message, err);
    if (rc == CARNET_OK)
        rc = answer(a, device.id, err);
    carnet_idp_close(&a->record);
    carnet_bops_authentication_response_close(message);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_DEVICE, "session.answered", handle, err);
}

const carnet_service_route carnet_idp_answer_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_authentication_response",
    .path = CARNET_BOPS_PATH_AUTHENTICATION_RESPONSE,
    .summary = "A device answers a session, with its evidence",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_BOPS_MAX,
    .rate = 600,
};
