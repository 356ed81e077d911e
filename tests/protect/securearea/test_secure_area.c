/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/secure_area.h"
#include "support/support.h"

/* A kind of area with nothing but a name and one curve. */
static bool
curve_at(carnet_secure_area *area, size_t i, carnet_secure_area_curve *curve)
{
    (void)area;
    if (i != 0)
        return false;
    *curve = (carnet_secure_area_curve){ CARNET_CURVE_P256, CARNET_KEY_SIGN, false };
    return true;
}

static carnet_rc
create(carnet_secure_area *area, const carnet_key_order *orders, size_t count, carnet_key_description *keys,
       carnet_err *err)
{
    (void)area;
    (void)orders;
    keys[count - 1].usage = 1;
    return carnet_fail(err, CARNET_E_AREA_FULL, NULL, NULL);
}

static const carnet_secure_area_ops bare = {
    .size = sizeof(carnet_secure_area_ops), .name = "bare", .curve = curve_at, .create = create
};
/* One that was compiled before there was more than a name and curves. */
static const carnet_secure_area_ops old = {
    .size = offsetof(carnet_secure_area_ops, create), .name = "old", .curve = curve_at, .create = create
};

static void
everything_fails(carnet_secure_area *area, carnet_rc expected)
{
    carnet_key_identifier identifier = { "x", 1 };
    carnet_key_description description;
    carnet_key key = { .usage = 7 };
    carnet_buf out = { 0 };
    const char *format = "";
    size_t found = 7;

    assert_carnet_rc(carnet_secure_area_open(area, &identifier, &key, NULL), expected);
    assert_int_equal(key.usage, 0);
    assert_carnet_rc(carnet_secure_area_destroy(area, &identifier, 1, NULL), expected);
    assert_carnet_rc(carnet_secure_area_list(area, 0, &description, 1, &found, NULL), expected);
    assert_int_equal(found, 0);
    assert_carnet_rc(carnet_secure_area_attest(area, &identifier, 1, (carnet_span){ 0 }, &out, &format, NULL),
                     expected);
    assert_null(format);
    carnet_secure_area_done(area);
    assert_string_equal(carnet_secure_area_name(area), "none");
}

static void
a_closed_area_does_nothing(void **state)
{
    carnet_secure_area area = { 0 };
    carnet_key_order order = { CARNET_CURVE_P256, CARNET_KEY_SIGN, { { 0 }, 0 } };
    carnet_key_description made = { .usage = 7 };

    (void)state;
    assert_carnet_rc(carnet_secure_area_create(&area, &order, 1, &made, NULL), CARNET_E_USAGE);
    assert_int_equal(made.usage, 0);
    assert_false(carnet_secure_area_can(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN));
    everything_fails(&area, CARNET_E_USAGE);
}

static void
what_a_kind_lacks_is_unsupported(void **state)
{
    carnet_secure_area area = { &bare, NULL };

    (void)state;
    everything_fails(&area, CARNET_E_CRYPTO_UNSUPPORTED);
    area = (carnet_secure_area){ &old, NULL };
    everything_fails(&area, CARNET_E_CRYPTO_UNSUPPORTED);
}

static void
orders_are_held_against_what_is_announced(void **state)
{
    carnet_secure_area area = { &bare, NULL }, older = { &old, NULL };
    carnet_key_order order = { CARNET_CURVE_P256, CARNET_KEY_SIGN, { { 0 }, 0 } };
    carnet_key_description made;

    (void)state;
    assert_true(carnet_secure_area_can(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN));
    assert_false(carnet_secure_area_can(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN | CARNET_KEY_AGREE));
    assert_false(carnet_secure_area_can(&area, CARNET_CURVE_P256, 0));
    assert_false(carnet_secure_area_can(&area, CARNET_CURVE_P384, CARNET_KEY_SIGN));
    assert_carnet_rc(carnet_secure_area_create(&area, &order, 1, &made, NULL), CARNET_E_AREA_FULL);
    assert_int_equal(made.usage, 0);
    assert_carnet_rc(carnet_secure_area_create(&older, &order, 1, &made, NULL), CARNET_E_CRYPTO_UNSUPPORTED);
    order.curve = CARNET_CURVE_P384;
    assert_carnet_rc(carnet_secure_area_create(&area, &order, 1, &made, NULL), CARNET_E_CRYPTO_UNSUPPORTED);
    order = (carnet_key_order){ CARNET_CURVE_P256, CARNET_KEY_SIGN, { { 0 }, 33 } };
    assert_carnet_rc(carnet_secure_area_create(&area, &order, 1, &made, NULL), CARNET_E_USAGE);
}

static void
identifiers_are_of_1_to_32_octets(void **state)
{
    uint8_t bytes[33] = { 1 };
    carnet_key_identifier a = carnet_key_identifier_of(carnet_span_of(bytes, 32)),
                          b = carnet_key_identifier_of(carnet_span_of(bytes, 31));

    (void)state;
    assert_int_equal(a.len, 32);
    assert_int_equal(carnet_key_identifier_of(carnet_span_of(bytes, 33)).len, 0);
    assert_int_equal(carnet_key_identifier_of((carnet_span){ 0 }).len, 0);
    assert_true(carnet_key_identifier_equal(&a, &a));
    assert_false(carnet_key_identifier_equal(&a, &b));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_closed_area_does_nothing),
        cmocka_unit_test(what_a_kind_lacks_is_unsupported),
        cmocka_unit_test(orders_are_held_against_what_is_announced),
        cmocka_unit_test(identifiers_are_of_1_to_32_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
