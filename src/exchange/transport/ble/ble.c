/* SPDX-License-Identifier: Apache-2.0 */
/* What both GATT roles have in common: messages, the end, and the order of what goes out (18013-5 11.1). */
#include "internal.h"

#include <string.h>

#define CLIENT_ATTEMPTS 3
#define SDU_MIN         23 /* of an LE channel */

void
carnet_ble_init(carnet_ble *ble, const carnet_ble_parameters *parameters, void *storage, size_t capacity)
{
    *ble = (carnet_ble){ .parameters = *parameters, .in = { .ptr = storage, .cap = capacity } };
    carnet_ble_begin(ble);
}

void
carnet_ble_begin(carnet_ble *ble)
{
    ble->connected = false;
    ble->mtu = CARNET_BLE_MTU_DEFAULT;
    ble->found = 0;
    ble->psm = ble->parameters.psm;
    ble->subscribed = 0;
    ble->asked = false;
    if (ble->parameters.server) {
        ble->step = STEP_SERVE;
    } else {
        ble->step = ble->parameters.l2cap && ble->psm != 0 ? STEP_CHANNEL_FIRST : STEP_CONNECT;
    }
}

void
carnet_ble_over(carnet_ble *ble, carnet_rc rc, const char *reason)
{
    if (ble->phase == CARNET_BLE_OVER) {
        return;
    }
    carnet_ble_inbox_abandon(&ble->in);
    carnet_wipe(ble->part, sizeof(ble->part));
    ble->phase = CARNET_BLE_OVER;
    ble->rc = rc;
    ble->reason = reason;
    ble->sending = false;
    ble->out = (carnet_span){ 0 };
}

void
carnet_ble_refuse(carnet_ble *ble, carnet_rc rc, const char *reason)
{
    if (ble->phase != CARNET_BLE_OVER) {
        ble->end_wanted = ble->started && !ble->channel;
        ble->hang_up = true;
        carnet_ble_over(ble, rc, reason);
    }
}

void
carnet_ble_again(carnet_ble *ble)
{
    unsigned most = ble->parameters.attempts;

    if (most == 0 && !ble->parameters.server) {
        most = CLIENT_ATTEMPTS;
    }
    ble->tries = (uint8_t)(ble->tries < UINT8_MAX ? ble->tries + 1 : UINT8_MAX);
    if (most != 0 && ble->tries >= most) {
        ble->connected = false;
        carnet_ble_over(ble, CARNET_E_LINK_LOST, "the connection failed before the session began, at every attempt");
        return;
    }
    carnet_ble_begin(ble);
}

void
carnet_ble_to_channel(carnet_ble *ble, uint32_t sdu_max)
{
    ble->connected = ble->channel = ble->started = true;
    ble->phase = CARNET_BLE_READY;
    ble->mtu = sdu_max != 0 ? sdu_max : SDU_MIN;
    if (ble->mtu < SDU_MIN) {
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL, "the peer's channel takes less than 23 octets at a time");
    }
}

void
carnet_ble_take_part(carnet_ble *ble, carnet_span part)
{
    size_t usual = carnet_ble_part_size(ble->mtu, 0, 0);
    const char *wrong;
    carnet_rc rc;

    wrong = carnet_ble_inbox_part(&ble->in, part, &rc);
    if (wrong != NULL) {
        carnet_ble_refuse(ble, rc, wrong);
        return;
    }
    ble->odd |= part.len > usual ? CARNET_BLE_ODD_LONG_PART : 0u;
    if (part.ptr[0] != 0) {
        ble->odd |= part.len < usual ? CARNET_BLE_ODD_SHORT_PART : 0u;
        ble->odd |= part.len == 1 ? CARNET_BLE_ODD_EMPTY_PART : 0u;
    }
}

bool
carnet_ble_take_end(carnet_ble *ble, carnet_span value)
{
    if (value.len == 1 && value.ptr[0] == CARNET_BLE_STATE_END) {
        carnet_ble_over(ble, CARNET_E_LINK_CLOSED,
                        ble->in.open ? "the peer ended the session in the middle of a message"
                                     : "the peer ended the session");
        return true;
    }
    if (value.len != 1 || value.ptr[0] != CARNET_BLE_STATE_START) {
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL, "State has a value other than 01 and 02");
        return true;
    }
    return false;
}

/** The connection is no more. */
static void
disconnected(carnet_ble *ble, uint32_t reason)
{
    bool midway = ble->in.open || ble->sending;

    ble->connected = false;
    if (ble->phase == CARNET_BLE_SETUP) {
        carnet_ble_again(ble);
    } else if (midway) {
        carnet_ble_over(ble, CARNET_E_LINK_LOST, "the connection was lost in the middle of a message");
    } else if (reason == CARNET_BLE_BY_PEER) {
        carnet_ble_over(ble, CARNET_E_LINK_CLOSED, "the peer closed the connection");
    } else {
        carnet_ble_over(ble, CARNET_E_LINK_LOST, "the connection was lost");
    }
}

static void
take_mtu(carnet_ble *ble, uint32_t mtu)
{
    if (mtu != 0 && mtu < CARNET_BLE_MTU_DEFAULT) {
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL, "ATT_MTU is less than 23");
        return;
    }
    if (mtu != 0 && !ble->channel) {
        ble->mtu = mtu;
    }
    if (!ble->parameters.server) {
        carnet_ble_client_mtu_known(ble);
    }
}

static void
take_octets(carnet_ble *ble, carnet_span octets)
{
    const char *wrong;
    carnet_rc rc;

    if (!ble->channel) {
        ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
        return;
    }
    ble->octets_received += octets.len;
    ble->units_received++;
    wrong = carnet_ble_inbox_octets(&ble->in, octets, &rc);
    if (wrong != NULL) {
        carnet_ble_refuse(ble, rc, wrong);
    }
}

/** What comes when it is over. */
static void
feed_late(carnet_ble *ble, const carnet_ble_event *event)
{
    if (event->kind == CARNET_BLE_ON_DISCONNECTED) {
        ble->connected = false;
        ble->hung_up = true;
    } else if (event->kind == CARNET_BLE_ON_TIMER) {
        ble->hang_up = true;
    } else if (event->kind == CARNET_BLE_ON_VALUE || event->kind == CARNET_BLE_ON_OCTETS) {
        ble->odd |= CARNET_BLE_ODD_AFTER_END;
    } else if (event->kind == CARNET_BLE_ON_CONNECTED || event->kind == CARNET_BLE_ON_CHANNEL) {
        ble->connected = ble->hang_up = true; /* too late: it is taken down again */
        ble->hung_up = false;
    }
}

/** What either role takes the same way; false if it is the role's. */
static bool
feed_common(carnet_ble *ble, const carnet_ble_event *event)
{
    switch (event->kind) {
    case CARNET_BLE_ON_DISCONNECTED:
        disconnected(ble, event->number);
        return true;
    case CARNET_BLE_ON_MTU:
        take_mtu(ble, event->number);
        return true;
    case CARNET_BLE_ON_OCTETS:
        take_octets(ble, event->value);
        return true;
    case CARNET_BLE_ON_TIMER:
        carnet_ble_refuse(ble, CARNET_E_LINK_TIMEOUT, carnet_ble_waiting_for(ble));
        return true;
    case CARNET_BLE_ON_VALUE:
        ble->octets_received += event->value.len;
        ble->units_received++;
        return false;
    default:
        return false;
    }
}

carnet_rc
carnet_ble_feed(carnet_ble *ble, const carnet_ble_event *event, carnet_err *err)
{
    carnet_ble_inbox_drop(&ble->in);
    if (ble->phase == CARNET_BLE_OVER) {
        feed_late(ble, event);
    } else if (!feed_common(ble, event)) {
        if (ble->parameters.server) {
            carnet_ble_server_feed(ble, event);
        } else {
            carnet_ble_client_feed(ble, event);
        }
    }
    return ble->rc == CARNET_OK ? CARNET_OK : carnet_fail(err, ble->rc, CLAUSE_BLE, ble->reason);
}

carnet_rc
carnet_ble_send(carnet_ble *ble, carnet_span message, carnet_err *err)
{
    if (ble->phase == CARNET_BLE_OVER) {
        return carnet_fail(err, ble->rc, CLAUSE_BLE, ble->reason);
    }
    if (ble->sending && !ble->out_last) {
        return carnet_fail(err, CARNET_E_USAGE, NULL, "another message is being sent");
    }
    if (message.len > UINT32_MAX) {
        return carnet_fail(err, CARNET_E_LINK_TOO_LONG, CLAUSE_BLE, NULL);
    }
    ble->out = message;
    ble->out_done = 0;
    ble->out_last = false;
    ble->sending = true;
    return CARNET_OK;
}

bool
carnet_ble_receive(carnet_ble *ble, carnet_span *message)
{
    carnet_ble_inbox_drop(&ble->in);
    *message = (carnet_span){ 0 };
    if (ble->in.whole == 0) {
        return false;
    }
    *message = carnet_span_of(ble->in.ptr, ble->in.length[0]);
    ble->in.taken = true;
    return true;
}

void
carnet_ble_end(carnet_ble *ble)
{
    if (ble->phase != CARNET_BLE_OVER) {
        ble->end_wanted = ble->started && !ble->channel;
        ble->hang_up = !ble->end_wanted;
        carnet_ble_over(ble, CARNET_E_LINK_CLOSED, "this side ended the session");
    }
}

void
carnet_ble_done(carnet_ble *ble)
{
    if (ble->in.used != 0) { /* what was dropped before was wiped then */
        carnet_wipe(ble->in.ptr, ble->in.used);
    }
    carnet_wipe(ble, sizeof(*ble));
}
