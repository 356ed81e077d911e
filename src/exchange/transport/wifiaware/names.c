/* SPDX-License-Identifier: Apache-2.0 */
/* Service name, passphrase and cipher suites (18013-5 11.3). */
#include "carnet/wifi_aware.h"

#include <string.h>

#define CLAUSE "18013-5 11.3"

enum { NAME_OCTETS = 16, DERIVED_OCTETS = 32, PASSPHRASE_MIN = 8, FRESH_OCTETS = 12 };

static carnet_rc
derive(carnet_crypto *crypto, carnet_span key_bytes, const char *info, size_t len, carnet_secret *out, carnet_err *err)
{
    return carnet_hkdf(crypto, CARNET_SHA256, key_bytes, (carnet_span){ 0 }, carnet_str_bytes(carnet_str_of(info)), len,
                       out, err);
}

static carnet_rc
make_name(carnet_crypto *crypto, carnet_span key_bytes, char *name, carnet_err *err)
{
    static const char digits[] = "0123456789ABCDEF";
    carnet_secret octets = { 0 };
    carnet_rc rc = derive(crypto, key_bytes, "NANService", NAME_OCTETS, &octets, err);

    for (size_t i = 0; rc == CARNET_OK && i < NAME_OCTETS; i++) {
        name[2 * i] = digits[octets.bytes[i] >> 4];
        name[2 * i + 1] = digits[octets.bytes[i] & 15];
    }
    carnet_secret_done(&octets);
    return rc;
}

static carnet_rc
derive_passphrase(carnet_crypto *crypto, carnet_span key_bytes, char *passphrase, carnet_err *err)
{
    carnet_buf out = carnet_buf_of(passphrase, CARNET_WIFI_AWARE_PASSPHRASE_MAX);
    carnet_secret octets = { 0 };
    carnet_rc rc = derive(crypto, key_bytes, "NANPassphrase", DERIVED_OCTETS, &octets, err);

    if (rc == CARNET_OK) {
        carnet_base64url_encode(carnet_span_of(octets.bytes, octets.len), &out);
    }
    carnet_secret_done(&octets);
    return rc;
}

static carnet_rc
copy_passphrase(carnet_str passphrase, char *out, carnet_err *err)
{
    bool printable = true;

    for (size_t i = 0; i < passphrase.len; i++) {
        printable &= passphrase.ptr[i] >= 0x20 && passphrase.ptr[i] < 0x7f;
    }
    if (!printable || passphrase.len < PASSPHRASE_MIN || passphrase.len > CARNET_WIFI_AWARE_PASSPHRASE_MAX) {
        return carnet_fail(err, CARNET_E_ENGAGEMENT_STRUCTURE, CLAUSE,
                           "a passphrase has 8 to 63 printable ASCII characters");
    }
    memcpy(out, passphrase.ptr, passphrase.len);
    return CARNET_OK;
}

carnet_rc
carnet_wifi_aware_service_of(carnet_crypto *crypto, carnet_span device_key_bytes, carnet_str passphrase,
                             unsigned suites, carnet_wifi_aware_service *service, carnet_err *err)
{
    carnet_wifi_aware_service got = { .derived = passphrase.len == 0,
                                      .suites = suites & (CARNET_NAN_SK_128 | CARNET_NAN_PK_2WDH_128) };
    carnet_rc rc;

    *service = (carnet_wifi_aware_service){ 0 };
    if (got.suites == 0) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "no cipher suite is left");
    }
    rc = make_name(crypto, device_key_bytes, got.name, err);
    if (rc == CARNET_OK) {
        rc = got.derived ? derive_passphrase(crypto, device_key_bytes, got.passphrase, err)
                         : copy_passphrase(passphrase, got.passphrase, err);
    }
    if (rc == CARNET_OK) {
        *service = got;
    }
    carnet_wipe(&got, sizeof got);
    return rc;
}

unsigned
carnet_wifi_aware_suites(bool negotiated_handover, unsigned offered)
{
    unsigned own = CARNET_NAN_SK_128 | (negotiated_handover ? (unsigned)CARNET_NAN_PK_2WDH_128 : 0u);

    return own & (offered != 0 ? offered : (unsigned)CARNET_NAN_SK_128);
}

carnet_rc
carnet_wifi_aware_passphrase(const carnet_random *random, char out[17], carnet_err *err)
{
    uint8_t octets[FRESH_OCTETS];
    carnet_buf text = carnet_buf_of(out, 16);
    carnet_rc rc = carnet_random_fill(random, octets, sizeof octets, err);

    memset(out, 0, 17);
    if (rc == CARNET_OK) {
        carnet_base64url_encode(carnet_span_of(octets, sizeof octets), &text);
    }
    carnet_wipe(octets, sizeof octets);
    return rc;
}
