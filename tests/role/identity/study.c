/* SPDX-License-Identifier: Apache-2.0 */
#include "study.h"

#include "carnet/present.h"
#include "carnet/study_transcript.h"

#include <string.h>

study study_now;

int
study_begin(void **state)
{
    static const uint8_t secret[32] = "one key of the device for values";

    (void)state;
    memset(&study_now, 0, sizeof(study_now));
    world_begin(&study_now.w, CARNET_CURVE_P256);
    world_hold_mdl(&study_now.w);
    assert_carnet_ok(carnet_software_key_generate(&study_now.w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN,
                                                  &study_now.key, &study_now.err),
                     &study_now.err);
    assert_carnet_ok(carnet_software_key_generate(&study_now.w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN,
                                                  &study_now.other, &study_now.err),
                     &study_now.err);
    study_now.keys[0] = (carnet_enrolled_key){ .authenticator = carnet_str_of("SA-KEY-1"),
                                               .key = study_now.key.public_key,
                                               .attested = true,
                                               .rank = 3,
                                               .user_auth = CARNET_USER_AUTH_PIN | CARNET_USER_AUTH_FINGERPRINT };
    study_now.documents[0] =
        (carnet_enrolled_document){ .key = { .key = study_now.w.device.public_key, .attested = true, .rank = 2 },
                                    .proof = CARNET_IDENTITY_SUBSTANTIAL };
    study_now.device = (carnet_enrolled_device){ .active = true,
                                                 .attested = true,
                                                 .pad = true,
                                                 .keys = study_now.keys,
                                                 .key_count = 1,
                                                 .documents = study_now.documents,
                                                 .document_count = 1,
                                                 .intrusion_key = carnet_span_of(secret, sizeof(secret)) };
    study_now.session = (carnet_evidence_session){ .provider = carnet_str_of(PROVIDER),
                                                   .session_id = carnet_str_of(SESSION),
                                                   .challenge = carnet_str_of(CHALLENGE),
                                                   .counter = 42,
                                                   .counter_before = 40,
                                                   .transaction_text = carnet_str_of(TEXT),
                                                   .device_certificate = true,
                                                   .now = NOW,
                                                   .terminal_placed = true,
                                                   .latitude_e7 = 525200000,
                                                   .longitude_e7 = 134050000 };
    study_now.trust =
        (carnet_evidence_trust){ .struct_size = sizeof(study_now.trust), .anchors = &study_now.w.anchors };
    study_now.text = carnet_buf_of(study_now.texts, sizeof(study_now.texts));
    study_now.response = (carnet_bops_authentication_response){ .session_id = carnet_str_of(SESSION),
                                                                .result = CARNET_BOPS_RESULT_SUCCESS,
                                                                .challenge = carnet_str_of(CHALLENGE),
                                                                .counter = 42 };
    return 0;
}

int
study_end(void **state)
{
    (void)state;
    carnet_key_done(&study_now.key);
    carnet_key_done(&study_now.other);
    world_done(&study_now.w);
    return 0;
}

/* Base64url, kept as long as the study. */
carnet_str
study_encoded(carnet_span bytes)
{
    const size_t before = study_now.text.len;

    carnet_base64url_encode(bytes, &study_now.text);
    assert_false(study_now.text.overflow);
    return (carnet_str){ (const char *)study_now.texts + before, study_now.text.len - before };
}

static carnet_str
intrusion(int64_t counter)
{
    const size_t before = study_now.text.len;

    assert_carnet_ok(carnet_bops_intrusion_value(study_now.device.intrusion_key, counter, study_now.response.session_id,
                                                 study_now.response.challenge, &study_now.w.crypto, &study_now.text,
                                                 &study_now.err),
                     &study_now.err);
    return (carnet_str){ (const char *)study_now.texts + before, study_now.text.len - before };
}

void
study_add_intrusion(void)
{
    study_now.response.val1 = intrusion(study_now.session.counter);
    study_now.response.val2 = intrusion(study_now.session.counter_before);
}

/* Sign the response as it is. */
void
study_add_signature(carnet_key *key, const char *text)
{
    uint8_t room[2048];
    carnet_buf payload = carnet_buf_of(room, sizeof(room));
    carnet_span part;
    carnet_signature signature;

    assert_carnet_ok(carnet_bops_signed_payload(&study_now.response, carnet_str_of(text), &study_now.w.crypto, &payload,
                                                &study_now.err),
                     &study_now.err);
    part = carnet_buf_span(&payload);
    assert_carnet_ok(carnet_key_sign(key, &study_now.w.crypto, CARNET_ES256, &part, 1, &signature, &study_now.err),
                     &study_now.err);
    study_now.response.signatures[study_now.response.signature_count++] =
        (carnet_bops_signature){ .authenticator = carnet_str_of("SA-KEY-1"),
                                 .algorithm = carnet_str_of("ES256"),
                                 .signature = study_encoded(carnet_span_of(signature.bytes, signature.len)) };
}

void
study_add_fingerprint(void)
{
    study_now.response.details[study_now.response.detail_count++] =
        (carnet_bops_detail){ .method = carnet_str_of("FINGERPRINT"),
                              .matcher = CARNET_BOPS_MATCHER_LOCAL,
                              .status = true,
                              .attempts = 1,
                              .pad = true,
                              .pad_performed = true,
                              .pad_passed = true };
}

/* A DeviceResponse with age_over_18, for this transcript. */
carnet_span
study_present(carnet_span transcript, const carnet_public_key *reader)
{
    static uint8_t room[8192];
    const carnet_held_document *held = &study_now.w.held[0];
    const carnet_element_name names[] = { { carnet_str_of(MDL_NS), carnet_str_of("age_over_18") } };
    carnet_issuer_signed issued;
    carnet_issuer_signed_item items[1];
    carnet_presented_document document = { .doc_type = held->doc_type, .device_key = held->device_key };
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span out;

    assert_carnet_ok(carnet_issuer_signed_open(held->issuer_signed, 0, &issued, &study_now.err), &study_now.err);
    assert_carnet_ok(carnet_present_select(&issued, names, 1, items, &document.item_count, &study_now.err),
                     &study_now.err);
    document.issuer_auth = issued.issuer_auth;
    document.items = items;
    document.reader_key = reader;
    assert_carnet_ok(
        carnet_present(&(carnet_presentation){ .session_transcript = transcript, .documents = &document, .count = 1 },
                       &study_now.w.crypto, &b, &study_now.err),
        &study_now.err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &study_now.err), &study_now.err);
    return out;
}

carnet_span
study_transcript_for(const char *challenge)
{
    static uint8_t room[CARNET_STUDY_TRANSCRIPT];
    carnet_cbor_builder b = carnet_cbor_build(room, sizeof(room));
    carnet_span out;

    assert_carnet_ok(carnet_study_transcript_build(&b, &study_now.w.crypto, carnet_str_of(PROVIDER),
                                                   carnet_str_of(SESSION), carnet_str_of(challenge), &study_now.err),
                     &study_now.err);
    assert_carnet_ok(carnet_cbor_built(&b, &out, &study_now.err), &study_now.err);
    return out;
}

void
study_add_document(void)
{
    study_now.response.device_response = study_encoded(study_present(study_transcript_for(CHALLENGE), NULL));
}

void
study_prepare_room(void)
{
    study_now.report = (carnet_report){ .entries = study_now.entries, .cap = CARNET_COUNT(study_now.entries) };
    study_now.room = (carnet_evidence_room){ .storage = carnet_buf_of(study_now.storage, sizeof(study_now.storage)),
                                             .report = &study_now.report };
}

void
study_judge(void)
{
    study_prepare_room();
    assert_carnet_ok(carnet_evidence_verify(&study_now.session, &study_now.device, &study_now.trust,
                                            &study_now.response, &study_now.w.crypto, &study_now.room,
                                            &study_now.evidence, &study_now.err),
                     &study_now.err);
}

carnet_evidence_outcome
study_outcome(carnet_evidence_piece piece)
{
    return study_now.evidence.findings[piece].outcome;
}

void
study_assert_vector(const char *right)
{
    const carnet_evidence_policy policy = carnet_evidence_policy_default();
    carnet_evidence_result result;
    uint8_t room[256];
    carnet_buf out = carnet_buf_of(room, sizeof(room));

    assert_carnet_ok(carnet_evidence_judge(&study_now.evidence.facts, &policy, NOW, &result, &study_now.err),
                     &study_now.err);
    carnet_vector_write(&result.vector, &out);
    assert_str_is(carnet_buf_str(&out), right);
}

/* The session is over, and nothing is proven. */
void
study_assert_fatal(carnet_evidence_piece piece, carnet_rc rc)
{
    assert_true(study_now.evidence.fatal);
    assert_int_equal(study_outcome(piece), CARNET_EVIDENCE_FATAL);
    assert_carnet_rc(study_now.evidence.rc, rc);
    study_assert_vector("C0");
}
