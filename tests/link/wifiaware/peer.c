/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One end of a link over Wi-Fi Aware, for peers of other makes:
 *     peer mdoc INTERFACE             print "ADDRESS PORT"; answer each message with itself; end with "bye"
 *     peer reader INTERFACE ADDRESS PORT TIMES FILE   send the file that often; each answer must be the same
 * Exit status 0: all was as it should be.
 */
#include "carnet/link_wifi_aware.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 4 << 20, SOON = 10000 };

static uint8_t room[ROOM], file[ROOM];
static const carnet_wifi_aware_service service = { .name = "0123456789ABCDEF0123456789ABCDEF" };

static int
complain(const char *what, const carnet_err *err)
{
    fprintf(stderr, "%s: %s: %s\n", what, carnet_rc_name(err->rc), err->reason);
    return 1;
}

static int
serve(carnet_link *link)
{
    carnet_err err = { 0 };

    for (;;) {
        carnet_buf got = carnet_buf_of(room, sizeof(room));
        carnet_rc rc = carnet_link_receive(link, &got, SOON, &err);

        if (rc == CARNET_OK) {
            rc = carnet_link_send(link, carnet_buf_span(&got), SOON, &err);
        }
        if (rc != CARNET_OK) {
            return complain("mdoc", &err);
        }
        if (got.len == 3 && memcmp(room, "bye", 3) == 0) {
            return 0;
        }
    }
}

static int
run_mdoc(const char *interface)
{
    static carnet_link_wifi_aware state;
    char text[INET6_ADDRSTRLEN];
    carnet_nan nan;
    carnet_link link;
    carnet_err err = { 0 };
    int status;

    if (carnet_nan_over_network(&nan, interface, NULL, 0, &err) != CARNET_OK ||
        carnet_link_wifi_aware_listen(&state, &nan, &err) != CARNET_OK) {
        return complain("listen", &err);
    }
    state.reconnect_ms = SOON; /* a peer that is started anew each time */
    printf("%s %u\n", inet_ntop(AF_INET6, state.own.address, text, sizeof(text)), (unsigned)state.own.port);
    fflush(stdout);
    if (carnet_link_wifi_aware_accept(&link, &state, &service, SOON, &err) != CARNET_OK) {
        return complain("accept", &err);
    }
    status = serve(&link);
    carnet_link_end(&link, 1000);
    carnet_link_close(&link);
    return status;
}

static int
ask(carnet_link *link, size_t len, long times)
{
    carnet_err err = { 0 };

    for (long i = 0; i < times; i++) {
        carnet_buf got = carnet_buf_of(room, sizeof(room));

        if (carnet_link_send(link, carnet_span_of(file, len), SOON, &err) != CARNET_OK ||
            carnet_link_receive(link, &got, SOON, &err) != CARNET_OK) {
            return complain("reader", &err);
        }
        if (!carnet_span_equal(carnet_buf_span(&got), carnet_span_of(file, len))) {
            fprintf(stderr, "answer %ld is not what was sent\n", i);
            return 1;
        }
    }
    return 0;
}

static int
run_reader(char **argv)
{
    static carnet_link_wifi_aware state;
    carnet_nan nan;
    carnet_link link;
    carnet_err err = { 0 };
    FILE *in = fopen(argv[4], "rb");
    size_t len = in != NULL ? fread(file, 1, sizeof(file), in) : 0;
    int status;

    if (carnet_nan_over_network(&nan, argv[0], argv[1], (uint16_t)strtoul(argv[2], NULL, 10), &err) != CARNET_OK ||
        carnet_link_wifi_aware_connect(&link, &state, &nan, &service, SOON, &err) != CARNET_OK) {
        return complain("connect", &err);
    }
    status = ask(&link, len, strtol(argv[3], NULL, 10));
    printf("%llu octets sent, %llu received\n", (unsigned long long)link.traffic.octets_sent,
           (unsigned long long)link.traffic.octets_received);
    carnet_link_close(&link);
    if (in != NULL) {
        fclose(in);
    }
    return status;
}

int
main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "mdoc") == 0) {
        return run_mdoc(argv[2]);
    }
    if (argc == 7 && strcmp(argv[1], "reader") == 0) {
        return run_reader(argv + 2);
    }
    return 2;
}
