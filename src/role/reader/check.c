/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader looks at beyond the mdoc's authenticity: the elements' types, and whether they were asked for. */
#include "carnet/doctype.h"
#include "carnet/reader.h"

#define FAULTS_MAX 8 /* entries per document; what is beyond is counted */

/** "12 of 12", into the caller's 40 octets. */
static const char *
count_text(char out[40], size_t good, size_t all)
{
    carnet_buf text = carnet_buf_of(out, 39);

    carnet_buf_add_uint(&text, good);
    carnet_buf_add_text(&text, " of ");
    carnet_buf_add_uint(&text, all);
    out[text.len] = '\0';
    return out;
}

static void
note_fault(carnet_report *report, const carnet_issuer_signed_item *item, carnet_err *err)
{
    carnet_path ns = { .name = item->name_space };
    carnet_path id = { .up = &ns, .name = item->identifier };

    carnet_path_text(&id, err->path, sizeof err->path);
    err->offset = CARNET_NO_OFFSET;
    carnet_report_add_err(report, CARNET_CHECK_ELEMENT_TYPES, CARNET_FAIL, err);
}

void
carnet_reader_check_issuer_signed_types(carnet_span issuer_signed, carnet_str doc_type, carnet_report *report)
{
    carnet_reader_check_elements(issuer_signed, carnet_doctype_find(doc_type), report);
}

void
carnet_reader_check_elements(carnet_span issuer_signed, const carnet_doctype *doctype, carnet_report *report)
{
    carnet_issuer_signed view;
    carnet_issuer_signed_item item;
    carnet_issuer_signed_cursor cursor = { 0 };
    size_t known = 0, faults = 0;
    char text[40];

    if (doctype == NULL) {
        carnet_report_add(report, CARNET_CHECK_ELEMENT_TYPES, CARNET_NOT_DONE, NULL, "no table for this document type");
        return;
    }
    if (carnet_issuer_signed_open(issuer_signed, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK) {
        carnet_report_add(report, CARNET_CHECK_ELEMENT_TYPES, CARNET_UNDETERMINED, NULL, "the document cannot be read");
        return;
    }
    while (carnet_issuer_signed_next(&view, &cursor, &item)) {
        const carnet_element_definition *definition = carnet_doctype_element(doctype, item.name_space, item.identifier);
        carnet_err err = { 0 };

        if (definition == NULL) {
            continue;
        }
        known++;
        if (carnet_element_check(definition, item.value, &err) != CARNET_OK && ++faults <= FAULTS_MAX) {
            note_fault(report, &item, &err);
        }
    }
    if (faults == 0) {
        carnet_report_add(report, CARNET_CHECK_ELEMENT_TYPES, CARNET_PASS, NULL, count_text(text, known, known));
    } else if (faults > FAULTS_MAX) {
        carnet_report_add(report, CARNET_CHECK_ELEMENT_TYPES, CARNET_FAIL, NULL,
                          count_text(text, known - faults, known));
    }
}

void
carnet_reader_check_types(carnet_span response, carnet_report *report)
{
    carnet_device_response view;
    carnet_document document;
    uint16_t before = report->document;

    if (carnet_device_response_open(response, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK) {
        return;
    }
    for (size_t i = 0; i < view.count; i++) {
        carnet_span encoded = carnet_device_response_document(&view, i);

        report->document = (uint16_t)i;
        if (carnet_document_open(encoded, CARNET_CBOR_LENIENT, &document, NULL) == CARNET_OK) {
            carnet_reader_check_issuer_signed_types(document.issuer_signed, document.doc_type, report);
        }
    }
    report->document = before;
}

/** Whether an element is one that was asked for; any age_over_NN answers any (18013-5 13.4). */
static bool
answers(carnet_str wanted_in, carnet_str wanted, carnet_str name_space, carnet_str identifier)
{
    return carnet_str_equal(wanted_in, name_space) &&
           (carnet_str_equal(wanted, identifier) || (carnet_age_over(wanted) >= 0 && carnet_age_over(identifier) >= 0));
}

/** Whether an element is among the alternatives that requestInfo takes (18013-5 10.2.5). */
static bool
taken_instead(const carnet_doc_request *doc, carnet_str name_space, carnet_str identifier)
{
    carnet_doc_request_info info;
    carnet_list_walk alternatives, sets, names;
    carnet_alternative alternative;
    carnet_element_name name;
    carnet_span set;

    if (!carnet_doc_request_info_get(doc, &info)) {
        return false;
    }
    carnet_list_begin(&alternatives, info.alternative_data_elements);
    while (carnet_alternative_next(&alternatives, &alternative)) {
        carnet_list_begin(&sets, alternative.sets);
        while (carnet_list_next(&sets, &set)) {
            carnet_list_begin(&names, set);
            while (carnet_element_reference_next(&names, &name)) {
                if (answers(name.name_space, name.identifier, name_space, identifier)) {
                    return true;
                }
            }
        }
    }
    return false;
}

/** Whether one DocRequest asked for the element. */
static bool
asked_by(const carnet_doc_request *doc, carnet_str name_space, carnet_str identifier)
{
    carnet_element_walk walk;
    carnet_requested_element wanted;

    carnet_element_begin(&walk, doc->name_spaces);
    while (carnet_requested_element_next(&walk, &wanted)) {
        if (answers(wanted.name_space, wanted.identifier, name_space, identifier)) {
            return true;
        }
    }
    return taken_instead(doc, name_space, identifier);
}

/** What one document brought, counted. */
typedef struct answer {
    const carnet_device_request *request;
    carnet_str doc_type;
    size_t all, asked;
    carnet_element_name first; /**< not asked for; empty: none */
} answer;

static void
count_element(answer *a, carnet_str name_space, carnet_str identifier)
{
    carnet_doc_request doc;
    bool asked = false;

    for (size_t i = 0; !asked && carnet_doc_request_at(a->request, i, &doc); i++) {
        asked = carnet_str_equal(doc.doc_type, a->doc_type) && asked_by(&doc, name_space, identifier);
    }
    if (!asked && a->asked == a->all) {
        a->first = (carnet_element_name){ name_space, identifier };
    }
    a->all++;
    a->asked += asked;
}

static bool
type_asked(const answer *a)
{
    carnet_doc_request doc;

    for (size_t i = 0; carnet_doc_request_at(a->request, i, &doc); i++) {
        if (carnet_str_equal(doc.doc_type, a->doc_type)) {
            return true;
        }
    }
    return false;
}

static void
report_answer(const answer *a, carnet_report *report)
{
    carnet_path ns = { .name = a->first.name_space };
    carnet_path id = { .up = &ns, .name = a->first.identifier };
    char text[40];

    if (!type_asked(a)) {
        carnet_report_add(report, CARNET_CHECK_ANSWERS_REQUEST, CARNET_FAIL, NULL,
                          "nobody asked for this document type");
    } else if (a->asked == a->all) {
        carnet_report_add(report, CARNET_CHECK_ANSWERS_REQUEST, CARNET_PASS, NULL, count_text(text, a->asked, a->all));
    } else {
        carnet_report_add(report, CARNET_CHECK_ANSWERS_REQUEST, CARNET_FAIL, &id, count_text(text, a->asked, a->all));
    }
}

static void
check_document(const carnet_device_request *request, const carnet_document *document, carnet_report *report)
{
    answer a = { .request = request, .doc_type = document->doc_type };
    carnet_issuer_signed view;
    carnet_issuer_signed_item item;
    carnet_issuer_signed_cursor cursor = { 0 };
    carnet_device_signed device_signed;
    carnet_element_walk walk;
    carnet_element element;

    if (carnet_issuer_signed_open(document->issuer_signed, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK ||
        carnet_device_signed_open(document->device_signed, CARNET_CBOR_LENIENT, &device_signed, NULL) != CARNET_OK) {
        carnet_report_add(report, CARNET_CHECK_ANSWERS_REQUEST, CARNET_UNDETERMINED, NULL,
                          "the document cannot be read");
        return;
    }
    while (carnet_issuer_signed_next(&view, &cursor, &item)) {
        count_element(&a, item.name_space, item.identifier);
    }
    carnet_element_begin(&walk, device_signed.name_spaces.content);
    while (carnet_element_next(&walk, &element)) {
        count_element(&a, element.name_space, element.identifier);
    }
    report_answer(&a, report);
}

void
carnet_reader_check_answers(carnet_span response, carnet_span request, carnet_report *report)
{
    carnet_device_response view;
    carnet_device_request asked_for;
    carnet_document document;
    uint16_t before = report->document;

    if (carnet_device_response_open(response, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK ||
        carnet_device_request_open(request, CARNET_CBOR_LENIENT, &asked_for, NULL) != CARNET_OK) {
        return;
    }
    for (size_t i = 0; i < view.count; i++) {
        report->document = (uint16_t)i;
        if (carnet_document_open(carnet_device_response_document(&view, i), CARNET_CBOR_LENIENT, &document, NULL) ==
            CARNET_OK) {
            check_document(&asked_for, &document, report);
        }
    }
    report->document = before;
}
