/* SPDX-License-Identifier: Apache-2.0 */
/* A session with its encryption over a pair with faults: what comes out is what went in or nothing, and no key stays. */
#include "carnet/session.h"
#include "pair.h"
#include "support/support.h"

#include <string.h>

#define REQUEST   300
#define ANSWER    2200
#define KEY_BYTES CARNET_TEST_BYTES("\xd8\x18\x41\xa0")

static carnet_crypto crypto;
static carnet_session begun[2]; /* as they begin, by role */
static uint8_t content[ANSWER];
static pair joined;

static int
set_up(void **state)
{
    carnet_span transcript = CARNET_TEST_BYTES("\x83\xf6\xf6\xf6");
    carnet_key a, b;
    bool good;

    (void)state;
    memset(content, 0x33, sizeof(content));
    good = carnet_crypto_init(&crypto, NULL) == CARNET_OK &&
           carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &a, NULL) == CARNET_OK &&
           carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &b, NULL) == CARNET_OK &&
           carnet_session_init(&begun[CARNET_SESSION_READER], CARNET_SESSION_READER, &crypto, &a, &b.public_key,
                               transcript, NULL) == CARNET_OK &&
           carnet_session_init(&begun[CARNET_SESSION_MDOC], CARNET_SESSION_MDOC, &crypto, &b, &a.public_key, transcript,
                               NULL) == CARNET_OK;
    if (good) {
        carnet_key_done(&a);
        carnet_key_done(&b);
    }
    return good ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    carnet_session_done(&begun[0]);
    carnet_session_done(&begun[1]);
    carnet_crypto_done(&crypto);
    return 0;
}

static void
seal_and_send(carnet_session *session, carnet_ble *ble, size_t length)
{
    static uint8_t room[2][ANSWER + 200]; /* by role: lent to the machine */
    carnet_cbor_builder b = carnet_cbor_build(room[session->role], sizeof(room[0]));
    carnet_span key = session->role == CARNET_SESSION_READER ? KEY_BYTES : (carnet_span){ 0 };
    carnet_span sealed;

    assert_carnet_ok(
        carnet_session_seal(session, &crypto, key, carnet_span_of(content, length), CARNET_SESSION_NO_STATUS, &b, NULL),
        NULL);
    assert_carnet_ok(carnet_cbor_built(&b, &sealed, NULL), NULL);
    (void)carnet_ble_send(ble, sealed, NULL);
    pair_pump(&joined);
}

/** Take what came and unseal it.  True: the plaintext is what was sent; false: none came or it was refused.  Never another. */
static bool
unsealed(carnet_session *session, carnet_ble *ble, size_t length, bool *refused)
{
    uint8_t plain_room[ANSWER + 200];
    carnet_session_data data;
    carnet_span came, plain;

    if (!carnet_ble_receive(ble, &came)) {
        return false;
    }
    if (carnet_session_data_open(came, &data, NULL) != CARNET_OK ||
        carnet_session_unseal(session, &crypto, data.data, plain_room, sizeof(plain_room), &plain, NULL) != CARNET_OK) {
        *refused = true;
        return false;
    }
    assert_span_equal(plain, carnet_span_of(content, length));
    return true;
}

static void
assert_wiped(carnet_session *session)
{
    static const carnet_secret none;

    carnet_session_done(session);
    assert_memory_equal(&session->reader_key, &none, sizeof(none));
    assert_memory_equal(&session->device_key, &none, sizeof(none));
}

/** A whole session; whether the answer was read.  `refused`: a message came that was not what was sent. */
static bool
play(bool *refused)
{
    carnet_session reader = begun[CARNET_SESSION_READER], mdoc = begun[CARNET_SESSION_MDOC];
    bool answered = false;

    *refused = false;
    seal_and_send(&reader, pair_reader(&joined), REQUEST);
    if (unsealed(&mdoc, pair_mdoc(&joined), REQUEST, refused)) {
        seal_and_send(&mdoc, pair_mdoc(&joined), ANSWER);
        answered = unsealed(&reader, pair_reader(&joined), ANSWER, refused);
    }
    carnet_ble_end(pair_reader(&joined));
    pair_run_out(&joined);
    assert_int_equal(joined.client.phase, CARNET_BLE_OVER);
    assert_int_equal(joined.server.phase, CARNET_BLE_OVER);
    assert_wiped(&reader);
    assert_wiped(&mdoc);
    return answered;
}

static void
gives_out_what_was_sent_or_nothing_whatever_goes_wrong_at_any_event(void **state)
{
    unsigned answered = 0, refused_count = 0, silent = 0;

    (void)state;
    for (size_t way = 0; way < PAIR_WAYS; way++) {
        unsigned events;
        bool refused;

        pair_init_way(&joined, way, FAULT_NONE, 0);
        assert_true(play(&refused));
        events = joined.events;
        for (pair_fault fault = FAULT_LOSE; fault < PAIR_FAULTS; fault++) {
            for (unsigned at = 1; at <= events; at++) {
                bool whole;

                pair_init_way(&joined, way, fault, at);
                whole = play(&refused);
                assert_false(whole && refused);
                answered += whole;
                refused_count += refused;
                silent += !whole && !refused;
            }
        }
    }
    /* All three happen: it goes on regardless, the seal is broken, or nothing whole comes. */
    assert_true(answered > 100 && refused_count > 100 && silent > 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_out_what_was_sent_or_nothing_whatever_goes_wrong_at_any_event),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
