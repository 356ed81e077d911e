/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char form_type[] = "application/x-www-form-urlencoded";

static void
drop_body(carnet_service_exchange *x)
{
    if (x->sheet != NULL) {
        x->sheet->written = x->response.body.len;
        carnet_service_sheet_return(x->sheet);
    } else {
        free(x->response.body.ptr);
    }
    x->sheet = NULL;
    x->response.body = carnet_buf_of(NULL, 0);
}

/* --- its memory --- */

enum { SPARES = 64 };

/* Memory of the exchange's, where it is short, or else its own. */
static void *
place_of(carnet_service_exchange *x, size_t len)
{
    uint8_t *at = x->near + x->near_len;

    if (len > sizeof(x->near) - x->near_len)
        return malloc(len);
    x->near_len += len;
    return at;
}

static void
let_go(const carnet_service_exchange *x, void *place)
{
    const uint8_t *at = place;

    if (at < x->near || at >= x->near + sizeof(x->near))
        free(place);
}

void
carnet_service_exchange_free(carnet_service *service, carnet_service_exchange **exchange)
{
    carnet_service_exchange *x = *exchange;
    bool keeps;

    *exchange = NULL;
    if (x == NULL)
        return;
    if (x->body != NULL)
        carnet_wipe(x->body, x->body_len);
    let_go(x, x->body);
    let_go(x, x->room);
    let_go(x, x->target);
    free(x->certificate);
    drop_body(x);
    carnet_wipe(x->text, x->response.header_text.len);
    carnet_wipe(x->near, x->near_len);
    (void)pthread_mutex_lock(&service->sheet_lock);
    keeps = service->spare_exchange_count < SPARES;
    if (keeps) {
        x->spare = service->spare_exchanges;
        service->spare_exchanges = x;
        service->spare_exchange_count++;
    }
    (void)pthread_mutex_unlock(&service->sheet_lock);
    if (!keeps)
        free(x);
}

void
carnet_service_spare_exchanges_free(carnet_service *service)
{
    while (service->spare_exchanges != NULL) {
        carnet_service_exchange *next = service->spare_exchanges->spare;

        free(service->spare_exchanges);
        service->spare_exchanges = next;
    }
}

static carnet_service_exchange *
exchange_get(carnet_service *service)
{
    carnet_service_exchange *x;

    (void)pthread_mutex_lock(&service->sheet_lock);
    x = service->spare_exchanges;
    if (x != NULL) {
        service->spare_exchanges = x->spare;
        service->spare_exchange_count--;
    }
    (void)pthread_mutex_unlock(&service->sheet_lock);
    if (x == NULL)
        x = malloc(sizeof(*x));
    if (x == NULL)
        return NULL;
    memset(x, 0, offsetof(carnet_service_exchange, text));
    x->response.header_text = carnet_buf_of(x->text, sizeof(x->text));
    return x;
}

static carnet_service_exchange *
exchange_new(carnet_service *service, const char *target)
{
    carnet_service_exchange *x = exchange_get(service);
    size_t len = strlen(target) + 1;
    uint8_t random[16];
    carnet_rc rc;
    carnet_buf text;

    if (x == NULL)
        return NULL;
    text = carnet_buf_of(x->identifier, CARNET_SERVICE_IDENTIFIER);
    x->target = place_of(x, len);
    (void)pthread_mutex_lock(&service->lock);
    rc = carnet_random_fill(&service->identifiers, random, sizeof(random), NULL);
    (void)pthread_mutex_unlock(&service->lock);
    if (x->target == NULL || rc != CARNET_OK) {
        carnet_service_exchange_free(service, &x);
        return NULL;
    }
    memcpy(x->target, target, len);
    carnet_base64url_encode(carnet_span_of(random, sizeof(random)), &text);
    x->began = carnet_service_now_ms();
    return x;
}

/* Called when a request's first line is there, with its target as sent. */
void *
carnet_service_first_line(void *self, const char *target, struct MHD_Connection *mhd)
{
    carnet_service *service = self;
    carnet_service_connection *c = carnet_service_connection_of(mhd);
    carnet_service_exchange *x;

    if (c == NULL || c->exchange != NULL || (x = exchange_new(service, target)) == NULL)
        return NULL;
    if (c->phase == CARNET_SERVICE_IDLE)
        carnet_service_enter(service, c, CARNET_SERVICE_HEAD);
    (void)pthread_mutex_lock(&service->lock);
    c->exchange = x;
    c->requests++;
    service->busy++;
    (void)pthread_mutex_unlock(&service->lock);
    return c;
}

/* Keep what came of the body.  False: the connection is to end. */
static bool
keep(carnet_service *service, carnet_service_exchange *x, const char *data, size_t len)
{
    size_t most = x->refused == CARNET_OK ? x->route->body_max : 0;

    x->received += len;
    if (x->refused != CARNET_OK || len > most - x->body_len) {
        if (x->refused == CARNET_OK) {
            carnet_service_limited(service, CARNET_SERVICE_LIMIT_OCTETS);
            x->refused = carnet_fail(&x->err, CARNET_E_SERVICE_BODY, NULL, NULL);
        }
        x->close = true;
        return x->received - x->body_len <= CARNET_SERVICE_DRAIN;
    }
    if (len > x->body_cap - x->body_len) {
        size_t want = x->body_len + len > 2 * x->body_cap ? x->body_len + len : 2 * x->body_cap;
        uint8_t *more = place_of(x, want);

        if (more == NULL)
            return false;
        if (x->body != NULL) {
            memcpy(more, x->body, x->body_len);
            carnet_wipe(x->body, x->body_len);
        }
        let_go(x, x->body);
        x->body = more;
        x->body_cap = want;
    }
    memcpy(x->body + x->body_len, data, len);
    x->body_len += len;
    return true;
}

static carnet_rc
read_parameters(carnet_service_exchange *x, carnet_err *err)
{
    carnet_service_request *r = &x->request;
    const carnet_service_route *route = x->route;
    bool form = route->accepts != NULL && strcmp(route->accepts, form_type) == 0;
    size_t len = x->path.len + x->query.len + (form ? x->body_len : 0) + 1;
    carnet_buf room;
    carnet_rc rc;

    x->room = place_of(x, len);
    if (x->room == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    room = carnet_buf_of(x->room, len);
    if ((rc = carnet_service_path_read(route->path, x->path, &room, &r->in_path, err)) != CARNET_OK ||
        (rc = carnet_service_parameters_read(x->query, &room, &r->query, err)) != CARNET_OK)
        return rc;
    if (form && (rc = carnet_service_parameters_read((carnet_str){ (const char *)x->body, x->body_len }, &room,
                                                     &r->form, err)) != CARNET_OK)
        return rc;
    for (size_t i = 0; i < route->parameter_count; i++) {
        const carnet_service_parameter_rule *rule = &route->parameters[i];

        if (rule->required && carnet_service_parameter_get(rule->in_form ? &r->form : &r->query, rule->name) == NULL)
            return carnet_fail(err, CARNET_E_SERVICE_PARAMETER_MISSING, NULL, rule->description);
    }
    return CARNET_OK;
}

/* The handler writes on the thread's sheet, except where it goes on. */
static carnet_rc
run_handler(carnet_service *service, carnet_service_exchange *x)
{
    const carnet_service_route *route = x->route;
    carnet_service_response *r = &x->response;
    carnet_rc rc;

    if (!x->request.again) {
        drop_body(x);
        r->body =
            carnet_service_sheet_take(service, route->answer_max != 0 ? route->answer_max : CARNET_SERVICE_ANSWER);
        if (r->body.ptr == NULL)
            return carnet_fail(&x->err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    rc = route->run(route->self != NULL ? route->self : service->config.self, &x->request, r, &x->err);
    if (x->sheet == NULL)
        x->sheet = carnet_service_sheet_leave(service, &r->body, rc != CARNET_OK || (r->again_ms != 0 && !r->later),
                                              r->later ? CARNET_SERVICE_MORE : 0);
    /* Who goes on has something to bring to its end first. */
    if (rc == CARNET_OK && r->body.overflow && !r->later)
        rc = carnet_fail(&x->err, CARNET_E_NO_SPACE, NULL, NULL);
    return rc;
}

/* What the handler said when it was asked before is forgotten, unless it goes on from there. */
static void
ask_again(carnet_service *service, carnet_service_exchange *x)
{
    const carnet_buf body = x->response.body, text = x->response.header_text;
    bool ends;

    x->request.again = x->response.later;
    x->response.later = false;
    if (!x->request.again) {
        carnet_wipe(body.ptr, body.len);
        x->response = (carnet_service_response){ .body = carnet_buf_of(body.ptr, body.cap),
                                                 .header_text = carnet_buf_of(text.ptr, text.cap) };
    }
    (void)pthread_mutex_lock(&service->lock);
    ends = service->draining;
    (void)pthread_mutex_unlock(&service->lock);
    x->request.waited_ms = ends ? UINT_MAX : (unsigned)(carnet_service_now_ms() - x->first);
}

static carnet_rc
run(carnet_service *service, carnet_service_connection *c)
{
    carnet_service_exchange *x = c->exchange;
    carnet_service_request *r = &x->request;
    carnet_rc rc;

    if (x->first == 0) {
        if ((rc = read_parameters(x, &x->err)) != CARNET_OK)
            return rc;
        x->first = carnet_service_now_ms();
        r->body = carnet_span_of(x->body, x->body_len);
        r->peer = carnet_str_of(x->peer);
        r->identifier = x->identifier;
        r->service = service;
        r->connection = c->mhd;
    } else {
        ask_again(service, x);
    }
    return run_handler(service, x);
}

/* Ask the handler until there is an answer: true when the connection is held until it goes on. */
static bool
ask(carnet_service *service, carnet_service_connection *c)
{
    carnet_service_exchange *x = c->exchange;
    unsigned turns = 0;

    do {
        carnet_service_enter(service, c, CARNET_SERVICE_RUNNING);
        x->refused = run(service, c);
        if (x->refused != CARNET_OK || (x->response.again_ms == 0 && !x->response.later))
            return false;
        if (x->response.later ? carnet_service_hold_until_told(service, c)
                              : carnet_service_hold(service, c, x->response.again_ms))
            return true;
    } while (x->response.later || ++turns < 2); /* it was told already, or the service ends */
    x->refused = carnet_fail(&x->err, CARNET_E_SERVICE_BUSY, NULL, NULL);
    return false;
}

enum MHD_Result
carnet_service_take(void *self, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
                    const char *data, size_t *data_len, void **context)
{
    carnet_service *service = self;
    carnet_service_connection *c = *context;
    carnet_service_exchange *x = c != NULL ? c->exchange : NULL;

    (void)url;
    (void)version;
    if (x == NULL || mhd != c->mhd)
        return MHD_NO;
    if (!x->seen) {
        x->seen = true;
        x->refused = carnet_service_head_check(service, c, method);
        carnet_service_enter(service, c, CARNET_SERVICE_BODY);
        return x->refused != CARNET_OK && x->close ? carnet_service_respond(service, c, x->refused) : MHD_YES;
    }
    if (*data_len > 0) {
        bool more = keep(service, x, data, *data_len);

        *data_len = 0;
        return more ? MHD_YES : MHD_NO;
    }
    if (x->status != 0)
        return MHD_YES;
    if (x->refused == CARNET_OK && x->preflight)
        x->response.status = 204;
    else if (x->refused == CARNET_OK && ask(service, c))
        return MHD_YES;
    return carnet_service_respond(service, c, x->refused);
}

/* What libmicrohttpd answered by itself, to octets that are no request or have no room. */
static void
learn_status(carnet_service_connection *c)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_HTTP_STATUS);
    carnet_service_exchange *x = c->exchange;

    if (x->status != 0 || info == NULL || info->http_status == 0)
        return;
    x->status = (int)info->http_status;
    x->rc = x->status == 431 || x->status == 414 ? CARNET_E_SERVICE_HEADER : CARNET_E_SERVICE_REQUEST;
}

/* The answer went out, or the connection ended before. */
static carnet_rc
outcome(const carnet_service_connection *c, enum MHD_RequestTerminationCode code)
{
    if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK || (c->exchange->rc != CARNET_OK && !c->cut))
        return c->exchange->rc;
    return c->cut ? CARNET_E_LINK_TIMEOUT : CARNET_E_LINK_CLOSED;
}

/* The connection is gone and its handler was to go on: it does, for what it began ends there.  Nobody hears the answer. */
static void
end_turns(carnet_service *service, carnet_service_connection *c)
{
    while (c->exchange->response.later && run(service, c) == CARNET_OK)
        continue;
}

void
carnet_service_completed(void *self, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code)
{
    carnet_service *service = self;
    carnet_service_connection *c = *context;
    int64_t ms;

    if (c == NULL || c->mhd != mhd || c->exchange == NULL)
        return;
    *context = NULL;
    end_turns(service, c);
    ms = carnet_service_now_ms() - c->exchange->began;
    learn_status(c);
    (void)pthread_mutex_lock(&service->lock);
    c->exchange->rc = outcome(c, code);
    (void)pthread_mutex_unlock(&service->lock);
    carnet_service_log_exchange(service, c, ms);
    (void)pthread_mutex_lock(&service->lock);
    carnet_service_count(service, c->exchange, ms);
    service->busy--;
    carnet_service_exchange_free(service, &c->exchange);
    if (service->draining) /* who stops it waits for this; the watchdog has a clock of its own */
        (void)pthread_cond_broadcast(&service->wake);
    (void)pthread_mutex_unlock(&service->lock);
    carnet_service_enter(service, c, CARNET_SERVICE_IDLE);
}
