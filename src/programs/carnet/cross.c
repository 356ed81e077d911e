/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that cross a numbered interface of ISO/IEC 23220-1, told to another process: a line of JSON each. */
#include "cli.h"

#include <unistd.h>

void
cli_cross(int fd, const char *interface, const char *from, const char *to, const char *what, carnet_span message,
          size_t octets)
{
    FILE *out = fdopen(dup(fd), "w");

    if (out == NULL) {
        return;
    }
    fprintf(out, "{\"interface\": \"%s\", \"from\": \"%s\", \"to\": \"%s\", \"message\": \"%s\", \"octets\": %zu, ",
            interface, from, to, what, octets);
    fputs("\"bytes\": \"", out);
    for (size_t i = 0; i < message.len; i++) {
        fprintf(out, "%02x", message.ptr[i]);
    }
    fputs("\"}\n", out);
    fclose(out);
}
