/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Withdrawals with a vector of trust (0200), verified, booked durably and
 * answered, per CPU-second of carnetd: by the issuing authorisation system
 * alone, and by switch and authorisation system, over loopback TCP with SQLite.
 * Beside them what the signature's verification and one row's share of a durable
 * commit of as many rows cost alone, in the same run.
 *
 *     payment_load [--seconds N] [--outstanding N] [--mac] CARNETD
 *
 * Messages are signed and built before.  Load and limit take turns: a slice of
 * the load has the limit before it and after it, and so its own ratio; told are
 * the medians.  The CPU time of the processes is read by their clocks; the load's
 * own does not count.  p99 is measured at half of the load.
 */
#include "carnet/iso8583.h"
#include "carnet/issuing_authorization.h"
#include "carnet/link_payment.h"
#include "carnet/message_mac.h"
#include "carnet/store.h"
#include "carnet/vector_carrier.h"
#include "load.h"

#include <argp.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    ACCOUNTS = 64,
    MESSAGE = 1024,
    MESSAGES_MAX = 400000,
    RATE_MAX = 30000, /* messages built for a second of a load: more than are answered in one */
    OUTSTANDING_MAX = 1024,
    ROUNDS = 1000,
    COMMITS = 100,
    ROW = 512
};

#define MAC_KEY "0123456789abcdef"

typedef struct load {
    const char *carnetd;
    double seconds;
    size_t outstanding;
    bool mac;
    char folder[64];
    unsigned port; /* and the next few */
    pid_t pids[2];
    size_t pid_count;
    carnet_crypto crypto;
    carnet_key key;
    carnet_iso8583_spec spec;
    uint8_t *octets; /* MESSAGE each, length in front */
    size_t count, sent, answered, refused, serial;
    double *sent_at, *latencies;
    size_t latency_count;
    sqlite3 *limit; /* rows alone */
    sqlite3_stmt *insert;
} load;

static double
cpu_of_all(const load *l)
{
    double sum = 0;

    for (size_t i = 0; i < l->pid_count; i++)
        sum += load_cpu_of(l->pids[i]);
    return sum;
}

_Noreturn static void
die(const char *what, const carnet_err *err)
{
    (void)fprintf(stderr, "payment_load: %s: %s %s\n", what, err != NULL ? carnet_rc_name(err->rc) : "",
                  err != NULL ? err->reason : "");
    exit(3);
}

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

/* --- the deployment --- */

static void
write_file(const load *l, const char *name, const char *text)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", l->folder, name);
    f = fopen(path, "w");
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 || chmod(path, 0600) != 0)
        die(path, NULL);
}

static void
write_key(const load *l)
{
    uint8_t room[1024];
    carnet_buf spki = carnet_buf_of(room, 256), pem = carnet_buf_of(room + 256, sizeof(room) - 257);

    if (carnet_public_key_to_spki(&l->key.public_key, &spki, NULL) != CARNET_OK)
        die("the key", NULL);
    carnet_pem_encode("PUBLIC KEY", carnet_buf_span(&spki), &pem);
    pem.ptr[pem.len] = '\0';
    write_file(l, "signer.pem", (const char *)pem.ptr);
}

static const char head[] = "base_url: http://127.0.0.1:%u\nsecrets: secrets\nallow_insecure_loopback: true\n"
                           "listeners:\n  - {address: 127.0.0.1, port: %u, serves: [operations]}\n"
                           "store: {place: %s}\nlog: {file: %s.log}\n";

static void
write_configs(const load *l)
{
    const char *mac = l->mac ? ", mac: aes-cmac, mac_key_file: mac.key" : "";
    char text[4096];
    int len;

    write_file(l, "secrets", "carnet-secret 1 0a1b2c3d AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
    write_file(l, "mac.key", "30313233343536373839616263646566\n");
    len = snprintf(text, sizeof(text), head, l->port, l->port, "issuer.sqlite", "issuer");
    (void)snprintf(text + len, sizeof(text) - (size_t)len,
                   "risk:\n  - {id: all, currency: '840', impact: [none, high, none, none, none, none],\n"
                   "     vtr: [Cf.Cg.Cj.Co]}\n"
                   "services:\n  issuing_authorization:\n    mode: carried\n"
                   "    signers: [{id: idp-bench, file: signer.pem}]\n"
                   "    links:\n      - {name: switch, address: 127.0.0.1, port: %u%s}\n",
                   l->port + 1, mac);
    write_file(l, "issuer.yaml", text);
    len = snprintf(text, sizeof(text), head, l->port + 2, l->port + 2, "switch.sqlite", "switch");
    (void)snprintf(text + len, sizeof(text) - (size_t)len,
                   "services:\n  acquiring_switch:\n"
                   "    terminals:\n      - {name: atm, address: 127.0.0.1, port: %u%s}\n"
                   "    issuers:\n      - {name: bank, address: 127.0.0.1, port: %u%s}\n",
                   l->port + 3, mac, l->port + 1, mac);
    write_file(l, "switch.yaml", text);
}

static void
open_accounts(const load *l)
{
    carnet_service_hooks hooks = { .workers = 1 };
    carnet_service_context *context;
    carnet_service_worker *worker;
    carnet_config *config;
    char path[128], pan[20];
    carnet_store_config place = { .place = path, .random = { fill, NULL } };
    carnet_err err = { 0 };

    (void)snprintf(path, sizeof(path), "%s/issuer.yaml", l->folder);
    if (carnet_config_load(path, &config, NULL) != CARNET_OK)
        die(path, NULL);
    (void)snprintf(path, sizeof(path), "%s/issuer.sqlite", l->folder);
    if (carnet_store_open(&place, &hooks.store, &err) != CARNET_OK ||
        carnet_service_context_new(config, &hooks, &context, &err) != CARNET_OK ||
        carnet_service_begin(context, NULL, &worker, &err) != CARNET_OK)
        die("the store", &err);
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        carnet_cash_account account = { .pan = carnet_str_of(pan), .currency = 840 };

        (void)snprintf(pan, sizeof(pan), "47617390010%05u", i);
        account.pan = carnet_str_of(pan);
        if (carnet_cash_account_put(worker, &account, NULL, &err) != CARNET_OK ||
            carnet_cash_account_credit(worker, account.pan, INT64_C(900000000000), &err) != CARNET_OK)
            die("an account", &err);
    }
    carnet_service_context_free(&context);
    carnet_store_close(&hooks.store);
    carnet_config_free(&config);
}

static void
check_books(const load *l)
{
    char path[128];
    carnet_store_config place = { .place = path, .random = { fill, NULL } };
    carnet_ledger_totals totals;
    carnet_store *store;
    carnet_err err = { 0 };

    (void)snprintf(path, sizeof(path), "%s/issuer.sqlite", l->folder);
    if (carnet_store_open(&place, &store, &err) != CARNET_OK || carnet_ledger_check(store, &totals, &err) != CARNET_OK)
        die("the books", &err);
    (void)printf("  the books are right: %llu messages, %llu movements\n", (unsigned long long)totals.messages,
                 (unsigned long long)totals.movements);
    carnet_store_close(&store);
}

static void
serve(load *l, const char *file)
{
    char path[128];
    pid_t child = fork();

    (void)snprintf(path, sizeof(path), "%s/%s", l->folder, file);
    if (child == 0) {
        (void)execl(l->carnetd, l->carnetd, "--config", path, (char *)NULL);
        _exit(127);
    }
    l->pids[l->pid_count++] = child;
}

static void
stop(load *l)
{
    while (l->pid_count > 0) {
        int status;

        (void)kill(l->pids[--l->pid_count], SIGTERM);
        (void)waitpid(l->pids[l->pid_count], &status, 0);
    }
}

/* --- messages --- */

static void
add_mac(const load *l, carnet_iso8583_builder *m, carnet_buf *out)
{
    const carnet_message_mac_key key = { CARNET_MESSAGE_MAC_AES_CMAC, carnet_span_of((const uint8_t *)MAC_KEY, 16), 8 };
    uint8_t mac[CARNET_MESSAGE_MAC] = { 0 };

    carnet_iso8583_set_binary(m, 64, carnet_span_of(mac, sizeof(mac)));
    if (carnet_iso8583_build(m, out, NULL) != CARNET_OK ||
        carnet_message_mac_make((carnet_crypto *)(uintptr_t)&l->crypto, &key, carnet_span_of(out->ptr, out->len - 16),
                                mac, NULL) != CARNET_OK)
        die("a MAC", NULL);
    out->len = 0;
}

static void
build(load *l, size_t number, const char *now_text, uint32_t now, carnet_buf *out)
{
    char reference[23], trace[7], pan[20], rrn[13];
    carnet_vector_carrier c = { .present = CARNET_CARRIER_VECTOR | CARNET_CARRIER_TRUSTMARK | CARNET_CARRIER_SESSION |
                                           CARNET_CARRIER_REFERENCE | CARNET_CARRIER_AUTH_TIME | CARNET_CARRIER_EXPIRY,
                                .trustmark = 1,
                                .vector = carnet_str_of("Cb.Ce.Cf.Cg.Ci.Cj.Cn.Co"),
                                .auth_time = now,
                                .expiry = now + 300 };
    const carnet_carrier_binding binding = { carnet_str_of("000000020000"), carnet_str_of("840"),
                                             carnet_str_of("ATM00001") };
    uint8_t room[900];
    carnet_buf text = carnet_buf_of(room, sizeof(room));
    carnet_iso8583_builder m;
    carnet_mti mti;

    (void)snprintf(reference, sizeof(reference), "B%012zu", number);
    (void)snprintf(trace, sizeof(trace), "%06zu", number % 1000000);
    (void)snprintf(rrn, sizeof(rrn), "%012zu", number);
    (void)snprintf(pan, sizeof(pan), "47617390010%05zu", number % ACCOUNTS);
    (void)fill(NULL, c.session, sizeof(c.session));
    c.reference = carnet_str_of(reference);
    if (carnet_carrier_sign(&c, &binding, carnet_str_of("idp-bench"), &l->key, &l->crypto, NULL) != CARNET_OK)
        die("a signature", NULL);
    c.present &= ~(unsigned)CARNET_CARRIER_DIGEST;
    (void)carnet_carrier_write_text(&c, (carnet_span){ 0 }, &text, NULL);
    (void)carnet_mti_read(carnet_str_of("0200"), &mti);
    carnet_iso8583_builder_init(&m, &l->spec, mti);
    carnet_iso8583_set(&m, 2, pan);
    carnet_iso8583_set(&m, 3, "011000");
    carnet_iso8583_set(&m, 4, "000000020000");
    carnet_iso8583_set(&m, 7, now_text);
    carnet_iso8583_set(&m, 11, trace);
    carnet_iso8583_set(&m, 12, now_text + 4);
    carnet_iso8583_set(&m, 18, "6011");
    carnet_iso8583_set(&m, 22, "821");
    carnet_iso8583_set(&m, 32, "423935");
    carnet_iso8583_set(&m, 37, rrn);
    carnet_iso8583_set(&m, 41, "ATM00001");
    carnet_iso8583_set_binary(&m, 48, carnet_buf_span(&text));
    carnet_iso8583_set(&m, 49, "840");
    if (l->mac)
        add_mac(l, &m, out);
    if (carnet_iso8583_build(&m, out, NULL) != CARNET_OK || out->len > MESSAGE - 2)
        die("a message", NULL);
}

static void
build_all(load *l, size_t count)
{
    const time_t now = time(NULL);
    struct tm utc;
    char text[16];

    (void)strftime(text, sizeof(text), "%m%d%H%M%S", gmtime_r(&now, &utc));
    for (size_t i = 0; i < count; i++) {
        carnet_buf out = carnet_buf_of(l->octets + i * MESSAGE + 2, MESSAGE - 2);

        build(l, l->serial++, text, (uint32_t)now, &out);
        l->octets[i * MESSAGE] = (uint8_t)(out.len >> 8);
        l->octets[i * MESSAGE + 1] = (uint8_t)out.len;
    }
    l->count = count;
    l->sent = l->answered = l->refused = l->latency_count = 0;
}

/* --- the load --- */

static void
send_one(load *l, carnet_payment_client *client)
{
    const uint8_t *at = l->octets + l->sent * MESSAGE;
    carnet_err err = { 0 };

    l->sent_at[l->sent % MESSAGES_MAX] = load_now();
    if (carnet_payment_client_send(client, (carnet_span){ 0 }, carnet_span_of(at + 2, (size_t)(at[0] << 8 | at[1])),
                                   &err) != CARNET_OK)
        die("sending", &err);
    l->sent++;
}

/* Answers come in the order of requests on one connection, but from several batches: known by the reference. */
static void
receive_one(load *l, carnet_payment_client *client, size_t first)
{
    uint8_t octets[MESSAGE], digits[16];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets)), text = carnet_buf_of(digits, sizeof(digits));
    carnet_span header, message;
    carnet_iso8583_message m;
    carnet_str rrn;
    size_t number = 0;
    carnet_err err = { 0 };

    if (carnet_payment_client_receive(client, 10000, &room, &header, &message, &err) != CARNET_OK ||
        carnet_iso8583_parse(&l->spec, message, &m, &err) != CARNET_OK)
        die("an answer", &err);
    rrn = carnet_iso8583_text(&m, 37, &text);
    for (size_t i = 0; i < rrn.len; i++)
        number = 10 * number + (size_t)(rrn.ptr[i] - '0');
    if (!carnet_iso8583_is(&m, 39, "00"))
        l->refused++;
    l->answered++;
    if (number >= first && number - first < l->sent)
        l->latencies[l->latency_count++] = load_now() - l->sent_at[number - first];
}

/* For so long, and until all is answered; `gap` seconds between messages, 0: as many as are outstanding. */
static void
run(load *l, carnet_payment_client *client, double seconds, double gap)
{
    const size_t first = l->serial - l->count, sent = l->sent;
    double begin = load_now(), now;

    while (l->sent < l->count && (now = load_now()) < begin + seconds) {
        while (l->sent < l->count && l->sent - l->answered < l->outstanding &&
               (gap == 0 || begin + gap * (double)(l->sent - sent) <= now))
            send_one(l, client);
        if (l->sent > l->answered)
            receive_one(l, client, first);
        else
            usleep(50);
    }
    while (l->answered < l->sent)
        receive_one(l, client, first);
}

static carnet_payment_client *
connect_to(unsigned port)
{
    carnet_framing framing;
    const carnet_payment_end_config end = { .address = "127.0.0.1", .port = (uint16_t)port, .framing = &framing };
    carnet_payment_client *client = NULL;
    carnet_err err = { 0 };

    (void)carnet_framing_named(carnet_str_of("post"), &framing);
    for (unsigned i = 0; i < 100 && client == NULL; i++)
        if (carnet_payment_client_open(&end, 500, &client, &err) != CARNET_OK)
            usleep(50000);
    if (client == NULL)
        die("nobody listens", &err);
    return client;
}

/* --- what cannot be avoided --- */

typedef struct limit {
    double verify, commit; /* CPU-seconds of a verification, and of a row's share of a commit */
} limit;

static double
verification_cost(load *l)
{
    uint8_t hash[32] = { 1 };
    carnet_signature signature;
    double begin;

    if (carnet_key_sign(&l->key, &l->crypto, CARNET_ES256, &(carnet_span){ hash, sizeof(hash) }, 1, &signature, NULL) !=
        CARNET_OK)
        die("signing", NULL);
    begin = load_cpu_of_thread();
    for (unsigned i = 0; i < ROUNDS; i++)
        if (carnet_verify(&l->crypto, &l->key.public_key, CARNET_ES256, &(carnet_span){ hash, sizeof(hash) }, 1,
                          carnet_span_of(signature.bytes, signature.len), NULL) != CARNET_OK)
            die("verifying", NULL);
    return (load_cpu_of_thread() - begin) / ROUNDS;
}

static void
open_limit(load *l)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/limit.sqlite", l->folder);
    if (sqlite3_open(path, &l->limit) != SQLITE_OK ||
        sqlite3_exec(
            l->limit,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)", NULL,
            NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(l->limit, "INSERT INTO t (v) VALUES (?)", -1, &l->insert, NULL) != SQLITE_OK)
        die("SQLite", NULL);
}

/* One row of what a message needs, `group` of them in each durable commit. */
static double
commit_cost(const load *l, size_t group)
{
    static const uint8_t row[ROW] = { 0 };
    double begin = load_cpu_of_thread();

    for (unsigned i = 0; i < COMMITS; i++) {
        (void)sqlite3_exec(l->limit, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        for (size_t k = 0; k < group; k++) {
            (void)sqlite3_bind_blob(l->insert, 1, row, sizeof(row), SQLITE_STATIC);
            (void)sqlite3_step(l->insert);
            (void)sqlite3_reset(l->insert);
        }
        if (sqlite3_exec(l->limit, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
            die("a commit", NULL);
    }
    return (load_cpu_of_thread() - begin) / (double)(COMMITS * group);
}

static limit
limit_of(load *l)
{
    double verify = verification_cost(l);

    return (limit){ verify, commit_cost(l, l->outstanding / 2 > 0 ? l->outstanding / 2 : 1) };
}

typedef struct slices {
    double ratio[LOAD_SLICES], each[LOAD_SLICES], rate[LOAD_SLICES], verify[LOAD_SLICES], commit[LOAD_SLICES];
} slices;

/* CPU time is counted until the limit after the slice is measured: what is done late, is done for that slice. */
static void
run_slice(load *l, carnet_payment_client *client, limit *before, slices *s, size_t number)
{
    size_t answered = l->answered;
    double began = load_now(), cpu = cpu_of_all(l);
    limit after;

    run(l, client, load_slice(l->seconds), 0);
    answered = l->answered - answered;
    must(answered > 0, "nothing was answered");
    s->rate[number] = (double)answered / (load_now() - began);
    after = limit_of(l);
    s->each[number] = (cpu_of_all(l) - cpu) / (double)answered;
    s->verify[number] = (before->verify + after.verify) / 2;
    s->commit[number] = (before->commit + after.commit) / 2;
    s->ratio[number] = (s->verify[number] + s->commit[number]) / s->each[number];
    *before = after;
}

static void
print_latencies(load *l)
{
    (void)printf("p50 %.2f ms, p99 %.2f ms\n", load_percentile(l->latencies, l->latency_count, 0.5) * 1e3,
                 load_percentile(l->latencies, l->latency_count, 0.99) * 1e3);
}

static double
measure(load *l, const char *name, unsigned port)
{
    const double seconds = LOAD_SLICES * load_slice(l->seconds);
    carnet_payment_client *client = connect_to(port);
    slices s;
    load_figure ratio;
    limit before;
    double rate, verify, commit;
    size_t refused;

    (void)printf("%s:\n", name);
    usleep(300000); /* the switch connects to the issuer */
    build_all(l, 2000);
    run(l, client, l->seconds, 0);
    build_all(l, (size_t)(seconds * RATE_MAX) < MESSAGES_MAX ? (size_t)(seconds * RATE_MAX) : MESSAGES_MAX);
    before = limit_of(l);
    for (size_t i = 0; i < LOAD_SLICES; i++)
        run_slice(l, client, &before, &s, i);
    rate = load_median(s.rate), verify = load_median(s.verify), commit = load_median(s.commit);
    ratio = load_figure_of(s.ratio, LOAD_SLICES);
    refused = l->refused;
    (void)printf("  %zu withdrawals, %zu refused, %.0f a second, ", l->answered, refused, rate);
    print_latencies(l);
    (void)printf("  %.0f a CPU-second; %.0f by a verification (%.1f us) and a row's share of a commit (%.1f us) alone: "
                 "%.2f (%.3f to %.3f)\n",
                 1 / load_median(s.each), 1 / (verify + commit), verify * 1e6, commit * 1e6, ratio.median, ratio.low,
                 ratio.high);
    build_all(l, (size_t)(seconds * rate / 2) + 1);
    run(l, client, seconds, 2 / rate);
    (void)printf("  at half of the load: ");
    print_latencies(l);
    carnet_payment_client_close(&client);
    return refused + l->refused > 0 ? 0 : ratio.median;
}

static const struct argp_option options[] = {
    { "seconds", 's', "N", 0, "of each load: in 12 slices of at least 0.2 s (5)", 1 },
    { "outstanding", 'o', "N", 0, "requests without an answer at once (128)", 1 },
    { "mac", 'm', NULL, 0, "with a MAC on every message of every link", 1 },
    { 0 },
};

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    load *l = state->input;

    switch (key) {
    case 's':
        l->seconds = strtod(arg, NULL);
        return 0;
    case 'o':
        l->outstanding = (size_t)strtoul(arg, NULL, 10);
        if (l->outstanding == 0 || l->outstanding > OUTSTANDING_MAX)
            argp_error(state, "1 to %d may be outstanding", OUTSTANDING_MAX);
        return 0;
    case 'm':
        l->mac = true;
        return 0;
    case ARGP_KEY_ARG:
        if (l->carnetd != NULL)
            return ARGP_ERR_UNKNOWN;
        l->carnetd = arg;
        return 0;
    case ARGP_KEY_END:
        if (l->carnetd == NULL)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int
main(int argc, char **argv)
{
    static const struct argp argp = { .options = options, .parser = parse, .args_doc = "CARNETD" };
    static load l = { .seconds = 5, .outstanding = 128 };
    carnet_iso8583_flavour flavour = carnet_iso8583_flavour_ascii();
    double alone, both;
    char command[96];

    (void)argp_parse(&argp, argc, argv, 0, NULL, &l);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)snprintf(l.folder, sizeof(l.folder), "/tmp/carnet-payment-XXXXXX");
    l.port = 20000 + (unsigned)getpid() % 8000 * 1;
    l.octets = malloc((size_t)MESSAGES_MAX * MESSAGE);
    l.sent_at = calloc(MESSAGES_MAX, sizeof(double));
    l.latencies = calloc(MESSAGES_MAX, sizeof(double));
    if (mkdtemp(l.folder) == NULL || l.octets == NULL || l.sent_at == NULL || l.latencies == NULL ||
        carnet_crypto_init(&l.crypto, NULL) != CARNET_OK ||
        carnet_software_key_generate(&l.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &l.key, NULL) != CARNET_OK ||
        carnet_iso8583_spec_init(&l.spec, CARNET_ISO8583_1987, &flavour, NULL) != CARNET_OK)
        die("beginning", NULL);
    open_limit(&l);
    write_key(&l);
    write_configs(&l);
    open_accounts(&l);
    serve(&l, "issuer.yaml");
    alone = measure(&l, "authorisation system alone", l.port + 1);
    serve(&l, "switch.yaml");
    both = measure(&l, "switch and authorisation system", l.port + 3);
    stop(&l);
    check_books(&l);
    (void)sqlite3_finalize(l.insert);
    (void)sqlite3_close(l.limit);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", l.folder);
    (void)!system(command);
    return alone >= 0.5 && both >= 0.5 ? 0 : 1;
}
