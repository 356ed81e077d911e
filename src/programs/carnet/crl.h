/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists at the verifier (ISO/IEC 23220-1 OP-3; 18013-5 B.2): fetched, kept, or as files. */
#ifndef CARNET_CLI_CRL_H
#define CARNET_CLI_CRL_H
#include "carnet/device_response.h"
#include "cli.h"

#define CRL_HOSTS_MAX 16
#define CRL_LISTS_MAX 256

typedef enum crl_mode {
    CRL_OFF,   /* only the lists that came with the trusted certificates */
    CRL_CACHE, /* and those kept from before; nothing is fetched */
    CRL_ONLINE /* and those at the addresses that certificates name */
} crl_mode;

/** What the command line says; options of crl_parser. */
typedef struct crl_options {
    crl_mode mode;
    const char *files; /* --crl FILE|DIR */
    const char *cache, *ca;
    const char *hosts[CRL_HOSTS_MAX];
    size_t host_count;
    int64_t age; /* seconds: what is younger is not fetched again */
    int wait_ms;
} crl_options;

/** --crl, --crl-cache, ...: a child of a command's parser, whose input is a crl_options. */
extern const struct argp crl_parser;
void crl_options_begin(crl_options *options);

/** Told of each fetch: what was asked for, and what came (empty: nothing did). */
typedef void crl_teller(const void *context, carnet_str uri, carnet_span list);

/** Where the lists of one document's signer came from. */
typedef struct crl_finding {
    carnet_outcome outcome;
    bool wanting; /* a list was demanded, and none is there */
    char detail[96];
} crl_finding;

/** The lists for one answer. */
typedef struct crl_lists {
    const crl_options *options;
    carnet_crypto *crypto;
    const carnet_anchor_store *trust; /* NULL: nothing is fetched */
    carnet_time now;
    crl_teller *tell;
    const void *tell_context;
    carnet_span lists[CRL_LISTS_MAX];
    size_t count;
    crl_finding findings[CARNET_DOCUMENTS_MAX];
    carnet_crl_array array;
    carnet_revocation_source source;
} crl_lists;

/** Begin with the lists that are there: of --crl FILE, of the trusted certificates. */
void crl_begin(crl_lists *c, const crl_options *options, carnet_crypto *crypto, const carnet_anchor_store *trust,
               carnet_time now);
/** Get the lists for the signer of document n, as far as its certificates lead to a trusted one: only what a trusted issuer
 *  signed is asked for its addresses. */
void crl_gather(crl_lists *c, size_t n, carnet_span issuer_signed, carnet_str doc_type);
/** The source for a verification; NULL: there are no lists. */
const carnet_revocation_source *crl_source(crl_lists *c);
/** After the verification: where the lists came from (CARNET_CHECK_REVOCATION_SOURCE); a list that was demanded and could not
 *  be had leaves revocation undetermined. */
void crl_report(const crl_lists *c, size_t documents, carnet_report *report);

/** The list kept of an address; empty: none.  *fetched: when. */
carnet_span crl_cache_read(const crl_options *options, carnet_crypto *crypto, carnet_str uri, carnet_time *fetched);
void crl_cache_write(const crl_options *options, carnet_crypto *crypto, carnet_str uri, carnet_span list);

#endif
