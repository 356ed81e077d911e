/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/http_forwarded.h"

#include <arpa/inet.h>
#include <string.h>

/* IPv4 as IPv6 maps it. */
bool
carnet_forwarded_ip(const char *text, uint8_t out[16])
{
    if (strchr(text, ':') != NULL)
        return inet_pton(AF_INET6, text, out) == 1;
    memset(out, 0, 10);
    memset(out + 10, 0xff, 2);
    return inet_pton(AF_INET, text, out + 12) == 1;
}

bool
carnet_forwarded_network(const char *text, carnet_forwarded_net *network)
{
    char address[CARNET_FORWARDED_PEER];
    size_t len = strcspn(text, "/");
    unsigned most = memchr(text, ':', len) != NULL ? 128 : 32, bits = 0;

    if (len >= sizeof(address))
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    network->bits = 128;
    if (!carnet_forwarded_ip(address, network->address) || text[len] == '\0')
        return text[len] == '\0' && carnet_forwarded_ip(address, network->address);
    for (const char *p = text + len + 1; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || (bits = bits * 10 + (unsigned)(*p - '0')) > most)
            return false;
    }
    network->bits = 128 - most + bits;
    return text[len + 1] != '\0';
}

static bool
within(const carnet_forwarded_net *network, const uint8_t address[16])
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;

    if (memcmp(network->address, address, whole) != 0)
        return false;
    return rest == 0 || ((network->address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

bool
carnet_forwarded_trusted(const carnet_forwarded_net *proxies, size_t count, const uint8_t address[16])
{
    for (size_t i = 0; i < count; i++)
        if (within(&proxies[i], address))
            return true;
    return false;
}

static carnet_str
trim(carnet_str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text.ptr++, text.len--;
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* The value of `for` in one element of Forwarded (RFC 7239 4); empty: it says none. */
static carnet_str
for_of(carnet_str element)
{
    while (element.len > 0) {
        const char *end = memchr(element.ptr, ';', element.len);
        size_t len = end != NULL ? (size_t)(end - element.ptr) : element.len;
        carnet_str pair = trim((carnet_str){ element.ptr, len });

        if (pair.len > 4 && pair.ptr[3] == '=' && (pair.ptr[0] | 32) == 'f' && (pair.ptr[1] | 32) == 'o' &&
            (pair.ptr[2] | 32) == 'r')
            return (carnet_str){ pair.ptr + 4, pair.len - 4 };
        len += end != NULL;
        element.ptr += len;
        element.len -= len;
    }
    return (carnet_str){ 0 };
}

/* "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]:4711", in quotes or not; never a name. */
static bool
read_node(carnet_str node, char text[CARNET_FORWARDED_PEER], uint8_t address[16])
{
    const char *end;

    if (node.len == 0)
        return false;
    if (node.len >= 2 && node.ptr[0] == '"' && node.ptr[node.len - 1] == '"')
        node.ptr++, node.len -= 2;
    if (node.len > 1 && node.ptr[0] == '[') {
        node.ptr++, node.len--;
        end = memchr(node.ptr, ']', node.len);
    } else {
        end = memchr(node.ptr, ':', node.len);
        if (end != NULL && memchr(end + 1, ':', node.len - (size_t)(end - node.ptr) - 1) != NULL)
            end = NULL;
    }
    if (end != NULL)
        node.len = (size_t)(end - node.ptr);
    if (node.len == 0 || node.len >= CARNET_FORWARDED_PEER)
        return false;
    memcpy(text, node.ptr, node.len);
    text[node.len] = '\0';
    return carnet_forwarded_ip(text, address);
}

/* From the right, where the nearest proxy wrote: past those that are trusted, to the first that is not.  What stands
 * left of it anybody may have written. */
void
carnet_forwarded_read(carnet_str list, bool rfc7239, const carnet_forwarded_net *proxies, size_t count,
                      char peer[CARNET_FORWARDED_PEER], uint8_t client[16])
{
    while (list.len > 0) {
        char text[CARNET_FORWARDED_PEER];
        uint8_t address[16];
        const char *comma = memrchr(list.ptr, ',', list.len);
        size_t at = comma != NULL ? (size_t)(comma - list.ptr) + 1 : 0;
        carnet_str node = trim((carnet_str){ list.ptr + at, list.len - at });

        if (rfc7239)
            node = for_of(node);
        if (!read_node(node, text, address))
            return;
        memcpy(peer, text, strlen(text) + 1);
        memcpy(client, address, 16);
        if (!carnet_forwarded_trusted(proxies, count, address))
            return;
        list.len = comma != NULL ? at - 1 : 0;
    }
}
