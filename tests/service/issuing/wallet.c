/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "carnet/cose_sign1.h"
#include "carnet/issuer_signed.h"
#include "carnet/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEADER = 32768 };

void
wallet_open(world *w, wallet *me)
{
    memset(me, 0, sizeof(*me));
    me->w = w;
    assert_carnet_ok(carnet_crypto_init(&me->crypto, NULL), NULL);
    make_keys(me, &me->dpop, 1);
    me->connection = carnet_fetch_connection_new();
    me->header_room = malloc(HEADER);
    me->body_room = malloc(ANSWER);
    assert_true(me->connection != NULL && me->header_room != NULL && me->body_room != NULL);
}

void
wallet_close(wallet *me)
{
    drop_keys(&me->dpop, 1);
    carnet_fetch_connection_free(me->connection);
    carnet_crypto_done(&me->crypto);
    free(me->header_room);
    free(me->body_room);
}

void
make_keys(wallet *me, carnet_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_carnet_ok(carnet_software_key_generate(&me->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &keys[i], NULL),
                         NULL);
}

void
drop_keys(carnet_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        carnet_key_done(&keys[i]);
}

/* --- HTTP --- */

static bool
send_request(wallet *me, const char *method, const char *base, const char *path, const carnet_str *fields,
             size_t field_count, const char *body)
{
    const carnet_fetch_limits limits = { .octets = ANSWER, .timeout_ms = 60000, .plain_loopback = true };
    char url[512];
    carnet_fetch_request request = {
        .method = method, .fields = fields, .field_count = field_count, .body = carnet_span_of(body, strlen(body))
    };
    carnet_str nonce;
    bool came;

    (void)snprintf(url, sizeof(url), "%s%s", base, path);
    request.uri = carnet_str_of(url);
    me->answer.header = carnet_buf_of(me->header_room, HEADER);
    me->answer.body = carnet_buf_of(me->body_room, ANSWER);
    came = carnet_fetch_ask(me->connection, &request, &limits, &me->answer, NULL) == CARNET_OK;
    if (came && carnet_fetch_field(carnet_buf_str(&me->answer.header), "DPoP-Nonce", 0, &nonce))
        (void)snprintf(me->dpop_nonce, sizeof(me->dpop_nonce), "%.*s", (int)nonce.len, nonce.ptr);
    return came;
}

static void
proof_of_token(wallet *me, const char *path, bool with_token, carnet_buf *out)
{
    char url[256];
    carnet_dpop_spec spec = { .struct_size = sizeof(spec),
                              .method = carnet_str_of("POST"),
                              .access_token = carnet_str_of(with_token ? me->token : NULL),
                              .nonce = carnet_str_of(me->dpop_nonce),
                              .issued_at = time(NULL) };

    (void)snprintf(url, sizeof(url), "%s%s", me->w->base, path);
    spec.url = carnet_str_of(url);
    carnet_buf_add_text(out, "DPoP: ");
    assert_carnet_ok(carnet_dpop_make(&spec, &me->dpop, &me->crypto, out, NULL), NULL);
}

static bool
post(wallet *me, const char *path, bool with_token, const char *type, const char *body)
{
    char proof[2048], content[128], authorization[128];
    bool came = false;

    (void)snprintf(content, sizeof(content), "Content-Type: %s", type);
    (void)snprintf(authorization, sizeof(authorization), "Authorization: DPoP %s", me->token);
    for (int attempt = 0; attempt < 2; attempt++) {
        carnet_buf buf = carnet_buf_of(proof, sizeof(proof));
        carnet_str fields[3] = { carnet_str_of(content) };

        proof_of_token(me, path, with_token, &buf);
        fields[1] = carnet_buf_str(&buf);
        fields[2] = carnet_str_of(authorization);
        came = send_request(me, "POST", me->w->base, path, fields, with_token ? 3 : 2, body);
        if (!came || me->answer.status < 400 || strcmp(wallet_text(me, "error"), "use_dpop_nonce") != 0)
            break;
    }
    return came;
}

bool
wallet_post(wallet *me, const char *path, const char *type, const char *body)
{
    return post(me, path, true, type, body);
}

bool
wallet_get(wallet *me, const char *path, const char *accept)
{
    char field[128];
    carnet_str fields[1];

    (void)snprintf(field, sizeof(field), "Accept: %s", accept);
    fields[0] = carnet_str_of(field);
    return send_request(me, "GET", me->w->base, path, fields, 1, "");
}

bool
wallet_admin(wallet *me, const char *path, const char *body)
{
    const carnet_str fields[] = { carnet_str_of("Content-Type: application/json") };

    return send_request(me, "POST", me->w->admin, path, fields, 1, body);
}

const char *
wallet_text(wallet *me, const char *member)
{
    static _Thread_local char text[4096];
    carnet_json *json = NULL;
    carnet_str value;

    text[0] = '\0';
    if (carnet_json_parse(carnet_buf_str(&me->answer.body), &json, NULL) != CARNET_OK)
        return text;
    value = carnet_json_string(carnet_json_get(json, member));
    (void)snprintf(text, sizeof(text), "%.*s", (int)value.len, value.len == 0 ? "" : value.ptr);
    carnet_json_free(&json);
    return text;
}

/* --- what wallets do --- */

bool
wallet_form(wallet *me, const char *path, const char *form)
{
    return post(me, path, false, "application/x-www-form-urlencoded", form);
}

bool
wallet_redeem(wallet *me, const char *offer)
{
    char body[1024], code[128] = "";
    carnet_json *json = NULL;
    const carnet_json *grant;

    if (!wallet_admin(me, "/admin/offers", offer) || me->answer.status != 201)
        return false;
    assert_carnet_ok(carnet_json_parse(carnet_buf_str(&me->answer.body), &json, NULL), NULL);
    grant = carnet_json_get(carnet_json_get(carnet_json_get(json, "offer"), "grants"),
                            "urn:ietf:params:oauth:grant-type:pre-authorized_code");
    (void)snprintf(code, sizeof(code), "%s", carnet_json_string(carnet_json_get(grant, "pre-authorized_code")).ptr);
    carnet_json_free(&json);
    (void)snprintf(body, sizeof(body),
                   "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Apre-authorized_code&"
                   "pre-authorized_code=%s",
                   code);
    assert_true(wallet_form(me, "/token", body));
    if (me->answer.status != 200)
        fail_msg("no token: %.300s", (const char *)me->answer.body.ptr);
    (void)snprintf(me->token, sizeof(me->token), "%s", wallet_text(me, "access_token"));
    (void)snprintf(me->refresh, sizeof(me->refresh), "%s", wallet_text(me, "refresh_token"));
    return true;
}

void
wallet_grant(wallet *me, const char *configurations, const char *subject)
{
    char offer[1024];

    (void)snprintf(offer, sizeof(offer), "{\"credential_configuration_ids\":[%s],\"subject\":\"%s\"}", configurations,
                   subject);
    assert_true(wallet_redeem(me, offer));
}

bool
wallet_nonce(wallet *me, char nonce[128])
{
    if (!send_request(me, "POST", me->w->base, "/nonce", NULL, 0, "") || me->answer.status != 200)
        return false;
    (void)snprintf(nonce, 128, "%s", wallet_text(me, "c_nonce"));
    return nonce[0] != '\0';
}

void
wallet_prove(wallet *me, carnet_key *key, const char *audience, const char *nonce, carnet_str attestation,
             carnet_buf *out)
{
    carnet_credential_proof_spec spec = { .audience = carnet_str_of(audience),
                                          .nonce = carnet_str_of(nonce),
                                          .key_attestation = attestation,
                                          .issued_at = time(NULL) };

    assert_carnet_ok(carnet_credential_proof_make(&spec, key, &me->crypto, out, NULL), NULL);
}

bool
wallet_ask(wallet *me, const char *configuration, const char *nonce, carnet_key *keys, size_t count)
{
    char *text = malloc(16384);
    carnet_buf body = carnet_buf_of(text, 16384);
    bool came;

    assert_non_null(text);
    carnet_buf_add_text(&body, "{\"credential_configuration_id\":\"");
    carnet_buf_add_text(&body, configuration);
    carnet_buf_add_text(&body, "\",\"proofs\":{\"jwt\":[");
    for (size_t i = 0; i < count; i++) {
        carnet_buf_add_text(&body, i == 0 ? "\"" : ",\"");
        wallet_prove(me, &keys[i], me->w->base, nonce, (carnet_str){ 0 }, &body);
        carnet_buf_add_text(&body, "\"");
    }
    carnet_buf_add(&body, carnet_span_of("]}}", 4));
    assert_false(body.overflow);
    came = wallet_post(me, "/credential", "application/json", text);
    free(text);
    return came;
}

/* --- what came --- */

void
wallet_assert_refused(wallet *me, unsigned status, const char *error, const char *file, int line)
{
    bool good = me->answer.status == status && strcmp(wallet_text(me, "error"), error) == 0;
    const char *text;

    if (!good) {
        print_error("%s:%d: not %u %s but %u %.*s\n", file, line, status, error, me->answer.status,
                    (int)me->answer.body.len, (const char *)me->answer.body.ptr);
        _fail(file, line);
    }
    text = wallet_text(me, "error_description");
    if (text[0] == '\0' || strpbrk(text, "\"\\") != NULL)
        _fail(file, line);
    if (wallet_text(me, "request_id")[0] == '\0')
        _fail(file, line);
}

/* Its digests are right and its signature verifies by the certificate it brings; the index of its device key is returned. */
static size_t
check_document(wallet *me, carnet_span cbor, const carnet_key *keys, size_t count)
{
    carnet_issuer_signed view;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_cose_sign1 sign1;
    carnet_err err = { 0 };
    carnet_mso mso;
    size_t i, items = 0;

    assert_carnet_ok(carnet_issuer_signed_open(cbor, 0, &view, &err), &err);
    assert_carnet_ok(carnet_cose_sign1_open(view.issuer_auth, 0, &sign1, &err), &err);
    assert_carnet_ok(carnet_mso_open(sign1.payload, NULL, 0, &mso, &err), &err);
    assert_str_is(mso.doc_type, "org.iso.18013.5.1.mDL");
    assert_true(mso.valid_from <= time(NULL) && mso.valid_until > time(NULL));
    for (; carnet_issuer_signed_next(&view, &cursor, &item); items++)
        assert_carnet_ok(carnet_issuer_signed_item_verify(&item, &mso, &me->crypto, &err), &err);
    assert_in_range(items, 11, 64);
    for (i = 0; i < count; i++)
        if (carnet_public_key_equal(&keys[i].public_key, &mso.device_key.key))
            return i;
    fail_msg("the device key is none of ours");
    return 0;
}

void
wallet_assert_documents(wallet *me, const carnet_key *keys, size_t count)
{
    carnet_credential_response response;
    uint8_t *room = malloc(ANSWER);
    bool seen[16] = { false };
    carnet_err err = { 0 };

    if (me->answer.status != 200)
        fail_msg("refused: %.300s", (const char *)me->answer.body.ptr);
    assert_non_null(room);
    assert_carnet_ok(carnet_credential_response_open(carnet_buf_str(&me->answer.body), &response, &err), &err);
    assert_int_equal(response.credential_count, count);
    assert_true(response.notification_id.len != 0);
    for (size_t i = 0; i < count; i++) {
        carnet_buf storage = carnet_buf_of(room, ANSWER);
        carnet_span cbor;
        bool dehydrated;
        size_t which;

        assert_carnet_ok(carnet_credential_response_credential(&response, i, &storage, &cbor, &dehydrated, &err), &err);
        assert_false(dehydrated);
        which = check_document(me, cbor, keys, count);
        assert_false(seen[which]);
        seen[which] = true;
    }
    carnet_credential_response_done(&response);
    free(room);
}
