/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents captured from other implementations: the issuer's signature and
 * the digests come out as known.  Their anchors are not known, so that no path
 * is found, which the report must say apart from the cryptography.
 */
#include "judge.h"

#include <stdio.h>
#include <string.h>

enum kind { RESPONSE, DOCUMENT, ISSUER_SIGNED };

static const struct {
    const char *name;
    enum kind kind;
    uint16_t document;
    carnet_outcome signature;
    const char *digests;
} vectors[] = {
    { "pymdoc_deviceresponse_01", RESPONSE, 0, CARNET_PASS, "6 of 6" },
    { "sphereon_issuersigned_02", ISSUER_SIGNED, 0, CARNET_PASS, "0 of 22" },
    { "animo_deviceresponse_01", RESPONSE, 0, CARNET_PASS, "1 of 1" },
    { "animo_deviceresponse_02", RESPONSE, 0, CARNET_PASS, "2 of 2" },
    { "animo_deviceresponse_03", RESPONSE, 0, CARNET_PASS, "2 of 2" },
    { "animo_deviceresponse_04", RESPONSE, 0, CARNET_PASS, "6 of 6" },
    { "animo_issuersigned_01", ISSUER_SIGNED, 0, CARNET_PASS, "1 of 2" },
    { "animo_issuersigned_02", ISSUER_SIGNED, 0, CARNET_PASS, "2 of 4" },
    { "animo_issuersigned_03", ISSUER_SIGNED, 0, CARNET_PASS, "18 of 18" },
    { "auth0_deviceresponse_06", RESPONSE, 0, CARNET_PASS, "15 of 15" },
    { "auth0_deviceresponse_07", RESPONSE, 0, CARNET_PASS, "12 of 12" },
    { "eudi_lib_android_wallet_core_deviceresponse_02", RESPONSE, 0, CARNET_PASS, "13 of 13" },
    { "eudi_lib_android_wallet_core_issuersigned_01", ISSUER_SIGNED, 0, CARNET_FAIL, "33 of 33" },
    { "eudi_lib_ios_iso18013_data_model_deviceresponse_01", RESPONSE, 0, CARNET_PASS, "37 of 37" },
    { "eudi_srv_verifier_endpoint_deviceresponse_01", RESPONSE, 0, CARNET_PASS, "4 of 4" },
    { "eudi_srv_verifier_endpoint_deviceresponse_02", RESPONSE, 0, CARNET_PASS, "1 of 1" },
    { "eudi_srv_verifier_endpoint_deviceresponse_02", RESPONSE, 1, CARNET_PASS, "1 of 1" },
    { "eudi_srv_verifier_endpoint_deviceresponse_04", RESPONSE, 0, CARNET_PASS, "0 of 25" },
    { "eudi_srv_verifier_endpoint_issuersigned_01", ISSUER_SIGNED, 0, CARNET_PASS, "8 of 8" },
    { "eudi_srv_web_verifier_endpoint_23220_4_kt_deviceresponse_01", RESPONSE, 0, CARNET_PASS, "26 of 26" },
    { "longfellow_deviceresponse_01", RESPONSE, 0, CARNET_PASS, "2 of 2" },
    { "longfellow_deviceresponse_05", RESPONSE, 0, CARNET_PASS, "2 of 2" },
    { "longfellow_deviceresponse_06", RESPONSE, 0, CARNET_PASS, "2 of 2" },
    { "longfellow_deviceresponse_07", RESPONSE, 0, CARNET_PASS, "2 of 2" },
    { "longfellow_deviceresponse_12", RESPONSE, 0, CARNET_PASS, "2 of 2" },
    { "longfellow_deviceresponse_13", RESPONSE, 0, CARNET_PASS, "1 of 1" },
    { "longfellow_deviceresponse_15", RESPONSE, 0, CARNET_PASS, "1 of 1" },
    { "longfellow_deviceresponse_17", RESPONSE, 0, CARNET_PASS, "1 of 1" },
    { "longfellow_deviceresponse_18", RESPONSE, 0, CARNET_PASS, "4 of 4" },
    { "longfellow_deviceresponse_21", RESPONSE, 0, CARNET_PASS, "1 of 1" },
    { "longfellow_deviceresponse_22", RESPONSE, 0, CARNET_PASS, "1 of 1" },
    { "longfellow_deviceresponse_24", RESPONSE, 0, CARNET_PASS, "1 of 1" },
    { "multipaz_deviceresponse_01", RESPONSE, 0, CARNET_NOT_DONE, "11 of 11" },
    { "mdocts_issuersigned_01", ISSUER_SIGNED, 0, CARNET_PASS, "1 of 2" },
    { "mdocts_issuersigned_02", ISSUER_SIGNED, 0, CARNET_PASS, "2 of 4" },
    { "pagopa_deviceresponse_01", RESPONSE, 0, CARNET_PASS, "1 of 1" },
    { "pagopa_deviceresponse_02", RESPONSE, 0, CARNET_PASS, "16 of 16" },
    { "pagopa_issuersigned_01", ISSUER_SIGNED, 0, CARNET_FAIL, "10 of 10" },
    { "pagopa_issuersigned_02", ISSUER_SIGNED, 0, CARNET_PASS, "16 of 16" },
    { "pagopaios_document_01", DOCUMENT, 0, CARNET_PASS, "8 of 8" },
    { "pagopaios_issuersigned_01", ISSUER_SIGNED, 0, CARNET_PASS, "8 of 8" },
    { "pagopaios_issuersigned_03", ISSUER_SIGNED, 0, CARNET_PASS, "12 of 12" },
    { "isomdl_issuersigned_02", ISSUER_SIGNED, 0, CARNET_PASS, "6 of 6" },
    { "waltid_deviceresponse_02", RESPONSE, 0, CARNET_PASS, "11 of 11" },
    { "waltid_deviceresponse_03", RESPONSE, 0, CARNET_PASS, "11 of 11" },
    { "waltid_deviceresponse_04", RESPONSE, 0, CARNET_PASS, "11 of 11" },
    { "waltid_deviceresponse_05", RESPONSE, 0, CARNET_PASS, "11 of 11" },
    { "waltid_deviceresponse_06", RESPONSE, 0, CARNET_PASS, "46 of 46" },
    { "waltid_document_02", DOCUMENT, 0, CARNET_PASS, "3 of 3" },
    { "waltid_document_03", DOCUMENT, 0, CARNET_PASS, "3 of 3" },
    { "waltid_document_04", DOCUMENT, 0, CARNET_PASS, "3 of 3" },
    { "waltid_document_07", DOCUMENT, 0, CARNET_PASS, "9 of 9" },
    { "waltid_document_09", DOCUMENT, 0, CARNET_PASS, "32 of 32" },
    { "waltid_document_10", DOCUMENT, 0, CARNET_PASS, "32 of 32" },
};

/* What could not be read as the others could. */
static const struct {
    const char *name;
    enum kind kind;
    carnet_rc rc; /* of the verification; CARNET_OK: the report has `check` as failed */
    carnet_check check;
} unreadable[] = {
    { "pymdoc_minimal_document", DOCUMENT, CARNET_OK, CARNET_CHECK_DOCUMENT_STRUCTURE },
    { "pagopa_deviceresponse_03", RESPONSE, CARNET_OK, CARNET_CHECK_DOCUMENT_STRUCTURE },
    { "isomdl_deviceresponse_01", RESPONSE, CARNET_OK, CARNET_CHECK_MSO_STRUCTURE },
    { "waltid_document_05", DOCUMENT, CARNET_OK, CARNET_CHECK_DOCUMENT_STRUCTURE },
    { "waltid_tag24_deviceresponse_07", RESPONSE, CARNET_E_CBOR_TYPE, CARNET_CHECK_COUNT },
};

static carnet_span
load(const char *name)
{
    char path[96];

    snprintf(path, sizeof(path), "vectors/captured/%s.hex", name);
    return carnet_test_shared_hex(path);
}

static void
begin(judge *j)
{
    judge_with(j, carnet_test_shared_hex("vectors/iso18013-5-annexD/iaca_cert.hex"), "2026-11-21T00:00:00Z");
}

static void
run(judge *j, enum kind kind, const char *name)
{
    if (kind == RESPONSE)
        judge_response(j, load(name));
    else if (kind == DOCUMENT)
        judge_document(j, load(name));
    else
        judge_issuer_signed(j, load(name));
}

static carnet_outcome
outcome(const judge *j, carnet_check check, uint16_t document)
{
    const carnet_report_entry *entry = carnet_report_find(&j->report, check, document);

    return entry != NULL ? entry->outcome : CARNET_NOT_DONE;
}

static void
signatures_and_digests_come_out_as_known(void **state)
{
    static judge j;

    (void)state;
    begin(&j);
    for (size_t i = 0; i < CARNET_COUNT(vectors); i++) {
        const carnet_report_entry *digests;

        run(&j, vectors[i].kind, vectors[i].name);
        digests = carnet_report_find(&j.report, CARNET_CHECK_DIGESTS, vectors[i].document);
        if (j.rc != CARNET_OK || digests == NULL ||
            strncmp(digests->detail, vectors[i].digests, strlen(vectors[i].digests)) != 0 ||
            outcome(&j, CARNET_CHECK_ISSUER_SIGNATURE, vectors[i].document) != vectors[i].signature) {
            print_message("# %s\n", vectors[i].name);
            judge_print(&j);
            fail();
        }
        assert_int_not_equal(judge_verdict(&j, false), CARNET_VERDICT_VALID);
    }
    judge_done(&j);
}

static void
what_cannot_be_read_is_said(void **state)
{
    static judge j;

    (void)state;
    begin(&j);
    for (size_t i = 0; i < CARNET_COUNT(unreadable); i++) {
        run(&j, unreadable[i].kind, unreadable[i].name);
        if (j.rc != unreadable[i].rc || (j.rc == CARNET_OK && judge_outcome(&j, unreadable[i].check) != CARNET_FAIL)) {
            print_message("# %s\n", unreadable[i].name);
            judge_print(&j);
            fail();
        }
    }
    judge_done(&j);
}

static void
the_path_is_judged_apart(void **state)
{
    static judge j;
    carnet_span response = load("pymdoc_deviceresponse_01");

    (void)state;
    begin(&j);
    assert_carnet_ok(carnet_time_parse(carnet_str_of("2020-10-15T00:00:00Z"), &j.now, NULL, &j.err), &j.err);
    judge_response(&j, response); /* Annex D's document, signed by its signer */
    assert_int_equal(judge_outcome(&j, CARNET_CHECK_PATH_FOUND), CARNET_PASS);
    assert_int_equal(judge_outcome(&j, CARNET_CHECK_DEVICE_AUTHENTICATION), CARNET_NOT_DONE);
    judge_response(&j, load("waltid_deviceresponse_02"));
    assert_int_equal(judge_outcome(&j, CARNET_CHECK_PATH_FOUND), CARNET_FAIL);
    assert_int_equal(judge_outcome(&j, CARNET_CHECK_ISSUER_SIGNATURE), CARNET_PASS);
    judge_done(&j);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_and_digests_come_out_as_known),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(the_path_is_judged_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
