/* SPDX-License-Identifier: Apache-2.0 */
/* SessionEstablishment within the handover (18013-5 9.2.3), which is off unless a name is agreed on. */
#include "carnet/type4_reader.h"
#include "carnet/type4_tag.h"
#include "support/support.h"

#include <string.h>

#define NAME "urn:nfc:sn:example"

static uint8_t tag_storage[4096], reader_storage[4096], command_room[300], response_room[300];
static const uint8_t hs[] = { 0xd1, 0x02, 0x01, 0x48, 0x73, 0x15 }, hr[] = { 0xd1, 0x02, 0x01, 0x48, 0x72, 0x15 };

/** A reader, a tag, and what lies between them. */
typedef struct meeting {
    carnet_type4_tag tag;
    carnet_type4_reader reader;
    carnet_buf command;
    carnet_type4_step step;
    carnet_type4_event last; /**< that was not nothing */
    carnet_err err;
} meeting;

/** Let the machines talk until the reader's is done or has failed. */
static void
talk(meeting *m)
{
    uint32_t wait_ms;

    while (m->step == CARNET_TYPE4_SEND) {
        carnet_buf response = carnet_buf_of(response_room, sizeof response_room);
        carnet_type4_event event = carnet_type4_tag_command(&m->tag, carnet_buf_span(&m->command), &response, &m->err);

        m->last = event != CARNET_TYPE4_NOTHING ? event : m->last;
        if (event == CARNET_TYPE4_REQUEST) {
            assert_carnet_ok(carnet_type4_tag_answer(&m->tag, carnet_span_of(hs, sizeof hs), NULL), NULL);
        }
        m->step = carnet_type4_reader_take(&m->reader, carnet_buf_span(&response), &m->command, &wait_ms, &m->err);
    }
}

static void
hand_over(meeting *m, const char *tags_name, size_t reader_capacity)
{
    memset(m, 0, sizeof *m);
    m->command = carnet_buf_of(command_room, sizeof command_room);
    assert_carnet_ok(carnet_type4_tag_init(&m->tag,
                                           &(carnet_type4_tag_parameters){ .storage = tag_storage,
                                                                           .capacity = sizeof tag_storage,
                                                                           .session_service_name = tags_name },
                                           NULL),
                     NULL);
    m->step = carnet_type4_reader_start(&m->reader,
                                        &(carnet_type4_reader_parameters){ .request = { hr, sizeof hr },
                                                                           .storage = reader_storage,
                                                                           .capacity = reader_capacity },
                                        &m->command, &m->err);
    talk(m);
    assert_int_equal(m->step, CARNET_TYPE4_DONE);
    assert_int_equal(m->last, CARNET_TYPE4_READ);
    assert_int_equal(carnet_type4_tag_establishment(&m->tag).len, 0);
}

static void
establish(meeting *m, carnet_span message, const char *name)
{
    m->step = carnet_type4_reader_establish(&m->reader, message, name, &m->command, &m->err);
    talk(m);
}

static void
the_message_arrives_at_every_length_and_the_results_stay(void **state)
{
    static const size_t lengths[] = { 1, 200, 240, 255, 256, 1500 };
    static uint8_t message[1500];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(lengths); i++) {
        carnet_span sent = carnet_span_of(message, lengths[i]);
        meeting m;

        memset(message, (int)i + 1, sizeof message);
        hand_over(&m, NAME, sizeof reader_storage);
        establish(&m, sent, NAME);
        if (m.step != CARNET_TYPE4_DONE) {
            fail_msg("%zu octets: %s, %s", lengths[i], carnet_rc_name(m.err.rc), m.err.reason);
        }
        assert_int_equal(m.last, CARNET_TYPE4_ESTABLISHMENT);
        assert_span_equal(carnet_type4_tag_establishment(&m.tag), sent);
        assert_span_equal(carnet_type4_tag_request(&m.tag), carnet_span_of(hr, sizeof hr));
        assert_span_equal(m.reader.select, carnet_span_of(hs, sizeof hs));
        assert_span_equal(m.reader.request, carnet_span_of(hr, sizeof hr));
        /* once and no more */
        m.step = carnet_type4_reader_establish(&m.reader, sent, NAME, &m.command, &m.err);
        assert_int_equal(m.step, CARNET_TYPE4_FAILED);
        assert_carnet_rc(m.err.rc, CARNET_E_USAGE);
    }
}

static void
a_tag_without_the_service_is_left_alone(void **state)
{
    static const char *const names[] = { NULL, "urn:nfc:sn:other" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(names); i++) {
        meeting m;

        hand_over(&m, names[i], sizeof reader_storage);
        establish(&m, CARNET_TEST_BYTES("abc"), NAME);
        assert_int_equal(m.step, CARNET_TYPE4_FAILED);
        assert_carnet_rc(m.err.rc, CARNET_E_TNEP_SERVICE);
        assert_int_equal(carnet_type4_tag_establishment(&m.tag).len, 0);
        assert_span_equal(m.reader.select, carnet_span_of(hs, sizeof hs));
    }
}

static void
room_and_order_are_demanded(void **state)
{
    uint8_t message[200] = { 0 };
    meeting m;

    (void)state;
    hand_over(&m, NAME, 128);
    establish(&m, carnet_span_of(message, 1), NAME);
    assert_carnet_rc(m.err.rc, CARNET_E_LIMIT);
    hand_over(&m, NAME, 6 + 203 + 127);
    establish(&m, carnet_span_of(message, 200), NAME);
    assert_carnet_rc(m.err.rc, CARNET_E_LIMIT);
    hand_over(&m, NAME, 6 + 203 + 128);
    establish(&m, carnet_span_of(message, 200), NAME);
    assert_int_equal(m.step, CARNET_TYPE4_DONE);
    hand_over(&m, NAME, sizeof reader_storage);
    establish(&m, carnet_span_of(message, 200), "");
    assert_carnet_rc(m.err.rc, CARNET_E_USAGE);
    memset(&m, 0, sizeof m);
    m.command = carnet_buf_of(command_room, sizeof command_room);
    m.step = carnet_type4_reader_start(
        &m.reader, &(carnet_type4_reader_parameters){ .storage = reader_storage, .capacity = 256 }, &m.command, NULL);
    assert_int_equal(m.step, CARNET_TYPE4_SEND);
    m.step = carnet_type4_reader_establish(&m.reader, carnet_span_of(message, 200), NAME, &m.command, &m.err);
    assert_int_equal(m.step, CARNET_TYPE4_FAILED);
    assert_carnet_rc(m.err.rc, CARNET_E_USAGE);
}

/** Write a message of the reader's own making, and read what the tag says then. */
static carnet_span
write_and_read(carnet_type4_tag *tag, const char *message, carnet_type4_event *event)
{
    static uint8_t room[300];
    carnet_span octets = carnet_test_hex(message);
    uint8_t command[100] = { 0, 0xd6, 0, 0, (uint8_t)(octets.len + 2), 0, (uint8_t)octets.len };
    carnet_buf response = carnet_buf_of(room, sizeof room);

    memcpy(command + 7, octets.ptr, octets.len);
    *event = carnet_type4_tag_command(tag, carnet_span_of(command, octets.len + 7), &response, NULL);
    response.len = 0;
    (void)carnet_type4_tag_command(tag, carnet_test_hex("00b0000000"), &response, NULL);
    return carnet_buf_span(&response);
}

#define SELECT_NAME "d1021354731275726e3a6e66633a736e3a6578616d706c65"

static void
the_service_is_not_open_before_the_select_was_read_nor_for_nothing(void **state)
{
    carnet_span refused = carnet_test_hex("0006d102015465019000"), taken = carnet_test_hex("0006d102015465009000");
    carnet_type4_event event;
    meeting m;

    (void)state;
    hand_over(&m, NAME, sizeof reader_storage);
    assert_span_equal(write_and_read(&m.tag, SELECT_NAME, &event), taken);
    assert_span_equal(write_and_read(&m.tag, "d50000", &event), refused); /* a record of nothing */
    assert_int_equal(event, CARNET_TYPE4_NOTHING);
    hand_over(&m, NAME, sizeof reader_storage);
    (void)carnet_type4_tag_command(&m.tag, carnet_test_hex("00a4040007d2760000850101"), &m.command, NULL);
    (void)carnet_type4_tag_command(&m.tag, carnet_test_hex("00a4000c02e104"), &m.command, NULL);
    assert_span_equal(write_and_read(&m.tag, SELECT_NAME, &event), refused);
    assert_int_equal(event, CARNET_TYPE4_REFUSED);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_message_arrives_at_every_length_and_the_results_stay),
        cmocka_unit_test(a_tag_without_the_service_is_left_alone),
        cmocka_unit_test(room_and_order_are_demanded),
        cmocka_unit_test(the_service_is_not_open_before_the_select_was_read_nor_for_nothing),
    };

    return cmocka_run_group_tests_name("type 4 session", tests, NULL, NULL);
}
