/* SPDX-License-Identifier: Apache-2.0 */
/* A query as attribute source: a small pool of connections, each used by one thread at a time. */
#include "internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 4, CONNECTIONS_MAX = 64, TIMEOUT_MS = 5000 };

struct carnet_sql_source {
    carnet_sql_source_config config;
    const carnet_sql_ops *ops;
    pthread_mutex_t lock;
    pthread_cond_t freed;
    void *idle[CONNECTIONS_MAX];
    unsigned idle_count, open_count;
};

static bool
is_postgresql(const char *place)
{
    static const char *const marks[] = { "postgresql:", "postgres:", "host=", "dbname=" };

    for (size_t i = 0; i < CARNET_COUNT(marks); i++)
        if (carnet_str_starts(carnet_str_of(place), marks[i]))
            return true;
    return false;
}

/* Wait for a turn; a connection may come with it, otherwise *connection is NULL. */
static void
take(carnet_sql_source *s, void **connection)
{
    *connection = NULL;
    (void)pthread_mutex_lock(&s->lock);
    while (s->idle_count == 0 && s->open_count >= s->config.connections)
        (void)pthread_cond_wait(&s->freed, &s->lock);
    if (s->idle_count != 0)
        *connection = s->idle[--s->idle_count];
    else
        s->open_count++;
    (void)pthread_mutex_unlock(&s->lock);
}

static void
give_back(carnet_sql_source *s, void *connection)
{
    (void)pthread_mutex_lock(&s->lock);
    if (connection != NULL)
        s->idle[s->idle_count++] = connection;
    else
        s->open_count--;
    (void)pthread_cond_signal(&s->freed);
    (void)pthread_mutex_unlock(&s->lock);
}

static carnet_rc
ask(carnet_sql_source *s, void **connection, const carnet_attribute_query *query, carnet_buf *claims, bool *lost,
    carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    *lost = false;
    if (*connection == NULL)
        rc = s->ops->connect(&s->config, connection, err);
    if (rc == CARNET_OK)
        rc = s->ops->ask(*connection, &s->config, query, claims, lost, err);
    if (*lost && *connection != NULL) {
        s->ops->close(*connection);
        *connection = NULL;
    }
    return rc;
}

/* A connection that was lost since it was used last is replaced once. */
static carnet_rc
sql_find(carnet_attribute_source *source, const carnet_attribute_query *query, carnet_buf *claims, carnet_err *err)
{
    carnet_sql_source *s = source->state;
    size_t before = claims->len;
    void *connection;
    bool lost, kept;
    carnet_rc rc;

    take(s, &connection);
    kept = connection != NULL;
    rc = ask(s, &connection, query, claims, &lost, err);
    if (rc != CARNET_OK && lost && kept) {
        claims->len = before;
        rc = ask(s, &connection, query, claims, &lost, err);
    }
    give_back(s, connection);
    return rc;
}

static void
sql_done(carnet_attribute_source *source)
{
    carnet_sql_source *s = source->state;

    while (s->idle_count != 0)
        s->ops->close(s->idle[--s->idle_count]);
    (void)pthread_cond_destroy(&s->freed);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static const carnet_attribute_source_ops sql_ops = {
    .size = sizeof(sql_ops), .kind = "sql", .find = sql_find, .done = sql_done
};

carnet_rc
carnet_sql_source_open(const carnet_sql_source_config *config, carnet_attribute_source *source, carnet_err *err)
{
    carnet_sql_source *s = calloc(1, sizeof(*s));
    carnet_rc rc = CARNET_OK;
    void *connection = NULL;

    *source = (carnet_attribute_source){ 0 };
    if (s == NULL)
        return carnet_fail(err, CARNET_E_ISSUING_SOURCE, NULL, "there is no memory");
    s->config = *config;
    s->config.connections = config->connections == 0 ? CONNECTIONS : config->connections;
    if (s->config.connections > CONNECTIONS_MAX)
        s->config.connections = CONNECTIONS_MAX;
    s->config.timeout_ms = config->timeout_ms == 0 ? TIMEOUT_MS : config->timeout_ms;
    s->ops = is_postgresql(config->place) ? &carnet_sql_postgresql : &carnet_sql_sqlite;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->freed, NULL);
    *source = (carnet_attribute_source){ .ops = &sql_ops, .state = s };
    if (s->ops == &carnet_sql_sqlite) {
        rc = s->ops->connect(&s->config, &connection, err);
        if (rc == CARNET_OK) {
            s->open_count = s->idle_count = 1;
            s->idle[0] = connection;
        } else {
            carnet_attribute_source_done(source);
        }
    }
    return rc;
}
