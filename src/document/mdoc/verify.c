/* SPDX-License-Identifier: Apache-2.0 */
/* Verification: the message, and its documents one by one (18013-5 12.8). */
#include "carnet/verify.h"
#include "internal.h"

/* --- reporting --- */

carnet_outcome
carnet_verify_outcome(carnet_rc rc)
{
    switch (rc) {
    case CARNET_OK:
        return CARNET_PASS;
    case CARNET_E_CRYPTO_BACKEND:
    case CARNET_E_CRYPTO_RANDOM:
    case CARNET_E_CRYPTO_UNSUPPORTED:
    case CARNET_E_CRYPTO_POLICY:
    case CARNET_E_USAGE:
        return CARNET_UNDETERMINED;
    default:
        return CARNET_FAIL;
    }
}

void
carnet_verify_fail_reader(struct carnet_verify_run *run, carnet_check check, const carnet_cbor_reader *r)
{
    carnet_err err;

    if (carnet_cbor_failed(r, &err) != CARNET_OK)
        carnet_report_add_err(run->report, check, CARNET_FAIL, &err);
}

void
carnet_verify_fail(struct carnet_verify_run *run, carnet_check check, carnet_outcome outcome, carnet_err *err,
                   const char *member, const uint8_t *at)
{
    char outer[sizeof(err->path)];

    carnet_err_within(err, member);
    if (run->path != NULL) {
        carnet_path_text(run->path, outer, sizeof(outer));
        carnet_err_within(err, outer);
    }
    if (at != NULL)
        err->offset = (size_t)(at - run->origin);
    carnet_report_add_err(run->report, check, outcome, err);
}

/* The entry at `index` was added as passed, for nothing was amiss then. */
static void
withdraw(struct carnet_verify_run *run, size_t *index)
{
    carnet_report *report = run->report;

    if (*index == SIZE_MAX || *index >= report->count)
        return;
    memmove(&report->entries[*index], &report->entries[*index + 1],
            (report->count - *index - 1) * sizeof(report->entries[0]));
    report->count--;
    if (*index < run->form && run->form != SIZE_MAX)
        run->form--;
    *index = SIZE_MAX;
}

void
carnet_verify_structure(struct carnet_verify_run *run, const carnet_cbor_reader *r)
{
    withdraw(run, &run->structure);
    carnet_verify_fail_reader(run, CARNET_CHECK_DOCUMENT_STRUCTURE, r);
}

void
carnet_verify_form(struct carnet_verify_run *run, const char *detail)
{
    withdraw(run, &run->form);
    carnet_report_add(run->report, CARNET_CHECK_DOCUMENT_FORM, CARNET_FAIL, run->path, detail);
}

/* --- documents --- */

/* A reader over a member of the document; one that is absent is reported, at the document's first byte. */
static bool
open_member(struct carnet_verify_run *run, carnet_cbor_reader *document, carnet_span part, carnet_path *step,
            const char *name, carnet_cbor_reader *out)
{
    *step = carnet_path_member(run->path, name);
    *out = carnet_cbor_open_within(document, part.len != 0 ? part : run->document, step);
    if (part.len != 0)
        return true;
    carnet_cbor_refuse(out, CARNET_E_CBOR_KEY_MISSING, NULL, RESPONSE_CLAUSE, NULL);
    carnet_verify_structure(run, out);
    return false;
}

static carnet_str
read_doc_type(struct carnet_verify_run *run, carnet_cbor_reader *document, carnet_span part)
{
    carnet_path step;
    carnet_cbor_reader r;
    carnet_str doc_type = { 0 };

    if (!open_member(run, document, part, &step, "docType", &r))
        return doc_type;
    doc_type = carnet_cbor_tstr(&r);
    if (r.rc != CARNET_OK)
        carnet_verify_structure(run, &r);
    return doc_type;
}

/* All checks of one Document, which `document` stands for. */
static void
verify_document(struct carnet_verify_run *run, carnet_cbor_reader *document)
{
    struct carnet_document_members members;
    struct carnet_verify_issuer issuer = { 0 };
    carnet_cbor_reader part;
    carnet_path step;
    carnet_str doc_type;

    run->whole_document = true;
    run->document = (carnet_span){ document->at, (size_t)(document->end - document->at) };
    run->structure = run->report->count;
    carnet_report_add(run->report, CARNET_CHECK_DOCUMENT_STRUCTURE, CARNET_PASS, NULL, NULL);
    run->form = run->report->count;
    carnet_report_add(run->report, CARNET_CHECK_DOCUMENT_FORM, CARNET_PASS, NULL, NULL);
    carnet_document_read(document, &members);
    run->seen |= document->seen;
    if (document->rc != CARNET_OK) {
        carnet_verify_structure(run, document);
        carnet_report_add(run->report, CARNET_CHECK_DEVICE_AUTHENTICATION, CARNET_NOT_DONE, NULL,
                          "the document is malformed");
        return;
    }
    doc_type = read_doc_type(run, document, members.doc_type);
    if (open_member(run, document, members.issuer_signed, &step, "issuerSigned", &part))
        carnet_verify_issuer_signed(run, &part, doc_type, &issuer);
    if (open_member(run, document, members.device_signed, &step, "deviceSigned", &part))
        carnet_verify_device_signed(run, &part, doc_type, &issuer);
    else
        carnet_report_add(run->report, CARNET_CHECK_DEVICE_AUTHENTICATION, CARNET_NOT_DONE, NULL,
                          "there is no deviceSigned");
    if (members.errors.len != 0) {
        part = carnet_cbor_open_within(document, (carnet_span){ 0 }, run->path);
        carnet_element_errors_check(&part, members.errors);
        if (part.rc != CARNET_OK)
            carnet_verify_structure(run, &part);
    }
}

/* --- messages --- */

static bool
usable(const carnet_verification *with, carnet_report *report, carnet_err *err, carnet_rc *rc)
{
    *rc = CARNET_OK;
    if (with->struct_size < sizeof(*with) || with->crypto == NULL || report == NULL)
        *rc = carnet_fail(err, CARNET_E_USAGE, NULL, "the verification's parameters are not filled in");
    return *rc == CARNET_OK;
}

static struct carnet_verify_run
run_over(const carnet_verification *with, carnet_report *report, const carnet_cbor_reader *r)
{
    return (struct carnet_verify_run){
        .with = with, .report = report, .origin = r->origin, .structure = SIZE_MAX, .form = SIZE_MAX
    };
}

static carnet_cbor_reader
reader_over(const carnet_verification *with, carnet_span cbor)
{
    carnet_cbor_reader r = carnet_cbor_open(cbor);

    r.allow = (uint8_t)(with->allow & CARNET_CBOR_LENIENT);
    return r;
}

/* The entry on the encoding as a whole, when everything has been read. */
static void
report_encoding(struct carnet_verify_run *run, bool wrapped)
{
    const char *detail = NULL;

    if (wrapped)
        detail = "the whole message is wrapped in a byte string with tag 24";
    else if (run->seen & CARNET_CBOR_INDEFINITE)
        detail = "an item has indefinite length";
    else if (run->seen & CARNET_CBOR_NOT_PREFERRED)
        detail = "a head is longer than needed";
    run->report->document = CARNET_NO_DOCUMENT;
    carnet_report_add(run->report, CARNET_CHECK_ENCODING, detail == NULL ? CARNET_PASS : CARNET_FAIL, NULL, detail);
}

/* An error the mdoc tells of is no flaw of its answer, but there is nothing to judge either. */
static void
report_status(carnet_report *report, uint64_t status)
{
    carnet_outcome outcome = status == CARNET_STATUS_OK ? CARNET_PASS : CARNET_UNDETERMINED;
    const char *detail = NULL;

    if (status == CARNET_STATUS_GENERAL_ERROR)
        detail = "10, a general error";
    else if (status == CARNET_STATUS_CBOR_DECODING)
        detail = "11, the request was not understood as CBOR";
    else if (status == CARNET_STATUS_CBOR_VALIDATION)
        detail = "12, the request was not as specified";
    else if (status != CARNET_STATUS_OK) {
        outcome = CARNET_FAIL;
        detail = "not 0, and none that is known";
    }
    carnet_report_add(report, CARNET_CHECK_RESPONSE_STATUS, outcome, NULL, detail);
}

static void
report_documents(carnet_report *report, const carnet_device_response *view, bool apart)
{
    bool others = view->has_zk_documents || view->has_other_documents || (view->has_encrypted_documents && !apart);
    carnet_err err;
    carnet_rc rc = CARNET_OK;

    if (view->status != CARNET_STATUS_OK && (view->has_documents || others || view->has_encrypted_documents))
        rc = carnet_fail(&err, CARNET_E_MDOC_STRUCTURE, RESPONSE_CLAUSE, "documents come with a status other than 0");
    else if (view->has_documents && view->count == 0)
        rc = carnet_fail(&err, CARNET_E_MDOC_EMPTY, RESPONSE_CLAUSE, "documents is empty");
    if (rc != CARNET_OK)
        carnet_report_add_err(report, CARNET_CHECK_RESPONSE_DOCUMENTS, CARNET_FAIL, &err);
    else if (others)
        carnet_report_add(report, CARNET_CHECK_RESPONSE_DOCUMENTS, CARNET_UNDETERMINED, NULL,
                          "documents encrypted, zero-knowledge or of other formats are not judged");
    else if (view->count == 0 && !view->has_encrypted_documents)
        carnet_report_add(report, CARNET_CHECK_RESPONSE_DOCUMENTS, CARNET_UNDETERMINED, NULL, "no document came");
    else
        carnet_report_add(report, CARNET_CHECK_RESPONSE_DOCUMENTS, CARNET_PASS, NULL, NULL);
}

static void
verify_documents(struct carnet_verify_run *run, const carnet_cbor_reader *top, const carnet_device_response *view)
{
    carnet_path member = carnet_path_member(NULL, "documents"), step = carnet_path_entry(&member, 0);
    carnet_list_walk walk;
    carnet_cbor_reader document;
    carnet_span entry;

    carnet_list_begin(&walk, view->documents);
    for (; carnet_list_next(&walk, &entry); step.index++) {
        document = carnet_cbor_open_within(top, entry, &step);
        run->path = &step;
        run->report->document = (uint16_t)step.index;
        verify_document(run, &document);
    }
    run->path = NULL;
    run->report->document = CARNET_NO_DOCUMENT;
}

carnet_rc
carnet_device_response_verify(const carnet_verification *verification, carnet_span cbor, carnet_report *report,
                              carnet_err *err)
{
    carnet_cbor_reader r;
    carnet_device_response view;
    struct carnet_verify_run run;
    carnet_rc rc;

    if (!usable(verification, report, err, &rc))
        return rc;
    r = reader_over(verification, cbor);
    run = run_over(verification, report, &r);
    report->document = CARNET_NO_DOCUMENT;
    carnet_device_response_read(&r, &view);
    rc = carnet_cbor_failed(&r, err);
    if (rc == CARNET_E_MDOC_VERSION) {
        carnet_verify_fail_reader(&run, CARNET_CHECK_RESPONSE_VERSION, &r);
        return CARNET_OK;
    }
    if (rc != CARNET_OK)
        return rc;
    run.seen |= r.seen;
    carnet_report_add(report, CARNET_CHECK_RESPONSE_VERSION, CARNET_PASS, NULL, NULL);
    report_status(report, view.status);
    report_documents(report, &view, verification->encrypted_apart);
    if (view.oddities & CARNET_RESPONSE_NO_ERRORS)
        carnet_report_add(report, CARNET_CHECK_DOCUMENT_FORM, CARNET_FAIL, NULL, "documentErrors is empty");
    verify_documents(&run, &r, &view);
    report_encoding(&run, (view.oddities & CARNET_RESPONSE_TAG24) != 0);
    return CARNET_OK;
}

carnet_rc
carnet_document_verify(const carnet_verification *verification, carnet_span cbor, carnet_report *report,
                       carnet_err *err)
{
    carnet_cbor_reader r;
    struct carnet_verify_run run;
    carnet_rc rc;

    if (!usable(verification, report, err, &rc))
        return rc;
    r = reader_over(verification, cbor);
    (void)carnet_cbor_any(&r);
    if ((rc = carnet_cbor_end(&r, err)) != CARNET_OK)
        return rc;
    r = reader_over(verification, cbor);
    run = run_over(verification, report, &r);
    report->document = 0;
    verify_document(&run, &r);
    report_encoding(&run, false);
    return CARNET_OK;
}

carnet_rc
carnet_issuer_signed_verify(const carnet_verification *verification, carnet_span cbor, carnet_str doc_type,
                            carnet_report *report, carnet_err *err)
{
    struct carnet_verify_issuer issuer = { 0 };
    carnet_cbor_reader r;
    struct carnet_verify_run run;
    carnet_rc rc;

    if (!usable(verification, report, err, &rc))
        return rc;
    r = reader_over(verification, cbor);
    (void)carnet_cbor_any(&r);
    if ((rc = carnet_cbor_end(&r, err)) != CARNET_OK)
        return rc;
    r = reader_over(verification, cbor);
    run = run_over(verification, report, &r);
    report->document = 0;
    run.structure = report->count;
    carnet_report_add(report, CARNET_CHECK_DOCUMENT_STRUCTURE, CARNET_PASS, NULL, NULL);
    run.form = report->count;
    carnet_report_add(report, CARNET_CHECK_DOCUMENT_FORM, CARNET_PASS, NULL, NULL);
    carnet_verify_issuer_signed(&run, &r, doc_type, &issuer);
    carnet_report_add(report, CARNET_CHECK_DEVICE_NONE, CARNET_NOT_DONE, NULL,
                      "an IssuerSigned is signed by no device");
    report_encoding(&run, false);
    return CARNET_OK;
}
