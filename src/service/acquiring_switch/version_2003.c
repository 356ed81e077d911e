/* SPDX-License-Identifier: Apache-2.0 */
/* Between ISO 8583:1993 and :2003: amounts with currency and exponent, wider numbers (project profile). */
#include "internal.h"

#include <string.h>

/* ISO 4217: most currencies have two digits of minor units. */
static uint8_t
exponent(carnet_str currency)
{
    static const char none[][4] = { "108", "152", "174", "262", "324", "352", "392", "410", "548",
                                    "600", "646", "704", "800", "940", "950", "952", "953" };
    static const char three[][4] = { "048", "368", "400", "414", "434", "512", "788" };

    for (size_t i = 0; i < CARNET_COUNT(none); i++)
        if (carnet_str_is(currency, none[i]))
            return '0';
    for (size_t i = 0; i < CARNET_COUNT(three); i++)
        if (carnet_str_is(currency, three[i]))
            return '3';
    return '2';
}

static carnet_str
since(const carnet_buf *room, size_t start)
{
    return (carnet_str){ (const char *)room->ptr + start, room->len - start };
}

static void
add_wide(carnet_buf *room, carnet_str currency, carnet_str amount)
{
    carnet_buf_add_str(room, currency);
    carnet_buf_add_byte(room, exponent(currency));
    carnet_buf_add_str(room, amount);
}

static carnet_rc
amounts_to_2003(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room, carnet_err *err)
{
    const carnet_str amount = carnet_iso8583_text(m, 4, room), asked = carnet_iso8583_text(m, 30, room),
                     currency = carnet_iso8583_text(m, 49, room);
    size_t start = room->len;

    carnet_iso8583_unset(b, 4);
    carnet_iso8583_unset(b, 30);
    carnet_iso8583_unset(b, 49);
    if (amount.len == 0 && asked.len == 0)
        return CARNET_OK;
    if (currency.len != 3)
        return carnet_fail(err, CARNET_E_SWITCH_MESSAGE, NULL, "there is no currency for the amount");
    if (amount.len == 12) {
        add_wide(room, currency, amount);
        carnet_iso8583_set_text(b, 4, since(room, start));
    }
    start = room->len;
    if (asked.len == 24) {
        add_wide(room, currency, (carnet_str){ asked.ptr, 12 });
        add_wide(room, currency, (carnet_str){ asked.ptr + 12, 12 });
        carnet_iso8583_set_text(b, 30, since(room, start));
    }
    return CARNET_OK;
}

static void
amounts_to_1993(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str amount = carnet_iso8583_text(m, 4, room), asked = carnet_iso8583_text(m, 30, room);
    const size_t start = room->len;

    carnet_iso8583_unset(b, 4);
    carnet_iso8583_unset(b, 30);
    carnet_iso8583_unset(b, 49);
    if (amount.len == 16) {
        carnet_iso8583_set_text(b, 49, (carnet_str){ amount.ptr, 3 });
        carnet_iso8583_set_text(b, 4, (carnet_str){ amount.ptr + 4, 12 });
    }
    if (asked.len == 32) {
        carnet_buf_add_str(room, (carnet_str){ asked.ptr + 4, 12 });
        carnet_buf_add_str(room, (carnet_str){ asked.ptr + 20, 12 });
        carnet_iso8583_set_text(b, 30, since(room, start));
    }
}

/* DE 56: 1993 has MTI 4, STAN 6, DE 12 12, acquirer behind its length; 2003 MTI 4, STAN 12, DE 12 14, acquirer. */
static void
original_to_2003(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str original = carnet_iso8583_text(m, 56, room);
    const size_t start = room->len;

    if (original.len < 22)
        return;
    carnet_buf_add_byte(room, '2');
    carnet_buf_add_str(room, (carnet_str){ original.ptr + 1, 3 });
    carnet_buf_add_text(room, "000000");
    carnet_buf_add_str(room, (carnet_str){ original.ptr + 4, 6 });
    carnet_buf_add_text(room, "20");
    carnet_buf_add_str(room, (carnet_str){ original.ptr + 10, 12 });
    if (original.len > 24)
        carnet_buf_add_str(room, (carnet_str){ original.ptr + 24, original.len - 24 });
    carnet_iso8583_set_text(b, 56, since(room, start));
}

static void
original_to_1993(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str original = carnet_iso8583_text(m, 56, room);
    const size_t start = room->len, rest = original.len > 30 ? original.len - 30 : 0;

    if (original.len < 30)
        return;
    carnet_buf_add_byte(room, '1');
    carnet_buf_add_str(room, (carnet_str){ original.ptr + 1, 3 });
    carnet_buf_add_str(room, (carnet_str){ original.ptr + 10, 6 });
    carnet_buf_add_str(room, (carnet_str){ original.ptr + 18, 12 });
    if (rest > 0) {
        carnet_buf_add_byte(room, (uint8_t)('0' + rest / 10));
        carnet_buf_add_byte(room, (uint8_t)('0' + rest % 10));
        carnet_buf_add_str(room, (carnet_str){ original.ptr + 30, rest });
    }
    carnet_iso8583_set_text(b, 56, since(room, start));
}

static carnet_str
trimmed(carnet_str text)
{
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

static void
trim(const carnet_iso8583_message *m, unsigned element, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str text = carnet_iso8583_text(m, element, room);

    if (text.ptr != NULL)
        carnet_iso8583_set_text(b, element, trimmed(text));
}

carnet_rc
carnet_switch_1993_to_2003(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room,
                           carnet_err *err)
{
    const carnet_str time = carnet_iso8583_text(m, 12, room), code = carnet_iso8583_text(m, 39, room);
    size_t start = room->len;

    if (time.len == 12) {
        carnet_buf_add_text(room, "20");
        carnet_buf_add_str(room, time);
        carnet_iso8583_set_text(b, 12, since(room, start));
    }
    start = room->len;
    if (code.len == 3) {
        carnet_buf_add_str(room, code);
        carnet_buf_add_text(room, "0");
        carnet_iso8583_set_text(b, 39, since(room, start));
    }
    carnet_iso8583_unset(b, 22);
    trim(m, 42, b, room);
    original_to_2003(m, b, room);
    return amounts_to_2003(m, b, room, err);
}

void
carnet_switch_2003_to_1993(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str time = carnet_iso8583_text(m, 12, room), code = carnet_iso8583_text(m, 39, room),
                     trace = carnet_iso8583_text(m, 11, room);

    if (time.len == 14)
        carnet_iso8583_set_text(b, 12, (carnet_str){ time.ptr + 2, 12 });
    if (trace.len == 12)
        carnet_iso8583_set_text(b, 11, (carnet_str){ trace.ptr + 6, 6 });
    if (code.len == 4)
        carnet_iso8583_set_text(b, 39, (carnet_str){ code.ptr, 3 });
    carnet_iso8583_unset(b, 22);
    trim(m, 41, b, room);
    trim(m, 42, b, room);
    original_to_1993(m, b, room);
    amounts_to_1993(m, b, room);
}
