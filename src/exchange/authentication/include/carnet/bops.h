/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all messages of the identity provider's interface have in common (IEEE
 * 2410 as P1940 uses it; the exact JSON is Carnet's profile, doc/p1940.md).
 *
 * Every message is one struct, used for both ends: fill it and _write() it, or
 * _read() it from text.  After a read its views point into a document that the
 * struct owns until _close(); a struct filled for writing has no document and
 * borrows from the caller.  Members that are not known are ignored; members
 * that come twice, are of another type or too long are refused.
 *
 * No I/O, no clock.  What is not read is emptied; close accepts an empty struct.
 */
#ifndef CARNET_BOPS_H
#define CARNET_BOPS_H
#include "carnet/crypto.h"
#include "carnet/json.h"
CARNET_BEGIN_DECLS

#define CARNET_BOPS_BASE       "/p1940/v1" /**< before the path of every message */
#define CARNET_BOPS_MAX        65536       /**< octets of a message */
#define CARNET_BOPS_SESSION    22          /**< characters of a session's identifier: 128 bits in base64url */
#define CARNET_BOPS_CHALLENGE  43          /**< characters of a challenge: 256 bits in base64url */
#define CARNET_BOPS_VECTORS    8           /**< vectors in one request at most */
#define CARNET_BOPS_BIOMETRICS 8           /**< biometric methods in one message at most */

/** Where a session stands. */
typedef enum carnet_bops_status {
    CARNET_BOPS_STATUS_NONE,
    CARNET_BOPS_OPPORTUNITY,   /**< "OPPORTUNITY": the device has not come yet */
    CARNET_BOPS_REGISTERED,    /**< "REGISTERED": the device is at it */
    CARNET_BOPS_AUTHENTICATED, /**< "AUTHENTICATED", and still within its active period */
    CARNET_BOPS_CONSUMED,      /**< "CONSUMED": authenticated, and used for its transaction */
    CARNET_BOPS_FAILED,        /**< "FAILED" */
    CARNET_BOPS_CANCELLED,     /**< "CANCELLED": by its user or by the relying party */
    CARNET_BOPS_EXPIRED        /**< "EXPIRED": never answered, or authenticated too long ago */
} carnet_bops_status;
/** "OPPORTUNITY", ...; NULL for none. */
CARNET_API const char *carnet_bops_status_name(carnet_bops_status status);
/** CARNET_BOPS_STATUS_NONE for a name that is none of these. */
CARNET_API carnet_bops_status carnet_bops_status_named(carnet_str name);

/** How the device learns of a session. */
typedef enum carnet_bops_session_type {
    CARNET_BOPS_PUSH = 1, /**< "PUSH": it is pushed a notification */
    CARNET_BOPS_POLL,     /**< "POLL": it asks for notifications */
    CARNET_BOPS_QR        /**< "QR": it reads the session's identifier somewhere */
} carnet_bops_session_type;
CARNET_API const char *carnet_bops_session_type_name(carnet_bops_session_type type);
CARNET_API carnet_bops_session_type carnet_bops_session_type_named(carnet_str name);

/** Numbers of errors, as known from clients of IEEE 2410; those from 900 on are the profile's own. */
typedef enum carnet_bops_error_code {
    CARNET_BOPS_ERROR_GENERIC = 100,
    CARNET_BOPS_ERROR_PARAMETER = 101,     /**< "invalid_parameter" */
    CARNET_BOPS_ERROR_STATE = 111,         /**< "invalid_session_state" */
    CARNET_BOPS_ERROR_DEVICE = 118,        /**< "device_not_found" */
    CARNET_BOPS_ERROR_ACCOUNT = 138,       /**< "account_not_found" */
    CARNET_BOPS_ERROR_CREDENTIALS = 141,   /**< "invalid_credentials" */
    CARNET_BOPS_ERROR_USER = 145,          /**< "user_not_found" */
    CARNET_BOPS_ERROR_UNLOCK_PIN = 153,    /**< "unlock_password_invalid" */
    CARNET_BOPS_ERROR_UNLOCK_SEED = 154,   /**< "unlock_seed_invalid" */
    CARNET_BOPS_ERROR_ACCOUNT_STATE = 164, /**< "invalid_account_state" */
    CARNET_BOPS_ERROR_DEVICE_DATA = 165,   /**< "device_data_invalid" */
    CARNET_BOPS_ERROR_INTRUSION = 303,     /**< "invalid_intrusion_detection_values" */
    CARNET_BOPS_ERROR_PROFILE = 606,       /**< "profile_already_registered" */
    CARNET_BOPS_ERROR_VTR = 901,           /**< "invalid_vtr" */
    CARNET_BOPS_ERROR_UNSATISFIABLE = 902, /**< "unsatisfiable_vtr" */
    CARNET_BOPS_ERROR_SESSION = 903,       /**< "session_not_found" */
    CARNET_BOPS_ERROR_CONFLICT = 904,      /**< "request_id_conflict" */
    CARNET_BOPS_ERROR_SLOW_DOWN = 905,     /**< "slow_down" */
    CARNET_BOPS_ERROR_LIMIT = 906,         /**< "too_many_sessions" */
    CARNET_BOPS_ERROR_CONSUMED = 907,      /**< "already_consumed" */
    CARNET_BOPS_ERROR_LOCKED = 908         /**< "device_locked" */
} carnet_bops_error_code;
/** "invalid_parameter", ...; "error" for a number that is none of these. */
CARNET_API const char *carnet_bops_error_name(carnet_bops_error_code code);

/** The answer to a request that failed: {"error": {...}, "requestId": ...}. */
typedef struct carnet_bops_error {
    carnet_json *document;
    carnet_bops_error_code code;
    carnet_str name, description; /**< name: when writing, empty stands for the code's */
    carnet_str request_id;        /**< of the HTTP request, for whoever looks into the log; may be empty */
} carnet_bops_error;
CARNET_API carnet_rc carnet_bops_error_write(const carnet_bops_error *error, carnet_buf *out, carnet_err *err);
CARNET_API carnet_rc carnet_bops_error_read(carnet_str text, carnet_bops_error *error, carnet_err *err);
CARNET_API void carnet_bops_error_close(carnet_bops_error *error);

/** A biometric method asked of the device. */
typedef struct carnet_bops_biometric {
    carnet_str method; /**< "FINGERPRINT", "FACE", "IRIS", "VOICE" */
    bool status;       /**< done */
    int64_t retries;   /**< attempts left */
} carnet_bops_biometric;

/** What is to be authorised.  All may be empty. */
typedef struct carnet_bops_transaction {
    carnet_str type;     /**< "ATM_CWD", "POS_PURCHASE" */
    carnet_str ref;      /**< the staged transaction, 1 to 22 letters and digits */
    carnet_str amount;   /**< 12 digits of minor units, as DE 4 */
    carnet_str currency; /**< 3 digits, as DE 49 */
    carnet_str terminal; /**< as DE 41, without trailing spaces */
    carnet_str text;     /**< for the person: "Withdraw 200.00 USD at ATM00001" */
} carnet_bops_transaction;

CARNET_END_DECLS
#endif
