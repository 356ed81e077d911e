/* SPDX-License-Identifier: Apache-2.0 */
/* Store and forward: acknowledged when it is durable, sent in order, repeated until the issuer has it. */
#include "carnet/iso8583_codes.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

switch_stored *
carnet_switch_stored_new(switch_link *to, carnet_span octets)
{
    switch_stored *item = calloc(1, sizeof(*item) + octets.len);

    if (item == NULL)
        return NULL;
    item->to = to;
    item->len = octets.len;
    if (octets.len != 0)
        memcpy(item->octets, octets.ptr, octets.len);
    return item;
}

void
carnet_switch_stored_free(switch_stored *item)
{
    if (item == NULL)
        return;
    carnet_wipe(item->octets, item->len);
    if (item->request != NULL)
        carnet_wipe(item->request, item->request_len);
    free(item->request);
    free(item);
}

void
carnet_switch_stored_queue(switch_stored *item)
{
    item->next = NULL;
    *item->to->last = item;
    item->to->last = &item->next;
}

/* --- on the way into the store --- */

static bool
keep_request(switch_stored *item, switch_link *from, const switch_origin *origin, const carnet_iso8583_message *m,
             switch_answer answer)
{
    if ((item->request = malloc(m->octets.len)) == NULL)
        return false;
    memcpy(item->request, m->octets.ptr, m->octets.len);
    item->request_len = m->octets.len;
    item->from = from;
    item->origin = *origin;
    item->answer = answer;
    return true;
}

static void
give(acquiring_switch *s, switch_stored *item)
{
    item->next = NULL;
    *s->arriving_last = item;
    s->arriving_last = &item->next;
    item->to->stored++;
    atomic_store_explicit(&item->to->count.depth, item->to->stored, memory_order_relaxed);
    item->loads = s->loads;
    carnet_switch_clerk_give(s, item, SWITCH_INSERT);
}

static switch_answer
done_answer(const carnet_iso8583_message *m)
{
    return carnet_mti_class(m->mti) == CARNET_MTI_REVERSAL ? SWITCH_REVERSAL_DONE : SWITCH_DONE;
}

static void
reply(acquiring_switch *s, switch_link *from, const switch_origin *origin, const carnet_iso8583_message *m,
      switch_answer answer)
{
    carnet_switch_reply(from, carnet_switch_origin_peer(s, origin), carnet_span_of(origin->header, origin->header_len),
                        m, answer);
}

/* Trace numbers come again, some day: what is asked for must be the same, too. */
static bool
same_matter(const switch_stored *item, const carnet_iso8583_message *again)
{
    static const uint8_t elements[] = { 2, 3, 4, 30, 37, 41, 49, 56, 90, 95, 102 };
    carnet_iso8583_message m;

    if (carnet_iso8583_parse(item->to->spec, carnet_span_of(item->octets, item->len), &m, NULL) != CARNET_OK)
        return false;
    for (size_t i = 0; i < CARNET_COUNT(elements); i++)
        if (!carnet_iso8583_same(&m, again, elements[i]))
            return false;
    return true;
}

/* 0420 and 0421 are one message. */
static switch_stored *
find(switch_stored *list, const switch_link *to, const switch_name *name, const carnet_iso8583_message *m)
{
    for (; list != NULL; list = list->next)
        if (list->to == to && !list->own && strcmp(list->name.trace, name->trace) == 0 &&
            strcmp(list->name.terminal, name->terminal) == 0 && memcmp(list->name.kind, name->kind, 3) == 0 &&
            same_matter(list, m))
            return list;
    return NULL;
}

/* One that is stored, or is about to be, is not stored again.  `translated` is m as the issuer would have it. */
static bool
is_there(acquiring_switch *s, switch_link *from, switch_link *to, const switch_origin *origin,
         const carnet_iso8583_message *m, carnet_span translated, const switch_name *name)
{
    carnet_iso8583_message again;
    switch_stored *item;

    if (carnet_iso8583_parse(to->spec, translated, &again, NULL) != CARNET_OK)
        return false;
    if ((item = find(s->arriving, to, name, &again)) != NULL) {
        if (item->from == from)
            item->origin = *origin;
        return true;
    }
    if (find(to->first, to, name, &again) == NULL)
        return false;
    reply(s, from, origin, m, done_answer(m));
    return true;
}

static switch_answer
keep(acquiring_switch *s, switch_link *from, switch_link *to, const switch_origin *origin,
     const carnet_iso8583_message *m, const switch_name *name)
{
    carnet_buf out = carnet_buf_of(s->translated, sizeof(s->translated));
    carnet_err err = { 0 };
    switch_stored *item;
    carnet_rc rc = carnet_switch_translate(from, to, m, NULL, &out, &err);

    if (rc != CARNET_OK) {
        carnet_switch_event(s, "switch.store", "refused", carnet_rc_name(rc));
        return rc == CARNET_E_PIN_BLOCK || rc == CARNET_E_PIN_FORMAT ? SWITCH_SECURITY : SWITCH_FORMAT;
    }
    if (is_there(s, from, to, origin, m, carnet_buf_span(&out), name))
        return SWITCH_DONE;
    if (to->stored >= SWITCH_STORED_MAX || (item = carnet_switch_stored_new(to, carnet_buf_span(&out))) == NULL)
        return SWITCH_UNAVAILABLE;
    if (!keep_request(item, from, origin, m, done_answer(m))) {
        carnet_switch_stored_free(item);
        return SWITCH_UNAVAILABLE;
    }
    item->name = *name;
    give(s, item);
    return SWITCH_DONE;
}

/* A vector of trust cannot be judged later: what has one is asked about at once. */
static bool
has_vector(const switch_link *from, const carnet_iso8583_message *m, carnet_buf *room)
{
    const carnet_span content = carnet_iso8583_binary(m, from->carrier_element, room);
    carnet_vector_carrier carrier;

    if (content.ptr == NULL)
        return false;
    return (from->carrier == SWITCH_CARRIER_TEXT ? carnet_carrier_read_text(content, &carrier, NULL)
                                                 : carnet_carrier_read_tlv(content, &carrier, NULL)) == CARNET_OK;
}

void
carnet_switch_store(acquiring_switch *s, switch_link *from, const switch_origin *origin,
                    const carnet_iso8583_message *m)
{
    const bool reversal = carnet_mti_class(m->mti) == CARNET_MTI_REVERSAL;
    carnet_buf room = carnet_buf_of(s->room, SWITCH_ROOM);
    switch_link *to = carnet_switch_route(s, m);
    switch_name name;
    switch_answer answer;

    if (!reversal && has_vector(from, m, &room)) {
        carnet_switch_request(s, from, origin, m);
        return;
    }
    carnet_switch_name(m, &name);
    if (to == NULL)
        answer = SWITCH_NO_ROUTE;
    else if (name.trace[0] == '\0')
        answer = SWITCH_FORMAT;
    else {
        if (reversal)
            carnet_switch_taken_back(s, from, m);
        answer = keep(s, from, to, origin, m, &name);
    }
    if (answer != SWITCH_DONE)
        reply(s, from, origin, m, answer);
}

void
carnet_switch_store_own(switch_link *to, carnet_span octets, switch_link *from, const switch_origin *origin,
                        const carnet_iso8583_message *m)
{
    switch_stored *item = carnet_switch_stored_new(to, octets);

    if (item == NULL || (from != NULL && !keep_request(item, from, origin, m, SWITCH_UNAVAILABLE))) {
        carnet_switch_stored_free(item);
        carnet_switch_event(to->owner, "switch.reversal", "failed", "memory");
        return;
    }
    carnet_switch_name(m, &item->name);
    carnet_mti_write((carnet_mti)((m->mti & 0xf000) | (CARNET_MTI_REVERSAL << 8) | (CARNET_MTI_ADVICE << 4)),
                     item->name.kind);
    item->own = true;
    give(to->owner, item);
}

/* It is durable: whoever waits may know. */
static void
acknowledge(acquiring_switch *s, switch_stored *item)
{
    carnet_iso8583_message m;

    if (item->from != NULL &&
        carnet_iso8583_parse(item->from->spec, carnet_span_of(item->request, item->request_len), &m, NULL) == CARNET_OK)
        reply(s, item->from, &item->origin, &m, item->answer);
    if (item->request != NULL)
        carnet_wipe(item->request, item->request_len);
    free(item->request);
    item->request = NULL;
    item->request_len = 0;
}

bool
carnet_switch_stored_known(const switch_link *link, int64_t id)
{
    for (const switch_stored *item = link->first; item != NULL; item = item->next)
        if (item->id == id)
            return true;
    return false;
}

/* For the queue, unless another switch sends, or the store was read since and it was there. */
static void
keep_or_leave(acquiring_switch *s, switch_stored *item)
{
    switch_link *to = item->to;

    if (s->sender.sent && (item->loads == s->loads || !carnet_switch_stored_known(to, item->id))) {
        carnet_switch_stored_queue(item);
        return;
    }
    to->stored--;
    atomic_store_explicit(&to->count.depth, to->stored, memory_order_relaxed);
    carnet_switch_stored_free(item);
}

void
carnet_switch_stored(acquiring_switch *s)
{
    switch_stored *done = carnet_switch_clerk_take(s);

    while (done != NULL) {
        switch_stored *item = done;

        done = item->errand_next;
        /* They were stored in the order they were given. */
        s->arriving = item->next;
        if (s->arriving == NULL)
            s->arriving_last = &s->arriving;
        acknowledge(s, item);
        keep_or_leave(s, item);
    }
}

/* --- and on to the issuer --- */

static carnet_rc
build_again(switch_link *link, const switch_stored *item, carnet_buf *out, carnet_err *err)
{
    carnet_iso8583_message m;
    carnet_iso8583_builder b;
    carnet_rc rc = carnet_iso8583_parse(link->spec, carnet_span_of(item->octets, item->len), &m, err);

    if (rc != CARNET_OK)
        return rc;
    carnet_iso8583_builder_init(&b, link->spec, item->sent ? carnet_mti_repeat(m.mti) : m.mti);
    if (m.mti_offset > 0)
        carnet_iso8583_set_header(&b, carnet_span_of(m.octets.ptr, m.mti_offset));
    carnet_iso8583_set_all(&b, &m);
    return carnet_switch_build(link, &b, out, err);
}

static carnet_rc
send(switch_link *link, switch_stored *item, int64_t now, carnet_err *err)
{
    acquiring_switch *s = link->owner;
    carnet_buf out = carnet_buf_of(s->out, sizeof(s->out));
    uint64_t tag;
    switch_pending *p;
    carnet_rc rc = build_again(link, item, &out, err);

    if (rc != CARNET_OK)
        return rc;
    if ((p = carnet_switch_pending_new(s, SWITCH_STORED, (carnet_span){ 0 }, &tag)) == NULL)
        return carnet_fail(err, CARNET_E_MATCHING_FULL, NULL, NULL);
    rc = carnet_switch_await(link, carnet_buf_span(&out), tag, now + link->repeat_ms, err);
    if (rc != CARNET_OK) {
        carnet_switch_pending_free(s, p);
        return rc;
    }
    item->sent = true;
    link->stored_waits = true;
    (void)atomic_fetch_add_explicit(&link->count.out, 1, memory_order_relaxed);
    (void)!carnet_payment_send(link->peer, (carnet_span){ 0 }, carnet_buf_span(&out), NULL);
    return CARNET_OK;
}

static void
settle(switch_link *link, switch_errand errand)
{
    switch_stored *item = link->first;

    link->first = item->next;
    if (link->first == NULL)
        link->last = &link->first;
    link->stored--;
    atomic_store_explicit(&link->count.depth, link->stored, memory_order_relaxed);
    if (errand == SWITCH_HOLD)
        (void)atomic_fetch_add_explicit(&link->count.held, 1, memory_order_relaxed);
    else
        (void)atomic_fetch_add_explicit(&link->count.forwarded, 1, memory_order_relaxed);
    carnet_switch_clerk_give(link->owner, item, errand);
}

void
carnet_switch_forward(switch_link *link, int64_t now)
{
    carnet_err err = { 0 };
    carnet_rc rc;

    if (link->first == NULL || !carnet_switch_sends(link->owner))
        return;
    while (link->first != NULL && link->peer != NULL && link->keeping.state == CARNET_KEEPING_UP &&
           !link->stored_waits && now >= link->stored_again) {
        rc = send(link, link->first, now, &err);
        if (rc == CARNET_OK)
            return;
        carnet_switch_event(link->owner, "switch.forward", "failed", carnet_rc_name(rc));
        if (rc == CARNET_E_MATCHING_TWICE || rc == CARNET_E_MATCHING_FULL || rc == CARNET_E_NO_SPACE)
            link->stored_again = now + 1000;
        else {
            link->first->reason[0] = '-';
            settle(link, SWITCH_HOLD); /* it is none of this link any more */
        }
    }
}

/* What an issuer says of a message that it will take later. */
static bool
is_trouble(carnet_str code)
{
    static const char *const codes[] = {
        "91", "96", "06", "92", "63", "907", "909", "906", "908", "911", "912", "916"
    };

    for (size_t i = 0; i < CARNET_COUNT(codes); i++)
        if (carnet_str_is(code, codes[i]))
            return true;
    return false;
}

/* Done before: a duplicate, or an original that was never there. */
static bool
is_done(carnet_iso8583_version version, carnet_str code)
{
    return carnet_iso8583_approved(version, code) || carnet_str_is(code, "94") || carnet_str_is(code, "25") ||
           carnet_str_is(code, "913") || carnet_str_is(code, "914");
}

void
carnet_switch_forwarded(switch_link *link, const carnet_iso8583_message *answer)
{
    const int64_t now = carnet_payment_now(link->owner->loop);
    const bool strange = link->stored_strange;
    uint8_t octets[8];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    carnet_str code;

    link->stored_waits = link->stored_strange = false;
    link->stored_again = now;
    if (answer == NULL || link->first == NULL || strange)
        return;
    code = carnet_iso8583_text(answer, 39, &room);
    if (code.len == 4)
        code.len = 3; /* 2003 */
    if (is_done(link->spec->version, code))
        settle(link, SWITCH_DELETE);
    else if (code.len == 0 || is_trouble(code))
        link->stored_again = now + link->repeat_ms;
    else {
        const size_t len = code.len < sizeof(link->first->reason) ? code.len : sizeof(link->first->reason) - 1;

        memcpy(link->first->reason, code.ptr, len);
        carnet_switch_event(link->owner, "switch.forward", "refused", "issuer");
        settle(link, SWITCH_HOLD);
    }
    carnet_switch_forward(link, now);
}
