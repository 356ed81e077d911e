/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing; clocks, identifiers and counters. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t
carnet_store_monotonic_ms(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

int64_t
carnet_store_calendar_ms(void)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

void
carnet_store_pause_ms(int64_t ms)
{
    struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

    nanosleep(&left, NULL);
}

/* 42 bits of milliseconds since 1970, 10 of the opening's number, 11 of a count: later ones are greater, and those of
 * several instances lie between each other as they were made.  A clock set back does not set this back. */
int64_t
carnet_store_new_identifier(carnet_store *store)
{
    int64_t ms = carnet_store_calendar_ms(), id;

    pthread_mutex_lock(&store->identifiers);
    if (ms > store->last_ms) {
        store->last_ms = ms;
        store->sequence = 0;
    } else if (++store->sequence == 2048) {
        store->last_ms++;
        store->sequence = 0;
    }
    id = store->last_ms << 21 | (store->instance & 1023) << 11 | store->sequence;
    pthread_mutex_unlock(&store->identifiers);
    return id;
}

int64_t
carnet_store_first_identifier_at(carnet_time time)
{
    const carnet_time most = (INT64_C(1) << 42) / 1000 - 1;

    return (time < 0 ? 0 : time > most ? most : time) * 1000 << 21;
}

/* Milliseconds come from the clock, the second from the caller. */
int64_t
carnet_store_identifier_at(carnet_store *store, carnet_time time)
{
    int64_t ms = carnet_store_calendar_ms() % 1000, sequence;

    pthread_mutex_lock(&store->identifiers);
    sequence = store->events++ & 2047;
    pthread_mutex_unlock(&store->identifiers);
    return carnet_store_first_identifier_at(time) + (ms << 21 | (store->instance & 1023) << 11 | sequence);
}

/* After "postgresql:" comes libpq's own text, unless the whole is a URL it knows. */
static const char *
postgres_place(const char *place)
{
    if (strncmp(place, "postgresql://", 13) == 0 || strncmp(place, "postgres://", 11) == 0)
        return place;
    return strncmp(place, "postgresql:", 11) == 0 ? place + 11 : NULL;
}

carnet_rc
carnet_store_open(const carnet_store_config *config, carnet_store **store, carnet_err *err)
{
    const char *server;
    carnet_store *made;
    carnet_rc rc;

    *store = NULL;
    if (config->place == NULL || config->place[0] == '\0')
        return carnet_fail(err, CARNET_E_STORE_OPEN, NULL, "no place is given");
    if ((made = calloc(1, sizeof(*made))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    server = postgres_place(config->place);
    made->backend = server != NULL ? &carnet_store_postgres : &carnet_store_sqlite;
    made->random = config->random;
    made->connections = config->connections == 0 ? 16 : config->connections;
    made->patience_ms = config->patience_ms == 0 ? 10000 : config->patience_ms;
    pthread_mutex_init(&made->identifiers, NULL);
    pthread_mutex_init(&made->indices, NULL);
    rc = made->backend->open(made, server != NULL ? server : config->place, err);
    if (rc == CARNET_OK)
        rc = made->backend->read(made, carnet_store_used_earlier, &made->earlier, made->patience_ms, err);
    if (rc != CARNET_OK)
        carnet_store_close(&made);
    *store = made;
    return rc;
}

void
carnet_store_close(carnet_store **store)
{
    carnet_store *closing = *store;

    if (closing == NULL)
        return;
    if (closing->state != NULL)
        closing->backend->close(closing);
    carnet_store_blocks_free(closing->blocks);
    pthread_mutex_destroy(&closing->identifiers);
    pthread_mutex_destroy(&closing->indices);
    free(closing);
    *store = NULL;
}

carnet_rc
carnet_store_do(carnet_store_session *session, carnet_store_work *work, void *arg, carnet_err *err)
{
    carnet_rc rc = work(arg, session, err);

    if (rc != CARNET_OK || session->failed.rc == CARNET_OK)
        return rc;
    if (err != NULL)
        *err = session->failed;
    return session->failed.rc;
}

carnet_rc
carnet_store_transact(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err)
{
    return store->backend->transact(store, work, arg, err);
}

carnet_rc
carnet_store_submit(carnet_store *store, carnet_store_work *work, void *arg, void (*tell)(void *self), void *self,
                    carnet_store_job **job, carnet_err *err)
{
    carnet_rc rc;

    *job = NULL;
    if (carnet_store_submits(store))
        return store->backend->submit(store, work, arg, tell, self, job, err);
    rc = carnet_store_transact(store, work, arg, err);
    carnet_store_withdraw(store);
    return rc;
}

bool
carnet_store_submits(const carnet_store *store)
{
    return store->backend->submit != NULL;
}

carnet_rc
carnet_store_finish(carnet_store_job **job, carnet_err *err)
{
    carnet_store_job *over = *job;
    carnet_rc rc;

    while (sem_wait(&over->woken) != 0)
        continue;
    rc = over->rc;
    if (rc != CARNET_OK && err != NULL)
        *err = over->own_err;
    sem_destroy(&over->woken);
    free(over);
    *job = NULL;
    return rc;
}

void
carnet_store_announce(carnet_store *store)
{
    store->announced++;
}

void
carnet_store_withdraw(carnet_store *store)
{
    store->announced--;
    if (store->backend->withdrawn != NULL)
        store->backend->withdrawn(store);
}

carnet_rc
carnet_store_read(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err)
{
    store->reads++;
    return store->backend->read(store, work, arg, store->patience_ms, err);
}

static carnet_rc
look(void *arg, carnet_store_session *session, carnet_err *err)
{
    static const carnet_store_statement statement = { CARNET_SQL_ready, "SELECT value FROM counters" };
    carnet_store_query query;

    carnet_store_ask(&query, session, &statement);
    *(bool *)arg = carnet_store_row(&query);
    return carnet_store_end(&query, err);
}

bool
carnet_store_ready(carnet_store *store)
{
    unsigned patience = store->patience_ms < 2000 ? store->patience_ms : 2000;
    bool there = false;

    return store->backend->read(store, look, &there, patience, NULL) == CARNET_OK && there;
}

const char *
carnet_store_kind(const carnet_store *store)
{
    return store->backend->kind;
}

carnet_store_counters
carnet_store_count(const carnet_store *store)
{
    return (carnet_store_counters){
        .transactions = store->transactions,
        .commits = store->commits,
        .undone = store->undone,
        .retried = store->retried,
        .reconnected = store->reconnected,
        .reads = store->reads,
    };
}
