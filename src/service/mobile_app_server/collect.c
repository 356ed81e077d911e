/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/terminal/Collect: a terminal asks for what was fulfilled in its session; it may wait. */
#include "internal.h"

static carnet_rc
collect(mas_call *call, const carnet_collect_request *wish, carnet_err *err)
{
    const carnet_collect_answer pending = { .pending = true, .interval = MAS_INTERVAL_S };
    carnet_store_staged row;
    carnet_rc rc;

    if (!carnet_str_equal(wish->terminal, call->client) || carnet_mas_terminal(call->m, wish->terminal) == NULL)
        return carnet_fail(err, CARNET_E_STAGED_TERMINAL, "P1940 4", NULL);
    rc = carnet_mas_wait(call, MAS_BY_TERMINAL, wish->terminal, wish->session, 0, wish->wait, &row, err);
    if (rc == CARNET_OK && call->response->again_ms != 0)
        return CARNET_OK;
    if (rc == CARNET_E_STAGED_UNKNOWN)
        return carnet_collect_answer_write(&pending, &call->response->body, err);
    return rc == CARNET_OK ? carnet_mas_tell_terminal(call, &row, err) : rc;
}

static carnet_rc
handle(mas_call *call, carnet_err *err)
{
    carnet_json *document;
    carnet_collect_request wish;
    carnet_rc rc = carnet_collect_request_read(carnet_mas_body(call), &document, &wish, err);

    if (rc == CARNET_OK)
        rc = collect(call, &wish, err);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_mas_serve(self, request, response, "terminal", "transaction.collected", handle, err);
}

const carnet_service_route carnet_mas_collect_route = {
    .method = CARNET_SERVICE_POST,
    .name = "terminal_collect",
    .path = CARNET_STAGING_PATH "/terminal/Collect",
    .summary = "What was fulfilled in a terminal's session",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
    .rate = 600,
};
