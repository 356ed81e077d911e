/* SPDX-License-Identifier: Apache-2.0 */
/* Connections with TLS: whose certificates are taken, and what goes through. */
#include "certificates.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static certificates files;

/* A server with a thread of its own that says everything back. */
typedef struct echo {
    carnet_payment_server *server;
    carnet_framing framing;
    size_t certificate; /* octets of the last peer's, read when it has answered */
} echo;

static void
say_back(void *self, const carnet_payment_frame *frames, size_t count)
{
    echo *e = self;

    for (size_t i = 0; i < count; i++) {
        e->certificate = carnet_payment_peer_certificate(frames[i].peer).len;
        (void)!carnet_payment_answer(frames[i].peer, frames[i].header, frames[i].message, NULL);
    }
}

static void
begin(echo *e, const carnet_payment_tls *tls)
{
    carnet_payment_server_config config = {
        .end = { .address = "127.0.0.1", .listens = true, .framing = &e->framing, .tls = tls, .frame_max = 60000 },
        .self = e,
        .batch = say_back,
    };
    carnet_err err = { 0 };

    *e = (echo){ 0 };
    assert_true(carnet_framing_named(carnet_str_of("post"), &e->framing));
    assert_carnet_ok(carnet_payment_server_start(&config, &e->server, &err), &err);
}

static carnet_rc
open_client(const echo *e, const carnet_payment_tls *tls, carnet_payment_client **client)
{
    const carnet_payment_end_config config = { .address = "127.0.0.1",
                                               .port = carnet_payment_server_port(e->server),
                                               .framing = &e->framing,
                                               .tls = tls,
                                               .frame_max = 60000 };

    return carnet_payment_client_open(&config, 30000, client, NULL);
}

/* What comes of a message that is to come back. */
static carnet_rc
ask(carnet_payment_client *client, carnet_span message)
{
    static uint8_t octets[70000];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_span header, answer;
    carnet_rc rc = carnet_payment_client_send(client, (carnet_span){ 0 }, message, NULL);

    if (rc == CARNET_OK)
        rc = carnet_payment_client_receive(client, 30000, &room, &header, &answer, NULL);
    if (rc == CARNET_OK)
        assert_span_equal(answer, message);
    return rc;
}

static const carnet_payment_tls mutual = {
    .chain = files.server, .key = files.server_key, .ca = files.ca, .clients = true
};
static const carnet_payment_tls one_sided = { .chain = files.server, .key = files.server_key };
static const carnet_payment_tls terminal = { .chain = files.client, .key = files.client_key, .ca = files.ca };
static const carnet_payment_tls nobody = { .ca = files.ca };
static const carnet_payment_tls stranger = { .chain = files.stranger, .key = files.stranger_key, .ca = files.ca };

static void
both_sides_show_certificates_and_long_messages_pass(void **state)
{
    static uint8_t message[60000];
    carnet_test_seed seed = { 8446 };
    carnet_payment_client *client;
    echo e;

    (void)state;
    for (size_t i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)carnet_test_number(&seed);
    begin(&e, &mutual);
    assert_carnet_rc(open_client(&e, &terminal, &client), CARNET_OK);
    for (size_t len = 1; len <= sizeof(message); len = len * 4 + 7)
        assert_carnet_rc(ask(client, carnet_span_of(message, len)), CARNET_OK);
    assert_carnet_rc(ask(client, carnet_span_of(message, sizeof(message))), CARNET_OK);
    carnet_payment_client_close(&client);
    carnet_payment_server_stop(&e.server);
    assert_in_range(e.certificate, 200, 4000);
}

static void
a_client_that_need_not_show_one_is_known_by_none(void **state)
{
    carnet_payment_client *client;
    echo e;

    (void)state;
    begin(&e, &one_sided);
    assert_carnet_rc(open_client(&e, &nobody, &client), CARNET_OK);
    assert_carnet_rc(ask(client, CARNET_TEST_BYTES("hello")), CARNET_OK);
    carnet_payment_client_close(&client);
    carnet_payment_server_stop(&e.server);
    assert_int_equal(e.certificate, 0);
}

static void
a_name_is_looked_for_in_the_servers_certificate(void **state)
{
    static const struct {
        const char *name;
        carnet_rc rc;
    } rows[] = { { "host.example", CARNET_OK },
                 { "127.0.0.1", CARNET_OK },
                 { "other.example", CARNET_E_PAYMENT_TLS },
                 { "127.0.0.2", CARNET_E_PAYMENT_TLS } };
    echo e;

    (void)state;
    begin(&e, &one_sided);
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        const carnet_payment_tls tls = { .ca = files.ca, .name = rows[i].name };
        carnet_payment_client *client;

        assert_carnet_rc(open_client(&e, &tls, &client), rows[i].rc);
        assert_int_equal(client != NULL, rows[i].rc == CARNET_OK);
        carnet_payment_client_close(&client);
    }
    carnet_payment_server_stop(&e.server);
}

static void
a_server_of_another_authority_is_refused(void **state)
{
    const carnet_payment_tls tls = { .ca = files.other_ca };
    carnet_payment_client *client;
    echo e;

    (void)state;
    begin(&e, &one_sided);
    assert_carnet_rc(open_client(&e, &tls, &client), CARNET_E_PAYMENT_TLS);
    assert_null(client);
    carnet_payment_server_stop(&e.server);
}

/* With TLS 1.3 a client is done before its certificate is judged: it learns when it listens. */
static void
a_client_without_a_good_certificate_reaches_nobody(void **state)
{
    const carnet_payment_tls *const rows[] = { &nobody, &stranger };
    echo e;

    (void)state;
    begin(&e, &mutual);
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_payment_client *client;

        if (open_client(&e, rows[i], &client) == CARNET_OK)
            assert_int_not_equal(ask(client, CARNET_TEST_BYTES("hello")), CARNET_OK);
        carnet_payment_client_close(&client);
    }
    carnet_payment_server_stop(&e.server);
    assert_int_equal(e.certificate, 0);
}

static void
a_peer_without_tls_is_told_nothing(void **state)
{
    const carnet_payment_end_config change = { .tls = &mutual };
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", &change);
    fd = plain_connect(world_port(&w));
    plain_write(fd, CARNET_TEST_BYTES("\x00\x05hello"));
    world_until(&w, &w.downs, 1);
    assert_carnet_rc(w.why.rc, CARNET_E_PAYMENT_TLS);
    assert_int_equal(w.ups, 0);
    assert_int_equal(w.frames, 0);
    assert_int_equal(close(fd), 0);
    world_end(&w);
}

static void
a_handshake_that_is_never_begun_ends(void **state)
{
    const carnet_payment_end_config change = { .tls = &mutual, .frame_ms = 100 };
    static world w;
    int fd;

    (void)state;
    world_begin(&w, "post", &change);
    fd = plain_connect(world_port(&w));
    world_until(&w, &w.downs, 1);
    assert_carnet_rc(w.why.rc, CARNET_E_LINK_TIMEOUT);
    assert_int_equal(w.ups, 0);
    plain_expect_end(&w, fd);
    world_end(&w);
}

static void
files_that_cannot_be_used_are_refused_at_once(void **state)
{
    const struct {
        carnet_payment_tls tls;
        bool listens;
        carnet_rc rc;
    } rows[] = {
        { { .ca = files.ca }, true, CARNET_E_USAGE },
        { { .chain = files.server, .key = files.server_key, .clients = true }, true, CARNET_E_USAGE },
        { { .chain = files.client, .key = files.client_key }, false, CARNET_E_USAGE },
        { { .chain = files.server, .key = files.client_key }, true, CARNET_E_PAYMENT_TLS },
        { { .chain = files.server }, true, CARNET_E_PAYMENT_TLS },
        { { .chain = files.server_key, .key = files.server_key }, true, CARNET_E_PAYMENT_TLS },
        { { .ca = files.server_key }, false, CARNET_E_PAYMENT_TLS },
        { { .ca = "/nonexistent" }, false, CARNET_E_PAYMENT_TLS },
    };
    carnet_framing framing;
    carnet_payment_loop *loop;

    (void)state;
    assert_true(carnet_framing_named(carnet_str_of("post"), &framing));
    assert_carnet_rc(carnet_payment_loop_new(say_back, NULL, NULL, &loop, NULL), CARNET_OK);
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        const carnet_payment_end_config config = { .address = "127.0.0.1",
                                                   .port = rows[i].listens ? 0 : 9,
                                                   .listens = rows[i].listens,
                                                   .framing = &framing,
                                                   .tls = &rows[i].tls };
        carnet_payment_end *end;

        assert_carnet_rc(carnet_payment_add(loop, &config, &end, NULL), rows[i].rc);
        assert_null(end);
    }
    carnet_payment_loop_free(&loop);
}

static int
make_files(void **state)
{
    (void)state;
    certificates_make(&files);
    return 0;
}

static int
remove_files(void **state)
{
    (void)state;
    certificates_remove(&files);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_show_certificates_and_long_messages_pass),
        cmocka_unit_test(a_client_that_need_not_show_one_is_known_by_none),
        cmocka_unit_test(a_name_is_looked_for_in_the_servers_certificate),
        cmocka_unit_test(a_server_of_another_authority_is_refused),
        cmocka_unit_test(a_client_without_a_good_certificate_reaches_nobody),
        cmocka_unit_test(a_peer_without_tls_is_told_nothing),
        cmocka_unit_test(a_handshake_that_is_never_begun_ends),
        cmocka_unit_test(files_that_cannot_be_used_are_refused_at_once),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
