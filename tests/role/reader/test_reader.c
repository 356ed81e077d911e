/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's state: engagements it takes, answers it takes when, and what is left of it. */
#include "../world.h"

#include <string.h>

static const char *const names[] = { "family_name", "age_over_18" };

static void
nothing_is_received_before_something_was_asked(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    memcpy(t.message,
           "\xa1\x64"
           "data\x50"
           "0123456789abcdef",
           t.len = 23);
    assert_carnet_rc(talk_read(&t), CARNET_E_SESSION_STATE);
    assert_null(t.received.ptr);
    assert_reader_over(&t);
    talk_done(&t);
    world_done(&w);
}

static const struct {
    const char *what;
    carnet_span message;
    carnet_rc rc;
    uint64_t status;
    carnet_session_status tell;
} messages[] = {
#define STATUS "\xa1\x66status"
#define BOTH                                                                                                           \
    "\xa2\x64"                                                                                                         \
    "data\x50"                                                                                                         \
    "0123456789abcdef"                                                                                                 \
    "\x66status"
    { "termination", { (const uint8_t *)STATUS "\x14", 9 }, CARNET_OK, 20, CARNET_SESSION_TERMINATION },
    { "encryption error", { (const uint8_t *)STATUS "\x0a", 9 }, CARNET_OK, 10, CARNET_SESSION_TERMINATION },
    { "an unknown status", { (const uint8_t *)STATUS "\x18\x63", 10 }, CARNET_OK, 99, CARNET_SESSION_TERMINATION },
    { "data beside status 10",
      { (const uint8_t *)BOTH "\x0a", 31 },
      CARNET_E_SESSION_STRUCTURE,
      10,
      CARNET_SESSION_DECODING_ERROR },
    { "data beside status 11",
      { (const uint8_t *)BOTH "\x0b", 31 },
      CARNET_E_SESSION_STRUCTURE,
      11,
      CARNET_SESSION_DECODING_ERROR },
    { "data beside status 20",
      { (const uint8_t *)BOTH "\x14", 31 },
      CARNET_E_SESSION_DECRYPT,
      20,
      CARNET_SESSION_ENCRYPTION_ERROR },
    { "an empty map", { (const uint8_t *)"\xa0", 1 }, CARNET_E_SESSION_STRUCTURE, 0, CARNET_SESSION_DECODING_ERROR },
    { "cut", { (const uint8_t *)"\xa1", 1 }, CARNET_E_CBOR_TRUNCATED, 0, CARNET_SESSION_DECODING_ERROR },
    { "an array", { (const uint8_t *)"\x80", 1 }, CARNET_E_CBOR_TYPE, 0, CARNET_SESSION_DECODING_ERROR },
    { "empty data",
      { (const uint8_t *)"\xa1\x64"
                         "data\x40",
        7 },
      CARNET_E_SESSION_DECRYPT,
      0,
      CARNET_SESSION_ENCRYPTION_ERROR },
};

static void
a_status_or_a_failure_ends_the_reading(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    for (size_t i = 0; i < CARNET_COUNT(messages); i++) {
        carnet_rc rc;

        talk_begin(&t, &w, CARNET_CURVE_P256);
        assert_carnet_ok(talk_ask(&t, names, 2, false), &w.err);
        memcpy(t.message, messages[i].message.ptr, t.len = messages[i].message.len);
        rc = talk_read(&t);
        if (rc != messages[i].rc || t.status != messages[i].status)
            fail_msg("%s: code %#x, status %u", messages[i].what, (unsigned)rc, (unsigned)t.status);
        assert_int_equal(carnet_session_failure_status(rc), messages[i].tell);
        assert_null(t.received.ptr);
        assert_reader_over(&t);
        talk_done(&t);
    }
    world_done(&w);
}

static void
a_request_that_does_not_fit_may_be_made_again_as_the_first(void **state)
{
    static world w;
    static talk t;
    carnet_requested_element family_name = { carnet_str_of(MDL_NS), carnet_str_of("family_name"), false };
    carnet_doc_request_draft doc = { .doc_type = carnet_str_of(MDL), .elements = &family_name, .count = 1 };
    carnet_device_request_draft draft = { .documents = &doc, .count = 1 };
    carnet_buf scratch;
    carnet_cbor_builder b;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    scratch = carnet_buf_of(t.scratch, 40);
    b = carnet_cbor_build(t.message, sizeof(t.message));
    assert_carnet_rc(carnet_reader_request(&t.reader, &draft, &scratch, &b, &w.err), CARNET_E_NO_SPACE);
    scratch = carnet_buf_of(t.scratch, 400);
    b = carnet_cbor_build(t.message, 60);
    assert_carnet_rc(carnet_reader_request(&t.reader, &draft, &scratch, &b, &w.err), CARNET_E_NO_SPACE);
    assert_int_equal(b.len, 0);
    assert_int_equal(scratch.len, 0);
    assert_int_equal(t.reader.session.sent, 0);
    assert_carnet_ok(talk_ask(&t, names, 2, true), &w.err);
    assert_carnet_ok(talk_hear(&t), &w.err);
    assert_int_equal(t.offer_count, 2);
    talk_done(&t);
    world_done(&w);
}

static void
an_answer_of_another_session_is_not_believed(void **state)
{
    static world w;
    static talk t, other;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    talk_begin(&other, &w, CARNET_CURVE_P256);
    assert_carnet_ok(talk_ask(&other, names, 2, false), &w.err);
    assert_carnet_ok(talk_hear(&other), &w.err);
    talk_consent(&other, true);
    assert_carnet_ok(talk_answer(&other, CARNET_SESSION_NO_STATUS), &w.err);
    assert_carnet_ok(talk_read(&other), &w.err);
    assert_int_equal(talk_judge(&other), CARNET_VERDICT_VALID);
    t.received = other.received; /* decrypted elsewhere, and handed to this reader */
    t.request = other.request;
    assert_int_equal(talk_judge(&t), CARNET_VERDICT_NEGATIVE);
    assert_int_equal(carnet_report_find(&w.report, CARNET_CHECK_DEVICE_AUTHENTICATION, 0)->outcome, CARNET_FAIL);
    talk_done(&t);
    talk_done(&other);
    world_done(&w);
}

static const struct {
    const char *what, *hex; /* "KEY": a P-256 COSE_Key of 75 octets, which is no point */
    carnet_rc rc;
} engagements[] = {
    { "nothing", "", CARNET_E_CBOR_TRUNCATED },
    { "an empty map", "a0", CARNET_E_CBOR_KEY_MISSING },
    { "no Security",
      "a100"
      "63312e30",
      CARNET_E_ENGAGEMENT_STRUCTURE },
    { "a key that is no COSE_Key",
      "a200"
      "63312e30"
      "018201d818423000",
      CARNET_E_COSE_KEY },
    { "a key that is no point",
      "a200"
      "63312e30"
      "018201d818584ba40102200121582000000000000000000000000000000000000000000000000000000000000000"
      "002258200000000000000000000000000000000000000000000000000000000000000000",
      CARNET_E_COSE_KEY },
    { "X25519's zero",
      "a200"
      "63312e30"
      "018201d8185828a30101200421582000000000000000000000000000000000000000000000000000000000000000"
      "00",
      CARNET_E_SESSION_KEY },
};

static void
an_engagement_that_cannot_be_used_leaves_nothing_behind(void **state)
{
    static world w;
    uint8_t room[1024];

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    for (size_t i = 0; i < CARNET_COUNT(engagements); i++) {
        carnet_buf storage = carnet_buf_of(room, sizeof(room));
        carnet_reader reader;
        carnet_rc rc;

        storage.len = 7;
        rc = carnet_reader_engage(&reader, &w.crypto, carnet_test_hex(engagements[i].hex), NULL, &storage, &w.err);
        if (rc != engagements[i].rc)
            fail_msg("%s: code %#x", engagements[i].what, (unsigned)rc);
        assert_int_equal(storage.len, 7);
        assert_null(reader.key.ops);
        assert_false(reader.session.open);
        assert_int_equal(reader.session_transcript.len, 0);
    }
    world_done(&w);
}

static void
the_storage_said_suffices_for_every_curve_and_less_is_refused_cleanly(void **state)
{
    static world w;
    static talk t;
    uint8_t room[1024];
    carnet_session_transcript_parameters website = { .handover = CARNET_HANDOVER_WEBSITE };

    (void)state;
    website.reader_engagement = CARNET_TEST_BYTES("\xa1\x00\x63"
                                                  "1.1");
    world_begin(&w, CARNET_CURVE_P256);
    for (size_t i = 0; carnet_curve_at(i) != NULL; i++) {
        carnet_buf storage;
        carnet_reader reader;

        if (!carnet_curve_at(i)->agrees)
            continue;
        talk_begin(&t, &w, carnet_curve_at(i)->curve);
        storage = carnet_buf_of(room, CARNET_READER_STORAGE + t.holder.device_engagement.len);
        assert_carnet_ok(
            carnet_reader_engage(&reader, &w.crypto, t.holder.device_engagement, &website, &storage, &w.err), &w.err);
        carnet_reader_done(&reader);
        for (size_t cap = 0; cap < storage.len; cap += 9) {
            carnet_buf less = carnet_buf_of(room, cap);

            assert_carnet_rc(
                carnet_reader_engage(&reader, &w.crypto, t.holder.device_engagement, &website, &less, &w.err),
                CARNET_E_NO_SPACE);
            assert_int_equal(less.len, 0);
            assert_null(reader.key.ops);
        }
        talk_done(&t);
    }
    world_done(&w);
}

static void
a_handover_the_holder_does_not_know_of_ends_in_nothing(void **state)
{
    static world w;
    static talk t;
    carnet_session_transcript_parameters nfc = { .handover = CARNET_HANDOVER_NFC };

    (void)state;
    nfc.select = CARNET_TEST_BYTES("select");
    world_begin(&w, CARNET_CURVE_P256);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    carnet_reader_done(&t.reader);
    t.reader_storage.len = 0;
    assert_carnet_ok(
        carnet_reader_engage(&t.reader, &w.crypto, t.holder.device_engagement, &nfc, &t.reader_storage, &w.err),
        &w.err);
    assert_carnet_ok(talk_ask(&t, names, 2, false), &w.err);
    assert_carnet_rc(talk_hear(&t), CARNET_E_SESSION_DECRYPT);
    assert_holder_over(&t);
    talk_done(&t);
    world_done(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_received_before_something_was_asked),
        cmocka_unit_test(a_status_or_a_failure_ends_the_reading),
        cmocka_unit_test(a_request_that_does_not_fit_may_be_made_again_as_the_first),
        cmocka_unit_test(an_answer_of_another_session_is_not_believed),
        cmocka_unit_test(an_engagement_that_cannot_be_used_leaves_nothing_behind),
        cmocka_unit_test(the_storage_said_suffices_for_every_curve_and_less_is_refused_cleanly),
        cmocka_unit_test(a_handover_the_holder_does_not_know_of_ends_in_nothing),
    };

    return cmocka_run_group_tests_name("role/reader reader", tests, NULL, NULL);
}
