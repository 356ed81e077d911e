/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that serves: whatever is there is taken together, decided together, and answered. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t
carnet_ia_clock(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

void
carnet_ia_list_init(ia_list *list)
{
    *list = (ia_list){ .last = &list->first };
}

void
carnet_ia_list_add(ia_list *list, ia_job *job)
{
    job->next = NULL;
    *list->last = job;
    list->last = &job->next;
    list->count++;
}

ia_job *
carnet_ia_list_take(ia_list *list)
{
    ia_job *job = list->first;

    if (job == NULL)
        return NULL;
    list->first = job->next;
    list->count--;
    if (list->first == NULL)
        list->last = &list->first;
    return job;
}

static ia_job *
job_new(ia *owner)
{
    ia_job *job = owner->free;

    if (job != NULL) {
        owner->free = job->next;
        return job;
    }
    if (owner->job_count == IA_WAITING || (job = calloc(1, sizeof(*job))) == NULL)
        return NULL;
    owner->all[owner->job_count++] = job;
    return job;
}

static void
job_done(ia *owner, ia_job *job)
{
    carnet_debit_done(&job->debit);
    carnet_json_free(&job->resolved);
    free(job->text);
    job->text = NULL;
    job->peer = NULL;
    job->next = owner->free;
    owner->free = job;
}

static bool
hold_octets(ia_job *job, const carnet_payment_frame *frame)
{
    uint8_t *more;

    if (job->cap < frame->message.len) {
        if ((more = realloc(job->octets, frame->message.len)) == NULL)
            return false;
        job->octets = more;
        job->cap = frame->message.len;
    }
    if (job->octets != NULL && frame->message.len != 0)
        memcpy(job->octets, frame->message.ptr, frame->message.len);
    job->len = frame->message.len;
    job->header_len = frame->header.len <= sizeof(job->header) ? frame->header.len : 0;
    if (job->header_len != 0)
        memcpy(job->header, frame->header.ptr, job->header_len);
    return true;
}

static void
take_frames(void *self, const carnet_payment_frame *frames, size_t count)
{
    ia *owner = self;
    const int64_t now = carnet_ia_clock();

    for (size_t i = 0; i < count; i++) {
        ia_link *link = carnet_payment_peer_self(frames[i].peer);
        ia_job *job = job_new(owner);

        if (job == NULL || !hold_octets(job, &frames[i])) {
            atomic_fetch_add(&link->unanswered, 1);
            if (job != NULL)
                job_done(owner, job);
            continue;
        }
        job->link = link;
        job->peer = frames[i].peer;
        job->began = now;
        job->step = IA_DECIDE;
        job->booked = 0;
        job->question = (ia_question){ 0 };
        carnet_ia_list_add(&owner->ready, job);
    }
}

static void
up(void *self, carnet_payment_peer *peer)
{
    ia_link *link = self;

    (void)peer;
    atomic_fetch_add(&link->connections, 1);
}

/* Its messages go on their way, but nobody hears of it. */
static void
down(void *self, carnet_payment_peer *peer, const carnet_err *why)
{
    ia_link *link = self;

    (void)why;
    if (peer == NULL)
        return;
    atomic_fetch_sub(&link->connections, 1);
    for (size_t i = 0; i < link->owner->job_count; i++)
        if (link->owner->all[i]->peer == peer)
            link->owner->all[i]->peer = NULL;
}

static void
answer(ia *owner, ia_job *job)
{
    const carnet_debit *d = &job->debit;

    atomic_fetch_add(d->again ? &job->link->again : &job->link->judged[d->judged], 1);
    atomic_fetch_add(&owner->messages, 1);
    atomic_fetch_add(&owner->slow, (uint64_t)(carnet_ia_clock() - job->began));
    if (job->peer == NULL ||
        carnet_payment_answer(job->peer, carnet_span_of(job->header, job->header_len), d->answer, NULL) != CARNET_OK)
        atomic_fetch_add(&job->link->unanswered, 1);
}

/* After a decision. */
static void
go_on(ia *owner, ia_job *job, carnet_service_worker *worker)
{
    if (job->asks) {
        job->step = job->step == IA_UNDO ? IA_UNDO_HOST : IA_HOST;
        carnet_ia_ask(owner, job);
        return;
    }
    if (job->decided && job->booked != 0 && job->step != IA_UNDO && job->step != IA_UNDO_HOST) {
        job->step = IA_USE;
        carnet_ia_ask(owner, job);
        return;
    }
    if (job->decided && (job->step == IA_UNDO || job->step == IA_UNDO_HOST))
        job->decided = carnet_debit_refuse(&job->debit, job->instead, worker->crypto, NULL) == CARNET_OK;
    if (job->decided)
        answer(owner, job);
    else
        atomic_fetch_add(&job->link->unanswered, 1);
    job_done(owner, job);
}

/* What came of asking: which jobs are to be decided next. */
static bool
heard(ia *owner, ia_job *job)
{
    switch (job->step) {
    case IA_RESOLVE:
        job->step = IA_DECIDE;
        return true;
    case IA_HOST:
    case IA_UNDO_HOST:
    case IA_DECIDE:
    case IA_UNDO:
        return true;
    case IA_USE:
        break;
    }
    if (job->rc == CARNET_OK) {
        answer(owner, job);
        job_done(owner, job);
        return false;
    }
    job->step = IA_UNDO;
    if (!job->debit.again)
        return true;
    atomic_fetch_add(&job->link->unanswered, 1);
    job_done(owner, job);
    return false;
}

static void
log_unit(carnet_service_worker *worker, ia_job **jobs, size_t count)
{
    uint64_t counts[CARNET_JUDGED_COUNT] = { 0 };

    for (size_t i = 0; i < count; i++)
        if (jobs[i]->decided && jobs[i]->debit.kind != CARNET_DEBIT_NETWORK)
            counts[jobs[i]->debit.judged]++;
    for (size_t k = 0; k < CARNET_JUDGED_COUNT; k++)
        if (counts[k] != 0) {
            const carnet_service_event event = { .kind = "payment.message",
                                                 .outcome = k == CARNET_JUDGED_APPROVED ? "done" : "refused",
                                                 .reason = k == CARNET_JUDGED_APPROVED
                                                               ? NULL
                                                               : carnet_judged_codes_of((carnet_judged)k).word,
                                                 .count = counts[k] };

            carnet_service_event_log(worker, &event);
        }
}

static void
decide(ia *owner, carnet_service_worker *worker, ia_job **jobs, size_t count)
{
    if (count == 0)
        return;
    carnet_ia_decide(owner, worker, jobs, count);
    log_unit(worker, jobs, count);
    for (size_t i = 0; i < count; i++)
        go_on(owner, jobs[i], worker);
}

/* One unit of what was read and of what was heard; true: there may be more. */
static bool
do_some(ia *owner, ia_list *answered, carnet_service_worker *worker)
{
    ia_job *fresh[IA_UNIT], *unit[IA_UNIT], *job;
    size_t fresh_count = 0, count = 0;

    while (count < IA_UNIT && (job = carnet_ia_list_take(answered)) != NULL)
        if (heard(owner, job))
            unit[count++] = job;
    while (count + fresh_count < IA_UNIT && (job = carnet_ia_list_take(&owner->ready)) != NULL)
        fresh[fresh_count++] = job;
    if (count + fresh_count == 0)
        return false;
    carnet_ia_verify(owner, worker, fresh, fresh_count);
    for (size_t i = 0; i < fresh_count; i++) {
        if (fresh[i]->rc != CARNET_OK) {
            atomic_fetch_add(&fresh[i]->link->unread, 1);
            job_done(owner, fresh[i]);
        } else if (fresh[i]->debit.resolving) {
            fresh[i]->step = IA_RESOLVE;
            carnet_ia_ask(owner, fresh[i]);
        } else {
            unit[count++] = fresh[i];
        }
    }
    decide(owner, worker, unit, count);
    return true;
}

static void *
serve(void *arg)
{
    ia *owner = arg;
    carnet_service_worker *worker;
    ia_list answered;

    carnet_ia_list_init(&answered);
    while (!atomic_load(&owner->stop)) {
        if (carnet_service_begin(owner->context, NULL, &worker, NULL) != CARNET_OK ||
            carnet_payment_step(owner->loop, INT64_MAX, NULL) != CARNET_OK)
            break;
        carnet_ia_answered(owner, &answered);
        while (do_some(owner, &answered, worker))
            continue;
    }
    /* What was decided leaves; what was not is asked again by those who wait. */
    if (atomic_load(&owner->stop))
        (void)carnet_payment_step(owner->loop, 0, NULL);
    atomic_store(&owner->failing, true);
    return NULL;
}

static carnet_rc
listen_at(ia *owner, ia_link *link, carnet_err *err)
{
    const carnet_config_payment_link *c = link->config;
    const carnet_payment_tls tls = {
        .chain = c->tls_chain, .key = c->tls_key, .ca = c->tls_ca, .clients = c->tls_ca != NULL
    };
    const carnet_payment_end_config end = { .address = c->address,
                                            .port = (uint16_t)c->port,
                                            .listens = true,
                                            .framing = &link->framing,
                                            .tls = c->tls_chain != NULL ? &tls : NULL,
                                            .connections = c->connections,
                                            .idle_ms = c->idle_seconds * 1000,
                                            .self = link,
                                            .up = up,
                                            .down = down };

    return carnet_payment_add(owner->loop, &end, &link->end, err);
}

carnet_rc
carnet_ia_start(ia *owner, carnet_err *err)
{
    carnet_rc rc = carnet_payment_loop_new(take_frames, owner, NULL, &owner->loop, err);

    carnet_ia_list_init(&owner->ready);
    for (size_t i = 0; rc == CARNET_OK && i < owner->link_count; i++)
        rc = listen_at(owner, &owner->links[i], err);
    if (rc == CARNET_OK)
        rc = carnet_ia_pool_start(owner, err);
    if (rc == CARNET_OK)
        rc = carnet_ia_askers_start(owner, err);
    if (rc != CARNET_OK)
        return rc;
    owner->started = pthread_create(&owner->thread, NULL, serve, owner) == 0;
    return owner->started ? CARNET_OK : carnet_fail(err, CARNET_E_NO_SPACE, NULL, "a thread cannot be begun");
}

void
carnet_ia_stop(ia *owner)
{
    atomic_store(&owner->stop, true);
    if (owner->started) {
        carnet_payment_wake(owner->loop);
        (void)pthread_join(owner->thread, NULL);
    }
    owner->started = false;
    carnet_ia_askers_stop(owner); /* they wake the loop, which is still there */
    carnet_ia_pool_stop(owner);
    carnet_payment_loop_free(&owner->loop);
    for (size_t i = 0; i < owner->job_count; i++) {
        carnet_debit_done(&owner->all[i]->debit);
        carnet_json_free(&owner->all[i]->resolved);
        free(owner->all[i]->text);
        free(owner->all[i]->octets);
        free(owner->all[i]);
    }
    owner->job_count = 0;
}
