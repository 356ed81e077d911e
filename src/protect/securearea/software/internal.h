/* SPDX-License-Identifier: Apache-2.0 */
/* The keys in a sealed file, one entry each; seen by nobody else. */
#ifndef CARNET_SEALED_INTERNAL_H
#define CARNET_SEALED_INTERNAL_H
#include "carnet/cbor.h"
#include "carnet/sealed_area.h"

/* SealedKey, views into the unsealed bytes. */
typedef struct carnet_sealed_key {
    carnet_span identifier, point, key; /* point: 04 || x || y, or OKP's octets; key: PKCS#8 */
    int64_t curve;
    uint64_t usage;
    carnet_span encoded;
} carnet_sealed_key;

/* Step to the next entry of those checked by carnet_sealed_keys_check(); false after the last. */
bool carnet_sealed_keys_next(carnet_span *rest, carnet_sealed_key *key);
/* The first entry of an identifier; false if there is none. */
bool carnet_sealed_keys_find(carnet_span entries, carnet_span identifier, carnet_sealed_key *key);
/* Look over SealedKeys, as unsealed: form and number.  *entries: what is in the array. */
carnet_rc carnet_sealed_keys_check(carnet_span cbor, carnet_span *entries, size_t *count, carnet_err *err);
/* Append the entry of a software key. */
carnet_rc carnet_sealed_keys_add(carnet_buf *entries, const carnet_key_identifier *identifier, carnet_key *key,
                                 carnet_err *err);
/* What is said of an entry. */
void carnet_sealed_key_describe(const carnet_sealed_key *key, carnet_key_description *description);

#endif
