/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json_build.h"
#include "carnetd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { GATHER_MS = 50 };

static int
open_file(const char *file)
{
    return file != NULL ? open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640) : STDOUT_FILENO;
}

/* --- writing; all of it under the lock --- */

static int64_t
now_ms(void)
{
    struct timespec t = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What waits, then the line, if there is one, in one go.  Nobody is left to be told when that fails. */
static void
write_out(carnetd_log *log, carnet_str line)
{
    char end = '\n';
    struct iovec parts[3] = { { log->room, log->waiting }, { (void *)(uintptr_t)line.ptr, line.len }, { &end, 1 } };
    int first = 0, last = line.ptr != NULL ? 3 : 1;
    ssize_t written;

    while (first < last) {
        written = writev(log->fd, parts + first, last - first);
        if (written < 0 && errno != EINTR)
            break;
        for (; first < last && written >= (ssize_t)parts[first].iov_len; first++)
            written -= (ssize_t)parts[first].iov_len;
        if (first < last && written > 0) {
            parts[first].iov_base = (char *)parts[first].iov_base + written;
            parts[first].iov_len -= (size_t)written;
        }
    }
    log->waiting = 0;
    log->written = now_ms();
}

/* The writer wakes when something begins to wait. */
static void *
write_later(void *self)
{
    carnetd_log *log = self;

    (void)pthread_mutex_lock(&log->lock);
    while (!log->ending) {
        struct timespec until;

        if (log->waiting == 0) {
            (void)pthread_cond_wait(&log->wake, &log->lock);
            continue;
        }
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += GATHER_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        while (!log->ending && pthread_cond_timedwait(&log->wake, &log->lock, &until) == 0)
            continue;
        if (log->waiting > 0)
            write_out(log, (carnet_str){ 0 });
    }
    (void)pthread_mutex_unlock(&log->lock);
    return NULL;
}

static void
keep(carnetd_log *log, carnet_str line)
{
    memcpy(log->room + log->waiting, line.ptr, line.len);
    log->room[log->waiting + line.len] = '\n';
    if (log->waiting == 0)
        (void)pthread_cond_signal(&log->wake);
    log->waiting += line.len + 1;
}

void
carnetd_log_line(void *self, carnet_str line, bool success)
{
    carnetd_log *log = self;
    bool waits = log->writes && success;

    (void)pthread_mutex_lock(&log->lock);
    if (waits && line.len < sizeof(log->room) - log->waiting &&
        (log->waiting > 0 || now_ms() - log->written < GATHER_MS))
        keep(log, line);
    else
        write_out(log, line);
    (void)pthread_mutex_unlock(&log->lock);
}

/* --- life --- */

/* The thread gets no signals.  Without it nothing waits. */
static void
start_writer(carnetd_log *log)
{
    pthread_condattr_t attributes;
    sigset_t all, before;

    (void)pthread_mutex_init(&log->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&log->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    log->writes = pthread_create(&log->writer, NULL, write_later, log) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

carnet_rc
carnetd_log_open(carnetd_log *log, const char *file, carnet_err *err)
{
    char reason[120];

    log->file = file;
    log->fd = open_file(file);
    if (log->fd >= 0) {
        start_writer(log);
        return CARNET_OK;
    }
    (void)snprintf(reason, sizeof(reason), "%.70s: %.40s", file, strerror(errno));
    (void)carnet_fail(err, CARNET_E_CONFIG_VALUE, NULL, reason);
    carnet_err_within(err, "log.file");
    return CARNET_E_CONFIG_VALUE;
}

void
carnetd_log_reopen(carnetd_log *log)
{
    int fresh = log->file != NULL ? open_file(log->file) : -1;

    if (fresh < 0)
        return;
    (void)pthread_mutex_lock(&log->lock);
    if (log->waiting > 0)
        write_out(log, (carnet_str){ 0 });
    (void)dup2(fresh, log->fd);
    (void)pthread_mutex_unlock(&log->lock);
    (void)close(fresh);
}

void
carnetd_log_event(carnetd_log *log, const char *event, const char *detail)
{
    uint8_t room[512];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b = carnet_json_build(&out);
    char text[CARNET_TIME_TEXT_MAX];

    carnet_time_text((carnet_time)time(NULL), text);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "time", text);
    carnet_json_add_text(&b, "event", event);
    if (detail != NULL)
        carnet_json_add_text(&b, "detail", detail);
    carnet_json_object_end(&b);
    if (carnet_json_built(&b, NULL) == CARNET_OK)
        carnetd_log_line(log, carnet_buf_str(&out), false);
}

void
carnetd_log_close(carnetd_log *log)
{
    if (log->writes) {
        (void)pthread_mutex_lock(&log->lock);
        log->ending = true;
        (void)pthread_cond_signal(&log->wake);
        (void)pthread_mutex_unlock(&log->lock);
        (void)pthread_join(log->writer, NULL);
    }
    if (log->waiting > 0)
        write_out(log, (carnet_str){ 0 });
    if (log->file != NULL && log->fd >= 0)
        (void)close(log->fd);
    (void)pthread_cond_destroy(&log->wake);
    (void)pthread_mutex_destroy(&log->lock);
}
