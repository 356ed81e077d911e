/* SPDX-License-Identifier: Apache-2.0 */
/* The GATT server: the mdoc in peripheral server mode, the reader in central client mode (18013-5 11.1). */
#include "internal.h"

#define HEARD (BIT(CARNET_BLE_STATE) | BIT(CARNET_BLE_SERVER2CLIENT))

carnet_ble_action
carnet_ble_server_setup(carnet_ble *ble)
{
    if (ble->asked) {
        return (carnet_ble_action){ 0 };
    }
    ble->asked = true;
    return (carnet_ble_action){ .kind = CARNET_BLE_DO_ADVERTISE };
}

static void
take_state(carnet_ble *ble, carnet_span value)
{
    if (carnet_ble_take_end(ble, value)) {
        return;
    }
    if (ble->started) {
        ble->odd |= CARNET_BLE_ODD_START_AGAIN;
        return;
    }
    ble->odd |= (ble->subscribed & HEARD) != HEARD ? CARNET_BLE_ODD_EARLY_START : 0u;
    ble->started = true;
    ble->phase = CARNET_BLE_READY;
}

static void
take_value(carnet_ble *ble, carnet_ble_characteristic characteristic, carnet_span value)
{
    ble->connected = true;
    if (characteristic == CARNET_BLE_STATE && !ble->channel) {
        take_state(ble, value);
    } else if (characteristic != CARNET_BLE_CLIENT2SERVER || ble->channel) {
        ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
    } else if (!ble->started) {
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL, "the peer sent data before State 0x01");
    } else {
        carnet_ble_take_part(ble, value);
    }
}

static void
take_channel(carnet_ble *ble, uint32_t sdu_max)
{
    if (ble->parameters.psm == 0) {
        ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
    } else if (ble->started) {
        carnet_ble_refuse(ble, CARNET_E_LINK_PROTOCOL, "the peer opened a channel after the session began");
    } else {
        carnet_ble_to_channel(ble, sdu_max);
    }
}

static void
take_failed(carnet_ble *ble)
{
    if (ble->phase == CARNET_BLE_READY) {
        carnet_ble_refuse(ble, CARNET_E_LINK_LOST, "what was to be sent was not taken");
    } else if (ble->asked && !ble->connected) {
        carnet_ble_over(ble, CARNET_E_LINK_IO, "the service could not be advertised");
    } else {
        ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
    }
}

void
carnet_ble_server_feed(carnet_ble *ble, const carnet_ble_event *event)
{
    switch (event->kind) {
    case CARNET_BLE_ON_CONNECTED:
        ble->connected = true;
        break;
    case CARNET_BLE_ON_SUBSCRIBED:
    case CARNET_BLE_ON_UNSUBSCRIBED:
        ble->connected = true;
        if (event->characteristic != CARNET_BLE_STATE && event->characteristic != CARNET_BLE_SERVER2CLIENT) {
            ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
        } else if (event->kind == CARNET_BLE_ON_SUBSCRIBED) {
            ble->subscribed |= (uint8_t)BIT(event->characteristic);
        } else {
            ble->subscribed &= (uint8_t)~BIT(event->characteristic);
        }
        break;
    case CARNET_BLE_ON_VALUE:
        take_value(ble, event->characteristic, event->value);
        break;
    case CARNET_BLE_ON_CHANNEL:
        take_channel(ble, event->number);
        break;
    case CARNET_BLE_ON_FAILED:
        take_failed(ble);
        break;
    default:
        ble->odd |= CARNET_BLE_ODD_NOT_ASKED;
    }
}

carnet_span
carnet_ble_value(carnet_ble *ble, carnet_ble_characteristic characteristic)
{
    const carnet_ble_parameters *p = &ble->parameters;

    if (!p->server || ble->phase == CARNET_BLE_OVER) {
        return (carnet_span){ 0 };
    }
    if (characteristic == CARNET_BLE_IDENT && p->mode == CARNET_BLE_CENTRAL_CLIENT && p->has_ident) {
        return carnet_span_of(p->ident, CARNET_BLE_IDENT_SIZE);
    }
    if (characteristic == CARNET_BLE_L2CAP && p->psm != 0) {
        carnet_ble_psm_encode(p->psm, ble->psm_value);
        return carnet_span_of(ble->psm_value, CARNET_BLE_PSM_SIZE);
    }
    return (carnet_span){ 0 };
}
