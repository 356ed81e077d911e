/* SPDX-License-Identifier: Apache-2.0 */
/* Figures 7 and 8: a person is identified, and documents are issued to their device. */
#include "scenario_issuing.h"

#include "carnet/fetch_request.h"
#include "carnet/json.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PORTS_MAX = 32 };

const char *const scenario_issuing_ways[] = { "direct", "provider", NULL };

#define PROVIDER_CONFIG                                                                                                \
    "# The provider of the mdoc app: attests it and its keys, and passes its requests on.\n"                           \
    "base_url: http://127.0.0.1:%u\n"                                                                                  \
    "authority: App provider\n"                                                                                        \
    "secrets: secrets\n"                                                                                               \
    "allow_insecure_loopback: true\n"                                                                                  \
    "listeners:\n"                                                                                                     \
    "  - { address: 127.0.0.1, port: %u, serves: [public, operations] }\n"                                             \
    "store: { place: provider.sqlite }\n"                                                                              \
    "areas:\n"                                                                                                         \
    "  - { name: main, kind: software, file: keys.sealed, secret_file: passphrase }\n"                                 \
    "keys:\n"                                                                                                          \
    "  - { name: attester, area: main, identifier: wallet-attestation, chain: "                                        \
    "wallet-attestation.pem, root: provider-authority.pem }\n"                                                         \
    "services:\n"                                                                                                      \
    "  provider:\n"                                                                                                    \
    "    attestation_key: attester\n"                                                                                  \
    "    client_id: carnet\n"                                                                                          \
    "    wallet_name: Carnet\n"                                                                                        \
    "    issuers: [\"%s\"]\n"

/* --- the authority --- */

static bool
is_program(const char *path)
{
    return access(path, X_OK) == 0;
}

/** carnetd lies beside this command, or where the build puts it. */
const char *
scenario_program(void)
{
    static const char *const places[] = { "carnetd", "../carnetd/carnetd", "../sbin/carnetd" };
    char self[2048] = "", path[2100];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    char *slash = len > 0 ? strrchr(self, '/') : NULL;

    if (slash != NULL) {
        *slash = '\0';
    }
    for (size_t i = 0; slash != NULL && i < CARNET_COUNT(places); i++) {
        snprintf(path, sizeof path, "%s/%s", self, places[i]);
        if (is_program(path)) {
            return (const char *)cli_keep(carnet_span_of(path, strlen(path))).ptr;
        }
    }
    cli_die_text("carnetd", "it is not beside this command");
}

/** A socket that keeps the port from others until this command ends, or -1.  Whoever sets SO_REUSEADDR may listen there. */
static int
hold_port(unsigned port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
                    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool
hold_ports(unsigned first, unsigned count)
{
    int held[PORTS_MAX];

    for (unsigned i = 0; i < count; i++) {
        held[i] = hold_port(first + i);
        if (held[i] < 0) {
            while (i > 0) {
                close(held[--i]);
            }
            return false;
        }
    }
    return true;
}

/* Below the ports that the kernel hands out for connections. */
unsigned
scenario_ports(unsigned count)
{
    carnet_crypto crypto;
    uint8_t fresh[2];
    unsigned port = 0;

    if (carnet_crypto_init(&crypto, NULL) != CARNET_OK || count > PORTS_MAX) {
        cli_die_text("ports", "there is no randomness");
    }
    for (int tries = 0; tries < 200 && port == 0; tries++) {
        carnet_random random = carnet_crypto_random(&crypto);

        if (carnet_random_fill(&random, fresh, sizeof fresh, NULL) == CARNET_OK) {
            port = 20000 + (unsigned)(fresh[0] << 8 | fresh[1]) % 12000;
        }
        if (port != 0 && !hold_ports(port, count)) {
            port = 0;
        }
    }
    carnet_crypto_done(&crypto);
    if (port == 0) {
        cli_die_text("ports", "there are not enough free ones side by side");
    }
    return port;
}

static bool
says(const scenario *s, const char *name, const char *word)
{
    carnet_span text;
    bool found;

    if (!cli_try_read(scenario_file(s, name), &text)) {
        return false;
    }
    found = memmem(text.ptr, text.len, word, strlen(word)) != NULL;
    return found;
}

pid_t
scenario_daemon(scenario *s, const char *const *argv, const char *name)
{
    static const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
    pid_t pid = scenario_start(s, argv, name, -1);

    for (int tries = 0; tries < 1500 && !says(s, name, "\"ready\""); tries++) {
        siginfo_t ended = { 0 };

        if (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == pid) {
            scenario_show(s, name);
            cli_die_text("carnetd", "it ended before it served");
        }
        nanosleep(&pause, NULL);
    }
    return pid;
}

pid_t
scenario_carnetd(scenario *s, const scenario_issuer *issuer, const char *name, const char *config)
{
    const char *argv[] = { issuer->program, "--config", config, NULL };

    return scenario_daemon(s, argv, name);
}

const char *
scenario_text(const scenario *s, const char *name)
{
    carnet_span text = cli_read(scenario_file(s, name));
    char *copy = (char *)(uintptr_t)cli_keep(text).ptr;

    copy[strcspn(copy, "\n")] = '\0';
    return copy;
}

/** The last word of what --init said: the officer's password. */
static const char *
read_password(const scenario *s)
{
    carnet_span said = cli_read(scenario_file(s, "init.txt"));
    const char *text = (const char *)cli_keep(said).ptr;
    const char *word = strstr(text, "password ");

    if (word == NULL) {
        cli_die_text("carnetd", "it named no password for the officer");
    }
    word += strlen("password ");
    return (const char *)cli_keep(carnet_span_of(word, strcspn(word, "\n"))).ptr;
}

void
scenario_issuer_start(scenario *s, scenario_issuer *issuer)
{
    char port[16], base[64];

    *issuer = (scenario_issuer){ .program = scenario_program(), .port = scenario_ports(2) };
    snprintf(port, sizeof port, "%u", issuer->port);
    snprintf(base, sizeof base, "http://127.0.0.1:%u", issuer->port);
    issuer->base = (const char *)cli_keep(carnet_span_of(base, strlen(base))).ptr;
    {
        const char *argv[] = { issuer->program, "--init", "authority", "--port", port, NULL };

        if (scenario_wait(s, scenario_start(s, argv, "init.txt", -1)) != 0) {
            scenario_show(s, "init.txt");
            cli_die_text("carnetd", "no deployment could be made");
        }
    }
    issuer->password = read_password(s);
    scenario_say("authority", "has a document signer, a metadata signer and an officer");
    issuer->process = scenario_carnetd(s, issuer, "authority.txt", "authority/carnetd.yaml");
    scenario_say("carnetd", "serves user identification and issuing at %s", issuer->base);
}

carnet_json *
scenario_ask(unsigned port, const char *method, const char *path, const char *body)
{
    const carnet_str type = carnet_str_of("Content-Type: application/json");
    const carnet_fetch_limits limits = { .plain_loopback = true };
    char text[160];
    carnet_fetch_answer answer = { .header = cli_buf(CARNET_FETCH_HEADER_MAX), .body = cli_buf(65536) };
    carnet_fetch_request request = {
        .method = method, .fields = &type, .field_count = 1, .body = carnet_span_of(body, strlen(body))
    };
    carnet_json *json = NULL;
    carnet_err err = { 0 };

    snprintf(text, sizeof text, "http://127.0.0.1:%u%s", port, path);
    request.uri = carnet_str_of(text);
    if (carnet_fetch_ask(NULL, &request, &limits, &answer, &err) != CARNET_OK || answer.status < 200 ||
        answer.status > 299 ||
        (answer.body.len > 0 && carnet_json_parse(carnet_buf_str(&answer.body), &json, &err) != CARNET_OK)) {
        fprintf(stderr, "%.*s\n", (int)answer.body.len, (const char *)answer.body.ptr);
        cli_die_text(path, "carnetd refused it");
    }
    free(answer.header.ptr);
    free(answer.body.ptr);
    return json;
}

scenario_offer
scenario_issuer_offer(const scenario *s, const scenario_issuer *issuer)
{
    static const char body[] =
        "{\"credential_configuration_ids\": [\"" SCENARIO_DOCUMENT "\"], \"subject\": \"anna\", \"tx_code\": true}";
    carnet_json *json = scenario_ask(issuer->port + 1, "POST", "/admin/offers", body);
    scenario_offer offer;

    (void)s;
    offer = (scenario_offer){
        .link = (const char *)cli_keep(carnet_str_bytes(carnet_json_string(carnet_json_get(json, "uri")))).ptr,
        .tx_code = (const char *)cli_keep(carnet_str_bytes(carnet_json_string(carnet_json_get(json, "tx_code")))).ptr,
    };
    carnet_json_free(&json);
    return offer;
}

/* --- the holder --- */

void
scenario_wallet(scenario *s)
{
    const char *argv[] = { "carnet",     "wallet", "init",   "-s", "store", "--passphrase-file",
                           "passphrase", "--cost", "64:1:1", NULL };

    cli_write(scenario_file(s, "passphrase"), carnet_str_bytes(carnet_str_of("the holder's\n")), 0600);
    scenario_do(s, argv);
    scenario_say("holder", "has a wallet whose keys are in its secure area");
}

static void
write_secret(const scenario *s, const char *name, const char *text)
{
    cli_write(scenario_file(s, name), carnet_str_bytes(carnet_str_of(text)), 0600);
}

int
scenario_accept(scenario *s, const scenario_offer *offer, const char *const *more)
{
    const char *argv[40] = { "carnet",
                             "wallet",
                             "accept",
                             offer->link,
                             "-s",
                             "store",
                             "--passphrase-file",
                             "passphrase",
                             "--tx-code-file",
                             "tx-code",
                             "--yes",
                             "--trust",
                             "authority/authority.pem",
                             "--insecure-loopback",
                             "--copies",
                             "3",
                             "--crossings" };
    size_t count = 17;
    char fd[16];
    int tell[2];
    pid_t wallet;

    write_secret(s, "tx-code", offer->tx_code);
    if (pipe2(tell, O_CLOEXEC) != 0) {
        cli_die_text("pipe", strerror(errno));
    }
    snprintf(fd, sizeof fd, "%d", tell[1]);
    argv[count++] = fd;
    for (size_t i = 0; more[i] != NULL; i++) {
        argv[count++] = more[i];
    }
    wallet = scenario_start(s, argv, "wallet.txt", tell[1]);
    close(tell[1]);
    scenario_print_crossings(s, tell[0]);
    putchar('\n');
    return scenario_wait(s, wallet);
}

/** What the wallet keeps, as `carnet wallet` shows it. */
static int
show(scenario *s, int status)
{
    const char *argv[] = { "carnet", "wallet", "list", "-s", "store", "--passphrase-file", "passphrase", NULL };

    scenario_show(s, "wallet.txt");
    if (status != CLI_VALID) {
        scenario_show(s, "authority.txt");
        return status;
    }
    status = scenario_wait(s, scenario_start(s, argv, "list.txt", -1));
    scenario_show(s, "list.txt");
    return status;
}

/* --- the figures --- */

static const char *
start_provider(scenario *s, const scenario_issuer *issuer)
{
    const unsigned port = scenario_ports(2);
    char text[2048];

    snprintf(text, sizeof text, PROVIDER_CONFIG, port, port, issuer->base);
    cli_write(scenario_file(s, "authority/provider.yaml"), carnet_str_bytes(carnet_str_of(text)), 0600);
    (void)scenario_carnetd(s, issuer, "provider.txt", "authority/provider.yaml");
    snprintf(text, sizeof text, "http://127.0.0.1:%u", port);
    scenario_say("provider", "of the mdoc app serves at %s", text);
    return (const char *)cli_keep(carnet_span_of(text, strlen(text))).ptr;
}

int
scenario_issue(scenario *s)
{
    const bool indirect = strcmp(s->transport, "provider") == 0;
    const char *more[8] = { NULL };
    scenario_issuer issuer;
    scenario_offer offer;

    scenario_issuer_start(s, &issuer);
    if (indirect) {
        more[0] = "--provider";
        more[1] = start_provider(s, &issuer);
        more[2] = "--relay";
    }
    scenario_wallet(s);
    offer = scenario_issuer_offer(s, &issuer);
    scenario_say("authority", "offers a driving licence, and gives a transaction code apart from it");
    putchar('\n');
    return show(s, scenario_accept(s, &offer, more));
}

int
scenario_identify(scenario *s)
{
    static const char *const none[] = { NULL };
    scenario_issuer issuer;
    scenario_offer offer;
    int tell[2], back[2];
    pid_t officer;

    scenario_issuer_start(s, &issuer);
    scenario_wallet(s);
    if (pipe2(tell, O_CLOEXEC) != 0 || pipe2(back, O_CLOEXEC) != 0) {
        cli_die_text("pipe", strerror(errno));
    }
    putchar('\n');
    fflush(stdout);
    officer = fork();
    if (officer < 0) {
        cli_die_text("fork", strerror(errno));
    }
    if (officer == 0) {
        close(tell[0]);
        close(back[0]);
        offer = scenario_officer(s, &issuer, tell[1]);
        (void)dprintf(back[1], "%s\n%s\n", offer.link, offer.tx_code);
        _exit(CLI_VALID);
    }
    close(tell[1]);
    close(back[1]);
    scenario_print_crossings(s, tell[0]);
    offer = scenario_offer_read(back[0]);
    if (scenario_wait(s, officer) != CLI_VALID || offer.link == NULL) {
        scenario_show(s, "authority.txt");
        return CLI_UNJUDGED;
    }
    scenario_say("\nholder", "scans the code on the officer's screen, and is told the transaction code");
    putchar('\n');
    return show(s, scenario_accept(s, &offer, none));
}
