/* SPDX-License-Identifier: Apache-2.0 */
/* application/x-www-form-urlencoded, read and written. */
#include "internal.h"

#include <string.h>

/* One character of the text at *at, decoded; -1 for a percent sign that stands for nothing. */
static int
take(carnet_str text, size_t *at)
{
    const char c = text.ptr[(*at)++];
    int high, low;

    if (c == '+')
        return ' ';
    if (c != '%')
        return (unsigned char)c;
    if (text.len - *at < 2)
        return -1;
    high = carnet_oauth_hex_value(text.ptr[*at]);
    low = carnet_oauth_hex_value(text.ptr[*at + 1]);
    *at += 2;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static carnet_rc
malformed(const char *why, size_t offset, carnet_err *err)
{
    return carnet_fail_at(err, CARNET_E_OAUTH_FORM, "RFC 6749 B", why, offset, NULL);
}

static carnet_rc
decode(carnet_str text, carnet_buf *room, carnet_str *out, carnet_err *err)
{
    const size_t start = room->len;

    for (size_t at = 0; at < text.len;) {
        const size_t here = at;
        const int c = take(text, &at);

        if (c < 0)
            return malformed("a percent sign without two hexadecimal digits", here, err);
        if (c == 0)
            return malformed("a parameter has a zero in it", here, err);
        carnet_buf_add_byte(room, (uint8_t)c);
    }
    if (room->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (room->len == start) {
        *out = (carnet_str){ 0 };
        return CARNET_OK;
    }
    *out = (carnet_str){ (const char *)room->ptr + start, room->len - start };
    return carnet_utf8_valid(carnet_str_bytes(*out)) ? CARNET_OK : malformed("a parameter is not UTF-8 text", 0, err);
}

static const carnet_form_parameter *
find(const carnet_form *form, carnet_str name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (carnet_str_equal(form->list[i].name, name))
            return &form->list[i];
    }
    return NULL;
}

static carnet_rc
read_one(carnet_str piece, carnet_buf *room, carnet_form *form, carnet_err *err)
{
    const char *equals = memchr(piece.ptr, '=', piece.len);
    const size_t name_len = equals != NULL ? (size_t)(equals - piece.ptr) : piece.len;
    carnet_form_parameter *next = &form->list[form->count];
    carnet_rc rc;

    if (form->count == CARNET_FORM_PARAMETERS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many parameters");
    rc = decode((carnet_str){ piece.ptr, name_len }, room, &next->name, err);
    if (rc == CARNET_OK && next->name.len == 0)
        rc = malformed("a parameter has no name", 0, err);
    if (rc == CARNET_OK && find(form, next->name) != NULL)
        rc = carnet_fail_at(err, CARNET_E_OAUTH_PARAMETER_TWICE, "RFC 6749 3.1", NULL, 0, NULL);
    if (rc == CARNET_OK && equals != NULL) {
        rc = decode((carnet_str){ equals + 1, piece.len - name_len - 1 }, room, &next->value, err);
        if (rc != CARNET_OK && err != NULL && err->offset != CARNET_NO_OFFSET)
            err->offset += name_len + 1;
    }
    form->count++;
    return rc;
}

carnet_rc
carnet_form_read(carnet_str text, carnet_buf *room, carnet_form *form, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;
    size_t at = 0;

    memset(form, 0, sizeof(*form));
    if (text.len > CARNET_FORM_MAX)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "the form is longer than is taken");
    while (rc == CARNET_OK && at < text.len) {
        const char *end = memchr(text.ptr + at, '&', text.len - at);
        const size_t len = end != NULL ? (size_t)(end - text.ptr) - at : text.len - at;

        if (len != 0)
            rc = read_one((carnet_str){ text.ptr + at, len }, room, form, err);
        if (rc != CARNET_OK && err != NULL && err->offset != CARNET_NO_OFFSET)
            err->offset += at;
        at += len + 1;
    }
    if (rc != CARNET_OK)
        memset(form, 0, sizeof(*form));
    return rc;
}

carnet_str
carnet_form_get(const carnet_form *form, const char *name)
{
    const carnet_form_parameter *found = find(form, carnet_str_of(name));

    return found != NULL ? found->value : (carnet_str){ 0 };
}

bool
carnet_form_has(const carnet_form *form, const char *name)
{
    return find(form, carnet_str_of(name)) != NULL;
}

/* --- written --- */

void
carnet_percent_encode(carnet_str text, carnet_buf *out)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = (uint8_t)text.ptr[i];

        if (carnet_oauth_unreserved(text.ptr[i])) {
            carnet_buf_add_byte(out, c);
            continue;
        }
        carnet_buf_add_byte(out, '%');
        carnet_buf_add_byte(out, (uint8_t)digits[c >> 4]);
        carnet_buf_add_byte(out, (uint8_t)digits[c & 15]);
    }
}

carnet_form_writer
carnet_form_write(carnet_buf *out)
{
    return (carnet_form_writer){ .out = out };
}

carnet_form_writer
carnet_form_write_query(carnet_str url, carnet_buf *out)
{
    const char *query = url.len != 0 ? memchr(url.ptr, '?', url.len) : NULL;

    carnet_buf_add_str(out, url);
    if (query == NULL)
        carnet_buf_add_byte(out, '?');
    return (carnet_form_writer){ .out = out, .filled = query != NULL && query + 1 != url.ptr + url.len };
}

void
carnet_form_add(carnet_form_writer *writer, const char *name, carnet_str value)
{
    if (writer->filled)
        carnet_buf_add_byte(writer->out, '&');
    writer->filled = true;
    carnet_percent_encode(carnet_str_of(name), writer->out);
    carnet_buf_add_byte(writer->out, '=');
    carnet_percent_encode(value, writer->out);
}

void
carnet_form_add_some(carnet_form_writer *writer, const char *name, carnet_str value)
{
    if (value.len != 0)
        carnet_form_add(writer, name, value);
}

carnet_rc
carnet_form_written(carnet_rc rc, size_t start, carnet_buf *out, carnet_err *err)
{
    if (rc == CARNET_OK && out->overflow)
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc != CARNET_OK)
        out->len = start;
    return rc;
}
