/* SPDX-License-Identifier: Apache-2.0 */
/* With which keys a client comes: its attestation and its DPoP proof. */
#include "internal.h"

#include <string.h>

#define ATTESTATION     "OAuth-Client-Attestation"
#define ATTESTATION_POP "OAuth-Client-Attestation-PoP"

/* What is known of a challenge while the attestation is checked. */
typedef struct challenge {
    authorization_call *call;
    uint8_t hash[CARNET_STORE_HASH];
    carnet_time until;
    bool seen;
} challenge;

static bool
challenge_holds(void *context, carnet_str text)
{
    challenge *c = context;

    c->seen = carnet_service_nonce_check(c->call->worker, CARNET_NONCE_CHALLENGE, text, c->hash, NULL, &c->until,
                                         NULL) == CARNET_OK;
    return c->seen;
}

/* A key and its jti, which other keys may use as well. */
static carnet_rc
hash_proof(authorization_call *call, const uint8_t key[32], carnet_str jwt_id, uint8_t out[CARNET_STORE_HASH],
           carnet_err *err)
{
    carnet_span parts[2] = { carnet_span_of(key, 32), carnet_str_bytes(jwt_id) };

    return carnet_digest(call->worker->crypto, CARNET_SHA256, parts, 2, out, err);
}

static void
use(authorization_proofs *proofs, carnet_store_once_kind kind, carnet_time until)
{
    uint8_t *hash = proofs->hashes[proofs->once_count];

    proofs->once[proofs->once_count++] =
        (carnet_store_once){ .kind = kind, .hash = carnet_span_of(hash, CARNET_STORE_HASH), .until = until };
}

static carnet_rc
one_header(authorization_call *call, const char *name, carnet_rc refusal, carnet_str *value, carnet_err *err)
{
    *value = carnet_service_header(call->request, name);
    if (carnet_service_header_count(call->request, name) > 1)
        return carnet_fail(err, refusal, "RFC 9110 5.3", "a header field that proves something comes twice");
    return CARNET_OK;
}

/* A nonce that is there is held to, whether or not one is demanded.  The next is given when this one's time is half over: some
 * wallets lose their way when each answer has one. */
static carnet_rc
check_nonce(authorization_call *call, carnet_str nonce, carnet_err *err)
{
    const carnet_authorization_policy *policy = &call->as->policy;
    carnet_time expiry = 0;

    if (nonce.len == 0)
        return CARNET_OK;
    if (carnet_service_nonce_check(call->worker, CARNET_NONCE_DPOP, nonce, NULL, NULL, &expiry, NULL) != CARNET_OK)
        return carnet_fail(err, CARNET_E_DPOP_NONCE, "RFC 9449 8", "the nonce was not made here, or is over");
    call->nonce_ends = policy->dpop_nonce_required && expiry - call->now < policy->nonce_s / 2;
    return CARNET_OK;
}

carnet_rc
carnet_authorization_dpop(authorization_call *call, carnet_str text, carnet_str url, carnet_str access_token,
                          const uint8_t *thumbprint, uint8_t jkt[32], uint8_t once[CARNET_STORE_HASH], carnet_time *at,
                          carnet_time *until, carnet_err *err)
{
    const carnet_authorization_policy *policy = &call->as->policy;
    carnet_dpop_expectation expectation = {
        .struct_size = sizeof(expectation),
        .method = carnet_str_of(call->request->method == CARNET_SERVICE_GET ? "GET" : "POST"),
        .url = url,
        .access_token = access_token,
        .thumbprint = thumbprint,
        .now = call->now,
        .skew = policy->skew_s,
        .lifetime = policy->proof_s,
        .nonce_required = policy->dpop_nonce_required,
    };
    carnet_buf room = carnet_service_scratch_buf(call->worker, text.len);
    carnet_dpop proof;
    carnet_rc rc = carnet_dpop_check(text, &expectation, call->worker->crypto, &room, &proof, err);

    if (rc != CARNET_OK)
        return rc;
    rc = check_nonce(call, proof.nonce, err);
    if (rc == CARNET_OK)
        rc = hash_proof(call, proof.thumbprint, proof.jwt_id, once, err);
    memcpy(jkt, proof.thumbprint, 32);
    *at = proof.issued_at;
    *until = proof.issued_at + policy->proof_s + policy->skew_s + 1;
    carnet_dpop_close(&proof);
    return rc;
}

static carnet_rc
prove_key(authorization_call *call, const char *path, authorization_proofs *proofs, carnet_err *err)
{
    carnet_str text;
    carnet_time at, until;
    carnet_rc rc = one_header(call, "DPoP", CARNET_E_DPOP_PROOF, &text, err);

    if (rc != CARNET_OK || text.len == 0)
        return rc;
    rc = carnet_authorization_dpop(call, text, carnet_authorization_url(call, path), (carnet_str){ 0 }, NULL,
                                   proofs->jkt, proofs->hashes[proofs->once_count], &at, &until, err);
    if (rc != CARNET_OK)
        return rc;
    use(proofs, CARNET_STORE_ONCE_DPOP, until);
    proofs->once[proofs->once_count - 1].at = at;
    proofs->dpop = true;
    return CARNET_OK;
}

/* What an attestation that was checked says. */
static void
take_attestation(authorization_call *call, const carnet_client_authentication *client, authorization_proofs *proofs)
{
    carnet_buf name = carnet_service_scratch_buf(call->worker, client->attestation.client_id.len);

    carnet_buf_add_str(&name, client->attestation.client_id);
    memcpy(proofs->client_key, client->thumbprint, 32);
    proofs->client_id = carnet_buf_str(&name);
    proofs->attested = true;
}

/* The proof of possession and its challenge serve once. */
static carnet_rc
use_proof(authorization_call *call, const carnet_client_authentication *client, const challenge *c,
          authorization_proofs *proofs, carnet_err *err)
{
    const carnet_authorization_policy *policy = &call->as->policy;
    carnet_time issued = client->pop.issued_at;
    carnet_rc rc = hash_proof(call, client->thumbprint, client->pop.jwt_id, proofs->hashes[proofs->once_count], err);

    if (rc != CARNET_OK)
        return rc;
    /* Without iat its challenge bounds it; without either it is remembered as long as the attestation holds. */
    use(proofs, CARNET_STORE_ONCE_ATTESTATION,
        issued != CARNET_TIME_ABSENT ? issued + policy->proof_s + policy->skew_s + 1
        : c->seen                    ? c->until + 1
                                     : client->attestation.expires + policy->skew_s + 1);
    if (c->seen) {
        memcpy(proofs->hashes[proofs->once_count], c->hash, CARNET_STORE_HASH);
        use(proofs, CARNET_STORE_ONCE_CHALLENGE, c->until + 1);
    }
    return CARNET_OK;
}

/* What a client attestation is held against. */
static carnet_client_attestation_expectation
expect(const authorization_call *call, carnet_str client_id, challenge *c)
{
    const carnet_authorization_policy *policy = &call->as->policy;

    return (carnet_client_attestation_expectation){
        .struct_size = sizeof(carnet_client_attestation_expectation),
        .trust = policy->attesters,
        .audience = call->as->issuer,
        .client_id = client_id,
        .now = call->now,
        .skew = policy->skew_s,
        .proof_lifetime = policy->proof_s,
        .challenge_required = policy->challenge_required,
        .challenge = challenge_holds,
        .context = c,
    };
}

static carnet_rc
prove_client(authorization_call *call, carnet_str client_id, carnet_str attestation, carnet_str pop,
             authorization_proofs *proofs, carnet_err *err)
{
    challenge c = { .call = call };
    const carnet_client_attestation_expectation expectation = expect(call, client_id, &c);
    carnet_buf room = carnet_service_scratch_buf(call->worker, attestation.len + pop.len);
    carnet_client_authentication client;
    carnet_rc rc =
        carnet_client_attestation_check(attestation, pop, &expectation, call->worker->crypto, &room, &client, err);

    if (rc != CARNET_OK)
        return rc;
    rc = use_proof(call, &client, &c, proofs, err);
    if (rc == CARNET_OK)
        take_attestation(call, &client, proofs);
    carnet_client_authentication_close(&client);
    return rc;
}

/* With a DPoP proof for the proof of possession, which was looked at already. */
static carnet_rc
prove_client_combined(authorization_call *call, carnet_str client_id, carnet_str attestation,
                      authorization_proofs *proofs, carnet_err *err)
{
    const carnet_client_attestation_expectation expectation = expect(call, client_id, NULL);
    carnet_buf room = carnet_service_scratch_buf(call->worker, attestation.len);
    carnet_client_authentication client;
    carnet_rc rc = carnet_client_attestation_check_combined(attestation, proofs->jkt, &expectation,
                                                            call->worker->crypto, &room, &client, err);

    if (rc != CARNET_OK)
        return rc;
    take_attestation(call, &client, proofs);
    carnet_client_authentication_close(&client);
    return CARNET_OK;
}

bool
carnet_authorization_combined(const carnet_authorization_policy *policy)
{
    return policy->attesters != NULL && (!policy->challenge_required || policy->dpop_nonce_required);
}

static carnet_rc
prove_both(authorization_call *call, const char *path, carnet_str client_id, authorization_proofs *proofs,
           carnet_err *err)
{
    carnet_str attestation, pop;
    carnet_rc rc = one_header(call, ATTESTATION, CARNET_E_CLIENT_ATTESTATION, &attestation, err);

    if (rc == CARNET_OK)
        rc = one_header(call, ATTESTATION_POP, CARNET_E_CLIENT_ATTESTATION, &pop, err);
    if (rc != CARNET_OK)
        return rc;
    if (call->as->policy.attesters == NULL || (attestation.len == 0 && pop.len == 0))
        return prove_key(call, path, proofs, err);
    if (pop.len == 0 && carnet_service_header(call->request, "DPoP").len > 0 &&
        carnet_authorization_combined(&call->as->policy)) {
        rc = prove_key(call, path, proofs, err);
        return rc == CARNET_OK ? prove_client_combined(call, client_id, attestation, proofs, err) : rc;
    }
    rc = prove_client(call, client_id, attestation, pop, proofs, err);
    return rc == CARNET_OK ? prove_key(call, path, proofs, err) : rc;
}

carnet_rc
carnet_authorization_prove(authorization_call *call, const char *path, carnet_str client_id,
                           authorization_proofs *proofs, carnet_err *err)
{
    carnet_rc rc;

    memset(proofs, 0, sizeof(*proofs));
    proofs->client_id = client_id;
    rc = prove_both(call, path, client_id, proofs, err);
    if (rc != CARNET_OK)
        return rc;
    call->client_id = proofs->client_id;
    if (call->as->policy.attestation_required && !proofs->attested)
        return carnet_fail(err, CARNET_E_OAUTH_CLIENT, "HAIP 4.4", "a client attestation is required");
    return CARNET_OK;
}

carnet_rc
carnet_authorization_prove_once(const authorization_proofs *proofs, carnet_store_session *session, carnet_rc *refusal,
                                const char **reason, carnet_err *err)
{
    size_t which = 0;
    carnet_rc rc;

    *refusal = CARNET_OK;
    if (proofs->once_count == 0)
        return CARNET_OK;
    rc = carnet_store_use_once(session, proofs->once, proofs->once_count, &which, err);
    if (rc != CARNET_E_STORE_REPLAYED)
        return rc;
    *refusal = proofs->once[which].kind == CARNET_STORE_ONCE_DPOP        ? CARNET_E_DPOP_PROOF
               : proofs->once[which].kind == CARNET_STORE_ONCE_CHALLENGE ? CARNET_E_CLIENT_ATTESTATION_CHALLENGE
                                                                         : CARNET_E_CLIENT_ATTESTATION_PROOF;
    *reason = proofs->once[which].kind == CARNET_STORE_ONCE_CHALLENGE ? "challenge_replayed" : "proof_replayed";
    return CARNET_OK;
}
