/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/crypto.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

/* A fresh key's public half. */
static carnet_public_key
fresh(const carnet_curve_info *info)
{
    carnet_public_key public_key;
    carnet_key key;

    assert_carnet_ok(carnet_software_key_generate(&crypto, info->curve,
                                                  info->agrees ? CARNET_KEY_AGREE : CARNET_KEY_SIGN, &key, NULL),
                     NULL);
    public_key = key.public_key;
    carnet_key_done(&key);
    return public_key;
}

static void
refuse(carnet_curve curve, const uint8_t *point, size_t len)
{
    static const carnet_public_key none;
    carnet_public_key key;

    memset(&key, 0xee, sizeof(key));
    assert_carnet_rc(
        carnet_public_key_from_point(&crypto, curve, carnet_test_copy(carnet_span_of(point, len)), &key, NULL),
        CARNET_E_CRYPTO_KEY);
    assert_memory_equal(&key, &none, sizeof(key));
}

static void
takes_back_the_point_it_wrote_and_no_other_length(void **state)
{
    const carnet_curve_info *info;

    (void)state;
    for (size_t i = 0; (info = carnet_curve_at(i)) != NULL; i++) {
        const carnet_public_key key = fresh(info);
        carnet_public_key back;
        uint8_t point[134] = { 0 };
        const size_t len = carnet_public_key_point(&key, point);

        assert_int_equal(len, info->okp ? info->coordinate : 1 + 2 * (size_t)info->coordinate);
        assert_carnet_ok(carnet_public_key_from_point(&crypto, info->curve, carnet_span_of(point, len), &back, NULL),
                         NULL);
        assert_true(carnet_public_key_equal(&key, &back));
        assert_carnet_ok(carnet_public_key_check(&crypto, &back, NULL), NULL);
        for (size_t other = 0; other <= len + 1; other++)
            if (other != len)
                refuse(info->curve, point, other);
    }
}

static void
refuses_points_off_the_curve_and_other_forms(void **state)
{
    const carnet_curve_info *info;

    (void)state;
    for (size_t i = 0; (info = carnet_curve_at(i)) != NULL; i++) {
        const carnet_public_key key = fresh(info);
        uint8_t point[133], changed[133];
        const size_t len = carnet_public_key_point(&key, point);
        const uint8_t parity = point[len - 1] & 1;

        if (info->okp)
            continue;
        for (size_t bit = 8; bit < 8 * len; bit += 37) {
            memcpy(changed, point, len);
            changed[bit / 8] ^= (uint8_t)(1U << bit % 8);
            refuse(info->curve, changed, len);
        }
        memcpy(changed, point, len);
        for (unsigned form = 0; form < 256; form++) {
            changed[0] = (uint8_t)form;
            if (form != 0x04)
                refuse(info->curve, changed, len);
        }
        changed[0] = (uint8_t)(0x06 | parity); /* hybrid */
        refuse(info->curve, changed, len);
        memset(changed, 0, len); /* the neutral point, alone and at full length */
        refuse(info->curve, changed, 1);
        refuse(info->curve, changed, len);
        changed[0] = 0x04;
        refuse(info->curve, changed, len);
        memset(changed + 1, 0xff, len - 1); /* coordinates beyond the field */
        refuse(info->curve, changed, len);
    }
}

static void
refuses_a_point_of_another_curve(void **state)
{
    static const carnet_curve pairs[][2] = {
        { CARNET_CURVE_P256, CARNET_CURVE_BRAINPOOL_P256R1 },
        { CARNET_CURVE_BRAINPOOL_P256R1, CARNET_CURVE_P256 },
        { CARNET_CURVE_P384, CARNET_CURVE_BRAINPOOL_P384R1 },
        { CARNET_CURVE_BRAINPOOL_P384R1, CARNET_CURVE_P384 },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(pairs); i++) {
        carnet_public_key key = fresh(carnet_curve_get(pairs[i][0]));
        uint8_t point[133];

        refuse(pairs[i][1], point, carnet_public_key_point(&key, point));
        key.curve = pairs[i][1];
        assert_carnet_rc(carnet_public_key_check(&crypto, &key, NULL), CARNET_E_CRYPTO_KEY);
        key.curve = (carnet_curve)8;
        assert_carnet_rc(carnet_public_key_check(&crypto, &key, NULL), CARNET_E_CRYPTO_UNSUPPORTED);
        assert_int_equal(carnet_public_key_point(&key, point), 0);
        assert_false(carnet_public_key_equal(&key, &key));
    }
}

static void
finds_y_from_x_and_its_sign(void **state)
{
    const carnet_curve_info *info;

    (void)state;
    for (size_t i = 0; (info = carnet_curve_at(i)) != NULL; i++) {
        const carnet_public_key key = fresh(info);
        const carnet_span x = { key.x, info->coordinate };
        const bool odd = (key.y[info->coordinate - 1] & 1) != 0;
        carnet_public_key back;

        if (info->okp) {
            assert_carnet_rc(carnet_public_key_decompress(&crypto, info->curve, x, odd, &back, NULL),
                             CARNET_E_CRYPTO_UNSUPPORTED);
            continue;
        }
        assert_carnet_ok(carnet_public_key_decompress(&crypto, info->curve, x, odd, &back, NULL), NULL);
        assert_true(carnet_public_key_equal(&key, &back));
        assert_carnet_ok(carnet_public_key_decompress(&crypto, info->curve, x, !odd, &back, NULL), NULL);
        assert_memory_equal(back.x, key.x, info->coordinate);
        assert_memory_not_equal(back.y, key.y, info->coordinate);
        assert_carnet_ok(carnet_public_key_check(&crypto, &back, NULL), NULL);
    }
}

static void
refuses_an_x_that_no_point_has(void **state)
{
    /* x = 1 is none of P-256's: 1 - 3 + b is not a square. */
    carnet_span x = carnet_test_hex("0000000000000000000000000000000000000000000000000000000000000001");
    carnet_public_key key;

    (void)state;
    assert_carnet_rc(carnet_public_key_decompress(&crypto, CARNET_CURVE_P256, x, false, &key, NULL),
                     CARNET_E_CRYPTO_KEY);
    assert_int_equal(key.curve, CARNET_CURVE_NONE);
    x.len = 31;
    assert_carnet_rc(carnet_public_key_decompress(&crypto, CARNET_CURVE_P256, x, false, &key, NULL),
                     CARNET_E_CRYPTO_KEY);
    x = carnet_test_hex("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");
    assert_carnet_rc(carnet_public_key_decompress(&crypto, CARNET_CURVE_P256, x, true, &key, NULL),
                     CARNET_E_CRYPTO_KEY);
}

static void
tells_keys_apart_by_curve_and_by_each_coordinate(void **state)
{
    carnet_public_key a = fresh(carnet_curve_get(CARNET_CURVE_P256)), b = a;

    (void)state;
    b.x[40] ^= 1; /* beyond the coordinate: no part of the key */
    assert_true(carnet_public_key_equal(&a, &b));
    b.y[31] ^= 1;
    assert_false(carnet_public_key_equal(&a, &b));
    b = a;
    b.x[0] ^= 1;
    assert_false(carnet_public_key_equal(&a, &b));
    b = a;
    b.curve = CARNET_CURVE_BRAINPOOL_P256R1;
    assert_false(carnet_public_key_equal(&a, &b));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_back_the_point_it_wrote_and_no_other_length),
        cmocka_unit_test(refuses_points_off_the_curve_and_other_forms),
        cmocka_unit_test(refuses_a_point_of_another_curve),
        cmocka_unit_test(finds_y_from_x_and_its_sign),
        cmocka_unit_test(refuses_an_x_that_no_point_has),
        cmocka_unit_test(tells_keys_apart_by_curve_and_by_each_coordinate),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
