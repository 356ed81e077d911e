/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that ask others, so that the one that serves waits for nobody. */
#include "internal.h"

#include <stdio.h>

enum { ASKERS = 4, TIMEOUT_MS = 5000, URI_MAX = 1024 };

carnet_rc
carnet_ia_post(const ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection,
               const carnet_config_authorization_peer *peer, const char *path, carnet_str text, unsigned *status,
               carnet_str *body, carnet_err *err)
{
    const carnet_str fields[1] = { carnet_str_of("Content-Type: application/json") };
    char uri[URI_MAX];
    const int len = snprintf(uri, sizeof(uri), "%s%s", peer->url, path);
    const carnet_fetch_request request = {
        .method = "POST", .uri = carnet_str_of(uri), .fields = fields, .field_count = 1, .body = carnet_str_bytes(text)
    };
    const carnet_fetch_limits limits = { .octets = CARNET_STAGING_MAX,
                                         .timeout_ms = peer->timeout_ms != 0 ? (int)peer->timeout_ms : TIMEOUT_MS,
                                         .ca = peer->ca,
                                         .certificate = peer->certificate,
                                         .key = peer->certificate_key,
                                         .plain_loopback =
                                             carnet_service_configuration(owner->context)->allow_insecure_loopback };
    carnet_fetch_answer answer = { .header = carnet_service_scratch_buf(worker, CARNET_FETCH_HEADER_MAX),
                                   .body = carnet_service_scratch_buf(worker, CARNET_STAGING_MAX) };
    carnet_rc rc;

    if (len < 0 || (size_t)len >= sizeof(uri) || answer.body.cap == 0)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "the address is too long");
    rc = carnet_fetch_ask(connection, &request, &limits, &answer, err);
    *status = answer.status;
    *body = carnet_buf_str(&answer.body);
    return rc;
}

static void
ask(ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection, ia_job *job)
{
    switch (job->step) {
    case IA_RESOLVE:
        carnet_ia_resolve(owner, worker, connection, job);
        break;
    case IA_USE:
        carnet_ia_use(owner, worker, connection, job);
        break;
    case IA_HOST:
    case IA_UNDO_HOST:
        carnet_ia_ask_host(owner, worker, connection, job);
        break;
    case IA_DECIDE:
    case IA_UNDO:
        break;
    }
}

static ia_job *
next_wanted(ia_askers *askers)
{
    ia_job *job = NULL;

    (void)pthread_mutex_lock(&askers->lock);
    while (!askers->stop && askers->wanted.first == NULL)
        (void)pthread_cond_wait(&askers->some, &askers->lock);
    if (!askers->stop)
        job = carnet_ia_list_take(&askers->wanted);
    (void)pthread_mutex_unlock(&askers->lock);
    return job;
}

static void *
run(void *arg)
{
    ia *owner = arg;
    ia_askers *askers = &owner->askers;
    carnet_fetch_connection *connection = carnet_fetch_connection_new();
    carnet_service_worker *worker;
    ia_job *job;

    while ((job = next_wanted(askers)) != NULL) {
        job->rc = carnet_service_begin(owner->context, NULL, &worker, NULL);
        if (job->rc == CARNET_OK)
            ask(owner, worker, connection, job);
        (void)pthread_mutex_lock(&askers->lock);
        carnet_ia_list_add(&askers->done, job);
        (void)pthread_mutex_unlock(&askers->lock);
        carnet_payment_wake(owner->loop);
    }
    carnet_fetch_connection_free(connection);
    return NULL;
}

carnet_rc
carnet_ia_askers_start(ia *owner, carnet_err *err)
{
    const unsigned want = owner->config->asks != 0 ? owner->config->asks : ASKERS;
    ia_askers *askers = &owner->askers;

    carnet_ia_list_init(&askers->wanted);
    carnet_ia_list_init(&askers->done);
    (void)pthread_mutex_init(&askers->lock, NULL);
    (void)pthread_cond_init(&askers->some, NULL);
    if (owner->policy.carried && owner->config->host == NULL)
        return CARNET_OK;
    for (; askers->count < want && askers->count < IA_THREADS; askers->count++)
        if (pthread_create(&askers->threads[askers->count], NULL, run, owner) != 0)
            return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "a thread cannot be begun");
    return CARNET_OK;
}

void
carnet_ia_askers_stop(ia *owner)
{
    ia_askers *askers = &owner->askers;

    if (askers->count == 0)
        return;
    (void)pthread_mutex_lock(&askers->lock);
    askers->stop = true;
    (void)pthread_cond_broadcast(&askers->some);
    (void)pthread_mutex_unlock(&askers->lock);
    for (unsigned i = 0; i < askers->count; i++)
        (void)pthread_join(askers->threads[i], NULL);
    askers->count = 0;
}

void
carnet_ia_ask(ia *owner, ia_job *job)
{
    ia_askers *askers = &owner->askers;

    (void)pthread_mutex_lock(&askers->lock);
    carnet_ia_list_add(&askers->wanted, job);
    (void)pthread_cond_signal(&askers->some);
    (void)pthread_mutex_unlock(&askers->lock);
}

void
carnet_ia_answered(ia *owner, ia_list *list)
{
    ia_askers *askers = &owner->askers;
    ia_job *job;

    if (askers->count == 0)
        return;
    (void)pthread_mutex_lock(&askers->lock);
    while ((job = carnet_ia_list_take(&askers->done)) != NULL)
        carnet_ia_list_add(list, job);
    (void)pthread_mutex_unlock(&askers->lock);
}
