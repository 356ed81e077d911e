/* SPDX-License-Identifier: Apache-2.0 */
/* What may be asked, and what is read of a header; that it is asked, and how, is tried in tests/programs/wallet.sh. */
#include "carnet/fetch_request.h"
#include "support/support.h"

#include <string.h>

static bool
allowed(const char *uri, bool plain)
{
    return carnet_fetch_request_allowed(carnet_str_of(uri), &(carnet_fetch_limits){ .plain_loopback = plain });
}

static void
https_is_asked_and_http_of_this_machine_alone(void **state)
{
    static const char *const plain[] = { "http://127.0.0.1/x", "http://127.0.0.1:81", "http://localhost:8080/?a",
                                         "http://[::1]:8080/", "HTTP://LOCALHOST/" };
    static const char *const never[] = { "http://127.0.0.1.example/",
                                         "http://localhost.example/",
                                         "http://example/",
                                         "http://127.0.0.2/",
                                         "http://127.0.0.1@example/",
                                         "https://user@example/",
                                         "ftp://127.0.0.1/",
                                         "file:///etc/passwd",
                                         "https://",
                                         "https://a\nb/",
                                         "" };

    (void)state;
    assert_true(allowed("https://example.org/a?b#c", false));
    assert_true(allowed("HTTPS://example.org:8443", true));
    for (size_t i = 0; i < CARNET_COUNT(plain); i++) {
        assert_true(allowed(plain[i], true));
        assert_false(allowed(plain[i], false));
    }
    for (size_t i = 0; i < CARNET_COUNT(never); i++)
        if (allowed(never[i], true))
            fail_msg("%s", never[i]);
}

static void
a_request_that_may_not_be_sent_is_not(void **state)
{
    static uint8_t header[256], body[256];
    const carnet_fetch_limits limits = { .plain_loopback = true, .timeout_ms = 100 };
    const struct {
        const char *method, *uri, *field;
    } cases[] = {
        { "GET", "http://example.org/", "Accept: x" }, { "TRACE", "http://127.0.0.1:1/", "Accept: x" },
        { "get", "http://127.0.0.1:1/", "Accept: x" }, { "GET", "http://127.0.0.1:1/", "Accept: x\r\nInjected: y" },
        { "GET", "http://127.0.0.1:1/", "no field" },  { "GET", "http://127.0.0.1:1/", ": x" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_str field = carnet_str_of(cases[i].field);
        const carnet_fetch_request request = {
            .method = cases[i].method, .uri = carnet_str_of(cases[i].uri), .fields = &field, .field_count = 1
        };
        carnet_fetch_answer answer = { .header = carnet_buf_of(header, sizeof(header)),
                                       .body = carnet_buf_of(body, sizeof(body)) };
        carnet_err err = { 0 };

        if (carnet_fetch_ask(NULL, &request, &limits, &answer, &err) != CARNET_E_USAGE)
            fail_msg("%s %s %s: %s", cases[i].method, cases[i].uri, cases[i].field, carnet_rc_name(err.rc));
    }
}

static void
nobody_there_is_said(void **state)
{
    static uint8_t header[256], body[256];
    const carnet_fetch_limits limits = { .plain_loopback = true, .timeout_ms = 5000 };
    const carnet_fetch_request request = { .method = "POST", .uri = carnet_str_of("http://127.0.0.1:1/") };
    carnet_fetch_answer answer = { .header = carnet_buf_of(header, sizeof(header)),
                                   .body = carnet_buf_of(body, sizeof(body)) };
    carnet_fetch_connection *connection = carnet_fetch_connection_new();

    (void)state;
    assert_non_null(connection);
    assert_int_equal(carnet_fetch_ask(connection, &request, &limits, &answer, NULL), CARNET_E_LINK_ABSENT);
    assert_int_equal(answer.status, 0);
    assert_int_equal(carnet_fetch_ask(connection, &request, &limits, &answer, NULL), CARNET_E_LINK_ABSENT);
    carnet_fetch_connection_free(connection);
    carnet_fetch_connection_free(NULL);
}

static void
header_fields_are_found_by_name(void **state)
{
    static const char header[] =
        "Content-Type: application/json\r\nX: 1\r\nx:\t 2 \r\nContent-Type-Not: z\r\nEmpty:\r\nno line end: 3";
    carnet_str text = carnet_str_of(header), value;

    (void)state;
    assert_true(carnet_fetch_field(text, "content-type", 0, &value));
    assert_str_is(value, "application/json");
    assert_false(carnet_fetch_field(text, "content-type", 1, &value));
    assert_int_equal(value.len, 0);
    assert_true(carnet_fetch_field(text, "X", 1, &value));
    assert_str_is(value, "2");
    assert_true(carnet_fetch_field(text, "Empty", 0, &value));
    assert_int_equal(value.len, 0);
    assert_true(carnet_fetch_field(text, "no line end", 0, &value));
    assert_str_is(value, "3");
    assert_false(carnet_fetch_field(text, "Content", 0, &value));
    assert_false(carnet_fetch_field((carnet_str){ 0 }, "X", 0, &value));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(https_is_asked_and_http_of_this_machine_alone),
        cmocka_unit_test(a_request_that_may_not_be_sent_is_not),
        cmocka_unit_test(nobody_there_is_said),
        cmocka_unit_test(header_fields_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
