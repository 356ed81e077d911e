/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: the journal, a file of lines that are on the disk before anything depends on them; and what is to be looked at by
 * somebody. */
#include "atm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 2048, JOURNAL_MAX = 1 << 18 };

/** For tests: end as if the power went, before the N-th record is written ("-N") or right after ("N"). */
static void
lose_power(const atm *t, bool written)
{
    const char *when = t->a->off_after;
    const bool before = when != NULL && when[0] == '-';

    if (when != NULL && before != written &&
        cli_number(before ? when + 1 : when, 1000, "number of records") == t->records) {
        raise(SIGKILL);
    }
}

static bool
append(int fd, carnet_span line)
{
    return write(fd, line.ptr, line.len) == (ssize_t)line.len && fdatasync(fd) == 0;
}

/** Somebody has to look: once for each transaction. */
static bool
note_for_people(const atm *t, const carnet_terminal_record *record)
{
    const char *path = cli_join(t->a->state, "manual");
    char line[256];
    int fd, len;
    bool good;

    if (record->outcome != CARNET_TERMINAL_UNKNOWN || record->phase == CARNET_TERMINAL_ENDED) {
        return true;
    }
    len = snprintf(
        line, sizeof line,
        "{\"number\":%llu,\"ref\":\"%s\",\"amount\":%llu,\"currency\":\"%s\",\"rrn\":\"%s\",\"phase\":\"%s\"}\n",
        (unsigned long long)record->number, record->reference, (unsigned long long)record->amount, record->currency,
        record->rrn, carnet_terminal_phase_name(record->phase));
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    good = fd >= 0 && len > 0 && append(fd, carnet_span_of(line, (size_t)len));
    if (fd >= 0) {
        close(fd);
    }
    return good;
}

/** A journal that has become long is begun anew with its last line. */
static void
shorten(const char *path, carnet_str line)
{
    carnet_buf out = cli_buf(line.len + 1);

    carnet_buf_add_str(&out, line);
    carnet_buf_add_byte(&out, '\n');
    cli_write(path, carnet_buf_span(&out), 0600);
    free(out.ptr);
}

/** One that has become long while nothing is open. */
static bool
keep_short(atm *t, carnet_str line)
{
    const char *path = cli_join(t->a->state, "journal");
    struct stat info;
    int fd;

    if (fstat(t->journal, &info) != 0 || info.st_size < JOURNAL_MAX) {
        return true;
    }
    shorten(path, line);
    fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    close(t->journal);
    t->journal = fd;
    return true;
}

static carnet_rc
keep(void *self, const carnet_terminal_record *record, carnet_err *err)
{
    atm *t = self;
    uint8_t room[LINE_MAX_OCTETS];
    carnet_buf line = carnet_buf_of(room, sizeof room);
    carnet_rc rc = carnet_terminal_record_write(record, &line, err);

    t->records++;
    lose_power(t, false);
    carnet_buf_add_byte(&line, '\n');
    if (rc != CARNET_OK) {
        return rc;
    }
    if (line.overflow || !append(t->journal, carnet_buf_span(&line)) || !note_for_people(t, record)) {
        return carnet_fail(err, CARNET_E_TERMINAL_JOURNAL, NULL, strerror(errno));
    }
    line.len--;
    if (record->phase == CARNET_TERMINAL_ENDED && !keep_short(t, carnet_buf_str(&line))) {
        return carnet_fail(err, CARNET_E_TERMINAL_JOURNAL, NULL, strerror(errno));
    }
    carnet_wipe(room, sizeof room);
    lose_power(t, true);
    return CARNET_OK;
}

/** The last whole line: one that was torn when the power went was never relied on. */
static bool
last_line(carnet_span text, carnet_str *line, size_t *good)
{
    size_t end = text.len, start;

    while (end > 0 && text.ptr[end - 1] != '\n') {
        end--;
    }
    *good = end;
    if (end == 0) {
        return false;
    }
    start = --end;
    while (start > 0 && text.ptr[start - 1] != '\n') {
        start--;
    }
    *line = (carnet_str){ (const char *)text.ptr + start, end - start };
    return true;
}

static void
open_files(atm *t, const char *path, size_t good)
{
    t->journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (t->journal < 0 || ftruncate(t->journal, (off_t)good) != 0 || fsync(t->journal) != 0) {
        cli_die_text(path, strerror(errno));
    }
}

static bool
at_end(const carnet_terminal_record *record)
{
    return record->phase == CARNET_TERMINAL_ENDED;
}

void
atm_state_open(atm *t, carnet_terminal_config *config)
{
    const char *path = cli_join(t->a->state, "journal"), *lock = cli_join(t->a->state, "lock");
    carnet_terminal_record record = { 0 };
    carnet_span text = { 0 };
    carnet_str line = { 0 };
    carnet_err err = { 0 };
    size_t good = 0;
    bool known = true;
    uint64_t out = 0;

    cli_make_directory(t->a->state, 0700);
    t->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (t->lock < 0 || flock(t->lock, LOCK_EX | LOCK_NB) != 0) {
        cli_die_text(t->a->state, errno == EWOULDBLOCK ? "another process is this terminal" : strerror(errno));
    }
    if (access(path, F_OK) == 0 && !cli_try_read(path, &text)) {
        cli_die_text(path, strerror(errno));
    }
    if (last_line(text, &line, &good) && carnet_terminal_record_read(line, &record, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    if (good > JOURNAL_MAX) {
        shorten(path, line);
        good = line.len + 1;
    }
    open_files(t, path, good);
    config->journal = keep;
    config->journal_self = t;
    if (carnet_terminal_init(&t->machine, config, record.number, record.stan, &err) != CARNET_OK) {
        cli_die("the terminal", &err);
    }
    atm_dispenser_recall(&t->dispenser, record.number, &known, &out);
    known = known && !t->a->pos; /* what a shop hands over, no machine remembers */
    if (record.number > 0 && carnet_terminal_resume(&t->machine, &record, known, out, atm_now(), &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    t->was = at_end(&t->machine.record) ? t->machine.record.phase : CARNET_TERMINAL_IDLE; /* told before */
}

void
atm_state_close(atm *t)
{
    close(t->journal);
    close(t->lock);
}
