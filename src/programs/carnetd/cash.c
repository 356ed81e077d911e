/* SPDX-License-Identifier: Apache-2.0 */
/* carnetd --accounts, --check-ledger: the accounts of cardless payments, opened, credited, and whether the books are right. */
#include "carnet/issuing_authorization.h"
#include "carnet/json.h"
#include "carnetd.h"

#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

/** A store and a worker, without anything that serves. */
typedef struct desk {
    carnet_config *config;
    carnet_crypto crypto;
    carnet_store *store;
    carnet_service_context *context;
    carnet_service_worker *worker;
    bool crypto_made;
} desk;

static carnet_rc
open_all(desk *d, carnet_err *err)
{
    carnet_service_hooks hooks = { .workers = 1 };
    carnet_rc rc = carnet_crypto_init(&d->crypto, err);

    d->crypto_made = rc == CARNET_OK;
    if (rc == CARNET_OK && (rc = carnetd_open_store(d->config, &d->crypto, &d->store, err)) == CARNET_OK) {
        hooks.store = d->store;
        rc = carnet_service_context_new(d->config, &hooks, &d->context, err);
    }
    return rc == CARNET_OK ? carnet_service_begin(d->context, NULL, &d->worker, err) : rc;
}

static void
close_all(desk *d)
{
    carnet_service_context_free(&d->context);
    if (d->store != NULL)
        carnet_store_close(&d->store);
    if (d->crypto_made)
        carnet_crypto_done(&d->crypto);
    carnet_config_free(&d->config);
}

/* --- accounts --- */

static const carnet_json_rule rules[] = {
    { "pan", CARNET_JSON_STRING, false },        { "alias", CARNET_JSON_STRING, false },
    { "name", CARNET_JSON_STRING, false },       { "pin", CARNET_JSON_STRING, false },
    { "currency", CARNET_JSON_INTEGER, true },   { "state", CARNET_JSON_STRING, false },
    { "overdraft", CARNET_JSON_INTEGER, false }, { "per_transaction", CARNET_JSON_INTEGER, false },
    { "per_day", CARNET_JSON_INTEGER, false },   { "count_per_day", CARNET_JSON_INTEGER, false },
    { "credit", CARNET_JSON_INTEGER, false },
};

static carnet_str
text_of(const carnet_json *json, const char *name)
{
    return carnet_json_string(carnet_json_get(json, name));
}

static int64_t
number_of(const carnet_json *json, const char *name)
{
    const carnet_json *value = carnet_json_get(json, name);

    return value != NULL ? carnet_json_integer(value) : 0;
}

static carnet_ledger_state
state_of(carnet_str text)
{
    static const char *const names[] = { "open", "blocked", "closed" };

    for (size_t i = 0; i < CARNET_COUNT(names); i++)
        if (carnet_str_is(text, names[i]))
            return (carnet_ledger_state)(CARNET_LEDGER_OPEN + (int)i);
    return text.len == 0 ? CARNET_LEDGER_OPEN : (carnet_ledger_state)0;
}

static carnet_rc
put_one(desk *d, const carnet_json *json, carnet_err *err)
{
    const int64_t credit = number_of(json, "credit"), currency = number_of(json, "currency"),
                  count = number_of(json, "count_per_day");
    const carnet_cash_account account = { .pan = text_of(json, "pan"),
                                          .alias = text_of(json, "alias"),
                                          .name = text_of(json, "name"),
                                          .pin = text_of(json, "pin"),
                                          .currency = currency > 0 && currency < 1000 ? (unsigned)currency : 0,
                                          .state = state_of(text_of(json, "state")),
                                          .overdraft = number_of(json, "overdraft"),
                                          .per_transaction = number_of(json, "per_transaction"),
                                          .per_day = number_of(json, "per_day"),
                                          .count_per_day = (unsigned)count };
    const carnet_str key = account.pan.len != 0 ? account.pan : account.alias;
    carnet_ledger_account now = { 0 };
    carnet_rc rc = carnet_json_check(json, rules, CARNET_COUNT(rules), CARNET_E_AUTHORIZATION_ACCOUNT, NULL, err);

    if (rc == CARNET_OK && (account.state == 0 || count < 0 || count > 1000000 || credit < 0))
        rc = carnet_fail(err, CARNET_E_AUTHORIZATION_ACCOUNT, NULL,
                         "a state is open, blocked or closed, a count 0 to 1000000, a credit not below 0");
    if (rc == CARNET_OK)
        rc = carnet_cash_account_put(d->worker, &account, NULL, err);
    if (rc == CARNET_OK && credit > 0)
        rc = carnet_cash_account_credit(d->worker, key, credit, err);
    if (rc == CARNET_OK)
        rc = carnet_cash_account_get(d->worker, key, &now, err);
    if (rc == CARNET_OK)
        (void)printf("account %lld: balance %lld, held %lld (currency %03u)\n", (long long)now.id,
                     (long long)now.balance, (long long)now.held, now.currency);
    return rc;
}

static carnet_rc
put_all(desk *d, carnet_str text, carnet_err *err)
{
    carnet_json *json = NULL;
    const carnet_json *list;
    carnet_rc rc = carnet_json_parse(text, &json, err);

    list = rc == CARNET_OK ? carnet_json_get(json, "accounts") : NULL;
    if (rc == CARNET_OK && list == NULL)
        rc = carnet_fail(err, CARNET_E_AUTHORIZATION_ACCOUNT, NULL, "the file has no \"accounts\"");
    for (size_t i = 0; rc == CARNET_OK && i < carnet_json_count(list); i++)
        rc = put_one(d, carnet_json_at(list, i), err);
    carnet_json_free(&json);
    return rc;
}

/* The file, or standard input. */
static bool
read_text(const char *name, char *text, size_t *len)
{
    FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    bool good = false;

    if (in == NULL)
        return false;
    *len = fread(text, 1, FILE_MAX, in);
    good = ferror(in) == 0 && *len < FILE_MAX;
    if (in != stdin)
        (void)fclose(in);
    return good;
}

int
carnetd_put_accounts(const char *file, const char *accounts)
{
    static char text[FILE_MAX];
    carnet_err err = { 0 };
    desk d = { 0 };
    size_t len = 0;
    int status;

    if (!read_text(accounts, text, &len)) {
        (void)fprintf(stderr, "carnetd: %s: it cannot be read, or is too long\n", accounts);
        return CARNETD_USAGE;
    }
    status = carnetd_read(file, &d.config);
    if (status == CARNETD_ENDED &&
        (open_all(&d, &err) != CARNET_OK || put_all(&d, (carnet_str){ text, len }, &err) != CARNET_OK)) {
        carnetd_complain(d.config, &err);
        status = CARNETD_FAILED;
    }
    carnet_wipe(text, len);
    close_all(&d);
    return status;
}

/* --- the books --- */

static void
tell(const carnet_ledger_totals *t, bool sound)
{
    (void)printf("{\"sound\":%s,\"accounts\":%llu,\"movements\":%llu,\"messages\":%llu,\"balances\":%lld,"
                 "\"wrong_balance\":%llu,\"wrong_held\":%llu,\"below_floor\":%llu,\"unbooked\":%llu,"
                 "\"wrong_amount\":%llu,\"over_returned\":%llu}\n",
                 sound ? "true" : "false", (unsigned long long)t->accounts, (unsigned long long)t->movements,
                 (unsigned long long)t->messages, (long long)t->balances, (unsigned long long)t->wrong_balance,
                 (unsigned long long)t->wrong_held, (unsigned long long)t->below_floor, (unsigned long long)t->unbooked,
                 (unsigned long long)t->wrong_amount, (unsigned long long)t->over_returned);
}

int
carnetd_check_ledger(const char *file)
{
    carnet_ledger_totals totals = { 0 };
    carnet_err err = { 0 };
    desk d = { 0 };
    int status = carnetd_read(file, &d.config);
    carnet_rc rc;

    if (status == CARNETD_ENDED) {
        rc = open_all(&d, &err);
        rc = rc == CARNET_OK ? carnet_ledger_check(d.store, &totals, &err) : rc;
        if (rc == CARNET_OK || rc == CARNET_E_LEDGER_UNSOUND)
            tell(&totals, rc == CARNET_OK);
        if (rc != CARNET_OK) {
            carnetd_complain(d.config, &err);
            status = CARNETD_FAILED;
        }
    }
    close_all(&d);
    return status;
}
