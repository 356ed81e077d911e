/* SPDX-License-Identifier: Apache-2.0 */
/* One value against its definition: every type, what is taken, and where what is not is wrong. */
#include "carnet/doctype.h"
#include "support/support.h"

#include <string.h>

#define DATE  "d903ec6a323032342d30322d3239"                 /* 1004("2024-02-29") */
#define TDATE "c074323032342d30322d32395431323a30303a30305a" /* 0("2024-02-29T12:00:00Z") */
#define PRIV                                                                                                           \
    "a1"                                                                                                               \
    "75"                                                                                                               \
    "76656869636c655f63617465676f72795f636f6465"                                                                       \
    "6141" /* {"vehicle_category_code": "A"} */

typedef struct value_case {
    const char *what;
    carnet_element_definition element;
    const char *hex;
    carnet_rc rc;
    size_t offset;
} value_case;

#define TYPE(t)                                                                                                        \
    {                                                                                                                  \
        "x", CARNET_ELEMENT_##t, CARNET_OPTIONAL, 0, NULL,                                                             \
        {                                                                                                              \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }
#define MAX(t, max)                                                                                                    \
    {                                                                                                                  \
        "x", CARNET_ELEMENT_##t, CARNET_OPTIONAL, max, NULL,                                                           \
        {                                                                                                              \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }
#define CHOICE(t, words)                                                                                               \
    {                                                                                                                  \
        "x", CARNET_ELEMENT_##t, CARNET_OPTIONAL, 0, words,                                                            \
        {                                                                                                              \
            NULL, NULL                                                                                                 \
        }                                                                                                              \
    }
#define BAD CARNET_E_DOCTYPE_ELEMENT

static const value_case cases[] = {
    { "anything: an array", TYPE(ANY), "8101", CARNET_OK, 0 },
    { "anything: nothing", TYPE(ANY), "", CARNET_E_CBOR_TRUNCATED, 0 },
    { "anything: two items", TYPE(ANY), "0101", CARNET_E_CBOR_TRAILING, 1 },
    { "anything: a map with a key twice", TYPE(ANY), "a201000100", CARNET_E_CBOR_KEY_TWICE, 3 },

    { "text", MAX(TEXT, 3), "63616263", CARNET_OK, 0 },
    { "text of characters of three octets", MAX(TEXT, 2), "66e5b1b1e794b0", CARNET_OK, 0 },
    { "empty text", MAX(TEXT, 3), "60", CARNET_OK, 0 },
    { "text in a head longer than needed", MAX(TEXT, 3), "7803616263", CARNET_OK, 0 },
    { "text too long", MAX(TEXT, 2), "63616263", BAD, 0 },
    { "text too long in characters of two octets", MAX(TEXT, 1), "64c3a4c3b6", BAD, 0 },
    { "bytes for text", TYPE(TEXT), "4161", BAD, 0 },
    { "a number for text", TYPE(TEXT), "01", BAD, 0 },
    { "null for text", TYPE(TEXT), "f6", BAD, 0 },
    { "text that is not UTF-8", TYPE(TEXT), "61ff", CARNET_E_CBOR_UTF8, 0 },
    { "text without bound", TYPE(TEXT), "63616263", CARNET_OK, 0 },

    { "latin1: 7E, A0 and FF", TYPE(LATIN1), "657ec2a0c3bf", CARNET_OK, 0 },
    { "latin1: 100", TYPE(LATIN1), "62c480", BAD, 0 },
    { "latin1: the euro sign", TYPE(LATIN1), "63e282ac", BAD, 0 },
    { "latin1: a line end", TYPE(LATIN1), "610a", BAD, 0 },
    { "latin1: delete", TYPE(LATIN1), "617f", BAD, 0 },
    { "latin1: 85, a control character", TYPE(LATIN1), "62c285", BAD, 0 },
    { "latin1: too long", MAX(LATIN1, 1), "626161", BAD, 0 },

    { "choice: the first", CHOICE(CHOICE, "black|blue"), "65626c61636b", CARNET_OK, 0 },
    { "choice: the last", CHOICE(CHOICE, "black|blue"), "64626c7565", CARNET_OK, 0 },
    { "choice: a part", CHOICE(CHOICE, "black|blue"), "63626c75", BAD, 0 },
    { "choice: two at once", CHOICE(CHOICE, "a|b"), "63617c62", BAD, 0 },
    { "choice: another case", CHOICE(CHOICE, "black|blue"), "64426c7565", BAD, 0 },
    { "choice: empty", CHOICE(CHOICE, "black|blue"), "60", BAD, 0 },
    { "choice: a number", CHOICE(CHOICE, "1"), "01", BAD, 0 },

    { "alpha-2", TYPE(ALPHA2), "625554", CARNET_OK, 0 },
    { "alpha-2: lower case", TYPE(ALPHA2), "627574", BAD, 0 },
    { "alpha-2: one letter", TYPE(ALPHA2), "6155", BAD, 0 },
    { "alpha-2: three letters", TYPE(ALPHA2), "63555441", BAD, 0 },
    { "alpha-2: a digit", TYPE(ALPHA2), "625531", BAD, 0 },
    { "alpha-3", TYPE(ALPHA23), "63555441", CARNET_OK, 0 },
    { "alpha-3: alpha-2", TYPE(ALPHA23), "625554", CARNET_OK, 0 },
    { "alpha-3: four letters", TYPE(ALPHA23), "6455544155", BAD, 0 },

    { "subdivision", TYPE(SUBDIVISION), "6555532d5554", CARNET_OK, 0 },
    { "subdivision: digits", TYPE(SUBDIVISION), "6546522d3735", CARNET_OK, 0 },
    { "subdivision: one character", TYPE(SUBDIVISION), "6441542d39", CARNET_OK, 0 },
    { "subdivision: a country", TYPE(SUBDIVISION), "625553", BAD, 0 },
    { "subdivision: nothing behind", TYPE(SUBDIVISION), "6355532d", BAD, 0 },
    { "subdivision: too much behind", TYPE(SUBDIVISION), "6755532d41424344", BAD, 0 },
    { "subdivision: lower case", TYPE(SUBDIVISION), "6555532d7574", BAD, 0 },
    { "subdivision: no hyphen", TYPE(SUBDIVISION), "655553205554", BAD, 0 },

    { "digits", MAX(DIGITS, 3), "63303037", CARNET_OK, 0 },
    { "digits: too few", MAX(DIGITS, 3), "623037", BAD, 0 },
    { "digits: too many", MAX(DIGITS, 3), "6430303037", BAD, 0 },
    { "digits: a letter", MAX(DIGITS, 3), "63303061", BAD, 0 },
    { "digits: a number", MAX(DIGITS, 3), "07", BAD, 0 },

    { "phone", MAX(PHONE, 5), "642b313233", CARNET_OK, 0 },
    { "phone: no plus", MAX(PHONE, 5), "63313233", BAD, 0 },
    { "phone: only plus", MAX(PHONE, 5), "612b", BAD, 0 },
    { "phone: a space", MAX(PHONE, 5), "652b31203233", BAD, 0 },
    { "phone: too long", MAX(PHONE, 5), "672b313233343536", BAD, 0 },

    { "true", TYPE(BOOL), "f5", CARNET_OK, 0 },
    { "one for true", TYPE(BOOL), "01", BAD, 0 },
    { "text for true", TYPE(BOOL), "6474727565", BAD, 0 },

    { "a number", MAX(UINT, 9), "09", CARNET_OK, 0 },
    { "a number too large", MAX(UINT, 9), "0a", BAD, 0 },
    { "a number without bound", TYPE(UINT), "1bffffffffffffffff", CARNET_OK, 0 },
    { "a negative number", TYPE(UINT), "20", BAD, 0 },
    { "a number as text", TYPE(UINT), "6131", BAD, 0 },
    { "a float", TYPE(UINT), "f93c00", BAD, 0 },
    { "sex 9", CHOICE(UINT_CHOICE, "0|1|2|9"), "09", CARNET_OK, 0 },
    { "sex 3", CHOICE(UINT_CHOICE, "0|1|2|9"), "03", BAD, 0 },
    { "sex 19", CHOICE(UINT_CHOICE, "0|1|2|9"), "13", BAD, 0 },
    { "sex as text", CHOICE(UINT_CHOICE, "0|1|2|9"), "6139", BAD, 0 },

    { "full-date", TYPE(FULL_DATE), DATE, CARNET_OK, 0 },
    { "full-date: a tdate", TYPE(FULL_DATE), TDATE, BAD, 0 },
    { "full-date: text", TYPE(FULL_DATE), "6a323032342d30322d3239", BAD, 0 },
    { "full-date: a day that is none", TYPE(FULL_DATE), "d903ec6a323032332d30322d3239", BAD, 0 },
    { "full-date: bytes", TYPE(FULL_DATE),
      "d903ec41"
      "61",
      BAD, 3 },
    { "full-date: another tag", TYPE(FULL_DATE), "c16a323032342d30322d3239", BAD, 0 },
    { "tdate", TYPE(TDATE), TDATE, CARNET_OK, 0 },
    { "tdate: a full-date", TYPE(TDATE), DATE, BAD, 0 },
    { "tdate: a fraction", TYPE(TDATE), "c076323032342d30322d32395431323a30303a30302e305a", BAD, 0 },
    { "tdate: an offset", TYPE(TDATE), "c07819323032342d30322d32395431323a30303a30302b30303a3030", BAD, 0 },
    { "tdate: text", TYPE(TDATE), "74323032342d30322d32395431323a30303a30305a", BAD, 0 },
    { "date: a full-date", TYPE(DATE), DATE, CARNET_OK, 0 },
    { "date: a tdate", TYPE(DATE), TDATE, CARNET_OK, 0 },
    { "date: a number", TYPE(DATE), "c11a65e00000", BAD, 1 },

    { "birth date", TYPE(BIRTH_DATE), DATE, CARNET_OK, 0 },
    { "birth date: a map", TYPE(BIRTH_DATE),
      "a1"
      "6a62697274685f64617465" DATE,
      CARNET_OK, 0 },
    { "birth date: masked", TYPE(BIRTH_DATE),
      "a2"
      "6a62697274685f64617465" DATE "70617070726f78696d6174655f6d61736b"
      "683030303030303131",
      CARNET_OK, 0 },
    { "birth date: a short mask", TYPE(BIRTH_DATE),
      "a2"
      "6a62697274685f64617465" DATE "70617070726f78696d6174655f6d61736b"
      "6730303030303031",
      BAD, 44 },
    { "birth date: an empty mask", TYPE(BIRTH_DATE),
      "a2"
      "6a62697274685f64617465" DATE "70617070726f78696d6174655f6d61736b"
      "60",
      BAD, 44 },
    { "birth date: a mask of twos", TYPE(BIRTH_DATE),
      "a2"
      "6a62697274685f64617465" DATE "70617070726f78696d6174655f6d61736b"
      "683030303030303132",
      BAD, 44 },
    { "birth date: a map without it", TYPE(BIRTH_DATE), "a0", BAD, 0 },
    { "birth date: a map with text", TYPE(BIRTH_DATE),
      "a1"
      "6a62697274685f64617465"
      "6161",
      BAD, 12 },

    { "bytes", TYPE(BYTES), "4161", CARNET_OK, 0 },
    { "bytes: text", TYPE(BYTES), "6161", BAD, 0 },
    { "an image: JPEG", TYPE(IMAGE), "49ffd8ffe00000000000", CARNET_OK, 0 },
    { "an image: JPEG 2000", TYPE(IMAGE), "4c0000000c6a5020200d0a870a", CARNET_OK, 0 },
    { "an image: a JPEG 2000 code stream", TYPE(IMAGE), "49ff4fff510000000000", CARNET_OK, 0 },
    { "an image: PNG", TYPE(IMAGE), "4989504e470d0a1a0a00", BAD, 0 },
    { "an image: too short", TYPE(IMAGE), "43ffd8ff", BAD, 0 },
    { "an image: empty", TYPE(IMAGE), "40", BAD, 0 },
    { "a template", TYPE(TEMPLATE), "437f6100", CARNET_OK, 0 },
    { "a template of something else", TYPE(TEMPLATE), "437f2e00", BAD, 0 },
    { "a template of one byte", TYPE(TEMPLATE), "417f", BAD, 0 },

    { "countries", TYPE(ALPHA2_LIST), "82625554625553", CARNET_OK, 0 },
    { "countries: none", TYPE(ALPHA2_LIST), "80", BAD, 0 },
    { "countries: one alone", TYPE(ALPHA2_LIST), "625554", BAD, 0 },
    { "countries: lower case", TYPE(ALPHA2_LIST), "82625554627573", BAD, 4 },
    { "countries: a number", TYPE(ALPHA2_LIST), "8162555401", CARNET_E_CBOR_TRAILING, 4 },

    { "a place", TYPE(PLACE), "a167636f756e747279625554", CARNET_OK, 0 },
    { "a place: nowhere", TYPE(PLACE), "a0", BAD, 0 },
    { "a place: something else", TYPE(PLACE), "a16178625554", BAD, 0 },
    { "a place: text", TYPE(PLACE), "625554", BAD, 0 },
    { "a place: a country as number", TYPE(PLACE), "a167636f756e74727901", BAD, 9 },

    { "privileges", TYPE(PRIVILEGES), "81" PRIV, CARNET_OK, 0 },
    { "privileges: none", TYPE(PRIVILEGES), "80", CARNET_OK, 0 },
    { "privileges: a map", TYPE(PRIVILEGES), PRIV, BAD, 0 },
    { "privileges: one without a category", TYPE(PRIVILEGES), "82" PRIV "a0", BAD, 26 },
    { "privileges: a date as text", TYPE(PRIVILEGES),
      "81a2"
      "75"
      "76656869636c655f63617465676f72795f636f6465"
      "6141"
      "6a69737375655f64617465"
      "6161",
      BAD, 37 },
    { "privileges: codes", TYPE(PRIVILEGES),
      "81a2"
      "75"
      "76656869636c655f63617465676f72795f636f6465"
      "6141"
      "65636f646573"
      "81a164636f6465623031",
      CARNET_OK, 0 },
    { "privileges: codes without any", TYPE(PRIVILEGES),
      "81a2"
      "75"
      "76656869636c655f63617465676f72795f636f6465"
      "6141"
      "65636f646573"
      "80",
      BAD, 32 },
    { "privileges: a code without its code", TYPE(PRIVILEGES),
      "81a2"
      "75"
      "76656869636c655f63617465676f72795f636f6465"
      "6141"
      "65636f646573"
      "81a0",
      BAD, 33 },
};

static void
each_value_is_taken_or_refused_at_the_byte_that_is_wrong(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span value = carnet_test_copy(carnet_test_hex(cases[i].hex));
        carnet_err err = { 0 };
        carnet_rc rc = carnet_element_check(&cases[i].element, value, &err);

        if (rc != cases[i].rc || err.offset != cases[i].offset)
            print_error("%s: code %#x at %zu: %s\n", cases[i].what, (unsigned)rc, err.offset, err.reason), wrong++;
        assert_carnet_rc(carnet_element_check(&cases[i].element, value, NULL), rc);
        if (rc == BAD && err.reason[0] == '\0')
            fail_msg("%s: no reason is given", cases[i].what);
    }
    assert_int_equal(wrong, 0);
}

static void
an_error_in_a_privilege_names_its_place(void **state)
{
    static const carnet_element_definition element = {
        "driving_privileges", CARNET_ELEMENT_PRIVILEGES, CARNET_MANDATORY, 0, NULL, { NULL, NULL }
    };
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_rc(carnet_element_check(&element, carnet_test_hex("82" PRIV "a0"), &err), BAD);
    assert_string_equal(err.path, "driving_privileges[1].vehicle_category_code");
    assert_string_equal(err.reason, "must be an array of driving privileges");
}

static void
no_error_repeats_the_value(void **state)
{
    static const carnet_element_definition element = TYPE(ALPHA2);
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_rc(carnet_element_check(&element, carnet_test_hex("66736563726574"), &err), BAD);
    assert_null(strstr(err.reason, "secret"));
    assert_null(strstr(err.path, "secret"));
}

static void
check_mutated(carnet_span mutated, void *context)
{
    carnet_err err = { 0 };

    if (carnet_element_check(context, mutated, &err) != CARNET_OK)
        assert_true(err.offset <= mutated.len);
}

static void
survives_every_prefix_and_every_bit_of_every_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_element_definition element = cases[i].element;

        carnet_test_every_prefix_and_bit(carnet_test_hex(cases[i].hex), check_mutated, &element);
    }
}

static void
each_type_has_words_for_it(void **state)
{
    (void)state;
    for (int type = CARNET_ELEMENT_TEXT; type <= CARNET_ELEMENT_PLACE; type++)
        assert_memory_equal(carnet_element_type_text((carnet_element_type)type), "must be ", 8);
    assert_string_equal(carnet_element_type_text((carnet_element_type)99), "of no known type");
}

static void
the_privileges_of_annex_d_are_privileges(void **state)
{
    static const carnet_element_definition element = TYPE(PRIVILEGES);
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_element_check(
                         &element, carnet_test_shared_hex("vectors/iso18013-5-annexD/driving_privileges.hex"), &err),
                     &err);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_is_taken_or_refused_at_the_byte_that_is_wrong),
        cmocka_unit_test(an_error_in_a_privilege_names_its_place),
        cmocka_unit_test(no_error_repeats_the_value),
        cmocka_unit_test(survives_every_prefix_and_every_bit_of_every_value),
        cmocka_unit_test(each_type_has_words_for_it),
        cmocka_unit_test(the_privileges_of_annex_d_are_privileges),
    };

    return cmocka_run_group_tests_name("document/doctype element", tests, NULL, NULL);
}
