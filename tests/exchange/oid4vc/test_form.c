/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/form.h"
#include "support/support.h"

#include <string.h>

static uint8_t room[CARNET_FORM_MAX + 8];

static carnet_rc
read_form(carnet_str text, carnet_form *form, carnet_err *err)
{
    carnet_buf buf = carnet_buf_of(room, sizeof(room));

    return carnet_form_read(text, &buf, form, err);
}

static const struct {
    const char *text, *name, *value;
    size_t count;
} good[] = {
    { "a=1&b=2", "b", "2", 2 },
    { "a=1&&b=2&", "b", "2", 2 },
    { "a=x+y%20z", "a", "x y z", 1 },
    { "a=%2B%26%3d", "a", "+&=", 1 },
    { "a=b=c", "a", "b=c", 1 },
    { "a=", "a", "", 1 },
    { "a", "a", "", 1 },
    { "", "a", "", 0 },
    { "caf%C3%A9=%E2%82%AC", "caf\xc3\xa9", "\xe2\x82\xac", 1 },
    { "pre-authorized_code=abc&tx_code=1", "pre-authorized_code", "abc", 2 },
};

static void
a_form_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++) {
        carnet_form form;

        assert_carnet_ok(read_form(carnet_str_of(good[i].text), &form, NULL), NULL);
        assert_int_equal(form.count, good[i].count);
        assert_str_is(carnet_form_get(&form, good[i].name), good[i].value);
        assert_int_equal(carnet_form_has(&form, good[i].name), good[i].count != 0);
        assert_false(carnet_form_has(&form, "absent"));
    }
}

static const struct {
    const char *text;
    size_t offset;
    carnet_rc rc;
} bad[] = {
    { "a=%", 2, CARNET_E_OAUTH_FORM },
    { "a=%4", 2, CARNET_E_OAUTH_FORM },
    { "a=1&b=x%G0", 7, CARNET_E_OAUTH_FORM },
    { "a=%0g", 2, CARNET_E_OAUTH_FORM },
    { "a=%00", 2, CARNET_E_OAUTH_FORM },
    { "a=%ff", 2, CARNET_E_OAUTH_FORM },
    { "%zz=1", 0, CARNET_E_OAUTH_FORM },
    { "a=1&=2", 4, CARNET_E_OAUTH_FORM },
    { "a=1&b=2&a=1", 8, CARNET_E_OAUTH_PARAMETER_TWICE },
    { "code=1&c%6Fde=2", 7, CARNET_E_OAUTH_PARAMETER_TWICE },
    { "a&a", 2, CARNET_E_OAUTH_PARAMETER_TWICE },
};

static void
a_malformed_form_is_refused_where_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++) {
        carnet_err err = { 0 };
        carnet_form form;

        print_message("# %s\n", bad[i].text);
        assert_carnet_rc(read_form(carnet_str_of(bad[i].text), &form, &err), bad[i].rc);
        assert_int_equal(err.offset, bad[i].offset);
        assert_int_equal(form.count, 0);
    }
}

static void
limits_hold(void **state)
{
    static char text[CARNET_FORM_MAX + 1];
    carnet_buf many = carnet_buf_of(text, sizeof(text));
    carnet_buf small = carnet_buf_of(room, 4);
    carnet_form form;

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_carnet_ok(read_form((carnet_str){ text, CARNET_FORM_MAX }, &form, NULL), NULL);
    assert_carnet_rc(read_form((carnet_str){ text, CARNET_FORM_MAX + 1 }, &form, NULL), CARNET_E_LIMIT);
    for (uint64_t i = 0; i < CARNET_FORM_PARAMETERS; i++) {
        carnet_buf_add_byte(&many, 'p');
        carnet_buf_add_uint(&many, i);
        carnet_buf_add_text(&many, "=1&");
    }
    assert_carnet_ok(read_form(carnet_buf_str(&many), &form, NULL), NULL);
    assert_int_equal(form.count, CARNET_FORM_PARAMETERS);
    carnet_buf_add_text(&many, "q=1");
    assert_carnet_rc(read_form(carnet_buf_str(&many), &form, NULL), CARNET_E_LIMIT);
    assert_carnet_rc(carnet_form_read(carnet_str_of("abc=def"), &small, &form, NULL), CARNET_E_NO_SPACE);
}

static void
what_is_written_is_read_back(void **state)
{
    static const char value[] = "a b+c&d=e%f\"'\n\xc3\xa9~-._";
    char text[512];
    carnet_buf out = carnet_buf_of(text, sizeof(text));
    carnet_form_writer writer = carnet_form_write(&out);
    carnet_form form;

    (void)state;
    carnet_form_add(&writer, "pre-authorized_code", carnet_str_of(value));
    carnet_form_add_some(&writer, "left out", (carnet_str){ 0 });
    carnet_form_add(&writer, "n m", carnet_str_of(""));
    assert_str_is(carnet_buf_str(&out), "pre-authorized_code=a%20b%2Bc%26d%3De%25f%22%27%0A%C3%A9~-._&n%20m=");
    assert_carnet_ok(read_form(carnet_buf_str(&out), &form, NULL), NULL);
    assert_int_equal(form.count, 2);
    assert_str_is(carnet_form_get(&form, "pre-authorized_code"), value);
}

static const struct {
    const char *url, *with;
} queries[] = {
    { "https://h/p", "https://h/p?a=1" },
    { "https://h/p?", "https://h/p?a=1" },
    { "https://h/p?b=2", "https://h/p?b=2&a=1" },
    { "eu.wallet:/cb", "eu.wallet:/cb?a=1" },
};

static void
a_query_goes_on_where_the_url_has_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(queries); i++) {
        char text[64];
        carnet_buf out = carnet_buf_of(text, sizeof(text));
        carnet_form_writer writer = carnet_form_write_query(carnet_str_of(queries[i].url), &out);

        carnet_form_add(&writer, "a", carnet_str_of("1"));
        assert_str_is(carnet_buf_str(&out), queries[i].with);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_form_is_read),
        cmocka_unit_test(a_malformed_form_is_refused_where_it_is),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(a_query_goes_on_where_the_url_has_one),
    };

    return cmocka_run_group_tests_name("exchange/oid4vc/form", tests, NULL, NULL);
}
