/* SPDX-License-Identifier: Apache-2.0 */
/* Certification requests: made, opened, verified, and refused when anything of them is another. */
#include "carnet/certification_request.h"
#include "support/support.h"

#include <string.h>

static carnet_crypto crypto;
static carnet_key key;
static uint8_t room[1024];

static int
begin(void **state)
{
    (void)state;
    return carnet_crypto_init(&crypto, NULL) == CARNET_OK &&
                   carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &key, NULL) == CARNET_OK
               ? 0
               : -1;
}

static int
end(void **state)
{
    (void)state;
    carnet_key_done(&key);
    carnet_crypto_done(&crypto);
    return 0;
}

static carnet_span
make(const carnet_name_parts *subject, carnet_key *by)
{
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_certification_request_build(subject, by, &crypto, &out, &err), &err);
    return carnet_buf_span(&out);
}

static void
what_was_made_opens_and_verifies(void **state)
{
    static const carnet_curve curves[] = { CARNET_CURVE_P256, CARNET_CURVE_P384, CARNET_CURVE_P521,
                                           CARNET_CURVE_ED25519, CARNET_CURVE_BRAINPOOL_P256R1 };
    const carnet_name_parts subject = { .common_name = carnet_str_of("a phone") };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(curves); i++) {
        carnet_certification_request request;
        carnet_name_value name;
        carnet_key one;
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_software_key_generate(&crypto, curves[i], CARNET_KEY_SIGN, &one, &err), &err);
        assert_carnet_ok(carnet_certification_request_open(make(&subject, &one), &request, &err), &err);
        assert_true(carnet_public_key_equal(&request.public_key, &one.public_key));
        assert_true(carnet_name_get(request.subject, CARNET_NAME_COMMON_NAME, &name));
        assert_true(carnet_str_is(name.text, "a phone"));
        assert_carnet_ok(carnet_certification_request_verify(&request, &crypto, &err), &err);
        carnet_key_done(&one);
    }
}

static void
a_request_needs_no_subject(void **state)
{
    carnet_certification_request request;
    carnet_err err = { 0 };

    (void)state;
    assert_carnet_ok(carnet_certification_request_open(make(&(carnet_name_parts){ 0 }, &key), &request, &err), &err);
    assert_int_equal(request.subject.len, 2);
    assert_int_equal(request.attributes.len, 0);
    assert_carnet_ok(carnet_certification_request_verify(&request, &crypto, &err), &err);
}

static void
no_bit_of_it_may_be_another(void **state)
{
    const carnet_span made = make(&(carnet_name_parts){ .common_name = carnet_str_of("p") }, &key);
    uint8_t bytes[sizeof(room)];

    (void)state;
    for (size_t bit = 0; bit < made.len * 8; bit++) {
        carnet_certification_request request;
        carnet_err err = { 0 };

        memcpy(bytes, made.ptr, made.len);
        bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        if (carnet_certification_request_open(carnet_span_of(bytes, made.len), &request, &err) != CARNET_OK) {
            assert_true(err.offset <= made.len);
            assert_int_equal(request.der.len, 0);
            continue;
        }
        assert_int_not_equal(carnet_certification_request_verify(&request, &crypto, &err), CARNET_OK);
    }
}

static void
none_of_its_beginnings_is_a_request(void **state)
{
    const carnet_span made = make(&(carnet_name_parts){ .common_name = carnet_str_of("p") }, &key);

    (void)state;
    for (size_t len = 0; len < made.len; len++) {
        carnet_certification_request request;
        carnet_err err = { 0 };

        assert_int_not_equal(carnet_certification_request_open(carnet_span_of(made.ptr, len), &request, &err),
                             CARNET_OK);
        assert_true(err.offset <= len);
    }
}

static void
another_version_is_refused(void **state)
{
    const carnet_span made = make(&(carnet_name_parts){ .common_name = carnet_str_of("p") }, &key);
    carnet_certification_request request;
    carnet_err err = { 0 };
    uint8_t bytes[sizeof(room)];

    (void)state;
    memcpy(bytes, made.ptr, made.len);
    for (size_t i = 0; i + 3 < made.len; i++)
        if (bytes[i] == 2 && bytes[i + 1] == 1 && bytes[i + 2] == 0) {
            bytes[i + 2] = 1;
            break;
        }
    assert_int_equal(carnet_certification_request_open(carnet_span_of(bytes, made.len), &request, &err),
                     CARNET_E_X509_STRUCTURE);
    assert_string_equal(err.clause, "RFC 2986 4.1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_made_opens_and_verifies), cmocka_unit_test(a_request_needs_no_subject),
        cmocka_unit_test(no_bit_of_it_may_be_another),      cmocka_unit_test(none_of_its_beginnings_is_a_request),
        cmocka_unit_test(another_version_is_refused),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
