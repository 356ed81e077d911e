/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1: signing (RFC 9052, 4.2 and 4.4). */
#include "carnet/cose_sign1.h"
#include "internal.h"

#define TAG_SIGN1       18
#define LABEL_ALGORITHM 1
#define LABEL_X5CHAIN   33
#define LABEL_X5T       34

/* One certificate is a byte string, several are an array of them (RFC 9360, 2). */
static void
add_x5chain(carnet_cbor_builder *b, const carnet_cose_sign1_params *params)
{
    carnet_cbor_add_int(b, LABEL_X5CHAIN);
    if (params->x5chain_count > 1)
        carnet_cbor_add_array(b, params->x5chain_count);
    for (size_t i = 0; i < params->x5chain_count; i++)
        carnet_cbor_add_bstr(b, params->x5chain[i]);
}

static carnet_rc
add_x5t(carnet_cbor_builder *b, carnet_crypto *crypto, const carnet_cose_sign1_params *params, carnet_err *err)
{
    uint8_t digest[32] = { 0 };
    carnet_rc rc = CARNET_OK;

    if (b->ptr != NULL)
        rc = carnet_digest(crypto, CARNET_SHA256, &params->x5chain[0], 1, digest, err);
    carnet_cbor_add_int(b, LABEL_X5T);
    carnet_cbor_add_array(b, 2);
    carnet_cbor_add_int(b, CARNET_SHA256);
    carnet_cbor_add_bstr(b, carnet_span_of(digest, sizeof(digest)));
    return rc;
}

/* The protected byte string, in place; *content views what is in it, if there is a buffer. */
static carnet_rc
add_protected(carnet_cbor_builder *b, carnet_crypto *crypto, carnet_signature_algorithm algorithm,
              const carnet_cose_sign1_params *params, carnet_span *content, carnet_err *err)
{
    bool chain = params->x5chain_count > 0 && params->x5chain_protected;
    carnet_cbor_open_bstr bstr = carnet_cbor_bstr_begin(b, 3 + params->protected_pairs.len);
    carnet_rc rc = CARNET_OK;
    size_t len;

    carnet_cbor_add_map(b, 1 + params->protected_count + (chain ? 1 : 0) + (params->x5t ? 1 : 0));
    carnet_cbor_add_int(b, LABEL_ALGORITHM);
    carnet_cbor_add_int(b, algorithm);
    carnet_cbor_add_raw(b, params->protected_pairs);
    if (chain)
        add_x5chain(b, params);
    if (params->x5t)
        rc = add_x5t(b, crypto, params, err);
    len = b->len - bstr.start;
    carnet_cbor_bstr_end(b, bstr);
    if (b->ptr != NULL && b->rc == CARNET_OK)
        *content = carnet_span_of(b->ptr + bstr.head + carnet_cbor_head_size(len), len);
    return rc;
}

static void
add_unprotected(carnet_cbor_builder *b, const carnet_cose_sign1_params *params)
{
    bool chain = params->x5chain_count > 0 && !params->x5chain_protected;

    carnet_cbor_add_map(b, params->unprotected_count + (chain ? 1 : 0));
    carnet_cbor_add_raw(b, params->unprotected_pairs);
    if (chain)
        add_x5chain(b, params);
}

/* The signature; of a message that is only measured, its length. */
static carnet_rc
add_signature(carnet_cbor_builder *b, carnet_crypto *crypto, carnet_key *key, carnet_signature_algorithm algorithm,
              carnet_span protected_bytes, const carnet_cose_content *content, carnet_err *err)
{
    carnet_signature signature = { 0 };
    struct carnet_cose_parts parts;
    carnet_rc rc;

    if ((rc = carnet_cose_parts_set(&parts, "Signature1", protected_bytes, content, err)) != CARNET_OK)
        return rc;
    if (b->ptr == NULL)
        signature.len = carnet_curve_get(key->public_key.curve)->signature;
    else if ((rc = carnet_key_sign(key, crypto, algorithm, parts.parts, parts.count, &signature, err)) != CARNET_OK)
        return rc;
    carnet_cbor_add_bstr(b, carnet_span_of(signature.bytes, signature.len));
    return CARNET_OK;
}

static carnet_rc
add_all(carnet_cbor_builder *b, carnet_crypto *crypto, carnet_key *key, carnet_signature_algorithm algorithm,
        const carnet_cose_sign1_params *params, carnet_err *err)
{
    carnet_span protected_bytes = { 0 }, ignored;
    carnet_rc rc;

    if (params->tagged)
        carnet_cbor_add_tag(b, TAG_SIGN1);
    carnet_cbor_add_array(b, 4);
    if ((rc = add_protected(b, crypto, algorithm, params, &protected_bytes, err)) != CARNET_OK)
        return rc;
    add_unprotected(b, params);
    carnet_cose_payload_build(b, &params->content, params->detached);
    if ((rc = carnet_cbor_built(b, &ignored, err)) != CARNET_OK)
        return rc; /* do not trouble the key for a message that does not fit */
    return add_signature(b, crypto, key, algorithm, protected_bytes, &params->content, err);
}

carnet_rc
carnet_cose_sign1_build(carnet_cbor_builder *b, carnet_crypto *crypto, carnet_key *key,
                        const carnet_cose_sign1_params *params, carnet_err *err)
{
    const carnet_curve_info *curve = carnet_curve_get(key->public_key.curve);
    carnet_signature_algorithm algorithm = params->algorithm;
    carnet_span ignored;
    carnet_rc rc;

    if (b->rc != CARNET_OK)
        return carnet_cbor_built(b, &ignored, err);
    if (algorithm == CARNET_SIGNATURE_NONE && curve != NULL)
        algorithm = curve->algorithm;
    if (b->sink.write != NULL)
        rc = carnet_fail(err, CARNET_E_USAGE, NULL, "a COSE_Sign1 is built in a buffer");
    else if (params->x5t && params->x5chain_count == 0)
        rc = carnet_fail(err, CARNET_E_USAGE, NULL, "x5t needs a certificate");
    else if (curve == NULL || curve->signature == 0)
        rc = carnet_fail(err, CARNET_E_CRYPTO_MISMATCH, NULL, "the key's curve does not sign");
    else if ((rc = add_all(b, crypto, key, algorithm, params, err)) == CARNET_OK)
        rc = carnet_cbor_built(b, &ignored, err);
    if (rc != CARNET_OK && b->rc == CARNET_OK)
        b->rc = rc;
    return rc;
}
