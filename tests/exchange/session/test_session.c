/* SPDX-License-Identifier: Apache-2.0 */
/* Session keys and encryption: every curve, counters, ends of sessions, wiped keys. */
#include "carnet/session.h"
#include "support/support.h"

#include <string.h>

#define TRANSCRIPT CARNET_TEST_BYTES("\x83\xf6\xf6\xf6")
#define KEY_BYTES  CARNET_TEST_BYTES("\xd8\x18\x41\xa0")
#define NOTHING    ((carnet_span){ 0 })

static carnet_crypto crypto;

static int
set_up(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    carnet_crypto_done(&crypto);
    return 0;
}

static void
begin(carnet_curve curve, carnet_session *reader, carnet_session *mdoc)
{
    carnet_key a, b;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_software_key_generate(&crypto, curve, CARNET_KEY_AGREE, &a, &err), &err);
    assert_carnet_ok(carnet_software_key_generate(&crypto, curve, CARNET_KEY_AGREE, &b, &err), &err);
    assert_carnet_ok(carnet_session_init(reader, CARNET_SESSION_READER, &crypto, &a, &b.public_key, TRANSCRIPT, &err),
                     &err);
    assert_carnet_ok(carnet_session_init(mdoc, CARNET_SESSION_MDOC, &crypto, &b, &a.public_key, TRANSCRIPT, &err),
                     &err);
    carnet_key_done(&a);
    carnet_key_done(&b);
}

/* Nothing of a key is left in the session, and it does nothing any more. */
static void
assert_over(carnet_session *session)
{
    static const carnet_secret none;
    uint8_t storage[64];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span plain;

    assert_false(session->open);
    assert_memory_equal(&session->reader_key, &none, sizeof(none));
    assert_memory_equal(&session->device_key, &none, sizeof(none));
    assert_carnet_rc(carnet_session_seal(session, &crypto, NOTHING, NOTHING, CARNET_SESSION_NO_STATUS, &b, NULL),
                     CARNET_E_SESSION_STATE);
    assert_int_equal(b.len, 0);
    assert_carnet_rc(carnet_session_unseal(session, &crypto, carnet_span_of(storage, 20), storage, 20, &plain, NULL),
                     CARNET_E_SESSION_STATE);
}

/* Seal as the session's next message; the data in it, good until the next call. */
static carnet_span
seal(carnet_session *session, carnet_span plain, carnet_session_status status)
{
    static uint8_t storage[512];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    bool first = session->role == CARNET_SESSION_READER && session->sent == 0;
    carnet_session_data data;
    carnet_span out;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_session_seal(session, &crypto, first ? KEY_BYTES : NOTHING, plain, status, &b, &err), &err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &err), &err);
    assert_carnet_ok(carnet_session_data_open(out, &data, &err), &err); /* eReaderKey is an unknown member to it */
    assert_true(data.has_data);
    assert_int_equal(data.status, status);
    return data.data;
}

static void
unseal(carnet_session *session, carnet_span data, const char *expected)
{
    uint8_t out[256];
    carnet_span plain;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_session_unseal(session, &crypto, data, out, sizeof(out), &plain, &err), &err);
    assert_span_equal(plain, carnet_str_bytes(carnet_str_of(expected)));
}

static void
both_sides_understand_each_other_on_every_session_curve(void **state)
{
    size_t curves = 0;

    (void)state;
    for (size_t i = 0; carnet_curve_at(i) != NULL; i++) {
        const carnet_curve_info *info = carnet_curve_at(i);
        carnet_session reader, mdoc;

        if (!info->agrees)
            continue;
        begin(info->curve, &reader, &mdoc);
        assert_memory_equal(reader.reader_key.bytes, mdoc.reader_key.bytes, 32);
        assert_memory_equal(reader.device_key.bytes, mdoc.device_key.bytes, 32);
        assert_memory_not_equal(reader.reader_key.bytes, reader.device_key.bytes, 32);
        for (int round = 0; round < 3; round++) {
            unseal(&mdoc, seal(&reader, CARNET_TEST_BYTES("a request"), CARNET_SESSION_NO_STATUS), "a request");
            unseal(&reader, seal(&mdoc, CARNET_TEST_BYTES("an answer"), CARNET_SESSION_NO_STATUS), "an answer");
        }
        unseal(&reader, seal(&mdoc, NOTHING, CARNET_SESSION_TERMINATION), "");
        assert_over(&mdoc);
        carnet_session_done(&reader);
        assert_over(&reader);
        curves++;
    }
    assert_int_equal(curves, 9);
}

static void
another_transcript_gives_other_keys(void **state)
{
    carnet_key a, b;
    carnet_session one, other;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &a, &err), &err);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &b, &err), &err);
    assert_carnet_ok(carnet_session_init(&one, CARNET_SESSION_READER, &crypto, &a, &b.public_key, TRANSCRIPT, &err),
                     &err);
    assert_carnet_ok(carnet_session_init(&other, CARNET_SESSION_READER, &crypto, &a, &b.public_key,
                                         CARNET_TEST_BYTES("\x83\xf6\xf6\x40"), &err),
                     &err);
    assert_memory_not_equal(one.reader_key.bytes, other.reader_key.bytes, 32);
    assert_memory_not_equal(one.device_key.bytes, other.device_key.bytes, 32);
    carnet_session_done(&one);
    carnet_session_done(&other);
    carnet_key_done(&a);
    carnet_key_done(&b);
}

static void
refuses_keys_that_do_not_agree_and_an_empty_transcript(void **state)
{
    carnet_key key, sign;
    carnet_public_key peer;
    carnet_session session;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &key, &err), &err);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &sign, &err), &err);
    peer = key.public_key;
    assert_carnet_rc(carnet_session_init(&session, CARNET_SESSION_MDOC, &crypto, &key, &peer, NOTHING, &err),
                     CARNET_E_USAGE);
    assert_carnet_rc(carnet_session_init(&session, CARNET_SESSION_MDOC, &crypto, &sign, &peer, TRANSCRIPT, &err),
                     CARNET_E_CRYPTO_POLICY);
    assert_over(&session);
    peer.y[0] ^= 1;
    assert_carnet_rc(carnet_session_init(&session, CARNET_SESSION_MDOC, &crypto, &key, &peer, TRANSCRIPT, &err),
                     CARNET_E_SESSION_KEY);
    assert_string_equal(err.reason, "the peer's ephemeral key is no point of its curve");
    assert_over(&session);
    peer.curve = CARNET_CURVE_BRAINPOOL_P256R1;
    assert_carnet_rc(carnet_session_init(&session, CARNET_SESSION_MDOC, &crypto, &key, &peer, TRANSCRIPT, &err),
                     CARNET_E_SESSION_KEY);
    assert_string_equal(err.clause, "18013-5 12.2");
    assert_over(&session);
    carnet_key_done(&key);
    carnet_key_done(&sign);
}

static void
an_all_zero_x25519_key_is_refused(void **state)
{
    carnet_public_key zero = { .curve = CARNET_CURVE_X25519 };
    carnet_session session;
    carnet_key key;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_X25519, CARNET_KEY_AGREE, &key, &err), &err);
    assert_carnet_rc(carnet_session_init(&session, CARNET_SESSION_MDOC, &crypto, &key, &zero, TRANSCRIPT, &err),
                     CARNET_E_SESSION_KEY);
    assert_over(&session);
    carnet_key_done(&key);
}

static void
a_message_too_long_for_its_buffer_uses_no_counter_value(void **state)
{
    carnet_session reader, mdoc;
    uint8_t storage[64];
    carnet_cbor_builder b;
    size_t cap = 0;
    carnet_rc rc;

    (void)state;
    begin(CARNET_CURVE_P256, &reader, &mdoc);
    do {
        memset(storage, 0x55, sizeof(storage));
        b = carnet_cbor_build(storage, cap);
        rc = carnet_session_seal(&reader, &crypto, KEY_BYTES, CARNET_TEST_BYTES("plain"), CARNET_SESSION_NO_STATUS, &b,
                                 NULL);
        if (rc != CARNET_OK) {
            assert_carnet_rc(rc, CARNET_E_NO_SPACE);
            assert_carnet_rc(b.rc, CARNET_E_NO_SPACE);
            assert_int_equal(b.len, 0);
            assert_int_equal(reader.sent, 0);
            assert_true(reader.open);
            assert_int_equal(storage[0], 0x55);
        }
    } while (rc != CARNET_OK && ++cap <= sizeof(storage));
    assert_carnet_rc(rc, CARNET_OK);
    assert_int_equal(b.len, cap); /* it fits as soon as it can */
    assert_int_equal(reader.sent, 1);
    carnet_session_done(&reader);
    carnet_session_done(&mdoc);
}

static void
a_status_too_long_for_the_buffer_uses_no_counter_value_either(void **state)
{
    carnet_session reader, mdoc;
    uint8_t storage[64];
    carnet_cbor_builder b = carnet_cbor_measure();

    (void)state;
    begin(CARNET_CURVE_P256, &reader, &mdoc);
    for (size_t cap = 0; mdoc.open; cap++) {
        b = carnet_cbor_build(storage, cap);
        if (carnet_session_seal(&mdoc, &crypto, NOTHING, CARNET_TEST_BYTES("plain"), CARNET_SESSION_TERMINATION, &b,
                                NULL) != CARNET_OK)
            assert_true(mdoc.open && mdoc.sent == 0 && b.len == 0);
    }
    assert_int_equal(b.len, 1 + 5 + 1 + 21 + 7 + 1);
    assert_int_equal(mdoc.sent, 1);
    assert_over(&mdoc);
    carnet_session_done(&reader);
}

/* A backend that is not there fails in the middle of sealing. */
static void
a_failure_of_the_cipher_uses_the_counter_value_and_ends_the_session(void **state)
{
    carnet_session reader, mdoc;
    carnet_crypto none = { 0 };
    uint8_t storage[64];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span plain;

    (void)state;
    begin(CARNET_CURVE_P256, &reader, &mdoc);
    assert_int_not_equal(
        carnet_session_seal(&reader, &none, KEY_BYTES, CARNET_TEST_BYTES("plain"), CARNET_SESSION_NO_STATUS, &b, NULL),
        CARNET_OK);
    assert_int_equal(reader.sent, 1);
    assert_int_equal(b.len, 0);
    assert_int_not_equal(b.rc, CARNET_OK);
    assert_over(&reader);
    assert_int_not_equal(carnet_session_unseal(&mdoc, &none, carnet_span_of(storage, 30), storage, 30, &plain, NULL),
                         CARNET_OK);
    assert_null(plain.ptr);
    assert_over(&mdoc);
}

static void
refuses_to_seal_what_is_out_of_place(void **state)
{
    static const struct {
        const char *what;
        bool reader, with_key, sent_before;
        carnet_session_status status;
    } cases[] = {
        { "a reader's first message without its key", true, false, false, CARNET_SESSION_NO_STATUS },
        { "a reader's second message with its key", true, true, true, CARNET_SESSION_NO_STATUS },
        { "an mdoc's message with a key", false, true, false, CARNET_SESSION_NO_STATUS },
        { "SessionEstablishment with a status", true, true, false, CARNET_SESSION_TERMINATION },
        { "data with status 10", false, false, false, CARNET_SESSION_ENCRYPTION_ERROR },
        { "data with status 11", false, false, false, CARNET_SESSION_DECODING_ERROR },
    };
    uint8_t storage[64];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
        carnet_session ends[2], *from = &ends[!cases[i].reader];
        uint32_t sent;

        begin(CARNET_CURVE_P256, &ends[0], &ends[1]);
        if (cases[i].sent_before)
            (void)seal(from, NOTHING, CARNET_SESSION_NO_STATUS);
        sent = from->sent;
        if (carnet_session_seal(from, &crypto, cases[i].with_key ? KEY_BYTES : NOTHING, NOTHING, cases[i].status, &b,
                                NULL) != CARNET_E_USAGE)
            fail_msg("%s was sealed", cases[i].what);
        assert_int_equal(from->sent, sent);
        assert_true(from->open && b.len == 0);
        carnet_session_done(&ends[0]);
        carnet_session_done(&ends[1]);
    }
}

static void
refuses_to_seal_into_nothing_a_sink_or_a_builder_that_failed(void **state)
{
    carnet_session reader, mdoc;
    uint8_t storage[64];
    carnet_cbor_builder b = carnet_cbor_measure();

    (void)state;
    begin(CARNET_CURVE_P256, &reader, &mdoc);
    assert_carnet_rc(carnet_session_seal(&mdoc, &crypto, NOTHING, NOTHING, CARNET_SESSION_NO_STATUS, &b, NULL),
                     CARNET_E_USAGE);
    b = carnet_cbor_build(storage, sizeof(storage));
    b.rc = CARNET_E_OVERFLOW;
    assert_carnet_rc(carnet_session_seal(&mdoc, &crypto, NOTHING, NOTHING, CARNET_SESSION_NO_STATUS, &b, NULL),
                     CARNET_E_OVERFLOW);
    assert_int_equal(mdoc.sent, 0);
    carnet_session_done(&reader);
    carnet_session_done(&mdoc);
}

/* Messages lost, repeated, out of order, turned around, cut or changed end the session. */
static void
a_message_that_is_not_the_next_one_ends_the_session(void **state)
{
    enum { LOST, REPEATED, BACK, CUT, EMPTY, FLIPPED, CASES };
    uint8_t out[64], copy[64];

    (void)state;
    for (int i = 0; i < CASES; i++) {
        carnet_session reader, mdoc, *to = i == BACK ? &reader : &mdoc;
        carnet_span data, plain;

        begin(CARNET_CURVE_X25519, &reader, &mdoc);
        data = seal(&reader, CARNET_TEST_BYTES("one"), CARNET_SESSION_NO_STATUS);
        if (i == LOST)
            data = seal(&reader, CARNET_TEST_BYTES("two"), CARNET_SESSION_NO_STATUS);
        if (i == REPEATED)
            unseal(&mdoc, data, "one");
        memcpy(copy, data.ptr, data.len);
        copy[0] ^= i == FLIPPED;
        data = carnet_span_of(copy, i == CUT ? data.len - 1 : i == EMPTY ? 0 : data.len);
        assert_carnet_rc(carnet_session_unseal(to, &crypto, data, out, sizeof(out), &plain, NULL),
                         CARNET_E_SESSION_DECRYPT);
        assert_null(plain.ptr);
        assert_over(to);
        carnet_session_done(&reader);
        carnet_session_done(&mdoc);
    }
}

static void
every_bit_and_every_prefix_of_a_message_fails_to_decrypt(void **state)
{
    carnet_session reader, mdoc;
    uint8_t copy[64], out[64];
    carnet_span data, plain;

    (void)state;
    begin(CARNET_CURVE_P256, &reader, &mdoc);
    data = seal(&reader, CARNET_TEST_BYTES("text"), CARNET_SESSION_NO_STATUS);
    for (size_t bit = 0; bit < 8 * data.len; bit++) {
        carnet_session again = mdoc;

        memcpy(copy, data.ptr, data.len);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_carnet_rc(
            carnet_session_unseal(&again, &crypto, carnet_span_of(copy, data.len), out, sizeof(out), &plain, NULL),
            CARNET_E_SESSION_DECRYPT);
        assert_over(&again);
    }
    for (size_t len = 0; len < data.len; len++) {
        carnet_session again = mdoc;

        assert_carnet_rc(
            carnet_session_unseal(&again, &crypto, carnet_span_of(data.ptr, len), out, sizeof(out), &plain, NULL),
            CARNET_E_SESSION_DECRYPT);
        assert_over(&again);
    }
    unseal(&mdoc, data, "text");
    carnet_session_done(&reader);
    carnet_session_done(&mdoc);
}

static void
a_message_opens_where_it_lies_and_not_into_too_little_room(void **state)
{
    carnet_session reader, mdoc;
    uint8_t copy[64];
    carnet_span data, plain;
    carnet_err err = { 0 };

    (void)state;
    begin(CARNET_CURVE_P256, &reader, &mdoc);
    data = seal(&reader, CARNET_TEST_BYTES("text"), CARNET_SESSION_NO_STATUS);
    memcpy(copy, data.ptr, data.len);
    data.ptr = copy;
    assert_carnet_rc(carnet_session_unseal(&mdoc, &crypto, data, copy, 3, &plain, NULL), CARNET_E_NO_SPACE);
    assert_true(mdoc.open && mdoc.received == 0);
    assert_carnet_ok(carnet_session_unseal(&mdoc, &crypto, data, copy, 4, &plain, &err), &err);
    assert_ptr_equal(plain.ptr, copy);
    assert_span_equal(plain, CARNET_TEST_BYTES("text"));
    carnet_session_done(&reader);
    carnet_session_done(&mdoc);
}

static void
a_counter_used_up_seals_and_opens_nothing_more(void **state)
{
    carnet_session reader, mdoc;
    uint8_t storage[64];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span plain;

    (void)state;
    begin(CARNET_CURVE_P256, &reader, &mdoc);
    reader.sent = mdoc.received = UINT32_MAX - 1;
    unseal(&mdoc, seal(&reader, CARNET_TEST_BYTES("last"), CARNET_SESSION_NO_STATUS), "last");
    assert_carnet_rc(carnet_session_seal(&reader, &crypto, NOTHING, NOTHING, CARNET_SESSION_NO_STATUS, &b, NULL),
                     CARNET_E_SESSION_COUNTER);
    assert_int_equal(b.len, 0);
    assert_carnet_rc(carnet_session_unseal(&mdoc, &crypto, carnet_span_of(storage, 30), storage, 30, &plain, NULL),
                     CARNET_E_SESSION_COUNTER);
    assert_over(&mdoc);
    carnet_session_done(&reader);
}

static void
ending_says_the_status_and_wipes(void **state)
{
    carnet_session reader, mdoc;
    uint8_t storage[16];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_span out;

    (void)state;
    begin(CARNET_CURVE_P256, &reader, &mdoc);
    carnet_session_end(&reader, CARNET_SESSION_ENCRYPTION_ERROR, &b);
    assert_carnet_rc(carnet_cbor_built(&b, &out, NULL), CARNET_OK);
    assert_span_equal(out, CARNET_TEST_BYTES("\xa1\x66status\x0a"));
    assert_over(&reader);
    b = carnet_cbor_build(storage, 3);
    carnet_session_end(&mdoc, CARNET_SESSION_TERMINATION, &b);
    assert_carnet_rc(b.rc, CARNET_E_NO_SPACE);
    assert_over(&mdoc); /* all the same */
}

static void
each_failure_is_told_with_its_status(void **state)
{
    static const struct {
        carnet_rc rc;
        carnet_session_status status;
    } cases[] = {
        { CARNET_E_SESSION_DECRYPT, CARNET_SESSION_ENCRYPTION_ERROR },
        { CARNET_E_SESSION_KEY, CARNET_SESSION_ENCRYPTION_ERROR },
        { CARNET_E_COSE_KEY, CARNET_SESSION_ENCRYPTION_ERROR },
        { CARNET_E_CRYPTO_KEY, CARNET_SESSION_ENCRYPTION_ERROR },
        { CARNET_E_CRYPTO_MISMATCH, CARNET_SESSION_ENCRYPTION_ERROR },
        { CARNET_E_CRYPTO_UNSUPPORTED, CARNET_SESSION_ENCRYPTION_ERROR },
        { CARNET_E_CBOR_TRUNCATED, CARNET_SESSION_DECODING_ERROR },
        { CARNET_E_CBOR_TAG, CARNET_SESSION_DECODING_ERROR },
        { CARNET_E_SESSION_STRUCTURE, CARNET_SESSION_DECODING_ERROR },
        { CARNET_E_SESSION_STATE, CARNET_SESSION_TERMINATION },
        { CARNET_E_NO_SPACE, CARNET_SESSION_TERMINATION },
        { CARNET_E_CRYPTO_BACKEND, CARNET_SESSION_TERMINATION },
        { CARNET_OK, CARNET_SESSION_TERMINATION },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        if (carnet_session_failure_status(cases[i].rc) != cases[i].status)
            fail_msg("code %#x is told as %d", (unsigned)cases[i].rc, carnet_session_failure_status(cases[i].rc));
    assert_string_equal(carnet_session_status_text(10), "session encryption error");
    assert_string_equal(carnet_session_status_text(11), "CBOR decoding error");
    assert_string_equal(carnet_session_status_text(20), "session termination");
    assert_string_equal(carnet_session_status_text(99), "unknown status");
}

static void
done_accepts_a_zeroed_session(void **state)
{
    carnet_session session = { 0 };

    (void)state;
    carnet_session_done(&session);
    assert_over(&session);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_understand_each_other_on_every_session_curve),
        cmocka_unit_test(another_transcript_gives_other_keys),
        cmocka_unit_test(refuses_keys_that_do_not_agree_and_an_empty_transcript),
        cmocka_unit_test(an_all_zero_x25519_key_is_refused),
        cmocka_unit_test(a_message_too_long_for_its_buffer_uses_no_counter_value),
        cmocka_unit_test(a_status_too_long_for_the_buffer_uses_no_counter_value_either),
        cmocka_unit_test(a_failure_of_the_cipher_uses_the_counter_value_and_ends_the_session),
        cmocka_unit_test(refuses_to_seal_what_is_out_of_place),
        cmocka_unit_test(refuses_to_seal_into_nothing_a_sink_or_a_builder_that_failed),
        cmocka_unit_test(a_message_that_is_not_the_next_one_ends_the_session),
        cmocka_unit_test(every_bit_and_every_prefix_of_a_message_fails_to_decrypt),
        cmocka_unit_test(a_message_opens_where_it_lies_and_not_into_too_little_room),
        cmocka_unit_test(a_counter_used_up_seals_and_opens_nothing_more),
        cmocka_unit_test(ending_says_the_status_and_wipes),
        cmocka_unit_test(each_failure_is_told_with_its_status),
        cmocka_unit_test(done_accepts_a_zeroed_session),
    };

    return cmocka_run_group_tests_name("exchange/session session", tests, set_up, tear_down);
}
