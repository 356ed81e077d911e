/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/provider/key_attestation: keys shown in, a key attestation out (IN-2; OpenID4VCI 1.0 Appendix D).  What is said
 * of the keys depends on how they were shown: by a TPM's own statement, or by nothing but their use. */
#include "carnet/key_attestation.h"
#include "carnet/tpm2_statement.h"
#include "internal.h"

typedef struct shown_keys {
    carnet_public_key *keys;
    size_t count;
    bool by_tpm;
} shown_keys;

static bool
trusted_tpm(const provider *p, const carnet_public_key *key)
{
    for (size_t i = 0; i < p->tpm_count; i++)
        if (carnet_public_key_equal(&p->tpms[i], key))
            return true;
    return false;
}

static carnet_rc
keys_by_tpm(const provider *p, carnet_service_worker *worker, const carnet_app_request *app, shown_keys *shown,
            carnet_err *err)
{
    carnet_tpm2_statement statement;
    carnet_rc rc;

    if (!carnet_str_is(app->statement_format, CARNET_TPM2_FORMAT))
        return carnet_fail(err, CARNET_E_APP_REQUEST_KEY, NULL, "no statement of this format can be checked");
    if ((rc = carnet_tpm2_statement_open(app->statement, worker->crypto, &statement, err)) != CARNET_OK)
        return rc;
    if (!trusted_tpm(p, &statement.attestation_key))
        return carnet_fail(err, CARNET_E_APP_REQUEST_KEY, NULL, "the TPM's attestation key is not one that is trusted");
    if (statement.count == 0 || statement.count > CARNET_APP_REQUEST_KEYS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are no keys in the statement, or too many");
    for (size_t i = 0; rc == CARNET_OK && i < statement.count; i++)
        rc = carnet_tpm2_statement_check(&statement, i, carnet_str_bytes(app->challenge), worker->crypto,
                                         &shown->keys[i], err);
    shown->count = statement.count;
    shown->by_tpm = true;
    return rc;
}

static carnet_rc
keys_shown(const provider *p, carnet_service_worker *worker, const carnet_app_request *app, size_t room_size,
           shown_keys *shown, carnet_err *err)
{
    carnet_buf room = carnet_service_scratch_buf(worker, room_size);

    *shown = (shown_keys){ .keys = carnet_service_scratch(worker, CARNET_APP_REQUEST_KEYS * sizeof(*shown->keys)) };
    if (shown->keys == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (app->statement.len != 0)
        return keys_by_tpm(p, worker, app, shown, err);
    return carnet_app_request_keys(app, carnet_service_base_url(p->context), worker->crypto, &room, shown->keys,
                                   CARNET_APP_REQUEST_KEYS, &shown->count, err);
}

/* The configured level, or that of the least: keys of which nothing else is known. */
static size_t
levels(const carnet_config_texts *configured, const char *otherwise, carnet_str out[4])
{
    size_t count = configured->count < 4 ? configured->count : 4;

    for (size_t i = 0; i < count; i++)
        out[i] = carnet_str_of(configured->list[i]);
    if (count == 0)
        out[count++] = carnet_str_of(otherwise);
    return count;
}

static carnet_rc
attest(const provider *p, carnet_service_worker *worker, const carnet_app_request *app, const shown_keys *shown,
       carnet_buf *out, carnet_err *err)
{
    const carnet_time now = carnet_service_now(worker);
    const carnet_service_key *key = NULL;
    carnet_str storage[4], user[4];
    carnet_key_attestation_spec spec = { .struct_size = sizeof(spec),
                                         .issuer = carnet_service_base_url(p->context),
                                         .keys = shown->keys,
                                         .key_count = shown->count,
                                         .issued_at = now,
                                         .expires = now + p->lifetime,
                                         .nonce = app->nonce,
                                         .key_storage = storage,
                                         .user_authentication = user };
    carnet_rc rc = carnet_provider_key(p, worker, &key, &spec.key_id, err);

    if (rc != CARNET_OK)
        return rc;
    spec.x5c = key->chain;
    spec.x5c_count = key->chain_count;
    spec.key_storage_count = shown->by_tpm ? levels(&p->config->tpm_key_storage, "iso_18045_moderate", storage)
                                           : levels(&p->config->key_storage, "iso_18045_basic", storage);
    spec.user_authentication_count = levels(&p->config->user_authentication, "iso_18045_basic", user);
    return carnet_key_attestation_build(&spec, key->key, worker->crypto, out, err);
}

static carnet_rc
answer(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const provider *p = self;
    const carnet_str text = { (const char *)request->body.ptr, request->body.len };
    shown_keys shown = { 0 };
    carnet_app_request app;
    carnet_service_worker *worker;
    carnet_buf out;
    carnet_rc rc = carnet_service_begin(p->context, request, &worker, err);

    if (rc != CARNET_OK)
        return rc;
    out = carnet_service_scratch_buf(worker, 65536);
    rc = carnet_provider_request(p, worker, text, CARNET_APP_KEY_ATTESTATION, (carnet_span){ 0 }, &app, err);
    if (rc == CARNET_OK) {
        rc = keys_shown(p, worker, &app, text.len, &shown, err);
        if (rc == CARNET_OK)
            rc = attest(p, worker, &app, &shown, &out, err);
        carnet_app_request_close(&app);
    }
    if (rc == CARNET_OK)
        rc = carnet_provider_answer(p, "key_attestation", carnet_buf_str(&out), response, err);
    carnet_provider_event(worker, "IN-2", "keys.attested", rc, shown.count);
    return rc;
}

const carnet_service_route carnet_provider_key_attestation_route = {
    .method = CARNET_SERVICE_POST,
    .name = "provider_key_attestation",
    .path = "/provider/key_attestation",
    .summary = "Attests keys of the app that asks (OpenID4VCI 1.0 Appendix D)",
    .run = answer,
    .accepts = "application/jwt",
    .body_max = CARNET_JWS_MAX,
    .answer_max = 131072,
    .rate = 120,
};
