/* SPDX-License-Identifier: Apache-2.0 */
/* Records, as the services use them: each may change only as it should. */
#include "carnet/store_authorization.h"
#include "carnet/store_credential.h"
#include "carnet/store_grant.h"
#include "carnet/store_offer.h"
#include "service/store/world.h"

#define NOW 1800000000

typedef struct case_of_offer {
    carnet_store_offer offer, found;
    carnet_buf *room;
    int64_t left;
    carnet_rc rc;
} case_of_offer;

static carnet_rc
insert_offer(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_offer *this = arg;

    this->offer = (carnet_store_offer){
        .reference_hash = hash_of(1),
        .code_hash = hash_of(2),
        .tx_code = CARNET_TEST_BYTES("verifier\0of it"),
        .attempts = 3,
        .configurations = text("mdl pid"),
        .subject = text("person 17"),
        .claims = CARNET_TEST_BYTES("sealed\0claims"),
        .document = CARNET_TEST_BYTES("sealed offer"),
        .actor = text("clerk"),
        .enrolment = 7,
        .created = NOW,
        .expires = NOW + 600,
    };
    return carnet_store_offer_insert(session, &this->offer, err);
}

static carnet_rc
find_offer(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_offer *this = arg;

    this->room->len = 0;
    return carnet_store_offer_by_code(session, hash_of(2), &this->found, this->room, err);
}

static carnet_rc
redeem_offer(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_offer *this = arg;

    this->rc = carnet_store_offer_redeem(session, this->offer.id, 99, NOW, err);
    return CARNET_OK;
}

static carnet_rc
wrong_code(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_offer *this = arg;

    return carnet_store_offer_wrong_code(session, this->offer.id, &this->left, err);
}

static void
an_offer_comes_back_as_it_was_kept(store_world *world)
{
    case_of_offer this = { .room = &world->room };

    transact(world, insert_offer, &this);
    look(world, find_offer, &this);
    assert_true(this.found.id == this.offer.id && this.found.id > 0);
    assert_span_equal(this.found.reference_hash, hash_of(1));
    assert_span_equal(this.found.tx_code, this.offer.tx_code);
    assert_span_equal(this.found.claims, this.offer.claims);
    assert_span_equal(this.found.document, this.offer.document);
    assert_int_equal(this.found.issuer_state_hash.len, 0);
    assert_true(carnet_str_is(this.found.configurations, "mdl pid"));
    assert_true(carnet_str_is(this.found.actor, "clerk"));
    assert_int_equal(this.found.attempts, 3);
    assert_int_equal(this.found.expires, NOW + 600);
    assert_int_equal(this.found.state, CARNET_STORE_OFFER_OPEN);
}

static void
an_offer_is_redeemed_once(store_world *world)
{
    case_of_offer this = { .room = &world->room };

    transact(world, insert_offer, &this);
    transact(world, redeem_offer, &this);
    assert_carnet_ok(this.rc, NULL);
    transact(world, redeem_offer, &this);
    assert_carnet_rc(this.rc, CARNET_E_STORE_STATE);
    look(world, find_offer, &this);
    assert_int_equal(this.found.state, CARNET_STORE_OFFER_REDEEMED);
    assert_int_equal(this.found.grant, 99);
    assert_int_equal(this.found.claims.len, 0);
}

static void
an_offer_is_locked_after_its_last_attempt(store_world *world)
{
    case_of_offer this = { .room = &world->room };

    transact(world, insert_offer, &this);
    for (int64_t left = 2; left >= 0; left--) {
        transact(world, wrong_code, &this);
        assert_int_equal(this.left, left);
    }
    transact(world, redeem_offer, &this);
    assert_carnet_rc(this.rc, CARNET_E_STORE_STATE);
    look(world, find_offer, &this);
    assert_int_equal(this.found.state, CARNET_STORE_OFFER_LOCKED);
}

static carnet_rc
withdraw_of_case(void *arg, carnet_store_session *session, carnet_err *err)
{
    return carnet_store_offer_withdraw_enrolment(session, *(const int64_t *)arg, err);
}

static void
the_offers_of_a_case_are_withdrawn_together(store_world *world)
{
    case_of_offer this = { .room = &world->room };
    int64_t cases[] = { 8, 7 };

    transact(world, insert_offer, &this);
    transact(world, withdraw_of_case, &cases[0]);
    look(world, find_offer, &this);
    assert_int_equal(this.found.state, CARNET_STORE_OFFER_OPEN);
    transact(world, withdraw_of_case, &cases[1]);
    look(world, find_offer, &this);
    assert_int_equal(this.found.state, CARNET_STORE_OFFER_WITHDRAWN);
    assert_int_equal(this.found.claims.len, 0);
}

static carnet_rc
insert_twice(void *arg, carnet_store_session *session, carnet_err *err)
{
    carnet_rc rc = insert_offer(arg, session, err);

    return rc != CARNET_OK ? rc : insert_offer(arg, session, err);
}

static void
a_transaction_that_fails_leaves_nothing(store_world *world)
{
    case_of_offer this = { .room = &world->room };
    carnet_err err = { 0 };

    assert_carnet_rc(carnet_store_transact(world->store, insert_twice, &this, &err), CARNET_E_STORE_TWICE);
    assert_carnet_rc(carnet_store_read(world->store, find_offer, &this, &err), CARNET_E_STORE_ABSENT);
    assert_int_equal(this.found.id, 0);
}

static void
a_read_may_not_write(store_world *world)
{
    case_of_offer this = { .room = &world->room };
    carnet_err err = { 0 };

    assert_carnet_rc(carnet_store_read(world->store, insert_offer, &this, &err), CARNET_E_USAGE);
}

static void
room_that_is_too_small_is_told(store_world *world)
{
    uint8_t few[40];
    carnet_buf small = carnet_buf_of(few, sizeof(few));
    case_of_offer this = { .room = &small };
    carnet_err err = { 0 };

    transact(world, insert_offer, &this);
    assert_carnet_rc(carnet_store_read(world->store, find_offer, &this, &err), CARNET_E_NO_SPACE);
    assert_int_equal(this.found.id, 0);
}

typedef struct case_of_grant {
    carnet_store_grant grant, found;
    carnet_store_rotation rotation;
    carnet_span token;
    carnet_buf *room;
    bool spent, previous;
    carnet_rc rc;
} case_of_grant;

static carnet_rc
insert_grant(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_grant *this = arg;

    this->grant = (carnet_store_grant){
        .access_hash = hash_of(10),
        .access_expires = NOW + 300,
        .refresh_hash = hash_of(11),
        .refresh_expires = NOW + 86400,
        .jkt = hash_of(12),
        .client_id = text("wallet"),
        .configurations = text("mdl"),
        .subject = text("person 17"),
        .details = true,
        .claims = CARNET_TEST_BYTES("sealed"),
        .created = NOW,
    };
    return carnet_store_grant_insert(session, &this->grant, err);
}

static carnet_rc
rotate(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_grant *this = arg;

    this->rotation.id = this->grant.id;
    this->rc = carnet_store_grant_rotate(session, &this->rotation, err);
    return CARNET_OK;
}

static carnet_rc
by_refresh(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_grant *this = arg;

    this->room->len = 0;
    return carnet_store_grant_by_refresh(session, this->token, &this->found, &this->spent, &this->previous, this->room,
                                         err);
}

static carnet_rc
by_access(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_grant *this = arg;

    this->room->len = 0;
    return carnet_store_grant_by_access(session, this->token, &this->found, this->room, err);
}

static void
refresh_tokens_are_good_once_and_old_ones_are_known(store_world *world)
{
    case_of_grant this = { .room = &world->room };
    carnet_err err = { 0 };

    transact(world, insert_grant, &this);
    for (uint64_t n = 11; n < 14; n++) {
        this.rotation = (carnet_store_rotation){ .old_refresh_hash = hash_of(n),
                                                 .refresh_hash = hash_of(n + 1),
                                                 .access_hash = hash_of(100 + n),
                                                 .access_expires = NOW + 500,
                                                 .refresh_expires = NOW + 90000,
                                                 .now = NOW + 1 };
        transact(world, rotate, &this);
        assert_carnet_ok(this.rc, NULL);
    }
    transact(world, rotate, &this);
    assert_carnet_rc(this.rc, CARNET_E_STORE_STATE);
    for (uint64_t n = 11; n <= 14; n++) {
        this.token = hash_of(n);
        transact(world, by_refresh, &this);
        assert_true(this.found.id == this.grant.id);
        assert_true(this.spent == (n < 14) && this.previous == (n == 13));
        assert_int_equal(this.found.rotated, NOW + 1);
    }
    this.token = hash_of(15);
    assert_carnet_rc(carnet_store_read(world->store, by_refresh, &this, &err), CARNET_E_STORE_ABSENT);
    this.token = hash_of(10);
    assert_carnet_rc(carnet_store_read(world->store, by_access, &this, &err), CARNET_E_STORE_ABSENT);
    this.token = hash_of(113);
    look(world, by_access, &this);
    assert_span_equal(this.found.jkt, hash_of(12));
    assert_span_equal(this.found.claims, this.grant.claims);
    assert_true(this.found.details);
}

static carnet_rc
revoke(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_grant *this = arg;

    return carnet_store_grant_revoke(session, this->grant.id, "code replayed", NOW + 7, err);
}

static carnet_rc
issue_five(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_grant *this = arg;

    this->rc = carnet_store_grant_issue(session, this->grant.id, 5, 12, err);
    return CARNET_OK;
}

static carnet_rc
issue_five_to(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_grant *this = arg;

    this->rc = carnet_store_grant_issue_to(session, this->grant.id, this->token, 5, err);
    return CARNET_OK;
}

static void
a_grant_issues_to_its_present_token_alone_and_nothing_when_revoked(store_world *world)
{
    case_of_grant this = { .room = &world->room };

    transact(world, insert_grant, &this);
    this.token = hash_of(10);
    transact(world, issue_five_to, &this);
    assert_carnet_ok(this.rc, NULL);
    this.token = hash_of(11);
    transact(world, issue_five_to, &this);
    assert_carnet_rc(this.rc, CARNET_E_STORE_STATE);
    this.token = hash_of(10);
    transact(world, revoke, &this);
    transact(world, issue_five_to, &this);
    assert_carnet_rc(this.rc, CARNET_E_STORE_STATE);
    look(world, by_access, &this);
    assert_int_equal(this.found.issued, 5);
}

static void
a_grant_issues_no_more_than_allowed_and_nothing_when_revoked(store_world *world)
{
    case_of_grant this = { .room = &world->room };

    transact(world, insert_grant, &this);
    transact(world, issue_five, &this);
    transact(world, issue_five, &this);
    assert_carnet_ok(this.rc, NULL);
    transact(world, issue_five, &this);
    assert_carnet_rc(this.rc, CARNET_E_STORE_STATE);
    transact(world, revoke, &this);
    transact(world, revoke, &this);
    this.token = hash_of(10);
    look(world, by_access, &this);
    assert_int_equal(this.found.issued, 10);
    assert_int_equal(this.found.revoked, NOW + 7);
    assert_true(carnet_str_is(this.found.reason, "code replayed"));
    assert_int_equal(this.found.claims.len, 0);
    this.rotation = (carnet_store_rotation){ .old_refresh_hash = hash_of(11),
                                             .refresh_hash = hash_of(12),
                                             .access_hash = hash_of(13) };
    transact(world, rotate, &this);
    assert_carnet_rc(this.rc, CARNET_E_STORE_STATE);
}

typedef struct case_of_code {
    carnet_store_authorization authorization, found;
    carnet_buf *room;
    carnet_rc rc[6];
} case_of_code;

static carnet_rc
walk_to_a_code(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_code *this = arg;
    carnet_store_authorization *a = &this->authorization;
    carnet_rc rc;

    *a = (carnet_store_authorization){
        .request_uri_hash = hash_of(20),
        .client_id = text("wallet"),
        .configurations = text("mdl"),
        .code_challenge = text("challenge"),
        .redirect_uri = text("app:/back"),
        .client_state = text("\xc3\xa4"),
        .created = NOW,
        .expires = NOW + 60,
    };
    if ((rc = carnet_store_authorization_insert(session, a, err)) != CARNET_OK)
        return rc;
    this->rc[0] = carnet_store_authorization_grant(session, a->id, hash_of(21), text("p"), hash_of(1), NOW, err);
    this->rc[1] = carnet_store_authorization_begin(session, a->id, text("officer"), hash_of(22), NOW + 900, err);
    this->rc[2] = carnet_store_authorization_begin(session, a->id, text("officer"), hash_of(23), NOW + 900, err);
    this->rc[3] = carnet_store_authorization_keep(session, a->id, text(""), hash_of(24), hash_of(25), err);
    this->rc[4] = carnet_store_authorization_grant(session, a->id, hash_of(21), text("person"),
                                                   CARNET_TEST_BYTES("sealed"), NOW + 30, err);
    this->rc[5] = carnet_store_authorization_refuse(session, a->id, text("access_denied"), err);
    return CARNET_OK;
}

static carnet_rc
by_browser(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_code *this = arg;

    this->room->len = 0;
    return carnet_store_authorization_by_browser(session, hash_of(22), &this->found, this->room, err);
}

static carnet_rc
redeem_code(void *arg, carnet_store_session *session, carnet_err *err)
{
    case_of_code *this = arg;

    this->room->len = 0;
    this->rc[0] = carnet_store_authorization_by_code(session, hash_of(21), &this->found, this->room, err);
    this->rc[1] = carnet_store_authorization_redeem(session, this->found.id, 77, err);
    return CARNET_OK;
}

static void
an_authorization_goes_its_way_step_by_step(store_world *world)
{
    static const carnet_rc expected[] = { CARNET_E_STORE_STATE, CARNET_OK, CARNET_E_STORE_STATE, CARNET_OK, CARNET_OK,
                                          CARNET_E_STORE_STATE };
    case_of_code this = { .room = &world->room };

    transact(world, walk_to_a_code, &this);
    for (size_t i = 0; i < 6; i++)
        assert_carnet_rc(this.rc[i], expected[i]);
    look(world, by_browser, &this);
    assert_int_equal(this.found.state, CARNET_STORE_AUTHORIZATION_GRANTED);
    assert_true(carnet_str_is(this.found.method, "officer") && carnet_str_is(this.found.subject, "person"));
    assert_true(carnet_str_is(this.found.client_state, "\xc3\xa4"));
    assert_span_equal(this.found.identification_hash, hash_of(24));
    assert_int_equal(this.found.identification.len, 0);
    assert_int_equal(this.found.expires, NOW + 30);
}

static void
a_code_that_comes_again_is_known_with_its_grant(store_world *world)
{
    case_of_code this = { .room = &world->room };

    transact(world, walk_to_a_code, &this);
    transact(world, redeem_code, &this);
    assert_carnet_ok(this.rc[1], NULL);
    assert_span_equal(this.found.claims, CARNET_TEST_BYTES("sealed"));
    transact(world, redeem_code, &this);
    assert_carnet_ok(this.rc[0], NULL);
    assert_carnet_rc(this.rc[1], CARNET_E_STORE_REPLAYED);
    assert_int_equal(this.found.grant, 77);
}

int
main(void)
{
    static const both tests[] = {
        { "an offer comes back as it was kept", an_offer_comes_back_as_it_was_kept, ANYWHERE },
        { "an offer is redeemed once", an_offer_is_redeemed_once, ANYWHERE },
        { "an offer is locked after its last attempt", an_offer_is_locked_after_its_last_attempt, ANYWHERE },
        { "the offers of a case are withdrawn together", the_offers_of_a_case_are_withdrawn_together, ANYWHERE },
        { "a transaction that fails leaves nothing", a_transaction_that_fails_leaves_nothing, ANYWHERE },
        { "a read may not write", a_read_may_not_write, ANYWHERE },
        { "room that is too small is told", room_that_is_too_small_is_told, ANYWHERE },
        { "refresh tokens are good once, and old ones are known", refresh_tokens_are_good_once_and_old_ones_are_known,
          ANYWHERE },
        { "a grant issues no more than allowed, and nothing when revoked",
          a_grant_issues_no_more_than_allowed_and_nothing_when_revoked, ANYWHERE },
        { "a grant issues to its present token alone, and nothing when revoked",
          a_grant_issues_to_its_present_token_alone_and_nothing_when_revoked, ANYWHERE },
        { "an authorization goes its way step by step", an_authorization_goes_its_way_step_by_step, ANYWHERE },
        { "a code that comes again is known with its grant", a_code_that_comes_again_is_known_with_its_grant,
          ANYWHERE },
    };

    return world_run(tests, sizeof(tests) / sizeof(tests[0]));
}
