/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

carnet_rc
carnet_service_parts_new(const carnet_service_context *context, const carnet_service_part *const *list, size_t count,
                         carnet_service_parts **parts, carnet_err *err)
{
    carnet_service_parts *p = calloc(1, sizeof(*p));
    carnet_rc rc = CARNET_OK;

    *parts = NULL;
    if (p == NULL || count > CARNET_SERVICE_PARTS) {
        free(p);
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    }
    p->context = context;
    for (size_t i = 0; rc == CARNET_OK && i < count; i++) {
        const carnet_service_part *part = list[i];

        if (part->wanted != NULL && !part->wanted(carnet_service_configuration(context)))
            continue;
        p->list[p->count].part = part;
        rc = part->init != NULL ? part->init(context, p, &p->list[p->count].self, err) : CARNET_OK;
        if (rc == CARNET_OK)
            p->count++;
        else if (err != NULL && err->path[0] == '\0')
            carnet_err_within(err, part->name);
    }
    if (rc != CARNET_OK)
        carnet_service_parts_free(&p);
    *parts = p;
    return rc;
}

void
carnet_service_parts_free(carnet_service_parts **parts)
{
    carnet_service_parts *p = *parts;

    *parts = NULL;
    if (p == NULL)
        return;
    while (p->count > 0) {
        p->count--;
        if (p->list[p->count].part->done != NULL)
            p->list[p->count].part->done(p->list[p->count].self);
    }
    for (size_t i = 0; i < p->table_count; i++)
        carnet_service_table_free(&p->tables[i]);
    free(p);
}

void *
carnet_service_part_find(const carnet_service_parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->count; i++)
        if (strcmp(parts->list[i].part->name, name) == 0)
            return parts->list[i].self;
    return NULL;
}

bool
carnet_service_parts_ready(const carnet_service_parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        if (parts->list[i].part->ready != NULL && !parts->list[i].part->ready(parts->list[i].self))
            return false;
    return true;
}

void
carnet_service_parts_metrics(const carnet_service_parts *parts, carnet_buf *out)
{
    carnet_service_event_metrics(parts->context, out);
    for (size_t i = 0; i < parts->count; i++)
        if (parts->list[i].part->metrics != NULL)
            parts->list[i].part->metrics(parts->list[i].self, out);
}

/* A job that fails is told in the log and tried again when it is due next. */
static void
do_job(carnet_service_parts *parts, const carnet_service_part *part, void *self)
{
    carnet_service_worker *worker;
    carnet_err err = { 0 };

    if (carnet_service_begin(parts->context, NULL, &worker, &err) != CARNET_OK)
        return;
    if (part->job(self, worker, &err) != CARNET_OK) {
        carnet_service_event event = {
            .kind = "job", .outcome = "failed", .reason = carnet_rc_name(err.rc), .reference = carnet_str_of(part->name)
        };
        carnet_service_event_log(worker, &event);
    }
}

void
carnet_service_parts_jobs(carnet_service_parts *parts, int64_t now, unsigned *wait)
{
    *wait = 3600;
    for (size_t i = 0; i < parts->count; i++) {
        const carnet_service_part *part = parts->list[i].part;
        unsigned period = part->period > 0 ? part->period : 3600;

        if (part->job == NULL)
            continue;
        if (now >= parts->list[i].due) {
            do_job(parts, part, parts->list[i].self);
            parts->list[i].due = now + period;
        }
        if (parts->list[i].due - now < *wait)
            *wait = (unsigned)(parts->list[i].due - now);
    }
}
