/* SPDX-License-Identifier: Apache-2.0 */
/* TLS by OpenSSL's libssl (RFC 9325: 1.2 with AEAD and ephemeral keys at least), driven by readiness. */
#include "internal.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct payment_tls {
    SSL_CTX *context;
    char *name;
    bool is_address;
};

struct payment_tls_peer {
    SSL *ssl;
    uint8_t *certificate;
    size_t certificate_len;
    bool broken; /* nothing may be sent any more, not even a farewell */
};

static carnet_rc
fail_tls(carnet_err *err, const char *otherwise)
{
    const unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return carnet_fail(err, CARNET_E_PAYMENT_TLS, NULL, reason != NULL ? reason : otherwise);
}

static bool
load(SSL_CTX *context, const carnet_payment_tls *from)
{
    if ((from->chain == NULL) != (from->key == NULL))
        return false;
    if (from->chain != NULL && (SSL_CTX_use_certificate_chain_file(context, from->chain) != 1 ||
                                SSL_CTX_use_PrivateKey_file(context, from->key, SSL_FILETYPE_PEM) != 1 ||
                                SSL_CTX_check_private_key(context) != 1))
        return false;
    return from->ca == NULL || SSL_CTX_load_verify_locations(context, from->ca, NULL) == 1;
}

static bool
set_up(SSL_CTX *context, const carnet_payment_end_config *config)
{
    const carnet_payment_tls *from = config->tls;
    const bool verify = !config->listens || from->clients;
    STACK_OF(X509_NAME) * names;

    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
        return false;
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, verify ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE, NULL);
    if (config->listens && from->clients && (names = SSL_load_client_CA_file(from->ca)) != NULL)
        SSL_CTX_set_client_CA_list(context, names);
    return true;
}

static bool
is_address(const char *name)
{
    ASN1_OCTET_STRING *octets = a2i_IPADDRESS(name);
    const bool is = octets != NULL;

    ASN1_OCTET_STRING_free(octets);
    ERR_clear_error();
    return is;
}

carnet_rc
carnet_payment_tls_new(const carnet_payment_end_config *config, payment_tls **out, carnet_err *err)
{
    const carnet_payment_tls *from = config->tls;
    payment_tls *tls = calloc(1, sizeof(*tls));
    carnet_rc rc = CARNET_OK;

    *out = tls;
    if (tls == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (((!config->listens || from->clients) && from->ca == NULL) || (config->listens && from->chain == NULL))
        rc = carnet_fail(err, CARNET_E_USAGE, NULL, "TLS needs a certificate to serve, and an authority to verify");
    else if ((tls->name = strdup(from->name != NULL ? from->name : config->address)) == NULL ||
             (tls->context = SSL_CTX_new(config->listens ? TLS_server_method() : TLS_client_method())) == NULL)
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    else if (!load(tls->context, from) || !set_up(tls->context, config))
        rc = fail_tls(err, "the certificate, its key or the authority cannot be used");
    if (rc != CARNET_OK)
        carnet_payment_tls_free(out);
    else
        tls->is_address = is_address(tls->name);
    return rc;
}

void
carnet_payment_tls_free(payment_tls **out)
{
    if (*out == NULL)
        return;
    SSL_CTX_free((*out)->context);
    free((*out)->name);
    free(*out);
    *out = NULL;
}

static bool
expect_name(SSL *ssl, const payment_tls *tls)
{
    if (tls->is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), tls->name) == 1;
    return SSL_set1_host(ssl, tls->name) == 1 && SSL_set_tlsext_host_name(ssl, tls->name) == 1;
}

carnet_rc
carnet_payment_tls_begin(carnet_payment_peer *peer, carnet_err *err)
{
    const payment_tls *tls = peer->end->tls;
    payment_tls_peer *p = peer->tls = calloc(1, sizeof(*p));

    if (p == NULL || (p->ssl = SSL_new(tls->context)) == NULL || SSL_set_fd(p->ssl, peer->fd) != 1)
        return fail_tls(err, "there is no memory for TLS");
    if (peer->end->config.listens)
        SSL_set_accept_state(p->ssl);
    else {
        SSL_set_connect_state(p->ssl);
        if (!expect_name(p->ssl, tls))
            return fail_tls(err, "the server's name cannot be used");
    }
    return CARNET_OK;
}

static void
keep_certificate(payment_tls_peer *p)
{
    X509 *certificate = SSL_get0_peer_certificate(p->ssl);
    const int len = certificate != NULL ? i2d_X509(certificate, &p->certificate) : 0;

    p->certificate_len = len > 0 ? (size_t)len : 0;
}

int
carnet_payment_tls_shake(carnet_payment_peer *peer, uint32_t *again, carnet_err *err)
{
    payment_tls_peer *p = peer->tls;
    int got, error;

    ERR_clear_error();
    got = SSL_do_handshake(p->ssl);
    if (got == 1) {
        keep_certificate(p);
        return 1;
    }
    error = SSL_get_error(p->ssl, got);
    *again = error == SSL_ERROR_WANT_WRITE ? EPOLLOUT : EPOLLIN;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return 0;
    p->broken = true;
    (void)!fail_tls(err, "the peer ended the handshake");
    return -1;
}

static long
judge(payment_tls_peer *p, int got, uint32_t *again)
{
    const int error = SSL_get_error(p->ssl, got);

    *again = error == SSL_ERROR_WANT_WRITE ? EPOLLOUT : error == SSL_ERROR_WANT_READ ? EPOLLIN : 0;
    if (*again == 0 && error != SSL_ERROR_ZERO_RETURN)
        p->broken = true;
    ERR_clear_error();
    return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

long
carnet_payment_tls_read(payment_tls_peer *p, uint8_t *out, size_t cap, uint32_t *again)
{
    int got;

    *again = 0;
    ERR_clear_error();
    got = SSL_read(p->ssl, out, cap > 1 << 20 ? 1 << 20 : (int)cap);
    return got > 0 ? got : judge(p, got, again);
}

long
carnet_payment_tls_write(payment_tls_peer *p, const uint8_t *from, size_t len, uint32_t *again)
{
    int put;

    *again = 0;
    ERR_clear_error();
    put = SSL_write(p->ssl, from, len > 1 << 20 ? 1 << 20 : (int)len);
    return put > 0 ? put : judge(p, put, again);
}

carnet_span
carnet_payment_tls_certificate(const payment_tls_peer *p)
{
    return (carnet_span){ p->certificate, p->certificate_len };
}

void
carnet_payment_tls_end(payment_tls_peer **out, bool orderly)
{
    payment_tls_peer *p = *out;

    *out = NULL;
    if (p == NULL)
        return;
    if (p->ssl != NULL) {
        if (orderly && !p->broken)
            (void)SSL_shutdown(p->ssl);
        SSL_free(p->ssl);
    }
    OPENSSL_free(p->certificate);
    free(p);
}
