/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "carnet/certificate_builder.h"
#include "support/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BIT(e) CARNET_EXTENSION_BIT(CARNET_EXTENSION_##e)

static world the_world;

world *
world_get(void)
{
    return &the_world;
}

/* --- programs --- */

static int
execute(const char *const arguments[])
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        int null = open("/dev/null", O_RDWR);

        (void)dup2(null, 1);
        (void)execv(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(126);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A port that is free now; above those that others' tests choose by themselves is where the kernel chooses. */
static uint16_t
free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };

    for (int attempt = 0; attempt < 200; attempt++) {
        uint16_t port;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(getrandom(&port, sizeof(port), 0), sizeof(port));
        port = (uint16_t)(10000 + port % 20000) & 0xfffe;
        address.sin_port = htons(port);
        if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
            address.sin_port = htons(port + 1);
            (void)close(fd);
            return port;
        }
        (void)close(fd);
    }
    fail_msg("no port is free");
    return 0;
}

/* --- the deployment --- */

static void
write_file(const world *w, const char *name, carnet_str text)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/dev/%s", w->folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
    assert_int_equal(fclose(f), 0);
}

static const char configurations[] =
    "      - &mdl {id: mdl, doctype: mdl, scope: mdl, name: Licence, signer: document-signer, source: people,\n"
    "          batch_max: 5, refresh_days: 30, status_uri: 'https://issuer.example/status/{list}'}\n"
    "      - {id: once, doctype: mdl, signer: document-signer, source: people, reissue_max: 1, batch_max: 5}\n"
    "      - {id: later, doctype: mdl, signer: document-signer, source: people, deferral: always,\n"
    "          deferred_interval_seconds: 1, batch_max: 5}\n"
    "      - {id: attested, doctype: mdl, signer: document-signer, source: people, batch_max: 5,\n"
    "          key_storage: [iso_18045_moderate]}\n"
    "      - {id: again, doctype: mdl, signer: document-signer, source: people, batch_max: 5, key_reuse_allowed: "
    "true}\n"
    "      - {id: dry, doctype: mdl, signer: document-signer, source: people, batch_max: 5, dehydrated: true}\n";

static void
write_config(const world *w)
{
    static char text[8192];
    int len = snprintf(
        text, sizeof(text),
        "base_url: http://127.0.0.1:%u\nauthority: Test authority\nsecrets: secrets\nallow_insecure_loopback: true\n"
        "listeners:\n  - {address: 127.0.0.1, port: %u, serves: [public, operations], threads: 4}\n"
        "  - {address: 127.0.0.1, port: %u, serves: [admin]}\n"
        "store:\n  place: \"%s\"\n"
        "areas:\n  - {name: main, kind: software, file: keys.sealed, secret_file: passphrase}\n"
        "keys:\n"
        "  - {name: document-signer, area: main, identifier: document-signer, chain: document-signer.pem, root: "
        "authority.pem}\n"
        "  - {name: metadata-signer, area: main, identifier: metadata-signer, chain: metadata-signer.pem, root: "
        "authority.pem}\n"
        "  - {name: request-encryption, area: main, identifier: request-encryption}\n"
        "sources:\n  - {name: people, kind: csv, file: people.csv, key_column: subject, files: .}\n"
        "services:\n  authorization: {open_clients: true, anonymous_pre_authorised: true, access_seconds: 3600}\n"
        "  issuing:\n    metadata_key: metadata-signer\n    encryption_key: request-encryption\n"
        "    key_attesters: [attesters.pem]\n    configurations:\n%s",
        w->port, w->port, w->port + 1, w->place, configurations);

    assert_in_range(len, 1, sizeof(text) - 1);
    write_file(w, "carnetd.yaml", (carnet_str){ text, (size_t)len });
}

static carnet_certificate_profile
profile_of(bool authority)
{
    return (carnet_certificate_profile){
        .name = "attester",
        .clause = "RFC 5280",
        .lifetime = INT64_C(400) * 86400,
        .subject = UINT32_C(1) << CARNET_NAME_COMMON_NAME,
        .mandatory = BIT(SUBJECT_KEY_IDENTIFIER) | BIT(KEY_USAGE) |
                     (authority ? BIT(BASIC_CONSTRAINTS) : BIT(AUTHORITY_KEY_IDENTIFIER)),
        .critical = BIT(KEY_USAGE) | BIT(BASIC_CONSTRAINTS),
        .key_usage = authority ? CARNET_KEY_USAGE_CERTIFICATE_SIGN : CARNET_KEY_USAGE_DIGITAL_SIGNATURE,
        .curves = CARNET_PROFILE_ECDSA_CURVES,
        .algorithms = CARNET_PROFILE_ES256,
        .ca = authority,
        .path_length = 0,
        .self_issued = authority,
    };
}

static carnet_span
certify(world *w, const carnet_key *key, const char *name, carnet_span issuer, carnet_key *issuer_key, carnet_buf *out)
{
    carnet_certificate_profile profile = profile_of(issuer.len == 0);
    carnet_certificate_spec spec = { .struct_size = sizeof(spec),
                                     .profile = &profile,
                                     .subject = { .common_name = carnet_str_of(name) },
                                     .public_key = key->public_key,
                                     .not_before = time(NULL) - 86400,
                                     .not_after = time(NULL) + 100 * 86400 };
    carnet_certificate opened;
    carnet_err err = { 0 };
    size_t at = out->len;

    if (issuer.len != 0)
        assert_carnet_ok(carnet_certificate_open(issuer, &opened, &err), &err);
    assert_carnet_ok(
        carnet_certificate_build(&spec, issuer.len != 0 ? &opened : NULL, issuer_key, &w->crypto, out, &err), &err);
    return carnet_span_of(out->ptr + at, out->len - at);
}

/* An authority of attesters that the issuer trusts, and one under it. */
static void
make_attester(world *w)
{
    static uint8_t room[2048], pem_room[4096];
    carnet_buf root_buf = carnet_buf_of(room, sizeof(room)), pem = carnet_buf_of(pem_room, sizeof(pem_room));
    carnet_buf leaf_buf = carnet_buf_of(w->attester_room, sizeof(w->attester_room));
    carnet_key root;
    carnet_span der;

    assert_carnet_ok(carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &root, NULL), NULL);
    assert_carnet_ok(carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w->attester, NULL),
                     NULL);
    der = certify(w, &root, "Attesters", (carnet_span){ 0 }, &root, &root_buf);
    w->attester_chain = certify(w, &w->attester, "Attester", der, &root, &leaf_buf);
    carnet_pem_encode("CERTIFICATE", der, &pem);
    write_file(w, "attesters.pem", carnet_buf_str(&pem));
    carnet_key_done(&root);
}

void
world_make(world *w)
{
    char folder[96], file[128];
    const char *const init[] = { CARNETD, "--init", folder, NULL };

    *w = (world){ .folder = "/tmp/carnet-issuing-XXXXXX" };
    assert_carnet_ok(carnet_crypto_init(&w->crypto, NULL), NULL);
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(folder, sizeof(folder), "%s/dev", w->folder);
    assert_int_equal(execute(init), 0);
    w->port = free_port();
    (void)snprintf(w->base, sizeof(w->base), "http://127.0.0.1:%u", w->port);
    (void)snprintf(w->admin, sizeof(w->admin), "http://127.0.0.1:%u", w->port + 1);
    (void)snprintf(file, sizeof(file), "%s/dev/carnet.sqlite", w->folder);
    carnet_test_place(file, true, w->place, sizeof(w->place));
    make_attester(w);
    write_config(w);
}

static bool
answers(const world *w)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    bool good = true;

    for (uint16_t i = 0; i < 2; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        address.sin_port = htons((uint16_t)(w->port + i));
        good = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && good;
        (void)close(fd);
    }
    return good;
}

void
world_start(world *w)
{
    char config[96], log[96];
    const struct timespec pause = { 0, 20000000 };

    (void)snprintf(config, sizeof(config), "%s/dev/carnetd.yaml", w->folder);
    (void)snprintf(log, sizeof(log), "%s/log", w->folder);
    w->pid = fork();
    if (w->pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);

        (void)dup2(fd, 1);
        (void)execl(CARNETD, "carnetd", "--config", config, (char *)NULL);
        _exit(126);
    }
    for (int i = 0; i < 1500 && !answers(w); i++) {
        if (waitpid(w->pid, NULL, WNOHANG) == w->pid)
            fail_msg("carnetd ended at once");
        (void)nanosleep(&pause, NULL);
    }
}

void
world_stop(world *w, int signal)
{
    int status = 0;

    assert_int_equal(kill(w->pid, signal), 0);
    assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
    if (signal == SIGTERM)
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    w->pid = 0;
}

void
world_end(world *w)
{
    const char *const remove[] = { "/bin/rm", "-rf", w->folder, NULL };

    if (w->pid != 0)
        world_stop(w, SIGTERM);
    carnet_key_done(&w->attester);
    carnet_crypto_done(&w->crypto);
    assert_int_equal(execute(remove), 0);
}

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

carnet_store *
world_store(const world *w)
{
    carnet_store_config config = { .place = w->place, .random = { .fill = fill } };
    carnet_store *store = NULL;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_store_open(&config, &store, &err), &err);
    return store;
}

/* --- running the tests --- */

static int
end_all(void **state)
{
    (void)state;
    if (the_world.pid != 0)
        world_end(&the_world);
    return 0;
}

int
world_run(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
    (void)signal(SIGPIPE, SIG_IGN);
    return carnet_test_run_stored(argc, argv, "issuing", tests, count, end_all);
}
