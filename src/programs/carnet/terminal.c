/* SPDX-License-Identifier: Apache-2.0 */
/* Colour, progress, and text that came from outside. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const cli_colours *
cli_colour(void)
{
    static const cli_colours plain = { "", "", "", "", "", "" };
    static const cli_colours coloured = { "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[33m", "\033[0m" };
    const char *term = getenv("TERM");
    bool terminal = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL && term != NULL && strcmp(term, "dumb") != 0;

    return terminal ? &coloured : &plain;
}

void
cli_progress(const char *what, uint64_t done, uint64_t all)
{
    enum { WIDTH = 40, FROM = 1000 };
    static uint64_t shown = UINT64_MAX;
    uint64_t percent = all > 0 ? done * 100 / all : 100;
    char bar[WIDTH + 1];

    if (all < FROM || !isatty(STDERR_FILENO) || (percent == shown && done != all)) {
        return;
    }
    shown = percent;
    for (uint64_t i = 0; i < WIDTH; i++) {
        bar[i] = i < percent * WIDTH / 100 ? '#' : '.';
    }
    bar[WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %3llu %%  %llu of %llu", what, bar, (unsigned long long)percent,
            (unsigned long long)done, (unsigned long long)all);
    if (done == all) {
        fputc('\n', stderr);
        shown = UINT64_MAX;
    }
}

void
cli_print_safe(FILE *out, carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        /* C1 controls are C2 80 to C2 9F in UTF-8. */
        bool c1 = c == 0xc2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xa0;

        if (c < 0x20 || c == 0x7f || c1) {
            fprintf(out, "\\x%02x", c);
            if (c1) {
                fprintf(out, "\\x%02x", (unsigned char)text.ptr[++i]);
            }
        } else {
            fputc(c, out);
        }
    }
}
