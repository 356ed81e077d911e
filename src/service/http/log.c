/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/json_build.h"
#include "internal.h"

#include <time.h>

int64_t
carnet_service_now_ms(void)
{
    struct timespec t = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static carnet_json_builder
begin(carnet_buf *out)
{
    carnet_json_builder b = carnet_json_build(out);
    char text[CARNET_TIME_TEXT_MAX];

    carnet_time_text((carnet_time)time(NULL), text);
    carnet_json_object_begin(&b, NULL);
    carnet_json_add_text(&b, "time", text);
    return b;
}

static void
write_line(carnet_service *service, carnet_json_builder *b, bool success)
{
    carnet_json_object_end(b);
    if (carnet_json_built(b, NULL) != CARNET_OK)
        return;
    (void)pthread_mutex_lock(&service->log_lock);
    service->config.log(service->config.log_self, carnet_buf_str(b->out), success);
    (void)pthread_mutex_unlock(&service->log_lock);
}

void
carnet_service_log_exchange(carnet_service *service, const carnet_service_connection *c, int64_t ms)
{
    const carnet_service_exchange *x = c->exchange;
    uint8_t room[640];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b;

    if (service->config.log == NULL || (x->route != NULL && x->route->quiet && x->rc == CARNET_OK))
        return;
    b = begin(&out);
    carnet_json_add_text(&b, "request", x->identifier);
    if (x->route != NULL)
        carnet_json_add_text(&b, "route", x->route->name);
    if (x->status != 0)
        carnet_json_add_integer(&b, "status", x->status);
    carnet_json_add_integer(&b, "received", (int64_t)x->received);
    carnet_json_add_integer(&b, "sent", (int64_t)x->sent);
    carnet_json_add_integer(&b, "ms", ms);
    if (x->rc != CARNET_OK)
        carnet_json_add_text(&b, "error", carnet_rc_name(x->rc));
    write_line(service, &b, x->rc == CARNET_OK && x->status / 100 == 2);
}

void
carnet_service_log_event(carnet_service *service, const char *event, const char *phase)
{
    uint8_t room[256];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_json_builder b;

    if (service->config.log == NULL)
        return;
    b = begin(&out);
    carnet_json_add_text(&b, "event", event);
    carnet_json_add_text(&b, "limit", phase);
    write_line(service, &b, false);
}
