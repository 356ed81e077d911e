/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CBOR (RFC 8949) without copying: a reader that yields views into the bytes
 * received, tables that declare a map's members, a builder, and diagnostic
 * printing.
 *
 * The reader is a cursor on the stack.  Its first failure sticks: later calls
 * give zeros and empty views, loops end, and carnet_cbor_end() reports it with
 * byte offset and path.  Act on nothing read before carnet_cbor_end() is OK.
 * Views live as long as the bytes.  One reader belongs to one thread.
 *
 * Refused unless allowed by name: heads longer than needed, indefinite lengths.
 * Always refused: duplicate map keys, text that is not UTF-8, bytes after the
 * end, more than CARNET_CBOR_DEPTH levels, more entries than bytes could hold.
 * Keys are compared by value: 01 and 1801 are one key.  Keys that are maps are
 * compared in the order received.
 *
 * The offset of a failure is that of the first byte of the item to blame: the
 * innermost, the second of two equal keys, the map that lacks a member; where
 * an item is missing, it is the place where it should be.
 */
#ifndef CARNET_CBOR_H
#define CARNET_CBOR_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_CBOR_DEPTH        16   /**< levels of arrays, maps and tags within one reader */
#define CARNET_CBOR_UNSORTED_MAX 1024 /**< entries of a map whose keys ascend neither bytewise nor by length first */

/** What a reader may let pass, and (in `seen`) what it met. */
enum {
    CARNET_CBOR_NOT_PREFERRED = 1, /**< a head or float longer than needed; NaN other than f97e00 */
    CARNET_CBOR_INDEFINITE = 2,    /**< arrays, maps and strings of indefinite length */
    CARNET_CBOR_UNKNOWN_KEY = 4,   /**< only in `seen`: a member no table names (always allowed) */
    CARNET_CBOR_UNSORTED = 8,      /**< only in `seen`: map keys not in ascending order (always allowed) */
    CARNET_CBOR_LENIENT = 3        /**< all that may be allowed */
};

typedef enum carnet_cbor_type {
    CARNET_CBOR_NONE, /**< nothing left here, or a failure */
    CARNET_CBOR_UINT,
    CARNET_CBOR_NINT,
    CARNET_CBOR_BSTR,
    CARNET_CBOR_TSTR,
    CARNET_CBOR_ARRAY,
    CARNET_CBOR_MAP,
    CARNET_CBOR_TAG,
    CARNET_CBOR_BOOL,
    CARNET_CBOR_NULL,
    CARNET_CBOR_UNDEFINED,
    CARNET_CBOR_SIMPLE,
    CARNET_CBOR_FLOAT
} carnet_cbor_type;

typedef struct carnet_cbor_reader {
    const uint8_t *at, *end;
    const uint8_t *origin;   /**< first byte of the outermost input: offsets are counted from here */
    const uint8_t *limit;    /**< its end: what lies between is a part of it */
    const carnet_path *path; /**< where this reader stands, or NULL */
    const uint8_t *failed_at;
    const char *clause, *reason; /**< static text */
    carnet_rc rc;
    uint8_t allow, seen, depth;
    char failed_path[120]; /**< rendered when the failure happened; empty before */
} carnet_cbor_reader;

/** A container being walked. */
typedef struct carnet_cbor_walk {
    const uint8_t *start; /**< first entry */
    uint64_t left, index; /**< index: of the entry to be read now, from 0 */
    bool indefinite, map, open;
} carnet_cbor_walk;

/** #6.24(bstr): both the whole item as received, which is what is hashed and signed, and the bytes inside. */
typedef struct carnet_cbor_embedded {
    carnet_span encoded, content;
} carnet_cbor_embedded;

/* --- reading --- */

/** A strict reader over an encoded item; offsets count from its first byte. */
CARNET_API carnet_cbor_reader carnet_cbor_open(carnet_span cbor);
/** A reader over a part of what `outer` reads (an embedded item, a view got before) or over bytes apart.  It inherits
 *  allowance and depth.  Offsets stay those of the outermost input; bytes apart have their own.  `path`, which may be
 *  NULL, leads from the outermost to the part. */
CARNET_API carnet_cbor_reader carnet_cbor_open_within(const carnet_cbor_reader *outer, carnet_span part,
                                                      const carnet_path *path);
/** Close: CARNET_OK if all was read and nothing failed; otherwise *err (may be NULL) is filled. */
CARNET_API carnet_rc carnet_cbor_end(carnet_cbor_reader *r, carnet_err *err);
/** Close without the demand that all bytes were read. */
CARNET_API carnet_rc carnet_cbor_failed(const carnet_cbor_reader *r, carnet_err *err);
/** Take over a child's failure, with its path if it has one, and what it saw. */
CARNET_API void carnet_cbor_join(carnet_cbor_reader *r, const carnet_cbor_reader *child);
/** Make the reader fail at the byte `at` (NULL: where it stands); ignored if it has failed already.  Texts static. */
CARNET_API void carnet_cbor_refuse(carnet_cbor_reader *r, carnet_rc rc, const uint8_t *at, const char *clause,
                                   const char *reason);

/** The type of the next item; CARNET_CBOR_NONE at the end or after a failure. */
CARNET_API carnet_cbor_type carnet_cbor_peek(const carnet_cbor_reader *r);
CARNET_API uint64_t carnet_cbor_uint(carnet_cbor_reader *r);
/** An integer of either sign that fits. */
CARNET_API int64_t carnet_cbor_int(carnet_cbor_reader *r);
/** A byte string's content; a chunked one is refused, whatever is allowed, for it has no view. */
CARNET_API carnet_span carnet_cbor_bstr(carnet_cbor_reader *r);
/** A text string's content, checked; a chunked one is refused likewise. */
CARNET_API carnet_str carnet_cbor_tstr(carnet_cbor_reader *r);
CARNET_API bool carnet_cbor_bool(carnet_cbor_reader *r);
CARNET_API void carnet_cbor_null(carnet_cbor_reader *r);
/** A float of any width. */
CARNET_API double carnet_cbor_float(carnet_cbor_reader *r);
/** The number of the tag that stands here; the tagged item is next.  Takes no level, for its end is not told. */
CARNET_API uint64_t carnet_cbor_tag(carnet_cbor_reader *r);
/** A tag that must be `number`. */
CARNET_API void carnet_cbor_expect_tag(carnet_cbor_reader *r, uint64_t number);
/** #6.24(bstr).  What is inside is not looked at: open a reader within. */
CARNET_API carnet_cbor_embedded carnet_cbor_tag24(carnet_cbor_reader *r);
/** Any item, checked to the last level: its bytes as received. */
CARNET_API carnet_span carnet_cbor_any(carnet_cbor_reader *r);

/** Enter an array or map.  While *_next() is true read one item (array), or one key and one value (map).  A map's keys
 *  are looked over when it is entered: one met twice is refused there. */
CARNET_API void carnet_cbor_array(carnet_cbor_reader *r, carnet_cbor_walk *walk);
CARNET_API bool carnet_cbor_array_next(carnet_cbor_reader *r, carnet_cbor_walk *walk);
CARNET_API void carnet_cbor_map(carnet_cbor_reader *r, carnet_cbor_walk *walk);
/** Steps to the next pair. */
CARNET_API bool carnet_cbor_map_next(carnet_cbor_reader *r, carnet_cbor_walk *walk);
/** Number of entries announced (pairs, of a map); for indefinite length they are counted.  0 for anything else, and for
 *  more than the bytes could hold. */
CARNET_API uint64_t carnet_cbor_count(carnet_span container);

/* --- field tables --- */

typedef enum carnet_cbor_kind {
    CARNET_FIELD_ANY,      /**< carnet_span: the item as received */
    CARNET_FIELD_UINT,     /**< uint64_t */
    CARNET_FIELD_INT,      /**< int64_t */
    CARNET_FIELD_BSTR,     /**< carnet_span: content */
    CARNET_FIELD_TSTR,     /**< carnet_str */
    CARNET_FIELD_BOOL,     /**< bool */
    CARNET_FIELD_ARRAY,    /**< carnet_span: an array as received */
    CARNET_FIELD_MAP,      /**< carnet_span: a map as received */
    CARNET_FIELD_EMBEDDED, /**< carnet_cbor_embedded: #6.24(bstr) */
} carnet_cbor_kind;

/** One member of a map: text key, or integer key where `name` is NULL. */
typedef struct carnet_cbor_field {
    const char *name;
    int64_t key;
    carnet_cbor_kind kind;
    bool required;
    size_t offset;   /**< where in the struct the value goes */
    size_t present;  /**< where a bool goes that says the member is there, or CARNET_NO_OFFSET */
    size_t name_len; /**< of `name`, or 0: it is counted */
} carnet_cbor_field;

/** Shorthand: required and optional text-keyed members of struct `type`. */
#define CARNET_MEMBER(type, name, kind, member)                                                                        \
    {                                                                                                                  \
        name, 0, kind, true, offsetof(type, member), CARNET_NO_OFFSET, sizeof("" name) - 1                             \
    }
#define CARNET_MEMBER_OPTIONAL(type, name, kind, member)                                                               \
    {                                                                                                                  \
        name, 0, kind, false, offsetof(type, member), CARNET_NO_OFFSET, sizeof("" name) - 1                            \
    }
/** The same with integer keys. */
#define CARNET_LABEL(type, key, kind, member)                                                                          \
    {                                                                                                                  \
        NULL, key, kind, true, offsetof(type, member), CARNET_NO_OFFSET, 0                                             \
    }
#define CARNET_LABEL_OPTIONAL(type, key, kind, member)                                                                 \
    {                                                                                                                  \
        NULL, key, kind, false, offsetof(type, member), CARNET_NO_OFFSET, 0                                            \
    }

/** Read a map by its table (at most 32 fields) into the struct at `into`, which the caller has zeroed.  Members that the
 *  table does not name are checked and stepped over; keys that are neither text nor integer too.  A chunked text key is
 *  refused.  The path of a failure ends in the member's name, that of a missing one too. */
CARNET_API void carnet_cbor_fields(carnet_cbor_reader *r, const carnet_cbor_field *fields, size_t count, void *into);

/* --- building --- */

/** Where encoded bytes go besides, or instead of, a buffer: a digest, a socket. */
typedef struct carnet_cbor_sink {
    void (*write)(void *self, const uint8_t *ptr, size_t len);
    void *self;
} carnet_cbor_sink;

/** Built into the caller's buffer; with ptr NULL only `len` is counted.  The first failure sticks. */
typedef struct carnet_cbor_builder {
    uint8_t *ptr;
    size_t len, cap;
    carnet_cbor_sink sink; /**< write NULL: none.  With a sink and ptr NULL bytes go to the sink only */
    carnet_rc rc;
} carnet_cbor_builder;

CARNET_API carnet_cbor_builder carnet_cbor_build(void *ptr, size_t cap);
/** A builder that only counts. */
CARNET_API carnet_cbor_builder carnet_cbor_measure(void);
/** A builder that feeds a sink and keeps nothing. */
CARNET_API carnet_cbor_builder carnet_cbor_stream(carnet_cbor_sink sink);
/** What was built: empty if it was only counted or streamed, and empty with an error if it did not fit. */
CARNET_API carnet_rc carnet_cbor_built(const carnet_cbor_builder *b, carnet_span *out, carnet_err *err);

CARNET_API void carnet_cbor_add_uint(carnet_cbor_builder *b, uint64_t value);
CARNET_API void carnet_cbor_add_int(carnet_cbor_builder *b, int64_t value);
CARNET_API void carnet_cbor_add_bstr(carnet_cbor_builder *b, carnet_span bytes);
/** Only the head of a byte string of `len` bytes, which the caller adds raw. */
CARNET_API void carnet_cbor_add_bstr_head(carnet_cbor_builder *b, uint64_t len);
/** Text that is not UTF-8 is refused (CARNET_E_CBOR_UTF8). */
CARNET_API void carnet_cbor_add_tstr(carnet_cbor_builder *b, carnet_str text);
CARNET_API void carnet_cbor_add_text(carnet_cbor_builder *b, const char *text);
CARNET_API void carnet_cbor_add_bool(carnet_cbor_builder *b, bool value);
CARNET_API void carnet_cbor_add_null(carnet_cbor_builder *b);
CARNET_API void carnet_cbor_add_double(carnet_cbor_builder *b,
                                       double value); /**< shortest width that keeps the value */
CARNET_API void carnet_cbor_add_array(carnet_cbor_builder *b, uint64_t count);
CARNET_API void carnet_cbor_add_map(carnet_cbor_builder *b, uint64_t count);
CARNET_API void carnet_cbor_add_tag(carnet_cbor_builder *b, uint64_t number);
/** An encoded item as it is. */
CARNET_API void carnet_cbor_add_raw(carnet_cbor_builder *b, carnet_span encoded);
/** #6.24(bstr) around encoded bytes. */
CARNET_API void carnet_cbor_add_tag24(carnet_cbor_builder *b, carnet_span content);
/** #6.0(tstr), "YYYY-MM-DDThh:mm:ssZ", and #6.1004(tstr), "YYYY-MM-DD". */
CARNET_API void carnet_cbor_add_tdate(carnet_cbor_builder *b, carnet_time time);
CARNET_API void carnet_cbor_add_full_date(carnet_cbor_builder *b, carnet_date date);

/** A byte string whose content is built in place: begin, add, end.  They nest.  Not with a sink. */
typedef struct carnet_cbor_open_bstr {
    size_t head, start;
} carnet_cbor_open_bstr;
/** `expected` is a guess of the content's length; a wrong one costs a memmove, no more. */
CARNET_API carnet_cbor_open_bstr carnet_cbor_bstr_begin(carnet_cbor_builder *b, size_t expected);
CARNET_API void carnet_cbor_bstr_end(carnet_cbor_builder *b, carnet_cbor_open_bstr open);

/** Length of a head for this argument: 1, 2, 3, 5 or 9. */
CARNET_API size_t carnet_cbor_head_size(uint64_t argument);

/* --- printing --- */

/** How carnet_cbor_print() writes. */
typedef struct carnet_cbor_print_options {
    bool indent;    /**< a line per entry */
    bool embedded;  /**< show what #6.24 byte strings hold, as << >> */
    size_t longest; /**< strings of more bytes, unless map keys, are cut and their length given; 0: never */
} carnet_cbor_print_options;

/** Diagnostic notation (RFC 8949, 8) of one encoded item, through `write`.  Takes what a reader that allows all takes,
 *  marks what is not preferred, and escapes what would act on a terminal.  On failure nothing is written. */
CARNET_API carnet_rc carnet_cbor_print(carnet_span cbor, const carnet_cbor_print_options *options,
                                       carnet_cbor_sink write, carnet_err *err);

CARNET_END_DECLS
#endif
