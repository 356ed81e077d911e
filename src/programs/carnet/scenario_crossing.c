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
decode(const char *path, const scenario_message *m)
{
    const char *kind = kind_of(carnet_str_of(m->message));
    const char *payment[] = { "carnet", "iso8583", "describe", path, NULL };
    const char *any[] = { "carnet", "inspect", path, kind != NULL ? "--as" : NULL, kind, NULL };
    union {
        const char *const *from;
        char *const *to;
    } args = { strcmp(m->interface, "8583") == 0 ? payment : any };
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
trace(const scenario *s, const scenario_message *m)
{
    char name[64];

    snprintf(name, sizeof name, "%02u-%.40s.bin", s->messages, m->message);
    for (char *at = name; *at != '\0'; at++) {
        *at = strchr(" :,/", *at) != NULL ? '-' : *at;
    }
    cli_write(scenario_file(s, name), m->bytes, 0600);
    if (s->trace && strcmp(m->interface, "8583") != 0 && is_plain(m->bytes)) {
        print_plain(m->bytes);
    } else if (s->trace) {
        decode(scenario_file(s, name), m);
    }
}

static void
print_json(const scenario_message *m)
{
    printf("{\"interface\": \"%s\", \"from\": \"%s\", \"to\": \"%s\", \"message\": \"%s\", \"octets\": %lld}\n",
           m->interface, m->from, m->to, m->message, m->octets);
    fflush(stdout);
}

void
scenario_print_message(scenario *s, const scenario_message *m)
{
    const cli_colours *c = cli_colour();
    char name[96];
    int width;

    s->messages++;
    if (s->json) {
        print_json(m);
        return;
    }
    snprintf(name, sizeof name, "%s -> %s", m->from, m->to);
    width = strlen(name) > 36 ? 44 : strlen(name) > 28 ? 36 : 28;
    printf("%s%-5s %-*s  %-36s%7lld bytes%s\n", c->bold, m->interface, width, name, m->message, m->octets, c->off);
    fflush(stdout);
    if (m->bytes.len > 0) {
        trace(s, m);
    }
}

static const char *
member(const carnet_json *line, const char *name)
{
    return (const char *)cli_keep(carnet_str_bytes(carnet_json_string(carnet_json_get(line, name)))).ptr;
}

void
scenario_print_crossing(scenario *s, const carnet_json *line)
{
    const carnet_str hex = carnet_json_string(carnet_json_get(line, "bytes"));
    carnet_buf bytes = cli_buf(hex.len / 2 + 1);
    scenario_message m = { .interface = member(line, "interface"),
                           .from = member(line, "from"),
                           .to = member(line, "to"),
                           .message = member(line, "message"),
                           .octets = carnet_json_integer(carnet_json_get(line, "octets")) };

    if (carnet_hex_decode(hex, &bytes, NULL) == CARNET_OK) {
        m.bytes = carnet_buf_span(&bytes);
    }
    scenario_print_message(s, &m);
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
            scenario_print_crossing(s, line);
            carnet_json_free(&line);
        }
    }
    free(text);
    if (in != NULL) {
        fclose(in);
    }
}
