/* SPDX-License-Identifier: Apache-2.0 */
/* The parties of cardless cash: made, started, ended; a person with a document, a phone and an account. */
#include "scenario_cash.h"

#include "carnet/fetch_request.h"
#include "carnet/json.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *const cash_names[CASH_PARTIES] = { "identity provider", "mobile app server", "issuing authorization",
                                               "acquiring switch", "terminal" };
const char *const cash_files[CASH_SERVICES] = { "identity-provider", "mobile-app-server", "issuing-authorization",
                                                "acquiring-switch" };

/* Offsets of the deployment's ports (dist/example/cash). */
enum { PORT_PROVIDER = 0, PORT_TERMINALS = 2, PORT_ISSUER = 3, PORT_APP = 4, PORT_ADMIN = 9, PORTS = 10 };

#define PAN "4761739001010119"

const char *
cash_text(const char *format, ...)
{
    char text[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return (const char *)cli_keep(carnet_span_of(text, strlen(text))).ptr;
}

void
cash_add(cash_words *w, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL && w->count + 1 < CARNET_COUNT(w->list); i++) {
        w->list[w->count++] = list[i];
    }
    w->list[w->count] = NULL;
}

const char *
cash_log(const cash *c, cash_service which)
{
    (void)c;
    return cash_text("%s.log", cash_files[which]);
}

/* --- configurations --- */

/** Change what a configuration says; every place of it. */
static void
replace(const cash *c, cash_service which, const char *from, const char *to)
{
    const char *path = scenario_file(c->s, cash_text("cash/%s.yaml", cash_files[which]));
    carnet_span text = cli_keep(cli_read(path));
    carnet_buf out = cli_buf(2 * text.len + 4096);
    const char *at = (const char *)text.ptr, *found;

    if (strstr(at, from) == NULL) {
        cli_die_text(path, cash_text("it does not say \"%s\"", from));
    }
    for (; (found = strstr(at, from)) != NULL; at = found + strlen(from)) {
        carnet_buf_add(&out, carnet_span_of(at, (size_t)(found - at)));
        carnet_buf_add_text(&out, to);
    }
    carnet_buf_add_text(&out, at);
    cli_write(path, carnet_buf_span(&out), 0600);
    free(out.ptr);
}

/** What the issuer's link speaks, and how the issuing authorization system learns the vector. */
static void
choose(cash *c)
{
    if (strcmp(c->s->carrier, "text") == 0) {
        for (int i = CASH_BANK; i <= CASH_SWITCH; i++) {
            replace(c, (cash_service)i, "version: \"1993\"", "version: \"1987\"");
            replace(c, (cash_service)i, "flavour: bcd", "flavour: ascii");
            replace(c, (cash_service)i, "carrier: tlv", "carrier: text");
        }
    }
    if (strcmp(c->s->mode, "reference") == 0) {
        replace(c, CASH_BANK, "mode: carried", "mode: reference");
    }
    replace(c, CASH_APP, "    rp_id: bank\n", "    rp_id: bank\n    document_request: document-request.cbor\n");
    replace(c, CASH_SWITCH, cash_text("port: %u", c->port + PORT_ISSUER),
            cash_text("port: %u", c->wire_port[CASH_WIRE_ISSUER]));
}

static void
make_wires(cash *c)
{
    static cash_carrying carrying[CASH_WIRES];
    const bool slow = c->s->restart != NULL;

    for (int i = 0; i < CASH_WIRES; i++) {
        carrying[i] = (cash_carrying){ .listener = c->listener[i],
                                       .port = c->port + (i == CASH_WIRE_TERMINAL ? PORT_TERMINALS : PORT_ISSUER),
                                       .tell = c->tell[1],
                                       .spec = i == CASH_WIRE_TERMINAL              ? "1987:ascii"
                                               : strcmp(c->s->carrier, "text") == 0 ? "1987:ascii"
                                                                                    : "1993:bcd",
                                       .near = i == CASH_WIRE_TERMINAL ? "terminal" : cash_names[CASH_SWITCH],
                                       .far = cash_names[i == CASH_WIRE_TERMINAL ? CASH_SWITCH : CASH_BANK],
                                       .lost = i == CASH_WIRE_TERMINAL ? c->v->lost : NULL,
                                       .slow_ms = slow ? 300 : 0 };
        c->wire[i] = scenario_start_function(c->s, cash_carry, &carrying[i]);
    }
}

static void
run_or_die(cash *c, const char *const *argv, const char *out)
{
    if (scenario_wait(c->s, scenario_start(c->s, argv, out, -1)) != CLI_VALID) {
        scenario_show(c->s, out);
        scenario_stop(c->s);
        cli_die_text(argv[1], "a step of the scenario failed");
    }
}

void
cash_make(cash *c)
{
    c->port = scenario_ports(PORTS);
    if (pipe2(c->tell, O_CLOEXEC | O_NONBLOCK) != 0) {
        cli_die_text("pipe", strerror(errno));
    }
    for (int i = 0; i < CASH_WIRES; i++) {
        c->listener[i] = scenario_listen(&c->wire_port[i]);
    }
    {
        const char *argv[] = { c->program, "--init-cash", "cash", "--port", cash_text("%u", c->port), NULL };

        run_or_die(c, argv, "init.txt");
    }
    {
        const char *argv[] = { "carnet", "request",         "-D", "mdl",
                               "-e",     "issuing_country", "-o", "cash/document-request.cbor",
                               NULL };

        run_or_die(c, argv, "step.txt"); /* a document that each user is asked for */
    }
    choose(c);
    make_wires(c);
    scenario_say("network", "certificates, keys that two share, and a configuration for each party are made");
}

void
cash_start(cash *c, cash_service which)
{
    const char *argv[] = { c->program, "--config", cash_text("cash/%s.yaml", cash_files[which]), NULL };

    c->log_read[which] = 0;
    remove(scenario_file(c->s, cash_log(c, which)));
    c->pid[which] = scenario_daemon(c->s, argv, cash_log(c, which));
}

void
cash_kill(cash *c, cash_service which)
{
    kill(c->pid[which], SIGKILL);
    (void)scenario_wait(c->s, c->pid[which]);
    c->pid[which] = 0;
}

/* --- a person --- */

/** An authority identifies a person and issues their document; the identity provider trusts it. */
static void
issue(cash *c)
{
    static const char *const none[] = { NULL };
    scenario_issuer issuer;
    scenario_offer offer;

    scenario_issuer_start(c->s, &issuer);
    scenario_wallet(c->s);
    offer = scenario_issuer_offer(c->s, &issuer);
    if (scenario_accept(c->s, &offer, none) != CLI_VALID) {
        scenario_show(c->s, "wallet.txt");
        cli_die_text("wallet", "the document was not issued");
    }
    cli_write(scenario_file(c->s, "cash/document-authority.pem"),
              cli_read(scenario_file(c->s, "authority/authority.pem")), 0600);
    scenario_say("holder", "has a mobile driving licence in the phone's secure area");
}

static void
enrol_phone(cash *c)
{
    const char *invite[] = {
        c->program, "--config", "cash/identity-provider.yaml", "--enrol-device", "customer-1", NULL
    };
    cash_words enrol = { 0 };
    const char *show[] = {
        "carnet", "phone", "show", "-s", "store", "--passphrase-file", "passphrase", "--json", NULL
    };

    cli_write(scenario_file(c->s, "pin"), carnet_str_bytes(carnet_str_of("471147\n")), 0600);
    CASH_ADD(&enrol, "carnet", "phone", "enrol", "-s", "store", "--passphrase-file", "passphrase", "--provider",
             cash_text("https://127.0.0.1:%u", c->port + PORT_PROVIDER), "--server",
             cash_text("https://127.0.0.1:%u", c->port + PORT_APP), "--ca", "cash/authority.pem", "--bootstrap",
             "bootstrap.pem", "--attester-key", "cash/attester.key", "--attester-cert", "cash/attester.pem",
             "--attester-name", "https://attester.example");
    CASH_ADD(&enrol, "--user-authentication", "fingerprint", "--user-authentication", "pad", "--user-authentication",
             "pin");
    cash_add(&enrol, c->v->enrolled);
    run_or_die(c, invite, "bootstrap.pem");
    run_or_die(c, enrol.list, "enrolled.txt");
    run_or_die(c, show, "phone.json");
    scenario_say("phone", "is enrolled at the identity provider: its key is attested, its certificate is its own");
}

/** What the bank's systems know of the user: devices, documents, accounts. */
static void
put_customer(cash *c)
{
    const carnet_span text = cli_read(scenario_file(c->s, "phone.json"));
    carnet_json *json = NULL;
    carnet_buf keys = cli_buf(4096);
    const carnet_json *list;
    carnet_str device;

    if (carnet_json_parse((carnet_str){ (const char *)text.ptr, text.len }, &json, NULL) != CARNET_OK) {
        cli_die_text("phone.json", "it is no JSON");
    }
    device = carnet_json_string(carnet_json_get(json, "deviceId"));
    list = carnet_json_get(json, "documentKeys");
    for (size_t i = 0; i < carnet_json_count(list) && i < 16; i++) {
        const carnet_str key = carnet_json_string(carnet_json_at(list, i));

        carnet_buf_add_text(&keys, i > 0 ? ",\"" : "\"");
        carnet_buf_add_str(&keys, key);
        carnet_buf_add_text(&keys, "\"");
    }
    scenario_ask(c->port + PORT_ADMIN, "PUT", "/admin/mobile_app/customers",
                 cash_text("{\"user\":\"customer-1\",\"devices\":[{\"id\":\"%.*s\",\"documentKeys\":[%.*s]}],"
                           "\"accounts\":[{\"alias\":\"main\",\"currency\":\"840\",\"pan\":\"" PAN "\"}]}",
                           (int)device.len, device.ptr, (int)keys.len, (const char *)keys.ptr));
    carnet_json_free(&json);
    free(keys.ptr);
}

static void
put_account(cash *c, bool fresh)
{
    const char *argv[] = { c->program,   "--config",      "cash/issuing-authorization.yaml",
                           "--accounts", "accounts.json", NULL };

    cli_write(scenario_file(c->s, "accounts.json"),
              carnet_str_bytes(carnet_str_of(cash_text("{\"accounts\":[{\"pan\":\"" PAN "\",\"alias\":\"main\","
                                                       "\"currency\":840%s,\"per_transaction\":%llu}]}",
                                                       fresh ? ",\"credit\":100000" : "",
                                                       (unsigned long long)c->v->per_transaction))),
              0600);
    run_or_die(c, argv, "account.txt");
}

void
cash_enrol(cash *c)
{
    issue(c);
    for (int i = 0; i < CASH_SERVICES; i++) {
        cash_start(c, (cash_service)i);
    }
    scenario_say("network", "identity provider, mobile app server, issuing authorization system and switch serve");
    enrol_phone(c);
    put_customer(c);
    put_account(c, true);
    cash_tell(c, 0);
    scenario_say("bank", "keeps 1000.00 USD on the customer's account");
}

/* --- money --- */

unsigned long long
cash_notes(const cash *c)
{
    const carnet_span text = cli_read(scenario_file(c->s, "cash/cassettes.json"));
    carnet_json *json = NULL;
    unsigned long long sum = 0;

    if (carnet_json_parse((carnet_str){ (const char *)text.ptr, text.len }, &json, NULL) == CARNET_OK) {
        const carnet_json *list = carnet_json_get(json, "cassettes");

        for (size_t i = 0; i < carnet_json_count(list); i++) {
            const carnet_json *one = carnet_json_at(list, i);

            sum += (unsigned long long)(carnet_json_integer(carnet_json_get(one, "note")) *
                                        carnet_json_integer(carnet_json_get(one, "count")));
        }
    }
    carnet_json_free(&json);
    return sum;
}

/** "account 2: balance 85000, held 0 ...". */
static long long
balance(cash *c)
{
    const char *found;

    put_account(c, false);
    found = strstr(scenario_text(c->s, "account.txt"), "balance ");
    return found != NULL ? strtoll(found + strlen("balance "), NULL, 10) : 0;
}

long long
cash_booked(cash *c, unsigned long long out)
{
    static const struct timespec pause = { .tv_nsec = 200 * 1000 * 1000 };
    long long booked = 0;

    for (int i = 0; i < 75; i++) {
        booked = 100000 - balance(c);
        if (booked == (long long)out) {
            break;
        }
        nanosleep(&pause, NULL);
    }
    return booked;
}

bool
cash_check(cash *c)
{
    const char *argv[] = { c->program, "--config", "cash/issuing-authorization.yaml", "--check-ledger", NULL };
    const int status = scenario_wait(c->s, scenario_start(c->s, argv, "ledger.json", -1));

    scenario_say("ledger", "%s: %s",
                 status == 0 ? "every balance is the sum of its movements, all balances come to 0"
                             : "the books are wrong",
                 scenario_text(c->s, "ledger.json"));
    return status == 0;
}
