/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks, where trusted proxies say it: X-Forwarded-For, and Forwarded
 * (RFC 7239).  Pure: no heap, no sockets.  An address is 16 octets, IPv4 as
 * IPv6 maps it.
 */
#ifndef CARNET_HTTP_FORWARDED_H
#define CARNET_HTTP_FORWARDED_H
#include "carnet/base.h"
CARNET_BEGIN_DECLS

#define CARNET_FORWARDED_PEER 46 /**< an address as text, with its zero */

typedef struct carnet_forwarded_net {
    uint8_t address[16];
    unsigned bits;
} carnet_forwarded_net;

/** Read an address ("192.0.2.1", "2001:db8::1"). */
bool carnet_forwarded_ip(const char *text, uint8_t out[16]);
/** Read a network ("10.0.0.0/8") or an address. */
bool carnet_forwarded_network(const char *text, carnet_forwarded_net *network);
/** Whether one of the networks has the address. */
bool carnet_forwarded_trusted(const carnet_forwarded_net *proxies, size_t count, const uint8_t address[16]);
/** Who asks by a field's value: from its right end past the proxies that are trusted, to the first that is not.  What is no
 *  address ends the walk.  `peer` and `client` keep what they have when there is nobody. */
void carnet_forwarded_read(carnet_str list, bool rfc7239, const carnet_forwarded_net *proxies, size_t count,
                           char peer[CARNET_FORWARDED_PEER], uint8_t client[16]);

CARNET_END_DECLS
#endif
