/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of every curve: made, verified, and refused when anything differs. */
#include "carnet/crypto.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

static const uint8_t text[] = "what is signed";
static const carnet_span message = { text, sizeof(text) };
static const carnet_span parts[] = { { text, 4 }, { NULL, 0 }, { text + 4, sizeof(text) - 4 } };
static const carnet_signature_algorithm algorithms[] = { CARNET_ES256, CARNET_ES384, CARNET_ES512, CARNET_EDDSA };

static carnet_span
span(const carnet_signature *signature)
{
    return carnet_span_of(signature->bytes, signature->len);
}

/* The next curve that signs, with a fresh key on it; NULL after the last. */
static const carnet_curve_info *
next(size_t *at, carnet_key *key)
{
    const carnet_curve_info *info = carnet_curve_at(*at);

    while (info != NULL && info->signature == 0)
        info = carnet_curve_at(++*at);
    if (info != NULL)
        assert_carnet_ok(carnet_software_key_generate(&crypto, info->curve, CARNET_KEY_SIGN, key, NULL), NULL);
    ++*at;
    return info;
}

static void
verifies_what_each_curve_and_algorithm_signs(void **state)
{
    const carnet_curve_info *info;
    carnet_signature signature;
    carnet_key key;

    (void)state;
    for (size_t at = 0; (info = next(&at, &key)) != NULL; carnet_key_done(&key)) {
        for (size_t i = 0; i < CARNET_COUNT(algorithms); i++) {
            const carnet_rc rc = carnet_key_sign(&key, &crypto, algorithms[i], &message, 1, &signature, NULL);

            if (info->okp != (algorithms[i] == CARNET_EDDSA)) {
                assert_carnet_rc(rc, CARNET_E_CRYPTO_MISMATCH);
                assert_int_equal(signature.len, 0);
                assert_carnet_rc(carnet_verify(&crypto, &key.public_key, algorithms[i], &message, 1,
                                               (carnet_span){ text, info->signature }, NULL),
                                 CARNET_E_CRYPTO_MISMATCH);
                continue;
            }
            assert_carnet_ok(rc, NULL);
            assert_int_equal(signature.len, info->signature);
            assert_carnet_ok(carnet_verify(&crypto, &key.public_key, algorithms[i], parts, 3, span(&signature), NULL),
                             NULL);
            assert_carnet_rc(carnet_verify(&crypto, &key.public_key, algorithms[i], parts, 2, span(&signature), NULL),
                             CARNET_E_CRYPTO_SIGNATURE);
        }
    }
}

static void
signs_parts_and_nothing_as_well(void **state)
{
    const carnet_curve_info *info;
    carnet_signature signature;
    carnet_key key;

    (void)state;
    for (size_t at = 0; (info = next(&at, &key)) != NULL; carnet_key_done(&key)) {
        assert_carnet_ok(carnet_key_sign(&key, &crypto, info->algorithm, parts, 3, &signature, NULL), NULL);
        assert_carnet_ok(carnet_verify(&crypto, &key.public_key, info->algorithm, &message, 1, span(&signature), NULL),
                         NULL);
        assert_carnet_ok(carnet_key_sign(&key, &crypto, info->algorithm, NULL, 0, &signature, NULL), NULL);
        assert_carnet_ok(carnet_verify(&crypto, &key.public_key, info->algorithm, &parts[1], 1, span(&signature), NULL),
                         NULL);
    }
}

typedef struct signed_by {
    const carnet_public_key *key;
    carnet_signature_algorithm algorithm;
} signed_by;

static void
refuse_changed(carnet_span signature, void *context)
{
    const signed_by *by = context;

    assert_carnet_rc(carnet_verify(&crypto, by->key, by->algorithm, &message, 1, signature, NULL),
                     CARNET_E_CRYPTO_SIGNATURE);
}

static void
refuses_every_changed_bit_and_every_other_length(void **state)
{
    const carnet_curve_info *info;
    carnet_signature signature;
    carnet_key key;

    (void)state;
    for (size_t at = 0; (info = next(&at, &key)) != NULL; carnet_key_done(&key)) {
        signed_by by = { &key.public_key, info->algorithm };

        assert_carnet_ok(carnet_key_sign(&key, &crypto, info->algorithm, &message, 1, &signature, NULL), NULL);
        carnet_test_every_prefix(span(&signature), refuse_changed, &by);
        if (info->curve == CARNET_CURVE_P256 || info->okp)
            carnet_test_every_bit(span(&signature), refuse_changed, &by);
    }
}

static void
refuses_a_longer_signature(void **state)
{
    uint8_t longer[CARNET_SIGNATURE_MAX + 1] = { 0 };
    const carnet_curve_info *info;
    carnet_signature signature;
    carnet_key key;

    (void)state;
    for (size_t at = 0; (info = next(&at, &key)) != NULL; carnet_key_done(&key)) {
        signed_by by = { &key.public_key, info->algorithm };

        assert_carnet_ok(carnet_key_sign(&key, &crypto, info->algorithm, &message, 1, &signature, NULL), NULL);
        memcpy(longer, signature.bytes, signature.len);
        refuse_changed((carnet_span){ longer, signature.len + 1 }, &by);
    }
}

static void
refuses_another_key_and_a_key_that_is_none(void **state)
{
    const carnet_curve_info *info;
    carnet_signature signature;
    carnet_key key, other;

    (void)state;
    for (size_t at = 0, other_at = 0; (info = next(&at, &key)) != NULL; carnet_key_done(&key)) {
        assert_non_null(next(&other_at, &other));
        assert_carnet_ok(carnet_key_sign(&key, &crypto, info->algorithm, &message, 1, &signature, NULL), NULL);
        assert_carnet_rc(
            carnet_verify(&crypto, &other.public_key, info->algorithm, &message, 1, span(&signature), NULL),
            CARNET_E_CRYPTO_SIGNATURE);
        if (!info->okp) {
            other.public_key.y[info->coordinate - 1] ^= 1;
            assert_carnet_rc(
                carnet_verify(&crypto, &other.public_key, info->algorithm, &message, 1, span(&signature), NULL),
                CARNET_E_CRYPTO_KEY);
        }
        other.public_key.curve = (carnet_curve)99;
        assert_carnet_rc(
            carnet_verify(&crypto, &other.public_key, info->algorithm, &message, 1, span(&signature), NULL),
            CARNET_E_CRYPTO_UNSUPPORTED);
        carnet_key_done(&other);
    }
}

/* More keys than stay ready, in turn and at random, so that one kept too long would show. */
static void
keeps_the_keys_of_many_signers_apart(void **state)
{
    enum { SIGNERS = 7, ROUNDS = 300 };
    carnet_signature signatures[SIGNERS];
    carnet_key keys[SIGNERS];
    carnet_test_seed seed = { 11 };

    (void)state;
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &keys[i], NULL),
                         NULL);
        assert_carnet_ok(carnet_key_sign(&keys[i], &crypto, CARNET_ES256, &message, 1, &signatures[i], NULL), NULL);
    }
    for (size_t round = 0; round < ROUNDS; round++) {
        const size_t key = carnet_test_number(&seed) % SIGNERS, by = carnet_test_number(&seed) % SIGNERS;
        carnet_public_key bad = keys[key].public_key;

        assert_carnet_rc(
            carnet_verify(&crypto, &keys[key].public_key, CARNET_ES256, &message, 1, span(&signatures[by]), NULL),
            key == by ? CARNET_OK : CARNET_E_CRYPTO_SIGNATURE);
        bad.x[31] ^= 1;
        assert_carnet_rc(carnet_public_key_check(&crypto, &bad, NULL), CARNET_E_CRYPTO_KEY);
    }
    for (size_t i = 0; i < SIGNERS; i++)
        carnet_key_done(&keys[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_what_each_curve_and_algorithm_signs),
        cmocka_unit_test(signs_parts_and_nothing_as_well),
        cmocka_unit_test(refuses_every_changed_bit_and_every_other_length),
        cmocka_unit_test(refuses_a_longer_signature),
        cmocka_unit_test(refuses_another_key_and_a_key_that_is_none),
        cmocka_unit_test(keeps_the_keys_of_many_signers_apart),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
