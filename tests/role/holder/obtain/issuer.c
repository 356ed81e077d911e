/* SPDX-License-Identifier: Apache-2.0 */
#include "issuer.h"

#include "carnet/client_attestation.h"
#include "carnet/key_attestation.h"

#include <stdio.h>
#include <string.h>

#define OFFER_JSON                                                                                                     \
    "{\"credential_issuer\":\"" ISSUER "\",\"credential_configuration_ids\":[\"mdl\"],\"grants\":{"                    \
    "\"urn:ietf:params:oauth:grant-type:pre-authorized_code\":{\"pre-authorized_code\":\"pre\"}}}"

static const char metadata[] =
    "{\"credential_issuer\":\"" ISSUER "\",\"credential_endpoint\":\"" ISSUER
    "/credential\",\"nonce_endpoint\":\"" ISSUER "/nonce\",\"deferred_credential_endpoint\":\"" ISSUER
    "/deferred\",\"notification_endpoint\":\"" ISSUER
    "/notification\",\"credential_configurations_supported\":{\"mdl\":{\"format\":\"mso_mdoc\",\"doctype\":\"" MDL
    "\",\"scope\":\"mdl\",\"cryptographic_binding_methods_supported\":[\"cose_key\"],\"proof_types_supported\":{"
    "\"jwt\":{"
    "\"proof_signing_alg_values_supported\":[\"ES256\"]}}}}}";

static const char server[] =
    "{\"issuer\":\"" ISSUER "\",\"token_endpoint\":\"" ISSUER "/token\",\"authorization_endpoint\":\"" ISSUER
    "/authorize\",\"pushed_authorization_request_endpoint\":\"" ISSUER "/par\",\"challenge_endpoint\":\"" ISSUER
    "/challenge\",\"response_types_supported\":[\"code\"],\"code_challenge_methods_supported\":[\"S256\"],"
    "\"grant_types_supported\":[\"authorization_code\"],\"dpop_signing_alg_values_supported\":[\"ES256\"],"
    "\"authorization_response_iss_parameter_supported\":true}";

static const char *
exchanged(const char *text, const char *from, const char *to)
{
    static char out[16][4096];
    static unsigned next;
    char *room = out[next++ % 16];
    const char *at = strstr(text, from);

    assert_non_null(at);
    snprintf(room, sizeof(out[0]), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return room;
}

const char *
play_metadata(const char *from, const char *to)
{
    return exchanged(metadata, from, to);
}

const char *
play_server(const char *from, const char *to)
{
    return exchanged(server, from, to);
}

const char *
play_document(play *p)
{
    static char text[8192];
    carnet_buf out = carnet_buf_of(text, sizeof(text) - 1);

    carnet_base64url_encode(p->w.held[0].issuer_signed, &out);
    assert_false(out.overflow);
    text[out.len] = '\0';
    return text;
}

void
play_begin(play *p)
{
    static uint8_t memory[CARNET_OBTAIN_MEMORY_MIN];
    static const carnet_curve curves[] = { CARNET_CURVE_P256 };

    memset(p, 0, sizeof(*p));
    world_begin(&p->w, CARNET_CURVE_P256);
    world_hold_mdl(&p->w);
    carnet_key *fresh[] = { &p->dpop_key, &p->instance_key, &p->attester, &p->second };
    for (size_t i = 0; i < CARNET_COUNT(fresh); i++)
        assert_carnet_ok(
            carnet_software_key_generate(&p->w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, fresh[i], &p->w.err),
            &p->w.err);
    p->keys[0] = &p->w.device;
    p->keys[1] = &p->second;
    p->parameters = (carnet_obtain_parameters){ .struct_size = sizeof(p->parameters),
                                                .crypto = &p->w.crypto,
                                                .memory = carnet_buf_of(memory, sizeof(memory)),
                                                .anchors = &p->w.anchors,
                                                .client_id = carnet_str_of("wallet"),
                                                .redirect_uri = carnet_str_of("http://127.0.0.1:1/callback"),
                                                .curves = curves,
                                                .curve_count = 1 };
    p->start.link = carnet_str_of("openid-credential-offer://?credential_offer=" OFFER_JSON);
}

void
play_done(play *p)
{
    carnet_obtain_done(&p->obtain);
    carnet_key_done(&p->dpop_key);
    carnet_key_done(&p->instance_key);
    carnet_key_done(&p->attester);
    carnet_key_done(&p->second);
    world_done(&p->w);
}

/* --- the issuer --- */

static reply
usual(play *p, carnet_obtain_purpose purpose)
{
    static char credential[16384];
    reply r = { .purpose = purpose, .status = 200, .type = "application/json", .body = "{}" };

    switch (purpose) {
    case CARNET_OBTAIN_OFFER:
        r.body = OFFER_JSON;
        break;
    case CARNET_OBTAIN_ISSUER_METADATA:
        r.body = metadata;
        break;
    case CARNET_OBTAIN_SERVER_METADATA:
        r.body = server;
        break;
    case CARNET_OBTAIN_CHALLENGE:
        r.body = "{\"attestation_challenge\":\"challenge\"}";
        break;
    case CARNET_OBTAIN_PUSHED_REQUEST:
        r.status = 201;
        r.body = "{\"request_uri\":\"urn:x\",\"expires_in\":60}";
        break;
    case CARNET_OBTAIN_TOKEN:
        r.body = strstr(p->said[purpose], "\nDPoP: ") != NULL
                     ? "{\"access_token\":\"at\",\"token_type\":\"DPoP\",\"expires_in\":300,\"refresh_token\":\"rt\"}"
                     : "{\"access_token\":\"at\",\"token_type\":\"Bearer\",\"expires_in\":300}";
        break;
    case CARNET_OBTAIN_NONCE:
        r.body = "{\"c_nonce\":\"fresh\"}";
        break;
    case CARNET_OBTAIN_CREDENTIAL:
    case CARNET_OBTAIN_DEFERRED:
        snprintf(credential, sizeof(credential),
                 "{\"credentials\":[{\"credential\":\"%s\"}],\"notification_id\":\"n1\"}", play_document(p));
        r.body = credential;
        break;
    default:
        r.status = 204;
        r.body = "";
        break;
    }
    return r;
}

static void
listen_to(play *p, const carnet_obtain_request *r)
{
    char *said = p->said[r->purpose];
    size_t len = (size_t)snprintf(said, SAID_MAX, "%s %.*s\n", r->method, (int)r->url.len, r->url.ptr);

    for (size_t i = 0; i < r->field_count; i++)
        len += (size_t)snprintf(said + len, SAID_MAX - len, "%.*s\n", (int)r->fields[i].len, r->fields[i].ptr);
    assert_in_range(len + r->body.len + 1, 1, SAID_MAX);
    memcpy(said + len, r->body.ptr != NULL ? r->body.ptr : (const uint8_t *)"", r->body.len);
    said[len + r->body.len] = '\0';
}

static void
answer(play *p, const carnet_obtain_request *r)
{
    unsigned nth = ++p->asked[r->purpose];
    reply given;
    carnet_obtain_answer a;

    assert_in_range(nth, 1, 20);
    listen_to(p, r);
    given = usual(p, r->purpose);
    for (size_t i = 0; i < p->reply_count; i++)
        if (p->replies[i].purpose == r->purpose && (p->replies[i].nth == 0 || p->replies[i].nth == nth))
            given = p->replies[i];
    if (given.status == 0) {
        carnet_err err = { .rc = CARNET_E_LINK_TIMEOUT, .offset = CARNET_NO_OFFSET };

        carnet_obtain_unreachable(&p->obtain, &err);
        return;
    }
    given.body = given.body != NULL ? given.body : "";
    a = (carnet_obtain_answer){ .status = given.status,
                                .content_type = carnet_str_of(given.type != NULL ? given.type : "application/json"),
                                .dpop_nonce = carnet_str_of(given.dpop_nonce),
                                .authenticate = carnet_str_of(given.authenticate),
                                .retry_after = carnet_str_of(given.retry_after),
                                .body = carnet_span_of(given.body, strlen(given.body)) };
    carnet_obtain_answered(&p->obtain, &a);
}

/* --- the wallet --- */

static void
browse(play *p, carnet_str url)
{
    char back[2048], state[64] = "";
    const char *at = strstr(p->said[CARNET_OBTAIN_PUSHED_REQUEST], "state=");

    assert_true(url.len > 0);
    while (at != NULL && at[-1] == '_') /* issuer_state */
        at = strstr(at + 1, "state=");
    if (at != NULL)
        snprintf(state, sizeof(state), "%.43s", at + 6);
    snprintf(back, sizeof(back), "http://127.0.0.1:1/callback?");
    for (const char *c = p->returned != NULL ? p->returned : "code=c&state=$&iss=" ISSUER; *c != '\0'; c++)
        snprintf(back + strlen(back), sizeof(back) - strlen(back), *c == '$' ? "%s%.0s" : "%.0s%.1s", state, c);
    carnet_obtain_returned(&p->obtain, carnet_str_of(back));
}

static void
attest(play *p, const carnet_obtain_action *a)
{
    static uint8_t room[16384];
    carnet_buf jwt = carnet_buf_of(room, sizeof(room));
    const carnet_str level = carnet_str_of("iso_18045_high");
    const carnet_client_attestation_spec client = { .struct_size = sizeof(client),
                                                    .issuer = carnet_str_of("https://attester.example"),
                                                    .client_id = carnet_str_of("wallet"),
                                                    .key = &p->instance_key.public_key,
                                                    .issued_at = NOW,
                                                    .expires = NOW + 100,
                                                    .key_id = carnet_str_of("k") };
    const carnet_key_attestation_spec keys = { .struct_size = sizeof(keys),
                                               .keys = a->keys,
                                               .key_count = a->count,
                                               .issued_at = NOW,
                                               .expires = NOW + 100,
                                               .key_storage = &level,
                                               .key_storage_count = 1,
                                               .nonce = a->nonce,
                                               .key_id = carnet_str_of("k") };

    assert_carnet_ok(a->kind == CARNET_OBTAIN_CLIENT_ATTESTATION
                         ? carnet_client_attestation_build(&client, &p->attester, &p->w.crypto, &jwt, &p->w.err)
                         : carnet_key_attestation_build(&keys, &p->attester, &p->w.crypto, &jwt, &p->w.err),
                     &p->w.err);
    carnet_obtain_attested(&p->obtain, carnet_buf_str(&jwt));
}

static void
keep(play *p, const carnet_obtain_action *a)
{
    p->copies = a->count;
    for (size_t i = 0; i < a->count; i++) {
        assert_true(a->documents[i].key < CARNET_COUNT(p->keys));
        assert_true(a->documents[i].trusted || p->parameters.accept_untrusted);
        assert_str_is(a->documents[i].doc_type, MDL);
    }
    snprintf(p->notification, sizeof(p->notification), "%.*s", (int)a->notification_id.len, a->notification_id.ptr);
    if (p->refuse_to_keep) {
        carnet_obtain_declined(&p->obtain, NULL);
        return;
    }
    p->kept++;
    carnet_obtain_kept(&p->obtain);
}

static void
act(play *p, const carnet_obtain_action *a)
{
    switch (a->kind) {
    case CARNET_OBTAIN_HTTP:
        answer(p, &a->request);
        break;
    case CARNET_OBTAIN_CONSENT:
        if (p->decline)
            carnet_obtain_declined(&p->obtain, NULL);
        else
            carnet_obtain_consented(&p->obtain, &p->consent);
        break;
    case CARNET_OBTAIN_CLIENT_ATTESTATION:
    case CARNET_OBTAIN_KEY_ATTESTATION:
        attest(p, a);
        break;
    case CARNET_OBTAIN_BROWSER:
        browse(p, a->url);
        break;
    case CARNET_OBTAIN_KEYS:
        carnet_obtain_keyed(&p->obtain, p->keys, a->count);
        break;
    case CARNET_OBTAIN_WAIT:
        assert_in_range(++p->waited, 1, 20);
        carnet_obtain_waited(&p->obtain);
        break;
    default:
        keep(p, a);
        break;
    }
}

carnet_rc
play_run(play *p)
{
    carnet_rc rc = carnet_obtain_begin(&p->obtain, &p->parameters, &p->start, &p->w.err);

    if (rc != CARNET_OK)
        return rc;
    for (unsigned steps = 0; steps < 100; steps++) {
        const carnet_obtain_action *a = carnet_obtain_next(&p->obtain, NOW);

        assert_ptr_equal(a, carnet_obtain_next(&p->obtain, NOW)); /* the same until it is answered */
        if (a->kind == CARNET_OBTAIN_DONE || a->kind == CARNET_OBTAIN_FAILED) {
            p->end = a;
            return a->kind == CARNET_OBTAIN_DONE ? CARNET_OK : a->err->rc;
        }
        act(p, a);
    }
    fail_msg("it does not end");
    return CARNET_E_USAGE;
}

bool
play_said(const play *p, carnet_obtain_purpose purpose, const char *words)
{
    return strstr(p->said[purpose], words) != NULL;
}
