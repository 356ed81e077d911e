/* SPDX-License-Identifier: Apache-2.0 */
/* carnetd --officer: who may work at the desk. */
#include "carnet/desk.h"
#include "init.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* One line without its end; nothing is echoed on a terminal. */
static bool
read_password(char *out, size_t cap)
{
    struct termios before, quiet;
    bool terminal = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before) == 0;
    bool got;

    if (terminal) {
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        (void)fputs("Password: ", stderr);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    got = fgets(out, (int)cap, stdin) != NULL;
    if (terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        (void)fputc('\n', stderr);
    }
    out[got ? strcspn(out, "\r\n") : 0] = '\0';
    return got;
}

static carnet_rc
put(const carnet_config *config, carnet_crypto *crypto, const carnetd_officer *officer, carnet_store_role role,
    const char *password, carnet_err *err)
{
    carnet_store *store = NULL;
    carnet_rc rc = carnetd_open_store(config, crypto, &store, err);

    if (rc == CARNET_OK)
        rc = carnet_desk_officer_put(store, crypto, carnet_str_of(officer->login),
                                     carnet_str_of(officer->name != NULL ? officer->name : officer->login), role,
                                     carnet_str_of(password), (carnet_time)time(NULL), err);
    if (store != NULL)
        carnet_store_close(&store);
    return rc;
}

int
carnetd_put_officer(const char *file, const carnetd_officer *officer)
{
    carnet_store_role role = carnet_desk_role_named(carnet_str_of(officer->role != NULL ? officer->role : "officer"));
    char password[CARNET_DESK_PASSWORD_MAX + 3];
    carnet_config *config = NULL;
    carnet_crypto crypto;
    carnet_err err = { 0 };
    int status;

    if (role == 0) {
        (void)fputs("carnetd: a role is officer, supervisor, auditor or administrator\n", stderr);
        return CARNETD_USAGE;
    }
    if ((status = carnetd_read(file, &config)) != CARNETD_ENDED)
        return status;
    if (!read_password(password, sizeof(password)) || carnet_crypto_init(&crypto, &err) != CARNET_OK) {
        (void)fputs("carnetd: there is no password on standard input\n", stderr);
        carnet_config_free(&config);
        return CARNETD_USAGE;
    }
    if (put(config, &crypto, officer, role, password, &err) != CARNET_OK) {
        carnetd_complain(config, &err);
        status = CARNETD_FAILED;
    }
    carnet_wipe(password, sizeof(password));
    carnet_crypto_done(&crypto);
    carnet_config_free(&config);
    return status;
}

carnet_rc
carnetd_init_officer(carnetd_folder *folder, carnet_err *err)
{
    static const carnetd_officer officer = { "officer", "Officer of the development desk", NULL };
    char file[4096];
    carnet_config *config = NULL;
    carnet_rc rc;

    if (snprintf(file, sizeof(file), "%s/carnetd.yaml", folder->path) >= (int)sizeof(file))
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "the folder's name is too long");
    if ((rc = carnetd_password(folder, folder->password, sizeof(folder->password), err)) != CARNET_OK ||
        (rc = carnet_config_load(file, &config, NULL)) != CARNET_OK)
        return rc;
    rc = put(config, &folder->crypto, &officer, CARNET_STORE_ROLE_ADMINISTRATOR, folder->password, err);
    carnet_config_free(&config);
    return rc;
}
