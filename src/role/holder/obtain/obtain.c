/* SPDX-License-Identifier: Apache-2.0 */
/* The machine: which step, what it asks of the caller, what came of it. */
#include "internal.h"

#include <string.h>

enum { TEXTS = 192 << 10, REQUEST = 640 << 10, SKEW = 60 };

/* What each step asks for, and how an answer to its request is taken. */
static const struct {
    carnet_obtain_kind kind;
    carnet_rc (*make)(carnet_obtain_state *s, carnet_err *err);
    carnet_rc (*take)(carnet_obtain_state *s, const carnet_obtain_answer *answer, carnet_err *err);
} steps[CARNET_STEP_COUNT] = {
    [CARNET_STEP_OFFER] = { CARNET_OBTAIN_HTTP, carnet_obtain_offer_make, carnet_obtain_offer_take },
    [CARNET_STEP_METADATA] = { CARNET_OBTAIN_HTTP, carnet_obtain_metadata_make, carnet_obtain_metadata_take },
    [CARNET_STEP_SERVER] = { CARNET_OBTAIN_HTTP, carnet_obtain_server_make, carnet_obtain_server_take },
    [CARNET_STEP_IACAS] = { CARNET_OBTAIN_HTTP, carnet_obtain_iacas_make, carnet_obtain_iacas_take },
    [CARNET_STEP_CONSENT] = { CARNET_OBTAIN_CONSENT, carnet_obtain_consent_make, NULL },
    [CARNET_STEP_CLIENT_ATTESTATION] = { CARNET_OBTAIN_CLIENT_ATTESTATION, carnet_obtain_client_make, NULL },
    [CARNET_STEP_CHALLENGE] = { CARNET_OBTAIN_HTTP, carnet_obtain_challenge_make, carnet_obtain_challenge_take },
    [CARNET_STEP_PUSH] = { CARNET_OBTAIN_HTTP, carnet_obtain_push_make, carnet_obtain_push_take },
    [CARNET_STEP_BROWSER] = { CARNET_OBTAIN_BROWSER, carnet_obtain_browser_make, NULL },
    [CARNET_STEP_TOKEN] = { CARNET_OBTAIN_HTTP, carnet_obtain_token_make, carnet_obtain_token_take },
    [CARNET_STEP_KEYS] = { CARNET_OBTAIN_KEYS, carnet_obtain_keys_make, NULL },
    [CARNET_STEP_NONCE] = { CARNET_OBTAIN_HTTP, carnet_obtain_nonce_make, carnet_obtain_nonce_take },
    [CARNET_STEP_KEY_ATTESTATION] = { CARNET_OBTAIN_KEY_ATTESTATION, carnet_obtain_key_attestation_make, NULL },
    [CARNET_STEP_CREDENTIAL] = { CARNET_OBTAIN_HTTP, carnet_obtain_credential_make, carnet_obtain_credential_take },
    [CARNET_STEP_WAIT] = { CARNET_OBTAIN_WAIT, NULL, NULL },
    [CARNET_STEP_DEFERRED] = { CARNET_OBTAIN_HTTP, carnet_obtain_deferred_make, carnet_obtain_credential_take },
    [CARNET_STEP_KEEP] = { CARNET_OBTAIN_KEEP, NULL, NULL },
    [CARNET_STEP_NOTIFY] = { CARNET_OBTAIN_HTTP, carnet_obtain_notify_make, carnet_obtain_notify_take },
    [CARNET_STEP_DONE] = { CARNET_OBTAIN_DONE, NULL, NULL },
    [CARNET_STEP_FAILED] = { CARNET_OBTAIN_FAILED, NULL, NULL },
};

/* --- what lasts --- */

carnet_rc
carnet_obtain_remember(carnet_obtain_state *s, carnet_str text, carnet_str *kept, carnet_err *err)
{
    size_t begin = s->texts.len;

    *kept = (carnet_str){ 0 };
    if (text.len > s->texts.cap - begin) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "what the issuer says is longer than there is room for");
    }
    carnet_buf_add_str(&s->texts, text);
    *kept = (carnet_str){ (const char *)s->texts.ptr + begin, text.len };
    return CARNET_OK;
}

carnet_rc
carnet_obtain_set(carnet_obtain_text *text, carnet_str value, carnet_err *err)
{
    text->len = 0;
    if (value.len > sizeof text->bytes) {
        return carnet_fail(err, CARNET_E_OBTAIN_ANSWER, NULL, "a nonce or identifier of the issuer is too long");
    }
    if (value.len > 0) {
        memcpy(text->bytes, value.ptr, value.len);
    }
    text->len = value.len;
    return CARNET_OK;
}

carnet_str
carnet_obtain_get(const carnet_obtain_text *text)
{
    return (carnet_str){ text->bytes, text->len };
}

void
carnet_obtain_set_token(carnet_obtain_token *token, carnet_str value)
{
    carnet_wipe(token->bytes, token->len);
    token->len = value.len;
    if (value.len > 0) {
        memcpy(token->bytes, value.ptr, value.len);
    }
}

/* --- steps --- */

void
carnet_obtain_go(carnet_obtain_state *s, carnet_obtain_step step)
{
    s->step = step;
    s->shown = false;
}

void
carnet_obtain_forward(carnet_obtain_state *s, carnet_obtain_step step)
{
    s->tries = (carnet_obtain_tries){ 0 };
    carnet_obtain_go(s, step);
}

void
carnet_obtain_again(carnet_obtain_state *s)
{
    s->shown = false;
}

/** What failed stays: a notification may still go out before the caller is told. */
static void
fail(carnet_obtain_state *s, carnet_rc rc, const carnet_err *err)
{
    bool received = s->step == CARNET_STEP_CREDENTIAL || s->step == CARNET_STEP_DEFERRED || s->step == CARNET_STEP_KEEP;

    if (s->failure.rc == CARNET_OK) {
        s->failure = err->rc != CARNET_OK ? *err : (carnet_err){ .rc = rc, .offset = CARNET_NO_OFFSET };
    }
    s->event = CARNET_NOTIFICATION_FAILURE;
    carnet_obtain_go(s, received && s->notification_id.len > 0 ? CARNET_STEP_NOTIFY : CARNET_STEP_FAILED);
}

static void
settle(carnet_obtain_state *s, carnet_rc rc, const carnet_err *err)
{
    if (rc != CARNET_OK) {
        fail(s, rc, err);
    }
}

static void
fill(carnet_obtain_state *s)
{
    carnet_obtain_action *a = &s->action;

    a->kind = steps[s->step].kind;
    if (s->step > CARNET_STEP_TOKEN && s->order < s->order_count) {
        a->configuration_id = s->orders[s->order].id;
        a->credential_identifier = s->orders[s->order].identifier;
    }
    switch (s->step) {
    case CARNET_STEP_WAIT:
        a->seconds = s->interval;
        break;
    case CARNET_STEP_KEEP:
        a->documents = s->received;
        a->count = s->received_count;
        a->notification_id = carnet_obtain_get(&s->notification_id);
        break;
    case CARNET_STEP_DONE:
    case CARNET_STEP_FAILED:
        a->err = s->failure.rc != CARNET_OK ? &s->failure : NULL;
        a->refusal = &s->refusal;
        break;
    default:
        break;
    }
}

const carnet_obtain_action *
carnet_obtain_next(carnet_obtain *o, carnet_time now)
{
    carnet_obtain_state *s = o->state;

    s->now = now;
    while (!s->shown) {
        carnet_obtain_step step = s->step;
        carnet_err err = { 0 };

        memset(&s->action, 0, sizeof s->action);
        s->shown = true;
        if (steps[step].make != NULL) {
            settle(s, steps[step].make(s, &err), &err);
        }
        if (s->shown) {
            fill(s);
        }
    }
    return &s->action;
}

/** Whether that is what is to be done now. */
static bool
expects(carnet_obtain_state *s, carnet_obtain_kind kind)
{
    carnet_err err = { 0 };

    if (s->shown && s->action.kind == kind) {
        return true;
    }
    if (s->step != CARNET_STEP_DONE && s->step != CARNET_STEP_FAILED) {
        fail(s, carnet_fail(&err, CARNET_E_USAGE, NULL, "this was not asked for"), &err);
    }
    return false;
}

void
carnet_obtain_answered(carnet_obtain *o, const carnet_obtain_answer *answer)
{
    carnet_obtain_state *s = o->state;
    carnet_err err = { 0 };

    if (!expects(s, CARNET_OBTAIN_HTTP)) {
        return;
    }
    s->scratch.len = 0;
    s->scratch.overflow = false;
    settle(s, steps[s->step].take(s, answer, &err), &err);
}

void
carnet_obtain_unreachable(carnet_obtain *o, const carnet_err *why)
{
    carnet_obtain_state *s = o->state;
    carnet_err err = *why;

    if (!expects(s, CARNET_OBTAIN_HTTP)) {
        return;
    }
    err.rc = err.rc != CARNET_OK ? err.rc : CARNET_E_OBTAIN_ANSWER;
    if (s->step == CARNET_STEP_IACAS) {
        carnet_obtain_go(s, CARNET_STEP_CONSENT);
    } else if (s->step == CARNET_STEP_NOTIFY) {
        const carnet_obtain_answer none = { 0 };

        s->failure = s->failure.rc != CARNET_OK ? s->failure : err;
        (void)!carnet_obtain_notify_take(s, &none, NULL);
    } else {
        fail(s, err.rc, &err);
    }
}

void
carnet_obtain_consented(carnet_obtain *o, const carnet_obtain_consent *consent)
{
    carnet_err err = { 0 };

    if (expects(o->state, CARNET_OBTAIN_CONSENT)) {
        settle(o->state, carnet_obtain_consent_take(o->state, consent, &err), &err);
    }
}

void
carnet_obtain_returned(carnet_obtain *o, carnet_str url)
{
    carnet_err err = { 0 };

    if (expects(o->state, CARNET_OBTAIN_BROWSER)) {
        settle(o->state, carnet_obtain_browser_take(o->state, url, &err), &err);
    }
}

void
carnet_obtain_attested(carnet_obtain *o, carnet_str jwt)
{
    carnet_obtain_state *s = o->state;
    carnet_err err = { 0 };

    if (s->step == CARNET_STEP_KEY_ATTESTATION && expects(s, CARNET_OBTAIN_KEY_ATTESTATION)) {
        settle(s, carnet_obtain_key_attestation_take(s, jwt, &err), &err);
    } else if (s->step != CARNET_STEP_KEY_ATTESTATION && expects(s, CARNET_OBTAIN_CLIENT_ATTESTATION)) {
        settle(s, carnet_obtain_client_take(s, jwt, &err), &err);
    }
}

void
carnet_obtain_keyed(carnet_obtain *o, carnet_key *const *keys, size_t count)
{
    carnet_err err = { 0 };

    if (expects(o->state, CARNET_OBTAIN_KEYS)) {
        settle(o->state, carnet_obtain_keys_take(o->state, keys, count, &err), &err);
    }
}

void
carnet_obtain_waited(carnet_obtain *o)
{
    if (expects(o->state, CARNET_OBTAIN_WAIT)) {
        carnet_obtain_go(o->state, o->state->after_wait);
    }
}

void
carnet_obtain_kept(carnet_obtain *o)
{
    if (expects(o->state, CARNET_OBTAIN_KEEP)) {
        o->state->event = CARNET_NOTIFICATION_ACCEPTED;
        carnet_obtain_go(o->state, CARNET_STEP_NOTIFY);
    }
}

void
carnet_obtain_declined(carnet_obtain *o, const carnet_err *why)
{
    carnet_obtain_state *s = o->state;
    carnet_err err = { 0 };

    if (s->step == CARNET_STEP_DONE || s->step == CARNET_STEP_FAILED) {
        return;
    }
    if (why != NULL && why->rc != CARNET_OK) {
        err = *why;
    } else {
        (void)!carnet_fail(&err, CARNET_E_OBTAIN_DECLINED, NULL, NULL);
    }
    fail(s, err.rc, &err);
}

/* --- beginning and end --- */

static carnet_buf
cut(carnet_buf *memory, size_t size)
{
    carnet_buf part = carnet_buf_of(memory->ptr, size);

    memory->ptr += size;
    memory->cap -= size;
    return part;
}

/** The memory in parts: the state, texts, a request, and halves for an answer and what is in it. */
static carnet_obtain_state *
lay_out(const carnet_obtain_parameters *p)
{
    carnet_buf memory = p->memory;
    size_t odd = (uintptr_t)memory.ptr % 64;
    carnet_obtain_state *s;

    (void)cut(&memory, odd > 0 ? 64 - odd : 0);
    s = (carnet_obtain_state *)(void *)memory.ptr;
    memset(s, 0, sizeof *s);
    (void)cut(&memory, (sizeof *s + 63) / 64 * 64);
    s->texts = cut(&memory, TEXTS);
    s->request = cut(&memory, REQUEST);
    s->scratch = cut(&memory, memory.cap / 2);
    s->documents = cut(&memory, memory.cap);
    s->p = *p;
    s->p.skew = p->skew > 0 ? p->skew : SKEW;
    s->p.copies = p->copies > CARNET_OBTAIN_COPIES_MAX ? CARNET_OBTAIN_COPIES_MAX : p->copies > 0 ? p->copies : 1;
    return s;
}

static carnet_rc
remember_grant(carnet_obtain_state *s, const carnet_obtain_grant *grant, carnet_err *err)
{
    carnet_rc rc = carnet_obtain_remember(s, grant->credential_issuer, &s->issuer, err);

    if (grant->access_token.len > CARNET_OBTAIN_TOKEN_MAX || grant->refresh_token.len > CARNET_OBTAIN_TOKEN_MAX) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the token is too long");
    }
    rc = rc == CARNET_OK ? carnet_obtain_remember(s, grant->authorization_server, &s->server_issuer, err) : rc;
    rc = rc == CARNET_OK ? carnet_obtain_remember(s, grant->client_id, &s->client_id, err) : rc;
    carnet_obtain_set_token(&s->access_token, grant->access_token);
    carnet_obtain_set_token(&s->refresh_token, grant->refresh_token);
    s->expires = grant->expires;
    s->token_dpop = s->dpop = grant->dpop;
    s->attested = grant->attested;
    s->renewing = true;
    return rc;
}

/** Copies of what is to be begun with. */
static carnet_rc
remember_start(carnet_obtain_state *s, const carnet_obtain_start *start, carnet_err *err)
{
    carnet_rc rc = carnet_obtain_remember(s, start->link, &s->link, err);

    rc = rc == CARNET_OK ? carnet_obtain_remember(s, start->issuer, &s->issuer, err) : rc;
    if (rc == CARNET_OK && start->grant != NULL) {
        rc = remember_grant(s, start->grant, err);
    }
    for (size_t i = 0; rc == CARNET_OK && i < start->configuration_count; i++) {
        rc = carnet_obtain_remember(s, start->configuration_ids[i], &s->wanted[i], err);
        if (rc == CARNET_OK && start->credential_identifiers != NULL) {
            rc = carnet_obtain_remember(s, start->credential_identifiers[i], &s->first_identifiers[i], err);
        }
    }
    s->wanted_count = start->configuration_count;
    s->only_notify = start->notification_id.len > 0;
    s->resuming = start->transaction_id.len > 0;
    s->event = start->event;
    rc = rc == CARNET_OK ? carnet_obtain_set(&s->notification_id, start->notification_id, err) : rc;
    rc = rc == CARNET_OK ? carnet_obtain_set(&s->transaction_id, start->transaction_id, err) : rc;
    for (size_t i = 0; i < start->device_key_count; i++) {
        s->public_keys[i] = start->device_keys[i];
    }
    s->key_count = start->device_key_count;
    return rc;
}

static bool
is_start(const carnet_obtain_parameters *p, const carnet_obtain_start *start)
{
    bool resuming = start->transaction_id.len > 0, notifying = start->notification_id.len > 0;

    if (p->struct_size != sizeof *p || p->crypto == NULL || p->curve_count == 0 ||
        start->configuration_count > CARNET_OBTAIN_CHOSEN_MAX || start->device_key_count > CARNET_OBTAIN_COPIES_MAX) {
        return false;
    }
    if (start->grant == NULL) {
        return !resuming && !notifying && (start->link.len > 0) != (start->issuer.len > 0);
    }
    return start->link.len == 0 && !(resuming && notifying) &&
           (!resuming || (start->configuration_count == 1 && start->device_key_count > 0)) &&
           (notifying || start->configuration_count > 0) && (start->grant->dpop ? p->dpop_key != NULL : true) &&
           (start->grant->attested ? p->instance_key != NULL : true);
}

carnet_rc
carnet_obtain_begin(carnet_obtain *o, const carnet_obtain_parameters *parameters, const carnet_obtain_start *start,
                    carnet_err *err)
{
    carnet_rc rc;

    o->state = NULL;
    if (!is_start(parameters, start)) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "there is nothing to begin with, or too much");
    }
    if (parameters->memory.cap < CARNET_OBTAIN_MEMORY_MIN) {
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "obtaining documents needs more memory");
    }
    o->state = lay_out(parameters);
    rc = remember_start(o->state, start, err);
    carnet_obtain_go(o->state, start->link.len > 0 ? CARNET_STEP_OFFER : CARNET_STEP_METADATA);
    return rc;
}

void
carnet_obtain_done(carnet_obtain *o)
{
    carnet_obtain_state *s = o->state;
    carnet_buf memory;

    if (s == NULL) {
        return;
    }
    memory = s->p.memory;
    carnet_credential_offer_done(&s->offer);
    carnet_issuer_metadata_done(&s->metadata);
    carnet_authorization_server_metadata_done(&s->server);
    carnet_key_done(&s->encryption_key);
    o->state = NULL;
    carnet_wipe(memory.ptr, memory.cap);
}
