/* SPDX-License-Identifier: Apache-2.0 */
/* carnet present: what its parts share. */
#ifndef CARNET_CLI_PRESENT_H
#define CARNET_CLI_PRESENT_H
#include "carnet/holder.h"
#include "cli.h"

#define PRESENT_DOCUMENTS_MAX 8
#define PRESENT_NAMES_MAX     256 /* of --disclose */

typedef struct present_arguments {
    const char *documents[PRESENT_DOCUMENTS_MAX], *device_keys[PRESENT_DOCUMENTS_MAX];
    const char *data, *transcript, *request, *disclose, *doctype_file, *reader_key, *trust_readers, *at, *output;
    size_t document_count, key_count;
    bool mac, json;
} present_arguments;

/** What is held, and to whom it goes. */
typedef struct presenter {
    const present_arguments *a;
    carnet_crypto *crypto;
    cli_document held[PRESENT_DOCUMENTS_MAX];
    carnet_key keys[PRESENT_DOCUMENTS_MAX];
    size_t count;
    carnet_span session_transcript;
    carnet_public_key reader_key;
    bool has_reader_key;
    const carnet_doctype *doctype; /* of --doctype-file, or NULL */
    const char *names[PRESENT_NAMES_MAX];
    size_t name_count;
    carnet_issuer_signed_item items[PRESENT_DOCUMENTS_MAX][PRESENT_NAMES_MAX]; /* to be disclosed without a request */
} presenter;

/** Who asks, as far as it was verified. */
typedef struct present_reader {
    bool verified;                         /* all the request, under --trust-readers */
    bool trusted[CARNET_DOC_REQUESTS_MAX]; /* each document request */
    carnet_str name;                       /* subject of the certificate; empty: the request is not signed */
} present_reader;

/** Whether an element is among those of --disclose; all are when that was not given. */
bool present_disclosed(const presenter *p, size_t document, carnet_str name_space, carnet_str identifier);
/** Read a document that was issued without its values, and put them back. */
void present_hydrate(presenter *p, size_t document);
/** Take the list of --disclose apart. */
void present_split_names(presenter *p);
/** A builder large enough for all that is held. */
carnet_cbor_builder present_builder(const presenter *p);
/** Write what was built, and end the JSON. */
void present_write(const presenter *p, const carnet_cbor_builder *b);
/** An element's name on standard error. */
void present_say_name(carnet_str name_space, carnet_str identifier);
/** One element in the JSON, the n-th; `returned` NULL: it stays. */
void present_json_element(size_t n, carnet_str doc_type, carnet_str name_space, carnet_str requested,
                          const carnet_str *returned, bool held, bool retain);
/** Look at who signed the request; says on standard error why one is not trusted. */
void present_check_reader(const presenter *p, carnet_span cbor, const carnet_device_request *request,
                          present_reader *reader);
/** Answer a request; returns the exit status. */
int present_answer(presenter *p);
/** Disclose what the command line names; returns the exit status. */
int present_disclose(presenter *p);

#endif
