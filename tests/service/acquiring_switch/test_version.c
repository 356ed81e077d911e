/* SPDX-License-Identifier: Apache-2.0 */
/* Times of a message in the other version of ISO 8583: the year, local time, and what a reversal names its original by. */
#include "internal.h"
#include "support/support.h"

#include <string.h>

typedef struct element {
    unsigned number;
    const char *text;
} element;

static carnet_iso8583_spec specs[2];
static uint8_t octets[2][2048];

static int
begin(void **state)
{
    carnet_iso8583_flavour flavour;

    (void)state;
    if (!carnet_iso8583_flavour_named(carnet_str_of("ascii"), &flavour))
        return -1;
    for (unsigned v = 0; v < 2; v++)
        if (carnet_iso8583_spec_init(&specs[v], (carnet_iso8583_version)v, &flavour, NULL) != CARNET_OK)
            return -1;
    return 0;
}

static carnet_iso8583_message
built(carnet_iso8583_builder *b, unsigned version)
{
    carnet_buf out = carnet_buf_of(octets[version], sizeof(octets[version]));
    carnet_iso8583_message m;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_iso8583_build(b, &out, &err), &err);
    assert_carnet_ok(carnet_iso8583_parse(&specs[version], carnet_buf_span(&out), &m, &err), &err);
    return m;
}

static carnet_iso8583_message
message(unsigned version, carnet_mti mti, const element *elements)
{
    static carnet_iso8583_builder b;

    carnet_iso8583_builder_init(&b, &specs[version], mti);
    for (; elements->number != 0; elements++)
        carnet_iso8583_set(&b, elements->number, elements->text);
    return built(&b, version);
}

static carnet_iso8583_message
in_1993(const carnet_iso8583_message *m, carnet_time now, bool local)
{
    static carnet_iso8583_builder b;
    static uint8_t room_octets[4096];
    carnet_buf room = carnet_buf_of(room_octets, sizeof(room_octets));
    const switch_times times = { now, local };

    carnet_iso8583_builder_init(&b, &specs[1], (carnet_mti)(m->mti | 0x1000));
    carnet_iso8583_set_all(&b, m);
    carnet_switch_1987_to_1993(m, &times, &b, &room);
    assert_false(room.overflow);
    return built(&b, 1);
}

static carnet_iso8583_message
in_1987(const carnet_iso8583_message *m)
{
    static carnet_iso8583_builder b;
    static uint8_t room_octets[4096];
    carnet_buf room = carnet_buf_of(room_octets, sizeof(room_octets));

    carnet_iso8583_builder_init(&b, &specs[0], (carnet_mti)(m->mti & 0x0fff));
    carnet_iso8583_set_all(&b, m);
    carnet_switch_1993_to_1987(m, &b, &room);
    assert_false(room.overflow);
    return built(&b, 0);
}

static void
assert_has(const carnet_iso8583_message *m, unsigned number, const char *text)
{
    uint8_t octets_of[64];
    carnet_buf room = carnet_buf_of(octets_of, sizeof(octets_of));
    const carnet_str is = carnet_iso8583_text(m, number, &room);

    if (text == NULL ? is.ptr != NULL : !carnet_str_is(is, text))
        fail_msg("DE %u is %.*s, not %s", number, (int)is.len, is.ptr != NULL ? is.ptr : "",
                 text != NULL ? text : "absent");
}

/* Sent at 01:30:05 of UTC, half past eight in the evening of the day before where the terminal is. */
static const element withdrawal[] = { { 3, "010000" },  { 7, "1122013005" }, { 11, "000042" },
                                      { 12, "203002" }, { 13, "1121" },      { 0, NULL } };
static const element reversal[] = { { 3, "010000" },  { 7, "1122013045" },
                                    { 11, "000043" }, { 12, "203002" },
                                    { 13, "1121" },   { 90, "020000004211220130050000099000100000000000" },
                                    { 0, NULL } };

static void
a_reversal_names_its_original_by_what_the_original_has(void **state)
{
    static const struct {
        bool local;
        const char *time, *name;
    } rows[] = { { false, "261122013005", "120000004226112201300506990001" },
                 { true, "261121203002", "120000004226112120300206990001" } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        carnet_iso8583_message old = message(0, 0x0200, withdrawal);
        carnet_iso8583_message new = in_1993(&old, carnet_time_of_date((carnet_date){ 2026, 11, 22 }), rows[i].local);

        assert_has(&new, 7, "1122013005");
        assert_has(&new, 12, rows[i].time);
        assert_has(&new, 13, NULL);
        old = message(0, 0x0420, reversal);
        new = in_1993(&old, carnet_time_of_date((carnet_date){ 2026, 11, 22 }), rows[i].local);
        assert_has(&new, 7, "1122013045");
        assert_has(&new, 56, rows[i].name);
        assert_has(&new, 90, NULL);
    }
}

static void
local_time_comes_back_as_it_was(void **state)
{
    carnet_iso8583_message m = message(0, 0x0200, withdrawal);

    (void)state;
    m = in_1993(&m, carnet_time_of_date((carnet_date){ 2026, 11, 22 }), true);
    m = in_1987(&m);
    assert_has(&m, 12, "203002");
    assert_has(&m, 13, "1121");
}

static void
without_local_time_the_time_of_sending_stands_for_it_and_the_other_way_round(void **state)
{
    static const element sent[] = { { 7, "1122013005" }, { 11, "000042" }, { 0, NULL } };
    static const element taken[] = { { 11, "000042" }, { 12, "203002" }, { 13, "1121" }, { 0, NULL } };
    static const element neither[] = { { 11, "000042" }, { 12, "203002" }, { 0, NULL } };
    carnet_iso8583_message m;

    (void)state;
    m = message(0, 0x0200, sent);
    m = in_1993(&m, carnet_time_of_date((carnet_date){ 2026, 11, 22 }), true);
    assert_has(&m, 12, "261122013005");
    m = message(0, 0x0200, taken);
    m = in_1993(&m, carnet_time_of_date((carnet_date){ 2026, 11, 22 }), false);
    assert_has(&m, 12, "261121203002");
    m = message(0, 0x0200, neither);
    m = in_1993(&m, carnet_time_of_date((carnet_date){ 2026, 11, 22 }), true);
    assert_has(&m, 12, NULL);
}

static void
the_year_is_the_nearest(void **state)
{
    static const struct {
        carnet_date today;
        const char *sent, *time;
    } rows[] = {
        { { 2026, 11, 22 }, "1122000000", "261122000000" }, { { 2027, 1, 1 }, "1231235959", "261231235959" },
        { { 2026, 12, 31 }, "0101000000", "270101000000" }, /* their clock is ahead */
        { { 2027, 2, 3 }, "1231235959", "261231235959" },   { { 2027, 7, 1 }, "0101000000", "270101000000" },
        { { 2099, 12, 31 }, "0101000000", "000101000000" }, { { 2100, 1, 1 }, "1231000000", "991231000000" },
        { { 2028, 3, 1 }, "0229120000", "280229120000" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        const element elements[] = { { 7, rows[i].sent }, { 11, "000042" }, { 0, NULL } };
        carnet_iso8583_message m = message(0, 0x0200, elements);

        m = in_1993(&m, carnet_time_of_date(rows[i].today), false);
        assert_has(&m, 12, rows[i].time);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reversal_names_its_original_by_what_the_original_has),
        cmocka_unit_test(local_time_comes_back_as_it_was),
        cmocka_unit_test(without_local_time_the_time_of_sending_stands_for_it_and_the_other_way_round),
        cmocka_unit_test(the_year_is_the_nearest),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
