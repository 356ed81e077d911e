/* SPDX-License-Identifier: Apache-2.0 */
/* What was acknowledged is there: after kill -9, after the server's end, and when only the acknowledgement was lost. */
#include "carnet/store_event.h"
#include "service/store/world.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW     1800000000
#define THREADS 4

/* One transaction: two things, of which there must be both or none. */
typedef struct pair {
    int64_t number;
    int runs;
} pair;

static carnet_rc
keep_pair(void *arg, carnet_store_session *session, carnet_err *err)
{
    pair *this = arg;
    carnet_store_event event = { .at = NOW, .kind = text("pair"), .reference = this->number };
    carnet_store_once once = { CARNET_STORE_ONCE_NONCE, hash_of((uint64_t)this->number), NOW };
    carnet_rc rc;

    this->runs++;
    if ((rc = carnet_store_event_insert(session, &event, err)) != CARNET_OK)
        return rc;
    return carnet_store_use_once(session, &once, 1, NULL, err);
}

typedef struct found {
    uint16_t events[20000];
    int64_t more;
} found;

static bool
see_event(void *self, const carnet_store_event *event)
{
    found *this = self;

    if (event->reference >= 0 && event->reference < 20000)
        this->events[event->reference]++;
    else
        this->more++;
    return true;
}

static carnet_rc
find_events(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_event_filter all = { .limit = 100000 };

    memset(arg, 0, sizeof(found));
    return carnet_store_event_list(session, &all, see_event, arg, err);
}

static carnet_rc
was_used(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_once once = { CARNET_STORE_ONCE_NONCE, hash_of((uint64_t) * (int64_t *)arg), NOW };

    return carnet_store_use_once(session, &once, 1, NULL, err);
}

/* Each number whose keeping was acknowledged is there once; each that is there is whole. */
static void
check(store_world *world, const bool acknowledged[20000])
{
    static found seen;
    size_t there = 0;

    look(world, find_events, &seen);
    assert_int_equal(seen.more, 0);
    for (int64_t n = 0; n < 20000; n++) {
        assert_true(seen.events[n] <= 1);
        assert_true(!acknowledged[n] || seen.events[n] == 1);
        there += seen.events[n];
        if (seen.events[n] == 1 && n % 8 == 0)
            assert_carnet_rc(carnet_store_transact(world->store, was_used, &n, NULL), CARNET_E_STORE_REPLAYED);
    }
    assert_true(there > 0);
}

typedef struct writer {
    carnet_store *store;
    atomic_llong *next;
    int pipe; /* where numbers are acknowledged to */
    const atomic_bool *enough;
    int failed;
} writer;

static void *
write_on(void *arg)
{
    writer *this = arg;

    while (!*this->enough) {
        pair one = { .number = (*this->next)++ };

        if (one.number >= 20000)
            break;
        if (carnet_store_transact(this->store, keep_pair, &one, NULL) != CARNET_OK)
            this->failed++;
        else if (write(this->pipe, &one.number, sizeof(one.number)) != sizeof(one.number))
            break;
    }
    return NULL;
}

static void
be_the_writing_process(const store_world *world, int pipe, int64_t from)
{
    static atomic_bool never;
    atomic_llong next = from;
    carnet_store_config config = world_config(world);
    writer writers[THREADS];
    pthread_t threads[THREADS];
    carnet_store *store;

    if (carnet_store_open(&config, &store, NULL) != CARNET_OK)
        _exit(1);
    for (int i = 0; i < THREADS; i++) {
        writers[i] = (writer){ store, &next, pipe, &never, 0 };
        pthread_create(&threads[i], NULL, write_on, &writers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    _exit(2); /* it should have been killed */
}

static void
killed_in_the_middle(store_world *world)
{
    static bool acknowledged[20000];
    int ends[2], status;
    int64_t number;

    memset(acknowledged, 0, sizeof(acknowledged));
    for (int64_t round = 0; round < 5; round++) {
        pid_t child;

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        if ((child = fork()) == 0)
            be_the_writing_process(world, ends[1], round * 4000);
        close(ends[1]);
        for (int64_t i = 0; i < 50 + 23 * round; i++) {
            assert_int_equal(read(ends[0], &number, sizeof(number)), sizeof(number));
            acknowledged[number] = true;
        }
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        while (read(ends[0], &number, sizeof(number)) == sizeof(number))
            acknowledged[number] = true;
        close(ends[0]);
        check(world, acknowledged);
    }
}

/* Threads work on while the server is restarted; none of them may see it, if they wait as long as that takes here. */
static void
work_through(store_world *world, const char *mode)
{
    carnet_store_config config = world_config(world);
    static bool acknowledged[20000];
    atomic_llong next = 0;
    atomic_bool enough = false;
    writer writers[THREADS];
    pthread_t threads[THREADS];
    int64_t number;
    int ends[2];

    config.patience_ms = 120000;
    carnet_store_close(&world->store);
    assert_carnet_ok(carnet_store_open(&config, &world->store, NULL), NULL);
    memset(acknowledged, 0, sizeof(acknowledged));
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    for (int i = 0; i < THREADS; i++) {
        writers[i] = (writer){ world->store, &next, ends[1], &enough, 0 };
        pthread_create(&threads[i], NULL, write_on, &writers[i]);
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            assert_int_equal(read(ends[0], &number, sizeof(number)), sizeof(number));
            acknowledged[number] = true;
        }
        world_server("restart", mode);
    }
    enough = true;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(writers[i].failed, 0);
    }
    close(ends[1]);
    while (read(ends[0], &number, sizeof(number)) == sizeof(number))
        acknowledged[number] = true;
    close(ends[0]);
    assert_true(carnet_store_count(world->store).reconnected > 0);
    check(world, acknowledged);
}

static void
the_server_restarted_under_load(store_world *world)
{
    work_through(world, "fast");
}

static void
the_server_crashed_under_load(store_world *world)
{
    work_through(world, "immediate");
}

static void
a_server_that_is_gone_is_told_and_found_again(store_world *world)
{
    carnet_store_config config = world_config(world);
    pair one = { .number = 1 };
    carnet_store *hasty;
    carnet_err err = { 0 };

    config.patience_ms = 300;
    assert_carnet_ok(carnet_store_open(&config, &hasty, &err), &err);
    assert_carnet_ok(carnet_store_transact(hasty, keep_pair, &one, &err), &err);
    assert_true(carnet_store_ready(hasty));
    world_server("stop", "fast");
    assert_false(carnet_store_ready(hasty));
    one.number = 2;
    assert_carnet_rc(carnet_store_transact(hasty, keep_pair, &one, &err), CARNET_E_STORE_UNREACHABLE);
    world_server("resume", "fast");
    assert_true(carnet_store_ready(hasty));
    one.number = 3;
    assert_carnet_ok(carnet_store_transact(hasty, keep_pair, &one, &err), &err);
    carnet_store_close(&hasty);
}

int
main(void)
{
    static const both tests[] = {
        { "a process killed in the middle loses nothing it acknowledged", killed_in_the_middle, ANYWHERE },
        { "a server restarted under load is not noticed", the_server_restarted_under_load, SERVER_ONLY },
        { "a server that crashes under load is not noticed", the_server_crashed_under_load, SERVER_ONLY },
        { "a server that is gone is told, and found again", a_server_that_is_gone_is_told_and_found_again,
          SERVER_ONLY },
    };

    return world_run(tests, sizeof(tests) / sizeof(tests[0]));
}
