/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IssuerSigned: the data elements of an mdoc, each of which the issuer signed by
 * its digest (18013-5 10.3, 12.3).
 *
 * Nothing here copies or re-encodes.  Views point into the bytes they were
 * opened on: keep those bytes, unchanged, for as long as any view of them.
 * Views own nothing and need no closing; threads may read one view together,
 * each with a cursor of its own.
 */
#ifndef CARNET_ISSUER_SIGNED_H
#define CARNET_ISSUER_SIGNED_H
#include "carnet/mso.h"
CARNET_BEGIN_DECLS

#define CARNET_ISSUER_SIGNED_ITEMS_MAX 1024 /**< items, and name spaces, in one IssuerSigned (CARNET_E_CBOR_LIMIT) */
#define CARNET_ITEM_RANDOM_MIN         16   /**< octets of an item's random, at least (18013-5 12.3) */

/** What was odd and let pass. */
enum {
    CARNET_ISSUER_SIGNED_TAGGED = 1,         /**< issuerAuth carries tag 18 */
    CARNET_ISSUER_SIGNED_EMPTY = 2,          /**< nameSpaces, or a name space in it, is empty */
    CARNET_ISSUER_SIGNED_RANDOM_SHORT = 4,   /**< an item's random has fewer than 16 octets */
    CARNET_ISSUER_SIGNED_DIGEST_ID_LARGE = 8 /**< a digest identifier of 2^31 or more */
};

/** An opened IssuerSigned: read the members, do not write them. */
typedef struct carnet_issuer_signed {
    carnet_span encoded;     /**< all of it */
    carnet_span name_spaces; /**< map as received; empty: absent */
    carnet_span issuer_auth; /**< COSE_Sign1 as received: well-formed, for carnet_cose_sign1_open() */
    uint32_t name_space_count, item_count;
    unsigned odd;          /**< CARNET_ISSUER_SIGNED_ bits */
    uint8_t allow, seen;   /**< CARNET_CBOR_ bits let pass, and met */
    const uint8_t *origin; /**< offsets are counted from here */
} carnet_issuer_signed;

/** One data element. */
typedef struct carnet_issuer_signed_item {
    carnet_str name_space, identifier;
    uint64_t digest_id;
    carnet_span random;
    carnet_span value;   /**< elementValue as received */
    carnet_span encoded; /**< IssuerSignedItemBytes as received, tag 24 included: what was digested */
    carnet_span content; /**< the map inside */
    size_t index;        /**< place in its name space */
    size_t offset;       /**< byte of `encoded` in the outermost input */
    unsigned odd;        /**< CARNET_ISSUER_SIGNED_ bits of this item */
} carnet_issuer_signed_item;

/** Where a walk through the items stands; zeroed at first. */
typedef struct carnet_issuer_signed_cursor {
    carnet_cbor_reader reader;
    carnet_cbor_walk name_spaces, items;
    carnet_str name_space;
    bool begun, inside;
} carnet_issuer_signed_cursor;

/** Open an encoded IssuerSigned, allowing `allow` (CARNET_CBOR_ bits), and check all of it but the inside of issuerAuth,
 *  so that stepping cannot fail.  On failure *view is empty and *err has path and byte offset of the first thing wrong,
 *  such as nameSpaces["org.iso.18013.5.1"][3]. */
CARNET_API carnet_rc carnet_issuer_signed_open(carnet_span cbor, unsigned allow, carnet_issuer_signed *view,
                                               carnet_err *err);
/** Open one that was opened in full before it was kept, as a holder's is: all of it is well-formed CBOR with the two
 *  members, but an item is looked into only when it is stepped to, and one that is none ends the walk.  The counts and
 *  the bits of `odd` that speak of items stay empty. */
CARNET_API carnet_rc carnet_issuer_signed_open_held(carnet_span cbor, unsigned allow, carnet_issuer_signed *view,
                                                    carnet_err *err);
/** Read one as a part of something larger; a failure is the reader's. */
CARNET_API void carnet_issuer_signed_read(carnet_cbor_reader *r, carnet_issuer_signed *view);

/** Step to the next item, in the order received; false after the last.  Start with a zeroed cursor. */
CARNET_API bool carnet_issuer_signed_next(const carnet_issuer_signed *view, carnet_issuer_signed_cursor *cursor,
                                          carnet_issuer_signed_item *item);
/** The first item of this name; false, and an empty item, if there is none. */
CARNET_API bool carnet_issuer_signed_find(const carnet_issuer_signed *view, carnet_str name_space,
                                          carnet_str identifier, carnet_issuer_signed_item *item);
/** No element is there twice (18013-5 10.3): CARNET_E_MDOC_ELEMENT_TWICE with the place of the second otherwise. */
CARNET_API carnet_rc carnet_issuer_signed_unique(const carnet_issuer_signed *view, carnet_err *err);

/** Check one item against the digest the issuer signed for it.  CARNET_E_MDOC_DIGEST_MISMATCH and
 *  CARNET_E_MDOC_DIGEST_ABSENT judge the document; any other failure means: not judged. */
CARNET_API carnet_rc carnet_issuer_signed_item_verify(const carnet_issuer_signed_item *item, const carnet_mso *mso,
                                                      carnet_crypto *crypto, carnet_err *err);

CARNET_END_DECLS
#endif
