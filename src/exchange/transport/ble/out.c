/* SPDX-License-Identifier: Apache-2.0 */
/* What goes out: parts of a message, SDUs of a channel, State, the end (18013-5 11.1). */
#include "internal.h"

#include <string.h>

/** A value for the peer, written or notified by role. */
static carnet_ble_action
to_peer(carnet_ble *ble, carnet_ble_characteristic characteristic, size_t len)
{
    ble->octets_sent += len;
    ble->units_sent++;
    return (carnet_ble_action){ .kind = ble->parameters.server ? CARNET_BLE_DO_NOTIFY : CARNET_BLE_DO_WRITE,
                                .characteristic = characteristic,
                                .value = carnet_span_of(ble->part, len) };
}

/** The next part: its first octet says whether it is the last. */
static carnet_ble_action
next_part(carnet_ble *ble)
{
    const carnet_ble_parameters *p = &ble->parameters;
    size_t room = carnet_ble_part_size(ble->mtu, p->att_header, p->part_max) - 1;
    size_t rest = ble->out.len - ble->out_done;
    size_t n = rest < room ? rest : room;

    ble->out_last = n == rest;
    ble->part[0] = ble->out_last ? 0 : 1;
    if (n != 0) {
        memcpy(ble->part + 1, ble->out.ptr + ble->out_done, n);
    }
    ble->out_done += n;
    return to_peer(ble, p->server ? CARNET_BLE_SERVER2CLIENT : CARNET_BLE_CLIENT2SERVER, n + 1);
}

/** The next SDU; the first begins with the length of the message. */
static carnet_ble_action
next_sdu(carnet_ble *ble)
{
    size_t head = ble->out_done == 0 ? sizeof(ble->out_head) : 0;
    size_t rest = ble->out.len - ble->out_done;
    size_t n = rest < ble->mtu - head ? rest : ble->mtu - head;
    carnet_ble_action action = { .kind = CARNET_BLE_DO_SEND };

    for (size_t i = 0; i < head; i++) {
        ble->out_head[i] = (uint8_t)(ble->out.len >> (8 * (sizeof(ble->out_head) - 1 - i)));
    }
    action.head = carnet_span_of(ble->out_head, head);
    if (n != 0) {
        action.value = carnet_span_of(ble->out.ptr + ble->out_done, n);
    }
    ble->out_done += n;
    ble->out_last = n == rest;
    ble->octets_sent += head + n;
    ble->units_sent++;
    return action;
}

/** It is over: say so where that can be said, and disconnect where that is this side's to do. */
static carnet_ble_action
next_over(carnet_ble *ble)
{
    bool can_say = !ble->parameters.server || (ble->subscribed & BIT(CARNET_BLE_STATE)) != 0;

    if (!ble->connected || ble->hung_up) {
        return (carnet_ble_action){ 0 };
    }
    if (ble->end_wanted && can_say) {
        ble->end_wanted = false;
        ble->part[0] = CARNET_BLE_STATE_END;
        return to_peer(ble, CARNET_BLE_STATE, 1);
    }
    if (ble->hang_up || ble->channel || !ble->parameters.server) {
        ble->hung_up = true;
        return (carnet_ble_action){ .kind = CARNET_BLE_DO_DISCONNECT };
    }
    return (carnet_ble_action){ 0 };
}

carnet_ble_action
carnet_ble_next(carnet_ble *ble)
{
    bool heard = ble->channel || !ble->parameters.server || (ble->subscribed & BIT(CARNET_BLE_SERVER2CLIENT)) != 0;

    if (ble->sending && ble->out_last) {
        ble->sending = ble->out_last = false;
        ble->out = (carnet_span){ 0 };
    }
    if (ble->phase == CARNET_BLE_OVER) {
        return next_over(ble);
    }
    if (ble->phase == CARNET_BLE_SETUP) {
        return ble->parameters.server ? carnet_ble_server_setup(ble) : carnet_ble_client_setup(ble);
    }
    if (!ble->sending || !heard) {
        return (carnet_ble_action){ 0 };
    }
    return ble->channel ? next_sdu(ble) : next_part(ble);
}

void
carnet_ble_progress(const carnet_ble *ble, bool sending, size_t *done, size_t *all)
{
    if (sending) {
        *done = ble->out_done;
        *all = ble->out.len;
    } else {
        *done = ble->in.current;
        *all = ble->in.expected;
    }
}

const char *
carnet_ble_waiting_for(const carnet_ble *ble)
{
    static const char *const steps[] = {
        [STEP_CHANNEL_FIRST] = "waiting for the L2CAP channel of the engagement",
        [STEP_CONNECT] = "waiting for a connection",
        [STEP_MTU] = "waiting for ATT_MTU to be agreed on",
        [STEP_DISCOVER] = "waiting for the peer's service to be discovered",
        [STEP_IDENT] = "waiting for the peer's Ident",
        [STEP_PSM] = "waiting for the peer's L2CAP PSM",
        [STEP_CHANNEL] = "waiting for the peer's L2CAP channel",
        [STEP_STATE] = "waiting for the subscription to State",
        [STEP_DATA] = "waiting for the subscription to Server2Client",
        [STEP_START] = "waiting to write State 0x01",
    };

    if (ble->phase == CARNET_BLE_OVER) {
        return ble->connected && !ble->hung_up ? "waiting for the peer to disconnect" : "waiting for nothing";
    }
    if (ble->phase == CARNET_BLE_SETUP && ble->parameters.server) {
        return ble->connected ? "waiting for the peer's State 0x01" : "waiting for a connection";
    }
    if (ble->phase == CARNET_BLE_SETUP) {
        return steps[ble->step];
    }
    if (ble->sending) {
        return ble->channel || ble->parameters.server == false || ble->subscribed & BIT(CARNET_BLE_SERVER2CLIENT)
                   ? "waiting for a message to go out"
                   : "waiting for the peer's subscription to Server2Client";
    }
    return ble->in.open ? "waiting for the rest of a message" : "waiting for a message";
}
