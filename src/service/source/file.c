/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, and whether they are still what they were. */
#include "internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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

    if (files == NULL || files->unknown)
        return;
    seen = &files->list[files->count];
    if (files->count == CARNET_COUNT(files->list) || !see(path, seen) || (seen->path = strdup(path)) == NULL)
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

bool
carnet_source_files_settled(const carnet_source_files *files, int64_t then)
{
    for (size_t i = 0; i < files->count; i++)
        if (files->list[i].changed_s >= then)
            return false;
    return !files->unknown;
}

void
carnet_source_files_done(carnet_source_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->list[i].path);
    *files = (carnet_source_files){ 0 };
}
