/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/device/GetNotifications: the sessions that wait for a device, to itself; no word of what they are for. */
#include "internal.h"

enum { DAYS = 90, QUARTER = 4 };

typedef struct listing {
    int64_t device, ids[CARNET_BOPS_NOTIFICATIONS];
    carnet_time now;
    size_t count;
} listing;

static bool
note(void *self, const carnet_store_identity_session *row)
{
    listing *l = self;

    if (row->state == CARNET_BOPS_OPPORTUNITY)
        l->ids[l->count++] = row->id;
    return l->count < CARNET_BOPS_NOTIFICATIONS - 1; /* one is for the certificate */
}

static carnet_rc
list(void *arg, carnet_store_session *session, carnet_err *err)
{
    listing *l = arg;

    l->count = 0;
    return carnet_store_identity_session_open(session, l->device, l->now, CARNET_BOPS_NOTIFICATIONS, note, l, err);
}

static carnet_rc
add(idp_call *call, int64_t id, carnet_bops_notifications *to, carnet_err *err)
{
    idp_record *record = carnet_service_scratch(call->worker, sizeof(*record));
    carnet_rc rc;

    if (record == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_idp_find_by_id(call, id, record, err);
    if (rc == CARNET_OK && (rc = carnet_idp_open(call, record, err)) == CARNET_OK)
        to->list[to->count++] = (carnet_bops_notification){ .type = carnet_str_of("authenticate"),
                                                            .session_id = record->session_id,
                                                            .expiration = record->row.expires * 1000 };
    carnet_idp_close(record);
    return rc;
}

static carnet_rc
tell(idp_call *call, int64_t wait, carnet_err *err)
{
    const int64_t most_ms = (wait < CARNET_BOPS_WAIT_MAX ? wait : CARNET_BOPS_WAIT_MAX) * 1000;
    const unsigned days = call->p->config->certificate_days;
    carnet_bops_notifications *answer = carnet_service_scratch(call->worker, sizeof(*answer));
    carnet_store_identity_device device;
    carnet_store_identity_account account;
    listing l = { .now = call->now };
    carnet_time not_after;
    carnet_rc rc;

    if (answer == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if ((rc = carnet_idp_device(call, false, &device, &account, err)) != CARNET_OK)
        return rc;
    l.device = device.id;
    not_after = device.not_after;
    if ((rc = carnet_store_read(call->worker->store, list, &l, err)) != CARNET_OK)
        return rc;
    if (l.count == 0 && (int64_t)call->request->waited_ms < most_ms) {
        call->response->again_ms = IDP_AGAIN_MS;
        return CARNET_OK;
    }
    for (size_t i = 0; rc == CARNET_OK && i < l.count; i++)
        rc = add(call, l.ids[i], answer, err);
    if (not_after - call->now < (days != 0 ? (int64_t)days : DAYS) * CARNET_TIME_DAY / QUARTER)
        answer->list[answer->count++] =
            (carnet_bops_notification){ .type = carnet_str_of("revalidate_device"), .expiration = not_after * 1000 };
    return rc == CARNET_OK ? carnet_bops_notifications_write(answer, &call->response->body, err) : rc;
}

static carnet_rc
handle(idp_call *call, carnet_err *err)
{
    carnet_bops_notifications_request request;
    carnet_rc rc = carnet_bops_notifications_request_read(carnet_idp_body(call), &request, err);

    if (rc == CARNET_OK)
        rc = tell(call, request.wait, err);
    carnet_bops_notifications_request_close(&request);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_idp_serve(self, request, response, IDP_DEVICE, NULL, handle, err);
}

const carnet_service_route carnet_idp_notifications_route = {
    .method = CARNET_SERVICE_POST,
    .name = "identity_notifications",
    .path = CARNET_BOPS_PATH_NOTIFICATIONS,
    .summary = "The sessions that wait for a device",
    .run = run,
    .accepts = "application/json",
    .body_max = 4096,
    .quiet = true,
};
