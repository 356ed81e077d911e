/* SPDX-License-Identifier: Apache-2.0 */
/* Every message of the identity provider's interface: read, written again, and refused. */
#include "carnet/bops_authentication_response.h"
#include "carnet/bops_authentication_start.h"
#include "carnet/bops_enrol.h"
#include "carnet/bops_notifications.h"
#include "carnet/bops_register_session.h"
#include "carnet/bops_session.h"
#include "carnet/bops_session_status.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

#define SESSION   "EBESExQVFhcYGRobHB0eHw"
#define CHALLENGE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

typedef carnet_rc both_ways(carnet_str text, carnet_buf *out, carnet_err *err);

#define BOTH(name)                                                                                                     \
    static carnet_rc name(carnet_str text, carnet_buf *out, carnet_err *err)                                           \
    {                                                                                                                  \
        carnet_bops_##name m;                                                                                          \
        carnet_rc rc = carnet_bops_##name##_read(text, &m, err);                                                       \
                                                                                                                       \
        if (rc == CARNET_OK)                                                                                           \
            rc = carnet_bops_##name##_write(&m, out, err);                                                             \
        carnet_bops_##name##_close(&m);                                                                                \
        return rc;                                                                                                     \
    }
BOTH(error)
BOTH(authentication_start)
BOTH(started)
BOTH(register_session)
BOTH(registered)
BOTH(authentication_response)
BOTH(answered)
BOTH(status_request)
BOTH(session_status)
BOTH(notifications_request)
BOTH(notifications)
BOTH(session_command)
BOTH(session_state)
BOTH(submit_evidence)
BOTH(enrolled)
BOTH(renew)
BOTH(device_command)
BOTH(device_state)

#define DETAILS                                                                                                        \
    "[{\"attempts\":1,\"matcher\":\"LOCAL\",\"method\":\"FINGERPRINT\",\"pad\":{\"passed\":true,\"performed\":true,"   \
    "\"ref\":\"MCD\"},\"status\":true}]"

/* Written as they are read. */
static const struct {
    const char *what;
    both_ways *run;
    const char *text;
} whole[] = {
    { "error", error,
      "{\"error\":{\"errorCode\":111,\"error\":\"invalid_session_state\",\"errorDescription\":\"no\"},\"requestId\":"
      "\"r\"}" },
    { "a start of everything", authentication_start,
      "{\"requestId\":\"2c6f\",\"userId\":\"u-7f3a\",\"deviceId\":\"6f1c\",\"memberExternalId\":\"bank-a\","
      "\"sessionType\":"
      "\"PUSH\",\"vtr\":[\"Cf.Cg.Cj.Co\",\"Cc.Cf.Co\"],\"vtm\":\"https://example.org/vtm\",\"aal\":3,\"maxAge\":60,"
      "\"requestedExpiry\":120,\"bindingMessage\":\"K7Q2\",\"transaction\":{\"type\":\"ATM_CWD\",\"ref\":"
      "\"ST0000000042\","
      "\"amount\":\"000000020000\",\"currency\":\"840\",\"terminalId\":\"ATM00001\",\"text\":\"Withdraw\"},"
      "\"parentSession\":\"" SESSION "\",\"mdocRequest\":\"AAEC\",\"notify\":{\"mode\":\"ping\",\"token\":\"abc\"}}" },
    { "the least start", authentication_start, "{\"userId\":\"u\",\"deviceId\":\"d\",\"notify\":{\"mode\":\"poll\"}}" },
    { "started", started,
      "{\"sessionId\":\"" SESSION "\",\"status\":\"OPPORTUNITY\",\"expiration\":1795226520000,\"interval\":2,"
      "\"requiredBiometrics\":[{\"method\":\"FINGERPRINT\",\"status\":false,\"retries\":5}],\"bindingMessage\":"
      "\"K7Q2\"}" },
    { "a registration", register_session,
      "{\"sessionId\":\"" SESSION "\",\"sessionType\":\"POLL\",\"profileId\":\"p\",\"context\":{\"appName\":\"a\","
      "\"osName\":\"o\"}}" },
    { "registered", registered,
      "{\"sessionId\":\"" SESSION "\",\"profileId\":\"p\",\"status\":\"REGISTERED\",\"requiredBiometrics\":[],"
      "\"acceptable\":[[\"SA_KEY_HW\",\"BIOMETRIC_LOCAL\",\"PAD\"],[\"PIN\",\"SA_KEY_HW\"]],\"transactionText\":\"W\","
      "\"bindingMessage\":\"K\",\"challenge\":\"" CHALLENGE "\",\"counter\":42,\"mdocRequest\":\"AAEC\",\"providerId\":"
      "\"https://idp.example\",\"expiration\":1795226520000}" },
    { "a response with all kinds of evidence", authentication_response,
      "{\"sessionId\":\"" SESSION "\",\"result\":1,\"challenge\":\"" CHALLENGE
      "\",\"counter\":42,\"detailedResults\":" DETAILS
      ",\"signatures\":[{\"authenticator\":\"SA-KEY-1\",\"alg\":\"ES256\",\"signature\":\"AAEC\"}],\"otp\":{\"type\":"
      "\"TOTP\",\"value\":\"123456\"},\"fido\":{\"credentialId\":\"AA\",\"authenticatorData\":\"AB\","
      "\"clientDataJSON\":"
      "\"AC\",\"signature\":\"AD\"},\"pin\":{\"verifiedBy\":\"SA\"},\"mdoc\":{\"deviceResponse\":\"AAEC\","
      "\"sessionTranscript\":\"AAEC\"},\"mcd\":\"AAEC\",\"mcdRef\":\"m\",\"context\":{\"location\":{\"latitude\":52.5,"
      "\"longitude\":-0.1278021,\"accuracy\":12.0,\"time\":1795226400,\"source\":\"gps\"},\"posture\":{\"lockScreen\":"
      "true,"
      "\"rooted\":false,\"attestation\":\"x\"}},\"behaviourData\":{\"isProcessed\":true,\"answer\":1,"
      "\"answerConfidence\":"
      "0.93},\"val1\":\"" CHALLENGE "\",\"val2\":\"" CHALLENGE "\"}" },
    { "a cancellation", authentication_response,
      "{\"sessionId\":\"" SESSION "\",\"result\":2,\"challenge\":\"" CHALLENGE
      "\",\"counter\":0,\"detailedResults\":[]}" },
    { "answered", answered,
      "{\"status\":\"AUTHENTICATED\",\"sessionID\":\"" SESSION "\",\"identityToken\":{\"tokenId\":\"t\","
      "\"authenticationRequestTime\":1,\"authenticationGrantedTime\":2,\"expirationTime\":3}}" },
    { "answered, to be tried again", answered,
      "{\"status\":\"REGISTERED\",\"sessionID\":\"" SESSION "\",\"retries\":4}" },
    { "a question", status_request, "{\"sessionId\":\"" SESSION "\",\"wait\":25}" },
    { "a status: authenticated", session_status,
      "{\"sessionId\":\"" SESSION "\",\"status\":\"AUTHENTICATED\",\"authenticated\":true,\"expiration\":1795226700000,"
      "\"authTime\":1795226400,\"aal\":3,\"vot\":\"Cb.Ce\",\"vtm\":\"https://example.org/vtm\",\"vtrSatisfied\":0,"
      "\"identityToken\":{\"tokenId\":\"t\",\"subject\":\"pairwise-x\"},\"identityTokenSignature\":\"a.b.c\","
      "\"carrier\":"
      "{\"vot\":\"Cb.Ce\",\"authTime\":1795226400,\"expiry\":1795226700,\"aal\":3,\"keyId\":\"k\",\"signature\":"
      "\"AAEC\"}}" },
    { "a status: pending", session_status,
      "{\"sessionId\":\"" SESSION "\",\"status\":\"REGISTERED\",\"authenticated\":false,\"interval\":2}" },
    { "a question for notifications", notifications_request, "{\"wait\":5}" },
    { "notifications", notifications,
      "{\"notifications\":[{\"type\":\"authenticate\",\"sessionId\":\"" SESSION "\",\"expiration\":1795226520000}]}" },
    { "no notifications", notifications, "{\"notifications\":[]}" },
    { "a command", session_command, "{\"sessionId\":\"" SESSION "\",\"ref\":\"ST1\"}" },
    { "a state", session_state, "{\"sessionId\":\"" SESSION "\",\"status\":\"CONSUMED\"}" },
    { "evidence of a terminal", submit_evidence,
      "{\"sessionId\":\"" SESSION
      "\",\"terminalId\":\"ATM00001\",\"terminalSession\":\"AAEC\",\"mdoc\":{\"deviceResponse\":"
      "\"AAEC\",\"sessionTranscript\":\"AAEC\"},\"readerSignature\":\"AAEC\",\"readerCertificate\":\"AAEC\"}" },
    { "enrolled", enrolled,
      "{\"profileId\":\"p\",\"deviceId\":\"d\",\"userId\":\"u\",\"clientCertificate\":[\"AAEC\",\"AAED\"],"
      "\"intrusionKey\":"
      "\"" CHALLENGE "\",\"otpSeed\":\"AAEC\",\"counter\":7}" },
    { "a renewal", renew, "{\"sessionId\":\"" SESSION "\",\"certificateRequest\":\"AAEC\"}" },
    { "an unlocking", device_command, "{\"otp\":\"123456\",\"pin\":\"123456\"}" },
    { "a device's state", device_state, "{\"deviceStatus\":\"ACTIVATED\"}" },
};

static void
is_written_as_it_was_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(whole); i++) {
        uint8_t room[4096];
        carnet_buf out = carnet_buf_of(room, sizeof(room));
        carnet_err err = { 0 };
        const carnet_rc rc = whole[i].run(carnet_str_of(whole[i].text), &out, &err);

        if (rc != CARNET_OK || !carnet_str_is(carnet_buf_str(&out), whole[i].text))
            fail_msg("%s: %s %s %s\n%.*s", whole[i].what, carnet_rc_name(rc), err.path, err.reason, (int)out.len,
                     (const char *)room);
    }
}

static const struct {
    const char *what;
    both_ways *run;
    const char *text;
    carnet_rc rc;
    const char *path;
} refused[] = {
    { "nothing", authentication_start, "", CARNET_E_JSON_SYNTAX, "" },
    { "a list", authentication_start, "[]", CARNET_E_BOPS_MESSAGE, "" },
    { "no user", authentication_start, "{\"deviceId\":\"d\"}", CARNET_E_BOPS_MESSAGE, "userId" },
    { "an empty user", authentication_start, "{\"userId\":\"\",\"deviceId\":\"d\"}", CARNET_E_BOPS_MESSAGE, "userId" },
    { "a user twice", authentication_start, "{\"userId\":\"u\",\"userId\":\"v\",\"deviceId\":\"d\"}",
      CARNET_E_JSON_KEY_TWICE, "" },
    { "a user who is a number", authentication_start, "{\"userId\":1,\"deviceId\":\"d\"}", CARNET_E_BOPS_MESSAGE,
      "userId" },
    { "nine vectors", authentication_start,
      "{\"userId\":\"u\",\"deviceId\":\"d\",\"vtr\":[\"C0\",\"C0\",\"C0\",\"C0\",\"C0\",\"C0\",\"C0\",\"C0\",\"C0\"]}",
      CARNET_E_BOPS_MESSAGE, "vtr" },
    { "a vector that is none", authentication_start, "{\"userId\":\"u\",\"deviceId\":\"d\",\"vtr\":[\"C0\",7]}",
      CARNET_E_BOPS_MESSAGE, "vtr[1]" },
    { "a level of 4", authentication_start, "{\"userId\":\"u\",\"deviceId\":\"d\",\"aal\":4}", CARNET_E_BOPS_MESSAGE,
      "aal" },
    { "an unknown type", authentication_start, "{\"userId\":\"u\",\"deviceId\":\"d\",\"sessionType\":\"SMS\"}",
      CARNET_E_BOPS_MESSAGE, "sessionType" },
    { "an amount too long", authentication_start,
      "{\"userId\":\"u\",\"deviceId\":\"d\",\"transaction\":{\"amount\":\"0000000200000\"}}", CARNET_E_BOPS_MESSAGE,
      "transaction.amount" },
    { "a session that is too long", register_session, "{\"sessionId\":\"" SESSION "x\"}", CARNET_E_BOPS_MESSAGE,
      "sessionId" },
    { "a session not of base64url", register_session, "{\"sessionId\":\"a+b/\"}", CARNET_E_BOPS_MESSAGE, "sessionId" },
    { "a vector from the device", authentication_response,
      "{\"sessionId\":\"" SESSION "\",\"result\":1,\"challenge\":\"" CHALLENGE "\",\"counter\":1,\"vot\":\"Cg\"}",
      CARNET_E_BOPS_VECTOR, "" },
    { "a request for vectors deep in what is not known", authentication_response,
      "{\"sessionId\":\"" SESSION "\",\"result\":1,\"challenge\":\"" CHALLENGE
      "\",\"counter\":1,\"extraValues\":{\"a\":[{\"b\":"
      "{\"vtr\":[]}}]}}",
      CARNET_E_BOPS_VECTOR, "" },
    { "a trustmark in a detail", authentication_response,
      "{\"sessionId\":\"" SESSION "\",\"result\":1,\"challenge\":\"" CHALLENGE
      "\",\"counter\":1,\"detailedResults\":[{\"method\":\"FACE\",\"status\":true,\"vtm\":\"x\"}]}",
      CARNET_E_BOPS_VECTOR, "" },
    { "a result of 3", authentication_response,
      "{\"sessionId\":\"" SESSION "\",\"result\":3,\"challenge\":\"" CHALLENGE "\",\"counter\":1}",
      CARNET_E_BOPS_MESSAGE, "result" },
    { "a counter below 0", authentication_response,
      "{\"sessionId\":\"" SESSION "\",\"result\":1,\"challenge\":\"" CHALLENGE "\",\"counter\":-1}",
      CARNET_E_BOPS_MESSAGE, "counter" },
    { "a matcher that is none", authentication_response,
      "{\"sessionId\":\"" SESSION "\",\"result\":1,\"challenge\":\"" CHALLENGE
      "\",\"counter\":1,\"detailedResults\":[{\"method\":\"FACE\",\"status\":true,\"matcher\":\"CLOUD\"}]}",
      CARNET_E_BOPS_MESSAGE, "detailedResults[0].matcher" },
    { "a place that is none", authentication_response,
      "{\"sessionId\":\"" SESSION "\",\"result\":1,\"challenge\":\"" CHALLENGE
      "\",\"counter\":1,\"context\":{\"location\":{\"latitude\":1e300,\"longitude\":0,\"accuracy\":1}}}",
      CARNET_E_BOPS_MESSAGE, "context.location.latitude" },
    { "a way that is empty", registered,
      "{\"sessionId\":\"" SESSION "\",\"status\":\"REGISTERED\",\"acceptable\":[[]],\"challenge\":\"" CHALLENGE
      "\",\"counter\":1}",
      CARNET_E_BOPS_MESSAGE, "acceptable[0]" },
    { "a method that is none", registered,
      "{\"sessionId\":\"" SESSION
      "\",\"status\":\"REGISTERED\",\"acceptable\":[[\"PIN\"],[1]],\"challenge\":\"" CHALLENGE "\",\"counter\":1}",
      CARNET_E_BOPS_MESSAGE, "acceptable[1][0]" },
    { "a status that is none", session_status,
      "{\"sessionId\":\"" SESSION "\",\"status\":\"MAYBE\",\"authenticated\":false}", CARNET_E_BOPS_MESSAGE, "status" },
    { "a carrier without its signature", session_status,
      "{\"sessionId\":\"" SESSION
      "\",\"status\":\"AUTHENTICATED\",\"authenticated\":true,\"carrier\":{\"vot\":\"Cb\",\"authTime\":"
      "1,\"expiry\":2,\"aal\":1,\"keyId\":\"k\"}}",
      CARNET_E_BOPS_MESSAGE, "carrier.signature" },
    { "no certificate", enrolled, "{\"deviceId\":\"d\",\"clientCertificate\":[]}", CARNET_E_BOPS_MESSAGE,
      "clientCertificate" },
    { "evidence without a document", submit_evidence,
      "{\"sessionId\":\"" SESSION "\",\"terminalId\":\"A\",\"terminalSession\":\"AA\",\"readerSignature\":\"AA\"}",
      CARNET_E_BOPS_MESSAGE, "mdoc" },
};

static void
refuses_what_a_message_may_not_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(refused); i++) {
        uint8_t room[4096];
        carnet_buf out = carnet_buf_of(room, sizeof(room));
        carnet_err err = { 0 };
        const carnet_rc rc = refused[i].run(carnet_str_of(refused[i].text), &out, &err);

        if (rc != refused[i].rc || strcmp(err.path, refused[i].path) != 0)
            fail_msg("%s: %s %s %s", refused[i].what, carnet_rc_name(rc), err.path, err.reason);
    }
}

static void
survives_every_prefix(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(whole); i++)
        for (size_t len = 0; len < strlen(whole[i].text); len++) {
            uint8_t room[4096];
            carnet_buf out = carnet_buf_of(room, sizeof(room));

            assert_int_not_equal(whole[i].run((carnet_str){ whole[i].text, len }, &out, NULL), CARNET_OK);
        }
}

static void
ignores_members_that_are_not_known_and_null(void **state)
{
    carnet_bops_authentication_start m;

    (void)state;
    assert_int_equal(
        carnet_bops_authentication_start_read(
            carnet_str_of("{\"userId\":\"u\",\"deviceId\":\"d\",\"new\":{\"vot\":1},\"parentSession\":null}"), &m,
            NULL),
        CARNET_OK);
    assert_int_equal(m.parent_session.len, 0);
    carnet_bops_authentication_start_close(&m);
    assert_null(m.document);
}

/* What the device signs before it writes is what the provider finds after it has read, however members are ordered. */
static void
signs_the_same_at_both_ends(void **state)
{
    const char *text =
        "{\"counter\":42,\"detailedResults\":[ {\"status\":true,\"pad\":{\"performed\":true,\"ref\":\"M\\u007f\\n\","
        "\"passed\":true},\"method\":\"FINGERPRINT\",\"matcher\":\"LOCAL\",\"attempts\":1} ],\"result\":1,"
        "\"challenge\":\"" CHALLENGE "\",\"sessionId\":\"" SESSION "\"}";
    const carnet_bops_authentication_response made = {
        .session_id = carnet_str_of(SESSION),
        .result = 1,
        .challenge = carnet_str_of(CHALLENGE),
        .counter = 42,
        .details = { { .method = carnet_str_of("FINGERPRINT"),
                       .matcher = CARNET_BOPS_MATCHER_LOCAL,
                       .status = true,
                       .attempts = 1,
                       .pad = true,
                       .pad_performed = true,
                       .pad_passed = true,
                       .pad_ref = { "M\x7f\n", 3 } } },
        .detail_count = 1,
    };
    carnet_bops_authentication_response got;
    uint8_t a[2048], b[2048];
    carnet_buf one = carnet_buf_of(a, sizeof(a)), two = carnet_buf_of(b, sizeof(b));

    (void)state;
    assert_int_equal(carnet_bops_authentication_response_read(carnet_str_of(text), &got, NULL), CARNET_OK);
    assert_int_equal(carnet_bops_signed_payload(&got, carnet_str_of("Withdraw"), &crypto, &one, NULL), CARNET_OK);
    assert_int_equal(carnet_bops_signed_payload(&made, carnet_str_of("Withdraw"), &crypto, &two, NULL), CARNET_OK);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(a, b, one.len);
    assert_true(carnet_str_starts(carnet_buf_str(&one), "P1940-AR1\n" SESSION "\n" CHALLENGE "\n42\n1\n"));
    carnet_bops_authentication_response_close(&got);
}

static void
intrusion_values_depend_on_all_that_goes_in(void **state)
{
    const carnet_span key = { (const uint8_t *)"0123456789abcdef0123456789abcdef", 32 };
    uint8_t room[4][64];
    carnet_buf v[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        v[i] = carnet_buf_of(room[i], sizeof(room[i]));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(carnet_bops_intrusion_value(key, i == 1 ? 43 : 42, carnet_str_of(i == 2 ? "other" : SESSION),
                                                     carnet_str_of(CHALLENGE), &crypto, &v[i], NULL),
                         CARNET_OK);
    assert_int_equal(
        carnet_bops_intrusion_value(key, 42, carnet_str_of(SESSION), carnet_str_of(CHALLENGE), &crypto, &v[3], NULL),
        CARNET_OK);
    assert_int_equal(v[0].len, CARNET_BOPS_INTRUSION);
    assert_memory_equal(room[0], room[3], CARNET_BOPS_INTRUSION);
    assert_memory_not_equal(room[0], room[1], CARNET_BOPS_INTRUSION);
    assert_memory_not_equal(room[0], room[2], CARNET_BOPS_INTRUSION);
}

static carnet_bops_register_account
enrolling(const carnet_public_key *key)
{
    return (carnet_bops_register_account){
        .name = carnet_str_of("Ann's"),
        .os = carnet_str_of("o"),
        .external_id = carnet_str_of("e"),
        .push_reg_id = carnet_str_of("push"),
        .member_external_id = carnet_str_of("bank-a"),
        .certificate_request = carnet_str_of("AAEC"),
        .authenticators = { { .name = carnet_str_of("SA-KEY-1"),
                              .kind = CARNET_BOPS_KEY_SECURE_AREA,
                              .key = key,
                              .proof = carnet_str_of("AAED") },
                            { .name = carnet_str_of("FIDO-1"),
                              .kind = CARNET_BOPS_KEY_FIDO,
                              .key = key,
                              .credential_id = carnet_str_of("AAEE") } },
        .authenticator_count = 2,
        .key_attestation = carnet_str_of("a.b.c"),
        .mcd = carnet_str_of("AAEF"),
        .pin = carnet_str_of("123456"),
    };
}

static void
an_enrolment_carries_the_devices_keys(void **state)
{
    static uint8_t room[4096];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_bops_register_account got;
    carnet_jwk jwk;
    carnet_key pair;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &pair, NULL), NULL);
    const carnet_bops_register_account made = enrolling(&pair.public_key);
    assert_carnet_ok(carnet_bops_register_account_write(&made, &out, &err), &err);
    assert_carnet_ok(carnet_bops_register_account_read(carnet_buf_str(&out), &got, &err), &err);
    assert_str_is(got.name, "Ann's");
    assert_str_is(got.certificate_request, "AAEC");
    assert_str_is(got.member_external_id, "bank-a");
    assert_str_is(got.pin, "123456");
    assert_int_equal(got.authenticator_count, 2);
    assert_str_is(got.authenticators[0].proof, "AAED");
    assert_int_equal(got.authenticators[1].kind, CARNET_BOPS_KEY_FIDO);
    assert_str_is(got.authenticators[1].credential_id, "AAEE");
    assert_carnet_ok(carnet_jwk_read(got.authenticators[1].jwk, &crypto, &jwk, &err), &err);
    assert_true(carnet_public_key_equal(&jwk.key, &pair.public_key));
    carnet_bops_register_account_close(&got);
    for (size_t len = 0; len < out.len; len++)
        assert_int_not_equal(carnet_bops_register_account_read((carnet_str){ (const char *)room, len }, &got, NULL),
                             CARNET_OK);
    carnet_key_done(&pair);
}

#define KEY "{\"authenticator\":\"k\",\"kind\":\"SA\",\"publicKey\":{}}"

static void
refuses_enrolments_that_are_none(void **state)
{
    static const struct {
        const char *text, *path;
    } none[] = {
        { "{}", "certificateRequest" },
        { "{\"certificateRequest\":\"A+B/\"}", "certificateRequest" },
        { "{\"certificateRequest\":\"AA\",\"authenticators\":{}}", "authenticators" },
        { "{\"certificateRequest\":\"AA\",\"authenticators\":[{\"kind\":\"SA\",\"publicKey\":{}}]}",
          "authenticators[0].authenticator" },
        { "{\"certificateRequest\":\"AA\",\"authenticators\":[{\"authenticator\":\"k\",\"kind\":\"HSM\","
          "\"publicKey\":{}}]}",
          "authenticators[0].kind" },
        { "{\"certificateRequest\":\"AA\",\"authenticators\":[" KEY ",{\"authenticator\":\"k\",\"kind\":\"SA\"}]}",
          "authenticators[1].publicKey" },
        { "{\"certificateRequest\":\"AA\",\"authenticators\":[" KEY "," KEY "," KEY "," KEY "," KEY "," KEY "," KEY
          "," KEY "," KEY "]}",
          "authenticators" },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(none); i++) {
        carnet_bops_register_account got;
        carnet_err err = { 0 };

        if (carnet_bops_register_account_read(carnet_str_of(none[i].text), &got, &err) != CARNET_E_BOPS_MESSAGE ||
            strcmp(err.path, none[i].path) != 0)
            fail_msg("%zu: %s %s", i, err.path, err.reason);
        assert_null(got.document);
    }
}

static void
a_key_proves_itself_for_one_request(void **state)
{
    uint8_t room[2][128];
    carnet_buf one = carnet_buf_of(room[0], 128), two = carnet_buf_of(room[1], 128);

    (void)state;
    assert_carnet_ok(
        carnet_bops_key_proof_payload(carnet_str_of("SA-KEY-1"), CARNET_TEST_BYTES("abc"), &crypto, &one, NULL), NULL);
    assert_carnet_ok(
        carnet_bops_key_proof_payload(carnet_str_of("SA-KEY-1"), CARNET_TEST_BYTES("abd"), &crypto, &two, NULL), NULL);
    assert_true(
        carnet_str_starts(carnet_buf_str(&one), "P1940-KEY1\nSA-KEY-1\nungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"));
    assert_false(carnet_str_equal(carnet_buf_str(&one), carnet_buf_str(&two)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_written_as_it_was_read),
        cmocka_unit_test(refuses_what_a_message_may_not_be),
        cmocka_unit_test(survives_every_prefix),
        cmocka_unit_test(ignores_members_that_are_not_known_and_null),
        cmocka_unit_test(signs_the_same_at_both_ends),
        cmocka_unit_test(intrusion_values_depend_on_all_that_goes_in),
        cmocka_unit_test(an_enrolment_carries_the_devices_keys),
        cmocka_unit_test(refuses_enrolments_that_are_none),
        cmocka_unit_test(a_key_proves_itself_for_one_request),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
