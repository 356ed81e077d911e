/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Mac0 with HMAC (RFC 9052, 6.2 and 6.3; RFC 9053, 3.1). */
#include "carnet/cose_mac0.h"
#include "internal.h"

#define TAG_MAC0        17
#define LABEL_ALGORITHM 1

static const struct algorithm {
    int64_t number;
    carnet_hash hash;
    size_t tag; /* octets kept of the hash */
} algorithms[] = {
    { CARNET_HMAC_256, CARNET_SHA256, 32 },
    { CARNET_HMAC_256_64, CARNET_SHA256, 8 },
    { CARNET_HMAC_384, CARNET_SHA384, 48 },
    { CARNET_HMAC_512, CARNET_SHA512, 64 },
};

static const struct algorithm *
find_algorithm(int64_t number)
{
    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++)
        if (algorithms[i].number == number)
            return &algorithms[i];
    return NULL;
}

void
carnet_cose_mac0_read(carnet_cbor_reader *r, carnet_cose_mac0 *view)
{
    struct carnet_cose_message message;

    carnet_cose_message_read(r, TAG_MAC0, "tag", &message);
    *view = (carnet_cose_mac0){ message.headers, message.encoded, message.payload, message.detached,
                                message.authenticator };
}

carnet_rc
carnet_cose_mac0_open(carnet_span cbor, unsigned allow, carnet_cose_mac0 *view, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_rc rc;

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    carnet_cose_mac0_read(&r, view);
    if ((rc = carnet_cbor_end(&r, err)) != CARNET_OK)
        *view = (carnet_cose_mac0){ 0 };
    return rc;
}

/* The tag over the structure, at the hash's full length. */
static carnet_rc
compute(carnet_crypto *crypto, const struct algorithm *algorithm, const carnet_secret *key, carnet_span protected_bytes,
        const carnet_cose_content *content, uint8_t tag[CARNET_HASH_MAX], carnet_err *err)
{
    struct carnet_cose_parts parts;
    carnet_rc rc;

    if (key->len == 0)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a MAC needs a key");
    if ((rc = carnet_cose_parts_set(&parts, "MAC0", protected_bytes, content, err)) != CARNET_OK)
        return rc;
    return carnet_hmac(crypto, algorithm->hash, carnet_span_of(key->bytes, key->len), parts.parts, parts.count, tag,
                       err);
}

carnet_rc
carnet_cose_mac0_verify(const carnet_cose_mac0 *view, carnet_crypto *crypto, const carnet_secret *key,
                        const carnet_cose_content *content, bool plain, carnet_err *err)
{
    const struct algorithm *algorithm = find_algorithm(view->headers.algorithm);
    uint8_t tag[CARNET_HASH_MAX];
    carnet_cose_content settled;
    carnet_rc rc;

    if (algorithm == NULL || (!plain && algorithm->number != CARNET_HMAC_256))
        return carnet_fail(err, CARNET_E_COSE_ALGORITHM, "18013-5 12.4", "alg is missing, unknown or not allowed");
    if (!plain && (view->headers.seen & CARNET_COSE_ALGORITHM_UNPROTECTED) != 0)
        return carnet_fail(err, CARNET_E_COSE_ALGORITHM, "18013-5 12.4", "alg is not in the protected header");
    if ((rc = carnet_cose_content_settle(content, &view->payload, view->detached, &settled, err)) != CARNET_OK ||
        (rc = compute(crypto, algorithm, key, view->headers.protected_bytes, &settled, tag, err)) != CARNET_OK)
        return rc;
    if (!carnet_equal_secret(view->tag, carnet_span_of(tag, algorithm->tag)))
        rc = carnet_fail(err, CARNET_E_COSE_MAC, "RFC 9052 6.3", NULL);
    carnet_wipe(tag, sizeof(tag)); /* a forger must not find the right one */
    return rc;
}

static void
add_protected(carnet_cbor_builder *b, const struct algorithm *algorithm)
{
    carnet_cbor_add_map(b, 1);
    carnet_cbor_add_int(b, LABEL_ALGORITHM);
    carnet_cbor_add_int(b, algorithm->number);
}

static carnet_rc
add_all(carnet_cbor_builder *b, carnet_crypto *crypto, const struct algorithm *algorithm, const carnet_secret *key,
        const carnet_cose_mac0_params *params, carnet_err *err)
{
    uint8_t bytes[8], tag[CARNET_HASH_MAX];
    carnet_cbor_builder inner = carnet_cbor_build(bytes, sizeof(bytes));
    carnet_span protected_bytes;
    carnet_rc rc;

    add_protected(&inner, algorithm);
    if ((rc = carnet_cbor_built(&inner, &protected_bytes, err)) != CARNET_OK ||
        (rc = compute(crypto, algorithm, key, protected_bytes, &params->content, tag, err)) != CARNET_OK)
        return rc;
    if (params->tagged)
        carnet_cbor_add_tag(b, TAG_MAC0);
    carnet_cbor_add_array(b, 4);
    carnet_cbor_add_bstr(b, protected_bytes);
    carnet_cbor_add_map(b, 0);
    carnet_cose_payload_build(b, &params->content, params->detached);
    carnet_cbor_add_bstr(b, carnet_span_of(tag, algorithm->tag));
    return CARNET_OK;
}

carnet_rc
carnet_cose_mac0_build(carnet_cbor_builder *b, carnet_crypto *crypto, const carnet_secret *key,
                       const carnet_cose_mac0_params *params, carnet_err *err)
{
    const struct algorithm *algorithm = find_algorithm(params->algorithm != 0 ? params->algorithm : CARNET_HMAC_256);
    carnet_span ignored;
    carnet_rc rc = CARNET_OK;

    if (algorithm == NULL)
        rc = carnet_fail(err, CARNET_E_COSE_ALGORITHM, "RFC 9053 3.1", "this MAC algorithm is not supported");
    else if (b->rc == CARNET_OK)
        rc = add_all(b, crypto, algorithm, key, params, err);
    if (rc != CARNET_OK) {
        b->rc = b->rc == CARNET_OK ? rc : b->rc;
        return rc;
    }
    return carnet_cbor_built(b, &ignored, err);
}
