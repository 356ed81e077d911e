/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secure area behind PKCS#11 (OASIS, version 2.40): a hardware security
 * module, a smart card, a token in software.  Keys are made in the token,
 * sensitive and not extractable, and named by CKA_ID.  It does not attest.
 *
 * One token object a key pair's half, under one CKA_ID; keys that others made
 * there and that sign or derive are listed and opened too.  The area keeps one
 * session, logged in; several areas may use one module, from threads of their
 * own.  Memory is the area's own until it is closed.
 */
#ifndef CARNET_PKCS11_AREA_H
#define CARNET_PKCS11_AREA_H
#include "carnet/secure_area.h"
CARNET_BEGIN_DECLS

/** Which token. */
typedef struct carnet_pkcs11_parameters {
    const char *module; /**< the module's shared object, as dlopen() takes it */
    const char *token;  /**< the token's label; NULL: the only one there is */
    carnet_span pin;    /**< of the user; not kept */
} carnet_pkcs11_parameters;

/** Open.  `crypto` must outlive the area; it makes the digests that the token signs.  CARNET_E_AREA_STORAGE: the module cannot
 *  be loaded, or no token or more than one would do; CARNET_E_SEALED_PASSPHRASE: the PIN is wrong or locked. */
CARNET_API carnet_rc carnet_pkcs11_area_open(const carnet_pkcs11_parameters *parameters, carnet_crypto *crypto,
                                             carnet_secure_area *area, carnet_err *err);

CARNET_END_DECLS
#endif
