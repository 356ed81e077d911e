/* SPDX-License-Identifier: Apache-2.0 */
/* carnet holder present: what its parts share. */
#ifndef CARNET_CLI_HOLDER_PRESENT_H
#define CARNET_CLI_HOLDER_PRESENT_H
#include "carnet/consent_file.h"
#include "carnet/holder_choice.h"
#include "carnet/link_record.h"
#include "carnet/reader_identity.h"
#include "carnet/session_timeouts.h"
#include "holder.h"
#include "onsite_holder.h"

#define PRESENT_OFFERS_MAX 2048

/** One presentation after the other; what is above `holder` stays, the rest is of one. */
typedef struct presentation {
    const holder_arguments *a;
    carnet_crypto *crypto;
    store *store;
    FILE *out; /* what is told the holder: standard output, or with --json standard error */
    carnet_held_document *held;
    const store_document **which; /* the document behind each one held */
    uint64_t *copies;             /* and which copy of it */
    size_t count;
    carnet_anchor_store *trust; /* NULL: no reader is trusted */
    carnet_consent_policy policy;
    bool has_policy;
    carnet_buf message, scratch, reply;
    carnet_choice *choice;
    carnet_offer *offers;
    carnet_reader_identities *readers;

    carnet_holder holder;
    carnet_buf storage;
    onsite_holder ways;
    onsite_meeting meeting;
    carnet_session_timeouts timeouts;
    carnet_recorder recorder;
    carnet_span reader_engagement; /* with --reverse */
    bool pending;                  /* a message came while the holder was asked: it is in `message` */
    carnet_rc pending_rc;          /* or the link failed meanwhile */
    carnet_span request;           /* the last one; what was found of the reader points into it */
    size_t requests, answers;      /* requests understood, answers sent */
    size_t left;                   /* elements that left */
    char *told;                    /* JSON of each answer */
    size_t told_len;
    FILE *tell;
    const char *step; /* what is being done, for complaints */
    char ended[160];  /* how it ended */
    uint64_t status;
} presentation;

/* --- holder_held.c: documents at hand --- */

/** Take the documents that may be presented, of each the copy that was shown least, with its key. */
void present_hold(presentation *p);
void present_let_go(presentation *p);
/** Count what is about to leave. */
void present_count_uses(presentation *p);

/* --- holder_ask.c: what would leave, and whether it may --- */

/** Show who asks for what, and set the consent; the choice is not settled yet. */
void present_ask(presentation *p, const carnet_device_request *request);
/** Whether there is a terminal to ask on. */
bool present_can_ask(void);
/** Name of a reader and what it is worth, in words. */
void present_reader_text(FILE *out, const carnet_reader_identity *reader);

/** Whether the reader hung up, which is a normal end at any time; a link that breaks is one after the answer. */
bool present_hung_up(const presentation *p, carnet_rc rc);

/* --- holder_told.c: what is said afterwards --- */

/** Note what leaves, for the JSON output and the store's record. */
void present_note_answer(presentation *p);
/** Say what left and how it ended; writes the record's line. */
void present_say_end(presentation *p, carnet_rc rc, const carnet_err *err);

#endif
