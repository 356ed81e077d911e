/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNETD_H
#define CARNETD_H
#include "carnet/service_file.h"
#include "carnet/service_part.h"
#include "carnet/store.h"

#include <pthread.h>

#define CARNETD_LISTENERS 16
#define CARNETD_DRAIN_MS  10000u

/** Exit codes. */
enum { CARNETD_ENDED = 0, CARNETD_USAGE = 2, CARNETD_FAILED = 3 };

/**
 * Where lines of JSON go: standard output, or a file that can be opened anew.
 * A line that tells of a success, and comes soon after another, waits for more
 * of them, for 50 ms at most; any other line is written before the call
 * returns, and with it those that wait.  A process that is killed loses what
 * waits; one that is told to end loses nothing.
 */
typedef struct carnetd_log {
    const char *file;
    int fd;
    pthread_mutex_t lock; /* over all that follows */
    pthread_cond_t wake;
    pthread_t writer; /* of what has waited long enough */
    bool writes, ending;
    int64_t written; /* when something last was, in milliseconds */
    size_t waiting;
    char room[65536];
} carnetd_log;
carnet_rc carnetd_log_open(carnetd_log *log, const char *file, carnet_err *err);
/** Open the file again, by its name: somebody moved it away. */
void carnetd_log_reopen(carnetd_log *log);
void carnetd_log_line(void *log, carnet_str line, bool success);
/** One event of the process itself; `detail` may be NULL. */
void carnetd_log_event(carnetd_log *log, const char *event, const char *detail);
void carnetd_log_close(carnetd_log *log);

/** A process that serves. */
typedef struct carnetd {
    carnet_config *config;
    carnetd_log log;
    carnet_crypto crypto;
    bool crypto_made, log_made;
    bool quiet; /* no log: a command, not a service */
    carnet_store *store;
    carnet_service_context *context;
    carnet_service_parts *parts;
    struct carnetd_listener {
        carnet_service *service;
        carnet_service_file chain, key, clients;
        char name[64];
        const carnet_service_route *routes;
        size_t route_count;
    } listeners[CARNETD_LISTENERS];
    size_t listener_count;
    pthread_t clerk; /* does the jobs */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool clerk_runs, ending;
} carnetd;

/** The services carnetd knows, in the order in which they are made. */
extern const carnet_service_part *const carnetd_parts[];
extern const size_t carnetd_part_count;
/** The process's own: /healthz, /readyz, /metrics; the store's retention. */
extern const carnet_service_part carnetd_operations_part;
/** What their handlers look at; set before anything is served. */
extern carnetd *carnetd_self;

/** All but the listeners; what fails is told on standard error. */
int carnetd_prepare(carnetd *d, const char *file);
/** Begin to serve. */
int carnetd_listen(carnetd *d);
/** The listeners' certificates and keys are read anew. */
void carnetd_reload(carnetd *d);
/** Until a signal says so. */
void carnetd_run(carnetd *d);
void carnetd_stop(carnetd *d);
/** Print a fresh line of a secrets' file. */
int carnetd_new_secret(void);
/** Read the configuration, or say on standard error what is wrong with it. */
int carnetd_read(const char *file, carnet_config **config);
/** Say on standard error what is wrong with a key of the configuration, or else. */
void carnetd_complain(const carnet_config *config, const carnet_err *err);
/** --check-config: all that can be known without serving. */
int carnetd_check(const char *file);

carnet_rc carnetd_open_store(const carnet_config *config, carnet_crypto *crypto, carnet_store **store, carnet_err *err);

/** --officer: make an officer of the desk, or change one; the password is the first line of standard input, or asked for. */
typedef struct carnetd_officer {
    const char *login, *name, *role;
} carnetd_officer;
int carnetd_put_officer(const char *file, const carnetd_officer *officer);

#define CARNETD_CONFIGURATIONS 16
/** --offer: make a credential offer for a subject of the register, and print it. */
typedef struct carnetd_offer {
    const char *subject, *configurations[CARNETD_CONFIGURATIONS]; /* none: all of the deployment's */
    size_t configuration_count;
    bool tx_code;
} carnetd_offer;
int carnetd_make_offer(const char *file, const carnetd_offer *wanted);

/** --accounts: open accounts of cardless payments or change them, and pay in; a file of JSON, or "-".  --check-ledger: whether the books
 *  are right, one line of JSON. */
int carnetd_put_accounts(const char *file, const char *accounts);
int carnetd_check_ledger(const char *file);

/** --enrol-device: invite a device of a user, and print what it enrols with. */
int carnetd_enrol_device(const char *file, const char *user);

/** Make a deployment for development in a new folder. */
int carnetd_init(const char *folder, unsigned port);
/** --init-cash: the parties of a cardless withdrawal in a new folder; ten ports. */
int carnetd_init_cash(const char *folder, unsigned port);

/** sd_notify(3); silent where there is no systemd. */
void carnetd_notify(const char *state);
/** Milliseconds between two signs of life, 0: nobody waits for them. */
unsigned carnetd_watchdog_ms(void);

#endif
