/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/relay.h"
#include "support/support.h"

static uint8_t room[65536];

static void
a_request_comes_through(void **state)
{
    carnet_relay made = { .method = carnet_str_of("POST"),
                          .uri = carnet_str_of("https://issuer.example/credential"),
                          .body = carnet_str_of("eyJ.a.b.c.d") };
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_relay read;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_relay_add(&made, carnet_str_of("Content-Type"), carnet_str_of("application/jwt"), &err),
                     &err);
    assert_carnet_ok(carnet_relay_write(&made, &out, &err), &err);
    assert_carnet_ok(carnet_relay_read_request(carnet_buf_str(&out), &read, &err), &err);
    assert_str_is(read.method, "POST");
    assert_str_is(read.uri, "https://issuer.example/credential");
    assert_str_is(read.body, "eyJ.a.b.c.d");
    assert_str_is(carnet_relay_get(&read, "content-type"), "application/jwt");
    assert_int_equal(carnet_relay_get(&read, "content-typ").len, 0);
    assert_int_equal(read.status, 0);
    carnet_relay_close(&read);
}

static void
an_answer_comes_through(void **state)
{
    carnet_relay made = { .status = 401, .body = carnet_str_of("{}") }, read;
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_relay_add(&made, carnet_str_of("DPoP-Nonce"), carnet_str_of("n"), &err), &err);
    assert_carnet_ok(carnet_relay_write(&made, &out, &err), &err);
    assert_carnet_ok(carnet_relay_read_answer(carnet_buf_str(&out), &read, &err), &err);
    assert_int_equal(read.status, 401);
    assert_str_is(carnet_relay_get(&read, "dpop-nonce"), "n");
    carnet_relay_close(&read);
    assert_carnet_rc(carnet_relay_read_request(carnet_buf_str(&out), &read, &err), CARNET_E_APP_RELAY);
}

static void
what_cannot_be_passed_on_is_refused(void **state)
{
    static const char *const rows[] = {
        "{\"method\":\"PUT\",\"uri\":\"https://a/\"}",
        "{\"method\":\"GET\",\"uri\":\"https://a/\",\"body\":\"x\"}",
        "{\"method\":\"GET\",\"uri\":\"file:///etc/passwd\"}",
        "{\"method\":\"GET\",\"uri\":\"https://\"}",
        "{\"method\":\"GET\",\"uri\":\"https:///path\"}",
        "{\"method\":\"GET\",\"uri\":\"https://user@a/\"}",
        "{\"method\":\"GET\",\"uri\":\"https://a/#part\"}",
        "{\"method\":\"GET\",\"uri\":\"https://a/ b\"}",
        "{\"method\":\"GET\",\"uri\":\"https://a\\\\b/\"}",
        "{\"method\":\"GET\",\"uri\":\"https://a/\",\"header\":{\"Host\":\"b\"}}",
        "{\"method\":\"GET\",\"uri\":\"https://a/\",\"header\":{\"cOOkie\":\"b\"}}",
        "{\"method\":\"GET\",\"uri\":\"https://a/\",\"header\":{\"Content-Length\":\"1\"}}",
        "{\"method\":\"GET\",\"uri\":\"https://a/\",\"header\":{\"X\":\"a\\r\\nB: c\"}}",
        "{\"method\":\"GET\",\"uri\":\"https://a/\",\"header\":{\"X Y\":\"a\"}}",
        "{\"method\":\"GET\",\"uri\":\"https://a/\",\"header\":{\"\":\"a\"}}",
        "{\"method\":\"GET\",\"uri\":\"https://a/\",\"header\":{\"X\":1}}",
        "{\"method\":\"GET\",\"uri\":\"https://a/\",\"more\":1}",
        "{\"method\":\"GET\"}",
        "{\"uri\":\"https://a/\"}",
        "[]",
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_relay read;
        const carnet_rc rc = carnet_relay_read_request(carnet_str_of(rows[i]), &read, NULL);

        if (rc != CARNET_E_APP_RELAY)
            fail_msg("row %zu: %s", i, carnet_rc_name(rc));
        assert_null(read.json);
    }
}

static void
answers_without_a_status_are_refused(void **state)
{
    static const char *const rows[] = { "{}",
                                        "{\"status\":\"200\"}",
                                        "{\"status\":199}",
                                        "{\"status\":600}",
                                        "{\"status\":-1}",
                                        "{\"status\":200,\"body\":{}}" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_relay read;

        assert_carnet_rc(carnet_relay_read_answer(carnet_str_of(rows[i]), &read, NULL), CARNET_E_APP_RELAY);
    }
}

static void
no_more_fields_than_there_is_room(void **state)
{
    carnet_relay made = { .status = 200 };

    (void)state;
    for (size_t i = 0; i < CARNET_RELAY_FIELDS; i++)
        assert_carnet_ok(carnet_relay_add(&made, carnet_str_of("X"), carnet_str_of("y"), NULL), NULL);
    assert_carnet_rc(carnet_relay_add(&made, carnet_str_of("X"), carnet_str_of("y"), NULL), CARNET_E_LIMIT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_comes_through),
        cmocka_unit_test(an_answer_comes_through),
        cmocka_unit_test(what_cannot_be_passed_on_is_refused),
        cmocka_unit_test(answers_without_a_status_are_refused),
        cmocka_unit_test(no_more_fields_than_there_is_room),
    };

    return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
