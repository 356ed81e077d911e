/* SPDX-License-Identifier: Apache-2.0 */
/* The mdoc URI scheme (18013-5 9.3; 18013-7 A.4), and links to apps (23220-4 6.6.4). */
#include "internal.h"

#include <string.h>

void
carnet_engagement_uri_encode(carnet_uri_kind kind, carnet_span engagement, carnet_buf *out)
{
    carnet_buf_add_text(out, kind == CARNET_URI_READER_ENGAGEMENT ? "mdoc://" : "mdoc:");
    carnet_base64url_encode(engagement, out);
}

/** Whether the text begins with this, which is in lower case, without regard to case. */
static bool
begins(carnet_str text, const char *prefix)
{
    size_t len = carnet_str_of(prefix).len;

    for (size_t i = 0; i < len; i++) {
        if (i == text.len || (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? text.ptr[i] + 32 : text.ptr[i]) != prefix[i]) {
            return false;
        }
    }
    return true;
}

carnet_rc
carnet_engagement_uri_decode(carnet_str uri, carnet_uri_kind *kind, carnet_buf *out, carnet_err *err)
{
    size_t body = 5;
    carnet_rc rc;

    *kind = CARNET_URI_DEVICE_ENGAGEMENT;
    if (!begins(uri, "mdoc:")) {
        return carnet_fail_at(err, CARNET_E_ENGAGEMENT_URI, "18013-5 9.3", "the scheme is not mdoc", 0, NULL);
    }
    if (carnet_str_starts((carnet_str){ uri.ptr + body, uri.len - body }, "//")) {
        *kind = CARNET_URI_READER_ENGAGEMENT;
        body += 2;
    }
    if (uri.len == body) {
        return carnet_fail_at(err, CARNET_E_ENGAGEMENT_URI, "18013-5 9.3", "nothing follows the scheme", body, NULL);
    }
    rc = carnet_base64url_decode((carnet_str){ uri.ptr + body, uri.len - body }, out, err);
    if (rc != CARNET_OK && err != NULL && err->offset != CARNET_NO_OFFSET) {
        err->offset += body;
    }
    return rc;
}

#define LINK_CLAUSE "23220-4 6.6.4"

void
carnet_engagement_link_encode(carnet_str base, carnet_span reader_engagement, carnet_buf *out)
{
    size_t path = 0;

    while (path < base.len && base.ptr[path] != '#') {
        path++;
    }
    carnet_buf_add_str(out, (carnet_str){ base.ptr, path });
    carnet_buf_add_text(out, path != 0 && memchr(base.ptr, '?', path) != NULL ? "&mdoc=" : "?mdoc=");
    carnet_base64url_encode(reader_engagement, out);
    carnet_buf_add_str(out, (carnet_str){ base.ptr + path, base.len - path });
}

/** Where in the link the value of "mdoc" is; false if there is none or more than one. */
static bool
find_value(carnet_str link, size_t *from, size_t *to)
{
    size_t at = 0, end = 0;
    bool found = false;

    while (end < link.len && link.ptr[end] != '#') {
        end++;
    }
    while (at < end && link.ptr[at] != '?') {
        at++;
    }
    while (at < end) {
        size_t start = ++at;

        while (at < end && link.ptr[at] != '&') {
            at++;
        }
        if (!carnet_str_starts((carnet_str){ link.ptr + start, at - start }, "mdoc=")) {
            continue;
        }
        if (found) {
            return false;
        }
        found = true;
        *from = start + 5;
        *to = at;
    }
    return found && *from < *to;
}

carnet_rc
carnet_engagement_link_decode(carnet_str link, carnet_buf *out, carnet_err *err)
{
    size_t from = 0, to = 0;
    carnet_rc rc;

    if (!begins(link, "https://")) {
        return carnet_fail_at(err, CARNET_E_ENGAGEMENT_URI, LINK_CLAUSE, "the scheme is not https", 0, NULL);
    }
    if (!find_value(link, &from, &to)) {
        return carnet_fail_at(err, CARNET_E_ENGAGEMENT_URI, LINK_CLAUSE,
                              "the query does not have one member named mdoc", 0, NULL);
    }
    rc = carnet_base64url_decode((carnet_str){ link.ptr + from, to - from }, out, err);
    if (rc != CARNET_OK && err != NULL && err->offset != CARNET_NO_OFFSET) {
        err->offset += from;
    }
    return rc;
}
