/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which answer belongs to which request of a connection that carries many at
 * once (a multiplexer), and the life of that connection: sign-on, echo when it
 * is idle, and when to give it up.
 *
 * An answer is known by its class (ISO 8583: 0200 and 0210 are of one) and by the
 * elements the two ends agreed on.  The caller owns the slots: as many requests
 * can wait at once.  Nothing is allocated, nothing is sent, no clock is read:
 * times are milliseconds of any clock that does not jump.  One thread.
 */
#ifndef CARNET_MATCHING_H
#define CARNET_MATCHING_H
#include "carnet/iso8583.h"
CARNET_BEGIN_DECLS

/** What an answer has in common with its request, beside the class. */
enum {
    CARNET_MATCH_TIME = 1,      /**< DE 7, transmission date and time */
    CARNET_MATCH_STAN = 2,      /**< DE 11, system trace audit number */
    CARNET_MATCH_ACQUIRER = 4,  /**< DE 32 */
    CARNET_MATCH_REFERENCE = 8, /**< DE 37, retrieval reference number */
    CARNET_MATCH_TERMINAL = 16, /**< DE 41, compared without the blanks at its end */
    CARNET_MATCH_DEFAULT = CARNET_MATCH_STAN | CARNET_MATCH_TERMINAL
};

#define CARNET_MATCHING_KEY 64 /**< octets of a key at most */

/** What a message is known by.  Network management (class 8) is known by DE 11, and by DE 7 if that is asked for: many peers
 *  leave the rest out there. */
typedef struct carnet_matching_key {
    uint8_t octets[CARNET_MATCHING_KEY];
    uint8_t len; /**< 0: the message lacks an element */
} carnet_matching_key;

/** The key of a message, request or answer.  CARNET_E_MATCHING_KEY: it has no DE 11, or the elements are too long. */
CARNET_API carnet_rc carnet_matching_key_of(const carnet_iso8583_message *message, unsigned by,
                                            carnet_matching_key *key, carnet_err *err);

typedef struct carnet_matching_slot {
    carnet_matching_key key;
    uint64_t tag;                  /**< the caller's */
    int64_t deadline;              /**< of what waits; when a late one is forgotten, of what is over */
    uint32_t chain, before, after; /**< of the bucket; of the list it is in */
    uint8_t state;                 /**< free, waits, over */
} carnet_matching_slot;

/** A table of requests that wait.  Keep it where it is. */
typedef struct carnet_matching {
    carnet_matching_slot *slots;
    uint32_t *buckets;
    uint32_t slot_count, bucket_count, waiting, over, free;
    uint32_t first[2], last[2]; /**< of those that wait, and of those that are over: by deadline */
    uint32_t memory_ms;
} carnet_matching;

/** Over the caller's slots and buckets (a power of two, about as many).  A request that was given up is remembered for
 *  `memory_ms`, while there is room, so that its answer is known to be late. */
CARNET_API void carnet_matching_init(carnet_matching *m, carnet_matching_slot *slots, uint32_t slot_count,
                                     uint32_t *buckets, uint32_t bucket_count, uint32_t memory_ms);
/** A request goes out; `tag` is given back with its answer.  CARNET_E_MATCHING_FULL: no slot is left.  CARNET_E_MATCHING_TWICE: one
 *  with this key waits already. */
CARNET_API carnet_rc carnet_matching_sent(carnet_matching *m, const carnet_matching_key *key, uint64_t tag,
                                          int64_t deadline, carnet_err *err);

typedef enum carnet_match {
    CARNET_MATCH_NONE,  /**< nobody asked for it */
    CARNET_MATCH_FOUND, /**< *tag is the request's, which waits no more */
    CARNET_MATCH_LATE   /**< its request was given up: *tag is its.  Must change nothing any more */
} carnet_match;

/** An answer came in. */
CARNET_API carnet_match carnet_matching_received(carnet_matching *m, const carnet_matching_key *key, uint64_t *tag);
/** Take the next request whose time is over at `now`; false: there is none.  Its answer will be late. */
CARNET_API bool carnet_matching_expired(carnet_matching *m, int64_t now, uint64_t *tag);
/** Take any request that waits, as if its time were over (the connection is lost). */
CARNET_API bool carnet_matching_abandon(carnet_matching *m, int64_t now, uint64_t *tag);
/** When the next one's time is over; INT64_MAX: nothing waits. */
CARNET_API int64_t carnet_matching_next(const carnet_matching *m);

/* --- the life of a connection --- */

/** How a connection is kept; 0 in parentheses. */
typedef struct carnet_keeping_config {
    uint32_t echo_ms;   /**< nothing heard so long: an echo (0: never) */
    uint32_t answer_ms; /**< how long sign-on, echo and key change wait for their answer (10,000) */
    uint32_t retry_ms;  /**< after a sign-on that failed (5,000) */
    unsigned echoes;    /**< so many in a row without answer end the connection (2) */
    bool sign_on;       /**< nothing else goes out before sign-on was answered well */
    bool key_change;    /**< after sign-on, ask for a key */
} carnet_keeping_config;

typedef enum carnet_keeping_act {
    CARNET_KEEPING_NOTHING,
    CARNET_KEEPING_SIGN_ON,    /**< send 0800 with DE 70 001 (1993: 1804, DE 24 801) */
    CARNET_KEEPING_KEY_CHANGE, /**< 101 (811) */
    CARNET_KEEPING_ECHO,       /**< 301 (831) */
    CARNET_KEEPING_CLOSE       /**< nobody is there any more */
} carnet_keeping_act;

typedef enum carnet_keeping_state {
    CARNET_KEEPING_DOWN,
    CARNET_KEEPING_SIGNING_ON, /**< connected; only network management goes */
    CARNET_KEEPING_CHANGING,   /**< signed on, waits for a key */
    CARNET_KEEPING_UP
} carnet_keeping_state;

typedef struct carnet_keeping {
    carnet_keeping_config config;
    carnet_keeping_state state;
    carnet_keeping_act asked; /**< what waits for its answer; NOTHING: nothing does */
    int64_t until;            /**< for how long, or when it may be asked again */
    int64_t heard;
    unsigned silent; /**< echoes without answer, in a row */
} carnet_keeping;

/** Not connected.  The configuration is copied. */
CARNET_API void carnet_keeping_init(carnet_keeping *k, const carnet_keeping_config *config);
/** There is a connection: it begins with sign-on, or is up at once. */
CARNET_API void carnet_keeping_connected(carnet_keeping *k, int64_t now);
/** There is none any more; nothing is due until there is one again. */
CARNET_API void carnet_keeping_lost(carnet_keeping *k);
/** Something was heard, whatever it is. */
CARNET_API void carnet_keeping_heard(carnet_keeping *k, int64_t now);
/** The answer to what was asked: good, or refused. */
CARNET_API void carnet_keeping_answered(carnet_keeping *k, carnet_keeping_act asked, bool good, int64_t now);
/** The peer signs off (002): as if it had not signed on. */
CARNET_API void carnet_keeping_signed_off(carnet_keeping *k, int64_t now);
/** What is to be done now; it counts as done. */
CARNET_API carnet_keeping_act carnet_keeping_next(carnet_keeping *k, int64_t now);
/** When to ask again; INT64_MAX: nothing will be due by itself. */
CARNET_API int64_t carnet_keeping_due(const carnet_keeping *k);

CARNET_END_DECLS
#endif
