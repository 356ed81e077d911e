/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates made here: followed by our own checker and by OpenSSL, and refused where the profile does. */
#include "carnet/certificate_builder.h"
#include "chain.h"

#include <openssl/x509_vfy.h>
#include <string.h>

static carnet_certificate_spec
root_spec(const carnet_key *key)
{
    return (carnet_certificate_spec){ .struct_size = sizeof(carnet_certificate_spec),
                                      .profile = &carnet_profile_iaca,
                                      .subject = { .country = carnet_str_of("UT"),
                                                   .common_name = carnet_str_of("Utopia IACA"),
                                                   .organisation = carnet_str_of("Minist\xc3\xa8re") },
                                      .public_key = key->public_key,
                                      .not_before = FORGE_NOW - 100 * CARNET_TIME_DAY,
                                      .not_after = FORGE_NOW + 3000 * CARNET_TIME_DAY,
                                      .issuer_email = carnet_str_of("iaca@example.com"),
                                      .crl_uri = carnet_str_of("https://example.com/iaca.crl") };
}

static carnet_certificate_spec
signer_spec(const carnet_key *key)
{
    carnet_certificate_spec spec = root_spec(key);

    spec.profile = &carnet_profile_document_signer_mdl;
    spec.subject.common_name = carnet_str_of("Utopia DS 1");
    spec.subject.serial_number = carnet_str_of("7");
    spec.not_before = FORGE_NOW - CARNET_TIME_DAY;
    spec.not_after = spec.not_before + 457 * CARNET_TIME_DAY;
    spec.issuer_email = (carnet_str){ 0 };
    return spec;
}

static carnet_rc
build(const carnet_certificate_spec *spec, const carnet_certificate *issuer, carnet_key *key, carnet_certificate *made,
      carnet_err *err)
{
    size_t start = arena.len;
    carnet_rc rc = carnet_certificate_build(spec, issuer, key, &crypto, &arena, err);

    *made = (carnet_certificate){ 0 };
    if (rc == CARNET_OK)
        assert_carnet_ok(carnet_certificate_open(carnet_span_of(arena.ptr + start, arena.len - start), made, err), err);
    else
        assert_int_equal(arena.len, start);
    return rc;
}

/* OpenSSL's opinion, its strict flag set. */
static int
openssl_verifies(const carnet_certificate *signer, const carnet_certificate *root)
{
    const unsigned char *p = signer->der.ptr, *q = root->der.ptr;
    X509 *leaf = d2i_X509(NULL, &p, (long)signer->der.len), *anchor = d2i_X509(NULL, &q, (long)root->der.len);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int error;

    assert_non_null(leaf);
    assert_non_null(anchor);
    X509_STORE_add_cert(store, anchor);
    X509_STORE_CTX_init(context, store, leaf, NULL);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), FORGE_NOW);
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_X509_STRICT);
    error = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(leaf);
    X509_free(anchor);
    return error;
}

static void
carnet_verifies(const carnet_certificate *signer, const carnet_certificate *root,
                const carnet_certificate_profile *profile, const carnet_certificate_profile *anchor_profile)
{
    carnet_anchor_array array = { root, 1 };
    carnet_trust_anchors source = carnet_trust_anchors_of(&array);
    carnet_path_options options = {
        .struct_size = sizeof(options), .profile = profile, .anchor_profile = anchor_profile, .anchors = &source
    };

    carnet_report_init(&out.report, out.entries, CARNET_COUNT(out.entries), FORGE_NOW, 0);
    assert_carnet_ok(carnet_certificate_path_validate(&signer->der, 1, &options, &crypto, &out.report, &out.path),
                     NULL);
    chain_only_fails(profile->name, NULL, 0);
}

static const carnet_curve ecdsa[] = { CARNET_CURVE_P256,
                                      CARNET_CURVE_P384,
                                      CARNET_CURVE_P521,
                                      CARNET_CURVE_BRAINPOOL_P256R1,
                                      CARNET_CURVE_BRAINPOOL_P320R1,
                                      CARNET_CURVE_BRAINPOOL_P384R1,
                                      CARNET_CURVE_BRAINPOOL_P512R1 };
static const carnet_curve eddsa[] = { CARNET_CURVE_ED25519, CARNET_CURVE_ED448 };

static void
both_verify_what_is_made_on_every_curve(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(ecdsa); i++) {
        carnet_key root_key, key;
        carnet_certificate_spec spec;
        carnet_certificate root, signer;
        carnet_err err = { 0 };

        (void)chain_empty(NULL);
        assert_carnet_ok(carnet_software_key_generate(&crypto, ecdsa[i], CARNET_KEY_SIGN, &root_key, &err), &err);
        assert_carnet_ok(
            carnet_software_key_generate(&crypto, i < 2 ? eddsa[i] : ecdsa[i], CARNET_KEY_SIGN, &key, &err), &err);
        spec = root_spec(&root_key);
        assert_carnet_ok(build(&spec, NULL, &root_key, &root, &err), &err);
        spec = signer_spec(&key);
        spec.arcs = CARNET_ARC_MDL | CARNET_ARC_MDOC;
        assert_carnet_ok(build(&spec, &root, &root_key, &signer, &err), &err);
        carnet_verifies(&signer, &root, spec.profile, &carnet_profile_iaca);
        assert_int_equal(openssl_verifies(&signer, &root), X509_V_OK);
        assert_span_equal(signer.issuer_names, root.issuer_names);
        carnet_key_done(&key);
        carnet_key_done(&root_key);
    }
}

static void
readers_may_be_signed_with_eddsa(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(eddsa); i++) {
        carnet_key key;
        carnet_certificate_spec spec;
        carnet_certificate root, reader;
        carnet_err err = { 0 };

        (void)chain_empty(NULL);
        assert_carnet_ok(carnet_software_key_generate(&crypto, eddsa[i], CARNET_KEY_SIGN, &key, &err), &err);
        spec = root_spec(&key);
        assert_carnet_rc(build(&spec, NULL, &key, &root, &err), CARNET_E_X509_PROFILE);
        spec.profile = &carnet_profile_reader_authority;
        assert_carnet_ok(build(&spec, NULL, &key, &root, &err), &err);
        spec = signer_spec(forge_key(1));
        spec.profile = &carnet_profile_reader;
        spec.subject = (carnet_name_parts){ .common_name = carnet_str_of("Gate 4") };
        assert_carnet_ok(build(&spec, &root, &key, &reader, &err), &err);
        carnet_verifies(&reader, &root, spec.profile, &carnet_profile_reader_authority);
        assert_int_equal(openssl_verifies(&reader, &root), X509_V_OK);
        carnet_key_done(&key);
    }
}

static void
a_serial_number_is_random_of_20_octets(void **state)
{
    carnet_certificate_spec spec = root_spec(forge_key(0));
    carnet_certificate first, second;

    (void)state;
    assert_carnet_ok(build(&spec, NULL, forge_key(0), &first, NULL), NULL);
    assert_carnet_ok(build(&spec, NULL, forge_key(0), &second, NULL), NULL);
    assert_int_equal(first.serial.len, 20);
    assert_int_equal(second.serial.len, 20);
    assert_false(carnet_span_equal(first.serial, second.serial));
}

static void
a_link_certificate_has_the_new_name_and_the_old_as_alternative(void **state)
{
    carnet_certificate_spec spec = root_spec(forge_key(0));
    carnet_certificate old, renewed, link;
    carnet_general_name name;
    carnet_span at = { 0 };
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(build(&spec, NULL, forge_key(0), &old, &err), &err);
    spec = root_spec(forge_key(1));
    spec.subject.common_name = carnet_str_of("Utopia IACA 2");
    assert_carnet_ok(build(&spec, NULL, forge_key(1), &renewed, &err), &err);
    spec.profile = &carnet_profile_iaca_link;
    spec.subject_der = renewed.subject;
    spec.not_after = old.not_after + 1;
    assert_carnet_rc(build(&spec, &old, forge_key(0), &link, &err), CARNET_E_X509_PROFILE);
    spec.not_after = old.not_after;
    assert_carnet_ok(build(&spec, &old, forge_key(0), &link, &err), &err);
    assert_span_equal(link.subject, renewed.subject);
    assert_true(carnet_general_name_next(link.subject_names, &at, &name));
    assert_int_equal(name.choice, CARNET_GENERAL_NAME_DIRECTORY);
    assert_span_equal(name.content, old.subject);
}

static void
a_name_is_printable_where_it_can_be(void **state)
{
    uint8_t space[256];
    carnet_buf name = carnet_buf_of(space, sizeof(space)), text;
    carnet_name_parts parts = { .country = carnet_str_of("UT"),
                                .state = carnet_str_of("Nord-Est"),
                                .organisation = carnet_str_of("Minist\xc3\xa8re"),
                                .common_name = carnet_str_of("a@b") };
    static const uint8_t tags[] = { CARNET_DER_PRINTABLE_STRING, CARNET_DER_PRINTABLE_STRING, CARNET_DER_UTF8_STRING,
                                    CARNET_DER_UTF8_STRING };
    uint8_t shown[128];
    carnet_span at = { 0 };
    carnet_name_value value;

    (void)state;
    assert_carnet_ok(carnet_name_build(&parts, &name, NULL), NULL);
    for (size_t i = 0; i < CARNET_COUNT(tags); i++) {
        assert_true(carnet_name_next(carnet_buf_span(&name), &at, &value));
        assert_int_equal(value.tag, tags[i]);
        assert_true(value.text.len > 0);
    }
    assert_false(carnet_name_next(carnet_buf_span(&name), &at, &value));
    text = carnet_buf_of(shown, sizeof(shown));
    carnet_name_text(carnet_buf_span(&name), &text);
    assert_str_is(carnet_buf_str(&text), "C=UT, ST=Nord-Est, O=Minist\xc3\xa8re, CN=a@b");
    parts.common_name = (carnet_str){ "\xff", 1 };
    assert_carnet_rc(carnet_name_build(&parts, &name, NULL), CARNET_E_X509_NAME);
}

static void
too_long(carnet_certificate_spec *s)
{
    s->not_after++;
}
static void
backwards(carnet_certificate_spec *s)
{
    s->not_after = s->not_before - 1;
}
static void
lower_country(carnet_certificate_spec *s)
{
    s->subject.country = carnet_str_of("ut");
}
static void
long_country(carnet_certificate_spec *s)
{
    s->subject.country = carnet_str_of("UTO");
}
static void
no_country(carnet_certificate_spec *s)
{
    s->subject.country = (carnet_str){ 0 };
}
static void
other_country(carnet_certificate_spec *s)
{
    s->subject.country = carnet_str_of("NL");
}
static void
no_common_name(carnet_certificate_spec *s)
{
    s->subject.common_name = (carnet_str){ 0 };
}
static void
no_crl(carnet_certificate_spec *s)
{
    s->crl_uri = (carnet_str){ 0 };
}
static void
wrong_arc(carnet_certificate_spec *s)
{
    s->arcs = CARNET_ARC_MDOC;
}
static void
short_serial(carnet_certificate_spec *s)
{
    s->serial = CARNET_TEST_BYTES("\x05");
}
static void
agreement_curve(carnet_certificate_spec *s)
{
    s->public_key.curve = CARNET_CURVE_X25519;
}
static void
odd_serial_number(carnet_certificate_spec *s)
{
    s->subject.serial_number = carnet_str_of("a_b");
}
static void
uri_not_ascii(carnet_certificate_spec *s)
{
    s->crl_uri = carnet_str_of("http://\xc3\xa8/");
}

static const struct {
    const char *what;
    void (*change)(carnet_certificate_spec *spec);
    carnet_rc rc;
} refused[] = {
    { "457 days and a second", too_long, CARNET_E_X509_PROFILE },
    { "an end before the beginning", backwards, CARNET_E_X509_PROFILE },
    { "a country in lower case", lower_country, CARNET_E_X509_PROFILE },
    { "a country of three letters", long_country, CARNET_E_X509_PROFILE },
    { "no country", no_country, CARNET_E_X509_PROFILE },
    { "another country than the issuer's", other_country, CARNET_E_X509_PROFILE },
    { "no common name", no_common_name, CARNET_E_X509_PROFILE },
    { "no distribution point", no_crl, CARNET_E_X509_PROFILE },
    { "only the other arc", wrong_arc, CARNET_E_X509_PROFILE },
    { "a short serial number", short_serial, CARNET_E_X509_PROFILE },
    { "a key that cannot sign", agreement_curve, CARNET_E_CRYPTO_UNSUPPORTED },
    { "a serialNumber that is not printable", odd_serial_number, CARNET_E_X509_PROFILE },
    { "a URI that is not ASCII", uri_not_ascii, CARNET_E_X509_PROFILE },
};

static void
does_not_make_what_its_profile_forbids(void **state)
{
    carnet_certificate_spec spec = root_spec(forge_key(0));
    carnet_certificate root, made;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(build(&spec, NULL, forge_key(0), &root, &err), &err);
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        carnet_rc rc;

        spec = signer_spec(forge_key(1));
        refused[i].change(&spec);
        rc = build(&spec, &root, forge_key(0), &made, &err);
        if (rc != refused[i].rc || err.rc != rc)
            fail_msg("%s: %s, %s", refused[i].what, carnet_rc_name(rc), err.reason);
    }
    spec = signer_spec(forge_key(1));
    assert_carnet_rc(build(&spec, &root, forge_key(2), &made, &err), CARNET_E_CRYPTO_MISMATCH);
    spec.struct_size = 0;
    assert_carnet_rc(build(&spec, &root, forge_key(0), &made, &err), CARNET_E_USAGE);
}

static void
a_signer_does_not_issue_certificates(void **state)
{
    carnet_certificate_spec spec = root_spec(forge_key(0));
    carnet_certificate root, signer, made;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(build(&spec, NULL, forge_key(0), &root, &err), &err);
    spec = signer_spec(forge_key(1));
    assert_carnet_ok(build(&spec, &root, forge_key(0), &signer, &err), &err);
    spec = signer_spec(forge_key(2));
    assert_carnet_rc(build(&spec, &signer, forge_key(1), &made, &err), CARNET_E_X509_PROFILE);
}

static void
every_buffer_too_small_is_refused(void **state)
{
    carnet_certificate_spec spec = root_spec(forge_key(0));
    static uint8_t space[CARNET_CERTIFICATE_MAX];
    carnet_buf whole = carnet_buf_of(space, sizeof(space));

    (void)state;
    assert_carnet_ok(carnet_certificate_build(&spec, NULL, forge_key(0), &crypto, &whole, NULL), NULL);
    for (size_t cap = 0; cap < whole.len - 8; cap++) { /* a signature may be shorter by a few octets */
        carnet_buf small = carnet_buf_of(space, cap);

        assert_carnet_rc(carnet_certificate_build(&spec, NULL, forge_key(0), &crypto, &small, NULL), CARNET_E_NO_SPACE);
        assert_int_equal(small.len, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(both_verify_what_is_made_on_every_curve, chain_empty),
        cmocka_unit_test_setup(readers_may_be_signed_with_eddsa, chain_empty),
        cmocka_unit_test_setup(a_serial_number_is_random_of_20_octets, chain_empty),
        cmocka_unit_test_setup(a_link_certificate_has_the_new_name_and_the_old_as_alternative, chain_empty),
        cmocka_unit_test_setup(a_name_is_printable_where_it_can_be, chain_empty),
        cmocka_unit_test_setup(does_not_make_what_its_profile_forbids, chain_empty),
        cmocka_unit_test_setup(a_signer_does_not_issue_certificates, chain_empty),
        cmocka_unit_test_setup(every_buffer_too_small_is_refused, chain_empty),
    };

    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
