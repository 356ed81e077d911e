/* SPDX-License-Identifier: Apache-2.0 */
/* A switch between terminals and an issuer of the test's own; in this process, or in one that may be killed. */
#ifndef TEST_ACQUIRING_SWITCH_WORLD_H
#define TEST_ACQUIRING_SWITCH_WORLD_H
#include "carnet/acquiring_switch.h"
#include "carnet/iso8583.h"
#include "carnet/link_payment.h"
#include "carnet/message_mac.h"
#include "carnet/store.h"
#include "support/support.h"

#include <pthread.h>
#include <sys/types.h>

enum { ISSUER_MESSAGES = 4096, MESSAGE_MAX = 2048, PATIENCE_MS = 60000 };

/* How messages are written on a link. */
typedef struct written {
    const carnet_iso8583_spec *spec;
    carnet_framing framing;
    carnet_message_mac_key mac;    /* size 0: none */
    const carnet_payment_tls *tls; /* NULL: none */
} written;

typedef struct received {
    carnet_mti mti;
    char trace[16], terminal[20];
    uint8_t octets[MESSAGE_MAX];
    size_t len;
} received;

typedef enum manner { ANSWERS, IS_SILENT, WAITS } manner; /* WAITS: until issuer_release() */

/* An issuer: answers what it is asked, or does not. */
typedef struct issuer {
    carnet_payment_server *server;
    uint16_t port;
    written how;
    pthread_mutex_t lock;
    manner requests, reversals, network;
    const char *code; /* DE 39 of answers to requests; NULL: approved */
    const char *reversal_code;
    bool release, mac_wrong;
    received messages[ISSUER_MESSAGES];
    size_t count;
    struct {
        carnet_payment_peer *peer;
        size_t message;
    } held[64];
    size_t held_count;
} issuer;

void issuer_begin(issuer *i, const written *how, uint16_t port);
void issuer_end(issuer *i);
/* What it does with requests and with reversals (and advices) from now on. */
void issuer_does(issuer *i, manner requests, manner reversals);
void issuer_release(issuer *i);
/* Wait until it has received so many messages of a class. */
void issuer_until(issuer *i, unsigned class, size_t count);
size_t issuer_count(issuer *i, unsigned class);
/* The n-th message of a class, from 0. */
const received *issuer_message(issuer *i, unsigned class, size_t n);

/* What to put into a message: data element and text; the end is 0. */
typedef struct element {
    unsigned number;
    const char *text;
} element;

size_t message_make(const written *how, const char *mti, const element *elements, uint8_t *out);
void message_parse(const written *how, carnet_span octets, carnet_iso8583_message *m);

typedef struct terminal {
    carnet_payment_client *client;
    written how;
    uint8_t octets[MESSAGE_MAX + 64];
    carnet_span answer;
    carnet_iso8583_message message;
    char code[5];
} terminal;

void terminal_begin(terminal *t, const written *how, uint16_t port);
void terminal_end(terminal *t);
void terminal_send(terminal *t, const char *mti, const element *elements);
/* The next message; false: none came in time. */
bool terminal_receive(terminal *t, int timeout_ms);
/* Send and receive; the answer's DE 39. */
const char *terminal_ask(terminal *t, const char *mti, const element *elements);
/* The usual withdrawal, with this trace number. */
const element *withdrawal(const char *trace);
/* The reversal of it. */
const element *reversal(const char *trace);

typedef struct switch_world {
    char folder[64];
    carnet_config_payment_link terminals[2], issuers[2];
    carnet_config_payment_route routes[4];
    carnet_config_acquiring_switch section;
    carnet_config_services services;
    carnet_config config;
    carnet_store *store;
    carnet_service_context *context;
    void *self;
    pid_t process; /* 0: in this one */
    uint16_t port;
    pthread_mutex_t lock;
    char log[65536];
    size_t log_len;
} switch_world;

/* A folder, and the simplest configuration: one link of each side, alike. */
int switch_begin(switch_world *w, uint16_t issuer_port);
int switch_end(switch_world *w);
/* Another on the same store, which ends before the first does.  The store is a file of the folder's, or what CARNET_TEST_SWITCH_STORE
 * names. */
void switch_beside(switch_world *w, const switch_world *first);
void switch_start(switch_world *w);
void switch_stop(switch_world *w);
/* In a process of its own, made of the same folder; the port of terminals stays. */
void switch_spawn(switch_world *w);
void switch_kill(switch_world *w);
/* What main() of such a process does; false: this is not one. */
bool switch_is_process(int argc, char **argv);
/* Wait until the log has this text so many times. */
void switch_until_logged(switch_world *w, const char *text, size_t count);
/* Wait until its issuers are there. */
void switch_until_up(switch_world *w);
uint64_t switch_metric(switch_world *w, const char *line);

void written_as(written *how, carnet_iso8583_version version, const char *flavour, const char *framing);
void pause_ms(unsigned ms);

#endif
