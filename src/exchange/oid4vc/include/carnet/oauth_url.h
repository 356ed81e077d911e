/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The URLs of OAuth: issuer identifiers and endpoints, and when two are
 * the same (RFC 3986 6.2.2, 6.2.3).
 */
#ifndef CARNET_OAUTH_URL_H
#define CARNET_OAUTH_URL_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_OAUTH_URL_MAX 2048 /**< octets of the longest URL taken */

/** A URL's parts, in the text itself. */
typedef struct carnet_oauth_url {
    carnet_str scheme, authority, host; /**< host: of an IPv6 address with its brackets; port not included */
    carnet_str port;                    /**< digits; empty: the scheme's */
    carnet_str path;                    /**< from its slash on; may be empty */
    carnet_str query, fragment;         /**< without `?` and `#`; empty if absent or empty */
} carnet_oauth_url;

/** Part an http or https URL.  CARNET_E_OAUTH_URL: it is none, has user information, or a character that has no place in
 *  one. */
CARNET_API carnet_rc carnet_oauth_url_split(carnet_str url, carnet_oauth_url *parts, carnet_err *err);
/** The same, and it must be https; http is taken to 127.0.0.1, [::1] and localhost, and only if `insecure_loopback`. */
CARNET_API carnet_rc carnet_oauth_url_secure(carnet_str url, bool insecure_loopback, carnet_oauth_url *parts,
                                             carnet_err *err);
/** An issuer identifier: secure as above, without query and fragment (RFC 8414 2). */
CARNET_API carnet_rc carnet_oauth_issuer_check(carnet_str issuer, bool insecure_loopback, carnet_err *err);
/** Append the normal form without query and fragment: scheme and host in lower case, no default port, no dot segments, percent
 *  signs only where they must be, a path. */
CARNET_API carnet_rc carnet_oauth_url_normalise(carnet_str url, carnet_buf *out, carnet_err *err);
/** Whether two are the same in normal form. */
CARNET_API bool carnet_oauth_url_same(carnet_str a, carnet_str b);

CARNET_END_DECLS
#endif
