/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside a data element: data sets of tag, length and value in
 * characters (TTLLL and its kin) or octets (ISO 8583:2003 4.4), positional
 * subfields, a bitmap with fields of its own, or BER-TLV (for which
 * carnet/tlv.h is the reader).
 *
 * The reader views into the octets it was opened on; its first failure sticks
 * and carnet_data_set_done() reports it.  One reader belongs to one thread.
 */
#ifndef CARNET_ISO8583_DATA_SET_H
#define CARNET_ISO8583_DATA_SET_H
#include "carnet/iso8583.h"
CARNET_BEGIN_DECLS

/** How items are written. */
typedef struct carnet_data_set_form {
    uint8_t lead;   /**< octets before the first item, kept as they are: 1 for a transaction category code */
    uint8_t tag;    /**< octets of a tag, 1 to 4: of A-Z, a-z and 0-9, or any octets where `binary` */
    uint8_t length; /**< decimal digits of a length, 1 to 6, or octets of it, 1 to 3, where `binary` */
    bool binary;
    bool repeats; /**< a tag may come twice */
} carnet_data_set_form;

CARNET_API extern const carnet_data_set_form carnet_data_set_ttlll; /**< TT LLL value */
CARNET_API extern const carnet_data_set_form carnet_data_set_ttll;  /**< TT LL value */
CARNET_API extern const carnet_data_set_form carnet_data_set_se;    /**< one character, then SE of TT LL value */
CARNET_API extern const carnet_data_set_form carnet_data_set_2003;  /**< one octet of identifier, two of length */

/** One item. */
typedef struct carnet_data_set_item {
    carnet_str tag; /**< octets of the tag; of a binary form, not text */
    carnet_span value, encoded;
} carnet_data_set_item;

typedef struct carnet_data_set_reader {
    carnet_span octets, lead;
    carnet_data_set_form form;
    size_t at, failed_at;
    const char *reason; /**< static text */
    carnet_rc rc;
} carnet_data_set_reader;

CARNET_API carnet_data_set_reader carnet_data_set_open(carnet_span octets, carnet_data_set_form form);
/** The next item; false at the end and after a failure.  A tag met before is a failure unless the form lets it repeat. */
CARNET_API bool carnet_data_set_next(carnet_data_set_reader *r, carnet_data_set_item *item);
/** CARNET_OK if all was read; CARNET_E_ISO8583_DATA_SET with the offset in the octets opened. */
CARNET_API carnet_rc carnet_data_set_done(const carnet_data_set_reader *r, carnet_err *err);
/** Check all, and find one: *value has ptr NULL if there is none. */
CARNET_API carnet_rc carnet_data_set_find(carnet_span octets, carnet_data_set_form form, const char *tag,
                                          carnet_span *value, carnet_err *err);
/** Append an item; `out` overflows if the tag is not of the form or the value too long for its length.  The lead is the
 *  caller's to append. */
CARNET_API void carnet_data_set_add(carnet_buf *out, carnet_data_set_form form, carnet_str tag, carnet_span value);
/** Append `octets` with the item of this tag replaced, in its place, or added at the end; value ptr NULL: left out.  Other items
 *  keep their octets and order. */
CARNET_API carnet_rc carnet_data_set_replace(carnet_span octets, carnet_data_set_form form, carnet_str tag,
                                             carnet_span value, carnet_buf *out, carnet_err *err);

/** A subfield at its place in a text. */
typedef struct carnet_iso8583_subfield {
    const char *name;
    uint16_t length;
    uint8_t type;  /**< carnet_iso8583_type, not B */
    bool optional; /**< the text may end before it; then all after it are optional */
} carnet_iso8583_subfield;

typedef enum carnet_iso8583_composite_kind {
    CARNET_ISO8583_POSITIONAL,
    CARNET_ISO8583_DATA_SET,
    CARNET_ISO8583_NESTED, /**< a bitmap and fields: `nested`, whose flavour has no_mti */
    CARNET_ISO8583_TLV     /**< BER-TLV: its outermost heads and lengths are checked */
} carnet_iso8583_composite_kind;

/** The structure of a data element: part of a specification, static or the caller's. */
struct carnet_iso8583_composite {
    carnet_iso8583_composite_kind kind;
    carnet_data_set_form form;
    const carnet_iso8583_subfield *subfields;
    size_t count;
    const carnet_iso8583_spec *nested; /**< ready */
};

/** The i-th subfield of a positional text; empty if the text ends before it. */
CARNET_API carnet_str carnet_iso8583_subfield_text(const carnet_iso8583_composite *composite, carnet_str text,
                                                   size_t i);
/** Check octets of a value against a structure.  Data sets and subfields are looked for in ASCII: give the text, not the
 *  raw octets, of an EBCDIC element.  Offsets count within `value`. */
CARNET_API carnet_rc carnet_iso8583_composite_check(const carnet_iso8583_composite *composite, carnet_span value,
                                                    carnet_err *err);

/** Subfields of well-known data elements: original data elements (90 of 1987; 56 of 1993 but its last), replacement amounts (95 of
 *  1987), processing code (3).  NULL if there is none built in. */
CARNET_API const carnet_iso8583_composite *carnet_iso8583_composite_known(carnet_iso8583_version version,
                                                                          unsigned element);
/** The structured data of a widespread switch's element 127: a bitmap and fields of its own, themselves as written in
 *  ASCII.  Fill a specification for it and make it ready. */
CARNET_API carnet_rc carnet_iso8583_spec_postilion_127(carnet_iso8583_spec *spec, carnet_err *err);

CARNET_END_DECLS
#endif
