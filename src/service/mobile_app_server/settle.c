/* SPDX-License-Identifier: Apache-2.0 */
/* What a session of the identity provider means for its transaction: verified before anything is kept (P1940 6.2). */
#include "carnet/identity_token.h"
#include "carnet/vector_carrier.h"
#include "internal.h"

#include <string.h>

typedef struct settling {
    carnet_str session;
    carnet_staged_state state; /* that it leads to; NONE: pending */
    const char *reason;
    const carnet_bops_session_status *status;
    char trustmark[2];
    uint8_t jti[CARNET_SERVICE_HASH];
    carnet_time token_expires;
} settling;

static bool
same_amount(const carnet_store_staged *row, carnet_str amount)
{
    uint64_t value;

    return carnet_staging_amount_read(amount, &value, NULL) == CARNET_OK && value == (uint64_t)row->amount;
}

/* The token speaks of this transaction, and of the vector that the status has. */
static bool
token_fits(const carnet_identity_token *token, const carnet_store_staged *row, const carnet_bops_session_status *status)
{
    return carnet_str_equal(token->session_id, row->session) &&
           carnet_str_equal(token->transaction.ref, row->reference) && same_amount(row, token->transaction.amount) &&
           carnet_str_equal(token->transaction.currency, row->currency) &&
           carnet_str_equal(token->transaction.terminal, row->terminal) && token->token_id.len != 0 &&
           carnet_str_equal(token->vtm, status->vtm) && token->auth_time == status->auth_time;
}

static carnet_rc
verify_token(mas_call *call, const carnet_store_staged *row, settling *s, const carnet_public_key *key, carnet_err *err)
{
    const carnet_config_mobile_app_server *config = call->m->config;
    const carnet_identity_token_expected expected = {
        .issuer = carnet_str_of(config->provider_id != NULL ? config->provider_id : config->provider),
        .audience = carnet_str_of(config->rp_id),
        .certificate = carnet_span_of(call->m->certificate, call->m->certificate_len),
        .session_id = row->session,
        .now = carnet_service_now(call->worker),
        .skew = MAS_SKEW_S,
    };
    carnet_buf storage = carnet_service_scratch_buf(call->worker, s->status->token.len + 1);
    carnet_identity_token token;
    carnet_rc rc =
        carnet_identity_token_open(s->status->token, &expected, key, call->worker->crypto, &storage, &token, err);

    if (rc != CARNET_OK)
        return rc;
    if (!token_fits(&token, row, s->status))
        rc = carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "the identity token is of another transaction");
    if (rc == CARNET_OK)
        rc = carnet_service_hash(call->worker, token.token_id, s->jti, err);
    s->token_expires = token.expires;
    carnet_identity_token_close(&token);
    return rc;
}

static bool
session_octets(carnet_str text, uint8_t out[16])
{
    carnet_buf buf = carnet_buf_of(out, 16);

    return carnet_base64url_decode(text, &buf, NULL) == CARNET_OK && buf.len == 16;
}

/* What the terminal will pass on is signed over this transaction: better found here than at the issuer's. */
static carnet_rc
verify_carrier(mas_call *call, const carnet_store_staged *row, const settling *s, const carnet_public_key *key,
               carnet_err *err)
{
    const carnet_bops_carrier *from = &s->status->carrier;
    uint8_t digits[12];
    carnet_buf amount = carnet_buf_of(digits, sizeof(digits));
    carnet_vector_carrier carrier = {
        .present = CARNET_CARRIER_VECTOR | CARNET_CARRIER_SESSION | CARNET_CARRIER_REFERENCE |
                   CARNET_CARRIER_AUTH_TIME | CARNET_CARRIER_EXPIRY | CARNET_CARRIER_KEY_ID | CARNET_CARRIER_SIGNATURE,
        .vector = from->vot,
        .reference = row->reference,
        .auth_time = (uint32_t)from->auth_time,
        .expiry = (uint32_t)from->expiry,
        .key_id = from->key_id,
    };
    carnet_buf signature = carnet_buf_of(carrier.signature, sizeof(carrier.signature));
    carnet_carrier_binding binding = { .currency = row->currency, .terminal = row->terminal };

    if (from->auth_time < 0 || from->auth_time > UINT32_MAX || from->expiry < 0 || from->expiry > UINT32_MAX ||
        !session_octets(row->session, carrier.session) ||
        carnet_base64url_decode(from->signature, &signature, NULL) != CARNET_OK || signature.len != 64)
        return carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "the identity provider's carrier has no form");
    carnet_staging_amount_write((uint64_t)row->amount, &amount);
    binding.amount = carnet_buf_str(&amount);
    return carnet_carrier_verify(&carrier, &binding, key, call->worker->crypto, err);
}

/* Whether what was reached is what was asked for. */
static carnet_rc
verify_vector(const mas_call *call, const carnet_store_staged *row, settling *s, carnet_err *err)
{
    const carnet_str project =
        carnet_str_of(call->m->config->project_trustmark != NULL ? call->m->config->project_trustmark : "");
    carnet_vector_request request;
    carnet_trustmark trustmark;
    carnet_vector vector;
    int index = -1;
    carnet_rc rc = carnet_trustmark_of(s->status->vtm, project, &trustmark, err);

    if (rc == CARNET_OK)
        rc = carnet_trustmark_read(trustmark, s->status->carrier.vot, &vector, err);
    if (rc == CARNET_OK)
        rc = carnet_vector_request_list(row->vtr, trustmark, &request, err);
    if (rc == CARNET_OK)
        rc = carnet_vector_request_satisfied(&request, trustmark, &vector, &index, err);
    if (rc == CARNET_OK && index < 0)
        rc = carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "the vector is not one that was asked for");
    s->trustmark[0] = (char)('0' + (int)trustmark);
    return rc;
}

/* By any of the provider's keys. */
static carnet_rc
verify(mas_call *call, const carnet_store_staged *row, settling *s, carnet_err *err)
{
    const carnet_attester_trust *trust = carnet_service_trust_get(call->m->providers);
    carnet_rc rc = carnet_fail(err, CARNET_E_STAGED_PROVIDER, NULL, "no key of the identity provider is known");

    for (size_t i = 0; trust != NULL && i < trust->key_count && rc != CARNET_OK; i++)
        if ((rc = verify_token(call, row, s, &trust->keys[i].key, err)) == CARNET_OK)
            rc = verify_carrier(call, row, s, &trust->keys[i].key, err);
    return rc == CARNET_OK ? verify_vector(call, row, s, err) : rc;
}

/* In the row's room: what it was found in does not last as long. */
static carnet_str
keep(mas_edit *edit, carnet_str text)
{
    carnet_buf *room = &edit->call->room;
    const size_t at = room->len;

    carnet_buf_add_str(room, text);
    if (room->overflow) {
        (void)!carnet_fail(&edit->err, CARNET_E_NO_SPACE, NULL, NULL);
        edit->save = false;
        return (carnet_str){ 0 };
    }
    return (carnet_str){ (const char *)room->ptr + at, text.len };
}

static void
change(mas_edit *edit)
{
    const settling *s = edit->arg;
    carnet_store_staged *row = &edit->row;
    const carnet_bops_carrier *carrier = &s->status->carrier;

    if (!carnet_str_equal(row->session, s->session) ||
        (row->state != CARNET_STAGED_AUTHENTICATING && row->state != CARNET_STAGED_STEPPING_UP))
        return;
    row->state = s->state;
    row->reason = carnet_str_of(s->reason);
    edit->save = true;
    if (s->state != CARNET_STAGED_FULFILLED)
        return;
    row->vot = keep(edit, carrier->vot);
    row->trustmark = keep(edit, carnet_str_of(s->trustmark));
    row->auth_time = carrier->auth_time;
    row->vot_expires = carrier->expiry;
    row->reached = carrier->aal;
    row->key_id = keep(edit, carrier->key_id);
    row->signature = keep(edit, carrier->signature);
    edit->once = (carnet_store_once){ .kind = CARNET_STORE_ONCE_IDENTITY_TOKEN,
                                      .hash = carnet_span_of(s->jti, sizeof(s->jti)),
                                      .until = s->token_expires + MAS_SKEW_S };
}

static void
lead(mas_call *call, const carnet_store_staged *row, settling *s)
{
    carnet_err err = { 0 };

    switch (s->status->status) {
    case CARNET_BOPS_AUTHENTICATED:
    case CARNET_BOPS_CONSUMED:
        s->state = CARNET_STAGED_FULFILLED;
        s->reason = "";
        if (verify(call, row, s, &err) != CARNET_OK) {
            s->state = CARNET_STAGED_FAILED;
            s->reason = "not_verified";
            carnet_mas_event(call, "authentication.not_verified", err.rc);
        }
        break;
    case CARNET_BOPS_FAILED:
        s->state = CARNET_STAGED_FAILED;
        s->reason = "not_authenticated";
        break;
    case CARNET_BOPS_CANCELLED:
        s->state = CARNET_STAGED_CANCELLED;
        s->reason = "by_user";
        break;
    case CARNET_BOPS_EXPIRED:
        s->state = CARNET_STAGED_EXPIRED;
        s->reason = "not_authenticated";
        break;
    default:
        break;
    }
}

carnet_rc
carnet_mas_settle(mas_call *call, carnet_bops_session_status *status, carnet_store_staged *row, carnet_err *err)
{
    settling s = { .session = row->session, .status = status };
    char session[65];
    mas_edit edit = { .by = MAS_BY_REFERENCE, .change = change, .arg = &s, .call = call };
    char reference[CARNET_STAGING_REFERENCE + 1];
    carnet_rc rc;

    if (row->session.len >= sizeof(session) || row->reference.len >= sizeof(reference))
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    lead(call, row, &s);
    if (s.state == CARNET_STAGED_NONE)
        return CARNET_OK;
    /* The row's texts are in the room that the change reads it into again. */
    memcpy(session, row->session.ptr, row->session.len);
    memcpy(reference, row->reference.ptr, row->reference.len);
    s.session = (carnet_str){ session, row->session.len };
    edit.key = (carnet_str){ reference, row->reference.len };
    rc = carnet_mas_edit(&edit, err);
    if (rc == CARNET_OK) {
        *row = edit.row;
        carnet_mas_event(call, "authentication.settled", CARNET_OK);
    }
    return rc;
}

/* --- the session is opened --- */

typedef struct opening {
    const char *session, *reason;
    int64_t expiration, step_ups;
    carnet_staged_state state;
} opening;

static void
keep_session(mas_edit *edit)
{
    const opening *o = edit->arg;
    carnet_store_staged *row = &edit->row;

    if ((row->state != CARNET_STAGED_AUTHENTICATING && row->state != CARNET_STAGED_STEPPING_UP) ||
        row->session.len != 0 || row->step_ups != o->step_ups)
        return;
    edit->save = true;
    row->session = keep(edit, carnet_str_of(o->session));
    row->session_expires = o->expiration;
    if (o->state != CARNET_STAGED_NONE) {
        row->state = o->state;
        row->reason = carnet_str_of(o->reason);
    }
}

carnet_rc
carnet_mas_open_session(mas_call *call, carnet_store_staged *row, carnet_err *err)
{
    char session[65], reference[CARNET_STAGING_REFERENCE + 1];
    opening o = { .session = session, .reason = "", .step_ups = row->step_ups };
    mas_edit edit = { .by = MAS_BY_REFERENCE, .change = keep_session, .arg = &o, .call = call };
    carnet_rc kept, rc = carnet_mas_start(call, row, session, &o.expiration, err);

    if (rc == CARNET_E_STAGED_PROVIDER || rc == CARNET_E_NO_SPACE || row->reference.len >= sizeof(reference))
        return rc; /* whoever asks again opens the same session */
    if (rc != CARNET_OK) {
        o.state = CARNET_STAGED_FAILED;
        o.reason = "identity_provider";
    }
    memcpy(reference, row->reference.ptr, row->reference.len);
    edit.key = (carnet_str){ reference, row->reference.len };
    kept = carnet_mas_edit(&edit, rc == CARNET_OK ? err : NULL);
    if (kept == CARNET_OK)
        *row = edit.row;
    return rc == CARNET_OK ? kept : rc;
}
