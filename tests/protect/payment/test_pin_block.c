/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/pin_block.h"

#include "carnet/json.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

static carnet_test_seed seed = { 1 };

static carnet_str
text(const char *s)
{
    return carnet_str_of(s);
}

static carnet_pin
pin_of(const char *digits)
{
    carnet_pin pin;

    assert_carnet_ok(carnet_pin_from_text(text(digits), &pin, NULL), NULL);
    return pin;
}

static carnet_pin_block
block_of(carnet_span bytes)
{
    carnet_pin_block block = { .len = (uint8_t)bytes.len };

    assert_true(bytes.len <= sizeof(block.bytes));
    memcpy(block.bytes, bytes.ptr, bytes.len);
    return block;
}

#define PAN  "4761739001010119"
#define KEY2 "0123456789abcdeffedcba9876543210"
#define KEY3 "0123456789abcdeffedcba98765432101032547698badcfe"
#define AES2 "000102030405060708090a0b0c0d0e0f"

static const struct {
    carnet_pin_format format;
    const char *key;
} formats[] = {
    { CARNET_PIN_FORMAT_0, KEY2 },      { CARNET_PIN_FORMAT_0, KEY3 }, { CARNET_PIN_FORMAT_1, KEY2 },
    { CARNET_PIN_FORMAT_3, KEY2 },      { CARNET_PIN_FORMAT_4, AES2 }, { CARNET_PIN_FORMAT_4, KEY3 },
    { CARNET_PIN_FORMAT_4, AES2 AES2 },
};

static carnet_pin_key
key_at(size_t i)
{
    return (carnet_pin_key){ carnet_test_hex(formats[i].key), formats[i].format };
}

static void
makes_the_blocks_of_the_formats_without_chance(void **state)
{
    static const struct {
        carnet_pin_format format;
        const char *pin, *pan, *block;
    } cases[] = {
        { CARNET_PIN_FORMAT_0, "1234", "43219876543210987", "0412ac89abcdef67" },
        { CARNET_PIN_FORMAT_0, "92389", "4000001234562", "0592789fffedcba9" },
        { CARNET_PIN_FORMAT_0, "1234", "7", "041234ffffffffff" },
        { CARNET_PIN_FORMAT_2, "1234", "", "241234ffffffffff" },
        { CARNET_PIN_FORMAT_2, "123456789012", "", "2c123456789012ff" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_pin pin = pin_of(cases[i].pin);
        carnet_pin_block block;
        carnet_pin got;

        assert_carnet_ok(carnet_pin_block_make(cases[i].format, &pin, text(cases[i].pan), NULL, &block, NULL), NULL);
        assert_span_equal(carnet_span_of(block.bytes, block.len), carnet_test_hex(cases[i].block));
        assert_carnet_ok(carnet_pin_block_open(cases[i].format, &block, text(cases[i].pan), &got, NULL), NULL);
        assert_true(carnet_pin_equal(&pin, &got));
    }
}

static void
opens_what_it_made_for_every_length_and_format(void **state)
{
    const carnet_random random = carnet_test_random(&seed);

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(formats); i++)
        for (size_t len = CARNET_PIN_MIN; len <= CARNET_PIN_MAX; len++) {
            const carnet_pin_key key = key_at(i);
            const carnet_str digits = { "907856341290", len };
            carnet_pin pin, got;
            carnet_pin_block block;

            assert_carnet_ok(carnet_pin_from_text(digits, &pin, NULL), NULL);
            assert_carnet_ok(carnet_pin_encipher(&crypto, &key, &pin, text(PAN), &random, &block, NULL), NULL);
            assert_int_equal(block.len, formats[i].format == CARNET_PIN_FORMAT_4 ? 16 : 8);
            assert_carnet_ok(
                carnet_pin_decipher(&crypto, &key, carnet_span_of(block.bytes, block.len), text(PAN), &got, NULL),
                NULL);
            assert_true(carnet_pin_equal(&pin, &got));
        }
}

static void
never_gives_the_same_pin_to_another_account(void **state)
{
    const carnet_random random = carnet_test_random(&seed);
    const carnet_pin pin = pin_of("1234");

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(formats); i++) {
        const carnet_pin_key key = key_at(i);
        carnet_pin_block block;
        carnet_pin got;
        carnet_rc rc;

        assert_carnet_ok(carnet_pin_encipher(&crypto, &key, &pin, text(PAN), &random, &block, NULL), NULL);
        rc = carnet_pin_decipher(&crypto, &key, carnet_span_of(block.bytes, block.len), text("4761739991010119"), &got,
                                 NULL);
        if (formats[i].format == CARNET_PIN_FORMAT_1) {
            assert_carnet_ok(rc, NULL);
        } else {
            assert_carnet_rc(rc, CARNET_E_PIN_BLOCK);
            assert_int_equal(got.len, 0);
        }
    }
}

static void
refuses_blocks_with_one_code_whatever_is_wrong(void **state)
{
    static const struct {
        const char *what;
        carnet_pin_format format;
        const char *block;
    } cases[] = {
        { "another control field", CARNET_PIN_FORMAT_0, "241234ffffffffff" },
        { "a length of 3", CARNET_PIN_FORMAT_2, "23123fffffffffff" },
        { "a length of 13", CARNET_PIN_FORMAT_2, "2d1234567890123f" },
        { "a length of 15", CARNET_PIN_FORMAT_2, "2f12345678901234" },
        { "a digit that is none", CARNET_PIN_FORMAT_2, "24123affffffffff" },
        { "a filler that is none", CARNET_PIN_FORMAT_2, "241234fffffffffe" },
        { "a filler of 9 in format 3", CARNET_PIN_FORMAT_3, "341234aaaaaaaaa9" },
        { "a PIN shorter than said", CARNET_PIN_FORMAT_2, "251234ffffffffff" },
        { "an F in format 4", CARNET_PIN_FORMAT_4, "441234aaaaaaaaafffffffffffffffff" },
        { "too few octets", CARNET_PIN_FORMAT_2, "241234ffffffff" },
        { "too few octets for format 4", CARNET_PIN_FORMAT_4, "441234aaaaaaaaaa" },
        { "too many octets", CARNET_PIN_FORMAT_2, "241234ffffffffff00" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_pin_block block = block_of(carnet_test_hex(cases[i].block));
        carnet_pin pin = { .len = 4 };

        assert_carnet_rc(carnet_pin_block_open(cases[i].format, &block, text("7"), &pin, NULL), CARNET_E_PIN_BLOCK);
        assert_int_equal(pin.len, 0);
        for (size_t j = 0; j < CARNET_PIN_MAX; j++)
            assert_int_equal(pin.digits[j], 0);
    }
}

static void
refuses_what_is_no_pin_account_or_format(void **state)
{
    static const char *const pins[] = { "", "123", "1234567890123", "12a4", "12 4" };
    static const char *const pans[] = { "", "12345678901234567890", "4761 73900101011", "476173900101011x" };
    const carnet_random random = carnet_test_random(&seed);
    const carnet_pin none = { 0 };
    carnet_pin pin = { .len = 5 };
    carnet_pin_block block;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(pins); i++) {
        assert_carnet_rc(carnet_pin_from_text(text(pins[i]), &pin, NULL), CARNET_E_PIN);
        assert_int_equal(pin.len, 0);
    }
    pin = pin_of("1234");
    for (size_t i = 0; i < CARNET_COUNT(pans); i++) {
        static const carnet_pin_format bound[] = { CARNET_PIN_FORMAT_0, CARNET_PIN_FORMAT_3, CARNET_PIN_FORMAT_4 };

        for (size_t j = 0; j < CARNET_COUNT(bound); j++) {
            assert_carnet_rc(carnet_pin_block_make(bound[j], &pin, text(pans[i]), &random, &block, NULL),
                             CARNET_E_PIN_PAN);
            assert_int_equal(block.len, 0);
        }
    }
    assert_carnet_rc(carnet_pin_block_make(CARNET_PIN_FORMAT_0, &none, text(PAN), &random, &block, NULL), CARNET_E_PIN);
    assert_carnet_rc(carnet_pin_block_make((carnet_pin_format)5, &pin, text(PAN), &random, &block, NULL),
                     CARNET_E_PIN_FORMAT);
    assert_carnet_rc(carnet_pin_block_open((carnet_pin_format)5, &block, text(PAN), &pin, NULL), CARNET_E_PIN_FORMAT);
}

static void
refuses_keys_that_are_none(void **state)
{
    static const struct {
        carnet_pin_format format;
        const char *key;
    } cases[] = {
        { CARNET_PIN_FORMAT_0, "0123456789abcdef" },                 /* single DES */
        { CARNET_PIN_FORMAT_0, "0123456789abcdef0123456789abcdef" }, /* as good as */
        { CARNET_PIN_FORMAT_0, "0123456789abcdeffedcba9876543210fedcba9876543210" },
        { CARNET_PIN_FORMAT_0, AES2 AES2 },
        { CARNET_PIN_FORMAT_4, "0123456789abcdef" },
    };
    const carnet_random random = carnet_test_random(&seed);
    const carnet_pin pin = pin_of("1234");

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_pin_key key = { carnet_test_hex(cases[i].key), cases[i].format };
        carnet_pin_block block;

        assert_carnet_rc(carnet_pin_encipher(&crypto, &key, &pin, text(PAN), &random, &block, NULL),
                         CARNET_E_CRYPTO_KEY);
        assert_int_equal(block.len, 0);
    }
}

static void
translates_between_keys_and_formats_as_allowed(void **state)
{
    const carnet_random random = carnet_test_random(&seed);
    const carnet_pin pin = pin_of("904512");

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(formats); i++)
        for (size_t j = 0; j < CARNET_COUNT(formats); j++) {
            const carnet_pin_key from = key_at(i), to = key_at(j);
            const bool allowed = to.format != CARNET_PIN_FORMAT_1 || from.format == CARNET_PIN_FORMAT_1;
            carnet_pin_block block, other;
            carnet_pin got;

            assert_carnet_ok(carnet_pin_encipher(&crypto, &from, &pin, text(PAN), &random, &block, NULL), NULL);
            assert_carnet_rc(carnet_pin_translate(&crypto, &from, carnet_span_of(block.bytes, block.len), text(PAN),
                                                  &to, &random, &other, NULL),
                             allowed ? CARNET_OK : CARNET_E_PIN_FORMAT);
            if (!allowed) {
                assert_int_equal(other.len, 0);
                continue;
            }
            assert_carnet_ok(
                carnet_pin_decipher(&crypto, &to, carnet_span_of(other.bytes, other.len), text(PAN), &got, NULL), NULL);
            assert_true(carnet_pin_equal(&pin, &got));
        }
}

static void
never_enciphers_or_translates_format_2(void **state)
{
    const carnet_random random = carnet_test_random(&seed);
    const carnet_pin_key chip = { carnet_test_hex(KEY2), CARNET_PIN_FORMAT_2 }, key = key_at(0);
    const carnet_pin pin = pin_of("1234");
    carnet_pin_block block, other;
    carnet_pin got;

    (void)state;
    assert_carnet_rc(carnet_pin_encipher(&crypto, &chip, &pin, text(PAN), &random, &block, NULL), CARNET_E_PIN_FORMAT);
    assert_carnet_ok(carnet_pin_encipher(&crypto, &key, &pin, text(PAN), &random, &block, NULL), NULL);
    assert_carnet_rc(carnet_pin_decipher(&crypto, &chip, carnet_span_of(block.bytes, 8), text(PAN), &got, NULL),
                     CARNET_E_PIN_FORMAT);
    assert_carnet_rc(
        carnet_pin_translate(&crypto, &key, carnet_span_of(block.bytes, 8), text(PAN), &chip, &random, &other, NULL),
        CARNET_E_PIN_FORMAT);
    assert_carnet_rc(
        carnet_pin_translate(&crypto, &chip, carnet_span_of(block.bytes, 8), text(PAN), &key, &random, &other, NULL),
        CARNET_E_PIN_FORMAT);
    assert_carnet_rc(carnet_pin_decipher(&crypto, &key, carnet_span_of(block.bytes, 7), text(PAN), &got, NULL),
                     CARNET_E_PIN_BLOCK);
}

/* --- published vectors --- */

static const carnet_json *
vectors_open(carnet_json **document, const char *list)
{
    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text("vectors/p1940/pinblock.json"), document, NULL), NULL);
    return carnet_json_get(*document, list);
}

static char *
member(const carnet_json *object, const char *name, char out[128])
{
    const carnet_str value = carnet_json_string(carnet_json_get(object, name));

    assert_true(value.len < 128);
    if (value.len > 0)
        memcpy(out, value.ptr, value.len);
    out[value.len] = 0;
    return out;
}

static void
agrees_with_published_blocks(void **state)
{
    static const struct {
        const char *list;
        carnet_pin_format format;
        bool made, good;
    } lists[] = {
        { "format0", CARNET_PIN_FORMAT_0, true, true },
        { "format2", CARNET_PIN_FORMAT_2, true, true },
        { "format3_accepts", CARNET_PIN_FORMAT_3, false, true },
        { "format0_reject", CARNET_PIN_FORMAT_0, false, false },
    };
    carnet_json *document = NULL;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lists); i++) {
        const carnet_json *list = vectors_open(&document, lists[i].list);

        assert_true(carnet_json_count(list) > 0);
        for (size_t j = 0; j < carnet_json_count(list); j++) {
            const carnet_json *one = carnet_json_at(list, j);
            char buf[128], pan[128];
            const carnet_pin_block block = block_of(carnet_test_hex(member(one, "block", buf)));
            carnet_pin_block made;
            carnet_pin got, pin;

            (void)member(one, "pan", pan);
            if (pan[0] == 0)
                memcpy(pan, "5555555551234567", 17); /* whose blocks they spoil */
            assert_carnet_rc(carnet_pin_block_open(lists[i].format, &block, text(pan), &got, NULL),
                             lists[i].good ? CARNET_OK : CARNET_E_PIN_BLOCK);
            if (!lists[i].good)
                continue;
            pin = pin_of(member(one, "pin", buf));
            assert_true(carnet_pin_equal(&pin, &got));
            if (!lists[i].made)
                continue;
            assert_carnet_ok(carnet_pin_block_make(lists[i].format, &pin, text(pan), NULL, &made, NULL), NULL);
            assert_span_equal(carnet_span_of(made.bytes, made.len), carnet_span_of(block.bytes, block.len));
        }
        carnet_json_free(&document);
    }
}

static carnet_rc
all_ones(void *self, uint8_t *out, size_t len)
{
    (void)self;
    memset(out, 0xff, len);
    return CARNET_OK;
}

static void
agrees_with_published_format_4(void **state)
{
    static const char *const lists[] = { "format4_decipher", "format4_reject" };
    const carnet_random ones = { all_ones, NULL };
    carnet_json *document = NULL;
    const carnet_json *one = vectors_open(&document, "format4");
    char buf[128], pan[128];
    carnet_pin_key key = { carnet_test_hex(member(one, "key", buf)), CARNET_PIN_FORMAT_4 };
    const carnet_pin pin = pin_of(member(one, "pin", buf));
    carnet_pin_block block;
    carnet_pin got;

    (void)state;
    assert_carnet_ok(carnet_pin_encipher(&crypto, &key, &pin, text(member(one, "pan", pan)), &ones, &block, NULL),
                     NULL);
    assert_span_equal(carnet_span_of(block.bytes, block.len), carnet_test_hex(member(one, "enciphered", buf)));
    assert_carnet_ok(carnet_pin_block_make(CARNET_PIN_FORMAT_4, &pin, text(pan), &ones, &block, NULL), NULL);
    assert_span_equal(carnet_span_of(block.bytes, block.len), carnet_test_hex(member(one, "pin_field", buf)));
    for (size_t i = 0; i < CARNET_COUNT(lists); i++) {
        const carnet_json *list = carnet_json_get(document, lists[i]);

        assert_true(carnet_json_count(list) > 0);
        for (size_t j = 0; j < carnet_json_count(list); j++) {
            one = carnet_json_at(list, j);
            key.key = carnet_test_hex(member(one, "key", buf));
            assert_carnet_rc(carnet_pin_decipher(&crypto, &key, carnet_test_hex(member(one, "block", buf)),
                                                 text(member(one, "pan", pan)), &got, NULL),
                             i == 0 ? CARNET_OK : CARNET_E_PIN_BLOCK);
            if (i == 0) {
                const carnet_pin right = pin_of(member(one, "pin", buf));

                assert_true(carnet_pin_equal(&right, &got));
            }
        }
    }
    carnet_json_free(&document);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_blocks_of_the_formats_without_chance),
        cmocka_unit_test(opens_what_it_made_for_every_length_and_format),
        cmocka_unit_test(never_gives_the_same_pin_to_another_account),
        cmocka_unit_test(refuses_blocks_with_one_code_whatever_is_wrong),
        cmocka_unit_test(refuses_what_is_no_pin_account_or_format),
        cmocka_unit_test(refuses_keys_that_are_none),
        cmocka_unit_test(translates_between_keys_and_formats_as_allowed),
        cmocka_unit_test(never_enciphers_or_translates_format_2),
        cmocka_unit_test(agrees_with_published_blocks),
        cmocka_unit_test(agrees_with_published_format_4),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
