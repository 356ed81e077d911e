/* SPDX-License-Identifier: Apache-2.0 */
/* The part: its links, its two threads, and the round that the loop makes. */
#include "internal.h"

#include <stdlib.h>
#include <time.h>

enum { ROUND_MS = 1000 };

void
carnet_switch_event(const acquiring_switch *s, const char *kind, const char *outcome, const char *reason)
{
    const carnet_service_event event = { .kind = kind, .outcome = outcome, .reason = reason, .count = 1 };
    carnet_service_worker *worker;

    if (carnet_service_begin(s->context, NULL, &worker, NULL) == CARNET_OK)
        carnet_service_event_log(worker, &event);
}

/* --- the loop --- */

static int64_t
sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What is due at all issuers' links; when the next is. */
static int64_t
look_after(acquiring_switch *s, int64_t now)
{
    int64_t next = now + ROUND_MS;

    s->now = carnet_service_now(s->worker);
    for (size_t i = s->terminal_count; i < s->link_count; i++) {
        switch_link *link = &s->links[i];

        carnet_switch_give_up(link, now, false);
        carnet_switch_keep(link, now);
        carnet_switch_forward(link, now);
        next = sooner(next, carnet_matching_next(&link->matching));
        next = sooner(next, carnet_keeping_due(&link->keeping));
        if (link->first != NULL && !link->stored_waits && link->stored_again > now)
            next = sooner(next, link->stored_again);
    }
    return next;
}

/* Who sends, and what. */
static carnet_rc
begin_with_store(acquiring_switch *s, carnet_err *err)
{
    const carnet_rc rc = carnet_switch_sender_claim(s, err);

    s->sender.sent = rc == CARNET_OK && carnet_switch_sends(s);
    if (rc == CARNET_OK)
        carnet_switch_event(s, "switch.sender", "done", s->sender.sent ? "taken" : "another");
    return s->sender.sent ? carnet_switch_load(s, err) : rc;
}

/* Until the store can be read: nobody is served before what is stored is known. */
static void
load(acquiring_switch *s)
{
    const struct timespec pause = { .tv_nsec = 200000000 };
    carnet_err err = { 0 };
    carnet_rc rc;

    while (!atomic_load(&s->ending) && (rc = begin_with_store(s, &err)) != CARNET_OK) {
        carnet_switch_event(s, "switch.load", "failed", carnet_rc_name(rc));
        (void)nanosleep(&pause, NULL);
    }
    atomic_store(&s->loaded, true);
}

/* What waits is given up while it can still be stored, and those who wait are told. */
static void
leave(acquiring_switch *s)
{
    for (size_t i = s->terminal_count; i < s->link_count; i++)
        carnet_switch_give_up(&s->links[i], carnet_payment_now(s->loop), true);
    carnet_switch_clerk_stop(s);
    carnet_switch_stored(s);
    (void)carnet_payment_step(s->loop, carnet_payment_now(s->loop), NULL);
}

static void *
run(void *arg)
{
    acquiring_switch *s = arg;
    carnet_err err = { 0 };
    int64_t until = 0;

    if (carnet_service_begin(s->context, NULL, &s->worker, &err) != CARNET_OK)
        return NULL;
    s->now = carnet_service_now(s->worker);
    load(s);
    while (!atomic_load_explicit(&s->ending, memory_order_relaxed)) {
        if (carnet_payment_step(s->loop, until, &err) != CARNET_OK)
            carnet_switch_event(s, "switch.loop", "failed", carnet_rc_name(err.rc));
        carnet_switch_sender_look(s);
        carnet_switch_stored(s);
        if (atomic_exchange(&s->again, false) && s->sender.sent && carnet_switch_load(s, &err) != CARNET_OK)
            atomic_store(&s->again, true);
        until = look_after(s, carnet_payment_now(s->loop));
    }
    leave(s);
    return NULL;
}

/* --- the part --- */

static bool
wanted(const carnet_config *config)
{
    return config->services->acquiring_switch != NULL;
}

static void
stop(acquiring_switch *s)
{
    atomic_store(&s->ending, true);
    if (s->runs) {
        carnet_payment_wake(s->loop);
        (void)pthread_join(s->thread, NULL);
    }
    carnet_switch_clerk_stop(s);
}

static void
done(void *self)
{
    acquiring_switch *s = self;

    if (s == NULL)
        return;
    stop(s);
    carnet_payment_loop_free(&s->loop);
    while (s->arriving != NULL) {
        switch_stored *item = s->arriving;

        s->arriving = item->next;
        carnet_switch_stored_free(item);
    }
    for (size_t i = 0; s->links != NULL && i < s->link_count; i++)
        carnet_switch_link_done(&s->links[i]);
    for (size_t i = 0; s->pending != NULL && i < SWITCH_PENDING; i++)
        free(s->pending[i].octets);
    if (s->clerk.made) {
        (void)pthread_mutex_destroy(&s->clerk.lock);
        (void)pthread_cond_destroy(&s->clerk.wake);
    }
    free(s->links);
    free(s->middle);
    free(s->pending);
    free(s->connections);
    carnet_wipe(s, sizeof(*s));
    free(s);
}

static carnet_rc
allocate(acquiring_switch *s, carnet_err *err)
{
    s->terminal_count = s->config->terminal_count;
    s->link_count = s->terminal_count + s->config->issuer_count;
    s->links = calloc(s->link_count, sizeof(*s->links));
    s->connections = calloc(SWITCH_CONNECTIONS, sizeof(*s->connections));
    s->pending = calloc(SWITCH_PENDING, sizeof(*s->pending));
    if (s->links == NULL || s->connections == NULL || s->pending == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (uint32_t i = 0; i < SWITCH_PENDING; i++)
        s->pending[i].next = i + 1 < SWITCH_PENDING ? i + 2 : 0;
    s->pending_free = 1;
    s->arriving_last = &s->arriving;
    return CARNET_OK;
}

static carnet_rc
make_links(acquiring_switch *s, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < s->link_count; i++) {
        const bool issuer = i >= s->terminal_count;

        rc = carnet_switch_link_init(s, &s->links[i],
                                     issuer ? &s->config->issuers[i - s->terminal_count] : &s->config->terminals[i],
                                     issuer, err);
    }
    if (rc == CARNET_OK)
        rc = carnet_switch_middle(s, err);
    for (size_t i = 0; rc == CARNET_OK && i < s->link_count; i++)
        rc = carnet_switch_link_open(&s->links[i], err);
    return rc;
}

static carnet_rc
start(acquiring_switch *s, carnet_err *err)
{
    carnet_rc rc = carnet_switch_clerk_start(s, err);

    if (rc != CARNET_OK)
        return rc;
    if (pthread_create(&s->thread, NULL, run, s) != 0)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no thread can be made");
    s->runs = true;
    return CARNET_OK;
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    acquiring_switch *s = calloc(1, sizeof(*s));
    carnet_rc rc;

    *self = NULL;
    if (s == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    s->context = context;
    s->desk = parts != NULL ? carnet_service_part_find(parts, "desk") : NULL;
    s->config = carnet_service_configuration(context)->services->acquiring_switch;
    rc = allocate(s, err);
    if (rc == CARNET_OK)
        rc = carnet_switch_sender_init(s, err);
    if (rc == CARNET_OK)
        rc = carnet_payment_loop_new(carnet_switch_batch, s, NULL, &s->loop, err);
    if (rc == CARNET_OK)
        rc = make_links(s, err);
    if (rc == CARNET_OK)
        rc = start(s, err);
    if (rc != CARNET_OK) {
        done(s);
        return rc;
    }
    *self = s;
    return CARNET_OK;
}

static bool
ready(void *self)
{
    acquiring_switch *s = self;

    return atomic_load(&s->loaded);
}

uint16_t
carnet_acquiring_switch_port(const void *self, size_t i)
{
    const acquiring_switch *s = self;

    return i < s->terminal_count ? carnet_payment_port(s->links[i].end) : 0;
}

static const carnet_service_part_route routes[] = {
    { &carnet_switch_page_route, CARNET_SERVES_STAFF },
    { &carnet_switch_settle_route, CARNET_SERVES_STAFF },
};

const carnet_service_part carnet_acquiring_switch_part = {
    .name = "acquiring_switch",
    .wanted = wanted,
    .init = init,
    .done = done,
    .routes = routes,
    .route_count = CARNET_COUNT(routes),
    .ready = ready,
    .metrics = carnet_switch_metrics,
};
