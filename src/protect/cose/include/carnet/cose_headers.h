/* SPDX-License-Identifier: Apache-2.0 */
/*
 * COSE header parameters (RFC 9052, 3; RFC 9360 for certificates), as far as
 * mobile documents use them: both buckets of a COSE_Sign1 or COSE_Mac0.
 *
 * Views point into the bytes received and live as long as those.  They are read
 * only, and threads may read one together.
 *
 * Refused: a label in both buckets, a critical header that is not understood
 * or not protected, a known header of another type than specified; but a kid
 * that is a text is let pass, for some issuers write it so and no rule reads it.
 * Labels that are not known, texts and negative numbers among them, are stepped
 * over.
 */
#ifndef CARNET_COSE_HEADERS_H
#define CARNET_COSE_HEADERS_H
#include "carnet/cbor.h"
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

/** The MAC algorithms (RFC 9053, 3.1); signature algorithms are carnet_signature_algorithm. */
enum { CARNET_HMAC_256_64 = 4, CARNET_HMAC_256 = 5, CARNET_HMAC_384 = 6, CARNET_HMAC_512 = 7 };

#define CARNET_COSE_PAYLOAD_PARTS 36 /**< parts a payload may be given in: readerAuthAll signs over many */
#define CARNET_COSE_LABELS_MAX    64 /**< header parameters in one bucket */

/** What was met and let pass (`seen` of a view). */
enum {
    CARNET_COSE_TAGGED = 1,                /**< tag 18 or 17 stood before the structure */
    CARNET_COSE_X5CHAIN_PROTECTED = 2,     /**< x5chain in the protected bucket */
    CARNET_COSE_X5CHAIN_ARRAY_OF_ONE = 4,  /**< one certificate, but in an array */
    CARNET_COSE_ALGORITHM_UNPROTECTED = 8, /**< alg in the unprotected bucket */
    CARNET_COSE_ALGORITHM_TEXT = 16,       /**< alg is a text: none we know */
    CARNET_COSE_PROTECTED_EMPTY_MAP = 32,  /**< protected bucket h'a0' where h'' should stand */
    CARNET_COSE_OTHER_PROTECTED = 64,      /**< protected headers besides alg, x5chain and x5t */
    CARNET_COSE_OTHER_UNPROTECTED = 128,   /**< unprotected headers besides alg, x5chain and x5t */
    CARNET_COSE_KEY_ID_TEXT = 256          /**< kid is a text where a byte string should stand; it is not given */
};

/** Both buckets, read.  Read the members, do not write them. */
typedef struct carnet_cose_headers {
    carnet_span protected_bytes; /**< content of the protected byte string as it is signed: h'a0' is empty here */
    carnet_span unprotected;     /**< the unprotected map as received */
    int64_t algorithm;           /**< label 1; 0: absent, or a text */
    carnet_span key_id;          /**< label 4; ptr NULL: absent, or a text */
    carnet_span x5chain;         /**< label 33: for carnet_cose_x5chain_next(); ptr NULL: absent */
    size_t x5chain_count;        /**< certificates in it */
    int64_t x5t_algorithm;       /**< label 34: hash algorithm (0: absent, or a text) ... */
    carnet_span x5t;             /**< ... and value */
    carnet_str type;             /**< label 16 as text; ptr NULL: absent or a number */
    carnet_str content_type;     /**< label 3 as text; ptr NULL: absent or a number */
    int64_t type_number, content_type_number; /**< the same as numbers; -1: absent or a text */
    unsigned seen;                            /**< CARNET_COSE_ bits */
    uint8_t cbor_seen;                        /**< CARNET_CBOR_ bits met in the whole structure */
} carnet_cose_headers;

/** Step through the certificates, leaf first; false after the last.  Start with *at = {0}. */
CARNET_API bool carnet_cose_x5chain_next(const carnet_cose_headers *headers, carnet_span *at, carnet_span *certificate);
/** The first certificate; CARNET_E_COSE_X5CHAIN if there is none. */
CARNET_API carnet_rc carnet_cose_x5chain_leaf(const carnet_cose_headers *headers, carnet_span *certificate,
                                              carnet_err *err);
/** If x5t is present, it must be the hash of `certificate` (RFC 9360, 2): CARNET_E_COSE_X5CHAIN if it is not,
 *  CARNET_E_CRYPTO_UNSUPPORTED for a hash other than SHA-256, SHA-384, SHA-512. */
CARNET_API carnet_rc carnet_cose_x5t_check(const carnet_cose_headers *headers, carnet_crypto *crypto,
                                           carnet_span certificate, carnet_err *err);

/** What a signature or MAC is over besides the protected headers. */
typedef struct carnet_cose_content {
    carnet_span external_aad;
    const carnet_span *payload; /**< a detached payload, in parts one after the other; NULL: it is attached */
    size_t payload_count;       /**< at most CARNET_COSE_PAYLOAD_PARTS */
} carnet_cose_content;

/** Append ["Signature1" or "MAC0", protected, external_aad, payload], the bytes that are signed or authenticated (RFC
 *  9052, 4.4 and 6.3).  The payload is taken from `content`. */
CARNET_API void carnet_cose_structure_build(carnet_cbor_builder *b, const char *context, carnet_span protected_bytes,
                                            const carnet_cose_content *content);

CARNET_END_DECLS
#endif
