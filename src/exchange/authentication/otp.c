/* SPDX-License-Identifier: Apache-2.0 */
/* HOTP (RFC 4226) and TOTP (RFC 6238). */
#include "carnet/otp.h"

#include <string.h>

static carnet_rc
parameters_check(const carnet_otp *otp, carnet_err *err)
{
    if (otp->hash != CARNET_SHA1 && otp->hash != CARNET_SHA256 && otp->hash != CARNET_SHA512)
        return carnet_fail(err, CARNET_E_USAGE, "RFC 6238 1.2", "one-time passwords use SHA-1, SHA-256 or SHA-512");
    if (otp->digits < 6 || otp->digits > CARNET_OTP_DIGITS_MAX)
        return carnet_fail(err, CARNET_E_USAGE, "RFC 4226 5.3", "one-time passwords have 6 to 8 digits");
    if (otp->secret.len < CARNET_OTP_SECRET_MIN)
        return carnet_fail(err, CARNET_E_USAGE, "RFC 4226 4", "the secret is shorter than 128 bits");
    return CARNET_OK;
}

/* The password's digits; the parameters are good. */
static carnet_rc
make(carnet_crypto *crypto, const carnet_otp *otp, uint64_t counter, char out[CARNET_OTP_DIGITS_MAX], carnet_err *err)
{
    uint8_t moving[8], mac[CARNET_HASH_MAX];
    const carnet_span part = { moving, sizeof(moving) };
    carnet_rc rc;

    for (size_t i = 0; i < sizeof(moving); i++)
        moving[i] = (uint8_t)(counter >> (56 - 8 * i));
    rc = carnet_hmac(crypto, otp->hash, otp->secret, &part, 1, mac, err);
    if (rc == CARNET_OK) {
        /* RFC 4226 5.3: the last half octet says where 31 bits are taken. */
        const uint8_t *at = mac + (mac[carnet_hash_size(otp->hash) - 1] & 0xf);
        uint32_t number = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];

        for (size_t i = otp->digits; i-- > 0; number /= 10)
            out[i] = (char)('0' + number % 10);
    }
    carnet_wipe(mac, sizeof(mac));
    return rc;
}

carnet_rc
carnet_otp_value(carnet_crypto *crypto, const carnet_otp *otp, uint64_t counter, char out[CARNET_OTP_DIGITS_MAX + 1],
                 carnet_err *err)
{
    carnet_rc rc = parameters_check(otp, err);

    memset(out, 0, CARNET_OTP_DIGITS_MAX + 1);
    return rc == CARNET_OK ? make(crypto, otp, counter, out, err) : rc;
}

/* Whether the text is the password of a counter. */
static carnet_rc
is_value(carnet_crypto *crypto, const carnet_otp *otp, uint64_t counter, carnet_str value, bool *is, carnet_err *err)
{
    char right[CARNET_OTP_DIGITS_MAX];
    carnet_rc rc = make(crypto, otp, counter, right, err);

    *is = rc == CARNET_OK && carnet_equal_secret(carnet_str_bytes(value), carnet_span_of(right, otp->digits));
    carnet_wipe(right, sizeof(right));
    return rc;
}

static carnet_rc
wrong(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_OTP, NULL, NULL);
}

static carnet_rc
window_check(const carnet_otp *otp, unsigned window, uint64_t next, carnet_err *err)
{
    if (window == 0 || window > CARNET_OTP_WINDOW_MAX || next > UINT64_MAX - window - 1)
        return carnet_fail(err, CARNET_E_USAGE, "RFC 4226 7.4", "no such window of counters is looked through");
    return parameters_check(otp, err);
}

carnet_rc
carnet_hotp_check(carnet_crypto *crypto, const carnet_otp *otp, carnet_str value, unsigned window, uint64_t *next,
                  carnet_err *err)
{
    uint64_t behind = 0; /* the counter after the one found; 0: none is */
    carnet_rc rc = window_check(otp, window, *next, err);

    for (unsigned i = 0; i < window && rc == CARNET_OK; i++) {
        bool is;

        rc = is_value(crypto, otp, *next + i, value, &is, err);
        if (is && behind == 0)
            behind = *next + i + 1;
    }
    if (rc != CARNET_OK)
        return rc;
    if (behind == 0)
        return wrong(err);
    *next = behind;
    return CARNET_OK;
}

carnet_rc
carnet_hotp_resynchronise(carnet_crypto *crypto, const carnet_otp *otp, carnet_str first, carnet_str second,
                          unsigned window, uint64_t *next, carnet_err *err)
{
    uint64_t behind = 0;
    bool before = false; /* the counter before was the first password's */
    carnet_rc rc = window_check(otp, window, *next, err);

    for (unsigned i = 0; i < window && rc == CARNET_OK; i++) {
        bool is_first, is_second;

        rc = is_value(crypto, otp, *next + i, first, &is_first, err);
        if (rc == CARNET_OK)
            rc = is_value(crypto, otp, *next + i, second, &is_second, err);
        if (rc == CARNET_OK && before && is_second && behind == 0)
            behind = *next + i + 1;
        before = rc == CARNET_OK && is_first;
    }
    if (rc != CARNET_OK)
        return rc;
    if (behind == 0)
        return wrong(err);
    *next = behind;
    return CARNET_OK;
}

uint64_t
carnet_totp_step(carnet_time time, unsigned step_seconds)
{
    return time <= 0 || step_seconds == 0 ? 0 : (uint64_t)time / step_seconds;
}

carnet_rc
carnet_totp_check(carnet_crypto *crypto, const carnet_otp *otp, carnet_str value, unsigned step_seconds,
                  carnet_time now, uint64_t *next, carnet_err *err)
{
    const uint64_t step = carnet_totp_step(now, step_seconds), from = step == 0 ? 0 : step - 1;
    uint64_t behind = 0;
    carnet_rc rc = step_seconds == 0 ? carnet_fail(err, CARNET_E_USAGE, "RFC 6238 4.1", "a time step takes time")
                                     : parameters_check(otp, err);

    for (uint64_t i = from; i <= step + 1 && rc == CARNET_OK; i++) {
        bool is;

        rc = is_value(crypto, otp, i, value, &is, err);
        if (is)
            behind = i + 1;
    }
    if (rc != CARNET_OK)
        return rc;
    if (behind == 0)
        return wrong(err);
    if (behind <= *next)
        return carnet_fail(err, CARNET_E_OTP_REPLAYED, "RFC 6238 5.2", NULL);
    *next = behind;
    return CARNET_OK;
}
