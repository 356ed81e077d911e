/* SPDX-License-Identifier: Apache-2.0 */
/* carnet inspect: explain anything of this world as a tree. */
#include "inspect.h"

#include <string.h>

enum { OPTION_AT = 256, OPTION_AS, OPTION_DEPTH, OPTION_FULL, OPTION_HEX, OPTION_JSON };

static const struct argp_option options[] = {
    { "as", OPTION_AS, "KIND", 0, "take the input for this, such as DeviceResponse; \"list\" names the kinds", 0 },
    { "at", OPTION_AT, "TIME", 0, "compare dates with this time instead of now", 0 },
    { "depth", OPTION_DEPTH, "N", 0, "show N levels", 0 },
    { "full", OPTION_FULL, NULL, 0, "cut nothing; name every certificate profile", 0 },
    { "hex", OPTION_HEX, NULL, 0, "the bytes beside each line", 0 },
    { "json", OPTION_JSON, NULL, 0, "print the tree as JSON", 0 },
    { 0 },
};

typedef struct arguments {
    const char *input, *as, *at;
    inspect_view view;
} arguments;

static void
list_kinds(void)
{
    for (const inspect_kind *k = inspect_kinds; k->name != NULL; k++) {
        if (k == inspect_kinds || strcmp(k->name, k[-1].name) != 0) {
            printf("%-28s%s (%s)\n", k->name, k->what, k->clause);
        }
    }
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;

    switch (key) {
    case OPTION_AS:
        a->as = arg;
        return 0;
    case OPTION_AT:
        a->at = arg;
        return 0;
    case OPTION_DEPTH:
        a->view.depth = (unsigned)cli_number(arg, 1000, "depth");
        return 0;
    case OPTION_FULL:
        a->view.full = true;
        return 0;
    case OPTION_HEX:
        a->view.hex = true;
        return 0;
    case OPTION_JSON:
        a->view.json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->input != NULL) {
            argp_error(state, "one input at a time");
        }
        a->input = arg;
        return 0;
    case ARGP_KEY_END:
        if (a->input == NULL && (a->as == NULL || strcmp(a->as, "list") != 0)) {
            argp_error(state, "what is to be inspected?");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    "FILE|-|URI",
    "Explain CBOR, mobile documents, requests, engagements, sessions and recordings of them, certificates, revocation "
    "lists "
    "and keys, "
    "whether as they are or in hexadecimal, base64, PEM, a URI or a QR code.  Names and oddities, no verdict."
    "\vExit status: 0 understood, 2 usage, 3 not understood, or not to its end.",
    NULL,
    NULL,
    NULL
};

static int
status_of(const inspect_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (results[i].err.rc != CARNET_OK || results[i].kind == NULL) {
            return CLI_UNJUDGED;
        }
    }
    return CLI_VALID;
}

int
cli_inspect(int argc, char **argv)
{
    enum { OBJECTS_MAX = 1000 };
    arguments a = { .view = { .depth = UINT32_MAX } };
    inspect in = { 0 };
    carnet_crypto *crypto = cli_alloc(sizeof *crypto);
    inspect_result *results = cli_alloc(OBJECTS_MAX * sizeof *results);
    carnet_err err = { 0 };
    size_t count;

    argp_parse(&parser, argc, argv, 0, NULL, &a);
    if (a.as != NULL && strcmp(a.as, "list") == 0) {
        list_kinds();
        return CLI_VALID;
    }
    if (a.as != NULL && inspect_kind_named(a.as) == NULL) {
        cli_usage("there is no kind \"%s\"; --as list names them", a.as);
    }
    if (carnet_crypto_init(crypto, &err) != CARNET_OK) {
        return cli_complain("cryptography", &err);
    }
    in.crypto = crypto;
    in.full = a.view.full;
    in.now = a.at != NULL ? cli_time(a.at, cli_now()) : cli_now();
    count = inspect_input(&in, a.input, a.as, results, OBJECTS_MAX);
    (a.view.json ? inspect_print_json : inspect_print_text)(results, count, &a.view);
    carnet_crypto_done(crypto);
    return status_of(results, count);
}
