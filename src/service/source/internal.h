/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SOURCE_INTERNAL_H
#define CARNET_SOURCE_INTERNAL_H
#include "carnet/doctype.h"
#include "carnet/source.h"

/** Files are looked at again after this long, in milliseconds: who asks all the time does not ask the system each time. */
#define CARNET_SOURCE_LOOK_MS 20
/** Milliseconds of a clock that nobody sets; it may be some of them late. */
int64_t carnet_source_now_ms(void);

/** Files that an answer was made of, as they were before they were read. */
typedef struct carnet_source_files {
    struct carnet_source_seen {
        char *path;
        uint64_t device, number;
        int64_t size, changed_s, changed_ns; /* its state's change, which nobody can set back */
    } list[4];
    size_t count;
    bool unknown; /**< one could not be noted, or may change without showing it: the answer must not be kept */
} carnet_source_files;

/** Note a file that is about to be read; files may be NULL. */
void carnet_source_files_note(carnet_source_files *files, const char *path);
/** Whether all are what they were. */
bool carnet_source_files_unchanged(const carnet_source_files *files);
void carnet_source_files_done(carnet_source_files *files);

/** A cell of the row that was found. */
typedef struct carnet_source_cell {
    carnet_str column;
    carnet_str text; /**< or octets, if `octets` */
    bool octets;
} carnet_source_cell;

/** Append the row as claims: {"name space": {"element": value}}.  `read` (may be NULL): the files it was made of. */
carnet_rc carnet_source_row(const carnet_attribute_query *query, const char *files, const carnet_source_cell *cells,
                            size_t count, carnet_source_files *read, carnet_buf *claims, carnet_err *err);

/** Answers that were given, by subject and document type; a bounded number, safe between threads, wiped when dropped. */
typedef struct carnet_source_answers carnet_source_answers;

/** NULL, which the others accept, when there is no memory. */
carnet_source_answers *carnet_source_answers_new(void);
/** Append the answer, unless it is known, if it is there and its files are what they were. */
bool carnet_source_answers_get(carnet_source_answers *answers, const carnet_attribute_query *query, carnet_buf *claims);
/** Keep an answer, if it is a short one of settled files; then `files` is empty afterwards. */
void carnet_source_answers_put(carnet_source_answers *answers, const carnet_attribute_query *query, carnet_span answer,
                               carnet_source_files *files);
/** The table is another one. */
void carnet_source_answers_forget(carnet_source_answers *answers);
void carnet_source_answers_free(carnet_source_answers *answers);

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
