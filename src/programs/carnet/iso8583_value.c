/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: what values mean, and what of them may be seen. */
#include "carnet/iso8583_codes.h"
#include "iso8583.h"

#include <string.h>

/* --- masks --- */

bool
iso_luhn(carnet_str digits)
{
    unsigned sum = 0;

    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = (unsigned char)digits.ptr[digits.len - 1 - i] - '0';

        if (digit > 9) {
            return false;
        }
        if (i % 2 == 1) {
            digit = digit < 5 ? digit * 2 : digit * 2 - 9;
        }
        sum += digit;
    }
    return digits.len >= 8 && sum % 10 == 0;
}

/** All but `first` and `last` characters as asterisks. */
static void
mask_run(char *text, size_t len, size_t first, size_t last)
{
    for (size_t i = first; i + last < len; i++) {
        text[i] = '*';
    }
}

/** Six and four of an account number, never more than half of it. */
static void
mask_pan(char *text, size_t len)
{
    if (len >= 13) {
        mask_run(text, len, 6, 4);
    } else {
        mask_run(text, len, 0, len / 2 < 4 ? len / 2 : 4);
    }
}

/** The account number up to the separator, and nothing of what follows. */
static void
mask_track(char *text, size_t len)
{
    size_t start = len > 0 && (text[0] == 'B' || text[0] == 'b') ? 1 : 0, end = start;

    while (end < len && text[end] >= '0' && text[end] <= '9') {
        end++;
    }
    mask_pan(text + start, end - start);
    if (end < len) {
        mask_run(text + end, len - end, 1, 0);
    }
}

carnet_str
iso_mask(carnet_str text, iso_secret secret, bool *masked)
{
    char *copy;

    if (secret == ISO_OPEN || text.len == 0) {
        return text;
    }
    copy = cli_alloc(text.len + 1);
    memcpy(copy, text.ptr, text.len);
    if (secret == ISO_PAN) {
        size_t len = text.len;

        while (len > 0 && (copy[len - 1] == 'F' || copy[len - 1] == 'f')) {
            len--; /* padding of BCD */
        }
        mask_pan(copy, len);
    } else if (secret == ISO_TRACK) {
        mask_track(copy, text.len);
    } else if (secret == ISO_ACCOUNT) {
        mask_run(copy, text.len, 0, text.len >= 8 ? 4 : 0);
    } else {
        mask_run(copy, text.len, 0, 0);
    }
    *masked = true;
    return (carnet_str){ copy, text.len };
}

carnet_str
iso_mask_found(carnet_str text, bool *masked)
{
    char *copy = NULL;

    for (size_t i = 0; i < text.len;) {
        size_t end = i;

        while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9') {
            end++;
        }
        if (end - i >= 13 && end - i <= 19 && iso_luhn((carnet_str){ text.ptr + i, end - i })) {
            if (copy == NULL) {
                copy = cli_alloc(text.len + 1);
                memcpy(copy, text.ptr, text.len);
            }
            mask_pan(copy + i, end - i);
            *masked = true;
        }
        i = end == i ? i + 1 : end;
    }
    return copy != NULL ? (carnet_str){ copy, text.len } : text;
}

iso_secret
iso_element_secret(const carnet_iso8583_message *message, unsigned element)
{
    const carnet_iso8583_field *field = &message->spec->fields[element];

    switch (element) {
    case 2:
    case 34:
        return ISO_PAN;
    case 35:
    case 36:
    case 45:
        return ISO_TRACK;
    case 102:
    case 103:
        return ISO_ACCOUNT;
    case 55:
        return ISO_OPEN; /* its parts are looked at one by one */
    default:
        return (field->flags & CARNET_ISO8583_SENSITIVE) != 0 ? ISO_HIDDEN : ISO_OPEN;
    }
}

/* --- amounts, times --- */

static const struct {
    const char *number, *letters;
    unsigned digits;
} currencies[] = {
    { "008", "ALL", 2 }, { "012", "DZD", 2 }, { "032", "ARS", 2 }, { "036", "AUD", 2 }, { "044", "BSD", 2 },
    { "048", "BHD", 3 }, { "050", "BDT", 2 }, { "051", "AMD", 2 }, { "052", "BBD", 2 }, { "072", "BWP", 2 },
    { "124", "CAD", 2 }, { "144", "LKR", 2 }, { "152", "CLP", 0 }, { "156", "CNY", 2 }, { "170", "COP", 2 },
    { "188", "CRC", 2 }, { "203", "CZK", 2 }, { "208", "DKK", 2 }, { "214", "DOP", 2 }, { "230", "ETB", 2 },
    { "344", "HKD", 2 }, { "348", "HUF", 2 }, { "352", "ISK", 0 }, { "356", "INR", 2 }, { "360", "IDR", 2 },
    { "376", "ILS", 2 }, { "388", "JMD", 2 }, { "392", "JPY", 0 }, { "398", "KZT", 2 }, { "400", "JOD", 3 },
    { "404", "KES", 2 }, { "410", "KRW", 0 }, { "414", "KWD", 3 }, { "422", "LBP", 2 }, { "458", "MYR", 2 },
    { "484", "MXN", 2 }, { "504", "MAD", 2 }, { "512", "OMR", 3 }, { "524", "NPR", 2 }, { "554", "NZD", 2 },
    { "566", "NGN", 2 }, { "578", "NOK", 2 }, { "586", "PKR", 2 }, { "600", "PYG", 0 }, { "604", "PEN", 2 },
    { "608", "PHP", 2 }, { "634", "QAR", 2 }, { "643", "RUB", 2 }, { "682", "SAR", 2 }, { "702", "SGD", 2 },
    { "704", "VND", 0 }, { "710", "ZAR", 2 }, { "752", "SEK", 2 }, { "756", "CHF", 2 }, { "764", "THB", 2 },
    { "784", "AED", 2 }, { "788", "TND", 3 }, { "800", "UGX", 0 }, { "818", "EGP", 2 }, { "826", "GBP", 2 },
    { "834", "TZS", 2 }, { "840", "USD", 2 }, { "858", "UYU", 2 }, { "901", "TWD", 2 }, { "933", "BYN", 2 },
    { "936", "GHS", 2 }, { "941", "RSD", 2 }, { "944", "AZN", 2 }, { "946", "RON", 2 }, { "949", "TRY", 2 },
    { "950", "XAF", 0 }, { "951", "XCD", 2 }, { "952", "XOF", 0 }, { "975", "BGN", 2 }, { "977", "BAM", 2 },
    { "978", "EUR", 2 }, { "980", "UAH", 2 }, { "985", "PLN", 2 }, { "986", "BRL", 2 },
};

const char *
iso_currency(carnet_str code, unsigned *digits)
{
    for (size_t i = 0; i < CARNET_COUNT(currencies); i++) {
        if (carnet_str_is(code, currencies[i].number) || carnet_str_is(code, currencies[i].letters)) {
            *digits = currencies[i].digits;
            return currencies[i].letters;
        }
    }
    return NULL;
}

const char *
iso_amount(carnet_str digits, carnet_str currency)
{
    unsigned places;
    const char *letters = iso_currency(currency, &places);
    size_t zeros = 0;
    char text[64];
    carnet_buf out = carnet_buf_of(text, sizeof text);

    if (letters == NULL || digits.len <= places || digits.len > 40) {
        return NULL;
    }
    if (digits.ptr[0] == 'D') {
        carnet_buf_add_byte(&out, '-');
    }
    if (digits.ptr[0] == 'C' || digits.ptr[0] == 'D') {
        digits = (carnet_str){ digits.ptr + 1, digits.len - 1 };
    }
    while (zeros + places + 1 < digits.len && digits.ptr[zeros] == '0') {
        zeros++;
    }
    carnet_buf_add_str(&out, (carnet_str){ digits.ptr + zeros, digits.len - zeros - places });
    if (places > 0) {
        carnet_buf_add_byte(&out, '.');
        carnet_buf_add_str(&out, (carnet_str){ digits.ptr + digits.len - places, places });
    }
    carnet_buf_add_byte(&out, ' ');
    carnet_buf_add_text(&out, letters);
    return iso_text(carnet_buf_str(&out));
}

/** Digits with signs put in: '0' stands for the next digit. */
static const char *
picture(carnet_str digits, const char *form)
{
    char text[32];
    carnet_buf out = carnet_buf_of(text, sizeof text);
    size_t at = 0;

    for (; *form != '\0'; form++) {
        if (*form != '0') {
            carnet_buf_add_byte(&out, (uint8_t)*form);
        } else if (at < digits.len) {
            carnet_buf_add_byte(&out, (uint8_t)digits.ptr[at++]);
        }
    }
    return at == digits.len ? iso_text(carnet_buf_str(&out)) : NULL;
}

static const char *
time_meaning(unsigned element, carnet_str text)
{
    switch (text.len) {
    case 14:
        return picture(text, "0000-00-00 00:00:00");
    case 12:
        return picture(text, "00-00-00 00:00:00");
    case 10:
        return picture(text, "00-00 00:00:00");
    case 6:
        return element == 12 ? picture(text, "00:00:00") : NULL;
    case 4:
        return element == 14 ? NULL : picture(text, "00-00");
    default:
        return NULL;
    }
}

static const char *
amount_meaning(const carnet_iso8583_message *message, unsigned element, carnet_str text)
{
    const unsigned currency = element == 5 || element == 29 ? 50 : element == 6 || element == 8 ? 51 : 49;
    char storage[16];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);

    if (message->spec->version == CARNET_ISO8583_2003 && text.len == 16) { /* currency, exponent, amount */
        return iso_amount((carnet_str){ text.ptr + 4, 12 }, (carnet_str){ text.ptr, 3 });
    }
    return iso_amount(text, carnet_iso8583_text(message, currency, &room));
}

static const char *
category(carnet_str code)
{
    static const struct {
        const char *code, *text;
    } codes[] = {
        { "4829", "money transfer" },    { "5411", "groceries" },
        { "5541", "service station" },   { "5542", "fuel dispenser" },
        { "5812", "restaurant" },        { "5814", "fast food" },
        { "5912", "pharmacy" },          { "5999", "retail" },
        { "6010", "cash at a counter" }, { "6011", "cash from a machine" },
        { "6012", "goods of a bank" },   { "7011", "hotel" },
    };

    for (size_t i = 0; i < CARNET_COUNT(codes); i++) {
        if (carnet_str_is(code, codes[i].code)) {
            return codes[i].text;
        }
    }
    return NULL;
}

static bool
was_version_1987(const carnet_iso8583_message *message)
{
    return message->spec->version == CARNET_ISO8583_1987;
}

const char *
iso_meaning(const carnet_iso8583_message *message, unsigned element, carnet_str text)
{
    const char *known = carnet_iso8583_value_text(message->spec->version, element, text);
    unsigned digits;

    if (known != NULL) {
        return known;
    }
    switch (element) {
    case 4:
    case 5:
    case 6:
    case 28:
    case 29:
        return amount_meaning(message, element, text);
    case 7:
    case 12:
    case 13:
    case 15:
        return time_meaning(element, text);
    case 17:
        return was_version_1987(message) ? time_meaning(element, text) : NULL;
    case 18:
        return was_version_1987(message) ? category(text) : NULL;
    case 26:
        return was_version_1987(message) ? NULL : category(text);
    case 49:
    case 50:
    case 51:
        return iso_currency(text, &digits);
    default:
        return NULL;
    }
}
