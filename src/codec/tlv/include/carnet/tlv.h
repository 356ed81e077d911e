/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER-TLV data objects (ISO/IEC 7816-4:2013, 6.3): a reader that yields views
 * into the octets received, and a builder on carnet_buf.
 *
 * The reader is a cursor on the stack.  Its first failure sticks: the loop
 * ends, and carnet_tlv_done() reports it with its byte offset.  Act on nothing
 * read before carnet_tlv_done() is OK.  Views live as long as the octets.  One
 * reader belongs to one thread.
 *
 * A tag is a number made of its octets as they are written: 0x53, 0x9f26,
 * 0xdf8101.  Always refused: tags of more than four octets, indefinite lengths,
 * lengths of more than four octets after the first.  Lengths longer than needed
 * are BER, and are read.
 */
#ifndef CARNET_TLV_H
#define CARNET_TLV_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_TLV_HEAD_MAX 9  /**< octets of the longest head: four of tag, five of length */
#define CARNET_TLV_DEPTH    16 /**< levels that carnet_tlv_check() goes down */

/** The head of a data object: tag and length. */
typedef struct carnet_tlv_head {
    uint32_t tag;
    uint32_t length; /**< of the value, octets */
    size_t size;     /**< of the head itself, octets: at most CARNET_TLV_HEAD_MAX */
} carnet_tlv_head;

/** One data object. */
typedef struct carnet_tlv {
    uint32_t tag;
    carnet_span value, encoded; /**< encoded: head and value as received */
} carnet_tlv;

typedef struct carnet_tlv_reader {
    const uint8_t *at, *end;
    const uint8_t *origin; /**< first octet of the outermost input: offsets are counted from here */
    const uint8_t *failed_at;
    const char *reason; /**< static text */
    carnet_rc rc;
    bool padding; /**< set it to step over octets 00 between data objects, as payment cards write them */
} carnet_tlv_reader;

/** Read a head at the front of `octets`, whose value need not be there yet.  CARNET_E_TLV_TRUNCATED: what is there is the
 *  front of a head, more octets will tell; CARNET_E_TLV_TAG, CARNET_E_TLV_LENGTH: no octets will make it one. */
CARNET_API carnet_rc carnet_tlv_head_read(carnet_span octets, carnet_tlv_head *head, carnet_err *err);

/** A reader over data objects, one after the other; offsets count from the first octet. */
CARNET_API carnet_tlv_reader carnet_tlv_open(carnet_span octets);
/** A reader over `part`, such as the value of a constructed data object that `outer` yielded; offsets stay outer's. */
CARNET_API carnet_tlv_reader carnet_tlv_open_within(const carnet_tlv_reader *outer, carnet_span part);
/** The next data object, whatever it is; its value is not looked at.  False at the end and after a failure. */
CARNET_API bool carnet_tlv_next(carnet_tlv_reader *r, carnet_tlv *object);
/** The next data object must have this tag: its value, or a failure. */
CARNET_API carnet_span carnet_tlv_value(carnet_tlv_reader *r, uint32_t tag);
/** Make the reader fail at the octet `at` (NULL: where it stands); ignored if it has failed already.  `reason` static. */
CARNET_API void carnet_tlv_refuse(carnet_tlv_reader *r, carnet_rc rc, const uint8_t *at, const char *reason);
/** Take over a child's failure. */
CARNET_API void carnet_tlv_join(carnet_tlv_reader *r, const carnet_tlv_reader *child);
/** Close: CARNET_OK if all was read and nothing failed; otherwise *err (may be NULL) is filled. */
CARNET_API carnet_rc carnet_tlv_done(carnet_tlv_reader *r, carnet_err *err);

/** True if data objects of this tag hold data objects. */
CARNET_API bool carnet_tlv_constructed(uint32_t tag);
/** Check data objects to the last level of constructed ones within them, CARNET_TLV_DEPTH levels at most
 *  (CARNET_E_TLV_DEPTH). */
CARNET_API carnet_rc carnet_tlv_check(carnet_span octets, carnet_err *err);
/** The value of the first data object with this tag, on the outermost level; ptr NULL if there is none before the first
 *  that is malformed.  For octets that carnet_tlv_check() has accepted. */
CARNET_API carnet_span carnet_tlv_find(carnet_span octets, uint32_t tag);

/** True if the number is a tag: one to four octets that end where a tag ends. */
CARNET_API bool carnet_tlv_tag_valid(uint32_t tag);
/** Octets of the head with this tag and length; 0 if the tag is none or the length has no form. */
CARNET_API size_t carnet_tlv_head_size(uint32_t tag, size_t length);
/** Append a head, its length in the shortest form; `out` overflows if carnet_tlv_head_size() is 0. */
CARNET_API void carnet_tlv_add_head(carnet_buf *out, uint32_t tag, size_t length);
/** Append a data object. */
CARNET_API void carnet_tlv_add(carnet_buf *out, uint32_t tag, carnet_span value);

/** A data object being built: begin, append its value, end.  They nest. */
typedef struct carnet_tlv_mark {
    size_t start; /**< first octet of the value */
} carnet_tlv_mark;

CARNET_API carnet_tlv_mark carnet_tlv_begin(carnet_buf *out, uint32_t tag);
/** Write the length; moves the value by up to four octets when it is long. */
CARNET_API void carnet_tlv_end(carnet_buf *out, carnet_tlv_mark mark);

CARNET_END_DECLS
#endif
