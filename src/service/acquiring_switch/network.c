/* SPDX-License-Identifier: Apache-2.0 */
/* Network management: sign-on, sign-off, echo, of both sides. */
#include "carnet/iso8583_codes.h"
#include "internal.h"

typedef enum network_code { NETWORK_OTHER, NETWORK_ON, NETWORK_OFF, NETWORK_ECHO } network_code;

/* DE 70 of 1987, DE 24 later. */
static network_code
code_of(const carnet_iso8583_message *m)
{
    static const struct {
        const char *of_1987, *later;
        network_code code;
    } codes[] = { { "001", "801", NETWORK_ON }, { "002", "802", NETWORK_OFF }, { "301", "831", NETWORK_ECHO } };
    const bool old = m->spec->version == CARNET_ISO8583_1987;

    for (size_t i = 0; i < CARNET_COUNT(codes); i++)
        if (carnet_iso8583_is(m, old ? 70 : 24, old ? codes[i].of_1987 : codes[i].later))
            return codes[i].code;
    return NETWORK_OTHER;
}

static void
of_terminal(const carnet_payment_peer *peer, network_code code)
{
    switch_connection *c = carnet_payment_peer_own(peer);

    if (c != NULL && code == NETWORK_ON)
        c->signed_on = true;
    else if (c != NULL && code == NETWORK_OFF)
        c->signed_on = false;
}

void
carnet_switch_network(switch_link *link, carnet_payment_peer *peer, carnet_span header, const carnet_iso8583_message *m)
{
    const network_code code = code_of(m);

    if (!carnet_mti_asks(m->mti))
        return;
    if (!link->issuer)
        of_terminal(peer, code);
    else if (code == NETWORK_OFF)
        carnet_keeping_signed_off(&link->keeping, carnet_payment_now(link->owner->loop));
    carnet_switch_reply(link, peer, header, m, code != NETWORK_OTHER ? SWITCH_NETWORK_DONE : SWITCH_INVALID);
}

static void
add_two(carnet_buf *out, unsigned number)
{
    carnet_buf_add_byte(out, (uint8_t)('0' + number / 10 % 10));
    carnet_buf_add_byte(out, (uint8_t)('0' + number % 10));
}

/* CCYYMMDDhhmmss, UTC. */
static carnet_str
time_text(carnet_time now, carnet_buf *out)
{
    const carnet_date date = carnet_date_of_time(now);
    const unsigned second = (unsigned)(now - carnet_time_of_date(date));

    add_two(out, (unsigned)date.year / 100);
    add_two(out, (unsigned)date.year % 100);
    add_two(out, (unsigned)date.month);
    add_two(out, (unsigned)date.day);
    add_two(out, second / 3600);
    add_two(out, second / 60 % 60);
    add_two(out, second % 60);
    return carnet_buf_str(out);
}

static carnet_rc
build(switch_link *link, carnet_keeping_act act, carnet_buf *out, carnet_err *err)
{
    const carnet_iso8583_version version = link->spec->version;
    const bool old = version == CARNET_ISO8583_1987;
    uint8_t octets[16];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    const carnet_str time = time_text(link->owner->now, &room);
    carnet_iso8583_builder b;

    link->stan = link->stan % 999999 + 1;
    carnet_iso8583_builder_init(&b, link->spec, (carnet_mti)(((unsigned)version << 12) | (old ? 0x800 : 0x804)));
    carnet_iso8583_set_text(&b, 7, (carnet_str){ time.ptr + 4, 10 });
    carnet_iso8583_set_number(&b, 11, link->stan);
    if (old)
        carnet_iso8583_set(&b, 70, act == CARNET_KEEPING_SIGN_ON ? "001" : "301");
    else {
        carnet_iso8583_set_text(&b, 12,
                                version == CARNET_ISO8583_2003 ? time : (carnet_str){ time.ptr + 2, time.len - 2 });
        carnet_iso8583_set(&b, 24, act == CARNET_KEEPING_SIGN_ON ? "801" : "831");
    }
    return carnet_switch_build(link, &b, out, err);
}

static void
ask(switch_link *link, carnet_keeping_act act, int64_t now)
{
    acquiring_switch *s = link->owner;
    carnet_buf out = carnet_buf_of(s->out, sizeof(s->out));
    carnet_err err = { 0 };
    uint64_t tag;
    switch_pending *p;
    carnet_rc rc = build(link, act, &out, &err);

    if (rc == CARNET_OK && (p = carnet_switch_pending_new(s, SWITCH_NETWORK, (carnet_span){ 0 }, &tag)) != NULL) {
        p->act = act;
        rc = carnet_switch_await(link, carnet_buf_span(&out), tag, now + link->keeping.config.answer_ms, &err);
        if (rc != CARNET_OK)
            carnet_switch_pending_free(s, p);
        else {
            (void)atomic_fetch_add_explicit(&link->count.out, 1, memory_order_relaxed);
            (void)!carnet_payment_send(link->peer, (carnet_span){ 0 }, carnet_buf_span(&out), NULL);
        }
    }
    if (rc != CARNET_OK)
        carnet_switch_event(s, "switch.network", "failed", carnet_rc_name(rc));
}

void
carnet_switch_keep(switch_link *link, int64_t now)
{
    carnet_keeping_act act;

    while (link->peer != NULL && (act = carnet_keeping_next(&link->keeping, now)) != CARNET_KEEPING_NOTHING) {
        if (act == CARNET_KEEPING_CLOSE) {
            carnet_switch_event(link->owner, "switch.issuer_silent", "failed", NULL);
            carnet_payment_end_peer(link->peer);
            break;
        }
        ask(link, act, now);
    }
    atomic_store_explicit(&link->count.state, (int)link->keeping.state, memory_order_relaxed);
}

void
carnet_switch_kept(switch_link *link, carnet_keeping_act act, const carnet_iso8583_message *answer)
{
    const int64_t now = carnet_payment_now(link->owner->loop);
    uint8_t octets[8];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    const bool good = carnet_iso8583_approved(answer->spec->version, carnet_iso8583_text(answer, 39, &room));

    carnet_keeping_answered(&link->keeping, act, good, now);
    if (!good && act == CARNET_KEEPING_SIGN_ON)
        carnet_switch_event(link->owner, "switch.sign_on", "refused", NULL);
    carnet_switch_keep(link, now);
}
