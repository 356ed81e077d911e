/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_crash STORE [NUMBER]: a thousand issuances, or so many, while carnetd is killed (SIGKILL) at random moments: no
 * document that a wallet was given is missing in the store, none was issued
 * twice, no two share a status index.
 */
#include "world.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { WALLETS = 4, WANTED = 1000, MOST = 4 * WANTED, BATCH_OF = 2, HASH = CARNET_STORE_HASH };

/* What became of a request: its keys' thumbprints, and whether the documents came. */
typedef struct request {
    uint8_t prints[BATCH_OF][HASH];
    bool acknowledged, refused;
} request;

static unsigned wanted = WANTED;
static request requests[WALLETS][MOST / WALLETS];
static size_t request_count[WALLETS];
static _Atomic unsigned acknowledged, refused, strange, lost;
static _Atomic bool over;

typedef struct thread {
    pthread_t thread;
    wallet wallet;
    size_t number;
} thread;

static void
pause_ms(unsigned ms)
{
    const struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

    (void)nanosleep(&t, NULL);
}

/* The same request until it is answered: an answer that was lost may have been an issuance, which a repetition must not repeat. */
static void
obtain(thread *t, request *r, carnet_key *keys)
{
    char nonce[128];

    while (!over && !wallet_nonce(&t->wallet, nonce))
        pause_ms(5);
    while (!over) {
        if (!wallet_ask(&t->wallet, "mdl", nonce, keys, BATCH_OF)) {
            lost++;
            pause_ms(5);
            continue;
        }
        if (t->wallet.answer.status == 200) {
            r->acknowledged = true;
            acknowledged++;
        } else if (t->wallet.answer.status == 400 && strcmp(wallet_text(&t->wallet, "error"), "invalid_nonce") == 0) {
            r->refused = true;
            refused++;
        } else if (t->wallet.answer.status >= 500) {
            pause_ms(5);
            continue;
        } else {
            fprintf(stderr, "# %u %.300s\n", t->wallet.answer.status, (const char *)t->wallet.answer.body.ptr);
            strange++;
        }
        return;
    }
}

static void *
run(void *self)
{
    thread *t = self;

    while (!over && request_count[t->number] < CARNET_COUNT(requests[0])) {
        request *r = &requests[t->number][request_count[t->number]];
        carnet_key keys[BATCH_OF];

        make_keys(&t->wallet, keys, BATCH_OF);
        for (size_t i = 0; i < BATCH_OF; i++)
            if (carnet_jwk_thumbprint(&t->wallet.crypto, &keys[i].public_key, r->prints[i], NULL) != CARNET_OK)
                strange++;
        obtain(t, r, keys);
        request_count[t->number]++;
        drop_keys(keys, BATCH_OF);
    }
    return NULL;
}

static unsigned
random_below(unsigned limit)
{
    unsigned number = 0;

    (void)!getrandom(&number, sizeof(number), 0);
    return number % limit;
}

/* --- what the store says afterwards --- */

typedef struct record {
    uint8_t print[HASH];
    int64_t list, index;
} record;

typedef struct records {
    record *list;
    size_t count;
    int64_t *issuances, *lists, *counts, before;
    size_t issuance_count, of_this, page;
} records;

static bool
take_issuance(void *self, const carnet_store_issuance *issuance)
{
    records *r = self;

    r->issuances[r->issuance_count] = issuance->id;
    r->lists[r->issuance_count] = issuance->list_number;
    r->counts[r->issuance_count++] = issuance->count;
    r->before = issuance->id;
    r->page++;
    return r->issuance_count < MOST;
}

static bool
take_credential(void *self, const carnet_store_credential *credential)
{
    records *r = self;
    record *one = &r->list[r->count++];

    assert_int_equal(credential->device_key.len, HASH);
    memcpy(one->print, credential->device_key.ptr, HASH);
    one->index = credential->index;
    r->of_this++;
    return true;
}

static carnet_rc
read_all(void *arg, carnet_store_session *session, carnet_err *err)
{
    records *r = arg;
    carnet_store_issuance_filter filter = { .limit = 500 };
    carnet_rc rc = CARNET_OK;

    do {
        r->page = 0;
        filter.before = r->before;
        rc = carnet_store_issuance_list(session, &filter, take_issuance, r, err);
    } while (rc == CARNET_OK && r->page == filter.limit);
    for (size_t i = 0; rc == CARNET_OK && i < r->issuance_count; i++) {
        size_t first = r->count;

        r->of_this = 0;
        rc = carnet_store_credential_list(session, r->issuances[i], take_credential, r, err);
        assert_int_equal(r->of_this, r->counts[i]); /* all of a batch, or nothing */
        for (; first < r->count; first++)
            r->list[first].list = r->lists[i];
    }
    return rc;
}

static int
by_print(const void *a, const void *b)
{
    return memcmp(((const record *)a)->print, ((const record *)b)->print, HASH);
}

static int
by_index(const void *a, const void *b)
{
    const record *x = a, *y = b;

    if (x->list != y->list)
        return x->list < y->list ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static bool
recorded(const records *r, const uint8_t *print)
{
    record key;

    memcpy(key.print, print, HASH);
    return bsearch(&key, r->list, r->count, sizeof(record), by_print) != NULL;
}

static void
check_requests(const records *r)
{
    size_t given = 0, kept = 0;

    for (size_t w = 0; w < WALLETS; w++) {
        for (size_t i = 0; i < request_count[w]; i++) {
            const request *q = &requests[w][i];
            bool here = recorded(r, q->prints[0]);

            for (size_t k = 1; k < BATCH_OF; k++)
                assert_int_equal(recorded(r, q->prints[k]), here);
            if (q->acknowledged)
                assert_true(here); /* nothing that was given is missing */
            if (q->refused)
                assert_true(here); /* the nonce was used by an issuance whose answer was lost, not by nothing */
            given += q->acknowledged;
            kept += here;
        }
    }
    assert_int_equal(given, acknowledged);
    assert_int_equal(kept, r->issuance_count); /* nothing is there that nobody asked for */
}

static void
check_store(const world *w)
{
    carnet_store *store = world_store(w);
    records r = { .list = calloc(MOST * BATCH_OF, sizeof(*r.list)),
                  .issuances = calloc(MOST, sizeof(int64_t)),
                  .lists = calloc(MOST, sizeof(int64_t)),
                  .counts = calloc(MOST, sizeof(int64_t)) };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_read(store, read_all, &r, &err), &err);
    carnet_store_close(&store);
    qsort(r.list, r.count, sizeof(record), by_index);
    for (size_t i = 1; i < r.count; i++)
        assert_true(by_index(&r.list[i - 1], &r.list[i]) != 0); /* status indices are unique */
    qsort(r.list, r.count, sizeof(record), by_print);
    for (size_t i = 1; i < r.count; i++)
        assert_true(by_print(&r.list[i - 1], &r.list[i]) != 0); /* each device key has one document */
    check_requests(&r);
    free(r.list);
    free(r.issuances);
    free(r.lists);
    free(r.counts);
}

static void
issuances_survive_kills_at_any_moment(void **state)
{
    world *w = world_get();
    thread threads[WALLETS];
    unsigned kills = 0;

    (void)state;
    world_make(w);
    world_start(w);
    for (size_t i = 0; i < WALLETS; i++) {
        threads[i].number = i;
        wallet_open(w, &threads[i].wallet);
        wallet_grant(&threads[i].wallet, "\"mdl\"", "anna");
    }
    for (size_t i = 0; i < WALLETS; i++)
        assert_int_equal(pthread_create(&threads[i].thread, NULL, run, &threads[i]), 0);
    while (acknowledged < wanted && strange == 0 && kills < 400) {
        pause_ms(5 + random_below(60) + 3 * kills); /* longer on a slow machine */
        world_stop(w, SIGKILL);
        kills++;
        world_start(w);
    }
    over = true;
    for (size_t i = 0; i < WALLETS; i++) {
        assert_int_equal(pthread_join(threads[i].thread, NULL), 0);
        wallet_close(&threads[i].wallet);
    }
    world_stop(w, SIGTERM);
    print_message("# %u acknowledged, %u tries without an answer, %u of them issued; %u kills\n", acknowledged, lost,
                  refused, kills);
    assert_int_equal(strange, 0);
    assert_in_range(acknowledged, wanted, MOST);
    assert_in_range(kills, 3, 400);
    check_store(w);
    world_end(w);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(issuances_survive_kills_at_any_moment) };

    if (argc > 2)
        wanted = (unsigned)strtoul(argv[2], NULL, 10);
    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
