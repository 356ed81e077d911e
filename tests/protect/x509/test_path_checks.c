/* SPDX-License-Identifier: Apache-2.0 */
/* Each check of a path and of a signer: what is amiss is found, by its own check, and nothing else is. */
#include "chain.h"

#define EXTENSION(e) CARNET_EXTENSION_BIT(CARNET_EXTENSION_##e)

static void
flip_country(uint8_t *tbs, size_t len, void *context)
{
    (void)context;
    for (size_t i = len; i-- > 2;)
        if (tbs[i - 1] == 'U' && tbs[i] == 'T') { /* the subject's: the last one */
            tbs[i] = 'u';
            return;
        }
}

static void
change_nothing(chain *c)
{
    (void)c;
}
static void
signer_expired(chain *c)
{
    SIGNER(c)->not_after = FORGE_NOW - 1;
}
static void
signer_early(chain *c)
{
    SIGNER(c)->not_before = FORGE_NOW + 1;
}
static void
signer_last_second(chain *c)
{
    SIGNER(c)->not_after = FORGE_NOW;
}
static void
signer_first_second(chain *c)
{
    SIGNER(c)->not_before = FORGE_NOW;
}
static void
authority_expired(chain *c)
{
    AUTHORITY(c)->not_after = FORGE_NOW - 1;
}
static void
root_expired(chain *c)
{
    ROOT(c)->not_after = FORGE_NOW - 1;
}
static void
signer_rogue(chain *c)
{
    SIGNER(c)->issuer_key = 3;
    SIGNER(c)->authority = FORGE_NONE;
}
static void
authority_rogue(chain *c)
{
    AUTHORITY(c)->issuer_key = 3;
    AUTHORITY(c)->authority = FORGE_NONE;
}
static void
authority_no_ca(chain *c)
{
    AUTHORITY(c)->ca = 0;
    AUTHORITY(c)->path_length = -1;
}
static void
authority_no_constraints(chain *c)
{
    AUTHORITY(c)->ca = -1;
}
static void
root_no_ca(chain *c)
{
    ROOT(c)->ca = 0;
}
static void
root_too_short(chain *c)
{
    ROOT(c)->path_length = 0;
}
static void
root_just_long_enough(chain *c)
{
    ROOT(c)->path_length = 1;
}
static void
authority_no_sign(chain *c)
{
    AUTHORITY(c)->key_usage = CARNET_KEY_USAGE_CRL_SIGN;
}
static void
root_no_sign(chain *c)
{
    ROOT(c)->key_usage = CARNET_KEY_USAGE_DIGITAL_SIGNATURE;
}
static void
authority_no_usage(chain *c)
{
    AUTHORITY(c)->key_usage = -1;
}
static void
signer_unknown(chain *c)
{
    SIGNER(c)->extra = "1.3.6.1.4.1.99999.1";
    SIGNER(c)->extra_value = "0500";
    SIGNER(c)->extra_critical = true;
}
static void
signer_unknown_not_critical(chain *c)
{
    signer_unknown(c);
    SIGNER(c)->extra_critical = false;
}
static void
root_unknown(chain *c)
{
    ROOT(c)->extra = "1.3.6.1.4.1.99999.1";
    ROOT(c)->extra_value = "0500";
    ROOT(c)->extra_critical = true;
}
static void
authority_constrained(chain *c)
{
    AUTHORITY(c)->extra = "2.5.29.36";
    AUTHORITY(c)->extra_value = "3003800100";
    AUTHORITY(c)->extra_critical = true;
}
static void
signer_other_country(chain *c)
{
    SIGNER(c)->country = "NL";
}
static void
signer_lower_country(chain *c)
{
    SIGNER(c)->spoil = flip_country;
}
static void
signer_no_country(chain *c)
{
    SIGNER(c)->country = NULL;
}
static void
authority_no_country(chain *c)
{
    AUTHORITY(c)->country = NULL;
    SIGNER(c)->issuer_country = NULL;
}
static void
signer_state(chain *c)
{
    SIGNER(c)->state = "North";
}
static void
same_state(chain *c)
{
    SIGNER(c)->state = "North";
    SIGNER(c)->issuer_state = AUTHORITY(c)->state = "North";
}
static void
other_state(chain *c)
{
    SIGNER(c)->state = "South";
    SIGNER(c)->issuer_state = AUTHORITY(c)->state = "North";
}
static void
issuer_state_only(chain *c)
{
    SIGNER(c)->issuer_state = AUTHORITY(c)->state = "North";
}
static void
signer_wrong_authority(chain *c)
{
    SIGNER(c)->authority = FORGE_WRONG;
}
static void
signer_no_authority(chain *c)
{
    SIGNER(c)->authority = FORGE_NONE;
}
static void
authority_no_own(chain *c)
{
    AUTHORITY(c)->own = FORGE_NONE;
}
static void
signer_ca(chain *c)
{
    SIGNER(c)->ca = 1;
}
static void
signer_wrong_own(chain *c)
{
    SIGNER(c)->own = FORGE_WRONG;
}
static void
signer_short_serial(chain *c)
{
    SIGNER(c)->serial_len = 6;
}
static void
signer_long_serial(chain *c)
{
    SIGNER(c)->serial_len = 21;
}
static void
signer_long_life(chain *c)
{
    SIGNER(c)->not_before = FORGE_NOW;
    SIGNER(c)->not_after = FORGE_NOW + 457 * CARNET_TIME_DAY + 1;
}
static void
signer_longest_life(chain *c)
{
    SIGNER(c)->not_before = FORGE_NOW;
    SIGNER(c)->not_after = FORGE_NOW + 457 * CARNET_TIME_DAY;
}
static void
signer_more_usage(chain *c)
{
    SIGNER(c)->key_usage |= CARNET_KEY_USAGE_NON_REPUDIATION;
}
static void
signer_critical_names(chain *c)
{
    SIGNER(c)->critical |= EXTENSION(ISSUER_ALTERNATIVE_NAME);
}
static void
signer_for_readers(chain *c)
{
    SIGNER(c)->purposes[0] = "1.0.18013.5.1.6";
}
static void
signer_two_purposes(chain *c)
{
    SIGNER(c)->purposes[1] = "1.0.23220.4.1.2";
}
static void
root_sent_too(chain *c)
{
    c->root_too = true;
}
static void
signer_issuer_unknown(chain *c)
{
    SIGNER(c)->issuer = "Nobody";
}
static void
authority_issuer_unknown(chain *c)
{
    AUTHORITY(c)->issuer = "Nobody";
}
static void
authority_malformed(chain *c)
{
    AUTHORITY(c)->version = 1;
}

#define FAILS(...) { __VA_ARGS__ }, sizeof((carnet_check[]){ __VA_ARGS__ }) / sizeof(carnet_check)
#define NONE       { 0 }, 0
#define C(name)    CARNET_CHECK_##name

static const struct {
    void (*change)(chain *c);
    const char *what;
    carnet_check bad[3];
    size_t count;
} cases[] = {
    { change_nothing, "a good chain", NONE },
    { signer_expired, "the signer expired a second ago", FAILS(C(PATH_VALIDITY)) },
    { signer_last_second, "the signer's last second", NONE },
    { signer_early, "the signer begins in a second", FAILS(C(PATH_VALIDITY)) },
    { signer_first_second, "the signer's first second", NONE },
    { authority_expired, "the authority expired", FAILS(C(PATH_VALIDITY)) },
    { root_expired, "the trusted certificate expired", FAILS(C(PATH_VALIDITY)) },
    { signer_rogue, "another key signed the signer", FAILS(C(PATH_SIGNATURE), C(SIGNER_AKI)) },
    { authority_rogue, "another key signed the authority", FAILS(C(PATH_SIGNATURE)) },
    { authority_no_ca, "the authority is none", FAILS(C(PATH_CA)) },
    { authority_no_constraints, "the authority does not say it is one", FAILS(C(PATH_CA)) },
    { root_no_ca, "the trusted certificate is no authority's", FAILS(C(PATH_CA)) },
    { root_too_short, "the root allows no authority below it", FAILS(C(PATH_LENGTH)) },
    { root_just_long_enough, "the root allows one authority below it", NONE },
    { authority_no_sign, "the authority may not sign", FAILS(C(PATH_CA_KEY_USAGE)) },
    { root_no_sign, "the root may not sign", FAILS(C(PATH_CA_KEY_USAGE)) },
    { authority_no_usage, "the authority's key usage is not limited", NONE },
    { signer_unknown, "an unknown critical extension", FAILS(C(PATH_CRITICAL)) },
    { signer_unknown_not_critical, "an unknown extension", NONE },
    { root_unknown, "an unknown critical extension of the root", FAILS(C(PATH_CRITICAL)) },
    { authority_constrained, "policy constraints", FAILS(C(PATH_FORBIDDEN)) },
    { signer_other_country, "another country", FAILS(C(PATH_COUNTRY)) },
    { signer_lower_country, "a country in part lower case", FAILS(C(PATH_COUNTRY), C(SIGNER_NAME)) },
    { signer_no_country, "no country", FAILS(C(PATH_COUNTRY), C(SIGNER_NAME)) },
    { authority_no_country, "the authority has no country", FAILS(C(PATH_COUNTRY)) },
    { signer_state, "a state of the signer only", NONE },
    { same_state, "the same state", NONE },
    { other_state, "another state", FAILS(C(PATH_STATE)) },
    { issuer_state_only, "a state of the issuer only", FAILS(C(SIGNER_NAME)) },
    { signer_wrong_authority, "another key named as the issuer's", FAILS(C(PATH_KEY_IDENTIFIER)) },
    { signer_no_authority, "no key named as the issuer's", FAILS(C(SIGNER_AKI)) },
    { authority_no_own, "an issuer that does not name its key", NONE },
    { signer_ca, "a signer that is an authority", FAILS(C(SIGNER_NOT_CA)) },
    { signer_wrong_own, "a signer that names another key", FAILS(C(SIGNER_SKI)) },
    { signer_short_serial, "a serial number of 6 octets", FAILS(C(SIGNER_SERIAL)) },
    { signer_long_serial, "a serial number of 21 octets", FAILS(C(SIGNER_SERIAL)) },
    { signer_long_life, "457 days and a second", FAILS(C(SIGNER_LIFETIME)) },
    { signer_longest_life, "457 days", NONE },
    { signer_more_usage, "more key usage than the profile has", FAILS(C(SIGNER_KEY_USAGE)) },
    { signer_critical_names, "a critical issuer alternative name", FAILS(C(SIGNER_IAN)) },
    { signer_for_readers, "a reader's purpose", FAILS(C(SIGNER_EXTENDED_KEY_USAGE)) },
    { signer_two_purposes, "both arcs", NONE },
    { root_sent_too, "the root in the chain", FAILS(C(CHAIN_INCLUDES_ROOT)) },
    { signer_issuer_unknown, "a chain that does not hang together", FAILS(C(PATH_FOUND)) },
    { authority_issuer_unknown, "a chain that ends nowhere", FAILS(C(PATH_FOUND)) },
    { authority_malformed, "an issuer's certificate that cannot be read", FAILS(C(PATH_FOUND)) },
};

static void
finds_what_is_amiss_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        chain c = chain_of_three();

        (void)chain_empty(NULL);
        cases[i].change(&c);
        chain_judge(&c, &carnet_profile_document_signer_mdl);
        assert_carnet_rc(out.rc, CARNET_OK);
        chain_only_fails(cases[i].what, cases[i].bad, cases[i].count);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_amiss_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
