/* SPDX-License-Identifier: Apache-2.0 */
/* Credential issuer metadata, made and signed (OpenID4VCI 12.2.3, 12.2.4, A.2.2). */
#include "carnet/issuer_metadata.h"
#include "carnet/oauth_url.h"
#include "internal.h"

#define CLAUSE "OpenID4VCI 12.2.4"

static const carnet_message_place top = { CARNET_E_OID4VCI_METADATA, CLAUSE, NULL, true };
static const carnet_path configurations_path = CARNET_MESSAGE_STEP(NULL, "credential_configurations_supported");

/* --- checked first --- */

static carnet_rc
check_proof_type(const carnet_proof_type *type, const carnet_message_place *place, carnet_err *err)
{
    bool named = type->algorithm_count <= CARNET_SIGNING_ALGORITHMS_MAX;

    for (size_t i = 0; named && i < type->algorithm_count; i++)
        named = carnet_jws_algorithm_name(type->algorithms[i]) != NULL;
    if (type->supported && (type->algorithm_count == 0 || !named))
        return carnet_message_refuse(place, "proof_types_supported", "a type of proof has no algorithm, or another's",
                                     err);
    return CARNET_OK;
}

static carnet_rc
check_configuration(const carnet_credential_configuration *configuration, carnet_err *err)
{
    const carnet_path path = { .up = &configurations_path, .name = configuration->id };
    const carnet_message_place place = { CARNET_E_OID4VCI_METADATA, CLAUSE, &path, true };
    carnet_rc rc;

    if (configuration->id.len == 0 || configuration->id.len > CARNET_CONFIGURATION_ID_MAX)
        return carnet_message_refuse(&place, NULL, "its identifier is empty or too long", err);
    if (configuration->doctype.len == 0)
        return carnet_message_refuse(&place, "doctype", "this member is missing", err);
    if (configuration->binding && !configuration->jwt.supported && !configuration->attestation.supported)
        return carnet_message_refuse(&place, "proof_types_supported", "there is none", err);
    rc = check_proof_type(&configuration->jwt, &place, err);
    return rc == CARNET_OK ? check_proof_type(&configuration->attestation, &place, err) : rc;
}

static carnet_rc
check_spec(const carnet_issuer_metadata_spec *spec, carnet_err *err)
{
    const carnet_credential_encryption *request = &spec->metadata.request_encryption;
    carnet_rc rc;

    if (spec->struct_size != sizeof(*spec))
        return carnet_fail(err, CARNET_E_USAGE, NULL, "struct_size is not set");
    if (carnet_oauth_issuer_check(spec->metadata.credential_issuer, true, NULL) != CARNET_OK)
        return carnet_message_refuse(&top, "credential_issuer", "this is no issuer's https URL", err);
    if (request->supported && (request->key_count == 0 || request->content == 0))
        return carnet_message_refuse(&top, "credential_request_encryption", "there is no key or no algorithm", err);
    rc = carnet_message_check_texts(carnet_issuer_metadata_texts, CARNET_ISSUER_METADATA_TEXTS, &top, &spec->metadata,
                                    err);
    for (size_t i = 0; rc == CARNET_OK && i < spec->configuration_count; i++)
        rc = check_configuration(&spec->configurations[i].configuration, err);
    return rc;
}

/* --- parts --- */

static void
add_texts(carnet_json_builder *b, const char *name, const carnet_str *texts, size_t count)
{
    if (count == 0)
        return;
    carnet_json_array_begin(b, name);
    for (size_t i = 0; i < count; i++)
        carnet_json_add_string(b, NULL, texts[i]);
    carnet_json_array_end(b);
}

static void
add_some(carnet_json_builder *b, const char *name, carnet_str text)
{
    if (text.len != 0)
        carnet_json_add_string(b, name, text);
}

static void
add_displays(carnet_json_builder *b, const carnet_display *displays, size_t count)
{
    if (count == 0)
        return;
    carnet_json_array_begin(b, "display");
    for (size_t i = 0; i < count; i++) {
        carnet_json_object_begin(b, NULL);
        add_some(b, "name", displays[i].name);
        add_some(b, "locale", displays[i].locale);
        if (displays[i].logo_uri.len != 0) {
            carnet_json_object_begin(b, "logo");
            add_some(b, "uri", displays[i].logo_uri);
            add_some(b, "alt_text", displays[i].logo_alt_text);
            carnet_json_object_end(b);
        }
        add_some(b, "description", displays[i].description);
        add_some(b, "background_color", displays[i].background_color);
        if (displays[i].background_image_uri.len != 0) {
            carnet_json_object_begin(b, "background_image");
            add_some(b, "uri", displays[i].background_image_uri);
            carnet_json_object_end(b);
        }
        add_some(b, "text_color", displays[i].text_color);
        carnet_json_object_end(b);
    }
    carnet_json_array_end(b);
}

static void
add_contents(carnet_json_builder *b, unsigned content)
{
    carnet_json_array_begin(b, "enc_values_supported");
    if (content & CARNET_CREDENTIAL_A128GCM)
        carnet_json_add_text(b, NULL, "A128GCM");
    if (content & CARNET_CREDENTIAL_A256GCM)
        carnet_json_add_text(b, NULL, "A256GCM");
    carnet_json_array_end(b);
}

static void
add_request_encryption(carnet_json_builder *b, const carnet_credential_encryption *encryption)
{
    if (!encryption->supported)
        return;
    carnet_json_object_begin(b, "credential_request_encryption");
    carnet_json_object_begin(b, "jwks");
    carnet_json_array_begin(b, "keys");
    for (size_t i = 0; i < encryption->key_count && i < CARNET_CREDENTIAL_ENCRYPTION_KEYS_MAX; i++) {
        carnet_jwk jwk = encryption->keys[i];

        jwk.algorithm = carnet_str_of("ECDH-ES");
        jwk.use = carnet_str_of("enc");
        carnet_jwk_add(b, NULL, &jwk);
    }
    carnet_json_array_end(b);
    carnet_json_object_end(b);
    add_contents(b, encryption->content);
    carnet_json_add_bool(b, "encryption_required", encryption->required);
    carnet_json_object_end(b);
}

static void
add_response_encryption(carnet_json_builder *b, const carnet_credential_encryption *encryption)
{
    if (!encryption->supported)
        return;
    carnet_json_object_begin(b, "credential_response_encryption");
    carnet_json_array_begin(b, "alg_values_supported");
    carnet_json_add_text(b, NULL, "ECDH-ES");
    carnet_json_array_end(b);
    add_contents(b, encryption->content);
    carnet_json_add_bool(b, "encryption_required", encryption->required);
    carnet_json_object_end(b);
}

/* --- configurations --- */

static void
add_proof_type(carnet_json_builder *b, const char *name, const carnet_proof_type *type)
{
    const carnet_key_attestations_required *required = &type->key_attestations;

    if (!type->supported)
        return;
    carnet_json_object_begin(b, name);
    carnet_json_array_begin(b, "proof_signing_alg_values_supported");
    for (size_t i = 0; i < type->algorithm_count; i++)
        carnet_json_add_text(b, NULL, carnet_jws_algorithm_name(type->algorithms[i]));
    carnet_json_array_end(b);
    if (required->required) {
        carnet_json_object_begin(b, "key_attestations_required");
        add_texts(b, "key_storage", required->key_storage, required->key_storage_count);
        add_texts(b, "user_authentication", required->user_authentication, required->user_authentication_count);
        carnet_json_object_end(b);
    }
    carnet_json_object_end(b);
}

static void
add_binding(carnet_json_builder *b, const carnet_credential_configuration *configuration)
{
    if (!configuration->binding)
        return;
    carnet_json_array_begin(b, "cryptographic_binding_methods_supported");
    if (configuration->cose_key || !configuration->jwk)
        carnet_json_add_text(b, NULL, "cose_key");
    if (configuration->jwk)
        carnet_json_add_text(b, NULL, "jwk");
    carnet_json_array_end(b);
    carnet_json_object_begin(b, "proof_types_supported");
    add_proof_type(b, "jwt", &configuration->jwt);
    add_proof_type(b, "attestation", &configuration->attestation);
    carnet_json_object_end(b);
}

static void
add_claims(carnet_json_builder *b, const carnet_claim_description *claims, size_t count)
{
    if (count == 0)
        return;
    carnet_json_array_begin(b, "claims");
    for (size_t i = 0; i < count; i++) {
        carnet_json_object_begin(b, NULL);
        carnet_json_array_begin(b, "path");
        carnet_json_add_string(b, NULL, claims[i].name_space);
        carnet_json_add_string(b, NULL, claims[i].element);
        carnet_json_array_end(b);
        if (claims[i].mandatory)
            carnet_json_add_bool(b, "mandatory", true);
        add_displays(b, claims[i].displays, claims[i].display_count);
        carnet_json_object_end(b);
    }
    carnet_json_array_end(b);
}

static void
add_configuration(carnet_json_builder *b, const carnet_credential_configuration_spec *spec)
{
    const carnet_credential_configuration *configuration = &spec->configuration;
    const carnet_str id = configuration->id;
    char name[CARNET_CONFIGURATION_ID_MAX + 1];

    for (size_t i = 0; i < id.len; i++)
        name[i] = id.ptr[i];
    name[id.len] = '\0';
    carnet_json_object_begin(b, name);
    carnet_json_add_text(b, "format", "mso_mdoc");
    carnet_json_add_string(b, "doctype", configuration->doctype);
    add_some(b, "scope", configuration->scope);
    if (configuration->signing_algorithm_count != 0) {
        carnet_json_array_begin(b, "credential_signing_alg_values_supported");
        for (size_t i = 0; i < configuration->signing_algorithm_count; i++)
            carnet_json_add_integer(b, NULL, configuration->signing_algorithms[i]);
        carnet_json_array_end(b);
    }
    add_binding(b, configuration);
    if (spec->display_count != 0 || spec->claim_count != 0) {
        carnet_json_object_begin(b, "credential_metadata");
        add_displays(b, spec->displays, spec->display_count);
        add_claims(b, spec->claims, spec->claim_count);
        carnet_json_object_end(b);
    }
    if (configuration->dehydrated)
        carnet_json_add_raw(b, "iso_23220_3", carnet_str_of("{\"dehydrated\":true}"));
    carnet_json_object_end(b);
}

/* --- the whole --- */

static void
add_members(carnet_json_builder *b, const carnet_issuer_metadata_spec *spec)
{
    const carnet_issuer_metadata *metadata = &spec->metadata;

    carnet_json_add_string(b, "credential_issuer", metadata->credential_issuer);
    add_texts(b, "authorization_servers", metadata->authorization_servers, metadata->authorization_server_count);
    carnet_message_add_texts(b, carnet_issuer_metadata_texts, CARNET_ISSUER_METADATA_TEXTS, metadata);
    add_request_encryption(b, &metadata->request_encryption);
    add_response_encryption(b, &metadata->response_encryption);
    if (metadata->batch_size > 1) {
        carnet_json_object_begin(b, "batch_credential_issuance");
        carnet_json_add_integer(b, "batch_size", metadata->batch_size);
        carnet_json_object_end(b);
    }
    add_displays(b, spec->displays, spec->display_count);
    carnet_json_object_begin(b, configurations_path.name.ptr);
    for (size_t i = 0; i < spec->configuration_count; i++)
        add_configuration(b, &spec->configurations[i]);
    carnet_json_object_end(b);
}

/* With `signer`, what JWT has beside. */
static carnet_rc
build(const carnet_issuer_metadata_spec *spec, const carnet_issuer_metadata_signer *signer, carnet_buf *out,
      carnet_err *err)
{
    const size_t start = out->len;
    carnet_json_builder b = carnet_json_build(out);
    const carnet_rc rc = check_spec(spec, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_json_object_begin(&b, NULL);
    if (signer != NULL) {
        add_some(&b, "iss", signer->issuer);
        carnet_json_add_string(&b, "sub", spec->metadata.credential_issuer);
        carnet_json_add_integer(&b, "iat", signer->issued_at);
        if (signer->expires_at != 0)
            carnet_json_add_integer(&b, "exp", signer->expires_at);
    }
    add_members(&b, spec);
    carnet_json_object_end(&b);
    return carnet_message_built(&b, out, start, err);
}

carnet_rc
carnet_issuer_metadata_build(const carnet_issuer_metadata_spec *spec, carnet_buf *out, carnet_err *err)
{
    return build(spec, NULL, out, err);
}

carnet_rc
carnet_issuer_metadata_sign(const carnet_issuer_metadata_spec *spec, const carnet_issuer_metadata_signer *signer,
                            carnet_crypto *crypto, carnet_buf *scratch, carnet_buf *out, carnet_err *err)
{
    const carnet_jws_header header = { .type = CARNET_ISSUER_METADATA_TYPE,
                                       .x5c = signer->x5c,
                                       .x5c_count = signer->x5c_count };
    const size_t start = scratch->len;
    carnet_span payload;
    carnet_rc rc;

    if (signer->x5c_count == 0)
        return carnet_message_refuse(&top, NULL, "the signer has no certificate", err);
    rc = build(spec, signer, scratch, err);
    if (rc != CARNET_OK)
        return rc;
    payload = carnet_span_of(scratch->ptr + start, scratch->len - start);
    rc = carnet_jws_sign(&header, payload, signer->key, crypto, out, err);
    scratch->len = start;
    return rc;
}
