/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/identity_token.h"
#include "carnet/jwt.h"

#include <string.h>

#define CLAUSE      "P1940 6.2"
#define AUTH_REQ_ID "urn:openid:params:jwt:claim:auth_req_id"

static void
add_text(carnet_json_builder *b, const char *name, carnet_str text)
{
    if (text.len != 0)
        carnet_json_add_string(b, name, text);
}

static void
add_transaction(carnet_json_builder *b, const carnet_identity_token *token)
{
    const carnet_bops_transaction *t = &token->transaction;

    if (t->ref.len == 0 && token->text_hash.len == 0)
        return;
    carnet_json_object_begin(b, "txn");
    add_text(b, "ref", t->ref);
    add_text(b, "amount", t->amount);
    add_text(b, "currency", t->currency);
    add_text(b, "terminalId", t->terminal);
    add_text(b, "text_hash", token->text_hash);
    carnet_json_object_end(b);
}

static void
add_claims(carnet_json_builder *b, const carnet_identity_token *token)
{
    carnet_json_add_string(b, "iss", token->issuer);
    carnet_json_add_string(b, "aud", token->audience);
    carnet_json_add_string(b, "sub", token->subject);
    carnet_json_add_string(b, "jti", token->token_id);
    carnet_json_add_string(b, "sid", token->session_id);
    carnet_json_add_integer(b, "iat", token->issued_at);
    carnet_json_add_integer(b, "exp", token->expires);
    carnet_json_add_integer(b, "auth_time", token->auth_time);
    carnet_json_add_string(b, "vot", token->vot);
    carnet_json_add_string(b, "vtm", token->vtm);
    carnet_json_add_integer(b, "aal", token->aal);
    if (token->amr_count != 0) {
        carnet_json_array_begin(b, "amr");
        for (size_t i = 0; i < token->amr_count && i < CARNET_IDENTITY_TOKEN_METHODS; i++)
            carnet_json_add_string(b, NULL, token->amr[i]);
        carnet_json_array_end(b);
    }
    add_text(b, AUTH_REQ_ID, token->auth_req_id);
    add_text(b, "at_hash", token->at_hash);
    add_transaction(b, token);
    carnet_json_object_begin(b, "cnf");
    carnet_json_add_base64url(b, "x5t#S256", carnet_span_of(token->certificate_hash, sizeof(token->certificate_hash)));
    carnet_json_object_end(b);
}

carnet_rc
carnet_identity_token_build(const carnet_identity_token *token, carnet_str key_id, carnet_key *key,
                            carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    const carnet_jws_header header = { .type = CARNET_IDENTITY_TOKEN_TYPE, .key_id = key_id };
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);

    if (token->expires - token->issued_at > CARNET_IDENTITY_TOKEN_LIFETIME || token->expires <= token->issued_at)
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN_TIME, CLAUSE,
                           "an identity token lives for 300 seconds at most");
    carnet_json_object_begin(&b, NULL);
    add_claims(&b, token);
    carnet_json_object_end(&b);
    return carnet_jwt_sign(carnet_json_built(&b, err), &header, start, (carnet_str){ 0 }, key, crypto, out, err);
}

static carnet_rc
read_texts(carnet_identity_token *t, carnet_err *err)
{
    const struct {
        const char *name;
        bool required;
        carnet_str *out;
    } texts[] = {
        { "iss", true, &t->issuer },   { "aud", true, &t->audience },     { "sub", true, &t->subject },
        { "jti", true, &t->token_id }, { "sid", true, &t->session_id },   { "vot", true, &t->vot },
        { "vtm", true, &t->vtm },      { "at_hash", false, &t->at_hash }, { AUTH_REQ_ID, false, &t->auth_req_id },
    };
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(texts); i++)
        rc = carnet_jwt_text(&t->jws, texts[i].name, texts[i].required, CARNET_E_IDENTITY_TOKEN, texts[i].out, err);
    return rc;
}

static carnet_rc
read_times(carnet_identity_token *t, carnet_err *err)
{
    carnet_rc rc = carnet_jwt_time(&t->jws, "iat", true, CARNET_E_IDENTITY_TOKEN, &t->issued_at, err);

    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&t->jws, "exp", true, CARNET_E_IDENTITY_TOKEN, &t->expires, err);
    if (rc == CARNET_OK)
        rc = carnet_jwt_time(&t->jws, "auth_time", true, CARNET_E_IDENTITY_TOKEN, &t->auth_time, err);
    return rc;
}

static carnet_rc
read_lists(carnet_identity_token *t, carnet_err *err)
{
    const carnet_json *amr = carnet_json_get(t->jws.claims, "amr");
    const carnet_json *aal = carnet_json_get(t->jws.claims, "aal");
    const size_t count = carnet_json_count(amr);

    t->aal = carnet_json_integer(aal);
    if (carnet_json_type_of(aal) != CARNET_JSON_INTEGER || t->aal < 0 || t->aal > 3)
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN, CLAUSE, "`aal` is no assurance level");
    if ((amr != NULL && carnet_json_type_of(amr) != CARNET_JSON_ARRAY) || count > CARNET_IDENTITY_TOKEN_METHODS)
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN, "RFC 8176 1", "`amr` is no list of methods");
    for (size_t i = 0; i < count; i++) {
        t->amr[i] = carnet_json_string(carnet_json_at(amr, i));
        if (t->amr[i].len == 0)
            return carnet_fail(err, CARNET_E_IDENTITY_TOKEN, "RFC 8176 1", "`amr` is no list of methods");
    }
    t->amr_count = count;
    return CARNET_OK;
}

static carnet_rc
read_transaction(carnet_identity_token *t, carnet_err *err)
{
    const carnet_json *txn = carnet_json_get(t->jws.claims, "txn"), *member;
    const struct {
        const char *name;
        carnet_str *out;
    } texts[] = {
        { "ref", &t->transaction.ref },           { "amount", &t->transaction.amount },
        { "currency", &t->transaction.currency }, { "terminalId", &t->transaction.terminal },
        { "text_hash", &t->text_hash },
    };

    if (txn == NULL)
        return CARNET_OK;
    if (carnet_json_type_of(txn) != CARNET_JSON_OBJECT)
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN, CLAUSE, "`txn` is no transaction");
    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        member = carnet_json_get(txn, texts[i].name);
        if (member != NULL && carnet_json_type_of(member) != CARNET_JSON_STRING)
            return carnet_fail(err, CARNET_E_IDENTITY_TOKEN, CLAUSE, "what `txn` says is no text");
        *texts[i].out = carnet_json_string(member);
    }
    return CARNET_OK;
}

static carnet_rc
read_binding(carnet_identity_token *t, carnet_err *err)
{
    uint8_t room[36];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    const carnet_str text = carnet_json_string(carnet_json_get(carnet_json_get(t->jws.claims, "cnf"), "x5t#S256"));

    if (carnet_base64url_decode(text, &out, NULL) != CARNET_OK || out.len != sizeof(t->certificate_hash))
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN, "RFC 8705 3.1", "the token is bound to no certificate");
    memcpy(t->certificate_hash, room, sizeof(t->certificate_hash));
    return CARNET_OK;
}

static carnet_rc
check_certificate(const carnet_identity_token *t, carnet_span certificate, carnet_crypto *crypto, carnet_err *err)
{
    uint8_t hash[32];
    carnet_rc rc;

    if (certificate.len == 0)
        return CARNET_OK;
    rc = carnet_digest(crypto, CARNET_SHA256, &certificate, 1, hash, err);
    if (rc == CARNET_OK && memcmp(hash, t->certificate_hash, sizeof(hash)) != 0)
        rc = carnet_fail(err, CARNET_E_IDENTITY_TOKEN_BINDING, "RFC 8705 3", NULL);
    return rc;
}

static carnet_rc
check_expected(const carnet_identity_token *t, const carnet_identity_token_expected *e, carnet_crypto *crypto,
               carnet_err *err)
{
    if (!carnet_str_equal(t->issuer, e->issuer))
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN, "RFC 7519 4.1.1", "the token is by another provider");
    if (!carnet_str_equal(t->audience, e->audience))
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN, "RFC 7519 4.1.3", "the token is for another relying party");
    if (e->session_id.len != 0 && !carnet_str_equal(t->session_id, e->session_id))
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN, CLAUSE, "the token is of another session");
    if (t->expires - t->issued_at > CARNET_IDENTITY_TOKEN_LIFETIME || t->auth_time > t->issued_at + e->skew)
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN_TIME, CLAUSE, "the token's times do not go together");
    if (t->expires <= e->now - e->skew || t->issued_at > e->now + e->skew)
        return carnet_fail(err, CARNET_E_IDENTITY_TOKEN_TIME, "RFC 7519 4.1.4", NULL);
    return check_certificate(t, e->certificate, crypto, err);
}

carnet_rc
carnet_identity_token_open(carnet_str text, const carnet_identity_token_expected *expected,
                           const carnet_public_key *key, carnet_crypto *crypto, carnet_buf *storage,
                           carnet_identity_token *token, carnet_err *err)
{
    carnet_rc rc;

    *token = (carnet_identity_token){ 0 };
    rc = carnet_jwt_open(text, CARNET_IDENTITY_TOKEN_TYPE, CARNET_E_IDENTITY_TOKEN, storage, &token->jws, err);
    if (rc != CARNET_OK)
        return rc;
    rc = carnet_jws_verify(&token->jws, crypto, key, err);
    if (rc == CARNET_OK)
        rc = read_texts(token, err);
    if (rc == CARNET_OK)
        rc = read_times(token, err);
    if (rc == CARNET_OK)
        rc = read_lists(token, err);
    if (rc == CARNET_OK)
        rc = read_transaction(token, err);
    if (rc == CARNET_OK)
        rc = read_binding(token, err);
    if (rc == CARNET_OK)
        rc = check_expected(token, expected, crypto, err);
    if (rc != CARNET_OK)
        carnet_identity_token_close(token);
    return rc;
}

void
carnet_identity_token_close(carnet_identity_token *token)
{
    carnet_jws_close(&token->jws);
    *token = (carnet_identity_token){ 0 };
}
