/* SPDX-License-Identifier: Apache-2.0 */
/* The GATT client: the mdoc in central client mode, the reader in peripheral server mode (18013-5 11.1). */
#include "internal.h"

#define NEEDED (BIT(CARNET_BLE_STATE) | BIT(CARNET_BLE_CLIENT2SERVER) | BIT(CARNET_BLE_SERVER2CLIENT))

static bool
applies(const carnet_ble *ble, carnet_ble_step step)
{
    const carnet_ble_parameters *p = &ble->parameters;

    switch (step) {
    case STEP_IDENT:
        return p->mode == CARNET_BLE_CENTRAL_CLIENT && p->has_ident && (ble->found & BIT(CARNET_BLE_IDENT)) != 0;
    case STEP_PSM:
        return p->l2cap && (ble->found & BIT(CARNET_BLE_L2CAP)) != 0;
    case STEP_CHANNEL:
        return false; /* entered from STEP_PSM only */
    default:
        return true;
    }
}

/** Go on behind the step, to the next that applies. */
static void
advance(carnet_ble *ble)
{
    do {
        ble->step++;
    } while (!applies(ble, (carnet_ble_step)ble->step));
    ble->asked = false;
}

static void
go_to(carnet_ble *ble, carnet_ble_step step)
{
    ble->step = (uint8_t)step;
    ble->asked = false;
}

static bool
is_asked(carnet_ble *ble, carnet_ble_step step)
{
    if (ble->asked && ble->step == step) {
        return true;
    }
    ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
    return false;
}

carnet_ble_action
carnet_ble_client_setup(carnet_ble *ble)
{
    static const struct {
        carnet_ble_action_kind kind;
        carnet_ble_characteristic characteristic;
    } plan[] = {
        [STEP_CHANNEL_FIRST] = { CARNET_BLE_DO_OPEN_CHANNEL, CARNET_BLE_L2CAP },
        [STEP_CONNECT] = { CARNET_BLE_DO_CONNECT, CARNET_BLE_STATE },
        [STEP_MTU] = { CARNET_BLE_DO_EXCHANGE_MTU, CARNET_BLE_STATE },
        [STEP_DISCOVER] = { CARNET_BLE_DO_DISCOVER, CARNET_BLE_STATE },
        [STEP_IDENT] = { CARNET_BLE_DO_READ, CARNET_BLE_IDENT },
        [STEP_PSM] = { CARNET_BLE_DO_READ, CARNET_BLE_L2CAP },
        [STEP_CHANNEL] = { CARNET_BLE_DO_OPEN_CHANNEL, CARNET_BLE_L2CAP },
        [STEP_STATE] = { CARNET_BLE_DO_SUBSCRIBE, CARNET_BLE_STATE },
        [STEP_DATA] = { CARNET_BLE_DO_SUBSCRIBE, CARNET_BLE_SERVER2CLIENT },
        [STEP_START] = { CARNET_BLE_DO_WRITE, CARNET_BLE_STATE },
    };
    carnet_ble_action action = { plan[ble->step].kind, plan[ble->step].characteristic, 0, { 0 }, { 0 } };

    if (ble->asked) {
        return (carnet_ble_action){ 0 };
    }
    ble->asked = true;
    if (action.kind == CARNET_BLE_DO_OPEN_CHANNEL) {
        action.number = ble->psm;
    } else if (ble->step == STEP_START) {
        ble->part[0] = CARNET_BLE_STATE_START;
        action.value = carnet_span_of(ble->part, 1);
        ble->started = true;
        ble->phase = CARNET_BLE_READY;
        ble->octets_sent++;
        ble->units_sent++;
    }
    return action;
}

void
carnet_ble_client_mtu_known(carnet_ble *ble)
{
    if (ble->phase == CARNET_BLE_SETUP && ble->step == STEP_MTU && ble->asked) {
        advance(ble);
    }
}

static void
take_services(carnet_ble *ble, uint32_t found)
{
    if (!is_asked(ble, STEP_DISCOVER)) {
        return;
    }
    if ((found & NEEDED) != NEEDED) {
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL,
                          "the peer's service lacks State, Client2Server or Server2Client");
        return;
    }
    ble->found = found;
    if (ble->parameters.mode == CARNET_BLE_CENTRAL_CLIENT && ble->parameters.has_ident &&
        (found & BIT(CARNET_BLE_IDENT)) == 0) {
        ble->odd |= CARNET_BLE_ODD_NO_IDENT;
    }
    advance(ble);
}

static void
take_ident(carnet_ble *ble, carnet_span value)
{
    if (!is_asked(ble, STEP_IDENT)) {
        return;
    }
    if (!carnet_equal_secret(value, carnet_span_of(ble->parameters.ident, CARNET_BLE_IDENT_SIZE))) {
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL, "the peer's Ident is not that of this transaction");
        return;
    }
    advance(ble);
}

static void
take_psm(carnet_ble *ble, carnet_span value)
{
    uint16_t psm = carnet_ble_psm_decode(value);

    if (!is_asked(ble, STEP_PSM)) {
        return;
    }
    if (psm == 0) {
        go_to(ble, STEP_STATE);
        return;
    }
    ble->odd |= value.ptr[0] != 0 ? CARNET_BLE_ODD_LITTLE_ENDIAN : 0u;
    ble->psm = psm;
    go_to(ble, STEP_CHANNEL);
}

static void
take_subscribed(carnet_ble *ble, carnet_ble_characteristic characteristic)
{
    carnet_ble_step step = characteristic == CARNET_BLE_STATE ? STEP_STATE : STEP_DATA;

    if (characteristic != CARNET_BLE_STATE && characteristic != CARNET_BLE_SERVER2CLIENT) {
        ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
    } else if (is_asked(ble, step)) {
        advance(ble);
    }
}

/** An action that could not be done: what can be done without goes on without. */
static void
take_failed(carnet_ble *ble)
{
    if (ble->phase == CARNET_BLE_READY) {
        carnet_ble_refuse(ble, CARNET_E_LINK_LOST, "what was to be sent was not taken");
        return;
    }
    if (!ble->asked) {
        ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
        return;
    }
    switch (ble->step) {
    case STEP_CHANNEL_FIRST:
        ble->parameters.psm = 0; /* nor the next time */
        go_to(ble, STEP_CONNECT);
        break;
    case STEP_CONNECT:
        carnet_ble_again(ble);
        break;
    case STEP_IDENT:
        ble->odd |= CARNET_BLE_ODD_NO_IDENT;
        advance(ble);
        break;
    case STEP_MTU:
        advance(ble);
        break;
    case STEP_PSM:
    case STEP_CHANNEL:
        go_to(ble, STEP_STATE);
        break;
    case STEP_DISCOVER:
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL, "the peer does not have the service it advertised");
        break;
    default:
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL, "the peer refused a subscription");
    }
}

static void
take_value(carnet_ble *ble, carnet_ble_characteristic characteristic, carnet_span value)
{
    if (characteristic == CARNET_BLE_STATE) {
        if (!carnet_ble_take_end(ble, value)) {
            ble->odd |= CARNET_BLE_ODD_START_AGAIN;
        }
    } else if (characteristic != CARNET_BLE_SERVER2CLIENT || ble->channel) {
        ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
    } else if (!ble->started) {
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL, "the peer sent data before State 0x01");
    } else {
        carnet_ble_take_part(ble, value);
    }
}

void
carnet_ble_client_feed(carnet_ble *ble, const carnet_ble_event *event)
{
    switch (event->kind) {
    case CARNET_BLE_ON_CONNECTED:
        if (is_asked(ble, STEP_CONNECT)) {
            ble->connected = true;
            advance(ble);
        }
        break;
    case CARNET_BLE_ON_SERVICES:
        take_services(ble, event->number);
        break;
    case CARNET_BLE_ON_READ:
        if (event->characteristic == CARNET_BLE_IDENT) {
            take_ident(ble, event->value);
        } else {
            take_psm(ble, event->value);
        }
        break;
    case CARNET_BLE_ON_SUBSCRIBED:
        take_subscribed(ble, event->characteristic);
        break;
    case CARNET_BLE_ON_VALUE:
        take_value(ble, event->characteristic, event->value);
        break;
    case CARNET_BLE_ON_CHANNEL:
        if (is_asked(ble, ble->step == STEP_CHANNEL ? STEP_CHANNEL : STEP_CHANNEL_FIRST)) {
            carnet_ble_to_channel(ble, event->number);
        }
        break;
    case CARNET_BLE_ON_FAILED:
        take_failed(ble);
        break;
    default:
        ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
    }
}
