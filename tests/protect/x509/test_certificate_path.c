/* SPDX-License-Identifier: Apache-2.0 */
/* Paths over forged chains: found, or not, and for how long they are good. */
#include "chain.h"

#include <string.h>

#define C(name) CARNET_CHECK_##name

static void
signer_unknown(chain *c)
{
    SIGNER(c)->extra = "1.3.6.1.4.1.99999.1";
    SIGNER(c)->extra_value = "0500";
    SIGNER(c)->extra_critical = true;
}

static void
says_who_and_when_in_a_sentence(void **state)
{
    chain c = chain_of_three();

    (void)state;
    SIGNER(&c)->not_after = INT64_C(1699999999);
    signer_unknown(&c);
    chain_judge(&c, &carnet_profile_document_signer_mdl);
    assert_string_equal(chain_detail(C(PATH_VALIDITY)), "certificate 0 expired 2023-11-14T22:13:19Z");
    assert_string_equal(chain_detail(C(PATH_CRITICAL)), "certificate 0 has 1.3.6.1.4.1.99999.1");
    c = chain_of_three();
    ROOT(&c)->not_after = FORGE_NOW - 1;
    chain_judge(&c, &carnet_profile_document_signer_mdl);
    assert_string_equal(chain_detail(C(PATH_VALIDITY)), "the trusted certificate expired 2023-11-14T22:13:19Z");
}

static void
a_signer_that_cannot_be_read_is_no_path(void **state)
{
    chain c = chain_of_three();

    (void)state;
    SIGNER(&c)->other_algorithm_outside = true;
    chain_judge(&c, &carnet_profile_document_signer_mdl);
    assert_carnet_rc(out.rc, CARNET_E_X509_STRUCTURE);
    chain_only_fails("unreadable", (carnet_check[]){ C(PATH_FOUND) }, 1);
    assert_int_equal(out.path.count, 0);
    assert_null(out.path.anchor);
}

static void
a_document_signer_cannot_issue_another(void **state)
{
    chain c = { { forge_signer("Signer", 5), forge_signer("Root", 0), forge_root() }, 3, 1, false };
    carnet_check bad[] = { C(PATH_CA), C(PATH_CA_KEY_USAGE) };

    (void)state;
    SIGNER(&c)->subject = "Second";
    SIGNER(&c)->key = 4;
    chain_judge(&c, &carnet_profile_document_signer_mdl);
    chain_only_fails("signer below signer", bad, 2);
    assert_int_equal(chain_outcome(C(PATH_SIGNATURE)), CARNET_PASS);
}

static void
a_trusted_signer_is_no_path_to_itself(void **state)
{
    chain c = { { forge_signer("Signer", 5) }, 1, 1, true };
    carnet_check bad[] = { C(PATH_FOUND) };

    (void)state;
    chain_judge(&c, &carnet_profile_document_signer_mdl);
    chain_only_fails("self-signed", bad, 1);
}

static void
an_authority_is_trusted_by_being_there(void **state)
{
    chain c = chain_of_three();

    (void)state;
    c.trusted = 2; /* authority and root */
    chain_judge(&c, &carnet_profile_document_signer_mdl);
    chain_only_fails("authority trusted", NULL, 0);
    assert_int_equal(out.path.count, 1);
    assert_int_equal(out.path.anchor->not_after, AUTHORITY(&c)->not_after);
}

static void
of_several_with_one_name_the_one_that_verifies_is_taken(void **state)
{
    chain c = { { forge_signer("Root", 2), forge_root(), forge_root(), forge_root() }, 4, 3, false };

    (void)state;
    SIGNER(&c)->authority = FORGE_NONE;
    for (int i = 1; i <= 3; i++)
        c.certificates[i].key = c.certificates[i].issuer_key = i;
    chain_judge(&c, &carnet_profile_document_signer_mdl);
    chain_only_fails("three roots", (carnet_check[]){ C(SIGNER_AKI) }, 1);
    assert_true(carnet_public_key_equal(&out.path.anchor->public_key, &forge_key(2)->public_key));
}

static void
of_a_roots_certificates_the_one_that_is_valid_is_taken(void **state)
{
    (void)state;
    for (int expired = 1; expired <= 3; expired++) {
        chain c = { { forge_signer("Root", 1), forge_root(), forge_root(), forge_root() }, 4, 3, false };
        carnet_check bad[] = { C(PATH_VALIDITY) };

        (void)chain_empty(NULL);
        for (int i = 1; i <= 3; i++)
            c.certificates[i].key = c.certificates[i].issuer_key = 1;
        for (int i = 1; i <= expired; i++)
            c.certificates[i].not_after = FORGE_NOW - i;
        chain_judge(&c, &carnet_profile_document_signer_mdl);
        chain_only_fails("renewed root", bad, expired == 3);
        assert_int_equal(out.path.anchor->not_after < FORGE_NOW, expired == 3);
    }
}

/* The root changed its key (and, in the second case, its name); the old one is trusted and vouches for the new one. */
static void
a_link_certificate_leads_to_the_old_root(void **state)
{
    (void)state;
    for (int renamed = 0; renamed < 2; renamed++) {
        chain c = { { forge_signer(renamed ? "New" : "Root", 2), forge_authority(renamed ? "New" : "Root", 2),
                      forge_root() },
                    3,
                    1,
                    false };

        (void)chain_empty(NULL);
        ROOT(&c)->path_length = 0;
        if (renamed)
            AUTHORITY(&c)->alternative = forge_name("UT", NULL, "Root", &arena);
        chain_judge(&c, &carnet_profile_document_signer_mdl);
        chain_only_fails(renamed ? "link with a new name" : "link", NULL, 0);
        assert_int_equal(out.path.count, 2);
    }
}

static void
only_a_link_from_the_root_escapes_the_path_length(void **state)
{
    chain c = { { forge_signer("Lower", 2), forge_authority("Lower", 2), forge_authority("Authority", 1),
                  forge_root() },
                4,
                1,
                false };

    (void)state;
    AUTHORITY(&c)->issuer = "Authority";
    AUTHORITY(&c)->issuer_key = 1;
    AUTHORITY(&c)->alternative = forge_name("UT", NULL, "Authority", &arena);
    chain_judge(&c, &carnet_profile_document_signer_mdl);
    chain_only_fails("link below", (carnet_check[]){ C(PATH_LENGTH) }, 1);
}

static void
a_readers_path_compares_no_countries(void **state)
{
    chain c = chain_of_two();

    (void)state;
    SIGNER(&c)->purposes[0] = "1.0.18013.5.1.6";
    SIGNER(&c)->country = NULL;
    chain_judge(&c, &carnet_profile_reader);
    chain_only_fails("reader", NULL, 0);
    assert_null(carnet_report_find(&out.report, C(PATH_COUNTRY), CARNET_NO_DOCUMENT));
}

static void
the_path_is_good_as_long_as_all_of_it_is(void **state)
{
    chain c = chain_of_three();

    (void)state;
    AUTHORITY(&c)->not_after = FORGE_NOW + 5;
    ROOT(&c)->not_before = FORGE_NOW - 7;
    chain_judge(&c, &carnet_profile_document_signer_mdl);
    assert_int_equal(out.path.not_after, FORGE_NOW + 5);
    assert_int_equal(out.path.not_before, FORGE_NOW - 7);
    assert_int_equal(out.path.next_update, INT64_MAX);
    assert_int_equal(carnet_certificate_path_until(&out.path), FORGE_NOW + 5);
    assert_str_is(out.path.country, "UT");
    assert_int_equal(out.path.state.len, 0);
}

static void
an_empty_chain_and_a_long_one_are_no_path(void **state)
{
    static carnet_span ders[CARNET_CHAIN_MAX + 1];
    carnet_anchor_array array = { NULL, 0 };
    carnet_trust_anchors source = carnet_trust_anchors_of(&array);
    carnet_path_options options = { .struct_size = sizeof(options),
                                    .profile = &carnet_profile_document_signer_mdl,
                                    .anchors = &source };
    forge self = forge_root();

    (void)state;
    carnet_report_init(&out.report, out.entries, CARNET_COUNT(out.entries), FORGE_NOW, 0);
    assert_carnet_rc(carnet_certificate_path_validate(NULL, 0, &options, &crypto, &out.report, &out.path),
                     CARNET_E_X509_NO_PATH);
    assert_int_equal(chain_outcome(C(PATH_FOUND)), CARNET_FAIL);
    for (size_t i = 0; i < CARNET_COUNT(ders); i++)
        ders[i] = forge_make(&self, &crypto, &arena);
    carnet_report_init(&out.report, out.entries, CARNET_COUNT(out.entries), FORGE_NOW, 0);
    assert_carnet_rc(
        carnet_certificate_path_validate(ders, CARNET_COUNT(ders), &options, &crypto, &out.report, &out.path),
        CARNET_OK);
    assert_string_equal(chain_detail(C(PATH_FOUND)), "the chain is too long");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(says_who_and_when_in_a_sentence, chain_empty),
        cmocka_unit_test_setup(a_signer_that_cannot_be_read_is_no_path, chain_empty),
        cmocka_unit_test_setup(a_document_signer_cannot_issue_another, chain_empty),
        cmocka_unit_test_setup(a_trusted_signer_is_no_path_to_itself, chain_empty),
        cmocka_unit_test_setup(an_authority_is_trusted_by_being_there, chain_empty),
        cmocka_unit_test_setup(of_a_roots_certificates_the_one_that_is_valid_is_taken, chain_empty),
        cmocka_unit_test_setup(of_several_with_one_name_the_one_that_verifies_is_taken, chain_empty),
        cmocka_unit_test_setup(a_link_certificate_leads_to_the_old_root, chain_empty),
        cmocka_unit_test_setup(only_a_link_from_the_root_escapes_the_path_length, chain_empty),
        cmocka_unit_test_setup(a_readers_path_compares_no_countries, chain_empty),
        cmocka_unit_test_setup(the_path_is_good_as_long_as_all_of_it_is, chain_empty),
        cmocka_unit_test_setup(an_empty_chain_and_a_long_one_are_no_path, chain_empty),
    };

    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
