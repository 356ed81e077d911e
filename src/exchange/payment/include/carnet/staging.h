/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a phone, a terminal and an issuing authorisation system say to the mobile
 * app server about a staged transaction (P1940 4; the forms are the project
 * profile's, doc/staging.schema.json), both ends of each message:
 *
 *     phone     POST BASE/p1940/v1/rp/{Stage,Fulfil,StagedStatus,CancelStaged}
 *     terminal  POST BASE/p1940/v1/terminal/{Collect,Evidence,StepUp,Dispensed}
 *     issuer    POST BASE/p1940/v1/issuer/ResolveStaged
 *
 * all by mutual TLS, all application/json, of at most CARNET_STAGING_MAX octets.
 * A refusal is the services' problem, {error, error_description, request_id},
 * with its HTTP status; carnet_staging_refusal_read() reads it.
 *
 * `..._read` parses the whole text: views point into *document, and are good
 * until that is freed (carnet_json_free()); on failure it is NULL and the view
 * empty.  Members that no one knows are stepped over.  `..._write` appends.  Absent
 * texts are empty views, absent numbers 0.  Amounts are minor units.  No
 * state, any thread.
 */
#ifndef CARNET_STAGING_H
#define CARNET_STAGING_H
#include "carnet/json.h"
CARNET_BEGIN_DECLS

#define CARNET_STAGING_MAX 65536 /**< octets of a message */
#define CARNET_STAGING_REFERENCE                                                                                       \
    22                            /**< characters of a reference at most, letters and digits (TX of a vector carrier) */
#define CARNET_STAGING_SESSION 16 /**< octets of a terminal's session */
#define CARNET_STAGING_VTR     8  /**< vectors of a request at most */

#define CARNET_STAGING_PATH "/p1940/v1" /**< before the paths of all of these messages */

/** Where a staged transaction stands. */
typedef enum carnet_staged_state {
    CARNET_STAGED_NONE,           /**< not a state */
    CARNET_STAGED_STAGED,         /**< waits for a terminal's code */
    CARNET_STAGED_AUTHENTICATING, /**< bound to a terminal; an authentication session is open */
    CARNET_STAGED_FULFILLED,      /**< authenticated; the terminal may collect, the issuer resolve */
    CARNET_STAGED_STEPPING_UP,    /**< a further session is open because the issuer demanded more */
    CARNET_STAGED_USED,           /**< an issuer has authorised it; never again */
    CARNET_STAGED_DISPENSED,      /**< the terminal says that it dispensed, in whole or in part */
    CARNET_STAGED_REVERSED,       /**< authorised and taken back */
    CARNET_STAGED_CANCELLED,      /**< by its user, or by the terminal's session ending */
    CARNET_STAGED_FAILED,         /**< authentication failed, or too many attempts */
    CARNET_STAGED_EXPIRED,
} carnet_staged_state;

/** "STAGED" and so on; "" for NONE. */
CARNET_API const char *carnet_staged_state_name(carnet_staged_state state);
/** NONE for other texts. */
CARNET_API carnet_staged_state carnet_staged_state_of(carnet_str name);

/** Read a "000000020000" of 12 digits.  CARNET_E_STAGING_AMOUNT. */
CARNET_API carnet_rc carnet_staging_amount_read(carnet_str text, uint64_t *amount, carnet_err *err);
/** Append an amount as 12 digits; the buffer overflows if it has more. */
CARNET_API void carnet_staging_amount_write(uint64_t amount, carnet_buf *out);

/* --- the phone's --- */

/** rp/Stage.  The same `request_id` of one device with the same members: the same transaction; with others: 409. */
typedef struct carnet_stage_request {
    carnet_str request_id; /**< of the sender's choice, 1 to 64 characters */
    carnet_str type;       /**< "ATM_CWD" or "POS_PURCHASE" */
    uint64_t amount;       /**< POS_PURCHASE: at most so much */
    carnet_str currency;   /**< three digits (ISO 4217) */
    carnet_str account;    /**< alias of one of the user's accounts; empty: the first */
} carnet_stage_request;

CARNET_API carnet_rc carnet_stage_request_read(carnet_str text, carnet_json **document, carnet_stage_request *view,
                                               carnet_err *err);
CARNET_API carnet_rc carnet_stage_request_write(const carnet_stage_request *from, carnet_buf *out, carnet_err *err);

/** rp/Fulfil: what the phone read at the terminal (carnet/terminal_code.h). */
typedef struct carnet_fulfil_request {
    carnet_str reference;
    carnet_str code;
} carnet_fulfil_request;

CARNET_API carnet_rc carnet_fulfil_request_read(carnet_str text, carnet_json **document, carnet_fulfil_request *view,
                                                carnet_err *err);
CARNET_API carnet_rc carnet_fulfil_request_write(const carnet_fulfil_request *from, carnet_buf *out, carnet_err *err);

/** rp/StagedStatus (`wait`: seconds at most until it changes from `state`, 0: answers at once) and rp/CancelStaged. */
typedef struct carnet_staged_query {
    carnet_str reference;
    carnet_staged_state state; /**< StagedStatus: the state that is known; NONE: any */
    unsigned wait;
} carnet_staged_query;

CARNET_API carnet_rc carnet_staged_query_read(carnet_str text, carnet_json **document, carnet_staged_query *view,
                                              carnet_err *err);
CARNET_API carnet_rc carnet_staged_query_write(const carnet_staged_query *from, carnet_buf *out, carnet_err *err);

/** The answer to each of the phone's requests. */
typedef struct carnet_staged_status {
    carnet_str reference;
    carnet_staged_state state;
    carnet_str type;
    uint64_t amount;
    carnet_str currency;
    carnet_str account;  /**< its alias */
    int64_t expiration;  /**< milliseconds since 1970; of the open session when there is one */
    carnet_str session;  /**< identifier of the authentication session that is open or was last */
    carnet_str binding;  /**< binding message: both screens show it */
    carnet_str terminal; /**< label of the terminal it is bound to */
    carnet_str text;     /**< what the user is asked to approve */
    carnet_str reason;   /**< of CANCELLED and FAILED, one word of ours */
    uint64_t dispensed;  /**< minor units; DISPENSED */
    bool has_dispensed;
} carnet_staged_status;

CARNET_API carnet_rc carnet_staged_status_read(carnet_str text, carnet_json **document, carnet_staged_status *view,
                                               carnet_err *err);
CARNET_API carnet_rc carnet_staged_status_write(const carnet_staged_status *from, carnet_buf *out, carnet_err *err);

/* --- the terminal's --- */

/** terminal/Collect: what was fulfilled at this terminal in the session its code named. */
typedef struct carnet_collect_request {
    carnet_str terminal; /**< its identifier, as in its certificate */
    carnet_span session; /**< CARNET_STAGING_SESSION octets */
    unsigned wait;       /**< seconds at most until there is news (long poll), 0: answers at once */
    uint8_t session_octets[CARNET_STAGING_SESSION]; /**< `session` of one that was read */
} carnet_collect_request;

CARNET_API carnet_rc carnet_collect_request_read(carnet_str text, carnet_json **document, carnet_collect_request *view,
                                                 carnet_err *err);
CARNET_API carnet_rc carnet_collect_request_write(const carnet_collect_request *from, carnet_buf *out, carnet_err *err);

/** The vector and what the identity provider signed (carnet/vector_carrier.h makes it a part of an ISO 8583 message). */
typedef struct carnet_collected_carrier {
    carnet_str vot;       /**< "Cb.Ce.Cf.Cg" */
    carnet_str trustmark; /**< "1", "2" or a URL */
    carnet_str session;   /**< 22 characters of base64url */
    int64_t auth_time;    /**< seconds since 1970 */
    int64_t expiry;       /**< seconds since 1970 */
    int aal;              /**< 1 to 3 */
    carnet_str key_id;    /**< of the identity provider's key */
    carnet_str signature; /**< base64url of r and s, 86 characters; empty: the transaction is known by reference only */
} carnet_collected_carrier;

/** The answer to Collect, Evidence and StepUp.  FULFILLED: all of it; AUTHENTICATING and STEPPING_UP: reference, binding and
 *  interval; no transaction yet: `pending`, and only interval; CANCELLED, FAILED, EXPIRED: reference and reason. */
typedef struct carnet_collect_answer {
    bool pending; /**< nobody has come to this session yet */
    carnet_staged_state state;
    carnet_str reference;
    carnet_str type;
    uint64_t amount;
    carnet_str currency;
    carnet_str pan;     /**< the token PAN for DE 2; never logged */
    carnet_str account; /**< alias for DE 102 */
    carnet_str binding;
    carnet_str reason;
    bool has_carrier;
    carnet_collected_carrier carrier;
    unsigned interval; /**< seconds to wait before the next Collect */
} carnet_collect_answer;

CARNET_API carnet_rc carnet_collect_answer_read(carnet_str text, carnet_json **document, carnet_collect_answer *view,
                                                carnet_err *err);
CARNET_API carnet_rc carnet_collect_answer_write(const carnet_collect_answer *from, carnet_buf *out, carnet_err *err);

/** terminal/Evidence: a presentation made at the terminal (on-site entry).  The transcript is the one of that presentation;
 *  the signature is the terminal's reader key's, ES256 over carnet_bops_evidence_payload() (carnet/bops_session.h), where the
 *  terminal's session is in base64url: the server passes all of it on to the identity provider. */
typedef struct carnet_terminal_evidence {
    carnet_str terminal;
    carnet_span session;
    carnet_str reference;          /**< which staged transaction; empty: the only one of the document's holder */
    carnet_str device_response;    /**< base64url */
    carnet_str session_transcript; /**< base64url */
    carnet_str reader_signature;   /**< base64url, 86 characters */
    carnet_str reader_certificate; /**< base64url of DER; empty: the key is known by the terminal's name */
    uint8_t session_octets[CARNET_STAGING_SESSION];
} carnet_terminal_evidence;

CARNET_API carnet_rc carnet_terminal_evidence_read(carnet_str text, carnet_json **document,
                                                   carnet_terminal_evidence *view, carnet_err *err);
CARNET_API carnet_rc carnet_terminal_evidence_write(const carnet_terminal_evidence *from, carnet_buf *out,
                                                    carnet_err *err);

/** terminal/StepUp: the issuer wants more; `vtr` as its answer had it (VR).  Then Collect again. */
typedef struct carnet_step_up_request {
    carnet_str terminal;
    carnet_span session;
    carnet_str reference;
    carnet_str vtr[CARNET_STAGING_VTR];
    size_t vtr_count;
    uint8_t session_octets[CARNET_STAGING_SESSION];
} carnet_step_up_request;

CARNET_API carnet_rc carnet_step_up_request_read(carnet_str text, carnet_json **document, carnet_step_up_request *view,
                                                 carnet_err *err);
CARNET_API carnet_rc carnet_step_up_request_write(const carnet_step_up_request *from, carnet_buf *out, carnet_err *err);

/** How an attempt at the terminal ended. */
typedef enum carnet_dispense_result {
    CARNET_DISPENSE_NONE,    /**< not a result */
    CARNET_DISPENSE_WHOLE,   /**< "DISPENSED" */
    CARNET_DISPENSE_PARTIAL, /**< "PARTIAL": `amount` of it */
    CARNET_DISPENSE_NOTHING, /**< "NOT_DISPENSED": declined, failed before, or reversed */
    CARNET_DISPENSE_UNKNOWN, /**< "UNKNOWN": reversed, and someone has to look */
} carnet_dispense_result;

/** "DISPENSED" and so on; "" for NONE. */
CARNET_API const char *carnet_dispense_result_name(carnet_dispense_result result);

/** terminal/Dispensed; said again it changes nothing.  The answer is a carnet_staged_status. */
typedef struct carnet_dispensed_report {
    carnet_str terminal;
    carnet_span session;
    carnet_str reference;
    carnet_dispense_result result;
    uint64_t amount;          /**< minor units that went out */
    carnet_str response_code; /**< DE 39 of the last answer; may be empty */
    uint8_t session_octets[CARNET_STAGING_SESSION];
} carnet_dispensed_report;

CARNET_API carnet_rc carnet_dispensed_report_read(carnet_str text, carnet_json **document,
                                                  carnet_dispensed_report *view, carnet_err *err);
CARNET_API carnet_rc carnet_dispensed_report_write(const carnet_dispensed_report *from, carnet_buf *out,
                                                   carnet_err *err);

/* --- the issuer's --- */

typedef enum carnet_resolve_action {
    CARNET_RESOLVE_READ, /**< "READ": what is known of it; changes nothing */
    CARNET_RESOLVE_USE, /**< "USE": it was authorised by the message `use` names.  Once: said again with the same `use` the
                                 answer is the same, with another it is refused (409 "used") */
    CARNET_RESOLVE_REVERSE, /**< "REVERSE": what `use` authorised was taken back; said again it changes nothing */
} carnet_resolve_action;

/** issuer/ResolveStaged. */
typedef struct carnet_resolve_request {
    carnet_str reference;
    carnet_resolve_action action;
    carnet_str use; /**< USE, REVERSE: the issuer's name of the authorisation, 1 to 64 characters */
} carnet_resolve_request;

CARNET_API carnet_rc carnet_resolve_request_read(carnet_str text, carnet_json **document, carnet_resolve_request *view,
                                                 carnet_err *err);
CARNET_API carnet_rc carnet_resolve_request_write(const carnet_resolve_request *from, carnet_buf *out, carnet_err *err);

/** Its answer: the transaction as staged and bound, and who vouches for its user's authentication. */
typedef struct carnet_resolved {
    carnet_str reference;
    carnet_staged_state state;
    carnet_str use; /**< USED, DISPENSED, REVERSED: by which authorisation */
    carnet_str type;
    uint64_t amount;
    carnet_str currency;
    carnet_str terminal; /**< identifier */
    carnet_str pan, account;
    int64_t expiration; /**< of the staged transaction, milliseconds since 1970 */
    carnet_str risk;    /**< the row of the risk table that was applied */
    int aal_required;
    carnet_str vtr[CARNET_STAGING_VTR]; /**< what was asked of the identity provider */
    size_t vtr_count;
    bool has_carrier; /**< authenticated */
    carnet_collected_carrier carrier;
} carnet_resolved;

CARNET_API carnet_rc carnet_resolved_read(carnet_str text, carnet_json **document, carnet_resolved *view,
                                          carnet_err *err);
CARNET_API carnet_rc carnet_resolved_write(const carnet_resolved *from, carnet_buf *out, carnet_err *err);

/* --- refusals --- */

typedef struct carnet_staging_refusal {
    carnet_str error;       /**< "unknown_reference", "state", "expired", "code", "amount", "terminal", "used", ... */
    carnet_str description; /**< for people */
    carnet_str request_id;
} carnet_staging_refusal;

CARNET_API carnet_rc carnet_staging_refusal_read(carnet_str text, carnet_json **document, carnet_staging_refusal *view,
                                                 carnet_err *err);

CARNET_END_DECLS
#endif
