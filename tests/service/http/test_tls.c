/* SPDX-License-Identifier: Apache-2.0 */
/* TLS as libcurl's OpenSSL, another implementation, meets it. */
#include "pem.h"
#include "world.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static world w;

static carnet_service_config
with_tls(void)
{
    carnet_service_config config = world_config(&w);

    config.chain = carnet_str_of(server_pem);
    config.key = carnet_str_of(server_key);
    config.clients = carnet_str_of(authority_pem);
    return config;
}

static int
start(void **state)
{
    carnet_service_config config = with_tls();

    (void)state;
    world_start(&w, &config);
    return 0;
}

static int
stop(void **state)
{
    (void)state;
    carnet_service_stop(&w.service, 1000);
    return w.service == NULL ? 0 : -1;
}

/* How a client comes. */
typedef struct client {
    long version;          /* exactly; CURL_SSLVERSION_ with its MAX */
    const char *old, *new; /* suites of TLS 1.2 and 1.3 */
    const char *groups, *certificate, *key;
} client;

static char body[256];

static bool leaving; /* in the midst of the answer */

static size_t
take(char *octets, size_t one, size_t count, void *at)
{
    size_t *len = at, n = one * count < sizeof(body) - 1 - *len ? one * count : sizeof(body) - 1 - *len;

    memcpy(body + *len, octets, n);
    *len += n;
    body[*len] = '\0';
    return leaving ? 0 : one * count;
}

static void
give(CURL *c, CURLoption option, const char *pem)
{
    struct curl_blob blob = { (void *)(uintptr_t)pem, strlen(pem), CURL_BLOB_COPY };

    assert_int_equal(curl_easy_setopt(c, option, &blob), CURLE_OK);
}

/* The status, or 0 when there was no TLS connection. */
static long
get(const client *how, const char *path)
{
    CURL *c = curl_easy_init();
    char url[128];
    long status = 0;
    size_t len = 0;
    CURLcode code;

    body[0] = '\0';
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%u%s", w.port, path);
    assert_int_equal(curl_easy_setopt(c, CURLOPT_URL, url), CURLE_OK);
    assert_int_equal(curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take), CURLE_OK);
    assert_int_equal(curl_easy_setopt(c, CURLOPT_WRITEDATA, &len), CURLE_OK);
    assert_int_equal(curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, 10000L), CURLE_OK);
    assert_int_equal(curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L), CURLE_OK);
    give(c, CURLOPT_CAINFO_BLOB, authority_pem);
    if (how->version != 0)
        assert_int_equal(curl_easy_setopt(c, CURLOPT_SSLVERSION, how->version), CURLE_OK);
    if (how->old != NULL)
        assert_int_equal(curl_easy_setopt(c, CURLOPT_SSL_CIPHER_LIST, how->old), CURLE_OK);
    if (how->new != NULL)
        assert_int_equal(curl_easy_setopt(c, CURLOPT_TLS13_CIPHERS, how->new), CURLE_OK);
    if (how->groups != NULL)
        assert_int_equal(curl_easy_setopt(c, CURLOPT_SSL_EC_CURVES, how->groups), CURLE_OK);
    if (how->certificate != NULL) {
        give(c, CURLOPT_SSLCERT_BLOB, how->certificate);
        give(c, CURLOPT_SSLKEY_BLOB, how->key);
    }
    code = curl_easy_perform(c);
    if (code == CURLE_OK)
        (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(c);
    return status;
}

#define TLS11 (CURL_SSLVERSION_TLSv1_0 | CURL_SSLVERSION_MAX_TLSv1_1)
#define TLS12 (CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2)
#define TLS13 (CURL_SSLVERSION_TLSv1_3 | CURL_SSLVERSION_MAX_TLSv1_3)

static const struct {
    const char *what;
    client how;
    bool met;
} clients[] = {
    { "TLS 1.3", { .version = TLS13 }, true },
    { "1.3, AES-128-GCM", { .version = TLS13, .new = "TLS_AES_128_GCM_SHA256" }, true },
    { "1.3, AES-256-GCM", { .version = TLS13, .new = "TLS_AES_256_GCM_SHA384" }, true },
    { "1.3, ChaCha20", { .version = TLS13, .new = "TLS_CHACHA20_POLY1305_SHA256" }, true },
    { "1.3, AES-128-CCM", { .version = TLS13, .new = "TLS_AES_128_CCM_SHA256" }, false },
    { "TLS 1.2", { .version = TLS12 }, true },
    { "1.2, AES-128-GCM", { .version = TLS12, .old = "ECDHE-ECDSA-AES128-GCM-SHA256" }, true },
    { "1.2, AES-256-GCM", { .version = TLS12, .old = "ECDHE-ECDSA-AES256-GCM-SHA384" }, true },
    { "1.2, ChaCha20", { .version = TLS12, .old = "ECDHE-ECDSA-CHACHA20-POLY1305" }, true },
    { "1.2, CBC", { .version = TLS12, .old = "ECDHE-ECDSA-AES128-SHA256" }, false },
    { "1.2, CBC with SHA-1", { .version = TLS12, .old = "ECDHE-ECDSA-AES256-SHA" }, false },
    { "1.2, CCM", { .version = TLS12, .old = "ECDHE-ECDSA-AES128-CCM" }, false },
    { "1.2, RSA", { .version = TLS12, .old = "ECDHE-RSA-AES128-GCM-SHA256" }, false },
    { "1.2, finite field", { .version = TLS12, .old = "DHE-RSA-AES128-GCM-SHA256" }, false },
    { "1.2, no key", { .version = TLS12, .old = "AES128-GCM-SHA256" }, false },
    { "TLS 1.1", { .version = TLS11, .old = "DEFAULT@SECLEVEL=0" }, false },
    { "P-256", { .groups = "P-256" }, true },
    { "P-384", { .groups = "P-384" }, true },
    { "P-521", { .groups = "P-521" }, true },
    { "X25519", { .groups = "X25519" }, true },
    { "X448", { .groups = "X448" }, false },
};

static void
versions_suites_and_curves_are_those_specified_and_no_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        print_message("# %s\n", clients[i].what);
        assert_int_equal(get(&clients[i].how, "/healthz"), clients[i].met ? 200 : 0);
    }
}

static const client nobody, known = { .certificate = client_pem, .key = client_key },
                            old = { .version = TLS12, .certificate = client_pem, .key = client_key },
                            stranger = { .certificate = stranger_pem, .key = stranger_key },
                            server = { .certificate = server_pem, .key = server_key };

static void
a_route_that_demands_a_certificate_takes_only_a_trusted_one(void **state)
{
    (void)state;
    assert_int_equal(get(&known, "/mutual"), 200);
    assert_non_null(strstr(body, " trusted"));
    assert_int_equal(get(&old, "/mutual"), 200);
    assert_int_equal(get(&nobody, "/mutual"), 403);
    assert_int_equal(get(&stranger, "/mutual"), 403);
    assert_int_equal(get(&server, "/mutual"), 403); /* of the right authority, for another purpose */
}

static void
other_routes_see_the_certificate_and_whether_it_is_trusted(void **state)
{
    char expected[32];
    uint8_t der[1024];
    carnet_buf out = carnet_buf_of(der, sizeof(der));
    carnet_str text = carnet_str_of(stranger_pem), label;

    (void)state;
    assert_carnet_rc(carnet_pem_next(&text, &label, &out, NULL), CARNET_OK);
    (void)snprintf(expected, sizeof(expected), "%zu not trusted", out.len);
    assert_int_equal(get(&stranger, "/who"), 200);
    assert_string_equal(body, expected);
    assert_int_equal(get(&nobody, "/who"), 200);
    assert_string_equal(body, "0 not trusted");
    assert_int_equal(get(&known, "/who"), 200);
    assert_non_null(strstr(body, " trusted"));
    assert_null(strstr(body, " not "));
}

static void
without_authorities_nobody_is_asked_or_trusted(void **state)
{
    carnet_service_config config = with_tls();

    (void)state;
    config.clients = (carnet_str){ 0 };
    world_start(&w, &config);
    assert_int_equal(get(&known, "/who"), 200);
    assert_string_equal(body, "0 not trusted");
    assert_int_equal(get(&known, "/mutual"), 403);
}

static void
a_key_of_another_certificate_does_not_start(void **state)
{
    carnet_service_config config = with_tls();

    (void)state;
    config.key = carnet_str_of(client_key);
    assert_carnet_rc(carnet_service_start(&config, &w.service, NULL), CARNET_E_SERVICE_TLS);
    config.key = (carnet_str){ 0 };
    assert_carnet_rc(carnet_service_start(&config, &w.service, NULL), CARNET_E_SERVICE_TLS);
    assert_null(w.service);
}

static void
a_reader_that_goes_away_takes_nobody_along(void **state)
{
    (void)state;
    leaving = true;
    for (int i = 0; i < 10; i++)
        assert_int_equal(get(i % 2 == 0 ? &nobody : &old, "/big"), 0);
    leaving = false;
    assert_int_equal(get(&nobody, "/healthz"), 200);
}

/* Silence, half a greeting, and plain HTTP, on the port of TLS. */
static void
a_handshake_that_does_not_come_is_cut(void **state)
{
    static const char *const greetings[] = { "", "\x16\x03\x01\x02", "GET / HTTP/1.1\r\nHost: a\r\n\r\n" };
    carnet_service_config config = with_tls();
    bool closed;

    (void)state;
    config.header_ms = 300;
    world_start(&w, &config);
    for (size_t i = 0; i < 3; i++) {
        int fd = world_connect(w.port);

        world_send(fd, greetings[i]);
        assert_int_equal(world_status(world_read(fd, 3000, &closed)), 0);
        assert_true(closed);
        (void)close(fd);
    }
    assert_int_equal(get(&nobody, "/healthz"), 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions_suites_and_curves_are_those_specified_and_no_others, start, stop),
        cmocka_unit_test_setup_teardown(a_route_that_demands_a_certificate_takes_only_a_trusted_one, start, stop),
        cmocka_unit_test_setup_teardown(other_routes_see_the_certificate_and_whether_it_is_trusted, start, stop),
        cmocka_unit_test_teardown(without_authorities_nobody_is_asked_or_trusted, stop),
        cmocka_unit_test(a_key_of_another_certificate_does_not_start),
        cmocka_unit_test_setup_teardown(a_reader_that_goes_away_takes_nobody_along, start, stop),
        cmocka_unit_test_teardown(a_handshake_that_does_not_come_is_cut, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
