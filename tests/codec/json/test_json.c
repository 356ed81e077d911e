/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what is taken, and where what is not is wrong. */
#include "carnet/json.h"
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    carnet_rc rc;
    size_t offset;
    carnet_json_type type;
} cases[] = {
    { "null", CARNET_OK, 0, CARNET_JSON_NULL },
    { " true ", CARNET_OK, 0, CARNET_JSON_BOOL },
    { "-9223372036854775808", CARNET_OK, 0, CARNET_JSON_INTEGER },
    { "9223372036854775807", CARNET_OK, 0, CARNET_JSON_INTEGER },
    { "1.5e3", CARNET_OK, 0, CARNET_JSON_REAL },
    { "1.0", CARNET_OK, 0, CARNET_JSON_REAL },
    { "\"\\u00e4\\\\\\\"\"", CARNET_OK, 0, CARNET_JSON_STRING },
    { "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", CARNET_OK, 0, CARNET_JSON_ARRAY },
    { "{\"a\":{\"a\":1}}", CARNET_OK, 0, CARNET_JSON_OBJECT },
    { "\"[[[[[[[[[[[[[[[[[[[[\"", CARNET_OK, 0, CARNET_JSON_STRING },
    { "[\"\\\"\", [], [], {}]", CARNET_OK, 0, CARNET_JSON_ARRAY },

    { "", CARNET_E_JSON_SYNTAX, 0, CARNET_JSON_NONE },
    { " ", CARNET_E_JSON_SYNTAX, 1, CARNET_JSON_NONE },
    { "nul", CARNET_E_JSON_SYNTAX, 3, CARNET_JSON_NONE },
    { "True", CARNET_E_JSON_SYNTAX, 4, CARNET_JSON_NONE },
    { "1 2", CARNET_E_JSON_SYNTAX, 3, CARNET_JSON_NONE },
    { "01", CARNET_E_JSON_SYNTAX, 1, CARNET_JSON_NONE },
    { "+1", CARNET_E_JSON_SYNTAX, 1, CARNET_JSON_NONE },
    { ".5", CARNET_E_JSON_SYNTAX, 1, CARNET_JSON_NONE },
    { "NaN", CARNET_E_JSON_SYNTAX, 3, CARNET_JSON_NONE },
    { "[1,]", CARNET_E_JSON_SYNTAX, 4, CARNET_JSON_NONE },
    { "[1", CARNET_E_JSON_SYNTAX, 2, CARNET_JSON_NONE },
    { "{\"a\" 1}", CARNET_E_JSON_SYNTAX, 6, CARNET_JSON_NONE },
    { "{a:1}", CARNET_E_JSON_SYNTAX, 2, CARNET_JSON_NONE },
    { "{'a':1}", CARNET_E_JSON_SYNTAX, 2, CARNET_JSON_NONE },
    { "\"a", CARNET_E_JSON_SYNTAX, 2, CARNET_JSON_NONE },
    { "\"\n\"", CARNET_E_JSON_SYNTAX, 1, CARNET_JSON_NONE },
    { "\"\\u0000\"", CARNET_E_JSON_SYNTAX, 8, CARNET_JSON_NONE },
    { "\"\\ud800\"", CARNET_E_JSON_SYNTAX, 8, CARNET_JSON_NONE },
    { "\"\xff\"", CARNET_E_JSON_SYNTAX, 1, CARNET_JSON_NONE },
    { "/* */ 1", CARNET_E_JSON_SYNTAX, 1, CARNET_JSON_NONE },
    { "{\"a\":1,\"a\":1}", CARNET_E_JSON_KEY_TWICE, 10, CARNET_JSON_NONE },
    { "{\"a\":1,\"\\u0061\":1}", CARNET_E_JSON_KEY_TWICE, 15, CARNET_JSON_NONE },
    { "9223372036854775808", CARNET_E_JSON_LIMIT, 19, CARNET_JSON_NONE },
    { "-9223372036854775809", CARNET_E_JSON_LIMIT, 20, CARNET_JSON_NONE },
    { "1e999", CARNET_E_JSON_LIMIT, 5, CARNET_JSON_NONE },
    { "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", CARNET_E_JSON_LIMIT, 16, CARNET_JSON_NONE },
    { "[[[[[[[[[[[[[[[[{", CARNET_E_JSON_LIMIT, 16, CARNET_JSON_NONE },
};

static void
each_text_is_taken_or_refused_at_the_byte_that_is_wrong(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_span copy = carnet_test_copy(carnet_str_bytes(carnet_str_of(cases[i].text)));
        carnet_json *document = (carnet_json *)&copy;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_json_parse((carnet_str){ (const char *)copy.ptr, copy.len }, &document, &err);

        if (rc != cases[i].rc || err.offset != cases[i].offset) {
            print_error("%s: code %#x at %zu\n", cases[i].text, (unsigned)rc, err.offset);
            wrong++;
        }
        assert_int_equal(document == NULL, rc != CARNET_OK);
        assert_int_equal(carnet_json_type_of(document), cases[i].type);
        carnet_json_free(&document);
        assert_null(document);
    }
    assert_int_equal(wrong, 0);
}

static void
a_zero_octet_is_no_space(void **state)
{
    static const struct {
        carnet_str text;
        size_t offset;
    } texts[] = { { { "[1\0,2]", 6 }, 2 }, { { "1.5\0", 4 }, 3 }, { { "[1,\0 2]", 7 }, 4 }, { { "[\0]", 3 }, 2 } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        carnet_json *d = NULL;
        carnet_err err = { 0 };

        assert_carnet_rc(carnet_json_parse(texts[i].text, &d, &err), CARNET_E_JSON_SYNTAX);
        assert_int_equal(err.offset, texts[i].offset);
        assert_null(d);
    }
}

static void
a_text_too_long_is_refused_before_it_is_looked_at(void **state)
{
    char *text = malloc(CARNET_JSON_MAX + 1);
    carnet_json *document;
    carnet_err err = { 0 };

    (void)state;
    assert_non_null(text);
    memset(text, ' ', CARNET_JSON_MAX + 1);
    text[0] = '1';
    assert_carnet_rc(carnet_json_parse((carnet_str){ text, CARNET_JSON_MAX + 1 }, &document, &err),
                     CARNET_E_JSON_LIMIT);
    assert_null(document);
    assert_carnet_ok(carnet_json_parse((carnet_str){ text, CARNET_JSON_MAX }, &document, &err), &err);
    carnet_json_free(&document);
    free(text);
}

static carnet_json *
parse(const char *text)
{
    carnet_json *document;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_json_parse(carnet_str_of(text), &document, &err), &err);
    return document;
}

static void
values_are_what_they_were_written_as(void **state)
{
    carnet_json *d = parse("{\"b\":true,\"i\":-7,\"r\":0.5,\"s\":\"a\\u00e4\",\"l\":[1,2,3],\"o\":{\"x\":null}}");

    (void)state;
    assert_int_equal(carnet_json_count(d), 6);
    assert_true(carnet_json_bool(carnet_json_get(d, "b")));
    assert_int_equal(carnet_json_integer(carnet_json_get(d, "i")), -7);
    assert_true(fabs(carnet_json_real(carnet_json_get(d, "r")) - 0.5) < 1e-9);
    assert_true(fabs(carnet_json_real(carnet_json_get(d, "i")) + 7) < 1e-9);
    assert_str_is(carnet_json_string(carnet_json_get(d, "s")), "a\xc3\xa4");
    assert_int_equal(carnet_json_count(carnet_json_get(d, "l")), 3);
    assert_int_equal(carnet_json_integer(carnet_json_at(carnet_json_get(d, "l"), 2)), 3);
    assert_int_equal(carnet_json_type_of(carnet_json_get(carnet_json_get(d, "o"), "x")), CARNET_JSON_NULL);
    carnet_json_free(&d);
}

static void
what_is_not_there_or_of_another_type_is_empty(void **state)
{
    carnet_json *d = parse("{\"s\":\"1\",\"i\":1,\"l\":[1]}");
    const carnet_json *s = carnet_json_get(d, "s"), *i = carnet_json_get(d, "i"), *l = carnet_json_get(d, "l");
    carnet_json_member member = { 0 };

    (void)state;
    assert_null(carnet_json_get(d, "x"));
    assert_null(carnet_json_get(s, "x"));
    assert_null(carnet_json_get(NULL, "x"));
    assert_null(carnet_json_at(l, 1));
    assert_null(carnet_json_at(l, SIZE_MAX));
    assert_null(carnet_json_at(d, 0));
    assert_null(carnet_json_at(NULL, 0));
    assert_int_equal(carnet_json_integer(s), 0);
    assert_null(carnet_json_string(i).ptr);
    assert_null(carnet_json_string(NULL).ptr);
    assert_false(carnet_json_bool(i));
    assert_false(carnet_json_bool(NULL));
    assert_int_equal(carnet_json_count(i), 0);
    assert_int_equal(carnet_json_count(NULL), 0);
    assert_int_equal(carnet_json_type_of(NULL), CARNET_JSON_NONE);
    assert_true(fabs(carnet_json_real(s)) < 1e-9 && fabs(carnet_json_real(NULL)) < 1e-9);
    assert_false(carnet_json_next(l, &member));
    assert_false(carnet_json_next(NULL, &member));
    assert_null(member.value);
    carnet_json_free(&d);
    carnet_json_free(&d);
    carnet_json_free(NULL);
}

static void
members_come_in_the_order_they_were_written(void **state)
{
    static const char *const names[] = { "z", "a", "", "m", "b" };
    carnet_json *d = parse("{\"z\":0,\"a\":1,\"\":2,\"m\":3,\"b\":4}");
    carnet_json_member member = { 0 };
    size_t n = 0;

    (void)state;
    while (carnet_json_next(d, &member)) {
        assert_in_range(n, 0, CARNET_COUNT(names) - 1);
        assert_str_is(member.name, names[n]);
        assert_int_equal(carnet_json_integer(member.value), (int64_t)n++);
    }
    assert_int_equal(n, CARNET_COUNT(names));
    assert_null(member.value);
    carnet_json_free(&d);
}

/* {"0":0,"1":1,...}, the last one named by `last`. */
static carnet_str
many_members(size_t count, const char *last)
{
    static char text[65536];
    size_t len = 1;

    text[0] = '{';
    for (size_t i = 0; i + 1 < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "\"%zu\":%zu,", i, i);
    len += (size_t)snprintf(text + len, sizeof(text) - len, "\"%s\":[]}", last);
    return (carnet_str){ text, len };
}

static void
members_are_found_however_many_there_are(void **state)
{
    static const size_t counts[] = { 1, 2, 15, 16, 17, 18, 65, 1000 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(counts); i++) {
        carnet_json *d = NULL;
        carnet_json_member member = { 0 };
        char name[24];
        size_t n = 0;

        assert_carnet_ok(carnet_json_parse(many_members(counts[i], "last"), &d, NULL), NULL);
        assert_int_equal(carnet_json_count(d), counts[i]);
        for (; carnet_json_next(d, &member) && n + 1 < counts[i]; n++) {
            (void)snprintf(name, sizeof(name), "%zu", n);
            assert_str_is(member.name, name);
            assert_ptr_equal(carnet_json_get(d, name), member.value);
            assert_int_equal(carnet_json_integer(member.value), (int64_t)n);
        }
        assert_int_equal(carnet_json_type_of(carnet_json_get(d, "last")), CARNET_JSON_ARRAY);
        assert_null(carnet_json_get(d, ""));
        assert_null(carnet_json_get(d, "lasu"));
        assert_null(carnet_json_get(d, "1000"));
        carnet_json_free(&d);
    }
}

static void
a_name_that_comes_twice_is_found_however_many_there_are(void **state)
{
    static const size_t counts[] = { 2, 16, 17, 18, 65, 1000 };
    char name[24];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(counts); i++) {
        for (size_t twice = 0; twice + 1 < counts[i]; twice += 1 + counts[i] / 7) {
            carnet_json *d = NULL;

            (void)snprintf(name, sizeof(name), "%zu", twice);
            assert_carnet_rc(carnet_json_parse(many_members(counts[i], name), &d, NULL), CARNET_E_JSON_KEY_TWICE);
            assert_null(d);
        }
    }
}

/* Values of several depths that wait for the end of what they are in, more of them than there is room for at first. */
static void
entries_stay_in_order_however_many_there_are(void **state)
{
    static char text[65536];
    size_t len = 0, count = 2000;
    carnet_json *d = NULL;

    (void)state;
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s[%zu,\"%zu\",{\"a\":%zu}]", i == 0 ? "[" : ",", i, i,
                                i);
    text[len++] = ']';
    assert_carnet_ok(carnet_json_parse((carnet_str){ text, len }, &d, NULL), NULL);
    assert_int_equal(carnet_json_count(d), count);
    for (size_t i = 0; i < count; i++) {
        const carnet_json *entry = carnet_json_at(d, i);
        char number[24];

        (void)snprintf(number, sizeof(number), "%zu", i);
        assert_int_equal(carnet_json_integer(carnet_json_at(entry, 0)), (int64_t)i);
        assert_str_is(carnet_json_string(carnet_json_at(entry, 1)), number);
        assert_int_equal(carnet_json_integer(carnet_json_get(carnet_json_at(entry, 2), "a")), (int64_t)i);
    }
    carnet_json_free(&d);
}

static void
integers_are_exact_to_their_ends(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } integers[] = { { "0", 0 },
                     { "-0", 0 },
                     { "-1", -1 },
                     { "999999999999999999", INT64_C(999999999999999999) },
                     { "-99999999999999999", -INT64_C(99999999999999999) },
                     { "1000000000000000000", INT64_C(1000000000000000000) },
                     { "9223372036854775807", INT64_MAX },
                     { "-9223372036854775808", INT64_MIN } };
    static const char *const none[] = { "-", "--1", "00", "-01", "1-", "1+1", "1e", "0x1", "1." };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(integers); i++) {
        carnet_json *d = parse(integers[i].text);

        assert_int_equal(carnet_json_type_of(d), CARNET_JSON_INTEGER);
        assert_int_equal(carnet_json_integer(d), integers[i].value);
        carnet_json_free(&d);
    }
    for (size_t i = 0; i < CARNET_COUNT(none); i++) {
        carnet_json *d = NULL;

        assert_carnet_rc(carnet_json_parse(carnet_str_of(none[i]), &d, NULL), CARNET_E_JSON_SYNTAX);
    }
}

static void
parse_mutated(carnet_span mutated, void *context)
{
    carnet_json *document;
    carnet_err err = { 0 };

    (void)context;
    if (carnet_json_parse((carnet_str){ (const char *)mutated.ptr, mutated.len }, &document, &err) != CARNET_OK) {
        assert_null(document);
        assert_true(err.offset <= mutated.len);
    }
    carnet_json_free(&document);
}

static void
survives_every_prefix_and_every_bit(void **state)
{
    (void)state;
    carnet_test_every_prefix_and_bit(
        carnet_str_bytes(carnet_str_of("{\"a\":[1,-2.5e3,true,null],\"b\":{\"c\":\"\\u00e4\\n\"}}")), parse_mutated,
        NULL);
}

static const struct {
    const char *text, *reason, *path;
} held_against[] = {
    { "{\"name\":\"a\"}", NULL, NULL },
    { "{\"name\":\"a\",\"count\":1}", NULL, NULL },
    { "[]", "this must be an object", "outer" },
    { "{}", "this member is missing", "outer.name" },
    { "{\"name\":1}", "this is of another JSON type", "outer.name" },
    { "{\"name\":\"a\",\"count\":\"1\"}", "this is of another JSON type", "outer.count" },
    { "{\"name\":\"a\",\"other\":1}", "there is no such member", "outer.other" },
};

static void
an_object_is_held_against_the_members_it_may_have(void **state)
{
    static const carnet_json_rule rules[] = { { "name", CARNET_JSON_STRING, true },
                                              { "count", CARNET_JSON_INTEGER, false } };
    const carnet_path path = { .name = carnet_str_of("outer") };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(held_against); i++) {
        carnet_json *json = NULL;
        carnet_err err = { 0 };
        carnet_rc rc;

        assert_carnet_ok(carnet_json_parse(carnet_str_of(held_against[i].text), &json, NULL), NULL);
        rc = carnet_json_check(json, rules, CARNET_COUNT(rules), CARNET_E_ROLE_POLICY, &path, &err);
        assert_carnet_rc(rc, held_against[i].reason == NULL ? CARNET_OK : CARNET_E_ROLE_POLICY);
        if (rc != CARNET_OK) {
            assert_string_equal(err.reason, held_against[i].reason);
            assert_string_equal(err.path, held_against[i].path);
        }
        carnet_json_free(&json);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_text_is_taken_or_refused_at_the_byte_that_is_wrong),
        cmocka_unit_test(a_zero_octet_is_no_space),
        cmocka_unit_test(a_text_too_long_is_refused_before_it_is_looked_at),
        cmocka_unit_test(values_are_what_they_were_written_as),
        cmocka_unit_test(what_is_not_there_or_of_another_type_is_empty),
        cmocka_unit_test(members_come_in_the_order_they_were_written),
        cmocka_unit_test(members_are_found_however_many_there_are),
        cmocka_unit_test(a_name_that_comes_twice_is_found_however_many_there_are),
        cmocka_unit_test(entries_stay_in_order_however_many_there_are),
        cmocka_unit_test(integers_are_exact_to_their_ends),
        cmocka_unit_test(survives_every_prefix_and_every_bit),
        cmocka_unit_test(an_object_is_held_against_the_members_it_may_have),
    };

    return cmocka_run_group_tests_name("codec/json", tests, NULL, NULL);
}
