/* SPDX-License-Identifier: Apache-2.0 */
/* A session that is recorded and played again. */
#include "carnet/link_memory.h"
#include "carnet/link_record.h"
#include "support/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a recorder wrote, in memory; refuses when it would exceed `cap`. */
typedef struct tape {
    uint8_t bytes[4096];
    size_t len, cap, writes;
} tape;

static carnet_rc
tape_write(void *self, const carnet_span *parts, size_t count, carnet_err *err)
{
    tape *t = self;

    t->writes++;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > t->cap - t->len) {
            return carnet_fail(err, CARNET_E_LINK_IO, NULL, "the tape is full");
        }
        memcpy(t->bytes + t->len, parts[i].ptr, parts[i].len);
        t->len += parts[i].len;
    }
    return CARNET_OK;
}

typedef struct scene {
    carnet_link reader, mdoc;
    carnet_recorder recorder;
    tape t;
} scene;

static const carnet_recording_head head = { .reader = true, .started = 1790000000 };

static void
begin(scene *s, size_t cap)
{
    carnet_err err = { 0 };

    memset(s, 0, sizeof(*s));
    s->t.cap = cap;
    assert_carnet_ok(carnet_link_memory_pair(&s->reader, &s->mdoc, &err), &err);
    carnet_recorder_to_sink(&s->recorder, &(carnet_recorder_sink){ tape_write, &s->t });
    assert_carnet_ok(carnet_link_record(&s->reader, &s->recorder, &head, &err), &err);
}

static carnet_rc
say(carnet_link *link, const char *text)
{
    return carnet_link_send(link, carnet_str_bytes(carnet_str_of(text)), 0, NULL);
}

static void
assert_hears(carnet_link *link, const char *text)
{
    uint8_t room[64] = { 'x' };
    carnet_buf got = carnet_buf_of(room, sizeof(room));

    got.len = 1; /* what is received is appended */
    assert_carnet_rc(carnet_link_receive(link, &got, 0, NULL), CARNET_OK);
    assert_span_equal(carnet_span_of(room + 1, got.len - 1), carnet_str_bytes(carnet_str_of(text)));
}

static carnet_rc
hear(carnet_link *link)
{
    uint8_t room[8];
    carnet_buf got = carnet_buf_of(room, sizeof(room));

    return carnet_link_receive(link, &got, 0, NULL);
}

/* The entries of a recording: "S" and "R" with the message, "E" with the code's name. */
static void
assert_tape(carnet_span bytes, const char *expected)
{
    carnet_recording view;
    carnet_recording_cursor cursor = { 0 };
    carnet_recording_entry entry;
    char text[256];
    carnet_buf out = carnet_buf_of(text, sizeof(text));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_recording_open(bytes, &view, &err), &err);
    assert_true(view.head.reader);
    while (carnet_recording_next(&view, &cursor, &entry, &err)) {
        carnet_buf_add_byte(&out, (uint8_t) "RSE"[entry.kind]);
        carnet_buf_add(&out, entry.message);
        if (entry.kind == CARNET_RECORDING_ENDED) {
            carnet_buf_add_text(&out, carnet_rc_name((carnet_rc)entry.code));
        }
        carnet_buf_add_byte(&out, ' ');
    }
    assert_int_equal(cursor.rc, CARNET_OK);
    assert_str_is(carnet_buf_str(&out), expected);
}

static void
writes_each_message_as_it_crosses(void **state)
{
    scene s;
    carnet_recording view;

    (void)state;
    begin(&s, sizeof(s.t.bytes));
    assert_int_equal(s.t.writes, 1);
    assert_carnet_ok(carnet_recording_open(carnet_span_of(s.t.bytes, s.t.len), &view, NULL), NULL);
    assert_str_is(view.head.medium, "memory");
    assert_carnet_rc(say(&s.reader, "ask"), CARNET_OK);
    assert_int_equal(s.t.writes, 2);
    assert_hears(&s.mdoc, "ask");
    assert_carnet_rc(hear(&s.reader), CARNET_E_LINK_TIMEOUT); /* not an end */
    assert_carnet_rc(say(&s.mdoc, "tell"), CARNET_OK);
    assert_hears(&s.reader, "tell");
    assert_int_equal(s.t.writes, 3);
    assert_int_equal(s.reader.traffic.messages_sent, 1);
    assert_int_equal(s.reader.traffic.octets_received, 4);
    carnet_link_close(&s.reader);
    assert_null(s.recorder.inner.ops);
    assert_tape(carnet_span_of(s.t.bytes, s.t.len), "Sask Rtell ECARNET_OK ");
    carnet_link_close(&s.mdoc);
}

static void
writes_how_the_link_ended_once(void **state)
{
    scene s;

    (void)state;
    begin(&s, sizeof(s.t.bytes));
    assert_carnet_rc(say(&s.mdoc, "bye"), CARNET_OK);
    carnet_link_close(&s.mdoc);
    assert_hears(&s.reader, "bye");
    assert_carnet_rc(hear(&s.reader), CARNET_E_LINK_CLOSED);
    assert_carnet_rc(say(&s.reader, "late"), CARNET_E_LINK_CLOSED);
    assert_carnet_rc(hear(&s.reader), CARNET_E_LINK_CLOSED);
    carnet_link_close(&s.reader);
    assert_tape(carnet_span_of(s.t.bytes, s.t.len), "Rbye ECARNET_E_LINK_CLOSED ");
}

static void
a_full_disk_stops_the_recording_and_not_the_session(void **state)
{
    scene s;

    (void)state;
    begin(&s, 110);
    assert_carnet_rc(say(&s.reader, "1234567890123456789012345"), CARNET_OK);
    assert_int_equal(s.recorder.failure.rc, CARNET_E_LINK_IO);
    assert_hears(&s.mdoc, "1234567890123456789012345");
    assert_carnet_rc(say(&s.reader, "x"), CARNET_OK);
    assert_int_equal(s.t.writes, 2);
    carnet_link_close(&s.reader);
    assert_int_equal(s.t.writes, 2);
    assert_tape(carnet_span_of(s.t.bytes, s.t.len), "");
    carnet_link_close(&s.mdoc);
}

static void
leaves_the_link_as_it_was_when_it_cannot_begin(void **state)
{
    scene s = { 0 };
    carnet_link before;
    carnet_recorder none = { .fd = -1 };

    (void)state;
    assert_carnet_rc(carnet_link_memory_pair(&s.reader, &s.mdoc, NULL), CARNET_OK);
    before = s.reader;
    s.t.cap = 10;
    carnet_recorder_to_sink(&s.recorder, &(carnet_recorder_sink){ tape_write, &s.t });
    assert_carnet_rc(carnet_link_record(&s.reader, &s.recorder, &head, NULL), CARNET_E_LINK_IO);
    assert_memory_equal(&s.reader, &before, sizeof(before));
    assert_carnet_rc(carnet_link_record(&s.reader, &none, &head, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_link_record(&(carnet_link){ 0 }, &s.recorder, &head, NULL), CARNET_E_USAGE);
    assert_carnet_rc(carnet_link_record(&s.reader, &s.recorder, &(carnet_recording_head){ .started = -1 }, NULL),
                     CARNET_E_USAGE);
    carnet_link_close(&s.reader);
    carnet_link_close(&s.mdoc);
}

/* --- files --- */

static char path[] = "/tmp/carnet-record-XXXXXX";

static int
make_directory(void **state)
{
    (void)state;
    return mkdtemp(path) == NULL || chdir(path) != 0;
}

static int
remove_directory(void **state)
{
    (void)state;
    unlink("session");
    unlink("link");
    return chdir("/") != 0 || rmdir(path) != 0;
}

static carnet_span
contents(const char *name)
{
    static uint8_t bytes[1 << 16];
    int fd = open(name, O_RDONLY);
    ssize_t got = read(fd, bytes, sizeof(bytes));

    assert_true(got >= 0);
    close(fd);
    return carnet_span_of(bytes, (size_t)got);
}

static void
a_file_is_new_and_for_its_owner_alone(void **state)
{
    carnet_recorder recorder;
    struct stat about;
    mode_t mask = umask(0);

    (void)state;
    assert_carnet_rc(carnet_recorder_to_file(&recorder, "session", NULL), CARNET_OK);
    umask(mask);
    assert_int_equal(fcntl(recorder.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    carnet_recorder_done(&recorder);
    carnet_recorder_done(&recorder);
    assert_int_equal(stat("session", &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_carnet_rc(carnet_recorder_to_file(&recorder, "session", NULL), CARNET_E_LINK_IO);
    assert_int_equal(recorder.fd, -1);
    assert_int_equal(symlink("elsewhere", "link"), 0);
    assert_carnet_rc(carnet_recorder_to_file(&recorder, "link", NULL), CARNET_E_LINK_IO);
    assert_int_equal(unlink("session"), 0);
}

/* Record until killed: message after message, each the number of the one before in it. */
static _Noreturn void
record_until_killed(int told)
{
    carnet_link a, b;
    carnet_recorder recorder;
    uint8_t room[64];

    if (carnet_recorder_to_file(&recorder, "session", NULL) != CARNET_OK ||
        carnet_link_memory_pair(&a, &b, NULL) != CARNET_OK ||
        carnet_link_record(&a, &recorder, &head, NULL) != CARNET_OK) {
        _exit(1);
    }
    for (uint32_t i = 0;; i++) {
        carnet_buf got = carnet_buf_of(room, sizeof(room));

        if (carnet_link_send(&a, carnet_span_of(&i, sizeof(i)), 0, NULL) != CARNET_OK ||
            carnet_link_receive(&b, &got, 0, NULL) != CARNET_OK || write(told, &i, sizeof(i)) != sizeof(i)) {
            _exit(2);
        }
    }
}

static void
a_kill_loses_at_most_the_message_under_way(void **state)
{
    carnet_recording view;
    carnet_recording_cursor cursor = { 0 };
    carnet_recording_entry entry;
    uint32_t told = 0, last = 0;
    int ends[2], status;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        record_until_killed(ends[1]);
    }
    close(ends[1]);
    while (told < 500 && read(ends[0], &told, sizeof(told)) == sizeof(told)) {
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (read(ends[0], &last, sizeof(last)) == sizeof(last)) {
        told = last;
    }
    close(ends[0]);
    assert_carnet_ok(carnet_recording_open(contents("session"), &view, NULL), NULL);
    while (carnet_recording_next(&view, &cursor, &entry, NULL)) {
        uint32_t number;

        assert_int_equal(entry.message.len, sizeof(number));
        memcpy(&number, entry.message.ptr, sizeof(number));
        assert_int_equal(number, cursor.count - 1);
    }
    assert_int_equal(cursor.rc, CARNET_OK);
    assert_false(cursor.ended);
    assert_true(cursor.count > told);
    assert_int_equal(unlink("session"), 0);
}

/* --- replay --- */

static carnet_span
recorded(scene *s)
{
    begin(s, sizeof(s->t.bytes));
    assert_carnet_rc(say(&s->reader, "ask"), CARNET_OK);
    assert_carnet_rc(say(&s->mdoc, "tell"), CARNET_OK);
    assert_hears(&s->reader, "tell");
    assert_carnet_rc(say(&s->reader, "more"), CARNET_OK);
    assert_carnet_rc(say(&s->mdoc, "that is all"), CARNET_OK);
    assert_hears(&s->reader, "that is all");
    carnet_link_close(&s->mdoc);
    assert_carnet_rc(hear(&s->reader), CARNET_E_LINK_CLOSED);
    carnet_link_close(&s->reader);
    return carnet_span_of(s->t.bytes, s->t.len);
}

static void
a_replay_says_what_the_peer_said(void **state)
{
    scene s;
    carnet_span bytes = recorded(&s);
    carnet_link_replay replay;
    carnet_link link;

    (void)state;
    assert_carnet_rc(carnet_link_replay_open(&link, &replay, bytes, NULL), CARNET_OK);
    assert_carnet_rc(say(&link, "ask"), CARNET_OK);
    assert_hears(&link, "tell");
    assert_carnet_rc(say(&link, "else"), CARNET_OK);
    assert_int_equal(replay.differing, 1);
    assert_carnet_rc(hear(&link), CARNET_E_LINK_TOO_LONG); /* and may be heard again */
    assert_hears(&link, "that is all");
    assert_carnet_rc(hear(&link), CARNET_E_LINK_CLOSED);
    assert_carnet_rc(say(&link, "beyond"), CARNET_OK);
    assert_int_equal(replay.sent, 3);
    assert_int_equal(replay.differing, 2);
    assert_int_equal(link.traffic.messages_received, 2);
    carnet_link_close(&link);
    assert_carnet_rc(hear(&link), CARNET_E_LINK_CLOSED);
}

static void
a_replay_of_half_a_recording_ends_with_it(void **state)
{
    scene s;
    carnet_span bytes = recorded(&s);
    carnet_link_replay replay;
    carnet_link link;
    carnet_err err = { 0 };

    (void)state;
    bytes.len -= 10; /* into the last message */
    assert_carnet_rc(carnet_link_replay_open(&link, &replay, bytes, NULL), CARNET_OK);
    assert_hears(&link, "tell");
    assert_carnet_rc(carnet_link_receive(&link, &(carnet_buf){ 0 }, 0, &err), CARNET_E_LINK_CLOSED);
    assert_string_equal(err.reason, "the recording is cut off");
    carnet_link_close(&link);
    assert_carnet_rc(carnet_link_replay_open(&link, &replay, carnet_span_of(bytes.ptr, 20), NULL),
                     CARNET_E_CBOR_TRUNCATED);
    assert_null(link.ops);
    s.t.bytes[s.t.len - 1] ^= 0xff; /* a code that no link ends with */
    assert_carnet_rc(carnet_link_replay_open(&link, &replay, carnet_span_of(s.t.bytes, s.t.len), NULL), CARNET_OK);
    assert_hears(&link, "tell");
    assert_hears(&link, "that is all");
    assert_carnet_rc(hear(&link), CARNET_E_LINK_CLOSED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_each_message_as_it_crosses),
        cmocka_unit_test(writes_how_the_link_ended_once),
        cmocka_unit_test(a_full_disk_stops_the_recording_and_not_the_session),
        cmocka_unit_test(leaves_the_link_as_it_was_when_it_cannot_begin),
        cmocka_unit_test(a_file_is_new_and_for_its_owner_alone),
        cmocka_unit_test(a_kill_loses_at_most_the_message_under_way),
        cmocka_unit_test(a_replay_says_what_the_peer_said),
        cmocka_unit_test(a_replay_of_half_a_recording_ends_with_it),
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
