/* SPDX-License-Identifier: Apache-2.0 */
/*
 * application/x-www-form-urlencoded (URL Standard; RFC 6749 Appendix B), the
 * form of requests to an authorization server and of queries in links.
 *
 * Read: text is decoded into the caller's buffer, and views point there.  A
 * parameter that comes twice is refused (RFC 6749 3.1).  Written: into the
 * caller's buffer, which says when it is full.
 */
#ifndef CARNET_FORM_H
#define CARNET_FORM_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_FORM_MAX        65536 /**< octets of the longest form taken */
#define CARNET_FORM_PARAMETERS 32    /**< in one form at most */

typedef struct carnet_form_parameter {
    carnet_str name, value;
} carnet_form_parameter;

typedef struct carnet_form {
    carnet_form_parameter list[CARNET_FORM_PARAMETERS];
    size_t count;
} carnet_form;

/** Read a form or query.  `room` needs as many octets as the text.  CARNET_E_OAUTH_FORM: a percent sign without two
 *  hexadecimal digits, a zero, no UTF-8, a value without a name; CARNET_E_OAUTH_PARAMETER_TWICE; CARNET_E_LIMIT: too long or too
 *  many.  On failure *form is empty. */
CARNET_API carnet_rc carnet_form_read(carnet_str text, carnet_buf *room, carnet_form *form, carnet_err *err);
/** The value of a parameter; empty if it is absent, or has none (RFC 6749 3.1 takes both alike). */
CARNET_API carnet_str carnet_form_get(const carnet_form *form, const char *name);
CARNET_API bool carnet_form_has(const carnet_form *form, const char *name);

/** A form being written. */
typedef struct carnet_form_writer {
    carnet_buf *out;
    bool filled;
} carnet_form_writer;

/** A form from the start, to be sent as a body. */
CARNET_API carnet_form_writer carnet_form_write(carnet_buf *out);
/** A query behind a URL, which is written first; one it has already is gone on with. */
CARNET_API carnet_form_writer carnet_form_write_query(carnet_str url, carnet_buf *out);
CARNET_API void carnet_form_add(carnet_form_writer *writer, const char *name, carnet_str value);
/** The same unless the value is empty. */
CARNET_API void carnet_form_add_some(carnet_form_writer *writer, const char *name, carnet_str value);

/** Append percent-encoded text (RFC 3986 2.1; a space as %20): all but unreserved characters. */
CARNET_API void carnet_percent_encode(carnet_str text, carnet_buf *out);

CARNET_END_DECLS
#endif
