/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

/* What the header's fields come to. */
typedef struct fields {
    size_t octets;
    unsigned hosts, lengths, codings;
    uint64_t length;
    bool chunked, odd;
    carnet_str content_type;
} fields;

static bool
is_name(const char *a, const char *lower)
{
    for (; *lower != '\0'; a++, lower++)
        if ((*a >= 'A' && *a <= 'Z' ? *a + 32 : *a) != *lower)
            return false;
    return *a == '\0';
}

/* RFC 9110 8.6: digits and no more; false also when it does not fit. */
static bool
read_length(const char *text, uint64_t *length)
{
    *length = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || *length > (UINT64_MAX - 9) / 10)
            return false;
        *length = *length * 10 + (uint64_t)(*p - '0');
    }
    return text[0] != '\0';
}

static enum MHD_Result
see(void *self, enum MHD_ValueKind kind, const char *name, const char *value)
{
    fields *f = self;

    (void)kind;
    if (value == NULL)
        value = "";
    f->octets += strlen(name) + strlen(value) + 4;
    if (is_name(name, "host"))
        f->hosts++;
    else if (is_name(name, "content-type"))
        f->odd |= f->content_type.ptr != NULL, f->content_type = carnet_str_of(value);
    else if (is_name(name, "transfer-encoding"))
        f->codings++, f->chunked = is_name(value, "chunked");
    else if (is_name(name, "content-length"))
        f->lengths++, f->odd |= !read_length(value, &f->length);
    return MHD_YES;
}

/* RFC 9112 6.1, 6.3: two readers must not part the octets in two ways. */
static carnet_rc
check_framing(const fields *f, carnet_err *err)
{
    if (f->odd || f->hosts > 1 || f->lengths > 1 || f->codings > 1 || (f->codings == 1 && !f->chunked))
        return carnet_fail(err, CARNET_E_SERVICE_REQUEST, "RFC 9112 6.3", "a header field came twice or is malformed");
    if (f->codings > 0 && f->lengths > 0)
        return carnet_fail(err, CARNET_E_SERVICE_REQUEST, "RFC 9112 6.1", "the body has two lengths");
    return CARNET_OK;
}

/* The media type without its parameters. */
static bool
is_media_type(carnet_str value, const char *lower)
{
    size_t n = strlen(lower), i = 0;

    while (i < value.len && i < n &&
           (value.ptr[i] >= 'A' && value.ptr[i] <= 'Z' ? value.ptr[i] + 32 : value.ptr[i]) == lower[i])
        i++;
    return i == n && (i == value.len || value.ptr[i] == ';' || value.ptr[i] == ' ');
}

static carnet_rc
check_body(carnet_service *service, const carnet_service_route *route, const fields *f, carnet_err *err)
{
    if (f->length > route->body_max || (f->chunked && route->body_max == 0)) {
        carnet_service_limited(service, CARNET_SERVICE_LIMIT_OCTETS);
        return carnet_fail(err, CARNET_E_SERVICE_BODY, NULL, NULL);
    }
    if ((f->length > 0 || f->chunked) && route->accepts != NULL && !is_media_type(f->content_type, route->accepts))
        return carnet_fail(err, CARNET_E_SERVICE_MEDIA_TYPE, NULL, NULL);
    return CARNET_OK;
}

/* What the route demands of who asks. */
static carnet_rc
check_client(carnet_service *service, carnet_service_connection *c, const carnet_service_route *route, carnet_err *err)
{
    carnet_service_tls_peer(c, &c->exchange->request);
    carnet_service_who(service, c);
    if (route->client_certificate && !c->exchange->request.trusted)
        return carnet_fail(err, CARNET_E_SERVICE_CERTIFICATE, NULL, NULL);
    if (!carnet_service_rate_allows(service->rates, c->exchange->address, route, carnet_service_now_ms())) {
        carnet_service_limited(service, CARNET_SERVICE_LIMIT_RATE);
        return carnet_fail(err, CARNET_E_SERVICE_RATE, NULL, NULL);
    }
    return CARNET_OK;
}

static carnet_rc
check_target(carnet_service *service, carnet_service_exchange *x, const char *method, carnet_err *err)
{
    carnet_rc rc = carnet_service_target_split(carnet_str_of(x->target), &x->path, &x->query, err);

    if (rc != CARNET_OK)
        return rc;
    x->preflight = carnet_service_preflight(service, method, x->path, &x->route);
    if (!x->preflight && (rc = carnet_service_route_find(service, method, x->path, &x->route)) != CARNET_OK)
        return carnet_fail(err, rc, NULL, NULL);
    x->request.method = x->route->method;
    x->request.path = x->path;
    return CARNET_OK;
}

carnet_rc
carnet_service_head_check(carnet_service *service, carnet_service_connection *c, const char *method)
{
    carnet_service_exchange *x = c->exchange;
    carnet_err *err = &x->err;
    fields f = { .octets = strlen(x->target) };
    carnet_rc rc;

    x->head = x->request.head = strcmp(method, "HEAD") == 0;
    (void)MHD_get_connection_values(c->mhd, MHD_HEADER_KIND, see, &f);
    x->request.content_type = f.content_type;
    if ((rc = check_framing(&f, err)) != CARNET_OK) {
        x->close = true;
        return rc;
    }
    /* A body of unknown length, or a long one, is not read to its end only to be refused. */
    x->close = f.chunked || f.length > CARNET_SERVICE_DRAIN;
    if (c->refused != CARNET_OK)
        return carnet_fail(err, c->refused, NULL, NULL);
    if (f.octets > service->config.header_max) {
        carnet_service_limited(service, CARNET_SERVICE_LIMIT_HEADER);
        return carnet_fail(err, CARNET_E_SERVICE_HEADER, NULL, NULL);
    }
    if ((rc = check_target(service, x, method, err)) != CARNET_OK ||
        (rc = check_client(service, c, x->route, err)) != CARNET_OK ||
        (rc = check_body(service, x->route, &f, err)) != CARNET_OK)
        return rc;
    x->close = false;
    return CARNET_OK;
}
