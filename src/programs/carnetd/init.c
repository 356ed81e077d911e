/* SPDX-License-Identifier: Apache-2.0 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

carnet_rc
carnetd_write(const carnetd_folder *folder, const char *name, carnet_span bytes, carnet_err *err)
{
    int fd = openat(folder->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    char reason[120];
    bool written = fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len;

    if (fd >= 0)
        written = close(fd) == 0 && written;
    if (written)
        return CARNET_OK;
    (void)snprintf(reason, sizeof(reason), "%.60s: %.40s", name, strerror(errno));
    return carnet_fail(err, CARNET_E_CONFIG_FILE, NULL, reason);
}

const carnet_argon2_cost carnetd_random_cost = { .memory_kib = 1024, .passes = 1, .lanes = 1 };

carnet_rc
carnetd_password(carnetd_folder *folder, char *out, size_t cap, carnet_err *err)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    carnet_random random = carnet_crypto_random(&folder->crypto);
    uint8_t fresh[20];
    carnet_rc rc = carnet_random_fill(&random, fresh, sizeof(fresh), err);

    for (size_t i = 0; i < sizeof(fresh) && i + 1 < cap; i++) {
        out[i] = letters[fresh[i] & 31];
        out[i + 1] = '\0';
    }
    carnet_wipe(fresh, sizeof(fresh));
    return rc;
}

static carnet_rc
make_secrets(carnetd_folder *folder, carnet_err *err)
{
    carnet_random random = carnet_crypto_random(&folder->crypto);
    uint8_t room[256];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_rc rc = carnet_service_secrets_make(&random, &out, err);

    if (rc == CARNET_OK)
        rc = carnetd_write(folder, "secrets", carnet_buf_span(&out), err);
    carnet_wipe(room, sizeof(room));
    return rc;
}

static carnet_rc
open_folder(carnetd_folder *folder, carnet_err *err)
{
    if (mkdir(folder->path, 0700) != 0)
        return carnet_fail(err, CARNET_E_CONFIG_FILE, NULL, strerror(errno));
    folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0)
        return carnet_fail(err, CARNET_E_CONFIG_FILE, NULL, strerror(errno));
    return CARNET_OK;
}

static int
complain(const carnetd_folder *folder, carnet_rc rc, const carnet_err *err)
{
    (void)fprintf(stderr, "carnetd: %s: %s%s%s\n", folder->path, carnet_rc_text(rc), err->reason[0] != '\0' ? ": " : "",
                  err->reason);
    return CARNETD_FAILED;
}

/* The folder with its secrets, filled by one of the deployments. */
static carnet_rc
fill_folder(carnetd_folder *folder, carnet_rc (*fill)(carnetd_folder *folder, carnet_err *err), carnet_err *err)
{
    carnet_rc rc = carnet_crypto_init(&folder->crypto, err);

    if (rc != CARNET_OK)
        return rc;
    if ((rc = open_folder(folder, err)) == CARNET_OK && (rc = make_secrets(folder, err)) == CARNET_OK)
        rc = fill(folder, err);
    carnet_crypto_done(&folder->crypto);
    if (folder->fd >= 0)
        (void)close(folder->fd);
    return rc;
}

static carnet_rc
fill_development(carnetd_folder *folder, carnet_err *err)
{
    carnet_rc rc = carnetd_init_keys(folder, err);

    if (rc == CARNET_OK)
        rc = carnetd_init_texts(folder, err);
    return rc == CARNET_OK ? carnetd_init_officer(folder, err) : rc;
}

int
carnetd_init(const char *path, unsigned port)
{
    carnetd_folder folder = { .path = path, .fd = -1, .port = port };
    carnet_err err = { 0 };
    carnet_rc rc = fill_folder(&folder, fill_development, &err);

    if (rc != CARNET_OK)
        return complain(&folder, rc, &err);
    (void)printf("%s: a deployment for development, on loopback and without TLS.  Start it:\n\n"
                 "    carnetd --config %s/carnetd.yaml\n\n"
                 "At the desk, http://127.0.0.1:%u/desk, the officer is \"officer\" with the password %s\n",
                 path, path, folder.port, folder.password);
    carnet_wipe(folder.password, sizeof(folder.password));
    return CARNETD_ENDED;
}

int
carnetd_init_cash(const char *path, unsigned port)
{
    carnetd_folder folder = { .path = path, .fd = -1, .port = port };
    carnet_err err = { 0 };
    carnet_rc rc = fill_folder(&folder, carnetd_init_cash_folder, &err);

    if (rc != CARNET_OK)
        return complain(&folder, rc, &err);
    (void)printf(
        "%s: cardless cash for development, on loopback, at the ports %u to %u.  The parties; a person with an "
        "account and a phone; a terminal, http://127.0.0.1:%u/; and the phone:\n\n"
        "    sh %s/start.sh &\n"
        "    sh %s/enrol.sh\n"
        "    sh %s/atm.sh\n"
        "    sh %s/phone.sh stage --amount 20000 --currency 840\n",
        path, port, port + 9, port + 8, path, path, path, path);
    return CARNETD_ENDED;
}

int
carnetd_new_secret(void)
{
    uint8_t room[256];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_crypto crypto;
    carnet_random random;
    bool done = false;

    if (carnet_crypto_init(&crypto, NULL) != CARNET_OK)
        return CARNETD_FAILED;
    random = carnet_crypto_random(&crypto);
    if (carnet_service_secrets_make(&random, &out, NULL) == CARNET_OK)
        done = fwrite(out.ptr, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    carnet_wipe(room, sizeof(room));
    carnet_crypto_done(&crypto);
    return done ? CARNETD_ENDED : CARNETD_FAILED;
}
