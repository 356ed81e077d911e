/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0) {
        close(fd);
    }
    return done;
}

/* Root in a user namespace of one's own, where one is not root already. */
static bool
become_root(void)
{
    char uid[64], gid[64];

    if (geteuid() == 0) {
        return true;
    }
    snprintf(uid, sizeof(uid), "0 %u 1", (unsigned)geteuid());
    snprintf(gid, sizeof(gid), "0 %u 1", (unsigned)getegid());
    return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
           write_file("/proc/self/uid_map", uid) && write_file("/proc/self/gid_map", gid);
}

static bool
run(const char *command)
{
    int status = system(command);

    return status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool
test_network_enter(const char **why)
{
    static const char commands[] = "PATH=$PATH:/usr/sbin:/sbin; exec 2>/dev/null; ip link set lo up &&"
                                   " ip link add nan0 type veth peer name nan1 &&"
                                   " ip link set nan0 addrgenmode none && ip link set nan1 addrgenmode none &&"
                                   " ip link set nan0 up && ip link set nan1 up &&"
                                   " ip address add fe80::1/64 dev nan0 nodad &&"
                                   " ip address add fe80::2/64 dev nan1 nodad &&"
                                   " ip address add fe80::3/64 dev nan1 nodad";

    *why = "this machine lets nobody have a network namespace";
    if (!become_root() || unshare(CLONE_NEWNET) != 0) {
        return false;
    }
    *why = "no pair of virtual interfaces could be made with ip(8)";
    return run(commands);
}
