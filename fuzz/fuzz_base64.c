/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

static void
refused(carnet_rc rc, const carnet_buf *out, const carnet_err *err, size_t size)
{
    MUST(out->len == 0 && err->rc == rc);
    MUST(rc == CARNET_E_NO_SPACE ? out->overflow : rc == CARNET_E_BASE64 && err->offset <= size);
}

/* Base64url that is understood is the only spelling of its bytes. */
static void
url(carnet_str text)
{
    uint8_t bytes[512], again[700];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes)), written = carnet_buf_of(again, sizeof(again));
    carnet_err err = { 0 };
    carnet_rc rc = carnet_base64url_decode(text, &out, &err);

    if (rc != CARNET_OK) {
        refused(rc, &out, &err, text.len);
        return;
    }
    carnet_base64url_encode(carnet_buf_span(&out), &written);
    MUST(carnet_str_equal(carnet_buf_str(&written), text));
}

/* Base64 that is understood differs from what is written only in white space and padding. */
static void
plain(carnet_str text)
{
    uint8_t bytes[512], again[700];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes)), written = carnet_buf_of(again, sizeof(again));
    carnet_err err = { 0 };
    carnet_rc rc = carnet_base64_decode(text, &out, &err);
    size_t at = 0;

    if (rc != CARNET_OK) {
        refused(rc, &out, &err, text.len);
        return;
    }
    carnet_base64_encode(carnet_buf_span(&out), &written);
    MUST(!written.overflow && written.len % 4 == 0);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            MUST(at < written.len && written.ptr[at++] == (uint8_t)c);
    }
    while (at < written.len)
        MUST(written.ptr[at++] == '=');
}

/* Whatever was encoded is read back. */
static void
round_trip(carnet_span bytes)
{
    uint8_t text[700], again[512];
    carnet_buf written = carnet_buf_of(text, sizeof(text)), back = carnet_buf_of(again, sizeof(again));

    if (bytes.len > sizeof(again))
        return;
    carnet_base64url_encode(bytes, &written);
    MUST(carnet_base64url_decode(carnet_buf_str(&written), &back, NULL) == CARNET_OK);
    MUST(carnet_span_equal(carnet_buf_span(&back), bytes));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    url((carnet_str){ (const char *)data, size });
    plain((carnet_str){ (const char *)data, size });
    round_trip((carnet_span){ data, size });
    return 0;
}
