/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clear PIN blocks.  A block is looked at as half octets ("nibbles"); every one
 * is looked at, whatever those before it were, and what is wrong is gathered in
 * one mask, so that neither time nor answer tells a PIN's digits or its length.
 */
#include "internal.h"

#include <string.h>

#define NIBBLES 16 /* of the first eight octets, where the PIN is in every format */
#define BODY    14 /* after control and length */
#define PAN_MAX 19

void
carnet_pin_done(carnet_pin *pin)
{
    carnet_wipe(pin, sizeof(*pin));
}

void
carnet_pin_block_done(carnet_pin_block *block)
{
    carnet_wipe(block, sizeof(*block));
}

/* 0xff if a < b, else 0; both below 128. */
static uint8_t
below(uint8_t a, uint8_t b)
{
    return (uint8_t) - (((unsigned)a - b) >> 31);
}

/* 0xff if equal, else 0. */
static uint8_t
same(uint8_t a, uint8_t b)
{
    return (uint8_t) - ((((unsigned)a ^ b) - 1) >> 31);
}

carnet_rc
carnet_pin_from_text(carnet_str text, carnet_pin *pin, carnet_err *err)
{
    bool good = text.len >= CARNET_PIN_MIN && text.len <= CARNET_PIN_MAX;

    *pin = (carnet_pin){ 0 };
    for (size_t i = 0; good && i < text.len; i++) {
        good = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        pin->digits[i] = (uint8_t)(text.ptr[i] - '0');
    }
    if (!good) {
        carnet_pin_done(pin);
        return carnet_fail(err, CARNET_E_PIN, "ISO 9564-1 8.1", NULL);
    }
    pin->len = (uint8_t)text.len;
    return CARNET_OK;
}

bool
carnet_pin_equal(const carnet_pin *a, const carnet_pin *b)
{
    uint8_t differ = a->len ^ b->len;

    for (size_t i = 0; i < CARNET_PIN_MAX; i++)
        differ |= a->digits[i] ^ b->digits[i];
    return differ == 0;
}

static bool
pan_good(carnet_str pan)
{
    bool good = pan.len >= 1 && pan.len <= PAN_MAX;

    for (size_t i = 0; good && i < pan.len; i++)
        good = pan.ptr[i] >= '0' && pan.ptr[i] <= '9';
    return good;
}

static carnet_rc
no_pan(carnet_err *err)
{
    return carnet_fail(err, CARNET_E_PIN_PAN, "ISO 9564-1 9.3", "the account number is not 1 to 19 digits");
}

/* The account number field of formats 0 and 3: zeros, then the twelve rightmost digits without the check digit. */
static carnet_rc
account_nibbles(carnet_str pan, uint8_t nibbles[NIBBLES], carnet_err *err)
{
    memset(nibbles, 0, NIBBLES);
    if (!pan_good(pan))
        return no_pan(err);
    for (size_t i = 1; i < pan.len && i <= 12; i++)
        nibbles[NIBBLES - i] = (uint8_t)(pan.ptr[pan.len - 1 - i] - '0');
    return CARNET_OK;
}

carnet_rc
carnet_pin_pan_field(carnet_str pan, uint8_t field[16], carnet_err *err)
{
    uint8_t nibbles[32] = { 0 };
    const size_t shown = pan.len > 12 ? pan.len : 12;

    memset(field, 0, 16);
    if (!pan_good(pan))
        return no_pan(err);
    nibbles[0] = (uint8_t)(shown - 12);
    for (size_t i = 0; i < pan.len; i++) /* shorter ones are led by zeros */
        nibbles[1 + shown - pan.len + i] = (uint8_t)(pan.ptr[i] - '0');
    for (size_t i = 0; i < 16; i++)
        field[i] = (uint8_t)(nibbles[2 * i] << 4 | nibbles[2 * i + 1]);
    return CARNET_OK;
}

/* Fill `body` with what stands where the PIN does not. */
static carnet_rc
fill_body(carnet_pin_format format, const carnet_random *random, uint8_t body[BODY], carnet_err *err)
{
    uint8_t drawn[BODY];
    carnet_rc rc = CARNET_OK;

    memset(body, format == CARNET_PIN_FORMAT_4 ? 0xa : 0xf, BODY);
    if (format == CARNET_PIN_FORMAT_1 || format == CARNET_PIN_FORMAT_3) {
        if ((rc = carnet_random_fill(random, drawn, sizeof(drawn), err)) != CARNET_OK)
            return rc;
        /* Four of an octet's 256 values are too many for six letters; the fill is no secret, only not known beforehand. */
        for (size_t i = 0; i < BODY; i++)
            body[i] = format == CARNET_PIN_FORMAT_1 ? drawn[i] & 0xf : (uint8_t)(0xa + drawn[i] % 6);
        carnet_wipe(drawn, sizeof(drawn));
    }
    return rc;
}

carnet_rc
carnet_pin_block_make(carnet_pin_format format, const carnet_pin *pin, carnet_str pan, const carnet_random *random,
                      carnet_pin_block *block, carnet_err *err)
{
    const bool bound = format == CARNET_PIN_FORMAT_0 || format == CARNET_PIN_FORMAT_3;
    uint8_t nibbles[NIBBLES] = { 0 }, account[NIBBLES] = { 0 };
    carnet_rc rc = CARNET_OK;

    *block = (carnet_pin_block){ 0 };
    if ((unsigned)format > CARNET_PIN_FORMAT_4)
        return carnet_fail(err, CARNET_E_PIN_FORMAT, "ISO 9564-1 9.3", "the format is none of 0 to 4");
    if (pin->len < CARNET_PIN_MIN || pin->len > CARNET_PIN_MAX)
        return carnet_fail(err, CARNET_E_PIN, "ISO 9564-1 8.1", NULL);
    if (format == CARNET_PIN_FORMAT_4 && !pan_good(pan))
        return no_pan(err);
    if (bound)
        rc = account_nibbles(pan, account, err);
    if (rc == CARNET_OK)
        rc = fill_body(format, random, nibbles + 2, err);
    if (rc == CARNET_OK && format == CARNET_PIN_FORMAT_4)
        rc = carnet_random_fill(random, block->bytes + 8, 8, err);
    if (rc == CARNET_OK) {
        nibbles[0] = (uint8_t)format;
        nibbles[1] = pin->len;
        for (uint8_t i = 0; i < CARNET_PIN_MAX; i++) {
            const uint8_t own = below(i, pin->len);

            nibbles[2 + i] = (uint8_t)((pin->digits[i] & own) | (nibbles[2 + i] & ~own));
        }
        for (size_t i = 0; i < 8; i++)
            block->bytes[i] =
                (uint8_t)((nibbles[2 * i] ^ account[2 * i]) << 4 | (nibbles[2 * i + 1] ^ account[2 * i + 1]));
        block->len = format == CARNET_PIN_FORMAT_4 ? 16 : 8;
    } else {
        carnet_pin_block_done(block);
    }
    carnet_wipe(nibbles, sizeof(nibbles));
    return rc;
}

/* 0xff if this may stand after the PIN in the format, else 0. */
static uint8_t
filler_good(carnet_pin_format format, uint8_t nibble)
{
    switch (format) {
    case CARNET_PIN_FORMAT_1:
        return 0xff;
    case CARNET_PIN_FORMAT_3:
        return (uint8_t)~below(nibble, 0xa);
    case CARNET_PIN_FORMAT_4:
        return same(nibble, 0xa);
    default:
        return same(nibble, 0xf);
    }
}

/* Take the PIN out of sixteen half octets; true if all of them are as they should be. */
static bool
take_pin(carnet_pin_format format, const uint8_t nibbles[NIBBLES], carnet_pin *pin)
{
    const uint8_t len = nibbles[1];
    uint8_t good = same(nibbles[0], (uint8_t)format);

    good &= (uint8_t)~below(len, CARNET_PIN_MIN) & below(len, CARNET_PIN_MAX + 1);
    for (uint8_t i = 0; i < BODY; i++) {
        const uint8_t own = below(i, len), nibble = nibbles[2 + i];

        good &= (uint8_t)((own & below(nibble, 10)) | (~own & filler_good(format, nibble)));
        if (i < CARNET_PIN_MAX)
            pin->digits[i] = nibble & own;
    }
    for (size_t i = 0; i < CARNET_PIN_MAX; i++)
        pin->digits[i] &= good;
    pin->len = len & good;
    return good != 0;
}

carnet_rc
carnet_pin_block_open(carnet_pin_format format, const carnet_pin_block *block, carnet_str pan, carnet_pin *pin,
                      carnet_err *err)
{
    const bool bound = format == CARNET_PIN_FORMAT_0 || format == CARNET_PIN_FORMAT_3;
    uint8_t nibbles[NIBBLES], account[NIBBLES] = { 0 };
    carnet_rc rc = CARNET_OK;

    *pin = (carnet_pin){ 0 };
    if ((unsigned)format > CARNET_PIN_FORMAT_4)
        return carnet_fail(err, CARNET_E_PIN_FORMAT, "ISO 9564-1 9.3", "the format is none of 0 to 4");
    if (block->len != (format == CARNET_PIN_FORMAT_4 ? 16 : 8))
        return carnet_fail(err, CARNET_E_PIN_BLOCK, "ISO 9564-1 9.3", "a PIN block has 8 octets, in format 4 16");
    if (bound)
        rc = account_nibbles(pan, account, err);
    if (rc != CARNET_OK)
        return rc;
    for (size_t i = 0; i < 8; i++) {
        nibbles[2 * i] = (uint8_t)(block->bytes[i] >> 4 ^ account[2 * i]);
        nibbles[2 * i + 1] = (block->bytes[i] & 0xf) ^ account[2 * i + 1];
    }
    if (!take_pin(format, nibbles, pin))
        rc = carnet_fail(err, CARNET_E_PIN_BLOCK, "ISO 9564-1 9.3", NULL);
    carnet_wipe(nibbles, sizeof(nibbles));
    return rc;
}
