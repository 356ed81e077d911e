/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attribute sources of the services (carnet/attribute_source.h): a table in a
 * file of comma-separated values (RFC 4180), a query to SQLite or PostgreSQL,
 * an HTTP service.
 *
 * A table's column is a data element when the document type has one of its name;
 * "name_space/element" says both.  Other columns are passed over, and so are
 * empty cells.  Cells are text, made what the element's type demands: true and
 * false, numbers, JSON for lists and maps, base64 for bytes; "file:NAME" stands
 * for the octets of a file in the folder of the configuration.
 *
 * Texts of a configuration are borrowed until the source is closed.  Sources may
 * be asked by several threads at once.
 */
#ifndef CARNET_SOURCE_H
#define CARNET_SOURCE_H
#include "carnet/attribute_source.h"
CARNET_BEGIN_DECLS

#define CARNET_SOURCE_COLUMNS_MAX 256                 /**< in a table or a query's answer */
#define CARNET_SOURCE_TABLE_MAX   (256 * 1024 * 1024) /**< octets of a file of comma-separated values */
#define CARNET_SOURCE_CELL_MAX    (2 * 1024 * 1024)   /**< octets of a cell, or of a file it names */

/** A file of comma-separated values: a row of names, then a row for each person.  It is read again when it changed, which is
 *  seen within 25 milliseconds; replace it by renaming a finished file onto it.  Answers are kept, a few hundred at most, until it
 *  or a file they name changes. */
typedef struct carnet_csv_source_config {
    const char *path;
    const char *key;   /**< column of the subject reference; NULL: the first */
    const char *files; /**< folder of files that cells name; NULL: cells name none */
} carnet_csv_source_config;
/** CARNET_E_ISSUING_SOURCE: the file cannot be read or is malformed; *err says where. */
carnet_rc carnet_csv_source_open(const carnet_csv_source_config *config, carnet_attribute_source *source,
                                 carnet_err *err);

/** A query that answers with one row.  Its parameters are the subject reference, the credential configuration and the document
 *  type, as many of them as it has.  It runs read-only. */
typedef struct carnet_sql_source_config {
    const char
        *place; /**< "postgresql:...", "postgres://..." or a libpq connection text: PostgreSQL; else an SQLite file */
    const char *query; /**< "SELECT ... WHERE id = $1" ($1, $2, $3 in either) */
    const char *files;
    unsigned connections; /**< at most (4) */
    unsigned timeout_ms;  /**< of a query and of connecting (5,000) */
} carnet_sql_source_config;
/** The data base need not be there yet: an SQLite file must, a server not. */
carnet_rc carnet_sql_source_open(const carnet_sql_source_config *config, carnet_attribute_source *source,
                                 carnet_err *err);

/** An HTTP service that answers with claims as a JSON object.  404 or 410: no such person; 202: not yet; anything else but 200: it
 *  cannot be asked now. */
typedef struct carnet_http_source_config {
    const char *url; /**< https; "{subject}", "{configuration}" and "{doctype}" in it are filled in, percent-encoded */
    bool post;       /**< POST {"subject":...,"configuration":...,"doctype":...} instead of GET */
    const char *ca;  /**< file of the authorities its certificate may be of; NULL: the system's */
    const char *certificate, *certificate_key; /**< of the client, PEM files; NULL: none */
    const char *bearer_file; /**< a token for Authorization is the first line of this file; NULL: none */
    unsigned timeout_ms;     /**< of it all (5,000) */
    bool plain_loopback;     /**< http too, to this machine */
} carnet_http_source_config;
carnet_rc carnet_http_source_open(const carnet_http_source_config *config, carnet_attribute_source *source,
                                  carnet_err *err);

CARNET_END_DECLS
#endif
