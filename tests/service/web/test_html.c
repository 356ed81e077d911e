/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/html.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

static uint8_t room[4096];

/* One element with a text and an attribute. */
static carnet_str
written(const char *element, const char *name, carnet_str value, carnet_str text, carnet_rc *rc)
{
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_html html = carnet_html_begin(&out);

    carnet_html_open(&html, element);
    if (name != NULL)
        carnet_html_set(&html, name, value);
    if (text.len > 0)
        carnet_html_text(&html, text);
    carnet_html_close(&html);
    *rc = carnet_html_end(&html, NULL);
    return carnet_buf_str(&out);
}

static void
escapes_text_and_attributes(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "plain", "plain" },
        { "<script>", "&lt;script&gt;" },
        { "a & b", "a &amp; b" },
        { "\"'", "&quot;&#39;" },
        { "&lt;", "&amp;lt;" },
        { "line\nnext\t", "line\nnext\t" },
        { "\x01\x7f", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xc3\xa9", "\xc3\xa9" },
        { "\xc3<b>", "\xef\xbf\xbd" },
        { "\xc0\xbc", "\xef\xbf\xbd" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_str in = carnet_str_of(cases[i].in);
        char wanted[128];
        carnet_rc rc;

        print_message("# case %zu\n", i);
        (void)snprintf(wanted, sizeof(wanted), "<p title=\"%s\">%s</p>", cases[i].out, cases[i].out);
        assert_str_is(written("p", "title", in, in, &rc), wanted);
        assert_carnet_rc(rc, CARNET_OK);
    }
}

static void
refuses_what_would_run_or_style(void **state)
{
    static const struct {
        const char *element, *name, *value, *text;
    } cases[] = {
        { "p", "onclick", "x", "" },
        { "p", "OnClick", "x", "" },
        { "p", "style", "x", "" },
        { "iframe", "srcdoc", "x", "" },
        { "meta", "http-equiv", "refresh", "" },
        { "script", NULL, "", "alert(1)" },
        { "style", NULL, "", "p{}" },
        { "template", NULL, "", "x" },
        { "br", NULL, "", "x" },
        { "p x", NULL, "", "" },
        { "p>", NULL, "", "" },
        { "", NULL, "", "" },
        { "1p", NULL, "", "" },
        { "p", "a=b", "x", "" },
        { "p", "", "x", "" },
        { "a", "href", "javascript:alert(1)", "" },
        { "a", "href", "JavaScript:alert(1)", "" },
        { "a", "href", " javascript:alert(1)", "" },
        { "a", "href", "data:text/html,x", "" },
        { "a", "href", "//evil.example", "" },
        { "a", "href", "/\\evil.example", "" },
        { "a", "href", "", "" },
        { "a", "href", "page", "" },
        { "form", "action", "vbscript:x", "" },
        { "button", "formaction", "javascript:x", "" },
        { "img", "src", "data:image/svg+xml,x", "" },
        { "script", "src", "data:image/png;base64,x", "" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_rc rc;

        print_message("# %s %s %s %s\n", cases[i].element, cases[i].name != NULL ? cases[i].name : "", cases[i].value,
                      cases[i].text);
        (void)written(cases[i].element, cases[i].name, carnet_str_of(cases[i].value), carnet_str_of(cases[i].text),
                      &rc);
        assert_carnet_rc(rc, CARNET_E_USAGE);
    }
}

static void
lets_pages_link_where_they_may(void **state)
{
    static const char *const cases[] = { "/desk",
                                         "/",
                                         "#content",
                                         "https://example.com/x?a=b&c",
                                         "http://127.0.0.1:8080/",
                                         "openid-credential-offer://?credential_offer_uri=x",
                                         "haip-vci://?credential_offer=x" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_rc rc;

        (void)written("a", "href", carnet_str_of(cases[i]), carnet_str_of("x"), &rc);
        assert_carnet_rc(rc, CARNET_OK);
    }
}

static void
refuses_elements_left_open_or_closed_twice(void **state)
{
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_html html = carnet_html_begin(&out);

    (void)state;
    carnet_html_open(&html, "p");
    assert_carnet_rc(carnet_html_end(&html, NULL), CARNET_E_USAGE);
    html = carnet_html_begin(&out);
    carnet_html_close(&html);
    assert_carnet_rc(carnet_html_end(&html, NULL), CARNET_E_USAGE);
    html = carnet_html_begin(&out);
    carnet_html_open(&html, "p");
    carnet_html_text(&html, carnet_str_of("x"));
    carnet_html_set(&html, "title", carnet_str_of("too late"));
    carnet_html_close(&html);
    assert_carnet_rc(carnet_html_end(&html, NULL), CARNET_E_USAGE);
    html = carnet_html_begin(&out);
    for (int i = 0; i <= CARNET_HTML_DEPTH; i++)
        carnet_html_open(&html, "div");
    assert_carnet_rc(carnet_html_end(&html, NULL), CARNET_E_USAGE);
}

static void
says_that_a_page_is_too_long(void **state)
{
    for (size_t cap = 0; cap < 12; cap++) {
        carnet_buf out = carnet_buf_of(room, cap);
        carnet_html html = carnet_html_begin(&out);

        (void)state;
        carnet_html_element(&html, "p", NULL, carnet_str_of("hello"));
        assert_carnet_rc(carnet_html_end(&html, NULL), CARNET_E_NO_SPACE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_text_and_attributes),    cmocka_unit_test(refuses_what_would_run_or_style),
        cmocka_unit_test(lets_pages_link_where_they_may), cmocka_unit_test(refuses_elements_left_open_or_closed_twice),
        cmocka_unit_test(says_that_a_page_is_too_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
