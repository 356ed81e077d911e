/* SPDX-License-Identifier: Apache-2.0 */
/* A holder with a virtual card, in a thread: engages, answers messages, and says how it ended. */
#ifndef CARNET_TEST_HOLDER_H
#define CARNET_TEST_HOLDER_H
#include "carnet/link_vpcd.h"

#include <pthread.h>

enum { MESSAGES_MAX = 4 };

typedef struct carnet_test_holder {
    uint16_t port;
    carnet_nfc_limits limits;
    bool negotiated;
    unsigned wait_ms, decide_ms;  /**< negotiated: the reader's waiting time; how long the holder decides */
    unsigned think_ms;            /**< before each answer */
    size_t asks[MESSAGES_MAX];    /**< lengths of the messages; ends with 0 */
    size_t answers[MESSAGES_MAX]; /**< and of their answers; 0: none */
    carnet_rc rc;                 /**< how it ended */
    carnet_err err;
    unsigned engaged;   /**< handovers read to the end */
    bool linked, wrong; /**< data transfer was reached; a message had other octets than it should */
    carnet_link_traffic traffic;
    uint8_t request[600]; /**< the handover request as it came */
    size_t request_len;
    pthread_t thread;
} carnet_test_holder;

/** The octets of a message of the given length; the same for both sides. */
void carnet_test_fill(uint8_t *octets, size_t len, unsigned salt);
/** The Handover Select that the holder gives, with these limits. */
carnet_span carnet_test_select(carnet_nfc_limits limits, uint8_t room[600]);
/** The Handover Request that a reader makes. */
carnet_span carnet_test_request(carnet_nfc_limits limits, uint8_t room[600]);
void carnet_test_holder_start(carnet_test_holder *holder);
/** Wait for its end. */
void carnet_test_holder_join(carnet_test_holder *holder);

#endif
