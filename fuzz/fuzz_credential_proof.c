/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/credential_proof.h"
#include "fuzz.h"

static carnet_crypto crypto;
static carnet_attester_key trusted;
static carnet_attester_trust trust = { .struct_size = sizeof(trust), .keys = &trusted, .key_count = 1 };
static carnet_proof_type type = { .supported = true };
static carnet_credential_proof_rules rules = { .struct_size = sizeof(rules),
                                               .audience = { "https://iss.example", 19 },
                                               .client_id = { "client", 6 },
                                               .nonce_required = true,
                                               .now = 1800000000,
                                               .skew = 60,
                                               .age = 300,
                                               .batch_size = 8,
                                               .jwt = &type,
                                               .attestation = &type,
                                               .attesters = &trust };

static void
begin(void)
{
    static const uint8_t scalar[32] = { [31] = 1 };
    carnet_key key;

    MUST(carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    MUST(carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256, carnet_span_of(scalar, sizeof(scalar)),
                                         CARNET_KEY_SIGN, &key, NULL) == CARNET_OK);
    trusted.key = key.public_key;
    carnet_key_done(&key);
}

/* Proofs, a line each; the first octet says of which kind.  What passes has keys, each once, and a nonce. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[4 * CARNET_JWS_MAX];
    static carnet_public_key found_keys[8];
    static carnet_credential_request request;
    static bool ready;
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_proven_keys keys = { found_keys, CARNET_COUNT(found_keys), 0 };
    carnet_credential_proofs found;
    carnet_err err = { 0 };

    if (!ready)
        begin();
    ready = true;
    if (size == 0)
        return 0;
    request.proof_kind = data[0] == 'a' ? CARNET_PROOF_ATTESTATION : CARNET_PROOF_JWT;
    request.proof_count = 0;
    for (size_t i = 1, start = 1; i <= size && request.proof_count < CARNET_PROOFS_MAX; i++) {
        if (i < size && data[i] != '\n')
            continue;
        request.proofs[request.proof_count++] = (carnet_str){ (const char *)data + start, i - start };
        start = i + 1;
    }
    if (carnet_credential_proofs_check(&request, &rules, &crypto, &storage, &keys, &found, &err) != CARNET_OK) {
        MUST(err.rc == CARNET_E_OID4VCI_PROOF || err.rc == CARNET_E_OID4VCI_NONCE || err.rc == CARNET_E_NO_SPACE);
        MUST(keys.count == 0 && found.nonce.len == 0);
        return 0;
    }
    MUST(keys.count >= request.proof_count && keys.count <= CARNET_COUNT(found_keys) && found.nonce.len != 0);
    MUST(fuzz_inside(carnet_str_bytes(found.nonce), carnet_buf_span(&storage)));
    for (size_t i = 0; i < keys.count; i++) {
        for (size_t k = 0; k < i; k++)
            MUST(!carnet_public_key_equal(&keys.keys[i], &keys.keys[k]));
    }
    return 0;
}
