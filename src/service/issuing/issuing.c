/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer: its policy checked, its metadata made. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    NONCE_S = 300,
    PROOF_S = 300,
    SKEW_S = 60,
    OFFER_S = 3600,
    OFFER_MOST = 30 * CARNET_TIME_DAY,
    TX_CODE = 6,
    ATTEMPTS = 5
};

const carnet_issuing_document *
carnet_issuing_find(const carnet_issuing *issuing, carnet_str configuration)
{
    for (size_t i = 0; i < issuing->policy.document_count; i++)
        if (carnet_str_equal(issuing->policy.documents[i].policy.configuration, configuration))
            return &issuing->policy.documents[i];
    return NULL;
}

const char *
carnet_issuing_name(const carnet_issuing *issuing, carnet_str configuration)
{
    const carnet_issuing_document *document = carnet_issuing_find(issuing, configuration);

    return document == NULL ? NULL : issuing->names[document - issuing->policy.documents];
}

/* Names are kept by who counts events, so they live as long as the issuer. */
static carnet_rc
fill_names(carnet_issuing *issuing, carnet_err *err)
{
    size_t count = issuing->policy.document_count;

    issuing->names = carnet_issuing_block_new(issuing, count * sizeof(*issuing->names));
    for (size_t i = 0; issuing->names != NULL && i < count; i++) {
        carnet_str name = issuing->policy.documents[i].policy.configuration;
        char *copy = carnet_issuing_block_new(issuing, name.len + 1);

        if (copy == NULL)
            return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
        memcpy(copy, name.ptr, name.len);
        issuing->names[i] = copy;
    }
    return issuing->names != NULL ? CARNET_OK : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}

static void
fill_defaults(carnet_issuing_policy *p)
{
    p->nonce_s = p->nonce_s == 0 ? NONCE_S : p->nonce_s;
    p->proof_s = p->proof_s == 0 ? PROOF_S : p->proof_s;
    p->skew_s = p->skew_s == 0 ? SKEW_S : p->skew_s;
    p->offer_s = p->offer_s == 0 ? OFFER_S : p->offer_s;
    p->offer_most = p->offer_most == 0 ? OFFER_MOST : p->offer_most;
    p->offer_most = p->offer_most < p->offer_s ? p->offer_s : p->offer_most;
    p->tx_code_length = p->tx_code_length == 0 ? TX_CODE : p->tx_code_length;
    p->tx_code_attempts = p->tx_code_attempts == 0 ? ATTEMPTS : p->tx_code_attempts;
}

static carnet_rc
refuse(const char *member, const char *reason, carnet_err *err)
{
    carnet_path path = { .name = carnet_str_of(member) };

    return carnet_fail_at(err, CARNET_E_ISSUING_POLICY, NULL, reason, CARNET_NO_OFFSET, &path);
}

static carnet_rc
check_documents(const carnet_issuing *issuing, carnet_err *err)
{
    const carnet_issuing_policy *p = &issuing->policy;
    char place[48];

    if (p->document_count == 0 || p->document_count > CARNET_ISSUING_DOCUMENTS)
        return refuse("configurations", "an issuer has 1 to 64 configurations", err);
    for (size_t i = 0; i < p->document_count; i++) {
        const carnet_issuing_document *d = &p->documents[i];
        carnet_path list = { .name = carnet_str_of("configurations") }, entry = { .up = &list, .index = i };
        carnet_rc rc = carnet_issuer_policy_check(&d->policy, err);

        if (rc == CARNET_OK && carnet_issuing_find(issuing, d->policy.configuration) != d)
            rc = refuse("id", "two configurations have this identifier", err);
        if (rc == CARNET_OK && carnet_issuer_policy_attested(&d->policy) && p->key_attesters == NULL)
            rc = refuse("key_attestation_required", "no attester of keys is trusted here", err);
        if (rc != CARNET_OK) {
            (void)carnet_path_text(&entry, place, sizeof(place));
            carnet_err_within(err, place);
            return rc;
        }
    }
    return CARNET_OK;
}

static carnet_rc
check_rest(const carnet_issuing *issuing, carnet_err *err)
{
    const carnet_issuing_policy *p = &issuing->policy;

    if (p->struct_size != sizeof(*p))
        return refuse("struct_size", "another version's policy", err);
    if (p->encryption_required && p->encryption_key == NULL)
        return refuse("encryption_required", "there is no key that requests could be encrypted to", err);
    if (p->tx_code_length < 4 || p->tx_code_length > CARNET_ISSUING_TX_CODE_MAX)
        return refuse("tx_code_length", "a transaction code has 4 to 16 digits", err);
    return check_documents(issuing, err);
}

carnet_rc
carnet_issuing_new(const carnet_service_context *context, const carnet_issuing_policy *policy,
                   const carnet_authorization *authorization, carnet_issuing **issuing, carnet_err *err)
{
    carnet_issuing *made = calloc(1, sizeof(*made));
    carnet_service_worker *worker;
    carnet_rc rc;

    *issuing = NULL;
    if (made == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    made->context = context;
    made->typings = carnet_issuing_typings_new();
    made->authorization = authorization;
    made->policy = *policy;
    fill_defaults(&made->policy);
    rc = made->typings == NULL ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : check_rest(made, err);
    if (rc == CARNET_OK)
        rc = fill_names(made, err);
    if (rc == CARNET_OK)
        rc = carnet_service_begin(context, NULL, &worker, err);
    if (rc == CARNET_OK)
        rc = carnet_issuing_metadata_init(made, worker, err);
    if (rc != CARNET_OK)
        carnet_issuing_free(&made);
    *issuing = made;
    return rc;
}

void
carnet_issuing_free(carnet_issuing **issuing)
{
    if (*issuing == NULL)
        return;
    carnet_issuing_metadata_done(*issuing);
    carnet_issuing_typings_free(&(*issuing)->typings);
    free(*issuing);
    *issuing = NULL;
}
