/* SPDX-License-Identifier: Apache-2.0 */
/* What a file's bytes are written in. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static carnet_str
trimmed(carnet_span file)
{
    if (file.len >= 3 && memcmp(file.ptr, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        file = carnet_span_of(file.ptr + 3, file.len - 3);
    }
    while (file.len > 0 && is_space(file.ptr[file.len - 1])) {
        file.len--;
    }
    while (file.len > 0 && is_space(file.ptr[0])) {
        file = carnet_span_of(file.ptr + 1, file.len - 1);
    }
    return (carnet_str){ (const char *)file.ptr, file.len };
}

/** Printable ASCII and white space only, and enough of it to be an encoding of something. */
static bool
is_text(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];

        if ((c < 0x20 || c > 0x7e) && !is_space(c)) {
            return false;
        }
    }
    return text.len >= 4;
}

/** base64url in lines. */
static bool
decode_base64url(carnet_str text, carnet_buf *out)
{
    carnet_buf joined = cli_buf(text.len);
    bool good;

    for (size_t i = 0; i < text.len; i++) {
        if (!is_space((uint8_t)text.ptr[i])) {
            carnet_buf_add_byte(&joined, (uint8_t)text.ptr[i]);
        }
    }
    good = carnet_base64url_decode(carnet_buf_str(&joined), out, NULL) == CARNET_OK && !out->overflow;
    free(joined.ptr);
    return good;
}

static bool
decode_pem(carnet_str text, carnet_buf *out)
{
    carnet_str label;

    return carnet_pem_next(&text, &label, out, NULL) == CARNET_OK;
}

carnet_span
cli_decode(carnet_span file, const char **how)
{
    carnet_str text = trimmed(file);
    carnet_buf out = cli_buf(file.len + 4);

    *how = "binary";
    if (!is_text(text)) {
        return file;
    }
    if (carnet_str_starts(text, "-----BEGIN")) {
        *how = "PEM";
        return decode_pem(text, &out) ? carnet_buf_span(&out) : file;
    }
    if (carnet_hex_decode(text, &out, NULL) == CARNET_OK && !out.overflow) {
        *how = "hexadecimal";
        return carnet_buf_span(&out);
    }
    out.len = 0;
    if (decode_base64url(text, &out)) {
        *how = "base64url";
        return carnet_buf_span(&out);
    }
    out.len = 0;
    if (carnet_base64_decode(text, &out, NULL) == CARNET_OK && !out.overflow) {
        *how = "base64";
        return carnet_buf_span(&out);
    }
    return file;
}

carnet_span
cli_read_decoded(const char *path)
{
    const char *how;

    return cli_decode(cli_read(path), &how);
}
