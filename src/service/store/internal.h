/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the store share: statements, queries, sessions, and what
 * a backend has to be able to do.
 */
#ifndef CARNET_STORE_INTERNAL_H
#define CARNET_STORE_INTERNAL_H
#include "carnet/store.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define CARNET_STORE_VALUES 32   /**< parameters of one statement at most */
#define CARNET_STORE_SQL    2048 /**< characters of one statement at most */

/** Each statement's number: where a connection keeps it prepared. */
typedef enum carnet_store_number {
#define CARNET_STATEMENT(name) CARNET_SQL_##name,
#include "statements.def"
#undef CARNET_STATEMENT
    CARNET_SQL_COUNT
} carnet_store_number;

/** SQL for both backends: parameters $1, $2, ...; @INTEGER@, @BYTES@, @CLUSTERED@ and @LOCK@ stand for what they call it. */
typedef struct carnet_store_statement {
    carnet_store_number number;
    const char *sql;
} carnet_store_statement;

typedef enum carnet_store_kind_of_value {
    CARNET_STORE_INTEGER,
    CARNET_STORE_TEXT,
    CARNET_STORE_BYTES
} carnet_store_kind_of_value;

typedef struct carnet_store_value {
    carnet_store_kind_of_value kind;
    int64_t integer;
    const void *ptr; /**< NULL: null */
    size_t len;
} carnet_store_value;

typedef struct carnet_store_query {
    carnet_store_session *session;
    const carnet_store_statement *statement;
    carnet_store_value values[CARNET_STORE_VALUES];
    size_t value_count;
    size_t column; /**< the next to be read */
    void *cursor;  /**< the backend's */
    int row, rows; /**< the backend's */
    bool started, ended;
    carnet_rc rc;
    size_t added, answered,
        unchanged; /**< executions, how many of them are known, the first that changed nothing (or SIZE_MAX) */
} carnet_store_query;

/** What a backend does.  Sessions' errors stick in the session. */
typedef struct carnet_store_backend {
    const char *kind;
    carnet_rc (*open)(carnet_store *store, const char *place, carnet_err *err);
    void (*close)(carnet_store *store);
    carnet_rc (*transact)(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err);
    /** Put it in the queue, and withdraw it when it is run; NULL: none is begun without waiting for it. */
    carnet_rc (*submit)(carnet_store *store, carnet_store_work *work, void *arg, void (*tell)(void *self), void *self,
                        carnet_store_job **job, carnet_err *err);
    carnet_rc (*read)(carnet_store *store, carnet_store_work *work, void *arg, unsigned patience_ms, carnet_err *err);
    /** Step to the next row of a query (the first: run it); false at the end or on failure. */
    bool (*row)(carnet_store_query *query);
    /** Run it once more for its effect; whether it changed something is known after settle(). */
    void (*add)(carnet_store_query *query);
    /** Know the outcome of all that was added. */
    void (*settle)(carnet_store_session *session);
    /** A column of the present row; null is 0 or empty. */
    int64_t (*integer)(const carnet_store_query *query, size_t column);
    carnet_span (*bytes)(const carnet_store_query *query, size_t column);
    void (*end)(carnet_store_query *query);
    /** Fewer transactions are announced than were; NULL: does not matter. */
    void (*withdrawn)(carnet_store *store);
} carnet_store_backend;

struct carnet_store_session {
    carnet_store *store;
    void *connection; /**< the backend's */
    bool writing;
    carnet_err
        failed; /**< the first failure of the backend; rc CARNET_OK: none.  Then the transaction can only be undone */
};

typedef struct carnet_store_block carnet_store_block;

struct carnet_store {
    const carnet_store_backend *backend;
    void *state; /**< the backend's */
    carnet_random random;
    unsigned connections, patience_ms;
    pthread_mutex_t identifiers; /**< protects the next three */
    int64_t last_ms, sequence, events;
    int64_t instance;        /**< this opening's number */
    bool earlier;            /**< when it was opened there were nonces or proofs that earlier versions used */
    pthread_mutex_t indices; /**< protects the next */
    carnet_store_block *blocks;
    atomic_size_t announced; /**< transactions that are on their way, or under way */
    atomic_uint_fast64_t transactions, commits, undone, retried, reconnected, reads;
};

extern const carnet_store_backend carnet_store_sqlite, carnet_store_postgres;

/* statement.c: questions and answers. */

/** Begin a query; nothing is sent before row(), add() or run(). */
void carnet_store_ask(carnet_store_query *query, carnet_store_session *session,
                      const carnet_store_statement *statement);
void carnet_store_put_integer(carnet_store_query *query, int64_t value);
/** Text is never null; bytes are when empty. */
void carnet_store_put_text(carnet_store_query *query, carnet_str value);
void carnet_store_put_bytes(carnet_store_query *query, carnet_span value);
/** 32 octets or none; else CARNET_E_USAGE. */
void carnet_store_put_hash(carnet_store_query *query, carnet_span value);
bool carnet_store_row(carnet_store_query *query);
/** The next column.  With `room` it is copied there, else it is a view that dies with the row. */
int64_t carnet_store_get_integer(carnet_store_query *query);
carnet_str carnet_store_get_text(carnet_store_query *query, carnet_buf *room);
carnet_span carnet_store_get_bytes(carnet_store_query *query, carnet_buf *room);
/** Run it for its effect and begin anew with its parameters. */
void carnet_store_add(carnet_store_query *query);
/** End it: the first failure of it or of the session. */
carnet_rc carnet_store_end(carnet_store_query *query, carnet_err *err);
/** add() and end(): the outcome may come later. */
carnet_rc carnet_store_run(carnet_store_query *query, carnet_err *err);
/** The same, and it must have changed something, else `otherwise`. */
carnet_rc carnet_store_change(carnet_store_query *query, carnet_rc otherwise, carnet_err *err);
/** After add()s: all must have changed something, else `otherwise` and *which. */
carnet_rc carnet_store_settle(carnet_store_query *query, carnet_rc otherwise, size_t *which, carnet_err *err);
/** Read one record; CARNET_E_STORE_ABSENT.  The record, of `size` octets, is zeroed on failure. */
typedef void carnet_store_reader(carnet_store_query *query, void *record, carnet_buf *room);
carnet_rc carnet_store_one(carnet_store_query *query, carnet_store_reader *read, void *record, size_t size,
                           carnet_buf *room, carnet_err *err);

/** 0 becomes a new identifier. */
void carnet_store_identify(carnet_store_session *session, int64_t *id);
/** The backend's failure sticks in the session. */
void carnet_store_broken(carnet_store_session *session, carnet_rc rc, const char *reason);
/** For the backend: the outcome of the next of what was added. */
void carnet_store_answered(carnet_store_query *query, bool changed);
/** A statement in the words of the backend, zero-terminated. */
carnet_rc carnet_store_render(const char *sql, bool postgres, bool lock, char *out, size_t cap);

/* query/use_once.c */

/** Work: whether earlier versions used nonces or proofs that are not over, into a bool. */
carnet_store_work carnet_store_used_earlier;

/* store.c */

/** Run work; a failure of the session that it did not pass on is its failure all the same. */
carnet_rc carnet_store_do(carnet_store_session *session, carnet_store_work *work, void *arg, carnet_err *err);

/** A new identifier: of this instance, and later than all it made. */
int64_t carnet_store_new_identifier(carnet_store *store);
/** One of an event at that time, which is not rounded: at least the first of the time, below the first of the next second. */
int64_t carnet_store_identifier_at(carnet_store *store, carnet_time time);
int64_t carnet_store_first_identifier_at(carnet_time time);
/** Milliseconds of a clock that only moves on; and of the calendar. */
int64_t carnet_store_monotonic_ms(void);
int64_t carnet_store_calendar_ms(void);
void carnet_store_pause_ms(int64_t ms);

/* sqlite.c, sqlite_transact.c and sqlite_wal.c */

typedef struct carnet_sqlite_connection {
    struct sqlite3 *db;
    struct sqlite3_stmt *statements[CARNET_SQL_COUNT];
    int64_t busy_until; /**< monotonic: until then another process that writes is waited for */
    unsigned patience_ms;
    struct carnet_sqlite_connection *next;
} carnet_sqlite_connection;

struct carnet_store_job {
    carnet_store_work *work;
    void *arg;
    carnet_err *err;
    carnet_rc rc;
    int64_t patient_until; /* monotonic */
    bool done;
    sem_t woken;              /* it is done, or is to lead */
    void (*tell)(void *self); /* of one that was submitted: it does not lead */
    void *self;
    carnet_err own_err;
    pthread_t thread;
    carnet_store_job *next; /* in the queue, then in its group */
};

typedef struct carnet_sqlite {
    char *path;
    carnet_sqlite_connection *writer; /**< used by the leader */
    unsigned careful;                 /**< transactions to be run in savepoints; the leader's */
    pthread_mutex_t lock;             /**< protects all below */
    carnet_store_job *first, **last;  /**< who waits to be led, the leader-to-be too */
    size_t waiting;                   /**< how many */
    bool led;                         /**< someone leads or was told to */
    bool running;                     /**< `leader` does */
    pthread_t leader;
    pthread_cond_t gathered;        /**< the leader need not wait for more any longer */
    atomic_bool gathers;            /**< it does */
    int64_t took_ns;                /**< the last group */
    int64_t handed_ns;              /**< when it was over */
    int64_t pressure;               /**< see PRESSED */
    size_t expected;                /**< so many are waited for, a moment */
    pthread_t committer;            /**< leads when the first in the queue was submitted */
    bool commits, ending;           /**< it was started; it is to end */
    sem_t called;                   /**< it is to lead, or to end */
    unsigned alone;                 /**< transactions to be run without waiting for others: it was in vain */
    carnet_sqlite_connection *idle; /**< readers */
    unsigned readers;
    pthread_cond_t reader_free;
} carnet_sqlite;

carnet_rc carnet_sqlite_transact(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err);
carnet_rc carnet_sqlite_submit(carnet_store *store, carnet_store_work *work, void *arg, void (*tell)(void *self),
                               void *self, carnet_store_job **job, carnet_err *err);
/** Before it is closed: end the thread that commits what was submitted, all of it. */
void carnet_sqlite_end_commits(carnet_sqlite *sqlite);
void carnet_sqlite_withdrawn(carnet_store *store);
/** The name of SQLite's files with a log that is written in one piece; NULL: as SQLite has them. */
const char *carnet_sqlite_files(void);
/** What a result code of SQLite is called here. */
carnet_rc carnet_sqlite_rc(int code);
/** Run SQL that has no parameters and answers with one integer or nothing. */
carnet_rc carnet_sqlite_exec(void *connection, const char *sql, int64_t *value, carnet_err *err);

/* postgres.c, postgres_query.c and postgres_transact.c */

#define CARNET_POSTGRES_PENDING 32 /**< statements sent whose answers are not read yet, at most */

/** Whom an answer is for; both may be NULL: nobody's. */
typedef struct carnet_postgres_pending {
    carnet_store_query *query;
    bool *prepared; /**< whether the server has the statement, of those below */
} carnet_postgres_pending;

typedef struct carnet_postgres_connection {
    struct pg_conn *pg;
    bool prepared[2][CARNET_SQL_COUNT];                       /**< without and with locks */
    carnet_postgres_pending pending[CARNET_POSTGRES_PENDING]; /**< answers that come next */
    size_t pending_count;
    bool lost;      /**< of no use any more */
    bool conflicts; /**< the transaction failed because of another: run it again */
    struct carnet_postgres_connection *next;
} carnet_postgres_connection;

typedef struct carnet_postgres {
    char *place;
    pthread_mutex_t lock; /**< protects all below */
    carnet_postgres_connection *idle;
    unsigned connections;
    pthread_cond_t freed;
} carnet_postgres;

/** A connection for this thread alone, until the monotonic deadline waited for; and back. */
carnet_rc carnet_postgres_take(carnet_store *store, int64_t deadline, carnet_postgres_connection **connection,
                               carnet_err *err);
void carnet_postgres_give(carnet_store *store, carnet_postgres_connection *connection);
carnet_rc carnet_postgres_transact(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err);

/* postgres_query.c */
bool carnet_postgres_row(carnet_store_query *query);
void carnet_postgres_add(carnet_store_query *query);
void carnet_postgres_settle(carnet_store_session *session);
int64_t carnet_postgres_integer(const carnet_store_query *query, size_t column);
carnet_span carnet_postgres_bytes(const carnet_store_query *query, size_t column);
void carnet_postgres_end(carnet_store_query *query);
/** Send a statement that has no parameters and whose answer is nobody's. */
void carnet_postgres_send(carnet_store_session *session, const carnet_store_statement *statement);

/* schema.c: what a connection must be able to do to be brought up to date. */
typedef struct carnet_store_raw {
    void *connection;
    bool postgres;
    /** Run SQL without parameters; *value, if given, is the first column of its only row. */
    carnet_rc (*exec)(void *connection, const char *sql, int64_t *value, carnet_err *err);
} carnet_store_raw;
/** Apply what migrations are missing, and take an instance number, in one transaction. */
carnet_rc carnet_store_migrate(const carnet_store_raw *raw, int64_t *instance, carnet_err *err);

/** migration/NNNN_*.sql, made into C: lists of statements, NULL after each and after all. */
extern const char *const *const carnet_store_migrations[];

/* status.c */

/** The `index`-th value of a permutation of 0 to size - 1 that the key (16 octets) selects. */
uint64_t carnet_store_permute(const uint8_t key[16], uint64_t size, uint64_t index);
void carnet_store_blocks_free(carnet_store_block *blocks);

#endif
