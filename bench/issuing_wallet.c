/* SPDX-License-Identifier: Apache-2.0 */
#include "issuing_wallet.h"

#include "carnet/json.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void
must(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "issuing: %s\n", what);
        exit(3);
    }
}

static double
seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double
cpu_of_thread(void)
{
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}

double
now_of_wall(void)
{
    return seconds(CLOCK_MONOTONIC);
}

/* --- HTTP on one connection --- */

static int
dial(const char *url)
{
    const char *colon = strrchr(url, ':');
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    must(colon != NULL && strncmp(url, "http://127.0.0.1:", 17) == 0, "URLs are http://127.0.0.1:PORT");
    address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    must(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "nobody listens there");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

static bool
send_all(int fd, const char *ptr, size_t len, int flags)
{
    while (len > 0) {
        ssize_t n = send(fd, ptr, len, MSG_NOSIGNAL | flags);

        if (n <= 0)
            return false;
        ptr += n;
        len -= (size_t)n;
    }
    return true;
}

static const char *
field(const char *head, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':')
            return line + 3 + len + strspn(line + 3 + len, " ");
    return NULL;
}

static bool
read_answer(wallet *w)
{
    size_t got = 0, head = 0, length;
    const char *value;

    while (head == 0) {
        ssize_t n = recv(w->fd, w->answer + got, WALLET_ANSWER - 1 - got, 0);
        char *end;

        if (n <= 0)
            return false;
        got += (size_t)n;
        w->answer[got] = '\0';
        end = strstr((char *)w->answer, "\r\n\r\n");
        head = end == NULL ? 0 : (size_t)(end + 4 - (char *)w->answer);
    }
    must(head < WALLET_HEAD, "a header is too long");
    memcpy(w->head, w->answer, head);
    w->head[head] = '\0';
    w->status = (int)strtol(w->head + 9, NULL, 10);
    value = field(w->head, "Content-Length");
    length = value == NULL ? 0 : strtoul(value, NULL, 10);
    while (got < head + length) {
        ssize_t n = recv(w->fd, w->answer + got, head + length - got, 0);

        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    memmove(w->answer, w->answer + head, length);
    w->answer[length] = '\0';
    w->answer_len = length;
    return true;
}

static bool
closes(const wallet *w)
{
    const char *value = field(w->head, "Connection");

    return value != NULL && strncasecmp(value, "close", 5) == 0;
}

/* One request; the connection is made anew when the other end has closed it. */
static void
post(wallet *w, const char *base, const char *path, const char *fields, const char *body, size_t len)
{
    char head[WALLET_HEAD];
    int n = snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %zu\r\n\r\n", path,
                     base + 7, fields, len);
    const char *value;

    must(n > 0 && (size_t)n < sizeof(head), "a request's header is too long");
    for (int attempt = 0;; attempt++) {
        if (w->fd < 0)
            w->fd = dial(base);
        if (send_all(w->fd, head, (size_t)n, len > 0 ? MSG_MORE : 0) && send_all(w->fd, body, len, 0) && read_answer(w))
            break;
        must(attempt < 3, "the connection was lost");
        (void)close(w->fd);
        w->fd = -1;
    }
    w->requests++;
    value = field(w->head, "DPoP-Nonce");
    if (value != NULL)
        (void)snprintf(w->dpop_nonce, sizeof(w->dpop_nonce), "%.*s", (int)strcspn(value, "\r"), value);
    if (closes(w)) {
        (void)close(w->fd);
        w->fd = -1;
    }
}

/* --- what a wallet says --- */

static void
take_text(const wallet *w, const char *outer, const char *name, char *out, size_t size)
{
    carnet_json *json = NULL;
    const carnet_json *value;
    carnet_str text;

    must(carnet_json_parse((carnet_str){ (const char *)w->answer, w->answer_len }, &json, NULL) == CARNET_OK,
         "no JSON");
    value = outer == NULL ? json : carnet_json_get(json, outer);
    text = carnet_json_string(carnet_json_get(value, name));
    must(text.len > 0 && text.len < size, name);
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    carnet_json_free(&json);
}

static size_t
proof_of_token(wallet *w, const char *path, bool with_token, char *out, size_t size)
{
    char url[256];
    carnet_buf buf = carnet_buf_of(out, size);
    carnet_dpop_spec spec = { .struct_size = sizeof(spec),
                              .method = carnet_str_of("POST"),
                              .access_token = carnet_str_of(with_token ? w->token : NULL),
                              .nonce = carnet_str_of(w->dpop_nonce),
                              .issued_at = time(NULL) };

    (void)snprintf(url, sizeof(url), "%s%s", w->base, path);
    spec.url = carnet_str_of(url);
    must(carnet_dpop_make(&spec, &w->dpop, &w->crypto, &buf, NULL) == CARNET_OK, "no DPoP proof");
    return buf.len;
}

static void
post_with_proof(wallet *w, const char *path, bool with_token, const char *type, const char *body, size_t len)
{
    char proof[1536], fields[2560];
    int size;

    for (int attempt = 0; attempt < 2; attempt++) {
        size = (int)proof_of_token(w, path, with_token, proof, sizeof(proof));
        (void)snprintf(fields, sizeof(fields), "Content-Type: %s\r\nDPoP: %.*s\r\n%s%s%s", type, size, proof,
                       with_token ? "Authorization: DPoP " : "", with_token ? w->token : "", with_token ? "\r\n" : "");
        post(w, w->base, path, fields, body, len);
        if (strstr((const char *)w->answer, "use_dpop_nonce") == NULL)
            return;
    }
}

void
wallet_open(wallet *w, const char *base, const char *admin, const char *configuration, const char *subject)
{
    char code[256], body[1024];
    int len = snprintf(body, sizeof(body), "{\"credential_configuration_ids\":[\"%s\"],\"subject\":\"%s\"}",
                       configuration, subject);
    carnet_json *json = NULL;
    const carnet_json *grant;
    carnet_str text;

    memset(w, 0, sizeof(*w));
    w->base = base;
    w->fd = -1;
    w->answer = malloc(WALLET_ANSWER);
    must(w->answer != NULL, "no memory");
    (void)snprintf(w->configuration, sizeof(w->configuration), "%s", configuration);
    must(carnet_crypto_init(&w->crypto, NULL) == CARNET_OK, "no crypto");
    must(carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w->dpop, NULL) == CARNET_OK,
         "no key");
    post(w, admin, "/admin/offers", "Content-Type: application/json\r\n", body, (size_t)len);
    must(w->status == 201, (const char *)w->answer);
    (void)close(w->fd);
    w->fd = -1;
    must(carnet_json_parse((carnet_str){ (const char *)w->answer, w->answer_len }, &json, NULL) == CARNET_OK,
         "no JSON");
    grant = carnet_json_get(carnet_json_get(carnet_json_get(json, "offer"), "grants"),
                            "urn:ietf:params:oauth:grant-type:pre-authorized_code");
    text = carnet_json_string(carnet_json_get(grant, "pre-authorized_code"));
    must(text.len > 0 && text.len < sizeof(code), "no code");
    (void)snprintf(code, sizeof(code), "%.*s", (int)text.len, text.ptr);
    carnet_json_free(&json);
    len = snprintf(body, sizeof(body),
                   "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Apre-authorized_code&"
                   "pre-authorized_code=%s",
                   code);
    post_with_proof(w, "/token", false, "application/x-www-form-urlencoded", body, (size_t)len);
    must(w->status == 200, (const char *)w->answer);
    take_text(w, NULL, "access_token", w->token, sizeof(w->token));
}

void
wallet_close(wallet *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    carnet_key_done(&w->dpop);
    carnet_crypto_done(&w->crypto);
    free(w->answer);
}

static void
add_proof(wallet *w, carnet_buf *body)
{
    carnet_credential_proof_spec spec = { .audience = carnet_str_of(w->base),
                                          .nonce = carnet_str_of(w->nonce),
                                          .issued_at = time(NULL) };
    carnet_key key;

    must(carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, NULL) == CARNET_OK,
         "no key");
    must(carnet_credential_proof_make(&spec, &key, &w->crypto, body, NULL) == CARNET_OK, "no proof");
    carnet_key_done(&key);
}

bool
wallet_obtain(wallet *w, size_t count)
{
    carnet_buf body = carnet_buf_of(w->body, sizeof(w->body));

    post(w, w->base, "/nonce", "", "", 0);
    must(w->status == 200, (const char *)w->answer);
    take_text(w, NULL, "c_nonce", w->nonce, sizeof(w->nonce));
    carnet_buf_add_text(&body, "{\"credential_configuration_id\":\"");
    carnet_buf_add_text(&body, w->configuration);
    carnet_buf_add_text(&body, "\",\"proofs\":{\"jwt\":[");
    for (size_t i = 0; i < count; i++) {
        carnet_buf_add_text(&body, i == 0 ? "\"" : ",\"");
        add_proof(w, &body);
        carnet_buf_add_text(&body, "\"");
    }
    carnet_buf_add_text(&body, "]}}");
    must(!body.overflow, "a batch is too large");
    post_with_proof(w, "/credential", true, "application/json", w->body, body.len);
    return w->status == 200;
}
