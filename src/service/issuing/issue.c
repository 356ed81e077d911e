/* SPDX-License-Identifier: Apache-2.0 */
/* An issuance from an order to its answer: status indices, copies, record, answer. */
#include "internal.h"

#include <string.h>

enum { LIST_SIZE = 1000000, URI_MAX = 512 };

/* The URI of the status list of that number: "{list}" in the policy's is the number, which otherwise follows after a slash. */
static carnet_rc
write_status_uri(carnet_str pattern, int64_t number, carnet_buf *out, carnet_err *err)
{
    static const char mark[] = "{list}";
    const char *at = memmem(pattern.ptr, pattern.len, mark, sizeof(mark) - 1);
    size_t before = at == NULL ? pattern.len : (size_t)(at - pattern.ptr), after;

    carnet_buf_add_str(out, (carnet_str){ pattern.ptr, before });
    if (at == NULL)
        carnet_buf_add_byte(out, '/');
    carnet_buf_add_int(out, number);
    if (at != NULL) {
        after = before + sizeof(mark) - 1;
        carnet_buf_add_str(out, (carnet_str){ pattern.ptr + after, pattern.len - after });
    }
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

/* Indices of the policy's status list: taken before the transaction, for those not recorded are lost and no more. */
static carnet_rc
take_indices(carnet_issuing_exchange *x, const carnet_issuing_order *order, int64_t **indices, int64_t *number,
             carnet_buf *uri, carnet_err *err)
{
    const carnet_issuing_document *document = order->document;
    carnet_rc rc;

    *indices = NULL;
    *number = 0;
    if (document->policy.status_uri.len == 0)
        return CARNET_OK;
    *indices = carnet_service_scratch(x->worker, order->key_count * sizeof(**indices));
    if (*indices == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_store_status_take(x->worker->store, document->policy.configuration,
                                  document->status_list_size == 0 ? LIST_SIZE : document->status_list_size,
                                  order->key_count, *indices, number, err);
    return rc == CARNET_OK ? write_status_uri(document->policy.status_uri, *number, uri, err) : rc;
}

static carnet_rc
list_credentials(carnet_issuing_exchange *x, const carnet_issuing_order *order, const int64_t *indices,
                 const carnet_store_credential **list, carnet_err *err)
{
    carnet_store_credential *credentials = carnet_service_scratch(x->worker, order->key_count * sizeof(*credentials));
    uint8_t *prints = carnet_service_scratch(x->worker, order->key_count * CARNET_SERVICE_HASH);
    carnet_rc rc = CARNET_OK;

    if (credentials == NULL || prints == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; rc == CARNET_OK && i < order->key_count; i++) {
        uint8_t *print = prints + i * CARNET_SERVICE_HASH;

        rc = carnet_issuing_key_print(x, order, i, print, err);
        credentials[i].device_key = carnet_span_of(print, CARNET_SERVICE_HASH);
        credentials[i].index = indices == NULL ? 0 : indices[i];
    }
    *list = credentials;
    return rc;
}

static carnet_rc
write_answer(carnet_issuing_exchange *x, const carnet_issuing_order *order, const carnet_issuing_made *made,
             carnet_str notification, carnet_err *err)
{
    carnet_credential_response_spec spec = { .credentials = made->credentials,
                                             .credential_count = made->count,
                                             .notification_id = notification,
                                             .single = order->single && !order->dehydrated,
                                             .dehydrated = order->dehydrated,
                                             .name_spaced_data = &made->name_spaced_data,
                                             .name_spaced_data_count = order->dehydrated ? 1 : 0 };
    carnet_buf json;
    carnet_rc rc;

    if (!order->encryption.wanted)
        return carnet_credential_response_build(&spec, &x->response->body, err);
    rc = carnet_issuing_room(x, carnet_credential_response_size(&spec), &json, err);
    if (rc == CARNET_OK)
        rc = carnet_credential_response_build(&spec, &json, err);
    return rc == CARNET_OK ? carnet_issuing_answer(x, &order->encryption, carnet_buf_str(&json), err) : rc;
}

/* Eight octets name the issuance, sixteen are known to the wallet alone. */
static carnet_rc
make_notification(carnet_issuing_exchange *x, int64_t issuance, char text[CARNET_ISSUING_NOTIFICATION + 1],
                  uint8_t hash[CARNET_SERVICE_HASH], carnet_err *err)
{
    carnet_buf out = carnet_buf_of(text, CARNET_ISSUING_NOTIFICATION);
    uint8_t octets[24];
    carnet_rc rc = carnet_random_fill(&x->worker->random, octets + 8, 16, err);

    for (size_t i = 0; i < 8; i++)
        octets[i] = (uint8_t)((uint64_t)issuance >> (56 - 8 * i));
    carnet_base64url_encode(carnet_span_of(octets, sizeof(octets)), &out);
    text[out.len] = '\0';
    return rc == CARNET_OK ? carnet_service_hash(x->worker, carnet_buf_str(&out), hash, err) : rc;
}

static void
tell(carnet_issuing_exchange *x, const carnet_issuing_order *order)
{
    const carnet_service_event event = {
        .interface = "IS-6",
        .kind = "credential",
        .configuration = carnet_issuing_name(x->issuing, order->document->policy.configuration),
        .count = order->key_count,
    };

    carnet_service_event_log(x->worker, &event);
}

/* In the scratch: a commit may go on when its handler has returned. */
struct carnet_issuing_issuance {
    carnet_issuing_record record;
    carnet_issuing_order order;
    carnet_store_job *job;
    uint8_t notification_hash[CARNET_SERVICE_HASH];
};

/* Without a thread that waits, if the store can and there is a scratch to spare. */
static carnet_rc
commit(carnet_issuing_exchange *x, struct carnet_issuing_issuance *own, carnet_err *err)
{
    carnet_rc rc;

    if (!x->announced || !carnet_store_submits(x->worker->store) || !carnet_service_park(x->worker, &x->parked))
        return carnet_issuing_keep(&own->record, err);
    x->own = own;
    x->announced = false;
    rc = carnet_issuing_keep_later(&own->record, &own->job, err);
    if (rc == CARNET_OK && own->job != NULL) {
        x->response->later = true;
        x->response->kept = x;
        return rc;
    }
    x->own = NULL;
    carnet_service_unpark(x->worker, &x->parked);
    return rc;
}

static carnet_rc
finish(carnet_issuing_exchange *x, const struct carnet_issuing_issuance *own, carnet_rc rc)
{
    if (rc == CARNET_OK)
        tell(x, &own->order);
    return rc;
}

void
carnet_issuing_announce(carnet_issuing_exchange *x)
{
    carnet_store_announce(x->worker->store);
    x->announced = true;
}

carnet_rc
carnet_issuing_end(carnet_issuing_exchange *x, carnet_rc rc, carnet_err *err)
{
    if (x->announced)
        carnet_store_withdraw(x->worker->store);
    return rc == CARNET_OK ? rc : carnet_issuing_refuse(x, rc, "invalid_credential_request", err);
}

/* It is committed, or it failed, or it is waited for because the service ends. */
carnet_rc
carnet_issuing_go_on(const carnet_issuing *issuing, const carnet_service_request *request,
                     carnet_service_response *response, carnet_err *err)
{
    carnet_issuing_exchange *x = response->kept;
    carnet_rc outcome = carnet_store_finish(&x->own->job, err); /* first: what it has borrowed is of the request */
    carnet_service_worker *worker;
    carnet_rc rc = carnet_service_begin(issuing->context, request, &worker, err);

    if (rc != CARNET_OK)
        return rc; /* cannot be: this thread has its worker */
    carnet_service_unpark(worker, &x->parked);
    outcome = carnet_issuing_kept(&x->own->record, outcome, err);
    return carnet_issuing_end(x, finish(x, x->own, outcome), err);
}

/* Made and answered, and the record ready. */
static carnet_rc
prepare(carnet_issuing_exchange *x, carnet_issuing_order *order, carnet_str claims, struct carnet_issuing_issuance *own,
        carnet_err *err)
{
    const carnet_issuer_policy *policy = &order->document->policy;
    char uri_room[URI_MAX], notification[CARNET_ISSUING_NOTIFICATION + 1];
    carnet_buf uri = carnet_buf_of(uri_room, sizeof(uri_room));
    carnet_store_issuance *record = &own->record.issuance;
    carnet_issuing_made made;
    int64_t *indices, number;
    carnet_rc rc = take_indices(x, order, &indices, &number, &uri, err);

    record->id = carnet_store_issuance_identifier(x->worker->store);
    if (rc == CARNET_OK)
        rc = carnet_issuing_make(x, order, claims, carnet_buf_str(&uri), indices, &made, err);
    if (rc == CARNET_OK)
        rc = list_credentials(x, order, indices, &record->credentials, err);
    if (rc == CARNET_OK)
        rc = make_notification(x, record->id, notification, own->notification_hash, err);
    if (rc == CARNET_OK) /* before it is recorded: what cannot be answered was not issued */
        rc = write_answer(x, order, &made, carnet_str_of(notification), err);
    if (rc != CARNET_OK)
        return rc;
    record->grant = x->access.grant.id;
    record->configuration = policy->configuration;
    record->doctype = policy->doc_type;
    record->subject = x->access.grant.subject;
    record->list = indices == NULL ? (carnet_str){ 0 } : policy->configuration;
    record->list_number = number;
    record->notification_hash = carnet_span_of(own->notification_hash, sizeof(own->notification_hash));
    record->issued = x->access.now;
    record->valid_from = made.times.valid_from;
    record->valid_until = made.times.valid_until;
    record->count = (int64_t)order->key_count;
    return rc;
}

carnet_rc
carnet_issuing_issue(carnet_issuing_exchange *x, carnet_issuing_order *order, carnet_str claims, carnet_err *err)
{
    struct carnet_issuing_issuance *own = carnet_service_scratch(x->worker, sizeof(*own));
    carnet_rc rc;

    if (own == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    own->order = *order;
    own->record.x = x;
    own->record.order = &own->order;
    rc = prepare(x, order, claims, own, err);
    if (rc == CARNET_OK)
        rc = commit(x, own, err);
    return x->response->later ? rc : finish(x, own, rc);
}
