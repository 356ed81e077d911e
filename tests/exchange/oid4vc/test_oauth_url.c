/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/oauth_url.h"
#include "support/support.h"

#include <string.h>

static const struct {
    const char *url, *scheme, *host, *port, *path, *query, *fragment;
} parted[] = {
    { "https://h.example/a/b?q=1#f", "https", "h.example", "", "/a/b", "q=1", "f" },
    { "HTTPS://H:8443", "HTTPS", "H", "8443", "", "", "" },
    { "http://[::1]:80/x", "http", "[::1]", "80", "/x", "", "" },
    { "https://h?q", "https", "h", "", "", "q", "" },
    { "https://h#?f", "https", "h", "", "", "", "?f" },
    { "https://h:/x", "https", "h", "", "/x", "", "" },
};

static void
a_url_is_parted(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(parted); i++) {
        carnet_oauth_url p;

        assert_carnet_ok(carnet_oauth_url_split(carnet_str_of(parted[i].url), &p, NULL), NULL);
        assert_str_is(p.scheme, parted[i].scheme);
        assert_str_is(p.host, parted[i].host);
        assert_str_is(p.port, parted[i].port);
        assert_str_is(p.path, parted[i].path);
        assert_str_is(p.query, parted[i].query);
        assert_str_is(p.fragment, parted[i].fragment);
    }
}

static const char *const no_urls[] = { "",
                                       "https",
                                       "https:",
                                       "https:/h",
                                       "https://",
                                       "https:///p",
                                       "https://:80",
                                       "ftp://h",
                                       "//h/p",
                                       "/p",
                                       "javascript:alert(1)",
                                       "https://u@h/",
                                       "https://u:p@h/",
                                       "https://good.example@bad.example/",
                                       "https://h:65536/",
                                       "https://h:99999999999999999999/",
                                       "https://h:8a/",
                                       "https://h:80:81/",
                                       "https://[::1/",
                                       "https://[::1]x/",
                                       "https://h/%",
                                       "https://h/%2",
                                       "https://h/%zz",
                                       "https://h/a b",
                                       "https://h/a\\b",
                                       "https://h/\"",
                                       "https://h/<",
                                       "https://h/\xc3\xa9",
                                       "https://h/\n" };

static void
what_is_no_url_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(no_urls); i++) {
        carnet_oauth_url p;

        print_message("# %s\n", no_urls[i]);
        assert_carnet_rc(carnet_oauth_url_split(carnet_str_of(no_urls[i]), &p, NULL), CARNET_E_OAUTH_URL);
        assert_int_equal(p.host.len, 0);
        assert_int_equal(p.scheme.len, 0);
    }
}

static const struct {
    const char *url;
    bool loopback, secure;
} secure[] = {
    { "https://h.example/", false, true },          { "http://h.example/", true, false },
    { "http://127.0.0.1:8080/x", true, true },      { "http://127.0.0.1:8080/x", false, false },
    { "http://localhost/x", true, true },           { "http://LOCALHOST/x", true, true },
    { "http://[::1]:8080/x", true, true },          { "http://localhost.example/", true, false },
    { "http://127.0.0.1.example/", true, false },   { "http://127.0.0.2/", true, false },
    { "http://localhost@h.example/", true, false },
};

static void
http_is_for_the_loopback_only_and_only_if_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(secure); i++) {
        carnet_oauth_url p;

        print_message("# %s\n", secure[i].url);
        assert_carnet_rc(carnet_oauth_url_secure(carnet_str_of(secure[i].url), secure[i].loopback, &p, NULL),
                         secure[i].secure ? CARNET_OK : CARNET_E_OAUTH_URL);
    }
}

static void
an_issuer_has_no_query_and_no_fragment(void **state)
{
    (void)state;
    assert_carnet_ok(carnet_oauth_issuer_check(carnet_str_of("https://h/t"), false, NULL), NULL);
    assert_carnet_rc(carnet_oauth_issuer_check(carnet_str_of("https://h/t?"), false, NULL), CARNET_E_OAUTH_URL);
    assert_carnet_rc(carnet_oauth_issuer_check(carnet_str_of("https://h/t#"), false, NULL), CARNET_E_OAUTH_URL);
    assert_carnet_rc(carnet_oauth_issuer_check(carnet_str_of("https://h/t?x=1"), false, NULL), CARNET_E_OAUTH_URL);
    assert_carnet_rc(carnet_oauth_issuer_check(carnet_str_of("http://h/t"), true, NULL), CARNET_E_OAUTH_URL);
}

/* RFC 3986 6.2.2, 6.2.3, 5.2.4. */
static const struct {
    const char *url, *normal;
} normal[] = {
    { "https://h", "https://h/" },
    { "HTTPS://EXAMPLE.com/Path", "https://example.com/Path" },
    { "https://h:443/p", "https://h/p" },
    { "https://h:0443/p", "https://h/p" },
    { "https://h:/p", "https://h/p" },
    { "http://h:80/", "http://h/" },
    { "http://h:443/", "http://h:443/" },
    { "https://h:8443/p?q#f", "https://h:8443/p" },
    { "https://h?q", "https://h/" },
    { "https://h/%7euser/%7Euser", "https://h/~user/~user" },
    { "https://h/%2f%3a", "https://h/%2F%3A" },
    { "https://h/a/./b/../c", "https://h/a/c" },
    { "https://h/a/..", "https://h/" },
    { "https://h/a/.", "https://h/a/" },
    { "https://h/../../a", "https://h/a" },
    { "https://h/a/b/%2e%2E/c", "https://h/a/c" },
    { "https://h/...", "https://h/..." },
    { "https://h//a", "https://h//a" },
    { "https://h//..", "https://h/" },
    { "https://[::1]:443/", "https://[::1]/" },
};

static void
urls_have_a_normal_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(normal); i++) {
        char text[128], again[128];
        carnet_buf out = carnet_buf_of(text, sizeof(text)), twice = carnet_buf_of(again, sizeof(again));

        print_message("# %s\n", normal[i].url);
        assert_carnet_ok(carnet_oauth_url_normalise(carnet_str_of(normal[i].url), &out, NULL), NULL);
        assert_str_is(carnet_buf_str(&out), normal[i].normal);
        assert_carnet_ok(carnet_oauth_url_normalise(carnet_buf_str(&out), &twice, NULL), NULL);
        assert_str_is(carnet_buf_str(&twice), normal[i].normal);
        assert_true(carnet_oauth_url_same(carnet_str_of(normal[i].url), carnet_str_of(normal[i].normal)));
    }
}

static void
other_urls_are_not_the_same(void **state)
{
    static const char *const others[] = { "http://h/p",  "https://h/P",    "https://h/p/", "https://h:8443/p",
                                          "https://g/p", "https://h/p%2F", "not a url",    "" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(others); i++)
        assert_false(carnet_oauth_url_same(carnet_str_of(others[i]), carnet_str_of("https://h/p")));
    assert_false(carnet_oauth_url_same(carnet_str_of(""), carnet_str_of("")));
}

/* RFC 3986 2: reserved and unreserved characters, and the percent sign with its digits. */
static void
a_url_is_of_the_characters_that_belong_there(void **state)
{
    static const char good[] = ":/?#[]@!$&'()*+,;=-._~%";

    (void)state;
    for (int c = 1; c < 256; c++) {
        char text[] = "https://h/.20";
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        carnet_oauth_url p;

        text[10] = (char)c;
        assert_carnet_rc(carnet_oauth_url_split(carnet_str_of(text), &p, NULL),
                         letter || strchr(good, c) != NULL ? CARNET_OK : CARNET_E_OAUTH_URL);
    }
    assert_false(carnet_oauth_url_same(carnet_str_of("https://h/ "), carnet_str_of("https://h/ ")));
}

static void
a_url_that_is_too_long_is_refused(void **state)
{
    static char text[CARNET_OAUTH_URL_MAX + 1];
    carnet_oauth_url p;
    uint8_t few[16];
    carnet_buf small = carnet_buf_of(few, sizeof(few));

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "https://h/", 10);
    assert_carnet_ok(carnet_oauth_url_split((carnet_str){ text, CARNET_OAUTH_URL_MAX }, &p, NULL), NULL);
    assert_true(
        carnet_oauth_url_same((carnet_str){ text, CARNET_OAUTH_URL_MAX }, (carnet_str){ text, CARNET_OAUTH_URL_MAX }));
    assert_carnet_rc(carnet_oauth_url_split((carnet_str){ text, CARNET_OAUTH_URL_MAX + 1 }, &p, NULL),
                     CARNET_E_OAUTH_URL);
    assert_carnet_rc(carnet_oauth_url_normalise(carnet_str_of("https://h.example/long"), &small, NULL),
                     CARNET_E_NO_SPACE);
    assert_int_equal(small.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_parted),
        cmocka_unit_test(what_is_no_url_is_refused),
        cmocka_unit_test(http_is_for_the_loopback_only_and_only_if_allowed),
        cmocka_unit_test(an_issuer_has_no_query_and_no_fragment),
        cmocka_unit_test(urls_have_a_normal_form),
        cmocka_unit_test(other_urls_are_not_the_same),
        cmocka_unit_test(a_url_is_of_the_characters_that_belong_there),
        cmocka_unit_test(a_url_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests_name("exchange/oid4vc/oauth_url", tests, NULL, NULL);
}
