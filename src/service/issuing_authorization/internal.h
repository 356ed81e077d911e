/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_ISSUING_AUTHORIZATION_INTERNAL_H
#define CARNET_SERVICE_ISSUING_AUTHORIZATION_INTERNAL_H
#include "carnet/debit.h"
#include "carnet/fetch_request.h"
#include "carnet/iso8583_file.h"
#include "carnet/issuing_authorization.h"
#include "carnet/ledger.h"
#include "carnet/link_payment.h"
#include "carnet/service_config_issuing_authorization.h"
#include "carnet/service_risk.h"
#include "carnet/staging.h"
#include "carnet/store_cash.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

enum {
    IA_SIGNERS = 16,
    IA_KEY = 32,       /* octets of a link's key at most */
    IA_THREADS = 64,   /* that verify, or ask, at most */
    IA_HOUSES = 8,     /* currencies of one unit */
    IA_UNIT = 256,     /* messages of one unit at most */
    IA_WAITING = 8192, /* messages on their way at most; more are not answered */
    IA_SHARE = 4,      /* messages that are worth waking a thread for */
    IA_ROOM = 4096,    /* octets of a record's texts */
    IA_SEALED = CARNET_DEBIT_ANSWER + CARNET_SERVICE_SEALING
};

typedef struct ia ia;
typedef struct ia_job ia_job;

typedef struct ia_link {
    ia *owner;
    const carnet_config_payment_link *config;
    carnet_debit_link debit;
    carnet_framing framing;
    carnet_iso8583_spec *spec;
    carnet_iso8583_file *file; /* whose specification it is, if one is configured */
    uint8_t mac[IA_KEY], pin[IA_KEY];
    carnet_payment_end *end;
    atomic_uint_fast64_t judged[CARNET_JUDGED_COUNT], again, unread, unanswered;
    atomic_uint connections;
} ia_link;

/* What is to be done with a message next. */
typedef enum ia_step {
    IA_DECIDE,  /* it was read */
    IA_RESOLVE, /* the mobile app server is asked what the reference stands for */
    IA_HOST,    /* the bank's host is asked, then it is decided anew */
    IA_USE,     /* it is booked: the mobile app server is told, then it is answered */
    IA_UNDO,    /* booked, but the transaction is not to be had any more */
    IA_UNDO_HOST
} ia_step;

/* What a bank's host is asked, and what it said. */
typedef struct ia_question {
    const char *action; /* "order", "hold", "capture", "return"; NULL: nothing */
    char key[CARNET_DEBIT_ORIGIN + 32];
    carnet_str pan, account;
    uint64_t amount;
    unsigned currency;
    int64_t id, original;
    bool pin;
    bool asked; /* `outcome` is the answer */
    carnet_rc rc;
    carnet_judged outcome;
} ia_question;

/* One message on its way.  `debit` views into it, so it stays where it is. */
struct ia_job {
    ia_job *next;
    ia_link *link;
    carnet_payment_peer *peer; /* NULL: nobody waits for the answer any more */
    uint8_t *octets;
    size_t cap, len;
    uint8_t header[CARNET_FRAME_HEADER_MAX];
    size_t header_len;
    int64_t began; /* microseconds of the clock that nobody sets */
    ia_step step;
    carnet_rc rc;
    bool decided, failed, asks;
    int64_t booked; /* id of the record that USE or UNDO is about; 0: none */
    carnet_debit_state booked_state;
    uint64_t booked_amount;
    carnet_judged instead; /* why it is undone */
    ia_question question;
    carnet_json *resolved; /* what the resolution views into */
    uint8_t *text;         /* what that views into */
    carnet_debit debit;
};

typedef struct ia_list {
    ia_job *first, **last;
    size_t count;
} ia_list;

/* Threads that verify. */
typedef struct ia_pool {
    pthread_t threads[IA_THREADS];
    unsigned count;
    sem_t begin, end;
    ia_job **jobs;
    size_t job_count;
    atomic_size_t next;
    atomic_bool stop;
} ia_pool;

/* Threads that ask others. */
typedef struct ia_askers {
    pthread_t threads[IA_THREADS];
    unsigned count;
    pthread_mutex_t lock; /* protects the lists and `stop` */
    pthread_cond_t some;
    ia_list wanted, done;
    bool stop;
} ia_askers;

struct ia {
    const carnet_service_context *context;
    const carnet_config_issuing_authorization *config;
    carnet_service_risk risk;
    carnet_debit_policy policy;
    carnet_debit_signer signers[IA_SIGNERS];
    char key_ids[IA_SIGNERS][17];
    carnet_authorization_host host;
    ia_link *links;
    size_t link_count;
    carnet_payment_loop *loop;
    pthread_t thread;
    bool started;
    atomic_bool stop, failing;
    ia_job *all[IA_WAITING], *free;
    size_t job_count;
    ia_list ready; /* read off the connections, not verified */
    ia_pool pool;
    ia_askers askers;
    atomic_uint_fast64_t messages, units, slow; /* slow: microseconds, summed */
};

/* What is decided in: `unit` of the interfaces. */
typedef struct ia_unit {
    ia *owner;
    carnet_service_worker *worker;
    carnet_store_session *session;
    ia_job *job; /* that is being decided */
    carnet_ledger_account house[IA_HOUSES];
    size_t house_count;
    carnet_store_cash_message found; /* the last that was */
    uint8_t room[IA_ROOM];
} ia_unit;

/* links.c */
carnet_rc carnet_ia_link_init(ia *owner, ia_link *link, const carnet_config_payment_link *config, carnet_err *err);
void carnet_ia_link_done(ia_link *link);
/* keys.c: whose vectors are believed. */
carnet_rc carnet_ia_signers(ia *owner, carnet_err *err);

/* serve.c */
carnet_rc carnet_ia_start(ia *owner, carnet_err *err);
void carnet_ia_stop(ia *owner);
int64_t carnet_ia_clock(void);
void carnet_ia_list_init(ia_list *list);
void carnet_ia_list_add(ia_list *list, ia_job *job);
ia_job *carnet_ia_list_take(ia_list *list);

/* verify.c */
carnet_rc carnet_ia_pool_start(ia *owner, carnet_err *err);
void carnet_ia_pool_stop(ia *owner);
/* Read all of these. */
void carnet_ia_verify(ia *owner, carnet_service_worker *worker, ia_job **jobs, size_t count);

/* decide.c: each gets its answer, or `asks`, or neither (then it is not answered). */
void carnet_ia_decide(ia *owner, carnet_service_worker *worker, ia_job **jobs, size_t count);

/* journal.c */
extern const carnet_debit_journal carnet_ia_journal;

/* ledger.c */
extern const carnet_authorization_host carnet_ia_ledger;
/* The house's settlement account of a currency, made when there is none. */
carnet_rc carnet_ia_house(ia_unit *unit, unsigned currency, carnet_ledger_account **account, carnet_err *err);
/* Write what moved on them. */
carnet_rc carnet_ia_houses_write(ia_unit *unit, carnet_err *err);
void carnet_ia_account_from(const carnet_store_cash_account *row, carnet_ledger_account *account);
void carnet_ia_account_to(const carnet_ledger_account *account, carnet_store_cash_account *row);
void carnet_ia_movement_to(const carnet_ledger_movement *movement, carnet_store_cash_movement *row);
/* By what an account is found. */
carnet_rc carnet_ia_account_key(carnet_service_worker *worker, bool pan, carnet_str text,
                                uint8_t hash[CARNET_SERVICE_HASH], carnet_err *err);
carnet_rc carnet_ia_pin_hash(carnet_service_worker *worker, int64_t account, const carnet_pin *pin,
                             uint8_t hash[CARNET_SERVICE_HASH], carnet_err *err);

/* ask.c */
carnet_rc carnet_ia_askers_start(ia *owner, carnet_err *err);
void carnet_ia_askers_stop(ia *owner);
void carnet_ia_ask(ia *owner, ia_job *job);
/* What was answered since: appended. */
void carnet_ia_answered(ia *owner, ia_list *list);
/* POST a text; *body is in the worker's scratch. */
carnet_rc carnet_ia_post(const ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection,
                         const carnet_config_authorization_peer *peer, const char *path, carnet_str text,
                         unsigned *status, carnet_str *body, carnet_err *err);

/* resolve.c: on a thread that asks. */
void carnet_ia_resolve(ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection, ia_job *job);
/* rc CARNET_OK: told; else job->instead says why not. */
void carnet_ia_use(ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection, ia_job *job);
/* Tell what was taken back. */
carnet_rc carnet_ia_tell(void *self, carnet_service_worker *worker, carnet_err *err);

/* host.c */
extern const carnet_authorization_host carnet_ia_other_host;
void carnet_ia_ask_host(ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection, ia_job *job);

#endif
