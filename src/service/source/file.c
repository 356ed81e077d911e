/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files. */
#include "internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
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
