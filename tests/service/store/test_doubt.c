/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that is lost while a transaction commits: it took place, or it
 * did not, and only the store can find out.  A proxy between store and server
 * cuts the connection at that point.
 */
#include "carnet/store_event.h"
#include "service/store/world.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef enum cut {
    NOWHERE,
    BEFORE_THE_COMMIT, /* the server does not see it */
    AFTER_THE_COMMIT,  /* the store does not see its answer */
} cut;

typedef struct proxy {
    char folder[64], path[108];
    int listener;
    pthread_t thread;
    atomic_int where; /* the next connection to commit is cut there, once */
    atomic_int connections;
} proxy;

static int
open_socket(const char *path, bool listening)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (listening ? bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 16) != 0
                  : connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool
pass(int from, int to, char *octets, size_t cap, ssize_t *count)
{
    *count = read(from, octets, cap);
    return *count > 0 && write(to, octets, (size_t)*count) == *count;
}

typedef struct wire {
    proxy *proxy;
    int store;
} wire;

static void *
carry(void *arg)
{
    static _Thread_local char octets[65536];
    wire *this = arg;
    char path[128];
    int server;
    ssize_t count;

    snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", world_server_folder());
    server = open_socket(path, false);
    while (server >= 0) {
        struct pollfd ends[2] = { { this->store, POLLIN, 0 }, { server, POLLIN, 0 } };

        poll(ends, 2, -1);
        if (ends[1].revents != 0 && !pass(server, this->store, octets, sizeof(octets), &count))
            break;
        if (ends[0].revents == 0)
            continue;
        count = recv(this->store, octets, sizeof(octets), MSG_PEEK);
        if (count > 0 && memmem(octets, (size_t)count, "COMMIT", 7) != NULL) { /* with the zero of its end */
            int where = atomic_exchange(&this->proxy->where, NOWHERE);

            if (where == BEFORE_THE_COMMIT)
                break;
            if (where == AFTER_THE_COMMIT) {
                if (pass(this->store, server, octets, sizeof(octets), &count) && read(server, octets, 1) == 1)
                    break;
            }
        }
        if (!pass(this->store, server, octets, sizeof(octets), &count))
            break;
    }
    close(server);
    close(this->store);
    free(this);
    return NULL;
}

static void *
serve(void *arg)
{
    proxy *this = arg;
    pthread_t thread;
    int fd;

    while ((fd = accept(this->listener, NULL, NULL)) >= 0) {
        wire *made = malloc(sizeof(*made));

        *made = (wire){ this, fd };
        this->connections++;
        pthread_create(&thread, NULL, carry, made);
        pthread_detach(thread);
    }
    return NULL;
}

static void
begin_proxy(proxy *this)
{
    snprintf(this->folder, sizeof(this->folder), "/tmp/carnet-proxy-XXXXXX");
    assert_non_null(mkdtemp(this->folder));
    snprintf(this->path, sizeof(this->path), "%s/.s.PGSQL.5432", this->folder);
    this->listener = open_socket(this->path, true);
    assert_true(this->listener >= 0);
    assert_int_equal(pthread_create(&this->thread, NULL, serve, this), 0);
}

static void
end_proxy(proxy *this)
{
    shutdown(this->listener, SHUT_RDWR);
    pthread_join(this->thread, NULL);
    close(this->listener);
    unlink(this->path);
    rmdir(this->folder);
}

static carnet_rc
happen(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_event event = { .at = 1800000000, .kind = text("doubt") };

    ++*(int *)arg;
    return carnet_store_event_insert(session, &event, err);
}

static void
commit_through(store_world *world, cut where, int runs)
{
    proxy between = { .where = NOWHERE };
    carnet_store_config config = world_config(world);
    carnet_store *store;
    carnet_err err = { 0 };
    char place[256];
    int ran = 0;

    begin_proxy(&between);
    snprintf(place, sizeof(place), "postgresql:host=%s user=carnet dbname=%s", between.folder,
             strstr(world->place, "dbname=") + 7);
    config.place = place;
    assert_carnet_ok(carnet_store_open(&config, &store, &err), &err);
    between.where = where;
    assert_carnet_ok(carnet_store_transact(store, happen, &ran, &err), &err);
    assert_int_equal(between.where, NOWHERE);
    assert_int_equal(ran, runs);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM events"), 1);
    assert_int_equal(carnet_store_count(store).reconnected, 1);
    carnet_store_close(&store);
    end_proxy(&between);
}

static void
a_commit_whose_answer_was_lost_is_not_repeated(store_world *world)
{
    commit_through(world, AFTER_THE_COMMIT, 1);
}

static void
a_commit_that_did_not_arrive_is_repeated(store_world *world)
{
    commit_through(world, BEFORE_THE_COMMIT, 2);
}

int
main(void)
{
    static const both tests[] = {
        { "a commit whose answer was lost is not repeated", a_commit_whose_answer_was_lost_is_not_repeated,
          SERVER_ONLY },
        { "a commit that did not arrive is repeated", a_commit_that_did_not_arrive_is_repeated, SERVER_ONLY },
    };

    return world_run(tests, sizeof(tests) / sizeof(tests[0]));
}
