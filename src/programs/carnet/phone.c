/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: the mobile app of cardless payments and the device's end of an identity provider (P1940 4; IEEE 2410). */
#include "phone.h"

#include <string.h>

enum {
    OPTION_PASSPHRASE_FILE = 256,
    OPTION_PASSPHRASE_FD,
    OPTION_JSON,
    OPTION_PROVIDER,
    OPTION_SERVER,
    OPTION_CA,
    OPTION_LOOPBACK,
    OPTION_CROSSINGS,
    OPTION_BOOTSTRAP,
    OPTION_NAME,
    OPTION_PIN_FILE,
    OPTION_ATTESTATION,
    OPTION_ATTESTER_KEY,
    OPTION_ATTESTER_CERTIFICATE,
    OPTION_ATTESTER_NAME,
    OPTION_KEY_STORAGE,
    OPTION_USER_AUTHENTICATION,
    OPTION_SOFTWARE_FIDO,
    OPTION_FIDO_ORIGIN,
    OPTION_HOTP,
    OPTION_AMOUNT,
    OPTION_CURRENCY,
    OPTION_TYPE,
    OPTION_ACCOUNT,
    OPTION_REQUEST,
    OPTION_CODE,
    OPTION_QR,
    OPTION_APPROVE,
    OPTION_YES,
    OPTION_DECLINE,
    OPTION_SENSOR,
    OPTION_LOCATION,
    OPTION_ROOTED,
    OPTION_NO_LOCK,
    OPTION_POSTURE,
    OPTION_BEHAVIOUR,
    OPTION_NO_DOCUMENTS,
    OPTION_WAIT,
    OPTION_LISTEN
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "All:", 1 },
    { "store", 's', "DIR", 0, "the store: documents and keys, the same as carnet wallet's", 1 },
    { "passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0, "take the passphrase or PIN from a file's first line", 1 },
    { "passphrase-fd", OPTION_PASSPHRASE_FD, "FD", 0,
      "take it from an open descriptor (otherwise the terminal is asked)", 1 },
    { "json", OPTION_JSON, NULL, 0, "print JSON", 1 },
    { "provider", OPTION_PROVIDER, "URL", 0, "the identity provider (as enrolled)", 1 },
    { "server", OPTION_SERVER, "URL", 0, "the mobile app server (as enrolled)", 1 },
    { "ca", OPTION_CA, "FILE", 0, "certificates for https instead of the system's (as enrolled)", 1 },
    { "insecure-loopback", OPTION_LOOPBACK, NULL, 0, "http too, to this machine, for tests", 1 },
    { "crossings", OPTION_CROSSINGS, "FD", OPTION_HIDDEN, "tell each message to this descriptor", 1 },
    { "verbose", 'v', NULL, 0, "say each request", 1 },
    { NULL, 0, NULL, 0, "enrol:", 2 },
    { "bootstrap", OPTION_BOOTSTRAP, "FILE", 0, "certificate and key that serve once, PEM", 2 },
    { "name", OPTION_NAME, "TEXT", 0, "what the device is called (carnet phone)", 2 },
    { "key-attestation", OPTION_ATTESTATION, "FILE", 0, "an attestation of the phone's key that is there", 2 },
    { "attester-key", OPTION_ATTESTER_KEY, "FILE", 0, "have the key attested by this key, for tests", 2 },
    { "attester-cert", OPTION_ATTESTER_CERTIFICATE, "FILE", 0, "its certificates", 2 },
    { "attester-name", OPTION_ATTESTER_NAME, "URL", 0, "its name", 2 },
    { "key-storage", OPTION_KEY_STORAGE, "LEVEL", 0, "what it says of where the key is (iso_18045_high)", 2 },
    { "user-authentication", OPTION_USER_AUTHENTICATION, "WAY", 0, "and of how its user is known (may be repeated)",
      2 },
    { "software-fido", OPTION_SOFTWARE_FIDO, "RP-ID", 0,
      "enrol a FIDO credential for this relying party: a key of the store, no hardware", 2 },
    { "fido-origin", OPTION_FIDO_ORIGIN, "URL", 0, "the origin that it asserts for (https://RP-ID)", 2 },
    { "hotp", OPTION_HOTP, NULL, 0, "one-time passwords by counter, not by time", 2 },
    { NULL, 0, NULL, 0, "enrol, unlock, and whoever answers a session:", 3 },
    { "pin-file", OPTION_PIN_FILE, "FILE", 0, "the PIN is a file's first line", 3 },
    { NULL, 0, NULL, 0, "stage:", 4 },
    { "amount", OPTION_AMOUNT, "N", 0, "minor units, such as cents", 4 },
    { "currency", OPTION_CURRENCY, "NUMBER", 0, "three digits (ISO 4217): 840, 978", 4 },
    { "type", OPTION_TYPE, "TYPE", 0, "ATM_CWD or POS_PURCHASE (ATM_CWD)", 4 },
    { "account", OPTION_ACCOUNT, "ALIAS", 0, "from this account (the first)", 4 },
    { "request", OPTION_REQUEST, "NAME", 0, "the request's name: said again, nothing more is staged", 4 },
    { NULL, 0, NULL, 0, "fulfil:", 5 },
    { "code", OPTION_CODE, "TEXT", 0, "the terminal's code", 5 },
    { "qr", OPTION_QR, "IMAGE", 0, "an image of it", 5 },
    { "approve", OPTION_APPROVE, NULL, 0, "answer the session at once", 5 },
    { NULL, 0, NULL, 0, "approve, wait, serve, fulfil --approve:", 6 },
    { "yes", OPTION_YES, NULL, 0, "approve without asking", 6 },
    { "decline", OPTION_DECLINE, NULL, 0, "decline without asking", 6 },
    { "fake-sensor", OPTION_SENSOR, "METHOD=RESULTS", 0,
      "a sensor that is none, such as FINGERPRINT=match; its results one after the other: match, match+pad, other, "
      "spoof, unable",
      6 },
    { "location", OPTION_LOCATION, "LAT,LON[,METRES]", 0, "where the phone is", 6 },
    { "rooted", OPTION_ROOTED, NULL, 0, "say that the device is rooted", 6 },
    { "no-lock-screen", OPTION_NO_LOCK, NULL, 0, "say that it has no lock screen", 6 },
    { "posture-attestation", OPTION_POSTURE, "TEXT", 0, "an attestation of its state", 6 },
    { "behaviour", OPTION_BEHAVIOUR, "PERCENT", 0, "how sure an analysis of behaviour is that it is the user", 6 },
    { "no-documents", OPTION_NO_DOCUMENTS, NULL, 0, "show no document, though one is asked for", 6 },
    { NULL, 0, NULL, 0, "wait, status:", 7 },
    { "wait", OPTION_WAIT, "SECONDS", 0, "for a session, or a change (wait: 60; status: 0)", 7 },
    { NULL, 0, NULL, 0, "serve:", 8 },
    { "listen", OPTION_LISTEN, "[ADDRESS:]PORT", 0, "where, on this machine (127.0.0.1, any port)", 8 },
    { 0 },
};

enum { ANSWERS = PHONE_APPROVE | PHONE_WAIT | PHONE_FULFIL | PHONE_SERVE };

/* What each option is good for; those not named here are for all. */
static const cli_action_option good_for[] = {
    { OPTION_BOOTSTRAP, PHONE_ENROL },
    { OPTION_NAME, PHONE_ENROL },
    { OPTION_ATTESTATION, PHONE_ENROL },
    { OPTION_ATTESTER_KEY, PHONE_ENROL },
    { OPTION_ATTESTER_CERTIFICATE, PHONE_ENROL },
    { OPTION_ATTESTER_NAME, PHONE_ENROL },
    { OPTION_KEY_STORAGE, PHONE_ENROL },
    { OPTION_USER_AUTHENTICATION, PHONE_ENROL },
    { OPTION_SOFTWARE_FIDO, PHONE_ENROL },
    { OPTION_FIDO_ORIGIN, PHONE_ENROL },
    { OPTION_HOTP, PHONE_ENROL },
    { OPTION_PIN_FILE, PHONE_ENROL | PHONE_UNLOCK | ANSWERS },
    { OPTION_AMOUNT, PHONE_STAGE },
    { OPTION_CURRENCY, PHONE_STAGE },
    { OPTION_TYPE, PHONE_STAGE },
    { OPTION_ACCOUNT, PHONE_STAGE },
    { OPTION_REQUEST, PHONE_STAGE },
    { OPTION_CODE, PHONE_FULFIL },
    { OPTION_QR, PHONE_FULFIL },
    { OPTION_APPROVE, PHONE_FULFIL },
    { OPTION_YES, ANSWERS },
    { OPTION_DECLINE, ANSWERS },
    { OPTION_SENSOR, ANSWERS },
    { OPTION_LOCATION, ANSWERS },
    { OPTION_ROOTED, ANSWERS },
    { OPTION_NO_LOCK, ANSWERS },
    { OPTION_POSTURE, ANSWERS },
    { OPTION_BEHAVIOUR, ANSWERS },
    { OPTION_NO_DOCUMENTS, ANSWERS },
    { OPTION_WAIT, PHONE_WAIT | PHONE_STATUS },
    { OPTION_LISTEN, PHONE_SERVE },
};

static const struct {
    const char *name;
    phone_action action;
    const char *argument; /* what it is asked for; NULL: none */
    int (*run)(const phone_arguments *a, carnet_crypto *crypto);
} actions[] = {
    { "enrol", PHONE_ENROL, NULL, phone_enrol },
    { "show", PHONE_SHOW, NULL, phone_show },
    { "stage", PHONE_STAGE, NULL, phone_stage },
    { "fulfil", PHONE_FULFIL, "which transaction? its reference", phone_fulfil },
    { "approve", PHONE_APPROVE, "which session? its identifier", phone_approve },
    { "wait", PHONE_WAIT, NULL, phone_wait },
    { "status", PHONE_STATUS, "which transaction? its reference", phone_status },
    { "cancel", PHONE_CANCEL, "which transaction? its reference", phone_cancel },
    { "renew", PHONE_RENEW, "by which session? one that was just answered", phone_renew },
    { "unlock", PHONE_UNLOCK, NULL, phone_unlock },
    { "remove", PHONE_REMOVE, NULL, phone_remove },
    { "serve", PHONE_SERVE, NULL, phone_serve },
};

typedef struct parsing {
    phone_arguments a;
    cli_actions options;
    size_t which;
    bool has_wait;
} parsing;

static void
take_argument(parsing *p, char *arg, struct argp_state *state)
{
    if (p->a.action == 0) {
        for (size_t i = 0; i < CARNET_COUNT(actions); i++) {
            if (strcmp(arg, actions[i].name) == 0) {
                p->a.action = actions[i].action;
                p->which = i;
                return;
            }
        }
        argp_error(state,
                   "there is no action \"%s\": enrol, show, stage, fulfil, approve, wait, status, cancel, renew, "
                   "unlock, remove or serve",
                   arg);
    }
    if (actions[p->which].argument == NULL || p->a.argument != NULL) {
        argp_error(state, "\"%s\" is one argument too many", arg);
    }
    p->a.argument = arg;
}

/** Where an option's text goes; NULL for an option that has none. */
static const char **
place_of(phone_arguments *a, int key)
{
    const cli_place places[] = {
        { 's', &a->store },
        { OPTION_PASSPHRASE_FILE, &a->passphrase.file },
        { OPTION_PROVIDER, &a->provider },
        { OPTION_SERVER, &a->server },
        { OPTION_CA, &a->ca },
        { OPTION_BOOTSTRAP, &a->bootstrap },
        { OPTION_NAME, &a->name },
        { OPTION_PIN_FILE, &a->pin_file },
        { OPTION_ATTESTATION, &a->attestation },
        { OPTION_ATTESTER_KEY, &a->attester_key },
        { OPTION_ATTESTER_CERTIFICATE, &a->attester_certificate },
        { OPTION_ATTESTER_NAME, &a->attester_name },
        { OPTION_KEY_STORAGE, &a->key_storage },
        { OPTION_SOFTWARE_FIDO, &a->fido },
        { OPTION_FIDO_ORIGIN, &a->fido_origin },
        { OPTION_AMOUNT, &a->amount },
        { OPTION_CURRENCY, &a->currency },
        { OPTION_TYPE, &a->type },
        { OPTION_ACCOUNT, &a->account },
        { OPTION_REQUEST, &a->request },
        { OPTION_CODE, &a->code },
        { OPTION_QR, &a->qr },
        { OPTION_LOCATION, &a->location },
        { OPTION_POSTURE, &a->posture_attestation },
        { OPTION_LISTEN, &a->listen },
    };

    return cli_place_of(places, CARNET_COUNT(places), key);
}

static bool *
flag_of(phone_arguments *a, int key)
{
    switch (key) {
    case OPTION_JSON:
        return &a->json;
    case OPTION_LOOPBACK:
        return &a->insecure_loopback;
    case OPTION_APPROVE:
        return &a->approve;
    case OPTION_YES:
        return &a->yes;
    case OPTION_DECLINE:
        return &a->decline;
    case OPTION_HOTP:
        return &a->hotp;
    case OPTION_ROOTED:
        return &a->rooted;
    case OPTION_NO_LOCK:
        return &a->no_lock;
    case OPTION_NO_DOCUMENTS:
        return &a->no_documents;
    case 'v':
        return &a->verbose;
    default:
        return NULL;
    }
}

static void
take_sensor(phone_arguments *a, char *arg)
{
    static const char *const words[] = { "match", "match+pad", "other", "spoof", "unable" };
    char *equals = strchr(arg, '=');

    if (equals == NULL || equals == arg || a->sensor_count == PHONE_SENSORS_MAX) {
        cli_usage("--fake-sensor is METHOD=RESULTS, for at most four methods");
    }
    *equals = '\0';
    for (const char *at = equals + 1;; at++) {
        const size_t len = strcspn(at, ",");
        bool known = false;

        for (size_t i = 0; i < CARNET_COUNT(words); i++) {
            known = known || (strlen(words[i]) == len && strncmp(words[i], at, len) == 0);
        }
        if (!known) {
            cli_usage("--fake-sensor: a result is match, match+pad, other, spoof or unable");
        }
        at += len;
        if (*at == '\0') {
            break;
        }
    }
    a->sensors[a->sensor_count++] = (phone_sensor){ arg, equals + 1 };
}

static error_t
take_other(parsing *p, int key, char *arg)
{
    phone_arguments *a = &p->a;

    switch (key) {
    case OPTION_PASSPHRASE_FD:
        a->passphrase.fd = (int)cli_number(arg, 1 << 20, "descriptor");
        return 0;
    case OPTION_CROSSINGS:
        a->crossings = (int)cli_number(arg, 1023, "descriptor");
        return 0;
    case OPTION_USER_AUTHENTICATION:
        if (a->user_authentication_count == CARNET_COUNT(a->user_authentication)) {
            cli_usage("--user-authentication is there too often");
        }
        a->user_authentication[a->user_authentication_count++] = arg;
        return 0;
    case OPTION_SENSOR:
        take_sensor(a, arg);
        return 0;
    case OPTION_BEHAVIOUR:
        a->behaviour = cli_number(arg, 100, "percentage");
        a->has_behaviour = true;
        return 0;
    case OPTION_WAIT:
        a->wait_s = cli_number(arg, 86400, "number of seconds");
        p->has_wait = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void
check(parsing *p, struct argp_state *state)
{
    phone_arguments *a = &p->a;

    if (a->action == 0) {
        argp_error(state, "say what to do: enrol, show, stage, fulfil, approve, wait, status, cancel, renew, unlock, "
                          "remove or serve");
    }
    if ((p->options.allowed & a->action) == 0) {
        argp_error(state, "--%s is not for %s", p->options.out_of_place, actions[p->which].name);
    }
    if (a->store == NULL) {
        argp_error(state, "--store is missing");
    }
    if (actions[p->which].argument != NULL && a->argument == NULL) {
        argp_error(state, "%s", actions[p->which].argument);
    }
    if (a->action == PHONE_ENROL && (a->provider == NULL || a->bootstrap == NULL)) {
        argp_error(state, "enrol needs --provider and --bootstrap");
    }
    if (a->fido_origin != NULL && a->fido == NULL) {
        argp_error(state, "--fido-origin is for --software-fido");
    }
    if (a->action == PHONE_STAGE && (a->amount == NULL || a->currency == NULL)) {
        argp_error(state, "stage needs --amount and --currency");
    }
    if (a->action == PHONE_FULFIL && (a->code == NULL) == (a->qr == NULL)) {
        argp_error(state, "fulfil needs --code or --qr");
    }
    if (a->yes && a->decline) {
        argp_error(state, "--yes and --decline are two answers");
    }
    if (a->action == PHONE_WAIT && !p->has_wait) {
        a->wait_s = 60;
    }
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    parsing *p = state->input;
    const char **place = place_of(&p->a, key);
    bool *flag = flag_of(&p->a, key);

    cli_note_option(&p->options, options, good_for, CARNET_COUNT(good_for), key);
    if (place != NULL) {
        *place = arg;
        return 0;
    }
    if (flag != NULL) {
        *flag = true;
        return 0;
    }
    switch (key) {
    case ARGP_KEY_ARG:
        take_argument(p, arg, state);
        return 0;
    case ARGP_KEY_END:
        check(p, state);
        return 0;
    default:
        return take_other(p, key, arg);
    }
}

static const char doc[] =
    "Approve payments and withdrawals without a card, as the phone does.\v"
    "enrol makes a key in the store's secure area and has the identity provider certify this device.  show says what "
    "is enrolled.  stage stages a transaction at the mobile app server.  fulfil binds it to the terminal whose code is "
    "given, and names the session to approve.  approve shows a session's transaction and answers it.  wait waits for "
    "one.  status and cancel do what they say.  renew has the device certified anew.  unlock opens a device that too "
    "many attempts have locked; remove takes it out of the account.  serve is the phone as a page for a browser on "
    "this machine.  Exit status 1: refused, "
    "declined, or not authenticated.";

/** A session's identifier may begin with "-": right after its action it is no option, and goes to the end, behind "--". */
static char **
shield_session(int *argc, char **argv)
{
    const bool takes = *argc > 2 && (strcmp(argv[1], "approve") == 0 || strcmp(argv[1], "renew") == 0);
    char **out;

    if (!takes || argv[2][0] != '-' || argv[2][1] == '-' || strlen(argv[2]) != CARNET_BOPS_SESSION) {
        return argv;
    }
    out = cli_alloc(((size_t)*argc + 2) * sizeof *out);
    out[0] = argv[0];
    out[1] = argv[1];
    for (int i = 3; i < *argc; i++) {
        out[i - 1] = argv[i];
    }
    out[*argc - 1] = (char *)(uintptr_t) "--";
    out[*argc] = argv[2];
    (*argc)++;
    return out;
}

int
cli_phone(int argc, char **argv)
{
    static const struct argp parser = { options, parse, "ACTION [REFERENCE|SESSION]", doc, NULL, NULL, NULL };
    static parsing p = { .options.allowed = UINT32_MAX, .a = { .passphrase = { NULL, -1 } } };
    carnet_crypto crypto;
    carnet_err err = { 0 };
    int result;

    argv = shield_session(&argc, argv);
    argp_parse(&parser, argc, argv, 0, NULL, &p);
    if (carnet_crypto_init(&crypto, &err) != CARNET_OK) {
        cli_die("cryptography", &err);
    }
    result = actions[p.which].run(&p.a, &crypto);
    carnet_crypto_done(&crypto);
    return result;
}
