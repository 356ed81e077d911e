/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FORM "application/x-www-form-urlencoded"

static uint8_t octets[8 << 20];

static carnet_rc
echo(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    (void)self;
    (void)err;
    carnet_buf_add(&r->body, q->body);
    return CARNET_OK;
}

static carnet_rc
form(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    (void)self;
    (void)err;
    carnet_buf_add_str(&r->body, *carnet_service_parameter_get(&q->form, "code"));
    return CARNET_OK;
}

static carnet_rc
item(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    const carnet_str *lang = carnet_service_parameter_get(&q->query, "lang");

    (void)self;
    r->content_type = "text/plain";
    carnet_buf_add_str(&r->body, *carnet_service_parameter_get(&q->in_path, "identifier"));
    carnet_buf_add_text(&r->body, "|");
    if (lang != NULL)
        carnet_buf_add_str(&r->body, *lang);
    carnet_buf_add_text(&r->body, "|");
    carnet_buf_add_str(&r->body, carnet_service_header(q, "X-Test"));
    carnet_buf_add_text(&r->body, "|");
    carnet_buf_add_str(&r->body, q->peer);
    return carnet_service_set_header(r, "X-Answer", carnet_str_of("yes"), err);
}

static carnet_rc
held(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    world *w = self;

    (void)q;
    (void)err;
    atomic_fetch_add(&w->holding, 1);
    while (atomic_load(&w->held))
        world_sleep(5);
    carnet_buf_add_text(&r->body, "{\"held\":true}");
    return CARNET_OK;
}

static carnet_rc
refuse(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    (void)self;
    (void)q;
    r->error = "invalid_grant";
    carnet_buf_add_text(&r->body, "half an answer");
    return carnet_fail(err, CARNET_E_ROLE_UNSATISFIED, NULL, "the code was used before");
}

static carnet_rc
inside(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    (void)self;
    (void)q;
    (void)r;
    return carnet_fail(err, CARNET_E_LINK_IO, NULL, "the store at /var/lib is away");
}

static carnet_rc
big(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    (void)self;
    (void)q;
    (void)err;
    r->fixed = carnet_span_of(octets, sizeof(octets));
    r->content_type = "application/octet-stream";
    return CARNET_OK;
}

static carnet_rc
split(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    (void)self;
    (void)q;
    return carnet_service_set_header(r, "X-Answer", carnet_str_of("a\r\nSet-Cookie: b"), err);
}

static carnet_rc
who(void *self, const carnet_service_request *q, carnet_service_response *r, carnet_err *err)
{
    (void)self;
    (void)err;
    carnet_buf_add_uint(&r->body, q->certificate.len);
    carnet_buf_add_text(&r->body, q->trusted ? " trusted" : " not trusted");
    return CARNET_OK;
}

static const carnet_service_parameter_rule form_rules[] = {
    { .name = "code", .description = "the code that was handed over", .in_form = true, .required = true },
};
static const carnet_service_parameter_rule item_rules[] = { { .name = "lang", .description = "of the text" } };

/* Nothing to say for 400 ms, or until the service ends. */
static carnet_rc
waits(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)err;
    carnet_buf_add_text(&response->body, request->waited_ms == UINT_MAX ? "ended" : "waited");
    if (request->waited_ms < 400)
        response->again_ms = 50;
    return carnet_service_set_header(response, "X-Turn", carnet_str_of("one"), err);
}

/* Never has anything to say. */
static carnet_rc
waits_for_ever(void *self, const carnet_service_request *request, carnet_service_response *response, carnet_err *err)
{
    (void)self;
    (void)request;
    (void)err;
    response->again_ms = 50;
    return CARNET_OK;
}

const carnet_service_route world_routes[] = {
    { .method = CARNET_SERVICE_POST,
      .name = "echo",
      .path = "/echo",
      .run = echo,
      .accepts = "application/json",
      .body_max = 1000,
      .answer_max = 1000 },
    { .method = CARNET_SERVICE_POST, .name = "quick", .path = "/quick", .run = echo, .body_max = 1000, .body_ms = 200 },
    { .method = CARNET_SERVICE_POST,
      .name = "form",
      .path = "/form",
      .run = form,
      .accepts = FORM,
      .body_max = 1000,
      .parameters = form_rules,
      .parameter_count = 1 },
    { .method = CARNET_SERVICE_GET,
      .name = "item",
      .path = "/items/{identifier}",
      .run = item,
      .answers = "text/plain",
      .parameters = item_rules,
      .parameter_count = 1,
      .summary = "One item" },
    { .method = CARNET_SERVICE_DELETE, .name = "item_delete", .path = "/items/{identifier}", .run = refuse },
    { .method = CARNET_SERVICE_GET, .name = "held", .path = "/held", .run = held },
    { .method = CARNET_SERVICE_GET, .name = "inside", .path = "/inside", .run = inside },
    { .method = CARNET_SERVICE_GET, .name = "split", .path = "/split", .run = split },
    { .method = CARNET_SERVICE_GET, .name = "big", .path = "/big", .run = big },
    { .method = CARNET_SERVICE_GET, .name = "rated", .path = "/rated", .run = who, .rate = 6, .burst = 2 },
    { .method = CARNET_SERVICE_GET, .name = "who", .path = "/who", .run = who },
    { .method = CARNET_SERVICE_GET, .name = "mutual", .path = "/mutual", .run = who, .client_certificate = true },
    { .method = CARNET_SERVICE_POST, .name = "open", .path = "/open", .run = refuse, .cross_origin = true },
    { .method = CARNET_SERVICE_GET, .name = "waits", .path = "/waits", .run = waits },
    { .method = CARNET_SERVICE_GET, .name = "waits_for_ever", .path = "/waits/for-ever", .run = waits_for_ever },
};
const size_t world_route_count = sizeof(world_routes) / sizeof(world_routes[0]);

static carnet_rc
fill(void *self, uint8_t *out, size_t len)
{
    (void)self;
    return getrandom(out, len, 0) == (ssize_t)len ? CARNET_OK : CARNET_E_CRYPTO_RANDOM;
}

static void
take_line(void *self, carnet_str line, bool success)
{
    world *w = self;

    if (line.len + 2 > sizeof(w->log) - w->log_len)
        return;
    memcpy(w->log + w->log_len, line.ptr, line.len);
    w->log_len += line.len;
    w->log[w->log_len++] = '\n';
    w->log[w->log_len] = '\0';
    w->successes += success ? 1 : 0;
}

static bool
is_ready(void *self)
{
    world *w = self;

    return !atomic_load(&w->unready);
}

carnet_service_config
world_config(world *w)
{
    memset(w, 0, sizeof(*w));
    return (carnet_service_config){
        .address = "127.0.0.1",
        .routes = world_routes,
        .route_count = world_route_count,
        .self = w,
        .built_in = CARNET_SERVICE_HEALTH | CARNET_SERVICE_METRICS | CARNET_SERVICE_OPENAPI,
        .random = { fill, NULL },
        .header_ms = 5000,
        .log = take_line,
        .log_self = w,
        .ready = is_ready,
    };
}

void
world_start(world *w, const carnet_service_config *config)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_service_start(config, &w->service, &err), &err);
    w->port = carnet_service_port(w->service);
    assert_int_not_equal(w->port, 0);
}

int
world_connect(uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

void
world_send(int fd, const char *text)
{
    size_t len = strlen(text);

    assert_true(fd >= 0);
    (void)send(fd, text, len, MSG_NOSIGNAL);
}

const char *
world_read(int fd, int ms, bool *closed)
{
    static char got[65536];
    size_t len = 0;
    int64_t until = world_now() + ms, left;

    if (closed != NULL)
        *closed = false;
    while ((left = until - world_now()) > 0 && len < sizeof(got) - 1) {
        struct pollfd p = { fd, POLLIN, 0 };
        ssize_t n = poll(&p, 1, (int)left) > 0 ? recv(fd, got + len, sizeof(got) - 1 - len, 0) : -2;

        if (n > 0) {
            len += (size_t)n;
            continue;
        }
        if (closed != NULL)
            *closed = n != -2;
        break;
    }
    got[len] = '\0';
    return got;
}

const char *
world_ask(const world *w, const char *text)
{
    int fd = world_connect(w->port);
    const char *answer;

    world_send(fd, text);
    (void)shutdown(fd, SHUT_WR);
    answer = world_read(fd, 5000, NULL);
    (void)close(fd);
    return answer;
}

int
world_status(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(answer + 9, NULL, 10) : 0;
}

int
world_status_of(const world *w, const char *method, const char *path, const char *headers, const char *body)
{
    char text[4096];

    (void)snprintf(text, sizeof(text),
                   "%s %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n%s", method, path,
                   strlen(body), headers, body);
    return world_status(world_ask(w, text));
}

unsigned
world_count(const char *text, const char *what)
{
    unsigned n = 0;

    for (const char *p = strstr(text, what); p != NULL; p = strstr(p + 1, what))
        n++;
    return n;
}

long
world_metric(const world *w, const char *sample)
{
    const char *text = world_ask(w, "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
               *at = strstr(text, sample);

    return at != NULL ? strtol(at + strlen(sample), NULL, 10) : -1;
}

void
world_sleep(int ms)
{
    struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

    (void)nanosleep(&t, NULL);
}

int64_t
world_now(void)
{
    struct timespec t = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
