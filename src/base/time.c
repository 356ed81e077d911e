/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/time.h"

#define TIME_FIRST INT64_C(-62167219200) /* 0000-01-01T00:00:00Z */
#define TIME_LAST  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static bool
is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && is_leap(year));
}

/*
 * Both conversions count years from 1 March, so that the leap day is the last
 * day of a year, and in cycles of 400 years, which all have 146097 days.
 */
#define CYCLE_DAYS  146097
#define EPOCH_SHIFT 719468 /* days from 0000-03-01 to 1970-01-01 */

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

carnet_time
carnet_time_of_date(carnet_date date)
{
    int64_t year = (int64_t)date.year - (date.month <= 2);
    int64_t cycle = floor_div(year, 400), in_cycle = year - cycle * 400;
    int64_t month = ((int64_t)date.month + 9) % 12; /* March is 0 */
    int64_t day = (153 * month + 2) / 5 + date.day - 1;

    day += in_cycle * 365 + in_cycle / 4 - in_cycle / 100;
    return (cycle * CYCLE_DAYS + day - EPOCH_SHIFT) * CARNET_TIME_DAY;
}

static carnet_time
clip(carnet_time time)
{
    return time < TIME_FIRST ? TIME_FIRST : time > TIME_LAST ? TIME_LAST : time;
}

carnet_date
carnet_date_of_time(carnet_time time)
{
    int64_t days = floor_div(clip(time), CARNET_TIME_DAY) + EPOCH_SHIFT;
    int64_t cycle = floor_div(days, CYCLE_DAYS), in_cycle = days - cycle * CYCLE_DAYS;
    int64_t year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    int64_t in_year = in_cycle - (year * 365 + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153; /* March is 0 */

    return (carnet_date){
        .year = (int)(cycle * 400 + year + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(in_year - (153 * month + 2) / 5 + 1),
    };
}

int
carnet_age_on(carnet_date birth, carnet_date day)
{
    bool before = day.month < birth.month || (day.month == birth.month && day.day < birth.day);

    return day.year - birth.year - before;
}

/* Text being read; `at` stays at the first character that is wrong. */
typedef struct cursor {
    carnet_str text;
    size_t at;
    const char *why; /* NULL while all is well */
    unsigned oddities;
} cursor;

static void
object(cursor *c, const char *why)
{
    if (c->why == NULL)
        c->why = why;
}

static char
peek(const cursor *c)
{
    return c->why == NULL && c->at < c->text.len ? c->text.ptr[c->at] : '\0';
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number of exactly `digits` digits from `low` to `high`. */
static int
number(cursor *c, int digits, int low, int high)
{
    size_t begin = c->at;
    int value = 0;

    for (int i = 0; i < digits; i++, c->at++) {
        if (!is_digit(peek(c))) {
            object(c, "a digit is missing");
            return low;
        }
        value = value * 10 + (c->text.ptr[c->at] - '0');
    }
    if (value >= low && value <= high)
        return value;
    c->at = begin;
    object(c, "a number is out of range");
    return low;
}

static void
expect(cursor *c, char wanted)
{
    if (peek(c) == wanted && c->why == NULL)
        c->at++;
    else
        object(c, "a separator is missing");
}

/* The same for a letter, which RFC 3339 5.6 lets be a small one. */
static void
expect_letter(cursor *c, char wanted)
{
    if (peek(c) == wanted + ('a' - 'A'))
        c->oddities |= CARNET_TIME_LOWER;
    else if (peek(c) != wanted)
        object(c, "a separator is missing");
    if (c->why == NULL)
        c->at++;
}

static carnet_date
full_date(cursor *c)
{
    carnet_date date;

    date.year = number(c, 4, 0, 9999);
    expect(c, '-');
    date.month = number(c, 2, 1, 12);
    expect(c, '-');
    date.day = number(c, 2, 1, days_in_month(date.year, date.month));
    return date;
}

static void
fraction(cursor *c)
{
    if (peek(c) != '.')
        return;
    c->oddities |= CARNET_TIME_FRACTION;
    c->at++;
    (void)number(c, 1, 0, 9);
    while (is_digit(peek(c)))
        c->at++;
}

/* The offset from UTC in seconds. */
static int64_t
zone(cursor *c)
{
    char sign = peek(c);
    int64_t offset;

    if (sign != '+' && sign != '-') {
        expect_letter(c, 'Z');
        return 0;
    }
    c->oddities |= CARNET_TIME_OFFSET;
    c->at++;
    offset = INT64_C(3600) * number(c, 2, 0, 23);
    expect(c, ':');
    offset += INT64_C(60) * number(c, 2, 0, 59);
    return sign == '+' ? offset : -offset;
}

static carnet_time
date_time(cursor *c)
{
    carnet_time time = carnet_time_of_date(full_date(c));

    if (c->why == NULL && c->at == c->text.len) {
        c->oddities |= CARNET_TIME_DATE_ONLY;
        return time;
    }
    expect_letter(c, 'T');
    time += INT64_C(3600) * number(c, 2, 0, 23);
    expect(c, ':');
    time += INT64_C(60) * number(c, 2, 0, 59);
    expect(c, ':');
    time += number(c, 2, 0, 59);
    fraction(c);
    return time - zone(c);
}

static carnet_rc
finish(cursor *c, carnet_err *err)
{
    if (c->at < c->text.len)
        object(c, "something follows the end");
    if (c->why == NULL)
        return CARNET_OK;
    return carnet_fail_at(err, CARNET_E_TIME, "RFC 3339 5.6", c->why, c->at, NULL);
}

carnet_rc
carnet_time_parse(carnet_str text, carnet_time *time, unsigned *oddities, carnet_err *err)
{
    cursor c = { .text = text };
    carnet_time got = date_time(&c);
    carnet_rc rc;

    if (got != clip(got))
        object(&c, "the offset leads out of the years 0000 to 9999");
    if (oddities == NULL && c.oddities != 0 && c.why == NULL && c.at == text.len)
        object(&c, "only the form YYYY-MM-DDThh:mm:ssZ is allowed here");
    rc = finish(&c, err);
    *time = rc == CARNET_OK ? got : 0;
    if (oddities != NULL)
        *oddities = rc == CARNET_OK ? c.oddities : 0;
    return rc;
}

carnet_rc
carnet_date_parse(carnet_str text, carnet_date *date, carnet_err *err)
{
    cursor c = { .text = text };
    carnet_date got = full_date(&c);
    carnet_rc rc = finish(&c, err);

    *date = rc == CARNET_OK ? got : (carnet_date){ 0 };
    return rc;
}

/* Write the last `digits` decimal digits of a number; where the next character goes. */
static char *
put(char *out, int digits, int64_t value)
{
    for (int i = digits; i-- > 0; value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + digits;
}

static int
within(int value, int high)
{
    return value < 0 ? 0 : value > high ? high : value;
}

void
carnet_date_text(carnet_date date, char out[11])
{
    out = put(out, 4, within(date.year, 9999));
    *out++ = '-';
    out = put(out, 2, within(date.month, 99));
    *out++ = '-';
    out = put(out, 2, within(date.day, 99));
    *out = '\0';
}

void
carnet_time_text(carnet_time time, char out[CARNET_TIME_TEXT_MAX])
{
    int64_t second = clip(time) - floor_div(clip(time), CARNET_TIME_DAY) * CARNET_TIME_DAY;

    carnet_date_text(carnet_date_of_time(time), out);
    out += 10;
    *out++ = 'T';
    out = put(out, 2, second / 3600);
    *out++ = ':';
    out = put(out, 2, second / 60 % 60);
    *out++ = ':';
    out = put(out, 2, second % 60);
    *out++ = 'Z';
    *out = '\0';
}
