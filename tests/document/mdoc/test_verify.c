/* SPDX-License-Identifier: Apache-2.0 */
/* The whole verification, on documents of our own making. */
#include "judge.h"

#include <string.h>

static world w;
static uint8_t room[8192];

static int
set_up(void **state)
{
    (void)state;
    world_init(&w);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    world_done(&w);
    return 0;
}

static const carnet_report_entry *
entry_of(carnet_check check)
{
    const carnet_report_entry *entry = carnet_report_find(&w.j.report, check, CARNET_NO_DOCUMENT);

    assert_non_null(entry);
    return entry;
}

static void
a_signed_response_is_valid_and_every_check_was_made(void **state)
{
    static const carnet_check made[] = { CARNET_CHECK_ENCODING,
                                         CARNET_CHECK_RESPONSE_VERSION,
                                         CARNET_CHECK_RESPONSE_STATUS,
                                         CARNET_CHECK_RESPONSE_DOCUMENTS,
                                         CARNET_CHECK_DOCUMENT_STRUCTURE,
                                         CARNET_CHECK_DOCUMENT_FORM,
                                         CARNET_CHECK_ELEMENT_TWICE,
                                         CARNET_CHECK_ISSUER_ALGORITHM,
                                         CARNET_CHECK_ISSUER_SIGNATURE,
                                         CARNET_CHECK_ISSUER_COSE_FORM,
                                         CARNET_CHECK_CHAIN_INCLUDES_ROOT,
                                         CARNET_CHECK_PATH_FOUND,
                                         CARNET_CHECK_PATH_SIGNATURE,
                                         CARNET_CHECK_PATH_VALIDITY,
                                         CARNET_CHECK_PATH_CA,
                                         CARNET_CHECK_PATH_CRITICAL,
                                         CARNET_CHECK_PATH_COUNTRY,
                                         CARNET_CHECK_SIGNER_KEY_USAGE,
                                         CARNET_CHECK_SIGNER_NOT_CA,
                                         CARNET_CHECK_SIGNER_LIFETIME,
                                         CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE,
                                         CARNET_CHECK_ANCHOR_PROFILE,
                                         CARNET_CHECK_MSO_STRUCTURE,
                                         CARNET_CHECK_MSO_VERSION,
                                         CARNET_CHECK_MSO_DOCTYPE,
                                         CARNET_CHECK_MSO_DIGEST_ALGORITHM,
                                         CARNET_CHECK_MSO_VALIDITY,
                                         CARNET_CHECK_MSO_SIGNED,
                                         CARNET_CHECK_MSO_FORM,
                                         CARNET_CHECK_DIGESTS,
                                         CARNET_CHECK_ITEM_FORM,
                                         CARNET_CHECK_ISSUING_COUNTRY,
                                         CARNET_CHECK_DEVICE_AUTHORISED,
                                         CARNET_CHECK_DEVICE_AUTHENTICATION };

    (void)state;
    judge_response(&w.j, world_present(&w, false, room, sizeof(room)));
    if (judge_verdict(&w.j, true) != CARNET_VERDICT_VALID)
        judge_print(&w.j);
    assert_int_equal(judge_verdict(&w.j, true), CARNET_VERDICT_VALID);
    for (size_t i = 0; i < CARNET_COUNT(made); i++)
        assert_int_equal(entry_of(made[i])->outcome, CARNET_PASS);
    assert_string_equal(entry_of(CARNET_CHECK_DIGESTS)->detail, "3 of 3");
    assert_true(w.j.report.count <= 2 * CARNET_REPORT_DOCUMENT_ENTRIES);
}

static void
a_mac_is_verified_with_the_reader_key_and_not_without(void **state)
{
    carnet_span response = world_present(&w, true, room, sizeof(room));
    carnet_key other = { 0 };

    (void)state;
    judge_response(&w.j, response);
    assert_int_equal(judge_verdict(&w.j, true), CARNET_VERDICT_VALID);
    w.j.with.reader_key_count = 0;
    judge_response(&w.j, response);
    assert_int_equal(entry_of(CARNET_CHECK_DEVICE_AUTHENTICATION)->outcome, CARNET_NOT_DONE);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_UNJUDGED);
    w.j.with.reader_key_count = 1;
    assert_carnet_ok(carnet_software_key_generate(&w.j.crypto, CARNET_CURVE_P384, CARNET_KEY_AGREE, &other, &w.j.err),
                     &w.j.err);
    w.j.reader_keys[0] = &other;
    judge_response(&w.j, response);
    assert_int_equal(entry_of(CARNET_CHECK_DEVICE_AUTHENTICATION)->outcome, CARNET_UNDETERMINED);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_UNJUDGED);
    carnet_key_done(&other);
    w.j.reader_keys[0] = &w.reader;
    w.reader.usage |= CARNET_KEY_AGREE;
    judge_response(&w.j, response);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_NEGATIVE);
}

static void
without_a_transcript_the_device_is_not_judged(void **state)
{
    carnet_span response = world_present(&w, false, room, sizeof(room));
    static const uint8_t other[] = { 0x83, 0xf6, 0xf6, 0xf6 };

    (void)state;
    w.j.with.session_transcript = (carnet_span){ 0 };
    judge_response(&w.j, response);
    assert_int_equal(entry_of(CARNET_CHECK_DEVICE_AUTHENTICATION)->outcome, CARNET_NOT_DONE);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_UNJUDGED);
    w.j.with.session_transcript = (carnet_span){ other, sizeof(other) };
    judge_response(&w.j, response);
    assert_int_equal(entry_of(CARNET_CHECK_DEVICE_AUTHENTICATION)->rc, CARNET_E_COSE_SIGNATURE);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_NEGATIVE);
}

static void
without_anchors_no_path_is_found_and_the_rest_is_judged(void **state)
{
    (void)state;
    w.j.with.anchors = NULL;
    judge_response(&w.j, world_present(&w, false, room, sizeof(room)));
    assert_int_equal(entry_of(CARNET_CHECK_PATH_FOUND)->outcome, CARNET_FAIL);
    assert_int_equal(entry_of(CARNET_CHECK_ISSUER_SIGNATURE)->outcome, CARNET_PASS);
    assert_int_equal(entry_of(CARNET_CHECK_DEVICE_AUTHENTICATION)->outcome, CARNET_PASS);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_NEGATIVE);
}

static void
an_issuer_signed_alone_has_no_device(void **state)
{
    (void)state;
    judge_issuer_signed(&w.j, w.issuer_signed);
    assert_int_equal(judge_verdict(&w.j, true), CARNET_VERDICT_VALID);
    assert_int_equal(entry_of(CARNET_CHECK_DEVICE_NONE)->outcome, CARNET_NOT_DONE);
    assert_null(carnet_report_find(&w.j.report, CARNET_CHECK_DEVICE_AUTHENTICATION, CARNET_NO_DOCUMENT));
    assert_string_equal(entry_of(CARNET_CHECK_DIGESTS)->detail, "6 of 6");
    carnet_report_init(&w.j.report, w.j.entries, JUDGE_ENTRIES, w.j.now, 0);
    assert_carnet_ok(carnet_issuer_signed_verify(&w.j.with, w.issuer_signed, carnet_str_of("org.iso.23220.photoid.1"),
                                                 &w.j.report, &w.j.err),
                     &w.j.err);
    assert_int_equal(entry_of(CARNET_CHECK_MSO_DOCTYPE)->rc, CARNET_E_MDOC_DOCTYPE);
    judge_issuer_signed(&w.j, CARNET_TEST_BYTES("\xa1"));
    assert_carnet_rc(w.j.rc, CARNET_E_CBOR_TRUNCATED);
    assert_int_equal(w.j.report.count, 0);
}

static void
a_document_is_judged_without_a_response_around_it(void **state)
{
    carnet_device_response view;

    (void)state;
    assert_carnet_ok(carnet_device_response_open(world_present(&w, false, room, sizeof(room)), 0, &view, &w.j.err),
                     &w.j.err);
    judge_document(&w.j, carnet_device_response_document(&view, 0));
    assert_int_equal(judge_verdict(&w.j, true), CARNET_VERDICT_VALID);
    judge_document(&w.j, CARNET_TEST_BYTES("\xa0"));
    assert_carnet_rc(w.j.rc, CARNET_OK);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_NEGATIVE);
    assert_string_equal(entry_of(CARNET_CHECK_DOCUMENT_STRUCTURE)->path, "docType");
}

static void
an_empty_document_type_is_none(void **state)
{
    static uint8_t changed[8192];
    carnet_span response = world_present(&w, false, room, sizeof(room));
    carnet_buf out = carnet_buf_of(changed, sizeof(changed));
    size_t at = 0;

    (void)state;
    while (memcmp(response.ptr + at, "gdocTypeu", 9) != 0)
        at++;
    carnet_buf_add(&out, (carnet_span){ response.ptr, at + 8 });
    carnet_buf_add_byte(&out, 0x60);
    carnet_buf_add(&out, (carnet_span){ response.ptr + at + 30, response.len - at - 30 });
    judge_response(&w.j, carnet_buf_span(&out));
    assert_carnet_ok(w.j.rc, &w.j.err);
    assert_int_equal(entry_of(CARNET_CHECK_MSO_DOCTYPE)->outcome, CARNET_FAIL);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_NEGATIVE);
}

static void
times_are_judged_with_the_reports_skew(void **state)
{
    static const struct {
        carnet_time now; /* the document is valid from 1793491200 to 1809129600 */
        int64_t skew;
        carnet_outcome outcome;
    } cases[] = {
        { 1793491200, 0, CARNET_PASS },  { 1793491199, 0, CARNET_FAIL },  { 1793491140, 60, CARNET_PASS },
        { 1793491139, 60, CARNET_FAIL }, { 1809129600, 0, CARNET_PASS },  { 1809129601, 0, CARNET_FAIL },
        { 1809129660, 60, CARNET_PASS }, { 1809129661, 60, CARNET_FAIL },
    };
    carnet_span response = world_present(&w, false, room, sizeof(room));

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        w.j.now = cases[i].now;
        w.j.skew = cases[i].skew;
        judge_response(&w.j, response);
        assert_int_equal(entry_of(CARNET_CHECK_MSO_VALIDITY)->outcome, cases[i].outcome);
    }
}

static void
the_issuing_country_must_be_the_signers(void **state)
{
    (void)state;
    world_issue(&w, "XX");
    judge_response(&w.j, world_present(&w, false, room, sizeof(room)));
    assert_int_equal(entry_of(CARNET_CHECK_DIGESTS)->outcome, CARNET_PASS);
    assert_int_equal(entry_of(CARNET_CHECK_ISSUING_COUNTRY)->outcome, CARNET_FAIL);
    assert_int_equal(judge_verdict(&w.j, false), CARNET_VERDICT_NEGATIVE);
}

static void
the_signers_profile_can_be_given(void **state)
{
    (void)state;
    w.j.with.signer_profile = &carnet_profile_jws_signer;
    judge_response(&w.j, world_present(&w, false, room, sizeof(room)));
    assert_int_equal(entry_of(CARNET_CHECK_SIGNER_EXTENDED_KEY_USAGE)->outcome, CARNET_FAIL);
}

static void
a_report_that_is_too_small_is_never_valid(void **state)
{
    carnet_span response = world_present(&w, false, room, sizeof(room));
    carnet_policy policy = { .name = "test" };

    (void)state;
    judge_response(&w.j, response);
    for (size_t cap = 0; cap < 48; cap++) {
        bool enough;
        carnet_report_init(&w.j.report, w.j.entries, cap, w.j.now, 0);
        assert_carnet_ok(carnet_device_response_verify(&w.j.with, response, &w.j.report, &w.j.err), &w.j.err);
        enough = !w.j.report.overflow;
        assert_int_equal(carnet_policy_judge(&policy, &w.j.report, CARNET_NO_DOCUMENT) == CARNET_VERDICT_VALID, enough);
    }
}

static void
parameters_not_filled_in_are_refused(void **state)
{
    (void)state;
    w.j.with.struct_size = 0;
    judge_response(&w.j, w.issuer_signed);
    assert_carnet_rc(w.j.rc, CARNET_E_USAGE);
    judge_document(&w.j, w.issuer_signed);
    assert_carnet_rc(w.j.rc, CARNET_E_USAGE);
    judge_issuer_signed(&w.j, w.issuer_signed);
    assert_carnet_rc(w.j.rc, CARNET_E_USAGE);
    judge_request(&w.j, w.issuer_signed);
    assert_carnet_rc(w.j.rc, CARNET_E_USAGE);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_signed_response_is_valid_and_every_check_was_made),
        CASE(a_mac_is_verified_with_the_reader_key_and_not_without),
        CASE(without_a_transcript_the_device_is_not_judged),
        CASE(without_anchors_no_path_is_found_and_the_rest_is_judged),
        CASE(an_issuer_signed_alone_has_no_device),
        CASE(a_document_is_judged_without_a_response_around_it),
        CASE(an_empty_document_type_is_none),
        CASE(times_are_judged_with_the_reports_skew),
        CASE(the_issuing_country_must_be_the_signers),
        CASE(the_signers_profile_can_be_given),
        CASE(a_report_that_is_too_small_is_never_valid),
        CASE(parameters_not_filled_in_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
