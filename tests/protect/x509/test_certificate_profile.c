/* SPDX-License-Identifier: Apache-2.0 */
/* Each profile: a certificate made for it follows it, and one made for another does not. */
#include "carnet/certificate_builder.h"
#include "chain.h"

static const carnet_certificate_profile *const profiles[] = {
    &carnet_profile_document_signer_mdl, &carnet_profile_jws_signer,    &carnet_profile_tls_server,
    &carnet_profile_tls_client,          &carnet_profile_ocsp_signer,   &carnet_profile_reader,
    &carnet_profile_vical_signer,        &carnet_profile_status_signer, &carnet_profile_document_signer_mdoc,
};

static carnet_certificate_spec
spec_of(const carnet_certificate_profile *profile, int key)
{
    return (carnet_certificate_spec){ .struct_size = sizeof(carnet_certificate_spec),
                                      .profile = profile,
                                      .subject = { .country = carnet_str_of("UT"),
                                                   .organisation = carnet_str_of("Utopia"),
                                                   .common_name = carnet_str_of(profile->name) },
                                      .public_key = forge_key(key)->public_key,
                                      .not_before = FORGE_NOW,
                                      .not_after = FORGE_NOW + 400 * CARNET_TIME_DAY,
                                      .issuer_email = carnet_str_of("iaca@example.com"),
                                      .crl_uri = carnet_str_of("https://example.com/crl"),
                                      .ocsp_uri = carnet_str_of("https://example.com/ocsp"),
                                      .dns_name = carnet_str_of("issuer.example.com") };
}

static carnet_certificate
make(const carnet_certificate_spec *spec, const carnet_certificate *issuer)
{
    size_t start = arena.len;
    carnet_certificate made;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_certificate_build(spec, issuer, forge_key(0), &crypto, &arena, &err), &err);
    assert_carnet_ok(carnet_certificate_open(carnet_span_of(arena.ptr + start, arena.len - start), &made, &err), &err);
    return made;
}

static carnet_certificate
make_root(void)
{
    carnet_certificate_spec spec = spec_of(&carnet_profile_iaca, 0);

    spec.not_after = FORGE_NOW + 3000 * CARNET_TIME_DAY;
    spec.ocsp_uri = spec.dns_name = (carnet_str){ 0 };
    return make(&spec, NULL);
}

/* With its default arc, a document signer for one kind of mdoc is made alike for the other. */
static bool
follows_too(const carnet_certificate_profile *own, const carnet_certificate_profile *other)
{
    return (own == &carnet_profile_document_signer_mdl && other == &carnet_profile_document_signer_mdoc) ||
           (own == &carnet_profile_document_signer_mdoc && other == &carnet_profile_document_signer_mdl);
}

static void
what_is_made_for_one_profile_does_not_follow_another(void **state)
{
    carnet_certificate root = make_root();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(profiles); i++) {
        carnet_certificate_spec spec = spec_of(profiles[i], 1);
        carnet_certificate made = make(&spec, &root);

        for (size_t k = 0; k < CARNET_COUNT(profiles); k++) {
            bool expected = i == k || follows_too(profiles[i], profiles[k]);
            carnet_err err = { 0 };

            if ((carnet_certificate_conforms(&made, profiles[k], &crypto, &err) == CARNET_OK) != expected)
                fail_msg("made for %s, held against %s: %s", profiles[i]->name, profiles[k]->name, err.reason);
        }
    }
}

static void
each_lifetime_is_the_profiles_to_the_second(void **state)
{
    static const int days[] = { 457, 457, 822, 1187, 457, 1187, 1187, 1187, 457 };
    carnet_certificate root = make_root();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(profiles); i++) {
        carnet_certificate_spec spec = spec_of(profiles[i], 1);
        carnet_err err = { 0 };

        spec.not_after = spec.not_before + days[i] * (int64_t)CARNET_TIME_DAY;
        (void)make(&spec, &root);
        spec.not_after++;
        assert_carnet_rc(carnet_certificate_build(&spec, &root, forge_key(0), &crypto, &arena, &err),
                         CARNET_E_X509_PROFILE);
        assert_string_equal(err.reason, "it is valid for longer than the profile allows");
    }
}

static void
an_anchors_entry_names_the_first_thing_amiss(void **state)
{
    carnet_certificate root = make_root();
    carnet_report_entry entries[4];
    carnet_report report;

    (void)state;
    carnet_report_init(&report, entries, CARNET_COUNT(entries), FORGE_NOW, 0);
    carnet_certificate_check_anchor(&root, &carnet_profile_iaca, &crypto, &report);
    root.path_length = 1;
    carnet_certificate_check_anchor(&root, &carnet_profile_iaca, &crypto, &report);
    root.present |= CARNET_EXTENSION_BIT(CARNET_EXTENSION_NAME_CONSTRAINTS);
    carnet_certificate_check_anchor(&root, &carnet_profile_iaca, &crypto, &report);
    assert_int_equal(report.count, 3);
    assert_int_equal(entries[0].outcome, CARNET_PASS);
    assert_string_equal(entries[1].detail, "the path length is not the profile's");
    assert_string_equal(entries[2].detail, "an extension is there that the profile forbids");
    assert_int_equal(entries[2].outcome, CARNET_FAIL);
    assert_int_equal(entries[2].check, CARNET_CHECK_ANCHOR_PROFILE);
}

static void
roles_are_told_by_their_identifiers(void **state)
{
    static const struct {
        unsigned arc;
        uint8_t role;
        const char *text;
    } cases[] = { { CARNET_ARC_MDL, CARNET_ROLE_DOCUMENT_SIGNER, "1.0.18013.5.1.2" },
                  { CARNET_ARC_MDOC, CARNET_ROLE_READER, "1.0.23220.4.1.6" },
                  { CARNET_ARC_EUDI, CARNET_ROLE_DOCUMENT_SIGNER, "1.3.130.2.0.0.1.2" } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        uint8_t oid[16];
        char text[CARNET_OID_TEXT_MAX];
        size_t len = carnet_role_oid(cases[i].arc, cases[i].role, oid);

        carnet_oid_text((carnet_span){ oid, len }, text, sizeof(text));
        assert_string_equal(text, cases[i].text);
    }
}

static carnet_general_name
only_name(const carnet_certificate *c)
{
    carnet_general_name name = { 0 }, more;
    carnet_span at = { 0 };

    assert_true(carnet_general_name_next(c->subject_names, &at, &name));
    assert_false(carnet_general_name_next(c->subject_names, &at, &more));
    return name;
}

static void
a_client_of_p1940_is_named_by_a_uri(void **state)
{
    static const char uri[] = "urn:p1940:terminal:ATM00001";
    carnet_certificate root = make_root(), made;
    carnet_certificate_spec spec = spec_of(&carnet_profile_p1940_client, 1);
    carnet_general_name name;
    carnet_err err = { 0 };

    (void)state;
    spec.dns_name = (carnet_str){ 0 };
    spec.not_after = spec.not_before + 398 * (int64_t)CARNET_TIME_DAY;
    assert_carnet_rc(carnet_certificate_build(&spec, &root, forge_key(0), &crypto, &arena, &err),
                     CARNET_E_X509_PROFILE);
    spec.uri_name = carnet_str_of(uri);
    made = make(&spec, &root);
    name = only_name(&made);
    assert_int_equal(name.choice, CARNET_GENERAL_NAME_URI);
    assert_true(carnet_str_is((carnet_str){ (const char *)name.content.ptr, name.content.len }, uri));
    spec.not_after++;
    assert_carnet_rc(carnet_certificate_build(&spec, &root, forge_key(0), &crypto, &arena, &err),
                     CARNET_E_X509_PROFILE);
}

static void
a_server_may_be_named_by_its_address(void **state)
{
    static const uint8_t loopback[4] = { 127, 0, 0, 1 };
    carnet_certificate root = make_root(), made;
    carnet_certificate_spec spec = spec_of(&carnet_profile_tls_server, 1);
    carnet_general_name name;

    (void)state;
    spec.dns_name = (carnet_str){ 0 };
    spec.ip_address = carnet_span_of(loopback, sizeof(loopback));
    made = make(&spec, &root);
    name = only_name(&made);
    assert_int_equal(name.choice, CARNET_GENERAL_NAME_ADDRESS);
    assert_true(carnet_span_equal(name.content, spec.ip_address));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_made_for_one_profile_does_not_follow_another, chain_empty),
        cmocka_unit_test_setup(each_lifetime_is_the_profiles_to_the_second, chain_empty),
        cmocka_unit_test_setup(an_anchors_entry_names_the_first_thing_amiss, chain_empty),
        cmocka_unit_test_setup(a_client_of_p1940_is_named_by_a_uri, chain_empty),
        cmocka_unit_test_setup(a_server_may_be_named_by_its_address, chain_empty),
        cmocka_unit_test_setup(roles_are_told_by_their_identifiers, chain_empty),
    };

    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
