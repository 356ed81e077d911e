/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "carnet/jwk.h"
#include "support/server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000, SILENCE_MS = 150 };

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static carnet_time
tell(void *self)
{
    return ((world *)self)->now;
}

static void
write_file(const world *w, const char *name, const char *text)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void
write_set(world *w)
{
    uint8_t room[1024];
    carnet_buf out = carnet_buf_of(room, sizeof(room) - 1);
    carnet_json_builder b = carnet_json_build(&out);
    const carnet_jwk jwk = { .key = w->bank.key.public_key, .key_id = carnet_str_of("idp-test") };

    carnet_json_object_begin(&b, NULL);
    carnet_json_array_begin(&b, "keys");
    carnet_jwk_add(&b, NULL, &jwk);
    carnet_json_array_end(&b);
    carnet_json_object_end(&b);
    room[out.len] = '\0';
    write_file(w, "signers.json", (const char *)room);
    write_file(w, "spec.json", "{\"version\":\"1987\",\"flavour\":\"ascii\",\"framing\":\"post\"}");
}

static void
write_files(world *w)
{
    uint8_t room[1024];
    carnet_buf spki = carnet_buf_of(room, 256), pem = carnet_buf_of(room + 256, sizeof(room) - 257);

    write_file(w, "secrets", "carnet-secret 1 0a1b2c3d AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
    write_file(w, "mac.key", "30313233343536373839616263646566\n"); /* the bank's "0123456789abcdef" */
    write_file(w, "pin.key", "66656463626139383736353433323130\n");
    assert_carnet_ok(carnet_public_key_to_spki(&w->bank.key.public_key, &spki, NULL), NULL);
    carnet_pem_encode("PUBLIC KEY", carnet_buf_span(&spki), &pem);
    pem.ptr[pem.len] = '\0';
    write_file(w, "signer.pem", (const char *)pem.ptr);
    write_set(w);
}

static const char link_text[] =
    "      - {name: %s, address: 127.0.0.1, version: '%s', flavour: %s, mac: aes-cmac, mac_key_file: mac.key,\n"
    "         pin_key_file: pin.key, carrier: %s, framing: %s}\n";

static void
write_config(world_mode mode, uint16_t port, char *out, size_t cap)
{
    char links[1024], mode_text[512];
    int len = 0;

    if (mode == FROM_FILES)
        len += snprintf(links, sizeof(links),
                        "      - {name: old, address: 127.0.0.1, spec_file: spec.json, mac: aes-cmac, mac_key_file: "
                        "mac.key}\n");
    else
        len += snprintf(links, sizeof(links), link_text, "old", "1987", "ascii", "text", "post");
    len += snprintf(links + len, sizeof(links) - (size_t)len, link_text, "middle", "1993", "bcd", "tlv", "nac");
    len +=
        snprintf(links + len, sizeof(links) - (size_t)len, link_text, "new", "2003", "ascii-binary", "tlv", "ascii4");
    (void)snprintf(mode_text, sizeof(mode_text),
                   mode == REFERENCE    ? "    mode: reference\n    mobile_app_server: {url: 'http://127.0.0.1:%u', "
                                          "timeout_ms: 5000}\n"
                   : mode == FROM_FILES ? "    mode: carried\n    jwks: signers.json\n"
                                        : "    mode: carried\n    signers: [{id: idp-test, file: signer.pem}]\n",
                   port);
    if (mode == OTHER_HOST)
        (void)snprintf(mode_text + strlen(mode_text), sizeof(mode_text) - strlen(mode_text),
                       "    host: {url: 'http://127.0.0.1:%u/account'}\n", port);
    len =
        snprintf(out, cap,
                 "base_url: https://bank.example\nsecrets: secrets\nallow_insecure_loopback: true\n"
                 "listeners:\n  - {address: 127.0.0.1, port: 8080, serves: [staff]}\nstore: {place: unused}\n"
                 "risk:\n"
                 "  - {id: small, currency: '840', max_amount: 5000, impact: [none, low, none, none, none, none],\n"
                 "     vtr: [Cf.Cg]}\n"
                 "  - {id: large, currency: '840', max_amount: 200000, impact: [none, high, none, none, none, none],\n"
                 "     vtr: [Cf.Cg.Cj.Co, Cc.Cf.Co]}\n"
                 "services:\n  desk: {}\n  issuing_authorization:\n    links:\n%s%s"
                 "    skew_seconds: 5\n    stand_in: 3000\n",
                 links, mode_text);
    assert_in_range(len, 1, (int)cap - 1);
}

int
world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
    return carnet_test_run_stored(argc, argv, "issuing_authorization", tests, count, NULL);
}

static void
connect_all(world *w, const uint16_t ports[3])
{
    static const char *const framings[] = { "post", "nac", "ascii4" };

    for (size_t i = 0; i < 3; i++) {
        carnet_framing framing;
        carnet_payment_end_config end = { .address = "127.0.0.1", .port = ports[i], .framing = &framing };

        assert_true(carnet_framing_named(carnet_str_of(framings[i]), &framing));
        assert_carnet_ok(carnet_payment_client_open(&end, PATIENCE_MS, &w->client[i], NULL), NULL);
    }
}

static void
serve(world *w, uint16_t ports[3])
{
    const carnet_service_part *const list[] = { &carnet_issuing_authorization_part };
    const carnet_service_hooks hooks = {
        .store = w->store, .now = tell, .now_self = w, .workers = 8, .scratch_size = 1 << 20
    };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_context_new(w->config, &hooks, &w->context, &err), &err);
    assert_carnet_ok(carnet_service_parts_new(w->context, list, 1, &w->parts, &err), &err);
    w->self = carnet_service_part_find(w->parts, "issuing_authorization");
    assert_carnet_ok(carnet_service_begin(w->context, NULL, &w->worker, &err), &err);
    for (size_t i = 0; i < 3; i++)
        ports[i] = carnet_issuing_authorization_port(w->self, i);
}

static void
start(world *w)
{
    uint16_t ports[3];

    serve(w, ports);
    connect_all(w, ports);
}

static void
stop(world *w)
{
    for (size_t i = 0; i < 3; i++)
        carnet_payment_client_close(&w->client[i]);
    carnet_service_parts_free(&w->parts);
    carnet_service_context_free(&w->context);
}

static void
open_store(world *w)
{
    const carnet_store_config config = { .place = w->place, .random = { fill, NULL } };

    assert_carnet_ok(carnet_store_open(&config, &w->store, NULL), NULL);
}

static void
open_account(world *w)
{
    const carnet_cash_account account = { .pan = carnet_str_of(BANK_PAN),
                                          .alias = carnet_str_of("main"),
                                          .name = carnet_str_of("Ada"),
                                          .pin = carnet_str_of("1234"),
                                          .currency = 840 };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_cash_account_put(w->worker, &account, NULL, &err), &err);
    assert_carnet_ok(carnet_cash_account_credit(w->worker, account.pan, 100000, &err), &err);
}

void
world_make(world *w, world_mode mode)
{
    static char yaml[8192];
    carnet_config_complaint complaint;
    char path[128];

    memset(w, 0, sizeof(*w));
    assert_true(bank_open(&w->bank));
    w->now = BANK_NOW;
    (void)snprintf(w->folder, sizeof(w->folder), "/tmp/carnet-issuer-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    write_files(w);
    write_config(mode, mode == CARRIED || mode == FROM_FILES ? 0 : others_start(&w->others), yaml, sizeof(yaml));
    (void)snprintf(path, sizeof(path), "%s/carnetd.yaml", w->folder);
    if (carnet_config_read(carnet_str_of(yaml), path, &w->config, &complaint) != CARNET_OK)
        fail_msg("%s", complaint.text);
    (void)snprintf(path, sizeof(path), "%s/store", w->folder);
    carnet_test_place(path, true, w->place, sizeof(w->place));
    open_store(w);
    start(w);
    open_account(w);
}

void
world_restart(world *w)
{
    if (w->parts != NULL)
        stop(w);
    start(w);
}

void
world_fork(world *w)
{
    uint16_t ports[3];
    int ends[2];

    if (w->parts != NULL)
        stop(w);
    carnet_store_close(&w->store);
    assert_int_equal(pipe(ends), 0);
    w->child = fork();
    assert_true(w->child >= 0);
    if (w->child == 0) {
        open_store(w);
        serve(w, ports);
        if (write(ends[1], ports, sizeof(ports)) != (ssize_t)sizeof(ports))
            _exit(1);
        for (;;)
            (void)pause();
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], ports, sizeof(ports)), sizeof(ports));
    (void)close(ends[0]);
    connect_all(w, ports);
}

void
world_kill(world *w)
{
    int status;

    assert_int_equal(kill(w->child, SIGKILL), 0);
    assert_int_equal(waitpid(w->child, &status, 0), w->child);
    for (size_t i = 0; i < 3; i++)
        carnet_payment_client_close(&w->client[i]);
    open_store(w);
}

void
world_check(world *w)
{
    carnet_ledger_totals totals;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_ledger_check(w->store, &totals, &err), &err);
    assert_int_equal(totals.balances, 0);
}

void
world_end(world *w)
{
    char command[96];

    if (w->others.service == NULL || w->others.orders == 0)
        world_check(w); /* another host keeps its own books */
    if (w->parts != NULL)
        stop(w);
    others_stop(&w->others);
    carnet_store_close(&w->store);
    carnet_config_free(&w->config);
    bank_close(&w->bank);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
}

carnet_ledger_account
world_account(world *w)
{
    carnet_ledger_account account;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_cash_account_get(w->worker, carnet_str_of(BANK_PAN), &account, &err), &err);
    return account;
}

void
world_job(world *w)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_issuing_authorization_part.job(w->self, w->worker, &err), &err);
}

void
world_send(world *w, carnet_iso8583_version version, const bank_ask *ask)
{
    static const uint8_t tpdu[5] = { 0x60, 0, 1, 0, 2 };
    uint8_t octets[2048];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));

    assert_carnet_ok(bank_message(&w->bank, version, ask, &out), NULL);
    assert_carnet_ok(carnet_payment_client_send(w->client[version], carnet_span_of(tpdu, version == 1 ? 5 : 0),
                                                carnet_buf_span(&out), NULL),
                     NULL);
}

void
world_receive(world *w, carnet_iso8583_version version)
{
    static const uint8_t turned[5] = { 0x60, 0, 2, 0, 1 };
    const carnet_debit_link *link = &w->bank.link[version];
    carnet_buf room = carnet_buf_of(w->octets, sizeof(w->octets));
    carnet_span header, message;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_payment_client_receive(w->client[version], PATIENCE_MS, &room, &header, &message, &err),
                     &err);
    if (version == CARNET_ISO8583_1993)
        assert_span_equal(header, carnet_span_of(turned, 5));
    assert_carnet_ok(carnet_iso8583_parse(link->spec, message, &w->answer, &err), &err);
}

const char *
world_ask(world *w, carnet_iso8583_version version, const bank_ask *ask)
{
    static char code[8];
    uint8_t octets[16];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_str text;

    world_send(w, version, ask);
    world_receive(w, version);
    text = carnet_iso8583_text(&w->answer, 39, &room);
    (void)snprintf(code, sizeof(code), "%.*s", (int)text.len, text.ptr);
    return code;
}

void
world_silent(world *w, carnet_iso8583_version version)
{
    uint8_t octets[2048];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_span header, message;

    assert_carnet_rc(carnet_payment_client_receive(w->client[version], SILENCE_MS, &room, &header, &message, NULL),
                     CARNET_E_LINK_TIMEOUT);
}
