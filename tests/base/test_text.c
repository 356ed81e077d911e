/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

#include <string.h>

typedef carnet_rc decode(carnet_str text, carnet_buf *out, carnet_err *err);

typedef struct text_case {
    const char *what, *text;
    carnet_rc rc;
    size_t offset;     /* of the fault */
    carnet_span bytes; /* of the success */
} text_case;

#define GOOD(what, text, bytes)                                                                                        \
    {                                                                                                                  \
        what, text, CARNET_OK, 0,                                                                                      \
        {                                                                                                              \
            (const uint8_t *)"" bytes, sizeof(bytes) - 1                                                               \
        }                                                                                                              \
    }
#define BAD(what, text, rc, offset)                                                                                    \
    {                                                                                                                  \
        what, text, rc, offset,                                                                                        \
        {                                                                                                              \
            NULL, 0                                                                                                    \
        }                                                                                                              \
    }

static void
run(decode *f, const text_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t room[64] = { 'x' };
        carnet_buf out = { room, 1, sizeof(room), false };
        carnet_err err = { .offset = 999 };
        carnet_rc rc = f(carnet_str_of(cases[i].text), &out, &err);

        if (rc != cases[i].rc)
            fail_msg("%s: %s", cases[i].what, carnet_rc_name(rc));
        assert_int_equal(room[0], 'x');
        if (rc != CARNET_OK) {
            if (err.offset != cases[i].offset)
                fail_msg("%s: byte %zu", cases[i].what, err.offset);
            assert_int_equal(err.rc, rc);
            assert_int_equal(out.len, 1);
            assert_true(err.reason[0] != '\0');
        } else {
            assert_span_equal(carnet_span_of(room + 1, out.len - 1), cases[i].bytes);
        }
    }
}

static const text_case hex_cases[] = {
    GOOD("no digits", "", ""),
    GOOD("both cases", "00fFAa9f", "\x00\xff\xaa\x9f"),
    GOOD("white space between bytes", "01 02\t03\r\n04\n", "\x01\x02\x03\x04"),
    GOOD("white space inside a byte", "0 1", "\x01"),
    BAD("one digit", "0", CARNET_E_HEX, 1),
    BAD("three digits", "012 ", CARNET_E_HEX, 4),
    BAD("a letter past f", "0g", CARNET_E_HEX, 1),
    BAD("a letter before a", "01@0", CARNET_E_HEX, 2),
    BAD("the character before 0", "/0", CARNET_E_HEX, 0),
    BAD("the character after 9", "0:", CARNET_E_HEX, 1),
    BAD("a prefix", "0x01", CARNET_E_HEX, 1),
    BAD("a form feed", "01\f", CARNET_E_HEX, 2),
    BAD("a byte above ASCII", "01\xc3", CARNET_E_HEX, 2),
};

static const text_case url_cases[] = {
    GOOD("nothing", "", ""),
    GOOD("RFC 4648 10, f", "Zg", "f"),
    GOOD("RFC 4648 10, fo", "Zm8", "fo"),
    GOOD("RFC 4648 10, foo", "Zm9v", "foo"),
    GOOD("RFC 4648 10, foob", "Zm9vYg", "foob"),
    GOOD("RFC 4648 10, foobar", "Zm9vYmFy", "foobar"),
    GOOD("its own two characters", "-_-_", "\xfb\xff\xbf"),
    BAD("one character", "Z", CARNET_E_BASE64, 1),
    BAD("five characters", "Zm9vY", CARNET_E_BASE64, 5),
    BAD("padding", "Zg==", CARNET_E_BASE64, 2),
    BAD("the other alphabet's plus", "Z+9v", CARNET_E_BASE64, 1),
    BAD("the other alphabet's slash", "Zm/v", CARNET_E_BASE64, 2),
    BAD("a line end", "Zm9v\n", CARNET_E_BASE64, 4),
    BAD("a space", "Zm 9v", CARNET_E_BASE64, 2),
    BAD("four spare bits, the lowest set", "Zh", CARNET_E_BASE64, 2),
    BAD("four spare bits, the highest set", "Zo", CARNET_E_BASE64, 2),
    BAD("two spare bits set", "Zm9vYmG", CARNET_E_BASE64, 7),
    BAD("a byte above ASCII", "Zm\xc3v", CARNET_E_BASE64, 2),
    BAD("a character of neither", "Zm9.", CARNET_E_BASE64, 3),
};

static const text_case base64_cases[] = {
    GOOD("nothing", "", ""),
    GOOD("white space only", " \r\n\t", ""),
    GOOD("two of padding", "Zg==", "f"),
    GOOD("one of padding", "Zm8=", "fo"),
    GOOD("padding left out", "Zm8", "fo"),
    GOOD("its own two characters", "+/+/", "\xfb\xff\xbf"),
    GOOD("white space anywhere", "Z\nm 8\t=\r\n", "fo"),
    BAD("one character", "Z", CARNET_E_BASE64, 1),
    BAD("padding alone", "=", CARNET_E_BASE64, 1),
    BAD("padding after a whole group", "Zm9v=", CARNET_E_BASE64, 5),
    BAD("too little padding", "Zg=", CARNET_E_BASE64, 3),
    BAD("too much padding", "Zm8==", CARNET_E_BASE64, 5),
    BAD("three of padding", "Zg===", CARNET_E_BASE64, 4),
    BAD("digits after padding", "Zg==Zg==", CARNET_E_BASE64, 4),
    BAD("padding inside", "Z=m9", CARNET_E_BASE64, 2),
    BAD("the other alphabet's dash", "Z-9v", CARNET_E_BASE64, 1),
    BAD("the other alphabet's underscore", "Zm_v", CARNET_E_BASE64, 2),
    BAD("spare bits set", "Zh==", CARNET_E_BASE64, 4),
    BAD("spare bits set, no padding", "Zm9", CARNET_E_BASE64, 3),
};

static void
reads_hexadecimal(void **state)
{
    (void)state;
    run(carnet_hex_decode, hex_cases, CARNET_COUNT(hex_cases));
}

static void
reads_base64url_in_its_one_spelling(void **state)
{
    (void)state;
    run(carnet_base64url_decode, url_cases, CARNET_COUNT(url_cases));
}

static void
reads_base64_with_white_space_and_padding(void **state)
{
    (void)state;
    run(carnet_base64_decode, base64_cases, CARNET_COUNT(base64_cases));
}

static const struct {
    carnet_span bytes;
    const char *url, *padded;
} encodings[] = {
    { { NULL, 0 }, "", "" },
    { { (const uint8_t *)"f", 1 }, "Zg", "Zg==" },
    { { (const uint8_t *)"fo", 2 }, "Zm8", "Zm8=" },
    { { (const uint8_t *)"foo", 3 }, "Zm9v", "Zm9v" },
    { { (const uint8_t *)"\xfb\xff\xbf\xff", 4 }, "-_-__w", "+/+//w==" },
};

static void
writes_both_forms_of_base64(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(encodings); i++) {
        char room[16];
        carnet_buf url = carnet_buf_of(room, strlen(encodings[i].url)), padded;

        carnet_base64url_encode(encodings[i].bytes, &url);
        assert_false(url.overflow);
        assert_str_is(carnet_buf_str(&url), encodings[i].url);
        padded = carnet_buf_of(room, strlen(encodings[i].padded));
        carnet_base64_encode(encodings[i].bytes, &padded);
        assert_false(padded.overflow);
        assert_str_is(carnet_buf_str(&padded), encodings[i].padded);
    }
}

static void
writes_no_base64_that_does_not_fit(void **state)
{
    (void)state;
    for (size_t i = 1; i < CARNET_COUNT(encodings); i++) {
        char room[16];
        carnet_buf url = carnet_buf_of(room, strlen(encodings[i].url) - 1), padded;

        carnet_base64url_encode(encodings[i].bytes, &url);
        assert_true(url.overflow && url.len == 0);
        padded = carnet_buf_of(room, strlen(encodings[i].padded) - 1);
        carnet_base64_encode(encodings[i].bytes, &padded);
        assert_true(padded.overflow && padded.len == 0);
    }
}

static void
decoding_into_too_little_room_leaves_nothing(void **state)
{
    static decode *const decoders[] = { carnet_hex_decode, carnet_base64url_decode, carnet_base64_decode };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(decoders); i++) {
        uint8_t room[3] = { 'x' };
        carnet_buf out = { room, 1, 3, false };
        carnet_err err = { 0 };

        assert_carnet_rc(decoders[i](carnet_str_of("61626364"), &out, &err), CARNET_E_NO_SPACE);
        assert_int_equal(err.rc, CARNET_E_NO_SPACE);
        assert_int_equal(out.len, 1);
        assert_true(out.overflow);
        assert_carnet_rc(decoders[i](carnet_str_of(""), &out, NULL), CARNET_E_NO_SPACE);
    }
}

/* Random bytes of every length up to 100 come back from each of the three forms. */
static void
every_length_comes_back(void **state)
{
    carnet_test_seed seed = { 1 };
    carnet_random random = carnet_test_random(&seed);

    (void)state;
    for (size_t len = 0; len <= 100; len++) {
        uint8_t bytes[100], text[200], again[100];
        carnet_buf hex = carnet_buf_of(text, sizeof(text)), url = hex, padded = hex;
        carnet_buf back = carnet_buf_of(again, sizeof(again));

        assert_carnet_ok(carnet_random_fill(&random, bytes, len, NULL), NULL);
        carnet_buf_add_hex(&hex, carnet_span_of(bytes, len));
        assert_carnet_ok(carnet_hex_decode(carnet_buf_str(&hex), &back, NULL), NULL);
        assert_span_equal(carnet_buf_span(&back), carnet_span_of(bytes, len));
        back.len = 0;
        carnet_base64url_encode(carnet_span_of(bytes, len), &url);
        assert_carnet_ok(carnet_base64url_decode(carnet_buf_str(&url), &back, NULL), NULL);
        assert_span_equal(carnet_buf_span(&back), carnet_span_of(bytes, len));
        back.len = 0;
        carnet_base64_encode(carnet_span_of(bytes, len), &padded);
        assert_carnet_ok(carnet_base64_decode(carnet_buf_str(&padded), &back, NULL), NULL);
        assert_span_equal(carnet_buf_span(&back), carnet_span_of(bytes, len));
    }
}

/* As RFC 4648 tells it, three octets and a table at a time. */
static size_t
encode_slowly(const char *digits, bool padded, const uint8_t *bytes, size_t len, char *text)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i += 3) {
        const unsigned a = bytes[i], b = i + 1 < len ? bytes[i + 1] : 0, c = i + 2 < len ? bytes[i + 2] : 0;

        text[n++] = digits[a >> 2];
        text[n++] = digits[(a << 4 | b >> 4) & 63];
        if (i + 1 < len)
            text[n++] = digits[(b << 2 | c >> 6) & 63];
        if (i + 2 < len)
            text[n++] = digits[c & 63];
        for (; padded && n % 4 != 0; n++)
            text[n] = '=';
    }
    return n;
}

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* Into room of just that size, so that one character too many is found. */
static void
encode_both(const uint8_t *bytes, size_t len)
{
    for (int url = 0; url < 2; url++) {
        char expected[400], room[401];
        const size_t n =
            encode_slowly(url ? LETTERS_AND_DIGITS "-_" : LETTERS_AND_DIGITS "+/", !url, bytes, len, expected);
        carnet_buf out = carnet_buf_of(room, n);

        room[n] = '!';
        (url ? carnet_base64url_encode : carnet_base64_encode)(carnet_span_of(bytes, len), &out);
        assert_false(out.overflow);
        assert_span_equal(carnet_buf_span(&out), carnet_span_of((const uint8_t *)expected, n));
        assert_int_equal(room[n], '!');
    }
}

static void
every_length_is_written_as_the_slow_way_does(void **state)
{
    carnet_test_seed seed = { 2 };
    carnet_random random = carnet_test_random(&seed);
    uint8_t bytes[300];

    (void)state;
    for (size_t len = 0; len <= sizeof(bytes); len++)
        for (int again = 0; again < 20; again++) {
            assert_carnet_ok(carnet_random_fill(&random, bytes, len, NULL), NULL);
            encode_both(bytes, len);
        }
}

/* Each of the 64 values in each place of a word, beside the lowest and the highest. */
static void
every_character_is_written_in_every_place(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 64; value++)
        for (unsigned place = 0; place < 8; place++)
            for (unsigned others = 0; others < 2; others++) {
                const uint64_t mask = UINT64_C(63) << (6 * place), around = others == 0 ? 0 : ~UINT64_C(0);
                const uint64_t bits = (around & ~mask) | (uint64_t)value << (6 * place);
                uint8_t bytes[6];

                for (unsigned i = 0; i < 6; i++)
                    bytes[i] = (uint8_t)(bits >> (40 - 8 * i));
                encode_both(bytes, sizeof(bytes));
            }
}

/* Any one-bit change of base64url either is refused or means other bytes. */
static void
another_spelling(carnet_span mutated, void *context)
{
    uint8_t room[16];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_str text = { (const char *)mutated.ptr, mutated.len };

    if (carnet_base64url_decode(text, &out, NULL) == CARNET_OK)
        assert_false(carnet_span_equal(carnet_buf_span(&out), CARNET_TEST_BYTES("foob")));
    ++*(int *)context;
}

static void
no_two_base64url_texts_mean_the_same(void **state)
{
    int visits = 0;

    (void)state;
    carnet_test_every_prefix_and_bit(CARNET_TEST_BYTES("Zm9vYg"), another_spelling, &visits);
    assert_int_equal(visits, 6 * 8 * 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_hexadecimal),
        cmocka_unit_test(reads_base64url_in_its_one_spelling),
        cmocka_unit_test(reads_base64_with_white_space_and_padding),
        cmocka_unit_test(writes_both_forms_of_base64),
        cmocka_unit_test(writes_no_base64_that_does_not_fit),
        cmocka_unit_test(every_length_is_written_as_the_slow_way_does),
        cmocka_unit_test(every_character_is_written_in_every_place),
        cmocka_unit_test(decoding_into_too_little_room_leaves_nothing),
        cmocka_unit_test(every_length_comes_back),
        cmocka_unit_test(no_two_base64url_texts_mean_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
