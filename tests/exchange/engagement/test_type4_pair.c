/* SPDX-License-Identifier: Apache-2.0 */
/* Reader machine against tag machine: every pair of sizes, both kinds of handover, both forms of file. */
#include "carnet/type4_reader.h"
#include "carnet/type4_tag.h"
#include "support/support.h"

#include <string.h>

static uint8_t tag_storage[8192], reader_storage[8192], response_room[70000], command_room[70000];
static uint8_t select_room[7000], request_room[7000];

/** A message of about this length that begins with Hs or Hr. */
static carnet_span
message_of(const char *type, size_t len, uint8_t *room, size_t cap)
{
    carnet_ndef_builder b = carnet_ndef_build(room, cap);
    carnet_ndef_mark mark =
        carnet_ndef_begin(&b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN, .type = carnet_str_of(type) });
    carnet_span message;

    carnet_ndef_append(&b, CARNET_TEST_BYTES("\x15"));
    for (size_t i = 0; i < len; i++) {
        uint8_t octet = (uint8_t)(i * 7 + len);

        carnet_ndef_append(&b, carnet_span_of(&octet, 1));
    }
    carnet_ndef_end(&b, mark);
    assert_carnet_ok(carnet_ndef_built(&b, &message, NULL), NULL);
    return message;
}

/** What one meeting is to be, and what came of it. */
typedef struct meeting {
    uint16_t read_max, write_max;
    uint32_t response_max, command_max;
    bool negotiated, extended_file;
    unsigned delay, extensions; /**< reads of no message before the tag answers; how many it announces */
    carnet_span select, request;
    unsigned exchanges;
    uint32_t waited;
    carnet_rc rc;
} meeting;

static void
check_lengths(const meeting *m, carnet_span command, carnet_span response)
{
    carnet_command_apdu c;
    carnet_response_apdu r;

    assert_carnet_ok(carnet_command_apdu_open(command, &c, NULL), NULL);
    assert_carnet_ok(carnet_response_apdu_open(response, &r, NULL), NULL);
    assert_true(r.data.len <= c.expected && c.data.len <= m->command_max && c.expected <= m->response_max);
    assert_true(c.ins == CARNET_INS_SELECT || (c.data.len <= m->write_max && c.expected <= m->read_max));
    assert_true(!c.extended || m->command_max > 255 || m->response_max > 256);
}

static void
meet(meeting *m)
{
    carnet_buf command = carnet_buf_of(command_room, sizeof command_room);
    carnet_type4_tag_parameters tag_is = { .select = m->negotiated ? (carnet_span){ 0 } : m->select,
                                           .storage = tag_storage,
                                           .capacity = sizeof tag_storage,
                                           .read_max = m->read_max,
                                           .write_max = m->write_max,
                                           .wait_time = 8,
                                           .wait_extensions = (uint8_t)m->extensions,
                                           .extended_file = m->extended_file };
    carnet_type4_reader_parameters reader_is = { .request = m->request,
                                                 .storage = reader_storage,
                                                 .capacity = sizeof reader_storage,
                                                 .command_max = m->command_max,
                                                 .response_max = m->response_max };
    carnet_type4_tag tag;
    carnet_type4_reader reader;
    carnet_type4_step step;
    carnet_type4_event last = CARNET_TYPE4_NOTHING;
    carnet_err err = { 0 };
    unsigned asked = 0;
    uint32_t wait_ms;

    assert_carnet_ok(carnet_type4_tag_init(&tag, &tag_is, &err), &err);
    step = carnet_type4_reader_start(&reader, &reader_is, &command, &err);
    while (step == CARNET_TYPE4_SEND) {
        carnet_buf response = carnet_buf_of(response_room, sizeof response_room);
        carnet_type4_event event = carnet_type4_tag_command(&tag, carnet_buf_span(&command), &response, &err);

        assert_int_not_equal(event, CARNET_TYPE4_REFUSED);
        last = event != CARNET_TYPE4_NOTHING ? event : last;
        check_lengths(m, carnet_buf_span(&command), carnet_buf_span(&response));
        if (last == CARNET_TYPE4_REQUEST && response.len == m->extended_file * 2u + 4 && ++asked == m->delay) {
            assert_span_equal(carnet_type4_tag_request(&tag), m->request);
            assert_carnet_ok(carnet_type4_tag_answer(&tag, m->select, &err), &err);
        } else if (event == CARNET_TYPE4_REQUEST && m->delay == 0) {
            assert_carnet_ok(carnet_type4_tag_answer(&tag, m->select, &err), &err);
            last = CARNET_TYPE4_NOTHING;
        }
        step = carnet_type4_reader_take(&reader, carnet_buf_span(&response), &command, &wait_ms, &err);
        m->waited += wait_ms;
        assert_true(++m->exchanges < 4000);
    }
    m->rc = step == CARNET_TYPE4_DONE ? CARNET_OK : err.rc;
    if (step == CARNET_TYPE4_DONE) {
        assert_span_equal(reader.select, m->select);
        assert_span_equal(reader.request, m->negotiated ? m->request : (carnet_span){ 0 });
        assert_int_equal(last, CARNET_TYPE4_READ);
    }
}

static const uint32_t tag_reads[] = { 15, 16, 100, 254, 255, 256, 257, 1000, 32767, 65535 };
static const uint32_t tag_writes[] = { 4, 13, 100, 253, 254, 255, 256, 1000, 32767, 65535 };
static const uint32_t reader_reads[] = { 15, 255, 256, 257, 4096, 65536 };
static const uint32_t reader_writes[] = { 15, 254, 255, 256, 4096, 65535 };
static const size_t lengths[] = { 1, 200, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 5000 };

/** Round trips that a transfer of n octets takes at the least. */
static unsigned
parts(size_t n, uint32_t a, uint32_t b)
{
    uint32_t most = a < b ? a : b;

    return (unsigned)((n + most - 1) / most);
}

static void
static_handover_takes_the_least_exchanges_at_every_size(void **state)
{
    size_t each = CARNET_COUNT(reader_reads), count = CARNET_COUNT(tag_reads) * each;

    (void)state;
    for (size_t i = 0; i < count * CARNET_COUNT(lengths); i++) {
        carnet_span select = message_of("Hs", lengths[i / count], select_room, sizeof select_room);
        meeting m = { .read_max = (uint16_t)tag_reads[i % count / each],
                      .write_max = 255,
                      .response_max = reader_reads[i % each],
                      .command_max = 255,
                      .extended_file = i % 2 != 0,
                      .select = select };

        meet(&m);
        assert_carnet_ok(m.rc, NULL);
        assert_int_equal(m.waited, 0);
        assert_int_equal(m.exchanges, 3 + 1 + 1 + parts(select.len, m.read_max, m.response_max) + m.extended_file);
    }
}

static void
negotiated_handover_ends_at_every_size(void **state)
{
    size_t each = CARNET_COUNT(reader_writes), count = CARNET_COUNT(tag_writes) * each;

    (void)state;
    for (size_t i = 0; i < count * CARNET_COUNT(lengths); i++) {
        meeting m = { .read_max = 255,
                      .write_max = (uint16_t)tag_writes[i % count / each],
                      .response_max = 256,
                      .command_max = reader_writes[i % each],
                      .negotiated = true,
                      .extended_file = i % 2 != 0,
                      .select = message_of("Hs", 180, select_room, sizeof select_room),
                      .request = message_of("Hr", lengths[i / count], request_room, sizeof request_room) };
        size_t head = m.extended_file ? 4 : 2, most = m.write_max < m.command_max ? m.write_max : m.command_max;
        bool whole = m.request.len + head <= most, whole_choice = 25 + head <= most;

        meet(&m);
        assert_carnet_ok(m.rc, NULL);
        assert_int_equal(m.waited, 4);
        assert_int_equal(m.exchanges, 10u + m.extended_file +
                                          (whole_choice ? 1u : 2u + parts(25, m.write_max, m.command_max)) +
                                          (whole ? 1u : 2u + parts(m.request.len, m.write_max, m.command_max)));
    }
}

static void
the_tag_may_ask_for_as_much_time_as_it_announced_and_no_more(void **state)
{
    (void)state;
    for (unsigned extensions = 0; extensions <= 15; extensions++) {
        for (unsigned delay = 1; delay <= 17; delay++) {
            meeting m = { .read_max = 255,
                          .write_max = 255,
                          .response_max = 256,
                          .command_max = 255,
                          .negotiated = true,
                          .delay = delay,
                          .extensions = extensions,
                          .select = message_of("Hs", 50, select_room, sizeof select_room),
                          .request = message_of("Hr", 50, request_room, sizeof request_room) };

            meet(&m);
            assert_carnet_rc(m.rc, delay <= extensions ? CARNET_OK : CARNET_E_TNEP_TIMEOUT);
            assert_int_equal(m.waited, 4 + 2 * (delay <= extensions ? delay : extensions));
        }
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_handover_takes_the_least_exchanges_at_every_size),
        cmocka_unit_test(negotiated_handover_ends_at_every_size),
        cmocka_unit_test(the_tag_may_ask_for_as_much_time_as_it_announced_and_no_more),
    };

    return cmocka_run_group_tests_name("type 4 pair", tests, NULL, NULL);
}
