/* SPDX-License-Identifier: Apache-2.0 */
/* mdoc reader authentication verified (18013-5 12.5). */
#include "carnet/cose_sign1.h"
#include "carnet/reader_authentication.h"
#include "internal.h"

static const struct {
    unsigned bit;
    const char *detail;
} oddities[] = {
    { CARNET_REQUEST_ENCODING, "a head is longer than needed, or a length indefinite" },
    { CARNET_REQUEST_AGE_OVER, "more than two ages are asked for at once" },
    { CARNET_REQUEST_VERSION, "the version does not go with the members" },
    { CARNET_REQUEST_TAGGED, "a readerAuth is tagged" },
};

static void
report_form(carnet_report *report, unsigned odd)
{
    bool any = false;

    for (size_t i = 0; i < CARNET_COUNT(oddities); i++)
        if (odd & oddities[i].bit) {
            carnet_report_add(report, CARNET_CHECK_REQUEST_FORM, CARNET_FAIL, NULL, oddities[i].detail);
            any = true;
        }
    if (!any)
        carnet_report_add(report, CARNET_CHECK_REQUEST_FORM, CARNET_PASS, NULL, NULL);
}

static const carnet_anchor_array no_anchor = { NULL, 0 };

/* The reader's certificate and its signature. */
static void
check_signer(struct carnet_verify_run *run, carnet_check check, const carnet_cose_sign1 *cose,
             const carnet_reader_authentication *signs)
{
    const carnet_verification *with = run->with;
    carnet_trust_anchors none = carnet_trust_anchors_of(&no_anchor);
    carnet_path_options path = {
        .struct_size = sizeof(path),
        .profile = with->signer_profile != NULL ? with->signer_profile : &carnet_profile_reader,
        .anchor_profile = &carnet_profile_reader_authority,
        .anchors = with->anchors != NULL ? with->anchors : &none,
        .revocation = with->revocation,
    };
    carnet_cose_verify_options options = { .content = { .payload = signs->parts, .payload_count = signs->count } };
    carnet_signer signer;
    carnet_err err;
    carnet_rc rc = carnet_chain_judge(with->memory, &cose->headers, &path, with->crypto, run->report, &signer);

    if (rc != CARNET_OK) {
        carnet_report_add(run->report, check, CARNET_NOT_DONE, NULL, "there is no certificate that can be read");
        return;
    }
    rc = carnet_cose_sign1_verify(cose, with->crypto, &signer.key, &options, &err);
    if (rc == CARNET_OK)
        carnet_report_add(run->report, check, CARNET_PASS, NULL, NULL);
    else
        carnet_verify_fail(run, check, carnet_verify_outcome(rc), &err, "", cose->signature.ptr);
}

/* One COSE_Sign1 at run->path. */
static void
check_authentication(struct carnet_verify_run *run, carnet_check check, const carnet_cbor_reader *top, carnet_span auth,
                     const carnet_reader_authentication *signs)
{
    carnet_cbor_reader r = carnet_cbor_open_within(top, auth, run->path);
    carnet_cose_sign1 cose;

    carnet_cose_sign1_read(&r, &cose);
    (void)carnet_cbor_end(&r, NULL);
    if (r.rc != CARNET_OK)
        carnet_verify_fail_reader(run, check, &r);
    else if (run->with->session_transcript.len == 0)
        carnet_report_add(run->report, check, CARNET_NOT_DONE, NULL, "no session transcript was given");
    else
        check_signer(run, check, &cose, signs);
}

static void
check_one(struct carnet_verify_run *run, const carnet_cbor_reader *top, const carnet_doc_request *doc)
{
    carnet_path member = carnet_path_member(NULL, "docRequests"), entry = carnet_path_entry(&member, doc->index);
    carnet_path step = carnet_path_member(&entry, "readerAuth");
    carnet_reader_authentication signs;

    run->path = &step;
    run->report->document = (uint16_t)doc->index;
    if (doc->reader_auth.len == 0) {
        carnet_report_add(run->report, CARNET_CHECK_READER_AUTHENTICATION, CARNET_NOT_DONE, NULL,
                          "the reader did not sign this");
    } else {
        carnet_reader_authentication_set(&signs, run->with->session_transcript, doc->items_request.encoded);
        check_authentication(run, CARNET_CHECK_READER_AUTHENTICATION, top, doc->reader_auth, &signs);
    }
    run->path = NULL;
    run->report->document = CARNET_NO_DOCUMENT;
}

static void
check_each(struct carnet_verify_run *run, const carnet_cbor_reader *top, const carnet_device_request *view)
{
    carnet_doc_request doc;

    for (size_t i = 0; carnet_doc_request_at(view, i, &doc); i++)
        check_one(run, top, &doc);
}

/* What readerAuthAll signs; false if it cannot be told. */
static bool
set_all(const struct carnet_verify_run *run, const carnet_device_request *view, carnet_reader_authentication *signs)
{
    carnet_span items_requests[CARNET_DOC_REQUESTS_MAX];
    carnet_doc_request doc;
    size_t count = 0;

    for (; count < CARNET_DOC_REQUESTS_MAX && carnet_doc_request_at(view, count, &doc); count++)
        items_requests[count] = doc.items_request.encoded;
    return carnet_reader_authentication_all_set(signs, run->with->session_transcript, items_requests, count,
                                                view->device_request_info.encoded, NULL) == CARNET_OK;
}

/* Every entry of readerAuthAll, or the one at `which`; says how many. */
static size_t
check_all(struct carnet_verify_run *run, const carnet_cbor_reader *top, const carnet_device_request *view, size_t which)
{
    carnet_path member = carnet_path_member(NULL, "readerAuthAll"), step = carnet_path_entry(&member, 0);
    carnet_reader_authentication signs;
    carnet_list_walk walk;
    carnet_span auth;
    size_t checked = 0;

    if (view->reader_auth_all.len == 0 || !set_all(run, view, &signs))
        return 0;
    run->path = &step;
    carnet_list_begin(&walk, view->reader_auth_all);
    for (; carnet_list_next(&walk, &auth); step.index++)
        if (which == SIZE_MAX || which == step.index) {
            check_authentication(run, CARNET_CHECK_READER_AUTHENTICATION_ALL, top, auth, &signs);
            checked++;
        }
    run->path = NULL;
    return checked;
}

/* Bytes that are no CBOR at all cannot be judged. */
static bool
is_malformed(carnet_rc rc)
{
    return rc == CARNET_E_CBOR_TRUNCATED || rc == CARNET_E_CBOR_TRAILING || rc == CARNET_E_CBOR_MALFORMED ||
           rc == CARNET_E_CBOR_DEPTH;
}

static carnet_rc
check_parameters(const carnet_verification *verification, carnet_err *err)
{
    if (verification->struct_size < sizeof(*verification) || verification->crypto == NULL)
        return carnet_fail(err, CARNET_E_USAGE, NULL, "the verification's parameters are not filled in");
    return CARNET_OK;
}

carnet_rc
carnet_reader_authentication_verify(const struct carnet_verification *verification,
                                    const carnet_device_request *request, size_t doc_request, size_t all,
                                    carnet_report *report, carnet_err *err)
{
    carnet_cbor_reader top = carnet_cbor_open(request->encoded);
    struct carnet_verify_run run = { .with = verification, .report = report, .origin = top.origin };
    carnet_doc_request doc;
    carnet_rc rc = check_parameters(verification, err);

    if (rc != CARNET_OK)
        return rc;
    top.allow = request->allow;
    report->document = CARNET_NO_DOCUMENT;
    if (doc_request != SIZE_MAX && carnet_doc_request_at(request, doc_request, &doc))
        check_one(&run, &top, &doc);
    else if (doc_request != SIZE_MAX || check_all(&run, &top, request, all) != 1)
        rc = carnet_fail(err, CARNET_E_USAGE, NULL, "there is no such signature");
    return rc;
}

carnet_rc
carnet_device_request_verify(const struct carnet_verification *verification, carnet_span cbor, carnet_report *report,
                             carnet_err *err)
{
    carnet_cbor_reader top = carnet_cbor_open(cbor);
    struct carnet_verify_run run = { .with = verification, .report = report, .origin = top.origin };
    carnet_device_request view;
    carnet_err own;
    carnet_rc rc;

    rc = check_parameters(verification, err);
    if (rc != CARNET_OK)
        return rc;
    report->document = CARNET_NO_DOCUMENT;
    rc = carnet_device_request_open(cbor, verification->allow, &view, &own);
    if (is_malformed(rc)) {
        if (err != NULL)
            *err = own;
        return rc;
    }
    if (rc != CARNET_OK) {
        carnet_report_add_err(report, CARNET_CHECK_REQUEST_STRUCTURE, CARNET_FAIL, &own);
        return CARNET_OK;
    }
    top.allow = view.allow;
    carnet_report_add(report, CARNET_CHECK_REQUEST_STRUCTURE, CARNET_PASS, NULL, NULL);
    report_form(report, view.oddities);
    check_each(&run, &top, &view);
    (void)check_all(&run, &top, &view, SIZE_MAX);
    return CARNET_OK;
}
