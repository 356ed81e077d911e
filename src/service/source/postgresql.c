/* SPDX-License-Identifier: Apache-2.0 */
/* Queries to PostgreSQL, in sessions that may only read. */
#include "internal.h"

#include <libpq-fe.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTEA = 17 }; /* object identifier of the type */

typedef struct connection {
    PGconn *db;
    int parameters;
} connection;

static carnet_rc
unavailable(const char *reason, carnet_err *err)
{
    return carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, reason);
}

static void
postgresql_close(void *state)
{
    connection *c = state;

    PQfinish(c->db);
    free(c);
}

static bool
run(PGconn *db, const char *command)
{
    PGresult *result = PQexec(db, command);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

    PQclear(result);
    return good;
}

/* How many parameters the prepared query has; 0 if it cannot be told. */
static int
parameters_of(PGconn *db)
{
    PGresult *result = PQdescribePrepared(db, "claims");
    int count = PQresultStatus(result) == PGRES_COMMAND_OK ? PQnparams(result) : 0;

    PQclear(result);
    return count;
}

static carnet_rc
prepare(connection *c, const carnet_sql_source_config *config, carnet_err *err)
{
    char command[64], timeout[16];
    const char *place = config->place;
    const char *const words[] = { "dbname", "connect_timeout", "client_encoding", "application_name", NULL };
    const char *values[] = { place, timeout, "UTF8", "carnet", NULL };
    PGresult *result;
    bool good;

    (void)snprintf(timeout, sizeof(timeout), "%u", config->timeout_ms / 1000 < 2 ? 2 : config->timeout_ms / 1000);
    if (carnet_str_starts(carnet_str_of(place), "postgresql:") && strncmp(place, "postgresql://", 13) != 0)
        values[0] = place + 11;
    c->db = PQconnectdbParams(words, values, 1);
    if (PQstatus(c->db) != CONNECTION_OK)
        return unavailable("PostgreSQL cannot be reached", err);
    (void)snprintf(command, sizeof(command), "SET statement_timeout = %u", config->timeout_ms);
    if (!run(c->db, "SET default_transaction_read_only = on") || !run(c->db, command))
        return unavailable("PostgreSQL does not let a session be read-only", err);
    result = PQprepare(c->db, "claims", config->query, 0, NULL);
    good = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!good)
        return unavailable("the query is none that PostgreSQL understands here", err);
    c->parameters = parameters_of(c->db);
    return c->parameters < 1 || c->parameters > 3 ? unavailable("the query has no parameter, or more than three", err)
                                                  : CARNET_OK;
}

static carnet_rc
postgresql_connect(const carnet_sql_source_config *config, void **state, carnet_err *err)
{
    connection *c = calloc(1, sizeof(*c));
    carnet_rc rc = c == NULL ? unavailable("there is no memory", err) : prepare(c, config, err);

    *state = rc == CARNET_OK ? c : NULL;
    if (rc != CARNET_OK && c != NULL)
        postgresql_close(c);
    return rc;
}

/* A bytea in the text it comes as, "\x" and digits, becomes octets in `room`. */
static carnet_rc
cell_of(const PGresult *result, int column, carnet_buf *room, carnet_source_cell *cell, carnet_err *err)
{
    carnet_str text = { PQgetvalue(result, 0, column), (size_t)PQgetlength(result, 0, column) };
    size_t before = room->len;

    *cell = (carnet_source_cell){ .column = carnet_str_of(PQfname(result, column)), .text = text };
    if (PQftype(result, column) != BYTEA)
        return CARNET_OK;
    if (!carnet_str_starts(text, "\\x") ||
        carnet_hex_decode((carnet_str){ text.ptr + 2, text.len - 2 }, room, NULL) != CARNET_OK || room->overflow)
        return unavailable("bytes of PostgreSQL's come in another form than known", err);
    cell->text = (carnet_str){ (const char *)room->ptr + before, room->len - before };
    cell->octets = true;
    return CARNET_OK;
}

static carnet_rc
take_row(const PGresult *result, const carnet_sql_source_config *config, const carnet_attribute_query *query,
         carnet_buf *room, carnet_buf *claims, carnet_err *err)
{
    carnet_source_cell cells[CARNET_SOURCE_COLUMNS_MAX / 2];
    size_t count = 0;
    carnet_rc rc;

    for (int i = 0; i < PQnfields(result); i++) {
        if (PQgetisnull(result, 0, i) != 0)
            continue;
        if (count == CARNET_COUNT(cells))
            return unavailable("a row has too many cells that are not empty", err);
        rc = cell_of(result, i, room, &cells[count++], err);
        if (rc != CARNET_OK)
            return rc;
    }
    return carnet_source_row(query, config->files, cells, count, NULL, claims, err);
}

static carnet_rc
take_result(const PGresult *result, const carnet_sql_source_config *config, const carnet_attribute_query *query,
            carnet_buf *claims, carnet_err *err)
{
    size_t len = 1;
    uint8_t *octets;
    carnet_buf room;
    carnet_rc rc;

    if (PQntuples(result) == 0)
        return carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, NULL);
    if (PQntuples(result) > 1)
        return carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, "the query has more than one row for this person");
    for (int i = 0; i < PQnfields(result); i++)
        len += (size_t)PQgetlength(result, 0, i);
    octets = malloc(len);
    if (octets == NULL)
        return unavailable("there is no memory", err);
    room = carnet_buf_of(octets, len);
    rc = take_row(result, config, query, &room, claims, err);
    carnet_wipe(octets, len);
    free(octets);
    return rc;
}

static carnet_rc
postgresql_ask(void *state, const carnet_sql_source_config *config, const carnet_attribute_query *query,
               carnet_buf *claims, bool *lost, carnet_err *err)
{
    connection *c = state;
    const carnet_str texts[] = { query->subject, query->configuration, query->doc_type };
    const char *values[3] = { 0 };
    char room[3][512];
    PGresult *result;
    carnet_rc rc;

    *lost = false;
    for (size_t i = 0; i < CARNET_COUNT(texts); i++) {
        if (texts[i].len >= sizeof(room[i]) || (texts[i].len != 0 && memchr(texts[i].ptr, '\0', texts[i].len) != NULL))
            return carnet_fail(err, CARNET_E_ISSUING_SUBJECT, NULL, NULL);
        if (texts[i].len != 0)
            memcpy(room[i], texts[i].ptr, texts[i].len);
        room[i][texts[i].len] = '\0';
        values[i] = room[i];
    }
    result = PQexecPrepared(c->db, "claims", c->parameters, values, NULL, NULL, 0);
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        rc = take_result(result, config, query, claims, err);
    } else {
        *lost = PQstatus(c->db) != CONNECTION_OK;
        rc = unavailable(*lost ? "PostgreSQL went away" : "PostgreSQL refused the query", err);
    }
    PQclear(result);
    return rc;
}

const carnet_sql_ops carnet_sql_postgresql = { postgresql_connect, postgresql_ask, postgresql_close };
