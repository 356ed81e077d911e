/* SPDX-License-Identifier: Apache-2.0 */
/* A service that is killed while it works: what it answered is booked, what it did not is taken back, and no cent is lost or made. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 6, BURST = 40 };

typedef struct order {
    char trace[8], staged[8];
    bool answered;
} order;

static order orders[ROUNDS * BURST];

static bank_ask
ask_of(const order *o, const char *mti)
{
    return (bank_ask){ .mti = mti, .trace = o->trace, .staged = o->staged, .amount = "000000000100" };
}

static size_t
number_in(const carnet_iso8583_message *answer)
{
    uint8_t octets[16];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_str text = carnet_iso8583_text(answer, 11, &room);
    char digits[8];

    (void)snprintf(digits, sizeof(digits), "%.*s", (int)text.len, text.ptr);
    return (size_t)strtoul(digits, NULL, 10);
}

/* Send a burst, hear some of the answers, and kill. */
static void
one_round(world *w, size_t first, unsigned heard)
{
    world_fork(w);
    for (size_t i = first; i < first + BURST; i++) {
        bank_ask ask;

        (void)snprintf(orders[i].trace, sizeof(orders[i].trace), "%06zu", i + 1);
        (void)snprintf(orders[i].staged, sizeof(orders[i].staged), "S%zu", i);
        ask = ask_of(&orders[i], "0200");
        world_send(w, CARNET_ISO8583_1987, &ask);
    }
    for (unsigned k = 0; k < heard; k++) {
        world_receive(w, CARNET_ISO8583_1987);
        assert_true(carnet_iso8583_is(&w->answer, 39, "00"));
        orders[number_in(&w->answer) - 1].answered = true;
    }
    world_kill(w);
}

/* What a switch does when it comes back: asks again about some, takes back what was not answered. */
static void
settle(world *w, size_t first)
{
    char original[24];

    world_fork(w);
    for (size_t i = first; i < first + BURST; i++) {
        bank_ask ask = ask_of(&orders[i], "0201");
        char trace[8];

        if (orders[i].answered) {
            if (i % 4 == 0)
                assert_string_equal(world_ask(w, CARNET_ISO8583_1987, &ask), "00");
            continue;
        }
        (void)snprintf(trace, sizeof(trace), "9%05zu", i + 1);
        (void)snprintf(original, sizeof(original), "0200%.6s" BANK_TIME, orders[i].trace);
        ask = (bank_ask){ .mti = "0420", .trace = trace, .amount = "000000000100", .original = original };
        assert_string_equal(world_ask(w, CARNET_ISO8583_1987, &ask), "00");
        ask = ask_of(&orders[i], "0200"); /* still on its way somewhere */
        assert_string_equal(world_ask(w, CARNET_ISO8583_1987, &ask), "94");
    }
    world_kill(w);
}

static void
killed_at_any_moment_the_books_are_right(void **state)
{
    static world w;
    int64_t taken = 0;

    (void)state;
    world_make(&w, CARRIED);
    for (size_t round = 0; round < ROUNDS; round++) {
        one_round(&w, round * BURST, (unsigned)(round * round * 39 / ((ROUNDS - 1) * (ROUNDS - 1))));
        world_check(&w);
        settle(&w, round * BURST);
        world_check(&w);
    }
    for (size_t i = 0; i < ROUNDS * BURST; i++)
        taken += orders[i].answered;
    assert_true(taken > 0);
    world_restart(&w);
    assert_int_equal(world_account(&w).balance, 100000 - 100 * taken);
    world_end(&w);
}

int
main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_any_moment_the_books_are_right),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
