/* SPDX-License-Identifier: Apache-2.0 */
/* What holds of every message that was read, however it is written. */
#ifndef CARNET_FUZZ_ISO8583_MESSAGE_H
#define CARNET_FUZZ_ISO8583_MESSAGE_H
#include "carnet/iso8583.h"
#include "fuzz.h"

#include <string.h>

/* Whatever way of writing, a value lies in the message, after those before it, and has text of its length. */
static void
check_values(const carnet_iso8583_message *m)
{
    static uint8_t storage[1 << 18];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    const uint8_t *last = m->octets.ptr;
    uint64_t number;
    int64_t amount;

    for (unsigned e = 0; (e = carnet_iso8583_next(m, e)) != 0;) {
        carnet_span raw = carnet_iso8583_raw(m, e);
        carnet_str text = carnet_iso8583_text(m, e, &room);

        MUST(fuzz_inside(raw, m->octets) && raw.ptr >= last);
        last = raw.ptr + raw.len;
        MUST(text.ptr != NULL && !room.overflow);
        for (size_t i = 0; i < text.len; i++)
            MUST(text.ptr[i] >= ' ' && text.ptr[i] <= '~');
        MUST(carnet_iso8583_binary(m, e, &room).ptr != NULL);
        if (carnet_iso8583_number(m, e, &number))
            MUST(m->spec->fields[e].type == CARNET_ISO8583_N &&
                 carnet_iso8583_amount(m, e, &amount) == (number <= INT64_MAX));
        MUST(carnet_iso8583_same(m, m, e));
    }
    MUST(last <= m->octets.ptr + m->octets.len);
}

/* Built again from its values it is a message with the same ones. */
static void
check_again(const carnet_iso8583_message *m)
{
    static uint8_t storage[16384];
    static carnet_iso8583_builder b;
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_iso8583_message again;

    carnet_iso8583_builder_init(&b, m->spec, m->mti);
    carnet_iso8583_set_all(&b, m);
    MUST(carnet_iso8583_build(&b, &out, NULL) == CARNET_OK);
    MUST(carnet_iso8583_parse(m->spec, carnet_buf_span(&out), &again, NULL) == CARNET_OK);
    MUST(again.mti == m->mti && memcmp(again.elements, m->elements, sizeof again.elements) == 0);
    for (unsigned e = 0; (e = carnet_iso8583_next(m, e)) != 0;)
        MUST(carnet_iso8583_same(m, &again, e));
}

/* What follows the first octet, read by a specification, and all that must hold of it; false: it is refused, and says where. */
static bool
read_message(const carnet_iso8583_spec *spec, const uint8_t *data, size_t size, carnet_iso8583_message *m)
{
    carnet_err err = { 0 };

    if (carnet_iso8583_parse(spec, carnet_span_of(data + 1, size - 1), m, &err) != CARNET_OK) {
        MUST(err.offset <= size - 1 && m->elements[0] == 0 && m->octets.ptr == NULL);
        return false;
    }
    check_values(m);
    check_again(m);
    return true;
}

#endif
