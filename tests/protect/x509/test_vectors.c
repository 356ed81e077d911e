/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of 18013-5 Annex D, and what is amiss with those derived from them. */
#include "carnet/certificate_path.h"
#include "carnet/crl.h"
#include "support/support.h"

#include <string.h>

#define NOW INT64_C(1602720000) /* 2020-10-15 */

static carnet_crypto crypto;

static int
setup(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    carnet_crypto_done(&crypto);
    return 0;
}

static carnet_certificate
open_certificate(const char *path)
{
    carnet_certificate c;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_certificate_open(carnet_test_shared_hex(path), &c, &err), &err);
    return c;
}

/* The first certificate of a message's x5chain, label 33, found by its bytes. */
static carnet_span
certificate_within(carnet_span message)
{
    for (size_t i = 0; i + 5 < message.len; i++) {
        const uint8_t *p = message.ptr + i;
        size_t len = (size_t)p[3] << 8 | p[4];

        if (p[0] == 0x18 && p[1] == 0x21 && p[2] == 0x59 && p[5] == 0x30 && len <= message.len - i - 5)
            return (carnet_span){ p + 5, len };
    }
    fail_msg("the message has no x5chain");
    return (carnet_span){ 0 };
}

/* A judgement of one chain under one root. */
typedef struct judgement {
    carnet_report report;
    carnet_report_entry entries[48];
    carnet_certificate_path path;
} judgement;

static void
judge(judgement *j, carnet_span leaf, const char *root, const carnet_certificate_profile *profile, const char *crl)
{
    carnet_certificate anchor = open_certificate(root);
    carnet_anchor_array array = { &anchor, 1 };
    carnet_trust_anchors anchors = carnet_trust_anchors_of(&array);
    carnet_span list = crl != NULL ? carnet_test_shared_hex(crl) : (carnet_span){ 0 };
    carnet_crl_array lists = { &list, 1 };
    carnet_revocation_source source = carnet_revocation_source_of(&lists);
    carnet_path_options options = { .struct_size = sizeof(options),
                                    .profile = profile,
                                    .anchors = &anchors,
                                    .revocation = crl != NULL ? &source : NULL };

    options.anchor_profile = profile->country ? &carnet_profile_iaca : &carnet_profile_reader_authority;
    carnet_report_init(&j->report, j->entries, CARNET_COUNT(j->entries), NOW, 0);
    assert_carnet_ok(carnet_certificate_path_validate(&leaf, 1, &options, &crypto, &j->report, &j->path), NULL);
    assert_false(j->report.overflow);
}

static carnet_outcome
outcome_of(const judgement *j, carnet_check check)
{
    const carnet_report_entry *entry = carnet_report_find(&j->report, check, CARNET_NO_DOCUMENT);

    if (entry == NULL)
        fail_msg("%s is not in the report", carnet_check_slug(check));
    return entry->outcome;
}

static void
all_but(const judgement *j, const char *what, const carnet_check *bad, size_t count)
{
    for (size_t i = 0; i < j->report.count; i++) {
        const carnet_report_entry *e = &j->entries[i];
        bool expected = false;

        for (size_t k = 0; k < count; k++)
            expected |= e->check == bad[k];
        if ((e->outcome == CARNET_FAIL || e->outcome == CARNET_UNDETERMINED) != expected)
            fail_msg("%s: %s: %s, %s", what, carnet_check_slug(e->check), carnet_outcome_text(e->outcome), e->detail);
    }
    for (size_t k = 0; k < count; k++)
        (void)outcome_of(j, bad[k]);
}

static void
reads_the_document_signer_of_annex_d(void **state)
{
    carnet_certificate c = open_certificate("vectors/iso18013-5-annexD/ds_cert.hex");
    carnet_name_value value;
    carnet_span at = { 0 }, oid;
    carnet_str uri;
    char text[CARNET_OID_TEXT_MAX];

    (void)state;
    assert_int_equal(c.public_key.curve, CARNET_CURVE_P256);
    assert_int_equal(c.signature_algorithm, CARNET_ES256);
    assert_int_equal(c.serial.len, 20);
    assert_int_equal(c.not_before, 1601510400);
    assert_int_equal(c.not_after, 1633046400);
    assert_true(c.der_form);
    assert_false(c.ca);
    assert_int_equal(c.key_usage, CARNET_KEY_USAGE_DIGITAL_SIGNATURE);
    assert_true(carnet_name_get(c.subject, CARNET_NAME_COMMON_NAME, &value));
    assert_str_is(value.text, "utopia ds");
    assert_true(carnet_name_get(c.subject, CARNET_NAME_COUNTRY, &value));
    assert_str_is(value.text, "US");
    assert_int_equal(value.tag, CARNET_DER_PRINTABLE_STRING);
    assert_false(carnet_name_get(c.subject, CARNET_NAME_STATE, &value));
    assert_true(carnet_certificate_purpose_next(&c, &at, &oid));
    carnet_oid_text(oid, text, sizeof(text));
    assert_string_equal(text, "1.0.18013.5.1.2");
    assert_false(carnet_certificate_purpose_next(&c, &at, &oid));
    at = (carnet_span){ 0 };
    assert_true(c.crl_points_form); /* a DNS name, not a URI */
    assert_false(carnet_certificate_uri_next(&c, CARNET_EXTENSION_CRL_DISTRIBUTION_POINTS, &at, &uri, NULL));
}

static void
verifies_the_signatures_of_annex_d(void **state)
{
    static const char *const pairs[][2] = {
        { "vectors/iso18013-5-annexD/ds_cert.hex", "vectors/iso18013-5-annexD/iaca_cert.hex" },
        { "vectors/iso18013-5-annexD/iaca_cert.hex", "vectors/iso18013-5-annexD/iaca_cert.hex" },
        { "vectors/iso18013-5-annexD/reader_cert.hex", "vectors/iso18013-5-annexD/reader_root_cert.hex" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(pairs); i++) {
        carnet_certificate c = open_certificate(pairs[i][0]), issuer = open_certificate(pairs[i][1]);
        carnet_certificate other = open_certificate(pairs[i == 2 ? 0 : 2][1]);
        carnet_err err = { 0 };

        assert_true(carnet_certificate_issued_by(&c, &issuer));
        assert_carnet_ok(carnet_certificate_verify(&c, &issuer.public_key, &crypto, &err), &err);
        assert_carnet_rc(carnet_certificate_verify(&c, &other.public_key, &crypto, NULL), CARNET_E_CRYPTO_SIGNATURE);
    }
}

static void
finds_nothing_amiss_in_annex_d(void **state)
{
    static judgement j;

    (void)state;
    judge(&j, carnet_test_shared_hex("vectors/iso18013-5-annexD/ds_cert.hex"),
          "vectors/iso18013-5-annexD/iaca_cert.hex", &carnet_profile_document_signer_mdl, NULL);
    all_but(&j, "document signer", NULL, 0);
    assert_non_null(j.path.anchor);
    assert_int_equal(j.path.count, 1);
    assert_str_is(j.path.country, "US");
    assert_int_equal(carnet_certificate_path_until(&j.path), 1633046400);
    assert_int_equal(outcome_of(&j, CARNET_CHECK_REVOCATION), CARNET_NOT_DONE);
    judge(&j, carnet_test_shared_hex("vectors/iso18013-5-annexD/reader_cert.hex"),
          "vectors/iso18013-5-annexD/reader_root_cert.hex", &carnet_profile_reader, NULL);
    all_but(&j, "reader", NULL, 0);
}

#define CHECK(name) CARNET_CHECK_##name
#define MDL         &carnet_profile_document_signer_mdl
#define MDOC        &carnet_profile_document_signer_mdoc

static const struct {
    const char *name;
    const carnet_certificate_profile *profile;
    carnet_check bad[3];
    size_t count;
} derived[] = {
    { "cert_no_eku", MDL, { CHECK(SIGNER_EXTENDED_KEY_USAGE) }, 1 },
    { "cert_eku_jws", MDL, { CHECK(SIGNER_EXTENDED_KEY_USAGE) }, 1 },
    { "cert_eku_reader", MDOC, { CHECK(SIGNER_EXTENDED_KEY_USAGE) }, 1 },
    { "cert_eku_noncritical", MDL, { CHECK(SIGNER_EXTENDED_KEY_USAGE) }, 1 },
    { "cert_eku_mdoc_only", MDL, { CHECK(SIGNER_EXTENDED_KEY_USAGE) }, 1 },
    { "cert_eku_mdoc_only", MDOC, { 0 }, 0 },
    { "cert_eku_both", MDL, { 0 }, 0 },
    { "cert_no_ku", MDL, { CHECK(SIGNER_KEY_USAGE) }, 1 },
    { "cert_ku_noncritical", MDL, { CHECK(SIGNER_KEY_USAGE) }, 1 },
    { "cert_ku_certsign", MDL, { CHECK(SIGNER_KEY_USAGE) }, 1 },
    { "cert_no_ian", MDL, { CHECK(SIGNER_IAN) }, 1 },
    { "cert_no_ian", MDOC, { 0 }, 0 },
    { "cert_no_crldp", MDL, { CHECK(SIGNER_CRLDP) }, 1 },
    { "cert_no_crldp", MDOC, { 0 }, 0 },
    { "cert_no_aki", MDL, { CHECK(SIGNER_AKI) }, 1 },
    { "cert_no_ski", MDL, { CHECK(SIGNER_SKI) }, 1 },
    { "cert_bad_aki", MDL, { CHECK(PATH_KEY_IDENTIFIER) }, 1 },
    { "cert_ca_true", MDL, { CHECK(SIGNER_NOT_CA) }, 1 },
    { "cert_validity_458_days", MDL, { CHECK(SIGNER_LIFETIME) }, 1 },
    { "cert_validity_457_days", MDL, { 0 }, 0 },
    { "cert_expired", MDL, { CHECK(PATH_VALIDITY) }, 1 },
    { "cert_not_yet", MDL, { CHECK(PATH_VALIDITY) }, 1 },
    { "cert_country_mismatch", MDL, { CHECK(PATH_COUNTRY) }, 1 },
    { "cert_country_lower", MDL, { CHECK(PATH_COUNTRY), CHECK(SIGNER_NAME) }, 2 },
    { "cert_no_country", MDL, { CHECK(PATH_COUNTRY), CHECK(SIGNER_NAME) }, 2 },
    { "cert_state_extra", MDL, { 0 }, 0 },
    { "cert_unknown_critical_ext", MDL, { CHECK(PATH_CRITICAL) }, 1 },
    { "cert_serial_small", MDL, { CHECK(SIGNER_SERIAL) }, 1 },
    { "cert_rogue_issuer", MDL, { CHECK(PATH_SIGNATURE) }, 1 },
    { "cert_self_signed", MDL, { CHECK(PATH_FOUND) }, 1 },
};

static void
finds_what_is_amiss_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(derived); i++) {
        char path[96] = { 0 };
        carnet_buf name = carnet_buf_of(path, sizeof(path) - 1);
        static judgement j;

        carnet_buf_add_text(&name, "vectors/negative/");
        carnet_buf_add_text(&name, derived[i].name);
        carnet_buf_add_text(&name, ".hex");
        judge(&j, certificate_within(carnet_test_shared_hex(path)), "vectors/iso18013-5-annexD/iaca_cert.hex",
              derived[i].profile, NULL);
        all_but(&j, derived[i].name, derived[i].bad, derived[i].count);
    }
}

static const struct {
    const char *crl;
    carnet_outcome revocation;
    bool used, fresh;
} lists[] = {
    { "vectors/negative/crl_empty.hex", CARNET_PASS, true, true },
    { "vectors/negative/crl_ds_revoked.hex", CARNET_FAIL, true, true },
    { "vectors/negative/crl_bad_signature.hex", CARNET_UNDETERMINED, false, false },
    { "vectors/negative/crl_stale.hex", CARNET_PASS, true, false },
};

static void
takes_revocation_from_lists_that_verify(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lists); i++) {
        static judgement j;

        judge(&j, carnet_test_shared_hex("vectors/iso18013-5-annexD/ds_cert.hex"),
              "vectors/iso18013-5-annexD/iaca_cert.hex", MDL, lists[i].crl);
        assert_int_equal(outcome_of(&j, CARNET_CHECK_REVOCATION), lists[i].revocation);
        if (lists[i].used)
            assert_int_equal(outcome_of(&j, CARNET_CHECK_REVOCATION_FRESH), lists[i].fresh ? CARNET_PASS : CARNET_FAIL);
        else
            assert_null(carnet_report_find(&j.report, CARNET_CHECK_REVOCATION_FRESH, CARNET_NO_DOCUMENT));
        assert_int_equal(j.path.next_update == INT64_MAX, !lists[i].used);
    }
}

static const char *const trusted[] = {
    "vectors/vical/aamva_ca_intermediate.hex", "vectors/vical/aamva_ca_root.hex",
    "vectors/vical/austroads_root.hex",        "vectors/iso18013-7-annexB/reader_tls_cert.hex",
    "vectors/iso18013-7-annexB/iaca_cert.hex", "vectors/server-retrieval/jws_signer_cert.hex",
};

static void
opens_certificates_of_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(trusted); i++)
        (void)open_certificate(trusted[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_document_signer_of_annex_d),
        cmocka_unit_test(verifies_the_signatures_of_annex_d),
        cmocka_unit_test(finds_nothing_amiss_in_annex_d),
        cmocka_unit_test(finds_what_is_amiss_and_nothing_else),
        cmocka_unit_test(takes_revocation_from_lists_that_verify),
        cmocka_unit_test(opens_certificates_of_others),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
