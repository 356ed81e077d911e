/* SPDX-License-Identifier: Apache-2.0 */
/* What crosses in the story of cardless cash: told by the wires, and by the services' own logs. */
#include "scenario_cash.h"

#include "carnet/json.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TURN_MS = 40 };

/** Routes of the services: whose message it is, and what the figures of P1940 call it. */
static const struct {
    const char *route, *interface, *from, *message;
} routes[] = {
    { "rp_stage", "RP", "phone", "Stage" },
    { "rp_fulfil", "RP", "phone", "Fulfil" },
    { "rp_staged_status", "RP", "phone", "StagedStatus" },
    { "rp_cancel_staged", "RP", "phone", "CancelStaged" },
    { "rp_session_notification", "RP", "identity provider", "SessionNotification" },
    { "terminal_collect", "RP", "terminal", "Collect" },
    { "terminal_step_up", "RP", "terminal", "StepUp" },
    { "terminal_evidence", "RP", "terminal", "Evidence" },
    { "terminal_dispensed", "RP", "terminal", "Dispensed" },
    { "issuer_resolve_staged", "RP", "issuing authorization", "ResolveStaged" },
    { "identity_register_account", "2410", "phone", "RegisterAccount" },
    { "identity_authentication_start", "2410", "mobile app server", "AuthenticationStart" },
    { "identity_authentication_request", "2410", "mobile app server", "AuthenticationRequest" },
    { "identity_notifications", "2410", "phone", "GetNotifications" },
    { "identity_register_session", "2410", "phone", "RegisterSession" },
    { "identity_submit_evidence", "2410", "mobile app server", "SubmitEvidence" },
    { "identity_authentication_response", "2410", "phone", "AuthenticationResponse" },
    { "identity_session_status", "2410", "mobile app server", "GetSessionStatus" },
    { "identity_session_status_get", "2410", "mobile app server", "GetSessionStatus" },
    { "identity_consume_session", "2410", "mobile app server", "ConsumeSession" },
    { "identity_cancel_session", "2410", "mobile app server", "CancelSession" },
};

/* --- logs --- */

static void
tell_route(cash *c, cash_service where, const carnet_json *line)
{
    const carnet_str route = carnet_json_string(carnet_json_get(line, "route"));
    const int64_t status = carnet_json_integer(carnet_json_get(line, "status"));

    for (size_t i = 0; i < CARNET_COUNT(routes); i++) {
        scenario_message message = { .interface = routes[i].interface,
                                     .from = routes[i].from,
                                     .to = cash_names[where],
                                     .message = routes[i].message };

        if (!carnet_str_is(route, routes[i].route)) {
            continue;
        }
        message.octets = carnet_json_integer(carnet_json_get(line, "received"));
        scenario_print_message(c->s, &message);
        message.octets = carnet_json_integer(carnet_json_get(line, "sent"));
        message.from = cash_names[where];
        message.to = routes[i].from;
        message.message = cash_text("%s: %lld", routes[i].message, (long long)status);
        scenario_print_message(c->s, &message);
        return;
    }
}

/** Each whole line of a file behind `*at`. */
static void
each_line(const cash *c, const char *name, size_t *at, void (*each)(void *self, const carnet_json *line), void *self)
{
    FILE *in = fopen(scenario_file(c->s, name), "r");
    char *text = NULL;
    size_t cap = 0;
    ssize_t len;

    if (in == NULL || fseek(in, (long)*at, SEEK_SET) != 0) {
        if (in != NULL) {
            fclose(in);
        }
        return;
    }
    while ((len = getline(&text, &cap, in)) > 0 && text[len - 1] == '\n') {
        carnet_json *line = NULL;

        *at += (size_t)len;
        if (carnet_json_parse((carnet_str){ text, (size_t)len }, &line, NULL) == CARNET_OK) {
            each(self, line);
            carnet_json_free(&line);
        }
    }
    free(text);
    fclose(in);
}

typedef struct log_reader {
    cash *c;
    cash_service where;
} log_reader;

static void
each_exchange(void *self, const carnet_json *line)
{
    const log_reader *r = self;

    if (carnet_str_is(carnet_json_string(carnet_json_get(line, "event")), "authentication.settled")) {
        scenario_say("app server",
                     "knows by GetSessionStatus what came of the session, verified its token, and tells the terminal");
    }
    tell_route(r->c, r->where, line);
}

static void
read_logs(cash *c)
{
    for (int i = 0; i < CASH_SERVICES; i++) {
        log_reader reader = { c, (cash_service)i };

        if (c->pid[i] != 0) {
            each_line(c, cash_log(c, (cash_service)i), &c->log_read[i], each_exchange, &reader);
        }
    }
}

/* --- wires --- */

static void
note_wire(cash *c, const carnet_json *line)
{
    const carnet_str from = carnet_json_string(carnet_json_get(line, "from")),
                     to = carnet_json_string(carnet_json_get(line, "to")),
                     message = carnet_json_string(carnet_json_get(line, "message"));
    const bool request = message.len > 3 && message.ptr[1] == '2' && message.ptr[2] == '0';
    const bool answer = message.len > 3 && message.ptr[1] == '2' && message.ptr[2] == '1';

    if (request) {
        cash_at(c, carnet_str_is(from, "terminal") ? "requested" : "forwarded");
    } else if (answer) {
        cash_at(c, carnet_str_is(to, "terminal") ? "answered" : "authorised");
    }
}

/** A line that a wire wrote.  What led to it is told first. */
static void
take_line(cash *c)
{
    carnet_json *line = NULL;

    if (carnet_json_parse((carnet_str){ c->line, c->line_len }, &line, NULL) == CARNET_OK) {
        read_logs(c);
        scenario_print_crossing(c->s, line);
        note_wire(c, line);
        carnet_json_free(&line);
    }
    c->line_len = 0;
}

static void
read_wires(cash *c, int wait_ms)
{
    struct pollfd pipe = { .fd = c->tell[0], .events = POLLIN };

    for (; poll(&pipe, 1, wait_ms) > 0 && (pipe.revents & POLLIN) != 0; wait_ms = 0) {
        char octet;

        while (read(c->tell[0], &octet, 1) == 1) {
            if (octet == '\n') {
                take_line(c);
            } else if (c->line_len + 1 < sizeof c->line) {
                c->line[c->line_len++] = octet;
            }
        }
    }
}

void
cash_tell(cash *c, int wait_ms)
{
    read_logs(c);
    read_wires(c, wait_ms);
    read_logs(c);
}

int
cash_wait(cash *c, pid_t party)
{
    siginfo_t ended = { 0 };
    int status;

    while (waitid(P_PID, (id_t)party, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != party) {
        cash_tell(c, TURN_MS);
        (void)cash_terminal_reads(c);
    }
    status = scenario_wait(c->s, party);
    cash_tell(c, 0);
    return status;
}

/* --- the terminal --- */

static void
copy_member(const carnet_json *line, const char *name, char *out, size_t size)
{
    const carnet_str text = carnet_json_string(carnet_json_get(line, name));

    if (text.len > 0) {
        snprintf(out, size, "%.*s", (int)text.len, text.ptr);
    }
}

static void
each_event(void *self, const carnet_json *line)
{
    cash *c = self;
    cash_terminal *t = &c->terminal;
    const carnet_str event = carnet_json_string(carnet_json_get(line, "event"));

    copy_member(line, "phase", t->phase, sizeof t->phase);
    copy_member(line, "ref", t->reference, sizeof t->reference);
    if (carnet_str_is(event, "code")) {
        copy_member(line, "code", t->code, sizeof t->code);
    } else if (carnet_str_is(event, "dispensed")) {
        scenario_say("terminal", "hands out %lld minor units",
                     (long long)carnet_json_integer(carnet_json_get(line, "out")));
        cash_at(c, "dispensed");
    } else if (carnet_str_is(event, "refused")) {
        const carnet_str why = carnet_json_string(carnet_json_get(line, "reason"));

        scenario_say("terminal", "is refused: %.*s", (int)why.len, why.ptr);
    } else if (carnet_str_is(event, "ended")) {
        copy_member(line, "outcome", t->outcome, sizeof t->outcome);
        copy_member(line, "response", t->response, sizeof t->response);
        t->dispensed = (unsigned long long)carnet_json_integer(carnet_json_get(line, "dispensed"));
        t->ended = true;
    }
}

void
cash_terminal_reads(cash *c)
{
    if (c->terminal_log != NULL) {
        each_line(c, c->terminal_log, &c->terminal_read, each_event, c);
    }
}

/* --- as if the power went --- */

void
cash_at(cash *c, const char *step)
{
    const char *party = c->s->restart;
    cash_service which = CASH_NOBODY;

    c->step = step;
    if (party == NULL || c->killed || strcmp(step, c->s->at) != 0) {
        return;
    }
    for (int i = 0; i < CASH_PARTIES; i++) {
        if (strcmp(party, cash_names[i]) == 0) {
            which = (cash_service)i;
        }
    }
    if (which == CASH_NOBODY || c->pid[which] == 0) {
        return;
    }
    c->killed = true;
    scenario_say("power", "is lost at the %s, and comes back", cash_names[which]);
    cash_kill(c, which);
    if (which < CASH_SERVICES) {
        cash_start(c, which);
    }
}
