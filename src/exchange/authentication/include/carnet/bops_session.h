/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What else is done to a session: cancelled (by relying party or device),
 * consumed (by the relying party, once), or given evidence that a terminal took
 * on the spot (P1940 4).  See bops.h.
 */
#ifndef CARNET_BOPS_SESSION_H
#define CARNET_BOPS_SESSION_H
#include "carnet/bops.h"
CARNET_BEGIN_DECLS

#define CARNET_BOPS_PATH_CANCEL_SESSION  CARNET_BOPS_BASE "/enterprise/CancelSession"
#define CARNET_BOPS_PATH_CONSUME_SESSION CARNET_BOPS_BASE "/enterprise/ConsumeSession"
#define CARNET_BOPS_PATH_SUBMIT_EVIDENCE CARNET_BOPS_BASE "/enterprise/SubmitEvidence"

/** CancelSession and ConsumeSession. */
typedef struct carnet_bops_session_command {
    carnet_json *document;
    carnet_str session_id;
    carnet_str ref; /**< ConsumeSession: the transaction's, as when it was started; may be empty */
} carnet_bops_session_command;
CARNET_API carnet_rc carnet_bops_session_command_write(const carnet_bops_session_command *command, carnet_buf *out,
                                                       carnet_err *err);
CARNET_API carnet_rc carnet_bops_session_command_read(carnet_str text, carnet_bops_session_command *command,
                                                      carnet_err *err);
CARNET_API void carnet_bops_session_command_close(carnet_bops_session_command *command);

/** The answer to both, and to SubmitEvidence. */
typedef struct carnet_bops_session_state {
    carnet_json *document;
    carnet_str session_id;
    carnet_bops_status status;
} carnet_bops_session_state;
CARNET_API carnet_rc carnet_bops_session_state_write(const carnet_bops_session_state *state, carnet_buf *out,
                                                     carnet_err *err);
CARNET_API carnet_rc carnet_bops_session_state_read(carnet_str text, carnet_bops_session_state *state, carnet_err *err);
CARNET_API void carnet_bops_session_state_close(carnet_bops_session_state *state);

/** SubmitEvidence: what a terminal that reads mobile documents was shown. */
typedef struct carnet_bops_submit_evidence {
    carnet_json *document;
    carnet_str session_id;
    carnet_str terminal;                    /**< its identifier, as DE 41 */
    carnet_str terminal_session;            /**< its own session's nonce, base64url */
    carnet_str device_response, transcript; /**< base64url */
    carnet_str reader_signature;            /**< base64url of r || s: see carnet_bops_evidence_payload() */
    carnet_str reader_certificate; /**< base64url of DER; may be empty if the key is known by the terminal's name */
} carnet_bops_submit_evidence;
CARNET_API carnet_rc carnet_bops_submit_evidence_write(const carnet_bops_submit_evidence *evidence, carnet_buf *out,
                                                       carnet_err *err);
CARNET_API carnet_rc carnet_bops_submit_evidence_read(carnet_str text, carnet_bops_submit_evidence *evidence,
                                                      carnet_err *err);
CARNET_API void carnet_bops_submit_evidence_close(carnet_bops_submit_evidence *evidence);

/** Append what the terminal's reader key signs (with ES256): lines "P1940-EV1", terminal, its session, SHA-256 of the session
 *  transcript and SHA-256 of the device response, all but the first two in base64url. */
CARNET_API carnet_rc carnet_bops_evidence_payload(carnet_str terminal, carnet_str terminal_session,
                                                  carnet_span device_response, carnet_span transcript,
                                                  carnet_crypto *crypto, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
