/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity provider's judgement of evidence: one AuthenticationResponse,
 * or what a terminal was shown, held against the session it answers and the
 * device that was enrolled (P1940 6.2; the rules are in doc/p1940.md).  Every
 * piece is verified here; out come facts, from which carnet/evidence_facts.h
 * makes a vector of trust.
 *
 * A piece that is wrong removes what it would have proven, and no more.  A few
 * end the session: a counter or challenge that is not the session's, a wrong
 * transaction signature or intrusion value, an issuer's signature that does not
 * verify, a document or device that was revoked.
 *
 * No I/O, no clock, no memory of its own.  Everything handed in is only read and
 * must stay while the verdict is used; secrets in it are the caller's to wipe.
 */
#ifndef CARNET_EVIDENCE_H
#define CARNET_EVIDENCE_H
#include "carnet/attester.h"
#include "carnet/bops_authentication_response.h"
#include "carnet/bops_session.h"
#include "carnet/evidence_facts.h"
#include "carnet/mso.h"
#include "carnet/otp.h"
#include "carnet/verify.h"
CARNET_BEGIN_DECLS

#define CARNET_EVIDENCE_DOCUMENTS 8                                    /**< documents looked at in a response */
#define CARNET_EVIDENCE_REPORT    (4 * CARNET_REPORT_DOCUMENT_ENTRIES) /**< entries a report for it should have */
#define CARNET_EVIDENCE_STORAGE   (CARNET_BOPS_MAX * 3 / 4 + CARNET_BOPS_MAX) /**< octets that decoding may need */

/** Ways a secure area authenticates its user: bits, by the numbers of ISO/IEC TS 23220-3. */
enum {
    CARNET_USER_AUTH_PIN = 1 << 1,
    CARNET_USER_AUTH_PATTERN = 1 << 2,
    CARNET_USER_AUTH_FINGERPRINT = 1 << 3,
    CARNET_USER_AUTH_FACE = 1 << 4,
    CARNET_USER_AUTH_IRIS = 1 << 5,
    CARNET_USER_AUTH_DEVICE_UNLOCK = 1 << 6, /**< counts for nothing (NIST SP 800-63B 4.2) */
    CARNET_USER_AUTH_TOKEN = 1 << 7,
    CARNET_USER_AUTH_VOICE = 1 << 8 /**< not in ISO/IEC TS 23220-3 */
};
/** The bit of a biometric method ("FINGERPRINT", "FACE", "IRIS", "VOICE"); 0 for any other. */
CARNET_API unsigned carnet_user_auth_of(carnet_str method);

/** A key of the device, as enrolment found it. */
typedef struct carnet_enrolled_key {
    carnet_str authenticator; /**< name in `signatures`; a document's key has none */
    carnet_public_key key;
    bool attested;      /**< a key attestation or SAAO was verified */
    bool certified;     /**< which refers to a certification of the secure area */
    bool exportable;    /**< the key may leave it, or be backed up */
    unsigned rank;      /**< of the secure area's type: 1 software, 2 TEE, 3 removable or external, 4 embedded */
    unsigned user_auth; /**< CARNET_USER_AUTH_ bits that the attestation lists */
} carnet_enrolled_key;

/** A mobile document that is this user's: known by its device key. */
typedef struct carnet_enrolled_document {
    carnet_enrolled_key key;
    carnet_identity_proof proof; /**< how its issuer came to know the person */
    bool revoked;
} carnet_enrolled_document;

/** A FIDO credential. */
typedef struct carnet_enrolled_credential {
    carnet_span id;
    carnet_public_key key;
    uint32_t sign_count;
    bool backup_eligible;
    bool hardware;  /**< its attestation proved hardware */
    bool biometric; /**< its metadata say that users are verified by biometrics only */
} carnet_enrolled_credential;

/** A PIN or password that the server verifies: Argon2id of it. */
typedef struct carnet_pin_verifier {
    carnet_span salt, hash; /**< hash empty: there is none */
    uint32_t memory_kib, passes, lanes;
} carnet_pin_verifier;

/** The device, as it was enrolled. */
typedef struct carnet_enrolled_device {
    bool active, revoked;
    bool attested; /**< its app or capability descriptor was attested, and that still holds */
    bool pad;      /**< so was presentation attack detection */
    const carnet_enrolled_key *keys;
    size_t key_count;
    const carnet_enrolled_document *documents;
    size_t document_count;
    const carnet_enrolled_credential *credentials;
    size_t credential_count;
    carnet_otp otp; /**< secret empty: none */
    bool otp_time_based;
    uint64_t otp_next; /**< as carnet_totp_check() or carnet_hotp_check() left it */
    carnet_pin_verifier pin;
    carnet_span intrusion_key; /**< of val1 and val2; empty: not used */
} carnet_enrolled_device;

/** The session that is answered. */
typedef struct carnet_evidence_session {
    carnet_str provider;               /**< the identity provider's identifier */
    carnet_str session_id;             /**< as in the messages */
    carnet_str challenge;              /**< of the last RegisterSession; empty: there was none yet */
    int64_t counter;                   /**< that goes with it */
    int64_t counter_before;            /**< the last that was answered, for val2 */
    carnet_str transaction_text;       /**< may be empty */
    bool device_certificate;           /**< the connection's client certificate is valid, and this device's */
    carnet_time now;                   /**< when the answer came */
    bool terminal_placed;              /**< the next two are known */
    int64_t latitude_e7, longitude_e7; /**< of the terminal, degrees times 10,000,000 */
    /* A biometric comparison that the server itself had part in; zeros: none. */
    unsigned shares;
    bool server_holds_share, server_computed_match;
} carnet_evidence_session;

/** Whether the issuer has withdrawn a document: CARNET_PASS: no; CARNET_FAIL: yes; otherwise it is not known. */
typedef carnet_outcome carnet_document_status(const void *self, const carnet_mso *mso, carnet_time now);

/** What the identity provider relies on. */
typedef struct carnet_evidence_trust {
    size_t struct_size;                         /**< sizeof(carnet_evidence_trust) */
    const carnet_trust_anchors *anchors;        /**< of documents; NULL: none is accepted */
    const carnet_revocation_source *revocation; /**< of document signers; NULL: not checked */
    carnet_document_status *document_status;    /**< NULL: not checked */
    const void *document_status_self;
    const carnet_policy *document_policy;  /**< NULL: signature, path, validity, digests and device must be right */
    const carnet_attester_trust *attester; /**< of key attestations sent along; NULL: they prove nothing */
    carnet_str rp_id;                      /**< of FIDO credentials; empty: none is accepted */
    const carnet_str *origins;
    size_t origin_count;
    unsigned hotp_window;           /**< 0: 10 */
    unsigned totp_step;             /**< seconds; 0: 30 */
    int64_t skew;                   /**< seconds between clocks; 0: 60 */
    carnet_key *const *reader_keys; /**< ephemeral keys of this provider's own, for deviceMac; may be NULL */
    size_t reader_key_count;
} carnet_evidence_trust;

/** What was looked at. */
typedef enum carnet_evidence_piece {
    CARNET_EVIDENCE_DEVICE,          /**< certificate, state of the device */
    CARNET_EVIDENCE_COUNTER,         /**< session, challenge and counter */
    CARNET_EVIDENCE_INTRUSION,       /**< val1 and val2 */
    CARNET_EVIDENCE_SIGNATURE,       /**< transaction signature */
    CARNET_EVIDENCE_KEY_ATTESTATION, /**< sent along */
    CARNET_EVIDENCE_MDOC,
    CARNET_EVIDENCE_OTP,
    CARNET_EVIDENCE_FIDO,
    CARNET_EVIDENCE_PIN,
    CARNET_EVIDENCE_BIOMETRIC,
    CARNET_EVIDENCE_POSTURE,
    CARNET_EVIDENCE_LOCATION,
    CARNET_EVIDENCE_BEHAVIOUR,
    CARNET_EVIDENCE_TERMINAL, /**< that brought the evidence */
    CARNET_EVIDENCE_PIECES
} carnet_evidence_piece;
/** "device", "counter", ...: for logs and operators. */
CARNET_API const char *carnet_evidence_piece_name(carnet_evidence_piece piece);

typedef enum carnet_evidence_outcome {
    CARNET_EVIDENCE_ABSENT,
    CARNET_EVIDENCE_VERIFIED,
    CARNET_EVIDENCE_REMOVED, /**< wrong, or of no use here: it proves nothing */
    CARNET_EVIDENCE_FATAL    /**< wrong in a way that ends the session */
} carnet_evidence_outcome;

typedef struct carnet_evidence_finding {
    carnet_evidence_outcome outcome;
    carnet_rc rc;
    char reason[96]; /**< one sentence without values; may be empty */
} carnet_evidence_finding;

#define CARNET_EVIDENCE_NONE SIZE_MAX /**< no index */

/** What came of it. */
typedef struct carnet_evidence {
    carnet_evidence_facts facts; /**< parent and what else is not in the response is the caller's to fill in */
    carnet_evidence_finding findings[CARNET_EVIDENCE_PIECES];
    bool fatal;   /**< the session has failed, whatever else is right */
    carnet_rc rc; /**< of the first fatal finding, or CARNET_OK */
    /* To be kept with the session's answer, before it is given: */
    uint64_t otp_next; /**< the device's from now on */
    size_t credential; /**< index of the FIDO credential used, or _NONE; its counter: */
    uint32_t sign_count;
    size_t key, document; /**< indexes of what was used, or _NONE */
    uint8_t digest[32];   /**< SHA-256 of the presentation: never to be taken twice from terminals */
} carnet_evidence;

/** What a judgement works in. */
typedef struct carnet_evidence_room {
    carnet_buf storage;    /**< decoded octets: CARNET_EVIDENCE_STORAGE is enough for any message */
    carnet_report *report; /**< of the documents; with CARNET_EVIDENCE_REPORT entries */
} carnet_evidence_room;

/** Judge an AuthenticationResponse.  Failures of the evidence are findings, not failures of the call, which fails only if it
 *  could not judge: CARNET_E_USAGE, CARNET_E_NO_SPACE, or the cryptographic library.  Then *evidence proves nothing.
 *  A response whose result is not 1 is held against counter and signature only.
 *  A PIN's verifier costs what its parameters say. */
CARNET_API carnet_rc carnet_evidence_verify(const carnet_evidence_session *session,
                                            const carnet_enrolled_device *device, const carnet_evidence_trust *trust,
                                            const carnet_bops_authentication_response *response, carnet_crypto *crypto,
                                            carnet_evidence_room *room, carnet_evidence *evidence, carnet_err *err);

/** What a terminal's evidence proved, in a number to be kept with the session until its device answers; and back, beside
 *  what the device's own evidence proves.  Nothing is taken of evidence that was fatal. */
CARNET_API uint64_t carnet_evidence_keep(const carnet_evidence *evidence);
CARNET_API void carnet_evidence_restore(uint64_t kept, carnet_evidence_facts *facts);

/** The terminal that brings evidence, as the identity provider knows it. */
typedef struct carnet_evidence_terminal {
    carnet_str id;         /**< that the session's transaction is for; empty: any */
    carnet_str session;    /**< its nonce, where the relying party said which; empty: any */
    carnet_public_key key; /**< its reader key */
} carnet_evidence_terminal;

/** Judge what a terminal was shown: the device response against the transcript that came with it, both signed by the
 *  terminal's reader key.  A deviceMac was made for the terminal and proves nothing to anybody else: documents must be signed. */
CARNET_API carnet_rc carnet_evidence_verify_on_site(
    const carnet_evidence_session *session, const carnet_enrolled_device *device, const carnet_evidence_trust *trust,
    const carnet_evidence_terminal *terminal, const carnet_bops_submit_evidence *submitted, carnet_crypto *crypto,
    carnet_evidence_room *room, carnet_evidence *evidence, carnet_err *err);

CARNET_END_DECLS
#endif
