/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a device becomes a user's: with a bootstrap certificate that serves once
 * it has its own key certified (RegisterAccount), later renews the certificate,
 * is unlocked, or is removed (IEEE 2410; the exact JSON is Carnet's profile).
 * No private key ever travels.  See bops.h.
 */
#ifndef CARNET_BOPS_ENROL_H
#define CARNET_BOPS_ENROL_H
#include "carnet/bops.h"
#include "carnet/jwk.h"
CARNET_BEGIN_DECLS

#define CARNET_BOPS_PATH_REGISTER_ACCOUNT  CARNET_BOPS_BASE "/enrol/RegisterAccount"
#define CARNET_BOPS_PATH_RENEW_CERTIFICATE CARNET_BOPS_BASE "/enrol/RenewClientCertificate"
#define CARNET_BOPS_PATH_UNLOCK_CLIENT     CARNET_BOPS_BASE "/enrol/UnlockClient"
#define CARNET_BOPS_PATH_REMOVE_DEVICE     CARNET_BOPS_BASE "/enrol/RemoveDevice"
#define CARNET_BOPS_AUTHENTICATORS         8 /**< keys of one device at most */
#define CARNET_BOPS_CERTIFICATES           4 /**< in one answer at most */

/** Names in certificates (subject alternative name, URI). */
#define CARNET_BOPS_URN_DEVICE    "urn:p1940:device:"
#define CARNET_BOPS_URN_BOOTSTRAP "urn:p1940:bootstrap:"
#define CARNET_BOPS_URN_FRIEND    "urn:p1940:friend:"
#define CARNET_BOPS_URN_TERMINAL  "urn:p1940:terminal:"

typedef enum carnet_bops_key_kind {
    CARNET_BOPS_KEY_SECURE_AREA = 1, /**< "SA": signs transactions */
    CARNET_BOPS_KEY_DOCUMENT,        /**< "DOCUMENT": a mobile document's device key */
    CARNET_BOPS_KEY_FIDO             /**< "FIDO": a credential's */
} carnet_bops_key_kind;

/** A key that the device enrols. */
typedef struct carnet_bops_authenticator {
    carnet_str name; /**< "SA-KEY-1"; what `authenticator` of a signature says */
    carnet_bops_key_kind kind;
    const carnet_public_key *key; /**< when writing */
    const carnet_json *jwk;       /**< when read */
    carnet_str credential_id;     /**< FIDO: base64url */
    carnet_str proof; /**< its signature over carnet_bops_key_proof_payload(), base64url; FIDO: may be empty */
} carnet_bops_authenticator;

typedef struct carnet_bops_register_account {
    carnet_json *document;
    carnet_str name; /**< of the device, for its user's eyes; may be empty */
    carnet_str os, external_id, push_reg_id, member_external_id;
    carnet_str certificate_request; /**< PKCS#10 (RFC 2986) in base64url */
    carnet_bops_authenticator authenticators[CARNET_BOPS_AUTHENTICATORS];
    size_t authenticator_count;
    carnet_str key_attestation; /**< of secure-area keys: a JWS (carnet/key_attestation.h); may be empty */
    carnet_str mcd;             /**< capability descriptor, base64url; may be empty */
    carnet_str pin;             /**< chosen for the server to know, 6 digits or more; may be empty */
    carnet_str otp_type;        /**< which one-time passwords it will make: "TOTP" or "HOTP"; empty: TOTP */
} carnet_bops_register_account;
CARNET_API carnet_rc carnet_bops_register_account_write(const carnet_bops_register_account *request, carnet_buf *out,
                                                        carnet_err *err);
CARNET_API carnet_rc carnet_bops_register_account_read(carnet_str text, carnet_bops_register_account *request,
                                                       carnet_err *err);
CARNET_API void carnet_bops_register_account_close(carnet_bops_register_account *request);

/** Append what an enrolled key signs to prove it is the device's (ES256 and the like): lines "P1940-KEY1", the authenticator's name,
 *  SHA-256 of the certification request in base64url. */
CARNET_API carnet_rc carnet_bops_key_proof_payload(carnet_str name, carnet_span certificate_request,
                                                   carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

/** The answer to RegisterAccount and RenewClientCertificate: secrets are in it, so wipe the buffer. */
typedef struct carnet_bops_enrolled {
    carnet_json *document;
    carnet_str profile_id, device_id, user_id;
    carnet_str certificates[CARNET_BOPS_CERTIFICATES]; /**< base64url of DER: the device's, then its issuers' */
    size_t certificate_count;
    carnet_str intrusion_key; /**< base64url of 32 octets, for val1 and val2; empty on renewal, as are the next two */
    carnet_str otp_seed;      /**< base64url; for 6 digits, of 30 seconds each or of a counter from 0; may be empty */
    carnet_str otp_type;      /**< "TOTP" or "HOTP"; empty: TOTP */
    int64_t counter;          /**< the first will be one more */
} carnet_bops_enrolled;
CARNET_API carnet_rc carnet_bops_enrolled_write(const carnet_bops_enrolled *answer, carnet_buf *out, carnet_err *err);
CARNET_API carnet_rc carnet_bops_enrolled_read(carnet_str text, carnet_bops_enrolled *answer, carnet_err *err);
CARNET_API void carnet_bops_enrolled_close(carnet_bops_enrolled *answer);

/** RenewClientCertificate: with a session that the device answered at most 5 minutes ago. */
typedef struct carnet_bops_renew {
    carnet_json *document;
    carnet_str session_id, certificate_request; /**< as above */
} carnet_bops_renew;
CARNET_API carnet_rc carnet_bops_renew_write(const carnet_bops_renew *request, carnet_buf *out, carnet_err *err);
CARNET_API carnet_rc carnet_bops_renew_read(carnet_str text, carnet_bops_renew *request, carnet_err *err);
CARNET_API void carnet_bops_renew_close(carnet_bops_renew *request);

/** UnlockClient: a device that locked itself by wrong attempts is opened by seed and PIN.  RemoveDevice: both empty. */
typedef struct carnet_bops_device_command {
    carnet_json *document;
    carnet_str otp; /**< one-time password by the seed */
    carnet_str pin;
} carnet_bops_device_command;
CARNET_API carnet_rc carnet_bops_device_command_write(const carnet_bops_device_command *command, carnet_buf *out,
                                                      carnet_err *err);
CARNET_API carnet_rc carnet_bops_device_command_read(carnet_str text, carnet_bops_device_command *command,
                                                     carnet_err *err);
CARNET_API void carnet_bops_device_command_close(carnet_bops_device_command *command);

/** The answer: {"deviceStatus": "ACTIVATED"}. */
typedef struct carnet_bops_device_state {
    carnet_json *document;
    carnet_str status; /**< "ACTIVATED", "LOCKED", "BLOCKED", "REMOVED" */
} carnet_bops_device_state;
CARNET_API carnet_rc carnet_bops_device_state_write(const carnet_bops_device_state *state, carnet_buf *out,
                                                    carnet_err *err);
CARNET_API carnet_rc carnet_bops_device_state_read(carnet_str text, carnet_bops_device_state *state, carnet_err *err);
CARNET_API void carnet_bops_device_state_close(carnet_bops_device_state *state);

CARNET_END_DECLS
#endif
