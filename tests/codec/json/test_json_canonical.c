/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in canonical form (RFC 8785). */
#include "carnet/json_canonical.h"
#include "support/support.h"

#include <string.h>

static const struct {
    const char *text, *canonical;
} made[] = {
    /* RFC 8785 3.2.2, the numbers that are integers and the string of all escapes */
    { "{\n  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n  \"literals\": [null, true, "
      "false]\n}",
      "{\"literals\":[null,true,false],\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}" },
    /* 3.2.3, the names in ASCII */
    { "{\"\\r\":\"Carriage Return\",\"1\":\"One\"}", "{\"\\r\":\"Carriage Return\",\"1\":\"One\"}" },
    { "{\"peach\":1,\"Peach\":2,\"a\":3,\"aa\":4,\"A\":5,\"\":6}",
      "{\"\":6,\"A\":5,\"Peach\":2,\"a\":3,\"aa\":4,\"peach\":1}" },
    { "\"\\b\\t\\n\\u000b\\f\\r\\u001f\\u007f\\u0001\"", "\"\\b\\t\\n\\u000b\\f\\r\\u001f\x7f\\u0001\"" },
    { " [ 0 , -1, 9007199254740992 ,-9007199254740992 ] ", "[0,-1,9007199254740992,-9007199254740992]" },
    { "{}", "{}" },
    { "[]", "[]" },
    { "{\"b\":{\"d\":[{\"f\":1,\"e\":2}],\"c\":\"\"},\"a\":null}",
      "{\"a\":null,\"b\":{\"c\":\"\",\"d\":[{\"e\":2,\"f\":1}]}}" },
    { "[[[[[[[[[[[[[[[[7]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[7]]]]]]]]]]]]]]]]" },
};

static carnet_rc
canonical(const char *text, carnet_buf *out, carnet_err *err)
{
    carnet_json *value = NULL;
    carnet_rc rc;

    assert_carnet_ok(carnet_json_parse(carnet_str_of(text), &value, err), err);
    rc = carnet_json_canonical(value, out, err);
    carnet_json_free(&value);
    return rc;
}

static void
is_written_in_one_way(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(made); i++) {
        uint8_t room[256], again_room[256];
        carnet_buf out = carnet_buf_of(room, sizeof(room)), again = carnet_buf_of(again_room, sizeof(again_room));
        carnet_err err = { 0 };

        assert_carnet_ok(canonical(made[i].text, &out, &err), &err);
        assert_str_is(carnet_buf_str(&out), made[i].canonical);
        assert_carnet_ok(canonical(made[i].canonical, &again, &err), &err);
        assert_str_is(carnet_buf_str(&again), made[i].canonical);
    }
}

static const char *const none[] = {
    "1.5", "[1e3]", "9007199254740993", "{\"a\":-9007199254740993}", "{\"\\u20ac\":1}", "[[[[1.0]]]]",
};

static void
refuses_what_would_be_approximated(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(none); i++) {
        uint8_t room[256];
        carnet_buf out = carnet_buf_of(room, sizeof(room));
        carnet_err err = { 0 };

        assert_carnet_rc(canonical(none[i], &out, &err), CARNET_E_JSON_TYPE);
        assert_string_equal(err.clause, "RFC 8785");
    }
    assert_carnet_rc(carnet_json_canonical(NULL, &(carnet_buf){ 0 }, NULL), CARNET_E_JSON_TYPE);
}

static void
an_object_has_256_members_at_most(void **state)
{
    static char text[8192];
    static uint8_t room[8192];

    (void)state;
    for (unsigned count = 256; count <= 257; count++) {
        carnet_buf out = carnet_buf_of(text, sizeof(text) - 1), canon = carnet_buf_of(room, sizeof(room));

        for (unsigned i = 0; i < count; i++) {
            carnet_buf_add_text(&out, i == 0 ? "{\"n" : ",\"n");
            carnet_buf_add_uint(&out, i);
            carnet_buf_add_text(&out, "\":1");
        }
        carnet_buf_add_text(&out, "}");
        text[out.len] = '\0';
        assert_carnet_rc(canonical(text, &canon, NULL), count == 256 ? CARNET_OK : CARNET_E_JSON_LIMIT);
    }
}

static void
says_so_when_there_is_no_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(made); i++)
        for (size_t cap = 0; cap < strlen(made[i].canonical); cap++) {
            uint8_t room[256];
            carnet_buf out = carnet_buf_of(room, cap);

            assert_carnet_rc(canonical(made[i].text, &out, NULL), CARNET_E_NO_SPACE);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_written_in_one_way),
        cmocka_unit_test(refuses_what_would_be_approximated),
        cmocka_unit_test(an_object_has_256_members_at_most),
        cmocka_unit_test(says_so_when_there_is_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
