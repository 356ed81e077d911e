/* SPDX-License-Identifier: Apache-2.0 */
/* The tag alone: commands that a well-behaved reader would not send, and what becomes of them. */
#include "carnet/type4_tag.h"
#include "support/support.h"

#include <string.h>

#define AID       "00a4040007d2760000850101"
#define CONTAINER "00a4000c02e103"
#define FILE_     "00a4000c02e104"
#define TS        "d1021454731375726e3a6e66633a736e3a68616e646f766572"
#define HR        "d10201487215"

static uint8_t storage[256];
static const uint8_t hs[] = { 0xd1, 0x02, 0x01, 0x48, 0x73, 0x15 };

static carnet_type4_tag
tag_of(bool negotiated)
{
    carnet_type4_tag_parameters p = {
        .select = { hs, negotiated ? 0 : sizeof hs }, .storage = storage, .capacity = sizeof storage, .write_max = 128
    };
    carnet_type4_tag tag;

    assert_carnet_ok(carnet_type4_tag_init(&tag, &p, NULL), NULL);
    return tag;
}

/** Send a command; the response must be this. */
static carnet_type4_event
send(carnet_type4_tag *tag, const char *command, const char *response, carnet_err *err)
{
    uint8_t room[300];
    carnet_buf out = carnet_buf_of(room, sizeof room);
    carnet_type4_event event = carnet_type4_tag_command(tag, carnet_test_copy(carnet_test_hex(command)), &out, err);

    assert_span_equal(carnet_buf_span(&out), carnet_test_hex(response));
    return event;
}

static void
what_does_not_belong_here_is_answered_with_a_status(void **state)
{
    static const struct {
        const char *what;
        bool negotiated;
        const char *before, *command, *response;
    } cases[] = {
        { "no command", false, NULL, "00a4", "6700" },
        { "chaining", false, NULL, "10a4040007d2760000850101", "6884" },
        { "another class", false, NULL, "80a4040007d2760000850101", "6e00" },
        { "another instruction", false, NULL, "00ca0000", "6d00" },
        { "another application", false, NULL, "00a4040007a0000002480400", "6a82" },
        { "an application by a prefix", false, NULL, "00a4040005d276000085", "6a82" },
        { "SELECT of a path", false, NULL, "00a4080002e103", "6a86" },
        { "SELECT of the next occurrence", false, NULL, "00a4040207d2760000850101", "6a86" },
        { "a file before the application", false, NULL, CONTAINER, "6985" },
        { "reading before the application", false, NULL, "00b0000002", "6985" },
        { "reading without a file", false, AID, "00b0000002", "6986" },
        { "writing without a file", true, AID, "00d600000100", "6986" },
        { "a file that is not there", false, AID, "00a4000c02e105", "6a82" },
        { "a file by three octets", false, AID, "00a4000c03e10300", "6700" },
        { "a short identifier", false, AID, "00b0810002", "6a86" },
        { "reading without Le", false, FILE_, "00b00000", "6700" },
        { "reading with data", false, FILE_, "00b00000010002", "6700" },
        { "reading beyond the end", false, FILE_, "00b0000802", "6b00" },
        { "reading far beyond the end", false, FILE_, "00b07fff02", "6b00" },
        { "reading beyond the end of the container", false, CONTAINER, "00b0000f01", "6b00" },
        { "writing what is read only", false, FILE_, "00d60000020000", "6982" },
        { "writing the container", true, CONTAINER, "00d60000020000", "6982" },
        { "writing nothing", true, FILE_, "00d60000", "6700" },
        { "writing beyond the end", true, FILE_, "00d600ff020000", "6a84" },
        { "writing far beyond the end", true, FILE_, "00d67fff0100", "6a84" },
        { "a length longer than the file", true, FILE_, "00d600000200ff", "6a80" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_type4_tag tag = tag_of(cases[i].negotiated);
        carnet_err err = { 0 };

        if (cases[i].before != NULL) {
            assert_int_equal(send(&tag, AID, "9000", &err), CARNET_TYPE4_SELECTED);
            (void)send(&tag, cases[i].before, "9000", &err);
        }
        if (send(&tag, cases[i].command, cases[i].response, &err) != CARNET_TYPE4_REFUSED) {
            fail_msg("%s: no refusal", cases[i].what);
        }
        assert_carnet_rc(err.rc, CARNET_E_TYPE4_COMMAND);
        assert_true(strlen(err.reason) > 10);
    }
}

static void
more_data_than_announced_is_refused(void **state)
{
    carnet_type4_tag tag = tag_of(true);
    uint8_t command[5 + 129] = { 0, 0xd6, 0, 0, 129 }, room[16];
    carnet_buf out = carnet_buf_of(room, sizeof room);

    (void)state;
    (void)send(&tag, AID, "9000", NULL);
    (void)send(&tag, FILE_, "9000", NULL);
    assert_int_equal(carnet_type4_tag_command(&tag, carnet_span_of(command, sizeof command), &out, NULL),
                     CARNET_TYPE4_REFUSED);
    assert_span_equal(carnet_buf_span(&out), carnet_test_hex("6700"));
    command[4] = 128;
    out.len = 0;
    assert_int_equal(carnet_type4_tag_command(&tag, carnet_span_of(command, sizeof command - 1), &out, NULL),
                     CARNET_TYPE4_NOTHING);
}

static void
the_container_says_what_the_tag_can(void **state)
{
    carnet_type4_tag_parameters p = { .select = { hs, sizeof hs }, .read_max = 0x1234, .write_max = 0x5678 };
    carnet_type4_tag tag;

    (void)state;
    for (int i = 0; i < 2; i++) {
        p.extended_file = i == 1;
        assert_carnet_ok(carnet_type4_tag_init(&tag, &p, NULL), NULL);
        (void)send(&tag, AID, "9000", NULL);
        (void)send(&tag, CONTAINER, "9000", NULL);
        (void)send(&tag, "00b0000000",
                   i == 0 ? "000f20123456780406e1047fff00ff9000" : "001130123456780608e10400007fff00ff9000", NULL);
    }
    tag = tag_of(true);
    (void)send(&tag, AID "00", "9000", NULL); /* with Le, as T4T has it */
    (void)send(&tag, CONTAINER, "9000", NULL);
    (void)send(&tag, "00b0000000", "000f207fff00800406e104010000009000", NULL);
}

static void
a_read_gives_what_is_there_from_any_place(void **state)
{
    carnet_type4_tag tag = tag_of(false);

    (void)state;
    (void)send(&tag, AID, "9000", NULL);
    (void)send(&tag, FILE_, "9000", NULL);
    assert_int_equal(send(&tag, "00b0000001", "009000", NULL), CARNET_TYPE4_NOTHING);
    assert_int_equal(send(&tag, "00b0000103", "06d1029000", NULL), CARNET_TYPE4_NOTHING);
    assert_int_equal(send(&tag, "00b0000200", "d102014873159000", NULL), CARNET_TYPE4_READ);
    assert_int_equal(send(&tag, "00b0000000", "0006d102014873159000", NULL), CARNET_TYPE4_NOTHING);
    assert_int_equal(send(&tag, "00b0000701", "159000", NULL), CARNET_TYPE4_NOTHING);
    assert_int_equal(send(&tag, AID, "9000", NULL), CARNET_TYPE4_SELECTED);
    (void)send(&tag, FILE_, "9000", NULL);
    assert_int_equal(send(&tag, "00b00000000008", "0006d102014873159000", NULL), CARNET_TYPE4_READ);
}

static void
choose_service(carnet_type4_tag *tag)
{
    (void)send(tag, AID, "9000", NULL);
    (void)send(tag, FILE_, "9000", NULL);
    (void)send(tag, "00d600001b0019" TS, "9000", NULL);
    (void)send(tag, "00b0000000", "0006d102015465009000", NULL);
}

static void
a_request_is_answered_when_the_caller_answers(void **state)
{
    carnet_type4_tag tag = tag_of(true);
    carnet_err err;

    (void)state;
    choose_service(&tag);
    assert_carnet_rc(carnet_type4_tag_answer(&tag, carnet_span_of(hs, sizeof hs), NULL), CARNET_E_USAGE);
    assert_int_equal(carnet_type4_tag_request(&tag).len, 0);
    assert_int_equal(send(&tag, "00d60000020000", "9000", &err), CARNET_TYPE4_NOTHING);
    assert_int_equal(send(&tag, "00d6000206" HR, "9000", &err), CARNET_TYPE4_NOTHING);
    assert_int_equal(send(&tag, "00d60000020006", "9000", &err), CARNET_TYPE4_REQUEST);
    assert_span_equal(carnet_type4_tag_request(&tag), carnet_test_hex(HR));
    (void)send(&tag, "00b0000002", "00009000", NULL);
    assert_int_equal(send(&tag, "00d60000020000", "6985", &err), CARNET_TYPE4_REFUSED);
    assert_carnet_rc(carnet_type4_tag_answer(&tag, (carnet_span){ 0 }, NULL), CARNET_E_USAGE);
    assert_carnet_ok(carnet_type4_tag_answer(&tag, carnet_span_of(hs, sizeof hs), &err), &err);
    assert_carnet_rc(carnet_type4_tag_answer(&tag, carnet_span_of(hs, sizeof hs), NULL), CARNET_E_USAGE);
    assert_int_equal(send(&tag, "00b0000002", "00069000", NULL), CARNET_TYPE4_NOTHING);
    assert_int_equal(send(&tag, "00b0000206", "d102014873159000", NULL), CARNET_TYPE4_READ);
    /* the reader leaves the service; the request stays where it is */
    assert_int_equal(send(&tag, "00d60000080006d10201547300", "9000", &err), CARNET_TYPE4_NOTHING);
    (void)send(&tag, "00b0000704", "101375729000", NULL);
    assert_span_equal(carnet_type4_tag_request(&tag), carnet_test_hex(HR));
    /* and has had its turn */
    assert_int_equal(send(&tag, "00d600001b0019" TS, "9000", &err), CARNET_TYPE4_REFUSED);
    (void)send(&tag, "00b0000000", "0006d102015465019000", NULL);
    assert_int_equal(send(&tag, AID, "9000", NULL), CARNET_TYPE4_SELECTED);
    assert_int_equal(carnet_type4_tag_request(&tag).len, 0);
}

static void
what_is_no_request_is_told_as_a_broken_protocol(void **state)
{
    static const char *const messages[] = {
        "0006" HR,            /* before the service was chosen */
        "0006d10201547301",   /* a selection cut off */
        "0007d1020254730161", /* a service that is not there */
        "0006b10201487215",   /* a chunk */
        "0003000000",         /* no message */
        "0007" HR,            /* cut off by its length: zeros follow, not an old message */
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(messages); i++) {
        carnet_type4_tag tag = tag_of(true);
        carnet_span message = carnet_test_hex(messages[i]);
        uint8_t command[64] = { 0, 0xd6, 0, 0, (uint8_t)message.len }, room[16];
        carnet_buf out = carnet_buf_of(room, sizeof room);
        carnet_err err;

        if (i == 5) {
            choose_service(&tag);
        }
        (void)send(&tag, i == 5 ? FILE_ : AID, "9000", NULL);
        (void)send(&tag, FILE_, "9000", NULL);
        memcpy(command + 5, message.ptr, message.len);
        assert_int_equal(carnet_type4_tag_command(&tag, carnet_span_of(command, 5 + message.len), &out, &err),
                         CARNET_TYPE4_REFUSED);
        assert_span_equal(carnet_buf_span(&out), carnet_test_hex("9000"));
        (void)send(&tag, "00b0000000", "0006d102015465019000", NULL);
    }
}

static void
a_request_may_be_rejected_and_another_application_selected(void **state)
{
    carnet_type4_tag tag = tag_of(true);

    (void)state;
    carnet_type4_tag_reject(&tag);
    choose_service(&tag);
    assert_int_equal(send(&tag, "00d60000080006" HR, "9000", NULL), CARNET_TYPE4_REQUEST);
    carnet_type4_tag_reject(&tag);
    assert_int_equal(send(&tag, "00b0000000", "0006d102015465019000", NULL), CARNET_TYPE4_NOTHING);
    assert_true(carnet_type4_selects(carnet_test_hex(AID)));
    assert_true(carnet_type4_selects(carnet_test_hex(AID "00")));
    assert_false(carnet_type4_selects(carnet_test_hex("00a4040007a0000002480400")));
    assert_false(carnet_type4_selects(carnet_test_hex("00a4000c02e103")));
    assert_false(carnet_type4_selects(carnet_test_hex("00")));
    carnet_type4_tag_deselect(&tag);
    (void)send(&tag, "00b0000000", "6985", NULL);
    (void)send(&tag, FILE_, "6985", NULL);
    assert_int_equal(send(&tag, AID, "9000", NULL), CARNET_TYPE4_SELECTED);
}

static void
parameters_out_of_range_are_a_mistake_of_the_caller(void **state)
{
    static char name[82];
    const carnet_type4_tag_parameters cases[] = {
        { .capacity = 0 },
        { .capacity = 256 },
        { .storage = storage, .capacity = 255 },
        { .storage = storage, .capacity = 256, .read_max = 14 },
        { .storage = storage, .capacity = 256, .wait_time = 64 },
        { .storage = storage, .capacity = 256, .wait_extensions = 16 },
        { .storage = storage, .capacity = 256, .service_name = "" },
        { .storage = storage, .capacity = 256, .service_name = name },
        { .select = { hs, 0x7fff } },
    };
    carnet_type4_tag tag;

    (void)state;
    memset(name, 'a', 81);
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        assert_carnet_rc(carnet_type4_tag_init(&tag, &cases[i], NULL), CARNET_E_USAGE);
    }
    name[80] = '\0';
    assert_carnet_ok(carnet_type4_tag_init(&tag, &cases[7], NULL), NULL);
    (void)send(&tag, AID, "9000", NULL);
    (void)send(&tag, FILE_, "9000", NULL);
    (void)send(&tag, "00b0000009", "005cd1025754701050 9000", NULL);
}

static void
a_response_without_room_is_an_error(void **state)
{
    carnet_type4_tag tag = tag_of(false);
    uint8_t room[2];

    (void)state;
    for (size_t cap = 0; cap < 2; cap++) {
        carnet_buf out = carnet_buf_of(room, cap);
        carnet_err err;

        assert_int_equal(carnet_type4_tag_command(&tag, carnet_test_hex(AID), &out, &err), CARNET_TYPE4_REFUSED);
        assert_carnet_rc(err.rc, CARNET_E_NO_SPACE);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_belong_here_is_answered_with_a_status),
        cmocka_unit_test(more_data_than_announced_is_refused),
        cmocka_unit_test(the_container_says_what_the_tag_can),
        cmocka_unit_test(a_read_gives_what_is_there_from_any_place),
        cmocka_unit_test(a_request_is_answered_when_the_caller_answers),
        cmocka_unit_test(what_is_no_request_is_told_as_a_broken_protocol),
        cmocka_unit_test(a_request_may_be_rejected_and_another_application_selected),
        cmocka_unit_test(parameters_out_of_range_are_a_mistake_of_the_caller),
        cmocka_unit_test(a_response_without_room_is_an_error),
    };

    return cmocka_run_group_tests_name("type 4 tag", tests, NULL, NULL);
}
