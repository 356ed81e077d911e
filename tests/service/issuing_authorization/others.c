/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json.h"
#include "world.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static world_staged *
find(world_others *o, carnet_str reference)
{
    for (size_t i = 0; i < o->count; i++)
        if (carnet_str_is(reference, o->staged[i].reference))
            return &o->staged[i];
    return NULL;
}

static carnet_rc
tell(const world_staged *s, carnet_service_response *r, carnet_err *err)
{
    const carnet_resolved answer = {
        .reference = carnet_str_of(s->reference),
        .state = s->state,
        .use = carnet_str_of(s->use),
        .type = carnet_str_of(s->type),
        .amount = s->amount,
        .currency = carnet_str_of("840"),
        .terminal = carnet_str_of(s->terminal),
        .account = carnet_str_of("main"),
        .pan = carnet_str_of(s->pan),
        .expiration = (BANK_NOW + 600) * 1000,
        .risk = carnet_str_of("large"),
        .aal_required = 3,
        .has_carrier = true,
        .carrier = { .vot = carnet_str_of(s->vector),
                     .trustmark = carnet_str_of("1"), /* as the mobile app server names it */
                     .session = carnet_str_of("EBESExQVFhcYGRobHB0eHw"),
                     .auth_time = s->auth_time,
                     .expiry = s->auth_time + 300,
                     .aal = 3,
                     .key_id = carnet_str_of("idp-test"),
                     .signature =
                         carnet_str_of("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                                       "AAAAAAAA") },
    };

    return carnet_resolved_write(&answer, &r->body, err);
}

static carnet_rc
act(world_others *o, const carnet_resolve_request *wish, carnet_service_response *r, carnet_err *err)
{
    world_staged *s = find(o, wish->reference);
    const int refusal = wish->action == CARNET_RESOLVE_READ ? o->read_status : o->use_status;

    if (s == NULL || (refusal != 0 && wish->action != CARNET_RESOLVE_REVERSE)) {
        r->status = s == NULL ? 404 : refusal;
        return CARNET_OK;
    }
    s->reads += wish->action == CARNET_RESOLVE_READ;
    s->uses += wish->action == CARNET_RESOLVE_USE;
    s->reversals += wish->action == CARNET_RESOLVE_REVERSE;
    if (wish->action == CARNET_RESOLVE_USE) {
        if (s->use[0] != '\0' && !carnet_str_is(wish->use, s->use)) {
            r->status = 409;
            return CARNET_OK;
        }
        (void)snprintf(s->use, sizeof(s->use), "%.*s", (int)wish->use.len, wish->use.ptr);
        s->state = CARNET_STAGED_USED;
    }
    if (wish->action == CARNET_RESOLVE_REVERSE && carnet_str_is(wish->use, s->use))
        s->state = CARNET_STAGED_REVERSED;
    return tell(s, r, err);
}

static carnet_rc
resolve(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    world_others *o = self;
    carnet_json *document = NULL;
    carnet_resolve_request wish;
    carnet_rc rc =
        carnet_resolve_request_read((carnet_str){ (const char *)q->body.ptr, q->body.len }, &document, &wish, err);

    (void)pthread_mutex_lock(&o->lock);
    if (rc == CARNET_OK)
        rc = act(o, &wish, r, err);
    (void)pthread_mutex_unlock(&o->lock);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
account(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    world_others *o = self;
    carnet_json *json = NULL;
    carnet_rc rc = carnet_json_parse((carnet_str){ (const char *)q->body.ptr, q->body.len }, &json, err);
    carnet_str action = carnet_json_string(carnet_json_get(json, "action")),
               key = carnet_json_string(carnet_json_get(json, "key"));
    int64_t amount = 0;

    (void)pthread_mutex_lock(&o->lock);
    amount = carnet_json_integer(carnet_json_get(json, "amount"));
    o->last_amount = (uint64_t)amount;
    o->orders += carnet_str_is(action, "order") || carnet_str_is(action, "hold");
    o->returns += carnet_str_is(action, "return") || carnet_str_is(action, "release");
    (void)snprintf(o->last_key, sizeof(o->last_key), "%.*s", (int)key.len, key.ptr);
    if (o->first_key[0] == '\0')
        memcpy(o->first_key, o->last_key, sizeof(o->first_key));
    carnet_buf_add_text(&r->body, "{\"outcome\":\"");
    carnet_buf_add_text(&r->body, o->outcome);
    carnet_buf_add_text(&r->body, "\"}");
    if (o->outcome[0] == '\0')
        r->status = 500;
    (void)pthread_mutex_unlock(&o->lock);
    carnet_json_free(&json);
    return rc;
}

uint16_t
others_start(world_others *o)
{
    static const carnet_service_route routes[] = {
        { .method = CARNET_SERVICE_POST,
          .name = "resolve",
          .path = CARNET_STAGING_PATH "/issuer/ResolveStaged",
          .run = resolve,
          .body_max = CARNET_STAGING_MAX },
        { .method = CARNET_SERVICE_POST, .name = "account", .path = "/account", .run = account, .body_max = 4096 },
    };
    const carnet_service_config config = { .address = "127.0.0.1",
                                           .routes = routes,
                                           .route_count = CARNET_COUNT(routes),
                                           .self = o,
                                           .random = { fill, NULL } };

    memset(o, 0, sizeof(*o));
    (void)pthread_mutex_init(&o->lock, NULL);
    (void)snprintf(o->outcome, sizeof(o->outcome), "approved");
    assert_carnet_ok(carnet_service_start(&config, &o->service, NULL), NULL);
    return carnet_service_port(o->service);
}

void
others_stop(world_others *o)
{
    if (o->service != NULL)
        carnet_service_stop(&o->service, 1000);
}

world_staged *
others_stage(world_others *o, const char *reference)
{
    world_staged *s = &o->staged[o->count++];

    *s = (world_staged){ .reference = reference,
                         .terminal = BANK_TERMINAL,
                         .vector = BANK_VECTOR,
                         .type = "ATM_CWD",
                         .pan = BANK_PAN,
                         .amount = 20000,
                         .state = CARNET_STAGED_FULFILLED,
                         .auth_time = BANK_NOW - 120 };
    return s;
}
