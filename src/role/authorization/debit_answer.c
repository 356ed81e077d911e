/* SPDX-License-Identifier: Apache-2.0 */
/* The answer: what of the request comes back, the finding, what would do, the MAC. */
#include "internal.h"

#include <string.h>

typedef struct step_up {
    uint8_t texts[CARNET_CARRIER_REQUESTS * 128], carrier[1100];
    carnet_buf text, out;
} step_up;

static const char *
response_code(const carnet_debit *debit)
{
    carnet_judged_codes codes = carnet_judged_codes_of(debit->judged);
    bool reversal = debit->kind == CARNET_DEBIT_REVERSAL && debit->judged == CARNET_JUDGED_APPROVED;
    bool network = debit->kind == CARNET_DEBIT_NETWORK && debit->judged == CARNET_JUDGED_APPROVED;

    switch (debit->link->spec->version) {
    case CARNET_ISO8583_1993:
        return reversal ? "400" : network ? "800" : codes.of_1993;
    case CARNET_ISO8583_2003:
        return reversal ? "4000" : network ? "8000" : codes.of_2003;
    case CARNET_ISO8583_1987:
    case CARNET_ISO8583_EMPTY:
        break;
    }
    if (debit->judged == CARNET_JUDGED_ASSURANCE && debit->link->plain_step_up)
        return "63";
    return codes.of_1987;
}

/* Six characters that name an authorisation to a person. */
static void
approval_code(int64_t id, char out[7])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    /* The lowest bits of an identifier are a count that begins anew each millisecond: take those above, too. */
    uint64_t rest = ((uint64_t)id >> 21) * 31 + ((uint64_t)id & 0x1fffff);

    for (size_t i = 6; i-- > 0; rest /= 36)
        out[i] = digits[rest % 36];
    out[6] = '\0';
}

/* The vectors that would do, in the element and form in which vectors come. */
static carnet_rc
add_step_up(const carnet_debit *debit, step_up *room, carnet_iso8583_builder *b, carnet_err *err)
{
    const carnet_vector_request *would_do = &debit->verdict.would_do;
    const carnet_debit_link *link = debit->link;
    carnet_vector_carrier c = { .present = CARNET_CARRIER_REQUEST | CARNET_CARRIER_TRUSTMARK };
    carnet_rc rc;

    c.trustmark = (unsigned)would_do->trustmark;
    room->text = carnet_buf_of(room->texts, sizeof(room->texts));
    room->out = carnet_buf_of(room->carrier, sizeof(room->carrier));
    for (unsigned i = 0; i < would_do->count && i < CARNET_CARRIER_REQUESTS; i++) {
        size_t begin = room->text.len;

        carnet_vector_write(&would_do->vector[i], &room->text);
        c.request[c.request_count++] = (carnet_str){ (const char *)room->text.ptr + begin, room->text.len - begin };
    }
    if (room->text.overflow)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    rc = link->carrier_text ? carnet_carrier_write_text(&c, (carnet_span){ 0 }, &room->out, err)
                            : carnet_carrier_write_tlv(&c, link->carrier_tag, (carnet_span){ 0 },
                                                       link->carrier == 55 ? 255 : 0, &room->out, err);
    if (rc == CARNET_OK)
        carnet_iso8583_set_binary(b, link->carrier, carnet_buf_span(&room->out));
    return rc;
}

/* What is built last covers all before it. */
static carnet_rc
add_mac(const carnet_debit *debit, carnet_iso8583_builder *b, carnet_crypto *crypto, carnet_buf *out, carnet_err *err)
{
    const carnet_iso8583_spec *spec = debit->link->spec;
    unsigned element = (b->elements[1] | b->elements[2]) != 0 ? 128 : 64;
    const carnet_iso8583_field *field = &spec->fields[element];
    uint8_t mac[CARNET_MESSAGE_MAC] = { 0 };
    size_t wire = field->encoding == CARNET_ISO8583_RAW ? field->max : 2u * field->max, header = spec->flavour.header;
    carnet_rc rc;

    if (field->max > CARNET_MESSAGE_MAC)
        return carnet_fail(err, CARNET_E_ISO8583_SPEC, NULL, "the MAC's data element is longer than a MAC");
    carnet_iso8583_set_binary(b, element, carnet_span_of(mac, field->max));
    if ((rc = carnet_iso8583_build(b, out, err)) != CARNET_OK)
        return rc;
    rc = carnet_message_mac_make(crypto, &debit->link->mac, carnet_span_of(out->ptr + header, out->len - header - wire),
                                 mac, err);
    if (rc != CARNET_OK)
        return rc;
    out->len = 0;
    return carnet_iso8583_build(b, out, err);
}

/* Network management is answered as it was asked: with a MAC, or without. */
static bool
needs_mac(const carnet_debit *debit)
{
    return debit->link->mac.algorithm != CARNET_MESSAGE_MAC_NONE &&
           (debit->kind != CARNET_DEBIT_NETWORK || carnet_iso8583_has(&debit->message, 64) ||
            carnet_iso8583_has(&debit->message, 128));
}

static void
echo(const carnet_debit *debit, carnet_iso8583_builder *b)
{
    static const uint8_t money[] = { 2, 3, 4, 7, 11, 12, 13, 24, 32, 33, 37, 41, 42, 49, 102 };
    static const uint8_t network[] = { 7, 11, 12, 24, 32, 33, 41, 70 };
    const uint8_t *list = debit->kind == CARNET_DEBIT_NETWORK ? network : money;
    size_t count = debit->kind == CARNET_DEBIT_NETWORK ? CARNET_COUNT(network) : CARNET_COUNT(money);
    bool old = debit->link->spec->version == CARNET_ISO8583_1987;

    for (size_t i = 0; i < count; i++) {
        unsigned element = list[i];

        if ((element == 24 && old) || (element == 49 && debit->link->carrier == 49))
            continue;
        carnet_iso8583_set_from(b, element, &debit->message, element);
    }
}

carnet_rc
carnet_debit_answer(carnet_debit *debit, carnet_crypto *crypto, carnet_err *err)
{
    carnet_buf out = carnet_buf_of(debit->answer_room, sizeof(debit->answer_room));
    bool authorised = debit->judged == CARNET_JUDGED_APPROVED &&
                      (debit->kind == CARNET_DEBIT_ORDER || debit->kind == CARNET_DEBIT_HOLD);
    carnet_iso8583_builder b;
    step_up room;
    char code[7];
    carnet_rc rc = CARNET_OK;

    debit->answer = (carnet_span){ 0 };
    carnet_iso8583_builder_init(&b, debit->link->spec, carnet_mti_response(debit->message.mti));
    if (debit->message.mti_offset > 0)
        carnet_iso8583_set_header(&b, carnet_span_of(debit->message.octets.ptr, debit->message.mti_offset));
    echo(debit, &b);
    carnet_iso8583_set(&b, 39, response_code(debit));
    if (authorised) {
        approval_code(debit->id, code);
        carnet_iso8583_set(&b, 38, code);
    }
    if (debit->judged == CARNET_JUDGED_ASSURANCE)
        rc = add_step_up(debit, &room, &b, err);
    if (rc == CARNET_OK)
        rc = needs_mac(debit) ? add_mac(debit, &b, crypto, &out, err) : carnet_iso8583_build(&b, &out, err);
    if (rc == CARNET_OK)
        debit->answer = carnet_buf_span(&out);
    return rc;
}
