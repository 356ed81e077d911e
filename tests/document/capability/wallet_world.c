/* SPDX-License-Identifier: Apache-2.0 */
#include "wallet_world.h"

test_attesters a;
carnet_key instance;
uint8_t storage_room[65536], out_room[65536];
carnet_buf storage, out;
const char *known_challenge;

bool
is_ours(void *context, carnet_str challenge)
{
    (void)context;
    return carnet_str_is(challenge, known_challenge);
}

carnet_client_attestation_expectation
expected(void)
{
    return (carnet_client_attestation_expectation){ .struct_size = sizeof(carnet_client_attestation_expectation),
                                                    .trust = &a.trust,
                                                    .audience = carnet_str_of(SERVER),
                                                    .now = NOW,
                                                    .skew = 60 };
}

int
begin(void **state)
{
    (void)state;
    test_attesters_begin(&a);
    return carnet_software_key_generate(&a.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &instance, NULL) == CARNET_OK
               ? 0
               : -1;
}

int
end(void **state)
{
    (void)state;
    carnet_key_done(&instance);
    test_attesters_end(&a);
    return 0;
}

int
each(void **state)
{
    (void)state;
    storage = carnet_buf_of(storage_room, sizeof(storage_room));
    out = carnet_buf_of(out_room, sizeof(out_room));
    return 0;
}

carnet_client_attestation_spec
attestation_spec(test_signer who)
{
    return (carnet_client_attestation_spec){ .struct_size = sizeof(carnet_client_attestation_spec),
                                             .issuer = carnet_str_of("https://provider.example"),
                                             .client_id = carnet_str_of("wallet-1"),
                                             .key = &instance.public_key,
                                             .issued_at = NOW - 100,
                                             .expires = NOW + 3600,
                                             .x5c = a.chains[who],
                                             .x5c_count = a.chain_len[who] };
}

carnet_str
built(const carnet_client_attestation_spec *spec, carnet_key *key)
{
    const size_t start = out.len;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_client_attestation_build(spec, key, &a.crypto, &out, &err), &err);
    return (carnet_str){ (const char *)out.ptr + start, out.len - start };
}

carnet_str
attested(test_signer who)
{
    const carnet_client_attestation_spec spec = attestation_spec(who);

    return built(&spec, &a.keys[who]);
}

carnet_str
proof(const char *challenge)
{
    const carnet_client_attestation_pop_spec spec = { .struct_size = sizeof(spec),
                                                      .client_id = carnet_str_of("wallet-1"),
                                                      .audience = carnet_str_of(SERVER),
                                                      .challenge = carnet_str_of(challenge),
                                                      .issued_at = NOW };
    const size_t start = out.len;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_client_attestation_pop_build(&spec, &instance, &a.crypto, &out, &err), &err);
    return (carnet_str){ (const char *)out.ptr + start, out.len - start };
}

carnet_rc
check(carnet_str attestation, carnet_str pop, const carnet_client_attestation_expectation *e, carnet_err *err)
{
    carnet_buf room = carnet_buf_of(storage_room, sizeof(storage_room));
    carnet_client_authentication result;
    const carnet_rc rc = carnet_client_attestation_check(attestation, pop, e, &a.crypto, &room, &result, err);

    if (rc != CARNET_OK)
        assert_null(result.attestation.jws.header);
    carnet_client_authentication_close(&result);
    return rc;
}
