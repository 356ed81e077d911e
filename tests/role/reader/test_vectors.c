/* SPDX-License-Identifier: Apache-2.0 */
/* The session of 18013-5 Annex D played by reader and holder with its keys, and its altered messages. */
#include "../world.h"
#include "carnet/device_authentication.h"

#include <stdio.h>
#include <string.h>

#define ANNEX_D "vectors/iso18013-5-annexD/"
#define NOW     INT64_C(1602720000) /* 2020-10-15 */

static carnet_span
load(const char *folder, const char *name)
{
    char path[120];

    assert_in_range(snprintf(path, sizeof(path), "vectors/%s/%s.hex", folder, name), 1, sizeof(path) - 1);
    return carnet_test_shared_hex(path);
}

/* The 32 octets that stand as hexadecimal text behind `member` (and `inner` in it) in keys.json. */
static carnet_span
number(const char *file, const char *member, const char *inner)
{
    carnet_str text = carnet_test_shared_text(file);
    static char copy[4096]; /* with the zero that strstr() wants */
    char hex[65] = "";
    const char *at;

    assert_in_range(text.len, 1, sizeof(copy) - 1);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    at = strstr(copy, member);
    assert_non_null(at);
    at += strlen(member);
    if (inner != NULL) {
        at = strstr(at, inner);
        assert_non_null(at);
        at += strlen(inner);
    }
    at = strpbrk(at + 1, "0123456789abcdef");
    assert_non_null(at);
    memcpy(hex, at, 64);
    return carnet_test_hex(hex);
}

static carnet_key
key_of(world *w, const char *name)
{
    carnet_key key;

    assert_carnet_ok(carnet_software_key_from_scalar(&w->crypto, CARNET_CURVE_P256,
                                                     number(ANNEX_D "keys.json", name, "\"d\""), CARNET_KEY_AGREE, &key,
                                                     &w->err),
                     &w->err);
    return key;
}

static carnet_session_transcript_parameters
how(void)
{
    carnet_session_transcript_parameters p = { .handover = CARNET_HANDOVER_NFC };

    p.select = load("iso18013-5-annexD", "nfc_handover_select");
    p.request = load("iso18013-5-annexD", "nfc_handover_request");
    return p;
}

/* Both sides as Annex D has them: the holder has shown its engagement, the reader has asked. */
static void
begin(talk *t, world *w)
{
    carnet_session_transcript transcript;
    carnet_span array = load("iso18013-5-annexD", "session_transcript"); /* before there is anything to release */
    carnet_key e_device;

    world_begin(w, CARNET_CURVE_P256);
    w->report.now = NOW;
    memset(t, 0, sizeof(*t));
    t->w = w;
    t->holder_storage = carnet_buf_of(t->holder_room, sizeof(t->holder_room));
    assert_carnet_ok(carnet_session_transcript_open(array, &transcript, &w->err), &w->err);
    e_device = key_of(w, "\"eDeviceKey\"");
    t->holder = (carnet_holder){ .crypto = &w->crypto,
                                 .key = e_device,
                                 .storage = &t->holder_storage,
                                 .device_engagement = transcript.device_engagement };
    t->reader = (carnet_reader){ .crypto = &w->crypto,
                                 .key = key_of(w, "\"eReaderKey\""),
                                 .reader_key_bytes = transcript.reader_key_bytes,
                                 .session_transcript = transcript.array,
                                 .established = true };
    assert_carnet_ok(carnet_session_init(&t->reader.session, CARNET_SESSION_READER, &w->crypto, &t->reader.key,
                                         &e_device.public_key, transcript.array, &w->err),
                     &w->err);
}

static void
end(talk *t)
{
    talk_done(t);
    world_done(t->w);
}

static carnet_rc
hear(talk *t, carnet_span message)
{
    carnet_session_transcript_parameters p = how();

    memcpy(t->message, message.ptr, t->len = message.len);
    return carnet_holder_receive(&t->holder, t->message, t->len, &p, &t->received, &t->status, &t->w->err);
}

static carnet_rc
read_message(talk *t, carnet_span message)
{
    memcpy(t->message, message.ptr, t->len = message.len);
    return talk_read(t);
}

static void
the_holder_takes_the_request_of_annex_d(void **state)
{
    static world w;
    static talk t;

    (void)state;
    begin(&t, &w);
    assert_carnet_ok(hear(&t, load("iso18013-5-annexD", "session_establishment")), &w.err);
    assert_span_equal(t.received, load("iso18013-5-annexD", "device_request"));
    assert_span_equal(t.holder.session_transcript, load("iso18013-5-annexD", "session_transcript"));
    assert_int_equal(t.holder.odd, 0);
    assert_carnet_ok(hear(&t, load("negative", "session_reader_second")), &w.err);
    assert_int_equal(t.received.len, 719);
    assert_carnet_ok(hear(&t, load("iso18013-5-annexD", "session_termination")), &w.err);
    assert_int_equal(t.status, 20);
    assert_holder_over(&t);
    end(&t);
}

static void
the_reader_believes_the_answer_of_annex_d(void **state)
{
    static world w;
    static talk t;
    static carnet_report_entry entries[128];
    carnet_anchor slots[1];
    carnet_anchor_store store;
    carnet_span request;

    (void)state;
    begin(&t, &w);
    assert_carnet_ok(read_message(&t, load("iso18013-5-annexD", "session_data")), &w.err);
    assert_span_equal(t.received, load("iso18013-5-annexD", "device_response"));
    carnet_anchor_store_init(&store, slots, 1, NULL, 0);
    assert_carnet_ok(carnet_anchor_store_add(&store, load("iso18013-5-annexD", "iaca_cert"), (carnet_str){ 0 }, &w.err),
                     &w.err);
    w.anchors = carnet_anchor_store_anchors(&store);
    carnet_report_init(&w.report, entries, CARNET_COUNT(entries), NOW, 0);
    request = load("iso18013-5-annexD", "device_request");
    t.request = carnet_buf_of(t.request_room, sizeof(t.request_room));
    carnet_buf_add(&t.request, request);
    assert_int_equal(talk_judge(&t), CARNET_VERDICT_VALID);
    assert_int_equal(carnet_report_find(&w.report, CARNET_CHECK_DEVICE_AUTHENTICATION, 0)->outcome, CARNET_PASS);
    assert_int_equal(carnet_report_find(&w.report, CARNET_CHECK_ANSWERS_REQUEST, 0)->outcome, CARNET_PASS);
    assert_carnet_ok(read_message(&t, load("negative", "session_second_message")), &w.err);
    assert_int_equal(t.received.len, 21);
    end(&t);
}

static const struct {
    const char *name, *reason;
    carnet_rc rc;
    unsigned odd;
} establishments[] = {
    { "establishment_point_off_curve", "the reader's key is no point of its curve", CARNET_E_SESSION_KEY, 0 },
    { "establishment_wrong_curve", "the reader's key is on another curve", CARNET_E_SESSION_KEY, 0 },
    { "establishment_zero_point", "the reader's key is no point of its curve", CARNET_E_SESSION_KEY, 0 },
    { "establishment_short_x", "a coordinate has not the curve's length", CARNET_E_COSE_KEY, 0 },
    /* understood and flagged; that the key's other bytes make another transcript is why nothing can be decrypted */
    { "establishment_compressed_key", "the authentication tag does not verify", CARNET_E_SESSION_DECRYPT,
      CARNET_ESTABLISHMENT_KEY_COMPRESSED },
    { "establishment_private_key", "the authentication tag does not verify", CARNET_E_SESSION_DECRYPT,
      CARNET_ESTABLISHMENT_KEY_PARAMETERS },
};

static void
each_odd_establishment_ends_with_status_10(void **state)
{
    static world w;
    static talk t;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(establishments); i++) {
        carnet_rc rc;

        begin(&t, &w);
        rc = hear(&t, load("negative", establishments[i].name));
        if (rc != establishments[i].rc || strcmp(w.err.reason, establishments[i].reason) != 0 ||
            t.holder.odd != establishments[i].odd)
            fail_msg("%s: code %#x, %s, odd %u", establishments[i].name, (unsigned)rc, w.err.reason, t.holder.odd);
        assert_int_equal(carnet_holder_failure_status(rc), CARNET_SESSION_ENCRYPTION_ERROR);
        assert_holder_over(&t);
        end(&t);
    }
}

static const struct {
    const char *name;
    carnet_rc rc;
    uint64_t status;
    size_t received;
    carnet_session_status tell; /* of a failure */
} messages[] = {
    { "session_tag_flip", CARNET_E_SESSION_DECRYPT, 0, 0, CARNET_SESSION_ENCRYPTION_ERROR },
    { "session_iv_wrong_role", CARNET_E_SESSION_DECRYPT, 0, 0, CARNET_SESSION_ENCRYPTION_ERROR },
    { "session_counter_2_first", CARNET_E_SESSION_DECRYPT, 0, 0, CARNET_SESSION_ENCRYPTION_ERROR },
    { "session_status_10_with_data", CARNET_E_SESSION_STRUCTURE, 10, 0, CARNET_SESSION_DECODING_ERROR },
    { "session_empty", CARNET_E_SESSION_STRUCTURE, 0, 0, CARNET_SESSION_DECODING_ERROR },
    { "session_status_20_with_data", CARNET_OK, 20, 3562, CARNET_SESSION_TERMINATION },
    { "session_status_99", CARNET_OK, 99, 0, CARNET_SESSION_TERMINATION },
};

static void
each_odd_message_ends_the_reading_and_is_refused_or_read(void **state)
{
    static world w;
    static talk t;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(messages); i++) {
        carnet_rc rc;

        begin(&t, &w);
        rc = read_message(&t, load("negative", messages[i].name));
        if (rc != messages[i].rc || t.status != messages[i].status || t.received.len != messages[i].received)
            fail_msg("%s: code %#x, status %u", messages[i].name, (unsigned)rc, (unsigned)t.status);
        assert_int_equal(carnet_session_failure_status(rc), messages[i].tell);
        assert_reader_over(&t);
        end(&t);
    }
}

static void
the_keys_for_macs_are_those_of_annex_d(void **state)
{
    static world w;
    static talk t;
    static const struct {
        const char *file;
        bool qr;
    } cases[] = { { ANNEX_D "keys.json", false }, { ANNEX_D "derived_qr_session.json", true } };

    (void)state;
    begin(&t, &w);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_key device = key_of(&w, "\"sDeviceKey\"");
        carnet_session_transcript_parameters p = { .handover = CARNET_HANDOVER_QR };
        uint8_t room[512];
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
        carnet_span transcript = t.reader.session_transcript;
        carnet_secret mac = { 0 };

        if (cases[i].qr) {
            p.device_engagement = load("iso18013-5-annexD", "device_engagement_qr");
            p.reader_key_bytes = t.reader.reader_key_bytes;
            assert_carnet_ok(carnet_session_transcript_build(&b, &w.crypto, &p, &w.err), &w.err);
            transcript = carnet_span_of(room, b.len);
        }
        assert_carnet_ok(carnet_emac_key(&w.crypto, &device, &t.reader.key.public_key, transcript, &mac, &w.err),
                         &w.err);
        assert_span_equal(carnet_span_of(mac.bytes, mac.len), number(cases[i].file, "\"EMacKey\"", NULL));
        carnet_secret_done(&mac);
        assert_carnet_ok(carnet_emac_key(&w.crypto, &t.reader.key, &device.public_key, transcript, &mac, &w.err),
                         &w.err);
        assert_span_equal(carnet_span_of(mac.bytes, mac.len), number(cases[i].file, "\"EMacKey\"", NULL));
        carnet_secret_done(&mac);
        carnet_key_done(&device);
    }
    end(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_holder_takes_the_request_of_annex_d),
        cmocka_unit_test(the_reader_believes_the_answer_of_annex_d),
        cmocka_unit_test(each_odd_establishment_ends_with_status_10),
        cmocka_unit_test(each_odd_message_ends_the_reading_and_is_refused_or_read),
        cmocka_unit_test(the_keys_for_macs_are_those_of_annex_d),
    };

    return cmocka_run_group_tests_name("role/reader vectors", tests, NULL, NULL);
}
