/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json_build.h"
#include "carnetd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int
open_file(const char *file)
{
    return file != NULL ? open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640) : STDOUT_FILENO;
}

carnet_rc
carnetd_log_open(carnetd_log *log, const char *file, carnet_err *err)
{
    char reason[120];

    log->file = file;
    log->fd = open_file(file);
    (void)pthread_mutex_init(&log->lock, NULL);
    if (log->fd >= 0)
        return CARNET_OK;
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
    (void)dup2(fresh, log->fd);
    (void)pthread_mutex_unlock(&log->lock);
    (void)close(fresh);
}

/* Each line in one go.  Nobody is left to be told when that fails. */
void
carnetd_log_line(void *self, carnet_str line)
{
    carnetd_log *log = self;
    char end = '\n';
    struct iovec parts[2] = { { (void *)(uintptr_t)line.ptr, line.len }, { &end, 1 } };
    ssize_t written;

    (void)pthread_mutex_lock(&log->lock);
    do
        written = writev(log->fd, parts, 2);
    while (written < 0 && errno == EINTR);
    (void)pthread_mutex_unlock(&log->lock);
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
        carnetd_log_line(log, carnet_buf_str(&out));
}

void
carnetd_log_close(carnetd_log *log)
{
    if (log->file != NULL && log->fd >= 0)
        (void)close(log->fd);
    (void)pthread_mutex_destroy(&log->lock);
}
