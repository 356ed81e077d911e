/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MobileSecurityObject: what an issuer signs of a document (18013-5 12.3).
 *
 * A view points into the payload it was opened on and owns nothing: keep those
 * bytes, unchanged, for as long as the view.  Views are read only, and threads
 * may read one together.  Opening checks everything, so that looking a digest or
 * an authorisation up cannot fail.
 *
 * Refused: a major version other than 1, a digest algorithm other than SHA-256,
 * SHA-384 and SHA-512 by exactly these names, a digest of another length than its
 * algorithm's, a missing member.  What is only of the wrong form is let pass and
 * named in `odd`.
 */
#ifndef CARNET_MSO_H
#define CARNET_MSO_H
#include "carnet/cose_key.h"
CARNET_BEGIN_DECLS

#define CARNET_MSO_DIGESTS_MAX        4096 /**< digests, and name spaces, in one MSO; more are refused (CARNET_E_CBOR_LIMIT) */
#define CARNET_MSO_AUTHORISATIONS_MAX 1024 /**< names in keyAuthorizations; more are refused (CARNET_E_CBOR_LIMIT) */
#define CARNET_DIGEST_ID_LIMIT        INT64_C(0x80000000) /**< digest identifiers are less (18013-5 12.3) */

/** What was odd and let pass. */
enum {
    CARNET_MSO_WITHOUT_TAG24 = 1,          /**< the payload is the map itself, not #6.24(bstr) */
    CARNET_MSO_MINOR_VERSION = 2,          /**< a version 1.x other than 1.0 */
    CARNET_MSO_DIGEST_ID_LARGE = 4,        /**< a digest identifier of 2^31 or more */
    CARNET_MSO_NO_DIGESTS = 8,             /**< valueDigests, or a name space in it, is empty */
    CARNET_MSO_AUTHORISATION_TWICE = 16,   /**< a name space in both lists of keyAuthorizations */
    CARNET_MSO_AUTHORISATION_EMPTY = 32,   /**< keyAuthorizations, or a list in it, is empty */
    CARNET_MSO_TIME_FRACTION = 64,         /**< a time with a fraction of a second, which was dropped */
    CARNET_MSO_TIME_OFFSET = 128,          /**< a time with an offset other than Z, which was applied */
    CARNET_MSO_TIME_UNTAGGED = 256,        /**< a time without tag 0 */
    CARNET_MSO_TIME_FORM = 512,            /**< a time odd in another way: lower case, a date only */
    CARNET_MSO_VALID_BEFORE_SIGNED = 1024, /**< validFrom is before signed */
    CARNET_MSO_VALIDITY_EMPTY = 2048,      /**< validUntil is not after validFrom */
    CARNET_MSO_IDENTIFIER_TEXT = 4096,     /**< identifier_list.id is a text */
    CARNET_MSO_STATUS_UNKNOWN = 8192,      /**< status names no mechanism of 18013-5 12.3.6 */
    CARNET_MSO_STATUS_FORM = 16384         /**< status_list or identifier_list is malformed: taken as absent */
};

/** status (18013-5 12.3.6): where revocation is announced.  Spans and texts are empty where absent. */
typedef struct carnet_mso_status {
    bool has_status_list, has_identifier_list;
    uint64_t status_index;
    carnet_str status_uri;
    carnet_span status_certificate;
    carnet_span identifier; /**< content of the byte string, or of the text where CARNET_MSO_IDENTIFIER_TEXT */
    carnet_str identifier_uri;
    carnet_span identifier_certificate;
} carnet_mso_status;

/** An opened MobileSecurityObject: read the members, do not write them. */
typedef struct carnet_mso {
    carnet_span encoded; /**< the map */
    carnet_str version;
    carnet_str digest_algorithm;
    carnet_hash hash;
    size_t hash_size;
    carnet_span value_digests; /**< map of maps as received; see carnet_mso_digest() */
    uint32_t digest_count;     /**< in all name spaces */
    carnet_str doc_type;
    carnet_cose_key device_key;         /**< not checked to be a point of its curve: carnet_cose_key_check() */
    carnet_span key_authorizations;     /**< map as received; empty: absent */
    carnet_span authorised_name_spaces; /**< array of names in it; empty: absent */
    carnet_span authorised_elements;    /**< map of arrays in it; empty: absent */
    carnet_span key_info;               /**< map as received; empty: absent */
    carnet_time signed_at, valid_from, valid_until, expected_update;
    bool has_expected_update;
    carnet_span status_bytes; /**< status as received; empty: absent */
    carnet_mso_status status;
    unsigned odd;          /**< CARNET_MSO_ bits */
    uint8_t allow, seen;   /**< CARNET_CBOR_ bits let pass, and met */
    const uint8_t *origin; /**< offsets are counted from here */
} carnet_mso;

/** Open the payload of IssuerAuth, allowing `allow` (CARNET_CBOR_ bits).  Offsets in *err count from `origin`, which must
 *  stand at or before the payload in the same bytes; NULL: from the payload.  On failure *mso is empty.
 *  CARNET_E_MDOC_VERSION, CARNET_E_MDOC_ALGORITHM as said above; CARNET_E_MDOC_STRUCTURE and the codes of CBOR, COSE_Key
 *  and time otherwise. */
CARNET_API carnet_rc carnet_mso_open(carnet_span payload, const uint8_t *origin, unsigned allow, carnet_mso *mso,
                                     carnet_err *err);
/** The digest signed under this identifier; false, and an empty digest, if there is none. */
CARNET_API bool carnet_mso_digest(const carnet_mso *mso, carnet_str name_space, uint64_t digest_id,
                                  carnet_span *digest);
/** The device key may sign this element: by its name space, or by name (18013-5 12.3). */
CARNET_API bool carnet_mso_authorises(const carnet_mso *mso, carnet_str name_space, carnet_str identifier);

/** Where a walk through all digests stands; zeroed at first. */
typedef struct carnet_mso_walk {
    carnet_cbor_reader reader;
    carnet_cbor_walk outer, inner;
    carnet_str name_space;
    bool begun, inside;
} carnet_mso_walk;
typedef struct carnet_mso_entry {
    carnet_str name_space;
    uint64_t digest_id;
    carnet_span digest;
} carnet_mso_entry;
/** The next digest, name space by name space, in the order received; false after the last. */
CARNET_API bool carnet_mso_next(const carnet_mso *mso, carnet_mso_walk *walk, carnet_mso_entry *entry);

/** A digest algorithm's name in an MSO ("SHA-256"); NULL for one that may not be used. */
CARNET_API const char *carnet_mso_hash_name(carnet_hash hash);

CARNET_END_DECLS
#endif
