/* SPDX-License-Identifier: Apache-2.0 */
/* The phone's end of a session without a provider: what it can do, in which order, and what is kept before anything leaves. */
#include "carnet/authenticator.h"

#include "carnet/otp.h"
#include "support/support.h"

#include <string.h>

#define SESSION "EBESExQVFhcYGRobHB0eHw"

typedef struct device {
    carnet_authenticator_device can;
    carnet_enrolment enrolment, kept; /* kept: on the disk */
    carnet_authenticator a;
    unsigned keeps, asserted;
    bool disk_is_full, verify_user;
    unsigned presented;
    carnet_device_outcome shows;
    const char *request; /* for a document */
} device;

static carnet_crypto crypto;
static device d;
static uint8_t storage[CARNET_AUTHENTICATOR_STORAGE];
static carnet_bops_authentication_response said;

static carnet_device_outcome
yes(void *self, const carnet_bops_registered *session)
{
    (void)self;
    (void)session;
    return CARNET_DEVICE_DONE;
}

static carnet_rc
keep(void *self, const carnet_enrolment *enrolment, carnet_err *err)
{
    device *x = self;

    if (x->disk_is_full)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    x->kept = *enrolment;
    x->keeps++;
    return CARNET_OK;
}

static carnet_device_outcome
type_pin(void *self, carnet_str *value)
{
    (void)self;
    *value = carnet_str_of("471147");
    return CARNET_DEVICE_DONE;
}

static carnet_device_outcome
assert_fido(void *self, carnet_str challenge, bool verify_user, carnet_bops_fido *fido)
{
    device *x = self;

    assert_int_equal(challenge.len, CARNET_BOPS_CHALLENGE);
    x->asserted++;
    x->verify_user = verify_user;
    *fido = (carnet_bops_fido){ carnet_str_of("AAAA"), carnet_str_of("AAAA"), carnet_str_of("AAAA"),
                                carnet_str_of("AAAA") };
    return CARNET_DEVICE_DONE;
}

static carnet_time
now(void *self)
{
    (void)self;
    return 59; /* RFC 6238 Appendix B */
}

static int
begin(void **state)
{
    (void)state;
    d = (device){ .can = { .struct_size = sizeof(d.can), .self = &d, .approve = yes, .keep_counters = keep } };
    memcpy(d.enrolment.otp_seed, "12345678901234567890", 20); /* RFC 4226 Appendix D */
    d.enrolment.otp_seed_len = 20;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK ? 0 : -1;
}

static int
end(void **state)
{
    (void)state;
    carnet_bops_authentication_response_close(&said);
    carnet_authenticator_done(&d.a);
    carnet_crypto_done(&crypto);
    return 0;
}

static carnet_bops_way
way_of(const char *first, const char *second)
{
    return (carnet_bops_way){ .methods = { carnet_str_of(first), carnet_str_of(second != NULL ? second : "") },
                              .count = second != NULL ? 2 : 1 };
}

/* Take a session on that is answered by these ways; what the device says to it is in `said`. */
static carnet_rc
answer(const carnet_bops_way *ways, size_t count)
{
    static char challenge[CARNET_BOPS_CHALLENGE + 1];
    static uint8_t room[CARNET_BOPS_MAX];
    carnet_buf text = carnet_buf_of(room, sizeof(room));
    carnet_bops_registered registered = { .session_id = carnet_str_of(SESSION),
                                          .status = CARNET_BOPS_REGISTERED,
                                          .challenge = { challenge, CARNET_BOPS_CHALLENGE },
                                          .counter = d.enrolment.counter + 1,
                                          .acceptable_count = count,
                                          .mdoc_request = carnet_str_of(d.request),
                                          .provider_id = carnet_str_of("https://idp.example"),
                                          .expiration = 1000 };
    carnet_rc rc;

    memset(challenge, 'A', CARNET_BOPS_CHALLENGE);
    memcpy(registered.acceptable, ways, count * sizeof(*ways));
    assert_carnet_ok(carnet_bops_registered_write(&registered, &text, NULL), NULL);
    assert_carnet_ok(carnet_authenticator_begin(&d.a, carnet_str_of(SESSION), NULL, &d.enrolment, &d.can, &crypto,
                                                carnet_buf_of(storage, sizeof(storage)), NULL),
                     NULL);
    rc = carnet_authenticator_feed(&d.a, 200, carnet_buf_str(&text), NULL);
    carnet_bops_authentication_response_close(&said);
    if (d.a.action == CARNET_AUTHENTICATOR_SEND)
        assert_carnet_ok(carnet_bops_authentication_response_read(
                             (carnet_str){ (const char *)d.a.request.body.ptr, d.a.request.body.len }, &said, NULL),
                         NULL);
    return rc;
}

static void
a_password_by_time_is_of_its_time(void **state)
{
    const carnet_bops_way way = way_of("OTP", NULL);

    (void)state;
    d.can.now = now;
    assert_carnet_ok(answer(&way, 1), NULL);
    assert_str_is(said.otp_type, "TOTP");
    assert_str_is(said.otp_value, "287082");
    assert_int_equal(d.kept.otp_next, 0);
}

static void
passwords_by_counter_need_no_clock_and_are_kept_before_they_leave(void **state)
{
    static const char *const values[] = { "755224", "287082", "359152" }; /* RFC 4226 Appendix D */
    const carnet_bops_way way = way_of("OTP", NULL);

    (void)state;
    d.enrolment.otp_counts = true;
    for (size_t i = 0; i < CARNET_COUNT(values); i++) {
        assert_carnet_ok(answer(&way, 1), NULL);
        assert_str_is(said.otp_type, "HOTP");
        assert_str_is(said.otp_value, values[i]);
        assert_int_equal(d.kept.otp_next, i + 1);
        assert_int_equal(d.kept.counter, i + 1);
        d.enrolment = d.kept; /* as after a loss of power */
    }
}

static void
nothing_leaves_that_could_not_be_kept(void **state)
{
    const carnet_bops_way way = way_of("OTP", NULL);

    (void)state;
    d.enrolment.otp_counts = true;
    d.disk_is_full = true;
    assert_carnet_rc(answer(&way, 1), CARNET_E_NO_SPACE);
    assert_int_equal(d.a.action, CARNET_AUTHENTICATOR_OVER);
    assert_int_equal(d.enrolment.counter, 0);
}

static void
without_clock_or_counter_there_is_no_password(void **state)
{
    const carnet_bops_way way = way_of("OTP", NULL);

    (void)state;
    assert_carnet_rc(answer(&way, 1), CARNET_E_AUTHENTICATOR_UNABLE);
    assert_int_equal(said.result, CARNET_BOPS_RESULT_FAILED);
    assert_int_equal(said.otp_value.len, 0);
    d.enrolment.otp_seed_len = 0;
    d.enrolment.otp_counts = true;
    assert_carnet_rc(answer(&way, 1), CARNET_E_AUTHENTICATOR_UNABLE);
}

static void
only_who_can_verify_its_user_is_asked_to(void **state)
{
    const carnet_bops_way ways[] = { way_of("FIDO_UV", NULL), way_of("FIDO", "PIN") };

    (void)state;
    d.can.assert_fido = assert_fido;
    d.can.pin = type_pin;
    assert_carnet_ok(answer(ways, 2), NULL);
    assert_false(d.verify_user);
    assert_int_equal(d.a.methods, CARNET_METHOD_FIDO | CARNET_METHOD_PIN);
    d.can.fido_verifies_user = true;
    assert_carnet_ok(answer(ways, 2), NULL);
    assert_true(d.verify_user);
    assert_int_equal(d.a.methods, CARNET_METHOD_FIDO_UV);
    assert_str_is(said.fido.credential_id, "AAAA");
    assert_int_equal(d.asserted, 2);
}

static carnet_device_outcome
present(void *self, carnet_span request, carnet_span transcript, carnet_buf *response)
{
    device *x = self;

    x->presented++;
    assert_int_equal(request.len, 1);
    assert_int_not_equal(transcript.len, 0);
    carnet_buf_add_text(response, "shown");
    return x->shows;
}

static void
a_document_is_shown_where_it_is_asked_for(void **state)
{
    const carnet_bops_way ways[] = { way_of("MDOC", "PIN"), way_of("PIN", NULL) };

    (void)state;
    d.can.pin = type_pin;
    d.can.present = present;
    assert_carnet_ok(answer(ways, 2), NULL); /* nobody asks for one */
    assert_int_equal(d.a.methods, CARNET_METHOD_PIN);
    assert_int_equal(d.presented, 0);
    d.request = "gA";
    assert_carnet_ok(answer(ways, 2), NULL);
    assert_int_equal(d.a.methods, CARNET_METHOD_MDOC | CARNET_METHOD_PIN);
    assert_int_equal(d.presented, 1);
    assert_str_is(said.device_response, "c2hvd24");
    d.shows = CARNET_DEVICE_UNABLE; /* it has none of these: another way does */
    assert_carnet_ok(answer(ways, 2), NULL);
    assert_int_equal(d.a.methods, CARNET_METHOD_PIN);
    assert_int_equal(said.device_response.len, 0);
}

static void
a_password_outside_a_session_moves_the_counter(void **state)
{
    char value[CARNET_OTP_DIGITS_MAX + 1];

    (void)state;
    assert_carnet_ok(carnet_enrolment_password(&d.enrolment, &crypto, 59, value, NULL), NULL);
    assert_string_equal(value, "287082");
    assert_int_equal(d.enrolment.otp_next, 0);
    d.enrolment.otp_counts = true;
    assert_carnet_ok(carnet_enrolment_password(&d.enrolment, &crypto, 59, value, NULL), NULL);
    assert_string_equal(value, "755224");
    assert_int_equal(d.enrolment.otp_next, 1);
}

static void
an_enrolment_says_which_passwords(void **state)
{
    static const struct {
        const char *more;
        carnet_rc rc;
        bool counts;
    } cases[] = {
        { "", CARNET_OK, false },
        { ",\"otpType\":\"TOTP\"", CARNET_OK, false },
        { ",\"otpType\":\"HOTP\"", CARNET_OK, true },
        { ",\"otpType\":\"hotp\"", CARNET_E_AUTHENTICATOR_ANSWER, false },
        { ",\"otpType\":1", CARNET_E_AUTHENTICATOR_ANSWER, false },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        size_t lengths[CARNET_BOPS_CERTIFICATES], count;
        uint8_t room[256];
        char text[512];
        carnet_buf der = carnet_buf_of(room, sizeof(room)), json = carnet_buf_of((uint8_t *)text, sizeof(text));
        carnet_enrolment enrolment;

        carnet_buf_add_text(&json, "{\"deviceId\":\"d\",\"clientCertificate\":[\"MAAA\"],\"intrusionKey\":"
                                   "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"otpSeed\":\"AAAA\"");
        carnet_buf_add_text(&json, cases[i].more);
        carnet_buf_add_text(&json, "}");
        assert_carnet_rc(carnet_enrolment_read(carnet_buf_str(&json), &enrolment, &der, lengths, &count, NULL),
                         cases[i].rc);
        assert_int_equal(enrolment.otp_counts, cases[i].counts);
    }
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(a_password_by_time_is_of_its_time),
        TEST(passwords_by_counter_need_no_clock_and_are_kept_before_they_leave),
        TEST(nothing_leaves_that_could_not_be_kept),
        TEST(without_clock_or_counter_there_is_no_password),
        TEST(only_who_can_verify_its_user_is_asked_to),
        TEST(a_document_is_shown_where_it_is_asked_for),
        TEST(a_password_outside_a_session_moves_the_counter),
        TEST(an_enrolment_says_which_passwords),
    };

    return cmocka_run_group_tests_name("authenticator", tests, NULL, NULL);
}
