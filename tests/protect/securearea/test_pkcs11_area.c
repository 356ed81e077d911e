/* SPDX-License-Identifier: Apache-2.0 */
/* A token in software (SoftHSM), made in a directory of the test's own. */
#include "carnet/pkcs11_area.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"

static carnet_crypto crypto;
static char directory[64];
static carnet_key_description listed[64];
static const carnet_pkcs11_parameters token = { MODULE, "carnet test", { (const uint8_t *)"1234", 4 } };

static int
begin(void **state)
{
    char command[512], conf[128];
    FILE *file;

    (void)state;
    if (access(MODULE, R_OK) != 0 || carnet_crypto_init(&crypto, NULL) != CARNET_OK)
        return 0;
    (void)snprintf(directory, sizeof(directory), "/tmp/carnet-token-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    (void)snprintf(conf, sizeof(conf), "%s/conf", directory);
    file = fopen(conf, "w");
    if (file == NULL)
        return -1;
    fprintf(file, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", directory);
    (void)fclose(file);
    (void)setenv("SOFTHSM2_CONF", conf, 1);
    (void)snprintf(command, sizeof(command),
                   "softhsm2-util --init-token --free --label 'carnet test' --so-pin 12345678 --pin 1234 >/dev/null");
    return system(command) == 0 ? 0 : -1;
}

static int
end(void **state)
{
    char command[128];

    (void)state;
    if (directory[0] == '\0')
        return 0;
    carnet_crypto_done(&crypto);
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", directory);
    return system(command);
}

static void
need_token(void)
{
    if (directory[0] == '\0')
        carnet_test_skip("no SoftHSM on this machine");
}

static void
open_area(carnet_secure_area *area)
{
    carnet_err err = { 0 };

    need_token();
    assert_carnet_ok(carnet_pkcs11_area_open(&token, &crypto, area, &err), &err);
}

static carnet_key_description
make(carnet_secure_area *area, carnet_curve curve, unsigned usage)
{
    const carnet_key_order order = { .curve = curve, .usage = usage };
    carnet_key_description made;
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_secure_area_create(area, &order, 1, &made, &err), &err);
    assert_int_equal(made.identifier.len, 16);
    return made;
}

static void
keys_of_every_curve_announced_sign_and_agree(void **state)
{
    carnet_secure_area area;
    carnet_secure_area_curve curve;
    size_t seen = 0;

    (void)state;
    open_area(&area);
    for (; carnet_secure_area_curve_at(&area, seen, &curve); seen++) {
        const carnet_span message = CARNET_TEST_BYTES("signed in a token");
        const carnet_curve_info *info = carnet_curve_get(curve.curve);
        const carnet_key_description made = make(&area, curve.curve, curve.usage);
        carnet_key key, other;
        carnet_signature signature;
        carnet_secret here, there;
        carnet_err err = { 0 };

        assert_carnet_ok(carnet_secure_area_open(&area, &made.identifier, &key, &err), &err);
        assert_true(carnet_public_key_equal(&key.public_key, &made.public_key));
        assert_int_equal(key.usage, curve.usage);
        assert_carnet_ok(carnet_key_sign(&key, &crypto, info->algorithm, &message, 1, &signature, &err), &err);
        assert_carnet_ok(carnet_verify(&crypto, &key.public_key, info->algorithm, &message, 1,
                                       carnet_span_of(signature.bytes, signature.len), &err),
                         &err);
        assert_carnet_ok(carnet_software_key_generate(&crypto, curve.curve, CARNET_KEY_AGREE, &other, &err), &err);
        assert_carnet_ok(carnet_key_agree(&key, &crypto, &other.public_key, &there, &err), &err);
        assert_carnet_ok(carnet_key_agree(&other, &crypto, &key.public_key, &here, &err), &err);
        assert_span_equal(carnet_span_of(here.bytes, here.len), carnet_span_of(there.bytes, there.len));
        carnet_key_done(&other);
        carnet_key_done(&key);
    }
    assert_in_range(seen, 3, 7);
    carnet_secure_area_done(&area);
}

/* One in 256 is; what a token makes of it differs. */
static void
a_secret_that_begins_with_zeros_is_as_long_as_any(void **state)
{
    carnet_secure_area area;
    carnet_key_description made;
    carnet_key key, other;
    carnet_secret here, there;
    carnet_err err = { 0 };
    bool found = false;

    (void)state;
    open_area(&area);
    made = make(&area, CARNET_CURVE_P256, CARNET_KEY_AGREE);
    assert_carnet_ok(carnet_secure_area_open(&area, &made.identifier, &key, &err), &err);
    for (int tries = 0; tries < 10000 && !found; tries++) {
        assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_AGREE, &other, &err),
                         &err);
        assert_carnet_ok(carnet_key_agree(&other, &crypto, &key.public_key, &here, &err), &err);
        found = here.bytes[0] == 0;
        if (found) {
            assert_carnet_ok(carnet_key_agree(&key, &crypto, &other.public_key, &there, &err), &err);
            assert_span_equal(carnet_span_of(there.bytes, there.len), carnet_span_of(here.bytes, here.len));
            carnet_secret_done(&there);
        }
        carnet_secret_done(&here);
        carnet_key_done(&other);
    }
    assert_true(found);
    carnet_key_done(&key);
    carnet_secure_area_done(&area);
}

/* A point that begins as a DER OCTET STRING of its own length does. */
static bool
begins_as_der(const carnet_public_key *key)
{
    uint8_t point[133];
    const size_t len = carnet_public_key_point(key, point);

    return point[1] == (len - 2 < 0x80 ? len - 2 : 0x81);
}

static void
points_that_could_be_der_are_agreed_with(void **state)
{
    carnet_secure_area area;
    carnet_secure_area_curve curve;
    carnet_err err = { 0 };

    (void)state;
    open_area(&area);
    for (size_t n = 0; carnet_secure_area_curve_at(&area, n, &curve); n++) {
        const carnet_key_description made = make(&area, curve.curve, CARNET_KEY_AGREE);
        carnet_key key, other;
        carnet_secret here, there;
        int tries = 0;

        if (curve.curve == CARNET_CURVE_P521) /* its points begin with 0 or 1 */
            continue;
        for (;; tries++) {
            assert_carnet_ok(carnet_software_key_generate(&crypto, curve.curve, CARNET_KEY_AGREE, &other, &err), &err);
            if (tries == 10000 || begins_as_der(&other.public_key))
                break;
            carnet_key_done(&other);
        }
        assert_in_range(tries, 0, 9999);
        assert_carnet_ok(carnet_secure_area_open(&area, &made.identifier, &key, &err), &err);
        assert_carnet_ok(carnet_key_agree(&key, &crypto, &other.public_key, &there, &err), &err);
        assert_carnet_ok(carnet_key_agree(&other, &crypto, &key.public_key, &here, &err), &err);
        assert_span_equal(carnet_span_of(there.bytes, there.len), carnet_span_of(here.bytes, here.len));
        carnet_key_done(&other);
        carnet_key_done(&key);
    }
    carnet_secure_area_done(&area);
}

static void
keys_stay_until_they_are_destroyed(void **state)
{
    carnet_secure_area area;
    carnet_key_description made;
    carnet_key_identifier identifier;
    carnet_key key;
    size_t found, before;

    (void)state;
    open_area(&area);
    assert_carnet_ok(carnet_secure_area_list(&area, 0, listed, 64, &before, NULL), NULL);
    made = make(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN);
    carnet_secure_area_done(&area);
    open_area(&area);
    assert_carnet_ok(carnet_secure_area_list(&area, 0, listed, 64, &found, NULL), NULL);
    assert_int_equal(found, before + 1);
    assert_carnet_ok(carnet_secure_area_open(&area, &made.identifier, &key, NULL), NULL);
    assert_int_equal(key.usage, CARNET_KEY_SIGN);
    carnet_key_done(&key);
    identifier = made.identifier;
    assert_carnet_ok(carnet_secure_area_destroy(&area, &identifier, 1, NULL), NULL);
    assert_carnet_rc(carnet_secure_area_destroy(&area, &identifier, 1, NULL), CARNET_E_AREA_KEY_ABSENT);
    assert_carnet_rc(carnet_secure_area_open(&area, &identifier, &key, NULL), CARNET_E_AREA_KEY_ABSENT);
    assert_carnet_ok(carnet_secure_area_list(&area, 0, listed, 64, &found, NULL), NULL);
    assert_int_equal(found, before);
    carnet_secure_area_done(&area);
}

static void
a_batch_is_made_whole_or_not_at_all(void **state)
{
    carnet_key_order orders[] = { { .curve = CARNET_CURVE_P256, .usage = CARNET_KEY_SIGN },
                                  { .curve = CARNET_CURVE_P256, .usage = CARNET_KEY_SIGN },
                                  { .curve = CARNET_CURVE_P384, .usage = CARNET_KEY_SIGN } };
    carnet_key_description keys[3];
    carnet_secure_area area;
    size_t before, found;

    (void)state;
    open_area(&area);
    assert_carnet_ok(carnet_secure_area_create(&area, orders, 3, keys, NULL), NULL);
    assert_int_equal(keys[2].public_key.curve, CARNET_CURVE_P384);
    assert_false(carnet_key_identifier_equal(&keys[0].identifier, &keys[1].identifier));
    assert_carnet_ok(carnet_secure_area_list(&area, 0, listed, 64, &before, NULL), NULL);
    orders[2].identifier = keys[0].identifier;
    assert_carnet_rc(carnet_secure_area_create(&area, orders, 3, keys, NULL), CARNET_E_AREA_KEY_TWICE);
    assert_int_equal(keys[0].identifier.len, 0);
    assert_carnet_ok(carnet_secure_area_list(&area, 0, listed, 64, &found, NULL), NULL);
    assert_int_equal(found, before);
    carnet_secure_area_done(&area);
}

static void
a_key_does_only_what_it_was_made_for(void **state)
{
    const carnet_span message = CARNET_TEST_BYTES("no");
    carnet_key_description signs, agrees;
    carnet_secure_area area;
    carnet_key key;
    carnet_signature signature;
    carnet_secret shared;

    (void)state;
    open_area(&area);
    signs = make(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN);
    agrees = make(&area, CARNET_CURVE_P256, CARNET_KEY_AGREE);
    assert_carnet_ok(carnet_secure_area_open(&area, &signs.identifier, &key, NULL), NULL);
    assert_carnet_rc(carnet_key_agree(&key, &crypto, &agrees.public_key, &shared, NULL), CARNET_E_CRYPTO_POLICY);
    carnet_key_done(&key);
    assert_carnet_ok(carnet_secure_area_open(&area, &agrees.identifier, &key, NULL), NULL);
    assert_carnet_rc(carnet_key_sign(&key, &crypto, CARNET_ES256, &message, 1, &signature, NULL),
                     CARNET_E_CRYPTO_POLICY);
    carnet_key_done(&key);
    carnet_secure_area_done(&area);
}

static void
a_private_key_cannot_be_had(void **state)
{
    uint8_t room[512];
    carnet_buf out = carnet_buf_of(room, sizeof(room));
    carnet_key_description made;
    carnet_secure_area area;
    carnet_key key;
    const char *format;

    (void)state;
    open_area(&area);
    made = make(&area, CARNET_CURVE_P256, CARNET_KEY_SIGN);
    assert_carnet_ok(carnet_secure_area_open(&area, &made.identifier, &key, NULL), NULL);
    assert_carnet_rc(carnet_software_key_to_der(&key, &out, NULL), CARNET_E_CRYPTO_POLICY);
    assert_int_equal(out.len, 0);
    assert_carnet_rc(carnet_secure_area_attest(&area, &made.identifier, 1, CARNET_TEST_BYTES("c"), &out, &format, NULL),
                     CARNET_E_CRYPTO_UNSUPPORTED);
    carnet_key_done(&key);
    carnet_secure_area_done(&area);
}

static void
what_does_not_open_says_why(void **state)
{
    static const struct {
        const char *module, *label, *pin;
        carnet_rc expected;
    } cases[] = {
        { "/nonexistent.so", "carnet test", "1234", CARNET_E_AREA_STORAGE },
        { "libc.so.6", "carnet test", "1234", CARNET_E_AREA_STORAGE },
        { MODULE, "another", "1234", CARNET_E_AREA_STORAGE },
        { MODULE, "carnet test", "4321", CARNET_E_SEALED_PASSPHRASE },
        { MODULE, "carnet test", "", CARNET_E_USAGE },
        { MODULE, NULL, "1234", CARNET_OK },
    };

    (void)state;
    need_token();
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        const carnet_pkcs11_parameters parameters = { cases[i].module, cases[i].label,
                                                      carnet_str_bytes(carnet_str_of(cases[i].pin)) };
        carnet_secure_area area;
        carnet_err err = { 0 };
        carnet_rc rc = carnet_pkcs11_area_open(&parameters, &crypto, &area, &err);

        assert_carnet_rc(rc, cases[i].expected);
        assert_true(rc == CARNET_OK || (area.ops == NULL && err.reason[0] != '\0'));
        carnet_secure_area_done(&area);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_every_curve_announced_sign_and_agree),
        cmocka_unit_test(a_secret_that_begins_with_zeros_is_as_long_as_any),
        cmocka_unit_test(points_that_could_be_der_are_agreed_with),
        cmocka_unit_test(keys_stay_until_they_are_destroyed),
        cmocka_unit_test(a_batch_is_made_whole_or_not_at_all),
        cmocka_unit_test(a_key_does_only_what_it_was_made_for),
        cmocka_unit_test(a_private_key_cannot_be_had),
        cmocka_unit_test(what_does_not_open_says_why),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
