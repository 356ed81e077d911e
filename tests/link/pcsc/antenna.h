/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PC/SC service of one's own with a virtual reader of two slots, and an
 * antenna: what passes between the reader's driver and the virtual card.
 */
#ifndef CARNET_TEST_ANTENNA_H
#define CARNET_TEST_ANTENNA_H
#include "carnet/base.h"

#include <pthread.h>

/** Ports of the two slots, in a network of this process only. */
enum { FIRST_SLOT = 7001, SECOND_SLOT = 7002, ANTENNA = 7003 };

/** Go into namespaces of one's own; NULL, or why that cannot be.  Before any thread. */
const char *carnet_test_alone(void);
/** Start pcscd; NULL, or why that cannot be. */
const char *carnet_test_pcscd_start(void);
void carnet_test_pcscd_stop(void);
/** Open descriptors of this process. */
int carnet_test_descriptors(void);
/** Kibioctets of memory in use. */
long carnet_test_memory(void);

/** What becomes of a response. */
typedef enum carnet_test_fault {
    SOUND,
    CUT_SHORT, /**< without its last octet */
    TOO_LONG,  /**< with one more */
    REPEATED,  /**< the one before comes again */
    NO_STATUS  /**< its status word is none */
} carnet_test_fault;

/** What the antenna does to the frames that pass. */
typedef struct carnet_test_antenna {
    unsigned cut_at;           /**< take the card off at this command, counted from 1; 0: never */
    bool before_response;      /**< after the command has reached the card, else before */
    unsigned late_at, late_ms; /**< keep this response back for that long */
    unsigned fault_at;         /**< alter this response */
    carnet_test_fault fault;
    bool altered;                             /**< so that it is another */
    unsigned commands;                        /**< that have passed */
    uint64_t command_octets, response_octets; /**< of APDUs */
    uint16_t port;
    bool control;
    volatile bool lifted;
    int listener, reader, card;
    pthread_t thread;
} carnet_test_antenna;

/** Lay an antenna on the slot at `port`; a card that connects to ANTENNA comes into its field. */
void carnet_test_antenna_lay(carnet_test_antenna *antenna, uint16_t port);
/** Take it away, and the card with it. */
void carnet_test_antenna_lift(carnet_test_antenna *antenna);

#endif
