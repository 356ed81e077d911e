/* SPDX-License-Identifier: Apache-2.0 */
/* The report as JSON (doc/report.schema.json). */
#include "cli.h"

void
cli_json_string(FILE *out, carnet_str text)
{
    fputc('"', out);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            fprintf(out, "\\u%04x", c);
        } else {
            fputc(c, out);
        }
    }
    fputc('"', out);
}

static void
member(FILE *out, const char *name, const char *text)
{
    fputs(", ", out);
    cli_json_string(out, carnet_str_of(name));
    fputs(": ", out);
    cli_json_string(out, carnet_str_of(text));
}

static const char *
class_text(carnet_check_class class)
{
    static const char *const texts[] = { "protects", "form", "note" };

    return texts[class];
}

static void
print_entry(const carnet_report_entry *entry, const carnet_policy *policy)
{
    fputs("    {\"check\": ", stdout);
    cli_json_string(stdout, carnet_str_of(carnet_check_slug(entry->check)));
    member(stdout, "outcome", carnet_outcome_text(entry->outcome));
    member(stdout, "class", class_text(carnet_check_class_of(entry->check)));
    member(stdout, "clause", carnet_check_clause(entry->check));
    member(stdout, "title", carnet_check_title(entry->check));
    if (entry->document != CARNET_NO_DOCUMENT) {
        printf(", \"document\": %u", entry->document);
    }
    if (entry->path[0] != '\0') {
        member(stdout, "path", entry->path);
    }
    if (entry->offset != CARNET_NO_OFFSET) {
        printf(", \"offset\": %zu", entry->offset);
    }
    if (entry->detail[0] != '\0') {
        member(stdout, "detail", entry->detail);
    }
    if (entry->rc != CARNET_OK) {
        member(stdout, "code", carnet_rc_name(entry->rc));
    }
    printf(", \"objects\": %s}", carnet_policy_objects(policy, entry) ? "true" : "false");
}

void
cli_report_json(const char *what, const carnet_report *report, const carnet_policy *policy, const carnet_str *doc_types,
                size_t doc_count)
{
    char now[CARNET_TIME_TEXT_MAX];

    carnet_time_text(report->now, now);
    fputs("{\n  \"input\": ", stdout);
    cli_json_string(stdout, carnet_str_of(what));
    fputs(",\n  \"verdict\": ", stdout);
    cli_json_string(stdout,
                    carnet_str_of(carnet_verdict_text(carnet_policy_judge(policy, report, CARNET_NO_DOCUMENT))));
    fputs(",\n  \"policy\": ", stdout);
    cli_json_string(stdout, carnet_str_of(policy->name));
    printf(",\n  \"strict\": %s,\n  \"at\": \"%s\",\n  \"skew\": %lld,\n  \"documents\": [",
           policy->strict ? "true" : "false", now, (long long)report->skew);
    for (size_t i = 0; i < doc_count; i++) {
        fputs(i == 0 ? "\n    {\"docType\": " : ",\n    {\"docType\": ", stdout);
        cli_json_string(stdout, doc_types[i]);
        member(stdout, "verdict", carnet_verdict_text(carnet_policy_judge(policy, report, (uint16_t)i)));
        fputc('}', stdout);
    }
    printf("%s],\n  \"complete\": %s,\n  \"checks\": [\n", doc_count > 0 ? "\n  " : "",
           report->overflow ? "false" : "true");
    for (size_t i = 0; i < report->count; i++) {
        print_entry(&report->entries[i], policy);
        fputs(i + 1 < report->count ? ",\n" : "\n", stdout);
    }
    fputs("  ]\n}\n", stdout);
}
