/* SPDX-License-Identifier: Apache-2.0 */
/* Where libsystemd or BlueZ's headers were missing when Carnet was built: no adapter is ever there. */
#include "carnet/link_bluez.h"

#include <string.h>

carnet_rc
carnet_bluez_new(carnet_bluez **bluez, const char *adapter, bool l2cap, carnet_err *err)
{
    (void)adapter;
    (void)l2cap;
    *bluez = NULL;
    return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "Carnet was built without BlueZ");
}

uint16_t
carnet_bluez_psm(const carnet_bluez *bluez)
{
    (void)bluez;
    return 0;
}

void
carnet_bluez_address(const carnet_bluez *bluez, uint8_t address[6], bool *random)
{
    (void)bluez;
    memset(address, 0, 6);
    *random = false;
}

carnet_rc
carnet_bluez_open(carnet_bluez **bluez, const carnet_bluez_peer *peer, carnet_link *link, int timeout_ms,
                  carnet_err *err)
{
    (void)bluez;
    (void)peer;
    (void)timeout_ms;
    *link = (carnet_link){ 0 };
    return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "Carnet was built without BlueZ");
}

void
carnet_bluez_free(carnet_bluez **bluez)
{
    *bluez = NULL;
}
