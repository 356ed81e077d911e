/* SPDX-License-Identifier: Apache-2.0 */
/* Which URIs may be fetched. */
#include "internal.h"

#include <string.h>
#include <strings.h>

static bool
has_prefix(carnet_str text, const char *prefix)
{
    size_t len = strlen(prefix);

    return text.len >= len && strncasecmp(text.ptr, prefix, len) == 0;
}

/** Letters, digits and what a host's name, an address in brackets or a port has. */
static bool
is_authority(carnet_str text)
{
    bool good = text.len > 0;

    for (size_t i = 0; good && i < text.len; i++) {
        char c = text.ptr[i];

        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr(".-:[]", c) != NULL;
    }
    return good && text.ptr[0] != ':' && text.ptr[0] != '-';
}

bool
carnet_fetch_authority(carnet_str uri, char *out, size_t cap)
{
    bool tls = has_prefix(uri, "https://");
    size_t begin = tls ? 8 : 7, end, port;

    if (!tls && !has_prefix(uri, "http://")) {
        return false;
    }
    for (size_t i = 0; i < uri.len; i++) {
        if ((unsigned char)uri.ptr[i] <= 0x20 || (unsigned char)uri.ptr[i] >= 0x7f || uri.ptr[i] == '\\') {
            return false;
        }
    }
    for (end = begin; end < uri.len && strchr("/?#", uri.ptr[end]) == NULL; end++) {
    }
    if (!is_authority((carnet_str){ uri.ptr + begin, end - begin }) || end - begin >= cap) {
        return false;
    }
    memcpy(out, uri.ptr + begin, end - begin);
    out[end - begin] = '\0';
    port = end - begin > 4 ? strlen(out) - (tls ? 4 : 3) : 0;
    if (port > 0 && strcmp(out + port, tls ? ":443" : ":80") == 0) {
        out[port] = '\0';
    }
    return true;
}

bool
carnet_fetch_allowed(carnet_str uri, const carnet_fetch_rules *rules)
{
    char host[256];

    if (uri.len > CARNET_FETCH_URI_MAX || !carnet_fetch_authority(uri, host, sizeof host)) {
        return false;
    }
    for (size_t i = 0; i < rules->host_count; i++) {
        if (strcasecmp(rules->hosts[i], host) == 0) {
            return true;
        }
    }
    return !rules->only_hosts;
}
