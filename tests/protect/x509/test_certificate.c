/* SPDX-License-Identifier: Apache-2.0 */
/* Opening one certificate: its parts, its refusals with their offsets, and what mutations make of it. */
#include "chain.h"

#include <string.h>

static carnet_span
make(const forge *f)
{
    return forge_make(f, &crypto, &arena);
}

static carnet_certificate
open_made(const forge *f)
{
    carnet_certificate c;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_certificate_open(make(f), &c, &err), &err);
    return c;
}

static void
views_lie_within_what_was_received(void **state)
{
    forge f = forge_signer("Root", 0);
    carnet_certificate c = open_made(&f);
    const carnet_span views[] = { c.tbs,        c.serial,           c.signature_oid, c.signature, c.issuer,
                                  c.subject,    c.key_bits,         c.spki,          c.purposes,  c.issuer_names,
                                  c.crl_points, c.authority_key_id, c.subject_key_id };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(views); i++)
        if (views[i].len == 0 || views[i].ptr < c.der.ptr || views[i].ptr + views[i].len > c.der.ptr + c.der.len)
            fail_msg("view %zu", i);
    assert_true(carnet_public_key_equal(&c.public_key, &forge_key(FORGE_KEYS - 1)->public_key));
    assert_int_equal(c.not_before, f.not_before);
    assert_int_equal(c.not_after, f.not_after);
    assert_int_equal(c.path_length, CARNET_NO_PATH_LENGTH);
    assert_int_equal(c.unknown_critical.len, 0);
    assert_true(c.der_form && c.crl_points_form && !c.ca && c.malformed == 0);
}

static void
yields_names_and_uris(void **state)
{
    forge f = forge_signer("Root", 0);
    carnet_certificate c;
    carnet_span at = { 0 };
    carnet_str uri;
    carnet_general_name name;
    carnet_span method;
    uint8_t text[96];
    carnet_buf out_text = carnet_buf_of(text, sizeof(text));

    (void)state;
    f.state = "N\xc3\xb6rd\x1b";
    f.extra = "1.3.6.1.5.5.7.1.1"; /* OCSP at http://o */
    f.extra_value = "301630 14 06082b06010505073001 8608 687474703a2f2f6f";
    c = open_made(&f);
    assert_true(carnet_certificate_uri_next(&c, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS, &at, &uri, &method));
    assert_str_is(uri, "http://a/");
    assert_int_equal(method.len, 0);
    assert_false(carnet_certificate_uri_next(&c, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS, &at, &uri, NULL));
    at = (carnet_span){ 0 };
    assert_true(carnet_certificate_uri_next(&c, CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS, &at, &uri, &method));
    assert_str_is(uri, "http://o");
    assert_span_equal(method, carnet_test_hex("2b06010505073001"));
    at = (carnet_span){ 0 };
    assert_true(carnet_general_name_next(c.issuer_names, &at, &name));
    assert_int_equal(name.choice, CARNET_GENERAL_NAME_EMAIL);
    assert_false(carnet_general_name_next(c.issuer_names, &at, &name));
    at = (carnet_span){ 0 };
    assert_false(carnet_certificate_uri_next(&c, CARNET_EXTENSION_KEY_USAGE, &at, &uri, NULL));
    carnet_name_text(c.subject, &out_text);
    assert_str_is(carnet_buf_str(&out_text), "C=UT, ST=N\xc3\xb6rd?, CN=Signer");
}

/* An [0] otherName within a full name holds what looks like a URI and is none. */
static void
an_other_name_is_no_uri(void **state)
{
    forge f = forge_signer("Root", 0);
    carnet_certificate c;
    carnet_span at = { 0 };
    carnet_str uri;

    (void)state;
    f.crl_points = false;
    f.extra = "2.5.29.31";
    f.extra_value = "30173015a013a011 a00a 06022a03 a004 86026e6f 8603 796573";
    c = open_made(&f);
    assert_int_equal(c.malformed, 0);
    assert_true(carnet_certificate_uri_next(&c, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS, &at, &uri, NULL));
    assert_str_is(uri, "yes");
    assert_false(carnet_certificate_uri_next(&c, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS, &at, &uri, NULL));
}

static void
version_1(forge *f)
{
    f->version = 0;
}
static void
version_2(forge *f)
{
    f->version = 1;
}
static void
version_4(forge *f)
{
    f->version = 3;
}
static void
usage_twice(forge *f)
{
    f->usage_twice = true;
}
static void
unknown_twice(forge *f)
{
    f->extra = "2.5.29.31";
    f->extra_value = "3000";
}
static void
length_without_ca(forge *f)
{
    f->ca = 0;
    f->path_length = 0;
}
static void
other_algorithm(forge *f)
{
    f->other_algorithm_outside = true;
}
static void
empty_purposes(forge *f)
{
    f->purposes[0] = NULL;
    f->extra = "2.5.29.37";
    f->extra_value = "3000";
}
static void
bad_own(forge *f)
{
    f->own = FORGE_NONE;
    f->extra = "2.5.29.14";
    f->extra_value = "8001aa";
}
static void
trailing_own(forge *f)
{
    f->own = FORGE_NONE;
    f->extra = "2.5.29.14";
    f->extra_value = "0401aa00";
}
static void
bad_alternative(forge *f)
{
    f->extra = "2.5.29.17";
    f->extra_value = "30038901aa";
}
static void
alternative_not_ascii(forge *f)
{
    f->extra = "2.5.29.17";
    f->extra_value = "30038201e9";
}
static void
critical_points(forge *f)
{
    f->crl_points = false;
    f->extra = "2.5.29.31";
    f->extra_value = "0400";
    f->extra_critical = true;
}

static const struct {
    const char *what;
    void (*change)(forge *f);
    carnet_rc rc;
} refused[] = {
    { "version 1", version_1, CARNET_E_X509_STRUCTURE },
    { "version 2", version_2, CARNET_E_X509_STRUCTURE },
    { "version 4", version_4, CARNET_E_X509_STRUCTURE },
    { "key usage twice", usage_twice, CARNET_E_X509_EXTENSION },
    { "distribution points twice", unknown_twice, CARNET_E_X509_EXTENSION },
    { "a path length of no authority", length_without_ca, CARNET_E_X509_EXTENSION },
    { "algorithms that differ", other_algorithm, CARNET_E_X509_STRUCTURE },
    { "no purpose", empty_purposes, CARNET_E_X509_EXTENSION },
    { "a key identifier of another type", bad_own, CARNET_E_DER_TAG },
    { "something behind the key identifier", trailing_own, CARNET_E_DER_TRAILING },
    { "a general name of no choice", bad_alternative, CARNET_E_DER_TAG },
    { "a DNS name that is not ASCII", alternative_not_ascii, CARNET_E_X509_EXTENSION },
    { "critical distribution points that are malformed", critical_points, CARNET_E_DER_TAG },
};

static void
refuses_what_is_no_such_certificate(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        forge f = forge_signer("Root", 0);
        carnet_certificate c = { .ca = true };
        carnet_err err = { 0 };
        carnet_span der;

        (void)chain_empty(NULL);
        refused[i].change(&f);
        der = make(&f);
        if (carnet_certificate_open(der, &c, &err) != refused[i].rc || err.offset >= der.len || c.der.ptr != NULL ||
            c.ca)
            fail_msg("%s: %s at %zu", refused[i].what, carnet_rc_name(err.rc), err.offset);
    }
}

/* Seen in use: the meaning is clear, and the report says that the form is not. */
static void
opens_what_is_clear_but_not_der(void **state)
{
    static const struct {
        const char *oid, *value;
        uint32_t malformed;
        bool der_form;
    } cases[] = {
        { "2.5.29.15", "03020080", 0, false },
        { "2.5.29.15", "0303000080", 0, false },
        { "2.5.29.19", "3003010101", 0, false },
        { "2.5.29.19", "30030101ff", 0, true },
        { "2.5.29.31", "0402 3000", CARNET_EXTENSION_BIT(CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS), true },
        { "2.5.29.18", "0500", CARNET_EXTENSION_BIT(CARNET_EXTENSION_ISSUER_ALTERNATIVE_NAME), true },
        { "2.5.29.32", "3000", CARNET_EXTENSION_BIT(CARNET_EXTENSION_CERTIFICATE_POLICIES), true },
        { "1.3.6.1.5.5.7.1.1", "3000", CARNET_EXTENSION_BIT(CARNET_EXTENSION_AUTHORITY_INFORMATION_ACCESS), true },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        forge f = forge_signer("Root", 0);
        carnet_certificate c;

        (void)chain_empty(NULL);
        f.key_usage = -1;
        f.crl_points = f.issuer_names = false;
        f.extra = cases[i].oid;
        f.extra_value = cases[i].value;
        c = open_made(&f);
        if (c.malformed != cases[i].malformed || c.der_form != cases[i].der_form)
            fail_msg("%s %s", cases[i].oid, cases[i].value);
        if (strcmp(cases[i].oid, "2.5.29.19") == 0)
            assert_true(c.ca);
    }
}

/* A view of what was opened leads nowhere outside, and a refusal names a place inside. */
static void
open_mutated(carnet_span der, void *context)
{
    size_t *opened = context;
    carnet_certificate c;
    carnet_err err = { 0 };
    carnet_span at = { 0 }, oid;
    carnet_name_value value;
    carnet_str uri;

    if (carnet_certificate_open(der, &c, &err) != CARNET_OK) {
        assert_true(err.offset <= der.len && c.der.ptr == NULL);
        return;
    }
    (*opened)++;
    assert_true(c.tbs.ptr > der.ptr && c.tbs.ptr + c.tbs.len < der.ptr + der.len);
    while (carnet_certificate_purpose_next(&c, &at, &oid))
        assert_true(oid.ptr > der.ptr && oid.ptr + oid.len < der.ptr + der.len);
    for (at = (carnet_span){ 0 }; carnet_name_next(c.subject, &at, &value);)
        assert_true(value.bytes.ptr > der.ptr && value.bytes.ptr + value.bytes.len < der.ptr + der.len);
    for (at = (carnet_span){ 0 };
         carnet_certificate_uri_next(&c, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS, &at, &uri, NULL);)
        assert_true(uri.len < der.len);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    forge f = forge_signer("Root", 0);
    carnet_span der = make(&f);
    size_t prefixes = 0, bits = 0;

    (void)state;
    carnet_test_every_prefix(der, open_mutated, &prefixes);
    carnet_test_every_bit(der, open_mutated, &bits);
    assert_int_equal(prefixes, 0);
    assert_true(bits > 500 && bits < der.len * 8 - 500);
}

static void
a_signature_does_not_survive_any_flip(void **state)
{
    forge f = forge_signer("Root", 0);
    carnet_certificate c = open_made(&f);
    const carnet_public_key *issuer = &forge_key(0)->public_key;
    size_t start = (size_t)(c.signature.ptr - arena.ptr);

    (void)state;
    assert_carnet_ok(carnet_certificate_verify(&c, issuer, &crypto, NULL), NULL);
    assert_carnet_rc(carnet_certificate_verify(&c, &forge_key(1)->public_key, &crypto, NULL),
                     CARNET_E_CRYPTO_SIGNATURE);
    for (size_t bit = 0; bit < 8 * c.signature.len; bit++) {
        arena.ptr[start + bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_carnet_rc(carnet_certificate_verify(&c, issuer, &crypto, NULL), CARNET_E_CRYPTO_SIGNATURE);
        arena.ptr[start + bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void
verifies_only_with_keys_and_algorithms_that_go_together(void **state)
{
    forge f = forge_signer("Root", 0);
    carnet_certificate c = open_made(&f);
    carnet_public_key key = forge_key(0)->public_key;

    (void)state;
    key.curve = CARNET_CURVE_ED25519;
    assert_carnet_rc(carnet_certificate_verify(&c, &key, &crypto, NULL), CARNET_E_X509_ALGORITHM);
    key.curve = CARNET_CURVE_X25519;
    assert_carnet_rc(carnet_certificate_verify(&c, &key, &crypto, NULL), CARNET_E_X509_ALGORITHM);
    key.curve = CARNET_CURVE_NONE;
    assert_carnet_rc(carnet_certificate_verify(&c, &key, &crypto, NULL), CARNET_E_X509_ALGORITHM);
    c.signature_algorithm = CARNET_SIGNATURE_NONE;
    assert_carnet_rc(carnet_certificate_verify(&c, &forge_key(0)->public_key, &crypto, NULL), CARNET_E_X509_ALGORITHM);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(views_lie_within_what_was_received, chain_empty),
        cmocka_unit_test_setup(yields_names_and_uris, chain_empty),
        cmocka_unit_test_setup(an_other_name_is_no_uri, chain_empty),
        cmocka_unit_test_setup(refuses_what_is_no_such_certificate, chain_empty),
        cmocka_unit_test_setup(opens_what_is_clear_but_not_der, chain_empty),
        cmocka_unit_test_setup(survives_every_prefix_and_every_bit, chain_empty),
        cmocka_unit_test_setup(a_signature_does_not_survive_any_flip, chain_empty),
        cmocka_unit_test_setup(verifies_only_with_keys_and_algorithms_that_go_together, chain_empty),
    };

    return cmocka_run_group_tests(tests, chain_setup, chain_teardown);
}
