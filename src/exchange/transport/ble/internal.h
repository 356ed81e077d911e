/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_BLE_INTERNAL_H
#define CARNET_BLE_INTERNAL_H
#include "carnet/ble.h"

#define CLAUSE_BLE          "18013-5 11.1"
#define BIT(characteristic) (1u << (characteristic))

/** How far the setting up has come.  A client goes down the list, a server has the last but one only. */
typedef enum carnet_ble_step {
    STEP_CHANNEL_FIRST, /**< the PSM was in the engagement */
    STEP_CONNECT,
    STEP_MTU,
    STEP_DISCOVER,
    STEP_IDENT,
    STEP_PSM,
    STEP_CHANNEL,
    STEP_STATE,
    STEP_DATA,
    STEP_START,
    STEP_SERVE
} carnet_ble_step;

/** Drop the message that was given out. */
void carnet_ble_inbox_drop(carnet_ble_inbox *in);
/** Drop what has come of the message under way. */
void carnet_ble_inbox_abandon(carnet_ble_inbox *in);
/** Take in a part of a message (GATT).  NULL, or the sentence of what is wrong; *rc says which kind of wrong. */
const char *carnet_ble_inbox_part(carnet_ble_inbox *in, carnet_span part, carnet_rc *rc);
/** Take in octets of a channel (L2CAP), any number of messages; the same. */
const char *carnet_ble_inbox_octets(carnet_ble_inbox *in, carnet_span octets, carnet_rc *rc);

/** It is over. */
void carnet_ble_over(carnet_ble *ble, carnet_rc rc, const char *reason);
/** It is over by this side's doing: say so, and disconnect. */
void carnet_ble_refuse(carnet_ble *ble, carnet_rc rc, const char *reason);
/** Begin to set up, for the first time or again. */
void carnet_ble_begin(carnet_ble *ble);
/** The connection failed before the session began: try again, or no more. */
void carnet_ble_again(carnet_ble *ble);
/** Go over to the channel. */
void carnet_ble_to_channel(carnet_ble *ble, uint32_t sdu_max);
/** Take in a part of a message, with what is odd about it. */
void carnet_ble_take_part(carnet_ble *ble, carnet_span part);
/** State with the value 0x02, or one that is none; true if that was it. */
bool carnet_ble_take_end(carnet_ble *ble, carnet_span value);

void carnet_ble_client_feed(carnet_ble *ble, const carnet_ble_event *event);
carnet_ble_action carnet_ble_client_setup(carnet_ble *ble);
void carnet_ble_client_mtu_known(carnet_ble *ble);
void carnet_ble_server_feed(carnet_ble *ble, const carnet_ble_event *event);
carnet_ble_action carnet_ble_server_setup(carnet_ble *ble);

#endif
