/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients behind a proxy that is trusted by its address: who they are, and which
 * certificate they showed it.  From anybody else these header fields say nothing.
 */
#include "internal.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_MAX (size_t)8192

carnet_rc
carnet_service_proxies_read(carnet_service *service, carnet_err *err)
{
    const carnet_service_config *c = &service->config;

    if (c->trusted_proxy_count == 0)
        return CARNET_OK;
    service->proxies = calloc(c->trusted_proxy_count, sizeof(*service->proxies));
    if (service->proxies == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (size_t i = 0; i < c->trusted_proxy_count; i++)
        if (!carnet_forwarded_network(c->trusted_proxies[i], &service->proxies[i]))
            return carnet_fail(err, CARNET_E_USAGE, NULL, "a trusted proxy is no address and no network");
    return CARNET_OK;
}

bool
carnet_service_is_proxy(const carnet_service *service, const char *peer)
{
    uint8_t address[16];

    return service->proxies != NULL && carnet_forwarded_ip(peer, address) &&
           carnet_forwarded_trusted(service->proxies, service->config.trusted_proxy_count, address);
}

typedef struct wanted {
    const char *name;
    const char *last;
    unsigned count;
} wanted;

static bool
same_name(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a, y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;

        if (x != y)
            return false;
    }
    return *a == *b;
}

static enum MHD_Result
look(void *self, enum MHD_ValueKind kind, const char *name, const char *value)
{
    wanted *w = self;

    (void)kind;
    if (value != NULL && same_name(name, w->name)) {
        w->last = value;
        w->count++;
    }
    return MHD_YES;
}

/* RFC 9440: octets in base64 between colons; else PEM, percent-encoded, as nginx writes it. */
static bool
decode(const char *value, carnet_buf *der)
{
    carnet_str text = carnet_str_of(value), label;
    uint8_t room[CERTIFICATE_MAX / 2];
    carnet_buf pem = carnet_buf_of(room, sizeof(room));

    if (text.len > 2 && text.ptr[0] == ':' && text.ptr[text.len - 1] == ':') {
        carnet_buf_add_text(&pem, "-----BEGIN CERTIFICATE-----\n");
        carnet_buf_add_str(&pem, (carnet_str){ text.ptr + 1, text.len - 2 });
        carnet_buf_add_text(&pem, "\n-----END CERTIFICATE-----\n");
    } else if (carnet_service_percent_decode(text, false, &pem, NULL) != CARNET_OK) {
        return false;
    }
    text = carnet_buf_str(&pem);
    return !pem.overflow && carnet_pem_next(&text, &label, der, NULL) == CARNET_OK &&
           carnet_str_is(label, "CERTIFICATE") && !der->overflow;
}

static bool
is_trusted(const carnet_service *service, carnet_span der)
{
    gnutls_datum_t data = { (unsigned char *)(uintptr_t)der.ptr, (unsigned)der.len };
    gnutls_typed_vdata_st purpose = {
        .type = GNUTLS_DT_KEY_PURPOSE_OID,
        .data = (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_CLIENT,
    };
    gnutls_x509_crt_t crt;
    unsigned status = 1;
    bool good = false;

    if (service->client_trust == NULL || gnutls_x509_crt_init(&crt) != GNUTLS_E_SUCCESS)
        return false;
    if (gnutls_x509_crt_import(crt, &data, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS)
        good = gnutls_x509_trust_list_verify_crt2(service->client_trust, &crt, 1, &purpose, 1, 0, &status, NULL) ==
                   GNUTLS_E_SUCCESS &&
               status == 0;
    gnutls_x509_crt_deinit(crt);
    return good;
}

carnet_rc
carnet_service_client_trust(carnet_service *service, carnet_err *err)
{
    const carnet_service_config *c = &service->config;
    gnutls_datum_t pem = { (unsigned char *)(uintptr_t)c->clients.ptr, (unsigned)c->clients.len };
    gnutls_x509_trust_list_t list;

    if (c->client_certificate_header == NULL)
        return CARNET_OK;
    if (gnutls_x509_trust_list_init(&list, 0) != GNUTLS_E_SUCCESS)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    service->client_trust = list;
    return gnutls_x509_trust_list_add_trust_mem(list, &pem, NULL, GNUTLS_X509_FMT_PEM, 0, 0) > 0
               ? CARNET_OK
               : carnet_fail(err, CARNET_E_SERVICE_TLS, NULL, "there is no authority of clients' certificates");
}

void
carnet_service_proxies_free(carnet_service *service)
{
    if (service->client_trust != NULL)
        gnutls_x509_trust_list_deinit(service->client_trust, 1);
    free(service->proxies);
}

static void
take_certificate(carnet_service *service, carnet_service_connection *c)
{
    carnet_service_exchange *x = c->exchange;
    wanted w = { service->config.client_certificate_header, NULL, 0 };
    carnet_buf der;

    if (w.name == NULL)
        return;
    /* The proxy's own certificate says nothing of its client. */
    x->request.certificate = (carnet_span){ 0 };
    x->request.trusted = false;
    (void)MHD_get_connection_values(c->mhd, MHD_HEADER_KIND, look, &w);
    if (w.count != 1 || strlen(w.last) > CERTIFICATE_MAX)
        return;
    x->certificate = malloc(CERTIFICATE_MAX);
    der = carnet_buf_of(x->certificate, x->certificate != NULL ? CERTIFICATE_MAX : 0);
    if (!decode(w.last, &der))
        return;
    x->request.certificate = carnet_buf_span(&der);
    x->request.trusted = is_trusted(service, x->request.certificate);
}

/* As connections.c keeps them: of IPv6 the first 64 bits. */
static void
rate_address(const uint8_t address[16], uint8_t out[16])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    memset(out, 0, 16);
    memcpy(out, address, memcmp(address, mapped, sizeof(mapped)) == 0 ? 16 : 8);
}

void
carnet_service_who(carnet_service *service, carnet_service_connection *c)
{
    carnet_service_exchange *x = c->exchange;
    wanted w = { service->config.forwarded ? "forwarded" : "x-forwarded-for", NULL, 0 };
    uint8_t address[16];

    memcpy(x->address, c->address, sizeof(x->address));
    memcpy(x->peer, c->peer, sizeof(x->peer));
    if (!c->proxy || !carnet_forwarded_ip(c->peer, address))
        return;
    (void)MHD_get_connection_values(c->mhd, MHD_HEADER_KIND, look, &w);
    if (w.last != NULL)
        carnet_forwarded_read(carnet_str_of(w.last), service->config.forwarded, service->proxies,
                              service->config.trusted_proxy_count, x->peer, address);
    rate_address(address, x->address);
    take_certificate(service, c);
}
