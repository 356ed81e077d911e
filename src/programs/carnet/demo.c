/* SPDX-License-Identifier: Apache-2.0 */
/* carnet demo: start the three parties, and what they share. */
#include "demo.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OPTION_KEEP = 256, OPTION_PARTY, OPTION_DIRECTORY, OPTION_SOCKETS };

static const struct argp_option options[] = {
    { "keep", OPTION_KEEP, "DIR", 0, "leave every artefact in DIR", 0 },
    { "quiet", 'q', NULL, 0, "do not draw the QR code", 0 },
    { "party", OPTION_PARTY, "NAME", OPTION_HIDDEN, "run one party", 0 },
    { "directory", OPTION_DIRECTORY, "DIR", OPTION_HIDDEN, "of the artefacts", 0 },
    { "sockets", OPTION_SOCKETS, "DIR", OPTION_HIDDEN, "where the parties meet", 0 },
    { 0 },
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    demo *d = state->input;

    switch (key) {
    case OPTION_KEEP:
    case OPTION_DIRECTORY:
        d->directory = arg;
        return 0;
    case OPTION_PARTY:
        d->party = arg;
        return 0;
    case OPTION_SOCKETS:
        d->sockets = arg;
        return 0;
    case 'q':
        d->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "there is nothing to name");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    NULL,
    "An issuing authority, a holder and a reader, in three processes: a mobile driving licence is issued, presented "
    "by QR code and verified.\vExit status: 0 the answer is valid, 1 it is not, 2 usage, 3 something failed.",
    NULL,
    NULL,
    NULL
};

void
demo_say(const demo *d, const char *format, ...)
{
    char line[512];
    int at = snprintf(line, sizeof line, "%s%-10s%s", cli_colour()->bold, d->party, cli_colour()->off);
    va_list args;

    va_start(args, format);
    vsnprintf(line + at, sizeof line - (size_t)at, format, args);
    va_end(args);
    puts(line);
    fflush(stdout);
}

void
demo_cross(const char *interface, const char *from, const char *to, const char *what, size_t octets)
{
    const cli_colours *c = cli_colour();

    printf("%s  %-5s%-17s -> %-17s  %-20s %6zu bytes%s\n", c->dim, interface, from, to, what, octets, c->off);
    fflush(stdout);
}

void
demo_die(const demo *d, const char *what, const carnet_err *err)
{
    char name[96];

    snprintf(name, sizeof name, "%s: %s", d->party, what);
    cli_die(name, err);
}

void
demo_check(const demo *d, const char *what, carnet_rc rc, const carnet_err *err)
{
    if (rc != CARNET_OK) {
        demo_die(d, what, err);
    }
}

const char *
demo_file(const demo *d, const char *name)
{
    return cli_join(d->directory, name);
}

void
demo_keep(const demo *d, const char *name, carnet_span bytes)
{
    cli_write(demo_file(d, name), bytes, 0644);
}

void
demo_wait_for(const demo *d, const char *path)
{
    static const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
    carnet_err err = { .rc = CARNET_E_LINK_TIMEOUT, .offset = CARNET_NO_OFFSET };

    for (int waited = 0; access(path, R_OK) != 0; waited += 10) {
        if (waited > DEMO_TIMEOUT_MS) {
            demo_die(d, path, &err);
        }
        nanosleep(&pause, NULL);
    }
}

carnet_span
demo_make_certificate(demo *d, const char *name, carnet_certificate_spec *spec, const carnet_certificate *issuer,
                      carnet_key *issuer_key, carnet_key *key)
{
    carnet_buf der = cli_buf(CARNET_CERTIFICATE_MAX);
    carnet_err err = { 0 };
    char file[64];

    demo_check(d, name, carnet_software_key_generate(&d->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, key, &err), &err);
    spec->struct_size = sizeof *spec;
    spec->public_key = key->public_key;
    demo_check(d, name,
               carnet_certificate_build(spec, issuer, issuer_key != NULL ? issuer_key : key, &d->crypto, &der, &err),
               &err);
    snprintf(file, sizeof file, "%s.pem", name);
    cli_write_pem(demo_file(d, file), "CERTIFICATE", carnet_buf_span(&der));
    snprintf(file, sizeof file, "%s.key", name);
    cli_write_key(demo_file(d, file), key);
    return carnet_buf_span(&der);
}

/** Start a party as a process of its own, which ends when this one does. */
static pid_t
start(const demo *d, const char *party)
{
    pid_t parent = getpid(), pid = fork();
    char self[] = "/proc/self/exe";
    const char *argv[] = { "carnet",    "demo",        "--party",
                           party,       "--directory", d->directory,
                           "--sockets", d->sockets,    d->quiet ? "--quiet" : NULL,
                           NULL };

    if (pid < 0) {
        cli_die_text("fork", strerror(errno));
    }
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() == parent) {
            union {
                const char *const *from;
                char *const *to;
            } args = { argv };

            execv(self, args.to);
        }
        _exit(CLI_UNJUDGED);
    }
    return pid;
}

/** Wait for all three; the first that fails ends the others.  The reader's status is the story's. */
static int
wait_for_all(const pid_t parties[3])
{
    int result = CLI_VALID;

    for (int left = 3; left > 0; left--) {
        int status;
        pid_t pid = wait(&status);
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : CLI_UNJUDGED;

        if (pid < 0) {
            return CLI_UNJUDGED;
        }
        if (code != CLI_VALID && result == CLI_VALID) {
            result = code;
        }
        for (int i = 0; code == CLI_UNJUDGED && i < 3; i++) {
            if (parties[i] != pid) {
                kill(parties[i], SIGTERM);
            }
        }
    }
    return result;
}

static void
remove_files(const char *directory)
{
    const char *const argv[] = { "rm", "-rf", "--", directory, NULL };
    pid_t pid = fork();
    union {
        const char *const *from;
        char *const *to;
    } args = { argv };

    if (pid == 0) {
        execv("/bin/rm", args.to);
        _exit(1);
    }
    if (pid > 0) {
        waitpid(pid, NULL, 0);
    }
}

static void
say_what_next(const char *kept)
{
    printf("\nEverything is in %s; try\n"
           "  carnet inspect %s/device-response.cbor\n"
           "  carnet verify --trust %s/trust --transcript %s/session-transcript.cbor \\\n"
           "                %s/device-response.cbor\n",
           kept, kept, kept, kept, kept);
}

static int
tell(demo *d)
{
    char sockets[] = "/tmp/carnet-demo.XXXXXX", artefacts[] = "/tmp/carnet-demo.XXXXXX";
    const char *kept = d->directory;
    pid_t parties[3];
    int result;

    d->sockets = mkdtemp(sockets);
    if (d->directory == NULL) {
        d->directory = mkdtemp(artefacts);
    }
    if (d->sockets == NULL || d->directory == NULL) {
        cli_die_text("/tmp", strerror(errno));
    }
    cli_make_directory(d->directory, 0755);
    remove(demo_file(d, "engagement.png"));
    puts("A mobile driving licence is issued, presented and verified, by three processes.");
    puts("The link between holder and reader is a local socket where phones use BLE.\n");
    fflush(stdout);
    parties[0] = start(d, "authority");
    parties[1] = start(d, "holder");
    parties[2] = start(d, "reader");
    result = wait_for_all(parties);
    remove_files(d->sockets);
    if (kept == NULL) {
        remove_files(d->directory);
        puts("\n`carnet demo --keep DIR` leaves every artefact in files that the other commands take.");
    } else {
        say_what_next(kept);
    }
    return result;
}

int
cli_demo(int argc, char **argv)
{
    demo d = { .now = cli_now() };
    carnet_err err = { 0 };

    argp_parse(&parser, argc, argv, 0, NULL, &d);
    if (d.party == NULL) {
        return tell(&d);
    }
    if (carnet_crypto_init(&d.crypto, &err) != CARNET_OK) {
        return cli_complain("cryptography", &err);
    }
    if (strcmp(d.party, "authority") == 0) {
        return demo_authority(&d);
    }
    if (strcmp(d.party, "holder") == 0) {
        return demo_holder(&d);
    }
    if (strcmp(d.party, "reader") == 0) {
        return demo_reader(&d);
    }
    cli_usage("there is no party \"%s\"", d.party);
}
