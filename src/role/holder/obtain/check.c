/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what was received is what was asked for (OpenID4VCI 8.3; 18013-5 12.8). */
#include "internal.h"

#include "carnet/cose_sign1.h"
#include "carnet/issuer_signed.h"

/* --- trust: certificates handed in, and those published where the holder said so --- */

#define PUBLISHED ((size_t)1 << (sizeof(size_t) * 8 - 1))

static const carnet_certificate *
next_anchor(const void *self, const carnet_anchor_query *query, size_t *cursor)
{
    const carnet_obtain_state *s = self;
    const carnet_certificate *found = NULL;

    if ((*cursor & PUBLISHED) == 0) {
        found = s->p.anchors != NULL ? s->p.anchors->next(s->p.anchors->self, query, cursor) : NULL;
        if (found != NULL) {
            return found;
        }
        *cursor = PUBLISHED;
    }
    for (size_t i = *cursor & ~PUBLISHED; s->trust_published && i < s->iaca_count; i++) {
        if (carnet_span_equal(s->iacas[i].certificate.subject, query->issuer)) {
            *cursor = PUBLISHED | (i + 1);
            return &s->iacas[i].certificate;
        }
    }
    return NULL;
}

/* --- one document --- */

static carnet_rc
unsound(const carnet_report *report, carnet_err *err)
{
    for (size_t i = 0; i < report->count; i++) {
        const carnet_report_entry *entry = &report->entries[i];

        if (carnet_policy_objects(NULL, entry)) {
            carnet_rc rc =
                entry->check == CARNET_CHECK_PATH_FOUND ? CARNET_E_OBTAIN_UNTRUSTED : CARNET_E_OBTAIN_DOCUMENT;

            return carnet_fail(err, rc, carnet_check_clause(entry->check),
                               entry->detail[0] != '\0' ? entry->detail : carnet_check_title(entry->check));
        }
    }
    return carnet_fail(err, CARNET_E_OBTAIN_DOCUMENT, NULL, "the document could not be judged");
}

/** Sound, and by an issuer that is trusted; or, where that is let pass, by one of whom nothing is known. */
static carnet_rc
judge(carnet_obtain_state *s, carnet_obtained_document *document, carnet_err *err)
{
    static const carnet_policy_rule pathless[] = { { CARNET_CHECK_PATH_FOUND, false, false } };
    const carnet_policy lenient = { .name = "untrusted", .rules = pathless, .count = CARNET_COUNT(pathless) };
    const carnet_trust_anchors anchors = { .next = next_anchor, .self = s };
    const carnet_verification v = { .struct_size = sizeof v,
                                    .crypto = s->p.crypto,
                                    .anchors = &anchors,
                                    .revocation = s->p.revocation,
                                    .allow = CARNET_CBOR_LENIENT };
    carnet_report report;
    carnet_rc rc;

    carnet_report_init(&report, s->entries, CARNET_COUNT(s->entries), s->now, s->p.skew);
    rc = carnet_issuer_signed_verify(&v, document->issuer_signed, s->configuration.doctype, &report, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    document->trusted = carnet_policy_judge(NULL, &report, CARNET_NO_DOCUMENT) == CARNET_VERDICT_VALID;
    if (document->trusted ||
        (s->p.accept_untrusted && carnet_policy_judge(&lenient, &report, CARNET_NO_DOCUMENT) == CARNET_VERDICT_VALID)) {
        return CARNET_OK;
    }
    return unsound(&report, err);
}

static carnet_rc
open_mso(const carnet_issuer_signed *view, carnet_mso *mso, carnet_err *err)
{
    carnet_cose_sign1 sign1;
    carnet_rc rc = carnet_cose_sign1_open(view->issuer_auth, CARNET_CBOR_LENIENT, &sign1, err);

    return rc == CARNET_OK ? carnet_mso_open(sign1.payload, NULL, CARNET_CBOR_LENIENT, mso, err) : rc;
}

/** Which key of ours the document is for: by the key, not by the order (the order says nothing). */
static carnet_rc
find_key(carnet_obtain_state *s, carnet_mso *mso, carnet_obtained_document *document, carnet_err *err)
{
    carnet_rc rc = carnet_cose_key_check(&mso->device_key, s->p.crypto, err);

    if (rc != CARNET_OK) {
        return rc;
    }
    for (document->key = 0; document->key < s->key_count; document->key++) {
        if (carnet_public_key_equal(&mso->device_key.key, &s->public_keys[document->key])) {
            break;
        }
    }
    if (document->key == s->key_count) {
        return carnet_fail(err, CARNET_E_OBTAIN_KEY, "OpenID4VCI 8.3", "it is for a key this wallet did not show");
    }
    for (size_t i = 0; i < s->received_count; i++) {
        if (s->received[i].key == document->key) {
            return carnet_fail(err, CARNET_E_OBTAIN_KEY, "OpenID4VCI 8.3", "two documents are for one key");
        }
    }
    return CARNET_OK;
}

static carnet_rc
check_one(carnet_obtain_state *s, carnet_span cbor, carnet_err *err)
{
    carnet_obtained_document *document = &s->received[s->received_count];
    carnet_issuer_signed view;
    carnet_mso mso;
    carnet_rc rc;

    *document = (carnet_obtained_document){ .issuer_signed = cbor };
    rc = carnet_issuer_signed_open(cbor, CARNET_CBOR_LENIENT, &view, err);
    rc = rc == CARNET_OK ? carnet_issuer_signed_unique(&view, err) : rc;
    rc = rc == CARNET_OK ? open_mso(&view, &mso, err) : rc;
    rc = rc == CARNET_OK ? judge(s, document, err) : rc;
    rc = rc == CARNET_OK ? find_key(s, &mso, document, err) : rc;
    if (rc != CARNET_OK) {
        return rc;
    }
    document->doc_type = mso.doc_type;
    document->valid_from = mso.valid_from;
    document->valid_until = mso.valid_until;
    s->received_count++;
    return CARNET_OK;
}

carnet_rc
carnet_obtain_check(carnet_obtain_state *s, const carnet_credential_response *response, carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    s->received_count = 0;
    s->documents.len = 0;
    s->documents.overflow = false;
    if (response->credential_count == 0 || response->credential_count > s->key_count) {
        return carnet_fail(err, CARNET_E_OBTAIN_ANSWER, "OpenID4VCI 8.3",
                           response->credential_count == 0 ? "there is no document in the answer"
                                                           : "there are more documents than keys");
    }
    for (size_t i = 0; rc == CARNET_OK && i < response->credential_count; i++) {
        carnet_span cbor;
        bool dehydrated;

        rc = carnet_credential_response_credential(response, i, &s->documents, &cbor, &dehydrated, err);
        if (rc == CARNET_OK && dehydrated) {
            rc = carnet_fail(err, CARNET_E_OBTAIN_ANSWER, "23220-3 8.1.2", "a dehydrated document was not asked for");
        }
        rc = rc == CARNET_OK ? check_one(s, cbor, err) : rc;
    }
    return rc;
}
