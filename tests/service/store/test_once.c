/* SPDX-License-Identifier: Apache-2.0 */
/* Things used once; how often a grant was. */
#include "carnet/store_credential.h"
#include "carnet/store_grant.h"
#include "service/store/world.h"

#define NOW 1800000000

typedef struct uses {
    carnet_store_once list[3];
    size_t which;
    carnet_rc rc;
} uses;

static carnet_rc
use(void *arg, carnet_store_session *session, carnet_err *err)
{
    uses *this = arg;

    this->rc = carnet_store_use_once(session, this->list, 3, &this->which, err);
    return this->rc;
}

static void
what_is_used_once_is_used_once_and_a_refusal_uses_nothing(store_world *world)
{
    uses this = { .list = { { CARNET_STORE_ONCE_NONCE, hash_of(1), NOW },
                            { CARNET_STORE_ONCE_DPOP, hash_of(1), NOW },
                            { CARNET_STORE_ONCE_DPOP, hash_of(2), NOW } } };
    carnet_err err = { 0 };

    transact(world, use, &this);
    this.list[0].hash = hash_of(3);
    this.list[1].hash = hash_of(4);
    assert_carnet_rc(carnet_store_transact(world->store, use, &this, &err), CARNET_E_STORE_REPLAYED);
    assert_int_equal(this.which, 2);
    this.list[2].hash = hash_of(4); /* twice in the list */
    assert_carnet_rc(carnet_store_transact(world->store, use, &this, &err), CARNET_E_STORE_REPLAYED);
    assert_int_equal(this.which, 2);
    this.list[2].hash = hash_of(5);
    transact(world, use, &this);
}

/* Another policy makes another end of the same proof. */
static void
what_has_a_time_in_it_is_used_once_whatever_its_end(store_world *world)
{
    uses this = { .list = { { CARNET_STORE_ONCE_DPOP, hash_of(1), NOW + 361, NOW },
                            { CARNET_STORE_ONCE_NONCE, hash_of(1), NOW, INT64_C(65536) * NOW + 7 },
                            { CARNET_STORE_ONCE_CHALLENGE, hash_of(1), NOW, 0 } } };
    carnet_err err = { 0 };

    transact(world, use, &this);
    this.list[0] = (carnet_store_once){ CARNET_STORE_ONCE_NONCE, hash_of(2), NOW, INT64_C(65536) * NOW + 7 };
    this.list[1] = (carnet_store_once){ CARNET_STORE_ONCE_DPOP, hash_of(1), NOW + 66, NOW };
    this.list[2].hash = hash_of(3);
    assert_carnet_rc(carnet_store_transact(world->store, use, &this, &err), CARNET_E_STORE_REPLAYED);
    assert_int_equal(this.which, 1);
    this.list[1].hash = hash_of(2);
    this.list[0].hash = hash_of(1);
    this.list[0].until = NOW + 9;
    assert_carnet_rc(carnet_store_transact(world->store, use, &this, &err), CARNET_E_STORE_REPLAYED);
    assert_int_equal(this.which, 0);
    this.list[0].hash = hash_of(2);
    transact(world, use, &this);
    this.list[0] = (carnet_store_once){ CARNET_STORE_ONCE_CHALLENGE, hash_of(4), NOW, NOW };
    assert_carnet_rc(carnet_store_transact(world->store, use, &this, &err), CARNET_E_USAGE);
}

/* A jti is used whatever iat it comes with; times are those of the longest policy. */
static void
a_proof_is_used_once_whatever_its_time(store_world *world)
{
    static const int64_t times[] = { NOW - 4800, NOW - 1, NOW + 1, NOW + 300, NOW + 4800 };
    uses this = { .list = { { CARNET_STORE_ONCE_NONCE, hash_of(1), NOW, 0 },
                            { CARNET_STORE_ONCE_KEY, hash_of(1), NOW, 0 },
                            { CARNET_STORE_ONCE_DPOP, hash_of(1), NOW + 361, NOW } } };
    carnet_err err = { 0 };

    for (int64_t spell = 0; spell < 16; spell++) { /* wherever in the time they lie together */
        this.list[0].hash = this.list[1].hash = this.list[2].hash = hash_of(100 + (uint64_t)spell);
        this.list[2].at = NOW + 512 * spell;
        transact(world, use, &this);
        this.list[0].hash = this.list[1].hash = hash_of(200 + (uint64_t)spell);
        for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
            this.list[2].at = times[i] + 512 * spell;
            assert_carnet_rc(carnet_store_transact(world->store, use, &this, &err), CARNET_E_STORE_REPLAYED);
            assert_int_equal(this.which, 2);
        }
    }
}

static void
what_earlier_versions_used_is_not_used_again(store_world *world)
{
    uses this = { .list = { { CARNET_STORE_ONCE_DPOP, hash_of(1), NOW, 0 },
                            { CARNET_STORE_ONCE_NONCE, hash_of(1), NOW, 0 },
                            { CARNET_STORE_ONCE_KEY, hash_of(1), NOW, 0 } } };
    carnet_err err = { 0 };

    transact(world, use, &this);
    world_sql(
        world,
        "INSERT INTO used_in_time (kind, until, hash) SELECT kind, until + 8, hash FROM used_once WHERE kind = 4");
    world_sql(world, "DELETE FROM used_once WHERE kind = 4");
    carnet_store_close(&world->store);
    world->store = world_open(world);
    this.list[0].hash = hash_of(2);
    this.list[1] = (carnet_store_once){ CARNET_STORE_ONCE_NONCE, hash_of(1), NOW + 9, INT64_C(65536) * (NOW + 8) + 7 };
    this.list[2].hash = hash_of(2);
    assert_carnet_rc(carnet_store_transact(world->store, use, &this, &err), CARNET_E_STORE_REPLAYED);
    assert_int_equal(this.which, 1);
    this.list[1] = (carnet_store_once){ CARNET_STORE_ONCE_DPOP, hash_of(1), NOW + 9, NOW };
    assert_carnet_rc(carnet_store_transact(world->store, use, &this, &err), CARNET_E_STORE_REPLAYED);
    assert_int_equal(this.which, 1);
    this.list[1].hash = hash_of(3);
    transact(world, use, &this);
}

typedef struct granted {
    carnet_store_grant grant;
    carnet_time valid_until;
    uint64_t key;
    size_t keys; /* the second is the first again */
    carnet_store_history found;
} granted;

static carnet_rc
grant(void *arg, carnet_store_session *session, carnet_err *err)
{
    granted *this = arg;

    this->grant = (carnet_store_grant){ .access_hash = hash_of(1), .access_expires = NOW, .created = NOW };
    return carnet_store_grant_insert(session, &this->grant, err);
}

static carnet_rc
issue(void *arg, carnet_store_session *session, carnet_err *err)
{
    granted *this = arg;
    carnet_store_credential keys[2] = { { .device_key = hash_of(this->key) }, { .device_key = hash_of(this->key) } };
    carnet_store_issuance issuance = { .grant = this->grant.id,
                                       .configuration = text("mdl"),
                                       .notification_hash = hash_of(this->key),
                                       .valid_until = this->valid_until,
                                       .count = (int64_t)this->keys,
                                       .credentials = keys };

    return carnet_store_issuance_insert(session, &issuance, NULL, err);
}

static carnet_rc
look_back(void *arg, carnet_store_session *session, carnet_err *err)
{
    granted *this = arg;
    carnet_rc rc = carnet_store_issuance_history(session, this->grant.id, text("pid"), &this->found, err);

    if (rc != CARNET_OK || this->found.requests != 0 || this->found.last_until != 0)
        return rc != CARNET_OK ? rc : CARNET_E_STORE_STATE;
    return carnet_store_issuance_history(session, this->grant.id, text("mdl"), &this->found, err);
}

static void
assert_history(store_world *world, granted *this, int64_t requests, carnet_time last_until)
{
    this->found = (carnet_store_history){ 7, 7 };
    look(world, look_back, this);
    assert_int_equal(this->found.requests, requests);
    assert_int_equal(this->found.last_until, last_until);
}

static void
issue_twice(store_world *world, granted *this)
{
    carnet_err err = { 0 };

    transact(world, grant, this);
    this->keys = 1;
    this->key = 1;
    this->valid_until = NOW + 1000;
    transact(world, issue, this);
    this->key = 2;
    this->valid_until = NOW + 7;
    transact(world, issue, this);
    this->key = 3;
    this->keys = 2;
    assert_carnet_rc(carnet_store_transact(world->store, issue, this, &err), CARNET_E_STORE_REPLAYED);
}

static void
retain(store_world *world, carnet_time now)
{
    carnet_store_retained retained;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_retain(world->store, now, NULL, &retained, &err), &err);
}

static void
what_a_grant_had_is_counted_as_long_as_it_is_kept(store_world *world)
{
    granted this = { 0 };

    issue_twice(world, &this);
    assert_history(world, &this, 2, NOW + 7);
    world_sql(world, "DELETE FROM credentials");
    world_sql(world, "DELETE FROM issuances");
    retain(world, NOW + 89 * CARNET_TIME_DAY);
    assert_history(world, &this, 2, NOW + 7);
    retain(world, NOW + 90 * CARNET_TIME_DAY);
    assert_history(world, &this, 0, 0);
}

static void
what_a_grant_had_before_version_10_counts(store_world *world)
{
    granted this = { 0 };

    issue_twice(world, &this);
    world_sql(
        world,
        "UPDATE issuances SET notification_hash = notification, notification = NULL WHERE valid_until < 1800000009");
    carnet_store_close(&world->store);
    world_sql(world, "DROP TABLE grant_issuances");
    world_sql(world, "UPDATE schema_version SET version = 9");
    world->store = world_open(world);
    assert_history(world, &this, 2, NOW + 7);
    this.key = 4;
    this.keys = 1;
    this.valid_until = NOW + 9;
    transact(world, issue, &this);
    assert_history(world, &this, 3, NOW + 9);
    assert_int_equal(world_sql(world, "SELECT count(notification) * 10 + count(notification_hash) FROM issuances"), 21);
}

int
main(void)
{
    static const both tests[] = {
        { "what is used once is used once, and a refusal uses nothing",
          what_is_used_once_is_used_once_and_a_refusal_uses_nothing, ANYWHERE },
        { "what has a time in it is used once whatever its end", what_has_a_time_in_it_is_used_once_whatever_its_end,
          ANYWHERE },
        { "a proof is used once whatever its time", a_proof_is_used_once_whatever_its_time, ANYWHERE },
        { "what earlier versions used is not used again", what_earlier_versions_used_is_not_used_again, ANYWHERE },
        { "what a grant had is counted as long as it is kept", what_a_grant_had_is_counted_as_long_as_it_is_kept,
          ANYWHERE },
        { "what a grant had before version 10 counts", what_a_grant_had_before_version_10_counts, ANYWHERE },
    };

    return world_run(tests, sizeof(tests) / sizeof(tests[0]));
}
