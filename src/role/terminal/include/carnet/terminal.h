/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal that hands out cash or takes a purchase against a staged transaction
 * (P1940 4; the project profile): one transaction at a time, as a state machine.
 *
 * Sans I/O.  The caller asks carnet_terminal_next() what is to be done, does it, and says
 * what came of it.  What the machine must not forget it writes into the journal
 * before anything depends on it; after a restart it is handed the last record and goes
 * on from there: whatever is not known to have been dispensed is reversed, until
 * the reversal is acknowledged.
 *
 *     begin ---> SHOW, COLLECT ---> SEND 0200 ---> DISPENSE ---> REPORT ---> ENDED
 *                     ^                | 1A / 122      | less, nothing, unknown
 *                     +--- STEP_UP <---+               +---> SEND 0420, 0421 ... until 0430
 *
 * An 0420 or 0220 counts as acknowledged when it is accepted, or when the issuer knows of no original; while it is answered
 * with a malfunction it is repeated; any other refusal ends it with the outcome UNKNOWN, for somebody to look.
 *
 * Times are milliseconds since 1970.  Amounts are minor units.  One thread.  The token PAN is
 * in records and messages: neither belongs into a log.
 */
#ifndef CARNET_TERMINAL_H
#define CARNET_TERMINAL_H
#include "carnet/iso8583.h"
#include "carnet/staging.h"
CARNET_BEGIN_DECLS

/** How far a transaction is.  The journal's words are carnet_terminal_phase_name()'s. */
typedef enum carnet_terminal_phase {
    CARNET_TERMINAL_IDLE,
    CARNET_TERMINAL_SHOWING,     /**< the code is shown; nothing is owed to anybody */
    CARNET_TERMINAL_APPROACHED,  /**< a user fulfils: the binding message is shown */
    CARNET_TERMINAL_AUTHORISING, /**< 0200 (0100) may have left */
    CARNET_TERMINAL_STEPPING_UP, /**< the issuer wants more of the user */
    CARNET_TERMINAL_DISPENSING,  /**< authorised; cash may have gone out */
    CARNET_TERMINAL_REVERSING,   /**< 0420 may have left; not acknowledged yet */
    CARNET_TERMINAL_COMPLETING,  /**< 0220 may have left; not acknowledged yet */
    CARNET_TERMINAL_REPORTING,   /**< settled; the mobile app server is told */
    CARNET_TERMINAL_ENDED
} carnet_terminal_phase;

CARNET_API const char *carnet_terminal_phase_name(carnet_terminal_phase phase);
/** IDLE for other texts. */
CARNET_API carnet_terminal_phase carnet_terminal_phase_of(carnet_str name);

/** How it ended, for the screen. */
typedef enum carnet_terminal_outcome {
    CARNET_TERMINAL_OPEN,
    CARNET_TERMINAL_TAKEN,     /**< all of it was dispensed (paid) */
    CARNET_TERMINAL_PARTLY,    /**< less than asked for, and booked so */
    CARNET_TERMINAL_NOTHING,   /**< authorised, but nothing was dispensed: reversed */
    CARNET_TERMINAL_UNKNOWN,   /**< it is not known what was dispensed: reversed, and somebody has to look */
    CARNET_TERMINAL_DECLINED,  /**< by the issuer */
    CARNET_TERMINAL_NO_ANSWER, /**< nobody answered: reversed */
    CARNET_TERMINAL_CANCELLED, /**< by the user, or the session failed */
    CARNET_TERMINAL_EXPIRED    /**< nobody came */
} carnet_terminal_outcome;

CARNET_API const char *carnet_terminal_outcome_name(carnet_terminal_outcome outcome);
CARNET_API carnet_terminal_outcome carnet_terminal_outcome_of(carnet_str name);

/** Why an 0420 is sent. */
typedef enum carnet_terminal_reversal {
    CARNET_REVERSAL_NONE,
    CARNET_REVERSAL_TIMEOUT, /**< no answer (DE 39 68; 1993: DE 25 4021) */
    CARNET_REVERSAL_NOTHING, /**< not dispensed (DE 39 06; 4000) */
    CARNET_REVERSAL_PARTIAL, /**< DE 95 says what was (DE 39 32; 4004) */
    CARNET_REVERSAL_UNKNOWN, /**< (DE 39 22; 4006) */
    CARNET_REVERSAL_USER     /**< cancelled after authorisation (DE 39 17; 4000) */
} carnet_terminal_reversal;

/** What is written into the journal: all that the machine knows of its transaction. */
typedef struct carnet_terminal_record {
    uint64_t number; /**< of the transaction at this terminal, from 1 */
    carnet_terminal_phase phase;
    carnet_terminal_outcome outcome;
    carnet_terminal_reversal reversal;
    uint8_t session[CARNET_STAGING_SESSION];
    char reference[CARNET_STAGING_REFERENCE + 1];
    char pan[20], currency[4], account[29];
    char binding[33];
    bool purchase; /**< POS_PURCHASE; else ATM_CWD */
    uint64_t amount, dispensed;
    int64_t began, sent; /**< sent: of the last 0200, 0100; its DE 7 */
    int64_t sent_after;  /**< of the 0420 or 0220 about it: repeats say the same */
    uint32_t stan;       /**< of the 0200, 0100 */
    uint32_t stan_after; /**< of the 0420 or 0220 about it */
    char rrn[13];        /**< DE 37 */
    char approval[7];    /**< DE 38 */
    char response[5];    /**< DE 39 of the answer to it; "" while there is none */
    uint32_t repeats;    /**< of the 0420 or 0220 */
    bool stepped_up;
} carnet_terminal_record;

/** Keep a record.  CARNET_OK only if it survives the loss of power.  The machine does not go on otherwise. */
typedef carnet_rc carnet_terminal_journal(void *self, const carnet_terminal_record *record, carnet_err *err);

typedef struct carnet_terminal_config {
    const carnet_iso8583_spec *spec; /**< of the link to the switch; its version is what is spoken */
    unsigned carrier;                /**< data element of the vector: 48, 55, 125, ...; 0: 48 */
    uint32_t carrier_tag;            /**< it is BER-TLV with this tag (carnet/vector_carrier.h); 0: data set P1 */
    bool pos;                        /**< a purchase; else cash */
    bool dual;                       /**< purchase: 0100 and then 0220; else 0200 alone */
    char terminal[17], merchant[16]; /**< DE 41, DE 42 */
    char name[41];                   /**< DE 43 */
    char acquirer[12];               /**< DE 32 */
    char mcc[5];                     /**< DE 18 ("6011") */
    char currency[4];                /**< what it dispenses; other currencies are cancelled */
    uint32_t code_ms, collect_ms;    /**< how long a code is shown (60,000), a user may take afterwards (180,000) */
    uint32_t answer_ms;              /**< how long an 0210 is waited for (30,000) */
    uint32_t repeat_ms;              /**< between 0420, 0421, ... (10,000) */
    carnet_terminal_journal *journal;
    void *journal_self;
} carnet_terminal_config;

/** The machine.  Keep it where it is; its members are its own, but for reading. */
typedef struct carnet_terminal {
    carnet_terminal_config config;
    carnet_terminal_record record;
    int64_t due;        /**< when the phase's time is over */
    int64_t next;       /**< when to ask or to send again */
    uint32_t stan;      /**< the last that was used */
    bool asked;         /**< what next() demanded last is being done */
    bool unkept;        /**< the record has to be written before anything depends on it */
    bool cancelled;     /**< the user went away while the answer was waited for */
    uint8_t room[1536]; /**< what was collected for the message that goes out; no part of the journal */
    size_t room_used;
    carnet_collected_carrier carrier; /**< views into room */
    bool has_carrier;
    carnet_str vtr[CARNET_STAGING_VTR]; /**< STEPPING_UP: views into room */
    size_t vtr_count;
} carnet_terminal;

/** What the caller is to do now. */
typedef enum carnet_terminal_act {
    CARNET_TERMINAL_WAIT,     /**< nothing, until `until` */
    CARNET_TERMINAL_COLLECT,  /**< ask the mobile app server (terminal/Collect); then carnet_terminal_collected() */
    CARNET_TERMINAL_SEND,     /**< build the message and send it; then carnet_terminal_sent() */
    CARNET_TERMINAL_DISPENSE, /**< `amount`; then carnet_terminal_dispensed() */
    CARNET_TERMINAL_STEP_UP,  /**< terminal/StepUp with `vtr`; then carnet_terminal_collected() */
    CARNET_TERMINAL_REPORT    /**< terminal/Dispensed; then carnet_terminal_reported() */
} carnet_terminal_act;

typedef struct carnet_terminal_action {
    carnet_terminal_act act;
    int64_t until;                 /**< when to ask again at the latest */
    uint64_t amount;               /**< DISPENSE; REPORT: what went out */
    carnet_dispense_result result; /**< REPORT */
} carnet_terminal_action;

/** A record as a line of a journal, JSON without a line feed; appended. */
CARNET_API carnet_rc carnet_terminal_record_write(const carnet_terminal_record *record, carnet_buf *out,
                                                  carnet_err *err);
/** Read such a line.  CARNET_E_TERMINAL_JOURNAL: it is none; *record is empty then. */
CARNET_API carnet_rc carnet_terminal_record_read(carnet_str line, carnet_terminal_record *record, carnet_err *err);

/** A machine at rest; `number` and `stan` are the last that were used (the journal has them). */
CARNET_API carnet_rc carnet_terminal_init(carnet_terminal *t, const carnet_terminal_config *config, uint64_t number,
                                          uint32_t stan, carnet_err *err);
/** A user comes: show a code with this fresh session.  CARNET_E_TERMINAL_STATE: it is busy. */
CARNET_API carnet_rc carnet_terminal_begin(carnet_terminal *t, const uint8_t session[CARNET_STAGING_SESSION],
                                           int64_t now, carnet_err *err);
/** After a restart: go on with the last record of a transaction that has not ended.  `known`: the dispenser can say what it
 *  dispensed for this transaction, and it was `dispensed`.  Writes the journal. */
CARNET_API carnet_rc carnet_terminal_resume(carnet_terminal *t, const carnet_terminal_record *record, bool known,
                                            uint64_t dispensed, int64_t now, carnet_err *err);

/** What is to be done.  It may write the journal (before a message may leave, before money may go out); if that fails, nothing
 *  is to be done and *err says why. */
CARNET_API carnet_rc carnet_terminal_next(carnet_terminal *t, int64_t now, carnet_terminal_action *action,
                                          carnet_err *err);
/** Build what SEND sends, without a MAC: 0100, 0200, 0220, 0420, 0421 (1993: 1100, 1200, ...). */
CARNET_API carnet_rc carnet_terminal_message(const carnet_terminal *t, carnet_buf *out, carnet_err *err);

/** The mobile app server's answer to COLLECT or STEP_UP; NULL: it could not be asked. */
CARNET_API carnet_rc carnet_terminal_collected(carnet_terminal *t, const carnet_collect_answer *answer, int64_t now,
                                               carnet_err *err);
/** The message left, or may have (`good`); or no octet of it did. */
CARNET_API void carnet_terminal_sent(carnet_terminal *t, bool good, int64_t now);
/** A message came from the switch.  CARNET_E_TERMINAL_ANSWER: it is none that was waited for (late, or somebody else's); nothing
 *  has changed then. */
CARNET_API carnet_rc carnet_terminal_received(carnet_terminal *t, const carnet_iso8583_message *message, int64_t now,
                                              carnet_err *err);
/** The dispenser is done: so much went out.  `known` false: it does not know. */
CARNET_API carnet_rc carnet_terminal_dispensed(carnet_terminal *t, bool known, uint64_t amount, int64_t now,
                                               carnet_err *err);
/** The mobile app server was told, or could not be told. */
CARNET_API carnet_rc carnet_terminal_reported(carnet_terminal *t, bool good, int64_t now, carnet_err *err);
/** The user walks away.  Before authorisation the transaction ends; afterwards it goes its way. */
CARNET_API carnet_rc carnet_terminal_cancel(carnet_terminal *t, int64_t now, carnet_err *err);
/** The next message's DE 11, for network management of the same connection. */
CARNET_API uint32_t carnet_terminal_stan(carnet_terminal *t);

CARNET_END_DECLS
#endif
