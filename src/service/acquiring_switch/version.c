/* SPDX-License-Identifier: Apache-2.0 */
/* Between the versions of ISO 8583: what the elements of cash and purchases are called in the other (project profile). */
#include "internal.h"

#include <stdio.h>
#include <string.h>

/* Of several that one says alike, the first is what the other gets. */
static const struct {
    const char *of_1987, *of_1993;
} codes[] = {
    { "00", "000" },
    { "08", "001" },
    { "10", "002" },
    { "11", "003" },
    { "16", "004" },
    /* declined */
    { "05", "100" },
    { "54", "101" },
    { "59", "102" },
    { "60", "103" },
    { "62", "104" },
    { "66", "105" },
    { "75", "106" },
    { "01", "107" },
    { "02", "108" },
    { "03", "109" },
    { "13", "110" },
    { "14", "111" },
    { "23", "113" },
    { "39", "114" },
    { "40", "115" },
    { "51", "116" },
    { "55", "117" },
    { "56", "118" },
    { "57", "119" },
    { "58", "120" },
    { "61", "121" },
    { "63", "122" },
    { "1A", "122" },
    { "65", "123" },
    { "93", "124" },
    { "42", "114" },
    { "44", "114" },
    { "52", "114" },
    { "53", "114" },
    { "64", "110" },
    /* and the card is kept */
    { "04", "200" },
    { "33", "201" },
    { "34", "202" },
    { "35", "203" },
    { "36", "204" },
    { "37", "205" },
    { "38", "206" },
    { "07", "207" },
    { "41", "208" },
    { "43", "209" },
    { "67", "200" },
    { "34", "210" },
    /* of files, reconciliation, reversals, networks */
    { "00", "300" },
    { "00", "400" },
    { "00", "500" },
    { "95", "501" },
    { "00", "800" },
    /* not done */
    { "12", "902" },
    { "19", "903" },
    { "30", "904" },
    { "31", "905" },
    { "90", "906" },
    { "91", "907" },
    { "92", "908" },
    { "15", "908" },
    { "96", "909" },
    { "06", "909" },
    { "22", "909" },
    { "91", "910" },
    { "68", "911" },
    { "91", "912" },
    { "94", "913" },
    { "25", "914" },
    { "25", "302" },
    { "63", "916" },
    { "21", "921" },
    { "09", "923" },
};

static const char *
code_of_1987(carnet_str code)
{
    for (size_t i = 0; i < CARNET_COUNT(codes); i++)
        if (carnet_str_is(code, codes[i].of_1993))
            return codes[i].of_1987;
    switch (code.len == 3 ? code.ptr[0] : '\0') {
    case '0':
        return "00";
    case '2':
        return "04";
    case '9':
        return "96";
    default:
        return "05";
    }
}

static const char *
code_of_1993(carnet_str code, unsigned class)
{
    if (carnet_str_is(code, "00"))
        return class == CARNET_MTI_REVERSAL ? "400" : class == CARNET_MTI_NETWORK ? "800" : "000";
    for (size_t i = 0; i < CARNET_COUNT(codes); i++)
        if (carnet_str_is(code, codes[i].of_1987))
            return codes[i].of_1993;
    return "100";
}

/* A text of the room, from `start` on. */
static carnet_str
since(const carnet_buf *room, size_t start)
{
    return (carnet_str){ (const char *)room->ptr + start, room->len - start };
}

static void
pad(carnet_buf *room, size_t zeros)
{
    while (zeros-- > 0)
        carnet_buf_add_byte(room, '0');
}

/* 1987 has DE 7, MMDDhhmmss of UTC, by which a reversal's DE 90 names what it reverses; 1993 names it by DE 12, YYMMDDhhmmss of
 * local time.  What names a request behind the switch must be what the request has there, to the digit, and of the two only
 * DE 7 is in DE 90.  So it becomes DE 12, unless reversals are known to have their original's DE 12 and 13: then local time is
 * what names it.  The year is the one that puts the date nearest to the day the message passes. */
static void
add_year(carnet_str date, carnet_time now, carnet_buf *room)
{
    const carnet_date today = carnet_date_of_time(now);
    const int apart = (date.ptr[0] - '0') * 10 + (date.ptr[1] - '0') - (int)today.month;
    const int year = (today.year + (apart > 6 ? -1 : apart < -6 ? 1 : 0)) % 100;

    carnet_buf_add_byte(room, (uint8_t)('0' + year / 10));
    carnet_buf_add_byte(room, (uint8_t)('0' + year % 10));
}

/* A time of 1993: of DE 12 and 13 where they are what names a request, or of `sent`, in the form of DE 7; empty: neither is there. */
static carnet_str
time_of_1993(const carnet_iso8583_message *m, carnet_str sent, const switch_times *times, carnet_buf *room)
{
    const carnet_str time = carnet_iso8583_text(m, 12, room), date = carnet_iso8583_text(m, 13, room);
    const bool local = time.len == 6 && date.len == 4, by_local = local && (times->local || sent.len != 10);
    const size_t start = room->len;

    if (!by_local && sent.len != 10)
        return (carnet_str){ 0 };
    add_year(by_local ? date : sent, times->now, room);
    carnet_buf_add_str(room, by_local ? date : sent);
    if (by_local)
        carnet_buf_add_str(room, time);
    return since(room, start);
}

static void
times_to_1993(const carnet_iso8583_message *m, const switch_times *times, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str time = time_of_1993(m, carnet_iso8583_text(m, 7, room), times, room);

    carnet_iso8583_unset(b, 12);
    carnet_iso8583_unset(b, 13);
    if (time.len == 12)
        carnet_iso8583_set_text(b, 12, time);
}

static void
times_to_1987(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str time = carnet_iso8583_text(m, 12, room);

    carnet_iso8583_unset(b, 12);
    carnet_iso8583_unset(b, 13);
    if (time.len != 12)
        return;
    carnet_iso8583_set_text(b, 7, (carnet_str){ time.ptr + 2, 10 });
    carnet_iso8583_set_text(b, 13, (carnet_str){ time.ptr + 2, 4 });
    carnet_iso8583_set_text(b, 12, (carnet_str){ time.ptr + 6, 6 });
}

static bool
entry_is(carnet_str entry, const char *mode)
{
    return entry.len == 3 && entry.ptr[0] == mode[0] && entry.ptr[1] == mode[1];
}

/* DE 22: how the account number came, as far as one says what the other can. */
static void
entry_to_1993(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str entry = carnet_iso8583_text(m, 22, room);

    if (entry.len != 3)
        return;
    carnet_iso8583_set(b, 22,
                       entry_is(entry, "82")   ? "V3020033314C"
                       : entry_is(entry, "03") ? "30200330314C"
                       : entry_is(entry, "05") ? "510201511344"
                       : entry_is(entry, "02") ? "210201211344"
                                               : "000000000000");
}

static void
entry_to_1987(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str entry = carnet_iso8583_text(m, 22, room);
    const char mode = entry.len == 12 ? entry.ptr[6] : '0';

    if (entry.len != 12)
        return;
    carnet_iso8583_set(b, 22,
                       entry.ptr[0] == 'V' ? "821"
                       : mode == '3'       ? "031"
                       : mode == '5'       ? "051"
                       : mode == '2'       ? "021"
                                           : "000");
}

/* DE 90 of 1987: MTI 4, STAN 6, DE 7 10, acquirer 11, forwarder 11.  DE 56 of 1993: MTI 4, STAN 6, DE 12 12, acquirer behind
 * its length. */
static void
original_to_1993(const carnet_iso8583_message *m, const switch_times *times, carnet_iso8583_builder *b,
                 carnet_buf *room)
{
    const carnet_str original = carnet_iso8583_text(m, 90, room);
    carnet_str time;
    size_t start, zeros = 0;

    carnet_iso8583_unset(b, 90);
    if (original.len != 42)
        return;
    time = time_of_1993(m, (carnet_str){ original.ptr + 10, 10 }, times, room);
    start = room->len;
    carnet_buf_add_byte(room, '1');
    carnet_buf_add_str(room, (carnet_str){ original.ptr + 1, 9 });
    carnet_buf_add_str(room, time);
    while (zeros < 11 && original.ptr[20 + zeros] == '0')
        zeros++;
    if (zeros < 11) {
        carnet_buf_add_byte(room, (uint8_t)('0' + (11 - zeros) / 10));
        carnet_buf_add_byte(room, (uint8_t)('0' + (11 - zeros) % 10));
        carnet_buf_add_str(room, (carnet_str){ original.ptr + 20 + zeros, 11 - zeros });
    }
    carnet_iso8583_set_text(b, 56, since(room, start));
}

/* The acquirer behind its length; nothing if that lies. */
static carnet_str
acquirer_of(carnet_str original)
{
    const size_t len =
        original.len >= 24 ? (size_t)(original.ptr[22] - '0') * 10 + (size_t)(original.ptr[23] - '0') : 0;

    return len <= 11 && original.len == 24 + len ? (carnet_str){ original.ptr + 24, len } : (carnet_str){ 0 };
}

static void
original_to_1987(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str original = carnet_iso8583_text(m, 56, room);
    const carnet_str acquirer = acquirer_of(original);
    const size_t start = room->len;

    carnet_iso8583_unset(b, 56);
    if (original.len < 22)
        return;
    carnet_buf_add_byte(room, '0');
    carnet_buf_add_str(room, (carnet_str){ original.ptr + 1, 9 });
    carnet_buf_add_str(room, (carnet_str){ original.ptr + 12, 10 });
    pad(room, 11 - acquirer.len);
    carnet_buf_add_str(room, acquirer);
    pad(room, 11);
    carnet_iso8583_set_text(b, 90, since(room, start));
}

/* A partial reversal: 1987 says what was asked for in DE 4 and what went out in DE 95, 1993 the first in DE 30 and the
 * second in DE 4. */
static bool
amounts_to_1993(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str asked = carnet_iso8583_text(m, 4, room), replacement = carnet_iso8583_text(m, 95, room);
    const size_t start = room->len;

    carnet_iso8583_unset(b, 95);
    if (asked.len != 12 || replacement.len != 42)
        return false;
    carnet_buf_add_str(room, asked);
    pad(room, 12);
    carnet_iso8583_set_text(b, 30, since(room, start));
    carnet_iso8583_set_text(b, 4, (carnet_str){ replacement.ptr, 12 });
    return true;
}

static void
amounts_to_1987(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    const carnet_str actual = carnet_iso8583_text(m, 4, room), asked = carnet_iso8583_text(m, 30, room);
    const size_t start = room->len;

    carnet_iso8583_unset(b, 30);
    if (actual.len != 12 || asked.len != 24)
        return;
    carnet_buf_add_str(room, actual);
    pad(room, 30);
    carnet_iso8583_set_text(b, 95, since(room, start));
    carnet_iso8583_set_text(b, 4, (carnet_str){ asked.ptr, 12 });
}

static const struct {
    const char *of_1987, *of_1993;
} reasons[] = { { "68", "4021" }, { "17", "4000" }, { "06", "4000" }, { "32", "4004" }, { "22", "4006" } };

static void
reversal_to_1993(const carnet_iso8583_message *m, bool partial, carnet_iso8583_builder *b)
{
    carnet_iso8583_set(b, 24, partial ? "401" : "400");
    carnet_iso8583_unset(b, 39);
    for (size_t i = 0; i < CARNET_COUNT(reasons); i++)
        if (carnet_iso8583_is(m, 39, reasons[i].of_1987))
            carnet_iso8583_set(b, 25, reasons[i].of_1993);
}

static void
reversal_to_1987(const carnet_iso8583_message *m, carnet_iso8583_builder *b)
{
    for (size_t i = 0; i < CARNET_COUNT(reasons); i++)
        if (carnet_iso8583_is(m, 25, reasons[i].of_1993))
            carnet_iso8583_set(b, 39, reasons[i].of_1987);
}

static void
drop(carnet_iso8583_builder *b, const uint8_t *elements, size_t count)
{
    for (size_t i = 0; i < count; i++)
        carnet_iso8583_unset(b, elements[i]);
}

void
carnet_switch_1987_to_1993(const carnet_iso8583_message *m, const switch_times *times, carnet_iso8583_builder *b,
                           carnet_buf *room)
{
    static const uint8_t others[] = { 15, 18, 24, 25, 26, 28, 29, 30, 31, 53, 54, 70, 90, 95 };
    const bool answers = carnet_mti_answers(m->mti);
    const unsigned class = carnet_mti_class(m->mti);
    bool partial;

    drop(b, others, CARNET_COUNT(others));
    times_to_1993(m, times, b, room);
    entry_to_1993(m, b, room);
    carnet_iso8583_set_from(b, 26, m, 18);
    original_to_1993(m, times, b, room);
    partial = amounts_to_1993(m, b, room);
    if (class == CARNET_MTI_REVERSAL && !answers)
        reversal_to_1993(m, partial, b);
    else if (!answers)
        carnet_iso8583_set(b, 24, class == CARNET_MTI_AUTHORIZATION ? "100" : "200");
    else if (carnet_iso8583_has(m, 39))
        carnet_iso8583_set(b, 39, code_of_1993(carnet_iso8583_text(m, 39, room), class));
}

void
carnet_switch_1993_to_1987(const carnet_iso8583_message *m, carnet_iso8583_builder *b, carnet_buf *room)
{
    static const uint8_t others[] = { 15, 24, 25, 26, 28, 29, 30, 31, 53, 54, 56, 72 };
    const bool answers = carnet_mti_answers(m->mti);

    drop(b, others, CARNET_COUNT(others));
    times_to_1987(m, b, room);
    entry_to_1987(m, b, room);
    carnet_iso8583_set_from(b, 18, m, 26);
    original_to_1987(m, b, room);
    amounts_to_1987(m, b, room);
    if (carnet_mti_class(m->mti) == CARNET_MTI_REVERSAL && !answers)
        reversal_to_1987(m, b);
    if (answers && carnet_iso8583_has(m, 39))
        carnet_iso8583_set(b, 39, code_of_1987(carnet_iso8583_text(m, 39, room)));
}

static const struct {
    const char *of_1987, *of_1993;
} own_answers[] = {
    [SWITCH_DONE] = { "00", "000" },
    [SWITCH_REVERSAL_DONE] = { "00", "400" },
    [SWITCH_NETWORK_DONE] = { "00", "800" },
    [SWITCH_UNAVAILABLE] = { "91", "907" },
    [SWITCH_NO_ROUTE] = { "92", "908" },
    [SWITCH_FORMAT] = { "30", "904" },
    [SWITCH_INVALID] = { "12", "902" },
    [SWITCH_MAC] = { "63", "916" },
    [SWITCH_DUPLICATE] = { "94", "913" },
    [SWITCH_SECURITY] = { "63", "122" },
    { "1A", "122" },
};

void
carnet_switch_code(carnet_iso8583_version version, switch_answer answer, char code[5])
{
    (void)snprintf(code, 5, "%s%s",
                   version == CARNET_ISO8583_1987 ? own_answers[answer].of_1987 : own_answers[answer].of_1993,
                   version == CARNET_ISO8583_2003 ? "0" : "");
}
