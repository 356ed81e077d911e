/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vectors of trust (RFC 8485 3.1): what is claimed of an authentication, as
 * components such as "P1" or "Cg" with periods between them.
 *
 * A vector is a set: its text's order says nothing, the same component type may
 * come with several categories (all of them are claimed), the same one twice
 * is refused.  A type that is absent claims nothing, which is not what C0 says.
 * A vector means nothing without its trustmark (carnet/trustmark.h), and vectors
 * under different trustmarks are never compared.  Plain values: threads may share them.
 */
#ifndef CARNET_VECTOR_OF_TRUST_H
#define CARNET_VECTOR_OF_TRUST_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_VECTOR_TEXT_MAX 431 /**< octets of P, C, M and A with every category of each */

/** For each component type, A to Z, its categories: bits 0 to 9 for 0 to 9, bits 10 to 35 for a to z. */
typedef struct carnet_vector {
    uint64_t type[26];
} carnet_vector;

/** Read a vector, all of `text`.  CARNET_E_VECTOR: the text is none, CARNET_E_VECTOR_TWICE: a component comes twice;
 *  *err has the offset of the first octet that is wrong and says what it is. */
CARNET_API carnet_rc carnet_vector_read(carnet_str text, carnet_vector *vector, carnet_err *err);
/** Append the text: P, C, M, A, then other types in the order of letters; categories of each in the order of ASCII. */
CARNET_API void carnet_vector_write(const carnet_vector *vector, carnet_buf *out);

/** True if the vector has the component, two characters such as "Cg". */
CARNET_API bool carnet_vector_has(const carnet_vector *vector, const char *component);
/** Put a component in; nothing happens for what is none. */
CARNET_API void carnet_vector_put(carnet_vector *vector, const char *component);
/** Components of the vector. */
CARNET_API unsigned carnet_vector_count(const carnet_vector *vector);
CARNET_API bool carnet_vector_equal(const carnet_vector *a, const carnet_vector *b);
/** True if `vector` has every component of `asked` (RFC 8485 4): the same trustmark is taken for granted. */
CARNET_API bool carnet_vector_meets(const carnet_vector *vector, const carnet_vector *asked);
/** What `vector` lacks of `asked`. */
CARNET_API carnet_vector carnet_vector_lacking(const carnet_vector *vector, const carnet_vector *asked);

/** Step through the components in the order of carnet_vector_write(), as a zero-terminated text of two characters; start with
 *  *at = 0; false after the last. */
CARNET_API bool carnet_vector_next(const carnet_vector *vector, unsigned *at, char component[3]);

CARNET_END_DECLS
#endif
