/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#define FIRST INT64_C(-62167219200)
#define LAST  INT64_C(253402300799)

/* A time that was understood is written and read back as itself, and a plain one in its own spelling. */
static void
times(carnet_str text)
{
    char written[CARNET_TIME_TEXT_MAX];
    carnet_err err = { 0 };
    carnet_time time = 1, again = 2, strict = 3;
    unsigned oddities = 0;
    carnet_rc rc = carnet_time_parse(text, &time, &oddities, &err);

    if (rc != CARNET_OK) {
        MUST(rc == CARNET_E_TIME && err.offset <= text.len && err.reason[0] != '\0');
        MUST(time == 0 && oddities == 0);
        MUST(carnet_time_parse(text, &strict, NULL, NULL) == CARNET_E_TIME);
        return;
    }
    MUST(time >= FIRST && time <= LAST);
    carnet_time_text(time, written);
    MUST(carnet_time_parse(carnet_str_of(written), &again, NULL, NULL) == CARNET_OK && again == time);
    MUST((oddities == 0) == carnet_str_is(text, written));
    MUST((carnet_time_parse(text, &strict, NULL, NULL) == CARNET_OK) == (oddities == 0));
}

static void
dates(carnet_str text)
{
    char written[11];
    carnet_date date;

    if (carnet_date_parse(text, &date, NULL) != CARNET_OK)
        return;
    carnet_date_text(date, written);
    MUST(carnet_str_is(text, written));
    MUST(carnet_date_of_time(carnet_time_of_date(date)).day == date.day);
    MUST(carnet_age_on(date, date) == 0);
}

/* Any number is clipped to a time that can be written. */
static void
numbers(const uint8_t *data, size_t size)
{
    char written[CARNET_TIME_TEXT_MAX];
    carnet_time number, time;

    if (size < sizeof(number))
        return;
    memcpy(&number, data, sizeof(number));
    carnet_time_text(number, written);
    MUST(carnet_time_parse(carnet_str_of(written), &time, NULL, NULL) == CARNET_OK);
    MUST(time == number || number < FIRST || number > LAST);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    times((carnet_str){ (const char *)data, size });
    dates((carnet_str){ (const char *)data, size });
    numbers(data, size);
    return 0;
}
