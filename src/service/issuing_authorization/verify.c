/* SPDX-License-Identifier: Apache-2.0 */
/* What costs time and needs nobody, on a few threads: parsing, MACs, signatures. */
#include "internal.h"

static void
read_one(ia_job *job, carnet_service_worker *worker)
{
    job->rc =
        carnet_debit_read(&job->debit, &job->link->owner->policy, &job->link->debit,
                          carnet_span_of(job->octets, job->len), carnet_service_now(worker), worker->crypto, NULL);
}

static void
take_some(ia_pool *pool, carnet_service_worker *worker)
{
    size_t i;

    while ((i = atomic_fetch_add(&pool->next, 1)) < pool->job_count)
        read_one(pool->jobs[i], worker);
}

static void *
run(void *arg)
{
    ia *owner = arg;
    ia_pool *pool = &owner->pool;
    carnet_service_worker *worker;
    bool good = carnet_service_begin(owner->context, NULL, &worker, NULL) == CARNET_OK;

    for (;;) {
        while (sem_wait(&pool->begin) != 0)
            continue;
        if (atomic_load(&pool->stop))
            return NULL;
        if (good)
            take_some(pool, worker);
        sem_post(&pool->end);
    }
}

carnet_rc
carnet_ia_pool_start(ia *owner, carnet_err *err)
{
    const unsigned want = owner->config->threads != 0 ? owner->config->threads : 1;
    ia_pool *pool = &owner->pool;

    if (sem_init(&pool->begin, 0, 0) != 0 || sem_init(&pool->end, 0, 0) != 0)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (; pool->count < want && pool->count < IA_THREADS; pool->count++)
        if (pthread_create(&pool->threads[pool->count], NULL, run, owner) != 0)
            return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "a thread cannot be begun");
    return CARNET_OK;
}

void
carnet_ia_pool_stop(ia *owner)
{
    ia_pool *pool = &owner->pool;

    atomic_store(&pool->stop, true);
    for (unsigned i = 0; i < pool->count; i++)
        sem_post(&pool->begin);
    for (unsigned i = 0; i < pool->count; i++)
        (void)pthread_join(pool->threads[i], NULL);
    pool->count = 0;
}

void
carnet_ia_verify(ia *owner, carnet_service_worker *worker, ia_job **jobs, size_t count)
{
    ia_pool *pool = &owner->pool;
    size_t helpers = count / IA_SHARE;

    if (helpers > pool->count)
        helpers = pool->count;
    pool->jobs = jobs;
    pool->job_count = count;
    atomic_store(&pool->next, 0);
    for (size_t i = 0; i < helpers; i++)
        sem_post(&pool->begin);
    take_some(pool, worker);
    for (size_t i = 0; i < helpers; i++)
        while (sem_wait(&pool->end) != 0)
            continue;
}
