/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The services' store: what issuing, authorization and the pages keep, in
 * SQLite (one machine) or PostgreSQL (several), behind one interface.
 *
 * Threads share one carnet_store.  A session exists only while the work it was
 * handed to runs, and belongs to it alone.  Queries are in the headers
 * store_*.h, one family of records each.
 *
 * Work given to carnet_store_transact() is one durable transaction: when that
 * returns CARNET_OK it survives the loss of power; else nothing of it took
 * place.  Work may be run again from its start (another transaction was in the
 * way, the server went away), and on another thread than the caller's, which
 * waits meanwhile: it must set its results anew each time, be short, and leave
 * signing and the network to before or after.  A write may be sent only
 * with the next query, so its failure may be reported by a later call or by
 * carnet_store_transact() itself: pass on every code that is not CARNET_OK.
 * To keep something although the request fails (a wrong code counted),
 * return CARNET_OK and put the refusal into the argument.
 *
 * Records hold views.  For a write they are borrowed until transact or read
 * returns.  A read copies them into the caller's `room` and fails with CARNET_E_NO_SPACE
 * when it is too small; views in records handed to an `each` function die when it
 * returns.  Empty views are absent values.  A hash is 32 octets of SHA-256.
 * Claims, evidence and requests come here sealed; tokens and codes as hashes.
 */
#ifndef CARNET_STORE_H
#define CARNET_STORE_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_STORE_HASH 32 /**< octets */

typedef struct carnet_store carnet_store;
typedef struct carnet_store_session carnet_store_session;

/** Zeros stand for the defaults in parentheses. */
typedef struct carnet_store_config {
    /** "postgresql://..." or "postgres://..." or "postgresql:KEYWORD=VALUE ..." (libpq's connection text): PostgreSQL; else the path of an
     *  SQLite file, made with mode 0600 when absent. */
    const char *place;
    carnet_random random; /**< used by several threads at once */
    unsigned connections; /**< to PostgreSQL, or readers of SQLite, at once at most (16); beyond, callers wait */
    unsigned patience_ms; /**< how long a lost server, or another process that writes, is waited for (10,000) */
} carnet_store_config;

/** Open the store and bring its tables up to date; of several that start at once, one does.  CARNET_E_STORE_OPEN,
 *  CARNET_E_STORE_UNREACHABLE, CARNET_E_STORE_VERSION (the tables are newer than this program). */
carnet_rc carnet_store_open(const carnet_store_config *config, carnet_store **store, carnet_err *err);
/** Nobody may use the store any more. */
void carnet_store_close(carnet_store **store);

/** What a transaction does.  A failure undoes it and is returned as it is. */
typedef carnet_rc carnet_store_work(void *arg, carnet_store_session *session, carnet_err *err);

/** Run `work` as one durable transaction.  What it reads and then writes is locked for it.  CARNET_E_STORE_UNREACHABLE, CARNET_E_STORE_BUSY:
 *  nothing took place.  CARNET_E_STORE_UNKNOWN: the server went away while it committed, and did not come back in time to say. */
carnet_rc carnet_store_transact(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err);
/** Run `work`, which only reads; each query sees all that was acknowledged before it.  On the caller's thread. */
carnet_rc carnet_store_read(carnet_store *store, carnet_store_work *work, void *arg, carnet_err *err);

/** A transaction under way that its owner does not wait for. */
typedef struct carnet_store_job carnet_store_job;
/** Run `work` as carnet_store_transact() does, but return before.  It was announced, and this withdraws it.  `tell` is called once
 *  it is over, on another thread, perhaps before this returns: it is short and does not use the store.  Then, or earlier,
 *  carnet_store_finish() must be called.  `arg`, and what it borrows, stays until that has returned.  *job is NULL when it is over
 *  already, with the code returned; `tell` is not called then. */
carnet_rc carnet_store_submit(carnet_store *store, carnet_store_work *work, void *arg, void (*tell)(void *self),
                              void *self, carnet_store_job **job, carnet_err *err);
/** Whether carnet_store_submit() returns before the transaction is over; if not, it is carnet_store_transact() by another name. */
bool carnet_store_submits(const carnet_store *store);
/** The outcome of a job, waited for if need be; frees and clears *job. */
carnet_rc carnet_store_finish(carnet_store_job **job, carnet_err *err);

/** Say that a transaction of the caller's is on its way, in well under a millisecond: one that is about to commit may wait
 *  for it a moment, to share the commit.  Each is withdrawn once, when its transaction is over or when none comes. */
void carnet_store_announce(carnet_store *store);
void carnet_store_withdraw(carnet_store *store);

/** Whether the store can be read at this moment; waits 2 s at most.  For /readyz. */
bool carnet_store_ready(carnet_store *store);
/** "sqlite" or "postgresql". */
const char *carnet_store_kind(const carnet_store *store);

/** Counters since it was opened, for /metrics. */
typedef struct carnet_store_counters {
    uint64_t transactions; /**< committed */
    uint64_t commits;      /**< fewer: several transactions share one */
    uint64_t undone, retried, reconnected, reads;
} carnet_store_counters;
carnet_store_counters carnet_store_count(const carnet_store *store);

/* Settings that all instances share. */

/** Read a setting; CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_setting_get(carnet_store_session *session, const char *name, carnet_span *value,
                                   carnet_buf *room, carnet_err *err);
/** Set it to `value` unless it is there already; *stored (in `room`) is what holds in either case: how instances agree on a value
 *  that the first of them made. */
carnet_rc carnet_store_setting_agree(carnet_store_session *session, const char *name, carnet_span value,
                                     carnet_span *stored, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_setting_put(carnet_store_session *session, const char *name, carnet_span value, carnet_err *err);

/* Things that may be used once. */

typedef enum carnet_store_once_kind {
    CARNET_STORE_ONCE_DPOP = 1,       /**< DPoP proof: hash of key thumbprint and jti */
    CARNET_STORE_ONCE_ATTESTATION,    /**< PoP of a client attestation: hash of its key and jti */
    CARNET_STORE_ONCE_CHALLENGE,      /**< attestation challenge */
    CARNET_STORE_ONCE_NONCE,          /**< c_nonce */
    CARNET_STORE_ONCE_KEY,            /**< a device key's thumbprint (those of issued credentials are kept with them) */
    CARNET_STORE_ONCE_IDENTIFICATION, /**< a state or nonce towards an identification service */
    CARNET_STORE_ONCE_TERMINAL,       /**< a terminal's session: hash of terminal and session */
    CARNET_STORE_ONCE_IDENTITY_TOKEN, /**< jti of an identity provider's token */
    CARNET_STORE_ONCE_PRESENTATION    /**< a presentation that a terminal brought: its digest */
} carnet_store_once_kind;

/** `hash` of `kind` may not be used again until `until`: by then its sealed time, iat or exp refuses it. */
typedef struct carnet_store_once {
    carnet_store_once_kind kind;
    carnet_span hash;
    carnet_time until;
    /** Of a c_nonce, always or never: a time, of any unit, that is sealed in it, so that it never comes with another.  Of a DPoP
     *  proof, always or never: its iat, in seconds; the hash may not come with another either, as long as iats of both would be
     *  taken.  Else 0.  What is used at about the same time lies together, which costs less. */
    int64_t at;
} carnet_store_once;

/** Use all of them, or none: CARNET_E_STORE_REPLAYED, and *which (may be NULL) is the first that was used before, or is twice
 *  in the list.  Only in a transaction. */
carnet_rc carnet_store_use_once(carnet_store_session *session, const carnet_store_once *list, size_t count,
                                size_t *which, carnet_err *err);

/* Retention. */

/** How long things are kept after they are over, in seconds; 0 stands for the defaults in parentheses. */
typedef struct carnet_store_policy {
    carnet_time claims;      /**< sealed claims of offers, authorizations and grants that are over (0: at once) */
    carnet_time offers;      /**< offers, authorizations, deferred issuances (30 days) */
    carnet_time grants;      /**< (90 days) */
    carnet_time evidence;    /**< sealed evidence and attributes of closed enrolments (1 day) */
    carnet_time enrolments;  /**< the rest of them (2 years) */
    carnet_time credentials; /**< records of issued credentials after their validity (1 year) */
    carnet_time events;      /**< (2 years) */
} carnet_store_policy;

typedef struct carnet_store_retained {
    uint64_t redacted, deleted;
} carnet_store_retained;

/** Redact and delete what is over at `now`, in short transactions.  One instance at a time does; others return at once. */
carnet_rc carnet_store_retain(carnet_store *store, carnet_time now, const carnet_store_policy *policy,
                              carnet_store_retained *retained, carnet_err *err);

CARNET_END_DECLS
#endif
