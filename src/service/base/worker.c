/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdalign.h>
#include <string.h>
#include <sys/mman.h>

static carnet_service_seat *
take_seat(const carnet_service_context *context)
{
    carnet_service_context *c = (carnet_service_context *)(uintptr_t)context;
    carnet_service_seat *seat = NULL;

    (void)pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->seat_count && seat == NULL; i++)
        if (!c->seats[i].taken)
            seat = &c->seats[i];
    if (seat != NULL)
        seat->taken = true;
    (void)pthread_mutex_unlock(&c->lock);
    if (seat != NULL)
        (void)pthread_setspecific(c->mine, seat);
    return seat;
}

carnet_rc
carnet_service_begin(const carnet_service_context *context, const carnet_service_request *request,
                     carnet_service_worker **worker, carnet_err *err)
{
    carnet_service_seat *seat = pthread_getspecific(context->mine);

    *worker = NULL;
    if (seat == NULL && (seat = take_seat(context)) == NULL)
        return carnet_fail(err, CARNET_E_SERVICE_BUSY, NULL, "there are more threads than workers");
    carnet_wipe(seat->memory, seat->worker.scratch.len);
    seat->worker.scratch = carnet_buf_of(seat->memory, seat->memory_len);
    seat->worker.request = request;
    *worker = &seat->worker;
    return CARNET_OK;
}

static uint8_t *
take_spare(carnet_service_context *c)
{
    uint8_t *memory = NULL;
    bool more;

    (void)pthread_mutex_lock(&c->lock);
    if (c->spare_count > 0)
        memory = c->spares[--c->spare_count];
    more = memory == NULL && c->spares_made < CARNET_SERVICE_SPARES;
    c->spares_made += more;
    (void)pthread_mutex_unlock(&c->lock);
    if (!more)
        return memory;
    memory =
        mmap(NULL, c->hooks.scratch_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED)
        return memory;
    (void)pthread_mutex_lock(&c->lock);
    c->spares_made--;
    (void)pthread_mutex_unlock(&c->lock);
    return NULL;
}

bool
carnet_service_park(carnet_service_worker *worker, carnet_buf *parked)
{
    carnet_service_seat *seat = (carnet_service_seat *)worker;
    uint8_t *spare = take_spare(seat->context);

    if (spare == NULL)
        return false;
    *parked = worker->scratch;
    seat->memory = spare;
    worker->scratch = carnet_buf_of(spare, seat->memory_len);
    return true;
}

void
carnet_service_unpark(carnet_service_worker *worker, const carnet_buf *parked)
{
    carnet_service_seat *seat = (carnet_service_seat *)worker;
    carnet_service_context *c = seat->context;

    carnet_wipe(seat->memory, worker->scratch.len);
    (void)pthread_mutex_lock(&c->lock);
    c->spares[c->spare_count++] = seat->memory;
    (void)pthread_mutex_unlock(&c->lock);
    seat->memory = parked->ptr;
    worker->scratch = *parked;
}

void *
carnet_service_scratch(carnet_service_worker *worker, size_t size)
{
    carnet_buf *scratch = &worker->scratch;
    size_t at = (scratch->len + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);

    if (at > scratch->cap || size > scratch->cap - at)
        return NULL;
    scratch->len = at + size;
    return scratch->ptr + at;
}

carnet_buf
carnet_service_scratch_buf(carnet_service_worker *worker, size_t cap)
{
    void *room = carnet_service_scratch(worker, cap);

    return carnet_buf_of(room, room != NULL ? cap : 0);
}

carnet_time
carnet_service_now(const carnet_service_worker *worker)
{
    const carnet_service_hooks *hooks = &worker->context->hooks;

    return hooks->now(hooks->now_self);
}

static carnet_service_hands *
hands_of(carnet_service_worker *worker)
{
    return &((carnet_service_seat *)worker)->hands;
}

carnet_rc
carnet_service_key_get(carnet_service_worker *worker, const char *name, const carnet_service_key **key, carnet_err *err)
{
    carnet_service_hands *hands = hands_of(worker);

    *key = NULL;
    for (size_t i = 0; i < hands->key_count; i++)
        if (strcmp(hands->views[i].name, name) == 0)
            *key = &hands->views[i];
    return *key != NULL ? CARNET_OK
                        : carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, "the configuration has no key of this name");
}

const carnet_service_key *
carnet_service_key_at(carnet_service_worker *worker, size_t i)
{
    return i < hands_of(worker)->key_count ? &hands_of(worker)->views[i] : NULL;
}
