/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: what is written is read again, and nothing else is. */
#include "carnet/recording.h"
#include "support/support.h"

#include <string.h>

#define STARTED INT64_C(1790000000) /* 2026-09-21T14:13:20Z */

static uint8_t room[2048];

static carnet_recording_head
full_head(void)
{
    return (carnet_recording_head){ .reader = true,
                                    .medium = carnet_str_of("NFC"),
                                    .started = STARTED,
                                    .handover = CARNET_HANDOVER_NFC,
                                    .device_engagement = CARNET_TEST_BYTES("engagement"),
                                    .reader_engagement = CARNET_TEST_BYTES("other"),
                                    .select = CARNET_TEST_BYTES("select"),
                                    .request = CARNET_TEST_BYTES("request"),
                                    .ephemeral_key = CARNET_TEST_BYTES("key") };
}

static void
add(carnet_cbor_builder *b, carnet_recording_kind kind, uint64_t ms, const char *message, uint64_t code)
{
    carnet_recording_entry entry = { kind, ms, carnet_str_bytes(carnet_str_of(message)), code };

    carnet_recording_build_entry(b, &entry);
    carnet_cbor_add_raw(b, entry.message);
}

/* A head and three entries: 0 sent at 5 ms, 1 received at 5 ms, the end with LINK_CLOSED at 70000 ms. */
static carnet_span
sample(const carnet_recording_head *head)
{
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span out;

    carnet_recording_build_head(&b, head);
    add(&b, CARNET_RECORDING_SENT, 5, "hello", 0);
    add(&b, CARNET_RECORDING_RECEIVED, 5, "", 0);
    add(&b, CARNET_RECORDING_ENDED, 70000, "", CARNET_E_LINK_CLOSED);
    assert_carnet_ok(carnet_cbor_built(&b, &out, NULL), NULL);
    return out;
}

static void
what_was_written_is_read(void **state)
{
    carnet_recording_head head = full_head();
    carnet_span bytes = sample(&head);
    carnet_recording view;
    carnet_recording_cursor cursor = { 0 };
    carnet_recording_entry entry;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_recording_open(bytes, &view, &err), &err);
    assert_true(view.head.reader);
    assert_str_is(view.head.medium, "NFC");
    assert_int_equal(view.head.started, STARTED);
    assert_int_equal(view.head.handover, CARNET_HANDOVER_NFC);
    assert_span_equal(view.head.device_engagement, head.device_engagement);
    assert_span_equal(view.head.reader_engagement, head.reader_engagement);
    assert_span_equal(view.head.select, head.select);
    assert_span_equal(view.head.request, head.request);
    assert_span_equal(view.head.ephemeral_key, head.ephemeral_key);
    assert_true(carnet_recording_next(&view, &cursor, &entry, &err));
    assert_int_equal(entry.kind, CARNET_RECORDING_SENT);
    assert_int_equal(entry.ms, 5);
    assert_span_equal(entry.message, CARNET_TEST_BYTES("hello"));
    assert_true(carnet_recording_next(&view, &cursor, &entry, &err));
    assert_int_equal(entry.kind, CARNET_RECORDING_RECEIVED);
    assert_int_equal(entry.message.len, 0);
    assert_true(carnet_recording_next(&view, &cursor, &entry, &err));
    assert_int_equal(entry.kind, CARNET_RECORDING_ENDED);
    assert_int_equal(entry.ms, 70000);
    assert_int_equal(entry.code, CARNET_E_LINK_CLOSED);
    assert_false(carnet_recording_next(&view, &cursor, &entry, &err));
    assert_true(cursor.ended);
    assert_false(cursor.cut);
    assert_int_equal(cursor.rc, CARNET_OK);
    assert_int_equal(cursor.count, 3);
}

static void
every_role_and_handover_has_a_name(void **state)
{
    static const carnet_handover handovers[] = { CARNET_HANDOVER_QR, CARNET_HANDOVER_NFC, CARNET_HANDOVER_WEBSITE,
                                                 CARNET_HANDOVER_ENGAGEMENT };

    (void)state;
    for (size_t i = 0; i < 2 * CARNET_COUNT(handovers); i++) {
        carnet_recording_head head = { .reader = i % 2, .handover = handovers[i / 2] };
        carnet_recording view;

        assert_carnet_ok(carnet_recording_open(sample(&head), &view, NULL), NULL);
        assert_int_equal(view.head.reader, i % 2);
        assert_int_equal(view.head.handover, handovers[i / 2]);
        assert_null(view.head.ephemeral_key.ptr);
    }
}

static void
builds_no_head_that_would_not_be_read(void **state)
{
    static const struct {
        const char *what;
        carnet_recording_head head;
    } cases[] = {
        { "a handover that is not of a link", { .handover = CARNET_HANDOVER_OPENID4VP } },
        { "a time before 1970", { .started = -1 } },
        { "a medium of 33 octets", { .medium = { "123456789012345678901234567890123", 33 } } },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));

        carnet_recording_build_head(&b, &cases[i].head);
        assert_int_equal(b.rc, CARNET_E_USAGE);
        assert_int_equal(b.len, 0);
    }
}

/* "carnetRecording", "role", "medium", "started" and "handover" of the smallest head. */
#define VERSION  "6f6361726e65745265636f7264696e67"
#define ROLE     "64726f6c65"
#define MEDIUM   "666d656469756d"
#define STARTING "6773746172746564"
#define HANDOVER "6868616e646f766572"
#define TIME     "c074323032362d30392d32315431343a31333a32305a"
#define HEAD     "a5" VERSION "01" ROLE "646d646f63" MEDIUM "60" STARTING TIME HANDOVER "625152"
#define HEAD_LEN 78

static const struct {
    const char *what, *hex;
    carnet_rc rc;
    size_t offset;
} heads[] = {
    { "nothing", "", CARNET_E_CBOR_TRUNCATED, 0 },
    { "an array", "80", CARNET_E_CBOR_TYPE, 0 },
    { "another map", "a16164f5", CARNET_E_CBOR_KEY_MISSING, 0 },
    { "a later version", "a5" VERSION "02" ROLE "646d646f63" MEDIUM "60" STARTING TIME HANDOVER "625152",
      CARNET_E_SESSION_RECORDING, 0 },
    { "a third role", "a5" VERSION "01" ROLE "646d646f64" MEDIUM "60" STARTING TIME HANDOVER "625152",
      CARNET_E_SESSION_RECORDING, 24 },
    { "an unknown handover", "a5" VERSION "01" ROLE "646d646f63" MEDIUM "60" STARTING TIME HANDOVER "625153",
      CARNET_E_SESSION_RECORDING, 76 },
    { "a time without its tag",
      "a5" VERSION "01" ROLE "646d646f63" MEDIUM "60" STARTING "74323032362d30392d32315431343a31333a32305a" HANDOVER
      "625152",
      CARNET_E_CBOR_TAG, 44 },
    { "a thirteenth month",
      "a5" VERSION "01" ROLE "646d646f63" MEDIUM "60" STARTING "c074323032362d31332d32315431343a31333a32305a" HANDOVER
      "625152",
      CARNET_E_SESSION_RECORDING, 46 },
    { "a time before 1970",
      "a5" VERSION "01" ROLE "646d646f63" MEDIUM "60" STARTING "c074313936392d30392d32315431343a31333a32305a" HANDOVER
      "625152",
      CARNET_E_SESSION_RECORDING, 46 },
    { "all that is needed", HEAD, CARNET_OK, 0 },
};

static void
refuses_a_head_that_is_none_and_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(heads); i++) {
        carnet_recording view;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_recording_open(carnet_test_hex(heads[i].hex), &view, &err);

        if (rc != heads[i].rc || (rc != CARNET_OK && err.offset != heads[i].offset)) {
            fail_msg("%s: %s at %zu", heads[i].what, carnet_rc_name(rc), err.offset);
        }
        assert_true(rc == CARNET_OK || (view.all.ptr == NULL && view.head.medium.ptr == NULL));
    }
}

static const struct {
    const char *what, *hex;
    size_t count;
    bool cut;
    carnet_rc rc;
    size_t offset; /* behind the head */
} entries[] = {
    { "nothing", "", 0, false, CARNET_OK, 0 },
    { "a message each way",
      "8300014161"
      "83010240",
      2, false, CARNET_OK, 0 },
    { "the end", "83020a190e02", 1, false, CARNET_OK, 0 },
    { "no array", "00", 0, false, CARNET_E_SESSION_RECORDING, 0 },
    { "an array of two", "820001", 0, false, CARNET_E_SESSION_RECORDING, 0 },
    { "a fourth kind", "8303014161", 0, false, CARNET_E_SESSION_RECORDING, 0 },
    { "a message that is text", "8300016161", 0, false, CARNET_E_CBOR_TYPE, 3 },
    { "an end that is bytes", "8302014161", 0, false, CARNET_E_CBOR_TYPE, 3 },
    { "time going back",
      "8300054161"
      "8301044161",
      1, false, CARNET_E_SESSION_RECORDING, 5 },
    { "a message behind the end",
      "83020500"
      "8301054161",
      1, false, CARNET_E_SESSION_RECORDING, 4 },
    { "two ends",
      "83020500"
      "83020500",
      1, false, CARNET_E_SESSION_RECORDING, 4 },
    { "a time longer than needed", "830018014161", 0, false, CARNET_E_CBOR_NOT_PREFERRED, 2 },
    { "a message cut off",
      "8300014161"
      "8301024461",
      1, true, CARNET_OK, 0 },
    { "cut within an entry's head",
      "8300014161"
      "8301",
      1, true, CARNET_OK, 0 },
    { "an end cut off", "830205", 0, true, CARNET_OK, 0 },
};

static void
steps_through_entries_and_says_what_is_wrong(void **state)
{
    (void)state;
    assert_int_equal(carnet_test_hex(HEAD).len, HEAD_LEN);
    for (size_t i = 0; i < CARNET_COUNT(entries); i++) {
        carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
        carnet_recording view;
        carnet_recording_cursor cursor = { 0 };
        carnet_recording_entry entry;
        carnet_err err = { 0 };

        carnet_cbor_add_raw(&b, carnet_test_hex(HEAD));
        carnet_cbor_add_raw(&b, carnet_test_hex(entries[i].hex));
        assert_carnet_ok(carnet_recording_open(carnet_test_copy(carnet_span_of(room, b.len)), &view, &err), &err);
        while (carnet_recording_next(&view, &cursor, &entry, &err)) {
        }
        if (cursor.count != entries[i].count || cursor.cut != entries[i].cut || cursor.rc != entries[i].rc ||
            (cursor.rc != CARNET_OK && err.offset != HEAD_LEN + entries[i].offset)) {
            fail_msg("%s: %zu entries, %s at %zu", entries[i].what, cursor.count, carnet_rc_name(cursor.rc),
                     err.offset);
        }
        assert_null(entry.message.ptr);
        assert_false(carnet_recording_next(&view, &cursor, &entry, &err));
    }
}

static void
read_all(carnet_span bytes, void *context)
{
    carnet_recording view;
    carnet_recording_cursor cursor = { 0 };
    carnet_recording_entry entry;
    carnet_err err = { 0 };

    (void)context;
    if (carnet_recording_open(bytes, &view, &err) != CARNET_OK) {
        assert_in_range(err.offset, 0, bytes.len);
        return;
    }
    while (carnet_recording_next(&view, &cursor, &entry, &err)) {
    }
    assert_in_range(cursor.at, 0, view.entries.len);
    assert_true(cursor.rc != CARNET_OK || cursor.cut || cursor.at == view.entries.len);
    assert_true(cursor.rc == CARNET_OK || err.offset <= bytes.len);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    carnet_recording_head head = full_head();
    carnet_span bytes = carnet_test_copy(sample(&head));

    (void)state;
    carnet_test_every_prefix(bytes, read_all, NULL);
    carnet_test_every_bit(bytes, read_all, NULL);
}

static void
ends_after_the_most_entries_there_may_be(void **state)
{
    static uint8_t many[HEAD_LEN + 4 * (CARNET_RECORDING_ENTRIES_MAX + 1)];
    carnet_cbor_builder b = carnet_cbor_build(many, sizeof(many));
    carnet_recording view;
    carnet_recording_cursor cursor = { 0 };
    carnet_recording_entry entry;

    (void)state;
    carnet_cbor_add_raw(&b, carnet_test_hex(HEAD));
    for (size_t i = 0; i <= CARNET_RECORDING_ENTRIES_MAX; i++) {
        add(&b, CARNET_RECORDING_SENT, 0, "", 0);
    }
    assert_int_equal(b.rc, CARNET_OK);
    assert_carnet_ok(carnet_recording_open(carnet_span_of(many, b.len), &view, NULL), NULL);
    while (carnet_recording_next(&view, &cursor, &entry, NULL)) {
    }
    assert_int_equal(cursor.count, CARNET_RECORDING_ENTRIES_MAX);
    assert_int_equal(cursor.rc, CARNET_E_SESSION_RECORDING);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(every_role_and_handover_has_a_name),
        cmocka_unit_test(builds_no_head_that_would_not_be_read),
        cmocka_unit_test(refuses_a_head_that_is_none_and_says_where),
        cmocka_unit_test(steps_through_entries_and_says_what_is_wrong),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
        cmocka_unit_test(ends_after_the_most_entries_there_may_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
