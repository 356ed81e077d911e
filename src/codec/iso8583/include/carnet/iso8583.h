/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISO 8583 messages, read in place and built into the caller's buffer.
 *
 * Parsing checks a whole message against its specification: every length against
 * what is left, every character against its type, nothing over; then each data
 * element is found by its number.  Nothing is copied.  A message views into the
 * octets and the specification it was parsed with: keep both, unchanged, as long
 * as it is used.  It is less than 1 KiB and may live on a stack; threads may read
 * one together.
 *
 * Values have one neutral form whatever the flavour: text in ASCII of digits or
 * characters, where N and XN keep their leading zeros and fixed text its spaces,
 * and octets for B, whose text is upper-case hexadecimal.
 *
 * Errors have the offset of the octet in the message, and DE and the number of
 * the data element in the path ("DE55").  They hold no value.
 */
#ifndef CARNET_ISO8583_H
#define CARNET_ISO8583_H
#include "carnet/iso8583_mti.h"
#include "carnet/iso8583_spec.h"
CARNET_BEGIN_DECLS

/** Where a value is. */
typedef struct carnet_iso8583_place {
    uint16_t offset; /**< first octet of the value, after its length prefix */
    uint16_t length; /**< characters: digits of N, octets of B */
} carnet_iso8583_place;

/** A parsed message: read the members, do not write them. */
typedef struct carnet_iso8583_message {
    const carnet_iso8583_spec *spec;
    carnet_span octets;
    carnet_mti mti;       /**< 0 where the flavour has none */
    uint16_t mti_offset;  /**< first octet of the message type indicator: the header ends here */
    uint64_t elements[3]; /**< data elements that are there: the highest bit of [0] is 1, of [1] 65, of [2] 129; the
                                bits of bitmaps (1, 65) are clear */
    carnet_iso8583_place place[CARNET_ISO8583_ELEMENTS]; /**< set only where the element is there */
} carnet_iso8583_message;

/** Parse a message.  *message is empty on failure.  CARNET_E_USAGE: the specification is not ready. */
CARNET_API carnet_rc carnet_iso8583_parse(const carnet_iso8583_spec *spec, carnet_span octets,
                                          carnet_iso8583_message *message, carnet_err *err);

/** True if the data element is there. */
CARNET_API bool carnet_iso8583_has(const carnet_iso8583_message *message, unsigned element);
/** The lowest data element above `element` that is there; 0 after the last.  Start with 0. */
CARNET_API unsigned carnet_iso8583_next(const carnet_iso8583_message *message, unsigned element);
/** The octets on the wire, without the length prefix; ptr NULL if the element is absent. */
CARNET_API carnet_span carnet_iso8583_raw(const carnet_iso8583_message *message, unsigned element);
/** The value as text: a view of the message where it is written in ASCII, otherwise appended to `room` and a view of that.
 *  Of B: hexadecimal.  ptr NULL if the element is absent or the room is too small (then it has overflowed). */
CARNET_API carnet_str carnet_iso8583_text(const carnet_iso8583_message *message, unsigned element, carnet_buf *room);
/** The value as octets: of B a view where it is written raw, otherwise in `room`; of other types those of the text. */
CARNET_API carnet_span carnet_iso8583_binary(const carnet_iso8583_message *message, unsigned element, carnet_buf *room);
/** The value as a number.  False, and 0, if the element is absent, not N, or above UINT64_MAX. */
CARNET_API bool carnet_iso8583_number(const carnet_iso8583_message *message, unsigned element, uint64_t *number);
/** The value of XN, D negative, or of N.  False, and 0, if it is absent, neither, or does not fit. */
CARNET_API bool carnet_iso8583_amount(const carnet_iso8583_message *message, unsigned element, int64_t *amount);
/** True if the element is there and its text is this; fixed text may lack its trailing spaces. */
CARNET_API bool carnet_iso8583_is(const carnet_iso8583_message *message, unsigned element, const char *text);
/** True if both have the element with the same value, whatever their flavours, or both lack it. */
CARNET_API bool carnet_iso8583_same(const carnet_iso8583_message *a, const carnet_iso8583_message *b, unsigned element);

/** A value to be built; made by the setters below. */
typedef struct carnet_iso8583_value {
    union {
        const void *ptr;
        uint64_t number;
    } of;
    uint32_t length;
    uint8_t form;
} carnet_iso8583_value;

/** A message to be built: init, set in any order, build.  It borrows the values and the messages they are taken from; keep them
 *  until it is built.  3 KiB; a builder belongs to one thread. */
typedef struct carnet_iso8583_builder {
    const carnet_iso8583_spec *spec;
    carnet_span header;
    carnet_mti mti;
    uint64_t elements[3];
    unsigned wrong; /**< a number of no data element was set */
    carnet_iso8583_value value[CARNET_ISO8583_ELEMENTS];
} carnet_iso8583_builder;

CARNET_API void carnet_iso8583_builder_init(carnet_iso8583_builder *b, const carnet_iso8583_spec *spec, carnet_mti mti);
/** The octets before the message type indicator: as many as the flavour has; without this, zeros. */
CARNET_API void carnet_iso8583_set_header(carnet_iso8583_builder *b, carnet_span header);
/** A value as text: digits for N (fewer than a fixed one has get zeros in front), characters (spaces behind), C or D and digits
 *  for XN, hexadecimal digits of either case for B.  ptr NULL with length 0 is the empty text, not absence. */
CARNET_API void carnet_iso8583_set_text(carnet_iso8583_builder *b, unsigned element, carnet_str text);
/** The same from a zero-terminated string. */
CARNET_API void carnet_iso8583_set(carnet_iso8583_builder *b, unsigned element, const char *text);
/** A number for N: a fixed one gets zeros in front, a variable one as many digits as it takes. */
CARNET_API void carnet_iso8583_set_number(carnet_iso8583_builder *b, unsigned element, uint64_t number);
/** An amount for XN, D when negative. */
CARNET_API void carnet_iso8583_set_amount(carnet_iso8583_builder *b, unsigned element, int64_t amount);
/** Octets for B; for other types they are the text. */
CARNET_API void carnet_iso8583_set_binary(carnet_iso8583_builder *b, unsigned element, carnet_span octets);
/** The value that another message has, whatever its flavour; absent there is absent here. */
CARNET_API void carnet_iso8583_set_from(carnet_iso8583_builder *b, unsigned element,
                                        const carnet_iso8583_message *message, unsigned its_element);
/** All data elements of another message. */
CARNET_API void carnet_iso8583_set_all(carnet_iso8583_builder *b, const carnet_iso8583_message *message);
/** Take a data element out again. */
CARNET_API void carnet_iso8583_unset(carnet_iso8583_builder *b, unsigned element);

/** Append the message to `out`.  CARNET_E_ISO8583_LENGTH, _CHARACTER, _ELEMENT name the data element; CARNET_E_NO_SPACE;
 *  CARNET_E_USAGE: the specification is not ready, or the header is not of the flavour's size.  On failure nothing is added. */
CARNET_API carnet_rc carnet_iso8583_build(const carnet_iso8583_builder *b, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
