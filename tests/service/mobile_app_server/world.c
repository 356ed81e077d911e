/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "carnet/bops_enrol.h"
#include "carnet/certificate_builder.h"
#include "carnet/json.h"
#include "carnet/terminal_code.h"
#include "support/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BIT(e) CARNET_EXTENSION_BIT(CARNET_EXTENSION_##e)

carnet_time world_epoch = 1795600000;

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static carnet_time
tell(void *self)
{
    return atomic_load(&((world *)self)->now);
}

static void
take_line(void *self, carnet_str line, bool success)
{
    world *w = self;

    (void)success;
    (void)pthread_mutex_lock(&w->lock);
    if (line.len + 2 < sizeof(w->log) - w->log_len) {
        memcpy(w->log + w->log_len, line.ptr, line.len);
        w->log_len += line.len;
        w->log[w->log_len++] = '\n';
        w->log[w->log_len] = '\0';
    }
    (void)pthread_mutex_unlock(&w->lock);
}

/* --- certificates --- */

typedef struct authority {
    uint8_t room[2048];
    carnet_span der;
    carnet_key key;
} authority;

static void
write_file(const world *w, const char *name, carnet_span bytes)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", w->folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static void
write_pem(const world *w, const char *name, const char *label, carnet_span der)
{
    uint8_t room[4096];
    carnet_buf pem = carnet_buf_of(room, sizeof(room));

    carnet_pem_encode(label, der, &pem);
    write_file(w, name, carnet_buf_span(&pem));
}

static void
make_authority(world *w, const char *name, authority *a)
{
    const carnet_certificate_profile profile = {
        .name = "authority",
        .clause = "RFC 5280",
        .lifetime = INT64_C(4000) * 86400,
        .subject = UINT32_C(1) << CARNET_NAME_COMMON_NAME,
        .mandatory = BIT(SUBJECT_KEY_IDENTIFIER) | BIT(KEY_USAGE) | BIT(BASIC_CONSTRAINTS),
        .critical = BIT(KEY_USAGE) | BIT(BASIC_CONSTRAINTS),
        .key_usage = CARNET_KEY_USAGE_CERTIFICATE_SIGN,
        .curves = CARNET_PROFILE_ECDSA_CURVES,
        .algorithms = CARNET_PROFILE_ES256,
        .ca = true,
        .self_issued = true,
    };
    carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                     .profile = &profile,
                                     .subject = { .common_name = carnet_str_of(name) },
                                     .not_before = NOW - 86400,
                                     .not_after = NOW + INT64_C(1000) * 86400 };
    carnet_buf out = carnet_buf_of(a->room, sizeof(a->room));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &a->key, &err), &err);
    spec.public_key = a->key.public_key;
    assert_carnet_ok(carnet_certificate_build(&spec, NULL, &a->key, &w->crypto, &out, &err), &err);
    a->der = carnet_buf_span(&out);
}

static void
certify(world *w, authority *a, client who, const char *uri, carnet_time from)
{
    carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                     .profile = &carnet_profile_p1940_client,
                                     .subject = { .common_name = carnet_str_of("client") },
                                     .uri_name = carnet_str_of(uri),
                                     .not_before = from,
                                     .not_after = from + 300 * 86400 };
    carnet_buf out = carnet_buf_of(w->room[who], sizeof(w->room[who]));
    carnet_certificate issuer;
    carnet_key key;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, &err), &err);
    spec.public_key = key.public_key;
    assert_carnet_ok(carnet_certificate_open(a->der, &issuer, &err), &err);
    assert_carnet_ok(carnet_certificate_build(&spec, &issuer, &a->key, &w->crypto, &out, &err), &err);
    w->certificates[who] = carnet_buf_span(&out);
    if (who == ISSUER) { /* the relying party itself, too: it only needs one to be bound to */
        memcpy(w->own, out.ptr, out.len);
        w->provider.certificate = carnet_span_of(w->own, out.len);
        write_pem(w, "own.pem", "CERTIFICATE", carnet_buf_span(&out));
    }
    carnet_key_done(&key);
}

static void
write_clients(const world *w, authority *const *list, size_t count)
{
    static uint8_t room[8192];
    carnet_buf pem = carnet_buf_of(room, sizeof(room));

    for (size_t i = 0; i < count; i++)
        carnet_pem_encode("CERTIFICATE", list[i]->der, &pem);
    write_file(w, "clients.pem", carnet_buf_span(&pem));
}

static void
make_clients(world *w)
{
    static authority devices, terminals, friends, others;
    authority *const all[] = { &devices, &terminals, &friends, &others };

    make_authority(w, "Devices", &devices);
    make_authority(w, "Terminals", &terminals);
    make_authority(w, "Friends", &friends);
    make_authority(w, "Others", &others);
    certify(w, &devices, ALICE, CARNET_BOPS_URN_DEVICE "alice-1", NOW - HOUR);
    certify(w, &devices, BOB, CARNET_BOPS_URN_DEVICE "bob-1", NOW - HOUR);
    certify(w, &devices, STRANGER, CARNET_BOPS_URN_DEVICE "stranger", NOW - HOUR);
    certify(w, &devices, EXPIRED_PHONE, CARNET_BOPS_URN_DEVICE "alice-1", NOW - INT64_C(301) * 86400);
    certify(w, &others, EVE, CARNET_BOPS_URN_DEVICE "alice-1", NOW - HOUR);
    certify(w, &terminals, ATM1, CARNET_BOPS_URN_TERMINAL "ATM00001", NOW - HOUR);
    certify(w, &terminals, ATM2, CARNET_BOPS_URN_TERMINAL "ATM00002", NOW - HOUR);
    certify(w, &terminals, ATM_UNKNOWN, CARNET_BOPS_URN_TERMINAL "ATM00009", NOW - HOUR);
    certify(w, &friends, ISSUER, CARNET_BOPS_URN_FRIEND "issuer-1", NOW - HOUR);
    certify(w, &friends, OTHER_FRIEND, CARNET_BOPS_URN_FRIEND "issuer-2", NOW - HOUR);
    certify(w, &friends, FALSE_ISSUER, CARNET_BOPS_URN_FRIEND "issuer-1", NOW - HOUR);
    write_pem(w, "devices.pem", "CERTIFICATE", devices.der);
    write_pem(w, "terminals.pem", "CERTIFICATE", terminals.der);
    write_pem(w, "friends.pem", "CERTIFICATE", friends.der);
    write_clients(w, all, 3);
    for (size_t i = 0; i < CARNET_COUNT(all); i++)
        carnet_key_done(&all[i]->key);
}

/* --- the deployment --- */

static const char risks[] =
    "risk:\n"
    "  - {id: small, type: ATM_CWD, currency: '840', max_amount: 1000, impact: [none, low, none, none, none, none],\n"
    "     profile: nist, vtr: [Cg]}\n"
    "  - {id: middle, type: ATM_CWD, currency: '840', max_amount: 20000, impact: [low, moderate, none, none, none, "
    "none],\n"
    "     vtr: [Cg.Cj.Cl]}\n"
    "  - {id: large, type: ATM_CWD, currency: '840', max_amount: 100000, impact: [high, high, none, none, none, "
    "none]}\n"
    "  - {id: shop, type: POS_PURCHASE, currency: '840', max_amount: 50000, impact: [low, low, none, none, none, "
    "none]}\n";

static void
write_config(const world *w, const char *extra, const char *friend_key, char out[8192])
{
    const int len = snprintf(
        out, 8192,
        "base_url: https://bank.example\nsecrets: secrets\nallow_insecure_loopback: true\n"
        "listeners:\n  - {address: 127.0.0.1, port: %u, serves: [public], clients: clients.pem,\n"
        "     trusted_proxies: [127.0.0.1], client_certificate_header: Client-Cert, threads: 4}\n"
        "  - {address: 127.0.0.1, port: %u, serves: [admin]}\n"
        "store: {place: \"%s\"}\n%s"
        "services:\n  mobile_app_server:\n"
        "    rp_id: rp-1\n    provider: 'http://127.0.0.1:%u'\n    provider_id: '" DOUBLE_ID "'\n"
        "    provider_keys: [provider.pem]\n    certificate: own.pem\n    certificate_key: own.key\n"
        "    device_authorities: [devices.pem]\n    terminal_authorities: [terminals.pem]\n"
        "    friend_authorities: [friends.pem]\n"
        "    acquirers:\n      - {name: bank, key_file: acquirer.key}\n      - {name: other, key_file: other.key}\n"
        "    terminals:\n"
        "      - {id: ATM00001, label: Main Street 1, acquirer: bank, multiple: 2000}\n"
        "      - {id: ATM00002, label: Station, acquirer: other, multiple: 5000}\n"
        "    friends:\n      - {id: issuer-1, keys: [%s]}\n"
        "    currencies:\n      - {number: '840', multiple: 1000, max: 80000, daily: 200000}\n"
        "      - {number: '978'}\n%s",
        w->port, w->port + 1, w->place, risks, w->provider.port, friend_key, extra);

    assert_in_range(len, 1, 8191);
}

static void
hex_of(carnet_span octets, char *out)
{
    for (size_t i = 0; i < octets.len; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", octets.ptr[i]);
}

static void
write_files(world *w)
{
    static const char secrets[] = "carnet-secret 1 0a1b2c3d AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n";
    uint8_t room[256];
    carnet_buf spki = carnet_buf_of(room, sizeof(room));
    char hex[65];

    write_file(w, "secrets", carnet_span_of(secrets, sizeof(secrets) - 1));
    write_file(w, "own.key", carnet_span_of("none", 4)); /* over plain HTTP nobody asks for it */
    assert_carnet_ok(carnet_public_key_to_spki(&w->provider.key.public_key, &spki, NULL), NULL);
    write_pem(w, "provider.pem", "PUBLIC KEY", carnet_buf_span(&spki));
    assert_int_equal(fill(NULL, w->acquirer, sizeof(w->acquirer)), CARNET_OK);
    hex_of(carnet_span_of(w->acquirer, 32), hex);
    write_file(w, "acquirer.key", carnet_span_of(hex, 64));
    memset(hex, '7', 64);
    write_file(w, "other.key", carnet_span_of(hex, 64));
}

/* --- the stores --- */

int
world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
    return carnet_test_run_stored(argc, argv, "mobile_app_server", tests, count, NULL);
}

static void
make_store(world *w)
{
    carnet_store_config config = { .place = w->place, .random = { fill, NULL } };
    char file[96];
    carnet_err err = { 0 };

    (void)snprintf(file, sizeof(file), "%s/store", w->folder);
    carnet_test_place(file, true, w->place, sizeof(w->place));
    assert_carnet_ok(carnet_store_open(&config, &w->store, &err), &err);
}

/* A port that is free now, and the next one, below those that the kernel chooses. */
static uint16_t
free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };

    for (int attempt = 0; attempt < 200; attempt++) {
        uint16_t port;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), bound;

        assert_int_equal(getrandom(&port, sizeof(port), 0), sizeof(port));
        port = (uint16_t)(10000 + port % 20000) & 0xfffe;
        address.sin_port = htons(port);
        bound = bind(fd, (struct sockaddr *)&address, sizeof(address));
        (void)close(fd);
        if (bound == 0)
            return port;
    }
    fail_msg("no port is free");
    return 0;
}

void
world_make(world *w, const char *extra)
{
    static char yaml[8192];
    carnet_certificate issuer;
    carnet_config_complaint complaint;
    uint8_t digest[32];
    char hex[65] = "", path[96];

    memset(w, 0, sizeof(*w));
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)snprintf(w->folder, sizeof(w->folder), "/tmp/carnet-app-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    assert_carnet_ok(carnet_crypto_init(&w->crypto, NULL), NULL);
    atomic_store(&w->now, NOW);
    make_clients(w);
    double_start(&w->provider, &w->now);
    write_files(w);
    assert_carnet_ok(carnet_certificate_open(w->certificates[ISSUER], &issuer, NULL), NULL);
    assert_carnet_ok(carnet_digest(&w->crypto, CARNET_SHA256, &issuer.spki, 1, digest, NULL), NULL);
    hex_of(carnet_span_of(digest, 32), hex);
    w->port = free_port();
    make_store(w);
    write_config(w, extra, hex, yaml);
    write_file(w, "carnetd.yaml", carnet_str_bytes(carnet_str_of(yaml)));
    (void)snprintf(path, sizeof(path), "%s/carnetd.yaml", w->folder);
    if (carnet_config_read(carnet_str_of(yaml), path, &w->config, &complaint) != CARNET_OK)
        fail_msg("%s", complaint.text);
}

/* --- instances --- */

static void
start_one(world *w, instance *i)
{
    const carnet_service_part *const list[] = { &carnet_mobile_app_server_part };
    const carnet_service_hooks hooks = { .store = w->store,
                                         .now = tell,
                                         .now_self = w,
                                         .log = take_line,
                                         .log_self = w,
                                         .workers = 24,
                                         .scratch_size = 1 << 20 };
    carnet_service_config config = { .address = "127.0.0.1", .random = { fill, NULL } };
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_context_new(w->config, &hooks, &i->context, &err), &err);
    assert_carnet_ok(carnet_service_parts_new(i->context, list, 1, &i->parts, &err), &err);
    i->self = carnet_service_part_find(i->parts, "mobile_app_server");
    assert_non_null(i->self);
    assert_carnet_ok(
        carnet_service_parts_routes(i->parts, CARNET_SERVES_PUBLIC, true, &config.routes, &config.route_count, &err),
        &err);
    assert_carnet_ok(carnet_service_start(&config, &i->service, &err), &err);
    i->port = carnet_service_port(i->service);
}

static void
stop_one(instance *i)
{
    if (i->service != NULL)
        carnet_service_stop(&i->service, 1000);
    if (i->parts != NULL)
        carnet_service_parts_free(&i->parts);
    if (i->context != NULL)
        carnet_service_context_free(&i->context);
    *i = (instance){ 0 };
}

void
world_start(world *w, size_t instances)
{
    for (size_t i = 0; i < instances; i++)
        start_one(w, &w->instances[i]);
    world_customers(w);
}

void
world_restart(world *w, size_t at)
{
    stop_one(&w->instances[at]);
    start_one(w, &w->instances[at]);
}

void
world_end(world *w)
{
    char command[96];

    for (size_t i = 0; i < 2; i++)
        stop_one(&w->instances[i]);
    double_stop(&w->provider);
    carnet_store_close(&w->store);
    carnet_config_free(&w->config);
    carnet_crypto_done(&w->crypto);
    (void)pthread_mutex_destroy(&w->lock);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    assert_int_equal(system(command), 0);
}

void
world_watch(world *w)
{
    carnet_service_worker *worker;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_begin(w->instances[0].context, NULL, &worker, &err), &err);
    assert_carnet_ok(carnet_mobile_app_server_part.job(w->instances[0].self, worker, &err), &err);
}
