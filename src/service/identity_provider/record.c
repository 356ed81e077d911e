/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions in the store: found with what belongs to them, opened, and changed one durable step at a time. */
#include "internal.h"

#include <string.h>

#define PURPOSE "identity.session"

enum { HEAD = CARNET_BOPS_SESSION + CARNET_SERVICE_HASH }; /* before the body in what is sealed */

carnet_rc
carnet_idp_session_hash(idp_call *call, carnet_str session_id, uint8_t hash[CARNET_SERVICE_HASH], carnet_err *err)
{
    return carnet_service_hash(call->worker, session_id, hash, err);
}

static carnet_authentication_session
state_of(const carnet_store_identity_session *row)
{
    return (carnet_authentication_session){
        .status = (carnet_bops_status)row->state,
        .created = row->created,
        .expires = row->expires,
        .auth_time = row->auth_time,
        .active_until = row->active_until,
        .registrations = (unsigned)row->registrations,
        .attempts = (unsigned)row->attempts,
        .attempts_max = (unsigned)row->attempts_max,
    };
}

static void
keep_state(idp_record *record)
{
    carnet_store_identity_session *row = &record->row;

    row->state = (int64_t)record->state.status;
    row->auth_time = record->state.auth_time;
    row->active_until = record->state.active_until;
    row->registrations = record->state.registrations;
    row->attempts = record->state.attempts;
}

typedef struct finding {
    const uint8_t *hash; /* NULL: by id */
    int64_t id;
    idp_record *record;
    carnet_buf *room;
} finding;

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    const finding *f = arg;
    idp_record *r = f->record;
    carnet_rc rc;

    f->room->len = 0;
    f->room->overflow = false;
    *r = (idp_record){ 0 };
    rc = f->hash != NULL ? carnet_store_identity_session_by_hash(session, carnet_span_of(f->hash, CARNET_SERVICE_HASH),
                                                                 &r->row, f->room, err)
                         : carnet_store_identity_session_by_id(session, f->id, &r->row, f->room, err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_device_by_id(session, r->row.device, &r->device, f->room, err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_account_by_id(session, r->row.account, &r->account, f->room, err);
    r->state = state_of(&r->row);
    return rc;
}

static carnet_rc
found(idp_call *call, carnet_rc rc, carnet_err *err)
{
    return rc == CARNET_E_STORE_ABSENT ? carnet_idp_refuse(call, CARNET_BOPS_ERROR_SESSION, NULL, err) : rc;
}

carnet_rc
carnet_idp_find(idp_call *call, carnet_str session_id, idp_record *record, carnet_err *err)
{
    uint8_t hash[CARNET_SERVICE_HASH];
    finding f = { .hash = hash, .record = record, .room = &call->room };
    carnet_rc rc = carnet_idp_session_hash(call, session_id, hash, err);

    *record = (idp_record){ 0 };
    if (rc == CARNET_OK)
        rc = carnet_store_read(call->worker->store, find, &f, err);
    return found(call, rc, err);
}

carnet_rc
carnet_idp_find_by_id(idp_call *call, int64_t id, idp_record *record, carnet_err *err)
{
    finding f = { .id = id, .record = record, .room = &call->room };

    *record = (idp_record){ 0 };
    return found(call, carnet_store_read(call->worker->store, find, &f, err), err);
}

/* --- what was asked for --- */

static carnet_rc
read_wanted(const idp_call *call, idp_record *record, carnet_err *err)
{
    const carnet_bops_authentication_start *start = &record->start;
    const char *project = call->p->config->project_trustmark;

    return carnet_idp_wanted(start, carnet_str_of(project != NULL ? project : ""), call->p->config->level,
                             &record->wanted, err);
}

static carnet_rc
read_kept(idp_call *call, idp_record *record, carnet_err *err)
{
    uint8_t octets[8];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));
    carnet_rc rc;

    if (record->row.facts.len == 0)
        return CARNET_OK;
    rc = carnet_service_open(call->worker, "identity.facts", record->row.session_hash, record->row.facts, &out, err);
    for (size_t i = 0; rc == CARNET_OK && i < out.len; i++)
        record->kept = record->kept << 8 | octets[i];
    return rc;
}

carnet_rc
carnet_idp_open(idp_call *call, idp_record *record, carnet_err *err)
{
    carnet_buf plain = carnet_service_scratch_buf(call->worker, record->row.request.len + 1);
    carnet_str body;
    carnet_rc rc;

    if (record->row.request.len == 0)
        return carnet_idp_refuse(call, CARNET_BOPS_ERROR_SESSION, "the session is long over", err);
    rc = carnet_service_open(call->worker, PURPOSE, record->row.session_hash, record->row.request, &plain, err);
    if (rc != CARNET_OK)
        return rc;
    if (plain.len < HEAD)
        return carnet_fail(err, CARNET_E_SERVICE_SEALED, NULL, NULL);
    record->session_id = (carnet_str){ (const char *)plain.ptr, CARNET_BOPS_SESSION };
    memcpy(record->party_certificate, plain.ptr + CARNET_BOPS_SESSION, CARNET_SERVICE_HASH);
    body = (carnet_str){ (const char *)plain.ptr + HEAD, plain.len - HEAD };
    if ((rc = carnet_bops_authentication_start_read(body, &record->start, err)) == CARNET_OK)
        rc = read_wanted(call, record, err);
    return rc == CARNET_OK ? read_kept(call, record, err) : rc;
}

void
carnet_idp_close(idp_record *record)
{
    carnet_bops_authentication_start_close(&record->start);
}

carnet_rc
carnet_idp_seal_request(idp_call *call, const uint8_t hash[CARNET_SERVICE_HASH], carnet_str session_id, carnet_str body,
                        carnet_buf *out, carnet_err *err)
{
    carnet_buf plain = carnet_service_scratch_buf(call->worker, HEAD + body.len);
    uint8_t certificate[CARNET_SERVICE_HASH];
    carnet_rc rc = carnet_digest(call->worker->crypto, CARNET_SHA256, &call->certificate.der, 1, certificate, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_buf_add_str(&plain, session_id);
    carnet_buf_add(&plain, carnet_span_of(certificate, sizeof(certificate)));
    carnet_buf_add_str(&plain, body);
    if (plain.overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    return carnet_service_seal(call->worker, PURPOSE, carnet_span_of(hash, CARNET_SERVICE_HASH),
                               carnet_buf_span(&plain), out, err);
}

carnet_rc
carnet_idp_seal_kept(idp_call *call, const idp_record *record, uint64_t kept, carnet_buf *out, carnet_err *err)
{
    uint8_t octets[8];

    for (unsigned i = 0; i < sizeof(octets); i++)
        octets[i] = (uint8_t)(kept >> (56 - 8 * i));
    return carnet_service_seal(call->worker, "identity.facts", record->row.session_hash,
                               carnet_span_of(octets, sizeof(octets)), out, err);
}

/* --- changed --- */

static carnet_rc
save(idp_edit *e, carnet_store_session *session, carnet_err *err)
{
    idp_record *r = &e->record;
    carnet_rc rc = CARNET_OK;

    if (e->save_session) {
        keep_state(r);
        r->row.changed = e->call->now;
        r->row.version++;
        rc = carnet_store_identity_session_update(session, &r->row, err);
    }
    if (rc == CARNET_OK && e->save_device) {
        r->device.changed = e->call->now;
        rc = carnet_store_identity_device_update(session, &r->device, err);
    }
    if (rc == CARNET_OK && e->save_account) {
        r->account.changed = e->call->now;
        rc = carnet_store_identity_account_update(session, &r->account, err);
    }
    return rc;
}

static carnet_rc
work(void *arg, carnet_store_session *session, carnet_err *err)
{
    idp_edit *e = arg;
    finding f = { .hash = e->id == 0 ? e->hash : NULL, .id = e->id, .record = &e->record, .room = &e->call->room };
    carnet_rc rc = find(&f, session, err);

    e->save_session = e->save_device = e->save_account = false;
    e->refusal = (carnet_bops_error_code)0;
    e->why = NULL;
    if (rc == CARNET_OK)
        rc = e->change(e, session, err);
    return rc == CARNET_OK ? save(e, session, err) : rc;
}

static carnet_rc
transact(idp_edit *edit, carnet_err *err)
{
    idp_call *call = edit->call;
    const carnet_rc rc = carnet_store_transact(call->worker->store, work, edit, err);

    if (rc != CARNET_OK)
        return found(call, rc, err);
    return edit->refusal != 0 ? carnet_idp_refuse(call, edit->refusal, edit->why, err) : CARNET_OK;
}

carnet_rc
carnet_idp_edit(idp_edit *edit, carnet_str session_id, carnet_err *err)
{
    const carnet_rc rc = carnet_idp_session_hash(edit->call, session_id, edit->hash, err);

    edit->id = 0;
    return rc == CARNET_OK ? transact(edit, err) : rc;
}

carnet_rc
carnet_idp_edit_by_id(idp_edit *edit, int64_t id, carnet_err *err)
{
    edit->id = id;
    return transact(edit, err);
}

carnet_rc
carnet_idp_no(idp_edit *edit, carnet_bops_error_code code, const char *why)
{
    edit->refusal = code;
    edit->why = why;
    return CARNET_OK;
}

carnet_rc
carnet_idp_audit(idp_call *call, carnet_store_session *session, const char *kind, const char *reason, carnet_str actor,
                 int64_t reference, carnet_err *err)
{
    carnet_store_event event = {
        .at = call->now,
        .kind = carnet_str_of(kind),
        .outcome = reason == NULL ? CARNET_STORE_OUTCOME_DONE : CARNET_STORE_OUTCOME_REFUSED,
        .reason = carnet_str_of(reason != NULL ? reason : ""),
        .actor = actor,
        .reference = reference,
        .request = carnet_str_of(call->request != NULL ? call->request->identifier : ""),
    };

    return carnet_store_event_insert(session, &event, err);
}

/* What the relying party is told; of no kind if it asks itself. */
static carnet_store_identity_notice
notice_of(const idp *p, const carnet_store_identity_session *row, carnet_time due)
{
    return (carnet_store_identity_notice){
        .session = row->id,
        .kind = row->notice == CARNET_BOPS_NOTIFY_PUSH   ? CARNET_STORE_NOTICE_PUSH
                : row->notice == CARNET_BOPS_NOTIFY_PING ? CARNET_STORE_NOTICE_PING
                                                         : 0,
        .due = due,
        .expires = due + p->policy.active_seconds,
    };
}

carnet_rc
carnet_idp_tell_at_last(const idp *p, const carnet_store_identity_session *row, carnet_store_session *session,
                        carnet_err *err)
{
    carnet_store_identity_notice notice = notice_of(p, row, row->expires);

    notice.id = row->id;
    return notice.kind != 0 ? carnet_store_identity_notice_insert(session, &notice, err) : CARNET_OK;
}

carnet_rc
carnet_idp_tell_later(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    carnet_store_identity_notice notice = notice_of(edit->call->p, &edit->record.row, edit->call->now);
    carnet_rc rc;

    if (notice.kind == 0)
        return CARNET_OK;
    rc = carnet_store_identity_notice_forward(session, edit->record.row.id, notice.due, notice.expires, err);
    return rc == CARNET_E_STORE_STATE ? carnet_store_identity_notice_insert(session, &notice, err) : rc;
}
