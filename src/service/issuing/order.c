/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that wait: their keys and wishes as JSON, sealed in the store. */
#include "internal.h"

#include "carnet/json_build.h"

#include <stdio.h>
#include <string.h>

enum { KEY_OCTETS = 256, ORDER_MORE = 1024, DEFERRED_S = 14 * CARNET_TIME_DAY, INTERVAL_S = 60, LATER_ROOM = 4096 };

/* --- as JSON --- */

carnet_rc
carnet_issuing_order_write(const carnet_issuing_order *order, carnet_buf *out, carnet_err *err)
{
    carnet_json_builder b = carnet_json_build(out);

    carnet_json_object_begin(&b, NULL);
    carnet_json_add_bool(&b, "dehydrated", order->dehydrated);
    carnet_json_array_begin(&b, "keys");
    for (size_t i = 0; i < order->key_count; i++) {
        carnet_jwk jwk = { .key = order->keys[i] };

        carnet_jwk_add(&b, NULL, &jwk);
    }
    carnet_json_array_end(&b);
    if (order->encryption.wanted) {
        carnet_jwk_add(&b, "jwk", &order->encryption.jwk);
        carnet_json_add_integer(&b, "enc", order->encryption.content);
    }
    carnet_json_object_end(&b);
    return carnet_json_built(&b, err);
}

static carnet_rc
read_encryption(carnet_issuing_exchange *x, carnet_issuing_order *order, carnet_err *err)
{
    const carnet_json *jwk = carnet_json_get(order->document_of_encryption, "jwk");

    order->encryption = (carnet_credential_response_encryption){ 0 };
    if (jwk == NULL)
        return CARNET_OK;
    order->encryption.wanted = true;
    order->encryption.content = (carnet_aead)carnet_json_integer(carnet_json_get(order->document_of_encryption, "enc"));
    return carnet_jwk_read(jwk, x->worker->crypto, &order->encryption.jwk, err);
}

carnet_rc
carnet_issuing_order_read(carnet_issuing_exchange *x, carnet_str json, carnet_issuing_order *order, carnet_err *err)
{
    const carnet_json *keys;
    carnet_jwk jwk;
    carnet_rc rc = carnet_json_parse(json, &order->document_of_encryption, err);

    if (rc != CARNET_OK)
        return rc;
    keys = carnet_json_get(order->document_of_encryption, "keys");
    order->dehydrated = carnet_json_bool(carnet_json_get(order->document_of_encryption, "dehydrated"));
    order->key_count = carnet_json_count(keys);
    order->keys = carnet_service_scratch(x->worker, (order->key_count + 1) * sizeof(*order->keys));
    if (order->keys == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; rc == CARNET_OK && i < order->key_count; i++) {
        rc = carnet_jwk_read(carnet_json_at(keys, i), x->worker->crypto, &jwk, err);
        if (rc == CARNET_OK)
            order->keys[i] = jwk.key;
    }
    return rc == CARNET_OK ? read_encryption(x, order, err) : rc;
}

void
carnet_issuing_order_done(carnet_issuing_order *order)
{
    carnet_json_free(&order->document_of_encryption);
}

/* --- put off --- */

carnet_rc
carnet_issuing_answer_later(carnet_issuing_exchange *x, const carnet_credential_response_encryption *encryption,
                            carnet_str transaction, int64_t interval, carnet_err *err)
{
    carnet_buf json;
    carnet_rc rc = carnet_issuing_room(x, LATER_ROOM, &json, err);

    x->response->status = 202;
    if (rc == CARNET_OK)
        rc = carnet_credential_response_build_deferred(transaction, (uint32_t)interval, &json, err);
    return rc == CARNET_OK ? carnet_issuing_answer(x, encryption, carnet_buf_str(&json), err) : rc;
}

carnet_rc
carnet_issuing_key_print(carnet_issuing_exchange *x, const carnet_issuing_order *order, size_t i,
                         uint8_t out[CARNET_SERVICE_HASH], carnet_err *err)
{
    if (order->document->policy.key_reuse_allowed)
        return carnet_random_fill(&x->worker->random, out, CARNET_SERVICE_HASH, err);
    return carnet_jwk_thumbprint(x->worker->crypto, &order->keys[i], out, err);
}

static carnet_rc
list_keys(carnet_issuing_exchange *x, const carnet_issuing_order *order, carnet_time until,
          const carnet_store_once **list, carnet_err *err)
{
    carnet_store_once *keys = carnet_service_scratch(x->worker, order->key_count * sizeof(*keys));
    uint8_t *prints = carnet_service_scratch(x->worker, order->key_count * CARNET_SERVICE_HASH);
    carnet_rc rc = CARNET_OK;

    if (keys == NULL || prints == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; rc == CARNET_OK && i < order->key_count; i++) {
        uint8_t *print = prints + i * CARNET_SERVICE_HASH;

        rc = carnet_issuing_key_print(x, order, i, print, err);
        keys[i] = (carnet_store_once){ CARNET_STORE_ONCE_KEY, carnet_span_of(print, CARNET_SERVICE_HASH), until };
    }
    *list = keys;
    return rc;
}

static carnet_rc
seal_order(carnet_issuing_exchange *x, const carnet_issuing_order *order, carnet_span to, carnet_span *sealed,
           carnet_err *err)
{
    size_t most = (order->key_count + 1) * KEY_OCTETS + ORDER_MORE;
    carnet_buf plain, out;
    carnet_rc rc = carnet_issuing_room(x, most, &plain, err);

    if (rc == CARNET_OK)
        rc = carnet_issuing_room(x, most + CARNET_SERVICE_SEALING, &out, err);
    if (rc == CARNET_OK)
        rc = carnet_issuing_order_write(order, &plain, err);
    if (rc == CARNET_OK)
        rc = carnet_service_seal(x->worker, CARNET_ISSUING_SEALED_ORDER, to, carnet_buf_span(&plain), &out, err);
    if (rc == CARNET_OK)
        *sealed = carnet_buf_span(&out);
    return rc;
}

carnet_rc
carnet_issuing_defer(carnet_issuing_exchange *x, const carnet_issuing_order *order, carnet_err *err)
{
    const carnet_issuer_policy *policy = &order->document->policy;
    char transaction[CARNET_SERVICE_TOKEN + 1];
    uint8_t hash[CARNET_SERVICE_HASH];
    int64_t life = x->issuing->policy.deferred_s;
    carnet_store_deferred deferral = { .grant = x->access.grant.id,
                                       .configuration = policy->configuration,
                                       .interval =
                                           policy->deferred_interval_s == 0 ? INTERVAL_S : policy->deferred_interval_s,
                                       .created = x->access.now,
                                       .expires = x->access.now + (life == 0 ? DEFERRED_S : life) };
    carnet_issuing_record record = { .x = x, .order = order, .deferral = &deferral, .key_count = order->key_count };
    carnet_rc rc = carnet_service_token_make(x->worker, transaction, hash, err);

    if (rc == CARNET_OK)
        rc = list_keys(x, order, deferral.expires, &record.keys, err);
    deferral.transaction_hash = carnet_span_of(hash, sizeof(hash));
    if (rc == CARNET_OK)
        rc = seal_order(x, order, deferral.transaction_hash, &deferral.request, err);
    if (rc == CARNET_OK) /* before it is recorded, as with an issuance */
        rc = carnet_issuing_answer_later(x, &order->encryption, carnet_str_of(transaction), deferral.interval, err);
    return rc == CARNET_OK ? carnet_issuing_keep(&record, err) : rc;
}
