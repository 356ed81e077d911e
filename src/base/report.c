/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

typedef struct check_row {
    const char *slug, *clause, *title;
    carnet_check_class class;
} check_row;

#define CARNET_CHECK(name, slug, class, clause, title) { slug, clause, title, CARNET_CLASS_##class },
static const check_row rows[] = {
#include "carnet/check.def"
};
#undef CARNET_CHECK

/* A check outside the table counts as one that protects: unknown must never mean harmless. */
static const check_row unknown = { "unknown", "", "a check that is not known", CARNET_CLASS_PROTECTS };

static const check_row *
row_of(carnet_check check)
{
    return (size_t)check < CARNET_COUNT(rows) ? &rows[check] : &unknown;
}

void
carnet_report_init(carnet_report *report, carnet_report_entry *entries, size_t cap, carnet_time now, int64_t skew)
{
    *report =
        (carnet_report){ .entries = entries, .cap = cap, .now = now, .skew = skew, .document = CARNET_NO_DOCUMENT };
}

/* The next entry, its texts empty; NULL if there is no room.  The texts are long, so they are not zeroed whole. */
static carnet_report_entry *
add(carnet_report *report, carnet_check check, carnet_outcome outcome)
{
    carnet_report_entry *entry;

    if (report->count >= report->cap) {
        report->overflow = true;
        return NULL;
    }
    entry = &report->entries[report->count++];
    entry->check = check;
    entry->outcome = outcome;
    entry->rc = CARNET_OK;
    entry->document = report->document;
    entry->offset = CARNET_NO_OFFSET;
    entry->path[0] = '\0';
    entry->detail[0] = '\0';
    return entry;
}

void
carnet_report_add(carnet_report *report, carnet_check check, carnet_outcome outcome, const carnet_path *path,
                  const char *detail)
{
    carnet_report_entry *entry = add(report, check, outcome);

    if (entry == NULL)
        return;
    if (path != NULL)
        carnet_path_text(path, entry->path, sizeof(entry->path));
    if (detail != NULL)
        carnet_text_copy(entry->detail, sizeof(entry->detail), detail);
}

void
carnet_report_add_err(carnet_report *report, carnet_check check, carnet_outcome outcome, const carnet_err *err)
{
    carnet_report_entry *entry = add(report, check, outcome);

    if (entry == NULL || err == NULL)
        return;
    entry->rc = err->rc;
    entry->offset = err->offset;
    carnet_text_copy_tail(entry->path, sizeof(entry->path), err->path);
    carnet_text_copy(entry->detail, sizeof(entry->detail),
                     err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc));
}

carnet_report_entry *
carnet_report_last(carnet_report *report)
{
    return report->overflow || report->count == 0 ? NULL : &report->entries[report->count - 1];
}

const carnet_report_entry *
carnet_report_find(const carnet_report *report, carnet_check check, uint16_t document)
{
    for (size_t i = 0; i < report->count; i++) {
        const carnet_report_entry *entry = &report->entries[i];

        if (entry->check == check && (document == CARNET_NO_DOCUMENT || entry->document == document))
            return entry;
    }
    return NULL;
}

const char *
carnet_check_slug(carnet_check check)
{
    return row_of(check)->slug;
}

carnet_check_class
carnet_check_class_of(carnet_check check)
{
    return row_of(check)->class;
}

const char *
carnet_check_clause(carnet_check check)
{
    return row_of(check)->clause;
}

const char *
carnet_check_title(carnet_check check)
{
    return row_of(check)->title;
}

const char *
carnet_outcome_text(carnet_outcome outcome)
{
    switch (outcome) {
    case CARNET_NOT_DONE:
        return "not done";
    case CARNET_PASS:
        return "pass";
    case CARNET_FAIL:
        return "fail";
    case CARNET_UNDETERMINED:
        return "undetermined";
    }
    return "unknown";
}

bool
carnet_report_not_before(const carnet_report *report, carnet_time t)
{
    int64_t latest;

    /* A sum that does not fit lies beyond every time. */
    if (__builtin_add_overflow(report->now, report->skew, &latest))
        return report->skew > 0;
    return latest >= t;
}

bool
carnet_report_not_after(const carnet_report *report, carnet_time t)
{
    int64_t earliest;

    if (__builtin_sub_overflow(report->now, report->skew, &earliest))
        return report->skew > 0;
    return earliest <= t;
}
