/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/enterprise/AuthenticationStart, also called AuthenticationRequest: a relying party opens a session for a
 * user on one of their devices. */
#include "carnet/assurance.h"
#include "internal.h"

enum { SESSIONS = 3, LEVEL = 2, SESSION_OCTETS = 16, REFERENCE_MAX = 22, TRIES = 3 };

typedef struct starting {
    idp_call *call;
    carnet_str body;
    const carnet_bops_authentication_start *start;
    carnet_vector_request wanted;
    char session_id[CARNET_BOPS_SESSION + 1];
    uint8_t hash[CARNET_SERVICE_HASH], request_hash[CARNET_SERVICE_HASH], body_hash[CARNET_SERVICE_HASH],
        transaction_hash[CARNET_SERVICE_HASH], parent_hash[CARNET_SERVICE_HASH];
    carnet_buf sealed;
    carnet_authentication_session state;
    /* found and made by the durable step */
    carnet_store_identity_account account;
    carnet_store_identity_device device;
    carnet_store_identity_session row;
    bool repeated;
    size_t open;
    carnet_bops_error_code refusal;
    const char *why;
} starting;

/* --- what is asked for --- */

carnet_rc
carnet_idp_wanted(const carnet_bops_authentication_start *start, carnet_str project, unsigned level,
                  carnet_vector_request *wanted, carnet_err *err)
{
    carnet_buf list = carnet_buf_of((uint8_t[CARNET_BOPS_VECTORS * 257]){ 0 }, CARNET_BOPS_VECTORS * 257);
    carnet_trustmark trustmark;
    carnet_rc rc;

    *wanted = (carnet_vector_request){ 0 };
    if (start->vtr_count == 0) {
        *wanted = carnet_assurance_default(start->aal != 0 ? (unsigned)start->aal : level != 0 ? level : LEVEL);
        return CARNET_OK;
    }
    if ((rc = carnet_trustmark_of(start->vtm, project, &trustmark, err)) != CARNET_OK)
        return rc;
    for (size_t i = 0; i < start->vtr_count; i++) {
        if (start->vtr[i].len == 0)
            return carnet_fail(err, CARNET_E_VECTOR, "RFC 8485 3.1", "a vector is empty");
        if (i > 0)
            carnet_buf_add_byte(&list, ',');
        carnet_buf_add_str(&list, start->vtr[i]);
    }
    return carnet_vector_request_list(carnet_buf_str(&list), trustmark, wanted, err);
}

size_t
carnet_idp_biometrics(const idp_call *call, const carnet_store_identity_device *device,
                      const carnet_vector_request *wanted, int64_t retries,
                      carnet_bops_biometric list[CARNET_BOPS_BIOMETRICS])
{
    static const char *const names[] = { "FINGERPRINT", "FACE", "IRIS", "VOICE" };
    carnet_acceptable *acceptable = carnet_service_scratch(call->worker, sizeof(*acceptable));
    uint32_t any = 0;
    size_t count = 0;

    if (acceptable == NULL || carnet_acceptable_compile(wanted, acceptable, NULL) != CARNET_OK)
        return 0;
    for (unsigned i = 0; i < acceptable->count; i++)
        any |= acceptable->set[i];
    if ((any & (CARNET_METHOD_BIOMETRIC_LOCAL | CARNET_METHOD_BIOMETRIC_SPLIT)) == 0 ||
        (device->abilities & (CARNET_METHOD_BIOMETRIC_LOCAL | CARNET_METHOD_BIOMETRIC_SPLIT)) == 0)
        return 0;
    for (size_t i = 0; i < CARNET_COUNT(names); i++)
        if ((unsigned)(device->flags >> IDP_USER_AUTH) & carnet_user_auth_of(carnet_str_of(names[i])))
            list[count++] = (carnet_bops_biometric){ .method = carnet_str_of(names[i]), .retries = retries };
    return count;
}

/* --- the durable step --- */

static carnet_rc
no(starting *s, carnet_bops_error_code code, const char *why)
{
    s->refusal = code;
    s->why = why;
    return CARNET_E_IDENTITY_REFUSED;
}

static carnet_rc
find_person(starting *s, carnet_store_session *session, carnet_err *err)
{
    carnet_buf *room = &s->call->room;
    carnet_rc rc = carnet_store_identity_account_by_user(session, s->start->user_id, &s->account, room, err);

    if (rc == CARNET_E_STORE_ABSENT)
        return no(s, CARNET_BOPS_ERROR_USER, NULL);
    if (rc != CARNET_OK)
        return rc;
    if (s->account.state != CARNET_STORE_ACCOUNT_ACTIVE)
        return no(s, CARNET_BOPS_ERROR_ACCOUNT_STATE, NULL);
    rc = carnet_store_identity_device_by_device_id(session, s->start->device_id, &s->device, room, err);
    if (rc == CARNET_E_STORE_ABSENT ||
        (rc == CARNET_OK && (s->device.account != s->account.id || s->device.state != CARNET_STORE_DEVICE_ACTIVATED)))
        return no(s, CARNET_BOPS_ERROR_DEVICE, NULL);
    if (rc == CARNET_OK && s->device.locked > s->call->now)
        return no(s, CARNET_BOPS_ERROR_LOCKED, NULL);
    return rc;
}

/* What the device could never prove is said at once. */
static carnet_rc
check_feasible(starting *s)
{
    carnet_vector able = carnet_methods_vector((uint32_t)s->device.abilities);
    carnet_vector_request left = s->wanted;

    carnet_vector_put(&able, "Ci");
    if (s->start->parent_session.len != 0)
        carnet_vector_put(&able, "Cm");
    if (s->wanted.trustmark == CARNET_TRUSTMARK_PROJECT) {
        carnet_vector_put(&able, "P1");
        carnet_vector_put(&able, "P2");
        carnet_vector_put(&able, "P3");
        carnet_vector_put(&able, "Ac");
    }
    return carnet_vector_request_feasible(&left, &able, NULL) == CARNET_OK
               ? CARNET_OK
               : no(s, CARNET_BOPS_ERROR_UNSATISFIABLE, "the device can never prove what is asked for");
}

/* A step-up follows its own party's session of the same user and device. */
static carnet_rc
find_parent(starting *s, carnet_store_session *session, carnet_err *err)
{
    carnet_store_identity_session parent = { 0 };
    carnet_authentication_session state;
    carnet_rc rc;

    if (s->start->parent_session.len == 0)
        return CARNET_OK;
    rc = carnet_store_identity_session_by_hash(session, carnet_span_of(s->parent_hash, sizeof(s->parent_hash)), &parent,
                                               &s->call->room, err);
    if (rc == CARNET_E_STORE_ABSENT || (rc == CARNET_OK && !carnet_str_equal(parent.party, s->call->client)))
        return no(s, CARNET_BOPS_ERROR_SESSION, "there is no such parent session");
    if (rc != CARNET_OK)
        return rc;
    state =
        (carnet_authentication_session){ .status = (carnet_bops_status)parent.state, .auth_time = parent.auth_time };
    if (parent.account != s->account.id || parent.device != s->device.id ||
        !carnet_authentication_session_parent(&state, &s->call->p->policy, s->call->now))
        return no(s, CARNET_BOPS_ERROR_STATE, "the parent session is none of this device's, or too long ago");
    s->row.parent = parent.id;
    return CARNET_OK;
}

static bool
count_open(void *self, const carnet_store_identity_session *row)
{
    starting *s = self;

    (void)row;
    s->open++;
    return true;
}

static carnet_rc
check_open(starting *s, carnet_store_session *session, carnet_err *err)
{
    const unsigned configured = s->call->p->config->sessions, most = configured != 0 ? configured : SESSIONS;
    carnet_rc rc;

    s->open = 0;
    rc = carnet_store_identity_session_open(session, s->device.id, s->call->now, most, count_open, s, err);
    if (rc == CARNET_OK && s->open >= most)
        return no(s, CARNET_BOPS_ERROR_LIMIT, "the device has too many sessions open");
    if (rc != CARNET_OK || s->start->transaction.ref.len == 0)
        return rc;
    s->open = 0;
    rc = carnet_store_identity_session_transaction(
        session, carnet_span_of(s->transaction_hash, sizeof(s->transaction_hash)), s->call->now, 1, count_open, s, err);
    if (rc == CARNET_OK && s->open > 0)
        return no(s, CARNET_BOPS_ERROR_LIMIT, "the transaction has a session open");
    return rc;
}

static carnet_rc
insert(starting *s, carnet_store_session *session, carnet_err *err)
{
    const carnet_bops_authentication_start *start = s->start;
    const idp *p = s->call->p;
    const int64_t parent = s->row.parent;
    carnet_rc rc;

    s->row = (carnet_store_identity_session){
        .session_hash = carnet_span_of(s->hash, sizeof(s->hash)),
        .party = s->call->client,
        .request_hash = carnet_span_of(s->request_hash, start->request_id.len != 0 ? sizeof(s->request_hash) : 0),
        .body_hash = carnet_span_of(s->body_hash, sizeof(s->body_hash)),
        .account = s->account.id,
        .device = s->device.id,
        .parent = parent,
        .transaction_hash =
            carnet_span_of(s->transaction_hash, start->transaction.ref.len != 0 ? sizeof(s->transaction_hash) : 0),
        .created = s->call->now,
        .expires = s->state.expires,
        .state = CARNET_BOPS_OPPORTUNITY,
        .attempts_max = s->state.attempts_max,
        .max_age = start->max_age != 0 ? start->max_age : p->policy.max_age_seconds,
        .trustmark = (int64_t)s->wanted.trustmark,
        .changed = s->call->now,
        .notice = (int64_t)start->notify,
        .request = carnet_buf_span(&s->sealed),
    };
    rc = carnet_store_identity_session_insert(session, &s->row, err);
    if (rc == CARNET_OK)
        rc = carnet_idp_tell_at_last(p, &s->row, session, err);
    if (rc == CARNET_OK && p->config->push_url != NULL && s->device.push.len != 0 &&
        start->session_type != CARNET_BOPS_POLL && start->session_type != CARNET_BOPS_QR) {
        carnet_store_identity_notice notice = {
            .session = s->row.id, .kind = CARNET_STORE_NOTICE_DEVICE, .due = s->call->now, .expires = s->state.expires
        };

        rc = carnet_store_identity_notice_insert(session, &notice, err);
    }
    return rc;
}

/* The session that the same request opened before; CARNET_E_STORE_ABSENT. */
static carnet_rc
find_repeated(starting *s, carnet_store_session *session, carnet_err *err)
{
    carnet_rc rc;

    if (s->start->request_id.len == 0)
        return CARNET_E_STORE_ABSENT;
    rc = carnet_store_identity_session_by_request(session, carnet_span_of(s->request_hash, sizeof(s->request_hash)),
                                                  &s->row, &s->call->room, err);
    if (rc != CARNET_OK)
        return rc;
    s->refusal = (carnet_bops_error_code)0;
    s->repeated = carnet_span_equal(s->row.body_hash, carnet_span_of(s->body_hash, sizeof(s->body_hash)));
    return s->repeated ? CARNET_OK : no(s, CARNET_BOPS_ERROR_CONFLICT, "this requestId came with another body");
}

/* The device comes first: it is locked by that, so that of two requests at once one sees what the other did. */
static carnet_rc
work(void *arg, carnet_store_session *session, carnet_err *err)
{
    starting *s = arg;
    carnet_rc rc, found;

    s->refusal = (carnet_bops_error_code)0;
    s->repeated = false;
    s->row = (carnet_store_identity_session){ 0 };
    s->call->room.len = 0;
    s->call->room.overflow = false;
    found = find_person(s, session, err);
    if (found != CARNET_OK && found != CARNET_E_IDENTITY_REFUSED)
        return found;
    if ((rc = find_repeated(s, session, err)) != CARNET_E_STORE_ABSENT)
        return rc;
    s->row = (carnet_store_identity_session){ 0 };
    if ((rc = found) == CARNET_OK && (rc = check_feasible(s)) == CARNET_OK &&
        (rc = find_parent(s, session, err)) == CARNET_OK && (rc = check_open(s, session, err)) == CARNET_OK)
        rc = insert(s, session, err);
    return rc;
}

/* --- before and after --- */

static carnet_rc
hash_two(starting *s, carnet_str a, carnet_str b, uint8_t out[CARNET_SERVICE_HASH], carnet_err *err)
{
    carnet_buf text = carnet_service_scratch_buf(s->call->worker, a.len + b.len + 1);

    carnet_buf_add_str(&text, a);
    carnet_buf_add_byte(&text, 0);
    carnet_buf_add_str(&text, b);
    return carnet_service_hash(s->call->worker, carnet_buf_str(&text), out, err);
}

static carnet_rc
prepare(starting *s, carnet_err *err)
{
    idp_call *call = s->call;
    carnet_buf id = carnet_buf_of((uint8_t *)s->session_id, CARNET_BOPS_SESSION);
    carnet_rc rc = carnet_idp_random_text(call->worker, SESSION_OCTETS, &id, err);

    s->sealed = carnet_service_scratch_buf(call->worker, CARNET_BOPS_SESSION + CARNET_SERVICE_HASH + s->body.len +
                                                             CARNET_SERVICE_SEALING);
    if (rc == CARNET_OK)
        rc = carnet_idp_session_hash(call, carnet_str_of(s->session_id), s->hash, err);
    if (rc == CARNET_OK)
        rc = hash_two(s, call->client, s->start->request_id, s->request_hash, err);
    if (rc == CARNET_OK)
        rc = carnet_service_hash(call->worker, s->body, s->body_hash, err);
    if (rc == CARNET_OK)
        rc = hash_two(s, s->start->user_id, s->start->transaction.ref, s->transaction_hash, err);
    if (rc == CARNET_OK)
        rc = carnet_idp_session_hash(call, s->start->parent_session, s->parent_hash, err);
    if (rc == CARNET_OK)
        rc = carnet_idp_seal_request(call, s->hash, carnet_str_of(s->session_id), s->body, &s->sealed, err);
    return rc;
}

/* Where the relying party is told. */
static const char *
place_of(const starting *s)
{
    const carnet_config_identity_friend *party = &s->call->p->config->friends[s->call->friend];

    return s->start->notify_backchannel ? party->backchannel_url : party->notify_url;
}

static carnet_rc
check(starting *s, carnet_err *err)
{
    const char *project = s->call->p->config->project_trustmark;
    carnet_err why = { 0 };
    carnet_rc rc = carnet_idp_wanted(s->start, carnet_str_of(project != NULL ? project : ""), s->call->p->config->level,
                                     &s->wanted, &why);

    if (rc != CARNET_OK)
        return carnet_idp_refuse(s->call, CARNET_BOPS_ERROR_VTR, carnet_rc_text(rc), err);
    if (s->wanted.trustmark == CARNET_TRUSTMARK_RFC_8485)
        return carnet_idp_refuse(s->call, CARNET_BOPS_ERROR_VTR, "vectors under this trustmark are not issued here",
                                 err);
    if (s->start->transaction.ref.len > REFERENCE_MAX)
        return carnet_idp_refuse(s->call, CARNET_BOPS_ERROR_PARAMETER, "a transaction's reference is too long", err);
    if (s->start->notify != CARNET_BOPS_NOTIFY_POLL && place_of(s) == NULL)
        return carnet_idp_refuse(s->call, CARNET_BOPS_ERROR_PARAMETER, "no place to notify is registered", err);
    if (!carnet_idp_may_start(s->call))
        return carnet_idp_refuse(s->call, CARNET_BOPS_ERROR_SLOW_DOWN, NULL, err);
    return CARNET_OK;
}

/* The session that this request opened before. */
static carnet_rc
tell_again(starting *s, carnet_bops_started *started, carnet_err *err)
{
    idp_record *record = carnet_service_scratch(s->call->worker, sizeof(*record));
    carnet_rc rc;

    if (record == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_idp_find_by_id(s->call, s->row.id, record, err);
    if (rc == CARNET_OK && (rc = carnet_idp_open(s->call, record, err)) == CARNET_OK) {
        started->session_id = carnet_idp_copy(s->call, record->session_id);
        started->status = carnet_authentication_session_status(&record->state, s->call->now);
        started->expiration = record->row.expires * 1000;
        started->binding_message = carnet_idp_copy(s->call, record->start.binding_message);
    }
    carnet_idp_close(record);
    return rc;
}

carnet_rc
carnet_idp_start(idp_call *call, carnet_str body, const carnet_bops_authentication_start *start,
                 carnet_bops_started *started, carnet_err *err)
{
    starting *s = carnet_service_scratch(call->worker, sizeof(*s));
    carnet_rc rc;

    *started = (carnet_bops_started){ 0 };
    if (s == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    *s = (starting){ .call = call, .body = body, .start = start };
    if ((rc = check(s, err)) != CARNET_OK || (rc = prepare(s, err)) != CARNET_OK)
        return rc;
    carnet_authentication_session_start(&call->p->policy, start->requested_expiry, call->now, &s->state);
    /* Another instance may open a session for the same request at this moment: then that one is it. */
    for (int i = 0; i < TRIES; i++)
        if ((rc = carnet_store_transact(call->worker->store, work, s, err)) != CARNET_E_STORE_STATE)
            break;
    if (s->refusal != 0)
        return carnet_idp_refuse(call, s->refusal, s->why, err);
    if (rc != CARNET_OK)
        return rc;
    started->interval = call->p->policy.interval_seconds;
    if (s->repeated)
        return tell_again(s, started, err);
    atomic_fetch_add(&call->p->started, 1);
    started->session_id = carnet_str_of(s->session_id);
    started->status = CARNET_BOPS_OPPORTUNITY;
    started->expiration = s->state.expires * 1000;
    started->binding_message = start->binding_message;
    started->biometric_count =
        carnet_idp_biometrics(call, &s->device, &s->wanted, s->state.attempts_max, started->biometrics);
    return CARNET_OK;
}

static carnet_rc
handle(idp_call *call, carnet_err *err)
{
    carnet_bops_authentication_start start;
    carnet_bops_started started;
    carnet_rc rc = carnet_bops_authentication_start_read(carnet_idp_body(call), &start, err);

    if (rc == CARNET_OK)
        rc = carnet_idp_start(call, carnet_idp_body(call), &start, &started, err);
    if (rc == CARNET_OK)
        rc = carnet_bops_started_write(&started, &call->response->body, err);
    carnet_bops_authentication_start_close(&start);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_FRIEND, "session.started", handle, err);
}

const carnet_service_route carnet_idp_start_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_authentication_start",
    .path = CARNET_BOPS_PATH_AUTHENTICATION_START,
    .summary = "Opens a session for a user on one of their devices",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_BOPS_MAX,
};

const carnet_service_route carnet_idp_request_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_authentication_request",
    .path = CARNET_BOPS_PATH_AUTHENTICATION_REQUEST,
    .summary = "AuthenticationStart by its other name",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_BOPS_MAX,
};
