/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an answer is sound and holds what was asked for (18013-5 12.8). */
#include "carnet/policy.h"
#include "internal.h"

#define ENTRIES ((CARNET_PRESENTATION_DOCUMENTS + 1) * CARNET_REPORT_DOCUMENT_ENTRIES)
#define SKEW_S  60

/* A report without these is no reason to believe anything. */
static const carnet_policy_rule rules[] = {
    { CARNET_CHECK_ISSUER_SIGNATURE, true, true }, { CARNET_CHECK_PATH_FOUND, true, true },
    { CARNET_CHECK_PATH_SIGNATURE, true, true },   { CARNET_CHECK_PATH_VALIDITY, true, true },
    { CARNET_CHECK_MSO_DOCTYPE, true, true },      { CARNET_CHECK_MSO_VALIDITY, true, true },
    { CARNET_CHECK_DIGESTS, true, true },          { CARNET_CHECK_DEVICE_AUTHENTICATION, true, true },
};
static const carnet_policy policy = { .name = "identification", .rules = rules, .count = CARNET_COUNT(rules) };

static bool
has_all(const carnet_presentation_document *document, const carnet_issuer_signed *view)
{
    carnet_issuer_signed_item item;

    for (size_t i = 0; i < document->count; i++)
        if (!carnet_issuer_signed_find(view, document->elements[i].asked.name_space,
                                       document->elements[i].asked.identifier, &item))
            return false;
    return true;
}

/* The first document that answers; the response was found sound. */
static bool
choose(const carnet_presentation_question *question, carnet_span response, carnet_presentation_heard *heard)
{
    carnet_device_response opened;
    carnet_document document;
    carnet_issuer_signed view;

    if (carnet_device_response_open(response, CARNET_CBOR_LENIENT, &opened, NULL) != CARNET_OK)
        return false;
    for (size_t n = 0; n < opened.count; n++) {
        if (carnet_document_open(carnet_device_response_document(&opened, n), CARNET_CBOR_LENIENT, &document, NULL) !=
                CARNET_OK ||
            carnet_issuer_signed_open(document.issuer_signed, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK)
            continue;
        for (size_t i = 0; i < question->count; i++) {
            if (!carnet_str_equal(document.doc_type, question->documents[i].doc_type) ||
                !has_all(&question->documents[i], &view))
                continue;
            heard->document = &question->documents[i];
            heard->issuer_signed = document.issuer_signed;
            return true;
        }
    }
    return false;
}

/* A response without a document: the holder's no, or his app's. */
static bool
is_empty(carnet_span response)
{
    carnet_device_response opened;

    return carnet_device_response_open(response, CARNET_CBOR_LENIENT, &opened, NULL) == CARNET_OK && opened.count == 0;
}

carnet_rc
carnet_presentation_judge(const carnet_presentation_question *question, carnet_service_worker *worker,
                          carnet_verification *verification, carnet_span response, carnet_presentation_heard *heard,
                          carnet_err *err)
{
    carnet_report_entry *entries = carnet_service_scratch(worker, ENTRIES * sizeof(*entries));
    carnet_report report;

    *heard = (carnet_presentation_heard){ .why = CARNET_PRESENTATION_DOCUMENT };
    if (entries == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    if (is_empty(response)) {
        heard->why = CARNET_PRESENTATION_USER;
        return CARNET_OK;
    }
    verification->struct_size = sizeof(*verification);
    verification->crypto = worker->crypto;
    verification->anchors = question->anchors;
    verification->allow = CARNET_CBOR_LENIENT;
    carnet_report_init(&report, entries, ENTRIES, question->now, SKEW_S);
    if (carnet_device_response_verify(verification, response, &report, NULL) != CARNET_OK)
        return CARNET_OK;
    carnet_reader_check_types(response, &report);
    if (carnet_policy_judge(&policy, &report, CARNET_NO_DOCUMENT) != CARNET_VERDICT_VALID)
        return CARNET_OK;
    heard->why = CARNET_PRESENTATION_PART;
    if (choose(question, response, heard))
        *heard = (carnet_presentation_heard){ .hearing = CARNET_PRESENTATION_ANSWERED,
                                              .document = heard->document,
                                              .issuer_signed = heard->issuer_signed };
    return CARNET_OK;
}
