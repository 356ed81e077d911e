/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attribute source (23220-1: the identity or attribute provider's data base):
 * asked for a person by a subject reference, it answers with claims.
 *
 * Claims are JSON as carnet/claims.h reads it, typed later by the document type's
 * table.  A source is asked by several threads at once and must not keep a
 * caller's span.  Nothing a source answers may be logged.
 */
#ifndef CARNET_ATTRIBUTE_SOURCE_H
#define CARNET_ATTRIBUTE_SOURCE_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_SOURCE_SUBJECT_MAX 128               /**< octets of a subject reference */
#define CARNET_SOURCE_CLAIMS_MAX  (4 * 1024 * 1024) /**< octets of claims in one answer */

typedef struct carnet_attribute_source carnet_attribute_source;

/** What is asked. */
typedef struct carnet_attribute_query {
    carnet_str subject;       /**< 1 to CARNET_SOURCE_SUBJECT_MAX octets, UTF-8 without control characters */
    carnet_str configuration; /**< what is to be issued */
    carnet_str doc_type;
    uint64_t known;  /**< the stamp of an answer that the caller has; 0: none */
    uint64_t *stamp; /**< may be NULL; set to what goes by this answer alone, 0 if the source has no such thing */
} carnet_attribute_query;

/** What a kind of source implements.  Grows at the end only. */
typedef struct carnet_attribute_source_ops {
    size_t size;      /**< sizeof(carnet_attribute_source_ops) of the implementer */
    const char *kind; /**< such as "csv"; static */
    carnet_rc (*find)(carnet_attribute_source *source, const carnet_attribute_query *query, carnet_buf *claims,
                      carnet_err *err);
    void (*done)(carnet_attribute_source *source);
} carnet_attribute_source_ops;

struct carnet_attribute_source {
    const carnet_attribute_source_ops *ops; /**< NULL: closed */
    void *state;                            /**< the kind's own */
};

/** Append the person's claims, one JSON object; nothing, if *query->stamp is query->known afterwards and not 0: it
 *  would be the same answer.
 *  CARNET_E_ISSUING_SUBJECT: the source knows no such person, or more than one; CARNET_E_ISSUING_NOT_YET: the answer is not
 *  there yet; CARNET_E_ISSUING_SOURCE: it cannot be asked now; CARNET_E_NO_SPACE.  On failure nothing is added. */
CARNET_API carnet_rc carnet_attribute_source_find(carnet_attribute_source *source, const carnet_attribute_query *query,
                                                  carnet_buf *claims, carnet_err *err);
/** Close; accepts a zeroed source. */
CARNET_API void carnet_attribute_source_done(carnet_attribute_source *source);

CARNET_END_DECLS
#endif
