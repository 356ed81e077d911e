/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: on to their issuer, and its answer back; or given up, and reversed. */
#include "carnet/iso8583_codes.h"
#include "internal.h"

#include <stdlib.h>
#include <string.h>

switch_pending *
carnet_switch_pending_new(acquiring_switch *s, switch_kind kind, carnet_span octets, uint64_t *tag)
{
    switch_pending *p;

    if (s->pending_free == 0)
        return NULL;
    p = &s->pending[s->pending_free - 1];
    if (p->cap < octets.len) {
        const size_t cap = octets.len < 1024 ? 1024 : octets.len;
        uint8_t *more = realloc(p->octets, cap);

        if (more == NULL)
            return NULL;
        p->octets = more;
        p->cap = cap;
    }
    if (octets.len != 0)
        memcpy(p->octets, octets.ptr, octets.len);
    p->len = octets.len;
    p->kind = kind;
    p->reversed = p->advice = false;
    *tag = s->pending_free - 1;
    s->pending_free = p->next;
    return p;
}

void
carnet_switch_pending_free(acquiring_switch *s, switch_pending *p)
{
    carnet_wipe(p->octets, p->len);
    p->len = 0;
    p->kind = SWITCH_FREE;
    p->next = s->pending_free;
    s->pending_free = (uint32_t)(p - s->pending) + 1;
}

/* --- what a message is known by --- */

static void
copy_text(char *out, size_t size, carnet_str text)
{
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    carnet_service_copy(out, size, text);
}

void
carnet_switch_name(const carnet_iso8583_message *m, switch_name *name)
{
    uint8_t octets[64];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));

    carnet_mti_write(m->mti, name->kind);
    copy_text(name->trace, sizeof(name->trace), carnet_iso8583_text(m, 11, &room));
    copy_text(name->terminal, sizeof(name->terminal), carnet_iso8583_text(m, 41, &room));
}

/* The trace number of what a reversal is about: DE 90 or 56 says it behind the message type, else it is the reversal's own. */
static void
original_name(const carnet_iso8583_message *reversal, switch_name *name)
{
    const unsigned element = reversal->spec->version == CARNET_ISO8583_1987 ? 90 : 56;
    const size_t width = reversal->spec->version == CARNET_ISO8583_2003 ? 12 : 6;
    uint8_t octets[64];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    const carnet_str original = carnet_iso8583_text(reversal, element, &room);

    carnet_switch_name(reversal, name);
    if (original.len >= 4 + width)
        copy_text(name->trace, sizeof(name->trace), (carnet_str){ original.ptr + 4, width });
}

void
carnet_switch_taken_back(acquiring_switch *s, const switch_link *from, const carnet_iso8583_message *reversal)
{
    switch_name name;

    original_name(reversal, &name);
    for (size_t i = 0; i < SWITCH_PENDING; i++) {
        switch_pending *p = &s->pending[i];

        if (p->kind == SWITCH_REQUEST && p->from == from && strcmp(p->name.trace, name.trace) == 0 &&
            strcmp(p->name.terminal, name.terminal) == 0)
            p->reversed = true;
    }
}

/* --- there --- */

static void
reply_to(acquiring_switch *s, const switch_origin *origin, switch_link *from, const carnet_iso8583_message *m,
         switch_answer answer)
{
    carnet_switch_reply(from, carnet_switch_origin_peer(s, origin), carnet_span_of(origin->header, origin->header_len),
                        m, answer);
}

/* What a request looks like on the issuer's link may not be what it looks like here: the key is made of what goes out. */
carnet_rc
carnet_switch_await(switch_link *to, carnet_span octets, uint64_t tag, int64_t deadline, carnet_err *err)
{
    carnet_iso8583_message m;
    carnet_matching_key key;
    carnet_rc rc = carnet_iso8583_parse(to->spec, octets, &m, err);

    if (rc == CARNET_OK)
        rc = carnet_matching_key_of(&m, to->by, &key, err);
    return rc == CARNET_OK ? carnet_matching_sent(&to->matching, &key, tag, deadline, err) : rc;
}

static switch_answer
answer_of(carnet_rc rc)
{
    return rc == CARNET_E_MATCHING_TWICE                             ? SWITCH_DUPLICATE
           : rc == CARNET_E_MATCHING_FULL || rc == CARNET_E_NO_SPACE ? SWITCH_UNAVAILABLE
           : rc == CARNET_E_PIN_BLOCK || rc == CARNET_E_PIN_FORMAT   ? SWITCH_SECURITY
                                                                     : SWITCH_FORMAT;
}

static carnet_rc
forward(acquiring_switch *s, switch_link *from, switch_link *to, const switch_origin *origin,
        const carnet_iso8583_message *m, carnet_err *err)
{
    carnet_buf out = carnet_buf_of(s->out, sizeof(s->out));
    uint64_t tag;
    switch_pending *p;
    carnet_rc rc = carnet_switch_translate(from, to, m, NULL, &out, err);

    if (rc != CARNET_OK)
        return rc;
    if ((p = carnet_switch_pending_new(s, SWITCH_REQUEST, m->octets, &tag)) == NULL)
        return carnet_fail(err, CARNET_E_MATCHING_FULL, NULL, NULL);
    p->from = from;
    p->to = to;
    p->origin = *origin;
    p->advice = carnet_mti_function(m->mti) != CARNET_MTI_REQUEST || carnet_mti_class(m->mti) > CARNET_MTI_FINANCIAL;
    carnet_switch_name(m, &p->name);
    rc = carnet_switch_await(to, carnet_buf_span(&out), tag, carnet_payment_now(s->loop) + to->answer_ms, err);
    if (rc == CARNET_OK) {
        (void)atomic_fetch_add_explicit(&to->count.out, 1, memory_order_relaxed);
        /* A connection that cannot take it is lost, and gives up all that waits. */
        (void)!carnet_payment_send(to->peer, (carnet_span){ 0 }, carnet_buf_span(&out), NULL);
    } else
        carnet_switch_pending_free(s, p);
    return rc;
}

/* The same request came again, perhaps on another connection: its answer goes there. */
static void
sent_again(acquiring_switch *s, const switch_link *from, const switch_origin *origin, const carnet_iso8583_message *m)
{
    switch_name name;

    carnet_switch_name(m, &name);
    for (size_t i = 0; i < SWITCH_PENDING; i++) {
        switch_pending *p = &s->pending[i];

        if (p->kind == SWITCH_REQUEST && p->from == from && strcmp(p->name.trace, name.trace) == 0 &&
            strcmp(p->name.terminal, name.terminal) == 0)
            p->origin = *origin;
    }
}

void
carnet_switch_request(acquiring_switch *s, switch_link *from, const switch_origin *origin,
                      const carnet_iso8583_message *m)
{
    switch_link *to = carnet_switch_route(s, m);
    carnet_err err = { 0 };
    carnet_rc rc;

    if (to == NULL) {
        reply_to(s, origin, from, m, SWITCH_NO_ROUTE);
        return;
    }
    if (to->peer == NULL || to->keeping.state != CARNET_KEEPING_UP) {
        reply_to(s, origin, from, m, SWITCH_UNAVAILABLE);
        return;
    }
    rc = forward(s, from, to, origin, m, &err);
    if (rc == CARNET_E_MATCHING_TWICE && carnet_mti_repeats(m->mti))
        sent_again(s, from, origin, m);
    else if (rc != CARNET_OK) {
        carnet_switch_event(s, "switch.request", "refused", carnet_rc_name(rc));
        reply_to(s, origin, from, m, answer_of(rc));
    }
}

/* --- and back --- */

/* Of a request that is given up, or whose answer nobody took. */
static void
reverse(acquiring_switch *s, const switch_pending *p, bool tell)
{
    carnet_iso8583_message m;

    if (carnet_iso8583_parse(p->from->spec, carnet_span_of(p->octets, p->len), &m, NULL) != CARNET_OK)
        return;
    if (!p->advice)
        carnet_switch_reverse(s, p->from, p->to, tell ? &p->origin : NULL, &m);
    else if (tell)
        reply_to(s, &p->origin, p->from, &m, SWITCH_UNAVAILABLE);
}

static bool
approves(const carnet_iso8583_message *m)
{
    uint8_t octets[8];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));

    return carnet_iso8583_approved(m->spec->version, carnet_iso8583_text(m, 39, &room));
}

/* The terminal is gone, or cannot be told: what was approved will not be paid out. */
static void
not_told(acquiring_switch *s, const switch_pending *p, const carnet_iso8583_message *m, const char *why)
{
    carnet_switch_event(s, "switch.answer", "failed", why);
    if (approves(m))
        reverse(s, p, false);
}

/* The answer as the terminal writes it; between versions, with the request's times. */
static carnet_rc
answer_for(const switch_pending *p, const carnet_iso8583_message *m, carnet_buf *out, carnet_err *err)
{
    const bool alike = p->from->spec->version == p->to->spec->version;
    carnet_iso8583_message asked;
    carnet_rc rc = CARNET_OK;

    if (!alike)
        rc = carnet_iso8583_parse(p->from->spec, carnet_span_of(p->octets, p->len), &asked, err);
    return rc == CARNET_OK ? carnet_switch_translate(p->to, p->from, m, alike ? NULL : &asked, out, err) : rc;
}

static void
note_strange(const switch_link *link, const carnet_iso8583_message *m)
{
    acquiring_switch *s = link->owner;
    switch_strange strange = { .time = s->now, .link = link->config->name };

    carnet_switch_name(m, &strange.name);
    (void)pthread_mutex_lock(&s->clerk.lock);
    s->strange[s->strange_count++ % SWITCH_STRANGE] = strange;
    (void)pthread_mutex_unlock(&s->clerk.lock);
}

static void
give_back(acquiring_switch *s, const switch_pending *p, const carnet_iso8583_message *m)
{
    carnet_payment_peer *peer = carnet_switch_origin_peer(s, &p->origin);
    carnet_buf out = carnet_buf_of(s->out, sizeof(s->out));
    carnet_err err = { 0 };

    if (p->reversed) {
        (void)atomic_fetch_add_explicit(&p->to->count.late, 1, memory_order_relaxed);
        carnet_switch_event(s, "switch.late", "refused", "reversed");
        note_strange(p->to, m);
    } else if (peer == NULL)
        not_told(s, p, m, "terminal_gone");
    else if (answer_for(p, m, &out, &err) != CARNET_OK)
        not_told(s, p, m, carnet_rc_name(err.rc));
    else if (carnet_payment_answer(peer, carnet_span_of(p->origin.header, p->origin.header_len), carnet_buf_span(&out),
                                   NULL) == CARNET_OK)
        (void)atomic_fetch_add_explicit(&p->from->count.out, 1, memory_order_relaxed);
    else
        not_told(s, p, m, "terminal_gone");
}

static void
deal_with(switch_link *link, switch_pending *p, const carnet_iso8583_message *m)
{
    const switch_kind kind = p->kind;
    const carnet_keeping_act act = p->act;

    if (kind == SWITCH_REQUEST)
        give_back(link->owner, p, m);
    carnet_switch_pending_free(link->owner, p);
    if (kind == SWITCH_NETWORK)
        carnet_switch_kept(link, act, m);
    else if (kind == SWITCH_STORED)
        carnet_switch_forwarded(link, m);
}

void
carnet_switch_answered(switch_link *link, const carnet_iso8583_message *m)
{
    acquiring_switch *s = link->owner;
    carnet_matching_key key;
    uint64_t tag;
    carnet_match match;

    if (carnet_matching_key_of(m, link->by, &key, NULL) != CARNET_OK)
        match = CARNET_MATCH_NONE;
    else
        match = carnet_matching_received(&link->matching, &key, &tag);
    if (match == CARNET_MATCH_FOUND) {
        deal_with(link, &s->pending[tag], m);
        return;
    }
    /* Its reversal is on its way: nothing but a line in the log. */
    note_strange(link, m);
    (void)atomic_fetch_add_explicit(match == CARNET_MATCH_LATE ? &link->count.late : &link->count.unmatched, 1,
                                    memory_order_relaxed);
    carnet_switch_event(s, match == CARNET_MATCH_LATE ? "switch.late" : "switch.unmatched", "refused", NULL);
}

static void
give_up_one(switch_link *link, switch_pending *p)
{
    const switch_kind kind = p->kind;

    if (kind == SWITCH_REQUEST) {
        (void)atomic_fetch_add_explicit(&link->count.unanswered, 1, memory_order_relaxed);
        if (!p->reversed)
            reverse(link->owner, p, true);
    }
    carnet_switch_pending_free(link->owner, p);
    if (kind == SWITCH_STORED)
        carnet_switch_forwarded(link, NULL);
}

void
carnet_switch_give_up(switch_link *link, int64_t now, bool all)
{
    uint64_t tag;

    while (all ? carnet_matching_abandon(&link->matching, now, &tag)
               : carnet_matching_expired(&link->matching, now, &tag))
        give_up_one(link, &link->owner->pending[tag]);
}
