/* SPDX-License-Identifier: Apache-2.0 */
/* carnet request: what a reader asks for, signed or not. */
#include "ask.h"

enum { OPTION_DOCTYPE_FILE = 256, OPTION_READER_CERT, OPTION_READER_KEY, OPTION_ALL };

static const struct argp_option options[] = {
    { "doctype", 'D', "TYPE", 0, "ask for a document of this type: mdl, photoid, pid, av, or in full (may be repeated)",
      0 },
    { "doctype-file", OPTION_DOCTYPE_FILE, "FILE", 0, "the same, by a table of your own (doc/doctype.schema.json)", 0 },
    { "element", 'e', "[NS:]ELEMENT[:retain]", 0,
      "ask for this element of the document type before it (may be repeated)", 0 },
    { "reader-cert", OPTION_READER_CERT, "FILE", 0, "the reader's certificate, and those above it if any", 0 },
    { "reader-key", OPTION_READER_KEY, "FILE", 0, "its private key: sign the request", 0 },
    { "transcript", 's', "FILE", 0, "the SessionTranscript to sign for", 0 },
    { "all", OPTION_ALL, NULL, 0, "sign all document requests together (readerAuthAll) instead of each", 0 },
    { "output", 'o', "FILE", 0, "the DeviceRequest (standard output)", 0 },
    { 0 },
};

typedef struct arguments {
    const char *reader_cert, *reader_key, *transcript, *output;
    ask asked;
    bool all;
} arguments;

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;

    switch (key) {
    case 'D':
        ask_doctype(&a->asked, arg, NULL);
        return 0;
    case OPTION_DOCTYPE_FILE:
        ask_doctype(&a->asked, NULL, arg);
        return 0;
    case 'e':
        ask_element(&a->asked, arg);
        return 0;
    case OPTION_READER_CERT:
        a->reader_cert = arg;
        return 0;
    case OPTION_READER_KEY:
        a->reader_key = arg;
        return 0;
    case 's':
        a->transcript = arg;
        return 0;
    case OPTION_ALL:
        a->all = true;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is one argument too many", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    options,
    parse,
    "",
    "Ask for data elements: make a DeviceRequest (18013-5 10.2).\v"
    "Options are read in order: each --element belongs to the document type before it, and without a name space to the "
    "first of that type.  \":retain\" says that the reader intends to keep it.  Exit status: 0 done, 2 usage, 3 could "
    "not "
    "be done.",
    NULL,
    NULL,
    NULL
};

static void
check_arguments(const arguments *a)
{
    ask_check(&a->asked);
    if ((a->reader_cert == NULL) != (a->reader_key == NULL) || (a->reader_key != NULL && a->transcript == NULL)) {
        cli_usage("to sign takes all of --reader-cert, --reader-key and --transcript");
    }
    if (a->reader_key == NULL && (a->all || a->transcript != NULL)) {
        cli_usage("--%s is for a request that is signed", a->all ? "all" : "transcript");
    }
}

static void
build(const arguments *a, carnet_crypto *crypto)
{
    const carnet_reader_signer *signer =
        a->reader_key != NULL ? ask_signer(a->reader_cert, a->reader_key, crypto) : NULL;
    carnet_device_request_draft draft = ask_draft(&a->asked, signer, a->all);
    carnet_buf room = cli_buf((size_t)1 << 20);
    carnet_cbor_builder b = carnet_cbor_build(room.ptr, room.cap);
    carnet_err err = { 0 };
    carnet_span made;

    if (a->transcript != NULL) {
        draft.session_transcript = cli_read_transcript(a->transcript);
    }
    if (carnet_device_request_build(&draft, crypto, &b, &err) != CARNET_OK ||
        carnet_cbor_built(&b, &made, &err) != CARNET_OK) {
        cli_die("the request", &err);
    }
    cli_write(a->output != NULL ? a->output : "-", made, 0644);
    if (signer != NULL) {
        carnet_key_done(signer->key);
    }
}

int
cli_request(int argc, char **argv)
{
    arguments a = { 0 };
    carnet_crypto *crypto = cli_alloc(sizeof *crypto);
    carnet_err err = { 0 };

    ask_begin(&a.asked);
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    check_arguments(&a);
    if (carnet_crypto_init(crypto, &err) != CARNET_OK) {
        return cli_complain("cryptography", &err);
    }
    build(&a, crypto);
    carnet_crypto_done(crypto);
    return CLI_VALID;
}
