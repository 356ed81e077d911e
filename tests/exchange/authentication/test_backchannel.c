/* SPDX-License-Identifier: Apache-2.0 */
/* Backchannel authentication (CIBA Core 1.0): requests taken and refused, messages of both ends. */
#include "carnet/backchannel.h"
#include "support/support.h"

#include <string.h>

typedef struct parameters {
    struct {
        const char *name, *value;
    } list[12];
    size_t count;
    char texts[1024];
    size_t texts_len;
} parameters;

static carnet_str
get(const void *self, const char *name)
{
    const parameters *p = self;

    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->list[i].name, name) == 0)
            return carnet_str_of(p->list[i].value);
    return (carnet_str){ 0 };
}

static void
put(void *self, const char *name, carnet_str value)
{
    parameters *p = self;
    char *text = p->texts + p->texts_len;

    assert_int_equal(get(p, name).len, 0);
    assert_in_range(p->texts_len + value.len + 1, 0, sizeof(p->texts));
    memcpy(text, value.ptr, value.len);
    text[value.len] = '\0';
    p->texts_len += value.len + 1;
    p->list[p->count].name = name;
    p->list[p->count++].value = text;
}

static parameters
usual(void)
{
    return (parameters){ .list = { { "scope", "profile openid" },
                                   { "login_hint", "alice" },
                                   { "client_notification_token", "8d67dc78-7faa-4d41-aabd-67707b374255" },
                                   { "binding_message", "K7Q2" },
                                   { "requested_expiry", "60" },
                                   { "vtr", "[\"Cf.Cg\",\"Cc.Cf\"]" },
                                   { "vtm", "https://standards.ieee.org/standard/p1940.html" },
                                   { "acr_values", "ignored" } },
                         .count = 8 };
}

static void
takes_a_request_and_hands_out_the_same(void **state)
{
    parameters sent = usual(), again = { .count = 0 };
    uint8_t octets[256];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_backchannel_request r;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_backchannel_request_read(get, &sent, CARNET_BACKCHANNEL_PUSH, &r, &err), &err);
    assert_str_is(r.login_hint, "alice");
    assert_int_equal(r.requested_expiry, 60);
    assert_int_equal(r.vtr_count, 2);
    assert_str_is(r.vtr[1], "Cc.Cf");
    assert_null(r.error);
    assert_carnet_ok(carnet_backchannel_request_write(&r, &room, put, &again, &err), &err);
    assert_int_equal(again.count, 7);
    for (size_t i = 0; i < 7; i++)
        assert_true(carnet_str_equal(get(&again, sent.list[i].name), carnet_str_of(sent.list[i].value)));
    room = carnet_buf_of(octets, 10);
    again = (parameters){ .count = 0 };
    assert_carnet_rc(carnet_backchannel_request_write(&r, &room, put, &again, &err), CARNET_E_NO_SPACE);
    carnet_backchannel_request_close(&r);
    assert_null(r.document);
}

static void
refuses_each_in_its_words(void **state)
{
    static char long_token[CARNET_BACKCHANNEL_TOKEN + 2];
    static const struct {
        const char *name, *value, *error;
    } cases[] = {
        { "scope", "", "invalid_scope" },
        { "scope", "openidx xopenid", "invalid_scope" },
        { "login_hint", "", "invalid_request" },
        { "id_token_hint", "x", "invalid_request" },
        { "login_hint_token", "x", "invalid_request" },
        { "request", "x", "invalid_request" },
        { "binding_message", "more than 20 letters!", "invalid_binding_message" },
        { "requested_expiry", "-1", "invalid_request" },
        { "requested_expiry", "86401", "invalid_request" },
        { "requested_expiry", "99999999999999999999999999", "invalid_request" },
        { "client_notification_token", "", "invalid_request" },
        { "client_notification_token", "a b", "invalid_request" },
        { "client_notification_token", "a\nb", "invalid_request" },
        { "client_notification_token", "==", "invalid_request" },
        { "client_notification_token", long_token, "invalid_request" },
        { "vtr", "{}", "invalid_request" },
        { "vtr", "[]", "invalid_request" },
        { "vtr", "[1]", "invalid_request" },
        { "vtr", "[\"\"]", "invalid_request" },
        { "vtr", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]", "invalid_request" },
        { "vtr", "\"Cf\"", "invalid_request" },
        { "vtr", "[\"Cf\"", "invalid_request" },
    };

    (void)state;
    memset(long_token, 'x', CARNET_BACKCHANNEL_TOKEN + 1);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        parameters p = usual();
        carnet_backchannel_request r;
        size_t k = 0;

        while (k < p.count && strcmp(p.list[k].name, cases[i].name) != 0)
            k++;
        p.list[k].name = cases[i].name;
        p.list[k].value = cases[i].value;
        p.count = k == p.count ? k + 1 : p.count;
        assert_carnet_rc(carnet_backchannel_request_read(get, &p, CARNET_BACKCHANNEL_PING, &r, NULL),
                         CARNET_E_BACKCHANNEL);
        assert_string_equal(r.error, cases[i].error);
        assert_null(r.document);
        assert_int_equal(r.login_hint.len, 0);
    }
}

static void
who_polls_needs_no_token(void **state)
{
    parameters p = usual();
    carnet_backchannel_request r;
    carnet_err err = { 0 };

    (void)state;
    p.list[2].value = "a b";
    assert_carnet_ok(carnet_backchannel_request_read(get, &p, CARNET_BACKCHANNEL_POLL, &r, &err), &err);
    assert_int_equal(r.notification_token.len, 0);
    carnet_backchannel_request_close(&r);
}

static void
writes_and_reads_what_is_said_after(void **state)
{
    uint8_t octets[512];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));
    carnet_backchannel_tokens tokens = { .auth_req_id = carnet_str_of("1c266114"),
                                         .access_token = carnet_str_of("a.b.c"),
                                         .token_type = carnet_str_of("Bearer"),
                                         .expires_in = 300,
                                         .id_token = carnet_str_of("d.e.f"),
                                         .vot = carnet_str_of("Cb.Ce") };
    carnet_backchannel_error error;
    carnet_backchannel_started started;
    carnet_backchannel_ping ping;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_backchannel_tokens_write(&tokens, &out, &err), &err);
    assert_str_is(carnet_buf_str(&out),
                  "{\"auth_req_id\":\"1c266114\",\"access_token\":\"a.b.c\",\"token_type\":\"Bearer\","
                  "\"expires_in\":300,\"id_token\":\"d.e.f\",\"vot\":\"Cb.Ce\"}");
    assert_carnet_ok(carnet_backchannel_tokens_read(carnet_buf_str(&out), &tokens, &err), &err);
    assert_str_is(tokens.id_token, "d.e.f");
    carnet_backchannel_tokens_close(&tokens);
    assert_carnet_ok(
        carnet_backchannel_error_read(
            carnet_str_of("{\"error\":\"access_denied\",\"auth_req_id\":\"1c266114\",\"more\":1}"), &error, &err),
        &err);
    assert_str_is(error.error, "access_denied");
    carnet_backchannel_error_close(&error);
    assert_carnet_rc(carnet_backchannel_error_read(carnet_str_of("{}"), &error, NULL), CARNET_E_BOPS_MESSAGE);
    assert_carnet_rc(carnet_backchannel_ping_read(carnet_str_of("{\"auth_req_id\":1}"), &ping, NULL),
                     CARNET_E_BOPS_MESSAGE);
    assert_carnet_rc(carnet_backchannel_tokens_read(carnet_str_of("{\"access_token\":\"a\"}"), &tokens, NULL),
                     CARNET_E_BOPS_MESSAGE);
    assert_carnet_ok(carnet_backchannel_started_read(
                         carnet_str_of("{\"auth_req_id\":\"x\",\"expires_in\":120,\"interval\":5}"), &started, &err),
                     &err);
    assert_int_equal(started.interval, 5);
    carnet_backchannel_started_close(&started);
}

static void
names_its_modes(void **state)
{
    (void)state;
    for (int mode = CARNET_BACKCHANNEL_POLL; mode <= CARNET_BACKCHANNEL_PUSH; mode++)
        assert_int_equal(
            carnet_backchannel_mode_named(carnet_str_of(carnet_backchannel_mode_name((carnet_backchannel_mode)mode))),
            mode);
    assert_int_equal(carnet_backchannel_mode_named(carnet_str_of("shout")), 0);
    assert_null(carnet_backchannel_mode_name((carnet_backchannel_mode)0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_request_and_hands_out_the_same),
        cmocka_unit_test(refuses_each_in_its_words),
        cmocka_unit_test(who_polls_needs_no_token),
        cmocka_unit_test(writes_and_reads_what_is_said_after),
        cmocka_unit_test(names_its_modes),
    };

    return cmocka_run_group_tests_name("backchannel", tests, NULL, NULL);
}
