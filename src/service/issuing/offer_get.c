/* SPDX-License-Identifier: Apache-2.0 */
/* GET /offers/{id} (OpenID4VCI 4.1.3): an offer by reference, as long as it can be redeemed. */
#include "internal.h"

enum { ROOM = 4 * CARNET_ISSUING_OFFER_MAX };

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_issuing *issuing = self;
    const carnet_str *id = carnet_service_parameter_get(&request->in_path, "id");
    carnet_issuing_offer_view view;
    carnet_service_worker *worker;
    carnet_buf room;
    carnet_rc rc = carnet_service_begin(issuing->context, request, &worker, err);

    if (rc != CARNET_OK)
        return rc;
    room = carnet_service_scratch_buf(worker, ROOM);
    rc = id == NULL ? CARNET_E_STORE_ABSENT : carnet_issuing_offer_read(issuing, worker, *id, &room, &view, err);
    if (rc == CARNET_E_STORE_ABSENT || (rc == CARNET_OK && view.json.len == 0)) {
        response->error = "not_found";
        return carnet_fail(err, CARNET_E_STORE_ABSENT, "OpenID4VCI 4.1.3",
                           "there is no such offer, or it was redeemed or is over");
    }
    if (rc == CARNET_OK)
        carnet_buf_add_str(&response->body, view.json);
    return rc;
}

const carnet_service_route carnet_issuing_offer_get = {
    .method = CARNET_SERVICE_GET,
    .name = "offer",
    .path = "/offers/{id}",
    .summary = "A credential offer by reference",
    .run = run,
    .cross_origin = true,
    .rate = 120,
    .burst = 60,
};
