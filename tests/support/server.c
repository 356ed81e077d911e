/* SPDX-License-Identifier: Apache-2.0 */
#include "support/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char server[64]; /* the folder its socket is in; empty: there is none */
static unsigned databases;

static int
script(const char *command, const char *argument)
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        (void)dup2(STDERR_FILENO, STDOUT_FILENO); /* the other is TAP's */
        (void)execl(CARNET_SOURCE_ROOT "/tests/support/postgres", "postgres", command, server, argument, (char *)NULL);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
start(void)
{
    char own[16];
    int status;

    (void)snprintf(server, sizeof(server), "/tmp/carnet-postgres-XXXXXX");
    (void)snprintf(own, sizeof(own), "%d", (int)getpid());
    if (mkdtemp(server) == NULL)
        return -1;
    if ((status = script("start", own)) != 0)
        (void)rmdir(server);
    return status;
}

int
carnet_test_run_stored(int argc, char **argv, const char *name, const struct CMUnitTest *tests, size_t count,
                       CMFixtureFunction end)
{
    const bool stored = argc > 1 && strcmp(argv[1], "postgresql") == 0;
    int status = stored ? start() : 0;

    if (status != 0) {
        (void)puts(status == 77 ? "1..0 # SKIP there is no PostgreSQL here" : "Bail out! PostgreSQL does not start");
        return status != 77;
    }
    status = _cmocka_run_group_tests(name, tests, count, NULL, end);
    if (stored)
        (void)script("stop", "immediate");
    return status;
}

void
carnet_test_place(const char *file, bool fresh, char *place, size_t cap)
{
    char name[16];

    if (server[0] == '\0') {
        (void)snprintf(place, cap, "%s", file);
        return;
    }
    if (fresh || databases == 0) {
        (void)snprintf(name, sizeof(name), "t%u", ++databases);
        assert_int_equal(script("database", name), 0);
    }
    (void)snprintf(place, cap, "postgresql:host=%s user=carnet dbname=t%u", server, databases);
}
