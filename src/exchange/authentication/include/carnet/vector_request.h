/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests for a vector of trust (RFC 8485 4.1, `vtr`): a list of vectors any
 * one of which will do, the best liked first.  In JSON an array of strings; in
 * payment messages the vectors with commas between them.
 */
#ifndef CARNET_VECTOR_REQUEST_H
#define CARNET_VECTOR_REQUEST_H
#include "carnet/json_build.h"
#include "carnet/trustmark.h"
CARNET_BEGIN_DECLS

#define CARNET_VECTOR_REQUEST_MAX 8 /**< vectors in a request */

typedef struct carnet_vector_request {
    carnet_trustmark trustmark;
    unsigned count; /**< 1 to CARNET_VECTOR_REQUEST_MAX; 0: no request */
    carnet_vector vector[CARNET_VECTOR_REQUEST_MAX];
} carnet_vector_request;

/** Read a `vtr` value: an array of 1 to 8 strings, each a vector that its trustmark knows.  CARNET_E_VECTOR_REQUEST: no such
 *  array, a string that comes twice; CARNET_E_VECTOR...: one of the vectors.  The path says which; the offset counts from the
 *  string's first octet. */
CARNET_API carnet_rc carnet_vector_request_read(const carnet_json *vtr, carnet_trustmark trustmark,
                                                carnet_vector_request *request, carnet_err *err);
/** The same from JSON text, as it is in a URL's parameter. */
CARNET_API carnet_rc carnet_vector_request_parse(carnet_str json, carnet_trustmark trustmark,
                                                 carnet_vector_request *request, carnet_err *err);
/** The same from vectors with commas between them, without spaces; offsets count from the first octet of `list`. */
CARNET_API carnet_rc carnet_vector_request_list(carnet_str list, carnet_trustmark trustmark,
                                                carnet_vector_request *request, carnet_err *err);
/** Add as a JSON array (`name` as in carnet/json_build.h). */
CARNET_API void carnet_vector_request_add(carnet_json_builder *b, const char *name,
                                          const carnet_vector_request *request);
/** Append with commas between the vectors. */
CARNET_API void carnet_vector_request_write_list(const carnet_vector_request *request, carnet_buf *out);

/** Which vector of the request a vector satisfies: the first; -1: none.  CARNET_E_TRUSTMARK_OTHER: `trustmark`, the vector's,
 *  is not the request's, so there is nothing to compare; *index is -1 then. */
CARNET_API carnet_rc carnet_vector_request_satisfied(const carnet_vector_request *request, carnet_trustmark trustmark,
                                                     const carnet_vector *vector, int *index, carnet_err *err);
/** What `vector` lacks of each vector of the request, those that lack least first, none twice; count 0 if one is satisfied.  The
 *  same trustmark is taken for granted. */
CARNET_API carnet_vector_request carnet_vector_request_lacking(const carnet_vector_request *request,
                                                               const carnet_vector *vector);
/** Keep the vectors that something with these capabilities could ever satisfy.  CARNET_E_VECTOR_UNSATISFIABLE: there is none;
 *  then the request is as it was. */
CARNET_API carnet_rc carnet_vector_request_feasible(carnet_vector_request *request, const carnet_vector *capabilities,
                                                    carnet_err *err);

CARNET_END_DECLS
#endif
