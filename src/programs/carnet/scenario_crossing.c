/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as they cross: a line each, and decoded. */
#include "scenario.h"

#include "carnet/json.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/** What a message is to `carnet inspect`; NULL: it may guess. */
static const char *
kind_of(carnet_str message)
{
    static const char *const kinds[] = { "DeviceEngagement", "ReaderEngagement", "DeviceRequest", "DeviceResponse" };

    for (size_t i = 0; i < CARNET_COUNT(kinds); i++) {
        if (carnet_str_is(message, kinds[i])) {
            return kinds[i];
        }
    }
    return NULL;
}

/** Decode a message as `carnet inspect` does. */
static void
decode(const char *path, carnet_str message)
{
    const char *kind = kind_of(message);
    const char *argv[] = { "carnet", "inspect", path, kind != NULL ? "--as" : NULL, kind, NULL };
    union {
        const char *const *from;
        char *const *to;
    } args = { argv };
    pid_t pid = fork();

    if (pid == 0) {
        execv("/proc/self/exe", args.to);
        _exit(CLI_UNJUDGED);
    }
    if (pid > 0) {
        waitpid(pid, NULL, 0);
    }
}

/** A form, an address: text that is its own best description. */
static bool
is_plain(carnet_span bytes)
{
    for (size_t i = 0; i < bytes.len && i < 160; i++) {
        if ((bytes.ptr[i] < 0x20 && bytes.ptr[i] != '\r' && bytes.ptr[i] != '\n') || bytes.ptr[i] > 0x7e) {
            return false;
        }
    }
    return bytes.ptr[0] != '{' && memcmp(bytes.ptr, "ey", bytes.len < 2 ? bytes.len : 2) != 0;
}

static void
print_plain(carnet_span bytes)
{
    enum { SHOWN = 1600 };

    printf("    ");
    for (size_t i = 0; i < bytes.len && i < SHOWN; i++) {
        if (bytes.ptr[i] == '\n') {
            printf("\n    ");
        } else if (bytes.ptr[i] >= 0x20 && bytes.ptr[i] <= 0x7e) {
            putchar(bytes.ptr[i]);
        }
    }
    puts(bytes.len > SHOWN ? "\n    ..." : "");
}

static void
print_message(scenario *s, const carnet_json *line)
{
    const cli_colours *c = cli_colour();
    carnet_str interface = carnet_json_string(carnet_json_get(line, "interface"));
    carnet_str from = carnet_json_string(carnet_json_get(line, "from"));
    carnet_str to = carnet_json_string(carnet_json_get(line, "to"));
    carnet_str message = carnet_json_string(carnet_json_get(line, "message"));
    carnet_str hex = carnet_json_string(carnet_json_get(line, "bytes"));
    carnet_buf bytes = cli_buf(hex.len / 2 + 1);
    char name[64];
    int width;

    snprintf(name, sizeof name, "%.*s -> %.*s", (int)from.len, from.ptr, (int)to.len, to.ptr);
    width = strlen(name) > 28 ? 36 : 28;
    printf("%s%-5s %-*s  %-36.*s%7lld bytes%s\n", c->bold, interface.ptr, width, name, (int)message.len, message.ptr,
           (long long)carnet_json_integer(carnet_json_get(line, "octets")), c->off);
    fflush(stdout);
    s->messages++;
    if (carnet_hex_decode(hex, &bytes, NULL) == CARNET_OK && bytes.len > 0) {
        snprintf(name, sizeof name, "%02u-%.*s.bin", s->messages, (int)(message.len < 40 ? message.len : 40),
                 message.ptr);
        for (char *at = name; *at != '\0'; at++) {
            *at = *at == ' ' ? '-' : *at;
        }
        cli_write(scenario_file(s, name), carnet_buf_span(&bytes), 0600);
        if (s->trace && is_plain(carnet_buf_span(&bytes))) {
            print_plain(carnet_buf_span(&bytes));
        } else if (s->trace) {
            decode(scenario_file(s, name), message);
        }
    }
    free(bytes.ptr);
}

void
scenario_print_crossings(scenario *s, int fd)
{
    FILE *in = fdopen(fd, "r");
    char *text = NULL;
    size_t cap = 0;
    ssize_t len;

    while (in != NULL && (len = getline(&text, &cap, in)) > 0) {
        carnet_json *line = NULL;

        if (carnet_json_parse((carnet_str){ text, (size_t)len }, &line, NULL) == CARNET_OK) {
            print_message(s, line);
            carnet_json_free(&line);
        }
    }
    free(text);
    if (in != NULL) {
        fclose(in);
    }
}
