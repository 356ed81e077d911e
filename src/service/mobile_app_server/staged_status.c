/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/rp/StagedStatus: where a user's own transaction stands; it may be waited for. */
#include "internal.h"

static carnet_rc
handle(mas_call *call, carnet_err *err)
{
    carnet_json *document;
    carnet_staged_query query;
    carnet_store_staged row;
    carnet_rc rc = carnet_staged_query_read(carnet_mas_body(call), &document, &query, err);

    if (rc == CARNET_OK)
        rc = carnet_mas_find(call, MAS_BY_REFERENCE, query.reference, (carnet_span){ 0 }, &row, err);
    if (rc == CARNET_OK && !carnet_str_equal(row.device, call->client))
        rc = carnet_fail(err, CARNET_E_STAGED_UNKNOWN, "P1940 4", NULL);
    if (rc == CARNET_OK)
        rc = carnet_mas_wait(call, MAS_BY_REFERENCE, query.reference, (carnet_span){ 0 },
                             query.state != CARNET_STAGED_NONE ? (int64_t)query.state : row.state, query.wait, &row,
                             err);
    if (rc == CARNET_OK && call->response->again_ms == 0)
        rc = carnet_mas_tell_phone(call, &row, err);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_mas_serve(self, request, response, "device", "transaction.asked", handle, err);
}

const carnet_service_route carnet_mas_status_route = {
    .method = CARNET_SERVICE_POST,
    .name = "rp_staged_status",
    .path = CARNET_STAGING_PATH "/rp/StagedStatus",
    .summary = "Where a staged transaction stands",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
    .rate = 600,
};
