/* SPDX-License-Identifier: Apache-2.0 */
/* The identification of the person, by a plug, and what follows from it (OpenID4VCI 1.0 5.2; 23220-1, 8.3). */
#include "internal.h"

#include <string.h>

#define IDENTIFICATION "identification"

/* One turn of the plug. */
typedef struct turn {
    authorization_call *call;
    const carnet_store_authorization *row;
    const carnet_identification *plug;
    carnet_str flow;
    uint8_t flow_hash[CARNET_STORE_HASH], browser_hash[CARNET_STORE_HASH], code_hash[CARNET_STORE_HASH];
    carnet_identification_document documents[CARNET_IDENTIFICATION_DOCUMENTS];
    carnet_identification_parameter parameters[CARNET_SERVICE_PARAMETERS];
    carnet_identification_request request;
    carnet_identification_step step;
    carnet_str subject_hint;
    carnet_span sealed; /* state or claims */
    bool withdrawn;     /* the offer was, meanwhile */
} turn;

static const carnet_identification *
plug_of(const authorization_call *call, const carnet_store_authorization *row)
{
    size_t at = 0;
    const carnet_authorization_document *document =
        carnet_authorization_document_next(call->as, row->configurations, &at);

    return document != NULL ? document->identification : NULL;
}

static carnet_rc
unsure(authorization_call *call, carnet_err *err)
{
    return carnet_authorization_page(call, 400, CARNET_TEXT_AUTHORIZE_REFUSED_TITLE, CARNET_TEXT_AUTHORIZE_UNKNOWN,
                                     "request_uri_unknown", err);
}

/* Whom the offer was made for, if the wallet follows one. */
static carnet_rc
read_offer(turn *t, carnet_store_session *session, carnet_store_offer *offer, carnet_err *err)
{
    carnet_rc rc;

    *offer = (carnet_store_offer){ 0 };
    t->withdrawn = false;
    t->subject_hint = (carnet_str){ 0 };
    if (t->row->offer == 0)
        return CARNET_OK;
    carnet_authorization_spare_empty(t->call);
    rc = carnet_store_offer_by_id(session, t->row->offer, offer, &t->call->spare, err);
    t->withdrawn = rc == CARNET_E_STORE_ABSENT || (rc == CARNET_OK && offer->state != CARNET_STORE_OFFER_OPEN);
    t->subject_hint = offer->subject;
    return t->withdrawn ? CARNET_OK : rc;
}

static carnet_rc
begin(void *arg, carnet_store_session *session, carnet_err *err)
{
    turn *t = arg;
    authorization_call *call = t->call;
    carnet_str name = carnet_str_of(t->plug->name);
    carnet_store_offer offer;
    carnet_rc rc = read_offer(t, session, &offer, err);

    if (rc == CARNET_OK)
        rc = carnet_store_authorization_begin(session, t->row->id, name, carnet_span_of(t->browser_hash, 32),
                                              call->now + call->as->policy.identification_s, err);
    if (rc == CARNET_OK)
        rc = carnet_store_authorization_keep(session, t->row->id, name, carnet_span_of(t->flow_hash, 32),
                                             (carnet_span){ 0 }, err);
    return rc;
}

static carnet_rc
find_offer(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_offer offer;

    return read_offer(arg, session, &offer, err);
}

static void
fill_documents(turn *t)
{
    const carnet_authorization_document *document;
    size_t n = 0;

    for (size_t at = 0; n < CARNET_IDENTIFICATION_DOCUMENTS &&
                        (document = carnet_authorization_document_next(t->call->as, t->row->configurations, &at));)
        t->documents[n++] = (carnet_identification_document){ document->configuration, document->doctype };
    t->request.documents = t->documents;
    t->request.document_count = n;
}

static void
fill_request(turn *t)
{
    authorization_call *call = t->call;
    carnet_buf uri = carnet_service_scratch_buf(call->worker, call->as->issuer.len + 128);

    t->request = (carnet_identification_request){ .flow = t->flow,
                                                  .client = t->row->client_id,
                                                  .subject_hint = t->subject_hint,
                                                  .languages = carnet_service_header(call->request, "Accept-Language"),
                                                  .return_base = carnet_authorization_url(call, "/authorize/return"),
                                                  .request_id = call->request->identifier,
                                                  .now = call->now,
                                                  .crypto = call->worker->crypto,
                                                  .random = call->worker->random,
                                                  .worker = call->worker };
    carnet_buf_add_str(&uri, t->request.return_base);
    carnet_buf_add_text(&uri, "?state=");
    carnet_buf_add_str(&uri, t->flow);
    t->request.return_uri = carnet_buf_str(&uri);
    fill_documents(t);
}

static carnet_rc
keep_state(void *arg, carnet_store_session *session, carnet_err *err)
{
    turn *t = arg;

    return carnet_store_authorization_keep(session, t->row->id, (carnet_str){ 0 }, (carnet_span){ 0 }, t->sealed, err);
}

/* The browser goes where the plug wants it; what the plug will need comes along in the record. */
static carnet_rc
pending(turn *t, carnet_err *err)
{
    authorization_call *call = t->call;
    carnet_span state = t->step.state;
    carnet_buf sealed = carnet_service_scratch_buf(call->worker, state.len + CARNET_SERVICE_SEALING);
    carnet_rc rc = CARNET_OK;

    if (state.len > 0) {
        rc = carnet_service_seal(call->worker, IDENTIFICATION, carnet_str_bytes(t->flow), state, &sealed, err);
        t->sealed = carnet_buf_span(&sealed);
        if (rc == CARNET_OK)
            rc = carnet_authorization_transact(call, keep_state, t, err);
    }
    if (rc == CARNET_OK)
        rc = carnet_web_go_on(&call->as->web, call->request, call->response, t->step.uri, err);
    return rc;
}

/* Who identified the person, by what, and what followed. */
static carnet_rc
record(const turn *t, carnet_store_session *session, carnet_err *err)
{
    carnet_store_event event = { .at = t->call->now,
                                 .interface = carnet_str_of("IS-3"),
                                 .kind = carnet_str_of("identification"),
                                 .outcome = CARNET_STORE_OUTCOME_DONE,
                                 .reason = carnet_str_of(t->plug->name),
                                 .actor = t->step.evidence,
                                 .reference = t->row->id,
                                 .request = carnet_str_of(t->call->request->identifier) };
    carnet_rc rc = carnet_store_event_insert(session, &event, err);

    return rc != CARNET_OK ? rc
                           : carnet_authorization_audit(t->call, session, CARNET_STORE_OUTCOME_DONE, t->plug->name,
                                                        t->row->configurations, err);
}

static carnet_rc
grant(void *arg, carnet_store_session *session, carnet_err *err)
{
    turn *t = arg;
    authorization_call *call = t->call;
    carnet_store_offer offer;
    carnet_rc rc = read_offer(t, session, &offer, err);

    if (rc != CARNET_OK || t->withdrawn)
        return rc;
    rc = carnet_store_authorization_grant(session, t->row->id, carnet_span_of(t->code_hash, 32), t->step.subject,
                                          t->sealed.len > 0 ? t->sealed : offer.claims,
                                          call->now + call->as->policy.code_s, err);
    return rc != CARNET_OK ? rc : record(t, session, err);
}

static carnet_rc
identified(turn *t, carnet_err *err)
{
    authorization_call *call = t->call;
    char code[CARNET_SERVICE_TOKEN + 1];
    carnet_buf sealed = carnet_service_scratch_buf(call->worker, t->step.claims.len + CARNET_SERVICE_SEALING);
    carnet_rc rc;

    if (t->subject_hint.len > 0 && !carnet_str_equal(t->subject_hint, t->step.subject))
        return carnet_authorization_decline(call, t->row, CARNET_IDENTIFICATION_MISMATCH, err);
    rc = carnet_service_token_make(call->worker, code, t->code_hash, err);
    if (rc == CARNET_OK && t->step.claims.len > 0)
        rc = carnet_authorization_claims_seal(call->worker, t->step.subject, t->step.claims, &sealed, err);
    t->sealed = carnet_buf_span(&sealed);
    if (rc == CARNET_OK)
        rc = carnet_authorization_transact(call, grant, t, err);
    if (rc == CARNET_E_STORE_STATE)
        rc = unsure(call, err);
    else if (rc == CARNET_OK && t->withdrawn)
        rc = carnet_authorization_decline(call, t->row, CARNET_IDENTIFICATION_NOT_ENTITLED, err);
    else if (rc == CARNET_OK)
        rc = carnet_authorization_send_back(call, t->row->redirect_uri, t->row->client_state,
                                            (carnet_str){ code, CARNET_SERVICE_TOKEN }, CARNET_OAUTH_NONE, NULL, err);
    carnet_wipe(code, sizeof(code));
    return rc;
}

static carnet_rc
follow(turn *t, carnet_err *err)
{
    carnet_rc rc = carnet_identification_check(&t->step, err);

    if (rc != CARNET_OK)
        return rc;
    switch (t->step.outcome) {
    case CARNET_IDENTIFICATION_PENDING:
        t->call->reason = t->call->reason != NULL ? t->call->reason : "pending";
        return pending(t, err);
    case CARNET_IDENTIFICATION_IDENTIFIED:
        t->call->kind = "authorization.granted";
        return identified(t, err);
    case CARNET_IDENTIFICATION_REFUSED:
        break;
    }
    return carnet_authorization_decline(t->call, t->row, t->step.reason, err);
}

static carnet_rc
turn_begin(authorization_call *call, const carnet_store_authorization *row, carnet_str flow, turn **t, carnet_err *err)
{
    *t = carnet_service_scratch(call->worker, sizeof(**t));
    if (*t == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    (*t)->call = call;
    (*t)->row = row;
    (*t)->flow = flow;
    (*t)->plug = plug_of(call, row);
    /* The configuration changed under a request that was on its way. */
    if ((*t)->plug == NULL)
        return carnet_fail(err, CARNET_E_OAUTH_SCOPE, NULL, "the document is no longer issued this way");
    return carnet_service_hash(call->worker, flow, (*t)->flow_hash, err);
}

carnet_rc
carnet_authorization_identify(authorization_call *call, const carnet_store_authorization *row, carnet_err *err)
{
    char flow[CARNET_SERVICE_TOKEN + 1];
    uint8_t hash[CARNET_STORE_HASH];
    carnet_buf room = carnet_service_scratch_buf(call->worker, CARNET_IDENTIFICATION_ROOM);
    turn *t;
    carnet_rc rc = carnet_service_token_make(call->worker, flow, hash, err);

    if (rc == CARNET_OK)
        rc = turn_begin(call, row, (carnet_str){ flow, CARNET_SERVICE_TOKEN }, &t, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_browser(call, NULL, t->browser_hash, err);
    if (rc == CARNET_OK)
        rc = carnet_authorization_transact(call, begin, t, err);
    if (rc == CARNET_E_STORE_STATE)
        return unsure(call, err);
    if (rc != CARNET_OK)
        return rc;
    if (t->withdrawn)
        return carnet_authorization_decline(call, row, CARNET_IDENTIFICATION_NOT_ENTITLED, err);
    fill_request(t);
    rc = t->plug->begin(t->plug->self, &t->request, &room, &t->step, err);
    return rc != CARNET_OK ? rc : follow(t, err);
}

/* What the plug handed over, and what the browser brought. */
static carnet_rc
fill_return(turn *t, carnet_err *err)
{
    authorization_call *call = t->call;
    const carnet_service_parameters *query = &call->request->query;
    carnet_buf state = carnet_service_scratch_buf(call->worker, t->row->identification.len);
    carnet_rc rc = CARNET_OK;

    if (t->row->identification.len > 0)
        rc = carnet_service_open(call->worker, IDENTIFICATION, carnet_str_bytes(t->flow), t->row->identification,
                                 &state, err);
    t->request.state = carnet_buf_span(&state);
    for (size_t i = 0; i < query->count; i++)
        t->parameters[i] = (carnet_identification_parameter){ query->list[i].name, query->list[i].value };
    t->request.parameters = t->parameters;
    t->request.parameter_count = query->count;
    return rc;
}

carnet_rc
carnet_authorization_go_on(authorization_call *call, const carnet_store_authorization *row, carnet_str flow,
                           carnet_err *err)
{
    carnet_buf room = carnet_service_scratch_buf(call->worker, CARNET_IDENTIFICATION_ROOM);
    turn *t;
    carnet_rc rc = turn_begin(call, row, flow, &t, err);

    if (rc == CARNET_OK && row->offer != 0)
        rc = carnet_authorization_read(call, find_offer, t, err);
    if (rc != CARNET_OK)
        return rc;
    fill_request(t);
    rc = fill_return(t, err);
    if (rc == CARNET_OK)
        rc = t->plug->resume(t->plug->self, &t->request, &room, &t->step, err);
    return rc != CARNET_OK ? rc : follow(t, err);
}

/* --- no --- */

typedef struct refusal {
    const authorization_call *call;
    int64_t id;
    carnet_identification_reason reason;
} refusal;

static carnet_rc
refuse(void *arg, carnet_store_session *session, carnet_err *err)
{
    refusal *r = arg;
    carnet_rc rc = carnet_store_authorization_refuse(session, r->id,
                                                     carnet_str_of(carnet_identification_reason_error(r->reason)), err);

    return rc != CARNET_OK
               ? rc
               : carnet_authorization_audit(r->call, session, CARNET_STORE_OUTCOME_REFUSED,
                                            carnet_identification_reason_name(r->reason), (carnet_str){ 0 }, err);
}

carnet_rc
carnet_authorization_decline(authorization_call *call, const carnet_store_authorization *row,
                             carnet_identification_reason reason, carnet_err *err)
{
    refusal r = { .call = call, .id = row->id, .reason = reason };
    carnet_rc rc = carnet_authorization_transact(call, refuse, &r, err);

    if (rc == CARNET_E_STORE_STATE)
        return unsure(call, err);
    if (rc != CARNET_OK)
        return rc;
    call->reason = carnet_identification_reason_name(reason);
    return carnet_authorization_send_back(
        call, row->redirect_uri, row->client_state, (carnet_str){ 0 },
        carnet_oauth_error_named(carnet_str_of(carnet_identification_reason_error(reason))),
        carnet_identification_reason_text(reason), err);
}
