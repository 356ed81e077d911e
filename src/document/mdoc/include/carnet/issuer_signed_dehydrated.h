/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IssuerSignedDehydrated: an IssuerSigned whose element values are sent apart,
 * once for many copies, as NameSpacedData (23220-3 8.1).
 *
 * The issuer dehydrates: in each item the value, which must stand last, becomes
 * null.  The app hydrates: the value goes back, byte for byte, and every digest
 * must be right again.  Items with a value of their own are kept whole.
 *
 * Views point into the bytes they were opened on and own nothing; threads may
 * read one view together.
 */
#ifndef CARNET_ISSUER_SIGNED_DEHYDRATED_H
#define CARNET_ISSUER_SIGNED_DEHYDRATED_H
#include "carnet/element_walk.h"
#include "carnet/issuer_signed.h"
CARNET_BEGIN_DECLS

/** Which of its known names a member had. */
enum {
    CARNET_DEHYDRATED_NAME_SPACES = 1,   /**< "namespaces" or, dehydrated, "nameSpaces": what is written here */
    CARNET_DEHYDRATED_OTHER_NAME = 2,    /**< "nameSpaces" of NameSpacedData, "nameSpacesDehydrated" */
    CARNET_DEHYDRATED_PROVISIONED = 4,   /**< "provisionedData", "digestIdMapping" */
    CARNET_DEHYDRATED_ACCESS_CONTROL = 8 /**< accessControlProfiles is there; it is stepped over */
};

/** An opened NameSpacedData: { ?dataIdentifier, namespaces: { + name space => [ + { name, value } ] } }. */
typedef struct carnet_name_spaced_data {
    carnet_span encoded;
    carnet_str data_identifier; /**< ptr NULL: absent */
    carnet_span name_spaces;    /**< map as received */
    uint32_t element_count;
    unsigned names;      /**< CARNET_DEHYDRATED_ bits */
    uint8_t allow, seen; /**< CARNET_CBOR_ bits */
    const uint8_t *origin;
} carnet_name_spaced_data;

/** An opened IssuerSignedDehydrated. */
typedef struct carnet_issuer_signed_dehydrated {
    carnet_span encoded;
    carnet_str data_identifier; /**< ptr NULL: absent */
    carnet_issuer_signed inner; /**< for carnet_issuer_signed_next(): items as received, dehydrated or not */
    uint32_t dehydrated_count;  /**< items whose value is null */
    unsigned names;             /**< CARNET_DEHYDRATED_ bits */
} carnet_issuer_signed_dehydrated;

/** Open an encoded NameSpacedData and check all of it.  CARNET_E_MDOC_ELEMENT_TWICE: an element is there twice. */
CARNET_API carnet_rc carnet_name_spaced_data_open(carnet_span cbor, unsigned allow, carnet_name_spaced_data *view,
                                                  carnet_err *err);
/** Where a walk through the elements stands; zeroed at first. */
typedef struct carnet_name_spaced_data_cursor {
    carnet_cbor_reader reader;
    carnet_cbor_walk name_spaces, elements;
    carnet_str name_space;
    bool begun, inside;
} carnet_name_spaced_data_cursor;
/** The next element; false after the last. */
CARNET_API bool carnet_name_spaced_data_next(const carnet_name_spaced_data *view,
                                             carnet_name_spaced_data_cursor *cursor, carnet_element *element);
/** Append NameSpacedData with these elements, name spaces in the order of their first element; data_identifier may be
 *  empty: left out. */
CARNET_API carnet_rc carnet_name_spaced_data_build(carnet_cbor_builder *b, carnet_str data_identifier,
                                                   const carnet_element *elements, size_t count, carnet_err *err);

/** Open an encoded IssuerSignedDehydrated and check all of it. */
CARNET_API carnet_rc carnet_issuer_signed_dehydrated_open(carnet_span cbor, unsigned allow,
                                                          carnet_issuer_signed_dehydrated *view, carnet_err *err);
/** One of a batch, an encoded array [ + IssuerSignedDehydrated ]: begin with carnet_list_begin(); each entry is opened
 *  apart. */
CARNET_API carnet_rc carnet_issuer_signed_dehydrated_list(carnet_span cbor, unsigned allow, size_t *count,
                                                          carnet_err *err);

/** Append the dehydrated form of an IssuerSigned.  An item whose members are not in the order digestID, random,
 *  elementIdentifier, elementValue, or whose value is null already, is kept whole. */
CARNET_API carnet_rc carnet_issuer_signed_dehydrate(const carnet_issuer_signed *whole, carnet_str data_identifier,
                                                    carnet_cbor_builder *b, carnet_err *err);

/** Append the IssuerSigned made of a dehydrated one and the one of `data` (`data_count` of them) that has its
 *  dataIdentifier; every item's digest is checked against `mso`, which the caller has opened from the dehydrated one's
 *  issuerAuth and whose signature, certificates and device key it has checked before.
 *  CARNET_E_MDOC_HYDRATION: not exactly one NameSpacedData fits, an element is missing in it or left over, or a value to
 *  be filled in does not stand last.  CARNET_E_MDOC_DIGEST_MISMATCH, CARNET_E_MDOC_DIGEST_ABSENT.  `b` needs a buffer; on
 *  failure it is as it was, save for its failure. */
CARNET_API carnet_rc carnet_issuer_signed_hydrate(const carnet_issuer_signed_dehydrated *dehydrated,
                                                  const carnet_name_spaced_data *data, size_t data_count,
                                                  const carnet_mso *mso, carnet_crypto *crypto, carnet_cbor_builder *b,
                                                  carnet_err *err);

CARNET_END_DECLS
#endif
