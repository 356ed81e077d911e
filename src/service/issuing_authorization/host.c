/* SPDX-License-Identifier: Apache-2.0 */
/* Another host of the accounts: asked by HTTP with a question in JSON (doc/authorization-host.schema.json).  A decision that needs it stops
 * before it has written anything, the host is asked on a thread that may wait, and the decision is made anew. */
#include "carnet/json_build.h"
#include "internal.h"

#include <stdio.h>
#include <string.h>

enum { BODY_MAX = 1024 };

/* The answer that is there, if it is to this question; else what is to be asked. */
static carnet_rc
answered(ia_unit *u, const ia_question *question, carnet_judged *outcome, carnet_err *err)
{
    ia_question *q = &u->job->question;

    if (q->asked && q->action != NULL && strcmp(q->action, question->action) == 0 &&
        strcmp(q->key, question->key) == 0 && q->amount == question->amount) {
        *outcome = q->outcome;
        return q->rc;
    }
    *q = *question;
    u->job->asks = true;
    return carnet_fail(err, CARNET_E_AUTHORIZATION_HOST, NULL, "the host of the accounts has to be asked");
}

/* The key is the same however often the message comes. */
static void
set_key(const ia_unit *u, carnet_str key, ia_question *q)
{
    (void)snprintf(q->key, sizeof(q->key), "%lld/%.*s", (long long)u->job->debit.key.moment, (int)key.len, key.ptr);
}

static carnet_rc
order(void *self, void *unit, const carnet_authorization_order *order, carnet_judged *outcome, carnet_err *err)
{
    ia_question q = { .action = order->hold ? "hold" : "order",
                      .pan = order->pan,
                      .account = order->account,
                      .amount = order->amount,
                      .currency = order->currency,
                      .id = order->id };

    (void)self;
    *outcome = CARNET_JUDGED_PIN; /* PINs stay here: what needs one is not for another host */
    if (order->pin != NULL || order->pin_needed)
        return CARNET_OK;
    set_key(unit, order->key, &q);
    return answered(unit, &q, outcome, err);
}

static carnet_rc
capture(void *self, void *unit, const carnet_authorization_return *part, carnet_judged *outcome, carnet_err *err)
{
    ia_question q = { .action = "capture", .amount = part->amount, .id = part->id, .original = part->original };

    (void)self;
    set_key(unit, part->key, &q);
    return answered(unit, &q, outcome, err);
}

static carnet_rc
give_back(void *self, void *unit, const carnet_authorization_return *part, carnet_err *err)
{
    ia_question q = {
        .action = part->hold ? "release" : "return", .amount = part->amount, .id = part->id, .original = part->original
    };
    carnet_judged outcome = CARNET_JUDGED_UNAVAILABLE;
    carnet_rc rc;

    (void)self;
    set_key(unit, part->key, &q);
    rc = answered(unit, &q, &outcome, err);
    if (rc == CARNET_OK && outcome != CARNET_JUDGED_APPROVED)
        rc = carnet_fail(err, CARNET_E_AUTHORIZATION_HOST, NULL, "the host does not take back what it gave");
    return rc;
}

const carnet_authorization_host carnet_ia_other_host = { NULL, order, capture, give_back };

static void
write_question(const ia_question *q, carnet_buf *out)
{
    carnet_json_builder b = carnet_json_build(out);
    char id[24];

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "action", q->action);
    carnet_json_add_text(&b, "key", q->key);
    if (q->pan.len != 0)
        carnet_json_add_string(&b, "pan", q->pan);
    if (q->account.len != 0)
        carnet_json_add_string(&b, "account", q->account);
    carnet_json_add_integer(&b, "amount", (int64_t)q->amount);
    if (q->currency != 0)
        carnet_json_add_integer(&b, "currency", (int64_t)q->currency);
    (void)snprintf(id, sizeof(id), "%lld", (long long)q->id);
    carnet_json_add_text(&b, "id", id);
    if (q->original != 0) {
        (void)snprintf(id, sizeof(id), "%lld", (long long)q->original);
        carnet_json_add_text(&b, "original", id);
    }
    carnet_json_object_end(&b);
}

static bool
read_answer(carnet_str body, carnet_judged *outcome)
{
    carnet_json *json = NULL;
    carnet_str word;
    bool good = carnet_json_parse(body, &json, NULL) == CARNET_OK;

    word = carnet_json_string(carnet_json_get(json, "outcome"));
    *outcome = carnet_judged_named(word);
    good = good && word.len != 0 &&
           (*outcome == CARNET_JUDGED_APPROVED || *outcome == CARNET_JUDGED_ACCOUNT ||
            *outcome == CARNET_JUDGED_RESTRICTED || *outcome == CARNET_JUDGED_AMOUNT ||
            *outcome == CARNET_JUDGED_LIMIT || *outcome == CARNET_JUDGED_FREQUENCY || *outcome == CARNET_JUDGED_FUNDS);
    carnet_json_free(&json);
    return good;
}

void
carnet_ia_ask_host(ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection, ia_job *job)
{
    ia_question *q = &job->question;
    carnet_buf text = carnet_service_scratch_buf(worker, BODY_MAX);
    carnet_str body;
    unsigned status = 0;

    write_question(q, &text);
    q->asked = true;
    q->rc =
        carnet_ia_post(owner, worker, connection, owner->config->host, "", carnet_buf_str(&text), &status, &body, NULL);
    q->outcome = CARNET_JUDGED_UNAVAILABLE;
    if (q->rc != CARNET_OK || status != 200 || !read_answer(body, &q->outcome)) {
        q->outcome = CARNET_JUDGED_UNAVAILABLE;
        q->rc = CARNET_OK;
    }
}
