/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/client_attestation.h"
#include "token_world.h"

#define SERVER "https://as.example"

static bool
is_ours(void *context, carnet_str challenge)
{
    (void)context;
    return carnet_str_is(challenge, "c");
}

/* Two texts, parted by a zero, after an octet that says whether they are tokens (even) or claims that come signed (odd).  What is
 * accepted is fresh, for this server, and by a key it attests. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[131072], token_room[131072];
    carnet_buf storage = carnet_buf_of(room, sizeof(room)), tokens = carnet_buf_of(token_room, sizeof(token_room));
    const carnet_attester_key attester = { .key = key.public_key };
    const carnet_attester_trust trust = { .struct_size = sizeof(trust), .keys = &attester, .key_count = 1 };
    const carnet_client_attestation_expectation expectation = { .struct_size = sizeof(expectation),
                                                                .trust = &trust,
                                                                .audience = carnet_str_of(SERVER),
                                                                .now = NOW,
                                                                .skew = 60,
                                                                .challenge = is_ours };
    carnet_client_authentication result;
    carnet_str rest, attestation, pop;
    carnet_err err = { 0 };
    carnet_rc rc;

    token_world_begin();
    if (size == 0)
        return 0;
    rest = (carnet_str){ (const char *)data + 1, size - 1 };
    attestation = token_world_part(&rest);
    pop = token_world_part(&rest);
    if (data[0] & 1) {
        attestation = token_world_sign(CARNET_CLIENT_ATTESTATION_TYPE, NULL, attestation, &tokens);
        pop = token_world_sign(CARNET_CLIENT_ATTESTATION_POP_TYPE, NULL, pop, &tokens);
    }
    rc = carnet_client_attestation_check(attestation, pop, &expectation, &crypto, &storage, &result, &err);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && result.attestation.jws.header == NULL && result.pop.jws.header == NULL);
        MUST(rc >= CARNET_E_CLIENT_ATTESTATION && rc <= CARNET_E_CLIENT_ATTESTATION_CLIENT);
        return 0;
    }
    MUST(result.attestation.client_id.len != 0 && result.pop.jwt_id.len != 0);
    MUST(result.attestation.expires > NOW - 60);
    MUST(result.pop.issued_at != CARNET_TIME_ABSENT || carnet_str_is(result.pop.challenge, "c"));
    MUST(carnet_client_attestation_pop_for(&result.pop, expectation.audience));
    MUST(carnet_jws_verify(&result.pop.jws, &crypto, &result.attestation.key, NULL) == CARNET_OK);
    carnet_client_authentication_close(&result);
    return 0;
}
