/* SPDX-License-Identifier: Apache-2.0 */
/* What the lines of a head say (RFC 9112 3 to 6). */
#include "internal.h"

carnet_rc
carnet_http_refuse(carnet_http_reader *reader, unsigned status, const char *clause, const char *reason, size_t offset,
                   carnet_err *err)
{
    if (reader->kind == CARNET_HTTP_REQUEST) {
        reader->status = status;
    }
    reader->rc = status == 413 || status == 431 ? CARNET_E_LINK_TOO_LONG : CARNET_E_LINK_PROTOCOL;
    return carnet_fail_at(err, reader->rc, clause, reason, offset, NULL);
}

/* --- text --- */

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
is_word(carnet_str text, const char *word)
{
    size_t i = 0;

    while (i < text.len && word[i] != '\0' && lower(text.ptr[i]) == word[i]) {
        i++;
    }
    return i == text.len && word[i] == '\0';
}

/** tchar of RFC 9110 5.6.2. */
static bool
is_token(carnet_str text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < text.len; i++) {
        char c = lower(text.ptr[i]);
        bool mark = false;

        for (size_t m = 0; marks[m] != '\0'; m++) {
            mark |= marks[m] == c;
        }
        if (!mark && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) {
            return false;
        }
    }
    return text.len > 0;
}

/** Visible characters, those beyond ASCII, spaces and tabs. */
static bool
is_value(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static carnet_str
part(carnet_str text, size_t from, size_t to)
{
    return (carnet_str){ text.ptr + from, to - from };
}

static carnet_str
trimmed(carnet_str text)
{
    size_t from = 0, to = text.len;

    while (from < to && (text.ptr[from] == ' ' || text.ptr[from] == '\t')) {
        from++;
    }
    while (from < to && (text.ptr[to - 1] == ' ' || text.ptr[to - 1] == '\t')) {
        to--;
    }
    return part(text, from, to);
}

static size_t
find(carnet_str text, char c)
{
    size_t i = 0;

    while (i < text.len && text.ptr[i] != c) {
        i++;
    }
    return i;
}

/** Digits of a base, at most 15 of them. */
static bool
number(carnet_str text, unsigned base, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = lower(text.ptr[i]);
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 99;

        if (digit >= base || i >= 15) {
            return false;
        }
        *value = *value * base + digit;
    }
    return text.len > 0;
}

/** Whether a list of words, parted by commas, has this one. */
static bool
lists(carnet_str list, const char *word)
{
    while (list.len > 0) {
        size_t end = find(list, ',');

        if (is_word(trimmed(part(list, 0, end)), word)) {
            return true;
        }
        list = end < list.len ? part(list, end + 1, list.len) : (carnet_str){ 0 };
    }
    return false;
}

/* --- the first line --- */

static carnet_rc
request_line(carnet_http_reader *r, carnet_str line, size_t offset, carnet_err *err)
{
    size_t method = find(line, ' '), target;
    carnet_str rest = method < line.len ? part(line, method + 1, line.len) : (carnet_str){ 0 };

    target = find(rest, ' ');
    if (!is_token(part(line, 0, method)) || target == 0 || target >= rest.len || !is_value(line) ||
        !carnet_str_starts(part(rest, target + 1, rest.len), "HTTP/")) {
        return carnet_http_refuse(r, 400, "RFC 9112 3", "this is no request line", offset, err);
    }
    if (!carnet_str_is(part(rest, target + 1, rest.len), "HTTP/1.1")) {
        return carnet_http_refuse(r, 505, MDOC_CLAUSE, "the version is not HTTP/1.1", offset + method + target + 2,
                                  err);
    }
    if (!carnet_str_is(part(rest, 0, target), "/mdoc")) {
        return carnet_http_refuse(r, 404, MDOC_CLAUSE, "the target is not /mdoc", offset + method + 1, err);
    }
    if (!carnet_str_is(part(line, 0, method), "POST")) {
        return carnet_http_refuse(r, 405, MDOC_CLAUSE, "the method is not POST", offset, err);
    }
    return CARNET_OK;
}

static carnet_rc
status_line(carnet_http_reader *r, carnet_str line, size_t offset, carnet_err *err)
{
    bool version = carnet_str_starts(line, "HTTP/1.1 ") || carnet_str_starts(line, "HTTP/1.0 ");
    uint64_t status = 0;

    /* The space before a reason that is not there is left out by some. */
    if (!version || line.len < 12 || (line.len > 12 && line.ptr[12] != ' ') || !is_value(line) ||
        !number(part(line, 9, 12), 10, &status) || status < 100 || status > 599) {
        return carnet_http_refuse(r, 0, "RFC 9112 4", "this is no status line", offset, err);
    }
    r->status = (unsigned)status;
    r->minor_0 = line.ptr[7] == '0';
    r->close = r->minor_0;
    return CARNET_OK;
}

carnet_rc
carnet_http_start_line(carnet_http_reader *reader, carnet_str line, size_t offset, carnet_err *err)
{
    return reader->kind == CARNET_HTTP_REQUEST ? request_line(reader, line, offset, err)
                                               : status_line(reader, line, offset, err);
}

/* --- fields --- */

static carnet_rc
take_length(carnet_http_reader *r, carnet_str value, size_t offset, carnet_err *err)
{
    if (r->has_length) {
        return carnet_http_refuse(r, 400, "RFC 9112 6.3", "the length is said twice", offset, err);
    }
    if (!number(value, 10, &r->length)) {
        return carnet_http_refuse(r, 400, "RFC 9112 6.3", "this is no length", offset, err);
    }
    r->has_length = true;
    return CARNET_OK;
}

static carnet_rc
take_encoding(carnet_http_reader *r, carnet_str value, size_t offset, carnet_err *err)
{
    if (r->kind == CARNET_HTTP_REQUEST) {
        return carnet_http_refuse(r, is_word(value, "chunked") ? 411 : 501, MDOC_CLAUSE,
                                  "a request says its length and is not encoded", offset, err);
    }
    if (r->has_encoding || !is_word(value, "chunked") || r->minor_0) {
        return carnet_http_refuse(r, 501, "RFC 9112 6.1", "the transfer coding is not chunked", offset, err);
    }
    r->has_encoding = r->chunked = true;
    return CARNET_OK;
}

static carnet_rc
take_type(carnet_http_reader *r, carnet_str value, size_t offset, carnet_err *err)
{
    bool matters = r->kind == CARNET_HTTP_REQUEST || r->status == 200;
    carnet_str type = trimmed(part(value, 0, find(value, ';')));

    if (matters && (r->has_type || !is_word(type, "application/cbor"))) {
        return carnet_http_refuse(r, 415, MDOC_CLAUSE, "the content is not application/cbor", offset, err);
    }
    r->has_type = true;
    return CARNET_OK;
}

static carnet_rc
take_host(carnet_http_reader *r, carnet_str value, size_t offset, carnet_err *err)
{
    if (r->kind == CARNET_HTTP_REQUEST && (r->has_host || value.len == 0 || find(value, ' ') < value.len)) {
        return carnet_http_refuse(r, 400, "RFC 9112 3.2", "a request names one host, once", offset, err);
    }
    r->has_host = true;
    return CARNET_OK;
}

static carnet_rc
take_expect(carnet_http_reader *r, carnet_str value, size_t offset, carnet_err *err)
{
    if (r->kind == CARNET_HTTP_REQUEST && !is_word(value, "100-continue")) {
        return carnet_http_refuse(r, 417, "RFC 9110 10.1.1", "this expectation cannot be met", offset, err);
    }
    r->expect_continue = r->kind == CARNET_HTTP_REQUEST;
    return CARNET_OK;
}

static carnet_rc
take_connection(carnet_http_reader *r, carnet_str value, size_t offset, carnet_err *err)
{
    (void)offset;
    (void)err;
    r->close = lists(value, "close") || (r->close && !lists(value, "keep-alive"));
    return CARNET_OK;
}

static const struct {
    const char *name;
    carnet_rc (*take)(carnet_http_reader *r, carnet_str value, size_t offset, carnet_err *err);
} fields[] = {
    { "content-length", take_length }, { "transfer-encoding", take_encoding },
    { "content-type", take_type },     { "host", take_host },
    { "expect", take_expect },         { "connection", take_connection },
};

bool
carnet_http_is_field(carnet_str line)
{
    size_t colon = find(line, ':');

    return colon < line.len && is_token(part(line, 0, colon)) && is_value(line);
}

carnet_rc
carnet_http_field_line(carnet_http_reader *reader, carnet_str line, size_t offset, carnet_err *err)
{
    size_t colon = find(line, ':');
    carnet_str value;

    if (!carnet_http_is_field(line)) {
        return carnet_http_refuse(reader, 400, "RFC 9112 5", "this is no field line", offset, err);
    }
    value = trimmed(part(line, colon + 1, line.len));
    for (size_t i = 0; i < CARNET_COUNT(fields); i++) {
        if (is_word(part(line, 0, colon), fields[i].name)) {
            return fields[i].take(reader, value, offset, err);
        }
    }
    return CARNET_OK;
}

carnet_rc
carnet_http_head_over(carnet_http_reader *r, size_t offset, carnet_err *err)
{
    bool request = r->kind == CARNET_HTTP_REQUEST;

    if (request && !r->has_host) {
        return carnet_http_refuse(r, 400, "RFC 9112 3.2", "no host is named", offset, err);
    }
    if (request && !r->has_length) {
        return carnet_http_refuse(r, 411, MDOC_CLAUSE, "no length is said", offset, err);
    }
    if (request && !r->has_type) {
        return carnet_http_refuse(r, 415, MDOC_CLAUSE, "the content is of no type", offset, err);
    }
    if (r->has_length && r->chunked) {
        return carnet_http_refuse(r, 400, "RFC 9112 6.1", "both a length and a transfer coding are said", offset, err);
    }
    if (r->has_length && r->length > r->body->cap - r->body->len) {
        return carnet_http_refuse(r, 413, MDOC_CLAUSE, "the message is longer than allowed", offset, err);
    }
    return CARNET_OK;
}

bool
carnet_http_chunk_length(carnet_str line, uint64_t *length)
{
    return is_value(line) && number(trimmed(part(line, 0, find(line, ';'))), 16, length);
}
