/* SPDX-License-Identifier: Apache-2.0 */
/* carnet issue: a document signed, one copy or many. */
#include "issue.h"

#include "carnet/certificate_path.h"
#include "carnet/certificate_profile.h"
#include "carnet/issuer_signed_dehydrated.h"

#include <string.h>
#include <sys/stat.h>

enum {
    OPTION_CLAIMS = 256,
    OPTION_DOCTYPE_FILE,
    OPTION_FILES,
    OPTION_INCOMPLETE,
    OPTION_AGE_OVER,
    OPTION_BIRTH_DATE,
    OPTION_SIGNER_CERT,
    OPTION_SIGNER_KEY,
    OPTION_DEVICE_KEY,
    OPTION_MAKE_KEYS,
    OPTION_CURVE,
    OPTION_DIGEST,
    OPTION_AT,
    OPTION_VALID_FROM,
    OPTION_VALID_UNTIL,
    OPTION_EXPECTED_UPDATE,
    OPTION_AUTHORISE,
    OPTION_STATUS_LIST,
    OPTION_COUNT,
    OPTION_DEHYDRATED,
    OPTION_QUIET,
    OPTION_JSON
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "The document:", 1 },
    { "doctype", 'D', "TYPE", 0, "mdl, photoid, pid, av, or a document type in full", 1 },
    { "doctype-file", OPTION_DOCTYPE_FILE, "FILE", 0, "a document type's table of your own (doc/doctype.schema.json)",
      1 },
    { "claims", OPTION_CLAIMS, "FILE", 0, "what is known of the holder, as JSON", 1 },
    { "files", OPTION_FILES, "DIR", 0, "directory of the files that claims name (that of the claims)", 1 },
    { "incomplete", OPTION_INCOMPLETE, NULL, 0, "mandatory elements may be missing", 1 },
    { "age-over", OPTION_AGE_OVER, "NN,...", 0, "add age_over_NN, reckoned from birth_date to the start of validity",
      1 },
    { "birth-date", OPTION_BIRTH_DATE, "DATE", 0, "reckon from this date, which the document does not hold", 1 },
    { "digest", OPTION_DIGEST, "NAME", 0, "SHA-256 (default), SHA-384 or SHA-512", 1 },
    { "at", OPTION_AT, "TIME", 0, "when it is signed (now)", 1 },
    { "valid-from", OPTION_VALID_FROM, "TIME", 0, "start of validity (when it is signed)", 1 },
    { "valid-until", OPTION_VALID_UNTIL, "TIME", 0, "end of validity (+365d, not after the signer's)", 1 },
    { "expected-update", OPTION_EXPECTED_UPDATE, "TIME", 0, "when the issuer expects to sign it anew", 1 },
    { "authorise", OPTION_AUTHORISE, "NS[:ELEMENT]", 0, "what the device's key may sign (may be repeated)", 1 },
    { "status-list", OPTION_STATUS_LIST, "URI#INDEX", 0, "where its revocation is announced", 1 },
    { NULL, 0, NULL, 0, "Keys:", 2 },
    { "signer-cert", OPTION_SIGNER_CERT, "FILE", 0, "the document signer's certificate, and those above it if any", 2 },
    { "signer-key", OPTION_SIGNER_KEY, "FILE", 0, "its private key", 2 },
    { "device-key", OPTION_DEVICE_KEY, "FILE|DIR", 0, "the device's public key, or one for each copy", 2 },
    { "make-keys", OPTION_MAKE_KEYS, "DIR", 0, "make the devices' keys and keep them here", 2 },
    { "curve", OPTION_CURVE, "CURVE", 0, "curve of the keys made (P-256)", 2 },
    { NULL, 0, NULL, 0, "Output:", 3 },
    { "count", OPTION_COUNT, "N", 0, "copies, each for a device key of its own", 3 },
    { "output", 'o', "FILE|DIR", 0, "the IssuerSigned; for several, a directory", 3 },
    { "dehydrated", OPTION_DEHYDRATED, "FILE", 0,
      "write IssuerSignedDehydrated, and the values once to this file (NameSpacedData)", 3 },
    { "quiet", OPTION_QUIET, NULL, 0, "do not tell of values converted", 3 },
    { "json", OPTION_JSON, NULL, 0, "print what was made as JSON", 3 },
    { 0 },
};

/** The place of an option's text; NULL for one without. */
static const char **
place_of(issue_arguments *a, int key)
{
    const cli_place places[] = {
        { 'D', &a->doctype },
        { 'o', &a->output },
        { OPTION_DOCTYPE_FILE, &a->doctype_file },
        { OPTION_CLAIMS, &a->claims },
        { OPTION_FILES, &a->files },
        { OPTION_AGE_OVER, &a->age_over },
        { OPTION_BIRTH_DATE, &a->birth_date },
        { OPTION_SIGNER_CERT, &a->signer_cert },
        { OPTION_SIGNER_KEY, &a->signer_key },
        { OPTION_DEVICE_KEY, &a->device_key },
        { OPTION_MAKE_KEYS, &a->make_keys },
        { OPTION_CURVE, &a->curve },
        { OPTION_DIGEST, &a->digest },
        { OPTION_AT, &a->at },
        { OPTION_VALID_FROM, &a->valid_from },
        { OPTION_VALID_UNTIL, &a->valid_until },
        { OPTION_EXPECTED_UPDATE, &a->expected_update },
        { OPTION_STATUS_LIST, &a->status_list },
        { OPTION_DEHYDRATED, &a->dehydrated },
    };

    return cli_place_of(places, CARNET_COUNT(places), key);
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    issue_arguments *a = state->input;
    const char **place = place_of(a, key);

    if (place != NULL) {
        *place = arg;
        return 0;
    }
    switch (key) {
    case OPTION_INCOMPLETE:
        a->incomplete = true;
        return 0;
    case OPTION_QUIET:
        a->quiet = true;
        return 0;
    case OPTION_JSON:
        a->json = true;
        return 0;
    case OPTION_COUNT:
        a->count = (size_t)cli_number(arg, ISSUE_COPIES_MAX, "number of copies");
        if (a->count == 0) {
            cli_usage("no copies are none to issue");
        }
        return 0;
    case OPTION_AUTHORISE:
        if (a->authorise_count == ISSUE_LIST_MAX) {
            cli_usage("more than %d of --authorise", ISSUE_LIST_MAX);
        }
        a->authorise[a->authorise_count++] = arg;
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
    "Issue a document: sign what is known of a holder, bound to the key of a device (18013-5 12.3).\v"
    "Exit status: 0 done, 2 usage, 3 could not be done.",
    NULL,
    NULL,
    NULL
};

static void
check_arguments(const issue_arguments *a)
{
    const struct {
        const char *given, *option;
    } needed[] = {
        { a->doctype != NULL ? a->doctype : a->doctype_file, "doctype" },
        { a->claims, "claims" },
        { a->signer_cert, "signer-cert" },
        { a->signer_key, "signer-key" },
        { a->device_key != NULL ? a->device_key : a->make_keys, "device-key (or --make-keys)" },
        { a->output, "output" },
    };

    for (size_t i = 0; i < CARNET_COUNT(needed); i++) {
        if (needed[i].given == NULL) {
            cli_usage("--%s is missing", needed[i].option);
        }
    }
    if (a->device_key != NULL && a->make_keys != NULL) {
        cli_usage("--device-key is for keys there are, --make-keys for keys to be made");
    }
    if (a->json && strcmp(a->output, "-") == 0) {
        cli_usage("--json and the document cannot both go to standard output");
    }
}

/** The signer's chain: a root at its end stays at home. */
static void
read_signer(const issue_arguments *a, const carnet_doctype *doctype, carnet_crypto *crypto, carnet_key *key,
            carnet_issue_signer *signer)
{
    const carnet_certificate_profile *profile =
        doctype != NULL && doctype->mdl ? &carnet_profile_document_signer_mdl : &carnet_profile_document_signer_mdoc;
    carnet_span *chain = cli_alloc(CARNET_CHAIN_MAX * sizeof *chain);
    size_t count = cli_read_certificates(a->signer_cert, chain, CARNET_CHAIN_MAX);
    carnet_certificate certificate;
    carnet_err err = { 0 };

    while (count > 1 && carnet_certificate_open(chain[count - 1], &certificate, NULL) == CARNET_OK &&
           carnet_certificate_self_issued(&certificate)) {
        count--;
    }
    cli_read_key(a->signer_key, crypto, CARNET_KEY_SIGN, key);
    if (carnet_issue_signer_init(signer, key, chain, count, &err) != CARNET_OK) {
        cli_die(a->signer_cert, &err);
    }
    if (carnet_certificate_open(chain[0], &certificate, NULL) == CARNET_OK &&
        carnet_certificate_conforms(&certificate, profile, crypto, &err) != CARNET_OK) {
        fprintf(stderr, "carnet: warning: %s: not as a %s's should be: %s (%s)\n", a->signer_cert, profile->name,
                err.reason, profile->clause);
    }
}

static void
set_times(const issue_arguments *a, const carnet_issue_signer *signer, carnet_issue *issue)
{
    issue->signed_at = a->at != NULL ? cli_time(a->at, cli_now()) : cli_now();
    issue->valid_from = a->valid_from != NULL ? cli_time(a->valid_from, issue->signed_at) : issue->signed_at;
    issue->valid_until = issue->valid_from + INT64_C(365) * CARNET_TIME_DAY;
    if (issue->valid_until > signer->not_after) {
        issue->valid_until = signer->not_after;
    }
    if (a->valid_until != NULL) {
        issue->valid_until = cli_time(a->valid_until, issue->valid_from);
    }
    issue->has_expected_update = a->expected_update != NULL;
    if (issue->has_expected_update) {
        issue->expected_update = cli_time(a->expected_update, issue->valid_from);
    }
}

/** --authorise: a name space, or one element of it. */
static void
set_authorised(const issue_arguments *a, const carnet_doctype *doctype, carnet_issue *issue)
{
    carnet_str *name_spaces = cli_alloc((a->authorise_count + 1) * sizeof *name_spaces);
    carnet_element_name *elements = cli_alloc((a->authorise_count + 1) * sizeof *elements);

    for (size_t i = 0; i < a->authorise_count; i++) {
        carnet_str whole = carnet_str_of(a->authorise[i]);

        if (strchr(a->authorise[i], ':') == NULL || carnet_doctype_name_space(doctype, whole) != NULL) {
            name_spaces[issue->authorised_name_space_count++] = whole;
        } else {
            elements[issue->authorised_element_count++] = cli_element_name(a->authorise[i], doctype);
        }
    }
    issue->authorised_name_spaces = name_spaces;
    issue->authorised_elements = elements;
}

static void
set_status(const issue_arguments *a, carnet_issue *issue)
{
    carnet_mso_status *status = cli_alloc(sizeof *status);
    const char *hash = a->status_list != NULL ? strrchr(a->status_list, '#') : NULL;

    if (a->status_list == NULL) {
        return;
    }
    if (hash == NULL || hash == a->status_list) {
        cli_usage("\"%s\" is no place in a status list: URI#INDEX", a->status_list);
    }
    status->has_status_list = true;
    status->status_index = cli_number(hash + 1, INT64_MAX, "index");
    status->status_uri = (carnet_str){ a->status_list, (size_t)(hash - a->status_list) };
    issue->status = status;
}

/** Where copies go. */
typedef struct output {
    const char *path; /* a file, or a directory when `many` */
    bool many, dehydrated;
    size_t count, octets;
    carnet_buf room; /* for a copy without its values */
} output;

/** The same copy without its values. */
static carnet_rc
dehydrate(output *out, carnet_span *issuer_signed)
{
    carnet_cbor_builder b = carnet_cbor_build(out->room.ptr, out->room.cap);
    carnet_issuer_signed whole;
    carnet_rc rc = carnet_issuer_signed_open(*issuer_signed, 0, &whole, NULL);

    if (rc == CARNET_OK) {
        rc = carnet_issuer_signed_dehydrate(&whole, (carnet_str){ 0 }, &b, NULL);
    }
    return rc == CARNET_OK ? carnet_cbor_built(&b, issuer_signed, NULL) : rc;
}

/** The values, once for all copies. */
static void
write_data(const char *path, const carnet_issue *issue, size_t size)
{
    carnet_buf room = cli_buf(size + 1024);
    carnet_cbor_builder b = carnet_cbor_build(room.ptr, room.cap);
    carnet_err err = { 0 };
    carnet_span data;

    if (carnet_name_spaced_data_build(&b, (carnet_str){ 0 }, issue->elements, issue->count, &err) != CARNET_OK ||
        carnet_cbor_built(&b, &data, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    cli_write(path, data, 0600);
}

static carnet_rc
take_copy(void *self, size_t copy, carnet_span issuer_signed)
{
    output *out = self;
    carnet_rc rc = out->dehydrated ? dehydrate(out, &issuer_signed) : CARNET_OK;

    if (rc != CARNET_OK) {
        return rc;
    }
    cli_write(out->many ? issue_copy_path(out->path, copy, ".cbor") : out->path, issuer_signed, 0600);
    out->octets += issuer_signed.len;
    cli_progress("issuing", copy + 1, out->count);
    return CARNET_OK;
}

static output
open_output(const issue_arguments *a, size_t count)
{
    struct stat st;
    bool directory = strcmp(a->output, "-") != 0 && stat(a->output, &st) == 0 && S_ISDIR(st.st_mode);
    output out = { .path = a->output, .many = count > 1 || directory, .count = count };

    if (out.many && strcmp(a->output, "-") == 0) {
        cli_usage("several copies go to a directory, not to standard output");
    }
    if (out.many) {
        cli_make_directory(a->output, 0755);
    }
    return out;
}

static void
tell(const carnet_issue *issue, const output *out)
{
    char signed_at[CARNET_TIME_TEXT_MAX], from[CARNET_TIME_TEXT_MAX], until[CARNET_TIME_TEXT_MAX];

    carnet_time_text(issue->signed_at, signed_at);
    carnet_time_text(issue->valid_from, from);
    carnet_time_text(issue->valid_until, until);
    fputs("{\n  \"docType\": ", stdout);
    cli_json_string(stdout, issue->doc_type);
    printf(",\n  \"elements\": %zu,\n  \"digestAlgorithm\": \"%s\",\n  \"signed\": \"%s\",\n  \"validFrom\": \"%s\",\n"
           "  \"validUntil\": \"%s\",\n  \"octets\": %zu,\n  \"files\": [",
           issue->count, carnet_mso_hash_name(issue->hash), signed_at, from, until, out->octets);
    for (size_t i = 0; i < out->count; i++) {
        fputs(i > 0 ? ",\n    " : "\n    ", stdout);
        cli_json_string(stdout, carnet_str_of(out->many ? issue_copy_path(out->path, i, ".cbor") : out->path));
    }
    fputs("\n  ]\n}\n", stdout);
}

/** Make the copies. */
static void
make(const issue_arguments *a, const carnet_issue *issue, const carnet_issue_signer *signer, carnet_crypto *crypto)
{
    carnet_err err = { 0 };
    carnet_public_key *keys;
    size_t count = a->count, size;
    carnet_buf buf;
    output out;

    if (carnet_issue_measure(issue, signer, &size, &err) != CARNET_OK) {
        cli_die(a->claims, &err);
    }
    keys = issue_device_keys(a, crypto, &count);
    out = open_output(a, count);
    buf = cli_buf(size);
    if (a->dehydrated != NULL) {
        out.dehydrated = true;
        out.room = cli_buf(size + 1024);
        write_data(a->dehydrated, issue, size);
    }
    if (out.many) {
        cli_batch_begin();
    }
    if (carnet_issue_batch(issue, signer, keys, count, crypto, &buf, take_copy, &out, &err) != CARNET_OK) {
        cli_die(a->claims, &err);
    }
    if (out.many) {
        cli_batch_end(out.path);
    }
    if (a->json) {
        tell(issue, &out);
    }
}

int
cli_issue(int argc, char **argv)
{
    issue_arguments a = { 0 };
    carnet_crypto *crypto = cli_alloc(sizeof *crypto);
    issue_elements *elements = cli_alloc(sizeof *elements);
    carnet_issue issue = { .struct_size = sizeof issue, .hash = CARNET_SHA256, .shuffle = true };
    const carnet_doctype *doctype;
    carnet_issue_signer signer;
    carnet_key key = { 0 };
    carnet_err err = { 0 };

    argp_parse(&parser, argc, argv, 0, NULL, &a);
    check_arguments(&a);
    if (carnet_crypto_init(crypto, &err) != CARNET_OK) {
        return cli_complain("cryptography", &err);
    }
    doctype = cli_doctype(a.doctype, a.doctype_file);
    issue.doc_type = carnet_str_of(doctype != NULL ? doctype->doc_type : a.doctype);
    issue.hash = a.digest != NULL ? cli_hash(a.digest) : CARNET_SHA256;
    read_signer(&a, doctype, crypto, &key, &signer);
    set_times(&a, &signer, &issue);
    set_authorised(&a, doctype, &issue);
    set_status(&a, &issue);
    issue_read_claims(&a, doctype, carnet_date_of_time(issue.valid_from), elements);
    issue.elements = elements->elements;
    issue.count = elements->count;
    make(&a, &issue, &signer, crypto);
    carnet_key_done(&key);
    carnet_crypto_done(crypto);
    return CLI_VALID;
}
