/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/rp/CancelStaged: a user takes back what was not used. */
#include "internal.h"

static void
cancel(mas_edit *edit)
{
    carnet_store_staged *row = &edit->row;

    if (!carnet_str_equal(row->device, edit->call->client)) {
        carnet_mas_refuse(edit, CARNET_E_STAGED_UNKNOWN, NULL);
        return;
    }
    switch (row->state) {
    case CARNET_STAGED_CANCELLED:
        return;
    case CARNET_STAGED_STAGED:
    case CARNET_STAGED_AUTHENTICATING:
    case CARNET_STAGED_STEPPING_UP:
        break;
    case CARNET_STAGED_FULFILLED: /* an authorisation may be on its way, but not yet by reference */
        if (row->used_by.len == 0)
            break;
        carnet_mas_refuse(edit, CARNET_E_STAGED_USED, NULL);
        return;
    default:
        carnet_mas_refuse(edit, CARNET_E_STAGED_STATE, NULL);
        return;
    }
    row->state = CARNET_STAGED_CANCELLED;
    row->reason = carnet_str_of("by_user");
    edit->save = true;
}

static carnet_rc
handle(mas_call *call, carnet_err *err)
{
    carnet_json *document;
    carnet_staged_query query;
    mas_edit edit = { .change = cancel, .call = call };
    carnet_rc rc = carnet_staged_query_read(carnet_mas_body(call), &document, &query, err);

    edit.key = query.reference;
    if (rc == CARNET_OK)
        rc = carnet_mas_edit(&edit, err);
    if (rc == CARNET_OK && edit.save && edit.row.session.len != 0)
        (void)!carnet_mas_cancel_session(call, edit.row.session, NULL); /* else it ends by itself */
    if (rc == CARNET_OK)
        rc = carnet_mas_tell_phone(call, &edit.row, err);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_mas_serve(self, request, response, "device", "transaction.cancelled", handle, err);
}

const carnet_service_route carnet_mas_cancel_route = {
    .method = CARNET_SERVICE_POST,
    .name = "rp_cancel_staged",
    .path = CARNET_STAGING_PATH "/rp/CancelStaged",
    .summary = "Cancels a staged transaction",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
    .rate = 60,
};
