/* SPDX-License-Identifier: Apache-2.0 */
/* URLs of OAuth: parted, checked, compared (RFC 3986). */
#include "carnet/oauth_url.h"
#include "internal.h"

#include <string.h>

static carnet_rc
no_url(carnet_err *err, const char *why)
{
    return carnet_fail(err, CARNET_E_OAUTH_URL, "RFC 3986 3", why);
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool
digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether printable ASCII is none that RFC 3986 knows: a bit for each octet. */
static bool
foreign(char c)
{
    static const uint32_t words[4] = { 0, 1u << ('"' & 31) | 1u << ('<' & 31) | 1u << ('>' & 31),
                                       1u << ('\\' & 31) | 1u << ('^' & 31),
                                       1u << ('`' & 31) | 1u << ('{' & 31) | 1u << ('|' & 31) | 1u << ('}' & 31) };

    return (words[(c >> 5) & 3] >> (c & 31) & 1) != 0;
}

/* Printable ASCII that RFC 3986 knows, percent signs with their digits. */
static bool
characters_allowed(carnet_str url)
{
    for (size_t i = 0; i < url.len; i++) {
        const char c = url.ptr[i];

        if (c <= ' ' || c > '~' || foreign(c))
            return false;
        if (c == '%' && (url.len - i < 3 || carnet_oauth_hex_value(url.ptr[i + 1]) < 0 ||
                         carnet_oauth_hex_value(url.ptr[i + 2]) < 0))
            return false;
    }
    return true;
}

/* Cut *text before the first of the characters in `stop`; what follows that one goes to *rest. */
static carnet_str
cut(carnet_str *text, const char *stop, bool with_stop)
{
    carnet_str head = *text;
    size_t i = 0, next;

    while (i < text->len && strchr(stop, text->ptr[i]) == NULL)
        i++;
    head.len = i;
    next = i < text->len && !with_stop ? i + 1 : i;
    *text = (carnet_str){ text->ptr + next, text->len - next };
    return head;
}

/* A name or an IPv4 address; or an IPv6 address in brackets. */
static bool
host_allowed(carnet_str host)
{
    const bool bracketed = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';

    for (size_t i = bracketed; i + bracketed < host.len; i++) {
        if (bracketed ? carnet_oauth_hex_value(host.ptr[i]) < 0 && host.ptr[i] != ':' && host.ptr[i] != '.'
                      : !carnet_oauth_unreserved(host.ptr[i]))
            return false;
    }
    return host.len != 0;
}

static bool
port_allowed(carnet_str port)
{
    uint32_t number = 0;

    for (size_t i = 0; i < port.len; i++) {
        if (!digit(port.ptr[i]) || number > 65535)
            return false;
        number = number * 10 + (uint32_t)(port.ptr[i] - '0');
    }
    return number <= 65535;
}

/* host[:port]; user information has no place. */
static carnet_rc
split_authority(carnet_oauth_url *parts, carnet_err *err)
{
    carnet_str rest = parts->authority;
    const char *bracket = rest.len != 0 && rest.ptr[0] == '[' ? memchr(rest.ptr, ']', rest.len) : NULL;

    if (bracket != NULL) {
        parts->host = (carnet_str){ rest.ptr, (size_t)(bracket - rest.ptr) + 1 };
        rest = (carnet_str){ bracket + 1, rest.len - parts->host.len };
    } else {
        parts->host = cut(&rest, ":", true);
    }
    if (!host_allowed(parts->host) || (rest.len != 0 && rest.ptr[0] != ':'))
        return no_url(err, "the URL has no host, or one with other characters");
    parts->port = rest.len > 1 ? (carnet_str){ rest.ptr + 1, rest.len - 1 } : (carnet_str){ 0 };
    return port_allowed(parts->port) ? CARNET_OK : no_url(err, "the URL has a port that cannot be");
}

carnet_rc
carnet_oauth_url_split(carnet_str url, carnet_oauth_url *parts, carnet_err *err)
{
    carnet_str rest = url;
    carnet_rc rc;

    *parts = (carnet_oauth_url){ 0 };
    if (url.len == 0 || url.len > CARNET_OAUTH_URL_MAX || !characters_allowed(url))
        return no_url(err, "the URL is empty, too long, or has characters that do not belong there");
    parts->scheme = cut(&rest, ":", false);
    if ((!carnet_oauth_same_letters(parts->scheme, "https") && !carnet_oauth_same_letters(parts->scheme, "http")) ||
        !carnet_str_starts(rest, "//")) {
        *parts = (carnet_oauth_url){ 0 };
        return no_url(err, "it is no https URL");
    }
    rest = (carnet_str){ rest.ptr + 2, rest.len - 2 };
    parts->authority = cut(&rest, "/?#", true);
    parts->path = cut(&rest, "?#", true);
    if (rest.len != 0 && rest.ptr[0] == '?') {
        rest = (carnet_str){ rest.ptr + 1, rest.len - 1 };
        parts->query = cut(&rest, "#", true);
    }
    if (rest.len != 0)
        parts->fragment = (carnet_str){ rest.ptr + 1, rest.len - 1 };
    rc = split_authority(parts, err);
    if (rc != CARNET_OK)
        *parts = (carnet_oauth_url){ 0 };
    return rc;
}

carnet_rc
carnet_oauth_url_secure(carnet_str url, bool insecure_loopback, carnet_oauth_url *parts, carnet_err *err)
{
    carnet_rc rc = carnet_oauth_url_split(url, parts, err);
    bool here;

    if (rc != CARNET_OK || carnet_oauth_same_letters(parts->scheme, "https"))
        return rc;
    here = carnet_oauth_same_letters(parts->host, "localhost") || carnet_oauth_same_letters(parts->host, "127.0.0.1") ||
           carnet_oauth_same_letters(parts->host, "[::1]");
    if (insecure_loopback && here)
        return CARNET_OK;
    *parts = (carnet_oauth_url){ 0 };
    return no_url(err, "it is no https URL");
}

carnet_rc
carnet_oauth_issuer_check(carnet_str issuer, bool insecure_loopback, carnet_err *err)
{
    carnet_oauth_url parts;
    const carnet_rc rc = carnet_oauth_url_secure(issuer, insecure_loopback, &parts, err);

    if (rc == CARNET_OK && (memchr(issuer.ptr, '?', issuer.len) != NULL || memchr(issuer.ptr, '#', issuer.len) != NULL))
        return carnet_fail(err, CARNET_E_OAUTH_URL, "RFC 8414 2", "an issuer's URL has no query and no fragment");
    return rc;
}

/* A segment of a path, with percent signs only where they must be, in upper case. */
static void
add_segment(carnet_str segment, carnet_buf *out)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < segment.len; i++) {
        unsigned high, low;

        if (segment.ptr[i] != '%') {
            carnet_buf_add_byte(out, (uint8_t)segment.ptr[i]);
            continue;
        }
        high = (unsigned)carnet_oauth_hex_value(segment.ptr[i + 1]) & 15;
        low = (unsigned)carnet_oauth_hex_value(segment.ptr[i + 2]) & 15;
        i += 2;
        if (carnet_oauth_unreserved((char)(high << 4 | low))) {
            carnet_buf_add_byte(out, (uint8_t)(high << 4 | low));
            continue;
        }
        carnet_buf_add_byte(out, '%');
        carnet_buf_add_byte(out, (uint8_t)digits[high]);
        carnet_buf_add_byte(out, (uint8_t)digits[low]);
    }
}

/* The path without dot segments (RFC 3986 5.2.4). */
static void
add_path(carnet_str path, carnet_buf *out)
{
    const size_t root = out->len;

    while (path.len != 0 && !out->overflow) {
        const size_t mark = out->len;
        carnet_str segment, written;

        path = (carnet_str){ path.ptr + 1, path.len - 1 };
        segment = cut(&path, "/", true);
        carnet_buf_add_byte(out, '/');
        add_segment(segment, out);
        written = (carnet_str){ (const char *)out->ptr + mark, out->len - mark };
        if (carnet_str_is(written, "/.") || carnet_str_is(written, "/..")) {
            out->len = mark;
            while (written.len == 3 && out->len > root && out->ptr[--out->len] != '/')
                ;
            if (path.len == 0)
                carnet_buf_add_byte(out, '/');
        }
    }
    if (out->len == root)
        carnet_buf_add_byte(out, '/');
}

static void
add_lower(carnet_str text, carnet_buf *out)
{
    for (size_t i = 0; i < text.len; i++)
        carnet_buf_add_byte(out, (uint8_t)lower(text.ptr[i]));
}

carnet_rc
carnet_oauth_url_normalise(carnet_str url, carnet_buf *out, carnet_err *err)
{
    const size_t start = out->len;
    carnet_oauth_url parts;
    carnet_rc rc = carnet_oauth_url_split(url, &parts, err);

    if (rc != CARNET_OK)
        return rc;
    add_lower(parts.scheme, out);
    carnet_buf_add_text(out, "://");
    add_lower(parts.host, out);
    while (parts.port.len != 0 && parts.port.ptr[0] == '0')
        parts.port = (carnet_str){ parts.port.ptr + 1, parts.port.len - 1 };
    if (parts.port.len != 0 && !carnet_str_is(parts.port, parts.scheme.len == 5 ? "443" : "80")) {
        carnet_buf_add_byte(out, ':');
        carnet_buf_add_str(out, parts.port);
    }
    add_path(parts.path, out);
    if (out->overflow) {
        out->len = start;
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    return rc;
}

bool
carnet_oauth_url_same(carnet_str a, carnet_str b)
{
    uint8_t room_a[CARNET_OAUTH_URL_MAX + 1], room_b[CARNET_OAUTH_URL_MAX + 1];
    carnet_buf normal_a = carnet_buf_of(room_a, sizeof(room_a)), normal_b = carnet_buf_of(room_b, sizeof(room_b));
    carnet_oauth_url parts;

    if (carnet_str_equal(a, b)) /* as it is most often */
        return carnet_oauth_url_split(a, &parts, NULL) == CARNET_OK;
    return carnet_oauth_url_normalise(a, &normal_a, NULL) == CARNET_OK &&
           carnet_oauth_url_normalise(b, &normal_b, NULL) == CARNET_OK &&
           carnet_span_equal(carnet_buf_span(&normal_a), carnet_buf_span(&normal_b));
}
