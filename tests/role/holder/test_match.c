/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is matched with, and that nothing leaves but what was consented to. */
#include "../world.h"
#include "carnet/doctype.h"

#include <string.h>

#define PID "eu.europa.ec.eudi.pid.1"

/* A request in memory for one or two document types. */
static carnet_device_request
request_of(world *w, const carnet_doc_request_draft *documents, size_t count)
{
    static uint8_t room[8192];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_device_request_draft draft = { .documents = documents, .count = count };
    carnet_device_request view;
    carnet_span out;

    assert_carnet_ok(carnet_device_request_build(&draft, &w->crypto, &b, &w->err), &w->err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &w->err), &w->err);
    assert_carnet_ok(carnet_device_request_open(carnet_test_copy(out), 0, &view, &w->err), &w->err);
    return view;
}

static carnet_device_request
request_for(world *w, const char *const *identifiers, size_t count)
{
    static carnet_requested_element elements[OFFERS];
    carnet_doc_request_draft doc = { .doc_type = carnet_str_of(MDL), .elements = elements, .count = count };

    for (size_t i = 0; i < count; i++)
        elements[i] = (carnet_requested_element){ carnet_str_of(MDL_NS), carnet_str_of(identifiers[i]), false };
    return request_of(w, &doc, 1);
}

static carnet_rc
match(world *w, const carnet_device_request *request, carnet_offer *offers, size_t *found)
{
    return carnet_holder_match(request, w->held, w->held_count, offers, OFFERS, found, &w->err);
}

static carnet_span
respond(world *w, const carnet_device_request *request, const carnet_offer *offers, size_t count, carnet_rc expected)
{
    static uint8_t room[16384], scratch_room[16384];
    carnet_buf scratch = carnet_buf_of(scratch_room, sizeof(scratch_room));
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span out;
    carnet_rc rc = carnet_holder_respond(&w->crypto, CARNET_TEST_BYTES("\x83\xf6\xf6\xf6"), NULL, request, w->held,
                                         w->held_count, offers, count, &scratch, &b, &w->err);

    assert_carnet_rc(rc, expected);
    if (rc != CARNET_OK)
        return (carnet_span){ 0 };
    assert_carnet_ok(carnet_cbor_built(&b, &out, &w->err), &w->err);
    return out;
}

/* Elements of one document of a response, "name_space/identifier " each, in the order sent. */
static const char *
elements_of(carnet_span response, size_t index)
{
    static char text[512];
    carnet_buf out = carnet_buf_of(text, sizeof(text) - 1);
    carnet_device_response view;
    carnet_document document;
    carnet_issuer_signed issuer_signed;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_device_response_open(response, 0, &view, &err), &err);
    assert_carnet_ok(carnet_document_open(carnet_device_response_document(&view, index), 0, &document, &err), &err);
    assert_carnet_ok(carnet_issuer_signed_open(document.issuer_signed, 0, &issuer_signed, &err), &err);
    while (carnet_issuer_signed_next(&issuer_signed, &cursor, &item)) {
        carnet_buf_add_str(&out, item.identifier);
        carnet_buf_add_text(&out, " ");
    }
    assert_false(out.overflow);
    text[out.len] = '\0';
    return text;
}

static void
consent_to(carnet_offer *offers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        offers[i].consented = true;
}

static void
elements_are_offered_in_the_order_asked_for_with_what_answers_them(void **state)
{
    static const struct {
        const char *asked, *answer;
    } cases[] = {
        { "given_name", "given_name" },
        { "portrait", "" },
        { "age_over_16", "age_over_18" }, /* the smallest at or above that is true */
        { "age_over_18", "age_over_18" },
        { "age_over_19", "" },
        { "age_over_21", "age_over_21" }, /* the largest at or below that is false */
        { "age_over_65", "age_over_21" },
        { "age_over_9", "" },
        { "Given_name", "" },
        { "family_name", "family_name" },
    };
    static world w;
    const char *asked[CARNET_COUNT(cases)];
    carnet_offer offers[OFFERS];
    carnet_device_request request;
    size_t found;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        asked[i] = cases[i].asked;
    request = request_for(&w, asked, CARNET_COUNT(cases));
    assert_carnet_ok(match(&w, &request, offers, &found), &w.err);
    assert_int_equal(found, CARNET_COUNT(cases));
    for (size_t i = 0; i < found; i++) {
        assert_str_is(offers[i].requested, cases[i].asked);
        assert_str_is(offers[i].name_space, MDL_NS);
        if (!carnet_str_is(offers[i].identifier, cases[i].answer))
            fail_msg("%s is answered by %.*s", cases[i].asked, (int)offers[i].identifier.len, offers[i].identifier.ptr);
        assert_int_equal(offers[i].document, 0);
        assert_false(offers[i].consented);
    }
    world_done(&w);
}

static void
a_request_for_more_than_fits_offers_nothing(void **state)
{
    static const char *const asked[] = { "family_name", "given_name", "birth_date" };
    static world w;
    carnet_offer offers[2];
    carnet_device_request request;
    size_t found = 7;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    request = request_for(&w, asked, 3);
    assert_carnet_rc(carnet_holder_match(&request, w.held, 1, offers, 2, &found, &w.err), CARNET_E_NO_SPACE);
    assert_int_equal(found, 0);
    world_done(&w);
}

static void
of_several_documents_the_one_that_answers_most_is_offered(void **state)
{
    static const element poor[] = { { MDL_NS, "family_name", "6141" } };
    static const element rich[] = { { MDL_NS, "family_name", "6142" }, { MDL_NS, "given_name", "6142" } };
    static const char *const one[] = { "family_name" }, *const two[] = { "family_name", "given_name" };
    static world w;
    carnet_offer offers[OFFERS];
    carnet_device_request request;
    size_t found;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold(&w, PID, poor, 1);
    world_hold(&w, MDL, poor, 1);
    world_hold(&w, MDL, rich, 2);
    world_hold(&w, MDL, rich, 2);
    request = request_for(&w, two, 2);
    assert_carnet_ok(match(&w, &request, offers, &found), &w.err);
    assert_int_equal(offers[0].document, 2);
    assert_int_equal(offers[1].document, 2);
    request = request_for(&w, one, 1);
    assert_carnet_ok(match(&w, &request, offers, &found), &w.err);
    assert_int_equal(offers[0].document, 1); /* the first of equals */
    w.held[2].issuer_signed.len--;           /* one that cannot be opened is none */
    request = request_for(&w, two, 2);
    assert_carnet_ok(match(&w, &request, offers, &found), &w.err);
    assert_int_equal(offers[0].document, 3);
    world_done(&w);
}

static void
a_type_that_is_not_held_is_answered_with_a_document_error(void **state)
{
    static const carnet_requested_element elements[] = { { { PID, sizeof(PID) - 1 }, { "family_name", 11 }, false } };
    static world w;
    carnet_doc_request_draft doc = { .doc_type = carnet_str_of(PID), .elements = elements, .count = 1 };
    carnet_device_request request;
    carnet_device_response response;
    carnet_document_error error;
    carnet_offer offers[OFFERS];
    size_t found;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    request = request_of(&w, &doc, 1);
    assert_carnet_ok(match(&w, &request, offers, &found), &w.err);
    assert_int_equal(found, 1);
    assert_true(offers[0].document == CARNET_NO_HELD_DOCUMENT);
    consent_to(offers, found); /* to nothing */
    assert_carnet_ok(carnet_device_response_open(respond(&w, &request, offers, found, CARNET_OK), 0, &response, &w.err),
                     &w.err);
    assert_false(response.has_documents);
    assert_true(carnet_document_error_at(&response, 0, &error));
    assert_str_is(error.doc_type, PID);
    assert_int_equal(error.code, 0);
    assert_false(carnet_document_error_at(&response, 1, &error));
    world_done(&w);
}

static void
at_most_two_ages_leave_in_an_answer(void **state)
{
    static const element held[] = { { MDL_NS, "age_over_16", "f5" },
                                    { MDL_NS, "age_over_18", "f5" },
                                    { MDL_NS, "age_over_21", "f5" },
                                    { MDL_NS, "family_name", "6141" } };
    static const char *const asked[] = { "age_over_15", "age_over_16", "age_over_18", "age_over_21", "family_name" };
    static world w;
    carnet_offer offers[OFFERS];
    carnet_device_request request;
    size_t found;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold(&w, MDL, held, CARNET_COUNT(held));
    request = request_for(&w, asked, CARNET_COUNT(asked));
    assert_carnet_ok(match(&w, &request, offers, &found), &w.err);
    consent_to(offers, found);
    assert_string_equal(elements_of(respond(&w, &request, offers, found, CARNET_OK), 0),
                        "age_over_16 age_over_18 family_name ");
    world_done(&w);
}

static void
at_most_two_ages_leave_in_a_whole_session(void **state)
{
    static const element held[] = { { MDL_NS, "age_over_16", "f5" },
                                    { MDL_NS, "age_over_18", "f5" },
                                    { MDL_NS, "age_over_21", "f5" },
                                    { MDL_NS, "family_name", "6141" } };
    static const char *const asked[][2] = { { "age_over_16", "family_name" },
                                            { "age_over_18", "family_name" },
                                            { "age_over_21", "family_name" } };
    static const char *const left[] = { "age_over_16 family_name ", "age_over_18 family_name ", "family_name " };
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold(&w, MDL, held, CARNET_COUNT(held));
    talk_begin(&t, &w, CARNET_CURVE_P256);
    for (size_t i = 0; i < CARNET_COUNT(asked); i++) {
        assert_carnet_ok(talk_ask(&t, asked[i], 2, false), &w.err);
        assert_carnet_ok(talk_hear(&t), &w.err);
        talk_consent(&t, true);
        assert_carnet_ok(talk_answer(&t, CARNET_SESSION_NO_STATUS), &w.err);
        assert_carnet_ok(talk_read(&t), &w.err);
        assert_string_equal(elements_of(t.received, 0), left[i]);
    }
    talk_done(&t);
    world_done(&w);
}

/* Every subset of consents: exactly the elements consented to leave. */
static void
nothing_leaves_but_what_was_consented_to(void **state)
{
    static const char *const asked[] = { "family_name", "given_name", "birth_date", "age_over_18", "portrait" };
    static world w;
    carnet_offer offers[OFFERS];
    carnet_device_request request;
    carnet_device_response response;
    size_t found;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    request = request_for(&w, asked, CARNET_COUNT(asked));
    assert_carnet_ok(match(&w, &request, offers, &found), &w.err);
    for (unsigned subset = 0; subset < 1u << CARNET_COUNT(asked); subset++) {
        char expected[128] = "";
        carnet_buf text = carnet_buf_of(expected, sizeof(expected) - 1);
        carnet_span out;

        for (size_t i = 0; i < found; i++) {
            offers[i].consented = subset >> i & 1;
            if (offers[i].consented && offers[i].identifier.len != 0) {
                carnet_buf_add_text(&text, asked[i]);
                carnet_buf_add_text(&text, " ");
            }
        }
        expected[text.len] = '\0';
        out = respond(&w, &request, offers, found, CARNET_OK);
        assert_carnet_ok(carnet_device_response_open(out, 0, &response, &w.err), &w.err);
        assert_int_equal(response.has_documents, text.len != 0);
        assert_int_equal(response.has_document_errors, text.len == 0);
        if (text.len != 0)
            assert_string_equal(elements_of(out, 0), expected);
    }
    world_done(&w);
}

static void
an_offer_that_is_none_of_the_request_is_refused_if_consented_to(void **state)
{
    static const char *const asked[] = { "family_name", "age_over_18" };
    static world w;
    carnet_offer offers[2], spoiled[2];
    carnet_device_request request;
    size_t found;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    request = request_for(&w, asked, 2);
    assert_carnet_ok(carnet_holder_match(&request, w.held, 1, offers, 2, &found, &w.err), &w.err);
    consent_to(offers, 2);
    for (int i = 0; i < 7; i++) {
        memcpy(spoiled, offers, sizeof(offers));
        spoiled[0].doc_request += i == 0;
        spoiled[0].document += i == 1;
        if (i == 2)
            spoiled[0].name_space = carnet_str_of("org.example");
        if (i == 3)
            spoiled[0].requested = spoiled[0].identifier = carnet_str_of("given_name"); /* held, and not asked for */
        if (i == 4)
            spoiled[0].identifier = carnet_str_of("given_name");
        if (i == 5)
            spoiled[1].requested = carnet_str_of("age_over_21");
        if (i == 6)
            spoiled[0].document = CARNET_NO_HELD_DOCUMENT;
        (void)respond(&w, &request, spoiled, 2, CARNET_E_ROLE_REQUEST);
        spoiled[0].consented = spoiled[1].consented = false;
        (void)respond(&w, &request, spoiled, 2, CARNET_OK);
    }
    world_done(&w);
}

static void
an_element_asked_for_twice_leaves_once(void **state)
{
    static const carnet_requested_element elements[] = { { { MDL_NS, 17 }, { "family_name", 11 }, false } };
    static world w;
    carnet_doc_request_draft docs[2];
    carnet_device_request request;
    carnet_device_response response;
    carnet_offer offers[OFFERS];
    carnet_span out;
    size_t found;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    docs[0] = docs[1] = (carnet_doc_request_draft){ .doc_type = carnet_str_of(MDL), .elements = elements, .count = 1 };
    request = request_of(&w, docs, 2);
    assert_carnet_ok(match(&w, &request, offers, &found), &w.err);
    assert_int_equal(found, 2);
    consent_to(offers, found);
    out = respond(&w, &request, offers, found, CARNET_OK);
    assert_string_equal(elements_of(out, 0), "family_name ");
    assert_carnet_ok(carnet_device_response_open(out, 0, &response, &w.err), &w.err);
    assert_int_equal(response.count, 1);
    world_done(&w);
}

static void
too_little_room_or_no_device_key_is_said_and_nothing_is_made(void **state)
{
    static const char *const asked[] = { "family_name" };
    static world w;
    uint8_t small[64], room[64];
    carnet_buf scratch = carnet_buf_of(small, sizeof(small));
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_offer offers[1];
    carnet_device_request request;
    size_t found;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    request = request_for(&w, asked, 1);
    assert_carnet_ok(carnet_holder_match(&request, w.held, 1, offers, 1, &found, &w.err), &w.err);
    offers[0].consented = true;
    assert_carnet_rc(carnet_holder_respond(&w.crypto, CARNET_TEST_BYTES("\x83\xf6\xf6\xf6"), NULL, &request, w.held, 1,
                                           offers, 1, &scratch, &b, &w.err),
                     CARNET_E_NO_SPACE);
    assert_int_equal(b.len, 0);
    w.held[0].device_key = NULL;
    (void)respond(&w, &request, offers, 1, CARNET_E_USAGE);
    world_done(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_offered_in_the_order_asked_for_with_what_answers_them),
        cmocka_unit_test(a_request_for_more_than_fits_offers_nothing),
        cmocka_unit_test(of_several_documents_the_one_that_answers_most_is_offered),
        cmocka_unit_test(a_type_that_is_not_held_is_answered_with_a_document_error),
        cmocka_unit_test(at_most_two_ages_leave_in_an_answer),
        cmocka_unit_test(at_most_two_ages_leave_in_a_whole_session),
        cmocka_unit_test(nothing_leaves_but_what_was_consented_to),
        cmocka_unit_test(an_offer_that_is_none_of_the_request_is_refused_if_consented_to),
        cmocka_unit_test(an_element_asked_for_twice_leaves_once),
        cmocka_unit_test(too_little_room_or_no_device_key_is_said_and_nothing_is_made),
    };

    return cmocka_run_group_tests_name("role/holder match", tests, NULL, NULL);
}
