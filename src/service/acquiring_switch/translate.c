/* SPDX-License-Identifier: Apache-2.0 */
/* A message of one link as another writes it: flavour, carrier of the vector, PIN block, MAC. */
#include "carnet/iso8583_data_set.h"
#include "carnet/tlv.h"
#include "carnet/vector_carrier.h"
#include "internal.h"

#include <string.h>

/* What a rewritten message borrows until it is built. */
typedef struct rewriting {
    switch_link *from, *to;
    const carnet_iso8583_message *source, *m; /* as it came; as it is translated from */
    carnet_iso8583_message half;              /* of 1993, on the way from 1987 to 2003 or back */
    carnet_iso8583_builder b;
    carnet_pin_block pin;
    carnet_buf room;
} rewriting;

unsigned
carnet_switch_mac_element(const carnet_iso8583_message *m)
{
    return carnet_iso8583_has(m, 128) ? 128 : carnet_iso8583_has(m, 64) ? 64 : 0;
}

/* --- the MAC --- */

static bool
put_mac(const carnet_iso8583_message *m, unsigned element, const uint8_t mac[CARNET_MESSAGE_MAC], uint8_t *octets)
{
    static const char digits[] = "0123456789ABCDEF";
    const carnet_span raw = carnet_iso8583_raw(m, element);
    const uint8_t encoding = m->spec->fields[element].encoding;
    const size_t size = m->place[element].length;
    uint8_t *at = octets + (raw.ptr - m->octets.ptr);

    if (size > CARNET_MESSAGE_MAC)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (raw.len == size)
            at[i] = mac[i];
        else if (raw.len == 2 * size && encoding == CARNET_ISO8583_HEX) {
            at[2 * i] = (uint8_t)digits[mac[i] >> 4];
            at[2 * i + 1] = (uint8_t)digits[mac[i] & 15];
        } else
            return false;
    }
    return true;
}

carnet_rc
carnet_switch_protect(switch_link *link, carnet_buf *out, size_t from, carnet_err *err)
{
    const carnet_span octets = { out->ptr + from, out->len - from };
    uint8_t mac[CARNET_MESSAGE_MAC];
    carnet_iso8583_message m;
    unsigned element;
    carnet_rc rc = carnet_iso8583_parse(link->spec, octets, &m, err);

    if (rc != CARNET_OK)
        return rc;
    element = carnet_switch_mac_element(&m);
    if (element == 0)
        return carnet_fail(err, CARNET_E_SWITCH_MESSAGE, NULL, "there is no room for a MAC");
    rc = carnet_message_mac_make(
        link->owner->worker->crypto, &link->mac,
        carnet_span_of(octets.ptr + m.mti_offset, (size_t)(m.place[element].offset - m.mti_offset)), mac, err);
    if (rc == CARNET_OK && !put_mac(&m, element, mac, out->ptr + from))
        rc = carnet_fail(err, CARNET_E_SWITCH_MESSAGE, NULL, "this flavour writes a MAC in a way that is not known");
    return rc;
}

carnet_rc
carnet_switch_build(switch_link *link, carnet_iso8583_builder *b, carnet_buf *out, carnet_err *err)
{
    static const uint8_t none[CARNET_MESSAGE_MAC];
    const size_t from = out->len;
    carnet_rc rc;

    carnet_iso8583_unset(b, 64);
    carnet_iso8583_unset(b, 128);
    if (link->mac.algorithm != CARNET_MESSAGE_MAC_NONE)
        carnet_iso8583_set_binary(b, b->elements[1] != 0 || b->elements[2] != 0 ? 128 : 64,
                                  carnet_span_of(none, link->mac.size));
    rc = carnet_iso8583_build(b, out, err);
    return rc == CARNET_OK && link->mac.algorithm != CARNET_MESSAGE_MAC_NONE
               ? carnet_switch_protect(link, out, from, err)
               : rc;
}

/* --- the carrier --- */

static unsigned
kind_of(const carnet_iso8583_field *field)
{
    return field->type == CARNET_ISO8583_NONE                                    ? 0
           : field->type == CARNET_ISO8583_B                                     ? 1
           : field->type == CARNET_ISO8583_N || field->type == CARNET_ISO8583_XN ? 2
                                                                                 : 3;
}

/* Whether an element is one that the other version has, too, in a form that takes its values. */
static bool
fits(const carnet_iso8583_field *from, const carnet_iso8583_field *to)
{
    const unsigned a = kind_of(from), b = kind_of(to);

    if (b == 0 || (a != b && !(a == 2 && b == 3)))
        return false;
    return to->prefix != CARNET_ISO8583_FIXED || from->max <= to->max || a == 3;
}

/* 1987 has a code of its own for an issuer that names the vectors that would do. */
static void
ask_for_more(rewriting *w, const carnet_vector_carrier *carrier)
{
    if (w->to->spec->version == CARNET_ISO8583_1987 && carnet_mti_answers(w->b.mti) &&
        w->from->spec->version != CARNET_ISO8583_1987 && (carrier->present & CARNET_CARRIER_REQUEST) != 0)
        carnet_iso8583_set(&w->b, 39, "1A");
}

static carnet_rc
without_object(carnet_span objects, carnet_buf *out, carnet_err *err)
{
    carnet_tlv_reader r = carnet_tlv_open(objects);
    carnet_tlv object;

    while (carnet_tlv_next(&r, &object))
        if (object.tag != CARNET_CARRIER_TAG && object.tag != CARNET_CARRIER_TAG_SHORT)
            carnet_buf_add(out, object.encoded);
    return carnet_tlv_done(&r, err);
}

/* Set an element to the octets that were appended to the room since `start`; none: take it out. */
static void
set_rest(rewriting *w, unsigned element, size_t start)
{
    if (w->room.len == start)
        carnet_iso8583_unset(&w->b, element);
    else
        carnet_iso8583_set_binary(&w->b, element, carnet_span_of(w->room.ptr + start, w->room.len - start));
}

/* Peers write what they like into that element: only what has data sets, and P1 among them, is looked into. */
static bool
has_p1(carnet_span content)
{
    carnet_span value;

    return carnet_data_set_find(content, carnet_data_set_ttlll, "P1", &value, NULL) == CARNET_OK && value.ptr != NULL;
}

/* What the element of the sender's link has beside the carrier stays there, if that link's element is one of the other's, too. */
static carnet_rc
take_carrier(rewriting *w, carnet_vector_carrier *carrier, bool *there, carnet_err *err)
{
    const bool text = w->from->carrier == SWITCH_CARRIER_TEXT;
    const carnet_span content = carnet_iso8583_binary(w->source, w->from->carrier_element, &w->room);
    carnet_rc rc;

    *there = false;
    if (content.ptr == NULL)
        return CARNET_OK;
    if (text && !has_p1(content))
        return CARNET_OK;
    rc = text ? carnet_carrier_read_text(content, carrier, err) : carnet_carrier_read_tlv(content, carrier, err);
    if (rc == CARNET_E_CARRIER_ABSENT)
        return CARNET_OK;
    *there = rc == CARNET_OK;
    return rc;
}

static bool
takes(const switch_link *from, const switch_link *to, unsigned element)
{
    return fits(&from->spec->fields[element], &to->spec->fields[element]);
}

static carnet_rc
leave_others(rewriting *w, carnet_err *err)
{
    const unsigned element = w->from->carrier_element;
    const carnet_span content = carnet_iso8583_binary(w->source, element, &w->room);
    const size_t start = w->room.len;
    carnet_rc rc;

    carnet_iso8583_unset(&w->b, element);
    if (!takes(w->from, w->to, element))
        return CARNET_OK;
    rc = w->from->carrier == SWITCH_CARRIER_TEXT
             ? carnet_data_set_replace(content, carnet_data_set_ttlll, carnet_str_of("P1"), (carnet_span){ 0 },
                                       &w->room, err)
             : without_object(content, &w->room, err);
    if (rc == CARNET_OK)
        set_rest(w, element, start);
    return rc;
}

static carnet_rc
give_carrier(rewriting *w, const carnet_vector_carrier *carrier, carnet_err *err)
{
    const unsigned element = w->to->carrier_element;
    const bool others = element != w->from->carrier_element && takes(w->from, w->to, element);
    const carnet_span beside = others ? carnet_iso8583_binary(w->source, element, &w->room) : (carnet_span){ 0 };
    const size_t start = w->room.len;
    carnet_rc rc;

    if (w->to->carrier == SWITCH_CARRIER_TEXT)
        rc = carnet_carrier_write_text(carrier, beside, &w->room, err);
    else
        rc = carnet_carrier_write_tlv(
            carrier, w->to->carrier == SWITCH_CARRIER_TLV ? CARNET_CARRIER_TAG : CARNET_CARRIER_TAG_SHORT, beside,
            w->to->spec->fields[element].max, &w->room, err);
    if (rc == CARNET_OK)
        set_rest(w, element, start);
    return rc;
}

static bool
same_carrier(const switch_link *from, const switch_link *to)
{
    return from->carrier == to->carrier && from->carrier_element == to->carrier_element;
}

static carnet_rc
move_carrier(rewriting *w, carnet_err *err)
{
    carnet_vector_carrier carrier;
    bool there;
    carnet_rc rc;

    if (same_carrier(w->from, w->to) && w->from->spec->version == w->to->spec->version)
        return CARNET_OK;
    rc = take_carrier(w, &carrier, &there, err);
    if (rc != CARNET_OK || !there) {
        if (rc == CARNET_OK && w->source != w->m && takes(w->from, w->to, w->from->carrier_element))
            carnet_iso8583_set_from(&w->b, w->from->carrier_element, w->source, w->from->carrier_element);
        return rc;
    }
    ask_for_more(w, &carrier);
    rc = leave_others(w, err);
    return rc == CARNET_OK ? give_carrier(w, &carrier, err) : rc;
}

/* --- the PIN --- */

static bool
pin_moves(const switch_link *from, const switch_link *to, const carnet_iso8583_message *m)
{
    return from->pin.key.len != 0 && to->pin.key.len != 0 && carnet_iso8583_has(m, 52);
}

static carnet_rc
move_pin(rewriting *w, carnet_err *err)
{
    carnet_crypto *crypto = w->from->owner->worker->crypto;
    const carnet_random random = w->from->owner->worker->random;
    carnet_rc rc;

    if (!pin_moves(w->from, w->to, w->m))
        return CARNET_OK;
    rc = carnet_pin_translate(crypto, &w->from->pin, carnet_iso8583_binary(w->m, 52, &w->room),
                              carnet_iso8583_text(w->m, 2, &w->room), &w->to->pin, &random, &w->pin, err);
    if (rc == CARNET_OK)
        carnet_iso8583_set_binary(&w->b, 52, carnet_span_of(w->pin.bytes, w->pin.len));
    return rc;
}

/* --- all of it --- */

static bool
lacks_acquirer(const switch_link *from, const carnet_iso8583_message *m)
{
    return from->config->acquirer != NULL && !carnet_iso8583_has(m, 32) && carnet_mti_asks(m->mti);
}

/* Links that are written alike: the octets stay, and only the MAC is made anew. */
static bool
passes(const switch_link *from, const switch_link *to, const carnet_iso8583_message *m)
{
    return from->spec == to->spec && same_carrier(from, to) && !pin_moves(from, to, m) && !lacks_acquirer(from, m) &&
           (carnet_switch_mac_element(m) != 0) == (to->mac.algorithm != CARNET_MESSAGE_MAC_NONE);
}

static carnet_rc
pass(switch_link *to, const carnet_iso8583_message *m, carnet_buf *out, carnet_err *err)
{
    const size_t from = out->len;

    carnet_buf_add(out, m->octets);
    if (out->overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    return to->mac.algorithm != CARNET_MESSAGE_MAC_NONE ? carnet_switch_protect(to, out, from, err) : CARNET_OK;
}

/* --- versions --- */

static void
drop_strangers(carnet_iso8583_builder *b, const carnet_iso8583_message *m)
{
    for (unsigned e = carnet_iso8583_next(m, 0); e != 0; e = carnet_iso8583_next(m, e))
        if (!fits(&m->spec->fields[e], &b->spec->fields[e]))
            carnet_iso8583_unset(b, e);
}

/* One step: 1987 to 1993, 1993 to 2003, and back. */
static carnet_rc
change_version(rewriting *w, carnet_err *err)
{
    const carnet_iso8583_version from = w->m->spec->version, to = w->b.spec->version;
    const switch_times times = { w->to->owner->now, w->from->config->keeps_local_time };

    if (from == to)
        return CARNET_OK;
    drop_strangers(&w->b, w->m);
    w->b.mti = (carnet_mti)((w->m->mti & 0x0fff) | (unsigned)to << 12);
    if (from == CARNET_ISO8583_1987)
        carnet_switch_1987_to_1993(w->m, &times, &w->b, &w->room);
    else if (to == CARNET_ISO8583_1987)
        carnet_switch_1993_to_1987(w->m, &w->b, &w->room);
    else if (to == CARNET_ISO8583_2003)
        return carnet_switch_1993_to_2003(w->m, &w->b, &w->room, err);
    else
        carnet_switch_2003_to_1993(w->m, &w->b, &w->room);
    return CARNET_OK;
}

/* From 1987 to 2003, or back: by 1993.  The carrier does not go that way. */
static carnet_rc
go_between(rewriting *w, carnet_err *err)
{
    acquiring_switch *s = w->to->owner;
    carnet_buf out = carnet_buf_of(s->between, sizeof(s->between));
    carnet_rc rc;

    carnet_iso8583_builder_init(&w->b, s->middle, w->m->mti);
    carnet_iso8583_set_all(&w->b, w->m);
    rc = change_version(w, err);
    carnet_iso8583_unset(&w->b, w->from->carrier_element);
    carnet_iso8583_unset(&w->b, 64);
    carnet_iso8583_unset(&w->b, 128);
    if (rc == CARNET_OK)
        rc = carnet_iso8583_build(&w->b, &out, err);
    if (rc == CARNET_OK)
        rc = carnet_iso8583_parse(s->middle, carnet_buf_span(&out), &w->half, err);
    w->m = &w->half;
    return rc;
}

static bool
is_far(carnet_iso8583_version a, carnet_iso8583_version b)
{
    return (a == CARNET_ISO8583_1987 && b == CARNET_ISO8583_2003) ||
           (a == CARNET_ISO8583_2003 && b == CARNET_ISO8583_1987);
}

/* Times and trace number of an answer are the request's, as its sender wrote them. */
static void
restore(rewriting *w, const carnet_iso8583_message *asked)
{
    static const uint8_t elements[] = { 7, 11, 12, 13 };

    if (asked == NULL || w->from->spec->version == w->to->spec->version)
        return;
    for (size_t i = 0; i < CARNET_COUNT(elements); i++)
        carnet_iso8583_set_from(&w->b, elements[i], asked, elements[i]);
}

static carnet_rc
rewrite(rewriting *w, const carnet_iso8583_message *asked, carnet_buf *out, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    w->room = carnet_buf_of(w->to->owner->room, SWITCH_ROOM);
    if (is_far(w->m->spec->version, w->to->spec->version))
        rc = go_between(w, err);
    if (rc != CARNET_OK)
        return rc;
    carnet_iso8583_builder_init(&w->b, w->to->spec, w->m->mti);
    carnet_iso8583_set_all(&w->b, w->m);
    rc = change_version(w, err);
    if (lacks_acquirer(w->from, w->source))
        carnet_iso8583_set(&w->b, 32, w->from->config->acquirer);
    restore(w, asked);
    if (rc == CARNET_OK)
        rc = move_carrier(w, err);
    if (rc == CARNET_OK)
        rc = move_pin(w, err);
    if (rc == CARNET_OK && w->room.overflow)
        rc = carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (rc == CARNET_OK)
        rc = carnet_switch_build(w->to, &w->b, out, err);
    carnet_pin_block_done(&w->pin);
    return rc;
}

carnet_rc
carnet_switch_translate(switch_link *from, switch_link *to, const carnet_iso8583_message *m,
                        const carnet_iso8583_message *asked, carnet_buf *out, carnet_err *err)
{
    rewriting w;

    if (passes(from, to, m))
        return pass(to, m, out, err);
    w.from = from;
    w.to = to;
    w.m = w.source = m;
    w.pin.len = 0;
    return rewrite(&w, asked, out, err);
}
