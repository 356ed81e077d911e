/* SPDX-License-Identifier: Apache-2.0 */
/* The session of 18013-5 Annex D, and messages made from it that must be refused, flagged or accepted. */
#include "carnet/json.h"
#include "carnet/session.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#define ANNEX_D  "vectors/iso18013-5-annexD/"
#define NEGATIVE "vectors/negative/"

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

static carnet_json *
load(const char *path)
{
    carnet_json *json;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text(path), &json, &err), &err);
    return json;
}

static carnet_span
hex_of(const carnet_json *object, const char *member)
{
    carnet_str text = carnet_json_string(carnet_json_get(object, member));

    assert_true(text.len > 0);
    return carnet_test_hex(text.ptr);
}

static carnet_key
key_of(const carnet_json *keys, const char *name)
{
    carnet_key key;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_software_key_from_scalar(&crypto, CARNET_CURVE_P256,
                                                     hex_of(carnet_json_get(keys, name), "d"), CARNET_KEY_AGREE, &key,
                                                     &err),
                     &err);
    return key;
}

/* Both ends of the session of Annex D; `transcript` empty: its own. */
static void
begin(carnet_session *reader, carnet_session *mdoc, carnet_span transcript)
{
    carnet_json *keys = load(ANNEX_D "keys.json");
    carnet_key e_reader = key_of(keys, "eReaderKey"), e_device = key_of(keys, "eDeviceKey");
    carnet_err err = { 0 };

    if (transcript.len == 0)
        transcript = carnet_test_shared_hex(ANNEX_D "session_transcript.hex");
    assert_carnet_ok(
        carnet_session_init(reader, CARNET_SESSION_READER, &crypto, &e_reader, &e_device.public_key, transcript, &err),
        &err);
    assert_carnet_ok(
        carnet_session_init(mdoc, CARNET_SESSION_MDOC, &crypto, &e_device, &e_reader.public_key, transcript, &err),
        &err);
    carnet_key_done(&e_reader);
    carnet_key_done(&e_device);
    carnet_json_free(&keys);
}

static carnet_span
secret(const carnet_secret *s)
{
    return carnet_span_of(s->bytes, s->len);
}

static void
the_keys_are_those_of_annex_d(void **state)
{
    carnet_json *keys = load(ANNEX_D "keys.json"), *qr = load(ANNEX_D "derived_qr_session.json");
    carnet_session reader, mdoc;

    (void)state;
    begin(&reader, &mdoc, (carnet_span){ 0 });
    assert_span_equal(secret(&reader.reader_key), hex_of(keys, "SKReader"));
    assert_span_equal(secret(&reader.device_key), hex_of(keys, "SKDevice"));
    assert_span_equal(secret(&mdoc.reader_key), hex_of(keys, "SKReader"));
    assert_span_equal(secret(&mdoc.device_key), hex_of(keys, "SKDevice"));
    begin(&reader, &mdoc, hex_of(qr, "session_transcript"));
    assert_span_equal(secret(&mdoc.reader_key), hex_of(qr, "SKReader"));
    assert_span_equal(secret(&mdoc.device_key), hex_of(qr, "SKDevice"));
    carnet_json_free(&keys);
    carnet_json_free(&qr);
}

static void
what_both_sides_say_in_annex_d_opens_and_is_made_again_byte_for_byte(void **state)
{
    carnet_span establishment = carnet_test_shared_hex(ANNEX_D "session_establishment.hex");
    carnet_span answer = carnet_test_shared_hex(ANNEX_D "session_data.hex"), plain, made;
    carnet_span request = carnet_test_shared_hex(ANNEX_D "device_request.hex");
    carnet_span response = carnet_test_shared_hex(ANNEX_D "device_response.hex");
    static uint8_t storage[4096], out[4096];
    carnet_cbor_builder b = carnet_cbor_build(storage, sizeof(storage));
    carnet_session reader, mdoc;
    carnet_session_establishment first;
    carnet_session_data data;
    carnet_err err = { 0 };

    (void)state;
    begin(&reader, &mdoc, (carnet_span){ 0 });
    assert_carnet_ok(carnet_session_establishment_open(establishment, &first, &err), &err);
    assert_int_equal(first.odd, 0);
    assert_carnet_ok(carnet_session_unseal(&mdoc, &crypto, first.data, out, sizeof(out), &plain, &err), &err);
    assert_span_equal(plain, request);
    assert_carnet_ok(carnet_session_seal(&reader, &crypto, first.reader_key_bytes.encoded, request,
                                         CARNET_SESSION_NO_STATUS, &b, &err),
                     &err);
    assert_carnet_ok(carnet_cbor_built(&b, &made, &err), &err);
    assert_span_equal(made, establishment);

    assert_carnet_ok(carnet_session_data_open(answer, &data, &err), &err);
    assert_carnet_ok(carnet_session_unseal(&reader, &crypto, data.data, out, sizeof(out), &plain, &err), &err);
    assert_span_equal(plain, response);
    b = carnet_cbor_build(storage, sizeof(storage));
    assert_carnet_ok(
        carnet_session_seal(&mdoc, &crypto, (carnet_span){ 0 }, response, CARNET_SESSION_NO_STATUS, &b, &err), &err);
    assert_carnet_ok(carnet_cbor_built(&b, &made, &err), &err);
    assert_span_equal(made, answer);

    b = carnet_cbor_build(storage, sizeof(storage));
    carnet_session_end(&reader, CARNET_SESSION_TERMINATION, &b);
    assert_carnet_ok(carnet_cbor_built(&b, &made, &err), &err);
    assert_span_equal(made, carnet_test_shared_hex(ANNEX_D "session_termination.hex"));
    assert_carnet_ok(carnet_session_data_open(made, &data, &err), &err);
    assert_true(data.has_status && !data.has_data && !data.status_odd && data.status == 20);
}

static carnet_span
negative(const char *name)
{
    char path[100];

    assert_in_range(snprintf(path, sizeof(path), NEGATIVE "%s.hex", name), 1, sizeof(path) - 1);
    return carnet_test_copy(carnet_test_shared_hex(path));
}

/* SessionEstablishment: what it is refused with, or what is odd in it. */
static const struct {
    const char *name;
    carnet_rc open, check; /* opening it, and looking at the point */
    const char *path, *reason;
    unsigned odd;
} establishments[] = {
    { "establishment_point_off_curve", CARNET_OK, CARNET_E_COSE_KEY, "", "the point is not on the curve", 0 },
    { "establishment_zero_point", CARNET_OK, CARNET_E_COSE_KEY, "", "the point is not on the curve", 0 },
    { "establishment_short_x", CARNET_E_COSE_KEY, CARNET_OK, "SessionEstablishment.eReaderKey",
      "a coordinate has not the curve's length", 0 },
    { "establishment_compressed_key", CARNET_OK, CARNET_OK, "", "", CARNET_ESTABLISHMENT_KEY_COMPRESSED },
    { "establishment_private_key", CARNET_OK, CARNET_OK, "", "", CARNET_ESTABLISHMENT_KEY_PARAMETERS },
};

static void
each_odd_establishment_is_refused_or_flagged_for_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(establishments); i++) {
        carnet_span message = negative(establishments[i].name);
        carnet_session_establishment view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_session_establishment_open(message, &view, &err);

        print_message("%s\n", establishments[i].name);
        assert_carnet_rc(rc, establishments[i].open);
        assert_int_equal(view.odd, establishments[i].odd);
        if (rc == CARNET_OK)
            assert_carnet_rc(carnet_cose_key_check(&view.reader_key, &crypto, &err), establishments[i].check);
        else
            assert_in_range(err.offset, 1, message.len - 1);
        assert_string_equal(err.path, establishments[i].path);
        assert_string_equal(err.reason, establishments[i].reason);
    }
}

static void
a_reader_key_on_another_curve_than_the_devices_agrees_on_nothing(void **state)
{
    carnet_json *keys = load(ANNEX_D "keys.json");
    carnet_key e_device = key_of(keys, "eDeviceKey");
    carnet_session_establishment view;
    carnet_session session;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_session_establishment_open(negative("establishment_wrong_curve"), &view, &err), &err);
    assert_int_equal(view.reader_key.key.curve, CARNET_CURVE_P384);
    assert_carnet_rc(carnet_session_init(&session, CARNET_SESSION_MDOC, &crypto, &e_device, &view.reader_key.key,
                                         CARNET_TEST_BYTES("\x83\xf6\xf6\xf6"), &err),
                     CARNET_E_SESSION_KEY);
    assert_string_equal(err.reason, "the ephemeral keys are on different curves");
    assert_false(session.open);
    carnet_key_done(&e_device);
    carnet_json_free(&keys);
}

static void
a_compressed_reader_key_means_the_same_point(void **state)
{
    carnet_session_establishment plain, compressed;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(
        carnet_session_establishment_open(carnet_test_shared_hex(ANNEX_D "session_establishment.hex"), &plain, &err),
        &err);
    assert_carnet_ok(carnet_session_establishment_open(negative("establishment_compressed_key"), &compressed, &err),
                     &err);
    assert_carnet_ok(carnet_cose_key_check(&compressed.reader_key, &crypto, &err), &err);
    assert_true(carnet_public_key_equal(&compressed.reader_key.key, &plain.reader_key.key));
}

/* SessionData from the mdoc as the first answer: code of opening and of decrypting, status, oddity. */
static const struct {
    const char *name;
    carnet_rc open, unseal;
    bool has_status, has_data;
    uint64_t status;
    bool odd;
    carnet_session_status tell;
} messages[] = {
    { "session_tag_flip", CARNET_OK, CARNET_E_SESSION_DECRYPT, false, true, 0, false, CARNET_SESSION_ENCRYPTION_ERROR },
    { "session_iv_wrong_role", CARNET_OK, CARNET_E_SESSION_DECRYPT, false, true, 0, false,
      CARNET_SESSION_ENCRYPTION_ERROR },
    { "session_counter_2_first", CARNET_OK, CARNET_E_SESSION_DECRYPT, false, true, 0, false,
      CARNET_SESSION_ENCRYPTION_ERROR },
    { "session_status_10_with_data", CARNET_OK, CARNET_OK, true, true, 10, true, CARNET_SESSION_TERMINATION },
    { "session_status_20_with_data", CARNET_OK, CARNET_OK, true, true, 20, false, CARNET_SESSION_TERMINATION },
    { "session_status_99", CARNET_OK, CARNET_OK, true, false, 99, true, CARNET_SESSION_TERMINATION },
    { "session_empty", CARNET_E_SESSION_STRUCTURE, CARNET_OK, false, false, 0, false, CARNET_SESSION_DECODING_ERROR },
};

static void
each_odd_message_is_refused_flagged_or_accepted_for_its_reason(void **state)
{
    static uint8_t out[4096];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(messages); i++) {
        carnet_session reader, mdoc;
        carnet_session_data data;
        carnet_span plain = { 0 };
        carnet_rc rc;

        print_message("%s\n", messages[i].name);
        begin(&reader, &mdoc, (carnet_span){ 0 });
        rc = carnet_session_data_open(negative(messages[i].name), &data, NULL);
        assert_carnet_rc(rc, messages[i].open);
        assert_int_equal(data.has_status, messages[i].has_status);
        assert_int_equal(data.has_data, messages[i].has_data);
        assert_int_equal(data.status, messages[i].status);
        assert_int_equal(data.status_odd, messages[i].odd);
        if (data.has_data) {
            rc = carnet_session_unseal(&reader, &crypto, data.data, out, sizeof(out), &plain, NULL);
            assert_carnet_rc(rc, messages[i].unseal);
            assert_int_equal(reader.open, rc == CARNET_OK);
            assert_int_equal(plain.len, rc == CARNET_OK ? 3562 : 0);
        }
        assert_int_equal(carnet_session_failure_status(rc), messages[i].tell);
    }
}

/* The second message of each side opens after its first, and not before. */
static void
check_second(const char *first_path, const char *second, bool from_reader, size_t length)
{
    carnet_session ends[2];
    carnet_session *to = &ends[from_reader];
    carnet_session_establishment establishment;
    carnet_session_data data;
    uint8_t out[4096];
    carnet_span plain;
    carnet_err err = { 0 };

    begin(&ends[0], &ends[1], (carnet_span){ 0 });
    assert_carnet_ok(carnet_session_data_open(negative(second), &data, &err), &err);
    assert_carnet_rc(carnet_session_unseal(to, &crypto, data.data, out, sizeof(out), &plain, &err),
                     CARNET_E_SESSION_DECRYPT);
    begin(&ends[0], &ends[1], (carnet_span){ 0 });
    if (from_reader) {
        assert_carnet_ok(carnet_session_establishment_open(carnet_test_shared_hex(first_path), &establishment, &err),
                         &err);
        data.data = establishment.data;
    } else {
        assert_carnet_ok(carnet_session_data_open(carnet_test_shared_hex(first_path), &data, &err), &err);
    }
    assert_carnet_ok(carnet_session_unseal(to, &crypto, data.data, out, sizeof(out), &plain, &err), &err);
    assert_carnet_ok(carnet_session_data_open(negative(second), &data, &err), &err);
    assert_carnet_ok(carnet_session_unseal(to, &crypto, data.data, out, sizeof(out), &plain, &err), &err);
    assert_int_equal(plain.len, length);
    assert_int_equal(to->received, 2);
}

static void
second_messages_open_after_the_first_and_not_before(void **state)
{
    (void)state;
    check_second(ANNEX_D "session_data.hex", "session_second_message", false, 21);
    check_second(ANNEX_D "session_establishment.hex", "session_reader_second", true, 719);
}

static void
open_mutated(carnet_span mutated, void *context)
{
    carnet_session_establishment view;
    carnet_err err = { 0 };

    (void)context;
    if (carnet_session_establishment_open(mutated, &view, &err) != CARNET_OK) {
        assert_true(err.offset <= mutated.len);
        assert_null(view.data.ptr);
    }
}

static void
survives_every_prefix_and_every_bit_of_annex_ds_establishment(void **state)
{
    carnet_span message = carnet_test_shared_hex(ANNEX_D "session_establishment.hex");

    (void)state;
    carnet_test_every_prefix(message, open_mutated, NULL);
    carnet_test_every_bit(message, open_mutated, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keys_are_those_of_annex_d),
        cmocka_unit_test(what_both_sides_say_in_annex_d_opens_and_is_made_again_byte_for_byte),
        cmocka_unit_test(each_odd_establishment_is_refused_or_flagged_for_its_reason),
        cmocka_unit_test(a_reader_key_on_another_curve_than_the_devices_agrees_on_nothing),
        cmocka_unit_test(a_compressed_reader_key_means_the_same_point),
        cmocka_unit_test(each_odd_message_is_refused_flagged_or_accepted_for_its_reason),
        cmocka_unit_test(second_messages_open_after_the_first_and_not_before),
        cmocka_unit_test(survives_every_prefix_and_every_bit_of_annex_ds_establishment),
    };

    return cmocka_run_group_tests_name("exchange/session vectors", tests, set_up, tear_down);
}
