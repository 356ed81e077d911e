/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583: octets in what people copy: dumps, escapes, Base64, lines of a log. */
#include "iso8583.h"

#include <string.h>

static bool
is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static unsigned
hex_value(uint8_t c)
{
    return c >= '0' && c <= '9'   ? c - (unsigned)'0'
           : c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10
           : c >= 'A' && c <= 'F' ? c - (unsigned)'A' + 10
                                  : 16;
}

/** Hexadecimal digits from `at` on. */
static size_t
digits_at(carnet_span text, size_t at)
{
    size_t end = at;

    while (end < text.len && hex_value(text.ptr[end]) < 16) {
        end++;
    }
    return end - at;
}

static size_t
blanks_at(carnet_span text, size_t at)
{
    size_t end = at;

    while (end < text.len && is_blank(text.ptr[end])) {
        end++;
    }
    return end - at;
}

static void
add_digits(carnet_buf *out, carnet_span digits)
{
    for (size_t i = 0; i + 1 < digits.len; i += 2) {
        carnet_buf_add_byte(out, (uint8_t)(hex_value(digits.ptr[i]) << 4 | hex_value(digits.ptr[i + 1])));
    }
}

/* --- dumps --- */

/** A line of a dump: where it says it is, and its text behind that. */
typedef struct dump_line {
    uint64_t offset, decimal; /* in hexadecimal, and as people also write it */
    carnet_span rest;
} dump_line;

static carnet_span
next_line(carnet_span *text)
{
    const uint8_t *end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
    const size_t len = end != NULL ? (size_t)(end - text->ptr) : text->len, whole = end != NULL ? len + 1 : len;
    carnet_span line = carnet_span_of(text->ptr, len);

    *text = carnet_span_of(text->ptr + whole, text->len - whole);
    while (line.len > 0 && (line.ptr[line.len - 1] == '\r' || is_blank(line.ptr[line.len - 1]))) {
        line.len--;
    }
    return line;
}

/** "0010", "00000010:", "00000010h", "0016(0010)" and blanks, then something. */
static bool
line_of(carnet_span text, dump_line *line)
{
    size_t at = blanks_at(text, 0), digits = digits_at(text, at);

    *line = (dump_line){ 0 };
    if (digits < 4 || digits > 16) {
        return false;
    }
    for (size_t i = at; i < at + digits; i++) {
        line->offset = line->offset << 4 | hex_value(text.ptr[i]);
        line->decimal = line->decimal * 10 + hex_value(text.ptr[i]);
    }
    at += digits;
    if (at < text.len && text.ptr[at] == '(') {
        at += 1 + digits_at(text, at + 1);
        at += at < text.len && text.ptr[at] == ')' ? 1 : 0;
    } else if (at < text.len && (text.ptr[at] == ':' || text.ptr[at] == 'h')) {
        at++;
    }
    digits = blanks_at(text, at);
    line->rest = carnet_span_of(text.ptr + at + digits, text.len - at - digits);
    return digits > 0 && line->rest.len >= 2;
}

/** The octets of a line, `want` of them if it is known how many (or 0), within `columns`; how many columns they take.  Groups are
 *  alike, and as far from another as the first two, or a blank more; so what is shown as text behind them is left. */
static size_t
line_octets(carnet_span line, size_t want, size_t columns, carnet_buf *out)
{
    const size_t start = out->len;
    size_t at = 0, group = digits_at(line, 0), gap = 0, taken = 0;

    while (at < line.len && (columns == 0 || at < columns) && (want == 0 || out->len - start < want)) {
        const size_t digits = digits_at(line, at), behind = blanks_at(line, at + digits);

        if (digits == 0 || digits % 2 != 0 || digits > group ||
            (at + digits < line.len && behind == 0 && line.ptr[at + digits] != '-')) {
            break;
        }
        add_digits(out, carnet_span_of(line.ptr + at, digits));
        taken = at + digits;
        gap = gap == 0 ? behind : gap;
        if (digits < group || (want == 0 && behind > gap + 1)) {
            break;
        }
        at = taken + (behind > 0 ? behind : 1);
    }
    return taken;
}

/** Whether a line goes on where `count` octets before it end. */
static bool
goes_on(const dump_line *first, const dump_line *line, size_t count)
{
    return line->offset == first->offset + count || line->decimal == first->decimal + count;
}

/** Lines of a dump, from the first on that is one; nothing if they do not go on where the ones before end. */
static bool
undump(carnet_span text, carnet_buf *out)
{
    dump_line first, line, next;
    carnet_span rest = text;
    size_t columns = 0;
    bool more = false;

    while (rest.len > 0 && !more) {
        more = line_of(next_line(&rest), &line);
    }
    first = line;
    while (more) {
        size_t want, taken;

        more = rest.len > 0 && line_of(next_line(&rest), &next);
        want = more ? (size_t)(next.offset - line.offset) : 0;
        if (want > 64 || (more && want == 0)) { /* offsets are counted in decimal, or another dump begins */
            want = more && next.decimal > line.decimal && next.decimal - line.decimal <= 64
                       ? (size_t)(next.decimal - line.decimal)
                       : 0;
        }
        taken = line_octets(line.rest, want, columns, out);
        columns = taken > columns ? taken : columns;
        if (taken == 0 || (more && !goes_on(&first, &next, out->len))) {
            break;
        }
        line = next;
    }
    return out->len > 8;
}

/** The octets of 0x.. one by one, as the array of a C program has them; what is between them is left out. */
static bool
from_array(carnet_span text, carnet_buf *out)
{
    for (size_t i = 0; i + 3 < text.len; i++) {
        if (text.ptr[i] == '0' && (text.ptr[i + 1] == 'x' || text.ptr[i + 1] == 'X') && digits_at(text, i + 2) == 2) {
            add_digits(out, carnet_span_of(text.ptr + i + 2, 2));
            i += 3;
        }
    }
    return out->len > 8;
}

/* --- escapes --- */

static const char *
escape_in(carnet_span text)
{
    for (size_t i = 0; i + 3 < text.len; i++) {
        if (text.ptr[i] == '\\' && text.ptr[i + 1] == 'x' && digits_at(text, i + 2) >= 2) {
            return (const char *)text.ptr + i;
        }
    }
    return NULL;
}

/** What a letter stands for behind a backslash; itself otherwise. */
static uint8_t
escaped(uint8_t letter)
{
    static const char letters[] = "nrt0abfv", values[] = "\n\r\t\0\a\b\f\v";
    const char *found = letter != 0 ? strchr(letters, letter) : NULL;

    return found != NULL ? (uint8_t)values[found - letters] : letter;
}

/** A literal of Python, C, Java or Go: b"\x02\x00..."; what stands around it is left out. */
static bool
unescape(carnet_span text, carnet_buf *out)
{
    uint8_t quote = 0;

    if (escape_in(text) == NULL) {
        return false;
    }
    for (size_t i = 0; i < text.len && text.ptr[i] != '\\' && quote == 0; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\'') {
            quote = text.ptr[i];
            text = carnet_span_of(text.ptr + i + 1, text.len - i - 1);
        }
    }
    for (size_t i = 0; i < text.len && (quote == 0 || text.ptr[i] != quote); i++) {
        if (text.ptr[i] != '\\' || i + 1 == text.len) {
            carnet_buf_add_byte(out, text.ptr[i]);
        } else if (text.ptr[i + 1] == 'x' && digits_at(text, i + 2) >= 2) {
            add_digits(out, carnet_span_of(text.ptr + i + 2, 2));
            i += 3;
        } else {
            carnet_buf_add_byte(out, escaped(text.ptr[++i]));
        }
    }
    return out->len > 8;
}

/* --- Base64 --- */

static bool
from_base64(carnet_span text, carnet_buf *out)
{
    carnet_buf packed = cli_buf(text.len + 4);
    bool url = false;

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];

        if (c == '-' || c == '_') {
            url = true;
        }
        if (!is_blank(c) && c != '\n' && c != '\r' && (!url || c != '=')) {
            carnet_buf_add_byte(&packed, c);
        }
    }
    while (!url && packed.len % 4 > 1) {
        carnet_buf_add_byte(&packed, '=');
    }
    return packed.len > 16 &&
           (url ? carnet_base64url_decode(carnet_buf_str(&packed), out, NULL)
                : carnet_base64_decode(carnet_buf_str(&packed), out, NULL)) == CARNET_OK &&
           out->len > 8;
}

/* --- within a line --- */

#define GUESS 20 /* digits may be anything */

/** What stands between groups of digits when they are copied from a source or a trace. */
static bool
is_between(carnet_span text, size_t at)
{
    return at < text.len && (is_blank(text.ptr[at]) || text.ptr[at] == '\n' || text.ptr[at] == '\r');
}

/** The longest stretch of digits, in groups with a blank between them or without. */
static carnet_span
longest_digits(carnet_span text, bool groups)
{
    carnet_span longest = { 0 };

    for (size_t at = 0; at < text.len; at++) {
        size_t end = at, digits = digits_at(text, at);

        while (digits > 0) {
            end += digits;
            digits = groups && digits % 2 == 0 && is_between(text, end) ? digits_at(text, end + 1) : 0;
            end += digits > 0 ? 1 : 0;
        }
        if (end - at > longest.len) {
            longest = carnet_span_of(text.ptr + at, end - at);
        }
        at = end > at ? end : at;
    }
    return longest;
}

/** Digits without what is between them. */
static carnet_span
packed(carnet_span digits)
{
    carnet_buf out = cli_buf(digits.len + 1);

    for (size_t i = 0; i < digits.len; i++) {
        if (hex_value(digits.ptr[i]) < 16) {
            carnet_buf_add_byte(&out, digits.ptr[i]);
        }
    }
    return carnet_buf_span(&out);
}

/** An indicator and a bitmap in characters, such as a line of a log may have somewhere. */
static bool
begins_message(carnet_span text)
{
    return iso_version_in(text, CARNET_ISO8583_ASCII) >= 0 && digits_at(text, 4) >= 16;
}

/** From there to the end of the line, without the sign that closes what was opened before. */
static carnet_span
message_in_line(carnet_span text)
{
    for (size_t at = 0; at + 24 < text.len; at++) {
        carnet_span rest = carnet_span_of(text.ptr + at, text.len - at);
        const uint8_t *end;

        if ((at > 0 && hex_value(text.ptr[at - 1]) < 16) || !begins_message(rest)) {
            continue;
        }
        end = memchr(rest.ptr, '\n', rest.len);
        rest.len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
        while (rest.len > 0 && rest.ptr[rest.len - 1] == '\r') {
            rest.len--;
        }
        if (at > 0 && rest.len > 0 && strchr("\"'([<{`", text.ptr[at - 1]) != NULL &&
            strchr("\"')]>}`", rest.ptr[rest.len - 1]) != NULL) {
            rest.len--;
        }
        return rest;
    }
    return (carnet_span){ 0 };
}

static bool
has_already(const iso_octets *ways, size_t count, carnet_span octets)
{
    for (size_t i = 0; i < count; i++) {
        if (carnet_span_equal(ways[i].octets, octets)) {
            return true;
        }
    }
    return false;
}

static void
add_way(iso_octets ways[ISO_WAYS], size_t *count, carnet_span octets, const char *how, unsigned guess)
{
    if (octets.len > 8 && *count < ISO_WAYS && !has_already(ways, *count, octets)) {
        ways[(*count)++] = (iso_octets){ octets, how, guess };
    }
}

/** Octets that the text is no picture of have none of these in them. */
static bool
is_text(carnet_span octets)
{
    for (size_t i = 0; i < octets.len; i++) {
        const uint8_t c = octets.ptr[i];

        if (c == 0x7f || (c < 0x20 && c != '\n' && c != '\r' && c != '\t')) {
            return false;
        }
    }
    return true;
}

size_t
iso_pasted(carnet_span text, iso_octets ways[ISO_WAYS], size_t count)
{
    carnet_buf dump = cli_buf(text.len), plain = cli_buf(text.len), base64 = cli_buf(text.len), hex = cli_buf(text.len),
               array = cli_buf(text.len);
    carnet_span groups, run;

    if (!is_text(text)) {
        return count;
    }
    if (undump(text, &dump)) {
        add_way(ways, &count, carnet_buf_span(&dump), "a dump", 0);
    }
    if (from_array(text, &array)) {
        add_way(ways, &count, carnet_buf_span(&array), "an array", 0);
    }
    if (unescape(text, &plain)) {
        add_way(ways, &count, carnet_buf_span(&plain), "escapes", 0);
    }
    if (from_base64(text, &base64)) {
        add_way(ways, &count, carnet_buf_span(&base64), "Base64", 0);
    }
    add_way(ways, &count, message_in_line(text), "text within a line", 0);
    groups = longest_digits(text, true);
    run = longest_digits(text, false);
    if (groups.len < 24 || 4 * groups.len < text.len) { /* numbers in a text, no message */
        return count;
    }
    if (packed(groups).len % 2 == 0) {
        add_digits(&hex, packed(groups));
        add_way(ways, &count, carnet_buf_span(&hex), "hexadecimal within a text", GUESS);
    }
    add_way(ways, &count, packed(groups), "digits within a text", GUESS);
    hex = cli_buf(text.len);
    if (run.len % 2 == 0) {
        add_digits(&hex, run);
        add_way(ways, &count, carnet_buf_span(&hex), "hexadecimal within a text", GUESS);
    }
    add_way(ways, &count, run, "digits within a text", GUESS);
    return count;
}
