/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PIN blocks: a PIN as it travels in data element 52 (ISO 9564-1:2017, 9),
 * formats 0 to 4.  Formats 0, 1 and 3 are one block enciphered with Triple DES,
 * format 4 is enciphered with AES and bound to the PAN; format 2 is for the
 * chip of a card only and is never enciphered for a network.
 *
 * A carnet_pin and a block not yet enciphered are secret: end each with its
 * _done function on every path.  Nothing here prints one, and no failure says
 * which rule a block broke: one code for all, in time that does not depend on
 * what the block holds.  No state; threads need a carnet_crypto each.
 */
#ifndef CARNET_PIN_BLOCK_H
#define CARNET_PIN_BLOCK_H
#include "carnet/crypto.h"
CARNET_BEGIN_DECLS

#define CARNET_PIN_MIN 4
#define CARNET_PIN_MAX 12

/** A PIN: `len` values 0 to 9, no text. */
typedef struct carnet_pin {
    uint8_t digits[CARNET_PIN_MAX];
    uint8_t len; /**< 4 to 12; 0: none */
} carnet_pin;

typedef enum carnet_pin_format {
    CARNET_PIN_FORMAT_0 = 0, /**< bound to the PAN, filled with F */
    CARNET_PIN_FORMAT_1 = 1, /**< no PAN, filled at random */
    CARNET_PIN_FORMAT_2 = 2, /**< for a chip, in the clear; no PAN */
    CARNET_PIN_FORMAT_3 = 3, /**< bound to the PAN, filled with random A to F */
    CARNET_PIN_FORMAT_4 = 4  /**< AES; bound to the PAN in enciphering */
} carnet_pin_format;

/** A PIN block, clear or enciphered. */
typedef struct carnet_pin_block {
    uint8_t bytes[16];
    uint8_t len; /**< 8; 16 in format 4; 0: none */
} carnet_pin_block;

/** A key that enciphers PINs, and the format it is for: 16 or 24 octets of Triple DES for formats 0, 1 and 3; 16, 24 or 32
 *  of AES for format 4.  The key's octets are the caller's. */
typedef struct carnet_pin_key {
    carnet_span key;
    carnet_pin_format format;
} carnet_pin_key;

CARNET_API void carnet_pin_done(carnet_pin *pin);
CARNET_API void carnet_pin_block_done(carnet_pin_block *block);

/** From decimal text of 4 to 12 digits.  CARNET_E_PIN if it is none. */
CARNET_API carnet_rc carnet_pin_from_text(carnet_str text, carnet_pin *pin, carnet_err *err);
/** Equal, in time that does not depend on the PINs. */
CARNET_API bool carnet_pin_equal(const carnet_pin *a, const carnet_pin *b);

/** Make the clear block; in format 4 the PIN field.  `pan` is 1 to 19 digits with its check digit (formats 0, 3, 4; else
 *  ignored), CARNET_E_PIN_PAN if it is not.  `random` fills formats 1, 3 and 4 (else it may be NULL). */
CARNET_API carnet_rc carnet_pin_block_make(carnet_pin_format format, const carnet_pin *pin, carnet_str pan,
                                           const carnet_random *random, carnet_pin_block *block, carnet_err *err);
/** The PIN of a clear block.  CARNET_E_PIN_BLOCK: it holds none in this format, or not for this PAN. */
CARNET_API carnet_rc carnet_pin_block_open(carnet_pin_format format, const carnet_pin_block *block, carnet_str pan,
                                           carnet_pin *pin, carnet_err *err);

/** Make and encipher: what goes into data element 52.  Format 2 is CARNET_E_PIN_FORMAT. */
CARNET_API carnet_rc carnet_pin_encipher(carnet_crypto *crypto, const carnet_pin_key *key, const carnet_pin *pin,
                                         carnet_str pan, const carnet_random *random, carnet_pin_block *block,
                                         carnet_err *err);
/** Decipher and open.  CARNET_E_PIN_BLOCK for another key, PAN or format, or a block that was changed. */
CARNET_API carnet_rc carnet_pin_decipher(carnet_crypto *crypto, const carnet_pin_key *key, carnet_span enciphered,
                                         carnet_str pan, carnet_pin *pin, carnet_err *err);
/** From one key to another, the PIN seen by nobody.  The PAN stays.  Not into format 1 from one that is bound to a PAN,
 *  and never from or into format 2: CARNET_E_PIN_FORMAT (ISO 9564-1, 9.5). */
CARNET_API carnet_rc carnet_pin_translate(carnet_crypto *crypto, const carnet_pin_key *from, carnet_span enciphered,
                                          carnet_str pan, const carnet_pin_key *to, const carnet_random *random,
                                          carnet_pin_block *block, carnet_err *err);

CARNET_END_DECLS
#endif
