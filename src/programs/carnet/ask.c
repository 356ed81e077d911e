/* SPDX-License-Identifier: Apache-2.0 */
/* Document types and elements asked for, and who signs. */
#include "ask.h"

#include "carnet/certificate_path.h"
#include "carnet/certificate_profile.h"

#include <string.h>

void
ask_begin(ask *a)
{
    *a = (ask){ .documents = cli_alloc(CARNET_DOC_REQUESTS_MAX * sizeof(ask_document)) };
}

void
ask_doctype(ask *a, const char *name, const char *file)
{
    const carnet_doctype *doctype = cli_doctype(name, file);

    if (a->count == CARNET_DOC_REQUESTS_MAX) {
        cli_usage("more than %d document types in one request", CARNET_DOC_REQUESTS_MAX);
    }
    a->documents[a->count++] =
        (ask_document){ .doc_type = carnet_str_of(doctype != NULL ? doctype->doc_type : name), .doctype = doctype };
}

void
ask_element(ask *a, const char *argument)
{
    size_t len = strlen(argument), tail = strlen(":retain");
    bool retain = len > tail && strcmp(argument + len - tail, ":retain") == 0;
    char *name = cli_alloc(len + 1);
    ask_document *of = a->count > 0 ? &a->documents[a->count - 1] : NULL;
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

void
ask_check(const ask *a)
{
    if (a->count == 0) {
        cli_usage("nothing is asked for (--doctype, --element)");
    }
    for (size_t i = 0; i < a->count; i++) {
        size_t ages = 0;

        if (a->documents[i].count == 0) {
            cli_usage("nothing is asked of %.*s (--element)", (int)a->documents[i].doc_type.len,
                      a->documents[i].doc_type.ptr);
        }
        for (size_t n = 0; n < a->documents[i].count; n++) {
            ages += carnet_age_over(a->documents[i].elements[n].identifier) >= 0;
        }
        if (ages > 2) {
            fputs("carnet: warning: a holder answers at most two of age_over_NN (18013-5 13.4)\n", stderr);
        }
    }
}

const carnet_reader_signer *
ask_signer(const char *file, const char *key, carnet_crypto *crypto)
{
    carnet_reader_signer *signer = cli_alloc(sizeof *signer);
    carnet_span *chain = cli_alloc(CARNET_CHAIN_MAX * sizeof *chain);
    carnet_certificate certificate;
    carnet_err err = { 0 };

    signer->key = cli_alloc(sizeof *signer->key);
    cli_read_key(key, crypto, CARNET_KEY_SIGN, signer->key);
    signer->chain = chain;
    signer->chain_count = cli_read_certificates(file, chain, CARNET_CHAIN_MAX);
    while (signer->chain_count > 1 &&
           carnet_certificate_open(chain[signer->chain_count - 1], &certificate, NULL) == CARNET_OK &&
           carnet_certificate_self_issued(&certificate)) {
        signer->chain_count--;
    }
    if (carnet_certificate_open(chain[0], &certificate, &err) != CARNET_OK) {
        cli_die(file, &err);
    }
    if (!carnet_public_key_equal(&certificate.public_key, &signer->key->public_key)) {
        cli_die_text(key, "this is not the key of the reader's certificate");
    }
    if (carnet_certificate_conforms(&certificate, &carnet_profile_reader, crypto, &err) != CARNET_OK) {
        fprintf(stderr, "carnet: warning: %s: not as a reader's should be: %s (%s)\n", file, err.reason,
                carnet_profile_reader.clause);
    }
    return signer;
}

carnet_device_request_draft
ask_draft(const ask *a, const carnet_reader_signer *signer, bool all)
{
    carnet_doc_request_draft *documents = cli_alloc(a->count * sizeof *documents);

    for (size_t i = 0; i < a->count; i++) {
        documents[i] = (carnet_doc_request_draft){ .doc_type = a->documents[i].doc_type,
                                                   .elements = a->documents[i].elements,
                                                   .count = a->documents[i].count,
                                                   .request_info = a->documents[i].request_info,
                                                   .signer = all ? NULL : signer };
    }
    return (carnet_device_request_draft){ .documents = documents,
                                          .count = a->count,
                                          .device_request_info = a->device_request_info,
                                          .all_signers = all ? signer : NULL,
                                          .all_signer_count = all && signer != NULL };
}
