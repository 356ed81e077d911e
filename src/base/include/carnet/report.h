/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verification report: every check that was, or could not be, made, each
 * with its outcome, clause, place and a sentence.  The report states facts; a
 * policy (carnet/policy.h) draws the verdict from them.
 *
 * The caller owns the entries.  A report that overflows says so, and no policy
 * calls it good.  Entries never hold a data element's value.
 */
#ifndef CARNET_REPORT_H
#define CARNET_REPORT_H
#include "carnet/err.h"
#include "carnet/time.h"
CARNET_BEGIN_DECLS

#define CARNET_CHECK(name, slug, class, clause, title) CARNET_CHECK_##name,
typedef enum carnet_check {
#include "carnet/check.def"
    CARNET_CHECK_COUNT
} carnet_check;
#undef CARNET_CHECK

typedef enum carnet_check_class { CARNET_CLASS_PROTECTS, CARNET_CLASS_FORM, CARNET_CLASS_NOTE } carnet_check_class;

typedef enum carnet_outcome {
    CARNET_NOT_DONE, /**< nothing to make the check with, or it does not apply; `detail` says which */
    CARNET_PASS,
    CARNET_FAIL,
    CARNET_UNDETERMINED /**< attempted, and no answer could be had */
} carnet_outcome;

typedef struct carnet_report_entry {
    carnet_check check;
    carnet_outcome outcome;
    carnet_rc rc;      /**< the code behind a failure, or CARNET_OK */
    uint16_t document; /**< index of the document it speaks of, or CARNET_NO_DOCUMENT */
    size_t offset;     /**< byte in the input, or CARNET_NO_OFFSET */
    char path[96];     /**< place in the input; may be empty */
    char detail[96];   /**< one sentence without a full stop, such as "5 of 5"; may be empty */
} carnet_report_entry;

#define CARNET_NO_DOCUMENT UINT16_MAX

typedef struct carnet_report {
    carnet_report_entry *entries; /**< caller's storage */
    size_t count, cap;
    bool overflow;     /**< an entry did not fit */
    carnet_time now;   /**< the time judged at */
    int64_t skew;      /**< seconds of clock skew tolerated in every time check */
    uint16_t document; /**< the document new entries speak of */
} carnet_report;

/** A report over the caller's `cap` entries. */
CARNET_API void carnet_report_init(carnet_report *report, carnet_report_entry *entries, size_t cap, carnet_time now,
                                   int64_t skew);
/** Add an entry.  `path` and `detail` may be NULL; both are copied, cut to fit. */
CARNET_API void carnet_report_add(carnet_report *report, carnet_check check, carnet_outcome outcome,
                                  const carnet_path *path, const char *detail);
/** Add a failure (or, with `outcome`, another outcome) with the code, place and reason of *err. */
CARNET_API void carnet_report_add_err(carnet_report *report, carnet_check check, carnet_outcome outcome,
                                      const carnet_err *err);
/** The last entry added, for filling in more; NULL if it did not fit or there is none. */
CARNET_API carnet_report_entry *carnet_report_last(carnet_report *report);
/** The first entry for a check and document (CARNET_NO_DOCUMENT: any); NULL if there is none. */
CARNET_API const carnet_report_entry *carnet_report_find(const carnet_report *report, carnet_check check,
                                                         uint16_t document);

/** The check's stable name ("issuer.signature"), class, clause and title; static text. */
CARNET_API const char *carnet_check_slug(carnet_check check);
CARNET_API carnet_check_class carnet_check_class_of(carnet_check check);
CARNET_API const char *carnet_check_clause(carnet_check check);
CARNET_API const char *carnet_check_title(carnet_check check);
/** "pass", "fail", "not done", "undetermined". */
CARNET_API const char *carnet_outcome_text(carnet_outcome outcome);

/** now + skew >= t and now - skew <= t: the two comparisons every time check is made of. */
CARNET_API bool carnet_report_not_before(const carnet_report *report, carnet_time t);
CARNET_API bool carnet_report_not_after(const carnet_report *report, carnet_time t);

CARNET_END_DECLS
#endif
