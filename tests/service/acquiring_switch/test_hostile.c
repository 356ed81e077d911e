/* SPDX-License-Identifier: Apache-2.0 */
/* Terminals that send what is no message, halves of frames, several at once, or frames without end. */
#include "world.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static issuer bank;
static switch_world sw;
static terminal atm;
static written plain;

static void
begin(void)
{
    memset(&bank, 0, sizeof(bank));
    written_as(&plain, CARNET_ISO8583_1987, "ascii", "post");
    issuer_begin(&bank, &plain, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
    sw.issuers[0].answer_ms = 2000;
    switch_start(&sw);
    switch_until_up(&sw);
    terminal_begin(&atm, &plain, sw.port);
}

static void
end(void)
{
    terminal_end(&atm);
    assert_int_equal(switch_end(&sw), 0);
    issuer_end(&bank);
}

static int
plain_connect(void)
{
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_port = htons(sw.port),
                                    .sin_addr = { htonl(INADDR_LOOPBACK) } };
    const struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
    union {
        struct sockaddr_in in;
        struct sockaddr any;
    } address = { .in = to };
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    assert_int_equal(connect(fd, &address.any, sizeof(address.in)), 0);
    return fd;
}

static void
put(int fd, const uint8_t *octets, size_t len)
{
    assert_int_equal(send(fd, octets, len, MSG_NOSIGNAL), (ssize_t)len);
}

static size_t
frame(const char *mti, const element *elements, uint8_t *out)
{
    const size_t len = message_make(&plain, mti, elements, out + 2);

    out[0] = (uint8_t)(len >> 8);
    out[1] = (uint8_t)len;
    return len + 2;
}

/* Read one whole frame; its DE 39 is the caller's to look for. */
static void
take(int fd, carnet_iso8583_message *m, uint8_t *octets)
{
    size_t have = 0, want = 2;

    while (have < want) {
        const ssize_t got = recv(fd, octets + have, want - have, 0);

        assert_true(got > 0);
        have += (size_t)got;
        if (have == 2)
            want = 2 + ((size_t)octets[0] << 8 | octets[1]);
        assert_true(want <= MESSAGE_MAX);
    }
    message_parse(&plain, carnet_span_of(octets + 2, want - 2), m);
}

static void
several_frames_at_once_and_one_in_single_octets_are_answered(void **state)
{
    static uint8_t all[4 * MESSAGE_MAX], octets[MESSAGE_MAX];
    carnet_iso8583_message m;
    size_t len = 0;
    int fd;

    (void)state;
    begin();
    fd = plain_connect();
    for (unsigned i = 1; i <= 8; i++) {
        char trace[8];

        (void)snprintf(trace, sizeof(trace), "%06u", i);
        len += frame("0200", withdrawal(trace), all + len);
    }
    put(fd, all, len - 1);
    for (unsigned i = 1; i <= 7; i++) {
        take(fd, &m, octets);
        assert_true(carnet_iso8583_is(&m, 39, "00"));
    }
    put(fd, all + len - 1, 1);
    take(fd, &m, octets);
    assert_true(carnet_iso8583_is(&m, 11, "000008"));
    len = frame("0200", withdrawal("000009"), all);
    for (size_t i = 0; i < len; i++)
        put(fd, all + i, 1);
    take(fd, &m, octets);
    assert_true(carnet_iso8583_is(&m, 11, "000009"));
    assert_int_equal(close(fd), 0);
    end();
}

static void
what_is_wrong_behind_the_trace_number_is_30_and_the_connection_stays(void **state)
{
    uint8_t octets[MESSAGE_MAX];
    size_t len;
    char *at;

    (void)state;
    begin();
    len = message_make(&plain, "0200", withdrawal("000042"), octets);
    octets[len] = '\0';
    at = strstr((char *)octets, "6011"); /* DE 18: a digit that is none */
    assert_non_null(at);
    at[1] = 'x';
    assert_carnet_ok(carnet_payment_client_send(atm.client, (carnet_span){ 0 }, carnet_span_of(octets, len), NULL),
                     NULL);
    assert_true(terminal_receive(&atm, PATIENCE_MS));
    assert_string_equal(atm.code, "30");
    assert_int_equal(atm.message.mti, 0x0210);
    assert_true(carnet_iso8583_is(&atm.message, 11, "000042"));
    /* Too short, too. */
    at[1] = '0';
    assert_carnet_ok(carnet_payment_client_send(atm.client, (carnet_span){ 0 }, carnet_span_of(octets, len - 4), NULL),
                     NULL);
    assert_true(terminal_receive(&atm, PATIENCE_MS));
    assert_string_equal(atm.code, "30");
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000043")), "00");
    assert_int_equal(issuer_count(&bank, 2), 1);
    assert_int_equal(switch_metric(&sw, "carnet_switch_malformed_total{side=\"terminal\",link=\"atms\"} "), 2);
    end();
}

static void
what_cannot_be_read_at_all_ends_that_connection_only(void **state)
{
    static const uint8_t noise[] = { 0, 12, 'G', 'E', 'T', ' ', '/', ' ', 'H', 'T', 'T', 'P', '/', '1' },
                         endless[] = { 0xff, 0xff, '0', '2' };
    uint8_t octet;
    int fd;

    (void)state;
    begin();
    fd = plain_connect();
    put(fd, noise, sizeof(noise));
    assert_true(recv(fd, &octet, 1, 0) <= 0);
    assert_int_equal(close(fd), 0);
    fd = plain_connect();
    put(fd, endless, sizeof(endless)); /* a length that no message has */
    assert_true(recv(fd, &octet, 1, 0) <= 0);
    assert_int_equal(close(fd), 0);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "00");
    end();
}

static void
answers_from_a_terminal_are_not_looked_at(void **state)
{
    static const element answer[] = { { 11, "000001" }, { 39, "00" }, { 41, "ATM00001" }, { 0, NULL } };

    (void)state;
    begin();
    terminal_send(&atm, "0210", answer);
    terminal_send(&atm, "0430", answer);
    terminal_send(&atm, "0810", answer);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000002")), "00");
    assert_int_equal(bank.count, 1);
    end();
}

/* --- every bit --- */

static unsigned lost;

static void
send_mutant(carnet_span octets, void *context)
{
    static const element echo[] = { { 7, "1121140509" }, { 11, "999999" }, { 70, "301" }, { 0, NULL } };

    (void)context;
    assert_carnet_ok(carnet_payment_client_send(atm.client, (carnet_span){ 0 }, octets, NULL), NULL);
    terminal_send(&atm, "0800", echo);
    /* Whatever else comes: the echo is answered, or the connection is over. */
    for (;;) {
        carnet_buf room = carnet_buf_of(atm.octets, sizeof(atm.octets));
        carnet_span header, message;
        const carnet_rc rc = carnet_payment_client_receive(atm.client, PATIENCE_MS, &room, &header, &message, NULL);

        assert_int_not_equal(rc, CARNET_E_LINK_TIMEOUT);
        if (rc != CARNET_OK) {
            terminal_end(&atm);
            terminal_begin(&atm, &plain, sw.port);
            lost++;
            return;
        }
        if (message.len > 4 && memcmp(message.ptr, "0810", 4) == 0)
            return;
    }
}

static void
a_withdrawal_with_any_bit_flipped_does_no_harm(void **state)
{
    uint8_t octets[MESSAGE_MAX];
    size_t len;

    (void)state;
    begin();
    len = message_make(&plain, "0200", withdrawal("000042"), octets);
    carnet_test_every_bit(carnet_span_of(octets, len), send_mutant, NULL);
    assert_true(lost > 0);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000777")), "00");
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_frames_at_once_and_one_in_single_octets_are_answered),
        cmocka_unit_test(what_is_wrong_behind_the_trace_number_is_30_and_the_connection_stays),
        cmocka_unit_test(what_cannot_be_read_at_all_ends_that_connection_only),
        cmocka_unit_test(answers_from_a_terminal_are_not_looked_at),
        cmocka_unit_test(a_withdrawal_with_any_bit_flipped_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
