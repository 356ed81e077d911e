/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the identity provider keeps: accounts, their
 * devices, the keys these enrolled, certificates, sessions, and what has to be
 * sent out.  See store.h.
 *
 * An update writes what can change of a record that was read in the same
 * transaction.
 */
#ifndef CARNET_STORE_IDENTITY_H
#define CARNET_STORE_IDENTITY_H
#include "carnet/store.h"
CARNET_BEGIN_DECLS

typedef enum carnet_store_identity_account_state {
    CARNET_STORE_ACCOUNT_ACTIVE = 1,
    CARNET_STORE_ACCOUNT_SUSPENDED
} carnet_store_identity_account_state;

typedef struct carnet_store_identity_account {
    int64_t id;           /**< set by the insert */
    carnet_str user_id;   /**< unique */
    int64_t state, level; /**< level: assurance that renewing a certificate takes */
    carnet_time created, changed;
    int64_t failures;   /**< of its PIN in a row */
    carnet_time locked; /**< until then no PIN is looked at */
    carnet_str pin;     /**< encoded Argon2id; empty: none */
} carnet_store_identity_account;

typedef enum carnet_store_identity_device_state {
    CARNET_STORE_DEVICE_ACTIVATED = 1,
    CARNET_STORE_DEVICE_BLOCKED, /**< by wrong intrusion values, or by an operator */
    CARNET_STORE_DEVICE_REMOVED
} carnet_store_identity_device_state;

/** Bits of `flags`. */
enum { CARNET_STORE_DEVICE_ATTESTED = 1, CARNET_STORE_DEVICE_PAD = 2, CARNET_STORE_DEVICE_HOTP = 4 };

typedef struct carnet_store_identity_device {
    int64_t id;
    carnet_str device_id; /**< unique */
    int64_t account;
    carnet_str profile;
    int64_t state;
    carnet_str name, os, push; /**< push: what its platform knows it by; may be empty */
    carnet_span spki;          /**< hash of its certificate's key */
    carnet_span serial;        /**< of its certificate */
    carnet_time not_after;
    int64_t counter, answered; /**< handed out last; answered last */
    int64_t mismatches;        /**< wrong intrusion values in a row */
    int64_t failures;          /**< of biometrics in a row */
    carnet_time locked;        /**< until then it is not taken on */
    int64_t abilities;         /**< CARNET_METHOD_ bits */
    int64_t flags, otp_next;
    carnet_time created, changed;
    carnet_span secrets; /**< sealed: intrusion key and one-time password's seed */
} carnet_store_identity_device;

/** Bits of a key's `flags`. */
enum {
    CARNET_STORE_KEY_ATTESTED = 1,
    CARNET_STORE_KEY_CERTIFIED = 2,
    CARNET_STORE_KEY_EXPORTABLE = 4,
    CARNET_STORE_KEY_BACKED_UP = 8,
    CARNET_STORE_KEY_HARDWARE = 16,
    CARNET_STORE_KEY_BIOMETRIC = 32
};

typedef struct carnet_store_identity_key {
    int64_t id, device;
    int64_t kind; /**< carnet_bops_key_kind */
    carnet_str name;
    carnet_span thumbprint; /**< hash (RFC 7638); unique */
    carnet_span spki;       /**< the key itself, DER */
    carnet_span credential; /**< FIDO: its identifier */
    int64_t sign_count, flags, rank, user_auth, proof;
} carnet_store_identity_key;

typedef struct carnet_store_identity_certificate {
    carnet_span serial;
    int64_t device;
    carnet_time issued, not_after;
    carnet_time revoked; /**< 0: not */
    carnet_str reason;
} carnet_store_identity_certificate;

typedef struct carnet_store_identity_bootstrap {
    carnet_span serial;
    int64_t account;
    carnet_time expires, used; /**< used: 0: not yet */
} carnet_store_identity_bootstrap;

typedef struct carnet_store_identity_session {
    int64_t id;
    carnet_span session_hash; /**< unique */
    carnet_str party;         /**< the relying party */
    carnet_span request_hash; /**< of the party and its requestId; unique; may be empty */
    carnet_span body_hash;
    int64_t account, device, parent; /**< parent: 0: none */
    carnet_span transaction_hash;    /**< of the account and the transaction's reference; may be empty */
    carnet_time created, expires;
    int64_t state; /**< carnet_bops_status, as it was left */
    carnet_time auth_time, active_until;
    int64_t registrations, attempts, attempts_max, max_age, trustmark;
    carnet_span challenge;
    int64_t counter;
    int64_t level;                             /**< attained */
    carnet_str vot, methods, reason, token_id; /**< methods: amr values, a space between them */
    int64_t version;
    carnet_time changed;
    int64_t notice;      /**< carnet_bops_notify */
    carnet_span request; /**< sealed: the session's identifier and the request */
    carnet_span facts;   /**< sealed: what is proven already */
} carnet_store_identity_session;

typedef enum carnet_store_identity_notice_kind {
    CARNET_STORE_NOTICE_DEVICE = 1, /**< push to the device */
    CARNET_STORE_NOTICE_PING,       /**< to the relying party */
    CARNET_STORE_NOTICE_PUSH        /**< likewise, with the outcome */
} carnet_store_identity_notice_kind;

typedef struct carnet_store_identity_notice {
    int64_t id, session, kind;
    carnet_time due;
    int64_t attempts;
    carnet_time expires;
} carnet_store_identity_notice;

/* Inserts: CARNET_E_STORE_STATE when what is unique is there already. */
carnet_rc carnet_store_identity_account_insert(carnet_store_session *session, carnet_store_identity_account *account,
                                               carnet_err *err);
carnet_rc carnet_store_identity_device_insert(carnet_store_session *session, carnet_store_identity_device *device,
                                              carnet_err *err);
carnet_rc carnet_store_identity_key_insert(carnet_store_session *session, carnet_store_identity_key *key,
                                           carnet_err *err);
carnet_rc carnet_store_identity_certificate_insert(carnet_store_session *session,
                                                   const carnet_store_identity_certificate *certificate,
                                                   carnet_err *err);
carnet_rc carnet_store_identity_bootstrap_insert(carnet_store_session *session,
                                                 const carnet_store_identity_bootstrap *bootstrap, carnet_err *err);
carnet_rc carnet_store_identity_session_insert(carnet_store_session *session, carnet_store_identity_session *record,
                                               carnet_err *err);
carnet_rc carnet_store_identity_notice_insert(carnet_store_session *session, carnet_store_identity_notice *notice,
                                              carnet_err *err);

/* One record; CARNET_E_STORE_ABSENT. */
carnet_rc carnet_store_identity_account_by_id(carnet_store_session *session, int64_t id,
                                              carnet_store_identity_account *account, carnet_buf *room,
                                              carnet_err *err);
carnet_rc carnet_store_identity_account_by_user(carnet_store_session *session, carnet_str user_id,
                                                carnet_store_identity_account *account, carnet_buf *room,
                                                carnet_err *err);
carnet_rc carnet_store_identity_device_by_id(carnet_store_session *session, int64_t id,
                                             carnet_store_identity_device *device, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_identity_device_by_device_id(carnet_store_session *session, carnet_str device_id,
                                                    carnet_store_identity_device *device, carnet_buf *room,
                                                    carnet_err *err);
carnet_rc carnet_store_identity_key_by_thumbprint(carnet_store_session *session, carnet_span thumbprint,
                                                  carnet_store_identity_key *key, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_identity_certificate_by_serial(carnet_store_session *session, carnet_span serial,
                                                      carnet_store_identity_certificate *certificate, carnet_buf *room,
                                                      carnet_err *err);
carnet_rc carnet_store_identity_bootstrap_by_serial(carnet_store_session *session, carnet_span serial,
                                                    carnet_store_identity_bootstrap *bootstrap, carnet_buf *room,
                                                    carnet_err *err);
carnet_rc carnet_store_identity_session_by_id(carnet_store_session *session, int64_t id,
                                              carnet_store_identity_session *record, carnet_buf *room, carnet_err *err);
carnet_rc carnet_store_identity_session_by_hash(carnet_store_session *session, carnet_span session_hash,
                                                carnet_store_identity_session *record, carnet_buf *room,
                                                carnet_err *err);
carnet_rc carnet_store_identity_session_by_request(carnet_store_session *session, carnet_span request_hash,
                                                   carnet_store_identity_session *record, carnet_buf *room,
                                                   carnet_err *err);

carnet_rc carnet_store_identity_account_update(carnet_store_session *session,
                                               const carnet_store_identity_account *account, carnet_err *err);
carnet_rc carnet_store_identity_device_update(carnet_store_session *session, const carnet_store_identity_device *device,
                                              carnet_err *err);
carnet_rc carnet_store_identity_session_update(carnet_store_session *session,
                                               const carnet_store_identity_session *record, carnet_err *err);
carnet_rc carnet_store_identity_bootstrap_update(carnet_store_session *session,
                                                 const carnet_store_identity_bootstrap *bootstrap, carnet_err *err);
carnet_rc carnet_store_identity_key_used(carnet_store_session *session, int64_t id, int64_t sign_count,
                                         carnet_err *err);

/* Lists: until `each` answers false.  Views in what it is handed die when it returns. */
typedef bool carnet_store_identity_key_each(void *self, const carnet_store_identity_key *key);
typedef bool carnet_store_identity_device_each(void *self, const carnet_store_identity_device *device);
typedef bool carnet_store_identity_session_each(void *self, const carnet_store_identity_session *record);
typedef bool carnet_store_identity_notice_each(void *self, const carnet_store_identity_notice *notice);

/** A device's keys. */
carnet_rc carnet_store_identity_key_list(carnet_store_session *session, int64_t device,
                                         carnet_store_identity_key_each *each, void *self, carnet_err *err);
/** An account's devices. */
carnet_rc carnet_store_identity_device_list(carnet_store_session *session, int64_t account,
                                            carnet_store_identity_device_each *each, void *self, carnet_err *err);
/** A device's sessions that it may still answer, oldest first. */
carnet_rc carnet_store_identity_session_open(carnet_store_session *session, int64_t device, carnet_time now,
                                             size_t limit, carnet_store_identity_session_each *each, void *self,
                                             carnet_err *err);
/** Such sessions of one transaction. */
carnet_rc carnet_store_identity_session_transaction(carnet_store_session *session, carnet_span transaction_hash,
                                                    carnet_time now, size_t limit,
                                                    carnet_store_identity_session_each *each, void *self,
                                                    carnet_err *err);
/** All, latest first, those before this identifier (INT64_MAX: from the latest on). */
carnet_rc carnet_store_identity_session_list(carnet_store_session *session, int64_t before, size_t limit,
                                             carnet_store_identity_session_each *each, void *self, carnet_err *err);
/** What is to be sent by now. */
carnet_rc carnet_store_identity_notice_due(carnet_store_session *session, carnet_time now, size_t limit,
                                           carnet_store_identity_notice_each *each, void *self, carnet_err *err);
/** Take one to send it: it is due again at `next`, should whoever took it not come back.  CARNET_E_STORE_STATE: another took it. */
carnet_rc carnet_store_identity_notice_claim(carnet_store_session *session, int64_t id, carnet_time due,
                                             carnet_time next, carnet_err *err);
/** One that waits is due now, and good until `expires`.  CARNET_E_STORE_STATE: there is none, or somebody took it. */
carnet_rc carnet_store_identity_notice_forward(carnet_store_session *session, int64_t id, carnet_time due,
                                               carnet_time expires, carnet_err *err);
carnet_rc carnet_store_identity_notice_delete(carnet_store_session *session, int64_t id, carnet_err *err);

/** Cancel all that a device could still answer; a notice with a session's number is due then. */
carnet_rc carnet_store_identity_session_cancel_device(carnet_store_session *session, int64_t device, carnet_str reason,
                                                      carnet_time now, carnet_err *err);
carnet_rc carnet_store_identity_certificate_revoke(carnet_store_session *session, carnet_span serial, carnet_str reason,
                                                   carnet_time now, carnet_err *err);
carnet_rc carnet_store_identity_certificate_revoke_device(carnet_store_session *session, int64_t device,
                                                          carnet_str reason, carnet_time now, carnet_err *err);
carnet_rc carnet_store_identity_key_delete_device(carnet_store_session *session, int64_t device, carnet_err *err);

CARNET_END_DECLS
#endif
