/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From verified facts to a vector of trust: which of P1940's categories are
 * asserted of an authentication, and the level it attained (doc/p1940.md).
 *
 * Pure: no clock, no key, no message.  Whoever verified the evidence fills the
 * facts, zeroed otherwise; a fact that was not established stays false or 0.
 * Freshness (Ci) is a matter of when one asks, so the vector is made for each
 * answer and may have less in it later.
 */
#ifndef CARNET_EVIDENCE_FACTS_H
#define CARNET_EVIDENCE_FACTS_H
#include "carnet/bops_authentication_response.h"
#include "carnet/vector_request.h"
CARNET_BEGIN_DECLS

/** How the mdoc's issuer came to know the person. */
typedef enum carnet_identity_proof {
    CARNET_IDENTITY_NONE,
    CARNET_IDENTITY_SELF_ASSERTED, /**< P1 */
    CARNET_IDENTITY_SUBSTANTIAL,   /**< P2 */
    CARNET_IDENTITY_HIGH           /**< P3: high, or the institution's own */
} carnet_identity_proof;

typedef struct carnet_evidence_facts {
    size_t struct_size; /**< sizeof(carnet_evidence_facts) */
    carnet_time auth_time;
    bool challenge_of_study; /**< what was signed contains the challenge made for this session */

    /* the device */
    bool device_certificate; /**< TLS client certificate valid, of the session's device */
    bool device_active;
    bool posture_attested; /**< a valid MCD, or attested posture */
    bool rooted;

    /* secrets */
    bool shared_secret;         /**< password or PIN, verified at a server */
    bool pin_in_secure_area;    /**< PIN verified in the secure area, which says so in what the device signed */
    bool secure_area_lists_pin; /**< the SAAO has PIN among its ways to authenticate the user */
    bool otp;                   /**< HOTP or TOTP, accepted once */
    bool session_mac;           /**< a MAC with an enrolled symmetric key */

    /* keys */
    bool mdoc_device_authentication; /**< deviceSignature or deviceMac, by the key of an MSO that is valid */
    bool transaction_signature;      /**< ES256 over the response, by an enrolled key */
    bool key_attested;               /**< that key: SAAO or key attestation verified */
    bool key_certified;              /**< the attestation refers to a certification of the secure area */
    bool key_exportable;             /**< or may be backed up */
    unsigned key_rank;               /**< of the secure area's type: 0 software, 2 TEE ... 4 */

    /* FIDO */
    bool fido; /**< assertion verified */
    bool fido_user_verified;
    bool fido_user_verified_biometric; /**< by metadata or extension */
    bool fido_hardware;                /**< attestation proves hardware, and the credential cannot be backed up */

    /* biometrics */
    carnet_bops_matcher matcher;
    bool biometric_passed;            /**< status true */
    bool biometric_signed;            /**< covered by the transaction signature */
    bool secure_area_lists_biometric; /**< the SAAO has that modality; device unlock does not count */
    unsigned shares;                  /**< that were combined */
    bool server_holds_share;
    bool server_computed_match; /**< computed or co-signed the result */
    bool pad_performed, pad_passed;
    bool pad_attested; /**< the capability is in MCD or metadata */

    /* behaviour, from 0 to 1000 */
    bool behaviour_processed, behaviour_positive;
    unsigned behaviour_confidence;

    /* location */
    bool location_known; /**< and distance_m computed */
    double location_accuracy_m;
    int64_t location_age; /**< seconds before auth_time */
    double distance_m;    /**< to the terminal, or 0 within an allowed region */

    /* intent and resistance */
    bool intent;                  /**< the user approved this transaction: result 1 over its text, signed */
    bool impersonation_resistant; /**< device authentication over the session transcript, origin, or TLS client key */

    /* step-up */
    bool parent; /**< there is a parent session, AUTHENTICATED then, of the same user and device */
    carnet_time parent_auth_time;
    carnet_vector parent_vector; /**< what it asserted */

    /* under the project's trustmark */
    carnet_identity_proof identity_proof;
    char management; /**< 'b' or 'c' of M; 0: nothing claimed */
    char assertion;  /**< 'c' or 'd' of A; 0: nothing claimed */
} carnet_evidence_facts;

/** What an identity provider demands; carnet_evidence_policy_default() has the values of doc/p1940.md. */
typedef struct carnet_evidence_policy {
    carnet_trustmark trustmark;        /**< P1940 or PROJECT */
    int64_t max_age;                   /**< of an authentication that is fresh, seconds: 60 */
    unsigned min_key_rank;             /**< of a hardware key: 2 */
    bool key_certified;                /**< demand it of a hardware key: false */
    unsigned min_behaviour_confidence; /**< 0 to 1000: 800 */
    double max_location_accuracy_m;    /**< 100 */
    int64_t max_location_age;          /**< seconds: 60 */
    double radius_m;                   /**< around the terminal: 200 */
    int64_t max_parent_age;            /**< seconds: 600 */
} carnet_evidence_policy;

CARNET_API carnet_evidence_policy carnet_evidence_policy_default(void);

/** Kinds of factors that were proven: Cn is two of them. */
enum { CARNET_FACTOR_KNOW = 1, CARNET_FACTOR_HAVE = 2, CARNET_FACTOR_ARE = 4 };

typedef struct carnet_evidence_result {
    carnet_vector vector;
    unsigned factors; /**< CARNET_FACTOR_ bits */
    unsigned level;   /**< attained: 0 to 3 */
} carnet_evidence_result;

/** Everything the facts assert at the time `now`.  CARNET_E_USAGE: another struct, or a trustmark that is not P1940's or the
 *  project's; the result is empty then. */
CARNET_API carnet_rc carnet_evidence_judge(const carnet_evidence_facts *facts, const carnet_evidence_policy *policy,
                                           carnet_time now, carnet_evidence_result *result, carnet_err *err);

CARNET_END_DECLS
#endif
