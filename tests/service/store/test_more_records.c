/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials and their status, what is deferred, the desk, settings, events. */
#include "carnet/store_credential.h"
#include "carnet/store_desk.h"
#include "carnet/store_event.h"
#include "service/store/world.h"

#include <string.h>

#define NOW 1800000000

typedef struct issuing {
    carnet_store_issuance issuance, found;
    carnet_store_credential keys[10];
    carnet_buf *room;
    uint64_t first_key;
    size_t which, seen;
    int64_t indices[10];
    carnet_rc rc;
} issuing;

static carnet_rc
issue(void *arg, carnet_store_session *session, carnet_err *err)
{
    issuing *this = arg;

    for (size_t i = 0; i < 10; i++)
        this->keys[i] =
            (carnet_store_credential){ .device_key = hash_of(this->first_key + i), .index = this->indices[i] };
    this->issuance = (carnet_store_issuance){
        .grant = 5,
        .configuration = text("mdl"),
        .doctype = text("org.iso.18013.5.1.mDL"),
        .subject = text("person"),
        .list = text("mdl"),
        .list_number = this->issuance.list_number,
        .notification_hash = hash_of(1000 + this->first_key),
        .issued = NOW,
        .valid_from = NOW,
        .valid_until = NOW + 1000,
        .count = 10,
        .credentials = this->keys,
    };
    this->rc = carnet_store_issuance_insert(session, &this->issuance, &this->which, err);
    return this->rc;
}

static void
take(store_world *world, issuing *this)
{
    carnet_err err = { 0 };
    int64_t number;

    assert_carnet_ok(carnet_store_status_take(world->store, text("mdl"), 1024, 10, this->indices, &number, &err), &err);
    this->issuance.list_number = number;
}

static bool
count_one(void *self, const carnet_store_credential *credential)
{
    issuing *this = self;

    assert_int_equal(credential->index, this->indices[this->seen]);
    this->seen++;
    return true;
}

static carnet_rc
list_keys(void *arg, carnet_store_session *session, carnet_err *err)
{
    issuing *this = arg;

    this->seen = 0;
    return carnet_store_credential_list(session, this->issuance.id, count_one, this, err);
}

static bool
count_status(void *self, const carnet_store_credential *credential)
{
    assert_int_equal(credential->status, CARNET_STORE_STATUS_INVALID);
    ++*(size_t *)self;
    return true;
}

static carnet_rc
set_invalid(void *arg, carnet_store_session *session, carnet_err *err)
{
    issuing *this = arg;

    return carnet_store_credential_set_status(session, this->issuance.id, CARNET_STORE_STATUS_INVALID, err);
}

static carnet_rc
list_invalid(void *arg, carnet_store_session *session, carnet_err *err)
{
    issuing *this = arg;

    this->seen = 0;
    return carnet_store_status_each(session, text("mdl"), this->issuance.list_number, count_status, &this->seen, err);
}

static void
a_batch_is_recorded_with_its_keys_and_indices(store_world *world)
{
    issuing this = { .room = &world->room, .first_key = 1 };

    take(world, &this);
    transact(world, issue, &this);
    look(world, list_keys, &this);
    assert_int_equal(this.seen, 10);
    look(world, list_invalid, &this);
    assert_int_equal(this.seen, 0);
    transact(world, set_invalid, &this);
    look(world, list_invalid, &this);
    assert_int_equal(this.seen, 10);
}

static void
a_device_key_gets_one_credential_ever(store_world *world)
{
    issuing this = { .room = &world->room, .first_key = 1 };
    carnet_err err = { 0 };

    take(world, &this);
    transact(world, issue, &this);
    take(world, &this);
    this.first_key = 8; /* 8, 9 and 10 are known */
    assert_carnet_rc(carnet_store_transact(world->store, issue, &this, &err), CARNET_E_STORE_REPLAYED);
    assert_int_equal(this.which, 0);
    this.first_key = 100;
    transact(world, issue, &this);
}

static carnet_rc
find_by_a_wrong_notification(void *arg, carnet_store_session *session, carnet_err *err)
{
    issuing *this = arg;
    carnet_store_issuance found;

    this->room->len = 0;
    return carnet_store_issuance_by_notification(session, this->issuance.id, hash_of(4711), &found, this->room, err);
}

static carnet_rc
notify(void *arg, carnet_store_session *session, carnet_err *err)
{
    issuing *this = arg;
    carnet_rc rc;

    this->room->len = 0;
    rc =
        carnet_store_issuance_by_notification(session, this->issuance.id, hash_of(1001), &this->found, this->room, err);
    if (rc != CARNET_OK)
        return rc;
    return carnet_store_issuance_notify(session, this->found.id, CARNET_STORE_ISSUANCE_ACCEPTED, NOW, err);
}

static bool
count_issuance(void *self, const carnet_store_issuance *issuance)
{
    issuing *this = self;

    assert_int_equal(issuance->state, CARNET_STORE_ISSUANCE_ACCEPTED);
    assert_true(carnet_str_is(issuance->doctype, "org.iso.18013.5.1.mDL"));
    assert_int_equal(issuance->count, 10);
    this->seen++;
    return true;
}

static carnet_rc
list_issuances(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_issuance_filter mine = { .subject = text("person"), .configuration = text("mdl") };
    carnet_store_issuance_filter other = { .subject = text("nobody") };
    issuing *this = arg;
    carnet_rc rc;

    this->seen = 0;
    if ((rc = carnet_store_issuance_list(session, &other, count_issuance, this, err)) != CARNET_OK)
        return rc;
    return carnet_store_issuance_list(session, &mine, count_issuance, this, err);
}

static void
a_wallets_notice_is_kept_and_may_be_repeated(store_world *world)
{
    issuing this = { .room = &world->room, .first_key = 1 };
    carnet_err err = { 0 };

    take(world, &this);
    transact(world, issue, &this);
    transact(world, notify, &this);
    transact(world, notify, &this);
    look(world, list_issuances, &this);
    assert_int_equal(this.seen, 1);
    assert_carnet_rc(carnet_store_transact(world->store, find_by_a_wrong_notification, &this, &err),
                     CARNET_E_STORE_ABSENT);
    this.issuance.id++;
    assert_carnet_rc(carnet_store_transact(world->store, notify, &this, &err), CARNET_E_STORE_ABSENT);
    world_sql(world, "UPDATE issuances SET notification_hash = notification, notification = NULL");
    this.issuance.id = 0; /* as an earlier version recorded it */
    transact(world, notify, &this);
}

static void
status_lists_are_filled_without_repetition_and_follow_each_other(store_world *world)
{
    static uint8_t met[8][1024];
    int64_t indices[100], number, ascending = 0, last = -1;
    carnet_err err = { 0 };

    memset(met, 0, sizeof(met));
    for (size_t round = 0; round < 30; round++) {
        assert_carnet_ok(carnet_store_status_take(world->store, text("pid"), 1000, 100, indices, &number, &err), &err);
        assert_in_range(number, 1, 7);
        for (size_t i = 0; i < 100; i++) {
            assert_in_range(indices[i], 0, 999);
            assert_int_equal(met[number][indices[i]]++, 0);
            ascending += indices[i] > last;
            last = indices[i];
        }
    }
    assert_in_range(ascending, 1200, 1800); /* of 3000: no order to be seen */
}

typedef struct waiting {
    carnet_store_deferred deferred, found;
    carnet_buf *room;
    carnet_rc rc[3];
} waiting;

static carnet_rc
defer(void *arg, carnet_store_session *session, carnet_err *err)
{
    waiting *this = arg;
    carnet_rc rc;

    this->deferred = (carnet_store_deferred){ .transaction_hash = hash_of(1),
                                              .grant = 4,
                                              .interval = 5,
                                              .configuration = text("mdl"),
                                              .request = hash_of(2),
                                              .created = NOW,
                                              .expires = NOW + 100 };
    if ((rc = carnet_store_deferred_insert(session, &this->deferred, err)) != CARNET_OK)
        return rc;
    this->rc[0] = carnet_store_deferred_decide(session, this->deferred.id, CARNET_STORE_DEFERRED_READY, text(""), err);
    this->rc[1] = carnet_store_deferred_finish(session, this->deferred.id, 12, err);
    this->rc[2] = carnet_store_deferred_finish(session, this->deferred.id, 12, err);
    this->room->len = 0;
    return carnet_store_deferred_by_transaction(session, hash_of(1), &this->found, this->room, err);
}

static void
a_deferred_issuance_is_finished_once(store_world *world)
{
    waiting this = { .room = &world->room };

    transact(world, defer, &this);
    assert_carnet_ok(this.rc[0], NULL);
    assert_carnet_ok(this.rc[1], NULL);
    assert_carnet_rc(this.rc[2], CARNET_E_STORE_STATE);
    assert_int_equal(this.found.state, CARNET_STORE_DEFERRED_DONE);
    assert_int_equal(this.found.issuance, 12);
    assert_int_equal(this.found.request.len, 0);
}

typedef struct desk {
    carnet_store_officer officer;
    carnet_store_enrolment first, second;
    carnet_store_browser browser;
    carnet_buf *room;
    carnet_rc rc[4];
    size_t listed;
} desk;

static bool
count_enrolment(void *self, const carnet_store_enrolment *enrolment)
{
    assert_int_equal(enrolment->attributes.len, 0);
    ++*(size_t *)self;
    return true;
}

static carnet_rc
work_at_the_desk(void *arg, carnet_store_session *session, carnet_err *err)
{
    desk *this = arg;
    carnet_store_officer again = { .login = text("eva"), .name = text("Eva"), .role = CARNET_STORE_ROLE_OFFICER };
    carnet_store_enrolment made = { .reference_hash = hash_of(1),
                                    .authorization = 8,
                                    .number = text("A-17"),
                                    .created = NOW,
                                    .changed = NOW,
                                    .expires = NOW + 50 };
    carnet_store_enrolment_filter filter = { .officer = text("eva"), .now = NOW };

    this->room->len = 0;
    this->rc[0] = carnet_store_officer_insert(session, &again, err);
    if (this->rc[0] != CARNET_OK)
        return this->rc[0];
    this->rc[1] = carnet_store_enrolment_insert(session, &made, err);
    if (carnet_store_enrolment_by_reference(session, hash_of(1), &this->first, this->room, err) != CARNET_OK ||
        carnet_store_enrolment_by_authorization(session, 8, &this->second, this->room, err) != CARNET_OK)
        return CARNET_E_STORE_FAILED;
    this->first.officer = text("eva");
    this->first.attributes = CARNET_TEST_BYTES("sealed");
    this->first.state = CARNET_STORE_ENROLMENT_OPEN;
    this->rc[2] = carnet_store_enrolment_update(session, &this->first, err);
    this->rc[3] = carnet_store_enrolment_update(session, &this->second, err);
    this->listed = 0;
    return carnet_store_enrolment_list(session, &filter, count_enrolment, &this->listed, err);
}

static void
two_who_save_one_case_do_not_overwrite_each_other(store_world *world)
{
    desk this = { .room = &world->room };
    carnet_err err = { 0 };

    transact(world, work_at_the_desk, &this);
    assert_carnet_ok(this.rc[2], NULL);
    assert_carnet_rc(this.rc[3], CARNET_E_STORE_STATE);
    assert_int_equal(this.first.version, 1);
    assert_int_equal(this.listed, 1);
    assert_carnet_rc(carnet_store_transact(world->store, work_at_the_desk, &this, &err), CARNET_E_STORE_TWICE);
}

static carnet_rc
log_in(void *arg, carnet_store_session *session, carnet_err *err)
{
    desk *this = arg;
    carnet_store_officer made = { .login = text("max"), .secret = text("verifier"), .role = CARNET_STORE_ROLE_AUDITOR };
    carnet_store_browser browser = { .hash = hash_of(9), .kind = text("officer"), .expires = NOW };
    carnet_rc rc;

    this->room->len = 0;
    if ((rc = carnet_store_officer_insert(session, &made, err)) != CARNET_OK ||
        (rc = carnet_store_officer_refused(session, made.id, NOW + 60, err)) != CARNET_OK ||
        (rc = carnet_store_officer_refused(session, made.id, NOW + 90, err)) != CARNET_OK ||
        (rc = carnet_store_officer_by_login(session, text("max"), &this->officer, this->room, err)) != CARNET_OK)
        return rc;
    browser.officer = made.id;
    if ((rc = carnet_store_browser_insert(session, &browser, err)) != CARNET_OK)
        return rc;
    browser.seen = NOW + 1;
    this->rc[0] = carnet_store_browser_update(session, &browser, err);
    this->rc[1] = carnet_store_browser_by_hash(session, hash_of(9), &this->browser, this->room, err);
    if ((rc = carnet_store_browser_delete_officer(session, made.id, err)) != CARNET_OK)
        return rc;
    this->rc[2] = carnet_store_browser_by_hash(session, hash_of(9), &browser, this->room, err);
    return CARNET_OK;
}

static void
log_ins_are_counted_and_sessions_end(store_world *world)
{
    desk this = { .room = &world->room };

    transact(world, log_in, &this);
    assert_int_equal(this.officer.failures, 2);
    assert_int_equal(this.officer.locked, NOW + 90);
    assert_true(carnet_str_is(this.officer.secret, "verifier"));
    assert_carnet_ok(this.rc[1], NULL);
    assert_int_equal(this.browser.seen, NOW + 1);
    assert_true(this.browser.officer == this.officer.id);
    assert_carnet_rc(this.rc[2], CARNET_E_STORE_ABSENT);
}

static carnet_rc
agree(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_span *stored = arg;
    static uint8_t octets[64];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));

    return carnet_store_setting_agree(session, "key", *stored, stored, &room, err);
}

static void
the_first_setting_wins(store_world *world)
{
    carnet_span first = CARNET_TEST_BYTES("one"), second = CARNET_TEST_BYTES("two");

    transact(world, agree, &first);
    transact(world, agree, &second);
    assert_span_equal(second, CARNET_TEST_BYTES("one"));
}

typedef struct counted {
    carnet_store_event_count list[16];
    char labels[16][16];
    size_t count;
    carnet_store_event_by by;
} counted;

static carnet_rc
happen(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    (void)arg;
    for (int64_t i = 0; rc == CARNET_OK && i < 24; i++) {
        carnet_store_event event = { .at = NOW + i * 1800,
                                     .kind = text(i % 2 == 0 ? "credential" : "token"),
                                     .outcome = i == 5 ? CARNET_STORE_OUTCOME_REFUSED : CARNET_STORE_OUTCOME_DONE,
                                     .reason = text(i == 5 ? "invalid_grant" : ""),
                                     .count = i % 2 == 0 ? 10 : 0 };

        rc = carnet_store_event_insert(session, &event, err);
    }
    return rc;
}

static bool
keep_count(void *self, const carnet_store_event_count *count)
{
    counted *this = self;

    assert_in_range(this->count, 0, 15);
    memcpy(this->labels[this->count], count->label.ptr == NULL ? "" : count->label.ptr, count->label.len);
    this->list[this->count++] = *count;
    return true;
}

static carnet_rc
count_events(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_store_event_filter filter = { .from = NOW, .until = NOW + 6 * 3600 };
    counted *this = arg;

    this->count = 0;
    memset(this->labels, 0, sizeof(this->labels));
    return carnet_store_event_counts(session, &filter, this->by, 3 * 3600, keep_count, this, err);
}

static void
events_are_counted_by_time_and_kind(store_world *world)
{
    counted this = { .by = CARNET_STORE_BY_KIND };

    transact(world, happen, NULL);
    look(world, count_events, &this);
    assert_int_equal(this.count, 5);
    assert_int_equal(this.list[0].from, NOW);
    assert_string_equal(this.labels[0], "credential");
    assert_int_equal(this.list[0].events, 3);
    assert_int_equal(this.list[0].count, 30);
    assert_string_equal(this.labels[2], "token");
    assert_int_equal(this.list[2].outcome, CARNET_STORE_OUTCOME_REFUSED);
    assert_int_equal(this.list[2].events, 1);
    assert_int_equal(this.list[3].from, NOW + 3 * 3600);
    for (this.by = CARNET_STORE_BY_CONFIGURATION; this.by <= CARNET_STORE_BY_ACTOR; this.by++) {
        look(world, count_events, &this);
        assert_int_equal(this.count, 3);
    }
}

int
main(void)
{
    static const both tests[] = {
        { "a batch is recorded with its keys and indices", a_batch_is_recorded_with_its_keys_and_indices, ANYWHERE },
        { "a device key gets one credential ever", a_device_key_gets_one_credential_ever, ANYWHERE },
        { "a wallet's notice is kept and may be repeated", a_wallets_notice_is_kept_and_may_be_repeated, ANYWHERE },
        { "status lists are filled without repetition and follow each other",
          status_lists_are_filled_without_repetition_and_follow_each_other, ANYWHERE },
        { "a deferred issuance is finished once", a_deferred_issuance_is_finished_once, ANYWHERE },
        { "two who save one case do not overwrite each other", two_who_save_one_case_do_not_overwrite_each_other,
          ANYWHERE },
        { "log-ins are counted and sessions end", log_ins_are_counted_and_sessions_end, ANYWHERE },
        { "the first setting wins", the_first_setting_wins, ANYWHERE },
        { "events are counted by time and kind", events_are_counted_by_time_and_kind, ANYWHERE },
    };

    return world_run(tests, sizeof(tests) / sizeof(tests[0]));
}
