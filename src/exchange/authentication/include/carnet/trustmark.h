/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trustmarks (RFC 8485 5): by which rules a vector of trust is to be read.
 *
 * Three are known.  P1940's takes C alone, with its own categories (P1940 5);
 * the defaults of RFC 8485 (Appendix A) take P, C, M, A; the project's, whose
 * URL the deployment chooses, takes P1940's C and the P, M, A of RFC 8485
 * (doc/p1940.md).  Letters of other trustmarks mean other things: an unknown
 * trustmark is refused, never guessed.
 */
#ifndef CARNET_TRUSTMARK_H
#define CARNET_TRUSTMARK_H
#include "carnet/vector_of_trust.h"
CARNET_BEGIN_DECLS

#define CARNET_TRUSTMARK_URL_P1940    "https://standards.ieee.org/standard/p1940.html"
#define CARNET_TRUSTMARK_URL_RFC_8485 "https://www.rfc-editor.org/info/rfc8485"

/** The numbers stand for the URLs in payment messages. */
typedef enum carnet_trustmark {
    CARNET_TRUSTMARK_NONE = 0,
    CARNET_TRUSTMARK_P1940 = 1,
    CARNET_TRUSTMARK_RFC_8485 = 2,
    CARNET_TRUSTMARK_PROJECT = 3
} carnet_trustmark;

/** Which trustmark a URL (`vtm`) is; `project` is the deployment's own URL, empty if it has none.  CARNET_E_TRUSTMARK: none
 *  of them. */
CARNET_API carnet_rc carnet_trustmark_of(carnet_str url, carnet_str project, carnet_trustmark *trustmark,
                                         carnet_err *err);
/** The URL; empty for none. */
CARNET_API carnet_str carnet_trustmark_url(carnet_trustmark trustmark, carnet_str project);
/** The vector with every value that is valid under the trustmark; empty for none. */
CARNET_API carnet_vector carnet_trustmark_values(carnet_trustmark trustmark);
/** Check a vector against its trustmark: CARNET_E_VECTOR_VALUE: a component is not one of it (P, M and A are not under P1940's);
 *  CARNET_E_VECTOR_CONFLICT: two that exclude each other (more than one P; C0 beside another C). */
CARNET_API carnet_rc carnet_trustmark_check(carnet_trustmark trustmark, const carnet_vector *vector, carnet_err *err);
/** Read a vector and check it against its trustmark; offsets are those of the text. */
CARNET_API carnet_rc carnet_trustmark_read(carnet_trustmark trustmark, carnet_str text, carnet_vector *vector,
                                           carnet_err *err);

CARNET_END_DECLS
#endif
