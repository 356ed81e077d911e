/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions in SQLite.  One thread writes at a time, the leader: it runs its
 * own work and that of all who wait, each in a savepoint, and commits once for
 * them all.  Who waits last leads next.  A lone writer wakes nobody.
 */
#include "internal.h"

#include <sqlite3.h>

#define TOGETHER 64 /* transactions in one commit at most */

struct carnet_sqlite_job {
    carnet_store_work *work;
    void *arg;
    carnet_err *err;
    carnet_rc rc;
    int64_t patient_until; /* monotonic */
    bool done, leads;
    pthread_cond_t woken;
    carnet_sqlite_job *next; /* in the queue, then in its group */
};

typedef struct group {
    carnet_sqlite_job *first, **last;
    size_t count;
    bool open; /* a transaction of SQLite's is */
} group;

static carnet_rc
control(carnet_store *store, carnet_store_number number, const char *sql, carnet_err *err)
{
    carnet_store_statement statement = { number, sql };
    carnet_store_session session = { .store = store, .writing = true };
    carnet_store_query query;

    session.connection = ((carnet_sqlite *)store->state)->writer;
    carnet_store_ask(&query, &session, &statement);
    return carnet_store_run(&query, err);
}

static carnet_rc
begin(carnet_store *store, carnet_sqlite_job *job)
{
    ((carnet_sqlite *)store->state)->writer->busy_until = job->patient_until;
    return control(store, CARNET_SQL_begin, "BEGIN IMMEDIATE", job->err);
}

static bool
lost(const carnet_store *store)
{
    return sqlite3_get_autocommit(((const carnet_sqlite *)store->state)->writer->db) != 0;
}

static void
undo_all(carnet_store *store)
{
    if (!lost(store) && control(store, CARNET_SQL_rollback, "ROLLBACK", NULL) != CARNET_OK)
        store->undone++; /* SQLite has done it already */
}

/* The first job of a group needs no savepoint: without it there is nothing to undo to. */
static void
run_in(carnet_store *store, group *together, carnet_sqlite_job *job)
{
    carnet_store_session session = { .store = store, .writing = true };
    bool alone = !together->open;

    job->rc = alone ? begin(store, job) : control(store, CARNET_SQL_savepoint, "SAVEPOINT one", job->err);
    if (job->rc != CARNET_OK)
        return;
    together->open = true;
    session.connection = ((carnet_sqlite *)store->state)->writer;
    job->rc = carnet_store_do(&session, job->work, job->arg, job->err);
    if (job->rc == CARNET_OK) {
        if (!alone)
            job->rc = control(store, CARNET_SQL_release, "RELEASE one", job->err);
    } else if (alone) {
        undo_all(store);
        together->open = false;
    } else if (lost(store) || control(store, CARNET_SQL_undo, "ROLLBACK TO one", NULL) != CARNET_OK ||
               control(store, CARNET_SQL_release, "RELEASE one", NULL) != CARNET_OK) {
        undo_all(store);
    }
}

static void
count_job(carnet_store *store, const carnet_sqlite_job *job)
{
    if (job->rc == CARNET_OK)
        store->transactions++;
    else
        store->undone++;
}

/* The transaction of all is lost or did not commit: each has one of its own. */
static void
run_singly(carnet_store *store, group *together)
{
    for (carnet_sqlite_job *job = together->first; job != NULL; job = job->next) {
        group single = { 0 };

        store->retried++;
        run_in(store, &single, job);
        if (job->rc == CARNET_OK && (job->rc = control(store, CARNET_SQL_commit, "COMMIT", job->err)) != CARNET_OK)
            undo_all(store);
        store->commits += job->rc == CARNET_OK;
    }
}

static carnet_sqlite_job *
next_job(carnet_sqlite *sqlite)
{
    carnet_sqlite_job *job;

    pthread_mutex_lock(&sqlite->lock);
    job = sqlite->first;
    if (job != NULL) {
        sqlite->first = job->next;
        if (sqlite->first == NULL)
            sqlite->last = &sqlite->first;
        job->next = NULL;
    }
    pthread_mutex_unlock(&sqlite->lock);
    return job;
}

static void
run_group(carnet_store *store, group *together)
{
    carnet_sqlite_job *job;

    while (together->count < TOGETHER && (job = next_job(store->state)) != NULL) {
        *together->last = job;
        together->last = &job->next;
        together->count++;
        run_in(store, together, job);
        if (together->open && lost(store))
            break;
    }
    if (together->open) {
        if (!lost(store) && control(store, CARNET_SQL_commit, "COMMIT", NULL) == CARNET_OK) {
            store->commits++;
        } else {
            undo_all(store);
            run_singly(store, together);
        }
    }
    for (job = together->first; job != NULL; job = job->next)
        count_job(store, job);
}

/* Tell everyone of the group, and the next leader.  Under the lock: a job is gone once its owner has it. */
static void
hand_on(carnet_sqlite *sqlite, group *together, const carnet_sqlite_job *own)
{
    carnet_sqlite_job *next;

    pthread_mutex_lock(&sqlite->lock);
    for (carnet_sqlite_job *job = together->first; job != NULL; job = next) {
        next = job->next;
        job->done = true;
        if (job != own)
            pthread_cond_signal(&job->woken);
    }
    sqlite->running = false;
    sqlite->led = sqlite->first != NULL;
    if (sqlite->led) {
        sqlite->first->leads = true;
        pthread_cond_signal(&sqlite->first->woken);
    }
    pthread_mutex_unlock(&sqlite->lock);
}

carnet_rc
carnet_sqlite_transact(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err)
{
    carnet_sqlite_job own = { .work = work, .arg = arg, .err = err, .woken = PTHREAD_COND_INITIALIZER };
    group together = { .last = &together.first };
    carnet_sqlite *sqlite = store->state;

    own.patient_until = carnet_store_monotonic_ms() + store->patience_ms;
    pthread_mutex_lock(&sqlite->lock);
    if (sqlite->running && pthread_equal(sqlite->leader, pthread_self())) {
        pthread_mutex_unlock(&sqlite->lock);
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a transaction is begun within another");
    }
    *sqlite->last = &own;
    sqlite->last = &own.next;
    own.leads = !sqlite->led;
    sqlite->led = true;
    while (!own.done && !own.leads)
        pthread_cond_wait(&own.woken, &sqlite->lock);
    if (own.leads) {
        sqlite->running = true;
        sqlite->leader = pthread_self();
    }
    pthread_mutex_unlock(&sqlite->lock);
    if (!own.done) {
        run_group(store, &together);
        hand_on(sqlite, &together, &own);
    }
    pthread_cond_destroy(&own.woken);
    return own.rc;
}
