/* SPDX-License-Identifier: Apache-2.0 */
/* Several at once: threads of one instance, and two instances on one store. */
#include "carnet/store_credential.h"
#include "carnet/store_event.h"
#include "carnet/store_grant.h"
#include "carnet/store_offer.h"
#include "service/store/world.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define NOW     1800000000
#define THREADS 8

/* What the threads of a test share; assertions are for the test's own thread, after they ended. */
typedef struct shared {
    carnet_store *stores[2];
    atomic_int next, won, lost, failed;
    int64_t id;
    uint64_t round;
} shared;

typedef struct mine {
    shared *all;
    carnet_store *store;
    int number;
    carnet_rc rc;
} mine;

static void
run_threads(store_world *world, shared *all, void *(*run)(void *))
{
    pthread_t threads[THREADS];
    mine each[THREADS];

    all->stores[0] = world->store;
    all->stores[1] = world_open(world);
    for (int i = 0; i < THREADS; i++) {
        each[i] = (mine){ .all = all, .store = all->stores[i % 2], .number = i };
        assert_int_equal(pthread_create(&threads[i], NULL, run, &each[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    carnet_store_close(&all->stores[1]);
    assert_int_equal(all->failed, 0);
}

static carnet_rc
use_nonce(void *arg, carnet_store_session *session, carnet_err *err)
{
    mine *this = arg;
    carnet_store_once once = { CARNET_STORE_ONCE_NONCE, hash_of(this->all->round), NOW };

    return carnet_store_use_once(session, &once, 1, NULL, err);
}

static void *
race_for_nonces(void *arg)
{
    mine *this = arg;
    uint64_t round;

    /* Each number is drawn by every pair of draws in a row, from whatever threads. */
    while ((round = (uint64_t)this->all->next++) < 400) {
        mine own = *this;
        shared copy = { .round = round / 2 };
        carnet_rc rc;

        own.all = &copy;
        rc = carnet_store_transact(this->store, use_nonce, &own, NULL);
        atomic_fetch_add(rc == CARNET_OK                 ? &this->all->won
                         : rc == CARNET_E_STORE_REPLAYED ? &this->all->lost
                                                         : &this->all->failed,
                         1);
    }
    return NULL;
}

static void
of_two_who_use_one_nonce_one_may(store_world *world)
{
    shared all = { 0 };

    run_threads(world, &all, race_for_nonces);
    assert_int_equal(all.won, 200);
    assert_int_equal(all.lost, 200);
}

typedef struct batch {
    carnet_store_credential keys[10];
    int64_t indices[10], number;
    uint64_t first;
    bool refuse;
} batch;

static carnet_rc
record(void *arg, carnet_store_session *session, carnet_err *err)
{
    batch *this = arg;
    carnet_store_issuance issuance = { .configuration = text("mdl"),
                                       .list = text("mdl"),
                                       .list_number = this->number,
                                       .issued = NOW,
                                       .valid_until = NOW + 100,
                                       .count = 10,
                                       .credentials = this->keys };
    carnet_store_event event = { .at = NOW, .kind = text("credential"), .count = 10 };
    carnet_rc rc;

    for (size_t i = 0; i < 10; i++)
        this->keys[i] = (carnet_store_credential){ .device_key = hash_of(this->first + i), .index = this->indices[i] };
    if ((rc = carnet_store_issuance_insert(session, &issuance, NULL, err)) != CARNET_OK ||
        (rc = carnet_store_event_insert(session, &event, err)) != CARNET_OK)
        return rc;
    return this->refuse ? carnet_fail(err, CARNET_E_STORE_STATE, NULL, "changed its mind") : CARNET_OK;
}

static void *
issue_batches(void *arg)
{
    mine *this = arg;
    uint64_t round;

    while ((round = (uint64_t)this->all->next++) < 160) {
        batch own = { .first = 10 * round, .refuse = round % 4 == 3 };
        carnet_err err = { 0 };
        carnet_rc rc;

        rc = carnet_store_status_take(this->store, text("mdl"), 2048, 10, own.indices, &own.number, &err);
        if (rc == CARNET_OK)
            rc = carnet_store_transact(this->store, record, &own, &err);
        if (rc != (own.refuse ? CARNET_E_STORE_STATE : CARNET_OK))
            this->all->failed++;
        else
            atomic_fetch_add(rc == CARNET_OK ? &this->all->won : &this->all->lost, 1);
    }
    return NULL;
}

static bool
add_up(void *self, const carnet_store_event_count *count)
{
    *(carnet_store_event_count *)self = *count;
    return true;
}

static carnet_rc
count_all(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_event_filter all = { 0 };

    return carnet_store_event_counts(session, &all, CARNET_STORE_BY_KIND, 0, add_up, arg, err);
}

/* That the indices are unique, the tables see to: no transaction may fail by them. */
static void
batches_of_many_are_all_there_and_refused_ones_are_not(store_world *world)
{
    carnet_store_event_count found = { 0 };
    carnet_store_counters counters;
    shared all = { 0 };

    run_threads(world, &all, issue_batches);
    assert_int_equal(all.won, 120);
    assert_int_equal(all.lost, 40);
    look(world, count_all, &found);
    assert_int_equal(found.events, 120);
    assert_int_equal(found.count, 1200);
    counters = carnet_store_count(world->store);
    assert_true(counters.commits <= counters.transactions && counters.commits > 0);
}

static carnet_rc
make_offer(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_offer offer = { .code_hash = hash_of(1), .attempts = 100, .expires = NOW };
    carnet_rc rc = carnet_store_offer_insert(session, &offer, err);

    *(int64_t *)arg = offer.id;
    return rc;
}

/* Read, decide, write: as the token endpoint does. */
static carnet_rc
redeem(void *arg, carnet_store_session *session, carnet_err *err)
{
    mine *this = arg;
    uint8_t octets[512];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_store_offer offer;
    int64_t left;
    carnet_rc rc;

    if ((rc = carnet_store_offer_by_code(session, hash_of(1), &offer, &room, err)) != CARNET_OK)
        return rc;
    this->rc = CARNET_E_STORE_STATE;
    if (offer.state != CARNET_STORE_OFFER_OPEN)
        return CARNET_OK;
    if (this->number < 6) /* a wrong transaction code */
        return carnet_store_offer_wrong_code(session, offer.id, &left, err);
    this->rc = carnet_store_offer_redeem(session, offer.id, 1, NOW - 1, err);
    return this->rc;
}

static void *
race_for_the_offer(void *arg)
{
    mine *this = arg;

    if (carnet_store_transact(this->store, redeem, this, NULL) != CARNET_OK)
        this->all->failed++;
    else if (this->rc == CARNET_OK)
        this->all->won++;
    return NULL;
}

static void
one_of_many_redeems_an_offer(store_world *world)
{
    shared all = { 0 };

    transact(world, make_offer, &all.id);
    run_threads(world, &all, race_for_the_offer);
    assert_int_equal(all.won, 1);
}

static carnet_rc
make_grant(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_grant grant = { .access_hash = hash_of(1), .refresh_hash = hash_of(1000) };
    carnet_rc rc = carnet_store_grant_insert(session, &grant, err);

    *(int64_t *)arg = grant.id;
    return rc;
}

static carnet_rc
refresh(void *arg, carnet_store_session *session, carnet_err *err)
{
    mine *this = arg;
    uint64_t own = 2000 + (uint64_t)this->number;
    carnet_store_rotation rotation = { .id = this->all->id,
                                       .old_refresh_hash = hash_of(1000),
                                       .access_hash = hash_of(own),
                                       .refresh_hash = hash_of(own) };

    return carnet_store_grant_rotate(session, &rotation, err);
}

static void *
race_to_refresh(void *arg)
{
    mine *this = arg;
    carnet_rc rc = carnet_store_transact(this->store, refresh, this, NULL);

    atomic_fetch_add(rc == CARNET_OK              ? &this->all->won
                     : rc == CARNET_E_STORE_STATE ? &this->all->lost
                                                  : &this->all->failed,
                     1);
    return NULL;
}

static void
one_of_many_rotates_a_refresh_token(store_world *world)
{
    shared all = { 0 };

    transact(world, make_grant, &all.id);
    run_threads(world, &all, race_to_refresh);
    assert_int_equal(all.won, 1);
    assert_int_equal(all.lost, THREADS - 1);
}

/* Two rows in opposite orders: PostgreSQL ends one by a deadlock, which is run again. */
static carnet_rc
count_both(void *arg, carnet_store_session *session, carnet_err *err)
{
    const mine *this = arg;
    const char *names[2] = { "one", "two" };
    carnet_rc rc = CARNET_OK;

    for (int i = 0; rc == CARNET_OK && i < 2; i++) {
        const char *name = names[(i + this->number) % 2];

        rc = carnet_store_setting_put(session, name, hash_of((uint64_t)this->number), err);
        if (rc == CARNET_OK) { /* sends it now, and leaves others the time to come between */
            uint8_t octets[64];
            carnet_buf room = carnet_buf_of(octets, sizeof(octets));
            carnet_span value;

            rc = carnet_store_setting_get(session, name, &value, &room, err);
        }
    }
    return rc;
}

static void *
cross(void *arg)
{
    mine *this = arg;

    for (int i = 0; i < 2; i++)
        if (carnet_store_transact(this->store, count_both, this, NULL) != CARNET_OK)
            this->all->failed++;
        else
            this->all->won++;
    return NULL;
}

static void
transactions_that_cross_are_run_again(store_world *world)
{
    shared all = { 0 };

    run_threads(world, &all, cross);
    assert_int_equal(all.won, 2 * THREADS);
}

/* One that takes its time between two rows, among many that take them in the other order, always loses.  And what comes
   after a statement that fails, and was to be prepared with it, the server has not prepared. */
typedef struct slow {
    store_world *world;
    int tries;
    atomic_bool over;
} slow;

static carnet_rc
count_slowly(void *arg, carnet_store_session *session, carnet_err *err)
{
    slow *this = arg;
    uint8_t octets[64];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_span value;
    carnet_rc rc;

    this->tries++;
    if ((rc = carnet_store_setting_put(session, "one", hash_of(1), err)) != CARNET_OK ||
        (rc = carnet_store_setting_get(session, "one", &value, &room, err)) != CARNET_OK)
        return rc;
    nanosleep(&(struct timespec){ .tv_nsec = 60000000 }, NULL);
    return carnet_store_setting_put(session, "two", hash_of(2), err);
}

static void *
cross_until_over(void *arg)
{
    mine *this = arg;
    slow *other = (slow *)(uintptr_t)this->all->id;

    this->number = 1;
    while (!other->over)
        if (carnet_store_transact(this->store, count_both, this, NULL) != CARNET_OK)
            this->all->failed++;
    return NULL;
}

static void *
run_slowly(void *arg)
{
    mine *this = arg;
    slow *own = (slow *)(uintptr_t)this->all->id;

    if (this->number != 0)
        return cross_until_over(arg);
    for (int i = 0; i < 3; i++) {
        own->tries = 0;
        if (carnet_store_transact(this->store, count_slowly, own, NULL) != CARNET_OK || own->tries > 4)
            this->all->failed++;
    }
    own->over = true;
    return NULL;
}

static void
the_fourth_time_a_transaction_is_alone(store_world *world)
{
    slow own = { .world = world };
    shared all = { .id = (int64_t)(uintptr_t)&own };

    run_threads(world, &all, run_slowly);
}

typedef struct submitted {
    batch own;
    carnet_store_job *job;
    atomic_int *told;
    carnet_rc rc;
} submitted;

static void
count_told(void *self)
{
    submitted *this = self;

    atomic_fetch_add(this->told, 1);
}

/* Ten under way at once, every fourth refused; between them one that is waited for. */
static void *
submit_batches(void *arg)
{
    mine *this = arg;
    submitted each[10];
    atomic_int told = 0;
    int over = 0;

    for (int i = 0; i < 10; i++) {
        submitted *s = &each[i];
        uint64_t round = (uint64_t)this->all->next++;

        *s = (submitted){ .own = { .first = 10 * round, .refuse = round % 4 == 3 }, .told = &told };
        s->rc = carnet_store_status_take(this->store, text("mdl"), 2048, 10, s->own.indices, &s->own.number, NULL);
        if (s->rc != CARNET_OK)
            this->all->failed++;
        if (i != 5)
            carnet_store_announce(this->store);
        s->rc = i == 5 ? carnet_store_transact(this->store, record, &s->own, NULL)
                       : carnet_store_submit(this->store, record, &s->own, count_told, s, &s->job, NULL);
        over += s->job == NULL;
        if (i != 5 && (s->job != NULL) != carnet_store_submits(this->store))
            this->all->failed++;
    }
    for (int i = 0; i < 10; i++) {
        submitted *s = &each[i];
        carnet_err err = { 0 };

        if (s->job != NULL) {
            s->rc = carnet_store_finish(&s->job, &err);
            if (s->job != NULL || err.rc != s->rc)
                this->all->failed++;
        }
        if (s->rc != (s->own.refuse ? CARNET_E_STORE_STATE : CARNET_OK))
            this->all->failed++;
        else
            atomic_fetch_add(s->rc == CARNET_OK ? &this->all->won : &this->all->lost, 1);
    }
    if (told + over != 10)
        this->all->failed++;
    return NULL;
}

static void
what_is_submitted_is_there_when_it_is_finished(store_world *world)
{
    shared all = { 0 };

    run_threads(world, &all, submit_batches);
    assert_int_equal(all.won, 60);
    assert_int_equal(all.lost, 20);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM credentials"), 600);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM events"), 60);
}

static void *
watch_readiness(void *arg)
{
    mine *this = arg;

    for (int i = 0; i < 20; i++)
        if (!carnet_store_ready(this->store) || carnet_store_transact(this->store, count_both, this, NULL) != CARNET_OK)
            this->all->failed++;
    return NULL;
}

static void
readers_and_a_writer_do_not_wait_for_each_other(store_world *world)
{
    shared all = { 0 };

    run_threads(world, &all, watch_readiness);
}

int
main(void)
{
    static const both tests[] = {
        { "of two who use one nonce one may", of_two_who_use_one_nonce_one_may, ANYWHERE },
        { "batches of many are all there, and refused ones are not",
          batches_of_many_are_all_there_and_refused_ones_are_not, ANYWHERE },
        { "one of many redeems an offer", one_of_many_redeems_an_offer, ANYWHERE },
        { "one of many rotates a refresh token", one_of_many_rotates_a_refresh_token, ANYWHERE },
        { "transactions that cross are run again", transactions_that_cross_are_run_again, ANYWHERE },
        { "the fourth time, a transaction is alone", the_fourth_time_a_transaction_is_alone, SERVER_ONLY },
        { "what is submitted is there when it is finished", what_is_submitted_is_there_when_it_is_finished, ANYWHERE },
        { "readers and a writer do not wait for each other", readers_and_a_writer_do_not_wait_for_each_other,
          ANYWHERE },
    };

    return world_run(tests, sizeof(tests) / sizeof(tests[0]));
}
