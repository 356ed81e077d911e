/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>

int
cli_complain(const char *what, const carnet_err *err)
{
    const char *reason = err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc);

    fprintf(stderr, "carnet: %s: %s\n", what, carnet_rc_text(err->rc));
    if (reason != carnet_rc_text(err->rc)) {
        fprintf(stderr, "  %s\n", reason);
    }
    if (err->offset != CARNET_NO_OFFSET && err->path[0] != '\0') {
        fprintf(stderr, "  at byte %zu, in %s\n", err->offset, err->path);
    } else if (err->offset != CARNET_NO_OFFSET) {
        fprintf(stderr, "  at byte %zu\n", err->offset);
    } else if (err->path[0] != '\0') {
        fprintf(stderr, "  in %s\n", err->path);
    }
    fprintf(stderr, "  code 0x%04x %s", (unsigned)err->rc, carnet_rc_name(err->rc));
    if (err->clause != NULL) {
        fprintf(stderr, "; %s", err->clause);
    }
    fputs("; see carnet_rc(3)\n", stderr);
    return CLI_UNJUDGED;
}

int
cli_complain_text(const char *what, const char *reason)
{
    fprintf(stderr, "carnet: %s: %s\n", what, reason);
    return CLI_UNJUDGED;
}

void
cli_usage(const char *format, ...)
{
    va_list args;

    fputs("carnet: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\n  --help says how it is used\n", stderr);
    exit(CLI_USAGE);
}

void
cli_die(const char *what, const carnet_err *err)
{
    exit(cli_complain(what, err));
}

void
cli_die_text(const char *what, const char *reason)
{
    exit(cli_complain_text(what, reason));
}
