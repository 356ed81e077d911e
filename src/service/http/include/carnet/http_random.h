/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Randomness drawn in larger pieces and handed out in small ones: to ask
 * OpenSSL for sixteen octets costs as much as for a thousand.  An octet is
 * handed out once, and wiped then; a child process draws its own.  One
 * thread's, or under a lock.
 */
#ifndef CARNET_HTTP_RANDOM_H
#define CARNET_HTTP_RANDOM_H
#include "carnet/random.h"

#include <sys/types.h>
CARNET_BEGIN_DECLS

typedef struct carnet_service_random {
    carnet_random source;
    size_t left;   /**< the first so many octets are not used yet */
    pid_t process; /**< that drew them */
    uint8_t octets[2048];
} carnet_service_random;

/** A source in the caller's storage, which must stay where it is. */
carnet_random carnet_service_random_of(carnet_service_random *pool, carnet_random source);
/** Wipe what is left. */
void carnet_service_random_done(carnet_service_random *pool);

CARNET_END_DECLS
#endif
