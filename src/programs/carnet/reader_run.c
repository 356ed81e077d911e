/* SPDX-License-Identifier: Apache-2.0 */
/* One reading, and one after the other: in a loop each is a process of its own, so that nothing of a holder stays, and
 * nothing that goes wrong with one ends the gate. */
#include "reader.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/** The worst of two exit statuses: not valid, then not judged. */
static int
worse(int a, int b)
{
    return a == CLI_NEGATIVE || b == CLI_NEGATIVE ? CLI_NEGATIVE : a != CLI_VALID ? a : b;
}

/** Wipe and close what a reading had. */
static void
finish(reading *r)
{
    carnet_link_close(&r->link);
    carnet_recorder_done(&r->recorder);
    r->recorder.fd = -1;
    carnet_reader_done(&r->reader);
    if (r->mac_keys != NULL) {
        carnet_reader_mac_keys_done(r->mac_keys);
    }
    r->storage.len = 0;
}

/** One reading; *nobody: no holder came. */
static int
read_one(reading *r, bool *nobody)
{
    carnet_err err = { 0 };
    int status = CLI_VALID;
    carnet_rc rc;

    r->answer_count = 0;
    r->status = 0;
    r->device_engagement = (carnet_span){ 0 };
    r->mac_keys = NULL;
    r->recorder = (carnet_recorder){ .fd = -1 };
    r->how = (carnet_session_transcript_parameters){ .handover = CARNET_HANDOVER_QR };
    carnet_session_timeouts_begin(&r->timeouts, onsite_now_ms());
    rc = r->a->replay != NULL ? reader_replay(r, &err) : reader_engage(r, &err);
    if (rc == CARNET_OK && r->a->replay == NULL) {
        rc = reader_converse(r, &err);
    }
    carnet_link_close(&r->link);
    for (size_t i = 0; i < r->answer_count; i++) {
        status = worse(status, reader_judge(r, i));
    }
    *nobody = rc == CARNET_E_LINK_TIMEOUT && r->device_engagement.len == 0;
    if ((rc != CARNET_OK || r->answer_count == 0) && !(*nobody && r->a->loop)) {
        status = worse(status, reader_tell_failure(r, &err));
    }
    finish(r);
    fflush(stdout);
    return status;
}

/** The next line of standard input, if QR codes come from there; false: there is none. */
static bool
next_line(reading *r)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;

    if (r->a->qr == NULL || strcmp(r->a->qr, "-") != 0) {
        return true;
    }
    free(r->line);
    r->line = NULL;
    len = onsite_stopped() ? -1 : getline(&line, &cap, stdin);
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r')) {
        line[--len] = '\0';
    }
    if (len < 0) {
        free(line);
        return false;
    }
    r->line = line;
    return true;
}

/** What a reading's process leaves to the next one. */
typedef struct left_behind {
    bool nobody;
    size_t len;
    uint8_t last_seen[4096];
} left_behind;

/** In the reading's own process. */
static _Noreturn void
read_apart(reading *r, left_behind *left, pid_t parent)
{
    int status;

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    status = getppid() == parent ? read_one(r, &left->nobody) : CLI_UNJUDGED;
    if (r->last_seen.len <= sizeof left->last_seen) {
        left->len = r->last_seen.len;
        memcpy(left->last_seen, r->last_seen.ptr, r->last_seen.len);
    }
    fflush(NULL);
    _exit(status);
}

/** Wait for it; a signal is passed on. */
static int
wait_for(reading *r, pid_t pid)
{
    bool told = false;
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        if (onsite_stopped() && !told) {
            kill(pid, SIGTERM);
            told = true;
        }
    }
    if (WIFEXITED(status)) {
        return WEXITSTATUS(status);
    }
    r->step = "the reading";
    return reader_tell_failure(r, &(carnet_err){ .rc = CARNET_E_LINK_IO,
                                                 .offset = CARNET_NO_OFFSET,
                                                 .reason = "its process was ended by a signal" });
}

static int
read_in_a_loop(reading *r)
{
    left_behind *left = mmap(NULL, sizeof *left, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = CLI_UNJUDGED;

    if (left == MAP_FAILED) {
        cli_die_text("memory", strerror(errno));
    }
    while (!onsite_stopped() && next_line(r)) {
        pid_t parent = getpid(), pid;
        int one;

        r->number++;
        left->nobody = false;
        r->last_seen = carnet_span_of(left->last_seen, left->len);
        fflush(NULL);
        pid = fork();
        if (pid < 0) {
            cli_die_text("fork", strerror(errno));
        }
        if (pid == 0) {
            read_apart(r, left, parent);
        }
        one = wait_for(r, pid);
        if (left->nobody) {
            r->number--;
        } else {
            status = one;
        }
    }
    return status;
}

int
reader_run(reading *r)
{
    bool nobody;

    if (r->a->loop) {
        return read_in_a_loop(r);
    }
    r->number = 1;
    if (!next_line(r)) {
        return cli_complain_text("standard input", "it has ended");
    }
    return read_one(r, &nobody);
}
