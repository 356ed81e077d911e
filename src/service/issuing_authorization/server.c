/* SPDX-License-Identifier: Apache-2.0 */
/* The part: made of its section of the configuration, and of the table of risks. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

enum { ACTIVE_S = 300, SKEW_S = 60 };

static bool
wanted(const carnet_config *config)
{
    return config->services->issuing_authorization != NULL;
}

static void
done(void *self)
{
    ia *owner = self;

    if (owner == NULL)
        return;
    carnet_ia_stop(owner);
    for (size_t i = 0; owner->links != NULL && i < owner->link_count; i++)
        carnet_ia_link_done(&owner->links[i]);
    free(owner->links);
    carnet_service_risk_done(&owner->risk);
    free(owner);
}

static void
set_policy(ia *owner)
{
    const carnet_config_issuing_authorization *c = owner->config;
    carnet_debit_policy *p = &owner->policy;

    p->carried = c->mode != NULL && strcmp(c->mode, "carried") == 0;
    p->project = carnet_str_of(c->project_trustmark);
    p->rows = owner->risk.rows;
    p->row_count = owner->risk.count;
    p->active_period = c->active_seconds != 0 ? c->active_seconds : ACTIVE_S;
    p->skew = c->skew_seconds != 0 ? c->skew_seconds : SKEW_S;
    p->stand_in = c->stand_in;
    owner->host = c->host != NULL ? carnet_ia_other_host : carnet_ia_ledger;
}

static carnet_rc
prepare(ia *owner, carnet_err *err)
{
    const carnet_config_issuing_authorization *c = owner->config;
    carnet_rc rc = carnet_service_risk_init(carnet_service_configuration(owner->context), &owner->risk, err);

    set_policy(owner);
    if (rc == CARNET_OK)
        rc = carnet_ia_signers(owner, err);
    if (rc == CARNET_OK && (owner->links = calloc(c->link_count, sizeof(*owner->links))) == NULL)
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    for (; rc == CARNET_OK && owner->link_count < c->link_count; owner->link_count++)
        rc = carnet_ia_link_init(owner, &owner->links[owner->link_count], &c->links[owner->link_count], err);
    return rc == CARNET_OK ? carnet_ia_start(owner, err) : rc;
}

static carnet_rc
init(const carnet_service_context *context, const carnet_service_parts *parts, void **self, carnet_err *err)
{
    ia *owner = calloc(1, sizeof(*owner));
    carnet_rc rc;

    (void)parts;
    *self = NULL;
    if (owner == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    owner->context = context;
    owner->config = carnet_service_configuration(context)->services->issuing_authorization;
    if ((rc = prepare(owner, err)) != CARNET_OK) {
        done(owner);
        return rc;
    }
    *self = owner;
    return CARNET_OK;
}

uint16_t
carnet_issuing_authorization_port(const void *self, size_t link)
{
    const ia *owner = self;

    return link < owner->link_count ? carnet_payment_port(owner->links[link].end) : 0;
}

static bool
ready(void *self)
{
    ia *owner = self;

    return !atomic_load(&owner->failing);
}

static void
add(carnet_buf *out, const char *name, const ia_link *link, const char *outcome, uint64_t value)
{
    carnet_buf_add_text(out, name);
    if (link != NULL) {
        carnet_buf_add_text(out, "{link=\"");
        carnet_buf_add_text(out, link->config->name);
        if (outcome != NULL) {
            carnet_buf_add_text(out, "\",outcome=\"");
            carnet_buf_add_text(out, outcome);
        }
        carnet_buf_add_text(out, "\"}");
    }
    carnet_buf_add_byte(out, ' ');
    carnet_buf_add_uint(out, value);
    carnet_buf_add_byte(out, '\n');
}

static void
link_metrics(const ia_link *link, carnet_buf *out)
{
    static const char messages[] = "carnet_payment_messages_total";

    for (unsigned k = 0; k < CARNET_JUDGED_COUNT; k++) {
        const uint64_t count = atomic_load(&link->judged[k]);

        if (count != 0 || k == CARNET_JUDGED_APPROVED)
            add(out, messages, link, carnet_judged_codes_of((carnet_judged)k).word, count);
    }
    add(out, messages, link, "repeated", atomic_load(&link->again));
    add(out, messages, link, "unreadable", atomic_load(&link->unread));
    add(out, messages, link, "unanswered", atomic_load(&link->unanswered));
}

static void
metrics(void *self, carnet_buf *out)
{
    const ia *owner = self;

    carnet_buf_add_text(out, "# TYPE carnet_payment_messages_total counter\n");
    for (size_t i = 0; i < owner->link_count; i++)
        link_metrics(&owner->links[i], out);
    carnet_buf_add_text(out, "# TYPE carnet_payment_connections gauge\n");
    for (size_t i = 0; i < owner->link_count; i++)
        add(out, "carnet_payment_connections", &owner->links[i], NULL, atomic_load(&owner->links[i].connections));
    carnet_buf_add_text(out, "# TYPE carnet_payment_units_total counter\n");
    add(out, "carnet_payment_units_total", NULL, NULL, atomic_load(&owner->units));
    carnet_buf_add_text(out, "# TYPE carnet_payment_microseconds summary\n");
    add(out, "carnet_payment_microseconds_sum", NULL, NULL, atomic_load(&owner->slow));
    add(out, "carnet_payment_microseconds_count", NULL, NULL, atomic_load(&owner->messages));
}

const carnet_service_part carnet_issuing_authorization_part = {
    .name = "issuing_authorization",
    .wanted = wanted,
    .init = init,
    .done = done,
    .ready = ready,
    .job = carnet_ia_tell,
    .period = 2,
    .metrics = metrics,
};
