/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FORM  "Content-Type: application/x-www-form-urlencoded\r\n"
#define JSON  "Content-Type: application/json\r\n"
#define PLAIN "Content-Type: text/plain\r\n"

static world w;

static int
start(void **state)
{
    carnet_service_config config = world_config(&w);

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

static const struct {
    const char *what, *method, *path, *headers, *body;
    int status;
} requests[] = {
    { "a body comes back", "POST", "/echo", JSON, "{}", 200 },
    { "a media type has parameters and capitals", "POST", "/echo", "Content-Type: Application/JSON; charset=utf-8\r\n",
      "{}", 200 },
    { "another media type", "POST", "/echo", PLAIN, "{}", 415 },
    { "a longer media type", "POST", "/echo", "Content-Type: application/jsonx\r\n", "{}", 415 },
    { "no media type", "POST", "/echo", "", "{}", 415 },
    { "two media types", "POST", "/echo", JSON PLAIN, "{}", 400 },
    { "an item", "GET", "/items/7", "", "", 200 },
    { "an item by HEAD", "HEAD", "/items/7", "", "", 200 },
    { "a body where none may be", "GET", "/items/7", "", "x", 413 },
    { "no such path", "GET", "/nothing", "", "", 404 },
    { "a slash too many", "GET", "/items/7/", "", "", 404 },
    { "no item", "GET", "/items/", "", "", 404 },
    { "a path out of the tree", "GET", "/items/..%2f..%2fetc", "", "", 400 },
    { "a zero in the path", "GET", "/items/%00", "", "", 400 },
    { "another method", "PUT", "/items/7", "", "", 405 },
    { "an unknown method", "BREW", "/items/7", "", "", 405 },
    { "a query's parameter twice", "GET", "/items/7?lang=a&lang=b", "", "", 400 },
    { "a malformed query", "GET", "/items/7?lang=%zz", "", "", 400 },
    { "a form", "POST", "/form", FORM, "code=1&x=y", 200 },
    { "a form's parameter twice", "POST", "/form", FORM, "code=1&code=1", 400 },
    { "a form without what is required", "POST", "/form", FORM, "x=y", 400 },
    { "what is required in the query instead", "POST", "/form?code=1", FORM, "x=y", 400 },
    { "two hosts", "GET", "/items/7", "Host: b\r\n", "", 400 },
    { "two lengths", "POST", "/echo", JSON "Content-Length: 2\r\n", "{}", 400 },
    { "a length and a coding", "POST", "/echo", JSON "Transfer-Encoding: chunked\r\n", "0\r\n\r\n", 400 },
    { "the registry's status for a failure", "DELETE", "/items/7", "", "", 422 },
    { "a failure within", "GET", "/inside", "", "", 500 },
    { "a header field with a line's end", "GET", "/split", "", "", 500 },
    { "no client certificate", "GET", "/mutual", "", "", 403 },
};

static void
each_request_gets_the_status_it_deserves(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        print_message("# %s\n", requests[i].what);
        assert_int_equal(
            world_status_of(&w, requests[i].method, requests[i].path, requests[i].headers, requests[i].body),
            requests[i].status);
    }
}

static void
a_handler_sees_path_query_header_and_peer(void **state)
{
    const char *answer = world_ask(
        &w, "GET http://a/items/b%20c?lang=d+e HTTP/1.1\r\nHost: a\r\nX-Test: f\r\nConnection: close\r\n\r\n");

    (void)state;
    assert_int_equal(world_status(answer), 200);
    assert_non_null(strstr(answer, "\r\n\r\nb c|d e|f|127.0.0.1"));
    assert_non_null(strstr(answer, "\r\nX-Answer: yes\r\n"));
    assert_non_null(strstr(answer, "\r\nX-Request-Id: "));
    assert_non_null(strstr(answer, "\r\nCache-Control: no-store\r\n"));
    assert_non_null(strstr(answer, "\r\nContent-Type: text/plain\r\n"));
}

static void
head_has_the_header_and_no_body(void **state)
{
    const char *answer = world_ask(&w, "HEAD /items/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    (void)state;
    assert_non_null(strstr(answer, "\r\nContent-Length: 13\r\n"));
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
}

/* The problem's members, and that its identifier is the header's. */
static void
problem(const char *answer, const char *error, const char *description)
{
    const char *body = strstr(answer, "\r\n\r\n"), *identifier = strstr(answer, "\r\nX-Request-Id: ");
    json_t *j = json_loads(body != NULL ? body + 4 : "", JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(j);
    assert_non_null(identifier);
    assert_string_equal(json_string_value(json_object_get(j, "error")), error);
    assert_string_equal(json_string_value(json_object_get(j, "error_description")), description);
    assert_int_equal(
        strncmp(json_string_value(json_object_get(j, "request_id")), identifier + 16, CARNET_SERVICE_IDENTIFIER), 0);
    assert_int_equal(json_object_size(j), 3);
    json_decref(j);
}

static void
a_failure_is_told_as_a_problem(void **state)
{
    (void)state;
    problem(world_ask(&w, "DELETE /items/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "invalid_grant",
            "the code was used before");
    problem(world_ask(&w, "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "not_found",
            "there is nothing at this path");
    problem(world_ask(&w, "GET /inside HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "server_error",
            "input or output failed");
}

static void
a_method_refused_names_those_allowed(void **state)
{
    (void)state;
    assert_non_null(strstr(world_ask(&w, "PUT /items/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                           "\r\nAllow: GET, HEAD, DELETE\r\n"));
}

static void
bodies_are_taken_to_the_last_octet_and_not_beyond(void **state)
{
    static char body[2001];

    (void)state;
    memset(body, 'x', 1000);
    assert_int_equal(world_status_of(&w, "POST", "/echo", JSON, body), 200);
    body[1000] = 'x';
    assert_int_equal(world_status_of(&w, "POST", "/echo", JSON, body), 413);
    memset(body, 'x', 2000);
    assert_int_equal(world_status_of(&w, "POST", "/echo", JSON, body), 413);
}

static void
a_chunked_body_is_counted_as_it_comes(void **state)
{
    char text[2600] =
        "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" JSON "Transfer-Encoding: chunked\r\n\r\n";
    size_t head = strlen(text);

    (void)state;
    for (size_t n = 0; n < 11; n++) {
        char *chunk = text + head + n * 106;

        memcpy(chunk, "64\r\n", 4);
        memset(chunk + 4, '1', 100);
        memcpy(chunk + 104, "\r\n0\r\n\r\n", 8);
        if (n >= 9)
            assert_int_equal(world_status(world_ask(&w, text)), n == 9 ? 200 : 413);
    }
}

/* A long body that nobody reads is answered before it comes. */
static void
a_body_far_too_long_is_refused_unread(void **state)
{
    int fd = world_connect(w.port);
    bool closed;

    (void)state;
    world_send(fd, "POST /echo HTTP/1.1\r\nHost: a\r\n" JSON "Content-Length: 100000000\r\n\r\n");
    assert_int_equal(world_status(world_read(fd, 3000, &closed)), 413);
    assert_true(closed);
    (void)close(fd);
}

static void
a_header_too_long_is_refused(void **state)
{
    static char value[60001], text[61000];

    (void)state;
    memset(value, 'x', 60000);
    (void)snprintf(text, sizeof(text),
                   "GET /items/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: %.17000s\r\n\r\n", value);
    assert_int_equal(world_status(world_ask(&w, text)), 431);
    (void)snprintf(text, sizeof(text), "GET /items/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Long: %s\r\n\r\n",
                   value);
    assert_int_equal(world_status(world_ask(&w, text)), 431);
    assert_true(world_metric(&w, "refusals_total{limit=\"header_octets\"} ") >= 1);
    assert_int_equal(world_metric(&w, "requests_total{route=\"none\",status=\"431\"} "), 2);
    assert_int_equal(world_count(w.log, "\"error\":\"CARNET_E_SERVICE_HEADER\""), 2);
}

static void
a_header_as_long_as_allowed_is_taken(void **state)
{
    static char value[16001], text[20000];
    int fd = world_connect(w.port);

    (void)state;
    memset(value, 'x', 16000);
    (void)snprintf(text, sizeof(text), "GET /items/a HTTP/1.1\r\nHost: a\r\nX-Long: %s\r\n\r\n", value);
    for (int i = 0; i < 3; i++) {
        world_send(fd, text);
        assert_int_equal(world_status(world_read(fd, 300, NULL)), 200);
    }
    (void)close(fd);
    assert_true(snprintf(text, sizeof(text), "GET /items/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n") > 0);
    for (int i = 0; i < 60; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "X-Field-%d: %.200s\r\n", i, value);
    (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "\r\n");
    assert_int_equal(world_status(world_ask(&w, text)), 200);
}

static void
a_rate_too_high_is_told_to_wait(void **state)
{
    const char *answer;

    (void)state;
    assert_int_equal(world_status_of(&w, "GET", "/rated", "", ""), 200);
    assert_int_equal(world_status_of(&w, "GET", "/rated", "", ""), 200);
    answer = world_ask(&w, "GET /rated HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_int_equal(world_status(answer), 429);
    assert_non_null(strstr(answer, "\r\nRetry-After: "));
    assert_int_equal(world_metric(&w, "refusals_total{limit=\"rate\"} "), 1);
}

static void
pipelined_requests_are_answered_in_order(void **state)
{
    const char *answer =
        world_ask(&w, "GET /items/1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\n" JSON
                      "Content-Length: 3\r\n\r\n\"2\"GET /items/3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const char *one = strstr(answer, "1||"), *two = strstr(answer, "\"2\""), *three = strstr(answer, "3||");

    (void)state;
    assert_int_equal(world_count(answer, "HTTP/1.1 200 "), 3);
    assert_true(one != NULL && two > one && three > two);
}

/* Each on a connection of its own, half closed after it, all at once. */
static void
each_prefix_of_a_request_leaves_the_service_whole(void **state)
{
    static const char request[] =
        "POST /form?x=%41 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" FORM "Content-Length: 6\r\n\r\ncode=1";
    int fds[sizeof(request) - 1];
    carnet_service_config config = world_config(&w);
    bool closed;

    (void)state;
    config.header_ms = config.body_ms = 300;
    world_start(&w, &config);
    for (size_t n = 0; n < sizeof(request) - 1; n++) {
        char text[sizeof(request)] = "";

        memcpy(text, request, n);
        fds[n] = world_connect(w.port);
        world_send(fds[n], text);
        (void)shutdown(fds[n], SHUT_WR);
    }
    for (size_t n = 0; n < sizeof(request) - 1; n++) {
        assert_int_not_equal(world_status(world_read(fds[n], 3000, &closed)), 200);
        assert_true(closed);
        (void)close(fds[n]);
    }
    assert_int_equal(world_status(world_ask(&w, request)), 200);
    for (int i = 0; i < 100 && world_metric(&w, "\ncarnet_http_connections ") > 3; i++)
        world_sleep(50); /* what was closed is taken away a little later */
    assert_in_range(world_metric(&w, "\ncarnet_http_connections "), 1, 3);
}

static void
ready_only_when_told_so(void **state)
{
    (void)state;
    assert_int_equal(world_status_of(&w, "GET", "/healthz", "", ""), 200);
    assert_int_equal(world_status_of(&w, "GET", "/readyz", "", ""), 200);
    atomic_store(&w.unready, true);
    assert_int_equal(world_status_of(&w, "GET", "/healthz", "", ""), 200);
    assert_int_equal(world_status_of(&w, "GET", "/readyz", "", ""), 503);
}

static const char *
options(const char *path)
{
    char request[200];

    (void)snprintf(
        request, sizeof(request),
        "OPTIONS %s HTTP/1.1\r\nHost: a\r\nOrigin: https://wallet.example\r\nAccess-Control-Request-Method: POST\r\n"
        "Access-Control-Request-Headers: dpop,content-type\r\nConnection: close\r\n\r\n",
        path);
    return world_ask(&w, request);
}

static void
a_page_of_another_origin_may_ask_where_the_route_says_so(void **state)
{
    const char *answer = options("/open");

    (void)state;
    assert_int_equal(world_status(answer), 204);
    assert_non_null(strstr(answer, "\r\nAccess-Control-Allow-Origin: *\r\n"));
    assert_non_null(strstr(answer, "\r\nAccess-Control-Allow-Methods: POST\r\n"));
    assert_non_null(strstr(answer, "Authorization, Content-Type, DPoP, OAuth-Client-Attestation,"));
    assert_null(strstr(answer, "Allow-Credentials"));
    /* A refusal can be read there, too, and what a wallet needs of its header. */
    answer = world_ask(&w, "POST /open HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert_int_equal(world_status(answer), 422);
    assert_non_null(strstr(answer, "\r\nAccess-Control-Allow-Origin: *\r\n"));
    assert_non_null(strstr(answer, "\r\nAccess-Control-Expose-Headers: DPoP-Nonce, "));
    assert_null(strstr(answer, "Allow-Headers"));
}

static void
elsewhere_no_page_of_another_origin_learns_anything(void **state)
{
    static const char *const paths[] = { "/who", "/form", "/nothing" };

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const char *answer = options(paths[i]);

        assert_int_equal(world_status(answer), i == 2 ? 404 : 405);
        assert_null(strstr(answer, "Access-Control"));
    }
    assert_null(strstr(world_ask(&w, "GET /who HTTP/1.1\r\nHost: a\r\nOrigin: https://x\r\nConnection: close\r\n\r\n"),
                       "Access-Control"));
}

static void
the_openapi_document_has_the_routes_and_no_others(void **state)
{
    static const char *const names[] = { "", "get", "post", "put", "patch", "delete" };
    const char *body =
        strstr(world_ask(&w, "GET /openapi.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "\r\n\r\n");
    json_t *j = json_loads(body + 4, JSON_REJECT_DUPLICATES, NULL), *paths = json_object_get(j, "paths"), *path;
    const char *key;
    size_t operations = 0;

    (void)state;
    assert_string_equal(json_string_value(json_object_get(j, "openapi")), "3.1.0");
    for (size_t i = 0; i < world_route_count; i++) {
        const carnet_service_route *r = &world_routes[i];
        json_t *o = json_object_get(json_object_get(paths, r->path), names[r->method]);

        assert_string_equal(json_string_value(json_object_get(o, "operationId")), r->name);
        assert_int_equal(json_object_get(o, "security") != NULL, r->client_certificate);
        assert_int_equal(json_object_get(o, "requestBody") != NULL, r->body_max > 0);
        assert_int_equal(json_array_size(json_object_get(o, "parameters")),
                         strcmp(r->path, "/items/{identifier}") == 0 ? 1 + r->parameter_count : 0);
    }
    json_object_foreach(paths, key, path)
    {
        operations += json_object_size(path);
    }
    assert_int_equal(operations, world_route_count + 4);
    json_decref(j);
}

static void
the_log_says_what_happened_and_nothing_the_request_said(void **state)
{
    (void)state;
    (void)world_ask(
        &w, "POST /form?q=Mustermann HTTP/1.1\r\nHost: Mustermann\r\nConnection: close\r\nX-Test: Mustermann\r\n" FORM
            "Content-Length: 15\r\n\r\ncode=Mustermann");
    (void)world_ask(&w, "GET /items/Mustermann?lang=Mustermann HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    (void)world_ask(&w, "GET /Mustermann HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    (void)world_ask(&w, "GET /items/%Mustermann HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    carnet_service_stop(&w.service, 1000);
    assert_int_equal(world_count(w.log, "\n"), 4);
    assert_int_equal(w.successes, world_count(w.log, "\"status\":2"));
    assert_int_equal(w.successes, 2);
    assert_null(strstr(w.log, "usterm"));
    assert_non_null(strstr(w.log, "\"route\":\"form\",\"status\":200,\"received\":15,\"sent\":10,\"ms\":"));
    assert_non_null(strstr(w.log, "\"status\":404"));
    assert_int_equal(world_count(w.log, "\"error\":\"CARNET_E_SERVICE_PATH\""), 1);
    assert_int_equal(world_count(w.log, "\"error\":\"CARNET_E_SERVICE_PARAMETER\""), 1);
    for (const char *line = w.log, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        json_t *j = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);

        assert_int_equal(strlen(json_string_value(json_object_get(j, "request"))), CARNET_SERVICE_IDENTIFIER);
        assert_int_equal(strlen(json_string_value(json_object_get(j, "time"))), 20);
        json_decref(j);
    }
}

static void
the_metrics_count_by_route_and_status(void **state)
{
    (void)state;
    (void)world_status_of(&w, "GET", "/items/1", "", "");
    (void)world_status_of(&w, "GET", "/items/2", "", "");
    (void)world_status_of(&w, "GET", "/items/3?a&a", "", "");
    (void)world_status_of(&w, "GET", "/nothing", "", "");
    assert_int_equal(world_metric(&w, "requests_total{route=\"item\",status=\"200\"} "), 2);
    assert_int_equal(world_metric(&w, "requests_total{route=\"item\",status=\"400\"} "), 1);
    assert_int_equal(world_metric(&w, "requests_total{route=\"none\",status=\"404\"} "), 1);
    assert_int_equal(world_metric(&w, "duration_seconds_bucket{route=\"item\",le=\"+Inf\"} "), 3);
    assert_int_equal(world_metric(&w, "duration_seconds_count{route=\"item\"} "), 3);
}

/* A table at fault, and an address that is not there. */
static void
a_service_that_cannot_be_does_not_start(void **state)
{
    carnet_service_route two[] = { world_routes[0], world_routes[1] };
    carnet_service_config config = world_config(&w);
    carnet_service *s = NULL;

    (void)state;
    config.routes = two;
    config.route_count = 2;
    two[1].name = "echo";
    assert_carnet_rc(carnet_service_start(&config, &s, NULL), CARNET_E_USAGE);
    two[1] = world_routes[1];
    two[1].path = "/a/{b";
    assert_carnet_rc(carnet_service_start(&config, &s, NULL), CARNET_E_USAGE);
    two[1].path = "/a{b}";
    assert_carnet_rc(carnet_service_start(&config, &s, NULL), CARNET_E_USAGE);
    two[1].path = "/healthz", two[1].method = CARNET_SERVICE_GET;
    assert_carnet_rc(carnet_service_start(&config, &s, NULL), CARNET_E_USAGE);
    config.route_count = 1;
    config.address = "a.host.name";
    assert_carnet_rc(carnet_service_start(&config, &s, NULL), CARNET_E_SERVICE_LISTEN);
    config.address = "127.0.0.1";
    config.chain = carnet_str_of("nonsense");
    assert_carnet_rc(carnet_service_start(&config, &s, NULL), CARNET_E_SERVICE_TLS);
    config.key = carnet_str_of("nonsense");
    assert_carnet_rc(carnet_service_start(&config, &s, NULL), CARNET_E_SERVICE_TLS);
    assert_null(s);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(each_request_gets_the_status_it_deserves),
        WITH(a_handler_sees_path_query_header_and_peer),
        WITH(head_has_the_header_and_no_body),
        WITH(a_failure_is_told_as_a_problem),
        WITH(a_method_refused_names_those_allowed),
        WITH(bodies_are_taken_to_the_last_octet_and_not_beyond),
        WITH(a_chunked_body_is_counted_as_it_comes),
        WITH(a_body_far_too_long_is_refused_unread),
        WITH(a_header_too_long_is_refused),
        WITH(a_header_as_long_as_allowed_is_taken),
        WITH(a_rate_too_high_is_told_to_wait),
        WITH(pipelined_requests_are_answered_in_order),
        cmocka_unit_test_teardown(each_prefix_of_a_request_leaves_the_service_whole, stop),
        WITH(ready_only_when_told_so),
        WITH(a_page_of_another_origin_may_ask_where_the_route_says_so),
        WITH(elsewhere_no_page_of_another_origin_learns_anything),
        WITH(the_openapi_document_has_the_routes_and_no_others),
        WITH(the_log_says_what_happened_and_nothing_the_request_said),
        WITH(the_metrics_count_by_route_and_status),
        cmocka_unit_test(a_service_that_cannot_be_does_not_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
