/* SPDX-License-Identifier: Apache-2.0 */
/* The reader alone: containers, and tags that answer as none should. */
#include "carnet/type4_reader.h"
#include "support/support.h"

#include <string.h>

#define OK "9000"
#define CC "000f20 00ff 00ff 0406e1047fff0000" OK /* writable */
#define TP "d1021a5470101375726e3a6e66633a736e3a68616e646f76657200000fffff"
#define TE "d10201546500"

static uint8_t storage[256];
static const uint8_t hr[] = { 0xd1, 0x02, 0x01, 0x48, 0x72, 0x15 };

static void
containers_are_opened(void **state)
{
    static const struct {
        const char *what, *hex;
        carnet_rc rc;
        uint32_t size;
        uint8_t length_size;
        bool writable;
    } cases[] = {
        { "read only", "000f20 7fff 7fff 0406e1047fff00ff", CARNET_OK, 0x7fff, 2, false },
        { "writable", "000f20 7fff 7fff 0406e1047fff0000", CARNET_OK, 0x7fff, 2, true },
        { "version 3", "000f30 000f 0001 0406e104000500ff", CARNET_OK, 5, 2, false },
        { "version 2.1", "000f21 000f 0001 0406e104000500ff", CARNET_OK, 5, 2, false },
        { "an extended file", "001130 ffff ffff 0608e104000100000000", CARNET_OK, 65536, 4, true },
        { "another file before", "001720 7fff 7fff 0506e10500100000 0406e1047fff00ff", CARNET_OK, 0x7fff, 2, false },
        { "something after", "001120 7fff 7fff 0406e1047fff00ff aa00", CARNET_OK, 0x7fff, 2, false },

        { "nothing", "", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "another length", "001020 7fff 7fff 0406e1047fff00ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "version 1", "000f10 7fff 7fff 0406e1047fff00ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "version 4", "000f40 7fff 7fff 0406e1047fff00ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "reads too short", "000f20 000e 7fff 0406e1047fff00ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "no writes", "000f20 7fff 0000 0406e1047fff00ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "no file for messages", "000f20 7fff 7fff 0506e1047fff00ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "a control cut off", "000f20 7fff 7fff 0407e1047fff00ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "a file that is not for reading", "000f20 7fff 7fff 0406e1047fff80ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "a file too small", "000f20 7fff 7fff 0406e104000400ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "the container as its own file", "000f20 7fff 7fff 0406e1037fff00ff", CARNET_E_TYPE4_FILE, 0, 0, false },
        { "a reserved identifier", "000f20 7fff 7fff 0406ffff7fff00ff", CARNET_E_TYPE4_FILE, 0, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_type4_file file;
        carnet_rc rc = carnet_type4_container_open(carnet_test_copy(carnet_test_hex(cases[i].hex)), &file, NULL);

        if (rc != cases[i].rc || file.size != cases[i].size || file.length_size != cases[i].length_size ||
            file.writable != cases[i].writable) {
            fail_msg("%s: %s, %u octets", cases[i].what, carnet_rc_name(rc), file.size);
        }
        assert_int_equal(file.id, rc == CARNET_OK ? 0xe104 : 0);
    }
}

/** Responses of a tag, and what the machine makes of them; the last step must come with the last response. */
typedef struct script {
    const char *what;
    bool negotiated;
    const char *responses[24];
    carnet_rc rc;
    const char *path; /**< step that is named in the error */
} script;

static const script scripts[] = {
    { "a static handover", false, { OK, OK, CC, OK, "0006" OK, "d10201487315" OK }, CARNET_OK, NULL },
    { "reads that give less than asked",
      false,
      { "6f028400" OK, OK, "000f2000ff00ff04" OK, "06e1047fff0000" OK, OK, "00" OK, "06" OK, "d102" OK, "0148" OK,
        "7315" OK },
      CARNET_OK,
      NULL },
    { "a tag that says which Le is right",
      false,
      { OK, OK, CC, OK, "6c01", "00" OK, "06" OK, "6c05", "d102014873" OK, "15" OK },
      CARNET_OK,
      NULL },
    { "a negotiated handover",
      true,
      { OK, OK, CC, OK, "001f" OK, TP OK, OK, "0006" OK, TE OK, OK, "0000" OK, "0006" OK, "d10201487315" OK },
      CARNET_OK,
      NULL },
    { "a static handover for a reader with a request",
      true,
      { OK, OK, CC, OK, "0006" OK, "d10201487315" OK },
      CARNET_OK,
      NULL },

    { "no such application", false, { "6a82" }, CARNET_E_APDU_STATUS, "SELECT application" },
    { "no container", false, { OK, "6a82" }, CARNET_E_APDU_STATUS, "SELECT container" },
    { "no file", false, { OK, OK, CC, "6a82" }, CARNET_E_APDU_STATUS, "SELECT file" },
    { "a response that is none", false, { OK, "90" }, CARNET_E_APDU_LENGTH, "SELECT container" },
    { "a read of nothing", false, { OK, OK, OK }, CARNET_E_TYPE4_RESPONSE, "READ container" },
    { "a read of more than asked", false, { OK, OK, CC, OK, "000600" OK }, CARNET_E_TYPE4_RESPONSE, "READ length" },
    { "an Le that is longer than asked", false, { OK, OK, CC, OK, "6c02" }, CARNET_E_APDU_STATUS, "READ length" },
    { "an Le of nothing", false, { OK, OK, CC, OK, "6c00" }, CARNET_E_APDU_STATUS, "READ length" },
    { "more data, which is not for here", false, { OK, OK, "6110" }, CARNET_E_APDU_STATUS, "READ container" },
    { "a container of another version",
      false,
      { OK, OK, "000f4000ff00ff0406e1047fff0000" OK },
      CARNET_E_TYPE4_FILE,
      "READ container" },
    { "a container that is too long",
      false,
      { OK, OK, "ffff2000ff00ff0406e1047fff0000" OK },
      CARNET_E_LIMIT,
      "READ container" },
    { "a container that is too short",
      false,
      { OK, OK, "00002000ff00ff0406e1047fff0000" OK },
      CARNET_E_TYPE4_FILE,
      "READ container" },
    { "an empty tag", false, { OK, OK, CC, OK, "0000" OK }, CARNET_E_TYPE4_FILE, "READ length" },
    { "a message longer than the file", false, { OK, OK, CC, OK, "7ffe" OK }, CARNET_E_TYPE4_FILE, "READ length" },
    { "a message longer than storage", false, { OK, OK, CC, OK, "0101" OK }, CARNET_E_LIMIT, "READ length" },
    { "a message that is none",
      false,
      { OK, OK, CC, OK, "0002" OK, "0000" OK },
      CARNET_E_NDEF_TRUNCATED,
      "READ message" },
    { "a message that is no handover",
      false,
      { OK, OK, CC, OK, "0006" OK, "d10201540055" OK },
      CARNET_E_TNEP_SERVICE,
      "READ message" },
    { "a negotiated handover without a request",
      false,
      { OK, OK, CC, OK, "001f" OK, TP OK },
      CARNET_E_TNEP_SERVICE,
      "READ message" },
    { "a service in a file that is read only",
      true,
      { OK, OK, "000f2000ff00ff0406e1047fff00ff" OK, OK, "001f" OK, TP OK },
      CARNET_E_TYPE4_FILE,
      "READ message" },
    { "a service for messages too short",
      true,
      { OK, OK, CC, OK, "001f" OK, "d1021a5470101375726e3a6e66633a736e3a68616e646f76657200000f0005" OK },
      CARNET_E_LIMIT,
      "READ message" },
    { "a file too small to choose in",
      true,
      { OK, OK, "000f2000ff00ff0406e104002100 00" OK, OK, "001f" OK, TP OK, OK, "0006" OK, TE OK, "6a84" },
      CARNET_E_APDU_STATUS,
      "UPDATE message" },
    { "a file that holds no choice",
      true,
      { OK, OK, "000f2000ff00ff0406e104001a00 00" OK, OK, "0006" OK, "d10201487315" OK },
      CARNET_OK,
      NULL },
    { "a file that its services fill",
      true,
      { OK, OK, "000f2000ff00ff0406e104002100 00" OK, OK, "001f" OK, TP OK, OK, "0006" OK, TE OK, OK, "0006" OK,
        "d1020148731 5" OK },
      CARNET_OK,
      NULL },
    { "a tag that takes one octet at once",
      true,
      { OK, OK, "000f2000ff00010406e1047fff0000" OK, OK, "001f" OK, TP OK },
      CARNET_E_TYPE4_FILE,
      "READ message" },
    { "an answer that is no message",
      true,
      { OK, OK, CC, OK, "001f" OK, TP OK, OK, "0006" OK, TE OK, OK, "0002" OK, "ffff" OK },
      CARNET_E_NDEF_CHUNKED,
      "READ message" },
    { "a write that is refused",
      true,
      { OK, OK, CC, OK, "001f" OK, TP OK, "6982" },
      CARNET_E_APDU_STATUS,
      "UPDATE message" },
    { "a service that fails",
      true,
      { OK, OK, CC, OK, "001f" OK, TP OK, OK, "0006" OK, "d10201546501" OK },
      CARNET_E_TNEP_STATUS,
      "READ message" },
    { "a service that answers with none of its records",
      true,
      { OK, OK, CC, OK, "001f" OK, TP OK, OK, "0006" OK, "d10201487315" OK },
      CARNET_E_TNEP_STRUCTURE,
      "READ message" },
    { "a status in place of a select",
      true,
      { OK, OK, CC, OK, "001f" OK, TP OK, OK, "0006" OK, TE OK, OK, "0006" OK, "d10201546580" OK },
      CARNET_E_TNEP_STATUS,
      "READ message" },
    { "something else in place of a select",
      true,
      { OK, OK, CC, OK, "001f" OK, TP OK, OK, "0006" OK, TE OK, OK, "0006" OK, "d10201487215" OK },
      CARNET_E_HANDOVER_STRUCTURE,
      "READ message" },
};

/** Run a script; a response NULL ends it. */
static void
run(const script *s)
{
    uint8_t room[300];
    carnet_buf command = carnet_buf_of(room, sizeof room);
    carnet_type4_reader reader;
    carnet_err err = { 0 };
    uint32_t wait_ms;
    carnet_type4_step step = carnet_type4_reader_start(
        &reader,
        &(carnet_type4_reader_parameters){
            .request = { hr, s->negotiated ? sizeof hr : 0 }, .storage = storage, .capacity = sizeof storage },
        &command, &err);

    for (size_t i = 0; s->responses[i] != NULL; i++) {
        if (step != CARNET_TYPE4_SEND) {
            fail_msg("%s: over before response %zu: %s, %s", s->what, i, carnet_rc_name(err.rc), err.reason);
        }
        step = carnet_type4_reader_take(&reader, carnet_test_copy(carnet_test_hex(s->responses[i])), &command, &wait_ms,
                                        &err);
    }
    if (step != (s->rc == CARNET_OK ? CARNET_TYPE4_DONE : CARNET_TYPE4_FAILED) || err.rc != s->rc) {
        fail_msg("%s: step %d, %s", s->what, (int)step, carnet_rc_name(err.rc));
    }
    assert_int_equal(command.len, 0);
    if (s->path != NULL) {
        assert_non_null(strstr(err.path, s->path));
        assert_int_equal(reader.select.len, 0);
    }
    step = carnet_type4_reader_take(&reader, carnet_test_hex(OK), &command, &wait_ms, &err);
    assert_int_equal(step, CARNET_TYPE4_FAILED);
    assert_carnet_rc(err.rc, CARNET_E_USAGE);
}

static void
tags_are_read_or_refused_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(scripts); i++) {
        run(&scripts[i]);
    }
}

static void
parameters_out_of_range_are_a_mistake_of_the_caller(void **state)
{
    const carnet_type4_reader_parameters cases[] = {
        { .capacity = 128 },
        { .storage = storage, .capacity = 127 },
        { .storage = storage, .capacity = 128, .command_max = 14 },
        { .storage = storage, .capacity = 128, .command_max = 65536 },
        { .storage = storage, .capacity = 128, .response_max = 14 },
        { .storage = storage, .capacity = 128, .response_max = 65537 },
    };
    uint8_t room[300];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_buf command = carnet_buf_of(room, sizeof room);
        carnet_type4_reader reader;
        carnet_err err = { 0 };

        assert_int_equal(carnet_type4_reader_start(&reader, &cases[i], &command, &err), CARNET_TYPE4_FAILED);
        assert_carnet_rc(err.rc, CARNET_E_USAGE);
    }
}

static void
a_command_without_room_is_an_error(void **state)
{
    uint8_t room[16];

    (void)state;
    for (size_t cap = 0; cap < 13; cap++) {
        carnet_buf command = carnet_buf_of(room, cap);
        carnet_type4_reader reader;
        carnet_err err = { 0 };

        assert_int_equal(
            carnet_type4_reader_start(&reader, &(carnet_type4_reader_parameters){ .storage = storage, .capacity = 256 },
                                      &command, &err),
            CARNET_TYPE4_FAILED);
        assert_carnet_rc(err.rc, CARNET_E_NO_SPACE);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_are_opened),
        cmocka_unit_test(tags_are_read_or_refused_by_name),
        cmocka_unit_test(parameters_out_of_range_are_a_mistake_of_the_caller),
        cmocka_unit_test(a_command_without_room_is_an_error),
    };

    return cmocka_run_group_tests_name("type 4 reader", tests, NULL, NULL);
}
