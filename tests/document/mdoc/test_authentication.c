/* SPDX-License-Identifier: Apache-2.0 */
/* What device and reader sign or authenticate: byte for byte as the standard's example has it, and of our own. */
#include "carnet/device_authentication.h"
#include "carnet/reader_authentication.h"
#include "judge.h"

#include <string.h>

#define ANNEX_D "vectors/iso18013-5-annexD/"
#define EMPTY   CARNET_TEST_BYTES("\xd8\x18\x41\xa0")

/* The parts put together. */
static carnet_span
joined(const carnet_span *parts, size_t count)
{
    static uint8_t room[16384];
    carnet_buf buf = carnet_buf_of(room, sizeof(room));

    for (size_t i = 0; i < count; i++)
        carnet_buf_add(&buf, parts[i]);
    assert_false(buf.overflow);
    return carnet_buf_span(&buf);
}

static void
device_authentication_is_that_of_annex_d(void **state)
{
    carnet_device_authentication signs;

    (void)state;
    carnet_device_authentication_set(&signs, carnet_test_shared_hex(ANNEX_D "session_transcript.hex"),
                                     carnet_str_of("org.iso.18013.5.1.mDL"), EMPTY);
    assert_span_equal(joined(signs.parts, signs.count),
                      carnet_test_shared_hex(ANNEX_D "device_authentication_bytes.hex"));
}

static void
reader_authentication_is_that_of_annex_d(void **state)
{
    carnet_reader_authentication signs;

    (void)state;
    carnet_reader_authentication_set(&signs, carnet_test_shared_hex(ANNEX_D "session_transcript.hex"),
                                     carnet_test_shared_hex(ANNEX_D "items_request_bytes.hex"));
    assert_span_equal(joined(signs.parts, signs.count),
                      carnet_test_shared_hex(ANNEX_D "reader_authentication_bytes.hex"));
}

static void
the_mac_key_and_the_mac_are_those_of_annex_d(void **state)
{
    carnet_span transcript = carnet_test_shared_hex(ANNEX_D "session_transcript.hex");
    carnet_span expected = carnet_test_hex("dc2b9566fdaaae3c06baa40993cd0451aeba15e7677ef5305f6531f3533c35dd");
    carnet_span device_auth = carnet_test_shared_hex(ANNEX_D "device_auth.hex");
    carnet_device_authentication signs;
    carnet_secret from_device, from_reader;
    carnet_key device, reader;
    carnet_crypto crypto;
    uint8_t room[64];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_err err;

    (void)state;
    assert_carnet_ok(carnet_crypto_init(&crypto, &err), &err);
    assert_carnet_ok(carnet_software_key_from_scalar(
                         &crypto, CARNET_CURVE_P256,
                         carnet_test_hex("6ed542ad4783f0b18c833fadf2171273a35d969c581691ef704359cc7cf1e8c0"),
                         CARNET_KEY_AGREE, &device, &err),
                     &err);
    assert_carnet_ok(carnet_software_key_from_scalar(
                         &crypto, CARNET_CURVE_P256,
                         carnet_test_hex("de3b4b9e5f72dd9b58406ae3091434da48a6f9fd010d88fcb0958e2cebec947c"),
                         CARNET_KEY_AGREE, &reader, &err),
                     &err);
    assert_carnet_ok(carnet_emac_key(&crypto, &device, &reader.public_key, transcript, &from_device, &err), &err);
    assert_carnet_ok(carnet_emac_key(&crypto, &reader, &device.public_key, transcript, &from_reader, &err), &err);
    assert_span_equal(carnet_span_of(from_device.bytes, from_device.len), expected);
    assert_span_equal(carnet_span_of(from_reader.bytes, from_reader.len), expected);
    carnet_device_authentication_set(&signs, transcript, carnet_str_of("org.iso.18013.5.1.mDL"), EMPTY);
    carnet_cbor_add_map(&b, 1);
    carnet_cbor_add_text(&b, "deviceMac");
    assert_carnet_ok(carnet_device_authentication_mac(&signs, &from_device, &crypto, &b, &err), &err);
    assert_span_equal(carnet_span_of(room, b.len), device_auth);
    reader.public_key.curve = CARNET_CURVE_P384;
    assert_carnet_rc(carnet_emac_key(&crypto, &device, &reader.public_key, transcript, &from_device, &err),
                     CARNET_E_CRYPTO_MISMATCH);
    assert_int_equal(from_device.len, 0);
    carnet_key_done(&device);
    carnet_key_done(&reader);
    carnet_crypto_done(&crypto);
}

static void
heads_are_right_at_every_length(void **state)
{
    static uint8_t transcript[70000];
    static const size_t lengths[] = { 1, 23, 24, 200, 255, 256, 65535, 65536, 70000 };
    carnet_device_authentication device;
    carnet_reader_authentication reader;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lengths); i++) {
        size_t sum = 0, head;

        carnet_device_authentication_set(&device, (carnet_span){ transcript, lengths[i] },
                                         carnet_str_of("org.iso.23220.photoid.1 and so on"), EMPTY);
        for (size_t k = 0; k < device.count; k++)
            sum += device.parts[k].len;
        head = 1 + carnet_cbor_head_size(sum); /* near enough: no length here lies at a border with its head */
        assert_int_equal(device.parts[0].ptr[0], 0xd8);
        assert_true(device.parts[0].len >= head);
        carnet_reader_authentication_set(&reader, (carnet_span){ transcript, lengths[i] }, EMPTY);
        assert_int_equal(reader.parts[0].ptr[1], 0x18);
        if (lengths[i] < 1000) {
            carnet_cbor_reader r = carnet_cbor_open(joined(reader.parts, reader.count));
            (void)carnet_cbor_tag24(&r);
            assert_carnet_rc(carnet_cbor_end(&r, NULL), CARNET_OK);
            r = carnet_cbor_open(joined(device.parts, device.count));
            (void)carnet_cbor_tag24(&r);
            assert_carnet_rc(carnet_cbor_end(&r, NULL), CARNET_OK);
        }
    }
}

static world w;

static const carnet_requested_element wanted[] = { { { "a", 1 }, { "family_name", 11 }, false },
                                                   { { "b", 1 }, { "colour", 6 }, true },
                                                   { { "a", 1 }, { "age_over_18", 11 }, false } };

/* A request for two documents: the first signed, and all of it signed too. */
static carnet_span
make_request(void *room, size_t cap, bool all)
{
    carnet_reader_signer signer = { &w.reader, &w.reader_certificate, 1 };
    const carnet_doc_request_draft documents[] = {
        { .doc_type = carnet_str_of("one"), .elements = wanted, .count = 3, .signer = &signer },
        { .doc_type = carnet_str_of("two"), .elements = wanted, .count = 1 },
    };
    carnet_device_request_draft draft = { .documents = documents,
                                          .count = 2,
                                          .all_signers = &signer,
                                          .all_signer_count = all,
                                          .mac_keys = &w.j.reader_key.public_key,
                                          .mac_key_count = all,
                                          .session_transcript = w.session_transcript };
    carnet_cbor_builder b = carnet_cbor_build(room, cap);

    if (all)
        draft.device_request_info = CARNET_TEST_BYTES("\xa1\x68useCases\x81\xa2\x69mandatory\xf5\x6c"
                                                      "documentSets\x81\x82\x00\x01");
    assert_carnet_ok(carnet_device_request_build(&draft, &w.j.crypto, &b, &w.j.err), &w.j.err);
    return (carnet_span){ room, b.len };
}

static void
requests_signed_are_verified(void **state)
{
    static uint8_t room[4096];
    carnet_device_request view;
    carnet_span request;

    (void)state;
    world_init(&w);
    request = make_request(room, sizeof(room), false);
    judge_request(&w.j, request);
    if (judge_failures(&w.j) != 0)
        judge_print(&w.j);
    assert_int_equal(judge_failures(&w.j), 0);
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_READER_AUTHENTICATION), CARNET_PASS);
    assert_int_equal(carnet_report_find(&w.j.report, CARNET_CHECK_READER_AUTHENTICATION, 1)->outcome, CARNET_NOT_DONE);
    assert_null(carnet_report_find(&w.j.report, CARNET_CHECK_READER_AUTHENTICATION_ALL, CARNET_NO_DOCUMENT));
    request = make_request(room, sizeof(room), true);
    assert_carnet_ok(carnet_device_request_open(request, 0, &view, &w.j.err), &w.j.err);
    assert_str_is(view.version, "1.1");
    assert_int_equal(view.oddities, 0);
    judge_request(&w.j, request);
    assert_int_equal(judge_failures(&w.j), 0);
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_READER_AUTHENTICATION_ALL), CARNET_PASS);
    w.j.with.session_transcript = CARNET_TEST_BYTES("\x83\xf6\xf6\xf6");
    judge_request(&w.j, request);
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_READER_AUTHENTICATION_ALL), CARNET_FAIL);
    assert_int_equal(judge_outcome(&w.j, CARNET_CHECK_READER_AUTHENTICATION), CARNET_FAIL);
    world_done(&w);
}

/* Whatever bit of a signed request is turned, a signature over all of it must not be called good. */
static void
turned(carnet_span request, void *context)
{
    (void)context;
    judge_request(&w.j, request);
    if (w.j.rc != CARNET_OK || judge_outcome(&w.j, CARNET_CHECK_REQUEST_STRUCTURE) != CARNET_PASS)
        return;
    if (judge_outcome(&w.j, CARNET_CHECK_READER_AUTHENTICATION_ALL) == CARNET_PASS &&
        judge_outcome(&w.j, CARNET_CHECK_READER_AUTHENTICATION) != CARNET_FAIL &&
        judge_outcome(&w.j, CARNET_CHECK_PATH_FOUND) == CARNET_PASS) {
        carnet_device_request view;
        carnet_doc_request doc;
        /* What is signed is as it was: a bit outside it was turned, such as one of a member's name. */
        assert_carnet_ok(carnet_device_request_open(request, CARNET_CBOR_LENIENT, &view, NULL), NULL);
        assert_true(carnet_doc_request_at(&view, 0, &doc));
        assert_str_is(doc.doc_type, "one");
        assert_true(carnet_doc_request_at(&view, 1, &doc));
        assert_str_is(doc.doc_type, "two");
        assert_false(carnet_doc_request_at(&view, 2, &doc));
    }
}

static void
no_turned_bit_changes_what_was_signed(void **state)
{
    static uint8_t room[4096];
    carnet_remembered_chain slots[2];
    carnet_chain_memory memory;

    (void)state;
    world_init(&w);
    carnet_chain_memory_init(&memory, slots, 2);
    w.j.with.memory = &memory;
    carnet_test_every_bit(make_request(room, sizeof(room), true), turned, NULL);
    world_done(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_authentication_is_that_of_annex_d),
        cmocka_unit_test(reader_authentication_is_that_of_annex_d),
        cmocka_unit_test(the_mac_key_and_the_mac_are_those_of_annex_d),
        cmocka_unit_test(heads_are_right_at_every_length),
        cmocka_unit_test(requests_signed_are_verified),
        cmocka_unit_test(no_turned_bit_changes_what_was_signed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
