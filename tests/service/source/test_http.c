/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP service as a source of attributes. */
#include "carnet/http_service.h"
#include "carnet/source.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define CLAIMS "{\"org.iso.18013.5.1\":{\"family_name\":\"A\"}}"

/* What the service is asked, and answers. */
static struct {
    int status;
    const char *body;
    char subject[128], doctype[64], authorization[128], asked[512];
    unsigned wait_ms;
} peer;

static void
keep(carnet_str text, char *out, size_t size)
{
    (void)snprintf(out, size, "%.*s", (int)text.len, text.len == 0 ? "" : text.ptr);
}

static carnet_rc
answer(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    const carnet_str *id = carnet_service_parameter_get(&request->in_path, "id");
    const carnet_str *type = carnet_service_parameter_get(&request->query, "type");
    const struct timespec wait = { peer.wait_ms / 1000, (long)(peer.wait_ms % 1000) * 1000000 };

    (void)self;
    (void)err;
    (void)nanosleep(&wait, NULL);
    keep(id == NULL ? (carnet_str){ 0 } : *id, peer.subject, sizeof(peer.subject));
    keep(type == NULL ? (carnet_str){ 0 } : *type, peer.doctype, sizeof(peer.doctype));
    keep(carnet_service_header(request, "Authorization"), peer.authorization, sizeof(peer.authorization));
    keep((carnet_str){ (const char *)request->body.ptr, request->body.len }, peer.asked, sizeof(peer.asked));
    response->status = peer.status;
    carnet_buf_add_text(&response->body, peer.body);
    return CARNET_OK;
}

static const carnet_service_route routes[] = {
    { .method = CARNET_SERVICE_GET, .name = "get", .path = "/people/{id}", .run = answer },
    { .method = CARNET_SERVICE_POST, .name = "post", .path = "/ask", .run = answer, .body_max = 4096 },
};

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static carnet_service *service;
static char url[256], bearer[64];
static char room[4096];
static carnet_buf claims;

static int
begin(void **state)
{
    carnet_service_config config = {
        .address = "127.0.0.1", .routes = routes, .route_count = CARNET_COUNT(routes), .random = { .fill = fill }
    };

    (void)state;
    memset(&peer, 0, sizeof(peer));
    return carnet_service_start(&config, &service, NULL) == CARNET_OK ? 0 : -1;
}

static int
end(void **state)
{
    (void)state;
    carnet_service_stop(&service, 1000);
    return 0;
}

static carnet_rc
find(const carnet_http_source_config *config, const char *subject)
{
    carnet_attribute_query query = { .subject = carnet_str_of(subject),
                                     .configuration = carnet_str_of("mdl"),
                                     .doc_type = carnet_str_of("org.iso.18013.5.1.mDL") };
    carnet_attribute_source source;
    carnet_err err = { 0 };
    carnet_rc rc;

    claims = carnet_buf_of(room, sizeof(room));
    assert_carnet_ok(carnet_http_source_open(config, &source, &err), &err);
    rc = carnet_attribute_source_find(&source, &query, &claims, &err);
    carnet_attribute_source_done(&source);
    return rc;
}

static carnet_http_source_config
config_of(const char *path)
{
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", carnet_service_port(service), path);
    return (carnet_http_source_config){ .url = url, .plain_loopback = true };
}

static void
a_person_is_asked_for_in_the_url_or_in_json(void **state)
{
    carnet_http_source_config config = config_of("/people/{subject}?type={doctype}");

    (void)state;
    peer.status = 200;
    peer.body = CLAIMS;
    assert_carnet_ok(find(&config, "a b?d%&\xc3\xa4"), NULL);
    assert_string_equal(peer.subject, "a b?d%&\xc3\xa4");
    assert_string_equal(peer.doctype, "org.iso.18013.5.1.mDL");
    assert_string_equal(peer.authorization, "");
    assert_str_is(carnet_buf_str(&claims), CLAIMS);
    config = config_of("/ask");
    config.post = true;
    assert_carnet_ok(find(&config, "a\"b"), NULL);
    assert_string_equal(peer.asked,
                        "{\"subject\":\"a\\\"b\",\"configuration\":\"mdl\",\"doctype\":\"org.iso.18013.5.1.mDL\"}");
}

static void
what_it_answers_is_told_apart(void **state)
{
    static const struct {
        int status;
        const char *body;
        carnet_rc rc;
    } cases[] = {
        { 200, "{}", CARNET_OK },
        { 200, "[]", CARNET_E_ISSUING_SOURCE },
        { 200, "{", CARNET_E_ISSUING_SOURCE },
        { 200, "", CARNET_E_ISSUING_SOURCE },
        { 202, "{}", CARNET_E_ISSUING_NOT_YET },
        { 404, CLAIMS, CARNET_E_ISSUING_SUBJECT },
        { 410, "", CARNET_E_ISSUING_SUBJECT },
        { 302, "", CARNET_E_ISSUING_SOURCE },
        { 401, "", CARNET_E_ISSUING_SOURCE },
        { 500, CLAIMS, CARNET_E_ISSUING_SOURCE },
    };
    carnet_http_source_config config = config_of("/people/{subject}");

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        peer.status = cases[i].status;
        peer.body = cases[i].body;
        assert_carnet_rc(find(&config, "1"), cases[i].rc);
        assert_int_equal(claims.len != 0, cases[i].rc == CARNET_OK);
    }
}

static void
a_service_that_is_slow_or_gone_cannot_be_asked(void **state)
{
    carnet_http_source_config config = config_of("/people/{subject}");

    (void)state;
    peer.status = 200;
    peer.body = CLAIMS;
    peer.wait_ms = 1500;
    config.timeout_ms = 200;
    assert_carnet_rc(find(&config, "1"), CARNET_E_ISSUING_SOURCE);
    peer.wait_ms = 0;
    config.url = "http://127.0.0.1:1/x";
    assert_carnet_rc(find(&config, "1"), CARNET_E_ISSUING_SOURCE);
}

static void
a_token_goes_along_and_urls_are_https(void **state)
{
    carnet_http_source_config config = config_of("/people/{subject}");
    carnet_attribute_source source;
    int fd;

    (void)state;
    (void)snprintf(bearer, sizeof(bearer), "/tmp/carnet-bearer-XXXXXX");
    fd = mkstemp(bearer);
    assert_int_equal(write(fd, "s3cret\nmore\n", 12), 12);
    assert_int_equal(close(fd), 0);
    config.bearer_file = bearer;
    peer.status = 200;
    peer.body = CLAIMS;
    assert_carnet_ok(find(&config, "1"), NULL);
    assert_string_equal(peer.authorization, "Bearer s3cret");
    assert_int_equal(unlink(bearer), 0);
    assert_carnet_rc(find(&config, "1"), CARNET_E_ISSUING_SOURCE);
    config.plain_loopback = false;
    assert_carnet_rc(carnet_http_source_open(&config, &source, NULL), CARNET_E_ISSUING_SOURCE);
    config = (carnet_http_source_config){ .url = "http://people.example/{subject}", .plain_loopback = true };
    assert_carnet_rc(carnet_http_source_open(&config, &source, NULL), CARNET_E_ISSUING_SOURCE);
    config.url = "file:///etc/passwd";
    assert_carnet_rc(carnet_http_source_open(&config, &source, NULL), CARNET_E_ISSUING_SOURCE);
    config.url = "https://people.example/{subject}";
    assert_carnet_ok(carnet_http_source_open(&config, &source, NULL), NULL);
    carnet_attribute_source_done(&source);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_person_is_asked_for_in_the_url_or_in_json),
        TEST(what_it_answers_is_told_apart),
        TEST(a_service_that_is_slow_or_gone_cannot_be_asked),
        TEST(a_token_goes_along_and_urls_are_https),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
