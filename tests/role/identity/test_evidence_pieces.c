/* SPDX-License-Identifier: Apache-2.0 */
/* What the other pieces prove, and what each fault takes away. */
#include "study.h"

#include "carnet/argon2.h"
#include "carnet/der.h"
#include "carnet/key_attestation.h"

#include <string.h>

static void
counts_no_biometric_result_that_is_not_attested_or_failed(void **state)
{
    (void)state;
    study_add_intrusion();
    study_add_fingerprint();
    study_now.response.details[0].method = carnet_str_of("FACE"); /* the secure area compares no faces */
    study_add_signature(&study_now.key, TEXT);
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_BIOMETRIC), CARNET_EVIDENCE_REMOVED);
    study_assert_vector("Cb.Ce.Cf.Ci");
    study_now.response.signature_count = 0;
    study_now.response.details[0].method = carnet_str_of("FINGERPRINT");
    study_now.response.details[0].status = false;
    study_add_signature(&study_now.key, TEXT);
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_BIOMETRIC), CARNET_EVIDENCE_REMOVED);
    study_assert_vector("Cb.Ce.Cf.Ci");
    study_now.response.signature_count = 0;
    study_now.response.details[0].status = true;
    study_now.response.details[0].pad_passed = false;
    study_add_signature(&study_now.key, TEXT);
    study_judge();
    study_assert_vector("Cb.Ce.Cf.Cg.Ci.Cn.Co"); /* no Cj */
    study_now.device.pad = false;
    study_now.response.signature_count = 0;
    study_now.response.details[0].pad_passed = true;
    study_add_signature(&study_now.key, TEXT);
    study_judge();
    study_assert_vector("Cb.Ce.Cf.Cg.Ci.Cn.Co");
}

static void
looks_at_nothing_but_the_binding_of_a_failure(void **state)
{
    (void)state;
    study_now.response.result = CARNET_BOPS_RESULT_FAILED;
    study_add_intrusion();
    study_add_fingerprint();
    study_add_signature(&study_now.key, TEXT);
    study_add_document();
    study_judge();
    assert_false(study_now.evidence.fatal);
    assert_int_equal(study_outcome(CARNET_EVIDENCE_MDOC), CARNET_EVIDENCE_ABSENT);
    assert_int_equal(study_outcome(CARNET_EVIDENCE_BIOMETRIC), CARNET_EVIDENCE_ABSENT);
    assert_false(study_now.evidence.facts.intent);
}

static void
takes_a_one_time_password_once(void **state)
{
    static const uint8_t secret[20] = "12345678901234567890";
    char value[CARNET_OTP_DIGITS_MAX + 1];

    (void)state;
    study_add_intrusion();
    study_now.device.otp = (carnet_otp){ CARNET_SHA1, carnet_span_of(secret, 20), 6 };
    study_now.device.otp_time_based = true;
    assert_carnet_ok(
        carnet_otp_value(&study_now.w.crypto, &study_now.device.otp, carnet_totp_step(NOW, 30), value, &study_now.err),
        &study_now.err);
    study_now.response.otp_type = carnet_str_of("TOTP");
    study_now.response.otp_value = carnet_str_of(value);
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_OTP), CARNET_EVIDENCE_VERIFIED);
    assert_int_equal(study_now.evidence.otp_next, carnet_totp_step(NOW, 30) + 1);
    study_assert_vector("Cb.Cd");
    study_now.device.otp_next = study_now.evidence.otp_next;
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_OTP), CARNET_EVIDENCE_REMOVED);
    assert_carnet_rc(study_now.evidence.findings[CARNET_EVIDENCE_OTP].rc, CARNET_E_OTP_REPLAYED);
    assert_int_equal(study_now.evidence.otp_next, study_now.device.otp_next);
    study_now.device.otp_next = 0;
    study_now.response.otp_type = carnet_str_of("HOTP"); /* not what was enrolled */
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_OTP), CARNET_EVIDENCE_REMOVED);
}

static void
verifies_pins_at_the_server(void **state)
{
    static const uint8_t salt[16] = "salt of the test";
    const carnet_argon2_cost cost = { 64, 1, 1 };
    carnet_secret hash;

    (void)state;
    study_add_intrusion();
    assert_carnet_ok(
        carnet_argon2id(carnet_span_of("246810", 6), carnet_span_of(salt, 16), &cost, 32, &hash, &study_now.err),
        &study_now.err);
    study_now.device.pin = (carnet_pin_verifier){ carnet_span_of(salt, 16), { hash.bytes, hash.len }, 64, 1, 1 };
    study_now.response.pin_verified_by = carnet_str_of("SERVER");
    study_now.response.pin_value = carnet_str_of("246810");
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_PIN), CARNET_EVIDENCE_VERIFIED);
    study_assert_vector("Cb.Cc");
    study_now.response.pin_value = carnet_str_of("246811");
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_PIN), CARNET_EVIDENCE_REMOVED);
    study_assert_vector("Cb");
    study_now.response.pin_value = (carnet_str){ 0 };
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_PIN), CARNET_EVIDENCE_REMOVED);
    study_now.response.pin_verified_by = carnet_str_of("ME");
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_PIN), CARNET_EVIDENCE_REMOVED);
}

static void
believes_a_secure_area_about_pins_only_if_it_signed_that_and_is_attested(void **state)
{
    (void)state;
    study_add_intrusion();
    study_now.response.pin_verified_by = carnet_str_of("SA");
    study_add_signature(&study_now.key, TEXT); /* says nothing of a PIN */
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_PIN), CARNET_EVIDENCE_REMOVED);
    study_now.response.details[study_now.response.detail_count++] =
        (carnet_bops_detail){ .method = carnet_str_of("PIN"), .matcher = CARNET_BOPS_MATCHER_LOCAL, .status = true };
    study_now.response.signature_count = 0;
    study_judge(); /* says it, unsigned */
    assert_int_equal(study_outcome(CARNET_EVIDENCE_PIN), CARNET_EVIDENCE_REMOVED);
    study_add_signature(&study_now.key, TEXT);
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_PIN), CARNET_EVIDENCE_VERIFIED);
    study_assert_vector("Cb.Cc.Ce.Cf.Ci.Cn.Co");
    study_now.keys[0].user_auth = CARNET_USER_AUTH_FINGERPRINT;
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_PIN), CARNET_EVIDENCE_REMOVED);
}

static void
weighs_posture_place_and_behaviour(void **state)
{
    (void)state;
    study_add_intrusion();
    study_now.response.posture = (carnet_bops_posture){ .present = true, .lock_screen = true, .rooted = true };
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_POSTURE), CARNET_EVIDENCE_REMOVED);
    study_assert_vector("C0");
    study_now.response.posture = (carnet_bops_posture){ .present = true };
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_POSTURE), CARNET_EVIDENCE_REMOVED);
    study_now.response.posture = (carnet_bops_posture){ 0 };
    study_now.response.location = (carnet_bops_location){ .present = true, .latitude_e7 = 900000001 };
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_LOCATION), CARNET_EVIDENCE_REMOVED);
    study_now.response.location = (carnet_bops_location){
        .present = true, .latitude_e7 = 525200000, .longitude_e7 = 134050000, .time = NOW + 90
    };
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_LOCATION), CARNET_EVIDENCE_REMOVED);
    study_now.response.location.time = NOW;
    study_now.session.terminal_placed = false;
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_LOCATION), CARNET_EVIDENCE_REMOVED);
    study_now.session.terminal_placed = true;
    study_now.response.location.latitude_e7 = 488570000; /* Paris, not Berlin: 878 km */
    study_now.response.location.longitude_e7 = 23520000;
    study_judge();
    assert_true(study_now.evidence.facts.distance_m > 870000 && study_now.evidence.facts.distance_m < 885000);
    study_assert_vector("Cb");
    study_now.response.behaviour =
        (carnet_bops_behaviour){ .present = true, .processed = true, .answer = 0, .confidence_percent = 90 };
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_BEHAVIOUR), CARNET_EVIDENCE_REMOVED);
}

/* --- FIDO --- */

static const carnet_str origins[] = { { PROVIDER, sizeof(PROVIDER) - 1 } };
static carnet_enrolled_credential credential;

/* An assertion over the session's challenge by the other key. */
static void
add_assertion(uint8_t flags, uint8_t count)
{
    static const char client[] =
        "{\"type\":\"webauthn.get\",\"challenge\":\"" CHALLENGE "\",\"origin\":\"" PROVIDER "\"}";
    const carnet_span rp_id = carnet_span_of("idp.example", 11), said = carnet_span_of(client, sizeof(client) - 1);
    uint8_t data[37] = { 0 }, hash[32], room[80];
    const carnet_span parts[] = { { data, sizeof(data) }, { hash, sizeof(hash) } };
    carnet_der_builder b = carnet_der_build(room, sizeof(room));
    carnet_der_mark mark;
    carnet_signature signature;
    carnet_span der;

    assert_carnet_ok(carnet_digest(&study_now.w.crypto, CARNET_SHA256, &rp_id, 1, data, NULL), NULL);
    data[32] = flags;
    data[36] = count;
    assert_carnet_ok(carnet_digest(&study_now.w.crypto, CARNET_SHA256, &said, 1, hash, NULL), NULL);
    assert_carnet_ok(carnet_key_sign(&study_now.other, &study_now.w.crypto, CARNET_ES256, parts, 2, &signature, NULL),
                     NULL);
    mark = carnet_der_begin(&b, CARNET_DER_SEQUENCE);
    carnet_der_add_unsigned(&b, carnet_span_of(signature.bytes, 32));
    carnet_der_add_unsigned(&b, carnet_span_of(signature.bytes + 32, 32));
    carnet_der_end(&b, mark);
    assert_carnet_ok(carnet_der_built(&b, &der, NULL), NULL);
    study_now.response.fido =
        (carnet_bops_fido){ .credential_id = study_encoded(carnet_span_of("credential", 10)),
                            .authenticator_data = study_encoded(carnet_span_of(data, sizeof(data))),
                            .client_data = study_encoded(said),
                            .signature = study_encoded(der) };
    credential = (carnet_enrolled_credential){ .id = carnet_span_of("credential", 10),
                                               .key = study_now.other.public_key,
                                               .sign_count = 4,
                                               .backup_eligible = (flags & 8) != 0,
                                               .hardware = true };
    study_now.device.credentials = &credential;
    study_now.device.credential_count = 1;
    study_now.trust.rp_id = carnet_str_of("idp.example");
    study_now.trust.origins = origins;
    study_now.trust.origin_count = 1;
}

static void
takes_assertions_for_what_their_flags_say(void **state)
{
    (void)state;
    study_add_intrusion();
    add_assertion(0x05, 5);
    study_judge();
    assert_int_equal(study_now.evidence.credential, 0);
    assert_int_equal(study_now.evidence.sign_count, 5);
    study_assert_vector("Cb.Ce.Cf.Ci.Cn.Co.Cx");
    add_assertion(0x01, 5); /* not verified: one factor */
    study_judge();
    study_assert_vector("Cb.Ce.Cf.Ci.Cx");
    add_assertion(0x0d, 5); /* may be backed up: no sealed key */
    study_judge();
    study_assert_vector("Cb.Ce.Ci.Cn.Cx");
}

static void
takes_no_assertion_that_is_replayed_unknown_or_for_another(void **state)
{
    (void)state;
    study_add_intrusion();
    for (int i = 0; i < 6; i++) {
        add_assertion(0x05, 5);
        if (i == 0)
            credential.sign_count = 5;
        else if (i == 1)
            credential.id = carnet_span_of("another", 7);
        else if (i == 2)
            study_now.trust.rp_id = carnet_str_of("rp.example");
        else if (i == 3)
            study_now.trust.origin_count = 0;
        else if (i == 4)
            credential.key = study_now.key.public_key;
        else
            study_now.response.fido.signature = carnet_str_of("MAA");
        study_judge();
        assert_false(study_now.evidence.fatal);
        assert_int_equal(study_outcome(CARNET_EVIDENCE_FIDO), CARNET_EVIDENCE_REMOVED);
        assert_int_equal(study_now.evidence.credential, CARNET_EVIDENCE_NONE);
        study_assert_vector("Cb");
    }
}

/* --- attested keys --- */

static carnet_attester_key attesters[1];
static carnet_attester_trust attester_trust;

static void
add_attestation(const carnet_public_key *key, const char *level, carnet_key *attester)
{
    uint8_t room[4096];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    const carnet_str levels[] = { carnet_str_of(level) };
    const carnet_key_attestation_spec spec = { .struct_size = sizeof(spec),
                                               .keys = key,
                                               .key_count = 1,
                                               .issued_at = NOW - 10,
                                               .expires = NOW + 1000,
                                               .key_storage = levels,
                                               .key_storage_count = 1,
                                               .key_id = carnet_str_of("a") };

    assert_carnet_ok(carnet_key_attestation_build(&spec, attester, &study_now.w.crypto, &out, &study_now.err),
                     &study_now.err);
    study_now.response.mcd = study_encoded(carnet_buf_span(&out));
    attesters[0] = (carnet_attester_key){ .key = study_now.other.public_key };
    attester_trust =
        (carnet_attester_trust){ .struct_size = sizeof(attester_trust), .keys = attesters, .key_count = 1 };
    study_now.trust.attester = &attester_trust;
}

static void
takes_an_attestation_of_the_key_that_signed(void **state)
{
    (void)state;
    study_now.keys[0].attested = false;
    study_add_intrusion();
    study_add_signature(&study_now.key, TEXT);
    study_judge();
    study_assert_vector("Cb.Ce.Ci");
    add_attestation(&study_now.key.public_key, "iso_18045_high", &study_now.other);
    study_judge();
    assert_int_equal(study_outcome(CARNET_EVIDENCE_KEY_ATTESTATION), CARNET_EVIDENCE_VERIFIED);
    assert_int_equal(study_now.evidence.facts.key_rank, 4);
    study_assert_vector("Cb.Ce.Cf.Ci");
    add_attestation(&study_now.key.public_key, "iso_18045_basic", &study_now.other); /* software */
    study_judge();
    study_assert_vector("Cb.Ce.Ci");
}

static void
takes_no_attestation_of_another_key_attester_or_time(void **state)
{
    (void)state;
    study_now.keys[0].attested = false;
    study_add_intrusion();
    study_add_signature(&study_now.key, TEXT);
    for (int i = 0; i < 5; i++) {
        study_now.session.now = NOW;
        add_attestation(i == 0 ? &study_now.other.public_key : &study_now.key.public_key, "iso_18045_high",
                        i == 1 ? &study_now.key : &study_now.other);
        if (i == 2)
            study_now.session.now = NOW + 2000;
        else if (i == 3)
            study_now.trust.attester = NULL;
        else if (i == 4)
            study_now.response.mcd = carnet_str_of("hEOhASagQA");
        study_judge();
        assert_int_equal(study_outcome(CARNET_EVIDENCE_KEY_ATTESTATION), CARNET_EVIDENCE_REMOVED);
        assert_false(study_now.evidence.fatal);
        assert_false(study_now.evidence.facts.key_attested);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(counts_no_biometric_result_that_is_not_attested_or_failed),
        TEST(looks_at_nothing_but_the_binding_of_a_failure),
        TEST(takes_a_one_time_password_once),
        TEST(verifies_pins_at_the_server),
        TEST(believes_a_secure_area_about_pins_only_if_it_signed_that_and_is_attested),
        TEST(weighs_posture_place_and_behaviour),
        TEST(takes_assertions_for_what_their_flags_say),
        TEST(takes_no_assertion_that_is_replayed_unknown_or_for_another),
        TEST(takes_an_attestation_of_the_key_that_signed),
        TEST(takes_no_attestation_of_another_key_attester_or_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
