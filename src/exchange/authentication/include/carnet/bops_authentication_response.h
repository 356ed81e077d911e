/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AuthenticationResponse, device to identity provider: the results of what the
 * device did, and the evidence (P1940 6.2).  It holds no vector at any depth:
 * what the evidence amounts to is the provider's to say.  POST
 * .../enterprise/AuthenticationResponse.  See bops.h.
 */
#ifndef CARNET_BOPS_AUTHENTICATION_RESPONSE_H
#define CARNET_BOPS_AUTHENTICATION_RESPONSE_H
#include "carnet/bops.h"
CARNET_BEGIN_DECLS

#define CARNET_BOPS_PATH_AUTHENTICATION_RESPONSE CARNET_BOPS_BASE "/enterprise/AuthenticationResponse"
#define CARNET_BOPS_SIGNATURES                   4  /**< in one response at most */
#define CARNET_BOPS_INTRUSION                    43 /**< characters of val1 and val2 */

typedef enum carnet_bops_result {
    CARNET_BOPS_RESULT_FAILED = 0,
    CARNET_BOPS_RESULT_SUCCESS = 1,
    CARNET_BOPS_RESULT_CANCELLED = 2 /**< by the user */
} carnet_bops_result;

/** Where a biometric sample was compared. */
typedef enum carnet_bops_matcher {
    CARNET_BOPS_MATCHER_NONE,
    CARNET_BOPS_MATCHER_LOCAL,        /**< "LOCAL" */
    CARNET_BOPS_MATCHER_LOCAL_MATCH,  /**< "LOCAL_MATCH" */
    CARNET_BOPS_MATCHER_SPLIT_LOCAL,  /**< "SPLIT_LOCAL" */
    CARNET_BOPS_MATCHER_SPLIT_REMOTE, /**< "SPLIT_REMOTE" */
    CARNET_BOPS_MATCHER_REMOTE        /**< "REMOTE" */
} carnet_bops_matcher;

/** The result of one method. */
typedef struct carnet_bops_detail {
    carnet_str method; /**< "FINGERPRINT", ... */
    carnet_bops_matcher matcher;
    bool status;
    int64_t attempts; /**< 0: not said */
    bool pad;         /**< the next three are there */
    bool pad_performed, pad_passed;
    carnet_str pad_ref; /**< where the detection is attested, such as "MCD"; may be empty */
} carnet_bops_detail;

typedef struct carnet_bops_signature {
    carnet_str authenticator; /**< name of an enrolled key */
    carnet_str algorithm;     /**< "ES256" */
    carnet_str signature;     /**< base64url of r || s */
} carnet_bops_signature;

/** A FIDO assertion, in base64url; credential_id empty: none. */
typedef struct carnet_bops_fido {
    carnet_str credential_id, authenticator_data, client_data, signature;
} carnet_bops_fido;

/** Where the device is; integers, so that both ends mean the same. */
typedef struct carnet_bops_location {
    bool present;
    int64_t latitude_e7, longitude_e7; /**< degrees times 10,000,000 */
    int64_t accuracy_mm;               /**< radius */
    int64_t time;                      /**< of the measurement, seconds since 1970; 0: not said */
    carnet_str source;                 /**< "gps", ... */
} carnet_bops_location;

typedef struct carnet_bops_posture {
    bool present;
    bool lock_screen, rooted;
    carnet_str attestation; /**< of the app or device; may be empty */
} carnet_bops_posture;

/** What an analysis of behaviour came to. */
typedef struct carnet_bops_behaviour {
    bool present;
    bool processed;
    int64_t answer;             /**< 1: the user's */
    int64_t confidence_percent; /**< of the answer */
} carnet_bops_behaviour;

typedef struct carnet_bops_authentication_response {
    carnet_json *document;
    carnet_str session_id;
    int64_t result; /**< carnet_bops_result */
    carnet_str challenge;
    int64_t counter;
    carnet_bops_detail details[CARNET_BOPS_BIOMETRICS];
    size_t detail_count;
    carnet_bops_signature signatures[CARNET_BOPS_SIGNATURES];
    size_t signature_count;
    carnet_str otp_type, otp_value; /**< "TOTP" or "HOTP"; empty: none */
    carnet_bops_fido fido;
    carnet_str pin_verified_by;             /**< "SA", or "SERVER" with pin_value; empty: none */
    carnet_str pin_value;                   /**< only with "SERVER" */
    carnet_str device_response, transcript; /**< of an mdoc, base64url; empty: none */
    carnet_str mcd, mcd_ref; /**< mobile document capability descriptor, base64url, or which; may be empty */
    carnet_bops_location location;
    carnet_bops_posture posture;
    carnet_bops_behaviour behaviour;
    carnet_str val1, val2; /**< intrusion values; see carnet_bops_intrusion_value() */
} carnet_bops_authentication_response;

/** The last one written may hold a PIN or a one-time password: wipe the buffer. */
CARNET_API carnet_rc carnet_bops_authentication_response_write(const carnet_bops_authentication_response *response,
                                                               carnet_buf *out, carnet_err *err);
/** CARNET_E_BOPS_VECTOR: there is a member vot, vtr or vtm in it, at some depth (P1940 6.2). */
CARNET_API carnet_rc carnet_bops_authentication_response_read(carnet_str text,
                                                              carnet_bops_authentication_response *response,
                                                              carnet_err *err);
CARNET_API void carnet_bops_authentication_response_close(carnet_bops_authentication_response *response);

/** Append what `signatures` are over (to be signed with ES256, which hashes it): lines "P1940-AR1", session, challenge, counter,
 *  result, SHA-256 of the transaction text, and the details in canonical JSON (RFC 8785), as they were received.
 *  The same for a response that was read and one about to be written. */
CARNET_API carnet_rc carnet_bops_signed_payload(const carnet_bops_authentication_response *response,
                                                carnet_str transaction_text, carnet_crypto *crypto, carnet_buf *out,
                                                carnet_err *err);
/** val1 (of this counter) or val2 (of the counter answered before): appended as CARNET_BOPS_INTRUSION characters.  `key` is what
 *  enrolment handed out.  Compare with carnet_equal_secret(). */
CARNET_API carnet_rc carnet_bops_intrusion_value(carnet_span key, int64_t counter, carnet_str session_id,
                                                 carnet_str challenge, carnet_crypto *crypto, carnet_buf *out,
                                                 carnet_err *err);

/** The answer. */
typedef struct carnet_bops_answered {
    carnet_json *document;
    carnet_bops_status status; /**< REGISTERED: failed, but may be tried again */
    carnet_str session_id;
    carnet_str token_id;                 /**< of the identity token; empty unless authenticated; as are the next four */
    int64_t requested, granted, expires; /**< milliseconds since 1970 */
    carnet_str token;                    /**< the token itself, if the provider gives it to devices; may be empty */
    int64_t retries;                     /**< left, when it may be tried again */
} carnet_bops_answered;
CARNET_API carnet_rc carnet_bops_answered_write(const carnet_bops_answered *answer, carnet_buf *out, carnet_err *err);
CARNET_API carnet_rc carnet_bops_answered_read(carnet_str text, carnet_bops_answered *answer, carnet_err *err);
CARNET_API void carnet_bops_answered_close(carnet_bops_answered *answer);

CARNET_END_DECLS
#endif
