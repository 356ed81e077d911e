/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: payment messages, described, built, compared, examined, sent and answered. */
#include "iso8583.h"

#include <string.h>

enum {
    OPTION_UNSAFE = 256,
    OPTION_JSON,
    OPTION_FILTER,
    OPTION_HEADER,
    OPTION_HEADER_SIZE,
    OPTION_BINARY,
    OPTION_TO,
    OPTION_WAIT,
    OPTION_LISTEN,
    OPTION_RULES,
    OPTION_COUNT,
    OPTION_CA,
    OPTION_CERTIFICATE,
    OPTION_KEY
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "All:", 1 },
    { "spec", 's', "NAME", 0,
      "how messages are written: 1987, 1993 or 2003, a flavour behind a colon, additions behind a plus: 1987:bcd+icc; "
      "ber-tlv; or a file of JSON (describe and diff: what fits best; others: 1987:ascii)",
      1 },
    { "framing", 'f', "NAME", 0,
      "how they are framed: post, nac, nac-inclusive, bcd, bcd-plain, ascii4, hex4, vap, visa, base24, binary4, and "
      "with -inclusive post, ascii4, binary4 (send "
      "and serve: post)",
      1 },
    { "header-size", OPTION_HEADER_SIZE, "OCTETS", 0, "octets before the message type indicator (0)", 1 },
    { "json", OPTION_JSON, NULL, 0, "print JSON", 1 },
    { NULL, 0, NULL, 0, "describe, diff and send:", 2 },
    { "unsafe", OPTION_UNSAFE, NULL, 0, "show account numbers, tracks and PIN blocks, too", 2 },
    { "filter", OPTION_FILTER, "LIST", 0, "these elements and parts only, such as 2,39,55.8A", 2 },
    { NULL, 0, NULL, 0, "build and send:", 3 },
    { "header", OPTION_HEADER, "HEX", 0, "octets of the frame's header; without --framing, before the indicator", 3 },
    { "output", 'o', "FILE", 0, "build: write to a file", 3 },
    { "binary", OPTION_BINARY, NULL, 0, "build: octets instead of hexadecimal", 3 },
    { "to", OPTION_TO, "HOST:PORT", 0, "send: where to", 3 },
    { "wait", OPTION_WAIT, "SECONDS", 0, "send: how long for the answer (30)", 3 },
    { NULL, 0, NULL, 0, "serve:", 4 },
    { "listen", OPTION_LISTEN, "[ADDRESS:]PORT", 0, "where (127.0.0.1, any port)", 4 },
    { "rules", OPTION_RULES, "FILE", 0, "how to answer, in JSON", 4 },
    { "count", OPTION_COUNT, "NUMBER", 0, "end after so many messages", 4 },
    { NULL, 0, NULL, 0, "send and serve, TLS:", 5 },
    { "ca", OPTION_CA, "FILE", 0, "certificates that the other side's must come from (PEM)", 5 },
    { "certificate", OPTION_CERTIFICATE, "FILE", 0, "one's own certificate and its chain (PEM)", 5 },
    { "key", OPTION_KEY, "FILE", 0, "its key (PEM)", 5 },
    { 0 },
};

static const cli_action_option good_for[] = {
    { OPTION_UNSAFE, ISO_DESCRIBE | ISO_DIFF | ISO_SEND },
    { OPTION_FILTER, ISO_DESCRIBE | ISO_DIFF | ISO_SEND },
    { OPTION_HEADER, ISO_BUILD | ISO_SEND },
    { 's', ISO_DESCRIBE | ISO_DIFF | ISO_BUILD | ISO_SEND | ISO_SERVE },
    { 'f', ISO_DESCRIBE | ISO_DIFF | ISO_BUILD | ISO_SEND | ISO_SERVE },
    { OPTION_HEADER_SIZE, ISO_DESCRIBE | ISO_DIFF | ISO_BUILD | ISO_SEND | ISO_SERVE },
    { OPTION_JSON, ISO_DESCRIBE | ISO_DIFF | ISO_DOCTOR | ISO_SEND | ISO_SERVE },
    { 'o', ISO_BUILD },
    { OPTION_BINARY, ISO_BUILD },
    { OPTION_TO, ISO_SEND },
    { OPTION_WAIT, ISO_SEND },
    { OPTION_LISTEN, ISO_SERVE },
    { OPTION_RULES, ISO_SERVE },
    { OPTION_COUNT, ISO_SERVE },
    { OPTION_CA, ISO_SEND | ISO_SERVE },
    { OPTION_CERTIFICATE, ISO_SEND | ISO_SERVE },
    { OPTION_KEY, ISO_SEND | ISO_SERVE },
};

static const struct {
    const char *name;
    iso_action action;
    int (*run)(const iso_arguments *a);
} actions[] = {
    { "describe", ISO_DESCRIBE, iso_describe }, { "build", ISO_BUILD, iso_build }, { "diff", ISO_DIFF, iso_diff },
    { "doctor", ISO_DOCTOR, iso_doctor },       { "send", ISO_SEND, iso_send },    { "serve", ISO_SERVE, iso_serve },
};

typedef struct parsing {
    iso_arguments a;
    cli_actions options;
} parsing;

static void
take_argument(parsing *p, const char *arg, struct argp_state *state)
{
    if (p->a.action != 0) {
        if (p->a.input_count == ISO_INPUTS_MAX) {
            argp_error(state, "\"%s\" is one argument too many", arg);
        }
        p->a.inputs[p->a.input_count++] = arg;
        return;
    }
    for (size_t i = 0; i < CARNET_COUNT(actions); i++) {
        if (strcmp(arg, actions[i].name) == 0) {
            p->a.action = actions[i].action;
            return;
        }
    }
    argp_error(state, "there is no action \"%s\": describe, build, diff, doctor, send or serve", arg);
}

static const char **
place_of(iso_arguments *a, int key)
{
    const cli_place places[] = {
        { 's', &a->spec },
        { 'f', &a->framing },
        { 'o', &a->output },
        { OPTION_FILTER, &a->filter },
        { OPTION_HEADER, &a->header },
        { OPTION_TO, &a->to },
        { OPTION_LISTEN, &a->listen },
        { OPTION_RULES, &a->rules },
        { OPTION_CA, &a->ca },
        { OPTION_CERTIFICATE, &a->certificate },
        { OPTION_KEY, &a->key },
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
    case OPTION_UNSAFE:
        p->a.unsafe = true;
        return 0;
    case OPTION_JSON:
        p->a.json = true;
        return 0;
    case OPTION_BINARY:
        p->a.binary = true;
        return 0;
    case OPTION_HEADER_SIZE:
        p->a.header_size = (int)cli_number(arg, CARNET_ISO8583_HEADER_MAX, "size of a header");
        return 0;
    case OPTION_WAIT:
        p->a.wait_ms = (unsigned)cli_number(arg, 3600, "time to wait") * 1000;
        return 0;
    case OPTION_COUNT:
        p->a.count = cli_number(arg, UINT32_MAX, "number of messages");
        return 0;
    case ARGP_KEY_ARG:
        take_argument(p, arg, state);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "what is to be done: describe, build, diff, doctor, send or serve?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    "describe|build|diff|doctor|send|serve [ARGUMENT...]",
    "Payment messages of ISO 8583: 1987, 1993 and 2003, in ASCII, BCD, EBCDIC and binary.\v"
    "describe says what is in messages, build makes one, diff compares two, doctor finds out how one of unknown origin "
    "is "
    "written, send takes one to a host and waits for its answer, serve is a host for tests.  A message is a file, - "
    "or the message itself: hexadecimal, characters, Base64, a dump, a line of a log; account numbers, tracks and PIN "
    "blocks are masked.  Exit status: 0 done (send: approved), 1 two "
    "messages differ, nothing fits, the answer declines, 2 usage, 3 could not be done.",
    NULL,
    NULL,
    NULL
};

int
cli_iso8583(int argc, char **argv)
{
    static parsing p;

    p.a.header_size = -1;
    p.a.wait_ms = 30000;
    p.options.allowed = ISO_DESCRIBE | ISO_BUILD | ISO_DIFF | ISO_DOCTOR | ISO_SEND | ISO_SERVE;
    argp_parse(&parser, argc, argv, 0, NULL, &p);
    if ((p.options.allowed & p.a.action) == 0) {
        cli_usage("--%s does not go with this action", p.options.out_of_place);
    }
    for (size_t i = 0; i < CARNET_COUNT(actions); i++) {
        if (actions[i].action == p.a.action) {
            return actions[i].run(&p.a);
        }
    }
    return CLI_USAGE;
}
