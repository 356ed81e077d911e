/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a terminal's journal: what was written is read, and nothing else. */
#include "carnet/terminal.h"
#include "support/support.h"

#include <string.h>

static const carnet_terminal_record full = {
    .number = 77,
    .phase = CARNET_TERMINAL_REVERSING,
    .outcome = CARNET_TERMINAL_PARTLY,
    .reversal = CARNET_REVERSAL_PARTIAL,
    .session = "sixteen octets.",
    .reference = "ST00000000420000000042",
    .pan = "4761739001010119123",
    .currency = "840",
    .account = "the account of a long alias.",
    .binding = "K7Q2",
    .purchase = true,
    .amount = 999999999999,
    .dispensed = 8000,
    .began = 1795226523000,
    .sent = 1795226524000,
    .sent_after = 1795226554000,
    .stan = 999999,
    .stan_after = 1,
    .rrn = "632502000101",
    .approval = "A1B2C3",
    .response = "0000",
    .repeats = 12,
    .stepped_up = true,
};

static uint8_t line[2048];

static carnet_str
written(const carnet_terminal_record *record)
{
    carnet_buf out = carnet_buf_of(line, sizeof(line));

    assert_carnet_ok(carnet_terminal_record_write(record, &out, NULL), NULL);
    return carnet_buf_str(&out);
}

/* Member by member, by way of the text: a record has gaps. */
static void
comes_back(const carnet_terminal_record *record)
{
    static uint8_t again[2048];
    carnet_buf out = carnet_buf_of(again, sizeof(again));
    const carnet_str text = written(record);
    carnet_terminal_record read;

    assert_carnet_ok(carnet_terminal_record_read(text, &read, NULL), NULL);
    assert_carnet_ok(carnet_terminal_record_write(&read, &out, NULL), NULL);
    assert_span_equal(carnet_buf_span(&out), carnet_str_bytes(text));
    assert_int_equal(read.phase, record->phase);
    assert_int_equal(read.outcome, record->outcome);
    assert_int_equal(read.reversal, record->reversal);
}

static void
a_record_is_read_as_it_was_written(void **state)
{
    carnet_terminal_record read, each = full;

    (void)state;
    assert_carnet_ok(carnet_terminal_record_read(written(&full), &read, NULL), NULL);
    assert_string_equal(read.pan, full.pan);
    assert_string_equal(read.account, full.account);
    assert_string_equal(read.reference, full.reference);
    assert_memory_equal(read.session, full.session, sizeof(full.session));
    assert_int_equal(read.amount, full.amount);
    assert_int_equal(read.sent_after, full.sent_after);
    assert_int_equal(read.repeats, full.repeats);
    assert_true(read.purchase && read.stepped_up);
    for (int phase = 0; phase <= (int)CARNET_TERMINAL_ENDED; phase++)
        for (int outcome = 0; outcome <= (int)CARNET_TERMINAL_EXPIRED; outcome++)
            for (int reversal = 0; reversal <= (int)CARNET_REVERSAL_USER; reversal++) {
                each.phase = (carnet_terminal_phase)phase;
                each.outcome = (carnet_terminal_outcome)outcome;
                each.reversal = (carnet_terminal_reversal)reversal;
                comes_back(&each);
            }
}

static void
a_record_is_a_line(void **state)
{
    const carnet_str text = written(&full);

    (void)state;
    assert_null(memchr(text.ptr, '\n', text.len));
}

static void
is_none(carnet_span mutated, void *context)
{
    carnet_terminal_record read;
    carnet_err err = { 0 };

    (void)context;
    assert_carnet_rc(carnet_terminal_record_read((carnet_str){ (const char *)mutated.ptr, mutated.len }, &read, &err),
                     CARNET_E_TERMINAL_JOURNAL);
    assert_int_equal(read.number, 0);
}

static void
a_line_that_was_torn_is_none(void **state)
{
    (void)state;
    carnet_test_every_prefix(carnet_str_bytes(written(&full)), is_none, NULL);
}

static void
may_be_one(carnet_span mutated, void *context)
{
    carnet_terminal_record read;
    carnet_rc rc = carnet_terminal_record_read((carnet_str){ (const char *)mutated.ptr, mutated.len }, &read, NULL);

    (void)context;
    if (rc != CARNET_OK)
        assert_carnet_rc(rc, CARNET_E_TERMINAL_JOURNAL);
    else
        assert_true(read.dispensed <= read.amount);
}

static void
a_line_with_a_bit_changed_is_another_or_none(void **state)
{
    (void)state;
    carnet_test_every_bit(carnet_str_bytes(written(&full)), may_be_one, NULL);
}

static void
what_has_no_place_in_a_record_is_refused(void **state)
{
    static const struct {
        const char *what, *instead;
    } cases[] = {
        { "\"REVERSING\"", "\"REVERSED\"" },
        { "\"REVERSING\"", "\"\"" },
        { "\"PARTLY\"", "\"partly\"" },
        { "\"PARTIAL\"", "\"HALF\"" },
        { "\"number\":77", "\"number\":-1" },
        { "\"number\":77", "\"number\":\"7\"" },
        { "\"dispensed\":8000", "\"dispensed\":1000000000000" },
        { "\"amount\":999999999999", "\"amount\":7999" },
        { "\"stan\":999999", "\"stan\":1000000" },
        { "\"840\"", "\"8400\"" },
        { "\"840\"", "\"8\\u00000\"" },
        { "\"purchase\":true", "\"purchase\":1" },
        { "\"repeats\":12", "\"repeats\":12,\"repeats\":12" },
        { "\"repeats\":12", "\"other\":12" },
        { "\"repeats\":12", "\"repeats\":12,\"other\":12" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_str text = written(&full);
        const char *at;
        uint8_t octets[2100];
        carnet_buf out = carnet_buf_of(octets, sizeof(octets));

        line[text.len] = '\0';
        at = strstr((const char *)line, cases[i].what);
        assert_non_null(at);
        carnet_buf_add_str(&out, (carnet_str){ text.ptr, (size_t)(at - text.ptr) });
        carnet_buf_add_text(&out, cases[i].instead);
        carnet_buf_add_text(&out, at + strlen(cases[i].what));
        is_none(carnet_buf_span(&out), NULL);
    }
}

static void
names_are_read_as_they_are_written(void **state)
{
    (void)state;
    for (int i = 0; i <= (int)CARNET_TERMINAL_ENDED; i++)
        assert_int_equal(carnet_terminal_phase_of(carnet_str_of(carnet_terminal_phase_name((carnet_terminal_phase)i))),
                         i);
    for (int i = 0; i <= (int)CARNET_TERMINAL_EXPIRED; i++)
        assert_int_equal(
            carnet_terminal_outcome_of(carnet_str_of(carnet_terminal_outcome_name((carnet_terminal_outcome)i))), i);
    assert_string_equal(carnet_terminal_phase_name((carnet_terminal_phase)99), "");
    assert_string_equal(carnet_terminal_outcome_name((carnet_terminal_outcome)99), "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_as_it_was_written),
        cmocka_unit_test(a_record_is_a_line),
        cmocka_unit_test(a_line_that_was_torn_is_none),
        cmocka_unit_test(a_line_with_a_bit_changed_is_another_or_none),
        cmocka_unit_test(what_has_no_place_in_a_record_is_refused),
        cmocka_unit_test(names_are_read_as_they_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
