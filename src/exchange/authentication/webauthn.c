/* SPDX-License-Identifier: Apache-2.0 */
/* FIDO2 assertions (Web Authentication Level 2, 7.2). */
#include "carnet/webauthn.h"

#include "carnet/cbor.h"
#include "carnet/der.h"
#include "carnet/json.h"

#include <string.h>

#define FIXED 37 /* octets of authenticator data that are always there */

static carnet_rc
bad_data(carnet_err *err, size_t at, const char *reason)
{
    return carnet_fail_at(err, CARNET_E_WEBAUTHN_DATA, "WebAuthn 6.1", reason, at, NULL);
}

/* uvm: an array of one to three arrays of three numbers, the first of which is the method. */
static void
read_uvm(carnet_cbor_reader *r, uint32_t *uvm)
{
    carnet_cbor_walk methods, one;

    carnet_cbor_array(r, &methods);
    while (carnet_cbor_array_next(r, &methods)) {
        carnet_cbor_array(r, &one);
        for (size_t i = 0; carnet_cbor_array_next(r, &one); i++) {
            const uint64_t number = carnet_cbor_uint(r);

            if (i == 0 && number <= UINT32_MAX)
                *uvm |= (uint32_t)number;
        }
    }
}

/* The extensions: one map of texts, up to the end. */
static carnet_rc
read_extensions(carnet_span bytes, carnet_authenticator_data *data, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(bytes);
    carnet_cbor_walk map;
    carnet_err inner = { 0 };

    carnet_cbor_map(&r, &map);
    while (carnet_cbor_map_next(&r, &map)) {
        if (carnet_str_is(carnet_cbor_tstr(&r), "uvm"))
            read_uvm(&r, &data->uvm);
        else
            (void)carnet_cbor_any(&r);
    }
    if (carnet_cbor_end(&r, &inner) != CARNET_OK)
        return bad_data(err, FIXED + inner.offset, "the extensions are not one map of CBOR up to the end");
    data->extensions = bytes;
    return CARNET_OK;
}

carnet_rc
carnet_authenticator_data_open(carnet_span bytes, carnet_authenticator_data *data, carnet_err *err)
{
    carnet_authenticator_data got = { 0 };
    carnet_rc rc = CARNET_OK;

    *data = got;
    if (bytes.len < FIXED)
        return bad_data(err, bytes.len, "the authenticator data are shorter than 37 octets");
    if (bytes.len > CARNET_WEBAUTHN_DATA_MAX)
        return bad_data(err, CARNET_WEBAUTHN_DATA_MAX, "the authenticator data are too long");
    got.rp_id_hash = (carnet_span){ bytes.ptr, 32 };
    got.flags = bytes.ptr[32];
    got.sign_count =
        (uint32_t)bytes.ptr[33] << 24 | (uint32_t)bytes.ptr[34] << 16 | (uint32_t)bytes.ptr[35] << 8 | bytes.ptr[36];
    if (got.flags & CARNET_WEBAUTHN_ATTESTED)
        return bad_data(err, 32, "an assertion has attested credential data");
    if ((got.flags & CARNET_WEBAUTHN_BACKED_UP) && !(got.flags & CARNET_WEBAUTHN_BACKUP_ELIGIBLE))
        return bad_data(err, 32, "a credential is backed up that may not be");
    if (got.flags & CARNET_WEBAUTHN_EXTENSIONS)
        rc = read_extensions((carnet_span){ bytes.ptr + FIXED, bytes.len - FIXED }, &got, err);
    else if (bytes.len != FIXED)
        rc = bad_data(err, FIXED, "octets follow the authenticator data");
    if (rc == CARNET_OK)
        *data = got;
    return rc;
}

static carnet_rc
bad_client(carnet_err *err, const char *member, const char *reason)
{
    const carnet_path path = { .name = carnet_str_of(member) };

    return carnet_fail_at(err, CARNET_E_WEBAUTHN_CLIENT, "WebAuthn 7.2", reason, CARNET_NO_OFFSET,
                          member == NULL ? NULL : &path);
}

static bool
challenge_is(carnet_str text, carnet_span expected)
{
    uint8_t octets[96];
    carnet_buf got = carnet_buf_of(octets, sizeof(octets));

    return expected.len != 0 && carnet_base64url_decode(text, &got, NULL) == CARNET_OK && !got.overflow &&
           carnet_equal_secret(carnet_buf_span(&got), expected);
}

static bool
origin_is(carnet_str origin, const carnet_webauthn_expected *expected)
{
    for (size_t i = 0; i < expected->origin_count; i++)
        if (origin.len != 0 && carnet_str_equal(origin, expected->origins[i]))
            return true;
    return false;
}

static carnet_rc
client_check(const carnet_json *client, const carnet_webauthn_expected *expected, carnet_err *err)
{
    const carnet_json *framed = carnet_json_get(client, "crossOrigin");

    if (carnet_json_type_of(client) != CARNET_JSON_OBJECT)
        return bad_client(err, NULL, "the client data are no JSON object");
    if (!carnet_str_is(carnet_json_string(carnet_json_get(client, "type")), "webauthn.get"))
        return bad_client(err, "type", "the client data are not those of an assertion");
    if (!challenge_is(carnet_json_string(carnet_json_get(client, "challenge")), expected->challenge))
        return bad_client(err, "challenge", "the challenge is another one");
    if (!origin_is(carnet_json_string(carnet_json_get(client, "origin")), expected))
        return bad_client(err, "origin", "the origin is none of the relying party's");
    if (framed != NULL && (carnet_json_type_of(framed) != CARNET_JSON_BOOL || carnet_json_bool(framed)))
        return bad_client(err, "crossOrigin", "the assertion was made in a frame of another site");
    return CARNET_OK;
}

static carnet_rc
client_open(carnet_str text, const carnet_webauthn_expected *expected, carnet_err *err)
{
    carnet_json *client = NULL;
    carnet_err inner = { 0 };
    carnet_rc rc;

    if (text.len > CARNET_WEBAUTHN_CLIENT_MAX)
        return bad_client(err, NULL, "the client data are too long");
    if (carnet_json_parse(text, &client, &inner) != CARNET_OK)
        return carnet_fail_at(err, CARNET_E_WEBAUTHN_CLIENT, "WebAuthn 5.8.1", "the client data are no JSON",
                              inner.offset, NULL);
    rc = client_check(client, expected, err);
    carnet_json_free(&client);
    return rc;
}

static carnet_rc
data_check(const carnet_authenticator_data *data, const carnet_webauthn_expected *expected, carnet_crypto *crypto,
           carnet_err *err)
{
    const carnet_span rp_id = carnet_str_bytes(expected->rp_id);
    uint8_t hash[32];
    carnet_rc rc = carnet_digest(crypto, CARNET_SHA256, &rp_id, 1, hash, err);

    if (rc != CARNET_OK)
        return rc;
    if (expected->rp_id.len == 0 || !carnet_span_equal(data->rp_id_hash, (carnet_span){ hash, sizeof(hash) }))
        return carnet_fail_at(err, CARNET_E_WEBAUTHN_RP, "WebAuthn 7.2", NULL, 0, NULL);
    if (!(data->flags & CARNET_WEBAUTHN_USER_PRESENT))
        return carnet_fail_at(err, CARNET_E_WEBAUTHN_FLAGS, "WebAuthn 7.2", "the user was not present", 32, NULL);
    if (expected->user_verified && !(data->flags & CARNET_WEBAUTHN_USER_VERIFIED))
        return carnet_fail_at(err, CARNET_E_WEBAUTHN_FLAGS, "WebAuthn 7.2", "the user was not verified", 32, NULL);
    if (((data->flags & CARNET_WEBAUTHN_BACKUP_ELIGIBLE) != 0) != expected->backup_eligible)
        return carnet_fail_at(err, CARNET_E_WEBAUTHN_FLAGS, "WebAuthn 7.2",
                              "the credential may be backed up, or not, as it was not registered", 32, NULL);
    return CARNET_OK;
}

/* A number of an Ecdsa-Sig-Value, at full width. */
static bool
take_number(carnet_der_reader *r, uint8_t *out, size_t width)
{
    carnet_span number = carnet_der_integer(r);

    if (number.len == 0 || (number.ptr[0] & 0x80))
        return false;
    if (number.ptr[0] == 0)
        number = (carnet_span){ number.ptr + 1, number.len - 1 };
    if (number.len > width)
        return false;
    memset(out, 0, width);
    memcpy(out + width - number.len, number.ptr, number.len);
    return true;
}

/* From Ecdsa-Sig-Value (RFC 3279 2.2.3) to r || s. */
static bool
ecdsa_take(carnet_span der, size_t width, carnet_signature *signature)
{
    carnet_der_reader r = carnet_der_open(der);
    carnet_der_walk walk;
    bool good;

    carnet_der_enter(&r, CARNET_DER_SEQUENCE, &walk);
    good = take_number(&r, signature->bytes, width) && take_number(&r, signature->bytes + width, width);
    carnet_der_leave(&r, &walk);
    signature->len = 2 * width;
    return good && carnet_der_done(&r, NULL) == CARNET_OK;
}

static carnet_rc
signature_check(carnet_crypto *crypto, const carnet_webauthn_assertion *assertion, const carnet_public_key *key,
                carnet_err *err)
{
    const carnet_curve_info *info = carnet_curve_get(key->curve);
    const carnet_span client = carnet_str_bytes(assertion->client_data);
    carnet_signature signature = { 0 };
    uint8_t hash[32];
    const carnet_span parts[] = { assertion->authenticator_data, { hash, sizeof(hash) } };
    carnet_span given = assertion->signature;
    carnet_rc rc;

    if (info == NULL || info->signature == 0)
        return carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, NULL,
                           "the credential's key is of a curve that does not sign");
    if (!info->okp) {
        if (!ecdsa_take(given, info->coordinate, &signature))
            return carnet_fail(err, CARNET_E_WEBAUTHN_SIGNATURE, "WebAuthn 6.5.6", "the signature is malformed");
        given = (carnet_span){ signature.bytes, signature.len };
    }
    if ((rc = carnet_digest(crypto, CARNET_SHA256, &client, 1, hash, err)) != CARNET_OK)
        return rc;
    rc = carnet_verify(crypto, key, info->algorithm, parts, CARNET_COUNT(parts), given, err);
    if (rc == CARNET_E_CRYPTO_SIGNATURE)
        return carnet_fail(err, CARNET_E_WEBAUTHN_SIGNATURE, "WebAuthn 7.2", NULL);
    return rc;
}

carnet_rc
carnet_webauthn_verify(carnet_crypto *crypto, const carnet_webauthn_assertion *assertion,
                       const carnet_webauthn_expected *expected, carnet_authenticator_data *data, carnet_err *err)
{
    carnet_rc rc = carnet_authenticator_data_open(assertion->authenticator_data, data, err);

    if (rc == CARNET_OK)
        rc = client_open(assertion->client_data, expected, err);
    if (rc == CARNET_OK)
        rc = data_check(data, expected, crypto, err);
    if (rc == CARNET_OK)
        rc = signature_check(crypto, assertion, &expected->key, err);
    /* 6.1.1: two zeros are an authenticator that does not count. */
    if (rc == CARNET_OK && (data->sign_count != 0 || expected->sign_count != 0) &&
        data->sign_count <= expected->sign_count)
        rc = carnet_fail_at(err, CARNET_E_WEBAUTHN_COUNTER, "WebAuthn 6.1.1", NULL, 33, NULL);
    if (rc != CARNET_OK)
        *data = (carnet_authenticator_data){ 0 };
    return rc;
}
