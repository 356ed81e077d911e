/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: what is read, what is built, and each thing that is refused, with its place. */
#include "carnet/iso8583.h"
#include "support/support.h"

/* In tables: octets of a literal as a constant. */
#define BYTES(literal)                                                                                                 \
    {                                                                                                                  \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                                             \
    }

static carnet_iso8583_spec spec, other;
static carnet_iso8583_builder b;

static void
ready(carnet_iso8583_spec *s, const char *flavour, carnet_iso8583_version version)
{
    carnet_iso8583_flavour f;

    assert_true(carnet_iso8583_flavour_named(carnet_str_of(flavour), &f));
    assert_carnet_ok(carnet_iso8583_spec_init(s, version, &f, NULL), NULL);
}

#define ECHO                                                                                                           \
    "0800"                                                                                                             \
    "8220000000000000"                                                                                                 \
    "0400000000000000"                                                                                                 \
    "1121010203"                                                                                                       \
    "000001"                                                                                                           \
    "301"

static void
a_message_is_read_by_the_numbers_of_its_elements(void **state)
{
    carnet_iso8583_message m;
    carnet_buf room = carnet_buf_of(NULL, 0);
    uint64_t number;

    (void)state;
    ready(&spec, "ascii", CARNET_ISO8583_1987);
    assert_carnet_ok(carnet_iso8583_parse(&spec, CARNET_TEST_BYTES(ECHO), &m, NULL), NULL);
    assert_int_equal(m.mti, 0x0800);
    assert_int_equal(carnet_iso8583_next(&m, 0), 7);
    assert_int_equal(carnet_iso8583_next(&m, 7), 11);
    assert_int_equal(carnet_iso8583_next(&m, 11), 70);
    assert_int_equal(carnet_iso8583_next(&m, 70), 0);
    assert_str_is(carnet_iso8583_text(&m, 7, &room), "1121010203");
    assert_false(room.overflow);
    assert_true(carnet_iso8583_number(&m, 11, &number));
    assert_int_equal(number, 1);
    assert_true(carnet_iso8583_is(&m, 70, "301"));
    assert_false(carnet_iso8583_is(&m, 70, "30"));
    assert_false(carnet_iso8583_is(&m, 70, "3011"));
    assert_false(carnet_iso8583_has(&m, 1) || carnet_iso8583_has(&m, 0) || carnet_iso8583_has(&m, 300));
    assert_null(carnet_iso8583_text(&m, 39, &room).ptr);
    assert_null(carnet_iso8583_raw(&m, 39).ptr);
}

#define ONE(bitmap, rest) "0200" bitmap rest

static const struct refusal {
    const char *what, *flavour;
    carnet_span in;
    carnet_rc rc;
    size_t offset;
    const char *path;
} refusals[] = {
    { "nothing", "ascii", { NULL, 0 }, CARNET_E_ISO8583_TRUNCATED, 0, "DE0" },
    { "an indicator with a letter", "ascii", BYTES("02X00000000000000000"), CARNET_E_ISO8583_MTI, 0, "DE0" },
    { "a bitmap cut", "ascii", BYTES("0200000000000000000"), CARNET_E_ISO8583_TRUNCATED, 4, "DE1" },
    { "a bitmap with a letter G", "ascii", BYTES("0200000G000000000000"), CARNET_E_ISO8583_BITMAP, 7, "DE1" },
    { "no secondary bitmap where bit 1 says so", "ascii", BYTES(ONE("8000000000000000", "00000000")),
      CARNET_E_ISO8583_TRUNCATED, 20, "DE1" },
    { "octets after the last", "ascii", BYTES(ONE("0000000000000000", "0")), CARNET_E_ISO8583_TRAILING, 20, "" },
    { "a letter in n", "ascii", BYTES(ONE("0020000000000000", "0000A1")), CARNET_E_ISO8583_CHARACTER, 24, "DE11" },
    { "n cut", "ascii", BYTES(ONE("0020000000000000", "00001")), CARNET_E_ISO8583_TRUNCATED, 20, "DE11" },
    { "a control character in ans", "ascii", BYTES(ONE("0000000000800000", "ATM00\00101")), CARNET_E_ISO8583_CHARACTER,
      25, "DE41" },
    { "octets above 7e in ans", "ascii", BYTES(ONE("0000000000800000", "\x7f\xff\x80TM00101")),
      CARNET_E_ISO8583_CHARACTER, 20, "DE41" },
    { "a length of letters", "ascii", BYTES(ONE("4000000000000000", "1X4761")), CARNET_E_ISO8583_LENGTH, 20, "DE2" },
    { "a length above the longest", "ascii", BYTES(ONE("4000000000000000", "2000000000000000000000")),
      CARNET_E_ISO8583_LENGTH, 20, "DE2" },
    { "a length above what is left", "ascii", BYTES(ONE("4000000000000000", "164761")), CARNET_E_ISO8583_TRUNCATED, 22,
      "DE2" },
    { "a length cut", "ascii", BYTES(ONE("0000000000010000", "01")), CARNET_E_ISO8583_TRUNCATED, 20, "DE48" },
    { "b that is no hexadecimal", "ascii", BYTES(ONE("0000000000001000", "000102030405060X")),
      CARNET_E_ISO8583_CHARACTER, 35, "DE52" },
    { "a sign that is none", "ascii", BYTES(ONE("0000001000000000", "X00000100")), CARNET_E_ISO8583_CHARACTER, 20,
      "DE28" },
    { "a letter after the sign", "ascii", BYTES(ONE("0000001000000000", "C0000010D")), CARNET_E_ISO8583_CHARACTER, 28,
      "DE28" },
    { "an undefined element in the tertiary's place", "ascii-binary", BYTES("0200\x80\0\0\0\0\0\0\0\x80\0\0\0\0\0\0"),
      CARNET_E_ISO8583_TRUNCATED, 12, "DE1" },
    { "a nibble above 9", "bcd", BYTES("\x02\x00\x00\x20\0\0\0\0\0\0\x00\x0a\x01"), CARNET_E_ISO8583_CHARACTER, 11,
      "DE11" },
    { "padding that is a digit", "bcd", BYTES("\x02\x00\x00\x00\x20\0\0\0\0\0\x18\x40"), CARNET_E_ISO8583_CHARACTER, 10,
      "DE19" },
    { "a BCD length with a letter", "bcd", BYTES("\x02\x00\x40\0\0\0\0\0\0\0\x1a\x40"), CARNET_E_ISO8583_LENGTH, 10,
      "DE2" },
    { "a BCD indicator with a letter", "bcd", BYTES("\x0a\x00\0\0\0\0\0\0\0\0"), CARNET_E_ISO8583_MTI, 0, "DE0" },
    { "an ASCII indicator in EBCDIC", "ebcdic", BYTES("02000000000000000000"), CARNET_E_ISO8583_MTI, 0, "DE0" },
    { "an ASCII length in EBCDIC", "ebcdic-binary",
      BYTES("\xf0\xf2\xf0\xf0\x40\0\0\0\0\0\0\0"
            "02\xf1\xf1"),
      CARNET_E_ISO8583_LENGTH, 12, "DE2" },
};

static void
each_thing_that_is_wrong_is_refused_at_its_place(void **state)
{
    carnet_iso8583_message m;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refusals); i++) {
        const struct refusal *r = &refusals[i];
        carnet_err err = { 0 };

        ready(&spec, r->flavour, CARNET_ISO8583_1987);
        print_message("# %s\n", r->what);
        assert_carnet_rc(carnet_iso8583_parse(&spec, carnet_test_copy(r->in), &m, &err), r->rc);
        assert_int_equal(err.offset, r->offset);
        assert_string_equal(err.path, r->path);
        assert_null(m.octets.ptr);
    }
}

static void
a_message_longer_than_the_link_allows_is_refused(void **state)
{
    carnet_iso8583_message m;
    carnet_err err = { 0 };

    (void)state;
    ready(&spec, "ascii", CARNET_ISO8583_1987);
    spec.flavour.max = sizeof(ECHO) - 2;
    assert_carnet_rc(carnet_iso8583_parse(&spec, CARNET_TEST_BYTES(ECHO), &m, &err), CARNET_E_ISO8583_SIZE);
    assert_int_equal(err.offset, sizeof(ECHO) - 2);
    spec.ready = false;
    assert_carnet_rc(carnet_iso8583_parse(&spec, CARNET_TEST_BYTES(ECHO), &m, &err), CARNET_E_USAGE);
}

static void
strictness_is_per_element(void **state)
{
    carnet_iso8583_message m;
    carnet_err err = { 0 };
    carnet_span dotted = CARNET_TEST_BYTES(ONE("0000000000010000", "003a.b"));

    (void)state;
    ready(&spec, "ascii", CARNET_ISO8583_1987);
    assert_carnet_ok(carnet_iso8583_parse(&spec, dotted, &m, &err), &err);
    spec.fields[48].flags |= CARNET_ISO8583_STRICT;
    assert_carnet_ok(carnet_iso8583_spec_ready(&spec, NULL), NULL);
    assert_carnet_rc(carnet_iso8583_parse(&spec, dotted, &m, &err), CARNET_E_ISO8583_CHARACTER);
    assert_int_equal(err.offset, 24);
}

/* The flavours that all elements of a message go through. */
static void
set_sample(carnet_iso8583_builder *to)
{
    carnet_iso8583_set(to, 2, "476173900101011");
    carnet_iso8583_set(to, 3, "011000");
    carnet_iso8583_set_number(to, 4, 20000);
    carnet_iso8583_set(to, 19, "840");
    carnet_iso8583_set_amount(to, 28, -150);
    carnet_iso8583_set_number(to, 32, 423935);
    carnet_iso8583_set(to, 35, "4761739001010119=2212201175892888");
    carnet_iso8583_set(to, 41, "ATM1");
    carnet_iso8583_set(to, 43, "Main Street [1] |~^ US");
    carnet_iso8583_set(to, 48, "P1002VT");
    carnet_iso8583_set_binary(to, 52, CARNET_TEST_BYTES("\1\2\3\xfd\xff\0\7\10"));
    carnet_iso8583_set(to, 64, "00a1B2c3D4e5F607");
    carnet_iso8583_set(to, 90, "020000000111210102030000042393500000000000");
    carnet_iso8583_set(to, 102, "");
}

static void
assert_sample(const carnet_iso8583_message *m)
{
    uint8_t storage[256];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    uint64_t number;
    int64_t amount;

    assert_str_is(carnet_iso8583_text(m, 2, &room), "476173900101011");
    assert_true(carnet_iso8583_number(m, 4, &number));
    assert_int_equal(number, 20000);
    assert_str_is(carnet_iso8583_text(m, 4, &room), "000000020000");
    assert_str_is(carnet_iso8583_text(m, 19, &room), "840");
    assert_true(carnet_iso8583_amount(m, 28, &amount));
    assert_int_equal(amount, -150);
    assert_str_is(carnet_iso8583_text(m, 28, &room), "D00000150");
    assert_str_is(carnet_iso8583_text(m, 32, &room), "423935");
    assert_str_is(carnet_iso8583_text(m, 35, &room), "4761739001010119=2212201175892888");
    assert_str_is(carnet_iso8583_text(m, 41, &room), "ATM1    ");
    assert_true(carnet_iso8583_is(m, 41, "ATM1"));
    assert_true(carnet_iso8583_is(m, 43, "Main Street [1] |~^ US"));
    assert_span_equal(carnet_iso8583_binary(m, 52, &room), CARNET_TEST_BYTES("\1\2\3\xfd\xff\0\7\10"));
    room.len = 0;
    assert_str_is(carnet_iso8583_text(m, 64, &room), "00A1B2C3D4E5F607");
    assert_int_equal(carnet_iso8583_text(m, 102, &room).len, 0);
    assert_true(carnet_iso8583_has(m, 102));
    assert_false(room.overflow);
}

static void
every_flavour_writes_the_same_values_and_reads_them_back(void **state)
{
    static uint8_t storage[1024], again[1024];
    carnet_iso8583_message m, moved;
    carnet_err err = { 0 };

    (void)state;
    for (size_t i = 0; carnet_iso8583_flavour_name(i) != NULL; i++) {
        carnet_buf out = carnet_buf_of(storage, sizeof storage), second = carnet_buf_of(again, sizeof again);

        ready(&spec, carnet_iso8583_flavour_name(i), CARNET_ISO8583_1987);
        ready(&other, carnet_iso8583_flavour_name(i > 0 ? i - 1 : 5), CARNET_ISO8583_1987);
        carnet_iso8583_builder_init(&b, &spec, 0x0200);
        set_sample(&b);
        assert_carnet_ok(carnet_iso8583_build(&b, &out, &err), &err);
        assert_carnet_ok(carnet_iso8583_parse(&spec, carnet_test_copy(carnet_buf_span(&out)), &m, &err), &err);
        assert_sample(&m);
        /* And, taken from one message, in another flavour. */
        carnet_iso8583_builder_init(&b, &other, m.mti);
        carnet_iso8583_set_all(&b, &m);
        assert_carnet_ok(carnet_iso8583_build(&b, &second, &err), &err);
        assert_carnet_ok(carnet_iso8583_parse(&other, carnet_buf_span(&second), &moved, &err), &err);
        assert_sample(&moved);
        for (unsigned e = 1; e < CARNET_ISO8583_ELEMENTS; e++)
            assert_true(carnet_iso8583_same(&m, &moved, e));
    }
}

static void
what_cannot_be_built_names_its_element_and_adds_nothing(void **state)
{
    static const struct {
        unsigned element;
        const char *text, *path;
        carnet_rc rc;
    } cases[] = {
        { 11, "1234567", "DE11", CARNET_E_ISO8583_LENGTH },
        { 11, "12A", "DE11", CARNET_E_ISO8583_CHARACTER },
        { 2, "47617390010101190000", "DE2", CARNET_E_ISO8583_LENGTH },
        { 41, "123456789", "DE41", CARNET_E_ISO8583_LENGTH },
        { 41, "A\tB", "DE41", CARNET_E_ISO8583_CHARACTER },
        { 52, "0102", "DE52", CARNET_E_ISO8583_LENGTH },
        { 52, "010203040506070", "DE52", CARNET_E_ISO8583_LENGTH },
        { 52, "010203040506070x", "DE52", CARNET_E_ISO8583_CHARACTER },
        { 28, "X1", "DE28", CARNET_E_ISO8583_CHARACTER },
        { 28, "", "DE28", CARNET_E_ISO8583_LENGTH },
        { 1, "", "DE1", CARNET_E_ISO8583_ELEMENT },
        { 130, "1", "DE130", CARNET_E_ISO8583_ELEMENT },
    };
    static uint8_t storage[512];

    (void)state;
    ready(&spec, "ascii", CARNET_ISO8583_1987);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_buf out = carnet_buf_of(storage, sizeof storage);
        carnet_err err = { 0 };

        carnet_buf_add_text(&out, "x");
        carnet_iso8583_builder_init(&b, &spec, 0x0200);
        carnet_iso8583_set(&b, cases[i].element, cases[i].text);
        assert_carnet_rc(carnet_iso8583_build(&b, &out, &err), cases[i].rc);
        assert_string_equal(err.path, cases[i].path);
        assert_int_equal(out.len, 1);
    }
    carnet_iso8583_builder_init(&b, &spec, 0x0200);
    carnet_iso8583_set(&b, 193, "");
    assert_carnet_rc(carnet_iso8583_build(&b, &(carnet_buf){ storage, 0, sizeof storage, false }, NULL),
                     CARNET_E_USAGE);
    carnet_iso8583_builder_init(&b, &spec, 0x02a0);
    assert_carnet_rc(carnet_iso8583_build(&b, &(carnet_buf){ storage, 0, sizeof storage, false }, NULL),
                     CARNET_E_ISO8583_MTI);
}

static void
a_buffer_too_small_and_a_message_too_long_differ(void **state)
{
    static uint8_t storage[512];

    (void)state;
    ready(&spec, "ascii", CARNET_ISO8583_1987);
    carnet_iso8583_builder_init(&b, &spec, 0x0800);
    carnet_iso8583_set_text(&b, 7, carnet_str_of("1121010203"));
    carnet_iso8583_set_number(&b, 11, 1);
    carnet_iso8583_set(&b, 70, "301");
    for (size_t cap = 0; cap < sizeof(ECHO) - 1; cap++) {
        carnet_buf out = carnet_buf_of(storage, cap);

        assert_carnet_rc(carnet_iso8583_build(&b, &out, NULL), CARNET_E_NO_SPACE);
        assert_int_equal(out.len, 0);
    }
    assert_carnet_ok(carnet_iso8583_build(&b, &(carnet_buf){ storage, 0, sizeof(ECHO) - 1, false }, NULL), NULL);
    assert_memory_equal(storage, ECHO, sizeof(ECHO) - 1);
    spec.flavour.max = sizeof(ECHO) - 2;
    assert_carnet_rc(carnet_iso8583_build(&b, &(carnet_buf){ storage, 0, sizeof storage, false }, NULL),
                     CARNET_E_ISO8583_SIZE);
}

static void
rooms_that_are_too_small_are_said_to_be(void **state)
{
    carnet_iso8583_message m;
    uint8_t two[2];
    carnet_buf room = carnet_buf_of(two, sizeof two);

    (void)state;
    ready(&spec, "bcd", CARNET_ISO8583_1987);
    assert_carnet_ok(carnet_iso8583_parse(&spec, CARNET_TEST_BYTES("\x02\x00\x00\x00\x20\0\0\0\0\0\x08\x40"), &m, NULL),
                     NULL);
    assert_null(carnet_iso8583_text(&m, 19, &room).ptr);
    assert_true(room.overflow);
    assert_int_equal(room.len, 0);
    assert_span_equal(carnet_iso8583_raw(&m, 19), CARNET_TEST_BYTES("\x08\x40"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_read_by_the_numbers_of_its_elements),
        cmocka_unit_test(each_thing_that_is_wrong_is_refused_at_its_place),
        cmocka_unit_test(a_message_longer_than_the_link_allows_is_refused),
        cmocka_unit_test(strictness_is_per_element),
        cmocka_unit_test(every_flavour_writes_the_same_values_and_reads_them_back),
        cmocka_unit_test(what_cannot_be_built_names_its_element_and_adds_nothing),
        cmocka_unit_test(a_buffer_too_small_and_a_message_too_long_differ),
        cmocka_unit_test(rooms_that_are_too_small_are_said_to_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
