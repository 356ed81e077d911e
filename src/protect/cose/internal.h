/* SPDX-License-Identifier: Apache-2.0 */
/* What COSE_Sign1 and COSE_Mac0 share. */
#ifndef CARNET_COSE_INTERNAL_H
#define CARNET_COSE_INTERNAL_H
#include "carnet/cose_headers.h"

/** [protected, unprotected, payload / nil, signature or tag] */
struct carnet_cose_message {
    carnet_cose_headers headers;
    carnet_span encoded, payload;
    bool detached;
    carnet_span authenticator;
};

/** Read the structure, untagged or with `tag`; `last` is the name of its last entry. */
void carnet_cose_message_read(carnet_cbor_reader *r, uint64_t tag, const char *last,
                              struct carnet_cose_message *message);

/** Read the first two entries of an array of which `walk` has all four left. */
void carnet_cose_headers_read(carnet_cbor_reader *r, carnet_cbor_walk *walk, carnet_cose_headers *headers);
/** Step to the next of the four entries; refuses when there is none. */
bool carnet_cose_entry(carnet_cbor_reader *r, carnet_cbor_walk *walk);

#define CARNET_COSE_HEAD_MAX 48 /* array, context, and the three byte string heads: at most 39 octets */

/** Sig_structure or MAC_structure as parts to hash one after the other: heads, and views of the rest. */
struct carnet_cose_parts {
    uint8_t head[CARNET_COSE_HEAD_MAX];
    carnet_span parts[5 + CARNET_COSE_PAYLOAD_PARTS];
    size_t count;
};

/** `context` is "Signature1" or "MAC0".  *parts refers to itself: do not copy it. */
carnet_rc carnet_cose_parts_set(struct carnet_cose_parts *parts, const char *context, carnet_span protected_bytes,
                                const carnet_cose_content *content, carnet_err *err);
/** Settle which payload is meant, the attached one or the one given: CARNET_E_COSE_PAYLOAD unless exactly one is there.
 *  *payload holds an attached one and must live as long as *settled. */
carnet_rc carnet_cose_content_settle(const carnet_cose_content *given, const carnet_span *attached, bool detached,
                                     carnet_cose_content *settled, carnet_err *err);
/** Append the payload, or nil if it is detached. */
void carnet_cose_payload_build(carnet_cbor_builder *b, const carnet_cose_content *content, bool detached);

#endif
