/* SPDX-License-Identifier: Apache-2.0 */
/* PEM (RFC 7468), the lax reading of its section 3 less other labels' headers. */
#include "internal.h"

#include <string.h>

#define LINE_BYTES 48 /* 64 characters */

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char dashes[] = "-----";

static void
boundary(const char *mark, const char *label, carnet_buf *out)
{
    carnet_buf_add_text(out, mark);
    carnet_buf_add_text(out, label);
    carnet_buf_add_text(out, dashes);
    carnet_buf_add_byte(out, '\n');
}

void
carnet_pem_encode(const char *label, carnet_span der, carnet_buf *out)
{
    size_t before = out->len;

    boundary(begin_mark, label, out);
    for (size_t at = 0; at < der.len; at += LINE_BYTES) {
        size_t left = der.len - at;

        carnet_base64_encode((carnet_span){ der.ptr + at, left < LINE_BYTES ? left : LINE_BYTES }, out);
        carnet_buf_add_byte(out, '\n');
    }
    boundary(end_mark, label, out);
    if (out->overflow)
        out->len = before;
}

/* Where `what` first stands at or after `at`; text.len if nowhere. */
static size_t
find(carnet_str text, size_t at, const char *what)
{
    size_t len = strlen(what);

    for (; at < text.len && text.len - at >= len; at++) {
        const char *hit = memchr(text.ptr + at, what[0], text.len - at - len + 1);

        if (hit == NULL)
            break;
        at = (size_t)(hit - text.ptr);
        if (memcmp(hit, what, len) == 0)
            return at;
    }
    return text.len;
}

/* The next BEGIN that stands at the start of a line; text.len if there is none. */
static size_t
find_begin(carnet_str text)
{
    size_t at = find(text, 0, begin_mark);

    while (at < text.len && at > 0 && text.ptr[at - 1] != '\n' && text.ptr[at - 1] != '\r')
        at = find(text, at + 1, begin_mark);
    return at;
}

static bool
stands_at(carnet_str text, size_t at, carnet_str what)
{
    return at <= text.len && text.len - at >= what.len &&
           carnet_str_equal((carnet_str){ text.ptr + at, what.len }, what);
}

/* The label whose first character is at `at`: printable, on one line, closed by five dashes; empty if it is not. */
static carnet_str
label_at(carnet_str text, size_t at)
{
    size_t end = at;

    while (end < text.len && text.ptr[end] >= ' ' && text.ptr[end] <= '~' &&
           !stands_at(text, end, carnet_str_of(dashes)))
        end++;
    return (carnet_str){ text.ptr + at, stands_at(text, end, carnet_str_of(dashes)) ? end - at : 0 };
}

static carnet_rc
refuse(carnet_err *err, const char *reason, size_t offset)
{
    return carnet_fail_at(err, CARNET_E_PEM, "RFC 7468 3", reason, offset, NULL);
}

/* The object whose label was read: its bytes to *out, where it ends to *end. */
static carnet_rc
body(carnet_str text, carnet_str label, carnet_buf *out, size_t *end, carnet_err *err)
{
    size_t begin = (size_t)(label.ptr - text.ptr) + label.len + strlen(dashes);
    size_t stop = find(text, begin, end_mark);
    size_t at = stop + strlen(end_mark);
    carnet_rc rc;

    if (stop == text.len)
        return refuse(err, "the end of the object is missing", text.len);
    if (!stands_at(text, at, label) || !stands_at(text, at + label.len, carnet_str_of(dashes)))
        return refuse(err, "the object ends under another label", at);
    rc = carnet_base64_decode_at((carnet_str){ text.ptr, stop }, begin, out, err);
    if (rc == CARNET_E_BASE64) { /* the place and reason stay, the code is the outer one */
        if (err != NULL)
            err->rc = CARNET_E_PEM;
        return CARNET_E_PEM;
    }
    *end = at + label.len + strlen(dashes);
    return rc;
}

carnet_rc
carnet_pem_next(carnet_str *text, carnet_str *label, carnet_buf *out, carnet_err *err)
{
    size_t begin = find_begin(*text), end = 0;
    carnet_rc rc;

    *label = (carnet_str){ 0 };
    if (begin == text->len) {
        *text = (carnet_str){ text->ptr != NULL ? text->ptr + begin : NULL, 0 };
        return refuse(err, "there is no further object", begin);
    }
    *label = label_at(*text, begin + strlen(begin_mark));
    if (label->len == 0) {
        /* Not empty, so that this is not taken for the end of the text. */
        *label = (carnet_str){ text->ptr + begin, strlen(begin_mark) };
        return refuse(err, "the object's label is empty or not closed", begin + strlen(begin_mark));
    }
    rc = body(*text, *label, out, &end, err);
    if (rc == CARNET_OK)
        *text = (carnet_str){ text->ptr + end, text->len - end };
    return rc;
}
