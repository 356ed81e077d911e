/* SPDX-License-Identifier: Apache-2.0 */
/* POST /challenge: what a wallet's proof of possession is to be over (attestation-based client authentication). */
#include "carnet/json_build.h"
#include "internal.h"

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    authorization_call call;
    uint8_t room[CARNET_SERVICE_NONCE];
    carnet_buf nonce = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b;
    carnet_rc rc = carnet_authorization_call_begin(self, request, response, "challenge", &call, err);

    if (rc == CARNET_OK)
        rc = carnet_service_nonce_make(call.worker, CARNET_NONCE_CHALLENGE, call.as->policy.nonce_s, &nonce, err);
    /* A wallet that fetches this will need the other as well. */
    if (rc == CARNET_OK && call.as->policy.dpop_nonce_required)
        rc = carnet_authorization_nonce_give(&call, err);
    if (rc != CARNET_OK)
        return rc;
    b = carnet_json_build(&response->body);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, "attestation_challenge", carnet_buf_str(&nonce));
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

const carnet_service_route carnet_authorization_challenge_route = {
    .method = CARNET_SERVICE_POST,
    .name = "challenge",
    .path = "/challenge",
    .summary = "A fresh challenge for a client attestation's proof of possession",
    .run = run,
    .cross_origin = true,
    .body_max = 64,
    .answer_max = 512,
    .rate = 6000,
    .burst = 600,
    .quiet = true,
};
