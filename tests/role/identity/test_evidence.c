/* SPDX-License-Identifier: Apache-2.0 */
/* What binds an answer to its session, and documents: what ends a session, and what is only of no use. */
#include "study.h"

#include <string.h>

static void
takes_everything_a_good_device_sends(void **state)
{
    (void)state;
    study_add_intrusion();
    study_add_fingerprint();
    study_add_signature(&study_now.key, TEXT);
    study_add_document();
    study_now.response.posture = (carnet_bops_posture){ .present = true, .lock_screen = true };
    study_now.response.location = (carnet_bops_location){
        .present = true, .latitude_e7 = 525201000, .longitude_e7 = 134051000, .accuracy_mm = 12000, .time = NOW - 5
    };
    study_now.response.behaviour =
        (carnet_bops_behaviour){ .present = true, .processed = true, .answer = 1, .confidence_percent = 90 };
    study_judge();
    assert_false(study_now.evidence.fatal);
    for (int piece = 0; piece < CARNET_EVIDENCE_PIECES; piece++)
        if (study_outcome((carnet_evidence_piece)piece) == CARNET_EVIDENCE_REMOVED)
            fail_msg("%s: %s", carnet_evidence_piece_name((carnet_evidence_piece)piece),
                     study_now.evidence.findings[piece].reason);
    assert_int_equal(study_now.evidence.key, 0);
    assert_int_equal(study_now.evidence.document, 0);
    assert_int_equal(study_now.evidence.facts.key_rank, 3);
    assert_int_equal(study_now.evidence.facts.identity_proof, CARNET_IDENTITY_SUBSTANTIAL);
    assert_true(study_now.evidence.facts.distance_m > 12 && study_now.evidence.facts.distance_m < 14);
    study_assert_vector("Cb.Ce.Cf.Cg.Ci.Cj.Ck.Cl.Cn.Co");
}

static void
asserts_nothing_of_an_answer_that_proves_nothing(void **state)
{
    (void)state;
    study_add_intrusion();
    study_now.session.device_certificate = false;
    study_judge();
    assert_false(study_now.evidence.fatal);
    study_assert_vector("C0");
}

static void
ends_the_session_for_another_session_challenge_or_counter(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        (void)study_end(NULL);
        (void)study_begin(NULL);
        study_add_intrusion();
        study_add_signature(&study_now.key, TEXT);
        if (i == 0)
            study_now.session.session_id = carnet_str_of("EBESExQVFhcYGRobHB0eHx");
        else if (i == 1)
            study_now.session.challenge = carnet_str_of("BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        else if (i == 2)
            study_now.session.counter = 43;
        else if (i == 3)
            study_now.session.challenge = study_now.response.challenge = (carnet_str){ 0 };
        else
            study_now.response.counter = 41;
        study_judge();
        study_assert_fatal(CARNET_EVIDENCE_COUNTER, CARNET_E_EVIDENCE_COUNTER);
        assert_int_equal(study_outcome(CARNET_EVIDENCE_SIGNATURE), CARNET_EVIDENCE_ABSENT);
    }
}

static void
ends_the_session_for_wrong_intrusion_values(void **state)
{
    (void)state;
    study_judge(); /* none */
    study_assert_fatal(CARNET_EVIDENCE_INTRUSION, CARNET_E_EVIDENCE_INTRUSION);
    study_add_intrusion();
    study_now.response.val2 = study_now.response.val1;
    study_judge();
    study_assert_fatal(CARNET_EVIDENCE_INTRUSION, CARNET_E_EVIDENCE_INTRUSION);
    study_add_intrusion();
    study_now.response.val1 = study_now.response.val2;
    study_judge();
    study_assert_fatal(CARNET_EVIDENCE_INTRUSION, CARNET_E_EVIDENCE_INTRUSION);
}

static void
ends_the_session_for_a_wrong_transaction_signature(void **state)
{
    (void)state;
    study_add_intrusion();
    study_add_signature(&study_now.other, TEXT); /* another key under the name */
    study_judge();
    study_assert_fatal(CARNET_EVIDENCE_SIGNATURE, CARNET_E_CRYPTO_SIGNATURE);
    study_now.response.signature_count = 0;
    study_add_signature(&study_now.key, "Withdraw 2.00 USD at ATM00001"); /* another text */
    study_judge();
    study_assert_fatal(CARNET_EVIDENCE_SIGNATURE, CARNET_E_CRYPTO_SIGNATURE);
    study_now.response.signature_count = 0;
    study_add_signature(&study_now.key, TEXT);
    study_add_fingerprint(); /* not in what was signed */
    study_judge();
    study_assert_fatal(CARNET_EVIDENCE_SIGNATURE, CARNET_E_CRYPTO_SIGNATURE);
    study_now.response.detail_count = 0;
    study_now.response.signatures[0].signature = carnet_str_of("!");
    study_judge();
    study_assert_fatal(CARNET_EVIDENCE_SIGNATURE, CARNET_E_CRYPTO_SIGNATURE);
}

static void
takes_no_signature_by_a_key_it_does_not_know(void **state)
{
    (void)state;
    study_add_intrusion();
    study_add_fingerprint();
    study_add_signature(&study_now.key, TEXT);
    study_now.response.signatures[0].authenticator = carnet_str_of("SA-KEY-2");
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_SIGNATURE), CARNET_EVIDENCE_REMOVED);
    assert_int_equal(study_outcome(CARNET_EVIDENCE_BIOMETRIC), CARNET_EVIDENCE_REMOVED);
    study_assert_vector("Cb");
}

static void
ends_the_session_for_a_revoked_device_or_document(void **state)
{
    (void)state;
    study_add_intrusion();
    study_now.device.revoked = true;
    study_judge();
    study_assert_fatal(CARNET_EVIDENCE_DEVICE, CARNET_E_EVIDENCE_REVOKED);
    study_now.device.revoked = false;
    study_now.documents[0].revoked = true;
    study_add_document();
    study_judge();
    study_assert_fatal(CARNET_EVIDENCE_MDOC, CARNET_E_EVIDENCE_REVOKED);
}

static carnet_outcome
status_said(const void *self, const carnet_mso *mso, carnet_time now)
{
    assert_true(now == NOW && carnet_str_is(mso->doc_type, MDL));
    return *(const carnet_outcome *)self;
}

static void
asks_for_the_status_of_documents(void **state)
{
    static const struct {
        carnet_outcome said;
        carnet_evidence_outcome outcome;
    } cases[] = { { CARNET_PASS, CARNET_EVIDENCE_VERIFIED },
                  { CARNET_NOT_DONE, CARNET_EVIDENCE_VERIFIED },
                  { CARNET_UNDETERMINED, CARNET_EVIDENCE_REMOVED },
                  { CARNET_FAIL, CARNET_EVIDENCE_FATAL } };

    (void)state;
    study_add_intrusion();
    study_add_document();
    study_now.trust.document_status = status_said;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        study_now.trust.document_status_self = &cases[i].said;
        study_judge();
        assert_int_equal(study_outcome(CARNET_EVIDENCE_MDOC), cases[i].outcome);
        assert_int_equal(study_now.evidence.facts.mdoc_device_authentication,
                         cases[i].outcome == CARNET_EVIDENCE_VERIFIED);
    }
}

/* Flip a bit of the issuer's signature: the last 64 octets of issuerAuth. */
static void
ends_the_session_for_a_wrong_issuers_signature(void **state)
{
    static uint8_t copy[8192];
    carnet_span response = study_present(study_transcript_for(CHALLENGE), NULL);
    carnet_device_response view;
    carnet_document document;
    carnet_issuer_signed issued;

    (void)state;
    study_add_intrusion();
    memcpy(copy, response.ptr, response.len);
    assert_carnet_ok(carnet_device_response_open(carnet_span_of(copy, response.len), 0, &view, &study_now.err),
                     &study_now.err);
    assert_carnet_ok(carnet_document_open(carnet_device_response_document(&view, 0), 0, &document, &study_now.err),
                     &study_now.err);
    assert_carnet_ok(carnet_issuer_signed_open(document.issuer_signed, 0, &issued, &study_now.err), &study_now.err);
    copy[(size_t)(issued.issuer_auth.ptr - copy) + issued.issuer_auth.len - 1] ^= 1;
    study_now.response.device_response = study_encoded(carnet_span_of(copy, response.len));
    study_judge();
    assert_true(study_now.evidence.fatal);
    assert_int_equal(study_outcome(CARNET_EVIDENCE_MDOC), CARNET_EVIDENCE_FATAL);
    study_assert_vector("C0");
}

static void
takes_no_document_that_is_not_bound_trusted_or_the_users(void **state)
{
    static const carnet_anchor_array nobody = { NULL, 0 };
    const carnet_trust_anchors none = carnet_trust_anchors_of(&nobody);

    (void)state;
    for (int i = 0; i < 7; i++) {
        (void)study_end(NULL);
        (void)study_begin(NULL);
        study_add_intrusion();
        study_add_signature(&study_now.key, TEXT);
        study_add_document();
        if (i == 0) /* of another challenge: replayed */
            study_now.response.device_response =
                study_encoded(study_present(study_transcript_for("BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"), NULL));
        else if (i == 1)
            study_now.response.transcript = study_encoded(study_transcript_for("x"));
        else if (i == 2)
            study_now.trust.anchors = &none;
        else if (i == 3)
            study_now.session.now = NOW + 31 * CARNET_TIME_DAY; /* expired */
        else if (i == 4)
            study_now.device.document_count = 0;
        else if (i == 5)
            study_now.response.device_response = carnet_str_of("gA");
        else /* a MAC for a reader whose key nobody has */
            study_now.response.device_response =
                study_encoded(study_present(study_transcript_for(CHALLENGE), &study_now.other.public_key));
        study_judge();
        assert_false(study_now.evidence.fatal);
        assert_int_equal(study_outcome(CARNET_EVIDENCE_MDOC), CARNET_EVIDENCE_REMOVED);
        assert_int_equal(study_now.evidence.document, CARNET_EVIDENCE_NONE);
        assert_false(study_now.evidence.facts.mdoc_device_authentication);
        assert_true(study_now.evidence.facts.transaction_signature); /* nothing else is lost */
    }
}

static void
takes_a_transcript_that_is_the_sessions(void **state)
{
    (void)state;
    study_add_intrusion();
    study_add_document();
    study_now.response.transcript = study_encoded(study_transcript_for(CHALLENGE));
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_MDOC), CARNET_EVIDENCE_VERIFIED);
    study_assert_vector("Cb.Ce.Cf.Ci");
}

static void
fails_without_proving_anything_when_there_is_no_room(void **state)
{
    (void)state;
    study_add_intrusion();
    study_add_signature(&study_now.key, TEXT);
    study_prepare_room();
    study_now.room.storage.cap = 20;
    assert_carnet_rc(carnet_evidence_verify(&study_now.session, &study_now.device, &study_now.trust,
                                            &study_now.response, &study_now.w.crypto, &study_now.room,
                                            &study_now.evidence, &study_now.err),
                     CARNET_E_NO_SPACE);
    study_assert_vector("C0");
    study_prepare_room();
    study_now.trust.struct_size = 1;
    assert_carnet_rc(carnet_evidence_verify(&study_now.session, &study_now.device, &study_now.trust,
                                            &study_now.response, &study_now.w.crypto, &study_now.room,
                                            &study_now.evidence, &study_now.err),
                     CARNET_E_USAGE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(takes_everything_a_good_device_sends),
        TEST(asserts_nothing_of_an_answer_that_proves_nothing),
        TEST(ends_the_session_for_another_session_challenge_or_counter),
        TEST(ends_the_session_for_wrong_intrusion_values),
        TEST(ends_the_session_for_a_wrong_transaction_signature),
        TEST(takes_no_signature_by_a_key_it_does_not_know),
        TEST(ends_the_session_for_a_revoked_device_or_document),
        TEST(asks_for_the_status_of_documents),
        TEST(ends_the_session_for_a_wrong_issuers_signature),
        TEST(takes_no_document_that_is_not_bound_trusted_or_the_users),
        TEST(takes_a_transcript_that_is_the_sessions),
        TEST(fails_without_proving_anything_when_there_is_no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
