/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NDEF messages (NFC Forum NDEF 1.0): a reader that yields each record as views
 * into the octets received, and a builder in the caller's buffer.
 *
 * The reader is a cursor on the stack.  Its first failure sticks: the loop
 * ends, and carnet_ndef_done() reports it with its byte offset.  Act on nothing
 * read before carnet_ndef_done() is OK.  Views live as long as the octets.  One
 * reader or builder belongs to one thread.
 */
#ifndef CARNET_NDEF_H
#define CARNET_NDEF_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_NDEF_RECORDS_MAX 64 /**< records that one message may have here */

/** What kind of name a record's type is (3.2.6). */
typedef enum carnet_ndef_format {
    CARNET_NDEF_EMPTY = 0,
    CARNET_NDEF_WELL_KNOWN = 1, /**< NFC Forum well-known type, such as "Hs" */
    CARNET_NDEF_MEDIA = 2,      /**< media type, RFC 2046 */
    CARNET_NDEF_URI = 3,
    CARNET_NDEF_EXTERNAL = 4, /**< NFC Forum external type, such as "iso.org:18013:nfc" */
    CARNET_NDEF_UNKNOWN = 5,
    CARNET_NDEF_RESERVED = 7 /**< to be treated as unknown */
} carnet_ndef_format;

typedef struct carnet_ndef_record {
    carnet_ndef_format format;
    carnet_str type;
    carnet_span id, payload;
    carnet_span encoded; /**< the whole record as received; a builder ignores it */
} carnet_ndef_record;

typedef struct carnet_ndef_reader {
    const uint8_t *at, *end;
    const uint8_t *origin; /**< first octet of the outermost input: offsets are counted from here */
    const uint8_t *failed_at;
    const char *clause, *reason; /**< static text */
    carnet_rc rc;
    unsigned count; /**< records read */
    bool ended;     /**< the record that says it is the last has been read */
} carnet_ndef_reader;

/** A reader over one message. */
CARNET_API carnet_ndef_reader carnet_ndef_open(carnet_span message);
/** A reader over a message that lies within what `outer` reads; offsets stay those of the outermost input. */
CARNET_API carnet_ndef_reader carnet_ndef_open_within(const carnet_ndef_reader *outer, carnet_span message);
/** The next record; false after the last and after a failure.  Refused: a record cut in chunks (CARNET_E_NDEF_CHUNKED), a
 *  first record that does not say so or a second that does, a type, identifier or payload where the format has none, no
 *  type where it has one (CARNET_E_NDEF_RECORD). */
CARNET_API bool carnet_ndef_next(carnet_ndef_reader *r, carnet_ndef_record *record);
/** Make the reader fail at the octet `at` (NULL: where it stands); ignored if it has failed already.  Texts static. */
CARNET_API void carnet_ndef_refuse(carnet_ndef_reader *r, carnet_rc rc, const uint8_t *at, const char *clause,
                                   const char *reason);
/** Take over a child's failure. */
CARNET_API void carnet_ndef_join(carnet_ndef_reader *r, const carnet_ndef_reader *child);
/** Close: CARNET_OK if the last record was read, nothing follows it and nothing failed; otherwise *err (may be NULL) is
 *  filled. */
CARNET_API carnet_rc carnet_ndef_done(carnet_ndef_reader *r, carnet_err *err);

/** True if the record is of this type; external types are matched without regard to case. */
CARNET_API bool carnet_ndef_is(const carnet_ndef_record *record, carnet_ndef_format format, const char *type);
/** The first record of this type in a whole message.  CARNET_OK with *found telling; or the message's failure. */
CARNET_API carnet_rc carnet_ndef_find(carnet_span message, carnet_ndef_format format, const char *type,
                                      carnet_ndef_record *record, bool *found, carnet_err *err);

/** Built into the caller's buffer.  The first failure sticks. */
typedef struct carnet_ndef_builder {
    carnet_buf out;
    carnet_rc rc;
    size_t last;  /**< where the record added last begins */
    bool started; /**< the message being built has a record */
} carnet_ndef_builder;

/** A record whose payload is being built: begin, append or add records, end.  They nest. */
typedef struct carnet_ndef_mark {
    size_t head, payload; /**< where the record and its payload begin */
    bool has_id;
} carnet_ndef_mark;

CARNET_API carnet_ndef_builder carnet_ndef_build(void *ptr, size_t cap);
/** Append a record, short if its payload fits.  The builder fails with CARNET_E_USAGE for lengths that no record has. */
CARNET_API void carnet_ndef_add(carnet_ndef_builder *b, const carnet_ndef_record *record);
/** Begin a record; the payload member is ignored.  What follows becomes its payload: octets, or records, which then make
 *  a message of their own. */
CARNET_API carnet_ndef_mark carnet_ndef_begin(carnet_ndef_builder *b, const carnet_ndef_record *record);
/** Append octets to the payload of the record begun last. */
CARNET_API void carnet_ndef_append(carnet_ndef_builder *b, carnet_span octets);
/** End the record: its length is written, and its payload moved by three octets if it takes the long form. */
CARNET_API void carnet_ndef_end(carnet_ndef_builder *b, carnet_ndef_mark mark);
/** The message; empty and an error if it did not fit or has no record. */
CARNET_API carnet_rc carnet_ndef_built(carnet_ndef_builder *b, carnet_span *message, carnet_err *err);

CARNET_END_DECLS
#endif
