/* SPDX-License-Identifier: Apache-2.0 */
/* The mdoc URI scheme (18013-5 9.3; 18013-7 A.4). */
#include "internal.h"

void
carnet_engagement_uri_encode(carnet_uri_kind kind, carnet_span engagement, carnet_buf *out)
{
    carnet_buf_add_text(out, kind == CARNET_URI_READER_ENGAGEMENT ? "mdoc://" : "mdoc:");
    carnet_base64url_encode(engagement, out);
}

static bool
has_scheme(carnet_str uri)
{
    static const char scheme[] = "mdoc:";

    if (uri.len < sizeof scheme - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof scheme - 1; i++) {
        char c = uri.ptr[i];

        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != scheme[i]) {
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
    if (!has_scheme(uri)) {
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
