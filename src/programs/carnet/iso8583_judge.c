/* SPDX-License-Identifier: Apache-2.0 */
/* carnet iso8583 doctor: what speaks for a reading, and what against. */
#include "carnet/iso8583_codes.h"
#include "carnet/tlv.h"
#include "iso8583.h"

#include <string.h>

static void
note(iso_fit *fit, bool good, int weight, const char *text)
{
    fit->score += good ? weight : -weight;
    if (fit->count < ISO_REASONS_MAX - 3) { /* room for judge_place() */
        fit->reasons[fit->count++] = (iso_reason){ good, text };
    }
}

static const char *
indicator_text(const char *mti, bool known)
{
    char line[80];

    snprintf(line, sizeof line, "the indicator %s is of %s version", mti, known ? "this" : "another");
    return iso_text(carnet_str_of(line));
}

static void
judge_indicator(const carnet_iso8583_message *m, iso_fit *fit)
{
    const unsigned version = carnet_mti_version(m->mti), class = carnet_mti_class(m->mti);
    const bool known = version == (unsigned)m->spec->version ||
                       (version >= 8 && m->spec->version == CARNET_ISO8583_1987); /* national and private ones */
    char mti[5];

    carnet_mti_write(m->mti, mti);
    note(fit, known, known || version > 2 ? 30 : 40, indicator_text(mti, known));
    if (class == 0 || class > CARNET_MTI_NETWORK || carnet_mti_function(m->mti) > 7 || carnet_mti_origin(m->mti) > 5) {
        note(fit, false, 50, "the indicator says nothing that is known");
    }
}

static unsigned
two(carnet_str text, size_t at)
{
    return (unsigned)(text.ptr[at] - '0') * 10 + (unsigned)(text.ptr[at + 1] - '0');
}

static bool
are_digits(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return text.len > 0;
}

static bool
is_date(carnet_str text, size_t at)
{
    return two(text, at) >= 1 && two(text, at) <= 12 && two(text, at + 2) >= 1 && two(text, at + 2) <= 31;
}

static bool
is_time(carnet_str text, size_t at)
{
    return two(text, at) <= 23 && two(text, at + 2) <= 59 && two(text, at + 4) <= 59;
}

static void
judge_times(const carnet_iso8583_message *m, iso_fit *fit)
{
    char storage[256];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    carnet_str seven = carnet_iso8583_text(m, 7, &room), twelve = carnet_iso8583_text(m, 12, &room);
    const size_t date = twelve.len == 14 ? 4 : 2; /* 2003 has a century */

    if (seven.len == 10) {
        const bool good = is_date(seven, 0) && is_time(seven, 4);

        note(fit, good, 20, good ? "DE 7 is a date and time" : "DE 7 is no date and time");
    }
    if (twelve.len == 6) {
        note(fit, is_time(twelve, 0), 15, is_time(twelve, 0) ? "DE 12 is a time" : "DE 12 is no time");
    } else if (twelve.len >= 12) {
        const bool good = is_date(twelve, date) && is_time(twelve, date + 4);

        note(fit, good, 15, good ? "DE 12 is a date and time" : "DE 12 is no date and time");
    }
}

/** Elements that are a month and a day, or a year and a month. */
static void
judge_dates(const carnet_iso8583_message *m, iso_fit *fit)
{
    static const uint8_t dates[] = { 13, 14, 15, 17 };
    char line[48];

    for (size_t i = 0; i < CARNET_COUNT(dates) && m->spec->version == CARNET_ISO8583_1987; i++) {
        const bool expires = dates[i] == 14;
        char storage[16];
        carnet_buf room = carnet_buf_of(storage, sizeof storage);
        carnet_str text = carnet_iso8583_text(m, dates[i], &room);
        bool good;

        if (text.len != 4) {
            continue;
        }
        good = are_digits(text) && (expires ? two(text, 2) >= 1 && two(text, 2) <= 12 : is_date(text, 0));
        snprintf(line, sizeof line, "DE %u is %s %s", dates[i], good ? "a" : "no",
                 expires ? "year and month" : "month and day");
        note(fit, good, 8, iso_text(carnet_str_of(line)));
    }
}

/** How the account number came, and what a network is told: codes that are known. */
static void
judge_entries(const carnet_iso8583_message *m, iso_fit *fit)
{
    char storage[64];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    carnet_str entry = carnet_iso8583_text(m, 22, &room), network = carnet_iso8583_text(m, 70, &room);

    if (m->spec->version != CARNET_ISO8583_1987) {
        return;
    }
    if (entry.len == 3 || entry.len == 4) {
        const bool good = are_digits(entry) && carnet_iso8583_entry_mode_text((carnet_str){ entry.ptr, 3 }) != NULL &&
                          entry.ptr[2] <= '8';

        note(fit, good, 6, good ? "DE 22 is an entry mode that is known" : "DE 22 is no entry mode that is known");
    }
    if (network.len == 3) {
        const bool good = carnet_iso8583_value_text(CARNET_ISO8583_1987, 70, network) != NULL;

        note(fit, good, 6, good ? "DE 70 is a code that is known" : "DE 70 is no code that is known");
    }
}

static void
judge_codes(const carnet_iso8583_message *m, iso_fit *fit)
{
    char storage[256];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    carnet_str pan = carnet_iso8583_text(m, 2, &room), response = carnet_iso8583_text(m, 39, &room),
               currency = carnet_iso8583_text(m, 49, &room), code = carnet_iso8583_text(m, 3, &room);
    unsigned digits;
    bool padded;

    pan = iso_without_padding(m, 2, pan, &padded);
    if (pan.len > 0) {
        note(fit, iso_luhn(pan), 10,
             padded          ? "DE 2 has the right check digit without the 0 that pads it"
             : iso_luhn(pan) ? "DE 2 has the right check digit"
                             : "the check digit of DE 2 is wrong");
    }
    if (pan.len > 0 && pan.ptr[0] == '0') {
        note(fit, false, 10, "DE 2 begins with 0");
    }
    if (code.len > 0 && carnet_iso8583_transaction_text(code) != NULL) {
        note(fit, true, 5, "DE 3 is a processing code that is known");
    }
    if (response.len > 0) {
        const bool good = carnet_iso8583_response_text(m->spec->version, response) != NULL;

        note(fit, good, 5, good ? "DE 39 is a code that is known" : "DE 39 is no code that is known");
    }
    if (currency.len > 0) {
        const bool good = iso_currency(currency, &digits) != NULL;

        note(fit, good, 10, good ? "DE 49 is a currency" : "DE 49 is no currency that is known");
    }
}

/** One data object after the other; what is inside of them is their own. */
static bool
is_chip_data(carnet_span octets)
{
    carnet_tlv_reader r = carnet_tlv_open(octets);
    carnet_tlv object;

    r.padding = true;
    while (carnet_tlv_next(&r, &object)) {
    }
    return octets.len > 2 && carnet_tlv_done(&r, NULL) == CARNET_OK;
}

static void
judge_chip(const carnet_iso8583_message *m, iso_fit *fit)
{
    uint8_t storage[2048];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    carnet_span value;
    bool good;

    if (!carnet_iso8583_has(m, 55)) {
        return;
    }
    value = carnet_iso8583_binary(m, 55, &room);
    good = is_chip_data(value);
    note(fit, good, 10, good ? "DE 55 is BER-TLV" : "DE 55 is no BER-TLV");
}

/** Terminal and acceptor are printable, and not blank. */
static void
judge_names(const carnet_iso8583_message *m, iso_fit *fit)
{
    char storage[256];
    carnet_buf room = carnet_buf_of(storage, sizeof storage);
    carnet_str text = carnet_iso8583_text(m, 41, &room);

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' || text.ptr[i] > '~') {
            note(fit, false, 20, "DE 41 is not printable");
            return;
        }
    }
    if (text.len == 16 && carnet_hex_decode(text, &room, NULL) == CARNET_OK && text.ptr[0] >= '2' &&
        text.ptr[0] <= '7') {
        note(fit, false, 15, "DE 41 is characters in hexadecimal");
    }
    text = carnet_iso8583_text(m, 43, &room);
    if (text.len >= 8 && memcmp(text.ptr, "        ", 8) == 0) {
        note(fit, false, 12, "DE 43 begins with blanks");
    }
}

/** What is known to stand before an indicator; NULL if it is none of it. */
const char *
iso_known_header(carnet_span header)
{
    if (header.len >= 12 && header.len <= 14 && memcmp(header.ptr + header.len - 12, "ISO", 3) == 0) {
        return "there is a header of BASE24 in front";
    }
    if (header.len == 5 && (header.ptr[0] & 0xf7) == 0x60) {
        return "there is a TPDU in front";
    }
    if (header.len == 11 && (header.ptr[0] & 0xf7) == 0x60) {
        return "there are a TPDU and six octets of a terminal in front";
    }
    if ((header.len == 22 || header.len == 46) && header.ptr[0] == header.len) {
        return "there is a header in front that says how long it is";
    }
    return NULL;
}

void
iso_judge(const carnet_iso8583_message *message, iso_fit *fit)
{
    unsigned elements = 0;

    for (unsigned i = 0; (i = carnet_iso8583_next(message, i)) != 0;) {
        elements++;
    }
    fit->score = (int)elements;
    judge_indicator(message, fit);
    judge_times(message, fit);
    judge_dates(message, fit);
    judge_entries(message, fit);
    judge_codes(message, fit);
    judge_chip(message, fit);
    judge_names(message, fit);
}
