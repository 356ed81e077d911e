/* SPDX-License-Identifier: Apache-2.0 */
/* An issuing authority, a reader and a holder's documents, for the tests of roles. */
#ifndef CARNET_TEST_ROLE_WORLD_H
#define CARNET_TEST_ROLE_WORLD_H
#include "carnet/anchor_store.h"
#include "carnet/certificate_builder.h"
#include "carnet/holder.h"
#include "carnet/issue.h"
#include "carnet/policy.h"
#include "carnet/reader.h"
#include "support/support.h"

#define MDL     "org.iso.18013.5.1.mDL"
#define MDL_NS  "org.iso.18013.5.1"
#define DOCS    4
#define OFFERS  32
#define MESSAGE 8192

/* An element as a test writes it: its value in hexadecimal. */
typedef struct element {
    const char *name_space, *identifier, *hex;
} element;

typedef struct world {
    carnet_crypto crypto;
    carnet_key authority, signer, device, reader_key;
    carnet_span authority_certificate, signer_certificate, reader_certificate;
    carnet_anchor anchor_slots[1];
    carnet_anchor_store store;
    carnet_trust_anchors anchors;
    carnet_reader_signer reader_signer;
    carnet_report_entry entries[256];
    carnet_report report;
    carnet_held_document held[DOCS];
    size_t held_count;
    uint8_t certificates[3][CARNET_CERTIFICATE_MAX];
    carnet_err err;
} world;

/* Keys and certificates; the device's own key is on `device`. */
void world_begin(world *w, carnet_curve device);
void world_done(world *w);
/* Issue a document and hold it. */
void world_hold(world *w, const char *doc_type, const element *elements, size_t count);
/* The mDL of most tests: family_name, given_name, birth_date, age_over_18 (true), age_over_21 (false). */
void world_hold_mdl(world *w);
carnet_verdict world_verdict(const world *w);

/* A session between a reader and a holder, in memory. */
typedef struct talk {
    world *w;
    carnet_holder holder;
    carnet_reader reader;
    uint8_t holder_room[2048], reader_room[2048];
    carnet_buf holder_storage, reader_storage;
    uint8_t scratch[4 * MESSAGE], request_room[MESSAGE], message[MESSAGE]; /* message: the one on its way */
    size_t len;
    carnet_buf request; /* the reader's, plain */
    carnet_device_request view;
    carnet_offer offers[OFFERS];
    size_t offer_count;
    carnet_span received;
    uint64_t status;
} talk;

void talk_begin(talk *t, world *w, carnet_curve session);
void talk_done(talk *t);
/* Put the reader's request for these elements of an mDL on its way; `with_auth`: signed. */
carnet_rc talk_ask(talk *t, const char *const *identifiers, size_t count, bool with_auth);
/* The holder takes the message on its way and matches it. */
carnet_rc talk_hear(talk *t);
void talk_consent(talk *t, bool all);
/* The holder's answer is put on its way. */
carnet_rc talk_answer(talk *t, carnet_session_status status);
/* The reader takes the message on its way; judge it with talk_judge(). */
carnet_rc talk_read(talk *t);
carnet_verdict talk_judge(talk *t);
/* No byte of a key is left with the holder, or with the reader's session. */
void assert_holder_over(talk *t);
void assert_reader_over(talk *t);

#endif
