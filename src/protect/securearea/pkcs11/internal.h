/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_PKCS11_INTERNAL_H
#define CARNET_PKCS11_INTERNAL_H
#include "carnet/pkcs11_area.h"

#include <p11-kit/pkcs11.h>

#define CARNET_PKCS11_CURVES_MAX 8
#define CARNET_PKCS11_KEYS_MAX   4096 /* listed at most */

/* The state behind an area. */
typedef struct carnet_pkcs11 {
    void *library;
    CK_FUNCTION_LIST *functions;
    bool initialised; /* by this area: then it is this one's to finalise */
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    bool logged_in;
    carnet_crypto *crypto;
    carnet_secure_area_curve curves[CARNET_PKCS11_CURVES_MAX];
    size_t curve_count;
} carnet_pkcs11;

/* CKA_EC_PARAMS of a curve; empty if it has none here. */
carnet_span carnet_pkcs11_parameters_of(carnet_curve curve);
carnet_curve carnet_pkcs11_curve_of(carnet_span parameters);
/* What a return value means to the user of an area. */
carnet_rc carnet_pkcs11_fail(carnet_err *err, CK_RV rv, carnet_rc usual);
/* An object of this class and identifier; CK_INVALID_HANDLE if there is none. */
CK_OBJECT_HANDLE carnet_pkcs11_find(carnet_pkcs11 *p, CK_OBJECT_CLASS class, const carnet_key_identifier *identifier);
/* The public half of a key pair. */
carnet_rc carnet_pkcs11_public_key(carnet_pkcs11 *p, CK_OBJECT_HANDLE object, carnet_public_key *key, carnet_err *err);
/* Make a handle of a private key object. */
carnet_rc carnet_pkcs11_key_open(carnet_pkcs11 *p, const carnet_key_identifier *identifier, carnet_key *key,
                                 carnet_err *err);
/* What the token lets the private key do, as CARNET_KEY_ bits. */
unsigned carnet_pkcs11_usage(carnet_pkcs11 *p, CK_OBJECT_HANDLE object);

#endif
