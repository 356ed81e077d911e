/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, and whether they are still what they were. */
#include "internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SETTLED_COARSE_S = 2, SETTLED_FINE_MS = 100 };

static carnet_rc
read_all(int fd, uint8_t *octets, size_t len, carnet_err *err)
{
    size_t got = 0;

    while (got < len) {
        ssize_t n = read(fd, octets + got, len - got);

        if (n <= 0)
            return carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, "a file became shorter while it was read");
        got += (size_t)n;
    }
    return CARNET_OK;
}

carnet_rc
carnet_source_file(const char *path, size_t most, uint8_t **octets, size_t *len, carnet_err *err)
{
    struct stat about;
    carnet_rc rc = CARNET_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    *octets = NULL;
    *len = 0;
    if (fd < 0)
        return carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, "a file cannot be opened");
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        rc = carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, "this is no regular file");
    else if (about.st_size < 0 || (uint64_t)about.st_size > most)
        rc = carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, "a file is longer than allowed");
    else if ((*octets = malloc((size_t)about.st_size + 1)) == NULL)
        rc = carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, "there is no memory");
    else
        rc = read_all(fd, *octets, (size_t)about.st_size, err);
    if (rc == CARNET_OK) {
        *len = (size_t)about.st_size;
    } else {
        free(*octets);
        *octets = NULL;
    }
    (void)close(fd);
    return rc;
}

int64_t
carnet_source_now_ms(void)
{
    struct timespec t = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whether what changes in the next moment will bear another time than this.  Times with parts of a second are of a clock that
 * ticks at least each 10 ms; those without may be of one that ticks each 2 s. */
static bool
is_settled(const struct carnet_source_seen *seen, const struct timespec *now)
{
    int64_t seconds = now->tv_sec - seen->changed_s;

    if (seconds < 0 || seconds > SETTLED_COARSE_S)
        return seconds > 0;
    return seen->changed_ns != 0 && seconds * 1000 + (now->tv_nsec - seen->changed_ns) / 1000000 > SETTLED_FINE_MS;
}

static bool
see(const char *path, struct carnet_source_seen *seen)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return false;
    seen->device = about.st_dev;
    seen->number = about.st_ino;
    seen->size = about.st_size;
    seen->changed_s = about.st_ctim.tv_sec;
    seen->changed_ns = about.st_ctim.tv_nsec;
    return true;
}

void
carnet_source_files_note(carnet_source_files *files, const char *path)
{
    struct carnet_source_seen *seen;
    struct timespec now = { 0 }; /* before it is read, which may take as long as it likes */

    if (files == NULL || files->unknown)
        return;
    seen = &files->list[files->count];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (files->count == CARNET_COUNT(files->list) || !see(path, seen) || !is_settled(seen, &now) ||
        (seen->path = strdup(path)) == NULL)
        files->unknown = true;
    else
        files->count++;
}

bool
carnet_source_files_unchanged(const carnet_source_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const struct carnet_source_seen *was = &files->list[i];
        struct carnet_source_seen is;

        if (!see(was->path, &is) || is.device != was->device || is.number != was->number || is.size != was->size ||
            is.changed_s != was->changed_s || is.changed_ns != was->changed_ns)
            return false;
    }
    return !files->unknown;
}

void
carnet_source_files_done(carnet_source_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->list[i].path);
    *files = (carnet_source_files){ 0 };
}
