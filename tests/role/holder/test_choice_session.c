/* SPDX-License-Identifier: Apache-2.0 */
/* Choices in a session: several requests, declining, answering late (18013-5 10.3, 12.2, 13.4). */
#include "../world.h"
#include "carnet/holder_choice.h"

#include <string.h>

static world w;
static talk t;
static carnet_choice choice;
static carnet_offer offers[OFFERS];

static void
begin_talk(void)
{
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
}

static void
end_talk(void)
{
    talk_done(&t);
    world_done(&w);
}

/* The reader asks, the holder hears and makes a choice. */
static void
ask(const char *const *identifiers, size_t count)
{
    carnet_choice_options options = { .now = w.report.now };

    assert_carnet_ok(talk_ask(&t, identifiers, count, false), &w.err);
    assert_carnet_ok(talk_hear(&t), &w.err);
    options.ages_returned = t.holder.ages;
    assert_carnet_ok(carnet_choice_make(&choice, &t.view, w.held, w.held_count, &options, offers, OFFERS, &w.err),
                     &w.err);
}

static carnet_rc
answer(carnet_session_status status)
{
    carnet_buf scratch = carnet_buf_of(t.scratch, sizeof(t.scratch));
    carnet_cbor_builder b = carnet_cbor_build(t.message, sizeof(t.message));
    carnet_rc rc = carnet_choice_answer(&t.holder, &choice, status, &scratch, &b, &w.err);

    t.len = b.len;
    return rc;
}

/* What the reader finds in the answer: documents, document errors, issuer-signed elements. */
static void
read_answer(size_t *documents, size_t *errors, size_t *elements)
{
    carnet_device_response view;
    carnet_document document;
    carnet_issuer_signed issuer_signed;

    assert_carnet_ok(talk_read(&t), &w.err);
    assert_carnet_ok(carnet_device_response_open(t.received, 0, &view, &w.err), &w.err);
    assert_int_equal(view.status, CARNET_STATUS_OK);
    *documents = view.count;
    *errors = (size_t)carnet_cbor_count(view.document_errors);
    *elements = 0;
    if (view.count == 0)
        return;
    assert_carnet_ok(carnet_document_open(carnet_device_response_document(&view, 0), 0, &document, &w.err), &w.err);
    assert_carnet_ok(carnet_issuer_signed_open(document.issuer_signed, 0, &issuer_signed, &w.err), &w.err);
    *elements = issuer_signed.item_count;
}

static void
consent(bool all)
{
    carnet_choice_consent(&choice, all);
    assert_carnet_rc(carnet_choice_settle(&choice, CARNET_BROKEN_NOTHING, &w.err),
                     all ? CARNET_OK : CARNET_E_ROLE_CONSENT);
}

static void
each_request_of_a_session_is_a_choice_of_its_own(void **state)
{
    static const char *const first[] = { "family_name", "age_over_18" }, *const second[] = { "given_name" };
    size_t documents, errors, elements;

    (void)state;
    begin_talk();
    ask(first, 2);
    consent(true);
    assert_carnet_ok(answer(CARNET_SESSION_NO_STATUS), &w.err);
    read_answer(&documents, &errors, &elements);
    assert_int_equal(elements, 2);
    assert_int_equal(talk_judge(&t), CARNET_VERDICT_VALID);
    ask(second, 1);
    consent(false);
    assert_carnet_ok(answer(CARNET_SESSION_NO_STATUS), &w.err);
    read_answer(&documents, &errors, &elements);
    assert_int_equal(documents, 0);
    assert_int_equal(errors, 1);
    ask(second, 1);
    consent(true);
    assert_carnet_ok(answer(CARNET_SESSION_TERMINATION), &w.err);
    read_answer(&documents, &errors, &elements);
    assert_int_equal(elements, 1);
    assert_int_equal(t.status, CARNET_SESSION_TERMINATION);
    assert_holder_over(&t);
    end_talk();
}

static void
ages_are_counted_over_all_answers(void **state)
{
    static const char *const one[] = { "age_over_18" }, *const two[] = { "age_over_21", "age_over_18" };
    size_t documents, errors, elements;

    (void)state;
    begin_talk();
    ask(one, 1);
    consent(true);
    assert_carnet_ok(answer(CARNET_SESSION_NO_STATUS), &w.err);
    read_answer(&documents, &errors, &elements);
    assert_int_equal(t.holder.ages, 1);
    ask(two, 2);
    consent(true);
    assert_carnet_ok(answer(CARNET_SESSION_NO_STATUS), &w.err);
    read_answer(&documents, &errors, &elements);
    assert_int_equal(elements, 1);
    assert_int_equal(t.holder.ages, 2);
    ask(one, 1);
    carnet_choice_consent(&choice, true);
    assert_carnet_rc(carnet_choice_settle(&choice, CARNET_BROKEN_NOTHING, &w.err), CARNET_E_ROLE_UNSATISFIED);
    choice.options.ages_returned = 0; /* a holder who forgot: the session has not */
    carnet_choice_consent(&choice, true);
    assert_carnet_ok(answer(CARNET_SESSION_NO_STATUS), &w.err);
    read_answer(&documents, &errors, &elements);
    assert_int_equal(documents, 0);
    end_talk();
}

static void
declining_says_that_nothing_is_returned(void **state)
{
    static const char *const names[] = { "family_name" };
    size_t documents, errors, elements;

    (void)state;
    begin_talk();
    ask(names, 1);
    consent(false);
    assert_carnet_ok(answer(CARNET_SESSION_TERMINATION), &w.err);
    read_answer(&documents, &errors, &elements);
    assert_int_equal(documents, 0);
    assert_int_equal(errors, 1);
    assert_int_equal(t.status, CARNET_SESSION_TERMINATION);
    assert_holder_over(&t);
    end_talk();
}

static void
ending_instead_of_answering_tells_only_that(void **state)
{
    static const char *const names[] = { "family_name" };
    carnet_cbor_builder b;

    (void)state;
    begin_talk();
    ask(names, 1);
    b = carnet_cbor_build(t.message, sizeof(t.message));
    carnet_holder_end(&t.holder, CARNET_SESSION_TERMINATION, &b);
    t.len = b.len;
    assert_carnet_ok(talk_read(&t), &w.err);
    assert_int_equal(t.received.len, 0);
    assert_int_equal(t.status, CARNET_SESSION_TERMINATION);
    assert_holder_over(&t);
    consent(true);
    assert_carnet_rc(answer(CARNET_SESSION_NO_STATUS), CARNET_E_SESSION_STATE);
    assert_int_equal(t.len, 0);
    end_talk();
}

static void
an_answer_after_the_reader_left_is_not_made(void **state)
{
    static const char *const names[] = { "family_name" };
    carnet_cbor_builder b;
    carnet_span request;
    uint64_t status;

    (void)state;
    begin_talk();
    ask(names, 1);
    consent(true);
    b = carnet_cbor_build(t.message, sizeof(t.message));
    carnet_reader_end(&t.reader, CARNET_SESSION_TERMINATION, &b);
    assert_carnet_ok(carnet_holder_receive(&t.holder, t.message, b.len, NULL, &request, &status, &w.err), &w.err);
    assert_int_equal(request.len, 0);
    assert_int_equal(status, CARNET_SESSION_TERMINATION);
    assert_carnet_rc(answer(CARNET_SESSION_NO_STATUS), CARNET_E_SESSION_STATE);
    assert_int_equal(t.len, 0);
    assert_holder_over(&t);
    end_talk();
}

static void
too_little_room_sends_nothing_and_may_be_tried_again(void **state)
{
    static const char *const names[] = { "family_name", "age_over_18" };
    size_t documents, errors, elements;
    carnet_cbor_builder b;
    carnet_buf scratch;

    (void)state;
    begin_talk();
    ask(names, 2);
    consent(true);
    for (size_t cap = 0; cap < 1000; cap += 97) {
        scratch = carnet_buf_of(t.scratch, cap);
        b = carnet_cbor_build(t.message, sizeof(t.message));
        assert_carnet_rc(carnet_choice_answer(&t.holder, &choice, CARNET_SESSION_NO_STATUS, &scratch, &b, &w.err),
                         CARNET_E_NO_SPACE);
        assert_int_equal(b.len, 0);
    }
    assert_int_equal(t.holder.ages, 0);
    assert_carnet_ok(answer(CARNET_SESSION_NO_STATUS), &w.err);
    read_answer(&documents, &errors, &elements);
    assert_int_equal(elements, 2);
    end_talk();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_of_a_session_is_a_choice_of_its_own),
        cmocka_unit_test(ages_are_counted_over_all_answers),
        cmocka_unit_test(declining_says_that_nothing_is_returned),
        cmocka_unit_test(ending_instead_of_answering_tells_only_that),
        cmocka_unit_test(an_answer_after_the_reader_left_is_not_made),
        cmocka_unit_test(too_little_room_sends_nothing_and_may_be_tried_again),
    };

    return cmocka_run_group_tests_name("role/holder choices in a session", tests, NULL, NULL);
}
