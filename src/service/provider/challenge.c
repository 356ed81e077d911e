/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/provider/challenge: nothing is kept of it. */
#include "carnet/json_build.h"
#include "internal.h"

static carnet_rc
answer(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const provider *p = self;
    char text[CARNET_SERVICE_NONCE];
    carnet_buf nonce = carnet_buf_of(text, sizeof(text));
    carnet_json_builder b = carnet_json_build(&response->body);
    carnet_service_worker *worker;
    carnet_rc rc = carnet_service_begin(p->context, request, &worker, err);

    if (rc == CARNET_OK)
        rc = carnet_service_nonce_make(worker, CARNET_NONCE_CHALLENGE, PROVIDER_CHALLENGE_S, &nonce, err);
    if (rc == CARNET_OK)
        rc = carnet_service_set_header(response, "Cache-Control", carnet_str_of("no-store"), err);
    if (rc != CARNET_OK)
        return rc;
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "challenge", carnet_buf_str(&nonce));
    carnet_json_add_integer(&b, "expires_in", PROVIDER_CHALLENGE_S);
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

const carnet_service_route carnet_provider_challenge_route = {
    .method = CARNET_SERVICE_POST,
    .name = "provider_challenge",
    .path = "/provider/challenge",
    .summary = "A challenge for an app's requests",
    .run = answer,
    .rate = 600,
};
