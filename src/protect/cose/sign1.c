/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1: reading and verifying (RFC 9052, 4.2 and 4.4). */
#include "carnet/cose_sign1.h"
#include "internal.h"

#define TAG_SIGN1 18

void
carnet_cose_sign1_read(carnet_cbor_reader *r, carnet_cose_sign1 *view)
{
    struct carnet_cose_message message;

    carnet_cose_message_read(r, TAG_SIGN1, "signature", &message);
    *view = (carnet_cose_sign1){ message.headers, message.encoded, message.payload, message.detached,
                                 message.authenticator };
}

carnet_rc
carnet_cose_sign1_open(carnet_span cbor, unsigned allow, carnet_cose_sign1 *view, carnet_err *err)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);
    carnet_rc rc;

    r.allow = (uint8_t)(allow & CARNET_CBOR_LENIENT);
    carnet_cose_sign1_read(&r, view);
    if ((rc = carnet_cbor_end(&r, err)) != CARNET_OK)
        *view = (carnet_cose_sign1){ 0 };
    return rc;
}

/* Every number an algorithm goes by: RFC 9053, 2, and, bound to one curve, RFC 9864. */
static const struct {
    int64_t number;
    carnet_signature_algorithm algorithm;
    carnet_curve only; /* the curve a fully specified number stands for */
    unsigned allowed_by;
} algorithms[] = {
    { CARNET_ES256, CARNET_ES256, CARNET_CURVE_NONE, CARNET_COSE_ES256 },
    { CARNET_ES384, CARNET_ES384, CARNET_CURVE_NONE, CARNET_COSE_ES384 },
    { CARNET_ES512, CARNET_ES512, CARNET_CURVE_NONE, CARNET_COSE_ES512 },
    { CARNET_EDDSA, CARNET_EDDSA, CARNET_CURVE_NONE, CARNET_COSE_EDDSA },
    { -9, CARNET_ES256, CARNET_CURVE_P256, CARNET_COSE_ES256 | CARNET_COSE_FULLY_SPECIFIED },
    { -51, CARNET_ES384, CARNET_CURVE_P384, CARNET_COSE_ES384 | CARNET_COSE_FULLY_SPECIFIED },
    { -52, CARNET_ES512, CARNET_CURVE_P521, CARNET_COSE_ES512 | CARNET_COSE_FULLY_SPECIFIED },
    { -19, CARNET_EDDSA, CARNET_CURVE_ED25519, CARNET_COSE_EDDSA | CARNET_COSE_FULLY_SPECIFIED },
    { -53, CARNET_EDDSA, CARNET_CURVE_ED448, CARNET_COSE_EDDSA | CARNET_COSE_FULLY_SPECIFIED },
};

/* Whether algorithm and curve go together: as 18013-5 12 pairs them, or as RFC 9053, 2.1 leaves them. */
static bool
fits(const carnet_curve_info *curve, carnet_signature_algorithm algorithm, bool plain)
{
    if (curve == NULL || curve->signature == 0)
        return false;
    return plain && !curve->okp ? algorithm != CARNET_EDDSA : algorithm == curve->algorithm;
}

static carnet_rc
refuse_algorithm(carnet_err *err, const char *clause, const char *reason)
{
    return carnet_fail(err, CARNET_E_COSE_ALGORITHM, clause, reason);
}

carnet_rc
carnet_cose_sign1_algorithm(const carnet_cose_sign1 *view, carnet_curve curve,
                            const carnet_cose_verify_options *options, carnet_signature_algorithm *algorithm,
                            carnet_err *err)
{
    static const carnet_cose_verify_options standard = { 0 };
    unsigned allowed;

    *algorithm = CARNET_SIGNATURE_NONE;
    options = options != NULL ? options : &standard;
    allowed = options->algorithms;
    if ((allowed & ~(unsigned)CARNET_COSE_FULLY_SPECIFIED) == 0)
        allowed |= CARNET_COSE_ES256 | CARNET_COSE_ES384 | CARNET_COSE_ES512 | CARNET_COSE_EDDSA;
    if ((view->headers.seen & CARNET_COSE_ALGORITHM_UNPROTECTED) != 0 && !options->plain)
        return refuse_algorithm(err, "18013-5 12.3", "alg is not in the protected header");
    for (size_t i = 0; i < CARNET_COUNT(algorithms); i++) {
        if (algorithms[i].number != view->headers.algorithm ||
            (algorithms[i].allowed_by & allowed) != algorithms[i].allowed_by)
            continue;
        if ((algorithms[i].only != CARNET_CURVE_NONE && algorithms[i].only != curve) ||
            !fits(carnet_curve_get(curve), algorithms[i].algorithm, options->plain))
            return refuse_algorithm(err, "18013-5 12.3", "the algorithm is not the one of the key's curve");
        *algorithm = algorithms[i].algorithm;
        return CARNET_OK;
    }
    return refuse_algorithm(err, "RFC 9053 2", "alg is missing, unknown or not allowed");
}

carnet_rc
carnet_cose_sign1_verify(const carnet_cose_sign1 *view, carnet_crypto *crypto, const carnet_public_key *key,
                         const carnet_cose_verify_options *options, carnet_err *err)
{
    carnet_signature_algorithm algorithm;
    struct carnet_cose_parts parts;
    carnet_cose_content content;
    carnet_rc rc;

    if ((rc = carnet_cose_sign1_algorithm(view, key->curve, options, &algorithm, err)) != CARNET_OK ||
        (rc = carnet_cose_content_settle(options != NULL ? &options->content : NULL, &view->payload, view->detached,
                                         &content, err)) != CARNET_OK ||
        (rc = carnet_cose_parts_set(&parts, "Signature1", view->headers.protected_bytes, &content, err)) != CARNET_OK)
        return rc;
    rc = carnet_verify(crypto, key, algorithm, parts.parts, parts.count, view->signature, err);
    if (rc == CARNET_E_CRYPTO_SIGNATURE)
        return carnet_fail(err, CARNET_E_COSE_SIGNATURE, "RFC 9052 4.4", NULL);
    return rc;
}
