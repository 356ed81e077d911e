/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phone's end of an authentication session (P1940 6.2; IEEE 2410): takes a
 * session on, has its user asked, collects the evidence that will do, and
 * answers.  Sans I/O: send the request, feed the answer, until it is done.
 *
 *     carnet_authenticator_begin(&a, ...);
 *     while (a.action == CARNET_AUTHENTICATOR_SEND) {
 *         ... POST a.request.body to the identity provider's a.request.path ...
 *         rc = carnet_authenticator_feed(&a, status, answer, &err);
 *     }
 *
 * What only a device can do is asked of it through carnet_authenticator_device,
 * whose functions run within feed().  The device never sees a vector, and sends
 * none.  Counters are kept before the answer that has them is handed out: a
 * device that dies in between has skipped one, never used one twice.
 *
 * Storage is the caller's, and outlives the session; done() wipes it.  JSON is
 * read with Jansson's memory.  One thread.
 */
#ifndef CARNET_AUTHENTICATOR_H
#define CARNET_AUTHENTICATOR_H
#include "carnet/bops_authentication_response.h"
#include "carnet/bops_enrol.h"
#include "carnet/bops_register_session.h"
#include "carnet/methods.h"
#include "carnet/otp.h"
CARNET_BEGIN_DECLS

#define CARNET_AUTHENTICATOR_NAME 128 /**< characters of an identifier at most */
#define CARNET_AUTHENTICATOR_SEED 64  /**< octets of the seed of one-time passwords at most */

/** What enrolment left with the device: to be kept like a key. */
typedef struct carnet_enrolment {
    char device_id[CARNET_AUTHENTICATOR_NAME + 1], profile_id[CARNET_AUTHENTICATOR_NAME + 1],
        user_id[CARNET_AUTHENTICATOR_NAME + 1];
    uint8_t intrusion_key[32]; /**< of val1 and val2 */
    uint8_t otp_seed[CARNET_AUTHENTICATOR_SEED];
    size_t otp_seed_len; /**< 0: none */
    bool otp_counts;     /**< HOTP, not TOTP */
    uint64_t otp_next;   /**< HOTP: the counter of the next password */
    int64_t counter;     /**< answered last */
} carnet_enrolment;

/** Read the answer to RegisterAccount: the enrolment, and the certificates one after the other as DER, the device's first; lengths
 *  in `lengths`.  CARNET_E_AUTHENTICATOR_ANSWER. */
CARNET_API carnet_rc carnet_enrolment_read(carnet_str answer, carnet_enrolment *enrolment, carnet_buf *certificates,
                                           size_t lengths[CARNET_BOPS_CERTIFICATES], size_t *count, carnet_err *err);
CARNET_API void carnet_enrolment_done(carnet_enrolment *enrolment);
/** The next one-time password, where one is asked for outside a session: 6 digits and a zero.  Wipe it.  By counter, that has moved:
 *  keep it before the password is used. */
CARNET_API carnet_rc carnet_enrolment_password(carnet_enrolment *enrolment, carnet_crypto *crypto, carnet_time now,
                                               char out[CARNET_OTP_DIGITS_MAX + 1], carnet_err *err);

/** A request to be made of a PIN, a sensor and the like came to nothing: the user would not, or it did not fit. */
typedef enum carnet_device_outcome {
    CARNET_DEVICE_DONE,
    CARNET_DEVICE_FAILED,   /**< tried, and it was not the user */
    CARNET_DEVICE_DECLINED, /**< the user will not */
    CARNET_DEVICE_UNABLE    /**< not here, not now: another way may do */
} carnet_device_outcome;

/** What the device can do.  NULL: it cannot.  Texts that are set must outlive the session. */
typedef struct carnet_authenticator_device {
    size_t struct_size; /**< sizeof(carnet_authenticator_device) */
    void *self;
    /** Show session->transaction_text and session->binding_message, and have the user say yes.  Required. */
    carnet_device_outcome (*approve)(void *self, const carnet_bops_registered *session);
    /** Keep the enrolment's counters (`counter`, `otp_next`) so that they survive the loss of power.  Required. */
    carnet_rc (*keep_counters)(void *self, const carnet_enrolment *enrolment, carnet_err *err);
    /** The key that signs transactions, its name and whether it is attested to be in hardware. */
    carnet_key *key;
    carnet_str key_name;
    bool key_in_hardware;
    /** Compare a sample of this method ("FINGERPRINT") now, with presentation attack detection if `pad`; fill in
     *  matcher, attempts and the detection's result. */
    carnet_device_outcome (*match)(void *self, carnet_str method, bool pad, carnet_bops_detail *detail);
    bool detects_attacks; /**< `match` can */
    bool splits;          /**< `match` is of a template in shares */
    /** The PIN: checked by the secure area (*value is empty then) or to be checked by the server. */
    carnet_device_outcome (*pin)(void *self, carnet_str *value);
    /** A FIDO assertion over the challenge; its counter is kept there (carnet/webauthn.h makes one in software). */
    carnet_device_outcome (*assert_fido)(void *self, carnet_str challenge, bool verify_user, carnet_bops_fido *fido);
    bool fido_verifies_user; /**< `assert_fido` can */
    carnet_device_outcome (*locate)(void *self, carnet_bops_location *location);
    carnet_device_outcome (*posture)(void *self, carnet_bops_posture *posture);
    carnet_device_outcome (*behaviour)(void *self, carnet_bops_behaviour *behaviour);
    /** Answer a DeviceRequest (CBOR) over this SessionTranscript (CBOR): append the DeviceResponse. */
    carnet_device_outcome (*present)(void *self, carnet_span device_request, carnet_span transcript,
                                     carnet_buf *response);
    carnet_str mcd_ref;             /**< which capability descriptor speaks of the device; may be empty */
    carnet_time (*now)(void *self); /**< NULL: no one-time passwords by time */
} carnet_authenticator_device;

typedef enum carnet_authenticator_action {
    CARNET_AUTHENTICATOR_SEND, /**< `request`, then feed its answer */
    CARNET_AUTHENTICATOR_OVER  /**< `status` says what came of it */
} carnet_authenticator_action;

typedef struct carnet_authenticator_request {
    const char *path;
    carnet_span body; /**< JSON; may hold a PIN or password */
} carnet_authenticator_request;

/** One session.  Read the first members; the rest is its own. */
typedef struct carnet_authenticator {
    carnet_authenticator_action action;
    carnet_authenticator_request request;
    carnet_bops_status status; /**< OVER: AUTHENTICATED, FAILED, CANCELLED, ...; NONE: it could not be gone on with */
    uint32_t methods;          /**< CARNET_METHOD_ bits that were done */
    bool declined;             /**< by the user */

    unsigned step, attempts;
    carnet_enrolment *enrolment;
    const carnet_authenticator_device *device;
    carnet_crypto *crypto;
    carnet_buf out, work; /**< of the caller's storage */
    char session[CARNET_BOPS_SESSION + 1];
    carnet_bops_app app;
} carnet_authenticator;

/** Take a session on, by its identifier (of a notification, or read somewhere).  `storage`: CARNET_AUTHENTICATOR_STORAGE
 *  octets.  The enrolment's counter moves. */
#define CARNET_AUTHENTICATOR_STORAGE (4 * CARNET_BOPS_MAX)
CARNET_API carnet_rc carnet_authenticator_begin(carnet_authenticator *a, carnet_str session_id,
                                                const carnet_bops_app *app, carnet_enrolment *enrolment,
                                                const carnet_authenticator_device *device, carnet_crypto *crypto,
                                                carnet_buf storage, carnet_err *err);
/** The answer to the request, by its HTTP status and body.  CARNET_E_AUTHENTICATOR_REFUSED: the provider's error, its number in
 *  *err's reason; CARNET_E_AUTHENTICATOR_ANSWER: it is none; CARNET_E_AUTHENTICATOR_UNABLE: nothing that would do can be done here
 *  (the answer that says so is still to be sent: `action`); what keep_counters failed with.  Failures end the session here unless
 *  `action` says otherwise. */
CARNET_API carnet_rc carnet_authenticator_feed(carnet_authenticator *a, unsigned http_status, carnet_str answer,
                                               carnet_err *err);
/** Wipe what the session held. */
CARNET_API void carnet_authenticator_done(carnet_authenticator *a);

CARNET_END_DECLS
#endif
