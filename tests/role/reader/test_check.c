/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader says of the elements' types, and of answers to what was not asked. */
#include "../world.h"

#include <string.h>

static const carnet_report_entry *
find(const world *w, carnet_check check)
{
    const carnet_report_entry *entry = carnet_report_find(&w->report, check, CARNET_NO_DOCUMENT);

    assert_non_null(entry);
    return entry;
}

static size_t
count(const world *w, carnet_check check, carnet_outcome outcome)
{
    size_t n = 0;

    for (size_t i = 0; i < w->report.count; i++)
        n += w->report.entries[i].check == check && w->report.entries[i].outcome == outcome;
    return n;
}

static void
element_types_are_named_where_they_are_wrong(void **state)
{
    static const element elements[] = {
        { MDL_NS, "family_name", "01" },
        { MDL_NS, "given_name", "644a616e65" },
        { MDL_NS, "birth_date", "6a313938302d30312d3031" },
        { MDL_NS, "no_element_of_the_table", "01" },
        { "org.example", "family_name", "01" },
    };
    static world w;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold(&w, MDL, elements, CARNET_COUNT(elements));
    carnet_reader_check_issuer_signed_types(w.held[0].issuer_signed, carnet_str_of(MDL), &w.report);
    assert_int_equal(w.report.count, 2);
    assert_int_equal(count(&w, CARNET_CHECK_ELEMENT_TYPES, CARNET_FAIL), 2);
    assert_string_equal(w.entries[0].path, "[\"org.iso.18013.5.1\"].family_name");
    assert_string_equal(w.entries[0].detail, "must be text in ISO/IEC 8859-1");
    assert_string_equal(w.entries[1].path, "[\"org.iso.18013.5.1\"].birth_date");
    assert_int_equal(w.entries[1].rc, CARNET_E_DOCTYPE_ELEMENT);
    world_done(&w);
}

static void
element_types_that_are_right_are_counted_and_unknown_types_passed_over(void **state)
{
    static const element other[] = { { "org.example", "x", "01" } };
    static world w;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    carnet_reader_check_issuer_signed_types(w.held[0].issuer_signed, carnet_str_of(MDL), &w.report);
    assert_string_equal(find(&w, CARNET_CHECK_ELEMENT_TYPES)->detail, "5 of 5");
    w.report.count = 0;
    world_hold(&w, "org.example.doc", other, 1);
    carnet_reader_check_issuer_signed_types(w.held[1].issuer_signed, carnet_str_of("org.example.doc"), &w.report);
    assert_int_equal(find(&w, CARNET_CHECK_ELEMENT_TYPES)->outcome, CARNET_NOT_DONE);
    w.report.count = 0;
    w.held[0].issuer_signed.len--;
    carnet_reader_check_issuer_signed_types(w.held[0].issuer_signed, carnet_str_of(MDL), &w.report);
    assert_int_equal(find(&w, CARNET_CHECK_ELEMENT_TYPES)->outcome, CARNET_UNDETERMINED);
    world_done(&w);
}

/* A request for these elements, and maybe an alternative, kept. */
static carnet_span
request_for(world *w, const char *doc_type, const char *const *identifiers, size_t n, carnet_span request_info)
{
    static uint8_t room[2048];
    carnet_requested_element elements[8];
    carnet_doc_request_draft doc = {
        .doc_type = carnet_str_of(doc_type), .elements = elements, .count = n, .request_info = request_info
    };
    carnet_device_request_draft draft = { .documents = &doc, .count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span out;

    assert_in_range(n, 1, 8);
    for (size_t i = 0; i < n; i++)
        elements[i] = (carnet_requested_element){ carnet_str_of(MDL_NS), carnet_str_of(identifiers[i]), false };
    assert_carnet_ok(carnet_device_request_build(&draft, &w->crypto, &b, &w->err), &w->err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &w->err), &w->err);
    return carnet_test_copy(out);
}

/* A response with the first elements of the mDL held, and device-signed ones. */
static carnet_span
response_of(world *w, size_t items, const carnet_element *signed_elements, size_t signed_count)
{
    static uint8_t room[8192];
    static carnet_issuer_signed_item list[8];
    carnet_issuer_signed view;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_presented_document document = { .doc_type = w->held[0].doc_type,
                                           .items = list,
                                           .item_count = items,
                                           .device_elements = signed_elements,
                                           .device_element_count = signed_count,
                                           .device_key = &w->device };
    carnet_presentation presentation = { .documents = &document, .count = 1 };
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

    presentation.session_transcript = CARNET_TEST_BYTES("\x83\xf6\xf6\xf6");
    assert_carnet_ok(carnet_issuer_signed_open(w->held[0].issuer_signed, 0, &view, &w->err), &w->err);
    document.issuer_auth = view.issuer_auth;
    for (size_t i = 0; i < items; i++)
        assert_true(carnet_issuer_signed_next(&view, &cursor, &list[i]));
    assert_carnet_ok(carnet_present(&presentation, &w->crypto, &b, &w->err), &w->err);
    return carnet_span_of(room, b.len);
}

/* requestInfo: given_name may be answered by family_name and birth_date. */
#define ALTERNATIVES                                                                                                   \
    "a1"                                                                                                               \
    "77616c7465726e617469766544617461456c656d656e7473"                                                                 \
    "81a2"                                                                                                             \
    "70726571756573746564456c656d656e74"                                                                               \
    "8271" NS_HEX "6a676976656e5f6e616d65"                                                                             \
    "76616c7465726e6174697665456c656d656e7453657473"                                                                   \
    "8182"                                                                                                             \
    "8271" NS_HEX "6b66616d696c795f6e616d65"                                                                           \
    "8271" NS_HEX "6a62697274685f64617465"
#define NS_HEX "6f72672e69736f2e31383031332e352e31"

static void
what_was_not_asked_for_is_said(void **state)
{
    static const char *const both[] = { "family_name", "given_name" }, *const given[] = { "given_name" };
    static const char *const age[] = { "family_name", "given_name", "birth_date", "age_over_65" };
    static const struct {
        const char *what, *doc_type;
        const char *const *asked;
        size_t asked_count, items;
        bool device_signed;
        const char *info;
        carnet_outcome outcome;
        const char *detail, *path;
    } cases[] = {
        { "all asked for", MDL, both, 2, 2, false, NULL, CARNET_PASS, "2 of 2", "" },
        { "less than asked for", MDL, both, 2, 1, false, NULL, CARNET_PASS, "1 of 1", "" },
        { "nothing", MDL, both, 2, 0, false, NULL, CARNET_PASS, "0 of 0", "" },
        { "more than asked for", MDL, given, 1, 2, false, NULL, CARNET_FAIL, "1 of 2",
          "[\"org.iso.18013.5.1\"].family_name" },
        { "another age", MDL, age, 4, 4, false, NULL, CARNET_PASS, "4 of 4", "" },
        { "an alternative", MDL, given, 1, 3, false, ALTERNATIVES, CARNET_PASS, "3 of 3", "" },
        { "beside alternatives", MDL, given, 1, 4, false, ALTERNATIVES, CARNET_FAIL, "3 of 4",
          "[\"org.iso.18013.5.1\"].age_over_18" },
        { "device-signed beside", MDL, both, 2, 2, true, NULL, CARNET_FAIL, "2 of 3", "[\"org.example\"].x" },
        { "another type", "org.example.doc", both, 2, 2, false, NULL, CARNET_FAIL,
          "nobody asked for this document type", "" },
        { "another type, empty", "org.example.doc", both, 2, 0, false, NULL, CARNET_FAIL,
          "nobody asked for this document type", "" },
    };
    carnet_element device_signed = { carnet_str_of("org.example"), carnet_str_of("x"), CARNET_TEST_BYTES("\x01") };
    static world w;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span info = cases[i].info != NULL ? carnet_test_hex(cases[i].info) : (carnet_span){ 0 };
        carnet_span request = request_for(&w, cases[i].doc_type, cases[i].asked, cases[i].asked_count, info);
        const carnet_report_entry *entry;

        w.report.count = 0;
        carnet_reader_check_answers(response_of(&w, cases[i].items, &device_signed, cases[i].device_signed), request,
                                    &w.report);
        entry = find(&w, CARNET_CHECK_ANSWERS_REQUEST);
        if (entry->outcome != cases[i].outcome || strcmp(entry->detail, cases[i].detail) != 0 ||
            strcmp(entry->path, cases[i].path) != 0)
            fail_msg("%s: %s, %s in %s", cases[i].what, carnet_outcome_text(entry->outcome), entry->detail,
                     entry->path);
        assert_int_equal(entry->document, 0);
        assert_int_equal(w.report.count, 1);
    }
    world_done(&w);
}

static void
judging_without_a_request_compares_nothing(void **state)
{
    static world w;
    static talk t;
    static const char *const names[] = { "family_name" };

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_carnet_ok(talk_ask(&t, names, 1, false), &w.err);
    assert_carnet_ok(talk_hear(&t), &w.err);
    talk_consent(&t, true);
    assert_carnet_ok(talk_answer(&t, CARNET_SESSION_NO_STATUS), &w.err);
    assert_carnet_ok(talk_read(&t), &w.err);
    t.request.len = 0;
    assert_int_equal(talk_judge(&t), CARNET_VERDICT_VALID);
    assert_null(carnet_report_find(&w.report, CARNET_CHECK_ANSWERS_REQUEST, CARNET_NO_DOCUMENT));
    w.report.count = 0;
    carnet_reader_check_answers(CARNET_TEST_BYTES("\xa0"), CARNET_TEST_BYTES("\xa0"), &w.report);
    carnet_reader_check_types(CARNET_TEST_BYTES("\xa0"), &w.report);
    assert_int_equal(w.report.count, 0); /* what cannot be opened was reported by the verification */
    talk_done(&t);
    world_done(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(element_types_are_named_where_they_are_wrong),
        cmocka_unit_test(element_types_that_are_right_are_counted_and_unknown_types_passed_over),
        cmocka_unit_test(what_was_not_asked_for_is_said),
        cmocka_unit_test(judging_without_a_request_compares_nothing),
    };

    return cmocka_run_group_tests_name("role/reader check", tests, NULL, NULL);
}
