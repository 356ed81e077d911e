/* SPDX-License-Identifier: Apache-2.0 */
/* carnet request: what a reader asks for, signed or not. */
#include "carnet/certificate_path.h"
#include "carnet/certificate_profile.h"
#include "carnet/device_request.h"
#include "cli.h"

#include <string.h>

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

/** What is asked of one document type. */
typedef struct asked {
    carnet_str doc_type;
    const carnet_doctype *doctype;
    carnet_requested_element elements[CARNET_DOC_REQUESTS_MAX * 8];
    size_t count;
} asked;

typedef struct arguments {
    const char *reader_cert, *reader_key, *transcript, *output;
    asked *asked;
    size_t count;
    bool all;
} arguments;

static void
add_doctype(arguments *a, const char *name, const char *file)
{
    const carnet_doctype *doctype = cli_doctype(name, file);

    if (a->count == CARNET_DOC_REQUESTS_MAX) {
        cli_usage("more than %d document types in one request", CARNET_DOC_REQUESTS_MAX);
    }
    a->asked[a->count++] =
        (asked){ .doc_type = carnet_str_of(doctype != NULL ? doctype->doc_type : name), .doctype = doctype };
}

/** [NS:]ELEMENT[:retain] */
static void
add_element(arguments *a, const char *argument)
{
    size_t len = strlen(argument), tail = strlen(":retain");
    bool retain = len > tail && strcmp(argument + len - tail, ":retain") == 0;
    char *name = cli_alloc(len + 1);
    asked *of = a->count > 0 ? &a->asked[a->count - 1] : NULL;
    carnet_element_name element;

    if (of == NULL) {
        cli_usage("--element %s: of which document type? (--doctype before it)", argument);
    }
    memcpy(name, argument, len - (retain ? tail : 0));
    element = cli_element_name(name, of->doctype);
    for (size_t i = 0; i < of->count; i++) {
        if (carnet_str_equal(of->elements[i].name_space, element.name_space) &&
            carnet_str_equal(of->elements[i].identifier, element.identifier)) {
            cli_usage("--element %s: this is asked for twice", argument);
        }
    }
    if (of->count == CARNET_COUNT(of->elements)) {
        cli_usage("more than %zu elements of one document", CARNET_COUNT(of->elements));
    }
    if (carnet_doctype_name_space(of->doctype, element.name_space) != NULL &&
        carnet_doctype_element(of->doctype, element.name_space, element.identifier) == NULL) {
        fprintf(stderr, "carnet: warning: %s is no element of %s\n", name, of->doctype->doc_type);
    }
    of->elements[of->count++] = (carnet_requested_element){ element.name_space, element.identifier, retain };
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;

    switch (key) {
    case 'D':
        add_doctype(a, arg, NULL);
        return 0;
    case OPTION_DOCTYPE_FILE:
        add_doctype(a, NULL, arg);
        return 0;
    case 'e':
        add_element(a, arg);
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
    if (a->count == 0) {
        cli_usage("nothing is asked for (--doctype, --element)");
    }
    for (size_t i = 0; i < a->count; i++) {
        size_t ages = 0;

        if (a->asked[i].count == 0) {
            cli_usage("nothing is asked of %.*s (--element)", (int)a->asked[i].doc_type.len, a->asked[i].doc_type.ptr);
        }
        for (size_t n = 0; n < a->asked[i].count; n++) {
            ages += carnet_age_over(a->asked[i].elements[n].identifier) >= 0;
        }
        if (ages > 2) {
            fputs("carnet: warning: a holder answers at most two of age_over_NN (18013-5 13.4)\n", stderr);
        }
    }
    if ((a->reader_cert == NULL) != (a->reader_key == NULL) || (a->reader_key != NULL && a->transcript == NULL)) {
        cli_usage("to sign takes all of --reader-cert, --reader-key and --transcript");
    }
    if (a->reader_key == NULL && (a->all || a->transcript != NULL)) {
        cli_usage("--%s is for a request that is signed", a->all ? "all" : "transcript");
    }
}

/** The reader's key and chain, without a root at its end. */
static const carnet_reader_signer *
read_signer(const arguments *a, carnet_crypto *crypto)
{
    carnet_reader_signer *signer = cli_alloc(sizeof *signer);
    carnet_span *chain = cli_alloc(CARNET_CHAIN_MAX * sizeof *chain);
    carnet_certificate certificate;
    carnet_err err = { 0 };

    signer->key = cli_alloc(sizeof *signer->key);
    cli_read_key(a->reader_key, crypto, CARNET_KEY_SIGN, signer->key);
    signer->chain = chain;
    signer->chain_count = cli_read_certificates(a->reader_cert, chain, CARNET_CHAIN_MAX);
    while (signer->chain_count > 1 &&
           carnet_certificate_open(chain[signer->chain_count - 1], &certificate, NULL) == CARNET_OK &&
           carnet_certificate_self_issued(&certificate)) {
        signer->chain_count--;
    }
    if (carnet_certificate_open(chain[0], &certificate, &err) != CARNET_OK) {
        cli_die(a->reader_cert, &err);
    }
    if (!carnet_public_key_equal(&certificate.public_key, &signer->key->public_key)) {
        cli_die_text(a->reader_key, "this is not the key of the reader's certificate");
    }
    if (carnet_certificate_conforms(&certificate, &carnet_profile_reader, crypto, &err) != CARNET_OK) {
        fprintf(stderr, "carnet: warning: %s: not as a reader's should be: %s (%s)\n", a->reader_cert, err.reason,
                carnet_profile_reader.clause);
    }
    return signer;
}

static void
build(const arguments *a, carnet_crypto *crypto)
{
    const carnet_reader_signer *signer = a->reader_key != NULL ? read_signer(a, crypto) : NULL;
    carnet_doc_request_draft *documents = cli_alloc(a->count * sizeof *documents);
    carnet_device_request_draft draft = { .documents = documents, .count = a->count };
    carnet_buf room = cli_buf((size_t)1 << 20);
    carnet_cbor_builder b = carnet_cbor_build(room.ptr, room.cap);
    carnet_err err = { 0 };
    carnet_span made;

    for (size_t i = 0; i < a->count; i++) {
        documents[i] = (carnet_doc_request_draft){ .doc_type = a->asked[i].doc_type,
                                                   .elements = a->asked[i].elements,
                                                   .count = a->asked[i].count,
                                                   .signer = a->all ? NULL : signer };
    }
    if (a->transcript != NULL) {
        draft.session_transcript = cli_read_transcript(a->transcript);
    }
    draft.all_signers = a->all ? signer : NULL;
    draft.all_signer_count = a->all && signer != NULL;
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
    arguments a = { .asked = cli_alloc(CARNET_DOC_REQUESTS_MAX * sizeof(asked)) };
    carnet_crypto *crypto = cli_alloc(sizeof *crypto);
    carnet_err err = { 0 };

    argp_parse(&parser, argc, argv, 0, NULL, &a);
    check_arguments(&a);
    if (carnet_crypto_init(crypto, &err) != CARNET_OK) {
        return cli_complain("cryptography", &err);
    }
    build(&a, crypto);
    carnet_crypto_done(crypto);
    return CLI_VALID;
}
