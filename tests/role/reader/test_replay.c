/* SPDX-License-Identifier: Apache-2.0 */
/* A reading over again, with the key it had. */
#include "../world.h"
#include "carnet/reader_replay.h"

#include <string.h>

static const char *const wanted[] = { "family_name", "age_over_18" };

/* A session as it crossed the link. */
typedef struct recorded {
    carnet_span key, request, response;
    carnet_span sent[2], received[2];
} recorded;

/* Two requests and their answers; the second ends the session. */
static void
record(talk *t, world *w, recorded *tape)
{
    static uint8_t room[512];
    carnet_buf key = carnet_buf_of(room, sizeof(room));

    world_begin(w, CARNET_CURVE_P256);
    world_hold_mdl(w);
    talk_begin(t, w, CARNET_CURVE_P256);
    assert_carnet_ok(carnet_software_key_to_der(&t->reader.key, &key, &w->err), &w->err);
    tape->key = carnet_buf_span(&key);
    for (int i = 0; i < 2; i++) {
        assert_carnet_ok(talk_ask(t, wanted, CARNET_COUNT(wanted), true), &w->err);
        tape->request = carnet_test_copy(carnet_buf_span(&t->request));
        tape->sent[i] = carnet_test_copy(carnet_span_of(t->message, t->len));
        assert_carnet_ok(talk_hear(t), &w->err);
        talk_consent(t, true);
        assert_carnet_ok(talk_answer(t, i == 0 ? CARNET_SESSION_NO_STATUS : CARNET_SESSION_TERMINATION), &w->err);
        tape->received[i] = carnet_test_copy(carnet_span_of(t->message, t->len));
        assert_carnet_ok(talk_read(t), &w->err);
        tape->response = carnet_test_copy(t->received);
    }
}

static carnet_rc
engage_again(talk *t, carnet_reader *reader, carnet_span der, carnet_buf *storage)
{
    carnet_key key = { 0 };
    carnet_rc rc;

    assert_carnet_ok(carnet_software_key_from_der(&t->w->crypto, der, CARNET_KEY_AGREE, &key, &t->w->err), &t->w->err);
    rc = carnet_reader_replay_engage(reader, &t->w->crypto, &key, t->holder.device_engagement, NULL, storage,
                                     &t->w->err);
    assert_true((key.ops == NULL) == (rc == CARNET_OK));
    carnet_key_done(&key);
    return rc;
}

/* Into t->message, where it may be written. */
static void
load(talk *t, carnet_span message)
{
    memcpy(t->message, message.ptr, message.len);
    t->len = message.len;
}

static void
the_same_messages_give_the_same_request_and_answer(void **state)
{
    static world w;
    static talk t;
    static uint8_t room[2048];
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_reader again;
    carnet_span request, response;
    uint64_t status;
    recorded tape;

    (void)state;
    record(&t, &w, &tape);
    assert_carnet_ok(engage_again(&t, &again, tape.key, &storage), &w.err);
    assert_int_equal(again.session_transcript.len, t.reader.session_transcript.len);
    for (int i = 0; i < 2; i++) {
        load(&t, tape.sent[i]);
        assert_carnet_ok(carnet_reader_replay_sent(&again, t.message, t.len, &request, &status, &w.err), &w.err);
        assert_true(request.len > 0);
        assert_int_equal(status, 0);
        request = carnet_test_copy(request);
        load(&t, tape.received[i]);
        assert_carnet_ok(carnet_reader_receive(&again, t.message, t.len, &response, &status, &w.err), &w.err);
    }
    assert_true(carnet_span_equal(request, tape.request));
    assert_true(carnet_span_equal(response, tape.response));
    assert_int_equal(status, CARNET_SESSION_TERMINATION);
    assert_false(again.session.open);
    carnet_reader_done(&again);
    talk_done(&t);
    world_done(&w);
}

static void
another_key_or_another_message_ends_it(void **state)
{
    static world w;
    static talk t;
    static uint8_t room[2048], other_room[512];
    carnet_buf storage = carnet_buf_of(room, sizeof(room)), other = carnet_buf_of(other_room, sizeof(other_room));
    carnet_key key = { 0 };
    carnet_reader again;
    carnet_span request;
    uint64_t status;
    recorded tape;

    (void)state;
    record(&t, &w, &tape);
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &key, &w.err),
                     &w.err);
    assert_carnet_ok(carnet_software_key_to_der(&key, &other, &w.err), &w.err);
    carnet_key_done(&key);
    assert_carnet_ok(engage_again(&t, &again, carnet_buf_span(&other), &storage), &w.err);
    load(&t, tape.sent[0]);
    assert_carnet_rc(carnet_reader_replay_sent(&again, t.message, t.len, &request, &status, &w.err),
                     CARNET_E_SESSION_DECRYPT);
    assert_null(request.ptr);
    assert_false(again.session.open);
    carnet_reader_done(&again);
    for (int wrong = 0; wrong < 2; wrong++) { /* the second message first; one altered */
        assert_carnet_ok(engage_again(&t, &again, tape.key, &storage), &w.err);
        load(&t, tape.sent[wrong == 0]);
        t.message[t.len - 1] ^= wrong == 1;
        assert_int_not_equal(carnet_reader_replay_sent(&again, t.message, t.len, &request, &status, &w.err), CARNET_OK);
        assert_null(request.ptr);
        assert_false(again.session.open);
        carnet_reader_done(&again);
    }
    talk_done(&t);
    world_done(&w);
}

static void
a_key_of_another_curve_stays_the_callers(void **state)
{
    static world w;
    static talk t;
    static uint8_t room[2048], other_room[512];
    carnet_buf storage = carnet_buf_of(room, sizeof(room)), other = carnet_buf_of(other_room, sizeof(other_room));
    carnet_key key = { 0 };
    carnet_reader again;

    (void)state;
    world_begin(&w, CARNET_CURVE_P256);
    talk_begin(&t, &w, CARNET_CURVE_P256);
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P384, CARNET_KEY_AGREE, &key, &w.err),
                     &w.err);
    assert_carnet_ok(carnet_software_key_to_der(&key, &other, &w.err), &w.err);
    carnet_key_done(&key);
    assert_carnet_rc(engage_again(&t, &again, carnet_buf_span(&other), &storage), CARNET_E_SESSION_KEY);
    assert_int_equal(storage.len, 0);
    assert_null(again.key.ops);
    assert_false(again.session.open);
    talk_done(&t);
    world_done(&w);
}

static void
a_farewell_before_anything_was_asked_is_taken(void **state)
{
    static world w;
    static talk t;
    static uint8_t room[2048];
    uint8_t farewell[] = { 0xa1, 0x66, 's', 't', 'a', 't', 'u', 's', 0x14 };
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    carnet_reader again;
    carnet_span request;
    uint64_t status;
    recorded tape;

    (void)state;
    record(&t, &w, &tape);
    assert_carnet_ok(engage_again(&t, &again, tape.key, &storage), &w.err);
    assert_carnet_ok(carnet_reader_replay_sent(&again, farewell, sizeof(farewell), &request, &status, &w.err), &w.err);
    assert_int_equal(status, CARNET_SESSION_TERMINATION);
    assert_null(request.ptr);
    assert_false(again.session.open);
    carnet_reader_done(&again);
    talk_done(&t);
    world_done(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_messages_give_the_same_request_and_answer),
        cmocka_unit_test(another_key_or_another_message_ends_it),
        cmocka_unit_test(a_key_of_another_curve_stays_the_callers),
        cmocka_unit_test(a_farewell_before_anything_was_asked_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
