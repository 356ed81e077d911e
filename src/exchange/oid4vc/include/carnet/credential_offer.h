/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credential offers (OpenID4VCI 4.1): what an issuer shows a wallet as a link or
 * a QR code, by value or by reference, and the JSON it stands for.
 *
 * One structure serves both ends.  What was opened owns its JSON until
 * carnet_credential_offer_done(), and its texts are views into that; what is to
 * be made borrows the caller's.  Members and parameters not known are passed over.
 */
#ifndef CARNET_CREDENTIAL_OFFER_H
#define CARNET_CREDENTIAL_OFFER_H
#include "carnet/json.h"
CARNET_BEGIN_DECLS

#define CARNET_CREDENTIAL_OFFER_MAX                65536 /**< characters of a link, and of an offer */
#define CARNET_CREDENTIAL_OFFER_CONFIGURATIONS_MAX 32
#define CARNET_TX_CODE_DESCRIPTION_MAX             300 /**< characters (OpenID4VCI 4.1.1) */

/** What a link says.  Exactly one has text. */
typedef struct carnet_credential_offer_link {
    carnet_str json; /**< credential_offer, decoded: open it with carnet_credential_offer_open() */
    carnet_str uri;  /**< credential_offer_uri, decoded: get it, and open the answer's body */
} carnet_credential_offer_link;

/** Open a link of any scheme (openid-credential-offer:, haip-vci:, https:, ...).  `storage` is given the decoded text (less
 *  than link.len).  CARNET_E_OID4VCI_OFFER: neither or both parameters, one of them twice, malformed percent-encoding, a
 *  reference that is no https URL (or, with `insecure_loopback`, an http one to this machine). */
CARNET_API carnet_rc carnet_credential_offer_link_open(carnet_str link, bool insecure_loopback, carnet_buf *storage,
                                                       carnet_credential_offer_link *view, carnet_err *err);
/** Append a link.  `prefix`: a scheme as "openid-credential-offer://" or "haip-vci://", or a wallet's https URL; the
 *  parameter is appended with ? or &. */
CARNET_API carnet_rc carnet_credential_offer_link_build(carnet_str prefix, const carnet_credential_offer_link *link,
                                                        carnet_buf *out, carnet_err *err);

/** What the transaction code looks like that the holder got elsewhere. */
typedef struct carnet_tx_code {
    bool required;   /**< the offer has a tx_code object */
    bool text;       /**< input_mode text; else numeric */
    uint16_t length; /**< characters; 0: not said */
    carnet_str description;
} carnet_tx_code;

/** An offer. */
typedef struct carnet_credential_offer {
    carnet_json *document; /**< owned, if opened; NULL: being made */
    carnet_str credential_issuer;
    carnet_str configuration_ids[CARNET_CREDENTIAL_OFFER_CONFIGURATIONS_MAX]; /**< each once */
    size_t configuration_count;
    bool authorization_code; /**< grant authorization_code */
    carnet_str issuer_state; /**< of that; empty: none */
    carnet_str authorization_code_server;
    bool pre_authorized;            /**< grant urn:ietf:params:oauth:grant-type:pre-authorized_code */
    carnet_str pre_authorized_code; /**< of that */
    carnet_tx_code tx_code;
    carnet_str pre_authorized_server;
} carnet_credential_offer;

/** Open an offer's JSON.  CARNET_E_OID4VCI_OFFER names the member that is missing, of another type, empty, or twice the
 *  same, or says that it is no JSON.  Without grants both flags are false: the authorization server's metadata decides. */
CARNET_API carnet_rc carnet_credential_offer_open(carnet_str json, bool insecure_loopback,
                                                  carnet_credential_offer *offer, carnet_err *err);
CARNET_API void carnet_credential_offer_done(carnet_credential_offer *offer);
/** Append an offer's JSON.  The same rules are held as in reading. */
CARNET_API carnet_rc carnet_credential_offer_build(const carnet_credential_offer *offer, carnet_buf *out,
                                                   carnet_err *err);
/** Whether what the holder typed can be the transaction code: length and digits as far as the offer says.
 *  CARNET_E_OID4VCI_TX_CODE with a sentence for the holder. */
CARNET_API carnet_rc carnet_tx_code_check(const carnet_tx_code *tx_code, carnet_str typed, carnet_err *err);

CARNET_END_DECLS
#endif
