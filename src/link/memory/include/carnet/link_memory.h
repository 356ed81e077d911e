/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two links of one process, each the other's peer, with faults on demand.
 *
 * The two ends may be used by two threads, or by one that never waits (a
 * timeout of 0: CARNET_E_LINK_TIMEOUT when nothing is there).  Sending never
 * blocks.  What was sent before an end is closed still arrives; then the peer
 * gets CARNET_E_LINK_CLOSED.
 */
#ifndef CARNET_LINK_MEMORY_H
#define CARNET_LINK_MEMORY_H
#include "carnet/link.h"
CARNET_BEGIN_DECLS

#define CARNET_LINK_MEMORY_QUEUE 64                /**< messages under way in one direction */
#define CARNET_LINK_MEMORY_MAX   ((size_t)1 << 24) /**< octets of one message */

/** What becomes of a message that is sent. */
typedef enum carnet_link_fault_kind {
    CARNET_LINK_FAULT_NONE,
    CARNET_LINK_FAULT_DROP,     /**< it never arrives */
    CARNET_LINK_FAULT_REPEAT,   /**< it arrives twice */
    CARNET_LINK_FAULT_TRUNCATE, /**< only its first `amount` octets arrive */
    CARNET_LINK_FAULT_ALTER,    /**< the lowest bit of octet `amount` is turned over (of the last, if it has fewer) */
    CARNET_LINK_FAULT_REORDER,  /**< it arrives after the next of the same end, or when that end is closed */
    CARNET_LINK_FAULT_DELAY,    /**< it arrives, and what was sent after it, `amount` milliseconds late */
    CARNET_LINK_FAULT_CLOSE     /**< instead of its sending the connection breaks: CARNET_E_LINK_LOST at both ends */
} carnet_link_fault_kind;

typedef struct carnet_link_fault {
    carnet_link_fault_kind kind;
    uint64_t message; /**< which of the messages this end sends, from 0 */
    size_t amount;
} carnet_link_fault;

/** Make a pair.  Each end is closed with carnet_link_close(); the second to be closed releases what they share. */
CARNET_API carnet_rc carnet_link_memory_pair(carnet_link *one, carnet_link *other, carnet_err *err);
/** What shall become of messages that this end sends.  The list is the caller's, and stays until the end is closed; the first
 *  that names a message counts.  What is late or held back by then arrives at once.  CARNET_E_USAGE: this is no link of a pair. */
CARNET_API carnet_rc carnet_link_memory_faults(carnet_link *end, const carnet_link_fault *faults, size_t count,
                                               carnet_err *err);

CARNET_END_DECLS
#endif
