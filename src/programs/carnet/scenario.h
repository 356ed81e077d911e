/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of ISO/IEC 23220-1 as scenarios: each party a process of its own, running the commands a person would. */
#ifndef CARNET_CLI_SCENARIO_H
#define CARNET_CLI_SCENARIO_H
#include "cli.h"

#include <sys/types.h>

#define SCENARIO_PARTIES_MAX 20

typedef struct scenario {
    const char *transport; /* NULL: the scenario's first */
    bool trace, offline, json;
    const char *variant, *mode, *carrier; /* of cardless cash; NULL: the first */
    const char *restart, *at;             /* a party, and after which step; NULL: none */
    const char *keep;                     /* NULL: the files are removed */
    const char *directory;                /* where the parties' files are */
    pid_t parties[SCENARIO_PARTIES_MAX];
    size_t party_count;
    unsigned messages; /* that crossed so far */
} scenario;

/** A row of the table. */
typedef struct scenario_entry {
    const char *name, *figure, *title;
    const char *const *transports; /* ends with NULL; NULL: it has none */
    int (*run)(scenario *s);       /* returns the exit status */
    void (*choose)(scenario *s);   /* looks at variant, mode, ...; NULL: it has none of them */
} scenario_entry;

extern const char *const scenario_onsite_transports[];
int scenario_onsite(scenario *s);
extern const char *const scenario_issuing_ways[];
int scenario_identify(scenario *s);
int scenario_issue(scenario *s);

/* --- parties --- */

/** A file of the scenario. */
const char *scenario_file(const scenario *s, const char *name);
/** Start `carnet`, or argv[0] if that is a path, with these arguments (ending with NULL) in the scenario's directory; its output goes to OUT (a name there;
 *  NULL: nowhere).  `inherit` is a descriptor it gets, or -1.  Ends when this process does. */
pid_t scenario_start(scenario *s, const char *const *argv, const char *out, int inherit);
/** Run it to its end; dies, with what it said, unless it ends with 0. */
void scenario_do(scenario *s, const char *const *argv);
/** Start a function as a process of its own. */
pid_t scenario_start_function(scenario *s, void (*run)(void *context), void *context);
/** Wait for a party; its exit status. */
int scenario_wait(scenario *s, pid_t party);
/** End all parties that are left. */
void scenario_stop(scenario *s);
/** Wait until a file is there and not empty; false: it did not come, or the party ended before. */
bool scenario_wait_for(const scenario *s, const char *name, pid_t party);
/** Whether the story is told in lines of JSON. */
void scenario_speak(bool json);
/** One line of the story. */
void scenario_say(const char *party, const char *format, ...) CARNET_PRINTF(2, 3);
/** Print what a party has written. */
void scenario_show(const scenario *s, const char *name);

/* --- messages --- */

/** A message as it crosses. */
typedef struct scenario_message {
    const char *interface, *from, *to, *message;
    long long octets;
    carnet_span bytes; /* empty where only its length is known */
} scenario_message;
void scenario_print_message(scenario *s, const scenario_message *message);
/** One that another process told (see cli_cross()). */
struct carnet_json;
void scenario_print_crossing(scenario *s, const struct carnet_json *line);
/** Print each message told to the descriptor (see onsite_cross()) until it is closed; with --trace, decoded. */
void scenario_print_crossings(scenario *s, int fd);

/* --- validation service, private PC/SC and network --- */

/** Serve the scenario's file NAME by HTTP on the listening socket; for scenario_start_function(). */
typedef struct scenario_server {
    int listener;
    const char *path; /* of the file */
} scenario_server;
void scenario_serve(void *server);
/** A listening socket on loopback and its port. */
int scenario_listen(unsigned *port);
/** Go into namespaces of one's own and start pcscd with a virtual antenna there; NULL, or why this machine cannot. */
const char *scenario_start_pcscd(scenario *s);
/** Go into a network of one's own, where nan0 (fe80::1) and nan1 (fe80::2) see each other; NULL, or why not. */
const char *scenario_start_network(scenario *s);
/** The antenna's port. */
#define SCENARIO_ANTENNA "7011"

#endif
