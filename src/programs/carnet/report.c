/* SPDX-License-Identifier: Apache-2.0 */
/* The report as a person reads it. */
#include "carnet/verify.h"
#include "cli.h"

#define ENTRIES_MAX ((CARNET_DOCUMENTS_MAX + 1) * CARNET_REPORT_DOCUMENT_ENTRIES)

carnet_report *
cli_report(carnet_time now, int64_t skew)
{
    carnet_report *report = cli_alloc(sizeof *report);

    carnet_report_init(report, cli_alloc(ENTRIES_MAX * sizeof(carnet_report_entry)), ENTRIES_MAX, now, skew);
    return report;
}

static const char *
colour_of(const carnet_report_entry *entry, const carnet_policy *policy)
{
    const cli_colours *c = cli_colour();

    switch (entry->outcome) {
    case CARNET_PASS:
        return c->good;
    case CARNET_FAIL:
        return carnet_policy_objects(policy, entry) ? c->bad : c->doubt;
    default:
        return carnet_policy_objects(policy, entry) ? c->doubt : c->dim;
    }
}

static const char *
word_of(const carnet_report_entry *entry, const carnet_policy *policy)
{
    if (entry->outcome == CARNET_FAIL) {
        return carnet_policy_objects(policy, entry) ? "FAIL" : "flawed";
    }
    return carnet_outcome_text(entry->outcome);
}

static void
print_entry(const carnet_report_entry *entry, const carnet_policy *policy)
{
    const cli_colours *c = cli_colour();

    printf("    %-36s%s%-13s%s", carnet_check_title(entry->check), colour_of(entry, policy), word_of(entry, policy),
           c->off);
    if (entry->detail[0] != '\0') {
        cli_print_safe(stdout, carnet_str_of(entry->detail));
        fputs("  ", stdout);
    }
    printf("%s(%s)%s\n", c->dim, carnet_check_clause(entry->check), c->off);
    if (entry->outcome == CARNET_FAIL && entry->path[0] != '\0') {
        fputs("        in ", stdout);
        cli_print_safe(stdout, carnet_str_of(entry->path));
        if (entry->offset != CARNET_NO_OFFSET) {
            printf(", byte %zu", entry->offset);
        }
        fputc('\n', stdout);
    }
}

/** Whether an entry is worth a line for a person who did not ask for all. */
static bool
worth(const carnet_report_entry *entry, const carnet_policy *policy)
{
    return carnet_check_class_of(entry->check) == CARNET_CLASS_PROTECTS || entry->outcome == CARNET_FAIL ||
           carnet_policy_objects(policy, entry) || entry->check == CARNET_CHECK_DEVICE_NONE ||
           entry->check == CARNET_CHECK_REVOCATION_SOURCE ||
           (entry->check == CARNET_CHECK_ELEMENT_TYPES && entry->outcome == CARNET_PASS);
}

static void
print_group(const carnet_report *report, const carnet_policy *policy, uint16_t document, bool verbose)
{
    size_t quiet = 0;

    for (size_t i = 0; i < report->count; i++) {
        const carnet_report_entry *entry = &report->entries[i];

        if (entry->document != document) {
            continue;
        }
        if (verbose || worth(entry, policy)) {
            print_entry(entry, policy);
        } else {
            quiet++;
        }
    }
    if (quiet > 0) {
        printf("    %s%zu more checks of form: none failed (--all shows them)%s\n", cli_colour()->dim, quiet,
               cli_colour()->off);
    }
}

static uint16_t
documents_in(const carnet_report *report)
{
    uint16_t count = 0;

    for (size_t i = 0; i < report->count; i++) {
        if (report->entries[i].document != CARNET_NO_DOCUMENT && report->entries[i].document >= count) {
            count = (uint16_t)(report->entries[i].document + 1);
        }
    }
    return count;
}

void
cli_report_text(const char *what, const carnet_report *report, const carnet_policy *policy, const carnet_str *doc_types,
                size_t doc_count, bool verbose)
{
    carnet_verdict verdict = carnet_policy_judge(policy, report, CARNET_NO_DOCUMENT);
    const cli_colours *c = cli_colour();
    char now[CARNET_TIME_TEXT_MAX];

    carnet_time_text(report->now, now);
    printf("%s%s: %s%s%s\n", c->bold, what,
           verdict == CARNET_VERDICT_VALID      ? c->good
           : verdict == CARNET_VERDICT_NEGATIVE ? c->bad
                                                : c->doubt,
           carnet_verdict_text(verdict), c->off);
    printf("  judged at %s, clock skew %lld s, policy %s%s\n", now, (long long)report->skew, policy->name,
           policy->strict ? ", strict" : "");
    print_group(report, policy, CARNET_NO_DOCUMENT, verbose);
    for (uint16_t i = 0; i < documents_in(report); i++) {
        printf("  %sdocuments[%u]%s ", c->bold, i, c->off);
        cli_print_safe(stdout, i < doc_count ? doc_types[i] : (carnet_str){ 0 });
        putchar('\n');
        print_group(report, policy, i, verbose);
    }
    if (report->overflow) {
        puts("  the report is incomplete: there were more checks than it has room for");
    }
}
