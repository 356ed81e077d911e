/* SPDX-License-Identifier: Apache-2.0 */
/* Mobile documents: sound, bound to the session's transcript, and this user's (18013-5 12.8). */
#include "carnet/cose_sign1.h"
#include "carnet/issuer_signed.h"
#include "internal.h"

/* A report without these is no reason to believe anything. */
static const carnet_policy_rule rules[] = {
    { CARNET_CHECK_ISSUER_SIGNATURE, true, true }, { CARNET_CHECK_PATH_FOUND, true, true },
    { CARNET_CHECK_PATH_SIGNATURE, true, true },   { CARNET_CHECK_PATH_VALIDITY, true, true },
    { CARNET_CHECK_MSO_DOCTYPE, true, true },      { CARNET_CHECK_MSO_VALIDITY, true, true },
    { CARNET_CHECK_DIGESTS, true, true },          { CARNET_CHECK_DEVICE_AUTHENTICATION, true, true },
};
static const carnet_policy evidence_policy = { .name = "evidence", .rules = rules, .count = CARNET_COUNT(rules) };

static void
useless(carnet_evidence_run *run, carnet_rc rc, const char *reason)
{
    if (run->evidence->findings[CARNET_EVIDENCE_MDOC].outcome != CARNET_EVIDENCE_VERIFIED)
        carnet_evidence_find(run, CARNET_EVIDENCE_MDOC, CARNET_EVIDENCE_REMOVED, rc, reason);
}

/* What ends a session: an issuer's signature that does not verify, a signer who was revoked. */
static void
look_for_the_worst(carnet_evidence_run *run, const carnet_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const carnet_report_entry *entry = &report->entries[i];

        if (entry->outcome != CARNET_FAIL)
            continue;
        if (entry->check == CARNET_CHECK_ISSUER_SIGNATURE)
            carnet_evidence_find(run, CARNET_EVIDENCE_MDOC, CARNET_EVIDENCE_FATAL, entry->rc,
                                 "a document's issuer did not sign it");
        else if (entry->check == CARNET_CHECK_REVOCATION)
            carnet_evidence_find(run, CARNET_EVIDENCE_MDOC, CARNET_EVIDENCE_FATAL, CARNET_E_EVIDENCE_REVOKED,
                                 "a document's signer was revoked");
    }
}

/* The signed object of a document, and the device key in it. */
static bool
open_document(carnet_evidence_run *run, carnet_span encoded, carnet_mso *mso)
{
    carnet_document document;
    carnet_issuer_signed issued;
    carnet_cose_sign1 signature;

    return carnet_document_open(encoded, CARNET_CBOR_LENIENT, &document, NULL) == CARNET_OK &&
           carnet_issuer_signed_open(document.issuer_signed, CARNET_CBOR_LENIENT, &issued, NULL) == CARNET_OK &&
           carnet_cose_sign1_open(issued.issuer_auth, CARNET_CBOR_LENIENT, &signature, NULL) == CARNET_OK &&
           carnet_mso_open(signature.payload, NULL, CARNET_CBOR_LENIENT, mso, NULL) == CARNET_OK &&
           carnet_cose_key_check(&mso->device_key, run->crypto, NULL) == CARNET_OK;
}

/* The document among those that are the user's. */
static const carnet_enrolled_document *
document_of(const carnet_evidence_run *run, const carnet_public_key *key)
{
    for (size_t i = 0; i < run->device->document_count; i++)
        if (carnet_evidence_key_equal(&run->device->documents[i].key.key, key))
            return &run->device->documents[i];
    return NULL;
}

static carnet_outcome
status_of(const carnet_evidence_run *run, const carnet_mso *mso)
{
    if (run->trust->document_status == NULL)
        return CARNET_PASS;
    return run->trust->document_status(run->trust->document_status_self, mso, run->session->now);
}

static void
accept(carnet_evidence_run *run, const carnet_enrolled_document *known)
{
    carnet_evidence_facts *facts = &run->evidence->facts;

    facts->mdoc_device_authentication = true;
    if (known->proof > facts->identity_proof)
        facts->identity_proof = known->proof;
    run->evidence->document = (size_t)(known - run->device->documents);
    carnet_evidence_used_key(run, &known->key);
    carnet_evidence_find(run, CARNET_EVIDENCE_MDOC, CARNET_EVIDENCE_VERIFIED, CARNET_OK, NULL);
}

static void
look_document(carnet_evidence_run *run, carnet_span encoded, uint16_t index)
{
    const carnet_policy *policy = run->trust->document_policy;
    const carnet_enrolled_document *known;
    carnet_outcome status;
    carnet_mso mso;

    if (!open_document(run, encoded, &mso)) {
        useless(run, CARNET_E_EVIDENCE_USELESS, "a document cannot be read");
        return;
    }
    known = document_of(run, &mso.device_key.key);
    status = status_of(run, &mso);
    if ((known != NULL && known->revoked) || status == CARNET_FAIL)
        carnet_evidence_find(run, CARNET_EVIDENCE_MDOC, CARNET_EVIDENCE_FATAL, CARNET_E_EVIDENCE_REVOKED,
                             "the document was revoked");
    else if (carnet_policy_judge(policy != NULL ? policy : &evidence_policy, run->room->report, index) !=
             CARNET_VERDICT_VALID)
        useless(run, CARNET_E_EVIDENCE_USELESS, "a document is not valid, or not bound to this session");
    else if (status == CARNET_UNDETERMINED)
        useless(run, CARNET_E_EVIDENCE_USELESS, "whether the document was revoked is not known");
    else if (known == NULL)
        useless(run, CARNET_E_EVIDENCE_USELESS, "the document is none of this user's");
    else
        accept(run, known);
}

void
carnet_evidence_look_mdoc(carnet_evidence_run *run, carnet_span device_response, carnet_span transcript)
{
    const carnet_span both[] = { device_response, transcript };
    const carnet_verification verification = {
        .struct_size = sizeof(verification),
        .crypto = run->crypto,
        .anchors = run->trust->anchors,
        .revocation = run->trust->revocation,
        .session_transcript = transcript,
        .reader_keys = run->trust->reader_keys,
        .reader_key_count = run->trust->reader_key_count,
        .allow = CARNET_CBOR_LENIENT,
    };
    carnet_report *report = run->room->report;
    carnet_device_response view;
    carnet_err err = { 0 };
    carnet_rc rc = carnet_digest(run->crypto, CARNET_SHA256, both, CARNET_COUNT(both), run->evidence->digest, &err);

    carnet_report_init(report, report->entries, report->cap, run->session->now, carnet_evidence_skew(run->trust));
    if (rc == CARNET_OK)
        rc = carnet_device_response_verify(&verification, device_response, report, &err);
    if (rc == CARNET_OK)
        rc = carnet_device_response_open(device_response, CARNET_CBOR_LENIENT, &view, &err);
    if (rc != CARNET_OK) {
        carnet_evidence_find_err(run, CARNET_EVIDENCE_MDOC, CARNET_EVIDENCE_REMOVED, rc, &err);
        return;
    }
    look_for_the_worst(run, report);
    if (view.count == 0 || view.count > CARNET_EVIDENCE_DOCUMENTS)
        useless(run, CARNET_E_EVIDENCE_USELESS, "there is no document, or there are too many");
    for (size_t n = 0; n < view.count && n < CARNET_EVIDENCE_DOCUMENTS && carnet_evidence_goes_on(run); n++)
        look_document(run, carnet_device_response_document(&view, n), (uint16_t)n);
}
