/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the messages of one link are written (ISO 8583:1987, :1993, :2003): for
 * each data element its type, length, length prefix, encoding and padding, and
 * for the message its type indicator, bitmaps and header.
 *
 * A specification starts as one of the built-in tables in one flavour
 * (carnet_iso8583_spec_init), may be changed field by field, and is then made
 * ready (carnet_iso8583_spec_ready), which checks it and compiles what parse and
 * build run on.  It is some 8 KiB in size: keep it in static storage or on the
 * heap, not on a stack.  A ready one is const and may be shared by threads; text
 * and tables that it points to must outlive it.
 */
#ifndef CARNET_ISO8583_SPEC_H
#define CARNET_ISO8583_SPEC_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_ISO8583_ELEMENTS   193   /**< data elements 0 (the message type indicator) to 192 */
#define CARNET_ISO8583_MAX        8192  /**< octets of a message, unless a flavour says otherwise */
#define CARNET_ISO8583_MAX_LIMIT  65535 /**< octets of the longest message a flavour may allow */
#define CARNET_ISO8583_HEADER_MAX 64    /**< octets before the message type indicator */

typedef enum carnet_iso8583_version {
    CARNET_ISO8583_1987,
    CARNET_ISO8583_1993,
    CARNET_ISO8583_2003,
    CARNET_ISO8583_EMPTY /**< no data element defined: a specification to be filled in whole */
} carnet_iso8583_version;

/** Which characters a data element may hold.  Lengths count these: digits, characters, or octets of B. */
typedef enum carnet_iso8583_type {
    CARNET_ISO8583_NONE, /**< the data element is not defined: a message that has it is refused */
    CARNET_ISO8583_N,    /**< digits */
    CARNET_ISO8583_A,    /**< letters */
    CARNET_ISO8583_AN,   /**< letters, digits and spaces */
    CARNET_ISO8583_AS,   /**< letters and special characters */
    CARNET_ISO8583_NS,   /**< digits and special characters */
    CARNET_ISO8583_ANS,  /**< any printable character */
    CARNET_ISO8583_Z,    /**< tracks 2 and 3: digits, = and, in the nibbles of BCD, D for it */
    CARNET_ISO8583_XN,   /**< C or D, then digits; also 0 for the sign where a peer leaves it out */
    CARNET_ISO8583_B     /**< octets */
} carnet_iso8583_type;

/** How a value is written. */
typedef enum carnet_iso8583_encoding {
    CARNET_ISO8583_ASCII,
    CARNET_ISO8583_CP037,
    CARNET_ISO8583_CP500,
    CARNET_ISO8583_CP1047,
    CARNET_ISO8583_BCD,       /**< N and Z: two to an octet; XN: an ASCII sign, then such digits */
    CARNET_ISO8583_RAW,       /**< B: octets as they are */
    CARNET_ISO8583_HEX,       /**< B: two ASCII hexadecimal digits an octet, of either case; built in upper case */
    CARNET_ISO8583_HEX_LOWER, /**< the same, built in lower case */
    CARNET_ISO8583_HEX_EBCDIC /**< two EBCDIC hexadecimal digits */
} carnet_iso8583_encoding;

/** How the length of a variable data element is written. */
typedef enum carnet_iso8583_prefix {
    CARNET_ISO8583_FIXED,         /**< none: the value has `max` characters */
    CARNET_ISO8583_PREFIX_ASCII,  /**< decimal digits */
    CARNET_ISO8583_PREFIX_EBCDIC, /**< decimal digits */
    CARNET_ISO8583_PREFIX_BCD,    /**< decimal digits, two to an octet; an odd number of them leads with a nibble 0 */
    CARNET_ISO8583_PREFIX_BINARY, /**< big-endian, `width` octets */
    CARNET_ISO8583_PREFIX_HEX,    /**< ASCII hexadecimal digits */
    CARNET_ISO8583_PREFIX_BER     /**< as BER-TLV writes lengths, up to three octets; `width` is not looked at */
} carnet_iso8583_prefix;

/** What the length prefix counts. */
typedef enum carnet_iso8583_unit {
    CARNET_ISO8583_CHARACTERS, /**< characters of the value: digits of N, octets of B */
    CARNET_ISO8583_OCTETS,     /**< octets on the wire */
    CARNET_ISO8583_NIBBLES     /**< half octets: digits where two go to an octet, two for an octet otherwise */
} carnet_iso8583_unit;

/** Bits of carnet_iso8583_field.flags. */
enum {
    CARNET_ISO8583_BCD_RIGHT = 1,    /**< an odd number of BCD digits is padded on the right, not on the left */
    CARNET_ISO8583_TEXT_RIGHT = 2,   /**< a fixed text that is too short gets its spaces on the left */
    CARNET_ISO8583_SENSITIVE = 4,    /**< PAN, tracks, PIN, account: not to be shown */
    CARNET_ISO8583_SIGN_EBCDIC = 16, /**< the sign before digits in BCD is in EBCDIC */
    CARNET_ISO8583_STRICT = 8        /**< characters exactly of the type.  Without it A, AN, AS, NS and Z, when they are
                                         written in characters, may hold any printable one, as peers do */
};

typedef struct carnet_iso8583_composite carnet_iso8583_composite; /**< what is inside: carnet/iso8583_data_set.h */

/** One data element. */
typedef struct carnet_iso8583_field {
    const char *name;                          /**< for a person; may be NULL */
    const carnet_iso8583_composite *composite; /**< structure that is checked too, or NULL */
    uint16_t min, max;                         /**< characters; of a fixed one, `max` alone */
    uint8_t type;                              /**< carnet_iso8583_type */
    uint8_t encoding;                          /**< carnet_iso8583_encoding */
    uint8_t prefix;                            /**< carnet_iso8583_prefix */
    uint8_t width;                             /**< of the prefix: 1 to 6 digits, 1 to 3 octets of BINARY */
    uint8_t unit;                              /**< carnet_iso8583_unit */
    uint8_t fill;                              /**< nibble that pads BCD: 0 or 15 */
    uint8_t flags;
} carnet_iso8583_field;

/** How bitmaps are written. */
typedef enum carnet_iso8583_bitmap {
    CARNET_ISO8583_BITMAP_RAW,
    CARNET_ISO8583_BITMAP_HEX, /**< of either case; built in upper case */
    CARNET_ISO8583_BITMAP_HEX_LOWER,
    CARNET_ISO8583_BITMAP_HEX_EBCDIC
} carnet_iso8583_bitmap;

/** When there is a secondary bitmap. */
typedef enum carnet_iso8583_secondary {
    CARNET_ISO8583_SECONDARY_NEEDED, /**< bit 1 says so; set when an element above 64 is there */
    CARNET_ISO8583_SECONDARY_ALWAYS, /**< read as NEEDED; built always, bit 1 set */
    CARNET_ISO8583_SECONDARY_FIXED,  /**< always there, bit 1 clear (set is read, too) */
    CARNET_ISO8583_SECONDARY_NEVER   /**< 64 elements at most; bit 1 is element 1 if that is defined, else refused */
} carnet_iso8583_secondary;

/** Where a tertiary bitmap (elements 129 to 192) is. */
typedef enum carnet_iso8583_tertiary {
    CARNET_ISO8583_TERTIARY_NEVER,   /**< bit 65 is the data element of that number */
    CARNET_ISO8583_TERTIARY_LEADING, /**< bit 65 set: right after the secondary bitmap */
    CARNET_ISO8583_TERTIARY_AT_65    /**< bit 65 set: in the place of data element 65 */
} carnet_iso8583_tertiary;

/** A way of writing, from which every field of a built-in table gets its own. */
typedef struct carnet_iso8583_flavour {
    uint8_t mti;             /**< encoding of the message type indicator: ASCII, CP*, BCD */
    uint8_t number;          /**< of N and the digits of XN: ASCII, CP*, BCD */
    uint8_t text;            /**< of A, AN, AS, NS, ANS: ASCII, CP* */
    uint8_t track;           /**< of Z: ASCII, CP*, BCD; where BCD, a built-in table has data element 36 as text */
    uint8_t binary;          /**< of fixed B: RAW, HEX* */
    uint8_t variable_binary; /**< of variable B */
    uint8_t prefix;          /**< carnet_iso8583_prefix of variable elements, not FIXED */
    uint8_t prefix_octets; /**< of BINARY ones: 1: one, and no value is longer; 0: two where 100 or more are allowed */
    uint8_t number_unit;   /**< what prefixes of N and Z count */
    uint8_t text_unit;     /**< of the others */
    uint8_t bitmap;        /**< carnet_iso8583_bitmap */
    uint8_t secondary;     /**< carnet_iso8583_secondary */
    uint8_t tertiary;      /**< carnet_iso8583_tertiary */
    uint8_t header;        /**< octets before the message type indicator */
    uint8_t fixed_fill, variable_fill; /**< nibbles that pad BCD: 0 or 15 */
    bool fixed_right, variable_right;  /**< BCD is padded on the right */
    bool strict;                       /**< CARNET_ISO8583_STRICT for every field */
    bool currency_number;              /**< currency codes (49 to 51) are N and written as such, not AN */
    bool no_mti;                       /**< a bitmap and fields only: what is nested in a data element */
    uint16_t max;                      /**< octets of a message; 0: CARNET_ISO8583_MAX */
} carnet_iso8583_flavour;

/** What parse and build run on; made by carnet_iso8583_spec_ready(), not for others to look at. */
typedef struct carnet_iso8583_step {
    uint8_t read, write, check, width;
    uint16_t size, limit;
} carnet_iso8583_step;

typedef struct carnet_iso8583_spec {
    carnet_iso8583_version version;
    carnet_iso8583_flavour flavour;
    carnet_iso8583_field fields[CARNET_ISO8583_ELEMENTS]; /**< [0] and [1] are not looked at, but [1] where there is
                                                               never a secondary bitmap */
    carnet_iso8583_step steps[CARNET_ISO8583_ELEMENTS];
    bool ready; /**< cleared by whoever changes the above */
} carnet_iso8583_spec;

/** All characters and hexadecimal digits in ASCII: "ascii", the flavour of most files and specifications. */
CARNET_API carnet_iso8583_flavour carnet_iso8583_flavour_ascii(void);
/** A flavour by name: ascii; ascii-binary (raw bitmaps and octets); ascii-fixed16 (hexadecimal bitmap of 16 octets, bit 1
 *  clear, raw octets); ascii-npm (raw bitmap, always 16 octets); ascii-1993 (as ascii, variable octets raw); bcd (numbers,
 *  tracks and prefixes in BCD, raw bitmaps and octets, odd digits padded on the left when fixed and on the right when
 *  variable); bcd-left; bcd-right (always right; tracks in characters); bcd-octets (variable numbers count octets, padded with F
 *  on the right); ebcdic, ebcdic-500, ebcdic-1047 (raw octets, hexadecimal bitmap); ebcdic-binary; visa (numbers and
 *  currencies in BCD, text in EBCDIC, prefixes of one octet).  False if unknown. */
CARNET_API bool carnet_iso8583_flavour_named(carnet_str name, carnet_iso8583_flavour *flavour);
/** The name of the i-th flavour; NULL after the last. */
CARNET_API const char *carnet_iso8583_flavour_name(size_t i);

/** Fill *spec from the built-in table of a version in a flavour, and make it ready.  CARNET_E_ISO8583_SPEC: the flavour
 *  contradicts itself. */
CARNET_API carnet_rc carnet_iso8583_spec_init(carnet_iso8583_spec *spec, carnet_iso8583_version version,
                                              const carnet_iso8583_flavour *flavour, carnet_err *err);
/** A field as the built-in tables would have it in this flavour: for changing one.  `width` 0: fixed. */
CARNET_API carnet_iso8583_field carnet_iso8583_field_of(const carnet_iso8583_flavour *flavour, carnet_iso8583_type type,
                                                        uint8_t width, uint16_t max, const char *name);
/** Check a specification and compile it.  CARNET_E_ISO8583_SPEC names the data element and what is wrong with it. */
CARNET_API carnet_rc carnet_iso8583_spec_ready(carnet_iso8583_spec *spec, carnet_err *err);

/** "1987", "1993", "2003"; "" for an empty one. */
CARNET_API const char *carnet_iso8583_version_text(carnet_iso8583_version version);
/** "n", "ans", "b" and so on. */
CARNET_API const char *carnet_iso8583_type_text(carnet_iso8583_type type);
/** The name of a data element of a specification, never NULL; "Message type indicator" for 0. */
CARNET_API const char *carnet_iso8583_element_name(const carnet_iso8583_spec *spec, unsigned element);

CARNET_END_DECLS
#endif
