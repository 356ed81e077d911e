/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames: how messages follow one another on a byte stream such as TCP.
 *
 * Each begins with its length; some put a header (a TPDU, or a card scheme's)
 * between length and message, or an octet after it.  Nothing is copied; frames
 * view into the stream's octets.  Any thread.
 */
#ifndef CARNET_ISO8583_FRAME_H
#define CARNET_ISO8583_FRAME_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_TPDU_SIZE        5  /**< id, two octets of destination, two of source */
#define CARNET_FRAME_HEADER_MAX 64 /**< octets of a header within a frame */

typedef enum carnet_frame_length {
    CARNET_FRAME_BINARY, /**< big-endian */
    CARNET_FRAME_BCD,
    CARNET_FRAME_ASCII, /**< decimal digits */
    CARNET_FRAME_HEX    /**< ASCII hexadecimal digits */
} carnet_frame_length;

typedef struct carnet_framing {
    uint8_t length;       /**< carnet_frame_length */
    uint8_t width;        /**< octets that the length takes: 1 to 4 of BINARY and BCD, 2 to 6 otherwise */
    uint8_t zeros;        /**< octets 00 after it, not counted by it: 0 to 4 */
    uint8_t header;       /**< octets between these and the message, counted */
    uint8_t trailer_size; /**< 0 or 1 octet after the message, counted */
    uint8_t trailer;      /**< that octet */
    bool inclusive;       /**< the length counts its own octets, too */
    uint32_t max;         /**< most octets of header and message; 0: 8192 */
} carnet_framing;

/** A frame at the front of a stream. */
typedef struct carnet_frame {
    carnet_span header, message;
    size_t size;     /**< octets that it takes from the stream; 0: more octets are needed */
    size_t needed;   /**< size it will have, as far as is known, when `size` is 0 */
    bool keep_alive; /**< length 0: a sign of life, to be sent back */
} carnet_frame;

/** A framing by name: post (two octets, big-endian), nac (the same and a TPDU), nac-inclusive (counts itself), bcd (two octets of
 *  BCD and a TPDU), bcd-plain, ascii4, hex4, vap (two octets and two of zero), visa (vap with a header of 22 octets), base24
 *  (two octets, an octet 03 behind), binary4 (four octets); post-inclusive, ascii4-inclusive, binary4-inclusive count
 *  themselves.  False if unknown. */
CARNET_API bool carnet_framing_named(carnet_str name, carnet_framing *framing);
/** The name of the i-th; NULL after the last. */
CARNET_API const char *carnet_framing_name(size_t i);
/** True if a framing is one that can be: CARNET_E_USAGE of the functions below otherwise. */
CARNET_API bool carnet_framing_valid(const carnet_framing *framing);

/** The frame at the front of `stream`.  CARNET_OK with size 0: not all of it has come.  CARNET_E_ISO8583_FRAME: no octets will make it
 *  a frame, and the stream is lost. */
CARNET_API carnet_rc carnet_frame_next(const carnet_framing *framing, carnet_span stream, carnet_frame *frame,
                                       carnet_err *err);
/** Append a frame.  `header` of the framing's size; empty: zeros.  CARNET_E_ISO8583_FRAME: too long for the length; CARNET_E_NO_SPACE;
 *  CARNET_E_USAGE.  On failure nothing is added. */
CARNET_API carnet_rc carnet_frame_add(const carnet_framing *framing, carnet_span header, carnet_span message,
                                      carnet_buf *out, carnet_err *err);
/** Append the sign of life. */
CARNET_API carnet_rc carnet_frame_add_keep_alive(const carnet_framing *framing, carnet_buf *out, carnet_err *err);
/** The TPDU of the answer: destination and source swapped. */
CARNET_API void carnet_tpdu_answer(const uint8_t tpdu[CARNET_TPDU_SIZE], uint8_t answer[CARNET_TPDU_SIZE]);

CARNET_END_DECLS
#endif
