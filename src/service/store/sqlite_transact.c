/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions in SQLite.  One thread writes at a time, the leader: it runs its
 * own work and that of all who wait, and commits once for them all.  If one of
 * them fails after it wrote, all are undone and run again, each in a savepoint
 * then, and so are the next few hundred: savepoints cost each page a copy.
 * Before it begins the leader waits a moment for those that are announced.
 * Who comes after that leads next.  A lone writer waits for nobody and wakes nobody.
 * What was submitted has no thread that waits: one thread of the store's leads for it.
 */
#include "internal.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <time.h>

#define TOGETHER  64      /* transactions in one commit at most */
#define GATHER_NS 6000000 /* how long others are waited for, if twice the time of the last group is not between these */
#define LONGEST   10000000
#define PRESSED   512 /* 256ths: from so many that come while a commit takes, as many as came are waited for */
#define ENOUGH    24  /* or so many: beyond, a commit costs each of them little */
#define ALONE     64  /* if none came: how many transactions do not wait */
#define CAREFUL   256 /* if one failed after it wrote: how many have savepoints */

typedef struct group {
    carnet_store_job *first, **last;
    size_t count;
    int64_t began; /* of a clock that only moves on */
    bool open;     /* a transaction of SQLite's is */
    bool spoilt;   /* one wrote, then failed, and cannot be undone alone */
} group;

static int64_t
now_ns(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

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
begin(carnet_store *store, carnet_store_job *job)
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

static void
run_alone(carnet_store *store, group *together, carnet_store_job *job)
{
    carnet_store_session session = { .store = store, .writing = true };

    job->rc = begin(store, job);
    if (job->rc != CARNET_OK)
        return;
    together->open = true;
    session.connection = ((carnet_sqlite *)store->state)->writer;
    job->rc = carnet_store_do(&session, job->work, job->arg, job->err);
    if (job->rc != CARNET_OK) {
        undo_all(store);
        together->open = false;
    }
}

static void
run_marked(carnet_store *store, carnet_store_job *job)
{
    carnet_store_session session = { .store = store, .writing = true };

    job->rc = control(store, CARNET_SQL_savepoint, "SAVEPOINT one", job->err);
    if (job->rc != CARNET_OK)
        return;
    session.connection = ((carnet_sqlite *)store->state)->writer;
    job->rc = carnet_store_do(&session, job->work, job->arg, job->err);
    if (job->rc == CARNET_OK)
        job->rc = control(store, CARNET_SQL_release, "RELEASE one", job->err);
    else if (lost(store) || control(store, CARNET_SQL_undo, "ROLLBACK TO one", NULL) != CARNET_OK ||
             control(store, CARNET_SQL_release, "RELEASE one", NULL) != CARNET_OK)
        undo_all(store);
}

static void
run_boldly(carnet_store *store, group *together, carnet_store_job *job)
{
    carnet_sqlite_connection *writer = ((carnet_sqlite *)store->state)->writer;
    carnet_store_session session = { .store = store, .writing = true, .connection = writer };
    const int before = sqlite3_total_changes(writer->db);

    job->rc = carnet_store_do(&session, job->work, job->arg, job->err);
    together->spoilt = job->rc != CARNET_OK && sqlite3_total_changes(writer->db) != before;
}

/* The first job of a group needs no savepoint: without it there is nothing to undo to. */
static void
run_in(carnet_store *store, group *together, carnet_store_job *job)
{
    carnet_sqlite *sqlite = store->state;

    if (!together->open)
        run_alone(store, together, job);
    else if (sqlite->careful > 0)
        run_marked(store, job);
    else
        run_boldly(store, together, job);
    sqlite->careful -= sqlite->careful > 0;
}

/* All anew, up to the job that spoilt it. */
static void
run_carefully(carnet_store *store, group *together, const carnet_store_job *last)
{
    carnet_store_job *job = together->first;

    undo_all(store);
    together->open = together->spoilt = false;
    ((carnet_sqlite *)store->state)->careful = CAREFUL;
    for (bool more = true; more; job = job->next) {
        more = job != last;
        store->retried++;
        run_in(store, together, job);
        if (together->open && lost(store))
            return;
    }
}

static void
count_job(carnet_store *store, const carnet_store_job *job)
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
    for (carnet_store_job *job = together->first; job != NULL; job = job->next) {
        group single = { 0 };

        store->retried++;
        run_in(store, &single, job);
        if (job->rc == CARNET_OK && (job->rc = control(store, CARNET_SQL_commit, "COMMIT", job->err)) != CARNET_OK)
            undo_all(store);
        store->commits += job->rc == CARNET_OK;
    }
}

/* Those that wait, `most` of them.  With what was submitted its announcement ends. */
static carnet_store_job *
take_jobs(carnet_store *store, size_t most)
{
    carnet_sqlite *sqlite = store->state;
    carnet_store_job *first, **end = &first, *rest;

    pthread_mutex_lock(&sqlite->lock);
    first = sqlite->first;
    for (; *end != NULL && most > 0; most--) {
        store->announced -= (*end)->tell != NULL;
        end = &(*end)->next;
        sqlite->waiting--;
    }
    rest = *end;
    *end = NULL;
    sqlite->first = rest;
    if (rest == NULL)
        sqlite->last = &sqlite->first;
    pthread_mutex_unlock(&sqlite->lock);
    return first;
}

static void
run_group(carnet_store *store, group *together)
{
    bool broken = false;
    carnet_store_job *job;

    together->began = now_ns();
    while (!broken && together->count < TOGETHER && (job = take_jobs(store, TOGETHER - together->count)) != NULL) {
        *together->last = job;
        for (; job != NULL; job = job->next) {
            together->last = &job->next;
            together->count++;
            if (!broken)
                run_in(store, together, job);
            if (together->spoilt)
                run_carefully(store, together, job);
            broken = broken || (together->open && lost(store));
        }
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

/* Begin to lead: under the lock, of the job that is the first to wait. */
static void
appoint(carnet_sqlite *sqlite, const carnet_store_job *job)
{
    sqlite->led = sqlite->running = true;
    sqlite->leader = job->tell != NULL ? sqlite->committer : job->thread;
}

static void
call_leader(carnet_sqlite *sqlite, carnet_store_job *job)
{
    (void)sem_post(job->tell != NULL ? &sqlite->called : &job->woken);
}

/* How many come while a commit takes, on the average of the last few. */
static void
press(carnet_sqlite *sqlite, const group *together, int64_t now)
{
    const int64_t since = now - sqlite->handed_ns, count = (int64_t)together->count;

    sqlite->pressure += (count * 256 * sqlite->took_ns / (since > 0 ? since : 1) - sqlite->pressure) / 8;
    sqlite->handed_ns = now;
}

/* Tell the next leader, and everyone of the group: a job may be gone as soon as its owner is woken. */
static void
hand_on(carnet_sqlite *sqlite, group *together, const carnet_store_job *own)
{
    carnet_store_job *next;
    size_t came; /* in the time of a commit */
    const int64_t now = now_ns();

    pthread_mutex_lock(&sqlite->lock);
    next = sqlite->first;
    sqlite->led = sqlite->running = false;
    sqlite->took_ns = now - together->began;
    press(sqlite, together, now);
    came = together->count + sqlite->waiting;
    sqlite->expected = !sqlite->commits || sqlite->pressure < PRESSED ? 0 : came < ENOUGH ? came : ENOUGH;
    if (next != NULL)
        appoint(sqlite, next);
    pthread_mutex_unlock(&sqlite->lock);
    if (next != NULL)
        call_leader(sqlite, next);
    for (carnet_store_job *job = together->first; job != NULL; job = next) {
        next = job->next;
        job->done = true;
        if (job->tell != NULL)
            job->tell(job->self);
        if (job != own)
            sem_post(&job->woken);
    }
}

static bool
all_are_here(const carnet_store *store, const carnet_sqlite *sqlite)
{
    return sqlite->waiting >= TOGETHER || (sqlite->waiting >= store->announced && sqlite->waiting >= sqlite->expected);
}

/* Under the lock: wait for those that are announced.  When nobody comes they are slow, and not waited for again soon. */
static void
gather(carnet_store *store, carnet_sqlite *sqlite)
{
    size_t before = sqlite->waiting;
    struct timespec until;
    int64_t end;
    int waited = 0;

    if (sqlite->alone > 0) {
        sqlite->alone--;
        return;
    }
    if (all_are_here(store, sqlite))
        return;
    end = now_ns() + (2 * sqlite->took_ns < GATHER_NS ? GATHER_NS
                      : 2 * sqlite->took_ns < LONGEST ? 2 * sqlite->took_ns
                                                      : LONGEST);
    until = (struct timespec){ .tv_sec = end / 1000000000, .tv_nsec = end % 1000000000 };
    sqlite->gathers = true;
    while (waited == 0 && !all_are_here(store, sqlite))
        waited = pthread_cond_timedwait(&sqlite->gathered, &sqlite->lock, &until);
    sqlite->gathers = false;
    if (waited != 0 && sqlite->waiting == before)
        sqlite->alone = ALONE;
}

void
carnet_sqlite_withdrawn(carnet_store *store)
{
    carnet_sqlite *sqlite = store->state;

    if (!sqlite->gathers)
        return;
    pthread_mutex_lock(&sqlite->lock);
    if (sqlite->gathers && all_are_here(store, sqlite))
        pthread_cond_signal(&sqlite->gathered);
    pthread_mutex_unlock(&sqlite->lock);
}

/* Under the lock. */
static bool
enqueue(carnet_store *store, carnet_sqlite *sqlite, carnet_store_job *job)
{
    const bool first = !sqlite->led;

    *sqlite->last = job;
    sqlite->last = &job->next;
    sqlite->waiting++;
    if (first)
        appoint(sqlite, job);
    else if (sqlite->gathers && all_are_here(store, sqlite))
        pthread_cond_signal(&sqlite->gathered);
    return first;
}

/* Wait in the queue: true when it is the job's turn to lead, false when it is done. */
static bool
leads(carnet_store *store, carnet_sqlite *sqlite, carnet_store_job *own)
{
    bool first;

    pthread_mutex_lock(&sqlite->lock);
    first = enqueue(store, sqlite, own);
    pthread_mutex_unlock(&sqlite->lock);
    while (!first && sem_wait(&own->woken) != 0)
        continue;
    if (own->done)
        return false;
    pthread_mutex_lock(&sqlite->lock);
    gather(store, sqlite);
    pthread_mutex_unlock(&sqlite->lock);
    return true;
}

static bool
leads_now(carnet_sqlite *sqlite)
{
    bool within;

    pthread_mutex_lock(&sqlite->lock);
    within = sqlite->running && pthread_equal(sqlite->leader, pthread_self());
    pthread_mutex_unlock(&sqlite->lock);
    return within;
}

carnet_rc
carnet_sqlite_transact(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err)
{
    carnet_store_job own = { .work = work, .arg = arg, .err = err, .thread = pthread_self() };
    group together = { .last = &together.first };
    carnet_sqlite *sqlite = store->state;

    if (leads_now(sqlite))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a transaction is begun within another");
    own.patient_until = carnet_store_monotonic_ms() + store->patience_ms;
    sem_init(&own.woken, 0, 0);
    if (leads(store, sqlite, &own)) {
        run_group(store, &together);
        hand_on(sqlite, &together, &own);
    }
    sem_destroy(&own.woken);
    return own.rc;
}

/* --- submitted --- */

static void *
commit_submitted(void *self)
{
    carnet_store *store = self;
    carnet_sqlite *sqlite = store->state;

    for (;;) {
        group together = { .last = &together.first };

        while (sem_wait(&sqlite->called) != 0)
            continue;
        pthread_mutex_lock(&sqlite->lock);
        if (sqlite->first == NULL && sqlite->ending)
            break;
        gather(store, sqlite);
        pthread_mutex_unlock(&sqlite->lock);
        run_group(store, &together);
        hand_on(sqlite, &together, NULL);
    }
    pthread_mutex_unlock(&sqlite->lock);
    return NULL;
}

/* Under the lock: it gets no signals, those are the program's. */
static bool
commits(carnet_store *store, carnet_sqlite *sqlite)
{
    sigset_t all, before;

    if (sqlite->commits)
        return true;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    sem_init(&sqlite->called, 0, 0);
    sqlite->commits = pthread_create(&sqlite->committer, NULL, commit_submitted, store) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!sqlite->commits)
        sem_destroy(&sqlite->called);
    return sqlite->commits;
}

carnet_rc
carnet_sqlite_submit(carnet_store *store, carnet_store_work *work, void *arg, void (*tell)(void *self), void *self,
                     carnet_store_job **job, carnet_err *err)
{
    carnet_sqlite *sqlite = store->state;
    carnet_store_job *made = calloc(1, sizeof(*made));
    carnet_rc rc;
    bool there;

    *job = NULL;
    if (made == NULL) {
        carnet_store_withdraw(store);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    made->work = work;
    made->arg = arg;
    made->err = &made->own_err;
    made->tell = tell;
    made->self = self;
    made->patient_until = carnet_store_monotonic_ms() + store->patience_ms;
    sem_init(&made->woken, 0, 0);
    *job = made;
    pthread_mutex_lock(&sqlite->lock);
    there = commits(store, sqlite);
    if (there && enqueue(store, sqlite, made))
        call_leader(sqlite, made);
    pthread_mutex_unlock(&sqlite->lock);
    if (there)
        return CARNET_OK;
    *job = NULL;
    sem_destroy(&made->woken);
    free(made);
    rc = carnet_sqlite_transact(store, work, arg, err);
    carnet_store_withdraw(store);
    return rc;
}

void
carnet_sqlite_end_commits(carnet_sqlite *sqlite)
{
    if (!sqlite->commits)
        return;
    pthread_mutex_lock(&sqlite->lock);
    sqlite->ending = true;
    pthread_mutex_unlock(&sqlite->lock);
    (void)sem_post(&sqlite->called);
    (void)pthread_join(sqlite->committer, NULL);
    sem_destroy(&sqlite->called);
}
