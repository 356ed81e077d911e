/* SPDX-License-Identifier: Apache-2.0 */
/* What evidence is held against, and what it comes to for a session. */
#include "internal.h"

#include <string.h>

carnet_evidence_trust
carnet_idp_trust(const idp_call *call)
{
    const idp *p = call->p;
    const carnet_attester_trust *documents = carnet_service_trust_get(p->documents);

    return (carnet_evidence_trust){
        .struct_size = sizeof(carnet_evidence_trust),
        .anchors = documents != NULL ? documents->anchors : NULL,
        .attester = carnet_service_trust_get(p->attesters),
        .rp_id = carnet_str_of(p->config->fido_rp_id != NULL ? p->config->fido_rp_id : ""),
        .origins = p->origins,
        .origin_count = p->origin_count,
        .skew = IDP_SKEW_S,
    };
}

carnet_evidence_session
carnet_idp_evidence_session(const idp_call *call, const idp_record *record)
{
    const idp_terminal *terminal = carnet_idp_terminal(call->p, record->start.transaction.terminal);

    return (carnet_evidence_session){
        .provider = call->p->id,
        .session_id = record->session_id,
        .challenge = { (const char *)record->row.challenge.ptr, record->row.challenge.len },
        .counter = record->row.counter,
        .counter_before = record->device.answered,
        .transaction_text = record->start.transaction.text,
        .device_certificate = true,
        .now = call->now,
        .terminal_placed = terminal != NULL && terminal->placed,
        .latitude_e7 = terminal != NULL ? terminal->latitude_e7 : 0,
        .longitude_e7 = terminal != NULL ? terminal->longitude_e7 : 0,
    };
}

carnet_rc
carnet_idp_evidence_room(idp_call *call, carnet_evidence_room *room, carnet_err *err)
{
    carnet_report_entry *entries =
        carnet_service_scratch(call->worker, CARNET_EVIDENCE_REPORT * sizeof(carnet_report_entry));

    *room = (carnet_evidence_room){ .storage = carnet_service_scratch_buf(call->worker, CARNET_EVIDENCE_STORAGE),
                                    .report = carnet_service_scratch(call->worker, sizeof(carnet_report)) };
    if (entries == NULL || room->report == NULL || room->storage.cap == 0)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    carnet_report_init(room->report, entries, CARNET_EVIDENCE_REPORT, call->now, IDP_SKEW_S);
    return CARNET_OK;
}

/* --- a step-up's parent --- */

typedef struct finding {
    int64_t id;
    carnet_store_identity_session row;
    carnet_buf room;
} finding;

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    finding *f = arg;

    f->room.len = 0;
    f->room.overflow = false;
    return carnet_store_identity_session_by_id(session, f->id, &f->row, &f->room, err);
}

static carnet_rc
add_parent(idp_call *call, const idp_record *record, carnet_evidence_facts *facts, carnet_err *err)
{
    finding f = { .id = record->row.parent, .room = carnet_service_scratch_buf(call->worker, IDP_ROOM) };
    carnet_rc rc;

    if (record->row.parent == 0)
        return CARNET_OK;
    rc = carnet_store_read(call->worker->store, find, &f, err);
    if (rc == CARNET_E_STORE_ABSENT)
        return CARNET_OK;
    if (rc != CARNET_OK)
        return rc;
    facts->parent = (f.row.state == CARNET_BOPS_AUTHENTICATED || f.row.state == CARNET_BOPS_CONSUMED) &&
                    carnet_vector_read(f.row.vot, &facts->parent_vector, NULL) == CARNET_OK;
    facts->parent_auth_time = f.row.auth_time;
    return CARNET_OK;
}

carnet_rc
carnet_idp_judge(idp_call *call, const idp_record *record, carnet_evidence_facts *facts, carnet_evidence_result *result,
                 int *index, carnet_err *err)
{
    carnet_evidence_policy policy = call->p->evidence;
    carnet_rc rc = add_parent(call, record, facts, err);

    *index = -1;
    policy.trustmark = (carnet_trustmark)record->row.trustmark;
    policy.max_age = record->row.max_age;
    facts->assertion = 'c'; /* tokens go through the back channel (RFC 8485 A.4) */
    carnet_evidence_restore(record->kept, facts);
    if (rc == CARNET_OK)
        rc = carnet_evidence_judge(facts, &policy, call->now, result, err);
    if (rc == CARNET_OK)
        rc = carnet_vector_request_satisfied(&record->wanted, policy.trustmark, &result->vector, index, err);
    return rc;
}

void
carnet_idp_methods(const carnet_evidence_facts *facts, const carnet_bops_authentication_response *response,
                   carnet_buf *out)
{
    static const struct {
        const char *method, *word;
    } biometrics[] = { { "FINGERPRINT", "fpt" }, { "FACE", "face" }, { "IRIS", "iris" }, { "VOICE", "vbm" } };
    const bool key = facts->transaction_signature || facts->mdoc_device_authentication || facts->fido;

    if (key)
        carnet_buf_add_text(out, facts->key_attested || facts->fido_hardware ? "hwk" : "swk");
    for (size_t i = 0; facts->biometric_passed && response != NULL && i < response->detail_count; i++)
        for (size_t k = 0; k < CARNET_COUNT(biometrics); k++)
            if (response->details[i].status && carnet_str_is(response->details[i].method, biometrics[k].method)) {
                carnet_buf_add_text(out, out->len > 0 ? " " : "");
                carnet_buf_add_text(out, biometrics[k].word);
            }
    if (facts->shared_secret || facts->pin_in_secure_area)
        carnet_buf_add_text(out, out->len > 0 ? " pin" : "pin");
    if (facts->otp)
        carnet_buf_add_text(out, out->len > 0 ? " otp" : "otp");
    if (facts->location_known)
        carnet_buf_add_text(out, out->len > 0 ? " geo" : "geo");
}

carnet_rc
carnet_idp_result(idp_call *call, const carnet_evidence_result *result, const carnet_evidence_facts *facts,
                  const carnet_bops_authentication_response *response, idp_result *out, carnet_err *err)
{
    carnet_buf vot = carnet_service_scratch_buf(call->worker, CARNET_VECTOR_TEXT_MAX),
               methods = carnet_service_scratch_buf(call->worker, 128),
               token = carnet_service_scratch_buf(call->worker, IDP_TOKEN + 2);
    carnet_rc rc = carnet_idp_random_text(call->worker, 16, &token, err);

    carnet_vector_write(&result->vector, &vot);
    carnet_idp_methods(facts, response, &methods);
    *out = (idp_result){ .vot = carnet_buf_str(&vot),
                         .methods = carnet_buf_str(&methods),
                         .token_id = carnet_buf_str(&token),
                         .level = result->level };
    return rc;
}

void
carnet_idp_record_result(idp_edit *edit, const idp_result *result)
{
    carnet_store_identity_session *row = &edit->record.row;

    row->vot = result->vot;
    row->methods = result->methods;
    row->token_id = result->token_id;
    row->level = (int64_t)result->level;
    row->reason = (carnet_str){ 0 };
}
