/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the backend-free half of crypto and by its backends; seen by nobody else. */
#ifndef CARNET_CRYPTO_INTERNAL_H
#define CARNET_CRYPTO_INTERNAL_H
#include "carnet/crypto.h"

#define CARNET_POINT_MAX           (1 + 2 * CARNET_COORDINATE_MAX) /* 04 || x || y */
#define CARNET_EC_ALGORITHM_PREFIX 11 /* octets of an EC AlgorithmIdentifier before its parameters */

/* A private key as found in DER; views into the DER. */
typedef struct carnet_private_view {
    const carnet_curve_info *info;
    carnet_span scalar; /* at full width */
    carnet_span point;  /* the public key that came along; empty: none did */
} carnet_private_view;

/* The DER AlgorithmIdentifier of a key on the curve (RFC 5480, 2.1.1; RFC 8410, 3), head included. */
carnet_span carnet_curve_algorithm_identifier(carnet_curve curve);
/* The curve whose AlgorithmIdentifier these octets are; NULL for none. */
const carnet_curve_info *carnet_curve_of_algorithm(carnet_span identifier);
/* The curve whose namedCurve object identifier (tag and length included) these octets are; NULL for none. */
const carnet_curve_info *carnet_curve_of_parameters(carnet_span parameters);

/* Take a DER value with this tag from the front of *in; false, *in unchanged, if there is none.
 * Lengths up to 65535, as DER wants them. */
bool carnet_crypto_der_take(carnet_span *in, uint8_t tag, carnet_span *value);
/* Append a DER tag and length. */
void carnet_crypto_der_head(carnet_buf *out, uint8_t tag, size_t len);

/* Whether the algorithm and the curve go together at all. */
bool carnet_signature_fits(carnet_signature_algorithm algorithm, const carnet_curve_info *info);
/* CARNET_OK or the failure for a pair that does not. */
carnet_rc carnet_signature_check(carnet_signature_algorithm algorithm, const carnet_curve_info *info, carnet_err *err);

/* PKCS#8 or SEC 1.  The scalar is not yet compared with the curve's order. */
carnet_rc carnet_private_key_open(carnet_span der, carnet_private_view *view, carnet_err *err);
/* PKCS#8 (version 0; for EC with the public key inside ECPrivateKey). */
carnet_rc carnet_private_key_write(const carnet_public_key *key, carnet_span scalar, carnet_buf *out, carnet_err *err);

#endif
