/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets, and the text forms of bytes: hexadecimal, base64url (RFC 4648, 5,
 * without padding), base64 and PEM (RFC 7468).
 */
#ifndef CARNET_BYTES_H
#define CARNET_BYTES_H
#include "carnet/err.h"
CARNET_BEGIN_DECLS

#define CARNET_SECRET_MAX 66 /**< the longest: an ECDH shared secret or scalar of P-521 */

/** Secret bytes.  Wipe with carnet_secret_done() on every path; never print, never compare with memcmp. */
typedef struct carnet_secret {
    uint8_t bytes[CARNET_SECRET_MAX];
    uint8_t len;
} carnet_secret;

CARNET_API void carnet_secret_done(carnet_secret *secret);
/** Overwrite with zeros in a way the compiler keeps. */
CARNET_API void carnet_wipe(void *ptr, size_t len);
/** Equal, in time that depends on the lengths only. */
CARNET_API bool carnet_equal_secret(carnet_span a, carnet_span b);

/** a + b, or false when it does not fit (then *sum is 0). */
CARNET_API bool carnet_add_size(size_t a, size_t b, size_t *sum);
/** True if the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
CARNET_API bool carnet_utf8_valid(carnet_span bytes);

/** Append the bytes that hexadecimal text stands for; white space between digits is skipped. */
CARNET_API carnet_rc carnet_hex_decode(carnet_str text, carnet_buf *out, carnet_err *err);
/** Append base64url without padding. */
CARNET_API void carnet_base64url_encode(carnet_span bytes, carnet_buf *out);
/** Append what base64url text stands for.  Padding, other alphabets, white space and set spare bits are refused. */
CARNET_API carnet_rc carnet_base64url_decode(carnet_str text, carnet_buf *out, carnet_err *err);
/** Append base64 with padding, no line ends. */
CARNET_API void carnet_base64_encode(carnet_span bytes, carnet_buf *out);
/** Append what base64 text stands for; white space is skipped, padding may be absent. */
CARNET_API carnet_rc carnet_base64_decode(carnet_str text, carnet_buf *out, carnet_err *err);

/** Append a PEM object: `label` such as "CERTIFICATE", lines of 64 characters. */
CARNET_API void carnet_pem_encode(const char *label, carnet_span der, carnet_buf *out);
/** Take the next PEM object from *text (which is moved past it) and append its bytes to *out.
 *  *label views into the text.  CARNET_E_PEM when none is left or it is malformed; at the end of the
 *  text without an object, label is empty.  A malformed object leaves *text where it was and label not empty;
 *  offsets count from the *text that was given. */
CARNET_API carnet_rc carnet_pem_next(carnet_str *text, carnet_str *label, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
