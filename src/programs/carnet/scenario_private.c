/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario has to itself, where nobody else sees or meets it: a PC/SC service with a virtual antenna, a network of
 * two ends. */
#include "scenario.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PCSCD  "/usr/sbin/pcscd"
#define DRIVER "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

static bool
put(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    bool good = file != NULL && fputs(text, file) >= 0;

    return file != NULL && fclose(file) == 0 && good;
}

/** A user who is not root becomes it in a namespace. */
static bool
be_root(void)
{
    unsigned uid = (unsigned)getuid(), gid = (unsigned)getgid();
    char map[32];

    if (uid == 0) {
        return true;
    }
    if (unshare(CLONE_NEWUSER) != 0 || !put("/proc/self/setgroups", "deny")) {
        return false;
    }
    snprintf(map, sizeof map, "0 %u 1", gid);
    if (!put("/proc/self/gid_map", map)) {
        return false;
    }
    snprintf(map, sizeof map, "0 %u 1", uid);
    return put("/proc/self/uid_map", map);
}

static bool
raise_loopback(void)
{
    struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;

    if (fd >= 0) {
        close(fd);
    }
    return up;
}

static void
run_pcscd(void *context)
{
    (void)context;
    execl(PCSCD, "pcscd", "--foreground", "--config", "/run/reader.conf.d", (char *)NULL);
}

const char *
scenario_start_pcscd(scenario *s)
{
    static const char conf[] =
        "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME /dev/null:0x1B63\nLIBPATH " DRIVER "\nCHANNELID 0x1B63\n"; /* 7011 */

    if (access(PCSCD, X_OK) != 0 || access(DRIVER, R_OK) != 0) {
        return "pcscd or its driver vpcd is not installed (packages pcscd, vsmartcard-vpcd)";
    }
    if (!be_root() || unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) {
        return "this machine gives no namespaces of one's own";
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("none", "/run", "tmpfs", 0, NULL) != 0 ||
        mkdir("/run/pcscd", 0755) != 0 || mkdir("/run/reader.conf.d", 0755) != 0 ||
        !put("/run/reader.conf.d/vpcd", conf) || !raise_loopback()) {
        return "this machine gives no /run and no loopback of one's own";
    }
    scenario_start_function(s, run_pcscd, NULL);
    for (int i = 0; i < 250; i++) {
        if (access("/run/pcscd/pcscd.comm", F_OK) == 0) {
            return NULL;
        }
        usleep(20 * 1000);
    }
    return "pcscd does not start";
}

/** Run `ip` with these words; true: it did it. */
static bool
run_ip(const char *const *argv)
{
    union {
        const char *const *from;
        char *const *to;
    } args = { argv };
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        execvp("ip", args.to);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
#define IP(...) run_ip((const char *const[]){ "ip", __VA_ARGS__, NULL })

const char *
scenario_start_network(scenario *s)
{
    (void)s;
    if (!be_root() || unshare(CLONE_NEWNET) != 0 || !raise_loopback()) {
        return "this machine gives no network of one's own";
    }
    if (!IP("link", "add", "nan0", "type", "veth", "peer", "name", "nan1") ||
        !IP("link", "set", "nan0", "addrgenmode", "none", "up") ||
        !IP("link", "set", "nan1", "addrgenmode", "none", "up") ||
        !IP("address", "add", "fe80::1/64", "dev", "nan0", "nodad") ||
        !IP("address", "add", "fe80::2/64", "dev", "nan1", "nodad")) {
        return "this machine makes no pair of network interfaces (ip, of iproute2)";
    }
    return NULL;
}
