/* SPDX-License-Identifier: Apache-2.0 */
/* carnetd as a program that can be killed. */
#include "world.h"

#include "carnet/fetch_request.h"
#include "carnet/json.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
world_spawn(world *w)
{
    const struct timespec pause = { 0, 10000000 };
    char config[96], log[96];

    (void)snprintf(config, sizeof(config), "%s/carnetd.yaml", w->folder);
    (void)snprintf(log, sizeof(log), "%s/log", w->folder);
    w->pid = fork();
    if (w->pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

        (void)dup2(fd, 1);
        (void)execl(CARNETD, "carnetd", "--config", config, (char *)NULL);
        _exit(126);
    }
    assert_true(w->pid > 0);
    atomic_store(&w->provider.victim, w->pid);
    for (int i = 0; i < 3000 && !answers(w); i++) {
        if (waitpid(w->pid, NULL, WNOHANG) == w->pid)
            fail_msg("carnetd ended at once");
        (void)nanosleep(&pause, NULL);
    }
}

void
world_kill(world *w, int signal)
{
    if (w->pid <= 0)
        return;
    (void)kill(w->pid, signal);
    assert_int_equal(waitpid(w->pid, NULL, 0), w->pid);
    w->pid = 0;
}

/* As nginx hands it on: PEM, percent-encoded. */
static void
write_certificate(carnet_span der, char *out, size_t size)
{
    uint8_t room[4096];
    carnet_buf pem = carnet_buf_of(room, sizeof(room));
    size_t n = (size_t)snprintf(out, size, "Client-Cert: ");

    carnet_pem_encode("CERTIFICATE", der, &pem);
    for (size_t i = 0; i < pem.len; i++)
        n += (size_t)snprintf(out + n, size - n, strchr("\n +", pem.ptr[i]) != NULL ? "%%%02X" : "%c", pem.ptr[i]);
}

bool
ask_program(const world *w, client who, const char *path, const char *body, reply *r)
{
    static uint8_t header[32768];
    static char certificate[8192];
    const bool admin = strncmp(path, "admin/", 6) == 0;
    char uri[128];
    carnet_str fields[2] = { carnet_str_of("Content-Type: application/json") };
    const carnet_fetch_limits limits = { .plain_loopback = true, .timeout_ms = 60000 };
    carnet_fetch_request request = { .method = admin ? "PUT" : "POST",
                                     .fields = fields,
                                     .field_count = who != NOBODY ? 2 : 1,
                                     .body = carnet_span_of(body, strlen(body)) };
    carnet_fetch_answer answer = { .header = carnet_buf_of(header, sizeof(header)),
                                   .body = carnet_buf_of(r->body, sizeof(r->body) - 1) };
    carnet_json *refused;

    if (who != NOBODY)
        write_certificate(w->certificates[who], certificate, sizeof(certificate));
    fields[1] = carnet_str_of(certificate);
    (void)snprintf(uri, sizeof(uri), "http://127.0.0.1:%u/%s%s", w->port + admin, admin ? "" : "p1940/v1/", path);
    request.uri = carnet_str_of(uri);
    carnet_json_free(&r->json);
    if (carnet_fetch_ask(NULL, &request, &limits, &answer, NULL) != CARNET_OK)
        return false;
    r->body[answer.body.len] = '\0';
    r->status = (int)answer.status;
    r->error[0] = '\0';
    if (answer.status == 200)
        return carnet_json_parse(carnet_buf_str(&answer.body), &r->json, NULL) == CARNET_OK;
    (void)snprintf(r->error, sizeof(r->error), "-");
    if (carnet_json_parse(carnet_buf_str(&answer.body), &refused, NULL) == CARNET_OK) {
        const carnet_str word = carnet_json_string(carnet_json_get(refused, "error"));

        (void)snprintf(r->error, sizeof(r->error), "%.*s", (int)word.len, word.ptr);
        carnet_json_free(&refused);
    }
    return true;
}
