/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER (X.690) without copying: a reader that yields views into the bytes
 * received, and a builder.  No certificate types: those are carnet/certificate.h.
 *
 * The reader is a cursor on the stack.  Its first failure sticks: later calls
 * give zeros and empty views, loops end, and carnet_der_done() reports it with
 * its byte offset.  Act on nothing read before carnet_der_done() is OK.  Views
 * live as long as the bytes.  One reader belongs to one thread.
 *
 * Always refused: indefinite and over-long lengths, tag numbers above 30,
 * INTEGERs longer than needed, BOOLEANs other than 00 and FF, bit strings with
 * set spare bits, bytes after the end, more than CARNET_DER_DEPTH levels.
 */
#ifndef CARNET_DER_H
#define CARNET_DER_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_DER_DEPTH    16  /**< levels that can be entered within one reader */
#define CARNET_OID_TEXT_MAX 128 /**< room for the dotted text of any identifier worth printing */

/** Tags, as the identifier octet has them. */
enum {
    CARNET_DER_NONE = 0, /**< nothing left here, or a failure */
    CARNET_DER_BOOLEAN = 0x01,
    CARNET_DER_INTEGER = 0x02,
    CARNET_DER_BIT_STRING = 0x03,
    CARNET_DER_OCTET_STRING = 0x04,
    CARNET_DER_NULL = 0x05,
    CARNET_DER_OID = 0x06,
    CARNET_DER_ENUMERATED = 0x0a,
    CARNET_DER_UTF8_STRING = 0x0c,
    CARNET_DER_PRINTABLE_STRING = 0x13,
    CARNET_DER_T61_STRING = 0x14,
    CARNET_DER_IA5_STRING = 0x16,
    CARNET_DER_UTC_TIME = 0x17,
    CARNET_DER_GENERALIZED_TIME = 0x18,
    CARNET_DER_BMP_STRING = 0x1e,
    CARNET_DER_SEQUENCE = 0x30,
    CARNET_DER_SET = 0x31
};
/** [n] IMPLICIT of a primitive type; [n] EXPLICIT, or IMPLICIT of a constructed type. */
#define CARNET_DER_CONTEXT(n)             (0x80 | (n))
#define CARNET_DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

typedef struct carnet_der_reader {
    const uint8_t *at, *end;
    const uint8_t *origin; /**< first byte of the outermost input: offsets are counted from here */
    const uint8_t *failed_at;
    const char *clause, *reason; /**< static text */
    carnet_rc rc;
    uint8_t depth;
} carnet_der_reader;

/** One value with its head. */
typedef struct carnet_der_item {
    uint8_t tag;
    carnet_span content, encoded; /**< encoded: tag, length and content as received */
} carnet_der_item;

/** A constructed value being read: what carnet_der_leave() goes back to. */
typedef struct carnet_der_walk {
    const uint8_t *outer_end;
} carnet_der_walk;

/* --- reading --- */

/** A reader over encoded values, one after the other; offsets count from the first byte. */
CARNET_API carnet_der_reader carnet_der_open(carnet_span der);
/** A reader over `part`, which lies within what `outer` reads; offsets stay those of the outermost input. */
CARNET_API carnet_der_reader carnet_der_open_within(const carnet_der_reader *outer, carnet_span part);
/** Close: CARNET_OK if all was read and nothing failed; otherwise *err (may be NULL) is filled. */
CARNET_API carnet_rc carnet_der_done(carnet_der_reader *r, carnet_err *err);
/** Take over a child's failure. */
CARNET_API void carnet_der_join(carnet_der_reader *r, const carnet_der_reader *child);
/** Make the reader fail at the byte `at` (NULL: where it stands); ignored if it has failed already.  Texts static. */
CARNET_API void carnet_der_refuse(carnet_der_reader *r, carnet_rc rc, const uint8_t *at, const char *clause,
                                  const char *reason);

/** The tag of the next value; CARNET_DER_NONE at the end of the value entered last, or after a failure. */
CARNET_API uint8_t carnet_der_peek(const carnet_der_reader *r);
/** The next value, whatever it is; its content is not looked at. */
CARNET_API carnet_der_item carnet_der_any(carnet_der_reader *r);
/** The next value, checked to the last level of constructed values within it. */
CARNET_API carnet_der_item carnet_der_any_deep(carnet_der_reader *r);
/** The content of the next value, which must have this tag. */
CARNET_API carnet_span carnet_der_value(carnet_der_reader *r, uint8_t tag);
/** The same, if the next value has this tag; otherwise nothing is read and the result is empty with ptr NULL. */
CARNET_API carnet_span carnet_der_optional(carnet_der_reader *r, uint8_t tag);

/** Enter a constructed value: reading goes on inside it until carnet_der_leave(), which refuses what was not read. */
CARNET_API void carnet_der_enter(carnet_der_reader *r, uint8_t tag, carnet_der_walk *walk);
/** Enter it if the next value has this tag; false otherwise. */
CARNET_API bool carnet_der_enter_optional(carnet_der_reader *r, uint8_t tag, carnet_der_walk *walk);
CARNET_API void carnet_der_leave(carnet_der_reader *r, const carnet_der_walk *walk);
/** Something is left in the value entered last; false after a failure. */
CARNET_API bool carnet_der_more(const carnet_der_reader *r);

CARNET_API bool carnet_der_bool(carnet_der_reader *r);
CARNET_API void carnet_der_null(carnet_der_reader *r);
/** An INTEGER's content, two's complement, of minimal length. */
CARNET_API carnet_span carnet_der_integer(carnet_der_reader *r);
/** A non-negative INTEGER that fits. */
CARNET_API uint64_t carnet_der_uint(carnet_der_reader *r);
/** An OBJECT IDENTIFIER's content, well-formed. */
CARNET_API carnet_span carnet_der_oid(carnet_der_reader *r);
/** A BIT STRING of whole octets: its octets. */
CARNET_API carnet_span carnet_der_bit_string(carnet_der_reader *r);
/** A BIT STRING of named bits (no trailing zero bit): bit n of the result is named bit n.  At most 16. */
CARNET_API uint16_t carnet_der_named_bits(carnet_der_reader *r);
/** UTCTime YYMMDDhhmmssZ (1950 to 2049) or GeneralizedTime YYYYMMDDhhmmssZ. */
CARNET_API carnet_time carnet_der_time(carnet_der_reader *r);

/* --- object identifiers --- */

/** Initialiser of a carnet_span from the content octets of an identifier as a string literal. */
#define CARNET_OID(octets)                                                                                             \
    {                                                                                                                  \
        (const uint8_t *)(octets), sizeof(octets) - 1                                                                  \
    }

/** Well-formed content octets: not empty, last octet ends an arc, no arc with a leading 80. */
CARNET_API bool carnet_oid_valid(carnet_span oid);
/** Write "1.0.18013.5.1.2", zero-terminated, cut to fit; arcs beyond 64 bits appear as '?'.  Returns the length. */
CARNET_API size_t carnet_oid_text(carnet_span oid, char *out, size_t cap);
/** Append the content octets of dotted text; CARNET_E_DER_VALUE if it is none. */
CARNET_API carnet_rc carnet_oid_parse(carnet_str text, carnet_buf *out, carnet_err *err);

/* --- building --- */

/** Built into the caller's buffer.  The first failure sticks. */
typedef struct carnet_der_builder {
    uint8_t *ptr;
    size_t len, cap;
    carnet_rc rc;
} carnet_der_builder;

/** A constructed value being built: begin, add, end.  They nest. */
typedef struct carnet_der_mark {
    size_t start; /**< first byte of the content */
} carnet_der_mark;

CARNET_API carnet_der_builder carnet_der_build(void *ptr, size_t cap);
/** What was built; empty and an error if it did not fit. */
CARNET_API carnet_rc carnet_der_built(const carnet_der_builder *b, carnet_span *out, carnet_err *err);

/** The length is written by carnet_der_end(), which moves the content by up to three bytes when it is long. */
CARNET_API carnet_der_mark carnet_der_begin(carnet_der_builder *b, uint8_t tag);
CARNET_API void carnet_der_end(carnet_der_builder *b, carnet_der_mark mark);
/** A primitive value with this content. */
CARNET_API void carnet_der_add(carnet_der_builder *b, uint8_t tag, carnet_span content);
/** Encoded values as they are. */
CARNET_API void carnet_der_add_raw(carnet_der_builder *b, carnet_span encoded);
CARNET_API void carnet_der_add_bool(carnet_der_builder *b, bool value);
CARNET_API void carnet_der_add_null(carnet_der_builder *b);
CARNET_API void carnet_der_add_uint(carnet_der_builder *b, uint64_t value);
/** A non-negative INTEGER from big-endian octets, of any length: leading zeros are dropped, one is added if needed. */
CARNET_API void carnet_der_add_unsigned(carnet_der_builder *b, carnet_span octets);
CARNET_API void carnet_der_add_oid(carnet_der_builder *b, carnet_span oid);
CARNET_API void carnet_der_add_octets(carnet_der_builder *b, carnet_span octets);
CARNET_API void carnet_der_add_bit_string(carnet_der_builder *b, carnet_span octets);
/** A BIT STRING of named bits, bit n of `bits` being named bit n. */
CARNET_API void carnet_der_add_named_bits(carnet_der_builder *b, uint16_t bits);
/** A character string under the tag given. */
CARNET_API void carnet_der_add_str(carnet_der_builder *b, uint8_t tag, carnet_str text);
/** UTCTime for 1950 to 2049, GeneralizedTime otherwise (RFC 5280, 4.1.2.5). */
CARNET_API void carnet_der_add_time(carnet_der_builder *b, carnet_time time);

CARNET_END_DECLS
#endif
