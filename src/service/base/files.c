/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CREDENTIAL "credential:"

/* "credential:NAME" is a file that systemd handed in (systemd.exec(5), LoadCredential=). */
static int
open_named(const char *path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    int at, fd;

    if (strncmp(path, CREDENTIAL, sizeof(CREDENTIAL) - 1) != 0)
        return open(path, O_RDONLY | O_CLOEXEC);
    path += sizeof(CREDENTIAL) - 1;
    if (folder == NULL || path[0] == '\0' || strchr(path, '/') != NULL) {
        errno = ENOENT;
        return -1;
    }
    at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (at < 0)
        return -1;
    fd = openat(at, path, O_RDONLY | O_CLOEXEC);
    (void)close(at);
    return fd;
}

static carnet_rc
read_all(int fd, size_t max, carnet_service_file *file)
{
    ssize_t got;

    file->ptr = malloc(max + 1);
    if (file->ptr == NULL)
        return CARNET_E_NO_SPACE;
    while (file->len <= max && (got = read(fd, file->ptr + file->len, max + 1 - file->len)) != 0) {
        if (got < 0 && errno != EINTR)
            return CARNET_E_CONFIG_FILE;
        file->len += got > 0 ? (size_t)got : 0;
    }
    if (file->len > max)
        return CARNET_E_CONFIG_FILE;
    file->ptr[file->len] = 0;
    return CARNET_OK;
}

carnet_rc
carnet_service_file_read(const char *path, size_t max, carnet_service_file *file, carnet_err *err)
{
    int fd = open_named(path), why = errno;
    char reason[sizeof(err->reason)];
    carnet_rc rc = CARNET_E_CONFIG_FILE;

    *file = (carnet_service_file){ 0 };
    if (fd >= 0) {
        rc = read_all(fd, max, file);
        why = rc == CARNET_OK ? 0 : EFBIG;
        (void)close(fd);
    }
    if (rc == CARNET_OK)
        return CARNET_OK;
    file->len = file->len > max ? max + 1 : file->len;
    carnet_service_file_free(file);
    (void)snprintf(reason, sizeof(reason), "%.90s: %.30s", path, strerror(why));
    return carnet_fail(err, rc, NULL, reason);
}

carnet_rc
carnet_service_secret_file_read(const char *path, carnet_service_file *file, carnet_err *err)
{
    carnet_rc rc = carnet_service_file_read(path, CARNET_SEALED_PASS_LENGTH + 2, file, err);

    if (rc != CARNET_OK)
        return rc;
    if (file->len > 0 && file->ptr[file->len - 1] == '\n')
        file->len--;
    if (file->len > 0 && file->ptr[file->len - 1] == '\r')
        file->len--;
    return CARNET_OK;
}

carnet_rc
carnet_service_hex_file_read(const char *path, uint8_t *out, size_t cap, size_t *len, carnet_err *err)
{
    carnet_buf key = carnet_buf_of(out, cap);
    carnet_service_file file = { 0 };
    carnet_rc rc = carnet_service_secret_file_read(path, &file, err);

    if (rc != CARNET_OK || carnet_hex_decode(carnet_service_file_text(&file), &key, NULL) != CARNET_OK ||
        key.overflow) {
        carnet_wipe(out, cap);
        key.len = 0;
    }
    *len = key.len;
    carnet_service_file_free(&file);
    return rc;
}

carnet_str
carnet_service_file_text(const carnet_service_file *file)
{
    return (carnet_str){ (const char *)file->ptr, file->len };
}

carnet_span
carnet_service_file_span(const carnet_service_file *file)
{
    return (carnet_span){ file->ptr, file->len };
}

void
carnet_service_file_free(carnet_service_file *file)
{
    if (file->ptr != NULL)
        carnet_wipe(file->ptr, file->len);
    free(file->ptr);
    *file = (carnet_service_file){ 0 };
}
