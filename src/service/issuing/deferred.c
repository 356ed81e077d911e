/* SPDX-License-Identifier: Apache-2.0 */
/* POST /deferred_credential (OpenID4VCI 9): what was put off, when it is there. */
#include "internal.h"

#include <string.h>

enum { REQUEST_MAX = 64 * 1024, ANSWER_MAX = 6 * 1024 * 1024, RECORD_ROOM = 128 * 1024 };

typedef struct looking {
    carnet_span hash;
    carnet_store_deferred record;
    carnet_buf room;
} looking;

static carnet_rc
look(void *arg, carnet_store_session *session, carnet_err *err)
{
    looking *l = arg;

    l->room.len = 0;
    return carnet_store_deferred_by_transaction(session, l->hash, &l->record, &l->room, err);
}

static carnet_rc
no_transaction(const char *reason, carnet_err *err)
{
    return carnet_fail(err, CARNET_E_OID4VCI_TRANSACTION, "OpenID4VCI 9.3", reason);
}

/* The record of a transaction of this token's; one of another's is not there. */
static carnet_rc
find_record(carnet_issuing_exchange *x, carnet_str transaction, uint8_t hash[CARNET_SERVICE_HASH], looking *l,
            carnet_err *err)
{
    carnet_rc rc = carnet_service_hash(x->worker, transaction, hash, err);

    l->hash = carnet_span_of(hash, CARNET_SERVICE_HASH);
    if (rc == CARNET_OK)
        rc = carnet_issuing_room(x, RECORD_ROOM, &l->room, err);
    if (rc == CARNET_OK)
        rc = carnet_store_read(x->worker->store, look, l, err);
    if (rc == CARNET_E_STORE_ABSENT || (rc == CARNET_OK && l->record.grant != x->access.grant.id))
        return no_transaction("there is no such transaction for this access token", err);
    if (rc != CARNET_OK)
        return rc;
    x->configuration = l->record.configuration;
    if (l->record.state == CARNET_STORE_DEFERRED_DENIED)
        return carnet_fail(err, CARNET_E_OID4VCI_DENIED, "OpenID4VCI 9.3", "the authority denied the document");
    if (l->record.state == CARNET_STORE_DEFERRED_DONE)
        return no_transaction("the credentials were fetched already", err);
    if (l->record.expires <= x->access.now)
        return no_transaction("the transaction is over", err);
    return CARNET_OK;
}

static bool
is_released(const carnet_issuing_exchange *x, const carnet_issuing_document *document,
            const carnet_store_deferred *record)
{
    if (record->state == CARNET_STORE_DEFERRED_READY || (record->ready != 0 && record->ready <= x->access.now))
        return true;
    return document->policy.deferral != CARNET_DEFERRAL_ALWAYS; /* the source decides */
}

static carnet_rc
open_order(carnet_issuing_exchange *x, const looking *l, carnet_issuing_order *order, carnet_err *err)
{
    carnet_buf plain;
    carnet_rc rc = carnet_issuing_room(x, l->record.request.len + 1, &plain, err);

    if (rc == CARNET_OK)
        rc = carnet_service_open(x->worker, CARNET_ISSUING_SEALED_ORDER, l->hash, l->record.request, &plain, err);
    return rc == CARNET_OK ? carnet_issuing_order_read(x, carnet_buf_str(&plain), order, err) : rc;
}

static carnet_rc
issue(carnet_issuing_exchange *x, const looking *l, carnet_str transaction, carnet_issuing_order *order,
      carnet_err *err)
{
    carnet_str claims;
    carnet_rc rc = carnet_issuing_claims(x, order->document, &claims, err);

    if (rc == CARNET_E_ISSUING_NOT_YET && order->document->policy.deferral != CARNET_DEFERRAL_NEVER)
        return carnet_issuing_answer_later(x, &order->encryption, transaction, l->record.interval, err);
    order->deferred = l->record.id;
    if (rc == CARNET_OK)
        rc = carnet_issuing_issue(x, order, claims, err);
    carnet_issuing_claims_done(x);
    return rc;
}

/* The answer is encrypted as this request wants it, else as the first one did. */
static carnet_rc
answer_order(carnet_issuing_exchange *x, const looking *l, const carnet_deferred_credential_request *request,
             carnet_issuing_order *order, carnet_err *err)
{
    carnet_rc rc = open_order(x, l, order, err);

    if (rc != CARNET_OK)
        return rc;
    if (request->encryption.wanted)
        order->encryption = request->encryption;
    if (!is_released(x, order->document, &l->record))
        return carnet_issuing_answer_later(x, &order->encryption, request->transaction_id, l->record.interval, err);
    return issue(x, l, request->transaction_id, order, err);
}

static carnet_rc
answer(carnet_issuing_exchange *x, const carnet_deferred_credential_request *request, carnet_err *err)
{
    const carnet_issuer_metadata *rules = &x->issuing->metadata.metadata;
    uint8_t hash[CARNET_SERVICE_HASH];
    carnet_issuing_order order = { 0 };
    looking l = { 0 };
    carnet_rc rc = find_record(x, request->transaction_id, hash, &l, err);

    if (rc != CARNET_OK)
        return rc;
    if (request->encryption.wanted)
        rc = carnet_credential_encryption_check(&rules->request_encryption, &rules->response_encryption,
                                                x->was_encrypted, &request->encryption, err);
    if (rc != CARNET_OK)
        return rc;
    order.document = carnet_issuing_find(x->issuing, l.record.configuration);
    if (order.document == NULL)
        return carnet_fail(err, CARNET_E_OID4VCI_DENIED, NULL, "the document is no longer issued here");
    rc = answer_order(x, &l, request, &order, err);
    carnet_issuing_order_done(&order);
    return rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_deferred_credential_request asked;
    carnet_issuing_exchange *x;
    carnet_str json;
    carnet_rc rc;

    if (request->again)
        return carnet_issuing_go_on(self, request, response, err);
    rc = carnet_issuing_begin(self, request, response, "/deferred_credential", true, &x, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_issuing_announce(x);
    rc = carnet_issuing_message(x, &json, err);
    if (rc == CARNET_OK)
        rc = carnet_deferred_credential_request_open(json, x->worker->crypto, &asked, err);
    if (rc == CARNET_OK) {
        rc = answer(x, &asked, err);
        carnet_deferred_credential_request_done(&asked);
    }
    return response->later ? rc : carnet_issuing_end(x, rc, err);
}

const carnet_service_route carnet_issuing_deferred = {
    .method = CARNET_SERVICE_POST,
    .name = "deferred_credential",
    .path = "/deferred_credential",
    .summary = "Documents that were put off",
    .run = run,
    .cross_origin = true,
    .body_max = REQUEST_MAX,
    .answer_max = ANSWER_MAX,
};
