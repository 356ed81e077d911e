/* SPDX-License-Identifier: Apache-2.0 */
/* NDEF messages: records read, refused and built. */
#include "carnet/ndef.h"
#include "support/support.h"

#include <string.h>

static void
records_are_read_with_their_parts(void **state)
{
    static const struct {
        const char *hex;
        carnet_ndef_format format;
        const char *type, *id;
        size_t payload;
    } cases[] = {
        { "d10201546500", CARNET_NDEF_WELL_KNOWN, "Te", "", 1 },
        { "c102000000 0154 6500", CARNET_NDEF_WELL_KNOWN, "Te", "", 1 }, /* long form of a short payload */
        { "d90200015465 58", CARNET_NDEF_WELL_KNOWN, "Te", "X", 0 },
        { "d00000", CARNET_NDEF_EMPTY, "", "", 0 },
        { "d50003010203", CARNET_NDEF_UNKNOWN, "", "", 3 },
        { "d70000", CARNET_NDEF_RESERVED, "", "", 0 },
        { "d70101 61ff", CARNET_NDEF_RESERVED, "a", "", 1 },
        { "d30101 61ff", CARNET_NDEF_URI, "a", "", 1 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span message = carnet_test_hex(cases[i].hex);
        carnet_ndef_reader r = carnet_ndef_open(message);
        carnet_ndef_record record, none;
        carnet_err err;

        assert_true(carnet_ndef_next(&r, &record));
        assert_int_equal(record.format, cases[i].format);
        assert_str_is(record.type, cases[i].type);
        assert_span_equal(record.id, carnet_str_bytes(carnet_str_of(cases[i].id)));
        assert_int_equal(record.payload.len, cases[i].payload);
        assert_span_equal(record.encoded, message);
        assert_false(carnet_ndef_next(&r, &none));
        assert_carnet_ok(carnet_ndef_done(&r, &err), &err);
    }
}

static void
what_breaks_the_rules_is_refused_where_it_does(void **state)
{
    static const struct {
        const char *what, *hex;
        carnet_rc rc;
        size_t offset;
    } cases[] = {
        { "nothing", "", CARNET_E_NDEF_TRUNCATED, 0 },
        { "one octet", "d1", CARNET_E_NDEF_TRUNCATED, 0 },
        { "a long length cut off", "c102000000", CARNET_E_NDEF_TRUNCATED, 0 },
        { "a payload cut off", "d102015465", CARNET_E_NDEF_TRUNCATED, 0 },
        { "a payload of 4 GiB", "c102ffffffff546500", CARNET_E_NDEF_TRUNCATED, 0 },
        { "an identifier cut off", "d9020101546500", CARNET_E_NDEF_TRUNCATED, 0 },
        { "no last record", "91020154650011 0201546500", CARNET_E_NDEF_TRUNCATED, 12 },
        { "octets after the last", "d1020154650000", CARNET_E_NDEF_TRAILING, 6 },
        { "a first chunk", "b10201546500", CARNET_E_NDEF_CHUNKED, 0 },
        { "a later chunk", "91020154650056000100", CARNET_E_NDEF_CHUNKED, 6 },
        { "a first record that is none", "510201546500", CARNET_E_NDEF_RECORD, 0 },
        { "two first records", "910201546500d10201546500", CARNET_E_NDEF_RECORD, 6 },
        { "an empty record with a payload", "d0000100", CARNET_E_NDEF_RECORD, 0 },
        { "an empty record with a type", "d0010061", CARNET_E_NDEF_RECORD, 0 },
        { "an empty record with an identifier", "d800000161", CARNET_E_NDEF_RECORD, 0 },
        { "unknown with a type", "d5010061", CARNET_E_NDEF_RECORD, 0 },
        { "well known without a type", "d1000100", CARNET_E_NDEF_RECORD, 0 },
        { "external without a type", "d4000100", CARNET_E_NDEF_RECORD, 0 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_ndef_reader r = carnet_ndef_open(carnet_test_copy(carnet_test_hex(cases[i].hex)));
        carnet_ndef_record record;
        carnet_err err = { 0 };
        carnet_rc rc;

        while (carnet_ndef_next(&r, &record)) {
        }
        rc = carnet_ndef_done(&r, &err);
        if (rc != cases[i].rc || err.offset != cases[i].offset) {
            fail_msg("%s: %s at %zu", cases[i].what, carnet_rc_name(rc), err.offset);
        }
        assert_non_null(err.clause);
    }
}

static void
more_records_than_allowed_are_refused(void **state)
{
    uint8_t room[3 * (CARNET_NDEF_RECORDS_MAX + 1)];
    carnet_ndef_record record = { .format = CARNET_NDEF_EMPTY }, got;
    carnet_span message;
    bool found;

    (void)state;
    for (size_t n = CARNET_NDEF_RECORDS_MAX; n <= CARNET_NDEF_RECORDS_MAX + 1; n++) {
        carnet_ndef_builder b = carnet_ndef_build(room, sizeof room);
        carnet_err err = { 0 };
        carnet_rc rc;

        for (size_t i = 0; i < n; i++) {
            carnet_ndef_add(&b, &record);
        }
        assert_carnet_ok(carnet_ndef_built(&b, &message, &err), &err);
        rc = carnet_ndef_find(message, CARNET_NDEF_EMPTY, "", &got, &found, &err);
        assert_carnet_rc(rc, n > CARNET_NDEF_RECORDS_MAX ? CARNET_E_NDEF_LIMIT : CARNET_OK);
        assert_int_equal(found, n <= CARNET_NDEF_RECORDS_MAX);
    }
}

static void
external_types_are_matched_without_regard_to_case_and_others_are_not(void **state)
{
    carnet_ndef_record external = { .format = CARNET_NDEF_EXTERNAL, .type = carnet_str_of("ISO.org:18013:NFC") };
    carnet_ndef_record known = { .format = CARNET_NDEF_WELL_KNOWN, .type = carnet_str_of("hs") };

    (void)state;
    assert_true(carnet_ndef_is(&external, CARNET_NDEF_EXTERNAL, "iso.org:18013:nfc"));
    assert_false(carnet_ndef_is(&external, CARNET_NDEF_EXTERNAL, "iso.org:18013:nfd"));
    assert_false(carnet_ndef_is(&external, CARNET_NDEF_MEDIA, "iso.org:18013:nfc"));
    assert_false(carnet_ndef_is(&known, CARNET_NDEF_WELL_KNOWN, "Hs"));
    assert_true(carnet_ndef_is(&known, CARNET_NDEF_WELL_KNOWN, "hs"));
}

static void
messages_within_a_payload_are_built_and_read_at_every_length(void **state)
{
    static uint8_t payload[300], room[1024];
    static const carnet_ndef_record outer = { .format = CARNET_NDEF_WELL_KNOWN, .type = { "Hs", 2 } };

    (void)state;
    for (size_t len = 200; len < sizeof payload; len++) {
        carnet_ndef_record inner = { .format = CARNET_NDEF_MEDIA,
                                     .type = carnet_str_of("a/b"),
                                     .id = CARNET_TEST_BYTES("1"),
                                     .payload = carnet_span_of(payload, len) };
        carnet_ndef_builder b = carnet_ndef_build(room, sizeof room);
        carnet_ndef_mark mark = carnet_ndef_begin(&b, &outer);
        carnet_ndef_reader r, within;
        carnet_ndef_record got;
        carnet_span message;
        carnet_err err;
        size_t whole;

        carnet_ndef_append(&b, CARNET_TEST_BYTES("\x15"));
        carnet_ndef_add(&b, &inner);
        carnet_ndef_add(&b, &inner);
        carnet_ndef_end(&b, mark);
        carnet_ndef_add(&b, &inner);
        assert_carnet_ok(carnet_ndef_built(&b, &message, &err), &err);
        whole = message.len;
        r = carnet_ndef_open(message);
        assert_true(carnet_ndef_next(&r, &got));
        within = carnet_ndef_open_within(&r, carnet_span_of(got.payload.ptr + 1, got.payload.len - 1));
        for (int i = 0; i < 3; i++) {
            assert_true(carnet_ndef_next(i < 2 ? &within : &r, &got));
            assert_span_equal(got.payload, inner.payload);
            assert_span_equal(got.id, inner.id);
            assert_int_equal(got.encoded.len, len + (len > 255 ? 7 : 4) + 4u);
        }
        assert_carnet_ok(carnet_ndef_done(&within, &err), &err);
        assert_carnet_ok(carnet_ndef_done(&r, &err), &err);
        for (size_t cap = whole - 10; cap < whole; cap++) {
            b = carnet_ndef_build(room, cap);
            mark = carnet_ndef_begin(&b, &outer);
            carnet_ndef_append(&b, CARNET_TEST_BYTES("\x15"));
            carnet_ndef_add(&b, &inner);
            carnet_ndef_add(&b, &inner);
            carnet_ndef_end(&b, mark);
            carnet_ndef_add(&b, &inner);
            assert_carnet_rc(carnet_ndef_built(&b, &message, &err), CARNET_E_NO_SPACE);
            assert_int_equal(message.len, 0);
        }
    }
}

static void
what_no_record_can_be_is_a_mistake_of_the_caller(void **state)
{
    static char longest[256];
    static const carnet_ndef_record cases[] = {
        { .format = CARNET_NDEF_WELL_KNOWN },
        { .format = CARNET_NDEF_UNKNOWN, .type = { "a", 1 } },
        { .format = CARNET_NDEF_EMPTY, .payload = { (const uint8_t *)"a", 1 } },
        { .format = CARNET_NDEF_EMPTY, .id = { (const uint8_t *)"a", 1 } },
        { .format = CARNET_NDEF_MEDIA, .type = { longest, 256 } },
        { .format = CARNET_NDEF_MEDIA, .type = { "a", 1 }, .id = { (const uint8_t *)longest, 256 } },
        { .format = (carnet_ndef_format)6 },
        { .format = CARNET_NDEF_RESERVED },
    };
    uint8_t room[600];
    carnet_span message;
    carnet_ndef_builder b = carnet_ndef_build(room, sizeof room);

    (void)state;
    assert_carnet_rc(carnet_ndef_built(&b, &message, NULL), CARNET_E_USAGE);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        b = carnet_ndef_build(room, sizeof room);
        carnet_ndef_add(&b, &cases[i]);
        assert_carnet_rc(carnet_ndef_built(&b, &message, NULL), CARNET_E_USAGE);
        assert_null(message.ptr);
    }
}

#define THREE                                                                                                          \
    "9902010154656100"                                                                                                 \
    "19 02 01 01 5465 62 01"                                                                                           \
    "5102015465 02"

static void
visit(carnet_span message, void *context)
{
    carnet_ndef_reader r = carnet_ndef_open(message);
    carnet_ndef_record record;
    size_t sum = 0;

    while (carnet_ndef_next(&r, &record)) {
        sum += record.encoded.len;
    }
    if (carnet_ndef_done(&r, NULL) == CARNET_OK) {
        assert_int_equal(sum, message.len);
    } else {
        ++*(size_t *)context;
    }
}

static void
every_prefix_and_every_bit_is_refused_or_read_whole(void **state)
{
    carnet_span message = carnet_test_hex(THREE);
    size_t refused = 0;

    (void)state;
    carnet_test_every_prefix(message, visit, &refused);
    assert_int_equal(refused, message.len);
    carnet_test_every_bit(message, visit, &refused);
    carnet_test_every_prefix_and_bit(message, visit, &refused);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_with_their_parts),
        cmocka_unit_test(what_breaks_the_rules_is_refused_where_it_does),
        cmocka_unit_test(more_records_than_allowed_are_refused),
        cmocka_unit_test(external_types_are_matched_without_regard_to_case_and_others_are_not),
        cmocka_unit_test(messages_within_a_payload_are_built_and_read_at_every_length),
        cmocka_unit_test(what_no_record_can_be_is_a_mistake_of_the_caller),
        cmocka_unit_test(every_prefix_and_every_bit_is_refused_or_read_whole),
    };

    return cmocka_run_group_tests_name("ndef", tests, NULL, NULL);
}
