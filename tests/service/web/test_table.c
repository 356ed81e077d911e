/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/web.h"
#include "support/support.h"

#include <string.h>

static uint8_t room[2048];
static carnet_buf out;
static const carnet_web web = { .base_path = { "/tenant", 7 } };

static carnet_page
begun(void)
{
    out = carnet_buf_of(room, sizeof(room) - 1);
    return (carnet_page){ .html = carnet_html_begin(&out), .web = &web };
}

static void
assert_has(carnet_page *page, const char *text)
{
    assert_carnet_ok(carnet_html_end(&page->html, NULL), NULL);
    room[out.len] = '\0';
    if (strstr((const char *)room, text) == NULL)
        fail_msg("%s is not in %s", text, (const char *)room);
}

static void
a_head_names_its_columns(void **state)
{
    static const carnet_text columns[] = { CARNET_TEXT_STAGED_AT, CARNET_TEXT_STAGED_AMOUNT, CARNET_TEXT_NONE };
    carnet_page page = begun();

    (void)state;
    carnet_page_head_row(&page, columns, CARNET_COUNT(columns), 1);
    assert_has(&page,
               "<th class=\"number\" scope=\"col\">Amount</th><th class=\"number\" scope=\"col\"></th></tr></thead>");
}

static void
a_cell_says_its_column_and_a_dash_for_nothing(void **state)
{
    static const struct {
        const char *value, *class_name, *text;
    } rows[] = {
        { "1 < 2", NULL, "<td data-label=\"Amount\">" },
        { "1 < 2", NULL, "1 &lt; 2" },
        { "", "short", "<td class=\"short\" data-label=\"Amount\">" },
        { "", "short", "\xe2\x80\x93" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_page page = begun();

        carnet_page_cell(&page, CARNET_TEXT_STAGED_AMOUNT, rows[i].class_name, rows[i].value);
        assert_has(&page, rows[i].text);
    }
}

static void
what_is_older_has_a_link(void **state)
{
    carnet_page page = begun();

    (void)state;
    carnet_page_older(&page, "/staged", INT64_MAX, CARNET_TEXT_STAGED_OLDER);
    assert_has(&page, "<p><a href=\"/tenant/staged?before=9223372036854775807\">Older ones</a></p>");
}

static void
a_number_is_digits_and_nothing_else(void **state)
{
    static const struct {
        const char *text;
        int64_t number;
    } rows[] = {
        { "1", 1 },   { "9223372036854775799", 9223372036854775799 },
        { "0", 0 },   { "92233720368547758080", 0 },
        { "", 0 },    { "99999999999999999999", 0 },
        { "-1", 0 },  { "1 ", 0 },
        { "1e3", 0 },
    };

    (void)state;
    assert_int_equal(carnet_page_number(NULL), 0);
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        const carnet_str text = carnet_str_of(rows[i].text);

        assert_true(carnet_page_number(&text) == rows[i].number);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_names_its_columns),
        cmocka_unit_test(a_cell_says_its_column_and_a_dash_for_nothing),
        cmocka_unit_test(what_is_older_has_a_link),
        cmocka_unit_test(a_number_is_digits_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
