/* SPDX-License-Identifier: Apache-2.0 */
/* POST /identity -- an operator ends a session, blocks a device, or lets one in again.  Each is one durable step, with who it was. */
#include "carnet/desk_page.h"
#include "internal.h"

typedef enum operating { ENDS = 1, BLOCKS, UNBLOCKS } operating;

typedef struct operation {
    operating what;
    carnet_str officer;
    bool done; /* there was something to be done */
} operation;

/* Nobody is authenticated by it any more, answered or not; one that was used stays used. */
static carnet_rc
end_session(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    idp_record *r = &edit->record;
    const carnet_time now = edit->call->now;

    if (carnet_authentication_session_status(&r->state, now) == CARNET_BOPS_AUTHENTICATED)
        r->state.active_until = now;
    else if (carnet_authentication_session_cancel(&r->state, now, NULL) == CARNET_OK)
        r->row.reason = carnet_str_of("by_operator");
    else
        return CARNET_OK;
    edit->save_session = ((operation *)edit->arg)->done = true;
    return carnet_idp_tell_later(edit, session, err);
}

/* What the device could still answer is over: whatever changes an account ends that. */
static carnet_rc
block(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    idp_record *r = &edit->record;

    if (r->device.state != CARNET_STORE_DEVICE_ACTIVATED)
        return CARNET_OK;
    r->device.state = CARNET_STORE_DEVICE_BLOCKED;
    edit->save_device = ((operation *)edit->arg)->done = true;
    return carnet_store_identity_session_cancel_device(session, r->device.id, carnet_str_of("device_blocked"),
                                                       edit->call->now, err);
}

static carnet_rc
unblock(idp_edit *edit)
{
    carnet_store_identity_device *device = &edit->record.device;

    if (device->state != CARNET_STORE_DEVICE_BLOCKED)
        return CARNET_OK;
    device->state = CARNET_STORE_DEVICE_ACTIVATED;
    device->mismatches = device->failures = device->locked = 0;
    edit->save_device = ((operation *)edit->arg)->done = true;
    return CARNET_OK;
}

static carnet_rc
change(idp_edit *edit, carnet_store_session *session, carnet_err *err)
{
    static const char *const kinds[] = {
        [ENDS] = "session.cancelled", [BLOCKS] = "device.blocked", [UNBLOCKS] = "device.unblocked"
    };
    operation *o = edit->arg;
    carnet_rc rc;

    o->done = false;
    rc = o->what == ENDS     ? end_session(edit, session, err)
         : o->what == BLOCKS ? block(edit, session, err)
                             : unblock(edit);
    if (rc != CARNET_OK || !o->done)
        return rc;
    return carnet_idp_audit(edit->call, session, kinds[o->what], NULL, o->officer,
                            o->what == ENDS ? edit->record.row.id : edit->record.device.id, err);
}

static operating
wish(const carnet_service_request *request)
{
    const carnet_str *action = carnet_service_parameter_get(&request->form, "action");

    if (action == NULL)
        return (operating)0;
    return carnet_str_is(*action, "end")       ? ENDS
           : carnet_str_is(*action, "block")   ? BLOCKS
           : carnet_str_is(*action, "unblock") ? UNBLOCKS
                                               : (operating)0;
}

static carnet_rc
operate(idp *p, carnet_service_worker *worker, const carnet_service_request *request, operation *o, int64_t session,
        carnet_err *err)
{
    idp_edit *edit = carnet_service_scratch(worker, sizeof(*edit));
    idp_call call;
    carnet_rc rc = carnet_idp_begin(p, worker, &call, err);

    if (rc != CARNET_OK || edit == NULL)
        return rc != CARNET_OK ? rc : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    call.request = request;
    *edit = (idp_edit){ .call = &call, .change = change, .arg = o };
    rc = carnet_idp_edit_by_id(edit, session, err);
    if (rc == CARNET_E_IDENTITY_REFUSED) /* there is no such session any more */
        rc = CARNET_OK;
    if (rc == CARNET_OK && o->done)
        carnet_idp_event(&call, "identity.operated", CARNET_OK, NULL);
    return rc;
}

static carnet_rc
act(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *id = carnet_service_parameter_get(&request->form, "id");
    const int64_t session = carnet_page_number(id);
    operation o = { .what = wish(request) };
    idp *p = self;
    carnet_desk_visit *visit;
    carnet_service_worker *worker;
    carnet_rc rc;

    rc = carnet_desk_visit_begin(p->desk, request, response, CARNET_DESK_ACTS, &visit, &worker, err);
    if (rc != CARNET_OK || visit == NULL)
        return rc;
    o.officer = carnet_desk_visit_officer(visit);
    if (o.what != 0 && session != 0 && (rc = operate(p, worker, request, &o, session, err)) != CARNET_OK)
        return rc;
    return carnet_desk_visit_redirect(visit, "/identity", err);
}

const carnet_service_route carnet_idp_operate_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_operate",
    .path = "/identity",
    .summary = "An operator ends a session, blocks a device, or lets one in again.",
    .run = act,
    .accepts = "application/x-www-form-urlencoded",
    .answers = "text/html",
    .body_max = 4096,
    .answer_max = 64 * 1024,
};
