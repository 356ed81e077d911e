/* SPDX-License-Identifier: Apache-2.0 */
/* carnetd: the services of a deployment. */
#include "carnetd.h"
#include "program_version.h"

#include <argp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    OPTION_CHECK = 256,
    OPTION_SCHEMA,
    OPTION_INIT,
    OPTION_SECRET,
    OPTION_PORT,
    OPTION_OFFICER,
    OPTION_NAME,
    OPTION_ROLE,
    OPTION_OFFER,
    OPTION_CONFIGURATION,
    OPTION_TX_CODE,
    OPTION_ACCOUNTS,
    OPTION_LEDGER,
    OPTION_ENROL_DEVICE,
    OPTION_INIT_CASH
};

static const struct argp_option options[] = {
    { "config", 'c', "FILE", 0, "serve what this configuration says (doc/carnetd.yaml.md)", 1 },
    { "check-config", OPTION_CHECK, NULL, 0, "with --config: check it, its secrets and keys, and end", 1 },
    { "print-schema", OPTION_SCHEMA, NULL, 0, "print all keys a configuration may have", 1 },
    { "init", OPTION_INIT, "DIR", 0,
      "make a deployment for development in a new folder: authority, keys, secrets, a source of attributes, an "
      "officer, configuration",
      1 },
    { "init-cash", OPTION_INIT_CASH, "DIR", 0,
      "make the parties of a cardless withdrawal (P1940) in a new folder: their keys and certificates, a configuration "
      "each, a terminal and a phone",
      1 },
    { "port", OPTION_PORT, "PORT", 0,
      "with --init: where it listens (8080), and the next one for administration; with --init-cash: the first of ten "
      "ports (8090)",
      1 },
    { "new-secret", OPTION_SECRET, NULL, 0, "print a fresh line of a secrets' file", 1 },
    { "officer", OPTION_OFFICER, "LOGIN", 0,
      "with --config: make an officer of the desk, or change one; the password is read from standard input", 2 },
    { "name", OPTION_NAME, "NAME", 0, "with --officer: the officer's name", 2 },
    { "role", OPTION_ROLE, "ROLE", 0, "with --officer: officer, supervisor, auditor or administrator", 2 },
    { "offer", OPTION_OFFER, "SUBJECT", 0,
      "with --config: make a credential offer for a person by their reference in the register, and print it", 3 },
    { "configuration", OPTION_CONFIGURATION, "ID", 0,
      "with --offer: of this credential configuration (may be repeated; all)", 3 },
    { "tx-code", OPTION_TX_CODE, NULL, 0, "with --offer: good only together with a transaction code", 3 },
    { "accounts", OPTION_ACCOUNTS, "FILE", 0,
      "with --config: open or change accounts of cardless payments, and pay in: JSON, \"-\" for standard input", 4 },
    { "check-ledger", OPTION_LEDGER, NULL, 0, "with --config: go through the books, print what they come to, and end",
      4 },
    { "enrol-device", OPTION_ENROL_DEVICE, "USER", 0,
      "with --config: invite a device of a user to the identity provider, and print its certificate and key: they can "
      "enrol once, within minutes",
      4 },
    { 0 },
};

typedef struct arguments {
    const char *config, *init, *init_cash, *accounts;
    bool check, schema, secret, ledger;
    unsigned long port;
    carnetd_officer officer;
    carnetd_offer offer;
    const char *enrol_device; /* a user */
} arguments;

/* Which options go with which. */
static void
check_together(const arguments *a, const struct argp_state *state)
{
    if ((a->accounts != NULL || a->ledger) &&
        (a->config == NULL || a->check || (a->accounts != NULL) + a->ledger + (a->officer.login != NULL) > 1))
        argp_error(state, "--accounts and --check-ledger go with --config, one at a time");
    if ((a->offer.subject != NULL && (a->config == NULL || a->check || a->officer.login != NULL)) ||
        (a->offer.subject == NULL && (a->offer.configuration_count > 0 || a->offer.tx_code)))
        argp_error(state, "--offer goes with --config, --configuration and --tx-code with --offer");
    if ((a->officer.login != NULL && (a->config == NULL || a->check)) ||
        (a->officer.login == NULL && (a->officer.name != NULL || a->officer.role != NULL)))
        argp_error(state, "--officer goes with --config, --name and --role with --officer");
    if (a->enrol_device != NULL &&
        (a->config == NULL || a->check || a->officer.login != NULL || a->offer.subject != NULL))
        argp_error(state, "--enrol-device goes with --config");
    if ((a->config != NULL) + (a->init != NULL) + (a->init_cash != NULL) + a->schema + a->secret != 1 ||
        (a->check && a->config == NULL))
        argp_error(state, "one of --config, --init, --init-cash, --print-schema and --new-secret is needed");
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    char *end;

    switch (key) {
    case 'c':
        a->config = arg;
        return 0;
    case OPTION_CHECK:
        a->check = true;
        return 0;
    case OPTION_SCHEMA:
        a->schema = true;
        return 0;
    case OPTION_PORT:
        a->port = strtoul(arg, &end, 10);
        if (*end != '\0' || a->port == 0 || a->port > 65525)
            argp_error(state, "%s is no port", arg);
        return 0;
    case OPTION_SECRET:
        a->secret = true;
        return 0;
    case OPTION_INIT:
        a->init = arg;
        return 0;
    case OPTION_INIT_CASH:
        a->init_cash = arg;
        return 0;
    case OPTION_OFFICER:
        a->officer.login = arg;
        return 0;
    case OPTION_NAME:
        a->officer.name = arg;
        return 0;
    case OPTION_ROLE:
        a->officer.role = arg;
        return 0;
    case OPTION_OFFER:
        a->offer.subject = arg;
        return 0;
    case OPTION_CONFIGURATION:
        if (a->offer.configuration_count == CARNETD_CONFIGURATIONS)
            argp_error(state, "--configuration is there too often");
        a->offer.configurations[a->offer.configuration_count++] = arg;
        return 0;
    case OPTION_TX_CODE:
        a->offer.tx_code = true;
        return 0;
    case OPTION_ACCOUNTS:
        a->accounts = arg;
        return 0;
    case OPTION_LEDGER:
        a->ledger = true;
        return 0;
    case OPTION_ENROL_DEVICE:
        a->enrol_device = arg;
        return 0;
    case ARGP_KEY_END:
        check_together(a, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .doc = "Services of the mobile document system of ISO/IEC 23220: issuing, authorization, identification.\v"
           "SIGTERM ends it, after the requests that have begun; SIGHUP opens the log and the certificates of its "
           "listeners anew. Exit status: 0 ended as told, 2 usage or configuration, 3 it could not serve.",
};

static int
print_schema(void)
{
    static uint8_t room[65536];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    carnet_config_schema_text(&out);
    return fwrite(out.ptr, 1, out.len, stdout) == out.len ? CARNETD_ENDED : CARNETD_FAILED;
}

/* Signals are the main thread's alone: whatever it starts has them blocked. */
static void
block_signals(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int
serve(const char *file)
{
    static carnetd d;
    int status;

    block_signals();
    status = carnetd_prepare(&d, file);
    if (status == CARNETD_ENDED)
        status = carnetd_listen(&d);
    if (status == CARNETD_ENDED)
        carnetd_run(&d);
    carnetd_stop(&d);
    return status;
}

int
main(int argc, char **argv)
{
    arguments a = { 0 };

    argp_program_version = "carnetd " CARNET_VERSION;
    argp_err_exit_status = CARNETD_USAGE;
    (void)argp_parse(&argp, argc, argv, 0, NULL, &a);
    if (a.schema)
        return print_schema();
    if (a.secret)
        return carnetd_new_secret();
    if (a.init != NULL)
        return carnetd_init(a.init, a.port > 0 ? (unsigned)a.port : 8080);
    if (a.init_cash != NULL)
        return carnetd_init_cash(a.init_cash, a.port > 0 ? (unsigned)a.port : 8090);
    if (a.officer.login != NULL)
        return carnetd_put_officer(a.config, &a.officer);
    if (a.offer.subject != NULL)
        return carnetd_make_offer(a.config, &a.offer);
    if (a.accounts != NULL)
        return carnetd_put_accounts(a.config, a.accounts);
    if (a.ledger)
        return carnetd_check_ledger(a.config);
    if (a.enrol_device != NULL)
        return carnetd_enrol_device(a.config, a.enrol_device);
    return a.check ? carnetd_check(a.config) : serve(a.config);
}
