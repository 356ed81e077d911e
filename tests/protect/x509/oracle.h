/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same chain judged by Carnet and by OpenSSL.  Where they differ a rule by
 * name must explain it: a rule of the profile that OpenSSL does not know, or one
 * where either is stricter than RFC 5280 or reads it otherwise.
 */
#ifndef CARNET_TEST_ORACLE_H
#define CARNET_TEST_ORACLE_H
#include "chain.h"

/** A chain as bytes, leaf first; the last is the trusted one. */
typedef struct subject {
    carnet_span ders[4];
    size_t count;
} subject;

subject oracle_encode(const chain *c);
/** Ask both, and fail the test over a difference that no rule explains.  Returns whether both accepted. */
bool oracle_compare(const subject *s);
/** Print how many differences each rule explained, and fail if one explained none: it is out of date. */
void oracle_rules_used(void);

#endif
