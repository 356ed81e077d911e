/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calendar time without a clock: seconds since 1970-01-01T00:00:00Z, proleptic
 * Gregorian, no leap seconds.  No function here asks what time it is.
 */
#ifndef CARNET_TIME_H
#define CARNET_TIME_H
#include "carnet/err.h"
CARNET_BEGIN_DECLS

/** Seconds since the epoch; years 0000 to 9999 only. */
typedef int64_t carnet_time;

#define CARNET_TIME_DAY      86400
#define CARNET_TIME_TEXT_MAX 21 /**< "2026-11-21T00:00:00Z" and a zero */

typedef struct carnet_date {
    int year, month, day; /**< month and day from 1 */
} carnet_date;

/** What was unusual in an RFC 3339 text that was nevertheless understood. */
enum {
    CARNET_TIME_FRACTION = 1, /**< a fraction of a second, dropped */
    CARNET_TIME_OFFSET = 2,   /**< an offset other than Z, applied */
    CARNET_TIME_LOWER = 4,    /**< a lower-case t or z */
    CARNET_TIME_DATE_ONLY = 8 /**< a full-date; midnight UTC is meant */
};

/** Read RFC 3339 date-time.  *oddities (may be NULL: then any oddity is an error) gets CARNET_TIME_ bits.
 *  Second 60 is refused. */
CARNET_API carnet_rc carnet_time_parse(carnet_str text, carnet_time *time, unsigned *oddities, carnet_err *err);
/** Read a full-date, exactly "YYYY-MM-DD". */
CARNET_API carnet_rc carnet_date_parse(carnet_str text, carnet_date *date, carnet_err *err);
/** Write "2026-11-21T00:00:00Z", zero-terminated; times outside years 0 to 9999 are clipped to them. */
CARNET_API void carnet_time_text(carnet_time time, char out[CARNET_TIME_TEXT_MAX]);
/** Write "2026-11-21", zero-terminated. */
CARNET_API void carnet_date_text(carnet_date date, char out[11]);
/** Midnight UTC of a date, and the date (UTC) of a time. */
CARNET_API carnet_time carnet_time_of_date(carnet_date date);
CARNET_API carnet_date carnet_date_of_time(carnet_time time);
/** Whole years between a birth date and a day, as a person counts them (29 February counts on 1 March). */
CARNET_API int carnet_age_on(carnet_date birth, carnet_date day);

CARNET_END_DECLS
#endif
