/* SPDX-License-Identifier: Apache-2.0 */
/* The validation service of a scenario: one file, by HTTP on loopback (OP-3). */
#include "scenario.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int
scenario_listen(unsigned *port)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof here;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&here, &len) != 0) {
        cli_die_text("validation service", strerror(errno));
    }
    *port = ntohs(here.sin_port);
    return fd;
}

/** Read a request's head; false: it is none, or too long. */
static bool
read_head(int fd)
{
    static const struct timeval limit = { .tv_sec = 5 };
    char head[4096];
    size_t len = 0;

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    while (len < sizeof head - 1) {
        ssize_t got = read(fd, head + len, sizeof head - 1 - len);

        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
        head[len] = '\0';
        if (strstr(head, "\r\n\r\n") != NULL) {
            return strncmp(head, "GET ", 4) == 0;
        }
    }
    return false;
}

void
scenario_serve(void *context)
{
    const scenario_server *server = context;

    for (;;) {
        int fd = accept(server->listener, NULL, NULL);
        carnet_span file;

        if (fd < 0) {
            return;
        }
        if (read_head(fd) && cli_try_read(server->path, &file)) {
            (void)dprintf(fd,
                          "HTTP/1.1 200 OK\r\nContent-Type: application/pkix-crl\r\nContent-Length: %zu\r\n"
                          "Connection: close\r\n\r\n",
                          file.len);
            (void)!write(fd, file.ptr, file.len);
        }
        close(fd);
    }
}
