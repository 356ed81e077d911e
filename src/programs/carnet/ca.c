/* SPDX-License-Identifier: Apache-2.0 */
/* carnet ca: authorities, the certificates they sign and their revocation lists. */
#include "ca.h"

#include <string.h>

enum {
    OPTION_COUNTRY = 256,
    OPTION_STATE,
    OPTION_LOCALITY,
    OPTION_ORGANISATION,
    OPTION_CURVE,
    OPTION_VALID_FROM,
    OPTION_VALID_UNTIL,
    OPTION_EMAIL,
    OPTION_URI,
    OPTION_CRL_URI,
    OPTION_PUBLIC_KEY,
    OPTION_ARC,
    OPTION_OLD,
    OPTION_READER,
    OPTION_REVOKE,
    OPTION_DER,
    OPTION_FORCE,
    OPTION_JSON
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "All:", 1 },
    { "directory", 'd', "DIR", 0, "the authority's directory", 1 },
    { "valid-from", OPTION_VALID_FROM, "TIME", 0, "start of validity (now)", 1 },
    { "valid-until", OPTION_VALID_UNTIL, "TIME", 0,
      "end of validity (an authority: +3650d; others: +365d, not after the authority's; a list: +30d)", 1 },
    { "json", OPTION_JSON, NULL, 0, "print what was made as JSON", 1 },
    { NULL, 0, NULL, 0, "init, signer and reader:", 2 },
    { "name", 'n', "TEXT", 0, "common name", 2 },
    { "country", OPTION_COUNTRY, "UT", 0, "country (signer: the authority's)", 2 },
    { "state", OPTION_STATE, "TEXT", 0, "state or province (signer: the authority's)", 2 },
    { "locality", OPTION_LOCALITY, "TEXT", 0, "locality", 2 },
    { "organisation", OPTION_ORGANISATION, "TEXT", 0, "organisation", 2 },
    { "curve", OPTION_CURVE, "CURVE", 0, "curve of the key to be made (P-256)", 2 },
    { "crl-uri", OPTION_CRL_URI, "URI", 0, "where the revocation list is published (init keeps it for the others)", 2 },
    { "force", OPTION_FORCE, NULL, 0,
      "write over files that exist, keys too; crl: revoke a serial number not issued here", 2 },
    { NULL, 0, NULL, 0, "init:", 3 },
    { "reader", OPTION_READER, NULL, 0, "an authority of readers instead of an IACA", 3 },
    { "email", OPTION_EMAIL, "ADDRESS", 0, "issuer alternative name: where to write to", 3 },
    { "uri", OPTION_URI, "URI", 0, "issuer alternative name: where to look", 3 },
    { NULL, 0, NULL, 0, "signer and reader:", 4 },
    { "public-key", OPTION_PUBLIC_KEY, "FILE", 0, "certify this key instead of making one", 4 },
    { "arc", OPTION_ARC, "ARC", 0, "extended key usage: mdl, mdoc or both (signer: both, reader: both)", 4 },
    { "output", 'o', "FILE", 0, "write FILE.pem and FILE.key; link and crl: the file itself", 4 },
    { NULL, 0, NULL, 0, "link:", 5 },
    { "old", OPTION_OLD, "DIR", 0, "directory of the authority that is followed", 5 },
    { NULL, 0, NULL, 0, "crl:", 6 },
    { "revoke", OPTION_REVOKE, "SERIAL|FILE", 0, "revoke a certificate, by serial number or file (may be repeated)",
      6 },
    { "der", OPTION_DER, NULL, 0, "write the list in DER instead of PEM", 6 },
    { 0 },
};

/* What each option is good for. */
static const cli_action_option good_for[] = {
    { 'n', CA_INIT | CA_SIGNER | CA_READER },
    { OPTION_COUNTRY, CA_INIT | CA_SIGNER | CA_READER },
    { OPTION_STATE, CA_INIT | CA_SIGNER | CA_READER },
    { OPTION_LOCALITY, CA_INIT | CA_SIGNER | CA_READER },
    { OPTION_ORGANISATION, CA_INIT | CA_SIGNER | CA_READER },
    { OPTION_CURVE, CA_INIT | CA_SIGNER | CA_READER },
    { OPTION_CRL_URI, CA_INIT | CA_SIGNER | CA_READER | CA_LINK },
    { OPTION_FORCE, CA_INIT | CA_SIGNER | CA_READER | CA_LINK | CA_CRL },
    { OPTION_READER, CA_INIT },
    { OPTION_EMAIL, CA_INIT },
    { OPTION_URI, CA_INIT },
    { OPTION_PUBLIC_KEY, CA_SIGNER | CA_READER },
    { OPTION_ARC, CA_SIGNER | CA_READER },
    { 'o', CA_SIGNER | CA_READER | CA_LINK | CA_CRL },
    { OPTION_OLD, CA_LINK },
    { OPTION_REVOKE, CA_CRL },
    { OPTION_DER, CA_CRL },
};

static const struct {
    const char *name;
    ca_action action;
    int (*run)(const ca_arguments *a, carnet_crypto *crypto);
} actions[] = {
    { "init", CA_INIT, ca_init },
    { "signer", CA_SIGNER, ca_end_entity },
    { "reader", CA_READER, ca_end_entity },
    { "link", CA_LINK, ca_link },
    { "crl", CA_CRL, ca_crl },
};

/** Arguments, and which options were met, so that those out of place can be refused when the action is known. */
typedef struct parsing {
    ca_arguments a;
    cli_actions options;
} parsing;

static void
take_argument(parsing *p, const char *arg, struct argp_state *state)
{
    if (p->a.action == 0) {
        for (size_t i = 0; i < CARNET_COUNT(actions); i++) {
            if (strcmp(arg, actions[i].name) == 0) {
                p->a.action = actions[i].action;
                return;
            }
        }
        argp_error(state, "there is no action \"%s\": init, signer, reader, link or crl", arg);
    }
    argp_error(state, "\"%s\" is one argument too many", arg);
}

/** The place of an option's text; NULL for one without. */
static const char **
place_of(ca_arguments *a, int key)
{
    const cli_place places[] = {
        { 'd', &a->directory },
        { 'n', &a->name },
        { 'o', &a->output },
        { OPTION_COUNTRY, &a->country },
        { OPTION_STATE, &a->state },
        { OPTION_LOCALITY, &a->locality },
        { OPTION_ORGANISATION, &a->organisation },
        { OPTION_CURVE, &a->curve },
        { OPTION_VALID_FROM, &a->valid_from },
        { OPTION_VALID_UNTIL, &a->valid_until },
        { OPTION_EMAIL, &a->email },
        { OPTION_URI, &a->uri },
        { OPTION_CRL_URI, &a->crl_uri },
        { OPTION_PUBLIC_KEY, &a->public_key },
        { OPTION_ARC, &a->arc },
        { OPTION_OLD, &a->old },
    };

    return cli_place_of(places, CARNET_COUNT(places), key);
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    parsing *p = state->input;
    const char **place = place_of(&p->a, key);

    cli_note_option(&p->options, options, good_for, CARNET_COUNT(good_for), key);
    if (place != NULL) {
        *place = arg;
        return 0;
    }
    switch (key) {
    case OPTION_READER:
        p->a.reader = true;
        return 0;
    case OPTION_DER:
        p->a.der = true;
        return 0;
    case OPTION_FORCE:
        p->a.force = true;
        return 0;
    case OPTION_JSON:
        p->a.json = true;
        return 0;
    case OPTION_REVOKE:
        if (p->a.revoke_count == CA_REVOKE_MAX) {
            cli_usage("more than %d certificates to revoke at once", CA_REVOKE_MAX);
        }
        p->a.revoke[p->a.revoke_count++] = arg;
        return 0;
    case ARGP_KEY_ARG:
        take_argument(p, arg, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "what is to be done: init, signer, reader, link or crl?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    "init|signer|reader|link|crl",
    "Make an authority, certificates signed by it, and its revocation lists, as 18013-5 Annex B profiles them.\v"
    "init makes a root certificate, signer a document signer's, reader a reader's, link one that leads from an old "
    "root "
    "to a new one; crl revokes and writes the revocation list.  Exit status: 0 done, 2 usage, 3 could not be done.",
    NULL,
    NULL,
    NULL
};

int
cli_ca(int argc, char **argv)
{
    parsing p = { .options.allowed = CA_INIT | CA_SIGNER | CA_READER | CA_LINK | CA_CRL };
    carnet_crypto *crypto = cli_alloc(sizeof *crypto);
    carnet_err err = { 0 };
    int status = CLI_USAGE;

    argp_parse(&parser, argc, argv, 0, NULL, &p);
    if ((p.options.allowed & p.a.action) == 0) {
        cli_usage("--%s does not go with this action", p.options.out_of_place);
    }
    if (p.a.directory == NULL) {
        cli_usage("which directory? (--directory)");
    }
    if (carnet_crypto_init(crypto, &err) != CARNET_OK) {
        return cli_complain("cryptography", &err);
    }
    for (size_t i = 0; i < CARNET_COUNT(actions); i++) {
        if (actions[i].action == p.a.action) {
            status = actions[i].run(&p.a, crypto);
        }
    }
    carnet_crypto_done(crypto);
    return status;
}
