/* SPDX-License-Identifier: Apache-2.0 */
/* From octets to facts: what costs time, and asks nobody. */
#include "internal.h"

#include <string.h>

carnet_str
carnet_debit_text(carnet_debit *debit, unsigned element)
{
    carnet_buf room = { debit->room, debit->room_used, sizeof(debit->room), false };
    carnet_str text = carnet_iso8583_text(&debit->message, element, &room);

    if (room.overflow)
        return (carnet_str){ 0 };
    debit->room_used = room.len;
    return text;
}

carnet_str
carnet_debit_trimmed(carnet_str text)
{
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

bool
carnet_debit_key_make(carnet_debit_key *key, const char *kind, carnet_str acquirer, carnet_str terminal,
                      carnet_str trace)
{
    carnet_buf out = carnet_buf_of(key->origin, CARNET_DEBIT_ORIGIN);

    terminal = carnet_debit_trimmed(terminal);
    carnet_buf_add_text(&out, kind);
    carnet_buf_add_byte(&out, '/');
    carnet_buf_add_str(&out, carnet_debit_trimmed(acquirer));
    carnet_buf_add_byte(&out, '/');
    carnet_buf_add_str(&out, terminal);
    carnet_buf_add_byte(&out, '/');
    carnet_buf_add_str(&out, trace);
    key->origin[out.overflow ? 0 : out.len] = '\0';
    for (size_t i = 0; i < out.len; i++)
        if (out.ptr[i] < 0x20 || out.ptr[i] > 0x7e)
            return false;
    return !out.overflow && terminal.len > 0 && trace.len > 0;
}

static carnet_debit_kind
kind_of(carnet_mti mti)
{
    unsigned function = carnet_mti_function(mti);

    if (carnet_mti_version(mti) > CARNET_MTI_2003 || (function != CARNET_MTI_REQUEST && function != CARNET_MTI_ADVICE))
        return CARNET_DEBIT_NONE;
    switch (carnet_mti_class(mti)) {
    case CARNET_MTI_AUTHORIZATION:
        return function == CARNET_MTI_REQUEST ? CARNET_DEBIT_HOLD : CARNET_DEBIT_ADVICE;
    case CARNET_MTI_FINANCIAL:
        return function == CARNET_MTI_REQUEST ? CARNET_DEBIT_ORDER : CARNET_DEBIT_ADVICE;
    case CARNET_MTI_REVERSAL:
        return CARNET_DEBIT_REVERSAL;
    case CARNET_MTI_NETWORK:
        return CARNET_DEBIT_NETWORK;
    default:
        return CARNET_DEBIT_NONE;
    }
}

static const char *
kind_text(const carnet_debit *debit)
{
    switch (debit->kind) {
    case CARNET_DEBIT_HOLD:
        return "10";
    case CARNET_DEBIT_ORDER:
        return "20";
    case CARNET_DEBIT_ADVICE:
        return "22";
    case CARNET_DEBIT_REVERSAL:
        return "4";
    case CARNET_DEBIT_NONE:
    case CARNET_DEBIT_NETWORK:
        break;
    }
    return "8";
}

/* A MAC covers what is before it: where elements follow, number 64 is none. */
static bool
mac_good(const carnet_debit *debit, carnet_crypto *crypto)
{
    const carnet_iso8583_message *m = &debit->message;
    unsigned element = (m->elements[1] | m->elements[2]) != 0 ? 128 : 64;
    uint8_t bytes[2 * CARNET_MESSAGE_MAC];
    carnet_buf room = carnet_buf_of(bytes, sizeof(bytes));
    carnet_span mac, covered;

    if (debit->link->mac.algorithm == CARNET_MESSAGE_MAC_NONE)
        return true;
    if (m->elements[2] != 0 || !carnet_iso8583_has(m, element))
        return false;
    mac = carnet_iso8583_binary(m, element, &room);
    covered = carnet_span_of(m->octets.ptr + m->mti_offset, (size_t)m->place[element].offset - m->mti_offset);
    return mac.len > 0 && carnet_message_mac_check(crypto, &debit->link->mac, covered, mac, NULL) == CARNET_OK;
}

static bool
read_moment(carnet_debit *debit, carnet_time now)
{
    char digits[14];
    carnet_str first, second;

    if (debit->link->spec->version != CARNET_ISO8583_1987)
        return carnet_debit_moment(carnet_debit_text(debit, 12), now, &debit->key.moment);
    first = carnet_debit_text(debit, 7);
    if (first.len > 0)
        return carnet_debit_moment(first, now, &debit->key.moment);
    first = carnet_debit_text(debit, 13);
    second = carnet_debit_text(debit, 12);
    if (first.len != 4 || second.len != 6)
        return false;
    memcpy(digits, first.ptr, 4);
    memcpy(digits + 4, second.ptr, 6);
    return carnet_debit_moment((carnet_str){ digits, 10 }, now, &debit->key.moment);
}

/* ISO 8583:2003 puts currency and exponent before the amount. */
static bool
read_amount(carnet_debit *debit)
{
    carnet_judge_facts *f = &debit->facts;
    carnet_str amount = carnet_debit_text(debit, 4);

    f->currency = carnet_debit_text(debit, 49);
    if (debit->link->spec->version == CARNET_ISO8583_2003 && amount.len == 16) {
        f->currency = (carnet_str){ amount.ptr, 3 };
        amount = (carnet_str){ amount.ptr + 4, 12 };
    }
    if (amount.len != 12 || f->currency.len != 3)
        return false;
    for (size_t i = 0; i < 12; i++) {
        if (amount.ptr[i] < '0' || amount.ptr[i] > '9')
            return false;
        f->amount = 10 * f->amount + (uint64_t)(amount.ptr[i] - '0');
    }
    for (size_t i = 0; i < 3; i++) {
        if (f->currency.ptr[i] < '0' || f->currency.ptr[i] > '9')
            return false;
        debit->currency = 10 * debit->currency + (unsigned)(f->currency.ptr[i] - '0');
    }
    return true;
}

/* What is needed of every message but those of network management. */
static bool
read_common(carnet_debit *debit, carnet_time now)
{
    if (!read_moment(debit, now) || !read_amount(debit) || !carnet_iso8583_has(&debit->message, 3))
        return false;
    debit->facts.terminal = carnet_debit_text(debit, 41);
    debit->key.reference = carnet_debit_trimmed(carnet_debit_text(debit, 37));
    for (size_t i = 0; i < debit->key.reference.len; i++)
        if (debit->key.reference.ptr[i] < 0x20 || debit->key.reference.ptr[i] > 0x7e)
            return false;
    return carnet_debit_key_make(&debit->key, kind_text(debit), carnet_debit_text(debit, 32), debit->facts.terminal,
                                 carnet_debit_text(debit, 11));
}

/* Cash, or a purchase, whose final amount may be below what was staged. */
static carnet_str
read_type(carnet_debit *debit)
{
    carnet_str code = carnet_debit_text(debit, 3);

    debit->facts.served = code.len == 6;
    debit->facts.ceiling = true;
    if (carnet_str_starts(code, "00") || carnet_str_starts(code, "09"))
        return carnet_str_of("POS_PURCHASE");
    debit->facts.ceiling = false;
    debit->facts.served = carnet_str_starts(code, "01");
    return carnet_str_of("ATM_CWD");
}

static void
read_pin(carnet_debit *debit, carnet_crypto *crypto)
{
    uint8_t bytes[32];
    carnet_buf room = carnet_buf_of(bytes, sizeof(bytes));
    carnet_span block;

    if (debit->link->pin.key.len == 0 || !carnet_iso8583_has(&debit->message, 52))
        return;
    debit->facts.pin_given = true;
    block = carnet_iso8583_binary(&debit->message, 52, &room);
    if (carnet_pin_decipher(crypto, &debit->link->pin, block, carnet_debit_text(debit, 2), &debit->pin, NULL) !=
        CARNET_OK)
        carnet_pin_done(&debit->pin); /* the host takes it for a wrong one */
}

static void
read_carrier(carnet_debit *debit, carnet_crypto *crypto)
{
    carnet_buf room = { debit->room, debit->room_used, sizeof(debit->room), false };
    carnet_span octets = carnet_iso8583_binary(&debit->message, debit->link->carrier, &room);
    carnet_rc rc;

    debit->room_used = room.len;
    if (octets.len == 0)
        return;
    rc = debit->link->carrier_text ? carnet_carrier_read_text(octets, &debit->carrier, NULL)
                                   : carnet_carrier_read_tlv(octets, &debit->carrier, NULL);
    if (rc == CARNET_E_CARRIER_ABSENT)
        return;
    if (rc != CARNET_OK) {
        debit->carrier = (carnet_vector_carrier){ 0 };
        debit->early = CARNET_JUDGED_FORMAT;
    } else if ((debit->carrier.present & CARNET_CARRIER_REFERENCE) == 0) {
        debit->carrier.reference = (carnet_str){ 0 };
    } else if (debit->policy->carried) {
        carnet_debit_read_carried(debit, crypto);
    } else {
        debit->resolving = debit->kind != CARNET_DEBIT_ADVICE;
    }
}

static void
read_facts(carnet_debit *debit, carnet_time now, carnet_crypto *crypto)
{
    carnet_judge_facts *f = &debit->facts;
    carnet_str type = read_type(debit);

    f->active_period = debit->policy->active_period;
    f->skew = debit->policy->skew;
    if (debit->kind == CARNET_DEBIT_HOLD || debit->kind == CARNET_DEBIT_ORDER)
        read_pin(debit, crypto);
    if (debit->kind == CARNET_DEBIT_REVERSAL || debit->kind == CARNET_DEBIT_ADVICE)
        carnet_debit_read_original(debit, now);
    if (debit->kind != CARNET_DEBIT_REVERSAL)
        read_carrier(debit, crypto);
    if (f->served && carnet_assurance_of(debit->policy->rows, debit->policy->row_count, type, f->currency, f->amount,
                                         &debit->required, NULL) == CARNET_OK)
        f->required = &debit->required;
}

carnet_rc
carnet_debit_read(carnet_debit *debit, const carnet_debit_policy *policy, const carnet_debit_link *link,
                  carnet_span octets, carnet_time now, carnet_crypto *crypto, carnet_err *err)
{
    carnet_rc rc;

    memset(debit, 0, sizeof(*debit));
    debit->policy = policy;
    debit->link = link;
    debit->facts.now = now;
    if ((rc = carnet_iso8583_parse(link->spec, octets, &debit->message, err)) != CARNET_OK)
        return rc;
    debit->kind = kind_of(debit->message.mti);
    if (debit->kind == CARNET_DEBIT_NONE || carnet_mti_response(debit->message.mti) == 0)
        return carnet_fail(err, CARNET_E_DEBIT_MESSAGE, NULL, "the message type is not one that is answered here");
    debit->repeat = carnet_mti_repeats(debit->message.mti);
    if (debit->kind == CARNET_DEBIT_NETWORK)
        return CARNET_OK;
    debit->facts.mac_good = mac_good(debit, crypto);
    if (!read_common(debit, now))
        debit->early = CARNET_JUDGED_FORMAT;
    else if (!debit->facts.mac_good)
        debit->early = CARNET_JUDGED_MAC;
    else
        read_facts(debit, now, crypto);
    return CARNET_OK;
}

void
carnet_debit_done(carnet_debit *debit)
{
    carnet_pin_done(&debit->pin);
}
