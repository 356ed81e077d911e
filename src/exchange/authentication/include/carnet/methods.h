/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device is asked to do: names of methods, compiled from a request for
 * vectors.  A device never sees the vectors (P1940 4: the response of a device
 * has no vector); it is told sets of methods, any one of which will do.
 */
#ifndef CARNET_METHODS_H
#define CARNET_METHODS_H
#include "carnet/vector_request.h"
CARNET_BEGIN_DECLS

/** Methods; bits of a set. */
enum {
    CARNET_METHOD_DEVICE = 1,           /**< "DEVICE": attest the device's posture (Cb) */
    CARNET_METHOD_PIN = 2,              /**< "PIN" (Cc) */
    CARNET_METHOD_OTP = 4,              /**< "OTP" (Cd) */
    CARNET_METHOD_SA_KEY = 8,           /**< "SA_KEY": prove a key (Ce) */
    CARNET_METHOD_SA_KEY_HW = 16,       /**< "SA_KEY_HW": prove a key that is attested in hardware (Cf) */
    CARNET_METHOD_BIOMETRIC_LOCAL = 32, /**< "BIOMETRIC_LOCAL" (Cg) */
    CARNET_METHOD_BIOMETRIC_SPLIT = 64, /**< "BIOMETRIC_SPLIT" (Ch) */
    CARNET_METHOD_PAD = 128,            /**< "PAD": with presentation attack detection (Cj) */
    CARNET_METHOD_BEHAVIOUR = 256,      /**< "BEHAVIOUR" (Ck) */
    CARNET_METHOD_LOCATION = 512,       /**< "LOCATION" (Cl) */
    CARNET_METHOD_FIDO = 1024,          /**< "FIDO" (Cx) */
    CARNET_METHOD_FIDO_UV = 2048,       /**< "FIDO_UV": FIDO with user verification (Cx, and a second factor) */
    CARNET_METHOD_MDOC = 4096           /**< "MDOC": present the document (P, under the project's trustmark) */
};

#define CARNET_METHODS        13 /**< how many there are */
#define CARNET_ACCEPTABLE_MAX 64 /**< sets at most */

/** Sets of methods, any one of which will do; the best liked first. */
typedef struct carnet_acceptable {
    unsigned count;
    uint32_t set[CARNET_ACCEPTABLE_MAX];
} carnet_acceptable;

/** The name of a method, and back; NULL and 0 for none. */
CARNET_API const char *carnet_method_name(uint32_t method);
CARNET_API uint32_t carnet_method_named(carnet_str name);

/** Compile a request (trustmark of P1940 or the project): every vector becomes the sets of methods that bring about what it asks;
 *  a set that contains an earlier one is left out.  CARNET_E_VECTOR_UNSATISFIABLE: no vector can be brought about by methods
 *  (C0, Ca and what else is never asserted). */
CARNET_API carnet_rc carnet_acceptable_compile(const carnet_vector_request *request, carnet_acceptable *acceptable,
                                               carnet_err *err);
/** Back: what a set of methods, such as all that a device can do, brings about at best: for carnet_vector_request_feasible(). */
CARNET_API carnet_vector carnet_methods_vector(uint32_t set);
/** Which set of the list a device that can do `able` should use: the first it can; -1: none. */
CARNET_API int carnet_acceptable_choose(const carnet_acceptable *acceptable, uint32_t able);

/** Add as JSON: an array of arrays of names. */
CARNET_API void carnet_acceptable_add(carnet_json_builder *b, const char *name, const carnet_acceptable *acceptable);
/** Read the JSON.  A set with a name that is unknown cannot be done here and is left out.  CARNET_E_METHODS: form, more than
 *  CARNET_ACCEPTABLE_MAX sets, or no set is left. */
CARNET_API carnet_rc carnet_acceptable_read(const carnet_json *json, carnet_acceptable *acceptable, carnet_err *err);

CARNET_END_DECLS
#endif
