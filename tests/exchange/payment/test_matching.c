/* SPDX-License-Identifier: Apache-2.0 */
/* Which answer belongs to which request: keys, time-outs, late answers, full tables. */
#include "carnet/matching.h"
#include "support/support.h"

#include <string.h>

enum { SLOTS = 4, BUCKETS = 2, MEMORY = 1000, CROWD = 1000 };

static carnet_iso8583_spec ascii, bcd;

typedef struct table {
    carnet_matching m;
    carnet_matching_slot slots[SLOTS];
    uint32_t buckets[BUCKETS];
} table;

static void
begin(table *t)
{
    carnet_matching_init(&t->m, t->slots, SLOTS, t->buckets, BUCKETS, MEMORY);
}

static carnet_matching_key
key_of(uint32_t number)
{
    carnet_matching_key key = { .len = 4 };

    for (unsigned i = 0; i < 4; i++)
        key.octets[i] = (uint8_t)(number >> 8 * i);
    return key;
}

static carnet_rc
sent(table *t, uint32_t number, int64_t deadline)
{
    const carnet_matching_key key = key_of(number);

    return carnet_matching_sent(&t->m, &key, 1000 + number, deadline, NULL);
}

static void
assert_match(table *t, uint32_t number, carnet_match expected)
{
    const carnet_matching_key key = key_of(number);
    uint64_t tag = 77;

    assert_int_equal(carnet_matching_received(&t->m, &key, &tag), expected);
    assert_int_equal(tag, expected == CARNET_MATCH_NONE ? 0 : 1000 + number);
}

static void
assert_expired(table *t, int64_t now, uint32_t number)
{
    uint64_t tag = 77;

    assert_int_equal(carnet_matching_expired(&t->m, now, &tag), number != 0);
    assert_int_equal(tag, number != 0 ? 1000 + number : 0);
}

static int
make_specs(void **state)
{
    carnet_iso8583_flavour flavour = carnet_iso8583_flavour_ascii();
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_iso8583_spec_init(&ascii, CARNET_ISO8583_1987, &flavour, &err), &err);
    assert_true(carnet_iso8583_flavour_named(carnet_str_of("bcd"), &flavour));
    assert_carnet_ok(carnet_iso8583_spec_init(&bcd, CARNET_ISO8583_1987, &flavour, &err), &err);
    return 0;
}

/* One message of an element's number and a value, and so on. */
typedef struct made {
    carnet_mti mti;
    const char *time, *stan, *acquirer, *reference, *terminal;
} made;

static carnet_rc
made_key(const carnet_iso8583_spec *spec, const made *from, unsigned by, carnet_matching_key *key)
{
    const char *const values[] = { from->time, from->stan, from->acquirer, from->reference, from->terminal };
    static const unsigned elements[] = { 7, 11, 32, 37, 41 };
    carnet_iso8583_builder b;
    carnet_iso8583_message message;
    uint8_t octets[512];
    carnet_buf buf = carnet_buf_of(octets, sizeof(octets));
    carnet_err err = { 0 };

    carnet_iso8583_builder_init(&b, spec, from->mti);
    for (size_t i = 0; i < CARNET_COUNT(elements); i++)
        if (values[i] != NULL)
            carnet_iso8583_set(&b, elements[i], values[i]);
    carnet_iso8583_set(&b, 3, "000000");
    assert_carnet_ok(carnet_iso8583_build(&b, &buf, &err), &err);
    assert_carnet_ok(carnet_iso8583_parse(spec, carnet_buf_span(&buf), &message, &err), &err);
    return carnet_matching_key_of(&message, by, key, &err);
}

static const made request = { 0x0200, "1121142400", "000123", "12345678901", "REF000000001", "TERM0001" };

static bool
same_key(const carnet_matching_key *a, const carnet_matching_key *b)
{
    return a->len == b->len && memcmp(a->octets, b->octets, a->len) == 0;
}

static void
a_key_has_what_was_agreed_on_and_no_more(void **state)
{
    static const struct {
        unsigned bit;
        made other;
    } rows[] = {
        { CARNET_MATCH_TIME, { 0x0210, "1121142401", "000123", "12345678901", "REF000000001", "TERM0001" } },
        { CARNET_MATCH_STAN, { 0x0210, "1121142400", "000124", "12345678901", "REF000000001", "TERM0001" } },
        { CARNET_MATCH_ACQUIRER, { 0x0210, "1121142400", "000123", "1234567890", "REF000000001", "TERM0001" } },
        { CARNET_MATCH_REFERENCE, { 0x0210, "1121142400", "000123", "12345678901", "REF000000002", "TERM0001" } },
        { CARNET_MATCH_TERMINAL, { 0x0210, "1121142400", "000123", "12345678901", "REF000000001", "TERM0002" } },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++)
        for (unsigned by = 1; by < 32; by++) {
            carnet_matching_key a, b;

            assert_carnet_rc(made_key(&ascii, &request, by, &a), CARNET_OK);
            assert_carnet_rc(made_key(&ascii, &rows[i].other, by, &b), CARNET_OK);
            assert_int_equal(same_key(&a, &b), (by & rows[i].bit) == 0);
        }
}

static void
a_key_is_the_same_in_every_flavour(void **state)
{
    carnet_matching_key a, b;

    (void)state;
    assert_carnet_rc(made_key(&ascii, &request, 31, &a), CARNET_OK);
    assert_carnet_rc(made_key(&bcd, &request, 31, &b), CARNET_OK);
    assert_true(same_key(&a, &b));
}

static void
another_class_is_another_key(void **state)
{
    made other = request;
    carnet_matching_key a, b;

    (void)state;
    assert_carnet_rc(made_key(&ascii, &request, CARNET_MATCH_DEFAULT, &a), CARNET_OK);
    for (carnet_mti mti = 0x0210; mti <= 0x0230; mti += 0x20) {
        other.mti = mti;
        assert_carnet_rc(made_key(&ascii, &other, CARNET_MATCH_DEFAULT, &b), CARNET_OK);
        assert_true(same_key(&a, &b));
    }
    other.mti = 0x0430;
    assert_carnet_rc(made_key(&ascii, &other, CARNET_MATCH_DEFAULT, &b), CARNET_OK);
    assert_false(same_key(&a, &b));
}

static void
blanks_behind_a_terminal_do_not_count(void **state)
{
    made padded = request, without = request;
    carnet_matching_key a, b;

    (void)state;
    padded.terminal = "T1      ";
    without.terminal = "T1";
    assert_carnet_rc(made_key(&ascii, &padded, CARNET_MATCH_DEFAULT, &a), CARNET_OK);
    assert_carnet_rc(made_key(&ascii, &without, CARNET_MATCH_DEFAULT, &b), CARNET_OK);
    assert_true(same_key(&a, &b));
}

static void
network_management_is_known_by_trace_and_time_alone(void **state)
{
    made echo = { 0x0800, "1121142400", "000123", NULL, NULL, "TERM0001" };
    made answer = { 0x0810, "1121142400", "000123", "12345678901", "REF000000001", NULL };
    carnet_matching_key a, b;

    (void)state;
    assert_carnet_rc(made_key(&ascii, &echo, 31, &a), CARNET_OK);
    assert_carnet_rc(made_key(&ascii, &answer, 31, &b), CARNET_OK);
    assert_true(same_key(&a, &b));
    answer.time = "1121142401";
    assert_carnet_rc(made_key(&ascii, &answer, 31, &b), CARNET_OK);
    assert_false(same_key(&a, &b));
    assert_carnet_rc(made_key(&ascii, &echo, CARNET_MATCH_DEFAULT, &a), CARNET_OK);
    assert_carnet_rc(made_key(&ascii, &answer, CARNET_MATCH_DEFAULT, &b), CARNET_OK);
    assert_true(same_key(&a, &b));
}

static void
a_message_without_trace_number_has_no_key(void **state)
{
    made without = request;
    carnet_matching_key key = { .len = 9 };
    table t;

    (void)state;
    without.stan = NULL;
    assert_carnet_rc(made_key(&ascii, &without, CARNET_MATCH_REFERENCE, &key), CARNET_E_MATCHING_KEY);
    assert_int_equal(key.len, 0);
    begin(&t);
    assert_carnet_rc(carnet_matching_sent(&t.m, &key, 1, 10, NULL), CARNET_E_MATCHING_KEY);
    assert_int_equal(carnet_matching_received(&t.m, &key, &(uint64_t){ 0 }), CARNET_MATCH_NONE);
    assert_int_equal(t.m.waiting, 0);
}

static void
an_answer_is_found_once_in_any_order(void **state)
{
    table t;

    (void)state;
    begin(&t);
    for (uint32_t i = 1; i <= SLOTS; i++)
        assert_carnet_rc(sent(&t, i, 100), CARNET_OK);
    assert_int_equal(t.m.waiting, SLOTS);
    assert_match(&t, 9, CARNET_MATCH_NONE);
    assert_match(&t, 3, CARNET_MATCH_FOUND);
    assert_match(&t, 3, CARNET_MATCH_NONE);
    assert_match(&t, 1, CARNET_MATCH_FOUND);
    assert_match(&t, 4, CARNET_MATCH_FOUND);
    assert_match(&t, 2, CARNET_MATCH_FOUND);
    assert_int_equal(t.m.waiting, 0);
    assert_int_equal(carnet_matching_next(&t.m), INT64_MAX);
}

static void
what_looks_the_same_must_not_wait_twice(void **state)
{
    table t;

    (void)state;
    begin(&t);
    assert_carnet_rc(sent(&t, 1, 100), CARNET_OK);
    assert_carnet_rc(sent(&t, 1, 200), CARNET_E_MATCHING_TWICE);
    assert_int_equal(t.m.waiting, 1);
    assert_int_equal(carnet_matching_next(&t.m), 100);
    assert_match(&t, 1, CARNET_MATCH_FOUND);
    assert_carnet_rc(sent(&t, 1, 200), CARNET_OK);
}

static void
a_full_table_takes_no_more_until_one_is_answered(void **state)
{
    table t;

    (void)state;
    begin(&t);
    for (uint32_t i = 1; i <= SLOTS; i++)
        assert_carnet_rc(sent(&t, i, 100), CARNET_OK);
    assert_carnet_rc(sent(&t, 5, 100), CARNET_E_MATCHING_FULL);
    assert_match(&t, 5, CARNET_MATCH_NONE);
    assert_match(&t, 2, CARNET_MATCH_FOUND);
    assert_carnet_rc(sent(&t, 5, 100), CARNET_OK);
    assert_match(&t, 5, CARNET_MATCH_FOUND);
}

static void
time_is_over_in_the_order_of_deadlines(void **state)
{
    table t;

    (void)state;
    begin(&t);
    assert_carnet_rc(sent(&t, 1, 300), CARNET_OK);
    assert_carnet_rc(sent(&t, 2, 100), CARNET_OK);
    assert_carnet_rc(sent(&t, 3, 200), CARNET_OK);
    assert_carnet_rc(sent(&t, 4, 100), CARNET_OK);
    assert_int_equal(carnet_matching_next(&t.m), 100);
    assert_expired(&t, 99, 0);
    assert_expired(&t, 100, 2);
    assert_expired(&t, 100, 4);
    assert_expired(&t, 100, 0);
    assert_int_equal(carnet_matching_next(&t.m), 200);
    assert_expired(&t, 1000, 3);
    assert_expired(&t, 1000, 1);
    assert_expired(&t, 1000, 0);
    assert_int_equal(t.m.waiting, 0);
}

static void
a_late_answer_is_known_to_be_late_once_and_for_a_while(void **state)
{
    table t;

    (void)state;
    begin(&t);
    assert_carnet_rc(sent(&t, 1, 100), CARNET_OK);
    assert_carnet_rc(sent(&t, 2, 100), CARNET_OK);
    assert_carnet_rc(sent(&t, 3, 5000), CARNET_OK);
    assert_expired(&t, 150, 1);
    assert_expired(&t, 150, 2);
    assert_match(&t, 1, CARNET_MATCH_LATE);
    assert_match(&t, 1, CARNET_MATCH_NONE);
    assert_expired(&t, 150 + MEMORY - 1, 0);
    assert_int_equal(t.m.over, 1);
    assert_expired(&t, 150 + MEMORY, 0);
    assert_int_equal(t.m.over, 0);
    assert_match(&t, 2, CARNET_MATCH_NONE);
    assert_match(&t, 3, CARNET_MATCH_FOUND);
}

static void
a_trace_number_that_comes_again_finds_the_one_that_waits(void **state)
{
    table t;
    const carnet_matching_key key = key_of(1);
    uint64_t tag;

    (void)state;
    begin(&t);
    assert_carnet_rc(sent(&t, 1, 100), CARNET_OK);
    assert_expired(&t, 100, 1);
    assert_carnet_rc(carnet_matching_sent(&t.m, &key, 5, 300, NULL), CARNET_OK);
    assert_int_equal(carnet_matching_received(&t.m, &key, &tag), CARNET_MATCH_FOUND);
    assert_int_equal(tag, 5);
    assert_match(&t, 1, CARNET_MATCH_LATE);
}

static void
what_is_remembered_makes_room_for_what_waits(void **state)
{
    table t;

    (void)state;
    begin(&t);
    for (uint32_t i = 1; i <= SLOTS; i++)
        assert_carnet_rc(sent(&t, i, 100 + i), CARNET_OK);
    assert_expired(&t, 200, 1);
    assert_expired(&t, 200, 2);
    assert_carnet_rc(sent(&t, 5, 500), CARNET_OK);
    assert_match(&t, 1, CARNET_MATCH_NONE); /* the oldest was forgotten */
    assert_match(&t, 2, CARNET_MATCH_LATE);
    assert_carnet_rc(sent(&t, 6, 500), CARNET_OK);
    assert_carnet_rc(sent(&t, 7, 500), CARNET_E_MATCHING_FULL);
}

static void
a_lost_connection_gives_up_all_that_wait(void **state)
{
    table t;
    uint64_t tag, seen = 0;

    (void)state;
    begin(&t);
    assert_false(carnet_matching_abandon(&t.m, 50, &tag));
    assert_int_equal(tag, 0);
    for (uint32_t i = 1; i <= 3; i++)
        assert_carnet_rc(sent(&t, i, 100 * i), CARNET_OK);
    while (carnet_matching_abandon(&t.m, 50, &tag))
        seen = seen * 10 + tag - 1000;
    assert_int_equal(seen, 123);
    assert_int_equal(carnet_matching_next(&t.m), INT64_MAX);
    assert_match(&t, 2, CARNET_MATCH_LATE);
}

static void
a_table_of_no_slots_is_always_full(void **state)
{
    carnet_matching m;
    uint32_t bucket;
    uint64_t tag;
    const carnet_matching_key key = key_of(1);

    (void)state;
    carnet_matching_init(&m, NULL, 0, &bucket, 1, MEMORY);
    assert_carnet_rc(carnet_matching_sent(&m, &key, 1, 1, NULL), CARNET_E_MATCHING_FULL);
    assert_int_equal(carnet_matching_received(&m, &key, &tag), CARNET_MATCH_NONE);
    assert_false(carnet_matching_expired(&m, 5, &tag));
}

/* What a table says against what an array says that is looked through. */
typedef struct model {
    int64_t deadline[CROWD]; /* 0: does not wait */
    unsigned waiting;
} looked_through;

static void
model_step(carnet_matching *m, looked_through *model, uint64_t chance, int64_t now)
{
    const uint32_t number = (uint32_t)(chance % CROWD);
    const carnet_matching_key key = key_of(number);
    const bool waits = model->deadline[number] != 0;
    uint64_t tag;

    if ((chance >> 32) % 3 != 0) {
        const int64_t deadline = now + 1 + (int64_t)((chance >> 40) % 50);
        const carnet_rc rc = carnet_matching_sent(m, &key, number, deadline, NULL);

        assert_carnet_rc(rc, waits                  ? CARNET_E_MATCHING_TWICE
                             : model->waiting == 64 ? CARNET_E_MATCHING_FULL
                                                    : CARNET_OK);
        model->waiting += rc == CARNET_OK;
        model->deadline[number] = rc == CARNET_OK ? deadline : model->deadline[number];
    } else {
        assert_int_equal(carnet_matching_received(m, &key, &tag) == CARNET_MATCH_FOUND, waits);
        model->waiting -= waits;
        model->deadline[number] = 0;
    }
    while (carnet_matching_expired(m, now, &tag)) {
        assert_in_range(model->deadline[tag], 1, now);
        model->deadline[tag] = 0;
        model->waiting--;
    }
    assert_int_equal(m->waiting, model->waiting);
    assert_true(m->waiting + m->over <= 64);
    assert_true(carnet_matching_next(m) > now);
}

static void
agrees_with_a_list_that_is_looked_through(void **state)
{
    static carnet_matching_slot slots[64];
    static uint32_t buckets[16];
    static looked_through model;
    carnet_test_seed seed = { 8583 };
    carnet_matching m;

    (void)state;
    carnet_matching_init(&m, slots, 64, buckets, 16, 20);
    for (int64_t now = 1; now < 20000; now++)
        model_step(&m, &model, carnet_test_number(&seed), now);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_what_was_agreed_on_and_no_more),
        cmocka_unit_test(a_key_is_the_same_in_every_flavour),
        cmocka_unit_test(another_class_is_another_key),
        cmocka_unit_test(blanks_behind_a_terminal_do_not_count),
        cmocka_unit_test(network_management_is_known_by_trace_and_time_alone),
        cmocka_unit_test(a_message_without_trace_number_has_no_key),
        cmocka_unit_test(an_answer_is_found_once_in_any_order),
        cmocka_unit_test(what_looks_the_same_must_not_wait_twice),
        cmocka_unit_test(a_full_table_takes_no_more_until_one_is_answered),
        cmocka_unit_test(time_is_over_in_the_order_of_deadlines),
        cmocka_unit_test(a_late_answer_is_known_to_be_late_once_and_for_a_while),
        cmocka_unit_test(a_trace_number_that_comes_again_finds_the_one_that_waits),
        cmocka_unit_test(what_is_remembered_makes_room_for_what_waits),
        cmocka_unit_test(a_lost_connection_gives_up_all_that_wait),
        cmocka_unit_test(a_table_of_no_slots_is_always_full),
        cmocka_unit_test(agrees_with_a_list_that_is_looked_through),
    };

    return cmocka_run_group_tests(tests, make_specs, NULL);
}
