/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A crowd before a server on loopback: connections that are idle after one
 * request, connections that trickle an octet of a header now and then, and a few
 * that ask one thing after the other.  Tells what the latter meet, and what the
 * server's memory comes to.
 *
 *     crowd PORT PID IDLE SLOW SECONDS [PATH]
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CROWD        32768
#define TIMES        4000000
#define SLOW_STEP_NS INT64_C(400000000)

static int idle[CROWD], slow[CROWD];
static uint32_t times_us[TIMES];
static char request[512];
static uint16_t port;

static int64_t
now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int
meet(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
        perror("crowd: connect");
        exit(3);
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

/* One request and its answer; false: it was not 200 with a length, or the peer is gone. */
static bool
ask(int fd)
{
    static char answer[65536];
    size_t have = 0, want = 0;
    ssize_t n;

    if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        return false;
    while (want == 0 || have < want) {
        char *end, *length;

        if ((n = recv(fd, answer + have, sizeof(answer) - 1 - have, 0)) <= 0)
            return false;
        have += (size_t)n;
        answer[have] = '\0';
        end = strstr(answer, "\r\n\r\n");
        length = strcasestr(answer, "content-length:");
        if (end != NULL && length != NULL && want == 0)
            want = (size_t)(end - answer) + 4 + strtoul(length + 15, NULL, 10);
    }
    return strncmp(answer, "HTTP/1.1 200", 12) == 0;
}

/* Resident memory in KiB. */
static long
resident(long pid)
{
    char path[64], line[256];
    long kib = 0;
    FILE *in;

    (void)snprintf(path, sizeof(path), "/proc/%ld/status", pid);
    in = fopen(path, "re");
    while (in != NULL && fgets(line, sizeof(line), in) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    if (in != NULL)
        (void)fclose(in);
    return kib;
}

static int
by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Ask over eight connections for so long; slow ones get their octet meanwhile. */
static size_t
ask_for(long seconds, size_t slow_count, size_t *failed)
{
    int64_t until = now_ns() + seconds * 1000000000, step = 0;
    size_t count = 0, at = 0;
    int fds[8];

    *failed = 0;
    for (size_t i = 0; i < 8; i++)
        fds[i] = meet();
    while (now_ns() < until) {
        int64_t began = now_ns();

        if (began > step) {
            for (size_t i = 0; i < slow_count; i++)
                (void)send(slow[i], "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
            step = now_ns() + SLOW_STEP_NS;
            began = now_ns();
        }
        if (!ask(fds[at])) { /* its requests are used up, or it failed */
            (void)close(fds[at]);
            fds[at] = meet();
            began = now_ns();
            if (!ask(fds[at]))
                ++*failed;
        }
        if (count < TIMES)
            times_us[count++] = (uint32_t)((now_ns() - began) / 1000);
        at = (at + 1) % 8;
    }
    for (size_t i = 0; i < 8; i++)
        (void)close(fds[i]);
    return count;
}

static void
tell(const char *what, size_t count, long seconds, size_t failed)
{
    qsort(times_us, count, sizeof(times_us[0]), by_size);
    (void)printf("%-28s %7zu requests/s  p50 %6u us  p99 %6u us  longest %7u us  failed %zu\n", what,
                 count / (size_t)seconds, times_us[count / 2], times_us[count * 99 / 100], times_us[count - 1], failed);
}

static size_t
alive(const int *fds, size_t count)
{
    size_t open = 0;

    for (size_t i = 0; i < count; i++) {
        struct pollfd p = { fds[i], POLLIN, 0 };

        open += poll(&p, 1, 0) == 0;
    }
    return open;
}

int
main(int argc, char **argv)
{
    size_t idle_count, slow_count, failed, count;
    long pid, seconds, before, with_idle, with_all;

    if (argc < 6) {
        (void)fprintf(stderr, "usage: crowd PORT PID IDLE SLOW SECONDS [PATH]\n");
        return 2;
    }
    port = (uint16_t)strtoul(argv[1], NULL, 10);
    pid = strtol(argv[2], NULL, 10);
    idle_count = strtoul(argv[3], NULL, 10);
    slow_count = strtoul(argv[4], NULL, 10);
    seconds = strtol(argv[5], NULL, 10);
    if (idle_count > CROWD || slow_count > CROWD || seconds < 1)
        return 2;
    (void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", argc > 6 ? argv[6] : "/healthz");
    count = ask_for(seconds, 0, &failed);
    tell("alone", count, seconds, failed);
    before = resident(pid);
    for (size_t i = 0; i < idle_count; i++)
        if (!ask(idle[i] = meet()))
            return 3;
    with_idle = resident(pid);
    (void)printf("%-28s %7.2f KiB each (%ld KiB before, %ld KiB with them)\n", "memory of idle connections",
                 (double)(with_idle - before) / (double)idle_count, before, with_idle);
    for (size_t i = 0; i < slow_count; i++) {
        slow[i] = meet();
        (void)send(slow[i], "GET / HTTP/1.1\r\nHost: a\r\nX: ", 29, MSG_NOSIGNAL);
    }
    count = ask_for(seconds, slow_count, &failed);
    tell("with the crowd", count, seconds, failed);
    with_all = resident(pid);
    (void)printf("%-28s %7.2f KiB each\n", "memory of slow connections",
                 (double)(with_all - with_idle) / (double)(slow_count > 0 ? slow_count : 1));
    (void)printf("%-28s %zu of %zu idle, %zu of %zu slow (their time is over after 10 s)\n", "still open",
                 alive(idle, idle_count), idle_count, alive(slow, slow_count), slow_count);
    return failed > 0 ? 1 : 0;
}
