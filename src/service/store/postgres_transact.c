/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions in PostgreSQL.  Each leaves a mark of its own in the table
 * `commits`.  When the server goes away while one commits, the mark tells
 * afterwards whether it did: who can make the same mark knows that it did not,
 * and that it never will.
 */
#include "internal.h"

/* The lock that all share: who has it alone meets nobody. */
#define LOCK "109308294063477"
static const carnet_store_statement mark = {
    CARNET_SQL_mark,
    "INSERT INTO commits (mark, made) SELECT $1::bytea, $2::bigint FROM pg_advisory_xact_lock_shared(" LOCK ")",
};
/* It waits for a transaction that has made the mark and is not over yet. */
static const carnet_store_statement mark_again = {
    CARNET_SQL_mark_again,
    "INSERT INTO commits (mark, made) VALUES ($1, $2) ON CONFLICT (mark) DO NOTHING",
};
static const carnet_store_statement begin = { CARNET_SQL_begin, "BEGIN" };
static const carnet_store_statement commit = { CARNET_SQL_commit, "COMMIT" };
static const carnet_store_statement rollback = { CARNET_SQL_rollback, "ROLLBACK" };

/* Who was in others' way too often waits until all under way are over, holds up whoever comes after, and is alone then. */
static const carnet_store_statement queue = {
    CARNET_SQL_queue,
    "SELECT pg_advisory_xact_lock(" LOCK ")",
};
#define TOO_OFTEN 3

typedef enum fate {
    SETTLED,
    AGAIN,   /* it did not take place, for no fault of its own */
    IN_DOUBT /* the server went away while it committed */
} fate;

typedef struct attempt {
    carnet_store *store;
    int64_t deadline; /* monotonic */
    int64_t tries;
    uint8_t mark[16];
    carnet_rc rc;
} attempt;

/* The time first: new marks are neighbours in the index. */
static carnet_rc
make_mark(attempt *this, carnet_err *err)
{
    uint64_t ms = (uint64_t)carnet_store_calendar_ms();

    for (size_t i = 0; i < 6; i++)
        this->mark[i] = (uint8_t)(ms >> (40 - 8 * i));
    return carnet_random_fill(&this->store->random, this->mark + 6, 10, err);
}

static void
put_mark(carnet_store_query *query, const attempt *this)
{
    carnet_store_put_bytes(query, carnet_span_of(this->mark, sizeof(this->mark)));
    carnet_store_put_integer(query, carnet_store_calendar_ms() / 1000);
}

static void
undo(carnet_store *store, carnet_postgres_connection *connection)
{
    carnet_store_session session = { .store = store, .connection = connection, .writing = true };

    carnet_postgres_send(&session, &rollback);
    carnet_postgres_settle(&session);
    store->undone++;
    if (session.failed.rc != CARNET_OK)
        connection->lost = true; /* it closes, and what it began is undone */
}

static fate
fate_of(attempt *this, carnet_postgres_connection *connection, bool committing)
{
    if (connection->lost && committing)
        return IN_DOUBT;
    if (!connection->lost)
        undo(this->store, connection);
    return connection->lost || connection->conflicts ? AGAIN : SETTLED;
}

static fate
try_once(attempt *this, carnet_postgres_connection *connection, carnet_store_work *work, void *arg, carnet_err *err)
{
    carnet_store_session session = { .store = this->store, .connection = connection, .writing = true };
    carnet_store_query query;
    bool committing = false;

    connection->conflicts = false;
    carnet_postgres_send(&session, &begin);
    if (this->tries >= TOO_OFTEN)
        carnet_postgres_send(&session, &queue);
    carnet_store_ask(&query, &session, &mark);
    put_mark(&query, this);
    this->rc = carnet_store_run(&query, err);
    if (this->rc == CARNET_OK)
        this->rc = carnet_store_do(&session, work, arg, err);
    if (this->rc == CARNET_OK) {
        committing = true;
        carnet_postgres_send(&session, &commit);
        carnet_postgres_settle(&session);
        if (session.failed.rc == CARNET_OK)
            return SETTLED;
        this->rc = session.failed.rc;
        if (err != NULL)
            *err = session.failed;
    } else if (session.failed.rc == CARNET_OK) {
        undo(this->store, connection);
        return SETTLED; /* the work's own refusal */
    }
    return fate_of(this, connection, committing);
}

/* Whether the transaction of this mark took place.  CARNET_E_STORE_TWICE: it did. */
static carnet_rc
look_for_mark(attempt *this)
{
    int64_t until = carnet_store_monotonic_ms() + this->store->patience_ms;
    carnet_postgres_connection *connection;
    carnet_store_query query;
    carnet_rc rc;

    do {
        carnet_store_session session = { .store = this->store, .writing = true };

        if ((rc = carnet_postgres_take(this->store, until, &connection, NULL)) != CARNET_OK)
            continue;
        session.connection = connection;
        carnet_store_ask(&query, &session, &mark_again);
        put_mark(&query, this);
        rc = carnet_store_change(&query, CARNET_E_STORE_TWICE, NULL);
        carnet_postgres_give(this->store, connection);
    } while (rc != CARNET_OK && rc != CARNET_E_STORE_TWICE && carnet_store_monotonic_ms() < until);
    return rc;
}

/* True when it is settled. */
static bool
resolve(attempt *this, carnet_err *err)
{
    carnet_rc rc = look_for_mark(this);

    if (rc == CARNET_OK)
        return false;
    this->rc = rc == CARNET_E_STORE_TWICE ? CARNET_OK : carnet_fail(err, CARNET_E_STORE_UNKNOWN, NULL, NULL);
    return true;
}

/* Who were in each other's way come back at different times, later each time; the mark has the random octets. */
static int64_t
back_off(const attempt *this)
{
    int64_t most = this->tries < 8 ? INT64_C(1) << this->tries : 256;

    return (this->mark[6] | this->mark[7] << 8) % most;
}

carnet_rc
carnet_postgres_transact(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err)
{
    attempt this = { .store = store, .deadline = carnet_store_monotonic_ms() + store->patience_ms };
    carnet_postgres_connection *connection;
    fate became = AGAIN;
    carnet_rc rc;

    for (; became != SETTLED; this.tries++) {
        if (this.tries > 0) {
            if (carnet_store_monotonic_ms() >= this.deadline)
                return this.rc;
            store->retried++;
            if (err != NULL)
                *err = (carnet_err){ 0 };
            carnet_store_pause_ms(back_off(&this));
        }
        if ((rc = make_mark(&this, err)) != CARNET_OK)
            return rc;
        rc = carnet_postgres_take(store, this.deadline, &connection, err);
        if (connection == NULL)
            return rc;
        became = try_once(&this, connection, work, arg, err);
        carnet_postgres_give(store, connection);
        if (became == IN_DOUBT && resolve(&this, err))
            break;
    }
    if (this.rc == CARNET_OK) {
        store->transactions++;
        store->commits++;
    }
    return this.rc;
}
