/* SPDX-License-Identifier: Apache-2.0 */
/* The part: made of its section of the configuration, and of the table of risks. */
#include "carnet/device_request.h"
#include "carnet/service_risk.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 65536 };

typedef struct made {
    mas mas; /* first: handlers are given it */
    carnet_service_risk risk;
} made;

static bool
wanted(const carnet_config *config)
{
    return config->services->mobile_app_server != NULL;
}

static carnet_rc
wrong(const char *file, const char *reason, carnet_err *err)
{
    const carnet_path path = { .name = carnet_str_of(file) };

    return carnet_fail_at(err, CARNET_E_CONFIG_FILE, NULL, reason, CARNET_NO_OFFSET, &path);
}

static carnet_rc
read_key(const carnet_config_app_acquirer *from, mas_acquirer *to, carnet_err *err)
{
    const carnet_rc rc = carnet_service_hex_file_read(from->key_file, to->key, sizeof(to->key), &to->key_len, err);

    to->name = from->name;
    return rc == CARNET_OK && to->key_len < 16
               ? wrong(from->key_file, "an acquirer's key is 32 hexadecimal digits or more", err)
               : rc;
}

static carnet_rc
read_keys(mas *m, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    if (m->config->acquirer_count > MAS_ACQUIRERS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many acquirers");
    for (size_t i = 0; rc == CARNET_OK && i < m->config->acquirer_count; i++)
        rc = read_key(&m->config->acquirers[i], &m->acquirers[i], err);
    return rc;
}

/* Our certificate as the identity provider sees it: tokens are bound to it. */
static carnet_rc
read_certificate(mas *m, carnet_err *err)
{
    carnet_service_file file = { 0 };
    carnet_str text, label;
    carnet_buf out = carnet_buf_of(m->certificate, sizeof(m->certificate));
    carnet_rc rc = carnet_service_file_read(m->config->certificate, FILE_MAX, &file, err);

    if (rc != CARNET_OK)
        return rc;
    text = carnet_service_file_text(&file);
    rc = carnet_pem_next(&text, &label, &out, NULL);
    if (rc == CARNET_OK && !carnet_str_is(label, "CERTIFICATE"))
        rc = CARNET_E_PEM;
    carnet_service_file_free(&file);
    m->certificate_len = out.len;
    return rc == CARNET_OK ? rc : wrong(m->config->certificate, "this is no certificate in PEM", err);
}

static carnet_rc
read_document_request(mas *m, carnet_err *err)
{
    carnet_buf out = carnet_buf_of(m->document_request, sizeof(m->document_request));
    carnet_service_file file = { 0 };
    carnet_device_request request;
    carnet_rc rc;

    if (m->config->document_request == NULL)
        return CARNET_OK;
    if ((rc = carnet_service_file_read(m->config->document_request, FILE_MAX, &file, err)) != CARNET_OK)
        return rc;
    rc = carnet_device_request_open(carnet_span_of(file.ptr, file.len), 0, &request, NULL);
    if (rc == CARNET_OK)
        carnet_base64url_encode(carnet_span_of(file.ptr, file.len), &out);
    carnet_service_file_free(&file);
    m->document_request_len = out.len;
    return rc == CARNET_OK && !out.overflow
               ? rc
               : wrong(m->config->document_request, "this is no DeviceRequest, or one that is too long", err);
}

static void
done(void *self)
{
    made *p = self;

    if (p == NULL)
        return;
    for (size_t i = 0; i < p->mas.idle_count; i++)
        carnet_fetch_connection_free(p->mas.idle[i]);
    pthread_mutex_destroy(&p->mas.lock);
    carnet_service_trust_free(&p->mas.devices);
    carnet_service_trust_free(&p->mas.terminals);
    carnet_service_trust_free(&p->mas.friends);
    carnet_service_trust_free(&p->mas.providers);
    carnet_service_risk_done(&p->risk);
    carnet_wipe(p, sizeof(*p));
    free(p);
}

static carnet_rc
prepare(made *p, carnet_err *err)
{
    mas *m = &p->mas;
    carnet_rc rc = carnet_service_risk_init(carnet_service_configuration(m->context), &p->risk, err);

    m->rows = p->risk.rows;
    m->row_count = p->risk.count;
    if (rc == CARNET_OK)
        rc = carnet_service_trust_new(&m->config->device_authorities, &m->devices, err);
    if (rc == CARNET_OK)
        rc = carnet_service_trust_new(&m->config->terminal_authorities, &m->terminals, err);
    if (rc == CARNET_OK)
        rc = carnet_service_trust_new(&m->config->friend_authorities, &m->friends, err);
    if (rc == CARNET_OK)
        rc = carnet_service_trust_new(&m->config->provider_keys, &m->providers, err);
    if (rc == CARNET_OK)
        rc = read_certificate(m, err);
    if (rc == CARNET_OK)
        rc = read_document_request(m, err);
    return rc == CARNET_OK ? read_keys(m, err) : rc;
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    made *p = calloc(1, sizeof(*p));
    carnet_rc rc;

    *self = NULL;
    if (p == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    p->mas.context = context;
    p->mas.desk = parts != NULL ? carnet_service_part_find(parts, "desk") : NULL;
    p->mas.config = carnet_service_configuration(context)->services->mobile_app_server;
    if (pthread_mutex_init(&p->mas.lock, NULL) != 0) {
        free(p);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    if ((rc = prepare(p, err)) != CARNET_OK) {
        done(p);
        return rc;
    }
    *self = p;
    return CARNET_OK;
}

static const carnet_service_part_route routes[] = {
    { &carnet_mas_stage_route, CARNET_SERVES_PUBLIC },   { &carnet_mas_fulfil_route, CARNET_SERVES_PUBLIC },
    { &carnet_mas_status_route, CARNET_SERVES_PUBLIC },  { &carnet_mas_cancel_route, CARNET_SERVES_PUBLIC },
    { &carnet_mas_collect_route, CARNET_SERVES_PUBLIC }, { &carnet_mas_evidence_route, CARNET_SERVES_PUBLIC },
    { &carnet_mas_step_up_route, CARNET_SERVES_PUBLIC }, { &carnet_mas_dispensed_route, CARNET_SERVES_PUBLIC },
    { &carnet_mas_resolve_route, CARNET_SERVES_PUBLIC }, { &carnet_mas_notification_route, CARNET_SERVES_PUBLIC },
    { &carnet_mas_customer_route, CARNET_SERVES_ADMIN }, { &carnet_mas_page_route, CARNET_SERVES_STAFF },
};

const carnet_service_part carnet_mobile_app_server_part = {
    .name = "mobile_app_server",
    .wanted = wanted,
    .init = init,
    .done = done,
    .routes = routes,
    .route_count = CARNET_COUNT(routes),
    .job = carnet_mas_watch,
    .period = 2,
};
