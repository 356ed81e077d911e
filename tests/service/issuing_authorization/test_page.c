/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's page, the metrics, and accounts. */
#include "carnet/desk.h"
#include "carnet/fetch_request.h"
#include "carnet/http_service.h"
#include "carnet/web.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

#define COOKIE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

typedef struct visit {
    carnet_service *service;
    carnet_service_parts *parts;
    uint8_t hash[32], header[8192], body[65536];
    carnet_store_officer officer;
    uint8_t room[1024];
} visit;

static carnet_rc
enter(void *arg, carnet_store_session *session, carnet_err *err)
{
    visit *v = arg;
    carnet_buf room = carnet_buf_of(v->room, sizeof(v->room));
    carnet_rc rc = carnet_store_officer_by_login(session, carnet_str_of("ada"), &v->officer, &room, err);
    const carnet_store_browser browser = { .hash = carnet_span_of(v->hash, sizeof(v->hash)),
                                           .kind = carnet_str_of("officer"),
                                           .officer = v->officer.id,
                                           .created = BANK_NOW,
                                           .seen = BANK_NOW,
                                           .expires = BANK_NOW + 600 };

    return rc == CARNET_OK ? carnet_store_browser_insert(session, &browser, err) : rc;
}

static void
open_pages(world *w, visit *v)
{
    const carnet_service_part *const list[] = { &carnet_web_part, &carnet_payments_part };
    carnet_service_config config = { .address = "127.0.0.1", .random = carnet_crypto_random(&w->bank.crypto) };
    carnet_err err = { 0 };

    memset(v, 0, sizeof(*v));
    assert_carnet_ok(carnet_desk_officer_put(w->store, &w->bank.crypto, carnet_str_of("ada"), carnet_str_of("Ada"),
                                             CARNET_STORE_ROLE_AUDITOR, carnet_str_of("correct horse"), BANK_NOW, &err),
                     &err);
    assert_carnet_ok(carnet_service_hash(w->worker, carnet_str_of(COOKIE), v->hash, &err), &err);
    assert_carnet_ok(carnet_store_transact(w->store, enter, v, &err), &err);
    assert_carnet_ok(carnet_service_parts_new(w->context, list, 2, &v->parts, &err), &err);
    assert_carnet_ok(
        carnet_service_parts_routes(v->parts, CARNET_SERVES_STAFF, false, &config.routes, &config.route_count, &err),
        &err);
    assert_carnet_ok(carnet_service_start(&config, &v->service, &err), &err);
}

static unsigned
get(visit *v, const char *query, bool entered)
{
    const carnet_str field = carnet_str_of("Cookie: __Host-carnet-desk=" COOKIE);
    char uri[128];
    carnet_fetch_request request = { .method = "GET", .fields = &field, .field_count = entered };
    const carnet_fetch_limits limits = { .plain_loopback = true };
    carnet_fetch_answer answer = { .header = carnet_buf_of(v->header, sizeof(v->header)),
                                   .body = carnet_buf_of(v->body, sizeof(v->body) - 1) };
    carnet_err err = { 0 };

    (void)snprintf(uri, sizeof(uri), "http://127.0.0.1:%u/payments%s", carnet_service_port(v->service), query);
    request.uri = carnet_str_of(uri);
    assert_carnet_ok(carnet_fetch_ask(NULL, &request, &limits, &answer, &err), &err);
    v->body[answer.body.len] = '\0';
    return answer.status;
}

static bool
shows(const visit *v, const char *text)
{
    return strstr((const char *)v->body, text) != NULL;
}

static void
the_page_tells_what_was_refused_and_what_would_do(void **state)
{
    static world w;
    static visit v;
    bank_ask ask = bank_withdrawal();

    (void)state;
    world_make(&w, CARRIED);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    ask.staged = "S2";
    ask.trace = "000002";
    ask.vector = "Ce.Cf.Cg";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "1A");
    open_pages(&w, &v);
    assert_int_equal(get(&v, "", false), 303);
    assert_int_equal(get(&v, "", true), 200);
    assert_true(shows(&v, "200.00 USD") && shows(&v, "authorised") && shows(&v, "1A / 122 assurance"));
    assert_true(shows(&v, "Cf.Cg.Cj.Co") && shows(&v, BANK_REFERENCE));
    assert_false(shows(&v, BANK_PAN));
    assert_int_equal(get(&v, "?refused=1", true), 200);
    assert_true(shows(&v, "1A / 122 assurance"));
    assert_false(shows(&v, BANK_REFERENCE));
    carnet_service_stop(&v.service, 1000);
    carnet_service_parts_free(&v.parts);
    world_end(&w);
}

static void
metrics_count_findings(void **state)
{
    static world w;
    static uint8_t room[8192];
    carnet_buf out = carnet_buf_of(room, sizeof(room) - 1);
    bank_ask ask = bank_withdrawal();

    (void)state;
    world_make(&w, CARRIED);
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    ask.mti = "0201";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    ask.mti = "0200";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "94");
    assert_true(carnet_issuing_authorization_part.ready(w.self));
    carnet_issuing_authorization_part.metrics(w.self, &out);
    room[out.len] = '\0';
    assert_non_null(strstr((const char *)room, "messages_total{link=\"old\",outcome=\"approved\"} 1\n"));
    assert_non_null(strstr((const char *)room, "messages_total{link=\"old\",outcome=\"duplicate\"} 1\n"));
    assert_non_null(strstr((const char *)room, "messages_total{link=\"old\",outcome=\"repeated\"} 1\n"));
    assert_non_null(strstr((const char *)room, "connections{link=\"old\"} 1\n"));
    world_end(&w);
}

static carnet_rc
put(world *w, carnet_cash_account account)
{
    return carnet_cash_account_put(w->worker, &account, NULL, NULL);
}

static void
accounts_are_opened_changed_and_credited(void **state)
{
    static world w;
    carnet_cash_account account = { .pan = carnet_str_of("4000000000000002"), .currency = 840 }, wrong;
    bank_ask ask = bank_withdrawal();

    (void)state;
    world_make(&w, CARRIED);
    account.alias = carnet_str_of("main"); /* another account's */
    assert_carnet_rc(put(&w, account), CARNET_E_AUTHORIZATION_ACCOUNT);
    account.alias = carnet_str_of("second");
    account.per_transaction = 10000;
    assert_carnet_rc(put(&w, account), CARNET_OK);
    assert_carnet_rc(carnet_cash_account_credit(w.worker, account.alias, 50000, NULL), CARNET_OK);
    ask.pan = "4000000000000002";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "61");
    account.per_transaction = 0;
    account.state = CARNET_LEDGER_BLOCKED;
    assert_carnet_rc(put(&w, account), CARNET_OK);
    ask.trace = "000002";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "62");
    account.state = CARNET_LEDGER_OPEN;
    account.per_day = 30000;
    assert_carnet_rc(put(&w, account), CARNET_OK);
    ask.trace = "000003";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "00");
    ask.staged = "S2";
    ask.trace = "000004";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "61");
    account.per_day = 0;
    account.count_per_day = 1;
    assert_carnet_rc(put(&w, account), CARNET_OK);
    ask.trace = "000005";
    assert_string_equal(world_ask(&w, CARNET_ISO8583_1987, &ask), "65");
    wrong = account;
    wrong.currency = 978;
    assert_carnet_rc(put(&w, wrong), CARNET_E_AUTHORIZATION_ACCOUNT);
    wrong = (carnet_cash_account){ .pan = carnet_str_of("12x45678"), .currency = 840 };
    assert_carnet_rc(put(&w, wrong), CARNET_E_AUTHORIZATION_ACCOUNT);
    wrong = (carnet_cash_account){ .alias = carnet_str_of("third"), .pin = carnet_str_of("123"), .currency = 840 };
    assert_carnet_rc(put(&w, wrong), CARNET_E_AUTHORIZATION_ACCOUNT);
    assert_carnet_rc(carnet_cash_account_credit(w.worker, carnet_str_of("nobody"), 1, NULL),
                     CARNET_E_AUTHORIZATION_ACCOUNT);
    assert_carnet_rc(carnet_cash_account_credit(w.worker, account.pan, -1, NULL), CARNET_E_LEDGER_MOVEMENT);
    assert_int_equal(world_account(&w).balance, 100000);
    world_end(&w);
}

int
main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_tells_what_was_refused_and_what_would_do),
        cmocka_unit_test(metrics_count_findings),
        cmocka_unit_test(accounts_are_opened_changed_and_credited),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
