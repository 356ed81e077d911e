/* SPDX-License-Identifier: Apache-2.0 */
/* What the endpoints have in common: who asks, what is refused, how it is told. */
#include "carnet/bops_enrol.h"
#include "internal.h"

#include <string.h>

/* The words of refusals: part of the interface. */
static const struct {
    carnet_rc rc;
    const char *error;
} words[] = {
    { CARNET_E_STAGED_UNKNOWN, "unknown_reference" },
    { CARNET_E_STAGED_STATE, "state" },
    { CARNET_E_STAGED_EXPIRED, "expired" },
    { CARNET_E_STAGED_CODE, "code" },
    { CARNET_E_STAGED_ATTEMPTS, "attempts" },
    { CARNET_E_STAGED_AMOUNT, "amount" },
    { CARNET_E_STAGED_LIMIT, "limit" },
    { CARNET_E_STAGED_TERMINAL, "terminal" },
    { CARNET_E_STAGED_USED, "used" },
    { CARNET_E_STAGED_ACCOUNT, "account" },
    { CARNET_E_STAGED_DEVICE, "device" },
    { CARNET_E_STAGED_REQUEST, "request_id" },
    { CARNET_E_STAGED_UNSATISFIABLE, "unsatisfiable" },
    { CARNET_E_STAGED_PROVIDER, "identity_provider" },
    { CARNET_E_RISK_NONE, "risk" },
    { CARNET_E_SERVICE_CERTIFICATE, "certificate" },
};

carnet_rc
carnet_mas_begin(mas *m, carnet_service_worker *worker, mas_call *call, carnet_err *err)
{
    *call = (mas_call){ .m = m, .worker = worker };
    call->room = carnet_service_scratch_buf(worker, MAS_ROOM);
    call->header = carnet_service_scratch_buf(worker, CARNET_FETCH_HEADER_MAX);
    call->body = carnet_service_scratch_buf(worker, CARNET_BOPS_MAX);
    return call->body.cap != 0 ? CARNET_OK : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}

carnet_str
carnet_mas_body(const mas_call *call)
{
    return (carnet_str){ (const char *)call->request->body.ptr, call->request->body.len };
}

void
carnet_mas_event(const mas_call *call, const char *kind, carnet_rc rc)
{
    const carnet_service_event event = {
        .kind = kind,
        .outcome = rc == CARNET_OK            ? "done"
                   : carnet_rc_http(rc) < 500 ? "refused"
                                              : "failed",
        .reason = rc == CARNET_OK ? NULL : carnet_rc_name(rc),
        .count = 1,
    };

    carnet_service_event_log(call->worker, &event);
}

void
carnet_mas_assessed(const mas_call *call, const carnet_store_staged *row)
{
    carnet_service_event event = { .kind = "transaction.assessed", .outcome = "done", .reference = row->reference };

    for (size_t i = 0; i < call->m->row_count; i++)
        if (carnet_str_equal(call->m->rows[i].id, row->risk))
            event.configuration = call->m->rows[i].id.ptr; /* of the configuration: it ends with a zero */
    carnet_service_event_log(call->worker, &event);
}

static carnet_rc
who(mas_call *call, const char *kind, carnet_err *err)
{
    const mas *m = call->m;
    const bool device = strcmp(kind, "device") == 0, terminal = strcmp(kind, "terminal") == 0;
    carnet_certificate certificate;

    return carnet_service_client(device     ? m->devices
                                 : terminal ? m->terminals
                                            : m->friends,
                                 call->worker, call->request,
                                 device     ? CARNET_BOPS_URN_DEVICE
                                 : terminal ? CARNET_BOPS_URN_TERMINAL
                                            : CARNET_BOPS_URN_FRIEND,
                                 &call->client, &certificate, err);
}

carnet_rc
carnet_mas_serve(void *self, const carnet_service_request *request, carnet_service_response *response, const char *kind,
                 const char *event, mas_handler *handler, carnet_err *err)
{
    mas *m = self;
    carnet_service_worker *worker;
    mas_call call;
    carnet_rc rc = carnet_service_begin(m->context, request, &worker, err);

    if (rc != CARNET_OK)
        return rc;
    rc = carnet_mas_begin(m, worker, &call, err);
    if (rc == CARNET_OK) {
        call.request = request;
        call.response = response;
        rc = who(&call, kind, err);
    }
    if (rc == CARNET_OK)
        rc = handler(&call, err);
    for (size_t i = 0; i < CARNET_COUNT(words); i++)
        if (words[i].rc == rc)
            response->error = words[i].error;
    if (rc == CARNET_OK)
        rc = carnet_service_set_header(response, "Cache-Control", carnet_str_of("no-store"), err);
    if (response->again_ms == 0)
        carnet_mas_event(&call, event, rc);
    return rc;
}

const carnet_config_app_terminal *
carnet_mas_terminal(const mas *m, carnet_str id)
{
    for (size_t i = 0; i < m->config->terminal_count; i++)
        if (carnet_str_is(id, m->config->terminals[i].id))
            return &m->config->terminals[i];
    return NULL;
}

const carnet_config_app_currency *
carnet_mas_currency(const mas *m, carnet_str number)
{
    for (size_t i = 0; i < m->config->currency_count; i++)
        if (carnet_str_is(number, m->config->currencies[i].number))
            return &m->config->currencies[i];
    return NULL;
}

carnet_collected_carrier
carnet_mas_carrier(const carnet_store_staged *row)
{
    return (carnet_collected_carrier){ .vot = row->vot,
                                       .trustmark = row->trustmark,
                                       .session = row->session,
                                       .auth_time = row->auth_time,
                                       .expiry = row->vot_expires,
                                       .aal = (int)row->reached,
                                       .key_id = row->key_id,
                                       .signature = row->signature };
}

carnet_rc
carnet_mas_pan(mas_call *call, const carnet_store_staged *row, carnet_str *pan, carnet_err *err)
{
    carnet_buf out = carnet_service_scratch_buf(call->worker, row->pan.len + 1);
    carnet_rc rc;

    *pan = (carnet_str){ 0 };
    if (row->pan.len == 0)
        return CARNET_OK;
    rc = carnet_service_open(call->worker, "staged.pan", carnet_str_bytes(row->reference), row->pan, &out, err);
    if (rc == CARNET_OK)
        *pan = carnet_buf_str(&out);
    return rc;
}

carnet_rc
carnet_mas_tell_terminal(mas_call *call, const carnet_store_staged *row, carnet_err *err)
{
    carnet_collect_answer answer = { .state = (carnet_staged_state)row->state,
                                     .reference = row->reference,
                                     .binding = row->binding,
                                     .reason = row->reason };
    carnet_rc rc = CARNET_OK;

    if (answer.state == CARNET_STAGED_AUTHENTICATING || answer.state == CARNET_STAGED_STEPPING_UP)
        answer.interval = MAS_INTERVAL_S;
    if (answer.state == CARNET_STAGED_FULFILLED) {
        answer.type = row->type;
        answer.amount = (uint64_t)row->amount;
        answer.currency = row->currency;
        answer.account = row->account;
        answer.has_carrier = true;
        answer.carrier = carnet_mas_carrier(row);
        rc = carnet_mas_pan(call, row, &answer.pan, err);
    }
    return rc == CARNET_OK ? carnet_collect_answer_write(&answer, &call->response->body, err) : rc;
}

carnet_rc
carnet_mas_tell_phone(mas_call *call, const carnet_store_staged *row, carnet_err *err)
{
    const bool open = row->state == CARNET_STAGED_AUTHENTICATING || row->state == CARNET_STAGED_STEPPING_UP;
    const carnet_staged_status status = {
        .reference = row->reference,
        .state = (carnet_staged_state)row->state,
        .type = row->type,
        .amount = (uint64_t)row->amount,
        .currency = row->currency,
        .account = row->account,
        .expiration = open && row->session_expires != 0 ? row->session_expires : row->expires * 1000,
        .session = row->session,
        .binding = row->binding,
        .terminal = row->label,
        .text = row->text,
        .reason = row->reason,
        .dispensed = (uint64_t)row->dispensed,
        .has_dispensed = row->state == CARNET_STAGED_DISPENSED,
    };

    return carnet_staged_status_write(&status, &call->response->body, err);
}
