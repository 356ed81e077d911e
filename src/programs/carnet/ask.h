/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked for: shared by `carnet request` and `carnet reader`. */
#ifndef CARNET_CLI_ASK_H
#define CARNET_CLI_ASK_H
#include "carnet/device_request.h"
#include "carnet/json.h"
#include "cli.h"

#define ASK_ELEMENTS_MAX 256

/** What is asked of one document type. */
typedef struct ask_document {
    carnet_str doc_type;
    const carnet_doctype *doctype; /* its table, or NULL */
    carnet_requested_element elements[ASK_ELEMENTS_MAX];
    size_t count;
    carnet_span request_info; /* of a request file; else empty */
} ask_document;

/** A request. */
typedef struct ask {
    ask_document *documents; /* CARNET_DOC_REQUESTS_MAX */
    size_t count;
    carnet_span device_request_info; /* of a request file; else empty */
} ask;

void ask_begin(ask *a);
/** Ask for a document of this type (see cli_doctype()). */
void ask_doctype(ask *a, const char *name, const char *file);
/** "[NS:]ELEMENT[:retain]" of the document type before it. */
void ask_element(ask *a, const char *argument);
/** Dies unless something is asked of each document type; warns of more ages than are answered. */
void ask_check(const ask *a);

/** The named queries: those of a file, or (NULL) the built-in ones (doc/query.schema.json). */
const carnet_json *ask_queries(const char *path);
/** Ask what a named query asks: of the document type named last with nothing asked of it yet, else of the query's first. */
void ask_query(ask *a, const carnet_json *queries, const char *name);
/** The queries' names and titles, a line each. */
void ask_list_queries(FILE *out, const carnet_json *queries);
/** Ask all docRequests of a JSON array; `what` names it in complaints. */
void ask_json(ask *a, const carnet_json *doc_requests, const char *what);
/** Ask what a file asks: a DeviceRequest, or JSON with docRequests. */
void ask_file(ask *a, const char *path);

/** The reader's key and certificates, without a root at their end. */
const carnet_reader_signer *ask_signer(const char *certificate, const char *key, carnet_crypto *crypto);
/** The request as the library builds it; `signer`, which may be NULL, signs each document request, or (all) all together. */
carnet_device_request_draft ask_draft(const ask *a, const carnet_reader_signer *signer, bool all);

#endif
