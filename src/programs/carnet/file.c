/* SPDX-License-Identifier: Apache-2.0 */
/* Memory and files. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the command allocates it holds until it exits, on purpose: LeakSanitizer is told so.  The library's leaks are looked
 * for in the unit tests. */
const char *__lsan_default_options(void);

const char *
__lsan_default_options(void)
{
    return "detect_leaks=0";
}

void *
cli_alloc(size_t size)
{
    void *ptr = calloc(1, size > 0 ? size : 1);

    if (ptr == NULL) {
        cli_die_text("memory", strerror(ENOMEM));
    }
    return ptr;
}

carnet_buf
cli_buf(size_t cap)
{
    return carnet_buf_of(cli_alloc(cap), cap);
}

carnet_span
cli_keep(carnet_span bytes)
{
    uint8_t *copy = cli_alloc(bytes.len + 1);

    if (bytes.len != 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    return carnet_span_of(copy, bytes.len); /* NOLINT(clang-analyzer-unix.Malloc): it lives until the process ends */
}

static bool
read_stream(FILE *in, carnet_span *bytes)
{
    size_t cap = 64 << 10, len = 0, got;
    uint8_t *data = cli_alloc(cap + 1);

    while ((got = fread(data + len, 1, cap - len, in)) > 0) {
        len += got;
        if (len == cap) {
            if (cap >= CLI_FILE_MAX) {
                free(data);
                errno = EFBIG;
                return false;
            }
            cap *= 2;
            data = realloc(data, cap + 1);
            if (data == NULL) {
                return false;
            }
        }
    }
    if (ferror(in)) {
        free(data);
        return false;
    }
    data[len] = 0;
    *bytes = carnet_span_of(data, len);
    return true;
}

bool
cli_try_read(const char *path, carnet_span *bytes)
{
    FILE *in;
    bool good;

    *bytes = (carnet_span){ 0 };
    if (strcmp(path, "-") == 0) {
        return read_stream(stdin, bytes);
    }
    in = fopen(path, "rbe");
    if (in == NULL) {
        return false;
    }
    good = read_stream(in, bytes);
    fclose(in);
    return good;
}

carnet_span
cli_read(const char *path)
{
    carnet_span bytes;

    if (!cli_try_read(path, &bytes)) {
        cli_die_text(path, strerror(errno));
    }
    return bytes;
}

static bool
write_all(int fd, carnet_span bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        bytes = carnet_span_of(bytes.ptr + put, bytes.len - (size_t)put);
    }
    return true;
}

/** Within a batch a write does not wait for the disk. */
static bool in_batch;

void
cli_batch_begin(void)
{
    in_batch = true;
}

void
cli_batch_end(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    in_batch = false;
    if (fd < 0 || syncfs(fd) != 0 || close(fd) != 0) {
        cli_die_text(path, strerror(errno));
    }
}

void
cli_write(const char *path, carnet_span bytes, unsigned mode)
{
    size_t len = strlen(path) + 8;
    char *temporary;
    bool good;
    int fd;

    if (strcmp(path, "-") == 0) {
        fflush(stdout);
        if (!write_all(STDOUT_FILENO, bytes)) {
            cli_die_text("standard output", strerror(errno));
        }
        return;
    }
    temporary = cli_alloc(len);
    snprintf(temporary, len, "%s.XXXXXX", path);
    fd = mkstemp(temporary);
    good = fd >= 0 && fchmod(fd, (mode_t)mode) == 0 && write_all(fd, bytes) && (in_batch || fsync(fd) == 0);
    good = (fd < 0 || close(fd) == 0) && good && rename(temporary, path) == 0;
    if (!good) {
        int why = errno;

        if (fd >= 0) {
            unlink(temporary);
        }
        cli_die_text(path, strerror(why));
    }
    free(temporary);
}

const char *
cli_join(const char *directory, const char *name)
{
    size_t len = strlen(directory) + strlen(name) + 2;
    char *path = cli_alloc(len);

    snprintf(path, len, "%s/%s", directory, name);
    return path;
}

void
cli_make_directory(const char *path, unsigned mode)
{
    if (mkdir(path, (mode_t)mode) != 0 && errno != EEXIST) {
        cli_die_text(path, strerror(errno));
    }
}
