/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in, from either side: read, checked, and given to who deals with its kind. */
#include "internal.h"

#include <string.h>

static bool
mac_good(switch_link *link, const carnet_iso8583_message *m)
{
    const unsigned element = carnet_switch_mac_element(m);
    uint8_t octets[2 * CARNET_MESSAGE_MAC];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));

    if (link->mac.algorithm == CARNET_MESSAGE_MAC_NONE)
        return true;
    if (element == 0) /* many peers protect only what moves money */
        return carnet_mti_class(m->mti) == CARNET_MTI_NETWORK;
    return carnet_message_mac_check(
               link->owner->worker->crypto, &link->mac,
               carnet_span_of(m->octets.ptr + m->mti_offset, (size_t)(m->place[element].offset - m->mti_offset)),
               carnet_iso8583_binary(m, element, &room), NULL) == CARNET_OK;
}

bool
carnet_switch_read(switch_link *link, carnet_span octets, carnet_iso8583_message *m, switch_answer *answer)
{
    carnet_err err = { 0 };

    *answer = SWITCH_FORMAT;
    (void)atomic_fetch_add_explicit(&link->count.in, 1, memory_order_relaxed);
    if (carnet_iso8583_parse(link->spec, octets, m, &err) != CARNET_OK ||
        carnet_mti_version(m->mti) != (unsigned)link->spec->version) {
        (void)atomic_fetch_add_explicit(&link->count.malformed, 1, memory_order_relaxed);
        /* Where MACs are demanded, nothing is said to whom none can be checked of. */
        if (err.rc == CARNET_OK || link->mac.algorithm != CARNET_MESSAGE_MAC_NONE ||
            !carnet_switch_salvage(link, octets, &err, m))
            m->mti = 0;
        return false;
    }
    *answer = SWITCH_MAC;
    if (!mac_good(link, m)) {
        (void)atomic_fetch_add_explicit(&link->count.mac_wrong, 1, memory_order_relaxed);
        carnet_switch_event(link->owner, "switch.mac", "refused", link->issuer ? "issuer" : "terminal");
        return false;
    }
    return true;
}

/* --- answers of our own --- */

void
carnet_switch_reply(switch_link *link, carnet_payment_peer *peer, carnet_span header, const carnet_iso8583_message *m,
                    switch_answer answer)
{
    static const uint8_t echoed[] = { 2, 3, 4, 7, 11, 12, 13, 24, 32, 33, 37, 41, 42, 49, 70 };
    carnet_buf out = carnet_buf_of(link->owner->out, sizeof(link->owner->out));
    const carnet_mti mti = carnet_mti_response(m->mti);
    carnet_iso8583_builder b;
    char code[5];

    if (mti == 0 || peer == NULL)
        return;
    carnet_iso8583_builder_init(&b, link->spec, mti);
    for (size_t i = 0; i < CARNET_COUNT(echoed); i++)
        carnet_iso8583_set_from(&b, echoed[i], m, echoed[i]);
    carnet_switch_code(link->spec->version, answer, code);
    carnet_iso8583_set(&b, 39, code);
    if (m->mti_offset > 0)
        carnet_iso8583_set_header(&b, carnet_span_of(m->octets.ptr, m->mti_offset));
    if (carnet_switch_build(link, &b, &out, NULL) != CARNET_OK)
        return;
    if (answer > SWITCH_NETWORK_DONE)
        (void)atomic_fetch_add_explicit(&link->count.refused, 1, memory_order_relaxed);
    if (carnet_payment_answer(peer, header, carnet_buf_span(&out), NULL) == CARNET_OK)
        (void)atomic_fetch_add_explicit(&link->count.out, 1, memory_order_relaxed);
}

carnet_payment_peer *
carnet_switch_origin_peer(const acquiring_switch *s, const switch_origin *origin)
{
    const switch_connection *c = &s->connections[origin->connection];

    return origin->serial != 0 && c->serial == origin->serial ? c->peer : NULL;
}

/* --- where to --- */

static bool
begins(const carnet_config_texts *list, carnet_str text)
{
    for (size_t i = 0; i < list->count; i++)
        if (carnet_str_starts(text, list->list[i]))
            return true;
    return list->count == 0;
}

/* "999940", or all from "999940" to "999949", of one length. */
static bool
in_range(const char *range, carnet_str pan)
{
    const char *dash = strchr(range, '-');
    const size_t len = dash != NULL ? (size_t)(dash - range) : strlen(range);

    if (pan.len < len || (dash != NULL && strlen(dash + 1) != len))
        return false;
    return memcmp(pan.ptr, range, len) >= 0 && memcmp(pan.ptr, dash != NULL ? dash + 1 : range, len) <= 0;
}

static bool
pan_fits(const carnet_config_texts *list, carnet_str pan)
{
    for (size_t i = 0; pan.ptr != NULL && i < list->count; i++)
        if (in_range(list->list[i], pan))
            return true;
    return list->count == 0;
}

static bool
is_one(const carnet_config_texts *list, carnet_str text)
{
    for (size_t i = 0; i < list->count; i++)
        if (carnet_str_is(text, list->list[i]))
            return true;
    return list->count == 0;
}

switch_link *
carnet_switch_route(acquiring_switch *s, const carnet_iso8583_message *m)
{
    uint8_t octets[64];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    const carnet_str pan = carnet_iso8583_text(m, 2, &room), processing = carnet_iso8583_text(m, 3, &room),
                     terminal = carnet_iso8583_text(m, 41, &room), institution = carnet_iso8583_text(m, 100, &room);
    const char *to = s->config->route_count == 0 ? s->config->issuers[0].name : NULL;

    for (size_t i = 0; to == NULL && i < s->config->route_count; i++) {
        const carnet_config_payment_route *r = &s->config->routes[i];

        if (pan_fits(&r->bins, pan) && is_one(&r->institutions, institution) && begins(&r->terminals, terminal) &&
            begins(&r->processing, processing))
            to = r->to;
    }
    for (size_t i = s->terminal_count; to != NULL && i < s->link_count; i++)
        if (strcmp(s->links[i].config->name, to) == 0)
            return &s->links[i];
    return NULL;
}

/* --- by kind --- */

/* Reversals and advices are kept until they are acknowledged, requests are answered or given up. */
static bool
is_kept(carnet_mti mti)
{
    return carnet_mti_class(mti) == CARNET_MTI_REVERSAL || carnet_mti_function(mti) == CARNET_MTI_ADVICE;
}

static bool
too_many(const switch_link *link, switch_connection *c)
{
    const int64_t now = carnet_payment_now(link->owner->loop);

    if (link->config->per_second == 0)
        return false;
    if (now - c->second >= 1000) {
        c->second = now;
        c->count = 0;
    }
    return ++c->count > link->config->per_second;
}

static void
from_terminal(acquiring_switch *s, switch_link *link, const carnet_payment_frame *frame)
{
    switch_connection *c = carnet_payment_peer_own(frame->peer);
    carnet_iso8583_message m;
    switch_answer answer;
    switch_origin origin = { 0 };

    if (c == NULL)
        return;
    if (!carnet_switch_read(link, frame->message, &m, &answer)) {
        if (m.mti != 0)
            carnet_switch_reply(link, frame->peer, frame->header, &m, answer);
        else /* what cannot be read cannot be answered: the ends are not of one mind */
            carnet_payment_end_peer(frame->peer);
        return;
    }
    origin.connection = (uint32_t)(c - s->connections);
    origin.serial = c->serial;
    origin.header_len = (uint8_t)frame->header.len;
    memcpy(origin.header, frame->header.ptr != NULL ? frame->header.ptr : origin.header, frame->header.len);
    if (carnet_mti_class(m.mti) == CARNET_MTI_NETWORK)
        carnet_switch_network(link, frame->peer, frame->header, &m);
    else if (link->config->sign_on && !c->signed_on)
        carnet_switch_reply(link, frame->peer, frame->header, &m, SWITCH_SECURITY);
    else if (carnet_mti_asks(m.mti) && is_kept(m.mti))
        carnet_switch_store(s, link, &origin, &m);
    else if (carnet_mti_asks(m.mti) && too_many(link, c))
        carnet_switch_reply(link, frame->peer, frame->header, &m, SWITCH_UNAVAILABLE);
    else if (carnet_mti_asks(m.mti))
        carnet_switch_request(s, link, &origin, &m);
}

static void
from_issuer(switch_link *link, const carnet_payment_frame *frame)
{
    carnet_iso8583_message m;
    switch_answer answer;

    carnet_keeping_heard(&link->keeping, carnet_payment_now(link->owner->loop));
    if (!carnet_switch_read(link, frame->message, &m, &answer))
        return;
    if (carnet_mti_answers(m.mti))
        carnet_switch_answered(link, &m);
    else if (carnet_mti_class(m.mti) == CARNET_MTI_NETWORK)
        carnet_switch_network(link, frame->peer, frame->header, &m);
    else
        carnet_switch_reply(link, frame->peer, frame->header, &m, SWITCH_NO_ROUTE);
}

void
carnet_switch_batch(void *self, const carnet_payment_frame *frames, size_t count)
{
    acquiring_switch *s = self;

    s->now = carnet_service_now(s->worker);
    for (size_t i = 0; i < count; i++) {
        switch_link *link = carnet_payment_peer_self(frames[i].peer);

        if (link->issuer)
            from_issuer(link, &frames[i]);
        else
            from_terminal(s, link, &frames[i]);
    }
}
