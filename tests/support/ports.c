/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ports COUNT: says the first of COUNT ports of 127.0.0.1 that follow one
 * another, and keeps them from every other caller until nobody can read its
 * output any more.  Servers that set SO_REUSEADDR may listen there, again and
 * again.  All are below those that the system gives to connections.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COUNT_MAX = 32, LOWEST = 10000, HIGHEST = 32000, TRIES = 1000 };

/** Of this caller alone, for without SO_REUSEADDR nobody has bound it; with it afterwards, so that a server may. */
static int
hold(unsigned port)
{
    const struct sockaddr_in at = { .sin_family = AF_INET,
                                    .sin_port = htons((in_port_t)port),
                                    .sin_addr = { htonl(INADDR_LOOPBACK) } };
    union {
        struct sockaddr_in in;
        struct sockaddr any;
    } address = { .in = at };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd >= 0 && (bind(fd, &address.any, sizeof(address.in)) != 0 ||
                    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static unsigned
hold_all(unsigned count)
{
    unsigned first;
    int held[COUNT_MAX];

    for (int tries = 0; tries < TRIES; tries++) {
        unsigned n = 0;

        if (getrandom(&first, sizeof(first), 0) != sizeof(first))
            return 0;
        first = LOWEST + first % (HIGHEST - LOWEST - COUNT_MAX);
        while (n < count && (held[n] = hold(first + n)) >= 0)
            n++;
        if (n == count)
            return first;
        while (n > 0)
            (void)close(held[--n]);
    }
    return 0;
}

int
main(int argc, char **argv)
{
    const unsigned long count = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
    struct pollfd reader = { .fd = STDOUT_FILENO };
    const unsigned first = count >= 1 && count <= COUNT_MAX ? hold_all((unsigned)count) : 0;

    if (first == 0 || printf("%u\n", first) < 0 || fflush(stdout) != 0) {
        fputs("ports COUNT: there are none\n", stderr);
        return 1;
    }
    while (poll(&reader, 1, -1) < 0)
        continue;
    return 0;
}
