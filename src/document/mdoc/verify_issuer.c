/* SPDX-License-Identifier: Apache-2.0 */
/* Issuer data authentication (18013-5 12.8.1). */
#include "carnet/cose_sign1.h"
#include "internal.h"

#define ISSUER_AUTH "issuerSigned.issuerAuth"
#define MDL         "org.iso.18013.5.1.mDL"

/* Only issuerAuth, for an IssuerSigned whose items cannot be read. */
struct auth_only {
    carnet_span issuer_auth;
};
static const carnet_cbor_field auth_only_fields[] = {
    CARNET_MEMBER_OPTIONAL(struct auth_only, "issuerAuth", CARNET_FIELD_ANY, issuer_auth),
};

static const char *
member_of(const struct carnet_verify_run *run, const char *member)
{
    /* An IssuerSigned alone is not a member of anything. */
    return run->whole_document ? member : member + sizeof("issuerSigned");
}

/* --- the structure of it --- */

/* Read issuerSigned; what is left of a malformed one is its issuerAuth. */
static carnet_span
read_issuer_signed(struct carnet_verify_run *run, carnet_cbor_reader *part, struct carnet_verify_issuer *issuer)
{
    carnet_cbor_reader again = *part;
    struct auth_only only = { 0 };

    carnet_issuer_signed_read(part, &issuer->view);
    (void)carnet_cbor_end(part, NULL);
    run->seen |= part->seen;
    issuer->has_items = part->rc == CARNET_OK;
    if (issuer->has_items) {
        if (issuer->view.odd & CARNET_ISSUER_SIGNED_EMPTY)
            carnet_verify_form(run, "nameSpaces, or a name space in it, is empty");
        return issuer->view.issuer_auth;
    }
    carnet_verify_structure(run, part);
    carnet_cbor_fields(&again, auth_only_fields, CARNET_COUNT(auth_only_fields), &only);
    return again.rc == CARNET_OK ? only.issuer_auth : (carnet_span){ 0 };
}

/* The payload of a COSE_Sign1 that is malformed in another part: what it says can be judged, if not believed. */
static carnet_span
salvage_payload(carnet_cbor_reader r)
{
    carnet_cbor_walk walk;

    while (carnet_cbor_peek(&r) == CARNET_CBOR_TAG)
        (void)carnet_cbor_tag(&r);
    carnet_cbor_array(&r, &walk);
    for (size_t i = 0; i < 2 && carnet_cbor_array_next(&r, &walk); i++)
        (void)carnet_cbor_any(&r);
    return carnet_cbor_array_next(&r, &walk) ? carnet_cbor_bstr(&r) : (carnet_span){ 0 };
}

/* Read issuerAuth; true if all of it could be. */
static bool
read_issuer_auth(struct carnet_verify_run *run, const carnet_cbor_reader *part, carnet_span issuer_auth,
                 carnet_cose_sign1 *cose)
{
    carnet_path step = carnet_path_member(part->path, "issuerAuth");
    carnet_cbor_reader r = carnet_cbor_open_within(part, issuer_auth, &step), again = r;

    carnet_cose_sign1_read(&r, cose);
    (void)carnet_cbor_end(&r, NULL);
    run->seen |= r.seen;
    if (r.rc == CARNET_OK)
        return true;
    carnet_verify_structure(run, &r);
    *cose = (carnet_cose_sign1){ .payload = salvage_payload(again) };
    return false;
}

static void
check_cose_form(struct carnet_verify_run *run, const carnet_cose_sign1 *cose)
{
    const char *detail = NULL;
    carnet_span leaf;
    carnet_err err;

    if (cose->headers.seen & CARNET_COSE_TAGGED)
        detail = "the COSE_Sign1 is tagged";
    else if (cose->headers.seen & CARNET_COSE_X5CHAIN_ARRAY_OF_ONE)
        detail = "a single certificate is in an array";
    else if (cose->headers.seen & CARNET_COSE_ALGORITHM_UNPROTECTED)
        detail = "alg is not protected";
    else if (cose->headers.seen & CARNET_COSE_KEY_ID_TEXT)
        detail = "kid is a text";
    else if (cose->headers.x5t.ptr != NULL && carnet_cose_x5chain_leaf(&cose->headers, &leaf, NULL) == CARNET_OK &&
             carnet_cose_x5t_check(&cose->headers, run->with->crypto, leaf, &err) != CARNET_OK) {
        carnet_verify_fail(run, CARNET_CHECK_ISSUER_COSE_FORM, CARNET_FAIL, &err, member_of(run, ISSUER_AUTH),
                           cose->encoded.ptr);
        return;
    }
    carnet_report_add(run->report, CARNET_CHECK_ISSUER_COSE_FORM, detail == NULL ? CARNET_PASS : CARNET_FAIL, NULL,
                      detail);
}

/* --- signer and signature --- */

static const carnet_anchor_array no_anchor = { NULL, 0 };

static bool
judge_signer(struct carnet_verify_run *run, const carnet_cose_sign1 *cose, carnet_str doc_type, carnet_signer *signer)
{
    const carnet_verification *with = run->with;
    carnet_trust_anchors none = carnet_trust_anchors_of(&no_anchor);
    carnet_path_options options = {
        .struct_size = sizeof(options),
        .profile = with->signer_profile,
        .anchor_profile = &carnet_profile_iaca,
        .anchors = with->anchors != NULL ? with->anchors : &none,
        .revocation = with->revocation,
        .doc_type = doc_type,
    };

    if (options.profile == NULL)
        options.profile = run->mdl ? &carnet_profile_document_signer_mdl : &carnet_profile_document_signer_mdoc;
    return carnet_chain_judge(with->memory, &cose->headers, &options, with->crypto, run->report, signer) == CARNET_OK;
}

static void
check_signature(struct carnet_verify_run *run, const carnet_cose_sign1 *cose, const carnet_signer *signer)
{
    carnet_signature_algorithm algorithm;
    carnet_err err;
    carnet_rc rc = carnet_cose_sign1_algorithm(cose, signer->key.curve, NULL, &algorithm, &err);

    if (rc != CARNET_OK) {
        carnet_verify_fail(run, CARNET_CHECK_ISSUER_ALGORITHM, carnet_verify_outcome(rc), &err,
                           member_of(run, ISSUER_AUTH), cose->encoded.ptr);
        carnet_report_add(run->report, CARNET_CHECK_ISSUER_SIGNATURE, CARNET_NOT_DONE, NULL,
                          "its algorithm does not allow it");
        return;
    }
    carnet_report_add(run->report, CARNET_CHECK_ISSUER_ALGORITHM, CARNET_PASS, NULL, NULL);
    rc = carnet_cose_sign1_verify(cose, run->with->crypto, &signer->key, NULL, &err);
    if (rc == CARNET_OK)
        carnet_report_add(run->report, CARNET_CHECK_ISSUER_SIGNATURE, CARNET_PASS, NULL, NULL);
    else
        carnet_verify_fail(run, CARNET_CHECK_ISSUER_SIGNATURE, carnet_verify_outcome(rc), &err,
                           member_of(run, ISSUER_AUTH), cose->signature.ptr);
}

/* --- MobileSecurityObject --- */

static const struct {
    unsigned bit;
    const char *detail;
} mso_oddities[] = {
    { CARNET_MSO_WITHOUT_TAG24, "the payload is not wrapped in tag 24" },
    { CARNET_MSO_DIGEST_ID_LARGE, "a digest identifier is 2^31 or more" },
    { CARNET_MSO_NO_DIGESTS, "valueDigests, or a name space in it, is empty" },
    { CARNET_MSO_AUTHORISATION_TWICE, "a name space is in both lists of keyAuthorizations" },
    { CARNET_MSO_AUTHORISATION_EMPTY, "keyAuthorizations, or a list in it, is empty" },
    { CARNET_MSO_TIME_FRACTION, "a time has a fraction of a second" },
    { CARNET_MSO_TIME_OFFSET, "a time has an offset other than Z" },
    { CARNET_MSO_TIME_UNTAGGED, "a time has no tag" },
    { CARNET_MSO_TIME_FORM, "a time is not of the form required" },
    { CARNET_MSO_VALID_BEFORE_SIGNED, "validFrom is before signed" },
    { CARNET_MSO_VALIDITY_EMPTY, "validUntil is not after validFrom" },
    { CARNET_MSO_IDENTIFIER_TEXT, "the identifier in identifier_list is a text" },
    { CARNET_MSO_STATUS_UNKNOWN, "status names no mechanism that is known" },
    { CARNET_MSO_STATUS_FORM, "status is malformed" },
};

static void
report_mso_form(struct carnet_verify_run *run, const carnet_mso *mso)
{
    bool any = false;

    for (size_t i = 0; mso->odd != 0 && i < CARNET_COUNT(mso_oddities); i++) {
        if (!(mso->odd & mso_oddities[i].bit))
            continue;
        carnet_report_add(run->report, CARNET_CHECK_MSO_FORM, CARNET_FAIL, NULL, mso_oddities[i].detail);
        any = true;
    }
    if (mso->device_key.seen & CARNET_COSE_KEY_PRIVATE) {
        carnet_report_add(run->report, CARNET_CHECK_MSO_FORM, CARNET_FAIL, NULL, "deviceKey has a private part");
        any = true;
    }
    if (!any)
        carnet_report_add(run->report, CARNET_CHECK_MSO_FORM, CARNET_PASS, NULL, NULL);
}

/* Report why the MobileSecurityObject cannot be read, or not wholly. */
static void
fail_mso(struct carnet_verify_run *run, carnet_err *err)
{
    carnet_check check = CARNET_CHECK_MSO_STRUCTURE;

    if (err->rc == CARNET_E_MDOC_VERSION)
        check = CARNET_CHECK_MSO_VERSION;
    else if (err->rc == CARNET_E_MDOC_ALGORITHM)
        check = CARNET_CHECK_MSO_DIGEST_ALGORITHM;
    carnet_verify_fail(run, check, CARNET_FAIL, err, member_of(run, ISSUER_AUTH ".payload"), NULL);
}

static void
open_mso(struct carnet_verify_run *run, const carnet_cose_sign1 *cose, struct carnet_verify_issuer *issuer)
{
    const uint8_t *origin = cose->payload.ptr != NULL ? run->origin : NULL;
    carnet_err err;
    carnet_rc rc = carnet_mso_open(cose->payload, origin, run->with->allow, &issuer->mso, &err);

    if (rc == CARNET_OK) {
        carnet_report_add(run->report, CARNET_CHECK_MSO_STRUCTURE, CARNET_PASS, NULL, NULL);
        issuer->has_key = true;
    } else {
        fail_mso(run, &err);
        rc = carnet_mso_open_keyless(cose->payload, origin, run->with->allow, &issuer->mso, NULL);
    }
    issuer->has_mso = rc == CARNET_OK;
    if (!issuer->has_mso)
        return;
    run->seen |= issuer->mso.seen;
    carnet_report_add(run->report, CARNET_CHECK_MSO_VERSION, CARNET_PASS, NULL, NULL);
    carnet_report_add(run->report, CARNET_CHECK_MSO_DIGEST_ALGORITHM, CARNET_PASS, NULL, NULL);
    report_mso_form(run, &issuer->mso);
}

static void
check_doc_type(struct carnet_verify_run *run, const carnet_mso *mso, carnet_str doc_type)
{
    carnet_err err;

    bool named = mso->doc_type.len != 0; /* an anchor trusted for some types only is none for a type without a name */

    if (named && doc_type.len == 0 && !run->whole_document) {
        carnet_report_add(run->report, CARNET_CHECK_MSO_DOCTYPE, CARNET_NOT_DONE, NULL,
                          "no document type was given to compare with");
    } else if (named && carnet_str_equal(doc_type, mso->doc_type)) {
        carnet_report_add(run->report, CARNET_CHECK_MSO_DOCTYPE, CARNET_PASS, NULL, NULL);
    } else {
        (void)carnet_fail(&err, CARNET_E_MDOC_DOCTYPE, "18013-5 12.8.1 (4)",
                          named ? NULL : "the document type is empty");
        carnet_verify_fail(run, CARNET_CHECK_MSO_DOCTYPE, CARNET_FAIL, &err, member_of(run, ISSUER_AUTH ".payload"),
                           NULL);
    }
}

/* "not valid before 2020-10-01T13:30:02Z" */
static void
report_time(struct carnet_verify_run *run, carnet_check check, const char *what, carnet_time time)
{
    char text[80], date[CARNET_TIME_TEXT_MAX];
    carnet_buf detail = carnet_buf_of(text, sizeof(text) - 1);

    carnet_time_text(time, date);
    carnet_buf_add_text(&detail, what);
    carnet_buf_add_text(&detail, date);
    text[detail.len] = '\0';
    carnet_report_add(run->report, check, CARNET_FAIL, NULL, text);
}

static void
check_times(struct carnet_verify_run *run, const carnet_mso *mso)
{
    if (!carnet_report_not_before(run->report, mso->valid_from))
        report_time(run, CARNET_CHECK_MSO_VALIDITY, "not valid before ", mso->valid_from);
    else if (!carnet_report_not_after(run->report, mso->valid_until))
        report_time(run, CARNET_CHECK_MSO_VALIDITY, "valid until ", mso->valid_until);
    else
        carnet_report_add(run->report, CARNET_CHECK_MSO_VALIDITY, CARNET_PASS, NULL, NULL);
    if (mso->status_bytes.len != 0)
        carnet_report_add(run->report, CARNET_CHECK_MSO_STATUS, CARNET_NOT_DONE, NULL,
                          "the issuer announces revocation; it was not asked for");
}

static void
check_signed(struct carnet_verify_run *run, const carnet_mso *mso, const carnet_signer *signer)
{
    if (mso->signed_at < signer->not_before)
        report_time(run, CARNET_CHECK_MSO_SIGNED, "signed before the signer was valid: ", mso->signed_at);
    else if (mso->signed_at > signer->not_after)
        report_time(run, CARNET_CHECK_MSO_SIGNED, "signed after the signer was valid: ", mso->signed_at);
    else
        carnet_report_add(run->report, CARNET_CHECK_MSO_SIGNED, CARNET_PASS, NULL, NULL);
    carnet_report_add(run->report, CARNET_CHECK_MSO_UNTIL_SIGNER,
                      mso->valid_until <= signer->not_after ? CARNET_PASS : CARNET_FAIL, NULL, NULL);
}

/* --- all of it --- */

static void
not_done(struct carnet_verify_run *run, carnet_check check, const char *detail)
{
    carnet_report_add(run->report, check, CARNET_NOT_DONE, NULL, detail);
}

/* Certificate path and signature. */
static bool
check_signer(struct carnet_verify_run *run, const carnet_cose_sign1 *cose, carnet_str doc_type, carnet_signer *signer)
{
    if (judge_signer(run, cose, doc_type, signer)) {
        check_signature(run, cose, signer);
        return true;
    }
    not_done(run, CARNET_CHECK_ISSUER_SIGNATURE, "there is no certificate that can be read");
    return false;
}

void
carnet_verify_issuer_signed(struct carnet_verify_run *run, carnet_cbor_reader *part, carnet_str doc_type,
                            struct carnet_verify_issuer *issuer)
{
    carnet_span issuer_auth = read_issuer_signed(run, part, issuer);
    carnet_cose_sign1 cose;
    carnet_signer signer = { 0 };
    bool whole = issuer_auth.len != 0 && read_issuer_auth(run, part, issuer_auth, &cose), has_signer = false;

    if (whole)
        check_cose_form(run, &cose);
    if (issuer_auth.len != 0)
        open_mso(run, &cose, issuer);
    if (doc_type.len == 0 && issuer->has_mso)
        run->mdl = carnet_str_is(issuer->mso.doc_type, MDL);
    else
        run->mdl = carnet_str_is(doc_type, MDL);
    if (whole)
        has_signer = check_signer(run, &cose, doc_type.len != 0 ? doc_type : issuer->mso.doc_type, &signer);
    else
        not_done(run, CARNET_CHECK_ISSUER_SIGNATURE, "there is no issuerAuth that can be read");
    if (!issuer->has_mso) {
        not_done(run, CARNET_CHECK_DIGESTS, "there is no MobileSecurityObject that can be read");
        return;
    }
    check_doc_type(run, &issuer->mso, doc_type);
    check_times(run, &issuer->mso);
    if (has_signer)
        check_signed(run, &issuer->mso, &signer);
    if (issuer->has_items)
        carnet_verify_items(run, issuer, &signer);
    else
        not_done(run, CARNET_CHECK_DIGESTS, "the items cannot be read");
}
