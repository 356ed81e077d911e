/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's end of each way: the socket, BLE, Wi-Fi Aware, NFC data transfer after a QR code. */
#include "reader.h"

#include "carnet/link_ble_fake.h"
#include "carnet/link_bluez.h"
#include "carnet/link_pcsc.h"
#include "carnet/link_socket.h"
#include "carnet/link_wifi_aware.h"

#include <stdlib.h>
#include <string.h>

static carnet_rc
reach_socket(reading *r, carnet_err *err)
{
    return carnet_link_connect(&r->link, r->a->ways.argument[ONSITE_SOCKET], reader_left(r), err);
}

/* --- Bluetooth Low Energy --- */

static void
tell_step(void *context, carnet_bluez_step step)
{
    static const char *const texts[] = {
        [CARNET_BLUEZ_ADVERTISING] = "waiting for the holder's device",
        [CARNET_BLUEZ_SCANNING] = "looking for the holder's device",
        [CARNET_BLUEZ_CONNECTED] = "the holder's device is there",
        [CARNET_BLUEZ_READY] = "connected",
        [CARNET_BLUEZ_LOSSY] = "BlueZ will lose long values here: set ExchangeMTU = 513 under [GATT] in its main.conf",
    };

    (void)context;
    onsite_say("BLE: %s", texts[step]);
}

/** How to connect: where the holder offers both, the reader serves a central client (18013-5 11.1). */
static carnet_rc
ble_parameters(reading *r, const carnet_retrieval_method *method, carnet_span device_key_bytes,
               carnet_ble_parameters *mode, carnet_err *err)
{
    carnet_rc rc = carnet_ble_parameters_of(method, false, CARNET_BLE_PERIPHERAL_SERVER | CARNET_BLE_CENTRAL_CLIENT,
                                            CARNET_BLE_CENTRAL_CLIENT, mode, err);

    mode->l2cap = true;
    if (rc == CARNET_OK && device_key_bytes.len > 0) {
        mode->has_ident = true;
        rc = carnet_ble_ident(r->crypto, device_key_bytes, mode->ident, err);
    }
    return rc;
}

static carnet_rc
reach_bluez(reading *r, const carnet_ble_parameters *mode, carnet_err *err)
{
    carnet_bluez_peer peer = {
        .modes = mode, .mode_count = 1, .message_max = ONSITE_MESSAGE_MAX, .stop = &onsite_stop, .tell = tell_step
    };
    carnet_bluez *bluez = NULL;
    carnet_rc rc = carnet_bluez_new(&bluez, r->a->ways.argument[ONSITE_BLE], true, err);

    if (rc == CARNET_OK) {
        rc = carnet_bluez_open(&bluez, &peer, &r->link, reader_left(r), err);
    }
    carnet_bluez_free(&bluez);
    return rc;
}

static carnet_rc
reach_fake(reading *r, const carnet_ble_parameters *mode, carnet_err *err)
{
    carnet_ble_fake_peer peer = {
        .modes = mode, .mode_count = 1, .message_max = ONSITE_MESSAGE_MAX, .stop = &onsite_stop
    };

    return carnet_ble_fake_open(r->a->ways.argument[ONSITE_BLE_FAKE], &peer, &r->link, reader_left(r), err);
}

static carnet_rc
reach_ble(reading *r, onsite_way way, const carnet_retrieval_method *method, carnet_span device_key_bytes,
          carnet_err *err)
{
    carnet_ble_parameters mode = { 0 };
    carnet_rc rc = ble_parameters(r, method, device_key_bytes, &mode, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    return way == ONSITE_BLE ? reach_bluez(r, &mode, err) : reach_fake(r, &mode, err);
}

/* --- Wi-Fi Aware --- */

/** "INTERFACE", or for the stand-in without a radio "INTERFACE,ADDRESS,PORT". */
static carnet_rc
open_nan(const char *argument, carnet_nan *nan, carnet_err *err)
{
    char *text = (char *)(uintptr_t)cli_keep(carnet_str_bytes(carnet_str_of(argument))).ptr;
    char *address = strchr(text, ','), *port = address != NULL ? strchr(address + 1, ',') : NULL;

    if (port == NULL) {
        return carnet_fail(err, CARNET_E_LINK_ABSENT, "18013-5 11.3",
                           "no driver for the radio is built in: INTERFACE,ADDRESS,PORT reaches a holder without one");
    }
    *address++ = '\0';
    *port++ = '\0';
    return carnet_nan_over_network(nan, text, address, (uint16_t)cli_number(port, 65535, "port"), err);
}

static carnet_rc
reach_wifi_aware(reading *r, const carnet_retrieval_method *method, carnet_span device_key_bytes, carnet_err *err)
{
    carnet_link_wifi_aware *state = cli_alloc(sizeof *state);
    carnet_nan *nan = cli_alloc(sizeof *nan);
    carnet_wifi_aware_service service;
    carnet_rc rc = open_nan(r->a->ways.argument[ONSITE_WIFI_AWARE], nan, err);

    if (rc == CARNET_OK) {
        rc = carnet_wifi_aware_service_of(r->crypto, device_key_bytes, method->wifi_aware.passphrase,
                                          carnet_wifi_aware_suites(false, 0), &service, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_link_wifi_aware_connect(&r->link, state, nan, &service, reader_left(r), err);
    }
    return rc;
}

/* --- NFC data transfer, the engagement having come another way --- */

static carnet_rc
reach_nfc(reading *r, const carnet_retrieval_method *method, carnet_err *err)
{
    carnet_pcsc_options options = { .reader = r->a->ways.argument[ONSITE_NFC] };
    carnet_nfc_limits peer = { (uint32_t)method->nfc.max_command, (uint32_t)method->nfc.max_response };
    carnet_pcsc *card = NULL;
    carnet_rc rc;

    onsite_say("NFC: hold the device to the reader");
    rc = carnet_pcsc_open(&card, &options, reader_left(r), err);
    if (rc == CARNET_OK) {
        rc = carnet_pcsc_link(&card, peer, &r->link, err);
    }
    carnet_pcsc_free(&card);
    return rc;
}

/* --- whichever it is --- */

carnet_rc
reader_reach_by(reading *r, onsite_way way, const carnet_retrieval_method *method, carnet_span device_key_bytes,
                carnet_err *err)
{
    r->way = way;
    r->step = onsite_way_text(way);
    switch (way) {
    case ONSITE_SOCKET:
        return reach_socket(r, err);
    case ONSITE_BLE:
    case ONSITE_BLE_FAKE:
        return reach_ble(r, way, method, device_key_bytes, err);
    case ONSITE_WIFI_AWARE:
        return reach_wifi_aware(r, method, device_key_bytes, err);
    case ONSITE_NFC:
        return reach_nfc(r, method, err);
    case ONSITE_WEBSITE:
    case ONSITE_WAYS:
        break;
    }
    return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, NULL);
}

/** The holder's method for a way; false: it offers none. */
static bool
find_method(const carnet_engagement *engagement, onsite_way way, carnet_retrieval_method *method)
{
    onsite_way sought = way == ONSITE_BLE_FAKE ? ONSITE_BLE : way;
    carnet_span rest = engagement->methods;

    while (carnet_engagement_next_method(engagement, &rest, method)) {
        if (onsite_way_of(method) == sought) {
            return true;
        }
    }
    return false;
}

carnet_rc
reader_reach(reading *r, const carnet_engagement *engagement, carnet_err *err)
{
    carnet_rc rc = carnet_fail(err, CARNET_E_LINK_ABSENT, "18013-5 9.1",
                               "the holder offers none of the ways this reader was told to use");

    r->step = "the way to the holder";
    for (onsite_way way = 0; way < ONSITE_WAYS; way++) {
        carnet_retrieval_method method = { 0 };

        if (!r->a->ways.use[way] || (way != ONSITE_SOCKET && !find_method(engagement, way, &method))) {
            continue;
        }
        rc = reader_reach_by(r, way, &method, engagement->key_bytes.encoded, err);
        if (rc != CARNET_E_LINK_ABSENT) { /* a device that is not there leaves the next way */
            return rc;
        }
    }
    return rc;
}
