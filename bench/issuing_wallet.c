/* SPDX-License-Identifier: Apache-2.0 */
#include "issuing_wallet.h"

#include "carnet/json.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* --- HTTP on one connection --- */

static void
dial(wallet *w, const char *url)
{
    const char *colon = strrchr(url, ':');
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = w };
    int on = 1;

    must(colon != NULL && strncmp(url, "http://127.0.0.1:", 17) == 0, "URLs are http://127.0.0.1:PORT");
    w->fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    must(w->fd >= 0 && connect(w->fd, (struct sockaddr *)&address, sizeof(address)) == 0, "nobody listens there");
    (void)setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    must(w->poll < 0 || epoll_ctl(w->poll, EPOLL_CTL_ADD, w->fd, &event) == 0, "no epoll");
}

static void
hang_up(wallet *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    w->fd = -1;
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

/* Once more after the connection was lost, too. */
static void
send_request(wallet *w)
{
    for (;; hang_up(w)) {
        must(w->attempts++ < 4, "the connection was lost");
        if (w->fd < 0)
            dial(w, w->to);
        w->got = w->head_len = 0;
        if (send_all(w->fd, w->request, w->request_len, w->content_len > 0 ? MSG_MORE : 0) &&
            send_all(w->fd, w->content, w->content_len, 0))
            return;
    }
}

/* `content` must last until the answer. */
static void
ask(wallet *w, const char *base, const char *path, const char *fields, const char *content, size_t len)
{
    int n = snprintf(w->request, sizeof(w->request), "POST %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %zu\r\n\r\n",
                     path, base + 7, fields, len);

    must(n > 0 && (size_t)n < sizeof(w->request), "a request's header is too long");
    w->to = base;
    w->request_len = (size_t)n;
    w->content = content;
    w->content_len = len;
    w->attempts = 0;
    w->requests++;
    send_request(w);
}

static void
take_head(wallet *w)
{
    const char *end = strstr((char *)w->answer, "\r\n\r\n"), *value;

    if (end == NULL)
        return;
    w->head_len = (size_t)(end + 4 - (char *)w->answer);
    must(w->head_len < WALLET_HEAD, "a header is too long");
    memcpy(w->head, w->answer, w->head_len);
    w->head[w->head_len] = '\0';
    w->status = (int)strtol(w->head + 9, NULL, 10);
    value = field(w->head, "Content-Length");
    w->answer_len = value == NULL ? 0 : strtoul(value, NULL, 10);
    must(w->head_len + w->answer_len < WALLET_ANSWER, "an answer is too long");
}

static void
finish(wallet *w)
{
    const char *nonce = field(w->head, "DPoP-Nonce"), *connection = field(w->head, "Connection");

    memmove(w->answer, w->answer + w->head_len, w->answer_len);
    w->answer[w->answer_len] = '\0';
    if (nonce != NULL)
        (void)snprintf(w->dpop_nonce, sizeof(w->dpop_nonce), "%.*s", (int)strcspn(nonce, "\r"), nonce);
    if (connection != NULL && strncasecmp(connection, "close", 5) == 0)
        hang_up(w);
}

/* True when the answer is there whole; what has come is taken, and with MSG_DONTWAIT in `flags` none is waited for. */
static bool
take_answer(wallet *w, int flags)
{
    size_t room = (w->head_len == 0 ? WALLET_ANSWER - 1 : w->head_len + w->answer_len) - w->got;
    ssize_t n = recv(w->fd, w->answer + w->got, room, flags);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0) { /* the other end has closed it */
        hang_up(w);
        send_request(w);
        return false;
    }
    w->got += (size_t)n;
    w->answer[w->got] = '\0';
    if (w->head_len == 0)
        take_head(w);
    if (w->head_len == 0 || w->got < w->head_len + w->answer_len)
        return false;
    finish(w);
    return true;
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
ask_with_proof(wallet *w, const char *path, bool with_token, const char *type, const char *content, size_t len)
{
    char proof[1536], fields[2560];
    int size = (int)proof_of_token(w, path, with_token, proof, sizeof(proof));

    (void)snprintf(fields, sizeof(fields), "Content-Type: %s\r\nDPoP: %.*s\r\n%s%s%s", type, size, proof,
                   with_token ? "Authorization: DPoP " : "", with_token ? w->token : "", with_token ? "\r\n" : "");
    ask(w, w->base, path, fields, content, len);
}

static bool
wants_nonce(const wallet *w)
{
    return w->status >= 400 && strstr((const char *)w->answer, "use_dpop_nonce") != NULL;
}

static void
wait_for_answer(wallet *w)
{
    while (!take_answer(w, 0)) {
    }
}

void
wallet_open(wallet *w, const char *base, const char *admin, const char *configuration, const char *subject, int poll)
{
    char code[256];
    int len = snprintf(w->body, sizeof(w->body), "{\"credential_configuration_ids\":[\"%s\"],\"subject\":\"%s\"}",
                       configuration, subject);
    carnet_json *json = NULL;
    const carnet_json *grant;
    carnet_str text;

    w->base = base;
    w->fd = w->poll = -1;
    w->answer = malloc(WALLET_ANSWER);
    must(w->answer != NULL, "no memory");
    (void)snprintf(w->configuration, sizeof(w->configuration), "%s", configuration);
    must(carnet_crypto_init(&w->crypto, NULL) == CARNET_OK, "no crypto");
    must(carnet_software_key_generate(&w->crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &w->dpop, NULL) == CARNET_OK,
         "no key");
    ask(w, admin, "/admin/offers", "Content-Type: application/json\r\n", w->body, (size_t)len);
    wait_for_answer(w);
    must(w->status == 201, (const char *)w->answer);
    hang_up(w);
    must(carnet_json_parse((carnet_str){ (const char *)w->answer, w->answer_len }, &json, NULL) == CARNET_OK,
         "no JSON");
    grant = carnet_json_get(carnet_json_get(carnet_json_get(json, "offer"), "grants"),
                            "urn:ietf:params:oauth:grant-type:pre-authorized_code");
    text = carnet_json_string(carnet_json_get(grant, "pre-authorized_code"));
    must(text.len > 0 && text.len < sizeof(code), "no code");
    (void)snprintf(code, sizeof(code), "%.*s", (int)text.len, text.ptr);
    carnet_json_free(&json);
    len = snprintf(w->body, sizeof(w->body),
                   "grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Apre-authorized_code&"
                   "pre-authorized_code=%s",
                   code);
    w->poll = poll;
    for (int attempt = 0; attempt == 0 || (attempt == 1 && wants_nonce(w)); attempt++) {
        ask_with_proof(w, "/token", false, "application/x-www-form-urlencoded", w->body, (size_t)len);
        wait_for_answer(w);
    }
    must(w->status == 200, (const char *)w->answer);
    take_text(w, NULL, "access_token", w->token, sizeof(w->token));
}

void
wallet_close(wallet *w)
{
    hang_up(w);
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

void
wallet_begin(wallet *w, size_t count)
{
    w->step = WALLET_NONCE;
    w->count = count;
    ask(w, w->base, "/nonce", "", "", 0);
}

static void
prove(wallet *w)
{
    carnet_buf body = carnet_buf_of(w->body, sizeof(w->body));

    carnet_buf_add_text(&body, "{\"credential_configuration_id\":\"");
    carnet_buf_add_text(&body, w->configuration);
    carnet_buf_add_text(&body, "\",\"proofs\":{\"jwt\":[");
    for (size_t i = 0; i < w->count; i++) {
        carnet_buf_add_text(&body, i == 0 ? "\"" : ",\"");
        add_proof(w, &body);
        carnet_buf_add_text(&body, "\"");
    }
    carnet_buf_add_text(&body, "]}}");
    must(!body.overflow, "a batch is too large");
    w->body_len = body.len;
}

wallet_state
wallet_go_on(wallet *w)
{
    if (w->step == WALLET_RESTS) /* the other end has closed it */
        hang_up(w);
    if (w->step == WALLET_RESTS || !take_answer(w, MSG_DONTWAIT))
        return WALLET_WAITS;
    if (w->step == WALLET_NONCE) {
        must(w->status == 200, (const char *)w->answer);
        take_text(w, NULL, "c_nonce", w->nonce, sizeof(w->nonce));
        prove(w);
    } else if (w->step == WALLET_AGAIN || !wants_nonce(w)) {
        w->step = WALLET_RESTS;
        return w->status == 200 ? WALLET_HAS : WALLET_REFUSED;
    }
    w->step = w->step == WALLET_NONCE ? WALLET_CREDENTIAL : WALLET_AGAIN;
    ask_with_proof(w, "/credential", true, "application/json", w->body, w->body_len);
    return WALLET_WAITS;
}
