/* SPDX-License-Identifier: Apache-2.0 */
/* Figure 11: an issuing authority, a holder's device, a verifier's terminal and a validation service. */
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MISSING = 77 };

const char *const scenario_onsite_transports[] = { "qr-socket", "reverse-socket", "ble",     "reverse-ble",
                                                   "nfc",       "nfc-negotiated", "nfc-ble", "wifi-aware",
                                                   NULL };

extern const uint8_t demo_portrait[], demo_portrait_end[];

static const char claims[] = "{ \"family_name\": \"Musterfrau\", \"given_name\": \"Erika\",\n"
                             "  \"birth_date\": \"1984-01-26\", \"issue_date\": \"2024-03-01\",\n"
                             "  \"expiry_date\": \"2034-02-28\", \"issuing_country\": \"UT\",\n"
                             "  \"issuing_authority\": \"Utopia Department of Motor Vehicles\",\n"
                             "  \"document_number\": \"UT-987654321\", \"portrait\": { \"$bstr\": \"portrait.jpg\" },\n"
                             "  \"driving_privileges\": [\n"
                             "    { \"vehicle_category_code\": \"B\", \"issue_date\": \"2017-02-23\",\n"
                             "      \"expiry_date\": \"2034-10-20\" }],\n"
                             "  \"un_distinguishing_sign\": \"UTO\" }\n";

/** Run `carnet` with these words. */
#define DO(s, ...) scenario_do(s, (const char *const[]){ "carnet", __VA_ARGS__, NULL })

/** The authority: root, signer, revocation list; and that of readers. */
static void
make_authorities(scenario *s, const char *crl_uri)
{
    DO(s, "ca", "init", "--country", "UT", "--name", "Utopia IACA", "--email", "iaca@utopia.example", "--crl-uri",
       crl_uri, "-d", "iaca", "--force");
    DO(s, "ca", "signer", "-d", "iaca", "--name", "Utopia document signer 1", "-o", "signer", "--force");
    DO(s, "ca", "crl", "-d", "iaca", "-o", "list.crl", "--force");
    DO(s, "ca", "init", "--reader", "--name", "Utopia reader authority", "--crl-uri", crl_uri, "-d", "readers",
       "--force");
    DO(s, "ca", "reader", "-d", "readers", "--name", "Utopia car rental, counter 3", "-o", "reader", "--force");
    scenario_say("authority", "root, signer, revocation list at %s", crl_uri);
}

/** The document, into the holder's store. */
static void
issue(scenario *s)
{
    cli_write(scenario_file(s, "claims.json"), carnet_str_bytes(carnet_str_of(claims)), 0600);
    cli_write(scenario_file(s, "portrait.jpg"),
              carnet_span_of(demo_portrait, (size_t)(demo_portrait_end - demo_portrait)), 0600);
    cli_write(scenario_file(s, "passphrase"), carnet_str_bytes(carnet_str_of("of this scenario only\n")), 0600);
    DO(s, "holder", "init", "-s", "store", "--passphrase-file", "passphrase", "--cost", "1024:1:1");
    DO(s, "holder", "key", "-s", "store", "--passphrase-file", "passphrase", "-o", "device.pem");
    DO(s, "issue", "-D", "mdl", "--claims", "claims.json", "--signer-cert", "signer.pem", "--signer-key", "signer.key",
       "--device-key", "device.pem", "--age-over", "18,21", "--quiet", "-o", "licence.cbor");
    DO(s, "holder", "add", "-s", "store", "--passphrase-file", "passphrase", "--trust", "iaca/ca.pem", "licence.cbor");
    scenario_say("mdoc app", "holds a mobile driving licence, its key sealed in a store");
}

/** How the two are told to meet, by transport. */
typedef struct ways {
    const char *transport;
    const char *holder[4], *reader[4]; /* arguments, ending with NULL */
    bool qr, reverse;
    const char *(*prepare)(scenario *s); /* NULL: nothing to prepare */
    const char *note;
} ways;

static const char fake_note[] = "no two Bluetooth adapters here: a fake radio does the same operations";

static const ways table[] = {
    { .transport = "qr-socket",
      .holder = { "--socket=link" },
      .reader = { "--socket=link" },
      .qr = true,
      .note = "a local socket stands where phones have a radio" },
    { .transport = "reverse-socket",
      .holder = { "--socket=link" },
      .reader = { "--socket=link" },
      .qr = true,
      .reverse = true,
      .note = "the reader shows the code; a local socket instead of a radio" },
    { .transport = "ble",
      .holder = { "--ble-fake=air" },
      .reader = { "--ble-fake=air" },
      .qr = true,
      .note = fake_note },
    { .transport = "reverse-ble",
      .holder = { "--ble-fake=air" },
      .reader = { "--ble-fake=air" },
      .qr = true,
      .reverse = true,
      .note = fake_note },
    { .transport = "nfc",
      .holder = { "--nfc=" SCENARIO_ANTENNA },
      .reader = { "--nfc" },
      .prepare = scenario_start_pcscd,
      .note = "a virtual card on pcscd's virtual antenna: every APDU through PC/SC" },
    { .transport = "nfc-negotiated",
      .holder = { "--nfc=" SCENARIO_ANTENNA, "--negotiated" },
      .reader = { "--nfc" },
      .prepare = scenario_start_pcscd,
      .note = "the same, by negotiated handover" },
    { .transport = "nfc-ble",
      .holder = { "--nfc=" SCENARIO_ANTENNA, "--ble-fake=air" },
      .reader = { "--nfc", "--ble-fake=air" },
      .prepare = scenario_start_pcscd,
      .note = "engagement by a virtual card through PC/SC, data by a fake BLE radio" },
    { .transport = "wifi-aware",
      .holder = { "--wifi-aware=nan0,4711" },
      .reader = { "--wifi-aware=nan1,fe80::1,4711" },
      .qr = true,
      .prepare = scenario_start_network,
      .note = "no radio: two ends of a network of its own carry the same HTTP" },
};

/** By the transport's name; with two Bluetooth adapters, BLE is BLE. */
static ways
find_ways(const scenario *s)
{
    bool radio = access("/sys/class/bluetooth/hci0", F_OK) == 0 && access("/sys/class/bluetooth/hci1", F_OK) == 0;
    ways found = table[0];

    for (size_t i = 0; i < CARNET_COUNT(table); i++) {
        if (strcmp(table[i].transport, s->transport) == 0) {
            found = table[i];
        }
    }
    if (found.note == fake_note && radio) {
        found.holder[0] = "--ble=hci0";
        found.reader[0] = "--ble=hci1";
        found.note = "over this machine's Bluetooth adapters, hci0 and hci1";
    }
    return found;
}

/** Arguments, one after the other. */
typedef struct words {
    const char *list[48];
    size_t count;
} words;

static void
add(words *w, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL && w->count + 1 < CARNET_COUNT(w->list); i++) {
        w->list[w->count++] = list[i];
    }
    w->list[w->count] = NULL;
}
#define ADD(w, ...) add(w, (const char *const[]){ __VA_ARGS__, NULL })

static pid_t
start_holder(scenario *s, const ways *w, const char *shown)
{
    words argv = { 0 };

    ADD(&argv, "carnet", "holder", "present", "-s", "store", "--passphrase-file", "passphrase", "--consent", "all",
        "--trusted-readers", "readers/ca.pem");
    add(&argv, w->holder);
    if (w->reverse) {
        ADD(&argv, "--reverse", shown);
    } else {
        ADD(&argv, "--qr-text", "engagement.txt");
    }
    return scenario_start(s, argv.list, "holder.txt", -1);
}

static pid_t
start_reader(scenario *s, const ways *w, const char *shown, int tell)
{
    char fd[16];
    words argv = { 0 };

    snprintf(fd, sizeof fd, "%d", tell);
    ADD(&argv, "carnet", "reader", "-Q", "identity", "--trust", "iaca/ca.pem", "--reader-cert", "reader.pem",
        "--reader-key", "reader.key", "--crossings", fd);
    ADD(&argv, "--crl", s->offline ? "list.crl" : "online", "--crl-cache", "crl-cache");
    add(&argv, w->reader);
    if (w->reverse) {
        ADD(&argv, "--reverse", "--show", "shown.txt");
    } else if (w->qr) {
        ADD(&argv, "--qr", shown);
    }
    return scenario_start(s, argv.list, "verdict.txt", tell);
}

/** What the QR code says. */
static const char *
read_shown(const scenario *s, const char *name)
{
    carnet_span text = cli_keep(cli_read(scenario_file(s, name)));
    char *line = (char *)(uintptr_t)text.ptr;

    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

/** Holder and reader meet; the reader's exit status. */
static int
present(scenario *s, const ways *w)
{
    const char *first = w->reverse ? "shown.txt" : "engagement.txt";
    pid_t holder = 0, reader = 0, one;
    int tell[2];

    if (pipe2(tell, O_CLOEXEC) != 0) {
        cli_die_text("pipe", strerror(errno));
    }
    remove(scenario_file(s, first));
    one = w->reverse ? (reader = start_reader(s, w, NULL, tell[1])) : (holder = start_holder(s, w, NULL));
    if (!scenario_wait_for(s, first, one)) {
        scenario_show(s, w->reverse ? "verdict.txt" : "holder.txt");
        return CLI_UNJUDGED;
    }
    if (w->reverse) {
        holder = start_holder(s, w, read_shown(s, first));
    } else {
        reader = start_reader(s, w, read_shown(s, first), tell[1]);
    }
    close(tell[1]);
    scenario_print_crossings(s, tell[0]);
    putchar('\n');
    (void)scenario_wait(s, holder);
    return scenario_wait(s, reader);
}

int
scenario_onsite(scenario *s)
{
    scenario_server server = { .path = scenario_file(s, "list.crl") };
    char uri[64];
    const char *why;
    unsigned port;
    int status;
    ways w = find_ways(s);

    why = w.prepare != NULL ? w.prepare(s) : NULL;
    if (why != NULL) {
        fprintf(stderr, "carnet: %s: %s\n", s->transport, why);
        return MISSING;
    }
    server.listener = scenario_listen(&port);
    snprintf(uri, sizeof uri, "http://127.0.0.1:%u/list.crl", port);
    make_authorities(s, uri);
    if (!s->offline) {
        scenario_start_function(s, scenario_serve, &server);
        scenario_say("validation", "serves the revocation list");
    }
    issue(s);
    scenario_say("link", "%s", w.note);
    putchar('\n');
    status = present(s, &w);
    scenario_show(s, "verdict.txt");
    if (status == CLI_UNJUDGED) {
        scenario_show(s, "holder.txt");
    }
    return status;
}
