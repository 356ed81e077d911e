/* SPDX-License-Identifier: Apache-2.0 */
/* carnet present: disclose elements of documents held. */
#include "present.h"

#include "carnet/cose_key.h"
#include "carnet/session_transcript.h"

#include <string.h>

enum {
    OPTION_DATA = 256,
    OPTION_DISCLOSE,
    OPTION_DOCTYPE_FILE,
    OPTION_MAC,
    OPTION_READER_KEY,
    OPTION_TRUST_READERS,
    OPTION_AT,
    OPTION_JSON
};

static const struct argp_option options[] = {
    { "document", 'd', "FILE", 0, "an IssuerSigned held (may be repeated)", 0 },
    { "device-key", 'k', "FILE", 0, "the private key it was issued for (as often, in the same order)", 0 },
    { "data", OPTION_DATA, "FILE", 0, "the documents' values, where they were issued without (NameSpacedData)", 0 },
    { "transcript", 's', "FILE", 0, "the SessionTranscript, as array or in tag 24", 0 },
    { "request", 'r', "FILE", 0, "the DeviceRequest to answer", 0 },
    { "disclose", OPTION_DISCLOSE, "[NS:]ELEMENT,...", 0, "what to disclose; with --request: at most this", 0 },
    { "doctype-file", OPTION_DOCTYPE_FILE, "FILE", 0, "table of a document type of your own", 0 },
    { "mac", OPTION_MAC, NULL, 0, "authenticate with a MAC instead of a signature", 0 },
    { "reader-key", OPTION_READER_KEY, "FILE", 0, "the reader's ephemeral public key (that of the transcript)", 0 },
    { "trust-readers", OPTION_TRUST_READERS, "FILE|DIR", 0, "answer only readers whose certificates lead to these", 0 },
    { "at", OPTION_AT, "TIME", 0, "judge the reader's certificates at this time instead of now", 0 },
    { "output", 'o', "FILE", 0, "the DeviceResponse (standard output)", 0 },
    { "json", OPTION_JSON, NULL, 0, "print what leaves as JSON", 0 },
    { 0 },
};

static void
add_file(const char **list, size_t *count, const char *arg)
{
    if (*count == PRESENT_DOCUMENTS_MAX) {
        cli_usage("more than %d documents", PRESENT_DOCUMENTS_MAX);
    }
    list[(*count)++] = arg;
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    present_arguments *a = state->input;

    switch (key) {
    case 'd':
        add_file(a->documents, &a->document_count, arg);
        return 0;
    case 'k':
        add_file(a->device_keys, &a->key_count, arg);
        return 0;
    case 's':
        a->transcript = arg;
        return 0;
    case 'r':
        a->request = arg;
        return 0;
    case 'o':
        a->output = arg;
        return 0;
    case OPTION_DATA:
        a->data = arg;
        return 0;
    case OPTION_DISCLOSE:
        a->disclose = arg;
        return 0;
    case OPTION_DOCTYPE_FILE:
        a->doctype_file = arg;
        return 0;
    case OPTION_MAC:
        a->mac = true;
        return 0;
    case OPTION_READER_KEY:
        a->reader_key = arg;
        return 0;
    case OPTION_TRUST_READERS:
        a->trust_readers = arg;
        return 0;
    case OPTION_AT:
        a->at = arg;
        return 0;
    case OPTION_JSON:
        a->json = true;
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
    "Present documents: a DeviceResponse with the elements asked for, or named, and the device's proof "
    "(18013-5 10.3, 12.4).\v"
    "Standard error tells what leaves.  Exit status: 0 done, 1 nothing is disclosed, 2 usage, 3 could not be done.",
    NULL,
    NULL,
    NULL
};

static void
check_arguments(const present_arguments *a)
{
    if (a->document_count == 0 || a->key_count != a->document_count) {
        cli_usage(a->document_count == 0 ? "--document is missing" : "each --document needs its --device-key");
    }
    if (a->transcript == NULL) {
        cli_usage("--transcript is missing: the device's proof is of one session");
    }
    if (a->request == NULL && a->disclose == NULL) {
        cli_usage("what is to be disclosed? (--request or --disclose)");
    }
    if (a->request == NULL && a->trust_readers != NULL) {
        cli_usage("--trust-readers is for a --request");
    }
    if (a->reader_key != NULL && !a->mac) {
        cli_usage("--reader-key is for --mac");
    }
    if (a->json && (a->output == NULL || strcmp(a->output, "-") == 0)) {
        cli_usage("--json and the response cannot both go to standard output (--output)");
    }
}

/** A document whose values are not those the issuer signed is of no use to anybody. */
static void
check_digests(presenter *p, size_t document)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_err err = { 0 };

    while (carnet_issuer_signed_next(&p->held[document].view, &cursor, &item)) {
        if (carnet_issuer_signed_item_verify(&item, &p->held[document].mso, p->crypto, &err) != CARNET_OK) {
            cli_die(p->a->documents[document], &err);
        }
    }
}

/** Each document with the key the issuer signed for it. */
static void
read_documents(presenter *p)
{
    for (size_t i = 0; i < p->a->document_count; i++) {
        unsigned usage = p->a->mac ? CARNET_KEY_AGREE : CARNET_KEY_SIGN;
        carnet_cose_key *key = &p->held[i].mso.device_key;
        carnet_err err = { 0 };

        if (p->a->data != NULL) {
            present_hydrate(p, i);
        } else {
            cli_read_document(p->a->documents[i], &p->held[i]);
        }
        check_digests(p, i);
        cli_read_key(p->a->device_keys[i], p->crypto, usage, &p->keys[i]);
        if (carnet_cose_key_check(key, p->crypto, &err) != CARNET_OK) {
            cli_die(p->a->documents[i], &err);
        }
        if (!carnet_public_key_equal(&key->key, &p->keys[i].public_key)) {
            cli_die_text(p->a->device_keys[i], "the document was not issued for this key");
        }
    }
    p->count = p->a->document_count;
}

/** The reader's ephemeral key: as given, or as the transcript has it. */
static void
read_reader_key(presenter *p)
{
    carnet_session_transcript view;
    carnet_cbor_reader r;
    carnet_cose_key key;
    carnet_err err = { 0 };

    if (p->a->reader_key != NULL) {
        cli_read_public_key(p->a->reader_key, p->crypto, &p->reader_key);
    } else {
        if (carnet_session_transcript_open(p->session_transcript, &view, &err) != CARNET_OK) {
            cli_die(p->a->transcript, &err);
        }
        if (view.reader_key_bytes.len == 0) {
            cli_usage("the transcript holds no reader's key: a MAC needs --reader-key");
        }
        r = carnet_cbor_open(view.reader_key_bytes);
        if (carnet_cose_key_open(carnet_cbor_tag24(&r).content, CARNET_CBOR_LENIENT, p->crypto, &key, &err) !=
            CARNET_OK) {
            cli_die(p->a->transcript, &err);
        }
        p->reader_key = key.key;
    }
    p->has_reader_key = true;
    for (size_t i = 0; i < p->count; i++) {
        if (p->keys[i].public_key.curve != p->reader_key.curve) {
            cli_die_text(p->a->device_keys[i], "the reader's key is on another curve: a signature is what can be made");
        }
    }
}

int
cli_present(int argc, char **argv)
{
    present_arguments a = { 0 };
    presenter *p = cli_alloc(sizeof *p);
    carnet_err err = { 0 };
    int status;

    argp_parse(&parser, argc, argv, 0, NULL, &a);
    check_arguments(&a);
    p->a = &a;
    p->crypto = cli_alloc(sizeof *p->crypto);
    if (carnet_crypto_init(p->crypto, &err) != CARNET_OK) {
        return cli_complain("cryptography", &err);
    }
    p->session_transcript = cli_read_transcript(a.transcript);
    p->doctype = a.doctype_file != NULL ? cli_doctype(NULL, a.doctype_file) : NULL;
    present_split_names(p);
    read_documents(p);
    if (a.mac) {
        read_reader_key(p);
    }
    status = a.request != NULL ? present_answer(p) : present_disclose(p);
    for (size_t i = 0; i < p->count; i++) {
        carnet_key_done(&p->keys[i]);
    }
    carnet_crypto_done(p->crypto);
    return status;
}
