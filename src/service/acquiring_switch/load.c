/* SPDX-License-Identifier: Apache-2.0 */
/* What was stored by an earlier run: it may have been sent, so it goes out as a repeat. */
#include "internal.h"

#include <string.h>

typedef struct loading {
    acquiring_switch *s;
    switch_stored *first, **last; /* as they were read, sealed */
    int64_t after;
    size_t count;
    bool full;
} loading;

enum { PAGE = 200 };

static switch_link *
issuer_named(const acquiring_switch *s, carnet_str name)
{
    for (size_t i = s->terminal_count; i < s->link_count; i++)
        if (carnet_str_is(name, s->links[i].config->name))
            return &s->links[i];
    return NULL;
}

static bool
add(void *self, const carnet_store_forward *forward)
{
    loading *l = self;
    switch_link *to = issuer_named(l->s, forward->link);
    switch_stored *item;

    l->after = forward->id;
    l->count++;
    if (to == NULL) {
        carnet_switch_event(l->s, "switch.load", "failed", "no_such_link");
        return true;
    }
    if (carnet_switch_stored_known(to, forward->id)) /* an operator's doing is read while others wait */
        return true;
    if ((item = carnet_switch_stored_new(to, forward->message)) == NULL) {
        l->full = true;
        return false;
    }
    item->id = forward->id;
    item->sent = true;
    carnet_service_copy(item->name.kind, sizeof(item->name.kind), forward->kind);
    carnet_service_copy(item->name.trace, sizeof(item->name.trace), forward->trace);
    carnet_service_copy(item->name.terminal, sizeof(item->name.terminal), forward->terminal);
    *l->last = item;
    l->last = &item->next;
    return true;
}

static carnet_rc
read_page(void *arg, carnet_store_session *session, carnet_err *err)
{
    loading *l = arg;

    l->count = 0;
    return carnet_store_forward_list(session, CARNET_STORE_FORWARD_QUEUED, l->after, PAGE, add, l, err);
}

static carnet_rc
read_all(loading *l, carnet_err *err)
{
    carnet_rc rc;

    do
        rc = carnet_store_read(l->s->worker->store, read_page, l, err);
    while (rc == CARNET_OK && l->count == PAGE && !l->full);
    return rc == CARNET_OK && l->full ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : rc;
}

/* In place: what is sealed is longer. */
static bool
open_one(acquiring_switch *s, switch_stored *item)
{
    carnet_buf plain = carnet_buf_of(s->made, sizeof(s->made));
    carnet_iso8583_message m;

    if (carnet_service_open(s->worker, "switch.stored", carnet_str_bytes(carnet_str_of(item->to->config->name)),
                            carnet_span_of(item->octets, item->len), &plain, NULL) != CARNET_OK ||
        carnet_iso8583_parse(item->to->spec, carnet_buf_span(&plain), &m, NULL) != CARNET_OK)
        return false;
    memcpy(item->octets, plain.ptr, plain.len);
    item->len = plain.len;
    return true;
}

static void
queue_all(acquiring_switch *s, switch_stored *list, bool good)
{
    while (list != NULL) {
        switch_stored *item = list;

        list = item->next;
        if (good && open_one(s, item)) {
            item->to->stored++;
            atomic_store(&item->to->count.depth, item->to->stored);
            carnet_switch_stored_queue(item);
            continue;
        }
        if (good) /* it stays in the store: another secret, or another flavour than it was written in */
            carnet_switch_event(s, "switch.load", "failed", "unreadable");
        carnet_switch_stored_free(item);
    }
}

carnet_rc
carnet_switch_load(acquiring_switch *s, carnet_err *err)
{
    loading l = { .s = s };
    carnet_rc rc;

    l.last = &l.first;
    s->loads++;
    rc = read_all(&l, err);
    queue_all(s, l.first, rc == CARNET_OK);
    return rc;
}
