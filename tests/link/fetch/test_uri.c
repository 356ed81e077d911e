/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses may be fetched. */
#include "carnet/fetch.h"
#include "support/support.h"

#include <string.h>

static bool
allowed(const char *uri, const carnet_fetch_rules *rules)
{
    return carnet_fetch_allowed(carnet_str_of(uri), rules);
}

static void
http_and_https_with_a_host_may_be_fetched(void **state)
{
    static const char *const good[] = {
        "http://crl.example/list.crl", "https://crl.example/list.crl", "HTTP://CRL.EXAMPLE/",
        "https://crl.example",         "http://crl.example:8080/a?b",  "http://192.0.2.1/x",
        "http://[2001:db8::1]:8080/x", "https://crl.example?x",        "https://crl.example#x",
    };
    static const carnet_fetch_rules rules;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++)
        assert_true(allowed(good[i], &rules));
}

static void
nothing_else_may(void **state)
{
    static const char *const bad[] = {
        "",
        "crl.example/list.crl",
        "ftp://crl.example/x",
        "file:///etc/passwd",
        "ldap://crl.example/cn=x",
        "gopher://crl.example/x",
        "http:/crl.example/x",
        "http://",
        "http:///x",
        "https://?x",
        "http://user@crl.example/x",
        "http://user:secret@crl.example/x",
        "http://crl.example\\@elsewhere.example/x",
        "http://crl.example/a b",
        "http://crl.example/a\r\nHost: elsewhere.example",
        "http://crl.example/\x7f",
        "http://crl.example/\xc3\xa4",
        "http://:80/x",
        "http://-x/y",
        "http://crl_example/x",
        "http://crl.example%2felsewhere/x",
    };
    static const carnet_fetch_rules rules;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(bad); i++)
        assert_false(allowed(bad[i], &rules));
}

static void
a_very_long_address_may_not(void **state)
{
    static const carnet_fetch_rules rules;
    char uri[CARNET_FETCH_URI_MAX + 2];

    (void)state;
    memset(uri, 'a', sizeof(uri) - 1);
    memcpy(uri, "http://crl.example/", 19);
    uri[CARNET_FETCH_URI_MAX] = '\0';
    assert_true(allowed(uri, &rules));
    uri[CARNET_FETCH_URI_MAX] = 'a';
    uri[CARNET_FETCH_URI_MAX + 1] = '\0';
    assert_false(allowed(uri, &rules));
}

static void
where_hosts_are_named_only_those_may(void **state)
{
    static const char *const hosts[] = { "crl.example", "other.example:8080" };
    static const carnet_fetch_rules rules = { .hosts = hosts, .host_count = 2, .only_hosts = true };

    (void)state;
    assert_true(allowed("http://crl.example/x", &rules));
    assert_true(allowed("http://CRL.example:80/x", &rules));
    assert_true(allowed("https://crl.example:443/x", &rules));
    assert_true(allowed("http://other.example:8080/x", &rules));
    assert_false(allowed("http://crl.example:8080/x", &rules));
    assert_false(allowed("https://crl.example:80/x", &rules));
    assert_false(allowed("http://other.example/x", &rules));
    assert_false(allowed("http://crl.example.elsewhere.example/x", &rules));
    assert_false(allowed("http://elsewhere.example/crl.example", &rules));
    assert_false(allowed("http://elsewhere.example#crl.example", &rules));
}

static void
what_may_not_be_fetched_is_not(void **state)
{
    static const carnet_fetch_rules rules;
    uint8_t room[16];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_rc(carnet_fetch(carnet_str_of("file:///etc/passwd"), &rules, &out, &err), CARNET_E_USAGE);
    assert_int_equal(out.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_and_https_with_a_host_may_be_fetched),
        cmocka_unit_test(nothing_else_may),
        cmocka_unit_test(a_very_long_address_may_not),
        cmocka_unit_test(where_hosts_are_named_only_those_may),
        cmocka_unit_test(what_may_not_be_fetched_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
