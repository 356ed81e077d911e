/* SPDX-License-Identifier: Apache-2.0 */
/* What the issuing authorisation system keeps: accounts, movements, messages. */
#include "carnet/store_cash.h"
#include "service/store/world.h"

#include <string.h>

#define NOW 1800000000

typedef struct cash {
    carnet_store_cash_account account;
    carnet_store_cash_movement movement;
    carnet_store_cash_message message;
    carnet_buf *room;
    carnet_str key;
    bool any;
    int64_t id, seen[8], moved[8], held[8], returned[8];
    size_t count, limit;
} cash;

static carnet_store_cash_message
message_of(const char *origin, const char *reference, const char *staged)
{
    return (carnet_store_cash_message){ .moment = NOW,
                                        .origin = text(origin),
                                        .reference = text(reference),
                                        .at = NOW + 1,
                                        .link = text("acquirer"),
                                        .kind = 2,
                                        .state = 2,
                                        .amount = 20000,
                                        .moves = 20000,
                                        .currency = 840,
                                        .staged = text(staged),
                                        .session = CARNET_TEST_BYTES("0123456789abcdef"),
                                        .vector = text("Cf.Cg"),
                                        .risk = text("large"),
                                        .level = 3,
                                        .missing = text("Cf.Cg.Co,Cc.Cf.Co"),
                                        .answer = CARNET_TEST_BYTES("sealed") };
}

static carnet_rc
insert_account(void *arg, carnet_store_session *session, carnet_err *err)
{
    cash *this = arg;
    carnet_rc rc = carnet_store_cash_account_insert(session, &this->account, err);

    return rc == CARNET_OK && this->id != 0
               ? carnet_store_cash_key_insert(session, hash_of((uint64_t)this->id), this->account.id, err)
               : rc;
}

static carnet_rc
find_account(void *arg, carnet_store_session *session, carnet_err *err)
{
    cash *this = arg;

    return carnet_store_cash_account_by_key(session, hash_of((uint64_t)this->id), &this->account, this->room, err);
}

static carnet_rc
change_account(void *arg, carnet_store_session *session, carnet_err *err)
{
    cash *this = arg;
    carnet_rc rc = carnet_store_cash_account_update(session, &this->account, err);

    this->account.balance -= 5;
    this->account.last_movement = 77;
    return rc == CARNET_OK ? carnet_store_cash_account_move(session, &this->account, err) : rc;
}

static carnet_rc
find_house(void *arg, carnet_store_session *session, carnet_err *err)
{
    cash *this = arg;

    return carnet_store_cash_account_of_house(session, this->id, 840, &this->account, this->room, err);
}

static bool
see_account(void *self, const carnet_store_cash_account *account)
{
    cash *this = self;

    this->seen[this->count++] = account->id;
    return this->count < this->limit;
}

static carnet_rc
list_accounts(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_cash_account_list(session, 0, 10, see_account, arg, err);
}

static void
an_account_is_found_by_its_keys(store_world *world)
{
    cash this = { .room = &world->room, .id = 5, .limit = 8 };

    this.account = (carnet_store_cash_account){
        .kind = 1, .state = 1, .currency = 840, .floor = -500, .pin = hash_of(9), .name = text("Ada")
    };
    transact(world, insert_account, &this);
    this.account = (carnet_store_cash_account){ 0 };
    look(world, find_account, &this);
    assert_int_equal(this.account.floor, -500);
    assert_str_is(this.account.name, "Ada");
    assert_int_equal(this.account.pin.len, 32);
    this.account.per_day = 100;
    this.account.balance = 50;
    transact(world, change_account, &this);
    look(world, find_account, &this);
    assert_true(this.account.balance == 45 && this.account.last_movement == 77 && this.account.per_day == 100);
    this.id = 6;
    assert_carnet_rc(carnet_store_read(world->store, find_account, &this, NULL), CARNET_E_STORE_ABSENT);
    look(world, list_accounts, &this);
    assert_int_equal(this.count, 1);
    this.account = (carnet_store_cash_account){ .kind = 1 };
    this.id = 5;
    assert_carnet_rc(carnet_store_transact(world->store, insert_account, &this, NULL), CARNET_E_STORE_STATE);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM cash_accounts"), 1);
}

static void
the_house_has_one_account_a_purpose(store_world *world)
{
    cash this = { .room = &world->room };

    this.account = (carnet_store_cash_account){ .kind = 2, .state = 1, .currency = 840 };
    transact(world, insert_account, &this);
    this.account = (carnet_store_cash_account){ .kind = 2, .state = 1, .currency = 840 };
    assert_carnet_rc(carnet_store_transact(world->store, insert_account, &this, NULL), CARNET_E_STORE_STATE);
    this.account = (carnet_store_cash_account){ .kind = 3, .state = 1, .currency = 840 };
    transact(world, insert_account, &this);
    this.id = 2;
    look(world, find_house, &this);
    assert_int_equal(this.account.kind, 2);
    this.id = 4;
    assert_carnet_rc(carnet_store_read(world->store, find_house, &this, NULL), CARNET_E_STORE_ABSENT);
}

static carnet_rc
insert_message(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_cash_message_insert(session, &((cash *)arg)->message, err);
}

static carnet_rc
find_message(void *arg, carnet_store_session *session, carnet_err *err)
{
    cash *this = arg;

    return carnet_store_cash_message_find(session, NOW, text("20/1/ATM/7"), this->key, this->any, &this->message,
                                          this->room, err);
}

static carnet_rc
find_user(void *arg, carnet_store_session *session, carnet_err *err)
{
    cash *this = arg;

    return carnet_store_cash_message_by_staged(session, this->key, &this->message, this->room, err);
}

static carnet_rc
change_message(void *arg, carnet_store_session *session, carnet_err *err)
{
    cash *this = arg;
    carnet_rc rc = carnet_store_cash_message_change(session, this->id, 5, 20000, err);

    return rc == CARNET_OK ? carnet_store_cash_message_tell(session, this->id, 2, err) : rc;
}

static bool
see_message(void *self, const carnet_store_cash_message *message)
{
    cash *this = self;

    this->seen[this->count++] = message->id;
    return this->count < this->limit;
}

static carnet_rc
list_messages(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_cash_message_list(session, 0, ((cash *)arg)->any, 10, see_message, arg, err);
}

static carnet_rc
list_untold(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_cash_message_untold(session, 0, 10, see_message, arg, err);
}

static void
a_message_is_kept_once(store_world *world)
{
    cash this = { .room = &world->room, .limit = 8 };

    this.message = message_of("20/1/ATM/7", "R1", "ST1");
    transact(world, insert_message, &this);
    this.id = this.message.id;
    this.message = message_of("20/1/ATM/7", "R1", "");
    assert_carnet_rc(carnet_store_transact(world->store, insert_message, &this, NULL), CARNET_E_STORE_TWICE);
    this.message = message_of("20/1/ATM/8", "R2", "ST1");
    assert_carnet_rc(carnet_store_transact(world->store, insert_message, &this, NULL), CARNET_E_STORE_TWICE);
    this.message = message_of("20/1/ATM/8", "R2", "");
    this.message.judged = 3;
    transact(world, insert_message, &this);
    this.message = message_of("20/1/ATM/9", "R2", "");
    transact(world, insert_message, &this);
    look(world, list_messages, &this);
    assert_int_equal(this.count, 3);
    this.count = 0;
    this.any = true;
    look(world, list_messages, &this);
    assert_int_equal(this.count, 1);
}

static void
a_message_is_found_by_what_it_is_known_by(store_world *world)
{
    cash this = { .room = &world->room, .limit = 8 };

    this.message = message_of("20/1/ATM/7", "R1", "ST1");
    transact(world, insert_message, &this);
    this.id = this.message.id;
    this.key = text("R1");
    look(world, find_message, &this);
    assert_int_equal(this.message.id, this.id);
    assert_str_is(this.message.vector, "Cf.Cg");
    assert_str_is(this.message.missing, "Cf.Cg.Co,Cc.Cf.Co");
    assert_int_equal(this.message.answer.len, 6);
    this.key = text("");
    look(world, find_message, &this);
    this.key = text("R2");
    assert_carnet_rc(carnet_store_read(world->store, find_message, &this, NULL), CARNET_E_STORE_ABSENT);
    this.any = true;
    look(world, find_message, &this);
    this.key = text("ST1");
    look(world, find_user, &this);
    assert_int_equal(this.message.id, this.id);
    this.key = text("");
    assert_carnet_rc(carnet_store_read(world->store, find_user, &this, NULL), CARNET_E_STORE_ABSENT);
    look(world, list_untold, &this);
    assert_int_equal(this.count, 0);
    transact(world, change_message, &this);
    look(world, list_untold, &this);
    assert_int_equal(this.count, 1);
    this.key = text("ST1");
    look(world, find_user, &this);
    assert_true(this.message.state == 5 && this.message.returned == 20000 && this.message.telling == 2);
    this.id = 4711;
    assert_carnet_rc(carnet_store_transact(world->store, change_message, &this, NULL), CARNET_E_STORE_ABSENT);
}

static void
answers_are_kept_for_a_day(store_world *world)
{
    cash this = { .room = &world->room };
    carnet_store_retained retained;

    this.message = message_of("20/1/ATM/7", "R1", "ST1");
    this.message.id = 1;
    transact(world, insert_message, &this);
    assert_carnet_ok(carnet_store_retain(world->store, NOW + 86400, NULL, &retained, NULL), NULL);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM cash_messages WHERE answer IS NOT NULL"), 1);
    assert_carnet_ok(carnet_store_retain(world->store, NOW + 86402, NULL, &retained, NULL), NULL);
    assert_int_equal(retained.redacted, 1);
    assert_int_equal(world_sql(world, "SELECT count(*) FROM cash_messages WHERE answer IS NULL AND moves = 20000"), 1);
}

static carnet_rc
insert_movement(void *arg, carnet_store_session *session, carnet_err *err)
{
    cash *this = arg;
    carnet_rc rc = carnet_store_cash_movement_insert(session, &this->movement, err);

    return rc == CARNET_OK ? carnet_store_cash_movement_by_id(session, this->movement.id, &this->movement, err) : rc;
}

static void
see_sums(void *self, const carnet_store_cash_account *account, int64_t moved, int64_t moved_held)
{
    cash *this = self;

    this->seen[this->count] = account->id;
    this->moved[this->count] = moved;
    this->held[this->count++] = moved_held;
}

static void
see_booked(void *self, int64_t judged, int64_t moves, const carnet_store_cash_movement *movement, int64_t returned)
{
    cash *this = self;

    this->seen[this->count] = movement->id;
    this->moved[this->count] = moves;
    this->held[this->count] = judged;
    this->returned[this->count++] = returned;
}

static carnet_rc
check(void *arg, carnet_store_session *session, carnet_err *err)
{
    cash *this = arg;
    carnet_rc rc = carnet_store_cash_strays(session, &this->id, err);

    this->count = 0;
    if (rc == CARNET_OK && this->any)
        return carnet_store_cash_booked(session, see_booked, this, err);
    return rc == CARNET_OK ? carnet_store_cash_sums(session, see_sums, this, err) : rc;
}

static void
the_books_say_what_moved(store_world *world)
{
    /* deposit 1000, withdrawal 300 of which 100 came back, hold 200 of which 50 was freed and 150 captured for 120 */
    static const int64_t rows[][5] = { { 10, 1, 1000, 0, 0 }, { 11, 2, 300, 0, 0 }, { 12, 6, 100, 0, 11 },
                                       { 13, 3, 200, 0, 0 },  { 14, 5, 50, 0, 13 }, { 15, 4, 120, 150, 13 } };
    cash this = { .room = &world->room };

    for (int64_t kind = 1; kind <= 3; kind++) {
        this.account = (carnet_store_cash_account){ .id = kind, .kind = kind, .state = 1, .currency = 840 };
        transact(world, insert_account, &this);
    }
    for (size_t i = 0; i < CARNET_COUNT(rows); i++) {
        this.movement = (carnet_store_cash_movement){ .id = rows[i][0], .kind = rows[i][1], .customer = 1 };
        this.movement.other = rows[i][1] == 1 ? 3 : 2;
        this.movement.amount = rows[i][2];
        this.movement.held = rows[i][3];
        this.movement.original = rows[i][4];
        transact(world, insert_movement, &this);
        assert_int_equal(this.movement.original, rows[i][4]);
    }
    this.message = message_of("20/1/ATM/7", "R1", "ST1");
    this.message.id = 11;
    transact(world, insert_message, &this);
    look(world, check, &this);
    assert_int_equal(this.count, 3);
    assert_true(this.moved[0] == 680 && this.moved[1] == 320 && this.moved[2] == -1000);
    assert_true(this.held[0] == 0 && this.held[1] == 0);
    assert_int_equal(this.id, 4); /* there is a message of one of five */
    this.any = true;
    look(world, check, &this);
    assert_int_equal(this.count, 1);
    assert_true(this.seen[0] == 11 && this.moved[0] == 20000 && this.returned[0] == 100);
}

int
main(void)
{
    static const both tests[] = {
        { "an account is found by its keys", an_account_is_found_by_its_keys, ANYWHERE },
        { "the house has one account a purpose", the_house_has_one_account_a_purpose, ANYWHERE },
        { "a message is kept once", a_message_is_kept_once, ANYWHERE },
        { "a message is found by what it is known by", a_message_is_found_by_what_it_is_known_by, ANYWHERE },
        { "answers are kept for a day", answers_are_kept_for_a_day, ANYWHERE },
        { "the books say what moved", the_books_say_what_moved, ANYWHERE },
    };

    return world_run(tests, CARNET_COUNT(tests));
}
