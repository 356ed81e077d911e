/* SPDX-License-Identifier: Apache-2.0 */
/* The two sides of the switch. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static carnet_crypto issuer_crypto, terminal_crypto;

void
written_as(written *how, carnet_iso8583_version version, const char *flavour, const char *framing)
{
    static carnet_iso8583_spec specs[4]; /* no test has more at once */
    static unsigned next;
    carnet_iso8583_spec *spec = &specs[next++ % CARNET_COUNT(specs)];
    carnet_iso8583_flavour f;

    assert_true(carnet_iso8583_flavour_named(carnet_str_of(flavour), &f));
    assert_carnet_ok(carnet_iso8583_spec_init(spec, version, &f, NULL), NULL);
    *how = (written){ .spec = spec };
    assert_true(carnet_framing_named(carnet_str_of(framing), &how->framing));
}

static carnet_rc
build(const written *how, carnet_crypto *crypto, carnet_iso8583_builder *b, carnet_buf *out, bool wrong)
{
    static const uint8_t none[8];
    uint8_t mac[CARNET_MESSAGE_MAC];
    carnet_iso8583_message m;
    const size_t from = out->len;
    unsigned de;
    carnet_rc rc;

    if (how->mac.algorithm == CARNET_MESSAGE_MAC_NONE)
        return carnet_iso8583_build(b, out, NULL);
    de = b->elements[1] != 0 ? 128 : 64;
    carnet_iso8583_set_binary(b, de, carnet_span_of(none, how->mac.size));
    rc = carnet_iso8583_build(b, out, NULL);
    if (rc == CARNET_OK)
        rc = carnet_iso8583_parse(how->spec, carnet_span_of(out->ptr + from, out->len - from), &m, NULL);
    if (rc == CARNET_OK)
        rc = carnet_message_mac_make(crypto, &how->mac, carnet_span_of(out->ptr + from, m.place[de].offset), mac, NULL);
    if (rc != CARNET_OK)
        return rc;
    mac[0] ^= wrong ? 1 : 0;
    carnet_iso8583_set_binary(b, de, carnet_span_of(mac, how->mac.size));
    out->len = from;
    return carnet_iso8583_build(b, out, NULL);
}

/* --- the issuer --- */

static void
copy(char *out, size_t size, carnet_str from)
{
    while (from.len > 0 && from.ptr[from.len - 1] == ' ')
        from.len--;
    from.len = from.len < size ? from.len : size - 1;
    if (from.len > 0)
        memcpy(out, from.ptr, from.len);
    out[from.len] = '\0';
}

static const char *
code_for(const issuer *i, const carnet_iso8583_message *m)
{
    const bool old = i->how.spec->version == CARNET_ISO8583_1987;
    const unsigned class = carnet_mti_class(m->mti);

    if (class == CARNET_MTI_NETWORK)
        return old ? "00" : "800";
    if (class == CARNET_MTI_REVERSAL)
        return i->reversal_code != NULL ? i->reversal_code : old ? "00" : "400";
    return i->code != NULL ? i->code : old ? "00" : "000";
}

static void
answer(const issuer *i, carnet_payment_peer *peer, const carnet_iso8583_message *m)
{
    static const uint8_t echoed[] = { 2, 3, 4, 7, 11, 12, 13, 24, 32, 37, 41, 42, 48, 49, 55, 70 };
    uint8_t octets[MESSAGE_MAX];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets));
    carnet_iso8583_builder b;

    carnet_iso8583_builder_init(&b, i->how.spec, carnet_mti_response(m->mti));
    for (size_t k = 0; k < CARNET_COUNT(echoed); k++)
        carnet_iso8583_set_from(&b, echoed[k], m, echoed[k]);
    carnet_iso8583_set(&b, 39, code_for(i, m));
    if (carnet_mti_class(m->mti) == CARNET_MTI_FINANCIAL)
        carnet_iso8583_set(&b, 38, "123456");
    if (build(&i->how, &issuer_crypto, &b, &out, i->mac_wrong) == CARNET_OK)
        (void)!carnet_payment_send(peer, (carnet_span){ 0 }, carnet_buf_span(&out), NULL);
}

static void
take(issuer *i, const carnet_payment_frame *frame)
{
    received *r = &i->messages[i->count];
    carnet_iso8583_message m;
    uint8_t octets[128];
    carnet_buf room = carnet_buf_of(octets, sizeof(octets));
    unsigned class;
    manner does;

    if (i->count == ISSUER_MESSAGES || frame->message.len > MESSAGE_MAX ||
        carnet_iso8583_parse(i->how.spec, frame->message, &m, NULL) != CARNET_OK)
        return;
    r->mti = m.mti;
    memcpy(r->octets, frame->message.ptr, frame->message.len);
    r->len = frame->message.len;
    copy(r->trace, sizeof(r->trace), carnet_iso8583_text(&m, 11, &room));
    copy(r->terminal, sizeof(r->terminal), carnet_iso8583_text(&m, 41, &room));
    class = carnet_mti_class(m.mti);
    does = class == CARNET_MTI_NETWORK                                                       ? i->network
           : class == CARNET_MTI_REVERSAL || carnet_mti_function(m.mti) == CARNET_MTI_ADVICE ? i->reversals
                                                                                             : i->requests;
    if (does == ANSWERS)
        answer(i, frame->peer, &m);
    else if (does == WAITS && i->held_count < CARNET_COUNT(i->held)) {
        i->held[i->held_count].peer = frame->peer;
        i->held[i->held_count++].message = i->count;
    }
    i->count++;
}

static void
batch(void *self, const carnet_payment_frame *frames, size_t count)
{
    issuer *i = self;

    (void)pthread_mutex_lock(&i->lock);
    for (size_t k = 0; k < count; k++)
        take(i, &frames[k]);
    (void)pthread_mutex_unlock(&i->lock);
}

static void
tick(void *self, int64_t now)
{
    issuer *i = self;

    (void)now;
    (void)pthread_mutex_lock(&i->lock);
    for (size_t k = 0; i->release && k < i->held_count; k++) {
        const received *r = &i->messages[i->held[k].message];
        carnet_iso8583_message m;

        if (carnet_iso8583_parse(i->how.spec, carnet_span_of(r->octets, r->len), &m, NULL) == CARNET_OK)
            answer(i, i->held[k].peer, &m);
    }
    if (i->release)
        i->held_count = 0;
    i->release = false;
    (void)pthread_mutex_unlock(&i->lock);
}

static void
down(void *self, carnet_payment_peer *peer, const carnet_err *why)
{
    issuer *i = self;

    (void)why;
    (void)pthread_mutex_lock(&i->lock);
    for (size_t k = 0; k < i->held_count; k++)
        if (i->held[k].peer == peer)
            i->held[k--] = i->held[--i->held_count];
    (void)pthread_mutex_unlock(&i->lock);
}

void
issuer_begin(issuer *i, const written *how, uint16_t port)
{
    const carnet_payment_server_config config = { .end = { .address = "127.0.0.1",
                                                           .port = port,
                                                           .listens = true,
                                                           .framing = &how->framing,
                                                           .tls = how->tls,
                                                           .self = i,
                                                           .down = down },
                                                  .self = i,
                                                  .batch = batch,
                                                  .tick = tick,
                                                  .tick_ms = 10 };
    carnet_err err = { 0 };

    if (i->server == NULL && i->count == 0)
        (void)pthread_mutex_init(&i->lock, NULL);
    i->how = *how;
    i->held_count = 0;
    assert_carnet_ok(carnet_crypto_init(&issuer_crypto, &err), &err);
    assert_carnet_ok(carnet_payment_server_start(&config, &i->server, &err), &err);
    i->port = carnet_payment_server_port(i->server);
}

void
issuer_end(issuer *i)
{
    carnet_payment_server_stop(&i->server);
    carnet_crypto_done(&issuer_crypto);
}

void
issuer_does(issuer *i, manner requests, manner reversals)
{
    (void)pthread_mutex_lock(&i->lock);
    i->requests = requests;
    i->reversals = reversals;
    (void)pthread_mutex_unlock(&i->lock);
}

void
issuer_release(issuer *i)
{
    (void)pthread_mutex_lock(&i->lock);
    i->release = true;
    (void)pthread_mutex_unlock(&i->lock);
}

size_t
issuer_count(issuer *i, unsigned class)
{
    size_t count = 0;

    (void)pthread_mutex_lock(&i->lock);
    for (size_t k = 0; k < i->count; k++)
        if (carnet_mti_class(i->messages[k].mti) == class)
            count++;
    (void)pthread_mutex_unlock(&i->lock);
    return count;
}

void
issuer_until(issuer *i, unsigned class, size_t count)
{
    for (unsigned waited = 0; waited < PATIENCE_MS; waited += 5) {
        if (issuer_count(i, class) >= count)
            return;
        pause_ms(5);
    }
    fail_msg("the issuer has %zu messages of class %u, not %zu", issuer_count(i, class), class, count);
}

const received *
issuer_message(issuer *i, unsigned class, size_t n)
{
    const received *found = NULL;

    issuer_until(i, class, n + 1);
    (void)pthread_mutex_lock(&i->lock);
    for (size_t k = 0; k < i->count && found == NULL; k++)
        if (carnet_mti_class(i->messages[k].mti) == class && n-- == 0)
            found = &i->messages[k];
    (void)pthread_mutex_unlock(&i->lock);
    return found;
}

/* --- terminals --- */

size_t
message_make(const written *how, const char *mti, const element *elements, uint8_t *octets)
{
    carnet_buf out = carnet_buf_of(octets, MESSAGE_MAX);
    carnet_iso8583_builder b;
    carnet_mti type;

    assert_true(carnet_mti_read(carnet_str_of(mti), &type));
    carnet_iso8583_builder_init(&b, how->spec, type);
    for (; elements->number != 0; elements++)
        carnet_iso8583_set(&b, elements->number, elements->text);
    assert_carnet_ok(build(how, &terminal_crypto, &b, &out, false), NULL);
    return out.len;
}

void
message_parse(const written *how, carnet_span octets, carnet_iso8583_message *m)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_iso8583_parse(how->spec, octets, m, &err), &err);
}

void
terminal_begin(terminal *t, const written *how, uint16_t port)
{
    const carnet_payment_end_config end = {
        .address = "127.0.0.1", .port = port, .framing = &how->framing, .tls = how->tls
    };
    static bool made;
    carnet_err err = { 0 };

    if (!made)
        assert_carnet_ok(carnet_crypto_init(&terminal_crypto, &err), &err);
    made = true;
    t->how = *how;
    assert_carnet_ok(carnet_payment_client_open(&end, PATIENCE_MS, &t->client, &err), &err);
}

void
terminal_end(terminal *t)
{
    carnet_payment_client_close(&t->client);
}

void
terminal_send(terminal *t, const char *mti, const element *elements)
{
    uint8_t octets[MESSAGE_MAX];
    const size_t len = message_make(&t->how, mti, elements, octets);

    assert_carnet_ok(carnet_payment_client_send(t->client, (carnet_span){ 0 }, carnet_span_of(octets, len), NULL),
                     NULL);
}

bool
terminal_receive(terminal *t, int timeout_ms)
{
    carnet_buf room = carnet_buf_of(t->octets, sizeof(t->octets));
    uint8_t octets[16];
    carnet_buf code = carnet_buf_of(octets, sizeof(octets));
    carnet_span header;

    if (carnet_payment_client_receive(t->client, timeout_ms, &room, &header, &t->answer, NULL) != CARNET_OK)
        return false;
    message_parse(&t->how, t->answer, &t->message);
    copy(t->code, sizeof(t->code), carnet_iso8583_text(&t->message, 39, &code));
    return true;
}

const char *
terminal_ask(terminal *t, const char *mti, const element *elements)
{
    terminal_send(t, mti, elements);
    assert_true(terminal_receive(t, PATIENCE_MS));
    return t->code;
}

const element *
withdrawal(const char *trace)
{
    static element list[] = { { 2, "9999401234567890" },
                              { 3, "011000" },
                              { 4, "000000020000" },
                              { 7, "1121140509" },
                              { 11, "" },
                              { 12, "150509" },
                              { 13, "1121" },
                              { 18, "6011" },
                              { 22, "821" },
                              { 32, "990001" },
                              { 37, "632514000042" },
                              { 41, "ATM00001" },
                              { 42, "BANK0000000001 " },
                              { 49, "978" },
                              { 0, NULL } };

    list[4].text = trace;
    return list;
}

const element *
reversal(const char *trace)
{
    static char original[43];
    static element list[] = { { 2, "9999401234567890" },
                              { 3, "011000" },
                              { 4, "000000020000" },
                              { 7, "1121140539" },
                              { 11, "" },
                              { 12, "150509" },
                              { 13, "1121" },
                              { 32, "990001" },
                              { 37, "632514000042" },
                              { 39, "68" },
                              { 41, "ATM00001" },
                              { 42, "BANK0000000001 " },
                              { 49, "978" },
                              { 90, original },
                              { 0, NULL } };

    (void)snprintf(original, sizeof(original), "0200%s11211405090000099000100000000000", trace);
    assert_int_equal(strlen(original), 42);
    list[4].text = trace;
    return list;
}
