/* SPDX-License-Identifier: Apache-2.0 */
/* The one transaction of an issuance: all that makes it single is used, and it is recorded, or nothing is. */
#include "internal.h"

#include "carnet/store_event.h"

typedef carnet_issuing_record record;

static carnet_rc
use_nonce(const record *r, carnet_store_session *session, carnet_err *err)
{
    carnet_store_once nonce = { .kind = CARNET_STORE_ONCE_NONCE,
                                .hash = carnet_span_of(r->order->nonce_hash, CARNET_SERVICE_HASH),
                                .until = r->order->nonce_until + 1,
                                .at = r->order->nonce_at };

    return r->order->has_nonce ? carnet_store_use_once(session, &nonce, 1, NULL, err) : CARNET_OK;
}

/* --- how often a grant may be used --- */

static carnet_rc
check_history(const record *r, carnet_store_session *session, carnet_err *err)
{
    const carnet_issuer_policy *policy = &r->order->document->policy;
    carnet_store_history found;
    carnet_issuer_history history;
    carnet_rc rc;

    if (policy->reissue_max == 0 && policy->reissue_before_s == 0)
        return CARNET_OK;
    rc = carnet_store_issuance_history(session, r->x->access.grant.id, policy->configuration, &found, err);
    if (rc != CARNET_OK)
        return rc;
    history.requests = found.requests < UINT32_MAX ? (uint32_t)found.requests : UINT32_MAX;
    history.last_until = found.last_until;
    return carnet_issuer_policy_reissue(policy, &history, r->x->access.now, err);
}

/* --- what is kept --- */

static carnet_rc
keep_event(const record *r, carnet_store_session *session, int64_t reference, carnet_err *err)
{
    carnet_store_event event = { .at = r->x->access.now,
                                 .interface = carnet_str_of("IS-6"),
                                 .kind = carnet_str_of(r->deferral != NULL ? "deferral" : "credential"),
                                 .configuration = r->order->document->policy.configuration,
                                 .outcome = CARNET_STORE_OUTCOME_DONE,
                                 .actor = r->x->access.grant.client_id,
                                 .reference = reference,
                                 .request = carnet_str_of(r->x->request->identifier),
                                 .count = (int64_t)r->order->key_count };

    return carnet_store_event_insert(session, &event, err);
}

static carnet_rc
keep_issuance(record *r, carnet_store_session *session, carnet_err *err)
{
    carnet_rc rc;

    r->step = CARNET_ISSUING_HISTORY;
    rc = check_history(r, session, err);
    if (rc == CARNET_OK) {
        r->step = CARNET_ISSUING_KEYS;
        rc = carnet_store_issuance_insert(session, &r->issuance, NULL, err);
    }
    if (rc == CARNET_OK && r->order->deferred != 0) {
        r->step = CARNET_ISSUING_DEFERRED;
        rc = carnet_store_deferred_finish(session, r->order->deferred, r->issuance.id, err);
    }
    if (rc != CARNET_OK)
        return rc;
    r->step = CARNET_ISSUING_RECORD;
    return keep_event(r, session, r->issuance.id, err);
}

static carnet_rc
keep_deferral(record *r, carnet_store_session *session, carnet_err *err)
{
    carnet_rc rc;

    r->deferral->id = 0;
    r->step = CARNET_ISSUING_KEYS;
    rc = carnet_store_use_once(session, r->keys, r->key_count, NULL, err);
    if (rc != CARNET_OK)
        return rc;
    r->step = CARNET_ISSUING_RECORD;
    rc = carnet_store_deferred_insert(session, r->deferral, err);
    return rc == CARNET_OK ? keep_event(r, session, r->deferral->id, err) : rc;
}

static carnet_rc
work(void *arg, carnet_store_session *session, carnet_err *err)
{
    record *r = arg;
    carnet_rc rc;

    r->step = CARNET_ISSUING_TOKEN;
    rc = r->deferral != NULL ? carnet_authorization_use(&r->x->access, session, err)
                             : carnet_authorization_issue(&r->x->access, session, r->order->key_count, err);
    if (rc != CARNET_OK)
        return rc;
    r->step = CARNET_ISSUING_NONCE;
    rc = use_nonce(r, session, err);
    if (rc != CARNET_OK)
        return rc;
    return r->deferral != NULL ? keep_deferral(r, session, err) : keep_issuance(r, session, err);
}

/* What a failure of the store means to the wallet. */
static carnet_rc
explain(const record *r, carnet_rc rc, carnet_err *err)
{
    carnet_issuing_exchange *x = r->x;

    if (r->step == CARNET_ISSUING_TOKEN)
        return carnet_authorization_refuse(x->issuing->authorization, x->worker, x->response, rc, err);
    if (r->step == CARNET_ISSUING_DEFERRED && rc == CARNET_E_STORE_STATE)
        return carnet_fail(err, CARNET_E_OID4VCI_TRANSACTION, "OpenID4VCI 9.3", "the credentials were fetched already");
    if (rc != CARNET_E_STORE_REPLAYED)
        return rc;
    if (r->step == CARNET_ISSUING_NONCE)
        return carnet_fail(err, CARNET_E_OID4VCI_NONCE, "OpenID4VCI 8.3.1",
                           "the nonce was used before; get a new one from the nonce endpoint");
    return carnet_fail(err, CARNET_E_STORE_REPLAYED, "OpenID4VCI 8.2",
                       "a device key was used before; each credential needs a fresh key");
}

carnet_rc
carnet_issuing_keep(record *r, carnet_err *err)
{
    return carnet_issuing_kept(r, carnet_store_transact(r->x->worker->store, work, r, err), err);
}

static void
proceed(void *self)
{
    carnet_service_proceed(self);
}

carnet_rc
carnet_issuing_keep_later(record *r, carnet_store_job **job, carnet_err *err)
{
    void *request = (carnet_service_request *)(uintptr_t)r->x->request;

    return carnet_issuing_kept(r, carnet_store_submit(r->x->worker->store, work, r, proceed, request, job, err), err);
}

carnet_rc
carnet_issuing_kept(record *r, carnet_rc outcome, carnet_err *err)
{
    return outcome == CARNET_OK ? outcome : explain(r, outcome, err);
}
