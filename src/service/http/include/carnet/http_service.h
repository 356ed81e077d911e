/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP kit every service stands on: a table of routes, one handler each,
 * served over HTTP/1.1 and TLS 1.2 and 1.3 with limits on everything a client
 * decides: octets, time, rate, connections.
 *
 * Routes, certificates, keys and hooks are borrowed for the life of the
 * service.  Handlers run on the service's threads, several at once: what they
 * share is theirs to lock.  Views in a request die when its handler returns.
 */
#ifndef CARNET_HTTP_SERVICE_H
#define CARNET_HTTP_SERVICE_H
#include "carnet/http_parameters.h"
CARNET_BEGIN_DECLS

#define CARNET_SERVICE_IDENTIFIER 22  /**< characters of a request identifier: 128 bits in base64url */
#define CARNET_SERVICE_HEADERS    16  /**< a handler may set at most so many */
#define CARNET_SERVICE_ROUTES     120 /**< in one table at most */

typedef enum carnet_service_method {
    CARNET_SERVICE_GET = 1, /**< HEAD comes with it */
    CARNET_SERVICE_POST,
    CARNET_SERVICE_PUT,
    CARNET_SERVICE_PATCH,
    CARNET_SERVICE_DELETE,
} carnet_service_method;

typedef struct carnet_service carnet_service;

/** What a handler is asked.  Text is UTF-8 without zeros, percent-decoded once. */
typedef struct carnet_service_request {
    carnet_service_method method;
    bool head;              /**< HEAD, not GET: only the header goes out, so nothing should begin or end by it */
    carnet_str path;        /**< as sent */
    carnet_str peer;        /**< the client's address as text; see `trusted_proxies` */
    const char *identifier; /**< CARNET_SERVICE_IDENTIFIER characters */
    carnet_service_parameters in_path, query, form;
    carnet_span body;        /**< whole; a form's too */
    carnet_str content_type; /**< as sent; may be empty */
    carnet_span certificate; /**< the client's, in DER; empty: it gave none */
    bool trusted;            /**< its chain ends at an authority of the configuration */
    const carnet_service *service;
    void *connection; /**< for carnet_service_header() */
    unsigned
        waited_ms; /**< since the handler was first asked; see `again_ms`.  UINT_MAX: the service ends, answer now */
    bool again;    /**< the handler said `later`: now it is asked to go on, perhaps too early: when the service ends */
} carnet_service_request;

typedef struct carnet_service_header_field {
    const char *name, *value;
} carnet_service_header_field;

/** What a handler fills.  Beside a failure, too: status and `error` then replace what the registry says, headers are sent, and
 *  the body becomes a problem in JSON, {error, error_description, request_id}. */
typedef struct carnet_service_response {
    int status;               /**< 0: 200, or the registry's for the failure */
    carnet_buf body;          /**< empty, of the route's `answer_max` octets */
    carnet_span fixed;        /**< instead of `body`: octets that outlive the service */
    const char *content_type; /**< static; NULL: application/json */
    const char *error;        /**< static, such as "invalid_grant"; NULL: after the status */
    carnet_service_header_field headers[CARNET_SERVICE_HEADERS];
    size_t header_count;
    carnet_buf header_text; /**< what the headers' values are copied to */
    unsigned
        again_ms; /**< of a success: nothing is to be said yet, ask the handler again in so many milliseconds; what it
                                 filled in is forgotten.  Meanwhile the request holds no thread.  It is for the handler to
                                 come to an end, by `waited_ms` */
    bool
        later; /**< of a success: ask the handler again when somebody says so (carnet_service_proceed()); what it filled in stays,
                     with room for 1,024 octets more.
                     Meanwhile the request holds no thread, and stays where it is */
    void *kept; /**< the handler's, for then */
} carnet_service_response;

/** Answer one request.  A failure whose status is 500 or above shows the client no reason. */
typedef carnet_rc carnet_service_handler(void *self, const carnet_service_request *request,
                                         carnet_service_response *response, carnet_err *err);

/** A parameter that a route knows; others are passed to the handler all the same. */
typedef struct carnet_service_parameter_rule {
    const char *name, *description;
    bool in_form;  /**< else in the query */
    bool required; /**< absent: 400, and the handler is not run */
} carnet_service_parameter_rule;

/** One endpoint.  Zeros stand for the defaults. */
typedef struct carnet_service_route {
    carnet_service_method method;
    const char *name;    /**< of letters, digits and `_`: in the log, the metrics and the OpenAPI document */
    const char *path;    /**< "/documents/{identifier}/status"; a parameter is a whole segment */
    const char *summary; /**< a sentence for the OpenAPI document; may be NULL */
    carnet_service_handler *run;
    const char *accepts; /**< the body's media type, demanded exactly; NULL: any.  Forms are read when it is
                              "application/x-www-form-urlencoded" */
    const char *answers; /**< the media type of a success, for the OpenAPI document; NULL: application/json */
    const carnet_service_parameter_rule *parameters;
    size_t parameter_count;
    size_t body_max;      /**< octets; 0: there may be no body */
    size_t answer_max;    /**< octets; 0: 64 KiB */
    unsigned body_ms;     /**< from the header's end to the body's; 0: the service's */
    unsigned rate, burst; /**< requests a minute from one address (IPv6: one /64), and at once; 0: no limit, `rate` */
    bool client_certificate; /**< demanded and trusted, else 403 */
    bool quiet;              /**< successes are counted, not logged */
    bool
        cross_origin; /**< pages of any origin may ask it, without cookies: OPTIONS is answered, and the answer says so */
    void *self;       /**< handed to the handler; NULL: the service's */
} carnet_service_route;

/** What the service adds to the routes by itself. */
enum {
    CARNET_SERVICE_HEALTH = 1,  /**< /healthz: 200 while it runs; /readyz: 200 if `ready` says so, else 503 */
    CARNET_SERVICE_METRICS = 2, /**< /metrics, in Prometheus' text form */
    CARNET_SERVICE_OPENAPI = 4, /**< /openapi.json, OpenAPI 3.1, made from the routes */
};

/** Zeros stand for the defaults in parentheses. */
typedef struct carnet_service_config {
    const char *address;           /**< numeric ("127.0.0.1"); "[::]" and the like without brackets */
    uint16_t port;                 /**< 0: any; see carnet_service_port() */
    const carnet_service *follows; /**< take over its socket instead: until it is stopped, both take connections */
    unsigned threads;              /**< (2) */
    const carnet_service_route *routes;
    size_t route_count;
    void *self; /**< handed to every handler */
    unsigned built_in;
    const char *title, *version; /**< for the OpenAPI document ("Carnet", "0") */
    carnet_random random;        /**< for request identifiers; used by several threads at once */

    /** PEM: the certificate chain and its key, both or neither (then plain HTTP); and the authorities whose certificates
     *  clients are asked for, which may be empty. */
    carnet_str chain, key, clients;

    /** Absolute deadlines in milliseconds: when one is over the connection is cut, whatever trickled in meanwhile. */
    unsigned header_ms; /**< from the connection, or from a later request's first line, to the header's end (10,000) */
    unsigned body_ms;   /**< from there to the body's end (30,000) */
    unsigned response_ms; /**< from the answer's start to its end (30,000) */
    unsigned idle_ms;     /**< from there to the next request's first line (60,000) */

    size_t header_max;                /**< octets of a request's line and header fields; beyond: 431 (16,384) */
    unsigned requests_per_connection; /**< then it is closed (1,000) */
    unsigned connections; /**< beyond: 503, and beyond an eighth more (at least 16) closed unheard (10,000) */
    unsigned connections_per_address; /**< beyond: 429 (no limit) */

    /** Addresses and networks ("10.0.0.0/8", "::1") of proxies: theirs is the word on who asks, in X-Forwarded-For or, with
     *  `forwarded`, in Forwarded (RFC 7239); and on the client's certificate, in the named field (RFC 9440's form, or PEM
     *  percent-encoded), which must then be of an authority in `clients`.  Borrowed. */
    const char *const *trusted_proxies;
    size_t trusted_proxy_count;
    bool forwarded;
    const char *client_certificate_header; /**< NULL: none */

    /** Each line of the log, JSON without its line end; `success`: all it tells is that something was done as it was asked.
     *  Called by one thread at a time.  NULL: no log. */
    void (*log)(void *log_self, carnet_str line, bool success);
    void *log_self;
    /** Whether requests can be served: stores reachable, keys there.  NULL: always. */
    bool (*ready)(void *self);
} carnet_service_config;

/** Begin to serve.  CARNET_E_USAGE: the table of routes is at fault; CARNET_E_SERVICE_TLS: certificate or key; CARNET_E_SERVICE_LISTEN:
 *  the address.  *service is NULL on failure. */
carnet_rc carnet_service_start(const carnet_service_config *config, carnet_service **service, carnet_err *err);
/** The port it listens on. */
uint16_t carnet_service_port(const carnet_service *service);
/** Stop: take no connection more, cut the idle ones, let requests that have begun end, but after `drain_ms` cut what is left
 *  (a handler that runs is waited for all the same).  Frees and clears *service. */
void carnet_service_stop(carnet_service **service, unsigned drain_ms);

/** Let the handler of a request go on that said `later`, or is about to; on any thread, once for each.  It is asked again on the
 *  thread it was asked on before, also when the client has gone meanwhile: what it fills in is then thrown away.  The request
 *  lives until that has returned, so that turn waits for whoever has yet to call this.  A request of no service (`service` is
 *  NULL) is asked again by whoever made it: nothing is done. */
void carnet_service_proceed(const carnet_service_request *request);

/** The value of a header field; empty when absent, or when it came more than once. */
carnet_str carnet_service_header(const carnet_service_request *request, const char *name);
/** How often the field came: one that proves something may come once only. */
size_t carnet_service_header_count(const carnet_service_request *request, const char *name);
/** Set a header field of the answer.  The name is static; the value is copied, and refused when it could end the line. */
carnet_rc carnet_service_set_header(carnet_service_response *response, const char *name, carnet_str value,
                                    carnet_err *err);

/** Append the OpenAPI document of the service's routes, or its metrics. */
carnet_rc carnet_service_openapi(const carnet_service *service, carnet_buf *out, carnet_err *err);
carnet_rc carnet_service_metrics(const carnet_service *service, carnet_buf *out, carnet_err *err);
/** The metrics of several services together, each sample with its service's name as the label "listener". */
carnet_rc carnet_service_metrics_several(const carnet_service *const *list, const char *const *names, size_t count,
                                         carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
