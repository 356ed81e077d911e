/* SPDX-License-Identifier: Apache-2.0 */
/* carnet verify: check a DeviceResponse, a Document or an IssuerSigned, and say why. */
#include "carnet/mso.h"
#include "carnet/reader.h"
#include "crl.h"

#include <string.h>

enum {
    OPTION_AT = 256,
    OPTION_SKEW,
    OPTION_STRICT,
    OPTION_ALL,
    OPTION_DOCTYPE,
    OPTION_DOCTYPE_FILE,
    OPTION_REQUEST,
    OPTION_JSON
};

static const struct argp_option options[] = {
    { "trust", 't', "FILE|DIR", 0, "certificates trusted: PEM or DER, a bundle, or a directory of them", 0 },
    { "transcript", 's', "FILE", 0, "the SessionTranscript, as array or in tag 24", 0 },
    { "reader-key", 'k', "FILE", 0, "the reader's ephemeral private key, for a device MAC", 0 },
    { "request", OPTION_REQUEST, "FILE", 0, "the DeviceRequest that was answered", 0 },
    { "doctype", OPTION_DOCTYPE, "TYPE", 0, "document type an IssuerSigned is said to be of", 0 },
    { "doctype-file", OPTION_DOCTYPE_FILE, "FILE", 0, "table of a document type of your own", 0 },
    { "at", OPTION_AT, "TIME", 0, "judge at this time instead of now", 0 },
    { "skew", OPTION_SKEW, "SECONDS", 0, "clock skew tolerated (60)", 0 },
    { "profile", 'p', "NAME", 0, "policy table: auto, mdl or mdoc (auto: by document type)", 0 },
    { "strict", OPTION_STRICT, NULL, 0, "what is only form decides too", 0 },
    { "all", OPTION_ALL, NULL, 0, "show every check", 0 },
    { "json", OPTION_JSON, NULL, 0, "print the report as JSON", 0 },
    { 0 },
};

typedef struct arguments {
    const char *input, *trust, *transcript, *reader_key, *request, *doc_type, *doctype_file, *at, *profile;
    crl_options crl;
    int64_t skew;
    bool strict, all, json;
} arguments;

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    arguments *a = state->input;

    switch (key) {
    case 't':
        a->trust = arg;
        return 0;
    case 's':
        a->transcript = arg;
        return 0;
    case 'k':
        a->reader_key = arg;
        return 0;
    case 'p':
        a->profile = arg;
        return 0;
    case OPTION_DOCTYPE_FILE:
        a->doctype_file = arg;
        return 0;
    case OPTION_REQUEST:
        a->request = arg;
        return 0;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->crl;
        return 0;
    case OPTION_DOCTYPE:
        a->doc_type = arg;
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
        if (a->input != NULL) {
            argp_error(state, "one file at a time");
        }
        a->input = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "what is to be verified?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = { { &crl_parser, 0, NULL, 0 }, { 0 } };

static const struct argp parser = {
    options,
    parse,
    "FILE",
    "Verify a DeviceResponse, a Document or an IssuerSigned: every check, its outcome and its clause.\v"
    "Exit status: 0 valid, 1 not valid, 2 usage, 3 could not be judged.",
    children,
    NULL,
    NULL
};

static const carnet_certificate_profile *
profile_named(const char *name)
{
    if (name == NULL || strcmp(name, "auto") == 0) {
        return NULL;
    }
    if (strcmp(name, "mdl") == 0) {
        return &carnet_profile_document_signer_mdl;
    }
    if (strcmp(name, "mdoc") == 0) {
        return &carnet_profile_document_signer_mdoc;
    }
    cli_usage("there is no profile \"%s\": auto, mdl or mdoc", name);
}

/** What the input is: told by the members of its outermost map. */
typedef enum input_kind { DEVICE_RESPONSE, DOCUMENT, ISSUER_SIGNED } input_kind;

typedef struct outermost {
    carnet_span issuer_auth, issuer_signed, documents, status;
} outermost;

/** What has members of several is the one of which the most is demanded: else the device's part could be passed by. */
static input_kind
kind_of(carnet_span cbor)
{
    static const carnet_cbor_field fields[] = {
        CARNET_MEMBER_OPTIONAL(outermost, "issuerAuth", CARNET_FIELD_ANY, issuer_auth),
        CARNET_MEMBER_OPTIONAL(outermost, "issuerSigned", CARNET_FIELD_ANY, issuer_signed),
        CARNET_MEMBER_OPTIONAL(outermost, "documents", CARNET_FIELD_ANY, documents),
        CARNET_MEMBER_OPTIONAL(outermost, "status", CARNET_FIELD_ANY, status),
    };
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    outermost got = { 0 };

    r.allow = CARNET_CBOR_LENIENT;
    carnet_cbor_fields(&r, fields, CARNET_COUNT(fields), &got);
    if (got.documents.len != 0 || got.status.len != 0) {
        return DEVICE_RESPONSE;
    }
    return got.issuer_signed.len != 0 ? DOCUMENT : got.issuer_auth.len != 0 ? ISSUER_SIGNED : DEVICE_RESPONSE;
}

/** A document as received; empty when it cannot be opened. */
typedef struct received {
    carnet_str doc_type;
    carnet_span issuer_signed;
} received;

static received
receive(carnet_span cbor)
{
    carnet_document document;

    if (carnet_document_open(cbor, CARNET_CBOR_LENIENT, &document, NULL) != CARNET_OK) {
        return (received){ 0 };
    }
    return (received){ document.doc_type, document.issuer_signed };
}

/** The documents that were received, in their order. */
static size_t
documents_of(input_kind kind, carnet_span cbor, received *documents, size_t cap)
{
    carnet_device_response response;
    cli_document held;
    size_t count = 0;

    switch (kind) {
    case ISSUER_SIGNED:
        documents[count++] =
            cli_open_document(cbor, &held, NULL) ? (received){ held.mso.doc_type, cbor } : (received){ 0 };
        break;
    case DOCUMENT:
        documents[count++] = receive(cbor);
        break;
    case DEVICE_RESPONSE:
        if (carnet_device_response_open(cbor, CARNET_CBOR_LENIENT, &response, NULL) != CARNET_OK) {
            break;
        }
        for (; count < response.count && count < cap; count++) {
            documents[count] = receive(carnet_device_response_document(&response, count));
        }
        break;
    }
    return count;
}

/** The elements' types, by the table of their document's type. */
static void
check_types(const received *documents, size_t count, const carnet_doctype *own, carnet_report *report)
{
    for (size_t i = 0; i < count; i++) {
        bool ours = own != NULL && carnet_str_is(documents[i].doc_type, own->doc_type);

        if (documents[i].issuer_signed.len > 0) {
            report->document = (uint16_t)i;
            carnet_reader_check_elements(documents[i].issuer_signed,
                                         ours ? own : carnet_doctype_find(documents[i].doc_type), report);
        }
    }
    report->document = CARNET_NO_DOCUMENT;
}

/** A table may say that its type's signers are those of an mDL. */
static bool
are_mdls(const received *documents, size_t count, const carnet_doctype *own)
{
    bool all = own != NULL && own->mdl && count > 0;

    for (size_t i = 0; i < count; i++) {
        all = all && carnet_str_is(documents[i].doc_type, own->doc_type);
    }
    return all;
}

/** Who gives a transcript asks for a device that answers now; an IssuerSigned anyone may hold. */
static void
demand_device(carnet_rc rc, const arguments *a, carnet_report *report)
{
    if (rc == CARNET_OK && a->transcript != NULL) {
        report->document = 0;
        carnet_report_add(report, CARNET_CHECK_DEVICE_AUTHENTICATION, CARNET_NOT_DONE, NULL,
                          "a transcript was given, and no device answered");
        report->document = CARNET_NO_DOCUMENT;
    }
}

static carnet_rc
judge(const carnet_verification *v, input_kind kind, carnet_span cbor, const arguments *a, carnet_report *report,
      carnet_err *err)
{
    const carnet_doctype *said = a->doc_type != NULL ? cli_doctype(a->doc_type, NULL) : NULL;
    carnet_rc rc;

    switch (kind) {
    case ISSUER_SIGNED:
        rc = carnet_issuer_signed_verify(v, cbor, carnet_str_of(said != NULL ? said->doc_type : a->doc_type), report,
                                         err);
        demand_device(rc, a, report);
        return rc;
    case DOCUMENT:
        return carnet_document_verify(v, cbor, report, err);
    case DEVICE_RESPONSE:
        break;
    }
    rc = carnet_device_response_verify(v, cbor, report, err);
    if (rc == CARNET_OK && a->request != NULL) {
        carnet_reader_check_answers(cbor, cli_read_decoded(a->request), report);
    }
    return rc;
}

/** Whether bytes that cannot be read whole were meant to be one of the three: a map, be it in tag 24, with a member that
 *  only they have.  Such a one is malformed, and so not valid; anything else is nothing that could be judged. */
static bool
meant_as_document(carnet_span cbor)
{
    /* the first letter is the head of a text of as many octets as follow */
    static const char *const members[] = { "idocuments", "lissuerSigned", "jissuerAuth" };
    bool map = cbor.len > 0 && cbor.ptr[0] >> 5 == 5, tagged = cbor.len > 1 && cbor.ptr[0] == 0xd8 && cbor.ptr[1] == 24;
    bool found = false;

    for (size_t i = 0; (map || tagged) && i < CARNET_COUNT(members); i++) {
        found = found || memmem(cbor.ptr, cbor.len, members[i], strlen(members[i])) != NULL;
    }
    return found;
}

/** The revocation lists, as the command line says. */
static crl_lists *
gather(carnet_crypto *crypto, const arguments *a, const carnet_anchor_store *trust, const received *documents,
       size_t count, carnet_time now)
{
    crl_lists *lists = cli_alloc(sizeof *lists);

    crl_begin(lists, &a->crl, crypto, trust, now);
    for (size_t i = 0; i < count; i++) {
        if (documents[i].issuer_signed.len > 0) {
            crl_gather(lists, i, documents[i].issuer_signed, documents[i].doc_type);
        }
    }
    return lists;
}

/** Judge it, and say what came out. */
static int
verify(carnet_verification *v, const arguments *a, const carnet_anchor_store *trust, const carnet_policy *policy,
       carnet_report *report)
{
    const carnet_doctype *own = a->doctype_file != NULL ? cli_doctype(NULL, a->doctype_file) : NULL;
    received documents[CARNET_DOCUMENTS_MAX];
    carnet_str types[CARNET_DOCUMENTS_MAX];
    carnet_span cbor = cli_read_decoded(a->input);
    input_kind kind = kind_of(cbor);
    size_t count = documents_of(kind, cbor, documents, CARNET_COUNT(documents));
    crl_lists *lists = gather(v->crypto, a, trust, documents, count, report->now);
    carnet_err err = { 0 };

    v->revocation = crl_source(lists);
    if (v->signer_profile == NULL && are_mdls(documents, count, own)) {
        v->signer_profile = &carnet_profile_document_signer_mdl;
    }
    if (judge(v, kind, cbor, a, report, &err) != CARNET_OK) {
        /* What was cut off on its way is not judged; what is whole and malformed is. */
        if (err.rc == CARNET_E_CBOR_TRUNCATED || !meant_as_document(cbor)) {
            return cli_complain(a->input, &err);
        }
        carnet_report_add_err(report, CARNET_CHECK_MESSAGE_STRUCTURE, CARNET_FAIL, &err);
        count = 0;
    }
    check_types(documents, count, own, report);
    crl_report(lists, count, report);
    for (size_t i = 0; i < count; i++) {
        types[i] = documents[i].doc_type;
    }
    if (a->json) {
        cli_report_json(a->input, report, policy, types, count);
    } else {
        cli_report_text(a->input, report, policy, types, count, a->all);
    }
    return (int)carnet_policy_judge(policy, report, CARNET_NO_DOCUMENT);
}

int
cli_verify(int argc, char **argv)
{
    arguments a = { .skew = 60 };
    carnet_crypto *crypto = cli_alloc(sizeof *crypto);
    carnet_key *reader_key = cli_alloc(sizeof *reader_key);
    carnet_verification v = { .struct_size = sizeof v, .crypto = crypto, .allow = CARNET_CBOR_LENIENT };
    carnet_anchor_store *trust = NULL;
    carnet_trust_anchors anchors;
    carnet_policy policy = { .name = "default" };
    carnet_report *report;
    carnet_err err = { 0 };
    int status;

    crl_options_begin(&a.crl);
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    if (carnet_crypto_init(crypto, &err) != CARNET_OK) {
        return cli_complain("cryptography", &err);
    }
    if (a.trust != NULL) {
        trust = cli_read_trust(a.trust);
        anchors = carnet_anchor_store_anchors(trust);
        v.anchors = &anchors;
    }
    v.session_transcript = a.transcript != NULL ? cli_read_transcript(a.transcript) : (carnet_span){ 0 };
    if (a.reader_key != NULL) {
        cli_read_key(a.reader_key, crypto, CARNET_KEY_AGREE, reader_key);
        v.reader_keys = &reader_key;
        v.reader_key_count = 1;
    }
    v.signer_profile = profile_named(a.profile);
    policy.strict = a.strict;
    policy.name = v.signer_profile != NULL ? a.profile : policy.name;
    report = cli_report(a.at != NULL ? cli_time(a.at, cli_now()) : cli_now(), a.skew);
    status = verify(&v, &a, trust, &policy, report);
    carnet_key_done(reader_key);
    carnet_crypto_done(crypto);
    return status;
}
