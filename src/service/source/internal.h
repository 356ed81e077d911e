/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SOURCE_INTERNAL_H
#define CARNET_SOURCE_INTERNAL_H
#include "carnet/doctype.h"
#include "carnet/source.h"

/** A cell of the row that was found. */
typedef struct carnet_source_cell {
    carnet_str column;
    carnet_str text; /**< or octets, if `octets` */
    bool octets;
} carnet_source_cell;

/** Append the row as claims: {"name space": {"element": value}}. */
carnet_rc carnet_source_row(const carnet_attribute_query *query, const char *files, const carnet_source_cell *cells,
                            size_t count, carnet_buf *claims, carnet_err *err);

/** Read a whole file into memory of its own; *octets is NULL on failure. */
carnet_rc carnet_source_file(const char *path, size_t most, uint8_t **octets, size_t *len, carnet_err *err);

/* --- comma-separated values: pure --- */

/** Where a reader of comma-separated values stands. */
typedef struct carnet_csv_reader {
    carnet_str rest;
    size_t line; /**< from 1 */
} carnet_csv_reader;

/** Read one row: at most `cap` cells.  A quoted cell with quotes in it is put together in `room`, which the caller empties.
 *  *count is 0 at the end.  CARNET_E_ISSUING_SOURCE names the line. */
carnet_rc carnet_csv_row(carnet_csv_reader *reader, carnet_str *cells, size_t cap, size_t *count, carnet_buf *room,
                         carnet_err *err);

/* --- kinds of data bases --- */

typedef struct carnet_sql_source carnet_sql_source;

/** A connection of a pool. */
typedef struct carnet_sql_ops {
    carnet_rc (*connect)(const carnet_sql_source_config *config, void **connection, carnet_err *err);
    /** *lost: the connection is of no use any more. */
    carnet_rc (*ask)(void *connection, const carnet_sql_source_config *config, const carnet_attribute_query *query,
                     carnet_buf *claims, bool *lost, carnet_err *err);
    void (*close)(void *connection);
} carnet_sql_ops;

extern const carnet_sql_ops carnet_sql_sqlite, carnet_sql_postgresql;

#endif
