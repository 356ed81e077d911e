/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, replaced at once. */
#include "carnet/file_storage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static carnet_rc
failed(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_AREA_STORAGE, NULL, strerror(errno));
}

/* Closes the descriptor too; the first failure's errno is kept. */
static carnet_rc
finish(int fd, bool good, carnet_err *err)
{
    carnet_rc rc = good ? CARNET_OK : failed(err);

    if (close(fd) != 0 && rc == CARNET_OK)
        rc = failed(err);
    return rc;
}

static bool
read_some(int fd, carnet_buf *out)
{
    for (;;) {
        uint8_t more;
        bool full = out->len == out->cap;
        ssize_t got = read(fd, full ? &more : out->ptr + out->len, full ? 1 : out->cap - out->len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        if (full) {
            out->overflow = true;
            return true;
        }
        out->len += (size_t)got;
    }
}

static carnet_rc
read_file(void *self, carnet_buf *out, carnet_err *err)
{
    int fd = open(self, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? failed(err) : finish(fd, read_some(fd, out), err);
}

static bool
write_some(int fd, carnet_span bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes = carnet_span_of(bytes.ptr + put, bytes.len - (size_t)put);
    }
    return true;
}

/* A rename is on the disk only when its directory is.  Cuts the path down to the directory. */
static carnet_rc
sync_directory(char *path, carnet_err *err)
{
    char *slash = strrchr(path, '/');
    int fd;

    if (slash != NULL)
        slash[slash == path ? 1 : 0] = 0;
    fd = open(slash != NULL ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? failed(err) : finish(fd, fsync(fd) == 0, err);
}

static carnet_rc
replace_file(void *self, carnet_span bytes, carnet_err *err)
{
    const char *path = self;
    char temporary[PATH_MAX];
    carnet_rc rc;
    int fd;

    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary) {
        errno = ENAMETOOLONG;
        return failed(err);
    }
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failed(err);
    rc = finish(fd, fchmod(fd, 0600) == 0 && write_some(fd, bytes) && fsync(fd) == 0, err);
    if (rc == CARNET_OK && rename(temporary, path) != 0)
        rc = failed(err);
    if (rc != CARNET_OK) {
        unlink(temporary);
        return rc;
    }
    return sync_directory(temporary, err);
}

carnet_area_storage
carnet_file_storage(const char *path)
{
    return (carnet_area_storage){ read_file, replace_file, (void *)(uintptr_t)path };
}
