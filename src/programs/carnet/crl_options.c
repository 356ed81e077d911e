/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line says of revocation lists. */
#include "crl.h"

#include <string.h>

enum { OPTION_CRL = 640, OPTION_CACHE, OPTION_HOST, OPTION_AGE, OPTION_WAIT, OPTION_CA };

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "Revocation lists:", 6 },
    { "crl", OPTION_CRL, "online|cache|off|FILE|DIR", 0,
      "fetch them where certificates of trusted issuers say, use those kept, none, or these (off)", 6 },
    { "crl-cache", OPTION_CACHE, "DIR", 0, "keep them here (~/.cache/carnet/crl)", 6 },
    { "crl-host", OPTION_HOST, "HOST[:PORT]", 0, "fetch from this host and no other (may be repeated)", 6 },
    { "crl-age", OPTION_AGE, "SECONDS", 0, "do not fetch again what is younger (300)", 6 },
    { "crl-wait", OPTION_WAIT, "SECONDS", 0, "wait so long for a list (10)", 6 },
    { "crl-ca", OPTION_CA, "FILE", 0, "certificates to trust for https instead of the system's", 6 },
    { 0 },
};

static void
set_crl(crl_options *o, const char *arg)
{
    static const struct {
        const char *word;
        crl_mode mode;
    } words[] = { { "online", CRL_ONLINE }, { "cache", CRL_CACHE }, { "off", CRL_OFF } };

    for (size_t i = 0; i < CARNET_COUNT(words); i++) {
        if (strcmp(arg, words[i].word) == 0) {
            o->mode = words[i].mode;
            return;
        }
    }
    o->files = arg;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    crl_options *o = state->input;

    switch (key) {
    case OPTION_CRL:
        set_crl(o, arg);
        return 0;
    case OPTION_CACHE:
        o->cache = arg;
        return 0;
    case OPTION_HOST:
        if (o->host_count == CRL_HOSTS_MAX) {
            cli_usage("more than %d hosts", CRL_HOSTS_MAX);
        }
        o->hosts[o->host_count++] = arg;
        return 0;
    case OPTION_AGE:
        o->age = (int64_t)cli_number(arg, 366 * 86400, "age in seconds");
        return 0;
    case OPTION_WAIT:
        o->wait_ms = (int)cli_number(arg, 600, "time in seconds") * 1000;
        return 0;
    case OPTION_CA:
        o->ca = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp crl_parser = { options, parse, NULL, NULL, NULL, NULL, NULL };

void
crl_options_begin(crl_options *o)
{
    *o = (crl_options){ .age = 300, .wait_ms = 10000 };
}
