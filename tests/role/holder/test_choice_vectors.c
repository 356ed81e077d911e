/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that other implementations made, and what this holder would let leave. */
#include "carnet/reader_satisfied.h"
#include "choice_world.h"

#include <stdio.h>
#include <string.h>

static choice_world c;

static const char *const holdings[] = {
    ("mdl@A family_name given_name birth_date portrait document_number age_over_18 age_over_21 issue_date expiry_date "
     "issuing_country issuing_authority driving_privileges un_distinguishing_sign"),
    "pid@A family_name given_name birth_date age_over_18",
    "pho@A family_name given_name birth_date portrait issue_date expiry_date issuing_country age_over_18",
};

static const struct {
    int number;
    size_t doc_requests, use_cases, offers;
    bool complete;      /* all asked for is held */
    bool whole, part;   /* satisfiable by default, and with CARNET_PARTIAL_ALWAYS */
    const char *leaves; /* with the latter */
} rows[] = {
    { 1, 1, 0, 5, false, true, true, "0:0 given_name! birth_date! issue_date! portrait" },
    { 2, 1, 0, 2, true, true, true, "0:0 family_name! birth_date" },
    /* all there is in a table is asked for, as one use case: nobody holds that */
    { 3, 1, 1, 154, false, false, true,
      "0:2 family_name given_name birth_date portrait issue_date expiry_date issuing_country age_over_18" },
    { 4, 1, 1, 63, false, false, true,
      "0:0 family_name given_name birth_date issue_date expiry_date issuing_country issuing_authority document_number "
      "portrait driving_privileges un_distinguishing_sign age_over_18 age_over_21" },
    { 5, 1, 1, 32, false, false, true, "0:1 family_name given_name birth_date age_over_18" },
    { 6, 1, 1, 0, false, false, false, "-" }, /* a type that is not held */
    { 7, 1, 0, 1, true, true, true, "0:0 age_over_18" },
    { 8, 1, 0, 1, true, true, true, "0:0 age_over_18" },
    { 9, 1, 0, 1, true, true, true, "0:0 given_name" },
    { 10, 1, 0, 67, false, true, true,
      "0:0 portrait! birth_date! given_name! issue_date! age_over_18! age_over_21! expiry_date! family_name! "
      "document_number! issuing_country! issuing_authority! driving_privileges! un_distinguishing_sign!" },
    { 11, 1, 0, 3, true, true, true, "0:0 family_name given_name document_number" },
    { 12, 1, 1, 4, true, true, true, "0:0 portrait! given_name! age_over_21 family_name!" },
};

static bool
ask_vector(int number)
{
    char path[64];
    carnet_span bytes;

    (void)snprintf(path, sizeof(path), "vectors/requests/devicerequest_%02d.hex", number);
    bytes = carnet_test_shared_hex(path);
    if (bytes.len == 0)
        return false;
    c.request = bytes;
    assert_carnet_ok(carnet_device_request_open(c.request, CARNET_CBOR_LENIENT, &c.view, &c.w.err), &c.w.err);
    return true;
}

static void
each_request_gives_the_choice_expected(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_choice_options options = { .partial = CARNET_PARTIAL_ALWAYS };

        if (!ask_vector(rows[i].number)) {
            carnet_test_skip("the requests of others are not here");
            return;
        }
        assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
        assert_int_equal(c.choice.satisfiable, rows[i].whole);
        assert_carnet_ok(choice_world_make(&c, &options), &c.w.err);
        assert_int_equal(c.choice.satisfiable, rows[i].part);
        assert_int_equal(c.choice.request_count, rows[i].doc_requests);
        assert_int_equal(c.choice.use_case_count, rows[i].use_cases);
        assert_int_equal(c.choice.offer_count, rows[i].offers);
        assert_string_equal(choice_world_text(&c), rows[i].leaves);
    }
}

/* A complete holder satisfies the reader who says what satisfies it. */
static void
an_answer_to_each_that_can_be_satisfied_satisfies_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        const carnet_report_entry *entry;

        if (!ask_vector(rows[i].number)) {
            carnet_test_skip("the requests of others are not here");
            return;
        }
        assert_carnet_ok(choice_world_make(&c, NULL), &c.w.err);
        carnet_choice_consent(&c.choice, true);
        assert_carnet_rc(carnet_choice_settle(&c.choice, CARNET_BROKEN_NOTHING, &c.w.err),
                         rows[i].whole ? CARNET_OK : CARNET_E_ROLE_CONSENT);
        assert_carnet_ok(choice_world_respond(&c), &c.w.err);
        c.w.report.count = 0;
        carnet_reader_check_answers(c.response, c.request, &c.w.report);
        assert_int_equal(c.w.report.count, rows[i].whole);
        assert_true(!rows[i].whole || c.w.report.entries[0].outcome == CARNET_PASS);
        carnet_reader_check_satisfied(c.response, c.request, &c.w.report);
        entry = carnet_report_last(&c.w.report);
        assert_int_equal(entry->outcome, rows[i].complete ? CARNET_PASS : CARNET_FAIL);
    }
}

/* Their sessions are not known here: signatures that cannot be right are never taken for none. */
static void
no_signature_of_theirs_is_taken_for_another_session(void **state)
{
    static carnet_report_entry entries[64];
    static carnet_reader_identities identities;
    carnet_verification v = { .struct_size = sizeof(v),
                              .crypto = &c.w.crypto,
                              .anchors = &c.w.anchors,
                              .session_transcript = carnet_test_hex("83f6f6f6") };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_doc_request doc;
        carnet_reader_trust trust;
        bool is_signed;

        if (!ask_vector(rows[i].number)) {
            carnet_test_skip("the requests of others are not here");
            return;
        }
        assert_true(carnet_doc_request_at(&c.view, 0, &doc));
        is_signed = doc.reader_auth.len != 0 || c.view.reader_auth_all.len != 0;
        assert_carnet_ok(carnet_reader_identify(&v, &c.view, c.w.report.now, 60, entries, CARNET_COUNT(entries),
                                                &identities, &c.w.err),
                         &c.w.err);
        trust = carnet_reader_of(&identities, 0)->trust;
        if (is_signed) /* one comes without a certificate */
            assert_true(trust == CARNET_READER_BAD || (trust == CARNET_READER_UNKNOWN && rows[i].number == 12));
        else
            assert_int_equal(trust, CARNET_READER_UNSIGNED);
    }
}

static int
begin(void **state)
{
    (void)state;
    choice_world_begin(&c);
    for (size_t i = 0; i < CARNET_COUNT(holdings); i++)
        choice_world_hold(&c, holdings[i]);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    choice_world_done(&c);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_gives_the_choice_expected),
        cmocka_unit_test(an_answer_to_each_that_can_be_satisfied_satisfies_it),
        cmocka_unit_test(no_signature_of_theirs_is_taken_for_another_session),
    };

    return cmocka_run_group_tests_name("role/holder requests of others", tests, begin, end);
}
