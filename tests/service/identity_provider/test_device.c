/* SPDX-License-Identifier: Apache-2.0 */
/* Devices of the identity provider: enrolled, answering rightly and wrongly, locked, renewed, removed. */
#include "world.h"

#include "carnet/certification_request.h"
#include "carnet/otp.h"

#include <stdio.h>
#include <string.h>

static void
an_invitation_enrols_one_device(void **state)
{
    uint8_t invitation[CARNET_CERTIFICATE_MAX];
    phone bob = { 0 }, eve = { 0 };
    size_t len;

    (void)state;
    invite("bob", invitation, &len, NULL);
    assert_int_equal(enrol_with(&bob, carnet_span_of(invitation, len), NULL), 200);
    assert_int_equal(enrol_with(&eve, carnet_span_of(invitation, len), NULL), 403);
    assert_refused(403, 141);
    invite("bob", invitation, &len, NULL);
    w.now += 661;
    assert_int_equal(enrol_with(&eve, carnet_span_of(invitation, len), NULL), 403);
    phone_done(&bob);
    phone_done(&eve);
}

static void
a_device_certificate_enrols_nothing_and_an_invitation_answers_nothing(void **state)
{
    uint8_t invitation[CARNET_CERTIFICATE_MAX];
    phone eve = { 0 };
    size_t len;

    (void)state;
    assert_int_equal(enrol_with(&eve, carnet_span_of(w.alice.certificate, w.alice.certificate_len), NULL), 403);
    invite(w.user, invitation, &len, NULL);
    start("");
    ask_as(carnet_span_of(invitation, len), "/enterprise/RegisterSession",
           "{\"sessionId\":\"AAAAAAAAAAAAAAAAAAAAAA\"}");
    assert_refused(403, 141);
    ask(BANK, "/device/GetNotifications", "{}");
    assert_refused(403, 141);
    phone_done(&eve);
}

static void
a_key_is_one_users(void **state)
{
    phone mallory = { 0 };

    (void)state;
    mallory.key = w.alice.key;
    assert_int_equal(enrol(&mallory, "mallory", NULL), 409);
    assert_refused(409, 606);
    start("");
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    carnet_key_done(&mallory.tls);
}

static void
a_device_enrolled_anew_takes_its_own_place(void **state)
{
    uint8_t before[CARNET_CERTIFICATE_MAX];
    const size_t len = w.alice.certificate_len;

    (void)state;
    memcpy(before, w.alice.certificate, len);
    assert_int_equal(enrol(&w.alice, w.user, NULL), 200);
    ask_as(carnet_span_of(before, len), "/device/GetNotifications", "{}");
    assert_refused(404, 118);
    start("");
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
}

static void
a_new_device_ends_what_others_could_answer(void **state)
{
    phone second = { 0 };

    (void)state;
    start("");
    assert_int_equal(enrol(&second, w.user, NULL), 200);
    status_is(w.session, "CANCELLED");
    phone_done(&second);
}

static void
another_device_cannot_touch_a_session(void **state)
{
    phone bob = { 0 };

    (void)state;
    assert_int_equal(enrol(&bob, "bob", NULL), 200);
    start("");
    assert_int_equal(approve(&bob, w.session), CARNET_BOPS_STATUS_NONE);
    assert_refused(404, 118);
    ask_phone(&bob, "/enterprise/CancelSession", "{\"sessionId\":\"%s\"}", w.session);
    assert_refused(404, 118);
    ask_phone(&bob, "/enterprise/AuthenticationResponse", "%s", answer_of(&w.alice, w.session));
    assert_refused(404, 118);
    status_is(w.session, "REGISTERED");
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    phone_done(&bob);
}

static void
a_device_is_told_of_its_sessions_and_not_what_for(void **state)
{
    (void)state;
    start(VTR("\"Cf.Cg.Cj.Co\"") TRANSACTION);
    ask_phone(&w.alice, "/device/GetNotifications", "{}");
    assert_true(said(w.session));
    assert_false(said("ATM00001"));
    assert_false(said("alice"));
    ask_phone(&w.alice, "/enterprise/RegisterSession", "{\"sessionId\":\"%s\"}", w.session);
    assert_true(said("\"acceptable\":[["));
    assert_false(said("\"vtr"));
    assert_false(said("Cf."));
    ask_phone(&w.alice, "/device/GetNotifications", "{}");
    assert_false(said(w.session));
}

static void
an_answer_is_taken_once(void **state)
{
    const char *answer;

    (void)state;
    start("");
    answer = answer_of(&w.alice, w.session);
    w.at = 1;
    ask_phone(&w.alice, "/enterprise/AuthenticationResponse", "%s", answer);
    assert_refused(200, 0);
    w.at = 0;
    ask_phone(&w.alice, "/enterprise/AuthenticationResponse", "%s", answer);
    assert_refused(409, 111);
}

static void
taken_on_again_the_old_challenge_is_void(void **state)
{
    static char before[CARNET_BOPS_MAX + 1];

    (void)state;
    start("");
    (void)snprintf(before, sizeof(before), "%s", answer_of(&w.alice, w.session));
    ask_phone(&w.alice, "/enterprise/RegisterSession", "{\"sessionId\":\"%s\"}", w.session);
    ask_phone(&w.alice, "/enterprise/AuthenticationResponse", "%s", before);
    assert_refused(200, 0);
    assert_true(said("FAILED"));
    status_is(w.session, "FAILED");
    assert_true(said("\"reason\":\"counter\""));
}

static void
a_counter_does_not_go_back(void **state)
{
    static char first[CARNET_BOPS_MAX + 1];
    char session[CARNET_BOPS_SESSION + 1];

    (void)state;
    start("");
    memcpy(session, w.session, sizeof(session));
    (void)snprintf(first, sizeof(first), "%s", answer_of(&w.alice, session));
    start("");
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    ask_phone(&w.alice, "/enterprise/AuthenticationResponse", "%s", first);
    assert_refused(409, 111);
    assert_int_equal(approve(&w.alice, session), CARNET_BOPS_AUTHENTICATED); /* taken on anew */
}

static void
an_answer_that_was_lost_locks_nobody_out(void **state)
{
    (void)state;
    start("");
    (void)answer_of(&w.alice, w.session); /* the phone has moved its counter; we never hear */
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
}

static void
wrong_intrusion_values_twice_block_the_device(void **state)
{
    (void)state;
    memset(w.alice.enrolment.intrusion_key, 7, sizeof(w.alice.enrolment.intrusion_key));
    start("");
    (void)approve(&w.alice, w.session);
    assert_refused(403, 303);
    status_is(w.session, "FAILED");
    assert_true(said("\"reason\":\"intrusion\""));
    start("");
    (void)approve(&w.alice, w.session);
    assert_refused(403, 303);
    start("");
    assert_refused(404, 118);
    ask_phone(&w.alice, "/device/GetNotifications", "{}");
    assert_refused(404, 118);
}

static void
a_device_that_speaks_of_vectors_is_refused(void **state)
{
    static char body[CARNET_BOPS_MAX + 64];
    const char *answer;

    (void)state;
    start("");
    answer = answer_of(&w.alice, w.session);
    (void)snprintf(body, sizeof(body), "{\"extraValues\":{\"vot\":\"Co\"},%s", answer + 1);
    ask_phone(&w.alice, "/enterprise/AuthenticationResponse", "%s", body);
    assert_refused(400, 101);
    status_is(w.session, "REGISTERED");
}

static void
evidence_that_does_not_suffice_fails(void **state)
{
    (void)state;
    w.alice.pad = false; /* says it detects attacks, and did not */
    start(VTR("\"Cf.Cg.Cj.Co\""));
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_FAILED);
    status_is(w.session, "FAILED");
    assert_true(said("insufficient_evidence"));
    assert_false(said("\"vot\""));
}

static void
another_key_proves_nothing(void **state)
{
    carnet_key right = w.alice.key, wrong = { 0 };
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&w.crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &wrong, &err), &err);
    start("");
    w.alice.key = wrong;
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_FAILED);
    w.alice.key = right;
    status_is(w.session, "FAILED");
    assert_true(said("\"reason\":\"signature\""));
    carnet_key_done(&wrong);
}

static void
fingers_that_do_not_fit_lock_the_device(void **state)
{
    (void)state;
    w.alice.matches = CARNET_DEVICE_FAILED;
    for (unsigned i = 0; i < 2; i++) {
        start(VTR("\"Cg\""));
        for (unsigned k = 0; k < 5; k++) {
            ask_phone(&w.alice, "/enterprise/RegisterSession", "{\"sessionId\":\"%s\"}", w.session);
            if (w.reply.status != 200)
                break;
            (void)approve(&w.alice, w.session);
        }
    }
    start("");
    assert_refused(403, 908);
    w.now += 3600;
    w.alice.matches = CARNET_DEVICE_DONE;
    start("");
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
}

static void
renew(const char *session)
{
    uint8_t der[1024], text[2048];
    carnet_buf request = carnet_buf_of(der, sizeof(der)), encoded = carnet_buf_of(text, sizeof(text));
    carnet_err err = { 0 };

    assert_carnet_ok(
        carnet_certification_request_build(&(carnet_name_parts){ 0 }, &w.alice.tls, &w.crypto, &request, &err), &err);
    carnet_base64url_encode(carnet_buf_span(&request), &encoded);
    ask_phone(&w.alice, "/enrol/RenewClientCertificate", "{\"sessionId\":\"%s\",\"certificateRequest\":\"%.*s\"}",
              session, (int)encoded.len, (const char *)encoded.ptr);
}

static void
a_certificate_is_renewed_by_a_recent_session(void **state)
{
    (void)state;
    start("");
    renew(w.session);
    assert_refused(409, 111);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    renew(w.session);
    assert_refused(200, 0);
    assert_false(said("intrusionKey"));
    w.now += 301;
    renew(w.session);
    assert_refused(409, 111);
    start(VTR("\"Ce\""));
    w.alice.matches = CARNET_DEVICE_UNABLE;
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    renew(w.session);
    assert_refused(403, 164); /* below the account's level */
}

static void
a_blocked_device_is_unlocked_by_password_and_pin(void **state)
{
    const carnet_otp otp = { .hash = CARNET_SHA1,
                             .secret = { w.alice.enrolment.otp_seed, w.alice.enrolment.otp_seed_len },
                             .digits = 6 };
    char value[CARNET_OTP_DIGITS_MAX + 1];

    (void)state;
    assert_int_equal(enrol(&w.alice, w.user, "135790"), 200);
    memset(w.alice.enrolment.intrusion_key, 7, sizeof(w.alice.enrolment.intrusion_key));
    for (int i = 0; i < 2; i++) {
        start("");
        (void)approve(&w.alice, w.session);
    }
    assert_carnet_ok(carnet_otp_value(&w.crypto, &otp, carnet_totp_step(w.now, 30), value, NULL), NULL);
    ask_phone(&w.alice, "/enrol/UnlockClient", "{\"otp\":\"%s\",\"pin\":\"000000\"}", value);
    assert_refused(403, 153);
    ask_phone(&w.alice, "/enrol/UnlockClient", "{\"otp\":\"%s\",\"pin\":\"135790\"}", value);
    assert_refused(403, 154); /* it was used */
    w.now += 60;
    assert_carnet_ok(carnet_otp_value(&w.crypto, &otp, carnet_totp_step(w.now, 30), value, NULL), NULL);
    ask_phone(&w.alice, "/enrol/UnlockClient", "{\"otp\":\"%s\",\"pin\":\"135790\"}", value);
    assert_refused(200, 0);
    start("");
    assert_refused(200, 0);
}

static void
a_removed_device_is_nobody(void **state)
{
    (void)state;
    start("");
    ask_phone(&w.alice, "/enrol/RemoveDevice", "{}");
    assert_refused(200, 0);
    status_is(w.session, "CANCELLED");
    ask_phone(&w.alice, "/device/GetNotifications", "{}");
    assert_refused(404, 118);
    start("");
    assert_refused(404, 118);
}

static void
nothing_secret_is_logged(void **state)
{
    (void)state;
    start(VTR("\"Cf.Cg.Cj.Co\"") TRANSACTION);
    assert_int_equal(approve(&w.alice, w.session), CARNET_BOPS_AUTHENTICATED);
    assert_null(strstr(w.log, w.session));
    assert_null(strstr(w.log, "alice"));
    assert_null(strstr(w.log, "ATM00001"));
    assert_null(strstr(w.log, w.alice.enrolment.device_id));
    assert_non_null(strstr(w.log, "session.answered"));
}

static void
a_device_that_counts_proves_itself_by_counter(void **state)
{
    phone bob = { .hotp = true };
    char user[32];

    (void)state;
    (void)snprintf(user, sizeof(user), "%s-h", w.user);
    assert_int_equal(enrol(&bob, user, "471147"), 200);
    assert_true(said("\"otpType\":\"HOTP\""));
    assert_true(bob.enrolment.otp_counts);
    bob.pin = "471147";
    for (int64_t i = 1; i < 4; i++) {
        start_for(&bob, user, VTR("\"Cc.Cd.Cn\""));
        assert_int_equal(approve(&bob, w.session), CARNET_BOPS_AUTHENTICATED);
        assert_int_equal(bob.enrolment.otp_next, i);
    }
    /* One that was used: no device answers so, but a copy of it might. */
    bob.enrolment.otp_next = 2;
    start_for(&bob, user, VTR("\"Cc.Cd.Cn\""));
    assert_int_equal(approve(&bob, w.session), CARNET_BOPS_FAILED);
    /* Answers that were lost are caught up with, ten of them. */
    bob.enrolment.otp_next = 12;
    start_for(&bob, user, VTR("\"Cc.Cd.Cn\""));
    assert_int_equal(approve(&bob, w.session), CARNET_BOPS_AUTHENTICATED);
    bob.enrolment.otp_next = 24;
    start_for(&bob, user, VTR("\"Cc.Cd.Cn\""));
    assert_int_equal(approve(&bob, w.session), CARNET_BOPS_FAILED);
    phone_done(&bob);
}

static void
a_device_that_counts_is_unlocked_by_counter(void **state)
{
    phone bob = { .hotp = true };
    char user[32], value[CARNET_OTP_DIGITS_MAX + 1], again[CARNET_OTP_DIGITS_MAX + 1];

    (void)state;
    (void)snprintf(user, sizeof(user), "%s-u", w.user);
    assert_int_equal(enrol(&bob, user, "471147"), 200);
    assert_carnet_ok(carnet_enrolment_password(&bob.enrolment, &w.crypto, w.now, value, NULL), NULL);
    ask_phone(&bob, "/enrol/UnlockClient", "{\"otp\":\"%s\",\"pin\":\"471147\"}", value);
    assert_int_equal(w.reply.status, 200);
    ask_phone(&bob, "/enrol/UnlockClient", "{\"otp\":\"%s\",\"pin\":\"471147\"}", value);
    assert_refused(403, 154);
    assert_carnet_ok(carnet_enrolment_password(&bob.enrolment, &w.crypto, w.now, again, NULL), NULL);
    ask_phone(&bob, "/enrol/UnlockClient", "{\"otp\":\"%s\",\"pin\":\"471147\"}", again);
    assert_int_equal(w.reply.status, 200);
    phone_done(&bob);
}

static void
a_fido_assertion_is_evidence(void **state)
{
    phone bob = { .fido = true };
    char user[32], vot[64];

    (void)state;
    (void)snprintf(user, sizeof(user), "%s-f", w.user);
    assert_int_equal(enrol(&bob, user, "471147"), 200);
    bob.fido_verifies = true;
    start_for(&bob, user, VTR("\"Cx.Cn\""));
    assert_int_equal(approve(&bob, w.session), CARNET_BOPS_AUTHENTICATED);
    status_is(w.session, "AUTHENTICATED");
    member("vot", vot, sizeof(vot));
    assert_non_null(strstr(vot, "Cx"));
    assert_non_null(strstr(vot, "Cn"));
    /* Present only, the user proves the second factor by PIN. */
    bob.fido_verifies = false;
    bob.pin = "471147";
    start_for(&bob, user, VTR("\"Cx.Cn\""));
    assert_int_equal(approve(&bob, w.session), CARNET_BOPS_AUTHENTICATED);
    /* Its counter goes back: a copy, perhaps. */
    bob.fido_count = 0;
    start_for(&bob, user, VTR("\"Cx.Cn\""));
    assert_int_equal(approve(&bob, w.session), CARNET_BOPS_FAILED);
    phone_done(&bob);
}

int
main(int argc, char **argv)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, world_begin, world_end)
    const struct CMUnitTest tests[] = {
        TEST(an_invitation_enrols_one_device),
        TEST(a_device_certificate_enrols_nothing_and_an_invitation_answers_nothing),
        TEST(a_key_is_one_users),
        TEST(a_device_enrolled_anew_takes_its_own_place),
        TEST(a_new_device_ends_what_others_could_answer),
        TEST(another_device_cannot_touch_a_session),
        TEST(a_device_is_told_of_its_sessions_and_not_what_for),
        TEST(an_answer_is_taken_once),
        TEST(taken_on_again_the_old_challenge_is_void),
        TEST(a_counter_does_not_go_back),
        TEST(an_answer_that_was_lost_locks_nobody_out),
        TEST(wrong_intrusion_values_twice_block_the_device),
        TEST(a_device_that_speaks_of_vectors_is_refused),
        TEST(evidence_that_does_not_suffice_fails),
        TEST(another_key_proves_nothing),
        TEST(fingers_that_do_not_fit_lock_the_device),
        TEST(a_certificate_is_renewed_by_a_recent_session),
        TEST(a_blocked_device_is_unlocked_by_password_and_pin),
        TEST(a_removed_device_is_nobody),
        TEST(a_device_that_counts_proves_itself_by_counter),
        TEST(a_device_that_counts_is_unlocked_by_counter),
        TEST(a_fido_assertion_is_evidence),
        TEST(nothing_secret_is_logged),
    };

    return world_run(argc, argv, tests, CARNET_COUNT(tests));
}
