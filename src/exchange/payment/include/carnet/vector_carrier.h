/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vector of trust in an ISO 8583 message (project profile, doc/p1940.md):
 * as the data set P1 among the data sets of DE 48, or as the data object FF9940
 * (FF40 where tags have two octets) behind the EMV data objects of DE 55 or DE
 * 125; and the signature that binds it to amount, currency and terminal.
 *
 * Nothing here allocates.  Views point into the octets that were read.  Other
 * data sets and objects stay as they are, in their order.  A vector is text
 * here: what is in it, carnet/vector_of_trust.h reads.
 */
#ifndef CARNET_VECTOR_CARRIER_H
#define CARNET_VECTOR_CARRIER_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_CARRIER_TAG       0xff9940u
#define CARNET_CARRIER_TAG_SHORT 0xff40u /**< where a peer knows tags of two octets only */
#define CARNET_CARRIER_REQUESTS  8       /**< acceptable vectors at most */

/** What is there; bits of `present`. */
enum {
    CARNET_CARRIER_REQUEST = 1,      /**< VR, 81: vectors that would do */
    CARNET_CARRIER_VECTOR = 2,       /**< VT, 80 */
    CARNET_CARRIER_TRUSTMARK = 4,    /**< TM, 82 */
    CARNET_CARRIER_SESSION = 8,      /**< SI, 83 */
    CARNET_CARRIER_REFERENCE = 16,   /**< TX, 84: of the staged transaction */
    CARNET_CARRIER_AUTH_TIME = 32,   /**< AT, 85 */
    CARNET_CARRIER_EXPIRY = 64,      /**< EX, 86 */
    CARNET_CARRIER_LEVEL = 128,      /**< AL, 87 */
    CARNET_CARRIER_RESULT = 256,     /**< AR, 88 */
    CARNET_CARRIER_DIGEST = 512,     /**< DG, 89: SHA-256 of the binding */
    CARNET_CARRIER_KEY_ID = 1024,    /**< KI, 8A */
    CARNET_CARRIER_SIGNATURE = 2048, /**< SG, 8B */
    CARNET_CARRIER_COUNTER = 4096    /**< CN, 8C */
};

/** AR. */
enum {
    CARNET_CARRIER_OK = 0,
    CARNET_CARRIER_FAILED,
    CARNET_CARRIER_EXPIRED,
    CARNET_CARRIER_CANCELLED,
    CARNET_CARRIER_NOT_PERFORMED
};

typedef struct carnet_vector_carrier {
    unsigned present; /**< CARNET_CARRIER_ bits; only these members mean anything */
    unsigned request_count;
    carnet_str request[CARNET_CARRIER_REQUESTS];
    carnet_str vector;
    unsigned trustmark; /**< 1, 2 or 3 as in carnet/trustmark.h; 0: trustmark_url */
    carnet_str trustmark_url;
    uint8_t session[16];
    carnet_str reference;       /**< 1 to 22 characters */
    uint32_t auth_time, expiry; /**< seconds since 1970 */
    uint32_t level;             /**< 0 to 3 */
    uint32_t result;
    uint8_t digest[32];
    carnet_str key_id;     /**< 1 to 16 characters */
    uint8_t signature[64]; /**< r || s */
    uint32_t counter;
} carnet_vector_carrier;

/** Read from the content of DE 48 (or another element of data sets TT LLL value).  CARNET_E_CARRIER_ABSENT: there is no P1;
 *  CARNET_E_CARRIER: it is malformed, with the offset; CARNET_E_CARRIER_TWICE: a data set or a member of P1 twice. */
CARNET_API carnet_rc carnet_carrier_read_text(carnet_span data_sets, carnet_vector_carrier *carrier, carnet_err *err);
/** Read from BER-TLV (DE 55, DE 125).  The same failures, and those of carnet/tlv.h. */
CARNET_API carnet_rc carnet_carrier_read_tlv(carnet_span objects, carnet_vector_carrier *carrier, carnet_err *err);
/** Append `data_sets` (may be empty) without any P1 of theirs, and P1 behind them; at most 999 octets of P1.  CARNET_E_CARRIER:
 *  a value has no form; CARNET_E_NO_SPACE. */
CARNET_API carnet_rc carnet_carrier_write_text(const carnet_vector_carrier *carrier, carnet_span data_sets,
                                               carnet_buf *out, carnet_err *err);
/** The same in BER-TLV, under CARNET_CARRIER_TAG or _TAG_SHORT, at most 255 octets with the others if `limit` is 255 (DE 55);
 *  0: no limit. */
CARNET_API carnet_rc carnet_carrier_write_tlv(const carnet_vector_carrier *carrier, uint32_t tag, carnet_span objects,
                                              size_t limit, carnet_buf *out, carnet_err *err);

/** What of the message the signature covers besides: as in the message. */
typedef struct carnet_carrier_binding {
    carnet_str amount;   /**< DE 4: 12 digits */
    carnet_str currency; /**< DE 49: 3 characters */
    carnet_str terminal; /**< DE 41; spaces at its end do not count */
} carnet_carrier_binding;

#define CARNET_CARRIER_BINDING_MAX 1280 /**< octets of the longest text that is signed */

/** Append the text that is signed: lines P1940v1, reference, session, vector, auth_time, expiry, amount, currency, terminal.
 *  CARNET_E_CARRIER: one of them is missing or has no form. */
CARNET_API carnet_rc carnet_carrier_binding_text(const carnet_vector_carrier *carrier,
                                                 const carnet_carrier_binding *binding, carnet_buf *out,
                                                 carnet_err *err);
/** Sign with a P-256 key (ES256) and set digest, signature and key id, which `carrier` goes on pointing to.  Take
 *  CARNET_CARRIER_DIGEST out of `present` if it is not to travel. */
CARNET_API carnet_rc carnet_carrier_sign(carnet_vector_carrier *carrier, const carnet_carrier_binding *binding,
                                         carnet_str key_id, carnet_key *key, carnet_crypto *crypto, carnet_err *err);
/** Verify with the identity provider's public key.  CARNET_E_CARRIER_UNSIGNED: there is no signature; CARNET_E_CARRIER_DIGEST:
 *  the digest that travels is of something else; CARNET_E_CRYPTO_SIGNATURE: the signature is wrong. */
CARNET_API carnet_rc carnet_carrier_verify(const carnet_vector_carrier *carrier, const carnet_carrier_binding *binding,
                                           const carnet_public_key *key, carnet_crypto *crypto, carnet_err *err);

CARNET_END_DECLS
#endif
