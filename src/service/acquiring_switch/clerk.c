/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that stores: all that it was given meanwhile goes into one durable transaction. */
#include "internal.h"

#include <stdlib.h>
#include <time.h>

typedef struct clerk_work {
    switch_stored *list;
    carnet_store_forward *forwards; /* of those to be inserted, in order */
    const char *sender;             /* this switch's name */
} clerk_work;

static carnet_rc
do_errands(void *arg, carnet_store_session *session, carnet_err *err)
{
    clerk_work *w = arg;
    carnet_store_forward *forward = w->forwards;
    carnet_rc rc = CARNET_OK;

    for (switch_stored *item = w->list; rc == CARNET_OK && item != NULL; item = item->errand_next)
        switch (item->errand) {
        case SWITCH_INSERT:
            forward->id = 0;
            rc = carnet_store_forward_insert(session, forward, err);
            item->id = forward->id;
            forward++;
            break;
        case SWITCH_DELETE:
            rc = carnet_store_forward_delete(session, item->id, err);
            break;
        case SWITCH_HOLD:
            rc = carnet_store_forward_change(session, item->id, CARNET_STORE_FORWARD_HELD, carnet_str_of(item->reason),
                                             err);
            break;
        }
    if (rc == CARNET_OK && forward != w->forwards)
        rc = carnet_store_forward_count(session, carnet_str_of(w->sender), err);
    return rc;
}

static carnet_rc
seal(carnet_service_worker *worker, const switch_stored *item, carnet_store_forward *forward, carnet_err *err)
{
    const carnet_str link = carnet_str_of(item->to->config->name);
    carnet_buf sealed = carnet_service_scratch_buf(worker, item->len + CARNET_SERVICE_SEALING);
    carnet_rc rc = carnet_service_seal(worker, "switch.stored", carnet_str_bytes(link),
                                       carnet_span_of(item->octets, item->len), &sealed, err);

    *forward = (carnet_store_forward){ .link = link,
                                       .state = CARNET_STORE_FORWARD_QUEUED,
                                       .created = carnet_service_now(worker),
                                       .kind = carnet_str_of(item->name.kind),
                                       .trace = carnet_str_of(item->name.trace),
                                       .terminal = carnet_str_of(item->name.terminal),
                                       .message = carnet_buf_span(&sealed) };
    return rc;
}

static carnet_rc
store(const acquiring_switch *s, switch_stored *list, carnet_err *err)
{
    carnet_service_worker *worker;
    clerk_work w = { .list = list, .sender = s->sender.name };
    size_t count = 0;
    carnet_rc rc = carnet_service_begin(s->context, NULL, &worker, err);

    if (rc != CARNET_OK)
        return rc;
    if ((w.forwards = carnet_service_scratch(worker, SWITCH_CLERK_BATCH * sizeof(*w.forwards))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (const switch_stored *item = list; rc == CARNET_OK && item != NULL; item = item->errand_next)
        if (item->errand == SWITCH_INSERT)
            rc = seal(worker, item, &w.forwards[count++], err);
    return rc == CARNET_OK ? carnet_store_transact(worker->store, do_errands, &w, err) : rc;
}

/* Insertions go back to the loop; of what is settled, nothing is left. */
static void
hand_over(acquiring_switch *s, switch_stored *list)
{
    switch_clerk *clerk = &s->clerk;

    while (list != NULL) {
        switch_stored *item = list;

        list = item->errand_next;
        item->errand_next = NULL;
        if (item->errand != SWITCH_INSERT) {
            carnet_switch_stored_free(item);
            continue;
        }
        (void)pthread_mutex_lock(&clerk->lock);
        *clerk->done_last = item;
        clerk->done_last = &item->errand_next;
        (void)pthread_mutex_unlock(&clerk->lock);
    }
    carnet_payment_wake(s->loop);
}

static struct timespec
after_ms(int64_t ms)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += (long)(ms % 1000) * 1000000;
    t.tv_sec += (time_t)(ms / 1000) + t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

/* The next of what is to be done, at most so many; waits so long for some.  NULL: there is none; *over: nor will there be. */
static switch_stored *
take(switch_clerk *clerk, int64_t wait_ms, bool *over)
{
    const struct timespec until = after_ms(wait_ms);
    switch_stored *first, *last;
    int timed_out = 0;

    (void)pthread_mutex_lock(&clerk->lock);
    while (clerk->todo == NULL && !clerk->ending && timed_out == 0)
        timed_out = pthread_cond_timedwait(&clerk->wake, &clerk->lock, &until);
    *over = clerk->todo == NULL && clerk->ending;
    first = last = clerk->todo;
    for (size_t i = 1; last != NULL && last->errand_next != NULL && i < SWITCH_CLERK_BATCH; i++)
        last = last->errand_next;
    if (last != NULL) {
        clerk->todo = last->errand_next;
        last->errand_next = NULL;
        if (clerk->todo == NULL)
            clerk->todo_last = &clerk->todo;
    }
    (void)pthread_mutex_unlock(&clerk->lock);
    return first;
}

/* The store cannot, at this moment: a while later.  False: there is no later. */
static bool
wait_a_while(switch_clerk *clerk)
{
    const struct timespec until = after_ms(1000);
    bool ending;

    (void)pthread_mutex_lock(&clerk->lock);
    if (!clerk->ending)
        (void)pthread_cond_timedwait(&clerk->wake, &clerk->lock, &until);
    ending = clerk->ending;
    (void)pthread_mutex_unlock(&clerk->lock);
    return !ending;
}

static void
give_away(switch_stored *list)
{
    while (list != NULL) {
        switch_stored *item = list;

        list = item->errand_next;
        if (item->errand != SWITCH_INSERT) /* the others are still among those that arrive */
            carnet_switch_stored_free(item);
    }
}

static void
do_list(acquiring_switch *s, switch_stored *list)
{
    carnet_err err = { 0 };
    bool again = true;
    carnet_rc rc;

    while ((rc = store(s, list, &err)) != CARNET_OK && again) {
        carnet_switch_event(s, "switch.store", "failed", carnet_rc_name(rc));
        again = wait_a_while(&s->clerk);
    }
    if (rc == CARNET_OK)
        hand_over(s, list);
    else
        give_away(list);
}

/* Whether it sends is claimed again in time, whatever there is to do. */
static void
claim_again(acquiring_switch *s)
{
    const bool before = carnet_switch_sends(s);
    carnet_err err = { 0 };
    const carnet_rc rc = carnet_switch_sender_claim(s, &err);

    if (rc != CARNET_OK)
        carnet_switch_event(s, "switch.sender", "failed", carnet_rc_name(rc));
    if (carnet_switch_sends(s) != before || atomic_load(&s->again))
        carnet_payment_wake(s->loop);
}

static void *
run(void *arg)
{
    acquiring_switch *s = arg;
    bool over = false;

    while (!over) {
        const bool looks = atomic_load(&s->loaded); /* until then the loop does */
        switch_stored *list = take(&s->clerk, looks ? carnet_switch_sender_due(s) : SWITCH_LOOK_MS, &over);

        if (list != NULL)
            do_list(s, list);
        if (!over && looks && carnet_switch_sender_due(s) == 0)
            claim_again(s);
    }
    carnet_switch_sender_give_back(s);
    return NULL;
}

carnet_rc
carnet_switch_clerk_start(acquiring_switch *s, carnet_err *err)
{
    switch_clerk *clerk = &s->clerk;

    clerk->todo_last = &clerk->todo;
    clerk->done_last = &clerk->done;
    if (pthread_mutex_init(&clerk->lock, NULL) != 0)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (pthread_cond_init(&clerk->wake, NULL) != 0) {
        (void)pthread_mutex_destroy(&clerk->lock);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    clerk->made = true;
    if (pthread_create(&clerk->thread, NULL, run, s) != 0)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, "no thread can be made");
    clerk->runs = true;
    return CARNET_OK;
}

void
carnet_switch_clerk_stop(acquiring_switch *s)
{
    switch_clerk *clerk = &s->clerk;

    if (!clerk->runs)
        return;
    (void)pthread_mutex_lock(&clerk->lock);
    clerk->ending = true;
    (void)pthread_cond_broadcast(&clerk->wake);
    (void)pthread_mutex_unlock(&clerk->lock);
    (void)pthread_join(clerk->thread, NULL);
    clerk->runs = false;
}

void
carnet_switch_clerk_give(acquiring_switch *s, switch_stored *item, switch_errand errand)
{
    switch_clerk *clerk = &s->clerk;

    item->errand = errand;
    item->errand_next = NULL;
    (void)pthread_mutex_lock(&clerk->lock);
    *clerk->todo_last = item;
    clerk->todo_last = &item->errand_next;
    (void)pthread_cond_signal(&clerk->wake);
    (void)pthread_mutex_unlock(&clerk->lock);
}

switch_stored *
carnet_switch_clerk_take(acquiring_switch *s)
{
    switch_clerk *clerk = &s->clerk;
    switch_stored *done;

    (void)pthread_mutex_lock(&clerk->lock);
    done = clerk->done;
    clerk->done = NULL;
    clerk->done_last = &clerk->done;
    (void)pthread_mutex_unlock(&clerk->lock);
    return done;
}
