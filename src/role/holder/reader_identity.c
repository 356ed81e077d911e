/* SPDX-License-Identifier: Apache-2.0 */
/* Each signature of a request judged apart (18013-5 12.5). */
#include "carnet/reader_identity.h"
#include "carnet/certificate.h"
#include "carnet/cose_sign1.h"
#include "carnet/policy.h"
#include "carnet/reader_authentication.h"

/** The name a person knows the reader by. */
static carnet_str
name_in(const carnet_certificate *certificate)
{
    carnet_name_value value;

    if (!carnet_name_get(certificate->subject, CARNET_NAME_COMMON_NAME, &value) || value.text.len == 0) {
        (void)carnet_name_get(certificate->subject, CARNET_NAME_ORGANISATION, &value);
    }
    return value.text;
}

/** Whose certificate comes with a signature. */
static void
read_certificate(carnet_span auth, carnet_crypto *crypto, carnet_reader_identity *identity)
{
    carnet_certificate certificate;
    carnet_cose_sign1 cose;
    carnet_span leaf;

    if (carnet_cose_sign1_open(auth, CARNET_CBOR_LENIENT, &cose, NULL) != CARNET_OK ||
        carnet_cose_x5chain_leaf(&cose.headers, &leaf, NULL) != CARNET_OK ||
        carnet_certificate_open(leaf, &certificate, NULL) != CARNET_OK ||
        carnet_digest(crypto, CARNET_SHA256, &leaf, 1, identity->fingerprint, NULL) != CARNET_OK) {
        return;
    }
    identity->certificate = leaf;
    identity->name = name_in(&certificate);
}

/** Keep why the reader is worth no more. */
static void
note(carnet_reader_identity *identity, carnet_reader_trust trust, const carnet_report_entry *entry)
{
    carnet_buf detail = carnet_buf_of(identity->detail, sizeof identity->detail - 1);

    identity->trust = trust;
    identity->check = entry->check;
    for (size_t i = 0; i < sizeof entry->detail && entry->detail[i] != '\0'; i++) {
        carnet_buf_add_byte(&detail, (uint8_t)entry->detail[i]);
    }
    identity->detail[detail.len] = '\0';
}

/** What a signature that is right is worth: as much as its certificate. */
static void
weigh_certificate(const carnet_report *report, const carnet_report_entry *signature, carnet_reader_identity *identity)
{
    const carnet_report_entry *path = carnet_report_find(report, CARNET_CHECK_PATH_FOUND, CARNET_NO_DOCUMENT);
    const carnet_report_entry *open = NULL;

    if (path == NULL || path->outcome != CARNET_PASS || report->overflow || report->entries == NULL) {
        note(identity, CARNET_READER_UNKNOWN, path != NULL ? path : signature);
        return;
    }
    for (size_t i = 0; i < report->count; i++) {
        const carnet_report_entry *entry = &report->entries[i];

        if (carnet_policy_objects(NULL, entry) && entry->outcome == CARNET_FAIL) {
            note(identity, CARNET_READER_REJECTED, entry);
            return;
        }
        open = open == NULL && carnet_policy_objects(NULL, entry) ? entry : open;
    }
    identity->trust = CARNET_READER_TRUSTED;
    if (open != NULL) {
        note(identity, CARNET_READER_UNKNOWN, open);
    }
}

static void
weigh(const carnet_report *report, carnet_check check, carnet_reader_identity *identity)
{
    const carnet_report_entry *entry = carnet_report_find(report, check, CARNET_NO_DOCUMENT);

    if (entry == NULL) { /* the room for entries is too small */
        identity->trust = CARNET_READER_UNKNOWN;
    } else if (entry->outcome == CARNET_FAIL) {
        note(identity, CARNET_READER_BAD, entry);
    } else if (entry->outcome != CARNET_PASS) {
        note(identity, CARNET_READER_UNKNOWN, entry);
    } else {
        weigh_certificate(report, entry, identity);
    }
}

/** Everything one run of signatures needs. */
typedef struct judge {
    const carnet_verification *with;
    const carnet_device_request *request;
    carnet_report report;
} judge;

static carnet_rc
judge_one(judge *j, size_t doc_request, size_t all, carnet_span auth, carnet_reader_identity *identity, carnet_err *err)
{
    carnet_check check =
        doc_request != SIZE_MAX ? CARNET_CHECK_READER_AUTHENTICATION : CARNET_CHECK_READER_AUTHENTICATION_ALL;
    carnet_rc rc;

    j->report.count = 0;
    j->report.overflow = false;
    rc = carnet_reader_authentication_verify(j->with, j->request, doc_request, all, &j->report, err);
    if (rc == CARNET_OK) {
        read_certificate(auth, j->with->crypto, identity);
        weigh(&j->report, check, identity);
    }
    return rc;
}

static carnet_rc
judge_all(judge *j, carnet_reader_identities *identities, carnet_err *err)
{
    carnet_list_walk walk;
    carnet_span auth;
    carnet_rc rc = CARNET_OK;

    carnet_list_begin(&walk, j->request->reader_auth_all);
    while (rc == CARNET_OK && carnet_list_next(&walk, &auth)) {
        if (identities->all_count == CARNET_READER_AUTH_ALL_MAX) {
            return carnet_fail(err, CARNET_E_LIMIT, "18013-5 12.5", "the request is signed by too many");
        }
        rc = judge_one(j, SIZE_MAX, identities->all_count, auth, &identities->all[identities->all_count], err);
        identities->all_count++;
    }
    return rc;
}

carnet_rc
carnet_reader_identify(const carnet_verification *verification, const carnet_device_request *request, carnet_time now,
                       int64_t skew, carnet_report_entry *room, size_t cap, carnet_reader_identities *identities,
                       carnet_err *err)
{
    judge j = { .with = verification, .request = request };
    carnet_doc_request doc;
    carnet_rc rc = CARNET_OK;

    *identities = (carnet_reader_identities){ 0 };
    carnet_report_init(&j.report, room, cap, now, skew);
    for (size_t i = 0; rc == CARNET_OK && carnet_doc_request_at(request, i, &doc); i++) {
        identities->count++;
        if (doc.reader_auth.len != 0) {
            rc = judge_one(&j, i, 0, doc.reader_auth, &identities->each[i], err);
        }
    }
    if (rc == CARNET_OK) {
        rc = judge_all(&j, identities, err);
    }
    if (rc != CARNET_OK) {
        *identities = (carnet_reader_identities){ 0 };
    }
    return rc;
}

const carnet_reader_identity *
carnet_reader_of(const carnet_reader_identities *identities, size_t doc_request)
{
    static const carnet_reader_identity nobody;
    const carnet_reader_identity *best = &nobody;

    if (doc_request < identities->count) {
        best = &identities->each[doc_request];
    }
    for (size_t i = 0; doc_request < identities->count && i < identities->all_count; i++) {
        const carnet_reader_identity *other = &identities->all[i];

        if (best->trust != CARNET_READER_BAD && (other->trust == CARNET_READER_BAD || other->trust > best->trust)) {
            best = other;
        }
    }
    return best;
}

const char *
carnet_reader_trust_text(carnet_reader_trust trust)
{
    static const char *const texts[] = {
        [CARNET_READER_UNSIGNED] = "not signed", [CARNET_READER_BAD] = "bad signature",
        [CARNET_READER_UNKNOWN] = "not known",   [CARNET_READER_REJECTED] = "rejected",
        [CARNET_READER_TRUSTED] = "trusted",
    };

    return (size_t)trust < CARNET_COUNT(texts) ? texts[trust] : "";
}
