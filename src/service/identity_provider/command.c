/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/enterprise/CancelSession, by relying party or device; ConsumeSession, by the relying party, once. */
#include "internal.h"

typedef struct commanding {
    const carnet_bops_session_command *message;
    int64_t device;     /* whose certificate it is; 0: a friend's */
    const char *reason; /* of a cancellation */
} commanding;

/* Whoever may know of the session. */
static bool
is_own(const idp_edit *edit, const commanding *c)
{
    return c->device != 0 ? edit->record.row.device == c->device
                          : carnet_str_equal(edit->record.row.party, edit->call->client);
}

static carnet_rc
cancel(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    const commanding *c = edit->arg;
    idp_record *r = &edit->record;

    if (!is_own(edit, c))
        return carnet_idp_no(edit, c->device != 0 ? CARNET_BOPS_ERROR_DEVICE : CARNET_BOPS_ERROR_SESSION, NULL);
    if (r->state.status == CARNET_BOPS_CANCELLED)
        return CARNET_OK;
    if (carnet_authentication_session_cancel(&r->state, edit->call->now, NULL) != CARNET_OK)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_STATE, "the session is over");
    r->row.reason = carnet_str_of(c->reason);
    edit->save_session = true;
    return c->device != 0 ? carnet_idp_tell_later(edit, session, err)
                          : carnet_store_identity_notice_delete(session, r->row.id, err);
}

static carnet_rc
consume(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    const commanding *c = edit->arg;
    idp_record *r = &edit->record;
    carnet_rc rc;

    if (!is_own(edit, c))
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_SESSION, NULL);
    rc = carnet_authentication_session_consume(&r->state, edit->call->now, NULL);
    if (rc == CARNET_E_IDENTITY_CONSUMED)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_CONSUMED, NULL);
    if (rc != CARNET_OK)
        return carnet_idp_no(edit, CARNET_BOPS_ERROR_STATE, "the session is not authenticated, or no longer");
    edit->save_session = true;
    return carnet_idp_audit(edit->call, session, "authentication.used", NULL, r->row.party, r->row.id, err);
}

/* The transaction is the one that the session was opened for. */
static carnet_rc
check_reference(idp_call *call, const carnet_bops_session_command *message, carnet_err *err)
{
    idp_record *record = carnet_service_scratch(call->worker, sizeof(*record));
    carnet_rc rc;

    if (record == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_idp_own(call, message->session_id, record, err);
    if (rc == CARNET_OK && (rc = carnet_idp_open(call, record, err)) == CARNET_OK &&
        !carnet_str_equal(record->start.transaction.ref, message->ref))
        rc = carnet_idp_refuse(call, CARNET_BOPS_ERROR_PARAMETER, "the session is for another transaction", err);
    carnet_idp_close(record);
    return rc;
}

static carnet_rc
do_it(idp_call *call, const carnet_bops_session_command *message, bool consumes, carnet_err *err)
{
    idp_edit *edit = carnet_service_scratch(call->worker, sizeof(*edit));
    commanding c = { .message = message, .reason = "by_relying_party" };
    carnet_store_identity_device device;
    carnet_store_identity_account account;
    carnet_bops_session_state state = { .session_id = message->session_id };
    carnet_rc rc = CARNET_OK;

    if (edit == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (call->friend < 0) {
        rc = carnet_idp_device(call, false, &device, &account, err);
        c.device = device.id;
        c.reason = "by_device";
    }
    if (rc == CARNET_OK && consumes)
        rc = check_reference(call, message, err);
    if (rc != CARNET_OK)
        return rc;
    *edit = (idp_edit){ .call = call, .change = consumes ? consume : cancel, .arg = &c };
    if ((rc = carnet_idp_edit(edit, message->session_id, err)) != CARNET_OK)
        return rc;
    state.status = edit->record.state.status;
    return carnet_bops_session_state_write(&state, &call->response->body, err);
}

static carnet_rc
handle(idp_call *call, bool consumes, carnet_err *err)
{
    carnet_bops_session_command message;
    carnet_rc rc = carnet_bops_session_command_read(carnet_idp_body(call), &message, err);

    if (rc == CARNET_OK)
        rc = do_it(call, &message, consumes, err);
    carnet_bops_session_command_close(&message);
    return rc;
}

static carnet_rc
handle_cancel(idp_call *call, carnet_err *err)
{
    return handle(call, false, err);
}

static carnet_rc
handle_consume(idp_call *call, carnet_err *err)
{
    return handle(call, true, err);
}

static carnet_rc
run_cancel(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_EITHER, "session.cancelled", handle_cancel, err);
}

static carnet_rc
run_consume(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_FRIEND, "session.consumed", handle_consume, err);
}

const carnet_service_route carnet_idp_cancel_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_cancel_session",
    .path = CARNET_BOPS_PATH_CANCEL_SESSION,
    .summary = "A session is not wanted any more",
    .run = run_cancel,
    .accepts = "application/json",
    .body_max = 4096,
};

const carnet_service_route carnet_idp_consume_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_consume_session",
    .path = CARNET_BOPS_PATH_CONSUME_SESSION,
    .summary = "An authentication is used for its transaction, once",
    .run = run_consume,
    .accepts = "application/json",
    .body_max = 4096,
};
