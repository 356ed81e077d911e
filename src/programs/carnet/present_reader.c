/* SPDX-License-Identifier: Apache-2.0 */
/* carnet present: who asks. */
#include "present.h"

#include "carnet/cose_sign1.h"
#include "carnet/reader_authentication.h"

/** The subject of the certificate that signed; empty if there is none to be read. */
static carnet_str
signer_name(carnet_span auth)
{
    carnet_certificate certificate;
    carnet_cose_sign1 cose;
    carnet_span leaf;
    carnet_buf name;

    if (carnet_cose_sign1_open(auth, CARNET_CBOR_LENIENT, &cose, NULL) != CARNET_OK ||
        carnet_cose_x5chain_leaf(&cose.headers, &leaf, NULL) != CARNET_OK ||
        carnet_certificate_open(leaf, &certificate, NULL) != CARNET_OK) {
        return (carnet_str){ 0 };
    }
    name = cli_buf(2 * certificate.subject.len + 16);
    carnet_name_text(certificate.subject, &name);
    return carnet_buf_str(&name);
}

static carnet_str
name_of(const carnet_device_request *request)
{
    carnet_doc_request doc;
    carnet_list_walk walk;
    carnet_span auth;

    carnet_list_begin(&walk, request->reader_auth_all);
    if (carnet_list_next(&walk, &auth)) {
        return signer_name(auth);
    }
    for (size_t i = 0; carnet_doc_request_at(request, i, &doc); i++) {
        if (doc.reader_auth.len > 0) {
            return signer_name(doc.reader_auth);
        }
    }
    return (carnet_str){ 0 };
}

static bool
passed(const carnet_report *report, carnet_check check, uint16_t document)
{
    const carnet_report_entry *entry = carnet_report_find(report, check, document);

    return entry != NULL && entry->outcome == CARNET_PASS;
}

/** The first thing that speaks against the reader. */
static void
say_why(const carnet_report *report, const carnet_policy *policy)
{
    for (size_t i = 0; i < report->count; i++) {
        const carnet_report_entry *e = &report->entries[i];

        if (carnet_policy_objects(policy, e)) {
            fprintf(stderr, "carnet: the reader is not trusted: %s: %s%s%s (%s)\n", carnet_check_title(e->check),
                    carnet_outcome_text(e->outcome), e->detail[0] != '\0' ? ": " : "", e->detail,
                    carnet_check_clause(e->check));
            return;
        }
    }
    fputs("carnet: the reader is not trusted: the request is not signed\n", stderr);
}

void
present_check_reader(const presenter *p, carnet_span cbor, const carnet_device_request *request, present_reader *reader)
{
    carnet_anchor_store *store = cli_read_trust(p->a->trust_readers);
    carnet_trust_anchors anchors = carnet_anchor_store_anchors(store);
    carnet_revocation_source revocation = carnet_anchor_store_revocation(store);
    carnet_verification v = { .struct_size = sizeof v,
                              .crypto = p->crypto,
                              .anchors = &anchors,
                              .revocation = store->list_count > 0 ? &revocation : NULL,
                              .session_transcript = p->session_transcript,
                              .allow = CARNET_CBOR_LENIENT };
    carnet_report *report = cli_report(p->a->at != NULL ? cli_time(p->a->at, cli_now()) : cli_now(), 60);
    carnet_policy policy = { .name = "default" };
    carnet_err err = { 0 };
    bool good;

    reader->name = name_of(request);
    if (carnet_device_request_verify(&v, cbor, report, &err) != CARNET_OK) {
        cli_die(p->a->request, &err);
    }
    good = carnet_policy_judge(&policy, report, CARNET_NO_DOCUMENT) == CARNET_VERDICT_VALID;
    reader->verified = good && request->count > 0;
    for (size_t i = 0; i < request->count; i++) {
        reader->trusted[i] = good && (passed(report, CARNET_CHECK_READER_AUTHENTICATION_ALL, CARNET_NO_DOCUMENT) ||
                                      passed(report, CARNET_CHECK_READER_AUTHENTICATION, (uint16_t)i));
        reader->verified = reader->verified && reader->trusted[i];
    }
    if (!reader->verified) {
        say_why(report, &policy);
    }
}
