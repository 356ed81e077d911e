/* SPDX-License-Identifier: Apache-2.0 */
#include "wallet_world.h"

#include <string.h>

static const struct {
    const char *what;
    test_signer signer;
    const char *reason; /* NULL: trusted */
} signers[] = {
    { "a signer under the authority", SIGNER_GOOD, NULL },
    { "one under an authority of the authority's", SIGNER_BELOW, NULL },
    { "one whose certificate expired", SIGNER_EXPIRED, "expired" },
    { "one that signed its own certificate", SIGNER_SELF_SIGNED, "self-signed" },
    { "one of another authority with the same name", SIGNER_STRANGER, "" },
    { "one whose key may not sign", SIGNER_NO_USAGE, "may not sign" },
    { "one vouched for by no authority", SIGNER_BY_LEAF, "" },
};

static void
only_trusted_attesters_are_believed(void **state)
{
    const carnet_client_attestation_expectation e = expected();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(signers); i++) {
        carnet_err err = { 0 };
        const carnet_rc rc = check(attested(signers[i].signer), proof(""), &e, &err);

        print_message("# %s: %s\n", signers[i].what, err.reason);
        assert_carnet_rc(rc, signers[i].reason == NULL ? CARNET_OK : CARNET_E_CLIENT_ATTESTATION_UNTRUSTED);
        if (signers[i].reason != NULL)
            assert_non_null(strstr(err.reason, signers[i].reason));
        each(NULL);
    }
}

static void
an_anchor_in_the_chain_is_refused_unless_allowed(void **state)
{
    const carnet_span chain[] = { a.chains[SIGNER_GOOD][0], a.root };
    carnet_client_attestation_spec spec = attestation_spec(SIGNER_GOOD);
    carnet_client_attestation_expectation e = expected();
    carnet_attester_trust trust = a.trust;
    carnet_str token;
    carnet_err err = { 0 };

    (void)state;
    spec.x5c = chain;
    spec.x5c_count = 2;
    token = built(&spec, &a.keys[SIGNER_GOOD]);
    assert_carnet_rc(check(token, proof(""), &e, &err), CARNET_E_CLIENT_ATTESTATION_UNTRUSTED);
    assert_string_equal(err.reason, "x5c holds the trusted certificate too");
    trust.anchor_in_chain_allowed = true;
    e.trust = &trust;
    assert_carnet_ok(check(token, proof(""), &e, &err), &err);
}

static void
a_chain_does_not_stand_for_another_key(void **state)
{
    const carnet_client_attestation_spec spec = attestation_spec(SIGNER_GOOD);
    const carnet_client_attestation_expectation e = expected();

    (void)state;
    assert_carnet_rc(check(built(&spec, &a.keys[SIGNER_STRANGER]), proof(""), &e, NULL),
                     CARNET_E_CLIENT_ATTESTATION_UNTRUSTED);
}

static const struct {
    const char *what, *issuer, *key_id, *header_key_id;
    bool other_key, chain_only;
    carnet_rc rc;
} configured[] = {
    { "any kid, any iss", "", "", NULL, false, false, CARNET_OK },
    { "this kid", "", "k1", "k1", false, false, CARNET_OK },
    { "this kid and iss", "https://provider.example", "k1", "k1", false, false, CARNET_OK },
    { "another kid", "", "k1", "k2", false, false, CARNET_E_CLIENT_ATTESTATION_UNTRUSTED },
    { "no kid where one is configured", "", "k1", NULL, false, false, CARNET_E_CLIENT_ATTESTATION_UNTRUSTED },
    { "another iss", "https://else.example", "k1", "k1", false, false, CARNET_E_CLIENT_ATTESTATION_UNTRUSTED },
    { "another key", "", "", NULL, true, false, CARNET_E_CLIENT_ATTESTATION_UNTRUSTED },
    { "HAIP wants a chain", "", "", NULL, false, true, CARNET_E_CLIENT_ATTESTATION_UNTRUSTED },
};

static void
a_configured_key_is_trusted_for_its_kid_and_issuer(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(configured); i++) {
        const carnet_attester_key key = { .issuer = carnet_str_of(configured[i].issuer),
                                          .key_id = carnet_str_of(configured[i].key_id),
                                          .key = a.keys[configured[i].other_key].public_key };
        const carnet_attester_trust trust = {
            .struct_size = sizeof(trust), .keys = &key, .key_count = 1, .chain_only = configured[i].chain_only
        };
        carnet_client_attestation_spec spec = attestation_spec(SIGNER_GOOD);
        carnet_client_attestation_expectation e = expected();

        each(NULL);
        spec.x5c_count = 0;
        spec.key_id = carnet_str_of(configured[i].header_key_id);
        e.trust = &trust;
        print_message("# %s\n", configured[i].what);
        assert_carnet_rc(check(built(&spec, &a.keys[SIGNER_GOOD]), proof(""), &e, NULL), configured[i].rc);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_trusted_attesters_are_believed, each),
        cmocka_unit_test_setup(an_anchor_in_the_chain_is_refused_unless_allowed, each),
        cmocka_unit_test_setup(a_chain_does_not_stand_for_another_key, each),
        cmocka_unit_test_setup(a_configured_key_is_trusted_for_its_kid_and_issuer, each),
    };

    return cmocka_run_group_tests_name("document/capability/attester", tests, begin, end);
}
