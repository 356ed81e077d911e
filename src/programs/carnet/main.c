/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "program_version.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

const cli_command cli_commands[] = {
    { "ca", "make an authority, certificates and revocation lists", cli_ca },
    { "issue", "sign a document for a device's key, one copy or many", cli_issue },
    { "request", "ask for data elements, signed or not", cli_request },
    { "present", "disclose data elements of documents held", cli_present },
    { "reader", "read a document on site: engage, ask, judge", cli_reader },
    { "verify", "check a document or an answer, and say why", cli_verify },
    { "inspect", "explain what is in a file, as a tree", cli_inspect },
    { "holder", "hold documents, and present them to readers", cli_holder },
    { "wallet", "obtain documents from an issuer, and keep them", cli_wallet },
    { "iso8583", "payment messages: describe, build, compare, send, answer", cli_iso8583 },
    { "phone", "approve payments and withdrawals without a card", cli_phone },
    { "atm", "hand out cash without a card, or take a purchase", cli_atm },
    { "demo", "issue, present and verify a driving licence, in three processes", cli_demo },
    { "scenario", "run a figure of ISO/IEC 23220-1, message by message", cli_scenario },
    { NULL, NULL, NULL },
};

static void
help(FILE *out)
{
    fputs("Usage: carnet COMMAND [OPTION...] [ARGUMENT...]\n"
          "Mobile documents: ISO/IEC 23220, ISO/IEC 18013-5.\n\n",
          out);
    for (const cli_command *c = cli_commands; c->name != NULL; c++) {
        fprintf(out, "  %-10s%s\n", c->name, c->summary);
    }
    fputs("\n`carnet COMMAND --help` says more; so does carnet-COMMAND(1).\n", out);
}

static int
run(const cli_command *command, int argc, char **argv)
{
    static char name[64];

    snprintf(name, sizeof name, "carnet %s", command->name);
    argv[0] = name;
    return command->run(argc, argv);
}

int
main(int argc, char **argv)
{
    argp_err_exit_status = CLI_USAGE;
    signal(SIGPIPE, SIG_DFL);
    if (argc < 2) {
        help(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        help(stdout);
        return CLI_VALID;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("carnet " CARNET_VERSION);
        return CLI_VALID;
    }
    for (const cli_command *c = cli_commands; c->name != NULL; c++) {
        if (strcmp(argv[1], c->name) == 0) {
            return run(c, argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "carnet: there is no command \"%s\"\n\n", argv[1]);
    help(stderr);
    return CLI_USAGE;
}
