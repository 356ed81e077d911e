/* SPDX-License-Identifier: Apache-2.0 */
#include "service/store/world.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], server[64];
static bool has_server;
static unsigned databases;

/* /dev/urandom: processes of a test must not agree. */
static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, out, len);

    (void)self;
    if (fd >= 0)
        close(fd);
    return got == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static int
execute(const char *path, const char *const arguments[])
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO); /* the other is TAP's */
        execv(path, (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static int
script(const char *command, const char *argument)
{
    const char *const arguments[] = { "postgres", command, server, argument, NULL };

    return execute(CARNET_SOURCE_ROOT "/tests/support/postgres", arguments);
}

void
world_server(const char *what, const char *mode)
{
    if (script(what, mode) != 0)
        abort();
}

static int
begin_all(void **state)
{
    char own[16];
    int status;

    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/carnet-store-XXXXXX");
    snprintf(server, sizeof(server), "/tmp/carnet-postgres-XXXXXX");
    snprintf(own, sizeof(own), "%d", (int)getpid());
    if (mkdtemp(folder) == NULL || mkdtemp(server) == NULL)
        return -1;
    status = script("start", own);
    has_server = status == 0;
    if (!has_server)
        fprintf(stderr, "the PostgreSQL server did not start (%d)\n", status);
    return status == 0 || status == 77 ? 0 : -1;
}

static int
end_all(void **state)
{
    const char *const arguments[] = { "rm", "-rf", folder, server, NULL };

    (void)state;
    if (has_server && script("stop", "immediate") != 0)
        fprintf(stderr, "the PostgreSQL server did not stop\n");
    return execute("/bin/rm", arguments);
}

carnet_store_config
world_config(const store_world *world)
{
    return (carnet_store_config){ .place = world->place, .random = { .fill = fill } };
}

carnet_store *
world_open(const store_world *world)
{
    carnet_store_config config = world_config(world);
    carnet_store *store = NULL;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_open(&config, &store, &err), &err);
    return store;
}

typedef struct store_unit {
    store_world *world;
    const both *test;
    char name[160];
} store_unit;

void
world_fresh(store_world *world)
{
    char name[16];

    carnet_store_close(&world->store);
    snprintf(name, sizeof(name), "t%u", ++databases);
    world->room = carnet_buf_of(world->octets, sizeof(world->octets));
    snprintf(world->place, sizeof(world->place), "%s/%s", folder, name);
    if (!world->postgres)
        return;
    snprintf(world->place, sizeof(world->place), "postgresql:host=%s user=carnet dbname=%s", server, name);
    if (has_server)
        world_server("database", name);
}

const char *
world_server_folder(void)
{
    return server;
}

static int64_t
sqlite_sql(const char *place, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    int64_t value = 0;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(place, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
        value = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    sqlite3_close(db);
    return value;
}

int64_t
world_sql(const store_world *world, const char *sql)
{
    int64_t value;
    PGresult *result;
    PGconn *pg;

    if (!world->postgres)
        return sqlite_sql(world->place, sql);
    pg = PQconnectdb(world->place + strlen("postgresql:"));
    result = PQexec(pg, sql);
    assert_true(PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK);
    value = PQntuples(result) > 0 ? strtoll(PQgetvalue(result, 0, 0), NULL, 10) : 0;
    PQclear(result);
    PQfinish(pg);
    return value;
}

static int
begin(void **state)
{
    world_fresh(((store_unit *)*state)->world);
    return 0;
}

static int
end(void **state)
{
    carnet_store_close(&((store_unit *)*state)->world->store);
    return 0;
}

static void
run(void **state)
{
    const store_unit *unit = *state;

    if (unit->world->postgres && !has_server)
        carnet_test_skip("there is no PostgreSQL here");
    unit->world->store = world_open(unit->world);
    unit->test->run(unit->world);
}

int
world_run(const both *tests, size_t count)
{
    static store_world worlds[2] = { { .postgres = false }, { .postgres = true } };
    static store_unit units[64];
    static struct CMUnitTest list[64];

    size_t number = 0;

    for (size_t i = 0; i < 2 * count && number < sizeof(list) / sizeof(list[0]); i++) {
        const both *test = &tests[i % count];
        store_unit *unit = &units[number];

        if (test->only == (i < count ? SERVER_ONLY : FILE_ONLY))
            continue;
        *unit = (store_unit){ &worlds[i / count], test, "" };
        snprintf(unit->name, sizeof(unit->name), "%s: %s", i < count ? "sqlite" : "postgresql", test->name);
        list[number++] = (struct CMUnitTest){ unit->name, run, begin, end, unit };
    }
    return _cmocka_run_group_tests("store", list, number, begin_all, end_all);
}

carnet_span
hash_of(uint64_t number)
{
    static _Thread_local uint8_t hashes[256][CARNET_STORE_HASH];
    static _Thread_local size_t next;
    uint8_t *hash = hashes[next++ % 256];

    for (size_t i = 0; i < CARNET_STORE_HASH; i++)
        hash[i] = (uint8_t)(number >> 8 * (i % 8));
    return carnet_span_of(hash, CARNET_STORE_HASH);
}

carnet_str
text(const char *text)
{
    return carnet_str_of(text);
}

void
transact(store_world *world, carnet_store_work *work, void *arg)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_transact(world->store, work, arg, &err), &err);
}

void
look(store_world *world, carnet_store_work *work, void *arg)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_read(world->store, work, arg, &err), &err);
}
