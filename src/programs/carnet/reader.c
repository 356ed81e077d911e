/* SPDX-License-Identifier: Apache-2.0 */
/* carnet reader: read documents on site. */
#include "reader.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_DOCTYPE_FILE = 256,
    OPTION_QUERY_FILE,
    OPTION_LIST,
    OPTION_THEN,
    OPTION_READER_CERT,
    OPTION_READER_KEY,
    OPTION_DOCUMENT_KEY,
    OPTION_QR,
    OPTION_REVERSE,
    OPTION_POSTER,
    OPTION_SHOW,
    OPTION_REPLAY,
    OPTION_LOOP,
    OPTION_PORTRAIT,
    OPTION_AT,
    OPTION_SKEW,
    OPTION_STRICT,
    OPTION_ALL,
    OPTION_JSON
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "What to ask:", 1 },
    { "query", 'Q', "NAME", 0, "a named query, such as age-over-18 (--list-queries)", 1 },
    { "doctype", 'D', "TYPE", 0, "a document of this type: mdl, photoid, pid, av, or in full (may be repeated)", 1 },
    { "doctype-file", OPTION_DOCTYPE_FILE, "FILE", 0, "the same, by a table of your own (doc/doctype.schema.json)", 1 },
    { "element", 'e', "[NS:]ELEMENT[:retain]", 0, "this element of the document type before it (may be repeated)", 1 },
    { "request", 'r', "FILE", 0, "what this DeviceRequest asks, or this JSON (doc/query.schema.json)", 1 },
    { "then", OPTION_THEN, NULL, 0, "another request in the same session: what follows", 1 },
    { "query-file", OPTION_QUERY_FILE, "FILE", 0, "named queries of your own; before --query", 1 },
    { "list-queries", OPTION_LIST, NULL, 0, "say which named queries there are", 1 },
    { "reader-cert", OPTION_READER_CERT, "FILE", 0, "the reader's certificate, and those above it if any", 1 },
    { "reader-key", OPTION_READER_KEY, "FILE", 0, "its private key: requests are signed", 1 },
    { "document-key", OPTION_DOCUMENT_KEY, "FILE", 0,
      "ask for documents encrypted to this key, beyond the session; decrypt them with it", 1 },
    { NULL, 0, NULL, 0, "How to meet:", 2 },
    { "qr", OPTION_QR, "STRING|IMAGE", 0, "the holder's QR code: mdoc:..., a PNG, or - for a line of either", 2 },
    { "reverse", OPTION_REVERSE, NULL, 0, "show a QR code of the reader's own", 2 },
    { "poster", OPTION_POSTER, NULL, 0, "the same, without a key: it may be printed", 2 },
    { "show", OPTION_SHOW, "FILE", 0, "write that QR code: PNG or SVG, else as text", 2 },
    { "replay", OPTION_REPLAY, "FILE", 0, "read a recording that has its key once more", 2 },
    { "loop", OPTION_LOOP, NULL, 0, "go on with the next holder, until interrupted", 2 },
    { NULL, 0, NULL, 0, "What to make of it:", 5 },
    { "trust", 't', "FILE|DIR", 0, "certificates trusted: PEM or DER, a bundle, or a directory of them", 5 },
    { "portrait", OPTION_PORTRAIT, "FILE", 0, "write the portrait of a valid document", 5 },
    { "at", OPTION_AT, "TIME", 0, "judge at this time instead of now", 5 },
    { "skew", OPTION_SKEW, "SECONDS", 0, "clock skew tolerated (60)", 5 },
    { "strict", OPTION_STRICT, NULL, 0, "what is only form decides too", 5 },
    { "all", OPTION_ALL, NULL, 0, "show every check, and what is not to be relied on", 5 },
    { "json", OPTION_JSON, NULL, 0, "print one line of JSON for each answer (doc/reading.schema.json)", 5 },
    { 0 },
};

static ask *
current(reader_arguments *a)
{
    return &a->asks[a->ask_count - 1];
}

static void
next_request(reader_arguments *a)
{
    if (a->ask_count == READER_REQUESTS_MAX) {
        cli_usage("more than %d requests in one session", READER_REQUESTS_MAX);
    }
    if (a->ask_count > 0) {
        ask_check(current(a));
    }
    ask_begin(&a->asks[a->ask_count++]);
}

static _Noreturn void
list_queries(reader_arguments *a)
{
    ask_list_queries(stdout, a->queries != NULL ? a->queries : ask_queries(NULL));
    exit(CLI_VALID);
}

/** What is asked. */
static error_t
parse_asked(int key, char *arg, reader_arguments *a)
{
    switch (key) {
    case 'D':
        ask_doctype(current(a), arg, NULL);
        return 0;
    case 'e':
        ask_element(current(a), arg);
        return 0;
    case 'r':
        ask_file(current(a), arg);
        return 0;
    case 'Q':
        a->queries = a->queries != NULL ? a->queries : ask_queries(NULL);
        ask_query(current(a), a->queries, arg);
        return 0;
    case OPTION_DOCTYPE_FILE:
        ask_doctype(current(a), NULL, arg);
        return 0;
    case OPTION_QUERY_FILE:
        a->queries = ask_queries(arg);
        return 0;
    case OPTION_LIST:
        list_queries(a);
    case OPTION_THEN:
        next_request(a);
        return 0;
    case OPTION_READER_CERT:
        a->reader_cert = arg;
        return 0;
    case OPTION_READER_KEY:
        a->reader_key = arg;
        return 0;
    case OPTION_DOCUMENT_KEY:
        a->document_key = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/** How to meet. */
static error_t
parse_meeting(int key, char *arg, reader_arguments *a)
{
    switch (key) {
    case OPTION_QR:
        a->qr = arg;
        return 0;
    case OPTION_POSTER:
        a->poster = a->reverse = true;
        return 0;
    case OPTION_REVERSE:
        a->reverse = true;
        return 0;
    case OPTION_SHOW:
        a->show = arg;
        return 0;
    case OPTION_REPLAY:
        a->replay = arg;
        return 0;
    case OPTION_LOOP:
        a->loop = true;
        return 0;
    default:
        return parse_asked(key, arg, a);
    }
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    reader_arguments *a = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->ways;
        state->child_inputs[1] = &a->crl;
        return 0;
    case 't':
        a->trust = arg;
        return 0;
    case OPTION_PORTRAIT:
        a->portrait = arg;
        return 0;
    case OPTION_AT:
        a->at = arg;
        return 0;
    case OPTION_SKEW:
        a->skew = (int64_t)cli_number(arg, 86400, "clock skew");
        return 0;
    case OPTION_STRICT:
        a->strict = true;
        return 0;
    case OPTION_ALL:
        a->all = true;
        return 0;
    case OPTION_JSON:
        a->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is one argument too many", arg);
        return 0;
    default:
        return parse_meeting(key, arg, a);
    }
}

static const struct argp_child children[] = { { &onsite_parser, 0, NULL, 0 }, { &crl_parser, 0, NULL, 0 }, { 0 } };

static const struct argp parser = {
    options,
    parse,
    "",
    "Read a document on site (18013-5; ISO/IEC 23220-1 Figure 11): engage, ask, judge the answer and say why.\v"
    "Exit status: 0 the answer is valid and every age asked for is reached, 1 it is not, 2 usage, 3 there was no "
    "answer "
    "or it could not be judged.  With --then the worst of the answers' decides, with --loop the last reading's.",
    children,
    NULL,
    NULL
};

static void
check_arguments(const reader_arguments *a)
{
    int ways = (a->qr != NULL) + a->reverse + (a->replay != NULL);

    if (a->replay == NULL) {
        ask_check(&a->asks[a->ask_count - 1]);
    }
    if (ways > 1) {
        cli_usage("only one of --qr, --reverse and --replay");
    }
    if (ways == 0 && !a->ways.use[ONSITE_NFC]) {
        cli_usage("how shall reader and holder meet? (--qr, --reverse, --nfc or --replay)");
    }
    if (a->show != NULL && !a->reverse) {
        cli_usage("--show is for --reverse");
    }
    if ((a->qr != NULL || a->reverse) && !onsite_any(&a->ways)) {
        cli_usage("by which way? (--ble, --nfc, --wifi-aware, --socket)");
    }
    if ((a->reader_cert == NULL) != (a->reader_key == NULL)) {
        cli_usage("to sign takes both of --reader-cert and --reader-key");
    }
    if (a->loop && a->replay != NULL) {
        cli_usage("a recording is read once");
    }
}

int
cli_reader(int argc, char **argv)
{
    reader_arguments a = { .skew = 60 };
    reading *r = cli_alloc(sizeof *r);
    carnet_session_limits limits = { .below_standard = true };
    carnet_err err = { 0 };
    int status;

    onsite_options_begin(&a.ways);
    crl_options_begin(&a.crl);
    next_request(&a);
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    check_arguments(&a);
    r->a = &a;
    r->crypto = cli_alloc(sizeof *r->crypto);
    r->storage = cli_buf((size_t)256 << 10);
    if (carnet_crypto_init(r->crypto, &err) != CARNET_OK) {
        return cli_complain("cryptography", &err);
    }
    limits.engagement = limits.establishment = a.ways.engagement_ms;
    limits.idle = a.ways.answer_ms;
    if (carnet_session_timeouts_init(&r->timeouts, &limits, &err) != CARNET_OK) {
        return cli_complain("--wait", &err);
    }
    r->signer = a.reader_key != NULL ? ask_signer(a.reader_cert, a.reader_key, r->crypto) : NULL;
    r->trust = a.trust != NULL ? cli_read_trust(a.trust) : NULL;
    if (a.document_key != NULL) {
        r->document_key = cli_alloc(sizeof *r->document_key);
        cli_read_key(a.document_key, r->crypto, CARNET_KEY_AGREE, r->document_key);
        reader_ask_encrypted(r);
    }
    onsite_catch_signals();
    status = reader_run(r);
    if (r->signer != NULL) {
        carnet_key_done(r->signer->key);
    }
    if (r->document_key != NULL) {
        carnet_key_done(r->document_key);
    }
    carnet_crypto_done(r->crypto);
    return status;
}
