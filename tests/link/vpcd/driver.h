/* SPDX-License-Identifier: Apache-2.0 */
/* A driver of vpcd's protocol that says what a test tells it to, before a card in the same thread. */
#ifndef CARNET_TEST_DRIVER_H
#define CARNET_TEST_DRIVER_H
#include "carnet/link_vpcd.h"

#define SELECT_TAG      "00a4040007d2760000850101"
#define SELECT_TRANSFER "00a4040c07a0000002480400"

typedef struct driver {
    int listener, fd;
    uint16_t port;
    carnet_vpcd *card;
} driver;

/** Wait for a card and open one; `options` may be NULL. */
void driver_begin(driver *d, const carnet_vpcd_options *options);
/** Close all that is still open. */
void driver_finish(driver *d);
/** The driver goes away. */
void driver_leave(driver *d);
/** Send a frame, given in hexadecimal: one octet is a control octet. */
void driver_say(driver *d, const char *hex);
/** Send octets as they are. */
void driver_say_raw(driver *d, const void *octets, size_t len);
/** Fail unless the card has answered this, or nothing for NULL. */
void driver_hears(driver *d, const char *hex);

#endif
