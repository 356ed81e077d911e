/* SPDX-License-Identifier: Apache-2.0 */
/* POST BASE/p1940/v1/rp/Stage: a user's device stages a transaction; nothing is bound to a terminal yet. */
#include "internal.h"

#include <string.h>

enum { DAY_S = 86400, MINUTES = 30, REFERENCE_RANDOM = 16 };

typedef struct staging {
    mas_call *call;
    const carnet_stage_request *wish;
    const carnet_config_app_currency *currency;
    carnet_store_staged row;
    carnet_store_account account;
    carnet_buf account_room;
    char reference[CARNET_STAGING_REFERENCE + 1];
    uint8_t token[16], pan[128], request_hash[CARNET_SERVICE_HASH], body_hash[CARNET_SERVICE_HASH];
    bool repeated;
    carnet_err err;
} staging;

/* Refusals that no account has to be known for. */
static carnet_rc
check_wish(const staging *s, carnet_err *err)
{
    const carnet_stage_request *wish = s->wish;
    const bool cash = carnet_str_is(wish->type, "ATM_CWD");
    carnet_assurance assurance;

    if (s->currency == NULL)
        return carnet_fail(err, CARNET_E_STAGED_AMOUNT, NULL, "nothing is staged in this currency");
    if (wish->amount == 0 || wish->amount > INT64_MAX)
        return carnet_fail(err, CARNET_E_STAGED_AMOUNT, NULL, "nothing is no amount");
    if (cash && s->currency->multiple != 0 && wish->amount % s->currency->multiple != 0)
        return carnet_fail(err, CARNET_E_STAGED_AMOUNT, NULL, "no notes make up this amount");
    if (s->currency->max != 0 && wish->amount > s->currency->max)
        return carnet_fail(err, CARNET_E_STAGED_LIMIT, NULL, "the amount is more than one transaction may have");
    return carnet_assurance_of(s->call->m->rows, s->call->m->row_count, wish->type, wish->currency, wish->amount,
                               &assurance, err);
}

/* What the request says, so that a repeated one can be told from another of the same identifier. */
static carnet_rc
hash_request(staging *s, carnet_err *err)
{
    carnet_buf text = carnet_service_scratch_buf(s->call->worker, 512);
    carnet_rc rc;

    carnet_buf_add_str(&text, s->call->client);
    carnet_buf_add_byte(&text, '\n');
    carnet_buf_add_str(&text, s->wish->request_id);
    rc = carnet_service_hash(s->call->worker, carnet_buf_str(&text), s->request_hash, err);
    text.len = 0;
    carnet_buf_add_str(&text, s->wish->type);
    carnet_buf_add_byte(&text, '\n');
    carnet_staging_amount_write(s->wish->amount, &text);
    carnet_buf_add_str(&text, s->wish->currency);
    carnet_buf_add_str(&text, s->wish->account);
    if (rc == CARNET_OK)
        rc = carnet_service_hash(s->call->worker, carnet_buf_str(&text), s->body_hash, err);
    return rc == CARNET_OK && text.overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

/* A transaction's own: its reference and a PAN that is nobody else's. */
static carnet_rc
make_names(staging *s, carnet_err *err)
{
    const char *prefix = s->call->m->config->token_prefix;
    carnet_buf reference = carnet_buf_of(s->reference, CARNET_STAGING_REFERENCE),
               token = carnet_buf_of(s->token, sizeof(s->token));
    carnet_rc rc;

    carnet_buf_add_text(&reference, "ST");
    rc = carnet_mas_random_text(s->call->worker, REFERENCE_RANDOM, &reference, err);
    if (rc == CARNET_OK)
        rc = carnet_mas_token(s->call->worker, prefix != NULL ? prefix : "999940", &token, err);
    return rc;
}

/* The account's PAN, or the transaction's own, sealed for the transaction. */
static carnet_rc
seal_pan(staging *s, carnet_err *err)
{
    carnet_service_worker *worker = s->call->worker;
    uint8_t plain[64];
    carnet_buf pan = carnet_buf_of(plain, sizeof(plain)), out = carnet_buf_of(s->pan, sizeof(s->pan));
    carnet_rc rc = CARNET_OK;

    if (s->account.pan.len != 0)
        rc = carnet_service_open(worker, "account.pan", carnet_str_bytes(s->account.user), s->account.pan, &pan, err);
    else
        carnet_buf_add(&pan, carnet_span_of(s->token, sizeof(s->token)));
    if (rc == CARNET_OK)
        rc = carnet_service_seal(worker, "staged.pan", carnet_str_bytes(s->row.reference), carnet_buf_span(&pan), &out,
                                 err);
    carnet_wipe(plain, sizeof(plain));
    s->row.pan = carnet_buf_span(&out);
    return rc;
}

static void
fill_row(staging *s)
{
    const unsigned minutes = s->call->m->config->staged_minutes;
    const carnet_time now = carnet_service_now(s->call->worker);

    s->row = (carnet_store_staged){ .reference = carnet_str_of(s->reference),
                                    .request_hash = carnet_span_of(s->request_hash, sizeof(s->request_hash)),
                                    .body_hash = carnet_span_of(s->body_hash, sizeof(s->body_hash)),
                                    .user = s->account.user,
                                    .device = s->call->client,
                                    .type = s->wish->type,
                                    .amount = (int64_t)s->wish->amount,
                                    .currency = s->wish->currency,
                                    .account = s->account.alias,
                                    .created = now,
                                    .expires = now + (carnet_time)(minutes != 0 ? minutes : MINUTES) * 60,
                                    .state = CARNET_STAGED_STAGED,
                                    .changed = now };
}

/* Sealing is quick enough to be done between the account's row and the transaction's. */
static carnet_rc
insert(staging *s, carnet_store_session *session, carnet_err *err)
{
    const carnet_time now = carnet_service_now(s->call->worker);
    const unsigned daily = s->currency->daily;
    int64_t total;
    carnet_rc rc;

    fill_row(s);
    rc = carnet_store_staged_total(session, s->account.user, s->account.alias, s->wish->currency, now - DAY_S, now,
                                   &total, err);
    if (rc != CARNET_OK)
        return rc;
    if (daily != 0 && (uint64_t)total + s->wish->amount > daily) {
        (void)!carnet_fail(&s->err, CARNET_E_STAGED_LIMIT, "P1940 4", "the account has reached its limit of 24 hours");
        return CARNET_OK;
    }
    if ((rc = seal_pan(s, err)) == CARNET_OK)
        rc = carnet_store_staged_insert(session, &s->row, err);
    return rc;
}

static carnet_rc
find_account(staging *s, carnet_store_session *session, carnet_err *err)
{
    carnet_str user;
    carnet_rc rc;

    s->account_room.len = 0;
    rc = carnet_store_app_device_get(session, s->call->client, &user, &s->account_room, err);
    if (rc == CARNET_E_STORE_ABSENT)
        return carnet_fail(&s->err, CARNET_E_STAGED_DEVICE, "P1940 4", NULL);
    if (rc == CARNET_OK)
        rc = carnet_store_app_account_get(session, user, s->wish->account, &s->account, &s->account_room, err);
    if (rc == CARNET_E_STORE_ABSENT)
        return carnet_fail(&s->err, CARNET_E_STAGED_ACCOUNT, "P1940 4", NULL);
    if (rc == CARNET_OK && s->account.currency.len != 0 && !carnet_str_equal(s->account.currency, s->wish->currency))
        return carnet_fail(&s->err, CARNET_E_STAGED_ACCOUNT, "P1940 4", "the account is of another currency");
    return rc;
}

static carnet_rc
work(void *arg, carnet_store_session *session, carnet_err *err)
{
    staging *s = arg;
    carnet_rc rc;

    s->err = (carnet_err){ 0 };
    s->call->room.len = 0;
    rc = carnet_store_staged_by_request(session, carnet_span_of(s->request_hash, sizeof(s->request_hash)), &s->row,
                                        &s->call->room, err);
    s->repeated = rc == CARNET_OK;
    if (s->repeated && !carnet_span_equal(s->row.body_hash, carnet_span_of(s->body_hash, sizeof(s->body_hash))))
        (void)!carnet_fail(&s->err, CARNET_E_STAGED_REQUEST, "P1940 4", NULL);
    if (rc != CARNET_E_STORE_ABSENT)
        return rc;
    rc = find_account(s, session, err);
    if (s->err.rc != CARNET_OK)
        return CARNET_OK;
    return rc == CARNET_OK ? insert(s, session, err) : rc;
}

static carnet_rc
stage(mas_call *call, const carnet_stage_request *wish, carnet_err *err)
{
    staging s = { .call = call, .wish = wish, .currency = carnet_mas_currency(call->m, wish->currency) };
    carnet_rc rc = check_wish(&s, err);

    s.account_room = carnet_service_scratch_buf(call->worker, 2048);
    if (rc == CARNET_OK && (rc = hash_request(&s, err)) == CARNET_OK)
        rc = make_names(&s, err);
    if (rc == CARNET_OK)
        rc = carnet_store_transact(call->worker->store, work, &s, err);
    if (rc == CARNET_E_STORE_STATE) /* the same request, at another instance at this moment: it is there now */
        rc = carnet_store_transact(call->worker->store, work, &s, err);
    if (rc == CARNET_OK && s.err.rc != CARNET_OK) {
        *err = s.err;
        rc = s.err.rc;
    }
    return rc == CARNET_OK ? carnet_mas_tell_phone(call, &s.row, err) : rc;
}

static carnet_rc
handle(mas_call *call, carnet_err *err)
{
    carnet_json *document;
    carnet_stage_request wish;
    carnet_rc rc = carnet_stage_request_read(carnet_mas_body(call), &document, &wish, err);

    if (rc == CARNET_OK)
        rc = stage(call, &wish, err);
    carnet_json_free(&document);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    return carnet_mas_serve(self, request, response, "device", "transaction.staged", handle, err);
}

const carnet_service_route carnet_mas_stage_route = {
    .method = CARNET_SERVICE_POST,
    .name = "rp_stage",
    .path = CARNET_STAGING_PATH "/rp/Stage",
    .summary = "Stages a transaction",
    .run = run,
    .accepts = "application/json",
    .body_max = CARNET_STAGING_MAX,
    .rate = 60,
};
