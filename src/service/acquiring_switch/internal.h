/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_SERVICE_ACQUIRING_SWITCH_INTERNAL_H
#define CARNET_SERVICE_ACQUIRING_SWITCH_INTERNAL_H
#include "carnet/acquiring_switch.h"
#include "carnet/iso8583.h"
#include "carnet/link_payment.h"
#include "carnet/matching.h"
#include "carnet/message_mac.h"
#include "carnet/pin_block.h"
#include "carnet/service_config_services.h"
#include "carnet/store.h"
#include "carnet/store_forward.h"
#include "carnet/vector_carrier.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    SWITCH_MESSAGE = 8192,      /* octets of a message */
    SWITCH_PENDING = 4096,      /* requests that wait for issuers, all together */
    SWITCH_CONNECTIONS = 4096,  /* of terminals, all together */
    SWITCH_KEY = 32,            /* octets of a key */
    SWITCH_ROOM = 4096,         /* octets for values that a translation makes */
    SWITCH_STORED_MAX = 100000, /* messages that wait for one issuer at most */
    SWITCH_CLERK_BATCH = 256,   /* messages stored in one commit at most */
    SWITCH_STRANGE = 50,        /* strange answers that are remembered */
    SWITCH_LATE_MS = 600000,    /* how long a request that was given up is remembered */
    SWITCH_PLACE = 64,          /* characters of where a process is known by its number */
    SWITCH_SENDER = 128,        /* of a switch's name among others on its store */
    SWITCH_LOOK_MS = 1000       /* between looks at who sends */
};

/* What a link counts; read by other threads. */
typedef struct switch_counters {
    atomic_uint_fast64_t in, out, refused, unanswered, late, unmatched, reversed, forwarded, held, malformed, mac_wrong;
    atomic_uint_fast64_t depth; /* of what is stored and not acknowledged */
    atomic_int state;           /* carnet_keeping_state of an issuer's; connections of a terminals' */
} switch_counters;

typedef enum switch_carrier { SWITCH_CARRIER_TEXT, SWITCH_CARRIER_TLV, SWITCH_CARRIER_TLV_SHORT } switch_carrier;

typedef struct acquiring_switch acquiring_switch;
typedef struct switch_link switch_link;

/* A connection of a terminal; known by index and serial number, which outlive it. */
typedef struct switch_connection {
    carnet_payment_peer *peer;
    switch_link *link;
    uint64_t serial;
    bool signed_on;
    int64_t second; /* when the count began */
    unsigned count; /* of requests in it */
} switch_connection;

typedef struct switch_origin {
    uint32_t connection;
    uint64_t serial;
    uint8_t header[CARNET_FRAME_HEADER_MAX];
    uint8_t header_len;
} switch_origin;

typedef enum switch_kind { SWITCH_FREE, SWITCH_REQUEST, SWITCH_NETWORK, SWITCH_STORED } switch_kind;

/* What a person, and a terminal's repeat, know a message by. */
typedef struct switch_name {
    char kind[5], trace[13], terminal[17]; /* message type, DE 11, DE 41 without the blanks at its end */
} switch_name;

/* What the switch itself answers. */
typedef enum switch_answer {
    SWITCH_DONE,
    SWITCH_REVERSAL_DONE,
    SWITCH_NETWORK_DONE,
    SWITCH_UNAVAILABLE,
    SWITCH_NO_ROUTE,
    SWITCH_FORMAT,
    SWITCH_INVALID,
    SWITCH_MAC,
    SWITCH_DUPLICATE,
    SWITCH_SECURITY
} switch_answer;
void carnet_switch_code(carnet_iso8583_version version, switch_answer answer, char code[5]);

/* A request that an issuer was sent. */
typedef struct switch_pending {
    switch_kind kind;
    uint32_t next; /* free ones */
    switch_link *from, *to;
    switch_origin origin;
    carnet_keeping_act act; /* of NETWORK */
    switch_name name;       /* of REQUEST */
    bool reversed;          /* its terminal takes it back already */
    bool advice;            /* asks for no money: nothing to reverse */
    uint8_t *octets;        /* as the terminal sent it */
    size_t len, cap;
} switch_pending;

/* An answer that was too late, or to nothing: for the operator. */
typedef struct switch_strange {
    carnet_time time;
    const char *link; /* of the configuration */
    switch_name name;
} switch_strange;

/* What the clerk is to do with it. */
typedef enum switch_errand { SWITCH_INSERT, SWITCH_DELETE, SWITCH_HOLD } switch_errand;

/* A message that is kept until its issuer acknowledges it. */
typedef struct switch_stored {
    struct switch_stored *next;        /* arriving, or of its link */
    struct switch_stored *errand_next; /* the clerk's */
    switch_errand errand;
    switch_link *to;
    switch_link *from;    /* whose origin is told when it is durable; NULL: nobody's */
    int64_t id;           /* the store's */
    bool own;             /* the switch's, not a terminal's */
    bool sent;            /* once, or perhaps: repeats say so */
    switch_answer answer; /* what its origin is told */
    switch_name name;
    char reason[5]; /* the issuer's, of one that is held */
    switch_origin origin;
    uint8_t *request; /* as the terminal sent it, for the answer; NULL */
    size_t request_len;
    unsigned loads; /* the switch's, when it was given to the clerk */
    size_t len;
    uint8_t octets[]; /* in the issuer's flavour, without a good MAC */
} switch_stored;

struct switch_link {
    acquiring_switch *owner;
    const carnet_config_payment_link *config;
    bool issuer;
    const carnet_iso8583_spec *spec;
    void *spec_own; /* what it lies in; NULL: another link's */
    carnet_framing framing;
    uint8_t mac_octets[SWITCH_KEY], pin_octets[SWITCH_KEY];
    carnet_message_mac_key mac;
    carnet_pin_key pin;
    switch_carrier carrier;
    unsigned carrier_element, by;
    uint32_t answer_ms, repeat_ms;
    carnet_payment_end *end;
    switch_counters count;
    /* an issuer's */
    carnet_payment_peer *peer;
    carnet_keeping keeping;
    carnet_matching matching;
    carnet_matching_slot *slots;
    uint32_t *buckets;
    uint32_t stan;
    switch_stored *first, **last; /* what is durable and not acknowledged, in order */
    size_t stored;                /* how many, those that arrive included */
    bool stored_waits;            /* the first was sent */
    bool stored_strange;          /* what was sent is not the first any more: its answer is nobody's */
    int64_t stored_again;         /* when it may be sent again */
};

/* The thread that stores. */
typedef struct switch_clerk {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    switch_stored *todo, **todo_last;
    switch_stored *done, **done_last; /* stored */
    bool ending, runs, made;
} switch_clerk;

/* Whether this switch sends what waits, of those on its store. */
typedef struct switch_sender {
    char name[SWITCH_SENDER];
    _Atomic int64_t until; /* it does, by the monotonic clock; 0: another does */
    /* the clerk's */
    int64_t due, inserts;
    /* the loop's */
    bool sent; /* as it was at the last look */
} switch_sender;

struct acquiring_switch {
    const carnet_service_context *context;
    const carnet_config_acquiring_switch *config;
    carnet_service_worker *worker; /* the loop's thread's */
    carnet_payment_loop *loop;
    switch_link *links; /* terminals' first, then issuers' */
    size_t terminal_count, link_count;
    switch_connection *connections;
    uint64_t serials;
    switch_pending *pending;
    uint32_t pending_free;
    switch_clerk clerk;
    switch_sender sender;
    unsigned loads;                           /* how often the store was read */
    switch_stored *arriving, **arriving_last; /* not durable yet, in the order the clerk has them */
    pthread_t thread;
    atomic_bool ending, loaded, again; /* again: an operator put something back into the queue */
    bool runs;
    carnet_time now;                        /* as this batch or round began */
    void *desk;                             /* whose officers the operators are; NULL: no page */
    uint8_t out[SWITCH_MESSAGE + 64];       /* what is about to be sent */
    uint8_t made[SWITCH_MESSAGE];           /* a message of our own, before it is translated */
    uint8_t translated[SWITCH_MESSAGE];     /* the same, after */
    switch_strange strange[SWITCH_STRANGE]; /* the latest, a ring; under the clerk's lock */
    size_t strange_count;
    uint8_t room[SWITCH_ROOM];
    uint8_t between[SWITCH_MESSAGE]; /* from 1987 to 2003 and back: the message of 1993 */
    carnet_iso8583_spec *middle;     /* of that; NULL: no link needs it */
};

/* links.c */
carnet_rc carnet_switch_link_init(acquiring_switch *s, switch_link *link, const carnet_config_payment_link *config,
                                  bool issuer, carnet_err *err);
carnet_rc carnet_switch_link_open(switch_link *link, carnet_err *err);
void carnet_switch_link_done(switch_link *link);
/* What messages between 1987 and 2003 become on their way, if there are links of both. */
carnet_rc carnet_switch_middle(acquiring_switch *s, carnet_err *err);

/* messages.c */
/* All frames that are there. */
void carnet_switch_batch(void *self, const carnet_payment_frame *frames, size_t count);
/* Parse and check the MAC; *answer is what to refuse it with. */
bool carnet_switch_read(switch_link *link, carnet_span octets, carnet_iso8583_message *m, switch_answer *answer);
/* salvage.c: what stands before the data element that *err blames; false: nothing that could be answered. */
bool carnet_switch_salvage(const switch_link *link, carnet_span octets, const carnet_err *err,
                           carnet_iso8583_message *m);
/* Answer a terminal's (or an issuer's) request ourselves. */
void carnet_switch_reply(switch_link *link, carnet_payment_peer *peer, carnet_span header,
                         const carnet_iso8583_message *m, switch_answer answer);
/* The connection an origin names, if it is still there. */
carnet_payment_peer *carnet_switch_origin_peer(const acquiring_switch *s, const switch_origin *origin);
/* The link a message goes to; NULL: none. */
switch_link *carnet_switch_route(acquiring_switch *s, const carnet_iso8583_message *m);

/* requests.c */
void carnet_switch_request(acquiring_switch *s, switch_link *from, const switch_origin *origin,
                           const carnet_iso8583_message *m);
void carnet_switch_answered(switch_link *link, const carnet_iso8583_message *m);
/* Those whose time is over; all: the link is lost. */
void carnet_switch_give_up(switch_link *link, int64_t now, bool all);
switch_pending *carnet_switch_pending_new(acquiring_switch *s, switch_kind kind, carnet_span octets, uint64_t *tag);
void carnet_switch_pending_free(acquiring_switch *s, switch_pending *p);
void carnet_switch_name(const carnet_iso8583_message *m, switch_name *name);
/* The request that a terminal takes back, if it still waits, must not be answered any more. */
void carnet_switch_taken_back(acquiring_switch *s, const switch_link *from, const carnet_iso8583_message *reversal);
/* The key of octets that go out to an issuer, and wait for their answer. */
carnet_rc carnet_switch_await(switch_link *to, carnet_span octets, uint64_t tag, int64_t deadline, carnet_err *err);

/* reversal.c: the switch's own 0420 about a request that came to nothing, in the issuer's flavour; its answer, if any, is given
 * when the reversal is durable. */
void carnet_switch_reverse(acquiring_switch *s, switch_link *from, switch_link *to, const switch_origin *origin,
                           const carnet_iso8583_message *m);

/* stored.c: store and forward. */
/* A reversal or an advice of a terminal. */
void carnet_switch_store(acquiring_switch *s, switch_link *from, const switch_origin *origin,
                         const carnet_iso8583_message *m);
/* One of our own about the request m; from NULL: nobody waits for an answer to that. */
void carnet_switch_store_own(switch_link *to, carnet_span octets, switch_link *from, const switch_origin *origin,
                             const carnet_iso8583_message *m);
/* Send the first of a link, if it is time to. */
void carnet_switch_forward(switch_link *link, int64_t now);
/* It was answered, or not. */
void carnet_switch_forwarded(switch_link *link, const carnet_iso8583_message *answer);
/* What the clerk has done. */
void carnet_switch_stored(acquiring_switch *s);
/* A message that is on the way from the store to its link's queue, as `octets` were. */
switch_stored *carnet_switch_stored_new(switch_link *to, carnet_span octets);
void carnet_switch_stored_free(switch_stored *item);
void carnet_switch_stored_queue(switch_stored *item);
/* It is in its link's queue already. */
bool carnet_switch_stored_known(const switch_link *link, int64_t id);

/* clerk.c */
carnet_rc carnet_switch_clerk_start(acquiring_switch *s, carnet_err *err);
/* When all that it was given is done, or cannot be. */
void carnet_switch_clerk_stop(acquiring_switch *s);
void carnet_switch_clerk_give(acquiring_switch *s, switch_stored *item, switch_errand errand);
/* What was stored since this was asked last, in order. */
switch_stored *carnet_switch_clerk_take(acquiring_switch *s);

/* sender.c */
carnet_rc carnet_switch_sender_init(acquiring_switch *s, carnet_err *err);
/* Look who sends, and claim it, or claim it again, if nobody else does; the clerk's, and the loop's before it serves. */
carnet_rc carnet_switch_sender_claim(acquiring_switch *s, carnet_err *err);
void carnet_switch_sender_give_back(acquiring_switch *s);
/* Milliseconds until the next look. */
int64_t carnet_switch_sender_due(const acquiring_switch *s);
/* Whether this is the one that sends, now. */
bool carnet_switch_sends(const acquiring_switch *s);
/* The loop's: it has become so, or is no more: the queues are read, or forgotten. */
void carnet_switch_sender_look(acquiring_switch *s);

/* load.c: all that is stored, from before. */
carnet_rc carnet_switch_load(acquiring_switch *s, carnet_err *err);

/* network.c */
/* A request of network management, from either side. */
void carnet_switch_network(switch_link *link, carnet_payment_peer *peer, carnet_span header,
                           const carnet_iso8583_message *m);
/* Do what a link's keeping demands. */
void carnet_switch_keep(switch_link *link, int64_t now);
void carnet_switch_kept(switch_link *link, carnet_keeping_act act, const carnet_iso8583_message *answer);

/* translate.c */
/* A message of one link as the other writes it, with its MAC.  `asked` of an answer: the request as `to` wrote it; NULL: none. */
carnet_rc carnet_switch_translate(switch_link *from, switch_link *to, const carnet_iso8583_message *m,
                                  const carnet_iso8583_message *asked, carnet_buf *out, carnet_err *err);
/* Build, with the link's MAC. */
carnet_rc carnet_switch_build(switch_link *link, carnet_iso8583_builder *b, carnet_buf *out, carnet_err *err);
/* Make the MAC of a message that has room for it anew; `from` is where it begins in the buffer. */
carnet_rc carnet_switch_protect(switch_link *link, carnet_buf *out, size_t from, carnet_err *err);
/* The element that has the MAC, or 0. */
unsigned carnet_switch_mac_element(const carnet_iso8583_message *m);

/* version.c, version_2003.c: what is said otherwise in the other version; the builder has all elements of m. */
typedef struct switch_times {
    carnet_time now;
    bool local; /* reversals of 1987 have their original's DE 12 and 13 */
} switch_times;
void carnet_switch_1987_to_1993(const carnet_iso8583_message *m, const switch_times *times, carnet_iso8583_builder *b,
                                carnet_buf *room);
void carnet_switch_1993_to_1987(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room);
carnet_rc carnet_switch_1993_to_2003(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room,
                                     carnet_err *err);
void carnet_switch_2003_to_1993(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room);

/* run.c */
void carnet_switch_event(const acquiring_switch *s, const char *kind, const char *outcome, const char *reason);

/* page.c */
extern const carnet_service_route carnet_switch_page_route, carnet_switch_settle_route;
/* metrics.c */
void carnet_switch_metrics(void *self, carnet_buf *out);

#endif
