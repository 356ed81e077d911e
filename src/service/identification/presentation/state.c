/* SPDX-License-Identifier: Apache-2.0 */
/* GET /identify/{flow}/present/state -- whether the page has to be loaded anew. */
#include "carnet/json_build.h"
#include "internal.h"

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    static const char *const words[] = { "", "shown", "met", "broken", "over", "over" };
    carnet_json_builder b = carnet_json_build(&response->body);
    presentation_call call;
    carnet_rc rc = carnet_presentation_enter(self, request, response, &call, err);

    if (rc != CARNET_OK)
        return rc;
    if (!call.found)
        return carnet_fail(err, CARNET_E_SERVICE_PATH, NULL, NULL);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "state", call.session.step < CARNET_COUNT(words) ? words[call.session.step] : "");
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

const carnet_service_route carnet_presentation_state = {
    .method = CARNET_SERVICE_GET,
    .name = "identify_present_state",
    .path = "/identify/{flow}/present/state",
    .summary = "Whether the page still has to wait.",
    .run = run,
    .quiet = true,
};
