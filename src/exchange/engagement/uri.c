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
    carnet_str body;

    *kind = CARNET_URI_DEVICE_ENGAGEMENT;
    if (!has_scheme(uri)) {
        return carnet_fail(err, CARNET_E_ENGAGEMENT_URI, "18013-5 9.3", "the scheme is not mdoc");
    }
    body = (carnet_str){ uri.ptr + 5, uri.len - 5 };
    if (carnet_str_starts(body, "//")) {
        *kind = CARNET_URI_READER_ENGAGEMENT;
        body = (carnet_str){ body.ptr + 2, body.len - 2 };
    }
    if (body.len == 0) {
        return carnet_fail(err, CARNET_E_ENGAGEMENT_URI, "18013-5 9.3", "nothing follows the scheme");
    }
    return carnet_base64url_decode(body, out, err);
}
