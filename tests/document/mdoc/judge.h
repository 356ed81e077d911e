/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification in tests: parameters, storage and what came of it, in one place.
 */
#ifndef CARNET_TEST_JUDGE_H
#define CARNET_TEST_JUDGE_H
#include "carnet/issue.h"
#include "carnet/policy.h"
#include "carnet/present.h"
#include "carnet/reader_authentication.h"
#include "carnet/verify.h"
#include "support/support.h"

#define JUDGE_ENTRIES 512

typedef struct judge {
    carnet_crypto crypto;
    carnet_certificate anchor;
    carnet_anchor_array anchors;
    carnet_trust_anchors source; /* has a generation: `generation` */
    uint64_t generation;
    carnet_key reader_key;
    carnet_key *reader_keys[1];
    carnet_verification with;
    carnet_time now;
    int64_t skew;
    carnet_report_entry entries[JUDGE_ENTRIES];
    carnet_report report;
    carnet_err err;
    carnet_rc rc; /* of the last verification */
} judge;

/* Everything the standard's Annex D gives: its IACA, session transcript and ephemeral reader key, 2020-10-15.  Skips the
 * test without the shared data. */
void judge_annex_d(judge *j);
/* Only a trusted certificate and a time; no transcript. */
void judge_with(judge *j, carnet_span anchor, const char *now);
void judge_done(judge *j);

/* Verify, and leave the report and rc in *j. */
void judge_response(judge *j, carnet_span cbor);
void judge_document(judge *j, carnet_span cbor);
void judge_issuer_signed(judge *j, carnet_span cbor);
void judge_request(judge *j, carnet_span cbor);

carnet_verdict judge_verdict(const judge *j, bool strict);
/* The outcome of a check of any document; CARNET_NOT_DONE too when there is no entry. */
carnet_outcome judge_outcome(const judge *j, carnet_check check);
/* How many entries fail, those of class NOTE not counted. */
size_t judge_failures(const judge *j);
void judge_print(const judge *j);

/* --- a world of our own: authority, signer, holder, reader, made anew in each test --- */

typedef struct world {
    judge j;
    carnet_key authority, signer, device, reader;
    carnet_span authority_certificate, signer_certificate, reader_certificate;
    carnet_span issuer_signed; /* a document of six elements in two name spaces */
    carnet_span session_transcript;
    uint8_t room[4][4096];
} world;

void world_init(world *w);
void world_done(world *w);
/* Issue the document anew, with this issuing_country; its signer's is UT. */
void world_issue(world *w, const char *country);
/* A DeviceResponse with three elements, signed (or authenticated, `mac`) by the device; in `room`. */
carnet_span world_present(world *w, bool mac, void *room, size_t cap);

#endif
