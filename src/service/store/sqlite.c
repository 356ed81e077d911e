/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite: connections, statements, reading.  One writes, in sqlite_transact.c. */
#include "internal.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

carnet_rc
carnet_sqlite_rc(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return CARNET_OK;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ? CARNET_E_STORE_TWICE
                                                                                        : CARNET_E_STORE_FAILED;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return CARNET_E_STORE_BUSY;
    case SQLITE_FULL:
        return CARNET_E_STORE_FULL;
    case SQLITE_NOMEM:
        return CARNET_E_NO_SPACE;
    case SQLITE_CANTOPEN:
    case SQLITE_NOTADB:
        return CARNET_E_STORE_OPEN;
    default:
        return CARNET_E_STORE_FAILED;
    }
}

/* Another process writes: its transactions are short, so look again soon. */
static int
busy(void *self, int count)
{
    const carnet_sqlite_connection *connection = self;

    if (carnet_store_monotonic_ms() >= connection->busy_until)
        return 0;
    carnet_store_pause_ms(count < 20 ? 1 : 5);
    return 1;
}

static int
exec_once(carnet_sqlite_connection *connection, const char *sql, int64_t *value)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW && value != NULL)
        *value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return code;
}

carnet_rc
carnet_sqlite_exec(void *self, const char *sql, int64_t *value, carnet_err *err)
{
    carnet_sqlite_connection *connection = self;
    int code;

    connection->busy_until = carnet_store_monotonic_ms() + connection->patience_ms;
    /* Some locks are not waited for by the handler: the one to change the journal's mode. */
    while (carnet_sqlite_rc(code = exec_once(connection, sql, value)) == CARNET_E_STORE_BUSY &&
           carnet_store_monotonic_ms() < connection->busy_until)
        carnet_store_pause_ms(5);
    if (carnet_sqlite_rc(code) == CARNET_OK)
        return CARNET_OK;
    return carnet_fail(err, carnet_sqlite_rc(code), NULL, sqlite3_errmsg(connection->db));
}

static void
disconnect(carnet_sqlite_connection **connection)
{
    if (*connection == NULL)
        return;
    for (size_t i = 0; i < CARNET_SQL_COUNT; i++)
        sqlite3_finalize((*connection)->statements[i]);
    sqlite3_close((*connection)->db);
    free(*connection);
    *connection = NULL;
}

static carnet_rc
connect_to(carnet_store *store, bool writer, carnet_sqlite_connection **connection, carnet_err *err)
{
    static const char *const setup[] = {
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA cache_size = -16384",
        "PRAGMA temp_store = MEMORY",
        /* The log is written by commits alone: nothing waits in its file's room when another process may write. */
        "PRAGMA cache_spill = OFF",
        /* 16 MiB: pages that change often are copied back less often than they change */
        "PRAGMA wal_autocheckpoint = 4000",
        "PRAGMA journal_size_limit = 67108864",
    };
    const carnet_sqlite *sqlite = store->state;
    carnet_sqlite_connection *made = calloc(1, sizeof(*made));
    carnet_rc rc = CARNET_OK;

    *connection = NULL;
    if (made == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    made->patience_ms = store->patience_ms;
    if (sqlite3_open_v2(sqlite->path, &made->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, carnet_sqlite_files()) !=
        SQLITE_OK) {
        rc = carnet_fail(err, CARNET_E_STORE_OPEN, NULL, sqlite3_errmsg(made->db));
        disconnect(&made);
        return rc;
    }
    sqlite3_extended_result_codes(made->db, 1);
    sqlite3_busy_handler(made->db, busy, made);
    for (size_t i = 0; rc == CARNET_OK && i < sizeof(setup) / sizeof(setup[0]); i++)
        rc = carnet_sqlite_exec(made, setup[i], NULL, err);
    if (rc == CARNET_OK && !writer)
        rc = carnet_sqlite_exec(made, "PRAGMA query_only = 1", NULL, err);
    if (rc != CARNET_OK)
        disconnect(&made);
    *connection = made;
    return rc;
}

/* SQLite would make the file readable for all whom the umask lets. */
static carnet_rc
make_file(const char *path, carnet_err *err)
{
    int fd = path[0] == ':' ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return carnet_fail(err, CARNET_E_STORE_OPEN, NULL, "the file cannot be opened for writing");
    close(fd);
    return CARNET_OK;
}

static carnet_rc
sqlite_open(carnet_store *store, const char *place, carnet_err *err)
{
    carnet_sqlite *sqlite = calloc(1, sizeof(*sqlite));
    pthread_condattr_t monotonic;
    carnet_store_raw raw = { .exec = carnet_sqlite_exec };
    carnet_rc rc;

    if (sqlite == NULL || (sqlite->path = strdup(place)) == NULL) {
        free(sqlite);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    store->state = sqlite;
    sqlite->last = &sqlite->first;
    pthread_mutex_init(&sqlite->lock, NULL);
    pthread_cond_init(&sqlite->reader_free, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&sqlite->gathered, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if ((rc = make_file(place, err)) != CARNET_OK || (rc = connect_to(store, true, &sqlite->writer, err)) != CARNET_OK)
        return rc;
    raw.connection = sqlite->writer;
    return carnet_store_migrate(&raw, &store->instance, err);
}

static void
sqlite_close(carnet_store *store)
{
    carnet_sqlite *sqlite = store->state;

    carnet_sqlite_end_commits(sqlite);
    while (sqlite->idle != NULL) {
        carnet_sqlite_connection *next = sqlite->idle->next;

        disconnect(&sqlite->idle);
        sqlite->idle = next;
    }
    disconnect(&sqlite->writer);
    pthread_mutex_destroy(&sqlite->lock);
    pthread_cond_destroy(&sqlite->reader_free);
    pthread_cond_destroy(&sqlite->gathered);
    free(sqlite->path);
    free(sqlite);
}

/* The reader that was used last, or a new one; when all are in use, the next that is free. */
static carnet_rc
take_reader(carnet_store *store, carnet_sqlite_connection **reader, carnet_err *err)
{
    carnet_sqlite *sqlite = store->state;
    carnet_rc rc = CARNET_OK;

    pthread_mutex_lock(&sqlite->lock);
    while (sqlite->idle == NULL && sqlite->readers >= store->connections)
        pthread_cond_wait(&sqlite->reader_free, &sqlite->lock);
    *reader = sqlite->idle;
    if (*reader != NULL)
        sqlite->idle = (*reader)->next;
    else
        sqlite->readers++;
    pthread_mutex_unlock(&sqlite->lock);
    if (*reader == NULL && (rc = connect_to(store, false, reader, err)) != CARNET_OK) {
        pthread_mutex_lock(&sqlite->lock);
        sqlite->readers--;
        pthread_cond_signal(&sqlite->reader_free);
        pthread_mutex_unlock(&sqlite->lock);
    }
    return rc;
}

static void
give_reader(carnet_sqlite *sqlite, carnet_sqlite_connection *reader)
{
    pthread_mutex_lock(&sqlite->lock);
    reader->next = sqlite->idle;
    sqlite->idle = reader;
    pthread_cond_signal(&sqlite->reader_free);
    pthread_mutex_unlock(&sqlite->lock);
}

static carnet_rc
sqlite_read(carnet_store *store, carnet_store_work *work, void *arg, unsigned patience_ms, carnet_err *err)
{
    carnet_store_session session = { .store = store };
    carnet_sqlite_connection *reader;
    carnet_rc rc = take_reader(store, &reader, err);

    if (reader == NULL)
        return rc;
    reader->busy_until = carnet_store_monotonic_ms() + patience_ms;
    session.connection = reader;
    rc = carnet_store_do(&session, work, arg, err);
    give_reader(store->state, reader);
    return rc;
}

static void
broken(carnet_store_query *query, int code)
{
    const carnet_sqlite_connection *connection = query->session->connection;

    carnet_store_broken(query->session, carnet_sqlite_rc(code), sqlite3_errmsg(connection->db));
}

/* Its prepared form, kept by the connection from the first use on. */
static sqlite3_stmt *
prepared(carnet_store_query *query)
{
    carnet_sqlite_connection *connection = query->session->connection;
    sqlite3_stmt **statement = &connection->statements[query->statement->number];
    char sql[CARNET_STORE_SQL];
    int code;

    if (*statement != NULL && sqlite3_stmt_busy(*statement)) {
        carnet_store_broken(query->session, CARNET_E_USAGE, "a query is asked within itself");
        return NULL;
    }
    if (*statement != NULL)
        return *statement;
    if (carnet_store_render(query->statement->sql, false, false, sql, sizeof(sql)) != CARNET_OK) {
        carnet_store_broken(query->session, CARNET_E_LIMIT, "the statement is too long");
        return NULL;
    }
    code = sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    if (code != SQLITE_OK)
        broken(query, code);
    return *statement;
}

/* Parameters are borrowed: the query ends, or is bound anew, before they go. */
static sqlite3_stmt *
bound(carnet_store_query *query)
{
    sqlite3_stmt *statement = prepared(query);
    int code = SQLITE_OK;

    for (size_t i = 0; statement != NULL && code == SQLITE_OK && i < query->value_count; i++) {
        const carnet_store_value *value = &query->values[i];
        int at = (int)i + 1;

        if (value->kind == CARNET_STORE_INTEGER)
            code = sqlite3_bind_int64(statement, at, value->integer);
        else if (value->kind == CARNET_STORE_TEXT)
            code = sqlite3_bind_text64(statement, at, value->ptr, value->len, SQLITE_STATIC, SQLITE_UTF8);
        else
            code = sqlite3_bind_blob64(statement, at, value->ptr, value->len, SQLITE_STATIC);
    }
    if (code == SQLITE_OK)
        return statement;
    broken(query, code);
    return NULL;
}

static bool
sqlite_row(carnet_store_query *query)
{
    int code;

    if (!query->started) {
        if ((query->cursor = bound(query)) == NULL)
            return false;
        query->started = true;
    }
    code = sqlite3_step(query->cursor);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        broken(query, code);
    return false;
}

static void
sqlite_add(carnet_store_query *query)
{
    const carnet_sqlite_connection *connection = query->session->connection;
    sqlite3_stmt *statement = bound(query);
    int code;

    if (statement == NULL)
        return;
    code = sqlite3_step(statement);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        broken(query, code);
    carnet_store_answered(query, sqlite3_changes(connection->db) != 0);
    sqlite3_reset(statement);
}

static void
sqlite_settle(carnet_store_session *session)
{
    (void)session; /* add() knew it */
}

static int64_t
sqlite_integer(const carnet_store_query *query, size_t column)
{
    return sqlite3_column_int64(query->cursor, (int)column);
}

static carnet_span
sqlite_bytes(const carnet_store_query *query, size_t column)
{
    const void *ptr = sqlite3_column_blob(query->cursor, (int)column);

    return (carnet_span){ ptr, (size_t)sqlite3_column_bytes(query->cursor, (int)column) };
}

static void
sqlite_end(carnet_store_query *query)
{
    if (query->started)
        sqlite3_reset(query->cursor);
}

const carnet_store_backend carnet_store_sqlite = {
    .kind = "sqlite",
    .open = sqlite_open,
    .close = sqlite_close,
    .transact = carnet_sqlite_transact,
    .submit = carnet_sqlite_submit,
    .read = sqlite_read,
    .row = sqlite_row,
    .add = sqlite_add,
    .settle = sqlite_settle,
    .integer = sqlite_integer,
    .bytes = sqlite_bytes,
    .end = sqlite_end,
    .withdrawn = carnet_sqlite_withdrawn,
};
