/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/der.h"
#include "support/support.h"

#include <string.h>

static const struct {
    const char *text, *hex;
} pairs[] = {
    { "1.0.18013.5.1.2", "28818c5d050102" },
    { "1.0.23220.4.1.6", "2881b534040106" },
    { "1.3.130.2.0.0.1.2", "2b81020200000102" },
    { "1.2.840.10045.4.3.2", "2a8648ce3d040302" },
    { "0.0", "00" },
    { "1.39", "4f" },
    { "2.0", "50" },
    { "2.47", "7f" },
    { "2.48", "8100" },
    { "2.999.3", "883703" },
    { "2.5.18446744073709551535", "5581ffffffffffffffff2f" },
};

static void
writes_and_reads_dotted_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(pairs); i++) {
        carnet_span octets = carnet_test_hex(pairs[i].hex);
        char text[CARNET_OID_TEXT_MAX];
        uint8_t space[32];
        carnet_buf out = carnet_buf_of(space, sizeof(space));

        assert_true(carnet_oid_valid(octets));
        assert_int_equal(carnet_oid_text(octets, text, sizeof(text)), strlen(pairs[i].text));
        assert_string_equal(text, pairs[i].text);
        assert_carnet_rc(carnet_oid_parse(carnet_str_of(pairs[i].text), &out, NULL), CARNET_OK);
        assert_span_equal(carnet_buf_span(&out), octets);
    }
}

static const struct {
    const char *text;
    size_t offset;
} bad[] = {
    { "", 0 },     { "1", 1 },    { "1.", 2 },   { ".1", 0 },   { "1..2", 2 }, { "3.1", 1 },
    { "1.40", 4 }, { "0.99", 4 }, { "1.2x", 3 }, { "1.02", 4 }, { "1.-2", 2 }, { "1.2.99999999999999999999", 23 },
};

static void
refuses_text_that_is_no_identifier(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        uint8_t space[32];
        carnet_buf out = carnet_buf_of(space, sizeof(space));
        carnet_err err = { 0 };

        if (carnet_oid_parse(carnet_str_of(bad[i].text), &out, &err) != CARNET_E_DER_VALUE ||
            err.offset != bad[i].offset || out.len != 0)
            fail_msg("%s: at %zu", bad[i].text, err.offset);
    }
}

static void
an_arc_beyond_64_bits_is_a_question_mark(void **state)
{
    char text[CARNET_OID_TEXT_MAX];

    (void)state;
    carnet_oid_text(carnet_test_hex("55"
                                    "ffffffffffffffffffff7f"
                                    "05"),
                    text, sizeof(text));
    assert_string_equal(text, "2.5.?.5");
    carnet_oid_text(carnet_test_hex("ffffffffffffffffffff7f"
                                    "05"),
                    text, sizeof(text));
    assert_string_equal(text, "2.?.5");
}

static void
text_is_cut_to_fit(void **state)
{
    carnet_span octets = carnet_test_hex("28818c5d050102");
    char text[CARNET_OID_TEXT_MAX];

    (void)state;
    for (size_t cap = 1; cap < 20; cap++) {
        size_t len = carnet_oid_text(octets, text, cap);

        assert_true(len < cap);
        assert_int_equal(strlen(text), len);
        assert_memory_equal(text, "1.0.18013.5.1.2", len);
    }
    assert_int_equal(carnet_oid_text(octets, NULL, 0), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_dotted_text),
        cmocka_unit_test(refuses_text_that_is_no_identifier),
        cmocka_unit_test(an_arc_beyond_64_bits_is_a_question_mark),
        cmocka_unit_test(text_is_cut_to_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
