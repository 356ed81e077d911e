/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of RSA: verified as others made them, refused when anything differs (RFC 8017 8; RFC 7518 3.3, 3.5, 6.3.1). */
#include "carnet/crypto_rsa.h"
#include "rsa_vectors.h"
#include "support/crypto.h"
#include "support/support.h"

#include <string.h>

#define E_8192 "800000000000001d"

static const carnet_span message = { (const uint8_t *)"what is signed", 14 };

static carnet_rsa_key
key_of(const char *modulus, const char *exponent)
{
    return (carnet_rsa_key){ carnet_test_hex(modulus), carnet_test_hex(exponent) };
}

static const struct {
    const char *modulus, *exponent, *signature;
    carnet_rsa_algorithm algorithm;
} good[] = {
    { N_2048, "010001", RS256_2048, CARNET_RS256 }, { N_2048, "010001", RS384_2048, CARNET_RS384 },
    { N_2048, "010001", RS512_2048, CARNET_RS512 }, { N_2048, "010001", PS256_2048, CARNET_PS256 },
    { N_2048, "010001", PS384_2048, CARNET_PS384 }, { N_2048, "010001", PS512_2048, CARNET_PS512 },
    { N_2049, "03", RS256_2049, CARNET_RS256 },     { N_2049, "03", PS256_2049, CARNET_PS256 },
    { N_8192, E_8192, RS512_8192, CARNET_RS512 },
};

static void
what_openssl_signed_verifies_by_its_own_algorithm_alone(void **state)
{
    static const carnet_rsa_algorithm all[] = { CARNET_RS256,    CARNET_RS384,
                                                CARNET_RS512,    CARNET_PS256,
                                                CARNET_PS384,    CARNET_PS512,
                                                CARNET_RSA_NONE, (carnet_rsa_algorithm)CARNET_ES256 };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(good); i++) {
        const carnet_rsa_key key = key_of(good[i].modulus, good[i].exponent);
        const carnet_span signature = carnet_test_copy(carnet_test_hex(good[i].signature));

        for (size_t j = 0; j < CARNET_COUNT(all); j++) {
            carnet_err err = { 0 };
            const carnet_rc rc = carnet_rsa_verify(&crypto, &key, all[j], &message, 1, signature, &err);

            assert_carnet_rc(rc, all[j] == good[i].algorithm ? CARNET_OK
                                 : j < 6                     ? CARNET_E_CRYPTO_SIGNATURE
                                                             : CARNET_E_CRYPTO_UNSUPPORTED);
            assert_int_equal(err.rc, rc);
        }
    }
}

static void
a_message_may_come_in_parts_and_none_may_be_missing(void **state)
{
    const carnet_span parts[] = { { message.ptr, 4 }, { NULL, 0 }, { message.ptr + 4, 10 } };
    const carnet_rsa_key key = key_of(N_2048, "010001");
    const carnet_span signature = carnet_test_hex(PS256_2048);

    (void)state;
    assert_carnet_ok(carnet_rsa_verify(&crypto, &key, CARNET_PS256, parts, 3, signature, NULL), NULL);
    assert_carnet_rc(carnet_rsa_verify(&crypto, &key, CARNET_PS256, parts, 2, signature, NULL),
                     CARNET_E_CRYPTO_SIGNATURE);
    assert_carnet_rc(carnet_rsa_verify(&crypto, &key, CARNET_PS256, NULL, 0, signature, NULL),
                     CARNET_E_CRYPTO_SIGNATURE);
}

/* The key and algorithm of what is mutated. */
typedef struct mutation {
    carnet_rsa_key key;
    carnet_rsa_algorithm algorithm;
    carnet_span signature; /* NULL: it is what is mutated */
    size_t refused;
} mutation;

static void
refuse(carnet_span bytes, void *context)
{
    mutation *m = context;
    const carnet_span *text = m->signature.ptr != NULL ? &bytes : &message;
    const carnet_span signature = m->signature.ptr != NULL ? m->signature : bytes;

    assert_carnet_rc(carnet_rsa_verify(&crypto, &m->key, m->algorithm, text, 1, signature, NULL),
                     CARNET_E_CRYPTO_SIGNATURE);
    m->refused++;
}

static void
each_bit_of_a_signature_and_of_its_message_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < 6; i += 3) {
        const carnet_span signature = carnet_test_hex(good[i].signature);
        mutation m = { key_of(N_2048, "010001"), good[i].algorithm, { 0 }, 0 };

        carnet_test_every_bit(signature, refuse, &m);
        carnet_test_every_prefix(signature, refuse, &m);
        m.signature = signature;
        carnet_test_every_bit(message, refuse, &m);
        assert_int_equal(m.refused, 9 * signature.len + 8 * message.len);
    }
}

static void
refuse_key(carnet_span bytes, void *context)
{
    mutation *m = context;
    const carnet_rsa_key key = { bytes, m->key.exponent };

    assert_int_not_equal(carnet_rsa_verify(&crypto, &key, m->algorithm, &message, 1, m->signature, NULL), CARNET_OK);
    m->refused++;
}

static void
another_key_verifies_nothing(void **state)
{
    mutation m = { key_of(N_2048, "010001"), CARNET_RS256, carnet_test_hex(RS256_2048), 0 };
    const carnet_rsa_key other = key_of(N_2048, "03");

    (void)state;
    carnet_test_every_bit(m.key.modulus, refuse_key, &m);
    assert_int_equal(m.refused, 2048);
    assert_carnet_rc(carnet_rsa_verify(&crypto, &other, CARNET_RS256, &message, 1, m.signature, NULL),
                     CARNET_E_CRYPTO_SIGNATURE);
}

static void
other_salts_paddings_and_digests_are_refused(void **state)
{
    static const struct {
        const char *signature;
        carnet_rsa_algorithm algorithm;
    } cases[] = { { SALT_20, CARNET_PS256 },   { SALT_0, CARNET_PS256 }, { MGF_SHA1, CARNET_PS256 },
                  { SHA1, CARNET_RS256 },      { BARE, CARNET_RS256 },   { PS256_2048, CARNET_RS256 },
                  { RS256_2048, CARNET_PS256 } };
    const carnet_rsa_key key = key_of(N_2048, "010001");

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        assert_carnet_rc(carnet_rsa_verify(&crypto, &key, cases[i].algorithm, &message, 1,
                                           carnet_test_hex(cases[i].signature), NULL),
                         CARNET_E_CRYPTO_SIGNATURE);
}

/* A number that is the same modulo the key is another signature all the same (RFC 8017 5.2.2). */
static void
a_signature_is_smaller_than_its_modulus(void **state)
{
    const carnet_rsa_key key = key_of(N_2049, "03");
    const carnet_span signature = carnet_test_hex(RS256_2049);
    uint8_t room[257];
    unsigned sum = 0;

    (void)state;
    assert_int_equal(key.modulus.len, sizeof(room));
    for (size_t i = sizeof(room); i-- > 0; sum >>= 8) {
        sum += (unsigned)key.modulus.ptr[i] + signature.ptr[i];
        room[i] = (uint8_t)sum;
    }
    assert_int_equal(sum, 0);
    assert_carnet_rc(
        carnet_rsa_verify(&crypto, &key, CARNET_RS256, &message, 1, carnet_span_of(room, sizeof(room)), NULL),
        CARNET_E_CRYPTO_SIGNATURE);
    assert_carnet_rc(carnet_rsa_verify(&crypto, &key, CARNET_RS256, &message, 1, key.modulus, NULL),
                     CARNET_E_CRYPTO_SIGNATURE);
    memset(room, 0, sizeof(room));
    for (int i = 0; i < 2; i++, room[256] = 1)
        assert_carnet_rc(
            carnet_rsa_verify(&crypto, &key, CARNET_RS256, &message, 1, carnet_span_of(room, sizeof(room)), NULL),
            CARNET_E_CRYPTO_SIGNATURE);
}

static void
keys_too_short_too_long_or_malformed_are_refused(void **state)
{
    static uint8_t wide[1025];
    static const struct {
        const char *modulus, *exponent, *reason;
    } cases[] = {
        { "", "010001", "modulus, or no exponent" },
        { N_2048, "", "modulus, or no exponent" },
        { "00" N_2048, "010001", "begins with a zero" },
        { N_2048, "00010001", "begins with a zero" },
        { N_2048, "00", "begins with a zero" },
        { N_1024, "010001", "less than 2048 bits" },
        { N_2047, "010001", "less than 2048 bits" },
        { N_8192 "01", "010001", "or more than 8192" },
        { N_2048 "00", "010001", "is even" },
        { N_2048, "02", "is even" },
        { N_2048, "01", "or 1" },
        { N_2048, "010000", "is even" },
        { N_2048, "010000000000000001", "64 bits" },
    };
    carnet_rsa_key key;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_err err = { 0 };

        key = key_of(cases[i].modulus, cases[i].exponent);
        assert_carnet_rc(carnet_rsa_key_check(&key, &err), CARNET_E_CRYPTO_KEY);
        assert_non_null(strstr(err.reason, cases[i].reason));
        assert_carnet_rc(carnet_rsa_verify(&crypto, &key, CARNET_RS256, &message, 1, key.modulus, NULL),
                         CARNET_E_CRYPTO_KEY);
    }
    for (size_t bits = 2040; bits <= 2056; bits++) { /* the boundary is one of bits */
        const size_t len = (bits + 7) / 8;

        memset(wide, 0xff, sizeof(wide));
        wide[0] = (uint8_t)(0xff >> (8 * len - bits));
        key = (carnet_rsa_key){ { wide, len }, carnet_test_hex("03") };
        assert_carnet_rc(carnet_rsa_key_check(&key, NULL), bits < 2048 ? CARNET_E_CRYPTO_KEY : CARNET_OK);
    }
    wide[0] = 0xff;
    key.modulus.len = 1024;
    assert_carnet_ok(carnet_rsa_key_check(&key, NULL), NULL);
    key.modulus.len = 1025;
    assert_carnet_rc(carnet_rsa_key_check(&key, NULL), CARNET_E_CRYPTO_KEY);
    key = key_of(N_2048, "ffffffffffffffff");
    assert_carnet_ok(carnet_rsa_key_check(&key, NULL), NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_openssl_signed_verifies_by_its_own_algorithm_alone),
        cmocka_unit_test(a_message_may_come_in_parts_and_none_may_be_missing),
        cmocka_unit_test(each_bit_of_a_signature_and_of_its_message_counts),
        cmocka_unit_test(another_key_verifies_nothing),
        cmocka_unit_test(other_salts_paddings_and_digests_are_refused),
        cmocka_unit_test(a_signature_is_smaller_than_its_modulus),
        cmocka_unit_test(keys_too_short_too_long_or_malformed_are_refused),
    };

    return cmocka_run_group_tests_name("crypto/rsa", tests, begin, end);
}
