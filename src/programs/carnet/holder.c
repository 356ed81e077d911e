/* SPDX-License-Identifier: Apache-2.0 */
/* carnet holder: documents and keys of a person's device, and their presentation. */
#include "holder.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPTION_PASSPHRASE_FILE = 256,
    OPTION_PASSPHRASE_FD,
    OPTION_NEW_FILE,
    OPTION_NEW_FD,
    OPTION_COST,
    OPTION_JSON,
    OPTION_CURVE,
    OPTION_COUNT,
    OPTION_DEVICE_KEY,
    OPTION_TRUST,
    OPTION_KEEP_KEY,
    OPTION_DOCUMENT,
    OPTION_QR,
    OPTION_QR_IMAGE,
    OPTION_QR_TEXT,
    OPTION_REVERSE,
    OPTION_TRUSTED_READERS,
    OPTION_POLICY,
    OPTION_CONSENT,
    OPTION_MAC,
    OPTION_VERIFIED,
    OPTION_AT,
    OPTION_NEGOTIATED,
    OPTION_CA,
    OPTION_LOOPBACK,
    OPTION_LOOP
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "All:", 1 },
    { "store", 's', "DIR", 0, "the store: documents and sealed keys", 1 },
    { "passphrase-file", OPTION_PASSPHRASE_FILE, "FILE", 0, "take the passphrase from a file's first line", 1 },
    { "passphrase-fd", OPTION_PASSPHRASE_FD, "FD", 0,
      "take it from an open descriptor (otherwise the terminal is asked)", 1 },
    { "json", OPTION_JSON, NULL, 0, "print JSON", 1 },
    { NULL, 0, NULL, 0, "init, passphrase:", 5 },
    { "cost", OPTION_COST, "KIB:PASSES:LANES", 0, "what guessing shall cost (65536:3:4)", 5 },
    { "new-passphrase-file", OPTION_NEW_FILE, "FILE", 0, "passphrase: the new one, from a file", 5 },
    { "new-passphrase-fd", OPTION_NEW_FD, "FD", 0, "passphrase: the new one, from an open descriptor", 5 },
    { NULL, 0, NULL, 0, "key, add, remove:", 6 },
    { "curve", OPTION_CURVE, "CURVE", 0, "key: curve of the device key (P-256); present: of the session", 6 },
    { "count", OPTION_COUNT, "N", 0, "key: make so many", 6 },
    { "output", 'o', "FILE", 0, "key: where the public keys go", 6 },
    { "device-key", OPTION_DEVICE_KEY, "FILE", 0, "add: the document's key, taken into the store", 6 },
    { "trust", OPTION_TRUST, "PATH", 0, "add: keep the document only if it verifies with these certificates", 6 },
    { "keep-key", OPTION_KEEP_KEY, NULL, 0, "remove: leave the document's key in the store", 6 },
    { NULL, 0, NULL, 0, "present:", 2 },
    { "document", OPTION_DOCUMENT, "N", 0, "only this document (may be repeated)", 2 },
    { "qr", OPTION_QR, NULL, 0, "draw the engagement as QR code", 2 },
    { "qr-image", OPTION_QR_IMAGE, "FILE", 0, "write it as PNG, or SVG as the name ends", 2 },
    { "qr-text", OPTION_QR_TEXT, "FILE", 0, "write its text", 2 },
    { "reverse", OPTION_REVERSE, "URI|FILE", 0, "answer a reader's engagement: mdoc://..., or an image of its code",
      2 },
    { "ca", OPTION_CA, "FILE", 0, "of a website the engagement names: authorities of its certificate (the system's)",
      2 },
    { "insecure-loopback", OPTION_LOOPBACK, NULL, 0, "http too, to this machine, for tests", 2 },
    { "trusted-readers", OPTION_TRUSTED_READERS, "PATH", 0, "certificates of the authorities of readers", 2 },
    { "policy", OPTION_POLICY, "FILE", 0, "rules of what may leave unasked (doc/consent.schema.json)", 2 },
    { "consent", OPTION_CONSENT, "HOW", 0, "prompt; for tests: all, none", 2 },
    { "mac", OPTION_MAC, NULL, 0, "authenticate the device by MAC where that is possible", 2 },
    { "verified-holder", OPTION_VERIFIED, NULL, 0,
      "say that the holder was verified, after asking the passphrase again", 2 },
    { "negotiated", OPTION_NEGOTIATED, NULL, 0, "NFC: negotiated handover instead of static", 2 },
    { "at", OPTION_AT, "TIME", 0, "judge readers as of this time (now)", 2 },
    { "loop", OPTION_LOOP, "N", OPTION_ARG_OPTIONAL, "present again and again, or N times", 2 },
    { 0 },
};

/* What each option is good for; those not named here are for all. */
static const cli_action_option good_for[] = {
    { OPTION_COST, HOLDER_INIT | HOLDER_PASSPHRASE },
    { OPTION_NEW_FILE, HOLDER_PASSPHRASE },
    { OPTION_NEW_FD, HOLDER_PASSPHRASE },
    { OPTION_CURVE, HOLDER_KEY | HOLDER_PRESENT },
    { OPTION_COUNT, HOLDER_KEY },
    { 'o', HOLDER_KEY },
    { OPTION_DEVICE_KEY, HOLDER_ADD },
    { OPTION_TRUST, HOLDER_ADD },
    { OPTION_KEEP_KEY, HOLDER_REMOVE },
    { OPTION_DOCUMENT, HOLDER_PRESENT },
    { OPTION_QR, HOLDER_PRESENT },
    { OPTION_QR_IMAGE, HOLDER_PRESENT },
    { OPTION_QR_TEXT, HOLDER_PRESENT },
    { OPTION_REVERSE, HOLDER_PRESENT },
    { OPTION_TRUSTED_READERS, HOLDER_PRESENT },
    { OPTION_POLICY, HOLDER_PRESENT },
    { OPTION_CONSENT, HOLDER_PRESENT },
    { OPTION_MAC, HOLDER_PRESENT },
    { OPTION_VERIFIED, HOLDER_PRESENT },
    { OPTION_AT, HOLDER_PRESENT },
    { OPTION_LOOP, HOLDER_PRESENT },
    { OPTION_NEGOTIATED, HOLDER_PRESENT },
    { OPTION_CA, HOLDER_PRESENT },
    { OPTION_LOOPBACK, HOLDER_PRESENT },
};

/* Whether it takes an argument of its own. */
static const struct {
    const char *name;
    holder_action action;
    bool argument;
    int (*run)(const holder_arguments *a, carnet_crypto *crypto);
} actions[] = {
    { "init", HOLDER_INIT, false, holder_init },
    { "key", HOLDER_KEY, false, holder_key },
    { "add", HOLDER_ADD, true, holder_add },
    { "list", HOLDER_LIST, false, holder_list },
    { "show", HOLDER_SHOW, true, holder_show },
    { "remove", HOLDER_REMOVE, true, holder_remove },
    { "passphrase", HOLDER_PASSPHRASE, false, holder_passphrase },
    { "present", HOLDER_PRESENT, false, holder_present },
};

/** Arguments, and which options were met, so that those out of place can be refused when the action is known. */
typedef struct parsing {
    holder_arguments a;
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
        argp_error(state, "there is no action \"%s\": init, key, add, list, show, remove, passphrase or present", arg);
    }
    if (!actions[p->which].argument || p->a.argument != NULL) {
        argp_error(state, "\"%s\" is one argument too many", arg);
    }
    p->a.argument = arg;
}

/** The place of an option's text; NULL for one without. */
static const char **
place_of(holder_arguments *a, int key)
{
    const cli_place places[] = {
        { 's', &a->store },
        { 'o', &a->output },
        { OPTION_PASSPHRASE_FILE, &a->passphrase.file },
        { OPTION_NEW_FILE, &a->new_passphrase.file },
        { OPTION_CURVE, &a->curve },
        { OPTION_DEVICE_KEY, &a->device_key },
        { OPTION_TRUST, &a->trust },
        { OPTION_QR_IMAGE, &a->qr_image },
        { OPTION_QR_TEXT, &a->qr_text },
        { OPTION_REVERSE, &a->reverse },
        { OPTION_TRUSTED_READERS, &a->trusted_readers },
        { OPTION_POLICY, &a->policy },
        { OPTION_AT, &a->at },
        { OPTION_CA, &a->ca },
    };

    return cli_place_of(places, CARNET_COUNT(places), key);
}

/** The place of an option that is only there or not; NULL for one with more to it. */
static bool *
flag_of(holder_arguments *a, int key)
{
    switch (key) {
    case OPTION_JSON:
        return &a->json;
    case OPTION_KEEP_KEY:
        return &a->keep_key;
    case OPTION_QR:
        return &a->qr;
    case OPTION_MAC:
        return &a->mac;
    case OPTION_NEGOTIATED:
        return &a->negotiated;
    case OPTION_LOOPBACK:
        return &a->insecure_loopback;
    case OPTION_VERIFIED:
        return &a->verified_holder;
    default:
        return NULL;
    }
}

static void
take_consent(holder_arguments *a, const char *arg)
{
    static const char *const words[] = { "prompt", "all", "none" };

    for (size_t i = 0; i < CARNET_COUNT(words); i++) {
        if (strcmp(arg, words[i]) == 0) {
            a->consent = (holder_consent)i;
            a->has_consent = true;
            return;
        }
    }
    cli_usage("--consent is prompt, all or none");
}

/** Options with more to them than a text. */
static error_t
take_other(holder_arguments *a, int key, const char *arg)
{
    switch (key) {
    case OPTION_PASSPHRASE_FD:
        a->passphrase.fd = (int)cli_number(arg, 1 << 20, "descriptor");
        return 0;
    case OPTION_NEW_FD:
        a->new_passphrase.fd = (int)cli_number(arg, 1 << 20, "descriptor");
        return 0;
    case OPTION_COST:
        passphrase_cost(arg, &a->cost);
        a->has_cost = true;
        return 0;
    case OPTION_COUNT:
        a->count = cli_number(arg, 1000, "number of keys");
        return 0;
    case OPTION_DOCUMENT:
        if (a->document_count == STORE_DOCUMENTS_MAX) {
            cli_usage("--document is there too often");
        }
        a->documents[a->document_count++] = cli_number(arg, UINT32_MAX, "document's number");
        return 0;
    case OPTION_CONSENT:
        take_consent(a, arg);
        return 0;
    case OPTION_LOOP:
        a->loop = true;
        a->times = arg != NULL ? cli_number(arg, UINT32_MAX, "number of presentations") : 0;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void
check(const parsing *p, struct argp_state *state)
{
    const holder_arguments *a = &p->a;

    if (a->action == 0) {
        argp_error(state, "say what to do: init, key, add, list, show, remove, passphrase or present");
    }
    if ((p->options.allowed & a->action) == 0) {
        argp_error(state, "--%s is not for %s", p->options.out_of_place, actions[p->which].name);
    }
    if (a->store == NULL) {
        argp_error(state, "--store is missing");
    }
    if (actions[p->which].argument && a->argument == NULL) {
        argp_error(state, a->action == HOLDER_ADD ? "which document? add FILE" : "which document? its number");
    }
    if (a->action != HOLDER_PRESENT && onsite_any(&a->onsite)) {
        argp_error(state, "ways to a reader are for present");
    }
    if (a->policy != NULL && a->has_consent && a->consent != HOLDER_CONSENT_PROMPT) {
        argp_error(state, "--policy and --consent contradict each other");
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
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &p->a.onsite;
        return 0;
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
    "Hold documents, and present them to readers.\v"
    "init makes a store, sealed with a passphrase.  key makes a device key in it and prints its public half, for "
    "`carnet issue --device-key`.  add keeps the document that was issued for it.  list, show and remove do what they "
    "say.  present shows a QR code or answers a reader, tells who asks for what, and lets leave what is consented to.";

int
cli_holder(int argc, char **argv)
{
    static const struct argp_child children[] = { { &onsite_parser, 0, NULL, 0 }, { NULL, 0, NULL, 0 } };
    static const struct argp parser = { options, parse, "ACTION [FILE|NUMBER]", doc, children, NULL, NULL };
    static parsing p = { .options.allowed = UINT32_MAX,
                         .a = { .passphrase = { NULL, -1 }, .new_passphrase = { NULL, -1 } } };
    carnet_crypto crypto;
    carnet_err err = { 0 };
    int result;

    onsite_options_begin(&p.a.onsite);
    argp_parse(&parser, argc, argv, 0, NULL, &p);
    if (carnet_crypto_init(&crypto, &err) != CARNET_OK) {
        cli_die("cryptography", &err);
    }
    result = actions[p.which].run(&p.a, &crypto);
    carnet_crypto_done(&crypto);
    return result;
}
