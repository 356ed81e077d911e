/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message to an issuing authorisation system, from its octets to its answer
 * (ISO 8583:1987, :1993, :2003; the order of the checks is
 * carnet/authorization_judge.h's):
 *
 *     carnet_debit_read()      what costs time and needs nobody: parse, MAC, signature of the vector.  On any thread
 *     carnet_debit_resolved()  in reference mode: what the mobile app server says of the transaction
 *     carnet_debit_decide()    in one unit with others: duplicates, judgement, booking, the answer, the record
 *
 * Sans I/O: records and accounts are behind interfaces.  A carnet_debit is some 8 KiB,
 * views into the octets it was read from and belongs to one thread at a time; keep both in place until
 * it is answered.  carnet_debit_decide() may be called anew after a unit that was undone.
 */
#ifndef CARNET_DEBIT_H
#define CARNET_DEBIT_H
#include "carnet/authorization_host.h"
#include "carnet/iso8583.h"
#include "carnet/message_mac.h"
#include "carnet/vector_carrier.h"
CARNET_BEGIN_DECLS

#define CARNET_DEBIT_ORIGIN 64   /**< characters of carnet_debit_key.origin at most */
#define CARNET_DEBIT_ANSWER 1536 /**< octets of an answer at most */

/** A key of the identity provider, by which vectors are signed. */
typedef struct carnet_debit_signer {
    carnet_str key_id;
    carnet_public_key key;
} carnet_debit_signer;

/** What holds for all messages. */
typedef struct carnet_debit_policy {
    bool carried; /**< the vector and its signature come in the message; else a reference, to be resolved */
    const carnet_debit_signer *signers;
    size_t signer_count;
    carnet_str project;          /**< URL of the deployment's own trustmark; empty: none */
    const carnet_risk_row *rows; /**< the table of risks */
    size_t row_count;
    int64_t active_period, skew; /**< seconds */
    uint64_t stand_in; /**< advices of debits that were not authorised here, booked up to so much; 0: refused */
} carnet_debit_policy;

/** How the messages of a link are. */
typedef struct carnet_debit_link {
    carnet_str name;
    const carnet_iso8583_spec *spec;
    carnet_message_mac_key mac; /**< algorithm NONE: no MAC */
    carnet_pin_key pin;         /**< key empty: data element 52 is not looked at */
    unsigned carrier;           /**< the data element that the vector is in: 48, 55, 125, ... */
    bool carrier_text;          /**< as data set P1, else as BER-TLV */
    uint32_t carrier_tag;       /**< of a BER-TLV answer */
    bool plain_step_up;         /**< 63 instead of 1A in answers of 1987 */
} carnet_debit_link;

typedef enum carnet_debit_kind {
    CARNET_DEBIT_NONE,
    CARNET_DEBIT_HOLD,     /**< 0100: to be reserved */
    CARNET_DEBIT_ORDER,    /**< 0200: to be booked */
    CARNET_DEBIT_ADVICE,   /**< 0220: done */
    CARNET_DEBIT_REVERSAL, /**< 0400, 0420 */
    CARNET_DEBIT_NETWORK   /**< 0800 */
} carnet_debit_kind;

/** What a message is known by, for duplicates and reversals: class and function, acquirer, terminal and trace number as text; its
 *  time; and DE 37, which must be the same too, if both have it. */
typedef struct carnet_debit_key {
    carnet_time moment;
    char origin[CARNET_DEBIT_ORIGIN + 1];
    carnet_str reference;
} carnet_debit_key;

/** Where what a message did stands. */
typedef enum carnet_debit_state {
    CARNET_DEBIT_ANSWERED = 1, /**< nothing is booked */
    CARNET_DEBIT_BOOKED,
    CARNET_DEBIT_RESERVED,
    CARNET_DEBIT_CAPTURED,   /**< reserved, then booked by an advice */
    CARNET_DEBIT_REVERSED,   /**< in whole */
    CARNET_DEBIT_REDUCED,    /**< a part was given back */
    CARNET_DEBIT_FORESTALLED /**< never came, but its reversal did */
} carnet_debit_state;

/** What is kept of a message. */
typedef struct carnet_debit_record {
    int64_t id;
    carnet_time moment, at; /**< at: when it was answered */
    carnet_str origin, reference, link;
    carnet_debit_kind kind;
    carnet_debit_state state;
    carnet_judged judged;
    uint64_t amount;   /**< as the message says */
    uint64_t moves;    /**< what it booked, reserved or gave back; 0: nothing */
    uint64_t returned; /**< of it, by later messages */
    unsigned currency;
    carnet_str staged; /**< the transaction it used: unique; empty: it used none */
    carnet_span session;
    carnet_str vector, risk;
    unsigned level;
    int64_t original; /**< of a reversal or an advice; 0: none */
    carnet_span answer;
} carnet_debit_record;

/** Where records are kept, in the unit of carnet_debit_decide(). */
typedef struct carnet_debit_journal {
    void *self;
    /** A new identifier, later than all before. */
    int64_t (*identify)(void *self, void *unit);
    /** The message of this key (whatever its reference if `any`); *found false: there is none. */
    carnet_rc (*find)(void *self, void *unit, const carnet_debit_key *key, bool any, carnet_debit_record *record,
                      carnet_buf *room, bool *found, carnet_err *err);
    /** The message that used a staged transaction. */
    carnet_rc (*user)(void *self, void *unit, carnet_str staged, carnet_debit_record *record, carnet_buf *room,
                      bool *found, carnet_err *err);
    /** Keep a record. */
    carnet_rc (*keep)(void *self, void *unit, const carnet_debit_record *record, carnet_err *err);
    /** Its state and `returned` become these. */
    carnet_rc (*change)(void *self, void *unit, int64_t id, carnet_debit_state state, uint64_t returned,
                        carnet_err *err);
} carnet_debit_journal;

/** What the mobile app server says. */
typedef struct carnet_debit_resolution {
    bool reached; /**< false: it could not be asked */
    bool known, fulfilled, used;
    carnet_time expires, auth_time;
    uint64_t amount;
    carnet_str currency, terminal, vector, session_text;
    carnet_str pan; /**< the account's; empty: as the message says */
    carnet_trustmark trustmark;
    uint8_t session[16];
} carnet_debit_resolution;

/** One message on its way: read the members up to `judged`, write none. */
typedef struct carnet_debit {
    const carnet_debit_policy *policy;
    const carnet_debit_link *link;
    carnet_debit_kind kind;
    bool repeat;
    bool resolving;       /**< carnet_debit_resolved() comes next, with `carrier.reference` */
    carnet_judged judged; /**< after deciding */
    bool again;           /**< answered as the stored one was: nothing happened */
    carnet_span answer;   /**< octets to be sent; empty: none */
    int64_t id;           /**< of the record; 0: none is kept */
    carnet_vector_carrier carrier;
    carnet_iso8583_message message;
    carnet_debit_key key;
    carnet_judge_facts facts;
    carnet_judge_verdict verdict;
    carnet_assurance required;
    carnet_judged early; /**< found wrong while reading: FORMAT, MAC, UNAVAILABLE, or APPROVED */
    carnet_pin pin;
    carnet_str pan; /**< as resolved; empty: not */
    unsigned currency;
    uint64_t actual; /**< of a reversal: what was handed out all the same */
    bool has_original;
    carnet_debit_key original;
    uint8_t room[2048]; /**< texts of messages that are not in ASCII */
    size_t room_used;
    uint8_t answer_room[CARNET_DEBIT_ANSWER];
} carnet_debit;

/** Read a message received at `now`.  CARNET_E_DEBIT_MESSAGE and failures of carnet/iso8583.h: it is none that can be
 *  answered.  All else is in the answer.  End with carnet_debit_done() in either case. */
CARNET_API carnet_rc carnet_debit_read(carnet_debit *debit, const carnet_debit_policy *policy,
                                       const carnet_debit_link *link, carnet_span octets, carnet_time now,
                                       carnet_crypto *crypto, carnet_err *err);
/** In reference mode, when `resolving`. */
CARNET_API void carnet_debit_resolved(carnet_debit *debit, const carnet_debit_resolution *resolution);
/** Judge, book, answer and record.  A failure is one of the interfaces': undo the unit. */
CARNET_API carnet_rc carnet_debit_decide(carnet_debit *debit, const carnet_debit_journal *journal,
                                         const carnet_authorization_host *host, void *unit, carnet_crypto *crypto,
                                         carnet_err *err);
/** Make an answer of a finding alone, when the unit failed: nothing is recorded. */
CARNET_API carnet_rc carnet_debit_refuse(carnet_debit *debit, carnet_judged judged, carnet_crypto *crypto,
                                         carnet_err *err);
/** Wipe what is secret. */
CARNET_API void carnet_debit_done(carnet_debit *debit);

CARNET_END_DECLS
#endif
