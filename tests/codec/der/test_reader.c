/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/der.h"
#include "support/support.h"

#include <string.h>

/* How a case reads its input. */
typedef enum kind { ANY, DEEP, BOOL, NULL_, INTEGER, UINT, OID, BITS, NAMED, TIME, SEQUENCE } kind;

static int64_t
read_as(carnet_der_reader *r, kind how)
{
    carnet_der_walk walk;
    int64_t sum = 0;

    switch (how) {
    case ANY:
        return (int64_t)carnet_der_any(r).content.len;
    case DEEP:
        return (int64_t)carnet_der_any_deep(r).content.len;
    case BOOL:
        return carnet_der_bool(r);
    case NULL_:
        carnet_der_null(r);
        return 0;
    case INTEGER:
        return (int64_t)carnet_der_integer(r).len;
    case UINT:
        return (int64_t)carnet_der_uint(r);
    case OID:
        return (int64_t)carnet_der_oid(r).len;
    case BITS:
        return (int64_t)carnet_der_bit_string(r).len;
    case NAMED:
        return carnet_der_named_bits(r);
    case TIME:
        return carnet_der_time(r);
    case SEQUENCE:
        carnet_der_enter(r, CARNET_DER_SEQUENCE, &walk);
        while (carnet_der_more(r))
            sum = 10 * sum + (int64_t)carnet_der_uint(r);
        carnet_der_leave(r, &walk);
        return sum;
    }
    return -1;
}

static const struct {
    const char *what;
    kind how;
    carnet_span in;
    carnet_rc rc;
    size_t offset;
    int64_t value;
} cases[] = {
    { "a short length", ANY, { (const uint8_t *)"\x04\x02\xaa\xbb", 4 }, CARNET_OK, 0, 2 },
    { "nothing at all", ANY, { (const uint8_t *)"", 0 }, CARNET_E_DER_TRUNCATED, 0, 0 },
    { "a tag and no length", ANY, { (const uint8_t *)"\x04", 1 }, CARNET_E_DER_TRUNCATED, 0, 0 },
    { "a byte short", ANY, { (const uint8_t *)"\x04\x02\xaa", 3 }, CARNET_E_DER_TRUNCATED, 0, 0 },
    { "a byte too many", ANY, { (const uint8_t *)"\x04\x01\xaa\xbb", 4 }, CARNET_E_DER_TRAILING, 3, 1 },
    { "indefinite length", ANY, { (const uint8_t *)"\x30\x80\x00\x00", 4 }, CARNET_E_DER_LENGTH, 1, 0 },
    { "the reserved length", ANY, { (const uint8_t *)"\x30\xff\x00\x00", 4 }, CARNET_E_DER_LENGTH, 1, 0 },
    { "two octets where one would do", ANY, { (const uint8_t *)"\x04\x81\x01\xaa", 4 }, CARNET_E_DER_LENGTH, 1, 0 },
    { "a length with a leading zero", ANY, { (const uint8_t *)"\x04\x82\x00\x80", 4 }, CARNET_E_DER_LENGTH, 1, 0 },
    { "a length cut short", ANY, { (const uint8_t *)"\x04\x82\x01", 3 }, CARNET_E_DER_TRUNCATED, 1, 0 },
    { "a length of five octets", ANY, { (const uint8_t *)"\x04\x85\x01\0\0\0\0", 7 }, CARNET_E_DER_TRUNCATED, 1, 0 },
    { "a length beyond the end",
      ANY,
      { (const uint8_t *)"\x04\x84\xff\xff\xff\xff", 6 },
      CARNET_E_DER_TRUNCATED,
      0,
      0 },
    { "a tag of several octets", ANY, { (const uint8_t *)"\x1f\x81\x00\x00", 4 }, CARNET_E_DER_TAG, 0, 0 },
    { "the end-of-contents tag", ANY, { (const uint8_t *)"\x00\x00", 2 }, CARNET_E_DER_TAG, 0, 0 },
    { "nested values", DEEP, { (const uint8_t *)"\x30\x04\x31\x02\x05\x00", 6 }, CARNET_OK, 0, 4 },
    { "a nested one cut short",
      DEEP,
      { (const uint8_t *)"\x30\x04\x31\x03\x05\x00", 6 },
      CARNET_E_DER_TRUNCATED,
      2,
      0 },
    { "a nested indefinite one", DEEP, { (const uint8_t *)"\x30\x04\x31\x80\x05\x00", 6 }, CARNET_E_DER_LENGTH, 3, 0 },
    { "true", BOOL, { (const uint8_t *)"\x01\x01\xff", 3 }, CARNET_OK, 0, 1 },
    { "false", BOOL, { (const uint8_t *)"\x01\x01\x00", 3 }, CARNET_OK, 0, 0 },
    { "true as 01", BOOL, { (const uint8_t *)"\x01\x01\x01", 3 }, CARNET_E_DER_VALUE, 2, 0 },
    { "an empty BOOLEAN", BOOL, { (const uint8_t *)"\x01\x00", 2 }, CARNET_E_DER_VALUE, 2, 0 },
    { "a BOOLEAN of two octets", BOOL, { (const uint8_t *)"\x01\x02\xff\xff", 4 }, CARNET_E_DER_VALUE, 2, 0 },
    { "an INTEGER for a BOOLEAN", BOOL, { (const uint8_t *)"\x02\x01\xff", 3 }, CARNET_E_DER_TAG, 0, 0 },
    { "NULL", NULL_, { (const uint8_t *)"\x05\x00", 2 }, CARNET_OK, 0, 0 },
    { "a NULL that holds something", NULL_, { (const uint8_t *)"\x05\x01\x00", 3 }, CARNET_E_DER_VALUE, 2, 0 },
    { "INTEGER 0", INTEGER, { (const uint8_t *)"\x02\x01\x00", 3 }, CARNET_OK, 0, 1 },
    { "INTEGER 128", INTEGER, { (const uint8_t *)"\x02\x02\x00\x80", 4 }, CARNET_OK, 0, 2 },
    { "INTEGER -128", INTEGER, { (const uint8_t *)"\x02\x01\x80", 3 }, CARNET_OK, 0, 1 },
    { "an empty INTEGER", INTEGER, { (const uint8_t *)"\x02\x00", 2 }, CARNET_E_DER_VALUE, 2, 0 },
    { "a leading 00 not needed", INTEGER, { (const uint8_t *)"\x02\x02\x00\x7f", 4 }, CARNET_E_DER_VALUE, 2, 0 },
    { "a leading FF not needed", INTEGER, { (const uint8_t *)"\x02\x02\xff\x80", 4 }, CARNET_E_DER_VALUE, 2, 0 },
    { "a number", UINT, { (const uint8_t *)"\x02\x02\x01\x00", 4 }, CARNET_OK, 0, 256 },
    { "a number of 63 bits",
      UINT,
      { (const uint8_t *)"\x02\x08\x7f\xff\xff\xff\xff\xff\xff\xff", 10 },
      CARNET_OK,
      0,
      INT64_MAX },
    { "a number of 65 bits", UINT, { (const uint8_t *)"\x02\x09\x01\0\0\0\0\0\0\0\0", 11 }, CARNET_E_DER_VALUE, 2, 0 },
    { "a negative number", UINT, { (const uint8_t *)"\x02\x01\xff", 3 }, CARNET_E_DER_VALUE, 2, 0 },
    { "an identifier", OID, { (const uint8_t *)"\x06\x03\x55\x1d\x0f", 5 }, CARNET_OK, 0, 3 },
    { "an empty identifier", OID, { (const uint8_t *)"\x06\x00", 2 }, CARNET_E_DER_VALUE, 2, 0 },
    { "an identifier that ends amid an arc",
      OID,
      { (const uint8_t *)"\x06\x02\x55\x9d", 4 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "an arc longer than needed", OID, { (const uint8_t *)"\x06\x03\x55\x80\x01", 5 }, CARNET_E_DER_VALUE, 2, 0 },
    { "bits in whole octets", BITS, { (const uint8_t *)"\x03\x02\x00\xff", 4 }, CARNET_OK, 0, 1 },
    { "no bits", BITS, { (const uint8_t *)"\x03\x01\x00", 3 }, CARNET_OK, 0, 0 },
    { "seven bits", BITS, { (const uint8_t *)"\x03\x02\x01\xfe", 4 }, CARNET_E_DER_VALUE, 2, 0 },
    { "a BIT STRING of no octet", BITS, { (const uint8_t *)"\x03\x00", 2 }, CARNET_E_DER_VALUE, 2, 0 },
    { "named bit 0", NAMED, { (const uint8_t *)"\x03\x02\x07\x80", 4 }, CARNET_OK, 0, 1 },
    { "named bits 5 and 6", NAMED, { (const uint8_t *)"\x03\x02\x01\x06", 4 }, CARNET_OK, 0, 0x60 },
    { "named bit 8", NAMED, { (const uint8_t *)"\x03\x03\x07\x00\x80", 5 }, CARNET_OK, 0, 0x100 },
    { "no named bit", NAMED, { (const uint8_t *)"\x03\x01\x00", 3 }, CARNET_OK, 0, 0 },
    { "trailing zero bits", NAMED, { (const uint8_t *)"\x03\x02\x00\x80", 4 }, CARNET_E_DER_VALUE, 2, 0 },
    { "a trailing zero octet", NAMED, { (const uint8_t *)"\x03\x03\x00\x80\x00", 5 }, CARNET_E_DER_VALUE, 2, 0 },
    { "a set spare bit", NAMED, { (const uint8_t *)"\x03\x02\x07\x81", 4 }, CARNET_E_DER_VALUE, 2, 0 },
    { "eight spare bits", NAMED, { (const uint8_t *)"\x03\x02\x08\x80", 4 }, CARNET_E_DER_VALUE, 2, 0 },
    { "spare bits of nothing", NAMED, { (const uint8_t *)"\x03\x01\x01", 3 }, CARNET_E_DER_VALUE, 2, 0 },
    { "seventeen named bits", NAMED, { (const uint8_t *)"\x03\x04\x07\x00\x00\x80", 6 }, CARNET_E_DER_VALUE, 2, 0 },
    { "UTCTime",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "201015000000Z",
        15 },
      CARNET_OK,
      0,
      1602720000 },
    { "UTCTime of 1950",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "500101000000Z",
        15 },
      CARNET_OK,
      0,
      -631152000 },
    { "UTCTime of 2049",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "491231235959Z",
        15 },
      CARNET_OK,
      0,
      2524607999 },
    { "GeneralizedTime",
      TIME,
      { (const uint8_t *)"\x18\x0f"
                         "20500101000000Z",
        17 },
      CARNET_OK,
      0,
      2524608000 },
    { "the last time there is",
      TIME,
      { (const uint8_t *)"\x18\x0f"
                         "99991231235959Z",
        17 },
      CARNET_OK,
      0,
      253402300799 },
    { "UTCTime without seconds",
      TIME,
      { (const uint8_t *)"\x17\x0b"
                         "2010150000Z",
        13 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "UTCTime with an offset",
      TIME,
      { (const uint8_t *)"\x17\x11"
                         "201015000000+0100",
        19 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "a fraction",
      TIME,
      { (const uint8_t *)"\x18\x11"
                         "20201015000000.5Z",
        19 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "no Z",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "2010150000000",
        15 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "30 February",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "200230000000Z",
        15 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "29 February 2021",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "210229000000Z",
        15 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "29 February 2020",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "200229000000Z",
        15 },
      CARNET_OK,
      0,
      1582934400 },
    { "month 13",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "201301000000Z",
        15 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "24 o'clock",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "201015240000Z",
        15 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "second 60",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "201231235960Z",
        15 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "a letter for a digit",
      TIME,
      { (const uint8_t *)"\x17\x0d"
                         "2010150o0000Z",
        15 },
      CARNET_E_DER_VALUE,
      2,
      0 },
    { "a text for a time",
      TIME,
      { (const uint8_t *)"\x13\x0d"
                         "201015000000Z",
        15 },
      CARNET_E_DER_TAG,
      0,
      0 },
    { "a sequence", SEQUENCE, { (const uint8_t *)"\x30\x06\x02\x01\x01\x02\x01\x02", 8 }, CARNET_OK, 0, 12 },
    { "a member longer than its sequence",
      SEQUENCE,
      { (const uint8_t *)"\x30\x03\x02\x02\x01\x02", 6 },
      CARNET_E_DER_TRUNCATED,
      2,
      0 },
    { "a member of another type",
      SEQUENCE,
      { (const uint8_t *)"\x30\x06\x02\x01\x01\x04\x01\x02", 8 },
      CARNET_E_DER_TAG,
      5,
      10 },
};

static void
reads_der_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_der_reader r = carnet_der_open(carnet_test_copy(cases[i].in));
        int64_t value = read_as(&r, cases[i].how);
        carnet_err err = { 0 };
        carnet_rc rc = carnet_der_done(&r, &err);

        if (rc != cases[i].rc || (rc == CARNET_OK && value != cases[i].value) ||
            (rc != CARNET_OK && err.offset != cases[i].offset))
            fail_msg("%s: %s at %zu, value %lld", cases[i].what, carnet_rc_name(rc), err.offset, (long long)value);
    }
}

static void
leaving_early_is_refused(void **state)
{
    carnet_der_reader r = carnet_der_open(CARNET_TEST_BYTES("\x30\x06\x02\x01\x01\x02\x01\x02"));
    carnet_der_walk walk;
    carnet_err err = { 0 };

    (void)state;
    carnet_der_enter(&r, CARNET_DER_SEQUENCE, &walk);
    assert_int_equal(carnet_der_uint(&r), 1);
    carnet_der_leave(&r, &walk);
    assert_carnet_rc(carnet_der_done(&r, &err), CARNET_E_DER_TRAILING);
    assert_int_equal(err.offset, 5);
}

static void
the_first_failure_sticks(void **state)
{
    carnet_der_reader r = carnet_der_open(CARNET_TEST_BYTES("\x01\x01\x05\x02\x01\x07"));
    carnet_err err = { 0 };

    (void)state;
    assert_false(carnet_der_bool(&r));
    assert_int_equal(carnet_der_uint(&r), 0);
    assert_int_equal(carnet_der_peek(&r), CARNET_DER_NONE);
    assert_false(carnet_der_more(&r));
    carnet_der_refuse(&r, CARNET_E_USAGE, NULL, NULL, "later");
    assert_carnet_rc(carnet_der_done(&r, &err), CARNET_E_DER_VALUE);
    assert_int_equal(err.offset, 2);
}

static void
an_optional_value_may_be_absent(void **state)
{
    carnet_der_reader r = carnet_der_open(CARNET_TEST_BYTES("\x80\x00\xa1\x02\x05\x00"));
    carnet_der_walk walk;

    (void)state;
    assert_null(carnet_der_optional(&r, CARNET_DER_CONTEXT(1)).ptr);
    assert_non_null(carnet_der_optional(&r, CARNET_DER_CONTEXT(0)).ptr);
    assert_false(carnet_der_enter_optional(&r, CARNET_DER_CONTEXT_CONSTRUCTED(0), &walk));
    assert_true(carnet_der_enter_optional(&r, CARNET_DER_CONTEXT_CONSTRUCTED(1), &walk));
    carnet_der_null(&r);
    carnet_der_leave(&r, &walk);
    assert_carnet_rc(carnet_der_done(&r, NULL), CARNET_OK);
    assert_null(carnet_der_optional(&r, CARNET_DER_NULL).ptr);
}

/* `levels` sequences, one in the other. */
static carnet_rc
deep(size_t levels, bool enter, size_t *offset)
{
    uint8_t der[2 * 20];
    carnet_der_reader r;
    carnet_der_walk walks[20];
    carnet_err err = { 0 };
    carnet_rc rc;

    for (size_t i = 0; i < levels; i++) {
        der[2 * i] = 0x30;
        der[2 * i + 1] = (uint8_t)(2 * (levels - 1 - i));
    }
    r = carnet_der_open((carnet_span){ der, 2 * levels });
    for (size_t i = 0; enter && i < levels; i++)
        carnet_der_enter(&r, CARNET_DER_SEQUENCE, &walks[i]);
    for (size_t i = levels; enter && i > 0; i--)
        carnet_der_leave(&r, &walks[i - 1]);
    if (!enter)
        (void)carnet_der_any_deep(&r);
    rc = carnet_der_done(&r, &err);
    *offset = err.offset;
    return rc;
}

static void
refuses_a_level_too_many(void **state)
{
    size_t offset;

    (void)state;
    assert_carnet_rc(deep(CARNET_DER_DEPTH, true, &offset), CARNET_OK);
    assert_carnet_rc(deep(CARNET_DER_DEPTH + 1, true, &offset), CARNET_E_DER_DEPTH);
    assert_int_equal(offset, 2 * CARNET_DER_DEPTH);
    assert_carnet_rc(deep(CARNET_DER_DEPTH, false, &offset), CARNET_OK);
    assert_carnet_rc(deep(CARNET_DER_DEPTH + 1, false, &offset), CARNET_E_DER_DEPTH);
}

static void
read_mutated(carnet_span mutated, void *context)
{
    carnet_der_reader r = carnet_der_open(mutated);
    carnet_der_item item = carnet_der_any_deep(&r);
    carnet_err err = { 0 };
    carnet_rc rc = carnet_der_done(&r, &err);

    (void)context;
    if (rc != CARNET_OK)
        assert_true(err.offset <= mutated.len);
    else
        assert_true(item.encoded.ptr == mutated.ptr && item.encoded.len == mutated.len);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    (void)state;
    carnet_test_every_prefix_and_bit(
        CARNET_TEST_BYTES("\x30\x17\x02\x01\x05\x31\x07\x30\x05\x06\x03\x55\x04\x06\xa0\x04\x80\x02\x41\x42\x01\x01\xff"
                          "\x05\x00"),
        read_mutated, NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_der_and_nothing_else), cmocka_unit_test(leaving_early_is_refused),
        cmocka_unit_test(the_first_failure_sticks),   cmocka_unit_test(an_optional_value_may_be_absent),
        cmocka_unit_test(refuses_a_level_too_many),   cmocka_unit_test(survives_every_prefix_and_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
