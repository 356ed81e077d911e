/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/cbor.h"
#include "carnet/terminal_code.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

#define KEY "0123456789abcdef0123456789abcdef"
#define NOW 1795226400

static uint8_t rooms[2][512];

static carnet_terminal_code
example(void)
{
    carnet_terminal_code code = { .terminal = carnet_str_of("ATM00001"),
                                  .expiry = NOW + CARNET_TERMINAL_CODE_LIFE,
                                  .label = carnet_str_of("Till 1, Main St") };

    for (uint8_t i = 0; i < 16; i++)
        code.session[i] = (uint8_t)(0x10 + i);
    return code;
}

static carnet_str
made(const carnet_terminal_code *code)
{
    carnet_buf out = carnet_buf_of(rooms[0], sizeof(rooms[0]));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_terminal_code_make(code, CARNET_TEST_BYTES(KEY), &crypto, &out, &err), &err);
    return carnet_buf_str(&out);
}

static carnet_rc
checked(carnet_str text, carnet_span key, carnet_time now, carnet_terminal_code *code, carnet_err *err)
{
    carnet_buf storage = carnet_buf_of(rooms[1], CARNET_TERMINAL_CODE_STORAGE);

    return carnet_terminal_code_check(text, key, now, &crypto, &storage, code, err);
}

static void
what_is_made_is_checked_and_read(void **state)
{
    const carnet_terminal_code code = example();
    const carnet_str text = made(&code);
    carnet_buf storage = carnet_buf_of(rooms[1], CARNET_TERMINAL_CODE_STORAGE);
    carnet_terminal_code got;
    carnet_err err = { 0 };

    (void)state;
    assert_true(text.len <= CARNET_TERMINAL_CODE_MAX);
    assert_carnet_ok(checked(text, CARNET_TEST_BYTES(KEY), NOW, &got, &err), &err);
    assert_str_is(got.terminal, "ATM00001");
    assert_str_is(got.label, "Till 1, Main St");
    assert_memory_equal(got.session, code.session, 16);
    assert_int_equal(got.expiry, code.expiry);
    assert_carnet_ok(carnet_terminal_code_read(text, &storage, &got, &err), &err);
    assert_str_is(got.terminal, "ATM00001");
}

/* Made once with another implementation of HMAC-SHA-256 and CBOR (Python's hmac, and by hand). */
static void
the_form_stays_what_it_is(void **state)
{
    static const char expected[] = "P1940.1.hQFoQVRNMDAwMDFQEBESExQVFhcYGRobHB0eHxprAPtcb1RpbGwgMSwgTWFpbiBTdA."
                                   "ZaNlH52LvPmTeP4GwPjjlw";
    const carnet_terminal_code code = example();

    (void)state;
    assert_str_is(made(&code), expected);
}

static void
codes_are_good_until_they_expire(void **state)
{
    const carnet_terminal_code code = example();
    const carnet_str text = made(&code);
    carnet_terminal_code got;
    carnet_err err;

    (void)state;
    assert_carnet_ok(checked(text, CARNET_TEST_BYTES(KEY), code.expiry - 1, &got, NULL), NULL);
    assert_carnet_rc(checked(text, CARNET_TEST_BYTES(KEY), code.expiry, &got, &err), CARNET_E_TERMINAL_CODE_EXPIRED);
    assert_int_equal(got.terminal.len, 0);
}

static void
codes_by_another_key_are_refused(void **state)
{
    const carnet_terminal_code code = example();
    carnet_terminal_code got;
    carnet_err err;

    (void)state;
    assert_carnet_rc(checked(made(&code), CARNET_TEST_BYTES("0123456789abcdef0123456789abcdeg"), NOW, &got, &err),
                     CARNET_E_TERMINAL_CODE_MAC);
    assert_int_equal(got.terminal.len, 0);
    assert_carnet_rc(checked(made(&code), CARNET_TEST_BYTES("short"), NOW, &got, &err), CARNET_E_USAGE);
    assert_carnet_rc(checked(made(&code), (carnet_span){ 0 }, NOW, &got, &err), CARNET_E_USAGE);
}

static void
visit(carnet_span mutated, void *context)
{
    const carnet_str text = { (const char *)mutated.ptr, mutated.len };
    carnet_terminal_code got;

    (void)context;
    assert_true(checked(text, CARNET_TEST_BYTES(KEY), NOW, &got, NULL) != CARNET_OK);
    assert_int_equal(got.terminal.len, 0);
}

static void
every_prefix_and_every_bit_is_refused(void **state)
{
    const carnet_terminal_code code = example();
    const carnet_span text = carnet_test_copy(carnet_str_bytes(made(&code)));

    (void)state;
    carnet_test_every_prefix(text, visit, NULL);
    carnet_test_every_bit(text, visit, NULL);
}

static void
what_is_no_code_is_refused_at_its_character(void **state)
{
    static const struct {
        const char *text;
        size_t offset;
    } cases[] = {
        { "", 0 },
        { "https://example.com", 0 },
        { "P1940.2.AAAA.AAAAAAAAAAAAAAAAAAAAAA", 0 },
        { "P1940.1.", 8 },
        { "P1940.1.hQFo", 12 },
        { "P1940.1.hQ+o.AAAAAAAAAAAAAAAAAAAAAA", 10 },
        { "P1940.1.AAAA.AAAAAAAAAAAAAAAAAAAAAA", 8 },
        { "P1940.1.AAAA.AAAA", 17 },
        { "P1940.1.AAAA.AAAAAAAAAAAAAAAAAAAAAA.A", 35 },
        { "P1940.1.AAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAA", 13 },
        { "P1940.1."
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
          160 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_buf storage = carnet_buf_of(rooms[1], CARNET_TERMINAL_CODE_STORAGE);
        carnet_terminal_code got = example();
        carnet_err err = { 0 };

        assert_carnet_rc(carnet_terminal_code_read(carnet_str_of(cases[i].text), &storage, &got, &err),
                         CARNET_E_TERMINAL_CODE);
        if (err.offset != cases[i].offset)
            fail_msg("%s: offset %zu", cases[i].text, err.offset);
        assert_int_equal(got.terminal.len, 0);
    }
}

/* A code with content of another's making, under a right MAC. */
static carnet_rc
checked_content(carnet_span content)
{
    uint8_t text[CARNET_TERMINAL_CODE_MAX], mac[CARNET_HASH_MAX];
    carnet_buf out = carnet_buf_of(text, sizeof(text));
    carnet_terminal_code got;
    carnet_span part;

    carnet_buf_add_text(&out, "P1940.1.");
    carnet_base64url_encode(content, &out);
    part = carnet_buf_span(&out);
    assert_carnet_ok(carnet_hmac(&crypto, CARNET_SHA256, CARNET_TEST_BYTES(KEY), &part, 1, mac, NULL), NULL);
    carnet_buf_add_byte(&out, '.');
    carnet_base64url_encode(carnet_span_of(mac, 16), &out);
    return checked(carnet_buf_str(&out), CARNET_TEST_BYTES(KEY), NOW, &got, NULL);
}

static void
content_of_another_form_is_refused(void **state)
{
#define SESSION "50101112131415161718191a1b1c1d1e1f"
#define LATER   "1a6b00fbdc"
    static const struct {
        const char *hex;
        carnet_rc rc;
    } cases[] = {
        { "8501 6141" SESSION LATER "6158", CARNET_OK },
        { "8501 6141" SESSION LATER "60", CARNET_OK },
        { "8502 6141" SESSION LATER "6158", CARNET_E_TERMINAL_CODE },
        { "8401 6141" SESSION LATER, CARNET_E_TERMINAL_CODE },
        { "8601 6141" SESSION LATER "6158 00", CARNET_E_TERMINAL_CODE },
        { "8501 6141" SESSION LATER "6158 00", CARNET_E_TERMINAL_CODE },
        { "8501 4141" SESSION LATER "6158", CARNET_E_TERMINAL_CODE },
        { "8501 60" SESSION LATER "6158", CARNET_E_TERMINAL_CODE },
        { "8501 6120" SESSION LATER "6158", CARNET_E_TERMINAL_CODE },
        { "8501 610a" SESSION LATER "6158", CARNET_E_TERMINAL_CODE },
        { "8501 71 4141414141414141414141414141414141" SESSION LATER "6158", CARNET_E_TERMINAL_CODE },
        { "8501 6141 41aa" LATER "6158", CARNET_E_TERMINAL_CODE },
        { "8501 6141" SESSION "1b0000000100000000 6158", CARNET_E_TERMINAL_CODE },
        { "8501 6141" SESSION "20 6158", CARNET_E_TERMINAL_CODE },
        { "8501 6141" SESSION LATER "61ff", CARNET_E_TERMINAL_CODE },
        { "a1016141", CARNET_E_TERMINAL_CODE },
        { "", CARNET_E_TERMINAL_CODE },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        assert_carnet_rc(checked_content(carnet_test_hex(cases[i].hex)), cases[i].rc);
}

static void
what_does_not_fit_is_not_made(void **state)
{
    carnet_buf out = carnet_buf_of(rooms[0], sizeof(rooms[0]));
    carnet_terminal_code code = example();
    const carnet_span key = CARNET_TEST_BYTES(KEY);

    (void)state;
    code.label = carnet_str_of("a label that goes on and on until nobody in the queue would read it");
    assert_carnet_rc(carnet_terminal_code_make(&code, key, &crypto, &out, NULL), CARNET_E_LIMIT);
    code = example();
    code.terminal = carnet_str_of("");
    assert_carnet_rc(carnet_terminal_code_make(&code, key, &crypto, &out, NULL), CARNET_E_USAGE);
    code.terminal = carnet_str_of("ATM00001 ");
    assert_carnet_rc(carnet_terminal_code_make(&code, key, &crypto, &out, NULL), CARNET_E_USAGE);
    code = example();
    code.expiry = -1;
    assert_carnet_rc(carnet_terminal_code_make(&code, key, &crypto, &out, NULL), CARNET_E_USAGE);
    code = example();
    code.label = (carnet_str){ "\xff", 1 };
    assert_true(carnet_terminal_code_make(&code, key, &crypto, &out, NULL) != CARNET_OK);
    code = example();
    assert_carnet_rc(carnet_terminal_code_make(&code, CARNET_TEST_BYTES("short"), &crypto, &out, NULL), CARNET_E_USAGE);
    assert_int_equal(out.len, 0);
    out.cap = 50;
    assert_carnet_rc(carnet_terminal_code_make(&code, key, &crypto, &out, NULL), CARNET_E_NO_SPACE);
    assert_int_equal(out.len, 0);
}

static void
the_longest_code_is_160_characters(void **state)
{
    carnet_terminal_code code = example();
    char label[64];
    carnet_terminal_code got;

    (void)state;
    memset(label, 'x', sizeof(label));
    code.label = (carnet_str){ label, CARNET_TERMINAL_CODE_STORAGE - 35 };
    assert_int_equal(made(&code).len, 159); /* 8 + 128 + 1 + 22 */
    assert_carnet_ok(checked(made(&code), CARNET_TEST_BYTES(KEY), NOW, &got, NULL), NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_is_checked_and_read),
        cmocka_unit_test(the_form_stays_what_it_is),
        cmocka_unit_test(codes_are_good_until_they_expire),
        cmocka_unit_test(codes_by_another_key_are_refused),
        cmocka_unit_test(every_prefix_and_every_bit_is_refused),
        cmocka_unit_test(what_is_no_code_is_refused_at_its_character),
        cmocka_unit_test(content_of_another_form_is_refused),
        cmocka_unit_test(what_does_not_fit_is_not_made),
        cmocka_unit_test(the_longest_code_is_160_characters),
    };

    return cmocka_run_group_tests_name("terminal code", tests, begin, end);
}
