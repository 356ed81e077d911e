/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on an answer. */
#include "reader.h"

#include "carnet/reader_satisfied.h"

#include <stdlib.h>
#include <string.h>

bool
reader_document(carnet_span response, size_t n, carnet_document *document, carnet_issuer_signed *view)
{
    carnet_device_response opened;

    return carnet_device_response_open(response, CARNET_CBOR_LENIENT, &opened, NULL) == CARNET_OK && n < opened.count &&
           carnet_document_open(carnet_device_response_document(&opened, n), CARNET_CBOR_LENIENT, document, NULL) ==
               CARNET_OK &&
           carnet_issuer_signed_open(document->issuer_signed, CARNET_CBOR_LENIENT, view, NULL) == CARNET_OK;
}

void
reader_device_signed(const carnet_document *document, carnet_element_walk *walk)
{
    carnet_device_signed device_signed = { 0 };

    (void)!carnet_device_signed_open(document->device_signed, CARNET_CBOR_LENIENT, &device_signed, NULL);
    carnet_element_begin(walk, device_signed.name_spaces.content);
}

/** The highest age_over_NN that was asked for; -1: none. */
static int
age_asked(carnet_span request)
{
    carnet_device_request view;
    carnet_doc_request doc;
    carnet_requested_element element;
    carnet_element_walk walk;
    int age = -1;

    if (carnet_device_request_open(request, CARNET_CBOR_LENIENT, &view, NULL) != CARNET_OK) {
        return -1;
    }
    for (size_t i = 0; carnet_doc_request_at(&view, i, &doc); i++) {
        carnet_element_begin(&walk, doc.name_spaces);
        while (carnet_requested_element_next(&walk, &element)) {
            int asked = carnet_age_over(element.identifier);

            age = asked > age ? asked : age;
        }
    }
    return age;
}

/** Whether the holder is older: 1 yes, 0 no, -1 not answered.  Yes by any age at or above, no by any at or below. */
static int
age_answered(carnet_span response, int age)
{
    carnet_document document;
    carnet_issuer_signed view;
    int over = -1;

    for (size_t n = 0; over < 1 && reader_document(response, n, &document, &view); n++) {
        carnet_issuer_signed_cursor cursor = { 0 };
        carnet_issuer_signed_item item;

        while (carnet_issuer_signed_next(&view, &cursor, &item)) {
            int at = carnet_age_over(item.identifier);
            bool yes = item.value.len == 1 && item.value.ptr[0] == 0xf5;
            bool no = item.value.len == 1 && item.value.ptr[0] == 0xf4;

            if (at >= age && yes) {
                over = 1;
            } else if (at >= 0 && at <= age && no && over < 0) {
                over = 0;
            }
        }
    }
    return over;
}

/** The portrait of the first document that has one. */
static void
write_portrait(const char *path, carnet_span response)
{
    carnet_document document;
    carnet_issuer_signed view;
    carnet_issuer_signed_item item;

    for (size_t n = 0; reader_document(response, n, &document, &view); n++) {
        carnet_issuer_signed_cursor cursor = { 0 };

        while (carnet_issuer_signed_next(&view, &cursor, &item)) {
            carnet_cbor_reader r = carnet_cbor_open(item.value);

            if (carnet_str_is(item.identifier, "portrait") && carnet_cbor_peek(&r) == CARNET_CBOR_BSTR) {
                cli_write(path, carnet_cbor_bstr(&r), 0600);
                return;
            }
        }
    }
    onsite_say("%s: the answer has no portrait", path);
}

/** A list is fetched at OP-3: nothing but its address is said. */
static void
tell_fetch(const void *context, carnet_str uri, carnet_span list)
{
    const reading *r = context;

    onsite_cross(&r->a->ways, "OP-3", "reader", "validation service", "GET", carnet_str_bytes(uri), uri.len);
    if (list.len > 0) {
        onsite_cross(&r->a->ways, "OP-3", "validation service", "reader", "CertificateList", list, list.len);
    }
}

static carnet_rc
verify(const reading *r, const reader_answer *answer, carnet_report *report, carnet_err *err)
{
    carnet_reader reader = r->reader; /* judging changes nothing of it */
    carnet_verification v = { .struct_size = sizeof v, .allow = CARNET_CBOR_LENIENT };
    crl_lists *lists = cli_alloc(sizeof *lists);
    carnet_reader_judging by = { 0 };
    carnet_trust_anchors anchors = { 0 };
    carnet_issuer_signed view;
    carnet_document document;
    size_t count = 0;
    carnet_rc rc;

    crl_begin(lists, &r->a->crl, r->crypto, r->trust, report->now);
    lists->tell = tell_fetch;
    lists->tell_context = r;
    for (; count < CARNET_DOCUMENTS_MAX && reader_document(answer->response, count, &document, &view); count++) {
        crl_gather(lists, count, document.issuer_signed, document.doc_type);
    }
    if (r->trust != NULL) {
        anchors = carnet_anchor_store_anchors(r->trust);
        v.anchors = &anchors;
    }
    v.revocation = crl_source(lists);
    by.session_transcript = answer->session_transcript;
    by.encrypted_apart = answer->encrypted_apart;
    if (r->mac_keys != NULL && by.session_transcript.len == 0) {
        by.keys = r->mac_keys->list;
        by.key_count = r->mac_keys->count;
    }
    rc = carnet_reader_judge_by(&reader, &v, &by, answer->response, answer->request, report, err);
    if (rc == CARNET_OK) {
        carnet_reader_check_satisfied(answer->response, answer->request, report);
        crl_report(lists, count, report);
    }
    free(lists);
    return rc;
}

int
reader_judge(const reading *r, size_t n)
{
    const reader_answer *answer = &r->answers[n];
    carnet_report *report = cli_report(r->a->at != NULL ? cli_time(r->a->at, cli_now()) : cli_now(), r->a->skew);
    carnet_policy policy = { .name = "default", .strict = r->a->strict };
    reader_verdict v = { .report = report,
                         .policy = &policy,
                         .request = answer->request,
                         .response = answer->response,
                         .age = age_asked(answer->request),
                         .over = -1 };
    carnet_err err = { 0 };

    if (verify(r, answer, report, &err) != CARNET_OK) {
        carnet_report_add_err(report, CARNET_CHECK_MESSAGE_STRUCTURE, CARNET_FAIL, &err);
    }
    v.verdict = carnet_policy_judge(&policy, report, CARNET_NO_DOCUMENT);
    v.status = (int)v.verdict;
    if (v.age >= 0 && v.verdict == CARNET_VERDICT_VALID) {
        v.over = age_answered(v.response, v.age);
        v.status = v.over == 1 ? CLI_VALID : CLI_NEGATIVE;
    }
    if (r->a->json) {
        reader_print_json(r, &v);
    } else {
        reader_print(r, &v);
    }
    if (r->a->portrait != NULL && v.verdict == CARNET_VERDICT_VALID) {
        write_portrait(r->a->portrait, v.response);
    } else if (r->a->portrait != NULL) {
        onsite_say("%s: not written, the document is not valid", r->a->portrait);
    }
    return v.status;
}
