/* SPDX-License-Identifier: Apache-2.0 */
/* PIN blocks on a network: enciphered, deciphered, translated (ISO 9564-1, 9.3 to 9.5). */
#include "carnet/crypto_payment.h"

#include "internal.h"

#include <string.h>

static carnet_rc
format_check(carnet_pin_format format, carnet_err *err)
{
    if ((unsigned)format > CARNET_PIN_FORMAT_4 || format == CARNET_PIN_FORMAT_2)
        return carnet_fail(err, CARNET_E_PIN_FORMAT, "ISO 9564-1 9.3", "only formats 0, 1, 3 and 4 are enciphered");
    return CARNET_OK;
}

static void
mix(uint8_t block[16], const uint8_t with[16])
{
    for (size_t i = 0; i < 16; i++)
        block[i] ^= with[i];
}

/* ISO 9564-1 9.4.4: the PIN field enciphered, the PAN field added, enciphered again; and back. */
static carnet_rc
run_aes(carnet_crypto *crypto, carnet_span key, bool encipher, carnet_str pan, uint8_t block[16], carnet_err *err)
{
    uint8_t field[16];
    carnet_rc rc = carnet_pin_pan_field(pan, field, err);

    if (rc == CARNET_OK)
        rc = carnet_aes_block(crypto, key, encipher, block, block, err);
    if (rc == CARNET_OK) {
        mix(block, field);
        rc = carnet_aes_block(crypto, key, encipher, block, block, err);
    }
    return rc;
}

carnet_rc
carnet_pin_encipher(carnet_crypto *crypto, const carnet_pin_key *key, const carnet_pin *pin, carnet_str pan,
                    const carnet_random *random, carnet_pin_block *block, carnet_err *err)
{
    carnet_rc rc = format_check(key->format, err);

    *block = (carnet_pin_block){ 0 };
    if (rc == CARNET_OK)
        rc = carnet_pin_block_make(key->format, pin, pan, random, block, err);
    if (rc == CARNET_OK)
        rc = key->format == CARNET_PIN_FORMAT_4
                 ? run_aes(crypto, key->key, true, pan, block->bytes, err)
                 : carnet_triple_des_block(crypto, key->key, true, block->bytes, block->bytes, err);
    if (rc != CARNET_OK)
        carnet_pin_block_done(block);
    return rc;
}

carnet_rc
carnet_pin_decipher(carnet_crypto *crypto, const carnet_pin_key *key, carnet_span enciphered, carnet_str pan,
                    carnet_pin *pin, carnet_err *err)
{
    const bool aes = key->format == CARNET_PIN_FORMAT_4;
    carnet_pin_block block = { .len = aes ? 16 : 8 };
    carnet_rc rc = format_check(key->format, err);

    *pin = (carnet_pin){ 0 };
    if (rc != CARNET_OK)
        return rc;
    if (enciphered.len != block.len)
        return carnet_fail(err, CARNET_E_PIN_BLOCK, "ISO 9564-1 9.3", "a PIN block has 8 octets, in format 4 16");
    memcpy(block.bytes, enciphered.ptr, block.len);
    rc = aes ? run_aes(crypto, key->key, false, pan, block.bytes, err)
             : carnet_triple_des_block(crypto, key->key, false, block.bytes, block.bytes, err);
    if (rc == CARNET_OK)
        rc = carnet_pin_block_open(key->format, &block, pan, pin, err);
    carnet_pin_block_done(&block);
    return rc;
}

carnet_rc
carnet_pin_translate(carnet_crypto *crypto, const carnet_pin_key *from, carnet_span enciphered, carnet_str pan,
                     const carnet_pin_key *to, const carnet_random *random, carnet_pin_block *block, carnet_err *err)
{
    carnet_pin pin = { 0 };
    carnet_rc rc = format_check(to->format, err);

    *block = (carnet_pin_block){ 0 };
    if (rc == CARNET_OK && to->format == CARNET_PIN_FORMAT_1 && from->format != CARNET_PIN_FORMAT_1)
        rc = carnet_fail(err, CARNET_E_PIN_FORMAT, "ISO 9564-1 9.5", "a PIN is not taken off its account number");
    if (rc == CARNET_OK)
        rc = carnet_pin_decipher(crypto, from, enciphered, pan, &pin, err);
    if (rc == CARNET_OK)
        rc = carnet_pin_encipher(crypto, to, &pin, pan, random, block, err);
    carnet_pin_done(&pin);
    return rc;
}
