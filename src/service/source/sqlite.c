/* SPDX-License-Identifier: Apache-2.0 */
/* Queries to an SQLite file, opened read-only. */
#include "internal.h"

#include <sqlite3.h>

#include <stdlib.h>
#include <string.h>

typedef struct connection {
    sqlite3 *db;
    sqlite3_stmt *query;
} connection;

static carnet_rc
unavailable(const char *reason, carnet_err *err)
{
    return carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, reason);
}

static void
sqlite_close(void *state)
{
    connection *c = state;

    (void)sqlite3_finalize(c->query);
    (void)sqlite3_close(c->db);
    free(c);
}

/* $1 and the like are names to SQLite, numbered as they appear. */
static int
number_of(const char *name)
{
    static const char *const names[] = { "$1", "$2", "$3", "?1", "?2", "?3" };

    for (size_t i = 0; name != NULL && i < CARNET_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return (int)(i % 3);
    return -1;
}

static bool
parameters_good(sqlite3_stmt *query)
{
    int count = sqlite3_bind_parameter_count(query);

    for (int i = 1; i <= count; i++)
        if (number_of(sqlite3_bind_parameter_name(query, i)) < 0)
            return false;
    return count > 0;
}

static carnet_rc
prepare(connection *c, const carnet_sql_source_config *config, carnet_err *err)
{
    if (sqlite3_open_v2(config->place, &c->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return unavailable("the SQLite file cannot be opened", err);
    (void)sqlite3_busy_timeout(c->db, (int)config->timeout_ms);
    if (sqlite3_prepare_v3(c->db, config->query, -1, SQLITE_PREPARE_PERSISTENT, &c->query, NULL) != SQLITE_OK)
        return unavailable("the query is none that SQLite understands here", err);
    if (c->query == NULL || sqlite3_stmt_readonly(c->query) == 0)
        return unavailable("the query does not only read", err);
    if (!parameters_good(c->query))
        return unavailable("the query has no parameters, or others than $1, $2 and $3", err);
    if (sqlite3_column_count(c->query) > CARNET_SOURCE_COLUMNS_MAX)
        return unavailable("the query has too many columns", err);
    return CARNET_OK;
}

static carnet_rc
sqlite_connect(const carnet_sql_source_config *config, void **state, carnet_err *err)
{
    connection *c = calloc(1, sizeof(*c));
    carnet_rc rc = c == NULL ? unavailable("there is no memory", err) : prepare(c, config, err);

    *state = rc == CARNET_OK ? c : NULL;
    if (rc != CARNET_OK && c != NULL)
        sqlite_close(c);
    return rc;
}

static carnet_rc
take_row(connection *c, const carnet_sql_source_config *config, const carnet_attribute_query *query, carnet_buf *claims,
         carnet_err *err)
{
    carnet_source_cell cells[CARNET_SOURCE_COLUMNS_MAX / 2];
    size_t count = 0;

    for (int i = 0; i < sqlite3_column_count(c->query); i++) {
        int type = sqlite3_column_type(c->query, i);
        const void *octets =
            type == SQLITE_BLOB ? sqlite3_column_blob(c->query, i) : (const void *)sqlite3_column_text(c->query, i);

        if (type == SQLITE_NULL || octets == NULL)
            continue;
        if (count == CARNET_COUNT(cells))
            return unavailable("a row has too many cells that are not empty", err);
        cells[count++] = (carnet_source_cell){
            .column = carnet_str_of(sqlite3_column_name(c->query, i)),
            .text = { octets, (size_t)sqlite3_column_bytes(c->query, i) },
            .octets = type == SQLITE_BLOB,
        };
    }
    return carnet_source_row(query, config->files, cells, count, NULL, claims, err);
}

static carnet_rc
sqlite_ask(void *state, const carnet_sql_source_config *config, const carnet_attribute_query *query, carnet_buf *claims,
           bool *lost, carnet_err *err)
{
    connection *c = state;
    const carnet_str values[] = { query->subject, query->configuration, query->doc_type };
    carnet_rc rc = CARNET_OK;
    int code;

    *lost = false;
    for (int i = 1; i <= sqlite3_bind_parameter_count(c->query); i++) {
        int number = number_of(sqlite3_bind_parameter_name(c->query, i));
        carnet_str value = number < 0 ? (carnet_str){ 0 } : values[number];

        (void)sqlite3_bind_text(c->query, i, value.ptr == NULL ? "" : value.ptr, (int)value.len, SQLITE_TRANSIENT);
    }
    code = sqlite3_step(c->query);
    if (code == SQLITE_DONE) {
        rc = carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, NULL);
    } else if (code != SQLITE_ROW) {
        *lost = true;
        rc = unavailable("the SQLite file cannot be read", err);
    } else {
        rc = take_row(c, config, query, claims, err);
        if (rc == CARNET_OK && sqlite3_step(c->query) != SQLITE_DONE)
            rc = carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, "the query has more than one row for this person");
    }
    (void)sqlite3_reset(c->query);
    (void)sqlite3_clear_bindings(c->query);
    return rc;
}

const carnet_sql_ops carnet_sql_sqlite = { sqlite_connect, sqlite_ask, sqlite_close };
