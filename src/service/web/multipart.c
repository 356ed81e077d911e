/* SPDX-License-Identifier: Apache-2.0 */
/* multipart/form-data (RFC 7578, RFC 2046 5.1), as browsers send it: views into the body, no copy. */
#include "carnet/multipart.h"

#include <string.h>

static carnet_rc
malformed(carnet_err *err, const char *reason)
{
    return carnet_fail(err, CARNET_E_SERVICE_REQUEST, "RFC 7578", reason);
}

static bool
same_letter(char a, char b)
{
    return (a >= 'A' && a <= 'Z' ? (char)(a + 32) : a) == b;
}

/* Whether text begins with a lower-case word, whatever its case. */
static bool
begins(carnet_str text, const char *word)
{
    size_t i = 0;

    for (; word[i] != '\0'; i++)
        if (i >= text.len || !same_letter(text.ptr[i], word[i]))
            return false;
    return true;
}

static carnet_str
after(carnet_str text, size_t n)
{
    return (carnet_str){ text.ptr + n, text.len - n };
}

static carnet_str
skip_space(carnet_str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = after(text, 1);
    return text;
}

/* Take `; name=value` or `; name="value"` off the parameters of a field; false at their end or when they are malformed. */
static bool
next_parameter(carnet_str *rest, carnet_str *name, carnet_str *value)
{
    size_t n = 0;
    bool quoted;

    *rest = skip_space(*rest);
    if (rest->len == 0 || rest->ptr[0] != ';')
        return false;
    *rest = skip_space(after(*rest, 1));
    while (n < rest->len && rest->ptr[n] != '=')
        n++;
    if (n == rest->len)
        return false;
    *name = (carnet_str){ rest->ptr, n };
    *rest = after(*rest, n + 1);
    quoted = rest->len > 0 && rest->ptr[0] == '"';
    if (quoted)
        *rest = after(*rest, 1);
    /* Browsers write a quote within a name as %22, never as \". */
    for (n = 0; n < rest->len && rest->ptr[n] != (quoted ? '"' : ';');)
        n++;
    if (quoted && n == rest->len)
        return false;
    *value = (carnet_str){ rest->ptr, n };
    *rest = after(*rest, n + quoted);
    return true;
}

carnet_rc
carnet_multipart_open(carnet_str content_type, carnet_span body, carnet_multipart *multipart, carnet_err *err)
{
    static const char type[] = "multipart/form-data";
    carnet_str rest, name, value;

    *multipart = (carnet_multipart){ 0 };
    if (!begins(content_type, type))
        return carnet_fail(err, CARNET_E_SERVICE_MEDIA_TYPE, "RFC 7578 4", "the form is not multipart/form-data");
    rest = after(content_type, sizeof(type) - 1);
    while (next_parameter(&rest, &name, &value))
        if (name.len == 8 && begins(name, "boundary"))
            multipart->boundary = value;
    if (multipart->boundary.len == 0 || multipart->boundary.len > 70)
        return malformed(err, "the form's boundary is missing or too long");
    if (body.len < multipart->boundary.len + 4 || memcmp(body.ptr, "--", 2) != 0 ||
        memcmp(body.ptr + 2, multipart->boundary.ptr, multipart->boundary.len) != 0)
        return malformed(err, "the form does not begin with its boundary");
    multipart->rest = carnet_span_of(body.ptr + 2 + multipart->boundary.len, body.len - 2 - multipart->boundary.len);
    return CARNET_OK;
}

/* Where "\r\n--boundary" comes; SIZE_MAX: nowhere. */
static size_t
find_delimiter(carnet_span in, carnet_str boundary)
{
    size_t need = boundary.len + 4;

    for (size_t at = 0; at + need <= in.len; at++) {
        const uint8_t *found = memchr(in.ptr + at, '\r', in.len - need - at + 1);

        if (found == NULL)
            return SIZE_MAX;
        at = (size_t)(found - in.ptr);
        if (memcmp(found + 1, "\n--", 3) == 0 && memcmp(found + 4, boundary.ptr, boundary.len) == 0)
            return at;
    }
    return SIZE_MAX;
}

/* Take a header line, without its end. */
static bool
next_line(carnet_span *in, carnet_str *line)
{
    for (size_t i = 0; i + 1 < in->len; i++) {
        if (in->ptr[i] != '\r' || in->ptr[i + 1] != '\n')
            continue;
        *line = (carnet_str){ (const char *)in->ptr, i };
        *in = carnet_span_of(in->ptr + i + 2, in->len - i - 2);
        return true;
    }
    return false;
}

static bool
read_disposition(carnet_str line, carnet_multipart_part *part)
{
    static const char field[] = "content-disposition:", form[] = "form-data";
    carnet_str name, value;

    if (!begins(line, field))
        return true;
    line = skip_space(after(line, sizeof(field) - 1));
    if (!begins(line, form) || part->name.len > 0)
        return false;
    line = after(line, sizeof(form) - 1);
    while (next_parameter(&line, &name, &value)) {
        if (carnet_str_is(name, "name"))
            part->name = value;
        else if (carnet_str_is(name, "filename"))
            part->file_name = value;
    }
    return true;
}

carnet_rc
carnet_multipart_next(carnet_multipart *m, carnet_multipart_part *part, carnet_err *err)
{
    carnet_str line;
    size_t end;

    *part = (carnet_multipart_part){ 0 };
    if (m->rest.len >= 2 && memcmp(m->rest.ptr, "--", 2) == 0)
        m->done = true;
    if (m->done)
        return CARNET_OK;
    if (m->count++ == CARNET_MULTIPART_PARTS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "the form has too many parts");
    if (!next_line(&m->rest, &line) || line.len > 0)
        return malformed(err, "a delimiter of the form does not end its line");
    for (;;) {
        if (!next_line(&m->rest, &line))
            return malformed(err, "a part's header does not end");
        if (line.len == 0)
            break;
        if (!read_disposition(line, part))
            return malformed(err, "a part's disposition is malformed");
    }
    if (part->name.len == 0)
        return malformed(err, "a part has no name");
    if ((end = find_delimiter(m->rest, m->boundary)) == SIZE_MAX)
        return malformed(err, "a part does not end");
    part->value = carnet_span_of(m->rest.ptr, end);
    end += m->boundary.len + 4;
    m->rest = carnet_span_of(m->rest.ptr + end, m->rest.len - end);
    return CARNET_OK;
}

carnet_image_type
carnet_image_sniff(carnet_span octets)
{
    static const struct {
        carnet_image_type type;
        size_t len;
        const char *magic;
    } table[] = {
        { CARNET_IMAGE_JPEG, 3, "\xff\xd8\xff" },
        { CARNET_IMAGE_JPEG2000, 12, "\0\0\0\x0cjP  \r\n\x87\n" },
        { CARNET_IMAGE_JPEG2000, 4, "\xff\x4f\xff\x51" },
        { CARNET_IMAGE_PNG, 8, "\x89PNG\r\n\x1a\n" },
    };

    for (size_t i = 0; i < CARNET_COUNT(table); i++)
        if (octets.len > table[i].len && memcmp(octets.ptr, table[i].magic, table[i].len) == 0)
            return table[i].type;
    return CARNET_IMAGE_NONE;
}
