/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/pkce.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

/* RFC 7636 Appendix B. */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static void
what_is_made_fits_together(void **state)
{
    carnet_pkce one, two;

    (void)state;
    assert_carnet_ok(carnet_pkce_make(NULL, &crypto, &one, NULL), NULL);
    assert_carnet_ok(carnet_pkce_make(NULL, &crypto, &two, NULL), NULL);
    assert_string_not_equal(one.verifier, two.verifier);
    assert_int_equal(strlen(one.verifier), 43);
    assert_carnet_ok(carnet_pkce_check_challenge(carnet_str_of(one.challenge), carnet_str_of("S256"), NULL), NULL);
    assert_carnet_ok(carnet_pkce_check(carnet_str_of(one.verifier), carnet_str_of(one.challenge), &crypto, NULL), NULL);
    assert_carnet_rc(carnet_pkce_check(carnet_str_of(two.verifier), carnet_str_of(one.challenge), &crypto, NULL),
                     CARNET_E_OAUTH_GRANT);
    carnet_pkce_done(&one);
    assert_int_equal(one.verifier[0], 0);
}

static carnet_rc
no_randomness(void *self, uint8_t *out, size_t len)
{
    (void)self;
    (void)out;
    (void)len;
    return CARNET_E_CRYPTO_RANDOM;
}

static void
without_randomness_nothing_is_made(void **state)
{
    const carnet_random none = { no_randomness, NULL };
    carnet_pkce pkce;

    (void)state;
    assert_carnet_rc(carnet_pkce_make(&none, &crypto, &pkce, NULL), CARNET_E_CRYPTO_RANDOM);
    assert_int_equal(pkce.verifier[0], 0);
}

static const struct {
    const char *challenge, *method;
    carnet_rc rc;
} challenges[] = {
    { CHALLENGE, "S256", CARNET_OK },
    { "", "S256", CARNET_E_OAUTH_PARAMETER_MISSING },
    { "", "", CARNET_E_OAUTH_PARAMETER_MISSING },
    { CHALLENGE, "", CARNET_E_OAUTH_PARAMETER_MISSING }, /* which would mean plain */
    { VERIFIER, "plain", CARNET_E_OAUTH_PARAMETER },
    { CHALLENGE, "s256", CARNET_E_OAUTH_PARAMETER },
    { CHALLENGE, "S512", CARNET_E_OAUTH_PARAMETER },
    { CHALLENGE "A", "S256", CARNET_E_OAUTH_PARAMETER },
    { "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", "S256", CARNET_E_OAUTH_PARAMETER },
    { "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "S256", CARNET_E_OAUTH_PARAMETER },
    { "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN", "S256", CARNET_E_OAUTH_PARAMETER },
};

static void
only_s256_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(challenges); i++)
        assert_carnet_rc(carnet_pkce_check_challenge(carnet_str_of(challenges[i].challenge),
                                                     carnet_str_of(challenges[i].method), NULL),
                         challenges[i].rc);
}

static const struct {
    const char *verifier, *challenge;
    carnet_rc rc;
} verifiers[] = {
    { VERIFIER, CHALLENGE, CARNET_OK },
    { "", CHALLENGE, CARNET_E_OAUTH_GRANT },
    { CHALLENGE, CHALLENGE, CARNET_E_OAUTH_GRANT }, /* plain */
    { VERIFIER "A", CHALLENGE, CARNET_E_OAUTH_GRANT },
    { "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX", CHALLENGE, CARNET_E_OAUTH_GRANT },
    { "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX+", CHALLENGE, CARNET_E_OAUTH_GRANT },
    { VERIFIER, "", CARNET_E_OAUTH_GRANT },
    { VERIFIER VERIFIER VERIFIER, CHALLENGE, CARNET_E_OAUTH_GRANT },
};

static void
only_the_verifier_of_the_challenge_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(verifiers); i++)
        assert_carnet_rc(carnet_pkce_check(carnet_str_of(verifiers[i].verifier), carnet_str_of(verifiers[i].challenge),
                                           &crypto, NULL),
                         verifiers[i].rc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_fits_together),
        cmocka_unit_test(without_randomness_nothing_is_made),
        cmocka_unit_test(only_s256_is_taken),
        cmocka_unit_test(only_the_verifier_of_the_challenge_is_taken),
    };

    return cmocka_run_group_tests_name("exchange/oid4vc/pkce", tests, begin, end);
}
