/* SPDX-License-Identifier: Apache-2.0 */
/* The proofs of a request (OpenID4VCI 8.2.1): keys, attestations, nonce. */
#include "internal.h"

enum { STORAGE_MORE = 4096 };

static const carnet_credential_configuration *
configuration_of(const carnet_issuing *issuing, const carnet_issuing_document *document)
{
    size_t i = (size_t)(document - issuing->policy.documents);

    return &issuing->metadata.configurations[i].configuration;
}

static size_t
longest(const carnet_credential_request *request)
{
    size_t most = 0;

    for (size_t i = 0; i < request->proof_count; i++)
        if (request->proofs[i].len > most)
            most = request->proofs[i].len;
    return most;
}

static carnet_rc
check_keys(const carnet_issuing_order *order, carnet_err *err)
{
    carnet_rc rc = order->key_count == 0 ? carnet_fail(err, CARNET_E_OID4VCI_PROOF, "OpenID4VCI 8.2",
                                                       "a proof of a device key is required")
                                         : CARNET_OK;

    for (size_t i = 0; rc == CARNET_OK && i < order->key_count; i++)
        rc = carnet_issuer_policy_key(&order->document->policy, &order->keys[i], err);
    return rc;
}

static carnet_rc
check_nonce(carnet_issuing_exchange *x, carnet_str nonce, carnet_issuing_order *order, carnet_err *err)
{
    carnet_rc rc = carnet_service_nonce_check(x->worker, CARNET_NONCE_CREDENTIAL, nonce, order->nonce_hash,
                                              &order->nonce_at, &order->nonce_until, err);

    order->has_nonce = rc == CARNET_OK;
    return rc;
}

carnet_rc
carnet_issuing_prove(carnet_issuing_exchange *x, const carnet_credential_request *request, carnet_issuing_order *order,
                     carnet_err *err)
{
    const carnet_credential_configuration *configuration = configuration_of(x->issuing, order->document);
    carnet_credential_proof_rules rules = {
        .struct_size = sizeof(rules),
        .audience = carnet_service_base_url(x->issuing->context),
        .client_id = x->access.grant.client_id,
        .nonce_required = true,
        .now = x->access.now,
        .skew = x->issuing->policy.skew_s,
        .age = x->issuing->policy.proof_s,
        .jwt = &configuration->jwt,
        .attestation = &configuration->attestation,
        .batch_size = carnet_issuer_policy_batch(&order->document->policy),
        .attesters = x->issuing->policy.key_attesters,
    };
    carnet_proven_keys keys = { .cap = rules.batch_size + 1 };
    carnet_credential_proofs found;
    carnet_buf storage;
    carnet_rc rc = carnet_issuing_room(x, 4 * longest(request) + STORAGE_MORE, &storage, err);

    keys.keys = carnet_service_scratch(x->worker, keys.cap * sizeof(*keys.keys));
    if (rc != CARNET_OK || keys.keys == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = carnet_credential_proofs_check(request, &rules, x->worker->crypto, &storage, &keys, &found, err);
    if (rc != CARNET_OK)
        return rc;
    order->keys = keys.keys;
    order->key_count = keys.count;
    rc = check_keys(order, err);
    if (rc == CARNET_OK && carnet_issuer_policy_attested(&order->document->policy) && !found.attested)
        rc = carnet_fail(err, CARNET_E_OID4VCI_PROOF, "OpenID4VCI 8.2", "a key attestation is required");
    return rc == CARNET_OK ? check_nonce(x, found.nonce, order, err) : rc;
}
