/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks when a proxy asks: header fields count from trusted proxies and from nobody else. */
#include "pem.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

static world w;

static const char *const none[] = { "192.0.2.0/24" };
static const char *const here[] = { "10.1.0.0/16", "127.0.0.1", "2001:db8::/33" };

static void
begin(const char *const *proxies, size_t count, bool forwarded)
{
    carnet_service_config config = world_config(&w);

    config.trusted_proxies = proxies;
    config.trusted_proxy_count = count;
    config.forwarded = forwarded;
    config.clients = carnet_str_of(authority_pem);
    config.client_certificate_header = "X-Client-Certificate";
    world_start(&w, &config);
}

/* The peer that a handler sees. */
static const char *
peer(const char *headers)
{
    static char text[4096];
    const char *answer, *bar;

    (void)snprintf(text, sizeof(text), "GET /items/a HTTP/1.1\r\nHost: a\r\n%sConnection: close\r\n\r\n", headers);
    answer = world_ask(&w, text);
    assert_int_equal(world_status(answer), 200);
    bar = strrchr(answer, '|');
    assert_non_null(bar);
    return bar + 1;
}

static const struct {
    const char *what, *headers, *peer;
    bool forwarded;
} cases[] = {
    { "no field", "", "127.0.0.1", false },
    { "one client", "X-Forwarded-For: 198.51.100.7\r\n", "198.51.100.7", false },
    { "whatever its case", "x-FORWARDED-for: 198.51.100.7\r\n", "198.51.100.7", false },
    { "what the client wrote before", "X-Forwarded-For: 203.0.113.1, 198.51.100.7\r\n", "198.51.100.7", false },
    { "a chain of proxies", "X-Forwarded-For: 198.51.100.7, 10.1.2.3\r\n", "198.51.100.7", false },
    { "not of the network", "X-Forwarded-For: 198.51.100.7, 10.2.2.3\r\n", "10.2.2.3", false },
    { "all trusted", "X-Forwarded-For: 10.1.2.3, 10.1.2.4\r\n", "10.1.2.3", false },
    { "the last line", "X-Forwarded-For: 203.0.113.1\r\nX-Forwarded-For: 198.51.100.7\r\n", "198.51.100.7", false },
    { "IPv6", "X-Forwarded-For: 2001:db8:8000::1\r\n", "2001:db8:8000::1", false },
    { "IPv6 within a network of 33 bits", "X-Forwarded-For: 2001:db8:8000::2, 2001:db8:7fff::1\r\n", "2001:db8:8000::2",
      false },
    { "with a port", "X-Forwarded-For: 198.51.100.7:4711\r\n", "198.51.100.7", false },
    { "no address", "X-Forwarded-For: unknown\r\n", "127.0.0.1", false },
    { "no address behind an address", "X-Forwarded-For: _hidden, 10.1.0.9\r\n", "10.1.0.9", false },
    { "empty", "X-Forwarded-For:\r\n", "127.0.0.1", false },
    { "commas", "X-Forwarded-For: ,,,\r\n", "127.0.0.1", false },
    { "the other field", "Forwarded: for=198.51.100.7\r\n", "127.0.0.1", false },
    { "Forwarded", "Forwarded: for=198.51.100.7\r\n", "198.51.100.7", true },
    { "Forwarded with more", "Forwarded: for=203.0.113.1, proto=https;FOR=\"[2001:db8:9000::1]:47\";by=10.1.0.1\r\n",
      "2001:db8:9000::1", true },
    { "Forwarded without for", "Forwarded: proto=https\r\n", "127.0.0.1", true },
    { "not the field it is told by", "X-Forwarded-For: 198.51.100.7\r\n", "127.0.0.1", true },
};

static void
takes_a_trusted_proxys_word_on_who_asks(void **state)
{
    (void)state;
    for (int forwarded = 0; forwarded < 2; forwarded++) {
        begin(here, CARNET_COUNT(here), forwarded != 0);
        for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
            if (cases[i].forwarded != (forwarded != 0))
                continue;
            print_message("# %s\n", cases[i].what);
            assert_string_equal(peer(cases[i].headers), cases[i].peer);
        }
        carnet_service_stop(&w.service, 1000);
    }
}

static void
believes_nobody_else(void **state)
{
    (void)state;
    begin(none, 1, false);
    assert_string_equal(peer("X-Forwarded-For: 198.51.100.7\r\n"), "127.0.0.1");
    carnet_service_stop(&w.service, 1000);
    begin(NULL, 0, false);
    assert_string_equal(peer("X-Forwarded-For: 198.51.100.7\r\n"), "127.0.0.1");
    carnet_service_stop(&w.service, 1000);
}

static void
counts_the_rate_of_each_client_behind_a_proxy(void **state)
{
    (void)state;
    begin(here, CARNET_COUNT(here), false);
    for (int i = 0; i < 2; i++)
        assert_int_equal(world_status_of(&w, "GET", "/rated", "X-Forwarded-For: 198.51.100.7\r\n", ""), 200);
    assert_int_equal(world_status_of(&w, "GET", "/rated", "X-Forwarded-For: 198.51.100.7\r\n", ""), 429);
    assert_int_equal(world_status_of(&w, "GET", "/rated", "X-Forwarded-For: 198.51.100.8\r\n", ""), 200);
    assert_int_equal(world_status_of(&w, "GET", "/rated", "X-Forwarded-For: 1.2.3.4, 198.51.100.7\r\n", ""), 429);
    carnet_service_stop(&w.service, 1000);
}

/* A certificate as nginx hands it on, or as RFC 9440 says. */
static const char *
handed_on(const char *pem, bool rfc9440)
{
    static char text[4096];
    size_t n = (size_t)snprintf(text, sizeof(text), "X-Client-Certificate: %s", rfc9440 ? ":" : "");
    const char *p = rfc9440 ? strchr(pem, '\n') : pem;

    for (; *p != '\0' && !(rfc9440 && *p == '-'); p++) {
        if (rfc9440 && *p == '\n')
            continue;
        if (rfc9440 || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'))
            text[n++] = *p;
        else
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%%%02X", (unsigned char)*p);
    }
    (void)snprintf(text + n, sizeof(text) - n, "%s\r\n", rfc9440 ? ":" : "");
    return text;
}

static void
takes_a_clients_certificate_from_a_trusted_proxy_only(void **state)
{
    static char twice[8192];

    (void)state;
    begin(here, CARNET_COUNT(here), false);
    assert_int_equal(world_status_of(&w, "GET", "/mutual", "", ""), 403);
    assert_int_equal(world_status_of(&w, "GET", "/mutual", handed_on(client_pem, false), ""), 200);
    assert_int_equal(world_status_of(&w, "GET", "/mutual", handed_on(client_pem, true), ""), 200);
    assert_int_equal(world_status_of(&w, "GET", "/mutual", handed_on(stranger_pem, false), ""), 403);
    assert_int_equal(world_status_of(&w, "GET", "/mutual", handed_on(server_pem, false), ""), 403);
    assert_int_equal(world_status_of(&w, "GET", "/mutual", "X-Client-Certificate: %2\r\n", ""), 403);
    assert_int_equal(world_status_of(&w, "GET", "/mutual", "X-Client-Certificate: ::\r\n", ""), 403);
    (void)snprintf(twice, sizeof(twice), "%s", handed_on(client_pem, true));
    (void)snprintf(twice + strlen(twice), sizeof(twice) - strlen(twice), "%s", handed_on(stranger_pem, true));
    assert_int_equal(world_status_of(&w, "GET", "/mutual", twice, ""), 403);
    carnet_service_stop(&w.service, 1000);
    begin(none, 1, false);
    assert_int_equal(world_status_of(&w, "GET", "/mutual", handed_on(client_pem, true), ""), 403);
    carnet_service_stop(&w.service, 1000);
}

static void
refuses_what_is_no_network(void **state)
{
    static const char *const wrong[] = { "10.0.0.0/33", "::/129", "10.0.0.0/", "localhost", "10.0.0.0/8x", "10.0.0" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(wrong); i++) {
        carnet_service_config config = world_config(&w);
        carnet_service *service;

        config.trusted_proxies = &wrong[i];
        config.trusted_proxy_count = 1;
        assert_carnet_rc(carnet_service_start(&config, &service, NULL), CARNET_E_USAGE);
        assert_null(service);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_trusted_proxys_word_on_who_asks),
        cmocka_unit_test(believes_nobody_else),
        cmocka_unit_test(counts_the_rate_of_each_client_behind_a_proxy),
        cmocka_unit_test(takes_a_clients_certificate_from_a_trusted_proxy_only),
        cmocka_unit_test(refuses_what_is_no_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
