/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs of the two services' characteristics, and their forms (18013-5 11.1; RFC 9562). */
#include "internal.h"

#include <string.h>

/* All share these octets; the fourth tells them apart. */
static const uint8_t shared[CARNET_BLE_UUID] = { 0,    0,    0,    0,    0xa1, 0x23, 0x48, 0xce,
                                                 0x89, 0x6b, 0x4c, 0x76, 0x97, 0x33, 0x73, 0xe6 };

static const uint8_t numbers[][CARNET_BLE_CHARACTERISTICS] = {
    { 0x01, 0x02, 0x03, 0, 0x0a },    /* mdoc service: peripheral server mode */
    { 0x05, 0x06, 0x07, 0x08, 0x0b }, /* reader service: central client mode */
};

static uint8_t
number_of(carnet_ble_mode mode, carnet_ble_characteristic characteristic)
{
    if ((mode != CARNET_BLE_PERIPHERAL_SERVER && mode != CARNET_BLE_CENTRAL_CLIENT) ||
        (unsigned)characteristic >= CARNET_BLE_CHARACTERISTICS) {
        return 0;
    }
    return numbers[mode == CARNET_BLE_CENTRAL_CLIENT][characteristic];
}

bool
carnet_ble_uuid(carnet_ble_mode mode, carnet_ble_characteristic characteristic, uint8_t uuid[CARNET_BLE_UUID])
{
    uint8_t number = number_of(mode, characteristic);

    memset(uuid, 0, CARNET_BLE_UUID);
    if (number == 0) {
        return false;
    }
    memcpy(uuid, shared, CARNET_BLE_UUID);
    uuid[3] = number;
    return true;
}

bool
carnet_ble_characteristic_of(carnet_ble_mode mode, const uint8_t uuid[CARNET_BLE_UUID],
                             carnet_ble_characteristic *characteristic)
{
    *characteristic = CARNET_BLE_STATE;
    for (unsigned i = 0; i < CARNET_BLE_CHARACTERISTICS; i++) {
        uint8_t own[CARNET_BLE_UUID];

        if (carnet_ble_uuid(mode, (carnet_ble_characteristic)i, own) && memcmp(own, uuid, CARNET_BLE_UUID) == 0) {
            *characteristic = (carnet_ble_characteristic)i;
            return true;
        }
    }
    return false;
}

/** A hyphen stands before these octets. */
static bool
hyphen_before(size_t octet)
{
    return octet == 4 || octet == 6 || octet == 8 || octet == 10;
}

void
carnet_ble_uuid_text(const uint8_t uuid[CARNET_BLE_UUID], char text[CARNET_BLE_UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    char *at = text;

    for (size_t i = 0; i < CARNET_BLE_UUID; i++) {
        if (hyphen_before(i)) {
            *at++ = '-';
        }
        *at++ = digits[uuid[i] >> 4];
        *at++ = digits[uuid[i] & 15];
    }
    *at = '\0';
}

/** 0 to 15, or 16 for what is no digit. */
static uint8_t
digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return (uint8_t)(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return (uint8_t)(c - 'a' + 10);
    }
    if (c >= 'A' && c <= 'F') {
        return (uint8_t)(c - 'A' + 10);
    }
    return 16;
}

bool
carnet_ble_uuid_parse(carnet_str text, uint8_t uuid[CARNET_BLE_UUID])
{
    const char *at = text.ptr;
    bool good = text.len == CARNET_BLE_UUID_TEXT - 1;

    for (size_t i = 0; good && i < CARNET_BLE_UUID; i++) {
        if (hyphen_before(i) && *at++ != '-') {
            good = false;
            break;
        }
        uint8_t high = digit_of(*at++), low = digit_of(*at++);

        good = high < 16 && low < 16;
        uuid[i] = (uint8_t)(high << 4 | low);
    }
    if (!good) {
        memset(uuid, 0, CARNET_BLE_UUID);
    }
    return good;
}

void
carnet_ble_uuid_reverse(const uint8_t in[CARNET_BLE_UUID], uint8_t out[CARNET_BLE_UUID])
{
    for (size_t i = 0; i < CARNET_BLE_UUID / 2; i++) {
        uint8_t first = in[i], second = in[CARNET_BLE_UUID - 1 - i];

        out[i] = second;
        out[CARNET_BLE_UUID - 1 - i] = first;
    }
}
