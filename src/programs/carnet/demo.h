/* SPDX-License-Identifier: Apache-2.0 */
/* The story of `carnet demo`: an authority, a holder and a reader, each its own process. */
#ifndef CARNET_DEMO_H
#define CARNET_DEMO_H
#include "cli.h"

#include "carnet/certificate_builder.h"
#include "carnet/link_socket.h"

#define DEMO_TIMEOUT_MS  15000
#define DEMO_MESSAGE_MAX ((size_t)256 << 10)
#define DEMO_DOC_TYPE    "org.iso.18013.5.1.mDL"
#define DEMO_NAME_SPACE  "org.iso.18013.5.1"

/** What every party has. */
typedef struct demo {
    const char *party;     /**< NULL: the one that starts the others */
    const char *directory; /**< where the artefacts go */
    const char *sockets;   /**< where the parties meet */
    bool quiet;            /**< no QR code in the terminal */
    carnet_crypto crypto;
    carnet_time now;
} demo;

int demo_authority(demo *d);
int demo_holder(demo *d);
int demo_reader(demo *d);

/** One line of the story, said by the party. */
void demo_say(const demo *d, const char *format, ...) CARNET_PRINTF(2, 3);
/** A message crossing a numbered interface of ISO/IEC 23220-1. */
void demo_cross(const char *interface, const char *from, const char *to, const char *what, size_t octets);
/** Say what went wrong, as the party, and end the process. */
_Noreturn void demo_die(const demo *d, const char *what, const carnet_err *err);
/** demo_die() unless rc is CARNET_OK. */
void demo_check(const demo *d, const char *what, carnet_rc rc, const carnet_err *err);
/** A file of the artefacts. */
const char *demo_file(const demo *d, const char *name);
/** Keep bytes as a file of the artefacts. */
void demo_keep(const demo *d, const char *name, carnet_span bytes);
/** Wait until a file is there. */
void demo_wait_for(const demo *d, const char *path);

/** Make a certificate with a fresh P-256 key; writes NAME.pem and NAME.key, returns the DER. */
carnet_span demo_make_certificate(demo *d, const char *name, carnet_certificate_spec *spec,
                                  const carnet_certificate *issuer, carnet_key *issuer_key, carnet_key *key);

#endif
