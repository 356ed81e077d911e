/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User identification (ISO/IEC 23220-1, IS-1 to IS-4) as a plug: how an
 * authorization server comes to know for whom documents are to be issued.  An
 * enrolment officer, an eID document presented, a log-in elsewhere: each is one
 * carnet_identification.
 *
 * The server calls begin() when a wallet's browser arrives and sends the browser
 * where it says.  When the browser is back at `return_uri` it calls resume(), any
 * number of times until the answer is not PENDING.  The two may run on different
 * instances of a deployment: what a plug must remember it hands over as `state`
 * (sealed and kept by the server), or keeps in the store under `flow`.
 *
 * All text is UTF-8 and borrowed.  A step's text and spans point into `room` or
 * are static; they are good until the caller is done with the step.  Plugs are
 * called by several threads at once, outside of any transaction.
 */
#ifndef CARNET_IDENTIFICATION_H
#define CARNET_IDENTIFICATION_H
#include "carnet/crypto.h"
#include "carnet/time.h"
CARNET_BEGIN_DECLS

#define CARNET_IDENTIFICATION_DOCUMENTS 16     /**< asked for in one flow at most */
#define CARNET_IDENTIFICATION_STATE     2048   /**< octets that a plug may hand over at most */
#define CARNET_IDENTIFICATION_CLAIMS    393216 /**< octets of claims at most: several portraits fit */
#define CARNET_IDENTIFICATION_ROOM      524288 /**< octets of `room` */

/** A document that is asked for. */
typedef struct carnet_identification_document {
    carnet_str configuration; /**< credential configuration identifier */
    carnet_str doctype;       /**< may be empty */
} carnet_identification_document;

/** A parameter the browser brought back, decoded. */
typedef struct carnet_identification_parameter {
    carnet_str name, value;
} carnet_identification_parameter;

/** What is asked, the same at begin() and resume(); `state` and `parameters` are empty at begin(). */
typedef struct carnet_identification_request {
    carnet_str flow; /**< names this flow: 43 characters of base64url, unpredictable; no key to tokens */
    const carnet_identification_document *documents;
    size_t document_count;
    carnet_str client;       /**< client_id of the wallet */
    carnet_str issuer_state; /**< of the offer that the wallet followed; may be empty */
    carnet_str subject_hint; /**< subject the offer was made for; may be empty.  Another one must be refused */
    carnet_str languages;    /**< Accept-Language as sent; may be empty */
    carnet_str
        return_uri; /**< where the browser is sent in the end, whatever the outcome: `return_base`?state=`flow` */
    carnet_str return_base; /**< for providers that demand a registered address and give `state` back themselves */
    carnet_span state;      /**< what the plug handed over last */
    const carnet_identification_parameter *parameters; /**< the browser's, `state` included */
    size_t parameter_count;
    const char *request_id; /**< of this HTTP request, for the log */
    carnet_time now;
    carnet_crypto *crypto; /**< the calling thread's */
    carnet_random random;
    void *worker; /**< the calling thread's, of the program that runs the plug (carnet_worker *); may be NULL */
} carnet_identification_request;

typedef enum carnet_identification_outcome {
    CARNET_IDENTIFICATION_REFUSED = 0, /**< so that a zeroed step identifies nobody */
    CARNET_IDENTIFICATION_PENDING,     /**< the browser goes to `uri`; later it is back at return_uri */
    CARNET_IDENTIFICATION_IDENTIFIED
} carnet_identification_outcome;

/** Why not. */
typedef enum carnet_identification_reason {
    CARNET_IDENTIFICATION_FAILED = 0,   /**< could not be identified */
    CARNET_IDENTIFICATION_BY_USER,      /**< the person broke it off */
    CARNET_IDENTIFICATION_BY_OFFICER,   /**< the officer refused */
    CARNET_IDENTIFICATION_MISMATCH,     /**< somebody else than the offer was made for */
    CARNET_IDENTIFICATION_TOO_LATE,     /**< time is over */
    CARNET_IDENTIFICATION_UNAVAILABLE,  /**< the means of identification does not work now */
    CARNET_IDENTIFICATION_NOT_ENTITLED, /**< known, but there is no such document for this person */
} carnet_identification_reason;

typedef struct carnet_identification_step {
    carnet_identification_outcome outcome;
    carnet_identification_reason reason; /**< REFUSED */
    carnet_str uri;                      /**< PENDING: absolute, or beginning with `/` for a path of this deployment */
    carnet_span state;                   /**< PENDING: what resume() is to be given; empty: as before */
    carnet_str subject; /**< IDENTIFIED: reference by which attribute sources know the person, 1 to 128 octets */
    carnet_str
        claims; /**< IDENTIFIED: JSON object {name space: {element: value}} as typed or confirmed; may be empty: then
                              the attribute source is asked */
    carnet_str
        evidence; /**< IDENTIFIED: what was relied on, for the audit record, such as "officer 17, identity card seen":
                              at most 120 octets, no data element's value */
} carnet_identification_step;

/** The plug.  Grows at the end only.  A part of carnetd that is one has its name, and a `self` that begins with it. */
typedef struct carnet_identification {
    size_t size;      /**< sizeof(carnet_identification) of the implementer */
    const char *name; /**< of letters, digits and `_`: in configuration, authorization records and statistics */
    void *self;
    /** Begin a flow.  A failure means: not judged now (the server answers server_error); a refusal is a step. */
    carnet_rc (*begin)(void *self, const carnet_identification_request *request, carnet_buf *room,
                       carnet_identification_step *step, carnet_err *err);
    /** Go on with it.  Asked again after IDENTIFIED or REFUSED it may answer the same or REFUSED. */
    carnet_rc (*resume)(void *self, const carnet_identification_request *request, carnet_buf *room,
                        carnet_identification_step *step, carnet_err *err);
} carnet_identification;

/** The word for a reason in logs and statistics ("by_user"), a sentence for the person, and the OAuth error that the wallet is
 *  told (RFC 6749 4.1.2.1): "access_denied" or "temporarily_unavailable".  Static. */
const char *carnet_identification_reason_name(carnet_identification_reason reason);
const char *carnet_identification_reason_text(carnet_identification_reason reason);
const char *carnet_identification_reason_error(carnet_identification_reason reason);

/** Whether a step keeps the rules above; a plug that breaks them is a fault of the deployment, CARNET_E_USAGE. */
carnet_rc carnet_identification_check(const carnet_identification_step *step, carnet_err *err);

CARNET_END_DECLS
#endif
