/* SPDX-License-Identifier: Apache-2.0 */
/* The credential configurations of an issuer, and how things are shown (OpenID4VCI 12.2.4, A.2.2, C). */
#include "carnet/issuer_metadata.h"
#include "internal.h"

#include <stddef.h>

#define CLAUSE "OpenID4VCI 12.2.4"

static const carnet_path configurations_path = CARNET_MESSAGE_STEP(NULL, "credential_configurations_supported");

/* --- algorithms --- */

/* COSE's names of algorithms an issuer may sign with, for issuers that write names, or numbers as text, where numbers
 * belong. */
static const struct {
    const char *name;
    int64_t number;
} cose_names[] = {
    { "ES256", CARNET_ES256 }, { "ES384", CARNET_ES384 },
    { "ES512", CARNET_ES512 }, { "EdDSA", CARNET_EDDSA },
    { "ESP256", -9 },          { "ESP384", -51 },
    { "ESP512", -52 },         { "Ed25519", -19 },
    { "-7", CARNET_ES256 },    { "-9", -9 },
    { "-35", CARNET_ES384 },   { "-36", CARNET_ES512 },
};

static int64_t
cose_algorithm(const carnet_json *value)
{
    for (size_t i = 0; i < CARNET_COUNT(cose_names); i++) {
        if (carnet_str_is(carnet_json_string(value), cose_names[i].name))
            return cose_names[i].number;
    }
    return carnet_json_integer(value);
}

static void
read_signing(const carnet_json *list, carnet_credential_configuration *configuration)
{
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        const int64_t number = cose_algorithm(carnet_json_at(list, i));

        if (number != 0 && configuration->signing_algorithm_count < CARNET_SIGNING_ALGORITHMS_MAX)
            configuration->signing_algorithms[configuration->signing_algorithm_count++] = number;
    }
}

static bool
has(const carnet_json *list, const char *word)
{
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        if (carnet_str_is(carnet_json_string(carnet_json_at(list, i)), word))
            return true;
    }
    return false;
}

/* --- proofs --- */

static carnet_rc
read_levels(const carnet_json *object, const char *name, const carnet_message_place *outer, carnet_str *out,
            size_t *count, carnet_err *err)
{
    const carnet_path path = { .up = outer->path, .name = carnet_str_of(name) };
    const carnet_message_place place = { outer->rc, outer->clause, &path, false };
    const carnet_json *list;
    const carnet_rc rc = carnet_message_get(object, name, CARNET_JSON_ARRAY, outer, &list, err);

    if (rc != CARNET_OK || carnet_json_count(list) == 0)
        return rc;
    return carnet_message_read_list(list, &place, false, out, CARNET_ATTESTATION_LEVELS_MAX, count, err);
}

static carnet_rc
read_required(const carnet_json *object, const carnet_message_place *outer, carnet_key_attestations_required *required,
              carnet_err *err)
{
    const carnet_path path = CARNET_MESSAGE_STEP(outer->path, "key_attestations_required");
    const carnet_message_place place = { outer->rc, outer->clause, &path, false };
    const carnet_json *member;
    carnet_rc rc = carnet_message_get(object, path.name.ptr, CARNET_JSON_OBJECT, outer, &member, err);

    if (rc != CARNET_OK || member == NULL)
        return rc;
    required->required = true;
    rc = read_levels(member, "key_storage", &place, required->key_storage, &required->key_storage_count, err);
    return rc == CARNET_OK ? read_levels(member, "user_authentication", &place, required->user_authentication,
                                         &required->user_authentication_count, err)
                           : rc;
}

static carnet_rc
read_proof_type(const carnet_json *types, const char *name, const carnet_message_place *outer, carnet_proof_type *type,
                carnet_err *err)
{
    const carnet_path path = { .up = outer->path, .name = carnet_str_of(name) };
    const carnet_message_place place = { outer->rc, outer->clause, &path, false };
    const carnet_json *object, *list;
    carnet_rc rc = carnet_message_get(types, name, CARNET_JSON_OBJECT, outer, &object, err);

    if (rc != CARNET_OK || object == NULL)
        return rc;
    type->supported = true;
    rc = carnet_message_get(object, "proof_signing_alg_values_supported", CARNET_JSON_ARRAY, &place, &list, err);
    if (rc != CARNET_OK)
        return rc;
    for (size_t i = 0; i < carnet_json_count(list); i++) {
        const carnet_signature_algorithm algorithm =
            carnet_jws_algorithm_named(carnet_json_string(carnet_json_at(list, i)));

        if (algorithm != CARNET_SIGNATURE_NONE && type->algorithm_count < CARNET_SIGNING_ALGORITHMS_MAX)
            type->algorithms[type->algorithm_count++] = algorithm;
    }
    if (carnet_json_count(list) != 0 && type->algorithm_count == 0)
        type->supported = false; /* none that could be used here */
    return read_required(object, &place, &type->key_attestations, err);
}

static carnet_rc
read_proof_types(const carnet_json *object, const carnet_message_place *outer,
                 carnet_credential_configuration *configuration, carnet_err *err)
{
    const carnet_path path = CARNET_MESSAGE_STEP(outer->path, "proof_types_supported");
    const carnet_message_place place = { outer->rc, outer->clause, &path, false };
    const carnet_json *types;
    carnet_rc rc = carnet_message_get(object, path.name.ptr, CARNET_JSON_OBJECT, outer, &types, err);

    if (rc != CARNET_OK || carnet_json_count(types) == 0)
        return rc;
    configuration->binding = true;
    rc = read_proof_type(types, "jwt", &place, &configuration->jwt, err);
    return rc == CARNET_OK ? read_proof_type(types, "attestation", &place, &configuration->attestation, err) : rc;
}

/* --- a configuration --- */

static carnet_rc
read_configuration(const carnet_json *object, const carnet_message_place *place,
                   carnet_credential_configuration *configuration, carnet_err *err)
{
    static const carnet_message_text texts[] = {
        { "format", offsetof(carnet_credential_configuration, format), true, false },
        { "doctype", offsetof(carnet_credential_configuration, doctype), false, false },
        { "scope", offsetof(carnet_credential_configuration, scope), false, false },
    };
    const carnet_json *list, *methods;
    carnet_rc rc = carnet_message_read_texts(object, texts, CARNET_COUNT(texts), place, configuration, err);

    if (rc == CARNET_OK && carnet_str_is(configuration->format, "mso_mdoc") && configuration->doctype.len == 0)
        rc = carnet_message_refuse(place, "doctype", "this member is missing", err);
    if (rc == CARNET_OK)
        rc =
            carnet_message_get(object, "credential_signing_alg_values_supported", CARNET_JSON_ARRAY, place, &list, err);
    if (rc == CARNET_OK)
        rc = carnet_message_get(object, "cryptographic_binding_methods_supported", CARNET_JSON_ARRAY, place, &methods,
                                err);
    if (rc != CARNET_OK)
        return rc;
    read_signing(list, configuration);
    configuration->cose_key = has(methods, "cose_key");
    configuration->jwk = has(methods, "jwk");
    configuration->dehydrated = carnet_json_bool(carnet_json_get(carnet_json_get(object, "iso_23220_3"), "dehydrated"));
    return read_proof_types(object, place, configuration, err);
}

static carnet_rc
open_configuration(carnet_str id, const carnet_json *object, carnet_credential_configuration *configuration,
                   carnet_err *err)
{
    const carnet_path path = { .up = &configurations_path, .name = id };
    const carnet_message_place place = { CARNET_E_OID4VCI_METADATA, CLAUSE, &path, false };
    carnet_rc rc = CARNET_OK;

    *configuration = (carnet_credential_configuration){ .id = id, .json = object };
    if (carnet_json_type_of(object) != CARNET_JSON_OBJECT)
        rc = carnet_message_refuse(&place, NULL, "this is no object", err);
    if (rc == CARNET_OK)
        rc = read_configuration(object, &place, configuration, err);
    if (rc != CARNET_OK)
        *configuration = (carnet_credential_configuration){ 0 };
    return rc;
}

static carnet_rc
no_configuration(carnet_credential_configuration *configuration, carnet_err *err)
{
    *configuration = (carnet_credential_configuration){ 0 };
    return carnet_fail(err, CARNET_E_OID4VCI_CONFIGURATION, CLAUSE, "the issuer has none of this identifier");
}

carnet_rc
carnet_issuer_metadata_configuration(const carnet_issuer_metadata *metadata, size_t i,
                                     carnet_credential_configuration *configuration, carnet_err *err)
{
    const carnet_json *object = carnet_json_get(metadata->document, configurations_path.name.ptr);
    carnet_json_member member = { 0 };

    for (size_t at = 0; carnet_json_next(object, &member); at++) {
        if (at == i)
            return open_configuration(member.name, member.value, configuration, err);
    }
    return no_configuration(configuration, err);
}

carnet_rc
carnet_issuer_metadata_find(const carnet_issuer_metadata *metadata, carnet_str id,
                            carnet_credential_configuration *configuration, carnet_err *err)
{
    const carnet_json *object = carnet_json_get(metadata->document, configurations_path.name.ptr);
    carnet_json_member member = { 0 };

    while (carnet_json_next(object, &member)) {
        if (carnet_str_equal(member.name, id))
            return open_configuration(member.name, member.value, configuration, err);
    }
    return no_configuration(configuration, err);
}

/* --- claims --- */

bool
carnet_credential_configuration_claim(const carnet_credential_configuration *configuration, size_t i,
                                      carnet_claim_description *claim)
{
    const carnet_json *list = carnet_credential_configuration_member(configuration->json, "claims");
    const bool listed = carnet_json_type_of(list) == CARNET_JSON_ARRAY;

    *claim = (carnet_claim_description){ 0 };
    for (size_t at = 0; listed && at < carnet_json_count(list); at++) {
        const carnet_json *object = carnet_json_at(list, at), *path = carnet_json_get(object, "path");
        const carnet_str name_space = carnet_json_string(carnet_json_at(path, 0));
        const carnet_str element = carnet_json_string(carnet_json_at(path, 1));

        if (name_space.len == 0 || element.len == 0 || i-- != 0)
            continue;
        claim->name_space = name_space;
        claim->element = element;
        claim->mandatory = carnet_json_bool(carnet_json_get(object, "mandatory"));
        claim->json = object;
        return true;
    }
    return false;
}
