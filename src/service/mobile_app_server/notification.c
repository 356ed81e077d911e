/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/rp/SessionNotification: the identity provider says that there is news of a session (ping), or which (push;
 * CIBA 10).  Nothing that is said is believed for who says it: a ping makes us ask, a push has its token. */
#include "carnet/bops_enrol.h"
#include "internal.h"

#include <string.h>

/* The bearer is the one that the session was opened with. */
static bool
is_bearer(mas_call *call, carnet_str reference)
{
    const carnet_str field = carnet_service_header(call->request, "Authorization");
    carnet_buf token = carnet_service_scratch_buf(call->worker, 64);

    if (!carnet_str_starts(field, "Bearer ") ||
        carnet_mas_notify_token(call->worker, reference, &token, NULL) != CARNET_OK)
        return false;
    return carnet_equal_secret(carnet_span_of(field.ptr + 7, field.len - 7), carnet_buf_span(&token));
}

static carnet_rc
heed(mas_call *call, carnet_bops_session_status *status, carnet_err *err)
{
    carnet_bops_session_status asked = { 0 };
    carnet_store_staged row;
    carnet_rc rc = carnet_mas_find(call, MAS_BY_SESSION, status->session_id, (carnet_span){ 0 }, &row, err);

    if (rc == CARNET_OK && !is_bearer(call, row.reference))
        rc = carnet_fail(err, CARNET_E_STAGED_UNKNOWN, "P1940 4", NULL);
    if (rc != CARNET_OK)
        return rc;
    if (status->token.len != 0)
        return carnet_mas_settle(call, status, &row, err);
    if ((rc = carnet_mas_session_status(call, row.session, 0, &asked, err)) == CARNET_OK)
        rc = carnet_mas_settle(call, &asked, &row, err);
    carnet_bops_session_status_close(&asked);
    return rc;
}

static carnet_rc
answer(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    mas *m = self;
    carnet_service_worker *worker;
    carnet_bops_session_status status = { 0 };
    mas_call call;
    carnet_rc rc = carnet_service_begin(m->context, request, &worker, err);

    if (rc != CARNET_OK || (rc = carnet_mas_begin(m, worker, &call, err)) != CARNET_OK)
        return rc;
    call.request = request;
    call.response = response;
    rc = carnet_bops_session_status_read(carnet_mas_body(&call), &status, err);
    if (rc == CARNET_OK)
        rc = heed(&call, &status, err);
    carnet_bops_session_status_close(&status);
    if (rc == CARNET_OK)
        response->status = 204;
    carnet_mas_event(&call, "authentication.notified", rc);
    return rc;
}

const carnet_service_route carnet_mas_notification_route = {
    .method = CARNET_SERVICE_POST,
    .name = "rp_session_notification",
    .path = CARNET_STAGING_PATH "/rp/SessionNotification",
    .summary = "The identity provider has news of a session",
    .run = answer,
    .accepts = "application/json",
    .body_max = CARNET_BOPS_MAX,
    .rate = 6000,
};
