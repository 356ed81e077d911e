/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

carnet_rc
carnet_authorization_call_begin(void *self, const carnet_service_request *request, carnet_service_response *response,
                                const char *kind, authorization_call *call, carnet_err *err)
{
    carnet_rc rc;

    *call = (authorization_call){ .as = self, .request = request, .response = response, .kind = kind };
    rc = carnet_service_begin(call->as->context, request, &call->worker, err);
    if (rc == CARNET_OK)
        call->now = carnet_service_now(call->worker);
    return rc;
}

void
carnet_authorization_call_log(authorization_call *call, const char *outcome, const char *reason)
{
    uint8_t room[24];
    carnet_buf text = carnet_buf_of(room, sizeof(room));
    carnet_service_event event = { .interface = "IS-6", .kind = call->kind, .outcome = outcome, .reason = reason };

    if (call->reference != 0) {
        carnet_buf_add_int(&text, call->reference);
        event.reference = carnet_buf_str(&text);
    }
    carnet_service_event_log(call->worker, &event);
}

/* RFC 6749 5.2: an error_description has neither quotation marks nor backslashes. */
static void
clean(carnet_err *err)
{
    char text[sizeof(err->reason)];
    carnet_buf out = carnet_buf_of(text, sizeof(text) - 1);

    carnet_oauth_description(err->reason, &out);
    text[out.len] = '\0';
    memcpy(err->reason, text, out.len + 1);
}

carnet_rc
carnet_authorization_call_end(authorization_call *call, carnet_rc rc, carnet_err *err)
{
    carnet_oauth_error error = carnet_oauth_error_of(rc);
    const char *name = carnet_oauth_error_name(error);

    if (rc == CARNET_OK) {
        carnet_authorization_call_log(call, "done", NULL);
        return CARNET_OK;
    }
    call->response->status = carnet_oauth_error_http(error);
    call->response->error = name;
    carnet_authorization_call_log(call, call->response->status >= 500 ? "failed" : "refused",
                                  call->reason != NULL ? call->reason : name);
    if (err != NULL)
        clean(err);
    /* RFC 9449 8, and later drafts of client attestation: what is asked for comes along. */
    if (error == CARNET_OAUTH_USE_DPOP_NONCE)
        (void)carnet_authorization_nonce_give(call, NULL);
    if (error == CARNET_OAUTH_USE_ATTESTATION_CHALLENGE)
        (void)carnet_authorization_challenge_give(call, NULL);
    return rc;
}

carnet_rc
carnet_authorization_audit(const authorization_call *call, carnet_store_session *session, carnet_store_outcome outcome,
                           const char *reason, carnet_str configuration, carnet_err *err)
{
    carnet_store_event event = { .at = call->now,
                                 .interface = carnet_str_of("IS-6"),
                                 .kind = carnet_str_of(call->kind),
                                 .configuration = configuration,
                                 .outcome = outcome,
                                 .reason = carnet_str_of(reason),
                                 .actor = call->client_id,
                                 .reference = call->reference,
                                 .request = carnet_str_of(call->request->identifier) };

    return carnet_store_event_insert(session, &event, err);
}

void
carnet_authorization_form(const carnet_service_parameters *from, carnet_form *form)
{
    form->count = 0;
    for (size_t i = 0; i < from->count && form->count < CARNET_FORM_PARAMETERS; i++)
        form->list[form->count++] = (carnet_form_parameter){ from->list[i].name, from->list[i].value };
}

static carnet_rc
give(authorization_call *call, carnet_service_nonce_kind kind, const char *header, carnet_err *err)
{
    uint8_t room[CARNET_SERVICE_NONCE];
    carnet_buf nonce = carnet_buf_of(room, sizeof(room));
    carnet_rc rc = carnet_service_nonce_make(call->worker, kind, call->as->policy.nonce_s, &nonce, err);

    return rc != CARNET_OK ? rc : carnet_service_set_header(call->response, header, carnet_buf_str(&nonce), err);
}

carnet_rc
carnet_authorization_nonce_give(authorization_call *call, carnet_err *err)
{
    return give(call, CARNET_NONCE_DPOP, "DPoP-Nonce", err);
}

carnet_rc
carnet_authorization_nonce_renew(authorization_call *call, carnet_err *err)
{
    return call->nonce_ends ? carnet_authorization_nonce_give(call, err) : CARNET_OK;
}

carnet_rc
carnet_authorization_challenge_give(authorization_call *call, carnet_err *err)
{
    return give(call, CARNET_NONCE_CHALLENGE, "OAuth-Client-Attestation-Challenge", err);
}

carnet_str
carnet_authorization_url(const authorization_call *call, const char *path)
{
    carnet_buf out = carnet_service_scratch_buf(call->worker, call->as->issuer.len + strlen(path));

    carnet_buf_add_str(&out, call->as->issuer);
    carnet_buf_add_text(&out, path);
    return carnet_buf_str(&out);
}
