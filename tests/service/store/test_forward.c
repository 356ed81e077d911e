/* SPDX-License-Identifier: Apache-2.0 */
/* Store and forward: what the acquiring switch keeps for issuers. */
#include "carnet/store_forward.h"
#include "service/store/world.h"

#include <string.h>

typedef struct forwards {
    carnet_store_forward one;
    carnet_store_forward_state state;
    int64_t after, ids[16];
    char traces[16][8], reasons[16][8];
    uint8_t message[16];
    size_t count, limit, message_len;
} forwards;

static carnet_str
text_of(const char *text)
{
    return carnet_str_of(text);
}

static carnet_rc
insert(void *arg, carnet_store_session *session, carnet_err *err)
{
    forwards *f = arg;

    f->one.id = 0;
    return carnet_store_forward_insert(session, &f->one, err);
}

static carnet_rc
insert_and_fail(void *arg, carnet_store_session *session, carnet_err *err)
{
    const carnet_rc rc = insert(arg, session, err);

    return rc == CARNET_OK ? carnet_fail(err, CARNET_E_USAGE, NULL, "on purpose") : rc;
}

static carnet_rc
delete_one(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_forward_delete(session, ((forwards *)arg)->one.id, err);
}

static carnet_rc
change(void *arg, carnet_store_session *session, carnet_err *err)
{
    forwards *f = arg;

    return carnet_store_forward_change(session, f->one.id, f->one.state, f->one.reason, err);
}

static bool
see(void *arg, const carnet_store_forward *forward)
{
    forwards *f = arg;

    f->ids[f->count] = forward->id;
    memcpy(f->traces[f->count], forward->trace.ptr, forward->trace.len);
    f->traces[f->count][forward->trace.len] = '\0';
    if (forward->reason.len != 0)
        memcpy(f->reasons[f->count], forward->reason.ptr, forward->reason.len);
    f->reasons[f->count][forward->reason.len] = '\0';
    memcpy(f->message, forward->message.ptr, forward->message.len);
    f->message_len = forward->message.len;
    return ++f->count < CARNET_COUNT(f->ids);
}

static carnet_rc
list(void *arg, carnet_store_session *session, carnet_err *err)
{
    forwards *f = arg;

    f->count = 0;
    return carnet_store_forward_list(session, f->state, f->after, f->limit, see, f, err);
}

static void
does(const store_world *world, carnet_store_work *work, forwards *f)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_transact(world->store, work, f, &err), &err);
}

static void
listed(const store_world *world, carnet_store_forward_state state, forwards *f)
{
    carnet_err err = { 0 };

    f->state = state;
    assert_carnet_ok(carnet_store_read(world->store, list, f, &err), &err);
}

static forwards
three(const store_world *world, int64_t ids[3])
{
    static const char *const traces[] = { "000001", "000002", "000003" };
    forwards f = { .one = { .link = text_of("bank"),
                            .state = CARNET_STORE_FORWARD_QUEUED,
                            .created = 1800000000,
                            .kind = text_of("0420"),
                            .terminal = text_of("ATM00001"),
                            .message = CARNET_TEST_BYTES("\0sealed\xff") } };

    for (size_t i = 0; i < 3; i++) {
        f.one.trace = text_of(traces[i]);
        does(world, insert, &f);
        ids[i] = f.one.id;
    }
    return f;
}

/* --- who sends --- */

typedef struct claiming {
    const char *holder, *gone;
    int64_t now, until;
    char is[16];
    int64_t held_until, inserts;
} claiming;

static carnet_rc
claim(void *arg, carnet_store_session *session, carnet_err *err)
{
    claiming *c = arg;
    uint8_t octets[16];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_store_forward_claim got, again;
    carnet_rc rc = carnet_store_forward_claim_send(session, text_of(c->holder), text_of(c->gone), c->now, c->until,
                                                   &got, &room, err);

    if (rc != CARNET_OK)
        return rc;
    memcpy(c->is, got.holder.ptr, got.holder.len);
    c->is[got.holder.len] = '\0';
    c->held_until = got.until;
    c->inserts = got.inserts;
    room.len = 0;
    rc = carnet_store_forward_claim_get(session, &again, &room, err);
    assert_int_equal(again.until, c->held_until);
    return rc;
}

static carnet_rc
count(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_forward_count(session, text_of(arg), err);
}

static void
claims(const store_world *world, claiming c, const char *holder, int64_t until, int64_t inserts)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_transact(world->store, claim, &c, &err), &err);
    assert_string_equal(c.is, holder);
    assert_int_equal(c.held_until, until);
    assert_int_equal(c.inserts, inserts);
}

static void
one_sends_until_its_time_is_over_or_it_is_gone(store_world *world)
{
    claims(world, (claiming){ .holder = "a", .gone = "", .now = 1000, .until = 6000 }, "a", 6000, 0);
    claims(world, (claiming){ .holder = "b", .gone = "", .now = 5999, .until = 9000 }, "a", 6000, 0);
    claims(world, (claiming){ .holder = "b", .gone = "c", .now = 5999, .until = 9000 }, "a", 6000, 0);
    claims(world, (claiming){ .holder = "a", .gone = "", .now = 5999, .until = 8000 }, "a", 8000, 0);
    claims(world, (claiming){ .holder = "b", .gone = "", .now = 8000, .until = 9000 }, "b", 9000, 0);
    claims(world, (claiming){ .holder = "a", .gone = "b", .now = 8001, .until = 9500 }, "a", 9500, 0);
    claims(world, (claiming){ .holder = "a", .gone = "", .now = 0, .until = 0 }, "a", 0, 0);
    claims(world, (claiming){ .holder = "b", .gone = "", .now = 1, .until = 7000 }, "b", 7000, 0);
}

static void
what_others_insert_is_counted(store_world *world)
{
    carnet_err err = { 0 };

    claims(world, (claiming){ .holder = "a", .gone = "", .now = 1000, .until = 6000 }, "a", 6000, 0);
    assert_carnet_ok(carnet_store_transact(world->store, count, (void *)(uintptr_t) "a", &err), &err);
    claims(world, (claiming){ .holder = "a", .gone = "", .now = 1000, .until = 6000 }, "a", 6000, 0);
    assert_carnet_ok(carnet_store_transact(world->store, count, (void *)(uintptr_t) "b", &err), &err);
    claims(world, (claiming){ .holder = "a", .gone = "", .now = 1000, .until = 6000 }, "a", 6000, 1);
}

static void
what_is_kept_comes_in_its_order(store_world *world)
{
    int64_t ids[3];
    forwards f = three(world, ids);

    assert_true(ids[0] < ids[1] && ids[1] < ids[2]);
    listed(world, CARNET_STORE_FORWARD_QUEUED, &f);
    assert_int_equal(f.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(f.ids[i], ids[i]);
    assert_string_equal(f.traces[2], "000003");
    assert_span_equal(carnet_span_of(f.message, f.message_len), CARNET_TEST_BYTES("\0sealed\xff"));
    f.after = ids[0];
    f.limit = 1;
    listed(world, CARNET_STORE_FORWARD_QUEUED, &f);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.ids[0], ids[1]);
}

static void
what_is_settled_is_gone_and_again_changes_nothing(store_world *world)
{
    int64_t ids[3];
    forwards f = three(world, ids);

    f.one.id = ids[1];
    does(world, delete_one, &f);
    does(world, delete_one, &f);
    f.one.state = CARNET_STORE_FORWARD_HELD;
    does(world, change, &f); /* of what is not there */
    listed(world, CARNET_STORE_FORWARD_QUEUED, &f);
    assert_int_equal(f.count, 2);
    listed(world, CARNET_STORE_FORWARD_HELD, &f);
    assert_int_equal(f.count, 0);
}

static void
what_is_held_has_its_reason_and_may_go_again(store_world *world)
{
    int64_t ids[3];
    forwards f = three(world, ids);

    f.one.id = ids[0];
    f.one.state = CARNET_STORE_FORWARD_HELD;
    f.one.reason = text_of("57");
    does(world, change, &f);
    listed(world, CARNET_STORE_FORWARD_HELD, &f);
    assert_int_equal(f.count, 1);
    assert_string_equal(f.reasons[0], "57");
    f.one.state = CARNET_STORE_FORWARD_QUEUED;
    f.one.reason = (carnet_str){ 0 };
    does(world, change, &f);
    listed(world, CARNET_STORE_FORWARD_QUEUED, &f);
    assert_int_equal(f.count, 3);
    assert_int_equal(f.ids[0], ids[0]); /* in its old place */
    assert_string_equal(f.reasons[0], "");
}

static void
what_was_undone_was_never_kept(store_world *world)
{
    int64_t ids[3];
    forwards f = three(world, ids);
    carnet_err err = { 0 };

    assert_carnet_rc(carnet_store_transact(world->store, insert_and_fail, &f, &err), CARNET_E_USAGE);
    listed(world, CARNET_STORE_FORWARD_QUEUED, &f);
    assert_int_equal(f.count, 3);
}

int
main(void)
{
    static const both tests[] = {
        { "what is kept comes in its order", what_is_kept_comes_in_its_order, ANYWHERE },
        { "what is settled is gone, and again changes nothing", what_is_settled_is_gone_and_again_changes_nothing,
          ANYWHERE },
        { "what is held has its reason, and may go again", what_is_held_has_its_reason_and_may_go_again, ANYWHERE },
        { "what was undone was never kept", what_was_undone_was_never_kept, ANYWHERE },
        { "one sends until its time is over or it is gone", one_sends_until_its_time_is_over_or_it_is_gone, ANYWHERE },
        { "what others insert is counted", what_others_insert_is_counted, ANYWHERE },
    };

    return world_run(tests, CARNET_COUNT(tests));
}
