/* SPDX-License-Identifier: Apache-2.0 */
/* Cardless cash (P1940 4): the figures of staging, authentication and cash disbursement as one story. */
#include "scenario_cash.h"

#include "carnet/json.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { TRIES = 5, PAUSE_MS = 700 };

#define STRONG "FINGERPRINT=match+pad"

static const cash_variant variants[] = {
    { .name = "withdrawal",
      .title = "remote entry: the terminal shows a code, the phone scans it",
      .amount = 10000,
      .sensor = STRONG,
      .outcome = "TAKEN",
      .booked = 10000 },
    { .name = "step-up",
      .title = "the issuer wants more than the app's server asked for: 1A, a second session, a new message",
      .amount = 15000,
      .step_up = true,
      .sensor = "FINGERPRINT=match",
      .outcome = "TAKEN",
      .booked = 15000 },
    { .name = "refusal",
      .title = "more than the account's limit: refused, nothing is booked",
      .amount = 5000,
      .sensor = STRONG,
      .per_transaction = 4000,
      .outcome = "DECLINED",
      .response = "61" },
    { .name = "lost-answer",
      .title = "the answer to the request and to the reversal is lost: 0420, 0421, 0430",
      .amount = 5000,
      .sensor = STRONG,
      .lost = "0210,0430",
      .outcome = "NO_ANSWER" },
    { .name = "jam",
      .title = "the dispenser stops after one note of two: what came out is booked, the rest returned",
      .amount = 10000,
      .sensor = STRONG,
      .fault = "jam:1",
      .outcome = "PARTLY",
      .booked = 5000 },
    { .name = "on-site",
      .title = "the terminal is a reader: the mobile document is shown to it",
      .amount = 10000,
      .on_site = true,
      .sensor = STRONG,
      .outcome = "TAKEN",
      .booked = 10000 },
    { .name = "pos",
      .title = "a purchase; it comes to less than was staged",
      .amount = 5000,
      .purchase = true,
      .price = "4250",
      .sensor = STRONG,
      .outcome = "PARTLY",
      .booked = 4250 },
    { .name = "fido",
      .title = "no sensor: a FIDO authenticator in software asserts, its user known by the passphrase",
      .amount = 10000,
      .enrolled = { "--software-fido", "bank.example" },
      .outcome = "TAKEN",
      .booked = 10000 },
    { .name = "hotp",
      .title = "no sensor: a PIN and a one-time password by counter",
      .amount = 10000,
      .enrolled = { "--hotp", "--pin-file", "pin" },
      .proves = { "--pin-file", "pin" },
      .outcome = "TAKEN",
      .booked = 10000 },
};

const char *const scenario_cash_variants[] = { "withdrawal", "step-up", "refusal", "lost-answer", "jam",
                                               "on-site",    "pos",     "fido",    "hotp",        NULL };

static const cash_variant *
find_variant(const char *name)
{
    for (size_t i = 0; i < CARNET_COUNT(variants); i++) {
        if (strcmp(variants[i].name, name) == 0) {
            return &variants[i];
        }
    }
    cli_usage("there is no variant \"%s\" (--list says which there are)", name);
}

/* --- the phone --- */

/** What it printed as JSON, the last line of it: it tells a person, too. */
static carnet_json *
read_json(const cash *c, const char *name)
{
    const carnet_span text = cli_read(scenario_file(c->s, name));
    carnet_json *json = NULL;

    for (size_t at = 0; at < text.len;) {
        const char *line = (const char *)text.ptr + at;
        const char *end = memchr(line, '\n', text.len - at);
        const size_t len = end != NULL ? (size_t)(end - line) : text.len - at;

        if (line[0] == '{') {
            carnet_json_free(&json);
            (void)!carnet_json_parse((carnet_str){ line, len }, &json, NULL);
        }
        at += len + 1;
    }
    return json;
}

static const char *
member(const cash *c, const char *name, const char *key)
{
    carnet_json *json = read_json(c, name);
    const char *text = cash_text("%.*s", (int)carnet_json_string(carnet_json_get(json, key)).len,
                                 carnet_json_string(carnet_json_get(json, key)).ptr);

    carnet_json_free(&json);
    return text;
}

static pid_t
start_phone(cash *c, cash_words *more, const char *out)
{
    cash_words argv = { 0 };

    CASH_ADD(&argv, "carnet", "phone");
    cash_add(&argv, more->list);
    CASH_ADD(&argv, "-s", "store", "--passphrase-file", "passphrase", "--json");
    if (c->session != NULL) {
        CASH_ADD(&argv, "--", c->session); /* it may begin as an option does */
    }
    return scenario_start(c->s, argv.list, out, -1);
}

/** Whose power was lost is asked again by whoever waits for the answer. */
static int
phone(cash *c, cash_words *more, const char *out)
{
    int status = CLI_UNJUDGED;

    for (int tries = 0; tries < TRIES && status != CLI_VALID; tries++) {
        if (tries > 0) {
            scenario_say("user", "tries again");
            cash_tell(c, PAUSE_MS);
        }
        status = cash_wait(c, start_phone(c, more, out));
        if (status != CLI_VALID && !c->killed) {
            break;
        }
    }
    if (status != CLI_VALID) {
        scenario_show(c->s, out);
    }
    return status;
}

static int
stage(cash *c)
{
    cash_words w = { 0 };
    int status;

    scenario_say("\nuser", "wants %llu.%02llu USD, and says so in the app", (unsigned long long)c->v->amount / 100,
                 (unsigned long long)c->v->amount % 100);
    CASH_ADD(&w, "stage", "--amount", cash_text("%llu", (unsigned long long)c->v->amount), "--currency", "840",
             "--type", c->v->purchase ? "POS_PURCHASE" : "ATM_CWD");
    if ((status = phone(c, &w, "staged.json")) == CLI_VALID) {
        snprintf(c->reference, sizeof c->reference, "%s", member(c, "staged.json", "ref"));
        scenario_say("phone", "the transaction is staged: %s", c->reference);
        cash_at(c, "staged");
    }
    return status;
}

static int
fulfil(cash *c)
{
    cash_words w = { 0 };
    int status;

    scenario_say("user", "scans the code with the app");
    CASH_ADD(&w, "fulfil", c->reference, "--code", c->terminal.code);
    status = phone(c, &w, "fulfilled.json");
    if (status == CLI_VALID) {
        cash_at(c, "fulfilled");
    }
    return status;
}

/** Where the terminal is, with its sensor, its location: the user approves. */
static int
approve(cash *c, const char *session)
{
    const char *sensor = c->v->sensor;
    cash_words w = { 0 };
    int status;

    scenario_say("user", "compares what both screens show, and approves (%s)",
                 sensor != NULL ? sensor : "there is no sensor");
    CASH_ADD(&w, "approve", "--yes", "--location", "52.5200,13.4050", "--posture-attestation", "genuine");
    if (sensor != NULL) {
        CASH_ADD(&w, "--fake-sensor", sensor);
    }
    cash_add(&w, c->v->proves);
    c->session = session;
    status = phone(c, &w, "approved.json");
    c->session = NULL;
    if (status == CLI_VALID) {
        scenario_say("phone", "is told no more than %s", member(c, "approved.json", "status"));
        cash_at(c, "authenticated");
    }
    return status;
}

/** The session that is to be approved, as the server says. */
static const char *
session_of(cash *c, const char *name)
{
    const char *session = member(c, name, "sessionId");

    return session[0] != '\0' ? session : member(c, name, "session");
}

/* --- the terminal --- */

static void
start_terminal(cash *c, bool settle)
{
    const char *id = c->v->purchase ? "POS00001" : "ATM00001";
    const carnet_span shown =
        carnet_str_bytes(carnet_str_of(c->v->on_site && !settle ? scenario_text(c->s, "engagement.txt") : ""));
    cash_words w = { 0 };

    CASH_ADD(&w, "carnet", "atm", "--state", "terminal", "--id", id, "--label",
             c->v->purchase ? "Corner shop" : "Main Street 1", "--merchant", "MAINSTREET00001", "--currency", "840",
             "--acquirer", "123456", "--code-key", "cash/terminal-code.key", "--server",
             cash_text("https://127.0.0.1:%u", c->port + 4), "--ca", "cash/authority.pem", "--cert",
             cash_text("cash/terminal-%s.pem", id), "--key", cash_text("cash/terminal-%s.key", id), "--switch",
             cash_text("127.0.0.1:%u", c->wire_port[CASH_WIRE_TERMINAL]), "--spec", "1987:ascii", "--framing", "post");
    CASH_ADD(&w, "--mac", "retail", "--mac-key", "cash/terminal-mac.key", "--answer-ms",
             c->v->lost != NULL ? "1500" : "20000", "--repeat-ms", "1000", "--json", settle ? "--settle" : "--once");
    if (c->v->purchase) {
        CASH_ADD(&w, "--pos", "--price", c->v->price);
    } else {
        CASH_ADD(&w, "--cassettes", "cash/cassettes.json");
    }
    if (c->v->on_site && !settle) {
        CASH_ADD(&w, "--qr", cash_text("%.*s", (int)shown.len, (const char *)shown.ptr), "--socket=link",
                 "--reader-cert", "cash/reader-ATM00001.pem", "--reader-key", "cash/reader-ATM00001.key");
    }
    c->terminal_read = 0;
    c->terminal_log = settle ? "settled.json" : "terminal.json";
    c->terminal.ended = false;
    c->pid[CASH_TERMINAL] = scenario_start(c->s, w.list, c->terminal_log, -1);
}

/** Until the terminal is so far; false: it ended. */
static bool
terminal_until(cash *c, bool (*there)(const cash *c))
{
    for (int turns = 0; turns < 1500; turns++) {
        siginfo_t ended = { 0 };

        cash_tell(c, 40);
        cash_terminal_reads(c);
        if (there(c)) {
            return true;
        }
        if (c->pid[CASH_TERMINAL] == 0 || c->terminal.ended ||
            (waitid(P_PID, (id_t)c->pid[CASH_TERMINAL], &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
             ended.si_pid == c->pid[CASH_TERMINAL])) {
            cash_terminal_reads(c);
            return there(c);
        }
    }
    return false;
}

static bool
has_code(const cash *c)
{
    return c->terminal.code[0] != '\0';
}

static bool
knows_transaction(const cash *c)
{
    return c->terminal.reference[0] != '\0';
}

static bool
steps_up(const cash *c)
{
    return strcmp(c->terminal.phase, "STEPPING_UP") == 0;
}

static bool
never(const cash *c)
{
    (void)c;
    return false;
}

/** Whoever lost its power goes on where its journal says. */
static void
end_terminal(cash *c)
{
    (void)terminal_until(c, never);
    if (c->pid[CASH_TERMINAL] != 0) {
        (void)cash_wait(c, c->pid[CASH_TERMINAL]);
        c->pid[CASH_TERMINAL] = 0;
    } else {
        cash_terminal had = c->terminal;

        start_terminal(c, true);
        (void)cash_wait(c, c->pid[CASH_TERMINAL]);
        c->pid[CASH_TERMINAL] = 0;
        if (!c->terminal.ended) {
            c->terminal = had;
        }
    }
    cash_terminal_reads(c);
}

/* --- the figures --- */

static const char *const steps[] = { "staged",    "shown",      "fulfilled", "authenticated", "requested",
                                     "forwarded", "authorised", "answered",  "dispensed" };

static bool
is_one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

void
scenario_cash_choose(scenario *s)
{
    s->variant = s->variant != NULL ? s->variant : variants[0].name;
    s->mode = s->mode != NULL ? s->mode : "carried";
    s->carrier = s->carrier != NULL ? s->carrier : "tlv";
    (void)find_variant(s->variant);
    if (strcmp(s->mode, "carried") != 0 && strcmp(s->mode, "reference") != 0) {
        cli_usage("a mode is carried or reference");
    }
    if (strcmp(s->carrier, "tlv") != 0 && strcmp(s->carrier, "text") != 0) {
        cli_usage("a carrier is tlv or text");
    }
    if ((s->restart == NULL) != (s->at == NULL)) {
        cli_usage("--restart and --at go together");
    }
    if (s->restart != NULL && !is_one_of(s->restart, cash_names, CASH_PARTIES)) {
        cli_usage("there is no party \"%s\"", s->restart);
    }
    if (s->at != NULL && !is_one_of(s->at, steps, CARNET_COUNT(steps))) {
        cli_usage("there is no step \"%s\"", s->at);
    }
}

static void
begin(cash *c, scenario *s)
{
    *c = (cash){ .s = s, .v = find_variant(s->variant), .program = scenario_program() };
    scenario_say("story", "%s (%s mode)", c->v->title, s->mode);
    cash_make(c);
    if (c->v->fault != NULL) {
        cli_write(scenario_file(s, "cash/cassettes.json"),
                  carnet_str_bytes(carnet_str_of(cash_text(
                      "{\"cassettes\": [{\"note\": 5000, \"count\": 100}], \"fault\": \"%s\"}\n", c->v->fault))),
                  0600);
    }
    cash_enrol(c);
    c->notes = cash_notes(c);
}

/** The phone shows its code to the terminal, which is a reader of mobile documents. */
static bool
engage(cash *c)
{
    const char *argv[] = { "carnet",
                           "holder",
                           "present",
                           "-s",
                           "store",
                           "--passphrase-file",
                           "passphrase",
                           "--consent",
                           "all",
                           "--trusted-readers",
                           "cash/reader-authority.pem",
                           "--socket=link",
                           "--qr-text",
                           "engagement.txt",
                           NULL };

    c->holder = scenario_start(c->s, argv, "holder.txt", -1);
    return scenario_wait_for(c->s, "engagement.txt", c->holder);
}

static bool
show_code(cash *c)
{
    if (c->v->on_site && !engage(c)) {
        scenario_show(c->s, "holder.txt");
        return false;
    }
    start_terminal(c, false);
    if (!terminal_until(c, has_code)) {
        scenario_show(c->s, c->terminal_log);
        return false;
    }
    scenario_say("\nterminal", "shows a code: %.60s...", c->terminal.code);
    cash_at(c, "shown");
    return c->pid[CASH_TERMINAL] != 0;
}

/** The device is told of a session, and the user proves what it wants. */
static int
answer(cash *c)
{
    cash_words w = { 0 };

    CASH_ADD(&w, "wait", "--yes", "--fake-sensor", STRONG, "--location", "52.5200,13.4050", "--posture-attestation",
             "genuine", "--wait", "30");
    return phone(c, &w, "told.json");
}

/** The issuer asked for more. */
static int
step_up(cash *c)
{
    if (!terminal_until(c, steps_up)) {
        return CLI_UNJUDGED;
    }
    scenario_say("\nterminal", "shows that more is needed; the phone is told");
    return answer(c);
}

/** What the terminal read is evidence of the session; for the rest of it the device is told. */
static int
present(cash *c)
{
    scenario_say("user", "shows the phone's code to the terminal, which reads the document");
    if (!terminal_until(c, knows_transaction)) {
        scenario_show(c->s, "holder.txt");
        return CLI_UNJUDGED;
    }
    (void)cash_wait(c, c->holder);
    cash_at(c, "fulfilled");
    scenario_say("phone", "is told that the document alone does not do for this amount");
    return answer(c);
}

/** From the code to the money. */
static int
story(cash *c)
{
    int status = stage(c);

    if (status != CLI_VALID) {
        return status;
    }
    if (show_code(c)) {
        if (c->v->on_site) {
            status = present(c);
        } else if ((status = fulfil(c)) == CLI_VALID) {
            scenario_say("\nphone", "shows: %s; compare %s", member(c, "fulfilled.json", "text"),
                         member(c, "fulfilled.json", "bindingMessage"));
            status = approve(c, session_of(c, "fulfilled.json"));
        }
        if (status == CLI_VALID && c->v->step_up) {
            status = step_up(c);
        }
    }
    if (status != CLI_VALID && c->pid[CASH_TERMINAL] != 0) {
        scenario_say("user", "walks away");
        kill(c->pid[CASH_TERMINAL], SIGTERM);
    }
    end_terminal(c);
    return status;
}

static void
tell_status(cash *c)
{
    cash_words w = { 0 };

    CASH_ADD(&w, "status", c->reference);
    if (phone(c, &w, "status.json") == CLI_VALID) {
        scenario_say("phone", "shows that the transaction is %s", member(c, "status.json", "status"));
    }
}

/** What left the dispenser left the account, and nothing else did. */
static int
judge(cash *c)
{
    const unsigned long long out = c->v->purchase ? c->terminal.dispensed : c->notes - cash_notes(c);
    const long long booked = cash_booked(c, out);
    const bool right = booked >= 0 && (unsigned long long)booked == out, sound = cash_check(c);

    scenario_say("ledger", "%llu minor units were handed out, %lld left the account", out, booked);
    if (!sound || !right) {
        scenario_say("ledger", "money was created or lost");
        return CLI_UNJUDGED;
    }
    if (c->s->restart != NULL) {
        return CLI_VALID;
    }
    if (strcmp(c->terminal.outcome, c->v->outcome) != 0 || out != c->v->booked ||
        (c->v->response != NULL && strcmp(c->terminal.response, c->v->response) != 0)) {
        scenario_say("story", "it should have ended otherwise: %s, %llu", c->v->outcome,
                     (unsigned long long)c->v->booked);
        return CLI_NEGATIVE;
    }
    return CLI_VALID;
}

int
scenario_cash(scenario *s)
{
    static cash c;
    int status;

    begin(&c, s);
    (void)story(&c);
    scenario_say("\nterminal", "ends: %s%s%s", c.terminal.outcome[0] != '\0' ? c.terminal.outcome : c.terminal.phase,
                 c.terminal.response[0] != '\0' ? ", response " : "", c.terminal.response);
    if (c.reference[0] != '\0') {
        tell_status(&c);
    }
    status = judge(&c);
    if (status != CLI_VALID) {
        for (int i = 0; i < CASH_SERVICES; i++) {
            scenario_show(s, cash_log(&c, (cash_service)i));
        }
        scenario_show(s, "terminal.json");
    }
    return status;
}

/** The terminal would wait for the rest of the story. */
static int
end_early(cash *c, int status)
{
    if (c->pid[CASH_TERMINAL] != 0) {
        cash_kill(c, CASH_TERMINAL);
    }
    return status;
}

int
scenario_cash_staging(scenario *s)
{
    static cash c;
    int status;

    begin(&c, s);
    status = stage(&c);
    if (status == CLI_VALID && show_code(&c)) {
        status = fulfil(&c);
        scenario_say("\nphone", "shows: %s; compare %s", member(&c, "fulfilled.json", "text"),
                     member(&c, "fulfilled.json", "bindingMessage"));
    }
    return end_early(&c, status);
}

int
scenario_cash_authentication(scenario *s)
{
    static cash c;
    int status;

    begin(&c, s);
    status = stage(&c);
    if (status == CLI_VALID && show_code(&c)) {
        status = fulfil(&c);
    }
    status = status == CLI_VALID ? approve(&c, session_of(&c, "fulfilled.json")) : status;
    return end_early(&c, status);
}
