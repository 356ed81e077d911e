/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/issuer_metadata.h"
#include "fuzz.h"

static const char issuer[] = "https://iss.example/t";

static void
look(const carnet_credential_configuration *configuration)
{
    carnet_claim_description claim;
    carnet_display display;

    MUST(configuration->format.len != 0 && configuration->json != NULL);
    MUST(!carnet_str_is(configuration->format, "mso_mdoc") || configuration->doctype.len != 0);
    MUST(configuration->signing_algorithm_count <= CARNET_SIGNING_ALGORITHMS_MAX);
    MUST(configuration->binding || (!configuration->jwt.supported && !configuration->attestation.supported));
    MUST(configuration->jwt.key_attestations.key_storage_count <= CARNET_ATTESTATION_LEVELS_MAX);
    (void)carnet_credential_configuration_display(configuration, carnet_str_of("de-CH"), &display);
    for (size_t i = 0; i < 64 && carnet_credential_configuration_claim(configuration, i, &claim); i++) {
        MUST(claim.name_space.len != 0 && claim.element.len != 0 && claim.json != NULL);
        (void)carnet_claim_description_display(&claim, carnet_str_of("de"), &display);
    }
}

/* One JSON text is metadata of one issuer, or refused by a code of ours. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[CARNET_ISSUER_METADATA_MAX];
    static carnet_crypto crypto;
    static carnet_issuer_metadata metadata;
    static bool ready;
    carnet_buf storage = carnet_buf_of(room, sizeof(room));
    const carnet_str text = { (const char *)data, size };
    carnet_issuer_metadata_signature signature;
    carnet_credential_configuration configuration;
    carnet_err err = { 0 };
    carnet_rc rc;

    MUST(ready || carnet_crypto_init(&crypto, NULL) == CARNET_OK);
    ready = true;
    if (size != 0 && data[0] != '{')
        rc = carnet_issuer_metadata_open_signed(text, carnet_str_of(issuer), true, 1800000000, 60, &crypto, &storage,
                                                &metadata, &signature, &err);
    else
        rc = carnet_issuer_metadata_open(text, carnet_str_of(issuer), true, &crypto, &metadata, &err);
    if (rc != CARNET_OK) {
        MUST(err.rc == rc && metadata.document == NULL && metadata.configuration_count == 0);
        return 0;
    }
    MUST(carnet_str_is(metadata.credential_issuer, issuer) && metadata.credential_endpoint.len != 0);
    MUST(metadata.batch_size >= 1 && metadata.configuration_count <= CARNET_CONFIGURATIONS_MAX);
    MUST(metadata.request_encryption.key_count <= CARNET_CREDENTIAL_ENCRYPTION_KEYS_MAX);
    for (size_t i = 0; i < metadata.configuration_count; i++) {
        if (carnet_issuer_metadata_configuration(&metadata, i, &configuration, &err) == CARNET_OK)
            look(&configuration);
        else
            MUST(err.rc == CARNET_E_OID4VCI_METADATA && configuration.json == NULL);
    }
    carnet_issuer_metadata_done(&metadata);
    return 0;
}
