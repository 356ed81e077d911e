/* SPDX-License-Identifier: Apache-2.0 */
/* Queries to SQLite and PostgreSQL as sources of attributes. */
#include "carnet/source.h"
#include "support/support.h"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MDL "org.iso.18013.5.1.mDL"
#define HEAD                                                                                                           \
    "{\"org.iso.18013.5.1\":{\"family_name\":\"A\",\"height\":178,\"age_over_18\":true,\"portrait\":{\"$base64\":\"/"  \
    "9j/\"}}}"
#define QUERY "SELECT family_name, height, age_over_18, portrait, remark FROM people WHERE id = $1"

static char folder[64], place[128];

static int
postgres(const char *command, const char *argument)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        (void)dup2(open("/dev/null", O_RDWR), 1);
        (void)execl(CARNET_SOURCE_ROOT "/tests/support/postgres", "postgres", command, folder, argument, (char *)NULL);
        _exit(126);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
fill_sqlite(void)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(place, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "CREATE TABLE people (id TEXT, family_name TEXT, height INTEGER, age_over_18 INTEGER,"
                     " portrait BLOB, remark TEXT);"
                     "INSERT INTO people VALUES ('1','A',178,1,x'ffd8ff',NULL),('2','B',NULL,NULL,NULL,NULL),"
                     "('2','C',NULL,NULL,NULL,NULL)",
                     NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
fill_postgresql(void)
{
    PGconn *db = PQconnectdb(place);
    PGresult *result = PQexec(db, "CREATE TABLE people (id TEXT, family_name TEXT, height INTEGER, age_over_18 BOOLEAN,"
                                  " portrait BYTEA, remark TEXT);"
                                  "INSERT INTO people VALUES ('1','A',178,true,'\\xffd8ff',NULL),"
                                  "('2','B',NULL,NULL,NULL,NULL),('2','C',NULL,NULL,NULL,NULL)");

    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    PQfinish(db);
}

static carnet_attribute_source source;
static char room[4096];
static carnet_buf claims;
static carnet_err err;

static carnet_rc
find(const char *subject)
{
    carnet_attribute_query query = { .subject = carnet_str_of(subject), .doc_type = carnet_str_of(MDL) };

    claims = carnet_buf_of(room, sizeof(room));
    return carnet_attribute_source_find(&source, &query, &claims, &err);
}

static carnet_rc
open_source(const char *query)
{
    carnet_attribute_source_done(&source);
    return carnet_sql_source_open(&(carnet_sql_source_config){ .place = place, .query = query, .connections = 2 },
                                  &source, &err);
}

/* What holds of both. */
static void
check_answers(void)
{
    assert_carnet_ok(open_source(QUERY), &err);
    assert_carnet_ok(find("1"), &err);
    assert_str_is(carnet_buf_str(&claims), HEAD);
    assert_carnet_rc(find("2"), CARNET_E_ISSUING_SUBJECT); /* twice */
    assert_carnet_rc(find("3"), CARNET_E_ISSUING_SUBJECT);
    assert_carnet_rc(find("1' OR '1'='1"), CARNET_E_ISSUING_SUBJECT);
    assert_carnet_ok(find("1"), &err);
    assert_carnet_ok(open_source("SELECT family_name FROM people WHERE $3 = '" MDL "' AND $2 = '' AND id = $1"), &err);
    assert_carnet_ok(find("1"), &err);
    assert_str_is(carnet_buf_str(&claims), "{\"org.iso.18013.5.1\":{\"family_name\":\"A\"}}");
}

static void *
find_often(void *arg)
{
    _Atomic unsigned *wrong = arg;
    char own[4096];
    carnet_attribute_query query = { .subject = { "1", 1 }, .doc_type = carnet_str_of(MDL) };

    for (int i = 0; i < 50; i++) {
        carnet_buf out = carnet_buf_of(own, sizeof(own));

        if (carnet_attribute_source_find(&source, &query, &out, NULL) != CARNET_OK ||
            !carnet_str_is(carnet_buf_str(&out), HEAD))
            ++*wrong;
    }
    return NULL;
}

static void
check_threads(void)
{
    pthread_t threads[6];
    _Atomic unsigned wrong = 0;

    assert_carnet_ok(open_source(QUERY), &err);
    for (size_t i = 0; i < CARNET_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_often, &wrong), 0);
    for (size_t i = 0; i < CARNET_COUNT(threads); i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(wrong, 0);
}

static void
sqlite_answers_with_one_row(void **state)
{
    (void)state;
    check_answers();
    check_threads();
}

static void
sqlite_queries_that_write_or_ask_nothing_are_refused(void **state)
{
    static const char *const queries[] = { "DELETE FROM people WHERE id = $1",
                                           "SELECT 1",
                                           "SELECT $1, $2, $3, $4",
                                           "SELECT id FROM people WHERE id = ?",
                                           "SELECT id FROM people WHERE id = :id",
                                           "SELECT family_name FROM nowhere WHERE id = $1",
                                           "",
                                           "SELEC" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(queries); i++)
        assert_carnet_rc(open_source(queries[i]), CARNET_E_ISSUING_SOURCE);
    assert_carnet_rc(
        carnet_sql_source_open(&(carnet_sql_source_config){ .place = "/nonexistent/x.sqlite", .query = QUERY }, &source,
                               &err),
        CARNET_E_ISSUING_SOURCE);
}

static void
postgresql_answers_with_one_row_and_comes_back(void **state)
{
    char own[16];
    int status;

    (void)state;
    (void)snprintf(own, sizeof(own), "%d", (int)getpid());
    status = postgres("start", own);
    if (status == 77)
        carnet_test_skip("PostgreSQL is not installed");
    assert_int_equal(status, 0);
    (void)snprintf(place, sizeof(place), "host=%s user=carnet dbname=carnet", folder);
    fill_postgresql();
    check_answers();
    check_threads();
    assert_int_equal(postgres("restart", "fast"), 0); /* a connection that was lost is replaced */
    assert_carnet_ok(find("1"), &err);
    assert_carnet_ok(open_source("DELETE FROM people WHERE id = $1 RETURNING family_name"), &err);
    assert_carnet_rc(find("1"), CARNET_E_ISSUING_SOURCE); /* the session is read-only */
    assert_carnet_ok(open_source(QUERY), &err);
    assert_carnet_ok(find("1"), &err);
    assert_int_equal(postgres("stop", "fast"), 0);
    assert_carnet_rc(find("1"), CARNET_E_ISSUING_SOURCE);
}

static int
begin(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/carnet-sqlsource-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(place, sizeof(place), "%s/people.sqlite", folder);
    fill_sqlite();
    return 0;
}

static int
end(void **state)
{
    char command[128];
    pid_t child;

    (void)state;
    carnet_attribute_source_done(&source);
    (void)snprintf(command, sizeof(command), "%s", folder);
    child = fork();
    if (child == 0) {
        (void)execl("/bin/rm", "rm", "-rf", command, (char *)NULL);
        _exit(126);
    }
    return waitpid(child, NULL, 0) == child ? 0 : -1;
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(sqlite_answers_with_one_row),
        TEST(sqlite_queries_that_write_or_ask_nothing_are_refused),
        TEST(postgresql_answers_with_one_row_and_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
