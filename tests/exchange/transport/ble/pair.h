/* SPDX-License-Identifier: Apache-2.0 */
/* Two machines joined in memory: what one does happens to the other, with a fault where a test wants one. */
#ifndef CARNET_TEST_BLE_PAIR_H
#define CARNET_TEST_BLE_PAIR_H
#include "carnet/ble.h"

#define PAIR_STORAGE 70000

/** What goes wrong with the event of the given number. */
typedef enum pair_fault {
    FAULT_NONE,
    FAULT_LOSE,     /**< the connection is lost instead */
    FAULT_DROP,     /**< it never comes */
    FAULT_REPEAT,   /**< it comes twice */
    FAULT_TRUNCATE, /**< its value lacks the last octet; without a value, it is dropped */
    FAULT_REORDER,  /**< it comes after the next one for the same side */
    FAULT_LATE,     /**< it comes after the receiver's deadline */
    FAULT_REFUSE    /**< it fails instead */
} pair_fault;
#define PAIR_FAULTS 8

typedef struct pair {
    carnet_ble client, server;
    carnet_ble_parameters client_parameters, server_parameters;
    uint8_t client_storage[PAIR_STORAGE], server_storage[PAIR_STORAGE];
    size_t capacity; /**< of either side; 0: all */
    uint32_t mtu, sdu;
    uint32_t lacking; /**< characteristics the server has not: bits */
    pair_fault fault;
    unsigned fault_at, events; /**< the first event is number 1 */
    bool advertised, joined;
    unsigned connections;
    bool held;
    carnet_ble *held_for;
    carnet_ble_event held_event;
    uint8_t held_value[4096];
} pair;

/** Both sides of a mode with everything agreed, at an ATT_MTU. */
void pair_init(pair *p, carnet_ble_mode mode, uint32_t mtu);
/** The ways a session can go: both modes, over GATT and over a channel found by its characteristic, and a channel of the
 *  engagement; with a fault at an event. */
#define PAIR_WAYS 5
void pair_init_way(pair *p, size_t way, pair_fault fault, unsigned at);
/** Begin, with the parameters as they are. */
void pair_begin(pair *p);
carnet_ble *pair_mdoc(pair *p);
carnet_ble *pair_reader(pair *p);
carnet_ble *pair_other(pair *p, const carnet_ble *ble);
/** Do what both sides want until neither wants anything. */
void pair_pump(pair *p);
/** Pump, then let both sides' deadlines pass until it is over. */
void pair_run_out(pair *p);
/** Tell one side of an event, with the fault where it is its turn. */
void pair_deliver(pair *p, carnet_ble *to, carnet_ble_event event);
/** The connection breaks. */
void pair_lose(pair *p);

#endif
