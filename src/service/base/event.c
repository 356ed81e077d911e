/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json_build.h"
#include "internal.h"

#include <string.h>

static bool
same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Beyond the room there is, an event is logged but not counted. */
static void
count(carnet_service_context *c, const carnet_service_event *e, const char *outcome)
{
    uint64_t more = e->count > 0 ? e->count : 1;
    size_t i = 0;

    (void)pthread_mutex_lock(&c->lock);
    while (i < c->count_of &&
           !(same(c->counts[i].interface, e->interface) && same(c->counts[i].kind, e->kind) &&
             same(c->counts[i].outcome, outcome) && same(c->counts[i].configuration, e->configuration)))
        i++;
    if (i == c->count_of && i < CARNET_SERVICE_EVENTS)
        c->counts[c->count_of++] = (carnet_service_count_of){ e->interface, e->kind, outcome, e->configuration, 0 };
    if (i < c->count_of)
        c->counts[i].count += more;
    (void)pthread_mutex_unlock(&c->lock);
}

static void
add(carnet_json_builder *b, const char *name, const char *text)
{
    if (text != NULL)
        carnet_json_add_text(b, name, text);
}

void
carnet_service_event_log(carnet_service_worker *worker, const carnet_service_event *event)
{
    carnet_service_context *c = (carnet_service_context *)(uintptr_t)worker->context;
    const char *outcome = event->outcome != NULL ? event->outcome : "done";
    uint8_t room[1024];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b = carnet_json_build(&out);
    char time[CARNET_TIME_TEXT_MAX];

    count(c, event, outcome);
    if (c->hooks.log == NULL)
        return;
    carnet_time_text(carnet_service_now(worker), time);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "time", time);
    if (worker->request != NULL)
        carnet_json_add_text(&b, "request", worker->request->identifier);
    add(&b, "interface", event->interface);
    add(&b, "event", event->kind);
    add(&b, "outcome", outcome);
    add(&b, "configuration", event->configuration);
    add(&b, "reason", event->reason);
    if (event->reference.len > 0)
        carnet_json_add_string(&b, "reference", event->reference);
    if (event->count > 1)
        carnet_json_add_integer(&b, "count", (int64_t)event->count);
    carnet_json_object_end(&b);
    if (carnet_json_built(&b, NULL) == CARNET_OK)
        c->hooks.log(c->hooks.log_self, carnet_buf_str(&out), strcmp(outcome, "done") == 0);
}

void
carnet_service_label(carnet_buf *out, const char *name, const char *value, bool first)
{
    carnet_buf_add_text(out, first ? "{" : ",");
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, "=\"");
    for (const char *p = value != NULL ? value : ""; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            carnet_buf_add_byte(out, '\\');
        carnet_buf_add_byte(out, (uint8_t)(*p == '\n' ? ' ' : *p));
    }
    carnet_buf_add_text(out, "\"");
}

void
carnet_service_event_metrics(const carnet_service_context *context, carnet_buf *out)
{
    carnet_service_context *c = (carnet_service_context *)(uintptr_t)context;

    carnet_buf_add_text(out, "# HELP carnet_events_total What the services did, by interface of ISO/IEC 23220-1.\n"
                             "# TYPE carnet_events_total counter\n");
    (void)pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->count_of; i++) {
        carnet_buf_add_text(out, "carnet_events_total");
        carnet_service_label(out, "interface", c->counts[i].interface, true);
        carnet_service_label(out, "event", c->counts[i].kind, false);
        carnet_service_label(out, "outcome", c->counts[i].outcome, false);
        carnet_service_label(out, "configuration", c->counts[i].configuration, false);
        carnet_buf_add_text(out, "} ");
        carnet_buf_add_uint(out, c->counts[i].count);
        carnet_buf_add_text(out, "\n");
    }
    (void)pthread_mutex_unlock(&c->lock);
}
