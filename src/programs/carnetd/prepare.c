/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/service_config_issuing_authorization.h"
#include "carnetd.h"

#include <stdio.h>
#include <string.h>

int
carnetd_read(const char *file, carnet_config **config)
{
    carnet_config_complaint complaint;

    if (carnet_config_load(file, config, &complaint) == CARNET_OK)
        return CARNETD_ENDED;
    (void)fprintf(stderr, "carnetd: %s\n", complaint.text);
    return CARNETD_USAGE;
}

void
carnetd_complain(const carnet_config *config, const carnet_err *err)
{
    carnet_config_complaint complaint;

    carnet_config_complain(config, err, &complaint);
    (void)fprintf(stderr, "carnetd: %s\n  code 0x%04x %s; see carnet_rc(3)\n", complaint.text, (unsigned)err->rc,
                  carnet_rc_name(err->rc));
}

/* The one that serves payments, those that verify, those that ask. */
static unsigned
payment_workers(const carnet_config_issuing_authorization *c)
{
    if (c == NULL)
        return 0;
    return 1 + (c->threads != 0 ? c->threads : 1) + (c->asks != 0 ? c->asks : 4);
}

/* Every thread that serves, the clerk's, one to spare, and the switch's. */
static unsigned
workers(const carnet_config *config)
{
    unsigned count = config->services->acquiring_switch != NULL ? 4 : 2;

    count += payment_workers(config->services->issuing_authorization);
    for (size_t i = 0; i < config->listener_count; i++)
        count += config->listeners[i].threads > 0 ? config->listeners[i].threads : 2;
    return count;
}

carnet_rc
carnetd_open_store(const carnet_config *config, carnet_crypto *crypto, carnet_store **store, carnet_err *err)
{
    carnet_store_config options = {
        .place = config->store->place,
        .random = carnet_crypto_random(crypto),
        .connections = config->store->connections,
        .patience_ms = config->store->patience_ms,
    };
    carnet_rc rc = carnet_store_open(&options, store, err);

    if (rc != CARNET_OK)
        carnet_err_within(err, "store");
    return rc;
}

static carnet_rc
open_context(carnetd *d, carnet_err *err)
{
    carnet_service_hooks hooks = {
        .store = d->store, .log = carnetd_log_line, .log_self = &d->log, .workers = workers(d->config)
    };

    return carnet_service_context_new(d->config, &hooks, &d->context, err);
}

int
carnetd_prepare(carnetd *d, const char *file)
{
    carnet_err err = { 0 };
    int status = carnetd_read(file, &d->config);
    carnet_rc rc;

    if (status != CARNETD_ENDED)
        return status;
    (void)pthread_mutex_init(&d->lock, NULL);
    (void)pthread_cond_init(&d->wake, NULL);
    carnetd_self = d;
    rc = carnetd_log_open(&d->log, d->quiet ? "/dev/null" : d->config->log != NULL ? d->config->log->file : NULL, &err);
    d->log_made = rc == CARNET_OK;
    if (rc == CARNET_OK && (rc = carnet_crypto_init(&d->crypto, &err)) == CARNET_OK)
        d->crypto_made = true;
    if (rc == CARNET_OK && (rc = carnetd_open_store(d->config, &d->crypto, &d->store, &err)) == CARNET_OK &&
        (rc = open_context(d, &err)) == CARNET_OK)
        rc = carnet_service_parts_new(d->context, carnetd_parts, carnetd_part_count, &d->parts, &err);
    if (rc == CARNET_OK)
        return CARNETD_ENDED;
    carnetd_complain(d->config, &err);
    return CARNETD_FAILED;
}

int
carnetd_check(const char *file)
{
    carnet_service_hooks hooks = { .workers = 1 };
    carnet_service_context *context = NULL;
    carnet_config *config = NULL;
    carnet_err err = { 0 };
    int status = carnetd_read(file, &config);

    if (status == CARNETD_ENDED && carnet_service_context_new(config, &hooks, &context, &err) != CARNET_OK) {
        carnetd_complain(config, &err);
        status = CARNETD_FAILED;
    }
    if (status == CARNETD_ENDED)
        (void)printf("%s: good\n", file);
    carnet_service_context_free(&context);
    carnet_config_free(&config);
    return status;
}
