/* SPDX-License-Identifier: Apache-2.0 */
/* A loop with a thread of its own. */
#include "internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum { FAREWELL_MS = 1000, TICK_MS = 1000 };

struct carnet_payment_server {
    carnet_payment_loop *loop;
    carnet_payment_end *end;
    carnet_payment_server_config config;
    pthread_t thread;
    pthread_mutex_t lock; /* protects counters */
    carnet_payment_counters counters;
    atomic_bool ending;
    bool runs;
};

static void
serve_once(carnet_payment_server *server, int64_t until)
{
    (void)!carnet_payment_step(server->loop, until, NULL);
    if (server->config.tick != NULL)
        server->config.tick(server->config.self, carnet_payment_now(server->loop));
    (void)pthread_mutex_lock(&server->lock);
    server->counters = carnet_payment_count(server->loop);
    (void)pthread_mutex_unlock(&server->lock);
}

static bool
unsent(const carnet_payment_loop *loop)
{
    for (const carnet_payment_peer *peer = loop->peers; peer != NULL; peer = peer->next)
        if (peer->state != PAYMENT_GONE && peer->out.at < peer->out.len)
            return true;
    return false;
}

static void *
serve(void *self)
{
    carnet_payment_server *server = self;
    const int64_t tick = server->config.tick_ms != 0 ? server->config.tick_ms : TICK_MS;
    int64_t last;

    while (!atomic_load(&server->ending))
        serve_once(server, carnet_payment_now(server->loop) + tick);
    last = carnet_payment_clock() + FAREWELL_MS;
    while (unsent(server->loop) && carnet_payment_clock() < last)
        serve_once(server, last);
    return NULL;
}

static bool
start_thread(carnet_payment_server *server)
{
    sigset_t all, before;
    int failed;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&server->thread, NULL, serve, server);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0;
}

carnet_rc
carnet_payment_server_start(const carnet_payment_server_config *config, carnet_payment_server **out, carnet_err *err)
{
    carnet_payment_server *server = calloc(1, sizeof(*server));
    carnet_rc rc;

    *out = server;
    if (server == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    server->config = *config;
    (void)pthread_mutex_init(&server->lock, NULL);
    rc = carnet_payment_loop_new(config->batch, config->self, NULL, &server->loop, err);
    if (rc == CARNET_OK)
        rc = carnet_payment_add(server->loop, &config->end, &server->end, err);
    if (rc == CARNET_OK && !(server->runs = start_thread(server)))
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no thread can be started");
    if (rc != CARNET_OK)
        carnet_payment_server_stop(out);
    return rc;
}

uint16_t
carnet_payment_server_port(const carnet_payment_server *server)
{
    return carnet_payment_port(server->end);
}

carnet_payment_counters
carnet_payment_server_count(const carnet_payment_server *server)
{
    union {
        const carnet_payment_server *from;
        carnet_payment_server *to;
    } cast = { server };
    carnet_payment_counters counters;

    (void)pthread_mutex_lock(&cast.to->lock);
    counters = server->counters;
    (void)pthread_mutex_unlock(&cast.to->lock);
    return counters;
}

void
carnet_payment_server_stop(carnet_payment_server **out)
{
    carnet_payment_server *server = *out;

    *out = NULL;
    if (server == NULL)
        return;
    if (server->runs) {
        atomic_store(&server->ending, true);
        carnet_payment_wake(server->loop);
        (void)pthread_join(server->thread, NULL);
    }
    carnet_payment_loop_free(&server->loop);
    (void)pthread_mutex_destroy(&server->lock);
    free(server);
}
