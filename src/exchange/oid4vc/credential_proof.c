/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of possession, checked (OpenID4VCI 8.2.1, F.1, F.3, F.4). */
#include "carnet/credential_proof.h"
#include "carnet/attester.h"
#include "carnet/certificate.h"
#include "carnet/jwt.h"
#include "carnet/oauth_url.h"
#include "internal.h"

#include <string.h>

#define CLAUSE "OpenID4VCI F.4"

/* The proofs of one request. */
typedef struct proofs {
    const carnet_credential_proof_rules *rules;
    carnet_crypto *crypto;
    carnet_buf *storage;
    carnet_proven_keys *keys;
    size_t cap;  /* keys at most */
    char *nonce; /* CARNET_PROOF_NONCE_MAX characters of the storage */
    size_t nonce_len;
    bool begun;                   /* a proof was taken: the nonce is known */
    bool unattested;              /* a key has no attestation */
    uint8_t attestation[32];      /* digest of the one that was checked last, */
    size_t from, to;              /* and its keys; none: there was none */
    bool strange;                 /* there was one of a stranger, */
    uint8_t stranger[32];         /* and this was its digest */
    bool used[CARNET_PROOFS_MAX]; /* a key has signed its own proof */
} proofs;

static carnet_rc
refuse(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_OID4VCI_PROOF, CLAUSE, why);
}

static carnet_rc
wrong_nonce(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_OID4VCI_NONCE, CLAUSE, why);
}

static bool
one_of(const carnet_proof_type *type, carnet_signature_algorithm algorithm)
{
    for (size_t i = 0; i < type->algorithm_count; i++) {
        if (type->algorithms[i] == algorithm)
            return true;
    }
    return type->algorithm_count == 0;
}

/* All proofs have one nonce. */
static carnet_rc
take_nonce(proofs *p, carnet_str nonce, carnet_err *err)
{
    if (nonce.len == 0 && p->rules->nonce_required)
        return wrong_nonce(err, "the nonce is missing");
    if (nonce.len > CARNET_PROOF_NONCE_MAX || p->nonce == NULL)
        return wrong_nonce(err, "the nonce is not one of this issuer");
    if (p->begun && !carnet_str_equal(nonce, (carnet_str){ p->nonce, p->nonce_len }))
        return wrong_nonce(err, "proofs of one request have different nonces");
    if (nonce.len != 0)
        memcpy(p->nonce, nonce.ptr, nonce.len);
    p->nonce_len = nonce.len;
    p->begun = true;
    return CARNET_OK;
}

static size_t
find_key(const proofs *p, size_t from, size_t to, const carnet_public_key *key)
{
    while (from < to && !carnet_public_key_equal(&p->keys->keys[from], key))
        from++;
    return from;
}

/* --- key attestations --- */

static carnet_rc
check_attestation(proofs *p, const carnet_key_attestation *view, const carnet_proof_type *type, bool in_proof,
                  carnet_err *err)
{
    const carnet_key_attestations_required *required = &type->key_attestations;
    const carnet_key_attestation_expectation expectation = {
        .struct_size = sizeof(expectation),
        .trust = p->rules->attesters,
        .key_storage = { .accepted = required->key_storage, .count = required->key_storage_count },
        .user_authentication = { .accepted = required->user_authentication,
                                 .count = required->user_authentication_count },
        .now = p->rules->now,
        .skew = p->rules->skew,
        .age_max = p->rules->attestation_age,
        .expires_required = in_proof,
    };

    for (size_t i = 0; i < view->key_count; i++) {
        if (find_key(p, 0, p->keys->count, &view->keys[i]) != p->keys->count)
            return refuse(err, "a key is there twice");
    }
    return carnet_key_attestation_check(view, &expectation, p->crypto, err);
}

/* The nonce: beside a proof it may be missing, and if not it is the proof's. */
static carnet_rc
check_its_nonce(proofs *p, carnet_str nonce, bool in_proof, carnet_err *err)
{
    if (!in_proof)
        return take_nonce(p, nonce, err);
    if (nonce.len != 0 && !carnet_str_equal(nonce, (carnet_str){ p->nonce, p->nonce_len }))
        return wrong_nonce(err, "the key attestation has another nonce than the proof");
    return CARNET_OK;
}

/* Its keys are the next of ours. */
static carnet_rc
take_attestation(proofs *p, carnet_str text, const carnet_proof_type *type, bool in_proof, carnet_err *err)
{
    carnet_key_attestation view;
    carnet_public_key *next = p->keys->keys + p->keys->count;
    carnet_rc rc = carnet_key_attestation_open(text, p->crypto, p->storage, next, p->cap - p->keys->count, &view, err);

    if (rc == CARNET_E_LIMIT)
        return refuse(err, "there are more keys than are taken at once");
    if (rc != CARNET_OK)
        return rc;
    if (!in_proof && !one_of(type, view.jws.algorithm))
        rc = refuse(err, "the algorithm is not one that was announced");
    if (rc == CARNET_OK)
        rc = check_its_nonce(p, view.nonce, in_proof, err);
    if (rc == CARNET_OK)
        rc = check_attestation(p, &view, type, in_proof, err);
    if (rc == CARNET_OK) {
        p->from = p->keys->count;
        p->to = p->keys->count += view.key_count;
    }
    carnet_key_attestation_close(&view);
    return rc;
}

/* --- jwt --- */

static carnet_rc
check_times(const proofs *p, const carnet_jws *jws, carnet_err *err)
{
    const carnet_credential_proof_rules *rules = p->rules;
    carnet_time issued_at, expires;
    carnet_rc rc = carnet_jwt_time(jws, "iat", true, CARNET_E_OID4VCI_PROOF, &issued_at, err);

    if (rc == CARNET_OK)
        rc = carnet_jwt_time(jws, "exp", false, CARNET_E_OID4VCI_PROOF, &expires, err);
    if (rc != CARNET_OK)
        return rc;
    if (issued_at > rules->now + rules->skew || issued_at < rules->now - rules->skew - rules->age)
        return refuse(err, "iat is too early or too late");
    if (expires != CARNET_TIME_ABSENT && expires < rules->now - rules->skew)
        return refuse(err, "it is over by its exp");
    return CARNET_OK;
}

/* aud is the issuer, as a text or the only entry of a list.  Wallets whose URLs always have a path write a slash behind a host
 * that has none (RFC 3986 6.2.3). */
static bool
for_audience(const carnet_json *aud, carnet_str audience)
{
    carnet_oauth_url parts;
    carnet_str text;

    if (carnet_json_type_of(aud) == CARNET_JSON_ARRAY)
        aud = carnet_json_count(aud) == 1 ? carnet_json_at(aud, 0) : NULL;
    text = carnet_json_string(aud);
    if (carnet_str_equal(text, audience))
        return text.len != 0;
    return text.len == audience.len + 1 && text.ptr[audience.len] == '/' &&
           carnet_str_equal((carnet_str){ text.ptr, audience.len }, audience) &&
           carnet_oauth_url_split(text, &parts, NULL) == CARNET_OK && carnet_str_is(parts.path, "/");
}

static carnet_rc
check_claims(const proofs *p, const carnet_jws *jws, carnet_err *err)
{
    const carnet_json *iss = carnet_json_get(jws->claims, "iss");
    const carnet_str client = p->rules->client_id;

    if (!for_audience(carnet_json_get(jws->claims, "aud"), p->rules->audience))
        return refuse(err, "aud is not this credential issuer");
    if (client.len != 0 && iss != NULL && !carnet_str_equal(carnet_json_string(iss), client))
        return refuse(err, "iss is not the client that has the access token");
    return check_times(p, jws, err);
}

/* Whether nobody is known who made it: else it is a good one, or one that was tampered with. */
static bool
of_a_stranger(proofs *p, carnet_str text)
{
    carnet_key_attestation view;
    carnet_public_key *next = p->keys->keys + p->keys->count;
    bool stranger = carnet_key_attestation_open(text, p->crypto, p->storage, next, p->cap - p->keys->count, &view,
                                                NULL) == CARNET_OK &&
                    carnet_attester_verify(&view.jws, view.issuer, p->rules->attesters, p->rules->now, p->rules->skew,
                                           p->crypto, NULL) == CARNET_E_ATTESTER_UNTRUSTED;

    carnet_key_attestation_close(&view);
    return stranger;
}

/* The key attestation beside a proof: checked once, if several proofs have it.  Where none is demanded, that of a stranger
 * says no more than none. */
static carnet_rc
read_attestation(proofs *p, const carnet_jws *jws, bool *attested, carnet_err *err)
{
    const carnet_json *member = carnet_json_get(jws->header, "key_attestation");
    const carnet_str text = carnet_json_string(member);
    const carnet_span bytes = carnet_str_bytes(text);
    const bool required = p->rules->jwt->key_attestations.required;
    uint8_t digest[32];
    carnet_rc rc;

    *attested = false;
    if (member != NULL && text.len == 0)
        return refuse(err, "key_attestation is no text");
    if (text.len == 0 || p->rules->attesters == NULL)
        return required ? refuse(err, "a key attestation is required") : CARNET_OK;
    *attested = true;
    rc = carnet_digest(p->crypto, CARNET_SHA256, &bytes, 1, digest, err);
    if (rc == CARNET_OK && p->strange && memcmp(digest, p->stranger, sizeof(digest)) == 0)
        *attested = false;
    if (rc != CARNET_OK || !*attested || (p->to != 0 && memcmp(digest, p->attestation, sizeof(digest)) == 0))
        return rc;
    rc = take_attestation(p, text, p->rules->jwt, true, err);
    if (rc == CARNET_OK)
        memcpy(p->attestation, digest, sizeof(digest));
    if (rc != CARNET_E_KEY_ATTESTATION_UNTRUSTED || required || !of_a_stranger(p, text))
        return rc;
    memcpy(p->stranger, digest, sizeof(digest));
    p->strange = true;
    *attested = false;
    return CARNET_OK;
}

static carnet_rc
key_of_certificate(const carnet_jws *jws, carnet_public_key *key, carnet_err *err)
{
    carnet_certificate certificate;

    if (carnet_certificate_open(jws->x5c[0], &certificate, NULL) != CARNET_OK ||
        certificate.public_key.curve == CARNET_CURVE_NONE)
        return refuse(err, "its certificate cannot be read");
    *key = certificate.public_key;
    return CARNET_OK;
}

/* The attested key that made the signature: what kid says of it is the attester's own affair. */
static carnet_rc
key_of_attestation(const proofs *p, const carnet_jws *jws, bool attested, carnet_public_key *key, carnet_err *err)
{
    for (size_t i = p->from; attested && i < p->to; i++) {
        if (carnet_jws_verify(jws, p->crypto, &p->keys->keys[i], NULL) == CARNET_OK) {
            *key = p->keys->keys[i];
            return CARNET_OK;
        }
    }
    return refuse(err, "kid names no key that is known");
}

static carnet_rc
find_proof_key(const proofs *p, const carnet_jws *jws, bool attested, carnet_public_key *key, carnet_err *err)
{
    const carnet_json *member = carnet_json_get(jws->header, "jwk");
    carnet_jwk jwk;
    carnet_rc rc;

    if ((member != NULL) + (jws->key_id.len != 0) + (jws->x5c_count != 0) != 1)
        return refuse(err, "its header must have one of jwk, kid and x5c");
    if (jws->x5c_count != 0)
        return key_of_certificate(jws, key, err);
    if (jws->key_id.len != 0)
        return key_of_attestation(p, jws, attested, key, err);
    rc = carnet_jwk_read(member, p->crypto, &jwk, err);
    *key = jwk.key;
    return rc;
}

/* The key is new, or one of the proof's own attestation that has not signed yet. */
static carnet_rc
take_key(proofs *p, const carnet_public_key *key, bool attested, carnet_err *err)
{
    size_t at = attested ? find_key(p, p->from, p->to, key) : find_key(p, 0, p->keys->count, key);

    if (attested && at == p->to)
        return refuse(err, "the key attestation does not speak of the key that signed");
    if (attested ? p->used[at] : at != p->keys->count)
        return refuse(err, "a key is there twice");
    if (!attested && p->keys->count == p->cap)
        return refuse(err, "there are more keys than are taken at once");
    if (!attested)
        p->keys->keys[p->keys->count++] = *key;
    p->used[at] = true;
    p->unattested = p->unattested || !attested;
    return CARNET_OK;
}

static carnet_rc
check_jws(proofs *p, const carnet_jws *jws, carnet_err *err)
{
    const carnet_str nonce = carnet_json_string(carnet_json_get(jws->claims, "nonce"));
    carnet_public_key key;
    bool attested = false;
    carnet_rc rc = CARNET_OK;

    if (!one_of(p->rules->jwt, jws->algorithm))
        rc = refuse(err, "the algorithm is not one that was announced");
    if (rc == CARNET_OK)
        rc = check_claims(p, jws, err);
    if (rc == CARNET_OK)
        rc = take_nonce(p, nonce, err);
    if (rc == CARNET_OK)
        rc = read_attestation(p, jws, &attested, err);
    if (rc == CARNET_OK)
        rc = find_proof_key(p, jws, attested, &key, err);
    if (rc == CARNET_OK)
        rc = carnet_jws_verify(jws, p->crypto, &key, err);
    return rc == CARNET_OK ? take_key(p, &key, attested, err) : rc;
}

static carnet_rc
check_jwt(proofs *p, carnet_str text, carnet_err *err)
{
    carnet_jws jws;
    carnet_rc rc = carnet_jwt_open(text, CARNET_PROOF_TYPE, CARNET_E_OID4VCI_PROOF, p->storage, &jws, err);

    if (rc != CARNET_OK)
        return rc;
    rc = check_jws(p, &jws, err);
    carnet_jws_close(&jws);
    return rc;
}

/* --- all of them --- */

/* Whatever a proof failed by, it is the proof that is not valid; what failed here is left as it is. */
static carnet_rc
blame(carnet_rc rc, carnet_proof_kind kind, size_t i, const carnet_err *why, carnet_err *err)
{
    const carnet_path proofs_step = { .name = carnet_str_of("proofs") };
    const carnet_path kind_step = { .up = &proofs_step,
                                    .name = carnet_str_of(kind == CARNET_PROOF_JWT ? "jwt" : "attestation") };
    const carnet_path step = { .up = &kind_step, .index = i };
    const carnet_rc told = rc == CARNET_E_OID4VCI_NONCE || carnet_rc_http(rc) >= 500 ? rc : CARNET_E_OID4VCI_PROOF;

    return carnet_fail_at(err, told, why->clause, why->reason[0] != '\0' ? why->reason : carnet_rc_text(rc),
                          CARNET_NO_OFFSET, &step);
}

static carnet_rc
check_kind(const carnet_credential_request *request, const carnet_credential_proof_rules *rules, carnet_err *err)
{
    const carnet_proof_type *type = request->proof_kind == CARNET_PROOF_JWT ? rules->jwt : rules->attestation;

    if (request->proof_kind == CARNET_PROOF_NONE || request->proof_count == 0)
        return refuse(err, "a proof is required");
    if (type == NULL || !type->supported ||
        (request->proof_kind == CARNET_PROOF_ATTESTATION && rules->attesters == NULL))
        return refuse(err, "this type of proof is not taken");
    return CARNET_OK;
}

static carnet_rc
begin(proofs *p, size_t proof_count, carnet_err *err)
{
    const size_t batch = p->rules->batch_size != 0 ? p->rules->batch_size : 1;

    p->cap = batch < p->keys->cap ? batch : p->keys->cap;
    p->cap = p->cap < CARNET_PROOFS_MAX ? p->cap : CARNET_PROOFS_MAX;
    if (proof_count > p->cap)
        return refuse(err, "there are more keys than are taken at once");
    if (p->storage->cap - p->storage->len < CARNET_PROOF_NONCE_MAX)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    p->nonce = (char *)p->storage->ptr + p->storage->len;
    p->storage->len += CARNET_PROOF_NONCE_MAX;
    return CARNET_OK;
}

carnet_rc
carnet_credential_proofs_check(const carnet_credential_request *request, const carnet_credential_proof_rules *rules,
                               carnet_crypto *crypto, carnet_buf *storage, carnet_proven_keys *keys,
                               carnet_credential_proofs *found, carnet_err *err)
{
    proofs p = { .rules = rules, .crypto = crypto, .storage = storage, .keys = keys };
    carnet_rc rc = check_kind(request, rules, err);

    *found = (carnet_credential_proofs){ 0 };
    keys->count = 0;
    if (rc == CARNET_OK)
        rc = begin(&p, request->proof_count, err);
    for (size_t i = 0; rc == CARNET_OK && i < request->proof_count; i++) {
        const carnet_str text = request->proofs[i];
        const size_t mark = storage->len;
        carnet_err why = { 0 };

        rc = request->proof_kind == CARNET_PROOF_JWT ? check_jwt(&p, text, &why)
                                                     : take_attestation(&p, text, rules->attestation, false, &why);
        if (rc != CARNET_OK)
            rc = blame(rc, request->proof_kind, i, &why, err);
        storage->len = mark;
    }
    if (rc != CARNET_OK) {
        keys->count = 0;
        return rc;
    }
    *found = (carnet_credential_proofs){ .nonce = { p.nonce, p.nonce_len }, .attested = !p.unattested };
    return CARNET_OK;
}
