/* SPDX-License-Identifier: Apache-2.0 */
/* The credential issuer's metadata (OpenID4VCI 12.2), made once of the policy; and the list of its root certificates. */
#include "internal.h"

#include "carnet/mdoc_iacas.h"

#include <string.h>

enum { JSON_MAX = CARNET_ISSUER_METADATA_MAX, IACAS_MAX = 1 << 18, ROOTS = 64, KID = 44 };

static carnet_rc
without_room(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
}

/* BASE and a path, in the issuer's memory. */
static carnet_rc
url_of(carnet_issuing *issuing, const char *path, carnet_str *url, carnet_err *err)
{
    carnet_str base = carnet_service_base_url(issuing->context);
    size_t len = base.len + strlen(path);
    carnet_buf buf = carnet_buf_of(carnet_issuing_block_new(issuing, len), len);

    if (buf.ptr == NULL)
        return without_room(err);
    carnet_buf_add_str(&buf, base);
    carnet_buf_add_text(&buf, path);
    *url = carnet_buf_str(&buf);
    return CARNET_OK;
}

static carnet_rc
fill_urls(carnet_issuing *issuing, carnet_err *err)
{
    carnet_issuer_metadata *m = &issuing->metadata.metadata;
    const struct {
        const char *path;
        carnet_str *url;
    } urls[] = { { "/credential", &m->credential_endpoint },
                 { "/nonce", &m->nonce_endpoint },
                 { "/deferred_credential", &m->deferred_credential_endpoint },
                 { "/notification", &m->notification_endpoint },
                 { "/mdoc_iacas", &m->mdoc_iacas_uri } };
    carnet_rc rc = CARNET_OK;

    m->credential_issuer = carnet_service_base_url(issuing->context);
    for (size_t i = 0; rc == CARNET_OK && i < CARNET_COUNT(urls); i++)
        rc = url_of(issuing, urls[i].path, urls[i].url, err);
    return rc;
}

/* The key's thumbprint names it. */
static carnet_rc
fill_encryption(carnet_issuing *issuing, carnet_service_worker *worker, carnet_err *err)
{
    carnet_issuer_metadata *m = &issuing->metadata.metadata;
    carnet_credential_encryption rule = { .supported = true,
                                          .required = issuing->policy.encryption_required,
                                          .ecdh_es = true,
                                          .content = CARNET_CREDENTIAL_A128GCM | CARNET_CREDENTIAL_A256GCM };
    uint8_t print[CARNET_SERVICE_HASH];
    const carnet_service_key *key;
    carnet_buf kid;
    carnet_rc rc;

    if (issuing->policy.encryption_key == NULL)
        return CARNET_OK;
    rc = carnet_service_key_get(worker, issuing->policy.encryption_key, &key, err);
    if (rc == CARNET_OK)
        rc = carnet_jwk_thumbprint(worker->crypto, &key->key->public_key, print, err);
    if (rc != CARNET_OK)
        return rc;
    kid = carnet_buf_of(carnet_issuing_block_new(issuing, KID), KID);
    if (kid.ptr == NULL)
        return without_room(err);
    carnet_base64url_encode(carnet_span_of(print, sizeof(print)), &kid);
    m->response_encryption = rule;
    m->request_encryption = rule;
    m->request_encryption.keys[0] = (carnet_jwk){ .key = key->key->public_key,
                                                  .key_id = carnet_buf_str(&kid),
                                                  .algorithm = carnet_str_of("ECDH-ES"),
                                                  .use = carnet_str_of("enc") };
    m->request_encryption.key_count = 1;
    return CARNET_OK;
}

/* --- configurations --- */

static void
fill_proof_type(const carnet_issuer_policy *policy, carnet_proof_type *type)
{
    static const carnet_signature_algorithm usual[] = { CARNET_ES256 };
    const carnet_signature_algorithm *list = policy->key_algorithm_count == 0 ? usual : policy->key_algorithms;
    size_t count = policy->key_algorithm_count == 0 ? 1 : policy->key_algorithm_count;
    carnet_key_attestations_required *required = &type->key_attestations;

    type->supported = true;
    for (size_t i = 0; i < count && i < CARNET_SIGNING_ALGORITHMS_MAX; i++)
        type->algorithms[type->algorithm_count++] = list[i];
    required->required = carnet_issuer_policy_attested(policy);
    for (size_t i = 0; i < policy->key_storage_count && i < CARNET_ATTESTATION_LEVELS_MAX; i++)
        required->key_storage[required->key_storage_count++] = policy->key_storage[i];
    for (size_t i = 0; i < policy->user_authentication_count && i < CARNET_ATTESTATION_LEVELS_MAX; i++)
        required->user_authentication[required->user_authentication_count++] = policy->user_authentication[i];
}

static bool
has_algorithm(const carnet_credential_configuration *c, int64_t algorithm)
{
    for (size_t i = 0; i < c->signing_algorithm_count; i++)
        if (c->signing_algorithms[i] == algorithm)
            return true;
    return false;
}

static carnet_rc
fill_signers(carnet_service_worker *worker, const carnet_issuing_document *document, carnet_credential_configuration *c,
             carnet_err *err)
{
    carnet_path path = { .name = document->policy.configuration };

    for (size_t i = 0; i < document->signer_count; i++) {
        const carnet_service_key *key;

        if (carnet_service_key_get(worker, document->signers[i], &key, err) != CARNET_OK ||
            key->algorithm == CARNET_SIGNATURE_NONE || key->chain_count == 0)
            return carnet_fail_at(err, CARNET_E_ISSUING_POLICY, NULL,
                                  "the document signer is no key that signs, or has no certificate", CARNET_NO_OFFSET,
                                  &path);
        if (!has_algorithm(c, key->algorithm))
            c->signing_algorithms[c->signing_algorithm_count++] = key->algorithm;
    }
    return c->signing_algorithm_count != 0 ? CARNET_OK
                                           : carnet_fail_at(err, CARNET_E_ISSUING_POLICY, NULL,
                                                            "there is no document signer", CARNET_NO_OFFSET, &path);
}

static carnet_rc
fill_configuration(carnet_issuing *issuing, carnet_service_worker *worker, const carnet_issuing_document *document,
                   carnet_credential_configuration_spec *spec, carnet_err *err)
{
    const carnet_issuer_policy *policy = &document->policy;
    carnet_credential_configuration *c = &spec->configuration;
    bool attesters = issuing->policy.key_attesters != NULL;
    const carnet_json *displays = NULL;
    carnet_rc rc;

    c->id = policy->configuration;
    c->format = carnet_str_of("mso_mdoc");
    c->doctype = policy->doc_type;
    c->scope = policy->scope;
    c->binding = c->cose_key = true;
    c->dehydrated = policy->dehydrated;
    if (policy->proof_types == 0 || (policy->proof_types & CARNET_POLICY_PROOF_JWT) != 0)
        fill_proof_type(policy, &c->jwt);
    if (attesters && (policy->proof_types == 0 || (policy->proof_types & CARNET_POLICY_PROOF_ATTESTATION) != 0))
        fill_proof_type(policy, &c->attestation);
    rc = fill_signers(worker, document, c, err);
    if (rc == CARNET_OK && policy->display.len != 0)
        rc = carnet_issuing_json(issuing, policy->display, &displays, err);
    if (rc == CARNET_OK)
        rc = carnet_issuing_displays(issuing, displays, &spec->displays, &spec->display_count, err);
    return rc == CARNET_OK ? carnet_issuing_claims_shown(issuing, policy, &spec->claims, &spec->claim_count, err) : rc;
}

static carnet_rc
fill_configurations(carnet_issuing *issuing, carnet_service_worker *worker, carnet_err *err)
{
    const carnet_issuing_policy *policy = &issuing->policy;
    carnet_credential_configuration_spec *list =
        carnet_issuing_block_new(issuing, policy->document_count * sizeof(*list));
    size_t batch = 1;
    carnet_rc rc = CARNET_OK;

    if (list == NULL)
        return without_room(err);
    for (size_t i = 0; rc == CARNET_OK && i < policy->document_count; i++) {
        size_t most = carnet_issuer_policy_batch(&policy->documents[i].policy);

        batch = most > batch ? most : batch;
        rc = fill_configuration(issuing, worker, &policy->documents[i], &list[i], err);
    }
    issuing->metadata.configurations = list;
    issuing->metadata.configuration_count = policy->document_count;
    issuing->metadata.metadata.batch_size = (uint32_t)batch;
    return rc;
}

static carnet_rc
fill_displays(carnet_issuing *issuing, carnet_err *err)
{
    const carnet_issuing_policy *policy = &issuing->policy;
    const carnet_json *displays = NULL;
    carnet_display *one;
    carnet_rc rc = CARNET_OK;

    if (policy->display.len == 0 && policy->name.len != 0) {
        one = carnet_issuing_block_new(issuing, sizeof(*one));
        if (one == NULL)
            return without_room(err);
        one->name = policy->name;
        issuing->metadata.displays = one;
        issuing->metadata.display_count = 1;
        return CARNET_OK;
    }
    if (policy->display.len != 0)
        rc = carnet_issuing_json(issuing, policy->display, &displays, err);
    return rc == CARNET_OK ? carnet_issuing_displays(issuing, displays, &issuing->metadata.displays,
                                                     &issuing->metadata.display_count, err)
                           : rc;
}

/* --- ready answers --- */

static bool
has_root(const carnet_span *roots, size_t count, carnet_span root)
{
    for (size_t i = 0; i < count; i++)
        if (carnet_span_equal(roots[i], root))
            return true;
    return false;
}

static carnet_rc
write_iacas(carnet_issuing *issuing, carnet_service_worker *worker, carnet_err *err)
{
    carnet_span roots[ROOTS];
    carnet_buf buf = carnet_buf_of(carnet_issuing_block_new(issuing, IACAS_MAX), IACAS_MAX);
    size_t count = 0;
    carnet_rc rc;

    if (buf.ptr == NULL)
        return without_room(err);
    for (size_t d = 0; d < issuing->policy.document_count; d++) {
        const carnet_issuing_document *document = &issuing->policy.documents[d];

        for (size_t i = 0; i < document->signer_count; i++) {
            const carnet_service_key *key;

            rc = carnet_service_key_get(worker, document->signers[i], &key, err);
            if (rc != CARNET_OK)
                return rc;
            if (key->root.len != 0 && count < ROOTS && !has_root(roots, count, key->root))
                roots[count++] = key->root;
        }
    }
    rc = carnet_mdoc_iacas_build(roots, count, &buf, err);
    issuing->iacas = carnet_buf_str(&buf);
    return rc;
}

carnet_rc
carnet_issuing_metadata_init(carnet_issuing *issuing, carnet_service_worker *worker, carnet_err *err)
{
    carnet_buf buf = carnet_buf_of(carnet_issuing_block_new(issuing, JSON_MAX), JSON_MAX);
    carnet_rc rc;

    if (buf.ptr == NULL)
        return without_room(err);
    issuing->metadata.struct_size = sizeof(issuing->metadata);
    rc = fill_urls(issuing, err);
    if (rc == CARNET_OK)
        rc = fill_encryption(issuing, worker, err);
    if (rc == CARNET_OK)
        rc = fill_displays(issuing, err);
    if (rc == CARNET_OK)
        rc = fill_configurations(issuing, worker, err);
    if (rc == CARNET_OK)
        rc = carnet_issuer_metadata_build(&issuing->metadata, &buf, err);
    issuing->json = carnet_buf_str(&buf);
    return rc == CARNET_OK ? write_iacas(issuing, worker, err) : rc;
}
