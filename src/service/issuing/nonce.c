/* SPDX-License-Identifier: Apache-2.0 */
/* POST /nonce (OpenID4VCI 7): nothing is stored; that a nonce serves once is seen when it is used. */
#include "internal.h"

#include "carnet/nonce_response.h"

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_issuing *issuing = self;
    carnet_service_worker *worker;
    char text[CARNET_SERVICE_NONCE + 1];
    carnet_buf nonce = carnet_buf_of(text, sizeof(text));
    carnet_rc rc = carnet_service_begin(issuing->context, request, &worker, err);

    if (rc == CARNET_OK)
        rc = carnet_service_nonce_make(worker, CARNET_NONCE_CREDENTIAL, issuing->policy.nonce_s, &nonce, err);
    if (rc == CARNET_OK)
        rc = carnet_nonce_response_build(carnet_buf_str(&nonce), &response->body, err);
    if (rc == CARNET_OK)
        rc = carnet_service_set_header(response, "Cache-Control", carnet_str_of("no-store"), err);
    return rc;
}

const carnet_service_route carnet_issuing_nonce = {
    .method = CARNET_SERVICE_POST,
    .name = "nonce",
    .path = "/nonce",
    .summary = "A fresh nonce for proofs of device keys",
    .run = run,
    .cross_origin = true,
    .body_max = 1024, /* none is needed; some clients send {} */
    .answer_max = 1024,
    .quiet = true,
};
