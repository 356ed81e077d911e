/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the bank in memory. */
#include "bank.h"

#include <string.h>

bank_ask
bank_withdrawal(void)
{
    return (bank_ask){ .mti = "0200", .staged = BANK_REFERENCE };
}

static const char *
usual(const char *text, const char *otherwise)
{
    return text == NULL ? otherwise : text;
}

static void
set(carnet_iso8583_builder *m, unsigned element, const char *text)
{
    if (text != NULL && strcmp(text, "-") != 0)
        carnet_iso8583_set(m, element, text);
}

/* What the texts of a message are built in. */
typedef struct texts {
    char amount[17], trace[13], time[15], original[48], actual[44];
    uint8_t carrier[1100];
    carnet_pin_block pin;
} texts;

static const char *
join(char *room, size_t size, const char *const *parts, size_t count)
{
    carnet_buf out = carnet_buf_of((uint8_t *)room, size - 1);

    for (size_t i = 0; i < count; i++)
        carnet_buf_add_text(&out, parts[i]);
    room[out.overflow ? 0 : out.len] = '\0';
    return room;
}

/* Times and trace numbers have other lengths in each version; amounts of 2003 begin with the currency. */
static void
set_common(const bank_ask *ask, carnet_iso8583_version version, carnet_iso8583_builder *m, texts *t)
{
    static const char *const years[] = { "", "26", "2026" };
    const char *amount = usual(ask->amount, "000000020000"), *currency = usual(ask->currency, "840");
    const char *time = usual(ask->time, BANK_TIME), *trace = usual(ask->trace, "000001");

    set(m, 2, usual(ask->pan, BANK_PAN));
    set(m, 3, usual(ask->code, "011000"));
    set(m, 32, usual(ask->acquirer, "423935"));
    set(m, 37, usual(ask->reference, "632501123456"));
    set(m, 41, usual(ask->terminal, BANK_TERMINAL));
    set(m, 102, ask->account);
    set(m, 11, trace);
    if (version == CARNET_ISO8583_1987)
        set(m, 7, time);
    else if (strcmp(time, "-") != 0)
        set(m, 12, join(t->time, sizeof(t->time), (const char *const[]){ years[version], time }, 2));
    if (version == CARNET_ISO8583_2003) {
        set(m, 4, join(t->amount, sizeof(t->amount), (const char *const[]){ currency, "2", amount }, 3));
        return;
    }
    set(m, 4, amount);
    set(m, 49, currency);
}

/* `original` is type, trace number of 6 digits and time of 10, as 1987 has them. */
static void
set_original(const bank_ask *ask, carnet_iso8583_version version, carnet_iso8583_builder *m, texts *t)
{
    static const char *const before[] = { "", "", "000000" }, *const years[] = { "", "26", "2026" };
    char mti[5] = { 0 }, trace[7] = { 0 };

    if (ask->original == NULL)
        return;
    if (strlen(ask->original) < 20) {
        set(m, version == CARNET_ISO8583_1987 ? 90 : 56, ask->original);
        return;
    }
    memcpy(mti, ask->original, 4);
    memcpy(trace, ask->original + 4, 6);
    join(t->original, sizeof(t->original),
         (const char *const[]){ mti, before[version], trace, years[version], ask->original + 10,
                                version == CARNET_ISO8583_1987 ? "0000042393500000000000" : "423935" },
         6);
    set(m, version == CARNET_ISO8583_1987 ? 90 : 56, t->original);
}

static void
set_actual(const bank_ask *ask, carnet_iso8583_version version, carnet_iso8583_builder *m, texts *t)
{
    const char *rest = "000000000000000000000000000000";

    if (ask->actual == NULL)
        return;
    if (version == CARNET_ISO8583_1987)
        set(m, 95, join(t->actual, sizeof(t->actual), (const char *const[]){ ask->actual, rest }, 2));
    else /* what was asked for; what was handed out is in 4 */
        carnet_iso8583_set_number(m, 30, 20000);
    if (version == CARNET_ISO8583_1993)
        set(m, 4, ask->actual);
    if (version == CARNET_ISO8583_2003)
        set(m, 4, join(t->amount, sizeof(t->amount), (const char *const[]){ "8402", ask->actual }, 2));
}

static carnet_rc
set_vector(bank *b, const bank_ask *ask, const carnet_debit_link *link, carnet_iso8583_builder *m, texts *t)
{
    carnet_vector_carrier c = { .present = CARNET_CARRIER_VECTOR | CARNET_CARRIER_TRUSTMARK | CARNET_CARRIER_SESSION |
                                           CARNET_CARRIER_REFERENCE | CARNET_CARRIER_AUTH_TIME | CARNET_CARRIER_EXPIRY |
                                           CARNET_CARRIER_RESULT };
    carnet_carrier_binding binding = {
        carnet_str_of(usual(ask->signed_amount, usual(ask->amount, "000000020000"))),
        carnet_str_of(usual(ask->currency, "840")),
        carnet_str_of(usual(ask->signed_terminal, usual(ask->terminal, BANK_TERMINAL))),
    };
    carnet_buf out = carnet_buf_of(t->carrier, sizeof(t->carrier));
    carnet_rc rc = CARNET_OK;

    if (ask->staged == NULL)
        return CARNET_OK;
    c.vector = carnet_str_of(usual(ask->vector, BANK_VECTOR));
    c.trustmark = 1;
    if (ask->trustmark != NULL) {
        c.trustmark = 0;
        c.trustmark_url = carnet_str_of(ask->trustmark);
    }
    memset(c.session, 0x10, sizeof(c.session));
    c.reference = carnet_str_of(ask->staged);
    c.auth_time = (uint32_t)(ask->auth_time != 0 ? ask->auth_time : BANK_NOW - 120);
    c.expiry = (uint32_t)(ask->expiry != 0 ? ask->expiry : BANK_NOW + 180);
    if (!ask->unsigned_vector)
        rc =
            carnet_carrier_sign(&c, &binding, carnet_str_of(usual(ask->key_id, "idp-test")), &b->key, &b->crypto, NULL);
    c.present &= ~(unsigned)CARNET_CARRIER_DIGEST;
    c.session[0] ^= ask->session;
    if (rc == CARNET_OK)
        rc = link->carrier_text ? carnet_carrier_write_text(&c, (carnet_span){ 0 }, &out, NULL)
                                : carnet_carrier_write_tlv(&c, link->carrier_tag, (carnet_span){ 0 }, 0, &out, NULL);
    if (rc == CARNET_OK)
        carnet_iso8583_set_binary(m, link->carrier, carnet_buf_span(&out));
    return rc;
}

static carnet_rc
set_pin(bank *b, const bank_ask *ask, const carnet_debit_link *link, carnet_iso8583_builder *m, texts *t)
{
    carnet_random random = carnet_crypto_random(&b->crypto);
    carnet_pin pin = b->pin;
    carnet_rc rc;

    if (!ask->pin)
        return CARNET_OK;
    pin.digits[0] ^= ask->pin_wrong;
    rc = carnet_pin_encipher(&b->crypto, &link->pin, &pin, carnet_str_of(usual(ask->pan, BANK_PAN)), &random, &t->pin,
                             NULL);
    if (rc == CARNET_OK)
        carnet_iso8583_set_binary(m, 52, carnet_span_of(t->pin.bytes, t->pin.len));
    return rc;
}

static carnet_rc
build(bank *b, const bank_ask *ask, const carnet_debit_link *link, carnet_iso8583_builder *m, carnet_buf *out)
{
    unsigned element = (m->elements[1] | m->elements[2]) != 0 ? 128 : 64;
    const carnet_iso8583_field *field = &link->spec->fields[element];
    size_t begin = out->len, wire = field->encoding == CARNET_ISO8583_RAW ? field->max : 2u * field->max;
    uint8_t mac[CARNET_MESSAGE_MAC] = { 0 };
    carnet_rc rc;

    if (link->mac.algorithm == CARNET_MESSAGE_MAC_NONE || ask->mac_wrong == 2)
        return carnet_iso8583_build(m, out, NULL);
    carnet_iso8583_set_binary(m, element, carnet_span_of(mac, field->max));
    if ((rc = carnet_iso8583_build(m, out, NULL)) != CARNET_OK)
        return rc;
    rc = carnet_message_mac_make(&b->crypto, &link->mac, carnet_span_of(out->ptr + begin, out->len - begin - wire), mac,
                                 NULL);
    mac[3] ^= ask->mac_wrong;
    out->len = begin;
    return rc == CARNET_OK ? carnet_iso8583_build(m, out, NULL) : rc;
}

carnet_rc
bank_message(bank *b, carnet_iso8583_version version, const bank_ask *ask, carnet_buf *out)
{
    const carnet_debit_link *link = &b->link[version];
    char type[5] = { "012"[version], ask -> mti[1], ask -> mti[2], ask -> mti[3], '\0' };
    carnet_iso8583_builder m;
    texts t;
    carnet_mti mti = 0;
    carnet_rc rc;

    (void)carnet_mti_read(carnet_str_of(type), &mti);
    carnet_iso8583_builder_init(&m, link->spec, mti);
    set_common(ask, version, &m, &t);
    set_original(ask, version, &m, &t);
    set_actual(ask, version, &m, &t);
    set(&m, version == CARNET_ISO8583_1987 ? 70 : 24, ask->network);
    if ((rc = set_vector(b, ask, link, &m, &t)) != CARNET_OK || (rc = set_pin(b, ask, link, &m, &t)) != CARNET_OK)
        return rc;
    return build(b, ask, link, &m, out);
}
