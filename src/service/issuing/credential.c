/* SPDX-License-Identifier: Apache-2.0 */
/* POST /credential (OpenID4VCI 8): proofs checked, documents made, recorded, and only then answered. */
#include "internal.h"

enum { REQUEST_MAX = 512 * 1024, ANSWER_MAX = 6 * 1024 * 1024 };

/* By its type, as drafts before 15 ask: the first of it that the token reaches. */
static const carnet_issuing_document *
find_by_type(const carnet_issuing_exchange *x, carnet_str doctype)
{
    const carnet_issuing_policy *policy = &x->issuing->policy;

    for (size_t i = 0; i < policy->document_count; i++)
        if (carnet_str_equal(policy->documents[i].policy.doc_type, doctype) &&
            carnet_authorization_reaches(&x->access, policy->documents[i].policy.configuration))
            return &policy->documents[i];
    return NULL;
}

/* The document that is asked for, which the token must reach. */
static carnet_rc
find_document(carnet_issuing_exchange *x, const carnet_credential_request *request,
              const carnet_issuing_document **document, carnet_err *err)
{
    bool by_identifier = request->credential_identifier.len != 0;

    x->configuration = by_identifier ? request->credential_identifier : request->credential_configuration_id;
    *document = request->doctype.len != 0 ? find_by_type(x, request->doctype)
                                          : carnet_issuing_find(x->issuing, x->configuration);
    if (*document == NULL) {
        x->configuration = (carnet_str){ 0 };
        return carnet_fail(err, by_identifier ? CARNET_E_OID4VCI_IDENTIFIER : CARNET_E_OID4VCI_CONFIGURATION,
                           "OpenID4VCI 8.3.1", NULL);
    }
    x->configuration = (*document)->policy.configuration;
    if (!carnet_authorization_reaches(&x->access, x->configuration))
        return carnet_fail(err, by_identifier ? CARNET_E_OID4VCI_IDENTIFIER : CARNET_E_OID4VCI_CONFIGURATION,
                           "OpenID4VCI 8.3.1", "the access token is not for this document");
    return CARNET_OK;
}

static carnet_rc
issue_or_defer(carnet_issuing_exchange *x, carnet_issuing_order *order, carnet_err *err)
{
    carnet_issuer_deferral rule = order->document->policy.deferral;
    carnet_str claims;
    carnet_rc rc;

    if (rule == CARNET_DEFERRAL_ALWAYS)
        return carnet_issuing_defer(x, order, err);
    rc = carnet_issuing_claims(x, order->document, &claims, err);
    if (rc == CARNET_E_ISSUING_NOT_YET && rule != CARNET_DEFERRAL_NEVER)
        rc = carnet_issuing_defer(x, order, err);
    else if (rc == CARNET_OK)
        rc = carnet_issuing_issue(x, order, claims, err);
    carnet_issuing_claims_done(x);
    return rc;
}

static carnet_rc
answer(carnet_issuing_exchange *x, const carnet_credential_request *request, carnet_err *err)
{
    const carnet_issuer_metadata *rules = &x->issuing->metadata.metadata;
    carnet_issuing_order order = { .encryption = request->encryption };
    carnet_rc rc = find_document(x, request, &order.document, err);

    if (rc == CARNET_OK)
        rc = carnet_credential_encryption_check(&rules->request_encryption, &rules->response_encryption,
                                                x->was_encrypted, &request->encryption, err);
    if (rc != CARNET_OK)
        return rc;
    order.single = request->doctype.len != 0;
    order.dehydrated = request->dehydrated && order.document->policy.dehydrated;
    rc = carnet_issuing_prove(x, request, &order, err);
    return rc == CARNET_OK ? issue_or_defer(x, &order, err) : rc;
}

static carnet_rc
run(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    carnet_issuing_exchange *x;
    carnet_credential_request *asked;
    carnet_str json;
    carnet_rc rc;

    if (request->again)
        return carnet_issuing_go_on(self, request, response, err);
    rc = carnet_issuing_begin(self, request, response, "/credential", true, &x, err);
    if (rc != CARNET_OK)
        return rc;
    asked = carnet_service_scratch(x->worker, sizeof(*asked));
    if (asked == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    carnet_issuing_announce(x);
    rc = carnet_issuing_message(x, &json, err);
    if (rc == CARNET_OK)
        rc = carnet_credential_request_open(json, x->worker->crypto, asked, err);
    if (rc == CARNET_OK) {
        rc = answer(x, asked, err);
        carnet_credential_request_done(asked);
    }
    return response->later ? rc : carnet_issuing_end(x, rc, err);
}

const carnet_service_route carnet_issuing_credential = {
    .method = CARNET_SERVICE_POST,
    .name = "credential",
    .path = "/credential",
    .summary = "Documents for proven device keys, at once or later",
    .run = run,
    .cross_origin = true,
    .body_max = REQUEST_MAX,
    .answer_max = ANSWER_MAX,
};
