/* SPDX-License-Identifier: Apache-2.0 */
/* What the links count, for /metrics. */
#include "internal.h"

#include <stddef.h>

static const struct {
    const char *name, *help;
    size_t at;
} counters[] = {
    { "carnet_switch_received_total", "Messages received", offsetof(switch_counters, in) },
    { "carnet_switch_sent_total", "Messages sent", offsetof(switch_counters, out) },
    { "carnet_switch_refused_total", "Messages that the switch refused", offsetof(switch_counters, refused) },
    { "carnet_switch_malformed_total", "Messages that could not be read", offsetof(switch_counters, malformed) },
    { "carnet_switch_mac_wrong_total", "Messages with a wrong MAC", offsetof(switch_counters, mac_wrong) },
    { "carnet_switch_unanswered_total", "Requests without an answer", offsetof(switch_counters, unanswered) },
    { "carnet_switch_late_total", "Answers that came too late", offsetof(switch_counters, late) },
    { "carnet_switch_unmatched_total", "Answers to no request", offsetof(switch_counters, unmatched) },
    { "carnet_switch_reversed_total", "Reversals of the switch itself", offsetof(switch_counters, reversed) },
    { "carnet_switch_forwarded_total", "Stored messages that were acknowledged", offsetof(switch_counters, forwarded) },
    { "carnet_switch_held_total", "Stored messages that were refused", offsetof(switch_counters, held) },
};

static void
head(carnet_buf *out, const char *name, const char *kind, const char *help)
{
    carnet_buf_add_text(out, "# HELP ");
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, " ");
    carnet_buf_add_text(out, help);
    carnet_buf_add_text(out, "\n# TYPE ");
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, kind);
}

static void
line(carnet_buf *out, const char *name, const switch_link *link, uint64_t value)
{
    carnet_buf_add_text(out, name);
    carnet_buf_add_text(out, link->issuer ? "{side=\"issuer\",link=\"" : "{side=\"terminal\",link=\"");
    for (const char *c = link->config->name; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            carnet_buf_add_byte(out, '\\');
        carnet_buf_add_byte(out, (uint8_t)*c);
    }
    carnet_buf_add_text(out, "\"} ");
    carnet_buf_add_uint(out, value);
    carnet_buf_add_text(out, "\n");
}

static uint64_t
value_at(const switch_link *link, size_t at)
{
    const atomic_uint_fast64_t *value = (const atomic_uint_fast64_t *)(const void *)((const char *)&link->count + at);

    return atomic_load_explicit(value, memory_order_relaxed);
}

void
carnet_switch_metrics(void *self, carnet_buf *out)
{
    const acquiring_switch *s = self;

    for (size_t k = 0; k < CARNET_COUNT(counters); k++) {
        head(out, counters[k].name, " counter\n", counters[k].help);
        for (size_t i = 0; i < s->link_count; i++)
            line(out, counters[k].name, &s->links[i], value_at(&s->links[i], counters[k].at));
    }
    head(out, "carnet_switch_stored", " gauge\n", "Stored messages that wait for their issuer");
    for (size_t i = s->terminal_count; i < s->link_count; i++)
        line(out, "carnet_switch_stored", &s->links[i], atomic_load(&s->links[i].count.depth));
    head(out, "carnet_switch_sends", " gauge\n", "Whether this switch, of those on its store, sends what is stored");
    carnet_buf_add_text(out, carnet_switch_sends(s) ? "carnet_switch_sends 1\n" : "carnet_switch_sends 0\n");
    head(out, "carnet_switch_up", " gauge\n", "Whether an issuer is there; connections of terminals");
    for (size_t i = 0; i < s->link_count; i++) {
        const int state = atomic_load(&s->links[i].count.state);

        line(out, "carnet_switch_up", &s->links[i],
             !s->links[i].issuer          ? (uint64_t)(state > 0 ? state : 0)
             : state == CARNET_KEEPING_UP ? 1
                                          : 0);
    }
}
