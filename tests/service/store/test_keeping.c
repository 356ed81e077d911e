/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, migrations, and how long things are kept. */
#include "carnet/store_credential.h"
#include "carnet/store_event.h"
#include "carnet/store_offer.h"
#include "service/store/world.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW 1800000000

static void
a_store_of_a_newer_version_is_refused(store_world *world)
{
    carnet_store_config config = world_config(world);
    carnet_store *store;
    carnet_err err = { 0 };

    carnet_store_close(&world->store);
    world_sql(world, "UPDATE schema_version SET version = version + 1");
    assert_carnet_rc(carnet_store_open(&config, &store, &err), CARNET_E_STORE_VERSION);
    assert_null(store);
    world_sql(world, "UPDATE schema_version SET version = version - 1");
    world->store = world_open(world);
    assert_true(carnet_store_ready(world->store));
}

static void
a_store_of_an_older_version_is_brought_up_to_date(store_world *world)
{
    static const char *const later[] = {
        "identity_accounts",   "identity_devices",  "identity_keys",    "identity_certificates",
        "identity_bootstraps", "identity_sessions", "identity_notices", "app_devices",
        "app_document_keys",   "app_accounts",      "staged",           "cash_movements",
        "cash_messages",       "cash_account_keys", "cash_accounts",    "switch_forwards",
        "used_in_time",        "switch_senders",    "used_in_order",    "grant_issuances"
    }; /* of versions after 2 */
    int64_t version = world_sql(world, "SELECT version FROM schema_version");

    carnet_store_close(&world->store);
    for (size_t i = 0; i < CARNET_COUNT(later); i++) {
        char sql[96];

        (void)snprintf(sql, sizeof(sql), "DROP TABLE %s", later[i]);
        world_sql(world, sql);
    }
    world_sql(world, "DROP INDEX offers_enrolment");
    world_sql(world, "ALTER TABLE issuances DROP COLUMN notification");
    world_sql(world, "UPDATE schema_version SET version = 1");
    world->store = world_open(world);
    assert_int_equal(world_sql(world, "SELECT version FROM schema_version"), version);
    world_sql(world, "DROP INDEX offers_enrolment"); /* it is there again */
}

static void
a_migration_that_fails_changes_nothing(store_world *world)
{
    carnet_store_config config = world_config(world);
    carnet_store *store;
    carnet_err err = { 0 };

    carnet_store_close(&world->store);
    world_sql(world, "UPDATE schema_version SET version = 1"); /* what 2 makes is there already */
    assert_int_not_equal((int)carnet_store_open(&config, &store, &err), CARNET_OK);
    assert_null(store);
    assert_int_equal(world_sql(world, "SELECT version FROM schema_version"), 1);
    assert_int_equal(world_sql(world, "SELECT value FROM counters WHERE name = 'instance'"), 1);
}

static void
of_several_that_begin_at_once_one_makes_the_tables(store_world *world)
{
    int64_t version = world_sql(world, "SELECT version FROM schema_version");
    carnet_store_config config;
    pid_t children[6];
    int status;

    world_fresh(world);
    config = world_config(world);
    for (size_t i = 0; i < 6; i++)
        if ((children[i] = fork()) == 0) {
            carnet_store *store;
            carnet_err err = { 0 };

            if (carnet_store_open(&config, &store, &err) != CARNET_OK) {
                fprintf(stderr, "%#x %s\n", (unsigned)err.rc, err.reason);
                _exit(1);
            }
            carnet_store_close(&store);
            _exit(0);
        }
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_int_equal(world_sql(world, "SELECT count(*) FROM schema_version"), 1);
    assert_int_equal(world_sql(world, "SELECT version FROM schema_version"), version);
    assert_int_equal(world_sql(world, "SELECT value FROM counters WHERE name = 'instance'"), 6);
}

static void
what_cannot_be_opened_is_told(store_world *world)
{
    static const struct {
        const char *place;
        carnet_rc rc;
    } cases[] = {
        { "", CARNET_E_STORE_OPEN },
        { "/tmp", CARNET_E_STORE_OPEN },
        { "/dev/null/store", CARNET_E_STORE_OPEN },
        { ":memory:", CARNET_E_STORE_OPEN },
        { CARNET_SOURCE_ROOT "/meson.build", CARNET_E_STORE_OPEN },
        { "postgresql:host=/nonexistent", CARNET_E_STORE_UNREACHABLE },
        { "postgresql://%2Fnonexistent/carnet", CARNET_E_STORE_UNREACHABLE },
        { "postgresql://a:b:c:d/?nonsense", CARNET_E_STORE_UNREACHABLE },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        carnet_store_config config = world_config(world);
        carnet_store *store;
        carnet_err err = { 0 };

        config.place = cases[i].place;
        config.patience_ms = 1;
        assert_carnet_rc(carnet_store_open(&config, &store, &err), cases[i].rc);
        assert_null(store);
        assert_true(err.reason[0] != '\0');
    }
}

static void
a_file_is_for_its_owner_alone(store_world *world)
{
    struct stat file;

    assert_int_equal(stat(world->place, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_string_equal(carnet_store_kind(world->store), "sqlite");
}

/* What is over does not wait for what was used before it. */
static const carnet_store_once used[] = {
    { .kind = CARNET_STORE_ONCE_CHALLENGE, .until = NOW },
    { .kind = CARNET_STORE_ONCE_CHALLENGE, .until = NOW + 1 },
    { .kind = CARNET_STORE_ONCE_NONCE, .until = NOW, .at = 7 },
    { .kind = CARNET_STORE_ONCE_NONCE, .until = NOW + 1, .at = 8 },
    { .kind = CARNET_STORE_ONCE_DPOP, .until = NOW + 1, .at = 7 },
    { .kind = CARNET_STORE_ONCE_DPOP, .until = NOW, .at = 8 },
};
#define USED CARNET_COUNT(used)

typedef struct kept {
    carnet_store_offer offer, found;
    carnet_buf *room;
    carnet_rc again[USED], offer_rc, issuance_rc;
    int64_t issuance;
} kept;

static carnet_rc
keep(void *arg, carnet_store_session *session, carnet_err *err)
{
    kept *this = arg;
    carnet_store_credential credential = { .device_key = hash_of(50) };
    carnet_store_issuance issuance = {
        .configuration = text("mdl"), .issued = NOW - 100, .valid_until = NOW, .count = 1, .credentials = &credential
    };
    carnet_store_once once[USED];
    carnet_store_event event = { .at = NOW, .kind = text("offer") };
    carnet_rc rc;

    this->offer = (carnet_store_offer){ .code_hash = hash_of(3),
                                        .claims = CARNET_TEST_BYTES("sealed"),
                                        .document = CARNET_TEST_BYTES("sealed"),
                                        .expires = NOW };
    if ((rc = carnet_store_offer_insert(session, &this->offer, err)) != CARNET_OK ||
        (rc = carnet_store_issuance_insert(session, &issuance, NULL, err)) != CARNET_OK ||
        (rc = carnet_store_event_insert(session, &event, err)) != CARNET_OK)
        return rc;
    this->issuance = issuance.id;
    memcpy(once, used, sizeof(once));
    for (uint64_t i = 0; i < USED; i++)
        once[i].hash = hash_of(i);
    return carnet_store_use_once(session, once, USED, NULL, err);
}

static carnet_rc
use_again(void *arg, carnet_store_session *session, carnet_err *err)
{
    kept *this = arg;

    for (uint64_t i = 0; i < USED; i++) {
        carnet_store_once once = used[i];

        once.hash = hash_of(i);
        this->again[i] = carnet_store_use_once(session, &once, 1, NULL, err);
    }
    return CARNET_E_STORE_STATE; /* nothing of this is to be kept */
}

static carnet_rc
find(void *arg, carnet_store_session *session, carnet_err *err)
{
    kept *this = arg;
    carnet_store_issuance issuance;

    this->room->len = 0;
    this->offer_rc = carnet_store_offer_by_id(session, this->offer.id, &this->found, this->room, err);
    this->issuance_rc = carnet_store_issuance_by_id(session, this->issuance, &issuance, this->room, err);
    return CARNET_OK;
}

static void
retain(store_world *world, carnet_time now, uint64_t redacted, uint64_t deleted)
{
    carnet_store_retained retained;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_retain(world->store, now, NULL, &retained, &err), &err);
    assert_int_equal(retained.redacted, redacted);
    assert_int_equal(retained.deleted, deleted);
}

static void
what_is_over_is_redacted_then_deleted(store_world *world)
{
    kept this = { .room = &world->room };

    transact(world, keep, &this);
    retain(world, NOW - 1, 0, 0);
    retain(world, NOW, 1, 3); /* the offer's claims; half of what was used */
    retain(world, NOW, 0, 0);
    assert_carnet_rc(carnet_store_transact(world->store, use_again, &this, NULL), CARNET_E_STORE_STATE);
    for (size_t i = 0; i < USED; i++)
        assert_carnet_rc(this.again[i], used[i].until > NOW ? CARNET_E_STORE_REPLAYED : CARNET_OK);
    look(world, find, &this);
    assert_carnet_ok(this.offer_rc, NULL);
    assert_true(this.found.claims.len == 0 && this.found.document.len == 0);
    retain(world, NOW + 30 * CARNET_TIME_DAY, 0, 4); /* the offer, the rest of what was used */
    look(world, find, &this);
    assert_carnet_rc(this.offer_rc, CARNET_E_STORE_ABSENT);
    assert_carnet_ok(this.issuance_rc, NULL);
    retain(world, NOW + 365 * CARNET_TIME_DAY, 0, 1);
    look(world, find, &this);
    assert_carnet_rc(this.issuance_rc, CARNET_E_STORE_ABSENT);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM credentials"), 0);
    retain(world, NOW + 730 * CARNET_TIME_DAY, 0, 1);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM events"), 0);
}

static void
one_instance_at_a_time_retains(store_world *world)
{
    kept this = { .room = &world->room };

    transact(world, keep, &this);
    world_sql(world, "INSERT INTO counters (name, value) VALUES ('retention', 99999999999)");
    retain(world, NOW, 0, 0);
    world_sql(world, "UPDATE counters SET value = 0 WHERE name = 'retention'");
    retain(world, NOW, 1, 3);
}

/* A thousand and one: more than one transaction's worth. */
static carnet_rc
use_many(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    for (uint64_t i = 0; rc == CARNET_OK && i < 1001; i++) {
        carnet_store_once once = { i % 3 == 0   ? CARNET_STORE_ONCE_DPOP
                                   : i % 3 == 1 ? CARNET_STORE_ONCE_NONCE
                                                : CARNET_STORE_ONCE_CHALLENGE,
                                   hash_of(i), NOW, i % 3 == 2 ? 0 : NOW - 300 };

        rc = carnet_store_use_once(session, &once, 1, NULL, err);
    }
    (void)arg;
    return rc;
}

static void
much_is_deleted_in_parts(store_world *world)
{
    uint64_t before;

    transact(world, use_many, NULL);
    before = carnet_store_count(world->store).transactions;
    retain(world, NOW, 0, 1001);
    assert_true(carnet_store_count(world->store).transactions - before >= 3);
}

/* More than SQLite's cache holds, and than its log's file is given at once. */
static carnet_rc
put_much(void *arg, carnet_store_session *session, carnet_err *err)
{
    static uint8_t octets[65536];
    const carnet_rc end = *(const carnet_rc *)arg;
    carnet_rc rc = CARNET_OK;
    char name[16];

    for (int i = 0; rc == CARNET_OK && i < 300; i++) {
        (void)snprintf(name, sizeof(name), "much %d", i);
        rc = carnet_store_setting_put(session, name, carnet_span_of(octets, sizeof(octets)), err);
    }
    return rc != CARNET_OK ? rc : end == CARNET_OK ? CARNET_OK : carnet_fail(err, end, NULL, NULL);
}

static carnet_rc
put_little(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_setting_put(session, arg, carnet_span_of("a", 1), err);
}

static void
what_is_much_is_written_or_undone_beside_another_writer(store_world *world)
{
    carnet_store *other = world_open(world);
    carnet_rc undone = CARNET_E_STORE_STATE, done = CARNET_OK;
    char first[] = "little 1", second[] = "little 2", third[] = "little 3";

    assert_carnet_rc(carnet_store_transact(world->store, put_much, &undone, NULL), undone);
    assert_carnet_rc(carnet_store_transact(other, put_little, first, NULL), CARNET_OK);
    assert_carnet_rc(carnet_store_transact(world->store, put_little, second, NULL), CARNET_OK);
    assert_carnet_rc(carnet_store_transact(other, put_much, &done, NULL), CARNET_OK);
    assert_carnet_rc(carnet_store_transact(world->store, put_much, &undone, NULL), undone);
    assert_carnet_rc(carnet_store_transact(other, put_little, third, NULL), CARNET_OK);
    carnet_store_close(&other);
    carnet_store_close(&world->store);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM settings WHERE name LIKE 'little _'"), 3);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM settings WHERE name LIKE 'much %'"), 300);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    world->store = world_open(world);
}

int
main(void)
{
    static const both tests[] = {
        { "a store of a newer version is refused", a_store_of_a_newer_version_is_refused, ANYWHERE },
        { "a store of an older version is brought up to date", a_store_of_an_older_version_is_brought_up_to_date,
          ANYWHERE },
        { "a migration that fails changes nothing", a_migration_that_fails_changes_nothing, ANYWHERE },
        { "of several that begin at once one makes the tables", of_several_that_begin_at_once_one_makes_the_tables,
          ANYWHERE },
        { "what cannot be opened is told", what_cannot_be_opened_is_told, ANYWHERE },
        { "a file is for its owner alone", a_file_is_for_its_owner_alone, FILE_ONLY },
        { "what is much is written, or undone, beside another writer",
          what_is_much_is_written_or_undone_beside_another_writer, FILE_ONLY },
        { "what is over is redacted, then deleted", what_is_over_is_redacted_then_deleted, ANYWHERE },
        { "one instance at a time retains", one_instance_at_a_time_retains, ANYWHERE },
        { "much is deleted in parts", much_is_deleted_in_parts, ANYWHERE },
    };

    return world_run(tests, sizeof(tests) / sizeof(tests[0]));
}
