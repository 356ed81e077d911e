/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <string.h>

#define BEGIN(label) "-----BEGIN " label "-----\n"
#define END(label)   "-----END " label "-----\n"

static const struct {
    const char *what, *text, *label;
    const char *bytes; /* hexadecimal */
} good[] = {
    { "an object", BEGIN("CERTIFICATE") "MAMCAQE=\n" END("CERTIFICATE"), "CERTIFICATE", "3003020101" },
    { "text before", "subject=x\n-----\n" BEGIN("A") "MAA=\n" END("A"), "A", "3000" },
    { "no line end after", BEGIN("A") "MAA=\n-----END A-----", "A", "3000" },
    { "carriage returns", "-----BEGIN A B-----\r\nMAA=\r\n-----END A B-----\r\n", "A B", "3000" },
    { "padding left out", BEGIN("A") "MAA\n" END("A"), "A", "3000" },
    { "short lines", BEGIN("A") "M\nA\nA\n=\n" END("A"), "A", "3000" },
    { "nothing inside", BEGIN("A") END("A"), "A", "" },
    { "BEGIN inside a line is text", "x-----BEGIN B-----\n" BEGIN("A") "MAA=\n" END("A"), "A", "3000" },
    { "a dash in the label", BEGIN("X-Y") "MAA=\n" END("X-Y"), "X-Y", "3000" },
};

static void
takes_an_object(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++) {
        uint8_t room[64];
        carnet_buf out = carnet_buf_of(room, sizeof(room));
        carnet_str text = carnet_str_of(good[i].text), label;
        carnet_err err = { 0 };

        if (carnet_pem_next(&text, &label, &out, &err) != CARNET_OK)
            fail_msg("%s: %s at %zu", good[i].what, err.reason, err.offset);
        assert_str_is(label, good[i].label);
        assert_span_equal(carnet_buf_span(&out), carnet_test_hex(good[i].bytes));
        assert_carnet_rc(carnet_pem_next(&text, &label, &out, &err), CARNET_E_PEM);
        assert_int_equal(label.len, 0);
        assert_int_equal(text.len, 0);
    }
}

static const struct {
    const char *what, *text;
    size_t offset;
} bad[] = {
    { "no END", BEGIN("A") "MAA=\n", 23 },
    { "END of another label", BEGIN("A") "MAA=\n" END("B"), 32 },
    { "END of a longer label", BEGIN("A") "MAA=\n" END("AB"), 32 },
    { "END of a shorter label", BEGIN("AB") "MAA=\n" END("A"), 33 },
    { "END cut", BEGIN("A") "MAA=\n-----END A----", 32 },
    { "base64url", BEGIN("A") "MA-_\n" END("A"), 20 },
    { "a header", BEGIN("A") "Proc-Type: 4\n" END("A"), 22 },
    { "spare bits set", BEGIN("A") "MAB=\n" END("A"), 23 },
    { "wrong padding", BEGIN("A") "MAA==\n" END("A"), 24 },
    { "an empty label", "-----BEGIN -----\nMAA=\n-----END -----\n", 11 },
    { "a label over two lines", "-----BEGIN A\nB-----\nMAA=\n" END("A\nB"), 11 },
    { "a label not closed", "-----BEGIN A----\nMAA=\n" END("A"), 11 },
    { "another BEGIN inside", BEGIN("A") BEGIN("A") "MAA=\n" END("A"), 18 },
};

static void
refuses_what_is_malformed_and_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        uint8_t room[64];
        carnet_buf out = carnet_buf_of(room, sizeof(room));
        carnet_str text = carnet_str_of(bad[i].text), label;
        carnet_err err = { .offset = 999 };

        if (carnet_pem_next(&text, &label, &out, &err) != CARNET_E_PEM)
            fail_msg("%s", bad[i].what);
        if (err.offset != bad[i].offset)
            fail_msg("%s: byte %zu: %s", bad[i].what, err.offset, err.reason);
        assert_int_equal(err.rc, CARNET_E_PEM);
        assert_int_equal(out.len, 0);
        assert_true(label.len > 0); /* this is not the end of the text */
        assert_str_is(text, bad[i].text);
    }
}

static void
tells_the_end_from_a_fault(void **state)
{
    static const char *const ends[] = { "", "no object here\n", "x-----BEGIN A-----\n", "-----BEGIN",
                                        "-----END A-----\n" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(ends); i++) {
        uint8_t room[8];
        carnet_buf out = carnet_buf_of(room, sizeof(room));
        carnet_str text = carnet_str_of(ends[i]), label = carnet_str_of("x");

        assert_carnet_rc(carnet_pem_next(&text, &label, &out, NULL), CARNET_E_PEM);
        assert_int_equal(label.len, 0);
        assert_int_equal(text.len, 0);
    }
}

static void
takes_one_after_the_other(void **state)
{
    carnet_str text = carnet_str_of(BEGIN("A") "MAA=\n" END("A") "between\n" BEGIN("B") "MQA=\n" END("B")), label;
    uint8_t room[8];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    (void)state;
    assert_carnet_ok(carnet_pem_next(&text, &label, &out, NULL), NULL);
    assert_str_is(label, "A");
    assert_carnet_ok(carnet_pem_next(&text, &label, &out, NULL), NULL);
    assert_str_is(label, "B");
    assert_span_equal(carnet_buf_span(&out), CARNET_TEST_BYTES("\x30\x00\x31\x00"));
    assert_carnet_rc(carnet_pem_next(&text, &label, &out, NULL), CARNET_E_PEM);
    assert_int_equal(label.len, 0);
}

static void
too_little_room_is_no_malformed_object(void **state)
{
    carnet_str text = carnet_str_of(BEGIN("A") "MAMCAQE=\n" END("A")), label;
    uint8_t room[4];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    (void)state;
    assert_carnet_rc(carnet_pem_next(&text, &label, &out, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void
writes_lines_of_64_characters(void **state)
{
    uint8_t room[256], der[49] = { 0 };
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    (void)state;
    carnet_pem_encode("PUBLIC KEY", carnet_span_of(der, 49), &out);
    assert_str_is(carnet_buf_str(&out),
                  BEGIN("PUBLIC KEY") "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAA==\n" END(
                      "PUBLIC KEY"));
    out.len = 0;
    carnet_pem_encode("A", carnet_span_of(der, 48), &out);
    assert_str_is(carnet_buf_str(&out),
                  BEGIN("A") "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" END("A"));
}

static void
writes_nothing_that_does_not_fit(void **state)
{
    uint8_t room[64], der[4] = { 0 };
    size_t whole = strlen(BEGIN("A") "AAAAAA==\n" END("A"));

    (void)state;
    for (size_t cap = 0; cap <= whole; cap++) {
        carnet_buf out = carnet_buf_of(room, cap);

        carnet_pem_encode("A", carnet_span_of(der, 4), &out);
        assert_int_equal(out.overflow, cap < whole);
        assert_int_equal(out.len, cap < whole ? 0 : whole);
    }
}

static void
refused(carnet_span mutated, void *context)
{
    uint8_t room[64];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_str text = { (const char *)mutated.ptr, mutated.len }, label;

    assert_carnet_rc(carnet_pem_next(&text, &label, &out, NULL), CARNET_E_PEM);
    ++*(int *)context;
}

static void
refuses_every_prefix(void **state)
{
    carnet_span whole = CARNET_TEST_BYTES("-----BEGIN A-----\nMAA=\n-----END A-----");
    int visits = 0;

    (void)state;
    carnet_test_every_prefix(whole, refused, &visits);
    assert_int_equal(visits, whole.len);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_an_object),
        cmocka_unit_test(refuses_what_is_malformed_and_says_where),
        cmocka_unit_test(tells_the_end_from_a_fault),
        cmocka_unit_test(takes_one_after_the_other),
        cmocka_unit_test(too_little_room_is_no_malformed_object),
        cmocka_unit_test(writes_lines_of_64_characters),
        cmocka_unit_test(writes_nothing_that_does_not_fit),
        cmocka_unit_test(refuses_every_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
