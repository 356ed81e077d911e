/* SPDX-License-Identifier: Apache-2.0 */
/* The parties of a scenario as processes. */
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, STEP_MS = 20 };

const char *
scenario_file(const scenario *s, const char *name)
{
    return cli_join(s->directory, name);
}

static void
note_party(scenario *s, pid_t pid)
{
    if (s->party_count == SCENARIO_PARTIES_MAX) {
        cli_die_text("scenario", "there are too many parties");
    }
    s->parties[s->party_count++] = pid;
}

/** In the child: end with the parent, say nothing to the terminal but through files. */
static void
become_party(const scenario *s, pid_t parent, const char *out)
{
    int null = open("/dev/null", O_RDWR);
    int file = out != NULL ? open(scenario_file(s, out), O_WRONLY | O_CREAT | O_TRUNC, 0600) : null;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent || null < 0 || file < 0 || chdir(s->directory) != 0) {
        _exit(CLI_UNJUDGED);
    }
    dup2(null, STDIN_FILENO);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    signal(SIGPIPE, SIG_DFL);
}

pid_t
scenario_start(scenario *s, const char *const *argv, const char *out, int inherit)
{
    pid_t parent = getpid(), pid;

    fflush(stdout);
    pid = fork();
    if (pid < 0) {
        cli_die_text("fork", strerror(errno));
    }
    if (pid == 0) {
        union {
            const char *const *from;
            char *const *to;
        } args = { argv };

        become_party(s, parent, out);
        if (inherit >= 0) {
            (void)fcntl(inherit, F_SETFD, 0);
        }
        execv(strchr(argv[0], '/') != NULL ? argv[0] : "/proc/self/exe", args.to);
        _exit(CLI_UNJUDGED);
    }
    note_party(s, pid);
    return pid;
}

pid_t
scenario_start_function(scenario *s, void (*run)(void *context), void *context)
{
    pid_t parent = getpid(), pid;

    fflush(stdout);
    pid = fork();
    if (pid < 0) {
        cli_die_text("fork", strerror(errno));
    }
    if (pid == 0) {
        become_party(s, parent, NULL);
        run(context);
        _exit(CLI_VALID);
    }
    note_party(s, pid);
    return pid;
}

int
scenario_wait(scenario *s, pid_t party)
{
    int status = 0;

    while (waitpid(party, &status, 0) < 0 && errno == EINTR) {
    }
    for (size_t i = 0; i < s->party_count; i++) {
        if (s->parties[i] == party) {
            s->parties[i] = s->parties[--s->party_count];
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : CLI_UNJUDGED;
}

void
scenario_do(scenario *s, const char *const *argv)
{
    int status = scenario_wait(s, scenario_start(s, argv, "step.txt", -1));

    if (status != CLI_VALID) {
        scenario_show(s, "step.txt");
        scenario_stop(s);
        cli_die_text(argv[1], "a step of the scenario failed");
    }
}

void
scenario_stop(scenario *s)
{
    for (size_t i = 0; i < s->party_count; i++) {
        kill(s->parties[i], SIGTERM);
    }
    while (s->party_count > 0) {
        (void)scenario_wait(s, s->parties[0]);
    }
}

bool
scenario_wait_for(const scenario *s, const char *name, pid_t party)
{
    static const struct timespec pause = { .tv_nsec = STEP_MS * 1000 * 1000 };
    const char *path = scenario_file(s, name);

    for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        siginfo_t ended = { 0 };
        struct stat st;

        if (stat(path, &st) == 0 && st.st_size > 0) {
            return true;
        }
        if (waitid(P_PID, (id_t)party, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == party) {
            return false;
        }
        nanosleep(&pause, NULL);
    }
    return false;
}

static bool speaks_json;

void
scenario_speak(bool json)
{
    speaks_json = json;
}

void
scenario_say(const char *party, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (speaks_json) {
        printf("{\"party\": ");
        cli_json_string(stdout, carnet_str_of(party[0] == '\n' ? party + 1 : party));
        printf(", \"says\": ");
        cli_json_string(stdout, carnet_str_of(text));
        puts("}");
    } else {
        printf("%s%-11s%s %s\n", cli_colour()->bold, party, cli_colour()->off, text);
    }
    fflush(stdout);
}

void
scenario_show(const scenario *s, const char *name)
{
    carnet_span text;

    if (cli_try_read(scenario_file(s, name), &text)) {
        fwrite(text.ptr, 1, text.len, speaks_json ? stderr : stdout);
        fflush(stdout);
    }
}
