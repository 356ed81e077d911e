/* SPDX-License-Identifier: Apache-2.0 */
#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

void
passphrase_guard_process(void)
{
    const struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

bool
passphrase_is_asked(const passphrase_source *source)
{
    return source->file == NULL && source->fd < 0;
}

carnet_span
passphrase_span(const passphrase *p)
{
    return carnet_span_of(p->bytes, p->len);
}

void
passphrase_done(passphrase *p)
{
    carnet_wipe(p, sizeof *p);
}

static volatile sig_atomic_t caught;

static void catch (int number)
{
    caught = number;
}

/** One line, without its end, byte for byte: nothing of it stays in a buffer of stdio's.  False with errno; the end of the
 *  input without a line is one too. */
static bool
read_line(int fd, passphrase *p)
{
    uint8_t c;
    ssize_t got;

    p->len = 0;
    while ((got = read(fd, &c, 1)) == 1 && c != '\n') {
        if (p->len == sizeof p->bytes) {
            errno = EFBIG;
            return false;
        }
        p->bytes[p->len++] = c;
    }
    c = 0;
    if (got == 0 && p->len == 0) {
        errno = ENODATA;
    }
    if (p->len > 0 && p->bytes[p->len - 1] == '\r') {
        p->len--;
    }
    return got == 1 || (got == 0 && p->len > 0);
}

/** Ask on the terminal, echo off; whatever ends it, the terminal is put back first. */
static void
ask(const char *prompt, passphrase *p)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
    struct sigaction before[CARNET_COUNT(signals)], now = { .sa_handler = catch };
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    struct termios shown, hidden;
    bool good;

    if (fd < 0 || tcgetattr(fd, &shown) != 0) {
        cli_die_text("passphrase", "there is no terminal to ask on: --passphrase-file or --passphrase-fd");
    }
    hidden = shown;
    hidden.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
    caught = 0;
    for (size_t i = 0; i < CARNET_COUNT(signals); i++) {
        sigaction(signals[i], &now, &before[i]);
    }
    tcsetattr(fd, TCSAFLUSH, &hidden);
    dprintf(fd, "%s: ", prompt);
    good = read_line(fd, p);
    dprintf(fd, "\n");
    tcsetattr(fd, TCSAFLUSH, &shown);
    for (size_t i = 0; i < CARNET_COUNT(signals); i++) {
        sigaction(signals[i], &before[i], NULL);
    }
    close(fd);
    if (caught != 0) {
        passphrase_done(p);
        raise(caught);
    }
    if (!good || p->len == 0) {
        passphrase_done(p);
        cli_die_text("passphrase", "none was given");
    }
}

static void
ask_twice(const char *prompt, passphrase *p)
{
    passphrase again;
    bool same;

    ask(prompt, p);
    ask("The same again", &again);
    same = carnet_equal_secret(passphrase_span(p), passphrase_span(&again));
    passphrase_done(&again);
    if (!same) {
        passphrase_done(p);
        cli_die_text("passphrase", "these were two");
    }
}

static void
read_file(const char *path, passphrase *p)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &st) != 0) {
        cli_die_text(path, strerror(errno));
    }
    if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0) {
        fprintf(stderr, "carnet: %s: others may read this passphrase (chmod 600)\n", path);
    }
    if (!read_line(fd, p)) {
        cli_die_text(path, errno == ENODATA ? "there is no passphrase in it" : strerror(errno));
    }
    close(fd);
}

void
passphrase_get(const passphrase_source *source, const char *prompt, bool twice, passphrase *p)
{
    *p = (passphrase){ .len = 0 };
    if (source->file != NULL) {
        read_file(source->file, p);
    } else if (source->fd >= 0) {
        if (!read_line(source->fd, p)) {
            cli_die_text("passphrase", errno == ENODATA ? "there is none on the descriptor" : strerror(errno));
        }
    } else if (twice) {
        ask_twice(prompt, p);
    } else {
        ask(prompt, p);
    }
    if (p->len == 0) {
        cli_die_text("passphrase", "it is empty");
    }
}

/** A number of --cost, and the colon behind it unless it is the last. */
static uint32_t
take_number(const char **arg, bool last)
{
    char *end;
    unsigned long value = strtoul(*arg, &end, 10);

    if (end == *arg || value > UINT32_MAX || *end != (last ? '\0' : ':')) {
        cli_usage("--cost is KIB:PASSES:LANES, such as 65536:3:4");
    }
    *arg = end + 1;
    return (uint32_t)value;
}

void
passphrase_cost(const char *argument, carnet_argon2_cost *cost)
{
    cost->memory_kib = take_number(&argument, false);
    cost->passes = take_number(&argument, false);
    cost->lanes = take_number(&argument, true);
}
