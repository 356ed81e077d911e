/* SPDX-License-Identifier: Apache-2.0 */
/* The story of cardless cash (P1940 4), each party a process of its own: what its parts share. */
#ifndef CARNET_CLI_SCENARIO_CASH_H
#define CARNET_CLI_SCENARIO_CASH_H
#include "scenario_issuing.h"

/** The services, in the order in which they are started. */
typedef enum cash_service {
    CASH_PROVIDER,
    CASH_APP,
    CASH_BANK,
    CASH_SWITCH,
    CASH_SERVICES,
    CASH_TERMINAL = CASH_SERVICES, /* no service, but it can be killed, too */
    CASH_PARTIES,
    CASH_NOBODY = CASH_PARTIES
} cash_service;

/** The wires that carry ISO 8583. */
typedef enum cash_wire { CASH_WIRE_TERMINAL, CASH_WIRE_ISSUER, CASH_WIRES } cash_wire;

/** How the story goes. */
typedef struct cash_variant {
    const char *name, *title;
    uint64_t amount;
    bool purchase, on_site, step_up;
    const char *price;                   /* of a purchase, in the end; NULL: as staged */
    const char *sensor;                  /* what the phone's sensor finds, in each session; NULL: it has none */
    const char *enrolled[6], *proves[4]; /* what the phone is enrolled with besides, and approves with */
    const char *lost; /* "0210,0430": message types of which the wire to the terminal loses the first; NULL: none */
    uint64_t per_transaction; /* limit of the account; 0: none */
    const char *fault;        /* of the dispenser; NULL: none */
    const char *outcome;      /* at the terminal */
    const char *response;     /* of the last answer; NULL: not looked at */
    uint64_t booked;          /* what left the account */
} cash_variant;

/** A transaction as the terminal tells of it. */
typedef struct cash_terminal {
    char code[256], phase[24], outcome[24], response[8], reference[32];
    unsigned long long dispensed;
    bool ended;
} cash_terminal;

typedef struct cash {
    scenario *s;
    const cash_variant *v;
    const char *program; /* carnetd */
    unsigned port;       /* the deployment's first of ten */
    unsigned wire_port[CASH_WIRES];
    int listener[CASH_WIRES];
    int tell[2];      /* messages that cross, a line of JSON each */
    char line[32768]; /* the one that is being read of it */
    size_t line_len;
    pid_t pid[CASH_PARTIES], wire[CASH_WIRES], holder;
    size_t log_read[CASH_SERVICES], terminal_read;
    const char *terminal_log; /* what the terminal tells, a file; NULL: there is none yet */
    cash_terminal terminal;
    char reference[32];
    const char *session;         /* that the phone is to answer; NULL: none is named */
    unsigned long long notes;    /* in the cassettes, in minor units, before */
    const char *step;            /* what happened last */
    bool killed;                 /* the party that was to be restarted was */
    char device[64], keys[1024]; /* of the phone: its identifier; thumbprints of its documents' keys, JSON */
} cash;

/* --- scenario_cash_world.c --- */

/** Names as messages call the parties, and their configurations' file names. */
extern const char *const cash_names[CASH_PARTIES];
extern const char *const cash_files[CASH_SERVICES];
/** The log of a service: a file. */
const char *cash_log(const cash *c, cash_service which);
/** Make keys, certificates and configurations of all parties, and start the services. */
void cash_make(cash *c);
/** Start one, or start it again; returns when it serves. */
void cash_start(cash *c, cash_service which);
/** As if its power went. */
void cash_kill(cash *c, cash_service which);
/** An issuer gives the holder a mobile document; the phone is enrolled; the bank opens an account. */
void cash_enrol(cash *c);
/** Whether the books are right, and say so. */
bool cash_check(cash *c);
/** Minor units in the dispenser's cassettes. */
unsigned long long cash_notes(const cash *c);
/** What left the account; if it is not `out`, the switch may have a reversal to pass on yet, which is waited for. */
long long cash_booked(cash *c, unsigned long long out);

/* --- scenario_cash_wire.c --- */

/** Carry ISO 8583 between a wire's two ends, telling each message; for scenario_start_function(). */
typedef struct cash_carrying {
    int listener;
    unsigned port; /* of the far end */
    int tell;
    const char *spec;       /* how messages are written */
    const char *near, *far; /* the ends' names */
    const char *lost;       /* message types of which the first is lost, with commas between them; NULL: none */
    unsigned slow_ms;       /* each message takes so long */
} cash_carrying;
void cash_carry(void *carrying);

/* --- scenario_cash_told.c --- */

/** Print what crossed since. */
void cash_tell(cash *c, int wait_ms);
/** Wait for a party to end, telling what crosses; its exit status. */
int cash_wait(cash *c, pid_t party);
/** Read on what the terminal tells. */
void cash_terminal_reads(cash *c);
/** Something happened: where a party is to be restarted, it is. */
void cash_at(cash *c, const char *step);

/* --- scenario_cash.c --- */

extern const char *const scenario_cash_variants[];
/** What is not said is as usual; does not return for what there is not. */
void scenario_cash_choose(scenario *s);
int scenario_cash(scenario *s);
int scenario_cash_staging(scenario *s);
int scenario_cash_authentication(scenario *s);

/** Arguments, one after the other. */
typedef struct cash_words {
    const char *list[64];
    size_t count;
} cash_words;
void cash_add(cash_words *w, const char *const *list);
#define CASH_ADD(w, ...) cash_add(w, (const char *const[]){ __VA_ARGS__, NULL })
/** Text made, which stays. */
const char *cash_text(const char *format, ...) CARNET_PRINTF(1, 2);

#endif
