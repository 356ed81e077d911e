/* SPDX-License-Identifier: Apache-2.0 */
/* The mobile app server: what a reference stands for, that it was used, that it was taken back. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USE = 32, TELLS = 16, TRIES = 30 /* of what is refused: the use may still be on its way */ };

static carnet_rc
post(const ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection, carnet_str reference,
     carnet_resolve_action action, int64_t use, unsigned *status, carnet_str *body)
{
    carnet_buf text = carnet_service_scratch_buf(worker, 512);
    char name[USE];
    carnet_resolve_request request = { .reference = reference, .action = action };
    carnet_rc rc;

    (void)snprintf(name, sizeof(name), "carnet-%016llx", (unsigned long long)use);
    if (action != CARNET_RESOLVE_READ)
        request.use = carnet_str_of(name);
    if ((rc = carnet_resolve_request_write(&request, &text, NULL)) != CARNET_OK)
        return rc;
    return carnet_ia_post(owner, worker, connection, owner->config->mobile_app_server,
                          CARNET_STAGING_PATH "/issuer/ResolveStaged", carnet_buf_str(&text), status, body, NULL);
}

/* The document is the job's, with its text. */
static carnet_rc
keep_answer(ia_job *job, carnet_str body, carnet_resolved *view)
{
    carnet_json_free(&job->resolved);
    free(job->text);
    if ((job->text = malloc(body.len + 1)) == NULL)
        return CARNET_E_NO_SPACE;
    memcpy(job->text, body.ptr, body.len);
    return carnet_resolved_read((carnet_str){ (const char *)job->text, body.len }, &job->resolved, view, NULL);
}

/* "1", "2", "3" as in a carrier, or a URL. */
static carnet_trustmark
trustmark_of(const carnet_debit_policy *policy, carnet_str text)
{
    carnet_trustmark trustmark = CARNET_TRUSTMARK_NONE;
    const unsigned number =
        text.len == 1 && text.ptr[0] >= '1' && text.ptr[0] <= '3' ? (unsigned)(text.ptr[0] - '0') : 0;

    if (number == CARNET_TRUSTMARK_PROJECT)
        return policy->project.len != 0 ? CARNET_TRUSTMARK_PROJECT : CARNET_TRUSTMARK_NONE;
    if (number != 0)
        return (carnet_trustmark)number;
    return carnet_trustmark_of(text, policy->project, &trustmark, NULL) == CARNET_OK ? trustmark
                                                                                     : CARNET_TRUSTMARK_NONE;
}

static void
set_carrier(const carnet_debit_policy *policy, const carnet_resolved *view, carnet_debit_resolution *r)
{
    carnet_buf session = carnet_buf_of(r->session, sizeof(r->session));

    r->auth_time = view->carrier.auth_time;
    r->vector = view->carrier.vot;
    r->session_text = view->carrier.session;
    if (carnet_base64url_decode(view->carrier.session, &session, NULL) != CARNET_OK ||
        session.len != sizeof(r->session))
        memset(r->session, 0, sizeof(r->session));
    r->trustmark = trustmark_of(policy, view->carrier.trustmark);
}

/* Whether it was used is for our own records to say, if it was by us: a repeat finds its answer there. */
static carnet_debit_resolution
resolution_of(const carnet_debit *debit, const carnet_debit_policy *policy, const carnet_resolved *view)
{
    carnet_debit_resolution r = { .reached = true };

    r.known = carnet_str_is(view->type, debit->facts.ceiling ? "POS_PURCHASE" : "ATM_CWD");
    r.fulfilled =
        view->has_carrier && (view->state == CARNET_STAGED_FULFILLED || view->state == CARNET_STAGED_STEPPING_UP ||
                              view->state == CARNET_STAGED_USED || view->state == CARNET_STAGED_DISPENSED ||
                              view->state == CARNET_STAGED_REVERSED || view->state == CARNET_STAGED_EXPIRED);
    r.used = view->state != CARNET_STAGED_FULFILLED && view->state != CARNET_STAGED_EXPIRED;
    r.expires = view->state == CARNET_STAGED_EXPIRED ? 1 : view->expiration / 1000;
    r.amount = view->amount;
    r.currency = view->currency;
    r.terminal = view->terminal;
    r.pan = view->pan;
    if (view->has_carrier)
        set_carrier(policy, view, &r);
    return r;
}

void
carnet_ia_resolve(ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection, ia_job *job)
{
    carnet_debit_resolution r = { 0 };
    carnet_resolved view;
    carnet_str body;
    unsigned status = 0;
    carnet_rc rc =
        post(owner, worker, connection, job->debit.carrier.reference, CARNET_RESOLVE_READ, 0, &status, &body);

    if (rc == CARNET_OK && status == 404)
        r.reached = true; /* and it is not known */
    else if (rc == CARNET_OK && status == 200 && keep_answer(job, body, &view) == CARNET_OK)
        r = resolution_of(&job->debit, &owner->policy, &view);
    job->rc = CARNET_OK;
    carnet_debit_resolved(&job->debit, &r);
}

void
carnet_ia_use(ia *owner, carnet_service_worker *worker, carnet_fetch_connection *connection, ia_job *job)
{
    carnet_str body;
    unsigned status = 0;

    job->rc =
        post(owner, worker, connection, job->debit.carrier.reference, CARNET_RESOLVE_USE, job->booked, &status, &body);
    job->instead = CARNET_JUDGED_UNAVAILABLE;
    if (job->rc == CARNET_OK && status != 200) {
        job->rc = CARNET_E_AUTHORIZATION_HOST;
        job->instead = status == 410                   ? CARNET_JUDGED_EXPIRED
                       : status == 404                 ? CARNET_JUDGED_UNKNOWN
                       : status >= 400 && status < 500 ? CARNET_JUDGED_USED
                                                       : CARNET_JUDGED_UNAVAILABLE;
    }
}

/* --- what was taken back --- */

typedef struct untold {
    int64_t id[TELLS], telling[TELLS]; /* telling: counts from 1 */
    char staged[TELLS][24];
    size_t count;
} untold;

static bool
add_untold(void *self, const carnet_store_cash_message *message)
{
    untold *u = self;

    (void)snprintf(u->staged[u->count], sizeof(u->staged[0]), "%.*s", (int)message->staged.len, message->staged.ptr);
    u->telling[u->count] = message->telling;
    u->id[u->count++] = message->id;
    return u->count < TELLS;
}

static carnet_rc
list_untold(void *arg, carnet_store_session *session, carnet_err *err)
{
    untold *u = arg;

    u->count = 0;
    return carnet_store_cash_message_untold(session, 0, TELLS, add_untold, u, err);
}

static carnet_rc
set_told(void *arg, carnet_store_session *session, carnet_err *err)
{
    const untold *u = arg;
    carnet_rc rc = CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < u->count; i++)
        rc = carnet_store_cash_message_tell(session, u->id[i], u->telling[i], err);
    return rc;
}

static int64_t
tell_one(ia *owner, carnet_fetch_connection *connection, const untold *u, size_t i)
{
    carnet_service_worker *worker;
    carnet_str body;
    unsigned status = 0;

    if (carnet_service_begin(owner->context, NULL, &worker, NULL) != CARNET_OK ||
        post(owner, worker, connection, carnet_str_of(u->staged[i]), CARNET_RESOLVE_REVERSE, u->id[i], &status,
             &body) != CARNET_OK ||
        status >= 500)
        return u->telling[i];
    return status == 200 || u->telling[i] >= TRIES ? 0 : u->telling[i] + 1;
}

carnet_rc
carnet_ia_tell(void *self, carnet_service_worker *worker, carnet_err *err)
{
    ia *owner = self;
    untold u = { .count = 0 };
    carnet_store *store = worker->store;
    carnet_fetch_connection *connection;
    carnet_rc rc;

    if (owner->policy.carried)
        return CARNET_OK;
    if ((rc = carnet_store_read(store, list_untold, &u, err)) != CARNET_OK || u.count == 0)
        return rc;
    connection = carnet_fetch_connection_new();
    for (size_t i = 0; i < u.count; i++)
        u.telling[i] = tell_one(owner, connection, &u, i);
    carnet_fetch_connection_free(connection);
    return carnet_store_transact(store, set_told, &u, err);
}
