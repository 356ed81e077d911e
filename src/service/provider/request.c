/* SPDX-License-Identifier: Apache-2.0 */
/* What the endpoints have in common: an app's request, authentic, fresh, and used once. */
#include "carnet/store.h"
#include "internal.h"

static carnet_rc
use_once(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_use_once(session, arg, 1, NULL, err);
}

/* A challenge may serve several requests; a request serves once. */
static carnet_rc
use_up(carnet_service_worker *worker, carnet_str text, carnet_time until, carnet_err *err)
{
    uint8_t hash[CARNET_SERVICE_HASH];
    carnet_store_once once = { .kind = CARNET_STORE_ONCE_ATTESTATION,
                               .hash = carnet_span_of(hash, sizeof(hash)),
                               .until = until };
    carnet_rc rc = carnet_service_hash(worker, text, hash, err);

    return rc == CARNET_OK ? carnet_store_transact(worker->store, use_once, &once, err) : rc;
}

carnet_rc
carnet_provider_request(const provider *p, carnet_service_worker *worker, carnet_str text, carnet_app_purpose purpose,
                        carnet_span body, carnet_app_request *view, carnet_err *err)
{
    carnet_buf room = carnet_service_scratch_buf(worker, text.len * 2);
    carnet_time until;
    carnet_rc rc =
        carnet_app_request_open(text, purpose, carnet_service_base_url(p->context), body, carnet_service_now(worker),
                                PROVIDER_CHALLENGE_S, worker->crypto, &room, view, err);

    if (rc != CARNET_OK)
        return rc;
    rc = carnet_service_nonce_check(worker, CARNET_NONCE_CHALLENGE, view->challenge, NULL, NULL, &until, err);
    if (rc == CARNET_OK)
        rc = use_up(worker, text, until + PROVIDER_SKEW_S, err);
    if (rc != CARNET_OK)
        carnet_app_request_close(view);
    return rc;
}

carnet_rc
carnet_provider_key(const provider *p, carnet_service_worker *worker, const carnet_service_key **key,
                    carnet_str *key_id, carnet_err *err)
{
    carnet_buf text = carnet_service_scratch_buf(worker, CARNET_SERVICE_TOKEN);
    uint8_t thumbprint[32];
    carnet_rc rc = carnet_service_key_get(worker, p->config->attestation_key, key, err);

    *key_id = (carnet_str){ 0 };
    if (rc != CARNET_OK || (*key)->chain_count != 0)
        return rc;
    rc = carnet_jwk_thumbprint(worker->crypto, &(*key)->key->public_key, thumbprint, err);
    carnet_base64url_encode(carnet_span_of(thumbprint, sizeof(thumbprint)), &text);
    *key_id = carnet_buf_str(&text);
    return rc;
}

carnet_rc
carnet_provider_answer(const provider *p, const char *name, carnet_str attestation, carnet_service_response *response,
                       carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(&response->body);
    carnet_rc rc;

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_string(&b, name, attestation);
    carnet_json_add_text(&b, "client_id", p->config->client_id);
    carnet_json_add_integer(&b, "expires_in", p->lifetime);
    carnet_json_object_end(&b);
    if ((rc = carnet_json_built(&b, err)) != CARNET_OK)
        return rc;
    return carnet_service_set_header(response, "Cache-Control", carnet_str_of("no-store"), err);
}

void
carnet_provider_event(carnet_service_worker *worker, const char *interface, const char *kind, carnet_rc rc,
                      uint64_t count)
{
    const carnet_service_event event = {
        .interface = interface,
        .kind = kind,
        .outcome = rc == CARNET_OK            ? "done"
                   : carnet_rc_http(rc) < 500 ? "refused"
                                              : "failed",
        .reason = rc == CARNET_OK ? NULL : carnet_rc_name(rc),
        .count = count,
    };

    carnet_service_event_log(worker, &event);
}
