/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements in PostgreSQL, by pipeline: what only has an effect is sent with
 * the next question, or with the commit.  Everything travels in binary.
 */
#include "internal.h"

#include <libpq-fe.h>
#include <string.h>

enum { OID_BYTES = 17, OID_INTEGER = 20, OID_TEXT = 25 };

/* What an SQLSTATE means: for the connection, for the transaction, and for the caller. */
static const struct {
    const char *state; /* or the class it is in */
    carnet_rc rc;
    bool lost, conflicts;
} meanings[] = {
    { "23505", CARNET_E_STORE_TWICE, false, false },    /* unique_violation */
    { "40001", CARNET_E_STORE_BUSY, false, true },      /* serialization_failure */
    { "40P01", CARNET_E_STORE_BUSY, false, true },      /* deadlock_detected */
    { "55P03", CARNET_E_STORE_BUSY, false, true },      /* lock_not_available */
    { "57P", CARNET_E_STORE_UNREACHABLE, true, false }, /* shutdown, crash, start */
    { "08", CARNET_E_STORE_UNREACHABLE, true, false },
    { "25006", CARNET_E_STORE_UNREACHABLE, true, false }, /* a standby: the writable server is elsewhere now */
    { "25P03", CARNET_E_STORE_UNREACHABLE, true, false }, /* idle in a transaction for too long */
    { "53300", CARNET_E_STORE_UNREACHABLE, true, false }, /* too_many_connections */
    { "53", CARNET_E_STORE_FULL, false, false },          /* disk, memory */
};

/* The server's sentence has no values in it; its detail may, and is not taken. */
static void
failed(carnet_store_session *session, const PGresult *result)
{
    carnet_postgres_connection *connection = session->connection;
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *reason = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    carnet_rc rc = CARNET_E_STORE_FAILED;

    for (size_t i = 0; state != NULL && i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (strncmp(state, meanings[i].state, strlen(meanings[i].state)) == 0) {
            rc = meanings[i].rc;
            connection->lost |= meanings[i].lost;
            connection->conflicts |= meanings[i].conflicts;
            break;
        }
    if (PQstatus(connection->pg) != CONNECTION_OK || state == NULL) {
        connection->lost = true;
        rc = CARNET_E_STORE_UNREACHABLE;
    }
    carnet_store_broken(session, rc, rc == CARNET_E_STORE_TWICE ? NULL : reason);
}

/* One answer: kept for its question, counted, or only looked at. */
static void
take_answer(carnet_store_session *session, carnet_store_query *query, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_TUPLES_OK && query != NULL && query->started) {
        query->cursor = result;
        query->rows = PQntuples(result);
        return;
    }
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        if (query != NULL)
            carnet_store_answered(query, strcmp(PQcmdTuples(result), "0") != 0);
    } else if (status != PGRES_PIPELINE_ABORTED || result == NULL) {
        failed(session, result);
    }
    PQclear(result);
}

void
carnet_postgres_settle(carnet_store_session *session)
{
    carnet_postgres_connection *connection = session->connection;
    size_t count = connection->pending_count;
    PGresult *result;

    connection->pending_count = 0;
    if (count == 0 || connection->lost)
        return;
    if (PQpipelineSync(connection->pg) != 1)
        failed(session, NULL);
    for (size_t i = 0; i < count && !connection->lost; i++) {
        result = PQgetResult(connection->pg);
        if (connection->pending[i].prepared != NULL)
            *connection->pending[i].prepared = PQresultStatus(result) == PGRES_COMMAND_OK;
        take_answer(session, connection->pending[i].query, result);
        if (!connection->lost && (result = PQgetResult(connection->pg)) != NULL) { /* none comes but of a bad server */
            PQclear(result);
            failed(session, NULL);
        }
    }
    if (connection->lost)
        return;
    result = PQgetResult(connection->pg);
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC)
        failed(session, NULL);
    PQclear(result);
}

/* What an answer will be for: a query, or what `prepared` is to say: a statement after one that failed is not prepared. */
static void
push(carnet_store_session *session, carnet_store_query *query, bool *prepared)
{
    carnet_postgres_connection *connection = session->connection;

    connection->pending[connection->pending_count++] = (carnet_postgres_pending){ query, prepared };
}

/* The name under which the connection has the statement prepared; it is sent with the first use. */
static bool
prepare(carnet_store_session *session, const carnet_store_statement *statement, const Oid *types, size_t count,
        char name[16])
{
    carnet_postgres_connection *connection = session->connection;
    bool *prepared = &connection->prepared[session->writing][statement->number];
    carnet_buf buf = carnet_buf_of(name, 15);
    char sql[CARNET_STORE_SQL];

    carnet_buf_add_byte(&buf, session->writing ? 'w' : 'r');
    carnet_buf_add_uint(&buf, statement->number);
    name[buf.len] = '\0';
    if (*prepared)
        return true;
    if (carnet_store_render(statement->sql, true, session->writing, sql, sizeof(sql)) != CARNET_OK) {
        carnet_store_broken(session, CARNET_E_LIMIT, "the statement is too long");
        return false;
    }
    if (PQsendPrepare(connection->pg, name, sql, (int)count, types) != 1) {
        failed(session, NULL);
        return false;
    }
    push(session, NULL, prepared);
    *prepared = true;
    return true;
}

typedef struct parameters {
    Oid types[CARNET_STORE_VALUES];
    const char *values[CARNET_STORE_VALUES];
    int lengths[CARNET_STORE_VALUES], formats[CARNET_STORE_VALUES];
    uint8_t integers[CARNET_STORE_VALUES][8];
} parameters;

static void
encode(const carnet_store_query *query, parameters *out)
{
    for (size_t i = 0; i < query->value_count; i++) {
        const carnet_store_value *value = &query->values[i];

        out->formats[i] = 1;
        out->values[i] = value->ptr;
        out->lengths[i] = (int)value->len;
        out->types[i] = value->kind == CARNET_STORE_TEXT ? OID_TEXT : OID_BYTES;
        if (value->kind != CARNET_STORE_INTEGER)
            continue;
        for (size_t j = 0; j < 8; j++)
            out->integers[i][j] = (uint8_t)((uint64_t)value->integer >> (56 - 8 * j));
        out->values[i] = (const char *)out->integers[i];
        out->lengths[i] = 8;
        out->types[i] = OID_INTEGER;
    }
}

static void
send(carnet_store_query *query)
{
    carnet_store_session *session = query->session;
    carnet_postgres_connection *connection = session->connection;
    parameters with;
    char name[16];

    /* Answers that nobody reads would at last stop the server. */
    if (connection->pending_count + 2 > CARNET_POSTGRES_PENDING)
        carnet_postgres_settle(session);
    encode(query, &with);
    if (session->failed.rc != CARNET_OK || !prepare(session, query->statement, with.types, query->value_count, name))
        return;
    if (PQsendQueryPrepared(connection->pg, name, (int)query->value_count, with.values, with.lengths, with.formats,
                            1) != 1)
        failed(session, NULL);
    else
        push(session, query, NULL);
}

bool
carnet_postgres_row(carnet_store_query *query)
{
    if (query->started)
        return ++query->row < query->rows;
    send(query);
    query->started = true;
    carnet_postgres_settle(query->session);
    query->row = 0;
    return query->session->failed.rc == CARNET_OK && query->rows > 0;
}

void
carnet_postgres_add(carnet_store_query *query)
{
    send(query);
}

void
carnet_postgres_send(carnet_store_session *session, const carnet_store_statement *statement)
{
    carnet_store_query query;

    carnet_store_ask(&query, session, statement);
    if (carnet_store_run(&query, NULL) != CARNET_OK)
        return; /* it sticks in the session */
}

int64_t
carnet_postgres_integer(const carnet_store_query *query, size_t column)
{
    const char *at = PQgetvalue(query->cursor, query->row, (int)column);
    int len = PQgetlength(query->cursor, query->row, (int)column);
    uint64_t value = len > 0 && (at[0] & 0x80) != 0 ? UINT64_MAX : 0;

    for (int i = 0; i < len && i < 8; i++)
        value = value << 8 | (uint8_t)at[i];
    return (int64_t)value;
}

carnet_span
carnet_postgres_bytes(const carnet_store_query *query, size_t column)
{
    int len = PQgetlength(query->cursor, query->row, (int)column);

    if (len <= 0)
        return (carnet_span){ 0 };
    return (carnet_span){ (const uint8_t *)PQgetvalue(query->cursor, query->row, (int)column), (size_t)len };
}

/* Answers that are still to come are nobody's then. */
void
carnet_postgres_end(carnet_store_query *query)
{
    carnet_postgres_connection *connection = query->session->connection;

    for (size_t i = 0; i < connection->pending_count; i++)
        if (connection->pending[i].query == query)
            connection->pending[i].query = NULL;
    PQclear(query->cursor);
    query->cursor = NULL;
}
