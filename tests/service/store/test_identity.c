/* SPDX-License-Identifier: Apache-2.0 */
/* What the identity provider keeps: accounts, devices, keys, certificates, sessions, notices. */
#include "carnet/store_identity.h"
#include "service/store/world.h"

#include <string.h>

#define NOW 1800000000

/* One record of each kind, and what came of the last step. */
typedef struct provider {
    carnet_store_identity_account account;
    carnet_store_identity_device device;
    carnet_store_identity_key key;
    carnet_store_identity_session session;
    carnet_store_identity_notice notice;
    carnet_store_identity_certificate certificate;
    carnet_store_identity_bootstrap bootstrap;
    carnet_buf *room;
    carnet_span hash;
    int64_t id, seen[8];
    size_t count, limit;
    carnet_rc rc;
} provider;

static carnet_store_identity_session
session_of(uint64_t number)
{
    return (carnet_store_identity_session){ .session_hash = hash_of(number),
                                            .party = text("bank-a"),
                                            .request_hash = hash_of(number + 100000),
                                            .body_hash = hash_of(number + 200000),
                                            .account = 1,
                                            .device = 2,
                                            .transaction_hash = hash_of(300000),
                                            .created = NOW,
                                            .expires = NOW + 120,
                                            .state = 1,
                                            .attempts_max = 5,
                                            .max_age = 60,
                                            .trustmark = 2,
                                            .changed = NOW,
                                            .notice = 1,
                                            .request = CARNET_TEST_BYTES("sealed") };
}

/* --- accounts --- */

static carnet_rc
insert_account(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    return this->rc = carnet_store_identity_account_insert(session, &this->account, err);
}

static carnet_rc
find_account(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    return this->rc = carnet_store_identity_account_by_user(session, text("u-1"), &this->account, this->room, err);
}

static carnet_rc
change_account(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;
    carnet_rc rc = carnet_store_identity_account_by_id(session, this->id, &this->account, this->room, err);

    this->account.state = CARNET_STORE_ACCOUNT_SUSPENDED;
    this->account.failures = 3;
    this->account.locked = NOW + 60;
    this->account.changed = NOW + 1;
    if (rc == CARNET_OK)
        rc = carnet_store_identity_account_update(session, &this->account, err);
    return this->rc = rc;
}

static void
an_account_is_kept_and_changed(store_world *world)
{
    provider this = { .room = &world->room,
                      .account = { .user_id = text("u-1"),
                                   .state = CARNET_STORE_ACCOUNT_ACTIVE,
                                   .level = 2,
                                   .created = NOW,
                                   .changed = NOW,
                                   .pin = text("$argon2id$") } };

    transact(world, insert_account, &this);
    this.id = this.account.id;
    assert_int_not_equal(this.id, 0);
    this.account = (carnet_store_identity_account){ 0 };
    transact(world, change_account, &this);
    this.account = (carnet_store_identity_account){ 0 };
    look(world, find_account, &this);
    assert_int_equal(this.account.id, this.id);
    assert_str_is(this.account.user_id, "u-1");
    assert_str_is(this.account.pin, "$argon2id$");
    assert_true(this.account.state == CARNET_STORE_ACCOUNT_SUSPENDED && this.account.failures == 3);
    assert_true(this.account.locked == NOW + 60 && this.account.level == 2 && this.account.created == NOW);
}

static void
a_user_has_one_account(store_world *world)
{
    provider this = { .room = &world->room, .account = { .user_id = text("u-1"), .state = 1 } };

    transact(world, insert_account, &this);
    this.account = (carnet_store_identity_account){ .user_id = text("u-1"), .state = 1 };
    assert_carnet_rc(carnet_store_transact(world->store, insert_account, &this, NULL), CARNET_E_STORE_STATE);
    this.id = 4711;
    assert_carnet_rc(carnet_store_transact(world->store, change_account, &this, NULL), CARNET_E_STORE_ABSENT);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM identity_accounts"), 1);
}

/* --- devices and keys --- */

static bool
see_device(void *self, const carnet_store_identity_device *device)
{
    provider *this = self;

    this->seen[this->count++] = device->id;
    return this->count < this->limit;
}

static bool
see_key(void *self, const carnet_store_identity_key *key)
{
    provider *this = self;

    this->seen[this->count++] = key->sign_count;
    return this->count < this->limit;
}

static carnet_rc
enrol(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;
    carnet_rc rc = carnet_store_identity_device_insert(session, &this->device, err);

    this->key.device = this->device.id;
    if (rc == CARNET_OK)
        rc = carnet_store_identity_key_insert(session, &this->key, err);
    return this->rc = rc;
}

static carnet_rc
change_device(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;
    carnet_rc rc = carnet_store_identity_device_by_device_id(session, text("d-1"), &this->device, this->room, err);

    this->device.state = CARNET_STORE_DEVICE_BLOCKED;
    this->device.counter = 43;
    this->device.answered = 42;
    this->device.secrets = CARNET_TEST_BYTES("sealed again");
    if (rc == CARNET_OK)
        rc = carnet_store_identity_device_update(session, &this->device, err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_key_by_thumbprint(session, hash_of(7), &this->key, this->room, err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_key_used(session, this->key.id, 9, err);
    return this->rc = rc;
}

static carnet_rc
list_device(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;
    carnet_rc rc = carnet_store_identity_device_by_id(session, this->id, &this->device, this->room, err);

    this->count = 0;
    if (rc == CARNET_OK)
        rc = carnet_store_identity_device_list(session, 5, see_device, this, err);
    if (rc == CARNET_OK)
        rc = carnet_store_identity_key_list(session, this->id, see_key, this, err);
    return rc;
}

static carnet_rc
drop_keys(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    return carnet_store_identity_key_delete_device(session, this->id, err);
}

static provider
enrolling(store_world *world)
{
    return (provider){ .room = &world->room,
                       .limit = 8,
                       .device = { .device_id = text("d-1"),
                                   .account = 5,
                                   .profile = text("p"),
                                   .state = CARNET_STORE_DEVICE_ACTIVATED,
                                   .name = text("phone"),
                                   .os = text("o"),
                                   .spki = hash_of(6),
                                   .serial = CARNET_TEST_BYTES("serial"),
                                   .not_after = NOW + 1000,
                                   .counter = 1,
                                   .abilities = 12,
                                   .flags = CARNET_STORE_DEVICE_PAD,
                                   .created = NOW,
                                   .changed = NOW,
                                   .secrets = CARNET_TEST_BYTES("sealed") },
                       .key = { .kind = 1,
                                .name = text("SA-KEY-1"),
                                .thumbprint = hash_of(7),
                                .spki = CARNET_TEST_BYTES("spki"),
                                .flags = CARNET_STORE_KEY_HARDWARE } };
}

static void
a_device_is_enrolled_with_its_keys(store_world *world)
{
    provider this = enrolling(world);

    transact(world, enrol, &this);
    this.id = this.device.id;
    transact(world, change_device, &this);
    assert_str_is(this.key.name, "SA-KEY-1");
    assert_true(this.key.device == this.id && this.key.flags == CARNET_STORE_KEY_HARDWARE);
    look(world, list_device, &this);
    assert_int_equal(this.count, 2);
    assert_int_equal(this.seen[0], this.id);
    assert_int_equal(this.seen[1], 9);
    assert_span_equal(this.device.secrets, CARNET_TEST_BYTES("sealed again"));
    assert_span_equal(this.device.serial, CARNET_TEST_BYTES("serial"));
    assert_span_equal(this.device.spki, hash_of(6));
    assert_true(this.device.state == CARNET_STORE_DEVICE_BLOCKED && this.device.counter == 43);
    assert_true(this.device.answered == 42 && this.device.abilities == 12 && this.device.push.len == 0);
    transact(world, drop_keys, &this);
    look(world, list_device, &this);
    assert_int_equal(this.count, 1);
}

static void
a_key_is_one_devices(store_world *world)
{
    provider this = enrolling(world), other = enrolling(world);

    transact(world, enrol, &this);
    other.device.device_id = text("d-2");
    assert_carnet_rc(carnet_store_transact(world->store, enrol, &other, NULL), CARNET_E_STORE_STATE);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM identity_devices"), 1);
    other = enrolling(world);
    other.key.thumbprint = hash_of(8);
    assert_carnet_rc(carnet_store_transact(world->store, enrol, &other, NULL), CARNET_E_STORE_STATE);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM identity_keys"), 1);
}

/* --- certificates --- */

static carnet_rc
certify(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;
    carnet_rc rc = carnet_store_identity_certificate_insert(session, &this->certificate, err);

    if (rc == CARNET_OK)
        rc = carnet_store_identity_bootstrap_insert(session, &this->bootstrap, err);
    return this->rc = rc;
}

static carnet_rc
revoke(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_rc rc = carnet_store_identity_certificate_revoke(session, CARNET_TEST_BYTES("one"), text("lost"), NOW, err);

    (void)arg;
    if (rc == CARNET_OK)
        rc = carnet_store_identity_certificate_revoke_device(session, 5, text("removed"), NOW + 5, err);
    return rc;
}

static carnet_rc
use_bootstrap(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    this->bootstrap.used = NOW + 1;
    return carnet_store_identity_bootstrap_update(session, &this->bootstrap, err);
}

static carnet_rc
find_certificates(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;
    carnet_rc rc =
        carnet_store_identity_certificate_by_serial(session, this->hash, &this->certificate, this->room, err);

    if (rc == CARNET_OK)
        rc = carnet_store_identity_bootstrap_by_serial(session, this->hash, &this->bootstrap, this->room, err);
    return this->rc = rc;
}

static void
a_certificate_is_revoked_once(store_world *world)
{
    static const char *const serials[] = { "one", "two", "three" };
    provider this = { .room = &world->room };

    for (size_t i = 0; i < CARNET_COUNT(serials); i++) {
        const carnet_span serial = carnet_str_bytes(text(serials[i]));

        this.certificate = (carnet_store_identity_certificate){
            .serial = serial, .device = i == 2 ? 6 : 5, .issued = NOW, .not_after = NOW + 9
        };
        this.bootstrap = (carnet_store_identity_bootstrap){ .serial = serial, .account = 3, .expires = NOW + 7 };
        transact(world, certify, &this);
    }
    assert_carnet_rc(carnet_store_transact(world->store, certify, &this, NULL), CARNET_E_STORE_STATE);
    transact(world, use_bootstrap, &this);
    transact(world, revoke, NULL);
    for (size_t i = 0; i < CARNET_COUNT(serials); i++) {
        this.hash = carnet_str_bytes(text(serials[i]));
        look(world, find_certificates, &this);
        assert_int_equal(this.certificate.revoked, i == 0 ? NOW : i == 1 ? NOW + 5 : 0);
        assert_str_is(this.certificate.reason, i == 0 ? "lost" : i == 1 ? "removed" : "");
        assert_int_equal(this.bootstrap.used, i == 2 ? NOW + 1 : 0);
        assert_true(this.bootstrap.account == 3 && this.certificate.not_after == NOW + 9);
    }
    this.hash = CARNET_TEST_BYTES("four");
    assert_carnet_rc(carnet_store_read(world->store, find_certificates, &this, NULL), CARNET_E_STORE_ABSENT);
}

/* --- sessions --- */

static bool
see_session(void *self, const carnet_store_identity_session *record)
{
    provider *this = self;

    this->seen[this->count++] = record->id;
    return this->count < CARNET_COUNT(this->seen);
}

static carnet_rc
insert_session(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    return this->rc = carnet_store_identity_session_insert(session, &this->session, err);
}

static carnet_rc
answer_session(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;
    carnet_store_identity_session *s = &this->session;
    carnet_rc rc = carnet_store_identity_session_by_hash(session, hash_of(1), s, this->room, err);

    s->state = 3;
    s->auth_time = NOW + 9;
    s->active_until = NOW + 309;
    s->registrations = 1;
    s->challenge = hash_of(9);
    s->counter = 42;
    s->level = 3;
    s->vot = text("Cb.Ce");
    s->methods = text("hwk fpt");
    s->token_id = text("t");
    s->version++;
    s->facts = CARNET_TEST_BYTES("facts");
    if (rc == CARNET_OK)
        rc = carnet_store_identity_session_update(session, s, err);
    return this->rc = rc;
}

static carnet_rc
find_session(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;
    carnet_rc rc = carnet_store_identity_session_by_request(session, hash_of(100001), &this->session, this->room, err);

    if (rc == CARNET_OK)
        rc = carnet_store_identity_session_by_id(session, this->session.id, &this->session, this->room, err);
    return this->rc = rc;
}

static void
a_session_is_found_by_what_it_is_asked_for(store_world *world)
{
    provider this = { .room = &world->room, .session = session_of(1) };

    transact(world, insert_session, &this);
    transact(world, answer_session, &this);
    this.session = (carnet_store_identity_session){ 0 };
    look(world, find_session, &this);
    assert_span_equal(this.session.session_hash, hash_of(1));
    assert_span_equal(this.session.body_hash, hash_of(200001));
    assert_span_equal(this.session.challenge, hash_of(9));
    assert_span_equal(this.session.request, CARNET_TEST_BYTES("sealed"));
    assert_span_equal(this.session.facts, CARNET_TEST_BYTES("facts"));
    assert_str_is(this.session.party, "bank-a");
    assert_str_is(this.session.vot, "Cb.Ce");
    assert_str_is(this.session.methods, "hwk fpt");
    assert_str_is(this.session.token_id, "t");
    assert_true(this.session.state == 3 && this.session.level == 3 && this.session.counter == 42);
    assert_true(this.session.version == 1 && this.session.trustmark == 2 && this.session.max_age == 60);
    assert_true(this.session.active_until == NOW + 309 && this.session.notice == 1 && this.session.parent == 0);
}

static void
a_request_opens_one_session(store_world *world)
{
    provider this = { .room = &world->room, .session = session_of(1) };

    transact(world, insert_session, &this);
    this.session = session_of(2);
    this.session.request_hash = hash_of(100001);
    assert_carnet_rc(carnet_store_transact(world->store, insert_session, &this, NULL), CARNET_E_STORE_STATE);
    for (uint64_t i = 3; i < 5; i++) { /* without an identifier there may be many */
        this.session = session_of(i);
        this.session.request_hash = (carnet_span){ 0 };
        transact(world, insert_session, &this);
    }
    assert_int_equal(world_sql(world, "SELECT count(*) FROM identity_sessions"), 3);
}

static carnet_rc
list_open(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    this->count = 0;
    return carnet_store_identity_session_open(session, 2, NOW, this->limit, see_session, this, err);
}

static carnet_rc
list_transaction(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    this->count = 0;
    return carnet_store_identity_session_transaction(session, hash_of(300000), NOW, this->limit, see_session, this,
                                                     err);
}

static carnet_rc
list_all(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    this->count = 0;
    return carnet_store_identity_session_list(session, this->id, this->limit, see_session, this, err);
}

static carnet_rc
cancel_all(void *arg, carnet_store_session *session, carnet_err *err)
{
    (void)arg;
    return carnet_store_identity_session_cancel_device(session, 2, text("removed"), NOW + 1, err);
}

/* Six: of the device, of it, answered, over, of another device, of another transaction. */
static void
lists_have_what_can_still_be_answered(store_world *world)
{
    provider this = { .room = &world->room, .limit = 8, .id = INT64_MAX };
    int64_t ids[6];

    for (uint64_t i = 0; i < 6; i++) {
        this.session = session_of(i);
        this.session.state = i == 2 ? 3 : 1 + (int64_t)(i & 1);
        this.session.expires = i == 3 ? NOW : NOW + 120;
        this.session.device = i == 4 ? 77 : 2;
        this.session.transaction_hash = hash_of(i == 5 ? 5 : 300000);
        transact(world, insert_session, &this);
        ids[i] = this.session.id;
    }
    look(world, list_open, &this);
    assert_int_equal(this.count, 3);
    assert_true(this.seen[0] == ids[0] && this.seen[1] == ids[1] && this.seen[2] == ids[5]);
    look(world, list_transaction, &this);
    assert_int_equal(this.count, 3);
    assert_true(this.seen[0] == ids[0] && this.seen[1] == ids[1] && this.seen[2] == ids[4]);
    this.limit = 2;
    look(world, list_open, &this);
    assert_int_equal(this.count, 2);
    look(world, list_all, &this);
    assert_true(this.count == 2 && this.seen[0] == ids[5] && this.seen[1] == ids[4]);
    this.id = ids[4];
    look(world, list_all, &this);
    assert_true(this.count == 2 && this.seen[0] == ids[3] && this.seen[1] == ids[2]);
    transact(world, cancel_all, &this);
    look(world, list_open, &this);
    assert_int_equal(this.count, 0);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM identity_sessions WHERE state = 6 AND version = 1"), 3);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM identity_sessions WHERE state = 3"), 1);
}

/* --- notices --- */

static bool
see_notice(void *self, const carnet_store_identity_notice *notice)
{
    provider *this = self;

    this->notice = *notice;
    this->seen[this->count++] = notice->id;
    return this->count < CARNET_COUNT(this->seen);
}

static carnet_rc
insert_notice(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_identity_notice_insert(session, &((provider *)arg)->notice, err);
}

static carnet_rc
list_due(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    this->count = 0;
    return carnet_store_identity_notice_due(session, this->id, 8, see_notice, this, err);
}

static carnet_rc
claim(void *arg, carnet_store_session *session, carnet_err *err)
{
    provider *this = arg;

    return carnet_store_identity_notice_claim(session, this->notice.id, this->notice.due, NOW + 30, err);
}

static carnet_rc
sent(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_identity_notice_delete(session, ((provider *)arg)->notice.id, err);
}

static carnet_rc
forward(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_identity_notice_forward(session, ((provider *)arg)->notice.id, NOW, NOW + 100, err);
}

static void
a_notice_is_taken_by_one_and_not_brought_forward_then(store_world *world)
{
    provider this = { .room = &world->room, .id = NOW };

    for (int64_t i = 0; i < 2; i++) {
        this.notice = (carnet_store_identity_notice){
            .session = 3, .kind = CARNET_STORE_NOTICE_PING, .due = NOW + 2 - i, .expires = NOW + 200
        };
        transact(world, insert_notice, &this);
    }
    look(world, list_due, &this);
    assert_int_equal(this.count, 0);
    transact(world, forward, &this);
    look(world, list_due, &this);
    assert_int_equal(this.count, 1);
    assert_true(this.notice.session == 3 && this.notice.kind == CARNET_STORE_NOTICE_PING && this.notice.attempts == 0);
    transact(world, claim, &this);
    assert_carnet_rc(carnet_store_transact(world->store, claim, &this, NULL), CARNET_E_STORE_STATE);
    assert_carnet_rc(carnet_store_transact(world->store, forward, &this, NULL), CARNET_E_STORE_STATE);
    look(world, list_due, &this);
    assert_int_equal(this.count, 0);
    this.id = NOW + 30;
    look(world, list_due, &this);
    assert_int_equal(this.count, 2);
    assert_true(this.notice.attempts == 1 && this.notice.due == NOW + 30 && this.notice.expires == NOW + 100);
    transact(world, sent, &this);
    look(world, list_due, &this);
    assert_int_equal(this.count, 1);
}

int
main(void)
{
    const both tests[] = {
        { "an account is kept and changed", an_account_is_kept_and_changed, ANYWHERE },
        { "a user has one account", a_user_has_one_account, ANYWHERE },
        { "a device is enrolled with its keys", a_device_is_enrolled_with_its_keys, ANYWHERE },
        { "a key is one device's", a_key_is_one_devices, ANYWHERE },
        { "a certificate is revoked once", a_certificate_is_revoked_once, ANYWHERE },
        { "a session is found by what it is asked for", a_session_is_found_by_what_it_is_asked_for, ANYWHERE },
        { "a request opens one session", a_request_opens_one_session, ANYWHERE },
        { "lists have what can still be answered", lists_have_what_can_still_be_answered, ANYWHERE },
        { "a notice is taken by one, and not brought forward then",
          a_notice_is_taken_by_one_and_not_brought_forward_then, ANYWHERE },
    };

    return world_run(tests, CARNET_COUNT(tests));
}
