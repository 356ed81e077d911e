/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: what its parts share. */
#ifndef CARNET_CLI_ATM_H
#define CARNET_CLI_ATM_H
#include "ask.h"
#include "carnet/fetch_request.h"
#include "carnet/link_payment.h"
#include "carnet/message_mac.h"
#include "carnet/staging.h"
#include "carnet/terminal.h"
#include "carnet/terminal_code.h"
#include "carnet/vector_carrier.h"
#include "iso8583.h"
#include "onsite.h"

#include <pthread.h>

#define ATM_CASSETTES 8

typedef struct atm_arguments {
    const char *state, *id, *label, *merchant, *name, *acquirer, *mcc, *currency, *code_key;
    const char *to, *spec, *framing, *mac, *mac_key, *carrier, *switch_ca, *switch_certificate, *switch_key;
    const char *server, *ca, *certificate, *key;
    const char *cassettes, *listen, *price, *reader_key, *reader_certificate, *qr;
    const char *
        off_after; /* for tests: end as if the power went, after so many records, before (-) or when they are written */
    unsigned code_s, collect_s, answer_ms, repeat_ms, echo_s, carrier_element;
    bool pos, dual, once, settle, json, sign_on, insecure_loopback, verbose;
    onsite_options ways;
    ask asked; /* of a document shown here; nothing: the usual */
} atm_arguments;

/* --- the dispenser: a fake at the lowest link --- */

/** Cassettes and what was done last, in a file: `carnet atm --cassettes`. */
typedef struct atm_dispenser {
    const char *path;
    struct {
        uint64_t note, count; /* minor units of a note; how many are left */
    } cassette[ATM_CASSETTES];
    size_t cassettes;
    char fault[24];                      /* "", "jam:N" (after N notes), "unsure:N" (the same, and it does not know) */
    uint64_t began, done, out, expected; /* numbers of transactions; what came out of the last; its amount */
} atm_dispenser;

/** Read the file; dies when it is none. */
void atm_dispenser_open(atm_dispenser *d, const char *path);
/** Whether the cassettes hold notes for the amount. */
bool atm_dispenser_can(const atm_dispenser *d, uint64_t amount);
/** Hand out: *known false: it does not know how much. */
carnet_rc atm_dispenser_hand_out(atm_dispenser *d, uint64_t number, uint64_t amount, bool *known, uint64_t *out,
                                 carnet_err *err);
/** What it knows of a transaction, after a restart. */
void atm_dispenser_recall(const atm_dispenser *d, uint64_t number, bool *known, uint64_t *out);

/* --- what a screen shows --- */

typedef struct atm_screen {
    carnet_terminal_phase phase;
    carnet_terminal_outcome outcome;
    uint64_t number, amount, dispensed;
    char code[CARNET_TERMINAL_CODE_MAX + 1], binding[33], reference[CARNET_STAGING_REFERENCE + 1], currency[4];
    char response[5];
    bool connected; /* to the switch */
    int64_t until;  /* of the code; seconds since 1970 */
    int64_t ended;  /* milliseconds of the clock that nobody sets */
} atm_screen;

/** One terminal. */
typedef struct atm {
    const atm_arguments *a;
    carnet_crypto *crypto;
    carnet_terminal machine;
    atm_dispenser dispenser;
    int journal, lock; /* descriptors */
    unsigned records;  /* written in this run */
    const carnet_iso8583_spec *spec;
    carnet_framing framing;
    carnet_message_mac_key mac;
    carnet_span code_key;
    carnet_payment_client *link;
    int64_t link_tried, heard; /* milliseconds of the clock that nobody sets */
    bool signed_on;
    uint32_t sign_on; /* trace number of the request that waits; 0: none does */
    carnet_fetch_connection *connection;
    carnet_fetch_answer answer;
    uint64_t price;            /* of a purchase; 0: as staged */
    carnet_terminal_phase was; /* what was told last */
    bool evidence_sent;
    pthread_mutex_t mutex; /* of all below */
    atm_screen screen;
    bool wanted, cancelled; /* a user pressed a button */
    uint64_t wanted_price;
} atm;

/* --- atm_state.c --- */

/** Open the journal, and take up what is open; dies when another process has it. */
void atm_state_open(atm *t, carnet_terminal_config *config);
void atm_state_close(atm *t);

/* --- atm_switch.c --- */

void atm_switch_open(atm *t, carnet_terminal_config *config);
void atm_switch_close(atm *t);
/** Send what the machine says; false: nothing of it left. */
bool atm_switch_send(atm *t);
/** Wait for messages, so long at most, and hand them to the machine. */
void atm_switch_wait(atm *t, int64_t ms);

/* --- atm_server.c --- */

void atm_server_open(atm *t);
void atm_server_close(atm *t);
/** Collect; `step_up`: ask for more first. */
void atm_server_collect(atm *t, bool step_up);
/** terminal/Dispensed; true: it was told, or need not be. */
bool atm_server_tell(atm *t, const carnet_terminal_action *action);
/** terminal/Evidence of a presentation; false: it is of no use. */
bool atm_server_evidence(atm *t, carnet_span response, carnet_span transcript);

/* --- atm_onsite.c --- */

/** Read a document and hand it on; false: there was none. */
bool atm_onsite(atm *t);

/* --- atm_run.c --- */

/** One transaction, or all that come; the exit status. */
int atm_run_once(atm *t);
int atm_run_screen(atm *t);
/** Milliseconds since 1970. */
int64_t atm_now(void);
/** Cut to fit, zero-terminated. */
void atm_copy(char *out, size_t size, const char *text);
/** A line for a person or, with --json, for a program. */
void atm_tell_phase(atm *t);
void atm_tell_message(atm *t, const carnet_iso8583_message *message, bool sent);
void atm_tell_text(atm *t, const char *event, const char *name, carnet_str text);
void atm_tell_notes(atm *t, uint64_t amount, bool known, uint64_t out);

/* --- atm_page.c --- */

/** Serve the screen until a signal comes; the machine runs on a thread of its own. */
void atm_page_open(atm *t);
void atm_page_close(atm *t);
/** "200.00 USD". */
carnet_str atm_money(uint64_t amount, const char *currency, carnet_buf *out);

#endif
