/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases: from a terminal without echo, a file or a descriptor; never from the command line or the environment. */
#ifndef CARNET_CLI_PASSPHRASE_H
#define CARNET_CLI_PASSPHRASE_H
#include "carnet/argon2.h"
#include "cli.h"

#define PASSPHRASE_MAX 1024

/** Where it comes from: both empty: the terminal is asked. */
typedef struct passphrase_source {
    const char *file; /* --passphrase-file */
    int fd;           /* --passphrase-fd; -1: none */
} passphrase_source;

/** A passphrase; wipe it with passphrase_done(). */
typedef struct passphrase {
    uint8_t bytes[PASSPHRASE_MAX];
    size_t len;
} passphrase;

/** Get one: of a file or descriptor the first line, else ask for it with `prompt`, and `twice` where it is new.  Dies when
 *  there is none to be had. */
void passphrase_get(const passphrase_source *source, const char *prompt, bool twice, passphrase *p);
/** "KIB:PASSES:LANES"; dies on anything else. */
void passphrase_cost(const char *argument, carnet_argon2_cost *cost);
carnet_span passphrase_span(const passphrase *p);
void passphrase_done(passphrase *p);
/** Whether the terminal is asked. */
bool passphrase_is_asked(const passphrase_source *source);
/** Keep what this process holds out of core dumps and other processes' sight. */
void passphrase_guard_process(void);

#endif
