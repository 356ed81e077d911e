/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: the provider of this mdoc app attests it and its keys (23220-1 IN-2), and passes its requests on (IS-7). */
#include "carnet/app_request.h"
#include "carnet/json.h"
#include "carnet/relay.h"
#include "wallet.h"

#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 3 << 20, TOKEN_ROOM = CARNET_JWS_MAX };

/** Ask the provider; what it answered is in w->provided. */
static carnet_rc
ask(wallet *w, const char *path, const char *type, carnet_span body, carnet_str authentication, carnet_err *err)
{
    const carnet_fetch_limits limits = { .octets = ANSWER_MAX,
                                         .ca = w->a->ca,
                                         .plain_loopback = w->a->insecure_loopback };
    char url[1024], content_type[64];
    carnet_str fields[2] = { 0 };
    carnet_fetch_request request = { .method = "POST", .fields = fields, .body = body };
    carnet_rc rc;

    snprintf(url, sizeof url, "%s%s", w->a->provider, path);
    snprintf(content_type, sizeof content_type, "Content-Type: %s", type);
    request.uri = carnet_str_of(url);
    if (body.len > 0) {
        fields[request.field_count++] = carnet_str_of(content_type);
    }
    if (authentication.len > 0) {
        fields[request.field_count++] = authentication;
    }
    if (w->provided.body.ptr == NULL) {
        w->provided.header = cli_buf(CARNET_FETCH_HEADER_MAX);
        w->provided.body = cli_buf(ANSWER_MAX);
    }
    if ((rc = carnet_fetch_ask(NULL, &request, &limits, &w->provided, err)) != CARNET_OK) {
        carnet_err_within(err, "the app provider");
    } else if (w->provided.status != 200) {
        rc = carnet_fail(err, CARNET_E_OBTAIN_DECLINED, NULL, "the app provider refused");
    }
    return rc;
}

/** A text of the answer, copied. */
static carnet_rc
answered(const wallet *w, const char *name, carnet_str *text, carnet_err *err)
{
    carnet_json *json = NULL;
    carnet_rc rc = carnet_json_parse(carnet_buf_str(&w->provided.body), &json, err);

    *text = (carnet_str){ 0 };
    if (rc == CARNET_OK) {
        carnet_span copy = cli_keep(carnet_str_bytes(carnet_json_string(carnet_json_get(json, name))));

        *text = (carnet_str){ (const char *)copy.ptr, copy.len };
        if (text->len == 0) {
            rc = carnet_fail(err, CARNET_E_APP_REQUEST, NULL, "the app provider's answer lacks what was asked for");
        }
    }
    carnet_json_free(&json);
    return rc;
}

/** A challenge; one serves until it is refused. */
static carnet_rc
challenge(wallet *w, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (w->challenge.len == 0) {
        rc = ask(w, "/provider/challenge", "", (carnet_span){ 0 }, (carnet_str){ 0 }, err);
        if (rc == CARNET_OK) {
            rc = answered(w, "challenge", &w->challenge, err);
        }
    }
    return rc;
}

static carnet_app_request_spec
spec_for(const wallet *w, carnet_app_purpose purpose)
{
    return (carnet_app_request_spec){ .struct_size = sizeof(carnet_app_request_spec),
                                      .purpose = purpose,
                                      .audience = carnet_str_of(w->a->provider),
                                      .challenge = w->challenge,
                                      .issued_at = cli_now() };
}

static void
give(wallet *w, carnet_rc rc, carnet_str jwt, const carnet_err *err)
{
    if (rc != CARNET_OK) {
        carnet_obtain_declined(&w->obtain, err);
    } else {
        carnet_obtain_attested(&w->obtain, jwt);
    }
}

void
wallet_provider_client(wallet *w)
{
    carnet_buf token = cli_buf(TOKEN_ROOM);
    carnet_str jwt = { 0 };
    carnet_err err = { 0 };
    carnet_rc rc = challenge(w, &err);

    if (rc == CARNET_OK) {
        const carnet_app_request_spec spec = spec_for(w, CARNET_APP_WALLET_ATTESTATION);

        rc = carnet_app_request_build(&spec, &w->instance_key, w->crypto, &token, &err);
    }
    if (rc == CARNET_OK) {
        rc =
            ask(w, "/provider/wallet_attestation", "application/jwt", carnet_buf_span(&token), (carnet_str){ 0 }, &err);
    }
    if (rc == CARNET_OK) {
        rc = answered(w, "client_attestation", &jwt, &err);
    }
    if (rc == CARNET_OK) {
        wallet_cross(w, "IN-2", true, "AppAttestation request", carnet_buf_span(&token));
        wallet_cross(w, "IN-2", false, "ClientAttestation", carnet_str_bytes(jwt));
    }
    give(w, rc, jwt, &err);
    free(token.ptr);
}

/** What the secure area says of its keys; CARNET_E_CRYPTO_UNSUPPORTED: it says nothing. */
static carnet_rc
show_by_area(wallet *w, carnet_app_request_spec *spec, carnet_buf *room, carnet_err *err)
{
    const char *format = NULL;
    carnet_rc rc = carnet_secure_area_attest(&w->store->area, w->identifiers, w->key_count,
                                             carnet_str_bytes(w->challenge), room, &format, err);

    if (rc == CARNET_OK) {
        spec->statement_format = carnet_str_of(format);
        spec->statement = carnet_buf_span(room);
    }
    return rc;
}

/** A proof by each of them. */
static carnet_rc
show_by_use(wallet *w, carnet_app_request_spec *spec, carnet_buf *room, carnet_err *err)
{
    static carnet_str proofs[CARNET_OBTAIN_COPIES_MAX];
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; i < w->key_count && rc == CARNET_OK; i++) {
        size_t start = room->len;

        rc = carnet_app_key_proof_build(spec->audience, spec->challenge, &w->keys[i], w->crypto, room, err);
        proofs[i] = (carnet_str){ (const char *)room->ptr + start, room->len - start };
    }
    spec->key_proofs = proofs;
    spec->key_proof_count = w->key_count;
    return rc;
}

/** One request; the attestation in *jwt. */
static carnet_rc
attest_keys(wallet *w, carnet_str nonce, bool by_area, carnet_str *jwt, carnet_err *err)
{
    carnet_buf token = cli_buf(TOKEN_ROOM), room = cli_buf(TOKEN_ROOM);
    carnet_app_request_spec spec = spec_for(w, CARNET_APP_KEY_ATTESTATION);
    carnet_rc rc;

    spec.nonce = nonce;
    rc = by_area ? show_by_area(w, &spec, &room, err) : show_by_use(w, &spec, &room, err);
    if (rc == CARNET_OK) {
        rc = carnet_app_request_build(&spec, &w->instance_key, w->crypto, &token, err);
    }
    if (rc == CARNET_OK) {
        rc = ask(w, "/provider/key_attestation", "application/jwt", carnet_buf_span(&token), (carnet_str){ 0 }, err);
    }
    if (rc == CARNET_OK) {
        rc = answered(w, "key_attestation", jwt, err);
    }
    if (rc == CARNET_OK) {
        wallet_cross(w, "IN-2", true, "KeyAttestation request", carnet_buf_span(&token));
        wallet_cross(w, "IN-2", false, "KeyAttestation", carnet_str_bytes(*jwt));
    }
    free(token.ptr);
    free(room.ptr);
    return rc;
}

/* A provider that does not know this TPM takes the keys for what their use shows. */
void
wallet_provider_keys(wallet *w, carnet_str nonce)
{
    carnet_str jwt = { 0 };
    carnet_err err = { 0 };
    carnet_rc rc = challenge(w, &err);

    if (rc == CARNET_OK) {
        rc = attest_keys(w, nonce, true, &jwt, &err);
        if (rc == CARNET_E_CRYPTO_UNSUPPORTED || rc == CARNET_E_OBTAIN_DECLINED) {
            if (rc == CARNET_E_OBTAIN_DECLINED) {
                fputs("carnet: the app provider does not trust this TPM (carnet wallet area)\n", stderr);
            }
            rc = attest_keys(w, nonce, false, &jwt, &err);
        }
    }
    give(w, rc, jwt, &err);
}

/* --- relaying --- */

static carnet_rc
wrap(const carnet_obtain_request *request, carnet_buf *out, carnet_err *err)
{
    carnet_relay relay = { .method = carnet_str_of(request->method),
                           .uri = request->url,
                           .body = { (const char *)request->body.ptr, request->body.len } };
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; i < request->field_count && rc == CARNET_OK; i++) {
        const carnet_str f = request->fields[i];
        size_t colon = 0, value;

        while (colon < f.len && f.ptr[colon] != ':') {
            colon++;
        }
        value = colon + 1;
        while (value < f.len && f.ptr[value] == ' ') {
            value++;
        }
        rc = carnet_relay_add(&relay, (carnet_str){ f.ptr, colon },
                              (carnet_str){ f.ptr + value, value < f.len ? f.len - value : 0 }, err);
    }
    return rc == CARNET_OK ? carnet_relay_write(&relay, out, err) : rc;
}

/** The field that authenticates a relayed request. */
static carnet_rc
authenticate(wallet *w, carnet_span body, carnet_buf *field, carnet_err *err)
{
    carnet_app_request_spec spec = spec_for(w, CARNET_APP_RELAY);

    spec.body = body;
    carnet_buf_add_text(field, "App-Request: ");
    return carnet_app_request_build(&spec, &w->instance_key, w->crypto, field, err);
}

carnet_rc
wallet_relay(wallet *w, const carnet_obtain_request *request, carnet_relay *answer, carnet_err *err)
{
    carnet_buf body = cli_buf(request->body.len * 2 + 65536), field = cli_buf(TOKEN_ROOM);
    carnet_rc rc = challenge(w, err);

    if (rc == CARNET_OK) {
        rc = wrap(request, &body, err);
    }
    if (rc == CARNET_OK) {
        rc = authenticate(w, carnet_buf_span(&body), &field, err);
    }
    if (rc == CARNET_OK) {
        rc = ask(w, "/provider/relay", "application/json", carnet_buf_span(&body), carnet_buf_str(&field), err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_relay_read_answer(carnet_buf_str(&w->provided.body), answer, err);
    }
    carnet_wipe(body.ptr, body.len);
    free(body.ptr);
    free(field.ptr);
    return rc;
}
