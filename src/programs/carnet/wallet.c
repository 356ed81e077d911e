/* SPDX-License-Identifier: Apache-2.0 */
/* carnet wallet: documents obtained from an issuer (OpenID4VCI 1.0, HAIP 1.0; 23220-1 IS-5, IS-6). */
#include "wallet.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPTION_PASSPHRASE_FILE = 256,
    OPTION_PASSPHRASE_FD,
    OPTION_JSON,
    OPTION_COST,
    OPTION_AREA,
    OPTION_MODULE,
    OPTION_TOKEN,
    OPTION_TCTI,
    OPTION_QR,
    OPTION_ISSUER,
    OPTION_CONFIGURATION,
    OPTION_LANGUAGE,
    OPTION_CA,
    OPTION_LOOPBACK,
    OPTION_HAIP,
    OPTION_METADATA_TRUST,
    OPTION_SIGNED,
    OPTION_YES,
    OPTION_TX_CODE,
    OPTION_TRUST,
    OPTION_TRUST_PUBLISHED,
    OPTION_ACCEPT_UNTRUSTED,
    OPTION_COPIES,
    OPTION_CURVE,
    OPTION_WAIT,
    OPTION_REDIRECT,
    OPTION_BROWSER,
    OPTION_OPEN,
    OPTION_CLIENT,
    OPTION_ATTESTER_KEY,
    OPTION_ATTESTER_CERTIFICATE,
    OPTION_ATTESTER_NAME,
    OPTION_KEY_STORAGE,
    OPTION_ATTESTATION,
    OPTION_INSTANCE_KEY,
    OPTION_PROVIDER,
    OPTION_RELAY,
    OPTION_CROSSINGS,
    OPTION_FRESH,
    OPTION_WITHIN,
    OPTION_QUIET
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "All:", 1 },
    { "store", 's', "DIR", 0, "the store: documents and keys, the same as carnet holder's", 1 },
    { "passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0, "take the passphrase or PIN from a file's first line", 1 },
    { "passphrase-fd", OPTION_PASSPHRASE_FD, "FD", 0,
      "take it from an open descriptor (otherwise the terminal is asked)", 1 },
    { "json", OPTION_JSON, NULL, 0, "print JSON", 1 },
    { NULL, 0, NULL, 0, "init:", 2 },
    { "area", OPTION_AREA, "KIND", 0, "where keys are: software (a sealed file), pkcs11, tpm2", 2 },
    { "module", OPTION_MODULE, "FILE", 0, "pkcs11: the module", 2 },
    { "token", OPTION_TOKEN, "LABEL", 0, "pkcs11: the token (the only one there is)", 2 },
    { "tcti", OPTION_TCTI, "TCTI", 0, "tpm2: how the TPM is reached (what the TSS finds)", 2 },
    { "cost", OPTION_COST, "KIB:PASSES:LANES", 0, "software: what guessing shall cost (65536:3:4)", 2 },
    { NULL, 0, NULL, 0, "offer, accept:", 3 },
    { "qr", OPTION_QR, "IMAGE", 0, "the offer's QR code", 3 },
    { "issuer", OPTION_ISSUER, "URL", 0, "no offer: this credential issuer", 3 },
    { "configuration", OPTION_CONFIGURATION, "ID", 0, "only this of what is offered (may be repeated)", 3 },
    { "metadata-trust", OPTION_METADATA_TRUST, "PATH", 0, "ask for signed metadata; certificates its signer is good by",
      3 },
    { "signed-metadata", OPTION_SIGNED, NULL, 0, "refuse metadata that is not signed", 3 },
    { "language", OPTION_LANGUAGE, "TAG", 0, "show names in this language (en)", 3 },
    { NULL, 0, NULL, 0, "accept:", 4 },
    { "yes", OPTION_YES, NULL, 0, "consent to all that is offered", 4 },
    { "tx-code-file", OPTION_TX_CODE, "FILE", 0, "take the transaction code from a file's first line", 4 },
    { "redirect", OPTION_REDIRECT, "URI", 0, "where the browser is sent back to; its address is then pasted here", 4 },
    { "browser", OPTION_BROWSER, "COMMAND", 0, "start this with the address to open", 4 },
    { "open", OPTION_OPEN, NULL, 0, "open it with xdg-open", 4 },
    { NULL, 0, NULL, 0, "accept, refresh, reissue, resume:", 5 },
    { "trust", OPTION_TRUST, "PATH", 0, "certificates of issuing authorities (IACA)", 5 },
    { "trust-published", OPTION_TRUST_PUBLISHED, NULL, 0,
      "trust the certificates that the issuer publishes, from now on", 5 },
    { "accept-untrusted", OPTION_ACCEPT_UNTRUSTED, NULL, 0, "keep documents whose issuer cannot be judged", 5 },
    { "copies", OPTION_COPIES, "N", 0, "so many, as far as the issuer gives them (10; as before)", 5 },
    { "curve", OPTION_CURVE, "CURVE", 0, "of device keys (the first of P-256, P-384, P-521, Ed25519)", 5 },
    { "wait", OPTION_WAIT, "SECONDS", 0, "wait for an issuer that is not ready (120)", 5 },
    { NULL, 0, NULL, 0, "Whoever speaks with an issuer:", 6 },
    { "haip", OPTION_HAIP, NULL, 0, "refuse what HAIP 1.0 does not allow", 6 },
    { "ca", OPTION_CA, "FILE", 0, "certificates for https instead of the system's", 6 },
    { "insecure-loopback", OPTION_LOOPBACK, NULL, 0, "http too, to this machine, for tests", 6 },
    { "client-id", OPTION_CLIENT, "ID", 0, "of the wallet (carnet)", 6 },
    { "attester-key", OPTION_ATTESTER_KEY, "FILE", 0, "have wallet and keys attested by this key, for tests", 6 },
    { "attester-cert", OPTION_ATTESTER_CERTIFICATE, "FILE", 0, "its certificates", 6 },
    { "attester-name", OPTION_ATTESTER_NAME, "URL", 0, "its name", 6 },
    { "key-storage", OPTION_KEY_STORAGE, "LEVEL", 0, "what it says of the keys (as the secure area is)", 6 },
    { "wallet-attestation", OPTION_ATTESTATION, "FILE", 0, "an attestation of the wallet that is there", 6 },
    { "instance-key", OPTION_INSTANCE_KEY, "FILE", 0, "the key it is for", 6 },
    { "provider", OPTION_PROVIDER, "URL", 0, "the provider of this app: has wallet and keys attested", 6 },
    { "relay", OPTION_RELAY, NULL, 0, "speak with the issuer through the provider", 6 },
    { "crossings", OPTION_CROSSINGS, "FD", OPTION_HIDDEN, "tell each message to this descriptor", 6 },
    { "verbose", 'v', NULL, 0, "say each request", 6 },
    { NULL, 0, NULL, 0, "refresh, delete:", 7 },
    { "fresh", OPTION_FRESH, "N", 0, "refresh: documents with fewer copies never presented (1)", 7 },
    { "within", OPTION_WITHIN, "DAYS", 0, "refresh: and those that end within so many days (7)", 7 },
    { "quiet", OPTION_QUIET, NULL, 0, "delete: do not tell the issuer", 7 },
    { 0 },
};

enum {
    GETS = WALLET_OFFER | WALLET_ACCEPT,
    AGAIN = WALLET_ACCEPT | WALLET_REFRESH | WALLET_REISSUE | WALLET_RESUME,
    SPEAKS = GETS | WALLET_REFRESH | WALLET_REISSUE | WALLET_RESUME | WALLET_DELETE
};

/* What each option is good for; those not named here are for all. */
static const cli_action_option good_for[] = {
    { OPTION_COST, WALLET_INIT },
    { OPTION_AREA, WALLET_INIT },
    { OPTION_MODULE, WALLET_INIT },
    { OPTION_TOKEN, WALLET_INIT },
    { OPTION_TCTI, WALLET_INIT },
    { OPTION_QR, GETS },
    { OPTION_ISSUER, GETS },
    { OPTION_CONFIGURATION, GETS },
    { OPTION_METADATA_TRUST, GETS },
    { OPTION_SIGNED, GETS },
    { OPTION_LANGUAGE, GETS },
    { OPTION_YES, WALLET_ACCEPT },
    { OPTION_TX_CODE, WALLET_ACCEPT },
    { OPTION_REDIRECT, WALLET_ACCEPT },
    { OPTION_BROWSER, WALLET_ACCEPT },
    { OPTION_OPEN, WALLET_ACCEPT },
    { OPTION_TRUST, AGAIN | WALLET_OFFER },
    { OPTION_TRUST_PUBLISHED, AGAIN },
    { OPTION_ACCEPT_UNTRUSTED, AGAIN },
    { OPTION_COPIES, AGAIN },
    { OPTION_CURVE, AGAIN },
    { OPTION_WAIT, AGAIN },
    { OPTION_HAIP, SPEAKS },
    { OPTION_CA, SPEAKS },
    { OPTION_LOOPBACK, SPEAKS },
    { OPTION_CLIENT, SPEAKS },
    { OPTION_ATTESTER_KEY, SPEAKS },
    { OPTION_ATTESTER_CERTIFICATE, SPEAKS },
    { OPTION_ATTESTER_NAME, SPEAKS },
    { OPTION_KEY_STORAGE, SPEAKS },
    { OPTION_ATTESTATION, SPEAKS },
    { OPTION_INSTANCE_KEY, SPEAKS },
    { OPTION_PROVIDER, SPEAKS },
    { OPTION_RELAY, AGAIN },
    { 'v', SPEAKS },
    { OPTION_FRESH, WALLET_REFRESH },
    { OPTION_WITHIN, WALLET_REFRESH },
    { OPTION_QUIET, WALLET_DELETE },
};

typedef enum argument_rule { ARGUMENT_NONE, ARGUMENT_OFFER, ARGUMENT_NUMBER, ARGUMENT_OPTIONAL } argument_rule;

static const struct {
    const char *name;
    wallet_action action;
    argument_rule argument;
    int (*run)(const wallet_arguments *a, carnet_crypto *crypto);
} actions[] = {
    { "init", WALLET_INIT, ARGUMENT_NONE, wallet_init },
    { "offer", WALLET_OFFER, ARGUMENT_OFFER, wallet_offer },
    { "accept", WALLET_ACCEPT, ARGUMENT_OFFER, wallet_accept },
    { "list", WALLET_LIST, ARGUMENT_NONE, wallet_list },
    { "show", WALLET_SHOW, ARGUMENT_NUMBER, wallet_show },
    { "refresh", WALLET_REFRESH, ARGUMENT_OPTIONAL, wallet_refresh },
    { "reissue", WALLET_REISSUE, ARGUMENT_NUMBER, wallet_reissue },
    { "resume", WALLET_RESUME, ARGUMENT_OPTIONAL, wallet_resume },
    { "area", WALLET_AREA, ARGUMENT_NONE, wallet_area },
    { "delete", WALLET_DELETE, ARGUMENT_NUMBER, wallet_delete },
};

typedef struct parsing {
    wallet_arguments a;
    cli_actions options;
    size_t which;
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
        argp_error(
            state,
            "there is no action \"%s\": init, offer, accept, list, show, refresh, reissue, resume, area or delete",
            arg);
    }
    if (actions[p->which].argument == ARGUMENT_NONE || p->a.argument != NULL) {
        argp_error(state, "\"%s\" is one argument too many", arg);
    }
    p->a.argument = arg;
}

/** Where an option's text goes; NULL for an option that has none. */
static const char **
place_of(wallet_arguments *a, int key)
{
    const cli_place places[] = {
        { 's', &a->store },
        { OPTION_PASSPHRASE_FILE, &a->passphrase.file },
        { OPTION_AREA, &a->area_name },
        { OPTION_MODULE, &a->area.module },
        { OPTION_TOKEN, &a->area.token },
        { OPTION_TCTI, &a->area.tcti },
        { OPTION_QR, &a->qr },
        { OPTION_ISSUER, &a->issuer },
        { OPTION_LANGUAGE, &a->language },
        { OPTION_CA, &a->ca },
        { OPTION_METADATA_TRUST, &a->metadata_trust },
        { OPTION_TX_CODE, &a->tx_code_file },
        { OPTION_TRUST, &a->trust },
        { OPTION_CURVE, &a->curve },
        { OPTION_REDIRECT, &a->redirect },
        { OPTION_BROWSER, &a->browser },
        { OPTION_CLIENT, &a->client_id },
        { OPTION_ATTESTER_KEY, &a->attester_key },
        { OPTION_ATTESTER_CERTIFICATE, &a->attester_certificate },
        { OPTION_ATTESTER_NAME, &a->attester_name },
        { OPTION_KEY_STORAGE, &a->key_storage },
        { OPTION_ATTESTATION, &a->attestation },
        { OPTION_INSTANCE_KEY, &a->instance_key },
        { OPTION_PROVIDER, &a->provider },
    };

    return cli_place_of(places, CARNET_COUNT(places), key);
}

static bool *
flag_of(wallet_arguments *a, int key)
{
    switch (key) {
    case OPTION_JSON:
        return &a->json;
    case OPTION_LOOPBACK:
        return &a->insecure_loopback;
    case OPTION_HAIP:
        return &a->haip;
    case OPTION_SIGNED:
        return &a->signed_metadata;
    case OPTION_YES:
        return &a->yes;
    case OPTION_TRUST_PUBLISHED:
        return &a->trust_published;
    case OPTION_ACCEPT_UNTRUSTED:
        return &a->accept_untrusted;
    case OPTION_OPEN:
        return &a->open;
    case OPTION_RELAY:
        return &a->relay;
    case OPTION_QUIET:
        return &a->quiet_issuer;
    case 'v':
        return &a->verbose;
    default:
        return NULL;
    }
}

static error_t
take_other(wallet_arguments *a, int key, char *arg)
{
    switch (key) {
    case OPTION_PASSPHRASE_FD:
        a->passphrase.fd = (int)cli_number(arg, 1 << 20, "descriptor");
        return 0;
    case OPTION_CROSSINGS:
        a->crossings = (int)cli_number(arg, 1023, "descriptor");
        return 0;
    case OPTION_COST:
        passphrase_cost(arg, &a->cost);
        a->has_cost = true;
        return 0;
    case OPTION_CONFIGURATION:
        if (a->configuration_count == WALLET_CONFIGURATIONS_MAX) {
            cli_usage("--configuration is there too often");
        }
        a->configurations[a->configuration_count++] = arg;
        return 0;
    case OPTION_COPIES:
        a->copies = cli_number(arg, CARNET_OBTAIN_COPIES_MAX, "number of copies");
        return 0;
    case OPTION_WAIT:
        a->wait_s = cli_number(arg, 1 << 20, "number of seconds");
        return 0;
    case OPTION_FRESH:
        a->fresh = cli_number(arg, STORE_COPIES_MAX, "number of copies");
        a->has_fresh = true;
        return 0;
    case OPTION_WITHIN:
        a->within_days = cli_number(arg, 36500, "number of days");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void
check(parsing *p, struct argp_state *state)
{
    wallet_arguments *a = &p->a;
    argument_rule rule = a->action != 0 ? actions[p->which].argument : ARGUMENT_NONE;

    if (a->action == 0) {
        argp_error(state, "say what to do: init, offer, accept, list, show, refresh, reissue, resume, area or delete");
    }
    if ((p->options.allowed & a->action) == 0) {
        argp_error(state, "--%s is not for %s", p->options.out_of_place, actions[p->which].name);
    }
    if (a->store == NULL && a->action != WALLET_OFFER) {
        argp_error(state, "--store is missing");
    }
    if (rule == ARGUMENT_NUMBER && a->argument == NULL) {
        argp_error(state, "which document? its number");
    }
    if (rule == ARGUMENT_OFFER && (a->argument != NULL) + (a->qr != NULL) + (a->issuer != NULL) != 1) {
        argp_error(state, "which offer? its link, --qr IMAGE, or --issuer URL without one");
    }
    if ((a->attestation != NULL) != (a->instance_key != NULL)) {
        argp_error(state, "--wallet-attestation and --instance-key go together");
    }
    if (a->relay && a->provider == NULL) {
        argp_error(state, "--relay needs --provider");
    }
    if (a->area_name != NULL) {
        a->area.kind = store_area_named(a->area_name);
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
        return take_other(&p->a, key, arg);
    }
}

static const char doc[] =
    "Obtain documents from an issuer, and keep them.\v"
    "init makes a store, whose keys are in a sealed file, a PKCS#11 token or a TPM.  offer shows what an issuer's link "
    "or QR "
    "code offers.  accept obtains it.  list and show do what they say.  refresh obtains anew what runs low or ends "
    "soon, "
    "reissue one document.  resume asks again for what was not ready.  area prints the attestation key of a "
    "TPM, for the provider of the app.  delete forgets one, and tells the issuer.  "
    "carnet holder presents what is kept here.";

int
cli_wallet(int argc, char **argv)
{
    static const struct argp parser = { options, parse, "ACTION [OFFER|NUMBER]", doc, NULL, NULL, NULL };
    static parsing p = { .options.allowed = UINT32_MAX,
                         .a = { .passphrase = { NULL, -1 }, .wait_s = 120, .within_days = 7 } };
    carnet_crypto crypto;
    carnet_err err = { 0 };
    int result;

    argp_parse(&parser, argc, argv, 0, NULL, &p);
    if (p.a.copies == 0 && p.a.action == WALLET_ACCEPT) {
        p.a.copies = 10;
    }
    if (carnet_crypto_init(&crypto, &err) != CARNET_OK) {
        cli_die("cryptography", &err);
    }
    result = actions[p.which].run(&p.a, &crypto);
    carnet_crypto_done(&crypto);
    return result;
}
