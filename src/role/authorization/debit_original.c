/* SPDX-License-Identifier: Apache-2.0 */
/* Times, and the transaction that a reversal or an advice is about. */
#include "internal.h"

#include <string.h>

static bool
number(const char *digits, size_t count, int *value)
{
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        *value = 10 * *value + (digits[i] - '0');
    }
    return true;
}

static bool
within_day(const char *digits, carnet_time *seconds)
{
    int hour, minute, second;

    if (!number(digits, 2, &hour) || !number(digits + 2, 2, &minute) || !number(digits + 4, 2, &second) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    *seconds = 3600 * hour + 60 * minute + second;
    return true;
}

static carnet_time
distance(carnet_time a, carnet_time b)
{
    return a > b ? a - b : b - a;
}

/* Which year a day without one is of: a message of 31 December may be read on 1 January. */
static int
nearest_year(carnet_date date, carnet_time now)
{
    int year = carnet_date_of_time(now).year, best = year;

    for (int i = -1; i <= 1; i++) {
        carnet_date tried = { year + i, date.month, date.day }, kept = { best, date.month, date.day };

        if (distance(carnet_time_of_date(tried), now) < distance(carnet_time_of_date(kept), now))
            best = year + i;
    }
    return best;
}

bool
carnet_debit_moment(carnet_str digits, carnet_time now, carnet_time *moment)
{
    size_t year_digits = digits.len - 10;
    carnet_date date = { 0 };
    carnet_time within;

    *moment = 0;
    if (digits.len != 10 && digits.len != 12 && digits.len != 14)
        return false;
    if (!number(digits.ptr, year_digits, &date.year) || !number(digits.ptr + year_digits, 2, &date.month) ||
        !number(digits.ptr + year_digits + 2, 2, &date.day) || !within_day(digits.ptr + year_digits + 4, &within) ||
        date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31)
        return false;
    if (year_digits == 2)
        date.year += 2000;
    if (year_digits == 0)
        date.year = nearest_year(date, now);
    *moment = carnet_time_of_date(date) + within;
    return true;
}

/* Where the parts are in data elements 90 (1987) and 56 (1993, 2003): the type, then these. */
typedef struct form {
    unsigned element;
    size_t trace, time, least;
} form;

static const form forms[] = {
    [CARNET_ISO8583_1987] = { 90, 6, 10, 42 },
    [CARNET_ISO8583_1993] = { 56, 6, 12, 22 },
    [CARNET_ISO8583_2003] = { 56, 12, 14, 30 },
};

static const char *
kind_text(carnet_mti mti)
{
    unsigned class = carnet_mti_class(mti), function = carnet_mti_function(mti);

    if (class == CARNET_MTI_AUTHORIZATION && function == CARNET_MTI_REQUEST)
        return "10";
    if (class != CARNET_MTI_FINANCIAL)
        return NULL;
    return function == CARNET_MTI_REQUEST ? "20" : function == CARNET_MTI_ADVICE ? "22" : NULL;
}

static bool
from_element(carnet_debit *debit, const form *f, carnet_time now)
{
    carnet_str text = carnet_debit_text(debit, f->element);
    carnet_mti mti = 0;
    const char *kind;

    if (text.len < f->least || !carnet_mti_read((carnet_str){ text.ptr, 4 }, &mti) || (kind = kind_text(mti)) == NULL)
        return false;
    return carnet_debit_moment((carnet_str){ text.ptr + 4 + f->trace, f->time }, now, &debit->original.moment) &&
           carnet_debit_key_make(&debit->original, kind, carnet_debit_text(debit, 32), debit->facts.terminal,
                                 (carnet_str){ text.ptr + 4, f->trace });
}

static bool
digits_of(carnet_str text, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *value = 10 * *value + (uint64_t)(text.ptr[i] - '0');
    }
    return text.len > 0;
}

/* 1987 names what was handed out in data element 95; later versions put it in 4 and what had been asked for in 30. */
static void
read_actual(carnet_debit *debit)
{
    carnet_str text;

    debit->actual = 0;
    if (debit->link->spec->version == CARNET_ISO8583_1987) {
        text = carnet_debit_text(debit, 95);
        if (text.len >= 12 && !digits_of((carnet_str){ text.ptr, 12 }, &debit->actual))
            debit->early = CARNET_JUDGED_FORMAT;
        return;
    }
    if (carnet_iso8583_has(&debit->message, 30))
        debit->actual = debit->facts.amount;
}

void
carnet_debit_read_original(carnet_debit *debit, carnet_time now)
{
    carnet_iso8583_version version = debit->link->spec->version;

    if (version > CARNET_ISO8583_2003)
        return;
    debit->original.reference = debit->key.reference;
    debit->has_original = from_element(debit, &forms[version], now);
    if (!debit->has_original && carnet_iso8583_has(&debit->message, forms[version].element))
        debit->early = CARNET_JUDGED_FORMAT;
    /* Without it, a reversal has the numbers of what it reverses. */
    if (!debit->has_original && debit->kind == CARNET_DEBIT_REVERSAL) {
        debit->original.moment = debit->key.moment;
        debit->has_original = carnet_debit_key_make(&debit->original, "20", carnet_debit_text(debit, 32),
                                                    debit->facts.terminal, carnet_debit_text(debit, 11));
    }
    if (debit->kind == CARNET_DEBIT_REVERSAL)
        read_actual(debit);
}
