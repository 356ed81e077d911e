/* SPDX-License-Identifier: Apache-2.0 */
/* Where a browser may be sent (RFC 6749 3.1.2, RFC 8252 7, RFC 9700 2.1 and 4.1). */
#include "carnet/oauth_url.h"
#include "internal.h"

#define REDIRECT_MAX 1024

/* They run or show what they name, or leave the browser's rules. */
static const char *const forbidden[] = {
    "javascript", "data",   "vbscript", "file", "blob", "about",    "filesystem", "view-source", "ws",    "wss",
    "ftp",        "mailto", "tel",      "sms",  "jar",  "resource", "chrome",     "content",     "mhtml", "intent",
};

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The scheme in lower case; empty if there is none. */
static carnet_str
scheme_of(carnet_str uri, char room[32])
{
    size_t n = 0;

    while (n < uri.len && n < 32 &&
           (is_letter(uri.ptr[n]) || (n > 0 && ((uri.ptr[n] >= '0' && uri.ptr[n] <= '9') || uri.ptr[n] == '+' ||
                                                uri.ptr[n] == '-' || uri.ptr[n] == '.')))) {
        room[n] = uri.ptr[n] >= 'A' && uri.ptr[n] <= 'Z' ? (char)(uri.ptr[n] + 32) : uri.ptr[n];
        n++;
    }
    return n > 0 && n < uri.len && uri.ptr[n] == ':' ? (carnet_str){ room, n } : (carnet_str){ 0 };
}

static bool
is_plain(carnet_str uri)
{
    for (size_t i = 0; i < uri.len; i++) {
        char c = uri.ptr[i];

        if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '^' || c == '`' || c == '{' ||
            c == '|' || c == '}' || c == '#')
            return false;
    }
    return uri.len > 0 && uri.len <= REDIRECT_MAX;
}

static bool
is_loopback(carnet_str host)
{
    return carnet_str_is(host, "127.0.0.1") || carnet_str_is(host, "[::1]") || carnet_str_is(host, "localhost");
}

carnet_rc
carnet_authorization_redirect_check(carnet_str uri, carnet_err *err)
{
    char room[32];
    carnet_str scheme = scheme_of(uri, room);
    carnet_oauth_url parts;

    if (!is_plain(uri) || scheme.len == 0)
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 6749 3.1.2", "redirect_uri is no absolute URI");
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
        if (carnet_str_is(scheme, forbidden[i]))
            return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 8252 7.1", "redirect_uri is of a scheme not taken");
    if (!carnet_str_is(scheme, "https") && !carnet_str_is(scheme, "http"))
        return CARNET_OK;
    if (carnet_oauth_url_split(uri, &parts, NULL) != CARNET_OK)
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 6749 3.1.2", "redirect_uri is no absolute URI");
    if (carnet_str_is(scheme, "http") && !is_loopback(parts.host))
        return carnet_fail(err, CARNET_E_OAUTH_PARAMETER, "RFC 8252 7.3", "redirect_uri is http, but not loopback");
    return CARNET_OK;
}

/* RFC 8252 7.3: a native application listens at a port it cannot know beforehand. */
static bool
same_but_port(carnet_str a, carnet_str b)
{
    carnet_oauth_url x, y;

    return carnet_oauth_url_split(a, &x, NULL) == CARNET_OK && carnet_oauth_url_split(b, &y, NULL) == CARNET_OK &&
           carnet_str_is(x.scheme, "http") && carnet_str_is(y.scheme, "http") && is_loopback(x.host) &&
           carnet_str_equal(x.host, y.host) && carnet_str_equal(x.path, y.path) && carnet_str_equal(x.query, y.query);
}

bool
carnet_authorization_redirect_listed(const carnet_authorization_client *client, carnet_str uri)
{
    for (size_t i = 0; client != NULL && i < client->redirect_uri_count; i++) {
        carnet_str own = carnet_str_of(client->redirect_uris[i]);

        if (carnet_str_equal(own, uri) || same_but_port(own, uri))
            return true;
    }
    return false;
}
