/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc_world.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RETURN "https://issuer.example/t/authorize/return"

/* --- the provider --- */

/* The whole request: header, and as much body as it says; zero-terminated. */
static bool
hear(int connection, char *text, size_t cap)
{
    size_t len = 0, want = cap;

    while (len < want && len < cap - 1) {
        const ssize_t got = read(connection, text + len, cap - 1 - len);
        const char *end, *size;

        if (got <= 0)
            return false;
        len += (size_t)got;
        text[len] = '\0';
        end = strstr(text, "\r\n\r\n");
        if (end == NULL)
            continue;
        size = strcasestr(text, "content-length:");
        want = (size_t)(end + 4 - text) + (size != NULL && size < end ? strtoul(size + 15, NULL, 10) : 0);
    }
    return len >= want;
}

static void
answer(oidc_peer *p, const char *request, char *out, size_t cap)
{
    const char *said = "";

    (void)pthread_mutex_lock(&p->lock);
    if (strncmp(request, "GET /.well-known/openid-configuration ", 38) == 0) {
        p->discoveries++;
        said = p->discovery;
    } else if (strncmp(request, "GET /jwks ", 10) == 0) {
        p->key_sets++;
        said = p->jwks;
    } else if (strncmp(request, "POST /token ", 12) == 0) {
        (void)snprintf(p->form, sizeof(p->form), "%s", strstr(request, "\r\n\r\n") + 4);
        said = p->token;
    }
    (void)snprintf(
        out, cap, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
        *said != '\0' ? "200 OK" : "500 No", strlen(said), said);
    (void)pthread_mutex_unlock(&p->lock);
}

static void *
serve(void *self)
{
    static char request[16384], reply[32768];
    oidc_peer *p = self;

    for (;;) {
        const int connection = accept(p->listener, NULL, NULL);
        bool ends;

        (void)pthread_mutex_lock(&p->lock);
        ends = p->ends;
        (void)pthread_mutex_unlock(&p->lock);
        if (ends || connection < 0) {
            (void)close(connection);
            return NULL;
        }
        if (hear(connection, request, sizeof(request))) {
            answer(p, request, reply, sizeof(reply));
            (void)send(connection, reply, strlen(reply), MSG_NOSIGNAL);
        }
        (void)close(connection);
    }
}

static int
peer_begin(oidc_peer *p)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(at);

    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (size_t i = 0; i < 2; i++)
        p->keys[i] = EVP_RSA_gen(2048);
    if (p->listener < 0 || bind(p->listener, (struct sockaddr *)&at, size) != 0 || listen(p->listener, 16) != 0 ||
        getsockname(p->listener, (struct sockaddr *)&at, &size) != 0 || p->keys[0] == NULL || p->keys[1] == NULL)
        return -1;
    (void)snprintf(p->issuer, sizeof(p->issuer), "http://127.0.0.1:%u", ntohs(at.sin_port));
    (void)pthread_mutex_init(&p->lock, NULL);
    return pthread_create(&p->thread, NULL, serve, p);
}

/* A connection that says nothing wakes it. */
static void
peer_end(oidc_peer *p)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t size = sizeof(at);
    const int knock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)pthread_mutex_lock(&p->lock);
    p->ends = true;
    (void)pthread_mutex_unlock(&p->lock);
    (void)getsockname(p->listener, (struct sockaddr *)&at, &size);
    (void)connect(knock, (struct sockaddr *)&at, size);
    (void)pthread_join(p->thread, NULL);
    (void)close(knock);
    (void)close(p->listener);
    for (size_t i = 0; i < 2; i++)
        EVP_PKEY_free(p->keys[i]);
    (void)pthread_mutex_destroy(&p->lock);
}

/* --- its keys --- */

static void
number(const EVP_PKEY *key, const char *name, char *out, size_t cap)
{
    uint8_t octets[512];
    BIGNUM *value = NULL;
    carnet_buf text = carnet_buf_of((uint8_t *)out, cap - 1);

    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &value), 1);
    carnet_base64url_encode(carnet_span_of(octets, (size_t)BN_bn2bin(value, octets)), &text);
    BN_free(value);
    assert_false(text.overflow);
    out[text.len] = '\0';
}

void
oidc_world_publish(oidc_world *w, size_t key, const char *name, const char *more, const char *other)
{
    char n[512], e[16];

    number(w->peer.keys[key], OSSL_PKEY_PARAM_RSA_N, n, sizeof(n));
    number(w->peer.keys[key], OSSL_PKEY_PARAM_RSA_E, e, sizeof(e));
    (void)pthread_mutex_lock(&w->peer.lock);
    (void)snprintf(w->peer.jwks, sizeof(w->peer.jwks),
                   "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}%s%s]}", name, n, e, more,
                   other != NULL ? "," : "", other != NULL ? other : "");
    (void)pthread_mutex_unlock(&w->peer.lock);
}

static size_t
sign_rsa(EVP_PKEY *key, const char *algorithm, carnet_span input, uint8_t *signature, size_t size)
{
    char digest[] = "SHA256";
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *padding = NULL;
    const bool pss = algorithm[0] == 'P';

    memcpy(digest + 3, algorithm + 2, 3);
    assert_int_equal(EVP_DigestSignInit_ex(ctx, &padding, digest, NULL, NULL, key, NULL), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(padding, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING), 1);
    if (pss)
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &size, input.ptr, input.len), 1);
    EVP_MD_CTX_free(ctx);
    return size;
}

/* What everybody can read, as if it were a secret. */
static size_t
sign_mac(EVP_PKEY *key, carnet_crypto *crypto, carnet_span input, uint8_t *signature)
{
    uint8_t *der = NULL;
    const int len = i2d_PUBKEY(key, &der);

    assert_true(len > 0);
    assert_carnet_ok(carnet_hmac(crypto, CARNET_SHA256, carnet_span_of(der, (size_t)len), &input, 1, signature, NULL),
                     NULL);
    OPENSSL_free(der);
    return 32;
}

void
oidc_world_sign(oidc_world *w, size_t key, const char *algorithm, const char *name, const char *claims, char *out,
                size_t cap)
{
    carnet_buf text = carnet_buf_of((uint8_t *)out, cap - 1);
    uint8_t signature[512];
    char header[128];
    size_t len = 0;

    (void)snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"%s\"}", algorithm, name);
    carnet_base64url_encode(carnet_str_bytes(carnet_str_of(header)), &text);
    carnet_buf_add_byte(&text, '.');
    carnet_base64url_encode(carnet_str_bytes(carnet_str_of(claims)), &text);
    if (algorithm[0] == 'R' || algorithm[0] == 'P')
        len = sign_rsa(w->peer.keys[key], algorithm, carnet_buf_span(&text), signature, sizeof(signature));
    else if (algorithm[0] == 'H')
        len = sign_mac(w->peer.keys[key], world_worker(&w->base)->crypto, carnet_buf_span(&text), signature);
    carnet_buf_add_byte(&text, '.');
    carnet_base64url_encode(carnet_span_of(signature, len), &text);
    assert_false(text.overflow);
    out[text.len] = '\0';
}

/* --- the deployment --- */

int
oidc_world_begin(oidc_world *w)
{
    memset(w, 0, sizeof(*w));
    if (world_begin(&w->base) != 0 || peer_begin(&w->peer) != 0)
        return -1;
    (void)snprintf(w->peer.discovery, sizeof(w->peer.discovery),
                   "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/log-in\",\"token_endpoint\":\"%s/token\","
                   "\"jwks_uri\":\"%s/jwks\",\"authorization_response_iss_parameter_supported\":true}",
                   w->peer.issuer, w->peer.issuer, w->peer.issuer, w->peer.issuer);
    w->config = (carnet_config_oidc){ .issuer = w->peer.issuer,
                                      .client_id = (char *)(uintptr_t) "carnet",
                                      .client_secret_file = w->base.passphrase,
                                      .timeout_ms = 60000 };
    w->identification.oidc = &w->config;
    w->services.identification = &w->identification;
    w->base.config.services = &w->services;
    w->base.config.allow_insecure_loopback = true;
    w->base.hooks.scratch_size = 8388608;
    world_open(&w->base);
    oidc_world_restart(w);
    return 0;
}

int
oidc_world_end(oidc_world *w)
{
    carnet_oidc_part.done(w->o);
    peer_end(&w->peer);
    return world_end(&w->base);
}

void
oidc_world_restart(oidc_world *w)
{
    void *self = NULL;
    carnet_err err = { 0 };

    carnet_oidc_part.done(w->o);
    assert_carnet_ok(carnet_oidc_part.init(w->base.context, NULL, &self, &err), &err);
    w->o = self;
    (void)pthread_mutex_lock(&w->peer.lock);
    w->peer.discoveries = w->peer.key_sets = 0;
    (void)pthread_mutex_unlock(&w->peer.lock);
    w->base.log_len = 0;
}

/* --- the browser --- */

static carnet_identification_request
request_of(const oidc_world *w, carnet_service_worker *worker)
{
    return (carnet_identification_request){ .flow = carnet_str_of("a flow"),
                                            .return_base = carnet_str_of(RETURN),
                                            .now = w->base.now,
                                            .crypto = worker->crypto,
                                            .random = worker->random,
                                            .worker = worker };
}

void
oidc_world_send(oidc_world *w)
{
    static uint8_t octets[CARNET_IDENTIFICATION_ROOM];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    const carnet_identification_request request = request_of(w, world_worker(&w->base));
    carnet_identification_step step;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_oidc_begin(w->o, &request, &room, &step, &err), &err);
    w->state_len = step.state.len;
    w->uri[0] = '\0';
    if (step.outcome != CARNET_IDENTIFICATION_PENDING)
        return;
    assert_true(step.uri.len < sizeof(w->uri) && step.state.len == OIDC_NONCE + 43);
    memcpy(w->uri, step.uri.ptr, step.uri.len);
    w->uri[step.uri.len] = '\0';
    memcpy(w->state, step.state.ptr, step.state.len);
}

carnet_identification_step
oidc_world_return(oidc_world *w, const char *parameters)
{
    static uint8_t octets[CARNET_IDENTIFICATION_ROOM];
    carnet_identification_parameter list[8];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_identification_request request = request_of(w, world_worker(&w->base));
    carnet_identification_step step;
    carnet_err err = { 0 };

    for (const char *at = parameters; *at != '\0';) {
        const char *is = strchr(at, '='), *end = is + strcspn(is, "&");

        list[request.parameter_count++] =
            (carnet_identification_parameter){ { at, (size_t)(is - at) }, { is + 1, (size_t)(end - is - 1) } };
        at = end + (*end == '&');
    }
    request.parameters = list;
    request.state = carnet_span_of(w->state, w->state_len);
    assert_carnet_ok(carnet_oidc_resume(w->o, &request, &room, &step, &err), &err);
    carnet_service_copy(w->subject, sizeof(w->subject), step.subject);
    return step;
}

bool
oidc_world_told(oidc_world *w, const char *text)
{
    const bool told = w->base.log_len > 0 && strstr(w->base.log, text) != NULL;

    w->base.log_len = 0;
    w->base.log[0] = '\0';
    return told;
}
