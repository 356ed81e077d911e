/* SPDX-License-Identifier: Apache-2.0 */
/* Specifications: tables, flavours, single fields of every kind, bitmaps of every kind. */
#include "carnet/iso8583.h"
#include "support/support.h"

#include <string.h>

/* In tables: octets of a literal as a constant. */
#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                                             \
    }

static carnet_iso8583_spec spec;
static carnet_iso8583_builder b;

static void
tables_have_the_elements_of_their_version(void **state)
{
    static const struct {
        carnet_iso8583_version version;
        unsigned element;
        carnet_iso8583_type type;
        uint8_t width;
        uint16_t max;
    } cases[] = {
        { CARNET_ISO8583_1987, 2, CARNET_ISO8583_N, 2, 19 },   { CARNET_ISO8583_1987, 28, CARNET_ISO8583_XN, 0, 9 },
        { CARNET_ISO8583_1987, 35, CARNET_ISO8583_Z, 2, 37 },  { CARNET_ISO8583_1987, 39, CARNET_ISO8583_AN, 0, 2 },
        { CARNET_ISO8583_1987, 90, CARNET_ISO8583_N, 0, 42 },  { CARNET_ISO8583_1987, 128, CARNET_ISO8583_B, 0, 8 },
        { CARNET_ISO8583_1993, 12, CARNET_ISO8583_N, 0, 12 },  { CARNET_ISO8583_1993, 39, CARNET_ISO8583_N, 0, 3 },
        { CARNET_ISO8583_1993, 55, CARNET_ISO8583_B, 3, 255 }, { CARNET_ISO8583_1993, 53, CARNET_ISO8583_B, 2, 48 },
        { CARNET_ISO8583_2003, 11, CARNET_ISO8583_N, 0, 12 },  { CARNET_ISO8583_2003, 34, CARNET_ISO8583_B, 4, 9999 },
        { CARNET_ISO8583_2003, 39, CARNET_ISO8583_N, 0, 4 },   { CARNET_ISO8583_2003, 125, CARNET_ISO8583_B, 4, 9999 },
        { CARNET_ISO8583_2003, 97, CARNET_ISO8583_XN, 0, 21 },
    };
    carnet_iso8583_flavour ascii = carnet_iso8583_flavour_ascii();

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_iso8583_field *field = &spec.fields[cases[i].element];

        assert_carnet_ok(carnet_iso8583_spec_init(&spec, cases[i].version, &ascii, NULL), NULL);
        assert_int_equal(field->type, cases[i].type);
        assert_int_equal(field->width, cases[i].width);
        assert_int_equal(field->max, cases[i].max);
    }
    for (unsigned v = CARNET_ISO8583_1987; v <= CARNET_ISO8583_2003; v++) {
        assert_carnet_ok(carnet_iso8583_spec_init(&spec, (carnet_iso8583_version)v, &ascii, NULL), NULL);
        for (unsigned i = 2; i <= 128; i++) {
            assert_int_not_equal(spec.fields[i].type, CARNET_ISO8583_NONE);
            assert_true(strlen(carnet_iso8583_element_name(&spec, i)) > 0);
        }
        assert_int_equal(spec.fields[129].type, CARNET_ISO8583_NONE);
    }
    assert_string_equal(carnet_iso8583_element_name(&spec, 0), "Message type indicator");
    assert_string_equal(carnet_iso8583_element_name(&spec, 999), "");
}

static void
currency_codes_are_characters_or_numbers_as_the_flavour_says(void **state)
{
    static const struct {
        const char *flavour;
        carnet_iso8583_version version;
        carnet_iso8583_type type;
        carnet_iso8583_encoding encoding;
    } cases[] = {
        { "visa", CARNET_ISO8583_1987, CARNET_ISO8583_N, CARNET_ISO8583_BCD },
        { "visa", CARNET_ISO8583_1993, CARNET_ISO8583_N, CARNET_ISO8583_BCD },
        { "visa", CARNET_ISO8583_2003, CARNET_ISO8583_B, CARNET_ISO8583_RAW },
        { "bcd", CARNET_ISO8583_1987, CARNET_ISO8583_AN, CARNET_ISO8583_ASCII },
        { "ebcdic", CARNET_ISO8583_1987, CARNET_ISO8583_AN, CARNET_ISO8583_CP037 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_iso8583_flavour flavour;

        assert_true(carnet_iso8583_flavour_named(carnet_str_of(cases[i].flavour), &flavour));
        assert_carnet_ok(carnet_iso8583_spec_init(&spec, cases[i].version, &flavour, NULL), NULL);
        for (unsigned element = 49; element <= 51; element++) {
            assert_int_equal(spec.fields[element].type, cases[i].type);
            assert_int_equal(spec.fields[element].encoding, cases[i].encoding);
        }
    }
}

/* One element 60 of one way of writing: the text given and the octets that stand for it. */
static const struct written {
    const char *what;
    carnet_iso8583_field field;
    const char *text;
    carnet_span octets;
} writings[] = {
    { "two EBCDIC digits of length",
      { .type = CARNET_ISO8583_ANS, .max = 50, .prefix = CARNET_ISO8583_PREFIX_EBCDIC, .width = 2 },
      "ab",
      BYTES("\xf0\xf2"
            "ab") },
    { "six digits of length",
      { .type = CARNET_ISO8583_ANS, .max = 5000, .prefix = CARNET_ISO8583_PREFIX_ASCII, .width = 6 },
      "ab",
      BYTES("000002ab") },
    { "one digit of length",
      { .type = CARNET_ISO8583_ANS, .max = 9, .prefix = CARNET_ISO8583_PREFIX_ASCII, .width = 1 },
      "ab",
      BYTES("2ab") },
    { "three BCD digits of length",
      { .type = CARNET_ISO8583_ANS, .max = 50, .prefix = CARNET_ISO8583_PREFIX_BCD, .width = 3 },
      "ab",
      BYTES("\0\2"
            "ab") },
    { "an octet of length",
      { .type = CARNET_ISO8583_ANS, .max = 255, .prefix = CARNET_ISO8583_PREFIX_BINARY, .width = 1 },
      "ab",
      BYTES("\2"
            "ab") },
    { "three octets of length",
      { .type = CARNET_ISO8583_ANS, .max = 5000, .prefix = CARNET_ISO8583_PREFIX_BINARY, .width = 3 },
      "ab",
      BYTES("\0\0\2"
            "ab") },
    { "hexadecimal digits of length",
      { .type = CARNET_ISO8583_ANS, .max = 50, .prefix = CARNET_ISO8583_PREFIX_HEX, .width = 2 },
      "abcdefghijkl",
      BYTES("0Cabcdefghijkl") },
    { "length as of BER",
      { .type = CARNET_ISO8583_ANS, .max = 5000, .prefix = CARNET_ISO8583_PREFIX_BER },
      "ab",
      BYTES("\2"
            "ab") },
    { "length that counts octets of hexadecimal digits",
      { .type = CARNET_ISO8583_B,
        .encoding = CARNET_ISO8583_HEX,
        .max = 40,
        .unit = CARNET_ISO8583_OCTETS,
        .prefix = CARNET_ISO8583_PREFIX_ASCII,
        .width = 2 },
      "CAFE",
      BYTES("04CAFE") },
    { "length that counts octets they stand for",
      { .type = CARNET_ISO8583_B,
        .encoding = CARNET_ISO8583_HEX_LOWER,
        .max = 40,
        .prefix = CARNET_ISO8583_PREFIX_ASCII,
        .width = 2 },
      "CAFE",
      BYTES("02cafe") },
    { "length that counts nibbles of octets",
      { .type = CARNET_ISO8583_B,
        .encoding = CARNET_ISO8583_RAW,
        .max = 40,
        .unit = CARNET_ISO8583_NIBBLES,
        .prefix = CARNET_ISO8583_PREFIX_ASCII,
        .width = 2 },
      "CAFE",
      BYTES("04\xca\xfe") },
    { "hexadecimal digits in EBCDIC",
      { .type = CARNET_ISO8583_B, .encoding = CARNET_ISO8583_HEX_EBCDIC, .max = 2 },
      "CAF0",
      BYTES("\xc3\xc1\xc6\xf0") },
    { "odd digits padded on the left",
      { .type = CARNET_ISO8583_N, .encoding = CARNET_ISO8583_BCD, .max = 3 },
      "643",
      BYTES("\x06\x43") },
    { "odd digits padded on the left with F",
      { .type = CARNET_ISO8583_N, .encoding = CARNET_ISO8583_BCD, .max = 3, .fill = 15 },
      "643",
      BYTES("\xf6\x43") },
    { "odd digits padded on the right",
      { .type = CARNET_ISO8583_N, .encoding = CARNET_ISO8583_BCD, .max = 3, .flags = CARNET_ISO8583_BCD_RIGHT },
      "643",
      BYTES("\x64\x30") },
    { "odd digits, octets counted, F on the right",
      { .type = CARNET_ISO8583_N,
        .encoding = CARNET_ISO8583_BCD,
        .max = 19,
        .fill = 15,
        .unit = CARNET_ISO8583_OCTETS,
        .flags = CARNET_ISO8583_BCD_RIGHT,
        .prefix = CARNET_ISO8583_PREFIX_BCD,
        .width = 2 },
      "12345",
      BYTES("\x03\x12\x34\x5f") },
    { "the longest odd digits, octets counted, 0 on the left",
      { .type = CARNET_ISO8583_N,
        .encoding = CARNET_ISO8583_BCD,
        .max = 5,
        .unit = CARNET_ISO8583_OCTETS,
        .prefix = CARNET_ISO8583_PREFIX_BCD,
        .width = 2 },
      "12345",
      BYTES("\x03\x01\x23\x45") },
    { "odd digits, nibbles counted",
      { .type = CARNET_ISO8583_N,
        .encoding = CARNET_ISO8583_BCD,
        .max = 19,
        .unit = CARNET_ISO8583_NIBBLES,
        .prefix = CARNET_ISO8583_PREFIX_BCD,
        .width = 2 },
      "12345",
      BYTES("\x05\x01\x23\x45") },
    { "track 2 in nibbles",
      { .type = CARNET_ISO8583_Z,
        .encoding = CARNET_ISO8583_BCD,
        .max = 37,
        .flags = CARNET_ISO8583_BCD_RIGHT,
        .prefix = CARNET_ISO8583_PREFIX_BCD,
        .width = 2 },
      "4761=29",
      BYTES("\x07\x47\x61\xd2\x90") },
    { "a sign before BCD",
      { .type = CARNET_ISO8583_XN, .encoding = CARNET_ISO8583_BCD, .max = 9 },
      "C00000150",
      BYTES("C\0\0\1\x50") },
    { "an EBCDIC sign before BCD",
      { .type = CARNET_ISO8583_XN, .encoding = CARNET_ISO8583_BCD, .max = 9, .flags = CARNET_ISO8583_SIGN_EBCDIC },
      "D00000150",
      BYTES("\xc4\0\0\1\x50") },
    { "amount in EBCDIC",
      { .type = CARNET_ISO8583_XN, .encoding = CARNET_ISO8583_CP500, .max = 3 },
      "D01",
      BYTES("\xc4\xf0\xf1") },
    { "brackets of code page 037",
      { .type = CARNET_ISO8583_ANS, .encoding = CARNET_ISO8583_CP037, .max = 3 },
      "[|]",
      BYTES("\xba\x4f\xbb") },
    { "brackets of code page 500",
      { .type = CARNET_ISO8583_ANS, .encoding = CARNET_ISO8583_CP500, .max = 3 },
      "[|]",
      BYTES("\x4a\xbb\x5a") },
    { "brackets of code page 1047",
      { .type = CARNET_ISO8583_ANS, .encoding = CARNET_ISO8583_CP1047, .max = 3 },
      "[|]",
      BYTES("\xad\x4f\xbd") },
    { "text with its spaces on the left",
      { .type = CARNET_ISO8583_ANS, .max = 5, .flags = CARNET_ISO8583_TEXT_RIGHT },
      "   ab",
      BYTES("   ab") },
};

static void
ready_with(const carnet_iso8583_field *field)
{
    carnet_iso8583_flavour f;
    carnet_err err = { 0 };

    assert_true(carnet_iso8583_flavour_named(carnet_str_of("ascii-binary"), &f));
    assert_carnet_ok(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_EMPTY, &f, &err), &err);
    spec.fields[60] = *field;
    assert_carnet_ok(carnet_iso8583_spec_ready(&spec, &err), &err);
}

static void
every_way_of_writing_is_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(writings); i++) {
        const struct written *w = &writings[i];
        uint8_t storage[64], text[64];
        carnet_buf out = carnet_buf_of(storage, sizeof storage), room = carnet_buf_of(text, sizeof text);
        carnet_iso8583_message m;
        carnet_err err = { 0 };

        print_message("# %s\n", w->what);
        ready_with(&w->field);
        carnet_iso8583_builder_init(&b, &spec, 0x0100);
        carnet_iso8583_set(&b, 60, w->text);
        assert_carnet_ok(carnet_iso8583_build(&b, &out, &err), &err);
        assert_span_equal(carnet_span_of(storage + 12, out.len - 12), w->octets);
        assert_carnet_ok(carnet_iso8583_parse(&spec, carnet_test_copy(carnet_buf_span(&out)), &m, &err), &err);
        assert_str_is(carnet_iso8583_text(&m, 60, &room), w->text);
        for (size_t len = 12; len < out.len; len++)
            assert_true(carnet_iso8583_parse(&spec, carnet_test_copy(carnet_span_of(storage, len)), &m, &err) !=
                        CARNET_OK);
    }
}

static void
short_text_is_padded_on_the_side_of_its_field(void **state)
{
    uint8_t storage[64];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);

    (void)state;
    ready_with(&(carnet_iso8583_field){ .type = CARNET_ISO8583_ANS, .max = 5, .flags = CARNET_ISO8583_TEXT_RIGHT });
    carnet_iso8583_builder_init(&b, &spec, 0x0100);
    carnet_iso8583_set(&b, 60, "ab");
    assert_carnet_ok(carnet_iso8583_build(&b, &out, NULL), NULL);
    assert_memory_equal(storage + 12, "   ab", 5);
}

static void
long_values_have_long_lengths_of_ber(void **state)
{
    static uint8_t storage[1024], value[700];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_iso8583_message m;

    (void)state;
    memset(value, 'x', sizeof value);
    ready_with(&(carnet_iso8583_field){ .type = CARNET_ISO8583_ANS, .max = 5000, .prefix = CARNET_ISO8583_PREFIX_BER });
    carnet_iso8583_builder_init(&b, &spec, 0x0100);
    carnet_iso8583_set_text(&b, 60, (carnet_str){ (const char *)value, 200 });
    assert_carnet_ok(carnet_iso8583_build(&b, &out, NULL), NULL);
    assert_memory_equal(storage + 12, "\x81\xc8x", 3);
    out.len = 0;
    carnet_iso8583_set_text(&b, 60, (carnet_str){ (const char *)value, 700 });
    assert_carnet_ok(carnet_iso8583_build(&b, &out, NULL), NULL);
    assert_memory_equal(storage + 12, "\x82\x02\xbcx", 4);
    assert_carnet_ok(carnet_iso8583_parse(&spec, carnet_buf_span(&out), &m, NULL), NULL);
    assert_int_equal(carnet_iso8583_raw(&m, 60).len, 700);
    storage[12] = 0x80;
    assert_carnet_rc(carnet_iso8583_parse(&spec, carnet_buf_span(&out), &m, NULL), CARNET_E_ISO8583_LENGTH);
}

static const struct mapped {
    const char *what;
    uint8_t bitmap, secondary, tertiary;
    unsigned elements[4];
    const char *octets; /* hexadecimal, after the indicator */
} maps[] = {
    { "raw, primary alone", 0, 0, 0, { 3 }, "2000000000000000 313233343536" },
    { "raw, secondary", 0, 0, 0, { 70 }, "8000000000000000 0400000000000000 303031" },
    { "raw, always two",
      0,
      CARNET_ISO8583_SECONDARY_ALWAYS,
      0,
      { 3 },
      "a000000000000000 0000000000000000 313233343536" },
    { "raw, two with bit 1 clear",
      0,
      CARNET_ISO8583_SECONDARY_FIXED,
      0,
      { 3, 70 },
      "2000000000000000 0400000000000000 313233343536 303031" },
    { "upper-case hexadecimal",
      CARNET_ISO8583_BITMAP_HEX,
      0,
      0,
      { 3, 18 },
      "32303030343030303030303030303030 313233343536 36303131" },
    { "EBCDIC hexadecimal",
      CARNET_ISO8583_BITMAP_HEX_EBCDIC,
      0,
      0,
      { 3 },
      "f2f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0 313233343536" },
    { "lower-case hexadecimal", CARNET_ISO8583_BITMAP_HEX_LOWER, 0, 0, { 1, 3 }, NULL },
    { "tertiary in front",
      0,
      0,
      CARNET_ISO8583_TERTIARY_LEADING,
      { 3, 70, 130 },
      "a000000000000000 8400000000000000 4000000000000000 313233343536 303031 3739" },
    { "tertiary in the place of 65",
      0,
      0,
      CARNET_ISO8583_TERTIARY_AT_65,
      { 3, 70, 130 },
      "a000000000000000 8400000000000000 313233343536 4000000000000000 303031 3739" },
};

static const char *
sample_of(unsigned element)
{
    return element == 3 ? "123456" : element == 18 ? "6011" : element == 70 ? "001" : "79";
}

static void
bitmaps_of_every_kind_are_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(maps); i++) {
        const struct mapped *c = &maps[i];
        carnet_iso8583_flavour f;
        carnet_iso8583_message m;
        uint8_t storage[128];
        carnet_buf out = carnet_buf_of(storage, sizeof storage);
        carnet_err err = { 0 };

        print_message("# %s\n", c->what);
        assert_true(carnet_iso8583_flavour_named(carnet_str_of("ascii-binary"), &f));
        f.bitmap = c->bitmap;
        f.secondary = c->secondary;
        f.tertiary = c->tertiary;
        assert_carnet_ok(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_1987, &f, &err), &err);
        spec.fields[130] = carnet_iso8583_field_of(&f, CARNET_ISO8583_N, 0, 2, "Beyond");
        assert_carnet_ok(carnet_iso8583_spec_ready(&spec, &err), &err);
        carnet_iso8583_builder_init(&b, &spec, 0x0100);
        for (size_t k = 0; k < 4 && c->elements[k] != 0; k++)
            carnet_iso8583_set(&b, c->elements[k], sample_of(c->elements[k]));
        if (c->octets == NULL) { /* the bit of a bitmap is not the caller's */
            assert_carnet_rc(carnet_iso8583_build(&b, &out, &err), CARNET_E_ISO8583_ELEMENT);
            continue;
        }
        assert_carnet_ok(carnet_iso8583_build(&b, &out, &err), &err);
        assert_span_equal(carnet_span_of(storage + 4, out.len - 4), carnet_test_hex(c->octets));
        assert_carnet_ok(carnet_iso8583_parse(&spec, carnet_buf_span(&out), &m, &err), &err);
        for (size_t k = 0; k < 4 && c->elements[k] != 0; k++)
            assert_true(carnet_iso8583_is(&m, c->elements[k], sample_of(c->elements[k])));
    }
}

static void
a_specification_that_contradicts_itself_is_refused(void **state)
{
    static const carnet_iso8583_field fields[] = {
        { .type = CARNET_ISO8583_B, .encoding = CARNET_ISO8583_BCD, .max = 8 },
        { .type = CARNET_ISO8583_ANS, .encoding = CARNET_ISO8583_BCD, .max = 8 },
        { .type = CARNET_ISO8583_N, .encoding = CARNET_ISO8583_RAW, .max = 8 },
        { .type = CARNET_ISO8583_N, .max = 0 },
        { .type = 77, .max = 8 },
        { .type = CARNET_ISO8583_N, .max = 100, .prefix = CARNET_ISO8583_PREFIX_ASCII, .width = 2 },
        { .type = CARNET_ISO8583_N, .max = 10, .prefix = CARNET_ISO8583_PREFIX_ASCII, .width = 0 },
        { .type = CARNET_ISO8583_N, .max = 10, .prefix = CARNET_ISO8583_PREFIX_ASCII, .width = 7 },
        { .type = CARNET_ISO8583_N, .max = 10, .prefix = CARNET_ISO8583_PREFIX_BINARY, .width = 4 },
        { .type = CARNET_ISO8583_N, .max = 10, .min = 11, .prefix = CARNET_ISO8583_PREFIX_ASCII, .width = 2 },
        { .type = CARNET_ISO8583_N, .max = 10, .prefix = 9, .width = 2 },
        { .type = CARNET_ISO8583_N, .max = 10, .fill = 3 },
        { .type = CARNET_ISO8583_ANS,
          .max = 60,
          .unit = CARNET_ISO8583_NIBBLES,
          .prefix = CARNET_ISO8583_PREFIX_ASCII,
          .width = 2 },
    };
    carnet_iso8583_flavour f = carnet_iso8583_flavour_ascii();
    carnet_err err = { 0 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(fields); i++) {
        assert_carnet_ok(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_EMPTY, &f, &err), &err);
        spec.fields[61] = fields[i];
        assert_carnet_rc(carnet_iso8583_spec_ready(&spec, &err), CARNET_E_ISO8583_SPEC);
        assert_string_equal(err.path, "DE61");
        assert_false(spec.ready);
    }
    f.mti = CARNET_ISO8583_RAW;
    assert_carnet_rc(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_1987, &f, &err), CARNET_E_ISO8583_SPEC);
    f = carnet_iso8583_flavour_ascii();
    f.secondary = CARNET_ISO8583_SECONDARY_NEVER;
    f.tertiary = CARNET_ISO8583_TERTIARY_LEADING;
    assert_carnet_rc(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_1987, &f, &err), CARNET_E_ISO8583_SPEC);
}

static void
a_header_goes_before_the_indicator(void **state)
{
    carnet_iso8583_flavour f = carnet_iso8583_flavour_ascii();
    carnet_iso8583_message m;
    uint8_t storage[64];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);

    (void)state;
    f.header = 12;
    assert_carnet_ok(carnet_iso8583_spec_init(&spec, CARNET_ISO8583_1987, &f, NULL), NULL);
    carnet_iso8583_builder_init(&b, &spec, 0x0800);
    carnet_iso8583_set_header(&b, CARNET_TEST_BYTES("ISO016000055"));
    assert_carnet_ok(carnet_iso8583_build(&b, &out, NULL), NULL);
    assert_span_equal(carnet_buf_span(&out), CARNET_TEST_BYTES("ISO01600005508000000000000000000"));
    assert_carnet_ok(carnet_iso8583_parse(&spec, carnet_buf_span(&out), &m, NULL), NULL);
    assert_int_equal(m.mti_offset, 12);
    carnet_iso8583_set_header(&b, CARNET_TEST_BYTES("ISO"));
    assert_carnet_rc(carnet_iso8583_build(&b, &out, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_iso8583_parse(&spec, CARNET_TEST_BYTES("ISO0160000"), &m, NULL),
                     CARNET_E_ISO8583_TRUNCATED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_have_the_elements_of_their_version),
        cmocka_unit_test(currency_codes_are_characters_or_numbers_as_the_flavour_says),
        cmocka_unit_test(every_way_of_writing_is_written_and_read),
        cmocka_unit_test(short_text_is_padded_on_the_side_of_its_field),
        cmocka_unit_test(long_values_have_long_lengths_of_ber),
        cmocka_unit_test(bitmaps_of_every_kind_are_written_and_read),
        cmocka_unit_test(a_specification_that_contradicts_itself_is_refused),
        cmocka_unit_test(a_header_goes_before_the_indicator),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
