/* SPDX-License-Identifier: Apache-2.0 */
/* Credential issuer metadata, opened (OpenID4VCI 12.2.3, 12.2.4). */
#include "carnet/issuer_metadata.h"
#include "carnet/certificate.h"
#include "carnet/oauth_url.h"
#include "internal.h"

#include <stddef.h>

#define CLAUSE "OpenID4VCI 12.2.4"

static const carnet_path servers_path = CARNET_MESSAGE_STEP(NULL, "authorization_servers");
static const carnet_path batch_path = CARNET_MESSAGE_STEP(NULL, "batch_credential_issuance");
static const carnet_path request_path = CARNET_MESSAGE_STEP(NULL, "credential_request_encryption");
static const carnet_path response_path = CARNET_MESSAGE_STEP(NULL, "credential_response_encryption");

const carnet_message_text carnet_issuer_metadata_texts[CARNET_ISSUER_METADATA_TEXTS] = {
    { "credential_endpoint", offsetof(carnet_issuer_metadata, credential_endpoint), true, true },
    { "nonce_endpoint", offsetof(carnet_issuer_metadata, nonce_endpoint), false, true },
    { "deferred_credential_endpoint", offsetof(carnet_issuer_metadata, deferred_credential_endpoint), false, true },
    { "notification_endpoint", offsetof(carnet_issuer_metadata, notification_endpoint), false, true },
    { "mdoc_iacas_uri", offsetof(carnet_issuer_metadata, mdoc_iacas_uri), false, true },
};

static carnet_message_place
place_at(const carnet_path *path, bool insecure_loopback)
{
    return (carnet_message_place){ CARNET_E_OID4VCI_METADATA, CLAUSE, path, insecure_loopback };
}

/* --- encryption --- */

static void
read_keys(const carnet_json *object, carnet_crypto *crypto, carnet_credential_encryption *encryption)
{
    const carnet_json *keys = carnet_json_get(carnet_json_get(object, "jwks"), "keys");
    const size_t count = carnet_json_type_of(keys) == CARNET_JSON_ARRAY ? carnet_json_count(keys) : 0;

    for (size_t i = 0; i < count && encryption->key_count < CARNET_CREDENTIAL_ENCRYPTION_KEYS_MAX; i++) {
        carnet_jwk *jwk = &encryption->keys[encryption->key_count];

        if (carnet_jwk_read(carnet_json_at(keys, i), crypto, jwk, NULL) == CARNET_OK &&
            carnet_credential_key_usable(jwk))
            encryption->key_count++;
    }
}

/* Algorithms that are not known are others' affair: what is left may be none. */
static carnet_rc
read_encryption(const carnet_json *document, const carnet_path *path, carnet_crypto *crypto,
                carnet_credential_encryption *encryption, carnet_err *err)
{
    const carnet_message_place top = place_at(NULL, false), place = place_at(path, false);
    const carnet_json *object, *enc, *alg, *required;
    carnet_rc rc = carnet_message_get(document, path->name.ptr, CARNET_JSON_OBJECT, &top, &object, err);

    if (rc != CARNET_OK || object == NULL)
        return rc;
    rc = carnet_message_get(object, "enc_values_supported", CARNET_JSON_ARRAY, &place, &enc, err);
    if (rc == CARNET_OK)
        rc = carnet_message_get(object, "alg_values_supported", CARNET_JSON_ARRAY, &place, &alg, err);
    if (rc == CARNET_OK)
        rc = carnet_message_get(object, "encryption_required", CARNET_JSON_BOOL, &place, &required, err);
    if (rc != CARNET_OK)
        return rc;
    encryption->supported = true;
    encryption->required = carnet_json_bool(required);
    for (size_t i = 0; i < carnet_json_count(enc); i++) {
        carnet_aead content;

        if (carnet_credential_content_named(carnet_json_string(carnet_json_at(enc, i)), &content))
            encryption->content |= carnet_credential_content_bit(content);
    }
    for (size_t i = 0; i < carnet_json_count(alg); i++)
        encryption->ecdh_es =
            encryption->ecdh_es || carnet_str_is(carnet_json_string(carnet_json_at(alg, i)), "ECDH-ES");
    read_keys(object, crypto, encryption);
    return CARNET_OK;
}

/* --- the rest --- */

static carnet_rc
read_batch(const carnet_json *document, uint32_t *batch_size, carnet_err *err)
{
    const carnet_message_place top = place_at(NULL, false), place = place_at(&batch_path, false);
    const carnet_json *object, *size = NULL;
    carnet_rc rc = carnet_message_get(document, batch_path.name.ptr, CARNET_JSON_OBJECT, &top, &object, err);

    *batch_size = 1;
    if (rc == CARNET_OK)
        rc = carnet_message_get(object, "batch_size", CARNET_JSON_INTEGER, &place, &size, err);
    if (rc != CARNET_OK || object == NULL)
        return rc;
    if (carnet_json_integer(size) < 1)
        return carnet_message_refuse(&place, "batch_size", "this is missing or too small", err);
    *batch_size = carnet_json_integer(size) > UINT32_MAX ? UINT32_MAX : (uint32_t)carnet_json_integer(size);
    return CARNET_OK;
}

static carnet_rc
read_servers(const carnet_json *document, bool insecure_loopback, carnet_issuer_metadata *metadata, carnet_err *err)
{
    const carnet_message_place top = place_at(NULL, false), place = place_at(&servers_path, insecure_loopback);
    const carnet_json *list;
    carnet_rc rc = carnet_message_get(document, servers_path.name.ptr, CARNET_JSON_ARRAY, &top, &list, err);

    if (rc != CARNET_OK || carnet_json_count(list) == 0)
        return rc;
    rc = carnet_message_read_list(list, &place, true, metadata->authorization_servers, CARNET_AUTHORIZATION_SERVERS_MAX,
                                  &metadata->authorization_server_count, err);
    for (size_t i = 0; rc == CARNET_OK && i < metadata->authorization_server_count; i++) {
        if (carnet_oauth_issuer_check(metadata->authorization_servers[i], insecure_loopback, NULL) != CARNET_OK)
            rc = carnet_message_refuse(&place, NULL, "one is no issuer's https URL", err);
    }
    return rc;
}

static carnet_rc
read_issuer(const carnet_json *document, carnet_str expected, bool insecure_loopback, carnet_str *issuer,
            carnet_err *err)
{
    const carnet_message_place place = place_at(NULL, false);
    const carnet_message_place other = { CARNET_E_OID4VCI_ISSUER, "OpenID4VCI 12.2.4", NULL, false };
    const carnet_json *member;
    const carnet_rc rc = carnet_message_get(document, "credential_issuer", CARNET_JSON_STRING, &place, &member, err);

    *issuer = carnet_json_string(member);
    if (rc != CARNET_OK)
        return rc;
    if (issuer->len == 0)
        return carnet_message_refuse(&place, "credential_issuer", "this member is missing", err);
    if (!carnet_str_equal(*issuer, expected))
        return carnet_message_refuse(&other, "credential_issuer", "this is not the URL that was asked", err);
    if (carnet_oauth_issuer_check(*issuer, insecure_loopback, NULL) != CARNET_OK)
        return carnet_message_refuse(&place, "credential_issuer", "this is no issuer's https URL", err);
    return CARNET_OK;
}

static carnet_rc
read_configurations(const carnet_json *document, size_t *count, carnet_err *err)
{
    static const char name[] = "credential_configurations_supported";
    const carnet_message_place place = place_at(NULL, false);
    const carnet_json *object;
    const carnet_rc rc = carnet_message_get(document, name, CARNET_JSON_OBJECT, &place, &object, err);

    *count = carnet_json_count(object);
    if (rc == CARNET_OK && (object == NULL || *count > CARNET_CONFIGURATIONS_MAX))
        return carnet_message_refuse(&place, name, object == NULL ? "this member is missing" : "there are too many",
                                     err);
    return rc;
}

/* Everything but the configurations, of metadata->document. */
static carnet_rc
read_metadata(carnet_str credential_issuer, bool insecure_loopback, carnet_crypto *crypto,
              carnet_issuer_metadata *metadata, carnet_err *err)
{
    const carnet_message_place top = place_at(NULL, insecure_loopback);
    const carnet_json *document = metadata->document;
    carnet_rc rc = read_issuer(document, credential_issuer, insecure_loopback, &metadata->credential_issuer, err);

    if (rc == CARNET_OK)
        rc = read_servers(document, insecure_loopback, metadata, err);
    if (rc == CARNET_OK)
        rc = carnet_message_read_texts(document, carnet_issuer_metadata_texts, CARNET_ISSUER_METADATA_TEXTS, &top,
                                       metadata, err);
    if (rc == CARNET_OK)
        rc = read_batch(document, &metadata->batch_size, err);
    if (rc == CARNET_OK)
        rc = read_encryption(document, &request_path, crypto, &metadata->request_encryption, err);
    if (rc == CARNET_OK)
        rc = read_encryption(document, &response_path, crypto, &metadata->response_encryption, err);
    return rc == CARNET_OK ? read_configurations(document, &metadata->configuration_count, err) : rc;
}

carnet_rc
carnet_issuer_metadata_open(carnet_str json, carnet_str credential_issuer, bool insecure_loopback,
                            carnet_crypto *crypto, carnet_issuer_metadata *metadata, carnet_err *err)
{
    const carnet_message_place top = place_at(NULL, false);
    carnet_rc rc;

    *metadata = (carnet_issuer_metadata){ 0 };
    rc = carnet_message_parse(json, CARNET_ISSUER_METADATA_MAX, &top, &metadata->document, err);
    if (rc == CARNET_OK)
        rc = read_metadata(credential_issuer, insecure_loopback, crypto, metadata, err);
    if (rc != CARNET_OK)
        carnet_issuer_metadata_done(metadata);
    return rc;
}

void
carnet_issuer_metadata_done(carnet_issuer_metadata *metadata)
{
    carnet_json_free(&metadata->document);
    *metadata = (carnet_issuer_metadata){ 0 };
}

/* --- signed --- */

static carnet_rc
check_signature(const carnet_jws *jws, carnet_crypto *crypto, carnet_err *err)
{
    carnet_certificate certificate;
    carnet_rc rc = carnet_jws_expect_type(jws, CARNET_ISSUER_METADATA_TYPE, err);

    if (rc != CARNET_OK)
        return rc;
    if (jws->x5c_count == 0 || carnet_certificate_open(jws->x5c[0], &certificate, NULL) != CARNET_OK)
        return carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "OpenID4VCI 12.2.3", "x5c is missing or no certificate");
    if (carnet_certificate_self_issued(&certificate)) /* HAIP 4.1 */
        return carnet_fail(err, CARNET_E_JOSE_STRUCTURE, "HAIP 4.1", "the signer's certificate is self-signed");
    return carnet_jws_verify(jws, crypto, &certificate.public_key, err);
}

static carnet_rc
check_times(const carnet_json *claims, carnet_time now, int64_t skew, carnet_issuer_metadata_signature *signature,
            carnet_err *err)
{
    const carnet_message_place place = { CARNET_E_OID4VCI_TIME, "OpenID4VCI 12.2.3", NULL, false };
    const carnet_json *iat, *exp;
    carnet_rc rc = carnet_message_get(claims, "iat", CARNET_JSON_INTEGER, &place, &iat, err);

    if (rc == CARNET_OK)
        rc = carnet_message_get(claims, "exp", CARNET_JSON_INTEGER, &place, &exp, err);
    if (rc != CARNET_OK)
        return rc;
    signature->issued_at = carnet_json_integer(iat);
    signature->expires_at = exp != NULL ? carnet_json_integer(exp) : INT64_MAX;
    if (iat == NULL || signature->issued_at > now + skew)
        return carnet_message_refuse(&place, "iat", iat == NULL ? "this member is missing" : "this lies ahead", err);
    if (exp != NULL && signature->expires_at < now - skew)
        return carnet_message_refuse(&place, "exp", "this is over", err);
    return CARNET_OK;
}

static carnet_rc
read_signed(carnet_jws *jws, carnet_str credential_issuer, carnet_time now, int64_t skew, carnet_crypto *crypto,
            carnet_issuer_metadata_signature *signature, carnet_err *err)
{
    carnet_rc rc = check_signature(jws, crypto, err);

    if (rc == CARNET_OK && jws->claims == NULL)
        rc = carnet_fail(err, CARNET_E_OID4VCI_METADATA, "OpenID4VCI 12.2.3", "it is no JSON object");
    if (rc == CARNET_OK &&
        !carnet_str_equal(carnet_json_string(carnet_json_get(jws->claims, "sub")), credential_issuer))
        rc = carnet_fail(err, CARNET_E_OID4VCI_ISSUER, "OpenID4VCI 12.2.3", "sub is not the URL that was asked");
    if (rc == CARNET_OK)
        rc = check_times(jws->claims, now, skew, signature, err);
    for (size_t i = 0; rc == CARNET_OK && i < jws->x5c_count; i++)
        signature->x5c[signature->x5c_count++] = jws->x5c[i];
    return rc;
}

carnet_rc
carnet_issuer_metadata_open_signed(carnet_str text, carnet_str credential_issuer, bool insecure_loopback,
                                   carnet_time now, int64_t skew, carnet_crypto *crypto, carnet_buf *storage,
                                   carnet_issuer_metadata *metadata, carnet_issuer_metadata_signature *signature,
                                   carnet_err *err)
{
    carnet_jws jws;
    carnet_rc rc = carnet_jws_open_long(text, CARNET_ISSUER_METADATA_MAX, storage, &jws, err);

    *metadata = (carnet_issuer_metadata){ 0 };
    *signature = (carnet_issuer_metadata_signature){ 0 };
    if (rc == CARNET_OK)
        rc = read_signed(&jws, credential_issuer, now, skew, crypto, signature, err);
    if (rc == CARNET_OK) {
        metadata->document = jws.claims;
        jws.claims = NULL;
        rc = read_metadata(credential_issuer, insecure_loopback, crypto, metadata, err);
    }
    carnet_jws_close(&jws);
    if (rc != CARNET_OK) {
        carnet_issuer_metadata_done(metadata);
        *signature = (carnet_issuer_metadata_signature){ 0 };
    }
    return rc;
}
