/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in DER, held against OpenSSL's own encoder and decoder. */
#include "carnet/crypto.h"
#include "support/crypto.h"
#include "support/support.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

static unsigned
usage_of(const carnet_curve_info *info)
{
    return info->agrees ? CARNET_KEY_AGREE : CARNET_KEY_SIGN;
}

/* A fresh key of OpenSSL's. */
static EVP_PKEY *
foreign(const carnet_curve_info *info)
{
    EVP_PKEY *pkey = info->okp ? EVP_PKEY_Q_keygen(NULL, NULL, info->name) : EVP_EC_gen(info->name);

    assert_non_null(pkey);
    return pkey;
}

/* What one of OpenSSL's i2d functions writes. */
static carnet_span
encoded(int (*i2d)(const EVP_PKEY *, unsigned char **), const EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    const int len = i2d(pkey, &der);
    carnet_span copy;

    assert_true(len > 0);
    copy = carnet_test_copy(carnet_span_of(der, (size_t)len));
    OPENSSL_free(der);
    return copy;
}

static int
i2d_pkcs8(const EVP_PKEY *pkey, unsigned char **der)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
    const int len = i2d_PKCS8_PRIV_KEY_INFO(info, der);

    PKCS8_PRIV_KEY_INFO_free(info);
    return len;
}

static void
reads_and_writes_public_keys_as_openssl_does(void **state)
{
    const carnet_curve_info *info;

    (void)state;
    for (size_t i = 0; (info = carnet_curve_at(i)) != NULL; i++) {
        EVP_PKEY *pkey = foreign(info);
        const carnet_span spki = encoded(i2d_PUBKEY, pkey);
        uint8_t bytes[200];
        carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));
        carnet_public_key key;

        assert_carnet_ok(carnet_public_key_from_spki(&crypto, spki, &key, NULL), NULL);
        assert_int_equal(key.curve, info->curve);
        assert_carnet_ok(carnet_public_key_to_spki(&key, &out, NULL), NULL);
        assert_span_equal(carnet_buf_span(&out), spki);
        for (size_t cap = 0; cap < spki.len; cap++) {
            out = carnet_buf_of(bytes, cap);
            assert_carnet_rc(carnet_public_key_to_spki(&key, &out, NULL), CARNET_E_NO_SPACE);
            assert_int_equal(out.len, 0);
        }
        EVP_PKEY_free(pkey);
    }
}

/* Refused, or a key that differs: a flipped bit in an OKP key's octets makes another key. */
static void
refuse_spki(carnet_span spki, void *context)
{
    const carnet_public_key *key = context;
    carnet_public_key got;
    const carnet_rc rc = carnet_public_key_from_spki(&crypto, spki, &got, NULL);

    if (rc == CARNET_OK) {
        assert_false(carnet_public_key_equal(&got, key));
        assert_true(carnet_curve_get(key->curve)->okp);
    } else {
        assert_true(rc == CARNET_E_CRYPTO_KEY || rc == CARNET_E_CRYPTO_UNSUPPORTED);
        assert_int_equal(got.curve, CARNET_CURVE_NONE);
    }
}

static void
refuses_public_keys_cut_or_changed(void **state)
{
    const carnet_curve_info *info;

    (void)state;
    for (size_t i = 0; (info = carnet_curve_at(i)) != NULL; i++) {
        EVP_PKEY *pkey = foreign(info);
        const carnet_span spki = encoded(i2d_PUBKEY, pkey);
        uint8_t longer[200] = { 0 };
        carnet_buf out = carnet_buf_of(longer, sizeof(longer));
        carnet_public_key key, got;

        assert_carnet_ok(carnet_public_key_from_spki(&crypto, spki, &key, NULL), NULL);
        carnet_test_every_prefix(spki, refuse_spki, &key);
        carnet_test_every_bit(spki, refuse_spki, &key);
        carnet_buf_add(&out, spki);
        carnet_buf_add_byte(&out, 0);
        assert_carnet_rc(carnet_public_key_from_spki(&crypto, carnet_buf_span(&out), &got, NULL), CARNET_E_CRYPTO_KEY);
        EVP_PKEY_free(pkey);
    }
}

static void
reads_a_compressed_public_key(void **state)
{
    /* P-256's generator, whose y is odd. */
    const carnet_span spki = carnet_test_hex("3039301306072a8648ce3d020106082a8648ce3d030107032200"
                                             "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
    carnet_public_key key;

    (void)state;
    assert_carnet_ok(carnet_public_key_from_spki(&crypto, spki, &key, NULL), NULL);
    assert_span_equal(carnet_span_of(key.y, 32),
                      carnet_test_hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"));
}

static void
refuses_public_keys_of_other_kinds(void **state)
{
    static const struct {
        const char *what, *der;
        carnet_rc rc;
    } cases[] = {
        { "secp256k1", "3015301006072a8648ce3d020106052b8104000a030100", CARNET_E_CRYPTO_UNSUPPORTED },
        { "Ed25519 with NULL parameters",
          "302c300706032b65700500032100"
          "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
          CARNET_E_CRYPTO_UNSUPPORTED },
        { "no algorithm", "3004030200ff", CARNET_E_CRYPTO_UNSUPPORTED },
        { "an unused bit",
          "302a300506032b6570032101"
          "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e0",
          CARNET_E_CRYPTO_KEY },
        { "an empty BIT STRING", "3009300506032b65700300", CARNET_E_CRYPTO_KEY },
        { "no point", "300a300506032b6570030100", CARNET_E_CRYPTO_KEY },
        { "the neutral point", "301a301306072a8648ce3d020106082a8648ce3d03010703030000", CARNET_E_CRYPTO_KEY },
        { "a length longer than needed",
          "30812a300506032b6570032100"
          "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1",
          CARNET_E_CRYPTO_KEY },
        { "an indefinite length",
          "3080300506032b6570032100"
          "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e10000",
          CARNET_E_CRYPTO_KEY },
    };
    carnet_public_key key;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++)
        assert_carnet_rc(carnet_public_key_from_spki(&crypto, carnet_test_hex(cases[i].der), &key, NULL), cases[i].rc);
}

static void
same_key(const carnet_key *key, const EVP_PKEY *pkey)
{
    const carnet_span spki = encoded(i2d_PUBKEY, pkey);
    carnet_public_key theirs;

    assert_carnet_ok(carnet_public_key_from_spki(&crypto, spki, &theirs, NULL), NULL);
    assert_true(carnet_public_key_equal(&key->public_key, &theirs));
}

static void
exchanges_private_keys_with_openssl(void **state)
{
    const carnet_curve_info *info;

    (void)state;
    for (size_t i = 0; (info = carnet_curve_at(i)) != NULL; i++) {
        EVP_PKEY *pkey = foreign(info), *back;
        uint8_t bytes[400];
        carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));
        const unsigned char *at = bytes;
        carnet_key key;

        assert_carnet_ok(carnet_software_key_from_der(&crypto, encoded(i2d_pkcs8, pkey), usage_of(info), &key, NULL),
                         NULL);
        same_key(&key, pkey);
        assert_carnet_ok(carnet_software_key_to_der(&key, &out, NULL), NULL);
        back = d2i_AutoPrivateKey(NULL, &at, (long)out.len);
        assert_non_null(back);
        assert_ptr_equal(at, bytes + out.len);
        same_key(&key, back);
        assert_int_equal(EVP_PKEY_eq(pkey, back), 1);
        carnet_key_done(&key);
        if (!info->okp) {
            assert_carnet_ok(
                carnet_software_key_from_der(&crypto, encoded(i2d_PrivateKey, pkey), usage_of(info), &key, NULL), NULL);
            same_key(&key, pkey);
            carnet_key_done(&key);
        }
        EVP_PKEY_free(pkey);
        EVP_PKEY_free(back);
    }
}

/* RFC 8410, 10.3: the second with an attribute and the public key. */
static const char ed25519[] = "302e020100300506032b657004220420"
                              "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
static const char ed25519_v2[] = "3072020101300506032b657004220420"
                                 "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"
                                 "a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273812100"
                                 "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";

static void
reads_the_private_keys_of_rfc_8410(void **state)
{
    carnet_key one, two;
    uint8_t bytes[100];
    carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));

    (void)state;
    assert_carnet_ok(carnet_software_key_from_der(&crypto, carnet_test_hex(ed25519), CARNET_KEY_SIGN, &one, NULL),
                     NULL);
    assert_carnet_ok(carnet_software_key_from_der(&crypto, carnet_test_hex(ed25519_v2), CARNET_KEY_SIGN, &two, NULL),
                     NULL);
    assert_true(carnet_public_key_equal(&one.public_key, &two.public_key));
    assert_span_equal(carnet_span_of(one.public_key.x, 32),
                      carnet_test_hex("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"));
    assert_carnet_ok(carnet_software_key_to_der(&two, &out, NULL), NULL);
    assert_span_equal(carnet_buf_span(&out), carnet_test_hex(ed25519));
    for (size_t cap = 0; cap < out.len; cap++) {
        carnet_buf small = carnet_buf_of(bytes, cap);

        assert_carnet_rc(carnet_software_key_to_der(&one, &small, NULL), CARNET_E_NO_SPACE);
        assert_int_equal(small.len, 0);
    }
    carnet_key_done(&one);
    carnet_key_done(&two);
}

/* P-256, scalar 1: the public key is the generator. */
#define SCALAR_1   "0000000000000000000000000000000000000000000000000000000000000001"
#define SCALAR_0   "0000000000000000000000000000000000000000000000000000000000000000"
#define P256_ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define GENERATOR                                                                                                      \
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315e" \
    "ce"                                                                                                               \
    "cbb6406837bf51f5"
#define OTHER_GENERATOR                                                                                                \
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296b01cbd1c01e58065711814b583f061e9d431cca994cea1" \
    "3134"                                                                                                             \
    "49bf97c840ae0a"
#define P256            "a00a06082a8648ce3d030107"
#define P256_IDENTIFIER "301306072a8648ce3d020106082a8648ce3d030107"

static void
refuses_private_keys_that_are_none(void **state)
{
    static const struct {
        const char *what, *der;
        carnet_rc rc;
    } cases[] = {
        { "good", "30770201010420" SCALAR_1 P256 "a144034200" GENERATOR, CARNET_OK },
        { "good, without its public key", "30310201010420" SCALAR_1 P256, CARNET_OK },
        { "good in PKCS#8, curve named twice", "304d020100" P256_IDENTIFIER "043330310201010420" SCALAR_1 P256,
          CARNET_OK },
        { "good in PKCS#8, curve named once", "3041020100" P256_IDENTIFIER "042730250201010420" SCALAR_1, CARNET_OK },
        { "no curve", "30250201010420" SCALAR_1, CARNET_E_CRYPTO_KEY },
        { "two curves", "304a020100" P256_IDENTIFIER "0430302e0201010420" SCALAR_1 "a00706052b81040022",
          CARNET_E_CRYPTO_KEY },
        { "secp256k1", "302e0201010420" SCALAR_1 "a00706052b8104000a", CARNET_E_CRYPTO_KEY },
        { "zero", "30310201010420" SCALAR_0 P256, CARNET_E_CRYPTO_KEY },
        { "the order", "30310201010420" P256_ORDER P256, CARNET_E_CRYPTO_KEY },
        { "a short scalar", "3012020101040101" P256, CARNET_E_CRYPTO_KEY },
        { "another public key", "30770201010420" SCALAR_1 P256 "a144034200" OTHER_GENERATOR, CARNET_E_CRYPTO_KEY },
        { "version 0", "30310201000420" SCALAR_1 P256, CARNET_E_CRYPTO_KEY },
        { "PKCS#8 version 2", "3041020102" P256_IDENTIFIER "042730250201010420" SCALAR_1, CARNET_E_CRYPTO_KEY },
        { "a byte too many", "30310201010420" SCALAR_1 P256 "00", CARNET_E_CRYPTO_KEY },
        { "encrypted", "300e3009060a2a864886f70d010c01030401ff", CARNET_E_CRYPTO_KEY },
        { "nothing", "", CARNET_E_CRYPTO_KEY },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        carnet_key key = { 0 };

        print_message("# %s\n", cases[i].what);
        assert_carnet_rc(
            carnet_software_key_from_der(&crypto, carnet_test_hex(cases[i].der), CARNET_KEY_SIGN, &key, NULL),
            cases[i].rc);
        assert_true((key.ops != NULL) == (cases[i].rc == CARNET_OK));
        carnet_key_done(&key);
    }
}

/* A change may make another key, never the same one but for attributes. */
static void
refuse_private(carnet_span der, void *context)
{
    carnet_key key;
    const carnet_rc rc = carnet_software_key_from_der(&crypto, der, CARNET_KEY_SIGN, &key, NULL);

    (void)context;
    if (rc == CARNET_OK)
        carnet_key_done(&key);
    else
        assert_true(rc == CARNET_E_CRYPTO_KEY || rc == CARNET_E_CRYPTO_POLICY);
    assert_null(key.ops);
}

static void
survives_every_prefix_and_every_bit_of_private_keys(void **state)
{
    (void)state;
    carnet_test_every_prefix_and_bit(carnet_test_hex(ed25519), refuse_private, NULL);
    carnet_test_every_prefix(carnet_test_hex(ed25519_v2), refuse_private, NULL);
    carnet_test_every_bit(carnet_test_hex(ed25519_v2), refuse_private, NULL);
    carnet_test_every_bit(carnet_test_hex("30770201010420" SCALAR_1 P256 "a144034200" GENERATOR), refuse_private, NULL);
}

static void
leaves_nothing_in_the_error_queue_of_openssl(void **state)
{
    static const uint8_t zeros[132];
    const carnet_span signature = { zeros, 64 }, sealed = { zeros, 20 }, key = { zeros, 16 }, iv = { zeros, 12 };
    carnet_public_key public_key;
    carnet_secret shared;
    carnet_key keys[2];
    uint8_t out[20];

    (void)state;
    ERR_clear_error();
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_P256, CARNET_KEY_SIGN, &keys[0], NULL), NULL);
    assert_carnet_ok(carnet_software_key_generate(&crypto, CARNET_CURVE_X25519, CARNET_KEY_AGREE, &keys[1], NULL),
                     NULL);
    assert_carnet_rc(carnet_verify(&crypto, &keys[0].public_key, CARNET_ES256, NULL, 0, signature, NULL),
                     CARNET_E_CRYPTO_SIGNATURE);
    assert_int_equal(ERR_peek_error(), 0);
    public_key = (carnet_public_key){ .curve = CARNET_CURVE_P384 };
    assert_carnet_rc(carnet_public_key_check(&crypto, &public_key, NULL), CARNET_E_CRYPTO_KEY);
    assert_int_equal(ERR_peek_error(), 0);
    public_key.curve = CARNET_CURVE_X25519;
    assert_carnet_rc(carnet_key_agree(&keys[1], &crypto, &public_key, &shared, NULL), CARNET_E_CRYPTO_KEY);
    assert_int_equal(ERR_peek_error(), 0);
    public_key.curve = CARNET_CURVE_ED25519;
    assert_carnet_rc(carnet_verify(&crypto, &public_key, CARNET_EDDSA, NULL, 0, signature, NULL),
                     CARNET_E_CRYPTO_SIGNATURE);
    assert_int_equal(ERR_peek_error(), 0);
    assert_carnet_rc(carnet_aead_open(&crypto, CARNET_AES_128_GCM, key, iv, key, sealed, out, NULL),
                     CARNET_E_CRYPTO_TAG);
    assert_int_equal(ERR_peek_error(), 0);
    carnet_key_done(&keys[0]);
    carnet_key_done(&keys[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_public_keys_as_openssl_does),
        cmocka_unit_test(refuses_public_keys_cut_or_changed),
        cmocka_unit_test(reads_a_compressed_public_key),
        cmocka_unit_test(refuses_public_keys_of_other_kinds),
        cmocka_unit_test(exchanges_private_keys_with_openssl),
        cmocka_unit_test(reads_the_private_keys_of_rfc_8410),
        cmocka_unit_test(refuses_private_keys_that_are_none),
        cmocka_unit_test(survives_every_prefix_and_every_bit_of_private_keys),
        cmocka_unit_test(leaves_nothing_in_the_error_queue_of_openssl),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
