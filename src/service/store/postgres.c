/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL: a pool of connections, each used by one thread at a time.  Lost ones are replaced. */
#include "internal.h"

#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
silent(void *self, const char *message)
{
    (void)self;
    (void)message;
}

static void
disconnect(carnet_postgres_connection *connection)
{
    PQfinish(connection->pg);
    free(connection);
}

/* What the administrator may have set, but not weaker than what is promised here. */
static bool
prepare_session(PGconn *pg)
{
    static const char *const setup[] = {
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        "SELECT set_config('idle_in_transaction_session_timeout', '60s', false)",
        "SELECT set_config('default_transaction_isolation', 'read committed', false)",
        "SELECT set_config('client_min_messages', 'error', false)",
    };

    for (size_t i = 0; i < sizeof(setup) / sizeof(setup[0]); i++) {
        PGresult *result = PQexec(pg, setup[i]);
        bool good = PQresultStatus(result) == PGRES_TUPLES_OK;

        PQclear(result);
        if (!good)
            return false;
    }
    return true;
}

static carnet_rc
connect_to(const carnet_postgres *postgres, carnet_postgres_connection **connection, carnet_err *err)
{
    /* What the place says comes later, and before these. */
    static const char *const keywords[] = { "connect_timeout",
                                            "application_name",
                                            "target_session_attrs",
                                            "keepalives_idle",
                                            "tcp_user_timeout",
                                            "client_encoding",
                                            "dbname",
                                            NULL };
    const char *const values[] = { "5", "carnet", "read-write", "10", "20000", "UTF8", postgres->place, NULL };
    carnet_postgres_connection *made = calloc(1, sizeof(*made));
    carnet_rc rc;

    *connection = NULL;
    if (made == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    made->pg = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(made->pg) == CONNECTION_OK && prepare_session(made->pg)) {
        PQsetNoticeProcessor(made->pg, silent, NULL);
        *connection = made;
        return CARNET_OK;
    }
    rc = carnet_fail(err, CARNET_E_STORE_UNREACHABLE, NULL, PQerrorMessage(made->pg));
    disconnect(made);
    return rc;
}

/* One more is allowed now: make it, and try again until the deadline. */
static carnet_rc
make(carnet_store *store, int64_t deadline, carnet_postgres_connection **connection, carnet_err *err)
{
    carnet_postgres *postgres = store->state;
    carnet_rc rc;

    while ((rc = connect_to(postgres, connection, err)) == CARNET_E_STORE_UNREACHABLE &&
           carnet_store_monotonic_ms() < deadline)
        carnet_store_pause_ms(50);
    if (*connection != NULL && PQenterPipelineMode((*connection)->pg) == 1)
        return CARNET_OK;
    if (*connection != NULL)
        disconnect(*connection);
    *connection = NULL;
    pthread_mutex_lock(&postgres->lock);
    postgres->connections--;
    pthread_cond_signal(&postgres->freed);
    pthread_mutex_unlock(&postgres->lock);
    return rc != CARNET_OK ? rc : carnet_fail(err, CARNET_E_STORE_FAILED, NULL, "no pipeline mode");
}

static struct timespec
calendar_of(int64_t deadline)
{
    int64_t left = deadline - carnet_store_monotonic_ms(), at = carnet_store_calendar_ms() + (left > 0 ? left : 0);

    return (struct timespec){ .tv_sec = at / 1000, .tv_nsec = at % 1000 * 1000000 };
}

carnet_rc
carnet_postgres_take(carnet_store *store, int64_t deadline, carnet_postgres_connection **connection, carnet_err *err)
{
    carnet_postgres *postgres = store->state;
    struct timespec until = calendar_of(deadline);
    int waited = 0;

    pthread_mutex_lock(&postgres->lock);
    while (waited == 0 && postgres->idle == NULL && postgres->connections >= store->connections)
        waited = pthread_cond_timedwait(&postgres->freed, &postgres->lock, &until);
    *connection = postgres->idle;
    if (*connection != NULL)
        postgres->idle = (*connection)->next;
    else if (waited == 0)
        postgres->connections++;
    pthread_mutex_unlock(&postgres->lock);
    if (*connection != NULL)
        return CARNET_OK;
    if (waited != 0)
        return carnet_fail(err, CARNET_E_STORE_BUSY, NULL, "all connections to the store are in use");
    return make(store, deadline, connection, err);
}

/* When one is lost, so are most likely those that are idle. */
void
carnet_postgres_give(carnet_store *store, carnet_postgres_connection *connection)
{
    carnet_postgres *postgres = store->state;
    carnet_postgres_connection *gone = NULL, *next;
    bool lost = connection->lost; /* once it is idle, it is another's */

    pthread_mutex_lock(&postgres->lock);
    if (lost) {
        gone = postgres->idle;
        postgres->idle = NULL;
        for (next = gone; next != NULL; next = next->next)
            postgres->connections--;
        postgres->connections--;
        store->reconnected++;
    } else {
        connection->next = postgres->idle;
        postgres->idle = connection;
    }
    pthread_cond_broadcast(&postgres->freed);
    pthread_mutex_unlock(&postgres->lock);
    if (lost)
        disconnect(connection);
    for (; gone != NULL; gone = next) {
        next = gone->next;
        disconnect(gone);
    }
}

static carnet_rc
exec(void *self, const char *sql, int64_t *value, carnet_err *err)
{
    carnet_postgres_connection *connection = self;
    PGresult *result = PQexec(connection->pg, sql);
    ExecStatusType status = PQresultStatus(result);
    carnet_rc rc = CARNET_OK;

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        rc = carnet_fail(err, CARNET_E_STORE_OPEN, NULL, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    else if (value != NULL && PQntuples(result) > 0)
        *value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return rc;
}

static carnet_rc
postgres_open(carnet_store *store, const char *place, carnet_err *err)
{
    carnet_postgres *postgres = calloc(1, sizeof(*postgres));
    int64_t deadline = carnet_store_monotonic_ms() + store->patience_ms;
    carnet_postgres_connection *connection = NULL;
    carnet_store_raw raw = { .postgres = true, .exec = exec };
    carnet_rc rc;

    if (postgres == NULL || (postgres->place = strdup(place)) == NULL) {
        free(postgres);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    store->state = postgres;
    pthread_mutex_init(&postgres->lock, NULL);
    pthread_cond_init(&postgres->freed, NULL);
    while ((rc = connect_to(postgres, &connection, err)) == CARNET_E_STORE_UNREACHABLE &&
           carnet_store_monotonic_ms() < deadline)
        carnet_store_pause_ms(50);
    if (connection == NULL)
        return rc;
    raw.connection = connection;
    rc = carnet_store_migrate(&raw, &store->instance, err);
    disconnect(connection);
    return rc;
}

static void
postgres_close(carnet_store *store)
{
    carnet_postgres *postgres = store->state;
    carnet_postgres_connection *next;

    for (; postgres->idle != NULL; postgres->idle = next) {
        next = postgres->idle->next;
        disconnect(postgres->idle);
    }
    pthread_mutex_destroy(&postgres->lock);
    pthread_cond_destroy(&postgres->freed);
    free(postgres->place);
    free(postgres);
}

static carnet_rc
postgres_read(carnet_store *store, carnet_store_work *work, void *arg, unsigned patience_ms, carnet_err *err)
{
    int64_t deadline = carnet_store_monotonic_ms() + patience_ms;
    bool lost = true;
    carnet_rc rc = CARNET_OK;

    while (lost) {
        carnet_store_session session = { .store = store };
        carnet_postgres_connection *connection;

        rc = carnet_postgres_take(store, deadline, &connection, err);
        if (connection == NULL)
            return rc;
        session.connection = connection;
        rc = carnet_store_do(&session, work, arg, err);
        lost = connection->lost && session.failed.rc != CARNET_OK && carnet_store_monotonic_ms() < deadline;
        carnet_postgres_give(store, connection);
    }
    return rc;
}

const carnet_store_backend carnet_store_postgres = {
    .kind = "postgresql",
    .open = postgres_open,
    .close = postgres_close,
    .transact = carnet_postgres_transact,
    .read = postgres_read,
    .row = carnet_postgres_row,
    .add = carnet_postgres_add,
    .settle = carnet_postgres_settle,
    .integer = carnet_postgres_integer,
    .bytes = carnet_postgres_bytes,
    .end = carnet_postgres_end,
};
