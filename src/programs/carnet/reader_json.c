/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict for a program: one line of JSON for each answer (doc/reading.schema.json). */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

static void
member(const char *name, carnet_str text)
{
    fputs(", ", stdout);
    cli_json_string(stdout, carnet_str_of(name));
    fputs(": ", stdout);
    cli_json_string(stdout, text);
}

static void
add_sink(void *self, const uint8_t *ptr, size_t len)
{
    carnet_buf_add(self, carnet_span_of(ptr, len));
}

/** A byte string as base64url, everything else in diagnostic notation but for what JSON has itself. */
static void
print_value(carnet_span value)
{
    carnet_cbor_reader r = carnet_cbor_open(value);
    carnet_buf text = cli_buf(value.len * 8 + 64);

    r.allow = CARNET_CBOR_LENIENT;
    if (carnet_cbor_peek(&r) == CARNET_CBOR_TAG) {
        uint64_t tag = carnet_cbor_tag(&r);

        r = tag == 0 || tag == 1004 ? r : carnet_cbor_open(value);
    }
    switch (carnet_cbor_peek(&r)) {
    case CARNET_CBOR_TSTR:
        cli_json_string(stdout, carnet_cbor_tstr(&r));
        break;
    case CARNET_CBOR_BOOL:
        fputs(carnet_cbor_bool(&r) ? "true" : "false", stdout);
        break;
    case CARNET_CBOR_UINT:
        printf("%llu", (unsigned long long)carnet_cbor_uint(&r));
        break;
    case CARNET_CBOR_BSTR:
        carnet_base64url_encode(carnet_cbor_bstr(&r), &text);
        cli_json_string(stdout, carnet_buf_str(&text));
        break;
    default:
        (void)carnet_cbor_print(value, &(carnet_cbor_print_options){ 0 }, (carnet_cbor_sink){ add_sink, &text }, NULL);
        cli_json_string(stdout, carnet_buf_str(&text));
    }
    free(text.ptr);
}

static void
print_elements(const carnet_issuer_signed *view)
{
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_issuer_signed_item item;
    carnet_str name_space = { 0 };

    fputs(", \"elements\": {", stdout);
    while (carnet_issuer_signed_next(view, &cursor, &item)) {
        if (name_space.ptr == NULL || !carnet_str_equal(name_space, item.name_space)) {
            fputs(name_space.ptr == NULL ? "" : "}, ", stdout);
            cli_json_string(stdout, item.name_space);
            fputs(": {", stdout);
            name_space = item.name_space;
        } else {
            fputs(", ", stdout);
        }
        cli_json_string(stdout, item.identifier);
        fputs(": ", stdout);
        print_value(item.value);
    }
    fputs(name_space.ptr == NULL ? "}" : "}}", stdout);
}

/** What the device signed itself; nothing if there is nothing. */
static void
print_device_signed(const carnet_document *document)
{
    carnet_element_walk walk;
    carnet_element element;
    carnet_str name_space = { 0 };

    reader_device_signed(document, &walk);
    while (carnet_element_next(&walk, &element)) {
        if (name_space.ptr == NULL || !carnet_str_equal(name_space, element.name_space)) {
            fputs(name_space.ptr == NULL ? ", \"deviceSigned\": {" : "}, ", stdout);
            cli_json_string(stdout, element.name_space);
            fputs(": {", stdout);
            name_space = element.name_space;
        } else {
            fputs(", ", stdout);
        }
        cli_json_string(stdout, element.identifier);
        fputs(": ", stdout);
        print_value(element.value);
    }
    fputs(name_space.ptr == NULL ? "" : "}}", stdout);
}

static void
print_documents(const reader_verdict *v)
{
    carnet_document document;
    carnet_issuer_signed view;

    fputs(", \"documents\": [", stdout);
    for (size_t n = 0; reader_document(v->response, n, &document, &view); n++) {
        fputs(n == 0 ? "{\"docType\": " : ", {\"docType\": ", stdout);
        cli_json_string(stdout, document.doc_type);
        member("verdict", carnet_str_of(carnet_verdict_text(carnet_policy_judge(v->policy, v->report, (uint16_t)n))));
        if (v->verdict == CARNET_VERDICT_VALID) {
            print_elements(&view);
            print_device_signed(&document);
        }
        putchar('}');
    }
    putchar(']');
}

/** The checks that are not passed. */
static void
print_checks(const reader_verdict *v, bool all)
{
    bool first = true;

    fputs(", \"checks\": [", stdout);
    for (size_t i = 0; i < v->report->count; i++) {
        const carnet_report_entry *entry = &v->report->entries[i];
        bool objects = carnet_policy_objects(v->policy, entry);

        if (!all && !objects && entry->outcome != CARNET_FAIL) {
            continue;
        }
        fputs(first ? "{\"check\": " : ", {\"check\": ", stdout);
        first = false;
        cli_json_string(stdout, carnet_str_of(carnet_check_slug(entry->check)));
        member("outcome", carnet_str_of(carnet_outcome_text(entry->outcome)));
        member("clause", carnet_str_of(carnet_check_clause(entry->check)));
        member("title", carnet_str_of(carnet_check_title(entry->check)));
        if (entry->document != CARNET_NO_DOCUMENT) {
            printf(", \"document\": %u", entry->document);
        }
        if (entry->detail[0] != '\0') {
            member("detail", carnet_str_of(entry->detail));
        }
        printf(", \"objects\": %s}", objects ? "true" : "false");
    }
    putchar(']');
}

void
reader_print_json(const reading *r, const reader_verdict *v)
{
    printf("{\"reading\": %u, \"status\": %d", r->number, v->status);
    member("verdict", carnet_str_of(carnet_verdict_text(v->verdict)));
    member("way", carnet_str_of(r->a->replay != NULL ? "recording" : onsite_way_text(r->way)));
    if (v->age >= 0) {
        printf(", \"age\": %d, \"over\": %s", v->age, v->over == 1 ? "true" : v->over == 0 ? "false" : "null");
    }
    print_documents(v);
    print_checks(v, r->a->all);
    fputs("}\n", stdout);
    fflush(stdout);
}
