/* SPDX-License-Identifier: Apache-2.0 */
#include "double.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define KEY_ID "double-1"

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static void
copy(char *to, size_t cap, carnet_str from)
{
    (void)snprintf(to, cap, "%.*s", (int)from.len, from.ptr);
}

static carnet_rc
refuse(carnet_service_response *r, int status, carnet_bops_error_code code)
{
    const carnet_bops_error error = { .code = code };

    r->status = status;
    return carnet_bops_error_write(&error, &r->body, NULL);
}

/* With the lock held. */
static study *
find(provider *p, carnet_str session)
{
    for (size_t i = 0; i < p->count; i++)
        if (carnet_str_is(session, p->studies[i].session))
            return &p->studies[i];
    return NULL;
}

/* --- AuthenticationStart --- */

static void
take(study *s, const carnet_bops_authentication_start *from, carnet_time now)
{
    uint8_t octets[16];
    carnet_buf name = carnet_buf_of(s->session, CARNET_BOPS_SESSION);
    size_t at = 0;

    (void)fill(NULL, octets, sizeof(octets));
    carnet_base64url_encode(carnet_span_of(octets, sizeof(octets)), &name);
    copy(s->request_id, sizeof(s->request_id), from->request_id);
    copy(s->user, sizeof(s->user), from->user_id);
    copy(s->device, sizeof(s->device), from->device_id);
    copy(s->reference, sizeof(s->reference), from->transaction.ref);
    copy(s->amount, sizeof(s->amount), from->transaction.amount);
    copy(s->currency, sizeof(s->currency), from->transaction.currency);
    copy(s->terminal, sizeof(s->terminal), from->transaction.terminal);
    copy(s->text, sizeof(s->text), from->transaction.text);
    copy(s->parent, sizeof(s->parent), from->parent_session);
    copy(s->binding, sizeof(s->binding), from->binding_message);
    copy(s->token, sizeof(s->token), from->notify_token);
    s->notify = from->notify;
    for (size_t i = 0; i < from->vtr_count && at < sizeof(s->vtr); i++)
        at += (size_t)snprintf(s->vtr + at, sizeof(s->vtr) - at, "%s%.*s", i != 0 ? "," : "", (int)from->vtr[i].len,
                               from->vtr[i].ptr);
    s->aal = from->aal;
    s->status = CARNET_BOPS_OPPORTUNITY;
    s->expires = now + from->requested_expiry;
}

static carnet_rc
begin(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    provider *p = self;
    carnet_bops_authentication_start wish;
    carnet_bops_started started;
    study *s = NULL;
    carnet_rc rc;

    (void)atomic_fetch_add(&p->asked[0], 1);
    if (atomic_load(&p->lie) == AWAY)
        return refuse(r, 503, CARNET_BOPS_ERROR_GENERIC);
    if (atomic_load(&p->lie) == NO_USER)
        return refuse(r, 404, CARNET_BOPS_ERROR_USER);
    if (atomic_load(&p->lie) == CANNOT)
        return refuse(r, 422, CARNET_BOPS_ERROR_UNSATISFIABLE);
    rc = carnet_bops_authentication_start_read((carnet_str){ (const char *)q->body.ptr, q->body.len }, &wish, err);
    if (rc != CARNET_OK)
        return rc;
    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->count; i++)
        if (carnet_str_is(wish.request_id, p->studies[i].request_id))
            s = &p->studies[i];
    if (s == NULL && p->count < STUDIES) {
        s = &p->studies[p->count++];
        take(s, &wish, atomic_load(p->now));
    }
    started = (carnet_bops_started){ .session_id = carnet_str_of(s != NULL ? s->session : ""),
                                     .status = s != NULL ? s->status : CARNET_BOPS_OPPORTUNITY,
                                     .expiration = s != NULL ? s->expires * 1000 : 0,
                                     .interval = 2 };
    rc = carnet_bops_started_write(&started, &r->body, err);
    (void)pthread_mutex_unlock(&p->lock);
    carnet_bops_authentication_start_close(&wish);
    return rc;
}

/* --- GetSessionStatus --- */

static void
write_token(provider *p, const study *s, carnet_buf *out)
{
    const lie l = atomic_load(&p->lie);
    const carnet_time now = atomic_load(p->now) - (l == OLD_TOKEN ? 1000 : 0);
    char jti[64];
    carnet_identity_token token;

    (void)snprintf(jti, sizeof(jti), "token-%s", l == SAME_TOKEN ? "1" : s->session);
    token = (carnet_identity_token){
        .issuer = carnet_str_of(l == OTHER_ISSUER ? "https://other.example" : DOUBLE_ID),
        .audience = carnet_str_of(l == OTHER_AUDIENCE ? "rp-2" : "rp-1"),
        .subject = carnet_str_of("pairwise"),
        .session_id = carnet_str_of(l == OTHER_SESSION ? "AAAAAAAAAAAAAAAAAAAAAA" : s->session),
        .issued_at = now,
        .expires = now + 300,
        .auth_time = s->auth_time,
        .vot = carnet_str_of(s->vot),
        .vtm = carnet_str_of("https://standards.ieee.org/standard/p1940.html"),
        .aal = s->aal,
        .transaction = { .ref = carnet_str_of(l == OTHER_REFERENCE ? "ST1" : s->reference),
                         .amount = carnet_str_of(l == OTHER_AMOUNT ? "000000000001" : s->amount),
                         .currency = carnet_str_of(s->currency),
                         .terminal = carnet_str_of(l == OTHER_TERMINAL ? "ATM99999" : s->terminal) },
    };

    token.token_id = carnet_str_of(jti);
    assert_carnet_ok(carnet_digest(&p->crypto, CARNET_SHA256, &p->certificate, 1, token.certificate_hash, NULL), NULL);
    token.certificate_hash[0] ^= l == OTHER_CERTIFICATE;
    assert_carnet_ok(carnet_identity_token_build(&token, carnet_str_of(KEY_ID), l == OTHER_KEY ? &p->other : &p->key,
                                                 &p->crypto, out, NULL),
                     NULL);
}

static carnet_bops_carrier
make_carrier(provider *p, const study *s, carnet_buf *signature)
{
    const lie l = atomic_load(&p->lie);
    const carnet_carrier_binding binding = { carnet_str_of(l == OTHER_CARRIER_AMOUNT ? "000000000001" : s->amount),
                                             carnet_str_of(s->currency),
                                             carnet_str_of(l == OTHER_CARRIER_TERMINAL ? "ATM99999" : s->terminal) };
    carnet_vector_carrier carrier = {
        .present = CARNET_CARRIER_VECTOR | CARNET_CARRIER_SESSION | CARNET_CARRIER_REFERENCE |
                   CARNET_CARRIER_AUTH_TIME | CARNET_CARRIER_EXPIRY,
        .vector = carnet_str_of(s->vot),
        .reference = carnet_str_of(s->reference),
        .auth_time = (uint32_t)s->auth_time,
        .expiry = (uint32_t)(s->auth_time + 300),
    };
    carnet_buf session = carnet_buf_of(carrier.session, sizeof(carrier.session));

    assert_carnet_ok(carnet_base64url_decode(carnet_str_of(s->session), &session, NULL), NULL);
    assert_carnet_ok(carnet_carrier_sign(&carrier, &binding, carnet_str_of(KEY_ID),
                                         l == OTHER_CARRIER_KEY ? &p->other : &p->key, &p->crypto, NULL),
                     NULL);
    carnet_base64url_encode(carnet_span_of(carrier.signature, 64), signature);
    return (carnet_bops_carrier){ .vot = carnet_str_of(s->vot),
                                  .auth_time = s->auth_time,
                                  .expiry = s->auth_time + 300,
                                  .aal = s->aal,
                                  .key_id = carnet_str_of(KEY_ID),
                                  .signature = carnet_buf_str(signature) };
}

/* With the lock held. */
static carnet_rc
write_status(provider *p, const study *s, carnet_buf *out, carnet_err *err)
{
    static char token[8192], text[128];
    const lie l = atomic_load(&p->lie);
    carnet_buf jws = carnet_buf_of(token, sizeof(token)), signature = carnet_buf_of(text, sizeof(text));
    carnet_bops_session_status status = { .session_id = carnet_str_of(s->session),
                                          .status = s->status,
                                          .expiration = s->expires * 1000,
                                          .interval = 2,
                                          .vtr_satisfied = -1 };

    if (s->status == CARNET_BOPS_AUTHENTICATED || s->status == CARNET_BOPS_CONSUMED) {
        write_token(p, s, &jws);
        status.authenticated = true;
        status.auth_time = s->auth_time;
        status.aal = s->aal;
        status.vot = carnet_str_of(s->vot);
        status.vtm = carnet_str_of(l == OTHER_TRUSTMARK ? "https://www.rfc-editor.org/info/rfc8485"
                                                        : "https://standards.ieee.org/standard/p1940.html");
        status.vtr_satisfied = 0;
        status.token_id = carnet_str_of("token");
        status.subject = carnet_str_of("pairwise");
        status.token_expires = (s->auth_time + 300) * 1000;
        status.token = l == NO_TOKEN ? (carnet_str){ 0 } : carnet_buf_str(&jws);
        if (l != NO_CARRIER)
            status.carrier = make_carrier(p, s, &signature);
    }
    return carnet_bops_session_status_write(&status, out, err);
}

void
double_write_status(provider *p, const char *session, carnet_buf *out)
{
    const study *s;

    (void)pthread_mutex_lock(&p->lock);
    s = find(p, carnet_str_of(session));
    if (s != NULL)
        (void)!write_status(p, s, out, NULL);
    (void)pthread_mutex_unlock(&p->lock);
}

static carnet_rc
tell(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    provider *p = self;
    carnet_bops_status_request wish;
    const study *s;
    carnet_rc rc;

    if (q->waited_ms == 0)
        (void)atomic_fetch_add(&p->asked[1], 1);
    if (atomic_load(&p->lie) == AWAY)
        return refuse(r, 503, CARNET_BOPS_ERROR_GENERIC);
    rc = carnet_bops_status_request_read((carnet_str){ (const char *)q->body.ptr, q->body.len }, &wish, err);
    if (rc != CARNET_OK)
        return rc;
    (void)pthread_mutex_lock(&p->lock);
    s = find(p, wish.session_id);
    if (s == NULL)
        rc = refuse(r, 404, CARNET_BOPS_ERROR_SESSION);
    else if (s->status <= CARNET_BOPS_REGISTERED && q->waited_ms < (unsigned)wish.wait * 1000)
        r->again_ms = 20;
    else
        rc = write_status(p, s, &r->body, err);
    (void)pthread_mutex_unlock(&p->lock);
    carnet_bops_status_request_close(&wish);
    return rc;
}

/* --- the others --- */

static carnet_rc
command(provider *p, const carnet_service_request *q, carnet_service_response *r, bool consume, carnet_err *err)
{
    carnet_bops_session_command wish;
    carnet_bops_session_state state = { 0 };
    study *s;
    carnet_rc rc;

    (void)atomic_fetch_add(&p->asked[consume ? 2 : 3], 1);
    if (atomic_load(&p->lie) == AWAY)
        return refuse(r, 503, CARNET_BOPS_ERROR_GENERIC);
    rc = carnet_bops_session_command_read((carnet_str){ (const char *)q->body.ptr, q->body.len }, &wish, err);
    if (rc != CARNET_OK)
        return rc;
    (void)pthread_mutex_lock(&p->lock);
    s = find(p, wish.session_id);
    if (s == NULL) {
        rc = refuse(r, 404, CARNET_BOPS_ERROR_SESSION);
    } else if (consume && s->status == CARNET_BOPS_CONSUMED) {
        rc = refuse(r, 409, CARNET_BOPS_ERROR_CONSUMED);
    } else if (consume && (s->status != CARNET_BOPS_AUTHENTICATED || s->auth_time + 300 < atomic_load(p->now))) {
        rc = refuse(r, 409, CARNET_BOPS_ERROR_STATE);
    } else {
        s->status = consume ? CARNET_BOPS_CONSUMED : CARNET_BOPS_CANCELLED;
        state = (carnet_bops_session_state){ .session_id = wish.session_id, .status = s->status };
        rc = carnet_bops_session_state_write(&state, &r->body, err);
    }
    (void)pthread_mutex_unlock(&p->lock);
    carnet_bops_session_command_close(&wish);
    return rc;
}

static carnet_rc
consume(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    return command(self, q, r, true, err);
}

static carnet_rc
cancel(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    return command(self, q, r, false, err);
}

static carnet_rc
evidence(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    provider *p = self;
    carnet_bops_submit_evidence wish;
    carnet_bops_session_state state;
    study *s;
    carnet_rc rc;

    (void)atomic_fetch_add(&p->asked[4], 1);
    rc = carnet_bops_submit_evidence_read((carnet_str){ (const char *)q->body.ptr, q->body.len }, &wish, err);
    if (rc != CARNET_OK)
        return rc;
    (void)pthread_mutex_lock(&p->lock);
    s = find(p, wish.session_id);
    if (s == NULL) {
        rc = refuse(r, 404, CARNET_BOPS_ERROR_SESSION);
    } else {
        s->on_site = true;
        state = (carnet_bops_session_state){ .session_id = wish.session_id, .status = s->status };
        rc = carnet_bops_session_state_write(&state, &r->body, err);
    }
    (void)pthread_mutex_unlock(&p->lock);
    carnet_bops_submit_evidence_close(&wish);
    return rc;
}

/* Whoever asks may be killed for it. */
static void
strike(provider *p, atomic_int *countdown)
{
    int left = atomic_load(countdown);

    while (left > 0 && !atomic_compare_exchange_weak(countdown, &left, left - 1)) {
    }
    if (left == 1)
        (void)kill(atomic_load(&p->victim), SIGKILL);
}

static carnet_rc
listen_to(carnet_service_handler *does, void *self, const carnet_service_request *q, carnet_service_response *r,
          carnet_err *err)
{
    provider *p = self;
    carnet_rc rc;

    if (q->waited_ms == 0)
        strike(p, &p->before);
    rc = does(self, q, r, err);
    if (r->again_ms == 0)
        strike(p, &p->after);
    return rc;
}

#define HEARD(does)                                                                                                    \
    static carnet_rc heard_##does(void *self, const carnet_service_request *q, carnet_service_response *r,             \
                                  carnet_err *err)                                                                     \
    {                                                                                                                  \
        return listen_to(does, self, q, r, err);                                                                       \
    }
HEARD(begin)
HEARD(tell)
HEARD(consume)
HEARD(cancel)
HEARD(evidence)

#define ROUTE(called, at, does)                                                                                        \
    {                                                                                                                  \
        .method = CARNET_SERVICE_POST, .name = called, .path = at, .run = heard_##does, .accepts = "application/json", \
        .body_max = CARNET_BOPS_MAX                                                                                    \
    }

static const carnet_service_route routes[] = {
    ROUTE("start", CARNET_BOPS_PATH_AUTHENTICATION_START, begin),
    ROUTE("status", CARNET_BOPS_PATH_SESSION_STATUS, tell),
    ROUTE("consume", CARNET_BOPS_PATH_CONSUME_SESSION, consume),
    ROUTE("cancel", CARNET_BOPS_PATH_CANCEL_SESSION, cancel),
    ROUTE("evidence", CARNET_BOPS_PATH_SUBMIT_EVIDENCE, evidence),
};

void
double_start(provider *p, _Atomic carnet_time *now)
{
    const carnet_service_config config = { .address = "127.0.0.1",
                                           .routes = routes,
                                           .route_count = CARNET_COUNT(routes),
                                           .self = p,
                                           .random = { fill, NULL } };
    carnet_err err = { 0 };

    p->now = now;
    (void)pthread_mutex_init(&p->lock, NULL);
    assert_carnet_ok(carnet_crypto_init(&p->crypto, &err), &err);
    assert_carnet_ok(carnet_software_key_generate(&p->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &p->key, &err), &err);
    assert_carnet_ok(carnet_software_key_generate(&p->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &p->other, &err),
                     &err);
    assert_carnet_ok(carnet_service_start(&config, &p->service, &err), &err);
    p->port = carnet_service_port(p->service);
}

void
double_stop(provider *p)
{
    carnet_service_stop(&p->service, 1000);
    carnet_key_done(&p->key);
    carnet_key_done(&p->other);
    carnet_crypto_done(&p->crypto);
    (void)pthread_mutex_destroy(&p->lock);
}

void
double_set(provider *p, const char *session, carnet_bops_status status, const char *vot)
{
    study *s;

    (void)pthread_mutex_lock(&p->lock);
    s = find(p, carnet_str_of(session));
    if (s != NULL) {
        s->status = status;
        s->auth_time = atomic_load(p->now);
        (void)snprintf(s->vot, sizeof(s->vot), "%s", vot != NULL ? vot : "");
    }
    (void)pthread_mutex_unlock(&p->lock);
    assert_non_null(s);
}

study
double_study(provider *p, const char *reference)
{
    study found = { 0 };

    (void)pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->studies[i].reference, reference) == 0)
            found = p->studies[i];
    (void)pthread_mutex_unlock(&p->lock);
    return found;
}

size_t
double_count(provider *p)
{
    size_t count;

    (void)pthread_mutex_lock(&p->lock);
    count = p->count;
    (void)pthread_mutex_unlock(&p->lock);
    return count;
}
