/* SPDX-License-Identifier: Apache-2.0 */
/* The holder's state: what it takes when, and what is left of it. */
#include "../world.h"

#include <string.h>

static const char *const names[] = { "family_name" };

static void
a_holder_that_failed_takes_no_second_establishment(void **state)
{
    static world w;
    static talk t;
    static uint8_t good[MESSAGE];
    size_t len;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_carnet_ok(talk_ask(&t, names, 1, false), &w.err);
    memcpy(good, t.message, len = t.len);
    t.message[t.len - 1] ^= 1;
    assert_carnet_rc(talk_hear(&t), CARNET_E_SESSION_DECRYPT);
    assert_holder_over(&t);
    memcpy(t.message, good, t.len = len);
    assert_carnet_rc(talk_hear(&t), CARNET_E_SESSION_STATE);
    assert_null(t.received.ptr);
    talk_done(&t);
    world_done(&w);
}

/* SessionEstablishment with this key and data of 20 octets. */
static size_t
establishment(uint8_t *room, size_t cap, const carnet_public_key *key, size_t data)
{
    static const uint8_t zeros[20];
    carnet_cbor_builder b = carnet_cbor_build(room, cap);

    carnet_cbor_add_map(&b, 2);
    carnet_cbor_add_text(&b, "eReaderKey");
    carnet_cbor_add_tag(&b, 24);
    carnet_cbor_add_bstr_head(&b, carnet_cose_key_size(key));
    carnet_cose_key_build(&b, key);
    carnet_cbor_add_text(&b, "data");
    carnet_cbor_add_bstr(&b, carnet_span_of(zeros, data));
    assert_carnet_rc(b.rc, CARNET_OK);
    return b.len;
}

static void
keys_that_cannot_be_agreed_with_are_refused_with_status_10(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    for (int i = 0; i < 4; i++) {
        carnet_public_key key = w.device.public_key;
        carnet_rc rc;

        talk_begin(&t, &w, CARNET_CURVE_P256);
        if (i == 0)
            key.y[5] ^= 1;
        if (i == 1)
            key = (carnet_public_key){ .curve = CARNET_CURVE_P256 };
        if (i == 2)
            key = (carnet_public_key){ .curve = CARNET_CURVE_X25519, .x = { 9 } };
        if (i == 3)
            key = (carnet_public_key){ .curve = CARNET_CURVE_ED25519, .x = { 9 } };
        t.len = establishment(t.message, sizeof(t.message), &key, 20);
        rc = talk_hear(&t);
        assert_carnet_rc(rc, i == 3 ? CARNET_E_COSE_KEY : CARNET_E_SESSION_KEY);
        assert_int_equal(carnet_holder_failure_status(rc), CARNET_SESSION_ENCRYPTION_ERROR);
        assert_int_equal(t.holder.session_transcript.len, 0);
        assert_holder_over(&t);
        talk_done(&t);
    }
    world_done(&w);
}

static void
empty_data_is_no_request(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    t.len = establishment(t.message, sizeof(t.message), &w.device.public_key, 0);
    assert_carnet_rc(talk_hear(&t), CARNET_E_SESSION_DECRYPT);
    assert_holder_over(&t);
    talk_done(&t);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_carnet_ok(talk_ask(&t, names, 1, false), &w.err);
    assert_carnet_ok(talk_hear(&t), &w.err);
    memcpy(t.message,
           "\xa1\x64"
           "data\x40",
           t.len = 7);
    assert_carnet_rc(talk_hear(&t), CARNET_E_SESSION_DECRYPT);
    assert_holder_over(&t);
    talk_done(&t);
    world_done(&w);
}

static const struct {
    const char *what;
    carnet_span message;
    carnet_rc first, later; /* as the first message, and in a session */
    uint64_t status;
} messages[] = {
#define STATUS "\xa1\x66status"
#define BOTH                                                                                                           \
    "\xa2\x64"                                                                                                         \
    "data\x50"                                                                                                         \
    "0123456789abcdef"                                                                                                 \
    "\x66status"
    { "termination", { (const uint8_t *)STATUS "\x14", 9 }, CARNET_OK, CARNET_OK, 20 },
    { "encryption error", { (const uint8_t *)STATUS "\x0a", 9 }, CARNET_OK, CARNET_OK, 10 },
    { "decoding error", { (const uint8_t *)STATUS "\x0b", 9 }, CARNET_OK, CARNET_OK, 11 },
    { "an unknown status", { (const uint8_t *)STATUS "\x18\x63", 10 }, CARNET_OK, CARNET_OK, 99 },
    { "status 0", { (const uint8_t *)STATUS "\x00", 9 }, CARNET_OK, CARNET_OK, 0 },
    { "an empty map", { (const uint8_t *)"\xa0", 1 }, CARNET_E_CBOR_KEY_MISSING, CARNET_E_SESSION_STRUCTURE, 0 },
    { "data beside status 10",
      { (const uint8_t *)BOTH "\x0a", 31 },
      CARNET_E_SESSION_STATE,
      CARNET_E_SESSION_STRUCTURE,
      10 },
    { "data beside status 20",
      { (const uint8_t *)BOTH "\x14", 31 },
      CARNET_E_SESSION_STATE,
      CARNET_E_SESSION_DECRYPT,
      20 },
};

static void
a_status_ends_the_presentation_before_and_in_the_session(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    for (size_t i = 0; i < 2 * CARNET_COUNT(messages); i++) {
        size_t k = i / 2;
        bool in_session = i % 2;
        carnet_rc rc;

        talk_begin(&t, &w, CARNET_CURVE_P256);
        if (in_session) {
            assert_carnet_ok(talk_ask(&t, names, 1, false), &w.err);
            assert_carnet_ok(talk_hear(&t), &w.err);
        }
        memcpy(t.message, messages[k].message.ptr, t.len = messages[k].message.len);
        rc = talk_hear(&t);
        if (rc != (in_session ? messages[k].later : messages[k].first) || t.status != messages[k].status)
            fail_msg("%s: code %#x, status %u", messages[k].what, (unsigned)rc, (unsigned)t.status);
        assert_null(t.received.ptr);
        assert_holder_over(&t);
        talk_done(&t);
    }
    world_done(&w);
}

static void
the_oddities_of_an_establishment_are_kept(void **state)
{
    static world w;
    static talk t;
    uint8_t *status;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_carnet_ok(talk_ask(&t, names, 1, false), &w.err);
    t.message[0]++; /* one member more */
    status = t.message + t.len;
    memcpy(status, "\x66status\x14", 8);
    t.len += 8;
    assert_carnet_ok(talk_hear(&t), &w.err);
    assert_int_equal(t.holder.odd, CARNET_ESTABLISHMENT_STATUS);
    assert_int_equal(t.status, 0); /* it has no meaning there */
    assert_false(t.holder.over);
    talk_done(&t);
    world_done(&w);
}

/* An EReaderKey in another form than Carnet writes is flagged, and goes into the transcript as it was received. */
static void
a_reader_key_in_another_form_is_understood_and_flagged(void **state)
{
    static const struct {
        const char *what;
        unsigned odd;
        bool compressed;
    } cases[] = {
        { "compressed", CARNET_ESTABLISHMENT_KEY_COMPRESSED, true },
        { "with a kid", CARNET_ESTABLISHMENT_KEY_PARAMETERS, false },
    };
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        uint8_t cose[128], tagged[128], transcript[512];
        carnet_cbor_builder b = carnet_cbor_build(cose, sizeof(cose));
        carnet_session_transcript_parameters p = { .handover = CARNET_HANDOVER_QR };
        carnet_session session;

        talk_begin(&t, &w, CARNET_CURVE_P256);
        carnet_cbor_add_map(&b, cases[i].compressed ? 4 : 5);
        carnet_cbor_add_raw(&b, CARNET_TEST_BYTES("\x01\x02\x20\x01\x21"));
        carnet_cbor_add_bstr(&b, carnet_span_of(t.reader.key.public_key.x, 32));
        carnet_cbor_add_raw(&b, CARNET_TEST_BYTES("\x22"));
        if (cases[i].compressed) {
            carnet_cbor_add_bool(&b, t.reader.key.public_key.y[31] & 1);
        } else {
            carnet_cbor_add_bstr(&b, carnet_span_of(t.reader.key.public_key.y, 32));
            carnet_cbor_add_raw(&b, CARNET_TEST_BYTES("\x02\x41k"));
        }
        p.device_engagement = t.holder.device_engagement;
        tagged[0] = 0xd8;
        tagged[1] = 24;
        tagged[2] = 0x58;
        tagged[3] = (uint8_t)b.len;
        memcpy(tagged + 4, cose, b.len);
        p.reader_key_bytes = carnet_span_of(tagged, b.len + 4);
        b = carnet_cbor_build(transcript, sizeof(transcript));
        assert_carnet_ok(carnet_session_transcript_build(&b, &w.crypto, &p, &w.err), &w.err);
        assert_carnet_ok(carnet_session_init(&session, CARNET_SESSION_READER, &w.crypto, &t.reader.key,
                                             &t.holder.key.public_key, carnet_span_of(transcript, b.len), &w.err),
                         &w.err);
        b = carnet_cbor_build(t.message, sizeof(t.message));
        assert_carnet_ok(carnet_session_seal(&session, &w.crypto, p.reader_key_bytes, CARNET_TEST_BYTES("\xa0"),
                                             CARNET_SESSION_NO_STATUS, &b, &w.err),
                         &w.err);
        t.len = b.len;
        assert_carnet_rc(talk_hear(&t), CARNET_E_CBOR_KEY_MISSING); /* decrypted; it is no DeviceRequest */
        assert_span_equal(t.received, CARNET_TEST_BYTES("\xa0"));
        if (t.holder.odd != cases[i].odd)
            fail_msg("%s: odd %u", cases[i].what, t.holder.odd);
        assert_true(carnet_public_key_equal(&t.holder.reader_key, &t.reader.key.public_key));
        carnet_session_done(&session);
        talk_done(&t);
    }
    world_done(&w);
}

static void
an_answer_that_does_not_fit_may_be_tried_again(void **state)
{
    static world w;
    static talk t;
    carnet_buf scratch;
    carnet_cbor_builder b;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_carnet_ok(talk_ask(&t, names, 1, false), &w.err);
    assert_carnet_ok(talk_hear(&t), &w.err);
    talk_consent(&t, true);
    b = carnet_cbor_build(t.message, 100);
    scratch = carnet_buf_of(t.scratch, sizeof(t.scratch));
    assert_carnet_rc(carnet_holder_answer(&t.holder, &t.view, w.held, 1, t.offers, t.offer_count,
                                          CARNET_SESSION_NO_STATUS, &scratch, &b, &w.err),
                     CARNET_E_NO_SPACE);
    assert_int_equal(b.len, 0);
    assert_int_equal(t.holder.session.sent, 0);
    assert_false(t.holder.over);
    scratch = carnet_buf_of(t.scratch, 200);
    b = carnet_cbor_build(t.message, sizeof(t.message));
    assert_carnet_rc(carnet_holder_answer(&t.holder, &t.view, w.held, 1, t.offers, t.offer_count,
                                          CARNET_SESSION_NO_STATUS, &scratch, &b, &w.err),
                     CARNET_E_NO_SPACE);
    assert_int_equal(b.len, 0);
    assert_carnet_ok(talk_answer(&t, CARNET_SESSION_NO_STATUS), &w.err);
    assert_carnet_ok(talk_read(&t), &w.err);
    assert_int_equal(talk_judge(&t), CARNET_VERDICT_VALID);
    talk_done(&t);
    world_done(&w);
}

static void
nothing_is_answered_before_a_session(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_carnet_rc(talk_answer(&t, CARNET_SESSION_NO_STATUS), CARNET_E_SESSION_STATE);
    assert_int_equal(t.len, 0);
    talk_done(&t);
    world_done(&w);
}

static void
engaging_needs_room_and_a_curve_for_agreement(void **state)
{
    static world w;
    uint8_t room[256];
    carnet_engagement_parameters none = { 0 };
    carnet_holder holder;
    carnet_buf storage;
    carnet_rc rc;
    size_t cap = 0;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    storage = carnet_buf_of(NULL, 0);
    assert_carnet_rc(carnet_holder_engage(&holder, &w.crypto, CARNET_CURVE_P256, &none, &storage, &w.err),
                     CARNET_E_USAGE);
    storage = carnet_buf_of(room, sizeof(room));
    assert_int_not_equal(carnet_holder_engage(&holder, &w.crypto, CARNET_CURVE_ED25519, &none, &storage, &w.err),
                         CARNET_OK);
    assert_int_equal(storage.len, 0);
    assert_null(holder.key.ops);
    do {
        storage = carnet_buf_of(room, cap++);
        rc = carnet_holder_engage(&holder, &w.crypto, CARNET_CURVE_P256, &none, &storage, &w.err);
        if (rc != CARNET_OK) {
            assert_carnet_rc(rc, CARNET_E_NO_SPACE);
            assert_int_equal(storage.len, 0);
            assert_null(holder.key.ops);
        }
    } while (rc != CARNET_OK && cap <= sizeof(room));
    assert_carnet_ok(rc, &w.err);
    assert_int_equal(storage.len, holder.device_engagement.len);
    carnet_holder_done(&holder);
    carnet_holder_done(&holder); /* once more does no harm */
    world_done(&w);
}

static void
a_storage_too_small_for_the_transcript_ends_it(void **state)
{
    static world w;
    static talk t;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    world_hold_mdl(&w);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_carnet_ok(talk_ask(&t, names, 1, false), &w.err);
    t.holder_storage.cap = t.holder_storage.len + 100;
    assert_carnet_rc(talk_hear(&t), CARNET_E_NO_SPACE);
    assert_holder_over(&t);
    talk_done(&t);
    world_done(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_holder_that_failed_takes_no_second_establishment),
        cmocka_unit_test(keys_that_cannot_be_agreed_with_are_refused_with_status_10),
        cmocka_unit_test(empty_data_is_no_request),
        cmocka_unit_test(a_status_ends_the_presentation_before_and_in_the_session),
        cmocka_unit_test(the_oddities_of_an_establishment_are_kept),
        cmocka_unit_test(a_reader_key_in_another_form_is_understood_and_flagged),
        cmocka_unit_test(an_answer_that_does_not_fit_may_be_tried_again),
        cmocka_unit_test(nothing_is_answered_before_a_session),
        cmocka_unit_test(engaging_needs_room_and_a_curve_for_agreement),
        cmocka_unit_test(a_storage_too_small_for_the_transcript_ends_it),
    };

    return cmocka_run_group_tests_name("role/holder holder", tests, NULL, NULL);
}
