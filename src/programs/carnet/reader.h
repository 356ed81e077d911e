/* SPDX-License-Identifier: Apache-2.0 */
/* carnet reader: what its parts share. */
#ifndef CARNET_CLI_READER_H
#define CARNET_CLI_READER_H
#include "ask.h"
#include "crl.h"
#include "onsite.h"

#include "carnet/link_record.h"
#include "carnet/reader_keys.h"
#include "carnet/session_timeouts.h"

#define READER_REQUESTS_MAX 8  /* in one session */
#define READER_ANSWERS_MAX  40 /* with what came encrypted, which is judged apart */

typedef struct reader_arguments {
    onsite_options ways;
    crl_options crl;
    ask asks[READER_REQUESTS_MAX];
    size_t ask_count;
    const carnet_json *queries;
    const char *qr, *show, *trust, *reader_cert, *reader_key, *portrait, *replay, *at, *document_key;
    bool reverse, poster, loop, json, all, strict;
    int64_t skew;
} reader_arguments;

/** An answer, and what was asked. */
typedef struct reader_answer {
    carnet_span request, response;  /* plain */
    carnet_span session_transcript; /* of documents that came encrypted; else empty: the reading's own */
    bool encrypted_apart;           /* what came encrypted beside it is another answer */
} reader_answer;

/** One reading, from engagement to verdict. */
typedef struct reading {
    const reader_arguments *a;
    carnet_crypto *crypto;
    const carnet_reader_signer *signer; /* NULL: requests are not signed */
    carnet_anchor_store *trust;         /* NULL: nothing is trusted */
    unsigned number;                    /* from 1 */
    const char *step;                   /* what is being done, for a complaint */
    carnet_reader reader;
    carnet_buf storage;
    carnet_link link;
    onsite_way way;
    carnet_recorder recorder;
    carnet_session_timeouts timeouts;
    carnet_session_transcript_parameters how;
    carnet_span device_engagement, reader_engagement, last_seen;
    carnet_reader_mac_keys *mac_keys; /* a key a curve, for an mdoc that takes them; NULL: none (18013-7 A.5) */
    reader_answer answers[READER_ANSWERS_MAX];
    size_t answer_count;
    carnet_key *document_key; /* documents are asked for encrypted to it; NULL: they are not */
    bool auth_all;            /* the mdoc takes one signature over the whole request */
    uint64_t status;          /* that the mdoc sent, or 0 */
    char *line;               /* of --qr -; else NULL */
} reading;

/** All readings there are to do; the exit status. */
int reader_run(reading *r);
/** Milliseconds the present wait may last. */
int reader_left(const reading *r);
/** Meet the mdoc: afterwards there are keys and a link. */
carnet_rc reader_engage(reading *r, carnet_err *err);
/** Reach an mdoc that has shown `engagement` by the best way both have. */
carnet_rc reader_reach(reading *r, const carnet_engagement *engagement, carnet_err *err);
/** By this way; `method` is the holder's for it (the socket needs none). */
carnet_rc reader_reach_by(reading *r, onsite_way way, const carnet_retrieval_method *method,
                          carnet_span device_key_bytes, carnet_err *err);
/** Show a ReaderEngagement, wait for whoever takes it up, take its first message. */
carnet_rc reader_show_engagement(reading *r, carnet_err *err);
/** The engagement of a card, and the way it leads to. */
carnet_rc reader_engage_nfc(reading *r, carnet_err *err);
/** The engagement of --qr; waits for a picture that has one. */
carnet_rc reader_scan(reading *r, carnet_err *err);
/** Ask all there is to ask, one after the other, and end the session. */
carnet_rc reader_converse(reading *r, carnet_err *err);
/** Keep an answer, and what came encrypted in it as answers of their own, as far as it can be decrypted. */
void reader_keep(reading *r, carnet_span request, carnet_span response);
/** Ask for the documents encrypted to --document-key. */
void reader_ask_encrypted(reading *r);
/** Do all that again from a recording. */
carnet_rc reader_replay(reading *r, carnet_err *err);
/** Judge an answer and say what came out: the exit status. */
int reader_judge(const reading *r, size_t answer);
/** Say that there was no answer, in the form asked for; returns the exit status. */
int reader_tell_failure(const reading *r, const carnet_err *err);

/** What an answer is judged to be, for the two forms it is shown in. */
typedef struct reader_verdict {
    const carnet_report *report;
    const carnet_policy *policy;
    carnet_span response, request;
    carnet_verdict verdict;
    int age;  /* age_over_NN that was asked for; -1: none */
    int over; /* 1: yes, 0: no, -1: not answered */
    int status;
} reader_verdict;

void reader_print(const reading *r, const reader_verdict *v);
void reader_print_json(const reading *r, const reader_verdict *v);
/** A data element's value on one line for a person, at most `width` characters. */
void reader_value_text(carnet_str identifier, carnet_span value, size_t width, carnet_buf *out);
/** The n-th document of a response, opened; false past the last, and for one that cannot be opened. */
bool reader_document(carnet_span response, size_t n, carnet_document *document, carnet_issuer_signed *view);
/** Begin a walk through what the device itself signed; an empty one if that cannot be opened. */
void reader_device_signed(const carnet_document *document, carnet_element_walk *walk);

#endif
