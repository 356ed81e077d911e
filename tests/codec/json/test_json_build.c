/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json_build.h"
#include "support/support.h"

#include <string.h>

static char room[4096];
static carnet_buf out;

static carnet_json_builder
start(void)
{
    out = carnet_buf_of(room, sizeof(room));
    return carnet_json_build(&out);
}

static void
values_are_written_in_order_without_spaces(void **state)
{
    carnet_json_builder b = start();

    (void)state;
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "text", "a\"b\\c\n\x7f\xc3\xa9");
    carnet_json_add_integer(&b, "least", INT64_MIN);
    carnet_json_array_begin(&b, "list");
    carnet_json_add_bool(&b, NULL, true);
    carnet_json_add_null(&b, NULL);
    carnet_json_object_begin(&b, NULL);
    carnet_json_object_end(&b);
    carnet_json_array_begin(&b, NULL);
    carnet_json_array_end(&b);
    carnet_json_array_end(&b);
    carnet_json_add_base64url(&b, "url", CARNET_TEST_BYTES("\xfb\xff"));
    carnet_json_add_base64(&b, "plain", CARNET_TEST_BYTES("\xfb\xff"));
    carnet_json_add_raw(&b, "raw", carnet_str_of("[1,2]"));
    carnet_json_object_end(&b);
    assert_carnet_ok(carnet_json_built(&b, NULL), NULL);
    assert_str_is(carnet_buf_str(&out),
                  "{\"text\":\"a\\\"b\\\\c\\u000a\\u007f\xc3\xa9\",\"least\":-9223372036854775808,"
                  "\"list\":[true,null,{},[]],\"url\":\"-_8\",\"plain\":\"+/8=\",\"raw\":[1,2]}");
}

static void
escapes_stand_where_they_must_and_nowhere_else(void **state)
{
    static const char *const texts[][2] = {
        { "", "\"\"" },
        { "a", "\"a\"" },
        { "\"", "\"\\\"\"" },
        { "\n", "\"\\u000a\"" },
        { "\\\\", "\"\\\\\\\\\"" },
        { "a\"", "\"a\\\"\"" },
        { "\"a", "\"\\\"a\"" },
        { "ab\tcd", "\"ab\\u0009cd\"" },
        { "\x1f\x7f~ ", "\"\\u001f\\u007f~ \"" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        for (size_t cap = 0; cap <= strlen(texts[i][1]); cap++) {
            carnet_json_builder b = start();
            carnet_rc rc;

            out.cap = cap;
            carnet_json_add_text(&b, NULL, texts[i][0]);
            rc = carnet_json_built(&b, NULL);
            assert_carnet_rc(rc, cap < strlen(texts[i][1]) ? CARNET_E_NO_SPACE : CARNET_OK);
        }
        assert_str_is(carnet_buf_str(&out), texts[i][1]);
    }
}

static void
what_was_read_is_written_again_as_the_same(void **state)
{
    static const char text[] = "{\"a\":[1,-2,0.5,1e300,\"x\\u0001y\",null,true,{\"b\":{}}],\"\xc3\xa9\":false}";
    carnet_json_builder b = start();
    carnet_json *first = NULL, *again = NULL;
    char once[256];
    carnet_json_builder c;

    (void)state;
    assert_carnet_ok(carnet_json_parse(carnet_str_of(text), &first, NULL), NULL);
    carnet_json_add_value(&b, NULL, first);
    assert_carnet_ok(carnet_json_built(&b, NULL), NULL);
    assert_in_range(out.len, 1, sizeof(once) - 1);
    memcpy(once, room, out.len + 1);
    assert_carnet_ok(carnet_json_parse((carnet_str){ once, out.len }, &again, NULL), NULL);
    once[out.len] = '\0';
    c = start();
    carnet_json_add_value(&c, NULL, again);
    assert_carnet_ok(carnet_json_built(&c, NULL), NULL);
    assert_str_is(carnet_buf_str(&out), once);
    carnet_json_free(&first);
    carnet_json_free(&again);
}

typedef void misuse(carnet_json_builder *b);

static void
no_name(carnet_json_builder *b)
{
    carnet_json_object_begin(b, NULL);
    carnet_json_add_bool(b, NULL, true);
    carnet_json_object_end(b);
}

static void
name_in_array(carnet_json_builder *b)
{
    carnet_json_array_begin(b, NULL);
    carnet_json_add_bool(b, "no", true);
    carnet_json_array_end(b);
}

static void
two_values(carnet_json_builder *b)
{
    carnet_json_add_bool(b, NULL, true);
    carnet_json_add_bool(b, NULL, true);
}

static void
wrong_end(carnet_json_builder *b)
{
    carnet_json_array_begin(b, NULL);
    carnet_json_object_end(b);
}

static void
end_alone(carnet_json_builder *b)
{
    carnet_json_array_end(b);
}

static void
unfinished(carnet_json_builder *b)
{
    carnet_json_array_begin(b, NULL);
}

static void
empty_raw(carnet_json_builder *b)
{
    carnet_json_add_raw(b, NULL, carnet_str_of(""));
}

static void
absent(carnet_json_builder *b)
{
    carnet_json_add_value(b, NULL, NULL);
}

static void
misuse_sticks_and_is_told(void **state)
{
    static misuse *const all[] = { no_name,   name_in_array, two_values, wrong_end,
                                   end_alone, unfinished,    empty_raw,  absent };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(all); i++) {
        carnet_json_builder b = start();

        all[i](&b);
        assert_carnet_rc(carnet_json_built(&b, NULL), CARNET_E_USAGE);
    }
}

static void
limits_are_kept(void **state)
{
    carnet_json_builder b = start();
    carnet_buf small;

    (void)state;
    for (size_t i = 0; i <= CARNET_JSON_DEPTH; i++)
        carnet_json_array_begin(&b, NULL);
    assert_carnet_rc(b.rc, CARNET_E_JSON_LIMIT);
    b = start();
    carnet_json_add_string(&b, NULL, carnet_str_of("\xc0\x80"));
    assert_carnet_rc(carnet_json_built(&b, NULL), CARNET_E_JSON_TYPE);
    for (size_t cap = 0; cap < 6; cap++) {
        small = carnet_buf_of(room, cap);
        b = carnet_json_build(&small);
        carnet_json_add_text(&b, NULL, "four");
        assert_carnet_rc(carnet_json_built(&b, NULL), CARNET_E_NO_SPACE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_written_in_order_without_spaces),
        cmocka_unit_test(escapes_stand_where_they_must_and_nowhere_else),
        cmocka_unit_test(what_was_read_is_written_again_as_the_same),
        cmocka_unit_test(misuse_sticks_and_is_told),
        cmocka_unit_test(limits_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
