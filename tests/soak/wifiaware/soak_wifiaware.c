/* SPDX-License-Identifier: Apache-2.0 */
#include "../../link/wifiaware/network.h"
#include "../soak.h"
#include "carnet/link_wifi_aware.h"

#include <stdio.h>
#include <string.h>

static carnet_rc
connect_pair(carnet_link *reader, carnet_link *mdoc, carnet_err *err)
{
    static const carnet_wifi_aware_service service = { .name = "0123456789ABCDEF0123456789ABCDEF" };
    static carnet_nan reader_nan, mdoc_nan;
    static carnet_link_wifi_aware reader_state, mdoc_state;
    carnet_rc rc = carnet_nan_over_network(&mdoc_nan, "nan0", NULL, 0, err);

    if (rc == CARNET_OK) {
        rc = carnet_link_wifi_aware_listen(&mdoc_state, &mdoc_nan, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_nan_over_network(&reader_nan, "nan1", "fe80::1", mdoc_state.own.port, err);
    }
    if (rc == CARNET_OK) {
        rc = carnet_link_wifi_aware_connect(reader, &reader_state, &reader_nan, &service, 5000, err);
    }
    return rc == CARNET_OK ? carnet_link_wifi_aware_accept(mdoc, &mdoc_state, &service, 5000, err) : rc;
}

int
main(int argc, char **argv)
{
    const char *why;

    if (!test_network_enter(&why)) {
        fprintf(stderr, "skipped: %s\n", why);
        return 77;
    }
    return soak_run("Wi-Fi Aware", connect_pair, argc, argv);
}
