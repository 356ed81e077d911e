/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services' store: issuing a batch of ten credentials as the issuing
 * service does, by one thread and by several, beside the same rows written to the
 * backend without the store in between.
 *     store [PLACE]     an SQLite file, or postgresql:...; else a file of its own in /tmp
 */
#include "carnet/store_credential.h"
#include "carnet/store_event.h"
#include "carnet/store_grant.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST    10
#define SECONDS 1.5

static size_t batch = MOST; /* credentials in one issuance */

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    return read(*(const int *)self, out, len) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static double
seconds(clockid_t clock)
{
    struct timespec at;

    clock_gettime(clock, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

_Noreturn static void
die(const char *what, const carnet_err *err)
{
    fprintf(stderr, "store: %s: %s\n", what, err == NULL ? "" : err->reason);
    exit(1);
}

/* Thumbprints and nonces: no two alike, in no order. */
static void
fresh(uint8_t hash[CARNET_STORE_HASH])
{
    static atomic_uint_fast64_t counter;
    static _Thread_local uint64_t base;
    uint64_t x;

    if (base == 0)
        base = (uint64_t)(seconds(CLOCK_REALTIME) * 1e9);
    x = base + atomic_fetch_add(&counter, 1) * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < CARNET_STORE_HASH; i++) {
        if (i % 8 == 0)
            x = (x ^ x >> 31) * UINT64_C(0xbf58476d1ce4e5b9) + 1;
        hash[i] = (uint8_t)(x >> 8 * (i % 8));
    }
}

typedef struct request {
    carnet_store *store;
    carnet_store_grant grant;
    uint8_t access[CARNET_STORE_HASH], used[2][CARNET_STORE_HASH], keys[MOST][CARNET_STORE_HASH],
        notification[CARNET_STORE_HASH], room[4096];
    int64_t indices[MOST], list;
} request;

static carnet_rc
make_grant(void *arg, carnet_store_session *session, carnet_err *err)
{
    request *this = arg;

    fresh(this->access);
    this->grant = (carnet_store_grant){ .access_hash = carnet_span_of(this->access, CARNET_STORE_HASH),
                                        .access_expires = INT64_MAX / 4,
                                        .configurations = carnet_str_of("mdl"),
                                        .client_id = carnet_str_of("wallet"),
                                        .subject = carnet_str_of("person 17"),
                                        .claims = carnet_span_of(this->room, 1500) };
    return carnet_store_grant_insert(session, &this->grant, err);
}

static carnet_rc
find_grant(void *arg, carnet_store_session *session, carnet_err *err)
{
    request *this = arg;
    carnet_buf room = carnet_buf_of(this->room, sizeof(this->room));

    return carnet_store_grant_by_access(session, carnet_span_of(this->access, CARNET_STORE_HASH), &this->grant, &room,
                                        err);
}

static carnet_rc
record(void *arg, carnet_store_session *session, carnet_err *err)
{
    request *this = arg;
    carnet_store_credential credentials[MOST];
    carnet_store_once used[2];
    carnet_store_issuance issuance = { .grant = this->grant.id,
                                       .configuration = carnet_str_of("mdl"),
                                       .doctype = carnet_str_of("org.iso.18013.5.1.mDL"),
                                       .subject = carnet_str_of("person 17"),
                                       .list = carnet_str_of("mdl"),
                                       .list_number = this->list,
                                       .valid_until = INT64_MAX / 4,
                                       .notification_hash = carnet_span_of(this->notification, CARNET_STORE_HASH),
                                       .count = (int64_t)batch,
                                       .credentials = credentials };
    carnet_store_event event = { .at = (int64_t)seconds(CLOCK_REALTIME),
                                 .interface = carnet_str_of("IS-6"),
                                 .kind = carnet_str_of("credential"),
                                 .configuration = carnet_str_of("mdl"),
                                 .outcome = CARNET_STORE_OUTCOME_DONE,
                                 .actor = carnet_str_of("wallet"),
                                 .request = carnet_str_of("0123456789012345678901"),
                                 .count = (int64_t)batch };
    carnet_rc rc;

    for (size_t i = 0; i < 2; i++)
        used[i] = (carnet_store_once){ i == 0 ? CARNET_STORE_ONCE_NONCE : CARNET_STORE_ONCE_DPOP,
                                       carnet_span_of(this->used[i], CARNET_STORE_HASH), event.at + 300,
                                       i == 0 ? (int64_t)(seconds(CLOCK_REALTIME) * 65536) : event.at };
    for (size_t i = 0; i < batch; i++)
        credentials[i] = (carnet_store_credential){ .device_key = carnet_span_of(this->keys[i], CARNET_STORE_HASH),
                                                    .index = this->indices[i] };
    if ((rc = carnet_store_use_once(session, used, 2, NULL, err)) != CARNET_OK ||
        (rc = carnet_store_grant_issue(session, this->grant.id, (int64_t)batch, 0, err)) != CARNET_OK ||
        (rc = carnet_store_issuance_insert(session, &issuance, NULL, err)) != CARNET_OK)
        return rc;
    event.reference = issuance.id;
    return carnet_store_event_insert(session, &event, err);
}

static void
refresh(request *this)
{
    fresh(this->used[0]);
    fresh(this->used[1]);
    fresh(this->notification);
    for (size_t i = 0; i < batch; i++)
        fresh(this->keys[i]);
}

static void
issue(request *this)
{
    carnet_err err = { 0 };

    refresh(this);
    if (carnet_store_read(this->store, find_grant, this, &err) != CARNET_OK)
        die("read", &err);
    if (carnet_store_status_take(this->store, carnet_str_of("mdl"), 1 << 20, batch, this->indices, &this->list, &err) !=
        CARNET_OK)
        die("status", &err);
    if (carnet_store_transact(this->store, record, this, &err) != CARNET_OK)
        die("transact", &err);
}

static atomic_uint_fast64_t batches;
static atomic_bool over;

static void *
issue_on(void *arg)
{
    request this = { .store = arg };
    carnet_err err = { 0 };

    if (carnet_store_transact(this.store, make_grant, &this, &err) != CARNET_OK)
        die("grant", &err);
    while (!over) {
        issue(&this);
        batches++;
    }
    return NULL;
}

static double
run(carnet_store *store, unsigned threads)
{
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), rate;
    carnet_store_counters before = carnet_store_count(store), after;
    struct timespec pause = { .tv_sec = (time_t)SECONDS };
    pthread_t list[64];

    over = false;
    batches = 0;
    for (unsigned i = 0; i < threads; i++)
        pthread_create(&list[i], NULL, issue_on, store);
    nanosleep(&pause, NULL);
    over = true;
    for (unsigned i = 0; i < threads; i++)
        pthread_join(list[i], NULL);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    after = carnet_store_count(store);
    rate = (double)batches / cpu;
    printf("%-10s %2u threads  %8.0f batches/s  %8.0f batches/CPU-s  %6.1f us CPU a credential  %.2f a commit\n",
           carnet_store_kind(store), threads, (double)batches / wall, rate, 1e6 / rate / (double)batch,
           (double)(after.transactions - before.transactions) / (double)(after.commits - before.commits));
    return rate;
}

/* The same rows by SQLite's own calls: statements prepared once, one transaction a batch. */
static const char *const rows[] = {
    "INSERT INTO used_in_order (kind, at, hash, until) VALUES (9, 1, ?1, 1)",
    "INSERT INTO used_in_order (kind, at, hash, until) VALUES (8, 1, ?1, 1)",
    "UPDATE grants SET issued = issued + 10 WHERE id = (SELECT min(id) FROM grants)",
    ("INSERT INTO issuances (id, grant_id, configuration, doctype, subject, list, list_number, notification, issued,"
     " valid_from, valid_until, state, notified, count) VALUES (?2, 1, 'mdl', 'org.iso.18013.5.1.mDL', 'person 17', "
     "'mdl', 1, ?1,"
     " 0, 0, 99, 1, 0, 10)"),
    "INSERT INTO events VALUES (?2, 1, 'IS-6', 'credential', 'mdl', 1, '', 'wallet', 7, '0123456789012345678901', 10)",
    "INSERT INTO credentials VALUES (-?2, ?3, ?1, 9, 7, 0)",
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void
raw_batch(sqlite3_stmt **statements, sqlite3_stmt *begin, sqlite3_stmt *commit, int64_t id)
{
    uint8_t hash[CARNET_STORE_HASH];

    sqlite3_step(begin);
    sqlite3_reset(begin);
    for (size_t i = 0; i < ROWS - 1 + batch; i++) {
        sqlite3_stmt *statement = statements[i < ROWS ? i : ROWS - 1];

        fresh(hash);
        if (i != 2)
            sqlite3_bind_blob(statement, 1, hash, sizeof(hash), SQLITE_STATIC);
        if (i > 2)
            sqlite3_bind_int64(statement, 2, id);
        if (i >= ROWS - 1)
            sqlite3_bind_int64(statement, 3, (int64_t)i);
        if (sqlite3_step(statement) != SQLITE_DONE)
            die(sqlite3_errmsg(sqlite3_db_handle(statement)), NULL);
        sqlite3_reset(statement);
    }
    if (sqlite3_step(commit) != SQLITE_DONE)
        die("raw commit", NULL);
    sqlite3_reset(commit);
}

static double
raw_sqlite(const char *place)
{
    sqlite3_stmt *statements[ROWS], *begin, *commit;
    double wall = seconds(CLOCK_MONOTONIC), cpu, rate;
    int64_t first = (int64_t)(wall * 1e6), count = 0;
    sqlite3 *db;

    if (sqlite3_open(place, &db) != SQLITE_OK)
        die(place, NULL);
    sqlite3_exec(db, "PRAGMA synchronous = FULL; PRAGMA cache_size = -16384", NULL, NULL, NULL);
    for (size_t i = 0; i < ROWS; i++)
        if (sqlite3_prepare_v2(db, rows[i], -1, &statements[i], NULL) != SQLITE_OK)
            die(rows[i], NULL);
    sqlite3_prepare_v2(db, "BEGIN IMMEDIATE", -1, &begin, NULL);
    sqlite3_prepare_v2(db, "COMMIT", -1, &commit, NULL);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    while (seconds(CLOCK_MONOTONIC) < wall + SECONDS)
        raw_batch(statements, begin, commit, first + ++count);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    rate = (double)count / cpu;
    printf("%-10s itself      %8.0f batches/s  %8.0f batches/CPU-s  %6.1f us CPU a credential\n", "sqlite",
           (double)count / SECONDS, rate, 1e6 / rate / (double)batch);
    for (size_t i = 0; i < ROWS; i++)
        sqlite3_finalize(statements[i]);
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    sqlite3_close(db);
    return rate;
}

int
main(int argc, char **argv)
{
    int random = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    char place[64] = "/tmp/carnet-bench-store-XXXXXX", other[80];
    carnet_store_config config = { .place = argc > 1 ? argv[1] : place, .random = { fill, &random } };
    carnet_err err = { 0 };
    carnet_store *store;
    double one, itself;

    if (argc < 2 && close(mkstemp(place)) != 0)
        die(place, NULL);
    if (carnet_store_open(&config, &store, &err) != CARNET_OK)
        die(config.place, &err);
    for (batch = MOST; batch != 0; batch = batch == MOST ? 1 : 0) {
        printf("%zu credentials in one request\n", batch);
        one = run(store, 1);
        if (run(store, 2) <= 0 || run(store, 8) <= 0)
            return 1;
        if (strcmp(carnet_store_kind(store), "sqlite") == 0) {
            itself = raw_sqlite(config.place);
            printf("ratio %.2f\n", one / itself);
        }
    }
    carnet_store_close(&store);
    if (argc < 2) {
        static const char *const ends[] = { "", "-wal", "-shm" };

        for (size_t i = 0; i < 3; i++) {
            snprintf(other, sizeof(other), "%s%s", place, ends[i]);
            unlink(other);
        }
    }
    return 0;
}
