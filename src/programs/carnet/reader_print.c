/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict for a person: large, then who, then why. */
#include "reader.h"

#include <string.h>

enum { LINE = 80, LABEL = 22 };

/** A bar over the whole line: in colour on a terminal, drawn elsewhere. */
static void
print_bar(const char *text, const char *colour)
{
    bool plain = cli_colour()->off[0] == '\0';
    int left = (LINE - (int)strlen(text)) / 2;

    if (plain) {
        printf("== %s ", text);
        for (size_t i = strlen(text) + 4; i < LINE; i++) {
            putchar('=');
        }
        putchar('\n');
        return;
    }
    for (int i = 0; i < 3; i++) {
        printf("\033[7m%s%s%*s%s%*s%s\n", colour, cli_colour()->bold, left, "", i == 1 ? text : "",
               LINE - left - (i == 1 ? (int)strlen(text) : 0), "", cli_colour()->off);
    }
}

static void
print_verdict(const reader_verdict *v)
{
    const cli_colours *c = cli_colour();
    carnet_issuer_signed view;
    carnet_document document;
    char text[LINE];

    if (v->verdict == CARNET_VERDICT_NEGATIVE) {
        print_bar("NOT VALID", c->bad);
    } else if (v->verdict != CARNET_VERDICT_VALID) {
        bool any = reader_document(v->response, 0, &document, &view);

        print_bar(any ? "COULD NOT BE JUDGED" : "THE HOLDER GAVE NOTHING", c->doubt);
    } else if (v->age >= 0) {
        snprintf(text, sizeof text, "%d OR OLDER: %s", v->age,
                 v->over == 1   ? "YES"
                 : v->over == 0 ? "NO"
                                : "NOT ANSWERED");
        print_bar(text, v->over == 1 ? c->good : c->bad);
    } else {
        print_bar("VALID", c->good);
    }
}

/** "family_name" as "family name", in a column. */
static void
print_label(carnet_str identifier)
{
    char label[LABEL + 1];
    size_t n = identifier.len < LABEL ? identifier.len : LABEL;

    for (size_t i = 0; i < n; i++) {
        label[i] = identifier.ptr[i];
        if (label[i] == '_') {
            label[i] = ' ';
        }
    }
    label[n] = '\0';
    fputs("  ", stdout);
    cli_print_safe(stdout, carnet_str_of(label));
    printf("%*s", (int)(LABEL + 2 - n), "");
}

/** The value of an element of this name, if it is text. */
static bool
find_text(const carnet_issuer_signed *view, const char *identifier, carnet_buf *out)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;

    while (carnet_issuer_signed_next(view, &cursor, &item)) {
        if (carnet_str_is(item.identifier, identifier)) {
            reader_value_text(item.identifier, item.value, LINE / 2, out);
            return true;
        }
    }
    return false;
}

/** "Erika Mustermann, Mobile driving licence". */
static void
print_who(const carnet_document *document, const carnet_issuer_signed *view)
{
    const carnet_doctype *doctype = carnet_doctype_find(document->doc_type);
    carnet_buf name = cli_buf(512);

    if (find_text(view, "given_name", &name)) {
        carnet_buf_add_text(&name, " ");
    }
    find_text(view, "family_name", &name);
    fputs("\n  ", stdout);
    if (name.len > 0) {
        fputs(cli_colour()->bold, stdout);
        cli_print_safe(stdout, carnet_buf_str(&name));
        printf("%s\n  ", cli_colour()->off);
    }
    cli_print_safe(stdout, doctype != NULL ? carnet_str_of(doctype->title) : document->doc_type);
    fputs("\n\n", stdout);
}

static void
print_elements(const carnet_issuer_signed *view)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;

    while (carnet_issuer_signed_next(view, &cursor, &item)) {
        carnet_buf text = cli_buf(LINE * 6);

        if (carnet_str_is(item.identifier, "family_name") || carnet_str_is(item.identifier, "given_name")) {
            continue;
        }
        reader_value_text(item.identifier, item.value, LINE - LABEL - 4, &text);
        print_label(item.identifier);
        cli_print_safe(stdout, carnet_buf_str(&text));
        putchar('\n');
    }
}

/** What the device says itself, such as how it verified its holder; the issuer has let it (keyAuthorizations). */
static void
print_device_signed(const carnet_document *document)
{
    carnet_element_walk walk;
    carnet_element element;

    reader_device_signed(document, &walk);
    for (size_t i = 0; carnet_element_next(&walk, &element); i++) {
        carnet_buf text = cli_buf(LINE * 6);

        if (i == 0) {
            puts("\n  Said by the holder's device, signed by its key:");
        }
        reader_value_text(element.identifier, element.value, LINE - LABEL - 4, &text);
        print_label(element.identifier);
        cli_print_safe(stdout, carnet_buf_str(&text));
        putchar('\n');
    }
}

/** Why it is not valid: each check the policy objects to, with its clause. */
static void
print_reasons(const reader_verdict *v)
{
    const cli_colours *c = cli_colour();

    fputs("\n", stdout);
    for (size_t i = 0; i < v->report->count; i++) {
        const carnet_report_entry *entry = &v->report->entries[i];

        if (!carnet_policy_objects(v->policy, entry)) {
            continue;
        }
        printf("  %s%s%s: %s  %s(%s)%s\n", c->bold, carnet_check_title(entry->check), c->off,
               carnet_outcome_text(entry->outcome), c->dim, carnet_check_clause(entry->check), c->off);
        if (entry->detail[0] != '\0') {
            fputs("      ", stdout);
            cli_print_safe(stdout, carnet_str_of(entry->detail));
            putchar('\n');
        }
    }
}

/** What the holder did not give, document by document. */
static void
print_refused(carnet_span response)
{
    carnet_device_response view;
    carnet_document_error error;

    if (carnet_device_response_open(response, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK) {
        return;
    }
    for (size_t i = 0; carnet_document_error_at(&view, i, &error); i++) {
        fputs("\n  not given: ", stdout);
        cli_print_safe(stdout, error.doc_type);
        putchar('\n');
    }
}

static void
print_report(const reader_verdict *v)
{
    carnet_str types[CARNET_DOCUMENTS_MAX];
    carnet_document document;
    carnet_issuer_signed view;
    size_t count = 0;

    while (count < CARNET_COUNT(types) && reader_document(v->response, count, &document, &view)) {
        types[count++] = document.doc_type;
    }
    putchar('\n');
    cli_report_text("the answer", v->report, v->policy, types, count, true);
}

void
reader_print(const reading *r, const reader_verdict *v)
{
    bool rely = v->verdict == CARNET_VERDICT_VALID;
    carnet_document document;
    carnet_issuer_signed view;

    print_verdict(v);
    if (!rely) {
        print_reasons(v);
    }
    for (size_t n = 0; (rely || r->a->all) && reader_document(v->response, n, &document, &view); n++) {
        print_who(&document, &view);
        print_elements(&view);
        print_device_signed(&document);
    }
    print_refused(v->response);
    if (r->a->all) {
        print_report(v);
    } else if (!rely && reader_document(v->response, 0, &document, &view)) {
        puts("\n  What it says is not shown, for it is not to be relied on (--all shows it).");
    }
    putchar('\n');
}

int
reader_tell_failure(const reading *r, const carnet_err *err)
{
    if (!r->a->json) {
        print_bar("NO ANSWER", cli_colour()->doubt);
        fflush(stdout);
    } else {
        printf("{\"reading\": %u, \"status\": %d, \"verdict\": \"could not be judged\", \"reason\": ", r->number,
               CLI_UNJUDGED);
        cli_json_string(stdout, carnet_str_of(err->reason[0] != '\0' ? err->reason : carnet_rc_text(err->rc)));
        printf(", \"code\": \"%s\"}\n", carnet_rc_name(err->rc));
        fflush(stdout);
    }
    return cli_complain(r->step != NULL ? r->step : "the reading", err);
}
