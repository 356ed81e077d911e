/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/provider/wallet_attestation: an app's request in, its client attestation out (IN-2). */
#include "carnet/client_attestation.h"
#include "internal.h"

static carnet_rc
attest(const provider *p, carnet_service_worker *worker, const carnet_app_request *app, carnet_buf *out,
       carnet_err *err)
{
    const carnet_time now = carnet_service_now(worker);
    const carnet_service_key *key = NULL;
    carnet_client_attestation_spec spec = { .struct_size = sizeof(spec),
                                            .issuer = carnet_service_base_url(p->context),
                                            .client_id = carnet_str_of(p->config->client_id),
                                            .key = &app->instance,
                                            .issued_at = now,
                                            .expires = now + p->lifetime };
    carnet_rc rc = carnet_provider_key(p, worker, &key, &spec.key_id, err);

    if (rc != CARNET_OK)
        return rc;
    spec.x5c = key->chain;
    spec.x5c_count = key->chain_count;
    if (p->config->wallet_name != NULL)
        spec.wallet_name = carnet_str_of(p->config->wallet_name);
    if (p->config->wallet_link != NULL)
        spec.wallet_link = carnet_str_of(p->config->wallet_link);
    return carnet_client_attestation_build(&spec, key->key, worker->crypto, out, err);
}

static carnet_rc
answer(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const provider *p = self;
    const carnet_str text = { (const char *)request->body.ptr, request->body.len };
    carnet_app_request app;
    carnet_service_worker *worker;
    carnet_buf out;
    carnet_rc rc = carnet_service_begin(p->context, request, &worker, err);

    if (rc != CARNET_OK)
        return rc;
    out = carnet_service_scratch_buf(worker, 32768);
    rc = carnet_provider_request(p, worker, text, CARNET_APP_WALLET_ATTESTATION, (carnet_span){ 0 }, &app, err);
    if (rc == CARNET_OK) {
        rc = attest(p, worker, &app, &out, err);
        carnet_app_request_close(&app);
    }
    if (rc == CARNET_OK)
        rc = carnet_provider_answer(p, "client_attestation", carnet_buf_str(&out), response, err);
    carnet_provider_event(worker, "IN-2", "wallet.attested", rc, 1);
    return rc;
}

const carnet_service_route carnet_provider_wallet_attestation_route = {
    .method = CARNET_SERVICE_POST,
    .name = "provider_wallet_attestation",
    .path = "/provider/wallet_attestation",
    .summary = "Attests the app that asks (OAuth client attestation)",
    .run = answer,
    .accepts = "application/jwt",
    .body_max = 16384,
    .rate = 120,
};
