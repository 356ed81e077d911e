/* SPDX-License-Identifier: Apache-2.0 */
/* What people read, and what must not be guessed. */
#include "internal.h"

#include <string.h>

/* ISO 4217: number, letters, digits of minor units. */
static const struct {
    const char number[4], letters[4];
    unsigned digits;
} currencies[] = {
    { "036", "AUD", 2 }, { "124", "CAD", 2 }, { "156", "CNY", 2 }, { "203", "CZK", 2 }, { "208", "DKK", 2 },
    { "344", "HKD", 2 }, { "348", "HUF", 2 }, { "352", "ISK", 0 }, { "356", "INR", 2 }, { "376", "ILS", 2 },
    { "392", "JPY", 0 }, { "410", "KRW", 0 }, { "414", "KWD", 3 }, { "484", "MXN", 2 }, { "524", "NPR", 2 },
    { "554", "NZD", 2 }, { "566", "NGN", 2 }, { "578", "NOK", 2 }, { "682", "SAR", 2 }, { "702", "SGD", 2 },
    { "704", "VND", 0 }, { "710", "ZAR", 2 }, { "752", "SEK", 2 }, { "756", "CHF", 2 }, { "784", "AED", 2 },
    { "826", "GBP", 2 }, { "840", "USD", 2 }, { "901", "TWD", 2 }, { "949", "TRY", 2 }, { "978", "EUR", 2 },
    { "985", "PLN", 2 }, { "986", "BRL", 2 },
};

void
carnet_mas_money(uint64_t amount, carnet_str currency, carnet_buf *out)
{
    uint64_t unit = 1;
    unsigned digits = 0;
    carnet_str letters = currency;

    for (size_t i = 0; i < CARNET_COUNT(currencies); i++)
        if (carnet_str_is(currency, currencies[i].number)) {
            digits = currencies[i].digits;
            letters = carnet_str_of(currencies[i].letters);
        }
    for (unsigned i = 0; i < digits; i++)
        unit *= 10;
    carnet_buf_add_uint(out, amount / unit);
    if (digits != 0)
        carnet_buf_add_byte(out, '.');
    for (uint64_t rest = amount % unit; unit > 1; unit /= 10, rest %= unit)
        carnet_buf_add_byte(out, (uint8_t)('0' + rest / (unit / 10)));
    carnet_buf_add_byte(out, ' ');
    carnet_buf_add_str(out, letters);
}

carnet_rc
carnet_mas_random_text(carnet_service_worker *worker, size_t count, carnet_buf *out, carnet_err *err)
{
    static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"; /* 32: no character is likelier than another */
    uint8_t octets[32];
    carnet_rc rc;

    if (count > sizeof(octets))
        return carnet_fail(err, CARNET_E_USAGE, NULL, NULL);
    if ((rc = carnet_random_fill(&worker->random, octets, count, err)) != CARNET_OK)
        return rc;
    for (size_t i = 0; i < count; i++)
        carnet_buf_add_byte(out, (uint8_t)letters[octets[i] & 31]);
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

/* The digit that makes the sum of ISO/IEC 7812-1 Annex B a multiple of ten. */
static uint8_t
check_digit(const uint8_t *digits, size_t count)
{
    unsigned sum = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned d = (unsigned)(digits[count - 1 - i] - '0');

        if (i % 2 == 0 && (d *= 2) > 9)
            d -= 9;
        sum += d;
    }
    return (uint8_t)('0' + (10 - sum % 10) % 10);
}

carnet_rc
carnet_mas_token(carnet_service_worker *worker, const char *prefix, carnet_buf *out, carnet_err *err)
{
    uint8_t digits[16], octet;
    size_t len = 0;
    carnet_rc rc = CARNET_OK;

    if (strlen(prefix) > 10)
        return carnet_fail(err, CARNET_E_USAGE, NULL, NULL);
    for (; prefix[len] != '\0'; len++)
        digits[len] = (uint8_t)prefix[len];
    while (len < 15) {
        if ((rc = carnet_random_fill(&worker->random, &octet, 1, err)) != CARNET_OK)
            return rc;
        if (octet < 250)
            digits[len++] = (uint8_t)('0' + octet % 10);
    }
    digits[15] = check_digit(digits, 15);
    carnet_buf_add(out, carnet_span_of(digits, sizeof(digits)));
    carnet_wipe(digits, sizeof(digits));
    return out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : CARNET_OK;
}

carnet_rc
carnet_mas_notify_token(carnet_service_worker *worker, carnet_str reference, carnet_buf *out, carnet_err *err)
{
    uint8_t hash[CARNET_SERVICE_HASH];
    carnet_rc rc = carnet_service_keyed_hash(worker, "staged.notify", reference, hash, err);

    if (rc == CARNET_OK)
        carnet_base64url_encode(carnet_span_of(hash, sizeof(hash)), out);
    carnet_wipe(hash, sizeof(hash));
    return rc == CARNET_OK && out->overflow ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}
