/* SPDX-License-Identifier: Apache-2.0 */
/* The stand-in for the radio: an interface that is there already.  No discovery, no data path, no protection of its own. */
#include "internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/** The link-local address of an interface of this machine. */
static bool
find_address(uint32_t interface_index, uint8_t address[16])
{
    struct ifaddrs *list = NULL;
    bool found = false;

    if (getifaddrs(&list) != 0) {
        return false;
    }
    for (struct ifaddrs *i = list; i != NULL && !found; i = i->ifa_next) {
        struct sockaddr_in6 at;

        if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET6) {
            continue;
        }
        memcpy(&at, i->ifa_addr, sizeof at);
        found = at.sin6_scope_id == interface_index && IN6_IS_ADDR_LINKLOCAL(&at.sin6_addr);
        if (found) {
            memcpy(address, &at.sin6_addr, 16);
        }
    }
    freeifaddrs(list);
    return found;
}

static carnet_rc
network_own(carnet_nan *nan, carnet_nan_path *own, carnet_err *err)
{
    *own = nan->configured;
    return find_address(own->interface_index, own->address)
               ? CARNET_OK
               : carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "the interface has no link-local address");
}

static carnet_rc
network_publish(carnet_nan *nan, const carnet_wifi_aware_service *service, uint16_t port, int timeout_ms,
                carnet_err *err)
{
    (void)nan;
    (void)service;
    (void)port;
    (void)timeout_ms;
    (void)err;
    return CARNET_OK;
}

static carnet_rc
network_subscribe(carnet_nan *nan, const carnet_wifi_aware_service *service, carnet_nan_path *peer, int timeout_ms,
                  carnet_err *err)
{
    (void)service;
    (void)timeout_ms;
    *peer = nan->configured;
    return peer->port != 0 ? CARNET_OK
                           : carnet_fail(err, CARNET_E_USAGE, NULL, "without discovery the mdoc's address is needed");
}

static void
network_end(carnet_nan *nan)
{
    (void)nan;
}

static const carnet_nan_ops network_ops = { .size = sizeof(carnet_nan_ops),
                                            .name = "network",
                                            .own = network_own,
                                            .publish = network_publish,
                                            .subscribe = network_subscribe,
                                            .end = network_end };

carnet_rc
carnet_nan_over_network(carnet_nan *nan, const char *interface, const char *peer, uint16_t port, carnet_err *err)
{
    carnet_nan_path path = { .interface_index = if_nametoindex(interface), .port = port };
    struct in6_addr address = { 0 };

    *nan = (carnet_nan){ 0 };
    if (path.interface_index == 0) {
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "there is no such interface");
    }
    if (peer != NULL && (inet_pton(AF_INET6, peer, &address) != 1 || !IN6_IS_ADDR_LINKLOCAL(&address) || port == 0)) {
        return carnet_fail(err, CARNET_E_USAGE, CLAUSE, "the mdoc has a link-local IPv6 address and a port");
    }
    memcpy(path.address, &address, sizeof path.address);
    *nan = (carnet_nan){ .ops = &network_ops, .configured = path };
    return CARNET_OK;
}
