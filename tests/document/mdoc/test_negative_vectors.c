/* SPDX-License-Identifier: Apache-2.0 */
/* The negative vectors: each verdict, and the check that is the reason. */
#include "judge.h"

#include <stdio.h>

#define NONE CARNET_CHECK_COUNT

static const struct {
    const char *name;
    carnet_verdict by_default, strictly;
    carnet_check fails;
} responses[] = {
    { "accept_rfu_key", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "accept_version_1_7", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "cbor_indefinite_map", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ENCODING },
    { "cbor_nonpreferred_int", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ENCODING },
    { "cert_bad_aki", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_KEY_IDENTIFIER },
    { "cert_ca_true", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_NOT_CA },
    { "cert_country_lower", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_COUNTRY },
    { "cert_country_mismatch", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_COUNTRY },
    { "cert_eku_both", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "cert_eku_jws", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE },
    { "cert_eku_mdoc_only", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE },
    { "cert_eku_noncritical", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE,
      CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE },
    { "cert_eku_reader", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE },
    { "cert_expired", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_VALIDITY },
    { "cert_ku_certsign", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_KEY_USAGE },
    { "cert_ku_noncritical", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_KEY_USAGE },
    { "cert_no_aki", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_AKI },
    { "cert_no_country", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_COUNTRY },
    { "cert_no_crldp", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_CRLDP },
    { "cert_no_eku", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE },
    { "cert_no_ian", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_IAN },
    { "cert_no_ku", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_KEY_USAGE },
    { "cert_no_ski", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_SKI },
    { "cert_not_yet", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_VALIDITY },
    { "cert_rogue_issuer", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_SIGNATURE },
    { "cert_self_signed", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_FOUND },
    { "cert_serial_small", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_SERIAL },
    { "cert_state_extra", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "cert_unknown_critical_ext", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_CRITICAL },
    { "cert_validity_457_days", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "cert_validity_458_days", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_SIGNER_LIFETIME },
    { "device_mac_alg_hmac64", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DEVICE_AUTHENTICATION },
    { "device_mac_flip", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DEVICE_AUTHENTICATION },
    { "device_mac_short", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DEVICE_AUTHENTICATION },
    { "device_namespace_unauthorized", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE,
      CARNET_CHECK_DEVICE_AUTHORISED },
    { "digest_id_unknown", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DIGESTS },
    { "digest_mismatch", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DIGESTS },
    { "doctype_mismatch", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_DOCTYPE },
    { "duplicate_element", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ELEMENT_TWICE },
    { "empty_documents", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_RESPONSE_DOCUMENTS },
    { "issuer_alg_es384_p256", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ISSUER_ALGORITHM },
    { "issuer_auth_tagged", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ISSUER_COSE_FORM },
    { "issuer_no_alg", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ISSUER_ALGORITHM },
    { "issuer_no_x5chain", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_PATH_FOUND },
    { "issuer_sig_63", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ISSUER_SIGNATURE },
    { "issuer_sig_flip", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ISSUER_SIGNATURE },
    { "item_reencoded", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DIGESTS },
    { "item_without_tag24", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DOCUMENT_STRUCTURE },
    { "no_device_auth", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DOCUMENT_STRUCTURE },
    { "no_device_signed", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DOCUMENT_STRUCTURE },
    { "pymdoc_fault_signature", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ISSUER_SIGNATURE },
    { "resigned_baseline_valid", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "resigned_chv1", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "resigned_devns_auth_element", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "resigned_devns_auth_namespace", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "resigned_devns_duplicate_issuer", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ELEMENT_TWICE },
    { "resigned_devns_unauthorized", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DEVICE_AUTHORISED },
    { "resigned_digest_id_2_31", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ITEM_FORM },
    { "resigned_keyauth_both", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_FORM },
    { "resigned_mso_digestalg_lower", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE,
      CARNET_CHECK_MSO_DIGEST_ALGORITHM },
    { "resigned_mso_doctype", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_DOCTYPE },
    { "resigned_mso_expired", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_VALIDITY },
    { "resigned_mso_fraction_seconds", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_FORM },
    { "resigned_mso_future", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_VALIDITY },
    { "resigned_mso_identifier_list", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "resigned_mso_no_devicekey", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_STRUCTURE },
    { "resigned_mso_offset", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_FORM },
    { "resigned_mso_rfu_key", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "resigned_mso_sha1", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_DIGEST_ALGORITHM },
    { "resigned_mso_signed_before_ds", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_SIGNED },
    { "resigned_mso_status_list", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "resigned_mso_until_after_ds", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, CARNET_CHECK_MSO_UNTIL_SIGNER },
    { "resigned_mso_validfrom_before_signed", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_FORM },
    { "resigned_mso_version_2", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_MSO_VERSION },
    { "resigned_short_random", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_ITEM_FORM },
    { "resigned_x5chain_protected", CARNET_VERDICT_VALID, CARNET_VERDICT_VALID, NONE },
    { "resigned_x5chain_with_root", CARNET_VERDICT_VALID, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_CHAIN_INCLUDES_ROOT },
    { "status_10", CARNET_VERDICT_UNJUDGED, CARNET_VERDICT_UNJUDGED, CARNET_CHECK_RESPONSE_STATUS },
    { "status_10_with_documents", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_RESPONSE_DOCUMENTS },
    { "status_11", CARNET_VERDICT_UNJUDGED, CARNET_VERDICT_UNJUDGED, CARNET_CHECK_RESPONSE_STATUS },
    { "status_12", CARNET_VERDICT_UNJUDGED, CARNET_VERDICT_UNJUDGED, CARNET_CHECK_RESPONSE_STATUS },
    { "version_2_0", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_RESPONSE_VERSION },
    { "wrong_namespace", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_DIGESTS },
};

/* Responses that cannot be judged at all. */
static const struct {
    const char *name;
    carnet_rc rc;
    size_t offset;
} refused[] = {
    { "cbor_dup_key", CARNET_E_CBOR_KEY_TWICE, 3562 },   { "cbor_trailing", CARNET_E_CBOR_TRAILING, 3562 },
    { "cbor_truncated", CARNET_E_CBOR_TRUNCATED, 3561 }, { "no_version", CARNET_E_CBOR_KEY_MISSING, 0 },
    { "no_status", CARNET_E_CBOR_KEY_MISSING, 0 },
};

static const struct {
    const char *name;
    carnet_verdict by_default, strictly;
    carnet_check fails;
} requests[] = {
    { "reader_auth_flip", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_READER_AUTHENTICATION },
    { "reader_auth_items_changed", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE,
      CARNET_CHECK_READER_AUTHENTICATION },
    { "request_no_docs", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_REQUEST_STRUCTURE },
    { "request_version_2_0", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_REQUEST_STRUCTURE },
    { "request_empty_namespaces", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_REQUEST_STRUCTURE },
    { "request_empty_doctype", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_REQUEST_STRUCTURE },
    { "request_intent_not_bool", CARNET_VERDICT_NEGATIVE, CARNET_VERDICT_NEGATIVE, CARNET_CHECK_REQUEST_STRUCTURE },
};

static carnet_span
load(const char *name)
{
    char path[96];

    snprintf(path, sizeof(path), "vectors/negative/%s.hex", name);
    return carnet_test_shared_hex(path);
}

static void
expect(judge *j, const char *name, carnet_verdict by_default, carnet_verdict strictly, carnet_check fails)
{
    bool right = j->rc == CARNET_OK && judge_verdict(j, false) == by_default && judge_verdict(j, true) == strictly;

    if (fails == NONE)
        right = right && judge_failures(j) == 0;
    else
        right = right &&
                judge_outcome(j, fails) == (by_default == CARNET_VERDICT_UNJUDGED ? CARNET_UNDETERMINED : CARNET_FAIL);
    if (!right) {
        print_message("# %s: %s, strictly %s\n", name, carnet_verdict_text(judge_verdict(j, false)),
                      carnet_verdict_text(judge_verdict(j, true)));
        judge_print(j);
        fail();
    }
}

static void
responses_get_the_verdict_and_the_reason_they_are_known_for(void **state)
{
    static judge j;

    (void)state;
    judge_annex_d(&j);
    for (size_t i = 0; i < CARNET_COUNT(responses); i++) {
        judge_response(&j, load(responses[i].name));
        expect(&j, responses[i].name, responses[i].by_default, responses[i].strictly, responses[i].fails);
    }
    judge_done(&j);
}

static void
what_is_no_response_is_refused_with_its_place(void **state)
{
    static judge j;

    (void)state;
    judge_annex_d(&j);
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        judge_response(&j, load(refused[i].name));
        assert_carnet_rc(j.rc, refused[i].rc);
        assert_int_equal(j.err.offset, refused[i].offset);
        assert_int_equal(j.report.count, 0);
    }
    judge_done(&j);
}

static void
strictly_read_encodings_are_refused(void **state)
{
    static judge j;

    (void)state;
    judge_annex_d(&j);
    j.with.allow = 0;
    judge_response(&j, load("cbor_indefinite_map"));
    assert_carnet_rc(j.rc, CARNET_E_CBOR_INDEFINITE);
    assert_int_equal(j.err.offset, 0);
    judge_response(&j, load("cbor_nonpreferred_int"));
    assert_carnet_rc(j.rc, CARNET_E_CBOR_NOT_PREFERRED);
    judge_response(&j, load("resigned_baseline_valid"));
    assert_int_equal(judge_verdict(&j, true), CARNET_VERDICT_VALID);
    judge_done(&j);
}

static void
the_arc_of_any_mdoc_is_good_for_any_mdoc_profile(void **state)
{
    static judge j;

    (void)state;
    judge_annex_d(&j);
    j.with.signer_profile = &carnet_profile_document_signer_mdoc;
    judge_response(&j, load("cert_eku_mdoc_only"));
    assert_int_equal(judge_verdict(&j, true), CARNET_VERDICT_VALID);
    judge_response(&j, load("cert_eku_jws"));
    assert_int_equal(judge_outcome(&j, CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE), CARNET_FAIL);
    judge_done(&j);
}

static void
revocation_lists_decide(void **state)
{
    static const struct {
        const char *name;
        carnet_check check;
        carnet_outcome outcome;
        carnet_verdict verdict;
    } lists[] = {
        { "crl_empty", CARNET_CHECK_REVOCATION, CARNET_PASS, CARNET_VERDICT_VALID },
        { "crl_ds_revoked", CARNET_CHECK_REVOCATION, CARNET_FAIL, CARNET_VERDICT_NEGATIVE },
        { "crl_bad_signature", CARNET_CHECK_REVOCATION, CARNET_UNDETERMINED, CARNET_VERDICT_UNJUDGED },
        { "crl_stale", CARNET_CHECK_REVOCATION_FRESH, CARNET_FAIL, CARNET_VERDICT_VALID },
    };
    static carnet_crl_array array;
    carnet_revocation_source source = carnet_revocation_source_of(&array);
    carnet_span response, list;
    static judge j;

    (void)state;
    judge_annex_d(&j);
    response = carnet_test_shared_hex("vectors/iso18013-5-annexD/device_response.hex");
    j.with.revocation = &source;
    for (size_t i = 0; i < CARNET_COUNT(lists); i++) {
        list = load(lists[i].name);
        array = (carnet_crl_array){ &list, 1 };
        judge_response(&j, response);
        if (judge_outcome(&j, lists[i].check) != lists[i].outcome || judge_verdict(&j, false) != lists[i].verdict) {
            print_message("# %s\n", lists[i].name);
            judge_print(&j);
            fail();
        }
    }
    judge_done(&j);
}

static void
requests_get_the_verdict_they_are_known_for(void **state)
{
    static judge j;

    (void)state;
    judge_annex_d(&j);
    assert_carnet_ok(carnet_certificate_open(carnet_test_shared_hex("vectors/iso18013-5-annexD/reader_root_cert.hex"),
                                             &j.anchor, &j.err),
                     &j.err);
    for (size_t i = 0; i < CARNET_COUNT(requests); i++) {
        judge_request(&j, load(requests[i].name));
        expect(&j, requests[i].name, requests[i].by_default, requests[i].strictly, requests[i].fails);
    }
    /* Asking for three ages is bad form; its signature was made before. */
    judge_request(&j, load("request_three_age_over"));
    assert_int_equal(judge_outcome(&j, CARNET_CHECK_REQUEST_STRUCTURE), CARNET_PASS);
    assert_int_equal(judge_outcome(&j, CARNET_CHECK_REQUEST_FORM), CARNET_FAIL);
    judge_done(&j);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_get_the_verdict_and_the_reason_they_are_known_for),
        cmocka_unit_test(what_is_no_response_is_refused_with_its_place),
        cmocka_unit_test(strictly_read_encodings_are_refused),
        cmocka_unit_test(the_arc_of_any_mdoc_is_good_for_any_mdoc_profile),
        cmocka_unit_test(revocation_lists_decide),
        cmocka_unit_test(requests_get_the_verdict_they_are_known_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
