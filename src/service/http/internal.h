/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_HTTP_INTERNAL_H
#define CARNET_SERVICE_HTTP_INTERNAL_H
#include "carnet/http_forwarded.h"
#include "carnet/http_random.h"
#include "carnet/http_service.h"

#include <microhttpd.h>
#include <pthread.h>
#include <sys/socket.h>

#define CARNET_SERVICE_PEER     CARNET_FORWARDED_PEER
#define CARNET_SERVICE_BUCKETS  12            /* of the histogram, the last without an end */
#define CARNET_SERVICE_STATUSES 32            /* different ones counted for a route */
#define CARNET_SERVICE_DRAIN    (size_t)65536 /* of a refused body this much is read, so that the answer is heard */
#define CARNET_SERVICE_MORE     (size_t)1024  /* octets that a handler which goes on may add */
#define CARNET_SERVICE_ANSWER   (size_t)65536 /* octets of an answer, if the route says nothing */

/* What a connection waits for; each but RUNNING has a deadline. */
typedef enum carnet_service_phase {
    CARNET_SERVICE_IDLE,
    CARNET_SERVICE_HEAD,
    CARNET_SERVICE_BODY,
    CARNET_SERVICE_RESPONSE,
    CARNET_SERVICE_RUNNING,
    CARNET_SERVICE_WAITING, /* for its handler's next turn: suspended until the deadline */
} carnet_service_phase;

/* Why something was refused or cut, for the metrics. */
typedef enum carnet_service_limit {
    CARNET_SERVICE_LIMIT_IDLE, /* the first four as the phases */
    CARNET_SERVICE_LIMIT_HEAD,
    CARNET_SERVICE_LIMIT_BODY,
    CARNET_SERVICE_LIMIT_RESPONSE,
    CARNET_SERVICE_LIMIT_CONNECTIONS,
    CARNET_SERVICE_LIMIT_ADDRESS,
    CARNET_SERVICE_LIMIT_UNHEARD,
    CARNET_SERVICE_LIMIT_RATE,
    CARNET_SERVICE_LIMIT_OCTETS,
    CARNET_SERVICE_LIMIT_HEADER,
    CARNET_SERVICE_LIMIT_COUNT,
} carnet_service_limit;

/* One request and its answer.  It is used again for others. */
typedef struct carnet_service_exchange {
    struct carnet_service_exchange *spare; /* of those that nobody has */
    uint8_t address[16];                   /* the client's, behind trusted proxies too */
    char peer[CARNET_SERVICE_PEER];
    uint8_t *certificate;              /* handed on by a trusted proxy */
    const carnet_service_route *route; /* NULL: none was met */
    int64_t began;
    char identifier[CARNET_SERVICE_IDENTIFIER + 1];
    char *target;
    carnet_str path, query;
    carnet_service_request request;
    carnet_service_response response;
    struct carnet_service_sheet *sheet; /* the body is on it; else it is memory of its own */
    int64_t first;                      /* when its handler was first asked */
    bool told;                          /* to go on, before it was held */
    bool seen, head, close;             /* its header was seen; HEAD; the connection ends with it */
    bool preflight;                     /* OPTIONS, of a browser that asks whether a page of another origin may ask */
    carnet_rc refused;                  /* what was found at its header, to be said when its body is through */
    carnet_err err;
    uint8_t *body, *room;
    size_t body_len, body_cap;
    uint64_t received, sent;
    int status;
    carnet_rc rc;
    size_t near_len;
    /* What follows is not cleared: of its header fields; of what is short of the rest. */
    uint8_t text[8192], near[4096];
} carnet_service_exchange;

typedef struct carnet_service_connection {
    struct carnet_service_connection *next, *previous;
    struct MHD_Connection *mhd;
    int fd;
    carnet_service_phase phase;
    int64_t deadline;
    bool cut;          /* by the watchdog */
    carnet_rc refused; /* a limit on connections */
    unsigned requests;
    bool judged, trusted; /* its client certificate */
    bool proxy;           /* its peer is a trusted proxy */
    uint8_t address[16];
    char peer[CARNET_SERVICE_PEER];
    carnet_service_exchange *exchange;
} carnet_service_connection;

typedef struct carnet_service_counts {
    uint64_t bucket[CARNET_SERVICE_BUCKETS], count, sum_ms;
    struct {
        int status;
        uint64_t count;
    } status[CARNET_SERVICE_STATUSES];
} carnet_service_counts;

typedef struct carnet_service_rates carnet_service_rates;

/* Where a handler writes (sheets.c). */
typedef struct carnet_service_sheet {
    struct carnet_service_sheet *next, *spare; /* of all, of those that nobody has */
    carnet_service *service;
    uint8_t *octets;
    size_t written; /* when it is returned */
} carnet_service_sheet;

struct carnet_service {
    carnet_service_config config;
    carnet_service_route *routes; /* the configuration's and the built-in ones */
    size_t route_count;
    struct MHD_Daemon *daemon;
    char *clients;
    int listener;
    uint16_t port;
    carnet_service_rates *rates;
    carnet_forwarded_net *proxies;
    struct gnutls_x509_trust_list_st *client_trust; /* for certificates that proxies hand on */
    pthread_key_t sheet;                            /* each thread's */
    bool sheets_made;
    size_t sheet_size;
    pthread_mutex_t sheet_lock; /* taken under `lock` too; over these */
    carnet_service_exchange *spare_exchanges;
    unsigned spare_exchange_count;
    carnet_service_sheet *sheets, *spare_sheets;
    unsigned sheets_away;

    pthread_mutex_t lock; /* over all that follows, and the connections' phases and deadlines */
    pthread_cond_t wake;
    pthread_t watchdog;
    carnet_service_random pool;
    carnet_random identifiers; /* of requests; from the pool */
    bool watching, draining, ending, followed;
    carnet_service_connection *connections;
    unsigned open, busy; /* connections; those with a request */
    uint64_t taken, limits[CARNET_SERVICE_LIMIT_COUNT];
    carnet_service_counts *counts; /* of each route, and of what met none */
    pthread_mutex_t log_lock;
};

/* log.c */
int64_t carnet_service_now_ms(void);

/* routes.c */
carnet_rc carnet_service_routes_check(const carnet_service_route *routes, size_t count, carnet_err *err);
const char *carnet_service_method_name(carnet_service_method method);
/* The route, or CARNET_E_SERVICE_PATH or CARNET_E_SERVICE_METHOD. */
carnet_rc carnet_service_route_find(const carnet_service *service, const char *method, carnet_str path,
                                    const carnet_service_route **route);
void carnet_service_allow(const carnet_service *service, carnet_str path, carnet_buf *out);
bool carnet_service_preflight(const carnet_service *service, const char *method, carnet_str path,
                              const carnet_service_route **route);
bool carnet_service_cross_origin(const carnet_service *service, const carnet_service_exchange *x,
                                 struct MHD_Response *m);

/* operations.c: appends the built-in routes to an array with room for them. */
size_t carnet_service_built_in(unsigned built_in, carnet_service_route *routes);

/* connections.c */
void carnet_service_notify(void *self, struct MHD_Connection *mhd, void **socket_context,
                           enum MHD_ConnectionNotificationCode code);
enum MHD_Result carnet_service_admit(void *self, const struct sockaddr *address, socklen_t length);
carnet_service_connection *carnet_service_connection_of(struct MHD_Connection *mhd);
void carnet_service_enter(carnet_service *service, carnet_service_connection *c, carnet_service_phase phase);
void carnet_service_limited(carnet_service *service, carnet_service_limit limit);
void *carnet_service_watch(void *self);
/* Under the lock: let those go on that wait for their turn, all of them or those whose time has come. */
void carnet_service_go_on(carnet_service *service, int64_t now, bool all);
/* Hold the connection, without a thread, for so long; false: the service ends. */
bool carnet_service_hold(carnet_service *service, carnet_service_connection *c, unsigned ms);
/* The same until it is told to go on; false also when it was told already. */
bool carnet_service_hold_until_told(carnet_service *service, carnet_service_connection *c);
/* Under the lock: end the connections that have no request. */
void carnet_service_cut_idle(carnet_service *service);

/* requests.c */
void *carnet_service_first_line(void *self, const char *target, struct MHD_Connection *mhd);
enum MHD_Result carnet_service_take(void *self, struct MHD_Connection *mhd, const char *url, const char *method,
                                    const char *version, const char *data, size_t *data_len, void **context);
void carnet_service_completed(void *self, struct MHD_Connection *mhd, void **context,
                              enum MHD_RequestTerminationCode code);
void carnet_service_exchange_free(carnet_service *service, carnet_service_exchange **exchange);
void carnet_service_spare_exchanges_free(carnet_service *service);

/* sheets.c */
bool carnet_service_sheets_make(carnet_service *service);
void carnet_service_sheets_free(carnet_service *service);
/* This thread's sheet, `most` octets of it; no room without memory. */
carnet_buf carnet_service_sheet_take(carnet_service *service, size_t most);
/* After the handler: what it wrote is dropped, or copied to memory of its own where so many octets can be added, or stays on the
 * sheet, which is to be returned then.  The body overflows without memory. */
carnet_service_sheet *carnet_service_sheet_leave(carnet_service *service, carnet_buf *body, bool drop, size_t more);
/* `written` is to be set. */
void carnet_service_sheet_return(void *sheet);

/* head.c: all that can be said of a request before its body. */
carnet_rc carnet_service_head_check(carnet_service *service, carnet_service_connection *c, const char *method);

/* proxy.c */
carnet_rc carnet_service_proxies_read(carnet_service *service, carnet_err *err);
carnet_rc carnet_service_client_trust(carnet_service *service, carnet_err *err);
void carnet_service_proxies_free(carnet_service *service);
bool carnet_service_is_proxy(const carnet_service *service, const char *peer);
/* Who asks: the connection's peer, or who a trusted proxy says. */
void carnet_service_who(carnet_service *service, carnet_service_connection *c);

/* respond.c */
enum MHD_Result carnet_service_respond(carnet_service *service, carnet_service_connection *c, carnet_rc rc);

/* rate.c */
carnet_service_rates *carnet_service_rates_new(const carnet_random *random);
void carnet_service_rates_free(carnet_service_rates **rates);
/* Whether one more request of this address to this route may pass now. */
bool carnet_service_rate_allows(carnet_service_rates *rates, const uint8_t address[16],
                                const carnet_service_route *route, int64_t now_ms);

/* log.c */
void carnet_service_log_exchange(carnet_service *service, const carnet_service_connection *c, int64_t ms);
void carnet_service_log_event(carnet_service *service, const char *event, const char *phase);

/* metrics.c; the lock is held */
void carnet_service_count(carnet_service *service, const carnet_service_exchange *exchange, int64_t ms);
extern const char *const carnet_service_limit_names[CARNET_SERVICE_LIMIT_COUNT];

/* tls.c */
extern const char carnet_service_tls_priority[];
void carnet_service_tls_peer(carnet_service_connection *c, carnet_service_request *request);

#endif
