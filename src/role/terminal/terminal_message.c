/* SPDX-License-Identifier: Apache-2.0 */
/* 0100, 0200, 0220, 0420, 0421, and their likes of 1993 and 2003. */
#include "internal.h"

#include <string.h>

/* What the texts of a message are in until it is built. */
typedef struct parts {
    char time[15], amount[17], thirty[33], original[48], actual[43];
    uint8_t carrier[1100];
} parts;

carnet_mti
carnet_terminal_mti(const carnet_terminal *t)
{
    const carnet_mti version = (carnet_mti)((unsigned)t->config.spec->version << 12);
    const bool again = t->record.repeats > 0;

    if (t->record.phase == CARNET_TERMINAL_REVERSING)
        return (carnet_mti)(version | (again ? 0x0421 : 0x0420));
    if (t->record.phase == CARNET_TERMINAL_COMPLETING)
        return (carnet_mti)(version | (again ? 0x0221 : 0x0220));
    return (carnet_mti)(version | (t->record.purchase && t->config.dual ? 0x0100 : 0x0200));
}

/* What the 0420 or 0220 is about. */
static carnet_mti
original_mti(const carnet_terminal *t)
{
    const unsigned version = (unsigned)t->config.spec->version << 12;

    return (carnet_mti)(version | (t->record.purchase && t->config.dual ? 0x0100 : 0x0200));
}

static void
put_digits(carnet_buf *out, uint64_t value, int count)
{
    char text[20];

    for (int i = count; i-- > 0; value /= 10)
        text[i] = (char)('0' + value % 10);
    carnet_buf_add(out, carnet_span_of(text, (size_t)count));
}

/* Month, day, hour, minute, second, all in UTC; before them two or four digits of the year. */
static void
put_time(carnet_buf *out, int64_t ms, int year_digits)
{
    const carnet_time time = ms / 1000, within = time % CARNET_TIME_DAY;
    const carnet_date date = carnet_date_of_time(time);

    put_digits(out, (uint64_t)date.year, year_digits); /* the lowest of them */
    put_digits(out, (uint64_t)date.month, 2);
    put_digits(out, (uint64_t)date.day, 2);
    put_digits(out, (uint64_t)(within / 3600), 2);
    put_digits(out, (uint64_t)(within / 60 % 60), 2);
    put_digits(out, (uint64_t)(within % 60), 2);
}

static carnet_buf
begin(char *room, size_t size)
{
    memset(room, 0, size);
    return carnet_buf_of(room, size - 1);
}

/* ISO 4217: most currencies have two digits of minor units. */
static unsigned
exponent(const char *currency)
{
    static const char none[][4] = { "108", "152", "174", "262", "324", "352", "392", "410", "548",
                                    "600", "646", "704", "800", "940", "950", "952", "953" };
    static const char three[][4] = { "048", "368", "400", "414", "434", "512", "788" };

    for (size_t i = 0; i < CARNET_COUNT(none); i++)
        if (strcmp(currency, none[i]) == 0)
            return 0;
    for (size_t i = 0; i < CARNET_COUNT(three); i++)
        if (strcmp(currency, three[i]) == 0)
            return 3;
    return 2;
}

/* ISO 8583:2003 puts currency and exponent before an amount. */
static void
put_amount(const carnet_terminal *t, carnet_buf *out, uint64_t amount)
{
    if (t->config.spec->version == CARNET_ISO8583_2003) {
        carnet_buf_add_text(out, t->record.currency);
        put_digits(out, exponent(t->record.currency), 1);
    }
    put_digits(out, amount, 12);
}

static void
set_times(const carnet_terminal *t, int64_t moment, carnet_iso8583_builder *b, parts *p)
{
    const carnet_iso8583_version version = t->config.spec->version;
    const int year = version == CARNET_ISO8583_1987 ? 0 : version == CARNET_ISO8583_1993 ? 2 : 4;
    carnet_buf out = begin(p->time, sizeof(p->time));

    put_time(&out, moment, year);
    carnet_iso8583_set_text(b, 7, (carnet_str){ p->time + year, 10 });
    if (version != CARNET_ISO8583_1987) {
        carnet_iso8583_set(b, 12, p->time);
        return;
    }
    carnet_iso8583_set_text(b, 12, (carnet_str){ p->time + 4, 6 });
    carnet_iso8583_set_text(b, 13, (carnet_str){ p->time, 4 });
}

static void
set_if(carnet_iso8583_builder *b, unsigned element, const char *text)
{
    if (text[0] != '\0')
        carnet_iso8583_set(b, element, text);
}

/* What all of a transaction's messages say alike. */
static void
set_common(const carnet_terminal *t, carnet_iso8583_builder *b, parts *p, uint64_t amount)
{
    const carnet_terminal_config *c = &t->config;
    const carnet_terminal_record *r = &t->record;
    const carnet_iso8583_version version = c->spec->version;
    carnet_buf out = begin(p->amount, sizeof(p->amount));

    put_amount(t, &out, amount);
    set_if(b, 2, r->pan);
    carnet_iso8583_set(b, 3, r->purchase ? "000000" : "010000");
    carnet_iso8583_set(b, 4, p->amount);
    set_if(b, version == CARNET_ISO8583_1987 ? 18 : 26, c->mcc);
    if (version == CARNET_ISO8583_1987)
        carnet_iso8583_set(b, 22, r->pan[0] != '\0' ? "821" : "031");
    else if (version == CARNET_ISO8583_1993)
        carnet_iso8583_set(b, 22, "V3020033314C");
    set_if(b, 32, c->acquirer);
    carnet_iso8583_set(b, 37, r->rrn);
    carnet_iso8583_set(b, 41, c->terminal);
    set_if(b, 42, c->merchant);
    if (version != CARNET_ISO8583_2003) {
        set_if(b, 43, c->name);
        carnet_iso8583_set(b, 49, r->currency);
    }
    set_if(b, 102, r->account);
}

static carnet_rc
set_carrier(const carnet_terminal *t, carnet_iso8583_builder *b, parts *p, carnet_err *err)
{
    carnet_buf out = carnet_buf_of(p->carrier, sizeof(p->carrier));
    const size_t limit = t->config.carrier == 55 && t->config.spec->version != CARNET_ISO8583_2003 ? 255 : 0;
    carnet_vector_carrier c;
    carnet_rc rc;

    if (!carnet_terminal_carrier(t, &c))
        return carnet_fail(err, CARNET_E_CARRIER, NULL, NULL);
    rc = t->config.carrier_tag == 0
             ? carnet_carrier_write_text(&c, (carnet_span){ 0 }, &out, err)
             : carnet_carrier_write_tlv(&c, t->config.carrier_tag, (carnet_span){ 0 }, limit, &out, err);
    if (rc == CARNET_OK)
        carnet_iso8583_set_binary(b, t->config.carrier, carnet_buf_span(&out));
    return rc;
}

/* DE 90 of 1987, DE 56 later: type, trace number, time, acquirer. */
static void
set_original(const carnet_terminal *t, carnet_iso8583_builder *b, parts *p)
{
    const carnet_iso8583_version version = t->config.spec->version;
    const size_t len = strlen(t->config.acquirer);
    carnet_buf out = begin(p->original, sizeof(p->original));
    char mti[5];

    carnet_mti_write(original_mti(t), mti);
    carnet_buf_add_text(&out, mti);
    put_digits(&out, t->record.stan, version == CARNET_ISO8583_2003 ? 12 : 6);
    put_time(&out, t->record.sent, version == CARNET_ISO8583_1987 ? 0 : version == CARNET_ISO8583_1993 ? 2 : 4);
    if (version == CARNET_ISO8583_1987) {
        put_digits(&out, 0, (int)(11 - len));
        carnet_buf_add_text(&out, t->config.acquirer);
        put_digits(&out, 0, 11);
    } else if (len > 0) {
        if (version == CARNET_ISO8583_1993)
            put_digits(&out, len, 2);
        carnet_buf_add_text(&out, t->config.acquirer);
    }
    carnet_iso8583_set(b, version == CARNET_ISO8583_1987 ? 90 : 56, p->original);
}

/* What went out, where it is less than what was authorised. */
static void
set_actual(const carnet_terminal *t, carnet_iso8583_builder *b, parts *p)
{
    carnet_buf out;

    if (t->config.spec->version == CARNET_ISO8583_1987) {
        out = begin(p->actual, sizeof(p->actual));
        put_digits(&out, t->record.dispensed, 12);
        put_digits(&out, 0, 15);
        put_digits(&out, 0, 15);
        carnet_iso8583_set(b, 95, p->actual);
        return;
    }
    out = begin(p->thirty, sizeof(p->thirty));
    put_amount(t, &out, t->record.amount);
    put_digits(&out, 0, 12);
    if (t->config.spec->version == CARNET_ISO8583_2003)
        put_digits(&out, 0, 4);
    carnet_iso8583_set(b, 30, p->thirty);
}

static void
set_reversal(const carnet_terminal *t, carnet_iso8583_builder *b, parts *p)
{
    static const struct {
        const char *of_1987, *later;
    } reasons[] = {
        [CARNET_REVERSAL_NONE] = { "68", "4021" },    [CARNET_REVERSAL_TIMEOUT] = { "68", "4021" },
        [CARNET_REVERSAL_NOTHING] = { "06", "4000" }, [CARNET_REVERSAL_PARTIAL] = { "32", "4004" },
        [CARNET_REVERSAL_UNKNOWN] = { "22", "4006" }, [CARNET_REVERSAL_USER] = { "17", "4000" },
    };
    const bool partial = t->record.reversal == CARNET_REVERSAL_PARTIAL;

    set_original(t, b, p);
    if (partial)
        set_actual(t, b, p);
    if (t->config.spec->version == CARNET_ISO8583_1987) {
        carnet_iso8583_set(b, 39, reasons[t->record.reversal].of_1987);
        return;
    }
    carnet_iso8583_set(b, 24, partial ? "401" : "400");
    carnet_iso8583_set(b, 25, reasons[t->record.reversal].later);
}

static carnet_rc
set_rest(const carnet_terminal *t, carnet_iso8583_builder *b, parts *p, carnet_err *err)
{
    const carnet_terminal_record *r = &t->record;
    const bool later = t->config.spec->version != CARNET_ISO8583_1987;

    set_if(b, 38, r->approval);
    switch (r->phase) {
    case CARNET_TERMINAL_REVERSING:
        set_reversal(t, b, p);
        return CARNET_OK;
    case CARNET_TERMINAL_COMPLETING:
        set_original(t, b, p);
        if (later)
            carnet_iso8583_set(b, 24, r->dispensed == r->amount ? "201" : "202");
        return CARNET_OK;
    default:
        if (later)
            carnet_iso8583_set(b, 24, r->purchase && t->config.dual ? "100" : "200");
        return set_carrier(t, b, p, err);
    }
}

carnet_rc
carnet_terminal_message(const carnet_terminal *t, carnet_buf *out, carnet_err *err)
{
    const carnet_terminal_record *r = &t->record;
    const bool after = r->phase == CARNET_TERMINAL_REVERSING || r->phase == CARNET_TERMINAL_COMPLETING;
    /* Later versions put what went out into DE 4 itself. */
    const bool less = r->phase == CARNET_TERMINAL_COMPLETING ||
                      (r->reversal == CARNET_REVERSAL_PARTIAL && t->config.spec->version != CARNET_ISO8583_1987);
    carnet_iso8583_builder b;
    parts p;
    carnet_rc rc;

    if (!after && r->phase != CARNET_TERMINAL_AUTHORISING)
        return carnet_fail(err, CARNET_E_TERMINAL_STATE, NULL, "nothing is to be sent");
    carnet_iso8583_builder_init(&b, t->config.spec, carnet_terminal_mti(t));
    set_common(t, &b, &p, after && less ? r->dispensed : r->amount);
    set_times(t, after ? r->sent_after : r->sent, &b, &p);
    carnet_iso8583_set_number(&b, 11, after ? r->stan_after : r->stan);
    if ((rc = set_rest(t, &b, &p, err)) != CARNET_OK)
        return rc;
    return carnet_iso8583_build(&b, out, err);
}
