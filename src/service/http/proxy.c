/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients behind a proxy that is trusted by its address: who they are, and which
 * certificate they showed it.  From anybody else these header fields say nothing.
 */
#include "internal.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATE_MAX (size_t)8192

/* IPv4 as IPv6 maps it. */
static bool
read_ip(const char *text, uint8_t out[16])
{
    if (strchr(text, ':') != NULL)
        return inet_pton(AF_INET6, text, out) == 1;
    memset(out, 0, 10);
    memset(out + 10, 0xff, 2);
    return inet_pton(AF_INET, text, out + 12) == 1;
}

static bool
read_network(const char *text, carnet_service_network *network)
{
    char address[CARNET_SERVICE_PEER];
    size_t len = strcspn(text, "/");
    unsigned most = memchr(text, ':', len) != NULL ? 128 : 32, bits = 0;

    if (len >= sizeof(address))
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    network->bits = 128;
    if (!read_ip(address, network->address) || text[len] == '\0')
        return text[len] == '\0' && read_ip(address, network->address);
    for (const char *p = text + len + 1; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || (bits = bits * 10 + (unsigned)(*p - '0')) > most)
            return false;
    }
    network->bits = 128 - most + bits;
    return text[len + 1] != '\0';
}

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
        if (!read_network(c->trusted_proxies[i], &service->proxies[i]))
            return carnet_fail(err, CARNET_E_USAGE, NULL, "a trusted proxy is no address and no network");
    return CARNET_OK;
}

static bool
within(const carnet_service_network *network, const uint8_t address[16])
{
    unsigned whole = network->bits / 8, rest = network->bits % 8;

    if (memcmp(network->address, address, whole) != 0)
        return false;
    return rest == 0 || ((network->address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

static bool
is_proxy(const carnet_service *service, const uint8_t address[16])
{
    for (size_t i = 0; i < service->config.trusted_proxy_count; i++)
        if (within(&service->proxies[i], address))
            return true;
    return false;
}

bool
carnet_service_is_proxy(const carnet_service *service, const char *peer)
{
    uint8_t address[16];

    return service->proxies != NULL && read_ip(peer, address) && is_proxy(service, address);
}

static carnet_str
trim(carnet_str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text.ptr++, text.len--;
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* The value of `for` in one element of Forwarded (RFC 7239 4); empty: it says none. */
static carnet_str
for_of(carnet_str element)
{
    while (element.len > 0) {
        const char *end = memchr(element.ptr, ';', element.len);
        size_t len = end != NULL ? (size_t)(end - element.ptr) : element.len;
        carnet_str pair = trim((carnet_str){ element.ptr, len });

        if (pair.len > 4 && pair.ptr[3] == '=' && (pair.ptr[0] | 32) == 'f' && (pair.ptr[1] | 32) == 'o' &&
            (pair.ptr[2] | 32) == 'r')
            return (carnet_str){ pair.ptr + 4, pair.len - 4 };
        len += end != NULL;
        element.ptr += len;
        element.len -= len;
    }
    return (carnet_str){ 0 };
}

/* "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]:4711", in quotes or not; never a name. */
static bool
read_node(carnet_str node, char text[CARNET_SERVICE_PEER], uint8_t address[16])
{
    const char *end;

    if (node.len >= 2 && node.ptr[0] == '"' && node.ptr[node.len - 1] == '"')
        node.ptr++, node.len -= 2;
    if (node.len > 1 && node.ptr[0] == '[') {
        node.ptr++, node.len--;
        end = memchr(node.ptr, ']', node.len);
    } else {
        end = memchr(node.ptr, ':', node.len);
        if (end != NULL && memchr(end + 1, ':', node.len - (size_t)(end - node.ptr) - 1) != NULL)
            end = NULL;
    }
    if (end != NULL)
        node.len = (size_t)(end - node.ptr);
    if (node.len == 0 || node.len >= CARNET_SERVICE_PEER)
        return false;
    memcpy(text, node.ptr, node.len);
    text[node.len] = '\0';
    return read_ip(text, address);
}

/* From the right, where the nearest proxy wrote: past those that are trusted, to the first that is not.  What stands
 * left of it anybody may have written. */
static void
walk_list(const carnet_service *service, carnet_service_exchange *x, carnet_str list)
{
    while (list.len > 0) {
        char text[CARNET_SERVICE_PEER];
        uint8_t address[16];
        const char *comma = memrchr(list.ptr, ',', list.len);
        size_t at = comma != NULL ? (size_t)(comma - list.ptr) + 1 : 0;
        carnet_str node = trim((carnet_str){ list.ptr + at, list.len - at });

        if (service->config.forwarded)
            node = for_of(node);
        if (!read_node(node, text, address))
            return;
        memcpy(x->peer, text, sizeof(text));
        memcpy(x->address, address, 16);
        if (address[0] != 0 || address[10] != 0xff)
            memset(x->address + 8, 0, 8);
        if (!is_proxy(service, address))
            return;
        list.len = comma != NULL ? at - 1 : 0;
    }
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

void
carnet_service_who(carnet_service *service, carnet_service_connection *c)
{
    carnet_service_exchange *x = c->exchange;
    wanted w = { service->config.forwarded ? "forwarded" : "x-forwarded-for", NULL, 0 };

    memcpy(x->address, c->address, sizeof(x->address));
    memcpy(x->peer, c->peer, sizeof(x->peer));
    if (!c->proxy)
        return;
    (void)MHD_get_connection_values(c->mhd, MHD_HEADER_KIND, look, &w);
    if (w.last != NULL)
        walk_list(service, x, carnet_str_of(w.last));
    take_certificate(service, c);
}
