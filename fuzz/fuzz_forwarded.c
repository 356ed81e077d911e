/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a proxy's field says, the peer is an address, and its text and octets say the same. */
#include "carnet/http_forwarded.h"
#include "fuzz.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const trusted[] = { "10.0.0.0/8", "2001:db8::/33", "127.0.0.1" };
    char peer[CARNET_FORWARDED_PEER] = "192.0.2.1";
    uint8_t client[16], again[16];
    carnet_forwarded_net nets[3];
    char text[64] = "";

    for (size_t i = 0; i < 3; i++)
        MUST(carnet_forwarded_network(trusted[i], &nets[i]));
    MUST(carnet_forwarded_ip(peer, client));
    if (size == 0)
        return 0;
    carnet_forwarded_read((carnet_str){ (const char *)data + 1, size - 1 }, (data[0] & 1) != 0, nets, 3, peer, client);
    MUST(memchr(peer, '\0', sizeof(peer)) != NULL);
    MUST(carnet_forwarded_ip(peer, again) && memcmp(client, again, sizeof(client)) == 0);
    memcpy(text, data, size < sizeof(text) ? size : sizeof(text) - 1);
    if (carnet_forwarded_network(text, &nets[0]))
        MUST(nets[0].bits <= 128);
    return 0;
}
