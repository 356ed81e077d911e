/* SPDX-License-Identifier: Apache-2.0 */
/* One judgement of evidence, shared by the files that look at its pieces. */
#ifndef CARNET_IDENTITY_INTERNAL_H
#define CARNET_IDENTITY_INTERNAL_H
#include "carnet/evidence.h"

typedef struct carnet_evidence_run {
    const carnet_evidence_session *session;
    const carnet_enrolled_device *device;
    const carnet_evidence_trust *trust;
    const carnet_bops_authentication_response *response; /* NULL: what a terminal brought */
    carnet_crypto *crypto;
    carnet_evidence_room *room;
    carnet_evidence *evidence;
    carnet_err *err;
    carnet_rc rc;                    /* what kept the judgement from being made */
    const carnet_enrolled_key *best; /* of the keys that were used */
    carnet_enrolled_key fresh;       /* one of them, with what an attestation sent along says of it */
} carnet_evidence_run;

/* --- evidence.c --- */
void carnet_evidence_begin(carnet_evidence_run *run);
carnet_rc carnet_evidence_finish(carnet_evidence_run *run);
/* What a piece came to.  `reason` may be NULL: then the code's text. */
void carnet_evidence_find(carnet_evidence_run *run, carnet_evidence_piece piece, carnet_evidence_outcome outcome,
                          carnet_rc rc, const char *reason);
/* The same from a failed call; if it failed for no fault of the evidence, the judgement ends. */
void carnet_evidence_find_err(carnet_evidence_run *run, carnet_evidence_piece piece, carnet_evidence_outcome outcome,
                              carnet_rc rc, const carnet_err *err);
/* Whether looking on makes sense. */
bool carnet_evidence_goes_on(const carnet_evidence_run *run);
/* Decode into the room; false, with a finding, if the text is no base64url or there is no room. */
bool carnet_evidence_decode(carnet_evidence_run *run, carnet_evidence_piece piece, carnet_str text, carnet_span *out);
/* A key of the device proved something. */
void carnet_evidence_used_key(carnet_evidence_run *run, const carnet_enrolled_key *key);
bool carnet_evidence_key_equal(const carnet_public_key *a, const carnet_public_key *b);
int64_t carnet_evidence_skew(const carnet_evidence_trust *trust);

/* --- the pieces --- */
void carnet_evidence_look_key_attestation(carnet_evidence_run *run);
void carnet_evidence_look_mdoc(carnet_evidence_run *run, carnet_span device_response, carnet_span transcript);
void carnet_evidence_look_otp(carnet_evidence_run *run);
void carnet_evidence_look_fido(carnet_evidence_run *run);
void carnet_evidence_look_pin(carnet_evidence_run *run);
void carnet_evidence_look_biometric(carnet_evidence_run *run);
void carnet_evidence_look_posture(carnet_evidence_run *run);
void carnet_evidence_look_location(carnet_evidence_run *run);
void carnet_evidence_look_behaviour(carnet_evidence_run *run);

#endif
