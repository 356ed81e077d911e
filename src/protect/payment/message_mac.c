/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/message_mac.h"

#include "carnet/crypto_payment.h"

#include <string.h>

carnet_message_mac_algorithm
carnet_message_mac_named(carnet_str name)
{
    if (carnet_str_is(name, "retail"))
        return CARNET_MESSAGE_MAC_RETAIL_ZEROS;
    if (carnet_str_is(name, "retail-2"))
        return CARNET_MESSAGE_MAC_RETAIL_BIT;
    return carnet_str_is(name, "aes-cmac") ? CARNET_MESSAGE_MAC_AES_CMAC : CARNET_MESSAGE_MAC_NONE;
}

carnet_rc
carnet_message_mac_make(carnet_crypto *crypto, const carnet_message_mac_key *key, carnet_span covered,
                        uint8_t mac[CARNET_MESSAGE_MAC], carnet_err *err)
{
    uint8_t whole[CARNET_AES_BLOCK] = { 0 };
    carnet_rc rc;

    memset(mac, 0, CARNET_MESSAGE_MAC);
    if (key->size != 4 && key->size != CARNET_MESSAGE_MAC)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "a message's MAC has 4 or 8 octets");
    switch (key->algorithm) {
    case CARNET_MESSAGE_MAC_RETAIL_ZEROS:
        rc = carnet_retail_mac(crypto, key->key, CARNET_MAC_PADDING_1, &covered, 1, whole, err);
        break;
    case CARNET_MESSAGE_MAC_RETAIL_BIT:
        rc = carnet_retail_mac(crypto, key->key, CARNET_MAC_PADDING_2, &covered, 1, whole, err);
        break;
    case CARNET_MESSAGE_MAC_AES_CMAC:
        rc = carnet_aes_cmac(crypto, key->key, &covered, 1, whole, err);
        break;
    default:
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the link has no algorithm for MACs");
    }
    if (rc == CARNET_OK)
        memcpy(mac, whole, key->size);
    carnet_wipe(whole, sizeof(whole));
    return rc;
}

carnet_rc
carnet_message_mac_check(carnet_crypto *crypto, const carnet_message_mac_key *key, carnet_span covered, carnet_span mac,
                         carnet_err *err)
{
    uint8_t right[CARNET_MESSAGE_MAC], got[CARNET_MESSAGE_MAC] = { 0 };
    carnet_rc rc = carnet_message_mac_make(crypto, key, covered, right, err);

    if (rc != CARNET_OK)
        return rc;
    if (mac.len == CARNET_MESSAGE_MAC || mac.len == key->size)
        memcpy(got, mac.ptr, mac.len);
    if ((mac.len != CARNET_MESSAGE_MAC && mac.len != key->size) ||
        !carnet_equal_secret((carnet_span){ got, sizeof(got) }, (carnet_span){ right, sizeof(right) }))
        rc = carnet_fail(err, CARNET_E_MESSAGE_MAC, "ISO/IEC 9797-1 5", NULL);
    carnet_wipe(right, sizeof(right));
    return rc;
}
