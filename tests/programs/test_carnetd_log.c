/* SPDX-License-Identifier: Apache-2.0 */
/* carnetd's log: which lines wait, for how long, and what is left of them. */
#include "carnetd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define GOOD  "{\"route\":\"nonce\",\"status\":200}"
#define DONE  "{\"event\":\"credential\",\"outcome\":\"done\"}"
#define OTHER "{\"event\":\"ready\"}"

typedef struct place {
    char file[64], moved[72];
    carnetd_log *log;
} place;

static int
set_up(void **state)
{
    place *p = calloc(1, sizeof(*p));
    int fd;

    assert_non_null(p);
    (void)snprintf(p->file, sizeof(p->file), "/tmp/carnetd-log.XXXXXX");
    fd = mkstemp(p->file);
    assert_true(fd >= 0);
    (void)close(fd);
    (void)snprintf(p->moved, sizeof(p->moved), "%s.1", p->file);
    p->log = calloc(1, sizeof(*p->log));
    assert_non_null(p->log);
    assert_int_equal(carnetd_log_open(p->log, p->file, NULL), CARNET_OK);
    *state = p;
    return 0;
}

static int
tear_down(void **state)
{
    place *p = *state;

    if (p->log != NULL)
        carnetd_log_close(p->log);
    free(p->log);
    (void)unlink(p->file);
    (void)unlink(p->moved);
    free(p);
    return 0;
}

static void
say(place *p, const char *line)
{
    carnetd_log_line(p->log, carnet_str_of(line), true);
}

static void
say_other(place *p, const char *line)
{
    carnetd_log_line(p->log, carnet_str_of(line), false);
}

static const char *
text_of(const char *file)
{
    static char text[262144];
    FILE *f = fopen(file, "r");
    size_t n = 0;

    if (f != NULL) {
        n = fread(text, 1, sizeof(text) - 1, f);
        (void)fclose(f);
    }
    text[n] = '\0';
    return text;
}

/* The next success waits: one was written this very moment.  It is held until its time comes however slow the machine is. */
static void
begin_to_wait(place *p, const char *line)
{
    (void)pthread_mutex_lock(&p->log->lock);
    p->log->written = INT64_MAX / 2;
    (void)pthread_mutex_unlock(&p->log->lock);
    say(p, line);
}

static void
a_success_after_silence_is_written_at_once(void **state)
{
    place *p = *state;

    say(p, GOOD);
    assert_string_equal(text_of(p->file), GOOD "\n");
}

static void
a_success_soon_after_another_waits_and_is_written_by_itself(void **state)
{
    place *p = *state;
    struct timespec soon = { 0, 5000000 }, began, after;
    size_t waiting;

    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    begin_to_wait(p, DONE);
    (void)pthread_mutex_lock(&p->log->lock);
    waiting = p->log->waiting;
    (void)pthread_mutex_unlock(&p->log->lock);
    (void)clock_gettime(CLOCK_MONOTONIC, &after);
    if ((after.tv_sec - began.tv_sec) * 1000 + (after.tv_nsec - began.tv_nsec) / 1000000 < 50)
        assert_int_equal(waiting, sizeof(DONE));
    for (int i = 0; i < 4000 && text_of(p->file)[0] == '\0'; i++)
        (void)nanosleep(&soon, NULL);
    assert_string_equal(text_of(p->file), DONE "\n");
}

static void
what_is_no_success_is_written_at_once_after_what_waits(void **state)
{
    static const char *const lines[] = { OTHER, GOOD }; /* it is not for the log to read what a line says */
    char wanted[1024] = "";
    place *p = *state;

    for (size_t i = 0; i < CARNET_COUNT(lines); i++) {
        size_t len = strlen(wanted);

        begin_to_wait(p, DONE);
        say(p, GOOD);
        say_other(p, lines[i]);
        (void)snprintf(wanted + len, sizeof(wanted) - len, DONE "\n" GOOD "\n%s\n", lines[i]);
        assert_string_equal(text_of(p->file), wanted);
    }
}

static void
more_than_there_is_room_for_is_written_in_its_order(void **state)
{
    place *p = *state;
    const char *text;
    char line[128];
    int seen = 0;

    begin_to_wait(p, DONE);
    for (int i = 0; i < 3000; i++) {
        (void)snprintf(line, sizeof(line), "{\"number\":%d,\"status\":200}", i);
        say(p, line);
    }
    say_other(p, OTHER);
    text = text_of(p->file);
    for (const char *at = text; (at = strstr(at, "\"number\":")) != NULL; at++, seen++)
        assert_int_equal(strtol(at + 9, NULL, 10), seen);
    assert_int_equal(seen, 3000);
}

static void
what_waits_is_written_when_the_log_is_opened_anew_and_to_the_file_it_was_for(void **state)
{
    place *p = *state;

    begin_to_wait(p, DONE);
    assert_int_equal(rename(p->file, p->moved), 0);
    carnetd_log_reopen(p->log);
    assert_string_equal(text_of(p->moved), DONE "\n");
    say_other(p, OTHER);
    assert_string_equal(text_of(p->file), OTHER "\n");
}

static void
what_waits_is_written_when_the_log_is_closed(void **state)
{
    place *p = *state;

    begin_to_wait(p, DONE);
    carnetd_log_close(p->log);
    free(p->log);
    p->log = NULL;
    assert_string_equal(text_of(p->file), DONE "\n");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_success_after_silence_is_written_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_success_soon_after_another_waits_and_is_written_by_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_success_is_written_at_once_after_what_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_there_is_room_for_is_written_in_its_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_waits_is_written_when_the_log_is_opened_anew_and_to_the_file_it_was_for,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_waits_is_written_when_the_log_is_closed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
