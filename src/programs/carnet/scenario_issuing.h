/* SPDX-License-Identifier: Apache-2.0 */
/* An issuing authority for scenarios: carnetd, its deployment, and the officer at its desk. */
#ifndef CARNET_CLI_SCENARIO_ISSUING_H
#define CARNET_CLI_SCENARIO_ISSUING_H
#include "scenario.h"

#define SCENARIO_DOCUMENT "org.iso.18013.5.1.mDL"

typedef struct scenario_issuer {
    const char *program;  /* carnetd */
    unsigned port;        /* of its services; the next one is for administration */
    const char *base;     /* "http://127.0.0.1:port" */
    const char *password; /* of the officer */
    pid_t process;
} scenario_issuer;

/** What a person takes from the desk, or from the authority's letter. */
typedef struct scenario_offer {
    const char *link, *tx_code;
} scenario_offer;

/** Make a deployment in the scenario's folder "authority" and start it. */
void scenario_issuer_start(scenario *s, scenario_issuer *issuer);
/** The user identification service knows for whom: an offer is made over the administration's listener. */
scenario_offer scenario_issuer_offer(const scenario *s, const scenario_issuer *issuer);
/** The first of so many free ports (32 at most) that follow each other, kept from others until this command ends. */
unsigned scenario_ports(unsigned count);
/** carnetd: beside this command, or where the build puts it. */
const char *scenario_program(void);
/** Start carnetd with these arguments, its log a file of the scenario's, and wait until it serves. */
pid_t scenario_daemon(scenario *s, const char *const *argv, const char *log);
/** Ask an administration's listener on loopback, in plain; the answer's JSON, or NULL where it has none.  Dies when it is refused. */
struct carnet_json *scenario_ask(unsigned port, const char *method, const char *path, const char *body);
/** Make the holder's wallet: "store", unlocked by "passphrase". */
void scenario_wallet(scenario *s);
/** Start a configuration file of the scenario's as "NAME", and wait until it serves. */
pid_t scenario_carnetd(scenario *s, const scenario_issuer *issuer, const char *name, const char *config);
/** Read a private file of the scenario's, its last line end cut off. */
const char *scenario_text(const scenario *s, const char *name);

/** An enrolment officer's browser, from log-in to the confirmed case: each page over IS-4 is told to `tell`. */
scenario_offer scenario_officer(const scenario *s, const scenario_issuer *issuer, int tell);

/** The offer that another process wrote, a line each: link and code; closes `fd`. */
scenario_offer scenario_offer_read(int fd);

/** Let the holder's wallet accept an offer; `more` (ends with NULL) are further options.  Prints the messages. */
int scenario_accept(scenario *s, const scenario_offer *offer, const char *const *more);

#endif
