/* SPDX-License-Identifier: Apache-2.0 */
/* carnet scenario: run a figure of ISO/IEC 23220-1, and print each message as it crosses a numbered interface. */
#include "scenario_cash.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const scenario_entry entries[] = {
    { "fig-07-identify-manually", "ISO/IEC 23220-1 Figure 7", "an enrolment officer identifies a person", NULL,
      scenario_identify, NULL },
    { "fig-08-issue-local", "ISO/IEC 23220-1 Figure 8", "documents are issued to a person's device",
      scenario_issuing_ways, scenario_issue, NULL },
    { "fig-11-onsite-local", "ISO/IEC 23220-1 Figure 11", "a document is presented on site and verified",
      scenario_onsite_transports, scenario_onsite, NULL },
    { "p1940-staging", "P1940 4, staging", "a withdrawal is staged, and bound to a terminal by its code", NULL,
      scenario_cash_staging, scenario_cash_choose },
    { "p1940-authentication", "P1940 4, authentication", "its risk asks for a vector of trust; the device proves it",
      NULL, scenario_cash_authentication, scenario_cash_choose },
    { "p1940-cash", "P1940 4, cash disbursement", "the whole of it, from the app to the notes", NULL, scenario_cash,
      scenario_cash_choose },
};

enum {
    OPTION_TRANSPORT = 256,
    OPTION_TRACE,
    OPTION_VERIFIER,
    OPTION_KEEP,
    OPTION_LIST,
    OPTION_VARIANT,
    OPTION_MODE,
    OPTION_CARRIER,
    OPTION_RESTART,
    OPTION_AT,
    OPTION_JSON
};

static const struct argp_option options[] = {
    { "transport", OPTION_TRANSPORT, "NAME", 0, "what carries it (--list says what there is)", 0 },
    { "verifier", OPTION_VERIFIER, "online|offline", 0, "whether the verifier reaches the validation service (online)",
      0 },
    { "variant", OPTION_VARIANT, "NAME", 0, "p1940: how the story goes (--list says what there is)", 0 },
    { "mode", OPTION_MODE, "carried|reference", 0,
      "p1940: the vector travels signed, or a reference does that the issuer resolves (carried)", 0 },
    { "carrier", OPTION_CARRIER, "tlv|text", 0,
      "p1940: the switch's link to the issuer: ISO 8583:1993 in BCD with DE 55, or 1987 in ASCII with DE 48 (tlv)", 0 },
    { "restart", OPTION_RESTART, "PARTY", 0, "p1940: kill this party and start it again", 0 },
    { "at", OPTION_AT, "STEP", 0,
      "when that happens: staged, shown, fulfilled, authenticated, requested, forwarded, authorised, answered or "
      "dispensed",
      0 },
    { "json", OPTION_JSON, NULL, 0, "print lines of JSON", 0 },
    { "trace", OPTION_TRACE, NULL, 0, "print each message decoded", 0 },
    { "keep", OPTION_KEEP, "DIR", 0, "leave all files and messages in DIR", 0 },
    { "list", OPTION_LIST, NULL, 0, "say which scenarios there are", 0 },
    { 0 },
};

typedef struct arguments {
    scenario s;
    const char *name;
    bool list;
} arguments;

/** How the story of cardless cash goes. */
static const char **
place_of(scenario *s, int key)
{
    switch (key) {
    case OPTION_VARIANT:
        return &s->variant;
    case OPTION_MODE:
        return &s->mode;
    case OPTION_CARRIER:
        return &s->carrier;
    case OPTION_RESTART:
        return &s->restart;
    case OPTION_AT:
        return &s->at;
    default:
        return NULL;
    }
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;
    const char **place = place_of(&a->s, key);

    if (place != NULL) {
        *place = arg;
        return 0;
    }
    switch (key) {
    case OPTION_TRANSPORT:
        a->s.transport = arg;
        return 0;
    case OPTION_TRACE:
        a->s.trace = true;
        return 0;
    case OPTION_VERIFIER:
        if (strcmp(arg, "online") != 0 && strcmp(arg, "offline") != 0) {
            argp_error(state, "a verifier is online or offline");
        }
        a->s.offline = strcmp(arg, "offline") == 0;
        return 0;
    case OPTION_JSON:
        a->s.json = true;
        return 0;
    case OPTION_KEEP:
        a->s.keep = arg;
        return 0;
    case OPTION_LIST:
        a->list = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->name != NULL) {
            argp_error(state, "one scenario at a time");
        }
        a->name = arg;
        return 0;
    case ARGP_KEY_END:
        if (a->name == NULL && !a->list) {
            argp_error(state, "which scenario? (--list says which there are)");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    "NAME",
    "Run a figure of ISO/IEC 23220-1 or P1940: its parties as processes on this machine, each message printed as it "
    "crosses a "
    "numbered interface.\vExit status: 0 the scenario came out as the figure has it, 1 the verdict is negative, 2 "
    "usage, "
    "3 something failed, 77 this machine lacks what the transport needs (standard error says what).",
    NULL,
    NULL,
    NULL
};

static int
list(void)
{
    for (size_t i = 0; i < CARNET_COUNT(entries); i++) {
        const scenario_entry *e = &entries[i];

        printf("%-22s%s\n%22s%s\n", e->name, e->title, "", e->figure);
        for (size_t t = 0; e->transports != NULL && e->transports[t] != NULL; t++) {
            printf("%22s--transport %s\n", "", e->transports[t]);
        }
        for (size_t v = 0; e->run == scenario_cash && scenario_cash_variants[v] != NULL; v++) {
            printf("%22s--variant %s\n", "", scenario_cash_variants[v]);
        }
    }
    return CLI_VALID;
}

static const scenario_entry *
find(const char *name)
{
    for (size_t i = 0; i < CARNET_COUNT(entries); i++) {
        if (strcmp(entries[i].name, name) == 0) {
            return &entries[i];
        }
    }
    cli_usage("there is no scenario \"%s\" (--list says which there are)", name);
}

static void
check_transport(const scenario_entry *e, scenario *s)
{
    if (s->transport == NULL) {
        s->transport = e->transports != NULL ? e->transports[0] : NULL;
        return;
    }
    for (size_t i = 0; e->transports != NULL && e->transports[i] != NULL; i++) {
        if (strcmp(e->transports[i], s->transport) == 0) {
            return;
        }
    }
    cli_usage("%s has no transport \"%s\" (--list says which there are)", e->name, s->transport);
}

static void
check_choices(const scenario_entry *e, scenario *s)
{
    if (e->choose != NULL) {
        e->choose(s);
    } else if (s->variant != NULL || s->mode != NULL || s->carrier != NULL || s->restart != NULL || s->at != NULL) {
        cli_usage("%s is told in one way only", e->name);
    }
}

static void
remove_files(const char *directory)
{
    char rm[] = "rm", flags[] = "-rf", end[] = "--";
    char *path = (char *)(uintptr_t)cli_keep(carnet_str_bytes(carnet_str_of(directory))).ptr;
    char *argv[] = { rm, flags, end, path, NULL };
    pid_t pid = fork();

    if (pid == 0) {
        execv("/bin/rm", argv);
        _exit(1);
    }
    if (pid > 0) {
        waitpid(pid, NULL, 0);
    }
}

static void
title(const scenario_entry *e, const scenario *s)
{
    if (s->json) {
        return;
    }
    printf("%s%s%s: %s\n", cli_colour()->bold, e->name, cli_colour()->off, e->title);
    if (s->transport != NULL) {
        printf("over %s%s\n", s->transport, s->offline ? ", the verifier offline" : "");
    }
    putchar('\n');
    fflush(stdout);
}

int
cli_scenario(int argc, char **argv)
{
    char temporary[1024];
    arguments a = { 0 };
    const scenario_entry *e;
    int status;

    argp_parse(&parser, argc, argv, 0, NULL, &a);
    if (a.list) {
        return list();
    }
    e = find(a.name);
    check_transport(e, &a.s);
    check_choices(e, &a.s);
    if (a.s.keep != NULL) {
        cli_make_directory(a.s.keep, 0700);
        a.s.directory = realpath(a.s.keep, NULL);
    } else {
        const char *place = getenv("TMPDIR");

        snprintf(temporary, sizeof temporary, "%s/carnet-scenario.XXXXXX",
                 place != NULL && place[0] == '/' && strlen(place) < 900 ? place : "/tmp");
        a.s.directory = mkdtemp(temporary);
    }
    if (a.s.directory == NULL) {
        cli_die_text(a.s.keep != NULL ? a.s.keep : "/tmp", strerror(errno));
    }
    signal(SIGPIPE, SIG_IGN);
    scenario_speak(a.s.json);
    title(e, &a.s);
    status = e->run(&a.s);
    scenario_stop(&a.s);
    if (a.s.keep == NULL) {
        remove_files(a.s.directory);
    }
    return status;
}
