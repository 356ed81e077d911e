/* SPDX-License-Identifier: Apache-2.0 */
#include "antenna.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DRIVER "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

static pid_t service = -1;
static char reason[200];

static const char *
because(const char *what)
{
    snprintf(reason, sizeof reason, "%s: %s", what, strerror(errno));
    return reason;
}

static bool
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    bool written = file != NULL && fputs(text, file) >= 0;

    return file != NULL && fclose(file) == 0 && written;
}

/** As another user than root: be root of a namespace of one's own. */
static bool
become_root(void)
{
    uid_t uid = getuid();
    gid_t gid = getgid();
    char map[40];

    if (uid == 0) {
        return true;
    }
    if (unshare(CLONE_NEWUSER) != 0 || !write_file("/proc/self/setgroups", "deny")) {
        return false;
    }
    snprintf(map, sizeof map, "0 %u 1", (unsigned)gid);
    if (!write_file("/proc/self/gid_map", map)) {
        return false;
    }
    snprintf(map, sizeof map, "0 %u 1", (unsigned)uid);
    return write_file("/proc/self/uid_map", map);
}

static bool
loopback_up(void)
{
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

    close(fd);
    return up;
}

const char *
carnet_test_alone(void)
{
    if (access("/usr/sbin/pcscd", X_OK) != 0 || access(DRIVER, R_OK) != 0) {
        return "pcscd and its driver vpcd (packages pcscd, vsmartcard-vpcd) are not installed";
    }
    if (!become_root() || unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) {
        return because("no namespaces of one's own");
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("none", "/run", "tmpfs", 0, NULL) != 0 ||
        mkdir("/run/pcscd", 0755) != 0 || mkdir("/run/reader.conf.d", 0755) != 0) {
        return because("no /run of one's own");
    }
    return loopback_up() ? NULL : because("no network of one's own");
}

const char *
carnet_test_pcscd_start(void)
{
    static const char conf[] =
        "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x1B59\nLIBPATH " DRIVER "\nCHANNELID 0x1B59\n"; /* 7001 */

    if (!write_file("/run/reader.conf.d/vpcd", conf)) {
        return because("/run/reader.conf.d/vpcd");
    }
    service = fork();
    if (service == 0) {
        int null = open("/dev/null", O_RDWR);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execl("/usr/sbin/pcscd", "pcscd", "--foreground", "--config", "/run/reader.conf.d", (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 250; i++) { /* 5 seconds */
        if (access("/run/pcscd/pcscd.comm", F_OK) == 0) {
            return NULL;
        }
        if (waitpid(service, NULL, WNOHANG) == service) {
            service = -1;
            return "pcscd does not start";
        }
        usleep(20000);
    }
    carnet_test_pcscd_stop();
    return "pcscd does not get ready";
}

void
carnet_test_pcscd_stop(void)
{
    if (service > 0) {
        kill(service, SIGTERM);
        for (int i = 0; i < 100 && waitpid(service, NULL, WNOHANG) != service; i++) {
            usleep(20000);
            if (i == 99) {
                kill(service, SIGKILL);
                waitpid(service, NULL, 0);
            }
        }
    }
    service = -1;
}

int
carnet_test_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = -1; /* its own */

    while (dir != NULL && readdir(dir) != NULL) {
        count++;
    }
    closedir(dir);
    return count;
}

long
carnet_test_memory(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1) {
        pages = 0;
    }
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static bool
read_all(int fd, uint8_t *out, size_t len)
{
    while (len > 0) {
        int on = 1;
        ssize_t got;

        (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
        got = read(fd, out, len);
        if (got <= 0) {
            return false;
        }
        out += got;
        len -= (size_t)got;
    }
    return true;
}

static bool
read_frame(int from, uint8_t frame[2 + 65535], size_t *len)
{
    if (!read_all(from, frame, 2)) {
        return false;
    }
    *len = (size_t)frame[0] << 8 | frame[1];
    return read_all(from, frame + 2, *len);
}

static bool
write_frame(int to, const uint8_t *frame, size_t len)
{
    return send(to, frame, len + 2, MSG_NOSIGNAL) == (ssize_t)len + 2;
}

/** Alter a response, given the one before. */
static void
alter(carnet_test_antenna *a, uint8_t *frame, size_t *len, const uint8_t *before, size_t before_len)
{
    switch (a->fault) {
    case CUT_SHORT:
        *len -= 1;
        break;
    case TOO_LONG:
        frame[2 + (*len)++] = 0;
        break;
    case REPEATED:
        a->altered = *len != before_len || memcmp(frame + 2, before + 2, before_len) != 0;
        memcpy(frame, before, before_len + 2);
        *len = before_len;
        return;
    case NO_STATUS:
        frame[*len] = 0x42;
        break;
    default:
        return;
    }
    a->altered = true;
    frame[0] = (uint8_t)(*len >> 8);
    frame[1] = (uint8_t)*len;
}

static bool
pass(carnet_test_antenna *a, bool from_reader)
{
    static _Thread_local uint8_t frame[2 + 65535], before[2 + 65535];
    static _Thread_local size_t before_len;
    size_t len;

    if (!read_frame(from_reader ? a->reader : a->card, frame, &len)) {
        return false;
    }
    if (from_reader) {
        a->control = len == 1; /* the field, or the card's ATR */
    }
    if (from_reader && !a->control) {
        a->commands++;
        a->command_octets += len;
        if (a->commands == a->cut_at && !a->before_response) {
            return false;
        }
    }
    if (!from_reader && !a->control) {
        a->response_octets += len;
        if (a->commands == a->cut_at) {
            return false;
        }
        if (a->commands == a->late_at) {
            usleep(a->late_ms * 1000);
        }
        if (a->commands == a->fault_at) {
            alter(a, frame, &len, before, before_len);
        }
        memcpy(before, frame, len + 2);
        before_len = len;
    }
    return write_frame(from_reader ? a->card : a->reader, frame, len);
}

static void
connect_slot(carnet_test_antenna *a)
{
    struct sockaddr_in slot = { .sin_family = AF_INET,
                                .sin_port = htons(a->port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    while (connect(a->reader, (struct sockaddr *)&slot, sizeof slot) != 0 && !a->lifted) {
        usleep(20000);
    }
}

static void *
run(void *context)
{
    carnet_test_antenna *a = context;
    struct pollfd both[2] = { { .events = POLLIN }, { .events = POLLIN } };
    int on = 1;

    a->card = accept4(a->listener, NULL, NULL, SOCK_CLOEXEC);
    if (a->card < 0) {
        return NULL;
    }
    connect_slot(a);
    (void)setsockopt(a->card, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(a->reader, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    both[0].fd = a->reader;
    both[1].fd = a->card;
    for (bool on_antenna = true; on_antenna;) {
        if (poll(both, 2, -1) < 0) {
            continue;
        }
        on_antenna = both[1].revents == 0 || pass(a, false);
        on_antenna = on_antenna && (both[0].revents == 0 || pass(a, true));
    }
    shutdown(a->card, SHUT_RDWR);
    shutdown(a->reader, SHUT_RDWR);
    return NULL;
}

void
carnet_test_antenna_lay(carnet_test_antenna *a, uint16_t port)
{
    struct sockaddr_in here = { .sin_family = AF_INET,
                                .sin_port = htons(ANTENNA),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1;

    a->port = port;
    a->card = -1;
    a->lifted = a->control = a->altered = false;
    a->commands = 0;
    a->command_octets = a->response_octets = 0;
    a->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    a->reader = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(a->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(a->listener, (struct sockaddr *)&here, sizeof here) != 0 || listen(a->listener, 1) != 0) {
        perror("antenna");
        abort();
    }
    pthread_create(&a->thread, NULL, run, a);
}

void
carnet_test_antenna_lift(carnet_test_antenna *a)
{
    a->lifted = true;
    shutdown(a->listener, SHUT_RDWR);
    shutdown(a->reader, SHUT_RDWR);
    if (a->card >= 0) {
        shutdown(a->card, SHUT_RDWR);
    }
    pthread_join(a->thread, NULL);
    close(a->listener);
    close(a->reader);
    if (a->card >= 0) {
        close(a->card);
    }
}
